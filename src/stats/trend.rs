//! Does a figure rise or fall from quarter to quarter?

use super::estimate::{Interval, two_sided_p};

/// A straight line through figures of successive periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per period, in the unit of the figure.
    pub slope: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Over its standard error without a trend.
    pub z: f64,
    /// Two-sided p-value of no trend.
    pub p: f64,
}

/// Shares by period: the place in time, how often, and of how many. The test is that of Cochran (1954) and Armitage (1955);
/// the interval has the variance of independent shares. `None` with fewer than three periods that have any, or where
/// everything or nothing happened.
pub fn of_shares(periods: &[(f64, i64, i64)]) -> Option<Trend> {
    let known: Vec<(f64, f64, f64)> = periods
        .iter()
        .filter(|(_, hits, n)| *n > 0 && (0..=*n).contains(hits))
        .map(|(x, hits, n)| (*x, *hits as f64, *n as f64))
        .collect();
    if known.len() < 3 {
        return None;
    }
    let total: f64 = known.iter().map(|(_, _, n)| n).sum();
    let share = known.iter().map(|(_, hits, _)| hits).sum::<f64>() / total;
    let middle = known.iter().map(|(x, _, n)| x * n).sum::<f64>() / total;
    let spread: f64 = known.iter().map(|(x, _, n)| n * (x - middle).powi(2)).sum();
    let rise: f64 = known.iter().map(|(x, hits, n)| (x - middle) * (hits - n * share)).sum();
    let error = (share * (1.0 - share) / spread).sqrt();
    if !(spread > 0.0 && error > 0.0) {
        return None;
    }
    let slope = rise / spread;
    let own: f64 = known.iter().map(|(x, hits, n)| (x - middle).powi(2) * hits * (1.0 - hits / n)).sum();
    let around = if own > 0.0 { own.sqrt() / spread } else { error };
    let z = slope / error;
    Some(Trend { slope, interval: Interval::around(slope, around), z, p: two_sided_p(z)? })
}

/// Figures by period with their standard errors, weighted by the inverse of their variances. `None` with fewer than
/// three figures with a standard error above 0.
pub fn of_figures(periods: &[(f64, f64, f64)]) -> Option<Trend> {
    let known: Vec<&(f64, f64, f64)> = periods
        .iter()
        .filter(|(x, y, error)| x.is_finite() && y.is_finite() && *error > 0.0 && error.is_finite())
        .collect();
    if known.len() < 3 {
        return None;
    }
    let weight = |error: &f64| 1.0 / (error * error);
    let total: f64 = known.iter().map(|(_, _, error)| weight(error)).sum();
    let middle = known.iter().map(|(x, _, error)| x * weight(error)).sum::<f64>() / total;
    let spread: f64 = known.iter().map(|(x, _, error)| weight(error) * (x - middle).powi(2)).sum();
    if !(spread > 0.0 && spread.is_finite()) {
        return None;
    }
    let slope = known.iter().map(|(x, y, error)| weight(error) * (x - middle) * y).sum::<f64>() / spread;
    let error = spread.sqrt().recip();
    let z = slope / error;
    Some(Trend { slope, interval: Interval::around(slope, error), z, p: two_sided_p(z)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn the_trend_of_shares_is_that_of_cochran_and_armitage() {
        // prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82)) in R: X-squared 8.2249, p 0.004132.
        let found = of_shares(&[(1.0, 83, 86), (2.0, 90, 93), (3.0, 129, 136), (4.0, 70, 82)]).unwrap();
        assert!((found.z.powi(2) - 8.2249).abs() < 5e-5, "{}", found.z.powi(2));
        assert!((found.p - 0.004_132).abs() < 5e-7 && found.slope < 0.0);
    }

    #[test]
    fn the_trend_of_figures_goes_through_a_line() {
        let line = [(0.0, 1.0, 0.5), (1.0, 1.5, 0.1), (2.0, 2.0, 0.2), (3.0, 2.5, 0.3)];
        let found = of_figures(&line).unwrap();
        assert!((found.slope - 0.5).abs() < 1e-12 && found.interval.low.unwrap() < 0.5);
        let alike = of_figures(&[(0.0, 1.0, 1.0), (1.0, 1.0, 1.0), (2.0, 1.0, 1.0)]).unwrap();
        assert_eq!((alike.slope, alike.p), (0.0, 1.0));
    }

    #[test]
    fn too_little_is_no_trend() {
        assert_eq!(of_shares(&[(0.0, 1, 5), (1.0, 2, 5)]), None);
        assert_eq!(of_shares(&[(0.0, 0, 5), (1.0, 0, 5), (2.0, 0, 5)]), None);
        assert_eq!(of_shares(&[(0.0, 1, 5), (1.0, 2, 5), (2.0, 0, 0)]), None);
        assert_eq!(of_figures(&[(0.0, 1.0, 0.0), (1.0, 1.0, 0.1), (2.0, 2.0, 0.1)]), None);
        assert_eq!(of_figures(&[(1.0, 1.0, 0.1), (1.0, 1.0, 0.1), (1.0, 2.0, 0.1)]), None);
    }
}
