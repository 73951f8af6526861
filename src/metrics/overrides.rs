//! Overridden records and the rule audit: whether decisions can be traced to what was written before them.

mod audit;
mod outcomes;
pub mod tables;
mod words;

use polars::prelude::LazyFrame;

use super::Question;
use super::consensus_drift::longer;
use super::record::{self, Record};
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::ResultTable;
use crate::error::Result;

const DOC: &str = "\
## What it measures

How often a decision goes against the scores that were on record before people talked about them, in which direction, by
whom and when; and what the decision rule would have said.

## Why it matters

A decision that cannot be traced to its record cannot be explained to a candidate, a court or oneself a year later; and a
record that decides nothing is not worth the hours it takes.

## How it is computed

- The record of a loop: the scores of cards in before the first debrief began, as they stood then; in a loop without a
  debrief, of cards in before the decision. Only interviewers' own cards count.
- The decision rule (`drift.rule`, else that of the plan that the configuration names): below 2 anywhere rejects, 3 or more everywhere advances, all else asks for one more look.
  What is held against these is the mean of each dimension over cards, or each single score.
- The record recommends by the rule, by the majority of cards, and by the mean of all scores; the latter two against the
  middle between the rule's figures. An investigation, a tie and a mean on the middle recommend nothing.
- An override is an offer where the record rejects or a rejection where it advances; rates with Wilson intervals, by
  direction, decider, department, quarter, and by how far the mean lies from the middle.
- Low scores overridden: two interviewers each gave a 2 or less on one dimension before they talked, and an offer was made.
- Deciders and departments stand against exact binomial limits about the rate of all, with q-values.
- Borderline loops: those the rule leaves open at the debrief; whether a card about a later interview came in before the
  decision, and whether the rule rejects or advances with it.
- Outcomes of hires against the record stand beside those of hires in accord with it: shares with Newcombe's interval of
  their difference, means with Welch's; what is dated before the decision is left out. Those who were rejected have no
  outcome, so the other half of the question stays open.
- Loops of a trailing window of four quarters; quarters as many as `drift.trend_quarters`. Their trend is tested with
  those of drift.
- Fewer than 10 decisions: thin.

## When it misleads

- An override is neither right nor wrong by these figures. Those who are rejected have no outcome, so nothing here can tell.
- Records close to the middle change sides by chance; read the row of far margins first.
- Where no debrief is on record, later cards of a loop may have been written in knowledge of earlier ones.
- Loops are mostly rejected after few rounds: their record is short, and a short record says less.
- People decide on more than scores; what they decided on should be written down.

## References

Wilson 1927; Welch 1947; Newcombe 1998; Spiegelhalter 2005; Benjamini and Hochberg 1995; Kleinberg, Lakkaraju, Leskovec, Ludwig and Mullainathan 2018.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "overrides",
    title: "Overridden records",
    question: "Can decisions be traced to the record made before them?",
    doc: DOC,
    version: 2,
    grain: Grain::Rows,
    inputs: record::INPUTS,
    needs: &[],
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    record::rows(frames)
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let (rule, _) = context.config.decision_rule();
    let rule = &rule;
    let record = Record::read(counts, context);
    let loops = audit::audited(&record, rule);
    let config = longer(context.config);
    let all = Record::read(counts, &Context { config: &config, ..*context });
    let more = audit::audited(&all, rule);
    Ok(vec![
        audit::overrides(&record, &loops, &more),
        audit::rule_audit(&record, &loops, context),
        audit::borderline(&record, &loops, context),
        outcomes::override_outcomes(&record, &loops, context),
    ])
}
