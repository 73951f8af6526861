//! Rows of result tables, written and read the same way by every metric.

use std::collections::BTreeMap;

use super::wording::{evidence, status_of, with_interval};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::stats::estimate::Interval;

/// Text in a cell.
pub fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// The cells that every table of one segment begins with.
pub fn all() -> [(&'static str, Cell); 2] {
    [("segment_kind", text(super::segments::ALL)), ("segment", text(super::segments::ALL))]
}

/// The cells that every estimate ends with.
pub fn standing(
    n: i64,
    method: impl Into<String>,
    status: Status,
    reason: Option<String>,
) -> [(&'static str, Cell); 4] {
    [
        ("n", Cell::Int(n)),
        ("method", Cell::Text(method.into())),
        ("status", text(status.word())),
        ("reason", Cell::text(reason)),
    ]
}

/// Both ends of an interval, under the names of their columns.
pub fn limits(interval: Interval, names: [&'static str; 2]) -> [(&'static str, Cell); 2] {
    let [low, high] = names;
    [(low, Cell::float(interval.low)), (high, Cell::float(interval.high))]
}

/// A row of a result table, read by the names of its columns.
pub struct Row<'t> {
    /// The table.
    pub table: &'t ResultTable,
    /// The row's cells.
    pub cells: &'t Vec<Cell>,
}

impl<'t> Row<'t> {
    /// The number in a column.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.table.get(self.cells, name).number()
    }

    /// The text in a column.
    pub fn text(&self, name: &str) -> Option<&'t str> {
        self.table.get(self.cells, name).as_text()
    }

    /// How far the row can be trusted.
    pub fn status(&self) -> Status {
        status_of(self.table, self.cells)
    }

    /// The named values, as the evidence of a finding.
    pub fn evidence(&self, names: &[&str]) -> BTreeMap<String, Cell> {
        evidence(self.table, self.cells, names)
    }

    /// A number with the interval that stands beside it, in words.
    pub fn interval(&self, name: &str, format: fn(f64) -> String) -> Option<String> {
        let [low, high] = ["low", "high"].map(|end| self.number(&format!("{name}_{end}")));
        self.number(name).map(|value| with_interval(value, low, high, format))
    }
}

/// The rows of a result table; none where it is missing.
pub fn rows<'t>(results: &'t Results, name: &str) -> Vec<Row<'t>> {
    let table = results.table(name);
    table.map_or_else(Vec::new, |table| table.rows.iter().map(|cells| Row { table, cells }).collect())
}
