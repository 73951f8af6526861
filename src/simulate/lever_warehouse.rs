//! Lever in a data warehouse: the tables that connectors write, as CSV.
//!
//! The identifiers are those of the account, so an opportunity is the same one as in a dump of the API. A table
//! has one row per key, so nothing is there twice. Rows know their opportunity. The stage history has entries
//! alone; archiving is no move. Forms that somebody deleted are still there, marked as such, and nothing says
//! when a form was last changed. Reasons have a text and no type. Work at home has a form and no interview.

mod setup;

use std::path::Path;

use super::draw::Draw;
use super::endings::ended;
use super::mess::{DELETED_SCORECARD, Mess, NULL_TEXT, OwnMess, deletions};
use super::names::note;
use super::output::{CsvTable, Totals};
use super::planted::{DIMENSIONS, Kind, OFFER, SOURCES};
use super::story::{Card, Interview, LoopStory, Mark, Status};
use super::truth::RatingLabels;
use super::uuid::{deleted, prospect, uuid, within};
use super::warehouse::{stamp, stamped, table};
use super::world::{LOCATIONS, World, slot_name};
use super::{Format, Writer};
use crate::error::Result;
use crate::time::{Instant, MINUTE};

/// Lever through a warehouse.
pub(super) const FORMAT: Format = Format {
    id: "lever-warehouse",
    summary: "CSV files with the tables that connectors write for Lever",
    omits: &[Mess::ProxySubmission, Mess::DuplicateApplication, Mess::DuplicateScorecard],
    person_id: user,
    open,
};

const RECOMMENDATIONS: [&str; 4] = ["1 - Strong No Hire", "2 - No Hire", "3 - Hire", "4 - Strong Hire"];
const SCORES: [&str; 4] = ["1", "2", "3", "4"];
const LABELS: RatingLabels = RatingLabels {
    attribute: Some(SCORES),
    attribute_sometimes: None,
    recommendation: RECOMMENDATIONS,
    recommendation_v3: None,
};
/// Lever's own word for each source channel.
const ORIGINS: [&str; SOURCES.len()] = ["referred", "agency", "applied", "sourced"];

const OPPORTUNITY: [&str; 15] = [
    "id",
    "archived_at",
    "archived_reason_id",
    "contact",
    "created_at",
    "headline",
    "is_anonymized",
    "last_advanced_at",
    "last_interaction_at",
    "location",
    "name",
    "origin",
    "owner_id",
    "stage_id",
    "updated_at",
];
const APPLICATION: [&str; 10] = [
    "id",
    "archived_at",
    "archived_reason_id",
    "candidate_id",
    "created_at",
    "opportunity_id",
    "posting_hiring_manager_id",
    "posting_id",
    "posting_owner_id",
    "type",
];
const STAGE_HISTORY: [&str; 5] = ["opportunity_id", "stage_id", "to_stage_index", "updated_at", "updater_user_id"];
const INTERVIEW: [&str; 11] = [
    "id",
    "canceled_at",
    "created_at",
    "creator_id",
    "date",
    "duration",
    "opportunity_id",
    "panel_id",
    "stage_id",
    "subject",
    "timezone",
];
const FORM: [&str; 12] = [
    "id",
    "completed_at",
    "created_at",
    "creator_id",
    "deleted_at",
    "instructions",
    "interview_id",
    "opportunity_id",
    "score_system_value",
    "template_id",
    "text",
    "type",
];
const FIELD: [&str; 9] = [
    "feedback_form_id",
    "field_index",
    "value_index",
    "type",
    "text",
    "score_text",
    "value_number",
    "value_text",
    "comment",
];
const OFFERS: [&str; 8] =
    ["id", "approved_at", "created_at", "creator_id", "opportunity_id", "posting_id", "sent_at", "status"];

fn user(place: usize) -> String {
    uuid("lever/user", place as u64)
}

fn opportunity(number: u64) -> String {
    uuid("lever/opportunity", number)
}

fn posting(job: usize) -> String {
    uuid("lever/posting", job as u64)
}

/// Stages that come with Lever have a word for an id.
fn stage(slot: usize) -> String {
    if slot == OFFER { "offer".to_owned() } else { uuid("lever/stage", slot as u64) }
}

fn interview(story: &LoopStory, place: usize) -> String {
    uuid("lever/interview", within(story, place))
}

/// When the opportunity was archived, and for which reason. A hire is archived with the answer to the offer.
fn archived(story: &LoopStory) -> Option<(Instant, String)> {
    if story.is_hired() {
        return Some((story.closed_at()?, setup::archive_reason(setup::HIRED)));
    }
    ended(story).map(|(at, reason)| (at, setup::archive_reason(reason)))
}

struct LeverWarehouse {
    opportunity: CsvTable<15>,
    opportunity_source: CsvTable<2>,
    application: CsvTable<10>,
    opportunity_stage_history: CsvTable<5>,
    interview: CsvTable<11>,
    interviewer_user: CsvTable<2>,
    feedback_form: CsvTable<12>,
    feedback_form_field: CsvTable<9>,
    offer: CsvTable<8>,
    cancelled_take_homes: u64,
    deleted_forms: u64,
    null_texts: u64,
    /// Tables that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    Ok(Box::new(LeverWarehouse {
        opportunity: table(out, "opportunity", OPPORTUNITY)?,
        opportunity_source: table(out, "opportunity_source", ["opportunity_id", "source"])?,
        application: table(out, "application", APPLICATION)?,
        opportunity_stage_history: table(out, "opportunity_stage_history", STAGE_HISTORY)?,
        interview: table(out, "interview", INTERVIEW)?,
        interviewer_user: table(out, "interviewer_user", ["interview_id", "user_id"])?,
        feedback_form: table(out, "feedback_form", FORM)?,
        feedback_form_field: table(out, "feedback_form_field", FIELD)?,
        offer: table(out, "offer", OFFERS)?,
        cancelled_take_homes: 0,
        deleted_forms: 0,
        null_texts: 0,
        totals: setup::write(world, out)?,
    }))
}

impl Writer for LeverWarehouse {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        self.opportunity(world, story)?;
        self.application(world, story)?;
        self.stages(world, story)?;
        self.cancelled_take_homes += story.cancelled_take_homes();
        for (place, interview) in story.interviews.iter().enumerate() {
            if interview.kind != Kind::TakeHome {
                self.interview(world, story, place, interview)?;
            }
        }
        let mut aside = Draw::aside(world.seed, story.index);
        let deletions = deletions(world, story, &mut aside);
        for ((place, card), deleted_at) in story.cards.iter().enumerate().zip(deletions) {
            if card.submitted_at.is_none() && !card.is_abandoned() {
                continue;
            }
            if deleted_at.is_some() {
                self.form(world, story, uuid("lever/deleted", within(story, place)), card, deleted_at, &mut aside)?;
                self.deleted_forms += 1;
            }
            self.form(world, story, uuid("lever/feedback", within(story, place)), card, None, &mut aside)?;
        }
        self.offers(world, story)
    }

    fn labels(&self) -> &'static RatingLabels {
        &LABELS
    }

    fn left_out(&self) -> Vec<(Mess, u64)> {
        vec![(Mess::CancelledInterview, self.cancelled_take_homes)]
    }

    fn own_mess(&self) -> Vec<(OwnMess, u64)> {
        vec![(DELETED_SCORECARD, self.deleted_forms), (NULL_TEXT, self.null_texts)]
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        totals += self.opportunity.finish()?;
        totals += self.opportunity_source.finish()?;
        totals += self.application.finish()?;
        totals += self.opportunity_stage_history.finish()?;
        totals += self.interview.finish()?;
        totals += self.interviewer_user.finish()?;
        totals += self.feedback_form.finish()?;
        totals += self.feedback_form_field.finish()?;
        totals += self.offer.finish()?;
        Ok(totals)
    }
}

impl LeverWarehouse {
    fn opportunity(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let job = &world.jobs[story.job];
        let (first, last) = story.candidate.name;
        let id = opportunity(story.index);
        let archived = archived(story);
        let moved = story.visits.last().map_or(story.applied_at, |visit| visit.entered);
        let current = story.visits.last().map(|visit| stage(world.slot(visit.stage, visit.entered)));
        let current = current.unwrap_or_else(|| setup::LEAD.to_owned());
        let reason = archived.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default();
        let archived_at = archived.map(|(at, _)| at);
        let (contact, name) = (uuid("lever/contact", story.index), format!("{first} {last}"));
        let (applied_at, touched) = (stamp(story.applied_at), stamp(story.last_activity_at()));
        // Archiving touches the instant of the last advance too, so it proves nothing.
        let (closed_at, advanced_at) = (stamped(archived_at), stamp(archived_at.unwrap_or(moved)));
        let (headline, owner) = (format!("{}, previously elsewhere", story.candidate.specialism), user(job.recruiter));
        let source = story.candidate.source;
        let mut row = [
            id.as_str(),
            &closed_at,
            &reason,
            &contact,
            &applied_at,
            &headline,
            "false",
            &advanced_at,
            &touched,
            LOCATIONS[job.location],
            &name,
            ORIGINS[source],
            &owner,
            &current,
            &touched,
        ];
        self.opportunity.row(row)?;
        self.opportunity_source.row([&id, SOURCES[source].name])?;
        if story.prospect {
            let lead = opportunity(prospect(world, story));
            (row[0], row[1], row[2], row[7], row[8], row[13], row[14]) =
                (&lead, "", "", &applied_at, &applied_at, setup::LEAD, &applied_at);
            self.opportunity.row(row)?;
        }
        Ok(())
    }

    fn application(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let job = &world.jobs[story.job];
        let (opportunity, archived) = (opportunity(story.index), archived(story));
        self.application.row([
            &uuid("lever/application", story.index),
            &stamped(archived.as_ref().map(|(at, _)| *at)),
            &archived.map(|(_, reason)| reason).unwrap_or_default(),
            &opportunity,
            &stamp(story.applied_at),
            &opportunity,
            &user(job.hiring_manager),
            &posting(story.job),
            &user(job.recruiter),
            if ORIGINS[story.candidate.source] == "referred" { "referral" } else { "posting" },
        ])
    }

    fn stages(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let (id, mover) = (opportunity(story.index), user(world.jobs[story.job].recruiter));
        for visit in &story.visits {
            let slot = world.slot(visit.stage, visit.entered);
            let index = setup::stage_index(slot).to_string();
            self.opportunity_stage_history.row([&id, &stage(slot), &index, &stamp(visit.entered), &mover])?;
        }
        Ok(())
    }

    fn interview(&mut self, world: &World, story: &LoopStory, place: usize, held: &Interview) -> Result<()> {
        let (id, slot) = (interview(story, place), story.slot(world, held.stage));
        // Up to the next whole minute, so that no form was in before the end.
        let minutes = (held.ends_at.0 - held.starts_at.0 + MINUTE - 1).div_euclid(MINUTE);
        let cancelled_at = (held.status == Status::Cancelled).then(|| held.cancelled_at.unwrap_or(held.scheduled_at));
        self.interview.row([
            &id,
            &stamped(cancelled_at),
            &stamp(held.scheduled_at),
            &user(world.jobs[story.job].recruiter),
            &stamp(held.starts_at),
            &minutes.to_string(),
            &opportunity(story.index),
            &uuid("lever/panel", within(story, place)),
            &stage(slot),
            slot_name(slot),
            "Europe/London",
        ])?;
        for seat in &held.panel {
            self.interviewer_user.row([&id, &user(seat.person)])?;
        }
        Ok(())
    }

    /// A form that was begun, and what stands in its fields.
    fn form(
        &mut self,
        world: &World,
        story: &LoopStory,
        id: String,
        card: &Card,
        deleted_at: Option<Instant>,
        aside: &mut Draw,
    ) -> Result<()> {
        let slot = story.slot(world, card.stage);
        let held = !card.orphan && story.interviews[card.interview].kind != Kind::TakeHome;
        let number = if card.orphan { deleted(world, story) } else { story.index };
        let level = card.submitted_at.and_then(|_| card.recommendation());
        let overall = match level {
            Some(level) => RECOMMENDATIONS[usize::from(level.clamp(1, 4)) - 1],
            None if aside.chance(NULL_TEXT.rate) => {
                self.null_texts += 1;
                "null"
            }
            None => "",
        };
        self.feedback_form.row([
            &id,
            &stamped(card.submitted_at),
            &stamp(card.created_at),
            &user(card.person),
            &stamped(deleted_at),
            "",
            &if held { interview(story, card.interview) } else { String::new() },
            &opportunity(number),
            overall,
            &uuid("lever/template", slot as u64),
            slot_name(slot),
            "interview",
        ])?;
        self.feedback_form_field.row([&id, "0", "0", "score-system", "Rating", "", "", overall, ""])?;
        for (dimension, mark) in card.final_marks().into_iter().enumerate() {
            let score = match mark {
                Mark::Rated(score) => SCORES[usize::from(score.clamp(1, 4)) - 1],
                Mark::Blank | Mark::NoDecision => "",
            };
            let text = card.note.filter(|(noted, _)| *noted == dimension);
            let text = text.map(|(_, number)| note(number, story.candidate.name)).unwrap_or_default();
            let (index, name) = (dimension.to_string(), DIMENSIONS[dimension]);
            self.feedback_form_field.row([&id, "1", &index, "scorecard", "Rubric", name, score, "", &text])?;
        }
        Ok(())
    }

    /// The offer, after a first version that was never sent. When a candidate declined is only said by the
    /// archiving.
    fn offers(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let Some(offer) = &story.offer else { return Ok(()) };
        let versions = 1 + usize::from(offer.second_version);
        for version in 1..=versions {
            let sent_at = offer.sent_at.filter(|_| version == versions);
            let answer = offer.resolved.filter(|_| version == versions).map(|(_, accepted)| accepted);
            self.offer.row([
                &uuid("lever/offer", within(story, version)),
                &stamped(sent_at),
                &stamp(offer.created_at),
                &user(world.jobs[story.job].recruiter),
                &opportunity(story.index),
                &posting(story.job),
                &stamped(sent_at),
                match (sent_at, answer) {
                    (_, Some(true)) => "signed",
                    (_, Some(false)) => "denied",
                    (Some(_), None) => "sent",
                    (None, None) => "draft",
                },
            ])?;
        }
        Ok(())
    }
}
