//! Parquet columns.

use std::fmt;

use arrow::array::{Array, StringArray};
use arrow::datatypes::DataType;

use super::{Cells, MOST_COLUMNS};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place};
use crate::source::tables::{Import, Take, positions};
use crate::source::{Sink, clean};

/// Reads a Parquet file; its values are taken as the text they would be written as.
pub(in crate::source::tables) fn parquet(
    file: &InputFile,
    id: FileId,
    config: &Config,
    import: &Import,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let damaged = |e: &dyn fmt::Display| {
        Error::input(format!("the Parquet file is damaged: {e}")).at(&file.path).help("export it again")
    };
    let batches = crate::dataset::parquet::read(&file.path, &[]).map_err(|e| damaged(&e.what))?;
    let mut columns = None;
    let mut row_number = 0;
    for batch in batches {
        let batch = batch.map_err(|e| damaged(&e))?;
        if columns.is_none() {
            let own: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            let (found, unknown) = positions(import, config, &own, file)?;
            for name in unknown {
                sink.ledger().unknown_column(id, &name);
            }
            columns = Some(found);
        }
        let Some(columns) = columns else { continue };
        let mut texts: Vec<Option<StringArray>> = Vec::with_capacity(MOST_COLUMNS);
        for column in columns {
            texts.push(match column.and_then(|at| batch.columns().get(at)) {
                Some(values) => {
                    let text = arrow::compute::cast(values, &DataType::Utf8).map_err(|e| damaged(&e))?;
                    text.as_any().downcast_ref::<StringArray>().cloned()
                }
                None => None,
            });
        }
        for row in 0..batch.num_rows() {
            let mut cells: Cells<'_> = [None; MOST_COLUMNS];
            for (cell, text) in cells.iter_mut().zip(&texts) {
                *cell =
                    text.as_ref().filter(|text| !text.is_null(row)).map(|text| text.value(row)).and_then(clean::solid);
            }
            take.take(sink, Place::Row(row_number), &cells)?;
            row_number += 1;
        }
    }
    sink.advance(file.bytes);
    sink.ledger().file(id).blake3 = file.fingerprint()?;
    Ok(())
}
