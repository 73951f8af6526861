//! The person at the terminal: progress with rates, colours that respect NO_COLOR, silence in a pipe.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use looplens::cli::Colour;
use looplens::error::{Error, ExitStatus, Result, pages};
use looplens::progress::{Progress, Unit};

pub(crate) struct Terminal {
    quiet: bool,
    verbose: bool,
    colours: bool,
    live: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    pub(crate) fn new(quiet: bool, verbose: bool, colour: Colour) -> Self {
        let live = std::io::stderr().is_terminal();
        let wanted = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => live && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self { quiet, verbose, colours: wanted, live: live && !quiet, bar: Mutex::new(None) }
    }

    /// Prints a result. A reader that went away, such as `head`, has seen what it wanted.
    pub(crate) fn say(&self, text: &str) -> ExitCode {
        self.clear();
        match std::io::stdout().write_all(text.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                self.fail(&Error::new(&pages::OUTPUT, format!("the result cannot be printed: {e}")))
            }
            _ => ExitCode::SUCCESS,
        }
    }

    /// Prints what was done, unless nobody wants to hear it.
    pub(crate) fn summarise(&self, text: &str) -> ExitCode {
        if self.quiet {
            self.clear();
            return ExitCode::SUCCESS;
        }
        self.say(text)
    }

    /// Prints a result and the error it ends with, if there is one.
    pub(crate) fn conclude(&self, text: &str, error: Option<&Error>) -> ExitCode {
        match (self.say(text), error) {
            (ExitCode::SUCCESS, Some(error)) => self.fail(error),
            (said, _) => said,
        }
    }

    /// Prints a verdict and ends with its status.
    pub(crate) fn rule(&self, text: &str, status: ExitStatus) -> ExitCode {
        match self.say(text) {
            ExitCode::SUCCESS => ExitCode::from(status as u8),
            failed => failed,
        }
    }

    /// Prints an error and gives its exit status.
    pub(crate) fn fail(&self, error: &Error) -> ExitCode {
        self.clear();
        let style = if self.colours { AnsiColor::Red.on_default().bold() } else { Style::new() };
        let _ = writeln!(std::io::stderr(), "{style}error{style:#}: {error}");
        ExitCode::from(error.exit_status() as u8)
    }

    fn clear(&self) {
        if let Ok(mut bar) = self.bar.lock()
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Terminal {
    fn phase(&self, name: &str, total: Option<u64>, unit: Unit) {
        self.clear();
        if !self.live {
            return;
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match unit {
            Unit::Bytes => "{msg:<11} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            Unit::Items => "{msg:<11} {bar:30} {human_pos}/{human_len} {per_sec} {eta}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        if let Ok(mut held) = self.bar.lock() {
            *held = Some(bar);
        }
    }

    fn advance(&self, by: u64) {
        if let Ok(bar) = self.bar.lock()
            && let Some(bar) = bar.as_ref()
        {
            bar.inc(by);
        }
    }

    fn detail(&self, text: &str) {
        if self.verbose {
            let line = || {
                let _ = writeln!(std::io::stderr(), "{text}");
            };
            match self.bar.lock() {
                Ok(bar) => bar.as_ref().map_or_else(line, |bar| bar.suspend(line)),
                Err(_) => line(),
            }
        }
    }
}

/// Prints what clap has to say: help and versions, which were asked for, or what is wrong with the command line.
pub(crate) fn refuse(said: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind as Kind;
    let printed = said.print();
    let is_answer = !said.use_stderr() || said.kind() == Kind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !is_answer {
        let _ = writeln!(std::io::stderr(), "\n  more:  looplens explain {}", pages::COMMAND_LINE.code);
    }
    match printed {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(ExitStatus::Environment as u8),
        _ => ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(ExitStatus::Usage as u8)),
    }
}

pub(crate) fn completions(shell: clap_complete::Shell, command: &mut clap::Command) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, command, "looplens", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

pub(crate) fn manual(whole: &clap::Command, name: Option<&str>) -> Result<String> {
    let page = match name {
        None => clap_mangen::Man::new(whole.clone()),
        Some(name) => {
            let found = whole.find_subcommand(name).ok_or_else(|| {
                Error::new(&pages::UNKNOWN_NAME, "there is no such command")
                    .help("`looplens --help` lists the commands")
            })?;
            clap_mangen::Man::new(found.clone()).title(format!("looplens-{}", found.get_name()))
        }
    };
    let mut out = Vec::new();
    page.render(&mut out).map_err(|e| Error::new(&pages::DEFECT, format!("the manual page cannot be made: {e}")))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}
