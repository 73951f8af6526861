//! Greenhouse Harvest v1: bare arrays of nested objects, as its endpoints return them.
//!
//! What v1 does not return is not here either: no drafts, no deleted appointments, no stage history
//! outside the prose of the activity feed, no decision besides rejection and offer. A no-show is an
//! interview that waits for feedback for ever. Take-home work is not scheduled and only has a card.
//! The activity feed is one object per candidate, in a file named after the candidate; that is a file
//! per loop, so histories of more than [`MOST_FEEDS`] loops have none.

mod records;
mod setup;

use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::greenhouse as gh;
use super::mess::Mess;
use super::output::{JsonPages, Totals, create_folder, json_file};
use super::story::LoopStory;
use super::world::World;
use super::{Format, Writer};
use crate::error::Result;

/// Greenhouse Harvest v1.
pub(super) const FORMAT: Format = Format {
    id: "greenhouse-v1",
    summary: "JSON pages as the Greenhouse Harvest v1 endpoints return them",
    omits: &[Mess::DraftScorecard, Mess::CancelledInterview],
    person_id: gh::user_text,
    open,
};

/// Histories with more loops have no activity feed.
const MOST_FEEDS: u64 = 2_000;

struct GreenhouseV1 {
    /// The users as every record repeats them, encoded once.
    users: Vec<Box<RawValue>>,
    applications: JsonPages,
    scorecards: JsonPages,
    scheduled_interviews: JsonPages,
    offers: JsonPages,
    /// The folder of the activity feed, if there is one.
    feed: Option<PathBuf>,
    /// Files that are not pages.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    let users = setup::encoded_users(world)?;
    let totals = setup::write(world, out, &users)?;
    let feed = (world.loops <= MOST_FEEDS).then(|| out.join("activity_feed"));
    if let Some(folder) = &feed {
        create_folder(folder)?;
    }
    let pages = |endpoint: &str| JsonPages::create(out.join(endpoint), gh::per_page(world));
    Ok(Box::new(GreenhouseV1 {
        users,
        applications: pages("applications")?,
        scorecards: pages("scorecards")?,
        scheduled_interviews: pages("scheduled_interviews")?,
        offers: pages("offers")?,
        feed,
        totals,
    }))
}

impl Writer for GreenhouseV1 {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let users = &self.users;
        if story.duplicated {
            self.applications.push(&records::application(world, story, users, true))?;
        }
        self.applications.push(&records::application(world, story, users, false))?;
        if story.prospect {
            self.applications.push(&records::prospect(world, story, users))?;
        }
        for (place, interview) in story.interviews.iter().enumerate() {
            if let Some(record) = records::interview(world, story, users, place, interview) {
                self.scheduled_interviews.push(&record)?;
            }
        }
        for (place, card) in story.cards.iter().enumerate() {
            let Some(submitted_at) = card.submitted_at else { continue };
            let mut record = records::scorecard(world, story, users, place, card, submitted_at);
            self.scorecards.push(&record)?;
            if card.duplicated {
                record.touch(card.updated_at());
                self.scorecards.push(&record)?;
            }
        }
        for record in records::offers(story) {
            self.offers.push(&record)?;
        }
        if let Some(folder) = &self.feed {
            let file = folder.join(format!("{}.json", gh::candidate(story.index)));
            self.totals += json_file(file, &records::feed(world, story, users), false)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        totals += self.applications.finish()?;
        totals += self.scorecards.finish()?;
        totals += self.scheduled_interviews.finish()?;
        totals += self.offers.finish()?;
        Ok(totals)
    }
}
