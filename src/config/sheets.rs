//! What tables that people keep by hand need beside names and words: where the header stands, how decimals are
//! written, which columns are dimensions.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::written::WrittenTables;

/// How tables kept by hand are read.
#[derive(Debug, Clone, Default)]
pub struct Sheets {
    /// The mark between a number and its decimals.
    pub decimal: Decimal,
    /// Per table: the line or row that names the columns, where it is not the first.
    pub header_rows: BTreeMap<&'static str, u64>,
    /// Of wide scorecards: the file's own column, and the dimension whose scores it holds.
    pub dimensions: Vec<(String, String)>,
}

/// The word for a score that was deliberately not given.
pub const NO_DECISION: &str = "no_decision";

/// The mark between a number and its decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Decimal {
    /// `3.5`.
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `3,5`.
    #[serde(rename = ",")]
    Comma,
}

/// Reads what was written, and tells what cannot be meant.
pub(super) fn mean(written: &WrittenTables, problems: &mut Vec<String>) -> Sheets {
    let mut header_rows = BTreeMap::new();
    for (name, table) in written.by_name() {
        match table.header_row {
            Some(0) => problems.push(format!("tables.{name}.header_row: at least 1, the first line")),
            Some(row) => {
                header_rows.insert(name, row);
            }
            None => {}
        }
        if name != "scorecards" && !table.dimensions.is_empty() {
            problems.push(format!("tables.{name}.dimensions: only scorecards have dimensions"));
        }
    }
    Sheets {
        decimal: written.decimal,
        header_rows,
        dimensions: written.scorecards.dimensions.clone().into_iter().collect(),
    }
}
