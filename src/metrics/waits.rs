//! Where the time goes: elapsed time partitioned into states.

mod words;

use polars::prelude::{DataType, JoinArgs, JoinType, LazyFrame, col, len};

use super::Question;
use super::segments::{self, DAY_SECONDS, Segment, seconds};
use crate::dataset::schema::columns;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::parallel;
use crate::engine::results::{Cell, ResultTable, Status, TableSpec};
use crate::error::Result;
use crate::stats::estimate::{Interval, Z_95};
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;
use crate::time::{Instant, SECOND};

const DOC: &str = "\
## What it measures

What a loop spends its time on. At every moment it is in exactly one state: waiting to be contacted, to be
scheduled, for the interview, in an interview, for scores, for a verdict on the round, for the debrief, or for the
decision after it. The states of a loop add up to its elapsed time exactly.

## Why it matters

A median of 30 days says that something is slow; this says what. Waiting for a calendar, for a scorecard and for
a decision have different owners and different remedies.

## How it is computed

- Spells in a state come from `loop_states`, which is settled once when data is ingested. Where two states could
  hold, the first of this order does: in an interview, before a scheduled interview, for scores, for the debrief,
  to first contact, to schedule, for the decision, for a verdict. So nothing is counted twice.
- A state depends on the past alone: waiting to schedule begins when the candidate enters a stage or gives
  availability, waiting for a verdict when scores are in and nothing of the kind has happened.
- Share of elapsed time: all time in the state over all elapsed time, a ratio of sums over loops; its interval
  treats loops as the sampling unit (linearised ratio).
- Median and 90th percentile of a spell: Kaplan-Meier, with spells that still last censored, and spells that a
  withdrawal cut short censored there.
- Withdrawals per week: candidates who withdrew while in the state over weeks spent in it, with an exact Poisson
  interval. It is the risk of losing somebody that another week of waiting carries.
- With `calendar.days = \"business\"` only working days count, in every figure.
- Fewer than 5 loops in a state: not estimable. Fewer than 20: thin.

## When it misleads

- A state is only seen through what the export holds. Without stage entries or availability, waiting to schedule
  cannot be told from waiting for a verdict, and without scheduling times not from waiting for the interview;
  the time then falls to the state that remains.
- The first state starts with the application. A long wait for first contact may be a choice, such as a deadline.
- Delayed entry (`time.observed_from`) is not taken into account here: of the loops that opened earlier only the
  long ones are seen, and their waits count in full.
- Only a debrief on record tells waiting for the decision from waiting for a verdict on the last round; without
  one the time falls to the verdict.
- Spells of one loop are not independent; the intervals of the medians are a little too narrow for states that a
  loop visits several times.

## References

Kaplan and Meier 1958; Cochran 1977 (ratio estimator); Garwood 1936 (Poisson interval).
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "waits",
    title: "Waits",
    question: "Where does the time go?",
    doc: DOC,
    version: 1,
    grain: Grain::Rows,
    inputs: &["loop_states", "loops"],
    needs: &[],
    values: &["spells"],
    tables: &[&WAITS],
    reduce,
    finish,
};

/// One row per segment and state.
pub const WAITS: TableSpec = TableSpec {
    name: "waits",
    about: "One row per segment and state: the elapsed time of loops, partitioned.",
    columns: columns![
        "segment_kind" Text false "Dimension of the segment; `all` first, `quarter` for the trend.",
        "segment" Text false "Value of the dimension.",
        "state" Text false "The state, see `loop_states.state`.",
        "loops" Int true "Loops that were in the state.",
        "spells" Int true "Spells in the state; more than loops where loops come back to it.",
        "share_of_elapsed" Float true "Share of all elapsed time spent in the state.",
        "share_of_elapsed_low" Float true "Lower end of its 95 % interval.",
        "share_of_elapsed_high" Float true "Upper end of its 95 % interval.",
        "median_days" Float true "Days after which half of the spells are over.",
        "median_days_low" Float true "Lower end of its 95 % interval.",
        "median_days_high" Float true "Upper end; missing where the data does not reach it.",
        "p90_days" Float true "Days after which nine in ten spells are over.",
        "p90_days_low" Float true "Lower end of its 95 % interval.",
        "p90_days_high" Float true "Upper end; missing where the data does not reach it.",
        "days_per_loop" Float true "Days in the state per loop of the segment, whether it was in it or not.",
        "total_days" Float true "All days in the state; the states of a segment add up to its elapsed days.",
        "days_saved_at_median" Float true "Days per loop that would be saved if no spell lasted longer than the present median.",
        "withdrawals" Int true "Candidates who withdrew while in the state.",
        "withdrawals_per_week" Float true "Withdrawals per week spent in the state.",
        "withdrawals_per_week_low" Float true "Lower end of its 95 % interval.",
        "withdrawals_per_week_high" Float true "Upper end of its 95 % interval.",
        "n" Int true "Loops of the segment with a timeline.",
        "method" Text false "How numbers and intervals were made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// The states in the order of a loop, with the words people use.
pub const STATES: [(&str, &str); 8] = [
    ("to_first_contact", "waiting for first contact"),
    ("to_schedule", "waiting to be scheduled"),
    ("to_interview", "waiting for a scheduled interview"),
    ("in_interview", "in an interview or exercise"),
    ("for_scores", "waiting for scorecards"),
    ("for_verdict", "waiting for a verdict on a round"),
    ("for_debrief", "waiting for the debrief"),
    ("for_decision", "waiting for the decision after the debrief"),
];

const FEWEST_LOOPS: i64 = 5;
const ENOUGH_LOOPS: i64 = 20;

fn reduce(frames: &Frames, by: &[String]) -> Result<LazyFrame> {
    let mut of_loop = vec![col("application_id"), seconds("ended_at", "ended"), col("ended_how").alias("how")];
    of_loop.extend(segments::keys(by));
    let loops = frames.get("loops")?.select(of_loop);
    let mut keys = vec![col("opened"), col("application_id")];
    keys.extend(by.iter().map(|kind| col(format!("by_{kind}"))));
    keys.extend([seconds("from_at", "from"), seconds("to_at", "to"), col("state"), col("ended"), col("how")]);
    Ok(frames
        .get("loop_states")?
        .join(loops, [col("application_id")], [col("application_id")], JoinArgs::new(JoinType::Inner))
        .select(keys)
        .group_by([col("*")])
        .agg([len().cast(DataType::Int64).alias("spells")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let mut out = ResultTable::new(&WAITS);
    let (from, as_of) = (counts.int("from"), context.as_of.0.div_euclid(SECOND));
    let segments = segments::segments(counts, context, |row| from.at(row).is_some_and(|from| from <= as_of));
    let sizes = parallel::map(&segments, |segment| loops_in(counts, segment, as_of));
    let sizes: Vec<(&str, i64)> = segments.iter().map(|segment| segment.kind.as_str()).zip(sizes).collect();
    let withheld = segments::withheld(&sizes, context.config.privacy.smallest_group);
    let segments: Vec<(Segment, Option<String>)> = segments.into_iter().zip(withheld).collect();
    // The first segment holds every loop. It goes alone, so that no more is in memory at once than it needs.
    let (all, others) = segments.split_at(segments.len().min(1));
    for part in [all, others] {
        let rows = parallel::map(part, |(segment, withheld)| {
            let elapsed = Elapsed::of(counts, segment, context);
            STATES.map(|(state, _)| elapsed.row(segment, state, withheld.as_deref()))
        });
        rows.into_iter().flatten().for_each(|row| out.push(row));
    }
    Ok(vec![out])
}

/// How many loops of a segment were in any state by then. The rows of a loop stand together.
fn loops_in(counts: &Counts, segment: &Segment, as_of: i64) -> i64 {
    let (loops, state, from) = (counts.text("application_id"), counts.text("state"), counts.int("from"));
    let known = |row: &usize| state.code(*row) != 0 && from.at(*row).is_some_and(|start| start <= as_of);
    let mut codes: Vec<_> =
        segment.rows.iter().map(|row| *row as usize).filter(known).map(|row| loops.code(row)).collect();
    codes.dedup();
    codes.len() as i64
}

/// What the loops of a segment spent their time on.
#[derive(Default)]
struct Elapsed<'a> {
    /// The words of the states; the first has position 1 among them and in `states`.
    words: &'a [String],
    states: Vec<State>,
    /// Per loop: its elapsed seconds.
    loops: Vec<f64>,
    total: i64,
}

#[derive(Default)]
struct State {
    spells: Vec<Spell>,
    /// Per loop that was in the state: its position among the loops, and its seconds in the state.
    per_loop: Vec<(usize, i64)>,
    total: i64,
    withdrawals: i64,
}

impl<'a> Elapsed<'a> {
    fn of(counts: &'a Counts, segment: &Segment, context: &Context<'_>) -> Self {
        let (loops, state, how) = (counts.text("application_id"), counts.text("state"), counts.text("how"));
        let (from, to, ended) = (counts.int("from"), counts.int("to"), counts.int("ended"));
        let as_of = context.as_of.0.div_euclid(SECOND);
        let calendar = &context.config.calendar;
        let mut elapsed = Self { words: state.words(), ..Self::default() };
        elapsed.states.resize_with(elapsed.words.len() + 1, State::default);
        let mut current = None;
        for row in segment.rows.iter().map(|row| *row as usize) {
            let Some(start) = from.at(row).filter(|start| *start <= as_of) else { continue };
            let state = state.code(row);
            if state == 0 {
                continue;
            }
            // The rows of a loop stand together, because its identifier follows the partition in the key.
            if current != Some(loops.code(row)) {
                current = Some(loops.code(row));
                elapsed.loops.push(0.0);
            }
            let stop = to.at(row).filter(|stop| *stop <= as_of);
            let seconds =
                calendar.between(Instant(start * SECOND), Instant(stop.unwrap_or(as_of) * SECOND)).div_euclid(SECOND);
            let withdrew = stop.is_some() && stop == ended.at(row) && how.at(row) == Some("withdrawn");
            let end = match stop {
                None => End::Open,
                Some(_) if withdrew => End::Withdrawn,
                Some(_) => End::Decided,
            };
            let at = elapsed.loops.len() - 1;
            if let Some(all) = elapsed.loops.last_mut() {
                *all += seconds as f64;
            }
            elapsed.total += seconds;
            let Some(entry) = elapsed.states.get_mut(state as usize) else { continue };
            entry.total += seconds;
            entry.withdrawals += i64::from(withdrew);
            entry.spells.push(Spell { entry: 0, exit: seconds, end, count: 1 });
            match entry.per_loop.last_mut() {
                Some((last, sum)) if *last == at => *sum += seconds,
                _ => entry.per_loop.push((at, seconds)),
            }
        }
        elapsed
    }

    fn row(&self, segment: &Segment, name: &str, withheld: Option<&str>) -> Vec<(&'static str, Cell)> {
        let none = State::default();
        let place = self.words.binary_search_by(|word| word.as_str().cmp(name)).map(|at| at + 1);
        let state = place.ok().and_then(|place| self.states.get(place)).unwrap_or(&none);
        let (in_state, all) = (state.per_loop.len() as i64, self.loops.len() as i64);
        let (status, reason) = if let Some(why) = withheld {
            (Status::NotEstimable, Some(why.to_owned()))
        } else if in_state == 0 {
            (Status::NotEstimable, Some("no loop was seen in this state".to_owned()))
        } else if in_state < FEWEST_LOOPS {
            (Status::NotEstimable, Some(format!("fewer than {FEWEST_LOOPS} loops were in this state")))
        } else if in_state < ENOUGH_LOOPS {
            (Status::Thin, Some(format!("fewer than {ENOUGH_LOOPS} loops were in this state")))
        } else {
            (Status::Ok, None)
        };
        let mut cells = vec![
            ("segment_kind", Cell::Text(segment.kind.clone())),
            ("segment", Cell::Text(segment.name.clone())),
            ("state", Cell::Text(name.to_owned())),
            ("method", Cell::Text("ratio of sums; Kaplan-Meier per spell; exact Poisson".to_owned())),
            ("status", Cell::Text(status.word().to_owned())),
            ("reason", Cell::text(reason)),
        ];
        if withheld.is_some() {
            return cells;
        }
        cells.extend([
            ("loops", Cell::Int(in_state)),
            ("spells", Cell::Int(state.spells.len() as i64)),
            ("total_days", Cell::float(state.total as f64 / DAY_SECONDS)),
            ("withdrawals", Cell::Int(state.withdrawals)),
            ("n", Cell::Int(all)),
        ]);
        if all > 0 {
            cells.push(("days_per_loop", Cell::float(state.total as f64 / DAY_SECONDS / all as f64)));
        }
        if status == Status::NotEstimable {
            return cells;
        }
        if let Some((share, interval)) = self.share(state) {
            cells.extend([
                ("share_of_elapsed", Cell::float(share)),
                ("share_of_elapsed_low", Cell::float(interval.low)),
                ("share_of_elapsed_high", Cell::float(interval.high)),
            ]);
        }
        // Here `Decided` means that the state came to its end, and a withdrawal cut it short.
        let curve = Survival::estimate(&LifeTable::from_spells(&state.spells), Event::Decided);
        for (p, [value, low, high]) in [
            (0.5, ["median_days", "median_days_low", "median_days_high"]),
            (0.9, ["p90_days", "p90_days_low", "p90_days_high"]),
        ] {
            let quantile = curve.quantile(p);
            let days = |seconds: Option<f64>| Cell::float(seconds.map(|s| s / DAY_SECONDS));
            cells.extend([
                (value, days(quantile.time)),
                (low, days(quantile.interval.low)),
                (high, days(quantile.interval.high)),
            ]);
        }
        if let Some(median) = curve.quantile(0.5).time
            && all > 0
        {
            let over: f64 = state.spells.iter().map(|spell| (spell.exit as f64 - median).max(0.0)).sum();
            cells.push(("days_saved_at_median", Cell::float(over / DAY_SECONDS / all as f64)));
        }
        let weeks = state.total as f64 / DAY_SECONDS / 7.0;
        if weeks > 0.0 {
            let interval = poisson(state.withdrawals);
            cells.extend([
                ("withdrawals_per_week", Cell::float(state.withdrawals as f64 / weeks)),
                ("withdrawals_per_week_low", Cell::float(interval.low.map(|low| low / weeks))),
                ("withdrawals_per_week_high", Cell::float(interval.high.map(|high| high / weeks))),
            ]);
        }
        cells
    }

    /// The share of elapsed time with the interval of a ratio of sums over loops.
    fn share(&self, state: &State) -> Option<(f64, Interval)> {
        let total = self.total as f64;
        if total <= 0.0 {
            return None;
        }
        let share = state.total as f64 / total;
        let n = self.loops.len() as f64;
        if n < 2.0 {
            return Some((share, Interval::NONE));
        }
        // Loops that were not in the state contribute -share * elapsed; the others are corrected to theirs.
        let mut squares: f64 = self.loops.iter().map(|elapsed| (share * elapsed).powi(2)).sum();
        for (at, seconds) in &state.per_loop {
            let elapsed = self.loops.get(*at).copied().unwrap_or(0.0);
            squares += (*seconds as f64 - share * elapsed).powi(2) - (share * elapsed).powi(2);
        }
        let error = (squares.max(0.0) * n / (n - 1.0)).sqrt() / total;
        let interval = Interval::new((share - Z_95 * error).max(0.0), (share + Z_95 * error).min(1.0));
        Some((share, interval))
    }
}

/// Garwood's exact interval for a Poisson count.
fn poisson(events: i64) -> Interval {
    use statrs::distribution::{ChiSquared, ContinuousCDF};
    let events = events as f64;
    let bound = |df: f64, p: f64| ChiSquared::new(df).ok().map(|chi| chi.inverse_cdf(p) / 2.0);
    let low = if events > 0.0 { bound(2.0 * events, 0.025) } else { Some(0.0) };
    Interval { low, high: bound(2.0 * events + 2.0, 0.975) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_limits_are_the_published_ones() {
        // qchisq(.025, 2 * 10) / 2 and qchisq(.975, 2 * 10 + 2) / 2 in R.
        let interval = poisson(10);
        assert!(interval.low.is_some_and(|low| (low - 4.795_389).abs() < 1e-5));
        assert!(interval.high.is_some_and(|high| (high - 18.390_36).abs() < 1e-4));
        assert_eq!(poisson(0).low, Some(0.0));
    }
}
