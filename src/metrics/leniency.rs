//! Interviewer leniency: who scores high or low for the same candidate, and how many interviewers a decision needs.

mod agreement;
mod consequences;
mod effects;
mod links;
mod model;
mod movement;
pub mod tables;
mod used;
mod weak;
mod words;

use polars::prelude::{DataType, LazyFrame, col, len};

use super::Question;
use super::cards;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::ResultTable;
use crate::error::Result;

const DOC: &str = "\
## What it measures

How much higher or lower an interviewer scores than others would have scored the same candidate on the same
dimension of the same stage; how sure that is; and how reliable a decision of so many interviewers is.

## Why it matters

Raw averages blame interviewers for the candidates they met. A candidate who happens to meet a lenient interviewer
has a better chance for no merit; one more interviewer, or one calibration, is cheaper than a wrong decision.

## How it is computed

- Model: score = mean of the cell (dimension in a stage) + candidate + interviewer + card + residual. All but the
  first are normal with variances of their own. The card term is the halo that the scores on one card share; without
  it they would count as independent evidence about the interviewer. Fitted by restricted maximum likelihood.
- Leniency is the predicted interviewer effect: shrunk towards zero, more so the fewer cards there are. Its interval
  is a t-interval with the standard deviation of prediction, cell means and variances estimated as well. Where the
  cards leave the variance of leniency in doubt, the error of prediction is averaged over what it may be, by restricted
  likelihood: even where it is estimated as zero there is an interval.
- Candidates enter as random, and beside it with a mean of their own (within candidates), which does not mind that
  some interviewers meet stronger candidates, but says less. The second is the headline where the bias it uncovers in
  the first, beyond chance, exceeds the variance it costs, or where nobody connects some interviewers; it is said.
- Verdict: `lenient` or `severe` where the mean local false sign rate of all flagged interviewers is at most 5 % and the
  leniency is at least 0.25 points; otherwise `not_distinguishable`.
- Whether interviewers differ at all: likelihood ratio against the fit without them, halved for the boundary. The
  interval of the standard deviation of leniency is a profile interval; beyond 1,500 interviewers it comes from the
  curvature on the scale of the logarithm.
- Only interviewers' own submitted cards count. Shadows, cards filed by others, cards of cancelled interviews and scores
  on another scale than the main one are left out and counted. Shadows serve calibration alone.
- Loops of a trailing window of four quarters, up to the period asked for; the window stands beside the figures.
- The many-facet Rasch model is the ordinal check: severity in logits, fit, and what an interviewer would give on
  average to mean candidates (fair average). Joint estimates spread wider than the truth; the order is what counts.
- Reliability: from the same variances, the share of the variance of a mean score over so many interviewers and
  dimensions that is the candidate's; intervals by the delta method.
- Rater effects compare each interviewer with what all together lead to expect, with q-values by Benjamini and Hochberg
  within each effect.
- Whether leniency moves between quarters: the variance of an interviewer-by-quarter term, from the quadratic form of
  the residuals with interviewers, cells and quarters taken out, against a scaled chi-squared. By quarter it is shown only
  where that variance is told from none, for quarters of 15 cards or more. Drift of one interviewer is the largest
  difference between two such quarters, with Scheffé's interval.
- Links: the parts within which interviewers share candidates; in each, groups that one candidate, one interviewer or fewer
  than 30 candidates hold to the rest, and whom to seat with whom.
- Fewer than 5 cards or 2 co-interviewers: not estimable. Fewer than 10 cards: thin. Fewer than 8 interviewers or 30
  candidates met by two of them: everything is thin.

## When it misleads

- Interviewers who sit in one stage only are compared within that stage: a hard stage and a severe interviewer
  look alike.
- Parts of the company that share no candidate can be compared only by assuming that their candidates are equally
  good.
- Later stages see survivors; reliability among them looks low because they differ less. Reliability over all stages
  comes out a little too high where a bar decides who goes on and scores are whole points: in simulations its interval
  then covered three times out of four.
- Scores on the ends of the rubric hide leniency: nobody can give more than the highest score. Estimates are on the
  scale of the scores as given, and smaller than what interviewers would differ by without the rubric's ends.
- Where a bar after each stage decides who goes on, the comparison within candidates makes those who sit early look a
  little less lenient or severe than they are, since whom they failed nobody else has scored.
- With few interviewers, eight say, the intervals are wider than need be rather than narrower.
- A lenient interviewer is no worse judge; only their scores mean something else.

## References

Henderson 1975; Patterson and Thompson 1971; Hausman 1978; Morris 1983; Self and Liang 1987; Kackar and Harville 1984; Prasad and Rao 1990; Stephens 2017;
Linacre 1989; Saal, Downey and Lahey 1980; Brennan 2001; Shrout and Fleiss 1979; Krippendorff 1970; Rao 1972; Lin 1997;
Satterthwaite 1946; Scheffé 1953; Hopcroft and Tarjan 1973; Fiedler 1973.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "leniency",
    title: "Interviewer leniency",
    question: "Who scores high or low for the same candidate, and how many interviewers does a decision need?",
    doc: DOC,
    version: 1,
    grain: Grain::Rows,
    inputs: &["scorecards", "scores", "interviews"],
    needs: &[],
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let scores = cards::scores(frames)?;
    Ok(scores.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("scores")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let cards = cards::Cards::read(counts, context);
    let links = links::links(&cards);
    let fitted = model::fit(&cards, &links);
    let moved = movement::movement(&cards, &fitted);
    let mut out = model::tables(&cards, &fitted, &moved, &links, context);
    out.extend(effects::tables(&cards, &fitted, &moved, context));
    out.extend(agreement::tables(&cards, &fitted));
    out.push(movement::table(&cards, &fitted, &moved));
    out.extend(links::tables(&cards, &fitted, &links, context));
    out.extend(consequences::tables(&cards, &fitted, &links));
    out.push(used::table(&cards));
    Ok(out)
}
