//! `[redundancy]`: when two rounds count as the same, and by which rule decisions are made.

use serde::Deserialize;

/// What counts as the same.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redundancy {
    /// The correlation, noise aside, from which two rounds count as the same.
    pub same_from: f64,
    /// The correlation from which they overlap.
    pub overlap_from: f64,
    /// The share of decisions that may change beyond what repeating a round changes.
    pub most_flips: f64,
    /// The mean score from which candidates go through; without it the rule is fitted to the decisions on record.
    pub bar: Option<f64>,
    /// Whether the leniency of interviewers is subtracted from their scores first.
    pub adjusted: bool,
}

impl Default for Redundancy {
    fn default() -> Self {
        Self { same_from: 0.85, overlap_from: 0.6, most_flips: 0.1, bar: None, adjusted: true }
    }
}

impl Redundancy {
    /// What is wrong with it, if anything.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !(self.same_from > 0.0 && self.same_from < 1.0) {
            problems.push("redundancy.same_from: between 0 and 1".to_owned());
        }
        if !(self.overlap_from > 0.0 && self.overlap_from <= self.same_from) {
            problems.push("redundancy.overlap_from: above 0 and at most redundancy.same_from".to_owned());
        }
        if !(0.0..=1.0).contains(&self.most_flips) {
            problems.push("redundancy.most_flips: between 0 and 1".to_owned());
        }
        if self.bar.is_some_and(|bar| !bar.is_finite()) {
            problems.push("redundancy.bar: a score".to_owned());
        }
        problems
    }
}
