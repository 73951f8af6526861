//! The comparison of formats as a document: `data-samples/formats.md`.

use std::fmt::Write;

use looplens::dataset::schema::ENTITY_TABLES;

use super::columns::{self, Column, Grade, When};
use super::{columns_of, every_format};

const HEAD: &str = "\
# What each format can say

The same hiring history, written in each format of `looplens simulate`, gives the same dataset as far as the format can say it.
This page lists what each format says about every column of the dataset. A test writes one history in all formats, reads each,
and compares row by row; it fails where a format says less or more than stated here.

- **yes**: the same as in every other format that says it.
- **day**: only the day of it.
- **no**: nothing; the column is empty, or the row is not there.
- *N levels*: on a scale with other levels than the four of the history.
- `word`: a word of the format's own.
- **own**: something that is the format's own affair, such as when it last touched a record.

Identifiers differ between formats and are left out here: rows are matched by loop, stage, person and time. How precise an instant
is stands beside it in the dataset (`applied_precision` and so on).
";

/// The whole document.
pub(super) fn document() -> String {
    let formats: Vec<&Column> = every_format().map(columns::of).collect();
    let mut text = HEAD.to_owned();
    for table in ENTITY_TABLES {
        let header: Vec<String> = formats.iter().map(|format| format!(" {} |", format.format)).collect();
        let _ = writeln!(text, "\n## {}\n\n| column |{}", table.name, header.concat());
        let _ = writeln!(text, "| --- |{}", " --- |".repeat(formats.len()));
        for name in std::iter::once("rows").chain(columns_of(table.name)) {
            let shown = if name == "rows" { "*rows*".to_owned() } else { format!("`{name}`") };
            let cells: Vec<String> =
                formats.iter().map(|format| format!(" {} |", cell(format, table.name, name))).collect();
            let _ = writeln!(text, "| {shown} |{}", cells.concat());
        }
    }
    text
}

fn cell(format: &Column, table: &str, name: &str) -> String {
    let rows = format.cases(&format!("{table}.rows"));
    if name != "rows" && matches!(rows, [(When::Always, Grade::No)]) {
        return String::new();
    }
    let cases = format.cases(&format!("{table}.{name}"));
    let mut parts: Vec<String> = Vec::new();
    if !cases.iter().any(|(when, _)| matches!(when, When::Always)) {
        parts.push("yes".to_owned());
    }
    for (when, grade) in cases {
        let grade = match grade {
            Grade::Same => "yes".to_owned(),
            Grade::Day => "day".to_owned(),
            Grade::No | Grade::Says([]) => "no".to_owned(),
            Grade::Own => "own".to_owned(),
            Grade::Scale(name, _) => format!("*{name}*"),
            Grade::Some(what) | Grade::Other(what) => (*what).to_owned(),
            Grade::Says(words) => listed(words),
        };
        match condition(when) {
            None => parts.insert(0, grade),
            Some(condition) => parts.push(format!("{grade} where {condition}")),
        }
    }
    parts.join("; ")
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn condition(when: &When) -> Option<String> {
    Some(match when {
        When::Always => return None,
        When::Is(column, words) => format!("`{column}` is {}", listed(words)),
        When::Event(words) => format!("`event` is {}", listed(words)),
        When::Stage(words) => format!("the stage is {}", listed(words)),
        When::Of(table, column, words) => format!("`{table}.{column}` is {}", listed(words)),
        When::Fact(words, _) | When::Reads(words, ..) => (*words).to_owned(),
    })
}
