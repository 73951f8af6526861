//! The first rows of a table whatever its columns are, for finding out what it holds.

use super::super::Sink;
use super::super::files::InputFile;
use super::super::ledger::{Ledger, Place};
use super::cells::{Cells, MOST_COLUMNS};
use super::extract::{Unheard, cells};
use super::header::header;
use super::{SOURCE, Take};
use crate::config::Config;
use crate::error::{Error, Result};

/// The beginning of a table.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// The names of its columns; of a very wide one the first.
    pub columns: Vec<String>,
    /// Its first rows, a cell for each column.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Reads up to `most` rows of a file; nothing where it is no table.
pub fn sample(file: &InputFile, most: usize) -> Option<Sample> {
    let mut columns = header(file)?;
    columns.retain(|name| !name.is_empty());
    columns.truncate(MOST_COLUMNS);
    let mut taken = Taken { most, sample: Sample { columns, rows: Vec::new() } };
    let mut unheard = Unheard(Ledger::default());
    let id = unheard.0.open(SOURCE.id, file, "sample");
    let columns = taken.sample.columns.clone();
    // Stopping is an error on purpose; a file that breaks off was read as far as it goes.
    let _ = cells(file, id, &Config::default(), &columns, &mut unheard, &mut taken);
    Some(taken.sample)
}

struct Taken {
    most: usize,
    sample: Sample,
}

impl Take for Taken {
    fn take(&mut self, _sink: &mut dyn Sink, _place: Place, cells: &Cells<'_>) -> Result<()> {
        let row = cells.iter().take(self.sample.columns.len()).map(|cell| cell.map(str::to_owned));
        self.sample.rows.push(row.collect());
        if self.sample.rows.len() < self.most { Ok(()) } else { Err(Error::input("seen enough")) }
    }
}
