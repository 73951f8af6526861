//! The one report model: everything a renderer needs, already computed and already worded.
//!
//! A renderer is a pure function from this model to bytes. It chooses layout, never numbers.

mod charts;

use crate::engine::results::{ResultTable, Status};
use crate::findings::{Finding, Level};
use crate::time::Instant;

pub use charts::{
    Caption, Chart, Curves, Funnel, FunnelLimit, FunnelUnit, HeatCell, Heatmap, IntervalRow, Intervals, Multiples,
    Panel, Scatter, ScatterPoint, Series, Stacked, Step,
};

/// A whole report.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Heading, such as `Hiring loops, 2025Q4 to 2026Q3`.
    pub title: String,
    /// The period in words.
    pub period: String,
    /// The instant up to which the data was read as known; missing where the data holds no time at all.
    pub as_of: Option<Instant>,
    /// The first paragraph: the period in two to four sentences.
    pub summary: Vec<String>,
    /// The headline figures.
    pub figures: Vec<Figure>,
    /// The numbers behind the figures and others like them, which a later report can be compared with.
    pub measures: Vec<Measure>,
    /// How the last quarter stands against the one before it and the same one a year earlier; missing where no figure
    /// is known by quarter.
    pub trend: Option<Trend>,
    /// What changed since another period or run, one for each that was asked for.
    pub comparisons: Vec<Comparison>,
    /// All findings, most important first.
    pub findings: Vec<Finding>,
    /// One section per question.
    pub sections: Vec<Section>,
    /// What was read and what became of it.
    pub account: Account,
    /// Version, inputs, configuration: enough to run it again. Name and value, in order.
    pub provenance: Vec<(String, String)>,
    /// The result tables, for formats that hold them whole.
    pub tables: &'a [ResultTable],
}

/// One headline figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is, such as `Median time to decision`.
    pub label: String,
    /// The number with its unit, or a short reason such as `cannot tell`.
    pub value: String,
    /// The interval in words, such as `95 % interval 17 to 21 days`.
    pub interval: Option<String>,
    /// What it rests on and how it compares, such as `1 204 loops; 2.1 days slower than 2026Q2`.
    pub note: Option<String>,
}

/// A number that can be held against the same number of another period or run.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its identity across runs, kebab-case, with what it depends on: `decided-within-days:14`.
    pub id: String,
    /// What it is. That of the figure, where it stands behind one.
    pub label: String,
    /// Whether it stands behind a headline figure.
    pub is_headline: bool,
    /// What it is counted in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Whether it looks back on a window of quarters, so that it shares loops with the period before.
    pub looks_back: bool,
    /// The number.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// How many units it rests on.
    pub n: Option<i64>,
    /// How it was made.
    pub method: String,
    /// How far it can be trusted.
    pub status: Status,
    /// Why not further.
    pub reason: Option<String>,
}

/// What a measure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days: more is slower.
    Days,
    /// A share of a whole, 0 to 1.
    Share,
    /// Hours of people.
    Hours,
    /// Things that are counted, not estimated: they have no interval.
    Items,
    /// Anything else, such as score points or a coefficient.
    Number,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 5] = [Self::Days, Self::Share, Self::Hours, Self::Items, Self::Number];

    /// The word in tables and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Share => "share",
            Self::Hours => "hours",
            Self::Items => "items",
            Self::Number => "number",
        }
    }
}

/// Which way of a measure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither in itself.
    Neither,
}

impl Better {
    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Neither => "neither",
        }
    }
}

/// What changed since another period or run.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What it is compared with, such as `2026Q2`.
    pub against: String,
    /// The changes in one or two sentences.
    pub summary: Vec<String>,
    /// One per headline figure.
    pub changes: Vec<Change>,
    /// Findings that were not there before.
    pub new: Vec<Known>,
    /// Findings that were there already, as they stand now.
    pub persisting: Vec<Known>,
    /// Findings that are gone, as they stood then.
    pub resolved: Vec<Known>,
    /// How it was compared, and what to mind in reading it.
    pub remarks: Vec<String>,
}

/// How a quarter stands against earlier ones, from figures that are known quarter by quarter.
#[derive(Debug, Clone)]
pub struct Trend {
    /// The quarter, such as `2026Q3`.
    pub quarter: String,
    /// The trend in sentences, one for each quarter that it is held against.
    pub summary: Vec<String>,
    /// The names of those quarters, the nearest first.
    pub against: Vec<String>,
    /// One per figure.
    pub lines: Vec<TrendLine>,
    /// What to mind in reading it.
    pub remarks: Vec<String>,
}

/// One figure of a [`Trend`].
#[derive(Debug, Clone)]
pub struct TrendLine {
    /// The measure's identity and label.
    pub id: String,
    /// See `id`.
    pub label: String,
    /// What it is counted in.
    pub unit: Unit,
    /// The number of the quarter.
    pub now: Reading,
    /// What changed since each quarter that it is held against, in their order.
    pub changes: Vec<Change>,
    /// The quarters up to this one, oldest first: name and number.
    pub quarters: Vec<(String, Reading)>,
}

/// A finding by its identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Stable identity across runs.
    pub id: String,
    /// How serious.
    pub level: Level,
    /// What was found.
    pub statement: String,
}

/// How one headline figure changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// The measure's identity and label.
    pub id: String,
    /// See `id`.
    pub label: String,
    /// What it is counted in.
    pub unit: Unit,
    /// The number now and then, with their intervals.
    pub now: Reading,
    /// See `now`.
    pub before: Reading,
    /// Now less then.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// The q-value of no change, over the figures compared.
    pub q_value: Option<f64>,
    /// What to make of it.
    pub verdict: Verdict,
    /// The change in words, such as `2.1 days slower than 2026Q2 (95 % interval 0.4 to 3.8)`.
    pub words: String,
    /// How far the less sure of the two numbers can be trusted.
    pub status: Status,
    /// Why not further.
    pub reason: Option<String>,
}

/// A number with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The number.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// How many units it rests on.
    pub n: Option<i64>,
}

/// What to make of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// More than noise, to the good.
    Better,
    /// More than noise, to the bad.
    Worse,
    /// More than noise, neither good nor bad in itself.
    Changed,
    /// No more than noise.
    Noise,
    /// The data cannot tell.
    CannotTell,
}

impl Verdict {
    /// The word in tables and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Changed => "changed",
            Self::Noise => "noise",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// One question with its answer.
#[derive(Debug, Clone)]
pub struct Section {
    /// Anchor, kebab-case.
    pub id: String,
    /// The question as a team would ask it.
    pub question: String,
    /// The answer, one sentence per item.
    pub answer: Vec<String>,
    /// Pictures.
    pub charts: Vec<Chart>,
    /// Tables.
    pub tables: Vec<Table>,
    /// How it was computed and when it misleads: the metric's documentation, in Markdown with `##` headings,
    /// paragraphs and `-` lists only.
    pub method: String,
    /// What the data could not answer, and what would tell.
    pub limits: Vec<String>,
}

/// A table for people.
#[derive(Debug, Clone)]
pub struct Table {
    /// Caption.
    pub caption: String,
    /// Headings.
    pub columns: Vec<Heading>,
    /// Rows.
    pub rows: Vec<Vec<TableCell>>,
    /// The result table that holds all rows and columns, such as `tables/waits.parquet`.
    pub full: String,
    /// How many rows were left out here.
    pub left_out: usize,
}

/// A column heading.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Text.
    pub text: String,
    /// Whether the column holds numbers and stands to the right.
    pub numeric: bool,
    /// What it means, for a tooltip or a footnote.
    pub meaning: String,
}

/// A cell for people.
#[derive(Debug, Clone)]
pub struct TableCell {
    /// What is shown. May hold text from the data: a renderer must escape it.
    pub text: String,
    /// What it sorts by, where it is a number.
    pub sort: Option<f64>,
}

/// What was read and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Records read.
    pub read: i64,
    /// Records in the dataset.
    pub kept: i64,
    /// Records that another one stands in for.
    pub replaced: i64,
    /// Records in `rejects`.
    pub rejected: i64,
    /// Records kept whose application is in no file.
    pub unjoined: i64,
    /// What a reader should know, one sentence each.
    pub remarks: Vec<String>,
    /// Rejects by reason, with their count.
    pub reasons: Vec<(String, i64)>,
}
