//! A dry read: what a source delivers is counted, and nothing is written anywhere.

use arrow::array::RecordBatch;

use super::observe::{Observed, WATCHED};
use crate::config::Config;
use crate::dataset::columns::{Builder, schema};
use crate::dataset::privacy::Shield;
use crate::dataset::schema;
use crate::dataset::spool::BATCH;
use crate::error::{Error, Kind, Result};
use crate::progress::{Progress, Unit};
use crate::source::files::Export;
use crate::source::ledger::{FileId, Ledger};
use crate::source::{Row, Sink, Source};

/// What a dry read saw.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) observed: Vec<Observed>,
    pub(super) ledger: Ledger,
    /// What ended reading before the export's end.
    pub(super) stopped: Option<Error>,
}

/// Rows of one table on their way to be observed, in the form the dataset has them.
struct Gathering {
    columns: Vec<Builder>,
    rows: usize,
    observed: Observed,
}

struct DryRun<'p> {
    ledger: Ledger,
    shield: Shield,
    tables: Vec<Gathering>,
    progress: &'p dyn Progress,
}

/// Reads an export. Input that cannot be read ends the reading and not the examination.
pub(super) fn read(export: &Export, source: &Source, config: &Config, progress: &dyn Progress) -> Result<Read> {
    progress.phase("reading", Some(export.files.iter().map(|file| file.bytes).sum()), Unit::Bytes);
    let gathering = |watch| Ok(Gathering { columns: Vec::new(), rows: 0, observed: Observed::new(watch)? });
    let mut sink = DryRun {
        ledger: Ledger::default(),
        // The pseudonyms are the same person's here, which is all that counting asks, and go nowhere.
        shield: Shield::new([0; 32], config.privacy.application_ids, false),
        tables: WATCHED.iter().map(gathering).collect::<Result<_>>()?,
        progress,
    };
    let stopped = match (source.read)(export, config, &mut sink) {
        Ok(()) => None,
        Err(error) if error.kind() == Kind::Input => Some(error),
        Err(error) => return Err(error),
    };
    let mut observed = Vec::new();
    for mut table in sink.tables {
        table.hand_over()?;
        table.observed.settle();
        observed.push(table.observed);
    }
    Ok(Read { observed, ledger: sink.ledger, stopped })
}

impl Gathering {
    fn hand_over(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Builder::finish).collect();
        self.observed.take(&RecordBatch::try_new(schema(self.observed.watch.table), columns)?)
    }
}

impl DryRun<'_> {
    fn take<R: schema::Row>(&mut self, mut row: R) -> Result<()> {
        row.shield(&mut self.shield);
        let Some(table) = self.tables.iter_mut().find(|one| one.observed.watch.table.name == R::TABLE.name) else {
            return Ok(());
        };
        if table.columns.is_empty() {
            table.columns = R::TABLE.columns.iter().map(|column| Builder::new(column.ty)).collect();
        }
        row.append(&mut table.columns);
        table.rows += 1;
        if table.rows >= BATCH { table.hand_over() } else { Ok(()) }
    }
}

impl Sink for DryRun<'_> {
    fn deliver(&mut self, _file: FileId, row: Row, _counted: bool) -> Result<()> {
        match row {
            Row::Application(row) => self.take(*row),
            Row::Decision(row) => self.take(row),
            Row::Interview(row) => self.take(*row),
            Row::PanelMember(row) => self.take(row),
            Row::Scorecard(row) => self.take(*row),
            Row::Score(row) => self.take(row),
            Row::ScoreRevision(row) => self.take(row),
            Row::Event(row) => self.take(row),
            Row::Outcome(row) => self.take(row),
        }
    }

    fn name(&mut self, _person_id: &str, _name: &str) {}

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn advance(&mut self, bytes: u64) {
        self.progress.advance(bytes);
    }
}
