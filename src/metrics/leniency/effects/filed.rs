//! What the cards of each interviewer show, effect by effect.

use super::{FEWEST, Seen};
use crate::metrics::cards::{Card, Cards};
use crate::stats::crossed::Fit;
use crate::stats::estimate::{Interval, normal_cdf};
use crate::stats::proportion::{binomial_p, wilson};
use crate::stats::variance_ratio::{VarianceRatio, against_known, against_others};

/// A variance ratio beyond these is worth a word, once it is told from chance; and so is a share so far off.
const RATIO: (f64, f64) = (2.0 / 3.0, 1.5);
const SHARE: f64 = 0.1;

/// The cards of each interviewer.
pub(super) struct Filed<'c> {
    cards: &'c Cards,
    pub(super) own: Vec<Vec<usize>>,
    /// Per card: what is left of its mean beyond cell and interviewer, and beyond the candidate too.
    left: Vec<(f64, f64)>,
    /// Per interviewer: squares between the dimensions of cards with their degrees of freedom, and squares of what
    /// the model leaves unexplained over what it expects, with their number.
    between_dimensions: Vec<(f64, f64)>,
    unexplained: Vec<(f64, f64)>,
    /// Per interviewer: cards with one score throughout.
    straight: Vec<Lines>,
    /// The share of all cards that are late.
    late_share: f64,
    /// Of candidates, and per card that of its mean beyond the candidate.
    candidate_variance: f64,
    card_variance: Vec<f64>,
    /// The standard deviation of one score, leniency apart.
    score_sd: f64,
    /// Leniency of each interviewer, and means of cells above the origin, in score points.
    leniency: Vec<f64>,
    cell_means: Vec<f64>,
}

/// Cards with one score throughout: how many, how many by chance, and of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    hits: f64,
    chance: f64,
    n: f64,
}

impl Lines {
    fn and(self, other: &Self) -> Self {
        Self { hits: self.hits + other.hits, chance: self.chance + other.chance, n: self.n + other.n }
    }
}

fn ratio(ratio: VarianceRatio, n: usize, matters: bool) -> Seen {
    Seen { value: ratio.value, interval: ratio.interval, expected: 1.0, p: ratio.p, n, matters }
}

/// A share of so many independent cards against an expected one: Wilson's interval and the exact binomial test,
/// doubled.
fn share(share: f64, cards: usize, expected: f64) -> Option<Seen> {
    let hits = (share * cards as f64).round();
    let interval = wilson(hits as i64, cards as i64)?;
    let p = binomial_p(hits as u64, cards as u64, expected)?;
    let matters = share - expected > SHARE;
    let limits = Interval::new(interval.low, interval.high);
    Some(Seen { value: share, interval: limits, expected, p, n: cards, matters })
}

impl<'c> Filed<'c> {
    pub(super) fn of(cards: &'c Cards, fit: &Fit, late_after: f64) -> Self {
        let mut own = vec![Vec::new(); cards.interviewers.len()];
        let mut left = Vec::with_capacity(cards.cards.len());
        for (at, card) in cards.cards.iter().enumerate() {
            own[card.interviewer as usize].push(at);
            let leniency = fit.interviewers[card.interviewer as usize].value;
            let above: f64 = card
                .scores
                .iter()
                .map(|(cell, score)| *score as f64 * cards.step - fit.cells[*cell as usize].map_or(0.0, |mean| mean.0))
                .sum();
            let beyond = above / card.scores.len() as f64 - leniency;
            left.push((beyond, beyond - fit.candidates[card.application as usize]));
        }
        let variances = &fit.variances;
        let candidate_variance = variances.candidate.unwrap_or(0.0);
        let of_card = |card: &Card| variances.card.unwrap_or(0.0) + variances.residual / card.scores.len() as f64;
        let card_variance: Vec<f64> = cards.cards.iter().map(of_card).collect();
        // What all cards of a candidate say about them, and the prior.
        let mut precision =
            vec![if candidate_variance > 0.0 { 1.0 / candidate_variance } else { 0.0 }; fit.candidates.len()];
        for (card, variance) in cards.cards.iter().zip(&card_variance) {
            precision[card.application as usize] += 1.0 / variance;
        }
        // The candidate was predicted from the card too, the more so the fewer others there are.
        let expected = |at: &usize| {
            let known =
                if candidate_variance > 0.0 { 1.0 / precision[cards.cards[*at].application as usize] } else { 0.0 };
            card_variance[*at] - known
        };
        let between_dimensions = own.iter().map(|own| Self::between_dimensions(cards, own)).collect();
        let square = |own: &Vec<usize>| {
            let told = own.iter().filter(|at| expected(at) > 1e-6 * card_variance[**at]);
            told.fold((0.0, 0.0), |sum, at| (sum.0 + left[*at].1.powi(2) / expected(at), sum.1 + 1.0))
        };
        let unexplained = own.iter().map(square).collect();
        let delays: Vec<i64> = cards.cards.iter().filter_map(|card| card.delay).collect();
        let late = delays.iter().filter(|delay| **delay as f64 > late_after * 3600.0).count();
        let late_share = late as f64 / delays.len().max(1) as f64;
        let straight = own.iter().map(|own| Self::lines(cards, own)).collect();
        let score_sd = (candidate_variance + variances.card.unwrap_or(0.0) + variances.residual).sqrt();
        Self {
            cards,
            own,
            left,
            between_dimensions,
            unexplained,
            straight,
            late_share,
            candidate_variance,
            card_variance,
            score_sd,
            leniency: fit.interviewers.iter().map(|effect| effect.value).collect(),
            cell_means: fit.cells.iter().map(|cell| cell.map_or(0.0, |mean| mean.0)).collect(),
        }
    }

    fn scores(&self, person: usize) -> impl Iterator<Item = (u32, i64)> {
        self.own[person].iter().flat_map(|at| self.cards.cards[*at].scores.iter().copied())
    }

    /// The spread of the interviewer's card means, candidates included, against what candidates, cards and residuals
    /// together should give.
    pub(super) fn restricted_range(&self, person: usize) -> Option<Seen> {
        let own = &self.own[person];
        let weight = |at: &usize| 1.0 / (self.candidate_variance + self.card_variance[*at]);
        let total: f64 = own.iter().map(weight).sum();
        let mean = own.iter().map(|at| weight(at) * self.left[*at].0).sum::<f64>() / total;
        let df = own.len() as f64 - 1.0;
        let square: f64 = own.iter().map(|at| weight(at) * (self.left[*at].0 - mean).powi(2)).sum();
        let found = against_known(square / df, df, 1.0)?;
        Some(ratio(found, own.len(), found.value < RATIO.0))
    }

    /// The variance between the dimensions of one card, cells' own means taken out: little of it is halo.
    pub(super) fn halo(&self, person: usize) -> Option<Seen> {
        let (own, others) = self.against_others(person, &self.between_dimensions);
        // Somebody who never differs between dimensions has no ratio; half a step on one card stands for none.
        let floor = (self.cards.step / 2.0).powi(2);
        let found = against_others(own.0.max(floor) / own.1, own.1, others.0 / others.1, others.1)?;
        Some(ratio(found, self.own[person].len(), found.value < RATIO.0))
    }

    /// Sums of one interviewer, and of all others.
    fn against_others(&self, person: usize, sums: &[(f64, f64)]) -> ((f64, f64), (f64, f64)) {
        let own = sums[person];
        let all = sums.iter().fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        (own, (all.0 - own.0, all.1 - own.1))
    }

    fn between_dimensions(cards: &Cards, own: &[usize]) -> (f64, f64) {
        let (mut square, mut df) = (0.0, 0.0);
        for at in own {
            let scores = &cards.cards[*at].scores;
            if scores.len() < 2 {
                continue;
            }
            // Differences between the dimensions of a card need only the cells' raw means.
            let beyond = |(cell, score): &(u32, i64)| {
                (*score as f64 - cards.cell_means.get(*cell as usize).copied().unwrap_or(0.0)) * cards.step
            };
            let mean = scores.iter().map(beyond).sum::<f64>() / scores.len() as f64;
            square += scores.iter().map(|score| (beyond(score) - mean).powi(2)).sum::<f64>();
            df += scores.len() as f64 - 1.0;
        }
        (square, df)
    }

    /// How far card means lie from what cell, candidate and leniency predict.
    pub(super) fn inconsistency(&self, person: usize) -> Option<Seen> {
        let (own, others) = self.against_others(person, &self.unexplained);
        let found = against_others(own.0 / own.1, own.1, others.0 / others.1, others.1)?;
        Some(ratio(found, self.own[person].len(), found.value > RATIO.1))
    }

    /// Scores that are neither of the ends, against all interviewers' on the same cells, shifted by what the
    /// interviewer's leniency does to it. The scores of a card are no independent tosses: a card counts as one.
    pub(super) fn central_tendency(&self, person: usize) -> Option<Seen> {
        let (low, high) = self.cards.range;
        if high - low < 2 {
            return None;
        }
        let (mut hits, mut n, mut expected) = (0, 0, 0.0);
        for (cell, score) in self.scores(person) {
            hits += usize::from(score > low && score < high);
            n += 1;
            expected += self.middle(person, cell);
        }
        share(hits as f64 / n as f64, self.own[person].len(), (expected / n as f64).clamp(0.0, 1.0))
    }

    /// The share of middle scores that an interviewer of this leniency should give on a cell.
    fn middle(&self, person: usize, cell: u32) -> f64 {
        let seen = self.cards.cell_middle.get(cell as usize).copied().unwrap_or(0.0);
        let mean = self.cell_means.get(cell as usize).copied().unwrap_or(0.0);
        let sd = self.score_sd;
        if sd <= 0.0 {
            return seen;
        }
        let half = self.cards.step / 2.0;
        let (low, high) = (self.cards.points(self.cards.range.0) + half, self.cards.points(self.cards.range.1) - half);
        let between = |mean: f64| normal_cdf((high - mean) / sd) - normal_cdf((low - mean) / sd);
        let mean = self.cards.origin + mean;
        (seen + between(mean + self.leniency[person]) - between(mean)).clamp(0.0, 1.0)
    }

    /// Cards with the same score on every dimension, against the interviewer's own scores drawn per dimension and what
    /// all interviewers have beyond that: able and weak candidates are scored alike on every dimension.
    pub(super) fn straight_lining(&self, person: usize) -> Option<Seen> {
        let lines = self.straight[person];
        if (lines.n as usize) < FEWEST {
            return None;
        }
        let all = self.straight.iter().fold(Lines::default(), |all, one| all.and(one));
        let expected = ((lines.chance + lines.n * (all.hits - all.chance) / all.n) / lines.n).clamp(0.0, 1.0);
        share(lines.hits / lines.n, lines.n as usize, expected)
    }

    fn lines(cards: &Cards, own: &[usize]) -> Lines {
        use std::collections::BTreeMap;
        let mut used: BTreeMap<u32, BTreeMap<i64, f64>> = BTreeMap::new();
        for (cell, score) in own.iter().flat_map(|at| &cards.cards[*at].scores) {
            *used.entry(*cell).or_default().entry(*score).or_default() += 1.0;
        }
        for scores in used.values_mut() {
            let total: f64 = scores.values().sum();
            scores.values_mut().for_each(|count| *count /= total);
        }
        let mut lines = Lines::default();
        for at in own {
            let scores = &cards.cards[*at].scores;
            // Two dimensions agree too easily to mean anything.
            if scores.len() < 3 {
                continue;
            }
            let same = |level: i64| -> f64 {
                let chance = |cell: &u32| used.get(cell).and_then(|used| used.get(&level)).unwrap_or(&0.0);
                scores.iter().map(|(cell, _)| chance(cell)).product()
            };
            let is_line = scores.iter().all(|(_, score)| Some(*score) == scores.first().map(|(_, first)| *first));
            lines.hits += f64::from(is_line);
            lines.chance += (cards.range.0..=cards.range.1).map(same).sum::<f64>();
            lines.n += 1.0;
        }
        lines
    }

    /// Cards that came later than allowed after the interview.
    pub(super) fn late(&self, person: usize, hours: f64) -> Option<Seen> {
        let delays = |own: &[usize]| {
            let late = |at: &usize| self.cards.cards[*at].delay.map(|delay| delay as f64 > hours * 3600.0);
            let known: Vec<bool> = own.iter().filter_map(late).collect();
            (known.iter().filter(|late| **late).count(), known.len())
        };
        let (hits, n) = delays(&self.own[person]);
        if n < FEWEST {
            return None;
        }
        share(hits as f64 / n as f64, n, self.late_share)
    }
}
