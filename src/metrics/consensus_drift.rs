//! Consensus drift: whether scores stay independent, what is changed later, and how that moves over time.

mod exposure;
mod order;
mod pictures;
mod rates;
mod revisions;
pub mod tables;
mod trend;
mod turnaround;
mod words;

use polars::prelude::LazyFrame;

use super::Question;
use super::adjusted::Adjustment;
use super::record::{self, Record};
use crate::config::Config;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::{ResultTable, Status};
use crate::error::Result;

const DOC: &str = "\
## What it measures

Whether interviewers of one panel score without knowledge of each other: whether scores given in knowledge of others lie
closer together, whether successive scores do, whether they are drawn to the hiring manager's, the first or the majority's,
which scores are changed after submission and which way, how late cards come, and how all that moves by quarter.

## Why it matters

Several independent opinions are worth more than one; copies of one opinion are not. A panel whose cards follow its
first card costs the hours of many and tells what one would have told.

## How it is computed

- Only differences within panels (two or more interviewers, one candidate, one stage, the same dimensions) count, so
  that the candidate cancels out, and each interviewer's leniency is subtracted first.
- A score is read as it was first submitted; what changed later is counted as a revision.
- Exposure: a pair of cards is exposed if at least one was first submitted when the other could be known, by
  `drift.visibility`; after the debrief began, everything is known. The ratio is the mean squared difference of
  exposed pairs over that of blind pairs, compared within stages (weights of Mantel and Haenszel) with panels as clusters. Where panels
  are all of one kind or the other, the p-value comes from shuffling them within stages. Beside it the same contrast
  within interviewers, since those who are late may be other people.
- Order: squared differences of successive cards against all orders of the panel, exact moments, summed over panels.
- Anchors: distance to the hiring manager's card, those after against those before; to the first card, and to the mean of
  the cards from before people could know of each other, those who could know it against those who could not. Exact
  moments of draws without replacement, summed over panels.
- Revisions: share of cards changed before the debrief, after it and after the decision; toward or away from the mean of
  the others' first scores, exact sign test; pooled variance within panels before and after, signs of panels flipped.
- Late: after the debrief began, after the decision, or later than `models.late_after_hours` after the interview. Rates of
  interviewers, departments and quarters stand against exact binomial limits about the rate of all, with q-values; outside
  means beyond the limits that 998 of 1,000 keep by chance and a q-value of at most 5 %.
- Turnaround: Kaplan-Meier from the end of the interview to the card; a missing card is still to come.
- Trends over quarters: Cochran and Armitage for shares, otherwise a weighted straight line; q-values over all measures.
- Loops of a trailing window of four quarters; pictures over time show `drift.trend_quarters`.
- Fewer than 10 panels of either kind: not estimable; fewer than 20: thin. Order and anchors: 10 and 30 panels that can tell.

## When it misleads

- Scores may come together because people share evidence. Only the exposure contrast speaks of dependence, and exposure is
  not drawn by lot: late cards can be of other interviewers and other candidates.
- Absence of order dependence is weak evidence: of 100 panels of four whose cards all move a quarter of the way to the mean
  of those before, the order test finds 16 % (`benches/drift_study.md`); where half of the panels are exposed, the
  exposure contrast finds 61 %.
- Who is far from the others looks again more often, and a score given anew from there goes toward them without any
  influence, by regression to the mean. Direction alone does not show pressure; compare the rates before and after
  the debrief, and what was decided.
- Where exports are compared, a change is dated by the export that showed it and may be earlier.
- A card the source touched without saying what changed is counted apart; it may be a comma.

## References

Asch 1956; Banerjee 1992; Bikhchandani, Hirshleifer and Welch 1992; Lorenz, Rauhut, Schweitzer and Helbing 2011; Wald and Wolfowitz
1943; von Neumann 1941; Mantel and Haenszel 1959; Spiegelhalter 2005; Armitage 1955; Benjamini and Hochberg 1995.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "consensus-drift",
    title: "Consensus drift",
    question: "Do scores stay independent, or does the debrief talk them together?",
    doc: DOC,
    version: 2,
    grain: Grain::Rows,
    inputs: record::INPUTS,
    needs: &["leniency", "overrides"],
    values: &["scores"],
    tables: tables::ALL,
    reduce,
    finish,
};

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    record::rows(frames)
}

/// How scores were freed from leniency.
#[derive(Debug, Clone, Copy)]
struct Adjusted {
    known: bool,
    words: &'static str,
}

impl Adjusted {
    fn of(adjustment: &Adjustment) -> Self {
        let known = adjustment.is_known();
        Self { known, words: if known { "scores less leniency" } else { "scores as given" } }
    }

    /// Scores with leniency in them look dependent when lenient people tend to come early or late.
    fn hold(self, (status, why): (Status, Option<String>)) -> (Status, Option<String>) {
        if self.known || status == Status::NotEstimable {
            return (status, why);
        }
        let own = "leniency cannot be estimated and is left in".to_owned();
        (Status::Thin, Some(why.map_or(own.clone(), |why| format!("{why}; {own}"))))
    }
}

/// The configuration with a window as long as pictures over time are.
pub(super) fn longer(config: &Config) -> Config {
    let mut longer = config.clone();
    longer.models.window_quarters = config.models.window_quarters.max(config.drift.trend_quarters);
    longer
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let adjustment = Adjustment::of(context);
    let adjusted = Adjusted::of(&adjustment);
    let record = Record::read(counts, context);
    let panels = record.panels(&adjustment);
    let mut out = vec![
        exposure::table(&record, &panels, adjusted, context),
        order::order(&record, &panels, adjusted),
        order::anchors(&record, &panels, adjusted, context),
        revisions::table(&record, &panels),
        rates::table(&record, context),
    ];
    out.extend(turnaround::tables(&record, context));
    let config = longer(context.config);
    let longer = Context { config: &config, ..*context };
    let record = Record::read(counts, &longer);
    out.extend(trend::tables(&record, &record.panels(&adjustment), &longer));
    Ok(out)
}
