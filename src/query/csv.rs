//! An answer as CSV: every row, numbers in full, and no cell that a spreadsheet would take for a formula.

use arrow::array::RecordBatch;

use super::value::{self, Value};
use super::{Format, Shown};
use crate::error::{Error, Result, pages};
use crate::report::number::{is_like_a_formula, visible};

/// The format.
pub(super) const FORMAT: Format =
    Format { id: "csv", summary: "for a spreadsheet; every row", shown: Shown::Text(render) };

fn render(answer: &RecordBatch, _most: Option<usize>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed =
        |error: csv::Error| Error::new(&pages::OUTPUT, format!("the answer cannot be written as CSV: {error}"));
    writer.write_record(value::names(answer).iter().map(|name| text(name))).map_err(failed)?;
    for row in 0..answer.num_rows() {
        writer.write_record(answer.columns().iter().map(|column| cell(Value::of(column, row)))).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| {
        Error::new(&pages::OUTPUT, format!("the answer cannot be written as CSV: {}", error.error()))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cell(value: Value<'_>) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Text(own) => text(own),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Instant(_) | Value::Date(_) => value.moment().unwrap_or_default(),
    }
}

/// Text as a cell: hidden characters visible, and an apostrophe before what would run as a formula.
fn text(own: &str) -> String {
    let shown = visible(own, usize::MAX);
    if is_like_a_formula(&shown) { format!("'{shown}") } else { shown }
}
