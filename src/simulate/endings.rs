//! How a loop that ended without a hire is written down: when, and for which reason.

use super::greenhouse::{REASONS, reason};
use super::story::{LoopStory, Verdict};
use crate::time::Instant;

/// When and why a loop ended without a hire; a declined offer ends on the candidate's side. The reason is a
/// place in [`REASONS`].
pub(super) fn ended(story: &LoopStory) -> Option<(Instant, usize)> {
    let decision = story.decision.as_ref().filter(|_| !story.is_hired())?;
    let at = if decision.verdict == Verdict::Offer { story.closed_at()? } else { decision.recorded_at };
    Some((at, reason(decision.verdict, decision.reason)))
}

/// The name of a reason where reasons have no type: it says itself who ended it.
pub(super) fn reason_text(place: usize) -> String {
    let (_, name, by_candidate) = REASONS[place];
    if by_candidate { format!("Candidate withdrew: {}", name.to_lowercase()) } else { name.to_owned() }
}
