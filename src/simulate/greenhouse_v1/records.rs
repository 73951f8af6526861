//! The records of v1 that belong to a loop, in the shapes of the API.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::setup::email;
use crate::simulate::greenhouse as gh;
use crate::simulate::names::note;
use crate::simulate::planted::{DIMENSIONS, Kind};
use crate::simulate::story::{Card, Interview, LoopStory, Status, Verdict};
use crate::simulate::world::{LOCATIONS, World, slot_name};
use crate::time::{Instant, MINUTE};

type Users = [Box<RawValue>];

#[derive(Serialize)]
pub(super) struct Named<'a> {
    id: u64,
    name: &'a str,
}

#[derive(Serialize)]
struct Source {
    id: u64,
    public_name: &'static str,
}

#[derive(Serialize)]
struct Location {
    address: &'static str,
}

#[derive(Serialize)]
struct Reason {
    id: u64,
    name: &'static str,
    r#type: Named<'static>,
}

#[derive(Serialize, Default)]
struct ProspectDetail {
    prospect_pool: Option<Value>,
    prospect_stage: Option<Value>,
    prospect_owner: Option<Value>,
}

#[derive(Serialize)]
struct ApplicationFields {
    specialism: &'static str,
}

#[derive(Serialize)]
pub(super) struct Application<'a> {
    id: u64,
    candidate_id: u64,
    prospect: bool,
    applied_at: String,
    rejected_at: Option<String>,
    last_activity_at: String,
    location: Option<Location>,
    source: Option<Source>,
    credited_to: Option<&'a RawValue>,
    recruiter: Option<&'a RawValue>,
    coordinator: Option<&'a RawValue>,
    rejection_reason: Option<Reason>,
    rejection_details: Option<Value>,
    jobs: Vec<Named<'a>>,
    job_post_id: Option<u64>,
    status: &'static str,
    current_stage: Option<Named<'static>>,
    answers: [Value; 0],
    prospective_office: Option<Value>,
    prospective_department: Option<Value>,
    prospect_detail: ProspectDetail,
    custom_fields: ApplicationFields,
    attachments: [Value; 0],
}

/// The application; `before` is the older copy of a duplicate, from before it was closed.
pub(super) fn application<'a>(world: &'a World, story: &LoopStory, users: &'a Users, before: bool) -> Application<'a> {
    let job = &world.jobs[story.job];
    // A declined offer ends as a rejection on the candidate's side; a pending one is still active.
    let end = story.decision.as_ref().filter(|_| !before && !story.is_hired());
    let rejected = end.and_then(|decision| match decision.verdict {
        Verdict::Offer => story.closed_at().map(|at| (at, decision)),
        _ => Some((decision.recorded_at, decision)),
    });
    let current = story.visits.last().map(|visit| world.slot(visit.stage, visit.entered));
    let last_activity = if before { story.applied_at } else { story.last_activity_at() };
    Application {
        id: gh::application(story.index),
        candidate_id: gh::candidate(story.index),
        prospect: false,
        applied_at: story.applied_at.to_rfc3339(),
        rejected_at: rejected.map(|(at, _)| at.to_rfc3339()),
        last_activity_at: last_activity.to_rfc3339(),
        location: Some(Location { address: LOCATIONS[job.location] }),
        source: Some(Source {
            id: gh::source(story.candidate.source),
            public_name: gh::source_name(story.candidate.source),
        }),
        credited_to: Some(&users[job.recruiter]),
        recruiter: Some(&users[job.recruiter]),
        coordinator: None,
        rejection_reason: rejected.map(|(_, decision)| {
            let (id, name, by_candidate) = gh::REASONS[gh::reason(decision.verdict, decision.reason)];
            let (type_id, type_name) = gh::reason_type(by_candidate);
            Reason { id, name, r#type: Named { id: type_id, name: type_name } }
        }),
        rejection_details: None,
        jobs: vec![Named { id: gh::job(story.job), name: &job.title }],
        job_post_id: None,
        status: match (story.is_hired() && !before, rejected) {
            (true, _) => "hired",
            (false, Some(_)) => "rejected",
            (false, None) => "active",
        },
        current_stage: current.map(|slot| Named { id: gh::stage(story.job, slot), name: slot_name(slot) }),
        answers: [],
        prospective_office: None,
        prospective_department: None,
        prospect_detail: ProspectDetail::default(),
        custom_fields: ApplicationFields { specialism: story.candidate.specialism },
        attachments: [],
    }
}

/// The same candidate as a prospect, without a job.
pub(super) fn prospect<'a>(world: &'a World, story: &LoopStory, users: &'a Users) -> Application<'a> {
    Application {
        id: gh::prospect_application(world, story.index),
        prospect: true,
        jobs: Vec::new(),
        current_stage: None,
        ..application(world, story, users, true)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Moment {
    DateTime(String),
    Date(String),
}

#[derive(Serialize)]
struct Interviewer {
    id: u64,
    employee_id: String,
    name: Option<String>,
    email: String,
    response_status: &'static str,
    scorecard_id: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct ScheduledInterview<'a> {
    id: u64,
    application_id: u64,
    external_event_id: String,
    start: Moment,
    end: Moment,
    location: Option<&'static str>,
    video_conferencing_url: &'static str,
    status: &'static str,
    created_at: String,
    updated_at: String,
    interview: Named<'static>,
    organizer: &'a RawValue,
    interviewers: Vec<Interviewer>,
}

/// The appointment, if v1 has it. Asynchronous rounds are all-day events.
pub(super) fn interview<'a>(
    world: &World,
    story: &LoopStory,
    users: &'a Users,
    place: usize,
    interview: &Interview,
) -> Option<ScheduledInterview<'a>> {
    if interview.kind == Kind::TakeHome || interview.status == Status::Cancelled {
        return None;
    }
    let card_of = |person| {
        story.cards.iter().position(|card| {
            card.interview == place && card.person == person && card.submitted_at.is_some() && !card.orphan
        })
    };
    let interviewers: Vec<Interviewer> = (interview.panel.iter())
        .map(|seat| Interviewer {
            id: gh::user(seat.person),
            employee_id: format!("{:05}", 10_000 + seat.person),
            name: world.people[seat.person].name.map(|(first, last)| format!("{first} {last}")),
            email: email(seat.person),
            response_status: "accepted",
            scorecard_id: card_of(seat.person).map(|card| gh::scorecard(story.index, card)),
        })
        .collect();
    let moment = |at: Instant| match interview.kind {
        Kind::Async => Moment::Date(gh::day(at)),
        _ => Moment::DateTime(at.to_rfc3339()),
    };
    let all_in = interview.kind == Kind::Debrief || interviewers.iter().all(|seat| seat.scorecard_id.is_some());
    let slot = story.slot(world, interview.stage);
    Some(ScheduledInterview {
        id: gh::interview(story.index, place),
        application_id: gh::application(story.index),
        external_event_id: format!("event{}-{place}", story.index + 1),
        start: moment(interview.starts_at),
        end: moment(interview.ends_at),
        location: None,
        video_conferencing_url: "https://example.com/call",
        status: match interview.status {
            Status::Planned => "scheduled",
            Status::Done if all_in => "complete",
            _ => "awaiting_feedback",
        },
        created_at: interview.scheduled_at.to_rfc3339(),
        updated_at: interview.scheduled_at.to_rfc3339(),
        interview: Named { id: gh::step(story.job, slot), name: slot_name(slot) },
        organizer: &users[world.jobs[story.job].recruiter],
        interviewers,
    })
}

#[derive(Serialize)]
struct Attribute {
    name: &'static str,
    r#type: &'static str,
    note: Option<String>,
    rating: &'static str,
}

#[derive(Serialize, Default)]
struct Ratings {
    definitely_not: Vec<&'static str>,
    no: Vec<&'static str>,
    mixed: Vec<&'static str>,
    yes: Vec<&'static str>,
    strong_yes: Vec<&'static str>,
}

#[derive(Serialize)]
struct Question {
    id: Option<u64>,
    question: &'static str,
    answer: &'static str,
}

#[derive(Serialize)]
pub(super) struct Scorecard<'a> {
    id: u64,
    updated_at: String,
    created_at: String,
    interview: &'static str,
    interview_step: Named<'static>,
    candidate_id: u64,
    application_id: u64,
    interviewed_at: String,
    submitted_by: &'a RawValue,
    interviewer: &'a RawValue,
    submitted_at: String,
    overall_recommendation: &'static str,
    attributes: Vec<Attribute>,
    ratings: Ratings,
    questions: [Question; 1],
}

impl Scorecard<'_> {
    /// Makes the record the newer of two copies.
    pub(super) fn touch(&mut self, updated_at: Instant) {
        self.updated_at = Instant(updated_at.0 + 5 * MINUTE).to_rfc3339();
    }
}

pub(super) fn scorecard<'a>(
    world: &World,
    story: &LoopStory,
    users: &'a Users,
    place: usize,
    card: &Card,
    submitted_at: Instant,
) -> Scorecard<'a> {
    let held = &story.interviews[card.interview];
    let slot = story.slot(world, card.stage);
    let mut ratings = Ratings::default();
    let mut attributes = Vec::with_capacity(DIMENSIONS.len());
    for (dimension, mark) in card.final_marks().into_iter().enumerate() {
        let Some(rating) = gh::attribute_label(mark, card.mixed[dimension]) else { continue };
        let name = DIMENSIONS[dimension];
        match rating {
            "definitely_not" => ratings.definitely_not.push(name),
            "no" => ratings.no.push(name),
            "mixed" => ratings.mixed.push(name),
            "yes" => ratings.yes.push(name),
            "strong_yes" => ratings.strong_yes.push(name),
            _ => {}
        }
        let text = card.note.filter(|(noted, _)| *noted == dimension);
        let note = text.map(|(_, number)| note(number, story.candidate.name));
        attributes.push(Attribute { name, r#type: "Skills", note, rating });
    }
    Scorecard {
        id: gh::scorecard(story.index, place),
        updated_at: card.updated_at().to_rfc3339(),
        created_at: submitted_at.to_rfc3339(),
        interview: slot_name(slot),
        interview_step: Named { id: gh::step(story.job, slot), name: slot_name(slot) },
        candidate_id: gh::candidate(story.index),
        application_id: if card.orphan {
            gh::deleted_application(world, story.index)
        } else {
            gh::application(story.index)
        },
        interviewed_at: held.starts_at.to_rfc3339(),
        submitted_by: &users[card.submitted_by],
        interviewer: &users[card.person],
        submitted_at: submitted_at.to_rfc3339(),
        overall_recommendation: gh::recommendation_label(card.recommendation(), "definitely_not"),
        attributes,
        ratings,
        questions: [Question { id: None, question: "Key Take-Aways", answer: "" }],
    }
}

/// The versions of the offer. Days are days here: v1 has no hours for them.
pub(super) fn offers(story: &LoopStory) -> Vec<Value> {
    let Some(offer) = &story.offer else { return Vec::new() };
    let versions = 1 + u64::from(offer.second_version);
    (1..=versions)
        .map(|version| {
            let last = version == versions;
            let resolved = offer.resolved.filter(|_| last);
            json!({
                "id": gh::offer(story.index, version - 1),
                "version": version,
                "application_id": gh::application(story.index),
                "job_id": gh::job(story.job),
                "candidate_id": gh::candidate(story.index),
                "opening": null,
                "created_at": offer.created_at.to_rfc3339(),
                "updated_at": resolved.map_or(offer.created_at, |(at, _)| at).to_rfc3339(),
                "sent_at": offer.sent_at.filter(|_| last).map(gh::day),
                "resolved_at": resolved.map(|(at, _)| at.to_rfc3339()),
                "starts_at": gh::day(offer.starts_at),
                "status": match (last, resolved) {
                    (false, _) => "deprecated",
                    (true, None) => "unresolved",
                    (true, Some((_, true))) => "accepted",
                    (true, Some((_, false))) => "rejected",
                },
                "custom_fields": {},
            })
        })
        .collect()
}

/// The candidate's activity feed: stage moves as prose, with the true instant beside them.
pub(super) fn feed(world: &World, story: &LoopStory, users: &Users) -> Value {
    let job = &world.jobs[story.job];
    let (first, last) = story.candidate.name;
    let by = world.people[job.recruiter].name.map_or(String::new(), |(first, last)| format!(" by {first} {last}"));
    let activities: Vec<Value> = (story.visits.iter().enumerate().rev())
        .map(|(place, visit)| {
            let stage = slot_name(world.slot(visit.stage, visit.entered));
            let day = visit.entered.date().map(|date| date.strftime("%m/%d/%Y").to_string()).unwrap_or_default();
            json!({
                "id": gh::visit(story.index, place),
                "created_at": visit.entered.to_rfc3339(),
                "subject": "Candidate Stage Change",
                "body": format!("{first} {last} was moved into {stage} for {} on {day}{by}", job.title),
                "user": users[job.recruiter],
            })
        })
        .collect();
    json!({ "notes": [], "emails": [], "activities": activities })
}
