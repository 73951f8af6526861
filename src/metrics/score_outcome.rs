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
use super::segments::{milli, seconds};
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
  Whoever is seen to stay, or leaves, only after the date of analysis is followed up to it. Exits for several reasons are
  one outcome each, with a 1 on the day on which somebody leaves for another reason: each then has its own rate of leaving.
- q-values by Benjamini and Hochberg over all scores of one outcome. `exploratory` unless the outcome is named in
  `outcomes.named`: what is found by looking needs a second look at other hires.
- Verdict: `linked` where q is at most 5 % and there are 10 people on each side (30 for numbers); `no_useful_link` where the
  whole interval of the correlation is smaller than `outcomes.smallest_link`; otherwise `cannot_tell`.
- Only hires have later outcomes. The headline is uncorrected. Beside it stands Lawley's correction for selection on all
  stage scores, where there are 50 hires with all scores, the spread of candidates is 1 to 3 times that of hires, and
  nothing but the scores decided. Decisions cannot tell chance from something unseen, only how much room there is for
  either: of two candidates in the same round, one who went on and one who was turned down, the former must have scored
  higher in 99 of 100 pairs (lower limit), or in 9 of 10 where `outcomes.decided_by = \"scores\"` declares the rest to be
  chance.
- What a round adds: shares of explained variance averaged over all orders of entry (LMG), with bootstrap intervals; nothing is
  shared out where all rounds together are not told from chance, or with fewer than 10 people per round.
- Calibration: chances and values predicted from the overall score, slope and intercept corrected for optimism by 200
  resamples, and what was seen by bands of 20 people.
- The rule's cut-offs (2 and 3 on a rubric of 1 to 4): those up to half a point below and above, compared without a model.
- Power: the smallest link that so many people show four times in five, and how many quarters more would show a usual one
  (0.25 as seen among hires; a yes or no keeps less of it, the rarer the less).
- Loops of the last eight quarters (`outcomes.window_quarters`); the window stands beside every figure.

## When it misleads

- A link seen among hires is weaker than among candidates, because only good scores were hired. No link among hires is not
  no link.
- Where something besides the scores decided who was hired, no formula repairs that, and no correction is claimed. A little
  of it cannot be seen: it moves a corrected correlation by up to 0.1, which with many hires is more than its interval.
- Hires who leave before they are rated are in no rating: what is said of performance is said of those who stayed for it.
- Offers follow from scores: their link with scores says how decisions are made, not that they are right.
- An interviewer who also rates performance agrees with themselves. Such ratings are counted, and with
  `outcomes.same_rater = \"leave_out\"` left out.
- Ratings by one manager agree with another's only in part; a perfect predictor would not reach 1.
- Outcomes that were chosen after looking at many find links by chance; the q-value holds for one outcome at a time.

## References

DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014; Firth 1993; Heinze and Schemper 2001, 2002; Puhr and others 2017;
Cox 1972; Efron 1977, 1983; Prentice and others 1978; Schoenfeld 1983; Harrell, Lee and Mark 1996; Grambsch and Therneau 1994; Lindeman, Merenda and Gold 1980; Budescu 1993;
Lawley 1943; Little and Rubin 2019; Sackett and others 2022; Benjamini and Hochberg 1995; Zou 2007; Meng, Rosenthal and Rubin 1992.
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
    needs: &["leniency"],
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

/// What [`reduce`] reads.
pub(super) const INPUTS: &[&str] =
    &["loops", "applications", "scorecards", "scores", "interviews", "decisions", "events", "outcomes"];

/// The columns of the additive table: those of scores, and what a row is.
const COLUMNS: [(&str, DataType); 16] = [
    ("opened", DataType::String),
    ("row", DataType::String),
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

/// Rows of one kind, with values for some columns; all others are missing. Few kinds of rows but scores are many, so they share
/// the columns of scores instead of widening all rows:
///
/// | row | stage | role | submitted | dimension | score_milli | interviewer_id |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | `loop` | | source channel | | | | |
/// | `fit` | match or mismatch | | | | | |
/// | `decision` | decision | answer to the offer | decided at | | | |
/// | `started` | | | started at | | | |
/// | `outcome` | | | measured at | outcome | value in thousandths | rated by |
/// | `home` | stage done at home | | | | | |
fn rows(frame: LazyFrame, row: &str, values: &[(&str, Expr)]) -> LazyFrame {
    // An array of expressions, since what builds a frame never collects.
    frame.select(COLUMNS.map(|(name, ty)| {
        let own = values.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        let value = match name {
            "row" => Some(lit(row)),
            // First in the key, so that the tables of partitions follow each other.
            "opened" => Some(col("opened")),
            _ => own,
        };
        // Literals of a frame may be narrower than the columns of another.
        value.unwrap_or_else(|| lit(NULL)).cast(ty).alias(name)
    }))
}

/// Scores, endings and outcomes of loops, each with their own rows: what both this metric and that of sources start from.
pub(super) fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let id = || ("application_id", col("application_id"));
    let mut all = Vec::new();
    if frames.has("scorecards") {
        let same = COLUMNS.map(|(name, _)| (name, col(name)));
        all.push(rows(cards::scores(frames)?, "score", &same));
    }
    all.push(rows(frames.get("loops")?, "loop", &[id(), ("role", col("source"))]));
    if frames.has("applications") {
        let both = col("specialism").is_not_null().and(col("role_specialism").is_not_null());
        let same = when(col("specialism").eq(col("role_specialism"))).then(lit("match")).otherwise(lit("mismatch"));
        all.push(rows(frames.get("applications")?.filter(both), "fit", &[id(), ("stage", same)]));
    }
    if frames.has("decisions") {
        let values = [
            id(),
            ("stage", col("decision")),
            ("role", col("offer_outcome")),
            ("submitted", seconds("decided_at", "submitted")),
        ];
        all.push(rows(frames.get("decisions")?, "decision", &values));
    }
    if frames.has("events") {
        let started = frames
            .get("events")?
            .filter(col("event").eq(lit("started")))
            .group_by([col("opened"), col("application_id")])
            .agg([seconds("at", "started").min()]);
        all.push(rows(started, "started", &[id(), ("submitted", col("started"))]));
    }
    if frames.has("interviews") {
        let at_home = col("kind").eq(lit("take_home")).and(col("stage").is_not_null());
        all.push(rows(frames.get("interviews")?.filter(at_home), "home", &[("stage", col("stage"))]));
    }
    if frames.has("outcomes") {
        let values = [
            id(),
            ("dimension", col("outcome")),
            ("score_milli", milli("value")),
            ("submitted", seconds("at", "submitted")),
            ("interviewer_id", col("rated_by")),
        ];
        all.push(rows(frames.get("outcomes")?, "outcome", &values));
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
