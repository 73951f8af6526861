//! The fit: variances, leniencies with their errors of prediction, and what can refuse it.

use faer::{Mat, MatRef, Par};

use super::optimise::{Minimum, minimise};
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
    /// The columns of the inverse factor that belong to interviewers, and what turns them into score points.
    inverse: Mat<f64>,
    unit: f64,
}

impl Fit {
    /// The standard deviation of prediction of the difference between two interviewers, variances taken as known.
    pub fn difference_sd(&self, a: usize, b: usize) -> f64 {
        let rows = a.min(b)..self.inverse.nrows();
        let square: f64 = rows.map(|row| (self.inverse[(row, a)] - self.inverse[(row, b)]).powi(2)).sum();
        self.unit * square.sqrt()
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
    let minimum = search(&system, None).ok_or(Refused::NoMinimum)?;
    finish(&system, &minimum, step).ok_or(Refused::NoMinimum)
}

/// The best ratios, from a start or from the middle of what is usual.
pub(super) fn search(system: &System<'_>, start: Option<Ratios>) -> Option<Minimum> {
    let free = Free::of(system.terms);
    let start = start.unwrap_or(Ratios { candidate: 0.7, interviewer: 0.4, card: 0.4 });
    minimise(&free.point(start), &mut |point| system.criterion(free.ratios(point)))
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
    let last = system.size() - 1;
    let variance = solved.residual / system.degrees;
    let sigma = variance.sqrt() * step;
    let effects = effects(system, &solved);
    let leniency: Vec<f64> = effects.iter().take(people).map(|effect| effect * ratios.interviewer).collect();
    let means = effects.get(people..)?.to_vec();
    let inverse = inverse_of(solved.factor.as_ref().submatrix(0, 0, last, last));
    let square = |column: usize, to: usize| (column..to).map(|row| inverse[(row, column)].powi(2)).sum::<f64>();
    let more = variance_of_estimation(system, minimum, &leniency);
    let unit = sigma * ratios.interviewer;
    let interviewers = (0..people)
        .map(|person| {
            let prediction = unit * unit * square(person, last);
            Effect {
                value: step * leniency[person],
                prediction_sd: prediction.sqrt(),
                conditional_sd: unit * square(person, people).sqrt(),
                sd: (prediction + 2.0 * step * step * more[person]).sqrt(),
            }
        })
        .collect();
    let cells = (system.columns.iter())
        .map(|column| column.map(|at| (step * means[at], sigma * square(people + at, last).sqrt())))
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
        inverse: inverse.as_ref().subcols(0, people).to_owned(),
        unit,
    })
}

impl Free {
    fn candidate_variance(self, points: f64, ratios: Ratios) -> Option<f64> {
        self.candidate.then_some(points * ratios.candidate.powi(2))
    }
}

/// Interviewers' effects before scaling, and cell means, in steps: the last row of the factor solved backwards.
fn effects(system: &System<'_>, solved: &Solved) -> Vec<f64> {
    let last = system.size() - 1;
    let factor = &solved.factor;
    let mut effects: Vec<f64> = (0..last).map(|at| factor[(last, at)]).collect();
    for row in (0..last).rev() {
        effects[row] /= factor[(row, row)];
        let value = effects[row];
        for (before, effect) in effects.iter_mut().enumerate().take(row) {
            *effect -= factor[(row, before)] * value;
        }
    }
    effects
}

fn inverse_of(factor: MatRef<'_, f64>) -> Mat<f64> {
    let mut inverse = Mat::<f64>::zeros(factor.nrows(), factor.ncols());
    faer::linalg::triangular_inverse::invert_lower_triangular(inverse.as_mut(), factor, Par::Seq);
    inverse
}

/// How much the predictions vary because the ratios are estimated, in squared steps: their derivatives by the
/// ratios, through the inverse curvature of the criterion. A ratio at zero does not move.
fn variance_of_estimation(system: &System<'_>, minimum: &Minimum, leniency: &[f64]) -> Vec<f64> {
    let free = Free::of(system.terms);
    let inner: Vec<usize> = (0..minimum.at.len()).filter(|at| minimum.at[*at] > 1e-4).collect();
    let size = inner.len();
    let curvature = Mat::from_fn(size, size, |i, j| minimum.curvature[inner[i]][inner[j]] / 2.0);
    let none = vec![0.0; leniency.len()];
    let Ok(factor) = faer::linalg::solvers::Llt::new(curvature.as_ref(), faer::Side::Lower) else { return none };
    let covariance = faer::linalg::solvers::DenseSolveCore::inverse(&factor);
    let mut slopes: Vec<Vec<f64>> = Vec::with_capacity(size);
    for at in &inner {
        let width = 1e-4 * minimum.at[*at].max(0.01);
        let mut there = minimum.at.clone();
        there[*at] += width;
        let ratios = free.ratios(&there);
        let Some(solved) = system.solve(ratios) else { return none };
        let moved = effects(system, &solved);
        let slope = leniency.iter().zip(moved).map(|(was, is)| (is * ratios.interviewer - was) / width);
        slopes.push(slope.collect());
    }
    (0..leniency.len())
        .map(|person| {
            let pairs = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
            let sum: f64 = pairs.map(|(i, j)| slopes[i][person] * slopes[j][person] * covariance[(i, j)]).sum();
            sum.max(0.0)
        })
        .collect()
}
