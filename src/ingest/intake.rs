//! The receiving end of a source: shields rows, routes them, and counts.
//!
//! Reading and spooling run on two threads: the source parses and its rows become Arrow columns on the thread
//! that made them, so that their texts never change hands; the other thread sorts and writes whole batches.

use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::dataset::extent::{Extent, Held, Kind};
use crate::dataset::index::{Index, hash};
use crate::dataset::privacy::Shield;
use crate::dataset::schema::{
    self, Application, Decision, Event, Interview, Outcome, PanelMember, Row as _, Score, ScoreRevision, Scorecard,
};
use crate::dataset::spool::{Desk, Full, Spools, origin};
use crate::error::{Error, Result, pages};
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
    reach: Reach,
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
    /// How far the export reaches.
    pub extent: Extent,
    /// The first file with records of each kind.
    pub files: BTreeMap<Kind, FileId>,
    /// Records that the source says were deleted, by the hash of their identifier.
    pub gone: HashSet<(Kind, u64)>,
    /// Interviewers' names by pseudonym.
    pub names: BTreeMap<String, String>,
}

/// How far an export reaches, as it is being read.
#[derive(Debug, Default)]
struct Reach {
    first_change: Option<Instant>,
    kinds: [Option<KindReach>; Kind::COUNT],
}

#[derive(Debug, Clone, Copy)]
struct KindReach {
    records: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    changes_dated: bool,
    file: FileId,
}

impl Reach {
    fn take(&mut self, kind: Kind, file: FileId, instants: &Instants) {
        self.first_change = earlier(self.first_change, instants.changed);
        let Some(seen) = self.kinds.get_mut(kind as usize) else { return };
        let seen = seen.get_or_insert(KindReach { records: 0, first: None, last: None, changes_dated: true, file });
        seen.records += 1;
        seen.first = earlier(seen.first, instants.happened);
        seen.last = seen.last.max(instants.happened);
        seen.changes_dated &= instants.changed.is_some();
    }

    fn extent(&self, latest: Option<Instant>) -> Extent {
        let micros = |at: Option<Instant>| at.map(|at| at.0);
        let kinds = Kind::ALL.into_iter().zip(&self.kinds).filter_map(|(kind, seen)| {
            let KindReach { records, first, last, changes_dated, .. } = (*seen)?;
            let held = Held { records, first: micros(first), last: micros(last), changes_dated };
            Some((kind.word().to_owned(), held))
        });
        Extent { latest: micros(latest), first_change: micros(self.first_change), kinds: kinds.collect() }
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
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
            reach: Reach::default(),
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
        let spools = self.worker.join().map_err(|_| Error::new(&pages::DEFECT, "the spooling thread stopped"))??;
        sent?;
        let gone = std::mem::take(&mut self.ledger.gone).into_iter().map(|(kind, mut id)| {
            self.shield.handle(&mut id);
            (kind, hash(&id))
        });
        let gone = gone.collect();
        let files = Kind::ALL.into_iter().zip(&self.reach.kinds);
        let spooled = Spooled {
            spools,
            index: self.index,
            latest: self.latest,
            extent: self.reach.extent(self.latest),
            files: files.filter_map(|(kind, seen)| Some((kind, (*seen)?.file))).collect(),
            gone,
            names: self.names,
        };
        Ok((self.ledger, spooled))
    }

    fn spool(&self, full: Full) -> Result<()> {
        // A closed channel means that the worker failed; `finish` and `failed` tell why.
        self.send.send(full).map_err(|_| Error::new(&pages::DEFECT, "the spooling thread stopped"))
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
        self.take(file, origin(file.0, counted), row)
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
    fn take(&mut self, file: FileId, origin: i64, row: Row) -> Result<()> {
        match row {
            Row::Application(mut row) => {
                row.shield(&mut self.shield);
                let instants = application(&row);
                self.happened(&instants);
                self.reach.take(Kind::Applications, file, &instants);
                let opened = self.index.application(hash(row.application_id()), row.applied_at, row.recorded_at);
                let full = self.desk.push(opened, row.as_ref(), origin)?;
                full.map_or(Ok(()), |full| self.spool(full))
            }
            Row::Decision(row) => self.follow(row, file, origin, Some(Kind::Decisions), decision),
            Row::Interview(row) => self.follow(*row, file, origin, Some(Kind::Interviews), interview),
            Row::PanelMember(row) => self.follow(row, file, origin, Some(Kind::PanelMembers), panel_member),
            Row::Scorecard(row) => self.follow(*row, file, origin, Some(Kind::Scorecards), scorecard),
            Row::Score(row) => self.follow(row, file, origin, Some(Kind::Scores), score),
            Row::ScoreRevision(row) => self.follow(row, file, origin, None, score_revision),
            Row::Event(mut row) => {
                row.shield(&mut self.shield);
                let kind = Kind::of(Event::TABLE, Some(&row.event));
                if kind == Some(Kind::StageHistory) && row.origin == "native" {
                    self.index.note_history(hash(row.application_id()));
                }
                self.place(&row, file, origin, kind, event)
            }
            Row::Outcome(row) => self.follow(row, file, origin, Some(Kind::Outcomes), outcome),
        }
    }

    fn follow<R: schema::Row>(
        &mut self,
        mut row: R,
        file: FileId,
        origin: i64,
        kind: Option<Kind>,
        instants: fn(&R) -> Instants,
    ) -> Result<()> {
        row.shield(&mut self.shield);
        self.place(&row, file, origin, kind, instants)
    }

    fn place<R: schema::Row>(
        &mut self,
        row: &R,
        file: FileId,
        origin: i64,
        kind: Option<Kind>,
        instants: fn(&R) -> Instants,
    ) -> Result<()> {
        let instants = instants(row);
        self.happened(&instants);
        if let Some(kind) = kind {
            self.reach.take(kind, file, &instants);
        }
        let first = instants.known().into_iter().flatten().min();
        let opened = self.index.row(hash(row.application_id()), first);
        let full = self.desk.push(opened, row, origin)?;
        full.map_or(Ok(()), |full| self.spool(full))
    }

    fn happened(&mut self, instants: &Instants) {
        for instant in instants.known() {
            // `None` is before every instant.
            self.latest = self.latest.max(instant);
        }
    }
}

/// The instants of a row.
#[derive(Debug, Default)]
struct Instants {
    /// When what it tells happened, planned times included.
    happened: Option<Instant>,
    /// What is known to have happened by then: planned times may lie in the future and do not count.
    past: [Option<Instant>; 2],
    /// When the source last changed it.
    changed: Option<Instant>,
}

impl Instants {
    fn known(&self) -> [Option<Instant>; 3] {
        let [a, b] = self.past;
        [a, b, self.changed]
    }
}

fn application(row: &Application) -> Instants {
    Instants { happened: row.applied_at, past: [row.applied_at, row.closed_at], changed: row.recorded_at }
}

fn decision(row: &Decision) -> Instants {
    Instants { happened: row.decided_at, past: [row.decided_at, None], changed: row.recorded_at }
}

fn interview(row: &Interview) -> Instants {
    let done = row.ends_at.or(row.starts_at).filter(|_| row.status == "done");
    let past = [row.scheduled_at.or(row.availability_at), done];
    Instants { happened: row.starts_at, past, changed: row.recorded_at }
}

fn panel_member(row: &PanelMember) -> Instants {
    Instants { changed: row.recorded_at, ..Instants::default() }
}

fn scorecard(row: &Scorecard) -> Instants {
    Instants { happened: row.submitted_at, past: [row.submitted_at, row.updated_at], changed: row.recorded_at }
}

fn score(row: &Score) -> Instants {
    Instants { happened: row.submitted_at, past: [row.submitted_at, None], changed: row.recorded_at }
}

fn score_revision(row: &ScoreRevision) -> Instants {
    Instants { happened: row.seen_at, past: [row.seen_at, None], changed: row.recorded_at }
}

fn event(row: &Event) -> Instants {
    // A start date is agreed on beforehand.
    Instants { happened: row.at, past: [row.at.filter(|_| row.event != "started"), None], changed: row.recorded_at }
}

fn outcome(row: &Outcome) -> Instants {
    Instants { happened: row.at, past: [row.at, None], changed: row.recorded_at }
}

/// The latest instant at which a row says that something happened.
pub(super) fn latest(row: &Row) -> Option<Instant> {
    let instants = match row {
        Row::Application(row) => application(row),
        Row::Decision(row) => decision(row),
        Row::Interview(row) => interview(row),
        Row::PanelMember(row) => panel_member(row),
        Row::Scorecard(row) => scorecard(row),
        Row::Score(row) => score(row),
        Row::ScoreRevision(row) => score_revision(row),
        Row::Event(row) => event(row),
        Row::Outcome(row) => outcome(row),
    };
    instants.known().into_iter().flatten().max()
}
