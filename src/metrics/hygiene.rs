//! Hygiene of records: what is missing on cards, and what was written too late.

mod checks;
pub mod tables;
mod words;

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, coalesce, col, concat, len, lit,
};

use super::Question;
use super::segments::seconds;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::ResultTable;
use crate::error::Result;

const DOC: &str = "\
## What it measures

What is missing on the records that decisions rest on: dimensions without a score, cards without an observation, cards that
were begun and never submitted, cards written after the decision, scales without labelled levels, decisions without a decider.

## Why it matters

A score without an observation cannot be discussed, a card after the decision did not inform it, and a dimension that half
of the cards leave out is not part of the rubric.

## How it is computed

- Each check is a share with its Wilson interval, over all cards and by stage. Shadows' cards are left out.
- Missing dimension: a submitted card without a score on a dimension that at least half of the stage's cards score.
  \"No decision\" is no score.
- No observation: nothing written on the card or on any of its dimensions. Shorter than a sentence: the longest text on the
  card has fewer characters than `hygiene.shortest_observation`. Texts themselves are dropped at ingest; their lengths stay.
- Only judgement words (good, smart, not a fit): of cards with a text, those of which no text has any other word
  (`hygiene.judgement_words`). Texts are looked at when they are read, before they are dropped.
- Unanchored scale: a score on a scale whose levels the source does not list.
- Never submitted: a draft, or a seat on the panel of a held interview without a card, once it is late
  (`models.late_after_hours`).
- After the decision: submitted later than the loop was decided.
- Loops of a trailing window of four quarters.
- Fewer than 10 records: thin.

## When it misleads

- An export without texts looks like cards without observations; where no card at all has a text, the check says so.
- A dimension that is new or was dropped half-way is missing on the other half of the cards.
- Length is no quality: a short observation can be a good one.
- Interviewers without a card may have told it in person; the record still lacks it.

## References

Wilson 1927; Campion, Palmer and Campion 1997.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "hygiene",
    title: "Hygiene of records",
    question: "Are the records complete and in time?",
    doc: DOC,
    version: 1,
    grain: Grain::Rows,
    inputs: &["scorecards", "scores", "interviews", "decisions", "panel_members"],
    needs: &[],
    values: &["records"],
    tables: &[&tables::HYGIENE],
    reduce,
    finish,
};

/// The columns of the additive table.
const COLUMNS: [(&str, DataType); 15] = [
    ("opened", DataType::String),
    ("application_id", DataType::String),
    ("kind", DataType::String),
    ("scorecard_id", DataType::String),
    ("interviewer_id", DataType::String),
    ("stage", DataType::String),
    ("status", DataType::String),
    ("at", DataType::Int64),
    ("seen", DataType::Int64),
    ("decided", DataType::Int64),
    ("dimension", DataType::String),
    ("scored", DataType::Int64),
    ("levels", DataType::Int64),
    ("length", DataType::Int64),
    ("judged", DataType::Int64),
];

fn shaped(frame: LazyFrame, kind: &str, columns: &[(&str, Expr)]) -> LazyFrame {
    let own = |name: &str| columns.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
    frame.select(COLUMNS.map(|(name, ty)| match name {
        "opened" | "application_id" => col(name),
        "kind" => lit(kind).alias(name),
        _ => own(name).unwrap_or(lit(NULL)).cast(ty).alias(name),
    }))
}

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let mut cards = frames.get("scorecards")?.filter(col("role").eq(lit("interviewer")));
    let by_loop = || [col("application_id")];
    if frames.has("decisions") {
        let decided = frames.get("decisions")?.select([col("application_id"), seconds("decided_at", "decided")]);
        cards = cards.join(decided, by_loop(), by_loop(), JoinArgs::new(JoinType::Left));
    } else {
        cards = cards.with_columns([lit(NULL).cast(DataType::Int64).alias("decided")]);
    }
    if frames.has("interviews") {
        let by = || [col("application_id"), col("interview_id")];
        let held = frames.get("interviews")?.select([
            col("application_id"),
            col("interview_id"),
            col("status").alias("appointment"),
        ]);
        cards = cards.join(held, by(), by(), JoinArgs::new(JoinType::Left));
        // The empty card of an appointment that fell through waits for nobody.
        let fell_through = col("appointment").eq(lit("cancelled")).or(col("appointment").eq(lit("no_show")));
        let waits = fell_through.not().or(col("appointment").is_null());
        cards = cards.filter(col("status").eq(lit("submitted")).or(waits));
    }
    let seen = coalesce(&[col("submitted_at"), col("interviewed_at"), col("recorded_at")]).alias("seen_at");
    let cards = cards.with_columns([seen]);
    let facts = [
        ("scorecard_id", col("scorecard_id")),
        ("interviewer_id", col("interviewer_id")),
        ("stage", col("stage")),
        ("status", col("status")),
        ("at", seconds("submitted_at", "at")),
        ("seen", seconds("seen_at", "seen")),
        ("decided", col("decided")),
        ("length", col("note_length")),
        ("judged", col("note_judgement")),
    ];
    let mut all = vec![shaped(cards, "card", &facts)];
    if frames.has("scores") {
        let scores = frames.get("scores")?.filter(col("role").eq(lit("interviewer")));
        let facts = [
            ("scorecard_id", col("scorecard_id")),
            ("dimension", col("dimension")),
            ("scored", col("score_milli").is_not_null()),
            ("levels", col("scale_levels")),
            ("length", col("note_length")),
            ("judged", col("note_judgement")),
        ];
        all.push(shaped(scores, "score", &facts));
    }
    if frames.has("decisions") {
        let facts =
            [("interviewer_id", col("decided_by")), ("status", col("decision")), ("at", seconds("decided_at", "at"))];
        all.push(shaped(frames.get("decisions")?, "decision", &facts));
    }
    if frames.has("interviews") && frames.has("panel_members") {
        let took_place = col("status").eq(lit("done")).or(col("status").eq(lit("unknown")));
        let held = frames
            .get("interviews")?
            .filter(col("kind").neq(lit("debrief")).and(took_place).and(col("ends_at").is_not_null()))
            .select([col("application_id"), col("interview_id"), col("stage"), col("ends_at")]);
        let by = || [col("application_id"), col("interview_id")];
        let seats = frames.get("panel_members")?.filter(col("role").eq(lit("interviewer")));
        let seats = seats.join(held, by(), by(), JoinArgs::new(JoinType::Inner));
        let facts =
            [("interviewer_id", col("interviewer_id")), ("stage", col("stage")), ("at", seconds("ends_at", "at"))];
        all.push(shaped(seats, "seat", &facts));
    }
    let all = concat(all, UnionArgs::default())?;
    Ok(all.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("records")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let seen = checks::Seen::read(counts, context);
    Ok(vec![seen.table()])
}
