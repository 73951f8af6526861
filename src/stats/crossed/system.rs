//! The mixed-model equations at given ratios of standard deviations, with cards and candidates eliminated.
//!
//! Cards drop out analytically and candidates as a diagonal block, so that what has to be factored is no larger
//! than interviewers and cells together (Henderson's equations in the form of Bates et al., 2015).

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltParams, LltRegularization, cholesky_in_place, cholesky_in_place_scratch};
use faer::{Mat, Par, Spec};

use super::super::connected::find;
use super::fit::{Candidates, Terms};
use super::sums::CardSums;

/// The ratios of each term's standard deviation to the residual's.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Ratios {
    pub(super) candidate: f64,
    pub(super) interviewer: f64,
    pub(super) card: f64,
}

/// What a factored system says.
pub(super) struct Solved {
    /// The Cholesky factor of interviewers, cells and the scores themselves; lower triangle.
    pub(super) factor: Mat<f64>,
    /// Logarithms of the determinants that belong to the criterion.
    pub(super) log_determinant: f64,
    /// The residual sum of squares, in squared steps.
    pub(super) residual: f64,
}

/// What does not change between evaluations.
pub(super) struct System<'s> {
    pub(super) sums: &'s CardSums,
    pub(super) terms: Terms,
    /// Where each cell's mean stands among the equations; none where the candidates' own means absorb it.
    pub(super) columns: Vec<Option<usize>>,
    /// How many cell means there are.
    pub(super) means: usize,
    /// Scores less the means that are estimated.
    pub(super) degrees: f64,
}

impl<'s> System<'s> {
    pub(super) fn new(sums: &'s CardSums, terms: Terms) -> Self {
        let absorbed = match terms.candidates {
            Candidates::Random => vec![false; sums.cells],
            Candidates::Fixed => absorbed(sums),
        };
        let mut means = 0;
        let mut columns = Vec::with_capacity(sums.cells);
        for absorbed in absorbed {
            columns.push((!absorbed).then_some(means));
            means += usize::from(!absorbed);
        }
        let own = if terms.candidates == Candidates::Fixed { seen(sums) } else { 0 };
        let degrees = sums.scores_seen() as f64 - (own + means) as f64;
        Self { sums, terms, columns, means, degrees }
    }

    /// How many equations are left: interviewers, cell means, and the scores.
    pub(super) fn size(&self) -> usize {
        self.sums.interviewers + self.means + 1
    }

    /// The restricted maximum likelihood criterion: minus twice the restricted log-likelihood at the best residual
    /// variance.
    pub(super) fn criterion(&self, ratios: Ratios) -> Option<f64> {
        let solved = self.solve(ratios)?;
        let spread = 2.0 * std::f64::consts::PI * solved.residual / self.degrees;
        Some(solved.log_determinant + self.degrees * (1.0 + spread.ln())).filter(|value| value.is_finite())
    }

    /// Factors the system. `None` where it is not positive definite: everything fits exactly.
    pub(super) fn solve(&self, ratios: Ratios) -> Option<Solved> {
        let people = self.sums.interviewers;
        let last = self.size() - 1;
        let (tc, tv, tw) = (ratios.candidate, ratios.interviewer, ratios.card);
        let is_fixed = self.terms.candidates == Candidates::Fixed;
        let scale = if is_fixed { 1.0 } else { tc };
        let mut matrix = Mat::<f64>::zeros(self.size(), self.size());
        for person in 0..people {
            matrix[(person, person)] = 1.0;
        }
        let mut log_determinant = 0.0;
        // What one candidate's scores share with each equation.
        let mut shared = vec![0.0; self.size()];
        let mut touched: Vec<usize> = Vec::new();
        for keys in self.sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
            let mut own = 0.0;
            for key in keys {
                let (cells, sums) = self.sums.scores(key);
                let (size, cards) = (cells.len() as f64, key.cards as f64);
                let w = tw * tw / (1.0 + size * tw * tw);
                let rest = 1.0 - size * w;
                let total = sums.iter().sum::<i64>() as f64;
                let person = key.interviewer as usize;
                own += cards * size * rest;
                matrix[(person, person)] += tv * tv * cards * size * rest;
                matrix[(last, person)] += tv * total * rest;
                matrix[(last, last)] += key.squares as f64 - w * key.totals as f64;
                log_determinant += cards * (size * tw * tw).ln_1p();
                touch(&mut shared, &mut touched, person, scale * tv * cards * size * rest);
                touch(&mut shared, &mut touched, last, scale * total * rest);
                for (at, (cell, sum)) in cells.iter().zip(sums).enumerate() {
                    let Some(column) = self.columns.get(*cell as usize).copied().flatten() else { continue };
                    let row = people + column;
                    matrix[(row, person)] += tv * cards * rest;
                    matrix[(last, row)] += *sum as f64 - w * total;
                    matrix[(row, row)] += cards * (1.0 - w);
                    touch(&mut shared, &mut touched, row, scale * cards * rest);
                    for (before, other) in cells.iter().enumerate() {
                        if before == at {
                            continue;
                        }
                        if let Some(other) = self.columns.get(*other as usize).copied().flatten() {
                            // A cell that stands twice on a card meets itself.
                            if other < column || (other == column && before < at) {
                                let twice = if other == column { 2.0 } else { 1.0 };
                                matrix[(row, people + other)] -= twice * cards * w;
                            }
                        }
                    }
                }
            }
            let diagonal = if is_fixed { own } else { tc * tc * own + 1.0 };
            log_determinant += diagonal.ln();
            touched.sort_unstable();
            for (place, column) in touched.iter().enumerate() {
                let share = shared[*column] / diagonal;
                if share != 0.0 {
                    for row in touched.iter().skip(place) {
                        matrix[(*row, *column)] -= share * shared[*row];
                    }
                }
            }
            touched.drain(..).for_each(|column| shared[column] = 0.0);
        }
        factorise(&mut matrix)?;
        log_determinant += 2.0 * (0..last).map(|at| matrix[(at, at)].ln()).sum::<f64>();
        let residual = matrix[(last, last)] * matrix[(last, last)];
        Some(Solved { factor: matrix, log_determinant, residual })
    }

    /// The effect of each candidate given those of interviewers and cells, in steps.
    pub(super) fn candidates(&self, ratios: Ratios, interviewers: &[f64], means: &[f64]) -> Vec<f64> {
        let (tc, tw) = (ratios.candidate, ratios.card);
        let is_fixed = self.terms.candidates == Candidates::Fixed;
        let mut effects = vec![0.0; self.sums.candidates];
        for keys in self.sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
            let (mut own, mut left) = (0.0, 0.0);
            for key in keys {
                let (cells, sums) = self.sums.scores(key);
                let (size, cards) = (cells.len() as f64, key.cards as f64);
                let rest = 1.0 / (1.0 + size * tw * tw);
                own += cards * size * rest;
                left += sums.iter().sum::<i64>() as f64 * rest;
                left -= cards * size * rest * interviewers[key.interviewer as usize];
                for cell in cells {
                    let mean = self.columns[*cell as usize].map_or(0.0, |column| means[column]);
                    left -= cards * rest * mean;
                }
            }
            if let Some(first) = keys.first() {
                let effect = if is_fixed { left / own } else { tc * tc * left / (tc * tc * own + 1.0) };
                effects[first.candidate as usize] = effect;
            }
        }
        effects
    }
}

fn touch(shared: &mut [f64], touched: &mut Vec<usize>, column: usize, value: f64) {
    if !touched.contains(&column) {
        touched.push(column);
    }
    shared[column] += value;
}

/// Cholesky's factor in the place of a symmetric matrix given by its lower triangle.
fn factorise(matrix: &mut Mat<f64>) -> Option<()> {
    // One thread: the order of additions, and so every digit, is the same everywhere.
    let par = Par::Seq;
    let params: Spec<LltParams, f64> = Spec::default();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(matrix.nrows(), par, params));
    let plain = LltRegularization::default();
    cholesky_in_place(matrix.as_mut(), plain, par, MemStack::new(&mut memory), params).ok()?;
    // A pivot that rounding alone kept above zero says that something is determined by the rest.
    (0..matrix.nrows()).all(|at| matrix[(at, at)] > 0.0).then_some(())
}

/// The candidates who have a score.
fn seen(sums: &CardSums) -> usize {
    sums.keys.chunk_by(|a, b| a.candidate == b.candidate).count()
}

/// The cells whose means the candidates' own absorb: the last of each set of cells that candidates connect.
fn absorbed(sums: &CardSums) -> Vec<bool> {
    let mut root: Vec<usize> = (0..sums.cells).collect();
    let mut used = vec![false; sums.cells];
    for keys in sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
        let mut first = None;
        for cell in keys.iter().flat_map(|key| sums.scores(key).0) {
            let cell = *cell as usize;
            used[cell] = true;
            let here = find(&mut root, cell);
            match first {
                None => first = Some(here),
                Some(other) => {
                    let other = find(&mut root, other);
                    // The larger number becomes the root, so that it is the last cell that is absorbed.
                    root[other.min(here)] = other.max(here);
                }
            }
        }
    }
    (0..sums.cells).map(|cell| !used[cell] || find(&mut root, cell) == cell).collect()
}
