//! What the two versions of Greenhouse's Harvest API have in common: scales and words.
//!
//! The readers themselves are `greenhouse_v1` and `greenhouse_v3`.

use super::clean::When;
use super::record::Scale;
use super::record::endings::{How, Standing};
use super::record::values::{Present, Text};
use super::record::visit::{Taken, Visit};
use crate::time::Instant;

/// The overall recommendation. The lowest level is spelt differently in v1 and v3.
pub(super) const OVERALL: Scale = Scale {
    name: "greenhouse-overall-4",
    levels: 4,
    labels: &[("definitely_not", 1), ("strong_no", 1), ("no", 2), ("yes", 3), ("strong_yes", 4)],
    // Old exports had a fifth overall level; where it would stand among four is not for us to say.
    retired: &[("mixed", "overall recommendations `mixed`, a level the scale no longer has, taken as missing")],
};

/// The rating of one attribute.
pub(super) const ATTRIBUTE: Scale = Scale {
    name: "greenhouse-attribute-5",
    levels: 5,
    labels: &[("definitely_not", 1), ("no", 2), ("mixed", 3), ("yes", 4), ("strong_yes", 5)],
    retired: &[],
};

/// Merge.dev's unified objects have the same file names, and this key.
pub(super) const FOREIGN: &[&str] = &["remote_id"];

/// Refuses a record that has a field of the other version. Both spell identifiers and times alike, so it would be
/// taken for a record of this version without what the other one calls by another name.
pub(super) fn refuse_other_version(visit: &Visit<'_>, field: &str, value: &Present) -> Taken {
    if value.0 { Err(visit.refuse("other_version", field, None)) } else { Ok(()) }
}

/// The word of the dataset for an interview's status.
pub(super) fn interview_status(visit: &mut Visit<'_>, status: &Text<'_>) -> String {
    let Some(word) = status.get() else { return "unknown".to_owned() };
    match word.to_ascii_lowercase().as_str() {
        "complete" | "awaiting_feedback" | "collect_feedback" | "received" => "done",
        "scheduled" | "to_be_scheduled" | "to_be_sent" | "sent" => "scheduled",
        "skipped" => "cancelled",
        _ => {
            visit.unknown_label("status", word);
            "unknown"
        }
    }
    .to_owned()
}

/// Where an offer stands, in the words of either version.
pub(super) fn standing(visit: &mut Visit<'_>, status: &Text<'_>) -> Standing {
    let Some(word) = status.get() else { return Standing::Open };
    match word.to_ascii_lowercase().as_str() {
        "unresolved" | "created" => Standing::Open,
        "accepted" => Standing::Accepted,
        "rejected" => Standing::Declined,
        "deprecated" => Standing::Deprecated,
        _ => {
            visit.unknown_label("status", word);
            Standing::Open
        }
    }
}

/// How an application ended by its status, when it was rejected, and the name of the reason's type, such as
/// "They rejected us".
pub(super) fn how(status: Option<&str>, rejected: Option<When>, reason_type: Option<&str>) -> How {
    let status = status.unwrap_or_default();
    if status.eq_ignore_ascii_case("hired") {
        How::Hired
    } else if status.eq_ignore_ascii_case("rejected") || (rejected.is_some() && !is_running(status)) {
        How::Rejected { by_candidate: reason_type.map(is_withdrawal) }
    } else {
        How::Running
    }
}

/// When an application ended, and what that was taken from: a rejection, or the opening that was closed for it.
pub(super) fn closing(how: How, rejected: Option<When>, opening: Option<Instant>) -> Option<(When, &'static str)> {
    match how {
        How::Hired => opening.map(|at| (When { at, is_day: false }, "opening_closed")),
        How::Rejected { .. } => rejected.map(|when| (when, "rejected_at")),
        How::Running | How::Closed => None,
    }
}

/// The application's status, reported where no list knows it.
pub(super) fn known_status(visit: &mut Visit<'_>, status: &Text<'_>) -> Option<String> {
    let word = status.get()?;
    if !is_running(word) && !["rejected", "hired", "converted"].iter().any(|known| status.is(known)) {
        visit.unknown_label("status", word);
    }
    Some(word.to_owned())
}

/// Whether a status says that the application is still under way.
fn is_running(status: &str) -> bool {
    status.eq_ignore_ascii_case("active") || status.eq_ignore_ascii_case("in_process")
}

/// Whether the type of a rejection reason says that it was the candidate who ended it. "We rejected the
/// candidate" must not count, so the candidate has to be the one the sentence starts with.
fn is_withdrawal(kind: &str) -> bool {
    let kind = kind.trim().to_lowercase();
    kind.starts_with("they ") || kind.starts_with("candidate") || kind.contains("withdr")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_candidate_withdraws() {
        for kind in ["They rejected us", "Candidate withdrew", "candidate declined", "Withdrawn"] {
            assert!(is_withdrawal(kind), "{kind}");
        }
        for kind in ["We rejected them", "We rejected the candidate", "None specified"] {
            assert!(!is_withdrawal(kind), "{kind}");
        }
    }
}
