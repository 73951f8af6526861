//! The endpoints of v3 that do not grow with the loops: people, jobs, stages, kits, reasons.

use std::path::Path;

use serde_json::{Value, json};

use crate::error::Result;
use crate::simulate::greenhouse as gh;
use crate::simulate::output::{JsonPages, Totals};
use crate::simulate::planted::{DIMENSIONS, Kind, OFFER, ROUNDS, SOURCES};
use crate::simulate::world::{DEPARTMENTS, LOCATIONS, RENAMED_SLOT, SLOTS, World, slot_name, slot_round};

/// The type of every attribute.
const SKILLS: u64 = 1;

/// Writes all of them.
pub(super) fn write(world: &World, out: &Path) -> Result<Totals> {
    let since = world.start.to_rfc3339();
    let mut totals = Totals::default();
    let mut write = |endpoint: &str, records: &mut dyn Iterator<Item = Value>| -> Result<()> {
        let mut pages = JsonPages::create(out.join(endpoint), gh::per_page(world))?;
        for record in records {
            pages.push(&record)?;
        }
        totals += pages.finish()?;
        Ok(())
    };
    let steps =
        || (0..world.jobs.len()).flat_map(|job| (0..SLOTS).filter(|slot| *slot != OFFER).map(move |slot| (job, slot)));
    write("users", &mut (0..world.people.len()).map(|place| user(world, place, &since)))?;
    write("departments", &mut (DEPARTMENTS.iter().enumerate()).map(|(place, department)| {
        json!({ "id": gh::department(place), "name": department.name, "created_at": since, "updated_at": since })
    }))?;
    write(
        "offices",
        &mut (LOCATIONS.iter().enumerate()).map(
            |(place, name)| json!({ "id": gh::office(place), "name": name, "created_at": since, "updated_at": since }),
        ),
    )?;
    write("sources", &mut (SOURCES.iter().enumerate()).map(|(place, source)| {
        json!({ "id": gh::source(place), "name": source.name, "created_at": since, "updated_at": since })
    }))?;
    write(
        "rejection_reasons",
        &mut gh::REASONS.iter().map(|(id, name, by_candidate)| {
            let (_, kind) = gh::reason_type(*by_candidate);
            json!({ "id": id, "name": name, "type": kind, "created_at": since, "updated_at": since })
        }),
    )?;
    write("jobs", &mut (0..world.jobs.len()).map(|place| job(world, place)))?;
    write(
        "job_interview_stages",
        &mut (0..world.jobs.len()).flat_map(|job| (0..SLOTS).map(move |slot| stage(world, job, slot))),
    )?;
    write("job_interviews", &mut steps().map(|(job, slot)| step(world, job, slot)))?;
    write(
        "interview_kits",
        &mut steps().map(|(job, slot)| {
            json!({
                "id": gh::kit(job, slot),
                "job_interview_id": gh::step(job, slot),
                "job_id": gh::job(job),
                "anonymize_candidate": false,
                "anonymize_resumes": false,
                "created_at": made_at(world, job, slot),
                "updated_at": made_at(world, job, slot),
            })
        }),
    )?;
    write(
        "job_candidate_attributes",
        &mut attributes(world).map(|(job, dimension)| {
            json!({
                "id": gh::attribute(job, dimension),
                "job_id": gh::job(job),
                "name": DIMENSIONS[dimension],
                "candidate_attribute_type_id": SKILLS,
                "created_at": gh::made_at(&world.jobs[job]),
                "updated_at": gh::made_at(&world.jobs[job]),
            })
        }),
    )?;
    // Every scored round tests all dimensions; the debrief tests none.
    let mut id = 600_000;
    let scored = steps().filter(|(_, slot)| slot_round(*slot).is_some());
    let focus = scored.flat_map(|(job, slot)| (0..DIMENSIONS.len()).map(move |dimension| (job, slot, dimension)));
    write(
        "focus_candidate_attributes",
        &mut focus.map(|(job, slot, dimension)| {
            id += 1;
            json!({
                "id": id,
                "interview_kit_id": gh::kit(job, slot),
                "job_candidate_attribute_id": gh::attribute(job, dimension),
                "created_at": made_at(world, job, slot),
                "updated_at": made_at(world, job, slot),
            })
        }),
    )?;
    Ok(totals)
}

fn attributes(world: &World) -> impl Iterator<Item = (usize, usize)> {
    (0..world.jobs.len()).flat_map(|job| (0..DIMENSIONS.len()).map(move |dimension| (job, dimension)))
}

fn made_at(world: &World, job: usize, slot: usize) -> String {
    if slot == RENAMED_SLOT { world.renamed_at.to_rfc3339() } else { gh::made_at(&world.jobs[job]) }
}

/// The renamed stage is there twice: the old one no longer active, the new one in its place.
fn is_active(slot: usize) -> bool {
    slot == RENAMED_SLOT || slot_round(slot).is_none() || slot_round(slot) != slot_round(RENAMED_SLOT)
}

fn user(world: &World, place: usize, since: &str) -> Value {
    let person = &world.people[place];
    json!({
        "id": gh::user(place),
        "first_name": person.name.map(|(first, _)| first),
        "last_name": person.name.map(|(_, last)| last),
        "primary_email": format!("user{}@example.com", gh::user(place)),
        "employee_id": format!("{:05}", 10_000 + place),
        "deactivated": false,
        "site_admin": false,
        "department_ids": [gh::department(person.department)],
        "interviewer_tags": [],
        "created_at": since,
        "updated_at": since,
    })
}

fn job(world: &World, place: usize) -> Value {
    let job = &world.jobs[place];
    let opened_at = gh::made_at(job);
    json!({
        "id": gh::job(place),
        "name": job.title,
        "requisition_id": gh::requisition(place),
        "status": "open",
        "confidential": false,
        "department_id": gh::department(job.department),
        "office_ids": [gh::office(job.location)],
        "opened_at": opened_at,
        "closed_at": null,
        "created_at": opened_at,
        "updated_at": opened_at,
    })
}

fn stage(world: &World, job: usize, slot: usize) -> Value {
    json!({
        "id": gh::stage(job, slot),
        "job_id": gh::job(job),
        "name": slot_name(slot),
        "sort_order": slot_round(slot).unwrap_or(slot),
        "active": is_active(slot),
        "created_at": made_at(world, job, slot),
        "updated_at": made_at(world, job, slot),
    })
}

fn step(world: &World, job: usize, slot: usize) -> Value {
    let round = slot_round(slot).map(|round| &ROUNDS[round]);
    let scheduling = match round.map(|round| round.kind) {
        Some(Kind::TakeHome) => "take_home_test",
        _ => "needs_scheduling",
    };
    json!({
        "id": gh::step(job, slot),
        "job_interview_stage_id": gh::stage(job, slot),
        "job_id": gh::job(job),
        "name": slot_name(slot),
        "sort_order": 0,
        "duration": round.map_or(30, |round| round.planned_minutes),
        "scheduling_type": scheduling,
        "require_scorecard": round.is_some(),
        "active": is_active(slot),
        "created_at": made_at(world, job, slot),
        "updated_at": made_at(world, job, slot),
    })
}
