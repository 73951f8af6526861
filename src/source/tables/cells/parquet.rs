//! Parquet columns.

use std::fmt;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::error::{Error, Result, pages};
use crate::source::Sink;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place};
use crate::source::tables::Take;
use crate::source::tables::columns::{Columns, Wanted};
use crate::source::tables::numbers::Numbers;

/// Reads a Parquet file; its values are taken as the text they would be written as.
pub(in crate::source::tables) fn parquet(
    file: &InputFile,
    id: FileId,
    wanted: Wanted<'_>,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let damaged = |e: &dyn fmt::Display| {
        Error::new(&pages::DAMAGED_FILE, format!("the Parquet file is damaged: {e}"))
            .at(&file.path)
            .help("export it again")
    };
    let batches = crate::dataset::parquet::read(&file.path, &[]).map_err(|e| damaged(&e.what))?;
    let numbers = wanted.numbers;
    let mut columns = None;
    let mut row_number = 0;
    for batch in batches {
        let batch = batch.map_err(|e| damaged(&e))?;
        if columns.is_none() {
            let own: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            let found = Columns::find(wanted, &own, file)?;
            found.tell(sink, id);
            columns = Some(found);
        }
        let Some(columns) = &mut columns else { continue };
        let mut texts: Vec<Option<StringArray>> = Vec::new();
        for (at, values) in batch.columns().iter().enumerate() {
            texts.push(if columns.reads(at) { texts_of(values, numbers).map_err(|e| damaged(&e))? } else { None });
        }
        for row in 0..batch.num_rows() {
            let cell = |at: usize| {
                let text = texts.get(at)?.as_ref()?;
                text.is_valid(row).then(|| text.value(row))
            };
            columns.hand_over(take, sink, Place::Row(row_number), cell)?;
            row_number += 1;
        }
    }
    if let Some(columns) = columns {
        columns.close(sink, id);
    }
    sink.advance(file.bytes);
    sink.ledger().file(id).blake3 = file.fingerprint()?;
    Ok(())
}

/// The names of a file's columns; nothing where it cannot be read.
pub(in crate::source::tables) fn names(file: &InputFile) -> Option<Vec<String>> {
    let batches = crate::dataset::parquet::read(&file.path, &[]).ok()?;
    let schema = arrow::record_batch::RecordBatchReader::schema(&batches);
    Some(schema.fields().iter().map(|field| field.name().clone()).collect())
}

/// The values of a column as text; numbers as the texts of the export write theirs.
fn texts_of(values: &ArrayRef, numbers: Numbers) -> std::result::Result<Option<StringArray>, ArrowError> {
    let texts = arrow::compute::cast(values, &DataType::Utf8)?;
    let texts = texts.as_any().downcast_ref::<StringArray>().cloned();
    if !values.data_type().is_floating() {
        return Ok(texts);
    }
    Ok(texts.map(|texts| texts.iter().map(|text| text.map(|text| numbers.rewrite(text))).collect()))
}
