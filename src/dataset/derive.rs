//! The derived tables of a partition, computed by walking its entity tables side by side.
//!
//! All tables of a partition are sorted by application and no application is in two partitions, so one pass
//! with a batch of each in memory is enough. Everything that needs order, firsts and lasts, or a current
//! stage is settled here; a metric has none of it.

use std::path::Path;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use arrow::array::{Array, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::columns::{Builder, schema};
use super::index::Opened;
use super::parquet::{self, Written};
use super::schema::{FORMAT_VERSION, Loop, LoopState, Row};
use super::spool::BATCH;
use super::store::partition_file;
use super::timeline::{Appointment, Card, Facts, Happening, settle};
use crate::error::Result;
use crate::time::{Instant, When};

/// Raised when the derivation changes, so that partitions on record are derived again.
pub const VERSION: u32 = 6;

/// What the configuration decides about the derived tables.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Loops that opened earlier came under observation only here.
    pub observed_from: Option<Instant>,
    /// Whether entering a stage of this name begins with making an appointment.
    pub opens_scheduling: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Derives `loops` and `loop_states` of one partition of a generation.
pub fn derive(generation: &Path, opened: Opened, rules: &Rules<'_>) -> Result<(Option<Written>, Option<Written>)> {
    let path = |table: &str| partition_file(generation, table, opened);
    let Some(mut loops) = Groups::open(&path("applications"), APPLICATION)? else { return Ok((None, None)) };
    let mut decisions = Groups::open(&path("decisions"), DECISION)?;
    let mut interviews = Groups::open(&path("interviews"), INTERVIEW)?;
    let mut cards = Groups::open(&path("scorecards"), CARD)?;
    let mut events = Groups::open(&path("events"), EVENT)?;
    let mut loop_file = Rows::<Loop>::create(&path("loops"))?;
    let mut state_file = Rows::<LoopState>::create(&path("loop_states"))?;
    while let Some((id, mut facts)) = loops.next_application(application)? {
        facts.observed_from = rules.observed_from;
        facts.awaits_scores = cards.is_some();
        if let Some(groups) = &mut decisions {
            facts.decision = groups.take(&id, decision)?.into_iter().next().flatten();
        }
        if let Some(groups) = &mut interviews {
            facts.interviews = groups.take(&id, interview)?;
        }
        if let Some(groups) = &mut cards {
            facts.cards = groups.take(&id, card)?.into_iter().flatten().collect();
        }
        if let Some(groups) = &mut events {
            facts.events = groups.take(&id, event)?.into_iter().flatten().collect();
            for happening in facts.events.iter_mut().filter(|happening| happening.event == "stage_entered") {
                happening.opens_scheduling = happening.stage.as_deref().is_none_or(rules.opens_scheduling);
            }
        }
        facts.base.scorecards = Some(facts.cards.len() as i64);
        let (row, spells) = settle(facts);
        loop_file.push(&row)?;
        for mut spell in spells {
            spell.application_id.clone_from(&row.application_id);
            state_file.push(&spell)?;
        }
    }
    Ok((loop_file.finish()?, state_file.finish()?))
}

// What is read of each table; the application comes first, then what is asked for most.
const APPLICATION: &[&str] = &[
    "application_id",
    "job_id",
    "department",
    "level",
    "location",
    "source",
    "applied_at",
    "applied_precision",
    "closed_at",
];
const DECISION: &[&str] = &["application_id", "decision", "decided_at", "decided_precision"];
const INTERVIEW: &[&str] = &[
    "application_id",
    "interview_id",
    "stage",
    "kind",
    "status",
    "availability_at",
    "scheduled_at",
    "starts_at",
    "ends_at",
    "recorded_at",
];
const CARD: &[&str] = &["application_id", "status", "role", "interview_id", "stage", "submitted_at", "interviewed_at"];
const EVENT: &[&str] = &["application_id", "event", "at", "at_precision", "stage"];

fn application(view: View<'_>) -> Facts {
    Facts {
        base: Loop {
            application_id: view.owned("application_id").unwrap_or_default(),
            job_id: view.owned("job_id"),
            department: view.owned("department"),
            level: view.owned("level"),
            location: view.owned("location"),
            source: view.owned("source"),
            ..Loop::default()
        },
        applied: view.when("applied_at", "applied_precision"),
        closed_at: view.instant("closed_at"),
        ..Facts::default()
    }
}

fn decision(view: View<'_>) -> Option<(String, Option<When>)> {
    Some((view.owned("decision")?, view.when("decided_at", "decided_precision")))
}

fn interview(view: View<'_>) -> Appointment {
    let status = view.text("status").unwrap_or_default();
    let kind = view.text("kind");
    let start = view.instant("starts_at");
    // Where the source does not say, an appointment that was ahead when the record was made has not been held.
    let was_ahead = status == "unknown" && start > view.instant("recorded_at");
    Appointment {
        id: view.owned("interview_id").unwrap_or_default(),
        stage: view.owned("stage"),
        debrief: kind == Some("debrief"),
        at_home: matches!(kind, Some("take_home" | "async")),
        took_place: matches!(status, "done" | "unknown") && !was_ahead,
        was_ahead,
        available: view.instant("availability_at"),
        scheduled: view.instant("scheduled_at"),
        start,
        end: view.instant("ends_at"),
    }
}

fn card(view: View<'_>) -> Option<Card> {
    let submitted = view.text("status") == Some("submitted");
    let own = view.text("role") == Some("interviewer");
    (submitted && own).then(|| Card {
        interview_id: view.owned("interview_id"),
        stage: view.owned("stage"),
        submitted: view.instant("submitted_at"),
        interviewed: view.instant("interviewed_at"),
    })
}

fn event(view: View<'_>) -> Option<Happening> {
    Some(Happening {
        event: view.owned("event")?,
        at: view.when("at", "at_precision")?,
        stage: view.owned("stage"),
        opens_scheduling: false,
    })
}

/// A column that is read.
enum Values {
    Texts(StringArray),
    Instants(TimestampMicrosecondArray),
}

/// One row of the columns that are read, by name. The names are few and constant, so that looking through
/// them is cheaper than hashing them.
#[derive(Clone, Copy)]
struct View<'a> {
    columns: &'a [(&'static str, Values)],
    row: usize,
}

impl<'a> View<'a> {
    fn values(self, name: &str) -> Option<&'a Values> {
        self.columns.iter().find(|(of, _)| *of == name).map(|(_, values)| values)
    }

    fn text(self, name: &str) -> Option<&'a str> {
        match self.values(name)? {
            Values::Texts(column) => (!column.is_null(self.row)).then(|| column.value(self.row)),
            Values::Instants(_) => None,
        }
    }

    fn owned(self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    fn instant(self, name: &str) -> Option<Instant> {
        match self.values(name)? {
            Values::Instants(column) => (!column.is_null(self.row)).then(|| Instant(column.value(self.row))),
            Values::Texts(_) => None,
        }
    }

    fn when(self, name: &str, precision: &str) -> Option<When> {
        let at = self.instant(name)?;
        Some(When { at, is_day: self.text(precision) == Some("day") })
    }
}

/// The rows of a table, application by application.
struct Groups {
    reader: ParquetRecordBatchReader,
    names: &'static [&'static str],
    columns: Vec<(&'static str, Values)>,
    rows: usize,
    row: usize,
}

impl Groups {
    fn open(path: &Path, names: &'static [&'static str]) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let mut groups = Self { reader: parquet::read(path, names)?, names, columns: Vec::new(), rows: 0, row: 0 };
        groups.load()?;
        Ok(Some(groups))
    }

    fn load(&mut self) -> Result<()> {
        self.row = 0;
        self.rows = 0;
        self.columns.clear();
        for batch in self.reader.by_ref() {
            let batch = batch?;
            if batch.num_rows() == 0 {
                continue;
            }
            self.rows = batch.num_rows();
            for name in self.names {
                let Some(column) = batch.column_by_name(name) else { continue };
                if let Some(texts) = column.as_any().downcast_ref::<StringArray>() {
                    self.columns.push((name, Values::Texts(texts.clone())));
                } else if let Some(instants) = column.as_any().downcast_ref::<TimestampMicrosecondArray>() {
                    self.columns.push((name, Values::Instants(instants.clone())));
                }
            }
            break;
        }
        Ok(())
    }

    fn view(&self) -> Option<View<'_>> {
        (self.row < self.rows).then_some(View { columns: &self.columns, row: self.row })
    }

    fn step(&mut self) -> Result<()> {
        self.row += 1;
        if self.row >= self.rows { self.load() } else { Ok(()) }
    }

    /// The next row of a table with one row per application.
    fn next_application<T>(&mut self, read: fn(View<'_>) -> T) -> Result<Option<(String, T)>> {
        let Some(view) = self.view() else { return Ok(None) };
        let id = view.owned("application_id").unwrap_or_default();
        let value = read(view);
        self.step()?;
        Ok(Some((id, value)))
    }

    /// All rows of one application; rows of earlier ones have no application and are passed over.
    fn take<T>(&mut self, id: &str, read: fn(View<'_>) -> T) -> Result<Vec<T>> {
        let mut out = Vec::new();
        while let Some(view) = self.view() {
            match view.text("application_id").unwrap_or_default().cmp(id) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => out.push(read(view)),
                std::cmp::Ordering::Greater => break,
            }
            self.step()?;
        }
        Ok(out)
    }
}

/// Rows on their way into a file that is created with the first of them.
struct Rows<R> {
    path: std::path::PathBuf,
    builders: Vec<Builder>,
    building: usize,
    writer: Option<parquet::Writer>,
    row: std::marker::PhantomData<R>,
}

impl<R: Row> Rows<R> {
    fn create(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_path_buf(),
            builders: R::TABLE.columns.iter().map(|column| Builder::new(column.ty)).collect(),
            building: 0,
            writer: None,
            row: std::marker::PhantomData,
        })
    }

    fn push(&mut self, row: &R) -> Result<()> {
        row.append(&mut self.builders);
        self.building += 1;
        if self.building >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.building == 0 {
            return Ok(());
        }
        self.building = 0;
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(schema(R::TABLE), columns)?;
        if self.writer.is_none() {
            if let Some(folder) = self.path.parent() {
                super::files::create_folder(folder)?;
            }
            self.writer = Some(parquet::Writer::create(&self.path, schema(R::TABLE), R::TABLE.about, FORMAT_VERSION)?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&batch)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Option<Written>> {
        self.flush()?;
        self.writer.map(parquet::Writer::finish).transpose()
    }
}
