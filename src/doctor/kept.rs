//! A dataset as it stands: the same facts, out of the files of its generation.

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch, StringArray};

use super::diagnosis::FileFacts;
use super::observe::{Observed, WATCHED};
use crate::dataset::parquet;
use crate::dataset::schema::{LEDGER, REJECTS};
use crate::dataset::spool::integers;
use crate::dataset::store::Generation;
use crate::error::Result;
use crate::progress::{Progress, Unit};

/// Reads the tables of a generation.
pub(super) fn read(generation: &Generation, progress: &dyn Progress) -> Result<Vec<Observed>> {
    let partitions = generation.manifest.partitions();
    progress.phase("reading", Some((WATCHED.len() * partitions.len()) as u64), Unit::Items);
    let mut all = Vec::new();
    for watch in WATCHED {
        let mut observed = Observed::new(watch)?;
        for opened in &partitions {
            if let Some(path) = generation.file(watch.table.name, *opened) {
                for batch in parquet::read(&path, &watch.columns())? {
                    observed.take(&batch?)?;
                }
            }
            progress.advance(1);
        }
        observed.settle();
        all.push(observed);
    }
    Ok(all)
}

/// The accounts of all files that were ever ingested.
pub(super) fn files(generation: &Generation) -> Result<Vec<FileFacts>> {
    let mut rejects: BTreeMap<(Option<i64>, String), BTreeMap<String, u64>> = BTreeMap::new();
    for path in generation.account_files(REJECTS.name) {
        for batch in parquet::read(&path, &[])? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let file = (number(&batch, "ingest", row), text(&batch, "file", row));
                *rejects.entry(file).or_default().entry(text(&batch, "reason", row)).or_default() += 1;
            }
        }
    }
    let mut files = Vec::new();
    for path in generation.account_files(LEDGER.name) {
        for batch in parquet::read(&path, &[])? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let list = |column: &str, separator: &str| {
                    let text = text(&batch, column, row);
                    text.split(separator).filter(|item| !item.is_empty()).map(str::to_owned).collect::<Vec<_>>()
                };
                let count = |column: &str| number(&batch, column, row).unwrap_or(0).unsigned_abs();
                let (ingest, file) = (number(&batch, "ingest", row), text(&batch, "file", row));
                files.push(FileFacts {
                    ingest: ingest.map(i64::unsigned_abs),
                    kind: text(&batch, "kind", row),
                    records: count("read"),
                    rejected: count("rejected"),
                    reasons: rejects.remove(&(ingest, file.clone())).unwrap_or_default(),
                    unknown_columns: list("unknown_columns", ", "),
                    unknown_labels: list("unknown_labels", ", "),
                    remarks: list("remarks", "; "),
                    columns: Vec::new(),
                    looks_like: None,
                    file,
                });
            }
        }
    }
    Ok(files)
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<StringArray>());
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row).to_owned()).unwrap_or_default()
}

fn number(batch: &RecordBatch, name: &str, row: usize) -> Option<i64> {
    integers(batch, name).filter(|column| column.is_valid(row)).map(|column| column.value(row))
}
