//! Shares and their differences, with intervals that hold in small samples and at 0 and 1.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::estimate::Z_95;

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// `successes / trials`.
    pub share: f64,
    /// The lower limit of Wilson's interval.
    pub low: f64,
    /// Its upper limit.
    pub high: f64,
}

/// The difference of two shares, in the unit of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionDifference {
    /// First share less second share.
    pub difference: f64,
    /// The lower limit of Newcombe's interval.
    pub low: f64,
    /// Its upper limit.
    pub high: f64,
}

/// A share with Wilson's (1927) score interval without continuity correction:
/// `(p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n)`. Inside 0 and 1 and of positive length whatever the counts.
/// `None` unless `0 <= successes <= trials` and `trials > 0`.
pub fn wilson(successes: i64, trials: i64) -> Option<Proportion> {
    if trials < 1 || successes < 0 || successes > trials {
        return None;
    }
    let n = trials as f64;
    let share = successes as f64 / n;
    let square = Z_95 * Z_95 / n;
    let centre = (share + square / 2.0) / (1.0 + square);
    let half = (share * (1.0 - share) * square + square * square / 4.0).sqrt() / (1.0 + square);
    // At the ends the formula gives 0 and 1 up to rounding only.
    let low = if successes == 0 { 0.0 } else { centre - half };
    let high = if successes == trials { 1.0 } else { centre + half };
    Some(Proportion { share, low, high })
}

/// The difference of two independent shares with Newcombe's (1998) hybrid score interval, method 10 without
/// continuity correction: `d − √((p₁ − l₁)² + (u₂ − p₂)²)` to `d + √((u₁ − p₁)² + (p₂ − l₂)²)`, with `l` and `u` the
/// limits of [`wilson`].
pub fn newcombe(first: &Proportion, second: &Proportion) -> ProportionDifference {
    let difference = first.share - second.share;
    let below = (first.share - first.low).hypot(second.high - second.share);
    let above = (first.high - first.share).hypot(second.share - second.low);
    ProportionDifference { difference, low: difference - below, high: difference + above }
}

/// The two-sided p-value of "the share is `expected`": the smaller tail of the exact binomial distribution, doubled.
/// `None` without trials, or where `expected` is no share.
pub fn binomial_p(successes: u64, trials: u64, expected: f64) -> Option<f64> {
    if trials == 0 || successes > trials || !(0.0..=1.0).contains(&expected) {
        return None;
    }
    let binomial = Binomial::new(expected, trials).ok()?;
    let below = binomial.cdf(successes);
    let above = if successes == 0 { 1.0 } else { binomial.sf(successes - 1) };
    Some((2.0 * below.min(above)).min(1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    fn rounded(low: f64, high: f64) -> (f64, f64) {
        let four = |limit: f64| (limit * 1e4).round() / 1e4;
        (four(low), four(high))
    }

    #[test]
    fn agrees_with_the_published_single_intervals() {
        // Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
        for (successes, trials, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let found = wilson(successes, trials).unwrap();
            assert_eq!(rounded(found.low, found.high), (low, high));
        }
    }

    #[test]
    fn agrees_with_the_published_differences() {
        // Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        for (first, second, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
        ] {
            let share = |(successes, trials)| wilson(successes, trials).unwrap();
            let found = newcombe(&share(first), &share(second));
            assert_eq!(rounded(found.low, found.high), (low, high));
        }
    }

    #[test]
    fn the_binomial_test_doubles_the_smaller_tail() {
        // R: 2 * min(pbinom(8, 10, 0.5), pbinom(7, 10, 0.5, lower.tail = FALSE)) = 0.109375.
        assert!((binomial_p(8, 10, 0.5).unwrap() - 0.109_375).abs() < 1e-12);
        assert!((binomial_p(0, 20, 0.1).unwrap() - 2.0 * 0.9_f64.powi(20)).abs() < 1e-12);
        assert_eq!(binomial_p(5, 10, 0.5), Some(1.0));
        assert_eq!((binomial_p(3, 3, 1.0), binomial_p(0, 3, 0.0)), (Some(1.0), Some(1.0)));
        assert_eq!((binomial_p(1, 0, 0.5), binomial_p(1, 3, 1.5)), (None, None));
    }

    #[test]
    fn impossible_counts_have_no_share() {
        assert!(wilson(0, 0).is_none() && wilson(3, 2).is_none() && wilson(-1, 2).is_none());
        let all = wilson(4, 4).unwrap();
        assert_eq!((all.share, all.high), (1.0, 1.0));
    }
}
