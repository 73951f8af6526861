//! Interviews and who sat in them.

use serde::Deserialize;

use super::Reader;
use super::index::Seat;
use crate::dataset::schema::{Interview, PanelMember};
use crate::source::greenhouse::interview_status;
use crate::source::record::index::{self, NO_WORD};
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{interview_kind, minutes_between};

#[derive(Default, Deserialize)]
#[serde(default)]
struct InterviewRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    job_interview_id: Id<'a>,
    starts_at: Text<'a>,
    ends_at: Text<'a>,
    all_day_start_on: Text<'a>,
    all_day_end_on: Text<'a>,
    scheduled_at: Text<'a>,
    availability_received_at: Text<'a>,
    status: Text<'a>,
    updated_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InterviewerRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    interview_id: Id<'a>,
    user_id: Id<'a>,
    scorecard_id: Id<'a>,
    email: Text<'a>,
    response_status: Text<'a>,
    updated_at: Text<'a>,
}

impl Reader<'_> {
    pub(super) fn interview(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let interview: InterviewRecord<'_> = visit.parse(record)?;
        let interview_id = visit.own_id(&interview.id, record)?;
        let application_id = visit.required("application_id", &interview.application_id)?;
        let start = visit.when(&interview.starts_at).or_else(|| visit.when(&interview.all_day_start_on));
        let end = visit.when(&interview.ends_at).or_else(|| visit.when(&interview.all_day_end_on));
        let step_key = self.ids.find(&interview.job_interview_id);
        let step = step_key.and_then(|key| self.plans.steps.get(&key));
        let name = step.and_then(|step| step.name.clone());
        let planned_minutes = step.and_then(|step| step.minutes).or_else(|| minutes_between(start, end));
        let kind = interview_kind(self.stages, name.as_deref(), step.is_some_and(|step| step.is_take_home));
        if let (Some(id), Some(application)) = (self.ids.key(&interview.id), self.ids.key(&interview.application_id)) {
            let name = name.as_deref().map_or(NO_WORD, |name| self.words.place(name));
            self.interviews.add(index::Interview { id, application, name });
        }
        let row = Interview {
            application_id,
            interview_id,
            stage: name.as_deref().map(|name| self.stages.name(name)),
            stage_raw: name,
            kind,
            availability_at: visit.instant(&interview.availability_received_at),
            scheduled_at: visit.instant(&interview.scheduled_at),
            starts_at: start.map(|when| when.at),
            ends_at: end.map(|when| when.at),
            starts_precision: start.map(|when| when.precision()),
            status: interview_status(visit, &interview.status),
            planned_minutes,
            meant_dimensions: step_key.and_then(|step| self.plans.meant(step)),
            recorded_at: visit.instant(&interview.updated_at),
        };
        visit.record(row)
    }

    pub(super) fn interviewer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let seat: InterviewerRecord<'_> = visit.parse(record)?;
        visit.own_id(&seat.id, record)?;
        let interview_id = visit.required("interview_id", &seat.interview_id)?;
        let interview = self.ids.find(&seat.interview_id).and_then(|key| self.interviews.get(key)).copied();
        let Some(interview) = interview else {
            return Err(visit.refuse("unknown_interview", "interview_id", Some(&interview_id)));
        };
        if let Some(scorecard) = self.ids.key(&seat.scorecard_id) {
            let link = Seat { scorecard, interview: interview.id, name: interview.name, written: 0 };
            self.seats.add(link);
        }
        let Some(interviewer_id) = self.people.who(&seat.user_id, &seat.email) else {
            return Err(visit.refuse("missing_field", "user_id", None));
        };
        let recorded_at = visit.instant(&seat.updated_at);
        visit.record(PanelMember {
            application_id: self.ids.text(interview.application),
            interview_id,
            interviewer_id: Some(interviewer_id),
            role: "interviewer".to_owned(),
            response: seat.response_status.owned(),
            scorecard_id: seat.scorecard_id.text(),
            recorded_at,
        })
    }
}
