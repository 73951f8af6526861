//! The records of v3 that belong to a loop, in the shapes of the API.

use serde::Serialize;

use crate::simulate::endings::ended;
use crate::simulate::greenhouse as gh;
use crate::simulate::names::note;
use crate::simulate::planted::Kind;
use crate::simulate::story::{LoopStory, Mark, Status};
use crate::simulate::world::{World, slot_name};
use crate::time::{DAY, Instant, MINUTE};

#[derive(Serialize)]
pub(super) struct Application {
    id: u64,
    candidate_id: u64,
    job_id: Option<u64>,
    stage_id: Option<u64>,
    stage_name: Option<&'static str>,
    status: &'static str,
    prospect: bool,
    rejected_at: Option<String>,
    last_activity_at: String,
    needs_decision: Option<bool>,
    source_id: u64,
    recruiter_id: u64,
    coordinator_id: Option<u64>,
    referrer_id: Option<u64>,
    created_at: String,
    updated_at: String,
}

/// The application; `before` is the older copy of a duplicate, from before it was closed.
pub(super) fn application(world: &World, story: &LoopStory, before: bool) -> Application {
    let rejected = ended(story).filter(|_| !before);
    let current = story.visits.last().map(|visit| world.slot(visit.stage, visit.entered));
    let last_activity = if before { story.applied_at } else { story.last_activity_at() }.to_rfc3339();
    Application {
        id: gh::application(story.index),
        candidate_id: gh::candidate(story.index),
        job_id: Some(gh::job(story.job)),
        stage_id: current.map(|slot| gh::stage(story.job, slot)),
        stage_name: current.map(slot_name),
        status: match (story.is_hired() && !before, rejected) {
            (true, _) => "hired",
            (false, Some(_)) => "rejected",
            (false, None) => "in_process",
        },
        prospect: false,
        rejected_at: rejected.map(|(at, _)| at.to_rfc3339()),
        updated_at: last_activity.clone(),
        last_activity_at: last_activity,
        needs_decision: None,
        source_id: gh::source(story.candidate.source),
        recruiter_id: gh::user(world.jobs[story.job].recruiter),
        coordinator_id: None,
        referrer_id: None,
        created_at: story.applied_at.to_rfc3339(),
    }
}

/// The same candidate as a prospect, without a job.
pub(super) fn prospect(world: &World, story: &LoopStory) -> Application {
    Application {
        id: gh::prospect_application(world, story.index),
        job_id: None,
        stage_id: None,
        stage_name: None,
        prospect: true,
        ..application(world, story, true)
    }
}

#[derive(Serialize)]
pub(super) struct ApplicationStage {
    id: u64,
    application_id: u64,
    job_interview_stage_id: u64,
    entered_at: String,
    exited_at: Option<String>,
    days_in_stage: i64,
    current: bool,
    created_at: String,
    updated_at: String,
}

/// A visit to a stage, with the whole days that the vendor computes.
pub(super) fn stage(world: &World, story: &LoopStory, place: usize) -> ApplicationStage {
    let visit = &story.visits[place];
    let until = visit.left.unwrap_or(world.export);
    ApplicationStage {
        id: gh::visit(story.index, place),
        application_id: gh::application(story.index),
        job_interview_stage_id: gh::stage(story.job, world.slot(visit.stage, visit.entered)),
        entered_at: visit.entered.to_rfc3339(),
        exited_at: visit.left.map(Instant::to_rfc3339),
        days_in_stage: (until.0 - visit.entered.0) / DAY,
        current: visit.left.is_none(),
        created_at: visit.entered.to_rfc3339(),
        updated_at: visit.left.unwrap_or(visit.entered).to_rfc3339(),
    }
}

#[derive(Serialize)]
pub(super) struct Interview {
    id: u64,
    job_id: u64,
    application_id: u64,
    job_interview_id: u64,
    starts_at: Option<String>,
    ends_at: Option<String>,
    all_day_start_on: Option<String>,
    all_day_end_on: Option<String>,
    scheduled_at: Option<String>,
    availability_received_at: Option<String>,
    organizer_id: u64,
    status: &'static str,
    created_at: String,
    updated_at: String,
}

pub(super) fn interview(world: &World, story: &LoopStory, place: usize) -> Interview {
    let held = &story.interviews[place];
    let (timed, all_day) = (matches!(held.kind, Kind::Live | Kind::Debrief), held.kind == Kind::Async);
    let all_in = || {
        let mut cards = story.cards.iter().filter(|card| card.interview == place && !card.orphan);
        cards.all(|card| card.submitted_at.is_some())
    };
    let touched = match held.status {
        Status::Planned => held.scheduled_at,
        Status::Cancelled => held.cancelled_at.unwrap_or(held.scheduled_at),
        Status::Done | Status::NoShow => held.ends_at,
    };
    Interview {
        id: gh::interview(story.index, place),
        job_id: gh::job(story.job),
        application_id: gh::application(story.index),
        job_interview_id: gh::step(story.job, story.slot(world, held.stage)),
        starts_at: timed.then(|| held.starts_at.to_rfc3339()),
        ends_at: timed.then(|| held.ends_at.to_rfc3339()),
        all_day_start_on: all_day.then(|| gh::day(held.starts_at)),
        all_day_end_on: all_day.then(|| gh::day(held.ends_at)),
        scheduled_at: (timed || all_day).then(|| held.scheduled_at.to_rfc3339()),
        availability_received_at: (held.kind == Kind::Live).then(|| held.availability_at.to_rfc3339()),
        organizer_id: gh::user(world.jobs[story.job].recruiter),
        status: match (held.status, held.kind) {
            (Status::Cancelled, _) => "skipped",
            (Status::Planned, Kind::TakeHome) => "sent",
            (Status::Planned, _) => "scheduled",
            (Status::Done, Kind::TakeHome) => "received",
            (Status::Done, _) if all_in() => "complete",
            _ => "awaiting_feedback",
        },
        created_at: held.availability_at.min(held.scheduled_at).to_rfc3339(),
        updated_at: touched.to_rfc3339(),
    }
}

#[derive(Serialize)]
pub(super) struct Interviewer {
    id: u64,
    interview_id: u64,
    user_id: u64,
    scorecard_id: Option<u64>,
    email: String,
    response_status: &'static str,
    created_at: String,
    updated_at: String,
}

pub(super) fn interviewer(story: &LoopStory, place: usize, seat: usize) -> Interviewer {
    let held = &story.interviews[place];
    let person = held.panel[seat].person;
    let own = |card: &super::super::story::Card| card.interview == place && card.person == person && !card.orphan;
    Interviewer {
        id: gh::seat(story.index, place, seat),
        interview_id: gh::interview(story.index, place),
        user_id: gh::user(person),
        scorecard_id: story.cards.iter().position(own).map(|card| gh::scorecard(story.index, card)),
        email: format!("user{}@example.com", gh::user(person)),
        response_status: "accepted",
        created_at: held.scheduled_at.to_rfc3339(),
        updated_at: held.scheduled_at.to_rfc3339(),
    }
}

#[derive(Serialize)]
pub(super) struct Scorecard {
    id: u64,
    application_id: u64,
    interview_kit_id: u64,
    interviewer_id: u64,
    submitter_id: Option<u64>,
    interviewed_at: Option<String>,
    submitted_at: Option<String>,
    status: &'static str,
    candidate_rating: Option<&'static str>,
    notes: Option<String>,
    private_notes: Option<String>,
    public_notes: Option<String>,
    created_at: String,
    updated_at: String,
}

impl Scorecard {
    /// Makes the record the newer of two copies.
    pub(super) fn touch(&mut self, updated_at: Instant) {
        self.updated_at = Instant(updated_at.0 + 5 * MINUTE).to_rfc3339();
    }
}

pub(super) fn scorecard(world: &World, story: &LoopStory, place: usize) -> Scorecard {
    let card = &story.cards[place];
    let held = &story.interviews[card.interview];
    let application =
        if card.orphan { gh::deleted_application(world, story.index) } else { gh::application(story.index) };
    Scorecard {
        id: gh::scorecard(story.index, place),
        application_id: application,
        interview_kit_id: gh::kit(story.job, story.slot(world, card.stage)),
        interviewer_id: gh::user(card.person),
        submitter_id: card.submitted_at.map(|_| gh::user(card.submitted_by)),
        interviewed_at: (held.kind != Kind::TakeHome).then(|| held.starts_at.to_rfc3339()),
        submitted_at: card.submitted_at.map(Instant::to_rfc3339),
        status: if card.submitted_at.is_some() { "complete" } else { "draft" },
        candidate_rating: card.submitted_at.map(|_| gh::recommendation_label(card.recommendation(), "strong_no")),
        notes: None,
        private_notes: None,
        public_notes: None,
        created_at: card.created_at.to_rfc3339(),
        updated_at: card.updated_at().to_rfc3339(),
    }
}

#[derive(Serialize)]
pub(super) struct Rating {
    id: u64,
    scorecard_id: u64,
    job_candidate_attribute_id: u64,
    candidate_attribute_rating: &'static str,
    note: Option<String>,
    created_at: String,
    updated_at: String,
}

/// The rating of a dimension; a dimension that was not filled in has no row.
pub(super) fn rating(story: &LoopStory, place: usize, dimension: usize) -> Option<Rating> {
    let card = &story.cards[place];
    let mark: Mark = card.final_marks()[dimension];
    let label = gh::attribute_label(mark, card.mixed[dimension])?;
    let text = card.note.filter(|(noted, _)| *noted == dimension);
    let written = card.submitted_at.unwrap_or(card.created_at);
    let edited = card.edit.as_ref().filter(|edit| edit.dimension == dimension).map(|edit| edit.at);
    Some(Rating {
        id: gh::rating(story.index, place, dimension),
        scorecard_id: gh::scorecard(story.index, place),
        job_candidate_attribute_id: gh::attribute(story.job, dimension),
        candidate_attribute_rating: label,
        note: text.map(|(_, number)| note(number, story.candidate.name)),
        created_at: written.to_rfc3339(),
        updated_at: edited.unwrap_or(written).to_rfc3339(),
    })
}

#[derive(Serialize)]
pub(super) struct Offer {
    id: u64,
    version: u64,
    application_id: u64,
    job_id: u64,
    candidate_id: u64,
    opening_id: Option<u64>,
    status: &'static str,
    sent_on: Option<String>,
    starts_on: String,
    resolved_at: Option<String>,
    created_at: String,
    updated_at: String,
}

/// The versions of the offer.
pub(super) fn offers(story: &LoopStory) -> Vec<Offer> {
    let Some(offer) = &story.offer else { return Vec::new() };
    let versions = 1 + u64::from(offer.second_version);
    let noon = |at: Instant| format!("{}T12:00:00Z", gh::day(at));
    (1..=versions)
        .map(|version| {
            let last = version == versions;
            let resolved = offer.resolved.filter(|_| last);
            Offer {
                id: gh::offer(story.index, version - 1),
                version,
                application_id: gh::application(story.index),
                job_id: gh::job(story.job),
                candidate_id: gh::candidate(story.index),
                opening_id: None,
                status: match (last, resolved) {
                    (false, _) => "Deprecated",
                    (true, None) => "Created",
                    (true, Some((_, true))) => "Accepted",
                    (true, Some((_, false))) => "Rejected",
                },
                sent_on: offer.sent_at.filter(|_| last).map(gh::day),
                starts_on: gh::day(offer.starts_at),
                resolved_at: resolved.map(|(at, _)| noon(at)),
                created_at: offer.created_at.to_rfc3339(),
                updated_at: resolved.map_or(offer.created_at, |(at, _)| at).to_rfc3339(),
            }
        })
        .collect()
}

#[derive(Serialize)]
pub(super) struct RejectionDetail {
    id: u64,
    application_id: u64,
    rejected_by_id: u64,
    rejection_reason_id: u64,
    rejected_at: String,
    created_at: String,
    updated_at: String,
}

/// Why the loop ended, if it ended without a hire.
pub(super) fn rejection(story: &LoopStory) -> Option<RejectionDetail> {
    let (at, reason) = ended(story)?;
    let decision = story.decision.as_ref()?;
    let at = at.to_rfc3339();
    Some(RejectionDetail {
        id: gh::rejection(story.index),
        application_id: gh::application(story.index),
        rejected_by_id: gh::user(decision.by),
        rejection_reason_id: gh::REASONS[reason].0,
        rejected_at: at.clone(),
        created_at: at.clone(),
        updated_at: at,
    })
}
