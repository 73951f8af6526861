//! Minimising the criterion over two or three ratios of standard deviations.
//!
//! The criterion is smooth and even in each ratio, so Newton's method with differences for derivatives needs few
//! evaluations, and a ratio whose best value is zero is reached like any other.

use faer::Mat;
use faer::linalg::solvers::{Llt, Solve};

/// Where the minimum is.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    /// The point; no coordinate is negative.
    pub(super) at: Vec<f64>,
    /// The criterion there.
    pub(super) value: f64,
    /// The matrix of second derivatives there.
    pub(super) curvature: Vec<Vec<f64>>,
    /// Whether the search came to an end by itself.
    pub(super) converged: bool,
}

/// Relative to the criterion: less than this is no progress.
const ENOUGH: f64 = 1e-11;
const MOST_STEPS: usize = 60;
/// Ratios beyond this mean that the residual variance is nothing.
const LARGEST: f64 = 1e4;

/// Minimises from a start. `None` where the function has no value at the start.
pub(super) fn minimise(start: &[f64], function: &mut dyn FnMut(&[f64]) -> Option<f64>) -> Option<Minimum> {
    let mut at = start.to_vec();
    let mut value = function(&at)?;
    let mut converged = false;
    let mut curvature = Vec::new();
    // Wide differences are robust far from the minimum, narrow ones exact near it.
    let mut width = 1e-2;
    for _ in 0..MOST_STEPS {
        let (slope, bend) = derivatives(&at, value, width, function)?;
        let step = newton_step(&at, &slope, &bend);
        let promised = -step.iter().zip(&slope).map(|(step, slope)| step * slope).sum::<f64>() / 2.0;
        curvature = bend;
        let mut factor = 1.0;
        let mut better = None;
        while factor > 1e-4 {
            let there: Vec<f64> =
                at.iter().zip(&step).map(|(at, step)| (at + factor * step).abs().min(LARGEST)).collect();
            match function(&there) {
                Some(found) if found < value => {
                    better = Some((there, found));
                    break;
                }
                _ => factor /= 4.0,
            }
            if promised < ENOUGH * (1.0 + value.abs()) {
                break;
            }
        }
        let gained = better.as_ref().map_or(0.0, |(_, found)| value - found);
        if let Some((there, found)) = better {
            at = there;
            value = found;
        }
        let little = ENOUGH * (1.0 + value.abs());
        if gained < little.max(1e-9) && promised < 1e-6 + little {
            if width < 2e-4 {
                converged = true;
                break;
            }
            width = 1e-4;
        } else if gained == 0.0 && width < 2e-4 {
            break;
        } else if promised < 1e-2 {
            width = 1e-4_f64.max(width / 10.0);
        } else if gained == 0.0 {
            width /= 10.0;
        }
    }
    // The criterion does not tell a ratio this small from none.
    for place in 0..at.len() {
        if at[place] < 1e-2 {
            let mut without = at.clone();
            without[place] = 0.0;
            if let Some(found) = function(&without)
                && found <= value + ENOUGH * value.abs()
            {
                at = without;
                value = found;
            }
        }
    }
    Some(Minimum { at, value, curvature, converged })
}

type Derivatives = (Vec<f64>, Vec<Vec<f64>>);

/// First and second derivatives by central differences.
fn derivatives(
    at: &[f64],
    value: f64,
    width: f64,
    function: &mut dyn FnMut(&[f64]) -> Option<f64>,
) -> Option<Derivatives> {
    let n = at.len();
    let widths: Vec<f64> = at.iter().map(|x| width * x.max(0.1)).collect();
    let mut slope = vec![0.0; n];
    let mut bend = vec![vec![0.0; n]; n];
    let mut above = vec![0.0; n];
    for i in 0..n {
        let mut there = at.to_vec();
        there[i] = at[i] + widths[i];
        above[i] = function(&there)?;
        // Below zero the criterion is what it is above.
        there[i] = (at[i] - widths[i]).abs();
        let below = function(&there)?;
        slope[i] = (above[i] - below) / (2.0 * widths[i]);
        bend[i][i] = (above[i] - 2.0 * value + below) / (widths[i] * widths[i]);
    }
    for i in 0..n {
        for j in 0..i {
            let mut there = at.to_vec();
            there[i] += widths[i];
            there[j] += widths[j];
            let corner = function(&there)?;
            // Subtracting the curved parts of the two edges leaves second-order accuracy in the slopes.
            let mixed = (corner - above[i] - above[j] + value) / (widths[i] * widths[j]);
            bend[i][j] = mixed;
            bend[j][i] = mixed;
        }
    }
    Some((slope, bend))
}

/// Newton's step, damped until the curvature is positive, and no longer than the scale of the point.
fn newton_step(at: &[f64], slope: &[f64], bend: &[Vec<f64>]) -> Vec<f64> {
    let n = at.len();
    let largest = bend.iter().enumerate().map(|(i, row)| row[i].abs()).fold(1e-8, f64::max);
    let mut damping = 0.0;
    let mut step = loop {
        let matrix = Mat::from_fn(n, n, |i, j| bend[i][j] + if i == j { damping } else { 0.0 });
        if let Ok(factor) = Llt::new(matrix.as_ref(), faer::Side::Lower) {
            let solved = factor.solve(Mat::from_fn(n, 1, |i, _| -slope[i]));
            break (0..n).map(|i| solved[(i, 0)]).collect::<Vec<f64>>();
        }
        damping = if damping == 0.0 { 1e-3 * largest } else { damping * 10.0 };
        if !damping.is_finite() {
            break vec![0.0; n];
        }
    };
    let reach = step.iter().zip(at).map(|(step, at)| step.abs() / at.max(0.5)).fold(0.0, f64::max);
    if reach > 1.0 {
        step.iter_mut().for_each(|step| *step /= reach);
    }
    step
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn finds_a_minimum_inside_and_at_zero() {
        let mut inside = |x: &[f64]| Some(((x[0] - 0.4).powi(2) + 3.0 * (x[1] - 2.0).powi(2)).ln_1p() + 100.0);
        let found = minimise(&[1.0, 1.0], &mut inside).unwrap();
        assert!(found.converged && (found.at[0] - 0.4).abs() < 1e-5 && (found.at[1] - 2.0).abs() < 1e-5, "{found:?}");
        let mut at_zero = |x: &[f64]| Some(x[0].powi(2) + (x[1].powi(2) - 1.0).powi(2));
        let found = minimise(&[0.7, 0.7], &mut at_zero).unwrap();
        assert!(found.at[0] == 0.0 && (found.at[1] - 1.0).abs() < 1e-5, "{found:?}");
    }
}
