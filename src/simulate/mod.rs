//! Synthetic hiring history with known truth.
//!
//! What an analysis says about real hiring cannot be checked, because nobody knows the truth. Here it
//! is planted, and written to `truth.json` beside the export. In the order in which it takes effect:
//!
//! 1. **The company** (`world.rs`): departments, levels, locations, jobs, and people who interview. Each
//!    person has a leniency that is added to every score they give. Interviewers belong to departments,
//!    and departments differ in how able their candidates are, so raw means mislead.
//! 2. **Arrivals**: loops open over the years with a season and growth, in the order of their index.
//! 3. **The candidate**: a source channel with its own mean ability, a specialism that may differ from
//!    the role's, a latent ability, facets of it that only some rounds bring out, and a profile over
//!    the four dimensions of the rubric.
//! 4. **The rounds** (`planted.rs`): each loads on ability and on one facet. The technical screen
//!    and the design review share both, so one of them is redundant. Each has a bar; who is below it
//!    leaves, which is the attrition that makes later rounds look alike.
//! 5. **The cards** (`scoring.rs`): centre + loading x ability + facet + leniency + halo of the card +
//!    residual, rounded to 1..4. The planted leniency is on the scale before rounding; the ends of the
//!    rubric hide some of it. Cards written after the debrief move towards the ones before it, and
//!    a few cards are edited after it.
//! 6. **The waits** (`history.rs`): log-normal, to schedule, to interview, to scorecard, to the next stage,
//!    to debrief, to decision. The design review is slow to schedule, Sales slow to decide, and from the
//!    last calendar quarter scheduling takes longer everywhere. Appointments move to the next working
//!    hours, so the waits to interview and to debrief come out longer than planted; everything else
//!    happens at any hour of any day, and its planted median can be read off the export.
//! 7. **The end**: rejection, offer accepted or declined, or withdrawal at a constant daily hazard.
//!    What would happen after the last day has not happened: those loops are open.
//! 8. **Outcomes** of hires half a year after their start, with a known slope on ability.
//! 9. **Messy records** (`mess.rs`): each kind at its own rate, counted.
//!
//! `snapshots.rs` writes the same history several times, as monthly dumps whose past is edited in between.
//!
//! The same options give the same bytes on the same platform. Every loop has a stream of random numbers
//! of its own and can be told alone; loops are written as they are told, so memory does not grow with
//! their number; only a workbook has to be whole before it can be written, and is limited for that.
//!
//! A new format is one file with a [`Format`] and one line in [`FORMATS`].

mod ashby;
mod draw;
mod endings;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod format_tests;
mod greenhouse;
mod greenhouse_v1;
mod greenhouse_v3;
mod greenhouse_warehouse;
mod history;
mod lever;
mod lever_warehouse;
mod merge_dev;
mod mess;
mod names;
mod output;
mod planted;
mod scoring;
mod snapshots;
mod spreadsheet;
mod story;
mod tables;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod testing;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
mod truth;
mod uuid;
mod warehouse;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod warehouse_tests;
mod world;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::error::{Error, Result, pages};
use mess::{Mess, OwnMess};
use output::Totals;
use story::LoopStory;
use truth::{RatingLabels, Written};
use world::World;

pub use snapshots::snapshots;

/// What to generate.
#[derive(Debug, Clone)]
pub struct Options {
    /// Number of loops.
    pub loops: u64,
    /// Seed of everything random.
    pub seed: u64,
    /// The export format.
    pub format: &'static Format,
    /// The folder to write to; it must be empty or not exist yet.
    pub out: PathBuf,
    /// The last day of the history; the export is taken at its end.
    pub until: Date,
    /// Length of the history in years.
    pub years: u32,
    /// Planted numbers that are replaced, by name.
    pub set: Vec<(String, f64)>,
}

impl Options {
    /// The last day of the history unless another is chosen.
    pub const UNTIL: Date = jiff::civil::date(2026, 9, 30);
    /// The length of the history in years unless another is chosen.
    pub const YEARS: u32 = 3;
    /// More loops would make ids of different kinds overlap.
    pub const MOST_LOOPS: u64 = 50_000_000;
    /// The longest history in years.
    pub const MOST_YEARS: u32 = 50;
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Files of the export, without the truth.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Loops generated.
    pub loops: u64,
    /// Loops without a decision at the instant of the export.
    pub open: u64,
    /// Hires among them.
    pub hires: u64,
    /// Where the truth is.
    pub truth: PathBuf,
}

impl Summary {
    fn of(options: &Options, totals: Totals, tally: &truth::Tally, truth: PathBuf) -> Self {
        Self {
            files: totals.files,
            records: totals.records,
            bytes: totals.bytes,
            loops: options.loops,
            open: tally.open(),
            hires: tally.hires(),
            truth,
        }
    }
}

/// An export format.
pub struct Format {
    /// The name on the command line.
    pub id: &'static str,
    /// One line for help.
    pub summary: &'static str,
    /// Kinds of mess that the format has no place for.
    omits: &'static [Mess],
    /// How a person is called in the export.
    person_id: fn(usize) -> String,
    /// Starts an export in a folder.
    open: fn(&World, &Path) -> Result<Box<dyn Writer>>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Format({})", self.id)
    }
}

/// Every format, in the order of help.
pub const FORMATS: &[&Format] = &[
    &tables::FORMAT,
    &greenhouse_v1::FORMAT,
    &greenhouse_v3::FORMAT,
    &lever::FORMAT,
    &ashby::FORMAT,
    &merge_dev::FORMAT,
    &greenhouse_warehouse::FORMAT,
    &lever_warehouse::FORMAT,
    &spreadsheet::FORMAT,
];

/// The format with a name.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}

/// Writes stories down as they are told.
trait Writer {
    /// Adds one loop.
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()>;
    /// How scores appear in the export.
    fn labels(&self) -> &'static RatingLabels {
        &truth::GREENHOUSE_LABELS
    }
    /// How much of the mess of a story was not written, since its records have no place in the format.
    fn left_out(&self) -> Vec<(Mess, u64)> {
        Vec::new()
    }
    /// How much mess was written of the kinds that only some systems have.
    fn own_mess(&self) -> Vec<(OwnMess, u64)> {
        Vec::new()
    }
    /// Completes the files.
    fn finish(self: Box<Self>) -> Result<Totals>;
}

/// The name of the file with the truth.
pub const TRUTH_FILE: &str = "truth.json";
/// Loops between two reports of progress.
const REPORT_EVERY: u64 = 256;

/// Generates a history and writes it to the folder, telling `progress` now and then how many loops are
/// done.
pub fn simulate(options: &Options, progress: &mut dyn FnMut(u64)) -> Result<Summary> {
    check(options)?;
    let world = World::new(options)?;
    prepare(&options.out)?;
    let mut writer = (options.format.open)(&world, &options.out)?;
    let mut tally = truth::Tally::new(&world);
    for index in 0..options.loops {
        let story = history::story(&world, index);
        tally.add(&world, &story);
        writer.story(&world, &story)?;
        if (index + 1) % REPORT_EVERY == 0 {
            progress(index + 1);
        }
    }
    let written = Written { labels: writer.labels(), left_out: writer.left_out(), own_mess: writer.own_mess() };
    let totals = writer.finish()?;
    let truth = options.out.join(TRUTH_FILE);
    output::json_file(truth.clone(), &truth::truth(options, &world, &tally, &written, Vec::new()), true)?;
    progress(options.loops);
    Ok(Summary::of(options, totals, &tally, truth))
}

fn check(options: &Options) -> Result<()> {
    if options.loops > Options::MOST_LOOPS {
        return Err(Error::new(&pages::SIMULATION, format!("at most {} loops can be generated", Options::MOST_LOOPS)));
    }
    if !(1..=Options::MOST_YEARS).contains(&options.years) {
        return Err(Error::new(
            &pages::SIMULATION,
            format!("the history must be 1 to {} years long", Options::MOST_YEARS),
        ));
    }
    Ok(())
}

/// Creates the folder, and refuses one in which something lies already: two histories in one folder
/// would be read as one.
fn prepare(out: &Path) -> Result<()> {
    output::create_folder(out)?;
    let mut entries = std::fs::read_dir(out).map_err(|error| Error::io("read the folder", out, &error))?;
    if entries.next().is_some() {
        return Err(Error::new(&pages::IN_THE_WAY, "the folder is not empty")
            .at(out)
            .help("choose a new or an empty folder"));
    }
    Ok(())
}
