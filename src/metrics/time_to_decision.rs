//! Time to decision: three clocks, with open loops counted as open and withdrawals as withdrawals.

mod contrasts;
pub mod tables;
mod words;

use polars::prelude::{DataType, LazyFrame, col, len, lit};

use super::Question;
use super::segments::{self, ALL, DAY_SECONDS, Segment, seconds};
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::parallel;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::error::Result;
use crate::stats::competing::{Cause, Competing};
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;
use crate::time::{DAY, SECOND};
use contrasts::contrast_rows;
use tables::{TIME_CONTRASTS, TIME_CURVE, TIME_TO_DECISION};

const DOC: &str = "\
## What it measures

How long a loop takes until it is decided, on three clocks: from the application, from the start of the first
interview, and from the end of the last interview. A loop ends when it is decided (offer or reject) or when the
candidate withdraws; until then it is open.

## Why it matters

Good candidates do not wait. The average of finished loops looks short just when many slow loops are still
open; this figure counts them.

## How it is computed

- Loops that are open at `as_of` are censored there: they count as having lasted at least so long.
- Median and other quantiles: Kaplan-Meier estimate of the time until the loop closes for any reason, with
  log-log intervals.
- Share decided within 14 or 21 days: Aalen-Johansen cumulative incidence, with withdrawal as a competing end,
  and its complementary log-log interval. Treating withdrawn loops as open would overstate it.
- Restricted mean: the mean time open when no loop counts for more than tau days. Tau is the longest time seen
  in every compared group with at least 20 loops; differences of restricted means say how many days faster.
- Tests: log-rank for time to closing, Gray's test for the share decided; q-values by Benjamini and Hochberg
  over the dimensions of one clock.
- With `time.observed_from`, loops opened earlier enter at the age they had then (delayed entry).
- Times known only by their day are counted in whole days. With `calendar.days = \"business\"` only working
  days count, in every figure.
- Fewer than 5 closed loops: not estimable. Fewer than 20: thin.

## When it misleads

- Loops that ended before they began, or without any time, have no clock; they are counted as `without_clock`.
- A recent quarter is known only up to the age its loops have reached; look at the interval, not at the point.
- Repeated terminal events are settled by the first one; what comes after is paperwork.
- With an earlier `--as-of`, the furthest stage and the last interview of a loop are still those of the whole
  data, so the clock from the last interview leaves out loops that had further interviews to come.
- The intervals are about the loops of one company and its jobs. Loops of one job share their department and
  manager, so another set of jobs can differ by more than the intervals say.
- The segment `stage` is the last stage in which anything happened. Loops that came further have lasted longer by
  construction; compare a stage between quarters, not with other stages.
- Segments differ in more than their name. A difference is a place to look, not a cause.

## References

Kaplan and Meier 1958; Aalen and Johansen 1978; Kalbfleisch and Prentice 1980; Brookmeyer and Crowley 1982;
Gray 1988; Benjamini and Hochberg 1995; Royston and Parmar 2013.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "time-to-decision",
    title: "Time to decision",
    question: "How long do we take to decide?",
    doc: DOC,
    version: 2,
    grain: Grain::Rows,
    inputs: &["loops"],
    needs: &[],
    values: &["loops"],
    tables: &[&TIME_TO_DECISION, &TIME_CURVE, &TIME_CONTRASTS],
    reduce,
    finish,
};

/// The clocks: name and the key column of their origin.
pub const CLOCKS: &[(&str, &str)] =
    &[("applied", "applied"), ("first_interview", "first_interview"), ("last_interview", "last_interview")];

/// Closed loops below which nothing is estimated, and below which no verdict is given.
const FEWEST_EVENTS: i64 = 5;
const ENOUGH_EVENTS: i64 = 20;
/// A curve longer than this is cut: no loop of interest is decided after three years.
const LONGEST_CURVE_DAYS: i64 = 1095;

fn reduce(frames: &Frames, by: &[String]) -> Result<LazyFrame> {
    let mut keys = vec![col("opened")];
    keys.extend(segments::keys(by));
    keys.extend([
        seconds("applied_at", "applied"),
        seconds("first_interview_at", "first_interview"),
        seconds("last_interview_at", "last_interview"),
        seconds("observed_from", "observed_from"),
        seconds("ended_at", "ended"),
        col("ended_how").alias("how"),
        col("day_precision").cast(DataType::Int64).alias("day"),
        col("problem"),
        // Nothing but the application is on record: worth saying, since such loops often only look open.
        (col("interviews").eq(lit(0)).and(col("scorecards").eq(lit(0))).and(col("furthest_stage").is_null()))
            .cast(DataType::Int64)
            .alias("bare"),
    ]);
    Ok(frames.get("loops")?.select(keys).group_by([col("*")]).agg([len().cast(DataType::Int64).alias("loops")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let mut main = ResultTable::new(&TIME_TO_DECISION);
    let mut curves = ResultTable::new(&TIME_CURVE);
    let mut contrasts = ResultTable::new(&TIME_CONTRASTS);
    let (applied, as_of) = (counts.int("applied"), context.as_of.0.div_euclid(SECOND));
    let segments = segments::segments(counts, context, |row| applied.at(row).is_none_or(|at| at <= as_of));
    for (clock, origin) in CLOCKS {
        let mut groups = parallel::map(&segments, |segment| Group::of(counts, segment, origin, context));
        let sizes: Vec<(&str, i64)> = groups.iter().map(|g| (g.segment.kind.as_str(), g.loops())).collect();
        let why = segments::withheld(&sizes, context.config.privacy.smallest_group);
        groups.iter_mut().zip(why).for_each(|(group, why)| group.withheld = why);
        let estimated = parallel::map(&groups, |group| {
            let tau = common_horizon(groups.iter().filter(|other| other.segment.kind == group.segment.kind));
            let mut curve = ResultTable::new(&TIME_CURVE);
            // Both tables read the same two estimates.
            let estimates = (Survival::estimate(&group.table, Event::Closed), Competing::estimate(&group.table));
            curve_rows(group, clock, &estimates, context, &mut curve);
            (main_row(group, clock, tau, &estimates, context), curve.rows)
        });
        for (row, curve) in estimated {
            main.rows.push(row);
            curves.rows.extend(curve);
        }
        contrast_rows(&groups, clock, context, &mut contrasts);
    }
    Ok(vec![main, curves, contrasts])
}

/// The loops of a segment on one clock.
struct Group<'a> {
    segment: &'a Segment,
    /// Why it is not printed, to protect people.
    withheld: Option<String>,
    table: LifeTable,
    decided: i64,
    withdrawn: i64,
    open: i64,
    without_clock: i64,
    open_bare: i64,
    closed_seconds: i64,
}

impl<'a> Group<'a> {
    fn of(counts: &Counts, segment: &'a Segment, origin: &str, context: &Context<'_>) -> Self {
        let (from, ended, entered) = (counts.int(origin), counts.int("ended"), counts.int("observed_from"));
        let (how, day, problem) = (counts.text("how"), counts.int("day"), counts.text("problem"));
        let bare = counts.int("bare");
        let loops = counts.value("loops");
        let as_of = context.as_of.0.div_euclid(SECOND);
        let mut group = Self {
            segment,
            withheld: None,
            table: LifeTable::from_spells(&[]),
            decided: 0,
            withdrawn: 0,
            open: 0,
            without_clock: 0,
            open_bare: 0,
            closed_seconds: 0,
        };
        let mut spells = Vec::with_capacity(segment.rows.len());
        for row in segment.rows.iter().map(|row| *row as usize) {
            let count = loops.get(row).copied().unwrap_or(0);
            if problem.at(row).is_some() {
                group.without_clock += count;
                continue;
            }
            let Some(start) = from.at(row).filter(|start| *start <= as_of) else { continue };
            let closed = ended.at(row).filter(|end| *end <= as_of);
            let end = match (closed, how.at(row)) {
                (Some(_), Some("withdrawn")) => End::Withdrawn,
                (Some(_), _) => End::Decided,
                (None, _) => End::Open,
            };
            let whole_days = day.at(row) == Some(1);
            let age = |at: i64| segments::elapsed(&context.config.calendar, start, at, whole_days);
            let exit = age(closed.unwrap_or(as_of));
            let entry = entered.at(row).map_or(0, |seen| age(seen).max(0));
            // A loop that had ended before it could be observed, or at that very instant, was never at risk.
            if entry > exit || (entry == exit && entry > 0) {
                continue;
            }
            match end {
                End::Decided => group.decided += count,
                End::Withdrawn => group.withdrawn += count,
                End::Open => group.open += count,
            }
            if end != End::Open {
                group.closed_seconds += exit * count;
            } else if bare.at(row) == Some(1) {
                group.open_bare += count;
            }
            spells.push(Spell { entry, exit, end, count });
        }
        group.table = LifeTable::from_spells(&spells);
        group
    }

    fn loops(&self) -> i64 {
        self.decided + self.withdrawn + self.open
    }

    fn closed(&self) -> i64 {
        self.decided + self.withdrawn
    }

    fn status(&self) -> (Status, Option<String>) {
        if self.loops() == 0 {
            (Status::NotEstimable, Some("no loop has this clock".to_owned()))
        } else if self.withheld.is_some() {
            (Status::NotEstimable, self.withheld.clone())
        } else if self.closed() < FEWEST_EVENTS {
            (Status::NotEstimable, Some(format!("fewer than {FEWEST_EVENTS} closed loops")))
        } else if let Some(hole) = self.table.first_hole(1) {
            let at = hole.after as f64 / DAY_SECONDS;
            (Status::Thin, Some(format!("late entry leaves nobody at risk after {at:.1} days; the curve is cut there")))
        } else if self.closed() < ENOUGH_EVENTS {
            (Status::Thin, Some(format!("fewer than {ENOUGH_EVENTS} closed loops")))
        } else {
            (Status::Ok, None)
        }
    }
}

/// The longest time seen in every group that is large enough to compare.
fn common_horizon<'a>(groups: impl Iterator<Item = &'a Group<'a>>) -> Option<i64> {
    groups.filter(|group| group.loops() >= ENOUGH_EVENTS).filter_map(|group| group.table.longest()).min()
}

fn days(seconds: Option<f64>) -> Cell {
    Cell::float(seconds.map(|value| value / DAY_SECONDS))
}

fn main_row(
    group: &Group<'_>,
    clock: &str,
    tau: Option<i64>,
    (curve, competing): &(Survival, Competing),
    context: &Context<'_>,
) -> Vec<Cell> {
    let (status, reason) = group.status();
    let mut row = ResultTable::new(&TIME_TO_DECISION);
    let mut cells = vec![
        ("segment_kind", Cell::Text(group.segment.kind.clone())),
        ("segment", Cell::Text(group.segment.name.clone())),
        ("clock", Cell::Text(clock.to_owned())),
        ("method", Cell::Text("Kaplan-Meier, Aalen-Johansen; log-log intervals".to_owned())),
        ("status", Cell::Text(status.word().to_owned())),
        ("reason", Cell::text(reason)),
    ];
    let hidden = group.withheld.is_some() || (group.segment.kind != ALL && group.loops() == 0);
    if !hidden {
        cells.extend([
            ("loops", Cell::Int(group.loops())),
            ("decided", Cell::Int(group.decided)),
            ("withdrawn", Cell::Int(group.withdrawn)),
            ("open", Cell::Int(group.open)),
            ("without_clock", Cell::Int(group.without_clock)),
            ("open_bare", Cell::Int(group.open_bare)),
            ("n", Cell::Int(group.loops())),
        ]);
    }
    if status != Status::NotEstimable {
        let quantiles = [
            (0.25, ["p25_days", "p25_days_low", "p25_days_high"]),
            (0.5, ["median_days", "median_days_low", "median_days_high"]),
            (0.75, ["p75_days", "p75_days_low", "p75_days_high"]),
            (0.9, ["p90_days", "p90_days_low", "p90_days_high"]),
        ];
        for (p, names) in quantiles {
            let quantile = curve.quantile(p);
            let values = [quantile.time, quantile.interval.low, quantile.interval.high];
            cells.extend(names.into_iter().zip(values.map(days)));
        }
        let tau = tau.or(group.table.longest());
        if let Some(mean) = tau.and_then(|tau| curve.restricted_mean(tau)) {
            cells.extend([
                ("rmst_days", days(Some(mean.mean.value))),
                ("rmst_days_low", days(mean.mean.interval.low)),
                ("rmst_days_high", days(mean.mean.interval.high)),
                ("rmst_tau_days", days(Some(mean.tau as f64))),
            ]);
        }
        cells.push(("naive_mean_days", days(Some(group.closed_seconds as f64 / group.closed() as f64))));
        let names = [
            ["limit_1_days", "share_within_1", "share_within_1_low", "share_within_1_high"],
            ["limit_2_days", "share_within_2", "share_within_2_low", "share_within_2_high"],
        ];
        for (limit, [name, share, low, high]) in context.config.time.limits_days.iter().zip(names) {
            cells.push((name, Cell::float(*limit)));
            if let Some(within) = competing.within(Cause::Decided, (limit * DAY_SECONDS) as i64) {
                cells.extend([
                    (share, Cell::float(within.value)),
                    (low, Cell::float(within.interval.low)),
                    (high, Cell::float(within.interval.high)),
                ]);
            }
        }
    }
    row.push(cells);
    row.rows.pop().unwrap_or_default()
}

fn curve_rows(
    group: &Group<'_>,
    clock: &str,
    (curve, competing): &(Survival, Competing),
    context: &Context<'_>,
    out: &mut ResultTable,
) {
    if group.status().0 == Status::NotEstimable {
        return;
    }
    // Beyond this age fewer people are left than may be shown.
    let Some(last) = group.table.dependable_until(context.config.privacy.smallest_group) else { return };
    let day = DAY / SECOND;
    let mut rows = group.table.rows.iter().peekable();
    for number in 0..=(last.div_euclid(day)).min(LONGEST_CURVE_DAYS) {
        let at = number * day;
        let (mut decided, mut withdrawn) = (0, 0);
        while let Some(row) = rows.next_if(|row| row.time <= at) {
            decided += row.decided;
            withdrawn += row.withdrawn;
        }
        let open = curve.at(at);
        let shares = [competing.within(Cause::Decided, at), competing.within(Cause::Withdrawn, at)];
        let mut cells = vec![
            ("segment_kind", Cell::Text(group.segment.kind.clone())),
            ("segment", Cell::Text(group.segment.name.clone())),
            ("clock", Cell::Text(clock.to_owned())),
            ("day", Cell::Int(number)),
            ("at_risk", Cell::Int(group.table.at(at).at_risk)),
            ("decided", Cell::Int(decided)),
            ("withdrawn", Cell::Int(withdrawn)),
        ];
        let names = [
            ["undecided", "undecided_low", "undecided_high"],
            ["cif_decided", "cif_decided_low", "cif_decided_high"],
            ["cif_withdrawn", "cif_withdrawn_low", "cif_withdrawn_high"],
        ];
        for (estimate, [value, low, high]) in [open, shares[0], shares[1]].into_iter().zip(names) {
            if let Some(estimate) = estimate {
                cells.extend([
                    (value, Cell::float(estimate.value)),
                    (low, Cell::float(estimate.interval.low)),
                    (high, Cell::float(estimate.interval.high)),
                ]);
            }
        }
        out.push(cells);
    }
}
