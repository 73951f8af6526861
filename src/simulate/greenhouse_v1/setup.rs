//! The records of v1 that do not belong to a loop: users, jobs, stages.

use std::path::Path;

use serde_json::json;
use serde_json::value::RawValue;

use super::super::greenhouse as gh;
use super::super::output::{Totals, encoded, json_file};
use super::super::world::{DEPARTMENTS, LEVELS, LOCATIONS, SLOTS, World, slot_name, slot_round};
use crate::error::Result;
use crate::simulate::planted::{OFFER, ROUNDS};
use crate::simulate::world::RENAMED_SLOT;

/// Every user in the short shape that other records embed.
pub(super) fn encoded_users(world: &World) -> Result<Vec<Box<RawValue>>> {
    world
        .people
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let short = json!({
                "id": gh::user(place),
                "first_name": person.name.map(|(first, _)| first),
                "last_name": person.name.map(|(_, last)| last),
                "name": person.name.map(|(first, last)| format!("{first} {last}")),
                "employee_id": format!("{:05}", 10_000 + place),
            });
            encoded(&short)
        })
        .collect()
}

/// Writes `users.json`, `jobs.json` and `job_stages.json`, each one array.
pub(super) fn write(world: &World, out: &Path, users: &[Box<RawValue>]) -> Result<Totals> {
    let since = world.start.to_rfc3339();
    let people: Vec<_> = (world.people.iter().enumerate())
        .map(|(place, person)| {
            json!({
                "id": gh::user(place),
                "name": person.name.map(|(first, last)| format!("{first} {last}")),
                "first_name": person.name.map(|(first, _)| first),
                "last_name": person.name.map(|(_, last)| last),
                "primary_email_address": email(place),
                "emails": [email(place)],
                "employee_id": format!("{:05}", 10_000 + place),
                "disabled": false,
                "site_admin": false,
                "created_at": since,
                "updated_at": since,
                "departments": [department(person.department)],
                "offices": [],
            })
        })
        .collect();
    let jobs: Vec<_> = (world.jobs.iter().enumerate())
        .map(|(place, job)| {
            let opened_at = gh::made_at(job);
            json!({
                "id": gh::job(place),
                "name": job.title,
                "requisition_id": gh::requisition(place),
                "status": "open",
                "confidential": false,
                "created_at": opened_at,
                "opened_at": opened_at,
                "closed_at": null,
                "updated_at": opened_at,
                "is_template": false,
                "departments": [department(job.department)],
                "offices": [{ "id": gh::office(job.location), "name": LOCATIONS[job.location] }],
                "custom_fields": { "level": LEVELS[job.level].0, "specialism": job.role_specialism },
                "hiring_team": {
                    "hiring_managers": [users[job.hiring_manager]],
                    "recruiters": [users[job.recruiter]],
                    "coordinators": [],
                    "sourcers": [],
                },
                "openings": [],
            })
        })
        .collect();
    let stages: Vec<_> = (0..world.jobs.len())
        .flat_map(|job| (0..SLOTS).map(move |slot| (job, slot)))
        .map(|(job, slot)| stage(world, job, slot))
        .collect();
    let mut totals = Totals::default();
    for (name, records) in [("users.json", people), ("jobs.json", jobs), ("job_stages.json", stages)] {
        let file = json_file(out.join(name), &records, false)?;
        totals += Totals { records: records.len() as u64, ..file };
    }
    Ok(totals)
}

/// A stage of a job. The renamed stage is there twice: the old one no longer active, the new one in
/// its place.
fn stage(world: &World, job: usize, slot: usize) -> serde_json::Value {
    let round = slot_round(slot);
    let renamed = round == slot_round(RENAMED_SLOT);
    let from = if slot == RENAMED_SLOT { world.renamed_at.to_rfc3339() } else { gh::made_at(&world.jobs[job]) };
    let interview = json!({
        "id": gh::step(job, slot),
        "name": slot_name(slot),
        "schedulable": round.is_none_or(|round| ROUNDS[round].kind.word() != "take_home"),
        "estimated_minutes": round.map_or(30, |round| ROUNDS[round].planned_minutes),
        "default_interviewer_users": [],
        "interview_kit": { "id": gh::kit(job, slot), "content": null, "questions": [] },
    });
    json!({
        "id": gh::stage(job, slot),
        "name": slot_name(slot),
        "created_at": from,
        "updated_at": from,
        "active": !renamed || slot == RENAMED_SLOT,
        "job_id": gh::job(job),
        "priority": round.unwrap_or(slot),
        "interviews": if slot == OFFER { vec![] } else { vec![interview] },
    })
}

fn department(place: usize) -> serde_json::Value {
    json!({ "id": gh::department(place), "name": DEPARTMENTS[place].name })
}

/// A user's address.
pub(super) fn email(place: usize) -> String {
    format!("user{}@example.com", gh::user(place))
}
