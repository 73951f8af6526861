//! Applications with their history, and their offers.

use serde::Serialize;
use serde_json::value::RawValue;

use super::setup::{ARCHIVED, HIRED, stage_number, stage_title};
use super::{Ready, User, application as application_id, entry, stage, time, user};
use crate::simulate::endings::ended;
use crate::simulate::story::{LoopStory, Visit};
use crate::simulate::uuid::uuid;
use crate::simulate::world::World;
use crate::time::Instant;

#[derive(Serialize)]
struct Email {
    value: String,
    r#type: &'static str,
    #[serde(rename = "isPrimary")]
    is_primary: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    id: String,
    name: String,
    primary_email_address: Email,
    primary_phone_number: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member<'a> {
    user_id: &'a str,
    first_name: Option<&'static str>,
    last_name: Option<&'static str>,
    email: &'a str,
    role: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    stage_id: String,
    title: &'static str,
    stage_number: usize,
    entered_stage_at: String,
    left_stage_at: Option<String>,
    allowed_actions: [&'static str; 2],
    actor_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Application<'a> {
    id: String,
    created_at: String,
    updated_at: String,
    status: &'static str,
    custom_fields: [(); 0],
    candidate: Candidate,
    current_interview_stage: Option<&'a RawValue>,
    source: &'a RawValue,
    archive_reason: Option<&'a RawValue>,
    archived_at: Option<String>,
    job: &'a RawValue,
    credited_to_user: Option<&'a User>,
    hiring_team: [Member<'a>; 2],
    applied_via_job_posting_id: Option<String>,
    application_history: Vec<Entry>,
}

/// The application; `before` is the older copy of a duplicate, from before anything happened to it.
pub(super) fn application<'a>(world: &World, story: &LoopStory, ready: &'a Ready, before: bool) -> Application<'a> {
    let job = &world.jobs[story.job];
    let (first, last) = story.candidate.name;
    let member = |place: usize, role| {
        let user = &ready.users[place];
        Member { user_id: &user.id, first_name: user.first_name, last_name: user.last_name, email: &user.email, role }
    };
    let archived = ended(story).filter(|_| !before);
    let hired_at = story.closed_at().filter(|_| story.is_hired() && !before);
    let visits = if before { &story.visits[..1] } else { &story.visits[..] };
    let slot = |visit: &Visit| world.slot(visit.stage, visit.entered);
    let made = |place: usize, slot: usize, entered: Instant, left: Option<Instant>| Entry {
        id: entry(story, place),
        stage_id: stage(slot),
        title: stage_title(slot),
        stage_number: stage_number(slot),
        entered_stage_at: time(entered),
        left_stage_at: left.filter(|_| !before).map(time),
        allowed_actions: ["delete", "set_entered_at"],
        actor_id: Some(user(job.recruiter)),
    };
    let mut history: Vec<Entry> =
        (visits.iter().enumerate()).map(|(place, visit)| made(place, slot(visit), visit.entered, visit.left)).collect();
    let end = hired_at.map(|at| (HIRED, at)).or(archived.map(|(at, _)| (ARCHIVED, at)));
    history.extend(end.map(|(slot, at)| made(visits.len(), slot, at, None)));
    let current = end.map(|(slot, _)| slot).or(visits.last().map(slot));
    Application {
        id: application_id(story.index),
        created_at: time(story.applied_at),
        updated_at: time(if before { story.applied_at } else { story.last_activity_at() }),
        status: match (hired_at, archived) {
            (Some(_), _) => "Hired",
            (None, Some(_)) => "Archived",
            (None, None) => "Active",
        },
        custom_fields: [],
        candidate: Candidate {
            id: uuid("ashby/candidate", story.index),
            name: format!("{first} {last}"),
            primary_email_address: Email {
                value: format!("candidate{}@example.com", story.index + 1),
                r#type: "Personal",
                is_primary: true,
            },
            primary_phone_number: None,
        },
        current_interview_stage: current.map(|slot| &*ready.stages[slot]),
        source: &ready.sources[story.candidate.source],
        archive_reason: archived.map(|(_, reason)| &*ready.reasons[reason]),
        archived_at: archived.map(|(at, _)| time(at)),
        job: &ready.jobs[story.job],
        credited_to_user: Some(&ready.users[job.recruiter]),
        hiring_team: [member(job.hiring_manager, "Hiring Manager"), member(job.recruiter, "Recruiter")],
        applied_via_job_posting_id: None,
        application_history: history,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    id: String,
    start_date: Option<String>,
    salary: Option<()>,
    created_at: String,
    opening_id: Option<String>,
    custom_fields: [(); 0],
    author: &'a User,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer<'a> {
    id: String,
    application_id: String,
    offer_status: &'static str,
    acceptance_status: &'static str,
    decided_at: Option<String>,
    latest_version: Version<'a>,
}

/// The offer, if one was made.
pub(super) fn offer<'a>(world: &World, story: &LoopStory, ready: &'a Ready) -> Option<Offer<'a>> {
    let offer = story.offer.as_ref()?;
    let (offer_status, acceptance_status) = match (offer.sent_at, offer.resolved) {
        (_, Some((_, true))) => ("CandidateAccepted", "Accepted"),
        (_, Some((_, false))) => ("CandidateRejected", "Declined"),
        (Some(_), None) => ("WaitingOnCandidateResponse", "WaitingOnResponse"),
        (None, None) => ("WaitingOnOfferApproval", "Created"),
    };
    Some(Offer {
        id: uuid("ashby/offer", story.index),
        application_id: application_id(story.index),
        offer_status,
        acceptance_status,
        decided_at: offer.resolved.map(|(at, _)| time(at)),
        latest_version: Version {
            id: uuid("ashby/offer_version", 2 * story.index + u64::from(offer.second_version)),
            start_date: offer.starts_at.date().map(|date| date.to_string()),
            salary: None,
            created_at: time(offer.created_at),
            opening_id: None,
            custom_fields: [],
            author: &ready.users[world.jobs[story.job].recruiter],
        },
    })
}
