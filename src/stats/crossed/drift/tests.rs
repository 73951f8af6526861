//! Movement that was planted is found, and where none was planted it is found no more often than promised.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

use super::*;
use crate::stats::crossed::Candidates;
use crate::stats::crossed::{Card, Terms, fit};

const MODEL: Terms = Terms { candidates: Candidates::Random, interviewers: true, cards: true };
const PEOPLE: u32 = 12;
const LOOPS: u32 = 240;
const QUARTERS: u32 = 4;

struct History {
    sums: CardSums,
    periods: Vec<Option<u32>>,
    /// What was planted, by interviewer and quarter.
    moved: Vec<Vec<f64>>,
}

/// Loops of three cards with three dimensions each, scored 1 to 4. Later quarters have better candidates.
fn history(seed: u64, moves: f64) -> History {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = move || ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let mut normal = {
        let mut random = ChaCha8Rng::seed_from_u64(seed + 1_000_000);
        move |sd: f64| {
            let unit = ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            sd * Normal::standard().inverse_cdf(unit)
        }
    };
    let leniency: Vec<f64> = (0..PEOPLE).map(|_| normal(0.25)).collect();
    let moved: Vec<Vec<f64>> = (0..PEOPLE).map(|_| (0..QUARTERS).map(|_| normal(moves)).collect()).collect();
    let mut cards = Vec::new();
    for candidate in 0..LOOPS {
        let quarter = candidate * QUARTERS / LOOPS;
        let quality = normal(0.6) + 0.1 * f64::from(quarter);
        let mut met: Vec<u32> = Vec::new();
        while met.len() < 3 {
            let person = (unit() * f64::from(PEOPLE)) as u32;
            if !met.contains(&person) {
                met.push(person);
            }
        }
        for interviewer in met {
            let card = normal(0.3);
            let above = leniency[interviewer as usize] + moved[interviewer as usize][quarter as usize];
            let score = |cell: u32| (cell, (2.5 + quality + above + card + normal(0.5)).round().clamp(1.0, 4.0) as i64);
            cards.push(Card { candidate, interviewer, scores: [0, 1, 2].map(score).to_vec() });
        }
    }
    let periods = (0..LOOPS).map(|candidate| Some(candidate * QUARTERS / LOOPS)).collect();
    History { sums: CardSums::new(cards), periods, moved }
}

fn told(history: &History) -> Drift {
    let fitted = fit(&history.sums, MODEL, 1.0).unwrap();
    drift(&history.sums, &fitted, &history.periods, 10, 1.0).unwrap()
}

#[test]
fn movement_that_is_not_there_is_seldom_found() {
    let all: Vec<Drift> = (0..60).map(|seed| told(&history(seed, 0.0))).collect();
    let found = all.iter().filter(|drift| drift.p <= 0.05).count();
    // With 60 histories and a size of 5 %, eight or more happen once in a hundred times.
    assert!(found < 8, "{found} of 60");
    assert!(all.iter().any(|drift| drift.variance == 0.0) && all.iter().any(|drift| drift.variance > 0.0));
    let moves: Vec<f64> = all.iter().flat_map(|drift| drift.moves.iter().map(|one| one.p)).collect();
    let surprising = moves.iter().filter(|p| **p <= 0.05).count() as f64 / moves.len() as f64;
    assert!((0.02..0.085).contains(&surprising), "{surprising} of {}", moves.len());
    let held = all.iter().filter(|drift| drift.sd.low == Some(0.0)).count();
    assert!(held >= 54, "{held} of 60 intervals hold no movement");
}

#[test]
fn planted_movement_is_found_and_sized() {
    let mut sum = 0.0;
    for seed in 0..12 {
        let planted = history(100 + seed, 0.3);
        let drift = told(&planted);
        assert!(drift.p < 0.01 && drift.sd.low.unwrap() > 0.0, "{}", drift.p);
        sum += drift.variance / 12.0;
        // What was planted beyond the interviewer's own mean and that of the quarter is what can be seen.
        let (mut seen, mut known, mut both, mut within) = (0.0, 0.0, 0.0, 0);
        for shift in &drift.shifts {
            let own = &planted.moved[shift.interviewer as usize];
            let quarter = planted.moved.iter().map(|own| own[shift.period as usize]).sum::<f64>() / f64::from(PEOPLE);
            let truth = own[shift.period as usize] - own.iter().sum::<f64>() / own.len() as f64 - quarter;
            seen += shift.value * shift.value;
            known += truth * truth;
            both += shift.value * truth;
            within += usize::from((shift.value - truth).abs() < 1.96 * shift.sd);
        }
        assert!(both / (seen * known).sqrt() > 0.6, "{}", both / (seen * known).sqrt());
        assert!(within * 10 >= drift.shifts.len() * 8, "{within} of {}", drift.shifts.len());
    }
    assert!((0.06..0.12).contains(&sum), "{sum}");
}

#[test]
fn one_who_becomes_severe_is_told_apart_from_the_rest() {
    let mut cards = Vec::new();
    let steady = history(7, 0.0);
    for key in &steady.sums.keys {
        let (cells, sums) = steady.sums.scores(key);
        let late = steady.periods[key.candidate as usize].unwrap() > 1;
        let by = i64::from(key.interviewer == 3 && late);
        let scores = cells.iter().zip(sums).map(|(cell, score)| (*cell, score - by)).collect();
        cards.push(Card { candidate: key.candidate, interviewer: key.interviewer, scores });
    }
    let moved = History { sums: CardSums::new(cards), ..steady };
    let drift = told(&moved);
    let surest = drift.moves.iter().min_by(|a, b| a.p.total_cmp(&b.p)).unwrap();
    assert!(surest.interviewer == 3 && surest.p < 1e-4, "{surest:?}");
    assert!(surest.between.0 < 2 && surest.between.1 > 1 && surest.interval.high.unwrap() < 0.0, "{surest:?}");
}

#[test]
fn one_period_or_none_tells_nothing() {
    let one = history(5, 0.0);
    let fitted = fit(&one.sums, MODEL, 1.0).unwrap();
    let same = vec![Some(2); one.periods.len()];
    assert_eq!(drift(&one.sums, &fitted, &same, 10, 1.0).unwrap_err(), NoDrift::OnePeriod);
    assert_eq!(drift(&one.sums, &fitted, &[], 10, 1.0).unwrap_err(), NoDrift::OnePeriod);
    assert_eq!(drift(&one.sums, &fitted, &one.periods, 1_000, 1.0).unwrap_err(), NoDrift::OnePeriod);
}

#[test]
fn the_size_of_a_step_is_a_unit() {
    let planted = history(3, 0.2);
    let fits = [1.0, 0.25].map(|step| fit(&planted.sums, MODEL, step).unwrap());
    let [one, quarter] = [(&fits[0], 1.0), (&fits[1], 0.25)]
        .map(|(fit, step)| drift(&planted.sums, fit, &planted.periods, 10, step).unwrap());
    assert!((one.p - quarter.p).abs() < 1e-9 && (one.variance - 16.0 * quarter.variance).abs() < 1e-9);
    assert!((one.sd.high.unwrap() - 4.0 * quarter.sd.high.unwrap()).abs() < 1e-9);
    assert_eq!(one.moves.len(), quarter.moves.len());
}

#[test]
fn the_variance_is_near_that_of_a_full_search() {
    // R 4.2.2, lme4 1.1-31 on the same scores: the variance of `i:q` by REML in
    // `y ~ factor(cell) + factor(q) + (1|c) + (1|i) + (1|card) + (1|i:q)`, and half the p-value of its likelihood ratio.
    let known = [
        (9001, 0.0, 0.0044, 0.1362),
        (9002, 0.1, 0.0084, 0.02497),
        (9003, 0.2, 0.02854, 3.7e-8),
        (9004, 0.3, 0.06665, 4.4e-16),
        (9005, 0.2, 0.04805, 1.8e-12),
        (9006, 0.15, 0.02413, 2.7e-6),
    ];
    for (seed, moves, variance, p) in known {
        let found = told(&history(seed, moves));
        assert!((found.variance.sqrt() - f64::sqrt(variance)).abs() < 0.025, "{seed}: {}", found.variance);
        assert_eq!(found.p <= 0.05, p <= 0.05, "{seed}: {}", found.p);
        assert!(p < 1e-3 || (found.p / p - 1.0).abs() < 0.1, "{seed}: {}", found.p);
        assert!(found.sd.low.unwrap() < variance.sqrt() && variance.sqrt() < found.sd.high.unwrap());
    }
}
