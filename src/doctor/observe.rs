//! What is remembered of a table's rows: enough to count entities, and no more.
//!
//! A row becomes 40 bytes: hashes of its key and its application, two instants, which columns are filled, and
//! the number of its combination of labels. Where several rows share a key the same one stands as in the
//! dataset (`dataset/merge.rs`), so that an export and the dataset made of it give the same counts.

use std::collections::HashMap;
use std::hash::Hasher as _;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow::row::{RowConverter, SortField};
use arrow::util::display::array_value_to_string;

use crate::dataset::columns::data_type;
use crate::dataset::index::{Folded, hash};
use crate::dataset::merge::instants;
use crate::dataset::schema::{
    Application, Decision, Event, Interview, Outcome, PanelMember, Row as _, Score, ScoreRevision, Scorecard, Table,
};
use crate::dataset::spool::{applications, integers, key_columns, key_converter};
use crate::error::Result;

/// What is looked at in a table.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) table: &'static Table,
    /// The column whose earliest and latest instants are told.
    at: Option<&'static str>,
    /// The columns whose filling matters to a question, at most 16.
    pub(super) filled: &'static [&'static str],
    /// The columns whose words are counted.
    labels: &'static [&'static str],
}

/// Every table that sources fill, in the order of the dataset.
pub(super) const WATCHED: &[Watch] = &[
    Watch {
        table: Application::TABLE,
        at: Some("applied_at"),
        filled: &[
            "applied_at",
            "closed_at",
            "candidate_id",
            "job_id",
            "department",
            "level",
            "location",
            "source",
            "specialism",
            "role_specialism",
            "hiring_manager_id",
            "recruiter_id",
        ],
        labels: &["source"],
    },
    Watch {
        table: Decision::TABLE,
        at: Some("decided_at"),
        filled: &["decided_at", "decided_by", "offer_outcome"],
        labels: &["decision"],
    },
    Watch {
        table: Interview::TABLE,
        at: Some("starts_at"),
        filled: &["stage", "availability_at", "scheduled_at", "starts_at", "ends_at", "planned_minutes"],
        labels: &["kind", "status"],
    },
    Watch { table: PanelMember::TABLE, at: None, filled: &["interviewer_id"], labels: &[] },
    Watch {
        table: Scorecard::TABLE,
        at: Some("submitted_at"),
        filled: &["stage", "interviewer_id", "interview_id", "submitted_at", "recommendation"],
        labels: &["status", "role"],
    },
    Watch {
        table: Score::TABLE,
        at: Some("submitted_at"),
        filled: &["score_milli", "stage", "interviewer_id", "submitted_at"],
        labels: &["stage", "interviewer_id", "role", "score_milli"],
    },
    // An export has no such table: its changes are counted among its scores, and only their number is told.
    Watch { table: ScoreRevision::TABLE, at: None, filled: &[], labels: &[] },
    Watch { table: Event::TABLE, at: Some("at"), filled: &["stage", "actor_id"], labels: &["event"] },
    Watch {
        table: Outcome::TABLE,
        at: Some("at"),
        filled: &["value", "at", "rated_by"],
        labels: &["outcome", "value"],
    },
];

impl Watch {
    /// The columns that have to be read.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        let always = ["application_id", "recorded_at", "revision", "recommendation_raw", "submitted_at"];
        let wanted = |name: &str| {
            self.table.key.contains(&name)
                || self.at == Some(name)
                || self.filled.contains(&name)
                || self.labels.contains(&name)
                || always.contains(&name)
        };
        self.table.columns.iter().map(|column| column.name).filter(|name| wanted(name)).collect()
    }
}

/// An instant that a row does not have; before all others.
const NEVER: i64 = i64::MIN;

/// What is remembered of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entity {
    key: u64,
    /// The hash of its application.
    pub(super) application: u64,
    recorded: i64,
    at: i64,
    /// The number of the row's edit, or whether a scorecard recommends something.
    rank: i16,
    filled: u16,
    labels: u32,
}

impl Entity {
    /// The instant of the watched column.
    pub(super) fn at(&self) -> Option<i64> {
        (self.at != NEVER).then_some(self.at)
    }
}

/// The words of one column, each once.
#[derive(Debug, Default)]
struct Words {
    numbers: HashMap<Option<String>, u32>,
    words: Vec<Option<String>>,
}

impl Words {
    fn number(&mut self, word: Option<String>) -> u32 {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(word).or_insert_with_key(|word| {
            self.words.push(word.clone());
            next
        })
    }
}

/// The rows of one table.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) watch: &'static Watch,
    keys: RowConverter,
    label_keys: Option<RowConverter>,
    rows: Vec<Entity>,
    /// The combinations of labels that occur, and the place of each by its hash.
    combinations: Vec<Vec<u32>>,
    known: HashMap<u64, u32>,
    words: Vec<Words>,
    /// How many rows there may be until those that were replaced are let go.
    most: usize,
    /// Scores that differ from the one they replaced.
    pub(super) changes: u64,
}

const FIRST_SETTLING: usize = 1 << 16;

impl Observed {
    pub(super) fn new(watch: &'static Watch) -> Result<Self> {
        let columns = watch.labels.iter().filter_map(|name| watch.table.index(name));
        let fields: Vec<SortField> = columns
            .filter_map(|at| watch.table.columns.get(at))
            .map(|column| SortField::new(data_type(column.ty)))
            .collect();
        let label_keys = if fields.is_empty() { None } else { Some(RowConverter::new(fields)?) };
        Ok(Self {
            watch,
            keys: key_converter(watch.table)?,
            label_keys,
            rows: Vec::new(),
            combinations: Vec::new(),
            known: HashMap::new(),
            words: watch.labels.iter().map(|_| Words::default()).collect(),
            most: FIRST_SETTLING,
            changes: 0,
        })
    }

    /// Takes rows of the table.
    pub(super) fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let ids = applications(batch)?;
        let keys = self.keys.convert_columns(&key_columns(self.watch.table, batch))?;
        let labels: Vec<ArrayRef> =
            self.watch.labels.iter().filter_map(|name| batch.column_by_name(name)).cloned().collect();
        let combinations = match &self.label_keys {
            Some(converter) => Some(converter.convert_columns(&labels)?),
            None => None,
        };
        let filled: Vec<Option<&ArrayRef>> = self.watch.filled.iter().map(|name| batch.column_by_name(name)).collect();
        let recorded = instants(batch, "recorded_at");
        let at = self.watch.at.and_then(|name| instants(batch, name));
        let revision = integers(batch, "revision");
        let recommends = batch.column_by_name("recommendation_raw");
        for row in 0..batch.num_rows() {
            let mut bits = 0_u16;
            for (bit, column) in filled.iter().enumerate() {
                bits |= u16::from(column.is_some_and(|column| column.is_valid(row))) << bit;
            }
            let rank = match recommends {
                Some(column) => i16::from(column.is_valid(row)),
                None => number(revision, row).map_or(i16::MIN, |n| n.clamp(-1, i64::from(i16::MAX)) as i16),
            };
            let labels = match &combinations {
                Some(combinations) => self.combination(digest(combinations.row(row).as_ref()), &labels, row)?,
                None => 0,
            };
            self.rows.push(Entity {
                key: digest(keys.row(row).as_ref()),
                application: hash(if ids.is_valid(row) { ids.value(row) } else { "" }),
                // A record that does not say when it changed is as new as its export.
                recorded: instant(recorded, row).unwrap_or(i64::MAX),
                at: instant(at, row).unwrap_or(NEVER),
                rank,
                filled: bits,
                labels,
            });
        }
        // Changes of scores are told by all rows of a score together; those are the only ones that wait.
        if self.rows.len() > self.most && !self.counts_changes() {
            self.settle();
            self.most = FIRST_SETTLING.max(self.rows.len() * 2);
        }
        Ok(())
    }

    fn combination(&mut self, hash: u64, columns: &[ArrayRef], row: usize) -> Result<u32> {
        if let Some(known) = self.known.get(&hash) {
            return Ok(*known);
        }
        let mut numbers = Vec::with_capacity(columns.len());
        for (words, column) in self.words.iter_mut().zip(columns) {
            let word = if column.is_valid(row) { Some(array_value_to_string(column, row)?) } else { None };
            numbers.push(words.number(word));
        }
        let number = u32::try_from(self.combinations.len()).unwrap_or(u32::MAX);
        self.combinations.push(numbers);
        self.known.insert(hash, number);
        Ok(number)
    }

    fn counts_changes(&self) -> bool {
        self.watch.table.name == Score::TABLE.name
    }

    /// Lets one row stand for each key: the one recorded last, as a merge decides it.
    pub(super) fn settle(&mut self) {
        // Of the rows that tell one scorecard, the first submission stands.
        let first = self.watch.table.name == Scorecard::TABLE.name;
        let submitted = |entity: &Entity| match (first, entity.at) {
            (false, _) => 0,
            (true, NEVER) => i64::MIN + 1,
            (true, at) => -at,
        };
        let rank = |entity: &Entity| (entity.key, entity.recorded, entity.rank, submitted(entity));
        self.rows.sort_by_key(rank);
        if self.counts_changes() {
            let changed = |pair: &[Entity]| match pair {
                [older, newer] if older.key == newer.key => {
                    let declared = older.rank != newer.rank;
                    self.score(older) != self.score(newer) && (declared || older.recorded != newer.recorded)
                }
                _ => false,
            };
            let changes = self.rows.windows(2).filter(|pair| changed(pair)).count() as u64;
            self.changes += changes;
        }
        // The last of each group, which moves to where the first stood.
        self.rows.dedup_by(|later, kept| {
            let same = later.key == kept.key;
            if same {
                *kept = *later;
            }
            same
        });
    }

    fn score(&self, entity: &Entity) -> Option<u32> {
        self.number(entity, "score_milli")
    }

    /// The rows that stand.
    pub(super) fn rows(&self) -> &[Entity] {
        &self.rows
    }

    /// Whether a watched column of a row is filled.
    pub(super) fn has(&self, entity: &Entity, column: &str) -> bool {
        let bit = self.watch.filled.iter().position(|name| *name == column);
        bit.is_some_and(|bit| entity.filled & (1 << bit) != 0)
    }

    /// The word of a row in a column.
    pub(super) fn word(&self, entity: &Entity, column: &str) -> Option<&str> {
        let at = self.watch.labels.iter().position(|name| *name == column)?;
        self.words.get(at)?.words.get(self.number(entity, column)? as usize)?.as_deref()
    }

    /// The number of that word: the same word has the same number.
    pub(super) fn number(&self, entity: &Entity, column: &str) -> Option<u32> {
        let at = self.watch.labels.iter().position(|name| *name == column)?;
        self.combinations.get(entity.labels as usize)?.get(at).copied()
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = Folded::default();
    hasher.write(bytes);
    hasher.finish()
}

fn instant(column: Option<&TimestampMicrosecondArray>, row: usize) -> Option<i64> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn number(column: Option<&Int64Array>, row: usize) -> Option<i64> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}
