//! One loop's timeline, settled once: its instants, and the states that partition its elapsed time.
//!
//! A pure function from what is recorded about one application to its row in `loops` and its spells in
//! `loop_states`. At every moment exactly one state holds; where several could, the first of this list does:
//!
//! - `in_interview`: an interview that took place is going on;
//! - `to_interview`: an interview is on the calendar and has not begun;
//! - `for_scores`: an interview is over and a scorecard that was written for it is still to come;
//! - `for_debrief`: a debrief is on the calendar or going on;
//! - `to_first_contact`: nothing has happened since the application;
//! - `for_decision`: no further interview follows;
//! - `to_schedule`: another interview follows, and it is not on the calendar yet.

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
    let applied = facts
        .applied
        .or_else(|| facts.events.iter().find(|happening| happening.event == "applied").map(|h| h.at));
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
    row.problem = if how != "open" && ended.is_none() {
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
                facts.interviews.push(Appointment {
                    id: format!("event-{}", facts.interviews.len()),
                    stage: stage.clone(),
                    debrief,
                    took_place: true,
                    was_ahead: false,
                    available: None,
                    scheduled: known.map(|at| scheduled.remove(at).1),
                    start: Some(at),
                    end: Some(at),
                });
            }
            "interview_ended" | "debrief_ended" => {
                let begun = facts
                    .interviews
                    .iter_mut()
                    .rev()
                    .find(|a| a.stage == *stage && a.debrief == debrief && a.end == a.start);
                match begun {
                    Some(appointment) => appointment.end = Some(at),
                    None => facts.interviews.push(Appointment {
                        id: format!("event-{}", facts.interviews.len()),
                        stage: stage.clone(),
                        debrief,
                        took_place: true,
                        was_ahead: false,
                        available: None,
                        scheduled: None,
                        start: Some(at),
                        end: Some(at),
                    }),
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
        facts.interviews.push(Appointment {
            id,
            stage: card.stage.clone(),
            debrief: false,
            took_place: true,
            was_ahead: false,
            available: None,
            scheduled: None,
            start: Some(interviewed),
            end: Some(interviewed),
        });
    }
}

/// How the loop ended and when. Repeated terminal events are settled by the first one: what comes after a
/// decision is paperwork, not deciding.
fn ending(facts: &Facts) -> (&str, Option<When>) {
    let Some((word, at)) = &facts.decision else { return ("open", None) };
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
    let entered = facts
        .events
        .iter()
        .filter(|h| h.event == "stage_entered")
        .filter_map(|h| Some((h.at.at, h.stage.as_ref()?)));
    // Rounds say more than pipeline columns, which only stand in where there is no round.
    let rounds = interviews.chain(cards).max();
    rounds.or_else(|| entered.max()).map(|(_, stage)| stage.clone())
}

fn spells(application_id: &str, facts: &Facts, origin: Instant, ended: Option<Instant>) -> Vec<LoopState> {
    let clip = |at: Instant| ended.map_or(at, |end| at.min(end)).max(origin);
    let outstanding = outstanding_scores(facts);
    let mut marks: Vec<Instant> = vec![origin];
    for a in &facts.interviews {
        marks.extend([a.available, a.scheduled, a.start, a.end].into_iter().flatten().map(clip));
    }
    marks.extend(facts.cards.iter().filter_map(|c| c.submitted).map(clip));
    marks.extend(facts.events.iter().filter(|h| is_contact(h)).map(|h| clip(h.at.at)));
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

/// For each interview that took place: until when a scorecard for it is still to come.
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
            let last = facts.cards.iter().filter(mine).filter_map(|c| c.submitted).max()?;
            (last > over).then_some((over, last, a.stage.as_deref()))
        })
        .collect()
}

fn is_contact(happening: &Happening) -> bool {
    matches!(
        happening.event.as_str(),
        "availability_received" | "interview_scheduled" | "interview_started" | "interview_ended" | "scorecard_submitted"
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
    if let Some(a) = rounds().find(|a| a.took_place && within(a.start, a.end)) {
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
    let next = rounds().filter(|a| a.scheduled.or(a.start).is_some_and(|s| s > at)).min_by_key(|a| a.scheduled.or(a.start));
    let contact = |at_or_before: Option<Instant>| at_or_before.is_some_and(|seen| seen <= at);
    let begun = facts.interviews.iter().any(|a| contact(a.available) || contact(a.scheduled) || contact(a.start))
        || facts.cards.iter().any(|c| contact(c.submitted))
        || facts.events.iter().any(|h| is_contact(h) && h.at.at <= at);
    match next {
        _ if !begun => ("to_first_contact", None),
        Some(a) => ("to_schedule", a.stage.as_deref()),
        None => ("for_decision", None),
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
            ("to_schedule", 30, 40),
            ("to_interview", 40, 60),
            ("in_interview", 60, 62),
            ("for_scores", 62, 65),
            ("for_decision", 65, 70),
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
    fn a_decision_without_any_time_has_no_clock() {
        let (row, _) = settle(Facts { decision: Some(("reject".into(), None)), ..facts() });
        assert_eq!(row.problem.as_deref(), Some("decided_without_time"));
    }

    #[test]
    fn repeated_terminal_events_are_settled_by_the_first() {
        let offer = |h| Happening { event: "offer_sent".into(), at: when(h).unwrap(), stage: None };
        let (row, _) = settle(Facts {
            decision: Some(("offer".into(), None)),
            events: vec![offer(120), offer(90)],
            ..facts()
        });
        assert_eq!(row.ended_at, Some(hour(90)));
    }

    #[test]
    fn events_stand_in_for_appointments() {
        let event = |event: &str, h| Happening { event: event.into(), at: when(h).unwrap(), stage: Some("x".into()) };
        let (row, spells) = settle(Facts {
            interviews: vec![],
            cards: vec![],
            events: vec![event("interview_scheduled", 5), event("interview_started", 8), event("interview_ended", 9)],
            ..facts()
        });
        assert_eq!(row.interviews, Some(1));
        let states: Vec<&str> = spells.iter().map(|s| s.state.as_str()).collect();
        assert_eq!(states, ["to_first_contact", "to_interview", "in_interview", "for_decision"]);
    }
}
