//! Decided and withdrawn as competing ends: what share of loops gets which, by when.
//!
//! A candidate who has withdrawn can never be decided upon. The complement of a Kaplan–Meier curve that treats
//! withdrawals as censored answers "if nobody could withdraw" and overstates the share decided; cumulative
//! incidence answers what happens.

use super::estimate::{Estimate, Interval, Z_95};
use super::life_table::LifeTable;

/// Sums of shares miss 1 by less than this, and the logarithm of such a near miss would be noise. Real shares
/// of fewer than a million million loops stay farther away.
const ROUNDING: f64 = 1e-12;

/// One of the two competing ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Hired or rejected.
    Decided,
    /// The candidate withdrew.
    Withdrawn,
}

/// The covariance of the shares of one risk set that end in each way, from which every variance is propagated.
/// The two agree without ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Increments {
    /// Multinomial: variance `d_k (n − d_k) / n³`, covariance `−d_1 d_2 / n³`. The default; gives the
    /// delta-method variance (Marubini and Valsecchi 1995; Pintilie 2006), which for loops observed from the
    /// start is the infinitesimal jackknife as well.
    Multinomial,
    /// Aalen (1978): causes independent, variance `d_k (n − d_k) / (n² (n − 1))`, or 1 when `n = 1`. What R's
    /// `cmprsk` reports; about one per cent larger or smaller when there are many ties.
    Aalen,
}

/// The share of loops that has ended in one way.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Incidence {
    /// Loops that ended so at this age.
    pub events: i64,
    /// Cumulative incidence just after this age.
    pub share: f64,
    /// Its variance.
    pub variance: f64,
}

impl Incidence {
    fn new(events: i64, state: &Propagated) -> Self {
        // Once every loop has ended the variance is 0, which the recursion may miss on either side.
        Self { events, share: state.share, variance: state.var_share.max(0.0) }
    }

    /// The share with its standard error and [`incidence_interval`].
    pub fn estimate(&self) -> Estimate {
        Estimate {
            value: self.share,
            std_error: Some(self.variance.sqrt()),
            interval: incidence_interval(self.share, self.variance),
        }
    }
}

/// The three shares just after one age at which loops closed; they sum to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The age.
    pub time: i64,
    /// Loops at risk.
    pub at_risk: i64,
    /// The share still open: the Kaplan–Meier estimate for closing in either way.
    pub open: f64,
    /// The share decided.
    pub decided: Incidence,
    /// The share withdrawn.
    pub withdrawn: Incidence,
}

impl Step {
    /// The incidence of one end.
    pub fn of(&self, cause: Cause) -> &Incidence {
        match cause {
            Cause::Decided => &self.decided,
            Cause::Withdrawn => &self.withdrawn,
        }
    }
}

/// Mean time in each state up to a horizon; the three sum to `tau`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanTimes {
    /// The horizon.
    pub tau: i64,
    /// Mean time still open: the restricted mean time to closing.
    pub open: f64,
    /// Mean time since the decision.
    pub decided: f64,
    /// Mean time since the withdrawal.
    pub withdrawn: f64,
}

/// Aalen and Johansen's (1978) cumulative incidence of both ends: `F_k(t) = Σ S(t_j−) d_kj / n_j` over ages
/// `t_j <= t`, with `d_kj` ends of kind `k` among `n_j` loops at risk and `S` the share still open.
#[derive(Debug, Clone, PartialEq)]
pub struct Competing {
    /// One step per age at which loops closed, ascending; each holds both ends.
    pub steps: Vec<Step>,
    /// Loops behind it.
    pub n: i64,
    /// The greatest age at which a loop was seen; nothing is known beyond unless no loop was left.
    pub longest: Option<i64>,
}

impl Competing {
    /// Estimates both incidences with the delta-method variance.
    pub fn estimate(table: &LifeTable) -> Self {
        Self::estimate_with(table, Increments::Multinomial)
    }

    /// Estimates both incidences with the variance that follows from the given covariance of increments.
    pub fn estimate_with(table: &LifeTable, increments: Increments) -> Self {
        let (mut decided, mut withdrawn) = (Propagated::START, Propagated::START);
        let closed = table.rows.iter().filter(|row| row.decided + row.withdrawn > 0);
        let steps = closed.map(|row| {
            decided = decided.after(row.at_risk, row.decided, row.withdrawn, increments);
            withdrawn = withdrawn.after(row.at_risk, row.withdrawn, row.decided, increments);
            Step {
                time: row.time,
                at_risk: row.at_risk,
                open: decided.open,
                decided: Incidence::new(row.decided, &decided),
                withdrawn: Incidence::new(row.withdrawn, &withdrawn),
            }
        });
        Self { steps: steps.collect(), n: table.n, longest: table.longest() }
    }

    /// The share that has ended in one way by age `limit`, that age included: "decided within 30 days".
    /// `None` where it is unknown: at negative ages, and beyond the greatest age seen unless no loop was left.
    pub fn within(&self, cause: Cause, limit: i64) -> Option<Estimate> {
        let last = self.steps[..self.steps.partition_point(|step| step.time <= limit)].last();
        let known = limit >= 0 && (limit <= self.longest? || last.is_some_and(|step| step.open == 0.0));
        known.then(|| last.map_or_else(|| Incidence::default().estimate(), |step| step.of(cause).estimate()))
    }

    /// Mean time in each state up to `tau`: the areas under the three shares. `None` when `tau` is not positive
    /// or lies where the shares are unknown.
    pub fn mean_times(&self, tau: i64) -> Option<MeanTimes> {
        if tau <= 0 {
            return None;
        }
        self.within(Cause::Decided, tau)?;
        let inside = &self.steps[..self.steps.partition_point(|step| step.time < tau)];
        let ends = inside.iter().skip(1).map(|step| step.time).chain([tau]);
        let first = inside.first().map_or(tau, |step| step.time);
        let mut mean = MeanTimes { tau, open: first as f64, decided: 0.0, withdrawn: 0.0 };
        for (step, end) in inside.iter().zip(ends) {
            let width = (end - step.time) as f64;
            mean.open += width * step.open;
            mean.decided += width * step.decided.share;
            mean.withdrawn += width * step.withdrawn.share;
        }
        Some(mean)
    }
}

/// The complementary log-log 95 % interval of a cumulative incidence, `F ^ exp(±z √V / (F ln F))`. It stays inside
/// 0 and 1. Undefined, hence without limits, when the share is 0 or 1.
pub fn incidence_interval(share: f64, variance: f64) -> Interval {
    if !(share > 0.0 && share < 1.0 - ROUNDING) {
        return Interval::NONE;
    }
    let spread = Z_95 * variance.sqrt() / (share * share.ln());
    Interval::new(share.powf((-spread).exp()), share.powf(spread.exp()))
}

/// The share open and the share ended in one way, with their covariance matrix, carried from age to age.
///
/// With `a` and `b` the shares of the risk set that end in this way and in the other, the next values are
/// `S' = S (1 − a − b)` and `F' = F + S a`; the covariance follows to first order. That is the closed form
/// `Σ_j {[F(t) − F_j]² d_j / (n_j (n_j − d_j)) + S_j−² var a_j − 2 [F(t) − F_j] S_j− d_kj / n_j²}` rearranged: linear in
/// the number of ages instead of quadratic, and without its 0 · ∞ where the last loops at risk end.
#[derive(Clone, Copy)]
struct Propagated {
    open: f64,
    share: f64,
    var_open: f64,
    covariance: f64,
    var_share: f64,
}

impl Propagated {
    const START: Self = Self { open: 1.0, share: 0.0, var_open: 0.0, covariance: 0.0, var_share: 0.0 };

    fn after(self, at_risk: i64, own: i64, other: i64, increments: Increments) -> Self {
        let (n, own, other) = (at_risk as f64, own as f64, other as f64);
        let (a, stay) = (own / n, (n - own - other) / n);
        let (var_a, var_b, cov_ab) = match increments {
            Increments::Multinomial => {
                let cubed = n * n * n;
                (own * (n - own) / cubed, other * (n - other) / cubed, -own * other / cubed)
            }
            Increments::Aalen => (aalen(n, own), aalen(n, other), 0.0),
        };
        let fresh = self.open * self.open;
        Self {
            open: self.open * stay,
            share: self.share + self.open * a,
            var_open: stay * stay * self.var_open + fresh * (var_a + var_b + 2.0 * cov_ab),
            covariance: stay * (self.covariance + a * self.var_open) - fresh * (var_a + cov_ab),
            var_share: self.var_share + 2.0 * a * self.covariance + a * a * self.var_open + fresh * var_a,
        }
    }
}

fn aalen(n: f64, events: f64) -> f64 {
    if n > 1.0 { events * (n - events) / (n * n * (n - 1.0)) } else { events }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::life_table::{End, Spell};

    fn estimate(spells: &[(i64, End, i64)]) -> Competing {
        let spells = spells.iter().map(|&(exit, end, count)| Spell { entry: 0, exit, end, count });
        Competing::estimate(&LifeTable::from_spells(&spells.collect::<Vec<_>>()))
    }

    /// The variance as the literature states it; the first term is dropped where it is 0 · ∞.
    fn closed_form(steps: &[Step], cause: Cause) -> f64 {
        let now = steps.last().unwrap().of(cause).share;
        let mut before = 1.0;
        let mut total = 0.0;
        for step in steps {
            let n = step.at_risk as f64;
            let (d, own) = ((step.decided.events + step.withdrawn.events) as f64, step.of(cause).events as f64);
            let to_come = now - step.of(cause).share;
            total += if n > d { to_come * to_come * d / (n * (n - d)) } else { 0.0 };
            total += before * before * (n - own) * own / (n * n * n) - 2.0 * to_come * before * own / (n * n);
            before = step.open;
        }
        total
    }

    #[test]
    fn agrees_with_shares_worked_by_hand() {
        let result = estimate(&[(1, End::Decided, 1), (2, End::Open, 1), (3, End::Withdrawn, 1), (4, End::Decided, 1)]);
        // 1/4 decided after 1; 3/4 open; of two at risk at 3 one withdraws; the last is decided.
        let last = result.steps.last().unwrap();
        assert_eq!((last.decided.share, last.withdrawn.share, last.open), (0.625, 0.375, 0.0));
        let means = result.mean_times(4).unwrap();
        assert_eq!((means.open, means.decided, means.withdrawn), (2.875, 0.75, 0.375));
    }

    #[test]
    fn the_recursion_is_the_closed_form() {
        let ends = [End::Decided, End::Withdrawn, End::Open];
        let spells: Vec<_> = (0..40).map(|i| (i * 7 % 11, ends[(i % 3) as usize], 1 + i % 4)).collect();
        // A last age at which everybody left ends, in both ways.
        let result = estimate(&[spells, vec![(20, End::Decided, 2), (20, End::Withdrawn, 1)]].concat());
        for cause in [Cause::Decided, Cause::Withdrawn] {
            for (index, step) in result.steps.iter().enumerate() {
                let expected = closed_form(&result.steps[..=index], cause);
                assert!((step.of(cause).variance - expected).abs() < 1e-15, "{step:?}");
            }
        }
        assert_eq!(result.steps.last().unwrap().open, 0.0);
    }

    #[test]
    fn without_censoring_the_variance_is_that_of_a_share() {
        let result = estimate(&[(0, End::Decided, 3), (2, End::Withdrawn, 2), (5, End::Decided, 5)]);
        let last = result.steps.last().unwrap();
        assert!((last.decided.variance - 0.8 * 0.2 / 10.0).abs() < 1e-15);
        assert!((last.withdrawn.variance - 0.8 * 0.2 / 10.0).abs() < 1e-15);
    }

    #[test]
    fn a_share_that_reaches_one_by_many_steps_has_no_interval() {
        // Sums of 49ths and the like do not come out at exactly 1.
        for loops in [7, 49, 93, 120] {
            let result = estimate(&(0..loops).map(|age| (age, End::Decided, 1)).collect::<Vec<_>>());
            let last = result.within(Cause::Decided, loops).unwrap();
            assert!((last.value - 1.0).abs() < 1e-12);
            assert!(last.std_error.unwrap() < 1e-7);
            assert_eq!(last.interval, Interval::NONE);
        }
    }

    #[test]
    fn degenerate_tables_have_results_or_none() {
        let empty = estimate(&[]);
        assert!(empty.within(Cause::Decided, 0).is_none() && empty.mean_times(3).is_none());

        let all_open = estimate(&[(4, End::Open, 3)]);
        let none_yet = Estimate { value: 0.0, std_error: Some(0.0), interval: Interval::NONE };
        assert_eq!(all_open.within(Cause::Decided, 4), Some(none_yet));
        assert!(all_open.within(Cause::Decided, 5).is_none() && all_open.within(Cause::Decided, -1).is_none());
        assert_eq!(all_open.mean_times(4).unwrap().open, 4.0);

        let all_at_once = estimate(&[(0, End::Decided, 1)]);
        let everybody = Estimate { value: 1.0, std_error: Some(0.0), interval: Interval::NONE };
        assert_eq!(all_at_once.within(Cause::Decided, 9), Some(everybody));
        assert_eq!(all_at_once.mean_times(2).unwrap().decided, 2.0);
    }
}
