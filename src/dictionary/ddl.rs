//! Statements that make every table known to another program, with its types, partitions and descriptions: one file
//! per dialect.

mod bigquery;
mod duckdb;
mod spark;
#[cfg(test)]
mod tests;

use super::{Entry, Part, entries};
use crate::dataset::schema::{Column, OPENED};

/// One dialect.
#[derive(Debug)]
pub struct Dialect {
    /// Its name on the command line.
    pub id: &'static str,
    /// Where the tables are if nobody says: the dataset, then the folder of the analysis.
    pub usual: (&'static str, &'static str),
    /// Whether a path on this machine has to be whole, because the other program starts elsewhere.
    pub is_whole: bool,
    /// What stands above all statements, as comments.
    pub preamble: &'static str,
    /// The statements for one table.
    pub define: fn(&Placed<'_>) -> String,
}

/// Every dialect.
pub const DIALECTS: &[Dialect] = &[bigquery::DIALECT, duckdb::DIALECT, spark::DIALECT];

/// The dialect with a given name.
pub fn dialect(id: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.id == id)
}

/// A table and where its files are.
#[derive(Debug)]
pub struct Placed<'a> {
    /// The table.
    pub entry: &'a Entry,
    /// Its folder; for a result its file.
    pub place: String,
    /// Whether it is known to have no file yet.
    pub is_empty: bool,
}

impl Placed<'_> {
    /// The columns of the table, the partition's at the end.
    fn columns(&self) -> impl Iterator<Item = &'static Column> {
        let partition = (self.entry.part == Part::Partitioned).then_some(&OPENED);
        self.entry.columns.iter().chain(partition)
    }
}

/// The statements for the tables below a dataset, below the folder of an analysis, or both. `is_empty` tells which
/// folder of a dataset's table holds no file.
pub fn statements(
    dialect: &Dialect,
    dataset: Option<&str>,
    out: Option<&str>,
    is_empty: &dyn Fn(&str) -> bool,
) -> String {
    let mut text: String = dialect.preamble.lines().map(|line| format!("-- {line}\n")).collect();
    for entry in &entries() {
        let root = match entry.part {
            Part::Partitioned | Part::Account => dataset.map(|root| format!("{root}/current/{}", entry.name)),
            Part::Results => out.map(|root| format!("{root}/tables/{}.parquet", entry.name)),
        };
        let Some(place) = root else { continue };
        let is_empty = entry.part != Part::Results && is_empty(&place);
        text.push('\n');
        text.push_str(&(dialect.define)(&Placed { entry, place, is_empty }));
    }
    text
}

/// Text in single quotes, with a quote doubled as the standard has it.
fn doubled(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Text in single quotes, with quotes and backslashes behind backslashes.
fn escaped(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
