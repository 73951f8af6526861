//! Sources: one ATS's files in, canonical rows and rejects out.
//!
//! A source never guesses in silence: an unknown key is ignored, an unknown label is reported, a record that
//! cannot be used is rejected with its place. To add one, write one file and add one line to [`SOURCES`].

pub mod ashby;
pub mod clean;
pub mod files;
mod greenhouse;
pub mod greenhouse_v1;
pub mod greenhouse_v3;
pub mod json;
pub mod ledger;
pub mod lever;
pub mod merge_dev;
mod record;
pub mod tables;

use crate::config::Config;
use crate::dataset::schema::{
    Application, Decision, Event, Interview, Outcome, PanelMember, Score, ScoreRevision, Scorecard,
};
use crate::error::{Error, Result, pages};
use files::{Export, InputFile};
use ledger::{FileId, Ledger, Reject};

/// One kind of export that can be read.
#[derive(Debug)]
pub struct Source {
    /// Its name on the command line, kebab-case.
    pub id: &'static str,
    /// What it is called in sentences.
    pub title: &'static str,
    /// What it reads, in one paragraph.
    pub summary: &'static str,
    /// How sure it is that an export is of its kind, with the reason; `None` when it is not.
    pub recognise: fn(&Export) -> Option<Recognition>,
    /// Reads the export.
    pub read: fn(&Export, &Config, &mut dyn Sink) -> Result<()>,
    /// The stems of files whose kind shows in the keys of their records, so that a file of another name can
    /// still be told what it should be called.
    pub reads: &'static [&'static str],
    /// What to export for a need of a question (see `doctor`) that the data does not meet: the need's id and a
    /// sentence. A need without one has advice that is the same for every source.
    pub advice: &'static [(&'static str, &'static str)],
}

/// A source's claim to an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// How many files or signs speak for it; the source with the most wins.
    pub signs: u32,
    /// What was recognised, for `-v`.
    pub because: String,
}

/// Every source, in the order they are listed.
pub const SOURCES: &[&Source] = &[
    &tables::SOURCE,
    &greenhouse_v1::SOURCE,
    &greenhouse_v3::SOURCE,
    &lever::SOURCE,
    &ashby::SOURCE,
    &merge_dev::SOURCE,
];

/// A row of any canonical table.
#[derive(Debug)]
#[allow(missing_docs, reason = "each variant is documented at its row type")]
pub enum Row {
    Application(Box<Application>),
    Decision(Decision),
    Interview(Box<Interview>),
    PanelMember(PanelMember),
    Scorecard(Box<Scorecard>),
    Score(Score),
    ScoreRevision(ScoreRevision),
    Event(Event),
    Outcome(Outcome),
}

macro_rules! from_row {
    ($($variant:ident)* ; $($boxed:ident)*) => {
        $(impl From<$variant> for Row { fn from(row: $variant) -> Self { Row::$variant(row) } })*
        $(impl From<$boxed> for Row { fn from(row: $boxed) -> Self { Row::$boxed(Box::new(row)) } })*
    };
}
from_row!(Decision PanelMember Score ScoreRevision Event Outcome; Application Interview Scorecard);

/// Where a source delivers what it read.
pub trait Sink {
    /// Takes a row. `counted` says whether the row stands for the record it was read from, so that the ledger
    /// can tell after the merge whether the record was kept or replaced; rows that merely come along with a
    /// record (the scores on a card, the events of a decision) are not counted.
    fn deliver(&mut self, file: FileId, row: Row, counted: bool) -> Result<()>;

    /// Takes the name of an interviewer, for the private directory behind `--reveal interviewers`.
    fn name(&mut self, person_id: &str, name: &str);

    /// The account of what was read.
    fn ledger(&mut self) -> &mut Ledger;

    /// Tells how far reading has come; called with the bytes read since the last call.
    fn advance(&mut self, bytes: u64);
}

impl dyn Sink + '_ {
    /// Opens the account of a file.
    pub fn open(&mut self, source: &'static str, file: &InputFile, kind: &str) -> FileId {
        self.ledger().open(source, file, kind)
    }

    /// Delivers the row that stands for a record.
    pub fn record(&mut self, file: FileId, row: impl Into<Row>) -> Result<()> {
        self.ledger().file(file).read += 1;
        self.deliver(file, row.into(), true)
    }

    /// Delivers a row that comes along with a record.
    pub fn also(&mut self, file: FileId, row: impl Into<Row>) -> Result<()> {
        self.deliver(file, row.into(), false)
    }

    /// Counts a record that is kept only through what it tells about others, such as a job or a user.
    pub fn lookup(&mut self, file: FileId) {
        let account = self.ledger().file(file);
        account.read += 1;
        account.lookups += 1;
    }

    /// Counts a record that another one of the same entity stands in for, such as an older offer version.
    pub fn superseded(&mut self, file: FileId) {
        let account = self.ledger().file(file);
        account.read += 1;
        account.superseded += 1;
    }

    /// Rejects a record.
    pub fn reject(&mut self, file: FileId, reject: Reject) -> Result<()> {
        self.ledger().reject(file, reject)
    }
}

/// The source with a given name.
pub fn by_id(id: &str) -> Option<&'static Source> {
    SOURCES.iter().copied().find(|source| source.id == id)
}

/// A source and its claim to an export.
pub type Claim = (&'static Source, Recognition);

/// The claims of all sources to an export, the one with the most signs first.
pub fn claims(export: &Export) -> Vec<Claim> {
    let mut claims: Vec<Claim> = SOURCES
        .iter()
        .filter_map(|source| (source.recognise)(export).map(|recognition| (*source, recognition)))
        .collect();
    claims.sort_by_key(|(_, recognition)| std::cmp::Reverse(recognition.signs));
    claims
}

/// Two claims of which neither outweighs the other: a folder that holds several exports side by side would be
/// read as one of them, with the rest mixed in.
pub fn is_contested(best: &Recognition, rival: &Recognition) -> bool {
    rival.signs * 2 >= best.signs
}

/// The source that recognises an export with the most signs.
pub fn recognise(export: &Export) -> Result<Claim> {
    let claims = claims(export);
    // Tables of a warehouse can have the names of neutral ones, and hold something else.
    if claims.iter().all(|(source, _)| source.id == tables::SOURCE.id)
        && let Some(preset) = tables::preset_of(export)
    {
        return Err(Error::new(&pages::WAREHOUSE, "the folder looks like an extract of a data warehouse")
            .at(&export.root)
            .help(format!("read it with --preset {}", preset.id)));
    }
    let mut claims = claims.into_iter();
    let Some((source, recognition)) = claims.next() else {
        let ids: Vec<&str> = SOURCES.iter().map(|source| source.id).collect();
        return Err(Error::new(&pages::NO_SOURCE, "no source recognises this export").at(&export.root).help(format!(
            "name the source with --source ({}), or see `looplens list sources` for the files each one reads; \
             for tables of your own, `looplens init --from` proposes a configuration",
            ids.join(", ")
        )));
    };
    if let Some((other, rival)) = claims.next()
        && is_contested(&recognition, &rival)
    {
        return Err(Error::new(
            &pages::TWO_SOURCES,
            format!("the folder looks like {} and like {}", source.id, other.id),
        )
        .at(&export.root)
        .help("name one export's own folder, or the source with --source"));
    }
    Ok((source, recognition))
}
