//! Correction for the selection that made hires of candidates, where all that it acted on is in the data.

use std::collections::BTreeMap;

use super::events::{Case, Kind, Outcome};
use super::links::{counted, is_constant};
use super::people::{Of, People, Predictor};
use crate::config::outcomes::DecidedBy;
use crate::stats::em_covariance::{PatternSums, Stop, em_covariance};
use crate::stats::lawley::{Corrected, NotCorrected, lawley};
use crate::stats::selection::{Room, Told, told_by_scores};
use crate::stats::symmetric::Symmetric;

/// A score that fewer of the people with the outcome have does not count as a round of the loop.
const RARE: f64 = 0.1;
/// Scores that can be used together leave at least this share of the people.
const TOGETHER: f64 = 0.5;

/// How well scores tell who goes on.
pub(super) fn selection(people: &People) -> Option<Told> {
    let rounds: Vec<_> = people.passes.iter().map(|(scores, went_on)| counted(scores, went_on, 1000.0)).collect();
    told_by_scores(&rounds)
}

/// Why a link must not be corrected for selection, if decisions or what the team says of them forbid it.
fn forbidden(selection: Option<Told>, decided_by: DecidedBy) -> Option<&'static str> {
    match (selection.map_or(Room::Unknown, |told| told.room()), decided_by) {
        (Room::Much, _) => Some("decisions follow something besides the scores"),
        (Room::None, _) | (_, DecidedBy::Scores) => None,
        (Room::Unknown, _) => Some("too few candidates were turned down to see what decisions follow"),
        (Room::Some, _) => {
            Some("the scores do not settle all decisions, and what else decided may matter for the outcome")
        }
    }
}

/// Scores that most of the people with the outcome have together, in the order of the loop.
pub(super) fn together<'p>(outcome: &Outcome, wanted: impl Iterator<Item = &'p Predictor>) -> Vec<&'p Predictor> {
    let enough = TOGETHER * outcome.cases.len() as f64;
    let mut kept: Vec<&Predictor> = Vec::new();
    for predictor in wanted {
        kept.push(predictor);
        let has = |case: &&Case| kept.iter().all(|own| own.values.get(case.person).copied().flatten().is_some());
        if (outcome.cases.iter().filter(has).count() as f64) < enough {
            kept.pop();
        }
    }
    kept
}

/// One predictor's correction, or why there is none.
pub(super) type Correction<'a> = Result<Option<Result<Corrected, NotCorrected>>, &'a str>;
/// A correction per predictor, or why there is none for this outcome.
pub(super) type Corrections = Result<Vec<Option<Result<Corrected, NotCorrected>>>, String>;

pub(super) fn corrections(
    outcome: &Outcome,
    people: &People,
    selection: Option<Told>,
    decided_by: DecidedBy,
) -> Corrections {
    if matches!(outcome.kind, Kind::Decision | Kind::Stay) {
        return Err("not an outcome of hires".to_owned());
    }
    let kept = together(outcome, people.stages());
    let usual = |predictor: &&Predictor| outcome.beside(predictor).0.len() as f64 >= RARE * outcome.cases.len() as f64;
    if kept.len() < people.stages().filter(usual).count() {
        return Err("not all rounds' scores are there for the hires".to_owned());
    }
    if let Some(reason) = forbidden(selection, decided_by) {
        return Err(reason.to_owned());
    }
    let everybody = among_all(&kept, people.n)?;
    let (scores, cases) = outcome.complete(&kept);
    let scores: Vec<&[f64]> = scores.iter().map(Vec::as_slice).collect();
    let values: Vec<f64> = cases.iter().map(|case| case.value).collect();
    if is_constant(&values) {
        return Err("everybody has the same outcome".to_owned());
    }
    let single = |at: usize| (0..kept.len()).map(|own| f64::from(u8::from(own == at))).collect::<Vec<_>>();
    let mut wanted: Vec<Vec<f64>> = vec![vec![1.0 / kept.len().max(1) as f64; kept.len()]];
    wanted.extend((0..kept.len()).map(single));
    let found = lawley(&scores, &values, &everybody, &wanted).map_err(|reason| reason.to_string())?;
    let place = |predictor: &Predictor| match predictor.of {
        Of::Overall => Some(0),
        Of::Stage => kept.iter().position(|own| own.name == predictor.name).map(|at| at + 1),
        Of::Dimension => None,
    };
    Ok(people.predictors.iter().map(|predictor| place(predictor).and_then(|at| found.get(at).copied())).collect())
}

/// The covariances of scores among all candidates, however far they came.
fn among_all(scores: &[&Predictor], people: usize) -> Result<Symmetric, String> {
    let mut patterns: BTreeMap<u64, PatternSums> = BTreeMap::new();
    for person in 0..people {
        let own: Vec<Option<f64>> = scores.iter().map(|score| score.values.get(person).copied().flatten()).collect();
        let present = own.iter().enumerate().fold(0, |bits, (at, score)| bits | u64::from(score.is_some()) << at);
        let sums = patterns.entry(present).or_insert_with(|| PatternSums::empty(present, scores.len()));
        sums.push(&own.into_iter().map(|score| score.unwrap_or(0.0)).collect::<Vec<_>>());
    }
    let patterns: Vec<PatternSums> = patterns.into_values().collect();
    let joint = em_covariance(&patterns, scores.len(), None, Stop::default()).map_err(|why| why.to_string())?;
    if joint.converged { Ok(joint.covariance) } else { Err("the spread of all candidates cannot be told".to_owned()) }
}
