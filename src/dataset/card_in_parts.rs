//! A scorecard whose rows stand apart in an export, put together so that their order does not matter.
//!
//! Neutral tables have one row per dimension, and each row tells about its card. The card was first submitted
//! when its earliest row was and last touched when its latest was; everything else is taken from the part that
//! says most.

use std::cmp::Reverse;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::merge::instants;
use super::schema::Scorecard;
use super::spool::integers;
use crate::error::Result;

/// Adds what another part of the same card tells.
pub fn join(card: &mut Scorecard, mut part: Scorecard) {
    let first = [card.submitted_at, part.submitted_at].into_iter().flatten().min();
    let last = [card.submitted_at, part.submitted_at, card.updated_at, part.updated_at].into_iter().flatten().max();
    if says(&part) > says(card) {
        std::mem::swap(card, &mut part);
    }
    card.submitted_at = first;
    card.updated_at = last.filter(|last| Some(*last) != first);
}

type Says<'a> = (Option<&'a str>, Option<i64>, [Option<&'a str>; 5]);

fn says(card: &Scorecard) -> Says<'_> {
    let rest = [&card.note, &card.interview_id, &card.submitted_by, &card.stage_raw].map(Option::as_deref);
    let [note, interview, by, stage] = rest;
    (card.recommendation_raw.as_deref(), card.note_length, [note, interview, by, stage, Some(&card.role)])
}

fn row_says(batch: &RecordBatch, row: usize) -> Says<'_> {
    let text = |name: &str| {
        let column = batch.column_by_name(name)?.as_any().downcast_ref::<StringArray>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    let length = integers(batch, "note_length").filter(|column| column.is_valid(row)).map(|column| column.value(row));
    (text("recommendation_raw"), length, ["note", "interview_id", "submitted_by", "stage_raw", "role"].map(text))
}

fn at(batch: &RecordBatch, name: &str, row: usize) -> Option<i64> {
    instants(batch, name).filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

/// Like [`join`], for rows on their way into the dataset; nothing where there is nothing to put together.
pub fn whole(parts: &[(&RecordBatch, usize)]) -> Result<Option<RecordBatch>> {
    let (Some((batch, row)), true) =
        (parts.iter().min_by_key(|(batch, row)| Reverse(row_says(batch, *row))), parts.len() > 1)
    else {
        return Ok(None);
    };
    let submitted = || parts.iter().filter_map(|(batch, row)| at(batch, "submitted_at", *row));
    let updated = parts.iter().filter_map(|(batch, row)| at(batch, "updated_at", *row));
    let first = submitted().min();
    let last = submitted().chain(updated).max().filter(|last| Some(*last) != first);
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| -> ArrayRef {
        let instant = |value| Arc::new(TimestampMicrosecondArray::from(vec![value]).with_timezone("UTC"));
        match field.name().as_str() {
            "submitted_at" => instant(first),
            "updated_at" => instant(last),
            _ => column.slice(*row, 1),
        }
    });
    Ok(Some(RecordBatch::try_new(schema.clone(), columns.collect())?))
}

/// Whether a row on record says the same as a card, whenever the two were recorded.
pub fn same(on_record: &RecordBatch, row: usize, card: &RecordBatch) -> bool {
    let schema = card.schema();
    let mut columns = schema.fields().iter().zip(card.columns());
    columns.all(|(field, column)| {
        matches!(field.name().as_str(), "recorded_at" | "_order" | "_origin")
            || on_record.column_by_name(field.name()).is_some_and(|known| known.slice(row, 1).as_ref() == column.as_ref())
    })
}
