//! A diagnosis for people: plain text of 80 columns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::answer::Verdict;
use super::diagnosis::{Diagnosis, FileFacts, LooksLike};
use super::facts::TableFacts;
use crate::report::number::{count, harmless, percent, plural, visible};
use crate::source::ledger::gather;

const WIDTH: usize = 80;
/// Files of one kind in one folder are told together when there are more than this.
const MOST_PAGES: usize = 3;
/// How many files and labels are told; JSON has them all.
const MOST_FILES: usize = 30;
const MOST_LABELS: usize = 3;

impl Diagnosis {
    /// The diagnosis for people.
    pub fn text(&self) -> String {
        let mut out = Page(String::new());
        self.head(&mut out);
        if self.source.is_none() && self.examined.kind == "export" {
            self.unrecognised(&mut out);
            return out.0;
        }
        self.files(&mut out);
        self.tables(&mut out);
        self.questions(&mut out);
        out.0
    }

    fn head(&self, out: &mut Page) {
        let _ = writeln!(out.0, "{}", harmless(&self.examined.path));
        match &self.source {
            Some(source) if self.examined.kind == "export" => {
                out.wrap("  ", 2, &format!("Recognised as {} ({}): {}.", source.id, source.title, source.because));
                for other in &self.others {
                    out.wrap("  ", 2, &format!("{} sees signs of its own: {}.", other.id, other.because));
                }
            }
            Some(source) => {
                let all = std::iter::once(source).chain(&self.others);
                let all: Vec<String> = all.map(|one| format!("{} ({})", one.id, one.because)).collect();
                out.wrap("  ", 2, &format!("A dataset of {}.", all.join(", ")));
            }
            None => out.wrap("  ", 2, "No source recognises this."),
        }
        if self.is_contested {
            out.wrap(
                "  ",
                2,
                "Ingesting it needs a decision: name one export's own folder, or the source with --source.",
            );
        }
        if let Some(stopped) = &self.stopped {
            let place = stopped.place.as_deref().map(|place| format!(" ({})", visible(place, 500))).unwrap_or_default();
            out.wrap(
                "  ",
                2,
                &format!("Reading stopped: {}{place}. What follows is about what was read.", stopped.what),
            );
            if let Some(help) = &stopped.help {
                out.wrap("  ", 2, &format!("Help: {help}"));
            }
            out.wrap("  ", 2, &format!("More: looplens explain {}", stopped.page));
        }
    }

    fn unrecognised(&self, out: &mut Page) {
        out.title("Files");
        for file in self.files.iter().take(MOST_FILES) {
            let _ = writeln!(out.0, "  {}", harmless(&file.file));
            if !file.columns.is_empty() {
                let more = file.remarks.iter().map(|remark| format!(", {remark}")).collect::<String>();
                out.wrap("    ", 4, &format!("begins with: {}{more}", file.columns.join(", ")));
            } else {
                file.remarks.iter().for_each(|remark| out.wrap("    ", 4, remark));
            }
            out.wrap(
                "    ",
                4,
                &file.looks_like.as_ref().map_or_else(|| "looks like nothing known".to_owned(), likeness),
            );
        }
        out.more(self.files.len(), MOST_FILES, "file", "files");
        self.ignored(out);
    }

    fn files(&self, out: &mut Page) {
        out.title("Files");
        let files: Vec<Listed<'_>> = listed(&self.files);
        let wide = files.iter().map(|file| file.name.chars().count()).max().unwrap_or(0).min(30);
        let kind = files.iter().map(|file| file.kind.chars().count()).max().unwrap_or(0).min(22);
        for file in files.iter().take(MOST_FILES) {
            let mut records = plural(whole(file.records), "record", "records");
            if file.rejected > 0 {
                let _ = write!(records, ", {} rejected", n(file.rejected));
            }
            let line = format!("  {:<wide$}  {:<kind$}  {records}", file.name, file.kind);
            if line.chars().count() <= WIDTH {
                let _ = writeln!(out.0, "{line}");
            } else {
                let _ = writeln!(out.0, "  {}\n      {}  {records}", file.name, file.kind);
            }
            file.notes.iter().for_each(|note| out.wrap("      ", 6, note));
        }
        out.more(files.len(), MOST_FILES, "file", "files");
        self.ignored(out);
        for words in &self.words {
            let line = format!(
                "{} of {} without a meaning, on {}: give them one in [tables.{}.values] of looplens.toml; `looplens \
                 ingest` names them.",
                plural(whole(words.different), "word", "words"),
                words.table,
                plural(whole(words.records), "record", "records"),
                words.table
            );
            out.wrap("  ", 2, &line);
        }
    }

    fn ignored(&self, out: &mut Page) {
        if !self.ignored.is_empty() {
            let names: Vec<String> = self.ignored.iter().take(MOST_LABELS).map(|name| harmless(name)).collect();
            let more = self.ignored.len().saturating_sub(MOST_LABELS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            out.wrap("  ", 2, &format!("Not read, for their kind: {}{more}.", names.join(", ")));
        }
    }

    fn tables(&self, out: &mut Page) {
        out.title("Tables");
        for table in self.tables.iter().filter(|table| table.rows > 0) {
            let span = match (&table.from, &table.to) {
                (Some(from), Some(to)) => format!("{from} to {to}"),
                _ => String::new(),
            };
            let line = format!("  {:<16}{:>11}  {span}", table.table, n(table.rows));
            let _ = writeln!(out.0, "{}", line.trim_end());
            if table.unjoined > 0 {
                out.wrap("    ", 4, &format!("{} of applications that are in no file", n(table.unjoined)));
            }
            if !table.filled.is_empty() {
                out.wrap("    ", 4, &filled(table));
            }
        }
        let empty: Vec<&str> = self.tables.iter().filter(|table| table.rows == 0).map(|table| table.table).collect();
        if !empty.is_empty() {
            out.wrap("  ", 2, &format!("empty: {}", empty.join(", ")));
        }
    }

    fn questions(&self, out: &mut Page) {
        out.title("Questions this data can answer (needs: + met, ~ in part, - not met)");
        let mut advice: BTreeMap<usize, (&str, BTreeSet<&str>)> = BTreeMap::new();
        let mut seen: Vec<&str> = Vec::new();
        for question in &self.questions {
            out.wrap(&format!("  {:<7} ", question.answer.word()), 10, question.title);
            for need in &question.needs {
                let sign = match need.answer {
                    Verdict::Yes => '+',
                    Verdict::Partly => '~',
                    Verdict::No => '-',
                };
                out.wrap(&format!("          {sign} "), 12, &need.because);
                if !need.advice.is_empty() {
                    let at = seen.iter().position(|id| *id == need.id).unwrap_or_else(|| {
                        seen.push(need.id);
                        seen.len() - 1
                    });
                    let lines = &mut advice.entry(at).or_insert((need.title, BTreeSet::new())).1;
                    lines.extend(need.advice.iter().map(String::as_str));
                }
            }
        }
        if !advice.is_empty() {
            out.title("What would add what is lacking");
            for (title, lines) in advice.values() {
                out.wrap("  ", 2, title);
                lines.iter().for_each(|line| out.wrap("    ", 4, line));
            }
        }
    }
}

/// A file, or several of one kind and folder as one.
struct Listed<'d> {
    name: String,
    kind: &'d str,
    records: u64,
    rejected: u64,
    notes: Vec<String>,
}

fn listed(files: &[FileFacts]) -> Vec<Listed<'_>> {
    let folder = |file: &FileFacts| file.file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut out = Vec::new();
    let alike = |a: &FileFacts, b: &FileFacts| a.ingest == b.ingest && a.kind == b.kind && folder(a) == folder(b);
    for run in files.chunk_by(alike) {
        if run.len() > MOST_PAGES {
            out.extend(run.first().map(|first| {
                let name = format!("{}/ ({} files)", folder(first), run.len());
                one(name.trim_start_matches('/').trim_start().to_owned(), first, run)
            }));
        } else {
            out.extend(run.iter().map(|file| one(file.file.clone(), file, std::slice::from_ref(file))));
        }
    }
    out
}

fn one<'d>(name: String, first: &'d FileFacts, files: &'d [FileFacts]) -> Listed<'d> {
    let name = match first.ingest {
        Some(ingest) => format!("{ingest}: {}", harmless(&name)),
        None => harmless(&name),
    };
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (reason, times) in files.iter().flat_map(|file| &file.reasons) {
        *reasons.entry(reason).or_default() += times;
    }
    let mut notes = Vec::new();
    if !reasons.is_empty() {
        let reasons: Vec<String> = reasons.iter().map(|(reason, times)| format!("{reason} {}", n(*times))).collect();
        notes.push(format!("rejected: {}", reasons.join(", ")));
    }
    let remarks = files.iter().flat_map(|file| file.remarks.iter().map(|remark| ("", remark.as_str())));
    notes.extend(gather(remarks).into_iter().map(|remark| remark.trim_start_matches(": ").to_owned()));
    let columns: BTreeSet<&str> = files.iter().flat_map(|file| &file.unknown_columns).map(String::as_str).collect();
    let labels: BTreeSet<&str> = files.iter().flat_map(|file| &file.unknown_labels).map(String::as_str).collect();
    notes.extend(some("columns that were not read", &columns));
    notes.extend(some("labels that no list knows", &labels));
    Listed {
        name,
        kind: &first.kind,
        records: files.iter().map(|file| file.records).sum(),
        rejected: files.iter().map(|file| file.rejected).sum(),
        notes,
    }
}

fn some(what: &str, all: &BTreeSet<&str>) -> Option<String> {
    let first: Vec<String> = all.iter().take(MOST_LABELS).map(|one| harmless(one)).collect();
    let more = all.len().saturating_sub(MOST_LABELS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| format!("{what}: {}{more}", first.join(", ")))
}

fn filled(table: &TableFacts) -> String {
    let of = |rows: u64| match rows {
        0 => "none".to_owned(),
        all if all == table.rows => "all".to_owned(),
        // What is not all should not read like it.
        some => percent((some as f64 / table.rows as f64).min(0.99)),
    };
    let columns: Vec<String> = table
        .filled
        .iter()
        .map(|filled| format!("{}\u{a0}{}", filled.column, of(filled.rows).replace(' ', "\u{a0}")))
        .collect();
    columns.join(", ")
}

fn likeness(looks: &LooksLike) -> String {
    let mut text = format!("looks like {} of {}", looks.name, looks.source);
    if !looks.has.is_empty() {
        let _ = write!(text, ": has {}", looks.has.join(", "));
    }
    if !looks.lacks.is_empty() {
        let _ = write!(text, "; lacks {}", looks.lacks.join(", "));
    }
    if looks.has.is_empty() && looks.lacks.is_empty() {
        let _ = write!(text, ": call the file or its folder `{}`", looks.name);
    }
    text
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn n(value: u64) -> String {
    count(whole(value))
}

/// Text under construction.
struct Page(String);

impl Page {
    fn title(&mut self, title: &str) {
        let _ = writeln!(self.0, "\n{title}");
    }

    fn more(&mut self, all: usize, told: usize, one: &str, many: &str) {
        if all > told {
            let _ = writeln!(self.0, "  and {} more, see --json", plural((all - told) as i64, one, many));
        }
    }

    /// Words in lines of 80 columns: the first begins with `lead`, the others are indented. Words that a
    /// no-break space joins stay together.
    fn wrap(&mut self, lead: &str, indent: usize, text: &str) {
        let mut line = lead.to_owned();
        let mut is_empty = true;
        for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line = " ".repeat(indent);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.0, "{}", line.replace('\u{a0}', " ").trim_end());
    }
}
