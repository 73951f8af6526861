//! The cells of an answer, whatever the format.

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};

use crate::time::{DAY, Instant};

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// Missing.
    Missing,
    /// Text.
    Text(&'a str),
    /// Integer.
    Int(i64),
    /// Float, always finite.
    Float(f64),
    /// True or false.
    Flag(bool),
    /// An instant or, from midnight in UTC, a date.
    Instant(Instant),
    /// A date.
    Date(Instant),
}

impl<'a> Value<'a> {
    /// The cell of a column; what the engine never gives counts as missing.
    pub(super) fn of(column: &'a ArrayRef, row: usize) -> Self {
        let any = column.as_any();
        if column.is_null(row) {
            Value::Missing
        } else if let Some(texts) = any.downcast_ref::<StringArray>() {
            Value::Text(texts.value(row))
        } else if let Some(ints) = any.downcast_ref::<Int64Array>() {
            Value::Int(ints.value(row))
        } else if let Some(floats) = any.downcast_ref::<Float64Array>() {
            Value::Float(floats.value(row))
        } else if let Some(flags) = any.downcast_ref::<BooleanArray>() {
            Value::Flag(flags.value(row))
        } else if let Some(instants) = any.downcast_ref::<TimestampMicrosecondArray>() {
            Value::Instant(Instant(instants.value(row)))
        } else if let Some(dates) = any.downcast_ref::<Date32Array>() {
            Value::Date(Instant(i64::from(dates.value(row)).saturating_mul(DAY)))
        } else {
            Value::Missing
        }
    }

    /// Whether it is a number, which stands at the right.
    pub(super) fn is_number(column: &ArrayRef) -> bool {
        column.as_any().is::<Int64Array>() || column.as_any().is::<Float64Array>()
    }

    /// A time as text.
    pub(super) fn moment(self) -> Option<String> {
        match self {
            Value::Instant(at) => Some(at.to_rfc3339()),
            Value::Date(at) => Some(at.date().map_or_else(|| at.to_rfc3339(), |date| date.to_string())),
            _ => None,
        }
    }
}

/// The names of an answer's columns.
pub(super) fn names(answer: &RecordBatch) -> Vec<String> {
    answer.schema().fields().iter().map(|field| field.name().clone()).collect()
}
