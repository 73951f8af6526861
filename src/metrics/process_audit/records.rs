//! Items that are answered by scorecards and by who sat where.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answer, Cases, NEEDS_SCORES, Outcome, hidden, one};
use super::facts::{Card, MeetingKind, Status};
use super::rounds::Audit;
use crate::metrics::segments::DAY_SECONDS;
use crate::report::number::plural;

/// An interviewer whose first own round lies so much later than the first on record is new, in days.
const NEW_AFTER_DAYS: i64 = 180;

pub(super) fn filled(audit: &Audit<'_>) -> Outcome {
    let cards = || audit.facts.loops.iter().flat_map(|of| &of.cards).filter(|card| card.is_own);
    if cards().all(|card| card.scored == 0) {
        return hidden("no score of a single dimension is on record", NEEDS_SCORES);
    }
    // How many dimensions a stage's cards have: as many as a quarter of them score at least.
    let mut by_stage: BTreeMap<Option<u32>, Vec<i64>> = BTreeMap::new();
    for card in cards() {
        by_stage.entry(card.stage).or_default().push(card.scored);
    }
    let usual: BTreeMap<Option<u32>, i64> = by_stage
        .into_iter()
        .map(|(stage, mut scored)| {
            scored.sort_unstable_by_key(|scored| std::cmp::Reverse(*scored));
            let quarter = scored.len().div_ceil(4).saturating_sub(1);
            (stage, scored.get(quarter).copied().unwrap_or(0))
        })
        .collect();
    // Cards of a stage that nobody scores by dimension are of another kind.
    let asked = cards().filter(|card| usual.get(&card.stage).is_some_and(|usual| *usual > 0));
    let is_filled =
        |card: &Card| card.unscored == 0 && usual.get(&card.stage).is_some_and(|usual| card.scored >= *usual);
    Outcome::cases(
        Cases::of(asked.map(is_filled), ("scorecard", "scorecards")).or("no scorecard is on record", NEEDS_SCORES),
    )
}

pub(super) fn shadows(audit: &Audit<'_>) -> Vec<Answer> {
    let wanted = audit.plan.as_ref().and_then(|plan| plan.shadow_rounds).unwrap_or(1);
    let expected = format!("{} before the first own one", plural(wanted, "round watched", "rounds watched"));
    let seats = &audit.facts.seats;
    let outcome = if seats.iter().all(|seat| seat.is_own) {
        hidden(
            "nobody on record has the role of a shadow: either nobody watches, or the export does not say",
            "Export the role of each person in an interview (`shadow`, `reverse_shadow`).",
        )
    } else {
        let first = seats.iter().map(|seat| seat.day).min().unwrap_or(0);
        let mut own: BTreeMap<u32, (i64, bool)> = BTreeMap::new();
        let mut watched: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
        for seat in seats {
            if seat.is_own {
                let (day, inside) = own.entry(seat.person).or_insert((seat.day, seat.inside));
                if seat.day < *day {
                    (*day, *inside) = (seat.day, seat.inside);
                } else if seat.day == *day {
                    *inside |= seat.inside;
                }
            } else {
                watched.entry(seat.person).or_default().insert(seat.day);
            }
        }
        let is_new = |day: i64| day - first >= NEW_AFTER_DAYS * DAY_SECONDS as i64;
        let cases = own
            .iter()
            .filter(|(_, (day, inside))| *inside && is_new(*day))
            .map(|(person, (day, _))| watched.get(person).map_or(0, |days| days.range(..day).count() as i64) >= wanted);
        Outcome::cases(Cases::of(cases, ("new interviewer", "new interviewers")).or(
            format!("nobody held a first round {NEW_AFTER_DAYS} days or more after the first on record"),
            "A longer period: who is new shows only against those who were there before.",
        ))
    };
    one(Some(expected), outcome)
}

pub(super) fn before_debrief(audit: &Audit<'_>) -> Outcome {
    let mut untimed = 0;
    let mut cases = Vec::new();
    for run in &audit.runs {
        untimed += i64::from(run.of.untimed_debrief);
        let mut since = i64::MIN;
        for debrief in &run.of.debriefs {
            // A card counts for the first debrief after its round.
            let round = |card: &Card| {
                let meetings = run.of.meetings.iter().filter(|meeting| {
                    meeting.stage == card.stage
                        && meeting.kind != Some(MeetingKind::Debrief)
                        && matches!(meeting.status, Status::Held | Status::Perhaps)
                });
                card.interviewed.or_else(|| meetings.filter_map(|meeting| meeting.at).min())
            };
            let own = run.of.cards.iter().filter(|card| card.is_own);
            // Where nobody knows when the round was, a card belongs to the only debrief.
            let only = run.of.debriefs.len() == 1;
            let meant: Vec<Option<i64>> = own
                .filter(|card| match round(card) {
                    Some(at) => at >= since && at <= *debrief,
                    None => only,
                })
                .map(|card| card.submitted)
                .collect();
            if !meant.is_empty() && meant.iter().all(Option::is_some) {
                cases.push(meant.iter().flatten().all(|submitted| submitted <= debrief));
            }
            since = *debrief;
        }
    }
    let held = audit.runs.iter().any(|run| !run.of.debriefs.is_empty());
    let (why, needs) = if held {
        ("no debrief has scorecards before it whose time is known", "Export the time each scorecard was submitted.")
    } else if untimed > 0 {
        ("no debrief on record has a time", "Export the times of debriefs.")
    } else {
        (
            "no debrief is on record",
            "Export debriefs as interviews of kind `debrief` or as events `debrief_started`; `stages.debrief_pattern` \
             names the appointments that are debriefs.",
        )
    };
    Outcome::cases(Cases::of(cases, ("debrief", "debriefs")).or(why, needs))
}
