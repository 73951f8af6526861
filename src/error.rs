//! Errors, and the one table of exit statuses.
//!
//! Every message answers three questions: what is wrong, where, and what to do about it; and names the page that says
//! more (see [`pages`]). Messages never carry names, addresses or free text from the data: identifiers are shown as the
//! dataset would show them.

pub mod pages;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pages::Page;

/// What the process tells its caller. The same for every output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Everything asked for was done.
    Fine = 0,
    /// `check` found what the policy forbids.
    Forbidden = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Bad input data; nothing was committed.
    Input = 3,
    /// The environment failed: file system, lock, memory.
    Environment = 4,
}

/// The exit statuses with their meaning, for `--help` and the documentation.
pub const EXIT_STATUSES: &[(ExitStatus, &str)] = &[
    (ExitStatus::Fine, "fine"),
    (ExitStatus::Forbidden, "`check` found what the policy forbids"),
    (ExitStatus::Usage, "wrong usage or configuration"),
    (ExitStatus::Input, "bad input data; nothing was committed"),
    (ExitStatus::Environment, "the environment failed: file system, lock, memory"),
];

impl ExitStatus {
    /// What it means, from the table.
    pub fn meaning(self) -> &'static str {
        EXIT_STATUSES.iter().find(|(status, _)| *status == self).map_or("", |(_, meaning)| meaning)
    }
}

/// Which family an error belongs to; decides the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line or the configuration cannot be meant as written.
    Usage,
    /// The data that was read cannot be used.
    Input,
    /// The machine refused: permissions, space, a lock held by someone else.
    Environment,
}

impl Kind {
    /// The status the process ends with.
    pub fn exit_status(self) -> ExitStatus {
        match self {
            Kind::Usage => ExitStatus::Usage,
            Kind::Input => ExitStatus::Input,
            Kind::Environment => ExitStatus::Environment,
        }
    }
}

/// One error: what, where, what to do, and the page that says more.
#[derive(Debug, thiserror::Error)]
#[error("{}\n  more:  looplens explain {}", self.told(), self.page.code)]
pub struct Error {
    /// The page about errors of its kind; decides the family.
    pub page: &'static Page,
    /// What is wrong, one sentence fragment in lower case.
    pub what: String,
    /// The file or folder, with a line or JSON path where one is known.
    pub place: Option<String>,
    /// What the reader can do about it.
    pub help: Option<String>,
}

/// The result type of the library.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that a page tells about.
    pub fn new(page: &'static Page, what: impl Into<String>) -> Self {
        Self { page, what: what.into(), place: None, help: None }
    }

    /// What ends reading on purpose, because enough was seen. Whoever asked for it takes it back, so that nobody sees it.
    pub fn enough() -> Self {
        Self::new(&pages::DEFECT, "enough was seen")
    }

    /// A file-system failure on `path`, worded for the person who has to repair it.
    pub fn io(action: &str, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let (page, help) = match error.kind() {
            E::NotFound => (&pages::NOT_FOUND, "check the path"),
            E::PermissionDenied | E::ReadOnlyFilesystem => {
                (&pages::NOT_ALLOWED, "choose a place you may use, or change its permissions")
            }
            E::StorageFull | E::QuotaExceeded => (&pages::NO_SPACE, "free some space and run the same command again"),
            _ => (&pages::FILE_SYSTEM, "repair the cause and run the same command again"),
        };
        Self::new(page, format!("cannot {action}: {error}")).at(path).help(help)
    }

    /// A failure to read what somebody named on the command line or in the configuration.
    pub fn unreadable(action: &str, path: &Path, error: &std::io::Error) -> Self {
        Self { page: &pages::UNREADABLE, ..Self::io(action, path, error) }
    }

    /// Adds the file or folder.
    #[must_use]
    pub fn at(mut self, path: impl Into<PathBuf>) -> Self {
        self.place = Some(path.into().display().to_string());
        self
    }

    /// Adds a place that is finer than a file: `file:line 3` or `file:$[17].id`.
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What, where and what to do, without the page: for a message that tells of several problems and names its own.
    pub fn told(&self) -> String {
        let mut text = self.what.clone();
        if let Some(place) = &self.place {
            let _ = write!(text, "\n  where: {}", crate::report::number::harmless(place));
        }
        if let Some(help) = &self.help {
            let _ = write!(text, "\n  help:  {help}");
        }
        text
    }

    /// The family.
    pub fn kind(&self) -> Kind {
        self.page.kind
    }

    /// The status the process ends with.
    pub fn exit_status(&self) -> ExitStatus {
        self.kind().exit_status()
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::new(&pages::COMPUTATION, format!("a table could not be handled: {error}"))
    }
}

impl From<parquet::errors::ParquetError> for Error {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::new(&pages::COMPUTATION, format!("a Parquet file could not be handled: {error}"))
    }
}

impl From<polars::error::PolarsError> for Error {
    fn from(error: polars::error::PolarsError) -> Self {
        Self::new(&pages::COMPUTATION, format!("a reduction over the dataset failed: {error}"))
    }
}
