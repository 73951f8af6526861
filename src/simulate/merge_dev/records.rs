//! The models that belong to a loop.

use serde::Serialize;

use super::setup::{job, reject_reason, stage};
use super::{RECOMMENDATIONS, copied, copied_text, user};
use crate::simulate::endings::ended;
use crate::simulate::greenhouse as gh;
use crate::simulate::planted::{Kind, SOURCES};
use crate::simulate::story::{Interview as Held, LoopStory, Status};
use crate::simulate::uuid::{deleted, prospect as prospect_number, uuid, within};
use crate::simulate::world::World;
use crate::time::{Instant, MINUTE};

fn application_id(number: u64) -> String {
    uuid("merge/application", number)
}

fn interview_id(story: &LoopStory, place: usize) -> String {
    uuid("merge/interview", within(story, place))
}

fn offer_id(story: &LoopStory, version: u64) -> String {
    uuid("merge/offer", within(story, version as usize))
}

/// Who an application is for; candidates are not part of the export.
fn candidate_id(story: &LoopStory) -> String {
    uuid("merge/candidate", story.index)
}

#[derive(Serialize)]
pub(super) struct Application {
    id: String,
    remote_id: String,
    created_at: String,
    modified_at: String,
    candidate: String,
    job: Option<String>,
    applied_at: String,
    rejected_at: Option<String>,
    offers: Vec<String>,
    source: &'static str,
    credited_to: Option<String>,
    current_stage: Option<String>,
    reject_reason: Option<String>,
    remote_created_at: String,
    remote_updated_at: String,
    remote_was_deleted: bool,
    field_mappings: Option<()>,
    remote_data: Option<()>,
}

/// The application; `before` is the older copy of a duplicate, from before anything happened to it. A hire is
/// an application whose offer was signed: there is no word for it.
pub(super) fn application(world: &World, story: &LoopStory, before: bool) -> Application {
    let rejected = ended(story).filter(|_| !before);
    let visits = if before { &story.visits[..1] } else { &story.visits[..] };
    let touched = if before { story.applied_at } else { story.last_activity_at() };
    // The older copy came with an earlier sync, also where Merge was connected after the end.
    let last = copied(world, story.last_activity_at());
    let modified = if before { Instant(last.0 - MINUTE).min(copied(world, touched)) } else { last };
    let versions = story.offer.as_ref().filter(|_| !before).map_or(0, |offer| 1 + u64::from(offer.second_version));
    Application {
        id: application_id(story.index),
        remote_id: gh::application(story.index).to_string(),
        created_at: copied(world, story.applied_at).min(modified).to_rfc3339(),
        modified_at: modified.to_rfc3339(),
        candidate: candidate_id(story),
        job: Some(job(story.job)),
        applied_at: story.applied_at.to_rfc3339(),
        rejected_at: rejected.map(|(at, _)| at.to_rfc3339()),
        offers: (0..versions).map(|version| offer_id(story, version)).collect(),
        source: SOURCES[story.candidate.source].name,
        credited_to: Some(user(world.jobs[story.job].recruiter)),
        current_stage: visits.last().map(|visit| stage(world.slot(visit.stage, visit.entered))),
        reject_reason: rejected.map(|(_, reason)| reject_reason(reason)),
        remote_created_at: story.applied_at.to_rfc3339(),
        remote_updated_at: touched.to_rfc3339(),
        remote_was_deleted: false,
        field_mappings: None,
        remote_data: None,
    }
}

/// The same candidate as a prospect, without a job.
pub(super) fn prospect(world: &World, story: &LoopStory) -> Application {
    Application {
        id: application_id(prospect_number(world, story)),
        remote_id: gh::prospect_application(world, story.index).to_string(),
        job: None,
        current_stage: None,
        ..application(world, story, true)
    }
}

#[derive(Serialize)]
pub(super) struct Interview {
    id: String,
    remote_id: String,
    created_at: String,
    modified_at: String,
    application: String,
    job_interview_stage: String,
    organizer: String,
    interviewers: Vec<String>,
    location: Option<&'static str>,
    start_at: String,
    end_at: String,
    status: &'static str,
    remote_created_at: String,
    remote_updated_at: String,
    remote_was_deleted: bool,
    field_mappings: Option<()>,
    remote_data: Option<()>,
}

/// Whether it is in a calendar; work at home is not.
pub(super) fn is_appointment(held: &Held) -> bool {
    held.kind != Kind::TakeHome
}

pub(super) fn interview(world: &World, story: &LoopStory, place: usize) -> Interview {
    let held = &story.interviews[place];
    let mut cards = story.cards.iter().filter(|card| card.interview == place && !card.orphan);
    let touched = if held.status == Status::Planned { held.scheduled_at } else { held.ends_at };
    Interview {
        id: interview_id(story, place),
        remote_id: gh::interview(story.index, place).to_string(),
        created_at: copied_text(world, held.scheduled_at),
        modified_at: copied_text(world, touched),
        application: application_id(story.index),
        job_interview_stage: stage(story.slot(world, held.stage)),
        organizer: user(world.jobs[story.job].recruiter),
        interviewers: held.panel.iter().map(|seat| user(seat.person)).collect(),
        location: None,
        start_at: held.starts_at.to_rfc3339(),
        end_at: held.ends_at.to_rfc3339(),
        status: match held.status {
            Status::Planned => "SCHEDULED",
            Status::Done if cards.all(|card| card.submitted_at.is_some()) => "COMPLETE",
            _ => "AWAITING_FEEDBACK",
        },
        remote_created_at: held.scheduled_at.to_rfc3339(),
        remote_updated_at: touched.to_rfc3339(),
        remote_was_deleted: false,
        field_mappings: None,
        remote_data: None,
    }
}

#[derive(Clone, Serialize)]
pub(super) struct Scorecard {
    id: String,
    remote_id: String,
    created_at: String,
    modified_at: String,
    application: String,
    interview: Option<String>,
    interviewer: String,
    remote_created_at: String,
    submitted_at: String,
    overall_recommendation: &'static str,
    remote_was_deleted: bool,
    field_mappings: Option<()>,
    remote_data: [(); 0],
}

impl Scorecard {
    /// Makes the record the newer of two copies: the one that came with a sync a minute later.
    pub(super) fn touch(&mut self, copied: Instant) {
        self.modified_at = Instant(copied.0 + MINUTE).to_rfc3339();
    }

    /// The copy of this card that somebody deleted in the system behind Merge.
    pub(super) fn deleted(&self, world: &World, story: &LoopStory, place: usize, at: Instant) -> Self {
        Self {
            id: uuid("merge/deleted", within(story, place)),
            remote_id: gh::scorecard(world.loops + story.index, place).to_string(),
            modified_at: copied_text(world, Instant(at.0 + MINUTE)),
            remote_was_deleted: true,
            ..self.clone()
        }
    }
}

/// A submitted card: its overall verdict only. Without an appointment nothing says which round it is about.
pub(super) fn scorecard(world: &World, story: &LoopStory, place: usize, submitted_at: Instant) -> Scorecard {
    let card = &story.cards[place];
    let has_interview = is_appointment(&story.interviews[card.interview]) && !card.orphan;
    let level = card.recommendation().map(|level| RECOMMENDATIONS[usize::from(level.clamp(1, 4)) - 1]);
    Scorecard {
        id: uuid("merge/scorecard", within(story, place)),
        remote_id: gh::scorecard(story.index, place).to_string(),
        created_at: copied_text(world, submitted_at),
        modified_at: copied_text(world, card.updated_at()),
        application: application_id(if card.orphan { deleted(world, story) } else { story.index }),
        interview: has_interview.then(|| interview_id(story, card.interview)),
        interviewer: user(card.person),
        remote_created_at: card.created_at.to_rfc3339(),
        submitted_at: submitted_at.to_rfc3339(),
        overall_recommendation: level.unwrap_or("NO_DECISION"),
        remote_was_deleted: false,
        field_mappings: None,
        remote_data: [],
    }
}

#[derive(Serialize)]
pub(super) struct Offer {
    id: String,
    remote_id: String,
    created_at: String,
    modified_at: String,
    application: String,
    creator: String,
    remote_created_at: String,
    closed_at: Option<String>,
    sent_at: Option<String>,
    start_date: String,
    status: &'static str,
    remote_was_deleted: bool,
    field_mappings: Option<()>,
    remote_data: Option<()>,
}

/// The versions of the offer.
pub(super) fn offers(world: &World, story: &LoopStory) -> Vec<Offer> {
    let Some(offer) = &story.offer else { return Vec::new() };
    let versions = 1 + u64::from(offer.second_version);
    (0..versions)
        .map(|version| {
            let is_last = version + 1 == versions;
            let sent = offer.sent_at.filter(|_| is_last);
            let resolved = offer.resolved.filter(|_| is_last);
            let touched = resolved.map(|(at, _)| at).or(sent).unwrap_or(offer.created_at);
            Offer {
                id: offer_id(story, version),
                remote_id: gh::offer(story.index, version).to_string(),
                created_at: copied_text(world, offer.created_at),
                modified_at: copied_text(world, touched),
                application: application_id(story.index),
                creator: user(world.jobs[story.job].recruiter),
                remote_created_at: offer.created_at.to_rfc3339(),
                closed_at: resolved.map(|(at, _)| at.to_rfc3339()),
                sent_at: sent.map(Instant::to_rfc3339),
                start_date: format!("{}T00:00:00Z", gh::day(offer.starts_at)),
                status: match (is_last, sent, resolved) {
                    (false, ..) => "DEPRECATED",
                    (true, _, Some((_, true))) => "SIGNED",
                    (true, _, Some((_, false))) => "DENIED",
                    (true, Some(_), None) => "SENT",
                    (true, None, None) => "DRAFT",
                },
                remote_was_deleted: false,
                field_mappings: None,
                remote_data: None,
            }
        })
        .collect()
}
