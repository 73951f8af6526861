//! A correlation among those who passed a gate, corrected to all who stood before it (Thorndike, 1949, case II).

use super::estimate::Interval;

/// A correlation after correction, with what it was corrected by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unrestricted {
    /// The correlation in all candidates.
    pub value: f64,
    /// Its interval, from the ends of the restricted one; the ratio counts as known.
    pub interval: Interval,
    /// Standard deviation of the earlier score in all over that in those who passed.
    pub u_ratio: f64,
}

/// Corrects a correlation for direct selection on its earlier score: `u r / √(1 − r² + u² r²)`. Exact where nothing
/// but that score, and chance, decided who went on, and the regression is straight. `None` where either deviation is
/// missing.
pub fn thorndike(r: f64, interval: Interval, sd_all: f64, sd_passed: f64) -> Option<Unrestricted> {
    if !(sd_all > 0.0 && sd_passed > 0.0 && sd_all.is_finite() && r.abs() <= 1.0) {
        return None;
    }
    let u = sd_all / sd_passed;
    let correct = |r: f64| u * r / (1.0 - r * r + u * u * r * r).sqrt();
    let interval = Interval { low: interval.low.map(correct), high: interval.high.map(correct) };
    Some(Unrestricted { value: correct(r), interval, u_ratio: u })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn no_restriction_changes_nothing_and_more_of_it_corrects_more() {
        let of = |u: f64| thorndike(0.5, Interval::new(0.3, 0.7), u, 1.0).unwrap();
        assert!((of(1.0).value - 0.5).abs() < 1e-15);
        assert!(of(2.0).value > of(1.5).value && of(1.5).value > 0.5);
        assert!((of(2.0).value - 1.0 / (0.75_f64 + 1.0).sqrt()).abs() < 1e-15);
        assert_eq!(thorndike(1.0, Interval::NONE, 2.0, 1.0).unwrap().value, 1.0);
        assert_eq!(thorndike(0.5, Interval::NONE, 2.0, 0.0), None);
    }
}
