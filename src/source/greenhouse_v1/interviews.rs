//! Interview plans, and the interviews that were scheduled by them.

use serde::Deserialize;

use super::Reader;
use super::moment::Moment;
use crate::dataset::schema::{Interview, PanelMember};
use crate::source::greenhouse::interview_status;
use crate::source::record::values::{Id, Named, Person, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{interview_kind, minutes_between};

/// A step of a job's interview plan.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: Option<String>,
    minutes: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobStage<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    interviews: Option<Vec<PlannedInterview<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlannedInterview<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    name: Text<'a>,
    estimated_minutes: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScheduledInterview<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    start: Moment<'a>,
    end: Moment<'a>,
    status: Text<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    interview: Named<'a>,
    interviewers: Option<Vec<Seat<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Seat<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    user_id: Id<'a>,
    name: Text<'a>,
    email: Text<'a>,
    response_status: Text<'a>,
    scorecard_id: Id<'a>,
}

impl Reader<'_> {
    pub(super) fn job_stage(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let stage: JobStage<'_> = visit.parse(record)?;
        visit.own_id(&stage.id, record)?;
        for planned in stage.interviews.unwrap_or_default() {
            if let Some(key) = self.ids.key(&planned.id) {
                let minutes = planned.estimated_minutes.number();
                self.steps.insert(key, Step { name: planned.name.owned(), minutes });
            }
        }
        visit.lookup()
    }

    pub(super) fn interview(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let interview: ScheduledInterview<'_> = visit.parse(record)?;
        let interview_id = visit.own_id(&interview.id, record)?;
        let application_id = visit.required("application_id", &interview.application_id)?;
        let (start, end) = (visit.when(&interview.start.0), visit.when(&interview.end.0));
        let recorded_at = visit.instant(&interview.updated_at);
        let step = self.ids.find(&interview.interview.id).and_then(|key| self.steps.get(&key));
        let name = interview.interview.name.owned().or_else(|| step.and_then(|step| step.name.clone()));
        let planned_minutes = step.and_then(|step| step.minutes).or_else(|| minutes_between(start, end));
        let row = Interview {
            application_id: application_id.clone(),
            interview_id: interview_id.clone(),
            stage: name.as_deref().map(|name| self.stages.name(name)),
            kind: interview_kind(self.stages, name.as_deref(), false),
            stage_raw: name,
            scheduled_at: visit.instant(&interview.created_at),
            starts_at: start.map(|when| when.at),
            ends_at: end.map(|when| when.at),
            starts_precision: start.map(|when| when.precision()),
            status: interview_status(visit, &interview.status),
            planned_minutes,
            meant_dimensions: None,
            recorded_at,
            ..Interview::default()
        };
        visit.record(row)?;
        let interview_key = self.ids.key(&interview.id);
        for seat in interview.interviewers.unwrap_or_default() {
            if let (Some(card), Some(interview)) = (self.ids.key(&seat.scorecard_id), interview_key) {
                self.seats.push((card, interview));
            }
            let person =
                Person { id: seat.id, user_id: seat.user_id, name: seat.name, email: seat.email, ..Person::default() };
            let Some(interviewer_id) = self.people.meet(visit, Some(&person)) else {
                visit.count("seats of nobody in particular, left out");
                continue;
            };
            visit.also(PanelMember {
                application_id: application_id.clone(),
                interview_id: interview_id.clone(),
                interviewer_id: Some(interviewer_id),
                role: "interviewer".to_owned(),
                response: seat.response_status.owned(),
                scorecard_id: seat.scorecard_id.text(),
                recorded_at,
            })?;
        }
        Ok(())
    }
}
