//! Means and covariances of scores that some candidates lack, because they were let through or not by earlier scores.
//!
//! Later rounds see survivors only, so a correlation among those who reached both rounds is too low. If whether a
//! score is missing depends only on scores that are there (missing at random), the maximum-likelihood estimate of a
//! normal distribution from all candidates, however far they came, is free of that (Little and Rubin, 2019).
//!
//! The estimate needs only sums by pattern of presence, which add over shards of candidates; a million loops cost as
//! many steps as there are patterns.

use super::symmetric::Symmetric;

/// More stages than this cannot be told apart by the bits of a pattern.
pub const MOST_VARIABLES: usize = 60;
/// A correlation this close to one is a combination of others, not an estimate.
const LARGEST_STEP: f64 = 64.0;

/// Sums of the candidates who have scores on the same variables.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternSums {
    /// Which variables are there, by bit.
    pub present: u64,
    /// Candidates.
    pub n: f64,
    /// Sums of each variable.
    pub sums: Vec<f64>,
    /// Sums of products, the lower triangle row by row.
    pub products: Vec<f64>,
}

impl PatternSums {
    /// No candidates.
    pub fn empty(present: u64, variables: usize) -> Self {
        let products = vec![0.0; variables * (variables + 1) / 2];
        Self { present, n: 0.0, sums: vec![0.0; variables], products }
    }

    /// Adds a candidate; entries that the pattern lacks are not read.
    pub fn push(&mut self, scores: &[f64]) {
        self.n += 1.0;
        for (row, a) in scores.iter().enumerate().filter(|(row, _)| self.present >> row & 1 == 1) {
            self.sums[row] += a;
            let start = row * (row + 1) / 2;
            for (column, b) in scores[..=row].iter().enumerate() {
                if self.present >> column & 1 == 1 {
                    self.products[start + column] += a * b;
                }
            }
        }
    }

    /// Adds the sums of other candidates of the same pattern, so many times over.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.n += times * other.n;
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += times * more);
        self.products.iter_mut().zip(&other.products).for_each(|(sum, more)| *sum += times * more);
    }

    fn product(&self, a: usize, b: usize) -> f64 {
        let (row, column) = if a >= b { (a, b) } else { (b, a) };
        self.products[row * (row + 1) / 2 + column]
    }
}

/// A fitted normal distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// The mean of each variable in all candidates.
    pub mean: Vec<f64>,
    /// Their covariances (divided by n).
    pub covariance: Symmetric,
    /// Candidates with any variable.
    pub n: f64,
    /// Steps taken.
    pub steps: usize,
    /// Whether the estimate stopped moving.
    pub converged: bool,
}

/// Why there is no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJoint {
    /// Nobody has a score, or a variable is never there.
    #[error("a stage has no scores")]
    NoScores,
    /// A variable does not vary.
    #[error("the scores of a stage do not vary")]
    NoVariation,
    /// A variable is a combination of others.
    #[error("the scores of a stage follow exactly from those of others")]
    Combination,
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// Largest change of a covariance in one step, in units of the two standard deviations.
    pub change: f64,
    /// Steps at most.
    pub steps: usize,
}

impl Default for Stop {
    fn default() -> Self {
        Self { change: 1e-10, steps: 5_000 }
    }
}

/// The maximum-likelihood mean and covariance from pattern sums, by expectation and maximisation with Varadhan and
/// Roland's (2008) extrapolation. `start` may be an estimate from similar data. A covariance of two variables that no
/// candidate has both of is not identified: it stays what the others imply.
pub fn em_covariance(
    patterns: &[PatternSums],
    variables: usize,
    start: Option<&Joint>,
    stop: Stop,
) -> Result<Joint, NotJoint> {
    let n: f64 = patterns.iter().filter(|pattern| pattern.present != 0).map(|pattern| pattern.n).sum();
    let anybody = n > 0.0;
    if !anybody || variables == 0 || variables > MOST_VARIABLES {
        return Err(NotJoint::NoScores);
    }
    let mut state = match start {
        Some(joint) if joint.mean.len() == variables => State::of(joint),
        _ => available(patterns, variables)?,
    };
    let met = met(patterns, variables);
    let (mut steps, mut converged) = (0, false);
    while steps < stop.steps && !converged {
        let first = state.step(patterns, n).ok_or(NotJoint::Combination)?;
        let second = first.step(patterns, n).ok_or(NotJoint::Combination)?;
        steps += 2;
        converged = second.distance(&first, &met) <= stop.change;
        let next = if converged { None } else { state.extrapolate(&first, &second) };
        // A step further along the way, settled by one ordinary step; where it leads nowhere, the ordinary one.
        state = match next.and_then(|far| far.step(patterns, n)) {
            Some(settled) => {
                steps += 1;
                settled
            }
            None => second,
        };
    }
    if !state.covariance.clone().sweep((1_u64 << variables) - 1) {
        return Err(NotJoint::Combination);
    }
    Ok(Joint { mean: state.mean, covariance: state.covariance, n, steps, converged })
}

/// Whether any candidate has both of two variables, for each pair. What nobody has both of is not identified and may
/// drift for ever without changing anything else.
fn met(patterns: &[PatternSums], variables: usize) -> Vec<bool> {
    let both = |at: usize| {
        let pair = 1_u64 << (at / variables) | 1 << (at % variables);
        patterns.iter().any(|pattern| pattern.n > 0.0 && pattern.present & pair == pair)
    };
    (0..variables * variables).map(both).collect()
}

/// Means and variances of those who have each variable; no covariance.
fn available(patterns: &[PatternSums], variables: usize) -> Result<State, NotJoint> {
    let mut state = State { mean: vec![0.0; variables], covariance: Symmetric::zeros(variables) };
    for at in 0..variables {
        let those = || patterns.iter().filter(|pattern| pattern.present >> at & 1 == 1);
        let n: f64 = those().map(|pattern| pattern.n).sum();
        let is_scored = n > 0.0;
        if !is_scored {
            return Err(NotJoint::NoScores);
        }
        let mean = those().map(|pattern| pattern.sums[at]).sum::<f64>() / n;
        let square = those().map(|pattern| pattern.product(at, at)).sum::<f64>() / n;
        let variance = square - mean * mean;
        let varies = variance > 1e-12 * square.max(1e-12);
        if !varies {
            return Err(NotJoint::NoVariation);
        }
        state.mean[at] = mean;
        state.covariance.put(at, at, variance);
    }
    Ok(state)
}

#[derive(Debug, Clone)]
struct State {
    mean: Vec<f64>,
    covariance: Symmetric,
}

impl State {
    fn of(joint: &Joint) -> Self {
        Self { mean: joint.mean.clone(), covariance: joint.covariance.clone() }
    }

    /// Expected sums given the present scores, and the parameters that fit them best. `None` where a variable is a
    /// combination of others.
    fn step(&self, patterns: &[PatternSums], n: f64) -> Option<Self> {
        let size = self.mean.len();
        let (mut sums, mut products) = (vec![0.0; size], Symmetric::zeros(size));
        let (mut intercept, mut expected) = (vec![0.0; size], vec![0.0; size]);
        let mut cross = vec![0.0; size * size];
        for pattern in patterns.iter().filter(|pattern| pattern.present != 0 && pattern.n > 0.0) {
            let is_complete = pattern.present.count_ones() as usize == size;
            let mut swept = self.covariance.clone();
            if !is_complete && !swept.sweep(pattern.present) {
                return None;
            }
            let has = |at: usize| pattern.present >> at & 1 == 1;
            for row in (0..size).filter(|row| has(*row)) {
                sums[row] += pattern.sums[row];
                (0..=row)
                    .filter(|c| has(*c))
                    .for_each(|column| products.add(row, column, pattern.product(row, column)));
            }
            for row in (0..size).filter(|row| !has(*row)) {
                let slopes = || (0..size).filter(|at| has(*at)).map(|at| (at, swept.at(row, at)));
                intercept[row] = self.mean[row] - slopes().map(|(at, slope)| slope * self.mean[at]).sum::<f64>();
                expected[row] = pattern.n * intercept[row] + slopes().map(|(at, b)| b * pattern.sums[at]).sum::<f64>();
                sums[row] += expected[row];
                for column in (0..size).filter(|column| has(*column)) {
                    let product = intercept[row] * pattern.sums[column]
                        + slopes().map(|(at, slope)| slope * pattern.product(at, column)).sum::<f64>();
                    cross[row * size + column] = product;
                    products.add(row, column, product);
                }
            }
            for row in (0..size).filter(|row| !has(*row)) {
                for column in (0..=row).filter(|column| !has(*column)) {
                    let along: f64 =
                        (0..size).filter(|at| has(*at)).map(|at| swept.at(column, at) * cross[row * size + at]).sum();
                    let product = intercept[column] * expected[row] + along + pattern.n * swept.at(row, column);
                    products.add(row, column, product);
                }
            }
        }
        let mean: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
        for row in 0..size {
            for column in 0..=row {
                products.put(row, column, products.at(row, column) / n - mean[row] * mean[column]);
            }
        }
        Some(Self { mean, covariance: products })
    }

    /// The largest difference in units of standard deviations, of means and of the covariances that are identified.
    fn distance(&self, other: &Self, met: &[bool]) -> f64 {
        let sd: Vec<f64> = (0..self.mean.len()).map(|at| self.covariance.at(at, at).max(0.0).sqrt()).collect();
        let mut largest = 0.0_f64;
        for row in 0..sd.len() {
            largest = largest.max((self.mean[row] - other.mean[row]).abs() / sd[row]);
            for column in (0..=row).filter(|column| met[row * sd.len() + column]) {
                let change = self.covariance.at(row, column) - other.covariance.at(row, column);
                largest = largest.max(change.abs() / (sd[row] * sd[column]));
            }
        }
        // A variance that vanished is no convergence.
        if largest.is_nan() { f64::INFINITY } else { largest }
    }

    /// The point further along the way from here over `first` to `second`.
    fn extrapolate(&self, first: &Self, second: &Self) -> Option<Self> {
        let (mut steps, mut bends) = (0.0, 0.0);
        let mut each = |from: f64, over: f64, to: f64| {
            steps += (over - from).powi(2);
            bends += (to - 2.0 * over + from).powi(2);
        };
        let size = self.mean.len();
        for row in 0..size {
            each(self.mean[row], first.mean[row], second.mean[row]);
            for column in 0..=row {
                let at = |state: &Self| state.covariance.at(row, column);
                each(at(self), at(first), at(second));
            }
        }
        let is_bent = bends > 0.0;
        if !is_bent {
            return None;
        }
        let length = (steps / bends).sqrt().clamp(1.0, LARGEST_STEP);
        let far = |from: f64, over: f64, to: f64| {
            from + 2.0 * length * (over - from) + length * length * (to - 2.0 * over + from)
        };
        let mut out = self.clone();
        for row in 0..size {
            out.mean[row] = far(self.mean[row], first.mean[row], second.mean[row]);
            for column in 0..=row {
                let at = |state: &Self| state.covariance.at(row, column);
                out.covariance.put(row, column, far(at(self), at(first), at(second)));
            }
        }
        out.covariance.clone().sweep((1_u64 << size) - 1).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    pub(crate) fn patterns(rows: &[Vec<Option<f64>>]) -> Vec<PatternSums> {
        let mut out: BTreeMap<u64, PatternSums> = BTreeMap::new();
        for row in rows {
            let present = row.iter().enumerate().map(|(at, score)| u64::from(score.is_some()) << at).sum();
            let scores: Vec<f64> = row.iter().map(|score| score.unwrap_or(0.0)).collect();
            out.entry(present).or_insert_with(|| PatternSums::empty(present, row.len())).push(&scores);
        }
        out.into_values().collect()
    }

    #[test]
    fn complete_scores_give_the_plain_covariance() {
        let rows: Vec<Vec<Option<f64>>> =
            [[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.5]].iter().map(|row| row.map(Some).to_vec()).collect();
        let joint = em_covariance(&patterns(&rows), 2, None, Stop::default()).unwrap();
        assert!((joint.mean[1] - 2.625).abs() < 1e-12 && (joint.covariance.at(0, 0) - 1.25).abs() < 1e-12);
        let product = (1.0 * 2.0 + 2.0 * 1.0 + 12.0 + 14.0) / 4.0 - 2.5 * 2.625;
        assert!((joint.covariance.at(0, 1) - product).abs() < 1e-12);
    }

    #[test]
    fn one_gate_has_the_closed_form_of_the_regression_on_the_first_score() {
        // The second score is there for the upper half only.
        let first = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 3.2];
        let second = [None, None, None, None, Some(2.9), Some(3.9), Some(3.6), Some(3.0)];
        let rows: Vec<Vec<Option<f64>>> = first.iter().zip(second).map(|(a, b)| vec![Some(*a), b]).collect();
        let joint = em_covariance(&patterns(&rows), 2, None, Stop::default()).unwrap();
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let (x, y) = ([3.0, 3.5, 4.0, 3.2], [2.9, 3.9, 3.6, 3.0]);
        let (mx, my) = (mean(&x), mean(&y));
        let xx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
        let xy: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
        let slope = xy / xx;
        let all = mean(&first);
        let variance = first.iter().map(|x| (x - all).powi(2)).sum::<f64>() / 8.0;
        assert!(joint.converged);
        assert!((joint.covariance.at(0, 1) - slope * variance).abs() < 1e-8);
        assert!((joint.mean[1] - (my + slope * (all - mx))).abs() < 1e-8);
    }

    #[test]
    fn what_does_not_vary_or_is_never_there_has_no_estimate() {
        let same = vec![vec![Some(3.0), Some(1.0)], vec![Some(3.0), Some(2.0)]];
        assert_eq!(em_covariance(&patterns(&same), 2, None, Stop::default()), Err(NotJoint::NoVariation));
        let never = vec![vec![Some(3.0), None], vec![Some(2.0), None]];
        assert_eq!(em_covariance(&patterns(&never), 2, None, Stop::default()), Err(NotJoint::NoScores));
        let twice: Vec<Vec<Option<f64>>> = (0..6).map(|n| vec![Some(f64::from(n)); 2]).collect();
        assert_eq!(em_covariance(&patterns(&twice), 2, None, Stop::default()), Err(NotJoint::Combination));
        assert_eq!(em_covariance(&[], 2, None, Stop::default()), Err(NotJoint::NoScores));
    }

    proptest! {
        #[test]
        fn shards_of_candidates_add_up(rows in prop::collection::vec((0_u8..4, 0_u8..4, 0_u8..4, 0_usize..3), 12..40)) {
            let row = |(a, b, c, missing): &(u8, u8, u8, usize)| {
                let scores = [f64::from(*a) + 0.1 * f64::from(*c), f64::from(*b) + 0.3 * f64::from(*a), f64::from(*c)];
                (0..3).map(|at| (at <= 2 - missing.min(&2)).then_some(scores[at])).collect::<Vec<_>>()
            };
            let rows: Vec<Vec<Option<f64>>> = rows.iter().map(row).collect();
            let whole = em_covariance(&patterns(&rows), 3, None, Stop::default());
            let (left, right) = rows.split_at(rows.len() / 3);
            let mut parts = patterns(left);
            for part in patterns(right) {
                match parts.iter_mut().find(|own| own.present == part.present) {
                    Some(own) => own.add(&part, 1.0),
                    None => parts.push(part),
                }
            }
            let merged = em_covariance(&parts, 3, None, Stop::default());
            if let (Ok(whole), Ok(merged)) = (whole, merged) && whole.converged && merged.converged {
                prop_assert!(State::of(&whole).distance(&State::of(&merged), &met(&parts, 3)) < 1e-5);
            }
        }
    }
}
