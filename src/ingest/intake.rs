//! The receiving end of a source: shields rows, routes them, and counts.
//!
//! Reading and spooling run on two threads: the source parses and its rows become Arrow columns on the thread
//! that made them, so that their texts never change hands; the other thread sorts and writes whole batches.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::dataset::index::{Index, hash};
use crate::dataset::privacy::Shield;
use crate::dataset::schema::{self, Row as _};
use crate::dataset::spool::{Desk, Full, Spools, origin};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::source::ledger::{FileId, Ledger};
use crate::source::{Row, Sink};
use crate::time::Instant;

/// Batches that may wait for the spooling thread.
const WAITING: usize = 8;

/// Takes what a source reads.
pub struct Intake<'p> {
    ledger: Ledger,
    index: Index,
    shield: Shield,
    desk: Desk,
    latest: Option<Instant>,
    names: BTreeMap<String, String>,
    send: SyncSender<Full>,
    worker: JoinHandle<Result<Spools>>,
    progress: &'p dyn Progress,
}

/// What was spooled, once a source has read everything.
pub struct Spooled {
    /// The rows.
    pub spools: Spools,
    /// Where applications belong.
    pub index: Index,
    /// The latest instant at which anything is known to have happened.
    pub latest: Option<Instant>,
    /// Interviewers' names by pseudonym.
    pub names: BTreeMap<String, String>,
}

impl<'p> Intake<'p> {
    /// Starts the spooling thread.
    pub fn start(mut spools: Spools, index: Index, shield: Shield, progress: &'p dyn Progress) -> Self {
        let (send, receive) = sync_channel(WAITING);
        let worker = std::thread::spawn(move || {
            while let Ok(full) = receive.recv() {
                spools.push(full)?;
            }
            Ok(spools)
        });
        Self {
            ledger: Ledger::default(),
            index,
            shield,
            desk: Desk::default(),
            latest: None,
            names: BTreeMap::new(),
            send,
            worker,
            progress,
        }
    }

    /// Waits for everything to be spooled.
    pub fn finish(mut self) -> Result<(Ledger, Spooled)> {
        let sent = std::mem::take(&mut self.desk).rest()?.into_iter().try_for_each(|full| self.spool(full));
        drop(self.send);
        let spools = self.worker.join().map_err(|_| Error::environment("the spooling thread stopped"))??;
        sent?;
        Ok((self.ledger, Spooled { spools, index: self.index, latest: self.latest, names: self.names }))
    }

    fn spool(&self, full: Full) -> Result<()> {
        // A closed channel means that the worker failed; `finish` and `failed` tell why.
        self.send.send(full).map_err(|_| Error::environment("the spooling thread stopped"))
    }

    /// Gives the worker's own error where it has one, since that is the cause.
    pub fn failed(self, error: Error) -> Error {
        drop(self.send);
        match self.worker.join() {
            Ok(Err(cause)) => cause,
            _ => error,
        }
    }
}

impl Sink for Intake<'_> {
    fn deliver(&mut self, file: FileId, row: Row, counted: bool) -> Result<()> {
        self.take(origin(file.0, counted), row)
    }

    fn name(&mut self, person_id: &str, name: &str) {
        let mut id = person_id.to_owned();
        self.shield.person(&mut id);
        self.names.insert(id, name.to_owned());
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn advance(&mut self, bytes: u64) {
        self.progress.advance(bytes);
    }
}

impl Intake<'_> {
    fn take(&mut self, origin: i64, row: Row) -> Result<()> {
        match row {
            Row::Application(mut row) => {
                row.shield(&mut self.shield);
                self.happened([row.applied_at, row.closed_at, row.recorded_at]);
                let opened = self.index.application(hash(row.application_id()), row.applied_at, row.recorded_at);
                let full = self.desk.push(opened, row.as_ref(), origin)?;
                full.map_or(Ok(()), |full| self.spool(full))
            }
            Row::Decision(row) => self.follow(row, origin, |row| [row.decided_at, row.recorded_at, None]),
            // Planned times may lie in the future; only what already happened moves the latest instant.
            Row::Interview(row) => self.follow(*row, origin, |row| {
                let done = row.ends_at.or(row.starts_at).filter(|_| row.status == "done");
                [row.scheduled_at.or(row.availability_at), done, row.recorded_at]
            }),
            Row::PanelMember(row) => self.follow(row, origin, |row| [row.recorded_at, None, None]),
            Row::Scorecard(row) => self.follow(*row, origin, |row| [row.submitted_at, row.updated_at, row.recorded_at]),
            Row::Score(row) => self.follow(row, origin, |row| [row.submitted_at, row.recorded_at, None]),
            Row::ScoreRevision(row) => self.follow(row, origin, |row| [row.seen_at, row.recorded_at, None]),
            // A start date is agreed on beforehand.
            Row::Event(row) => {
                self.follow(row, origin, |row| [row.at.filter(|_| row.event != "started"), row.recorded_at, None])
            }
            Row::Outcome(row) => self.follow(row, origin, |row| [row.at, row.recorded_at, None]),
        }
    }

    fn follow<R: schema::Row>(
        &mut self,
        mut row: R,
        origin: i64,
        instants: fn(&R) -> [Option<Instant>; 3],
    ) -> Result<()> {
        row.shield(&mut self.shield);
        let happened = instants(&row);
        self.happened(happened);
        let first = happened.into_iter().flatten().min();
        let opened = self.index.row(hash(row.application_id()), first);
        let full = self.desk.push(opened, &row, origin)?;
        full.map_or(Ok(()), |full| self.spool(full))
    }

    fn happened(&mut self, instants: [Option<Instant>; 3]) {
        for instant in instants {
            // `None` is before every instant.
            self.latest = self.latest.max(instant);
        }
    }
}
