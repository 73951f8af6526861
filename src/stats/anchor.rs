//! Do scores move to somebody's: the hiring manager's, the first, the majority's? Exact moments within panels.

use super::panel_test::Deviation;

/// The mean distance from the anchor's score of those who could know it, against all others of the panel. `gaps` are the
/// distances of everybody but the anchor, `after` says who submitted after the anchor's score could be seen.
///
/// Without influence, which of the others came after is a draw without replacement: the mean is that of all gaps, the
/// variance `S² (n − m) / (n m)` for `m` of `n`, `S²` with `n − 1` in its denominator. Negative: those after are closer.
///
/// `None` where nobody came before or nobody after.
pub fn after_against_before(gaps: &[f64], after: &[bool]) -> Option<Deviation> {
    let n = gaps.len().min(after.len());
    let m = after.iter().take(n).filter(|after| **after).count();
    if m == 0 || m == n {
        return None;
    }
    let mean = gaps.iter().take(n).sum::<f64>() / n as f64;
    let observed = gaps.iter().zip(after).filter(|(_, after)| **after).map(|(gap, _)| gap).sum::<f64>() / m as f64;
    let spread = gaps.iter().take(n).map(|gap| (gap - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0);
    Some(Deviation { observed, expected: mean, variance: spread * (n - m) as f64 / (n * m) as f64 })
}

/// Larger panels are not gone through.
pub const LARGEST_PANEL: usize = 12;

/// Any statistic of which cards of a panel came after, against all draws of as many cards, gone through one by one. For
/// statistics in which a card is held against others of the panel, whose values therefore hang together. `None` where
/// nobody or everybody came after, in panels beyond [`LARGEST_PANEL`], or where the statistic is missing for a draw.
pub fn over_draws(after: &[bool], statistic: impl Fn(&[bool]) -> Option<f64>) -> Option<Deviation> {
    let n = after.len();
    let m = after.iter().filter(|after| **after).count();
    if m == 0 || m == n || n > LARGEST_PANEL {
        return None;
    }
    let observed = statistic(after)?;
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for bits in (0..1_u32 << n).filter(|bits| bits.count_ones() as usize == m) {
        let drawn: Vec<bool> = (0..n).map(|at| bits >> at & 1 == 1).collect();
        // Deviations from the value seen keep the digits that squares of the values would lose.
        let deviation = statistic(&drawn)? - observed;
        count += 1.0;
        sum += deviation;
        squares += deviation * deviation;
    }
    let mean: f64 = sum / count;
    Some(Deviation { observed, expected: observed + mean, variance: (squares / count - mean * mean).max(0.0) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_panel_worked_by_hand() {
        // Gaps 2, 1, 0; the last two after: means of two of three are 1.5, 1 and 0.5.
        let found = after_against_before(&[2.0, 1.0, 0.0], &[false, true, true]).unwrap();
        assert_eq!((found.observed, found.expected), (0.5, 1.0));
        assert!((found.variance - 1.0 / 6.0).abs() < 1e-15);
        assert_eq!(after_against_before(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(after_against_before(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(after_against_before(&[], &[]), None);
        assert_eq!(over_draws(&[false; 3], |_| Some(1.0)), None);
        assert_eq!(over_draws(&[true, false, false], |after| (!after[1]).then_some(1.0)), None);
    }

    proptest! {
        #[test]
        fn moments_are_those_of_all_draws(gaps in prop::collection::vec(0.0..3.0_f64, 2..8), pattern in 1_u32..255) {
            let n = gaps.len();
            let flags = |bits: u32| (0..n).map(|at| bits >> at & 1 == 1).collect::<Vec<bool>>();
            let wanted = flags(pattern).iter().filter(|flag| **flag).count();
            prop_assume!(wanted > 0 && wanted < n);
            let found = after_against_before(&gaps, &flags(pattern)).unwrap();
            let through = over_draws(&flags(pattern), |after| Some(after_against_before(&gaps, after)?.observed)).unwrap();
            prop_assert!((through.expected - found.expected).abs() < 1e-12);
            prop_assert!((through.variance - found.variance).abs() < 1e-12);
            let means: Vec<f64> = (0..1_u32 << n)
                .filter(|bits| bits.count_ones() as usize == wanted)
                .map(|bits| after_against_before(&gaps, &flags(bits)).unwrap().observed)
                .collect();
            let mean = means.iter().sum::<f64>() / means.len() as f64;
            let variance = means.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / means.len() as f64;
            prop_assert!((found.expected - mean).abs() < 1e-12);
            prop_assert!((found.variance - variance).abs() < 1e-12);
        }
    }
}
