//! `[outcomes]`: what became of hires, and what of it was asked about beforehand.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What to do with an outcome that one of the candidate's own interviewers judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameRater {
    /// Count it, and say how many there are.
    Keep,
    /// Leave it out.
    LeaveOut,
}

/// What decides who goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// Nobody says; the data has to show it.
    Unknown,
    /// The scores, and for the rest chance.
    Scores,
}

/// How outcomes are read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    /// Outcomes that were to be asked about before anybody looked; all others are exploratory.
    pub named: Vec<String>,
    /// Outcomes of which less is better.
    pub lower_is_better: Vec<String>,
    /// From which value on an outcome counts as good, by outcome.
    pub good_from: BTreeMap<String, f64>,
    /// Yes-or-no outcomes whose date is the day on which those without it left.
    pub exits: Vec<String>,
    /// Outcomes judged by one of the candidate's own interviewers.
    pub same_rater: SameRater,
    /// What decides who goes on, as the team knows it.
    pub decided_by: DecidedBy,
    /// The smallest correlation worth a word.
    pub smallest_link: f64,
    /// How many quarters of loops to look back on.
    pub window_quarters: u32,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self {
            named: Vec::new(),
            lower_is_better: vec!["ramp_days".to_owned()],
            good_from: BTreeMap::new(),
            exits: vec!["still_employed".to_owned()],
            same_rater: SameRater::Keep,
            decided_by: DecidedBy::Unknown,
            smallest_link: 0.1,
            window_quarters: 8,
        }
    }
}

impl Outcomes {
    /// What is wrong with it, if anything.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.window_quarters == 0 {
            problems.push("outcomes.window_quarters: at least 1".to_owned());
        }
        if !(0.0..1.0).contains(&self.smallest_link) {
            problems.push("outcomes.smallest_link: 0 or more, and less than 1".to_owned());
        }
        for (outcome, value) in &self.good_from {
            if !value.is_finite() {
                problems.push(format!("outcomes.good_from.{outcome}: must be a number"));
            }
        }
        problems
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use crate::config::{
        Config,
        outcomes::{DecidedBy, SameRater},
    };

    #[test]
    fn what_outcomes_mean_is_read_and_checked() {
        let text = "[outcomes]\nnamed = ['performance']\ngood_from = { performance = 4 }\nsame_rater = 'leave_out'\n";
        let read = Config::parse(text, "f").unwrap().outcomes;
        assert_eq!((read.named.len(), read.good_from["performance"], read.same_rater), (1, 4.0, SameRater::LeaveOut));
        let silent = Config::parse("", "f").unwrap();
        assert_eq!(silent.outcomes.decided_by, DecidedBy::Unknown);
        let declared = Config::parse("[outcomes]\ndecided_by = 'scores'\n", "f").unwrap();
        assert_eq!(declared.outcomes.decided_by, DecidedBy::Scores);
        assert_ne!(Config::parse(text, "f").unwrap().analysis_fingerprint, silent.analysis_fingerprint);
        let wrong = "[outcomes]\nwindow_quarters = 0\nsmallest_link = 1.5\ngood_from = { x = inf }\n";
        let error = Config::parse(wrong, "f").unwrap_err();
        for part in ["window_quarters", "smallest_link", "good_from.x"] {
            assert!(error.what.contains(part), "{part} in {}", error.what);
        }
    }
}
