//! Greenhouse Harvest v3: flat records with foreign keys, one folder of pages per endpoint.
//!
//! v3 returns drafts: every scorecard exists from the moment of scheduling, so `created_at` is not when
//! it was written. Take-home work has neither a start nor an end, asynchronous rounds are all-day
//! events, a cancelled appointment is `skipped`, and a no-show waits for feedback for ever. There is
//! no `applied_at`; `created_at` of the application stands for it. Offers have days, and their
//! `resolved_at` is noon whatever the hour.

mod records;
mod setup;

use std::path::Path;

use super::greenhouse as gh;
use super::output::{JsonPages, Totals};
use super::story::LoopStory;
use super::world::World;
use super::{Format, Writer};
use crate::error::Result;

/// Greenhouse Harvest v3.
pub(super) const FORMAT: Format = Format {
    id: "greenhouse-v3",
    summary: "JSON pages as the Greenhouse Harvest v3 endpoints return them",
    omits: &[],
    person_id: gh::user_text,
    open,
};

struct GreenhouseV3 {
    applications: JsonPages,
    application_stages: JsonPages,
    interviews: JsonPages,
    interviewers: JsonPages,
    scorecards: JsonPages,
    scorecard_candidate_attributes: JsonPages,
    offers: JsonPages,
    rejection_details: JsonPages,
    /// Endpoints that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    let pages = |endpoint: &str| JsonPages::create(out.join(endpoint), gh::per_page(world));
    Ok(Box::new(GreenhouseV3 {
        applications: pages("applications")?,
        application_stages: pages("application_stages")?,
        interviews: pages("interviews")?,
        interviewers: pages("interviewers")?,
        scorecards: pages("scorecards")?,
        scorecard_candidate_attributes: pages("scorecard_candidate_attributes")?,
        offers: pages("offers")?,
        rejection_details: pages("rejection_details")?,
        totals: setup::write(world, out)?,
    }))
}

impl Writer for GreenhouseV3 {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        if story.duplicated {
            self.applications.push(&records::application(world, story, true))?;
        }
        self.applications.push(&records::application(world, story, false))?;
        if story.prospect {
            self.applications.push(&records::prospect(world, story))?;
        }
        for place in 0..story.visits.len() {
            self.application_stages.push(&records::stage(world, story, place))?;
        }
        for place in 0..story.interviews.len() {
            self.interviews.push(&records::interview(world, story, place))?;
            for seat in 0..story.interviews[place].panel.len() {
                self.interviewers.push(&records::interviewer(story, place, seat))?;
            }
        }
        for place in 0..story.cards.len() {
            self.scorecard(world, story, place)?;
        }
        for record in records::offers(story) {
            self.offers.push(&record)?;
        }
        if let Some(record) = records::rejection(story) {
            self.rejection_details.push(&record)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        for pages in [
            self.applications,
            self.application_stages,
            self.interviews,
            self.interviewers,
            self.scorecards,
            self.scorecard_candidate_attributes,
            self.offers,
            self.rejection_details,
        ] {
            totals += pages.finish()?;
        }
        Ok(totals)
    }
}

impl GreenhouseV3 {
    fn scorecard(&mut self, world: &World, story: &LoopStory, place: usize) -> Result<()> {
        let mut record = records::scorecard(world, story, place);
        self.scorecards.push(&record)?;
        if story.cards[place].duplicated {
            record.touch(story.cards[place].updated_at());
            self.scorecards.push(&record)?;
        }
        for dimension in 0..story.cards[place].marks.len() {
            if let Some(rating) = records::rating(story, place, dimension) {
                self.scorecard_candidate_attributes.push(&rating)?;
            }
        }
        Ok(())
    }
}
