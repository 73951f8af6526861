//! The endpoints that do not grow with the loops: people, stages, postings, reasons.

use std::path::Path;

use serde_json::{Value, json};

use super::{API_PAGE, LIST, email, full_name, millis, posting, stage, user};
use crate::error::Result;
use crate::simulate::endings::reason_text;
use crate::simulate::greenhouse::{REASONS, requisition};
use crate::simulate::output::{JsonPages, Totals, per_page};
use crate::simulate::planted::{DEBRIEF, OFFER, RENAMED};
use crate::simulate::uuid::uuid;
use crate::simulate::world::{DEPARTMENTS, LEVELS, LOCATIONS, RENAMED_SLOT, Role, SLOTS, World, slot_name};

/// The place of the reason that is a hire, after all others.
pub(super) const HIRED: usize = REASONS.len();
/// The stage of leads, one of those that come with Lever.
pub(super) const LEAD: &str = "lead-new";
/// Stages that come with Lever, before those of the company.
const BUILT_IN: [(&str, &str); 2] = [(LEAD, "New lead"), ("applicant-new", "New applicant")];
/// The company's stages in their order; the renamed one is there under both names.
const ORDER: [usize; SLOTS] = [0, RENAMED.0, RENAMED_SLOT, 2, 3, 4, 5, DEBRIEF, OFFER];

/// The id of an archive reason.
pub(super) fn archive_reason(place: usize) -> String {
    uuid("lever/archive_reason", place as u64)
}

/// The position of a stage in the pipeline.
pub(super) fn stage_index(slot: usize) -> usize {
    BUILT_IN.len() + ORDER.iter().position(|place| *place == slot).unwrap_or(0)
}

/// Writes all of them.
pub(super) fn write(world: &World, out: &Path) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut write = |endpoint: &str, records: &mut dyn Iterator<Item = Value>| -> Result<()> {
        let mut pages = JsonPages::laid_out(out.join(endpoint), per_page(world.loops, API_PAGE), &LIST)?;
        for record in records {
            pages.push(&record)?;
        }
        totals += pages.finish()?;
        Ok(())
    };
    write("users", &mut (0..world.people.len()).map(|place| account(world, place)))?;
    let built_in = BUILT_IN.iter().map(|(id, text)| json!({ "id": id, "text": text }));
    let own = ORDER.iter().map(|slot| json!({ "id": stage(*slot), "text": slot_name(*slot) }));
    write("stages", &mut built_in.chain(own))?;
    write("postings", &mut (0..world.jobs.len()).map(|place| opening(world, place)))?;
    write(
        "archive_reasons",
        &mut (0..=HIRED).map(|place| {
            let (text, kind) = match place {
                HIRED => ("Hired".to_owned(), "hired"),
                _ => (reason_text(place), "non-hired"),
            };
            json!({ "id": archive_reason(place), "text": text, "status": "active", "type": kind })
        }),
    )?;
    Ok(totals)
}

fn account(world: &World, place: usize) -> Value {
    json!({
        "id": user(place),
        "name": full_name(world, place),
        "username": format!("user{}", place + 1),
        "email": email(place),
        "accessRole": match world.people[place].role {
            Role::Interviewer => "interviewer",
            Role::HiringManager => "limited team member",
            Role::Recruiter => "team member",
        },
        "photo": null,
        "createdAt": millis(world.start),
        "deactivatedAt": null,
        "externalDirectoryId": null,
    })
}

fn opening(world: &World, place: usize) -> Value {
    let job = &world.jobs[place];
    json!({
        "id": posting(place),
        "text": job.title,
        "state": "published",
        "confidentiality": "non-confidential",
        "categories": {
            "team": job.role_specialism,
            "department": DEPARTMENTS[job.department].name,
            "location": LOCATIONS[job.location],
            "commitment": "Full-time",
            "level": LEVELS[job.level].0,
        },
        "tags": [],
        "reqCode": requisition(place),
        "user": user(job.recruiter),
        "owner": user(job.recruiter),
        "hiringManager": user(job.hiring_manager),
        "followers": [],
        "createdAt": millis(job.opened_at),
        "updatedAt": millis(job.opened_at),
    })
}
