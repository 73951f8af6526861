//! Small symmetric matrices: what covariance and correlation matrices of a dozen stages need.

/// A pivot smaller than this share of its diagonal entry means that a variable is a combination of others.
const SMALLEST_PIVOT: f64 = 1e-9;
/// Jacobi's rotations end long before this many sweeps.
const MOST_SWEEPS: usize = 60;

/// A symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    /// A matrix of zeros.
    pub fn zeros(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    /// The identity.
    pub fn identity(size: usize) -> Self {
        let mut out = Self::zeros(size);
        (0..size).for_each(|at| out.put(at, at, 1.0));
        out
    }

    /// Rows and columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// An entry.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    /// Sets an entry and its mirror image.
    pub fn put(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] = value;
        self.cells[column * self.size + row] = value;
    }

    /// Adds to an entry and its mirror image.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        self.put(row, column, self.at(row, column) + value);
    }

    /// The rows and columns named, in that order.
    pub fn part(&self, of: &[usize]) -> Self {
        let mut out = Self::zeros(of.len());
        for (row, a) in of.iter().enumerate() {
            for (column, b) in of.iter().enumerate() {
                out.cells[row * of.len() + column] = self.at(*a, *b);
            }
        }
        out
    }

    /// `x' A y`.
    pub fn form(&self, x: &[f64], y: &[f64]) -> f64 {
        let rows = self.cells.chunks_exact(self.size.max(1)).zip(x);
        rows.map(|(row, a)| a * row.iter().zip(y).map(|(cell, b)| cell * b).sum::<f64>()).sum()
    }

    /// The correlations of a covariance matrix; `None` where a variance is not positive.
    pub fn correlations(&self) -> Option<Self> {
        let sd: Vec<f64> = (0..self.size).map(|at| self.at(at, at).sqrt()).collect();
        if sd.iter().any(|sd| !(*sd > 0.0 && sd.is_finite())) {
            return None;
        }
        let mut out = Self::identity(self.size);
        for row in 1..self.size {
            for column in 0..row {
                out.put(row, column, (self.at(row, column) / (sd[row] * sd[column])).clamp(-1.0, 1.0));
            }
        }
        Some(out)
    }

    /// Sweeps the variables whose bit is set (Beaton, 1964): of a covariance matrix this leaves, in the rows of the
    /// others, their regression coefficients on the swept ones and their residual covariance. `false`, and a useless
    /// matrix, where a swept variable is a combination of those before it.
    pub fn sweep(&mut self, variables: u64) -> bool {
        let size = self.size;
        let whole: Vec<f64> = (0..size).map(|at| self.at(at, at)).collect();
        let mut pivots = vec![0.0; size];
        for at in (0..size).filter(|at| variables >> at & 1 == 1) {
            let pivot = self.at(at, at);
            // Written so that a NaN is refused too.
            if !(whole[at] > 0.0 && pivot > SMALLEST_PIVOT * whole[at]) {
                return false;
            }
            pivots.copy_from_slice(&self.cells[at * size..(at + 1) * size]);
            for row in (0..size).filter(|row| *row != at) {
                let factor = pivots[row] / pivot;
                let cells = &mut self.cells[row * size..(row + 1) * size];
                for (cell, pivot) in cells.iter_mut().zip(&pivots) {
                    *cell -= factor * pivot;
                }
            }
            for (other, own) in pivots.iter().enumerate() {
                self.put(at, other, own / pivot);
            }
            self.cells[at * size + at] = -1.0 / pivot;
        }
        true
    }

    /// The inverse; `None` where there is none.
    pub fn inverse(&self) -> Option<Self> {
        let mut out = self.clone();
        if self.size > 63 || !out.sweep((1_u64 << self.size) - 1) {
            return None;
        }
        out.cells.iter_mut().for_each(|cell| *cell = -*cell);
        Some(out)
    }

    /// The eigenvalues, largest first, by Jacobi's rotations.
    pub fn eigenvalues(&self) -> Vec<f64> {
        let (mut a, size) = (self.clone(), self.size);
        for _ in 0..MOST_SWEEPS {
            let off: f64 = (1..size).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a.at(i, j).powi(2)).sum();
            let diagonal: f64 = (0..size).map(|at| a.at(at, at).powi(2)).sum();
            if off <= 1e-30 * diagonal {
                break;
            }
            for p in 0..size {
                for q in p + 1..size {
                    a.rotate(p, q);
                }
            }
        }
        let mut values: Vec<f64> = (0..size).map(|at| a.at(at, at)).collect();
        values.sort_by(|x, y| y.total_cmp(x));
        values
    }

    fn rotate(&mut self, p: usize, q: usize) {
        let off = self.at(p, q);
        if off == 0.0 {
            return;
        }
        let theta = (self.at(q, q) - self.at(p, p)) / (2.0 * off);
        let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
        let t = if theta == 0.0 { 1.0 } else { t };
        let (c, s) = (1.0 / t.hypot(1.0), t / t.hypot(1.0));
        let (pp, qq) = (self.at(p, p) - t * off, self.at(q, q) + t * off);
        for k in (0..self.size).filter(|k| *k != p && *k != q) {
            let (kp, kq) = (self.at(k, p), self.at(k, q));
            self.put(k, p, c * kp - s * kq);
            self.put(k, q, s * kp + c * kq);
        }
        self.put(p, p, pp);
        self.put(q, q, qq);
        self.put(p, q, 0.0);
    }
}

/// The squared multiple correlation of each variable on all others, from a correlation matrix; `None` where one is a
/// combination of others.
pub fn multiple_correlations(correlations: &Symmetric) -> Option<Vec<f64>> {
    let inverse = correlations.inverse()?;
    Some((0..inverse.size()).map(|at| (1.0 - 1.0 / inverse.at(at, at)).clamp(0.0, 1.0)).collect())
}

/// The correlation of two variables with all others held still.
pub fn partial_correlation(correlations: &Symmetric, a: usize, b: usize) -> Option<f64> {
    let inverse = correlations.inverse()?;
    Some((-inverse.at(a, b) / (inverse.at(a, a) * inverse.at(b, b)).sqrt()).clamp(-1.0, 1.0))
}

/// How many unrelated variables would spread as much as these do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effective {
    /// `(Σλ)² / Σλ²` over the eigenvalues λ: the participation ratio.
    pub participation: f64,
    /// `exp` of the entropy of the eigenvalues' shares.
    pub entropy: f64,
}

/// The effective number of variables from their correlation matrix: their number where they are unrelated, 1 where
/// they are the same. Noise makes it larger.
pub fn effective_number(correlations: &Symmetric) -> Option<Effective> {
    // Rounding, and estimates from different loops, may leave an eigenvalue below zero.
    let values: Vec<f64> = correlations.eigenvalues().into_iter().map(|value| value.max(0.0)).collect();
    let sum: f64 = values.iter().sum();
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let is_any = squares > 0.0;
    if !is_any {
        return None;
    }
    let shares = values.iter().map(|value| value / sum).filter(|share| *share > 1e-12);
    let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
    Some(Effective { participation: sum * sum / squares, entropy: entropy.exp() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    fn matrix(cells: &[&[f64]]) -> Symmetric {
        let mut out = Symmetric::zeros(cells.len());
        for (row, line) in cells.iter().enumerate() {
            line.iter().enumerate().for_each(|(column, value)| out.put(row, column, *value));
        }
        out
    }

    #[test]
    fn the_inverse_and_the_eigenvalues_are_those_worked_by_hand() {
        let a = matrix(&[&[4.0], &[2.0, 3.0]]);
        let inverse = a.inverse().unwrap();
        for (row, column, expected) in [(0, 0, 3.0), (0, 1, -2.0), (1, 1, 4.0)] {
            assert!((inverse.at(row, column) - expected / 8.0).abs() < 1e-15);
        }
        let values = matrix(&[&[2.0], &[1.0, 2.0]]).eigenvalues();
        assert!((values[0] - 3.0).abs() < 1e-14 && (values[1] - 1.0).abs() < 1e-14);
        assert_eq!(matrix(&[&[1.0], &[1.0, 1.0]]).inverse(), None);
    }

    #[test]
    fn sweeping_gives_the_regression() {
        // y = 2 a + 3 b + noise of variance 5, with a and b correlated.
        let mut a = matrix(&[&[1.0], &[0.5, 2.0], &[3.5, 7.0, 2.0 * 3.5 + 3.0 * 7.0 + 5.0]]);
        assert!(a.sweep(0b011));
        assert!((a.at(2, 0) - 2.0).abs() < 1e-12 && (a.at(2, 1) - 3.0).abs() < 1e-12);
        assert!((a.at(2, 2) - 5.0).abs() < 1e-12);
    }

    #[test]
    fn unrelated_variables_count_one_each_and_the_same_ones_together_one() {
        let apart = effective_number(&Symmetric::identity(5)).unwrap();
        assert!((apart.participation - 5.0).abs() < 1e-12 && (apart.entropy - 5.0).abs() < 1e-12);
        let same = effective_number(&matrix(&[&[1.0], &[1.0, 1.0], &[1.0, 1.0, 1.0]])).unwrap();
        assert!((same.participation - 1.0).abs() < 1e-12 && (same.entropy - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_chain_has_no_partial_correlation_between_its_ends() {
        let chain = matrix(&[&[1.0], &[0.6, 1.0], &[0.3, 0.5, 1.0]]);
        assert!(partial_correlation(&chain, 0, 2).unwrap().abs() < 1e-15);
        let r2 = multiple_correlations(&chain).unwrap();
        assert!((r2[2] - 0.25).abs() < 1e-12);
    }
}
