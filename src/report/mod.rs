//! Reports: one model, pure renderers. To add a format, write one file and add one line to [`FORMATS`].

pub mod chart;
pub mod html;
pub mod markdown;
pub mod model;
pub mod number;
pub mod words;

#[cfg(test)]
mod sample;

use model::Report;

/// A report format.
#[derive(Debug)]
pub struct Format {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// The file it writes below OUT.
    pub file: &'static str,
    /// For whom it is.
    pub summary: &'static str,
    /// The renderer: model in, bytes out.
    pub render: fn(&Report) -> crate::error::Result<Vec<u8>>,
}

/// Every report format, in the order they are written.
pub const FORMATS: &[&Format] = &[&html::FORMAT, &markdown::FORMAT];
