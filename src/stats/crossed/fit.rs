//! The fit: variances, leniencies with their errors of prediction, and what can refuse it.

use super::super::estimate::{Interval, Z_95};
use super::optimise::{Minimum, minimise};
use super::prediction::{self, Best, covariance};
use super::sums::CardSums;
use super::system::{Ratios, Solved, System};

/// How candidates enter the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidates {
    /// As draws from a normal population: uses comparisons between candidates too.
    Random,
    /// Each with a mean of its own: compares interviewers within candidates only, whatever decides who meets whom.
    Fixed,
}

/// The terms of the model besides cell means and residual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How candidates enter.
    pub candidates: Candidates,
    /// Whether interviewers differ.
    pub interviewers: bool,
    /// Whether the scores on one card share a term, the halo.
    pub cards: bool,
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing was scored.
    #[error("there are no scores")]
    NoScores,
    /// Nobody to compare with.
    #[error("only one interviewer gave scores")]
    OneInterviewer,
    /// No candidate met two interviewers.
    #[error("no candidate was scored by two interviewers")]
    NothingShared,
    /// As many means as scores.
    #[error("there are too few scores for the means they would have to support")]
    TooFewScores,
    /// Nothing varies beyond the cell means.
    #[error("the scores do not vary")]
    NoVariation,
    /// The search for the variances did not end.
    #[error("the variances could not be found")]
    NoMinimum,
}

/// Variances in squared score points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variances {
    /// Between candidates; `None` where candidates have means of their own.
    pub candidate: Option<f64>,
    /// Between interviewers: leniency.
    pub interviewer: f64,
    /// Between cards of one candidate: halo; `None` without the term.
    pub card: Option<f64>,
    /// Of single scores.
    pub residual: f64,
}

/// One estimated effect, in score points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The prediction; shrunk towards zero.
    pub value: f64,
    /// Its standard deviation of prediction, cell means estimated, variances taken as known (Henderson, 1975).
    pub prediction_sd: f64,
    /// The same with the cell means taken as known too, as other programs print it.
    pub conditional_sd: f64,
    /// The standard deviation of prediction with the variances estimated as well (Kackar and Harville, 1984;
    /// Prasad and Rao, 1990).
    pub sd: f64,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The terms.
    pub terms: Terms,
    /// The variances.
    pub variances: Variances,
    /// Minus twice the restricted log-likelihood, up to a constant that depends on the coding of the cells.
    pub criterion: f64,
    /// Whether a variance is estimated as zero.
    pub singular: bool,
    /// Whether the search came to an end by itself.
    pub converged: bool,
    /// Each cell's mean with its standard error; `None` where the candidates' own means absorb it.
    pub cells: Vec<Option<(f64, f64)>>,
    /// Each interviewer's leniency; positive is lenient.
    pub interviewers: Vec<Effect>,
    /// Each candidate's effect, without intervals.
    pub candidates: Vec<f64>,
    /// Scores and cards that were fitted.
    pub scores: i64,
    /// Cards that were fitted.
    pub cards: i64,
    pub(super) ratios: Ratios,
    pub(super) degrees: f64,
    /// The covariance of the estimated ratios of standard deviations; rows and columns of ratios at zero are zero.
    pub(super) covariance: [[f64; 3]; 3],
    /// The factored equations, and what turns their inverse into score points.
    solved: Solved,
    pub(super) unit: f64,
}

impl Fit {
    /// The standard deviation of prediction of the difference between two interviewers, variances taken as known.
    pub fn difference_sd(&self, a: usize, b: usize) -> f64 {
        self.unit * self.solved.difference(a, b).sqrt()
    }
}

/// A share of the variances that does not depend on their common scale, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// Its 95 % interval: the delta method on the logit.
    pub interval: Interval,
}

impl Fit {
    /// A share of the variances, between 0 and 1, with an interval that follows from how well the variances are known.
    /// `of` must not depend on their common scale.
    pub fn share(&self, of: &dyn Fn(&Variances) -> Option<f64>) -> Option<Share> {
        let at = |ratios: [f64; 3]| {
            of(&Variances {
                candidate: self.variances.candidate.map(|_| ratios[0].powi(2)),
                interviewer: ratios[1].powi(2),
                card: self.variances.card.map(|_| ratios[2].powi(2)),
                residual: 1.0,
            })
        };
        let logit = |share: f64| (share / (1.0 - share)).ln();
        let ratios = [self.ratios.candidate, self.ratios.interviewer, self.ratios.card];
        let value = at(ratios)?;
        if !(value > 0.0 && value < 1.0) {
            return Some(Share { value, interval: Interval::NONE });
        }
        let mut slopes = [0.0; 3];
        for (place, slope) in slopes.iter_mut().enumerate() {
            let width = 1e-5 * ratios[place].max(0.01);
            let moved = |by: f64| {
                let mut there = ratios;
                there[place] = (there[place] + by).abs();
                at(there).map(logit)
            };
            *slope = (moved(width)? - moved(-width)?) / (2.0 * width);
        }
        let mut variance = 0.0;
        for (a, row) in slopes.iter().zip(&self.covariance) {
            variance += slopes.iter().zip(row).map(|(b, covariance)| a * b * covariance).sum::<f64>();
        }
        if variance <= 0.0 {
            return Some(Share { value, interval: Interval::NONE });
        }
        let half = Z_95 * variance.sqrt();
        let back = |logit: f64| 1.0 / (1.0 + (-logit).exp());
        let interval = Interval::new(back(logit(value) - half), back(logit(value) + half));
        Some(Share { value, interval })
    }
}

/// Which ratios are searched for, in the order candidate, interviewer, card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Free {
    candidate: bool,
    interviewer: bool,
    card: bool,
}

impl Free {
    pub(super) fn of(terms: Terms) -> Self {
        Self { candidate: terms.candidates == Candidates::Random, interviewer: terms.interviewers, card: terms.cards }
    }

    pub(super) fn ratios(self, point: &[f64]) -> Ratios {
        let mut point = point.iter().map(|ratio| ratio.abs());
        let mut next = |is_free: bool| if is_free { point.next().unwrap_or(0.0) } else { 0.0 };
        Ratios { candidate: next(self.candidate), interviewer: next(self.interviewer), card: next(self.card) }
    }

    /// Where the ratio of leniency stands among those searched for.
    pub(super) fn interviewer_place(self) -> Option<usize> {
        self.interviewer.then_some(usize::from(self.candidate))
    }

    pub(super) fn point(self, ratios: Ratios) -> Vec<f64> {
        let all =
            [(self.candidate, ratios.candidate), (self.interviewer, ratios.interviewer), (self.card, ratios.card)];
        all.into_iter().filter(|(is_free, _)| *is_free).map(|(_, ratio)| ratio).collect()
    }
}

/// Fits the model. `step` is the size of one step of the sums in score points.
pub fn fit(sums: &CardSums, terms: Terms, step: f64) -> Result<Fit, Refused> {
    let terms = Terms { cards: terms.cards && sums.has_halo(), ..terms };
    refuse(sums)?;
    let system = System::new(sums, terms);
    if system.degrees < 1.0 {
        return Err(Refused::TooFewScores);
    }
    let minimum = search(&system, near(sums, terms)).ok_or(Refused::NoMinimum)?;
    finish(&system, &minimum, step).ok_or(Refused::NoMinimum)
}

/// With more interviewers than twice this, the search begins where that of every second, third... up to every
/// `SPARSEST` of them ended, so many at least.
const SOME: usize = 300;
const SPARSEST: usize = 5;

/// The best ratios of some of the interviewers, which are near those of all.
fn near(sums: &CardSums, terms: Terms) -> Option<Ratios> {
    let every = (sums.interviewers / SOME).min(SPARSEST);
    if every < 2 {
        return None;
    }
    let some = sums.every(every);
    refuse(&some).ok()?;
    let system = System::new(&some, terms);
    let minimum = search(&system, None).filter(|minimum| system.degrees > 1.0 && minimum.converged)?;
    // Too few candidates may be left for a variance to be seen.
    let is_inside = minimum.at.iter().all(|ratio| (0.05..5.0).contains(ratio));
    is_inside.then(|| Free::of(terms).ratios(&minimum.at))
}

/// The best ratios, from a start or from the middle of what is usual.
pub(super) fn search(system: &System<'_>, start: Option<Ratios>) -> Option<Minimum> {
    let free = Free::of(system.terms);
    let is_near = start.is_some();
    let start = start.unwrap_or(Ratios { candidate: 0.7, interviewer: 0.4, card: 0.4 });
    minimise(&free.point(start), is_near, system.threads(), &|point| system.criterion(free.ratios(point)))
}

fn refuse(sums: &CardSums) -> Result<(), Refused> {
    if sums.keys.is_empty() {
        return Err(Refused::NoScores);
    }
    let mut people: Vec<u32> = sums.keys.iter().map(|key| key.interviewer).collect();
    people.sort_unstable();
    people.dedup();
    if people.len() < 2 {
        return Err(Refused::OneInterviewer);
    }
    let meets_two =
        |keys: &[super::sums::Key]| keys.iter().any(|key| Some(key.interviewer) != keys.first().map(|k| k.interviewer));
    if !sums.keys.chunk_by(|a, b| a.candidate == b.candidate).any(meets_two) {
        return Err(Refused::NothingShared);
    }
    // Within each cell: number, sum and sum of squares cannot be had by cell from the squares of whole cards, so
    // the test is whether every key's sums are its cards times one value per cell.
    let mut value: Vec<Option<i64>> = vec![None; sums.cells];
    let mut varies = false;
    for key in &sums.keys {
        let (cells, totals) = sums.scores(key);
        let mut squares = 0;
        for (cell, total) in cells.iter().zip(totals) {
            let each = total.div_euclid(key.cards);
            varies |= total.rem_euclid(key.cards) != 0;
            squares += each * each * key.cards;
            let known = value[*cell as usize].get_or_insert(each);
            varies |= *known != each;
        }
        varies |= squares != key.squares;
    }
    if varies { Ok(()) } else { Err(Refused::NoVariation) }
}

fn finish(system: &System<'_>, minimum: &Minimum, step: f64) -> Option<Fit> {
    let free = Free::of(system.terms);
    let ratios = free.ratios(&minimum.at);
    let solved = system.solve(ratios)?;
    let people = system.sums.interviewers;
    let variance = solved.residual / system.degrees;
    let sigma = variance.sqrt() * step;
    let (effects, means) = solved.effects();
    let leniency: Vec<f64> = effects.iter().map(|effect| effect * ratios.interviewer).collect();
    let diagonals = solved.diagonals();
    let covariance = covariance(minimum);
    let unit = sigma * ratios.interviewer;
    let scale = variance * ratios.interviewer.powi(2);
    let prediction: Vec<f64> = diagonals.interviewers.iter().map(|diagonal| scale * diagonal).collect();
    let best = Best { leniency: &leniency, prediction: &prediction };
    let total = prediction::variances(system, minimum, &covariance, &best);
    let interviewers = (0..people)
        .map(|person| Effect {
            value: step * leniency[person],
            prediction_sd: step * prediction[person].sqrt(),
            conditional_sd: unit * diagonals.conditional[person].sqrt(),
            sd: step * total[person].sqrt(),
        })
        .collect();
    let cells = (system.columns.iter())
        .map(|column| column.map(|at| (step * means[at], sigma * diagonals.means[at].sqrt())))
        .collect();
    let candidates = system.candidates(ratios, &leniency, &means).into_iter().map(|effect| step * effect).collect();
    let points = sigma * sigma;
    let variances = Variances {
        candidate: free.candidate_variance(points, ratios),
        interviewer: points * ratios.interviewer.powi(2),
        card: system.terms.cards.then_some(points * ratios.card.powi(2)),
        residual: points,
    };
    Some(Fit {
        terms: system.terms,
        variances,
        criterion: minimum.value,
        singular: minimum.at.iter().any(|ratio| *ratio < 1e-4),
        converged: minimum.converged,
        cells,
        interviewers,
        candidates,
        scores: system.sums.scores_seen(),
        cards: system.sums.cards_seen(),
        ratios,
        degrees: system.degrees,
        covariance: free.spread(&covariance),
        solved,
        unit,
    })
}

impl Free {
    /// A covariance of the searched ratios as one of all three.
    fn spread(self, covariance: &[Vec<f64>]) -> [[f64; 3]; 3] {
        let places = self.places();
        let mut all = [[0.0; 3]; 3];
        for (i, row) in places.iter().enumerate() {
            for (j, column) in places.iter().enumerate() {
                all[*row][*column] = covariance[i][j];
            }
        }
        all
    }

    /// Where the ratios that are searched for stand among all three.
    pub(super) fn places(self) -> Vec<usize> {
        let free = [self.candidate, self.interviewer, self.card];
        (0..3).filter(|at| free[*at]).collect()
    }

    fn candidate_variance(self, points: f64, ratios: Ratios) -> Option<f64> {
        self.candidate.then_some(points * ratios.candidate.powi(2))
    }
}
