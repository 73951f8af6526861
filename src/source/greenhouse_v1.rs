//! Greenhouse Harvest v1: nested records, one file or folder of pages per endpoint.
//!
//! The endpoint's name is the file's or folder's name: `scorecards.json`, `scorecards/0001.json`. Greenhouse
//! ends the service in August 2026; exports made before then stay readable here.

mod activity;
mod applications;
mod interviews;
mod moment;
mod scorecards;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::files::Export;
use super::greenhouse::FOREIGN;
use super::record::endings::Offers;
use super::record::keys::Ids;
use super::record::visit::{People, each, leave};
use super::record::{Look, recognise};
use super::{Sink, Source};
use crate::config::{Config, Stages};
use crate::error::Result;
use crate::time::Instant;

const ID: &str = "greenhouse-v1";

/// Greenhouse Harvest v1.
pub const SOURCE: Source = Source {
    id: ID,
    title: "Greenhouse Harvest API v1",
    summary: "Files named after the endpoints of Greenhouse's Harvest API v1: applications, offers, \
              scheduled_interviews, scorecards; and, where there are any, users, jobs, job_stages and activity_feed \
              (a folder with one file per candidate, named by the candidate's id).",
    recognise: |export| recognise(export, "Greenhouse Harvest v1", LOOKS, FOREIGN),
    read,
    reads: FILES,
    advice: &[
        ("application-times", "Export `applications`: it has `applied_at`."),
        ("decisions", "Export `applications` and `offers`: rejections stand in the one, offers in the other."),
        ("endings", "Export `applications` and `offers`."),
        ("interview-times", "Export `scheduled_interviews`."),
        ("booking-times", "Export `scheduled_interviews`: its `created_at` is when an interview was booked."),
        (
            "stage-history",
            "Export `activity_feed`, one file per candidate named by the candidate's id: v1 has no stage history but \
             the text of that feed.",
        ),
        ("submissions", "Export `scorecards`: it has `submitted_at`."),
        ("scores", "Export `scorecards`."),
        ("timed-panels", "Export `scorecards`: it has `submitted_at`."),
        ("stage-pairs", "Export `scorecards`, of all rounds."),
        ("shared-candidates", "Export `scorecards`, of all interviewers."),
        (
            "debriefs",
            "Greenhouse has no flag for a debrief: put it on the calendar as an interview with `debrief` in its name, \
             or set `stages.debrief_pattern`, and export `scheduled_interviews`.",
        ),
        ("channels", "Export `applications`: it has the `source` of each."),
        ("rounds", "Export `scheduled_interviews`, `scorecards` and `activity_feed`."),
        ("panels", "Export `scheduled_interviews`: it has the interviewers of each."),
        ("planned-lengths", "Export `job_stages`: it has the planned minutes of each interview."),
    ],
};

const LOOKS: &[Look] = &[
    ("scorecards", false, &["interview_step", "submitted_by", "overall_recommendation"]),
    ("scheduled_interviews", true, &["external_event_id", "interviewers", "start"]),
    ("applications", false, &["jobs", "current_stage", "rejection_reason", "credited_to"]),
    ("offers", false, &["opening", "sent_at", "starts_at"]),
    ("jobs", false, &["hiring_team", "openings", "departments"]),
    ("job_stages", true, &["interviews", "priority"]),
    ("users", false, &["primary_email_address"]),
    ("activity_feed", true, &["activities"]),
];

/// The files that are read. Applications come before what refers to them, and small files first.
const FILES: &[&str] =
    &["users", "jobs", "job_stages", "offers", "applications", "scheduled_interviews", "scorecards", "activity_feed"];

/// What has been read so far and later records are joined with.
struct Reader<'c> {
    stages: &'c Stages,
    ids: Ids,
    people: People,
    jobs: HashMap<u64, applications::Job>,
    /// When the opening was closed that an application was hired into.
    openings: HashMap<u64, Instant>,
    /// The steps of the jobs' interview plans.
    steps: HashMap<u64, interviews::Step>,
    offers: Offers,
    /// Scorecard and interview of each seat that led to a scorecard.
    seats: Vec<(u64, u64)>,
    /// The candidates' applications, where an activity feed needs them.
    loops: Option<activity::Loops>,
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let has_feed = export.of(&["activity_feed"]).next().is_some();
    let mut reader = Reader {
        stages: &config.stages,
        ids: Ids::default(),
        people: People::default(),
        jobs: HashMap::new(),
        openings: HashMap::new(),
        steps: HashMap::new(),
        offers: Offers::default(),
        seats: Vec::new(),
        loops: has_feed.then(activity::Loops::default),
    };
    for stem in FILES {
        each(export, ID, stem, sink, &mut |visit, record| match *stem {
            "users" => reader.people.read_user(visit, record),
            "jobs" => reader.job(visit, record),
            "job_stages" => reader.job_stage(visit, record),
            "offers" => reader.offer(visit, record),
            "applications" => reader.application(visit, record),
            "scheduled_interviews" => reader.interview(visit, record),
            "scorecards" => reader.scorecard(visit, record),
            _ => reader.activity_feed(visit, record),
        })?;
        match *stem {
            "applications" => {
                reader.offers.remark_unused(sink);
                if let Some(loops) = &mut reader.loops {
                    loops.sort();
                }
            }
            "scheduled_interviews" => reader.seats.sort_unstable(),
            _ => {}
        }
    }
    leave(export, ID, FILES, sink);
    Ok(())
}
