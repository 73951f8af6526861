//! What each command asks of the library.

use std::path::Path;

use clap::CommandFactory;
use looplens::app::{self, Form, Run, Wanted};
use looplens::cli::{Asking, Cli, Command, Comparing, Plans, Reading, SchemaForm};
use looplens::error::{Error, ExitStatus, Result, pages};
use looplens::simulate;

use crate::terminal::{self, Terminal};

/// What a command prints.
pub(crate) enum Said {
    /// About what was done; `--quiet` leaves it out.
    Summary(String),
    /// What was asked for.
    Answer(String),
    /// What was asked for, and what is wrong with it.
    Diagnosis(String, Option<Error>),
    /// A verdict, and the status that it ends with.
    Verdict(String, ExitStatus),
}

/// Runs a command.
pub(crate) fn run(command: Command, terminal: &Terminal) -> Result<Said> {
    let wanted = |asking: Asking, comparing: Option<Comparing>| {
        let Asking { period, by, as_of } = asking;
        let Comparing { only, compare, additive } = comparing.unwrap_or_default();
        Wanted { period, by, as_of, only, compare, additive }
    };
    match command {
        Command::Run { export, out, dataset, reading, asking, comparing, config } => {
            let reading = meant(&reading, config.as_deref());
            let wanted = wanted(asking, Some(comparing));
            let job = Run { export: &export, out: &out, dataset: dataset.as_deref(), reading, wanted };
            app::run(&job, terminal).map(Said::Summary)
        }
        Command::Ingest { exports, dataset, reading, config } => {
            app::ingest(&exports, &dataset, &meant(&reading, config.as_deref()), terminal).map(Said::Summary)
        }
        Command::Analyze { dataset, out, asking, comparing, config } => {
            let wanted = wanted(asking, Some(comparing));
            app::analyze(&dataset, &out, config.as_deref(), &wanted, terminal).map(Said::Summary)
        }
        Command::WhatIf { dataset, drop, merge, period, as_of, config, json } => {
            let change = app::Change::of(drop, &merge)?;
            let wanted = Wanted { period, as_of, ..Wanted::default() };
            app::what_if(&dataset, config.as_deref(), &wanted, &change, json, terminal).map(Said::Answer)
        }
        Command::Check { dataset, policy, format, out, baseline, write_baseline, asking } => {
            let job = app::Check {
                dataset: &dataset,
                policy: policy.as_deref(),
                formats: &format,
                out: out.as_deref(),
                baseline: baseline.as_deref(),
                write_baseline: write_baseline.as_deref(),
                wanted: wanted(asking, None),
            };
            app::check(&job, terminal).map(|(text, status)| Said::Verdict(text, status))
        }
        Command::Doctor { export, dataset, source, preset, json, config } => {
            let of = app::Examine {
                export: export.as_deref(),
                dataset: dataset.as_deref(),
                source: source.as_deref(),
                preset: preset.as_deref(),
            };
            app::doctor(&of, config.as_deref(), json, terminal).map(|(text, error)| Said::Diagnosis(text, error))
        }
        Command::Init { path, preset, from, force } => {
            let said = if path.as_os_str() == "-" { Said::Answer } else { Said::Summary };
            app::init(&path, preset.as_deref(), from.as_deref(), force).map(said)
        }
        Command::Schema { report: true, .. } => Ok(Said::Answer(app::REPORT_SCHEMA.to_owned())),
        Command::Schema { ddl: Some(dialect), dataset, out, .. } => {
            app::ddl(&dialect, dataset.as_deref(), out.as_deref()).map(Said::Answer)
        }
        Command::Schema { format, import, .. } => Ok(Said::Answer(app::schema(form(format), import))),
        Command::Query { sql, tables, dataset, out, format, output, all } => {
            let said = if output.is_some() { Said::Summary } else { Said::Answer };
            let sql = sql.filter(|_| !tables);
            let job = app::Query {
                sql: sql.as_deref().unwrap_or(".tables"),
                dataset: dataset.as_deref(),
                out: out.as_deref(),
                format: &format,
                output: output.as_deref(),
                all,
            };
            app::query(&job).map(said)
        }
        Command::Explain { what } => app::explain(&what).map(Said::Answer),
        Command::List { what } => Ok(Said::Answer(app::list(&what))),
        Command::Plans { what } => {
            let said = match what {
                Plans::List => app::plans(),
                Plans::Show { name } => app::show_plan(&name),
                Plans::Check { file, dataset } => app::check_plan(&file, dataset.as_deref()),
            };
            said.map(Said::Answer)
        }
        Command::Simulate { loops, seed, format, out, until, years, set, snapshots } => {
            let format =
                simulate::format(&format).ok_or_else(|| Error::new(&pages::UNKNOWN_NAME, "there is no such format"))?;
            let options = simulate::Options { loops, seed, format, out, until, years, set };
            app::simulate(&options, snapshots, terminal).map(Said::Summary)
        }
        Command::Completions { shell } => Ok(Said::Answer(terminal::completions(shell, &mut Cli::command()))),
        Command::Man { command } => terminal::manual(&Cli::command(), command.as_deref()).map(Said::Answer),
    }
}

fn meant<'a>(reading: &'a Reading, config: Option<&'a Path>) -> app::Reading<'a> {
    let Reading { source, preset, keep_text, missing } = reading;
    let (preset, missing) = (preset.as_deref(), missing.as_deref());
    app::Reading { source: Some(source), config, preset, keep_text: *keep_text, missing }
}

fn form(format: SchemaForm) -> Form {
    match format {
        SchemaForm::Text => Form::Text,
        SchemaForm::Markdown => Form::Markdown,
        SchemaForm::Json => Form::Json,
    }
}
