//! The one report model: everything a renderer needs, already computed and already worded.
//!
//! A renderer is a pure function from this model to bytes. It chooses layout, never numbers.

use crate::engine::results::{ResultTable, Status};
use crate::findings::{Finding, Level};
use crate::time::Instant;

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

/// A picture, as data.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Step curves with bands over time: survival, cumulative incidence.
    Curves(Curves),
    /// Horizontal bars made of parts that add up to a whole.
    Stacked(Stacked),
    /// Points with intervals, one row each: a forest plot, or quarters in order.
    Intervals(Intervals),
    /// Rates of many units by how much they rest on, between the limits of chance about their common rate.
    Funnel(Funnel),
    /// Several figures over the same periods, side by side, each on an axis of its own.
    Multiples(Multiples),
    /// A triangle of cells, one per pair of names.
    Heatmap(Heatmap),
    /// Named points in a plane.
    Scatter(Scatter),
}

/// What every picture says in words.
#[derive(Debug, Clone)]
pub struct Caption {
    /// Heading.
    pub title: String,
    /// One sentence that says what the picture shows; also its description for a screen reader.
    pub says: String,
}

/// Step curves.
#[derive(Debug, Clone)]
pub struct Curves {
    /// Heading and description.
    pub caption: Caption,
    /// The x axis in words, such as `days since application`.
    pub x_label: String,
    /// The y axis in words; y runs from 0 to 1 and is shown in per cent.
    pub y_label: String,
    /// The curves, at most five.
    pub series: Vec<Series>,
    /// Vertical marks with a short label, such as the limit of 21 days.
    pub marks: Vec<(f64, String)>,
    /// The x axis ends here.
    pub x_max: f64,
}

/// One step curve, starting at x = 0.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the legend. May hold text from the data.
    pub name: String,
    /// The steps: from x on the value is y, with the ends of its interval.
    pub steps: Vec<Step>,
    /// The curve is known up to here and drawn no further; `None` up to the end of the axis.
    pub until: Option<f64>,
}

/// One step of a curve.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// From here on.
    pub x: f64,
    /// The value.
    pub y: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// Stacked horizontal bars.
#[derive(Debug, Clone)]
pub struct Stacked {
    /// Heading and description.
    pub caption: Caption,
    /// The unit of the x axis, such as `days per loop`.
    pub x_label: String,
    /// The parts' names, in order.
    pub parts: Vec<String>,
    /// The bars: a name, and a value per part.
    pub bars: Vec<(String, Vec<f64>)>,
}

/// Points with intervals.
#[derive(Debug, Clone)]
pub struct Intervals {
    /// Heading and description.
    pub caption: Caption,
    /// The unit of the x axis.
    pub x_label: String,
    /// The rows: name, point, low, high, note such as `n = 120`.
    pub rows: Vec<IntervalRow>,
    /// A vertical reference line with a label.
    pub reference: Option<(f64, String)>,
}

/// One row of [`Intervals`].
#[derive(Debug, Clone)]
pub struct IntervalRow {
    /// Its name. May hold text from the data.
    pub name: String,
    /// The estimate; missing where the data cannot tell.
    pub point: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end; an arrow is drawn where it is missing although there is a point.
    pub high: Option<f64>,
    /// A short note.
    pub note: String,
}

/// A funnel plot.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Heading and description.
    pub caption: Caption,
    /// What the x axis counts, such as `cards`.
    pub x_label: String,
    /// What the y axis is a share of, such as `share of cards that were late`; shown in per cent.
    pub y_label: String,
    /// The common rate, from 0 to 1.
    pub target: f64,
    /// The limits of chance, ascending by how much a unit rests on.
    pub limits: Vec<FunnelLimit>,
    /// The units.
    pub units: Vec<FunnelUnit>,
}

/// The limits of chance at one number of cases, from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct FunnelLimit {
    /// How many cases.
    pub n: f64,
    /// Between these, 95 of 100 units that share the common rate.
    pub warning: (f64, f64),
    /// Between these, 998 of 1,000.
    pub control: (f64, f64),
}

/// One unit of a funnel plot.
#[derive(Debug, Clone)]
pub struct FunnelUnit {
    /// Its name. May hold text from the data.
    pub name: String,
    /// How many cases it rests on.
    pub n: f64,
    /// Its rate, from 0 to 1.
    pub share: f64,
    /// Whether it lies outside of the wide limits, so that it is named in the picture.
    pub is_outside: bool,
}

/// Small pictures of several figures over the same periods.
#[derive(Debug, Clone)]
pub struct Multiples {
    /// Heading and description.
    pub caption: Caption,
    /// The figures.
    pub panels: Vec<Panel>,
}

/// One figure over the periods.
#[derive(Debug, Clone)]
pub struct Panel {
    /// What it is, such as `late cards, %`.
    pub title: String,
    /// The periods in order, with point and interval.
    pub rows: Vec<IntervalRow>,
    /// A horizontal reference line.
    pub reference: Option<f64>,
    /// A word on its trend, such as `no trend told from chance`.
    pub note: String,
}

/// A triangle of cells, one per pair.
#[derive(Debug, Clone)]
pub struct Heatmap {
    /// Heading and description.
    pub caption: Caption,
    /// What a cell's value is, such as `correlation`.
    pub value_label: String,
    /// The names, in order. May hold text from the data.
    pub names: Vec<String>,
    /// The cells; each pair at most once, in either order. Values are at most 1.
    pub cells: Vec<HeatCell>,
}

/// One pair of [`Heatmap`].
#[derive(Debug, Clone)]
pub struct HeatCell {
    /// Position of the one name.
    pub row: usize,
    /// Position of the other.
    pub column: usize,
    /// The value; missing where the data cannot tell.
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// A short note.
    pub note: String,
}

/// Named points in a plane; both axes hold zero.
#[derive(Debug, Clone)]
pub struct Scatter {
    /// Heading and description.
    pub caption: Caption,
    /// The x axis in words, with its unit.
    pub x_label: String,
    /// The y axis in words, with its unit.
    pub y_label: String,
    /// The points.
    pub points: Vec<ScatterPoint>,
}

/// One point of [`Scatter`].
#[derive(Debug, Clone)]
pub struct ScatterPoint {
    /// Its name. May hold text from the data.
    pub name: String,
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// A short note.
    pub note: String,
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
