//! What became of people: offers, answers, and everything that the outcomes table holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::people::{People, Predictor};
use crate::config::Config;
use crate::config::outcomes::SameRater;
use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::metrics::cards::Cards;

/// What kind of outcome it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metrics) enum Kind {
    /// Offers and answers to them: part of the loop itself.
    Decision,
    /// Yes or no, about hires.
    Binary,
    /// A number, about hires.
    Numeric,
    /// How long hires stay.
    Stay,
}

impl Kind {
    pub(in crate::metrics) fn word(self) -> &'static str {
        match self {
            Kind::Decision => "decision",
            Kind::Binary => "binary",
            Kind::Numeric => "numeric",
            Kind::Stay => "stay",
        }
    }

    pub(in crate::metrics) fn is_binary(self) -> bool {
        matches!(self, Kind::Decision | Kind::Binary)
    }
}

/// One person's outcome, turned so that more is better.
#[derive(Debug, Clone, Copy)]
pub(in crate::metrics) struct Case {
    pub(in crate::metrics) person: usize,
    /// 1 or 0 where the kind is binary; whether still there for stays.
    pub(in crate::metrics) value: f64,
    /// Days from the start until the outcome was seen.
    pub(in crate::metrics) days: Option<i64>,
}

/// One outcome of the people with scores.
#[derive(Debug)]
pub(in crate::metrics) struct Outcome {
    pub(in crate::metrics) name: String,
    pub(in crate::metrics) kind: Kind,
    /// Not named in the configuration.
    pub(in crate::metrics) exploratory: bool,
    pub(in crate::metrics) turned: bool,
    pub(in crate::metrics) cases: Vec<Case>,
    /// Outcomes of people without any score on record.
    pub(in crate::metrics) never_scored: i64,
    /// Outcomes dated before the decision, left out.
    pub(in crate::metrics) before_decision: i64,
    /// Outcomes judged by one of the candidate's own interviewers.
    pub(in crate::metrics) same_rater: i64,
}

impl Outcome {
    fn new(name: &str, kind: Kind, config: &Config) -> Self {
        let turned = config.outcomes.lower_is_better.iter().any(|own| own == name);
        let exploratory = kind != Kind::Decision && !config.outcomes.named.iter().any(|own| own == name);
        Self {
            name: name.to_owned(),
            kind,
            exploratory,
            turned,
            cases: Vec::new(),
            never_scored: 0,
            before_decision: 0,
            same_rater: 0,
        }
    }

    /// Scores of a predictor beside the outcome, for everybody who has both.
    pub(in crate::metrics) fn beside(&self, predictor: &Predictor) -> (Vec<f64>, Vec<Case>) {
        let both = self.cases.iter().filter_map(|case| Some((predictor.values.get(case.person).copied()??, *case)));
        both.unzip()
    }

    /// Everybody who has the outcome and all of some scores: the scores by predictor, and the cases.
    pub(in crate::metrics) fn complete(&self, predictors: &[&Predictor]) -> (Vec<Vec<f64>>, Vec<Case>) {
        let mut columns = vec![Vec::new(); predictors.len()];
        let mut cases = Vec::new();
        for case in &self.cases {
            let own: Option<Vec<f64>> =
                predictors.iter().map(|predictor| predictor.values.get(case.person).copied().flatten()).collect();
            if let Some(own) = own {
                columns.iter_mut().zip(own).for_each(|(column, value)| column.push(value));
                cases.push(*case);
            }
        }
        (columns, cases)
    }
}

/// How a loop ended, as far as known at the date of analysis.
#[derive(Debug, Clone, Copy, Default)]
struct Ending<'a> {
    decision: Option<&'a str>,
    answer: Option<&'a str>,
    decided: Option<i64>,
    started: Option<i64>,
    /// The first day is on record, but later than the date of analysis.
    starts_later: bool,
}

impl Ending<'_> {
    /// Whole days from the start, or from the decision where no start is on record.
    fn days_until(&self, at: i64) -> Option<i64> {
        let from = self.started.or(self.decided).filter(|_| !self.starts_later)?;
        Some((at - from).div_euclid(86_400)).filter(|days| *days >= 0)
    }
}

/// Every outcome that the data holds: offers, answers to them, and what became of hires.
pub(super) fn outcomes(counts: &Counts, context: &Context<'_>, people: &mut People, cards: &Cards) -> Vec<Outcome> {
    let as_of = context.as_of.0.div_euclid(crate::time::SECOND);
    let place: HashMap<&str, usize> =
        cards.applications.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let (application, card) = (counts.text("application_id"), counts.text("scorecard_id"));
    let (kind, at) = (counts.text("row"), counts.int("submitted"));
    let (decision, answer) = (counts.text("stage"), counts.text("role"));
    let (name, value, rater) = (counts.text("dimension"), counts.int("score_milli"), counts.text("interviewer_id"));
    let mut endings = vec![Ending::default(); people.n];
    let mut scored: BTreeSet<u32> = BTreeSet::new();
    for row in 0..counts.len() {
        if card.at(row).is_some() {
            scored.insert(application.code(row));
        }
        let Some(person) = application.at(row).and_then(|id| place.get(id)) else { continue };
        let ending = &mut endings[*person];
        if at.at(row).is_some_and(|at| at > as_of) {
            ending.starts_later |= kind.at(row) == Some("started");
            continue;
        }
        match kind.at(row) {
            Some("decision") => {
                (ending.decision, ending.answer, ending.decided) = (decision.at(row), answer.at(row), at.at(row));
            }
            Some("started") => ending.started = at.at(row),
            _ => {}
        }
    }
    let config = context.config;
    let mut out =
        vec![Outcome::new("offer", Kind::Decision, config), Outcome::new("acceptance", Kind::Decision, config)];
    for (person, ending) in endings.iter().enumerate() {
        let mut case = |which: usize, value: bool| {
            out[which].cases.push(Case { person, value: f64::from(u8::from(value)), days: None });
        };
        match ending.decision {
            Some("offer") => {
                case(0, true);
                match ending.answer {
                    Some("accepted") => case(1, true),
                    Some("declined") => case(1, false),
                    _ => {}
                }
            }
            Some("reject") => case(0, false),
            _ => {}
        }
    }
    people.passes = passes(people, &endings);
    let sat: BTreeSet<(u32, u32)> = cards.cards.iter().map(|card| (card.application, card.interviewer)).collect();
    let who: HashMap<&str, u32> =
        cards.interviewers.iter().enumerate().map(|(at, name)| (name.as_str(), at as u32)).collect();
    let is_known = |row: usize| at.at(row).is_none_or(|at| at <= as_of);
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in 0..counts.len() {
        if kind.at(row) == Some("outcome")
            && let Some(own) = name.at(row)
            && value.at(row).is_some()
            // Whoever is seen to stay, or leaves, only later was there at the date of analysis: leaving them out would leave
            // those who had left.
            && (is_known(row) || config.outcomes.exits.iter().any(|exit| exit == own))
        {
            named.entry(own).or_default().push(row);
        }
    }
    for (own, rows) in named {
        let binary = rows.iter().all(|row| matches!(value.at(*row), Some(0 | 1000)));
        // The loop's own decisions go by these names already.
        let taken = matches!(own, "offer" | "acceptance");
        let called = if taken { format!("{own} (on record)") } else { own.to_owned() };
        let mut outcome = Outcome::new(&called, if binary { Kind::Binary } else { Kind::Numeric }, config);
        let mut still_there = Vec::new();
        for row in rows {
            let Some(id) = application.at(row) else { continue };
            let Some(person) = place.get(id).copied() else {
                outcome.never_scored += i64::from(!scored.contains(&application.code(row)));
                continue;
            };
            let ending = &endings[person];
            if !is_known(row) {
                let days = ending.days_until(as_of);
                still_there.extend(days.map(|days| Case { person, value: 1.0, days: Some(days) }));
                continue;
            }
            if at.at(row).zip(ending.decided).is_some_and(|(at, decided)| at < decided) {
                outcome.before_decision += 1;
                continue;
            }
            let judge = rater.at(row).and_then(|judge| who.get(judge));
            if judge.is_some_and(|judge| sat.contains(&(person as u32, *judge))) {
                outcome.same_rater += 1;
                if config.outcomes.same_rater == SameRater::LeaveOut {
                    continue;
                }
            }
            let raw = value.at(row).unwrap_or(0) as f64 / 1000.0;
            let turned = match (outcome.turned, binary) {
                (false, _) => raw,
                (true, true) => 1.0 - raw,
                (true, false) => -raw,
            };
            let days = at.at(row).and_then(|at| ending.days_until(at));
            outcome.cases.push(Case { person, value: turned, days });
        }
        outcome.cases.sort_by_key(|case| case.person);
        let more = derived(&outcome, &still_there, config);
        out.push(outcome);
        out.extend(more);
    }
    out
}

/// Outcomes that follow from another: good from a value on, and how long people stay. `still_there` are those whose outcome
/// is seen after the date of analysis, followed up to it.
fn derived(outcome: &Outcome, still_there: &[Case], config: &Config) -> Vec<Outcome> {
    let mut out = Vec::new();
    let copy = |name: String, kind: Kind, cases: Vec<Case>| Outcome {
        name,
        kind,
        exploratory: outcome.exploratory,
        turned: outcome.turned,
        cases,
        ..*outcome
    };
    if let Some(from) = config.outcomes.good_from.get(&outcome.name)
        && outcome.kind == Kind::Numeric
    {
        let bar = if outcome.turned { -from } else { *from };
        let good = |case: &Case| Case { value: f64::from(u8::from(case.value >= bar)), ..*case };
        let word = if outcome.turned { "at most" } else { "at least" };
        let name = format!("{} {word} {from}", outcome.name);
        out.push(copy(name, Kind::Binary, outcome.cases.iter().map(good).collect()));
    }
    if outcome.kind == Kind::Binary && config.outcomes.exits.contains(&outcome.name) {
        let known = outcome.cases.iter().chain(still_there).filter(|case| case.days.is_some());
        let mut known: Vec<Case> = known.copied().collect();
        known.sort_by_key(|case| case.person);
        out.push(copy(format!("{}: how long", outcome.name), Kind::Stay, known));
    }
    out
}

/// Per round: the candidates' scores as given, which the decision saw, and whether each went on. Whoever withdrew or is open
/// after a round says nothing about it.
fn passes(people: &People, endings: &[Ending<'_>]) -> Vec<(Vec<f64>, Vec<bool>)> {
    let mut out = vec![(Vec::new(), Vec::new()); people.stages().count()];
    let mut add = |stage: usize, score: f64, went_on: bool| {
        out[stage].0.push(score);
        out[stage].1.push(went_on);
    };
    for (reached, ending) in people.rounds.iter().zip(endings) {
        let Some(((stage, last), earlier)) = reached.split_last() else { continue };
        earlier.iter().for_each(|(stage, score)| add(*stage, *score, true));
        match ending.decision {
            Some("offer") => add(*stage, *last, true),
            Some("reject") => add(*stage, *last, false),
            _ => {}
        }
    }
    out
}
