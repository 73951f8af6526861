//! Quantiles of complete values, with intervals that suppose nothing about their distribution.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::estimate::Interval;

/// A quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The value below which the share lies, between two values by straight line.
    pub value: f64,
    /// Its interval of at least 95 %, between two of the values (Thompson 1936); a limit that no value can be is missing.
    pub interval: Interval,
}

/// The quantile at the share `p`; `None` without values or outside of 0 to 1.
pub fn quantile(values: &[f64], p: f64) -> Option<Quantile> {
    let n = values.len();
    if n == 0 || !(p > 0.0 && p < 1.0) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = p * (n - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let value = sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor());
    let below_it = Binomial::new(p, n as u64).ok()?;
    // The k-th smallest value is a lower limit if fewer than k values lie below the quantile with a chance of 2.5 % at most.
    let low = first_place(n, |k| below_it.cdf(k) > 0.025).checked_sub(1);
    let high = first_place(n, |k| below_it.sf(k) <= 0.025);
    let at = |place: usize| sorted.get(place).copied();
    let interval = Interval { low: low.and_then(at).map(|x| x.min(value)), high: at(high).map(|x| x.max(value)) };
    Some(Quantile { value, interval })
}

/// The first of the places 0 to n at which something that stays true is true.
fn first_place(n: usize, holds: impl Fn(u64) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle as u64) { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::quantile;

    #[test]
    fn the_median_of_nine_values_worked_by_hand() {
        // P(B(9, 1/2) <= 1) = 10/512 = 0.0195 and P(B <= 2) = 0.0898: from the second to the eighth value.
        let values: Vec<f64> = (1..=9).map(f64::from).collect();
        let found = quantile(&values, 0.5).unwrap();
        assert_eq!((found.value, found.interval.low, found.interval.high), (5.0, Some(2.0), Some(8.0)));
    }

    #[test]
    fn a_limit_that_no_value_can_be_is_missing() {
        let found = quantile(&[1.0, 2.0, 3.0, 4.0], 0.1).unwrap();
        assert!(found.interval.low.is_none() && found.interval.high.is_some());
        assert_eq!(quantile(&[], 0.1), None);
        assert_eq!(quantile(&[1.0], 1.0), None);
    }
}
