//! Whether the scores of a round settle who goes on, or leave room for something that no score shows.
//!
//! A correlation among those selected can be corrected to all candidates only where the selection acted on nothing but the
//! scores (see [`lawley`](crate::stats::lawley)). What else decided is not in the data. It may be chance, which does no
//! harm, or something that later counts as well, which no formula repairs; decisions alone do not tell the one from the
//! other. They tell how much room there is: where scores leave hardly any pair of candidates in doubt, there is next to none.

use super::discrimination::{ScoreCounts, auc};
use super::estimate::{Interval, Z_95};

/// Scores settle the decisions where at least this share of pairs is in the order of the scores, for the lower limit. What
/// then remains, if all of it goes with the rest of the outcome at 0.5, moves a correlation of 0.4 by 0.1
/// (`benches/validity_study.md`).
const SETTLED: f64 = 0.99;
/// Below this share decisions plainly follow something else too, whatever is said about them.
const CONTRADICTED: f64 = 0.9;
/// Fewer people of either kind say nothing about how decisions are made.
const FEWEST: i64 = 50;

/// How far scores tell who goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The share of pairs, one who went on and one who was turned down after the same round, in which the former had the
    /// higher score; ties count one half.
    pub area: f64,
    /// Its 95 % interval, normal with DeLong's error of each round.
    pub interval: Interval,
    /// Candidates who went on, over all rounds.
    pub went_on: i64,
    /// Candidates who were turned down.
    pub turned_down: i64,
}

/// What decisions leave room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Scores settle practically all decisions.
    None,
    /// Scores go far, and what else decided may be chance or not.
    Some,
    /// Something besides the scores decided.
    Much,
    /// Too few decisions to see.
    Unknown,
}

impl Told {
    /// How much room decisions leave for something that no score shows.
    pub fn room(&self) -> Room {
        if self.went_on.min(self.turned_down) < FEWEST {
            Room::Unknown
        } else if self.interval.low.is_some_and(|low| low >= SETTLED) {
            Room::None
        } else if self.area < CONTRADICTED {
            Room::Much
        } else {
            Room::Some
        }
    }
}

/// How far scores tell who goes on, from the counts of each round. Pairs are taken within rounds, since rounds have bars of
/// their own: scores that rise from round to round while fewer and fewer are turned down would otherwise seem to
/// decide. `None` where no round turned down and let through two people each.
pub fn told_by_scores(rounds: &[ScoreCounts]) -> Option<Told> {
    let (mut weight, mut sum, mut variance) = (0.0, 0.0, 0.0);
    let mut out = Told { area: 0.0, interval: Interval::NONE, went_on: 0, turned_down: 0 };
    for round in rounds {
        let Some((found, error)) = auc(round).and_then(|found| Some((found, found.std_error?))) else { continue };
        let pairs = found.with as f64 * found.without as f64;
        weight += pairs;
        sum += pairs * found.value;
        variance += (pairs * error).powi(2);
        out.went_on += found.with;
        out.turned_down += found.without;
    }
    if weight == 0.0 {
        return None;
    }
    out.area = sum / weight;
    let half = Z_95 * variance.sqrt() / weight;
    out.interval = Interval::new((out.area - half).max(0.0), (out.area + half).min(1.0));
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::discrimination::AtScore;

    fn round(cells: &[(i64, i64, i64)]) -> ScoreCounts {
        ScoreCounts::from_cells(cells.iter().map(|(score, with, without)| AtScore {
            score: *score,
            with: *with,
            without: *without,
        }))
    }

    #[test]
    fn a_bar_of_its_own_in_each_round_leaves_no_room() {
        // The first round lets through from 2 up, the second from 4 up: pooled, a score of 3 would be in doubt.
        let told = told_by_scores(&[
            round(&[(1, 0, 80), (2, 60, 0), (3, 60, 0)]),
            round(&[(3, 0, 40), (4, 70, 0), (5, 10, 0)]),
        ]);
        let told = told.unwrap();
        assert_eq!((told.area, told.went_on, told.turned_down, told.room()), (1.0, 200, 120, Room::None));
    }

    #[test]
    fn scores_that_rise_with_the_rounds_do_not_decide() {
        // In each round everybody scores alike, and most go on in the later one: pooled, the higher score goes on.
        let rounds = [round(&[(1, 20, 80)]), round(&[(4, 90, 10)])];
        let pooled = auc(&rounds[0].merge(&rounds[1])).unwrap().value;
        let told = told_by_scores(&rounds).unwrap();
        assert!(pooled > 0.8, "{pooled}");
        assert_eq!((told.area, told.room()), (0.5, Room::Much));
    }

    #[test]
    fn what_few_decisions_seem_to_say_is_not_believed() {
        let few = told_by_scores(&[round(&[(1, 0, 49), (2, 500, 0)])]).unwrap();
        assert_eq!((few.area, few.room()), (1.0, Room::Unknown));
        assert_eq!(told_by_scores(&[round(&[(1, 5, 0)]), round(&[(1, 1, 1)])]), None);
        assert_eq!(told_by_scores(&[]), None);
        // One pair in fifty the wrong way round is room enough.
        let some = told_by_scores(&[round(&[(1, 2, 98), (2, 98, 2)])]).unwrap();
        assert!((some.area - 0.98).abs() < 1e-12);
        assert_eq!(some.room(), Room::Some);
    }
}
