//! The quadratic form behind the test of movement: residuals by term, and the traces of their covariance.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::Llt;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, Par, Side};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::super::fit::{Candidates, Fit};
use super::super::sums::CardSums;
use super::{Known, Term};

/// Beyond so many terms some traces are estimated from random signs, of which there are so many.
const EXACT_TERMS: usize = 800;
const SIGNS: usize = 200;
/// Makes equations that others determine solvable; their solution is not used.
const RIDGE: f64 = 1e-9;

/// What one candidate's scores share with an equation.
type Shared = Vec<(usize, f64)>;

/// The residuals summed by term, with means of interviewers, cells and periods (and candidates) taken out; in steps.
pub(super) struct Form {
    /// The sums.
    pub(super) scores: Vec<f64>,
    /// Their covariance over the residual variance.
    pub(super) spread: Mat<f64>,
    /// The sum of their squares.
    pub(super) value: f64,
    pub(super) traces: Traces,
}

impl Form {
    /// `None` where nothing is left to compare.
    pub(super) fn of(
        sums: &CardSums,
        fit: &Fit,
        periods: &[Option<u32>],
        terms: &[Term],
        known: Known,
    ) -> Option<Self> {
        let (scores, spread) = residuals(sums, fit.terms.candidates, periods, terms, known)?;
        let traces = Traces::of(&spread);
        let value = scores.iter().map(|score| score * score).sum();
        (traces.first > 0.0 && traces.second > 0.0 && known.residual > 0.0).then_some(Self {
            scores,
            spread,
            value,
            traces,
        })
    }
}

fn residuals(
    sums: &CardSums,
    candidates: Candidates,
    periods: &[Option<u32>],
    terms: &[Term],
    known: Known,
) -> Option<(Vec<f64>, Mat<f64>)> {
    let size = terms.len();
    let (people, cells) = (sums.interviewers, sums.cells);
    let last_period = periods.iter().flatten().max().copied().unwrap_or(0) as usize;
    // Means first, in the order interviewers, cells, periods; terms after them; then the scores.
    let means = people + cells + last_period + 1;
    let (first_term, scores_at) = (means, means + size);
    let mut matrix = Mat::<f64>::zeros(scores_at + 1, scores_at + 1);
    // Ratios of variances to the residual's.
    let (tc, tw) = (known.candidate / known.residual, known.card.unwrap_or(0.0) / known.residual);
    for keys in sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
        let Some(period) = keys.first().and_then(|key| periods.get(key.candidate as usize).copied().flatten()) else {
            continue;
        };
        let period_at = people + cells + period as usize;
        let mut own = 0.0;
        let mut shared: Shared = Vec::new();
        for key in keys {
            let (in_cells, in_sums) = sums.scores(key);
            let (count, cards) = (in_cells.len() as f64, key.cards as f64);
            let w = tw / (1.0 + count * tw);
            let rest = 1.0 - count * w;
            let (weight, total) = (cards * count * rest, in_sums.iter().sum::<i64>() as f64);
            let mut columns = vec![key.interviewer as usize, period_at];
            let place = (key.interviewer, period);
            if let Ok(at) = terms.binary_search_by_key(&place, |term| (term.interviewer, term.period)) {
                columns.push(first_term + at);
            }
            own += weight;
            for (at, column) in columns.iter().enumerate() {
                columns[..=at].iter().for_each(|other| add(&mut matrix, *column, *other, weight));
                add(&mut matrix, scores_at, *column, total * rest);
                shared.push((*column, weight));
            }
            shared.push((scores_at, total * rest));
            for (at, (cell, sum)) in in_cells.iter().zip(in_sums).enumerate() {
                let row = people + *cell as usize;
                columns.iter().for_each(|column| add(&mut matrix, row, *column, cards * rest));
                add(&mut matrix, scores_at, row, *sum as f64 - w * total);
                add(&mut matrix, row, row, cards * (1.0 - w));
                for other in &in_cells[..at] {
                    // A cell that stands twice on a card meets itself.
                    let twice = if other == cell { 2.0 } else { 1.0 };
                    add(&mut matrix, row, people + *other as usize, -twice * cards * w);
                }
                shared.push((row, cards * rest));
            }
        }
        let diagonal = match candidates {
            Candidates::Fixed => own,
            Candidates::Random if tc > 0.0 => own + 1.0 / tc,
            Candidates::Random => continue,
        };
        let shared = gather(shared);
        for (at, (column, value)) in shared.iter().enumerate() {
            shared[..=at]
                .iter()
                .for_each(|(other, theirs)| add(&mut matrix, *column, *other, -value * theirs / diagonal));
        }
    }
    take_out(matrix, means, size, first_term, scores_at)
}

/// Takes the means out of terms and scores.
fn take_out(
    mut matrix: Mat<f64>,
    means: usize,
    size: usize,
    first_term: usize,
    scores_at: usize,
) -> Option<(Vec<f64>, Mat<f64>)> {
    for at in 0..means {
        let own = matrix[(at, at)];
        matrix[(at, at)] = if own > 0.0 { own * (1.0 + RIDGE) } else { 1.0 };
    }
    let factor = Llt::new(matrix.as_ref().submatrix(0, 0, means, means), Side::Lower).ok()?;
    // What terms and scores share with the means: one column each.
    let mut solved = Mat::from_fn(means, size + 1, |row, column| matrix[(first_term + column, row)]);
    solve_lower_triangular_in_place(factor.L(), solved.as_mut(), Par::Seq);
    let mut rest = Mat::from_fn(size + 1, size + 1, |row, column| {
        let (row, column) = (first_term + row.max(column), first_term + row.min(column));
        matrix[(row, column)]
    });
    matmul(rest.as_mut(), Accum::Add, solved.transpose(), solved.as_ref(), -1.0, Par::Seq);
    let scores = (0..size).map(|at| rest[(scores_at - first_term, at)]).collect();
    let spread = Mat::from_fn(size, size, |row, column| rest[(row.max(column), row.min(column))]);
    Some((scores, spread))
}

/// Adds to a symmetric matrix of which the lower triangle is kept.
fn add(matrix: &mut Mat<f64>, a: usize, b: usize, value: f64) {
    matrix[(a.max(b), a.min(b))] += value;
}

/// Sums what stands under the same equation; sorted.
fn gather(mut shared: Shared) -> Shared {
    shared.sort_by_key(|(column, _)| *column);
    let sum = |same: &[(usize, f64)]| Some((same.first()?.0, same.iter().map(|(_, value)| value).sum()));
    shared.chunk_by(|a, b| a.0 == b.0).filter_map(sum).collect()
}

/// Traces of the first four powers of a symmetric matrix.
pub(super) struct Traces {
    pub(super) first: f64,
    pub(super) second: f64,
    third: f64,
    fourth: f64,
}

impl Traces {
    pub(super) fn of(matrix: &Mat<f64>) -> Self {
        let size = matrix.nrows();
        let first = (0..size).map(|at| matrix[(at, at)]).sum();
        let second = squares(matrix);
        // Random signs see the trace of any matrix without bias (Hutchinson, 1989); a fixed generator.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut sign = |_, _| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if state >> 63 == 0 { 1.0 } else { -1.0 }
        };
        let (once, share) = if size <= EXACT_TERMS {
            (matrix.clone(), 1.0)
        } else {
            (product(matrix, &Mat::from_fn(size, SIGNS, &mut sign)), 1.0 / SIGNS as f64)
        };
        let twice = product(matrix, &once);
        let mut third = 0.0;
        for column in 0..once.ncols() {
            third += (0..size).map(|row| once[(row, column)] * twice[(row, column)]).sum::<f64>();
        }
        Self { first, second, third: third * share, fourth: squares(&twice) * share }
    }

    /// The chance that the form is at most so large, when the residual variance and that of the term are these.
    pub(super) fn below(&self, form: f64, sigma: f64, variance: f64) -> Option<f64> {
        let mean = sigma * self.first + variance * self.second;
        let spread = 2.0
            * (sigma * sigma * self.second + 2.0 * sigma * variance * self.third + variance * variance * self.fourth);
        let (scale, df) = (spread / (2.0 * mean), 2.0 * mean * mean / spread);
        Some(ChiSquared::new(df).ok()?.cdf((form / scale).max(0.0)))
    }
}

fn squares(matrix: &Mat<f64>) -> f64 {
    (0..matrix.ncols()).map(|column| matrix.as_ref().col(column).iter().map(|value| value * value).sum::<f64>()).sum()
}

fn product(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    matmul(out.as_mut(), Accum::Replace, a.as_ref(), b.as_ref(), 1.0, Par::Seq);
    out
}
