//! Do groups differ in the cumulative incidence of one end?

use super::competing::Cause;
use super::estimate::{GroupTest, NotEstimable, group_test};
use super::life_table::{Event, LifeTable, event_times};

/// Gray's (1988) K-sample test (weight ρ = 0) of equal cumulative incidence of one end, one table per group.
///
/// Where the log-rank test asks whether open loops are decided at different rates, this asks whether different
/// shares of all loops get decided by then, withdrawals counting against.
///
/// With `n_i` loops of group `i` at risk, `S_i` its share open and `F_i` its incidence just before an age, the
/// group enters the comparison with `R_i = n_i (1 − F_i) / S_i`, the risk set it would have if loops that ended in
/// the other way stayed in it. Of the `d` events at that age it is expected to have `d R_i / Σ R`. The covariance of
/// the sum follows from the influence of every event on it, both through its own age and through all later
/// `F_i` and `S_i`, evaluated under the common incidence `F` with increments `d / Σ (n_i / S_i)`, and with a
/// correction for ties.
///
/// # Errors
///
/// The reason why there is no result. Besides those of [`log_rank`](super::log_rank::log_rank):
/// [`NotEstimable::DelayedEntry`], because `R_i` is derived for loops observed from the start.
pub fn gray_test(groups: &[&LifeTable], cause: Cause) -> Result<GroupTest, NotEstimable> {
    if groups.iter().any(|table| table.has_delayed_entry()) {
        return Err(NotEstimable::DelayedEntry);
    }
    let mut sums = Sums::new(groups.len());
    for time in event_times(groups, Event::Closed) {
        for (group, table) in sums.groups.iter_mut().zip(groups) {
            let row = table.at(time);
            let (own, other) = match cause {
                Cause::Decided => (row.decided, row.withdrawn),
                Cause::Withdrawn => (row.withdrawn, row.decided),
            };
            group.meet(row.at_risk as f64, own as f64, other as f64);
        }
        sums.step();
    }
    let covariance = sums.covariance();
    group_test(sums.observed, sums.expected, &covariance)
}

/// One group at the current age.
#[derive(Clone)]
struct Group {
    at_risk: f64,
    own: f64,
    other: f64,
    open_before: f64,
    open: f64,
    share_before: f64,
    share: f64,
    /// The sum over events of squared late influence times variance; see [`Sums::covariance`].
    late: f64,
    /// For every deviation, the sum of its influence at once times late influence times variance.
    mixed: Vec<f64>,
}

impl Group {
    fn new(count: usize) -> Self {
        Self {
            at_risk: 0.0,
            own: 0.0,
            other: 0.0,
            open_before: 1.0,
            open: 1.0,
            share_before: 0.0,
            share: 0.0,
            late: 0.0,
            mixed: vec![0.0; count],
        }
    }

    fn meet(&mut self, at_risk: f64, own: f64, other: f64) {
        (self.at_risk, self.own, self.other) = (at_risk, own, other);
        (self.open_before, self.share_before) = (self.open, self.share);
        if at_risk > 0.0 {
            self.open *= (at_risk - own - other) / at_risk;
            self.share += self.open_before * own / at_risk;
        }
    }

    /// `n / S`: the risk set relative to the loops that were there from the start, 0 when nobody is left.
    fn relative(&self) -> f64 {
        if self.at_risk > 0.0 { self.at_risk / self.open_before } else { 0.0 }
    }
}

/// Running sums over ages.
struct Sums {
    groups: Vec<Group>,
    observed: Vec<f64>,
    expected: Vec<f64>,
    /// Common incidence so far.
    share: f64,
    /// `C_ik = Σ a_ik dF / (1 − F)`: how a later unit error in `F_k` has moved deviation `i` so far.
    carried: Vec<Vec<f64>>,
    /// Sums of products of influences at once, times variance.
    at_once: Vec<Vec<f64>>,
}

impl Sums {
    fn new(count: usize) -> Self {
        Self {
            groups: vec![Group::new(count); count],
            observed: vec![0.0; count],
            expected: vec![0.0; count],
            share: 0.0,
            carried: vec![vec![0.0; count]; count],
            at_once: vec![vec![0.0; count]; count],
        }
    }

    fn step(&mut self) {
        let count = self.groups.len();
        let relative: Vec<f64> = self.groups.iter().map(Group::relative).collect();
        let all: f64 = relative.iter().sum();
        let risk: Vec<f64> = self.groups.iter().zip(&relative).map(|(g, r)| r * (1.0 - g.share_before)).collect();
        let risk_all: f64 = risk.iter().sum();
        let events: f64 = self.groups.iter().map(|group| group.own).sum();
        let increment = events / all;

        // Deviation i moves by `a_ik` times an error in the increment of F_k / (1 − F_k).
        let moved = |i: usize, k: usize| relative[i] * (if i == k { 1.0 } else { 0.0 } - relative[k] / all);
        if events > 0.0 {
            for (i, own_risk) in risk.iter().enumerate() {
                self.observed[i] += self.groups[i].own;
                self.expected[i] += events * own_risk / risk_all;
                for k in 0..count {
                    self.carried[i][k] += moved(i, k) * increment / (1.0 - self.share);
                }
            }
        }
        self.share += increment;

        for k in 0..count {
            let Group { at_risk, other, open_before, open, .. } = self.groups[k];
            if at_risk == 0.0 {
                continue;
            }
            // What an end at this age leaves for F_k later: it takes its loop out of what is still to come.
            let rest = if open > 0.0 { (1.0 - self.share) / open } else { 0.0 };
            if events > 0.0 {
                // Under the hypothesis the group's share of its risk set is `increment / S_k`.
                let variance = tie_correction(events, all * open_before) * open_before * increment / at_risk;
                let at_once: Vec<f64> = (0..count).map(|i| moved(i, k)).collect();
                self.add(k, &at_once, 1.0 - rest, variance);
            }
            if other > 0.0 && rest > 0.0 {
                let variance = tie_correction(other, at_risk) * other * (open_before / at_risk).powi(2);
                self.add(k, &vec![0.0; count], -rest, variance);
            }
        }
    }

    /// Adds the variance of events in group `k` that move the deviations by `at_once` and, per unit of what is
    /// still to be carried, by `late`.
    fn add(&mut self, k: usize, at_once: &[f64], late: f64, variance: f64) {
        let influence: Vec<f64> =
            at_once.iter().zip(&self.carried).map(|(moved, carried)| moved - late * carried[k]).collect();
        for (i, first) in influence.iter().enumerate() {
            self.groups[k].mixed[i] += first * late * variance;
            for (j, second) in influence.iter().enumerate() {
                self.at_once[i][j] += first * second * variance;
            }
        }
        self.groups[k].late += late * late * variance;
    }

    /// An event in group `k` moves deviation `i` at once by `a_ik` and later by `late · (C_ik(end) − C_ik(then))`.
    /// `C_ik(end)` is known only now, so the square is put together from the sums of its parts.
    fn covariance(&self) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| {
            let later = self.groups.iter().enumerate().map(|(k, group)| {
                let (first, second) = (self.carried[i][k], self.carried[j][k]);
                first * second * group.late + first * group.mixed[j] + second * group.mixed[i]
            });
            self.at_once[i][j] + later.sum::<f64>()
        };
        let count = self.groups.len();
        (0..count).map(|i| (0..count).map(|j| entry(i, j)).collect()).collect()
    }
}

/// The variance of `events` drawn without replacement, relative to drawing with replacement.
fn tie_correction(events: f64, from: f64) -> f64 {
    if events > 1.0 { 1.0 - (events - 1.0) / (from - 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::life_table::{End, Spell};

    fn table(spells: &[(i64, End)]) -> LifeTable {
        let spells = spells.iter().map(|&(exit, end)| Spell { entry: 0, exit, end, count: 1 });
        LifeTable::from_spells(&spells.collect::<Vec<_>>())
    }

    fn three() -> [LifeTable; 3] {
        let ends = [End::Decided, End::Withdrawn, End::Decided, End::Open];
        [5, 7, 11].map(|step| table(&(0..20).map(|i| (i * step % 17, ends[(i % 4) as usize])).collect::<Vec<_>>()))
    }

    #[test]
    fn the_order_of_three_groups_changes_nothing() {
        let [a, b, c] = three();
        for cause in [Cause::Decided, Cause::Withdrawn] {
            let one = gray_test(&[&a, &b, &c], cause).unwrap();
            let two = gray_test(&[&c, &a, &b], cause).unwrap();
            assert_eq!((one.df, two.df), (2, 2));
            assert!((one.statistic - two.statistic).abs() < 1e-10 * one.statistic);
        }
    }

    #[test]
    fn equal_groups_do_not_differ_and_nobody_is_no_group() {
        let [a, b, _] = three();
        assert!(gray_test(&[&a, &a], Cause::Decided).unwrap().statistic < 1e-20);
        let nobody = LifeTable::default();
        let with_nobody = gray_test(&[&a, &nobody, &b], Cause::Decided).unwrap();
        let without = gray_test(&[&a, &b], Cause::Decided).unwrap();
        assert_eq!(with_nobody.df, 1);
        assert!((with_nobody.statistic - without.statistic).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        let decided = table(&[(1, End::Decided), (2, End::Decided)]);
        assert_eq!(gray_test(&[&decided, &decided], Cause::Withdrawn), Err(NotEstimable::NoEvents));
        assert_eq!(gray_test(&[&decided], Cause::Decided), Err(NotEstimable::TooFewGroups));
        let late = LifeTable::from_spells(&[Spell { entry: 1, exit: 2, end: End::Decided, count: 1 }]);
        assert_eq!(gray_test(&[&decided, &late], Cause::Decided), Err(NotEstimable::DelayedEntry));
        let at_once = table(&[(3, End::Decided), (3, End::Decided)]);
        assert_eq!(gray_test(&[&at_once, &at_once], Cause::Decided), Err(NotEstimable::SingularVariance));
    }
}
