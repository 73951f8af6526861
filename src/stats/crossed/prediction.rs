//! How well the effects of interviewers are predicted, the variances being estimated like everything else.
//!
//! With variances taken as known the standard deviation of prediction is Henderson's (1975). Two things widen it.
//! Where the data fix the variance of leniency, the uncertainty of the ratios enters through the derivatives of the
//! predictions (Kackar and Harville, 1984; Prasad and Rao, 1990). Where they hardly do, the estimate may be zero by
//! chance and every prediction with it, and a derivative knows nothing of that: the prediction and its variance are
//! then averaged over the ratios that the data allow, each with the weight of its restricted likelihood, flat in the
//! variance (Morris, 1983). The other ratios stay at their best values for that.

use faer::Mat;

use super::fit::Free;
use super::optimise::Minimum;
use super::system::{Ratios, System};

/// The covariance of the searched ratios: the inverse of half the curvature of the criterion. A ratio at zero does
/// not move; without a usable curvature nothing is known to.
pub(super) fn covariance(minimum: &Minimum) -> Vec<Vec<f64>> {
    let size = minimum.at.len();
    let inner: Vec<usize> = (0..size).filter(|at| minimum.at[*at] > 1e-4).collect();
    let mut all = vec![vec![0.0; size]; size];
    let half = Mat::from_fn(inner.len(), inner.len(), |i, j| minimum.curvature[inner[i]][inner[j]] / 2.0);
    if let Ok(factor) = faer::linalg::solvers::Llt::new(half.as_ref(), faer::Side::Lower) {
        let inverse = faer::linalg::solvers::DenseSolveCore::inverse(&factor);
        for (i, row) in inner.iter().enumerate() {
            for (j, column) in inner.iter().enumerate() {
                all[*row][*column] = inverse[(i, j)];
            }
        }
    }
    all
}

/// The predictions at the best ratios, in steps.
pub(super) struct Best<'a> {
    /// The effects of interviewers.
    pub(super) leniency: &'a [f64],
    /// Their variances of prediction, variances taken as known.
    pub(super) prediction: &'a [f64],
}

/// A ratio so many times its standard deviation is well known.
const WELL_KNOWN: f64 = 10.0;
/// How many ratios stand for those that the data allow; fewer where each takes long.
const NODES: usize = 12;
const FEWER_NODES: usize = 4;
const MANY: usize = 1_500;
/// Ratios whose criterion lies further above the best have no weight.
const NEGLIGIBLE: f64 = 12.0;
/// Ratios beyond this are not told from ever larger ones: so few interviewers bound nothing.
const UNBOUNDED: f64 = 1e2;

/// The variances of prediction in squared steps, the ratios estimated.
pub(super) fn variances(system: &System<'_>, minimum: &Minimum, covariance: &[Vec<f64>], best: &Best<'_>) -> Vec<f64> {
    let free = Free::of(system.terms);
    let place = free.interviewer_place();
    let known = place.is_none_or(|at| {
        let variance = covariance[at][at];
        variance > 0.0 && minimum.at[at] >= WELL_KNOWN * variance.sqrt()
    });
    let averaged = if known { None } else { averaged(system, free.ratios(&minimum.at), minimum.value, best) };
    // What is averaged over needs no derivative.
    let by = |at: usize| averaged.is_none() || Some(at) != place;
    let more = variance_of_estimation(system, minimum, covariance, best.leniency, &by);
    let base = averaged.unwrap_or_else(|| best.prediction.to_vec());
    // Once for the predictions that move with the ratios, and once for the variances that look smaller than they are.
    let pairs = base.iter().zip(best.prediction).zip(more);
    pairs.map(|((base, least), more)| base.max(*least) + 2.0 * more).collect()
}

/// The mean squared error of the best predictions, averaged over the ratios of leniency that the data allow.
fn averaged(system: &System<'_>, ratios: Ratios, criterion: f64, best: &Best<'_>) -> Option<Vec<f64>> {
    let with = |interviewer: f64| Ratios { interviewer, ..ratios };
    let mut widest = (1.5 * ratios.interviewer).max(0.02);
    while system.criterion(with(widest))? - criterion < NEGLIGIBLE {
        widest *= 1.4;
        if widest > UNBOUNDED {
            return None;
        }
    }
    let people = best.leniency.len();
    let mut sum = vec![0.0; people];
    let mut weights = 0.0;
    let nodes = if people > MANY { FEWER_NODES } else { NODES };
    for node in 0..nodes {
        let here = with(widest * (node as f64 + 0.5) / nodes as f64);
        let solved = system.solve(here)?;
        let variance = solved.residual / system.degrees;
        let value = solved.log_determinant + system.degrees * (1.0 + (2.0 * std::f64::consts::PI * variance).ln());
        // Flat in the variance is proportional to the ratio on the scale of standard deviations.
        let weight = here.interviewer * (-(value - criterion) / 2.0).exp();
        if value - criterion > NEGLIGIBLE {
            continue;
        }
        let (effects, _) = solved.effects();
        let diagonal = solved.diagonals().interviewers;
        for person in 0..people {
            let moved = here.interviewer * effects[person] - best.leniency[person];
            let spread = variance * here.interviewer.powi(2) * diagonal[person];
            sum[person] += weight * (moved * moved + spread);
        }
        weights += weight;
    }
    (weights > 0.0).then(|| sum.into_iter().map(|sum| sum / weights).collect())
}

/// How much the predictions vary because the ratios are estimated, in squared steps: their derivatives by the
/// ratios, through the covariance of the ratios.
fn variance_of_estimation(
    system: &System<'_>,
    minimum: &Minimum,
    covariance: &[Vec<f64>],
    leniency: &[f64],
    by: &dyn Fn(usize) -> bool,
) -> Vec<f64> {
    let free = Free::of(system.terms);
    let inner: Vec<usize> = (0..minimum.at.len()).filter(|at| by(*at) && covariance[*at][*at] > 0.0).collect();
    let mut slopes: Vec<Vec<f64>> = Vec::with_capacity(inner.len());
    for at in &inner {
        let width = 1e-4 * minimum.at[*at].max(0.01);
        let mut there = minimum.at.clone();
        there[*at] += width;
        let ratios = free.ratios(&there);
        let Some(solved) = system.solve(ratios) else { return vec![0.0; leniency.len()] };
        let (moved, _) = solved.effects();
        let slope = leniency.iter().zip(moved).map(|(was, is)| (is * ratios.interviewer - was) / width);
        slopes.push(slope.collect());
    }
    (0..leniency.len())
        .map(|person| {
            let pairs = (0..inner.len()).flat_map(|i| (0..inner.len()).map(move |j| (i, j)));
            let term = |(i, j): (usize, usize)| slopes[i][person] * slopes[j][person] * covariance[inner[i]][inner[j]];
            pairs.map(term).sum::<f64>().max(0.0)
        })
        .collect()
}
