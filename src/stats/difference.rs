//! The difference of two estimates that come with intervals and nothing else.

use super::estimate::{Interval, Z_95, two_sided_p};

/// A difference of two independent estimates, in their unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first less the second.
    pub value: f64,
    /// Its 95 % interval. A limit is missing where one of the limits that it is made of is.
    pub interval: Interval,
    /// Two-sided p-value of no difference, from the limit on the side of zero, so that it is below 0.05 exactly where
    /// the interval leaves zero out. Missing where that limit is, or where both estimates have no spread at all.
    pub p: Option<f64>,
}

/// The difference `first − second` of two independent estimates by the method of variance estimates recovery (Zou
/// and Donner 2008):
///
/// ```text
/// low  = d − √((first − first_low)² + (second_high − second)²)
/// high = d + √((first_high − first)² + (second − second_low)²)
/// ```
///
/// Skewed intervals (of medians, of shares near 0 or 1) keep their skew; for shares with Wilson intervals it is
/// Newcombe's (1998) tenth method, for symmetric intervals the usual one. Where the two estimates rest in part on
/// the same units and so rise and fall together, the interval is too wide rather than too narrow.
///
/// `None` where a value is no number. A limit that lies on the wrong side of its value counts as the value.
pub fn difference(first: (f64, Interval), second: (f64, Interval)) -> Option<Difference> {
    let ((a, of_a), (b, of_b)) = (first, second);
    let value = a - b;
    if !value.is_finite() {
        return None;
    }
    let reach = |up: Option<f64>, down: Option<f64>| {
        let (up, down) = (up?.max(0.0), down?.max(0.0));
        Some(up.hypot(down)).filter(|reach| reach.is_finite())
    };
    let below = reach(of_a.low.map(|low| a - low), of_b.high.map(|high| high - b));
    let above = reach(of_a.high.map(|high| high - a), of_b.low.map(|low| b - low));
    let towards_zero = if value > 0.0 { below } else { above };
    let p = if value == 0.0 {
        Some(1.0)
    } else {
        towards_zero.filter(|reach| *reach > 0.0).and_then(|reach| two_sided_p(value * Z_95 / reach))
    };
    let interval = Interval { low: below.map(|reach| value - reach), high: above.map(|reach| value + reach) };
    Some(Difference { value, interval, p })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::super::proportion::{Proportion, newcombe, wilson};
    use super::*;

    #[test]
    fn symmetric_intervals_give_the_textbook_difference() {
        // Standard errors 3 and 4 make 5.
        let d = difference((20.0, Interval::around(20.0, 3.0)), (10.0, Interval::around(10.0, 4.0))).unwrap();
        assert!((d.interval.low.unwrap() - (10.0 - 5.0 * Z_95)).abs() < 1e-12);
        assert!((d.interval.high.unwrap() - (10.0 + 5.0 * Z_95)).abs() < 1e-12);
        // 2 * pnorm(-2) in R.
        assert!((d.p.unwrap() / 0.045_500_263_896_358_4 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn shares_with_wilson_intervals_give_newcombes_difference() {
        // Newcombe 1998, table II, 56/70 against 48/80: 0.0524 to 0.3339.
        let (a, b) = (wilson(56, 70).unwrap(), wilson(48, 80).unwrap());
        let of = |share: Proportion| (share.share, Interval::new(share.low, share.high));
        let d = difference(of(a), of(b)).unwrap();
        assert!((d.interval.low.unwrap() - 0.0524).abs() < 5e-5);
        assert!((d.interval.high.unwrap() - 0.3339).abs() < 5e-5);
        assert!((d.interval.low.unwrap() - newcombe(&a, &b).low).abs() < 1e-12);
    }

    #[test]
    fn a_limit_that_is_not_reached_opens_one_side_only() {
        let open = Interval { low: Some(18.0), high: None };
        let d = difference((20.0, open), (10.0, Interval::new(9.0, 11.0))).unwrap();
        assert!(d.interval.low.unwrap() > 7.0 && d.interval.high.is_none());
        assert!(d.p.unwrap() < 0.001);
        let other = difference((10.0, Interval::new(9.0, 11.0)), (20.0, open)).unwrap();
        assert!(other.interval.low.is_none() && other.interval.high.unwrap() < -7.0);
        assert_eq!(difference((20.0, Interval::NONE), (10.0, Interval::NONE)).unwrap().p, None);
        assert_eq!(difference((f64::NAN, Interval::NONE), (10.0, Interval::NONE)), None);
        let certain = difference((2.0, Interval::new(2.0, 2.0)), (1.0, Interval::new(1.0, 1.0))).unwrap();
        assert_eq!(certain.p, None, "no spread is no certainty");
    }

    fn estimate() -> impl Strategy<Value = (f64, Interval)> {
        (-50.0..50.0, 0.01..9.0, 0.01..9.0).prop_map(|(v, down, up)| (v, Interval::new(v - down, v + up)))
    }

    proptest! {
        #[test]
        fn turning_it_round_turns_the_sign_round(a in estimate(), b in estimate()) {
            let (d, back) = (difference(a, b).unwrap(), difference(b, a).unwrap());
            prop_assert!((d.value + back.value).abs() < 1e-12);
            prop_assert!((d.interval.low.unwrap() + back.interval.high.unwrap()).abs() < 1e-9);
            prop_assert!((d.p.unwrap() - back.p.unwrap()).abs() < 1e-9);
        }

        #[test]
        fn the_p_value_and_the_interval_agree(a in estimate(), b in estimate()) {
            let d = difference(a, b).unwrap();
            let leaves_zero_out = d.interval.low.unwrap() > 0.0 || d.interval.high.unwrap() < 0.0;
            prop_assert_eq!(d.p.unwrap() < 0.05, leaves_zero_out);
        }
    }
}
