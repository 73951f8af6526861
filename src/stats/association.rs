//! How strongly a score goes with an outcome, with intervals: correlations, and differences in standard deviations.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

use super::correlation::{correlation, correlation_p, fisher_interval, mid_ranks, spearman_interval};
use super::estimate::{Interval, two_sided_p};

/// A correlation this close to 1 is 1, but for rounding.
const ROUNDING: f64 = 1e-13;

/// A correlation over people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// The correlation.
    pub r: f64,
    /// Its 95 % interval on Fisher's (1921) scale, `tanh(atanh r ± z / √(n − 3))`; for ranks with the wider error of Bonett
    /// and Wright (2000). No limits with fewer than 4 people, or where the correlation is 1 or −1.
    pub interval: Interval,
    /// Two-sided p-value of "no correlation", from t with n − 2 degrees of freedom.
    pub p: Option<f64>,
    /// People.
    pub n: usize,
}

/// Pearson's correlation; with an outcome of 0 and 1 it is the point-biserial one. `None` with fewer than three people or
/// where either side does not vary.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<Association> {
    let n = x.len().min(y.len());
    let r = correlation(&x[..n], &y[..n]).filter(|_| n >= 3).map(whole)?;
    let interval = fisher_interval(r, n as f64).unwrap_or(Interval::NONE);
    Some(Association { r, interval, p: correlation_p(r, n as f64), n })
}

/// Spearman's rank correlation, ties sharing their ranks.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<Association> {
    let n = x.len().min(y.len());
    let r = correlation(&mid_ranks(&x[..n]), &mid_ranks(&y[..n])).filter(|_| n >= 3).map(whole)?;
    let interval = spearman_interval(r, n as f64).unwrap_or(Interval::NONE);
    Some(Association { r, interval, p: correlation_p(r, n as f64), n })
}

/// A correlation that is 1 but for rounding, as 1.
fn whole(r: f64) -> f64 {
    if 1.0 - r.abs() < ROUNDING { r.signum() } else { r }
}

/// The difference of the correlations of two scores with one outcome over the same people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// First correlation less second correlation.
    pub value: f64,
    /// Its 95 % interval by Zou (2007), from the two intervals and how the correlations vary together.
    pub interval: Interval,
    /// Two-sided p-value of "no difference" by Meng, Rosenthal and Rubin (1992).
    pub p: Option<f64>,
}

/// Compares the correlations of two scores with one outcome, given the correlation `between` of the scores themselves. `None`
/// with fewer than 4 people, or correlations of 1.
pub fn dependent_difference(first: f64, second: f64, between: f64, n: usize) -> Option<Difference> {
    let (own, other) = (fisher_interval(first, n as f64)?, fisher_interval(second, n as f64)?);
    let (l1, u1, l2, u2) = (own.low?, own.high?, other.low?, other.high?);
    if between.abs() >= 1.0 {
        return None;
    }
    let value = first - second;
    let (a, b) = (first * first, second * second);
    let together = ((between - first * second / 2.0) * (1.0 - a - b - between * between) + between.powi(3))
        / ((1.0 - a) * (1.0 - b));
    let side = |x: f64, y: f64| (x * x + y * y - 2.0 * together * x * y).max(0.0).sqrt();
    let interval = Interval::new(value - side(first - l1, u2 - second), value + side(u1 - first, second - l2));
    let mean = f64::midpoint(a, b);
    let f = ((1.0 - between) / (2.0 * (1.0 - mean))).min(1.0);
    let h = (1.0 - f * mean) / (1.0 - mean);
    let z = (first.atanh() - second.atanh()) * ((n as f64 - 3.0) / (2.0 * (1.0 - between) * h)).sqrt();
    Some(Difference { value, interval, p: two_sided_p(z) })
}

/// The biserial correlation that belongs to a point-biserial one, if the outcome is a continuum cut in two so that a share
/// `prevalence` lies above the cut: `r √(p q) / φ(Φ⁻¹(p))`. Beyond 1 where the continuum is not normal.
pub fn biserial(point_biserial: f64, prevalence: f64) -> Option<f64> {
    if !(prevalence > 0.0 && prevalence < 1.0) {
        return None;
    }
    let normal = Normal::standard();
    Some(point_biserial * (prevalence * (1.0 - prevalence)).sqrt() / normal.pdf(normal.inverse_cdf(prevalence)))
}

/// Hedges' (1981) g: the difference of mean scores between those with the outcome and those without, in pooled standard
/// deviations, with the exact correction for small samples. `None` with fewer than two of either, or scores that do not vary.
pub fn hedges_g(scores: &[f64], outcomes: &[bool]) -> Option<f64> {
    let of = |wanted: bool| -> Vec<f64> {
        scores.iter().zip(outcomes).filter(|(_, own)| **own == wanted).map(|(score, _)| *score).collect()
    };
    let (with, without) = (of(true), of(false));
    if with.len() < 2 || without.len() < 2 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (high, low) = (mean(&with), mean(&without));
    let squares = |values: &[f64], mean: f64| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    let df = (with.len() + without.len()) as f64 - 2.0;
    let sd = ((squares(&with, high) + squares(&without, low)) / df).sqrt();
    let exact = (ln_gamma(df / 2.0) - (df / 2.0).sqrt().ln() - ln_gamma((df - 1.0) / 2.0)).exp();
    (sd > 0.0 && exact.is_finite()).then(|| (high - low) / sd * exact)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::estimate::Z_95;

    #[test]
    fn four_people_worked_by_hand() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]);
        let found = pearson(&x, &y).unwrap();
        assert!((found.r - 0.6).abs() < 1e-14);
        // t = 0.6 √(2 / 0.64) with 2 degrees of freedom: p = 1 − t / √(t² + 2) = 0.4.
        assert!((found.p.unwrap() - 0.4).abs() < 1e-9);
        assert!((found.interval.high.unwrap() - (0.6_f64.atanh() + Z_95).tanh()).abs() < 1e-14);
        assert_eq!(spearman(&x, &y).unwrap().r, found.r);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(pearson(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(pearson(&[1.0, 2.0], &[1.0, 2.0]), None);
        let perfect = pearson(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!((perfect.interval, perfect.p), (Interval::NONE, Some(0.0)));
        assert_eq!(biserial(0.4, 1.0), None);
        assert_eq!(hedges_g(&[1.0, 1.0, 1.0, 1.0], &[true, true, false, false]), None);
        assert_eq!(hedges_g(&[1.0, 2.0, 3.0], &[true, false, false]), None);
    }

    #[test]
    fn a_comparison_turned_round_has_the_other_sign() {
        let found = dependent_difference(0.63, -0.03, 0.51, 15).unwrap();
        assert!(found.interval.low.unwrap() > 0.0 && found.p.unwrap() < 0.05);
        let turned = dependent_difference(-0.03, 0.63, 0.51, 15).unwrap();
        assert_eq!((found.value, found.p), (-turned.value, turned.p));
        assert!((found.interval.low.unwrap() + turned.interval.high.unwrap()).abs() < 1e-12);
        let same = dependent_difference(0.4, 0.4, 0.5, 40).unwrap();
        assert!((same.p.unwrap() - 1.0).abs() < 1e-12 && same.interval.low.unwrap() < 0.0);
    }
}
