//! Whether those with a higher score stay longer: Cox's model of one score, and the concordance of score and stay.
//!
//! One score at a time, because exits among hires are few.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::correlation::mid_ranks;
use super::discrimination::logit_interval;
use super::estimate::{Interval, Z_95};
use super::logistic::crossing;

/// Fewer exits than this call for the penalty.
pub const PENALISED_BELOW: usize = 20;
const MOST_STEPS: usize = 200;
const LONGEST_STEP: f64 = 2.0;
/// A coefficient beyond this, for a score in standard deviations, has run away.
const RUN_AWAY: f64 = 20.0;

/// How long one person stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stay {
    /// Days from the start until the exit, or until last seen employed.
    pub days: i64,
    /// Whether the person left then.
    pub left: bool,
    /// The score.
    pub score: f64,
}

/// Cox's (1972) model of one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cox {
    /// The logarithm of the hazard ratio per unit of score: below 0 those with a higher score stay longer. Ties by Efron (1977);
    /// with the penalty half the logarithm of the information is added to the likelihood (Heinze and Schemper 2001).
    pub log_ratio: f64,
    /// Its standard error, from the information.
    pub std_error: f64,
    /// Its 95 % interval, from the profile of the (penalised) likelihood.
    pub interval: Interval,
    /// The (penalised) likelihood ratio test against no effect.
    pub p: Option<f64>,
    /// The test that the ratio is the same at all ages, from Schoenfeld's residuals against the ranks of the ages at exit
    /// (Grambsch and Therneau 1994).
    pub proportional_p: Option<f64>,
    /// Whether the penalty was used.
    pub penalised: bool,
    /// Exits.
    pub exits: usize,
    /// People.
    pub n: usize,
}

/// Harrell's C: the share of comparable pairs in which whoever stayed longer had the higher score, ties of scores counting one
/// half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// The share.
    pub value: f64,
    /// Its 95 % interval on the logit scale, from the infinitesimal jackknife over people.
    pub interval: Interval,
    /// Pairs of whom it is known who left first.
    pub pairs: i64,
}

/// Fits the model; `None` without exits, where the score does not vary among those at risk, or where an unpenalised
/// coefficient runs away.
pub fn cox(stays: &[Stay], penalised: bool) -> Option<Cox> {
    let n = stays.len();
    let exits = stays.iter().filter(|stay| stay.left).count();
    if exits == 0 {
        return None;
    }
    let centre = stays.iter().map(|stay| stay.score).sum::<f64>() / n as f64;
    let spread = (stays.iter().map(|stay| (stay.score - centre).powi(2)).sum::<f64>() / n as f64).sqrt();
    if spread.partial_cmp(&(1e-12 * (1.0 + centre.abs()))).is_none_or(std::cmp::Ordering::is_le) {
        return None;
    }
    let mut people: Vec<Stay> =
        stays.iter().map(|stay| Stay { score: (stay.score - centre) / spread, ..*stay }).collect();
    // Longest first; among equals those who left and those who were only seen so long are at risk together.
    people.sort_by(|a, b| b.days.cmp(&a.days).then(b.left.cmp(&a.left)).then(a.score.total_cmp(&b.score)));
    let (mut b, mut now) = (0.0, likelihood(&people, 0.0, penalised)?);
    let mut done = false;
    for _ in 0..MOST_STEPS {
        if now.score.abs() < 1e-10 * (1.0 + now.information) {
            done = true;
            break;
        }
        let mut step = (now.score / now.information).clamp(-LONGEST_STEP, LONGEST_STEP);
        let next = loop {
            match likelihood(&people, b + step, penalised) {
                Some(found) if found.value >= now.value - 1e-12 => break Some(found),
                _ if step.abs() < 1e-12 => break None,
                _ => step /= 2.0,
            }
        };
        let Some(next) = next else {
            done = now.score.abs() < 1e-6 * (1.0 + now.information);
            break;
        };
        b += step;
        now = next;
        if !penalised && b.abs() > RUN_AWAY {
            return None;
        }
    }
    if !done {
        return None;
    }
    let std_error = 1.0 / now.information.sqrt();
    let height = |at: f64| Some(likelihood(&people, at, penalised)?.value - now.value + Z_95 * Z_95 / 2.0);
    let interval = Interval { low: crossing(b, -std_error, height), high: crossing(b, std_error, height) };
    let ratio = (2.0 * (now.value - likelihood(&people, 0.0, penalised)?.value)).max(0.0);
    let chi = ChiSquared::new(1.0).ok()?;
    let back = |limit: Option<f64>| limit.map(|limit| limit / spread);
    Some(Cox {
        log_ratio: b / spread,
        std_error: std_error / spread,
        interval: Interval { low: back(interval.low), high: back(interval.high) },
        p: Some(chi.sf(ratio)),
        proportional_p: proportional(&people, b, now.information).map(|statistic| chi.sf(statistic)),
        penalised,
        exits,
        n,
    })
}

struct Likelihood {
    value: f64,
    score: f64,
    information: f64,
}

/// Sums over those at risk: weights, and their first three moments about the score.
#[derive(Clone, Copy, Default)]
struct Moments([f64; 4]);

impl Moments {
    fn add(&mut self, score: f64, weight: f64) {
        let mut power = weight;
        for sum in &mut self.0 {
            *sum += power;
            power *= score;
        }
    }

    /// Mean, variance and third central moment after taking the share `share` of `other` away.
    fn less(&self, other: &Self, share: f64) -> (f64, f64, f64, f64) {
        let s: [f64; 4] = std::array::from_fn(|at| self.0[at] - share * other.0[at]);
        let (m1, m2, m3) = (s[1] / s[0], s[2] / s[0], s[3] / s[0]);
        (s[0], m1, m2 - m1 * m1, m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1)
    }
}

fn likelihood(people: &[Stay], b: f64, penalised: bool) -> Option<Likelihood> {
    let (mut value, mut score, mut information, mut slope) = (0.0, 0.0, 0.0, 0.0);
    let mut at_risk = Moments::default();
    for same in people.chunk_by(|a, b| a.days == b.days) {
        let mut leaving = Moments::default();
        let mut exits = 0.0;
        for person in same {
            at_risk.add(person.score, (b * person.score).exp());
            if person.left {
                leaving.add(person.score, (b * person.score).exp());
                value += b * person.score;
                score += person.score;
                exits += 1.0;
            }
        }
        for r in 0..exits as usize {
            let (weight, mean, variance, third) = at_risk.less(&leaving, r as f64 / exits);
            value -= weight.ln();
            score -= mean;
            information += variance;
            slope += third;
        }
    }
    if !(information > 1e-14 && value.is_finite()) {
        return None;
    }
    if penalised {
        value += 0.5 * information.ln();
        score += 0.5 * slope / information;
    }
    Some(Likelihood { value, score, information })
}

fn proportional(people: &[Stay], b: f64, information: f64) -> Option<f64> {
    let mut at_risk = Moments::default();
    let mut residuals: Vec<(f64, f64)> = Vec::new();
    for same in people.chunk_by(|a, b| a.days == b.days) {
        let mut leaving = Moments::default();
        for person in same {
            at_risk.add(person.score, (b * person.score).exp());
            if person.left {
                leaving.add(person.score, (b * person.score).exp());
            }
        }
        let exits: Vec<&Stay> = same.iter().filter(|person| person.left).collect();
        let d = exits.len() as f64;
        let expected = (0..exits.len()).map(|r| at_risk.less(&leaving, r as f64 / d).1).sum::<f64>() / d;
        residuals.extend(exits.iter().map(|person| (person.days as f64, person.score - expected)));
    }
    let ranks = mid_ranks(&residuals.iter().map(|(days, _)| *days).collect::<Vec<_>>());
    let d = residuals.len() as f64;
    let middle = ranks.iter().sum::<f64>() / d;
    let spread: f64 = ranks.iter().map(|rank| (rank - middle).powi(2)).sum();
    let together: f64 = ranks.iter().zip(&residuals).map(|(rank, (_, residual))| (rank - middle) * residual).sum();
    (spread > 0.0 && d > 2.0).then(|| together * together * d / (information * spread))
}

/// Harrell's concordance of score and stay, in `n log n`; `None` without a comparable pair. Somebody last seen employed on the
/// day another left stayed longer.
pub fn concordance(stays: &[Stay]) -> Option<Concordance> {
    let n = stays.len();
    let ranks = mid_ranks(&stays.iter().map(|stay| stay.score).collect::<Vec<_>>());
    // Doubled mid-ranks are integers from 2 to 2n.
    let place: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank) as usize).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| (stays[*b].days, stays[*a].left).cmp(&(stays[*a].days, stays[*b].left)));
    // Per person: comparable pairs, and twice those in order.
    let mut own = vec![(0_i64, 0_i64); n];
    let mut seen = Fenwick::new(2 * n + 1);
    // Longest first: whoever left is compared with everybody already seen, except those who left on the same day.
    for same in order.chunk_by(|a, b| stays[*a].days == stays[*b].days && stays[*a].left == stays[*b].left) {
        for at in same.iter().filter(|at| stays[**at].left) {
            let (all, below, to) = (seen.upto(2 * n), seen.upto(place[*at] - 1), seen.upto(place[*at]));
            own[*at].0 += all;
            own[*at].1 += 2 * (all - to) + (to - below);
        }
        same.iter().for_each(|at| seen.add(place[*at]));
    }
    // Shortest first: everybody is compared with those who left before.
    let mut gone = Fenwick::new(2 * n + 1);
    let reversed: Vec<usize> = order.iter().rev().copied().collect();
    for same in reversed.chunk_by(|a, b| stays[*a].days == stays[*b].days && stays[*a].left == stays[*b].left) {
        for at in same {
            let (all, below, to) = (gone.upto(2 * n), gone.upto(place[*at] - 1), gone.upto(place[*at]));
            own[*at].0 += all;
            own[*at].1 += 2 * below + (to - below);
        }
        same.iter().filter(|at| stays[**at].left).for_each(|at| gone.add(place[*at]));
    }
    let twice_pairs: i64 = own.iter().map(|(pairs, _)| pairs).sum();
    let twice_order: i64 = own.iter().map(|(_, order)| order).sum();
    if twice_pairs == 0 {
        return None;
    }
    let value = twice_order as f64 / (2.0 * twice_pairs as f64);
    let pairs = twice_pairs as f64 / 2.0;
    let variance: f64 =
        own.iter().map(|(all, order)| ((*order as f64 / 2.0 - value * *all as f64) / pairs).powi(2)).sum();
    Some(Concordance { value, interval: logit_interval(value, variance.sqrt()), pairs: twice_pairs / 2 })
}

/// Counts by place, with sums of all up to a place (Fenwick 1994).
struct Fenwick(Vec<i64>);

impl Fenwick {
    fn new(size: usize) -> Self {
        Self(vec![0; size + 1])
    }

    fn add(&mut self, place: usize) {
        let mut at = place;
        while let Some(sum) = self.0.get_mut(at) {
            *sum += 1;
            at += at & at.wrapping_neg();
        }
    }

    fn upto(&self, place: usize) -> i64 {
        let (mut at, mut sum) = (place, 0);
        while at > 0 {
            sum += self.0.get(at).copied().unwrap_or(0);
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    fn stay(days: i64, left: bool, score: f64) -> Stay {
        Stay { days, left, score }
    }

    #[test]
    fn three_people_worked_by_hand() {
        // Exits at 1 (score 1, others 0 and 1) and 2 (score 0, other 1). With w = exp b the likelihood is
        // w / (2w + 1) · 1 / (w + 1), greatest where 2 w² = 1.
        let fit = cox(&[stay(1, true, 1.0), stay(2, true, 0.0), stay(3, false, 1.0)], false).unwrap();
        assert!((fit.log_ratio - 0.5_f64.sqrt().ln()).abs() < 1e-9, "{}", fit.log_ratio);
        assert_eq!((fit.exits, fit.n, fit.penalised), (2, 3, false));
    }

    #[test]
    fn a_score_in_the_order_of_exits_is_finite_with_the_penalty_only() {
        let stays: Vec<Stay> = (1..7).map(|day| stay(day, true, day as f64)).collect();
        assert_eq!(cox(&stays, false), None);
        let fit = cox(&stays, true).unwrap();
        assert!(fit.log_ratio < 0.0 && fit.interval.high.unwrap() < 0.0 && fit.std_error.is_finite());
        let order = concordance(&stays).unwrap();
        assert_eq!((order.value, order.pairs, order.interval), (1.0, 15, Interval::NONE));
    }

    #[test]
    fn nothing_to_learn_from_says_so() {
        assert_eq!(cox(&[stay(5, false, 1.0), stay(6, false, 2.0)], true), None);
        assert_eq!(cox(&[stay(5, true, 1.0), stay(6, true, 1.0)], true), None);
        assert_eq!(cox(&[], true), None);
        assert_eq!(concordance(&[stay(5, true, 1.0), stay(5, true, 2.0)]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]
        #[test]
        fn concordance_counts_every_pair_once(
            people in prop::collection::vec((1_i64..9, any::<bool>(), 1_i32..5), 2..25),
        ) {
            let stays: Vec<Stay> = people.iter().map(|(days, left, score)| stay(*days, *left, f64::from(*score))).collect();
            let (mut pairs, mut order) = (0_i64, 0.0);
            for a in stays.iter().filter(|a| a.left) {
                for b in &stays {
                    if b.days > a.days || (b.days == a.days && !b.left) {
                        pairs += 1;
                        order += if b.score > a.score { 1.0 } else if b.score == a.score { 0.5 } else { 0.0 };
                    }
                }
            }
            match concordance(&stays) {
                Some(found) => {
                    prop_assert_eq!(found.pairs, pairs);
                    prop_assert!((found.value - order / pairs as f64).abs() < 1e-12);
                }
                None => prop_assert_eq!(pairs, 0),
            }
        }

        #[test]
        fn turning_the_score_round_turns_the_ratio_round(
            people in prop::collection::vec((1_i64..40, any::<bool>(), 1_i32..5), 5..40), factor in 0.5_f64..20.0,
        ) {
            let of = |unit: f64| -> Vec<Stay> {
                people.iter().map(|(days, left, score)| stay(*days, *left, unit * f64::from(*score))).collect()
            };
            let (one, other) = (cox(&of(1.0), true), cox(&of(-factor), true));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one.log_ratio + factor * other.log_ratio).abs() < 1e-6);
                prop_assert!((one.p.unwrap() - other.p.unwrap()).abs() < 1e-6);
                prop_assert!(one.interval.low.is_none_or(|low| low <= one.log_ratio));
            }
        }
    }
}
