//! Rounds that decide and rounds that do not.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use super::*;
use crate::stats::em_covariance::{Stop, em_covariance};
use crate::stats::redundancy::redundancy;
use crate::stats::redundancy::tests::{Dice, planted};
use crate::stats::stage_scores::Held;

fn joint(scores: &StageScores) -> Joint {
    em_covariance(&scores.groups(1).sums(|_| 1.0).patterns, scores.stages(), None, Stop::default()).unwrap()
}

/// Everybody has all three scores; hired by the mean of the first two, the third is ignored.
fn open_loop(loops: usize) -> (StageScores, Vec<bool>) {
    let mut dice = Dice::new(11);
    let mut scores = StageScores::new(3);
    let mut hired = Vec::new();
    for _ in 0..loops {
        let x: [f64; 3] = std::array::from_fn(|_| dice.normal());
        scores.push(&[0, 1, 2].map(|stage| Held { stage, score: x[stage], cards: 1, within: 0.0 }));
        hired.push(x[0] + x[1] > 0.0);
    }
    (scores, hired)
}

#[test]
fn a_round_that_nobody_listens_to_changes_nothing_and_one_that_decides_does() {
    let (scores, hired) = open_loop(2_000);
    let joint = joint(&scores);
    let known = Known { scores: &scores, joint: &joint };
    let rows: Vec<u32> = (0..2_000).collect();
    let with = apply(known, &rows, &hired, 0b111, Rule::Fitted).unwrap();
    assert!(with.agreement.unwrap() > 0.98, "{:?}", with.agreement);
    let without = |stage: u64| apply(known, &rows, &hired, 0b111 & !(1 << stage), Rule::Fitted).unwrap();
    let ignored = flips(&with, &without(2)).unwrap();
    assert!(ignored.rate.share < 0.02, "{ignored:?}");
    // Two independent halves of a decision: without one of them a quarter changes.
    let decisive = flips(&with, &without(0)).unwrap();
    assert!((decisive.rate.share - 0.25).abs() < 0.03, "{decisive:?}");
    // As many are let through as before.
    assert!((decisive.lost - decisive.extra).abs() <= 1);
}

#[test]
fn a_bar_counts_scores_and_needs_no_decisions() {
    let (scores, _) = open_loop(100);
    let joint = joint(&scores);
    let known = Known { scores: &scores, joint: &joint };
    let rows: Vec<u32> = (0..100).collect();
    let with = apply(known, &rows, &[], 0b111, Rule::Bar(0.2)).unwrap();
    let without = apply(known, &rows, &[], 0b011, Rule::Bar(0.2)).unwrap();
    let expected = rows
        .iter()
        .filter(|row| {
            let x = scores.row(**row as usize);
            ((x[0] + x[1] + x[2]) / 3.0 >= 0.2) != ((x[0] + x[1]) / 2.0 >= 0.2)
        })
        .count() as i64;
    let found = flips(&with, &without).unwrap();
    assert_eq!(found.lost + found.extra, expected);
    assert!(with.agreement.is_none());
}

#[test]
fn holding_a_round_again_changes_what_new_cards_would() {
    // Against drawing another card for everybody: the truth behind a score is known here.
    let mut dice = Dice::new(21);
    let (mut scores, mut again) = (StageScores::new(2), StageScores::new(2));
    let mut hired = Vec::new();
    for _ in 0..20_000 {
        let truth = dice.normal();
        let (first, second, other) =
            (truth + 0.7 * dice.normal(), truth + 0.7 * dice.normal(), 0.5 * truth + dice.normal());
        let row = |x: f64| [x, other].map(f64::from);
        for (to, x) in [(&mut scores, first), (&mut again, second)] {
            let x = row(x);
            to.push(&[0, 1].map(|stage| Held { stage, score: x[stage], cards: 1, within: 0.0 }));
        }
        hired.push(first + other > 0.5);
    }
    let joint = joint(&scores);
    let rows: Vec<u32> = (0..20_000).collect();
    let known = Known { scores: &scores, joint: &joint };
    let with = apply(known, &rows, &hired, 0b11, Rule::Bar(0.25)).unwrap();
    let drawn = apply(Known { scores: &again, joint: &joint }, &rows, &hired, 0b11, Rule::Bar(0.25)).unwrap();
    let expected = flips(&with, &drawn).unwrap().rate.share;
    let found = repeated(known, &rows, &with, 0b11, 0, 0.49).unwrap();
    assert!((found - expected).abs() < 0.01, "{found} instead of {expected}");
    let fitted = apply(known, &rows, &hired, 0b11, Rule::Fitted).unwrap();
    let found = repeated(known, &rows, &fitted, 0b11, 0, 0.49).unwrap();
    assert!((found - expected).abs() < 0.03, "{found} instead of {expected}");
}

#[test]
fn dropping_a_duplicate_changes_hardly_more_than_holding_it_again() {
    let (scores, hired) = planted(8_000, 2);
    let found = redundancy(&scores, None, 30);
    let joint = found.joint.as_ref().unwrap();
    let known = Known { scores: &scores, joint };
    let excess = |stage: usize| {
        let rows: Vec<u32> = (0..8_000).filter(|row| scores.score(*row as usize, stage).is_some()).collect();
        let decided: Vec<bool> = rows.iter().map(|row| hired[*row as usize]).collect();
        let with = apply(known, &rows, &decided, 0b1111, Rule::Fitted).unwrap();
        let without = apply(known, &rows, &decided, 0b1111 & !(1 << stage), Rule::Fitted).unwrap();
        let again = repeated(known, &rows, &with, 0b1111, stage, found.stages[stage].noise.unwrap().of_score).unwrap();
        flips(&with, &without).unwrap().rate.share - again
    };
    assert!(excess(2) < 0.08, "{}", excess(2));
    assert!(excess(3) > 0.1, "{}", excess(3));
}

#[test]
fn few_or_one_sided_decisions_have_no_rule() {
    let (scores, hired) = open_loop(60);
    let joint = joint(&scores);
    let known = Known { scores: &scores, joint: &joint };
    let rows: Vec<u32> = (0..60).collect();
    let of = |rows: &[u32], hired: &[bool]| apply(known, rows, hired, 0b111, Rule::Fitted).err();
    assert_eq!(of(&rows[..20], &hired[..20]), Some(NoRule::TooFew));
    assert_eq!(of(&rows, &[true; 60]), Some(NoRule::OneSided));
    assert_eq!(of(&rows, &hired), None);
    let nobody = apply(known, &[], &[], 0b111, Rule::Bar(1.0)).unwrap();
    assert!(flips(&nobody, &nobody).is_none() && repeated(known, &[], &nobody, 0b111, 0, 0.1).is_none());
}
