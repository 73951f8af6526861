//! Planted truth, and what cannot be told.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use proptest::prelude::*;

use super::super::equivalence::{Evidence, Margins, Verdict, same_p, verdict};
use super::*;
use crate::stats::stage_scores::Held;

/// Standard normal draws.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (1.0 - self.0.random::<f64>(), self.0.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// Loops of four rounds: the first and third measure the same, the second shares 0.75 with them, the last 0.3; every gate
/// lets half through by its own score; the last has panels of two. Half of a score's variance is noise.
pub(crate) fn planted(loops: usize, seed: u64) -> (StageScores, Vec<bool>) {
    let mut dice = Dice::new(seed);
    let mut scores = StageScores::new(4);
    let mut hired = Vec::new();
    for _ in 0..loops {
        let same = dice.normal();
        let mixed = |share: f64, dice: &mut Dice| share * same + (1.0 - share * share).sqrt() * dice.normal();
        let truth = [same, mixed(0.75, &mut dice), same, mixed(0.3, &mut dice)];
        let (mut held, mut through) = (Vec::new(), true);
        for (stage, truth) in truth.into_iter().enumerate() {
            let mut seen = || truth + 0.7 * dice.normal();
            let cards: Vec<f64> = (0..if stage == 3 { 2 } else { 1 }).map(|_| seen()).collect();
            let score = cards.iter().sum::<f64>() / cards.len() as f64;
            let within = cards.iter().map(|card| (card - score).powi(2)).sum();
            held.push(Held { stage, score, cards: cards.len() as u32, within });
            through = score > -0.3;
            if !through {
                break;
            }
        }
        scores.push(&held);
        hired.push(through);
    }
    (scores, hired)
}

fn pair(found: &Redundancy, a: usize, b: usize) -> Pair {
    *found.pairs.iter().find(|pair| (pair.a, pair.b) == (a, b)).unwrap()
}

fn judged(pair: &Pair) -> Verdict {
    let pure = pair.disattenuated.unwrap();
    let evidence = Evidence {
        value: pure.value,
        low: pure.interval.low.unwrap(),
        high: pure.interval.high.unwrap(),
        n: pair.n as f64,
        p: same_p(pure.value, pure.std_error.unwrap(), 0.85),
        flips_high: Some(0.0),
    };
    verdict(&evidence, &Margins::default())
}

#[test]
fn planted_pairs_get_their_verdicts_and_raw_correlations_would_not() {
    let (mut right, mut raw_covers, mut corrected_covers) = ([0; 3], 0, 0);
    const SEEDS: u64 = 12;
    for seed in 0..SEEDS {
        let (scores, _) = planted(6_000, seed);
        let found = redundancy(&scores, None, 100);
        let same = pair(&found, 0, 2);
        right[0] += u64::from(judged(&same) == Verdict::Redundant);
        right[1] += u64::from(judged(&pair(&found, 0, 1)) == Verdict::Overlapping);
        right[2] += u64::from(judged(&pair(&found, 0, 3)) == Verdict::Distinct);
        // Two noisy scores of one thing: 1 / (1 + 0.49).
        let truth = 1.0 / 1.49;
        let holds = |interval: Interval| interval.low.unwrap() <= truth && truth <= interval.high.unwrap();
        raw_covers += u64::from(holds(same.pearson.unwrap().interval));
        corrected_covers += u64::from(holds(same.corrected.unwrap().interval));
    }
    assert!(right.iter().all(|count| *count >= SEEDS - 1), "{right:?} of {SEEDS}");
    assert_eq!(raw_covers, 0, "selection hides it");
    assert!(corrected_covers >= SEEDS - 2, "{corrected_covers} of {SEEDS}");
}

#[test]
fn reliabilities_and_multiple_correlations_are_those_planted() {
    let (scores, _) = planted(40_000, 77);
    let found = redundancy(&scores, None, 50);
    let single = found.stages[0].reliability.unwrap();
    assert!((single.value - 1.0 / 1.49).abs() < 0.03, "{single:?}");
    assert_eq!(found.stages[0].noise.unwrap().seen, crate::stats::attenuation::Seen::Elsewhere);
    let double = found.stages[3].reliability.unwrap();
    assert!((double.value - 1.0 / 1.245).abs() < 0.03, "{double:?}");
    // The last round shares little with the others, the third much.
    let r2 = |stage: usize| found.stages[stage].r2_from_others.unwrap().value;
    assert!(r2(2) > 0.4 && r2(3) < 0.15, "{} {}", r2(2), r2(3));
    let effective = found.effective.unwrap();
    assert!(effective.value > 1.5 && effective.value < 4.0);
}

#[test]
fn an_outcome_of_the_hired_is_credited_to_the_round_that_tells_it() {
    let mut dice = Dice::new(5);
    let mut scores = StageScores::new(3);
    let mut outcomes = Vec::new();
    for _ in 0..4_000 {
        let x: [f64; 3] = std::array::from_fn(|_| dice.normal());
        let held = |stage: usize| Held { stage, score: x[stage], cards: 1, within: 0.0 };
        let mut row = vec![held(0)];
        let mut outcome = None;
        if x[0] > 0.0 {
            row.extend([held(1), held(2)]);
            outcome = (x[1] > 0.0).then(|| 0.6 * x[1] + 0.8 * dice.normal());
        }
        scores.push(&row);
        outcomes.push(outcome);
    }
    let found = redundancy(&scores, Some(&outcomes), 50);
    assert!(found.has_outcome);
    let gain = |stage: usize| found.stages[stage].adds_to_outcome.unwrap().value;
    assert!((gain(1) - 0.36).abs() < 0.08 && gain(0) < 0.02 && gain(2) < 0.02, "{} {} {}", gain(0), gain(1), gain(2));
    // Too few outcomes stay out.
    let few: Vec<Option<f64>> = outcomes.iter().enumerate().map(|(at, value)| value.filter(|_| at < 60)).collect();
    assert!(!redundancy(&scores, Some(&few), 50).has_outcome);
}

#[test]
fn the_same_data_give_the_same_figures() {
    let (scores, _) = planted(700, 3);
    let [one, two] = [0, 1].map(|_| redundancy(&scores, None, 60));
    assert_eq!(one.pairs, two.pairs);
    assert_eq!(one.stages, two.stages);
}

#[test]
fn what_cannot_be_told_has_no_figure() {
    let held = |stage: usize, score: f64| Held { stage, score, cards: 1, within: 0.0 };
    // Two stages that never meet, one with a constant score, one that repeats another, one of few.
    let mut scores = StageScores::new(6);
    for n in 0..60 {
        let noise = f64::from(n * 7 % 11) / 4.0;
        let mut row = vec![held(2, 3.0), held(3, noise), held(4, noise)];
        row.push(if n % 2 == 0 { held(0, noise + f64::from(n % 3)) } else { held(1, f64::from(n % 5)) });
        if n < 6 {
            row.push(held(5, f64::from(n)));
        }
        scores.push(&row);
    }
    let found = redundancy(&scores, None, 50);
    let never = pair(&found, 0, 1);
    assert!(never.n == 0 && never.pearson.is_none() && never.corrected.is_none() && never.disattenuated.is_none());
    assert!(pair(&found, 0, 2).pearson.is_none(), "a constant score correlates with nothing");
    let copies = pair(&found, 3, 4);
    assert!(copies.pearson.is_none() && copies.disattenuated.is_none(), "{copies:?}");
    assert!(pair(&found, 0, 5).pearson.is_none(), "six candidates are too few");
    assert!(pair(&found, 0, 3).pearson.is_some() && pair(&found, 0, 3).corrected.is_some());
    // Nobody met two interviewers.
    assert!(found.stages.iter().all(|stage| stage.reliability.is_none()));
    for pair in &found.pairs {
        let figures = [pair.pearson, pair.spearman, pair.corrected, pair.disattenuated, pair.partial];
        for figure in figures.into_iter().flatten() {
            assert!(figure.value.is_finite() && figure.interval.low.is_none_or(f64::is_finite));
        }
    }
    let alone = redundancy(&StageScores::new(1), None, 50);
    assert!(alone.pairs.is_empty() && alone.joint.is_err() && alone.effective.is_none());
}

#[test]
fn sixty_stages_leave_the_estimate_to_those_of_most_candidates() {
    let mut dice = Dice::new(9);
    let mut scores = StageScores::new(59);
    for n in 0..400_usize {
        let common = dice.normal();
        let mut held = Vec::new();
        for stage in (0..59).filter(|stage| *stage < 5 || (stage + n) % 9 == 0) {
            held.push(Held { stage, score: common + dice.normal(), cards: 1, within: 0.0 });
        }
        scores.push(&held);
    }
    let found = redundancy(&scores, None, 30);
    assert_eq!(found.pairs.len(), 59 * 58 / 2);
    assert!(found.members.len() <= MOST_JOINT && found.members.starts_with(&[0, 1, 2, 3, 4]));
    assert!(pair(&found, 0, 4).corrected.is_some());
    let outside = (5..59).find(|stage| !found.members.contains(stage)).unwrap();
    assert!(pair(&found, 0, outside).pearson.is_some() && pair(&found, 0, outside).corrected.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn shifting_and_scaling_scores_changes_no_correlation(
        seed in 0_u64..1_000, shift in -2.0_f64..2.0, scale in 0.2_f64..3.0,
    ) {
        let (scores, _) = planted(150, seed);
        let mut moved = StageScores::new(4);
        for row in 0..scores.len() {
            let held = (0..4).filter_map(|stage| {
                let score = scores.score(row, stage)? * scale + shift;
                Some(Held { stage, score, cards: 1, within: 0.0 })
            });
            moved.push(&held.collect::<Vec<_>>());
        }
        let (one, two) = (redundancy(&scores, None, 0), redundancy(&moved, None, 0));
        for (a, b) in one.pairs.iter().zip(&two.pairs) {
            for (x, y) in [(a.pearson, b.pearson), (a.spearman, b.spearman), (a.corrected, b.corrected)] {
                prop_assert_eq!(x.is_some(), y.is_some());
                if let (Some(x), Some(y)) = (x, y) {
                    prop_assert!((x.value - y.value).abs() < 1e-5, "{} {}", x.value, y.value);
                }
            }
        }
    }

    #[test]
    fn without_selection_nothing_is_corrected(seed in 0_u64..1_000) {
        let mut dice = Dice::new(seed);
        let mut scores = StageScores::new(2);
        for _ in 0..40 {
            let common = dice.normal();
            let held = [0, 1].map(|stage| Held { stage, score: common + dice.normal(), cards: 1, within: 0.0 });
            scores.push(&held);
        }
        let found = redundancy(&scores, None, 0);
        let pair = &found.pairs[0];
        let (raw, corrected) = (pair.pearson.unwrap().value, pair.corrected.unwrap().value);
        prop_assert!((raw - corrected).abs() < 1e-9);
        prop_assert!((pair.thorndike.unwrap().value - raw).abs() < 1e-12);
    }
}
