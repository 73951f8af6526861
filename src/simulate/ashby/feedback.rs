//! Schedules with their events, and the feedback that followed.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::setup::{DIMENSION_PATHS, OVERALL_PATH, form_id};
use super::{
    RECOMMENDATIONS, Ready, User, application as application_id, entry, event as event_id, interview, stage, time, user,
};
use crate::simulate::names::note;
use crate::simulate::planted::Kind;
use crate::simulate::story::{Card, Interview, LoopStory, Mark, Status};
use crate::simulate::uuid::{deleted, uuid, within};
use crate::simulate::world::World;
use crate::time::Instant;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Interviewer<'a> {
    #[serde(flatten)]
    user: &'a User,
    training_role: Option<&'static str>,
    interviewer_pool: Option<()>,
    is_feedback_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    id: String,
    interview_id: String,
    interview_schedule_id: String,
    interviewers: Vec<Interviewer<'a>>,
    interviewer_user_ids: Vec<String>,
    created_at: String,
    updated_at: String,
    start_time: String,
    end_time: String,
    location: Option<&'static str>,
    meeting_link: Option<&'static str>,
    has_submitted_feedback: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule<'a> {
    id: String,
    application_id: String,
    interview_stage_id: String,
    status: &'static str,
    scheduled_by: Option<&'a User>,
    created_at: String,
    updated_at: String,
    interview_events: Vec<Event<'a>>,
}

/// The cards of an appointment.
fn cards(story: &LoopStory, place: usize) -> impl Iterator<Item = &Card> {
    story.cards.iter().filter(move |card| card.interview == place && !card.orphan)
}

/// The bookings of a loop, and the one that still has no appointment.
pub(super) fn schedules<'a>(world: &World, story: &LoopStory, ready: &'a Ready) -> Vec<Schedule<'a>> {
    let held = story.interviews.iter().enumerate().filter(|(_, held)| held.kind != Kind::TakeHome);
    let mut all: Vec<Schedule<'a>> = held.map(|(place, held)| schedule(world, story, ready, place, held)).collect();
    all.extend(story.unanswered.map(|(stage_of, given)| Schedule {
        id: uuid("ashby/schedule", within(story, story.interviews.len())),
        application_id: application_id(story.index),
        interview_stage_id: stage(story.slot(world, stage_of)),
        status: "CandidateAvailabilitySubmitted",
        scheduled_by: None,
        created_at: time(given),
        updated_at: time(given),
        interview_events: Vec::new(),
    }));
    all
}

fn schedule<'a>(world: &World, story: &LoopStory, ready: &'a Ready, place: usize, held: &Interview) -> Schedule<'a> {
    let slot = story.slot(world, held.stage);
    let id = uuid("ashby/schedule", within(story, place));
    let touched = match held.status {
        Status::Planned => held.scheduled_at,
        Status::Cancelled => held.cancelled_at.unwrap_or(held.scheduled_at),
        Status::Done | Status::NoShow => held.ends_at,
    };
    let is_debrief = held.kind == Kind::Debrief;
    let interviewers = held.panel.iter().map(|seat| Interviewer {
        user: &ready.users[seat.person],
        training_role: seat.shadow.then_some("Shadow"),
        interviewer_pool: None,
        is_feedback_required: !is_debrief && !seat.shadow,
    });
    let event = Event {
        id: event_id(story, place),
        interview_id: interview(slot),
        interview_schedule_id: id.clone(),
        interviewers: interviewers.collect(),
        interviewer_user_ids: held.panel.iter().map(|seat| user(seat.person)).collect(),
        created_at: time(held.scheduled_at),
        updated_at: time(touched),
        start_time: time(held.starts_at),
        end_time: time(held.ends_at),
        location: None,
        meeting_link: (held.kind != Kind::Async).then_some("https://meet.example.com/loop"),
        has_submitted_feedback: cards(story, place).any(|card| card.submitted_at.is_some()),
    };
    Schedule {
        id,
        application_id: application_id(story.index),
        interview_stage_id: stage(slot),
        status: match held.status {
            Status::Cancelled => "Cancelled",
            Status::Planned => "Scheduled",
            Status::Done if cards(story, place).all(|card| card.submitted_at.is_some()) => "Complete",
            Status::Done | Status::NoShow => "WaitingOnFeedback",
        },
        scheduled_by: Some(&ready.users[world.jobs[story.job].recruiter]),
        created_at: time(held.availability_at.min(held.scheduled_at)),
        updated_at: time(touched),
        interview_events: vec![event],
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback<'a> {
    id: String,
    application_id: String,
    application_history_id: Option<String>,
    interview_id: String,
    interview_event_id: Option<String>,
    feedback_form_definition_id: String,
    submitted_at: String,
    submitted_by_user: &'a User,
    credited_to_user: &'a User,
    form_definition: &'a RawValue,
    submitted_values: Map<String, Value>,
}

/// A submitted card.
pub(super) fn feedback<'a>(
    world: &World,
    story: &LoopStory,
    ready: &'a Ready,
    place: usize,
    submitted_at: Instant,
) -> Feedback<'a> {
    let card = &story.cards[place];
    let has_event = story.interviews[card.interview].kind != Kind::TakeHome && !card.orphan;
    let visit = story.visits.iter().position(|visit| visit.stage == card.stage).filter(|_| !card.orphan);
    Feedback {
        id: uuid("ashby/feedback", within(story, place)),
        application_id: application_id(if card.orphan { deleted(world, story) } else { story.index }),
        application_history_id: visit.map(|visit| entry(story, visit)),
        interview_id: interview(story.slot(world, card.stage)),
        interview_event_id: has_event.then(|| event_id(story, card.interview)),
        feedback_form_definition_id: form_id(),
        submitted_at: time(submitted_at),
        submitted_by_user: &ready.users[card.submitted_by],
        credited_to_user: &ready.users[card.person],
        form_definition: &ready.form,
        submitted_values: values(story, card, place),
    }
}

/// The values by their path. What was not decided is null on every other card, and not there on the rest.
fn values(story: &LoopStory, card: &Card, place: usize) -> Map<String, Value> {
    let mut values = Map::new();
    let mut put = |path: &str, value: Option<Value>| {
        if value.is_some() || place % 2 == 1 {
            values.insert(path.to_owned(), value.unwrap_or(Value::Null));
        }
    };
    for (dimension, mark) in card.final_marks().into_iter().enumerate() {
        let text = card.note.filter(|(noted, _)| *noted == dimension);
        let comments = text.map(|(_, number)| note(number, story.candidate.name));
        let score = match mark {
            Mark::Rated(score) => Some(spelled(score, place + dimension, comments)),
            Mark::Blank | Mark::NoDecision => None,
        };
        put(DIMENSION_PATHS[dimension], score);
    }
    let level = card.recommendation().map(|level| RECOMMENDATIONS[usize::from(level.clamp(1, 4)) - 1]);
    put(OVERALL_PATH, level.map(Value::from));
    values
}

/// A score in one of the three ways in which Ashby returns it; only an object has a place for comments.
fn spelled(score: u8, turn: usize, comments: Option<String>) -> Value {
    match (comments, turn % 3) {
        (Some(text), _) => json!({ "score": score, "comments": { "type": "PlainText", "value": text } }),
        (None, 0) => json!(score),
        (None, 1) => json!(score.to_string()),
        (None, _) => json!({ "score": score }),
    }
}
