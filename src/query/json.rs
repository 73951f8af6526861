//! An answer as JSON: an array with one object per row, its keys in the order of the columns.

use std::fmt::Write as _;

use arrow::array::RecordBatch;

use super::value::{self, Value};
use super::{Format, Shown};
use crate::error::{Error, Result, pages};
use crate::report::number::is_hidden;

/// The format.
pub(super) const FORMAT: Format =
    Format { id: "json", summary: "for programs: an array of objects; every row", shown: Shown::Text(render) };

fn render(answer: &RecordBatch, _most: Option<usize>) -> Result<String> {
    let keys: Vec<String> = value::names(answer).iter().map(|name| text(name)).collect::<Result<_>>()?;
    let mut out = String::from("[");
    for row in 0..answer.num_rows() {
        out.push_str(if row == 0 { "\n{" } else { ",\n{" });
        for (at, (key, column)) in keys.iter().zip(answer.columns()).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(out, "{comma}{key}: {}", cell(Value::of(column, row))?);
        }
        out.push('}');
    }
    out.push_str("\n]\n");
    Ok(out)
}

fn cell(value: Value<'_>) -> Result<String> {
    Ok(match value {
        Value::Missing => "null".to_owned(),
        Value::Text(own) => text(own)?,
        Value::Int(number) => number.to_string(),
        Value::Float(number) => serde_json::Number::from_f64(number).map_or("null".to_owned(), |own| own.to_string()),
        Value::Flag(flag) => flag.to_string(),
        Value::Instant(_) | Value::Date(_) => text(&value.moment().unwrap_or_default())?,
    })
}

/// Text in quotes. What could move a cursor or hide is written as an escape, which readers of JSON undo.
fn text(own: &str) -> Result<String> {
    let quoted = serde_json::to_string(own)
        .map_err(|error| Error::new(&pages::OUTPUT, format!("the answer cannot be written as JSON: {error}")))?;
    let mut out = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        if c.is_control() || is_hidden(c) {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Ok(out)
}
