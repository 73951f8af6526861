//! Correlations with an outcome that only the selected have, corrected for the selection.
//!
//! Those who were hired differ less in their scores than all candidates do, so a score correlates less with what comes later
//! among them. Where *every* variable that the selection acted on is in the data, the correlation among all candidates
//! can be worked out (Lawley 1943): regressions on the selection variables are the same in both groups, only the spread
//! differs. Where something else decided as well, no formula repairs it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cholesky::Cholesky;
use super::estimate::Interval;
use super::importance::percentiles;

/// Fewer selected people than this are not corrected for.
pub const FEWEST_SELECTED: usize = 50;
/// The ratio of standard deviations, all candidates to selected, outside which no correction is made: below, there was no
/// restriction; above, the correction is mostly extrapolation.
pub const U_RANGE: (f64, f64) = (1.0, 3.0);
const SEED: u64 = 0x1a31e7;
const RESAMPLES: usize = 1000;
const LARGEST_WORK: usize = 200_000_000;

/// One selection variable's corrected correlation with the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// The correlation among the selected, as seen.
    pub observed: f64,
    /// The correlation among all candidates, if the selection acted on nothing but the variables given.
    pub corrected: f64,
    /// Its 95 % percentile interval over resampled selected people, the spread among all candidates taken as known.
    pub interval: Interval,
    /// The ratio of standard deviations, all candidates to selected.
    pub u: f64,
}

/// Why there is no correction. A result in its own right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCorrected {
    /// Too few people.
    #[error("fewer than 50 hires have the outcome and all scores")]
    TooFewSelected,
    /// No restriction to correct for, or too much of it.
    #[error("the spread of all candidates is not between 1 and 3 times that of the hires")]
    OutsideBounds,
    /// The selection variables do not vary, or say the same.
    #[error("the scores that the selection acted on cannot be told apart")]
    Singular,
}

/// Covariances by rows of equal length, symmetric.
pub type Covariance = [Vec<f64>];

/// Corrects for selection on `variables`, one slice per selection variable with an entry per selected person, given the
/// covariances `unrestricted` of the same variables among all candidates.
///
/// With A and B the covariances among selected and all, c those with the outcome among the selected and `b = A⁻¹ c`: among all
/// the covariances are `B b`, and the outcome's variance grows by `b' (B − A) b`.
///
/// # Errors
///
/// The reason why no correction is made.
pub fn lawley(
    variables: &[&[f64]],
    outcome: &[f64],
    unrestricted: &Covariance,
) -> Result<Vec<Corrected>, NotCorrected> {
    let (k, n) = (variables.len(), outcome.len());
    if n < FEWEST_SELECTED || n < 3 * k {
        return Err(NotCorrected::TooFewSelected);
    }
    if k == 0 || unrestricted.len() != k || variables.iter().any(|variable| variable.len() != n) {
        return Err(NotCorrected::Singular);
    }
    let everybody: Vec<usize> = (0..n).collect();
    let seen = moments(variables, outcome, &everybody);
    let corrected = correct(&seen, k, unrestricted).ok_or(NotCorrected::Singular)?;
    let ratio = |at: usize| (unrestricted[at][at] / seen[at * (k + 1) + at]).sqrt();
    // Rounding may put an unrestricted variable a hair below 1.
    if (0..k).any(|at| !(U_RANGE.0 - 1e-9..=U_RANGE.1).contains(&ratio(at))) {
        return Err(NotCorrected::OutsideBounds);
    }
    let count = (LARGEST_WORK / (n * (k + 1) * (k + 1))).clamp(200, RESAMPLES);
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(count); k];
    for _ in 0..count {
        let people: Vec<usize> = (0..n).map(|_| dice.random_range(0..n)).collect();
        if let Some(again) = correct(&moments(variables, outcome, &people), k, unrestricted) {
            drawn.iter_mut().zip(again).for_each(|(own, r)| own.push(r));
        }
    }
    let own = |at: usize| seen[at * (k + 1) + k] / (seen[at * (k + 1) + at] * seen[k * (k + 1) + k]).sqrt();
    let rows = drawn.iter_mut().enumerate().map(|(at, drawn)| {
        let (low, high) = match percentiles(drawn) {
            Interval { low: Some(low), high: Some(high) } => (low.min(corrected[at]), high.max(corrected[at])),
            _ => {
                return Corrected {
                    observed: own(at),
                    corrected: corrected[at],
                    interval: Interval::NONE,
                    u: ratio(at),
                };
            }
        };
        Corrected { observed: own(at), corrected: corrected[at], interval: Interval::new(low, high), u: ratio(at) }
    });
    Ok(rows.collect())
}

/// Covariances of the variables and, last, the outcome, by rows.
fn moments(variables: &[&[f64]], outcome: &[f64], people: &[usize]) -> Vec<f64> {
    let size = variables.len() + 1;
    let column = |at: usize| variables.get(at).copied().unwrap_or(outcome);
    let n = people.len() as f64;
    let means: Vec<f64> = (0..size).map(|at| people.iter().map(|who| column(at)[*who]).sum::<f64>() / n).collect();
    let mut out = vec![0.0; size * size];
    for who in people {
        for row in 0..size {
            for other in 0..=row {
                out[row * size + other] += (column(row)[*who] - means[row]) * (column(other)[*who] - means[other]);
            }
        }
    }
    for row in 0..size {
        for other in 0..=row {
            out[row * size + other] /= n - 1.0;
            out[other * size + row] = out[row * size + other];
        }
    }
    out
}

fn correct(seen: &[f64], k: usize, unrestricted: &Covariance) -> Option<Vec<f64>> {
    let size = k + 1;
    let at = |row: usize, column: usize| seen[row * size + column];
    let a: Vec<f64> = (0..k).flat_map(|row| (0..k).map(move |column| at(row, column))).collect();
    let c: Vec<f64> = (0..k).map(|row| at(row, k)).collect();
    let b = Cholesky::new(&a, k)?.solve(&c);
    let together: Vec<f64> = unrestricted.iter().map(|row| row.iter().zip(&b).map(|(x, b)| x * b).sum()).collect();
    let grown: f64 = (0..k).map(|row| b[row] * (together[row] - c[row])).sum();
    let variance = at(k, k) + grown;
    if variance.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) || at(k, k) <= 0.0 {
        return None;
    }
    (0..k)
        .map(|row| {
            let r = together[row] / (unrestricted[row][row] * variance).sqrt();
            r.is_finite().then(|| r.clamp(-1.0, 1.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    /// Uniform deviates that repeat, with the odd moments of a regular grid.
    fn grid(n: usize, step: usize) -> Vec<f64> {
        (0..n).map(|at| ((at * step) % n) as f64 / n as f64 - 0.5).collect()
    }

    #[test]
    fn one_variable_is_thorndikes_second_case() {
        let x = grid(60, 1);
        let noise = grid(60, 7);
        let y: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| 0.5 * x + e).collect();
        let spread = moments(&[&x], &y, &(0..60).collect::<Vec<_>>())[0];
        let found = lawley(&[&x], &y, &[vec![4.0 * spread]]).unwrap()[0];
        let (r, u) = (found.observed, 2.0_f64);
        assert!((found.u - u).abs() < 1e-9);
        let expected = u * r / (1.0 + r * r * (u * u - 1.0)).sqrt();
        assert!((found.corrected - expected).abs() < 1e-12, "{} instead of {expected}", found.corrected);
        assert!(found.interval.low.unwrap() < expected && found.interval.high.unwrap() > expected);
    }

    #[test]
    fn nothing_is_corrected_without_restriction_and_outside_the_bounds_not_at_all() {
        let (x, y) = (grid(60, 1), grid(60, 7));
        let spread = moments(&[&x], &y, &(0..60).collect::<Vec<_>>())[0];
        let same = lawley(&[&x], &y, &[vec![spread]]).unwrap()[0];
        assert!((same.corrected - same.observed).abs() < 1e-12);
        assert_eq!(lawley(&[&x], &y, &[vec![16.0 * spread]]), Err(NotCorrected::OutsideBounds));
        assert_eq!(lawley(&[&x], &y, &[vec![0.5 * spread]]), Err(NotCorrected::OutsideBounds));
        assert_eq!(lawley(&[&x[..40]], &y[..40], &[vec![spread]]), Err(NotCorrected::TooFewSelected));
        let twice = [vec![spread, spread], vec![spread, spread]];
        assert_eq!(lawley(&[&x, &x], &y, &twice), Err(NotCorrected::Singular));
    }
}
