//! The crossed model against R's `lme4`, on 390 scores of 40 candidates by 8 interviewers, and on a set in two parts
//! that share nobody. The file with the expected figures names the commands that made them.
//!
//! Tolerances: the criterion to 1e-9 relative; variances to 1e-5 relative, since the criterion is flat where the
//! optimisers stop; everything else to 1e-5 score points.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;

use looplens::stats::crossed::{Candidates, Card, CardSums, Fit, Terms, fit, no_leniency, sd_interval};
use serde_json::Value;

/// A set of ratings with the names behind its numbers.
pub(crate) struct Ratings {
    pub(crate) sums: CardSums,
    pub(crate) candidates: Vec<String>,
    pub(crate) interviewers: Vec<String>,
    pub(crate) cells: Vec<String>,
}

pub(crate) fn reference() -> Value {
    serde_json::from_str(include_str!("golden/crossed/reference.json")).unwrap()
}

pub(crate) fn ratings(rows: &Value) -> Ratings {
    let text = |row: &Value, at: usize| row[at].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap();
    let names = |of: &dyn Fn(&Value) -> String| {
        let mut names: Vec<String> = rows.iter().map(of).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let cell = |row: &Value| format!("{}:{}", text(row, 3), text(row, 2));
    let (candidates, interviewers, cells) = (names(&|row| text(row, 0)), names(&|row| text(row, 1)), names(&cell));
    let place = |names: &[String], name: String| names.binary_search(&name).unwrap() as u32;
    let mut cards: BTreeMap<(u32, u32, String), Vec<(u32, i64)>> = BTreeMap::new();
    for row in rows {
        let key = (place(&candidates, text(row, 0)), place(&interviewers, text(row, 1)), text(row, 2));
        cards.entry(key).or_default().push((place(&cells, cell(row)), row[4].as_i64().unwrap()));
    }
    let cards = cards.into_iter();
    let cards = cards.map(|((candidate, interviewer, _), scores)| Card { candidate, interviewer, scores });
    Ratings { sums: CardSums::new(cards.collect()), candidates, interviewers, cells }
}

const PLAIN: Terms = Terms { candidates: Candidates::Random, interviewers: true, cards: false };
const HALO: Terms = Terms { cards: true, ..PLAIN };
const WITHIN: Terms = Terms { candidates: Candidates::Fixed, ..HALO };

fn close(ours: f64, theirs: &Value, tolerance: f64, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= tolerance, "{what}: {ours} instead of {theirs}");
}

fn agree(fit: &Fit, ratings: &Ratings, expected: &Value) {
    assert!(fit.converged);
    let criterion = &expected["criterion"];
    close(fit.criterion, criterion, 1e-9 * criterion.as_f64().unwrap(), "criterion");
    let variances = [
        ("candidate", fit.variances.candidate),
        ("interviewer", Some(fit.variances.interviewer)),
        ("card", fit.variances.card),
        ("residual", Some(fit.variances.residual)),
    ];
    for (name, ours) in variances {
        match (ours, expected["variance"].get(name)) {
            // The card's variance is small here, and known no better than the others in absolute terms.
            (Some(ours), Some(theirs)) => close(ours, theirs, 1e-5 * theirs.as_f64().unwrap().max(0.05), name),
            (ours, theirs) => assert!(ours.is_none() && theirs.is_none(), "{name}: {ours:?}, {theirs:?}"),
        }
    }
    let mut compared = 0;
    for (name, ours) in ratings.cells.iter().zip(&fit.cells) {
        match (ours, expected["cells"].get(name)) {
            (Some((mean, error)), Some(theirs)) => {
                close(*mean, &theirs[0], 1e-5, name);
                close(*error, &theirs[1], 1e-5, name);
                compared += 1;
            }
            (ours, theirs) => assert!(ours.is_none() && theirs.is_none(), "{name}: {ours:?}, {theirs:?}"),
        }
    }
    assert!(compared > 4);
    for (name, ours) in ratings.interviewers.iter().zip(&fit.interviewers) {
        let theirs = &expected["interviewers"][name];
        close(ours.value, &theirs[0], 1e-5, name);
        close(ours.conditional_sd, &theirs[1], 1e-5, name);
        close(ours.prediction_sd, &theirs[2], 1e-5, name);
        assert!(ours.sd >= ours.prediction_sd);
    }
    if let Some(theirs) = expected.get("candidates") {
        for (name, ours) in ratings.candidates.iter().zip(&fit.candidates) {
            close(*ours, &theirs[name], 1e-5, name);
        }
    }
}

#[test]
fn the_crossed_model_agrees_with_lme4() {
    let reference = reference();
    let ratings = ratings(&reference["ratings"]);
    agree(&fit(&ratings.sums, PLAIN, 1.0).unwrap(), &ratings, &reference["additive"]);
}

#[test]
fn the_halo_agrees_with_lme4() {
    let reference = reference();
    let ratings = ratings(&reference["ratings"]);
    agree(&fit(&ratings.sums, HALO, 1.0).unwrap(), &ratings, &reference["halo"]);
}

#[test]
fn the_fit_within_candidates_agrees_with_a_dense_one() {
    let reference = reference();
    let ratings = ratings(&reference["ratings"]);
    agree(&fit(&ratings.sums, WITHIN, 1.0).unwrap(), &ratings, &reference["within"]);
}

#[test]
fn two_parts_that_share_nobody_agree_with_lme4() {
    let reference = reference();
    let ratings = ratings(&reference["ratings_disconnected"]);
    agree(&fit(&ratings.sums, PLAIN, 1.0).unwrap(), &ratings, &reference["disconnected"]);
}

#[test]
fn steps_of_a_quarter_point_scale_everything() {
    let reference = reference();
    let ratings = ratings(&reference["ratings"]);
    let whole = fit(&ratings.sums, HALO, 1.0).unwrap();
    let quarter = fit(&ratings.sums, HALO, 0.25).unwrap();
    for (a, b) in whole.interviewers.iter().zip(&quarter.interviewers) {
        assert!((a.value - 4.0 * b.value).abs() < 1e-12 && (a.sd - 4.0 * b.sd).abs() < 1e-12);
    }
    assert!((whole.variances.residual - 16.0 * quarter.variances.residual).abs() < 1e-12);
}

#[test]
fn the_profile_interval_is_where_the_criterion_has_risen() {
    let reference = reference();
    let ratings = ratings(&reference["ratings"]);
    let fitted = fit(&ratings.sums, PLAIN, 1.0).unwrap();
    let interval = sd_interval(&ratings.sums, &fitted, 1.0).unwrap();
    // Eight interviewers who differ by 0.2 points on 390 scores are told from equal ones beyond doubt.
    assert!(no_leniency(&ratings.sums, &fitted).unwrap() < 1e-6);
    let sd = fitted.variances.interviewer.sqrt();
    assert!(interval.low < sd && interval.high.unwrap() > sd);
}
