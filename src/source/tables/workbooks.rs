//! The workbooks of an export: each sheet is a table of its own, with an account of its own.

use super::cells::{Book, sheet};
use super::rows::Reader;
use super::{CONTRACT, Import, SOURCE, import_of};
use crate::config::Config;
use crate::error::Result;
use crate::report::number::harmless;
use crate::source::Sink;
use crate::source::files::{Export, InputFile, Layout, stem_of_sheet};

/// The workbooks of an export, with what each of their sheets holds. The last one used stays open.
pub(super) struct Workbooks<'e> {
    shelf: Vec<Listed<'e>>,
    open: Option<(usize, Book)>,
}

struct Listed<'e> {
    file: &'e InputFile,
    sheets: Vec<Sheet>,
    print: String,
}

struct Sheet {
    name: String,
    /// The table it holds.
    import: Option<&'static Import>,
    /// The sheet as a file of its own, for its account and for messages.
    file: InputFile,
    /// Whether it has cells at all, unlike a chart.
    is_table: bool,
    holds_any: bool,
}

impl<'e> Workbooks<'e> {
    /// Opens every workbook for what its sheets are called.
    pub(super) fn open(export: &'e Export) -> Result<Self> {
        let mut workbooks = Self { shelf: Vec::new(), open: None };
        for file in export.files.iter().filter(|file| file.layout == Layout::Workbook) {
            let mut book = Book::open(file)?;
            let sheets = sheets_of(&mut book, file)?;
            workbooks.shelf.push(Listed { file, sheets, print: book.print.clone() });
            workbooks.open = Some((workbooks.shelf.len() - 1, book));
        }
        Ok(workbooks)
    }

    /// Reads every sheet that holds a table.
    pub(super) fn read(
        &mut self,
        import: &'static Import,
        config: &Config,
        sink: &mut dyn Sink,
        reader: &mut Reader<'_>,
    ) -> Result<()> {
        for (at, listed) in self.shelf.iter().enumerate() {
            for held in listed.sheets.iter().filter(|held| held.import.is_some_and(|own| own.name == import.name)) {
                let book = match &mut self.open {
                    Some((open, book)) if *open == at => book,
                    other => &mut other.insert((at, Book::open(listed.file)?)).1,
                };
                let id = sink.open(SOURCE.id, &held.file, import.name);
                reader.begin(id);
                sheet(book, &held.name, &held.file, id, config, import, sink, reader)?;
                reader.finish(sink)?;
                sink.advance(held.file.bytes);
            }
        }
        Ok(())
    }

    /// Opens the accounts of the sheets that hold no table.
    pub(super) fn leave(self, sink: &mut dyn Sink) -> Result<()> {
        let tables: Vec<&str> = CONTRACT.iter().map(|import| import.name).collect();
        for listed in &self.shelf {
            for held in listed.sheets.iter().filter(|held| held.import.is_none()) {
                let id = sink.open(SOURCE.id, &held.file, "not read");
                sink.ledger().file(id).blake3.clone_from(&listed.print);
                let remark = match held.holds_any || !held.is_table {
                    true => {
                        format!("not a table of the import contract, so not read (name a sheet {})", tables.join(", "))
                    }
                    false => "the sheet is empty".to_owned(),
                };
                sink.ledger().remark(id, remark);
            }
        }
        Ok(())
    }
}

/// The sheets of a workbook. Where only one holds anything, the workbook may carry the table's name for it.
fn sheets_of(book: &mut Book, file: &InputFile) -> Result<Vec<Sheet>> {
    let names = book.sheets();
    let share = file.bytes / names.len().max(1) as u64;
    let mut sheets = Vec::new();
    for (name, is_table) in names {
        let shown = harmless(&name);
        let stem = stem_of_sheet(&name);
        let mut path = file.path.clone().into_os_string();
        path.push(format!("#{shown}"));
        sheets.push(Sheet {
            is_table,
            holds_any: is_table && book.holds_any(&name, file)?,
            import: import_of(&stem).filter(|_| is_table),
            file: InputFile {
                path: path.into(),
                relative: format!("{}#{shown}", file.relative),
                stem,
                layout: Layout::Workbook,
                bytes: share,
            },
            name,
        });
    }
    let mut filled = sheets.iter_mut().filter(|sheet| sheet.holds_any);
    if let (Some(only), None) = (filled.next(), filled.next())
        && only.import.is_none()
    {
        only.import = import_of(&file.stem);
    }
    Ok(sheets)
}

/// The tables that a workbook holds, and how strongly it speaks for this source.
pub(super) fn signs(file: &InputFile, export: &Export) -> (Vec<&'static str>, u32) {
    let sheets = Book::open(file).and_then(|mut book| sheets_of(&mut book, file));
    match sheets {
        Ok(sheets) => {
            let tables: Vec<&str> = sheets.iter().filter_map(|sheet| Some(sheet.import?.name)).collect();
            let strength = 3 * tables.len() as u32;
            (tables, strength)
        }
        // No other source reads workbooks, so where one that cannot be opened matters, reading it says why.
        Err(_) => {
            let alone = export.files.iter().all(|other| other.layout == Layout::Workbook);
            (Vec::new(), u32::from(alone || import_of(&file.stem).is_some()))
        }
    }
}
