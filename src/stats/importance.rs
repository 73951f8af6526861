//! What each of several scores adds to an outcome: shares of the explained variance, and what is lost without it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::ln_gamma;

use super::estimate::Interval;

/// Shares are averaged over all orders of entry; beyond this many scores there are too many subsets.
pub const MOST_SCORES: usize = 12;
/// A score whose variance left over by those before it is a smaller share of its own adds nothing.
const COLLINEAR: f64 = 1e-10;
/// Where the resampling of people starts; fixed, so that the same data gives the same limits.
const SEED: u64 = 0x1a9_5eed;
/// Resamples, and the work they may cost.
const RESAMPLES: usize = 1000;
const FEWEST_RESAMPLES: usize = 100;
const LARGEST_WORK: usize = 400_000_000;

/// One score's part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Its share of the outcome's variance, averaged over all orders in which the scores can enter (Lindeman, Merenda and Gold
    /// 1980; the same as Shapley's value and as general dominance, Budescu 1993). The shares add up to R².
    pub share: f64,
    /// Its 95 % percentile interval over resampled people, widened to hold the share itself: resampled shares are a little too
    /// large where there is nothing to explain.
    pub interval: Interval,
    /// What R² loses without it, all other scores kept.
    pub last: f64,
    /// The p-value of that loss, by the F test of nested models.
    pub p: Option<f64>,
}

/// What scores explain of an outcome, by linear regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// The share of variance explained by all scores together.
    pub r_squared: f64,
    /// Its 95 % interval, from the noncentral F distribution; begins at 0 where all scores together are not told from chance.
    pub interval: Interval,
    /// R² adjusted for the number of scores; below 0 where they explain less than chance would.
    pub adjusted: f64,
    /// One part per score.
    pub parts: Vec<Part>,
    /// People.
    pub n: usize,
}

/// Explains `outcome` by `scores`, one slice per score with an entry per person. `None` with no score, more than
/// [`MOST_SCORES`], no more than a person per score and two besides, or anything that does not vary.
pub fn importance(scores: &[&[f64]], outcome: &[f64]) -> Option<Importance> {
    let (k, n) = (scores.len(), outcome.len());
    if k == 0 || k > MOST_SCORES || n < k + 3 || scores.iter().any(|score| score.len() != n) {
        return None;
    }
    let everybody: Vec<usize> = (0..n).collect();
    let subsets = explained(&correlations(scores, outcome, &everybody)?);
    let full = (1 << k) - 1;
    let r_squared = subsets[full].clamp(0.0, 1.0);
    let df = n as f64 - k as f64 - 1.0;
    let shares = shapley(&subsets, k);
    let drawn = resampled(scores, outcome, k, n);
    let parts = shares.iter().enumerate().map(|(at, share)| {
        let last = (subsets[full] - subsets[full & !(1 << at)]).max(0.0);
        let f = (r_squared < 1.0).then(|| last / ((1.0 - r_squared) / df));
        let p = f.and_then(|f| Some(FisherSnedecor::new(1.0, df).ok()?.sf(f)));
        let mut own: Vec<f64> = drawn.iter().map(|shares| shares[at]).collect();
        let interval = match percentiles(&mut own) {
            Interval { low: Some(low), high: Some(high) } => Interval::new(low.min(*share), high.max(*share)),
            none => none,
        };
        Part { share: *share, interval, last, p }
    });
    Some(Importance {
        r_squared,
        interval: r_squared_interval(r_squared, n, k),
        adjusted: 1.0 - (1.0 - r_squared) * (n as f64 - 1.0) / df,
        parts: parts.collect(),
        n,
    })
}

fn resampled(scores: &[&[f64]], outcome: &[f64], k: usize, n: usize) -> Vec<Vec<f64>> {
    let cost = n * (k + 1) * (k + 2) / 2 + (k << k) + 1;
    let count = (LARGEST_WORK / cost).clamp(FEWEST_RESAMPLES, RESAMPLES);
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let draws = (0..count).filter_map(|_| {
        let people: Vec<usize> = (0..n).map(|_| dice.random_range(0..n)).collect();
        Some(shapley(&explained(&correlations(scores, outcome, &people)?), k))
    });
    draws.collect()
}

/// The 2.5 % and 97.5 % points of resampled figures; nothing from too few.
pub(super) fn percentiles(values: &mut [f64]) -> Interval {
    if values.len() < FEWEST_RESAMPLES / 2 {
        return Interval::NONE;
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |p: f64| {
        let place = p * (values.len() - 1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        values[below] + (values[above] - values[below]) * (place - place.floor())
    };
    Interval::new(at(0.025), at(0.975))
}

/// Correlations of all scores and, last, the outcome, by rows; `None` where one of them does not vary.
fn correlations(scores: &[&[f64]], outcome: &[f64], people: &[usize]) -> Option<Vec<f64>> {
    let size = scores.len() + 1;
    let column = |at: usize| scores.get(at).copied().unwrap_or(outcome);
    let n = people.len() as f64;
    let means: Vec<f64> = (0..size).map(|at| people.iter().map(|who| column(at)[*who]).sum::<f64>() / n).collect();
    let mut products = vec![0.0; size * size];
    let mut line = vec![0.0; size];
    for who in people {
        line.iter_mut().enumerate().for_each(|(at, own)| *own = column(at)[*who] - means[at]);
        for row in 0..size {
            for other in 0..=row {
                products[row * size + other] += line[row] * line[other];
            }
        }
    }
    let spread: Vec<f64> = (0..size).map(|at| products[at * size + at]).collect();
    if spread.iter().zip(&means).any(|(spread, mean)| {
        spread.partial_cmp(&(1e-24 * n * (1.0 + mean * mean))).is_none_or(std::cmp::Ordering::is_le)
    }) {
        return None;
    }
    let mut out = vec![1.0; size * size];
    for row in 0..size {
        for other in 0..row {
            let r = products[row * size + other] / (spread[row] * spread[other]).sqrt();
            out[row * size + other] = r;
            out[other * size + row] = r;
        }
    }
    Some(out)
}

/// R² of every subset of scores, by position of its bit mask, from the correlations with the outcome last: each score is
/// left out or swept, so a subset costs little more than the one it grew from.
fn explained(correlations: &[f64]) -> Vec<f64> {
    let size = (correlations.len() as f64).sqrt().round() as usize;
    let mut out = vec![0.0; 1 << (size - 1)];
    grow(correlations, size, 0, 0, 0.0, &mut out);
    out
}

fn grow(matrix: &[f64], size: usize, score: usize, mask: usize, r_squared: f64, out: &mut [f64]) {
    if size == 1 {
        out[mask] = r_squared;
        return;
    }
    let rest = size - 1;
    let without: Vec<f64> =
        (1..size).flat_map(|row| matrix[row * size + 1..(row + 1) * size].iter().copied()).collect();
    grow(&without, rest, score + 1, mask, r_squared, out);
    let pivot = matrix[0];
    if pivot <= COLLINEAR {
        grow(&without, rest, score + 1, mask | 1 << score, r_squared, out);
        return;
    }
    let mut swept = without;
    for row in 0..rest {
        let factor = matrix[(row + 1) * size] / pivot;
        for column in 0..rest {
            swept[row * rest + column] -= factor * matrix[column + 1];
        }
    }
    let gain = matrix[rest] * matrix[rest] / pivot;
    grow(&swept, rest, score + 1, mask | 1 << score, r_squared + gain, out);
}

/// Each score's gain, averaged over all orders of entry.
fn shapley(subsets: &[f64], k: usize) -> Vec<f64> {
    // The weight of a subset of q others: q! (k − q − 1)! / k!.
    let weights: Vec<f64> = (0..k)
        .map(|q| (ln_gamma(q as f64 + 1.0) + ln_gamma((k - q) as f64) - ln_gamma(k as f64 + 1.0)).exp())
        .collect();
    (0..k)
        .map(|score| {
            (0..subsets.len())
                .filter(|mask| mask & (1 << score) == 0)
                .map(|mask| weights[mask.count_ones() as usize] * (subsets[mask | 1 << score] - subsets[mask]))
                .sum()
        })
        .collect()
}

/// A 95 % interval of a share of explained variance, by inverting the noncentral F distribution with noncentrality
/// `n ρ² / (1 − ρ²)` (Steiger 2004, for scores taken as given). Begins at 0 where the F test has p > 0.025.
pub fn r_squared_interval(r_squared: f64, n: usize, scores: usize) -> Interval {
    let (d1, d2) = (scores as f64, n as f64 - scores as f64 - 1.0);
    if d1 < 1.0 || d2 < 1.0 || !(0.0..1.0).contains(&r_squared) {
        return Interval::NONE;
    }
    let limit = |level: f64| -> f64 {
        // The distribution function falls as the noncentrality grows.
        if noncentral(r_squared, d1, d2, 0.0) <= level {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, 1.0 - 1e-9);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            let lambda = n as f64 * middle / (1.0 - middle);
            if noncentral(r_squared, d1, d2, lambda) > level { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    Interval::new(limit(0.975).min(r_squared), limit(0.025).max(r_squared))
}

/// The chance of an R² up to `r_squared`, for a noncentrality: a Poisson mixture of beta distributions.
fn noncentral(r_squared: f64, d1: f64, d2: f64, lambda: f64) -> f64 {
    if r_squared <= 0.0 {
        return 0.0;
    }
    let half = lambda / 2.0;
    let term = |j: f64| {
        let weight =
            if half > 0.0 { (j * half.ln() - half - ln_gamma(j + 1.0)).exp() } else { f64::from(u8::from(j == 0.0)) };
        weight * beta_reg(d1 / 2.0 + j, d2 / 2.0, r_squared)
    };
    // Outwards from the mode of the Poisson weights, as far as they matter.
    let reach = (8.0 * half.sqrt() + 30.0).ceil();
    let first = (half.floor() - reach).max(0.0) as u64;
    let last = (half.floor() + reach) as u64;
    (first..=last).map(|j| term(j as f64)).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_scores_that_do_not_correlate_explain_their_own_squares() {
        let (a, b) = ([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        let noise = [0.5, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5, -0.5];
        let y: Vec<f64> = (0..8).map(|at| 2.0 * a[at] + b[at] + noise[at]).collect();
        let found = importance(&[&a, &b], &y).unwrap();
        // Variance 4 + 1 + 0.25.
        assert!((found.parts[0].share - 4.0 / 5.25).abs() < 1e-12);
        assert!((found.parts[1].last - 1.0 / 5.25).abs() < 1e-12);
        assert!((found.r_squared - 5.0 / 5.25).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        let (a, y) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0]);
        assert_eq!(importance(&[], &y), None);
        assert_eq!(importance(&[&[2.0; 5]], &y), None);
        assert_eq!(importance(&[&a, &y, &a], &y), None, "more scores than people can tell apart");
        // The same score twice shares what it explains.
        let (long, out): (Vec<f64>, Vec<f64>) = (0..20).map(|i| (f64::from(i), f64::from(i + (i * 7) % 5))).unzip();
        let twice = importance(&[&long, &long], &out).unwrap();
        assert!((twice.parts[0].share - twice.parts[1].share).abs() < 1e-12 && twice.parts[0].last < 1e-9);
    }

    #[test]
    fn the_interval_of_r_squared_begins_at_zero_exactly_where_the_test_says_nothing() {
        let sf = |r2: f64, n: f64, k: f64| {
            let f = r2 / k / ((1.0 - r2) / (n - k - 1.0));
            FisherSnedecor::new(k, n - k - 1.0).unwrap().sf(f)
        };
        for r2 in [0.02, 0.08, 0.12, 0.15, 0.2, 0.4, 0.7] {
            let interval = r_squared_interval(r2, 60, 4);
            let zero = interval.low.unwrap() == 0.0;
            assert_eq!(zero, sf(r2, 60.0, 4.0) > 0.025, "{r2}");
            assert!(interval.low.unwrap() <= r2 && interval.high.unwrap() >= r2);
        }
        assert_eq!(r_squared_interval(0.3, 4, 3), Interval::NONE);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn shares_add_up_to_what_is_explained(rows in prop::collection::vec(prop::array::uniform5(-3_i32..4), 12..30)) {
            let column = |at: usize| rows.iter().map(|row| f64::from(row[at])).collect::<Vec<_>>();
            let (a, b, c, d, y) = (column(0), column(1), column(2), column(3), column(4));
            if let Some(found) = importance(&[&a, &b, &c, &d], &y) {
                let sum: f64 = found.parts.iter().map(|part| part.share).sum();
                prop_assert!((sum - found.r_squared).abs() < 1e-9);
                prop_assert!(found.parts.iter().all(|part| part.share >= -1e-12 && part.last <= found.r_squared + 1e-12));
                prop_assert!(found.adjusted <= found.r_squared + 1e-12);
                let turned = importance(&[&d, &c, &b, &a], &y).unwrap();
                prop_assert!((turned.parts[3].share - found.parts[0].share).abs() < 1e-9);
            }
        }
    }
}
