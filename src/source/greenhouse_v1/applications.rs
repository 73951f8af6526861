//! Jobs, offers and applications.

use serde::Deserialize;

use super::Reader;
use crate::dataset::schema::Application;
use crate::source::greenhouse::{closing, how, known_status, refuse_other_version, standing};
use crate::source::record::endings::{Ending, Version};
use crate::source::record::values::{Id, Named, Person, Present, Text};
use crate::source::record::visit::{Taken, Visit};

/// What a job tells about its applications.
#[derive(Debug)]
pub(super) struct Job {
    title: Option<String>,
    department: Option<String>,
    office: Option<String>,
    hiring_manager: Option<String>,
    recruiter: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    name: Text<'a>,
    departments: Option<Vec<Named<'a>>>,
    offices: Option<Vec<Named<'a>>>,
    hiring_team: Option<HiringTeam<'a>>,
    openings: Option<Vec<Opening<'a>>>,
    department_id: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HiringTeam<'a> {
    #[serde(borrow)]
    hiring_managers: Option<Vec<Person<'a>>>,
    recruiters: Option<Vec<Recruiter<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Recruiter<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    responsible: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Opening<'a> {
    #[serde(borrow)]
    application_id: Id<'a>,
    closed_at: Text<'a>,
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
    sent_at: Text<'a>,
    resolved_at: Text<'a>,
    starts_at: Text<'a>,
    status: Text<'a>,
    sent_on: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApplicationRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    candidate_id: Id<'a>,
    prospect: Text<'a>,
    applied_at: Text<'a>,
    rejected_at: Text<'a>,
    last_activity_at: Text<'a>,
    status: Text<'a>,
    jobs: Option<Vec<Named<'a>>>,
    source: Named<'a>,
    recruiter: Option<Person<'a>>,
    rejection_reason: Option<RejectionReason<'a>>,
    stage_name: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RejectionReason<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    r#type: Named<'a>,
}

fn first_name(list: Option<&Vec<Named<'_>>>) -> Option<String> {
    list?.iter().find_map(|named| named.name.owned())
}

impl Reader<'_> {
    pub(super) fn job(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let job: JobRecord<'_> = visit.parse(record)?;
        visit.own_id(&job.id, record)?;
        refuse_other_version(visit, "department_id", &job.department_id)?;
        for opening in job.openings.iter().flatten() {
            let application = self.ids.key(&opening.application_id);
            if let (Some(application), Some(closed)) = (application, visit.instant(&opening.closed_at)) {
                self.openings.insert(application, closed);
            }
        }
        let team = job.hiring_team.unwrap_or_default();
        let recruiters = team.recruiters.unwrap_or_default();
        let recruiter = recruiters.iter().find(|one| one.responsible.is("true")).or(recruiters.first());
        if let Some(key) = self.ids.key(&job.id) {
            let about = Job {
                title: job.name.owned(),
                department: first_name(job.departments.as_ref()),
                office: first_name(job.offices.as_ref()),
                hiring_manager: team.hiring_managers.iter().flatten().find_map(|manager| manager.id.text()),
                recruiter: recruiter.and_then(|one| one.id.text()),
            };
            self.jobs.insert(key, about);
        }
        visit.lookup()
    }

    pub(super) fn offer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let offer: OfferRecord<'_> = visit.parse(record)?;
        visit.own_id(&offer.id, record)?;
        refuse_other_version(visit, "sent_on", &offer.sent_on)?;
        visit.required("application_id", &offer.application_id)?;
        let Some(application) = self.ids.key(&offer.application_id) else { return visit.lookup() };
        let version = Version {
            number: offer.version.number().unwrap_or(0),
            created: visit.essential("created_at", &offer.created_at)?,
            standing: standing(visit, &offer.status),
            sent: visit.when(&offer.sent_at),
            resolved: visit.when(&offer.resolved_at),
            starts: visit.when(&offer.starts_at),
            updated: visit.instant(&offer.updated_at),
        };
        self.offers.take(visit, application, version)
    }

    pub(super) fn application(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let application: ApplicationRecord<'_> = visit.parse(record)?;
        let application_id = visit.own_id(&application.id, record)?;
        refuse_other_version(visit, "stage_name", &application.stage_name)?;
        let jobs = application.jobs.unwrap_or_default();
        if application.prospect.is("true") && jobs.len() != 1 {
            return Err(visit.refuse("not_a_loop", "prospect", None));
        }
        if application.status.is("converted") {
            return Err(visit.refuse("not_a_loop", "status", None));
        }
        let applied = visit.essential("applied_at", &application.applied_at)?;
        let rejected = visit.essential("rejected_at", &application.rejected_at)?;
        let last_activity = visit.when(&application.last_activity_at);
        let status = known_status(visit, &application.status);
        let key = self.ids.key(&application.id).unwrap_or_default();
        let job = jobs.first();
        let known_job = job.and_then(|job| self.ids.find(&job.id)).and_then(|key| self.jobs.get(&key));
        let job_title = job.and_then(|job| job.name.owned()).or_else(|| known_job.and_then(|job| job.title.clone()));
        if let (Some(loops), Some(title)) = (&mut self.loops, &job_title)
            && let Some(candidate) = self.ids.key(&application.candidate_id)
        {
            loops.add(candidate, key, title, applied.map(|when| when.at));
        }
        let recruiter_id = self.people.meet(visit, application.recruiter.as_ref());
        let reason = application.rejection_reason.unwrap_or_default();
        let how = how(status.as_deref(), rejected, reason.r#type.name.get());
        let ending = Ending {
            application_id: application_id.clone(),
            key,
            status: status.clone(),
            how,
            ended: closing(how, rejected, self.openings.get(&key).copied()),
            rejected_by: None,
            reason: reason.name.owned(),
            last_activity,
            updated: last_activity.map(|when| when.at),
        };
        let ended = ending.join(&mut self.offers, visit);
        visit.record(Application {
            application_id,
            candidate_id: application.candidate_id.text(),
            job_id: job.and_then(|job| job.id.text()),
            job_title,
            department: known_job.and_then(|job| job.department.clone()),
            location: known_job.and_then(|job| job.office.clone()),
            source: application.source.name.owned(),
            hiring_manager_id: known_job.and_then(|job| job.hiring_manager.clone()),
            recruiter_id: recruiter_id.or_else(|| known_job.and_then(|job| job.recruiter.clone())),
            applied_at: applied.map(|when| when.at),
            applied_precision: applied.map(|when| when.precision()),
            closed_at: ended.closed_at,
            status,
            recorded_at: last_activity.map(|when| when.at),
            ..Application::default()
        })?;
        if let Some(decision) = ended.decision {
            visit.also(decision)?;
        }
        ended.events.into_iter().try_for_each(|event| visit.also(event))
    }
}
