//! Delimited text: CSV and TSV.

use std::fmt;

use super::{Cells, MOST_COLUMNS};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::source::files::{InputFile, refuse_wide_encodings};
use crate::source::ledger::{FileId, Place, Reject};
use crate::source::tables::{Import, Take, positions};
use crate::source::{Sink, clean};

/// Reads a delimited text table.
pub(in crate::source::tables) fn delimited(
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
