//! Questions in SQL about a dataset and the results of an analysis.
//!
//! `catalogue.rs` says which tables there are, `statement.rs` what may be asked, `words.rs` what is told when a query
//! cannot be answered, and one file per format how an answer is shown. The engine runs the query.

pub mod catalogue;
mod csv;
mod json;
mod parquet;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod words;

use std::path::Path;

use arrow::array::RecordBatch;

use crate::engine::sql;
use crate::error::Result;
pub use catalogue::Catalogue;

/// One way of showing an answer.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub id: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// How it is made.
    pub shown: Shown,
}

/// What a format makes of an answer.
#[derive(Debug)]
pub enum Shown {
    /// Text, for the terminal or a file; the number is how many rows are shown at most, where the format shows a part.
    Text(fn(&RecordBatch, Option<usize>) -> Result<String>),
    /// A file.
    File(fn(&RecordBatch, &Path) -> Result<()>),
}

/// Every format; the first is the default.
pub const FORMATS: &[Format] = &[table::FORMAT, csv::FORMAT, json::FORMAT, parquet::FORMAT];

/// The format with a given name.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// The answer to a query.
pub fn ask(catalogue: &Catalogue, sql: &str) -> Result<RecordBatch> {
    let statement = statement::Statement::of(sql)?;
    if let Some(name) = statement.own_names().find(|name| catalogue.get(name).is_some()) {
        return Err(words::taken(name));
    }
    let tables: Vec<sql::Table> = catalogue.tables.iter().map(|listed| listed.table.clone()).collect();
    sql::select(&tables, sql, statement.is_unsettled()).map_err(|wrong| words::error(wrong, sql, catalogue))
}

/// What `.tables` and `.schema` ask for: text about the catalogue; none where the text is a query.
pub fn about(catalogue: &Catalogue, text: &str) -> Option<Result<String>> {
    let mut said = text.trim().trim_end_matches(';').split_whitespace();
    match (said.next()?, said.next(), said.next()) {
        (".tables", None, _) => Some(Ok(words::tables(catalogue))),
        (".schema", None, _) => Some(Ok(words::columns(&catalogue.tables.iter().collect::<Vec<_>>()))),
        (".schema", Some(name), None) => Some(match catalogue.get(name) {
            Some(table) => Ok(words::columns(&[table])),
            None => Err(words::no_table(name, catalogue)),
        }),
        (word, ..) if word.starts_with('.') => Some(Err(words::no_command(word))),
        _ => None,
    }
}
