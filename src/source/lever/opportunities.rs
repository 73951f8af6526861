//! Applications, and opportunities with their way through the pipeline.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::subject::Name;
use super::{Reader, Way, children, key};
use crate::dataset::extent::Kind;
use crate::dataset::schema::{Application, Event};
use crate::source::clean::When;
use crate::source::record::endings::{Ending, How};
use crate::source::record::reference::Ref;
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::time::Instant;

/// What an application adds to its opportunity: the job, and when the candidate applied.
#[derive(Debug, Clone, Default)]
pub(super) struct Applied {
    posting: Option<u64>,
    posting_id: Option<String>,
    hiring_manager: Option<String>,
    owner: Option<String>,
    at: Option<When>,
}

/// What later records need to know about an opportunity.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: Box<str>,
    pub(super) candidate: Option<Name>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ApplicationRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(alias = "opportunity_id")]
    opportunity_id: Id<'a>,
    opportunity: Ref<'a>,
    candidate_id: Id<'a>,
    posting: Ref<'a>,
    posting_hiring_manager: Ref<'a>,
    posting_owner: Ref<'a>,
    created_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OpportunityRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    name: Text<'a>,
    contact: Ref<'a>,
    stage: Ref<'a>,
    archived: Option<Archived<'a>>,
    archived_at: Text<'a>,
    archive_reason: Ref<'a>,
    stage_changes: Option<Vec<StageChange<'a>>>,
    origin: Text<'a>,
    sources: Option<Vec<Text<'a>>>,
    owner: Ref<'a>,
    #[serde(borrow)]
    applications: Option<Vec<&'a RawValue>>,
    posting: Ref<'a>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    last_interaction_at: Text<'a>,
    deleted_at: Text<'a>,
    opportunity_location: Text<'a>,
    #[serde(borrow)]
    offers: Option<&'a RawValue>,
    #[serde(borrow)]
    interviews: Option<&'a RawValue>,
    #[serde(borrow)]
    panels: Option<&'a RawValue>,
    #[serde(borrow)]
    feedback: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Archived<'a> {
    #[serde(borrow)]
    reason: Ref<'a>,
    archived_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StageChange<'a> {
    #[serde(borrow)]
    to_stage_id: Ref<'a>,
    updated_at: Text<'a>,
    user_id: Ref<'a>,
}

impl Reader<'_> {
    pub(super) fn application(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let application: ApplicationRecord<'_> = visit.parse(record)?;
        let own = visit.own_id(&application.id, record)?;
        let said = [&application.opportunity_id, &application.opportunity.id, &application.candidate_id];
        // An opportunity lists its applications, so that one without an opportunity may still be found.
        let opportunity = self.probable_parent(visit, Way::Own, &own, &said).unwrap_or(own);
        let applied = Applied::read(visit, &application);
        if let Some(key) = key(&Id::parse(&opportunity)) {
            self.applications.insert(key, applied);
        }
        visit.lookup()
    }

    pub(super) fn opportunity(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let opportunity: OpportunityRecord<'_> = visit.parse(record)?;
        let id = visit.own_id(&opportunity.id, record)?;
        if opportunity.deleted_at.get().is_some() {
            return Err(visit.deleted(Kind::Applications, &id, "deletedAt"));
        }
        let key = key(&opportunity.id).unwrap_or_default();
        let created = visit.essential("createdAt", &opportunity.created_at)?;
        let archive = opportunity.archive();
        let archived_at = archive.map_or(Ok(None), |(at, _)| visit.essential("archivedAt", at))?;
        let (how, reason) = match archive {
            Some((_, reason)) => self.lookups.ending(visit, self.reasons, reason),
            None => (How::Running, None),
        };
        let applied = self.applied(visit, key, &opportunity);
        if applied.is_none() && how != How::Hired && opportunity.is_lead() {
            return Err(visit.refuse("not_a_loop", "applications", None));
        }
        for offer in children(opportunity.offers) {
            let taken = self.offer(visit, offer.get().as_bytes(), Way::Inside(&id));
            Way::excuse(visit, taken)?;
        }
        let status = match how {
            How::Running => "active",
            How::Hired => "hired",
            How::Rejected { .. } | How::Closed => "archived",
        };
        let updated = visit.instant(&opportunity.updated_at);
        let ending = Ending {
            application_id: id.clone(),
            key,
            status: reason.clone().or_else(|| Some(status.to_owned())),
            how,
            ended: archived_at.map(|when| (when, "archived_at")),
            rejected_by: None,
            reason,
            last_activity: visit.when(&opportunity.last_interaction_at),
            updated,
        };
        let ended = ending.join(&mut self.offers, visit);
        self.opportunities.insert(key, Known { id: id.clone().into(), candidate: Name::of(opportunity.name.get()) });
        let row = Application {
            closed_at: ended.closed_at,
            status: Some(status.to_owned()),
            recorded_at: updated,
            ..self.row(id.clone(), &opportunity, applied.unwrap_or_default(), created)
        };
        visit.record(row)?;
        if let Some(decision) = ended.decision {
            visit.also(decision)?;
        }
        ended.events.into_iter().try_for_each(|event| visit.also(event))?;
        self.moves(visit, &id, &opportunity, archived_at, updated)?;
        self.inside(visit, &id, &opportunity)
    }

    /// Who applied, when, and for what.
    fn row(
        &self,
        id: String,
        opportunity: &OpportunityRecord<'_>,
        applied: Applied,
        created: Option<When>,
    ) -> Application {
        let posting = key(&opportunity.posting.id);
        let posting = applied.posting.or(posting).and_then(|posting| self.lookups.posting_of(posting));
        let applied_at = applied.at.or(created);
        // What the API calls the opportunity's `location` is where the candidate lives.
        let location =
            opportunity.opportunity_location.owned().filter(|place| !place.eq_ignore_ascii_case("unspecified"));
        let source = opportunity.sources.iter().flatten().find_map(Text::owned);
        Application {
            application_id: id,
            candidate_id: opportunity.contact.id.text(),
            job_id: applied.posting_id.or_else(|| opportunity.posting.id.text()),
            job_title: posting.and_then(|posting| posting.title.clone()),
            department: posting.and_then(|posting| posting.department.clone()),
            level: posting.and_then(|posting| posting.level.clone()),
            location: posting.and_then(|posting| posting.location.clone()).or(location),
            source: source.or_else(|| opportunity.origin.owned()),
            hiring_manager_id: applied
                .hiring_manager
                .or_else(|| posting.and_then(|posting| posting.hiring_manager.clone())),
            recruiter_id: opportunity
                .owner
                .id
                .text()
                .or(applied.owner)
                .or_else(|| posting.and_then(|posting| posting.owner.clone())),
            applied_at: applied_at.map(|when| when.at),
            applied_precision: applied_at.map(|when| when.precision()),
            ..Application::default()
        }
    }

    /// What is known about the application of an opportunity: it stands inside, or in a file of its own.
    fn applied(&self, visit: &mut Visit<'_>, key: u64, opportunity: &OpportunityRecord<'_>) -> Option<Applied> {
        let mut found = self.applications.get(&key).cloned();
        for raw in opportunity.applications.iter().flatten() {
            if let Ok(nested) = serde_json::from_str::<ApplicationRecord<'_>>(raw.get()) {
                found = Some(Applied::read(visit, &nested));
            } else if let Ok(id) = serde_json::from_str::<Id<'_>>(raw.get())
                && let Some(listed) = super::key(&id)
            {
                let elsewhere = || self.applications.get(&listed).cloned();
                found = found.or_else(elsewhere).or_else(|| Some(Applied::default()));
            }
        }
        found
    }

    /// The way through the pipeline. Only entries are recorded: a stage is left when the next one is entered, or
    /// when the opportunity is archived, which is no move.
    fn moves(
        &self,
        visit: &mut Visit<'_>,
        id: &str,
        opportunity: &OpportunityRecord<'_>,
        archived: Option<When>,
        recorded_at: Option<Instant>,
    ) -> Taken {
        let mut entries = Vec::new();
        for change in opportunity.stage_changes.iter().flatten() {
            let Some(when) = visit.when(&change.updated_at) else {
                visit.count("moves without a time, left out");
                continue;
            };
            let stage = self.lookups.stage(&change.to_stage_id).map(|name| self.stages.name(&name));
            if stage.is_none() {
                visit.count("moves into a stage whose name is in no file");
            }
            entries.push((when, stage, change.user_id.id.text()));
        }
        entries.sort_by_key(|(when, ..)| when.at);
        entries.dedup();
        let left = entries.iter().skip(1).map(|(when, ..)| Some(*when)).chain([None]).collect::<Vec<_>>();
        for ((entered, stage, actor_id), left) in entries.into_iter().zip(left) {
            let left = left.or_else(|| archived.filter(|archived| archived.at >= entered.at));
            let event = |word: &str, when: When, origin: &str| Event {
                application_id: id.to_owned(),
                event: word.to_owned(),
                at: Some(when.at),
                at_precision: Some(when.precision()),
                stage: stage.clone(),
                origin: origin.to_owned(),
                recorded_at,
                ..Event::default()
            };
            visit.also(Event { actor_id, ..event("stage_entered", entered, "native") })?;
            if let Some(left) = left {
                visit.also(event("stage_left", left, "derived"))?;
            }
        }
        Ok(())
    }

    /// Interviews, panels and feedback inside an opportunity.
    fn inside(&mut self, visit: &mut Visit<'_>, id: &str, opportunity: &OpportunityRecord<'_>) -> Taken {
        let way = Way::Inside(id);
        self.at_hand.clear();
        for raw in children(opportunity.interviews) {
            let taken = self.interview(visit, raw.get().as_bytes(), way);
            Way::excuse(visit, taken)?;
        }
        for raw in children(opportunity.panels) {
            let taken = self.panel(visit, raw.get().as_bytes(), way);
            Way::excuse(visit, taken)?;
        }
        for raw in children(opportunity.feedback) {
            let taken = self.form(visit, raw.get().as_bytes(), way);
            Way::excuse(visit, taken)?;
        }
        Ok(())
    }
}

impl<'a> OpportunityRecord<'a> {
    /// When and why it was archived, if it was: an object, or two fields in older dumps.
    fn archive(&self) -> Option<(&Text<'a>, &Ref<'a>)> {
        let older = || {
            let is_archived = self.archived_at.get().is_some() || self.archive_reason.id != Id::None;
            is_archived.then_some((&self.archived_at, &self.archive_reason))
        };
        self.archived.as_ref().map(|archived| (&archived.archived_at, &archived.reason)).or_else(older)
    }

    /// Whether somebody was found, never applied, and never left the stages of leads as far as these have names:
    /// that is no loop yet.
    fn is_lead(&self) -> bool {
        let changes = self.stage_changes.iter().flatten().map(|change| &change.to_stage_id);
        let mut stages = changes.chain([&self.stage]).filter_map(|stage| stage.id.text());
        let never_applied = self.applications.as_ref().is_some_and(Vec::is_empty) && self.posting.id == Id::None;
        never_applied && stages.all(|stage| stage.starts_with("lead"))
    }
}

impl Applied {
    fn read(visit: &mut Visit<'_>, application: &ApplicationRecord<'_>) -> Self {
        Self {
            posting: key(&application.posting.id),
            posting_id: application.posting.id.text(),
            hiring_manager: application.posting_hiring_manager.id.text(),
            owner: application.posting_owner.id.text(),
            at: visit.when(&application.created_at),
        }
    }
}
