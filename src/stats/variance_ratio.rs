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
}
