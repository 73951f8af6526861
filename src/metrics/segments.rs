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

/// Why a segment is not printed, from the kind and the size of each: those of fewer people than `smallest`, and, where
/// subtracting the printed ones from the total would give these back, the next smallest of their dimension as well.
/// Quarters have no such total to hide from: each can be asked for by itself.
pub fn withheld(sizes: &[(&str, i64)], smallest: i64) -> Vec<Option<String>> {
    let is_small = |at: &usize| sizes.get(*at).is_some_and(|(kind, size)| *kind != ALL && (1..smallest).contains(size));
    let mut out = vec![None; sizes.len()];
    let mut hide = |at: usize, why: String| {
        if let Some(reason) = out.get_mut(at) {
            *reason = Some(why);
        }
    };
    let mut kinds: Vec<&str> = sizes.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let of_kind = |at: &usize| sizes.get(*at).is_some_and(|(other, size)| *other == kind && *size > 0);
        let mut places: Vec<usize> = (0..sizes.len()).filter(of_kind).collect();
        places.sort_by_key(|at| sizes.get(*at).map(|(_, size)| *size));
        let (small, others): (Vec<usize>, Vec<usize>) = places.into_iter().partition(is_small);
        let mut together: i64 = small.iter().filter_map(|at| sizes.get(*at)).map(|(_, size)| size).sum();
        for at in &small {
            hide(*at, format!("fewer than {smallest} loops; not printed, to protect people"));
        }
        for at in others {
            if small.is_empty() || together >= smallest || kind == QUARTER {
                break;
            }
            together += sizes.get(at).map_or(0, |(_, size)| *size);
            hide(
                at,
                "not printed, because a smaller group could be had back by subtracting it from the total".to_owned(),
            );
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(kind: &str, sizes: &[i64]) -> Vec<i64> {
        let sizes: Vec<(&str, i64)> = sizes.iter().map(|size| (kind, *size)).collect();
        let why = withheld(&sizes, 5);
        sizes.iter().zip(why).filter(|(_, why)| why.is_some()).map(|((_, size), _)| *size).collect()
    }

    #[test]
    fn what_is_hidden_cannot_be_had_back_by_subtraction() {
        assert_eq!(hidden("department", &[80, 3, 40, 12]), [3, 12], "one alone would be the rest of the total");
        assert_eq!(hidden("department", &[80, 3, 4, 12]), [3, 4], "two together are enough people");
        assert_eq!(hidden("department", &[80, 1, 1, 12]), [1, 1, 12]);
        assert_eq!(hidden("department", &[2, 3]), [2, 3]);
        assert_eq!(hidden("department", &[4]), [4]);
        assert_eq!(hidden("department", &[80, 5, 0]), [0_i64; 0], "nobody is in an empty one");
        assert_eq!(hidden(ALL, &[3]), [0_i64; 0]);
        assert_eq!(hidden(QUARTER, &[3, 20]), [3], "a quarter can be asked for by itself");
    }

    #[test]
    fn each_dimension_hides_for_itself() {
        let why = withheld(&[("level", 3), ("department", 7), ("level", 9), ("department", 8)], 5);
        assert_eq!(why.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, false]);
    }
}
