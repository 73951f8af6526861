//! The little linear algebra that tests between groups need.

/// A pivot smaller than this share of its diagonal entry means that the matrix has no inverse.
const SMALLEST_PIVOT: f64 = 1e-10;

/// `x' A⁻¹ x` for a symmetric positive definite `A` by Cholesky's factor; `None` when `A` is not.
/// Only the lower triangle of `A` is read.
pub(super) fn inverse_form(matrix: &[Vec<f64>], x: &[f64]) -> Option<f64> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(x.len());
    let mut solved: Vec<f64> = Vec::with_capacity(x.len());
    for (row, entries) in matrix.iter().enumerate() {
        let mut line: Vec<f64> = Vec::with_capacity(row + 1);
        for column in 0..row {
            let earlier: f64 = line.iter().zip(&factor[column]).map(|(a, b)| a * b).sum();
            line.push((entries[column] - earlier) / factor[column][column]);
        }
        let pivot = entries[row] - line.iter().map(|a| a * a).sum::<f64>();
        // Written so that a NaN is refused too.
        if !(entries[row] > 0.0 && pivot > SMALLEST_PIVOT * entries[row]) {
            return None;
        }
        let root = pivot.sqrt();
        let earlier: f64 = line.iter().zip(&solved).map(|(a, b)| a * b).sum();
        solved.push((x[row] - earlier) / root);
        line.push(root);
        factor.push(line);
    }
    Some(solved.iter().map(|value| value * value).sum())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::inverse_form;

    #[test]
    fn agrees_with_the_inverse_worked_by_hand() {
        // The inverse of [[4, 2], [2, 3]] is [[3, -2], [-2, 4]] / 8.
        let form = inverse_form(&[vec![4.0, 2.0], vec![2.0, 3.0]], &[1.0, 2.0]).unwrap();
        assert!((form - (3.0 - 8.0 + 16.0) / 8.0).abs() < 1e-15);
    }

    #[test]
    fn refuses_what_has_no_inverse() {
        assert_eq!(inverse_form(&[vec![1.0, 1.0], vec![1.0, 1.0]], &[1.0, 0.0]), None);
        assert_eq!(inverse_form(&[vec![0.0]], &[0.0]), None);
        assert_eq!(inverse_form(&[vec![f64::NAN]], &[0.0]), None);
    }
}
