//! How a verdict is shown: pure renderers of one model. To add a format, write one file and add one line to
//! [`FORMATS`].
//!
//! A renderer decides nothing: the verdict, and what counts as found, are settled before it is called.

pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod text;

#[cfg(test)]
mod tests;

use super::verdict::Checked;
use crate::error::Result;
use crate::report::number;

/// A format of the check.
#[derive(Debug)]
pub struct Format {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// The file it is written to where several formats go into a folder.
    pub file: &'static str,
    /// For whom it is.
    pub summary: &'static str,
    /// Whether it speaks to whoever reads the output, so that it is printed where others are written.
    pub is_printed: bool,
    /// The renderer: model in, text out.
    pub render: fn(&Checked) -> Result<String>,
}

/// Every format.
pub const FORMATS: &[&Format] =
    &[&text::FORMAT, &markdown::FORMAT, &json::FORMAT, &junit::FORMAT, &sarif::FORMAT, &github::FORMAT];

/// The format with a given name.
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}

/// A text is cut here: a verdict is no place for more.
const LONGEST_TEXT: usize = 2_000;

/// Text for a line of a build's log: hidden characters are shown, and the sign by which a build server knows
/// its own commands anywhere in a line (`##[error]`, `##vso[...]`) is taken apart. Nothing but our own words begins a line.
fn line(text: &str) -> String {
    number::visible(text, LONGEST_TEXT).replace("##", "#\u{200b}#")
}
