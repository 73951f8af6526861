//! What the time to decision says: findings, headline figures, section.

use std::collections::BTreeMap;

use super::super::Presented;
use super::super::segments::{ALL, QUARTER};
use super::super::wording::{As, anything_closed, blank, evidence, interval, measure, status_of, table, with_interval};
use super::METRIC;
use super::tables::{TIME_CONTRASTS, TIME_CURVE, TIME_TO_DECISION};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::report::model::{
    Better, Caption, Chart, Curves, Figure, IntervalRow, Intervals, Measure, Series, Step, Unit,
};
use crate::report::number::{self, plural};
use crate::time::Quarter;

/// A q-value at or below this counts as a difference.
const CLEAR: f64 = 0.05;
/// Curves in one picture.
const MOST_CURVES: usize = 5;

struct Tables<'a> {
    main: &'a ResultTable,
    curve: &'a ResultTable,
    contrasts: &'a ResultTable,
}

impl<'a> Tables<'a> {
    fn of(results: &'a Results) -> Option<Self> {
        Some(Self {
            main: results.table(TIME_TO_DECISION.name)?,
            curve: results.table(TIME_CURVE.name)?,
            contrasts: results.table(TIME_CONTRASTS.name)?,
        })
    }

    fn row(&self, kind: &str, segment: &str, clock: &str) -> Option<&'a Vec<Cell>> {
        self.main.rows.iter().find(|row| {
            let is = |name: &str, word: &str| self.main.get(row, name).as_text() == Some(word);
            is("segment_kind", kind) && is("segment", segment) && is("clock", clock)
        })
    }

    fn number(&self, row: &[Cell], name: &str) -> Option<f64> {
        self.main.get(row, name).number()
    }

    /// The rows of the quarters in which loops opened, in their order.
    fn quarters(&self) -> impl Iterator<Item = &'a Vec<Cell>> {
        let main = self.main;
        main.rows.iter().filter(move |row| {
            main.get(row, "segment_kind").as_text() == Some(QUARTER)
                && main.get(row, "clock").as_text() == Some("applied")
        })
    }

    fn contrasts_of(&self, contrast: &'a str) -> impl Iterator<Item = &'a Vec<Cell>> {
        let table = self.contrasts;
        table.rows.iter().filter(move |row| {
            table.get(row, "contrast").as_text() == Some(contrast)
                && table.get(row, "clock").as_text() == Some("applied")
        })
    }
}

pub(super) fn judge(results: &Results, context: &Context<'_>) -> Vec<Finding> {
    let Some(tables) = Tables::of(results) else { return Vec::new() };
    let mut out = Vec::new();
    out.extend(against_previous(&tables, context));
    out.extend(slow_segments(&tables));
    out.extend(without_clock(&tables));
    out.extend(nothing_decided(&tables, results));
    out
}

/// The last quarter, or the one asked for, against the one before it.
fn against_previous(tables: &Tables<'_>, context: &Context<'_>) -> Option<Finding> {
    let asked = context.period.map(|period| period.to_string());
    let table = tables.contrasts;
    let row = tables
        .contrasts_of("against_previous")
        .filter(|row| asked.is_none() || table.get(row, "segment").as_text() == asked.as_deref())
        .filter(|row| table.get(row, "difference_days").number().is_some())
        .last()?;
    let get = |name: &str| table.get(row, name).number();
    let (difference, q) = (get("difference_days")?, get("q_value")?);
    if q > CLEAR {
        return None;
    }
    let quarter = table.get(row, "segment").as_text()?.to_owned();
    let before = table.get(row, "against").as_text()?.to_owned();
    let slower = difference > 0.0;
    let size = with_interval(
        difference.abs(),
        if slower { get("difference_days_low") } else { get("difference_days_high").map(|d| -d) },
        if slower { get("difference_days_high") } else { get("difference_days_low").map(|d| -d) },
        number::days,
    );
    Some(Finding {
        id: format!("{}:{quarter}", if slower { "slower-than-before" } else { "faster-than-before" }),
        code: if slower { "slower-than-before" } else { "faster-than-before" },
        level: if slower { Level::Look } else { Level::Note },
        subject: quarter.clone(),
        statement: format!(
            "Loops opened in {quarter} are {size} days {} than those of {before}, over their first {} days.",
            if slower { "slower" } else { "faster" },
            number::days(get("tau_days").unwrap_or_default()),
        ),
        evidence: evidence(
            table,
            row,
            &["difference_days", "difference_days_low", "difference_days_high", "tau_days", "n"],
        ),
        recommendation: if slower {
            "See under waits which state grew, and speak to whoever owns it.".to_owned()
        } else {
            "Keep what was changed, and write down what it was.".to_owned()
        },
        status: status_of(table, row),
        saves_hours: None,
        saves_days: slower.then_some(difference),
        q_value: Some(q),
        table: TIME_CONTRASTS.name,
    })
}

/// In each dimension whose segments differ at all, the one that costs the most days beyond the others. The
/// test of the whole dimension comes first, so that no segment is named where chance explains them all.
fn slow_segments(tables: &Tables<'_>) -> Vec<Finding> {
    let table = tables.contrasts;
    let differs = |kind: &str| {
        tables.contrasts_of("log_rank").any(|row| {
            table.get(row, "segment_kind").as_text() == Some(kind)
                && table.get(row, "q_value").number().is_some_and(|q| q <= CLEAR)
        })
    };
    let mut worst: BTreeMap<&str, (&Vec<Cell>, f64)> = BTreeMap::new();
    for row in tables.contrasts_of("against_rest") {
        let get = |name: &str| table.get(row, name).number();
        let (Some(difference), Some(q), Some(kind), Some(segment)) = (
            get("difference_days"),
            get("q_value"),
            table.get(row, "segment_kind").as_text(),
            table.get(row, "segment").as_text(),
        ) else {
            continue;
        };
        // Loops that came further have lasted longer by construction: no finding about the stage they came to.
        if difference <= 0.0 || q > CLEAR || !differs(kind) || kind == "stage" {
            continue;
        }
        let loops = |kind: &str, segment: &str| {
            tables.row(kind, segment, "applied").and_then(|row| tables.number(row, "loops")).unwrap_or(0.0)
        };
        // What the whole organisation would save per loop if this segment were like the others.
        let saves = difference * loops(kind, segment) / loops(ALL, ALL).max(1.0);
        if worst.get(kind).is_none_or(|(_, other)| saves > *other) {
            worst.insert(kind, (row, saves));
        }
    }
    worst
        .into_iter()
        .filter_map(|(kind, (row, saves))| {
            let get = |name: &str| table.get(row, name).number();
            let segment = table.get(row, "segment").as_text()?;
            let size = with_interval(
                get("difference_days")?,
                get("difference_days_low"),
                get("difference_days_high"),
                number::days,
            );
            Some(Finding {
                id: format!("slow-segment:{kind}:{segment}"),
                code: "slow-segment",
                level: Level::Look,
                subject: format!("{kind} {segment}"),
                statement: format!(
                    "Loops with {kind} {} take {size} days longer than all others, over their first {} days.",
                    number::harmless(segment),
                    number::days(get("tau_days").unwrap_or_default()),
                ),
                evidence: evidence(
                    table,
                    row,
                    &["difference_days", "difference_days_low", "difference_days_high", "p_value", "n"],
                ),
                recommendation: format!(
                    "Compare its waits with those of the others; the longest one tells where to begin. If it were \
                     like the others, the average loop would be {} days shorter.",
                    number::days(saves)
                ),
                status: status_of(table, row),
                saves_hours: None,
                saves_days: Some(saves),
                q_value: get("q_value"),
                table: TIME_CONTRASTS.name,
            })
        })
        .collect()
}

/// An export without decisions makes every loop look open.
fn nothing_decided(tables: &Tables<'_>, results: &Results) -> Option<Finding> {
    let row = tables.row(ALL, ALL, "applied")?;
    let loops = tables.number(row, "loops").filter(|loops| *loops > 0.0)?;
    if anything_closed(results) {
        return None;
    }
    Some(Finding {
        id: "nothing-decided:all".to_owned(),
        code: "nothing-decided",
        level: Level::Act,
        subject: "decisions".to_owned(),
        statement: format!(
            "The data holds no decision: {} open, and how long decisions take cannot be told.",
            plural(loops as i64, "loop counts as", "loops all count as")
        ),
        evidence: evidence(tables.main, row, &["loops", "open"]),
        recommendation: "Export the decisions too; `looplens schema --import` says what they look like.".to_owned(),
        status: Status::NotEstimable,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: TIME_TO_DECISION.name,
    })
}

/// Loops whose recorded times cannot be used.
fn without_clock(tables: &Tables<'_>) -> Option<Finding> {
    let row = tables.row(ALL, ALL, "applied")?;
    let (without, loops) = (tables.number(row, "without_clock")?, tables.number(row, "loops")?);
    let share = without / (without + loops).max(1.0);
    if share < 0.01 {
        return None;
    }
    Some(Finding {
        id: "without-clock:all".to_owned(),
        code: "without-clock",
        level: Level::Look,
        subject: "recorded times".to_owned(),
        statement: format!(
            "{} ({}) cannot be timed, because {} recorded times end before they begin or are missing.",
            plural(without as i64, "loop", "loops"),
            number::percent(share),
            if without as i64 == 1 { "its" } else { "their" },
        ),
        evidence: evidence(tables.main, row, &["without_clock", "loops"]),
        recommendation: "See the column `problem` of the table `loops`, and export the times that are missing."
            .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: TIME_TO_DECISION.name,
    })
}

pub(super) fn present(results: &Results, context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(tables) = Tables::of(results) else { return out };
    let Some(row) = tables.row(ALL, ALL, "applied") else {
        out.section.answer.push("Cannot tell: the dataset holds no loops.".to_owned());
        return out;
    };
    headline(&tables, row, context, &mut out);
    out.quarters = by_quarter(&tables, context);
    out.section.charts.extend(curves(&tables, context));
    out.section.charts.extend(trend(&tables));
    let within: Vec<String> = context
        .config
        .time
        .limits_days
        .iter()
        .map(|days| format!("Within {} days", number::days_plain(*days)))
        .collect();
    let heading = |at: usize| within.get(at).map_or("Within a limit", String::as_str);
    let columns = [
        ("segment_kind", "Dimension", As::Text),
        ("segment", "Segment", As::Text),
        ("clock", "Clock", As::Text),
        ("loops", "Loops", As::Count),
        ("open", "Open", As::Count),
        ("median_days", "Median days", As::DaysInterval),
        ("p90_days", "90th percentile", As::DaysInterval),
        ("rmst_days", "Restricted mean", As::DaysInterval),
        ("share_within_1", heading(0), As::ShareInterval),
        ("share_within_2", heading(1), As::ShareInterval),
        ("status", "Status", As::Text),
    ];
    let first: Vec<&Vec<Cell>> = tables
        .main
        .rows
        .iter()
        .filter(|row| tables.main.get(row, "clock").as_text() == Some("applied") || is_all(tables.main, row))
        .collect();
    let left_out = tables.main.rows.len() - first.len();
    out.section.tables.push(table("Time to decision by segment", tables.main, &first, left_out, &columns));
    let differences: Vec<&Vec<Cell>> =
        tables.contrasts_of("against_rest").chain(tables.contrasts_of("against_previous")).collect();
    if !differences.is_empty() {
        let columns = [
            ("segment_kind", "Dimension", As::Text),
            ("segment", "Segment", As::Text),
            ("against", "Compared with", As::Text),
            ("difference_days", "Days slower", As::DaysInterval),
            ("q_value", "q", As::P),
            ("status", "Status", As::Text),
        ];
        let left_out = tables.contrasts.rows.len() - differences.len();
        out.section.tables.push(table(
            "Differences of restricted means, clock from the application",
            tables.contrasts,
            &differences,
            left_out,
            &columns,
        ));
    }
    out
}

fn is_all(table: &ResultTable, row: &[Cell]) -> bool {
    table.get(row, "segment_kind").as_text() == Some(ALL)
}

fn headline(tables: &Tables<'_>, row: &[Cell], context: &Context<'_>, out: &mut Presented) {
    let get = |name: &str| tables.number(row, name);
    let loops = get("loops").unwrap_or(0.0) as i64;
    let open = get("open").unwrap_or(0.0) as i64;
    let reason = tables.main.get(row, "reason").as_text().map(str::to_owned);
    let without = get("without_clock").unwrap_or(0.0) as i64;
    out.summary.push(format!(
        "{}: {} decided, {} withdrawn, {} still open{}.",
        plural(loops + without, "loop", "loops"),
        number::count(get("decided").unwrap_or(0.0) as i64),
        number::count(get("withdrawn").unwrap_or(0.0) as i64),
        number::count(open),
        if without > 0 { format!(", {} without usable times", number::count(without)) } else { String::new() },
    ));
    let behind = measure("median-days-to-decision", tables.main, row, "median_days", Unit::Days, Better::Lower);
    match get("median_days") {
        Some(median) => {
            let (low, high) = (get("median_days_low"), get("median_days_high"));
            out.summary.push(format!(
                "Half of all loops are closed within {} days of the application{}.",
                number::days(median),
                interval(low, high, number::days, "").map(|text| format!(" ({text})")).unwrap_or_default(),
            ));
            let figure = Figure {
                label: "Median time to decision".to_owned(),
                value: format!("{} days", number::days(median)),
                interval: interval(low, high, number::days, " days"),
                note: Some(format!("{}, open ones counted as open", plural(loops, "loop", "loops"))),
            };
            out.headline(figure, behind);
            if let Some(p90) = get("p90_days") {
                out.section.answer.push(format!(
                    "Half of the loops are closed after {} days, nine in ten after {} days.",
                    with_interval(median, low, high, number::days),
                    with_interval(p90, get("p90_days_low"), get("p90_days_high"), number::days),
                ));
            } else {
                out.section.answer.push(format!(
                    "Half of the loops are closed after {} days.",
                    with_interval(median, low, high, number::days)
                ));
            }
        }
        None => {
            let why = reason.clone().unwrap_or_else(|| "too few loops have closed yet".to_owned());
            let figure = Figure {
                label: "Median time to decision".to_owned(),
                value: "cannot tell".to_owned(),
                interval: None,
                note: Some(why.clone()),
            };
            out.headline(figure, behind);
            out.section.answer.push(format!("Cannot tell how long decisions take: {why}."));
            out.section
                .limits
                .push("It takes application and decision times of at least five closed loops to tell.".to_owned());
        }
    }
    for (at, limit) in context.config.time.limits_days.iter().enumerate().take(2) {
        let name = format!("share_within_{}", at + 1);
        let Some(share) = get(&name) else { continue };
        let (low, high) = (get(&format!("{name}_low")), get(&format!("{name}_high")));
        let days = number::days_plain(*limit);
        let figure = Figure {
            label: format!("Decided within {days} days"),
            value: number::percent(share),
            interval: interval(low, high, number::percent, ""),
            note: Some("withdrawals counted as withdrawals".to_owned()),
        };
        let id = format!("decided-within-days:{days}");
        out.headline(figure, measure(id, tables.main, row, &name, Unit::Share, Better::Higher));
    }
    for (clock, words) in
        [("first_interview", "the first interview"), ("last_interview", "the end of the last interview")]
    {
        if let Some(row) = tables.row(ALL, ALL, clock)
            && let Some(median) = tables.number(row, "median_days")
        {
            out.section.answer.push(format!(
                "Counted from {words} the median is {} days.",
                with_interval(
                    median,
                    tables.number(row, "median_days_low"),
                    tables.number(row, "median_days_high"),
                    number::days
                )
            ));
        }
    }
    for row in tables.contrasts_of("log_rank") {
        let table = tables.contrasts;
        if let (Some(q), Some(kind)) = (table.get(row, "q_value").number(), table.get(row, "segment_kind").as_text()) {
            out.section.answer.push(format!(
                "By {kind} the time to closing {} (log-rank test, {}).",
                if q <= CLEAR { "differs" } else { "cannot be told apart" },
                number::q_value(q),
            ));
        }
    }
    if let Some(bare) = get("open_bare").filter(|bare| *bare > 0.0) {
        out.section.limits.push(format!(
            "{} in no file but the applications. They count as open since the application; a decision that was not \
             exported would close them.",
            plural(bare as i64, "open loop is", "open loops are"),
        ));
    }
    if let Some(naive) = get("naive_mean_days")
        && let Some(mean) = get("rmst_days")
        && open > 0
    {
        out.section.limits.push(format!(
            "The mean of closed loops alone, {} days, leaves out {} still open; with them it is {} days over the \
             first {} days of a loop.",
            number::days(naive),
            plural(open, "loop that is", "loops that are"),
            number::days(mean),
            number::days(get("rmst_tau_days").unwrap_or_default()),
        ));
    }
}

/// The share decided and withdrawn over time, and the share still open by the first dimension.
fn curves(tables: &Tables<'_>, context: &Context<'_>) -> Vec<Chart> {
    let limits: Vec<(f64, String)> = context
        .config
        .time
        .limits_days
        .iter()
        .map(|days| (*days, format!("{} days", number::days_plain(*days))))
        .collect();
    let mut out = Vec::new();
    let series = |kind: &str, segment: &str, column: &str, name: &str| {
        let steps = steps(tables.curve, kind, segment, column);
        Series { name: name.to_owned(), until: steps.last().map(|step| step.x), steps }
    };
    let all = [series(ALL, ALL, "cif_decided", "decided"), series(ALL, ALL, "cif_withdrawn", "withdrawn")];
    let x_max = horizon(tables);
    if all.iter().any(|s| s.steps.len() > 1) {
        out.push(Chart::Curves(Curves {
            caption: Caption {
                title: "How loops end, by days since the application".to_owned(),
                says: "The share of loops that are decided or withdrawn by a given day; what is missing to 100 % is \
                       still open. Bands are 95 % intervals."
                    .to_owned(),
            },
            x_label: "days since the application".to_owned(),
            y_label: "share of loops".to_owned(),
            series: all.to_vec(),
            marks: limits.clone(),
            x_max,
        }));
    }
    if let Some(kind) = context.config.report.by.first() {
        let mut largest: Vec<(&str, f64)> = tables
            .main
            .rows
            .iter()
            .filter(|row| tables.main.get(row, "segment_kind").as_text() == Some(kind))
            .filter(|row| tables.main.get(row, "clock").as_text() == Some("applied"))
            .filter(|row| tables.main.get(row, "median_days").number().is_some())
            .filter_map(|row| Some((tables.main.get(row, "segment").as_text()?, tables.number(row, "loops")?)))
            .collect();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        largest.truncate(MOST_CURVES);
        if largest.len() > 1 {
            out.push(Chart::Curves(Curves {
                caption: Caption {
                    title: format!("Loops still open, by {kind}"),
                    says: format!(
                        "The share of loops still open by days since the application, for the {} largest values of \
                         {kind}; a lower curve is a faster one. Bands are 95 % intervals.",
                        largest.len()
                    ),
                },
                x_label: "days since the application".to_owned(),
                y_label: "share still open".to_owned(),
                series: largest.iter().map(|(segment, _)| series(kind, segment, "undecided", segment)).collect(),
                marks: limits,
                x_max,
            }));
        }
    }
    out
}

fn steps(curve: &ResultTable, kind: &str, segment: &str, column: &str) -> Vec<Step> {
    curve
        .segment(kind, segment)
        .filter(|row| curve.get(row, "clock").as_text() == Some("applied"))
        .filter_map(|row| {
            Some(Step {
                x: curve.get(row, "day").number()?,
                y: curve.get(row, column).number()?,
                low: curve.get(row, &format!("{column}_low")).number(),
                high: curve.get(row, &format!("{column}_high")).number(),
            })
        })
        .collect()
}

/// The x axis ends where nearly everything has closed, so that a few very old loops do not squeeze the rest.
fn horizon(tables: &Tables<'_>) -> f64 {
    let mut last = 28.0_f64;
    for row in tables.curve.segment(ALL, ALL) {
        if tables.curve.get(row, "clock").as_text() == Some("applied") {
            let day = tables.curve.get(row, "day").number().unwrap_or(0.0);
            last = last.max(day);
            if tables.curve.get(row, "undecided").number().is_some_and(|open| open < 0.02) {
                return day.max(28.0);
            }
        }
    }
    last
}

/// The figures of the first screen, quarter by quarter.
fn by_quarter(tables: &Tables<'_>, context: &Context<'_>) -> Vec<(Quarter, Measure)> {
    let main = tables.main;
    let mut out = Vec::new();
    for row in tables.quarters() {
        let Some(quarter) = main.get(row, "segment").as_text().and_then(Quarter::parse) else { continue };
        let mut push = |label: String, measure: Measure| out.push((quarter, Measure { label, ..measure }));
        push("Loops opened".to_owned(), measure("loops-opened", main, row, "loops", Unit::Items, Better::Neither));
        let median = measure("median-days-to-decision", main, row, "median_days", Unit::Days, Better::Lower);
        push("Median time to decision".to_owned(), median);
        for (at, limit) in context.config.time.limits_days.iter().enumerate().take(2) {
            let (name, days) = (format!("share_within_{}", at + 1), number::days_plain(*limit));
            let id = format!("decided-within-days:{days}");
            push(format!("Decided within {days} days"), measure(id, main, row, &name, Unit::Share, Better::Higher));
        }
    }
    out
}

fn trend(tables: &Tables<'_>) -> Option<Chart> {
    let rows: Vec<IntervalRow> = tables
        .quarters()
        .map(|row| IntervalRow {
            name: tables.main.get(row, "segment").as_text().unwrap_or_default().to_owned(),
            point: tables.number(row, "median_days"),
            low: tables.number(row, "median_days_low"),
            high: tables.number(row, "median_days_high"),
            note: tables
                .number(row, "loops")
                .map(|n| plural(n as i64, "loop", "loops"))
                .unwrap_or_else(|| "too few to show".to_owned()),
        })
        .collect();
    (rows.len() > 1).then(|| {
        Chart::Intervals(Intervals {
            caption: Caption {
                title: "Median time to decision by opening quarter".to_owned(),
                says: "Each row is the median days from application to closing for the loops opened in a quarter, \
                       with its 95 % interval; intervals that overlap little are likely a real change."
                    .to_owned(),
            },
            x_label: "days".to_owned(),
            rows,
            reference: None,
        })
    })
}
