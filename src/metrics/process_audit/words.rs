//! What the audit says: findings, headline figure, section.

use std::collections::BTreeMap;

use super::METRIC;
use super::checklist::{CHECKLIST, Item};
use super::paths::ALL_LOOPS;
use super::tables::{LOOP_PATHS, PLAN_STAGES, PROCESS_AUDIT};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::wording::{As, blank, table};
use crate::report::model::{Better, Caption, Chart, Figure, IntervalRow, Intervals, Measure, Unit};
use crate::report::number::{self, count, plural};

/// Items that hold whatever the plan.
const WITHOUT_PLAN: [&str; 3] = ["rubric-filled", "shadow-rounds", "scores-before-debrief"];
/// Where surely less than this share is as it should be, it is time to act.
const FEW: f64 = 0.5;
/// Rework of surely less than this share of loops is daily life.
const MUCH_REWORK: f64 = 0.1;
/// Paths in the report.
const PATHS_SHOWN: usize = 12;
/// Rows in the picture.
const ROWS_SHOWN: usize = 16;

/// The rows of one state.
fn of_state<'t>(results: &'t Results, state: &str) -> Vec<Row<'t>> {
    rows(results, PROCESS_AUDIT.name).into_iter().filter(|row| row.text("state") == Some(state)).collect()
}

/// The plan, and whether it is the configuration's own.
fn plan_of(results: &Results) -> Option<(String, bool)> {
    let row = rows(results, PROCESS_AUDIT.name).into_iter().next()?;
    Some((row.text("plan")?.to_owned(), row.text("plan_from") == Some("configured")))
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let mut out: Vec<Finding> = CHECKLIST.iter().filter_map(|item| not_met(results, item)).collect();
    out.extend(rework(results));
    out.extend(unknown_stages(results));
    out
}

/// An item that is not met, by the round that is furthest from it.
fn not_met(results: &Results, item: &Item) -> Option<Finding> {
    let mut rows = of_state(results, "not_met");
    rows.retain(|row| row.text("item") == Some(item.id));
    let share = |row: &Row<'_>| row.number("share").unwrap_or(0.0);
    rows.sort_by(|a, b| share(a).total_cmp(&share(b)));
    let row = rows.first()?;
    let subject = row.text("subject")?;
    let (plan, is_configured) = plan_of(results).unwrap_or_default();
    let holds_anyway = WITHOUT_PLAN.contains(&item.id);
    let is_far = row.number("share_high").is_some_and(|high| high < FEW);
    let level = match (holds_anyway || is_configured, is_far) {
        (true, true) => Level::Act,
        (true, false) => Level::Look,
        // Nobody said that loops should be like this.
        (false, _) => Level::Note,
    };
    let of = self::subject(row).map_or(String::new(), |round| format!(" ({round})"));
    let found = row.text("evidence").unwrap_or("nothing on record");
    let expected = row.text("expected").map_or(String::new(), |expected| format!("; expected is {expected}"));
    let mut statement = format!("Not met: {}{of}. Found: {found}{expected}", item.title);
    if rows.len() > 1 {
        let others: Vec<&str> = rows.iter().skip(1).filter_map(|row| row.text("subject")).collect();
        statement.push_str(&format!(". Likewise {}", others.join(", ")));
    }
    statement.push('.');
    if !holds_anyway && !is_configured {
        statement.push_str(&format!(" The plan {plan} is assumed, because the stages are like it."));
    }
    Some(Finding {
        id: format!("{}:{subject}", item.id),
        code: "process-not-met",
        level,
        subject: if subject == "loop" { "the loop".to_owned() } else { subject.to_owned() },
        statement,
        evidence: row.evidence(&["share", "share_low", "share_high", "required_share", "as_expected", "n"]),
        recommendation: item.advice.to_owned(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: PROCESS_AUDIT.name,
    })
}

/// Loops whose appointments had to be made or held again.
fn rework(results: &Results) -> Option<Finding> {
    let row = rows(results, LOOP_PATHS.name).into_iter().next()?;
    let get = |name: &str| row.number(name);
    get("rework_share_low").filter(|low| *low >= MUCH_REWORK)?;
    let times = |name: &str, one: &str, many: &str| {
        let times = get(name).unwrap_or(0.0) as i64;
        (times > 0).then(|| plural(times, one, many))
    };
    let kinds = [
        times("cancelled", "appointment cancelled", "appointments cancelled"),
        times("no_shows", "missed", "missed"),
        times("repeated", "round held again", "rounds held again"),
    ];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    Some(Finding {
        id: "rework:all".to_owned(),
        code: "rework",
        level: Level::Look,
        subject: "all loops".to_owned(),
        statement: format!(
            "{} of loops had rework: {}.",
            row.interval("rework_share", number::percent)?,
            kinds.join(", "),
        ),
        evidence: row.evidence(&[
            "rework_share",
            "rework_share_low",
            "rework_share_high",
            "cancelled",
            "no_shows",
            "repeated",
            "n",
        ]),
        recommendation: "Ask who cancels and how late; a confirmation the day before and a stand-in for each \
                         interviewer keep most appointments."
            .to_owned(),
        status: row.status(),
        saves_hours: get("total_beyond_plan_hours_per_quarter").filter(|hours| *hours > 0.0),
        saves_days: None,
        q_value: None,
        table: LOOP_PATHS.name,
    })
}

/// Stages that a plan of one's own does not know.
fn unknown_stages(results: &Results) -> Option<Finding> {
    let mut unknown = rows(results, PLAN_STAGES.name);
    unknown.retain(|row| row.text("how") == Some("unknown") && row.text("plan_from") == Some("configured"));
    let plan = unknown.first()?.text("plan")?;
    let names: Vec<String> = unknown.iter().filter_map(|row| Some(format!("\"{}\"", row.text("stage")?))).collect();
    let n = unknown.len() as i64;
    Some(Finding {
        id: "unknown-stages:plan".to_owned(),
        code: "unknown-stages",
        level: Level::Look,
        subject: plan.to_owned(),
        statement: format!(
            "{} no round of the plan: {}.",
            plural(n, "stage of the data is", "stages of the data are"),
            names.join(", ")
        ),
        evidence: BTreeMap::from([("unknown_stages".to_owned(), Cell::Int(n))]),
        recommendation: "Say under [plan.stages] which round each of them is, or `ignore`; what is left is a round \
                         that nobody planned."
            .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: PLAN_STAGES.name,
    })
}

/// Items are counted, not estimated, so they have no interval.
fn items_met(met: i64, judged: i64) -> Measure {
    Measure {
        id: "checklist-items-met".to_owned(),
        label: "Checklist items met".to_owned(),
        is_headline: true,
        unit: Unit::Items,
        better: Better::Higher,
        looks_back: false,
        value: Some(met as f64),
        low: None,
        high: None,
        n: Some(judged),
        method: "count of checklist items".to_owned(),
        status: Status::Ok,
        reason: None,
    }
}

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(audit) = results.table(PROCESS_AUDIT.name) else { return out };
    let [met, not_met, hidden] = ["met", "not_met", "not_visible"].map(|state| of_state(results, state));
    let plan = plan_of(results);
    let against = match &plan {
        Some((name, true)) => format!("held against the plan {name}"),
        Some((name, false)) => format!("compared with {name}, assumed because the stages are like it"),
        None => "without a plan: none is named, and none that ships fits the stages".to_owned(),
    };
    let judged = (met.len() + not_met.len()) as i64;
    if judged > 0 {
        out.summary.push(format!(
            "Of {} of the process that can be judged, {} met and {} not ({against}).",
            plural(judged, "item", "items"),
            plural(met.len() as i64, "is", "are"),
            count(not_met.len() as i64),
        ));
        let figure = Figure {
            label: "Checklist items met".to_owned(),
            value: format!("{} of {}", count(met.len() as i64), count(judged)),
            interval: None,
            note: Some(format!("{} not visible in this data; {against}", count(hidden.len() as i64))),
        };
        out.headline(figure, items_met(met.len() as i64, judged));
    }
    let met_words = if judged == 0 {
        "Cannot tell: no item of the checklist can be judged".to_owned()
    } else {
        format!(
            "{} met, {} not met, {} not visible in this data",
            count(met.len() as i64),
            count(not_met.len() as i64),
            count(hidden.len() as i64)
        )
    };
    out.section.answer.push(format!("{met_words}; {against}."));
    for row in not_met.iter().take(5) {
        let text = |name: &str| row.text(name).unwrap_or_default();
        let of = subject(row).map_or(String::new(), |round| format!(" ({round})"));
        out.section.answer.push(format!("Not met: {}{of}: {}.", text("title"), text("evidence")));
    }
    if plan.as_ref().is_some_and(|(_, is_configured)| !is_configured) {
        out.section.limits.push(
            "Nobody named a plan. `looplens plans list` shows those that ship; `[plan]` in looplens.toml names one or a \
             file of your own, and what only a plan can say is then judged too."
                .to_owned(),
        );
    }
    if plan.is_none() {
        out.section.limits.push(
            "A plan would tell which rounds are left out and which are added: name one under [plan] in looplens.toml, \
             and map stages of other names under [plan.stages]."
                .to_owned(),
        );
    }
    out.section.charts.extend(shares(results));
    let judged: Vec<&Vec<Cell>> = not_met.iter().chain(&met).map(|row| row.cells).collect();
    let hidden: Vec<&Vec<Cell>> = hidden.iter().map(|row| row.cells).collect();
    if !judged.is_empty() {
        out.section.tables.push(table(
            "The checklist: what can be judged, what is not met first",
            audit,
            &judged,
            0,
            &[
                ("title", "Item", As::Text),
                ("subject", "Of", As::Text),
                ("state", "State", As::Words),
                ("expected", "Expected", As::Text),
                ("evidence", "Found", As::Text),
            ],
        ));
    }
    if !hidden.is_empty() {
        out.section.tables.push(table(
            "What this data cannot show, and what would",
            audit,
            &hidden,
            0,
            &[
                ("title", "Item", As::Text),
                ("subject", "Of", As::Text),
                ("share", "As expected so far", As::ShareInterval),
                ("n", "Cases", As::Count),
                ("reason", "Why", As::Text),
                ("needs", "What would tell", As::Text),
            ],
        ));
    }
    paths(results, &mut out);
    if let Some(stages) = results.table(PLAN_STAGES.name) {
        let rows: Vec<&Vec<Cell>> = stages.rows.iter().collect();
        out.section.tables.push(table(
            "The stages of the data, and the rounds they are",
            stages,
            &rows,
            0,
            &[
                ("stage", "Stage", As::Text),
                ("round", "Round of the plan", As::Text),
                ("how", "Known by", As::Text),
                ("loops", "Loops", As::Count),
                ("interviews", "Interviews held", As::Count),
            ],
        ));
    }
    out
}

/// The round that a row is about, if it is about one.
fn subject<'t>(row: &Row<'t>) -> Option<&'t str> {
    row.text("subject").filter(|subject| *subject != "loop")
}

fn paths(results: &Results, out: &mut Presented) {
    let Some(paths) = results.table(LOOP_PATHS.name) else { return };
    let told = rows(results, LOOP_PATHS.name);
    let shown: Vec<&Row<'_>> =
        told.iter().filter(|row| row.status() != Status::NotEstimable).take(PATHS_SHOWN).collect();
    let Some(all) = shown.first().filter(|row| row.text("path") == Some(ALL_LOOPS)) else { return };
    if let Some(n) = all.number("n") {
        let covers = |row: &Row<'_>| row.number("cumulative_share").is_some_and(|share| share >= 0.8);
        let variants = told.iter().skip(1).position(covers).map_or(String::new(), |at| {
            let ways = at as i64 + 1;
            format!(" {} the rounds cover 80 % of them.", plural(ways, "way through", "ways through"))
        });
        let rework = all.interval("rework_share", number::percent).map_or(String::new(), |rework| {
            format!(" {rework} of them had an appointment cancelled, missed or held again.")
        });
        let hours = all.number("hours_per_loop").map_or(String::new(), |hours| {
            format!(" Interviewers spend {} hours on a loop in live interviews and debriefs.", number::figure(hours))
        });
        let loops = plural(n as i64, "loop has", "loops have");
        out.section.answer.push(format!("{loops} a round on record.{variants}{rework}{hours}"));
        if let Some(left) = all.number("unobserved").filter(|left| *left > 0.0) {
            out.section.limits.push(format!(
                "Left out: {} that opened before the data was observed; the first rounds of such loops are on no record.",
                plural(left as i64, "loop", "loops")
            ));
        }
        if all.number("rework_loops").is_none() {
            out.section.limits.push(
                "No appointment on record was cancelled or missed. If that happens, the export leaves it out: export \
                 interviews of every status."
                    .to_owned(),
            );
        }
    }
    let left_out = paths.rows.len() - shown.len();
    let shown: Vec<&Vec<Cell>> = shown.iter().map(|row| row.cells).collect();
    out.section.tables.push(table(
        "The ways that loops take, most frequent first",
        paths,
        &shown,
        left_out,
        &[
            ("path", "Rounds held", As::Text),
            ("against_plan", "Against the plan", As::Words),
            ("skipped", "Left out", As::Text),
            ("extra", "Added", As::Text),
            ("loops", "Loops", As::Count),
            ("share", "Share", As::ShareInterval),
            ("median_days", "Median days", As::DaysInterval),
            ("rework_share", "With rework", As::ShareInterval),
            ("hours_per_loop", "Interviewer hours", As::Figure),
        ],
    ));
}

/// The items that rest on counted cases, as points with their intervals.
fn shares(results: &Results) -> Option<Chart> {
    let mut counted = rows(results, PROCESS_AUDIT.name);
    counted.retain(|row| row.number("share").is_some());
    let required = counted.first().and_then(|row| row.number("required_share"))?;
    let row = |row: &Row<'_>| {
        let text = |name: &str| row.text(name).unwrap_or_default().replace(['-', '_'], " ");
        let of = subject(row).map_or(String::new(), |round| format!(": {round}"));
        let [point, low, high] =
            ["share", "share_low", "share_high"].map(|name| row.number(name).map(|share| share * 100.0));
        let n = row.number("n").unwrap_or(0.0) as i64;
        let note = format!("{}, n = {}", text("state"), count(n));
        IntervalRow { name: format!("{}{of}", text("item")), point, low, high, note }
    };
    Some(Chart::Intervals(Intervals {
        caption: Caption {
            title: "How much of it is as planned".to_owned(),
            says: format!(
                "Each row is the share of cases that are as they should be, with its 95 % interval; an item is not met \
                 where the whole interval lies below {}.",
                number::percent(required)
            ),
        },
        x_label: "per cent of cases".to_owned(),
        rows: counted.iter().take(ROWS_SHOWN).map(row).collect(),
        reference: Some((required * 100.0, "required".to_owned())),
    }))
}
