//! What would change if a round were dropped, merged or held again: the decision rule is fitted with and without it, and
//! its decisions compared candidate by candidate.
//!
//! The rule is either a bar on the mean score or a linear discriminant of the decisions on record (Fisher, 1936), whose
//! direction is that of a logistic regression for normal scores and which needs one pass over the data. Scores of rounds
//! that a candidate did not reach are replaced by what their others lead to expect. It is fitted on nine tenths of the
//! candidates and applied to the last, ten times over, and lets through as many candidates as went through in fact, so
//! that a decision changes only where the order of candidates does.

use statrs::distribution::{ContinuousCDF, Normal};

use super::em_covariance::Joint;
use super::proportion::{Proportion, wilson};
use super::stage_scores::StageScores;
use super::symmetric::Symmetric;

/// Candidates with a decision, and of either decision, below which no rule is fitted.
pub const FEWEST_DECIDED: usize = 30;
/// See [`FEWEST_DECIDED`].
pub const FEWEST_EITHER: usize = 5;
const FOLDS: usize = 10;
/// A trace of variance keeps the fit defined where completed scores follow from each other.
const RIDGE: f64 = 1e-6;

/// Scores with their joint distribution, over the same stages in the same order.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The scores.
    pub scores: &'a StageScores,
    /// Their distribution; further variables at its end are not read.
    pub joint: &'a Joint,
}

/// How scores become decisions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// The mean of a candidate's stage scores is at least this.
    Bar(f64),
    /// Whatever fits the decisions on record best.
    Fitted,
}

/// Why there is no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRule {
    /// Too few candidates were decided upon.
    #[error("fewer than {FEWEST_DECIDED} of its candidates were decided upon")]
    TooFew,
    /// Nearly all decisions are the same.
    #[error("fewer than {FEWEST_EITHER} of its candidates were decided either way")]
    OneSided,
    /// The joint distribution does not allow for it.
    #[error("the scores follow exactly from each other")]
    Combination,
}

/// A rule applied to some candidates.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The value the rule compares, per candidate.
    values: Vec<f64>,
    /// From this value on it lets through.
    bar: f64,
    /// Per candidate and stage, what one point of that stage adds, by way of the scores it leads to expect too.
    slopes: Vec<f64>,
    /// Share of the decisions on record that the rule gives too.
    pub agreement: Option<f64>,
}

impl Applied {
    fn passes(&self, at: usize) -> bool {
        self.values[at] >= self.bar
    }
}

/// How decisions change from one rule to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flips {
    /// Candidates compared.
    pub n: i64,
    /// Let through before and not after.
    pub lost: i64,
    /// Not let through before and after.
    pub extra: i64,
    /// The share that changes, with Wilson's interval.
    pub rate: Proportion,
}

/// Applies a rule to the candidates in `rows`, using the stages in `stages` only. `decided` says of each candidate of
/// `rows` whether they were let through in fact.
pub fn apply(known: Known<'_>, rows: &[u32], decided: &[bool], stages: u64, rule: Rule) -> Result<Applied, NoRule> {
    match rule {
        Rule::Bar(bar) => Ok(by_bar(known, rows, decided, stages, bar)),
        Rule::Fitted => by_fit(known, rows, decided, stages),
    }
}

/// Compares two rules on the same candidates.
pub fn flips(before: &Applied, after: &Applied) -> Option<Flips> {
    let n = before.values.len().min(after.values.len());
    let count = |from: bool| (0..n).filter(|at| before.passes(*at) == from && after.passes(*at) != from).count() as i64;
    let (lost, extra) = (count(true), count(false));
    Some(Flips { n: n as i64, lost, extra, rate: wilson(lost + extra, n as i64)? })
}

/// The share of decisions that would change if a stage were only held again: with other cards of the same candidate. For
/// each candidate the chance is worked out from what all their scores say about what another card would (`noise` is the
/// variance of the stage's score that is not the candidate's).
pub fn repeated(
    known: Known<'_>,
    rows: &[u32],
    applied: &Applied,
    stages: u64,
    stage: usize,
    noise: f64,
) -> Option<f64> {
    let size = known.scores.stages();
    let normal = Normal::standard();
    let mut cache: Vec<(u64, Symmetric)> = Vec::new();
    let mut sum = 0.0;
    for (at, row) in rows.iter().enumerate() {
        let mask = known.scores.present(*row as usize) & stages;
        if mask >> stage & 1 == 0 {
            continue;
        }
        let place = swept(known, mask, &mut cache)?;
        let swept = &cache[place].1;
        let scores = known.scores.row(*row as usize);
        let off = |other: usize| -swept.at(stage, other) * (scores[other] - known.joint.mean[other]);
        // What the candidate shows regresses to what the other scores lead to expect, and another card adds its own
        // noise.
        let shift = -noise * (0..size).filter(|other| mask >> other & 1 == 1).map(off).sum::<f64>();
        let variance = (2.0 * noise + noise * noise * swept.at(stage, stage)).max(0.0);
        let slope = applied.slopes.get(at * size + stage).copied()?;
        let (value, sd) = (applied.values[at] - applied.bar, slope.abs() * variance.sqrt());
        let after = value + slope * shift;
        let passes = if sd > 0.0 { normal.cdf(after / sd) } else { f64::from(u8::from(after >= 0.0)) };
        sum += if applied.passes(at) { 1.0 - passes } else { passes };
    }
    (!rows.is_empty()).then(|| sum / rows.len() as f64)
}

fn by_bar(known: Known<'_>, rows: &[u32], decided: &[bool], stages: u64, bar: f64) -> Applied {
    let size = known.scores.stages();
    let mut out =
        Applied { values: Vec::with_capacity(rows.len()), bar, slopes: vec![0.0; rows.len() * size], agreement: None };
    for (at, row) in rows.iter().enumerate() {
        let (scores, mask) = (known.scores.row(*row as usize), known.scores.present(*row as usize) & stages);
        let held = || (0..size).filter(|stage| mask >> stage & 1 == 1);
        let count = held().count() as f64;
        // Whoever has no other score is not let through by them.
        let mean = held().map(|stage| scores[stage]).sum::<f64>() / count;
        out.values.push(if count > 0.0 { mean } else { f64::NEG_INFINITY });
        held().for_each(|stage| out.slopes[at * size + stage] = 1.0 / count);
    }
    out.agreement = agreement(&out, decided);
    out
}

fn by_fit(known: Known<'_>, rows: &[u32], decided: &[bool], stages: u64) -> Result<Applied, NoRule> {
    let through = decided.iter().filter(|through| **through).count();
    if rows.len() < FEWEST_DECIDED {
        return Err(NoRule::TooFew);
    }
    if through.min(rows.len() - through) < FEWEST_EITHER {
        return Err(NoRule::OneSided);
    }
    let used: Vec<usize> = (0..known.scores.stages()).filter(|stage| stages >> stage & 1 == 1).collect();
    let width = used.len();
    let mut cache = Vec::new();
    // Sums by fold of (1, completed scores, decision).
    let mut folds = vec![Symmetric::zeros(width + 2); FOLDS];
    let mut line = vec![0.0; width + 2];
    for (at, (row, through)) in rows.iter().zip(decided).enumerate() {
        complete(known, *row, stages, &used, &mut cache, &mut line)?;
        line[width + 1] = f64::from(u8::from(*through));
        let fold = &mut folds[at % FOLDS];
        for a in 0..width + 2 {
            (0..=a).for_each(|b| fold.add(a, b, line[a] * line[b]));
        }
    }
    let mut whole = Symmetric::zeros(width + 2);
    for fold in &folds {
        add(&mut whole, fold, 1.0);
    }
    let weights: Vec<Vec<f64>> = folds
        .iter()
        .map(|fold| {
            let mut others = whole.clone();
            add(&mut others, fold, -1.0);
            coefficients(others, width)
        })
        .collect::<Option<_>>()
        .ok_or(NoRule::Combination)?;
    let size = known.scores.stages();
    let mut out = Applied {
        values: Vec::with_capacity(rows.len()),
        bar: 0.0,
        slopes: vec![0.0; rows.len() * size],
        agreement: None,
    };
    for (at, row) in rows.iter().enumerate() {
        let place = complete(known, *row, stages, &used, &mut cache, &mut line)?;
        let weights = &weights[at % FOLDS];
        out.values.push(weights.iter().zip(&line).map(|(weight, value)| weight * value).sum());
        let (mask, swept) = &cache[place];
        for held in used.iter().filter(|stage| mask >> **stage & 1 == 1) {
            let by_way = |(n, stage): (usize, &usize)| {
                let own = stage == held;
                let expected = mask >> stage & 1 == 0;
                let slope = if own {
                    1.0
                } else if expected {
                    swept.at(*stage, *held)
                } else {
                    0.0
                };
                weights[n + 1] * slope
            };
            out.slopes[at * size + held] = used.iter().enumerate().map(by_way).sum();
        }
    }
    let mut sorted = out.values.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    out.bar = sorted.get(through - 1).copied().unwrap_or(f64::INFINITY);
    out.agreement = agreement(&out, decided);
    Ok(out)
}

fn agreement(applied: &Applied, decided: &[bool]) -> Option<f64> {
    let same = decided.iter().enumerate().filter(|(at, through)| applied.passes(*at) == **through).count();
    (!decided.is_empty()).then(|| same as f64 / decided.len() as f64)
}

fn add(to: &mut Symmetric, from: &Symmetric, times: f64) {
    for a in 0..to.size() {
        (0..=a).for_each(|b| to.add(a, b, times * from.at(a, b)));
    }
}

/// Least-squares weights, the intercept first.
fn coefficients(mut sums: Symmetric, width: usize) -> Option<Vec<f64>> {
    let n = sums.at(0, 0);
    (1..=width).for_each(|at| sums.add(at, at, RIDGE * n));
    let predictors = (1_u64 << (width + 1)) - 1;
    sums.sweep(predictors).then(|| (0..=width).map(|at| sums.at(width + 1, at)).collect())
}

/// Where the covariances swept by a pattern stand in the cache.
fn swept(known: Known<'_>, mask: u64, cache: &mut Vec<(u64, Symmetric)>) -> Option<usize> {
    if let Some(at) = cache.iter().position(|(own, _)| *own == mask) {
        return Some(at);
    }
    let own: Vec<usize> = (0..known.scores.stages()).collect();
    let mut covariance = known.joint.covariance.part(&own);
    if !covariance.sweep(mask) {
        return None;
    }
    cache.push((mask, covariance));
    Some(cache.len() - 1)
}

/// Fills in one and the candidate's scores of the stages used, those not reached by what the others lead to expect.
fn complete(
    known: Known<'_>,
    row: u32,
    stages: u64,
    used: &[usize],
    cache: &mut Vec<(u64, Symmetric)>,
    line: &mut [f64],
) -> Result<usize, NoRule> {
    let mask = known.scores.present(row as usize) & stages;
    let place = swept(known, mask, cache).ok_or(NoRule::Combination)?;
    let (scores, mean, swept) = (known.scores.row(row as usize), &known.joint.mean, &cache[place].1);
    line[0] = 1.0;
    for (to, stage) in used.iter().enumerate() {
        line[to + 1] = if mask >> stage & 1 == 1 {
            scores[*stage]
        } else {
            let reached = used.iter().filter(|other| mask >> **other & 1 == 1);
            mean[*stage] + reached.map(|other| swept.at(*stage, *other) * (scores[*other] - mean[*other])).sum::<f64>()
        };
    }
    Ok(place)
}

#[cfg(test)]
mod tests;
