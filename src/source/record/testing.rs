//! An export in a temporary folder, and a sink that keeps what it is given.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use std::collections::BTreeMap;
use std::fs;

use tempfile::TempDir;

use crate::config::Config;
use crate::dataset::schema::{Application, Decision, Event, Interview, Outcome, PanelMember, Score, Scorecard};
use crate::error::Result;
use crate::source::files::{Export, InputFile, Layout};
use crate::source::ledger::{FileAccount, FileId, Ledger};
use crate::source::{Row, Sink, Source};

/// Everything that a source delivered.
#[derive(Debug, Default)]
pub(in crate::source) struct Kept {
    pub(in crate::source) applications: Vec<Application>,
    pub(in crate::source) decisions: Vec<Decision>,
    pub(in crate::source) interviews: Vec<Interview>,
    pub(in crate::source) panel: Vec<PanelMember>,
    pub(in crate::source) cards: Vec<Scorecard>,
    pub(in crate::source) scores: Vec<Score>,
    pub(in crate::source) events: Vec<Event>,
    pub(in crate::source) outcomes: Vec<Outcome>,
    pub(in crate::source) names: BTreeMap<String, String>,
    pub(in crate::source) ledger: Ledger,
}

impl Sink for Kept {
    fn deliver(&mut self, file: FileId, row: Row, counted: bool) -> Result<()> {
        self.ledger.file(file).kept += u64::from(counted);
        match row {
            Row::Application(row) => self.applications.push(*row),
            Row::Decision(row) => self.decisions.push(row),
            Row::Interview(row) => self.interviews.push(*row),
            Row::PanelMember(row) => self.panel.push(row),
            Row::Scorecard(row) => self.cards.push(*row),
            Row::Score(row) => self.scores.push(row),
            Row::Event(row) => self.events.push(row),
            Row::Outcome(row) => self.outcomes.push(row),
            Row::ScoreRevision(_) => {}
        }
        Ok(())
    }

    fn name(&mut self, person_id: &str, name: &str) {
        self.names.insert(person_id.to_owned(), name.to_owned());
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn advance(&mut self, _bytes: u64) {}
}

impl Kept {
    /// The account of a file.
    pub(in crate::source) fn account(&self, file: &str) -> &FileAccount {
        self.ledger.files.iter().find(|account| account.file == file).unwrap()
    }

    /// The rejects as `reason field`, in order.
    pub(in crate::source) fn rejects(&self) -> Vec<String> {
        let told = |field: &Option<String>| field.clone().unwrap_or_default();
        self.ledger.rejects.iter().map(|(_, r)| format!("{} {}", r.reason, told(&r.field)).trim().to_owned()).collect()
    }

    /// The events as `event stage at precision`, in order.
    pub(in crate::source) fn happened(&self) -> Vec<String> {
        let text = |event: &Event| {
            let at = event.at.map(|at| at.to_rfc3339()).unwrap_or_default();
            format!("{} {:?} {at} {:?}", event.event, event.stage, event.at_precision).replace("Some", "")
        };
        self.events.iter().map(text).collect()
    }

    /// The places of the rejects, as they are shown.
    pub(in crate::source) fn places(&self) -> Vec<String> {
        self.ledger.rejects.iter().map(|(_, reject)| reject.place.to_string()).collect()
    }

    /// The scores as `application dimension`, with the thousandths or why there are none, in order.
    pub(in crate::source) fn marks(&self) -> Vec<String> {
        let mark = |score: &Score| {
            let level = score.score_milli.map_or_else(|| score.missing.clone().unwrap_or_default(), |n| n.to_string());
            format!("{} {} {level}", score.application_id, score.dimension)
        };
        self.scores.iter().map(mark).collect()
    }

    /// When each application was made, with the precision, in order.
    pub(in crate::source) fn applied(&self) -> Vec<String> {
        let text = |row: &Application| {
            let at = row.applied_at.map(|at| at.to_rfc3339()).unwrap_or_default();
            format!("{at} {}", row.applied_precision.as_deref().unwrap_or_default())
        };
        self.applications.iter().map(text).collect()
    }

    /// Some remark has each of these fragments.
    pub(in crate::source) fn assert_remarks(&self, fragments: &[&str]) {
        for fragment in fragments {
            assert!(self.remarks().iter().any(|remark| remark.contains(fragment)), "{fragment}: {:?}", self.remarks());
        }
    }

    /// Every remark.
    pub(in crate::source) fn remarks(&self) -> Vec<&str> {
        self.ledger.files.iter().flat_map(|account| &account.remarks).map(String::as_str).collect()
    }
}

/// Writes files into a folder.
pub(in crate::source) fn folder(files: &[(&str, &[u8])]) -> (TempDir, Export) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let export = Export::open(folder.path()).unwrap();
    (folder, export)
}

/// Reads a folder of files; each account must reconcile and name a known reason for each reject.
pub(in crate::source) fn read(source: &Source, files: &[(&str, &str)]) -> Kept {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    try_read(source, &files).unwrap()
}

/// The same for bytes that may be no text, and for exports that cannot be read.
pub(in crate::source) fn try_read(source: &Source, files: &[(&str, &[u8])]) -> Result<Kept> {
    try_read_as(source, &Config::default(), files)
}

/// The same with a configuration.
pub(in crate::source) fn try_read_as(source: &Source, config: &Config, files: &[(&str, &[u8])]) -> Result<Kept> {
    let (_folder, export) = folder(files);
    let mut kept = Kept::default();
    (source.read)(&export, config, &mut kept)?;
    for account in &kept.ledger.files {
        assert!(account.reconciles(), "{account:?}");
    }
    for (_, reject) in &kept.ledger.rejects {
        assert!(crate::source::ledger::REASONS.iter().any(|(code, _)| *code == reject.reason), "{reject:?}");
    }
    // Each sheet of a workbook has one of its own.
    let stands_for = |account: &FileAccount, file: &InputFile| match file.layout {
        Layout::Workbook => account.file.starts_with(&format!("{}#", file.relative)) || account.file == file.relative,
        _ => account.file == file.relative,
    };
    for file in &export.files {
        let mut accounts = kept.ledger.files.iter().filter(|account| stands_for(account, file)).peekable();
        assert!(accounts.peek().is_some() && accounts.all(|account| account.source == source.id), "{file:?}");
    }
    Ok(kept)
}
