//! Openings, rejections, offers, applications and their way through the pipeline.

use serde::Deserialize;

use super::Reader;
use crate::dataset::schema::{Application, Event};
use crate::source::clean::When;
use crate::source::greenhouse::{closing, how, known_status, refuse_other_version, standing};
use crate::source::record::endings::{Ending, Version};
use crate::source::record::values::{Id, Present, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::time::{DAY, Instant};

/// How an application was rejected.
#[derive(Debug)]
pub(super) struct Rejection {
    by: Option<String>,
    reason: Option<u64>,
    at: Option<When>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpeningRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    closed_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RejectionRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    rejected_by_id: Id<'a>,
    rejection_reason_id: Id<'a>,
    rejected_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfferRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    version: Text<'a>,
    application_id: Id<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    sent_on: Text<'a>,
    resolved_at: Text<'a>,
    starts_on: Text<'a>,
    status: Text<'a>,
    sent_at: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApplicationRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    candidate_id: Id<'a>,
    job_id: Id<'a>,
    prospect: Text<'a>,
    status: Text<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    rejected_at: Text<'a>,
    last_activity_at: Text<'a>,
    source_id: Id<'a>,
    recruiter_id: Id<'a>,
    current_stage: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StageRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    job_interview_stage_id: Id<'a>,
    entered_at: Text<'a>,
    exited_at: Text<'a>,
    updated_at: Text<'a>,
}

/// Dates that are edited in Greenhouse come back as noon in UTC: only the day is true then.
fn noon_is_a_day(when: When) -> When {
    if when.at.0.rem_euclid(DAY) == DAY / 2 { When { at: Instant(when.at.0 - DAY / 2), is_day: true } } else { when }
}

impl Reader<'_> {
    pub(super) fn opening(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let opening: OpeningRecord<'_> = visit.parse(record)?;
        visit.own_id(&opening.id, record)?;
        let application = self.ids.key(&opening.application_id);
        if let (Some(application), Some(closed)) = (application, visit.instant(&opening.closed_at)) {
            self.openings.insert(application, closed);
        }
        visit.lookup()
    }

    pub(super) fn rejection(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let rejection: RejectionRecord<'_> = visit.parse(record)?;
        visit.own_id(&rejection.id, record)?;
        visit.required("application_id", &rejection.application_id)?;
        if let Some(application) = self.ids.key(&rejection.application_id) {
            let about = Rejection {
                by: rejection.rejected_by_id.text(),
                reason: self.ids.key(&rejection.rejection_reason_id),
                at: visit.when(&rejection.rejected_at),
            };
            self.rejections.insert(application, about);
        }
        visit.lookup()
    }

    pub(super) fn offer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let offer: OfferRecord<'_> = visit.parse(record)?;
        visit.own_id(&offer.id, record)?;
        refuse_other_version(visit, "sent_at", &offer.sent_at)?;
        visit.required("application_id", &offer.application_id)?;
        let Some(application) = self.ids.key(&offer.application_id) else { return visit.lookup() };
        let version = Version {
            number: offer.version.number().unwrap_or(0),
            created: visit.essential("created_at", &offer.created_at)?,
            standing: standing(visit, &offer.status),
            sent: visit.when(&offer.sent_on),
            resolved: visit.when(&offer.resolved_at).map(noon_is_a_day),
            starts: visit.when(&offer.starts_on),
            updated: visit.instant(&offer.updated_at),
        };
        self.offers.take(visit, application, version)
    }

    pub(super) fn application(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let application: ApplicationRecord<'_> = visit.parse(record)?;
        let application_id = visit.own_id(&application.id, record)?;
        refuse_other_version(visit, "current_stage", &application.current_stage)?;
        if application.prospect.is("true") && application.job_id == Id::None {
            return Err(visit.refuse("not_a_loop", "prospect", None));
        }
        if application.status.is("converted") {
            return Err(visit.refuse("not_a_loop", "status", None));
        }
        // v3 has no instant of applying; the record is made when somebody applies.
        let applied = visit.essential("created_at", &application.created_at)?;
        let rejected = visit.essential("rejected_at", &application.rejected_at)?;
        let updated = visit.instant(&application.updated_at);
        let status = known_status(visit, &application.status);
        let key = self.ids.key(&application.id).unwrap_or_default();
        let rejection = self.rejections.get(&key);
        let reason = rejection.and_then(|rejection| self.plans.reasons.get(&rejection.reason?));
        let rejected = rejected.or_else(|| rejection.and_then(|rejection| rejection.at));
        let how = how(status.as_deref(), rejected, reason.and_then(|reason| reason.kind.as_deref()));
        let ending = Ending {
            application_id: application_id.clone(),
            key,
            status: status.clone(),
            how,
            ended: closing(how, rejected, self.openings.get(&key).copied()),
            rejected_by: rejection.and_then(|rejection| rejection.by.clone()),
            reason: reason.and_then(|reason| reason.name.clone()),
            last_activity: visit.when(&application.last_activity_at),
            updated,
        };
        let ended = ending.join(&mut self.offers, visit);
        let job_key = self.ids.find(&application.job_id);
        let job = job_key.and_then(|key| self.plans.jobs.get(&key));
        let source = self.ids.find(&application.source_id).and_then(|key| self.plans.sources.get(&key));
        visit.record(Application {
            application_id,
            candidate_id: application.candidate_id.text(),
            job_id: application.job_id.text(),
            job_title: job.and_then(|job| job.title.clone()),
            department: job.and_then(|job| job.department.clone()),
            location: job.and_then(|job| job.office.clone()),
            source: source.cloned(),
            hiring_manager_id: job_key.and_then(|key| self.plans.hiring_managers.get(&key).cloned()),
            recruiter_id: application.recruiter_id.text(),
            applied_at: applied.map(|when| when.at),
            applied_precision: applied.map(|when| when.precision()),
            closed_at: ended.closed_at,
            status,
            recorded_at: updated,
            ..Application::default()
        })?;
        if let Some(decision) = ended.decision {
            visit.also(decision)?;
        }
        ended.events.into_iter().try_for_each(|event| visit.also(event))
    }

    pub(super) fn application_stage(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let row: StageRecord<'_> = visit.parse(record)?;
        visit.own_id(&row.id, record)?;
        let application_id = visit.required("application_id", &row.application_id)?;
        let Some(entered) = visit.essential("entered_at", &row.entered_at)? else {
            visit.count("stages that were never reached");
            return visit.lookup();
        };
        let exited = visit.when(&row.exited_at);
        let name = self.ids.find(&row.job_interview_stage_id).and_then(|key| self.plans.pipeline.get(&key));
        if name.is_none() {
            visit.count("moves into a stage whose name is in no file");
        }
        let event = |word: &str, when: When, recorded_at| Event {
            application_id: application_id.clone(),
            event: word.to_owned(),
            at: Some(when.at),
            at_precision: Some(when.precision()),
            stage: name.map(|name| self.stages.name(name)),
            origin: "native".to_owned(),
            recorded_at,
            ..Event::default()
        };
        let recorded_at = visit.instant(&row.updated_at);
        visit.record(event("stage_entered", entered, recorded_at))?;
        match exited {
            Some(exited) => visit.also(event("stage_left", exited, recorded_at)),
            None => Ok(()),
        }
    }
}
