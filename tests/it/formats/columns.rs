//! What each format cannot carry, or carries otherwise: one column of the comparison per format.
//!
//! A fact is a column of a canonical table, or `TABLE.rows` for the rows themselves. A fact that is not named is
//! carried: it is equal for every row. The cases of a fact are tried in order; a row that none fits is carried.

use super::canonical::{Tables, loop_of};
use crate::support::Row;

/// One format.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name for `looplens simulate`.
    pub(super) format: &'static str,
    /// What `looplens ingest` has to be told to read it.
    pub(super) arguments: &'static [&'static str],
    /// The facts that it does not carry as they are.
    pub(super) differs: &'static [Difference],
}

/// A fact, and how it is carried in which case.
pub(super) type Difference = (&'static str, &'static [(When, Grade)]);

/// Which rows are meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// All that no case before it took.
    Always,
    /// Those of which a column of theirs is known to be one of these.
    Is(&'static str, &'static [&'static str]),
    /// Those for which the format itself gives one of these, and which those are.
    Reads(&'static str, &'static str, &'static [&'static str]),
    /// Events of these kinds.
    Event(&'static [&'static str]),
    /// Those of these rounds.
    Stage(&'static [&'static str]),
    /// Those of loops of which a column of another table is known to be one of these.
    Of(&'static str, &'static str, &'static [&'static str]),
    /// Any other condition, in words.
    Fact(&'static str, fn(&Tables, &str, &Row) -> bool),
}

/// How a fact is carried.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grade {
    /// Equal.
    Same,
    /// Only the day of it.
    Day,
    /// Not at all.
    No,
    /// On another scale: its name, and the values that stand for one.
    Scale(&'static str, fn(&str) -> &'static [&'static str]),
    /// In these words of its own.
    Says(&'static [&'static str]),
    /// Rows that are there for some, and for which.
    Some(&'static str),
    /// Something else is said for some, and what that is.
    Other(&'static str),
    /// Something of the format's own, which is compared with nothing.
    Own,
}

/// The column of a format.
pub(super) fn of(format: &str) -> &'static Column {
    let found = COLUMNS.iter().copied().find(|column| column.format == format);
    found.unwrap_or_else(|| panic!("tests/it/formats/columns.rs says nothing about the format {format}"))
}

impl Column {
    /// The cases of a fact, in order.
    pub(super) fn cases(&self, fact: &str) -> &'static [(When, Grade)] {
        self.differs.iter().find(|(named, _)| *named == fact).map_or(&[], |(_, cases)| cases)
    }
}

/// Facts that no format tells.
pub(super) const UNTOLD: &[&str] = &["scorecards.note", "scorecards.note_judgement"];

/// Every format, in the order of `looplens simulate --help`.
pub(super) const COLUMNS: &[&Column] = &[
    &TABLES,
    &GREENHOUSE_V1,
    &GREENHOUSE_V3,
    &LEVER,
    &ASHBY,
    &MERGE,
    &GREENHOUSE_WAREHOUSE,
    &LEVER_WAREHOUSE,
    &SPREADSHEET,
];

const NO: &[(When, Grade)] = &[(When::Always, Grade::No)];
const OWN: &[(When, Grade)] = &[(When::Always, Grade::Own)];
const INTERVIEWER: &[(When, Grade)] = &[(When::Always, Grade::Says(&["interviewer"]))];

/// Rejections that are dated before the application.
const EARLY: When = When::Fact("the decision is dated before the application", |facts, key, _| {
    let of =
        |table: &str, column: &str| facts[table].get(&format!("{}|0", loop_of(key))).and_then(|row| row.get(column));
    of("decisions", "decided_at") < of("applications", "applied_at") && of("decisions", "decided_at").is_some()
});
/// Hires whose first day has not come.
const NOT_STARTED: When = When::Fact("the first day comes after the export", |_, key, row| {
    key.contains("|started|") && row.get("at").is_some_and(|at| at.as_str() > "2026-10-01")
});
/// Seats of people who have not submitted their card.
const UNWRITTEN: When = When::Fact("the card is a draft", |facts, _, row| {
    let card = row.get("scorecard_id").and_then(|card| facts["scorecards"].get(&format!("{card}|0")));
    card.is_some_and(|card| card.get("status").is_some_and(|status| status == "draft"))
});
const HIRED: When = When::Of("decisions", "offer_outcome", &["accepted"]);
const EDITED: When = When::Is("revision", &["1"]);
const ASYNC: When = When::Is("kind", &["async"]);
const TAKE_HOME: When = When::Is("kind", &["take_home"]);

/// The five levels of an attribute: 2 and 3 out of four are `mixed` for some.
const ATTRIBUTE: Grade = Grade::Scale("five levels", |milli| match milli {
    "1000" => &["1000"],
    "2000" => &["2000", "3000"],
    "3000" => &["4000", "3000"],
    _ => &["5000"],
});

/// Events that only a log has.
const LOG: &[&str] = &[
    "applied",
    "availability_received",
    "interview_scheduled",
    "interview_started",
    "interview_ended",
    "debrief_started",
    "debrief_ended",
    "scorecard_submitted",
    "decided",
];

const TABLES: Column = Column {
    format: "tables",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.status", NO),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", &[(When::Always, Grade::Says(&["offer", "reject", "withdrawn"]))]),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["recorded"]))]),
        ("decisions.reason", NO),
        ("decisions.recorded_at", OWN),
        ("interviews.availability_at", NO),
        (
            "interviews.status",
            &[(When::Reads("the appointment is to come", "status", &["unknown"]), Grade::Says(&["unknown"]))],
        ),
        ("interviews.recorded_at", OWN),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interviewed_at", NO),
        ("scorecards.updated_at", NO),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scorecards.note_length", NO),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", NO),
        ("scores.score_raw", &[(When::Always, Grade::Says(&["1", "2", "3", "4", "no_decision"]))]),
        ("scores.scale", &[(When::Always, Grade::Says(&["undeclared"]))]),
        ("scores.scale_levels", NO),
        ("scores.note_length", &[(When::Is("note_length", &["0"]), Grade::No)]),
        ("scores.recorded_at", OWN),
        ("score_revisions.recorded_at", OWN),
        ("events.rows", &[(NOT_STARTED, Grade::No)]),
        ("events.origin", &[(When::Always, Grade::Says(&["native"]))]),
        ("events.event_raw", NO),
        ("events.recorded_at", OWN),
        ("outcomes.recorded_at", OWN),
    ],
};

const GREENHOUSE_V1: Column = Column {
    format: "greenhouse-v1",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.level", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", &[(When::Always, Grade::Says(&["active", "hired", "rejected"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", &[(When::Always, Grade::Says(&["active", "hired", "rejected"]))]),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "rejected_at"]))]),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No), (When::Is("status", &["cancelled"]), Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.starts_at", &[(ASYNC, Grade::Day)]),
        ("interviews.ends_at", &[(ASYNC, Grade::Day)]),
        ("interviews.status", &[(When::Is("status", &["no_show"]), Grade::Says(&["done"]))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No), (OF_CANCELLED, Grade::No)]),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.scorecard_id", &[(UNWRITTEN, Grade::No)]),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.role", INTERVIEWER),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scorecards.recorded_at", OWN),
        ("scores.role", INTERVIEWER),
        (
            "scores.score_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "mixed", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scores.score_milli", &[(When::Always, ATTRIBUTE)]),
        ("scores.scale", &[(When::Always, Grade::Says(&["greenhouse-attribute-5"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["5"]))]),
        ("scores.revision", NO),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No), (When::Event(&["stage_left"]), Grade::No)]),
        (
            "events.event_raw",
            &[
                (When::Event(&["stage_entered"]), Grade::Says(&["Candidate Stage Change"])),
                (When::Always, Grade::Says(&[])),
            ],
        ),
        ("events.at", &[(When::Event(&["offer_sent", "started"]), Grade::Day)]),
        ("events.actor_id", &[(When::Event(&["offer_sent"]), Grade::No)]),
        (
            "events.origin",
            &[
                (When::Event(&["stage_entered"]), Grade::Says(&["activity_text"])),
                (When::Always, Grade::Says(&["derived"])),
            ],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const GREENHOUSE_V3: Column = Column {
    format: "greenhouse-v3",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", OWN),
        ("applications.level", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.hiring_manager_id", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision")), (HIRED, Grade::Day)]),
        ("applications.status", &[(When::Always, Grade::Says(&["in_process", "hired", "rejected"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", &[(When::Always, Grade::Says(&["in_process", "hired", "rejected"]))]),
        ("decisions.decided_by", &[(When::Is("decision", &["offer"]), Grade::No)]),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "rejected_at"]))]),
        ("decisions.recorded_at", OWN),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.scheduled_at", &[(TAKE_HOME, Grade::No)]),
        ("interviews.starts_at", &[(TAKE_HOME, Grade::No), (ASYNC, Grade::Day)]),
        ("interviews.ends_at", &[(TAKE_HOME, Grade::No), (ASYNC, Grade::Day)]),
        ("interviews.status", &[(When::Is("status", &["no_show"]), Grade::Says(&["done"]))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.recorded_at", OWN),
        ("scorecards.interviewed_at", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.role", INTERVIEWER),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["strong_no", "no", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", NO),
        ("scores.role", INTERVIEWER),
        (
            "scores.score_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "mixed", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scores.score_milli", &[(When::Always, ATTRIBUTE)]),
        ("scores.scale", &[(When::Always, Grade::Says(&["greenhouse-attribute-5"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["5"]))]),
        ("scores.revision", NO),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(When::Event(&["offer_sent", "offer_resolved", "started"]), Grade::Day)]),
        ("events.actor_id", NO),
        (
            "events.origin",
            &[
                (When::Event(&["stage_entered", "stage_left"]), Grade::Says(&["native"])),
                (When::Always, Grade::Says(&["derived"])),
            ],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const LEVER: Column = Column {
    format: "lever",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", &[(When::Always, Grade::Says(&["active", "archived", "hired"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", OWN),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "archived_at"]))]),
        ("decisions.reason", LEVER_REASON),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.ends_at", &[(ASYNC, Grade::Other("the next whole minute"))]),
        ("interviews.status", &[(When::Is("status", &["done", "no_show", "scheduled"]), Grade::Says(&["unknown"]))]),
        ("interviews.planned_minutes", &[(ASYNC, Grade::Other("how long it was open"))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No)]),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::Some("if begun"))]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.submitted_by", &[(NOT_OWN, Grade::Other("the interviewer"))]),
        ("scorecards.role", INTERVIEWER),
        ("scorecards.interviewed_at", NO),
        ("scorecards.recommendation_raw", &[(When::Always, Grade::Says(LEVER_LABELS))]),
        ("scorecards.recommendation_missing", NOT_GIVEN_RECOMMENDATION),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", &[(When::Always, Grade::Says(&["Rubric"]))]),
        ("scores.role", INTERVIEWER),
        ("scores.score_raw", &[(When::Always, Grade::Says(&["1", "2", "3", "4"]))]),
        ("scores.scale", &[(When::Always, Grade::Says(&["lever-score-4"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["4"]))]),
        ("scores.missing", NOT_GIVEN),
        ("scores.revision", NO),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No), (LEFT_EARLY, Grade::No), (DECLINED, Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(When::Event(&["started"]), Grade::Day)]),
        ("events.actor_id", &[(When::Event(&["stage_left", "offer_sent"]), Grade::No)]),
        (
            "events.origin",
            &[(When::Event(&["stage_entered"]), Grade::Says(&["native"])), (When::Always, Grade::Says(&["derived"]))],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const ASHBY: Column = Column {
    format: "ashby",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.level", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", &[(When::Always, Grade::Says(&["Active", "Archived", "Hired"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", OWN),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "archived_at"]))]),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.status", &[(When::Is("status", &["no_show"]), Grade::Says(&["done"]))]),
        ("interviews.planned_minutes", &[(ASYNC, Grade::Other("how long it was open"))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No)]),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.interviewed_at", &[(When::Stage(&["Work sample"]), Grade::No), (ORPHAN, Grade::No)]),
        ("scorecards.updated_at", NO),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["Strong No Hire", "No Hire", "Hire", "Strong Hire"]))],
        ),
        ("scorecards.recommendation_missing", NOT_GIVEN),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", NO),
        ("scores.score_raw", &[(When::Always, Grade::Says(&["1", "2", "3", "4"]))]),
        ("scores.scale", &[(When::Always, Grade::Says(&["ashby-score-4"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["4"]))]),
        ("scores.missing", NOT_GIVEN),
        ("scores.revision", NO),
        ("scores.note_length", &[(When::Is("missing", &["no_decision"]), Grade::Says(&["0"]))]),
        ("scores.note", &[(When::Is("missing", &["no_decision"]), Grade::No)]),
        ("scores.note_judgement", &[(When::Is("missing", &["no_decision"]), Grade::No)]),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No), (When::Event(&["offer_sent"]), Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(When::Event(&["started"]), Grade::Day)]),
        ("events.actor_id", &[(When::Event(&["stage_left"]), Grade::No)]),
        (
            "events.origin",
            &[
                (When::Event(&["stage_entered", "stage_left"]), Grade::Says(&["native"])),
                (When::Always, Grade::Says(&["derived"])),
            ],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const MERGE: Column = Column {
    format: "merge",
    arguments: &[],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.level", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", NO),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", NO),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "rejected_at"]))]),
        ("decisions.reason", LEVER_REASON),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No), (When::Is("status", &["cancelled"]), Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.status", &[(When::Is("status", &["no_show"]), Grade::Says(&["done"]))]),
        ("interviews.planned_minutes", &[(ASYNC, Grade::Other("how long it was open"))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No), (OF_CANCELLED, Grade::No)]),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.stage_raw", &[(When::Stage(&["Work sample"]), Grade::No), (ORPHAN, Grade::No)]),
        ("scorecards.interviewed_at", &[(When::Stage(&["Work sample"]), Grade::No), (ORPHAN, Grade::No)]),
        ("scorecards.submitted_by", NO),
        ("scorecards.role", INTERVIEWER),
        ("scorecards.updated_at", NO),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["DEFINITELY_NO", "NO", "YES", "STRONG_YES", "NO_DECISION"]))],
        ),
        ("scorecards.note_length", NO),
        ("scorecards.recorded_at", OWN),
        ("scores.rows", NO),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No), (When::Event(&["stage_entered", "stage_left"]), Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(When::Event(&["started"]), Grade::Day)]),
        ("events.actor_id", NO),
        ("events.origin", &[(When::Always, Grade::Says(&["derived"]))]),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const GREENHOUSE_WAREHOUSE: Column = Column {
    format: "greenhouse-warehouse",
    arguments: &["--preset", "greenhouse-warehouse"],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.level", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", &[(When::Always, Grade::Says(&["active", "hired", "rejected"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", OWN),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "rejected_at"]))]),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No), (When::Is("status", &["cancelled"]), Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.starts_at", &[(ASYNC, Grade::Other("midnight of the day"))]),
        ("interviews.ends_at", &[(ASYNC, Grade::Other("midnight of the day"))]),
        ("interviews.status", &[(When::Is("status", &["no_show"]), Grade::Says(&["done"]))]),
        ("interviews.planned_minutes", NO),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No), (OF_CANCELLED, Grade::No)]),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", &[(UNWRITTEN, Grade::No)]),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.interviewer_id", &[(HOME_PROXY, Grade::Other("the submitter"))]),
        ("scorecards.role", INTERVIEWER),
        ("scorecards.updated_at", &[(TWICE, Grade::Other("that of the only copy"))]),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scorecards.note_length", NO),
        ("scorecards.recorded_at", OWN),
        ("scores.interviewer_id", &[(HOME_PROXY, Grade::Other("the submitter"))]),
        ("scores.role", INTERVIEWER),
        (
            "scores.score_raw",
            &[(
                When::Always,
                Grade::Says(&["definitely_not", "no", "mixed", "yes", "strong_yes", "stong_yes", "no_decision"]),
            )],
        ),
        ("scores.score_milli", &[(MISSPELT, Grade::No), (When::Always, ATTRIBUTE)]),
        ("scores.scale", &[(When::Always, Grade::Says(&["greenhouse-attribute-5"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["5"]))]),
        ("scores.missing", &[(MISSPELT, Grade::Says(&["unknown_label"]))]),
        ("scores.revision", NO),
        ("scores.note_length", &[(When::Is("note_length", &["0"]), Grade::No)]),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(When::Event(&["offer_sent", "started"]), Grade::Day)]),
        ("events.actor_id", NO),
        (
            "events.origin",
            &[
                (When::Event(&["stage_entered", "stage_left"]), Grade::Says(&["native"])),
                (When::Always, Grade::Says(&["derived"])),
            ],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const LEVER_WAREHOUSE: Column = Column {
    format: "lever-warehouse",
    arguments: &["--preset", "lever-warehouse"],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.specialism", NO),
        ("applications.role_specialism", NO),
        ("applications.closed_at", &[(EARLY, Grade::Other("that of the decision"))]),
        ("applications.status", &[(When::Always, Grade::Says(&["active", "archived", "hired"]))]),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", OWN),
        ("decisions.decided_by", NO),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["offer_created", "archived_at"]))]),
        ("decisions.reason", LEVER_REASON),
        ("decisions.recorded_at", OWN),
        ("interviews.rows", &[(TAKE_HOME, Grade::No)]),
        ("interviews.kind", &[(ASYNC, Grade::Says(&["live"]))]),
        ("interviews.availability_at", NO),
        ("interviews.ends_at", &[(ASYNC, Grade::Other("the next whole minute"))]),
        ("interviews.status", &[(When::Is("status", &["done", "no_show", "scheduled"]), Grade::Says(&["unknown"]))]),
        ("interviews.planned_minutes", &[(ASYNC, Grade::Other("how long it was open"))]),
        ("interviews.recorded_at", OWN),
        ("panel_members.rows", &[(OF_TAKE_HOME, Grade::No)]),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::Some("if begun"))]),
        ("scorecards.interview_id", &[(When::Stage(&["Work sample"]), Grade::No)]),
        ("scorecards.submitted_by", &[(NOT_OWN, Grade::Other("the interviewer"))]),
        ("scorecards.role", INTERVIEWER),
        ("scorecards.interviewed_at", NO),
        ("scorecards.updated_at", NO),
        ("scorecards.recommendation_raw", &[(When::Always, Grade::Says(LEVER_LABELS))]),
        ("scorecards.recommendation_missing", NOT_GIVEN_RECOMMENDATION),
        ("scorecards.note_length", NO),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", &[(When::Always, Grade::Says(&["Rubric"]))]),
        ("scores.role", INTERVIEWER),
        ("scores.score_raw", &[(When::Always, Grade::Says(&["1", "2", "3", "4"]))]),
        ("scores.scale", &[(When::Always, Grade::Says(&["lever-score-4"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["4"]))]),
        ("scores.missing", NOT_GIVEN),
        ("scores.revision", NO),
        ("scores.note_length", &[(When::Is("note_length", &["0"]), Grade::No)]),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(LOG), Grade::No), (When::Event(&["offer_resolved", "started"]), Grade::No)]),
        ("events.event_raw", NO),
        ("events.at", &[(LEFT_EARLY, Grade::Other("that of the decision"))]),
        ("events.actor_id", &[(When::Event(&["stage_left", "offer_sent"]), Grade::No)]),
        (
            "events.origin",
            &[(When::Event(&["stage_entered"]), Grade::Says(&["native"])), (When::Always, Grade::Says(&["derived"]))],
        ),
        ("events.recorded_at", OWN),
        ("outcomes.rows", NO),
    ],
};

const SPREADSHEET: Column = Column {
    format: "spreadsheet",
    arguments: &["--config", "spreadsheet/looplens.toml"],
    differs: &[
        ("interviews.meant_dimensions", NO),
        ("applications.applied_at", &[(When::Always, Grade::Day)]),
        ("applications.closed_at", &[(When::Always, Grade::Day)]),
        ("applications.status", NO),
        ("applications.recorded_at", OWN),
        ("decisions.decision_raw", &[(When::Always, Grade::Says(&["offer", "reject", "withdrawn"]))]),
        ("decisions.decided_at", &[(When::Always, Grade::Day)]),
        ("decisions.decided_from", &[(When::Always, Grade::Says(&["recorded"]))]),
        ("decisions.reason", NO),
        ("decisions.recorded_at", OWN),
        ("interviews.availability_at", NO),
        (
            "interviews.status",
            &[(When::Reads("the appointment is to come", "status", &["unknown"]), Grade::Says(&["unknown"]))],
        ),
        ("interviews.recorded_at", OWN),
        ("panel_members.role", INTERVIEWER),
        ("panel_members.response", NO),
        ("panel_members.scorecard_id", NO),
        ("panel_members.recorded_at", OWN),
        ("scorecards.rows", &[(When::Is("status", &["draft"]), Grade::No)]),
        ("scorecards.interview_id", NO),
        ("scorecards.interviewed_at", NO),
        ("scorecards.updated_at", NO),
        (
            "scorecards.recommendation_raw",
            &[(When::Always, Grade::Says(&["definitely_not", "no", "yes", "strong_yes", "no_decision"]))],
        ),
        ("scorecards.note_length", NO),
        ("scorecards.recorded_at", OWN),
        ("scores.dimension_kind", NO),
        ("scores.score_raw", &[(When::Always, Grade::Says(&["1", "2", "3", "4", "no decision"]))]),
        ("scores.scale", &[(When::Always, Grade::Says(&["declared 1 to 4 by 1"]))]),
        ("scores.scale_levels", &[(When::Always, Grade::Says(&["4"]))]),
        ("scores.revision", NO),
        ("scores.note_length", NO),
        ("scores.note", NO),
        ("scores.note_judgement", NO),
        ("scores.submitted_at", &[(EDITED, Grade::Other("that of the first submission"))]),
        ("scores.recorded_at", OWN),
        ("score_revisions.rows", NO),
        ("events.rows", &[(When::Event(UNNOTED), Grade::No), (NOT_STARTED, Grade::No)]),
        ("events.origin", &[(When::Always, Grade::Says(&["native"]))]),
        ("events.event_raw", NO),
        ("events.recorded_at", OWN),
        ("outcomes.at", &[(When::Always, Grade::Day)]),
        ("outcomes.recorded_at", OWN),
    ],
};

/// Events that nobody notes down by hand.
const UNNOTED: &[&str] = &[
    "applied",
    "interview_scheduled",
    "interview_started",
    "interview_ended",
    "debrief_started",
    "scorecard_submitted",
    "decided",
];

const LEVER_LABELS: &[&str] = &["1 - Strong No Hire", "2 - No Hire", "3 - Hire", "4 - Strong Hire"];
/// Lever's reasons have no type, so those of candidates say in words whose they are.
const LEVER_REASON: &[(When, Grade)] = &[
    (When::Is("decision", &["withdrawn"]), Grade::Other("in other words")),
    (When::Is("offer_outcome", &["declined"]), Grade::Other("in other words")),
];
/// Nobody can decide not to decide.
const NOT_GIVEN: &[(When, Grade)] = &[(When::Always, Grade::Says(&["not_given"]))];
const NOT_GIVEN_RECOMMENDATION: &[(When, Grade)] =
    &[(When::Is("recommendation_missing", &["no_decision"]), Grade::Says(&["not_given"]))];
const MISSPELT: When = When::Reads("the rating is misspelt", "score_raw", &["stong_yes"]);
const TWICE: When = When::Fact("the card was exported twice", |_, _, row| {
    let of = |column: &str| row.get(column).map(String::as_str);
    of("status") == Some("submitted") && of("updated_at") != of("submitted_at")
});
/// Cards that their interviewer has not submitted, or not yet.
const NOT_OWN: When = When::Fact("somebody else submitted the card, or nobody did", |_, _, row| {
    let of = |column: &str| row.get(column).map(String::as_str);
    of("status") == Some("draft") || of("submitted_by") != of("interviewer_id")
});
/// Work done at home on whose card somebody else's name stands.
const HOME_PROXY: When =
    When::Fact("the work is done at home and somebody else submitted the card", |facts, key, _| {
        let card: Vec<&str> = key.split('|').take(3).collect();
        let row = facts["scorecards"].get(&format!("{}|0", card.join("|")));
        let is_other = row.is_some_and(|row| row.get("submitted_by") != row.get("interviewer_id"));
        key.contains("|Work sample|") && is_other
    });
/// Cards of applications that are in no file.
const ORPHAN: When = When::Fact("the application is in no file", |_, key, _| key.starts_with("orphan"));
/// Answers to offers that were declined.
const DECLINED: When = When::Fact("the answer to an offer is no", |facts, key, _| {
    let decision = facts["decisions"].get(&format!("{}|0", loop_of(key)));
    let outcome = decision.and_then(|decision| decision.get("offer_outcome"));
    key.contains("|offer_resolved|") && outcome.is_some_and(|outcome| outcome == "declined")
});
/// The end of the last stage of a loop that was archived with a wrong date.
const LEFT_EARLY: When =
    When::Fact("the stage was left with a decision dated before the application", |facts, key, row| {
        let When::Fact(_, is_early) = EARLY else { return false };
        let closed = facts["applications"].get(&format!("{}|0", loop_of(key))).and_then(|row| row.get("closed_at"));
        key.contains("|stage_left|") && closed == row.get("at") && is_early(facts, key, row)
    });

/// Whether the interview of a panel's seat is one of these.
fn interview_is(facts: &Tables, key: &str, column: &str, word: &str) -> bool {
    let interview: Vec<&str> = key.split('|').take(3).collect();
    let row = facts["interviews"].get(&format!("{}|0", interview.join("|")));
    row.is_some_and(|row| row.get(column).is_some_and(|value| value == word))
}

const OF_TAKE_HOME: When =
    When::Fact("the work is done at home", |facts, key, _| interview_is(facts, key, "kind", "take_home"));
const OF_CANCELLED: When =
    When::Fact("the interview was cancelled", |facts, key, _| interview_is(facts, key, "status", "cancelled"));
