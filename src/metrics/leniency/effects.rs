//! Rater effects other than leniency, each against what all interviewers together lead to expect.

mod filed;
#[cfg(test)]
mod tests;

use filed::Filed;

use super::model::{Fitted, status};
use super::tables::RATER_EFFECTS;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing};
use crate::stats::crossed::Drift;
use crate::stats::estimate::Interval;
use crate::stats::multiplicity::benjamini_hochberg;

/// Cards below which nothing is said, and below which it is thin.
const FEWEST: usize = 5;
const ENOUGH: usize = 10;
/// The largest q-value that is told from chance.
const SURE: f64 = 0.05;

/// One effect of one interviewer.
struct Seen {
    value: f64,
    interval: Interval,
    expected: f64,
    p: f64,
    n: usize,
    /// Whether it is far enough, and on the side that has the effect's name.
    matters: bool,
}

/// The effects with their units, in the order of the table.
const EFFECTS: [(&str, &str); 7] = [
    ("restricted_range", "variance ratio"),
    ("halo", "variance ratio"),
    ("inconsistency", "variance ratio"),
    ("central_tendency", "share"),
    ("straight_lining", "share"),
    ("drift", "score points"),
    ("late", "share"),
];

/// The table of rater effects: a row for every interviewer and effect, also where there is nothing to say but why.
pub(super) fn tables(
    cards: &Cards,
    fitted: &Fitted,
    moved: &Result<Drift, String>,
    context: &Context<'_>,
) -> Vec<ResultTable> {
    let mut out = ResultTable::new(&RATER_EFFECTS);
    let (design, why) = status(cards, fitted);
    let fit = fitted.random.as_ref().ok().filter(|_| design != Status::NotEstimable);
    let models = &context.config.models;
    let filed = fit.map(|fit| Filed::of(cards, fit, models.late_after_hours));
    for (effect, unit) in EFFECTS {
        let seen: Vec<Option<Seen>> = (0..cards.interviewers.len())
            .map(|person| {
                let filed = filed.as_ref().filter(|filed| filed.own[person].len() >= FEWEST)?;
                match effect {
                    "restricted_range" => filed.restricted_range(person),
                    "halo" => filed.halo(person),
                    "inconsistency" => filed.inconsistency(person),
                    "central_tendency" => filed.central_tendency(person),
                    "straight_lining" => filed.straight_lining(person),
                    "drift" => drift(person, moved.as_ref().ok()?, models.smallest_leniency),
                    _ => filed.late(person, models.late_after_hours),
                }
            })
            .collect();
        let p: Vec<Option<f64>> = seen.iter().map(|seen| Some(seen.as_ref()?.p)).collect();
        for (person, (seen, q)) in seen.iter().zip(benjamini_hochberg(&p)).enumerate() {
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([
                ("interviewer_id", Cell::Text(cards.interviewers[person].clone())),
                ("effect", Cell::Text(effect.to_owned())),
                ("unit", Cell::Text(unit.to_owned())),
            ]);
            let own = filed.as_ref().map_or(0, |filed| filed.own[person].len());
            let (n, state, reason) = match seen {
                None if design == Status::NotEstimable => (own, design, why.clone()),
                None if own < FEWEST => (own, Status::NotEstimable, Some(format!("fewer than {FEWEST} cards"))),
                None => (own, Status::NotEstimable, Some(nothing(effect, moved))),
                Some(seen) => {
                    let told = q.is_some_and(|q| q <= SURE) && seen.matters;
                    cells.extend([
                        ("value", Cell::float(seen.value)),
                        ("value_low", Cell::float(seen.interval.low)),
                        ("value_high", Cell::float(seen.interval.high)),
                        ("expected", Cell::float(seen.expected)),
                        ("p_value", Cell::float(seen.p)),
                        ("q_value", Cell::float(q)),
                        ("verdict", Cell::Text(if told { effect } else { "as_expected" }.to_owned())),
                    ]);
                    if seen.n < ENOUGH {
                        (seen.n, Status::Thin, Some(format!("fewer than {ENOUGH} cards")))
                    } else {
                        (seen.n, design, why.clone())
                    }
                }
            };
            cells.extend(standing(n as i64, format!("{}; {}", method(effect), cards.window), state, reason));
            out.push(cells);
        }
    }
    vec![out]
}

/// Why an effect of somebody with enough cards is not told.
fn nothing(effect: &str, moved: &Result<Drift, String>) -> String {
    let why = match (effect, moved) {
        ("drift", Err(why)) => why,
        ("drift", Ok(_)) => "the interviewer does not have enough cards in two quarters",
        ("late", _) => "too few cards with the times of interview and card",
        ("straight_lining", _) => "too few cards with three scores or more",
        ("halo", _) => "too few cards with two scores or more",
        ("central_tendency", _) => "the scale has no middle",
        _ => "scores do not vary enough",
    };
    why.to_owned()
}

/// How far the interviewer's leniency moved between two quarters.
fn drift(person: usize, drift: &Drift, smallest: f64) -> Option<Seen> {
    let own = drift.moves.iter().find(|own| own.interviewer as usize == person)?;
    Some(Seen {
        value: own.value,
        interval: own.interval,
        expected: 0.0,
        p: own.p,
        n: own.cards as usize,
        // One who moved among many who did not shows in the test over all quarters; nothing moves where the variance is nil.
        matters: own.value.abs() >= smallest && drift.variance > 0.0,
    })
}

fn method(effect: &str) -> &'static str {
    match effect {
        "restricted_range" => "spread of card means against the model's, chi-squared",
        "halo" => "variance between dimensions of one card against all other interviewers', F",
        "inconsistency" => "card means less the model's prediction, standardised, against all other interviewers', F",
        "central_tendency" => {
            "share of middle scores against all interviewers' on the same cells at this leniency, Wilson, binomial"
        }
        "straight_lining" => {
            "share of cards with one score throughout against chance and all interviewers' excess over it, Wilson, binomial"
        }
        "drift" => "the two quarters that differ most, Scheffé; p of all quarters, chi-squared",
        _ => "share of late cards against all interviewers', Wilson, binomial",
    }
}
