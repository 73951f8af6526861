//! Lever v1: pages `{"data": [...], "hasNext": ...}` of opportunities and applications, and what was fetched
//! for each opportunity inside a wrapper that says for which.
//!
//! Feedback, interviews and offers do not name their opportunity, so a dump has to: here as lines of
//! `{"opportunityId": ..., "data": [...]}`. All instants are milliseconds. The stage history has entries
//! only, and ends with the archiving, which is no move. Forms exist once somebody began them, and have an
//! author but nobody they count for, so cards submitted for others look like the interviewer's own. No
//! decision is given instead of "no decision": the value is null. Appointments have a start and a length, so
//! work at home has no interview and only a form, and an asynchronous round lasts whole minutes. Nothing says
//! that somebody did not come. An opportunity without an application is a prospect.

mod interviews;
mod opportunities;
mod setup;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

use std::path::Path;

use serde::Serialize;

use super::draw::Draw;
use super::mess::{DELETED_SCORECARD, Mess, NULL_TEXT, OwnMess, deletions};
use super::output::{JsonPages, LINES, Layout, Page, Totals, per_page};
use super::planted::OFFER;
use super::story::LoopStory;
use super::truth::RatingLabels;
use super::uuid::{deleted, prospect, uuid, within};
use super::world::World;
use super::{Format, Writer};
use crate::error::Result;
use crate::time::Instant;

/// Lever v1.
pub(super) const FORMAT: Format = Format {
    id: "lever",
    summary: "JSON pages as the Lever v1 endpoints return them, with the opportunity around its records",
    omits: &[Mess::ProxySubmission],
    person_id: user,
    open,
};

/// Most records the API puts on a page.
const API_PAGE: u64 = 100;
/// The envelope of a list.
const LIST: Layout = Layout {
    extension: "json",
    before: "{\"data\":[",
    between: ",\n",
    after: |page: &Page| match page.has_next {
        true => format!("],\"hasNext\":true,\"next\":\"{}\"}}\n", uuid("lever/offset", page.number)),
        false => "],\"hasNext\":false}\n".to_owned(),
    },
};
const RECOMMENDATIONS: [&str; 4] = ["1 - Strong No Hire", "2 - No Hire", "3 - Hire", "4 - Strong Hire"];
const SCORES: [&str; 4] = ["1", "2", "3", "4"];
const LABELS: RatingLabels = RatingLabels {
    attribute: Some(SCORES),
    attribute_sometimes: None,
    recommendation: RECOMMENDATIONS,
    recommendation_v3: None,
};

fn user(place: usize) -> String {
    uuid("lever/user", place as u64)
}

fn posting(job: usize) -> String {
    uuid("lever/posting", job as u64)
}

fn application(story: &LoopStory) -> String {
    uuid("lever/application", story.index)
}

fn opportunity(number: u64) -> String {
    uuid("lever/opportunity", number)
}

/// Stages that come with Lever have a word for an id.
fn stage(slot: usize) -> String {
    if slot == OFFER { "offer".to_owned() } else { uuid("lever/stage", slot as u64) }
}

fn form(story: &LoopStory, card: usize) -> String {
    uuid("lever/feedback", within(story, card))
}

fn interview(story: &LoopStory, place: usize) -> String {
    uuid("lever/interview", within(story, place))
}

fn panel(story: &LoopStory, interview: usize) -> String {
    uuid("lever/panel", within(story, interview))
}

fn template(slot: usize) -> String {
    uuid("lever/template", slot as u64)
}

fn email(place: usize) -> String {
    format!("user{}@example.com", place + 1)
}

fn full_name(world: &World, place: usize) -> Option<String> {
    world.people[place].name.map(|(first, last)| format!("{first} {last}"))
}

fn millis(at: Instant) -> i64 {
    at.0 / 1_000
}

/// What a script saves around the records that it fetched for one opportunity.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fetched<T> {
    opportunity_id: String,
    data: Vec<T>,
    has_next: bool,
}

impl<T: Serialize> Fetched<T> {
    fn write(opportunity_id: String, data: Vec<T>, pages: &mut JsonPages) -> Result<()> {
        let records = data.len() as u64;
        pages.push_several(&Self { opportunity_id, data, has_next: false }, records)
    }
}

struct Lever {
    opportunities: JsonPages,
    applications: JsonPages,
    feedback: JsonPages,
    interviews: JsonPages,
    offers: JsonPages,
    cancelled_take_homes: u64,
    deleted_forms: u64,
    null_texts: u64,
    /// Endpoints that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    let pages =
        |endpoint: &str, layout| JsonPages::laid_out(out.join(endpoint), per_page(world.loops, API_PAGE), layout);
    Ok(Box::new(Lever {
        opportunities: pages("opportunities", &LIST)?,
        applications: pages("applications", &LIST)?,
        feedback: pages("feedback", &LINES)?,
        interviews: pages("interviews", &LINES)?,
        offers: pages("offers", &LINES)?,
        cancelled_take_homes: 0,
        deleted_forms: 0,
        null_texts: 0,
        totals: setup::write(world, out)?,
    }))
}

impl Writer for Lever {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        if story.duplicated {
            self.opportunities.push(&opportunities::opportunity(world, story, true))?;
        }
        self.opportunities.push(&opportunities::opportunity(world, story, false))?;
        if story.prospect {
            self.opportunities.push(&opportunities::prospect(world, story))?;
        }
        self.applications.push(&opportunities::application(world, story))?;
        self.cancelled_take_homes += story.cancelled_take_homes();
        let id = || opportunity(story.index);
        Fetched::write(id(), interviews::interviews(world, story), &mut self.interviews)?;
        Fetched::write(id(), opportunities::offers(world, story), &mut self.offers)?;
        self.feedback(world, story)
    }

    fn left_out(&self) -> Vec<(Mess, u64)> {
        vec![(Mess::CancelledInterview, self.cancelled_take_homes)]
    }

    fn labels(&self) -> &'static RatingLabels {
        &LABELS
    }

    fn own_mess(&self) -> Vec<(OwnMess, u64)> {
        vec![(DELETED_SCORECARD, self.deleted_forms), (NULL_TEXT, self.null_texts)]
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        for pages in [self.opportunities, self.applications, self.feedback, self.interviews, self.offers] {
            totals += pages.finish()?;
        }
        Ok(totals)
    }
}

impl Lever {
    fn feedback(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let mut aside = Draw::aside(world.seed, story.index);
        let deletions = deletions(world, story, &mut aside);
        let (mut own, mut orphans) = (Vec::new(), Vec::new());
        for (place, card) in story.cards.iter().enumerate() {
            if card.submitted_at.is_none() && !card.is_abandoned() {
                continue;
            }
            let mut form = interviews::form(world, story, place);
            if let Some(at) = deletions[place] {
                own.push(form.deleted(uuid("lever/deleted", within(story, place)), at));
                self.deleted_forms += 1;
            }
            self.null_texts += form.spell_out(&mut aside);
            let forms = if card.orphan { &mut orphans } else { &mut own };
            forms.push(form.clone());
            if card.duplicated {
                form.touch(card.updated_at());
                forms.push(form);
            }
        }
        Fetched::write(opportunity(story.index), own, &mut self.feedback)?;
        if orphans.is_empty() {
            return Ok(());
        }
        Fetched::write(opportunity(deleted(world, story)), orphans, &mut self.feedback)
    }
}

/// The opportunity of a candidate who did not apply for a job.
fn prospect_opportunity(world: &World, story: &LoopStory) -> String {
    opportunity(prospect(world, story))
}
