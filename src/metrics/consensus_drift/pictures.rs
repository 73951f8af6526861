//! The pictures and tables of consensus drift.

use super::tables::{
    DRIFT_ANCHOR, DRIFT_EXPOSURE, DRIFT_RATES, DRIFT_TREND, DRIFT_TREND_TESTS, REVISIONS, TURNAROUND, TURNAROUND_CURVE,
};
use super::words::measure;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::ALL;
use crate::metrics::wording::{As, listed, status_of};
use crate::report::model::{
    Caption, Chart, Curves, Funnel, FunnelLimit, FunnelUnit, IntervalRow, Intervals, Multiples, Panel, Series, Step,
    Table,
};
use crate::report::number::{self, plural};
use crate::stats::funnel::{LEVELS, limits};

/// Points of a funnel's limits.
const FUNNEL_STEPS: i64 = 40;

pub(super) fn charts(results: &Results) -> Vec<Chart> {
    let mut out = Vec::new();
    out.extend(ratios(results));
    out.extend(by_interviewer(results, "late", "came late"));
    out.extend(by_interviewer(results, "revised", "were changed"));
    out.extend(waiting(results));
    out.extend(trends(results));
    out
}

fn ratios(results: &Results) -> Option<Chart> {
    let all = rows(results, DRIFT_EXPOSURE.name);
    let shown: Vec<IntervalRow> = all
        .iter()
        .filter(|row| row.number("ratio").is_some())
        .map(|row| {
            let name = match (row.text("segment_kind"), row.text("contrast")) {
                (Some(ALL), Some("pairs")) => "All stages".to_owned(),
                (Some(ALL), _) => "Within interviewers".to_owned(),
                _ => row.text("segment").unwrap_or_default().to_owned(),
            };
            let panels = row.number("exposed_panels").unwrap_or(0.0) as i64;
            IntervalRow {
                name,
                point: row.number("ratio"),
                low: row.number("ratio_low"),
                high: row.number("ratio_high"),
                note: plural(panels, "exposed panel", "exposed panels"),
            }
        })
        .collect();
    (!shown.is_empty()).then(|| {
        Chart::Intervals(Intervals {
            caption: Caption {
                title: "Differences of exposed scores against blind ones".to_owned(),
                says: "Ratio of mean squared differences within panels with its 95 % interval. Where the interval holds 1, \
                       exposed scores are not told from blind ones."
                    .to_owned(),
            },
            x_label: "exposed over blind squared differences".to_owned(),
            rows: shown,
            reference: Some((1.0, "as without knowledge".to_owned())),
        })
    })
}

/// The rate of a measure by interviewer; where nothing happened there is nothing to see.
fn by_interviewer(results: &Results, measure: &str, words: &str) -> Option<Chart> {
    let all = rows(results, DRIFT_RATES.name);
    let own: Vec<&Row<'_>> = all
        .iter()
        .filter(|row| row.text("measure") == Some(measure) && row.text("segment_kind") == Some("interviewer"))
        .collect();
    let target = own.first()?.number("expected").filter(|target| *target > 0.0)?;
    let units: Vec<FunnelUnit> = own
        .iter()
        .filter_map(|row| {
            Some(FunnelUnit {
                name: row.text("segment")?.to_owned(),
                n: row.number("cards")?,
                share: row.number("rate")?,
                is_outside: matches!(row.text("verdict"), Some("above" | "below")),
            })
        })
        .collect();
    let most = units.iter().map(|unit| unit.n).fold(0.0, f64::max) as i64;
    let outside = units.iter().filter(|unit| unit.is_outside).count() as i64;
    let outside = match outside {
        0 => "Nobody lies outside of the wide limits".to_owned(),
        1 => "1 interviewer lies outside of the wide limits and is named".to_owned(),
        more => format!("{more} interviewers lie outside of the wide limits and are named"),
    };
    let says = format!(
        "Share of each interviewer's cards that {words}, by their number of cards, and the limits that 95 of 100 and 998 of \
         1,000 keep by chance about the share of all. {outside}; within them nobody is told from all."
    );
    Some(Chart::Funnel(Funnel {
        caption: Caption { title: format!("Cards that {words}, by interviewer"), says },
        x_label: "cards".to_owned(),
        y_label: format!("share of cards that {words}"),
        target,
        limits: funnel(target, most),
        units,
    }))
}

/// The limits of a funnel up to so many cases: the same that stand in the table, at numbers between.
fn funnel(target: f64, most: i64) -> Vec<FunnelLimit> {
    let mut at: Vec<i64> = (1..=FUNNEL_STEPS).map(|step| (most * step / FUNNEL_STEPS).max(1)).collect();
    at.dedup();
    let of = |n: i64| {
        let [warning, control] = LEVELS.map(|level| limits(target, n, level));
        let (warning, control) = (warning?, control?);
        Some(FunnelLimit { n: n as f64, warning: (warning.low, warning.high), control: (control.low, control.high) })
    };
    at.into_iter().filter_map(of).collect()
}

fn waiting(results: &Results) -> Option<Chart> {
    let steps: Vec<Step> = rows(results, TURNAROUND_CURVE.name)
        .iter()
        .filter_map(|row| {
            Some(Step {
                x: row.number("hours")?,
                y: row.number("waiting")?,
                low: row.number("waiting_low"),
                high: row.number("waiting_high"),
            })
        })
        .collect();
    let last = steps.last()?.x;
    let all = rows(results, TURNAROUND.name).into_iter().find(|row| row.text("segment_kind") == Some(ALL))?;
    let limit = all.number("limit_hours");
    let within = all.interval("within", number::percent).unwrap_or_else(|| "an unknown share".to_owned());
    Some(Chart::Curves(Curves {
        caption: Caption {
            title: "Share of cards still to come".to_owned(),
            says: format!(
                "By hours since the interview, missing cards counted as still to come; {within} are in within the allowed hours."
            ),
        },
        x_label: "hours since the interview".to_owned(),
        y_label: "share of cards still to come".to_owned(),
        series: vec![Series { name: "all cards".to_owned(), steps, until: None }],
        marks: limit.map(|hours| (hours, format!("limit: {} hours", number::figure(hours)))).into_iter().collect(),
        x_max: last.max(1.0),
    }))
}

fn trends(results: &Results) -> Option<Chart> {
    let figures = rows(results, DRIFT_TREND.name);
    let tests = rows(results, DRIFT_TREND_TESTS.name);
    let panel = |test: &Row<'_>| {
        let name = test.text("measure")?;
        let is_share = name.ends_with("_share") || name.ends_with("_rate");
        let scale = if is_share { 100.0 } else { 1.0 };
        let of = |row: &Row<'_>, column: &str| row.number(column).map(|value| value * scale);
        let rows: Vec<IntervalRow> = figures
            .iter()
            .filter(|row| row.text("measure") == Some(name))
            .map(|row| IntervalRow {
                name: row.text("segment").unwrap_or_default().to_owned(),
                point: of(row, "value"),
                low: of(row, "value_low"),
                high: of(row, "value_high"),
                note: plural(row.number("n").unwrap_or(0.0) as i64, "record", "records"),
            })
            .collect();
        let words = measure(name).0.trim_start_matches("the ");
        let note = match (test.text("verdict"), test.number("q_value")) {
            (Some("not_distinguishable"), _) => "no trend told from chance".to_owned(),
            (Some(verdict), Some(q)) => format!("{verdict}, {}", number::stated('q', q)),
            _ => "too little for a trend".to_owned(),
        };
        rows.iter().any(|row| row.point.is_some()).then(|| Panel {
            title: format!("{}{}{}", words[..1].to_uppercase(), &words[1..], if is_share { ", %" } else { "" }),
            rows,
            reference: (name == "exposure_ratio").then_some(1.0),
            note,
        })
    };
    let panels: Vec<Panel> = tests.iter().filter_map(panel).collect();
    (!panels.is_empty()).then(|| {
        Chart::Multiples(Multiples {
            caption: Caption {
                title: "From quarter to quarter".to_owned(),
                says: "Each figure by the quarter in which loops opened, with 95 % intervals; under its name whether a trend is \
                       told from chance."
                    .to_owned(),
            },
            panels,
        })
    })
}

pub(super) fn tables(results: &Results) -> Vec<Table> {
    let mut out = Vec::new();
    let mut add =
        |name: &str, caption: &str, keep: &dyn Fn(&ResultTable, &[Cell]) -> bool, columns: &[(&str, &str, As)]| {
            out.extend(listed(results, name, caption, keep, columns));
        };
    let estimated = |table: &ResultTable, row: &[Cell]| status_of(table, row) != Status::NotEstimable;
    add(
        DRIFT_EXPOSURE.name,
        "Scores given in knowledge of others against those given without",
        &estimated,
        &[
            ("segment", "Stage", As::Text),
            ("contrast", "Contrast", As::Words),
            ("blind_panels", "Blind", As::Count),
            ("exposed_panels", "Exposed", As::Count),
            ("ratio", "Ratio", As::FigureInterval),
            ("q_value", "q", As::P),
            ("verdict", "Verdict", As::Words),
        ],
    );
    add(
        DRIFT_ANCHOR.name,
        "Movement to somebody's scores",
        &estimated,
        &[
            ("test", "Anchor", As::Words),
            ("informative_panels", "Panels", As::Count),
            ("mean_deviation", "Distance less chance", As::FigureInterval),
            ("q_value", "q", As::P),
            ("verdict", "Verdict", As::Words),
        ],
    );
    add(
        REVISIONS.name,
        "Changed scores by moment",
        &estimated,
        &[
            ("moment", "Moment", As::Words),
            ("cards", "Cards", As::Count),
            ("changed", "Changed", As::ShareInterval),
            ("toward", "Toward", As::Count),
            ("away", "Away", As::Count),
            ("panel_variance_before", "Spread before", As::Figure),
            ("panel_variance_after", "Spread after", As::Figure),
        ],
    );
    add(
        DRIFT_RATES.name,
        "Outside of what chance explains",
        &|table, row| matches!(table.get(row, "verdict").as_text(), Some("above" | "below")),
        &[
            ("segment", "Who or when", As::Text),
            ("measure", "What", As::Words),
            ("cards", "Cards", As::Count),
            ("rate", "Share", As::ShareInterval),
            ("expected", "Of all", As::Share),
            ("verdict", "Limits", As::Words),
        ],
    );
    add(
        TURNAROUND.name,
        "Hours from interview to card",
        &|table, row| {
            estimated(table, row) && matches!(table.get(row, "segment_kind").as_text(), Some(ALL | "department"))
        },
        &[
            ("segment", "Department", As::Text),
            ("cards", "Cards", As::Count),
            ("missing", "Missing", As::Count),
            ("median_hours", "Median", As::FigureInterval),
            ("p90_hours", "Nine of ten", As::FigureInterval),
            ("within", "In time", As::ShareInterval),
        ],
    );
    add(
        DRIFT_TREND_TESTS.name,
        "Trends over quarters",
        &estimated,
        &[
            ("measure", "Measure", As::Words),
            ("quarters", "Quarters", As::Count),
            ("slope", "Per quarter", As::FigureInterval),
            ("q_value", "q", As::P),
            ("verdict", "Verdict", As::Words),
        ],
    );
    out
}
