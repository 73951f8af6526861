//! What leniency means for candidates: whom they meet, what that adds to their scores, and what it changes.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

use super::links::Links;
use super::model::{Fitted, status, student};
use super::tables::{ADJUSTED_SCORES, LENIENCY_CONSEQUENCES};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing};
use crate::stats::crossed::{Effect, Fit};

/// Cards below which an interviewer does not stand for a stage's extremes.
const FEWEST_CARDS: usize = 5;
/// Draws from what the leniencies may be.
const DRAWS: usize = 400;

/// The tables of consequences and of adjusted scores.
pub(super) fn tables(cards: &Cards, fitted: &Fitted, links: &Links) -> Vec<ResultTable> {
    vec![consequences(cards, fitted, links), adjusted(cards, fitted)]
}

/// A card's mean score in points, and its interviewer.
struct Mean {
    interviewer: usize,
    value: f64,
}

fn consequences(cards: &Cards, fitted: &Fitted, links: &Links) -> ResultTable {
    let mut out = ResultTable::new(&LENIENCY_CONSEQUENCES);
    let (design, why) = status(cards, fitted);
    let mut by_stage: BTreeMap<Option<u32>, Vec<Mean>> = BTreeMap::new();
    for card in &cards.cards {
        let sum: f64 = card.scores.iter().map(|(_, score)| cards.points(*score)).sum();
        let value = sum / card.scores.len() as f64;
        let interviewer = card.interviewer as usize;
        by_stage.entry(Some(card.stage)).or_default().push(Mean { interviewer, value });
        by_stage.entry(None).or_default().push(Mean { interviewer, value });
    }
    // Between the two middle scores of the scale lies the bar: 2.5 of 1 to 4.
    let bar = (cards.points(cards.range.0) + cards.points(cards.range.1)) / 2.0;
    for (stage, means) in by_stage {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        means.iter().for_each(|mean| *counts.entry(mean.interviewer).or_default() += 1);
        let people: Vec<usize> =
            counts.iter().filter(|(_, count)| **count >= FEWEST_CARDS).map(|(person, _)| *person).collect();
        let name = stage.and_then(|stage| cards.stages.get(stage as usize)).cloned();
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("stage", Cell::text(name)),
            ("interviewers", Cell::Int(people.len() as i64)),
            ("bar", Cell::float(bar)),
        ]);
        let (mut state, mut reason) = (design, why.clone());
        // Across parts that share nobody there is no difference to tell: the part with most of them stands for all.
        let people = links.largest_group(&people);
        if state != Status::NotEstimable && !fitted.differ() {
            state = Status::NotEstimable;
            reason = Some("interviewers are not told to differ at all".to_owned());
        } else if people.len() < 2 && state != Status::NotEstimable {
            state = Status::NotEstimable;
            reason = Some(format!("fewer than two interviewers with {FEWEST_CARDS} cards in this stage"));
        }
        if let Some(fit) = fitted.headline().filter(|_| state != Status::NotEstimable) {
            cells.extend(spread(cards, fit, &people));
            cells.extend(changed(fit, &means, bar));
        }
        let method = format!("REML predictions; {DRAWS} draws from their distribution; {}", cards.window);
        cells.extend(standing(means.len() as i64, method, state, reason));
        out.push(cells);
    }
    out
}

/// The most lenient against the most severe, by prediction; the interval is that of the difference of these two.
fn spread(cards: &Cards, fit: &Fit, people: &[usize]) -> Vec<(&'static str, Cell)> {
    let value = |person: &usize| fit.interviewers[*person].value;
    let lenient = people.iter().copied().max_by(|a, b| value(a).total_cmp(&value(b)));
    let severe = people.iter().copied().min_by(|a, b| value(a).total_cmp(&value(b)));
    let (Some(lenient), Some(severe)) = (lenient, severe) else { return Vec::new() };
    let difference = value(&lenient) - value(&severe);
    // Both variances were estimated; the pair's deviation grows as those of the two do.
    let grown = |person: usize| {
        let effect = fit.interviewers[person];
        if effect.prediction_sd > 0.0 { effect.sd / effect.prediction_sd } else { 1.0 }
    };
    let known = fit.difference_sd(lenient, severe) * grown(lenient).max(grown(severe));
    // Where the variance of leniency is estimated as zero, only what else it may be widens the interval.
    let apart = fit.interviewers[lenient].sd.hypot(fit.interviewers[severe].sd);
    let sd = if known > 0.0 { known } else { apart };
    let half = student(fit.interviewers.len() as f64 - 1.0) * sd;
    vec![
        ("spread", Cell::float(difference)),
        ("spread_low", Cell::float(difference - half)),
        ("spread_high", Cell::float(difference + half)),
        ("lenient_id", Cell::Text(cards.interviewers[lenient].clone())),
        ("severe_id", Cell::Text(cards.interviewers[severe].clone())),
    ]
}

/// The share of cards on the other side of the bar once leniency is taken out; the interval over draws of what the
/// leniencies may be.
fn changed(fit: &Fit, means: &[Mean], bar: f64) -> Vec<(&'static str, Cell)> {
    let share = |leniency: &dyn Fn(usize) -> f64| {
        let moved = means.iter().filter(|mean| {
            let fair = mean.value - leniency(mean.interviewer);
            (mean.value >= bar) != (fair >= bar)
        });
        moved.count() as f64 / means.len() as f64
    };
    let value = share(&|person| fit.interviewers[person].value);
    let mut random = ChaCha8Rng::seed_from_u64(means.len() as u64);
    let mut shares: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<f64> = fit.interviewers.iter().map(|effect| draw(effect, &mut random)).collect();
            share(&|person| drawn[person])
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    let at = |part: f64| shares.get((part * (shares.len() as f64 - 1.0)).round() as usize).copied();
    vec![
        ("share_changed", Cell::float(value)),
        // Shrunken leniencies move fewer cards than any draw of them: the interval must hold the share itself.
        ("share_changed_low", Cell::float(at(0.025).map(|low| low.min(value)))),
        ("share_changed_high", Cell::float(at(0.975).map(|high| high.max(value)))),
    ]
}

fn draw(effect: &Effect, random: &mut ChaCha8Rng) -> f64 {
    // Half a step inside the unit interval: the normal has no quantile at its ends.
    let unit = (random.next_u64() >> 11) as f64 + 0.5;
    effect.value + effect.sd * Normal::standard().inverse_cdf(unit / (1_u64 << 53) as f64)
}

fn adjusted(cards: &Cards, fitted: &Fitted) -> ResultTable {
    let mut out = ResultTable::new(&ADJUSTED_SCORES);
    let (design, why) = status(cards, fitted);
    let usable = design != Status::NotEstimable;
    let mut order: Vec<&crate::metrics::cards::Card> = cards.cards.iter().collect();
    order.sort_by_key(|card| (card.application, card.stage));
    for held in order.chunk_by(|a, b| (a.application, a.stage) == (b.application, b.stage)) {
        let Some(first) = held.first() else { continue };
        let n = held.len() as f64;
        let (mut raw, mut taken, mut variance, mut known) = (0.0, 0.0, 0.0, usable);
        for card in held {
            let sum: f64 = card.scores.iter().map(|(_, score)| cards.points(*score)).sum();
            raw += sum / card.scores.len() as f64 / n;
            match fitted.leniency(card.interviewer) {
                Some(effect) => {
                    taken += effect.value / n;
                    variance += (effect.sd / n).powi(2);
                }
                None => known = false,
            }
        }
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("application_id", Cell::Text(cards.applications[first.application as usize].clone())),
            ("stage", Cell::Text(cards.stages[first.stage as usize].clone())),
            ("cards", Cell::Int(held.len() as i64)),
            ("raw_score", Cell::float(raw)),
            ("adjusted_score", Cell::float(known.then_some(raw - taken))),
            ("adjustment_sd", Cell::float(known.then(|| variance.sqrt()))),
        ]);
        let scores: usize = held.iter().map(|card| card.scores.len()).sum();
        let method = format!("mean of card means less the mean leniency; {}", cards.window);
        cells.extend(standing(scores as i64, method, design, why.clone()));
        out.push(cells);
    }
    out
}
