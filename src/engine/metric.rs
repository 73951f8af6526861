//! The contract of a metric: reduce the dataset to an additive table, finish that table to results.

use std::collections::BTreeMap;

use polars::prelude::LazyFrame;

use super::counts::Counts;
use super::results::{ResultTable, TableSpec};
use super::run::Results;
use crate::config::Config;
use crate::error::{Error, Result, pages};
use crate::time::{Instant, Quarter};

/// What an additive table keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Cells with counts: the table shrinks.
    Cells,
    /// One row per loop or spell: what does not shrink, because a calendar, a date of analysis or a rank is
    /// applied only afterwards.
    Rows,
}

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The question it answers, as a team would ask it.
    pub question: &'static str,
    /// Its documentation, Markdown under the headings of [`HEADINGS`].
    pub doc: &'static str,
    /// Raised when `reduce` changes, so that cached tables are computed again.
    pub version: u32,
    /// What its additive table keeps.
    pub grain: Grain,
    /// The tables of the dataset it reads; a partition without the first of them gives nothing.
    pub inputs: &'static [&'static str],
    /// The metrics whose results it reads from the context, by id; they stand before it in the registry.
    pub needs: &'static [&'static str],
    /// The columns that are summed.
    pub values: &'static [&'static str],
    /// The result tables it gives.
    pub tables: &'static [&'static TableSpec],
    /// Lazy frames of one partition to the frame of an additive table. Never collects.
    pub reduce: fn(&Frames, &[String]) -> Result<LazyFrame>,
    /// The merged additive table to results. Reads no file and no frame.
    pub finish: fn(&Counts, &Context<'_>) -> Result<Vec<ResultTable>>,
}

impl Metric {
    /// Whether two metrics start from the same additive table. A function that is not recognised as the same one costs a second
    /// computation and nothing else.
    pub fn shares_table_with(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.reduce, other.reduce) && self.inputs == other.inputs && self.values == other.values
    }
}

/// The headings under which every metric is documented, in order.
pub const HEADINGS: &[&str] =
    &["What it measures", "Why it matters", "How it is computed", "When it misleads", "References"];

/// The lazy frames of one partition.
pub struct Frames {
    frames: BTreeMap<&'static str, LazyFrame>,
}

impl Frames {
    /// Frames by table.
    pub fn new(frames: BTreeMap<&'static str, LazyFrame>) -> Self {
        Self { frames }
    }

    /// The frame of a table that the partition has.
    pub fn get(&self, table: &str) -> Result<LazyFrame> {
        self.frames
            .get(table)
            .cloned()
            .ok_or_else(|| Error::new(&pages::DEFECT, format!("a metric reads the table {table} without naming it")))
    }

    /// Whether the partition has a table.
    pub fn has(&self, table: &str) -> bool {
        self.frames.contains_key(table)
    }
}

/// What `finish` is told besides the table.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The instant up to which the data counts as known.
    pub as_of: Instant,
    /// Only loops that opened in this quarter, if one was asked for.
    pub period: Option<Quarter>,
    /// The results of the metrics that were computed before, in the order of the registry.
    pub earlier: &'a Results,
}

impl Context<'_> {
    /// Whether a partition belongs to the period.
    pub fn includes(&self, opened: Option<&str>) -> bool {
        self.period.is_none_or(|period| opened.and_then(Quarter::parse) == Some(period))
    }
}
