//! Neutral tables: a folder of CSV, TSV, JSON or Parquet files, or of workbooks, that follow the import contract.
//!
//! Files and sheets are recognised by their stem (`applications`, `decisions`, `interviews`, `scorecards`, `events`,
//! `outcomes`). Other column names and words are mapped in `looplens.toml`; nothing is guessed.

mod advice;
mod cells;
mod columns;
mod ids;
mod numbers;
mod rows;
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
use crate::error::{Error, Result};
use cells::Cells;
use columns::Columns;
use rows::Reader;
use workbooks::Workbooks;

/// The source.
pub const SOURCE: Source = Source {
    id: "tables",
    title: "neutral table",
    summary: "A folder of neutral tables: applications, decisions, interviews, scorecards, events and outcomes, \
              each .csv, .tsv, .ndjson, .json or .parquet (also .gz or .zst) or a sheet of a workbook (.xlsx, .xlsm, \
              .xls, .ods), following the import contract (`looplens schema --import`).",
    recognise,
    read,
};

/// One table of the import contract.
#[derive(Debug)]
pub struct Import {
    /// The file's stem.
    pub name: &'static str,
    /// Its columns, required ones first.
    pub columns: &'static [&'static str],
    /// How many of them are required.
    pub required: usize,
}

/// The import contract.
pub const CONTRACT: &[Import] = &[
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
        ],
    },
    Import {
        name: "decisions",
        required: 2,
        columns: &["application_id", "decision", "decided_at", "decided_by", "reason", "offer_outcome"],
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
        ],
    },
    Import { name: "events", required: 3, columns: &["application_id", "event", "at", "stage", "actor_id"] },
    Import { name: "outcomes", required: 3, columns: &["application_id", "outcome", "value", "at", "rated_by"] },
];

fn import_of(stem: &str) -> Option<&'static Import> {
    CONTRACT.iter().find(|import| import.name == stem)
}

fn recognise(export: &Export) -> Option<Recognition> {
    let mut seen = Vec::new();
    let mut signs = 0;
    for file in &export.files {
        if file.layout == Layout::Workbook {
            let (tables, strength) = workbooks::signs(file, export);
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
    (signs > 0).then(|| Recognition { signs, because: format!("tables {}", seen.join(", ")) })
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let mut workbooks = Workbooks::open(export)?;
    // Applications first: their time decides the partition of everything else.
    for import in CONTRACT {
        let mut reader = Reader::new(import, config)?;
        for file in export.files.iter().filter(|file| file.stem == import.name && file.layout != Layout::Workbook) {
            let id = sink.open(SOURCE.id, file, import.name);
            reader.begin(id);
            match file.layout {
                Layout::Delimited(delimiter) => {
                    cells::delimited(file, delimiter, id, config, import, sink, &mut reader)?
                }
                Layout::Parquet => cells::parquet(file, id, config, import, sink, &mut reader)?,
                _ => cells::objects(file, id, config, import, sink, &mut reader)?,
            }
            reader.finish(sink)?;
        }
        workbooks.read(import, config, sink, &mut reader)?;
    }
    for file in &export.files {
        if file.layout != Layout::Workbook && import_of(&file.stem).is_none() {
            let id = sink.open(SOURCE.id, file, "not read");
            sink.ledger().remark(id, "not a table of the import contract, so not read");
        }
    }
    workbooks.leave(sink)
}

/// Where each canonical column stands among a file's own columns.
fn positions(import: &'static Import, config: &Config, own: &[String], file: &InputFile) -> Result<Columns> {
    let (columns, missing) = Columns::find(import, config, own, file)?;
    if !missing.is_empty() {
        return Err(Error::input(format!("the table {} has no column {}", import.name, missing.join(", ")))
            .at(&file.path)
            .help(format!(
                "map the file's own names in looplens.toml: [tables.{}.columns] {} = \"...\"",
                import.name,
                missing.first().unwrap_or(&"")
            )));
    }
    Ok(columns)
}

/// Takes the rows of a file one by one.
trait Take {
    /// A row of the contract's shape.
    fn take(&mut self, sink: &mut dyn Sink, place: Place, cells: &Cells<'_>) -> Result<()>;

    /// A row that holds the scores of several dimensions.
    fn wide(
        &mut self,
        sink: &mut dyn Sink,
        place: Place,
        cells: &Cells<'_>,
        scores: &[(&str, Option<&str>)],
    ) -> Result<()>;
}
