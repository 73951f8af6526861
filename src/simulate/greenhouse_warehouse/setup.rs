//! The tables of the Greenhouse warehouse that do not grow with the loops: people, jobs, stages, reasons.

use std::path::Path;

use crate::error::Result;
use crate::simulate::greenhouse as gh;
use crate::simulate::output::Totals;
use crate::simulate::planted::{OFFER, SOURCES};
use crate::simulate::warehouse::{stamp, whole};
use crate::simulate::world::{DEPARTMENTS, LOCATIONS, SLOTS, World, slot_name};

/// Writes all of them.
pub(super) fn write(world: &World, out: &Path) -> Result<Totals> {
    let since = stamp(world.start);
    let jobs = || world.jobs.iter().enumerate();
    let of_job = |place: usize| gh::job(place).to_string();
    let stages = || (0..world.jobs.len()).flat_map(|job| (0..SLOTS).map(move |slot| (job, slot)));
    let mut totals = whole(
        out,
        "user",
        ["id", "created_at", "disabled", "employee_id", "first_name", "last_name", "site_admin", "updated_at"],
        world.people.iter().enumerate().map(|(place, person)| {
            let (first, last) = person.name.unwrap_or_default();
            let id = gh::user_text(place);
            let employee = format!("{:05}", 10_000 + place);
            [id, since.clone(), no(), employee, first.to_owned(), last.to_owned(), no(), since.clone()]
        }),
    )?;
    totals += whole(
        out,
        "job",
        ["id", "_fivetran_deleted", "closed_at", "confidential", "created_at", "name", "requisition_id", "status"],
        jobs().map(|(place, job)| {
            let (title, requisition) = (job.title.clone(), gh::requisition(place));
            let opened = stamp(job.opened_at);
            [of_job(place), no(), String::new(), no(), opened, title, requisition, "open".to_owned()]
        }),
    )?;
    totals += whole(
        out,
        "job_stage",
        ["id", "_fivetran_deleted", "created_at", "job_id", "name"],
        stages().map(|(job, slot)| {
            let id = gh::stage(job, slot).to_string();
            [id, no(), stamp(world.jobs[job].opened_at), of_job(job), slot_name(slot).to_owned()]
        }),
    )?;
    totals += whole(
        out,
        "interview",
        ["id", "interview_kit_content", "job_stage_id", "name"],
        stages().filter(|(_, slot)| *slot != OFFER).map(|(job, slot)| {
            let id = gh::step(job, slot).to_string();
            [id, String::new(), gh::stage(job, slot).to_string(), slot_name(slot).to_owned()]
        }),
    )?;
    totals += whole(
        out,
        "hiring_team",
        ["job_id", "role", "user_id"],
        jobs().flat_map(|(place, job)| {
            [("hiring_managers", job.hiring_manager), ("recruiters", job.recruiter)]
                .map(|(role, person)| [of_job(place), role.to_owned(), gh::user_text(person)])
        }),
    )?;
    totals += whole(
        out,
        "job_department",
        ["department_id", "job_id"],
        jobs().map(|(place, job)| [gh::department(job.department).to_string(), of_job(place)]),
    )?;
    totals += whole(
        out,
        "job_office",
        ["job_id", "office_id"],
        jobs().map(|(place, job)| [of_job(place), gh::office(job.location).to_string()]),
    )?;
    let names = |id: fn(usize) -> u64, names: Vec<&'static str>| {
        names.into_iter().enumerate().map(move |(place, name)| [id(place).to_string(), name.to_owned()])
    };
    let departments = DEPARTMENTS.iter().map(|department| department.name).collect();
    totals += whole(out, "department", ["id", "name"], names(gh::department, departments))?;
    totals += whole(out, "office", ["id", "name"], names(gh::office, LOCATIONS.to_vec()))?;
    let sources = SOURCES.iter().map(|source| source.name).collect();
    totals += whole(out, "source", ["id", "name"], names(gh::source, sources))?;
    totals += whole(
        out,
        "rejection_reason",
        ["id", "name", "type_id", "type_name"],
        gh::REASONS.iter().map(|(id, name, by_candidate)| {
            let (type_id, type_name) = gh::reason_type(*by_candidate);
            [id.to_string(), (*name).to_owned(), type_id.to_string(), type_name.to_owned()]
        }),
    )?;
    Ok(totals)
}

fn no() -> String {
    "false".to_owned()
}
