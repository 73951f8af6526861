//! Cholesky's factor of a small symmetric positive definite matrix, for models with a handful of terms.

/// A pivot smaller than this share of its diagonal entry means that the matrix has no inverse worth using.
const SMALLEST_PIVOT: f64 = 1e-12;

/// The lower factor `L` of `A = L L'`, by rows.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    size: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// Factors a matrix given by rows, of which only the lower triangle is read; `None` unless it is positive definite.
    pub(super) fn new(matrix: &[f64], size: usize) -> Option<Self> {
        let mut factor = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let earlier: f64 = (0..column).map(|k| factor[row * size + k] * factor[column * size + k]).sum();
                let rest = matrix[row * size + column] - earlier;
                if row == column {
                    let diagonal = matrix[row * size + row];
                    // Written so that a NaN is refused too.
                    if !(diagonal > 0.0 && rest > SMALLEST_PIVOT * diagonal) {
                        return None;
                    }
                    factor[row * size + row] = rest.sqrt();
                } else {
                    factor[row * size + column] = rest / factor[column * size + column];
                }
            }
        }
        Some(Self { size, factor })
    }

    /// `A⁻¹ b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (size, l) = (self.size, &self.factor);
        let mut x = b.to_vec();
        for row in 0..size {
            let earlier: f64 = (0..row).map(|k| l[row * size + k] * x[k]).sum();
            x[row] = (x[row] - earlier) / l[row * size + row];
        }
        for row in (0..size).rev() {
            let later: f64 = (row + 1..size).map(|k| l[k * size + row] * x[k]).sum();
            x[row] = (x[row] - later) / l[row * size + row];
        }
        x
    }

    /// `A⁻¹` by rows.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let mut inverse = vec![0.0; self.size * self.size];
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[row * self.size + column] = value;
            }
        }
        inverse
    }

    /// `ln |A|`.
    pub(super) fn log_determinant(&self) -> f64 {
        2.0 * (0..self.size).map(|row| self.factor[row * self.size + row].ln()).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::Cholesky;

    #[test]
    fn solves_inverts_and_measures_a_matrix_worked_by_hand() {
        // The inverse of [[4, 2], [2, 3]] is [[3, -2], [-2, 4]] / 8, and its determinant is 8.
        let factor = Cholesky::new(&[4.0, 2.0, 2.0, 3.0], 2).unwrap();
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14);
        assert!(near(&factor.inverse(), &[0.375, -0.25, -0.25, 0.5]));
        assert!(near(&factor.solve(&[8.0, 16.0]), &[-1.0, 6.0]));
        assert!((factor.log_determinant() - 8.0_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn refuses_what_has_no_inverse() {
        assert!(Cholesky::new(&[1.0, 1.0, 1.0, 1.0], 2).is_none());
        assert!(Cholesky::new(&[f64::NAN], 1).is_none());
        assert!(Cholesky::new(&[-1.0], 1).is_none());
    }
}
