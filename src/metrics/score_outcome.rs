//! Scores against outcomes: does any score say anything about what happens later, and could so few hires show it?

mod correction;
pub(super) mod events;
mod evidence;
mod links;
pub(super) mod people;
mod power;
mod predictions;
mod rounds;
pub mod tables;
mod words;

use polars::prelude::{DataType, Expr, LazyFrame, NULL, UnionArgs, col, concat, len, lit, when};

use super::Question;
use super::cards;
use super::segments::seconds;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::ResultTable;
use crate::error::Result;

const DOC: &str = "\
## What it measures

How each stage, dimension and the overall score go with what happened later: offers and answers, performance, retention,
ramp-up, whatever the outcomes table holds. What each round adds to the others, whether predictions hold, and what the number
of hires could have shown at all.

## Why it matters

A loop costs days and hours because its scores are believed to say something about the work that follows. Most teams never
look; those who look often have 40 to 60 hires with a rating, which can show strong links only.

## How it is computed

- Score of a stage: mean of its cards, less each interviewer's leniency where that is known. Overall: mean over stages.
- Yes-or-no outcomes: area under the ROC curve with DeLong's error on the logit scale, p by Mann and Whitney (exact below
  20 people on one side); point-biserial and biserial correlation; Hedges' g; odds per standard deviation of the score
  by logistic regression with Firth's penalty and profile intervals.
- Numeric outcomes: Pearson's and Spearman's correlation with Fisher's intervals.
- How long people stay (outcomes named in `outcomes.exits`, whose date is the day of the exit): Cox's model with Efron's ties,
  penalised below 20 exits; Harrell's C; a check of proportional hazards; Kaplan and Meier's curve by third of the score.
- q-values by Benjamini and Hochberg over all scores of one outcome. `exploratory` unless the outcome is named in
  `outcomes.named`: what is found by looking needs a second look at other hires.
- Verdict: `linked` where q is at most 5 % and there are 10 people on each side (30 for numbers); `no_useful_link` where the
  whole interval of the correlation is smaller than `outcomes.smallest_link`; otherwise `cannot_tell`.
- Only hires have later outcomes. The headline is uncorrected. Beside it stands Lawley's correction for selection on all
  stage scores, where there are 50 hires with all scores, the spread of candidates is 1 to 3 times that of hires, and the
  scores tell who goes on (area of 0.9): then the decisions leave little room for anything unseen.
- What a round adds: shares of explained variance averaged over all orders of entry (LMG), with bootstrap intervals; nothing is
  shared out where all rounds together are not told from chance, or with fewer than 10 people per round.
- Calibration: chances predicted from the overall score, corrected for optimism by 200 resamples, by bands of 20 people.
- The rule's cut-offs (2 and 3 on a rubric of 1 to 4): those up to half a point below and above, compared without a model.
- Power: the smallest link that so many people show four times in five, and how many quarters more would show a usual one
  (0.25 as seen among hires).
- Loops of the last eight quarters (`outcomes.window_quarters`); the window stands beside every figure.

## When it misleads

- A link seen among hires is weaker than among candidates, because only good scores were hired. No link among hires is not
  no link.
- Where something besides the scores decided who was hired, no formula repairs that, and no correction is claimed.
- Offers follow from scores: their link with scores says how decisions are made, not that they are right.
- An interviewer who also rates performance agrees with themselves. Such ratings are counted, and with
  `outcomes.same_rater = \"leave_out\"` left out.
- Ratings by one manager agree with another's only in part; a perfect predictor would not reach 1.
- Outcomes that were chosen after looking at many find links by chance; the q-value holds for one outcome at a time.

## References

DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014; Firth 1993; Heinze and Schemper 2001, 2002; Puhr and others 2017;
Cox 1972; Efron 1977; Harrell, Lee and Mark 1996; Grambsch and Therneau 1994; Lindeman, Merenda and Gold 1980; Budescu 1993;
Lawley 1943; Anderson 1957; Sackett and others 2022; Benjamini and Hochberg 1995; Zou 2007; Meng, Rosenthal and Rubin 1992.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "score-outcome",
    title: "Scores against outcomes",
    question: "Do scores say anything about what happens later?",
    doc: DOC,
    version: 1,
    grain: Grain::Rows,
    inputs: INPUTS,
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

/// What [`reduce`] reads.
pub(super) const INPUTS: &[&str] =
    &["loops", "applications", "scorecards", "scores", "interviews", "decisions", "events", "outcomes"];

/// The columns of the additive table beyond those of scores.
const MORE: [(&str, DataType); 13] = [
    ("decision", DataType::String),
    ("offer_outcome", DataType::String),
    ("decided", DataType::Int64),
    ("started", DataType::Int64),
    ("outcome", DataType::String),
    ("value_milli", DataType::Int64),
    ("at", DataType::Int64),
    ("rated_by", DataType::String),
    ("home_stage", DataType::String),
    ("at_home", DataType::Int64),
    ("loop_opened", DataType::String),
    ("source", DataType::String),
    ("fit", DataType::String),
];

/// The columns of scores, in their order.
const SCORES: [(&str, DataType); 15] = [
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
];

/// A frame with all columns of the additive table, those it does not have being missing.
fn filled(frame: LazyFrame, has: &[&str]) -> LazyFrame {
    let column = |(name, ty): (&str, DataType)| -> Expr {
        // Literals of a frame may be narrower than the columns of another.
        if has.contains(&name) { col(name).cast(ty) } else { lit(NULL).cast(ty).alias(name) }
    };
    // An array of expressions, since what builds a frame never collects.
    let scores = SCORES.map(column);
    let more = MORE.map(column);
    frame.select([scores.as_slice(), more.as_slice()].concat())
}

/// Scores, endings and outcomes of loops, each with their own rows: what both this metric and that of sources start from.
pub(super) fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let known = SCORES.map(|(name, _)| name);
    let mut all = Vec::new();
    if frames.has("scorecards") {
        all.push(filled(cards::scores(frames)?, &known));
    }
    let loops = frames.get("loops")?.select([col("application_id"), col("opened").alias("loop_opened"), col("source")]);
    all.push(filled(loops, &["application_id", "loop_opened", "source"]));
    if frames.has("applications") {
        let both = col("specialism").is_not_null().and(col("role_specialism").is_not_null());
        let same = when(col("specialism").eq(col("role_specialism"))).then(lit("match")).otherwise(lit("mismatch"));
        let fit = frames.get("applications")?.filter(both).select([col("application_id"), same.alias("fit")]);
        all.push(filled(fit, &["application_id", "fit"]));
    }
    if frames.has("decisions") {
        let decisions = frames.get("decisions")?.select([
            col("application_id"),
            col("decision"),
            col("offer_outcome"),
            seconds("decided_at", "decided"),
        ]);
        all.push(filled(decisions, &["application_id", "decision", "offer_outcome", "decided"]));
    }
    if frames.has("events") {
        let started = frames
            .get("events")?
            .filter(col("event").eq(lit("started")))
            .group_by([col("application_id")])
            .agg([seconds("at", "started").min()]);
        all.push(filled(started, &["application_id", "started"]));
    }
    if frames.has("interviews") {
        let at_home = frames
            .get("interviews")?
            .filter(col("kind").eq(lit("take_home")).and(col("stage").is_not_null()))
            .select([col("stage").alias("home_stage"), lit(1_i64).alias("at_home")]);
        all.push(filled(at_home, &["home_stage", "at_home"]));
    }
    if frames.has("outcomes") {
        // Thousandths, rounded half away from zero: integers, so that sums of equal rows are exact.
        let milli = col("value") * lit(1000.0);
        let rounded = when(milli.clone().gt_eq(lit(0.0))).then(milli.clone() + lit(0.5)).otherwise(milli - lit(0.5));
        let outcomes = frames.get("outcomes")?.select([
            col("application_id"),
            col("outcome"),
            rounded.cast(DataType::Int64).alias("value_milli"),
            seconds("at", "at"),
            col("rated_by"),
        ]);
        all.push(filled(outcomes, &["application_id", "outcome", "value_milli", "at", "rated_by"]));
    }
    let all = concat(all, UnionArgs::default())?;
    Ok(all.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("scores")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let (people, _, outcomes) = people::read(counts, context);
    let [bands, fits] = predictions::calibration(&outcomes, &people, context);
    Ok(vec![
        power::table(&outcomes, &people),
        links::table(&outcomes, &people, context),
        rounds::pairs(&outcomes, &people),
        rounds::importance_table(&outcomes, &people),
        bands,
        fits,
        predictions::cutoffs(&outcomes, &people, context),
        predictions::stay_curves(&outcomes, &people),
        evidence::work_sample(&outcomes, &people),
        evidence::interviewers(&outcomes, &people),
    ])
}
