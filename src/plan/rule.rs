//! The decision rule as data: what a set of scores recommends.
//!
//! A score below a floor rejects, scores at or above a bar everywhere advance, and all else asks for a closer look:
//! name the gap, and whether one more data point would close it.

use serde::Deserialize;

/// Means of scores are compared with cut-offs up to so much, which is far below any step of a rubric.
const SAME: f64 = 1e-9;

/// When a set of scores rejects and when it advances.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionRule {
    /// Below this anywhere rejects.
    pub reject_below: f64,
    /// This or more everywhere advances.
    pub advance_from: f64,
    /// What is held against the cut-offs.
    pub each: Each,
    /// Dimensions that can reject; all of them where none is named.
    pub core: Vec<String>,
    /// Two interviewers who both give this or less on one dimension, each without knowledge of the other, are not to
    /// be overruled by an argument.
    pub low: f64,
}

/// What is held against the cut-offs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// The mean of each dimension over all cards.
    Dimension,
    /// Every single score.
    Score,
}

impl Default for DecisionRule {
    fn default() -> Self {
        Self { reject_below: 2.0, advance_from: 3.0, each: Each::Dimension, core: Vec::new(), low: 2.0 }
    }
}

/// One score of the set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    /// Who gave it; equal numbers are one person.
    pub interviewer: u32,
    /// The dimension of the rubric.
    pub dimension: &'a str,
    /// In score points.
    pub score: f64,
}

/// What the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Below the floor somewhere.
    Reject,
    /// At or above the bar everywhere.
    Advance,
    /// Neither.
    Investigate,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Reject, Self::Investigate, Self::Advance];

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Advance => "advance",
            Self::Investigate => "investigate",
        }
    }
}

impl DecisionRule {
    /// What the scores recommend; `None` without any.
    pub fn apply(&self, scores: &[Scored<'_>]) -> Option<Outcome> {
        if scores.is_empty() {
            return None;
        }
        let held = self.held(scores);
        let can_reject = |dimension: &str| self.core.is_empty() || self.core.iter().any(|core| core == dimension);
        let outcome =
            if held.iter().any(|(dimension, score)| can_reject(dimension) && *score < self.reject_below - SAME) {
                Outcome::Reject
            } else if held.iter().all(|(_, score)| *score >= self.advance_from - SAME) {
                Outcome::Advance
            } else {
                Outcome::Investigate
            };
        Some(outcome)
    }

    /// What is held against the cut-offs, by dimension.
    fn held<'a>(&self, scores: &[Scored<'a>]) -> Vec<(&'a str, f64)> {
        let mut sorted = scores.to_vec();
        sorted.sort_by(|a, b| a.dimension.cmp(b.dimension).then(a.score.total_cmp(&b.score)));
        match self.each {
            Each::Score => sorted.iter().map(|scored| (scored.dimension, scored.score)).collect(),
            Each::Dimension => sorted
                .chunk_by(|a, b| a.dimension == b.dimension)
                .map(|of| {
                    let sum: f64 = of.iter().map(|scored| scored.score).sum();
                    (of.first().map_or("", |scored| scored.dimension), sum / of.len() as f64)
                })
                .collect(),
        }
    }

    /// The dimensions on which two interviewers or more gave a low score each.
    pub fn twice_low<'a>(&self, scores: &[Scored<'a>]) -> Vec<&'a str> {
        let mut low: Vec<(&str, u32)> = scores
            .iter()
            .filter(|scored| scored.score <= self.low + SAME)
            .map(|scored| (scored.dimension, scored.interviewer))
            .collect();
        low.sort_unstable();
        low.dedup();
        low.chunk_by(|a, b| a.0 == b.0).filter(|of| of.len() > 1).filter_map(|of| Some(of.first()?.0)).collect()
    }

    /// Half-way between floor and bar: a single figure is for or against by the side it lies on.
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.reject_below, self.advance_from)
    }

    /// What is wrong with it, if anything; `key` is where it stands.
    pub fn problems(&self, key: &str) -> Vec<String> {
        let mut problems = Vec::new();
        if !(self.reject_below.is_finite() && self.advance_from.is_finite() && self.reject_below <= self.advance_from) {
            problems.push(format!("{key}.reject_below: not above {key}.advance_from"));
        }
        if !self.low.is_finite() {
            problems.push(format!("{key}.low: a number"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(scores: &[(u32, &'a str, f64)]) -> Vec<Scored<'a>> {
        scores
            .iter()
            .map(|(interviewer, dimension, score)| Scored { interviewer: *interviewer, dimension, score: *score })
            .collect()
    }

    #[test]
    fn floor_and_bar_decide_and_the_rest_is_looked_at() {
        let rule = DecisionRule::default();
        let says = |scores: &[(u32, &str, f64)]| rule.apply(&of(scores));
        assert_eq!(says(&[]), None);
        assert_eq!(says(&[(1, "craft", 3.0), (1, "ownership", 4.0)]), Some(Outcome::Advance));
        assert_eq!(says(&[(1, "craft", 3.0), (1, "ownership", 2.0)]), Some(Outcome::Investigate));
        assert_eq!(says(&[(1, "craft", 4.0), (1, "ownership", 1.0)]), Some(Outcome::Reject));
        // Means of a dimension: 1 and 3 are 2, which is not below the floor.
        let mixed = [(1, "craft", 1.0), (2, "craft", 3.0)];
        assert_eq!(says(&mixed), Some(Outcome::Investigate));
        let each = DecisionRule { each: Each::Score, ..rule.clone() };
        assert_eq!(each.apply(&of(&mixed)), Some(Outcome::Reject));
        // Three thirds of 9 are 3 whatever the rounding.
        assert_eq!(says(&[(1, "craft", 2.9), (2, "craft", 3.1), (3, "craft", 3.0)]), Some(Outcome::Advance));
    }

    #[test]
    fn only_core_dimensions_reject_where_some_are_named() {
        let rule = DecisionRule { core: vec!["craft".to_owned()], ..DecisionRule::default() };
        assert_eq!(rule.apply(&of(&[(1, "craft", 3.0), (1, "style", 1.0)])), Some(Outcome::Investigate));
        assert_eq!(rule.apply(&of(&[(1, "craft", 1.0), (1, "style", 4.0)])), Some(Outcome::Reject));
    }

    #[test]
    fn two_people_are_needed_for_a_low_score_to_stand() {
        let rule = DecisionRule::default();
        assert!(rule.twice_low(&of(&[(1, "craft", 2.0), (1, "craft", 1.0), (2, "style", 2.0)])).is_empty());
        assert_eq!(rule.twice_low(&of(&[(1, "craft", 2.0), (2, "craft", 1.0), (2, "style", 3.0)])), ["craft"]);
    }

    #[test]
    fn a_floor_above_the_bar_is_refused() {
        assert!(DecisionRule::default().problems("rule").is_empty());
        let upside_down = DecisionRule { reject_below: 4.0, low: f64::NAN, ..DecisionRule::default() };
        assert_eq!(upside_down.problems("rule").len(), 2);
    }
}
