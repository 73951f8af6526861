//! The tables of an export: its files, and the sheets of its workbooks, each of which is a table of its own with
//! an account of its own.

use super::cells::workbook::Book;
use super::cells::{delimited, objects, parquet, workbook};
use super::columns::Wanted;
use super::{SOURCE, Take};
use crate::error::{Error, Result, pages};
use crate::report::number::harmless;
use crate::source::files::{Export, InputFile, Layout, plain_name};
use crate::source::ledger::FileId;
use crate::source::{Sink, json};

/// One table of an export.
pub(super) struct Table {
    /// Its file; a sheet as a file of its own, for its account and for messages.
    pub(super) file: InputFile,
    /// Which sheet of which workbook it is.
    sheet: Option<Sheet>,
}

struct Sheet {
    book: InputFile,
    name: String,
    /// The hash of the workbook.
    print: String,
    /// Whether it has cells at all, unlike a chart.
    is_table: bool,
    holds_any: bool,
}

impl Table {
    /// Whether it can hold a table, as a chart cannot.
    pub(super) fn is_table(&self) -> bool {
        self.sheet.as_ref().is_none_or(|sheet| sheet.is_table)
    }

    /// Opens the account of a table that is not read, with why.
    pub(super) fn leave(&self, sink: &mut dyn Sink, why: &str) {
        let id = sink.open(SOURCE.id, &self.file, "not read");
        let mut remark = why;
        if let Some(sheet) = &self.sheet {
            sink.ledger().file(id).blake3.clone_from(&sheet.print);
            if sheet.is_table && !sheet.holds_any {
                remark = "the sheet is empty";
            }
        }
        sink.ledger().remark(id, remark);
    }
}

/// Opens tables. The last workbook stays open, since its sheets mostly follow each other.
#[derive(Default)]
pub(super) struct Desk(Option<(String, Book)>);

impl Desk {
    /// The tables of an export. Where only one sheet of a workbook holds anything, and its name is not known, the
    /// workbook's name stands for it.
    pub(super) fn tables(&mut self, export: &Export, is_known: &dyn Fn(&str) -> bool) -> Result<Vec<Table>> {
        let mut tables = Vec::new();
        for file in &export.files {
            tables.extend(self.tables_of(file, is_known)?);
        }
        Ok(tables)
    }

    /// The tables of one file.
    pub(super) fn tables_of(&mut self, file: &InputFile, is_known: &dyn Fn(&str) -> bool) -> Result<Vec<Table>> {
        if file.layout != Layout::Workbook {
            return Ok(vec![Table { file: file.clone(), sheet: None }]);
        }
        let book = self.open(file)?;
        let names = book.sheets();
        let share = file.bytes / names.len().max(1) as u64;
        let mut filled = 0;
        let mut tables = Vec::new();
        for (name, is_table) in names {
            let shown = harmless(&name);
            let mut path = file.path.clone().into_os_string();
            path.push(format!("#{shown}"));
            let holds_any = is_table && book.holds_any(&name, file)?;
            filled += usize::from(holds_any);
            tables.push(Table {
                file: InputFile {
                    path: path.into(),
                    relative: format!("{}#{shown}", file.relative),
                    stem: plain_name(name.trim()),
                    layout: Layout::Workbook,
                    bytes: share,
                },
                sheet: Some(Sheet { book: file.clone(), name, print: book.print.clone(), is_table, holds_any }),
            });
        }
        let is_only = |table: &&mut Table| filled == 1 && table.sheet.as_ref().is_some_and(|sheet| sheet.holds_any);
        if let Some(only) = tables.iter_mut().find(is_only).filter(|only| !is_known(&only.file.stem)) {
            only.file.stem.clone_from(&file.stem);
        }
        Ok(tables)
    }

    fn open(&mut self, file: &InputFile) -> Result<&mut Book> {
        let held = self.0.take().filter(|(open, _)| *open == file.relative);
        let book = match held {
            Some((_, book)) => book,
            None => Book::open(file)?,
        };
        Ok(&mut self.0.insert((file.relative.clone(), book)).1)
    }

    /// Hands over the rows of a table.
    pub(super) fn read(
        &mut self,
        table: &Table,
        id: FileId,
        wanted: Wanted<'_>,
        sink: &mut dyn Sink,
        take: &mut dyn Take,
    ) -> Result<()> {
        let file = &table.file;
        match (&table.sheet, file.layout) {
            (Some(sheet), _) => {
                workbook::sheet(self.open(&sheet.book)?, &sheet.name, file, id, wanted, sink, take)?;
                sink.advance(file.bytes);
                Ok(())
            }
            (None, Layout::Delimited(delimiter)) => delimited::delimited(file, delimiter, id, wanted, sink, take),
            (None, Layout::Parquet) => parquet::parquet(file, id, wanted, sink, take),
            (None, Layout::Json) => objects::objects(file, id, wanted, sink, take),
            (None, Layout::Workbook) => Err(Error::new(&pages::WORKBOOK, "the workbook cannot be read").at(&file.path)),
        }
    }

    /// The names of a table's columns, or the keys of a JSON file's first record, without reading the table;
    /// nothing where it cannot be read.
    pub(super) fn header(&mut self, table: &Table, wanted: Wanted<'_>) -> Option<Vec<String>> {
        let file = &table.file;
        let names = match (&table.sheet, file.layout) {
            (Some(sheet), _) => self.open(&sheet.book).ok()?.names(&sheet.name, file, wanted)?,
            (None, Layout::Delimited(delimiter)) => delimited::names(file, delimiter, wanted)?,
            (None, Layout::Parquet) => parquet::names(file)?,
            (None, Layout::Json) => json::first_record(file)?.into_iter().map(|(key, _)| key).collect(),
            (None, Layout::Workbook) => return None,
        };
        Some(names.into_iter().map(|name| name.trim().to_owned()).collect())
    }
}

/// A workbook that cannot be opened, as a table without rows.
pub(super) fn unopened(file: &InputFile) -> Table {
    Table { file: file.clone(), sheet: None }
}
