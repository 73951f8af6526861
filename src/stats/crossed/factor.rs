//! Cholesky's factor of the interviewers' block: dense, or sparse where few interviewers share candidates.

use std::sync::Arc;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltParams, LltRegularization, cholesky_in_place, cholesky_in_place_scratch};
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMat};
use faer::{Conj, Mat, MatMut, Par, Side, Spec};

/// One thread: the order of additions, and so every digit, is the same everywhere.
const PAR: Par = Par::Seq;
/// Up to so many interviewers a dense factor is always fast enough.
const ALWAYS_DENSE: usize = 1_000;
/// A dense factor of more interviewers would take gigabytes.
const NEVER_DENSE: usize = 12_000;
/// An operation of the sparse factor takes so many times as long as one of the dense.
const DEARER: f64 = 4.0;
/// How many columns are solved at once for the diagonal of the inverse.
const TOGETHER: usize = 64;

/// Which pairs of interviewers the block connects, and where each contribution to it goes.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    symbolic: SymbolicSparseColMat<u32>,
    cholesky: Arc<SymbolicCholesky<u32>>,
    /// For each contribution, in the order in which they come, its place among the values.
    places: Vec<u32>,
}

impl Pattern {
    /// Analyses the block that the contributions `(row, column)` of its lower triangle make up, with an ordering that
    /// reduces fill. `None` where a dense factor is better.
    pub(super) fn of(size: usize, contributions: &[(u32, u32)]) -> Option<Self> {
        if size <= ALWAYS_DENSE {
            return None;
        }
        let mut entries: Vec<(u32, u32)> = contributions.iter().map(|(row, column)| (*column, *row)).collect();
        entries.extend((0..size as u32).map(|person| (person, person)));
        entries.sort_unstable();
        entries.dedup();
        let dense = (size as f64).powi(3) / 3.0;
        if size <= NEVER_DENSE && entries.len() as f64 * 10.0 > (size as f64).powi(2) / 2.0 {
            return None;
        }
        let starts = (0..=size as u32).map(|column| entries.partition_point(|(at, _)| *at < column) as u32).collect();
        let rows = entries.iter().map(|(_, row)| *row).collect();
        let symbolic = SymbolicSparseColMat::new_checked(size, size, starts, None, rows);
        let params = CholeskySymbolicParams {
            supernodal_flop_ratio_threshold: SupernodalThreshold::FORCE_SUPERNODAL,
            ..CholeskySymbolicParams::default()
        };
        let cholesky =
            factorize_symbolic_cholesky(symbolic.as_ref(), Side::Lower, SymmetricOrdering::Amd, params).ok()?;
        if size <= NEVER_DENSE && operations(&cholesky) * DEARER > dense {
            return None;
        }
        let place = |(row, column): &(u32, u32)| entries.partition_point(|entry| *entry < (*column, *row)) as u32;
        let places = contributions.iter().map(place).collect();
        Some(Self { symbolic, cholesky: Arc::new(cholesky), places })
    }
}

/// Multiplications of a numeric factorisation.
fn operations(cholesky: &SymbolicCholesky<u32>) -> f64 {
    let SymbolicCholeskyRaw::Supernodal(nodes) = cholesky.raw() else { return f64::INFINITY };
    (0..nodes.n_supernodes())
        .map(|at| {
            let columns = f64::from(nodes.supernode_end()[at] - nodes.supernode_begin()[at]);
            let below = nodes.supernode(at).pattern().len() as f64;
            columns * ((columns + below).powi(2) - columns * (columns + below) + columns * columns / 3.0)
        })
        .sum()
}

/// The block while it is added up: contributions come in the order that the pattern knows.
pub(super) enum Block<'p> {
    Dense(Mat<f64>),
    Sparse { pattern: &'p Pattern, values: Vec<f64>, next: usize },
}

impl<'p> Block<'p> {
    /// The unit matrix.
    pub(super) fn unit(size: usize, pattern: Option<&'p Pattern>) -> Self {
        match pattern {
            None => Self::Dense(Mat::from_fn(size, size, |row, column| f64::from(u8::from(row == column)))),
            Some(pattern) => {
                let mut values = vec![0.0; pattern.symbolic.row_idx().len()];
                // The diagonal is the first entry of each column of a lower triangle.
                for start in pattern.symbolic.col_ptr().iter().take(size) {
                    values[*start as usize] = 1.0;
                }
                Self::Sparse { pattern, values, next: 0 }
            }
        }
    }

    /// Adds to an entry of the diagonal.
    pub(super) fn add(&mut self, person: u32, value: f64) {
        match self {
            Self::Dense(block) => block[(person as usize, person as usize)] += value,
            Self::Sparse { pattern, values, next } => {
                values[pattern.places[*next] as usize] += value;
                *next += 1;
            }
        }
    }

    /// Subtracts what interviewers share through one candidate: the outer product of `met` over `diagonal`. `met` is
    /// sorted by interviewer.
    pub(super) fn subtract(&mut self, met: &[(u32, f64)], diagonal: f64) {
        for (place, (column, share)) in met.iter().enumerate() {
            let share = share / diagonal;
            let rows = met.iter().skip(place);
            match self {
                Self::Dense(block) => {
                    let mut entries = block.col_mut(*column as usize);
                    rows.for_each(|(row, other)| entries[*row as usize] -= share * other);
                }
                Self::Sparse { pattern, values, next } => {
                    for ((_, other), place) in rows.zip(pattern.places.iter().skip(*next)) {
                        values[*place as usize] -= share * other;
                    }
                    *next += met.len() - place;
                }
            }
        }
    }

    /// Factors the block. `None` where it is not positive definite.
    pub(super) fn factor(self) -> Option<Factor> {
        match self {
            Self::Dense(mut block) => {
                factorise(&mut block)?;
                Some(Factor::Dense(block))
            }
            Self::Sparse { pattern, values, .. } => {
                let cholesky = pattern.cholesky.clone();
                let mut out = vec![0.0; cholesky.len_val()];
                let params: Spec<LltParams, f64> = Spec::default();
                let mut memory = MemBuffer::new(cholesky.factorize_numeric_llt_scratch::<f64>(PAR, params));
                let block = SparseColMatRef::new(pattern.symbolic.as_ref(), &values);
                let plain = LltRegularization::default();
                let stack = MemStack::new(&mut memory);
                cholesky.factorize_numeric_llt(&mut out, block, Side::Lower, plain, PAR, stack, params).ok()?;
                Some(Factor::Sparse { cholesky, values: out })
            }
        }
    }
}

/// A factor of the interviewers' block.
#[derive(Debug, Clone)]
pub(super) enum Factor {
    Dense(Mat<f64>),
    Sparse { cholesky: Arc<SymbolicCholesky<u32>>, values: Vec<f64> },
}

impl Factor {
    /// The logarithm of the block's determinant.
    pub(super) fn log_determinant(&self) -> f64 {
        let half: f64 = match self {
            Self::Dense(factor) => (0..factor.nrows()).map(|at| factor[(at, at)].ln()).sum(),
            Self::Sparse { cholesky, values } => {
                let SymbolicCholeskyRaw::Supernodal(nodes) = cholesky.raw() else { return f64::NAN };
                let factor = faer::sparse::linalg::cholesky::supernodal::SupernodalLltRef::new(nodes, values);
                let diagonal = |node: usize| {
                    let node = factor.supernode(node).val();
                    (0..node.ncols()).map(|at| node[(at, at)].ln()).sum::<f64>()
                };
                (0..nodes.n_supernodes()).map(diagonal).sum()
            }
        };
        2.0 * half
    }

    /// Solves the block for several right sides, in their place.
    pub(super) fn solve(&self, mut sides: MatMut<'_, f64>) {
        match self {
            Self::Dense(factor) => {
                let lower = factor.as_ref();
                faer::linalg::triangular_solve::solve_lower_triangular_in_place(lower, sides.as_mut(), PAR);
                faer::linalg::triangular_solve::solve_upper_triangular_in_place(lower.transpose(), sides, PAR);
            }
            Self::Sparse { cholesky, values } => {
                let mut memory = MemBuffer::new(cholesky.solve_in_place_scratch::<f64>(sides.ncols(), PAR));
                LltRef::new(cholesky, values).solve_in_place_with_conj(
                    Conj::No,
                    sides,
                    PAR,
                    MemStack::new(&mut memory),
                );
            }
        }
    }

    /// The diagonal of the block's inverse.
    pub(super) fn inverse_diagonal(&self, size: usize) -> Vec<f64> {
        match self {
            Self::Dense(factor) => {
                let inverse = inverse_of(factor);
                let column = |at: usize| inverse.col(at).iter().skip(at).map(|x| x * x).sum::<f64>();
                (0..size).map(column).collect()
            }
            Self::Sparse { .. } => {
                let mut diagonal = Vec::with_capacity(size);
                for first in (0..size).step_by(TOGETHER) {
                    let columns = TOGETHER.min(size - first);
                    let mut sides = Mat::<f64>::zeros(size, columns);
                    (0..columns).for_each(|at| sides[(first + at, at)] = 1.0);
                    self.solve(sides.as_mut());
                    diagonal.extend((0..columns).map(|at| sides[(first + at, at)]));
                }
                diagonal
            }
        }
    }
}

/// The inverse of a lower triangular factor.
pub(super) fn inverse_of(factor: &Mat<f64>) -> Mat<f64> {
    let mut inverse = Mat::<f64>::zeros(factor.nrows(), factor.ncols());
    faer::linalg::triangular_inverse::invert_lower_triangular(inverse.as_mut(), factor.as_ref(), PAR);
    inverse
}

/// Cholesky's factor in the place of a symmetric matrix given by its lower triangle.
pub(super) fn factorise(matrix: &mut Mat<f64>) -> Option<()> {
    let params: Spec<LltParams, f64> = Spec::default();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(matrix.nrows(), PAR, params));
    let plain = LltRegularization::default();
    cholesky_in_place(matrix.as_mut(), plain, PAR, MemStack::new(&mut memory), params).ok()?;
    // A pivot that rounding alone kept above zero says that something is determined by the rest.
    (0..matrix.nrows()).all(|at| matrix[(at, at)] > 0.0).then_some(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// Interviewers in teams of eight, one of each team meeting one of the next.
    fn teams(size: u32) -> Vec<Vec<u32>> {
        let apart = (0..size).step_by(8).map(|first| (first..size.min(first + 8)).collect());
        apart.chain((8..size).step_by(8).map(|person| vec![person - 8, person])).collect()
    }

    /// What is added to the block, in order.
    fn contributions(team: &[u32]) -> Vec<(u32, u32)> {
        let pairs = team.iter().enumerate();
        let pairs = pairs.flat_map(|(at, column)| team.iter().skip(at).map(move |row| (*row, *column)));
        std::iter::once((team[0], team[0])).chain(pairs).collect()
    }

    #[test]
    fn the_sparse_factor_is_the_dense_one() {
        let size = ALWAYS_DENSE + 200;
        let teams = teams(size as u32);
        let pairs: Vec<(u32, u32)> = teams.iter().flat_map(|team| contributions(team)).collect();
        let pattern = Pattern::of(size, &pairs).unwrap();
        let filled = |mut block: Block<'_>| {
            for (at, team) in teams.iter().enumerate() {
                let share = |person: &u32| 0.2 + 0.01 * f64::from((person + at as u32) % 7);
                block.add(team[0], 0.5);
                block.subtract(&team.iter().map(|person| (*person, share(person))).collect::<Vec<_>>(), 3.0);
            }
            block.factor().unwrap()
        };
        let sparse = filled(Block::unit(size, Some(&pattern)));
        let dense = filled(Block::unit(size, None));
        assert!(matches!(sparse, Factor::Sparse { .. }) && matches!(dense, Factor::Dense(_)));
        assert!((sparse.log_determinant() - dense.log_determinant()).abs() < 1e-9);
        let (a, b) = (sparse.inverse_diagonal(size), dense.inverse_diagonal(size));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12), "{:?} {:?}", &a[..4], &b[..4]);
        let mut sides = [(); 2].map(|()| Mat::from_fn(size, 3, |row, column| (row * 3 + column) as f64 % 11.0));
        sparse.solve(sides[0].as_mut());
        dense.solve(sides[1].as_mut());
        assert!((&sides[0] - &sides[1]).norm_max() < 1e-10);
    }

    #[test]
    fn interviewers_who_all_meet_have_a_dense_factor() {
        let size = ALWAYS_DENSE as u32 + 1;
        let pairs: Vec<(u32, u32)> = (0..size).flat_map(|row| (0..row).map(move |column| (row, column))).collect();
        assert!(Pattern::of(size as usize, &pairs).is_none());
    }
}
