//! What the two versions of Greenhouse's Harvest API have in common: scales, words, offers and how loops end.
//!
//! The readers themselves are `greenhouse_v1` and `greenhouse_v3`.

pub(super) mod endings;

use super::record::Scale;
use super::record::values::Text;
use super::record::visit::Visit;

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
