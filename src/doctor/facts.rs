//! What the data holds, as counts: the only thing that questions are judged by.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::observe::{Entity, Observed};
use crate::dataset::schema::{
    Application, Decision, Event, Interview, Outcome, PanelMember, Row as _, Score, ScoreRevision, Scorecard,
};
use crate::time::Instant;

/// Everything that is known about the data.
#[derive(Debug, Default)]
pub struct Facts {
    /// The canonical tables, in the order of the dataset.
    pub tables: Vec<TableFacts>,
    /// How many exports of the same source there are: what changed between two of them can be seen.
    pub exports: u64,
    /// What the tables say about loops.
    pub counts: Counts,
}

/// One canonical table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableFacts {
    /// Its name.
    pub table: &'static str,
    /// Its rows, one per entity.
    pub rows: u64,
    /// How many of them belong to an application that is in no file.
    pub unjoined: u64,
    /// The day of the earliest instant in its main column of time.
    pub from: Option<String>,
    /// The day of the latest.
    pub to: Option<String>,
    /// The columns that matter to a question, with how many rows have them.
    pub filled: Vec<Filled>,
}

/// How far a column is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// The column.
    pub column: &'static str,
    /// Rows that have it.
    pub rows: u64,
}

/// What the tables say about loops. A loop is an application; where nothing else is said, it need not be in the
/// table of applications, so that an export of scorecards alone counts for what it can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applications.
    pub loops: u64,
    /// Of those, with the time of the application.
    pub applied: u64,
    /// Loops with an offer or a rejection.
    pub decided: u64,
    /// Of those, with the times of both ends, in order.
    pub timed: u64,
    /// Interviews that are no debrief and were not cancelled.
    pub interviews: u64,
    /// Of those, with the instant at which they were booked or the candidate said when.
    pub booked: u64,
    /// Of those, with a planned length.
    pub planned: u64,
    /// Loops with the time of such an interview.
    pub interviewed: u64,
    /// Loops with seats of interviewers.
    pub seated: u64,
    /// Seats of interviewers.
    pub seats: u64,
    /// Applications with entries into stages.
    pub staged: u64,
    /// Loops that name the round of anything.
    pub rounds: u64,
    /// Submitted scorecards of interviewers.
    pub cards: u64,
    /// Of those, with the time they were submitted.
    pub timed_cards: u64,
    /// Loops with two or more such cards with a time.
    pub panels: u64,
    /// Of those, with the instant of a debrief.
    pub debriefed: u64,
    /// Loops with a score of an interviewer.
    pub scored: u64,
    /// Interviewers who gave scores.
    pub interviewers: u64,
    /// Pairs of a loop and an interviewer who scored it.
    pub meetings: u64,
    /// Loops scored by two or more interviewers.
    pub shared: u64,
    /// Rounds with scores.
    pub stages: u64,
    /// For each pair of rounds, in how many loops both have scores; the largest first.
    pub stage_pairs: Vec<u64>,
    /// Scores that were changed after their first submission.
    pub edits: u64,
    /// Outcomes on record.
    pub outcomes: u64,
    /// For each kind of outcome, the scored loops that have it; the largest first.
    pub outcome_kinds: Vec<OutcomeKind>,
    /// For each channel, the applications that came through it; the largest first.
    pub channels: Vec<u64>,
    /// Applications with a channel.
    pub channelled: u64,
}

/// One kind of outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutcomeKind {
    /// Scored loops that have it.
    pub loops: u64,
    /// How many different values occur.
    pub values: u64,
    /// Where there are two values, how many loops have the rarer one.
    pub rarer: u64,
}

/// One loop while its rows are walked.
#[derive(Debug, Default)]
struct Loop {
    is_application: bool,
    applied: Option<i64>,
    channel: Option<u32>,
    is_decided: bool,
    decided: Option<i64>,
    is_interviewed: bool,
    is_seated: bool,
    is_staged: bool,
    has_round: bool,
    timed_cards: u32,
    is_debriefed: bool,
    is_scored: bool,
}

/// The loops by the hash of their application.
type Loops = HashMap<u64, Loop>;

fn named<'o>(observed: &'o [Observed], table: &str) -> Option<&'o Observed> {
    observed.iter().find(|one| one.watch.table.name == table)
}

/// The facts of settled tables.
pub(super) fn facts(observed: &[Observed], exports: u64) -> Facts {
    let mut loops = Loops::new();
    let mut counts = Counts::default();
    // One walk per table; each notes what it knows about its loops.
    let mut walk = |table: &str, note: &mut dyn FnMut(&Observed, &Entity, &mut Loop)| {
        if let Some(one) = named(observed, table) {
            for entity in one.rows() {
                note(one, entity, loops.entry(entity.application).or_default());
            }
        }
    };
    walk(Application::TABLE.name, &mut |rows, row, about| {
        about.is_application = true;
        about.applied = row.at();
        about.channel = rows.number(row, "source").filter(|_| rows.has(row, "source"));
    });
    walk(Decision::TABLE.name, &mut |rows, row, about| {
        about.is_decided = rows.word(row, "decision").is_some_and(|word| word != "withdrawn");
        about.decided = row.at();
    });
    walk(Interview::TABLE.name, &mut |rows, row, about| {
        let timed = rows.has(row, "starts_at");
        if rows.word(row, "kind") == Some("debrief") {
            about.is_debriefed |= timed;
        } else if rows.word(row, "status") != Some("cancelled") {
            counts.interviews += 1;
            let booked = rows.has(row, "scheduled_at") || rows.has(row, "availability_at");
            counts.booked += u64::from(booked);
            counts.planned += u64::from(rows.has(row, "planned_minutes"));
            about.is_interviewed |= timed;
            about.has_round |= rows.has(row, "stage");
        }
    });
    walk(PanelMember::TABLE.name, &mut |_, _, about| {
        counts.seats += 1;
        about.is_seated = true;
    });
    walk(Scorecard::TABLE.name, &mut |rows, row, about| {
        if rows.word(row, "status") == Some("submitted") && rows.word(row, "role") == Some("interviewer") {
            counts.cards += 1;
            about.timed_cards += u32::from(rows.has(row, "submitted_at"));
            about.has_round |= rows.has(row, "stage");
        }
    });
    walk(Score::TABLE.name, &mut |rows, row, about| about.is_scored |= is_score(rows, row));
    walk(Event::TABLE.name, &mut |rows, row, about| match rows.word(row, "event") {
        Some("stage_entered") => {
            about.is_staged = true;
            about.has_round |= rows.has(row, "stage");
        }
        Some("debrief_started" | "debrief_ended") => about.is_debriefed = true,
        _ => {}
    });
    count_loops(&loops, &mut counts);
    if let Some(scores) = named(observed, Score::TABLE.name) {
        count_scores(scores, &mut counts);
        counts.edits = scores.changes;
    }
    counts.edits += named(observed, ScoreRevision::TABLE.name).map_or(0, |rows| rows.rows().len() as u64);
    if let Some(outcomes) = named(observed, Outcome::TABLE.name) {
        count_outcomes(outcomes, &loops, &mut counts);
    }
    let tables = observed.iter().map(|one| table(one, &loops, counts.edits)).collect();
    Facts { tables, exports, counts }
}

/// Whether a row is a score that an interviewer gave; shadows are left out.
fn is_score(rows: &Observed, row: &Entity) -> bool {
    rows.has(row, "score_milli") && rows.word(row, "role") == Some("interviewer")
}

fn count_loops(loops: &Loops, counts: &mut Counts) {
    let mut channels: HashMap<u32, u64> = HashMap::new();
    for about in loops.values() {
        let one = u64::from;
        let is_timed = matches!((about.applied, about.decided), (Some(from), Some(to)) if from <= to);
        counts.loops += one(about.is_application);
        counts.applied += one(about.applied.is_some());
        counts.decided += one(about.is_decided);
        counts.timed += one(about.is_decided && is_timed);
        counts.interviewed += one(about.is_interviewed);
        counts.seated += one(about.is_seated);
        counts.staged += one(about.is_application && about.is_staged);
        counts.rounds += one(about.has_round);
        counts.timed_cards += u64::from(about.timed_cards);
        counts.panels += one(about.timed_cards > 1);
        counts.debriefed += one(about.timed_cards > 1 && about.is_debriefed);
        counts.scored += one(about.is_scored);
        if let Some(channel) = about.channel {
            counts.channelled += 1;
            *channels.entry(channel).or_default() += 1;
        }
    }
    counts.channels = channels.into_values().collect();
    counts.channels.sort_unstable_by(|a, b| b.cmp(a));
}

/// Pairs of a loop and something in it, each once and in order, as runs of one loop.
fn by_loop(mut pairs: Vec<(u64, u32)>) -> Vec<Vec<u32>> {
    pairs.sort_unstable();
    pairs.dedup();
    pairs.chunk_by(|a, b| a.0 == b.0).map(|run| run.iter().map(|(_, what)| *what).collect()).collect()
}

fn count_scores(scores: &Observed, counts: &mut Counts) {
    let given = || scores.rows().iter().filter(|row| is_score(scores, row));
    let pairs = |column: &str| {
        let with = given().filter(|row| scores.has(row, column));
        by_loop(with.filter_map(|row| Some((row.application, scores.number(row, column)?))).collect())
    };
    let people = pairs("interviewer_id");
    counts.meetings = people.iter().map(|loops| loops.len() as u64).sum();
    counts.shared = people.iter().filter(|people| people.len() > 1).count() as u64;
    counts.interviewers = people.iter().flatten().collect::<HashSet<_>>().len() as u64;
    let stages = pairs("stage");
    counts.stages = stages.iter().flatten().collect::<HashSet<_>>().len() as u64;
    let mut together: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for stages in &stages {
        for (at, first) in stages.iter().enumerate() {
            for second in stages.iter().skip(at + 1) {
                *together.entry((*first, *second)).or_default() += 1;
            }
        }
    }
    counts.stage_pairs = together.into_values().collect();
    counts.stage_pairs.sort_unstable_by(|a, b| b.cmp(a));
}

fn count_outcomes(outcomes: &Observed, loops: &Loops, counts: &mut Counts) {
    counts.outcomes = outcomes.rows().len() as u64;
    let mut kinds: HashMap<u32, HashMap<u32, u64>> = HashMap::new();
    for row in outcomes.rows() {
        let is_scored = loops.get(&row.application).is_some_and(|about| about.is_scored);
        if let (true, true, Some(kind), Some(value)) =
            (is_scored, outcomes.has(row, "value"), outcomes.number(row, "outcome"), outcomes.number(row, "value"))
        {
            *kinds.entry(kind).or_default().entry(value).or_default() += 1;
        }
    }
    let kind = |values: HashMap<u32, u64>| OutcomeKind {
        loops: values.values().sum(),
        values: values.len() as u64,
        rarer: if values.len() == 2 { values.values().min().copied().unwrap_or(0) } else { 0 },
    };
    counts.outcome_kinds = kinds.into_values().map(kind).collect();
    counts.outcome_kinds.sort_unstable_by(|a, b| b.cmp(a));
}

fn table(one: &Observed, loops: &Loops, edits: u64) -> TableFacts {
    let rows = one.rows();
    let day = |at: Option<i64>| at.and_then(|at| Instant(at).date()).map(|date| date.to_string());
    let is_unjoined = |row: &&Entity| !loops.get(&row.application).is_some_and(|about| about.is_application);
    let is_revisions = one.watch.table.name == ScoreRevision::TABLE.name;
    let filled =
        |column: &&'static str| Filled { column, rows: rows.iter().filter(|row| one.has(row, column)).count() as u64 };
    TableFacts {
        table: one.watch.table.name,
        // An export holds the changes of its scores in the scores themselves; a dataset has a table of them.
        rows: if is_revisions { edits } else { rows.len() as u64 },
        unjoined: if is_revisions { 0 } else { rows.iter().filter(is_unjoined).count() as u64 },
        from: day(rows.iter().filter_map(Entity::at).min()),
        to: day(rows.iter().filter_map(Entity::at).max()),
        filled: if rows.is_empty() { Vec::new() } else { one.watch.filled.iter().map(filled).collect() },
    }
}
