//! Independence of scores against another implementation: panels of one stage and dimension with the order in which cards
//! came in, whether they were exposed, and what became of each score. The file with the expected figures names it.
//!
//! Tolerance: 1e-9 relative; everything is in closed form or gone through case by case.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::stats::anchor::after_against_before;
use looplens::stats::estimate::Interval;
use looplens::stats::exposure::{Panel, contrast};
use looplens::stats::order::{enumerated, successive};
use looplens::stats::panel_test::{Deviation, Pooled};
use looplens::stats::proportion::wilson;
use looplens::stats::revision::{Direction, direction, sign_test, spread};
use serde_json::Value;

struct Card {
    interviewer: String,
    position: i64,
    exposed: bool,
    score: f64,
    later: f64,
}

/// The fixture: cards by candidate, in order of submission.
fn panels() -> Vec<(String, Vec<Card>)> {
    let mut out: Vec<(String, Vec<Card>)> = Vec::new();
    for line in include_str!("golden/drift/panels_order.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let card = Card {
            interviewer: cells[1].to_owned(),
            position: cells[2].parse().unwrap(),
            exposed: cells[3] == "1",
            score: cells[4].parse().unwrap(),
            later: cells[5].parse().unwrap(),
        };
        match out.last_mut() {
            Some((candidate, cards)) if *candidate == cells[0] => cards.push(card),
            _ => out.push((cells[0].to_owned(), vec![card])),
        }
    }
    out.iter_mut().for_each(|(_, cards)| cards.sort_by_key(|card| card.position));
    out
}

fn reference() -> Value {
    serde_json::from_str(include_str!("golden/drift/reference.json")).unwrap()
}

#[track_caller]
fn close(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{ours} instead of {theirs}");
}

#[track_caller]
fn close_interval(ours: Interval, theirs: &Value) {
    close(ours.low.unwrap(), &theirs[0]);
    close(ours.high.unwrap(), &theirs[1]);
}

fn pooled_agree(ours: &[Deviation], theirs: &Value) {
    let pooled = Pooled::of(ours);
    close(pooled.deviation, &theirs["sum_obs_minus_mean"]);
    close(pooled.variance, &theirs["sum_var"]);
    close(pooled.z().unwrap(), &theirs["z"]);
    assert_eq!(pooled.informative, theirs["informative_panels"].as_i64().unwrap());
}

#[test]
fn the_order_of_cards_agrees_with_going_through_all_orders() {
    let expected = reference();
    let (mut squares, mut absolute, mut prior) = (Vec::new(), Vec::new(), Vec::new());
    for ((candidate, cards), theirs) in panels().iter().zip(expected["panels"].as_array().unwrap()) {
        assert_eq!(candidate, &theirs["candidate"]);
        let scores: Vec<f64> = cards.iter().map(|card| card.score).collect();
        let found = successive(scores.len(), |i, j| (scores[i] - scores[j]).powi(2)).unwrap();
        for (at, ours) in [found.observed, found.expected, found.variance].into_iter().enumerate() {
            close(ours, &theirs["lag1_sq"][at]);
        }
        squares.push(found);
        absolute.push(enumerated(&scores, |s| s.windows(2).map(|w| (w[0] - w[1]).abs()).sum()).unwrap());
        let gap = |s: &[f64]| (1..s.len()).map(|t| (s[t] - s[..t].iter().sum::<f64>() / t as f64).abs()).sum();
        prior.push(enumerated(&scores, gap).unwrap());
    }
    pooled_agree(&squares, &expected["order"]["lag1_sq"]);
    pooled_agree(&absolute, &expected["order"]["lag1_abs"]);
    pooled_agree(&prior, &expected["order"]["prior_gap"]);
}

#[test]
fn the_exposure_contrast_agrees() {
    let expected = &reference()["exposure"];
    let of = |cards: &[Card]| {
        let pairs = (0..cards.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let pairs =
            pairs.map(|(i, j)| (cards[i].exposed || cards[j].exposed, (cards[i].score - cards[j].score).powi(2)));
        Panel::of(0, pairs.collect::<Vec<_>>())
    };
    let found = contrast(&panels().iter().map(|(_, cards)| of(cards)).collect::<Vec<_>>()).unwrap();
    for (class, theirs) in [(found.blind, &expected["blind"]), (found.exposed, &expected["exposed"])] {
        assert_eq!(class.panels, theirs["panels"].as_i64().unwrap());
        close(class.mean, &theirs["mean_sq_diff"]);
    }
    close(found.ratio, &expected["ratio"]);
    close(found.z, &expected["z"]);
    close(found.p, &expected["p_two_sided"]);
    close_interval(found.interval, &expected["ratio_ci"]);
}

#[test]
fn movement_to_an_anchor_agrees() {
    let expected = &reference()["anchor"];
    let mut found = Vec::new();
    for (_, cards) in panels() {
        let Some(anchor) = cards.iter().find(|card| card.interviewer == "i2") else { continue };
        let others = || cards.iter().filter(|card| card.interviewer != "i2");
        let gaps: Vec<f64> = others().map(|card| (card.score - anchor.score).abs()).collect();
        let after: Vec<bool> = others().map(|card| card.position > anchor.position).collect();
        found.extend(after_against_before(&gaps, &after));
    }
    let pooled = Pooled::of(&found);
    assert_eq!(pooled.panels, expected["panels"].as_i64().unwrap());
    close(pooled.deviation, &expected["sum_after_minus_mean"]);
    close(pooled.variance, &expected["sum_var"]);
    close(pooled.z().unwrap(), &expected["z"]);
}

#[test]
fn revisions_agree() {
    let expected = &reference()["revision"];
    let (mut scores, mut changed, mut toward, mut away, mut neither) = (0, 0, 0, 0, 0);
    let mut both = Vec::new();
    for (_, cards) in panels() {
        let total: f64 = cards.iter().map(|card| card.score).sum();
        for card in &cards {
            scores += 1;
            if card.later != card.score {
                changed += 1;
                let others = (total - card.score) / (cards.len() as f64 - 1.0);
                match direction(card.score, card.later, Some(others)) {
                    Direction::Toward => toward += 1,
                    Direction::Away => away += 1,
                    Direction::Neither => neither += 1,
                }
            }
        }
        let side = |of: fn(&Card) -> f64| cards.iter().map(of).collect::<Vec<f64>>();
        both.push((side(|card| card.score), side(|card| card.later)));
    }
    for (ours, name) in
        [(scores, "scores"), (changed, "changed"), (toward, "toward_others"), (away, "away"), (neither, "tied")]
    {
        assert_eq!(Some(ours), expected[name].as_i64(), "{name}");
    }
    let rate = wilson(changed, scores).unwrap();
    close(rate.share, &expected["rate"]);
    close_interval(Interval::new(rate.low, rate.high), &expected["rate_ci"]);
    let sign = sign_test(toward, away).unwrap();
    close(sign.p, &expected["sign_p_two_sided"]);
    close_interval(sign.interval, &expected["toward_ci"]);
    let spread = spread(&both).unwrap();
    close(spread.before, &expected["pooled_within_var_pre"]);
    close(spread.after, &expected["pooled_within_var_post"]);
    assert_eq!(Some(spread.changed), expected["panels_var_changed"].as_i64());
    assert_eq!(Some(spread.fell), expected["panels_var_fell"].as_i64());
}
