//! What each round and dimension adds to the others, and which of two rounds tells an outcome better.

use super::correction::together;
use super::events::{Case, Kind, Outcome};
use super::links::{NO_OUTCOMES, NOTHING};
use super::people::{Of, People, Predictor};
use super::tables::{AUC_PAIRS, ROUND_IMPORTANCE};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::benjamini_hochberg;
use crate::stats::calibration::out_of_fold;
use crate::stats::discrimination::paired_aucs;
use crate::stats::importance::{Importance, MOST_SCORES, importance};
use crate::stats::logistic::{Design, penalised_ratio};

/// People per score to split explained variance, and for a verdict.
const PER_SCORE: (usize, usize) = (10, 20);
/// People of the rarer outcome per score of a logistic model, and for a verdict.
const PER_TERM: usize = 5;
/// People to compare two rounds, and for a verdict.
pub(super) const PEOPLE: (usize, usize) = (10, 30);
pub(super) const PER_CLASS: (usize, usize) = (5, 10);
/// Parts into which people are dealt for predictions by models that did not see them.
const FOLDS: usize = 10;
/// More people than this are not dealt; what a round adds is then read off the explained variance alone.
const MOST_DEALT: usize = 20_000;

pub(super) fn begin(outcome: &str) -> Vec<(&'static str, Cell)> {
    let mut cells = all().to_vec();
    cells.push(("outcome", text(outcome)));
    cells
}

pub(super) fn nothing(out: &mut ResultTable, more: &[(&'static str, Cell)]) {
    if out.rows.is_empty() {
        let mut cells = begin(NOTHING);
        cells.extend(more.iter().cloned());
        cells.extend(standing(0, "none", Status::NotEstimable, Some(NO_OUTCOMES.to_owned())));
        out.push(cells);
    }
}

pub(super) fn values(cases: &[Case]) -> Vec<f64> {
    cases.iter().map(|case| case.value).collect()
}

pub(super) fn flags(cases: &[Case]) -> Vec<bool> {
    cases.iter().map(|case| case.value > 0.5).collect()
}

pub(super) fn rarer(outcomes: &[bool]) -> usize {
    let with = outcomes.iter().filter(|with| **with).count();
    with.min(outcomes.len() - with)
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Outcomes that later life decides, not the loop.
pub(super) fn later(outcomes: &[Outcome]) -> impl Iterator<Item = &Outcome> {
    outcomes.iter().filter(|outcome| matches!(outcome.kind, Kind::Binary | Kind::Numeric) && !outcome.cases.is_empty())
}

/// Shares of explained variance by stage and by dimension.
pub(super) fn importance_table(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&ROUND_IMPORTANCE);
    for outcome in later(outcomes) {
        for of in [Of::Stage, Of::Dimension] {
            let wanted: Vec<&Predictor> = people.predictors.iter().filter(|predictor| predictor.of == of).collect();
            if !wanted.is_empty() {
                family(&mut out, outcome, of, &wanted, people);
            }
        }
    }
    nothing(&mut out, &[("predictor_kind", text("stage")), ("stage", text("(none)"))]);
    out
}

fn family(out: &mut ResultTable, outcome: &Outcome, of: Of, wanted: &[&Predictor], people: &People) {
    let kept = together(outcome, wanted.iter().copied());
    let (columns, cases) = outcome.complete(&kept);
    let (k, n) = (kept.len(), cases.len());
    let found =
        if n >= PER_SCORE.0 * k && k <= MOST_SCORES { importance(&slices(&columns), &values(&cases)) } else { None };
    let too_few = if k > MOST_SCORES {
        format!("{k} scores are too many to take apart")
    } else if n < PER_SCORE.0 * k.max(1) {
        format!("{n} people have all {k} scores; {} are needed, ten per score", PER_SCORE.0 * k.max(1))
    } else {
        "the scores or the outcome do not vary".to_owned()
    };
    let told = found.as_ref().is_some_and(|found| found.interval.low.is_some_and(|low| low > 0.0));
    let losses = found.as_ref().map(|found| losses(outcome, &columns, &cases, found)).unwrap_or_default();
    let q = benjamini_hochberg(&losses.iter().map(|loss| loss.p).collect::<Vec<_>>());
    let standard = if outcome.kind == Kind::Binary {
        "LMG shares, bootstrap over people; penalised likelihood ratio, 10-fold areas"
    } else {
        "LMG shares, bootstrap over people; nested F"
    };
    let method = format!("{standard}; {}", people.window);
    for predictor in wanted {
        let mut cells = begin(&outcome.name);
        cells.extend([("predictor_kind", text(of.word())), ("stage", text(&predictor.name))]);
        let at = kept.iter().position(|own| own.name == predictor.name);
        let (Some(found), Some(at)) = (&found, at) else {
            let reason = if at.is_none() {
                "fewer than half of the people with the outcome have this score beside the others".to_owned()
            } else {
                too_few.clone()
            };
            cells.extend(standing(n as i64, method.clone(), Status::NotEstimable, Some(reason)));
            out.push(cells);
            continue;
        };
        cells.push(("r_squared", Cell::float(found.r_squared)));
        cells.extend(limits(found.interval, ["r_squared_low", "r_squared_high"]));
        cells.push(("adjusted_r_squared", Cell::float(found.adjusted)));
        let (status, reason) = if !told {
            let reason = "all of them together are not told from chance, so nothing can be shared out";
            (Status::NotEstimable, Some(reason.to_owned()))
        } else if n < PER_SCORE.1 * k {
            (Status::Thin, Some(format!("{n} people have all {k} scores; {} would do for a verdict", PER_SCORE.1 * k)))
        } else {
            (Status::Ok, None)
        };
        if told && let (Some(part), Some(loss)) = (found.parts.get(at), losses.get(at)) {
            cells.push(("lmg_share", Cell::float(part.share)));
            cells.extend(limits(part.interval, ["lmg_share_low", "lmg_share_high"]));
            cells.extend([
                ("delta_r2", Cell::float(part.last)),
                ("delta_auc", Cell::float(loss.auc)),
                ("p_value", Cell::float(loss.p)),
                ("q_value", Cell::float(q.get(at).copied().flatten())),
            ]);
        }
        cells.extend(standing(n as i64, method.clone(), status, reason));
        out.push(cells);
    }
}

#[derive(Default)]
struct Loss {
    auc: Option<f64>,
    p: Option<f64>,
}

/// What is lost without each score: a test, and for yes-or-no outcomes the area out of fold.
fn losses(outcome: &Outcome, columns: &[Vec<f64>], cases: &[Case], found: &Importance) -> Vec<Loss> {
    let k = columns.len();
    if outcome.kind != Kind::Binary {
        return found.parts.iter().map(|part| Loss { auc: None, p: part.p }).collect();
    }
    let outcomes = flags(cases);
    if rarer(&outcomes) < PER_TERM * k {
        return found.parts.iter().map(|_| Loss::default()).collect();
    }
    let all = slices(columns);
    let design = Design::new(&all, &outcomes);
    let area = |predictors: &[&[f64]]| -> Option<f64> {
        if predictors.is_empty() {
            return Some(0.5);
        }
        let predicted = out_of_fold(predictors, &outcomes, FOLDS)?;
        paired_aucs(&[&predicted], &outcomes)?.values.first().copied()
    };
    let full = if cases.len() <= MOST_DEALT { area(&all) } else { None };
    (0..k)
        .map(|at| {
            let others: Vec<&[f64]> = (0..k).filter(|own| *own != at).map(|own| all[own]).collect();
            let auc = full.and_then(|full| Some(full - area(&others)?));
            Loss { auc, p: penalised_ratio(&design, at + 1).map(|(_, p)| p) }
        })
        .collect()
}

/// Pairs of stages against each yes-or-no outcome.
pub(super) fn pairs(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&AUC_PAIRS);
    let stages: Vec<&Predictor> = people.stages().collect();
    for outcome in later(outcomes).filter(|outcome| outcome.kind == Kind::Binary) {
        let mut found = Vec::new();
        for (at, first) in stages.iter().enumerate() {
            for second in &stages[at + 1..] {
                let (columns, cases) = outcome.complete(&[first, second]);
                let outcomes = flags(&cases);
                let few = rarer(&outcomes);
                let areas = paired_aucs(&slices(&columns), &outcomes).filter(|_| few >= PER_CLASS.0);
                found.push((first, second, cases.len(), few, areas));
            }
        }
        let p: Vec<Option<f64>> = found
            .iter()
            .map(|(.., areas)| areas.as_ref().and_then(|areas| areas.difference(0, 1)).and_then(|found| found.p))
            .collect();
        let q = benjamini_hochberg(&p);
        for ((first, second, n, few, areas), (p, q)) in found.into_iter().zip(p.iter().zip(&q)) {
            let mut cells = begin(&outcome.name);
            cells.extend([("first", text(&first.name)), ("second", text(&second.name))]);
            let difference = areas.as_ref().and_then(|areas| areas.difference(0, 1));
            let (status, reason) = match &difference {
                None if areas.is_some() => {
                    (Status::NotEstimable, Some("both put the people in the same order, or in none".to_owned()))
                }
                None => (
                    Status::NotEstimable,
                    Some(format!("only {few} of {n} people are on one side of the outcome; 5 are needed")),
                ),
                Some(_) if few < PER_CLASS.1 => (
                    Status::Thin,
                    Some(format!(
                        "only {few} of {n} people are on one side of the outcome; 10 are needed for a verdict"
                    )),
                ),
                Some(_) => (Status::Ok, None),
            };
            if let (Some(areas), Some(difference)) = (&areas, difference) {
                cells.extend([
                    ("first_auc", Cell::float(areas.values.first().copied())),
                    ("second_auc", Cell::float(areas.values.get(1).copied())),
                    ("difference", Cell::float(difference.difference)),
                    ("p_value", Cell::float(*p)),
                    ("q_value", Cell::float(*q)),
                ]);
                cells.extend(limits(difference.interval, ["difference_low", "difference_high"]));
            }
            let method = format!("DeLong, paired, among hires; {}", people.window);
            cells.extend(standing(n as i64, method, status, reason));
            out.push(cells);
        }
    }
    nothing(&mut out, &[("first", text("(none)")), ("second", text("(none)"))]);
    out
}
