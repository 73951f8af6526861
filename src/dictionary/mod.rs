//! Every table that looplens writes, as data: what the printed dictionary, the statements for other programs and the
//! tests of both read.

pub mod ddl;

use crate::comparison::COMPARISON;
use crate::dataset::schema::{ACCOUNT_TABLES, Column, DERIVED_TABLES, ENTITY_TABLES, Table};
use crate::findings::rank::FINDINGS;
use crate::metrics::METRICS;

/// Where a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// In a generation, one file for each quarter in which loops opened.
    Partitioned,
    /// In a generation, one file for each ingest.
    Account,
    /// Below OUT/tables, one file.
    Results,
}

impl Part {
    /// The part of the dictionary.
    pub fn word(self) -> &'static str {
        match self {
            Part::Partitioned | Part::Account => "dataset",
            Part::Results => "results",
        }
    }
}

/// One table.
#[derive(Debug)]
pub struct Entry {
    /// Where it is written.
    pub part: Part,
    /// Its name, which no other table has.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// The columns that identify a row, in sort order; none for results.
    pub key: &'static [&'static str],
    /// The columns of its files.
    pub columns: &'static [Column],
}

/// Every table: the dataset's, then the results'.
pub fn entries() -> Vec<Entry> {
    let of = |part: Part| {
        move |table: &&'static Table| Entry {
            part,
            name: table.name,
            about: table.about.trim(),
            key: table.key,
            columns: table.columns,
        }
    };
    let partitioned = ENTITY_TABLES.iter().chain(DERIVED_TABLES).map(of(Part::Partitioned));
    let accounts = ACCOUNT_TABLES.iter().map(of(Part::Account));
    let results = METRICS.iter().flat_map(|question| question.metric.tables).copied().chain([&FINDINGS, &COMPARISON]);
    let results = results.map(|table| Entry {
        part: Part::Results,
        name: table.name,
        about: table.about,
        key: &[],
        columns: table.columns,
    });
    partitioned.chain(accounts).chain(results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tables_have_one_name() {
        let mut names: Vec<&str> = entries().iter().map(|entry| entry.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(all > 40);
    }

    #[test]
    fn no_table_has_the_partition_as_a_column_of_its_files() {
        for entry in entries().iter().filter(|entry| entry.part == Part::Partitioned) {
            assert!(entry.columns.iter().all(|column| column.name != "opened"), "{}", entry.name);
        }
    }
}
