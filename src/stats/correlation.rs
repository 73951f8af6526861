//! Correlation with its intervals and tests, and ranks with ties.

use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

use super::estimate::{Interval, Z_95};

/// Pearson's correlation. `None` with fewer than two pairs, or where one side does not vary.
pub fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len().min(y.len());
    if n < 2 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().take(n).sum::<f64>() / n as f64;
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xx += (a - mx).powi(2);
        yy += (b - my).powi(2);
        xy += (a - mx) * (b - my);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Ranks from 1, equal values sharing the mean of their ranks.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for same in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (same.len() as f64 + 1.0) / 2.0;
        same.iter().for_each(|at| ranks[*at] = rank);
        before += same.len();
    }
    ranks
}

/// The 95 % interval of Pearson's correlation of `n` pairs: `tanh(atanh r ± 1.96/√(n − 3))` (Fisher, 1921). `None` with
/// fewer than four pairs or at a correlation of one.
pub fn fisher_interval(r: f64, n: f64) -> Option<Interval> {
    around_z(r, (n > 3.0).then(|| 1.0 / (n - 3.0).sqrt())?)
}

/// The 95 % interval of Spearman's correlation: as Fisher's with `√((1 + ρ²/2)/(n − 3))` (Bonett and Wright, 2000).
pub fn spearman_interval(rho: f64, n: f64) -> Option<Interval> {
    around_z(rho, (n > 3.0).then(|| ((1.0 + rho * rho / 2.0) / (n - 3.0)).sqrt())?)
}

/// The 95 % interval of a correlation whose Fisher's z has this standard error.
pub fn around_z(r: f64, std_error: f64) -> Option<Interval> {
    if !(r.abs() < 1.0 && std_error >= 0.0 && std_error.is_finite()) {
        return None;
    }
    let (z, half) = (r.atanh(), Z_95 * std_error);
    Some(Interval::new((z - half).tanh(), (z + half).tanh()))
}

/// The two-sided p-value of no correlation, by Student's t. `None` with fewer than three pairs.
pub fn correlation_p(r: f64, n: f64) -> Option<f64> {
    if !(n > 2.0 && r.abs() <= 1.0) {
        return None;
    }
    let t = r.abs() * ((n - 2.0) / (1.0 - r * r)).sqrt();
    Some(if t.is_finite() { (2.0 * StudentsT::new(0.0, 1.0, n - 2.0).ok()?.sf(t)).min(1.0) } else { 0.0 })
}

/// Correlations of several groups, pooled, and whether they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooled {
    /// The pooled correlation, groups weighted by `n − 3` on the scale of Fisher's z.
    pub value: f64,
    /// Its 95 % interval, the groups taken to share one correlation.
    pub interval: Interval,
    /// Cochran's Q of the groups' z-values.
    pub q: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// The p-value of one shared correlation.
    pub p: f64,
    /// The share of the spread between groups that is more than chance: `max(0, 1 − df/Q)` (Higgins and Thompson, 2002).
    pub i_squared: f64,
}

/// Pools correlations of groups given as `(r, n)`; those of fewer than five pairs or a perfect correlation are left out.
/// `None` with fewer than two groups.
pub fn pooled_correlation(groups: &[(f64, f64)]) -> Option<Pooled> {
    let usable = || groups.iter().filter(|(r, n)| r.abs() < 1.0 && *n > 4.0).map(|(r, n)| (r.atanh(), n - 3.0));
    let df = usable().count().checked_sub(1).filter(|df| *df > 0)?;
    let weight: f64 = usable().map(|(_, weight)| weight).sum();
    let mean = usable().map(|(z, weight)| z * weight).sum::<f64>() / weight;
    let q: f64 = usable().map(|(z, weight)| weight * (z - mean).powi(2)).sum();
    let value = mean.tanh();
    Some(Pooled {
        value,
        interval: around_z(value, 1.0 / weight.sqrt())?,
        q,
        df,
        p: ChiSquared::new(df as f64).ok()?.sf(q),
        i_squared: if q > 0.0 { (1.0 - df as f64 / q).max(0.0) } else { 0.0 },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn groups_with_one_correlation_do_not_differ_and_others_do() {
        let same = pooled_correlation(&[(0.5, 103.0), (0.5, 53.0), (0.5, 28.0)]).unwrap();
        assert!((same.value - 0.5).abs() < 1e-12 && same.q < 1e-20 && same.p > 0.999 && same.i_squared == 0.0);
        // Two z-values one apart with weight 100 each: Q = 100 (0.25 + 0.25) = 50.
        let apart = pooled_correlation(&[(0.0, 103.0), (1.0_f64.tanh(), 103.0), (0.3, 3.0)]).unwrap();
        assert!((apart.q - 50.0).abs() < 1e-9 && apart.df == 1 && (apart.i_squared - 0.98).abs() < 1e-12);
        assert_eq!(pooled_correlation(&[(0.5, 103.0)]), None);
    }

    #[test]
    fn intervals_need_four_pairs_and_less_than_perfection() {
        assert_eq!(fisher_interval(0.5, 3.0), None);
        assert_eq!(fisher_interval(1.0, 30.0), None);
        let (pearson, spearman) = (fisher_interval(0.5, 30.0).unwrap(), spearman_interval(0.5, 30.0).unwrap());
        assert!(spearman.low < pearson.low && spearman.high > pearson.high);
        assert_eq!(correlation_p(1.0, 10.0), Some(0.0));
    }

    #[test]
    fn ranks_share_ties_and_correlate() {
        assert_eq!(mid_ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert!(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).is_some_and(|r| (r - 1.0).abs() < 1e-12));
        assert_eq!(correlation(&[1.0, 1.0], &[2.0, 4.0]), None);
    }
}
