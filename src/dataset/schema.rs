//! The canonical tables as data: every column with its type, unit and meaning.
//!
//! One `table!` entry gives the row type that sources fill in, the Arrow schema that is written, the sort
//! key that identifies an entity, and the dictionary that `looplens schema` prints. Rows are sorted by
//! `application_id` first, so that a partition can be walked one loop at a time.

use super::columns::{Builder, Value};
use super::privacy::Shield;
use crate::time::Instant;

/// The dimension under which changes of a card's overall recommendation stand among the score revisions: they are
/// edits of the same card, told by the same exports, and belong to the same questions. No rubric is written in
/// brackets.
pub const RECOMMENDATION: &str = "(recommendation)";

/// The version of the dataset format on disk. A reader refuses a newer one.
pub const FORMAT_VERSION: u32 = 1;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// UTF-8 text.
    Text,
    /// 64-bit integer.
    Int,
    /// 64-bit floating point.
    Float,
    /// True or false.
    Flag,
    /// An instant in UTC, microseconds.
    Instant,
}

impl Type {
    /// The name printed in the dictionary.
    pub fn name(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Int => "integer",
            Type::Float => "float",
            Type::Flag => "boolean",
            Type::Instant => "timestamp (UTC)",
        }
    }
}

/// One column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing.
    pub nullable: bool,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

/// One table of the dataset.
#[derive(Debug)]
pub struct Table {
    /// Its name, the folder below a generation.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// The columns, in file order.
    pub columns: &'static [Column],
    /// The columns that identify an entity, in sort order.
    pub key: &'static [&'static str],
}

impl Table {
    /// The position of a column.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A row of one canonical table.
pub trait Row: Sized + Send {
    /// Its table.
    const TABLE: &'static Table;
    /// The application it belongs to.
    fn application_id(&self) -> &str;
    /// Replaces people's identifiers by pseudonyms and drops free text, unless asked otherwise.
    fn shield(&mut self, shield: &mut Shield);
    /// Appends one value to each builder.
    fn append(&self, out: &mut [Builder]);
}

// The column kinds of `table!`:
//   handle   required identifier of a record        handle?  the same, optional
//   person   a person's identifier, pseudonymised   note     free text, dropped by default
//   judged   whether the note before it only judges
//   label / label?   words from a closed or configured list
//   int / float / flag / instant   optional values
macro_rules! table {
    (@type handle) => { String };
    (@type handle_opt) => { Option<String> };
    (@type person) => { Option<String> };
    (@type note) => { Option<String> };
    (@type label) => { String };
    (@type label_opt) => { Option<String> };
    (@type judged) => { Option<i64> };
    (@type int) => { Option<i64> };
    (@type float) => { Option<f64> };
    (@type flag) => { Option<bool> };
    (@type instant) => { Option<Instant> };
    (@ty judged) => { Type::Int };
    (@ty int) => { Type::Int };
    (@ty float) => { Type::Float };
    (@ty flag) => { Type::Flag };
    (@ty instant) => { Type::Instant };
    (@ty $other:ident) => { Type::Text };
    (@null handle) => { false };
    (@null label) => { false };
    (@null $other:ident) => { true };
    (@shield handle $shield:ident $value:expr) => { $shield.handle($value) };
    (@shield handle_opt $shield:ident $value:expr) => { if let Some(value) = $value { $shield.handle(value) } };
    (@shield person $shield:ident $value:expr) => { if let Some(value) = $value { $shield.person(value) } };
    (@shield note $shield:ident $value:expr) => { $shield.note($value) };
    (@shield judged $shield:ident $value:expr) => { *$value = $shield.judged() };
    (@shield $other:ident $shield:ident $value:expr) => {};
    ($(#[doc = $doc:literal])* $row:ident in $name:ident, key [$($key:ident),*] {
        $($field:ident : $kind:ident $meaning:literal,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $row {
            $(#[doc = $meaning] pub $field: table!(@type $kind),)*
        }
        impl Row for $row {
            const TABLE: &'static Table = &Table {
                name: stringify!($name),
                about: concat!($($doc),*),
                columns: &[$(Column {
                    name: stringify!($field),
                    ty: table!(@ty $kind),
                    nullable: table!(@null $kind),
                    meaning: $meaning,
                },)*],
                key: &[$(stringify!($key)),*],
            };
            fn application_id(&self) -> &str { &self.application_id }
            #[allow(unused_variables, reason = "a table without people has nothing to shield")]
            fn shield(&mut self, shield: &mut Shield) {
                $(table!(@shield $kind shield &mut self.$field);)*
            }
            fn append(&self, out: &mut [Builder]) {
                let mut out = out.iter_mut();
                $(if let Some(builder) = out.next() { self.$field.append_to(builder); })*
            }
        }
    };
}

table! {
    /// One row per application: a loop, who it is for and where it came from.
    Application in applications, key [application_id] {
        application_id: handle "Identifier of the application; a pseudonym where the original could name a person.",
        candidate_id: person "Pseudonym of the candidate.",
        job_id: label_opt "Identifier of the job.",
        job_title: label_opt "Title of the job.",
        department: label_opt "Department of the job.",
        level: label_opt "Level of the job.",
        location: label_opt "Location or office of the job.",
        specialism: label_opt "The candidate's specialism.",
        role_specialism: label_opt "The specialism the role asks for.",
        source: label_opt "The channel the candidate came through.",
        hiring_manager_id: person "Pseudonym of the hiring manager.",
        recruiter_id: person "Pseudonym of the recruiter.",
        applied_at: instant "When the candidate applied.",
        applied_precision: label_opt "`instant`, or `day` where the source gives a date only.",
        closed_at: instant "When the source closed the application.",
        status: label_opt "The source's own word for where the application stands.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per decided loop: how it ended.
    Decision in decisions, key [application_id] {
        application_id: handle "The application.",
        decision: label "`offer`, `reject` or `withdrawn`.",
        decision_raw: label_opt "The source's own word.",
        decided_at: instant "When the decision was made.",
        decided_precision: label_opt "`instant`, or `day` where the source gives a date only.",
        decided_by: person "Pseudonym of the decider.",
        decided_from: label_opt "What the instant was taken from, such as `recorded`, `offer_created` or `rejected_at`.",
        reason: label_opt "The reason, where the source keeps a closed list of reasons.",
        offer_outcome: label_opt "`accepted` or `declined`.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per interview: an appointment of a stage, with its clock times and status.
    Interview in interviews, key [application_id, interview_id] {
        application_id: handle "The application.",
        interview_id: handle "Identifier of the interview.",
        stage: label_opt "Stage (round), after configured aliases.",
        stage_raw: label_opt "Stage as the source writes it.",
        kind: label "`live`, `async`, `take_home` or `debrief`.",
        availability_at: instant "When the candidate's availability was received.",
        scheduled_at: instant "When the interview was put on the calendar.",
        starts_at: instant "Planned start.",
        ends_at: instant "Planned end.",
        starts_precision: label_opt "`instant`, or `day` for an all-day appointment.",
        status: label "`done`, `scheduled`, `cancelled`, `no_show` or `unknown`.",
        planned_minutes: int "Planned length in minutes.",
        meant_dimensions: label_opt "Rubric dimensions that the round is meant to test, by its interview kit; sorted, `; ` between them.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per person invited to an interview.
    PanelMember in panel_members, key [application_id, interview_id, interviewer_id] {
        application_id: handle "The application.",
        interview_id: handle "The interview.",
        interviewer_id: person "Pseudonym of the interviewer.",
        role: label "`interviewer`, `shadow` or `reverse_shadow`.",
        response: label_opt "The invitation's answer, as the source writes it.",
        scorecard_id: handle_opt "The scorecard this seat led to.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per scorecard: one interviewer's written record of one stage of one loop.
    Scorecard in scorecards, key [application_id, scorecard_id] {
        application_id: handle "The application.",
        scorecard_id: handle "Identifier of the scorecard.",
        interview_id: handle_opt "The interview it records.",
        stage: label_opt "Stage (round), after configured aliases.",
        stage_raw: label_opt "Stage as the source writes it.",
        interviewer_id: person "Pseudonym of the interviewer whose judgement it is.",
        submitted_by: person "Pseudonym of whoever submitted it; differs from the interviewer for proxy submissions.",
        role: label "`interviewer`, `shadow` or `reverse_shadow`.",
        status: label "`submitted` or `draft`; drafts never enter scores.",
        interviewed_at: instant "When the interview took place, as the source tells it.",
        submitted_at: instant "When the scorecard was first submitted.",
        updated_at: instant "When the source last touched it, for whatever reason.",
        recommendation_raw: label_opt "The overall recommendation as the source writes it.",
        recommendation: int "The overall recommendation as an ordinal level, 1 the lowest.",
        recommendation_levels: int "How many levels that scale has.",
        recommendation_missing: label_opt "Why there is no level: `no_decision`, `not_given` or `unknown_label`.",
        note_length: int "Characters written on the card as a whole, not for one dimension; the text itself is kept only on request.",
        note: note "The text, only with `--keep-text`.",
        note_judgement: judged "1 where the text has no word besides judgements such as good or no hire, 0 where it has; read before the text is dropped.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per score: one dimension on one scorecard.
    Score in scores, key [application_id, scorecard_id, dimension] {
        application_id: handle "The application.",
        scorecard_id: handle "The scorecard.",
        dimension: label "Dimension of the rubric.",
        dimension_kind: label_opt "The source's category of the dimension, such as Skills.",
        stage: label_opt "Stage (round), after configured aliases.",
        interviewer_id: person "Pseudonym of the interviewer.",
        role: label "`interviewer`, `shadow` or `reverse_shadow`.",
        score_raw: label_opt "The score as the source writes it.",
        score_milli: int "The score in thousandths of a rubric point, an integer so that sums are exact.",
        scale: label "Name of the rating scale; two scales are never pooled in silence.",
        scale_levels: int "How many levels the scale has, where it is declared or known.",
        missing: label_opt "Why there is no score: `no_decision`, `not_given` or `unknown_label`.",
        revision: int "0 for the first submission, counting up where the source numbers its edits.",
        note_length: int "Characters written for this dimension; the text itself is kept only on request.",
        note: note "The text, only with `--keep-text`.",
        note_judgement: judged "1 where the text has no word besides judgements such as good or no hire, 0 where it has; read before the text is dropped.",
        submitted_at: instant "When this value was submitted.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per change of a score or an overall recommendation after its first submission, as far as exports show it.
    ScoreRevision in score_revisions, key [application_id, scorecard_id, dimension, seen_at, revision] {
        application_id: handle "The application.",
        scorecard_id: handle "The scorecard.",
        dimension: label "Dimension of the rubric, or `(recommendation)` for the card's overall recommendation.",
        seen_at: instant "When the newer value was recorded: its own instant, or that of the export which first showed it.",
        revision: int "The number of the newer value, where the source numbers its edits.",
        from_raw: label_opt "The older value as the source wrote it.",
        from_milli: int "The older value in thousandths of a rubric point.",
        to_raw: label_opt "The newer value as the source wrote it.",
        to_milli: int "The newer value in thousandths of a rubric point.",
        observed_through: label "`declared_revision` or `successive_exports`.",
        recorded_at: instant "The instant the newer value was recorded.",
    }
}

table! {
    /// One row per thing that happened in a loop, as the source logs it.
    Event in events, key [application_id, at, event, stage, actor_id] {
        application_id: handle "The application.",
        event: label "What happened, in the words of the import contract.",
        event_raw: label_opt "The source's own word, where it differs.",
        at: instant "When.",
        at_precision: label_opt "`instant`, or `day` where the source gives a date only.",
        stage: label_opt "Stage (round), after configured aliases.",
        actor_id: person "Pseudonym of whoever did it.",
        origin: label "Where it was seen: `native`, `derived` from another record, or `activity_text` (read out of prose).",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per later outcome of a hire.
    Outcome in outcomes, key [application_id, outcome] {
        application_id: handle "The application.",
        outcome: label "What was measured, such as performance or still employed.",
        value: float "Its value; higher is better unless declared otherwise.",
        value_raw: label_opt "The value as the source writes it.",
        at: instant "When it was measured.",
        rated_by: person "Pseudonym of whoever judged it.",
        recorded_at: instant "When the source last changed the record; the export's latest instant where it does not say.",
    }
}

table! {
    /// One row per record that a newer export no longer holds although it could be expected there: what it said, and what became of it.
    MissingRecord in missing_records, key [application_id, kind, record_id, detail, at, stage, person_id] {
        application_id: handle "The application.",
        kind: label "What it is or was: the name of its table, or `stage_history` for an event of the stage history.",
        record_id: handle_opt "The interview or the scorecard.",
        detail: label_opt "The dimension of a score, the name of an outcome, or what happened.",
        at: instant "When it happened: of an interview the start, of a scorecard or score the submission.",
        stage: label_opt "Stage (round), after configured aliases.",
        person_id: person "Pseudonym of the interviewer, or of whoever did it.",
        said: label_opt "What it said, as the source wrote it: a score, a decision, a status.",
        became: label "`kept` or `dropped`, as configured; `replaced` where the newer export's own stage history stands instead.",
        recorded_at: instant "Latest instant of the export that showed it to be missing.",
    }
}

table! {
    /// One row per loop, derived: the instants that every clock starts from and ends at.
    Loop in loops, key [application_id] {
        application_id: handle "The application.",
        job_id: label_opt "Identifier of the job.",
        department: label_opt "Department of the job.",
        level: label_opt "Level of the job.",
        location: label_opt "Location or office of the job.",
        source: label_opt "The channel the candidate came through.",
        furthest_stage: label_opt "The last stage in which anything happened.",
        applied_at: instant "Origin of the `applied` clock.",
        first_interview_at: instant "Start of the first interview that took place; origin of the `first_interview` clock.",
        last_interview_at: instant "End of the last interview that took place before the end; origin of the `last_interview` clock.",
        observed_from: instant "First instant at which the export could have seen the loop; later than `applied_at` for loops opened before the export starts.",
        ended_at: instant "When the loop ended; missing while it is open.",
        ended_how: label "`offer`, `reject`, `withdrawn`, `open`, or `closed` where the export does not say how.",
        day_precision: flag "True where an end of the clock is a date only: durations are then whole days.",
        problem: label_opt "Why the loop has no usable clock, such as `ends_before_it_starts`.",
        interviews: int "Interviews that took place.",
        scorecards: int "Scorecards submitted by interviewers, shadows left out.",
    }
}

table! {
    /// One row per spell of a loop in a state, derived: the spells of a loop partition its elapsed time exactly.
    LoopState in loop_states, key [application_id, from_at, state] {
        application_id: handle "The application.",
        from_at: instant "Start of the spell.",
        to_at: instant "End of the spell; missing while it lasts.",
        state: label "`to_first_contact`, `to_schedule`, `to_interview`, `in_interview`, `for_scores`, `for_verdict`, `for_debrief` or `for_decision`.",
        stage: label_opt "Stage (round) the spell belongs to, where one is meant.",
        visit: int "1 for the loop's first spell in this state, then 2, 3 ...",
    }
}

/// Every partitioned table that sources fill, in the order they are written.
pub const ENTITY_TABLES: &[&Table] = &[
    Application::TABLE,
    Decision::TABLE,
    Interview::TABLE,
    PanelMember::TABLE,
    Scorecard::TABLE,
    Score::TABLE,
    ScoreRevision::TABLE,
    Event::TABLE,
    Outcome::TABLE,
    MissingRecord::TABLE,
];

/// The partition of a row: it stands in the names of the folders, and every reader of hive partitions makes it a column.
pub const OPENED: Column = Column {
    name: "opened",
    ty: Type::Text,
    nullable: false,
    meaning: "The quarter in which the loop opened, such as `2026Q3`, or `unknown`; the partition of the row.",
};

/// The partitioned tables that are computed from the entity tables.
pub const DERIVED_TABLES: &[&Table] = &[Loop::TABLE, LoopState::TABLE];

/// The tables that account for what was read.
pub const ACCOUNT_TABLES: &[&Table] = &[REJECTS, LEDGER, SIGHTINGS];

macro_rules! columns {
    ($($name:literal $ty:ident $nullable:literal $meaning:literal,)*) => {
        &[$($crate::dataset::schema::Column {
            name: $name,
            ty: $crate::dataset::schema::Type::$ty,
            nullable: $nullable,
            meaning: $meaning,
        },)*]
    };
}
pub(crate) use columns;

/// Records that were read and could not be used.
pub const REJECTS: &Table = &Table {
    name: "rejects",
    about: " One row per record that was read and could not be used, with the reason.",
    key: &["ingest", "file", "position"],
    columns: columns![
        "ingest" Int false "Number of the ingest, which is the generation it made.",
        "file" Text false "File, relative to the export.",
        "position" Text false "Line, or JSON path, of the record.",
        "reason" Text false "Why, as a code.",
        "field" Text true "The field at fault.",
        "value" Text true "The offending value, redacted unless it is a number, a date or a word of the format.",
    ],
};

/// The account of what was read, per file and ingest.
pub const LEDGER: &Table = &Table {
    name: "ledger",
    about: " One row per file and ingest: read = kept + replaced + rejected.",
    key: &["ingest", "file"],
    columns: columns![
        "ingest" Int false "Number of the ingest, which is the generation it made.",
        "source" Text false "The source that read the file.",
        "file" Text false "File, relative to the export.",
        "kind" Text false "What the file holds.",
        "blake3" Text false "Hash of the file's bytes.",
        "bytes" Int false "Size of the file.",
        "read" Int false "Records read.",
        "kept" Int false "Records that stand in the dataset after this ingest.",
        "replaced" Int false "Records that another record of the same entity stands in for.",
        "rejected" Int false "Records in `rejects`.",
        "unjoined" Int false "Records kept whose application is in no file (part of kept).",
        "unknown_columns" Text true "Columns that were not read, separated by commas.",
        "unknown_labels" Text true "Labels that no scale or list knows, with their counts.",
        "remarks" Text true "What a reader should know about this file.",
    ],
};

/// Which export held which applications.
pub const SIGHTINGS: &Table = &Table {
    name: "sightings",
    about: " One row per application and export that held it; an export that was ingested again is not listed again.",
    key: &["ingest", "application_id"],
    columns: columns![
        "ingest" Int false "Number of the ingest, which is the generation it made.",
        "application_id" Text false "The application.",
        "applied_at" Instant true "When the candidate applied.",
        "stage_history" Flag false "Whether the export held native stage events of this application.",
    ],
};
