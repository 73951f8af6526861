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
