//! Measures and comparisons as JSON, each measure and change on a line of its own.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Written, finite, line};
use crate::report::model::{Change, Comparison, Known, Measure, Reading, Trend, TrendLine};

#[derive(Serialize)]
struct MeasureOut<'a> {
    id: &'a str,
    label: &'a str,
    is_headline: bool,
    unit: &'static str,
    better: &'static str,
    looks_back: bool,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: Option<i64>,
    method: &'a str,
    status: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Out<'a> {
    against: &'a str,
    summary: &'a [String],
    changes: Vec<Box<RawValue>>,
    new: Vec<KnownOut<'a>>,
    persisting: Vec<KnownOut<'a>>,
    resolved: Vec<KnownOut<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct KnownOut<'a> {
    id: &'a str,
    level: &'static str,
    statement: &'a str,
}

#[derive(Serialize)]
struct ReadingOut {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: Option<i64>,
}

#[derive(Serialize)]
struct ChangeOut<'a> {
    id: &'a str,
    label: &'a str,
    unit: &'static str,
    now: ReadingOut,
    before: ReadingOut,
    difference: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    q_value: Option<f64>,
    verdict: &'static str,
    words: &'a str,
    status: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct TrendOut<'a> {
    quarter: &'a str,
    summary: &'a [String],
    against: &'a [String],
    lines: Vec<TrendLineOut<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct TrendLineOut<'a> {
    id: &'a str,
    label: &'a str,
    unit: &'static str,
    now: ReadingOut,
    changes: Vec<Box<RawValue>>,
    quarters: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct QuarterOut<'a> {
    quarter: &'a str,
    reading: ReadingOut,
}

pub(super) fn trend(trend: &Trend) -> Written<TrendOut<'_>> {
    Ok(TrendOut {
        quarter: &trend.quarter,
        summary: &trend.summary,
        against: &trend.against,
        lines: trend.lines.iter().map(trend_line).collect::<Written<_>>()?,
        remarks: &trend.remarks,
    })
}

fn trend_line(one: &TrendLine) -> Written<TrendLineOut<'_>> {
    let quarter = |(quarter, numbers): &(String, Reading)| line(&QuarterOut { quarter, reading: reading(numbers) });
    Ok(TrendLineOut {
        id: &one.id,
        label: &one.label,
        unit: one.unit.word(),
        now: reading(&one.now),
        changes: one.changes.iter().map(change).collect::<Written<_>>()?,
        quarters: one.quarters.iter().map(quarter).collect::<Written<_>>()?,
    })
}

fn reading(reading: &Reading) -> ReadingOut {
    ReadingOut { value: finite(reading.value), low: finite(reading.low), high: finite(reading.high), n: reading.n }
}

pub(super) fn measure(measure: &Measure) -> Written<Box<RawValue>> {
    line(&MeasureOut {
        id: &measure.id,
        label: &measure.label,
        is_headline: measure.is_headline,
        unit: measure.unit.word(),
        better: measure.better.word(),
        looks_back: measure.looks_back,
        value: finite(measure.value),
        low: finite(measure.low),
        high: finite(measure.high),
        n: measure.n,
        method: &measure.method,
        status: measure.status.word(),
        reason: measure.reason.as_deref(),
    })
}

pub(super) fn comparison(comparison: &Comparison) -> Written<Out<'_>> {
    Ok(Out {
        against: &comparison.against,
        summary: &comparison.summary,
        changes: comparison.changes.iter().map(change).collect::<Written<_>>()?,
        new: comparison.new.iter().map(known).collect(),
        persisting: comparison.persisting.iter().map(known).collect(),
        resolved: comparison.resolved.iter().map(known).collect(),
        remarks: &comparison.remarks,
    })
}

fn known(known: &Known) -> KnownOut<'_> {
    KnownOut { id: &known.id, level: known.level.word(), statement: &known.statement }
}

fn change(change: &Change) -> Written<Box<RawValue>> {
    line(&ChangeOut {
        id: &change.id,
        label: &change.label,
        unit: change.unit.word(),
        now: reading(&change.now),
        before: reading(&change.before),
        difference: finite(change.difference),
        low: finite(change.low),
        high: finite(change.high),
        q_value: finite(change.q_value),
        verdict: change.verdict.word(),
        words: &change.words,
        status: change.status.word(),
        reason: change.reason.as_deref(),
    })
}
