//! The verdict and what it rests on: the one model that every format shows.

use super::policy::Held;
use crate::error::ExitStatus;
use crate::report::number::{self, plural};
use crate::time::Instant;

/// What the check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something was found that the policy forbids and no baseline accepts.
    Forbidden,
    /// Nothing was, and at least one rule could be told.
    Passed,
    /// The data cannot tell about any rule. No pass, and no reason to stop either.
    CannotTell,
}

impl Verdict {
    /// The word in every format.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Forbidden => "forbidden",
            Verdict::Passed => "passed",
            Verdict::CannotTell => "cannot_tell",
        }
    }

    /// The same for people.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::CannotTell => "cannot tell",
            other => other.word(),
        }
    }

    /// The status the process ends with.
    pub fn exit_status(self) -> ExitStatus {
        match self {
            Verdict::Forbidden => ExitStatus::Forbidden,
            Verdict::Passed | Verdict::CannotTell => ExitStatus::Fine,
        }
    }
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// What it forbids was found.
    Forbidden,
    /// It was not, or only what the baseline accepts.
    Passed,
    /// The data cannot tell.
    Skipped,
}

impl State {
    /// The word in every format.
    pub fn word(self) -> &'static str {
        match self {
            State::Forbidden => "forbidden",
            State::Passed => "passed",
            State::Skipped => "skipped",
        }
    }
}

/// Something that the policy forbids.
#[derive(Debug, Clone)]
pub struct Found {
    /// Stable identity across runs, for a baseline: the rule and the case, names from the data hashed.
    pub id: String,
    /// What it is about; empty where there is only one thing. May hold text from the data.
    pub subject: String,
    /// What was found, with the numbers and the limit. May hold text from the data.
    pub statement: String,
    /// The figure.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// How many units it rests on.
    pub n: Option<i64>,
}

/// A rule and what became of it.
#[derive(Debug, Clone)]
pub struct Ruled {
    /// The rule as it held.
    pub held: Held,
    /// What became of it.
    pub state: State,
    /// What was found, beyond what the baseline accepts.
    pub found: Vec<Found>,
    /// The ids of what was found and is accepted.
    pub accepted: Vec<String>,
    /// A sentence: what was seen, or why the data cannot tell. May hold text from the data.
    pub summary: String,
    /// Cases that could be told.
    pub told: usize,
    /// Cases that could not.
    pub untold: usize,
    /// The line of the policy file that speaks of it.
    pub line: Option<usize>,
}

/// The check with its verdict.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// Every rule that held, in the order of the registry.
    pub rules: Vec<Ruled>,
    /// The quarter asked for, if one was.
    pub period: Option<String>,
    /// The instant up to which the data was read as known.
    pub as_of: Option<Instant>,
    /// The policy file as it was named, with `/`; none where the defaults held.
    pub policy: Option<String>,
    /// How many ids of the baseline are found no more; none without a baseline.
    pub resolved: Option<usize>,
}

impl Checked {
    /// How many rules came to a state.
    pub fn count(&self, state: State) -> usize {
        self.rules.iter().filter(|ruled| ruled.state == state).count()
    }

    /// How many things are found and accepted.
    pub fn accepted(&self) -> usize {
        self.rules.iter().map(|ruled| ruled.accepted.len()).sum()
    }

    /// The verdict in one sentence or two: what it rests on.
    pub fn sentence(&self) -> String {
        let all = plural(self.rules.len() as i64, "rule", "rules");
        let of = |state| number::count(self.count(state) as i64);
        let mut text = match self.verdict {
            Verdict::CannotTell => format!("The data cannot tell about any of {all}; that is no pass."),
            _ => format!(
                "{all}: {} found what the policy forbids, {} passed, {} skipped because the data cannot tell.",
                of(State::Forbidden),
                of(State::Passed),
                of(State::Skipped),
            ),
        };
        let accepted = self.accepted() as i64;
        if accepted > 0 {
            text.push_str(&format!(" The baseline accepts {} besides.", plural(accepted, "case", "cases")));
        }
        if let Some(resolved) = self.resolved.filter(|resolved| *resolved > 0) {
            text.push_str(&format!(
                " {} of the baseline {} found no more; write it again to keep it that way.",
                plural(resolved as i64, "case", "cases"),
                if resolved == 1 { "is" } else { "are" }
            ));
        }
        text
    }
}
