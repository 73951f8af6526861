//! Rows of text cells out of CSV, JSON and Parquet files, by canonical column.

use std::borrow::Cow;
use std::fmt;

use arrow::array::{Array, StringArray};
use arrow::datatypes::DataType;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::files::{InputFile, refuse_wide_encodings};
use super::super::ledger::{FileId, Place, Reject};
use super::super::{Sink, clean, json};
use super::{Import, Take, positions};
use crate::config::Config;
use crate::error::{Error, Result};

/// The most columns that are read of one file.
pub(super) const MOST_COLUMNS: usize = 32;

/// The cells of one row, in the order of the contract's columns; empty ones are missing.
pub(super) type Cells<'a> = [Option<&'a str>; MOST_COLUMNS];

/// Reads a delimited text table.
pub(super) fn delimited(
    file: &InputFile,
    delimiter: u8,
    id: FileId,
    config: &Config,
    import: &Import,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let (mut reader, print) = file.open()?;
    let mut first = [0_u8; 4];
    let mut filled = 0;
    while let Some(space) = first.get_mut(filled..).filter(|space| !space.is_empty()) {
        match reader.read(space).map_err(|e| broken(file, 1, &e))? {
            0 => break,
            n => filled += n,
        }
    }
    let first = first.get(..filled).unwrap_or_default().to_vec();
    if filled == 4 {
        refuse_wide_encodings(&first, file)?;
    }
    let whole = std::io::Read::chain(std::io::Cursor::new(first), reader);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(true)
        .buffer_capacity(1 << 18)
        .from_reader(whole);
    let header =
        rows.byte_headers().map_err(|e| Error::input(format!("the header cannot be read: {e}")).at(&file.path))?;
    let own: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').to_owned()).collect();
    if own.iter().all(|name| name.trim().is_empty()) {
        return Err(Error::input("the table is empty: it has no header").at(&file.path).help(format!(
            "its first line should name the columns, such as {}",
            import.columns.iter().take(import.required).copied().collect::<Vec<_>>().join(",")
        )));
    }
    let (columns, unknown) = positions(import, config, &own, file)?;
    for name in unknown {
        sink.ledger().unknown_column(id, &name);
    }
    let mut record = csv::ByteRecord::new();
    let mut told = 0;
    loop {
        match rows.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return Err(broken(file, rows.position().line(), &e)),
        }
        let place = Place::Line(record.position().map_or(0, csv::Position::line));
        if record.len() != own.len() {
            // A blank last line is no record.
            if record.len() == 1 && record.get(0).is_some_and(<[u8]>::is_empty) {
                continue;
            }
            // A cell that runs over lines in a row that does not fit is a quote nobody closed: it has swallowed
            // the records after it, and what was swallowed cannot be counted.
            if record.as_slice().contains(&b'\n') {
                return Err(Error::input("a quote is not closed, so that the rows after it run into one cell")
                    .place(format!("{}:{place}", file.path.display()))
                    .help("close the quote, or double a quote inside a cell (\"\"); nothing was committed"));
            }
            let found = format!("({} cells, {} expected)", record.len(), own.len());
            sink.reject(id, Reject::new(place, "wrong_column_count").field(&found, None))?;
            continue;
        }
        let Ok(text) = std::str::from_utf8(record.as_slice()) else {
            sink.reject(id, Reject::new(place, "not_utf8"))?;
            continue;
        };
        let mut cells: Cells<'_> = [None; MOST_COLUMNS];
        for (cell, column) in cells.iter_mut().zip(columns) {
            *cell = column.and_then(|at| record.range(at)).and_then(|range| text.get(range)).and_then(clean::solid);
        }
        take.take(sink, place, &cells)?;
        let position = record.position().map_or(0, csv::Position::byte);
        if position > told + (1 << 20) {
            sink.advance(position - told);
            told = position;
        }
    }
    sink.ledger().file(id).blake3 = print.hex();
    Ok(())
}

fn broken(file: &InputFile, line: u64, error: &dyn fmt::Display) -> Error {
    Error::input(format!("the file breaks off or is damaged: {error}"))
        .place(format!("{}:line {line}", file.path.display()))
        .help("export it again; nothing was committed")
}

/// Reads flat JSON objects.
pub(super) fn objects(
    file: &InputFile,
    id: FileId,
    config: &Config,
    import: &Import,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let map = config.tables.columns.get(import.name);
    let names: Vec<&str> = import
        .columns
        .iter()
        .map(|column| map.and_then(|map| map.get(*column)).map_or(*column, String::as_str))
        .collect();
    json::each_record(file, id, sink, &mut |sink, json::Record { place, bytes, .. }| {
        let mut unknown = Vec::new();
        let seed = Flat { names: &names, unknown: &mut unknown };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let flat = match seed.deserialize(&mut reader) {
            Ok(flat) => flat,
            Err(_) => {
                let reason = if std::str::from_utf8(bytes).is_err() {
                    "not_utf8"
                } else if bytes.first() == Some(&b'{') {
                    "malformed"
                } else {
                    "not_a_record"
                };
                return sink.reject(id, Reject::new(place, reason));
            }
        };
        for name in unknown {
            sink.ledger().unknown_column(id, &name);
        }
        let mut cells: Cells<'_> = [None; MOST_COLUMNS];
        for (cell, value) in cells.iter_mut().zip(&flat) {
            *cell = value.as_deref().and_then(clean::solid);
        }
        take.take(sink, place, &cells)
    })
}

/// Reads the scalars of one JSON object into slots by name.
struct Flat<'n> {
    names: &'n [&'n str],
    unknown: &'n mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Flat<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Flat<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a flat object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut slots = vec![None; self.names.len()];
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match self.names.iter().position(|name| *name == key) {
                Some(at) => {
                    let value = map.next_value_seed(Scalar)?;
                    if let Some(slot) = slots.get_mut(at) {
                        *slot = value;
                    }
                }
                None => {
                    self.unknown.push(key.into_owned());
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(slots)
    }
}

struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("text, a number, true, false or null")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_owned())))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads a Parquet file; its values are taken as the text they would be written as.
pub(super) fn parquet(
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
