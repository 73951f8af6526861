//! Laws of the crossed model.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use super::*;

fn card(candidate: u32, interviewer: u32, scores: &[(u32, i64)]) -> Card {
    Card { candidate, interviewer, scores: scores.to_vec() }
}

const MODEL: Terms = Terms { candidates: Candidates::Random, interviewers: true, cards: true };

#[test]
fn what_cannot_be_compared_is_refused() {
    let one = CardSums::new(vec![card(0, 0, &[(0, 2)]), card(1, 0, &[(0, 3)])]);
    assert_eq!(fit(&one, MODEL, 1.0).unwrap_err(), Refused::OneInterviewer);
    let apart = CardSums::new(vec![card(0, 0, &[(0, 2)]), card(1, 1, &[(0, 3)])]);
    assert_eq!(fit(&apart, MODEL, 1.0).unwrap_err(), Refused::NothingShared);
    let same: Vec<Card> = (0..12).map(|n| card(n / 3, n % 3, &[(0, 3), (1, 2)])).collect();
    assert_eq!(fit(&CardSums::new(same), MODEL, 1.0).unwrap_err(), Refused::NoVariation);
    assert_eq!(fit(&CardSums::new(Vec::new()), MODEL, 1.0).unwrap_err(), Refused::NoScores);
}

/// A company of so many interviewers whose scores follow a rule without chance: everybody meets `candidates` in turn,
/// four at a time.
fn company(interviewers: u32, candidates: u32, score: &dyn Fn(u32, u32, u32) -> i64) -> CardSums {
    let meets = |candidate: u32| (0..4).map(move |seat| (candidate * 3 + seat * 7 + candidate / 7) % interviewers);
    let cards = (0..candidates).flat_map(|candidate| {
        meets(candidate).map(move |person| {
            let scores = (0..4).map(|cell| (cell, score(candidate, person, cell))).collect();
            Card { candidate, interviewer: person, scores }
        })
    });
    CardSums::new(cards.collect())
}

/// A whole number from -50 to 50 that looks like chance.
fn noise(candidate: u32, person: u32, cell: u32) -> i64 {
    let mut state = u64::from(candidate) << 40 | u64::from(person) << 20 | u64::from(cell);
    for _ in 0..3 {
        state = (state ^ (state >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x2545_f491);
    }
    ((state >> 33) % 101) as i64 - 50
}

#[test]
fn no_leniency_has_an_interval_all_the_same() {
    let sums = company(12, 60, &|candidate, person, cell| {
        10 * i64::from(candidate % 13) + noise(candidate, person, cell + 40)
    });
    let fitted = fit(&sums, MODEL, 0.01).unwrap();
    let zero = fitted.variances.interviewer == 0.0;
    assert!(zero, "{:?}", fitted.variances);
    for effect in &fitted.interviewers {
        assert!(effect.value == 0.0 && effect.prediction_sd == 0.0);
        // So many scores allow some leniency, but not much.
        assert!(effect.sd > 0.01 && effect.sd < 0.1, "{effect:?}");
    }
    let interval = sd_interval_by_curvature(&sums, &fitted).unwrap();
    assert_eq!(interval, SdInterval { low: 0.0, high: None });
    assert_eq!(assignment(&sums, &fitted, 0.01), None);
}

#[test]
fn uncertain_variances_never_make_predictions_surer() {
    let lenient = |candidate: u32, person: u32, cell: u32| {
        10 * i64::from(candidate % 13) + 6 * i64::from(person % 5) + noise(candidate, person, cell)
    };
    for interviewers in [4, 6, 9, 16, 30] {
        let fitted = fit(&company(interviewers, 90, &lenient), MODEL, 0.01).unwrap();
        for effect in &fitted.interviewers {
            assert!(effect.sd.is_finite() && effect.sd >= effect.prediction_sd, "{interviewers}: {effect:?}");
            assert!(effect.prediction_sd >= effect.conditional_sd, "{interviewers}: {effect:?}");
        }
    }
}

#[test]
fn the_interval_from_the_curvature_is_near_the_profile_interval_with_many_interviewers() {
    let lenient = |candidate: u32, person: u32, cell: u32| {
        10 * i64::from(candidate % 13) + 3 * noise(0, person, 99) / 2 + noise(candidate, person, cell)
    };
    let sums = company(120, 600, &lenient);
    let fitted = fit(&sums, MODEL, 0.01).unwrap();
    let (profile, curvature) =
        (sd_interval(&sums, &fitted, 0.01).unwrap(), sd_interval_by_curvature(&sums, &fitted).unwrap());
    let width = profile.high.unwrap() - profile.low;
    assert!((profile.low - curvature.low).abs() < 0.05 * width, "{profile:?} {curvature:?}");
    assert!((profile.high.unwrap() - curvature.high.unwrap()).abs() < 0.05 * width, "{profile:?} {curvature:?}");
}

#[test]
fn who_meets_whom_matters_where_the_strong_meet_the_same_people() {
    let strength = |candidate: u32| 15 * i64::from(candidate % 13);
    let chance = |candidate: u32, person: u32, cell: u32| {
        let halo = 3 * noise(candidate, person, 50) / 2;
        strength(candidate) + 2 * noise(0, person, 99) / 3 + halo + noise(candidate, person, cell)
    };
    let even = company(24, 240, &chance);
    let trade = assignment(&even, &fit(&even, MODEL, 0.01).unwrap(), 0.01).unwrap();
    assert!(!trade.is_better_within() && trade.variance > 0.0, "{trade:?}");
    // The same scores, but the stronger half meets the first twelve three times out of four.
    let cards = (0..240_u32).flat_map(|candidate| {
        let first = (candidate % 13 > 6) as u32;
        (0..4_u32).map(move |seat| {
            let pool = if seat < 3 { first } else { 1 - first };
            let person = 12 * (1 - pool) + (candidate * 5 + seat * 3 + candidate / 11) % 12;
            let scores = (0..4).map(|cell| (cell, chance(candidate, person, cell))).collect();
            Card { candidate, interviewer: person, scores }
        })
    });
    let sorted = CardSums::new(cards.collect());
    let trade = assignment(&sorted, &fit(&sorted, MODEL, 0.01).unwrap(), 0.01).unwrap();
    assert!(trade.is_better_within() && trade.bias > 0.0, "{trade:?}");
}
