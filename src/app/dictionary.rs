//! The data dictionary: dataset, results and import contract, as text, Markdown or JSON.

use std::fmt::Write as _;

use serde_json::json;

use crate::comparison::COMPARISON;
use crate::dataset::schema::{ACCOUNT_TABLES, Column, DERIVED_TABLES, ENTITY_TABLES, FORMAT_VERSION, Table};
use crate::engine::results::RESULTS_VERSION;
use crate::findings::rank::FINDINGS;
use crate::metrics::METRICS;
use crate::source::tables::CONTRACT;

/// How the dictionary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For a wiki.
    Markdown,
    /// For programs.
    Json,
}

struct Entry {
    part: &'static str,
    name: &'static str,
    about: &'static str,
    key: Vec<&'static str>,
    columns: &'static [Column],
}

pub(super) fn dataset_tables() -> impl Iterator<Item = &'static Table> {
    ENTITY_TABLES.iter().chain(DERIVED_TABLES).chain(ACCOUNT_TABLES).copied()
}

fn entries() -> Vec<Entry> {
    let dataset = dataset_tables().map(|table| Entry {
        part: "dataset",
        name: table.name,
        about: table.about.trim(),
        key: table.key.to_vec(),
        columns: table.columns,
    });
    let results = METRICS.iter().flat_map(|question| question.metric.tables).copied().chain([&FINDINGS, &COMPARISON]);
    let results = results.map(|table| Entry {
        part: "results",
        name: table.name,
        about: table.about,
        key: Vec::new(),
        columns: table.columns,
    });
    dataset.chain(results).collect()
}

/// The dictionary.
pub fn schema(form: Form, import: bool) -> String {
    if import { imports(form) } else { tables(form) }
}

fn tables(form: Form) -> String {
    let entries = entries();
    let mut out = String::new();
    match form {
        Form::Json => {
            let all: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let columns: Vec<_> = entry
                        .columns
                        .iter()
                        .map(|c| json!({ "name": c.name, "type": c.ty.name(), "nullable": c.nullable, "meaning": c.meaning }))
                        .collect();
                    json!({ "part": entry.part, "table": entry.name, "about": entry.about, "key": entry.key, "columns": columns })
                })
                .collect();
            let whole = json!({ "dataset_version": FORMAT_VERSION, "results_version": RESULTS_VERSION, "tables": all });
            let _ = writeln!(out, "{whole:#}");
        }
        Form::Markdown => {
            let _ = writeln!(out, "# Data dictionary\n");
            for entry in &entries {
                let _ = writeln!(out, "## {} ({})\n\n{}\n", entry.name, entry.part, entry.about);
                if !entry.key.is_empty() {
                    let _ = writeln!(out, "Sorted and unique by {}.\n", entry.key.join(", "));
                }
                let _ = writeln!(out, "| column | type | may be missing | meaning |\n| --- | --- | --- | --- |");
                for c in entry.columns {
                    let missing = if c.nullable { "yes" } else { "no" };
                    let _ = writeln!(out, "| {} | {} | {missing} | {} |", c.name, c.ty.name(), c.meaning);
                }
                out.push('\n');
            }
        }
        Form::Text => {
            for entry in &entries {
                let _ = writeln!(out, "{} ({}): {}", entry.name, entry.part, entry.about);
                for c in entry.columns {
                    let missing = if c.nullable { "" } else { " *" };
                    let _ = writeln!(out, "  {:<28} {:<16} {}", format!("{}{missing}", c.name), c.ty.name(), c.meaning);
                }
                out.push('\n');
            }
            out.push_str("* never missing\n");
        }
    }
    out
}

fn imports(form: Form) -> String {
    let mut out = String::new();
    match form {
        Form::Json => {
            let all: Vec<_> = CONTRACT
                .iter()
                .map(|t| json!({ "file": t.name, "columns": t.columns, "required": t.columns.get(..t.required) }))
                .collect();
            let _ = writeln!(out, "{:#}", json!(all));
        }
        Form::Markdown | Form::Text => {
            if form == Form::Markdown {
                let _ = writeln!(out, "| file | columns |\n| --- | --- |");
            }
            for table in CONTRACT {
                let columns: Vec<String> = table
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(at, name)| if at < table.required { format!("{name}*") } else { (*name).to_owned() })
                    .collect();
                let _ = match form {
                    Form::Markdown => writeln!(out, "| {} | {} |", table.name, columns.join(", ")),
                    _ => writeln!(out, "{:<13} {}", table.name, columns.join(", ")),
                };
            }
            // In Markdown a line that begins with an asterisk is an item of a list.
            out.push_str(if form == Form::Markdown { "\n`*` required\n" } else { "* required\n" });
        }
    }
    out
}
