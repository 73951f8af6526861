//! A workbook as people keep it by hand: one sheet per table of the import contract, with headings instead of
//! column names.
//!
//! Applications have the day as text, day first, since somebody typed it; decisions and outcomes have days that
//! Excel knows as such; all other times are Excel's, to the second and without a zone. A card is one row with a
//! column per dimension, whose last edit is all that is left, and has no number of its own. People are known
//! by their address. A heading is not what the contract calls a column, and a day not what it takes for a time, so
//! a `looplens.toml` that says so lies beside the workbook.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook, Worksheet, XlsxError};

use super::greenhouse::user;
use super::mess::Mess;
use super::output::{Totals, binary_file};
use super::planted::{DEBRIEF, Kind, SOURCES};
use super::story::{LoopStory, Mark, Status};
use super::tables::reason;
use super::world::{DEPARTMENTS, LEVELS, LOCATIONS, World, slot_name};
use super::{Format, Writer};
use crate::error::{Error, Result, pages};
use crate::time::{DAY, Instant, SECOND};

/// A workbook.
pub(super) const FORMAT: Format = Format {
    id: "spreadsheet",
    summary: "one Excel workbook with a sheet per table, as people keep it by hand, and the looplens.toml for it",
    omits: &[Mess::DraftScorecard, Mess::DuplicateScorecard, Mess::ProspectApplication, Mess::MissingName],
    person_id: person,
    open,
};

/// A sheet has a million rows and a loop some twenty events, and a workbook is in memory until it is whole.
const MOST_LOOPS: u64 = 20_000;
/// The workbook and what tells how to read it.
const FILE: &str = "hiring.xlsx";
const CONFIGURATION_FILE: &str = "looplens.toml";
const CONFIGURATION: &str = include_str!("spreadsheet/looplens.toml");

const APPLICATIONS: [&str; 14] = [
    "Application ID",
    "Candidate ID",
    "Job ID",
    "Job title",
    "Department",
    "Level",
    "Location",
    "Specialism",
    "Role specialism",
    "Source",
    "Hiring manager ID",
    "Recruiter ID",
    "Applied at",
    "Closed at",
];
const DECISIONS: [&str; 6] = ["Application ID", "Decision", "Decided at", "Decided by", "Reason", "Offer outcome"];
const INTERVIEWS: [&str; 10] = [
    "Interview ID",
    "Application ID",
    "Stage",
    "Kind",
    "Scheduled at",
    "Starts at",
    "Ends at",
    "Interviewer IDs",
    "Status",
    "Planned minutes",
];
const SCORECARDS: [&str; 11] = [
    "Application ID",
    "Stage",
    "Interviewer ID",
    "Submitted at",
    "Submitted by",
    "Role",
    "Technical quality",
    "Communication",
    "Ownership",
    "Decision-making",
    "Recommendation",
];
const EVENTS: [&str; 5] = ["Application ID", "Event", "At", "Stage", "Actor ID"];
const OUTCOMES: [&str; 5] = ["Application ID", "Outcome", "Value", "At", "Rated by"];
const RECOMMENDATIONS: [&str; 5] = ["no_decision", "definitely_not", "no", "yes", "strong_yes"];

/// What stands in a cell.
enum Cell<'c> {
    Empty,
    Text(&'c str),
    Number(u64),
    /// An instant to the second.
    Time(Instant),
    /// The day of an instant.
    Day(Instant),
}

impl<'c> From<&'c str> for Cell<'c> {
    fn from(text: &'c str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl<'c> From<&'c String> for Cell<'c> {
    fn from(text: &'c String) -> Self {
        Self::from(text.as_str())
    }
}

fn time<'c>(at: Option<Instant>) -> Cell<'c> {
    at.map_or(Cell::Empty, Cell::Time)
}

/// A sheet being filled.
struct Sheet {
    sheet: Worksheet,
    rows: u32,
    time: CellFormat,
    day: CellFormat,
}

impl Sheet {
    fn new(name: &str, headings: &[&str]) -> Result<Self> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name).map_err(|error| unwritten(&error))?;
        let head = CellFormat::new().set_bold();
        for (column, heading) in (0..).zip(headings) {
            sheet.write_string_with_format(0, column, *heading, &head).map_err(|error| unwritten(&error))?;
            sheet.set_column_width(column, 18).map_err(|error| unwritten(&error))?;
        }
        Ok(Self {
            sheet,
            rows: 0,
            time: CellFormat::new().set_num_format("dd/mm/yyyy hh:mm:ss"),
            day: CellFormat::new().set_num_format("dd/mm/yyyy"),
        })
    }

    fn row<const COLUMNS: usize>(&mut self, cells: [Cell<'_>; COLUMNS]) -> Result<()> {
        self.rows += 1;
        for (column, cell) in (0..).zip(cells) {
            let (sheet, row) = (&mut self.sheet, self.rows);
            let written = match cell {
                Cell::Empty => continue,
                // Written as text, so that a name that looks like a formula stays a name.
                Cell::Text(text) => sheet.write_string(row, column, text),
                Cell::Number(number) => sheet.write_number(row, column, number as f64),
                Cell::Time(at) => {
                    let serial = ExcelDateTime::from_timestamp(at.0.div_euclid(SECOND));
                    serial.and_then(|at| sheet.write_datetime_with_format(row, column, &at, &self.time))
                }
                Cell::Day(at) => {
                    let serial = ExcelDateTime::from_timestamp(at.0.div_euclid(DAY) * (DAY / SECOND));
                    serial.and_then(|at| sheet.write_datetime_with_format(row, column, &at, &self.day))
                }
            };
            written.map_err(|error| unwritten(&error))?;
        }
        Ok(())
    }
}

fn unwritten(error: &XlsxError) -> Error {
    Error::new(&pages::DEFECT, format!("the workbook could not be written: {error}"))
}

fn person(place: usize) -> String {
    format!("user{}@example.com", user(place))
}

/// Numbers of one length sort as they were given.
fn application_id(number: u64) -> u64 {
    100_001 + number
}

struct Spreadsheet {
    out: PathBuf,
    export: Instant,
    applications: Sheet,
    decisions: Sheet,
    interviews: Sheet,
    scorecards: Sheet,
    events: Sheet,
    outcomes: Sheet,
}

fn open(world: &World, out: &Path) -> Result<Box<dyn Writer>> {
    if world.loops > MOST_LOOPS {
        return Err(Error::new(&pages::SIMULATION, format!("at most {MOST_LOOPS} loops fit into a workbook"))
            .help("choose another format, such as `--format tables`"));
    }
    Ok(Box::new(Spreadsheet {
        out: out.to_owned(),
        export: world.export,
        applications: Sheet::new("Applications", &APPLICATIONS)?,
        decisions: Sheet::new("Decisions", &DECISIONS)?,
        interviews: Sheet::new("Interviews", &INTERVIEWS)?,
        scorecards: Sheet::new("Scorecards", &SCORECARDS)?,
        events: Sheet::new("Events", &EVENTS)?,
        outcomes: Sheet::new("Outcomes", &OUTCOMES)?,
    }))
}

impl Writer for Spreadsheet {
    fn story(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        self.application(world, story)?;
        self.decision(story)?;
        self.interviews(world, story)?;
        self.cards(world, story)?;
        self.events(world, story)?;
        self.outcomes(world, story)
    }

    fn finish(self: Box<Self>) -> Result<Totals> {
        let mut workbook = Workbook::new();
        // Otherwise the workbook would hold the time at which it was made.
        let made =
            ExcelDateTime::from_timestamp(self.export.0.div_euclid(SECOND)).map_err(|error| unwritten(&error))?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let mut records = 0;
        let sheets = [self.applications, self.decisions, self.interviews, self.scorecards, self.events, self.outcomes];
        for filled in sheets {
            records += u64::from(filled.rows);
            workbook.push_worksheet(filled.sheet);
        }
        let bytes = workbook.save_to_buffer().map_err(|error| unwritten(&error))?;
        let mut totals = Totals { records, ..binary_file(self.out.join(FILE), &bytes)? };
        totals += Totals { records: 0, ..binary_file(self.out.join(CONFIGURATION_FILE), CONFIGURATION.as_bytes())? };
        Ok(totals)
    }
}

impl Spreadsheet {
    fn application(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let job = &world.jobs[story.job];
        let (candidate, job_id) = (format!("C-{}", story.index + 1), format!("J-{}", story.job + 1));
        let (manager, recruiter) = (person(job.hiring_manager), person(job.recruiter));
        let applied = story.applied_at.date().map(|day| day.strftime("%d/%m/%Y").to_string()).unwrap_or_default();
        let mut row = |closed_at: Option<Instant>| {
            self.applications.row([
                Cell::Number(application_id(story.index)),
                Cell::from(&candidate),
                Cell::from(&job_id),
                Cell::from(&job.title),
                Cell::from(DEPARTMENTS[job.department].name),
                Cell::from(LEVELS[job.level].0),
                Cell::from(LOCATIONS[job.location]),
                Cell::from(story.candidate.specialism),
                Cell::from(job.role_specialism),
                Cell::from(SOURCES[story.candidate.source].name),
                Cell::from(&manager),
                Cell::from(&recruiter),
                Cell::from(&applied),
                closed_at.map_or(Cell::Empty, Cell::Day),
            ])
        };
        // Somebody entered it again when it was closed.
        if story.duplicated {
            row(None)?;
        }
        row(story.closed_at())
    }

    fn decision(&mut self, story: &LoopStory) -> Result<()> {
        let Some(decision) = &story.decision else { return Ok(()) };
        self.decisions.row([
            Cell::Number(application_id(story.index)),
            Cell::from(decision.verdict.word()),
            Cell::Day(decision.recorded_at),
            Cell::from(&person(decision.by)),
            Cell::from(reason(decision.verdict, decision.reason)),
            Cell::from(match story.offer.as_ref().and_then(|offer| offer.resolved) {
                Some((_, true)) => "accepted",
                Some((_, false)) => "declined",
                None => "",
            }),
        ])
    }

    fn interviews(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        for (place, interview) in story.interviews.iter().enumerate() {
            let panel: Vec<String> = interview.panel.iter().map(|seat| person(seat.person)).collect();
            self.interviews.row([
                Cell::from(&format!("I-{}-{place}", story.index + 1)),
                Cell::Number(application_id(story.index)),
                Cell::from(slot_name(story.slot(world, interview.stage))),
                Cell::from(interview.kind.word()),
                Cell::Time(interview.scheduled_at),
                Cell::Time(interview.starts_at),
                Cell::Time(interview.ends_at),
                Cell::from(&panel.join("; ")),
                Cell::from(match interview.status {
                    Status::Done => "done",
                    Status::Cancelled => "cancelled",
                    Status::NoShow => "no_show",
                    Status::Planned => "",
                }),
                Cell::Number(u64::from(interview.planned_minutes)),
            ])?;
        }
        Ok(())
    }

    fn cards(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        for card in story.cards.iter().filter(|card| card.submitted_at.is_some()) {
            let number = if card.orphan { world.loops + story.index } else { story.index };
            let (interviewer, submitter) = (person(card.person), person(card.submitted_by));
            let score = |mark: Mark| match mark {
                Mark::Blank => Cell::Empty,
                Mark::NoDecision => Cell::from("no decision"),
                Mark::Rated(score) => Cell::Number(u64::from(score)),
            };
            let [quality, communication, ownership, decisions] = card.final_marks().map(score);
            self.scorecards.row([
                Cell::Number(application_id(number)),
                Cell::from(slot_name(story.slot(world, card.stage))),
                Cell::from(&interviewer),
                time(card.submitted_at),
                Cell::from(&submitter),
                Cell::from(if card.shadow { "shadow" } else { "interviewer" }),
                quality,
                communication,
                ownership,
                decisions,
                Cell::from(RECOMMENDATIONS[usize::from(card.recommendation().unwrap_or(0))]),
            ])?;
        }
        Ok(())
    }

    /// What a recruiter notes down: moves, interviews that took place, and the offer.
    fn events(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let recruiter = person(world.jobs[story.job].recruiter);
        let mut event = |name: &str, at: Instant, stage: &str, actor: &str| {
            let id = Cell::Number(application_id(story.index));
            self.events.row([id, Cell::from(name), Cell::Time(at), Cell::from(stage), Cell::from(actor)])
        };
        for visit in &story.visits {
            let stage = slot_name(world.slot(visit.stage, visit.entered));
            event("stage_entered", visit.entered, stage, &recruiter)?;
            if let Some(left) = visit.left {
                event("stage_left", left, stage, &recruiter)?;
            }
        }
        for interview in &story.interviews {
            let stage = slot_name(story.slot(world, interview.stage));
            if interview.kind == Kind::Live {
                event("availability_received", interview.availability_at, stage, "")?;
            }
            if interview.status == Status::Done && interview.stage == DEBRIEF {
                event("debrief_ended", interview.ends_at, stage, "")?;
            }
        }
        if let Some((stage, at)) = story.unanswered {
            event("availability_received", at, slot_name(story.slot(world, stage)), "")?;
        }
        let Some(offer) = &story.offer else { return Ok(()) };
        if let Some(sent_at) = offer.sent_at {
            event("offer_sent", sent_at, "", &recruiter)?;
        }
        if let Some((at, accepted)) = offer.resolved {
            event("offer_resolved", at, "", "")?;
            if accepted && offer.starts_at <= world.export {
                event("started", offer.starts_at, "", "")?;
            }
        }
        Ok(())
    }

    fn outcomes(&mut self, world: &World, story: &LoopStory) -> Result<()> {
        let Some(outcome) = &story.outcome else { return Ok(()) };
        let rated_by = person(world.jobs[story.job].hiring_manager);
        for (name, value, at) in [
            ("performance", u64::from(outcome.performance), outcome.at),
            ("still_employed", u64::from(outcome.still_employed), outcome.employment_at),
            ("ramp_days", u64::from(outcome.ramp_days), outcome.at),
        ] {
            self.outcomes.row([
                Cell::Number(application_id(story.index)),
                Cell::from(name),
                Cell::Number(value),
                Cell::Day(at),
                Cell::from(&rated_by),
            ])?;
        }
        Ok(())
    }
}
