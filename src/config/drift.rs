//! `[drift]`: who could know whose scores, and the rule that decisions are held against.

use serde::Deserialize;

use super::plans::Choice;
use crate::plan::rule::DecisionRule;

/// What independence of scores is judged by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// When interviewers can see each other's cards.
    pub visibility: Visibility,
    /// With cards that are visible at once: those within so many minutes of each other count as not read.
    pub unread_minutes: f64,
    /// How many quarters the pictures over time show.
    pub trend_quarters: u32,
    /// The rule that decisions are held against; missing where the plan's, or the usual one, is to stand.
    pub rule: Option<DecisionRule>,
}

/// When interviewers can see each other's cards. Whatever the system shows, people talk in the debrief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// As soon as a card is submitted.
    Immediate,
    /// Once they have submitted their own.
    Own,
    /// In the debrief.
    Debrief,
}

impl Visibility {
    /// The rule in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Immediate => "cards visible as soon as they are submitted",
            Self::Own => "cards visible after one's own",
            Self::Debrief => "cards visible in the debrief",
        }
    }
}

impl Default for Drift {
    fn default() -> Self {
        Self { visibility: Visibility::Own, unread_minutes: 60.0, trend_quarters: 8, rule: None }
    }
}

impl Drift {
    /// What is wrong with it, if anything.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = self.rule.iter().flat_map(|rule| rule.problems("drift.rule")).collect::<Vec<_>>();
        if !(self.unread_minutes >= 0.0 && self.unread_minutes.is_finite()) {
            problems.push("drift.unread_minutes: 0 or more".to_owned());
        }
        if self.trend_quarters == 0 {
            problems.push("drift.trend_quarters: at least 1".to_owned());
        }
        problems
    }
}

impl super::Config {
    /// The rule that decisions are held against, and whose it is: that of `[drift.rule]`; else that of the plan that is
    /// named; else the usual one.
    pub fn decision_rule(&self) -> (DecisionRule, &'static str) {
        if let Some(rule) = &self.drift.rule {
            return (rule.clone(), "the configuration's rule");
        }
        match &self.plan.choice {
            Choice::Declared(plan) => match &plan.rule {
                Some(own) => (own.rule.clone(), "the plan's rule"),
                None => (DecisionRule::default(), "the usual rule"),
            },
            _ => (DecisionRule::default(), "the usual rule"),
        }
    }
}

/// `[hygiene]`: what a written observation should be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hygiene {
    /// An observation of fewer characters is shorter than a sentence.
    pub shortest_observation: i64,
    /// Words and phrases that judge; a text of nothing else is no observation. Read at ingest.
    pub judgement_words: Vec<String>,
}

/// Judgements that say nothing of what was seen.
const JUDGEMENTS: &[&str] = &[
    "amazing",
    "average",
    "awesome",
    "bad",
    "bright",
    "culture fit",
    "decent",
    "excellent",
    "fail",
    "fine",
    "fit",
    "good",
    "great",
    "hire",
    "impressive",
    "liked",
    "likeable",
    "love",
    "mediocre",
    "nice",
    "no",
    "not",
    "ok",
    "okay",
    "pass",
    "perfect",
    "poor",
    "sharp",
    "smart",
    "solid",
    "strong",
    "thumbs down",
    "thumbs up",
    "weak",
    "yes",
];

impl Default for Hygiene {
    fn default() -> Self {
        let judgement_words = JUDGEMENTS.iter().map(|word| (*word).to_owned()).collect();
        Self { shortest_observation: 30, judgement_words }
    }
}

impl Hygiene {
    /// What is wrong with it, if anything.
    pub(super) fn problems(&self) -> Vec<String> {
        if self.shortest_observation < 1 {
            return vec!["hygiene.shortest_observation: at least 1".to_owned()];
        }
        Vec::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::super::Config;

    #[test]
    fn the_configurations_rule_goes_before_the_plans_and_that_before_the_usual_one() {
        let of = |text: &str| {
            let (rule, whose) = Config::parse(text, "looplens.toml").unwrap().decision_rule();
            (rule.reject_below, rule.advance_from, whose)
        };
        assert_eq!(of(""), (2.0, 3.0, "the usual rule"));
        assert_eq!(of("[plan]\nname = 'six-stage'\n"), (2.0, 3.0, "the plan's rule"));
        let both = "[plan]\nname = 'six-stage'\n[drift.rule]\nadvance_from = 3.5\n";
        assert_eq!(of(both), (2.0, 3.5, "the configuration's rule"));
    }
}
