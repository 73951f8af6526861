//! A verdict on a dataset: rules of what must not be, held against the results. To add a rule, write it beside its
//! like in `rules/` and add one line to [`RULES`]; to add a format, see [`formats`].
//!
//! The verdict is settled here once, before any format is chosen. What the data cannot tell is *skipped*: it is
//! neither pass nor fail, and its reason is said.

pub mod baseline;
pub mod formats;
pub mod judge;
pub mod policy;
mod rules;
pub mod verdict;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::config::check::Decide;
use crate::engine::results::Status;
use crate::engine::run::Results;
use crate::findings::Finding;
use crate::report::number;
use policy::Held;

/// A rule: what must not be, and how the results tell.
#[derive(Debug)]
pub struct Rule {
    /// Its name, kebab-case; stable.
    pub id: &'static str,
    /// What it looks at, as a noun: the beginning of every sentence about it.
    pub title: &'static str,
    /// What it forbids, a sentence.
    pub forbids: &'static str,
    /// What to do where it was found.
    pub advice: &'static str,
    /// The limit; none where the result table holds a verdict of its own.
    pub limit: Option<Limit>,
    /// The result table it reads.
    pub table: &'static str,
    /// The column of that table it decides by.
    pub figure: &'static str,
    /// Whether it can look at segments.
    pub segments: bool,
    /// What the results say, case by case.
    pub read: fn(&Facts<'_>) -> Vec<Case>,
}

/// The limit of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The default.
    pub default: f64,
    /// Its unit.
    pub unit: Unit,
    /// On which side of it is the forbidden.
    pub side: Side,
    /// When a figure counts as beyond it by default; none for a count, which has no interval because nothing is
    /// estimated.
    pub decide: Option<Decide>,
}

/// On which side of a limit is what must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

impl Limit {
    /// Whether a number is on the wrong side.
    pub fn is_beyond(self, value: f64, limit: f64) -> bool {
        match self.side {
            Side::Above => value > limit,
            Side::Below => value < limit,
        }
    }

    /// `at most 21 days`.
    pub fn words(self, limit: f64) -> String {
        let side = match self.side {
            Side::Above => "at most",
            Side::Below => "at least",
        };
        format!("{side} {}", self.unit.limit(limit))
    }
}

/// The unit of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days, on the configured calendar.
    Days,
    /// A share, written from 0 to 1.
    Share,
    /// A number of loops.
    Loops,
    /// A number of decisions.
    Decisions,
    /// A plain figure.
    Figure,
}

impl Unit {
    /// The word in lists and documents.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Days => "days",
            Unit::Share => "share",
            Unit::Loops => "loops",
            Unit::Decisions => "decisions",
            Unit::Figure => "figure",
        }
    }

    /// A limit with its unit.
    pub fn limit(self, value: f64) -> String {
        match self {
            Unit::Days => format!("{} days", number::days_plain(value)),
            Unit::Share => number::percent(value),
            Unit::Loops => number::plural(value as i64, "loop", "loops"),
            Unit::Decisions => number::plural(value as i64, "decision", "decisions"),
            Unit::Figure => number::figure(value),
        }
    }

    /// How a figure is shown, and what stands behind it.
    fn shown(self) -> (fn(f64) -> String, &'static str) {
        match self {
            Unit::Days => (number::days, " days"),
            Unit::Share => (number::percent, ""),
            Unit::Loops => (|value| number::plural(value as i64, "loop", "loops"), ""),
            Unit::Decisions => (|value| number::plural(value as i64, "decision", "decisions"), ""),
            Unit::Figure => (number::figure, ""),
        }
    }
}

/// What a rule reads.
pub struct Facts<'a> {
    /// The results of all metrics.
    pub results: &'a Results,
    /// All findings.
    pub findings: &'a [Finding],
    /// The configuration.
    pub config: &'a Config,
    /// The rule as the policy wants it.
    pub held: &'a Held,
    /// Whether there is a baseline to hold findings against.
    pub has_baseline: bool,
}

/// One thing that a rule looked at.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is, such as `department Sales`; empty where there is only one.
    pub subject: String,
    /// What makes it another case than the rest, for its id: holds nothing from the data that is not hashed.
    pub key: String,
    /// The names by which a policy can speak of it.
    pub names: Vec<String>,
    /// The figure.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// How many units it rests on.
    pub n: Option<i64>,
    /// How far it can be trusted.
    pub status: Status,
    /// Why not further.
    pub reason: Option<String>,
    /// The verdict of the result table, for a rule without a limit; none where it is open.
    pub verdict: Option<bool>,
    /// What was found, for a rule without a limit: a sentence.
    pub says: String,
}

/// Every rule, in the order they are told.
pub const RULES: &[&Rule] = &[
    &rules::times::MEDIAN_DAYS,
    &rules::times::P75_DAYS,
    &rules::times::OPEN_AFTER_LIMIT_1,
    &rules::times::OPEN_AFTER_LIMIT_2,
    &rules::times::LOOPS_BEYOND_LIMIT,
    &rules::times::WAIT_SHARE,
    &rules::scores::DEPENDABILITY,
    &rules::scores::LENIENCY_CHANGES,
    &rules::scores::REDUNDANT_STAGES,
    &rules::records::OVERRIDE_RATE,
    &rules::records::LOW_SCORES_OVERRULED,
    &rules::records::CARDS_AFTER_DEBRIEF,
    &rules::records::AUDIT_ITEMS,
    &rules::records::RUBRIC_HOLES,
    &rules::records::MISSING_OBSERVATIONS,
    &rules::records::CARDS_NOT_SUBMITTED,
    &rules::records::CARDS_AFTER_DECISION,
    &rules::findings::NEW_FINDINGS,
];

/// The rule with a given name.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
