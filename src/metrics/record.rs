//! The record of loops as it came to be: when cards came in, what they said first, when people talked, and when it
//! was decided. Shared by the metrics that ask whether scores stayed independent and whether decisions follow them.

mod panels;

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, coalesce, col, concat, len, lit,
};

use super::cards::{self, Cards, OVERALL};
use super::segments::{milli, seconds};
use crate::dataset::schema::RECOMMENDATION;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames};
use crate::error::Result;
use crate::time::{Quarter, SECOND};
pub use panels::{Member, Panel};

/// The tables of the dataset that [`rows`] reads.
pub const INPUTS: &[&str] = &[
    "scorecards",
    "scores",
    "interviews",
    "applications",
    "decisions",
    "events",
    "score_revisions",
    "panel_members",
    "outcomes",
];

/// The columns of the additive table: those of [`cards::scores`], then those that the other kinds of rows need.
const COLUMNS: [(&str, DataType); 19] = [
    ("opened", DataType::String),
    ("application_id", DataType::String),
    ("scorecard_id", DataType::String),
    ("interviewer_id", DataType::String),
    ("stage", DataType::String),
    ("role", DataType::String),
    ("submitted", DataType::Int64),
    ("interview_ended", DataType::Int64),
    ("proxy", DataType::Int64),
    ("cancelled", DataType::Int64),
    ("dimension", DataType::String),
    ("score_milli", DataType::Int64),
    ("scale", DataType::String),
    ("scale_levels", DataType::Int64),
    ("overall", DataType::Int64),
    ("kind", DataType::String),
    ("word", DataType::String),
    ("from_milli", DataType::Int64),
    ("place", DataType::Int64),
];

/// A frame in the shape of the additive table: what is not named is missing.
fn shaped(frame: LazyFrame, kind: &str, columns: &[(&str, Expr)]) -> LazyFrame {
    let own = |name: &str| columns.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
    frame.select(COLUMNS.map(|(name, ty)| match name {
        "opened" | "application_id" => col(name),
        "kind" => lit(kind).alias(name),
        _ => own(name).unwrap_or(lit(NULL)).cast(ty).alias(name),
    }))
}

/// The additive table of the record, one row per score, card, change of a score, seat on a panel, debrief, decision and
/// application. For `reduce`; the summed column is `scores`.
pub fn rows(frames: &Frames) -> Result<LazyFrame> {
    let scores = cards::scores(frames)?;
    let own: Vec<(&str, Expr)> = COLUMNS.iter().take(15).map(|(name, _)| (*name, col(*name))).collect();
    let mut all = vec![shaped(scores, "score", &own)];
    let submitted = frames.get("scorecards")?.filter(col("status").eq(lit("submitted")));
    all.push(shaped(
        submitted,
        "card",
        &[
            ("scorecard_id", col("scorecard_id")),
            ("interviewer_id", col("interviewer_id")),
            ("stage", col("stage")),
            ("submitted", seconds("submitted_at", "submitted")),
            ("interview_ended", seconds("updated_at", "interview_ended")),
        ],
    ));
    if frames.has("applications") {
        let facts = [("interviewer_id", col("hiring_manager_id")), ("word", col("department"))];
        all.push(shaped(frames.get("applications")?, "application", &facts));
    }
    if frames.has("decisions") {
        let facts = [
            ("interviewer_id", col("decided_by")),
            ("word", col("decision")),
            ("submitted", seconds("decided_at", "submitted")),
        ];
        all.push(shaped(frames.get("decisions")?, "decision", &facts));
    }
    if frames.has("events") {
        let spoken = col("event").eq(lit("debrief_started")).or(col("event").eq(lit("debrief_ended")));
        all.push(shaped(frames.get("events")?.filter(spoken), "debrief", &[("submitted", seconds("at", "submitted"))]));
    }
    if frames.has("score_revisions") {
        let changed = frames.get("score_revisions")?;
        let facts = [
            ("scorecard_id", col("scorecard_id")),
            ("dimension", col("dimension")),
            ("submitted", seconds("seen_at", "submitted")),
            ("score_milli", col("to_milli")),
            ("from_milli", col("from_milli")),
            ("word", col("observed_through")),
            ("place", col("revision")),
        ];
        all.push(shaped(changed, "change", &facts));
    }
    if frames.has("interviews") {
        let took_place = || col("status").eq(lit("done")).or(col("status").eq(lit("unknown")));
        let debriefs = frames.get("interviews")?.filter(col("kind").eq(lit("debrief")).and(took_place()));
        let begun = coalesce(&[col("starts_at"), col("ends_at")]).alias("begun");
        let debriefs = debriefs.with_columns([begun]);
        all.push(shaped(debriefs, "debrief", &[("submitted", seconds("begun", "submitted"))]));
        if frames.has("panel_members") {
            let held = frames
                .get("interviews")?
                .filter(col("kind").neq(lit("debrief")).and(took_place()).and(col("ends_at").is_not_null()))
                .select([col("application_id"), col("interview_id"), col("stage"), col("ends_at")]);
            let by = || [col("application_id"), col("interview_id")];
            let seats = frames.get("panel_members")?.filter(col("role").eq(lit("interviewer")));
            let seats = seats.join(held, by(), by(), JoinArgs::new(JoinType::Inner));
            let facts = [
                ("interviewer_id", col("interviewer_id")),
                ("stage", col("stage")),
                ("interview_ended", seconds("ends_at", "interview_ended")),
            ];
            all.push(shaped(seats, "seat", &facts));
        }
    }
    if frames.has("outcomes") {
        let facts =
            [("word", col("outcome")), ("submitted", seconds("at", "submitted")), ("from_milli", milli("value"))];
        all.push(shaped(frames.get("outcomes")?.filter(col("value").is_not_null()), "outcome", &facts));
    }
    let all = concat(all, UnionArgs::default())?;
    Ok(all.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("scores")]))
}

/// One loop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loop {
    /// The quarter in which it opened.
    pub opened: Option<Quarter>,
    /// When debriefs began, ascending, in seconds.
    pub debriefs: Vec<i64>,
    /// What was decided, when and by whom, each where known.
    pub decision: Option<String>,
    /// In seconds.
    pub decided: Option<i64>,
    /// Pseudonym of the decider.
    pub decider: Option<String>,
    /// Pseudonym of the hiring manager.
    pub hiring_manager: Option<String>,
    /// The department of the job.
    pub department: Option<String>,
    /// What became of it: the outcome, when it was measured in seconds, and its value.
    pub outcomes: Vec<(String, Option<i64>, f64)>,
}

/// A score that was changed after it was submitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// When, or the latest it can have been, in seconds.
    pub at: Option<i64>,
    /// Where the source numbers its edits.
    pub place: Option<i64>,
    /// The older and the newer value in score points.
    pub from: f64,
    /// See `from`.
    pub to: f64,
    /// Whether it was told by holding two exports against each other, so that `at` may be late.
    pub from_exports: bool,
}

/// A seat on a panel whose interview was held, or a card that no seat was found for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// The loop, a position among [`Record::loops`].
    pub of: usize,
    /// Seconds from the end of the interview to the card; `None` where there is no card yet.
    pub delay: Option<i64>,
    /// Seconds from the end of the interview to the date of analysis.
    pub waited: i64,
}

/// What the data can show at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visible {
    /// Cards say when they were submitted.
    pub submissions: bool,
    /// A debrief is on record.
    pub debriefs: bool,
    /// A changed score is on record.
    pub changes: bool,
    /// Seats on panels are on record.
    pub seats: bool,
}

/// The record of the loops of a window.
#[derive(Debug, Default)]
pub struct Record {
    /// The cards, with the scores as they stand now.
    pub cards: Cards,
    /// The loops: first those of [`Cards::applications`] in their order, then those that only have seats.
    pub loops: Vec<Loop>,
    /// Changes by card and cell, in order.
    pub changes: BTreeMap<(usize, u32), Vec<Change>>,
    /// Per card: when the source last touched it, where that is later than its submission and no change is told.
    pub touched: Vec<Option<i64>>,
    /// Seats that wait for a card or waited for it.
    pub seats: Vec<Seat>,
    /// What the data can show.
    pub visible: Visible,
    as_of: i64,
}

/// A card that the source touched no later than this after its submission was not edited but saved.
const SAVING_SECONDS: i64 = 60;

impl Record {
    /// The record of the window of the models.
    pub fn read(counts: &Counts, context: &Context<'_>) -> Self {
        let cards = Cards::read(counts, context);
        let as_of = context.as_of.0.div_euclid(SECOND);
        let (application, kind, word) = (counts.text("application_id"), counts.text("kind"), counts.text("word"));
        let opened = counts.text("opened");
        let mut places: BTreeMap<&str, usize> =
            cards.applications.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        // Panels that nobody has filed a card of are waited for too, in the quarters of those that somebody has.
        let quarters: BTreeSet<Option<&str>> = cards.cards.iter().map(|card| opened.at(card.row)).collect();
        let seat = |row: &usize| kind.at(*row) == Some("seat") && quarters.contains(&opened.at(*row));
        for row in (0..counts.len()).filter(seat) {
            let next = places.len();
            if let Some(id) = application.at(row) {
                places.entry(id).or_insert(next);
            }
        }
        let mut out = Self { loops: vec![Loop::default(); places.len()], as_of, ..Self::default() };
        out.touched = vec![None; cards.cards.len()];
        let card_id = counts.text("scorecard_id");
        let by_card: BTreeMap<(usize, &str), usize> = cards
            .cards
            .iter()
            .enumerate()
            .filter_map(|(at, card)| Some(((card.application as usize, card_id.at(card.row)?), at)))
            .collect();
        let cells: BTreeMap<(u32, &str), u32> =
            cards.cells.iter().enumerate().map(|(at, (stage, name))| ((*stage, name.as_str()), at as u32)).collect();
        let mut seats: Times<'_> = BTreeMap::new();
        let mut filed: Times<'_> = BTreeMap::new();
        let (person, stage, dimension) =
            (counts.text("interviewer_id"), counts.text("stage"), counts.text("dimension"));
        let (at, ended) = (counts.int("submitted"), counts.int("interview_ended"));
        let (from, to, place) = (counts.int("from_milli"), counts.int("score_milli"), counts.int("place"));
        let known = |row: usize| at.at(row).filter(|at| *at <= as_of);
        for row in 0..counts.len() {
            let kind = kind.at(row).unwrap_or_default();
            out.visible.debriefs |= kind == "debrief" && known(row).is_some();
            out.visible.changes |= kind == "change" && at.at(row).is_none_or(|at| at <= as_of);
            let Some(index) = application.at(row).and_then(|id| places.get(id)).copied() else { continue };
            let own = &mut out.loops[index];
            match kind {
                "application" => {
                    own.opened = opened.at(row).and_then(Quarter::parse);
                    own.hiring_manager = person.at(row).map(str::to_owned);
                    own.department = word.at(row).map(str::to_owned);
                }
                "debrief" => own.debriefs.extend(known(row)),
                "decision" if at.at(row).is_none_or(|at| at <= as_of) => {
                    own.decision = word.at(row).map(str::to_owned);
                    own.decided = known(row);
                    own.decider = person.at(row).map(str::to_owned);
                }
                "card" => {
                    if let (Some(at), Some(who)) = (known(row), person.at(row)) {
                        filed.entry((index, who, stage.at(row).unwrap_or_default())).or_default().push(at);
                    }
                    let card = card_id.at(row).and_then(|id| by_card.get(&(index, id)));
                    let touched = ended.at(row).filter(|touched| *touched <= as_of);
                    let later = touched.zip(at.at(row)).filter(|(touched, at)| *touched > at + SAVING_SECONDS);
                    if let (Some(card), Some((touched, _))) = (card, later) {
                        out.touched[*card] = Some(touched);
                    }
                }
                "change" => {
                    let card = card_id.at(row).and_then(|id| by_card.get(&(index, id))).copied();
                    let values = from.at(row).zip(to.at(row)).filter(|(from, to)| from != to);
                    let dimension = match dimension.at(row) {
                        Some(RECOMMENDATION) => OVERALL,
                        other => other.unwrap_or_default(),
                    };
                    let cell = card.and_then(|card| cells.get(&(cards.cards[card].stage, dimension)).copied());
                    if let (Some(card), Some(cell), Some((from, to))) = (card, cell, values) {
                        let change = Change {
                            at: at.at(row),
                            place: place.at(row),
                            from: from as f64 / 1000.0,
                            to: to as f64 / 1000.0,
                            from_exports: word.at(row) == Some("successive_exports"),
                        };
                        out.changes.entry((card, cell)).or_default().push(change);
                    }
                }
                "outcome" if at.at(row).is_none_or(|at| at <= as_of) => {
                    if let (Some(name), Some(value)) = (word.at(row), from.at(row)) {
                        own.outcomes.push((name.to_owned(), at.at(row), value as f64 / 1000.0));
                    }
                }
                "seat" => {
                    if let (Some(end), Some(who)) = (ended.at(row).filter(|end| *end <= as_of), person.at(row)) {
                        seats.entry((index, who, stage.at(row).unwrap_or_default())).or_default().push(end);
                    }
                }
                _ => {}
            }
        }
        for changes in out.changes.values_mut() {
            changes.sort_by_key(|change| (change.at.unwrap_or(i64::MAX), change.place));
        }
        for (card, _) in out.changes.keys() {
            out.touched[*card] = None;
        }
        for own in &mut out.loops {
            own.debriefs.sort_unstable();
            // Of several values of one outcome the latest counts.
            own.outcomes.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)).then(a.2.total_cmp(&b.2)));
            own.outcomes.reverse();
            own.outcomes.dedup_by(|next, kept| next.0 == kept.0);
        }
        out.visible.submissions = cards.cards.iter().any(|card| card.submitted.is_some());
        out.visible.seats = !seats.is_empty();
        out.seats = waits(&cards, &seats, filed, as_of);
        out.cards = cards;
        out
    }

    /// The first score that a card said on a cell, in score points, before any change.
    pub fn first(&self, card: usize, cell: u32, now: i64) -> f64 {
        let changes = self.changes.get(&(card, cell));
        changes.and_then(|changes| changes.first()).map_or_else(|| self.cards.points(now), |change| change.from)
    }

    /// What a card said on a cell at an instant.
    pub fn at(&self, card: usize, cell: u32, now: i64, instant: i64) -> f64 {
        let later = |change: &&Change| change.at.is_none_or(|at| at > instant);
        let changes = self.changes.get(&(card, cell));
        changes
            .and_then(|changes| changes.iter().find(later))
            .map_or_else(|| self.cards.points(now), |change| change.from)
    }

    /// The date of analysis, in seconds.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// The changes up to the date of analysis.
    pub fn changes(&self) -> impl Iterator<Item = (usize, u32, &Change)> {
        let known = |change: &&Change| change.at.is_none_or(|at| at <= self.as_of);
        self.changes.iter().flat_map(move |((card, cell), all)| all.iter().filter(known).map(|one| (*card, *cell, one)))
    }
}

/// A loop, a person and a stage, with instants in seconds.
type Times<'c> = BTreeMap<(usize, &'c str, &'c str), Vec<i64>>;

/// Delays of seats: those of panels where they are on record, otherwise those of the cards there are. A card that somebody
/// else filed is a card.
fn waits<'c>(cards: &Cards, seats: &Times<'c>, mut filed: Times<'c>, as_of: i64) -> Vec<Seat> {
    let mut out = Vec::new();
    for (key, ends) in seats {
        let mut ends = ends.clone();
        ends.sort_unstable();
        let mut own = filed.remove(key).unwrap_or_default();
        own.sort_unstable();
        let mut own = own.into_iter();
        for end in ends {
            let delay = own.next().map(|at| (at - end).max(0));
            out.push(Seat { of: key.0, delay, waited: as_of - end });
        }
    }
    if seats.is_empty() {
        for card in &cards.cards {
            if let (Some(delay), Some(at)) = (card.delay, card.submitted) {
                out.push(Seat { of: card.application as usize, delay: Some(delay.max(0)), waited: as_of - at + delay });
            }
        }
    }
    out
}
