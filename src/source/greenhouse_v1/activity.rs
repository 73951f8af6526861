//! The activity feed: stage changes told in English sentences.
//!
//! v1 keeps no stage history. Its activity feed has, per candidate, entries whose body reads "NAME was moved
//! into STAGE for JOB on DATE by NAME". The date is a day in the account's zone, so the instant is the entry's
//! own; the job tells which of the candidate's applications is meant. Names are never kept.

use serde::Deserialize;

use super::Reader;
use crate::dataset::schema::Event;
use crate::source::record::keys::Words;
use crate::source::record::values::{Id, Person, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::time::Instant;

const SUBJECT: &str = "Candidate Stage Change";
const VERB: &str = " was moved into ";

/// An application of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Loop {
    candidate: u64,
    applied: i64,
    application: u64,
    job: u32,
}

/// The applications by candidate.
#[derive(Debug, Default)]
pub(super) struct Loops {
    list: Vec<Loop>,
    jobs: Words,
}

impl Loops {
    pub(super) fn add(&mut self, candidate: u64, application: u64, job: &str, applied: Option<Instant>) {
        let job = self.jobs.place(&squeezed(job));
        self.list.push(Loop { candidate, applied: applied.map_or(i64::MIN, |at| at.0), application, job });
    }

    pub(super) fn sort(&mut self) {
        self.list.sort_unstable();
        self.list.dedup();
    }

    fn of(&self, candidate: u64) -> &[Loop] {
        let from = self.list.partition_point(|one| one.candidate < candidate);
        let to = self.list.partition_point(|one| one.candidate <= candidate);
        self.list.get(from..to).unwrap_or_default()
    }

    /// The application and the stage that a sentence means. Of two applications for the same job it is the
    /// last one that had been made by then.
    fn moved<'b>(&self, loops: &[Loop], body: &'b str, at: Instant) -> Option<(u64, &'b str)> {
        let (_, rest) = body.split_once(VERB)?;
        let stage_in = |one: &Loop| {
            let job = self.jobs.at(one.job)?;
            // Stage and job may hold the words "for" and "on" themselves, so they are told apart by the job.
            rest.find(&format!(" for {job} on ")).and_then(|end| rest.get(..end))
        };
        let candidates = || loops.iter().filter_map(|one| stage_in(one).map(|stage| (one, stage)));
        let (one, stage) = candidates().rev().find(|(one, _)| one.applied <= at.0).or_else(|| candidates().next())?;
        Some((one.application, stage.trim()))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Feed<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    candidate_id: Id<'a>,
    message: Text<'a>,
    activities: Option<Vec<Activity<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Activity<'a> {
    #[serde(borrow)]
    created_at: Text<'a>,
    subject: Text<'a>,
    body: Text<'a>,
    user: Option<Person<'a>>,
}

impl Reader<'_> {
    pub(super) fn activity_feed(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let feed: Feed<'_> = visit.parse(record)?;
        if feed.message.get().is_some_and(|message| message.contains("deleted")) {
            return Err(visit.refuse("deleted", "message", None));
        }
        visit.lookup()?;
        let Some(loops) = &self.loops else { return Ok(()) };
        let told = [feed.candidate_id, feed.id].into_iter().chain(ids_in_path(&visit.input.relative));
        let mine = told
            .filter_map(|id| self.ids.find(&id))
            .map(|candidate| loops.of(candidate))
            .find(|mine| !mine.is_empty())
            .unwrap_or_default();
        for activity in feed.activities.unwrap_or_default() {
            if !activity.subject.is(SUBJECT) {
                continue;
            }
            let Some(at) = visit.instant(&activity.created_at) else { continue };
            let body = squeezed(activity.body.get().unwrap_or_default());
            let Some((application, stage)) = loops.moved(mine, &body, at) else {
                visit.count("stage changes that could not be joined to an application, left out");
                continue;
            };
            let actor = activity.user.as_ref();
            let event = Event {
                application_id: self.ids.text(application),
                event: "stage_entered".to_owned(),
                event_raw: Some(SUBJECT.to_owned()),
                at: Some(at),
                at_precision: Some("instant".to_owned()),
                stage: Some(self.stages.name(stage)),
                actor_id: actor.and_then(|user| self.people.who(&user.id, &user.email)),
                origin: "activity_text".to_owned(),
                recorded_at: None,
            };
            visit.also(event)?;
        }
        Ok(())
    }
}

/// The identifiers that a path may tell: `activity_feed/978031.json`, `activity_feed_978031.json`,
/// `candidates/978031/activity_feed.json`. A page number is no known candidate, so trying it does no harm.
fn ids_in_path(path: &str) -> impl Iterator<Item = Id<'_>> {
    path.rsplit('/').take(2).flat_map(|part| {
        let stem = part.split('.').next().unwrap_or_default();
        let digits = stem.trim_start_matches(|c: char| !c.is_ascii_digit());
        [Id::parse(stem), Id::parse(digits)]
    })
}

/// A text with each run of white space as one blank: job names are stored with stray blanks.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
