//! How long loops stay open: the Kaplan–Meier curve with quantiles and restricted means.
//!
//! Completed loops alone are biased short while others are still open, so no mean of durations is offered.

use super::estimate::{Estimate, Interval, Z_95, two_sided_p};
use super::life_table::{Event, LifeTable};

/// How close the curve must come to a level to count as lying on it; relative to the level. Products of
/// fractions miss simple levels such as one half by a few units in the last place.
const ON_THE_LEVEL: f64 = 1e-8;

/// The curve just after one age with events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The age.
    pub time: i64,
    /// Loops at risk.
    pub at_risk: i64,
    /// Events.
    pub events: i64,
    /// The estimated share still open, with Greenwood's standard error and the log-log interval.
    pub survival: Estimate,
}

/// Kaplan and Meier's (1958) estimate of the share of loops still open by age:
/// `S(t) = Π (1 − d_j / n_j)` over ages `t_j <= t` with `d_j` events among `n_j` at risk.
///
/// The variance is Greenwood's (1926), `S² Σ d / (n (n − d))`. The interval is made on the log-log scale
/// (Kalbfleisch and Prentice 1980; Borgan and Liestøl 1990), `S ^ exp(±z √(Σ d / (n (n − d))) / ln S)`: it stays
/// inside 0 and 1 and holds its level in small samples. Where the curve is still 1 the interval is [1, 1];
/// where it has come down to 0 neither error nor interval is defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// The curve, one step per age with events, ascending.
    pub steps: Vec<Step>,
    /// Loops behind it.
    pub n: i64,
    /// The greatest age at which a loop was seen; the curve is unknown beyond unless it is 0.
    pub longest: Option<i64>,
}

/// The age by which a share of the loops has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The share.
    pub p: f64,
    /// The age; `None` when the curve never comes down so far.
    pub time: Option<f64>,
    /// Its 95 % limits; a limit whose band never comes down so far is missing.
    pub interval: Interval,
}

/// Mean time open, counting no more than `tau` per loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The horizon.
    pub tau: i64,
    /// The mean, with its standard error and normal interval, in units of time.
    pub mean: Estimate,
}

/// How much longer one group's loops stay open than another's within a common horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDifference {
    /// The common horizon.
    pub tau: i64,
    /// First mean less second mean, with the standard error and normal interval of independent groups.
    pub difference: Estimate,
    /// Two-sided p-value of "no difference"; `None` when neither mean varies.
    pub p: Option<f64>,
}

impl Survival {
    /// Estimates the curve. An empty table gives a curve without steps and without a last age.
    pub fn estimate(table: &LifeTable, event: Event) -> Self {
        let mut open = 1.0;
        let mut greenwood = 0.0;
        let steps = table.rows.iter().filter(|row| row.events(event) > 0).map(|row| {
            let (at_risk, events) = (row.at_risk as f64, row.events(event) as f64);
            // The quotient of the survivors is exactly 0 when nobody survives, where `1 - d / n` might not be.
            open *= (at_risk - events) / at_risk;
            greenwood += hazard_variance(at_risk, events);
            Step { time: row.time, at_risk: row.at_risk, events: row.events(event), survival: point(open, greenwood) }
        });
        Self { steps: steps.collect(), n: table.n, longest: table.longest() }
    }

    /// The share still open just after age `time`; `None` where the curve is unknown: at negative ages, and
    /// beyond the greatest age seen unless no loop was left.
    pub fn at(&self, time: i64) -> Option<Estimate> {
        let passed = &self.steps[..self.steps.partition_point(|step| step.time <= time)];
        let now = passed.last().map_or_else(|| point(1.0, 0.0), |step| step.survival);
        (time >= 0 && (time <= self.longest? || now.value == 0.0)).then_some(now)
    }

    /// The age by which the share `p` of loops has ended: the smallest age with `S(t) <= 1 − p`. Where the curve
    /// lies exactly on that level, any age up to the next step would do, and the middle is given (up to the last
    /// age seen if there is no further step). The limits apply the same rule to the bands of the curve
    /// (Brookmeyer and Crowley 1982). `None` throughout unless `0 < p < 1`.
    pub fn quantile(&self, p: f64) -> Quantile {
        if !(p > 0.0 && p < 1.0) {
            return Quantile { p, time: None, interval: Interval::NONE };
        }
        Quantile {
            p,
            time: self.crossing(1.0 - p, |estimate| Some(estimate.value)),
            interval: Interval {
                low: self.crossing(1.0 - p, |estimate| estimate.interval.low),
                high: self.crossing(1.0 - p, |estimate| estimate.interval.high),
            },
        }
    }

    fn crossing(&self, level: f64, line: impl Fn(&Estimate) -> Option<f64>) -> Option<f64> {
        let slack = ON_THE_LEVEL * level;
        let reached = |step: &&Step| line(&step.survival).is_some_and(|value| value <= level + slack);
        let passed = |step: &&Step| line(&step.survival).is_some_and(|value| value < level - slack);
        let first = self.steps.iter().find(reached)?;
        if passed(&first) {
            return Some(first.time as f64);
        }
        let later = self.steps.iter().filter(|step| step.time > first.time);
        let next = match later.clone().find(passed) {
            Some(step) => step.time,
            // A band ends where the curve reaches 0: beyond, it does not lie on the level but nowhere.
            None if later.clone().any(|step| line(&step.survival).is_none()) => first.time,
            None => self.longest?,
        };
        Some(midpoint(first.time, next))
    }

    /// Mean time open up to the horizon `tau`: the area under the curve, with
    /// `Var = Σ_j A_j² d_j / (n_j (n_j − d_j))`, `A_j` the area between `t_j` and `tau` (Royston and Parmar 2013). An
    /// age at which nobody survives adds nothing, because no area is left. `None` when `tau` is not positive or
    /// lies where the curve is unknown.
    pub fn restricted_mean(&self, tau: i64) -> Option<RestrictedMean> {
        if tau <= 0 {
            return None;
        }
        self.at(tau)?;
        let inside = &self.steps[..self.steps.partition_point(|step| step.time < tau)];
        let (mut end, mut area, mut variance) = (tau, 0.0, 0.0);
        for step in inside.iter().rev() {
            area += step.survival.value * (end - step.time) as f64;
            variance += area * area * hazard_variance(step.at_risk as f64, step.events as f64);
            end = step.time;
        }
        let (value, std_error) = (area + end as f64, variance.sqrt());
        let mean = Estimate { value, std_error: Some(std_error), interval: Interval::around(value, std_error) };
        Some(RestrictedMean { tau, mean })
    }
}

/// The difference of two restricted means of independent groups, `first − second`. `None` unless both have the
/// same horizon. The comparison to prefer for readers: it is in units of time, and it needs no proportional
/// hazards.
pub fn restricted_mean_difference(first: &RestrictedMean, second: &RestrictedMean) -> Option<MeanDifference> {
    if first.tau != second.tau {
        return None;
    }
    let value = first.mean.value - second.mean.value;
    let std_error = first.mean.std_error?.hypot(second.mean.std_error?);
    let difference = Estimate { value, std_error: Some(std_error), interval: Interval::around(value, std_error) };
    let p = if std_error > 0.0 { two_sided_p(value / std_error) } else { None };
    Some(MeanDifference { tau: first.tau, difference, p })
}

/// One age's share of Greenwood's sum; 0 where nobody survives, for what follows is then multiplied by 0.
fn hazard_variance(at_risk: f64, events: f64) -> f64 {
    if events < at_risk { events / (at_risk * (at_risk - events)) } else { 0.0 }
}

fn point(open: f64, greenwood: f64) -> Estimate {
    if open == 0.0 {
        return Estimate { value: 0.0, std_error: None, interval: Interval::NONE };
    }
    Estimate { value: open, std_error: Some(open * greenwood.sqrt()), interval: log_log(open, greenwood) }
}

fn log_log(open: f64, greenwood: f64) -> Interval {
    if open == 1.0 {
        return Interval::new(1.0, 1.0);
    }
    let spread = Z_95 * greenwood.sqrt() / open.ln();
    Interval::new(open.powf((-spread).exp()), open.powf(spread.exp()))
}

fn midpoint(a: i64, b: i64) -> f64 {
    a as f64 + (b - a) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::life_table::{End, Spell};

    fn curve(spells: &[(i64, End, i64)]) -> Survival {
        let spells = spells.iter().map(|&(exit, end, count)| Spell { entry: 0, exit, end, count });
        Survival::estimate(&LifeTable::from_spells(&spells.collect::<Vec<_>>()), Event::Closed)
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1.0)
    }

    #[test]
    fn agrees_with_a_curve_worked_by_hand() {
        let curve = curve(&[(1, End::Decided, 1), (2, End::Open, 1), (3, End::Withdrawn, 1), (4, End::Open, 1)]);
        // S: 3/4 after 1, then 3/4 · 1/2 after 3; Greenwood: 1/12, then 1/12 + 1/2.
        let last = curve.at(3).unwrap();
        assert!(near(last.value, 0.375));
        assert!(near(last.std_error.unwrap(), 0.375 * (7.0_f64 / 12.0).sqrt()));
        assert_eq!(curve.at(0).unwrap().interval, Interval::new(1.0, 1.0));
        // Area: 1 + 2 · 0.75 + 1 · 0.375; the areas after the events are 1.875 and 0.375.
        let mean = curve.restricted_mean(4).unwrap().mean;
        assert!(near(mean.value, 2.875));
        assert!(near(mean.std_error.unwrap(), (1.875_f64.powi(2) / 12.0 + 0.375_f64.powi(2) / 2.0).sqrt()));
    }

    #[test]
    fn a_level_that_is_met_exactly_gives_the_middle() {
        let curve = curve(&[(2, End::Decided, 1), (5, End::Decided, 1), (8, End::Decided, 1), (11, End::Open, 1)]);
        assert_eq!(curve.quantile(0.5).time, Some(6.5));
        assert_eq!(curve.quantile(0.51).time, Some(8.0));
        // Nothing happens after the last step: the middle between it and the last age seen.
        assert_eq!(curve.quantile(0.75).time, Some(9.5));
        assert_eq!(curve.quantile(0.76).time, None);
        assert_eq!(curve.quantile(1.0).time, None);
        assert_eq!(curve.quantile(f64::NAN).interval, Interval::NONE);
    }

    #[test]
    fn nothing_is_claimed_beyond_the_last_loop_seen() {
        let open = curve(&[(3, End::Decided, 1), (6, End::Open, 1)]);
        assert!(open.at(6).is_some() && open.at(7).is_none() && open.at(-1).is_none());
        assert!(open.restricted_mean(6).is_some() && open.restricted_mean(7).is_none());
        assert!(open.restricted_mean(0).is_none());
        let closed = curve(&[(3, End::Decided, 2)]);
        assert_eq!(closed.at(9).unwrap().value, 0.0);
        assert!(near(closed.restricted_mean(9).unwrap().mean.value, 3.0));
    }

    #[test]
    fn degenerate_tables_have_results_or_none() {
        let empty = Survival::estimate(&LifeTable::default(), Event::Closed);
        assert!(empty.at(0).is_none() && empty.restricted_mean(5).is_none() && empty.quantile(0.5).time.is_none());

        let all_open = curve(&[(4, End::Open, 3)]);
        assert_eq!(all_open.restricted_mean(4).unwrap().mean.std_error, Some(0.0));
        assert_eq!(all_open.quantile(0.1).time, None);

        let all_at_once = curve(&[(0, End::Decided, 3)]);
        assert_eq!(all_at_once.steps[0].survival, Estimate { value: 0.0, std_error: None, interval: Interval::NONE });
        assert_eq!(all_at_once.restricted_mean(2).unwrap().mean.value, 0.0);
        assert_eq!(all_at_once.quantile(0.5), Quantile { p: 0.5, time: Some(0.0), interval: Interval::NONE });
    }

    #[test]
    fn late_entrants_join_the_risk_set_but_cannot_revive_the_curve() {
        let spell = |entry, exit, count| Spell { entry, exit, end: End::Decided, count };
        let joined = LifeTable::from_spells(&[spell(0, 2, 1), spell(0, 5, 1), spell(3, 5, 1), spell(3, 7, 1)]);
        let curve = Survival::estimate(&joined, Event::Closed);
        // One of two ends at 2; two of three at 5; the last at 7.
        let shares: Vec<f64> = curve.steps.iter().map(|step| step.survival.value).collect();
        assert!(near(shares[0], 0.5) && near(shares[1], 0.5 / 3.0) && shares[2] == 0.0);
        assert_eq!(joined.first_hole(2).map(|hole| hole.until), Some(3));

        let emptied = LifeTable::from_spells(&[spell(0, 2, 1), spell(3, 7, 50)]);
        assert_eq!(Survival::estimate(&emptied, Event::Closed).at(2).unwrap().value, 0.0);
        assert_eq!(emptied.first_hole(1).map(|hole| (hole.after, hole.until)), Some((2, 3)));
    }

    #[test]
    fn a_difference_needs_one_horizon_and_some_variation() {
        let curve = curve(&[(1, End::Decided, 1), (2, End::Decided, 1), (6, End::Open, 2)]);
        let (long, short) = (curve.restricted_mean(6).unwrap(), curve.restricted_mean(5).unwrap());
        assert_eq!(restricted_mean_difference(&long, &short), None);
        let same = restricted_mean_difference(&long, &long).unwrap();
        assert_eq!((same.difference.value, same.p), (0.0, Some(1.0)));
        let at_first = curve.restricted_mean(1).unwrap();
        assert_eq!(restricted_mean_difference(&at_first, &at_first).unwrap().p, None);
    }
}
