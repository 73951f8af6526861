//! Stage redundancy: which rounds tell us the same thing twice, and what dropping one would change.

mod analysis;
mod change;
mod dimensions;
mod meant;
mod pairs;
mod rounds;
mod section;
pub mod tables;
mod value;
mod words;

use polars::prelude::{DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, col, concat, len, lit};

use super::segments::{ALL, keys, seconds};
use super::{Question, cards};
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::parallel;
use crate::engine::results::ResultTable;
use crate::error::Result;
pub use change::{Change, Decisions, WhatIf, what_if};

const DOC: &str = "\
## What it measures

Whether two rounds measure the same thing, noise and selection aside; what each round costs in hours and days; and which
decisions would change without it.

## Why it matters

Every round costs interviewers, candidates and days. A round that repeats another, or lets everybody through, can go; a
round that nothing else tells must stay, however much it correlates with what came before.

## How it is computed

- The score of a round is the mean of its cards' means, less the leniency of who wrote them (`redundancy.adjusted`). Loops
  of a trailing window of four quarters, as for leniency.
- Later rounds see survivors only, so the plain correlation is too low. `corrected` is the correlation in all candidates:
  the maximum-likelihood estimate of a normal distribution from all scores, however far a candidate came (expectation and
  maximisation; exact where those who went on were chosen by scores that are on record). `thorndike` corrects for the
  earlier score of the pair alone. Raw figures stand beside both.
- Scores are noisy, so even two identical rounds do not correlate perfectly. The noise of a card is what interviewers of
  one round differ by about the same candidate; a round without enough panels borrows that of all rounds. `disattenuated`
  is the correlation of what the rounds measure. Only where both reliabilities are 0.4 or more.
- Intervals of both come from a bootstrap over candidates, all steps repeated; beyond 1,000 candidates over 1,000 groups.
- Verdict by equivalence, on `disattenuated`: `redundant` where the whole interval lies at 0.85 or above, surely
  (one-sided p of 0.01, q of 0.05), with 50 candidates, and dropping one changes at most 10 % more decisions than holding it
  again would; `overlapping` where it lies at 0.6 or above; `distinct` where it lies below 0.85; else `inconclusive`, with
  the number of candidates that would settle it. Without a noise estimate, `corrected` stands in, and nothing is called
  distinct by it.
- Decisions: the rule is a bar on the mean score (`redundancy.bar`) or a linear discriminant of the decisions on record,
  ten-fold, letting through as many as went through. It is fitted with and without the round, over the candidates who
  reached it and were decided upon. The baseline is how many decisions would change if the round were held again with
  other interviewers, worked out for each candidate from all their scores.
- Pass rate: went on, of those who went on or were rejected there. A round that surely lets 95 % through filters nobody.
- Hours: minutes of live interviews times people on the panel. Reviewing what was done at home is on no record. Days: from
  the end of the round before, or the application, to the end of the round, last card included.
- Fidelity: the squared correlation of the mean over all rounds with what they measure together; without a round, with the
  mean over the others. Interviewers are added to the others, where they help most, until it is made up for.
- What else could make rounds alike is counted beside each pair: the same interviewer in both, earlier cards that were in
  before the later ones were written; and the correlation without those.
- Meant to be alike: rounds that share at least half of what either is to test. A plan that the configuration names says
  so first (the dimensions of its rounds, or a question of its own for each); else the interview kits; else the dimensions
  in fact scored. Against the verdict this gives four kinds: meant and the same, meant and not the same, the same and not
  meant, apart as meant.
- Dimensions: polychoric correlations, one card per candidate and stage. A dimension is `distinct` where it agrees with
  itself in other stages more than with other dimensions on the same card, and `halo` where less.

## When it misleads

- Selection by what no score holds, such as a recruiter's hunch, is corrected by nothing here.
- A high correlation may be the first round's doing: whoever reads the earlier card writes a similar one. Look at
  `seen_share` before cutting, and hide earlier cards for a while.
- The same noise in both rounds, as from one interviewer in both, looks like the same measure.
- Two rounds that measure the same still make the decision surer together; dropping one is repaid by one more interviewer
  in another, and `interviewers_to_make_up` says how many.
- Strict gates on a coarse scale leave little to correct from; the correction then overshoots a little.

## References

Spearman 1904; Thorndike 1949; Campbell and Fiske 1959; Olsson 1979; Little and Rubin 2019; Bonett and Wright 2000; Higgins
and Thompson 2002; Efron and Tibshirani 1993; Benjamini and Hochberg 1995; Brennan 2001.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: section::present };

/// The metric.
pub const METRIC: Metric = Metric {
    id: "stage-redundancy",
    title: "Stage redundancy",
    question: "Which rounds tell us the same thing twice, and what would dropping one change?",
    doc: DOC,
    version: 2,
    grain: Grain::Rows,
    inputs: &["scorecards", "scores", "interviews", "panel_members", "loops", "outcomes"],
    needs: &["leniency"],
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

const TEXTS: &[&str] = &[
    "opened",
    "application_id",
    "scorecard_id",
    "interviewer_id",
    "stage",
    "role",
    "dimension",
    "scale",
    "fact",
    "word",
    "meant",
];
const INTS: &[&str] = &[
    "submitted",
    "interview_ended",
    "proxy",
    "cancelled",
    "score_milli",
    "scale_levels",
    "overall",
    "from",
    "to",
    "amount",
    "people",
];

/// One shape for scores and facts: what a row does not have is missing.
fn shaped(frame: LazyFrame, has: &[&str], by: &[String]) -> LazyFrame {
    // The segments of a loop stand with what else is told of the loop.
    let is_loop = has.contains(&"segments");
    let own = |name: &str, ty: DataType| -> Expr {
        if has.contains(&name) || (is_loop && name.starts_with("by_")) {
            col(name).cast(ty)
        } else {
            lit(NULL).cast(ty).alias(name)
        }
    };
    let mut columns: Vec<Expr> = TEXTS.iter().map(|name| own(name, DataType::String)).collect();
    columns.extend(INTS.iter().map(|name| own(name, DataType::Int64)));
    columns.extend(by.iter().map(|kind| own(&format!("by_{kind}"), DataType::String)));
    frame.select(columns)
}

fn reduce(frames: &Frames, by: &[String]) -> Result<LazyFrame> {
    let of_score = [
        "opened",
        "application_id",
        "scorecard_id",
        "interviewer_id",
        "stage",
        "role",
        "dimension",
        "scale",
        "submitted",
        "interview_ended",
        "proxy",
        "cancelled",
        "score_milli",
        "scale_levels",
        "overall",
    ];
    let mut all = vec![shaped(cards::scores(frames)?, &of_score, by)];
    // Facts carry no quarter: the window is that of scores, and facts are looked up by application.
    if frames.has("loops") {
        let mut columns = vec![
            col("application_id"),
            lit("loop").alias("fact"),
            col("ended_how").alias("word"),
            seconds("applied_at", "from"),
            seconds("ended_at", "to"),
        ];
        columns.extend(keys(by));
        let has = ["application_id", "fact", "word", "from", "to", "segments"];
        all.push(shaped(frames.get("loops")?.select(columns), &has, by));
    }
    if frames.has("interviews") {
        all.push(shaped(
            rounds_held(frames)?,
            &["application_id", "fact", "word", "meant", "stage", "from", "to", "amount", "people"],
            by,
        ));
    }
    if frames.has("outcomes") {
        let outcomes = frames.get("outcomes")?.filter(col("value").is_not_null()).select([
            col("application_id"),
            lit("outcome").alias("fact"),
            col("outcome").alias("word"),
            seconds("at", "to"),
            (col("value") * lit(1e6)).cast(DataType::Int64).alias("amount"),
        ]);
        all.push(shaped(outcomes, &["application_id", "fact", "word", "to", "amount"], by));
    }
    let all = concat(all, UnionArgs::default())?;
    Ok(all.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("scores")]))
}

/// Appointments that took place, with how many people sat in.
fn rounds_held(frames: &Frames) -> Result<LazyFrame> {
    let held = frames
        .get("interviews")?
        .filter(col("kind").neq(lit("debrief")))
        .filter(col("status").neq(lit("cancelled")).and(col("status").neq(lit("no_show"))))
        .filter(col("stage").is_not_null().and(col("starts_at").is_not_null()));
    let by_interview = || [col("application_id"), col("interview_id")];
    let held = if frames.has("panel_members") {
        let people =
            frames.get("panel_members")?.group_by(by_interview()).agg([len().cast(DataType::Int64).alias("people")]);
        held.join(people, by_interview(), by_interview(), JoinArgs::new(JoinType::Left))
    } else {
        held.with_columns([lit(NULL).cast(DataType::Int64).alias("people")])
    };
    Ok(held.select([
        col("application_id"),
        lit("round").alias("fact"),
        col("kind").alias("word"),
        col("meant_dimensions").alias("meant"),
        col("stage"),
        seconds("starts_at", "from"),
        seconds("ends_at", "to"),
        col("planned_minutes").alias("amount"),
        col("people"),
    ]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let rounds = rounds::Rounds::read(counts, context);
    let asked = &context.config.redundancy;
    let mut stage_pairs = ResultTable::new(&tables::STAGE_PAIRS);
    let mut stage_value = ResultTable::new(&tables::STAGE_VALUE);
    let mut effective = ResultTable::new(&tables::EFFECTIVE_ROUNDS);
    let smallest = context.config.privacy.smallest_group;
    let analyses = parallel::map(&rounds.parts, |part| {
        (part.kind == ALL || part.loops.len() as i64 >= smallest).then(|| analysis::Analysis::of(&rounds, part, asked))
    });
    for (part, analysis) in rounds.parts.iter().zip(&analyses) {
        let Some(analysis) = analysis else { continue };
        let judged = pairs::judged(&rounds, part, analysis, context);
        pairs::push(&mut stage_pairs, &rounds, part, analysis, &judged, context);
        value::push(&mut stage_value, &rounds, part, analysis, &judged, context);
        value::push_effective(&mut effective, &rounds, part, analysis);
    }
    let [dimension_pairs, distinctness] = dimensions::tables(&rounds);
    Ok(vec![stage_pairs, stage_value, effective, dimension_pairs, distinctness])
}
