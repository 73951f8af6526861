//! Segments: all loops first, then by each configured dimension, then by the quarter in which they opened.

use polars::prelude::{DataType, Expr, col, lit, when};

use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::time::{Calendar, Instant, SECOND};

/// Seconds in a day, to turn seconds into fractional days.
pub const DAY_SECONDS: f64 = 86_400.0;
/// The kind of segment that holds every loop.
pub const ALL: &str = "all";
/// The kind of segment by opening quarter.
pub const QUARTER: &str = "quarter";
/// What a segment is called whose loops do not say.
pub const NOT_RECORDED: &str = "(not recorded)";

/// The rows of one segment.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The dimension.
    pub kind: String,
    /// The value.
    pub name: String,
    /// The rows of the additive table.
    pub rows: Vec<u32>,
}

/// The key columns that hold the configured dimensions, for `reduce`.
pub fn keys(by: &[String]) -> Vec<Expr> {
    by.iter().map(|kind| col(column_of(kind)).alias(format!("by_{kind}"))).collect()
}

/// Whole seconds of a time column, under another name. Times before 1970 do not pass ingest, so truncating
/// is flooring.
pub fn seconds(name: &str, alias: &str) -> Expr {
    (col(name).cast(DataType::Int64) / lit(SECOND)).alias(alias)
}

/// Thousandths of a column, rounded half away from zero: integers, so that sums of equal rows are exact.
pub fn milli(name: &str) -> Expr {
    let milli = col(name) * lit(1000.0);
    let up = milli.clone().gt_eq(lit(0.0));
    when(up).then(milli.clone() + lit(0.5)).otherwise(milli - lit(0.5)).cast(DataType::Int64)
}

/// Seconds of counted time between two times in seconds; whole days where only days are known.
pub fn elapsed(calendar: &Calendar, from: i64, to: i64, whole_days: bool) -> i64 {
    let (from, to) = (Instant(from * SECOND), Instant(to * SECOND));
    if whole_days { calendar.between_days(from, to) } else { calendar.between(from, to) }.div_euclid(SECOND)
}

fn column_of(kind: &str) -> &str {
    if kind == "stage" { "furthest_stage" } else { kind }
}

/// The segments of an additive table, restricted to the period and to rows that were known at the date of
/// analysis: a segment whose loops all opened later does not exist yet.
pub fn segments(counts: &Counts, context: &Context<'_>, known: impl Fn(usize) -> bool) -> Vec<Segment> {
    let opened = counts.text("opened");
    // The trend shows every quarter, whatever the period.
    let every: Vec<u32> = (0..counts.len() as u32).filter(|row| known(*row as usize)).collect();
    let inside: Vec<u32> = every.iter().copied().filter(|row| context.includes(opened.at(*row as usize))).collect();
    let mut out = vec![Segment { kind: ALL.to_owned(), name: ALL.to_owned(), rows: inside.clone() }];
    for kind in &context.config.report.by {
        out.extend(split(counts, &format!("by_{kind}"), kind, &inside));
    }
    out.extend(split(counts, "opened", QUARTER, &every).into_iter().filter(|s| s.name != "unknown"));
    out
}

fn split(counts: &Counts, column: &str, kind: &str, rows: &[u32]) -> Vec<Segment> {
    let key = counts.text(column);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); key.words().len() + 1];
    for row in rows {
        if let Some(group) = groups.get_mut(key.code(*row as usize) as usize) {
            group.push(*row);
        }
    }
    // Values first in their own order, then those that do not say.
    groups.rotate_left(1);
    groups
        .into_iter()
        .enumerate()
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(at, rows)| Segment {
            kind: kind.to_owned(),
            name: key.words().get(at).cloned().unwrap_or_else(|| NOT_RECORDED.to_owned()),
            rows,
        })
        .collect()
}
