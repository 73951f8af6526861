//! Findings: what a busy person should read first, computed from results before any format is chosen.

pub mod rank;

use std::collections::BTreeMap;

use crate::engine::results::{Cell, Status};

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Act on it.
    Act,
    /// Look into it.
    Look,
    /// Good to know.
    Note,
}

impl Level {
    /// The word in tables and reports.
    pub fn word(self) -> &'static str {
        match self {
            Level::Act => "act",
            Level::Look => "look",
            Level::Note => "note",
        }
    }
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stable identity across runs: the code and the subject.
    pub id: String,
    /// What kind of finding, kebab-case; stable.
    pub code: &'static str,
    /// How serious.
    pub level: Level,
    /// What it is about: a segment, a stage, a state.
    pub subject: String,
    /// What was found, in one or two plain sentences with the numbers.
    pub statement: String,
    /// The numbers behind it.
    pub evidence: BTreeMap<String, Cell>,
    /// What to do.
    pub recommendation: String,
    /// How sure: the status of the estimate it rests on.
    pub status: Status,
    /// Interviewer hours that acting on it would save per quarter, where computed.
    pub saves_hours: Option<f64>,
    /// Days per loop that acting on it would save, where computed.
    pub saves_days: Option<f64>,
    /// The q-value of its test, where it rests on one.
    pub q_value: Option<f64>,
    /// The result table and segment that hold the rows behind it.
    pub table: &'static str,
}
