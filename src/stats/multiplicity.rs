//! Many tests in one table.

/// Benjamini and Hochberg's (1995) q-values, in the order given: with the `m` computed p-values ascending,
/// `q_(m) = p_(m)` and `q_(j) = min(q_(j+1), p_(j) m / j)`. Reporting everything with `q <= 0.05` keeps the expected share
/// of false findings below one in twenty; valid for independent and positively dependent tests (Benjamini and
/// Yekutieli 2001).
///
/// A test that could not be computed (`None`, or a figure outside 0 to 1) gets no q-value and is not counted.
pub fn benjamini_hochberg(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut computed: Vec<(usize, f64)> = p_values
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.filter(|p| (0.0..=1.0).contains(p)).map(|p| (index, p)))
        .collect();
    computed.sort_by(|a, b| a.1.total_cmp(&b.1));
    let m = computed.len() as f64;
    let mut q_values = vec![None; p_values.len()];
    let mut q = 1.0_f64;
    for (rank, &(index, p)) in computed.iter().enumerate().rev() {
        q = q.min(p * m / (rank + 1) as f64);
        q_values[index] = Some(q);
    }
    q_values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::benjamini_hochberg;

    #[test]
    fn agrees_with_values_worked_by_hand() {
        // p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.55), "BH") in R.
        let q = benjamini_hochberg(&[Some(0.01), Some(0.04), Some(0.03), Some(0.005), Some(0.55)]);
        for (q, expected) in q.iter().zip([0.025, 0.05, 0.05, 0.025, 0.55]) {
            assert!((q.unwrap() - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn only_computed_tests_count() {
        let q = benjamini_hochberg(&[None, Some(0.01), Some(f64::NAN), Some(0.5), Some(1.5)]);
        assert_eq!(q, [None, Some(0.02), None, Some(0.5), None]);
        assert_eq!(benjamini_hochberg(&[]), []);
        assert_eq!(benjamini_hochberg(&[Some(0.3)]), [Some(0.3)]);
    }
}
