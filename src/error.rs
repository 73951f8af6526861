//! Errors, and the one table of exit statuses.
//!
//! Every message answers three questions: what is wrong, where, and what to do about it. Messages never
//! carry names, addresses or free text from the data: identifiers are shown as the dataset would show them.

use std::fmt;
use std::path::{Path, PathBuf};

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

/// One error: what, where, what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}", Rendered(self))]
pub struct Error {
    /// The family.
    pub kind: Kind,
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
    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, help: None }
    }

    /// Wrong usage or configuration.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// Bad input data.
    pub fn input(what: impl Into<String>) -> Self {
        Self::new(Kind::Input, what)
    }

    /// The environment failed.
    pub fn environment(what: impl Into<String>) -> Self {
        Self::new(Kind::Environment, what)
    }

    /// A file-system failure on `path`, worded for the person who has to repair it.
    pub fn io(action: &str, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let help = match error.kind() {
            E::NotFound => "check the path",
            E::PermissionDenied | E::ReadOnlyFilesystem => "choose a place you may use, or change its permissions",
            E::StorageFull | E::QuotaExceeded => "free some space and run the same command again",
            _ => "repair the cause and run the same command again",
        };
        Self::environment(format!("cannot {action}: {error}")).at(path).help(help)
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

    /// The status the process ends with.
    pub fn exit_status(&self) -> ExitStatus {
        match self.kind {
            Kind::Usage => ExitStatus::Usage,
            Kind::Input => ExitStatus::Input,
            Kind::Environment => ExitStatus::Environment,
        }
    }
}

struct Rendered<'a>(&'a Error);

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.what)?;
        if let Some(place) = &self.0.place {
            write!(out, "\n  where: {}", crate::report::number::harmless(place))?;
        }
        if let Some(help) = &self.0.help {
            write!(out, "\n  help:  {help}")?;
        }
        Ok(())
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::environment(format!("a table could not be handled: {error}"))
    }
}

impl From<parquet::errors::ParquetError> for Error {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::environment(format!("a Parquet file could not be handled: {error}"))
    }
}

impl From<polars::error::PolarsError> for Error {
    fn from(error: polars::error::PolarsError) -> Self {
        Self::environment(format!("a reduction over the dataset failed: {error}"))
    }
}
