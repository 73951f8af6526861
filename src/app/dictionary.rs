//! The data dictionary: dataset, results and import contract, as text, Markdown or JSON.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::dataset::schema::FORMAT_VERSION;
use crate::dictionary::ddl::{self, statements};
use crate::dictionary::entries;
use crate::engine::results::RESULTS_VERSION;
use crate::error::{Error, Result, pages};
use crate::report::number::harmless;
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

/// The dictionary.
pub fn schema(form: Form, import: bool) -> String {
    if import { imports(form) } else { tables(form) }
}

/// The statements that make the tables known to another program. Where neither folder is named, those of the README
/// are meant; OUT's own dataset is where the run kept one there.
pub fn ddl(dialect: &str, dataset: Option<&str>, out: Option<&str>) -> Result<String> {
    let dialect = ddl::dialect(dialect)
        .ok_or_else(|| Error::new(&pages::UNKNOWN_NAME, format!("there is no dialect `{}`", harmless(dialect))))?;
    let usual = (dataset.is_none() && out.is_none()).then_some(dialect.usual);
    let own = out.map(|out| format!("{out}/dataset")).filter(|own| Path::new(own).join("current").exists());
    let dataset = dataset.map(str::to_owned).or(own).or(usual.map(|(dataset, _)| dataset.to_owned()));
    let out = out.or(usual.map(|(_, out)| out)).map(str::to_owned);
    let whole = |place: String| match std::path::absolute(&place) {
        Ok(path) if dialect.is_whole && !place.contains("://") => path.display().to_string(),
        _ => place,
    };
    let (dataset, out) = (dataset.map(whole), out.map(whole));
    let is_known = dataset.as_deref().is_some_and(|dataset| Path::new(dataset).join("current").exists());
    let is_empty = |place: &str| is_known && !Path::new(place).exists();
    Ok(statements(dialect, dataset.as_deref(), out.as_deref(), &is_empty))
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
                    json!({ "part": entry.part.word(), "table": entry.name, "about": entry.about, "key": entry.key, "columns": columns })
                })
                .collect();
            let whole = json!({ "dataset_version": FORMAT_VERSION, "results_version": RESULTS_VERSION, "tables": all });
            let _ = writeln!(out, "{whole:#}");
        }
        Form::Markdown => {
            let _ = writeln!(out, "# Data dictionary\n");
            for entry in &entries {
                let _ = writeln!(out, "## {} ({})\n\n{}\n", entry.name, entry.part.word(), entry.about);
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
                let _ = writeln!(out, "{} ({}): {}", entry.name, entry.part.word(), entry.about);
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
