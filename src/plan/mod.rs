//! Loop plans: how a loop is meant to run. A plan is a small TOML file, shipped or written by the user; the audit
//! holds the data against it.
//!
//! `written.rs` reads a file and reports everything that is wrong with it at once, each problem with its line and
//! field; `matching.rs` says which round of a plan a stage of the data is.

mod fields;
pub mod matching;
pub mod rule;
mod written;

use regex::Regex;

use crate::error::{Error, Result, pages};
use crate::report::number::{harmless, plural};

/// A plan that ships with the program.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, the same as in its text.
    pub id: &'static str,
    /// The plan.
    pub text: &'static str,
}

/// Every plan that ships with the program, in the order they are listed and tried.
pub const BUILTIN: &[Builtin] = &[
    Builtin { id: "six-stage", text: include_str!("builtin/six-stage.toml") },
    Builtin { id: "four-stage", text: include_str!("builtin/four-stage.toml") },
    Builtin { id: "five-stage", text: include_str!("builtin/five-stage.toml") },
    Builtin { id: "paid-project", text: include_str!("builtin/paid-project.toml") },
];

/// A loop plan as meant.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name, kebab-case.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is for, in a sentence.
    pub about: String,
    /// What the hire is to deliver in the first 90 days.
    pub deliverables: Vec<String>,
    /// How many days the whole loop may take.
    pub days: Option<Days>,
    /// When a loop passes and when it fails.
    pub rule: Option<PlanRule>,
    /// What is scored.
    pub rubric: Rubric,
    /// How many rounds an interviewer watches before the first own one; missing where the plan does not say.
    pub shadow_rounds: Option<i64>,
    /// The smallest share of cases as planned that counts as met.
    pub share: f64,
    /// How far below that share the truth may lie where the data is too small to tell it apart.
    pub tolerance: f64,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
}

/// How many calendar days the whole loop may take, from its first round to the decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Days {
    /// It should take no more than these.
    pub most: f64,
    /// Beyond these something is wrong with the loop itself.
    pub alarm: Option<f64>,
}

/// The decision rule of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRule {
    /// The rule.
    pub rule: rule::DecisionRule,
    /// Since when it holds.
    pub since: Option<crate::time::Instant>,
}

/// What is scored, and what each level means.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rubric {
    /// How many levels a score has.
    pub levels: Option<i64>,
    /// The dimensions.
    pub dimensions: Vec<String>,
    /// Per dimension: what each level looks like, the lowest first.
    pub anchors: Vec<(String, Vec<String>)>,
}

/// One round of a plan.
#[derive(Debug, Clone)]
pub struct Round {
    /// Its name in the configuration and in tables, kebab-case.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The question that it answers and no other round does.
    pub question: Option<String>,
    /// How it takes place, in the words of `interviews.kind`.
    pub kind: Option<Kind>,
    /// How long it takes, all its sessions together: least and most minutes.
    pub minutes: Option<(i64, i64)>,
    /// How many interviewers: least, and most where there is a limit.
    pub panel: Option<(i64, Option<i64>)>,
    /// How many appointments it is made of: least and most.
    pub sessions: (i64, i64),
    /// Whether a loop may do without it.
    pub optional: bool,
    /// Whether candidates are paid for it; missing where the plan does not say.
    pub paid: Option<bool>,
    /// Dimensions of the rubric that it is to score; none where the plan does not say.
    pub dimensions: Vec<String>,
    /// What it looks at besides, of [`TOPICS`].
    pub covers: Vec<Topic>,
    /// Stages that it is known by, as the dataset names them.
    pub stages: Vec<String>,
    /// Patterns of stage names that it is known by, upper and lower case alike.
    pub patterns: Vec<Regex>,
}

/// How a round takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// People talk.
    Live,
    /// In writing, over days.
    Async,
    /// Work done alone.
    TakeHome,
}

impl Kind {
    /// The kinds with their words in plans and in `interviews.kind`.
    pub const ALL: [(&'static str, Self); 3] =
        [("live", Self::Live), ("async", Self::Async), ("take_home", Self::TakeHome)];

    /// The kind that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind)
    }
}

/// What the checklist asks of some round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Written communication without a meeting.
    Writing,
    /// Whether what is built would hold in production.
    Production,
    /// Whether working hours overlap enough.
    TimeZones,
}

/// The topics with their words in plans.
pub const TOPICS: [(&str, Topic); 3] =
    [("writing", Topic::Writing), ("production", Topic::Production), ("time-zones", Topic::TimeZones)];

/// The share of cases that counts as met where a plan does not say.
pub const SHARE: f64 = 0.9;
/// How far below it the truth may lie where a plan does not say.
pub const TOLERANCE: f64 = 0.1;

impl Plan {
    /// Reads a plan; `name` is where it stands, for messages.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        written::read(text).map_err(|problems| {
            Error::new(
                &pages::PLAN_PROBLEMS,
                format!(
                    "the plan has {}:\n    {}",
                    plural(problems.len() as i64, "problem", "problems"),
                    problems.join("\n    ")
                ),
            )
            .place(name)
            .help("`looplens plans show six-stage` prints a whole plan to start from")
        })
    }

    /// Reads a plan file.
    pub fn load(path: &std::path::Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::unreadable("read the plan", path, &e))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// A plan that ships with the program.
    pub fn builtin(id: &str) -> Result<Self> {
        let found = BUILTIN.iter().find(|builtin| builtin.id == id).ok_or_else(|| unknown(id))?;
        Self::parse(found.text, found.id)
    }

    /// The position of a round.
    pub fn round(&self, id: &str) -> Option<usize> {
        self.rounds.iter().position(|round| round.id == id)
    }

    /// The rounds that look at a topic.
    pub fn covering(&self, topic: Topic) -> Vec<usize> {
        (0..self.rounds.len()).filter(|at| self.rounds[*at].covers.contains(&topic)).collect()
    }
}

/// What is said where no plan of a name ships with the program.
pub fn unknown(id: &str) -> Error {
    let ids: Vec<&str> = BUILTIN.iter().map(|builtin| builtin.id).collect();
    Error::new(&pages::UNKNOWN_NAME, format!("there is no plan `{}`", harmless(id)))
        .help(format!("there are {}; a plan of your own is named by its file", ids.join(", ")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_plan_reads_and_is_called_as_it_is_registered() {
        for builtin in BUILTIN {
            let plan = Plan::builtin(builtin.id).unwrap();
            assert_eq!(plan.name, builtin.id);
            assert!(!plan.title.is_empty() && !plan.about.is_empty());
            assert!(plan.rounds.iter().all(|round| round.question.is_some() && !round.patterns.is_empty()));
            assert!(plan.rounds.iter().any(|round| !round.optional));
        }
        assert_eq!(BUILTIN.len(), 4);
    }

    #[test]
    fn an_unknown_plan_names_those_there_are() {
        let error = Plan::builtin("seven\u{1b}stage").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no plan `seven\\u{1b}stage`\n  help:  there are six-stage, four-stage, five-stage, paid-project; \
             a plan of your own is named by its file\n  more:  looplens explain E2002"
        );
    }
}
