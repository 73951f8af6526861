//! Do groups differ in the rate at which their loops end?

use super::estimate::{GroupTest, NotEstimable, group_test};
use super::life_table::{Event, LifeTable, event_times};

/// How events count towards the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Every event alike: the log-rank test (Mantel 1966). Best when the ratio of rates is constant.
    LogRank,
    /// By the share of all loops still open just before: Peto and Peto's (1972) Wilcoxon test in the form of
    /// Harrington and Fleming (1982), ρ = 1. Looks at early differences more than late ones.
    PetoPeto,
}

/// The K-sample test of equal rates, one table per group.
///
/// At each age with events, given `d` events among `n_i` loops at risk in group `i` and `n` in all, a group is
/// expected to have `d n_i / n`, with the hypergeometric covariance `d (n − d) / (n − 1) · (n_i / n) (δ_ij − n_j / n)`.
/// Observed less expected is summed over ages, weighted, and referred to chi-squared with one degree of freedom
/// less than there are groups with anything expected. With [`Event::Decided`] or [`Event::Withdrawn`] it compares
/// cause-specific rates, which may differ where cumulative incidences do not and the other way round: see
/// [`gray_test`](super::gray::gray_test). Delayed entry is taken into account through the numbers at risk.
///
/// # Errors
///
/// The reason why there is no result: nothing happened, fewer than two groups were at risk when something did,
/// or no event left any uncertainty about whose it was.
pub fn log_rank(groups: &[&LifeTable], event: Event, weight: Weight) -> Result<GroupTest, NotEstimable> {
    let count = groups.len();
    let (mut observed, mut expected) = (vec![0.0; count], vec![0.0; count]);
    let mut covariance = vec![vec![0.0; count]; count];
    let mut open = 1.0;
    for time in event_times(groups, event) {
        let rows: Vec<_> = groups.iter().map(|table| table.at(time)).collect();
        let n = rows.iter().map(|row| row.at_risk).sum::<i64>() as f64;
        let d = rows.iter().map(|row| row.events(event)).sum::<i64>() as f64;
        let w = match weight {
            Weight::LogRank => 1.0,
            Weight::PetoPeto => open,
        };
        // One loop alone at risk is certain to be the one that ends.
        let spread = if n > 1.0 { w * w * d * (n - d) / (n - 1.0) } else { 0.0 };
        for (i, row) in rows.iter().enumerate() {
            let share = row.at_risk as f64 / n;
            observed[i] += w * row.events(event) as f64;
            expected[i] += w * d * share;
            for (j, other) in rows.iter().enumerate() {
                let same = if i == j { 1.0 } else { 0.0 };
                covariance[i][j] += spread * share * (same - other.at_risk as f64 / n);
            }
        }
        open *= (n - d) / n;
    }
    group_test(observed, expected, &covariance)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::life_table::{End, Spell};

    fn table(spells: &[(i64, i64, End)]) -> LifeTable {
        let spells = spells.iter().map(|&(entry, exit, end)| Spell { entry, exit, end, count: 1 });
        LifeTable::from_spells(&spells.collect::<Vec<_>>())
    }

    fn ends(exits: &[i64]) -> LifeTable {
        table(&exits.iter().map(|&exit| (0, exit, End::Decided)).collect::<Vec<_>>())
    }

    #[test]
    fn agrees_with_two_groups_worked_by_hand() {
        let (first, second) = (ends(&[1, 3]), ends(&[2, 4]));
        let test = log_rank(&[&first, &second], Event::Closed, Weight::LogRank).unwrap();
        // Expected in the first group: 1/2 + 1/3 + 1/2 + 0; variance 1/4 + 2/9 + 1/4 + 0.
        let (expected, variance) = (4.0 / 3.0, 13.0 / 18.0);
        assert!((test.expected[0] - expected).abs() < 1e-14);
        assert!((test.statistic - (2.0 - expected).powi(2) / variance).abs() < 1e-14);
        assert_eq!((test.df, test.observed), (1, vec![2.0, 2.0]));
    }

    #[test]
    fn the_order_of_three_groups_changes_nothing() {
        let (a, b, c) = (ends(&[1, 3, 3, 9]), ends(&[2, 4, 4]), ends(&[3, 5, 9, 12, 14]));
        for weight in [Weight::LogRank, Weight::PetoPeto] {
            let one = log_rank(&[&a, &b, &c], Event::Closed, weight).unwrap();
            let two = log_rank(&[&c, &a, &b], Event::Closed, weight).unwrap();
            assert_eq!((one.df, two.df), (2, 2));
            assert!((one.statistic - two.statistic).abs() < 1e-12 * one.statistic);
        }
    }

    #[test]
    fn late_entrants_are_at_risk_only_from_their_entry() {
        let early = ends(&[2, 6]);
        let late = table(&[(4, 8, End::Decided), (4, 9, End::Decided)]);
        let test = log_rank(&[&early, &late], Event::Closed, Weight::LogRank).unwrap();
        // At 2 only the first group is at risk: expected 1. At 6 one of three: 1/3.
        assert!((test.expected[0] - 4.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn a_rate_of_one_kind_takes_the_other_as_censoring() {
        let a = table(&[(0, 1, End::Withdrawn), (0, 2, End::Decided), (0, 5, End::Open)]);
        let b = table(&[(0, 1, End::Decided), (0, 3, End::Withdrawn), (0, 4, End::Decided)]);
        let censored = table(&[(0, 1, End::Open), (0, 2, End::Decided), (0, 5, End::Open)]);
        let by_cause = log_rank(&[&a, &b], Event::Decided, Weight::LogRank).unwrap();
        assert_eq!(by_cause, log_rank(&[&censored, &b], Event::Decided, Weight::LogRank).unwrap());
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        let (busy, idle) = (ends(&[1, 2]), table(&[(0, 9, End::Open)]));
        let test = |groups: &[&LifeTable]| log_rank(groups, Event::Closed, Weight::LogRank).unwrap_err();
        assert_eq!(test(&[]), NotEstimable::NoEvents);
        assert_eq!(test(&[&idle, &idle]), NotEstimable::NoEvents);
        assert_eq!(test(&[&busy]), NotEstimable::TooFewGroups);
        assert_eq!(test(&[&busy, &LifeTable::default()]), NotEstimable::TooFewGroups);
        // Everybody ends at once, so nothing could have come out differently.
        assert_eq!(test(&[&ends(&[3, 3]), &ends(&[3])]), NotEstimable::SingularVariance);
    }
}
