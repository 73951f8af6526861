//! Scores changed after submission: which way they went, and what that did to the spread of panels.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::estimate::{Interval, two_sided_p};
use super::proportion::wilson;

/// Closer or further by less than this is neither; scores are multiples of far more.
const SAME: f64 = 1e-9;

/// Which way a change went, seen from the others' mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Closer to it.
    Toward,
    /// Further from it.
    Away,
    /// Across it to the same distance, or there are no others.
    Neither,
}

/// The direction of a change from `before` to `after`, given the mean of the others' scores.
pub fn direction(before: f64, after: f64, others: Option<f64>) -> Direction {
    let Some(others) = others else { return Direction::Neither };
    let moved = (after - others).abs() - (before - others).abs();
    if moved < -SAME {
        Direction::Toward
    } else if moved > SAME {
        Direction::Away
    } else {
        Direction::Neither
    }
}

/// Is one of two directions taken more often than a toss would?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignTest {
    /// The share of the first direction.
    pub share: f64,
    /// Its Wilson interval.
    pub interval: Interval,
    /// Exact two-sided binomial p-value of one half.
    pub p: f64,
}

/// The exact sign test. `None` without any change in either direction.
pub fn sign_test(toward: i64, away: i64) -> Option<SignTest> {
    let n = toward.checked_add(away)?;
    let share = wilson(toward, n)?;
    let fewer = u64::try_from(toward.min(away)).ok()?;
    let p = 2.0 * Binomial::new(0.5, u64::try_from(n).ok()?).ok()?.cdf(fewer);
    Some(SignTest { share: share.share, interval: Interval::new(share.low, share.high), p: p.min(1.0) })
}

/// The sample variance of a panel with its degrees of freedom; `None` for fewer than two scores.
pub fn panel_variance(scores: &[f64]) -> Option<(f64, f64)> {
    let n = scores.len() as f64;
    if scores.len() < 2 {
        return None;
    }
    let mean = scores.iter().sum::<f64>() / n;
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    Some((squares / (n - 1.0), n - 1.0))
}

/// The spread within panels before and after changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Panels with two scores or more.
    pub panels: i64,
    /// Pooled variance within panels before, in squared score points.
    pub before: f64,
    /// The same after.
    pub after: f64,
    /// Panels whose variance changed.
    pub changed: i64,
    /// Those of them whose variance fell.
    pub fell: i64,
    /// p-value of "as often and as far up as down"; missing where no panel changed.
    pub p: Option<f64>,
}

/// Up to so many changed panels every pattern of signs is gone through.
const MOST_PATTERNS: usize = 16;

/// Pools panels, each given as its scores before and after. The p-value flips the signs of the panels' changes in variance:
/// exactly up to 16 changed panels, beyond that by the normal distribution with the exact variance, `Σ d²`. `None` without a
/// panel of two.
pub fn spread(panels: &[(Vec<f64>, Vec<f64>)]) -> Option<Spread> {
    let (mut before, mut after, mut df, mut count) = (0.0, 0.0, 0.0, 0);
    let mut differences: Vec<f64> = Vec::new();
    for (old, new) in panels.iter().filter(|(old, new)| old.len() == new.len()) {
        let (Some((first, own)), Some((second, _))) = (panel_variance(old), panel_variance(new)) else { continue };
        before += first * own;
        after += second * own;
        df += own;
        count += 1;
        if (second - first).abs() > SAME {
            differences.push(second - first);
        }
    }
    (count > 0).then(|| Spread {
        panels: count,
        before: before / df,
        after: after / df,
        changed: differences.len() as i64,
        fell: differences.iter().filter(|difference| **difference < 0.0).count() as i64,
        p: sign_flip(&differences),
    })
}

/// Two-sided p-value of "the differences are as likely of either sign" by their sum.
pub fn sign_flip(differences: &[f64]) -> Option<f64> {
    let sum: f64 = differences.iter().sum();
    let squares: f64 = differences.iter().map(|difference| difference * difference).sum();
    if squares <= 0.0 {
        return None;
    }
    if differences.len() > MOST_PATTERNS {
        return two_sided_p(sum / squares.sqrt());
    }
    let all = 1_u32 << differences.len();
    let as_far = (0..all).filter(|signs| {
        let flipped: f64 =
            differences.iter().enumerate().map(|(at, d)| if signs >> at & 1 == 1 { -d } else { *d }).sum();
        flipped.abs() >= sum.abs() - SAME
    });
    Some(as_far.count() as f64 / f64::from(all))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn directions_are_seen_from_the_others() {
        assert_eq!(direction(1.0, 2.0, Some(3.0)), Direction::Toward);
        assert_eq!(direction(2.0, 1.0, Some(3.0)), Direction::Away);
        assert_eq!(direction(2.0, 4.0, Some(3.0)), Direction::Neither);
        assert_eq!(direction(1.0, 2.0, None), Direction::Neither);
        // Past the others and further off on their other side is away.
        assert_eq!(direction(2.0, 4.0, Some(2.5)), Direction::Away);
    }

    #[test]
    fn the_sign_test_is_exact() {
        // scipy.stats.binomtest(27, 48).pvalue.
        let found = sign_test(27, 21).unwrap();
        assert!((found.p - 0.470_879_013_621_712).abs() < 1e-9);
        assert_eq!(sign_test(5, 5).unwrap().p, 1.0);
        assert!((sign_test(0, 8).unwrap().p - 2.0 / 256.0).abs() < 1e-12);
        assert_eq!(sign_test(0, 0), None);
    }

    #[test]
    fn flipping_signs_is_exact_in_small_samples() {
        // All of three down: two of eight patterns are as far.
        assert_eq!(sign_flip(&[-1.0, -2.0, -0.5]), Some(0.25));
        assert_eq!(sign_flip(&[1.0, -1.0]), Some(1.0));
        assert_eq!(sign_flip(&[]), None);
        let many = vec![-1.0; 25];
        assert!((sign_flip(&many).unwrap() - two_sided_p(5.0).unwrap()).abs() < 1e-15);
    }

    #[test]
    fn panels_of_one_say_nothing() {
        assert_eq!(spread(&[(vec![2.0], vec![3.0])]), None);
        let found = spread(&[(vec![2.0], vec![3.0]), (vec![1.0, 3.0], vec![2.0, 3.0])]).unwrap();
        assert_eq!((found.panels, found.before, found.after), (1, 2.0, 0.5));
        assert_eq!((found.changed, found.fell), (1, 1));
    }

    proptest! {
        #[test]
        fn going_back_swaps_before_and_after(
            panels in prop::collection::vec(prop::collection::vec((1_i64..5, 1_i64..5), 2..5), 1..12),
        ) {
            let of = |swap: bool| panels.iter().map(|panel| {
                let side = |second: bool| panel.iter().map(|(a, b)| if second { *b } else { *a } as f64).collect();
                (side(swap), side(!swap))
            }).collect::<Vec<(Vec<f64>, Vec<f64>)>>();
            let (there, back) = (spread(&of(false)).unwrap(), spread(&of(true)).unwrap());
            prop_assert_eq!((there.before, there.after, there.changed), (back.after, back.before, back.changed));
            prop_assert_eq!(there.fell, back.changed - back.fell);
            match (there.p, back.p) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
