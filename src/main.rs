//! Parse, run, map the result to an exit status.

mod terminal;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use looplens::app::{self, Form, Run, Wanted};
use looplens::cli::{Asking, Cli, Command, Reading, SchemaForm};
use looplens::error::{Error, Result};
use looplens::simulate;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.quiet, cli.verbose, cli.color);
    match run(cli.command, &terminal) {
        Ok(Said::Summary(text)) => terminal.summarise(&text),
        Ok(Said::Answer(text)) => terminal.say(&text),
        Err(error) => terminal.fail(&error),
    }
}

/// What a command prints.
enum Said {
    /// About what was done; `--quiet` leaves it out.
    Summary(String),
    /// What was asked for.
    Answer(String),
}

fn run(command: Command, terminal: &Terminal) -> Result<Said> {
    let wanted = |asking: Asking| Wanted { period: asking.period, by: asking.by, as_of: asking.as_of };
    match command {
        Command::Run { export, out, dataset, reading, asking, config } => {
            let reading = meant(&reading, config.as_deref());
            let job = Run { export: &export, out: &out, dataset: dataset.as_deref(), reading, wanted: wanted(asking) };
            app::run(&job, terminal).map(Said::Summary)
        }
        Command::Ingest { exports, dataset, reading, config } => {
            app::ingest(&exports, &dataset, &meant(&reading, config.as_deref()), terminal).map(Said::Summary)
        }
        Command::Analyze { dataset, out, asking, config } => {
            app::analyze(&dataset, &out, config.as_deref(), &wanted(asking), terminal).map(Said::Summary)
        }
        Command::Init { path, force } => {
            let said = if path.as_os_str() == "-" { Said::Answer } else { Said::Summary };
            app::init(&path, force).map(said)
        }
        Command::Schema { format, import } => Ok(Said::Answer(app::schema(form(format), import))),
        Command::Explain { metric } => app::explain(&metric).map(Said::Answer),
        Command::List { what } => Ok(Said::Answer(app::list(&what))),
        Command::Simulate { loops, seed, format, out, until, years, snapshots } => {
            let format = simulate::format(&format).ok_or_else(|| Error::usage("there is no such format"))?;
            let options = simulate::Options { loops, seed, format, out, until, years };
            app::simulate(&options, snapshots, terminal).map(Said::Summary)
        }
        Command::Completions { shell } => Ok(Said::Answer(terminal::completions(shell, &mut Cli::command()))),
        Command::Man { command } => terminal::manual(&Cli::command(), command.as_deref()).map(Said::Answer),
    }
}

fn meant<'a>(reading: &'a Reading, config: Option<&'a Path>) -> app::Reading<'a> {
    let Reading { source, keep_text, missing } = reading;
    app::Reading { source: Some(source), config, keep_text: *keep_text, missing: missing.as_deref() }
}

fn form(format: SchemaForm) -> Form {
    match format {
        SchemaForm::Text => Form::Text,
        SchemaForm::Markdown => Form::Markdown,
        SchemaForm::Json => Form::Json,
    }
}
