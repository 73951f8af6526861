//! What the two generations of the Greenhouse API share: ids, rating labels and page sizes.

use super::output;
use super::planted::{DIMENSIONS, SOURCES};
use super::story::{Mark, Verdict};
use super::world::{Job, SLOTS, World};
use crate::time::Instant;

/// Most records the API puts on a page.
const API_PAGE: u64 = 500;

/// Records per page for a history.
pub(super) fn per_page(world: &World) -> u64 {
    output::per_page(world.loops, API_PAGE)
}

/// Every kind of record has its own range of integers, as far apart as the largest history needs.
const RANGE: u64 = 10_000_000_000;
/// Room for the cards, interviews or visits of one loop.
const PER_LOOP: u64 = 16;

/// The id of a record that exists once per loop; `kind` tells kinds of records apart.
fn one(kind: u64, index: u64) -> u64 {
    kind * RANGE + index + 1
}

fn many(kind: u64, index: u64, place: usize) -> u64 {
    kind * RANGE + index * PER_LOOP + place as u64 + 1
}

pub(super) fn application(index: u64) -> u64 {
    one(1, index)
}

/// The application of an orphaned scorecard: an id that no application has.
pub(super) fn deleted_application(world: &World, index: u64) -> u64 {
    one(1, 2 * world.loops + index)
}

/// The application of a prospect, made by a candidate who also has one for a job.
pub(super) fn prospect_application(world: &World, index: u64) -> u64 {
    one(1, world.loops + index)
}

pub(super) fn candidate(index: u64) -> u64 {
    one(2, index)
}

pub(super) fn scorecard(index: u64, place: usize) -> u64 {
    many(3, index, place)
}

pub(super) fn interview(index: u64, place: usize) -> u64 {
    many(4, index, place)
}

/// A visit to a stage.
pub(super) fn visit(index: u64, place: usize) -> u64 {
    many(5, index, place)
}

/// An offer's first or second version.
pub(super) fn offer(index: u64, version: u64) -> u64 {
    many(6, index, version as usize)
}

/// A seat on a panel; panels have at most four.
pub(super) fn seat(index: u64, interview: usize, seat: usize) -> u64 {
    9 * RANGE + (index * PER_LOOP + interview as u64) * 4 + seat as u64 + 1
}

/// A rating of one of the four dimensions on a card.
pub(super) fn rating(index: u64, card: usize, dimension: usize) -> u64 {
    7 * RANGE + (index * PER_LOOP + card as u64) * 4 + dimension as u64 + 1
}

pub(super) fn rejection(index: u64) -> u64 {
    one(8, index)
}

pub(super) fn user(place: usize) -> u64 {
    4_001 + place as u64
}

/// The person as the truth names them.
pub(super) fn user_text(place: usize) -> String {
    user(place).to_string()
}

pub(super) fn job(place: usize) -> u64 {
    10_001 + place as u64
}

/// A stage of a job.
pub(super) fn stage(job: usize, slot: usize) -> u64 {
    (200_001 + job * SLOTS + slot) as u64
}

/// The interview step of a stage; every stage but the offer has one.
pub(super) fn step(job: usize, slot: usize) -> u64 {
    (300_001 + job * SLOTS + slot) as u64
}

/// The interview kit of a step.
pub(super) fn kit(job: usize, slot: usize) -> u64 {
    (400_001 + job * SLOTS + slot) as u64
}

/// A dimension as an attribute of a job.
pub(super) fn attribute(job: usize, dimension: usize) -> u64 {
    (500_001 + job * DIMENSIONS.len() + dimension) as u64
}

pub(super) fn department(place: usize) -> u64 {
    601 + place as u64
}

pub(super) fn office(place: usize) -> u64 {
    701 + place as u64
}

pub(super) fn source(place: usize) -> u64 {
    801 + place as u64
}

/// The public name of a source.
pub(super) fn source_name(place: usize) -> &'static str {
    SOURCES[place].name
}

/// An opening's text id on a job.
pub(super) fn requisition(place: usize) -> String {
    format!("REQ-{:04}", place + 1)
}

/// The reasons for an end: id, name, and whether it was the candidate's choice.
pub(super) const REASONS: [(u64, &str, bool); 7] = [
    (901, "Below the bar", false),
    (902, "Lacking skill(s)/qualification(s)", false),
    (903, "Wrong level", false),
    (904, "Took another offer", true),
    (905, "Process too slow", true),
    (906, "Role changed", true),
    (907, "Offer declined", true),
];

/// Who ended it: the two types of reasons.
pub(super) fn reason_type(by_candidate: bool) -> (u64, &'static str) {
    if by_candidate { (2, "They rejected us") } else { (1, "We rejected them") }
}

/// The place in [`REASONS`] of a verdict's reason; an offer that ends without a hire was declined.
pub(super) fn reason(verdict: Verdict, number: usize) -> usize {
    match verdict {
        Verdict::Reject => number,
        Verdict::Withdrawn => 3 + number,
        Verdict::Offer => 6,
    }
}

/// A rating on the five-level scale of attributes; `None` where nothing was filled in.
pub(super) fn attribute_label(mark: Mark, mixed: bool) -> Option<&'static str> {
    match mark {
        Mark::Blank => None,
        Mark::NoDecision => Some("no_decision"),
        Mark::Rated(2 | 3) if mixed => Some("mixed"),
        Mark::Rated(score) => Some(["definitely_not", "no", "yes", "strong_yes"][usize::from(score.clamp(1, 4)) - 1]),
    }
}

/// An overall recommendation, with the version's own word for the lowest level.
pub(super) fn recommendation_label(level: Option<u8>, lowest: &'static str) -> &'static str {
    match level {
        None => "no_decision",
        Some(1) => lowest,
        Some(2) => "no",
        Some(3) => "yes",
        Some(_) => "strong_yes",
    }
}

/// The day of an instant.
pub(super) fn day(at: Instant) -> String {
    at.date().map(|date| date.to_string()).unwrap_or_default()
}

/// When a job's own records were made.
pub(super) fn made_at(job: &Job) -> String {
    job.opened_at.to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Options;

    #[test]
    fn ids_of_the_largest_history_stay_in_their_ranges() {
        let last = Options::MOST_LOOPS - 1;
        assert!(many(3, last, PER_LOOP as usize - 1) < 4 * RANGE);
        assert!(one(1, 3 * Options::MOST_LOOPS) < 2 * RANGE);
        assert!(rating(last, PER_LOOP as usize - 1, 3) < 8 * RANGE);
        assert!(seat(last, PER_LOOP as usize - 1, 3) < 10 * RANGE);
    }
}
