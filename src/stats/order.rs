//! Do successive scores of a panel lie too close? Exact moments over all orders of submission.

use super::panel_test::Deviation;

/// The sum of `apart(t, t + 1)` along the order of submission, with its exact mean and variance over all orders of the
/// panel. `apart` is symmetric and not negative, such as the squared difference of two cards' scores; with more than
/// one dimension the mean of the squared differences, so that cards are permuted as wholes.
///
/// Without influence and with exchangeable interviewers every order is equally likely (Wald and Wolfowitz 1943; von
/// Neumann 1941). With `A` the sum of `apart` over ordered pairs, `B` of its squares and `R` the sum of squared row sums,
/// the mean is `A / n` and the mean square `B / n + (A² − 2 R) / (n (n − 1))`. For squared differences the mean
/// is twice the sum of squares about the panel's mean. Negative deviations mean that successive cards lie too close.
///
/// `None` for fewer than three cards: both orders of two give the same.
pub fn successive(cards: usize, apart: impl Fn(usize, usize) -> f64) -> Option<Deviation> {
    if cards < 3 {
        return None;
    }
    let n = cards as f64;
    let (mut total, mut squares, mut rows) = (0.0, 0.0, 0.0);
    for i in 0..cards {
        let mut row = 0.0;
        for j in (0..cards).filter(|j| *j != i) {
            let distance = apart(i, j);
            row += distance;
            squares += distance * distance;
        }
        total += row;
        rows += row * row;
    }
    let expected = total / n;
    let square = squares / n + (total * total - 2.0 * rows) / (n * (n - 1.0));
    let observed = (1..cards).map(|t| apart(t - 1, t)).sum();
    Some(Deviation { observed, expected, variance: (square - expected * expected).max(0.0) })
}

/// The largest panel whose orders are gone through one by one.
pub const LARGEST_ENUMERATED: usize = 8;

/// Any statistic of the scores in order of submission, with its mean and variance over all orders, gone through one by
/// one. `None` for fewer than three scores or more than [`LARGEST_ENUMERATED`].
pub fn enumerated(scores: &[f64], statistic: impl Fn(&[f64]) -> f64) -> Option<Deviation> {
    if !(3..=LARGEST_ENUMERATED).contains(&scores.len()) {
        return None;
    }
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let observed = statistic(scores);
    // Deviations from the value seen keep the digits that squares of the values would lose.
    each_order(&mut scores.to_vec(), 0, &mut |order| {
        let deviation = statistic(order) - observed;
        count += 1.0;
        sum += deviation;
        squares += deviation * deviation;
    });
    let mean: f64 = sum / count;
    Some(Deviation { observed, expected: observed + mean, variance: (squares / count - mean * mean).max(0.0) })
}

fn each_order(scores: &mut [f64], from: usize, seen: &mut impl FnMut(&[f64])) {
    if from + 1 >= scores.len() {
        seen(scores);
        return;
    }
    for at in from..scores.len() {
        scores.swap(from, at);
        each_order(scores, from + 1, seen);
        scores.swap(from, at);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    fn squared(scores: &[f64]) -> Deviation {
        successive(scores.len(), |i, j| (scores[i] - scores[j]).powi(2)).unwrap()
    }

    #[test]
    fn a_panel_worked_by_hand() {
        // 2 3 2 2: of four places for the 3, the two at the ends give 1 and the two inside 2.
        let found = squared(&[2.0, 3.0, 2.0, 2.0]);
        assert_eq!((found.observed, found.expected), (2.0, 1.5));
        assert!((found.variance - 0.25).abs() < 1e-15);
        assert_eq!(successive(2, |_, _| 1.0), None);
        assert!(!squared(&[3.0, 3.0, 3.0]).is_informative());
    }

    proptest! {
        #[test]
        fn the_closed_form_is_what_going_through_all_orders_gives(
            scores in prop::collection::vec(-3.0..3.0_f64, 3..7),
        ) {
            let every = enumerated(&scores, |order| order.windows(2).map(|w| (w[0] - w[1]).powi(2)).sum()).unwrap();
            let closed = squared(&scores);
            prop_assert!((every.expected - closed.expected).abs() < 1e-10);
            prop_assert!((every.variance - closed.variance).abs() < 1e-9 * (1.0 + closed.variance));
            // Twice the sum of squares about the mean.
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            let about: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
            prop_assert!((closed.expected - 2.0 * about).abs() < 1e-10);
        }

        #[test]
        fn backwards_is_as_close_and_a_shift_changes_nothing(
            scores in prop::collection::vec(-3.0..3.0_f64, 3..9), shift in -5.0..5.0_f64,
        ) {
            let forth = squared(&scores);
            let back = squared(&scores.iter().rev().map(|score| score + shift).collect::<Vec<_>>());
            prop_assert!((forth.observed - back.observed).abs() < 1e-9);
            prop_assert!((forth.variance - back.variance).abs() < 1e-8 * (1.0 + forth.variance));
        }
    }
}
