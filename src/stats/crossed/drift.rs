//! Does an interviewer's leniency move between periods?
//!
//! The model gains a term for each interviewer in each period. Its variance is found from the quadratic form of the
//! residuals by interviewer and period, the one that the score of the likelihood at no such variance is made of (Rao,
//! 1972; Lin, 1997): one factorisation at the variances that are known, no second search. Interviewers and periods
//! have means of their own here, so that neither leniency itself nor a period of good candidates passes for movement.

mod form;
#[cfg(test)]
mod tests;

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::super::estimate::Interval;
use super::fit::Fit;
use super::sums::CardSums;
use form::Form;

/// Why movement cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDrift {
    /// Nobody gave enough cards in two periods.
    #[error("nobody has enough cards in two periods")]
    OnePeriod,
    /// The matrices would not fit.
    #[error("there are too many interviewers to tell movement between periods; ask for a part of the loops")]
    TooMany,
    /// Scores leave nothing to compare once interviewers and periods have their means.
    #[error("too few cards compare the same interviewer in two periods")]
    TooFew,
}

/// How much leniency moves between periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The variance of the term in squared score points; zero where residuals vary no more than by chance.
    pub variance: f64,
    /// The 95 % interval of its standard deviation, in score points.
    pub sd: Interval,
    /// The p-value of "no variance at all": Satterthwaite's (1946) scaled chi-squared.
    pub p: f64,
    /// Interviewers who were seen in two periods, with all their periods: how many terms there are.
    pub terms: usize,
    /// The leniency of each interviewer in each period less their mean over periods, shrunk. Empty unless the variance
    /// is told from none.
    pub shifts: Vec<Shift>,
    /// The movement of each interviewer between periods of enough cards, not shrunk; in the order of interviewers.
    pub moves: Vec<Move>,
}

/// One interviewer in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The interviewer.
    pub interviewer: u32,
    /// The period.
    pub period: u32,
    /// Cards in it.
    pub cards: i64,
    /// Leniency beyond the interviewer's own mean, in score points.
    pub value: f64,
    /// Its standard deviation of prediction, variances taken as known.
    pub sd: f64,
}

/// How far one interviewer moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// The interviewer.
    pub interviewer: u32,
    /// The two periods that are told apart best, the earlier first.
    pub between: (u32, u32),
    /// Leniency in the later less that in the earlier, in score points.
    pub value: f64,
    /// Its 95 % interval, which allows for having chosen the pair (Scheffé, 1953).
    pub interval: Interval,
    /// The p-value of "the same in every period of enough cards".
    pub p: f64,
    /// Cards in these periods.
    pub cards: i64,
}

/// Terms beyond which the matrices are too large.
const MOST_TERMS: usize = 2_000;
/// How often the other variances are adjusted to what is found.
const ROUNDS: usize = 4;
/// Of the residual variance so much stays in any case.
const LEAST_RESIDUAL: f64 = 0.2;
/// Below this share of its own weight a term has nothing left that compares it.
const NOTHING: f64 = 1e-6;
/// Movement is shown by period where its p-value is at most this.
const SURE: f64 = 0.05;

/// One interviewer in one period, with their cards.
#[derive(Debug, Clone, Copy)]
struct Term {
    interviewer: u32,
    period: u32,
    cards: i64,
}

/// Tells movement of leniency between periods, at the variances of a fit. `periods` gives the period of each candidate;
/// candidates without one are left out. `step` is the size of one step of the sums in score points.
/// Interviewers are compared between periods of at least `fewest` cards.
pub fn drift(sums: &CardSums, fit: &Fit, periods: &[Option<u32>], fewest: i64, step: f64) -> Result<Drift, NoDrift> {
    let terms = terms(sums, periods);
    let enough = |own: &[Term]| own.iter().filter(|term| term.cards >= fewest).count() >= 2;
    if !terms.chunk_by(|a, b| a.interviewer == b.interviewer).any(enough) {
        return Err(NoDrift::OnePeriod);
    }
    if terms.len() > MOST_TERMS {
        return Err(NoDrift::TooMany);
    }
    let null = Known::of(fit, step);
    let at_none = Form::of(sums, fit, periods, &terms, null).ok_or(NoDrift::TooFew)?;
    let p = 1.0 - at_none.traces.below(at_none.value, null.residual, 0.0).ok_or(NoDrift::TooFew)?;
    // The fit took movement for differences between cards; what is found here is taken from there, until both agree.
    let within = within_interviewers(sums, &terms);
    let (mut known, mut form, mut variance) = (null, None, at_none.variance(null));
    for _ in 0..ROUNDS {
        if variance <= 0.0 {
            break;
        }
        known = null.less(within * variance);
        let next = Form::of(sums, fit, periods, &terms, known).ok_or(NoDrift::TooFew)?;
        variance = next.variance(known);
        form = Some(next);
    }
    let form = form.as_ref().unwrap_or(&at_none);
    let below = |value: f64, variance: f64| form.traces.below(value, known.residual, variance);
    // Residuals that vary less than by chance bound the variance no better than those that vary as expected.
    let high = solve(&|at| below(form.value.max(known.residual * form.traces.first), at), 0.025, known.residual);
    let low = if p >= 0.025 { Some(0.0) } else { solve(&|at| below(form.value, at), 0.975, known.residual) };
    let root = |variance: f64| variance.sqrt() * step;
    let sigma = null.residual.sqrt();
    let mut start = 0;
    let mut moves = Vec::new();
    for own in terms.chunk_by(|a, b| a.interviewer == b.interviewer) {
        moves.extend(moved(own, start, &at_none, fewest, sigma, step));
        start += own.len();
    }
    let told = variance > 0.0 && p <= SURE;
    Ok(Drift {
        variance: variance * step * step,
        sd: Interval { low: low.map(root), high: high.map(root) },
        p: p.clamp(0.0, 1.0),
        terms: terms.len(),
        shifts: if told { shifts(&terms, form, variance, known.residual, step) } else { Vec::new() },
        moves,
    })
}

/// The terms of interviewers who were seen in two periods; sorted by interviewer and period.
fn terms(sums: &CardSums, periods: &[Option<u32>]) -> Vec<Term> {
    let mut seen = std::collections::BTreeMap::new();
    for key in &sums.keys {
        if let Some(period) = periods.get(key.candidate as usize).copied().flatten() {
            *seen.entry((key.interviewer, period)).or_insert(0) += key.cards;
        }
    }
    let all: Vec<Term> =
        seen.into_iter().map(|((interviewer, period), cards)| Term { interviewer, period, cards }).collect();
    all.chunk_by(|a, b| a.interviewer == b.interviewer).filter(|own| own.len() > 1).flatten().copied().collect()
}

/// The variances that are taken as known, in squared steps.
#[derive(Debug, Clone, Copy)]
struct Known {
    candidate: f64,
    card: Option<f64>,
    residual: f64,
}

impl Known {
    fn of(fit: &Fit, step: f64) -> Self {
        let variances = fit.variances;
        let unit = step * step;
        Self {
            candidate: variances.candidate.unwrap_or(0.0) / unit,
            card: variances.card.map(|card| card / unit),
            residual: variances.residual / unit,
        }
    }

    /// With a variance between cards that was another one's taken away; from the residual where cards have one score.
    fn less(self, variance: f64) -> Self {
        match self.card {
            Some(card) => Self { card: Some((card - variance).max(0.0)), ..self },
            None => Self { residual: (self.residual - variance).max(LEAST_RESIDUAL * self.residual), ..self },
        }
    }
}

impl Form {
    /// The variance of the term whose form this is on average.
    fn variance(&self, known: Known) -> f64 {
        ((self.value - known.residual * self.traces.first) / self.traces.second).max(0.0)
    }
}

/// The share of the variance of the terms that lies within interviewers, over all cards.
fn within_interviewers(sums: &CardSums, terms: &[Term]) -> f64 {
    let mut within = 0.0;
    for own in terms.chunk_by(|a, b| a.interviewer == b.interviewer) {
        let cards: i64 = own.iter().map(|term| term.cards).sum();
        let squares: i64 = own.iter().map(|term| term.cards * term.cards).sum();
        within += cards as f64 - squares as f64 / cards as f64;
    }
    within / sums.cards_seen().max(1) as f64
}

/// Where a chance that falls with the variance passes a limit; by bisection. `None` beyond a hundred residual
/// variances.
fn solve(chance: &dyn Fn(f64) -> Option<f64>, limit: f64, sigma: f64) -> Option<f64> {
    let mut outside = 1e-3 * sigma;
    while chance(outside)? > limit {
        outside *= 2.0;
        if outside > 100.0 * sigma {
            return None;
        }
    }
    let mut inside = 0.0;
    for _ in 0..60 {
        let middle = f64::midpoint(inside, outside);
        if chance(middle)? > limit { inside = middle } else { outside = middle }
    }
    Some(f64::midpoint(inside, outside))
}

/// The movement of one interviewer, whose terms are `own` and begin at `start`. `sigma` is the residual's standard
/// deviation in steps.
fn moved(own: &[Term], start: usize, form: &Form, fewest: i64, sigma: f64, step: f64) -> Option<Move> {
    let (scores, spread) = (&form.scores, &form.spread);
    // Terms that nothing compares with the others would only be noise.
    let known: Vec<usize> = (0..own.len()).filter(|at| spread[(start + at, start + at)] > NOTHING).collect();
    let counted: Vec<usize> = (0..known.len()).filter(|at| own[known[*at]].cards >= fewest).collect();
    if counted.len() < 2 {
        return None;
    }
    // The means were taken out, so that the sum over an interviewer's periods is determined by nothing; any weight on
    // it leaves differences between periods as they are.
    let mean = known.iter().map(|at| spread[(start + at, start + at)]).sum::<f64>() / known.len() as f64;
    let weights = Mat::from_fn(known.len(), known.len(), |row, column| {
        spread[(start + known[row], start + known[column])] + mean / known.len() as f64
    });
    let factor = Llt::new(weights.as_ref(), Side::Lower).ok()?;
    if (0..known.len()).any(|at| factor.L()[(at, at)].powi(2) < NOTHING * mean) {
        return None;
    }
    let inverse = factor.solve(Mat::<f64>::identity(known.len(), known.len()));
    let value = |at: usize| (0..known.len()).map(|of| inverse[(at, of)] * scores[start + known[of]]).sum::<f64>();
    // Each counted period against the first of them.
    let base = counted[0];
    let others = &counted[1..];
    let covariance =
        |a: usize, b: usize| inverse[(a, b)] - inverse[(a, base)] - inverse[(base, b)] + inverse[(base, base)];
    let differences = Mat::from_fn(others.len(), 1, |at, _| value(others[at]) - value(base));
    let spread = Mat::from_fn(others.len(), others.len(), |a, b| covariance(others[a], others[b]));
    let solved = Llt::new(spread.as_ref(), Side::Lower).ok()?.solve(differences.as_ref());
    let wald = (0..others.len()).map(|at| differences[(at, 0)] * solved[(at, 0)]).sum::<f64>() / (sigma * sigma);
    let chi = ChiSquared::new(others.len() as f64).ok()?;
    let reach = chi.inverse_cdf(0.95).sqrt();
    let pairs = counted.iter().enumerate().flat_map(|(at, a)| counted[at + 1..].iter().map(move |b| (*a, *b)));
    let (a, b, found, sd) = pairs
        .map(|(a, b)| {
            let variance = inverse[(a, a)] - 2.0 * inverse[(a, b)] + inverse[(b, b)];
            (a, b, step * (value(b) - value(a)), step * sigma * variance.max(0.0).sqrt())
        })
        .filter(|(_, _, _, sd)| *sd > 0.0)
        .max_by(|x, y| (x.2.abs() / x.3).total_cmp(&(y.2.abs() / y.3)))?;
    let term = |at: usize| own[known[at]];
    Some(Move {
        interviewer: own.first()?.interviewer,
        between: (term(a).period, term(b).period),
        value: found,
        interval: Interval::new(found - reach * sd, found + reach * sd),
        p: chi.sf(wald.max(0.0)),
        cards: counted.iter().map(|at| term(*at).cards).sum(),
    })
}

/// The prediction of every term, with what is left of its variance.
fn shifts(terms: &[Term], form: &Form, variance: f64, sigma: f64, step: f64) -> Vec<Shift> {
    let (scores, spread) = (&form.scores, &form.spread);
    let ratio = variance / sigma;
    let size = terms.len();
    let system =
        Mat::from_fn(size, size, |row, column| ratio * spread[(row, column)] + f64::from(u8::from(row == column)));
    let Ok(factor) = Llt::new(system.as_ref(), Side::Lower) else { return Vec::new() };
    let values = factor.solve(Mat::from_fn(size, 1, |row, _| ratio * scores[row]));
    let left = factor.solve(Mat::<f64>::identity(size, size));
    let one = |(at, term): (usize, &Term)| Shift {
        interviewer: term.interviewer,
        period: term.period,
        cards: term.cards,
        value: step * values[(at, 0)],
        sd: step * (variance * left[(at, at)].max(0.0)).sqrt(),
    };
    terms.iter().enumerate().map(one).collect()
}
