//! How far a need is met: a verdict, its reason in numbers, and what is lacking.

use serde::Serialize;

use crate::report::number::{count, percent, plural};

/// How far something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not at all.
    No,
    /// With reservations.
    Partly,
    /// Fully.
    Yes,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::No => "no",
            Verdict::Partly => "partly",
            Verdict::Yes => "yes",
        }
    }
}

/// Why a need is not met: what to do about it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The data has nothing of the kind, or has it for a part of its records: another file is missing.
    Absent,
    /// The data has it, for too few loops: more of the same would help.
    TooFew,
}

/// How far a need is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How far.
    pub verdict: Verdict,
    /// The reason in numbers, a sentence fragment.
    pub because: String,
    /// What is lacking, unless it is met.
    pub lack: Option<Lack>,
}

/// A threshold below which there is no figure, and one below which it is thin.
pub(super) struct Threshold {
    pub(super) few: u64,
    pub(super) enough: u64,
}

/// The share of records that should have a column for it to speak for all.
const MOST: f64 = 0.8;

impl Threshold {
    fn verdict(&self, n: u64) -> Verdict {
        match n {
            n if n >= self.enough => Verdict::Yes,
            n if n >= self.few => Verdict::Partly,
            _ => Verdict::No,
        }
    }

    /// The verdict on a count.
    pub(super) fn answer(&self, n: u64, because: String) -> Answer {
        let verdict = self.verdict(n);
        let lack = match (verdict, n) {
            (Verdict::Yes, _) => None,
            (_, 0) => Some(Lack::Absent),
            _ => Some(Lack::TooFew),
        };
        let because = match lack {
            Some(Lack::TooFew) if verdict == Verdict::No => format!("{because}; {} are the least", self.few),
            Some(Lack::TooFew) => format!("{because}; thin below {}", self.enough),
            _ => because,
        };
        Answer { verdict, because, lack }
    }
}

pub(super) fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn n(value: u64) -> String {
    count(whole(value))
}

pub(super) fn loops(value: u64) -> String {
    plural(whole(value), "loop", "loops")
}

pub(super) fn none(because: &str) -> Answer {
    Answer { verdict: Verdict::No, because: because.to_owned(), lack: Some(Lack::Absent) }
}

/// The verdict on a share: most of the records should have it.
pub(super) fn share(part: u64, all: u64, because: String) -> Answer {
    let (verdict, lack) = match part {
        0 => (Verdict::No, Some(Lack::Absent)),
        part if part as f64 >= MOST * all as f64 => (Verdict::Yes, None),
        _ => (Verdict::Partly, Some(Lack::Absent)),
    };
    let because = match part {
        part if part == 0 || part == all => because,
        _ => format!("{because} ({})", percent(part as f64 / all.max(1) as f64)),
    };
    Answer { verdict, because, lack }
}

/// Two verdicts as one: the lower, for its reason.
pub(super) fn lower(a: Answer, b: Answer) -> Answer {
    if b.verdict < a.verdict { b } else { a }
}
