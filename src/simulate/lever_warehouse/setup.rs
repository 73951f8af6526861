//! The tables of the Lever warehouse that do not grow with the loops: people, stages, postings, reasons.

use std::path::Path;

use super::{posting, stage, user};
use crate::error::Result;
use crate::simulate::endings::reason_text;
use crate::simulate::greenhouse::REASONS;
use crate::simulate::output::Totals;
use crate::simulate::planted::{DEBRIEF, OFFER, RENAMED};
use crate::simulate::uuid::uuid;
use crate::simulate::warehouse::{stamp, whole};
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
    let since = stamp(world.start);
    let mut totals = whole(
        out,
        "user",
        ["id", "access_role", "created_at", "deactivated_at", "email", "name", "username"],
        world.people.iter().enumerate().map(|(place, person)| {
            let role = match person.role {
                Role::Interviewer => "interviewer",
                Role::HiringManager => "limited team member",
                Role::Recruiter => "team member",
            };
            let name = person.name.map(|(first, last)| format!("{first} {last}")).unwrap_or_default();
            let username = format!("user{}", place + 1);
            let email = format!("{username}@example.com");
            [user(place), role.to_owned(), since.clone(), String::new(), email, name, username]
        }),
    )?;
    let built_in = BUILT_IN.iter().map(|(id, text)| [(*id).to_owned(), (*text).to_owned()]);
    let own = ORDER.iter().map(|slot| [stage(*slot), slot_name(*slot).to_owned()]);
    totals += whole(out, "stage", ["id", "text"], built_in.chain(own))?;
    totals += whole(
        out,
        "posting",
        [
            "id",
            "_fivetran_deleted",
            "categories_department",
            "categories_level",
            "categories_location",
            "created_at",
            "owner_id",
            "state",
            "text",
        ],
        world.jobs.iter().enumerate().map(|(place, job)| {
            [
                posting(place),
                "false".to_owned(),
                DEPARTMENTS[job.department].name.to_owned(),
                LEVELS[job.level].0.to_owned(),
                LOCATIONS[job.location].to_owned(),
                stamp(job.opened_at),
                user(job.recruiter),
                "published".to_owned(),
                job.title.clone(),
            ]
        }),
    )?;
    totals += whole(
        out,
        "archive_reason",
        ["id", "_fivetran_deleted", "text"],
        (0..=HIRED).map(|place| {
            let text = if place == HIRED { "Hired".to_owned() } else { reason_text(place) };
            [archive_reason(place), "false".to_owned(), text]
        }),
    )?;
    Ok(totals)
}
