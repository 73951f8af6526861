//! Workbooks: Excel's and LibreOffice's. Cells are taken as the text that the same table would have as CSV.

use std::io::{Cursor, Read};

use calamine::{Data, DataType, ExcelDateTime, Ods, OdsError, Range, Reader as _, Xls, XlsError, Xlsx, XlsxError};

use crate::error::{Error, Result, pages};
use crate::source::Sink;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place};
use crate::source::tables::Take;
use crate::source::tables::columns::{Columns, FIRST_ROWS, Wanted, of_rows};
use crate::source::tables::numbers::Numbers;

/// The largest workbook that is read; what is larger was not kept by hand, and has better formats.
const LARGEST: u64 = 512 << 20;

/// An open workbook.
pub(in crate::source::tables) struct Book {
    kind: Kind,
    /// The hash of the file.
    pub(in crate::source::tables) print: String,
}

enum Kind {
    Xlsx(Box<Xlsx<Cursor<Vec<u8>>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Ods(Box<Ods<Cursor<Vec<u8>>>>),
}

/// Takes a row by its number and cells; `false` ends the reading.
type TakeRow<'t> = dyn FnMut(u64, &[String]) -> Result<bool> + 't;

impl Book {
    /// Opens a workbook by what it holds: people and programs give it the wrong extension.
    pub(in crate::source::tables) fn open(file: &InputFile) -> Result<Self> {
        let (reader, print) = file.open()?;
        let mut bytes = Vec::new();
        reader.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| damaged(file, &e))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::new(&pages::WORKBOOK, "the workbook is larger than 512 MB")
                .at(&file.path)
                .help("save its sheets as .csv files, named after the tables they hold"));
        }
        let print = print.hex();
        let is_open_document = file.relative.to_lowercase().contains(".ods");
        let (is_zip, is_binary) = (bytes.starts_with(b"PK\x03\x04"), bytes.starts_with(b"\xd0\xcf\x11\xe0"));
        let bytes = Cursor::new(bytes);
        let kind = if is_zip && is_open_document {
            Ods::new(bytes).map(|book| Kind::Ods(Box::new(book))).map_err(|e| match e {
                OdsError::Password => locked(file),
                e => damaged(file, &e),
            })?
        } else if is_zip {
            Xlsx::new(bytes).map(|book| Kind::Xlsx(Box::new(book))).map_err(|e| damaged(file, &e))?
        } else if is_binary {
            // A workbook with a password is an encrypted package inside the container of the older format.
            if matches!(Xlsx::new(bytes.clone()), Err(XlsxError::Password)) {
                return Err(locked(file));
            }
            Xls::new(bytes).map(|book| Kind::Xls(Box::new(book))).map_err(|e| match e {
                XlsError::Password => locked(file),
                e => damaged(file, &e),
            })?
        } else {
            return Err(Error::new(&pages::WORKBOOK, "the file is no workbook, although it is called one")
                .at(&file.path)
                .help("if it is text, call it .csv; otherwise open it in a spreadsheet and save it as .xlsx"));
        };
        Ok(Self { kind, print })
    }

    /// The sheets in their order, with whether each can hold a table.
    pub(in crate::source::tables) fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = match &self.kind {
            Kind::Xlsx(book) => book.sheets_metadata(),
            Kind::Xls(book) => book.sheets_metadata(),
            Kind::Ods(book) => book.sheets_metadata(),
        };
        let is_table = |sheet: &calamine::Sheet| sheet.typ == calamine::SheetType::WorkSheet;
        sheets.iter().map(|sheet| (sheet.name.clone(), is_table(sheet))).collect()
    }

    /// Whether a sheet holds anything.
    pub(in crate::source::tables) fn holds_any(&mut self, name: &str, file: &InputFile) -> Result<bool> {
        let mut any = false;
        self.each_row(name, Numbers(crate::config::Decimal::Point), file, &mut |_, _| {
            any = true;
            Ok(false)
        })?;
        Ok(any)
    }

    /// The names of a sheet's columns; nothing where it has none.
    pub(in crate::source::tables) fn names(
        &mut self,
        name: &str,
        file: &InputFile,
        wanted: Wanted<'_>,
    ) -> Option<Vec<String>> {
        let mut names = None;
        let found = self.each_row(name, wanted.numbers, file, &mut |number, cells| {
            let is_above = wanted.header_row.is_some_and(|row| number < row);
            if !is_above {
                names = Some(cells.to_vec());
            }
            Ok(is_above)
        });
        found.ok().and(names)
    }

    /// Hands over the rows of a sheet that hold anything.
    fn each_row(&mut self, name: &str, numbers: Numbers, file: &InputFile, take: &mut TakeRow<'_>) -> Result<()> {
        match &mut self.kind {
            Kind::Xlsx(book) => {
                // Cell by cell: a sheet whose one stray cell stands in the last corner is not laid out in memory.
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| damaged(file, &e))?;
                let mut row = Row::default();
                while let Some(cell) = cells.next_cell().map_err(|e| damaged(file, &e))? {
                    let (at, column) = cell.get_position();
                    if u64::from(at) + 1 != row.number && !row.hand_over(u64::from(at) + 1, take)? {
                        return Ok(());
                    }
                    row.put(column as usize, text_of(cell.get_value(), numbers));
                }
                row.hand_over(0, take).map(|_| ())
            }
            Kind::Xls(book) => ranged(&book.worksheet_range(name).map_err(|e| damaged(file, &e))?, numbers, take),
            Kind::Ods(book) => ranged(&book.worksheet_range(name).map_err(|e| damaged(file, &e))?, numbers, take),
        }
    }
}

/// The row that cells are gathered into.
#[derive(Default)]
struct Row {
    number: u64,
    cells: Vec<String>,
}

impl Row {
    fn put(&mut self, column: usize, text: String) {
        if text.trim().is_empty() {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
    }

    /// Hands over what was gathered, if anything, and begins the next row.
    fn hand_over(&mut self, next: u64, take: &mut TakeRow<'_>) -> Result<bool> {
        let goes_on = self.cells.is_empty() || take(self.number, &self.cells)?;
        self.cells.clear();
        self.number = next;
        Ok(goes_on)
    }
}

fn ranged(range: &Range<Data>, numbers: Numbers, take: &mut TakeRow<'_>) -> Result<()> {
    let (top, left) = range.start().unwrap_or_default();
    let mut row = Row::default();
    for (number, cells) in (u64::from(top) + 1..).zip(range.rows()) {
        if !row.hand_over(number, take)? {
            return Ok(());
        }
        for (column, cell) in (left as usize..).zip(cells) {
            row.put(column, text_of(cell, numbers));
        }
    }
    row.hand_over(0, take).map(|_| ())
}

fn text_of(cell: &impl DataType, numbers: Numbers) -> String {
    if let Some(text) = cell.get_string().or_else(|| cell.get_datetime_iso()).or_else(|| cell.get_duration_iso()) {
        text.to_owned()
    } else if let Some(value) = cell.get_float() {
        numbers.write(value)
    } else if let Some(value) = cell.get_int() {
        value.to_string()
    } else if let Some(value) = cell.get_bool() {
        value.to_string()
    } else if let Some(value) = cell.get_datetime() {
        time_of(value)
    } else {
        cell.get_error().map(ToString::to_string).unwrap_or_default()
    }
}

/// A date is a whole number of days; a time of day alone has no date, and a duration is neither.
fn time_of(value: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    if value.is_duration() || value.as_f64() < 1.0 {
        let seconds = (value.as_f64() * 86_400.0).round() as i64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

fn locked(file: &InputFile) -> Error {
    Error::new(&pages::WORKBOOK_LOCKED, "the workbook is protected by a password")
        .at(&file.path)
        .help("open it in a spreadsheet, take the password away, and save it")
}

fn damaged(file: &InputFile, error: &dyn std::fmt::Display) -> Error {
    Error::new(&pages::WORKBOOK, format!("the workbook is damaged: {error}"))
        .at(&file.path)
        .help("open it in a spreadsheet and save it again, or export it again; nothing was committed")
}

/// Reads a sheet; `file` stands for it.
#[allow(clippy::too_many_arguments, reason = "the same as the other layouts, and which sheet of which book")]
pub(in crate::source::tables) fn sheet(
    book: &mut Book,
    name: &str,
    file: &InputFile,
    id: FileId,
    wanted: Wanted<'_>,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let mut sheet = Sheet { file, id, wanted, first: Vec::new(), columns: None, width: 0, beyond: 0 };
    book.each_row(name, wanted.numbers, file, &mut |number, cells| {
        if wanted.header_row.is_none_or(|row| number >= row) {
            sheet.row(number, cells, sink, take)?;
        }
        Ok(true)
    })?;
    sheet.end(sink, take)?;
    sink.ledger().file(id).blake3.clone_from(&book.print);
    Ok(())
}

/// A sheet that is being read: the first rows wait until they have been looked at for the header.
struct Sheet<'s> {
    file: &'s InputFile,
    id: FileId,
    wanted: Wanted<'s>,
    first: Vec<(Place, Vec<String>)>,
    columns: Option<Columns<'s>>,
    width: usize,
    /// Cells to the right of the header.
    beyond: u64,
}

impl Sheet<'_> {
    fn row(&mut self, number: u64, cells: &[String], sink: &mut dyn Sink, take: &mut dyn Take) -> Result<()> {
        let place = Place::SheetRow(number);
        if self.columns.is_none() {
            self.first.push((place, cells.to_vec()));
            return if self.first.len() < FIRST_ROWS { Ok(()) } else { self.settle(sink, take) };
        }
        self.record(place, cells, sink, take)
    }

    fn record(&mut self, place: Place, cells: &[String], sink: &mut dyn Sink, take: &mut dyn Take) -> Result<()> {
        let Some(columns) = &mut self.columns else { return Ok(()) };
        self.beyond += cells.iter().skip(self.width).filter(|cell| !cell.is_empty()).count() as u64;
        // A remark beside the table is no record.
        if cells.iter().take(self.width).all(String::is_empty) {
            return Ok(());
        }
        columns.hand_over(take, sink, place, |at| cells.get(at).map(String::as_str))
    }

    /// Finds the header, and reads the rows that waited for it.
    fn settle(&mut self, sink: &mut dyn Sink, take: &mut dyn Take) -> Result<()> {
        let columns = of_rows(&self.first, self.wanted, self.file)?;
        columns.tell(sink, self.id);
        self.columns = Some(columns);
        let mut waiting = std::mem::take(&mut self.first).into_iter();
        self.width = waiting.next().map_or(0, |(_, names)| names.len());
        waiting.try_for_each(|(place, cells)| self.record(place, &cells, sink, take))
    }

    fn end(&mut self, sink: &mut dyn Sink, take: &mut dyn Take) -> Result<()> {
        if self.columns.is_none() && !self.first.is_empty() {
            self.settle(sink, take)?;
        }
        match &self.columns {
            Some(columns) => columns.close(sink, self.id),
            None => sink.ledger().remark(self.id, "the sheet holds no rows where its table should begin"),
        }
        if self.beyond > 0 {
            let text = format!("cells to the right of the last named column, not read: {}", self.beyond);
            sink.ledger().remark(self.id, text);
        }
        Ok(())
    }
}
