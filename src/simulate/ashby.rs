//! Ashby: answers `{"success": true, "results": ...}`, one folder per endpoint.
//!
//! Applications come from `application.info`, the only endpoint with their history, so each line is one answer
//! with one application. The history ends with an entry into the stage of type Hired or Archived. Feedback
//! exists once it is submitted, cannot show an edit, and counts for somebody who may not be its author. Scores
//! are numbers, texts or objects, in turn; "no decision" is a value that is null or not there. Each booking has
//! a schedule of its own; work at home has none. Nothing says that somebody did not come. An application always
//! has a job, so there are no prospects; of an offer only the latest version is told, and not when it was sent.

mod applications;
mod feedback;
mod setup;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::mess::Mess;
use super::output::{JsonPages, LINES, Layout, Page, Totals, per_page};
use super::story::LoopStory;
use super::truth::RatingLabels;
use super::uuid::{uuid, within};
use super::world::World;
use super::{Format, Writer};
use crate::error::Result;
use crate::time::Instant;

/// Ashby.
pub(super) const FORMAT: Format = Format {
    id: "ashby",
    summary: "JSON pages as the Ashby endpoints return them, applications with their history",
    omits: &[Mess::DraftScorecard, Mess::ProspectApplication],
    person_id: user,
    open,
};

/// Most records the API puts on a page.
const API_PAGE: u64 = 100;
/// The envelope of a list.
const LIST: Layout = Layout {
    extension: "json",
    before: "{\"success\":true,\"results\":[",
    between: ",\n",
    after: |page: &Page| match page.has_next {
        true => format!("],\"moreDataAvailable\":true,\"nextCursor\":\"{}\"}}\n", uuid("ashby/cursor", page.number)),
        false => format!("],\"moreDataAvailable\":false,\"syncToken\":\"{}\"}}\n", uuid("ashby/sync", 0)),
    },
};
const RECOMMENDATIONS: [&str; 4] = ["strong_no_hire", "no_hire", "hire", "strong_hire"];
const LABELS: RatingLabels = RatingLabels {
    attribute: Some(["1", "2", "3", "4"]),
    attribute_sometimes: None,
    recommendation: RECOMMENDATIONS,
    recommendation_v3: None,
};

fn user(place: usize) -> String {
    uuid("ashby/user", place as u64)
}

fn application(number: u64) -> String {
    uuid("ashby/application", number)
}

fn stage(slot: usize) -> String {
    uuid("ashby/stage", slot as u64)
}

/// The interview, as a kind of appointment, of a stage.
fn interview(slot: usize) -> String {
    uuid("ashby/interview", slot as u64)
}

fn event(story: &LoopStory, interview: usize) -> String {
    uuid("ashby/event", within(story, interview))
}

/// An entry of the history.
fn entry(story: &LoopStory, place: usize) -> String {
    uuid("ashby/history", within(story, place))
}

/// A time with milliseconds, also where they are zero.
fn time(at: Instant) -> String {
    let text = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    Timestamp::from_microsecond(at.0).map(text).unwrap_or_default()
}

/// A user as other records repeat them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    first_name: Option<&'static str>,
    last_name: Option<&'static str>,
    email: String,
    global_role: &'static str,
    is_enabled: bool,
    updated_at: String,
}

/// One answer of an endpoint that is asked for one thing.
#[derive(Serialize)]
struct Info<T> {
    success: bool,
    results: T,
}

/// What loops repeat, prepared once.
struct Ready {
    users: Vec<User>,
    jobs: Vec<Box<RawValue>>,
    /// By slot, then Hired and Archived.
    stages: Vec<Box<RawValue>>,
    sources: Vec<Box<RawValue>>,
    reasons: Vec<Box<RawValue>>,
    form: Box<RawValue>,
}

struct Ashby {
    ready: Ready,
    applications: JsonPages,
    feedback: JsonPages,
    schedules: JsonPages,
    offers: JsonPages,
    cancelled_take_homes: u64,
    /// Endpoints that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    let pages =
        |endpoint: &str, layout| JsonPages::laid_out(out.join(endpoint), per_page(world.loops, API_PAGE), layout);
    let ready = setup::ready(world)?;
    Ok(Box::new(Ashby {
        applications: pages("application.info", &LINES)?,
        feedback: pages("applicationFeedback.list", &LIST)?,
        schedules: pages("interviewSchedule.list", &LIST)?,
        offers: pages("offer.list", &LIST)?,
        cancelled_take_homes: 0,
        totals: setup::write(world, out, &ready)?,
        ready,
    }))
}

impl Writer for Ashby {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let ready = &self.ready;
        if story.duplicated {
            let results = applications::application(world, story, ready, true);
            self.applications.push(&Info { success: true, results })?;
        }
        let results = applications::application(world, story, ready, false);
        self.applications.push(&Info { success: true, results })?;
        self.cancelled_take_homes += story.cancelled_take_homes();
        for record in feedback::schedules(world, story, ready) {
            self.schedules.push(&record)?;
        }
        for (place, card) in story.cards.iter().enumerate() {
            let Some(submitted_at) = card.submitted_at else { continue };
            let record = feedback::feedback(world, story, ready, place, submitted_at);
            for _ in 0..=usize::from(card.duplicated) {
                self.feedback.push(&record)?;
            }
        }
        match applications::offer(world, story, ready) {
            Some(record) => self.offers.push(&record),
            None => Ok(()),
        }
    }

    fn left_out(&self) -> Vec<(Mess, u64)> {
        vec![(Mess::CancelledInterview, self.cancelled_take_homes)]
    }

    fn labels(&self) -> &'static RatingLabels {
        &LABELS
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        for pages in [self.applications, self.feedback, self.schedules, self.offers] {
            totals += pages.finish()?;
        }
        Ok(totals)
    }
}
