//! The models that do not grow with the loops: people, jobs, stages, reasons.

use std::path::Path;

use serde_json::{Value, json};

use super::{API_PAGE, LIST, copied_text, user};
use crate::error::Result;
use crate::simulate::endings::reason_text;
use crate::simulate::greenhouse as gh;
use crate::simulate::output::{JsonPages, Totals, per_page};
use crate::simulate::planted::{DEBRIEF, OFFER, RENAMED};
use crate::simulate::uuid::uuid;
use crate::simulate::world::{DEPARTMENTS, LOCATIONS, RENAMED_SLOT, Role, SLOTS, World, slot_name};
use crate::time::Instant;

/// The stages in their order; the renamed one is there under both names.
const ORDER: [usize; SLOTS] = [0, RENAMED.0, RENAMED_SLOT, 2, 3, 4, 5, DEBRIEF, OFFER];

pub(super) fn job(place: usize) -> String {
    uuid("merge/job", place as u64)
}

pub(super) fn stage(slot: usize) -> String {
    uuid("merge/stage", slot as u64)
}

pub(super) fn reject_reason(place: usize) -> String {
    uuid("merge/reject_reason", place as u64)
}

fn department(place: usize) -> String {
    uuid("merge/department", place as u64)
}

fn office(place: usize) -> String {
    uuid("merge/office", place as u64)
}

/// Writes all of them.
pub(super) fn write(world: &World, out: &Path) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut write = |model: &str, records: &mut dyn Iterator<Item = Value>| -> Result<()> {
        let mut pages = JsonPages::laid_out(out.join(model), per_page(world.loops, API_PAGE), &LIST)?;
        for record in records {
            pages.push(&record)?;
        }
        totals += pages.finish()?;
        Ok(())
    };
    let named = |id: String, remote_id: u64, name: &str| {
        with_copies(world, world.start, json!({ "id": id, "remote_id": remote_id.to_string(), "name": name }))
    };
    write("users", &mut (0..world.people.len()).map(|place| account(world, place)))?;
    let departments = DEPARTMENTS.iter().enumerate();
    write(
        "departments",
        &mut departments.map(|(place, about)| named(department(place), gh::department(place), about.name)),
    )?;
    let offices = LOCATIONS.iter().enumerate();
    write("offices", &mut offices.map(|(place, name)| named(office(place), gh::office(place), name)))?;
    let reasons = gh::REASONS.iter().enumerate();
    write(
        "reject_reasons",
        &mut reasons.map(|(place, (id, ..))| named(reject_reason(place), *id, &reason_text(place))),
    )?;
    write("jobs", &mut (0..world.jobs.len()).map(|place| opening(world, place)))?;
    // One pipeline for all jobs, so a stage belongs to none.
    write(
        "job_interview_stages",
        &mut ORDER.iter().enumerate().map(|(order, slot)| {
            let about = json!({
                "id": stage(*slot),
                "remote_id": gh::stage(0, *slot).to_string(),
                "name": slot_name(*slot),
                "stage_order": order,
                "job": null,
            });
            with_copies(world, world.start, about)
        }),
    )?;
    Ok(totals)
}

/// Adds what every model has: Merge's own clock, and what it says about the record behind it.
fn with_copies(world: &World, since: Instant, mut record: Value) -> Value {
    if let Some(fields) = record.as_object_mut() {
        let at = copied_text(world, since);
        fields.insert("created_at".to_owned(), json!(at));
        fields.insert("modified_at".to_owned(), json!(at));
        fields.insert("remote_was_deleted".to_owned(), json!(false));
        fields.insert("field_mappings".to_owned(), Value::Null);
        fields.insert("remote_data".to_owned(), Value::Null);
    }
    record
}

fn account(world: &World, place: usize) -> Value {
    let person = &world.people[place];
    let about = json!({
        "id": user(place),
        "remote_id": gh::user_text(place),
        "first_name": person.name.map(|(first, _)| first),
        "last_name": person.name.map(|(_, last)| last),
        "email": format!("user{}@example.com", place + 1),
        "disabled": false,
        "access_role": if person.role == Role::Recruiter { "TEAM_MEMBER" } else { "INTERVIEWER" },
        "remote_created_at": world.start.to_rfc3339(),
    });
    with_copies(world, world.start, about)
}

fn opening(world: &World, place: usize) -> Value {
    let about = &world.jobs[place];
    let opened_at = about.opened_at.to_rfc3339();
    let record = json!({
        "id": job(place),
        "remote_id": gh::job(place).to_string(),
        "name": about.title,
        "description": null,
        "code": gh::requisition(place),
        "status": "OPEN",
        "type": "POSTING",
        "job_posting_urls": [],
        "confidential": false,
        "departments": [department(about.department)],
        "offices": [office(about.location)],
        "hiring_managers": [user(about.hiring_manager)],
        "recruiters": [user(about.recruiter)],
        "remote_created_at": opened_at,
        "remote_updated_at": opened_at,
    });
    with_copies(world, about.opened_at, record)
}
