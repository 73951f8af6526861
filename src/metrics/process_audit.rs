//! The process audit: does the loop run as it was designed, and which ways through it do loops take?

mod answers;
mod checklist;
mod declared;
mod facts;
mod held;
mod paths;
mod records;
mod rounds;
mod stages;
pub mod tables;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

use polars::prelude::{DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, col, concat, len, lit, when};

use super::Question;
use super::segments::seconds;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::ResultTable;
use crate::error::Result;

const DOC: &str = "\
## What it measures

Whether loops run as a declared plan says: its rounds, their length and panels, the days they take, and what a loop
should have before it starts. And the ways that loops really take: rounds left out, added, repeated, and what that costs.

## Why it matters

A loop that is designed and then not followed gives scores that cannot be compared. Most of what goes wrong is not
seen by anybody, because each loop looks like an exception.

## How it is computed

- The plan is the one of `[plan]`. Without one, the shipped plan that fits the stages best is assumed, if it explains
  at least 80 % of the appointments and at least 80 % of its rounds are found; it then stands beside every item.
- A stage is a round as `[plan.stages]` says; else by its name; else by the plan's pattern that covers most of the
  name; else by its kind, where one round and one stage alone are of that kind. The table `plan_stages` has them all.
- A round was held where an interview took place, or, without one, where a scorecard of it was submitted. Appointments
  of one round within 24 hours are one sitting. Debriefs are no round.
- An item on cases is `not_met` where the whole 95 % interval (Wilson) of the share as planned lies below 90 %, and
  `met` where it lies at 80 % or above otherwise; both limits are the plan's (`[audit]`). With fewer than 10 cases, or an
  interval that leaves both open, it is `not_visible`, and the number of cases that would tell is named.
- A round that no stage is counts as left out only where the plan is the configuration's own, every stage is known, and
  it is no work at home; otherwise it is `not_visible`.
- What data cannot show is met only by a plan that the configuration names: deliverables, questions, anchors, the
  rule, pay, time zones. A plan that was assumed declares nothing.
- Whole loops are those that held the last round of the plan that would show, or got an offer. Their days run from the first round to the
  decision; a loop that is younger than the plan's days and not decided is left out, an older one counts as too long.
- Scores are in before the debrief where every scorecard of a round held before it was submitted by its start. A card
  that was never submitted is not late.
- A card is filled where it answers as many dimensions as at least a quarter of the cards of its stage do, and leaves none
  that the export lists open. Saying that there is no evidence is an answer.
- Interviewers are new where their first own round lies 180 days or more after the first round on record; rounds
  watched before are counted by the day.
- Hours are those of interviewers in live interviews and debriefs; the time to read work done at home is in no data, also
  where a source calls it an interview and the plan knows better. Rework is told only by sources that tell of cancelled
  or missed appointments.
- Paths of fewer loops than `privacy.smallest_group` keep their row without figures.

## When it misleads

- A round that people hold without an appointment or a scorecard looks skipped.
- Loops that a system closed in one go after the fact take short paths.
- Who sits in two appointments of one sitting counts twice in its panel.
- Planned lengths are what the calendar says, not how long people talked.
- A dimension that a source leaves out of the export when it is empty can look filled if most cards leave it out.
- An assumed plan is a likeness by names. Its numbers say how like it the loop is, not whether people keep to it.
- Loops that opened before the data was observed (`time.observed_from`) are left out.

## References

Wilson 1927; Kaplan and Meier 1958; van der Aalst 2016 (conformance and variants of processes).
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "process-audit",
    title: "Process audit",
    question: "Does the loop run as it was designed?",
    doc: DOC,
    version: 1,
    grain: Grain::Rows,
    inputs: &["loops", "interviews", "panel_members", "scorecards", "scores", "events"],
    needs: &[],
    values: &["records"],
    tables: tables::ALL,
    reduce,
    finish,
};

/// The columns of the additive table in the order of its key: records of a loop stand together.
const COLUMNS: [(&str, DataType); 15] = [
    ("opened", DataType::String),
    ("application_id", DataType::String),
    ("record", DataType::String),
    ("at", DataType::Int64),
    ("until", DataType::Int64),
    ("stage", DataType::String),
    ("kind", DataType::String),
    ("status", DataType::String),
    ("person", DataType::String),
    ("minutes", DataType::Int64),
    ("panel", DataType::Int64),
    ("scored", DataType::Int64),
    ("unscored", DataType::Int64),
    ("flag", DataType::Int64),
    ("whole_days", DataType::Int64),
];

/// Records of one kind in the columns of all; what a kind does not have is missing.
fn records(frame: LazyFrame, record: &str, columns: &[(&str, Expr)]) -> LazyFrame {
    let expressions = COLUMNS.map(|(name, ty)| {
        let own = columns.iter().find(|(own, _)| *own == name).map(|(_, expression)| expression.clone());
        let of = match name {
            "opened" => col("opened"),
            "record" => lit(record),
            _ => own.unwrap_or_else(|| lit(NULL)),
        };
        of.cast(ty).alias(name)
    });
    frame.select(expressions)
}

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let by_interview = || [col("application_id"), col("interview_id")];
    let by_card = || [col("application_id"), col("scorecard_id")];
    let left = || JoinArgs::new(JoinType::Left);
    let day = |at: Expr| at / lit(86_400_i64) * lit(86_400_i64);
    let whole = |is: Expr| is.cast(DataType::Int64);
    let mut parts = vec![records(
        frames.get("loops")?,
        "loop",
        &[
            ("application_id", col("application_id")),
            ("at", seconds("applied_at", "at")),
            ("until", seconds("ended_at", "until")),
            ("kind", col("ended_how")),
            ("status", col("problem")),
            ("flag", whole(col("observed_from").is_not_null())),
            ("whole_days", whole(col("day_precision"))),
        ],
    )];
    if frames.has("interviews") {
        let is_ahead = col("status").eq(lit("unknown")).and(col("starts_at").gt(col("recorded_at")));
        // All-day appointments have no length.
        let is_day = col("starts_precision").eq(lit("day")).fill_null(lit(false));
        let mut held = frames.get("interviews")?.select([
            col("opened"),
            col("application_id"),
            col("interview_id"),
            col("stage"),
            col("kind"),
            col("status"),
            col("planned_minutes"),
            seconds("starts_at", "start"),
            when(is_day).then(lit(NULL)).otherwise(seconds("ends_at", "end")).alias("end"),
            whole(is_ahead.fill_null(lit(false))).alias("ahead"),
        ]);
        if frames.has("panel_members") {
            let own = || col("role").eq(lit("interviewer"));
            let seats = frames.get("panel_members")?.group_by(by_interview()).agg([whole(own()).sum().alias("panel")]);
            let people = frames.get("panel_members")?.select([
                col("application_id"),
                col("interview_id"),
                col("interviewer_id"),
                col("role"),
            ]);
            let took_place = col("status").eq(lit("done")).or(col("status").eq(lit("unknown")));
            let took_place = took_place.and(col("ahead").eq(lit(0_i64))).and(col("kind").neq(lit("debrief")));
            let took_place = held.clone().filter(took_place);
            let sat = took_place.join(people, by_interview(), by_interview(), JoinArgs::new(JoinType::Inner));
            parts.push(records(
                sat.filter(col("interviewer_id").is_not_null()),
                "seat",
                &[("at", day(col("start"))), ("kind", col("role")), ("person", col("interviewer_id"))],
            ));
            held = held.join(seats, by_interview(), by_interview(), left());
        } else {
            held = held.with_column(lit(NULL).cast(DataType::Int64).alias("panel"));
        }
        parts.push(records(
            held,
            "interview",
            &[
                ("application_id", col("application_id")),
                ("at", col("start")),
                ("until", col("end")),
                ("stage", col("stage")),
                ("kind", col("kind")),
                ("status", col("status")),
                ("minutes", col("planned_minutes")),
                ("panel", col("panel")),
                ("flag", col("ahead")),
            ],
        ));
    }
    if frames.has("scorecards") {
        let mut cards = frames
            .get("scorecards")?
            .filter(col("status").eq(lit("submitted")))
            .with_columns([seconds("interviewed_at", "interviewed"), seconds("submitted_at", "submitted")]);
        if frames.has("scores") {
            // Whoever says that there is no evidence has filled the dimension in.
            let answered = || {
                let word = |word: &str| col("missing").eq(lit(word)).fill_null(lit(false));
                col("score_milli").is_not_null().or(word("no_decision")).or(word("unknown_label"))
            };
            let given = frames
                .get("scores")?
                .group_by(by_card())
                .agg([whole(answered()).sum().alias("scored"), whole(answered().not()).sum().alias("unscored")]);
            cards = cards.join(given, by_card(), by_card(), left());
            // The dimensions of a rubric, told by the cards that score them.
            parts.push(records(
                frames.get("scores")?.filter(col("score_milli").is_not_null()),
                "dimension",
                &[("kind", col("dimension"))],
            ));
        } else {
            let none = || lit(NULL).cast(DataType::Int64);
            cards = cards.with_columns([none().alias("scored"), none().alias("unscored")]);
        }
        let sat = when(col("interviewed").is_null()).then(col("submitted")).otherwise(col("interviewed"));
        parts.push(records(
            cards.clone().filter(col("interviewer_id").is_not_null()),
            "seat",
            &[("at", day(sat)), ("kind", col("role")), ("person", col("interviewer_id"))],
        ));
        parts.push(records(
            cards,
            "card",
            &[
                ("application_id", col("application_id")),
                ("at", col("interviewed")),
                ("until", col("submitted")),
                ("stage", col("stage")),
                ("kind", col("role")),
                ("person", col("interviewer_id")),
                ("scored", col("scored")),
                ("unscored", col("unscored")),
            ],
        ));
    }
    if frames.has("events") {
        let is = |event: &str| col("event").eq(lit(event));
        let interview = is("interview_started").or(is("interview_ended"));
        let told = interview.or(is("debrief_started")).or(is("debrief_ended"));
        parts.push(records(
            frames.get("events")?.filter(told),
            "event",
            &[
                ("application_id", col("application_id")),
                ("at", seconds("at", "at")),
                ("stage", col("stage")),
                ("kind", col("event")),
            ],
        ));
    }
    let all = concat(parts, UnionArgs::default())?;
    Ok(all.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("records")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let facts = facts::facts(counts, context);
    let audit = rounds::audit(&facts, context);
    Ok(vec![checklist::table(&audit), paths::table(&audit), stages::table(&audit)])
}
