//! Means and their differences, with Student's and Welch's intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::estimate::{Estimate, Interval};

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

fn around(value: f64, std_error: f64, df: f64) -> Estimate {
    // Values that do not vary at all leave no error to make an interval from.
    let usable = std_error > 0.0 && df.is_finite() && df > 0.0;
    let t = if usable { StudentsT::new(0.0, 1.0, df).ok().map(|t| t.inverse_cdf(0.975)) } else { None };
    let interval = t.map_or(Interval::NONE, |t| Interval::new(value - t * std_error, value + t * std_error));
    Estimate { value, std_error: usable.then_some(std_error), interval }
}

/// The mean with Student's interval; no interval from one value, or values that do not vary. `None` without values.
pub fn mean_of(values: &[f64]) -> Option<Estimate> {
    let n = values.len() as f64;
    let (mean, variance) = moments(values);
    mean.is_finite().then(|| around(mean, if n > 1.0 { (variance / n).sqrt() } else { 0.0 }, n - 1.0))
}

/// First mean less second mean, with Welch's (1947) interval; no interval where the values of a side do not vary, since
/// nothing then tells how far its mean may be off. `None` without values on either side.
pub fn welch(first: &[f64], second: &[f64]) -> Option<Estimate> {
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let ((m1, v1), (m2, v2)) = (moments(first), moments(second));
    let (a, b) = (v1 / n1, v2 / n2);
    let df = (a + b).powi(2) / (a * a / (n1 - 1.0) + b * b / (n2 - 1.0));
    let error = if n1 > 1.0 && n2 > 1.0 && a > 0.0 && b > 0.0 { (a + b).sqrt() } else { 0.0 };
    (m1.is_finite() && m2.is_finite()).then(|| around(m1 - m2, error, df))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn students_interval_of_four_values_worked_by_hand() {
        // Mean 5, variance 20/3, standard error 1.29099; the t quantile with 3 degrees of freedom is 3.182446.
        let found = mean_of(&[2.0, 4.0, 6.0, 8.0]).unwrap();
        assert!((found.value - 5.0).abs() < 1e-14);
        assert!((found.interval.high.unwrap() - (5.0 + 3.182_446_305 * (5.0_f64 / 3.0).sqrt())).abs() < 1e-7);
        // Equal sizes and spreads: Welch's degrees of freedom are 6, whose quantile is 2.446912.
        let apart = welch(&[2.0, 4.0, 6.0, 8.0], &[1.0, 3.0, 5.0, 7.0]).unwrap();
        assert!((apart.value - 1.0).abs() < 1e-14);
        assert!((apart.interval.low.unwrap() - (1.0 - 2.446_911_851 * (10.0_f64 / 3.0).sqrt())).abs() < 1e-7);
    }

    #[test]
    fn too_few_or_equal_values_have_no_interval() {
        assert_eq!(mean_of(&[]), None);
        assert_eq!(mean_of(&[3.0]).unwrap().interval, Interval::NONE);
        assert_eq!(mean_of(&[3.0, 3.0]).unwrap().interval, Interval::NONE);
        assert_eq!(welch(&[1.0, 2.0], &[]), None);
        assert_eq!(welch(&[4.0, 4.0], &[1.0, 2.0, 3.0]).unwrap().interval, Interval::NONE);
        assert_eq!(welch(&[1.0], &[2.0]).unwrap().interval, Interval::NONE);
    }
}
