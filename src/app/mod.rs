//! One function per subcommand: the phases in order. The only module that knows all of them.

mod analysis;
mod check;
mod comparing;
mod dictionary;
mod exports;
mod limits;
mod plans;
mod query;
mod what_if;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::check::{RULES, policy};
use crate::config::{self, Config};
use crate::dataset::store::Store;
use crate::doctor;
use crate::error::{Error, Result, pages};
use crate::inspect;
use crate::progress::{Progress, Unit};
use crate::report::FORMATS;
use crate::report::number::{count, plural};
use crate::simulate;
use crate::source::{self, files::Export};
use crate::time::Quarter;
use crate::{metrics, report};

pub use crate::metrics::stage_redundancy::Change;
pub use crate::report::json::SCHEMA as REPORT_SCHEMA;
pub use check::{Check, check};
pub use dictionary::{Form, ddl, schema};
pub use exports::Reading;
use exports::{apply, open, with_hint};
pub use plans::{check_plan, plans, show_plan};
pub use query::{Query, query};
pub use what_if::tell as what_if;

/// What an analysis is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only loops that opened in this quarter.
    pub period: Option<String>,
    /// Segments, instead of the configured ones.
    pub by: Option<Vec<String>>,
    /// The instant up to which the data counts as known.
    pub as_of: Option<String>,
    /// Only these questions, by id; all of them where none is named.
    pub only: Vec<String>,
    /// What the period is compared with: `previous`, `last-year`, quarters, reports of earlier runs.
    pub compare: Vec<String>,
    /// Whether the additive tables are written beside the results.
    pub additive: bool,
}

/// Reads an export, computes, writes reports: the whole job.
pub struct Run<'a> {
    /// The export.
    pub export: &'a Path,
    /// Where reports and tables go.
    pub out: &'a Path,
    /// The dataset to add to; without one the run starts afresh below OUT.
    pub dataset: Option<&'a Path>,
    /// How the export is read.
    pub reading: Reading<'a>,
    /// What is asked for.
    pub wanted: Wanted,
}

/// The whole job; gives the summary for the terminal.
pub fn run(job: &Run<'_>, progress: &dyn Progress) -> Result<String> {
    let mut config = job.reading.config()?;
    let asked = analysis::Asked::of(&mut config, &job.wanted)?;
    let hinted = |error| with_hint(error, &[job.export], &job.reading);
    let exports = open(&[job.export], &job.reading, &config, progress).map_err(hinted)?;
    refuse_inside(job.out, job.export)?;
    let out = analysis::Output::prepare(job.out)?;
    let own = job.out.join("dataset");
    let store = Store::at(job.dataset.unwrap_or(&own));
    let afresh = job.dataset.is_none();
    let mut text = apply(&store, exports, &config, job.reading.keep_text, afresh, progress).map_err(hinted)?;
    let done = analysis::analyze(&store, &config, &asked, &out, progress)?;
    text.push_str(&analysis_summary(&done));
    let _ = writeln!(text, "\nReport: {}", job.out.join("report.html").display());
    Ok(text)
}

/// Adds exports to a dataset, the oldest first.
pub fn ingest(exports: &[PathBuf], dataset: &Path, reading: &Reading<'_>, progress: &dyn Progress) -> Result<String> {
    let config = reading.config()?;
    let paths: Vec<&Path> = exports.iter().map(PathBuf::as_path).collect();
    let opened = open(&paths, reading, &config, progress);
    let done =
        opened.and_then(|exports| apply(&Store::at(dataset), exports, &config, reading.keep_text, false, progress));
    done.map_err(|error| with_hint(error, &paths, reading))
}

/// Computes and reports what a dataset holds.
pub fn analyze(
    dataset: &Path,
    out: &Path,
    config: Option<&Path>,
    wanted: &Wanted,
    progress: &dyn Progress,
) -> Result<String> {
    let mut config = Config::load(config, None)?;
    let asked = analysis::Asked::of(&mut config, wanted)?;
    let store = Store::at(dataset);
    store.existing()?;
    let output = analysis::Output::prepare(out)?;
    let done = analysis::analyze(&store, &config, &asked, &output, progress)?;
    let mut text = analysis_summary(&done);
    let _ = writeln!(text, "\nReport: {}", out.join("report.html").display());
    Ok(text)
}

/// What is examined.
pub struct Examine<'a> {
    /// An export.
    pub export: Option<&'a Path>,
    /// Or a dataset.
    pub dataset: Option<&'a Path>,
    /// The export's source, or the one that recognises it.
    pub source: Option<&'a str>,
    /// The preset it is read through.
    pub preset: Option<&'a str>,
}

/// Says what an export or a dataset holds and can answer, for people or as JSON; and what is wrong where no
/// source recognises the export.
pub fn doctor(
    of: &Examine<'_>,
    config: Option<&Path>,
    json: bool,
    progress: &dyn Progress,
) -> Result<(String, Option<Error>)> {
    let config = Config::load(config, of.preset)?;
    let diagnosis = match (of.export, of.dataset) {
        (_, Some(dataset)) => doctor::examine_dataset(&Store::at(dataset), progress)?,
        (Some(export), None) => {
            if Store::at(export).current().is_ok_and(|generation| generation.is_some()) {
                return Err(Error::new(&pages::DATASET_FOR_EXPORT, "this is a dataset, not an export")
                    .at(export)
                    .help(format!("examine it with `looplens doctor --dataset {}`", export.display())));
            }
            let named = exports::named(of.source, &config)?;
            doctor::examine_export(&Export::open(export)?, named, &config, progress)?
        }
        (None, None) => {
            return Err(Error::new(&pages::COMMAND_LINE, "there is nothing to examine")
                .help("name an export, or --dataset DIR"));
        }
    };
    let text = if json { diagnosis.json()? } else { diagnosis.text() };
    Ok((text, diagnosis.error()))
}

/// What is written into the export would be read as part of it the next time.
fn refuse_inside(out: &Path, export: &Path) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).ok().map(|path| path.canonicalize().unwrap_or(path));
    if let (Some(inside), Some(export)) = (whole(out), whole(export))
        && inside.starts_with(&export)
    {
        return Err(Error::new(
            &pages::OUT_INSIDE_EXPORT,
            "the output would lie inside the export, and be read as part of it the next time",
        )
        .at(out)
        .help("name a folder outside the export"));
    }
    Ok(())
}

/// The figures that matter most, in a few lines.
fn analysis_summary(done: &analysis::Done) -> String {
    let analysis::Done { findings, results, changed } = done;
    let mut text = String::new();
    let headline = results.table("time_to_decision").and_then(|table| table.rows.first().map(|row| (table, row)));
    if let Some((table, row)) = headline {
        let number = |name: &str| table.get(row, name).number();
        let whole = |name: &str| count(number(name).unwrap_or(0.0) as i64);
        let without = number("without_clock").unwrap_or(0.0);
        let _ = writeln!(
            text,
            "Loops {}: {} decided, {} withdrawn, {} open{}.",
            count((number("loops").unwrap_or(0.0) + without) as i64),
            whole("decided"),
            whole("withdrawn"),
            whole("open"),
            if without > 0.0 { format!(", {} without usable times", whole("without_clock")) } else { String::new() }
        );
        let _ = match number("median_days") {
            Some(median) => writeln!(
                text,
                "Median time to decision {} days.",
                metrics::wording::with_interval(
                    median,
                    number("median_days_low"),
                    number("median_days_high"),
                    report::number::days
                )
            ),
            None => writeln!(
                text,
                "Median time to decision: cannot tell ({}).",
                table.get(row, "reason").as_text().unwrap_or("fewer than half of the loops have closed")
            ),
        };
    }
    for sentence in changed {
        let _ = writeln!(text, "{}", report::number::visible(sentence, 500));
    }
    for (at, finding) in findings.iter().take(3).enumerate() {
        let _ = writeln!(text, "{}. {}", at + 1, report::number::visible(&finding.statement, 500));
    }
    if findings.is_empty() {
        text.push_str("No findings.\n");
    }
    text
}

/// The commented configuration: every default, a preset, or what the files of a folder look like.
pub fn init(path: &Path, preset: Option<&str>, from: Option<&Path>, force: bool) -> Result<String> {
    let is_printed = path == Path::new("-");
    if path.exists() && !force && !is_printed {
        return Err(Error::new(&pages::IN_THE_WAY, "the file exists already")
            .at(path)
            .help("use --force to replace it"));
    }
    let (text, about) = match (preset.and_then(config::presets::by_id), from) {
        (Some(preset), _) => (preset.text.to_owned(), format!("the preset {}; change what differs", preset.id)),
        (None, Some(folder)) => {
            let proposal = inspect::propose(&Export::open(folder)?)?;
            (proposal, "a proposal; check each line, most of all those that are commented out".to_owned())
        }
        (None, None) => (config::TEMPLATE.to_owned(), "every default; remove what you do not change".to_owned()),
    };
    if is_printed {
        return Ok(text);
    }
    std::fs::write(path, text).map_err(|e| Error::io("write the configuration", path, &e))?;
    Ok(format!("Wrote {} with {about}.\n", path.display()))
}

/// The documentation of a metric, or the page of an error.
pub fn explain(id: &str) -> Result<String> {
    if let Some(page) = pages::by_code(id) {
        return Ok(page.text());
    }
    let metric = metrics::by_id(id).ok_or_else(|| {
        Error::new(&pages::UNKNOWN_NAME, format!("there is no metric or error `{}`", report::number::harmless(id)))
            .help("`looplens list metrics` and `looplens list errors` name them")
    })?;
    let mut text = format!("# {}\n\n{}\n\n{}\n", metric.title, metric.question, metric.doc.trim_end());
    let _ = write!(text, "\n## Tables\n\n");
    for table in metric.tables {
        let _ = writeln!(text, "- `{}`: {}", table.name, table.about);
    }
    Ok(text)
}

/// What there is of a kind.
pub fn list(what: &str) -> String {
    let mut text = String::new();
    let mut line = |id: &str, summary: &str| {
        let mut column = 0;
        let _ = write!(text, "{id:<20}");
        for word in summary.split_whitespace() {
            if column + word.len() > 78 {
                let _ = write!(text, "\n{:<20}", "");
                column = 0;
            }
            let _ = write!(text, " {word}");
            column += word.len() + 1;
        }
        text.push('\n');
    };
    match what {
        "sources" => source::SOURCES.iter().for_each(|source| line(source.id, source.summary)),
        "presets" => config::presets::PRESETS.iter().for_each(|preset| line(preset.id, preset.summary)),
        "errors" => pages::PAGES.iter().for_each(|page| line(page.code, &format!("{}.", page.title))),
        "rules" => RULES.iter().for_each(|rule| line(rule.id, &policy::summary(rule))),
        "metrics" => metrics::METRICS.iter().for_each(|question| line(question.metric.id, question.metric.question)),
        _ => FORMATS.iter().for_each(|format| line(format.id, &format!("{}: {}", format.file, format.summary))),
    }
    text
}

/// Writes a synthetic hiring history, once or as several snapshots.
pub fn simulate(options: &simulate::Options, snapshots: Option<u32>, progress: &dyn Progress) -> Result<String> {
    progress.phase("simulating", Some(options.loops), Unit::Items);
    let mut told = 0;
    let mut advance = |done| {
        progress.advance(done - told);
        told = done;
    };
    let summary = match snapshots {
        Some(count) => simulate::snapshots(options, count, &mut advance)?,
        None => simulate::simulate(options, &mut advance)?,
    };
    Ok(format!(
        "Wrote {} of {} ({} open) in {}; the planted truth is in {}\n",
        plural(summary.records as i64, "record", "records"),
        plural(summary.loops as i64, "loop", "loops"),
        count(summary.open as i64),
        plural(summary.files as i64, "file", "files"),
        summary.truth.display()
    ))
}

/// Reads a quarter from the command line.
fn quarter(text: &str) -> Result<Quarter> {
    Quarter::parse(text).ok_or_else(|| {
        Error::new(&pages::NOT_A_TIME, format!("`{}` is not a quarter", report::number::harmless(text)))
            .help("write 2026Q3")
    })
}

/// The earliest and latest quarter in which loops opened, in words.
fn span(partitions: &[crate::dataset::index::Opened]) -> String {
    let known: Vec<Quarter> = partitions.iter().filter_map(|opened| opened.0).collect();
    match (known.first(), known.last()) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "opened at an unknown time".to_owned(),
    }
}
