//! What can be typed. Types only: the allowed values come from the registries, and parsing reads no file.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check;
use crate::config::presets::PRESETS;
use crate::config::{Missing, SEGMENTS};
use crate::dictionary;
use crate::error::pages::PAGES;
use crate::metrics::METRICS;
use crate::plan::BUILTIN;
use crate::query;
use crate::simulate;
use crate::source::SOURCES;

const EXIT_STATUSES: &str = "\
Exit statuses: 0 fine; 1 `check` found what the policy forbids; 2 wrong usage or configuration; \
3 bad input data, nothing was committed; 4 the environment failed (file system, lock, memory).";

const EXAMPLES: &str = "\
Examples:
  looplens run data-samples/tables --out out            the whole job, then open out/report.html
  looplens ingest export-2026-10 --dataset hiring       add this quarter's export to a dataset
  looplens analyze --dataset hiring --out out --period 2026Q3 --by department,level
  looplens check --dataset hiring                       a verdict for CI: exit status 1 if the policy forbids what is found
  looplens simulate --loops 500 --seed 1 --format greenhouse-v3 --out demo";

/// Reads what an applicant tracking system exports about past hiring, and answers what its reports do not.
#[derive(Debug, Parser)]
#[command(name = "looplens", version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUSES}"))]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say only what failed.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is being done.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Colours; NO_COLOR is respected.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read an export, compute, and write reports: the whole job.
    #[command(after_help = "\
Without --dataset each run starts afresh from this export; its dataset, with a private key, is kept in OUT/dataset.

Examples:
  looplens run data-samples/tables --out out
  looplens run dump --source greenhouse-v3 --out out --period 2026Q3 --by department,level")]
    Run {
        /// The export: a folder, a single file, or an archive whose subfolders are exports.
        export: PathBuf,
        /// Where reports and tables go.
        #[arg(long, short)]
        out: PathBuf,
        /// Add to this dataset and report on all of it.
        #[arg(long, value_name = "DIR")]
        dataset: Option<PathBuf>,
        /// What is read and how.
        #[command(flatten)]
        reading: Reading,
        /// What is computed.
        #[command(flatten)]
        asking: Asking,
        /// What it is compared with.
        #[command(flatten)]
        comparing: Comparing,
        /// The configuration; `looplens.toml` in the working folder where it is not named.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Add exports to a dataset; the same export twice changes nothing, a newer one replaces.
    #[command(after_help = "\
Exports are applied in the order of time, whatever the order they are named in: by the dates in their names, or \
else by the latest instant in each.

Examples:
  looplens ingest export-2026-07 export-2026-10 --dataset hiring
  looplens ingest dumps --dataset hiring                each subfolder of dumps is an export")]
    Ingest {
        /// The exports, or archives of them.
        #[arg(required = true)]
        exports: Vec<PathBuf>,
        /// The dataset.
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// What is read and how.
        #[command(flatten)]
        reading: Reading,
        /// The configuration; `looplens.toml` in the working folder where it is not named.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Compute and report what a dataset holds.
    #[command(after_help = "\
Examples:
  looplens analyze --dataset hiring --out out --period 2026Q3 --by department,level --as-of 2026-09-30
  looplens analyze --dataset hiring --out out --period 2026Q3 --compare previous --compare last-year")]
    Analyze {
        /// The dataset.
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// Where reports and tables go.
        #[arg(long, short)]
        out: PathBuf,
        /// What is computed.
        #[command(flatten)]
        asking: Asking,
        /// What it is compared with.
        #[command(flatten)]
        comparing: Comparing,
        /// The configuration; `looplens.toml` in the working folder where it is not named.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Say what the loop would be without a round, or with two held as one: hours, days, and decisions that change.
    #[command(
        name = "whatif",
        after_help = "\
Examples:
  looplens whatif --dataset hiring --drop 'Design review'
  looplens whatif --dataset hiring --merge 'Technical screen,Design review' --period 2026Q3"
    )]
    WhatIf {
        /// The dataset.
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// A stage to do without; may be given more than once.
        #[arg(long, value_name = "STAGE", required_unless_present = "merge")]
        drop: Vec<String>,
        /// Two stages to hold as one, separated by a comma.
        #[arg(long, value_name = "A,B", value_delimiter = ',')]
        merge: Vec<String>,
        /// Look back from this quarter, such as 2026Q3.
        #[arg(long, value_name = "QUARTER")]
        period: Option<String>,
        /// The instant up to which the data counts as known; the latest in the data where it is not named.
        #[arg(long, value_name = "INSTANT")]
        as_of: Option<String>,
        /// The configuration; `looplens.toml` in the working folder where it is not named.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// For programs: the same as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hold a dataset against a policy of what must not be: a verdict for CI.
    #[command(
        after_help = "\
Exit status 0: nothing forbidden was found, or the data cannot tell; 1: something was.

Examples:
  looplens check --dataset hiring                                  the rules with their defaults, for a terminal
  looplens check --dataset hiring --policy looplens.toml --format github,junit,sarif --out checked
  looplens check --dataset hiring --write-baseline known.json      accept what there is
  looplens check --dataset hiring --baseline known.json            report only what is new",
        after_long_help = "\
`looplens list rules` names the rules; [check] in the configuration switches them, and gives them other limits. A rule \
that the data cannot tell is skipped: it neither passes nor fails.

Exit status 0: nothing forbidden was found, or the data cannot tell; 1: something was; 2 to 4 as elsewhere. It is the \
same for every format.

The JSON is one object: format, version, looplens, verdict (forbidden, passed, cannot_tell), exit_status, sentence, \
period, as_of, policy, counts, rules. A key is added, never renamed, without a new version.

Examples:
  looplens check --dataset hiring
  looplens check --dataset hiring --policy looplens.toml --format github,junit,sarif --out checked
  looplens check --dataset hiring --write-baseline known.json
  looplens check --dataset hiring --baseline known.json"
    )]
    Check {
        /// The dataset.
        #[arg(long, value_name = "DIR")]
        dataset: PathBuf,
        /// The configuration with the policy; `looplens.toml` in the working folder where it is not named.
        #[arg(long, visible_alias = "config", value_name = "FILE")]
        policy: Option<PathBuf>,
        /// How the verdict is shown; several formats separated by commas.
        #[arg(
            long, value_name = "FORMAT", value_delimiter = ',', default_value = "text",
            value_parser = PossibleValuesParser::new(check::formats::FORMATS.iter().map(|format| format.id))
        )]
        format: Vec<String>,
        /// Where to: a file for one format, a folder for several. `text` and `github` are printed beside others.
        #[arg(long, short)]
        out: Option<PathBuf>,
        /// Accept what this baseline knows, and report only what is new.
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Accept everything there is, and write it to this baseline.
        #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
        write_baseline: Option<PathBuf>,
        /// What is computed.
        #[command(flatten)]
        asking: Asking,
    },
    /// Say what an export or a dataset holds, and which questions it can answer; nothing is written.
    #[command(
        after_help = "\
Examples:
  looplens doctor export-2026-10
  looplens doctor --dataset hiring --json",
        after_long_help = "\
An export is read as `ingest` would read it, and nothing of it is kept. Records that cannot be used do not stop it; \
where no source recognises the export, each file is told with what it comes nearest to, and the exit status is 3.

The JSON is one object: doctor_version, looplens, examined, source, others, is_contested, stopped, records, files, \
ignored, words, tables, questions. Each question has an answer (yes, partly, no) and its needs, each with an answer, \
the reason in numbers, and what to export where it is not met. A key is added, never renamed, without a new \
doctor_version.

Examples:
  looplens doctor export-2026-10
  looplens doctor --dataset hiring --json"
    )]
    Doctor {
        /// The export: a folder, or a single file.
        #[arg(required_unless_present = "dataset", conflicts_with = "dataset")]
        export: Option<PathBuf>,
        /// A dataset instead.
        #[arg(long, value_name = "DIR")]
        dataset: Option<PathBuf>,
        /// The kind of export; recognised by its content where it is not named.
        #[arg(long, conflicts_with = "dataset", value_parser = sources())]
        source: Option<String>,
        /// The shipped configuration for an extract of known layout; `looplens list presets` names them.
        #[arg(long, value_name = "PRESET", conflicts_with = "dataset", value_parser = presets())]
        preset: Option<String>,
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
        /// The configuration; `looplens.toml` in the working folder where it is not named.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Write a commented configuration: every default, a preset, or what a folder's files look like.
    #[command(after_help = "\
Examples:
  looplens init                                         every default, in looplens.toml
  looplens init --preset lever-warehouse                a shipped configuration, for editing
  looplens init --from export --force                   a proposal from the files of a folder")]
    Init {
        /// Where to; `-` prints it.
        #[arg(default_value = "looplens.toml")]
        path: PathBuf,
        /// A shipped configuration instead of the defaults.
        #[arg(long, value_name = "PRESET", value_parser = presets())]
        preset: Option<String>,
        /// A proposal for the files of this folder instead of the defaults.
        #[arg(long, value_name = "FOLDER", conflicts_with = "preset")]
        from: Option<PathBuf>,
        /// Replace a file that exists.
        #[arg(long)]
        force: bool,
    },
    /// Print the data dictionary: every table, column, type, unit and meaning.
    #[command(after_help = "\
Examples:
  looplens schema --format markdown                     for a wiki
  looplens schema --ddl duckdb --out out > looplens.sql && duckdb hiring.duckdb < looplens.sql
  looplens schema --ddl bigquery --dataset gs://bucket/dataset --out gs://bucket/out")]
    Schema {
        /// How to print it.
        #[arg(long, value_enum, default_value_t = SchemaForm::Text)]
        format: SchemaForm,
        /// The import contract of neutral tables instead.
        #[arg(long)]
        import: bool,
        /// The JSON Schema of report.json instead.
        #[arg(long, conflicts_with_all = ["import", "format"])]
        report: bool,
        /// Statements that make every table known to another program.
        #[arg(
            long, value_name = "DIALECT", conflicts_with_all = ["import", "report", "format"],
            value_parser = PossibleValuesParser::new(dictionary::ddl::DIALECTS.iter().map(|dialect| dialect.id))
        )]
        ddl: Option<String>,
        /// The dataset that the statements name.
        #[arg(long, value_name = "DIR", requires = "ddl")]
        dataset: Option<String>,
        /// The folder of an analysis that the statements name.
        #[arg(long, short, value_name = "OUT", requires = "ddl")]
        out: Option<String>,
    },
    /// Ask a dataset and the results of an analysis with SQL; nothing can be changed by it.
    #[command(
        after_help = "\
Examples:
  looplens query --tables                               the tables of the folder `out`, with their rows
  looplens query '.schema time_to_decision'             its columns with types and meanings
  looplens query \"SELECT segment, median_days FROM time_to_decision WHERE clock = 'applied'\"
  looplens query --dataset hiring --format csv 'SELECT stage, count(*) AS cards FROM scorecards GROUP BY stage'",
        after_long_help = "\
The tables are those that `looplens schema` prints. --out OUT gives the result tables of an analysis, those of OUT/dataset \
where the run kept its dataset there, and, as additive_METRIC, the additive tables where it kept them. --dataset DIR gives \
those of a dataset, beside the results if both are named. Where neither is named, the folder `out` is asked.

The dialect is polars SQL: one SELECT, or WITH ... SELECT. Names of tables and columns are lower case. Tables of a dataset \
have the column `opened`, the quarter in which the loop opened. A length of time is in days. Where GROUP BY, DISTINCT, a join \
or a set of rows leaves the rows without an order and no ORDER BY gives one, they are sorted by the columns from left to right.

Examples:
  looplens query --tables
  looplens query '.schema time_to_decision'
  looplens query \"SELECT segment, median_days FROM time_to_decision WHERE clock = 'applied'\"
  looplens query --dataset hiring --format csv 'SELECT stage, count(*) AS cards FROM scorecards GROUP BY stage'"
    )]
    Query {
        /// The query; or `.tables`, or `.schema TABLE`.
        #[arg(required_unless_present = "tables", conflicts_with = "tables", value_name = "SQL")]
        sql: Option<String>,
        /// List the tables, with their rows and what one row is.
        #[arg(long)]
        tables: bool,
        /// The dataset.
        #[arg(long, value_name = "DIR")]
        dataset: Option<PathBuf>,
        /// The folder of an analysis, with its result tables; `out` where neither this nor --dataset is named.
        #[arg(long, short)]
        out: Option<PathBuf>,
        /// How the answer is shown: `table` for a terminal; `csv`, `json` and `parquet` hold every row.
        #[arg(
            long, value_name = "FORMAT", default_value = query::FORMATS[0].id,
            value_parser = PossibleValuesParser::new(query::FORMATS.iter().map(|format| format.id))
        )]
        format: String,
        /// Write the answer to this file.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Show every row, also in a table.
        #[arg(long)]
        all: bool,
    },
    /// Explain a metric: what it measures, why it matters, how it is computed, when it misleads; or an error.
    #[command(after_help = "\
Examples:
  looplens explain time-to-decision
  looplens explain E2004                                an error, by the code that its message ends with")]
    Explain {
        /// The metric, or the code of an error; `looplens list errors` names the codes.
        #[arg(ignore_case = true, value_parser = explained())]
        what: String,
    },
    /// List what there is.
    List {
        /// Sources, presets, metrics, formats of reports, rules of the check, or errors.
        #[arg(value_parser = PossibleValuesParser::new(["sources", "presets", "metrics", "formats", "rules", "errors"]))]
        what: String,
    },
    /// Loop plans: which ship with the program, what one says, whether a file is one.
    #[command(after_help = "\
Examples:
  looplens plans list
  looplens plans show six-stage > our-plan.toml         a plan to start from
  looplens plans check our-plan.toml --dataset hiring   what it leaves open, and which rounds the stages are")]
    Plans {
        /// What about them.
        #[command(subcommand)]
        what: Plans,
    },
    /// Write a believable hiring history with known truth beside it.
    Simulate {
        /// How many loops.
        #[arg(long, default_value_t = 500)]
        loops: u64,
        /// The seed; the same seed gives the same history.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// In which shape.
        #[arg(long, default_value = "tables", value_parser = PossibleValuesParser::new(simulate::FORMATS.iter().map(|f| f.id)))]
        format: String,
        /// Where to; a new or empty folder.
        #[arg(long, short)]
        out: PathBuf,
        /// The last day of the history.
        #[arg(long, value_name = "DATE", default_value_t = simulate::Options::UNTIL, value_parser = date)]
        until: jiff::civil::Date,
        /// How many years it covers.
        #[arg(long, default_value_t = simulate::Options::YEARS)]
        years: u32,
        /// Plant another number than usual, as `debrief_pull=0`; truth.json names them all. May be repeated.
        #[arg(long, value_name = "NAME=NUMBER", value_parser = planted)]
        set: Vec<(String, f64)>,
        /// Write so many dumps a month apart, the past edited in between, instead of one export.
        #[arg(long, value_name = "N")]
        snapshots: Option<u32>,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a manual page.
    #[command(after_help = "Example:\n  looplens man run | man -l -")]
    Man {
        /// The command it is about; looplens as a whole where none is named.
        command: Option<String>,
    },
}

/// What about loop plans.
#[derive(Debug, Subcommand)]
pub enum Plans {
    /// List the plans that ship with the program.
    List,
    /// Print one of them.
    Show {
        /// Its name.
        #[arg(value_parser = PossibleValuesParser::new(BUILTIN.iter().map(|plan| plan.id)))]
        name: String,
    },
    /// Check a plan of your own: all that is wrong with it at once, or what it says and leaves open.
    Check {
        /// Its file.
        file: PathBuf,
        /// Say which round each stage of this dataset is.
        #[arg(long, value_name = "DIR")]
        dataset: Option<PathBuf>,
    },
}

fn planted(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=NUMBER")?;
    Ok((name.trim().to_owned(), value.trim().parse().map_err(|_| "what stands behind = is not a number")?))
}

/// Codes of errors are allowed, and not listed: there are many of them, and the message names the one that is wanted.
fn explained() -> PossibleValuesParser {
    let metrics = METRICS.iter().map(|question| PossibleValue::new(question.metric.id));
    let errors = PAGES.iter().map(|page| PossibleValue::new(page.code).hide(true));
    PossibleValuesParser::new(metrics.chain(errors))
}

fn presets() -> PossibleValuesParser {
    PossibleValuesParser::new(PRESETS.iter().map(|preset| preset.id))
}

fn sources() -> PossibleValuesParser {
    PossibleValuesParser::new(std::iter::once("auto").chain(SOURCES.iter().map(|source| source.id)))
}

fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "not a date; write it like 2026-09-30".to_owned())
}

/// What is read and how.
#[derive(Debug, Args)]
pub struct Reading {
    /// The kind of export; recognised by its content where it is not named.
    #[arg(long, default_value = "auto", value_parser = sources())]
    pub source: String,
    /// The shipped configuration for an extract of known layout; `looplens list presets` names them.
    #[arg(long, value_name = "PRESET", value_parser = presets())]
    pub preset: Option<String>,
    /// Keep the text of notes; without it only their length is kept.
    #[arg(long)]
    pub keep_text: bool,
    /// What becomes of records that a newer export no longer holds; `dataset.missing` where it is not named.
    #[arg(long, value_name = "WHAT", value_parser = PossibleValuesParser::new(Missing::ALL.map(Missing::word)))]
    pub missing: Option<String>,
}

/// What a report is about, what it is compared with, and what is kept beside it.
#[derive(Debug, Default, Args)]
pub struct Comparing {
    /// Answer only these questions, separated by commas; `looplens list metrics` names them.
    #[arg(long, value_name = "METRIC", value_delimiter = ',', hide_possible_values = true,
          value_parser = PossibleValuesParser::new(METRICS.iter().map(|q| q.metric.id)))]
    pub only: Vec<String>,
    /// Say what changed since then: previous, last-year, a quarter such as 2026Q2 (these need --period), or the
    /// report.json of an earlier run. May be repeated.
    #[arg(long, value_name = "WHAT")]
    pub compare: Vec<String>,
    /// Also write the additive tables that the figures are computed from, to OUT/additive: for checking by hand.
    #[arg(long)]
    pub additive: bool,
}

/// What is computed.
#[derive(Debug, Args)]
pub struct Asking {
    /// Only loops that opened in this quarter, such as 2026Q3.
    #[arg(long, value_name = "QUARTER")]
    pub period: Option<String>,
    /// Segments, separated by commas.
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(SEGMENTS))]
    pub by: Option<Vec<String>>,
    /// The instant up to which the data counts as known; the latest in the data where it is not named.
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
}

/// How the dictionary is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaForm {
    /// For a terminal.
    Text,
    /// For a wiki.
    Markdown,
    /// For programs.
    Json,
}
