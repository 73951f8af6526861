//! Offers and applications.

use serde::Deserialize;

use super::{Common, Reader};
use crate::dataset::extent::Kind;
use crate::dataset::schema::Application;
use crate::source::record::day_at_midnight;
use crate::source::record::endings::{Ending, How, Standing, Version};
use crate::source::record::values::{Text, Titled, Whole};
use crate::source::record::visit::{Taken, Visit};

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfferRecord<'a> {
    #[serde(borrow)]
    application: Whole<Titled<'a>>,
    closed_at: Text<'a>,
    sent_at: Text<'a>,
    start_date: Text<'a>,
    status: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApplicationRecord<'a> {
    #[serde(borrow)]
    candidate: Whole<Titled<'a>>,
    job: Whole<Titled<'a>>,
    applied_at: Text<'a>,
    rejected_at: Text<'a>,
    source: Text<'a>,
    reject_reason: Whole<Titled<'a>>,
}

fn standing(visit: &mut Visit<'_>, status: &Text<'_>) -> Standing {
    let Some(word) = status.get() else { return Standing::Open };
    match word.to_ascii_uppercase().replace('_', "-").as_str() {
        "DRAFT" | "APPROVAL-SENT" | "APPROVED" | "SENT" | "SENT-MANUALLY" | "OPENED" => Standing::Open,
        "SIGNED" => Standing::Accepted,
        "DENIED" => Standing::Declined,
        "DEPRECATED" => Standing::Deprecated,
        _ => {
            visit.unknown_label("status", word);
            Standing::Open
        }
    }
}

impl Reader<'_> {
    pub(super) fn offer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let (common, _, recorded_at) = Common::read(visit, None, record)?;
        let offer: OfferRecord<'_> = visit.parse(record)?;
        visit.required("application", &offer.application.0.id)?;
        let Some(application) = self.ids.key(&offer.application.0.id) else { return visit.lookup() };
        // Many systems know the day only, which Merge writes as midnight.
        let created = visit.essential("remote_created_at", &common.remote_created_at)?.map(day_at_midnight);
        let version = Version {
            // Of two offers to one application the later one stands.
            number: created.map_or(0, |when| when.at.0),
            standing: standing(visit, &offer.status),
            created,
            sent: visit.when(&offer.sent_at).map(day_at_midnight),
            resolved: visit.when(&offer.closed_at).map(day_at_midnight),
            starts: visit.when(&offer.start_date).map(day_at_midnight),
            updated: recorded_at,
        };
        self.offers.take(visit, application, version)
    }

    pub(super) fn application(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let (common, application_id, recorded_at) = Common::read(visit, Some(Kind::Applications), record)?;
        let application: ApplicationRecord<'_> = visit.parse(record)?;
        if application.job.0.id.text().is_none() {
            return Err(visit.refuse("not_a_loop", "job", None));
        }
        let applied = visit.essential("applied_at", &application.applied_at)?;
        let rejected = visit.essential("rejected_at", &application.rejected_at)?;
        let key = self.ids.key(&common.id).unwrap_or_default();
        let reason = self.named(&application.reject_reason.0);
        let has_reason = application.reject_reason.0.id.text().is_some() || reason.is_some();
        let how = match reason.as_deref() {
            Some(reason) if self.config.reasons.is_hire(reason) => How::Hired,
            Some(reason) if self.config.reasons.is_withdrawal(reason) => How::WITHDRAWN,
            _ if has_reason || rejected.is_some() => How::REJECTED,
            _ if self.offers.is_accepted(key) => How::Hired,
            _ => How::Running,
        };
        let ended = rejected.map(|when| (when, "rejected_at"));
        let ending = Ending {
            application_id: application_id.clone(),
            key,
            status: None,
            how,
            ended,
            rejected_by: None,
            reason: reason.filter(|_| how != How::Hired),
            last_activity: None,
            updated: recorded_at,
        };
        let closed = ending.join(&mut self.offers, visit);
        let job = self.ids.find(&application.job.0.id).and_then(|key| self.jobs.get(&key));
        visit.count("applications without their way through the stages, which Merge does not pass on");
        visit.record(Application {
            application_id,
            candidate_id: application.candidate.0.id.text(),
            job_id: application.job.0.id.text(),
            job_title: application.job.0.title().map(str::to_owned).or_else(|| job?.title.clone()),
            department: job.and_then(|job| job.department.clone()),
            location: job.and_then(|job| job.office.clone()),
            source: application.source.owned(),
            hiring_manager_id: job.and_then(|job| job.hiring_manager.clone()),
            recruiter_id: job.and_then(|job| job.recruiter.clone()),
            applied_at: applied.map(|when| when.at),
            applied_precision: applied.map(|when| when.precision()),
            closed_at: closed.closed_at,
            recorded_at,
            ..Application::default()
        })?;
        if let Some(decision) = closed.decision {
            visit.also(decision)?;
        }
        closed.events.into_iter().try_for_each(|event| visit.also(event))
    }
}
