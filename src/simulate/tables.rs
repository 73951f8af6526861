//! The neutral tables: CSV files with the columns of the import contract, and no others.
//!
//! The contract has no place for a draft, so drafts are left out; nor for people's names, so the only
//! free text is the note on a card. Scores are long: one row per dimension, and one more with a higher
//! `revision` for a dimension that was edited.

use std::path::Path;

use super::mess::Mess;
use super::names::note;
use super::output::{CsvTable, Totals};
use super::planted::{DEBRIEF, DIMENSIONS, Kind, SOURCES};
use super::story::{Card, LoopStory, Mark, Status, Verdict};
use super::world::{DEPARTMENTS, LEVELS, LOCATIONS, World, slot_name};
use super::{Format, Writer};
use crate::error::Result;
use crate::time::Instant;

/// The neutral tables.
pub(super) const FORMAT: Format = Format {
    id: "tables",
    summary: "CSV files with the columns of the neutral import contract",
    omits: &[Mess::DraftScorecard, Mess::ProspectApplication, Mess::MissingName],
    person_id: person,
    open,
};

const APPLICATIONS: [&str; 14] = [
    "application_id",
    "candidate_id",
    "job_id",
    "job_title",
    "department",
    "level",
    "location",
    "specialism",
    "role_specialism",
    "source",
    "hiring_manager_id",
    "recruiter_id",
    "applied_at",
    "closed_at",
];
const DECISIONS: [&str; 6] = ["application_id", "decision", "decided_at", "decided_by", "reason", "offer_outcome"];
const INTERVIEWS: [&str; 10] = [
    "interview_id",
    "application_id",
    "stage",
    "kind",
    "scheduled_at",
    "starts_at",
    "ends_at",
    "interviewer_ids",
    "status",
    "planned_minutes",
];
const SCORECARDS: [&str; 13] = [
    "application_id",
    "stage",
    "interviewer_id",
    "dimension",
    "score",
    "scorecard_id",
    "interview_id",
    "submitted_at",
    "submitted_by",
    "role",
    "note",
    "revision",
    "recommendation",
];
const EVENTS: [&str; 5] = ["application_id", "event", "at", "stage", "actor_id"];
const OUTCOMES: [&str; 5] = ["application_id", "outcome", "value", "at", "rated_by"];
const SCORES: [&str; 5] = ["", "1", "2", "3", "4"];
const RECOMMENDATIONS: [&str; 5] = ["no_decision", "definitely_not", "no", "yes", "strong_yes"];

struct Tables {
    applications: CsvTable<14>,
    decisions: CsvTable<6>,
    interviews: CsvTable<10>,
    scorecards: CsvTable<13>,
    events: CsvTable<5>,
    outcomes: CsvTable<5>,
}

fn open(_: &World, out: &Path) -> Result<Box<dyn Writer>> {
    Ok(Box::new(Tables {
        applications: CsvTable::create(out.join("applications.csv"), APPLICATIONS)?,
        decisions: CsvTable::create(out.join("decisions.csv"), DECISIONS)?,
        interviews: CsvTable::create(out.join("interviews.csv"), INTERVIEWS)?,
        scorecards: CsvTable::create(out.join("scorecards.csv"), SCORECARDS)?,
        events: CsvTable::create(out.join("events.csv"), EVENTS)?,
        outcomes: CsvTable::create(out.join("outcomes.csv"), OUTCOMES)?,
    }))
}

fn person(place: usize) -> String {
    format!("int-{:04}", place + 1)
}

fn interview_id(story: &LoopStory, place: usize) -> String {
    format!("itv-{:07}-{place}", story.index + 1)
}

fn time(at: Option<Instant>) -> String {
    at.map(Instant::to_rfc3339).unwrap_or_default()
}

/// A reason in the words of the neutral tables.
pub(super) fn reason(verdict: Verdict, reason: usize) -> &'static str {
    match verdict {
        Verdict::Offer => "",
        Verdict::Reject => ["below the bar", "missing skill", "not the right level"][reason],
        Verdict::Withdrawn => ["took another offer", "process too slow", "role changed, \"not for me\""][reason],
    }
}

impl Writer for Tables {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let id = format!("app-{:07}", story.index + 1);
        self.application(world, story, &id)?;
        self.decision(story, &id)?;
        self.interviews(world, story, &id)?;
        for (place, card) in story.cards.iter().enumerate() {
            if card.submitted_at.is_some() {
                self.card(world, story, &id, place, card)?;
            }
        }
        self.events(world, story, &id)?;
        self.outcomes(world, story, &id)
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.applications.finish()?;
        totals += self.decisions.finish()?;
        totals += self.interviews.finish()?;
        totals += self.scorecards.finish()?;
        totals += self.events.finish()?;
        totals += self.outcomes.finish()?;
        Ok(totals)
    }
}

impl Tables {
    fn application(&mut self, world: &World, story: &LoopStory, id: &str) -> Result<()> {
        let job = &world.jobs[story.job];
        let (candidate, job_id) = (format!("cand-{:06}", story.index + 1), format!("job-{:04}", story.job + 1));
        let (manager, recruiter) = (person(job.hiring_manager), person(job.recruiter));
        let (applied_at, closed_at) = (story.applied_at.to_rfc3339(), time(story.closed_at()));
        let mut row = [
            id,
            &candidate,
            &job_id,
            &job.title,
            DEPARTMENTS[job.department].name,
            LEVELS[job.level].0,
            LOCATIONS[job.location],
            story.candidate.specialism,
            job.role_specialism,
            SOURCES[story.candidate.source].name,
            &manager,
            &recruiter,
            &applied_at,
            "",
        ];
        // The older copy of a duplicate is the application as it was before it was closed.
        if story.duplicated {
            self.applications.row(row)?;
        }
        row[13] = &closed_at;
        self.applications.row(row)
    }

    fn decision(&mut self, story: &LoopStory, id: &str) -> Result<()> {
        let Some(decision) = &story.decision else { return Ok(()) };
        let answer = match story.offer.as_ref().and_then(|offer| offer.resolved) {
            Some((_, true)) => "accepted",
            Some((_, false)) => "declined",
            None => "",
        };
        self.decisions.row([
            id,
            decision.verdict.word(),
            &decision.recorded_at.to_rfc3339(),
            &person(decision.by),
            reason(decision.verdict, decision.reason),
            answer,
        ])
    }

    fn interviews(&mut self, world: &World, story: &LoopStory, id: &str) -> Result<()> {
        for (place, interview) in story.interviews.iter().enumerate() {
            let panel: Vec<String> = interview.panel.iter().map(|seat| person(seat.person)).collect();
            // The contract has no word for an appointment to come; its time says so.
            let status = match interview.status {
                Status::Done => "done",
                Status::Cancelled => "cancelled",
                Status::NoShow => "no_show",
                Status::Planned => "",
            };
            self.interviews.row([
                &interview_id(story, place),
                id,
                slot_name(story.slot(world, interview.stage)),
                interview.kind.word(),
                &interview.scheduled_at.to_rfc3339(),
                &interview.starts_at.to_rfc3339(),
                &interview.ends_at.to_rfc3339(),
                &panel.join(";"),
                status,
                &interview.planned_minutes.to_string(),
            ])?;
        }
        Ok(())
    }

    fn card(&mut self, world: &World, story: &LoopStory, id: &str, place: usize, card: &Card) -> Result<()> {
        let orphan = format!("app-{:07}", world.loops + story.index + 1);
        let scorecard = format!("card-{:07}-{place}", story.index + 1);
        let interview = if card.orphan { String::new() } else { interview_id(story, card.interview) };
        let (interviewer, submitted_by) = (person(card.person), person(card.submitted_by));
        let submitted_at = time(card.submitted_at);
        for _ in 0..=usize::from(card.duplicated) {
            for (dimension, mark) in card.marks.into_iter().enumerate() {
                let note = match card.note {
                    Some((noted, number)) if noted == dimension => note(number, story.candidate.name),
                    _ => String::new(),
                };
                let mut row = [
                    if card.orphan { orphan.as_str() } else { id },
                    slot_name(story.slot(world, card.stage)),
                    &interviewer,
                    DIMENSIONS[dimension],
                    score(mark),
                    &scorecard,
                    &interview,
                    &submitted_at,
                    &submitted_by,
                    if card.shadow { "shadow" } else { "interviewer" },
                    &note,
                    "0",
                    RECOMMENDATIONS[usize::from(card.recommendation().unwrap_or(0))],
                ];
                self.scorecards.row(row)?;
                if let Some(edit) = card.edit.as_ref().filter(|edit| edit.dimension == dimension) {
                    let edited_at = edit.at.to_rfc3339();
                    row[4] = score(edit.mark);
                    row[7] = &edited_at;
                    row[11] = "1";
                    self.scorecards.row(row)?;
                }
            }
        }
        Ok(())
    }

    fn events(&mut self, world: &World, story: &LoopStory, id: &str) -> Result<()> {
        let recruiter = person(world.jobs[story.job].recruiter);
        let mut event = |name: &str, at: Instant, stage: &str, actor: &str| {
            self.events.row([id, name, &at.to_rfc3339(), stage, actor])
        };
        event("applied", story.applied_at, "", "")?;
        for visit in &story.visits {
            let stage = slot_name(world.slot(visit.stage, visit.entered));
            event("stage_entered", visit.entered, stage, &recruiter)?;
            if let Some(left) = visit.left {
                event("stage_left", left, stage, &recruiter)?;
            }
        }
        for interview in &story.interviews {
            let stage = slot_name(story.slot(world, interview.stage));
            let (started, ended) = match interview.stage {
                DEBRIEF => ("debrief_started", "debrief_ended"),
                _ => ("interview_started", "interview_ended"),
            };
            if interview.kind == Kind::Live {
                event("availability_received", interview.availability_at, stage, "")?;
            }
            event("interview_scheduled", interview.scheduled_at, stage, &recruiter)?;
            if interview.status == Status::Done {
                event(started, interview.starts_at, stage, "")?;
                event(ended, interview.ends_at, stage, "")?;
            }
        }
        if let Some((stage, at)) = story.unanswered {
            event("availability_received", at, slot_name(story.slot(world, stage)), "")?;
        }
        for card in story.cards.iter().filter(|card| !card.orphan) {
            if let Some(at) = card.submitted_at {
                let stage = slot_name(story.slot(world, card.stage));
                event("scorecard_submitted", at, stage, &person(card.submitted_by))?;
            }
        }
        if let Some(decision) = &story.decision {
            event("decided", decision.recorded_at, "", &person(decision.by))?;
        }
        if let Some(offer) = &story.offer {
            if let Some(sent_at) = offer.sent_at {
                event("offer_sent", sent_at, "", &recruiter)?;
            }
            if let Some((at, accepted)) = offer.resolved {
                event("offer_resolved", at, "", "")?;
                if accepted && offer.starts_at <= world.export {
                    event("started", offer.starts_at, "", "")?;
                }
            }
        }
        Ok(())
    }

    fn outcomes(&mut self, world: &World, story: &LoopStory, id: &str) -> Result<()> {
        let Some(outcome) = &story.outcome else { return Ok(()) };
        let rated_by = person(world.jobs[story.job].hiring_manager);
        let values = [
            ("performance", outcome.performance.to_string(), outcome.at),
            ("still_employed", u8::from(outcome.still_employed).to_string(), outcome.employment_at),
            ("ramp_days", outcome.ramp_days.to_string(), outcome.at),
        ];
        for (name, value, at) in values {
            self.outcomes.row([id, name, &value, &at.to_rfc3339(), &rated_by])?;
        }
        Ok(())
    }
}

fn score(mark: Mark) -> &'static str {
    match mark {
        Mark::Blank => "",
        Mark::NoDecision => "no_decision",
        Mark::Rated(score) => SCORES[usize::from(score)],
    }
}
