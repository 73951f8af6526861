//! The quality of sources: who comes through which channel, how low their floor is, and what a domain mismatch costs.

mod mismatch;
mod pass_through;
pub mod tables;
mod words;

use std::collections::{BTreeMap, HashMap};

use super::Question;
use super::rows::{all, limits, standing, text};
use super::score_outcome::events::{Case, Kind, Outcome};
use super::score_outcome::people::{People, read};
use super::score_outcome::{INPUTS, reduce};
use super::segments::NOT_RECORDED;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Grain, Metric};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::error::Result;
use crate::stats::benjamini_hochberg;
use crate::stats::discrimination::{AtScore, ScoreCounts, auc};
use crate::stats::estimate::Interval;
use crate::stats::means::mean_of;
use crate::stats::proportion::wilson;
use crate::stats::quantile::quantile;
use crate::time::Quarter;
use tables::SOURCE_QUALITY;

const DOC: &str = "\
## What it measures

Per source channel, and apart for candidates whose specialism is that of the role and those whose is not: the floor of the
first round's scores (their 10 % quantile), pass-through of each round, offers and answers, and later outcomes. What a
mismatch of specialism costs.

## Why it matters

Channels differ less in their best candidates than in their worst. A low floor costs interviewers' hours in every round that
it takes to find out; a mismatch that shows only in the last round costs most.

## How it is computed

- Loops of the same window as links of scores and outcomes (`outcomes.window_quarters`), by the channel on record.
- First round: the round most candidates were scored in; scores less interviewers' leniency where that is known. Quantiles
  have intervals between order statistics, which suppose no distribution.
- A channel against all others: the chance that its candidate scores higher in the first round than one of another channel
  (area under the curve, DeLong on the logit scale), p by Mann and Whitney, q over all channels.
- Pass-through: of those scored in a round, the share that was scored in a later one or got an offer. Whoever withdrew or
  is open after a round is not counted there. Wilson's intervals.
- Offers among loops with an offer or a rejection; acceptances among answered offers. The outcome is the first named in
  `outcomes.named` that is on record, else performance, else the first by name.
- Mismatch: means and shares of those who match less those who do not, Welch's and Newcombe's intervals, q over the measures.
- Groups of fewer people than `privacy.smallest_group` are not shown; fewer than 10 are thin.

## When it misleads

- Channels bring candidates for different roles; a hard role looks like a poor channel. Segment by job where it matters.
- Candidates who were never scored (turned down on paper) show in the number of loops alone: screening differs by channel.
- A candidate who came through two channels stands under the one on record.
- Outcomes are those of hires; a channel with few hires says little about them.

## References

Wilson 1927; Newcombe 1998; Welch 1947; DeLong, DeLong and Clarke-Pearson 1988; Thompson 1936; Benjamini and Hochberg 1995.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge: words::judge, present: words::present };

const METRIC: Metric = Metric {
    id: "source-quality",
    title: "Quality of sources",
    question: "Which channels bring candidates who hold up, and what does a domain mismatch cost?",
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

/// The floor: below it lies one in ten.
const FLOOR: f64 = 0.1;
/// People for a verdict on a group.
const ENOUGH: usize = 10;

/// One loop of the window.
struct Loop<'a> {
    source: &'a str,
    fit: Option<&'a str>,
    /// Its place among people with scores.
    person: Option<usize>,
}

/// A group of loops: a channel, and whether specialisms match.
struct Group<'a> {
    source: &'a str,
    fit: &'a str,
    loops: Vec<&'a Loop<'a>>,
}

/// What is read once and looked up for every group.
struct Data<'a> {
    people: &'a People,
    /// By person: whether an offer was made, whether it was accepted, and the outcome.
    offers: Vec<Option<bool>>,
    answers: Vec<Option<bool>>,
    outcome: Option<(&'a Outcome, Vec<Option<f64>>)>,
    smallest: usize,
}

impl<'a> Data<'a> {
    fn new(people: &'a People, outcomes: &'a [Outcome], context: &Context<'_>) -> Self {
        let by_person = |cases: &[Case]| {
            let mut out = vec![None; people.n];
            cases.iter().for_each(|case| out[case.person] = Some(case.value));
            out
        };
        let flags = |name: &str| -> Vec<Option<bool>> {
            let found = outcomes.iter().find(|outcome| outcome.name == name && outcome.kind == Kind::Decision);
            let values = found.map(|outcome| by_person(&outcome.cases)).unwrap_or_else(|| vec![None; people.n]);
            values.into_iter().map(|value| value.map(|value| value > 0.5)).collect()
        };
        let later = || {
            outcomes
                .iter()
                .filter(|outcome| matches!(outcome.kind, Kind::Binary | Kind::Numeric) && !outcome.cases.is_empty())
        };
        let named = context.config.outcomes.named.iter().find_map(|name| later().find(|own| own.name == *name));
        let outcome = named.or_else(|| later().find(|own| own.name == "performance")).or_else(|| later().next());
        Self {
            people,
            offers: flags("offer"),
            answers: flags("acceptance"),
            outcome: outcome.map(|outcome| (outcome, by_person(&outcome.cases))),
            smallest: context.config.privacy.smallest_group.max(1) as usize,
        }
    }

    fn first_round(&self, loops: &[&Loop<'_>]) -> Vec<f64> {
        let Some(first) = self.people.stages().next() else { return Vec::new() };
        loops.iter().filter_map(|own| first.values.get(own.person?).copied().flatten()).collect()
    }

    fn flags(&self, loops: &[&Loop<'_>], of: &[Option<bool>]) -> (i64, i64) {
        let known = loops.iter().filter_map(|own| of.get(own.person?).copied().flatten());
        known.fold((0, 0), |(yes, all), value| (yes + i64::from(value), all + 1))
    }

    /// The outcome's values, as they are written.
    fn outcomes(&self, loops: &[&Loop<'_>]) -> Vec<f64> {
        let Some((outcome, values)) = &self.outcome else { return Vec::new() };
        let own = loops.iter().filter_map(|own| values.get(own.person?).copied().flatten());
        let back = |value: f64| match (outcome.turned, outcome.kind) {
            (false, _) => value,
            (true, Kind::Binary) => 1.0 - value,
            (true, _) => -value,
        };
        own.map(back).collect()
    }

    /// Of those scored in a round, how many went on, and how many are decided either way.
    fn passed(&self, loops: &[&Loop<'_>], round: usize) -> (i64, i64) {
        let (mut on, mut decided) = (0, 0);
        for person in loops.iter().filter_map(|own| own.person) {
            let Some(rounds) = self.people.rounds.get(person) else { continue };
            let Some(place) = rounds.iter().position(|(own, _)| *own == round) else { continue };
            match (place + 1 < rounds.len(), self.offers[person]) {
                (true, _) | (false, Some(true)) => {
                    on += 1;
                    decided += 1;
                }
                (false, Some(false)) => decided += 1,
                (false, None) => {}
            }
        }
        (on, decided)
    }
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let (people, cards, outcomes) = read(counts, context);
    let data = Data::new(&people, &outcomes, context);
    let place: HashMap<&str, usize> =
        cards.applications.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let quarters = context.config.outcomes.window_quarters;
    let window = cards.first_quarter.map(|from| (from, (1..quarters).fold(from, |quarter, _| quarter.next())));
    let loops = loops(counts, context, &place, window);
    let groups = groups(&loops);
    let channels: Vec<&Group<'_>> = groups.iter().filter(|group| group.fit == ANY).collect();
    Ok(vec![quality(&groups, &channels, &data), pass_through::table(&groups, &data), mismatch::table(&loops, &data)])
}

/// All fits together.
const ANY: &str = "any";

/// Loops of the window that had opened at the date of analysis.
fn loops<'a>(
    counts: &'a Counts,
    context: &Context<'_>,
    place: &HashMap<&str, usize>,
    window: Option<(Quarter, Quarter)>,
) -> Vec<Loop<'a>> {
    let (id, kind) = (counts.text("application_id"), counts.text("row"));
    let (opened, fit, source) = (counts.text("opened"), counts.text("stage"), counts.text("role"));
    let mut fits: HashMap<u32, &str> = HashMap::new();
    for row in (0..counts.len()).filter(|row| kind.at(*row) == Some("fit")) {
        fits.extend(fit.at(row).map(|word| (id.code(row), word)));
    }
    let known = Quarter::of(context.as_of);
    let mut out = Vec::new();
    for row in (0..counts.len()).filter(|row| kind.at(*row) == Some("loop")) {
        let quarter = opened.at(row).and_then(Quarter::parse);
        let person = id.at(row).and_then(|own| place.get(own)).copied();
        let inside = match (quarter, window) {
            // Whoever has a score of the window is in it; others by their quarter.
            _ if person.is_some() => true,
            (Some(own), Some((from, to))) => from <= own && own <= to && known.is_none_or(|known| own <= known),
            _ => false,
        };
        if inside {
            let source = source.at(row).unwrap_or(NOT_RECORDED);
            out.push(Loop { source, fit: fits.get(&id.code(row)).copied(), person });
        }
    }
    out
}

/// Each channel with all its loops, then by fit; channels by name.
fn groups<'a>(loops: &'a [Loop<'a>]) -> Vec<Group<'a>> {
    let mut by: BTreeMap<(&str, &str), Vec<&'a Loop<'a>>> = BTreeMap::new();
    for own in loops {
        by.entry((own.source, ANY)).or_default().push(own);
        if let Some(fit) = own.fit {
            by.entry((own.source, fit)).or_default().push(own);
        }
    }
    by.into_iter().map(|((source, fit), loops)| Group { source, fit, loops }).collect()
}

fn share(yes: i64, all: i64) -> (Cell, Interval) {
    let found = wilson(yes, all);
    (
        Cell::float(found.map(|found| found.share)),
        found.map_or(Interval::NONE, |found| Interval::new(found.low, found.high)),
    )
}

fn quality(groups: &[Group<'_>], channels: &[&Group<'_>], data: &Data<'_>) -> ResultTable {
    let mut out = ResultTable::new(&SOURCE_QUALITY);
    let compared: Vec<_> = groups.iter().map(|group| against_others(group, channels, data)).collect();
    let q = benjamini_hochberg(&compared.iter().map(|area| area.and_then(|area| area.p)).collect::<Vec<_>>());
    for (at, group) in groups.iter().enumerate() {
        let scores = data.first_round(&group.loops);
        let (offers, decided) = data.flags(&group.loops, &data.offers);
        let (accepted, answered) = data.flags(&group.loops, &data.answers);
        let outcomes = data.outcomes(&group.loops);
        let n = scores.len();
        let (status, reason) = standing_of(n, data.smallest);
        let mut cells = all().to_vec();
        cells.extend([
            ("source", text(group.source)),
            ("fit", text(group.fit)),
            ("loops", Cell::Int(group.loops.len() as i64)),
            ("scored", Cell::Int(n as i64)),
            ("outcome", Cell::text(data.outcome.as_ref().map(|(outcome, _)| outcome.name.clone()))),
        ]);
        if status != Status::NotEstimable {
            let floor = quantile(&scores, FLOOR);
            cells.push(("first_round_p10", Cell::float(floor.map(|floor| floor.value))));
            // An end that no score can be is left open below, where the ordering of a row allows it.
            let ends = floor.map_or(Interval::NONE, |floor| floor.interval);
            cells.extend(limits(ends, ["first_round_p10_low", "first_round_p10_high"]));
            cells.push(("first_round_p25", Cell::float(quantile(&scores, 0.25).map(|found| found.value))));
            let mean = mean_of(&scores);
            cells.push(("first_round_mean", Cell::float(mean.map(|mean| mean.value))));
            cells.extend(limits(
                mean.map_or(Interval::NONE, |mean| mean.interval),
                ["first_round_mean_low", "first_round_mean_high"],
            ));
            if let Some(area) = compared.get(at).copied().flatten() {
                cells.push(("higher_than_others", Cell::float(area.value)));
                cells.extend(limits(area.interval, ["higher_than_others_low", "higher_than_others_high"]));
                cells.push(("p_value", Cell::float(area.p)));
                cells.push(("q_value", Cell::float(q.get(at).copied().flatten())));
            }
            if decided as usize >= data.smallest {
                let (value, ends) = share(offers, decided);
                cells.push(("offer_rate", value));
                cells.extend(limits(ends, ["offer_rate_low", "offer_rate_high"]));
            }
            if answered as usize >= data.smallest {
                let (value, ends) = share(accepted, answered);
                cells.push(("acceptance_rate", value));
                cells.extend(limits(ends, ["acceptance_rate_low", "acceptance_rate_high"]));
            }
            if outcomes.len() >= data.smallest
                && let Some(found) = mean_of(&outcomes)
            {
                cells.push(("outcome_mean", Cell::float(found.value)));
                cells.extend(limits(found.interval, ["outcome_mean_low", "outcome_mean_high"]));
            }
            cells.push(("with_outcome", Cell::Int(outcomes.len() as i64)));
        }
        let method = format!("order statistics, Wilson, Student; {}", data.people.window);
        cells.extend(standing(n as i64, method, status, reason));
        out.push(cells);
    }
    if out.rows.is_empty() {
        let mut cells = all().to_vec();
        cells.extend([
            ("source", text(NOT_RECORDED)),
            ("fit", text(ANY)),
            ("loops", Cell::Int(0)),
            ("scored", Cell::Int(0)),
        ]);
        cells.extend(standing(0, "none", Status::NotEstimable, Some("no loops are on record".to_owned())));
        out.push(cells);
    }
    out
}

fn standing_of(n: usize, smallest: usize) -> (Status, Option<String>) {
    if n < smallest {
        (Status::NotEstimable, Some(format!("fewer than {smallest} people")))
    } else if n < ENOUGH {
        (Status::Thin, Some(format!("only {n} people; 10 are needed for a verdict")))
    } else {
        (Status::Ok, None)
    }
}

/// The first round's scores of a channel against those of all other channels; only for channels as a whole.
fn against_others(
    group: &Group<'_>,
    channels: &[&Group<'_>],
    data: &Data<'_>,
) -> Option<crate::stats::discrimination::Auc> {
    if group.fit != ANY {
        return None;
    }
    let own = data.first_round(&group.loops);
    let cell = |score: &f64, with: bool| AtScore {
        score: (score * 1000.0).round() as i64,
        with: i64::from(with),
        without: i64::from(!with),
    };
    let mut cells: Vec<AtScore> = own.iter().map(|score| cell(score, true)).collect();
    for other in channels.iter().filter(|other| other.source != group.source) {
        cells.extend(data.first_round(&other.loops).iter().map(|score| cell(score, false)));
    }
    let enough = own.len() >= ENOUGH && cells.len() >= own.len() + ENOUGH;
    auc(&ScoreCounts::from_cells(cells)).filter(|_| enough)
}
