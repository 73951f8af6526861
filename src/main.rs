//! Parse, run, map the result to an exit status.

mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use looplens::app::{self, Form, Run, Wanted};
use looplens::cli::{Asking, Cli, Command, SchemaForm};
use looplens::error::{Error, Result};
use looplens::simulate;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.quiet, cli.verbose, cli.color);
    match run(cli.command, &terminal) {
        Ok(Said::Summary(text)) => terminal.summarise(&text),
        Ok(Said::Answer(text)) => terminal.say(&text),
        Ok(Said::Diagnosis(text, error)) => terminal.conclude(&text, error.as_ref()),
        Err(error) => terminal.fail(&error),
    }
}

/// What a command prints.
enum Said {
    /// About what was done; `--quiet` leaves it out.
    Summary(String),
    /// What was asked for.
    Answer(String),
    /// What was asked for, and what is wrong with it.
    Diagnosis(String, Option<Error>),
}

fn run(command: Command, terminal: &Terminal) -> Result<Said> {
    let wanted = |asking: Asking| Wanted { period: asking.period, by: asking.by, as_of: asking.as_of };
    match command {
        Command::Run { export, out, dataset, reading, asking, config } => {
            let (export, out, dataset) = (&export, &out, dataset.as_deref());
            let (source, keep_text) = (Some(reading.source.as_str()), reading.keep_text);
            let (config, preset) = (config.as_deref(), reading.preset.as_deref());
            let job = Run { export, out, dataset, source, config, preset, keep_text, wanted: wanted(asking) };
            app::run(&job, terminal).map(Said::Summary)
        }
        Command::Ingest { exports, dataset, reading, config } => {
            let (source, config, preset) =
                (Some(reading.source.as_str()), config.as_deref(), reading.preset.as_deref());
            app::ingest(&exports, &dataset, source, config, preset, reading.keep_text, terminal).map(Said::Summary)
        }
        Command::Analyze { dataset, out, asking, config } => {
            app::analyze(&dataset, &out, config.as_deref(), &wanted(asking), terminal).map(Said::Summary)
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
        Command::Schema { format, import } => Ok(Said::Answer(app::schema(form(format), import))),
        Command::Explain { metric } => app::explain(&metric).map(Said::Answer),
        Command::List { what } => Ok(Said::Answer(app::list(&what))),
        Command::Simulate { loops, seed, format, out, until, years } => {
            let format = simulate::format(&format).ok_or_else(|| Error::usage("there is no such format"))?;
            app::simulate(&simulate::Options { loops, seed, format, out, until, years }, terminal).map(Said::Summary)
        }
        Command::Completions { shell } => Ok(Said::Answer(terminal::completions(shell, &mut Cli::command()))),
        Command::Man { command } => terminal::manual(&Cli::command(), command.as_deref()).map(Said::Answer),
    }
}

fn form(format: SchemaForm) -> Form {
    match format {
        SchemaForm::Text => Form::Text,
        SchemaForm::Markdown => Form::Markdown,
        SchemaForm::Json => Form::Json,
    }
}
