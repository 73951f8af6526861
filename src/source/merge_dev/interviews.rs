//! Scheduled interviews and scorecards.

use serde::Deserialize;

use super::{Common, Held, Reader};
use crate::dataset::extent::Kind;
use crate::dataset::schema::{Interview, PanelMember, Scorecard};
use crate::source::greenhouse::interview_status;
use crate::source::record::values::{Person, Text, Titled, Whole};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{Scale, columns, interview_kind, minutes_between};
use crate::time::Instant;

/// The overall recommendation.
const OVERALL: Scale = Scale {
    name: "merge-overall-4",
    levels: 4,
    labels: &[("definitely_no", 1), ("no", 2), ("yes", 3), ("strong_yes", 4)],
    retired: &[],
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct InterviewRecord<'a> {
    #[serde(borrow)]
    application: Whole<Titled<'a>>,
    job_interview_stage: Whole<Titled<'a>>,
    interviewers: Option<Vec<Whole<Person<'a>>>>,
    start_at: Text<'a>,
    end_at: Text<'a>,
    status: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScorecardRecord<'a> {
    #[serde(borrow)]
    application: Whole<Titled<'a>>,
    interview: Whole<Titled<'a>>,
    interviewer: Whole<Person<'a>>,
    submitted_at: Text<'a>,
    overall_recommendation: Text<'a>,
}

impl Reader<'_> {
    pub(super) fn interview(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let (common, interview_id, recorded_at) = Common::read(visit, Some(Kind::Interviews), record)?;
        let interview: InterviewRecord<'_> = visit.parse(record)?;
        let application_id = visit.required("application", &interview.application.0.id)?;
        let stage_raw = self.named(&interview.job_interview_stage.0);
        let (start, end) = (visit.when(&interview.start_at), visit.when(&interview.end_at));
        // Words that Merge does not know are passed on as the system behind it writes them.
        let status = match interview.status.get() {
            Some(word) if word.eq_ignore_ascii_case("cancelled") => "cancelled".to_owned(),
            _ => interview_status(visit, &interview.status),
        };
        if let Some(id) = common.id.print() {
            let stage = stage_raw.as_deref().map_or(u32::MAX, |stage| self.words.place(stage));
            self.interviews.add(Held { id, start: start.map_or(i64::MIN, |when| when.at.0), stage });
        }
        let scheduled_at = visit.instant(&common.remote_created_at);
        visit.record(Interview {
            application_id: application_id.clone(),
            interview_id: interview_id.clone(),
            stage: stage_raw.as_deref().map(|stage| self.config.stages.name(stage)),
            kind: interview_kind(&self.config.stages, stage_raw.as_deref(), false),
            stage_raw,
            scheduled_at,
            starts_at: start.map(|when| when.at),
            ends_at: end.map(|when| when.at),
            starts_precision: start.map(|when| when.precision()),
            status,
            planned_minutes: minutes_between(start, end),
            meant_dimensions: None,
            recorded_at,
            ..Interview::default()
        })?;
        for person in interview.interviewers.iter().flatten() {
            let Some(interviewer_id) = self.people.meet(visit, Some(&person.0)) else {
                visit.count("seats of nobody in particular, left out");
                continue;
            };
            visit.also(PanelMember {
                application_id: application_id.clone(),
                interview_id: interview_id.clone(),
                interviewer_id: Some(interviewer_id),
                role: "interviewer".to_owned(),
                recorded_at,
                ..PanelMember::default()
            })?;
        }
        Ok(())
    }

    pub(super) fn scorecard(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let (common, scorecard_id, recorded_at) = Common::read(visit, Some(Kind::Scorecards), record)?;
        let card: ScorecardRecord<'_> = visit.parse(record)?;
        let application_id = visit.required("application", &card.application.0.id)?;
        let held = card.interview.0.id.print().and_then(|id| self.interviews.get(id)).copied();
        let stage_raw = held.and_then(|held| self.words.at(held.stage)).map(str::to_owned);
        let interviewer_id = self.people.meet(visit, Some(&card.interviewer.0));
        let is_draft = card.submitted_at.get().is_none();
        if is_draft {
            visit.count("scorecards that were never submitted, taken as drafts");
        }
        let rating = OVERALL.rate(visit, "overall_recommendation", &card.overall_recommendation);
        let (recommendation, recommendation_missing) = columns(rating);
        let submitted_at = visit.instant(&card.submitted_at);
        let updated_at = visit.instant(&common.remote_updated_at);
        visit.record(Scorecard {
            application_id,
            scorecard_id,
            interview_id: card.interview.0.id.text(),
            stage: stage_raw.as_deref().map(|stage| self.config.stages.name(stage)),
            stage_raw,
            interviewer_id,
            submitted_by: None,
            role: "interviewer".to_owned(),
            status: if is_draft { "draft" } else { "submitted" }.to_owned(),
            interviewed_at: held.filter(|held| held.start != i64::MIN).map(|held| Instant(held.start)),
            submitted_at,
            updated_at,
            recommendation_raw: card.overall_recommendation.owned(),
            recommendation,
            recommendation_levels: Some(OVERALL.levels),
            recommendation_missing,
            note_length: None,
            note: None,
            note_judgement: None,
            recorded_at,
        })
    }
}
