//! When a share of cases is as planned: the one rule behind `met` and `not_met`.

use crate::stats::{Proportion, wilson};

/// Fewer cases than this are no ground for a verdict.
pub(super) const FEWEST: i64 = 10;
/// No more cases than these are worth naming as what would tell.
const MOST_NEEDED: i64 = 5_000;

/// The state of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Met,
    NotMet,
    NotVisible,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Met => "met",
            State::NotMet => "not_met",
            State::NotVisible => "not_visible",
        }
    }
}

/// What cases say about an item.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) state: State,
    pub(super) share: Option<Proportion>,
    /// Why there is no verdict.
    pub(super) reason: Option<String>,
    /// How many cases would tell, if the share stayed as it is.
    pub(super) needed: Option<i64>,
}

/// `within` of `n` cases are as planned. Not met where the whole interval lies below the required share; met where
/// the whole interval lies at the tolerated share or above; otherwise the data leaves both open. The required share
/// comes first: what is surely below it is not met, however close.
pub(super) fn verdict(within: i64, n: i64, required: f64, tolerated: f64) -> Verdict {
    let Some(share) = wilson(within, n) else {
        return Verdict { state: State::NotVisible, share: None, reason: None, needed: None };
    };
    if n >= FEWEST
        && let Some(state) = told(&share, required, tolerated)
    {
        return Verdict { state, share: Some(share), reason: None, needed: None };
    }
    let needed = (n.max(FEWEST - 1) + 1..=MOST_NEEDED).find(|more| {
        let scaled = (share.share * *more as f64).round() as i64;
        wilson(scaled, *more).is_some_and(|share| told(&share, required, tolerated).is_some())
    });
    let reason = if n < FEWEST {
        format!("fewer than {FEWEST} cases")
    } else {
        "the interval of the share holds both what is met and what is not".to_owned()
    };
    Verdict { state: State::NotVisible, share: Some(share), reason: Some(reason), needed }
}

fn told(share: &Proportion, required: f64, tolerated: f64) -> Option<State> {
    if share.high < required {
        Some(State::NotMet)
    } else if share.low >= tolerated {
        Some(State::Met)
    } else {
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn state(within: i64, n: i64) -> State {
        verdict(within, n, 0.9, 0.8).state
    }

    #[test]
    fn a_bare_share_is_no_verdict() {
        // Wilson's interval of 10 of 10 is 72 % to 100 %, of 16 of 16 81 % to 100 %.
        assert_eq!((state(10, 10), state(16, 16)), (State::NotVisible, State::Met));
        assert_eq!((state(0, 3), state(0, 10)), (State::NotVisible, State::NotMet));
        assert_eq!((state(17, 20), state(170, 200)), (State::NotVisible, State::NotMet));
        assert_eq!((state(95, 100), state(880, 1000)), (State::Met, State::NotMet));
        assert_eq!(verdict(0, 0, 0.9, 0.8).share, None);
    }

    #[test]
    fn as_many_cases_as_are_named_would_tell() {
        let open = verdict(10, 10, 0.9, 0.8);
        assert_eq!(open.needed, Some(16));
        assert_eq!(open.reason.as_deref(), Some("the interval of the share holds both what is met and what is not"));
        let few = verdict(0, 3, 0.9, 0.8);
        assert_eq!((few.needed, few.reason.as_deref()), (Some(10), Some("fewer than 10 cases")));
    }

    proptest! {
        #[test]
        fn more_cases_as_planned_never_turn_met_into_not_met(n in 10_i64..400, within in 0_i64..400) {
            let within = within.min(n - 1);
            let rank = |state| match state { State::NotMet => 0, State::NotVisible => 1, State::Met => 2 };
            prop_assert!(rank(state(within, n)) <= rank(state(within + 1, n)));
        }

        #[test]
        fn what_is_named_as_enough_is_enough(n in 1_i64..200, within in 0_i64..200) {
            let found = verdict(within.min(n), n, 0.9, 0.8);
            prop_assert!(found.state != State::NotVisible || found.needed.is_some());
            if let Some(needed) = found.needed {
                let scaled = (found.share.unwrap().share * needed as f64).round() as i64;
                prop_assert!(state(scaled, needed) != State::NotVisible);
            }
        }
    }
}
