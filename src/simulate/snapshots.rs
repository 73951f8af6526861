//! Snapshots: one history exported several times, a month apart, as an archive of dumps.
//!
//! People edit the past. Between two snapshots some scores and overall recommendations are changed, some entries
//! of stage histories are re-dated or removed, and some interviews are deleted with their cards. Each loop has at
//! most one such edit, at a snapshot at which there is something to edit; what differs is counted from what the
//! snapshots tell.

use std::collections::BTreeSet;

use jiff::ToSpan;
use serde::Serialize;

use super::draw::Draw;
use super::output::{self, Totals};
use super::story::{Card, Edit, LoopStory, Mark, Status};
use super::truth::Written;
use super::world::{World, midnight};
use super::{Options, REPORT_EVERY, Summary, TRUTH_FILE, Writer, history, prepare, truth};
use crate::error::{Error, Result, pages};
use crate::time::{Instant, MINUTE, SECOND};

/// The share of loops whose past is edited.
const EDITED_SHARE: f64 = 0.3;
/// Sets the draws apart from those that tell the history.
const STREAMS: u64 = 0xed17;

/// What a snapshot shows differently than the one before it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Snapshot {
    folder: String,
    instant: String,
    loops: u64,
    scores_changed: u64,
    recommendations_changed: u64,
    histories_edited: u64,
    history_entries_replaced: u64,
    interviews_deleted: u64,
    seats_deleted: u64,
    scorecards_deleted: u64,
    drafts_among_them: u64,
    scores_deleted: u64,
}

/// One snapshot being written.
struct Taking {
    world: World,
    writer: Box<dyn Writer>,
    truth: Snapshot,
}

/// Generates a history and writes it as `count` snapshots, the last one at the end of the history.
pub fn snapshots(options: &Options, count: u32, progress: &mut dyn FnMut(u64)) -> Result<Summary> {
    let most = options.years * 12;
    if !(2..=most).contains(&count) {
        return Err(Error::new(
            &pages::SIMULATION,
            format!("a history of that length has 2 to {most} snapshots, a month apart"),
        ));
    }
    super::check(options)?;
    let world = World::new(options)?;
    prepare(&options.out)?;
    let mut taking = Vec::new();
    for back in (0..count).rev() {
        let day = options.until.checked_sub(i64::from(back).months());
        let day = day.map_err(|_| Error::new(&pages::SIMULATION, "the history does not fit the calendar"))?;
        let mut own = world.clone();
        own.export = midnight(day, 0)?;
        let folder = options.out.join(day.to_string());
        output::create_folder(&folder)?;
        let truth = Snapshot {
            folder: day.to_string(),
            instant: Instant(own.export.0 - 1).to_rfc3339(),
            ..Snapshot::default()
        };
        taking.push(Taking { writer: (options.format.open)(&own, &folder)?, world: own, truth });
    }
    let mut tally = truth::Tally::new(&world);
    for index in 0..options.loops {
        let whole = history::story(&world, index);
        let mut told: Vec<Option<LoopStory>> = taking.iter().map(|one| seen(&whole, one.world.export)).collect();
        edit(&mut Draw::stream(options.seed ^ STREAMS, index + 1), &taking, &mut told);
        if let Some(Some(last)) = told.last() {
            tally.add(&world, last);
        }
        let mut before = None;
        for (one, story) in taking.iter_mut().zip(&told) {
            let Some(story) = story else { continue };
            one.truth.loops += 1;
            one.truth.compare(&world, before, story);
            one.writer.story(&one.world, story)?;
            before = Some(story);
        }
        if (index + 1) % REPORT_EVERY == 0 {
            progress(index + 1);
        }
    }
    let mut totals = Totals::default();
    let mut planted = Vec::new();
    let written = taking.last().map(|last| Written {
        labels: last.writer.labels(),
        left_out: last.writer.left_out(),
        own_mess: last.writer.own_mess(),
    });
    let written = written.ok_or_else(|| Error::new(&pages::SIMULATION, "there is no snapshot to take"))?;
    for one in taking {
        totals += one.writer.finish()?;
        planted.push(one.truth);
    }
    let truth = options.out.join(TRUTH_FILE);
    output::json_file(truth.clone(), &truth::truth(options, &world, &tally, &written, planted), true)?;
    progress(options.loops);
    Ok(Summary::of(options, totals, &tally, truth))
}

/// The loop as a snapshot sees it. Cards of applications that are in no file are left out: they stand behind the
/// loop's own cards, so that their place would change from snapshot to snapshot.
fn seen(whole: &LoopStory, export: Instant) -> Option<LoopStory> {
    if whole.applied_at >= export {
        return None;
    }
    let mut story = whole.clone();
    story.cut(export, Status::Planned);
    story.cards.retain(|card| !card.orphan);
    // Two scores may share the label `mixed`, which would hide the edit.
    for (card, last) in story.cards.iter_mut().zip(&whole.cards) {
        if last.edit.is_some() {
            card.mixed = [false; 4];
        }
    }
    Some(story)
}

/// An edit of the past.
#[derive(Debug, Clone, Copy)]
enum Planted {
    Score { card: usize, dimension: usize, mark: Mark },
    Recommendation { card: usize },
    Redated { visit: usize },
    Removed { visit: usize },
    Deleted { interview: usize },
}

/// Plants at most one edit, which shows from some snapshot on.
fn edit(draw: &mut Draw, taking: &[Taking], told: &mut [Option<LoopStory>]) {
    if !draw.chance(EDITED_SHARE) {
        return;
    }
    let kind = draw.below(5);
    let Some(interviews) = told.last().and_then(|last| Some(last.as_ref()?.interviews.len())) else { return };
    let choices: Vec<(usize, Planted)> = (1..told.len())
        .filter_map(|from| Some((from, choose(draw, kind, told[from - 1].as_ref()?, interviews)?)))
        .collect();
    if choices.is_empty() {
        return;
    }
    let (from, planted) = choices[draw.below(choices.len())];
    let at = Instant(taking[from - 1].world.export.0 + 90 * MINUTE);
    for (place, story) in told.iter_mut().enumerate() {
        let Some(story) = story else { continue };
        if let Planted::Score { card, .. } = planted
            && let Some(card) = story.cards.get_mut(card)
        {
            card.mixed = [false; 4];
        }
        if place >= from {
            apply(planted, story, at);
        }
    }
}

/// Something of a kind that can be edited after a snapshot saw it.
fn choose(draw: &mut Draw, kind: usize, seen: &LoopStory, interviews: usize) -> Option<Planted> {
    let card = || {
        let editable = |card: &Card| card.submitted_at.is_some() && card.edit.is_none() && !card.duplicated;
        seen.cards.iter().position(|card| editable(card) && matches!(card.marks[0], Mark::Rated(_)))
    };
    match kind {
        0 => {
            let card = card()?;
            let Mark::Rated(score) = seen.cards[card].marks[0] else { return None };
            let moved = if score > 2 { score - 1 } else { score + 1 };
            Some(Planted::Score { card, dimension: 0, mark: Mark::Rated(moved) })
        }
        1 => Some(Planted::Recommendation { card: card()? }),
        2 if seen.visits.len() > 1 => Some(Planted::Redated { visit: 1 + draw.below(seen.visits.len() - 1) }),
        3 if seen.visits.len() > 2 => Some(Planted::Removed { visit: 1 + draw.below(seen.visits.len() - 2) }),
        // Only the last one, so that those before it keep their place.
        4 if interviews > 0 && seen.interviews.len() == interviews => {
            Some(Planted::Deleted { interview: interviews - 1 })
        }
        _ => None,
    }
}

fn apply(planted: Planted, story: &mut LoopStory, at: Instant) {
    match planted {
        Planted::Score { card, dimension, mark } => story.cards[card].edit = Some(Edit { at, dimension, mark }),
        Planted::Recommendation { card } => {
            let card = &mut story.cards[card];
            card.no_recommendation = !card.no_recommendation;
            // The card is touched, and its scores stay as they are.
            card.edit = Some(Edit { at, dimension: 0, mark: card.marks[0] });
        }
        Planted::Redated { visit } => {
            let before = story.visits[visit - 1].entered;
            let entered = story.visits[visit].entered;
            let moved = Instant(before.0 + (entered.0 - before.0) / 2 / SECOND * SECOND);
            story.visits[visit].entered = moved;
            story.visits[visit - 1].left = Some(moved);
        }
        Planted::Removed { visit } => {
            let removed = story.visits.remove(visit);
            story.visits[visit - 1].left = removed.left;
        }
        Planted::Deleted { interview } => {
            story.interviews.truncate(interview);
            story.cards.retain(|card| card.interview < interview);
        }
    }
}

impl Snapshot {
    /// Counts what a loop shows differently than in the snapshot before.
    fn compare(&mut self, world: &World, before: Option<&LoopStory>, now: &LoopStory) {
        let Some(before) = before else { return };
        let entries = |story: &LoopStory| -> BTreeSet<(Instant, bool, usize)> {
            let both = story.visits.iter().flat_map(|visit| {
                let slot = world.slot(visit.stage, visit.entered);
                [Some((visit.entered, true, slot)), visit.left.map(|left| (left, false, slot))]
            });
            both.flatten().collect()
        };
        let replaced = entries(before).difference(&entries(now)).count() as u64;
        self.history_entries_replaced += replaced;
        self.histories_edited += u64::from(replaced > 0);
        for (older, newer) in before.cards.iter().zip(&now.cards) {
            if older.submitted_at.is_some() && newer.submitted_at.is_some() {
                let marks = older.final_marks().into_iter().zip(newer.final_marks());
                self.scores_changed += marks.filter(|(older, newer)| older != newer).count() as u64;
                self.recommendations_changed += u64::from(older.recommendation() != newer.recommendation());
            }
        }
        if let Some(deleted) = before.interviews.get(now.interviews.len()..) {
            self.interviews_deleted += deleted.len() as u64;
            self.seats_deleted += deleted.iter().map(|interview| interview.panel.len() as u64).sum::<u64>();
        }
        if let Some(deleted) = before.cards.get(now.cards.len()..) {
            let submitted = deleted.iter().filter(|card| card.submitted_at.is_some()).count() as u64;
            self.scorecards_deleted += deleted.len() as u64;
            self.drafts_among_them += deleted.len() as u64 - submitted;
            self.scores_deleted += submitted * 4;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::simulate::FORMATS;
    use crate::simulate::tests::{contents, options};

    fn written(count: u32, out: &Path) -> Result<Summary> {
        snapshots(&options(80, 7, FORMATS[2], out), count, &mut |_| {})
    }

    #[test]
    fn every_kind_of_edit_is_planted_and_the_same_options_give_the_same_bytes() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for folder in &folders {
            written(3, folder.path()).unwrap();
        }
        let truth = std::fs::read(folders[0].path().join(TRUTH_FILE)).unwrap();
        let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
        let told = truth["snapshots"].as_array().unwrap();
        let days: Vec<&str> = told.iter().map(|one| one["folder"].as_str().unwrap()).collect();
        assert_eq!(days, ["2026-07-30", "2026-08-30", "2026-09-30"]);
        for kind in
            ["scores_changed", "recommendations_changed", "histories_edited", "interviews_deleted", "scores_deleted"]
        {
            assert!(told.iter().map(|one| one[kind].as_u64().unwrap()).sum::<u64>() > 0, "{kind}");
            assert_eq!(told[0][kind], 0, "there is nothing before the first");
        }
        assert!(contents(folders[0].path()) == contents(folders[1].path()));
    }

    #[test]
    fn one_snapshot_or_more_than_months_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0, 1, 37] {
            assert!(written(count, folder.path()).is_err(), "{count}");
        }
    }
}
