//! The receiving end of a source: shields rows, routes them, and counts.
//!
//! Reading and spooling run on two threads: the source parses while the other core builds Arrow columns,
//! sorts runs and hashes identifiers.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::dataset::index::{Index, Opened, hash};
use crate::dataset::privacy::Shield;
use crate::dataset::schema::{self, Row as _};
use crate::dataset::spool::{Spools, origin};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::source::ledger::{FileId, Ledger};
use crate::source::{Row, Sink};
use crate::time::Instant;

/// Rows per message between the two threads.
const PARCEL: usize = 1024;
/// Messages that may wait.
const WAITING: usize = 16;

enum Message {
    Rows(Vec<(u32, bool, Row)>),
    Name(String, String),
}

/// Takes what a source reads.
pub struct Intake<'p> {
    ledger: Ledger,
    parcel: Vec<(u32, bool, Row)>,
    send: SyncSender<Message>,
    worker: JoinHandle<Result<Spooled>>,
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
    pub fn start(spools: Spools, index: Index, shield: Shield, progress: &'p dyn Progress) -> Self {
        let (send, receive) = sync_channel(WAITING);
        let worker = std::thread::spawn(move || spool(&receive, spools, index, shield));
        Self { ledger: Ledger::default(), parcel: Vec::with_capacity(PARCEL), send, worker, progress }
    }

    /// Waits for everything to be spooled.
    pub fn finish(mut self) -> Result<(Ledger, Spooled)> {
        let last = self.send_parcel();
        drop(self.send);
        let spooled = self.worker.join().map_err(|_| Error::environment("the spooling thread stopped"))??;
        last?;
        Ok((self.ledger, spooled))
    }

    fn send_parcel(&mut self) -> Result<()> {
        let parcel = std::mem::replace(&mut self.parcel, Vec::with_capacity(PARCEL));
        // A closed channel means that the worker failed; `finish` tells why.
        self.send.send(Message::Rows(parcel)).map_err(|_| Error::environment("the spooling thread stopped"))
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
        self.parcel.push((file.0, counted, row));
        if self.parcel.len() >= PARCEL { self.send_parcel() } else { Ok(()) }
    }

    fn name(&mut self, person_id: &str, name: &str) {
        let _ = self.send.send(Message::Name(person_id.to_owned(), name.to_owned()));
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn advance(&mut self, bytes: u64) {
        self.progress.advance(bytes);
    }
}

fn spool(receive: &Receiver<Message>, spools: Spools, index: Index, shield: Shield) -> Result<Spooled> {
    let mut worker =
        Worker { spooled: Spooled { spools, index, latest: None, names: BTreeMap::new() }, shield };
    while let Ok(message) = receive.recv() {
        match message {
            Message::Rows(rows) => {
                for (file, counted, row) in rows {
                    worker.take(origin(file, counted), row)?;
                }
            }
            Message::Name(mut id, name) => {
                worker.shield.person(&mut id);
                worker.spooled.names.insert(id, name);
            }
        }
    }
    Ok(worker.spooled)
}

struct Worker {
    spooled: Spooled,
    shield: Shield,
}

impl Worker {
    fn take(&mut self, origin: i64, row: Row) -> Result<()> {
        match row {
            Row::Application(mut row) => {
                row.shield(&mut self.shield);
                self.happened([row.applied_at, row.closed_at, row.recorded_at]);
                let opened = self.spooled.index.application(
                    hash(row.application_id()),
                    row.applied_at,
                    row.recorded_at,
                );
                self.spooled.spools.push(opened, row.as_ref(), origin)
            }
            Row::Decision(row) => self.follow(row, origin, |row| [row.decided_at, row.recorded_at, None]),
            // Planned times may lie in the future; only what already happened moves the latest instant.
            Row::Interview(row) => self.follow(*row, origin, |row| {
                let done = row.ends_at.or(row.starts_at).filter(|_| row.status == "done");
                [row.scheduled_at.or(row.availability_at), done, row.recorded_at]
            }),
            Row::PanelMember(row) => self.follow(row, origin, |row| [row.recorded_at, None, None]),
            Row::Scorecard(row) => {
                self.follow(*row, origin, |row| [row.submitted_at, row.updated_at, row.recorded_at])
            }
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
        let opened: Option<Opened> = self.spooled.index.row(hash(row.application_id()), first);
        self.spooled.spools.push(opened, &row, origin)
    }

    fn happened(&mut self, instants: [Option<Instant>; 3]) {
        self.spooled.latest = instants.into_iter().chain([self.spooled.latest]).flatten().max();
    }
}
