//! Funnel plots: rates of many people or teams around one target, with limits that widen as numbers get smaller.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The two levels that funnels are drawn with: warning and control.
pub const LEVELS: [f64; 2] = [0.95, 0.998];

/// Between which shares a unit that shares the target lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The lower limit, as a share.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

/// The exact binomial limits about `target` for `n` trials that hold the share `level` between them, interpolated between
/// neighbouring counts so that the funnel is smooth (Spiegelhalter 2005). `None` unless `n >= 1` and the target lies
/// strictly between 0 and 1: where nothing or everything happens, nobody can stand out.
pub fn limits(target: f64, n: i64, level: f64) -> Option<Limits> {
    if !(target > 0.0 && target < 1.0 && level > 0.0 && level < 1.0) || n < 1 {
        return None;
    }
    let trials = u64::try_from(n).ok()?;
    let binomial = Binomial::new(target, trials).ok()?;
    let at = |p: f64| {
        // The smallest count with a cumulative probability of at least p, less the share of its step beyond p.
        let (mut low, mut high) = (0, trials);
        while low < high {
            let middle = low + (high - low) / 2;
            if binomial.cdf(middle) >= p { high = middle } else { low = middle + 1 }
        }
        let upper = binomial.cdf(low);
        let lower = if low == 0 { 0.0 } else { binomial.cdf(low - 1) };
        let beyond = if upper > lower { (upper - p) / (upper - lower) } else { 0.0 };
        ((low as f64 - beyond.clamp(0.0, 1.0)) / trials as f64).clamp(0.0, 1.0)
    };
    let tail = (1.0 - level) / 2.0;
    Some(Limits { low: at(tail), high: at(1.0 - tail) })
}

/// How surprising `hits` of `n` are if the true share is `target`: twice the smaller tail, counting the observed count by
/// half (mid-p), so that it is not too careful for small `n`. `None` for impossible counts or a target of 0 or 1.
pub fn surprise(hits: i64, n: i64, target: f64) -> Option<f64> {
    if !(target > 0.0 && target < 1.0) || hits < 0 || hits > n || n < 1 {
        return None;
    }
    let (hits, trials) = (u64::try_from(hits).ok()?, u64::try_from(n).ok()?);
    let binomial = Binomial::new(target, trials).ok()?;
    let below = if hits == 0 { 0.0 } else { binomial.cdf(hits - 1) };
    let above = binomial.sf(hits);
    let here = (binomial.cdf(hits) - below).max(0.0);
    Some((2.0 * (below + here / 2.0).min(above + here / 2.0)).min(1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits_of_ten_tosses_worked_by_hand() {
        // P(R <= 1) = 11/1024 and P(R <= 2) = 56/1024: 2.5 % lies 14.6/45 of the way from 1 to 2.
        let found = limits(0.5, 10, 0.95).unwrap();
        let expected = (1.0 + (25.6 - 11.0) / 45.0) / 10.0;
        assert!((found.low - expected).abs() < 1e-9, "{}", found.low);
        // Symmetric up to the half step that counting up from below makes.
        assert!((found.high - (7.0 + (0.975 * 1024.0 - 968.0) / 45.0) / 10.0).abs() < 1e-9, "{}", found.high);
    }

    #[test]
    fn nobody_stands_out_where_nothing_happens() {
        assert_eq!((limits(0.0, 10, 0.95), limits(1.0, 10, 0.95), limits(0.3, 0, 0.95)), (None, None, None));
        assert_eq!((surprise(0, 10, 0.0), surprise(11, 10, 0.5), surprise(1, 0, 0.5)), (None, None, None));
        assert!((surprise(5, 10, 0.5).unwrap() - 1.0).abs() < 1e-9);
        assert!(surprise(10, 10, 0.5).unwrap() < 0.001);
    }

    proptest! {
        #[test]
        fn funnels_hold_their_target_and_narrow(target in 0.02..0.98_f64, n in 5_i64..400) {
            let (small, large) = (limits(target, n, 0.95).unwrap(), limits(target, 4 * n, 0.95).unwrap());
            let wide = limits(target, n, 0.998).unwrap();
            prop_assert!(small.low <= target && target <= small.high + 1.0 / n as f64);
            prop_assert!(wide.low <= small.low && small.high <= wide.high);
            prop_assert!(large.high - large.low <= small.high - small.low + 1e-9);
        }
    }
}
