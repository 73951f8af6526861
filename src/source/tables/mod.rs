//! Neutral tables: a folder of CSV, TSV, JSON or Parquet files, or of workbooks, that follow the import contract.
//!
//! Files and sheets are recognised by their stem (`applications`, `decisions`, `interviews`, `scorecards`, `events`,
//! `outcomes` ...). Other column names and words are mapped in `looplens.toml`; nothing is guessed. Extracts of
//! another layout are read as the configuration or a preset says (`extract.rs`).

mod advice;
mod cells;
mod columns;
mod extract;
mod ids;
mod lookups;
mod numbers;
mod rows;
mod sample;
mod scores;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbook_tests;
mod workbooks;

use super::files::{Export, InputFile, Layout};
use super::ledger::Place;
use super::{Recognition, Sink, Source, json};
use crate::config::Config;
use crate::config::presets::{PRESETS, Preset, is_table};
use crate::error::Result;
use cells::Cells;
use columns::Wanted;
use rows::{Known, Reader};
pub use sample::{Sample, Samples};
use workbooks::Desk;

/// The source.
pub const SOURCE: Source = Source {
    id: "tables",
    title: "neutral table",
    summary: "A folder of neutral tables: applications, decisions, interviews, scorecards, events and outcomes, \
              each .csv, .tsv, .ndjson, .json or .parquet (also .gz or .zst) or a sheet of a workbook (.xlsx, .xlsm, \
              .xls, .ods), following the import contract (`looplens schema --import`).",
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
            "meant_dimensions",
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

/// A table of which nothing is known.
const ANYTHING: Import<'static> = Import { name: "", columns: &[], required: 0 };

fn import_of(stem: &str) -> Option<&'static Import<'static>> {
    CONTRACT.iter().find(|import| import.name == stem)
}

/// Tables whose names many a folder has; beside others they count, alone they say nothing.
const COMMON_NAMES: &[&str] = &["cards", "panel_members", "people"];

fn recognise(export: &Export) -> Option<Recognition> {
    let mut seen = Vec::new();
    let mut signs = 0;
    for file in &export.files {
        if file.layout == Layout::Workbook {
            let (tables, strength) = in_workbook(file, export);
            signs += strength;
            seen.extend(tables);
            continue;
        }
        let Some(import) = import_of(&file.stem) else { continue };
        let strength = match file.layout {
            // Greenhouse dumps have files of the same names, whose records are keyed by `id`.
            Layout::Json => match json::first_record(file) {
                Some(record) if record.contains_key("application_id") && !record.contains_key("id") => 3,
                _ => continue,
            },
            _ => 3,
        };
        signs += strength;
        seen.push(import.name);
    }
    // A workbook that cannot be opened has signs without a table.
    let is_common = !seen.is_empty() && seen.iter().all(|name| COMMON_NAMES.contains(name));
    (signs > 0 && !is_common).then(|| Recognition { signs, because: format!("tables {}", seen.join(", ")) })
}

/// The tables that a workbook holds, and how strongly it speaks for this source.
fn in_workbook(file: &InputFile, export: &Export) -> (Vec<&'static str>, u32) {
    match Desk::default().tables_of(file, &|stem| import_of(stem).is_some()) {
        Ok(tables) => {
            let sheets = tables.iter().filter(|table| table.is_table());
            let names: Vec<&str> = sheets.filter_map(|table| Some(import_of(&table.file.stem)?.name)).collect();
            let strength = 3 * names.len() as u32;
            (names, strength)
        }
        // No other source reads workbooks, so where one that cannot be opened matters, reading it says why.
        Err(_) => {
            let alone = export.files.iter().all(|other| other.layout == Layout::Workbook);
            (Vec::new(), u32::from(alone || import_of(&file.stem).is_some()))
        }
    }
}

/// How many of a preset's tables have to be there for a folder to look like such an extract.
const TELLING_TABLES: usize = 2;

/// The preset whose tables an export holds.
pub fn preset_of(export: &Export) -> Option<&'static Preset> {
    let signs = || PRESETS.iter().flat_map(|preset| preset.signs);
    let headers = sample::headers(export, &|stem| signs().any(|(table, _)| is_table(table, stem)));
    let holds = |(table, columns): &&(&str, &[&str])| {
        let mut own = headers.iter().filter(|(stem, _)| is_table(table, stem));
        own.any(|(_, own)| columns.iter().all(|column| own.iter().any(|name| name == column)))
    };
    PRESETS.iter().copied().find(|preset| preset.signs.iter().filter(holds).count() >= TELLING_TABLES)
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    if !config.tables.feeds.is_empty() {
        return extract::read(export, config, sink);
    }
    let mut desk = Desk::default();
    let tables = desk.tables(export, &|stem| import_of(stem).is_some())?;
    let held = |import: &Import<'_>| {
        let name = import.name.to_owned();
        tables.iter().filter(move |table| table.is_table() && table.file.stem == name)
    };
    let known = Known {
        cards_apart: tables.iter().any(|table| table.is_table() && table.file.stem == "cards"),
        ..Known::default()
    };
    // Applications first: their time decides the partition of everything else.
    for import in CONTRACT {
        let mut reader = Reader::new(import, config, known)?;
        for table in held(import) {
            let id = sink.open(SOURCE.id, &table.file, import.name);
            reader.begin(id);
            desk.read(table, id, Wanted::of_contract(import, config), sink, &mut reader)?;
            reader.finish(sink)?;
        }
    }
    let names: Vec<&str> = CONTRACT.iter().map(|import| import.name).collect();
    for table in tables.iter().filter(|table| !(table.is_table() && import_of(&table.file.stem).is_some())) {
        let remark = match table.file.layout {
            Layout::Workbook => {
                format!("not a table of the import contract, so not read (name a sheet {})", names.join(", "))
            }
            _ => "not a table of the import contract, so not read".to_owned(),
        };
        table.leave(sink, &remark);
    }
    Ok(())
}

/// Takes the rows of a file one by one.
trait Take {
    /// A row of the contract's shape.
    fn take(&mut self, sink: &mut dyn Sink, place: Place, cells: &Cells<'_>) -> Result<()>;

    /// A row that holds the scores of several dimensions; it comes only where columns of dimensions are wanted.
    fn wide(
        &mut self,
        sink: &mut dyn Sink,
        place: Place,
        cells: &Cells<'_>,
        _scores: &[(&str, Option<&str>)],
    ) -> Result<()> {
        self.take(sink, place, cells)
    }
}
