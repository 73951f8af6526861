//! What so many people could have shown: the smallest link that would usually be found, and how many people a link needs.

use statrs::distribution::{ContinuousCDF, Normal};

use super::association::biserial;
use super::estimate::Z_95;

/// "Usually": four times in five.
pub const POWER: f64 = 0.8;
/// The 80 % point of the standard normal distribution.
const Z_POWER: f64 = 0.841_621_233_572_914_3;

/// The smallest correlation that a two-sided test at 5 % finds four times in five among `n` people, by Fisher's
/// transformation. `None` below 4 people.
pub fn smallest_correlation(n: usize) -> Option<f64> {
    (n >= 4).then(|| ((Z_95 + Z_POWER) / (n as f64 - 3.0).sqrt()).tanh())
}

/// How many people a correlation needs to be found four times in five; `None` for none at all.
pub fn people_for_correlation(r: f64) -> Option<usize> {
    let z = r.abs().min(1.0 - 1e-12).atanh();
    let n = ((Z_95 + Z_POWER) / z).powi(2) + 3.0;
    (z > 0.0 && n < 1e9).then(|| n.ceil() as usize)
}

/// The correlation that is left of one with a continuum, if only a yes or no is on record and a share `prevalence` has it; the
/// rarer one side, the less is left.
pub fn cut_in_two(r: f64, prevalence: f64) -> Option<f64> {
    biserial(1.0, prevalence).map(|lost| r / lost)
}

/// The hazard ratio per standard deviation of a score, below 1, that a two-sided test at 5 % finds four times in five where so
/// many people leave (Schoenfeld 1983). `None` where nobody does.
pub fn smallest_hazard_ratio(exits: usize) -> Option<f64> {
    (exits > 0).then(|| (-(Z_95 + Z_POWER) / (exits as f64).sqrt()).exp())
}

/// The smallest area under the ROC curve that a two-sided test at 5 % finds four times in five, with so many people of each
/// outcome; the errors are those of Hanley and McNeil (1982). `None` where not even a perfect order would be found.
pub fn smallest_auc(with: usize, without: usize) -> Option<f64> {
    if with < 2 || without < 2 {
        return None;
    }
    let (mut low, mut high) = (0.5, 1.0);
    if power_of_auc(high, with, without) < POWER {
        return None;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if power_of_auc(middle, with, without) < POWER { low = middle } else { high = middle }
    }
    Some(high)
}

/// How many people an area needs to be found four times in five, where a share `prevalence` has the outcome.
pub fn people_for_auc(auc: f64, prevalence: f64) -> Option<usize> {
    if !(prevalence > 0.0 && prevalence < 1.0) || (auc - 0.5).abs() < 1e-3 {
        return None;
    }
    let enough = |n: usize| {
        let with = (n as f64 * prevalence).round() as usize;
        power_of_auc(auc.max(1.0 - auc), with, n.saturating_sub(with)) >= POWER
    };
    let (mut low, mut high) = (2_usize, 4_usize);
    while !enough(high) {
        (low, high) = (high, high * 2);
        if high > 1_000_000_000 {
            return None;
        }
    }
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

fn power_of_auc(auc: f64, with: usize, without: usize) -> f64 {
    let (m, n) = (with as f64, without as f64);
    if m < 2.0 || n < 2.0 {
        return 0.0;
    }
    let error = |a: f64| {
        let (q1, q2) = (a / (2.0 - a), 2.0 * a * a / (1.0 + a));
        let sum = a * (1.0 - a) + (m - 1.0) * (q1 - a * a) + (n - 1.0) * (q2 - a * a);
        (sum.max(0.0) / (m * n)).sqrt()
    };
    let null = ((m + n + 1.0) / (12.0 * m * n)).sqrt();
    let beyond = (auc - 0.5) - Z_95 * null;
    let spread = error(auc);
    if spread <= 0.0 {
        return if beyond > 0.0 { 1.0 } else { 0.0 };
    }
    Normal::standard().cdf(beyond / spread)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn a_correlation_of_a_quarter_needs_some_hundred_and_twenty_people() {
        let n = people_for_correlation(0.25).unwrap();
        assert!((123..=124).contains(&n), "{n}");
        assert!(smallest_correlation(n).unwrap() <= 0.25 && smallest_correlation(n - 1).unwrap() > 0.25);
        assert_eq!((people_for_correlation(0.0), smallest_correlation(3)), (None, None));
    }

    #[test]
    fn a_yes_or_no_keeps_less_of_a_link_the_rarer_it_is() {
        // φ(0) / √(1/4) is √(2 / π).
        let half = cut_in_two(0.25, 0.5).unwrap();
        assert!((half - 0.25 * (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-9);
        let rare = cut_in_two(0.25, 0.05).unwrap();
        assert!(rare < 0.125 && (rare - cut_in_two(0.25, 0.95).unwrap()).abs() < 1e-9, "{rare}");
        assert_eq!((cut_in_two(0.25, 0.0), cut_in_two(0.25, 1.0)), (None, None));
    }

    #[test]
    fn many_exits_show_small_differences_in_leaving() {
        // Schoenfeld's 7.849 / (ln 2)² = 16.3 exits for a ratio of one half.
        assert!(smallest_hazard_ratio(17).unwrap() > 0.5 && smallest_hazard_ratio(16).unwrap() < 0.5);
        assert_eq!(smallest_hazard_ratio(0), None);
    }

    #[test]
    fn more_people_show_smaller_areas() {
        let few = smallest_auc(10, 40).unwrap();
        let many = smallest_auc(100, 400).unwrap();
        assert!(few > 0.7 && few < 0.85 && many > 0.55 && many < 0.62, "{few} {many}");
        assert_eq!(smallest_auc(1, 40), None);
        let n = people_for_auc(0.65, 0.25).unwrap();
        let quarter = (n as f64 * 0.25).round() as usize;
        assert!(smallest_auc(quarter, n - quarter).unwrap() <= 0.65 + 1e-9);
        assert_eq!((people_for_auc(0.5, 0.3), people_for_auc(0.7, 1.0)), (None, None));
    }
}
