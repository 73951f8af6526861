//! The first rows of each table of an export whatever its columns are, for finding out what it holds.

use super::cells::{Cells, MOST_COLUMNS};
use super::columns::Wanted;
use super::extract::Unheard;
use super::workbooks::{Desk, Table, unopened};
use super::{ANYTHING, Import, SOURCE, Take, import_of};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::source::Sink;
use crate::source::files::{Export, InputFile};
use crate::source::ledger::{Ledger, Place};

/// The beginning of a table.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// The names of its columns; of a very wide one the first.
    pub columns: Vec<String>,
    /// Whether several columns have one name; those are left out.
    pub repeats_names: bool,
    /// Its first rows, a cell for each column.
    pub rows: Vec<Vec<Option<String>>>,
}

/// The tables of an export, to be looked into.
pub struct Samples {
    desk: Desk,
    tables: Vec<Table>,
}

impl Samples {
    /// Lists the tables of some files: each sheet of a workbook is one.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f InputFile>) -> Self {
        let mut desk = Desk::default();
        let mut tables = Vec::new();
        for file in files {
            match desk.tables_of(file, &|stem| import_of(stem).is_some()) {
                Ok(found) => tables.extend(found.into_iter().filter(Table::is_table)),
                Err(_) => tables.push(unopened(file)),
            }
        }
        Self { desk, tables }
    }

    /// The tables as files: a sheet is one of its own.
    pub fn files(&self) -> Vec<InputFile> {
        self.tables.iter().map(|table| table.file.clone()).collect()
    }

    /// Reads up to `most` rows of the table at a place of that list; nothing where it is none.
    pub fn look(&mut self, at: usize, most: usize) -> Option<Sample> {
        let table = self.tables.get(at)?;
        let config = Config::default();
        let own = self.desk.header(table, Wanted::of_extract(&ANYTHING, None, &config))?;
        // Of two columns of one name it could not be said which is meant.
        let is_one = |name: &&String| !name.is_empty() && own.iter().filter(|other| other == name).count() == 1;
        let repeats_names = own.iter().any(|name| !name.is_empty() && !is_one(&name));
        let columns: Vec<String> = own.iter().filter(is_one).take(MOST_COLUMNS).cloned().collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let import = Import { name: "", columns: &names, required: 0 };
        let wanted = Wanted::of_extract(&import, None, &config);
        let mut taken = Taken { most, sample: Sample { columns: columns.clone(), repeats_names, rows: Vec::new() } };
        let mut unheard = Unheard(Ledger::default());
        let id = unheard.0.open(SOURCE.id, &table.file, "sample");
        // Stopping is an error on purpose; a file that breaks off was read as far as it goes.
        let _ = self.desk.read(table, id, wanted, &mut unheard, &mut taken);
        Some(taken.sample)
    }
}

/// The stems of the tables that are sought, each with the names of its columns.
pub(super) fn headers(export: &Export, is_sought: &dyn Fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
    let mut samples = Samples::of(&export.files);
    let config = Config::default();
    let wanted = Wanted::of_extract(&ANYTHING, None, &config);
    let Samples { desk, tables } = &mut samples;
    let header = |table: &Table| Some((table.file.stem.clone(), desk.header(table, wanted)?));
    tables.iter().filter(|table| is_sought(&table.file.stem)).filter_map(header).collect()
}

struct Taken {
    most: usize,
    sample: Sample,
}

impl Take for Taken {
    fn take(&mut self, _sink: &mut dyn Sink, _place: Place, cells: &Cells<'_>) -> Result<()> {
        let row = cells.iter().take(self.sample.columns.len()).map(|cell| cell.map(str::to_owned));
        self.sample.rows.push(row.collect());
        if self.sample.rows.len() < self.most { Ok(()) } else { Err(Error::enough()) }
    }
}
