//! Offers, applications, and their way through the pipeline.

use serde::Deserialize;

use super::plans::{Purpose, Reason, Team};
use super::{Reader, index, parent, plans};
use crate::dataset::schema::{Application, Event};
use crate::source::clean::When;
use crate::source::record::day_at_midnight;
use crate::source::record::endings::{Ending, How, Standing, Version};
use crate::source::record::values::{FromBare, Id, Text, Titled, Whole};
use crate::source::record::visit::{Taken, Visit};
use crate::time::Instant;

/// When an application entered the stages that end it, the last time each.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Ends {
    hired: Option<Instant>,
    archived: Option<Instant>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OfferRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    acceptance_status: Text<'a>,
    offer_status: Text<'a>,
    decided_at: Text<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    latest_version: OfferVersion<'a>,
    versions: Option<Vec<OfferVersion<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OfferVersion<'a> {
    #[serde(borrow)]
    created_at: Text<'a>,
    start_date: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApplicationRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    archived_at: Text<'a>,
    status: Text<'a>,
    candidate: Whole<Reference<'a>>,
    candidate_id: Id<'a>,
    job: Whole<Job<'a>>,
    job_id: Id<'a>,
    current_interview_stage: Whole<Titled<'a>>,
    source: Whole<Titled<'a>>,
    archive_reason: Whole<Titled<'a>>,
    hiring_team: Option<Vec<plans::Member<'a>>>,
    application_history: Option<Vec<Stay<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow)]
    id: Id<'a>,
}

impl<'de: 'a, 'a> FromBare<'de> for Reference<'a> {
    fn from_bare(text: std::borrow::Cow<'de, str>) -> Self {
        Self { id: Id::of(text) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Job<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    title: Text<'a>,
    department_id: Id<'a>,
    location_id: Id<'a>,
}

impl<'de: 'a, 'a> FromBare<'de> for Job<'a> {
    fn from_bare(text: std::borrow::Cow<'de, str>) -> Self {
        Self { id: Id::of(text), ..Self::default() }
    }
}

/// A stay in a stage. Older dumps have neither its identifier nor its number nor who did it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Stay<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    stage_id: Id<'a>,
    title: Text<'a>,
    entered_stage_at: Text<'a>,
    left_stage_at: Text<'a>,
    actor_id: Id<'a>,
}

/// Where an offer stands: what the candidate answered, else where it is on its way to them.
fn standing(visit: &mut Visit<'_>, offer: &OfferRecord<'_>) -> Standing {
    for (field, status) in [("acceptanceStatus", &offer.acceptance_status), ("offerStatus", &offer.offer_status)] {
        let Some(word) = status.get() else { continue };
        let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
        match letters.to_ascii_lowercase().as_str() {
            "accept" | "accepted" | "candidateaccepted" | "offeraccepted" | "signed" => return Standing::Accepted,
            "decline" | "declined" | "rejected" | "candidaterejected" | "candidatedeclined" => {
                return Standing::Declined;
            }
            "cancelled" | "canceled" | "offercancelled" | "offercanceled" => return Standing::Deprecated,
            "pending" | "created" => {}
            waiting if waiting.starts_with("waitingon") => {}
            _ => visit.unknown_label(field, word),
        }
    }
    Standing::Open
}

impl Reader<'_> {
    pub(super) fn offer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let offer: OfferRecord<'_> = visit.parse(record)?;
        visit.own_id(&offer.id, record)?;
        visit.required("applicationId", &offer.application_id)?;
        let Some(application) = self.ids.key(&offer.application_id) else { return visit.lookup() };
        let versions = offer.versions.iter().flatten().chain([&offer.latest_version]);
        let made: Vec<When> = versions.filter_map(|version| visit.when(&version.created_at)).collect();
        let created = visit.essential("createdAt", &offer.created_at)?;
        let created = made.iter().copied().chain(created).min_by_key(|when| when.at);
        let version = Version {
            // Of two offers to one application the later one stands.
            number: created.map_or(0, |when| when.at.0),
            standing: standing(visit, &offer),
            created,
            sent: None,
            resolved: visit.when(&offer.decided_at),
            starts: visit.when(&offer.latest_version.start_date).map(day_at_midnight),
            updated: visit.instant(&offer.updated_at),
        };
        self.offers.take(visit, application, version)
    }

    pub(super) fn application(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let application: ApplicationRecord<'_> = visit.parse(record)?;
        let application_id = visit.own_id(&application.id, record)?;
        if application.status.is("lead") {
            return Err(visit.refuse("not_a_loop", "status", None));
        }
        // There is no instant of applying; the record is made when somebody applies.
        let applied = visit.essential("createdAt", &application.created_at)?;
        let archived = visit.essential("archivedAt", &application.archived_at)?;
        let updated = visit.instant(&application.updated_at);
        let key = self.ids.key(&application.id).unwrap_or_default();
        self.plans.learn_stage(&mut self.ids, &application.current_interview_stage.0);
        let mut events = Vec::new();
        for stay in application.application_history.iter().flatten() {
            let entered = visit.when(&stay.entered_stage_at);
            events.extend(self.moves(visit, (key, &application_id), stay, entered, updated));
        }
        let ends = self.ends.get(&key).copied().unwrap_or_default();
        let reason = self.plans.reason(&self.ids, &application.archive_reason.0);
        let instant = |at: Option<Instant>| at.map(|at| (When { at, is_day: false }, "stage_entered"));
        let how = self.how(visit, &application, archived, &reason);
        let ending = Ending {
            application_id: application_id.clone(),
            key,
            status: application.status.owned(),
            how,
            ended: match how {
                How::Hired => instant(ends.hired),
                _ => archived.map(|when| (when, "archived_at")).or(instant(ends.archived)),
            },
            rejected_by: None,
            reason: reason.title,
            last_activity: None,
            updated,
        };
        let ended = ending.join(&mut self.offers, visit);
        let Job { id, title, department_id, location_id } = &application.job.0;
        let job_id = if *id == Id::None { &application.job_id } else { id };
        let job = self.ids.find(job_id).and_then(|key| self.plans.jobs.get(&key));
        let department = self.plans.department(&self.ids, department_id);
        let location = self.plans.location(&self.ids, location_id);
        let team = Team::of(application.hiring_team.as_ref());
        visit.record(Application {
            application_id,
            candidate_id: application.candidate.0.id.text().or_else(|| application.candidate_id.text()),
            job_id: job_id.text(),
            job_title: title.owned().or_else(|| job?.title.clone()),
            department: department.or_else(|| job?.department.clone()),
            location: location.or_else(|| job?.location.clone()),
            source: self.plans.source(&self.ids, &application.source.0),
            hiring_manager_id: team.hiring_manager.or_else(|| job?.team.hiring_manager.clone()),
            recruiter_id: team.recruiter.or_else(|| job?.team.recruiter.clone()),
            applied_at: applied.map(|when| when.at),
            applied_precision: applied.map(|when| when.precision()),
            closed_at: ended.closed_at,
            status: application.status.owned(),
            recorded_at: updated,
            ..Application::default()
        })?;
        if let Some(decision) = ended.decision {
            visit.also(decision)?;
        }
        ended.events.into_iter().chain(events).try_for_each(|event| visit.also(event))
    }

    /// Where an application stands.
    fn how(
        &self,
        visit: &mut Visit<'_>,
        application: &ApplicationRecord<'_>,
        archived: Option<When>,
        reason: &Reason,
    ) -> How {
        let status = &application.status;
        let is_archived = status.is("archived") || (archived.is_some() && status.get().is_none());
        if status.is("hired") {
            return How::Hired;
        }
        if !is_archived {
            if let Some(word) = status.get().filter(|word| !word.eq_ignore_ascii_case("active")) {
                visit.unknown_label("status", word);
            }
            return How::Running;
        }
        match reason.kind.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("rejectedbycandidate") => return How::WITHDRAWN,
            Some("rejectedbyorg") => return How::REJECTED,
            None | Some("other") => {}
            Some(_) => visit.unknown_label("reasonType", reason.kind.as_deref().unwrap_or_default()),
        }
        if reason.title.as_deref().is_some_and(|title| self.config.reasons.is_withdrawal(title)) {
            return How::WITHDRAWN;
        }
        visit.count("archived applications whose reason does not say who ended it, taken as our own rejections");
        How::REJECTED
    }

    /// A record of the history, where it has a file of its own.
    pub(super) fn history(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let stay: Stay<'_> = visit.parse(record)?;
        let application_id = parent(visit, &stay.application_id, record)?;
        let entered = visit.essential("enteredStageAt", &stay.entered_stage_at)?;
        let Some(key) = self.ids.key(&Id::parse(&application_id)) else { return visit.lookup() };
        let mut events = self.moves(visit, (key, &application_id), &stay, entered, None).into_iter();
        match events.next() {
            Some(first) => visit.record(first)?,
            None => visit.lookup()?,
        }
        events.try_for_each(|event| visit.also(event))
    }

    /// What a stay in a stage says: a move in and a move out, or, of the stages that end a loop, when it ended.
    fn moves(
        &mut self,
        visit: &mut Visit<'_>,
        (key, application_id): (u64, &str),
        stay: &Stay<'_>,
        entered: Option<When>,
        recorded_at: Option<Instant>,
    ) -> Vec<Event> {
        let stage = self.plans.stage(&self.ids, &stay.stage_id, stay.title.get());
        if let (Some(visits), Some(id), Some(stage)) = (&mut self.visits, stay.id.print(), &stage) {
            visits.add(index::Stay { id, stage: self.words.place(&stage.title) });
        }
        if stage.is_none() {
            visit.count("moves into a stage whose title is in no file");
        }
        let purpose = stage.as_ref().map_or(Purpose::Way, |stage| stage.purpose);
        if purpose != Purpose::Way {
            let ends = self.ends.entry(key).or_default();
            let end = if purpose == Purpose::Hired { &mut ends.hired } else { &mut ends.archived };
            *end = (*end).max(entered.map(|when| when.at));
            return Vec::new();
        }
        if entered.is_none() {
            visit.count("stays in a stage without the time of entering it");
        }
        let left = visit.when(&stay.left_stage_at);
        let moves = [("stage_entered", entered, stay.actor_id.text()), ("stage_left", left, None)];
        let event = |(word, when, actor_id): (&str, Option<When>, Option<String>)| {
            when.map(|when| Event {
                application_id: application_id.to_owned(),
                event: word.to_owned(),
                at: Some(when.at),
                at_precision: Some(when.precision()),
                stage: stage.as_ref().map(|stage| self.config.stages.name(&stage.title)),
                actor_id,
                origin: "native".to_owned(),
                recorded_at,
                ..Event::default()
            })
        };
        moves.into_iter().filter_map(event).collect()
    }
}
