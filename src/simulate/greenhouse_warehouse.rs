//! Greenhouse in a data warehouse: the tables that connectors and the BI connector write, as CSV.
//!
//! What the connectors read is Harvest v1, so there are no drafts, no cancelled appointments and no work done
//! at home. A table has one row per key, so nothing is there twice. A card names who submitted it; whose it is
//! says the seat that it came from. All-day appointments begin and end at midnight. `application_stages` has a
//! row for every stage of the job, also for those never reached; `application_history` has the changes alone.
//! A few ratings are misspelt, as in extracts that went through somebody's hands.

mod setup;

use std::path::Path;

use super::draw::Draw;
use super::endings::ended;
use super::greenhouse as gh;
use super::mess::{Mess, OwnMess};
use super::names::note;
use super::output::{CsvTable, Totals};
use super::planted::{DIMENSIONS, Kind};
use super::story::{Card, Interview, LoopStory, Mark, Status};
use super::warehouse::{stamp, stamped, table};
use super::world::{LOCATIONS, SLOTS, World, slot_name};
use super::{Format, Writer};
use crate::error::Result;
use crate::time::{DAY, Instant};

/// Greenhouse through a warehouse.
pub(super) const FORMAT: Format = Format {
    id: "greenhouse-warehouse",
    summary: "CSV files with the tables that connectors write for Greenhouse",
    omits: &[Mess::DraftScorecard, Mess::CancelledInterview, Mess::DuplicateApplication, Mess::DuplicateScorecard],
    person_id: gh::user_text,
    open,
};

/// A rating that lost a letter.
const MISSPELT_RATING: OwnMess = OwnMess { id: "misspelt_rating", rate: 0.01, per: "rating of strong_yes" };

const APPLICATION: [&str; 13] = [
    "id",
    "_fivetran_deleted",
    "applied_at",
    "candidate_id",
    "credited_to_user_id",
    "current_stage_id",
    "last_activity_at",
    "location_address",
    "prospect",
    "rejected_at",
    "rejected_reason_id",
    "source_id",
    "status",
];
const STAGES: [&str; 6] = ["application_id", "job_id", "stage_id", "stage_name", "entered_on", "exited_on"];
const HISTORY: [&str; 4] = ["application_id", "new_stage_id", "new_status", "updated_at"];
const SCORECARD: [&str; 9] = [
    "id",
    "application_id",
    "candidate_id",
    "interview",
    "interviewed_at",
    "overall_recommendation",
    "submitted_at",
    "submitted_by_user_id",
    "updated_at",
];
const ATTRIBUTE: [&str; 6] = ["index", "scorecard_id", "name", "note", "rating", "type"];
const INTERVIEW: [&str; 10] = [
    "id",
    "_fivetran_deleted",
    "application_id",
    "created_at",
    "end",
    "interview_id",
    "organizer_id",
    "start",
    "status",
    "updated_at",
];
const OFFER: [&str; 11] = [
    "id",
    "version",
    "application_id",
    "candidate_id",
    "job_id",
    "created_at",
    "updated_at",
    "sent_at",
    "resolved_at",
    "starts_at",
    "status",
];

struct GreenhouseWarehouse {
    application: CsvTable<13>,
    job_application: CsvTable<2>,
    application_stages: CsvTable<6>,
    application_history: CsvTable<4>,
    scorecard: CsvTable<9>,
    scorecard_attribute: CsvTable<6>,
    scheduled_interview: CsvTable<10>,
    scheduled_interviewer: CsvTable<3>,
    offer: CsvTable<11>,
    misspelt: u64,
    /// Tables that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    Ok(Box::new(GreenhouseWarehouse {
        application: table(out, "application", APPLICATION)?,
        job_application: table(out, "job_application", ["application_id", "job_id"])?,
        application_stages: table(out, "application_stages", STAGES)?,
        application_history: table(out, "application_history", HISTORY)?,
        scorecard: table(out, "scorecard", SCORECARD)?,
        scorecard_attribute: table(out, "scorecard_attribute", ATTRIBUTE)?,
        scheduled_interview: table(out, "scheduled_interview", INTERVIEW)?,
        scheduled_interviewer: table(
            out,
            "scheduled_interviewer",
            ["interviewer_id", "scheduled_interview_id", "scorecard_id"],
        )?,
        offer: table(out, "offer", OFFER)?,
        misspelt: 0,
        totals: setup::write(world, out)?,
    }))
}

impl Writer for GreenhouseWarehouse {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        self.application(world, story)?;
        self.stages(world, story)?;
        for (place, interview) in story.interviews.iter().enumerate() {
            if interview.kind != Kind::TakeHome && interview.status != Status::Cancelled {
                self.interview(world, story, place, interview)?;
            }
        }
        let mut aside = Draw::aside(world.seed, story.index);
        for (place, card) in story.cards.iter().enumerate() {
            if let Some(submitted_at) = card.submitted_at {
                self.card(world, story, place, card, submitted_at, &mut aside)?;
            }
        }
        self.offers(story)
    }

    fn own_mess(&self) -> Vec<(OwnMess, u64)> {
        vec![(MISSPELT_RATING, self.misspelt)]
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        totals += self.application.finish()?;
        totals += self.job_application.finish()?;
        totals += self.application_stages.finish()?;
        totals += self.application_history.finish()?;
        totals += self.scorecard.finish()?;
        totals += self.scorecard_attribute.finish()?;
        totals += self.scheduled_interview.finish()?;
        totals += self.scheduled_interviewer.finish()?;
        totals += self.offer.finish()?;
        Ok(totals)
    }
}

/// The status of an application as it is at the end.
fn status(story: &LoopStory) -> &'static str {
    match (story.is_hired(), ended(story)) {
        (true, _) => "hired",
        (false, Some(_)) => "rejected",
        (false, None) => "active",
    }
}

impl GreenhouseWarehouse {
    fn application(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let job = &world.jobs[story.job];
        let id = gh::application(story.index).to_string();
        let (candidate, credited) = (gh::candidate(story.index).to_string(), gh::user_text(job.recruiter));
        let current = story.visits.last().map(|visit| world.slot(visit.stage, visit.entered));
        let current = current.map(|slot| gh::stage(story.job, slot).to_string()).unwrap_or_default();
        let rejected = ended(story);
        let reason = rejected.map(|(_, reason)| gh::REASONS[reason].0.to_string()).unwrap_or_default();
        let source = gh::source(story.candidate.source).to_string();
        let (applied_at, last_activity_at) = (stamp(story.applied_at), stamp(story.last_activity_at()));
        let rejected_at = stamped(rejected.map(|(at, _)| at));
        let mut row = [
            &id,
            "false",
            &applied_at,
            &candidate,
            &credited,
            &current,
            &last_activity_at,
            LOCATIONS[job.location],
            "false",
            &rejected_at,
            &reason,
            &source,
            status(story),
        ];
        self.application.row(row)?;
        self.job_application.row([&id, &gh::job(story.job).to_string()])?;
        if story.prospect {
            let id = gh::prospect_application(world, story.index).to_string();
            (row[0], row[5], row[6], row[8], row[9], row[10], row[12]) =
                (&id, "", &applied_at, "true", "", "", "active");
            self.application.row(row)?;
        }
        Ok(())
    }

    /// Every stage of the job, and the changes of the application.
    fn stages(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let (id, job) = (gh::application(story.index).to_string(), gh::job(story.job).to_string());
        for slot in 0..SLOTS {
            let visit = story.visits.iter().find(|visit| world.slot(visit.stage, visit.entered) == slot);
            self.application_stages.row([
                &id,
                &job,
                &gh::stage(story.job, slot).to_string(),
                slot_name(slot),
                &stamped(visit.map(|visit| visit.entered)),
                &stamped(visit.and_then(|visit| visit.left)),
            ])?;
        }
        let mut last = String::new();
        for visit in &story.visits {
            last = gh::stage(story.job, world.slot(visit.stage, visit.entered)).to_string();
            self.application_history.row([&id, &last, "active", &stamp(visit.entered)])?;
        }
        let end = if story.is_hired() { story.closed_at() } else { ended(story).map(|(at, _)| at) };
        match end {
            Some(at) => self.application_history.row([&id, &last, status(story), &stamp(at)]),
            None => Ok(()),
        }
    }

    fn interview(&mut self, world: &World, story: &LoopStory, place: usize, interview: &Interview) -> Result<()> {
        let id = gh::interview(story.index, place).to_string();
        let card_of = |person| {
            story.cards.iter().position(|card| {
                card.interview == place && card.person == person && card.submitted_at.is_some() && !card.orphan
            })
        };
        let cards: Vec<Option<usize>> = interview.panel.iter().map(|seat| card_of(seat.person)).collect();
        let all_in = interview.kind == Kind::Debrief || cards.iter().all(Option::is_some);
        let moment = |at: Instant| match interview.kind {
            Kind::Async => stamp(Instant(at.0.div_euclid(DAY) * DAY)),
            _ => stamp(at),
        };
        let scheduled_at = stamp(interview.scheduled_at);
        self.scheduled_interview.row([
            &id,
            "false",
            &gh::application(story.index).to_string(),
            &scheduled_at,
            &moment(interview.ends_at),
            &gh::step(story.job, story.slot(world, interview.stage)).to_string(),
            &gh::user_text(world.jobs[story.job].recruiter),
            &moment(interview.starts_at),
            match interview.status {
                Status::Planned => "scheduled",
                Status::Done if all_in => "complete",
                _ => "awaiting_feedback",
            },
            &scheduled_at,
        ])?;
        for (seat, card) in interview.panel.iter().zip(cards) {
            let card = card.map(|card| gh::scorecard(story.index, card).to_string()).unwrap_or_default();
            self.scheduled_interviewer.row([&gh::user_text(seat.person), &id, &card])?;
        }
        Ok(())
    }

    fn card(
        &mut self,
        world: &World,
        story: &LoopStory,
        place: usize,
        card: &Card,
        submitted_at: Instant,
        aside: &mut Draw,
    ) -> Result<()> {
        let id = gh::scorecard(story.index, place).to_string();
        let application =
            if card.orphan { gh::deleted_application(world, story.index) } else { gh::application(story.index) };
        self.scorecard.row([
            &id,
            &application.to_string(),
            &gh::candidate(story.index).to_string(),
            slot_name(story.slot(world, card.stage)),
            &stamp(story.interviews[card.interview].starts_at),
            gh::recommendation_label(card.recommendation(), "definitely_not"),
            &stamp(submitted_at),
            &gh::user_text(card.submitted_by),
            &stamp(card.updated_at()),
        ])?;
        for (dimension, mark) in card.final_marks().into_iter().enumerate() {
            let Some(mut rating) = gh::attribute_label(mark, card.mixed[dimension]) else { continue };
            if mark == Mark::Rated(4) && aside.chance(MISSPELT_RATING.rate) {
                rating = "stong_yes";
                self.misspelt += 1;
            }
            let text = card.note.filter(|(noted, _)| *noted == dimension);
            let text = text.map(|(_, number)| note(number, story.candidate.name)).unwrap_or_default();
            let (index, name) = (dimension.to_string(), DIMENSIONS[dimension]);
            self.scorecard_attribute.row([&index, &id, name, &text, rating, "Skills"])?;
        }
        Ok(())
    }

    /// The versions of the offer. The days of sending and starting are days, as in v1.
    fn offers(&mut self, story: &LoopStory) -> Result<()> {
        let Some(offer) = &story.offer else { return Ok(()) };
        let versions = 1 + u64::from(offer.second_version);
        for version in 1..=versions {
            let last = version == versions;
            let resolved = offer.resolved.filter(|_| last);
            self.offer.row([
                &gh::offer(story.index, version - 1).to_string(),
                &version.to_string(),
                &gh::application(story.index).to_string(),
                &gh::candidate(story.index).to_string(),
                &gh::job(story.job).to_string(),
                &stamp(offer.created_at),
                &stamp(resolved.map_or(offer.created_at, |(at, _)| at)),
                &offer.sent_at.filter(|_| last).map(gh::day).unwrap_or_default(),
                &stamped(resolved.map(|(at, _)| at)),
                &gh::day(offer.starts_at),
                match (last, resolved) {
                    (false, _) => "deprecated",
                    (true, None) => "unresolved",
                    (true, Some((_, true))) => "accepted",
                    (true, Some((_, false))) => "rejected",
                },
            ])?;
        }
        Ok(())
    }
}
