//! The small lists that others refer to: departments, locations, sources, jobs, reasons, stages, interviews.

use std::collections::HashMap;

use serde::Deserialize;

use crate::source::record::keys::Ids;
use crate::source::record::values::{Id, Text, Titled};
use crate::source::record::visit::{Taken, Visit};

/// A job.
#[derive(Debug, Default)]
pub(super) struct Job {
    pub(super) title: Option<String>,
    pub(super) department: Option<String>,
    pub(super) location: Option<String>,
    pub(super) team: Team,
}

/// Who is in charge of an application or a job.
#[derive(Debug, Default)]
pub(super) struct Team {
    pub(super) hiring_manager: Option<String>,
    pub(super) recruiter: Option<String>,
}

/// A member of a hiring team, as listed in other records.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Member<'a> {
    #[serde(borrow, rename = "userId")]
    user_id: Id<'a>,
    role: Text<'a>,
}

impl Team {
    /// The first one listed for each role.
    pub(super) fn of(members: Option<&Vec<Member<'_>>>) -> Self {
        let first = |role: &str| members?.iter().find(|member| member.role.is(role))?.user_id.text();
        Self { hiring_manager: first("Hiring Manager"), recruiter: first("Recruiter") }
    }
}

/// What a stage of the pipeline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Applications that ended in a hire.
    Hired,
    /// Applications that ended otherwise.
    Archived,
    /// Applications on their way.
    Way,
}

/// A stage of the pipeline.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) title: String,
    pub(super) purpose: Purpose,
}

/// A kind of interview.
#[derive(Debug)]
pub(super) struct Interview {
    pub(super) title: Option<String>,
    pub(super) is_debrief: Option<bool>,
}

/// A reason for archiving.
#[derive(Debug, Clone, Default)]
pub(super) struct Reason {
    pub(super) title: Option<String>,
    /// The source's own word for who ended it.
    pub(super) kind: Option<String>,
}

/// The small lists, by the key of the identifier.
#[derive(Debug, Default)]
pub(super) struct Plans {
    departments: HashMap<u64, String>,
    locations: HashMap<u64, String>,
    sources: HashMap<u64, String>,
    pub(super) jobs: HashMap<u64, Job>,
    reasons: HashMap<u64, Reason>,
    stages: HashMap<u64, Stage>,
    pub(super) interviews: HashMap<u64, Interview>,
}

/// What some of the lists have besides an identifier and a title.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct More<'a> {
    #[serde(borrow)]
    department_id: Id<'a>,
    location_id: Id<'a>,
    hiring_team: Option<Vec<Member<'a>>>,
    is_debrief: Option<bool>,
}

/// What a stage is for, by its type or, where a dump leaves that out, by the title that Ashby gives it.
fn purpose(kind: Option<&str>, title: &str) -> Purpose {
    match kind.unwrap_or(title).trim() {
        word if word.eq_ignore_ascii_case("hired") => Purpose::Hired,
        word if word.eq_ignore_ascii_case("archived") => Purpose::Archived,
        _ => Purpose::Way,
    }
}

impl Plans {
    /// Reads a record of one of the lists.
    pub(super) fn read(&mut self, list: &str, ids: &mut Ids, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let item: Titled<'_> = visit.parse(record)?;
        visit.own_id(&item.id, record)?;
        let more: More<'_> = visit.parse(record)?;
        let Some(key) = ids.key(&item.id) else { return visit.lookup() };
        let title = item.title().map(str::to_owned);
        match list {
            "jobs" => {
                let job = Job {
                    title,
                    department: self.department(ids, &more.department_id),
                    location: self.location(ids, &more.location_id),
                    team: Team::of(more.hiring_team.as_ref()),
                };
                self.jobs.insert(key, job);
            }
            "archive_reasons" => {
                self.reasons.insert(key, Reason { title, kind: item.kind.owned() });
            }
            "interview_stages" => self.learn_stage(ids, &item),
            "interviews" => {
                self.interviews.insert(key, Interview { title, is_debrief: more.is_debrief });
            }
            other => {
                let titles = match other {
                    "departments" => &mut self.departments,
                    "locations" => &mut self.locations,
                    _ => &mut self.sources,
                };
                titles.extend(title.map(|title| (key, title)));
            }
        }
        visit.lookup()
    }

    /// Keeps a stage, be it from the list or as other records nest it.
    pub(super) fn learn_stage(&mut self, ids: &mut Ids, stage: &Titled<'_>) {
        if let (Some(key), Some(title)) = (ids.key(&stage.id), stage.title()) {
            let purpose = purpose(stage.kind.get(), title);
            self.stages.insert(key, Stage { title: title.to_owned(), purpose });
        }
    }

    /// Title and purpose of a stage by its identifier or, without that, by its title alone.
    pub(super) fn stage(&self, ids: &Ids, id: &Id<'_>, title: Option<&str>) -> Option<Stage> {
        let known = ids.find(id).and_then(|key| self.stages.get(&key));
        let title = title.map(str::to_owned).or_else(|| known.map(|stage| stage.title.clone()))?;
        let purpose = known.map_or_else(|| purpose(None, &title), |stage| stage.purpose);
        Some(Stage { title, purpose })
    }

    pub(super) fn department(&self, ids: &Ids, id: &Id<'_>) -> Option<String> {
        self.departments.get(&ids.find(id)?).cloned()
    }

    pub(super) fn location(&self, ids: &Ids, id: &Id<'_>) -> Option<String> {
        self.locations.get(&ids.find(id)?).cloned()
    }

    /// The title of a source, which some dumps write in place of the object.
    pub(super) fn source(&self, ids: &Ids, source: &Titled<'_>) -> Option<String> {
        let listed = || self.sources.get(&ids.find(&source.id)?).cloned();
        source.title().map(str::to_owned).or_else(listed).or_else(|| source.id.text().filter(|_| source.is_bare))
    }

    /// A reason: an object, or by its identifier or its text alone.
    pub(super) fn reason(&self, ids: &Ids, reason: &Titled<'_>) -> Reason {
        let by_id = ids.find(&reason.id).and_then(|key| self.reasons.get(&key));
        let text = reason.title().map(str::to_owned).or_else(|| reason.id.text().filter(|_| reason.is_bare));
        let listed = by_id.or_else(|| {
            let text = text.as_deref()?;
            self.reasons.values().find(|known| known.title.as_deref() == Some(text))
        });
        let listed = listed.cloned().unwrap_or_default();
        Reason { title: listed.title.or(text), kind: reason.kind.owned().or(listed.kind) }
    }
}
