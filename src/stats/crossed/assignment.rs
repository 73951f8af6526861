//! Does it matter who meets whom?
//!
//! With random candidates the predictions borrow from comparisons between candidates, which holds only where the
//! strength of candidates has nothing to do with the interviewers they meet beyond what the scores show. Candidates
//! with means of their own need no such thing, but say less. Where both hold, the first are the best predictions, so
//! that the two differ by no more than their variances of prediction do (Hausman, 1978; Mundlak, 1978); what they differ
//! by beyond that is bias.

use super::fit::{Candidates, Fit, Terms};
use super::sums::CardSums;
use super::system::System;

/// What random candidates cost and save, per interviewer, in squared score points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// The mean squared difference between the two predictions beyond what chance explains; not below zero.
    pub bias: f64,
    /// How much more variance of prediction there is within candidates.
    pub variance: f64,
}

impl Trade {
    /// Whether the fit within candidates has the smaller mean squared error.
    pub fn is_better_within(&self) -> bool {
        self.bias > self.variance
    }
}

/// Compares a fit with random candidates to the one within candidates at the same ratios, so that they differ in
/// nothing but how candidates enter. `step` is the size of one step of the sums in score points. `None` where `random`
/// has no random candidates, or leniency does not vary.
pub fn assignment(sums: &CardSums, random: &Fit, step: f64) -> Option<Trade> {
    let people = sums.interviewers();
    if random.terms.candidates != Candidates::Random || random.unit <= 0.0 || people == 0 {
        return None;
    }
    let system = System::new(sums, Terms { candidates: Candidates::Fixed, ..random.terms });
    let solved = system.solve(random.ratios)?;
    let (within, _) = solved.effects();
    let diagonal = solved.diagonals().interviewers;
    let (mut squares, mut variance) = (0.0, 0.0);
    for (person, effect) in random.interviewers.iter().enumerate() {
        squares += (step * random.ratios.interviewer * within[person] - effect.value).powi(2);
        variance += random.unit.powi(2) * diagonal[person] - effect.prediction_sd.powi(2);
    }
    let (squares, variance) = (squares / people as f64, variance.max(0.0) / people as f64);
    Some(Trade { bias: (squares - variance).max(0.0), variance })
}
