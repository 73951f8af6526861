//! Delimited text: CSV and TSV.

use std::cell::Cell;
use std::fmt;
use std::io::{Cursor, Read};
use std::rc::Rc;

use crate::error::{Error, Result, pages};
use crate::source::Sink;
use crate::source::files::{InputFile, refuse_wide_encodings};
use crate::source::ledger::{FileId, Place, Reject};
use crate::source::tables::Take;
use crate::source::tables::columns::{FIRST_ROWS, Wanted, of_rows};

/// How much of a file is looked at for its header and its delimiter.
const HEAD: usize = 1 << 16;

/// Reads a delimited text table.
pub(in crate::source::tables) fn delimited(
    file: &InputFile,
    delimiter: u8,
    id: FileId,
    wanted: Wanted<'_>,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let (reader, print) = file.open()?;
    let mut head = Head::of(reader);
    refuse_wide_encodings(head.bytes.get(..4).unwrap_or_default(), file)?;
    head.skip_to(wanted.header_row.unwrap_or(1), file)?;
    let promised = delimiter;
    let (delimiter, first) = head.table(promised, wanted);
    // What breaks off before the header is whole says nothing about its columns.
    if let (Some(error), None) = (&head.failed, first.get(1)) {
        return Err(broken(file, head.lines.skipped + 1, error));
    }
    let mut columns = of_rows(&first, wanted, file)?;
    columns.tell(sink, id);
    if delimiter != promised {
        let name = if delimiter == b';' { "semicolons" } else { "tabs" };
        sink.ledger().remark(id, format!("cells are separated by {name}, as the header shows"));
    }
    let expected = first.first().map_or(0, |(_, names)| names.len());
    let lines = head.lines;
    let end = Rc::new(Cell::new(0));
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(1 << 18)
        .from_reader(Watched { inner: head.whole(), end: Rc::clone(&end) });
    let mut record = csv::ByteRecord::new();
    let mut above = true;
    let mut told = 0;
    let mut runs_on = None;
    loop {
        match rows.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return Err(broken(file, lines.skipped + rows.position().line(), &e)),
        }
        // The header has been read already, and rows without any text are what spreadsheets leave around a table.
        if is_blank(&record) || std::mem::take(&mut above) {
            continue;
        }
        let place = Place::Line(lines.of(&record, rows.position()));
        runs_on = record.get(record.len().saturating_sub(1)).filter(|cell| cell.contains(&b'\n')).map(|_| place);
        if record.len() != expected {
            // A cell that runs over lines in a row that does not fit is a quote nobody closed: it has swallowed
            // the records after it, and what was swallowed cannot be counted.
            if record.as_slice().contains(&b'\n') {
                return Err(open_quote(file, place));
            }
            let found = format!("({} cells, {expected} expected)", record.len());
            sink.reject(id, Reject::new(place, "wrong_column_count").field(&found, None))?;
            continue;
        }
        let Ok(text) = std::str::from_utf8(record.as_slice()) else {
            sink.reject(id, Reject::new(place, "not_utf8"))?;
            continue;
        };
        columns.hand_over(take, sink, place, |at| record.range(at).and_then(|range| text.get(range)))?;
        let position = record.position().map_or(0, csv::Position::byte);
        if position > told + (1 << 20) {
            sink.advance(position - told);
            told = position;
        }
    }
    // A last cell over several lines stood in quotes, and so the file ends with one, unless nobody closed it: then it
    // has swallowed all that follows.
    if let Some(place) = runs_on.filter(|_| end.get() != b'"') {
        return Err(open_quote(file, place));
    }
    columns.close(sink, id);
    sink.ledger().file(id).blake3 = print.hex();
    Ok(())
}

/// The names of a table's columns; nothing where it cannot be read.
pub(in crate::source::tables) fn names(file: &InputFile, delimiter: u8, wanted: Wanted<'_>) -> Option<Vec<String>> {
    let (reader, _) = file.open().ok()?;
    let mut head = Head::of(reader);
    head.skip_to(wanted.header_row.unwrap_or(1), file).ok()?;
    let (_, rows) = head.table(delimiter, wanted);
    rows.into_iter().next().map(|(_, names)| names)
}

/// The beginning of a file, with what is left of it.
struct Head {
    bytes: Vec<u8>,
    rest: Box<dyn Read + Send>,
    failed: Option<std::io::Error>,
    lines: Lines,
}

impl Head {
    fn of(mut reader: Box<dyn Read + Send>) -> Self {
        let mut bytes = Vec::new();
        let failed = reader.by_ref().take(HEAD as u64).read_to_end(&mut bytes).err();
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let end_in_cr_lf = end.and_then(|at| bytes.get(at.checked_sub(1)?)) == Some(&b'\r');
        Self { bytes, rest: reader, failed, lines: Lines { skipped: 0, end_in_cr_lf } }
    }

    /// Drops the byte order mark, and the lines above the header.
    fn skip_to(&mut self, header_row: u64, file: &InputFile) -> Result<()> {
        let mut from = if self.bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
        while self.lines.skipped + 1 < header_row {
            let end = self.bytes.iter().skip(from).position(|byte| *byte == b'\n').ok_or_else(|| {
                Error::new(&pages::NO_HEADER, format!("there is no line {header_row} to name the columns"))
                    .at(&file.path)
                    .help("correct header_row in looplens.toml: it counts lines, 1 the first")
            })?;
            from += end + 1;
            self.lines.skipped += 1;
        }
        self.bytes.drain(..from);
        Ok(())
    }

    /// The delimiter, and the first rows by it. A file called CSV may have semicolons or tabs, as spreadsheets
    /// write it where the comma marks decimals; what names columns decides. Where no column is wanted by name,
    /// a first row of one cell decides.
    fn table(&self, delimiter: u8, wanted: Wanted<'_>) -> (u8, Vec<(Place, Vec<String>)>) {
        let usual = self.first_rows(delimiter);
        let speaks = |rows: &[(Place, Vec<String>)]| match wanted.import.columns {
            [] => rows.first().is_some_and(|(_, names)| names.len() > 1),
            _ => rows.iter().any(|(_, own)| wanted.known(own) > 0),
        };
        if delimiter == b',' && !speaks(&usual) {
            for other in [b';', b'\t'] {
                let rows = self.first_rows(other);
                if speaks(&rows) {
                    return (other, rows);
                }
            }
        }
        (delimiter, usual)
    }

    fn first_rows(&self, delimiter: u8) -> Vec<(Place, Vec<String>)> {
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(self.bytes.as_slice());
        let mut record = csv::ByteRecord::new();
        let mut first = Vec::new();
        while first.len() < FIRST_ROWS && matches!(rows.read_byte_record(&mut record), Ok(true)) {
            if !is_blank(&record) {
                let names = record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
                first.push((Place::Line(self.lines.of(&record, rows.position())), names));
            }
        }
        first
    }

    /// The file from the header on.
    fn whole(self) -> impl Read {
        Cursor::new(self.bytes).chain(Failure(self.failed)).chain(self.rest)
    }
}

fn is_blank(record: &csv::ByteRecord) -> bool {
    record.as_slice().trim_ascii().is_empty()
}

/// Fails once, where reading failed when the head was read.
struct Failure(Option<std::io::Error>);

impl Read for Failure {
    fn read(&mut self, _out: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// How lines are counted.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// Lines above the header.
    skipped: u64,
    /// Whether lines end in CR LF, of which the reader leaves the LF to the next record.
    end_in_cr_lf: bool,
}

impl Lines {
    /// The line a record starts on, as an editor counts it.
    fn of(self, record: &csv::ByteRecord, after: &csv::Position) -> u64 {
        let began = record.position().map_or(0, csv::Position::line);
        let late = u64::from(self.end_in_cr_lf && record.position().is_some_and(|position| position.byte() > 0));
        // A record on one line needs no counting; others have line ends within, or blank lines before them.
        let line = match after.line().saturating_sub(began) {
            0 | 1 => began + late,
            _ => {
                let within = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
                after.line().saturating_sub(within + u64::from(!self.end_in_cr_lf)).max(began + late)
            }
        };
        self.skipped + line
    }
}

/// Remembers the last byte that is no line end.
struct Watched<R> {
    inner: R,
    end: Rc<Cell<u8>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(out)?;
        let read = out.get(..n).unwrap_or_default();
        if let Some(last) = read.iter().rfind(|byte| !matches!(byte, b'\n' | b'\r')) {
            self.end.set(*last);
        }
        Ok(n)
    }
}

fn open_quote(file: &InputFile, place: Place) -> Error {
    Error::new(&pages::OPEN_QUOTE, "a quote is not closed, so that the rows after it run into one cell")
        .place(format!("{}:{place}", file.path.display()))
        .help("close the quote, or double a quote inside a cell (\"\"); nothing was committed")
}

fn broken(file: &InputFile, line: u64, error: &dyn fmt::Display) -> Error {
    Error::new(&pages::DAMAGED_FILE, format!("the file breaks off or is damaged: {error}"))
        .place(format!("{}:line {line}", file.path.display()))
        .help("export it again; nothing was committed")
}
