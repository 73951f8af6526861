//! Parse, run, map the result to an exit status.

mod commands;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use commands::Said;
use looplens::cli::Cli;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return terminal::refuse(&error),
    };
    let terminal = Terminal::new(cli.quiet, cli.verbose, cli.color);
    match commands::run(cli.command, &terminal) {
        Ok(Said::Summary(text)) => terminal.summarise(&text),
        Ok(Said::Answer(text)) => terminal.say(&text),
        Ok(Said::Diagnosis(text, error)) => terminal.conclude(&text, error.as_ref()),
        Ok(Said::Verdict(text, status)) => terminal.rule(&text, status),
        Err(error) => terminal.fail(&error),
    }
}
