//! The small lists that others refer to: departments, offices, sources, jobs, interview plans, attributes.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use crate::source::greenhouse::refuse_other_version;
use crate::source::record::joined_names;
use crate::source::record::keys::Ids;
use crate::source::record::values::{Id, Named, Present, Text};
use crate::source::record::visit::{Taken, Visit};

/// A job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) title: Option<String>,
    pub(super) department: Option<String>,
    pub(super) office: Option<String>,
}

/// A step of a job's interview plan.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: Option<String>,
    pub(super) minutes: Option<i64>,
    pub(super) is_take_home: bool,
}

/// A reason for rejecting.
#[derive(Debug)]
pub(super) struct Reason {
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
}

/// An attribute that is rated on a job's scorecards.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Option<String>,
}

/// The small lists, by the key of the identifier.
#[derive(Debug, Default)]
pub(super) struct Plans {
    departments: HashMap<u64, String>,
    offices: HashMap<u64, String>,
    pub(super) sources: HashMap<u64, String>,
    pub(super) jobs: HashMap<u64, Job>,
    /// By job.
    pub(super) hiring_managers: HashMap<u64, String>,
    /// Names of the pipeline's stages.
    pub(super) pipeline: HashMap<u64, String>,
    pub(super) steps: HashMap<u64, Step>,
    /// The step of an interview kit.
    pub(super) kits: HashMap<u64, u64>,
    attribute_kinds: HashMap<u64, String>,
    pub(super) attributes: HashMap<u64, Attribute>,
    pub(super) reasons: HashMap<u64, Reason>,
    /// By step: names of the attributes that its kit is meant to test.
    focus: HashMap<u64, BTreeSet<String>>,
}

/// The fields of all these lists: no two of them use one name for different things.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    name: Text<'a>,
    department_id: Id<'a>,
    office_ids: Option<Vec<Id<'a>>>,
    job_id: Id<'a>,
    user_id: Id<'a>,
    duration: Text<'a>,
    scheduling_type: Text<'a>,
    job_interview_id: Id<'a>,
    candidate_attribute_type_id: Id<'a>,
    interview_kit_id: Id<'a>,
    job_candidate_attribute_id: Id<'a>,
    r#type: Named<'a>,
    hiring_team: Present,
}

impl Plans {
    /// Reads a record of one of the lists.
    pub(super) fn read(&mut self, list: &str, ids: &mut Ids, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let item: Item<'_> = visit.parse(record)?;
        visit.own_id(&item.id, record)?;
        refuse_other_version(visit, "hiring_team", &item.hiring_team)?;
        if let Some(key) = ids.key(&item.id) {
            match list {
                "jobs" => {
                    let named = |list: &HashMap<u64, String>, id: &Id<'_>| list.get(&ids.find(id)?).cloned();
                    let about = Job {
                        title: item.name.owned(),
                        department: named(&self.departments, &item.department_id),
                        office: item.office_ids.iter().flatten().find_map(|id| named(&self.offices, id)),
                    };
                    self.jobs.insert(key, about);
                }
                "job_hiring_managers" => {
                    // The first one listed, as the hiring team shows them.
                    if let (Some(job), Some(user)) = (ids.key(&item.job_id), item.user_id.text()) {
                        self.hiring_managers.entry(job).or_insert(user);
                    }
                }
                "job_interviews" => {
                    let is_take_home = item.scheduling_type.is("take_home_test");
                    let step = Step { name: item.name.owned(), minutes: item.duration.number(), is_take_home };
                    self.steps.insert(key, step);
                }
                "interview_kits" => {
                    if let Some(step) = ids.key(&item.job_interview_id) {
                        self.kits.insert(key, step);
                    }
                }
                "job_candidate_attributes" => {
                    let kind = ids.find(&item.candidate_attribute_type_id);
                    let kind = kind.and_then(|kind| self.attribute_kinds.get(&kind).cloned());
                    if let Some(name) = item.name.owned() {
                        self.attributes.insert(key, Attribute { name, kind });
                    }
                }
                "focus_candidate_attributes" => {
                    let step = ids.find(&item.interview_kit_id).and_then(|kit| self.kits.get(&kit));
                    let attribute = ids.find(&item.job_candidate_attribute_id);
                    let attribute = attribute.and_then(|attribute| self.attributes.get(&attribute));
                    match (step, attribute) {
                        (Some(step), Some(attribute)) => {
                            self.focus.entry(*step).or_default().insert(attribute.name.clone());
                        }
                        _ => visit.count("attributes that a kit focuses on, whose kit or name is in no file"),
                    }
                }
                "rejection_reasons" => {
                    let reason = Reason { name: item.name.owned(), kind: item.r#type.name.owned() };
                    self.reasons.insert(key, reason);
                }
                other => {
                    let names = match other {
                        "departments" => &mut self.departments,
                        "offices" => &mut self.offices,
                        "sources" => &mut self.sources,
                        "job_interview_stages" => &mut self.pipeline,
                        _ => &mut self.attribute_kinds,
                    };
                    if let Some(name) = item.name.owned() {
                        names.insert(key, name);
                    }
                }
            }
        }
        visit.lookup()
    }

    /// The dimensions that a step is meant to test, where its kit says so.
    pub(super) fn meant(&self, step: u64) -> Option<String> {
        joined_names(self.focus.get(&step)?.iter().map(String::as_str))
    }
}
