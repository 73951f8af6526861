//! Is a variance larger or smaller than expected?

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};

use super::estimate::Interval;

/// A ratio of variances with its 95 % interval and the p-value of "the ratio is 1".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceRatio {
    /// The ratio.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Two-sided p-value.
    pub p: f64,
}

/// A mean square against a known variance; chi-squared. `None` unless all are positive.
pub fn against_known(mean_square: f64, df: f64, variance: f64) -> Option<VarianceRatio> {
    if !(mean_square > 0.0 && df >= 1.0 && variance > 0.0) {
        return None;
    }
    let chi = ChiSquared::new(df).ok()?;
    let value = mean_square / variance;
    let (low, high) = (df * value / chi.inverse_cdf(0.975), df * value / chi.inverse_cdf(0.025));
    let p = 2.0 * chi.sf(df * value).min(chi.cdf(df * value));
    Some(VarianceRatio { value, interval: Interval::new(low, high), p: p.min(1.0) })
}

/// A mean square against an independent one; Fisher's F. `None` unless all are positive.
pub fn against_others(mean_square: f64, df: f64, others: f64, others_df: f64) -> Option<VarianceRatio> {
    if !(mean_square > 0.0 && df >= 1.0 && others > 0.0 && others_df >= 1.0) {
        return None;
    }
    let f = FisherSnedecor::new(df, others_df).ok()?;
    let value = mean_square / others;
    let (low, high) = (value / f.inverse_cdf(0.975), value / f.inverse_cdf(0.025));
    let p = 2.0 * f.sf(value).min(f.cdf(value));
    Some(VarianceRatio { value, interval: Interval::new(low, high), p: p.min(1.0) })
}

/// The p-value of "all groups have one mean" by the one-way analysis of variance. `groups` are lists of values. `None` with
/// fewer than two groups, or without variation inside them.
pub fn one_way(groups: &[Vec<f64>]) -> Option<f64> {
    let groups: Vec<&Vec<f64>> = groups.iter().filter(|group| !group.is_empty()).collect();
    let n: usize = groups.iter().map(|group| group.len()).sum();
    if groups.len() < 2 || n <= groups.len() {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let grand = groups.iter().flat_map(|group| group.iter()).sum::<f64>() / n as f64;
    let (mut between, mut within) = (0.0, 0.0);
    for group in &groups {
        let own = mean(group);
        between += group.len() as f64 * (own - grand).powi(2);
        within += group.iter().map(|value| (value - own).powi(2)).sum::<f64>();
    }
    let (df, rest) = (groups.len() as f64 - 1.0, (n - groups.len()) as f64);
    if within <= 0.0 {
        return None;
    }
    Some(FisherSnedecor::new(df, rest).ok()?.sf((between / df) / (within / rest)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn what_is_expected_is_not_surprising() {
        let known = against_known(4.0, 10.0, 4.0).unwrap();
        assert!(known.value == 1.0 && known.p > 0.8 && known.interval.low.unwrap() < 1.0);
        let others = against_others(9.0, 30.0, 3.0, 300.0).unwrap();
        assert!(others.value == 3.0 && others.p < 1e-4 && others.interval.low.unwrap() > 1.0);
        assert_eq!(against_known(0.0, 10.0, 4.0), None);
    }

    #[test]
    fn the_analysis_of_variance_is_that_of_the_textbook() {
        // F = 9.26 on 2 and 15 degrees of freedom has p = 0.0024 (R: pf(9.264706, 2, 15, lower.tail = FALSE)).
        let groups = [vec![6., 8., 4., 5., 3., 4.], vec![8., 12., 9., 11., 6., 8.], vec![13., 9., 11., 8., 7., 12.]];
        assert!((one_way(&groups).unwrap() - 0.002_398_777_329_392_7).abs() < 1e-9);
        assert_eq!(one_way(&[vec![1.0, 2.0]]), None);
    }
}
