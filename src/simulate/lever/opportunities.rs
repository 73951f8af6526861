//! Opportunities, their applications and their offers.

use serde::Serialize;

use super::setup::{HIRED, LEAD, archive_reason, stage_index};
use super::{application as application_id, email, full_name, millis, posting, prospect_opportunity, stage, user};
use crate::simulate::endings::ended;
use crate::simulate::planted::SOURCES;
use crate::simulate::story::{LoopStory, Visit};
use crate::simulate::uuid::{uuid, within};
use crate::simulate::world::{LOCATIONS, World};
use crate::time::{DAY, Instant};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Archived {
    reason: String,
    archived_at: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StageChange {
    to_stage_id: String,
    to_stage_index: usize,
    updated_at: i64,
    user_id: String,
}

#[derive(Serialize)]
struct Urls {
    list: &'static str,
    show: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opportunity {
    id: String,
    name: String,
    contact: String,
    headline: String,
    stage: String,
    confidentiality: &'static str,
    location: &'static str,
    phones: [(); 0],
    emails: [String; 1],
    links: [(); 0],
    archived: Option<Archived>,
    tags: [&'static str; 1],
    sources: [&'static str; 1],
    stage_changes: Vec<StageChange>,
    origin: &'static str,
    sourced_by: Option<String>,
    owner: String,
    followers: [(); 0],
    applications: Vec<String>,
    created_at: i64,
    updated_at: i64,
    last_interaction_at: i64,
    last_advanced_at: i64,
    snoozed_until: Option<i64>,
    urls: Urls,
    is_anonymized: bool,
    data_protection: Option<()>,
}

/// Lever's own word for each source channel.
const ORIGINS: [&str; SOURCES.len()] = ["referred", "agency", "applied", "sourced"];

/// When the opportunity was archived, and for which reason. A hire is archived with the answer to the offer.
fn archived(story: &LoopStory) -> Option<(Instant, String)> {
    if story.is_hired() {
        return Some((story.closed_at()?, archive_reason(HIRED)));
    }
    ended(story).map(|(at, reason)| (at, archive_reason(reason)))
}

/// The opportunity; `before` is the older copy of a duplicate, from before anything happened to it.
pub(super) fn opportunity(world: &World, story: &LoopStory, before: bool) -> Opportunity {
    let job = &world.jobs[story.job];
    let (first, last) = story.candidate.name;
    let visits = if before { &story.visits[..1] } else { &story.visits[..] };
    let slot = |visit: &Visit| world.slot(visit.stage, visit.entered);
    let stage_changes: Vec<StageChange> = visits
        .iter()
        .map(|visit| StageChange {
            to_stage_id: stage(slot(visit)),
            to_stage_index: stage_index(slot(visit)),
            updated_at: millis(visit.entered),
            user_id: user(job.recruiter),
        })
        .collect();
    let archived = archived(story).filter(|_| !before);
    let touched = millis(if before { story.applied_at } else { story.last_activity_at() });
    let moved = visits.last().map_or(story.applied_at, |visit| visit.entered);
    let id = super::opportunity(story.index);
    Opportunity {
        name: format!("{first} {last}"),
        contact: uuid("lever/contact", story.index),
        headline: format!("{}, previously elsewhere", story.candidate.specialism),
        stage: stage_changes.last().map_or_else(|| LEAD.to_owned(), |change| change.to_stage_id.clone()),
        confidentiality: "non-confidential",
        location: LOCATIONS[job.location],
        phones: [],
        emails: [format!("candidate{}@example.com", story.index + 1)],
        links: [],
        // Archiving touches the instant of the last advance too, so it proves nothing.
        last_advanced_at: millis(archived.as_ref().map_or(moved, |(at, _)| *at)),
        archived: archived.map(|(at, reason)| Archived { reason, archived_at: millis(at) }),
        tags: [story.candidate.specialism],
        sources: [SOURCES[story.candidate.source].name],
        stage_changes,
        origin: ORIGINS[story.candidate.source],
        sourced_by: None,
        owner: user(job.recruiter),
        followers: [],
        applications: vec![application_id(story)],
        created_at: millis(story.applied_at),
        updated_at: touched,
        last_interaction_at: touched,
        snoozed_until: None,
        urls: Urls { list: "https://hire.lever.co/candidates", show: format!("https://hire.lever.co/candidates/{id}") },
        is_anonymized: false,
        data_protection: None,
        id,
    }
}

/// The same contact as a lead, without an application.
pub(super) fn prospect(world: &World, story: &LoopStory) -> Opportunity {
    Opportunity {
        id: prospect_opportunity(world, story),
        stage: LEAD.to_owned(),
        stage_changes: Vec::new(),
        applications: Vec::new(),
        ..opportunity(world, story, true)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Application {
    id: String,
    r#type: &'static str,
    candidate_id: String,
    opportunity_id: String,
    posting: String,
    posting_hiring_manager: String,
    posting_owner: String,
    user: Option<String>,
    name: String,
    email: String,
    company: Option<String>,
    phone: Option<String>,
    custom_questions: [(); 0],
    created_at: i64,
    archived: Option<Archived>,
    requisition_for_hire: Option<()>,
}

pub(super) fn application(world: &World, story: &LoopStory) -> Application {
    let job = &world.jobs[story.job];
    let (first, last) = story.candidate.name;
    let opportunity = super::opportunity(story.index);
    Application {
        id: application_id(story),
        r#type: if ORIGINS[story.candidate.source] == "referred" { "referral" } else { "posting" },
        candidate_id: opportunity.clone(),
        opportunity_id: opportunity,
        posting: posting(story.job),
        posting_hiring_manager: user(job.hiring_manager),
        posting_owner: user(job.recruiter),
        user: None,
        name: format!("{first} {last}"),
        email: format!("candidate{}@example.com", story.index + 1),
        company: None,
        phone: None,
        custom_questions: [],
        created_at: millis(story.applied_at),
        // The application is archived in the same breath as its opportunity, some milliseconds later.
        archived: archived(story)
            .map(|(at, reason)| Archived { reason, archived_at: millis(at) + 3 + (story.index % 40) as i64 }),
        requisition_for_hire: None,
    }
}

#[derive(Serialize)]
struct OfferField {
    text: &'static str,
    identifier: &'static str,
    value: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    role: &'static str,
    name: String,
    email: String,
    first_opened_at: Option<i64>,
    last_opened_at: Option<i64>,
    signed_at: Option<i64>,
    signed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    id: String,
    posting: String,
    created_at: i64,
    status: &'static str,
    creator: String,
    fields: [OfferField; 1],
    signatures: Vec<Signature>,
    approved: Option<bool>,
    approved_at: Option<i64>,
    sent_at: Option<i64>,
    sent_document: Option<()>,
    signed_document: Option<()>,
}

/// The offer, after a first version that was never sent. When a candidate declined is only said by the
/// archiving.
pub(super) fn offers(world: &World, story: &LoopStory) -> Vec<Offer> {
    let Some(offer) = &story.offer else { return Vec::new() };
    let (first, last) = story.candidate.name;
    let versions = 1 + usize::from(offer.second_version);
    (1..=versions)
        .map(|version| {
            let sent = offer.sent_at.filter(|_| version == versions);
            let resolved = offer.resolved.filter(|_| version == versions);
            let signed = resolved.filter(|(_, accepted)| *accepted).map(|(at, _)| millis(at));
            let signature = || Signature {
                role: "candidate",
                name: format!("{first} {last}"),
                email: format!("candidate{}@example.com", story.index + 1),
                first_opened_at: resolved.map(|(at, _)| millis(at)),
                last_opened_at: resolved.map(|(at, _)| millis(at)),
                signed_at: signed,
                signed: signed.is_some(),
            };
            Offer {
                id: uuid("lever/offer", within(story, version)),
                posting: posting(story.job),
                created_at: millis(offer.created_at),
                status: match (sent, resolved) {
                    (_, Some((_, true))) => "signed",
                    (_, Some((_, false))) => "denied",
                    (Some(_), None) => "sent",
                    (None, None) => "draft",
                },
                creator: user(world.jobs[story.job].recruiter),
                fields: [OfferField {
                    text: "Anticipated start date",
                    identifier: "anticipated_start_date",
                    value: millis(Instant(offer.starts_at.0.div_euclid(DAY) * DAY)),
                }],
                signatures: sent.map(|_| signature()).into_iter().collect(),
                approved: sent.map(|_| true),
                approved_at: sent.map(millis),
                sent_at: sent.map(millis),
                sent_document: None,
                signed_document: None,
            }
        })
        .collect()
}

/// Somebody on a panel or in the directory.
#[derive(Serialize)]
pub(super) struct Person {
    id: String,
    name: Option<String>,
    email: String,
}

pub(super) fn person(world: &World, place: usize) -> Person {
    Person { id: user(place), name: full_name(world, place), email: email(place) }
}
