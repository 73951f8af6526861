//! What a statistic hands back. Absent figures are `None` or a reason, never zero and never NaN.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// The 97.5 % point of the standard normal distribution: every interval in this program covers 95 %.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// A 95 % interval. Either limit may be missing: a quantile whose upper band is never crossed has no upper
/// limit, and a share of exactly 0 or 1 has no logarithmic interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// The lower limit, in the unit of the value.
    pub low: Option<f64>,
    /// The upper limit, in the unit of the value.
    pub high: Option<f64>,
}

impl Interval {
    /// No limits are known.
    pub const NONE: Self = Self { low: None, high: None };

    /// Both limits are known.
    pub fn new(low: f64, high: f64) -> Self {
        Self { low: Some(low), high: Some(high) }
    }

    /// `value ± 1.96 std_error`.
    pub fn around(value: f64, std_error: f64) -> Self {
        Self::new(value - Z_95 * std_error, value + Z_95 * std_error)
    }
}

/// A value with its standard error and 95 % interval, all in one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error, where the variance is defined.
    pub std_error: Option<f64>,
    /// Its 95 % interval; how it was made is said where the estimate is made.
    pub interval: Interval,
}

/// A chi-squared test of "the groups do not differ". The vectors follow the order of the tables given.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupTest {
    /// The test statistic, chi-squared under the hypothesis.
    pub statistic: f64,
    /// Degrees of freedom: groups that were ever expected to have an event, less one.
    pub df: usize,
    /// The upper tail of the chi-squared distribution.
    pub p: f64,
    /// Events seen in each group, weighted if the test weights them.
    pub observed: Vec<f64>,
    /// Events expected in each group if the groups did not differ, weighted likewise; same total as `observed`.
    pub expected: Vec<f64>,
}

/// Why a test has no result. A result in its own right: it is reported, not treated as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotEstimable {
    /// A comparison needs two groups with loops at risk when something happens.
    #[error("fewer than two groups were at risk when an event happened")]
    TooFewGroups,
    /// Nothing happened.
    #[error("no event was observed")]
    NoEvents,
    /// The groups were never at risk together, or every event left nobody behind.
    #[error("the data leave no variation from which to judge the difference")]
    SingularVariance,
    /// The method is not defined for loops that came under observation late.
    #[error("the test is not defined for loops that came under observation late")]
    DelayedEntry,
}

/// The chance that a standard normal deviate is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// Two-sided p-value of a standard normal statistic; `None` for NaN.
pub fn two_sided_p(z: f64) -> Option<f64> {
    // The upper tail is asked for directly: `1 - cdf` would lose every digit of a small p-value.
    let p = 2.0 * Normal::standard().sf(z.abs());
    (!p.is_nan()).then_some(p.min(1.0))
}

/// Ends a comparison of groups: drops those that were never expected to have an event, then one more
/// (deviations sum to zero, so it carries no information), and refers the quadratic form
/// `(O − E)' V⁻¹ (O − E)` to the chi-squared distribution.
pub(super) fn group_test(
    observed: Vec<f64>,
    expected: Vec<f64>,
    covariance: &[Vec<f64>],
) -> Result<GroupTest, NotEstimable> {
    let mut kept: Vec<usize> = (0..expected.len()).filter(|&group| expected[group] > 0.0).collect();
    if kept.is_empty() {
        return Err(NotEstimable::NoEvents);
    }
    kept.pop();
    let df = kept.len();
    if df == 0 {
        return Err(NotEstimable::TooFewGroups);
    }
    let deviation: Vec<f64> = kept.iter().map(|&group| observed[group] - expected[group]).collect();
    let variance: Vec<Vec<f64>> =
        kept.iter().map(|&row| kept.iter().map(|&column| covariance[row][column]).collect()).collect();
    let statistic = super::linear::inverse_form(&variance, &deviation).ok_or(NotEstimable::SingularVariance)?;
    let p = ChiSquared::new(df as f64).map_err(|_| NotEstimable::SingularVariance)?.sf(statistic);
    Ok(GroupTest { statistic, df, p, observed, expected })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn a_far_tail_keeps_its_digits() {
        // pnorm(-10) * 2 in R.
        let expected = 1.523970604832094e-23;
        assert!((two_sided_p(-10.0).unwrap() / expected - 1.0).abs() < 1e-8);
        // statrs approximates the normal tail to about ten digits here.
        assert!((two_sided_p(Z_95).unwrap() / 0.05 - 1.0).abs() < 1e-9);
        assert_eq!(two_sided_p(f64::NAN), None);
    }

    #[test]
    fn a_group_without_expected_events_costs_no_degree_of_freedom() {
        let covariance = vec![vec![2.0, -2.0, 0.0], vec![-2.0, 2.0, 0.0], vec![0.0; 3]];
        let test = group_test(vec![6.0, 2.0, 0.0], vec![4.0, 4.0, 0.0], &covariance).unwrap();
        assert_eq!(test.df, 1);
        assert!((test.statistic - 2.0).abs() < 1e-14);
        let alone = group_test(vec![2.0, 0.0], vec![2.0, 0.0], &covariance);
        assert_eq!(alone, Err(NotEstimable::TooFewGroups));
    }
}
