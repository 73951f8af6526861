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
use super::symmetric::Symmetric;

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

/// Corrects for selection on `variables`, one slice per selection variable with an entry per selected person, given the
/// covariances `unrestricted` of the same variables among all candidates, such as [`em_covariance`](super::em_covariance)
/// estimates from candidates however far they came. One result per combination of the variables asked
/// for, such as `[1, 0, 0]` for the first of three or `[1, 1, 1]` for their sum; a combination outside the bounds has a
/// reason instead.
///
/// With A and B the covariances among selected and all, c those with the outcome among the selected and `b = A⁻¹ c`: among all
/// the covariances are `B b`, and the outcome's variance grows by `b' (B − A) b`.
///
/// # Errors
///
/// The reason why no correction is made at all.
pub fn lawley(
    variables: &[&[f64]],
    outcome: &[f64],
    unrestricted: &Symmetric,
    combinations: &[Vec<f64>],
) -> Result<Vec<Result<Corrected, NotCorrected>>, NotCorrected> {
    let (k, n) = (variables.len(), outcome.len());
    if n < FEWEST_SELECTED || n < 3 * k {
        return Err(NotCorrected::TooFewSelected);
    }
    let fits = variables.iter().all(|variable| variable.len() == n) && combinations.iter().all(|w| w.len() == k);
    if k == 0 || unrestricted.size() != k || !fits {
        return Err(NotCorrected::Singular);
    }
    let everybody: Vec<usize> = (0..n).collect();
    let seen = moments(variables, outcome, &everybody);
    let corrected = correct(&seen, k, unrestricted, combinations).ok_or(NotCorrected::Singular)?;
    let count = (LARGEST_WORK / (n * (k + 1) * (k + 1))).clamp(200, RESAMPLES);
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(count); combinations.len()];
    for _ in 0..count {
        let people: Vec<usize> = (0..n).map(|_| dice.random_range(0..n)).collect();
        if let Some(again) = correct(&moments(variables, outcome, &people), k, unrestricted, combinations) {
            drawn.iter_mut().zip(again).for_each(|(own, (_, r, _))| own.push(r));
        }
    }
    let rows = corrected.into_iter().zip(&mut drawn).map(|((observed, corrected, u), drawn)| {
        // Rounding may put an unrestricted variable a hair below 1.
        if !(U_RANGE.0 - 1e-9..=U_RANGE.1).contains(&u) {
            return Err(NotCorrected::OutsideBounds);
        }
        let interval = match percentiles(drawn) {
            Interval { low: Some(low), high: Some(high) } => Interval::new(low.min(corrected), high.max(corrected)),
            _ => Interval::NONE,
        };
        Ok(Corrected { observed, corrected, interval, u })
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

/// Observed and corrected correlation and ratio of spreads, for each combination.
fn correct(
    seen: &[f64],
    k: usize,
    unrestricted: &Symmetric,
    combinations: &[Vec<f64>],
) -> Option<Vec<(f64, f64, f64)>> {
    let size = k + 1;
    let at = |row: usize, column: usize| seen[row * size + column];
    let a: Vec<f64> = (0..k).flat_map(|row| (0..k).map(move |column| at(row, column))).collect();
    let c: Vec<f64> = (0..k).map(|row| at(row, k)).collect();
    let b = Cholesky::new(&a, k)?.solve(&c);
    let along = |row: usize| b.iter().enumerate().map(|(column, b)| unrestricted.at(row, column) * b).sum();
    let together: Vec<f64> = (0..k).map(along).collect();
    let grown: f64 = (0..k).map(|row| b[row] * (together[row] - c[row])).sum();
    let variance = at(k, k) + grown;
    let positive = |value: f64| value.partial_cmp(&0.0) == Some(std::cmp::Ordering::Greater);
    if !positive(variance) || !positive(at(k, k)) {
        return None;
    }
    let form = |w: &[f64], of: &dyn Fn(usize, usize) -> f64| -> f64 {
        (0..k).map(|row| w[row] * (0..k).map(|column| of(row, column) * w[column]).sum::<f64>()).sum()
    };
    let of = |w: &Vec<f64>| {
        let dot = |x: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        let all = form(w, &|row, column| unrestricted.at(row, column));
        let own = form(w, &|row, column| at(row, column));
        if !positive(all) || !positive(own) {
            return None;
        }
        let observed = dot(&c) / (own * at(k, k)).sqrt();
        let corrected = dot(&together) / (all * variance).sqrt();
        corrected.is_finite().then(|| (observed.clamp(-1.0, 1.0), corrected.clamp(-1.0, 1.0), (all / own).sqrt()))
    };
    combinations.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    /// A matrix by rows.
    fn all(cells: &[f64]) -> Symmetric {
        let size = (cells.len() as f64).sqrt() as usize;
        let mut out = Symmetric::zeros(size);
        cells.iter().enumerate().for_each(|(at, cell)| out.put(at / size, at % size, *cell));
        out
    }

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
        let found = lawley(&[&x], &y, &all(&[4.0 * spread]), &[vec![1.0]]).unwrap()[0].unwrap();
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
        let one = [vec![1.0]];
        let same = lawley(&[&x], &y, &all(&[spread]), &one).unwrap()[0].unwrap();
        assert!((same.corrected - same.observed).abs() < 1e-12);
        for ratio in [16.0, 0.5] {
            let outside = lawley(&[&x], &y, &all(&[ratio * spread]), &one).unwrap();
            assert_eq!(outside, [Err(NotCorrected::OutsideBounds)]);
        }
        assert_eq!(lawley(&[&x[..40]], &y[..40], &all(&[spread]), &one), Err(NotCorrected::TooFewSelected));
        let twice = all(&[spread; 4]);
        assert_eq!(lawley(&[&x, &x], &y, &twice, &[vec![1.0, 0.0]]), Err(NotCorrected::Singular));
    }
}
