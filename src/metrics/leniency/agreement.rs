//! Agreement between interviewers of one stage, and shadows against leads.

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::model::{Fitted, student};
use super::tables::{AGREEMENT, SHADOW_CALIBRATION};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing};
use crate::stats::agreement::{Distance, intraclass, krippendorff};
use crate::stats::correlation::{correlation, mid_ranks};
use crate::stats::estimate::{Interval, Z_95};

/// Candidates below which agreement is not told, and below which it is thin.
const FEWEST: usize = 10;
const ENOUGH: usize = 30;
const RESAMPLES: usize = 500;
/// Cards of a shadow below which nothing is told, and below which it is thin.
const FEWEST_SHADOWED: usize = 3;
const ENOUGH_SHADOWED: usize = 10;

/// The tables of agreement and of shadows.
pub(super) fn tables(cards: &Cards, fitted: &Fitted) -> Vec<ResultTable> {
    vec![agreement(cards, fitted), shadows(cards)]
}

/// What interviewers gave one candidate on one cell, by candidate.
type Units = BTreeMap<u32, BTreeMap<u32, BTreeMap<u32, i64>>>;

fn units(cards: &Cards) -> Units {
    let mut units = Units::new();
    for card in &cards.cards {
        for (cell, score) in &card.scores {
            // The first card stands where somebody filed two.
            let given = units.entry(card.application).or_default().entry(*cell).or_default();
            given.entry(card.interviewer).or_insert(*score);
        }
    }
    for cells in units.values_mut() {
        cells.retain(|_, given| given.len() > 1);
    }
    units.retain(|_, cells| !cells.is_empty());
    units
}

fn agreement(cards: &Cards, fitted: &Fitted) -> ResultTable {
    let mut out = ResultTable::new(&AGREEMENT);
    let units = units(cards);
    let by_candidate: Vec<Vec<Vec<i64>>> =
        units.values().map(|cells| cells.values().map(|given| given.values().copied().collect()).collect()).collect();
    let flat: Vec<Vec<i64>> = by_candidate.iter().flatten().cloned().collect();
    let (state, reason) = standing_of(by_candidate.len());
    for (name, distance) in [
        ("alpha_nominal", Distance::Nominal),
        ("alpha_ordinal", Distance::Ordinal),
        ("alpha_interval", Distance::Interval),
    ] {
        let value = krippendorff(&flat, distance).filter(|_| state != Status::NotEstimable);
        let interval = value.map_or(Interval::NONE, |_| resampled(&by_candidate, distance));
        let (state, reason) = match value {
            None if state != Status::NotEstimable => (Status::NotEstimable, Some("the scores do not vary".to_owned())),
            _ => (state, reason.clone()),
        };
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("statistic", Cell::Text(name.to_owned())),
            ("value", Cell::float(value)),
            ("value_low", Cell::float(interval.low)),
            ("value_high", Cell::float(interval.high)),
        ]);
        let method = format!("Krippendorff's alpha, bootstrap over candidates; {}", cards.window);
        cells.extend(standing(flat.len() as i64, method, state, reason));
        out.push(cells);
    }
    intraclass_rows(cards, &mut out);
    rank_row(cards, fitted, &mut out);
    out
}

fn standing_of(candidates: usize) -> (Status, Option<String>) {
    if candidates < FEWEST {
        (
            Status::NotEstimable,
            Some(format!("fewer than {FEWEST} candidates were scored twice on one dimension of a stage")),
        )
    } else if candidates < ENOUGH {
        (Status::Thin, Some(format!("fewer than {ENOUGH} candidates were scored twice on one dimension of a stage")))
    } else {
        (Status::Ok, None)
    }
}

/// The middle 95 % of alpha over resamples of candidates.
fn resampled(by_candidate: &[Vec<Vec<i64>>], distance: Distance) -> Interval {
    // A seed of its own: the same data give the same interval.
    let mut random = ChaCha8Rng::seed_from_u64(by_candidate.len() as u64);
    let mut values: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let draw = (0..by_candidate.len()).map(|_| random.random_range(0..by_candidate.len()));
            let sample: Vec<Vec<i64>> = draw.flat_map(|at| by_candidate[at].iter().cloned()).collect();
            krippendorff(&sample, distance)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((share * (values.len() as f64 - 1.0)).round() as usize).copied();
    Interval { low: at(0.025), high: at(0.975) }
}

/// How well the crossed model and the Rasch model rank interviewers alike.
fn rank_row(cards: &Cards, fitted: &Fitted, out: &mut ResultTable) {
    let (Ok(fit), Ok(rasch)) = (&fitted.random, &fitted.rasch) else { return };
    let both = fit.interviewers.iter().zip(&rasch.interviewers.elements);
    let pairs: Vec<(f64, f64)> =
        both.filter_map(|(effect, measure)| Some((effect.value, -measure.as_ref()?.measure))).collect();
    let ranks = |of: &dyn Fn(&(f64, f64)) -> f64| mid_ranks(&pairs.iter().map(of).collect::<Vec<f64>>());
    let value = correlation(&ranks(&|pair| pair.0), &ranks(&|pair| pair.1));
    let n = pairs.len() as f64;
    // Bonett and Wright (2000).
    let interval = value.filter(|value| n > 3.0 && value.abs() < 1.0).map_or(Interval::NONE, |value| {
        let half = Z_95 * ((1.0 + value * value / 2.0) / (n - 3.0)).sqrt();
        Interval::new((value.atanh() - half).tanh(), (value.atanh() + half).tanh())
    });
    let (state, reason) = match value {
        None => (Status::NotEstimable, Some("one of the two models sees no difference".to_owned())),
        Some(_) if n < FEWEST as f64 => (Status::Thin, Some(format!("fewer than {FEWEST} interviewers"))),
        Some(_) => (Status::Ok, None),
    };
    let mut cells: Vec<(&str, Cell)> = all().into();
    cells.extend([
        ("statistic", Cell::Text("rank_with_rasch".to_owned())),
        ("value", Cell::float(value)),
        ("value_low", Cell::float(interval.low)),
        ("value_high", Cell::float(interval.high)),
        ("raters", Cell::Int(pairs.len() as i64)),
    ]);
    let method = format!("Spearman correlation of leniency with Rasch severity turned round; {}", cards.window);
    cells.extend(standing(pairs.len() as i64, method, state, reason));
    out.push(cells);
}

/// Intraclass correlations where the design allows: in a stage, the candidates whom the same interviewers all scored,
/// the set of interviewers being the one with most such candidates.
fn intraclass_rows(cards: &Cards, out: &mut ResultTable) {
    let mut panels: BTreeMap<(u32, u32), BTreeMap<u32, (f64, f64)>> = BTreeMap::new();
    for card in &cards.cards {
        let panel = panels.entry((card.stage, card.application)).or_default();
        let total = panel.entry(card.interviewer).or_default();
        total.0 += card.scores.iter().map(|(_, score)| cards.points(*score)).sum::<f64>();
        total.1 += card.scores.len() as f64;
    }
    let mut sets: BTreeMap<(u32, Vec<u32>), Vec<Vec<f64>>> = BTreeMap::new();
    for ((stage, _), panel) in &panels {
        if panel.len() > 1 {
            let row = panel.values().map(|(sum, count)| sum / count).collect();
            sets.entry((*stage, panel.keys().copied().collect())).or_default().push(row);
        }
    }
    for (stage, name) in cards.stages.iter().enumerate() {
        let own = sets.iter().filter(|((of, _), _)| *of as usize == stage);
        let Some(((_, people), table)) = own.max_by_key(|(_, table)| table.len()) else { continue };
        if table.len() < FEWEST {
            continue;
        }
        let Some(iccs) = intraclass(table) else { continue };
        let (state, reason) = standing_of(table.len());
        for (statistic, icc) in [("icc_agreement", iccs.agreement), ("icc_consistency", iccs.consistency)] {
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([
                ("statistic", Cell::Text(statistic.to_owned())),
                ("stage", Cell::Text(name.clone())),
                ("value", Cell::float(icc.value)),
                ("value_low", Cell::float(icc.interval.low)),
                ("value_high", Cell::float(icc.interval.high)),
                ("raters", Cell::Int(people.len() as i64)),
            ]);
            let method = format!("two-way intraclass correlation of card means, F intervals; {}", cards.window);
            cells.extend(standing(iccs.targets as i64, method, state, reason.clone()));
            out.push(cells);
        }
    }
}

fn shadows(cards: &Cards) -> ResultTable {
    let mut out = ResultTable::new(&SHADOW_CALIBRATION);
    let mut leads: BTreeMap<(u32, u32), Vec<i64>> = BTreeMap::new();
    for card in &cards.cards {
        for (cell, score) in &card.scores {
            leads.entry((card.application, *cell)).or_default().push(*score);
        }
    }
    // Per shadow: the mean difference of each card, and how many single scores are a lead's.
    let mut seen: BTreeMap<u32, (Vec<f64>, i64, i64)> = BTreeMap::new();
    for card in &cards.shadows {
        let mut differences = Vec::new();
        let (differ, same, n) = seen.entry(card.interviewer).or_default();
        for (cell, score) in &card.scores {
            if let Some(given) = leads.get(&(card.application, *cell)) {
                let mean = given.iter().sum::<i64>() as f64 / given.len() as f64;
                differences.push((*score as f64 - mean) * cards.step);
                *same += i64::from(given.contains(score));
                *n += 1;
            }
        }
        if !differences.is_empty() {
            differ.push(differences.iter().sum::<f64>() / differences.len() as f64);
        }
    }
    for (person, (differences, same, n)) in seen {
        let count = differences.len();
        let (state, reason) = if count < FEWEST_SHADOWED {
            (Status::NotEstimable, Some(format!("fewer than {FEWEST_SHADOWED} cards beside a lead's")))
        } else if count < ENOUGH_SHADOWED {
            (Status::Thin, Some(format!("fewer than {ENOUGH_SHADOWED} cards beside a lead's")))
        } else {
            (Status::Ok, None)
        };
        let mut cells: Vec<(&str, Cell)> = all().into();
        let name = cards.interviewers.get(person as usize).cloned().unwrap_or_default();
        cells.extend([("interviewer_id", Cell::Text(name)), ("cards", Cell::Int(count as i64))]);
        if state != Status::NotEstimable {
            let mean = differences.iter().sum::<f64>() / count as f64;
            let square: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
            let df = count as f64 - 1.0;
            let half = student(df) * (square / df / count as f64).sqrt();
            cells.extend([
                ("difference", Cell::float(mean)),
                ("difference_low", Cell::float(mean - half)),
                ("difference_high", Cell::float(mean + half)),
                ("agreement", Cell::float(same as f64 / n.max(1) as f64)),
            ]);
        }
        let method = format!("mean over cards, t-interval; {}", cards.window);
        cells.extend(standing(n, method, state, reason));
        out.push(cells);
    }
    out
}
