//! What unknown tables look like: a proposed `looplens.toml`, for a person to check.
//!
//! Names and contents of columns speak together: a column called "Rating" whose cells are small numbers is a
//! score. What is certain enough is written; the rest stands there as a comment with the reason. Values of the
//! data are shown redacted, except the short words of columns that hold a vocabulary (decisions, events, stages,
//! dimensions), since those are what has to be given a meaning.

mod aliases;
mod matching;
mod profile;
mod times;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::config::{DECISIONS, EVENTS};
use crate::error::{Error, Result, pages};
use crate::report::number::{plural, visible};
use crate::source::files::Export;
use crate::source::tables::{CONTRACT, Import, Samples, preset_of};
use matching::{Guess, LIKELY, fit};
use profile::Profile;

/// A column whose numbers go beyond this is no rating.
const HIGHEST: f64 = 10.0;
/// The share of cells with a decimal comma from which numbers are taken to be written so.
const COMMAS: f64 = 0.3;
/// How many rows of each file are looked at.
const ROWS: usize = 5000;
/// How many words of a vocabulary are listed.
const LISTED: usize = 30;

/// A file that looks like a table of the contract.
struct Match {
    table: &'static Import<'static>,
    stem: String,
    files: Vec<String>,
    columns: Vec<Profile>,
    guesses: Vec<Guess>,
}

impl Match {
    fn column(&self, name: &str) -> Option<&Profile> {
        let guess = self.guesses.iter().find(|guess| guess.column == name && guess.score >= LIKELY)?;
        self.columns.get(guess.own)
    }
}

/// A configuration for the tables of a folder.
pub fn propose(export: &Export) -> Result<String> {
    let mut matches: Vec<Match> = Vec::new();
    let mut strange: Vec<String> = Vec::new();
    let mut samples = Samples::of(&export.files);
    for (at, file) in samples.files().iter().enumerate() {
        if file.stem.is_empty() {
            strange.push(format!("{}: its name says nothing of what it holds, so rename it", shown(&file.relative)));
            continue;
        }
        // Pages of one table are looked at once.
        if let Some(known) = matches.iter_mut().find(|known| known.stem == file.stem) {
            known.files.push(file.relative.clone());
            continue;
        }
        let Some(sample) = samples.look(at, ROWS).filter(|sample| !sample.rows.is_empty()) else {
            strange.push(format!("{}: no rows of a table", shown(&file.relative)));
            continue;
        };
        let columns = profile::of(&sample);
        let best = CONTRACT.iter().map(|table| (table, fit(table, &file.stem, &columns)));
        match best.max_by(|(_, a), (_, b)| a.total.total_cmp(&b.total)) {
            Some((table, fit)) if fit.is_convincing => matches.push(Match {
                table,
                stem: file.stem.clone(),
                files: vec![file.relative.clone()],
                columns,
                guesses: fit.guesses,
            }),
            other => {
                let near = other.filter(|(_, fit)| fit.total > 0.0).map(|(table, _)| table.name);
                let near = near.map(|name| format!("; {name} comes nearest")).unwrap_or_default();
                strange.push(format!("{}: like no table of the contract{near}", shown(&file.relative)));
            }
        }
    }
    if matches.is_empty() && strange.is_empty() {
        return Err(Error::new(&pages::NO_TABLE, "the folder holds no table").at(&export.root));
    }
    let mut out = String::from(
        "# A proposal from the first rows of each file, for you to check. What is uncertain is commented out, with the\n\
         # reason. `looplens schema --import` explains the columns, `looplens init -` every other key.\n",
    );
    if let Some(preset) = preset_of(export) {
        let _ =
            writeln!(out, "\n# The folder looks like an extract that a preset knows. Instead of what follows, try:");
        let _ = writeln!(out, "# preset = \"{}\"", preset.id);
    }
    for line in &strange {
        let _ = writeln!(out, "\n# {line}.");
    }
    times::propose(
        &mut out,
        matches.iter().flat_map(|found| found.columns.iter().map(|column| (&*found.stem, column))),
    );
    if matches.iter().flat_map(|found| &found.columns).any(|column| column.share(column.commas) > COMMAS) {
        let line = "# Numbers with a decimal comma were seen.\ndecimal = \",\"\n";
        // The section may be there already, for the times.
        match out.find("\n[tables]\n") {
            Some(at) => out.insert_str(at + "\n[tables]\n".len(), line),
            None => out.push_str(&format!("\n[tables]\n{line}")),
        }
    }
    for table in CONTRACT {
        let of: Vec<&Match> = matches.iter().filter(|found| found.table.name == table.name).collect();
        propose_table(&mut out, table, &of);
    }
    aliases::propose(&mut out, "stages", "[stages.aliases]", vocabularies(&matches, "stage"));
    let dimensions = vocabularies(&matches, "dimension");
    aliases::propose(&mut out, "dimensions", "[tables.scorecards.values.dimension]", dimensions);
    Ok(out)
}

/// The words of all columns that hold the same thing, with how often each was read.
fn vocabularies(matches: &[Match], column: &str) -> BTreeMap<String, u64> {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for profile in matches.iter().filter_map(|found| found.column(column)) {
        for (word, times) in profile.vocabulary() {
            *all.entry(word.to_owned()).or_default() += times;
        }
    }
    all
}

/// One table: where it is read from, its columns, its words, its scale.
fn propose_table(out: &mut String, table: &Import<'_>, matches: &[&Match]) {
    let Some(first) = matches.first() else { return };
    let name = table.name;
    let files: Vec<String> = matches.iter().flat_map(|found| &found.files).map(|file| shown(file)).collect();
    let _ = writeln!(out, "\n# {name}: {}", files.join(", "));
    if matches.iter().any(|found| found.stem != name) {
        let stems: Vec<String> = matches.iter().map(|found| text(&found.stem)).collect();
        let _ = writeln!(out, "[tables.{name}]\nfrom = [{}]", stems.join(", "));
    }
    let _ = writeln!(out, "[tables.{name}.columns]");
    for (at, column) in table.columns.iter().enumerate() {
        let found: Vec<(&Match, &Guess)> = matches
            .iter()
            .filter_map(|found| Some((*found, found.guesses.iter().find(|guess| guess.column == *column)?)))
            .collect();
        let Some((of, guess)) = found.iter().max_by(|(_, a), (_, b)| a.score.total_cmp(&b.score)).copied() else {
            if at < table.required {
                let _ = writeln!(out, "# {column} = \"\"  # needed, and no column looks like it");
            }
            continue;
        };
        let Some(profile) = of.columns.get(guess.own) else { continue };
        let evidence = profile.evidence();
        if profile.name == *column {
            let _ = writeln!(out, "# {column}: under its own name; {evidence}");
            continue;
        }
        // The same table in several files may name the column differently.
        let mut names: Vec<&str> = found
            .iter()
            .filter(|(_, other)| other.score >= LIKELY)
            .filter_map(|(of, guess)| of.columns.get(guess.own).map(|profile| profile.name.as_str()))
            .collect();
        names.dedup();
        let own = if names.is_empty() { vec![profile.name.as_str()] } else { names };
        let path = own.iter().map(|name| quoted(name)).collect::<Option<Vec<_>>>().map(|names| names.join(" | "));
        let line = match &path {
            Some(path) => format!("{column} = {}", text(path)),
            None => format!("{column} = a column whose name has double quotes"),
        };
        let _ = match (&guess.doubt, path.is_some() && guess.score >= LIKELY) {
            (None, true) => writeln!(out, "{line}  # {evidence}"),
            (doubt, _) => {
                let doubt = doubt.as_deref().unwrap_or("the name is only a little alike");
                writeln!(out, "# {line}  # uncertain: {doubt}; {evidence}")
            }
        };
    }
    let unread: Vec<String> = first
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !first.guesses.iter().any(|guess| guess.own == *at))
        .map(|(_, profile)| shown(&profile.name))
        .collect();
    if !unread.is_empty() {
        let _ = writeln!(out, "# not read: {}", unread.join(", "));
    }
    if name == "scorecards" {
        wide(out, first);
    }
    let column = |name: &str| matches.iter().find_map(|found| found.column(name));
    if let Some(decision) = column("decision") {
        words(out, "[tables.decisions.values]", decision, DECISIONS, "offer, reject, withdrawn or closed");
    }
    if let Some(event) = column("event") {
        words(out, "[tables.events.values]", event, EVENTS, "one of the contract's, or ignore");
    }
    if let Some(score) = column("score") {
        match score.scale() {
            Some(scale) => {
                let _ = writeln!(
                    out,
                    "\n# Scores from {} to {} were seen, {} apart. Seen is not declared: the ends",
                    scale.min, scale.max, scale.step
                );
                let _ = writeln!(out, "# of the scale may not occur, and 1 may be best.\n# [tables.scale]");
                let _ = writeln!(
                    out,
                    "# min = {}\n# max = {}\n# step = {}\n# reversed = false",
                    scale.min, scale.max, scale.step
                );
            }
            None => words(out, "[tables.scorecards.values]", score, &["no_decision"], "a number or no_decision"),
        }
    }
}

/// Columns that look like a dimension each, where none holds the dimensions' names and scores.
fn wide(out: &mut String, found: &Match) {
    let is_read = |column: &str| found.guesses.iter().any(|guess| guess.column == column && guess.score >= LIKELY);
    if is_read("dimension") && is_read("score") {
        return;
    }
    let spare = found.columns.iter().enumerate().filter(|(at, _)| !found.guesses.iter().any(|guess| guess.own == *at));
    let rated = spare.filter_map(|(_, column)| Some((column, column.scale()?)));
    let rated: Vec<_> = rated.filter(|(_, scale)| scale.min >= 0.0 && scale.max <= HIGHEST).collect();
    if rated.is_empty() {
        return;
    }
    out.push_str(
        "\n# Has the table one column per dimension? Then name the dimensions here, and leave out dimension and score.\n\
         [tables.scorecards.dimensions]\n",
    );
    for (column, scale) in rated {
        let own = text(&column.name);
        let _ = writeln!(out, "# {own} = {own}  # numbers from {} to {} were seen", scale.min, scale.max);
    }
}

/// The words of a column that the contract does not have, each on a line to be completed.
fn words(out: &mut String, section: &str, profile: &Profile, known: &[&str], meanings: &str) {
    let is_known = |word: &str| known.iter().any(|one| one.eq_ignore_ascii_case(word));
    let mut unknown: Vec<(&str, u64)> = profile.vocabulary().filter(|(word, _)| !is_known(word)).collect();
    if unknown.is_empty() {
        return;
    }
    unknown.sort_by_key(|(word, times)| (std::cmp::Reverse(*times), *word));
    let _ = writeln!(out, "\n# Words that need a meaning, each {meanings}.\n{section}");
    for (word, times) in unknown.iter().take(LISTED) {
        let _ = writeln!(out, "# {} = \"\"  # {}", text(word), plural(*times as i64, "time", "times"));
    }
    if unknown.len() > LISTED {
        let _ = writeln!(out, "# and {} more", unknown.len() - LISTED);
    }
}

/// A column's name as a path of the configuration.
fn quoted(name: &str) -> Option<String> {
    let is_plain = !name.contains("->") && !name.contains(['|', '\'', '"']) && name.trim() == name;
    if is_plain { Some(name.to_owned()) } else { (!name.contains('"')).then(|| format!("\"{name}\"")) }
}

/// A TOML string.
fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string().replace('\n', " ")
}

/// A name out of the data as it may stand in a comment.
fn shown(name: &str) -> String {
    visible(name, 80)
}

#[cfg(test)]
mod tests;
