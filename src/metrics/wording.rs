//! What the words of several metrics share: tables for people, intervals in words, names of states.

use std::collections::BTreeMap;

use super::Presented;
use super::waits::STATES;
use crate::engine::metric::Metric;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::report::model::{Better, Heading, Measure, Section, Table, TableCell, Unit};
use crate::report::number;

/// How a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// Text as it is.
    Text,
    /// The words for a state.
    State,
    /// A whole number.
    Count,
    /// Days.
    Days,
    /// Days with their interval, from the columns `x`, `x_low`, `x_high`.
    DaysInterval,
    /// A share with its interval.
    ShareInterval,
    /// A p- or q-value.
    P,
    /// A plain figure.
    Figure,
    /// A plain figure with its interval.
    FigureInterval,
    /// A share.
    Share,
    /// A word of the tables, with spaces for its underscores.
    Words,
}

/// A table for people from rows of a result table.
pub fn table(
    caption: &str,
    from: &ResultTable,
    rows: &[&Vec<Cell>],
    left_out: usize,
    columns: &[(&str, &str, As)],
) -> Table {
    let heading = |(name, text, format): &(&str, &str, As)| Heading {
        text: (*text).to_owned(),
        numeric: !matches!(format, As::Text | As::State | As::Words),
        meaning: from
            .position(name)
            .and_then(|at| from.spec.columns.get(at))
            .map(|column| column.meaning.to_owned())
            .unwrap_or_default(),
    };
    let cell = |row: &Vec<Cell>, (name, _, format): &(&str, &str, As)| {
        let value = from.get(row, name);
        TableCell { text: show(from, row, name, *format), sort: value.number() }
    };
    Table {
        caption: caption.to_owned(),
        columns: columns.iter().map(heading).collect(),
        rows: rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect(),
        full: format!("tables/{}.parquet", from.spec.name),
        left_out,
    }
}

/// How many rows of a result table stand in the report.
const LISTED: usize = 25;

/// The first rows of a result table that are worth showing, for people; nothing where none is.
pub fn listed(
    results: &Results,
    name: &str,
    caption: &str,
    keep: &dyn Fn(&ResultTable, &[Cell]) -> bool,
    columns: &[(&str, &str, As)],
) -> Option<Table> {
    let from = results.table(name)?;
    let shown: Vec<&Vec<Cell>> = from.rows.iter().filter(|row| keep(from, row)).take(LISTED).collect();
    let left_out = from.rows.len() - shown.len();
    (!shown.is_empty()).then(|| table(caption, from, &shown, left_out, columns))
}

fn show(from: &ResultTable, row: &[Cell], name: &str, format: As) -> String {
    let value = from.get(row, name);
    let bound = |suffix: &str| from.get(row, &format!("{name}_{suffix}")).number();
    let number = value.number();
    let text = match format {
        As::Text => value.as_text().map(str::to_owned),
        As::State => value.as_text().map(|word| state(word).to_owned()),
        As::Count => number.map(|n| number::count(n as i64)),
        As::Days => number.map(number::days),
        As::P => number.map(number::p_value),
        As::Figure => number.map(number::figure),
        As::Share => number.map(number::percent),
        As::Words => value.as_text().map(|word| word.replace('_', " ").replace('+', " and ")),
        As::DaysInterval => number.map(|n| with_interval(n, bound("low"), bound("high"), number::days)),
        As::ShareInterval => number.map(|n| with_interval(n, bound("low"), bound("high"), number::percent)),
        As::FigureInterval => number.map(|n| with_interval(n, bound("low"), bound("high"), number::figure)),
    };
    text.unwrap_or_else(|| "–".to_owned())
}

/// `18.2 (17.0 to 19.6)`; an end that the data does not reach is said so.
pub fn with_interval(value: f64, low: Option<f64>, high: Option<f64>, format: fn(f64) -> String) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{} ({} to {})", format(value), format(low), format(high)),
        (Some(low), None) => format!("{} (at least {})", format(value), format(low)),
        (None, Some(high)) => format!("{} (at most {})", format(value), format(high)),
        (None, None) => format(value),
    }
}

/// `95 % interval 17.0 to 19.6 days`.
pub fn interval(low: Option<f64>, high: Option<f64>, format: fn(f64) -> String, unit: &str) -> Option<String> {
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("95 % interval {} to {}{unit}", format(low), format(high))),
        (Some(low), None) => Some(format!("95 % interval from {}{unit}; the upper end is not reached", format(low))),
        _ => None,
    }
}

/// The words for a state.
pub fn state(word: &str) -> &str {
    STATES.iter().find(|(name, _)| *name == word).map_or(word, |(_, words)| words)
}

/// Whether any loop has an end on record.
pub fn anything_closed(results: &Results) -> bool {
    results.table("time_to_decision").is_none_or(|table| {
        let ends = table.rows.first().map(|row| ["decided", "withdrawn"].map(|name| table.get(row, name).number()));
        ends.is_none_or(|ends| ends.into_iter().flatten().sum::<f64>() > 0.0)
    })
}

/// The status of a row.
pub fn status_of(table: &ResultTable, row: &[Cell]) -> Status {
    match table.get(row, "status").as_text() {
        Some("ok") => Status::Ok,
        Some("thin") => Status::Thin,
        _ => Status::NotEstimable,
    }
}

/// The named values of a row, as the evidence of a finding.
pub fn evidence(table: &ResultTable, row: &[Cell], names: &[&str]) -> BTreeMap<String, Cell> {
    names.iter().map(|name| ((*name).to_owned(), table.get(row, name).clone())).collect()
}

/// The number `name` of a row with what stands beside it, to be compared with other periods and runs. `id` says all that
/// it depends on, so that numbers of one id mean the same.
pub fn measure(
    id: impl Into<String>,
    table: &ResultTable,
    row: &[Cell],
    name: &str,
    unit: Unit,
    better: Better,
) -> Measure {
    let get = |name: &str| table.get(row, name);
    let text = |name: &str| get(name).as_text().map(str::to_owned);
    let id = id.into();
    Measure {
        label: id.replace(['-', ':'], " "),
        id,
        is_headline: false,
        unit,
        better,
        looks_back: false,
        value: get(name).number(),
        low: get(&format!("{name}_low")).number(),
        high: get(&format!("{name}_high")).number(),
        n: get("n").number().map(|n| n as i64),
        method: text("method").unwrap_or_default(),
        status: status_of(table, row),
        reason: text("reason"),
    }
}

/// A metric's part of the report before anything is said.
pub fn blank(metric: &Metric) -> Presented {
    let section = Section {
        id: metric.id.to_owned(),
        question: metric.question.to_owned(),
        answer: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        method: metric.doc.to_owned(),
        limits: Vec::new(),
    };
    Presented { summary: Vec::new(), figures: Vec::new(), measures: Vec::new(), quarters: Vec::new(), section }
}
