//! The mixed-model equations at given ratios of standard deviations, with cards and candidates eliminated.
//!
//! Cards drop out analytically and candidates as a diagonal block, so that what has to be factored is no larger
//! than interviewers and cells together (Henderson's equations in the form of Bates et al., 2015).

use faer::{Mat, linalg};

use super::super::connected::find;
use super::factor::{Block, Factor, Pattern, factorise, inverse_of};
use super::fit::{Candidates, Terms};
use super::sums::CardSums;

/// Interviewers from which on evaluations run at the same time, and how many of them: each holds a factor.
const WORTH_THREADS: usize = 300;
const MOST_THREADS: usize = 2;

/// The ratios of each term's standard deviation to the residual's.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Ratios {
    pub(super) candidate: f64,
    pub(super) interviewer: f64,
    pub(super) card: f64,
}

/// What a factored system says.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// The interviewers' block.
    factor: Factor,
    /// That block solved for its border: a column for each cell mean, and the last for the scores.
    reach: Mat<f64>,
    /// Cholesky's factor of what interviewers leave of means and scores; lower triangle.
    corner: Mat<f64>,
    /// Logarithms of the determinants that belong to the criterion.
    pub(super) log_determinant: f64,
    /// The residual sum of squares, in squared steps.
    pub(super) residual: f64,
}

/// Diagonals of the inverse of the equations.
pub(super) struct Diagonals {
    /// Of interviewers, the cell means estimated.
    pub(super) interviewers: Vec<f64>,
    /// Of interviewers, the cell means taken as known.
    pub(super) conditional: Vec<f64>,
    /// Of cell means.
    pub(super) means: Vec<f64>,
}

impl Solved {
    /// Interviewers' effects before scaling, and cell means, in steps.
    pub(super) fn effects(&self) -> (Vec<f64>, Vec<f64>) {
        let last = self.corner.nrows() - 1;
        let mut means: Vec<f64> = (0..last).map(|at| self.corner[(last, at)]).collect();
        for row in (0..last).rev() {
            means[row] /= self.corner[(row, row)];
            let value = means[row];
            for (before, mean) in means.iter_mut().enumerate().take(row) {
                *mean -= self.corner[(row, before)] * value;
            }
        }
        let effect = |person: usize| {
            let explained = means.iter().enumerate().map(|(at, mean)| self.reach[(person, at)] * mean);
            self.reach[(person, last)] - explained.sum::<f64>()
        };
        ((0..self.reach.nrows()).map(effect).collect(), means)
    }

    /// The diagonals of the inverse.
    pub(super) fn diagonals(&self) -> Diagonals {
        let inverse = self.inverse_of_means();
        let conditional = self.factor.inverse_diagonal(self.reach.nrows());
        let row = |person: usize| (0..inverse.nrows()).map(|at| self.reach[(person, at)]).collect::<Vec<f64>>();
        let interviewers = conditional.iter().enumerate();
        let interviewers = interviewers.map(|(person, own)| own + squared(&inverse, &row(person))).collect();
        let column = |at: usize| inverse.col(at).iter().map(|x| x * x).sum();
        Diagonals { interviewers, conditional, means: (0..inverse.ncols()).map(column).collect() }
    }

    /// The quadratic form of the inverse in the difference of two interviewers, the cell means estimated.
    pub(super) fn difference(&self, a: usize, b: usize) -> f64 {
        let mut side = Mat::<f64>::zeros(self.reach.nrows(), 1);
        side[(a, 0)] += 1.0;
        side[(b, 0)] -= 1.0;
        self.factor.solve(side.as_mut());
        let inverse = self.inverse_of_means();
        let row: Vec<f64> = (0..inverse.nrows()).map(|at| self.reach[(a, at)] - self.reach[(b, at)]).collect();
        side[(a, 0)] - side[(b, 0)] + squared(&inverse, &row)
    }

    /// The inverse of the factor of the cell means' block.
    fn inverse_of_means(&self) -> Mat<f64> {
        let means = self.corner.nrows() - 1;
        inverse_of(&self.corner.as_ref().submatrix(0, 0, means, means).to_owned())
    }
}

/// The squared length of a lower triangular matrix times a vector.
fn squared(lower: &Mat<f64>, vector: &[f64]) -> f64 {
    let element = |row: usize| (0..=row).map(|column| lower[(row, column)] * vector[column]).sum::<f64>();
    (0..lower.nrows()).map(|row| element(row).powi(2)).sum()
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
    /// Which interviewers share candidates, where few enough do.
    pattern: Option<Pattern>,
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
        let pattern = Pattern::of(sums.interviewers, &contributions(sums));
        Self { sums, terms, columns, means, degrees, pattern }
    }

    /// How many evaluations at a time are worth it: threads cost more than small systems.
    pub(super) fn threads(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if self.sums.interviewers < WORTH_THREADS { 1 } else { cores.min(MOST_THREADS) }
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
        let last = self.means;
        let (tc, tv, tw) = (ratios.candidate, ratios.interviewer, ratios.card);
        let is_fixed = self.terms.candidates == Candidates::Fixed;
        let scale = if is_fixed { 1.0 } else { tc };
        // What each pattern of cells leaves of a card, and what it adds to the determinant.
        let halo: Vec<(f64, f64, f64)> = (self.sums.patterns.iter())
            .map(|cells| {
                let size = cells.len() as f64;
                let w = tw * tw / (1.0 + size * tw * tw);
                (w, 1.0 - size * w, (size * tw * tw).ln_1p())
            })
            .collect();
        let mut block = Block::unit(people, self.pattern.as_ref());
        let mut border = Mat::<f64>::zeros(people, last + 1);
        let mut corner = Mat::<f64>::zeros(last + 1, last + 1);
        let mut log_determinant = 0.0;
        // What one candidate's scores share with interviewers, with means and with the scores.
        let mut met: Vec<(u32, f64)> = Vec::new();
        let mut shared = vec![0.0; last + 1];
        let mut touched: Vec<usize> = Vec::new();
        let mut is_touched = vec![false; last + 1];
        for keys in self.sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
            let mut own = 0.0;
            for key in keys {
                let (cells, sums) = self.sums.scores(key);
                let (size, cards) = (cells.len() as f64, key.cards as f64);
                let (w, rest, log) = halo[key.pattern as usize];
                let total = sums.iter().sum::<i64>() as f64;
                let person = key.interviewer as usize;
                own += cards * size * rest;
                block.add(key.interviewer, tv * tv * cards * size * rest);
                border[(person, last)] += tv * total * rest;
                corner[(last, last)] += key.squares as f64 - w * key.totals as f64;
                log_determinant += cards * log;
                let common = scale * tv * cards * size * rest;
                // Keys are sorted by interviewer within a candidate.
                match met.last_mut().filter(|(before, _)| *before == key.interviewer) {
                    Some((_, share)) => *share += common,
                    None => met.push((key.interviewer, common)),
                }
                shared[last] += scale * total * rest;
                for (at, (cell, sum)) in cells.iter().zip(sums).enumerate() {
                    let Some(row) = self.columns.get(*cell as usize).copied().flatten() else { continue };
                    border[(person, row)] += tv * cards * rest;
                    corner[(last, row)] += *sum as f64 - w * total;
                    corner[(row, row)] += cards * (1.0 - w);
                    if !is_touched[row] {
                        is_touched[row] = true;
                        touched.push(row);
                    }
                    shared[row] += scale * cards * rest;
                    for (before, other) in cells.iter().enumerate() {
                        if before == at {
                            continue;
                        }
                        if let Some(other) = self.columns.get(*other as usize).copied().flatten() {
                            // A cell that stands twice on a card meets itself.
                            if other < row || (other == row && before < at) {
                                let twice = if other == row { 2.0 } else { 1.0 };
                                corner[(row, other)] -= twice * cards * w;
                            }
                        }
                    }
                }
            }
            touched.push(last);
            let diagonal = if is_fixed { own } else { tc * tc * own + 1.0 };
            log_determinant += diagonal.ln();
            block.subtract(&met, diagonal);
            for row in &touched {
                let share = shared[*row] / diagonal;
                let mut column = border.col_mut(*row);
                met.iter().for_each(|(person, other)| column[*person as usize] -= share * other);
            }
            touched.sort_unstable();
            for (place, column) in touched.iter().enumerate() {
                let share = shared[*column] / diagonal;
                for row in touched.iter().skip(place) {
                    corner[(*row, *column)] -= share * shared[*row];
                }
            }
            met.clear();
            for row in touched.drain(..) {
                shared[row] = 0.0;
                is_touched[row] = false;
            }
        }
        let factor = block.factor()?;
        let mut reach = border.clone();
        factor.solve(reach.as_mut());
        linalg::matmul::matmul(
            corner.as_mut(),
            faer::Accum::Add,
            border.transpose(),
            reach.as_ref(),
            -1.0,
            faer::Par::Seq,
        );
        factorise(&mut corner)?;
        log_determinant += factor.log_determinant();
        log_determinant += 2.0 * (0..last).map(|at| corner[(at, at)].ln()).sum::<f64>();
        let residual = corner[(last, last)] * corner[(last, last)];
        Some(Solved { factor, reach, corner, log_determinant, residual })
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

/// The pairs of interviewers that `System::solve` adds to, in its order.
fn contributions(sums: &CardSums) -> Vec<(u32, u32)> {
    let mut all = Vec::new();
    let mut met: Vec<u32> = Vec::new();
    for keys in sums.keys.chunk_by(|a, b| a.candidate == b.candidate) {
        met.clear();
        for key in keys {
            all.push((key.interviewer, key.interviewer));
            if met.last() != Some(&key.interviewer) {
                met.push(key.interviewer);
            }
        }
        for (place, column) in met.iter().enumerate() {
            all.extend(met.iter().skip(place).map(|row| (*row, *column)));
        }
    }
    all
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
