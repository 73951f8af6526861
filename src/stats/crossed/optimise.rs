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
/// A step that promises less than this, in twice a log-likelihood, is the last: what it leaves is of its square's order.
const LITTLE: f64 = 1e-5;
const MOST_STEPS: usize = 60;
/// Ratios beyond this mean that the residual variance is nothing.
const LARGEST: f64 = 1e4;
/// A ratio below this may be zero.
const SMALL: f64 = 0.02;
/// Wide differences are robust far from the minimum, narrow ones exact near it.
const WIDE: f64 = 1e-2;
const NARROW: f64 = 1e-3;

/// What is minimised.
pub(super) type Function<'f> = dyn Fn(&[f64]) -> Option<f64> + Sync + 'f;

/// Minimises from a start. `None` where the function has no value at the start. So many `threads` work on differences
/// at a time; the result does not depend on how many. `is_near` says that the start is close to the minimum.
pub(super) fn minimise(start: &[f64], is_near: bool, threads: usize, function: &Function<'_>) -> Option<Minimum> {
    let mut found = descend(start, if is_near { NARROW } else { WIDE }, threads, function)?;
    for place in 0..start.len() {
        if found.at[place] >= SMALL {
            continue;
        }
        // The criterion is level at zero whether that is its bottom or its top.
        let mut off = found.at.clone();
        off[place] = 2.0 * SMALL;
        if function(&off).is_some_and(|value| value < found.value) {
            found = descend(&off, WIDE, threads, function).filter(|other| other.value < found.value).unwrap_or(found);
        }
        // It does not tell a very small ratio from none.
        let mut without = found.at.clone();
        without[place] = 0.0;
        if found.at[place] < SMALL
            && let Some(value) = function(&without)
            && value <= found.value + ENOUGH * found.value.abs()
        {
            found = Minimum { at: without, value, ..found };
        }
    }
    Some(found)
}

/// Newton's method, down to where it ends.
fn descend(start: &[f64], width: f64, threads: usize, function: &Function<'_>) -> Option<Minimum> {
    let mut at = start.to_vec();
    let mut value = function(&at)?;
    let mut converged = false;
    let mut curvature = Vec::new();
    let mut width = width;
    for _ in 0..MOST_STEPS {
        let (slope, bend) = derivatives(&at, value, width, threads, function)?;
        let step = Step::of(&at, &slope, &bend);
        curvature = bend;
        let is_last = step.promised < LITTLE + ENOUGH * (1.0 + value.abs());
        let mut factor = 1.0;
        let mut gained = 0.0;
        while factor > 1e-4 {
            let there = step.from(&at, factor);
            match function(&there) {
                Some(found) if found < value => {
                    gained = value - found;
                    (at, value) = (there, found);
                    break;
                }
                _ if is_last => break,
                _ => factor /= 4.0,
            }
        }
        if width == NARROW && (is_last || gained == 0.0) {
            converged = is_last;
            break;
        }
        if step.promised < 1.0 || gained == 0.0 {
            width = NARROW;
        }
    }
    Some(Minimum { at, value, curvature, converged })
}

type Derivatives = (Vec<f64>, Vec<Vec<f64>>);

/// First and second derivatives by central differences.
fn derivatives(at: &[f64], value: f64, width: f64, threads: usize, function: &Function<'_>) -> Option<Derivatives> {
    let n = at.len();
    let widths: Vec<f64> = at.iter().map(|x| width * x.max(0.1)).collect();
    let moved = |by: &[(usize, f64)]| {
        let mut there = at.to_vec();
        // Below zero the criterion is what it is above.
        by.iter().for_each(|(place, sign)| there[*place] = (there[*place] + sign * widths[*place]).abs());
        there
    };
    let corners: Vec<(usize, usize)> = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    let mut points: Vec<Vec<f64>> = (0..n).flat_map(|i| [moved(&[(i, 1.0)]), moved(&[(i, -1.0)])]).collect();
    points.extend(corners.iter().map(|(i, j)| moved(&[(*i, 1.0), (*j, 1.0)])));
    let values = every(&points, threads, function)?;
    let (edges, corner_values) = values.split_at(2 * n);
    let mut slope = vec![0.0; n];
    let mut bend = vec![vec![0.0; n]; n];
    for (i, edge) in edges.chunks_exact(2).enumerate() {
        slope[i] = (edge[0] - edge[1]) / (2.0 * widths[i]);
        bend[i][i] = (edge[0] - 2.0 * value + edge[1]) / (widths[i] * widths[i]);
    }
    for ((i, j), corner) in corners.into_iter().zip(corner_values) {
        // Subtracting the curved parts of the two edges leaves second-order accuracy in the slopes.
        let mixed = (corner - edges[2 * i] - edges[2 * j] + value) / (widths[i] * widths[j]);
        bend[i][j] = mixed;
        bend[j][i] = mixed;
    }
    Some((slope, bend))
}

/// The function at every point.
fn every(points: &[Vec<f64>], threads: usize, function: &Function<'_>) -> Option<Vec<f64>> {
    if threads < 2 {
        return points.iter().map(|point| function(point)).collect();
    }
    let share = points.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work = |points: &'_ [Vec<f64>]| points.iter().map(|point| function(point)).collect::<Option<Vec<f64>>>();
        let running: Vec<_> = points.chunks(share).map(|points| scope.spawn(move || work(points))).collect();
        let parts: Vec<_> = running.into_iter().map(|part| part.join().ok().flatten()).collect();
        Some(parts.into_iter().collect::<Option<Vec<Vec<f64>>>>()?.concat())
    })
}

/// A step of Newton's method. Ratios that are not small move by a factor, since the criterion is nearer to a parabola
/// in their logarithms; small ones move by a difference, so that they can reach zero.
struct Step {
    by: Vec<f64>,
    /// Whether a ratio moves by a factor.
    is_factor: Vec<bool>,
    /// By how much the criterion should fall.
    promised: f64,
}

impl Step {
    fn of(at: &[f64], slope: &[f64], bend: &[Vec<f64>]) -> Self {
        let n = at.len();
        let is_factor: Vec<bool> = at.iter().map(|x| *x >= 2.5 * SMALL).collect();
        let scale: Vec<f64> = at.iter().zip(&is_factor).map(|(x, factor)| if *factor { *x } else { 1.0 }).collect();
        let slope: Vec<f64> = slope.iter().zip(&scale).map(|(slope, scale)| slope * scale).collect();
        let bend = |i: usize, j: usize| {
            let own = if i == j && is_factor[i] { slope[i] } else { 0.0 };
            bend[i][j] * scale[i] * scale[j] + own
        };
        let largest = (0..n).map(|i| bend(i, i).abs()).fold(1e-8, f64::max);
        let mut damping = 0.0;
        // Damped until the curvature is positive.
        let mut by = loop {
            let matrix = Mat::from_fn(n, n, |i, j| bend(i, j) + if i == j { damping } else { 0.0 });
            if let Ok(factor) = Llt::new(matrix.as_ref(), faer::Side::Lower) {
                let solved = factor.solve(Mat::from_fn(n, 1, |i, _| -slope[i]));
                break (0..n).map(|i| solved[(i, 0)]).collect::<Vec<f64>>();
            }
            damping = if damping == 0.0 { 1e-3 * largest } else { damping * 10.0 };
            if !damping.is_finite() {
                break vec![0.0; n];
            }
        };
        // No ratio moves by more than a factor of two, or a small one by more than twice what is small.
        let limit = |i: usize| if is_factor[i] { std::f64::consts::LN_2 } else { 2.0 * SMALL };
        let reach = by.iter().enumerate().map(|(i, by)| by.abs() / limit(i)).fold(0.0, f64::max);
        if reach > 1.0 {
            by.iter_mut().for_each(|by| *by /= reach);
        }
        let promised = -by.iter().zip(&slope).map(|(by, slope)| by * slope).sum::<f64>() / 2.0;
        Self { by, is_factor, promised }
    }

    /// Where a part of the step leads.
    fn from(&self, at: &[f64], part: f64) -> Vec<f64> {
        let moved = |(i, x): (usize, &f64)| {
            let by = part * self.by[i];
            if self.is_factor[i] { x * by.exp() } else { x + by }.abs().min(LARGEST)
        };
        at.iter().enumerate().map(moved).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn finds_a_minimum_inside_and_at_zero() {
        let inside = |x: &[f64]| Some(((x[0] - 0.4).powi(2) + 3.0 * (x[1] - 2.0).powi(2)).ln_1p() + 100.0);
        let found = minimise(&[1.0, 1.0], false, 1, &inside).unwrap();
        assert!(found.converged && (found.at[0] - 0.4).abs() < 1e-5 && (found.at[1] - 2.0).abs() < 1e-5, "{found:?}");
        let at_zero = |x: &[f64]| Some(x[0].powi(2) + (x[1].powi(2) - 1.0).powi(2));
        let found = minimise(&[0.7, 0.7], false, 1, &at_zero).unwrap();
        assert!(found.at[0] == 0.0 && (found.at[1] - 1.0).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn leaves_a_level_top_at_zero() {
        let hill = |x: &[f64]| Some((x[0].powi(2) - 0.09).powi(2) + (x[1] - 1.0).powi(2));
        let found = minimise(&[0.0, 1.5], false, 1, &hill).unwrap();
        assert!((found.at[0] - 0.3).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let function = |x: &[f64]| Some((x[0] * x[1]).cos() + x[0].powi(2) + x[1].powi(2) + x[2].exp());
        let found: Vec<Minimum> =
            (1..4).map(|threads| minimise(&[0.9, 0.4, 0.2], false, threads, &function).unwrap()).collect();
        assert!(found.iter().all(|other| other.at == found[0].at && other.curvature == found[0].curvature));
    }
}
