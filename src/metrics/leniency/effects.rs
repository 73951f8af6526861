//! Rater effects other than leniency, each against what all interviewers together lead to expect.

use super::model::{Fitted, status};
use super::tables::RATER_EFFECTS;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing};
use crate::stats::crossed::Fit;
use crate::stats::estimate::Interval;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::proportion::wilson;
use crate::stats::variance_ratio::{VarianceRatio, against_known, against_others, one_way};

/// Cards below which nothing is said, and below which it is thin.
const FEWEST: usize = 5;
const ENOUGH: usize = 10;
/// A quarter counts for drift with so many cards.
const ENOUGH_IN_QUARTER: usize = 15;
/// A variance ratio beyond these is worth a word, once it is told from chance; and so is a share so far off.
const RATIO: (f64, f64) = (2.0 / 3.0, 1.5);
const SHARE: f64 = 0.1;
/// The largest q-value that is told from chance.
const SURE: f64 = 0.05;

/// One effect of one interviewer.
struct Seen {
    interviewer: usize,
    value: f64,
    interval: Interval,
    expected: f64,
    p: f64,
    n: usize,
    /// Whether it is far enough, and on the side that has the effect's name.
    matters: bool,
}

/// The cards of each interviewer.
struct Filed<'c> {
    cards: &'c Cards,
    own: Vec<Vec<usize>>,
    /// Per card: what is left of its mean beyond cell and interviewer, and beyond the candidate too.
    left: Vec<(f64, f64)>,
    /// Per interviewer: squares between the dimensions of cards with their degrees of freedom, and squares of what
    /// the model leaves unexplained with their number.
    between_dimensions: Vec<(f64, f64)>,
    unexplained: Vec<(f64, f64)>,
    /// Per interviewer: cards with one score throughout.
    straight: Vec<Lines>,
    /// The share of all cards that are late.
    late_share: f64,
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

/// The table of rater effects.
pub(super) fn tables(cards: &Cards, fitted: &Fitted, context: &Context<'_>) -> Vec<ResultTable> {
    let mut out = ResultTable::new(&RATER_EFFECTS);
    let (design, why) = status(cards, fitted);
    let Some(fit) = fitted.random.as_ref().ok().filter(|_| design != Status::NotEstimable) else { return vec![out] };
    let late_after = context.config.models.late_after_hours;
    let filed = Filed::of(cards, fit, late_after);
    let people = 0..cards.interviewers.len();
    let each = |of: &dyn Fn(usize) -> Option<Seen>| -> Vec<Seen> {
        people.clone().filter(|person| filed.own[*person].len() >= FEWEST).filter_map(of).collect()
    };
    let effects = [
        ("restricted_range", "variance ratio", each(&|person| filed.restricted_range(fit, person))),
        ("halo", "variance ratio", each(&|person| filed.halo(person))),
        ("inconsistency", "variance ratio", each(&|person| filed.inconsistency(person))),
        ("central_tendency", "share", each(&|person| filed.central_tendency(person))),
        ("straight_lining", "share", each(&|person| filed.straight_lining(person))),
        ("drift", "share", each(&|person| filed.drift(person))),
        ("late", "share", each(&|person| filed.late(person, late_after))),
    ];
    for (effect, unit, seen) in effects {
        let p: Vec<Option<f64>> = seen.iter().map(|seen| Some(seen.p)).collect();
        let q = benjamini_hochberg(&p);
        for (seen, q) in seen.iter().zip(q) {
            let told = q.is_some_and(|q| q <= SURE) && seen.matters;
            let (state, reason) = if seen.n < ENOUGH {
                (Status::Thin, Some(format!("fewer than {ENOUGH}")))
            } else {
                (design, why.clone())
            };
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([
                ("interviewer_id", Cell::Text(cards.interviewers[seen.interviewer].clone())),
                ("effect", Cell::Text(effect.to_owned())),
                ("value", Cell::float(seen.value)),
                ("value_low", Cell::float(seen.interval.low)),
                ("value_high", Cell::float(seen.interval.high)),
                ("expected", Cell::float(seen.expected)),
                ("unit", Cell::Text(unit.to_owned())),
                ("p_value", Cell::float(seen.p)),
                ("q_value", Cell::float(q)),
                ("verdict", Cell::Text(if told { effect } else { "as_expected" }.to_owned())),
            ]);
            cells.extend(standing(seen.n as i64, format!("{}; {}", method(effect), cards.window), state, reason));
            out.push(cells);
        }
    }
    vec![out]
}

fn method(effect: &str) -> &'static str {
    match effect {
        "restricted_range" => "spread of card means against the model's, chi-squared",
        "halo" => "variance between dimensions of one card against all other interviewers', F",
        "inconsistency" => "card means less the model's prediction against all other interviewers', F",
        "central_tendency" => "share of middle scores against all interviewers' on the same cells, Wilson",
        "straight_lining" => {
            "share of cards with one score throughout against chance and all interviewers' excess over it, Wilson"
        }
        "drift" => "share of the variance of card residuals between quarters, analysis of variance",
        _ => "share of late cards against all interviewers', Wilson",
    }
}

fn ratio(interviewer: usize, ratio: VarianceRatio, n: usize, matters: bool) -> Seen {
    Seen { interviewer, value: ratio.value, interval: ratio.interval, expected: 1.0, p: ratio.p, n, matters }
}

/// A share against an expected one. The p-value is that of a normal deviate with the expected variance.
fn share(interviewer: usize, hits: usize, n: usize, expected: f64, variance: f64) -> Option<Seen> {
    let interval = wilson(hits as i64, n as i64)?;
    let deviate = (hits as f64 - expected * n as f64) / variance.sqrt();
    let p = if variance > 0.0 { crate::stats::estimate::two_sided_p(deviate)? } else { 1.0 };
    let matters = interval.share - expected > SHARE;
    let limits = Interval::new(interval.low, interval.high);
    Some(Seen { interviewer, value: interval.share, interval: limits, expected, p, n, matters })
}

impl<'c> Filed<'c> {
    fn of(cards: &'c Cards, fit: &Fit, late_after: f64) -> Self {
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
        let between_dimensions = own.iter().map(|own| Self::between_dimensions(cards, own)).collect();
        let square = |own: &Vec<usize>| (own.iter().map(|at| left[*at].1.powi(2)).sum(), own.len() as f64);
        let unexplained = own.iter().map(square).collect();
        let delays: Vec<i64> = cards.cards.iter().filter_map(|card| card.delay).collect();
        let late = delays.iter().filter(|delay| **delay as f64 > late_after * 3600.0).count();
        let late_share = late as f64 / delays.len().max(1) as f64;
        let straight = own.iter().map(|own| Self::lines(cards, own)).collect();
        Self { cards, own, left, between_dimensions, unexplained, straight, late_share }
    }

    fn scores(&self, person: usize) -> impl Iterator<Item = (u32, i64)> {
        self.own[person].iter().flat_map(|at| self.cards.cards[*at].scores.iter().copied())
    }

    /// The spread of the interviewer's card means, candidates included, against what candidates, cards and residuals
    /// together should give.
    fn restricted_range(&self, fit: &Fit, person: usize) -> Option<Seen> {
        let own = &self.own[person];
        let variance = |size: usize| {
            fit.variances.candidate.unwrap_or(0.0)
                + fit.variances.card.unwrap_or(0.0)
                + fit.variances.residual / size as f64
        };
        let weight = |at: &usize| 1.0 / variance(self.cards.cards[*at].scores.len());
        let total: f64 = own.iter().map(weight).sum();
        let mean = own.iter().map(|at| weight(at) * self.left[*at].0).sum::<f64>() / total;
        let df = own.len() as f64 - 1.0;
        let square: f64 = own.iter().map(|at| weight(at) * (self.left[*at].0 - mean).powi(2)).sum();
        let found = against_known(square / df, df, 1.0)?;
        Some(ratio(person, found, own.len(), found.value < RATIO.0))
    }

    /// The variance between the dimensions of one card, cells' own means taken out: little of it is halo.
    fn halo(&self, person: usize) -> Option<Seen> {
        let (own, others) = self.against_others(person, &self.between_dimensions);
        // Somebody who never differs between dimensions has no ratio; half a step on one card stands for none.
        let floor = (self.cards.step / 2.0).powi(2);
        let found = against_others(own.0.max(floor) / own.1, own.1, others.0 / others.1, others.1)?;
        Some(ratio(person, found, self.own[person].len(), found.value < RATIO.0))
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
    fn inconsistency(&self, person: usize) -> Option<Seen> {
        let (own, others) = self.against_others(person, &self.unexplained);
        let found = against_others(own.0 / own.1, own.1, others.0 / others.1, others.1)?;
        Some(ratio(person, found, self.own[person].len(), found.value > RATIO.1))
    }

    /// Scores that are neither of the ends.
    fn central_tendency(&self, person: usize) -> Option<Seen> {
        let (low, high) = self.cards.range;
        if high - low < 2 {
            return None;
        }
        let (mut hits, mut n, mut expected, mut variance) = (0, 0, 0.0, 0.0);
        for (cell, score) in self.scores(person) {
            let middle = self.cards.cell_middle.get(cell as usize).copied().unwrap_or(0.0);
            hits += usize::from(score > low && score < high);
            n += 1;
            expected += middle;
            variance += middle * (1.0 - middle);
        }
        // The scores of a card are no independent tosses; the design effect of its size is the careful bound.
        let size = n as f64 / self.own[person].len() as f64;
        share(person, hits, n, expected / n as f64, variance * size)
    }

    /// Cards with the same score on every dimension, against the interviewer's own scores drawn per dimension and what
    /// all interviewers have beyond that: able and weak candidates are scored alike on every dimension.
    fn straight_lining(&self, person: usize) -> Option<Seen> {
        let lines = self.straight[person];
        if (lines.n as usize) < FEWEST {
            return None;
        }
        let all = self.straight.iter().fold(Lines::default(), |all, one| all.and(one));
        let expected = ((lines.chance + lines.n * (all.hits - all.chance) / all.n) / lines.n).clamp(0.0, 1.0);
        let variance = lines.n * expected * (1.0 - expected);
        share(person, lines.hits as usize, lines.n as usize, expected, variance)
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

    /// How much of the variance of the interviewer's card residuals lies between quarters.
    fn drift(&self, person: usize) -> Option<Seen> {
        let mut groups: std::collections::BTreeMap<u32, Vec<f64>> = std::collections::BTreeMap::new();
        for at in &self.own[person] {
            groups.entry(self.cards.cards[*at].quarter?).or_default().push(self.left[*at].1);
        }
        let groups: Vec<Vec<f64>> = groups.into_values().filter(|group| group.len() >= ENOUGH_IN_QUARTER).collect();
        let p = one_way(&groups)?;
        let n: usize = groups.iter().map(Vec::len).sum();
        let grand = groups.iter().flatten().sum::<f64>() / n as f64;
        let mut between = 0.0;
        for group in &groups {
            let mean = group.iter().sum::<f64>() / group.len() as f64;
            between += group.len() as f64 * (mean - grand).powi(2);
        }
        let total: f64 = groups.iter().flatten().map(|value| (value - grand).powi(2)).sum();
        let expected = (groups.len() as f64 - 1.0) / (n as f64 - 1.0);
        let value = between / total;
        let matters = value > 2.0 * expected;
        Some(Seen { interviewer: person, value, interval: Interval::NONE, expected, p, n, matters })
    }

    /// Cards that came later than allowed after the interview.
    fn late(&self, person: usize, hours: f64) -> Option<Seen> {
        let delays = |own: &[usize]| {
            let late = |at: &usize| self.cards.cards[*at].delay.map(|delay| delay as f64 > hours * 3600.0);
            let known: Vec<bool> = own.iter().filter_map(late).collect();
            (known.iter().filter(|late| **late).count(), known.len())
        };
        let (hits, n) = delays(&self.own[person]);
        if n < FEWEST {
            return None;
        }
        let expected = self.late_share;
        share(person, hits, n, expected, n as f64 * expected * (1.0 - expected))
    }
}
