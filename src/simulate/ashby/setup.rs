//! What does not grow with the loops: people, jobs, stages, interviews, the form, reasons.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::{API_PAGE, LIST, RECOMMENDATIONS, Ready, User, interview, stage, time, user};
use crate::error::Result;
use crate::simulate::greenhouse::{REASONS, requisition};
use crate::simulate::output::{JsonPages, Totals, encoded, per_page};
use crate::simulate::planted::{DEBRIEF, DIMENSIONS, OFFER, RENAMED, SOURCES};
use crate::simulate::uuid::uuid;
use crate::simulate::world::{DEPARTMENTS, LOCATIONS, RENAMED_SLOT, Role, SLOTS, World, slot_name, slot_round};

/// The stages after those of the loop: where applications end.
pub(super) const HIRED: usize = SLOTS;
pub(super) const ARCHIVED: usize = SLOTS + 1;
/// All stages in the order of the plan; the renamed one is there under both names.
const ORDER: [usize; SLOTS + 2] = [0, RENAMED.0, RENAMED_SLOT, 2, 3, 4, 5, DEBRIEF, OFFER, HIRED, ARCHIVED];
/// Where the scores stand in a submission.
pub(super) const DIMENSION_PATHS: [&str; DIMENSIONS.len()] =
    ["technical_quality", "communication", "ownership", "decision_making"];
/// Where the overall verdict stands.
pub(super) const OVERALL_PATH: &str = "overall_recommendation";
/// Ashby's own group for each source channel.
const SOURCE_TYPES: [&str; SOURCES.len()] = ["Referrals", "Agencies", "Inbound", "Sourced"];

/// The position of a stage in the plan.
pub(super) fn stage_number(slot: usize) -> usize {
    ORDER.iter().position(|place| *place == slot).unwrap_or(0)
}

pub(super) fn stage_title(slot: usize) -> &'static str {
    match slot {
        HIRED => "Hired",
        ARCHIVED => "Archived",
        slot => slot_name(slot),
    }
}

/// The one form that every round uses.
pub(super) fn form_id() -> String {
    uuid("ashby/form", 0)
}

fn plan_id() -> String {
    uuid("ashby/plan", 0)
}

fn department(place: usize) -> String {
    uuid("ashby/department", place as u64)
}

fn location(place: usize) -> String {
    uuid("ashby/location", place as u64)
}

fn job(place: usize) -> String {
    uuid("ashby/job", place as u64)
}

/// Prepares what loops repeat.
pub(super) fn ready(world: &World) -> Result<Ready> {
    let all = |count: usize, record: &dyn Fn(usize) -> Value| -> Result<Vec<_>> {
        (0..count).map(|place| encoded(&record(place))).collect()
    };
    let short_job = |place: usize| {
        let about = &world.jobs[place];
        json!({
            "id": job(place),
            "title": about.title,
            "locationId": location(about.location),
            "departmentId": department(about.department),
        })
    };
    Ok(Ready {
        users: (0..world.people.len()).map(|place| account(world, place)).collect(),
        jobs: all(world.jobs.len(), &short_job)?,
        stages: all(SLOTS + 2, &stage_record)?,
        sources: all(SOURCES.len(), &source)?,
        reasons: all(REASONS.len(), &reason)?,
        form: encoded(&form())?,
    })
}

/// Writes all lists.
pub(super) fn write(world: &World, out: &Path, ready: &Ready) -> Result<Totals> {
    let lists = Lists { world, out };
    let mut totals = lists.write("user.list", ready.users.iter())?;
    totals += lists.write("job.list", (0..world.jobs.len()).map(|place| full_job(world, place)))?;
    totals += lists.write(
        "department.list",
        DEPARTMENTS.iter().enumerate().map(|(place, about)| {
            json!({ "id": department(place), "name": about.name, "isArchived": false, "parentId": null })
        }),
    )?;
    totals += lists.write(
        "location.list",
        LOCATIONS.iter().enumerate().map(|(place, name)| {
            json!({ "id": location(place), "name": name, "isArchived": false, "isRemote": *name == "Remote" })
        }),
    )?;
    totals += lists.write("source.list", ready.sources.iter())?;
    totals += lists.write("archiveReason.list", ready.reasons.iter())?;
    totals += lists.write("interviewStage.list", ORDER.iter().map(|slot| &ready.stages[*slot]))?;
    totals += lists.write(
        "interview.list",
        ORDER.iter().filter(|slot| **slot < OFFER || **slot == RENAMED_SLOT).map(appointment),
    )?;
    Ok(totals)
}

/// Where the lists go.
struct Lists<'a> {
    world: &'a World,
    out: &'a Path,
}

impl Lists<'_> {
    fn write<T: Serialize>(&self, endpoint: &str, records: impl Iterator<Item = T>) -> Result<Totals> {
        let mut pages = JsonPages::laid_out(self.out.join(endpoint), per_page(self.world.loops, API_PAGE), &LIST)?;
        for record in records {
            pages.push(&record)?;
        }
        pages.finish()
    }
}

fn account(world: &World, place: usize) -> User {
    let person = &world.people[place];
    User {
        id: user(place),
        first_name: person.name.map(|(first, _)| first),
        last_name: person.name.map(|(_, last)| last),
        email: format!("user{}@example.com", place + 1),
        global_role: if person.role == Role::Recruiter { "Elevated Access" } else { "Limited Access" },
        is_enabled: true,
        updated_at: time(world.start),
    }
}

fn full_job(world: &World, place: usize) -> Value {
    let about = &world.jobs[place];
    let member = |person: usize, role| {
        let (id, name) = (user(person), world.people[person].name);
        json!({
            "userId": id,
            "firstName": name.map(|(first, _)| first),
            "lastName": name.map(|(_, last)| last),
            "email": format!("user{}@example.com", person + 1),
            "role": role,
        })
    };
    json!({
        "id": job(place),
        "title": about.title,
        "status": "Open",
        "confidential": false,
        "employmentType": "FullTime",
        "locationId": location(about.location),
        "departmentId": department(about.department),
        "defaultInterviewPlanId": plan_id(),
        "interviewPlanIds": [plan_id()],
        "customRequisitionId": requisition(place),
        "customFields": [],
        "jobPostingIds": [],
        "hiringTeam": [member(about.hiring_manager, "Hiring Manager"), member(about.recruiter, "Recruiter")],
        "createdAt": time(about.opened_at),
        "openedAt": time(about.opened_at),
        "closedAt": null,
        "updatedAt": time(about.opened_at),
    })
}

fn source(place: usize) -> Value {
    json!({
        "id": uuid("ashby/source", place as u64),
        "title": SOURCES[place].name,
        "isArchived": false,
        "sourceType": {
            "id": uuid("ashby/source_type", place as u64),
            "title": SOURCE_TYPES[place],
            "isArchived": false,
        },
    })
}

fn reason(place: usize) -> Value {
    let (_, text, by_candidate) = REASONS[place];
    json!({
        "id": uuid("ashby/reason", place as u64),
        "text": text,
        "reasonType": if by_candidate { "RejectedByCandidate" } else { "RejectedByOrg" },
        "isArchived": false,
    })
}

fn stage_record(slot: usize) -> Value {
    json!({
        "id": stage(slot),
        "title": stage_title(slot),
        "type": match slot {
            OFFER => "Offer",
            HIRED => "Hired",
            ARCHIVED => "Archived",
            _ => "Active",
        },
        "interviewPlanId": plan_id(),
        "orderInInterviewPlan": stage_number(slot),
    })
}

/// The interview of a stage; the one of the renamed stage's older name is archived.
fn appointment(slot: &usize) -> Value {
    let is_scored = slot_round(*slot).is_some();
    json!({
        "id": interview(*slot),
        "title": slot_name(*slot),
        "isArchived": *slot == RENAMED.0,
        "isDebrief": *slot == DEBRIEF,
        "isFeedbackRequired": is_scored,
        "isFeedbackRequested": is_scored,
        "jobId": null,
        "feedbackFormDefinitionId": is_scored.then(form_id),
    })
}

fn form() -> Value {
    let field = |number: u64, kind: &str, path: &str, title: &str, required: bool, values: Option<Value>| {
        let mut field = json!({
            "id": uuid("ashby/field", number),
            "type": kind,
            "path": path,
            "title": title,
            "humanReadablePath": title,
            "isNullable": !required,
        });
        if let (Some(values), Some(field)) = (values, field.as_object_mut()) {
            field.insert("selectableValues".to_owned(), values);
        }
        json!({ "isRequired": required, "field": field })
    };
    let labels = ["Strong No Hire", "No Hire", "Hire", "Strong Hire"];
    let choices: Vec<Value> =
        labels.iter().zip(RECOMMENDATIONS).map(|(label, value)| json!({ "label": label, "value": value })).collect();
    let overall = field(0, "ValueSelect", OVERALL_PATH, "Overall Recommendation", true, Some(Value::Array(choices)));
    let scores: Vec<Value> = (1..)
        .zip(DIMENSION_PATHS.iter().zip(DIMENSIONS))
        .map(|(number, (path, title))| field(number, "Score", path, title, false, None))
        .collect();
    json!({
        "sections": [{ "title": "Overall", "fields": [overall] }, { "title": "Rubric", "fields": scores }],
    })
}
