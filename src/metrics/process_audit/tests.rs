//! What a loop did, told from its records.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use proptest::prelude::*;

use super::facts::{Card, Facts, How, Loop, Meeting, MeetingKind, Status};
use super::rounds::{Run, Step, audit};
use crate::config::Config;
use crate::config::plans::Choice;
use crate::engine::metric::Context;
use crate::engine::run::NOTHING;
use crate::plan::Plan;
use crate::time::{DAY, Instant};

const PLAN: &str = "\
name = 'test'
title = 'Test'
[[rounds]]
id = 'a'
name = 'A'
[[rounds]]
id = 'b'
name = 'B'
sessions = [2, 3]
[[rounds]]
id = 'home'
name = 'Home'
kind = 'take_home'
[[rounds]]
id = 'chat'
name = 'Chat'
optional = true
[[rounds]]
id = 'end'
name = 'End'
";
/// The stages, by their place.
const STAGES: [&str; 5] = ["A", "B", "Chat", "End", "Lunch"];
const HOUR: i64 = 3600;

fn at(stage: u32, hour: i64) -> Meeting {
    Meeting {
        stage: Some(stage),
        kind: Some(MeetingKind::Live),
        status: Status::Held,
        at: Some(hour * HOUR),
        minutes: Some(60),
        planned: Some(60),
        panel: Some(1),
    }
}

fn card(stage: u32, person: u32, hour: i64) -> Card {
    let submitted = Some(hour * HOUR);
    Card {
        stage: Some(stage),
        person: Some(person),
        is_own: true,
        interviewed: None,
        submitted,
        scored: 4,
        unscored: 0,
    }
}

/// Gives the run of a loop to `look`, beside a loop that holds every stage once so that all are found.
fn run_of(of: Loop, look: impl FnOnce(&Run<'_>)) {
    let mut config = Config::default();
    config.plan.choice = Choice::Declared(Box::new(Plan::parse(PLAN, "test").unwrap()));
    let context = Context { config: &config, as_of: Instant(10_000 * DAY), period: None, earlier: &NOTHING };
    let every = Loop { meetings: (0..5).map(|stage| at(stage, 100 * i64::from(stage))).collect(), ..Loop::default() };
    let stages = STAGES.map(str::to_owned).to_vec();
    let facts = Facts { loops: vec![of, every], stages, ..Facts::default() };
    look(&audit(&facts, &context).runs[0]);
}

fn held(meetings: Vec<Meeting>) -> Loop {
    Loop { how: How::Reject, meetings, ..Loop::default() }
}

#[test]
fn appointments_of_one_day_are_one_sitting() {
    // Two people at ten, a third at eleven, and the same round again three days later.
    run_of(held(vec![at(0, 10), at(0, 10), at(0, 11), at(0, 82)]), |run| {
        assert_eq!(run.path, [Step::Round(0)]);
        let told: Vec<_> = run.sittings.iter().map(|sitting| (sitting.minutes, sitting.panel)).collect();
        assert_eq!(told, [(Some(120), Some(3)), (Some(60), Some(1))]);
        assert_eq!((run.repeated, run.cost, run.cost_beyond), (1, 240, 60));
        assert!(!run.is_as_planned());
    });
}

#[test]
fn a_round_of_several_sessions_may_take_several_days() {
    run_of(held(vec![at(0, 1), at(1, 50), at(1, 100), at(1, 150)]), |run| {
        assert_eq!((run.repeated, run.sittings.len()), (0, 4));
        assert!(run.is_as_planned());
    });
    run_of(held(vec![at(0, 1), at(1, 50), at(1, 100), at(1, 150), at(1, 200)]), |run| assert_eq!(run.repeated, 1));
}

#[test]
fn coming_back_to_a_round_is_a_repeat_and_another_order() {
    run_of(held(vec![at(0, 1), at(1, 50), at(0, 100)]), |run| {
        assert_eq!(run.path, [Step::Round(0), Step::Round(1), Step::Round(0)]);
        assert_eq!((run.repeated, run.out_of_order), (1, Some(true)));
    });
    run_of(held(vec![at(4, 1), at(0, 2), at(4, 100)]), |run| {
        assert_eq!((run.repeated, run.out_of_order), (1, Some(false)), "a stage that is no round comes back");
        assert_eq!(run.cost_beyond, 120);
    });
}

#[test]
fn without_times_there_is_no_order() {
    let timeless = |stage| Meeting { at: None, ..at(stage, 0) };
    run_of(held(vec![timeless(1), timeless(0), timeless(1)]), |run| {
        assert_eq!(run.path, [Step::Round(0), Step::Round(1)]);
        assert_eq!((run.out_of_order, run.repeated, run.sittings.len()), (None, 0, 2));
        assert!(run.is_as_planned());
    });
}

#[test]
fn what_is_left_out_is_told_as_far_as_the_loop_went() {
    run_of(held(vec![at(1, 10)]), |run| assert_eq!(run.skipped, [0], "rejected after the second round"));
    // The work at home leaves no record in this data, and the chat is optional.
    run_of(held(vec![at(0, 1), at(3, 50)]), |run| assert_eq!(run.skipped, [1]));
    run_of(Loop { how: How::Offer, ..held(vec![at(0, 1), at(1, 50)]) }, |run| {
        assert_eq!(run.skipped, [4], "an offer ends the plan");
    });
    run_of(held(vec![at(0, 1), at(2, 20), at(1, 50)]), |run| {
        assert_eq!((run.skipped.len(), run.out_of_order), (0, Some(true)));
    });
}

#[test]
fn a_scorecard_shows_that_a_round_was_held() {
    let perhaps = Meeting { status: Status::Perhaps, ..at(1, 50) };
    run_of(held(vec![at(0, 1), perhaps.clone()]), |run| assert!(!run.held(1)));
    let cards = vec![card(1, 7, 60), card(1, 8, 61)];
    run_of(Loop { cards: cards.clone(), ..held(vec![at(0, 1), perhaps]) }, |run| {
        assert!(run.held(1));
        assert_eq!(run.uncosted, 0);
    });
    // No appointment at all: the people are those of the cards, and the hours are not known.
    run_of(Loop { cards, ..held(vec![at(0, 1)]) }, |run| {
        assert_eq!(run.path, [Step::Round(0), Step::Round(1)]);
        assert_eq!(run.sittings.last().and_then(|sitting| sitting.panel), Some(2));
        assert_eq!((run.cost, run.uncosted), (60, 1));
    });
}

#[test]
fn waiting_for_nobody_costs_and_work_at_home_does_not() {
    let missed = Meeting { status: Status::NoShow, panel: Some(2), ..at(0, 1) };
    let cancelled = Meeting { status: Status::Cancelled, ..at(0, 20) };
    let home = Meeting { kind: Some(MeetingKind::TakeHome), ..at(0, 60) };
    run_of(held(vec![missed, cancelled, home]), |run| {
        assert_eq!((run.no_shows, run.cancelled, run.repeated), (1, 1, 0));
        assert_eq!((run.cost, run.cost_beyond, run.uncosted), (120, 120, 0));
        assert!(run.has_rework() && run.is_as_planned());
    });
}

proptest! {
    #[test]
    fn what_a_loop_did_adds_up_in_any_order(
        met in proptest::collection::vec((0_u32..5, 0_i64..300), 0..12),
        turn in 0_usize..12,
    ) {
        let meetings: Vec<Meeting> = met.iter().map(|(stage, hour)| at(*stage, *hour)).collect();
        let mut turned = meetings.clone();
        turned.rotate_left(turn.min(meetings.len()));
        turned.reverse();
        let told = |meetings: Vec<Meeting>| {
            let mut told = None;
            run_of(held(meetings), |run| {
                let panel: i64 = run.sittings.iter().filter_map(|sitting| sitting.panel).sum();
                told = Some((run.path.clone(), run.sittings.len(), panel, run.repeated, run.cost, run.cost_beyond));
            });
            told.unwrap()
        };
        let straight = told(meetings.clone());
        prop_assert_eq!(&straight, &told(turned));
        let (path, sittings, panel, repeated, cost, beyond) = straight;
        prop_assert!(path.len() <= sittings && sittings <= meetings.len() && repeated <= sittings as i64);
        prop_assert!(path.windows(2).all(|two| two[0] != two[1]));
        prop_assert_eq!(panel, meetings.len() as i64);
        prop_assert_eq!(cost, 60 * meetings.len() as i64);
        prop_assert!((0..=cost).contains(&beyond));
    }
}
