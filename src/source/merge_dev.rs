//! Merge: one shape for the records of many applicant tracking systems, as its API returns them.
//!
//! `created_at` and `modified_at` are Merge's own clock, which says when it copied a record. What happened is
//! read from the system's times, `remote_created_at` and others; `modified_at` only tells which of two copies is
//! the newer one. Merge passes on neither the way through the stages nor ratings of single attributes.

mod applications;
mod interviews;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Deserialize;

use super::files::Export;
use super::record::endings::Offers;
use super::record::index::{Entry, Sorted};
use super::record::keys::{Ids, Words};
use super::record::naming::renamed;
use super::record::values::{Id, Text, Titled, Whole};
use super::record::visit::{People, Taken, Visit, each, leave};
use super::record::{Look, recognise};
use super::{Sink, Source};
use crate::config::Config;
use crate::dataset::extent::Kind;
use crate::error::Result;
use crate::time::Instant;

const ID: &str = "merge";

/// Merge.
pub const SOURCE: Source = Source {
    id: ID,
    title: "Merge unified ATS API",
    summary: "Files named after the endpoints of Merge's unified ATS API: applications, interviews (or \
              scheduled_interviews), scorecards, job_interview_stages, offers and reject_reasons; and, where there \
              are any, jobs, users (or remote_users), departments and offices. Related objects may be identifiers or \
              expanded.",
    recognise: |export| recognise(&renamed(export, kind), "Merge", LOOKS, &[]),
    read,
    reads: FILES,
    advice: &[
        ("application-times", "Export `applications`: they have `applied_at`."),
        ("decisions", "Export `applications`, `offers` and `reject_reasons`."),
        ("endings", "Export `applications`, `offers` and `reject_reasons`."),
        ("interview-times", "Export `interviews` (ScheduledInterview)."),
        ("booking-times", "Export `interviews` (ScheduledInterview)."),
        (
            "stage-history",
            "Merge's API has no stage history: add events.csv through `--source tables`, or export the system itself.",
        ),
        ("submissions", "Export `scorecards`: they have `submitted_at`."),
        ("scores", "Merge has no ratings by dimension: export the system itself for scores."),
        ("timed-panels", "Export `scorecards`: they have `submitted_at`."),
        ("stage-pairs", "Merge has no ratings by dimension: export the system itself for scores."),
        ("shared-candidates", "Merge has no ratings by dimension: export the system itself for scores."),
        ("debriefs", "Merge has no flag for a debrief: set `stages.debrief_pattern`."),
        ("channels", "Export `applications`: they have `source`."),
        ("rounds", "Export `interviews`, `scorecards` and `job_interview_stages`."),
        ("panels", "Export `interviews` (ScheduledInterview)."),
        ("planned-lengths", "Export `interviews` (ScheduledInterview)."),
    ],
};

/// Keys that no system behind Merge has.
const MARKS: &[&str] = &["remote_id", "remote_created_at", "remote_was_deleted", "remote_data", "field_mappings"];

const LOOKS: &[Look] = &[
    ("applications", false, MARKS),
    ("scorecards", false, MARKS),
    ("interviews", false, MARKS),
    ("job_interview_stages", false, MARKS),
    ("jobs", false, MARKS),
    ("users", false, MARKS),
    ("offers", false, MARKS),
    ("reject_reasons", false, MARKS),
];

/// What a file holds, by the letters of its name.
fn kind(letters: &str) -> Option<&'static str> {
    Some(match letters.strip_suffix('s').unwrap_or(letters) {
        "user" | "remoteuser" => "users",
        "department" => "departments",
        "office" => "offices",
        "job" => "jobs",
        "jobinterviewstage" => "job_interview_stages",
        "rejectreason" => "reject_reasons",
        "offer" => "offers",
        "application" => "applications",
        "interview" | "scheduledinterview" => "interviews",
        "scorecard" => "scorecards",
        _ => return None,
    })
}

/// The files that are read. What others refer to comes first.
const FILES: &[&str] = &[
    "users",
    "departments",
    "offices",
    "jobs",
    "job_interview_stages",
    "reject_reasons",
    "offers",
    "applications",
    "interviews",
    "scorecards",
];

/// A job.
#[derive(Debug, Default)]
struct Job {
    title: Option<String>,
    department: Option<String>,
    office: Option<String>,
    hiring_manager: Option<String>,
    recruiter: Option<String>,
}

/// An interview that scorecards may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    id: u128,
    /// Microseconds; `i64::MIN` where it is not known.
    start: i64,
    /// Its stage, a place among the words.
    stage: u32,
}

impl Entry for Held {
    type Key = u128;

    fn key(&self) -> u128 {
        self.id
    }
}

/// What has been read so far and later records are joined with.
struct Reader<'c> {
    config: &'c Config,
    ids: Ids,
    people: People,
    /// Titles of departments, offices, stages and reasons: Merge's identifiers are unique among all of them.
    titles: HashMap<u64, String>,
    jobs: HashMap<u64, Job>,
    offers: Offers,
    /// Titles of stages, referred to by the interviews.
    words: Words,
    interviews: Sorted<Held>,
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let export = &renamed(export, kind);
    let mut reader = Reader {
        config,
        ids: Ids::default(),
        people: People::default(),
        titles: HashMap::new(),
        jobs: HashMap::new(),
        offers: Offers::default(),
        words: Words::default(),
        interviews: Sorted::default(),
    };
    for stem in FILES {
        each(export, ID, stem, sink, &mut |visit, record| match *stem {
            "users" => reader.people.read_user(visit, record),
            "jobs" => reader.job(visit, record),
            "offers" => reader.offer(visit, record),
            "applications" => reader.application(visit, record),
            "interviews" => reader.interview(visit, record),
            "scorecards" => reader.scorecard(visit, record),
            _ => reader.title(visit, record),
        })?;
        match *stem {
            "applications" => {
                reader.offers.remark_unused(sink);
                reader.offers = Offers::default();
            }
            "interviews" => reader.interviews.sort(),
            _ => {}
        }
    }
    leave(export, ID, FILES, sink);
    Ok(())
}

/// What every object of Merge has.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Common<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    modified_at: Text<'a>,
    remote_created_at: Text<'a>,
    remote_updated_at: Text<'a>,
    remote_was_deleted: Text<'a>,
}

impl Common<'_> {
    /// Reads it off a record that is one of the account's own: its identifier, and when it was recorded.
    fn read<'r>(
        visit: &mut Visit<'_>,
        kind: Option<Kind>,
        record: &'r [u8],
    ) -> Taken<(Common<'r>, String, Option<Instant>)> {
        let common: Common<'r> = visit.parse(record)?;
        let id = visit.own_id(&common.id, record)?;
        if common.remote_was_deleted.is("true") {
            return Err(match kind {
                Some(kind) => visit.deleted(kind, &id, "remote_was_deleted"),
                None => visit.refuse("deleted", "remote_was_deleted", None),
            });
        }
        let recorded_at = visit.instant(&common.modified_at);
        Ok((common, id, recorded_at))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    name: Text<'a>,
    departments: Option<Vec<Whole<Titled<'a>>>>,
    offices: Option<Vec<Whole<Titled<'a>>>>,
    hiring_managers: Option<Vec<Whole<Titled<'a>>>>,
    recruiters: Option<Vec<Whole<Titled<'a>>>>,
}

impl Reader<'_> {
    /// A record that others need the name of.
    fn title(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let item: Titled<'_> = visit.parse(record)?;
        visit.own_id(&item.id, record)?;
        if let (Some(key), Some(title)) = (self.ids.key(&item.id), item.title()) {
            self.titles.insert(key, title.to_owned());
        }
        visit.lookup()
    }

    fn job(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let job: JobRecord<'_> = visit.parse(record)?;
        visit.own_id(&job.id, record)?;
        let first = |list: &Option<Vec<Whole<Titled<'_>>>>| list.iter().flatten().find_map(|one| self.named(&one.0));
        let person = |list: &Option<Vec<Whole<Titled<'_>>>>| list.iter().flatten().find_map(|one| one.0.id.text());
        let about = Job {
            title: job.name.owned(),
            department: first(&job.departments),
            office: first(&job.offices),
            hiring_manager: person(&job.hiring_managers),
            recruiter: person(&job.recruiters),
        };
        if let Some(key) = self.ids.key(&job.id) {
            self.jobs.insert(key, about);
        }
        visit.lookup()
    }

    /// The name of a thing that is expanded, or referred to by its identifier.
    fn named(&self, thing: &Titled<'_>) -> Option<String> {
        let listed = || self.titles.get(&self.ids.find(&thing.id)?).cloned();
        thing.title().map(str::to_owned).or_else(listed)
    }
}
