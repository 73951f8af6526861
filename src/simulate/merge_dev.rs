//! Merge's unified API over another system: pages `{"results": [...], "next": ..., "previous": ...}` per model.
//!
//! Everything has two clocks. `created_at` and `modified_at` are Merge's own: when it first saw and last
//! copied a record, which it does every six hours since it was connected, a third into the history. The times
//! of the system behind it are `remote_created_at` and the like, and its ids are `remote_id`. What the unified
//! models leave out is not here: no stage history, no ratings of dimensions, no drafts, no cancelled
//! appointments, no work at home but its cards, no submitter besides the interviewer. Whoever applied without a
//! job has an application whose `job` is null.

mod records;
mod setup;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

use std::path::Path;

use super::draw::Draw;
use super::mess::{DELETED_SCORECARD, Mess, OwnMess, deletions};
use super::output::{JsonPages, Layout, Page, Totals, per_page};
use super::story::{LoopStory, Status};
use super::truth::RatingLabels;
use super::uuid::uuid;
use super::world::World;
use super::{Format, Writer};
use crate::error::Result;
use crate::time::{Instant, MINUTE};

/// Merge.
pub(super) const FORMAT: Format = Format {
    id: "merge",
    summary: "JSON pages as Merge's unified ATS endpoints return them, without stage history and dimensions",
    omits: &[
        Mess::DraftScorecard,
        Mess::CancelledInterview,
        Mess::NoDecisionRating,
        Mess::RenamedStageVisit,
        Mess::ProxySubmission,
    ],
    person_id: user,
    open,
};

/// Most records the API puts on a page.
const API_PAGE: u64 = 100;
/// The envelope of a list. A page tells where the next and the previous ones begin.
const LIST: Layout = Layout {
    extension: "json",
    before: "{\"results\":[",
    between: ",\n",
    after: |page: &Page| {
        let cursor = |number: u64| format!("\"{}\"", uuid("merge/cursor", number));
        let next = if page.has_next { cursor(page.number + 1) } else { "null".to_owned() };
        let previous = if page.number > 1 { cursor(page.number - 1) } else { "null".to_owned() };
        format!("],\"next\":{next},\"previous\":{previous}}}\n")
    },
};
const RECOMMENDATIONS: [&str; 4] = ["DEFINITELY_NO", "NO", "YES", "STRONG_YES"];
const LABELS: RatingLabels = RatingLabels {
    attribute: None,
    attribute_sometimes: None,
    recommendation: RECOMMENDATIONS,
    recommendation_v3: None,
};

fn user(place: usize) -> String {
    uuid("merge/user", place as u64)
}

/// How often Merge copies what has changed.
const SYNC_EVERY: i64 = 6 * 60 * MINUTE;
/// A sync takes a while, and is on no full second.
const SYNC_TAKES: i64 = 7 * MINUTE + 8_412_345;

/// When Merge copied a record that the system behind it had changed at `at`: with the next sync, and at the
/// latest with the one before the export is taken.
fn copied(world: &World, at: Instant) -> Instant {
    let connected = world.start.0 + (world.export.0 - world.start.0) / 3;
    let sync = at.0.max(connected).div_euclid(SYNC_EVERY) * SYNC_EVERY + SYNC_EVERY + SYNC_TAKES;
    Instant(sync.min(world.export.0 - 2 * MINUTE))
}

/// The text of [`copied`].
fn copied_text(world: &World, at: Instant) -> String {
    copied(world, at).to_rfc3339()
}

struct MergeDev {
    applications: JsonPages,
    interviews: JsonPages,
    scorecards: JsonPages,
    offers: JsonPages,
    deleted_cards: u64,
    /// Models that do not grow with the loops.
    totals: Totals,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    let pages = |model: &str| JsonPages::laid_out(out.join(model), per_page(world.loops, API_PAGE), &LIST);
    Ok(Box::new(MergeDev {
        applications: pages("applications")?,
        interviews: pages("interviews")?,
        scorecards: pages("scorecards")?,
        offers: pages("offers")?,
        deleted_cards: 0,
        totals: setup::write(world, out)?,
    }))
}

impl Writer for MergeDev {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        if story.duplicated {
            self.applications.push(&records::application(world, story, true))?;
        }
        self.applications.push(&records::application(world, story, false))?;
        if story.prospect {
            self.applications.push(&records::prospect(world, story))?;
        }
        for (place, held) in story.interviews.iter().enumerate() {
            if records::is_appointment(held) && held.status != Status::Cancelled {
                self.interviews.push(&records::interview(world, story, place))?;
            }
        }
        let deletions = deletions(world, story, &mut Draw::aside(world.seed, story.index));
        for (place, card) in story.cards.iter().enumerate() {
            let Some(submitted_at) = card.submitted_at else { continue };
            let mut record = records::scorecard(world, story, place, submitted_at);
            if let Some(at) = deletions[place] {
                self.scorecards.push(&record.deleted(world, story, place, at))?;
                self.deleted_cards += 1;
            }
            self.scorecards.push(&record)?;
            if card.duplicated {
                record.touch(copied(world, card.updated_at()));
                self.scorecards.push(&record)?;
            }
        }
        records::offers(world, story).iter().try_for_each(|record| self.offers.push(record))
    }

    fn labels(&self) -> &'static RatingLabels {
        &LABELS
    }

    fn own_mess(&self) -> Vec<(OwnMess, u64)> {
        vec![(DELETED_SCORECARD, self.deleted_cards)]
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut totals = self.totals;
        for pages in [self.applications, self.interviews, self.scorecards, self.offers] {
            totals += pages.finish()?;
        }
        Ok(totals)
    }
}
