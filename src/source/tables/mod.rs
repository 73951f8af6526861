//! Neutral tables: a folder of CSV, TSV, JSON or Parquet files that follow the import contract.
//!
//! Files are recognised by their stem (`applications`, `decisions`, `interviews`, `scorecards`, `events`,
//! `outcomes` ...). Other column names and words are mapped in `looplens.toml`; nothing is guessed. Extracts of
//! another layout are read as the configuration or a preset says (`extract.rs`).

mod cells;
mod extract;
mod header;
mod ids;
mod lookups;
mod rows;
mod sample;
mod scores;

use super::files::{Export, InputFile, Layout};
use super::{Recognition, Sink, Source, json};
use crate::config::Config;
use crate::config::presets::{PRESETS, Preset, is_table};
use crate::error::{Error, Result};
use cells::{Cells, MOST_COLUMNS};
use rows::{Known, Reader};
pub use sample::{Sample, sample};

/// The source.
pub const SOURCE: Source = Source {
    id: "tables",
    title: "neutral table",
    summary: "A folder of neutral tables: applications, decisions, interviews, scorecards, events and outcomes, \
              each .csv, .tsv, .ndjson, .json or .parquet (also .gz or .zst), following the import contract \
              (`looplens schema --import`).",
    recognise,
    read,
    reads: &[],
    advice: &[
        ("application-times", "Fill `applied_at` in applications.csv."),
        ("decisions", "Add decisions.csv with `decision` and `decided_at`."),
        ("endings", "Add decisions.csv."),
        ("interview-times", "Add interviews.csv with `starts_at` and `ends_at`."),
        ("booking-times", "Fill `scheduled_at` in interviews.csv: when the interview was put on the calendar."),
        ("stage-history", "Add events.csv with `stage_entered`: application, event, time and stage."),
        ("submissions", "Fill `submitted_at` in scorecards.csv."),
        ("scores", "Add scorecards.csv, one row per dimension."),
        ("timed-panels", "Add scorecards.csv with `submitted_at`, one row per dimension and interviewer."),
        ("stage-pairs", "Add scorecards.csv with the scores of all rounds, one row per dimension."),
        ("shared-candidates", "Add scorecards.csv with the scores of all interviewers, one row per dimension."),
        ("debriefs", "Add `debrief_started` to events.csv, or interviews of the kind `debrief` to interviews.csv."),
        ("edits", "Fill `revision` in scorecards.csv (0 first, 1 and up for edits), or ingest the next export too."),
        ("channels", "Fill `source` in applications.csv."),
        ("rounds", "Name the `stage` in interviews.csv, scorecards.csv or events.csv."),
        ("panels", "Fill `interviewer_ids` in interviews.csv."),
        ("planned-lengths", "Fill `planned_minutes` in interviews.csv."),
    ],
};

/// One table of the import contract.
#[derive(Debug)]
pub struct Import<'a> {
    /// The file's stem.
    pub name: &'a str,
    /// Its columns, required ones first.
    pub columns: &'a [&'a str],
    /// How many of them are required.
    pub required: usize,
}

/// The import contract.
pub const CONTRACT: &[Import<'static>] = &[
    Import {
        name: "applications",
        required: 1,
        columns: &[
            "application_id",
            "candidate_id",
            "job_id",
            "job_title",
            "department",
            "level",
            "location",
            "specialism",
            "role_specialism",
            "source",
            "hiring_manager_id",
            "recruiter_id",
            "applied_at",
            "closed_at",
            "status",
            "recorded_at",
        ],
    },
    Import {
        name: "decisions",
        required: 2,
        columns: &[
            "application_id",
            "decision",
            "decided_at",
            "decided_by",
            "reason",
            "offer_outcome",
            "decided_from",
            "recorded_at",
        ],
    },
    Import {
        name: "interviews",
        required: 3,
        columns: &[
            "interview_id",
            "application_id",
            "stage",
            "kind",
            "scheduled_at",
            "starts_at",
            "ends_at",
            "interviewer_ids",
            "status",
            "planned_minutes",
            "availability_at",
            "recorded_at",
        ],
    },
    Import {
        name: "panel_members",
        required: 3,
        columns: &[
            "application_id",
            "interview_id",
            "interviewer_id",
            "role",
            "response",
            "scorecard_id",
            "recorded_at",
        ],
    },
    Import {
        name: "cards",
        required: 2,
        columns: &[
            "application_id",
            "scorecard_id",
            "interview_id",
            "stage",
            "interviewer_id",
            "submitted_by",
            "role",
            "status",
            "interviewed_at",
            "submitted_at",
            "updated_at",
            "recommendation",
            "note",
            "recorded_at",
        ],
    },
    Import {
        name: "scorecards",
        required: 5,
        columns: &[
            "application_id",
            "stage",
            "interviewer_id",
            "dimension",
            "score",
            "scorecard_id",
            "interview_id",
            "submitted_at",
            "submitted_by",
            "role",
            "note",
            "revision",
            "recommendation",
            "dimension_kind",
            "recorded_at",
        ],
    },
    Import {
        name: "events",
        required: 3,
        columns: &["application_id", "event", "at", "stage", "actor_id", "origin", "recorded_at"],
    },
    Import { name: "outcomes", required: 3, columns: &["application_id", "outcome", "value", "at", "rated_by"] },
    Import { name: "people", required: 1, columns: &["person_id", "name", "first_name", "last_name"] },
];

fn import_of(file: &InputFile) -> Option<&'static Import<'static>> {
    CONTRACT.iter().find(|import| import.name == file.stem)
}

/// Tables whose names many a folder has; beside others they count, alone they say nothing.
const COMMON_NAMES: &[&str] = &["cards", "panel_members", "people"];

fn recognise(export: &Export) -> Option<Recognition> {
    let mut seen = Vec::new();
    let mut signs = 0;
    let is_telling = |file: &InputFile| import_of(file).is_some_and(|import| !COMMON_NAMES.contains(&import.name));
    if !export.files.iter().any(is_telling) {
        return None;
    }
    for file in &export.files {
        let Some(import) = import_of(file) else { continue };
        let strength = match file.layout {
            Layout::Delimited(_) | Layout::Parquet => 3,
            // Greenhouse dumps have files of the same names, whose records are keyed by `id`.
            Layout::Json => match json::first_record(file) {
                Some(record) if record.contains_key("application_id") && !record.contains_key("id") => 3,
                _ => continue,
            },
        };
        signs += strength;
        seen.push(import.name);
    }
    (signs > 0).then(|| Recognition { signs, because: format!("tables {}", seen.join(", ")) })
}

/// How many of a preset's tables have to be there for a folder to look like such an extract.
const TELLING_TABLES: usize = 2;

/// The preset whose tables an export holds.
pub fn preset_of(export: &Export) -> Option<&'static Preset> {
    let holds = |(table, columns): &&(&str, &[&str])| {
        let mut files = export.files.iter().filter(|file| is_table(table, &file.stem));
        files.any(|file| {
            header::header(file).is_some_and(|own| columns.iter().all(|column| own.iter().any(|name| name == column)))
        })
    };
    PRESETS.iter().copied().find(|preset| preset.signs.iter().filter(holds).count() >= TELLING_TABLES)
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    if !config.tables.feeds.is_empty() {
        return extract::read(export, config, sink);
    }
    let known = Known { cards_apart: export.files.iter().any(|file| file.stem == "cards"), ..Known::default() };
    // Applications first: their time decides the partition of everything else.
    for import in CONTRACT {
        let mut reader = Reader::new(import, config, known)?;
        for file in export.files.iter().filter(|file| file.stem == import.name) {
            let id = sink.open(SOURCE.id, file, import.name);
            reader.begin(id);
            match file.layout {
                Layout::Delimited(delimiter) => {
                    cells::delimited(file, delimiter, id, config, import, sink, &mut reader)?
                }
                Layout::Json => cells::objects(file, id, config, import, sink, &mut reader)?,
                Layout::Parquet => cells::parquet(file, id, config, import, sink, &mut reader)?,
            }
            reader.finish(sink)?;
        }
    }
    for file in export.files.iter().filter(|file| import_of(file).is_none()) {
        let id = sink.open(SOURCE.id, file, "not read");
        sink.ledger().remark(id, "not a table of the import contract, so not read");
    }
    Ok(())
}

/// Where each canonical column stands among a file's own columns.
fn positions(
    import: &Import,
    config: &Config,
    own: &[String],
    file: &InputFile,
) -> Result<([Option<usize>; MOST_COLUMNS], Vec<String>)> {
    let map = config.tables.columns.get(import.name);
    let mut found = [None; MOST_COLUMNS];
    let mut used = vec![false; own.len()];
    let mut missing = Vec::new();
    for (slot, (at, column)) in found.iter_mut().zip(import.columns.iter().enumerate()) {
        let name = map.and_then(|map| map.get(*column)).map_or(*column, String::as_str);
        *slot = own.iter().position(|own| own.trim() == name);
        if let Some(used) = slot.and_then(|position| used.get_mut(position)) {
            *used = true;
        } else if at < import.required {
            missing.push(name);
        }
    }
    if !missing.is_empty() {
        return Err(Error::input(format!("the table {} has no column {}", import.name, missing.join(", ")))
            .at(&file.path)
            .help(format!(
                "map the file's own names in looplens.toml: [tables.{}.columns] {} = \"...\"",
                import.name,
                missing.first().unwrap_or(&"")
            )));
    }
    let unknown = own.iter().zip(used).filter(|(_, used)| !used).map(|(name, _)| name.clone()).collect();
    Ok((found, unknown))
}

/// Takes the rows of a file one by one.
trait Take {
    fn take(&mut self, sink: &mut dyn Sink, place: super::ledger::Place, cells: &Cells<'_>) -> Result<()>;
}
