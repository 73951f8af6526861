//! What an examination found: one struct, told to people by `text.rs` and to programs as JSON.
//!
//! The JSON is an object with these keys; a key is added, never renamed or given another meaning, without a new
//! [`DOCTOR_VERSION`].
//!
//! | key | what it holds |
//! | --- | --- |
//! | `doctor_version`, `looplens` | the version of this shape, and of the program |
//! | `examined` | `kind` (`export` or `dataset`), `path`, `exports` (of the same source) |
//! | `source`, `others` | `id`, `title` and `because` of the source that reads it, and of others that saw signs |
//! | `is_contested` | whether the source has to be named before this can be ingested |
//! | `stopped` | what ended reading early: `page` (the code of an error), `what`, `place`, `help`; null where nothing did |
//! | `records` | `read` and `rejected` |
//! | `files`, `ignored` | each file with what it was taken for; files of no kind that is read |
//! | `words` | by table, how many words nobody gave a meaning: `different` ones, on `records` |
//! | `tables` | each canonical table: `rows`, `unjoined`, `from`, `to`, and rows `filled` by column |
//! | `questions` | each question: `answer` (`yes`, `partly`, `no`) and its `needs` with answer, reason and advice |

use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::{Lack, Verdict};
use super::facts::{Facts, TableFacts};
use super::needs::{MORE, Need};
use super::questions::{Met, QUESTIONS, verdict};
use crate::error::{Error, Result, pages};
use crate::source::Source;
use crate::source::ledger::Ledger;

/// The version of the JSON.
pub const DOCTOR_VERSION: u32 = 1;

/// What an examination found.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// The version of this shape.
    pub doctor_version: u32,
    /// The version of the program.
    pub looplens: &'static str,
    /// What was examined.
    pub examined: Examined,
    /// The source that reads it; none where no source recognises it.
    pub source: Option<Recognised>,
    /// Other sources that saw signs of theirs, or that a dataset also has exports of.
    pub others: Vec<Recognised>,
    /// Whether the source has to be named before this can be ingested.
    pub is_contested: bool,
    /// What ended reading before the end.
    pub stopped: Option<Stopped>,
    /// The records that were read.
    pub records: Records,
    /// The files, in the order they were read.
    pub files: Vec<FileFacts>,
    /// Files of a kind that is not read.
    pub ignored: Vec<String>,
    /// Words of decisions and events without a meaning.
    pub words: Vec<Words>,
    /// The canonical tables.
    pub tables: Vec<TableFacts>,
    /// The questions.
    pub questions: Vec<QuestionFacts>,
}

/// What was examined.
#[derive(Debug, Serialize)]
pub struct Examined {
    /// `export` or `dataset`.
    pub kind: &'static str,
    /// Where it is.
    pub path: String,
    /// How many exports of the same source it holds.
    pub exports: u64,
}

/// A source and what speaks for it.
#[derive(Debug, Serialize)]
pub struct Recognised {
    /// Its name on the command line.
    pub id: String,
    /// What it is called in sentences.
    pub title: String,
    /// What speaks for it.
    pub because: String,
}

/// What ended reading before the end.
#[derive(Debug, Serialize)]
pub struct Stopped {
    /// The page about it, by its code.
    pub page: &'static str,
    /// What is wrong.
    pub what: String,
    /// Where.
    pub place: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

/// The records that were read.
#[derive(Debug, Serialize)]
pub struct Records {
    /// All of them.
    pub read: u64,
    /// Those that cannot be used.
    pub rejected: u64,
}

/// One file.
#[derive(Debug, Default, Serialize)]
pub struct FileFacts {
    /// The number of the ingest that read it; none for an export.
    pub ingest: Option<u64>,
    /// Its path below the export.
    pub file: String,
    /// What it was taken for.
    pub kind: String,
    /// Records read.
    pub records: u64,
    /// Records that cannot be used.
    pub rejected: u64,
    /// Why, with how many each.
    pub reasons: BTreeMap<String, u64>,
    /// Columns that were not read.
    pub unknown_columns: Vec<String>,
    /// Labels that no list knows, redacted, with how often each occurs.
    pub unknown_labels: Vec<String>,
    /// What a reader should know about it.
    pub remarks: Vec<String>,
    /// Its first columns or keys, where no source recognised it.
    pub columns: Vec<String>,
    /// What it looks like, where no source recognised it.
    pub looks_like: Option<LooksLike>,
}

/// What a file that no source recognised comes nearest to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct LooksLike {
    /// The source.
    pub source: &'static str,
    /// What the file would have to be called, without its extension.
    pub name: String,
    /// Columns of the contract that it has, perhaps spelt otherwise.
    pub has: Vec<&'static str>,
    /// Required columns of the contract that it has not.
    pub lacks: Vec<&'static str>,
}

/// Words of one table that nobody gave a meaning. The words themselves are the data's and are not told.
#[derive(Debug, Serialize)]
pub struct Words {
    /// The table.
    pub table: String,
    /// How many different words.
    pub different: u64,
    /// On how many records.
    pub records: u64,
}

/// One question.
#[derive(Debug, Serialize)]
pub struct QuestionFacts {
    /// Its name.
    pub id: &'static str,
    /// The question.
    pub title: &'static str,
    /// Whether the data can answer it.
    pub answer: Verdict,
    /// What it needs.
    pub needs: Vec<NeedFacts>,
}

/// One need of a question.
#[derive(Debug, Serialize)]
pub struct NeedFacts {
    /// Its name.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Whether the question cannot be answered without it.
    pub is_essential: bool,
    /// How far it is met.
    pub answer: Verdict,
    /// Why, in numbers.
    pub because: String,
    /// What would add it; empty where it is met.
    pub advice: Vec<String>,
}

impl Diagnosis {
    /// A diagnosis of something that holds nothing yet.
    pub(super) fn of(kind: &'static str, path: String) -> Self {
        Self {
            doctor_version: DOCTOR_VERSION,
            looplens: env!("CARGO_PKG_VERSION"),
            examined: Examined { kind, path, exports: 0 },
            source: None,
            others: Vec::new(),
            is_contested: false,
            stopped: None,
            records: Records { read: 0, rejected: 0 },
            files: Vec::new(),
            ignored: Vec::new(),
            words: Vec::new(),
            tables: Vec::new(),
            questions: Vec::new(),
        }
    }

    /// Judges the facts; `sources` are those whose advice is asked.
    pub(super) fn judge(&mut self, facts: Facts, sources: &[&Source]) {
        self.questions = QUESTIONS
            .iter()
            .map(|question| {
                let needs = question.evaluate(&facts);
                QuestionFacts {
                    id: question.id,
                    title: question.title,
                    answer: verdict(&needs),
                    needs: needs.into_iter().map(|met| NeedFacts::of(met, sources)).collect(),
                }
            })
            .collect();
        self.examined.exports = facts.exports;
        self.tables = facts.tables;
    }

    /// Takes the files and what they were taken for.
    pub(super) fn account(&mut self, files: Vec<FileFacts>) {
        self.records = Records {
            read: files.iter().map(|file| file.records).sum(),
            rejected: files.iter().map(|file| file.rejected).sum(),
        };
        self.files = files;
    }

    /// The diagnosis for programs.
    pub fn json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| Error::new(&pages::DEFECT, format!("the diagnosis cannot be written: {e}")))?;
        Ok(text + "\n")
    }
}

impl NeedFacts {
    fn of(met: Met, sources: &[&Source]) -> Self {
        let Met { need, is_essential, answer } = met;
        let advice = match answer.lack {
            None => Vec::new(),
            Some(Lack::TooFew) => vec![MORE.to_owned()],
            Some(Lack::Absent) => advice(need, sources),
        };
        Self { id: need.id, title: need.title, is_essential, answer: answer.verdict, because: answer.because, advice }
    }
}

/// What each source says about a need; where none says anything, what is true of all.
fn advice(need: &Need, sources: &[&Source]) -> Vec<String> {
    let said = |source: &&Source| {
        let (_, sentence) = source.advice.iter().find(|(id, _)| *id == need.id)?;
        Some(if sources.len() > 1 { format!("{}: {sentence}", source.id) } else { (*sentence).to_owned() })
    };
    let all: Vec<String> = sources.iter().filter_map(said).collect();
    if all.is_empty() { vec![need.advice.to_owned()] } else { all }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self { page: error.page.code, what: error.what, place: error.place, help: error.help }
    }
}

/// The accounts of an export's files.
pub(super) fn files(ledger: &Ledger) -> Vec<FileFacts> {
    let mut reasons: BTreeMap<u32, BTreeMap<String, u64>> = BTreeMap::new();
    for (file, reject) in &ledger.rejects {
        *reasons.entry(file.0).or_default().entry(reject.reason.to_owned()).or_default() += 1;
    }
    let fact = |(at, account): (u32, &crate::source::ledger::FileAccount)| FileFacts {
        file: account.file.clone(),
        kind: account.kind.clone(),
        records: account.read,
        rejected: account.rejected,
        reasons: reasons.remove(&at).unwrap_or_default(),
        unknown_columns: account.unknown_columns.iter().cloned().collect(),
        unknown_labels: account
            .unknown_labels
            .iter()
            .map(|((field, label), times)| format!("{field}={label} ({times})"))
            .collect(),
        remarks: account.remarks.iter().cloned().collect(),
        ..FileFacts::default()
    };
    (0..).zip(&ledger.files).map(fact).collect()
}

/// How many words of each table nobody gave a meaning.
pub(super) fn words(ledger: &Ledger) -> Vec<Words> {
    let words = |(table, words): (&&'static str, &BTreeMap<String, u64>)| Words {
        table: (*table).to_owned(),
        different: words.len() as u64,
        records: words.values().sum(),
    };
    ledger.unmapped.iter().map(words).collect()
}
