//! Noise in scores: how much of a stage's spread is the interviewer's and not the candidate's, and what correlations
//! would be without it (Spearman, 1904).
//!
//! The noise of one card is told by rounds in which several interviewers score the same candidate: what they differ by
//! is not the candidate's. Differences between rounds are no measure of it, because a round may bring out something of
//! its own.

use super::symmetric::Symmetric;

/// Reliabilities below this make a correction larger than what it corrects.
pub const LEAST_RELIABILITY: f64 = 0.4;

/// What panels tell about the noise of one card; sums that add over candidates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Panels {
    /// Squared deviations of card means from their panel's mean.
    pub squares: f64,
    /// Cards less panels: degrees of freedom.
    pub freedom: f64,
    /// Candidates with a score of the stage.
    pub n: f64,
    /// The sum over candidates of one over their number of cards.
    pub inverse_cards: f64,
}

impl Panels {
    /// Adds others, so many times over.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.squares += times * other.squares;
        self.freedom += times * other.freedom;
        self.n += times * other.n;
        self.inverse_cards += times * other.inverse_cards;
    }
}

/// Where the noise of a stage's cards was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// In the stage's own panels.
    Here,
    /// In the panels of all stages together, because this one has too few.
    Elsewhere,
}

/// The noise of a stage's scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Variance of one card around what the candidate shows in the stage.
    pub of_card: f64,
    /// Variance of the stage's score, with as many cards as it has.
    pub of_score: f64,
    /// Where it was seen.
    pub seen: Seen,
}

/// The noise of each stage; `None` where no panel tells. A stage whose own panels have fewer than `enough` degrees of
/// freedom takes that of all stages.
pub fn noise(panels: &[Panels], enough: f64) -> Vec<Option<Noise>> {
    let mut all = Panels::default();
    panels.iter().for_each(|panel| all.add(panel, 1.0));
    let of = |panel: &Panels| {
        let (source, seen) = if panel.freedom >= enough { (panel, Seen::Here) } else { (&all, Seen::Elsewhere) };
        let is_scored = panel.n > 0.0;
        if source.freedom < enough || !is_scored {
            return None;
        }
        let of_card = source.squares / source.freedom;
        Some(Noise { of_card, of_score: of_card * panel.inverse_cards / panel.n, seen })
    };
    panels.iter().map(of).collect()
}

/// The share of a stage's variance that is not noise.
pub fn reliability(variance: f64, noise: f64) -> Option<f64> {
    (variance > 0.0 && noise >= 0.0).then(|| ((variance - noise) / variance).clamp(0.0, 1.0))
}

/// The correlation of what two stages measure, noise aside: `cov / √((var − noise)(var − noise))`. May exceed one by
/// chance. `None` where a reliability is below [`LEAST_RELIABILITY`].
pub fn disattenuated(covariance: &Symmetric, a: usize, b: usize, noise: (f64, f64)) -> Option<f64> {
    let (va, vb) = (covariance.at(a, a), covariance.at(b, b));
    let reliable = |variance: f64, noise: f64| reliability(variance, noise).is_some_and(|r| r >= LEAST_RELIABILITY);
    if !(reliable(va, noise.0) && reliable(vb, noise.1)) {
        return None;
    }
    Some(covariance.at(a, b) / ((va - noise.0) * (vb - noise.1)).sqrt())
}

/// The reliability of a weighted sum of stages with the noise given.
pub fn composite_reliability(covariance: &Symmetric, noise: &[f64], weights: &[f64]) -> Option<f64> {
    let total = covariance.form(weights, weights);
    let lost: f64 = noise.iter().zip(weights).map(|(noise, weight)| noise * weight * weight).sum();
    reliability(total, lost)
}

/// How well a weighted sum of some stages stands for what all of them measure together: the squared correlation of the
/// sum over the stages with a weight, as scored, with the noiseless sum of all. Dropping a stage loses what it alone
/// measures as well as its share of averaging.
pub fn stands_for_all(covariance: &Symmetric, noise: &[f64], weights: &[f64]) -> Option<f64> {
    let size = covariance.size();
    let all = vec![1.0; size];
    let mut pure = covariance.clone();
    noise.iter().enumerate().for_each(|(at, noise)| pure.add(at, at, -noise));
    let (target, given) = (pure.form(&all, &all), covariance.form(weights, weights));
    let shared = pure.form(&all, weights);
    (target > 0.0 && given > 0.0).then(|| (shared * shared / (target * given)).min(1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    fn panel(squares: f64, freedom: f64) -> Panels {
        Panels { squares, freedom, n: 50.0, inverse_cards: 50.0 }
    }

    #[test]
    fn noise_comes_from_the_stage_itself_where_it_can() {
        let seen = noise(&[panel(20.0, 40.0), panel(0.0, 0.0)], 10.0);
        let (own, borrowed) = (seen[0].unwrap(), seen[1].unwrap());
        assert!((own.of_card - 0.5).abs() < 1e-15 && own.seen == Seen::Here);
        assert!((borrowed.of_card - 0.5).abs() < 1e-15 && borrowed.seen == Seen::Elsewhere);
        assert_eq!(noise(&[panel(0.0, 0.0)], 10.0), [None]);
    }

    #[test]
    fn two_noisy_scores_of_one_thing_correlate_perfectly_without_noise() {
        let mut covariance = Symmetric::zeros(2);
        covariance.put(0, 0, 1.0);
        covariance.put(1, 1, 1.25);
        covariance.put(0, 1, 0.75);
        assert!((disattenuated(&covariance, 0, 1, (0.25, 0.5)).unwrap() - 1.0).abs() < 1e-15);
        // Nothing is said where less than two fifths of a stage's spread are the candidates'.
        assert_eq!(disattenuated(&covariance, 0, 1, (0.7, 0.5)), None);
    }

    #[test]
    fn a_second_score_of_the_same_thing_adds_reliability_and_of_another_thing_adds_that() {
        let mut same = Symmetric::zeros(2);
        (0..2).for_each(|at| same.put(at, at, 1.0));
        same.put(0, 1, 0.6);
        let both = stands_for_all(&same, &[0.4, 0.4], &[1.0, 1.0]).unwrap();
        let one = stands_for_all(&same, &[0.4, 0.4], &[1.0, 0.0]).unwrap();
        // Spearman and Brown: 2 r / (1 + r).
        assert!((both - 0.75).abs() < 1e-12 && (one - 0.6).abs() < 1e-12);
        assert!((composite_reliability(&same, &[0.4, 0.4], &[1.0, 1.0]).unwrap() - 0.75).abs() < 1e-12);
        let mut apart = same.clone();
        apart.put(0, 1, 0.0);
        assert!(stands_for_all(&apart, &[0.4, 0.4], &[1.0, 0.0]).unwrap() < 0.5);
    }
}
