//! One loop's timeline, settled once: its instants, and the states that partition its elapsed time.
//!
//! A pure function from what is recorded about one application to its row in `loops` and its spells in
//! `loop_states`. At every moment exactly one state holds; where several could, the first of this list does:
//!
//! - `in_interview`: an interview that took place is going on;
//! - `to_interview`: an interview is on the calendar and has not begun;
//! - `for_scores`: an interview is over and a scorecard for it is still to come;
//! - `for_debrief`: a debrief is on the calendar or going on;
//! - `to_first_contact`: nothing has happened since the application;
//! - `to_schedule`: the candidate entered the next stage or gave availability, and nothing is on the calendar;
//! - `for_decision`: the debrief is over, and the decision is still to come;
//! - `for_verdict`: a round is over and scored, and somebody has to say whether the loop goes on.
//!
//! A state depends on the past alone, never on what happened next. If it did, a loop that a withdrawal cut
//! short would be put among those that waited for a decision just because no interview followed, and waiting
//! for a decision would look deadly. The one exception is a scorecard's own submission, which ends the wait
//! for it.

use super::schema::{Loop, LoopState};
use crate::time::{DAY, Instant, When};

/// What is recorded about one application.
#[derive(Debug, Default)]
pub struct Facts {
    /// Its row in `loops`, with the columns that are merely copied already filled in.
    pub base: Loop,
    /// When the candidate applied.
    pub applied: Option<When>,
    /// The decision's word and time.
    pub decision: Option<(String, Option<When>)>,
    /// When the source closed the application.
    pub closed_at: Option<Instant>,
    /// Appointments.
    pub interviews: Vec<Appointment>,
    /// Scorecards.
    pub cards: Vec<Card>,
    /// Events.
    pub events: Vec<Happening>,
    /// Loops that opened earlier came under observation only here.
    pub observed_from: Option<Instant>,
    /// Whether the export holds scorecards at all, so that a missing one is awaited.
    pub awaits_scores: bool,
}

/// An appointment.
#[derive(Debug, Clone, Default)]
pub struct Appointment {
    /// Its identifier.
    pub id: String,
    /// Its stage.
    pub stage: Option<String>,
    /// Whether it is a debrief.
    pub debrief: bool,
    /// Whether it is work done at home or in writing: it goes on from start to end whether or not it is
    /// called off before it comes back.
    pub at_home: bool,
    /// Whether it took place.
    pub took_place: bool,
    /// Whether the source does not say, and it was still ahead when the record was made. A scorecard for it
    /// shows that it took place after all.
    pub was_ahead: bool,
    /// When the candidate's availability was received.
    pub available: Option<Instant>,
    /// When it was put on the calendar.
    pub scheduled: Option<Instant>,
    /// Start.
    pub start: Option<Instant>,
    /// End.
    pub end: Option<Instant>,
}

/// A scorecard.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// The interview it is for.
    pub interview_id: Option<String>,
    /// Its stage.
    pub stage: Option<String>,
    /// When it was submitted.
    pub submitted: Option<Instant>,
    /// When the interview took place, as the card says.
    pub interviewed: Option<Instant>,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Happening {
    /// What.
    pub event: String,
    /// When.
    pub at: When,
    /// Stage.
    pub stage: Option<String>,
    /// Whether it enters a stage that begins with making an appointment.
    pub opens_scheduling: bool,
}

/// The loop and its spells.
pub fn settle(mut facts: Facts) -> (Loop, Vec<LoopState>) {
    facts.events.sort_by_key(|happening| happening.at.at);
    let cards = &facts.cards;
    for appointment in facts.interviews.iter_mut().filter(|a| a.was_ahead) {
        appointment.took_place =
            cards.iter().any(|c| c.interview_id.as_deref() == Some(&appointment.id) && c.submitted.is_some());
    }
    complete_from_events(&mut facts);
    complete_from_cards(&mut facts);
    let mut row = std::mem::take(&mut facts.base);
    let applied =
        facts.applied.or_else(|| facts.events.iter().find(|happening| happening.event == "applied").map(|h| h.at));
    row.applied_at = applied.map(|when| when.at);
    row.observed_from = facts.observed_from.filter(|from| row.applied_at.is_some_and(|at| at < *from));
    let (how, end) = ending(&facts);
    how.clone_into(&mut row.ended_how);
    let origin = row.applied_at.or_else(|| earliest(&facts));
    let mut ended = end.map(|when| when.at);
    // A decision known by its day cannot be earlier than what happened on that day.
    if let (Some(when), Some(origin)) = (end, origin)
        && when.is_day
        && when.at < origin
        && origin.0.div_euclid(DAY) == when.at.0.div_euclid(DAY)
    {
        ended = Some(origin);
    }
    row.ended_at = ended;
    row.day_precision = Some(applied.is_some_and(|when| when.is_day) || end.is_some_and(|when| when.is_day));
    let held = |a: &&Appointment| a.took_place && !a.debrief && ended.is_none_or(|e| a.start.is_none_or(|s| s <= e));
    row.first_interview_at = facts.interviews.iter().filter(held).filter_map(|a| a.start).min();
    row.last_interview_at = facts
        .interviews
        .iter()
        .filter(held)
        .filter_map(|a| a.end.or(a.start))
        .max()
        .map(|last| ended.map_or(last, |end| last.min(end)));
    row.interviews = Some(facts.interviews.iter().filter(held).count() as i64);
    row.furthest_stage = furthest_stage(&facts);
    row.problem = if how == "closed" {
        Some("closed_without_decision".to_owned())
    } else if how != "open" && ended.is_none() {
        Some("decided_without_time".to_owned())
    } else if let (Some(origin), Some(end)) = (origin, ended)
        && end < origin
    {
        Some("ends_before_it_starts".to_owned())
    } else if origin.is_none() {
        Some("no_times".to_owned())
    } else {
        None
    };
    let spells = match (origin, &row.problem) {
        (Some(origin), None) => spells(&row.application_id, &facts, origin, ended),
        _ => Vec::new(),
    };
    (row, spells)
}

/// Where a source logs events and has no appointments, the events tell when interviews took place.
fn complete_from_events(facts: &mut Facts) {
    if !facts.interviews.is_empty() {
        return;
    }
    let mut scheduled: Vec<(Option<String>, Instant)> = Vec::new();
    for happening in &facts.events {
        let (at, stage) = (happening.at.at, &happening.stage);
        let debrief = happening.event.starts_with("debrief");
        match happening.event.as_str() {
            "interview_scheduled" => scheduled.push((stage.clone(), at)),
            "interview_started" | "debrief_started" => {
                let known = scheduled.iter().position(|(s, _)| s == stage);
                let scheduled = known.map(|at| scheduled.remove(at).1);
                let id = format!("event-{}", facts.interviews.len());
                facts.interviews.push(Appointment { debrief, scheduled, ..held_at(id, stage, at) });
            }
            "interview_ended" | "debrief_ended" => {
                let begun = facts
                    .interviews
                    .iter_mut()
                    .rev()
                    .find(|a| a.stage == *stage && a.debrief == debrief && a.end == a.start);
                match begun {
                    Some(appointment) => appointment.end = Some(at),
                    None => {
                        let id = format!("event-{}", facts.interviews.len());
                        facts.interviews.push(Appointment { debrief, ..held_at(id, stage, at) });
                    }
                }
            }
            _ => {}
        }
    }
}

/// Where there are neither appointments nor events of them, scorecards tell when interviews took place.
fn complete_from_cards(facts: &mut Facts) {
    if !facts.interviews.is_empty() {
        return;
    }
    for (at, card) in facts.cards.iter_mut().enumerate() {
        let Some(interviewed) = card.interviewed else { continue };
        let id = format!("card-{at}");
        card.interview_id = Some(id.clone());
        facts.interviews.push(held_at(id, &card.stage, interviewed));
    }
}

/// An interview of which only one instant is known.
fn held_at(id: String, stage: &Option<String>, at: Instant) -> Appointment {
    let (start, end) = (Some(at), Some(at));
    Appointment { id, stage: stage.clone(), took_place: true, start, end, ..Appointment::default() }
}

/// How the loop ended and when. Repeated terminal events are settled by the first one: what comes after a
/// decision is paperwork, not deciding.
fn ending(facts: &Facts) -> (&str, Option<When>) {
    let Some((word, at)) = &facts.decision else {
        // Closed, and the export does not say how: neither open nor decided, so it has no clock.
        let closed = facts.closed_at.map(|at| When { at, is_day: false });
        return (if closed.is_some() { "closed" } else { "open" }, closed);
    };
    let from_events = || {
        let terminal = |h: &&Happening| matches!(h.event.as_str(), "decided" | "offer_sent");
        facts.events.iter().find(terminal).map(|h| h.at)
    };
    let closed = || facts.closed_at.map(|at| When { at, is_day: false });
    (word.as_str(), at.or_else(from_events).or_else(closed))
}

fn earliest(facts: &Facts) -> Option<Instant> {
    let appointments = facts.interviews.iter().flat_map(|a| [a.available, a.scheduled, a.start]);
    let cards = facts.cards.iter().flat_map(|c| [c.interviewed, c.submitted]);
    let events = facts.events.iter().map(|h| Some(h.at.at));
    appointments.chain(cards).chain(events).flatten().min()
}

fn furthest_stage(facts: &Facts) -> Option<String> {
    let interviews = facts
        .interviews
        .iter()
        .filter(|a| a.took_place && !a.debrief)
        .filter_map(|a| Some((a.start?, a.stage.as_ref()?)));
    let cards = facts.cards.iter().filter_map(|c| Some((c.interviewed.or(c.submitted)?, c.stage.as_ref()?)));
    let entered =
        facts.events.iter().filter(|h| h.event == "stage_entered").filter_map(|h| Some((h.at.at, h.stage.as_ref()?)));
    // Rounds say more than pipeline columns, which only stand in where there is no round.
    let rounds = interviews.chain(cards).max();
    rounds.or_else(|| entered.max()).map(|(_, stage)| stage.clone())
}

fn spells(application_id: &str, facts: &Facts, origin: Instant, ended: Option<Instant>) -> Vec<LoopState> {
    let clip = |at: Instant| ended.map_or(at, |end| at.min(end)).max(origin);
    let outstanding = outstanding_scores(facts);
    let progress = |h: &&Happening| is_contact(h) || h.event == "stage_entered";
    let mut marks: Vec<Instant> = vec![origin];
    for a in &facts.interviews {
        marks.extend([a.available, a.scheduled, a.start, a.end].into_iter().flatten().map(clip));
    }
    marks.extend(facts.cards.iter().filter_map(|c| c.submitted).map(clip));
    marks.extend(facts.events.iter().filter(progress).map(|h| clip(h.at.at)));
    marks.extend(ended);
    marks.sort_unstable();
    marks.dedup();
    let mut out: Vec<LoopState> = Vec::new();
    let ends = marks.iter().skip(1).copied().map(Some).chain([None]);
    for (from, to) in marks.iter().copied().zip(ends) {
        if to.is_none() && ended.is_some() {
            break;
        }
        let (state, stage) = state_at(facts, &outstanding, from);
        if let Some(last) = out.last_mut()
            && last.state == state
            && last.stage.as_deref() == stage
        {
            last.to_at = to;
            continue;
        }
        let visit = out.iter().filter(|spell| spell.state == state).count() as i64 + 1;
        out.push(LoopState {
            application_id: application_id.to_owned(),
            from_at: Some(from),
            to_at: to,
            state: state.to_owned(),
            stage: stage.map(str::to_owned),
            visit: Some(visit),
        });
    }
    out
}

/// For each interview that took place: until when a scorecard for it is still to come. Where none ever came,
/// that is until the loop visibly moved on.
fn outstanding_scores(facts: &Facts) -> Vec<(Instant, Instant, Option<&str>)> {
    facts
        .interviews
        .iter()
        .filter(|a| a.took_place && !a.debrief)
        .filter_map(|a| {
            let over = a.end.or(a.start)?;
            let mine = |c: &&Card| match &c.interview_id {
                Some(id) => *id == a.id,
                None => c.stage == a.stage,
            };
            let last = facts.cards.iter().filter(mine).filter_map(|c| c.submitted).max();
            let last = match last {
                Some(last) => last,
                None if facts.awaits_scores => next_step(facts, over).unwrap_or(Instant(i64::MAX)),
                None => return None,
            };
            (last > over).then_some((over, last, a.stage.as_deref()))
        })
        .collect()
}

/// The first sign after an instant that the loop moved on.
fn next_step(facts: &Facts, after: Instant) -> Option<Instant> {
    let appointments = facts.interviews.iter().flat_map(|a| [a.available, a.scheduled, a.start]);
    let entered = facts.events.iter().filter(|h| h.event == "stage_entered").map(|h| Some(h.at.at));
    appointments.chain(entered).flatten().filter(|at| *at > after).min()
}

fn is_contact(happening: &Happening) -> bool {
    matches!(
        happening.event.as_str(),
        "availability_received"
            | "interview_scheduled"
            | "interview_started"
            | "interview_ended"
            | "scorecard_submitted"
    )
}

fn state_at<'a>(
    facts: &'a Facts,
    outstanding: &[(Instant, Instant, Option<&'a str>)],
    at: Instant,
) -> (&'static str, Option<&'a str>) {
    let within = |from: Option<Instant>, to: Option<Instant>| {
        from.is_some_and(|from| from <= at) && to.is_some_and(|to| at < to)
    };
    let rounds = || facts.interviews.iter().filter(|a| !a.debrief);
    if let Some(a) = rounds().find(|a| (a.took_place || a.at_home) && within(a.start, a.end)) {
        return ("in_interview", a.stage.as_deref());
    }
    if let Some(a) = rounds().filter(|a| within(a.scheduled, a.start)).min_by_key(|a| a.start) {
        return ("to_interview", a.stage.as_deref());
    }
    if let Some((_, _, stage)) = outstanding.iter().find(|(from, to, _)| *from <= at && at < *to) {
        return ("for_scores", *stage);
    }
    let debriefs = || facts.interviews.iter().filter(|a| a.debrief);
    if debriefs().any(|a| within(a.scheduled.or(a.start), a.end.or(a.start))) {
        return ("for_debrief", None);
    }
    let seen = |instant: Option<Instant>| instant.filter(|seen| *seen <= at);
    let held = rounds().filter_map(|a| seen(a.end.or(a.start))).max();
    let scheduled = rounds().flat_map(|a| [seen(a.scheduled), seen(a.start)]).flatten().max();
    let scored = facts.cards.iter().filter_map(|c| seen(c.submitted)).max();
    let available = facts.interviews.iter().filter_map(|a| seen(a.available)).max();
    let contact = facts.events.iter().filter(|h| is_contact(h)).filter_map(|h| seen(Some(h.at.at))).max();
    if [held, scheduled, scored, available, contact].iter().all(Option::is_none) {
        return ("to_first_contact", None);
    }
    // Entering a stage or giving availability opens the wait for an appointment; the appointment closes it.
    let entered = facts.events.iter().filter(|h| h.opens_scheduling && h.at.at <= at).max_by_key(|h| h.at.at);
    let asked = facts.events.iter().filter(|h| h.event == "availability_received").filter_map(|h| seen(Some(h.at.at)));
    let opened = entered.map(|h| h.at.at).max(available).max(asked.max());
    let debriefed = debriefs().filter_map(|a| seen(a.end.or(a.start))).max();
    match opened {
        // Availability comes in the course of the wait that entering the stage began: it is one wait.
        Some(opened) if Some(opened) > scheduled.max(debriefed) => {
            let stage = entered.filter(|h| Some(h.at.at) > scheduled.max(debriefed));
            ("to_schedule", stage.and_then(|h| h.stage.as_deref()))
        }
        _ if debriefed.is_some() && debriefed >= held => ("for_decision", None),
        _ => ("for_verdict", None),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    fn hour(h: i64) -> Instant {
        Instant(h * 3_600_000_000)
    }

    fn when(h: i64) -> Option<When> {
        Some(When { at: hour(h), is_day: false })
    }

    fn round(id: &str, scheduled: i64, start: i64, end: i64) -> Appointment {
        Appointment {
            id: id.into(),
            stage: Some(id.into()),
            took_place: true,
            scheduled: Some(hour(scheduled)),
            start: Some(hour(start)),
            end: Some(hour(end)),
            ..Appointment::default()
        }
    }

    fn facts() -> Facts {
        Facts {
            base: Loop { application_id: "a".into(), ..Loop::default() },
            applied: when(0),
            decision: Some(("offer".into(), when(100))),
            interviews: vec![
                round("screen", 10, 20, 21),
                round("final", 40, 60, 62),
                Appointment { debrief: true, ..round("debrief", 70, 80, 81) },
            ],
            cards: vec![
                Card { stage: Some("screen".into()), submitted: Some(hour(30)), ..Card::default() },
                Card { stage: Some("final".into()), submitted: Some(hour(65)), ..Card::default() },
            ],
            events: vec![Happening {
                event: "stage_entered".into(),
                at: when(35).unwrap(),
                stage: Some("final".into()),
                opens_scheduling: true,
            }],
            awaits_scores: true,
            ..Facts::default()
        }
    }

    #[test]
    fn states_partition_the_elapsed_time() {
        let (row, spells) = settle(facts());
        let told: Vec<(String, i64, i64)> = spells
            .iter()
            .map(|s| (s.state.clone(), s.from_at.unwrap().0 / 3_600_000_000, s.to_at.unwrap().0 / 3_600_000_000))
            .collect();
        let want = [
            ("to_first_contact", 0, 10),
            ("to_interview", 10, 20),
            ("in_interview", 20, 21),
            ("for_scores", 21, 30),
            ("for_verdict", 30, 35),
            ("to_schedule", 35, 40),
            ("to_interview", 40, 60),
            ("in_interview", 60, 62),
            ("for_scores", 62, 65),
            ("for_verdict", 65, 70),
            ("for_debrief", 70, 81),
            ("for_decision", 81, 100),
        ];
        assert_eq!(told, want.map(|(s, a, b)| (s.to_owned(), a, b)));
        assert_eq!(row.first_interview_at, Some(hour(20)));
        assert_eq!(row.last_interview_at, Some(hour(62)));
        assert_eq!(row.furthest_stage.as_deref(), Some("final"));
        assert_eq!(spells.iter().filter(|s| s.state == "to_interview").map(|s| s.visit).max(), Some(Some(2)));
    }

    #[test]
    fn an_open_loop_ends_in_an_open_spell() {
        let (row, spells) = settle(Facts { decision: None, ..facts() });
        assert_eq!(row.ended_how, "open");
        assert_eq!(spells.last().map(|s| (s.state.as_str(), s.to_at)), Some(("for_decision", None)));
    }

    #[test]
    fn a_state_depends_on_the_past_alone() {
        let whole = settle(facts()).1;
        // The same loop, cut short by a withdrawal at hour 37: what came before reads the same.
        let decision = Some(("withdrawn".into(), when(37)));
        let cut = settle(Facts { decision, ..facts() }).1;
        assert_eq!(cut.last().map(|s| s.state.as_str()), Some("to_schedule"));
        for (a, b) in whole.iter().zip(&cut) {
            assert_eq!((&a.state, a.from_at), (&b.state, b.from_at));
        }
    }

    #[test]
    fn a_scorecard_that_never_came_is_awaited_until_the_loop_moves_on() {
        let (_, spells) = settle(Facts { cards: vec![], ..facts() });
        let scores: Vec<_> = spells.iter().filter(|s| s.state == "for_scores").map(|s| (s.from_at, s.to_at)).collect();
        assert_eq!(scores, [(Some(hour(21)), Some(hour(35))), (Some(hour(62)), Some(hour(70)))]);
    }

    #[test]
    fn a_decision_before_the_application_is_a_problem_unless_only_the_day_is_known() {
        let (row, spells) = settle(Facts { applied: when(200), ..facts() });
        assert_eq!(row.problem.as_deref(), Some("ends_before_it_starts"));
        assert!(spells.is_empty());
        let day = Some(When { at: hour(24), is_day: true });
        let (row, _) = settle(Facts {
            applied: when(30),
            decision: Some(("reject".into(), day)),
            interviews: vec![],
            cards: vec![],
            ..facts()
        });
        assert_eq!((row.problem, row.ended_at), (None, Some(hour(30))));
    }

    #[test]
    fn closed_without_a_decision_is_neither_open_nor_decided() {
        let (row, _) = settle(Facts { decision: None, closed_at: Some(hour(100)), ..facts() });
        assert_eq!((row.ended_how.as_str(), row.problem.as_deref()), ("closed", Some("closed_without_decision")));
    }

    #[test]
    fn a_decision_without_any_time_has_no_clock() {
        let (row, _) = settle(Facts { decision: Some(("reject".into(), None)), ..facts() });
        assert_eq!(row.problem.as_deref(), Some("decided_without_time"));
    }

    #[test]
    fn repeated_terminal_events_are_settled_by_the_first() {
        let offer =
            |h| Happening { event: "offer_sent".into(), at: when(h).unwrap(), stage: None, opens_scheduling: false };
        let (row, _) =
            settle(Facts { decision: Some(("offer".into(), None)), events: vec![offer(120), offer(90)], ..facts() });
        assert_eq!(row.ended_at, Some(hour(90)));
    }

    #[test]
    fn events_stand_in_for_appointments() {
        let event = |event: &str, h| Happening {
            event: event.into(),
            at: when(h).unwrap(),
            stage: Some("x".into()),
            opens_scheduling: false,
        };
        let (row, spells) = settle(Facts {
            interviews: vec![],
            cards: vec![],
            awaits_scores: false,
            events: vec![event("interview_scheduled", 5), event("interview_started", 8), event("interview_ended", 9)],
            ..facts()
        });
        assert_eq!(row.interviews, Some(1));
        let states: Vec<&str> = spells.iter().map(|s| s.state.as_str()).collect();
        assert_eq!(states, ["to_first_contact", "to_interview", "in_interview", "for_verdict"]);
    }
}
