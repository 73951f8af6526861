//! From the additive table to loops with their rounds: scores, people, times and costs of each.

use std::collections::{BTreeMap, BTreeSet};

use super::meant::{Kits, Purpose, purposes};
use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::metrics::adjusted::Adjustment;
use crate::metrics::cards::{Cards, NO_STAGE};
use crate::metrics::segments::{ALL, DAY_SECONDS, NOT_RECORDED};
use crate::stats::em_covariance::MOST_VARIABLES;
use crate::stats::stage_scores::{Held, StageScores};
use crate::time::SECOND;

/// One round of one loop.
#[derive(Debug, Clone, Default)]
pub(super) struct Round {
    /// The stage, a position among [`Rounds::stages`].
    pub(super) stage: usize,
    /// Means of the cards that count, in score points.
    pub(super) cards: Vec<f64>,
    /// Who wrote them.
    pub(super) people: Vec<u32>,
    /// First and last card, in seconds, where known.
    pub(super) written: Option<(i64, i64)>,
    /// Start of the first appointment and end of the last one, in seconds, where known.
    pub(super) held: Option<(i64, i64)>,
    /// Minutes of interviewers in live interviews.
    pub(super) interviewer_minutes: f64,
    /// Minutes of the candidate.
    pub(super) candidate_minutes: f64,
    /// Days from the end of the round before, or the application, to the end of this one.
    pub(super) days: Option<f64>,
}

impl Round {
    fn starts(&self) -> Option<i64> {
        [self.held.map(|(from, _)| from), self.written.map(|(first, _)| first)].into_iter().flatten().min()
    }

    fn ends(&self) -> Option<i64> {
        [self.held.map(|(_, to)| to), self.written.map(|(_, last)| last)].into_iter().flatten().max()
    }
}

/// How a loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Offer,
    Reject,
    Withdrawn,
    Other,
}

/// One loop.
#[derive(Debug, Clone, Default)]
pub(super) struct Loop {
    /// Its rounds, in the order of stages.
    pub(super) rounds: Vec<Round>,
    pub(super) ending: Option<Ending>,
    pub(super) outcome: Option<f64>,
    applied: Option<i64>,
    /// Codes of its segments, one per configured dimension.
    segments: Vec<u32>,
}

impl Loop {
    /// Its round of a stage.
    pub(super) fn round(&self, stage: usize) -> Option<&Round> {
        self.rounds.iter().find(|round| round.stage == stage)
    }
}

/// A segment: its kind, its name, and its loops.
pub(super) struct Part {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) loops: Vec<u32>,
}

/// Everything that redundancy starts from.
pub(super) struct Rounds {
    /// Stages in the order in which loops pass them.
    pub(super) stages: Vec<String>,
    /// Loops with a card in the window, by application.
    pub(super) loops: Vec<Loop>,
    pub(super) parts: Vec<Part>,
    /// The cards, for the dimensions on them.
    pub(super) cards: Cards,
    /// For each of the cards' stages, its place among `stages`.
    pub(super) places: Vec<usize>,
    /// What each of `stages` is meant to test.
    pub(super) purposes: Vec<Purpose>,
    /// How many quarters the window has in fact.
    pub(super) quarters: f64,
    /// Which outcome is looked at.
    pub(super) outcome: Option<String>,
    /// Whether leniencies were subtracted.
    pub(super) is_adjusted: bool,
}

impl Rounds {
    /// The rounds of the window that `context` asks for.
    pub(super) fn read(counts: &Counts, context: &Context<'_>) -> Self {
        let cards = Cards::read(counts, context);
        let adjustment =
            if context.config.redundancy.adjusted { Adjustment::of(context) } else { Adjustment::default() };
        let application = counts.text("application_id");
        // Loops by the code of their application, so that facts find them.
        let mut loop_of = vec![u32::MAX; application.words().len() + 1];
        for (at, name) in cards.applications.iter().enumerate() {
            if let Ok(code) = application.words().binary_search(name) {
                loop_of[code + 1] = at as u32;
            }
        }
        let mut loops = vec![Loop::default(); cards.applications.len()];
        let mut names: Vec<String> = cards.stages.clone();
        let mut quarters: Vec<u32> = cards.cards.iter().filter_map(|card| card.quarter).collect();
        quarters.sort_unstable();
        quarters.dedup();
        for card in &cards.cards {
            let (sum, count) =
                card.scores.iter().fold((0.0, 0.0), |(sum, n), (_, steps)| (sum + cards.points(*steps), n + 1.0));
            let (Some(of), true) = (loops.get_mut(card.application as usize), count > 0.0) else { continue };
            let person = cards.interviewers.get(card.interviewer as usize).map_or("", String::as_str);
            let round = round_of(of, card.stage as usize);
            round.cards.push(sum / count - adjustment.leniency(person));
            round.people.push(card.interviewer);
            if let Some(at) = card.submitted {
                round.written = Some(round.written.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
            }
        }
        let mut kits = Vec::new();
        let outcome = facts(counts, context, &loop_of, &mut loops, &mut names, &mut kits);
        let (stages, places) = in_order(&mut loops, &names);
        let purposes = purposes_of(&stages, &places, &kits, &cards, context);
        loops.iter_mut().for_each(spans);
        let parts = parts(counts, context, &loops);
        Self {
            stages,
            parts,
            quarters: quarters.len().max(1) as f64,
            outcome,
            purposes,
            is_adjusted: adjustment.is_known(),
            places,
            loops,
            cards,
        }
    }

    /// The stages that a joint estimate can hold: those with most scored candidates, in the order of the loop.
    pub(super) fn scored(&self, loops: &[u32]) -> Vec<usize> {
        let mut counts = vec![0_usize; self.stages.len()];
        for at in loops {
            let rounds = self.loops.get(*at as usize).map_or(&[][..], |own| &own.rounds);
            rounds.iter().filter(|round| !round.cards.is_empty()).for_each(|round| counts[round.stage] += 1);
        }
        let mut stages: Vec<usize> = (0..self.stages.len()).filter(|stage| counts[*stage] > 0).collect();
        stages.sort_by_key(|stage| (std::cmp::Reverse(counts[*stage]), *stage));
        // One bit is kept for the outcome.
        stages.truncate(MOST_VARIABLES - 1);
        stages.sort_unstable();
        stages
    }

    /// The scores of some loops in some stages.
    pub(super) fn scores(&self, loops: &[u32], stages: &[usize]) -> StageScores {
        let mut place = vec![None; self.stages.len()];
        stages.iter().enumerate().for_each(|(to, from)| place[*from] = Some(to));
        let mut out = StageScores::new(stages.len());
        let mut held = Vec::with_capacity(stages.len());
        for own in loops.iter().filter_map(|at| self.loops.get(*at as usize)) {
            held.clear();
            for round in own.rounds.iter().filter(|round| !round.cards.is_empty()) {
                let Some(stage) = place[round.stage] else { continue };
                let score = round.cards.iter().sum::<f64>() / round.cards.len() as f64;
                let within = round.cards.iter().map(|card| (card - score).powi(2)).sum();
                held.push(Held { stage, score, cards: round.cards.len() as u32, within });
            }
            out.push(&held);
        }
        out
    }

    /// How scores were made and over which window, for the column `method`.
    pub(super) fn window(&self) -> String {
        let scores = if self.cards.recommendations { "overall recommendations" } else { "means of cards" };
        let adjusted = if self.is_adjusted { "less leniency" } else { "as given" };
        format!("{scores}, {adjusted}; {}", self.cards.window)
    }
}

fn round_of(of: &mut Loop, stage: usize) -> &mut Round {
    let at = match of.rounds.iter().position(|round| round.stage == stage) {
        Some(at) => at,
        None => {
            of.rounds.push(Round { stage, ..Round::default() });
            of.rounds.len() - 1
        }
    };
    &mut of.rounds[at]
}

/// What each stage is meant to test; `places` says where the old stages went that `kits` and the cards go by.
fn purposes_of(
    stages: &[String],
    places: &[usize],
    kits: &[Kits],
    cards: &Cards,
    context: &Context<'_>,
) -> Vec<Purpose> {
    let mut moved = vec![Kits::default(); stages.len()];
    for (place, kits) in places.iter().zip(kits) {
        if let Some(to) = moved.get_mut(*place) {
            *to = kits.clone();
        }
    }
    let mut scored = vec![BTreeSet::new(); stages.len()];
    // An overall recommendation is no dimension.
    for (stage, dimension) in cards.cells.iter().filter(|_| !cards.recommendations) {
        if let Some(of) = places.get(*stage as usize).and_then(|place| scored.get_mut(*place)) {
            of.insert(dimension.clone());
        }
    }
    purposes(stages, &moved, &scored, &context.config.plan)
}

/// Adds what is known besides scores: how loops ended, their appointments with the kits of each stage, and the outcome
/// that most hires have, whose name is returned.
fn facts(
    counts: &Counts,
    context: &Context<'_>,
    loop_of: &[u32],
    loops: &mut [Loop],
    names: &mut Vec<String>,
    kits: &mut Vec<Kits>,
) -> Option<String> {
    let as_of = context.as_of.0.div_euclid(SECOND);
    let (fact, word, stage) = (counts.text("fact"), counts.text("word"), counts.text("stage"));
    let meant = counts.text("meant");
    let (from, to, amount, people) = (counts.int("from"), counts.int("to"), counts.int("amount"), counts.int("people"));
    let application = counts.text("application_id");
    let kinds: Vec<_> = context.config.report.by.iter().map(|kind| counts.text(&format!("by_{kind}"))).collect();
    let mut places: BTreeMap<String, usize> = names.iter().cloned().enumerate().map(|(at, name)| (name, at)).collect();
    let mut outcomes: BTreeMap<&str, Vec<(u32, f64)>> = BTreeMap::new();
    for row in (0..counts.len()).filter(|row| fact.at(*row).is_some()) {
        let at = loop_of.get(application.code(row) as usize).copied().unwrap_or(u32::MAX);
        let Some(own) = loops.get_mut(at as usize) else { continue };
        match fact.at(row) {
            Some("loop") => {
                own.applied = from.at(row);
                own.segments = kinds.iter().map(|kind| kind.code(row)).collect();
                if to.at(row).is_some_and(|at| at <= as_of) {
                    own.ending = match word.at(row) {
                        Some("offer") => Some(Ending::Offer),
                        Some("reject") => Some(Ending::Reject),
                        Some("withdrawn") => Some(Ending::Withdrawn),
                        _ => Some(Ending::Other),
                    };
                }
            }
            Some("round") => {
                let Some(start) = from.at(row) else { continue };
                let planned = amount.at(row).map_or(start, |minutes| start + 60 * minutes);
                let end = to.at(row).unwrap_or(planned);
                if start > as_of {
                    continue;
                }
                let name = stage.at(row).unwrap_or(NO_STAGE);
                let place = *places.entry(name.to_owned()).or_insert_with(|| {
                    names.push(name.to_owned());
                    names.len() - 1
                });
                if let Some(dimensions) = meant.at(row) {
                    kits.resize_with(kits.len().max(place + 1), Kits::default);
                    kits[place].add(dimensions);
                }
                let round = round_of(own, place);
                let end = end.max(start).min(as_of);
                round.held = Some(round.held.map_or((start, end), |(first, last)| (first.min(start), last.max(end))));
                let minutes = amount.at(row).map_or((end - start) as f64 / 60.0, |planned| planned as f64);
                round.candidate_minutes += minutes;
                if word.at(row) == Some("live") {
                    // Without a panel on record, whoever wrote a card was there.
                    let present = people.at(row).filter(|people| *people > 0);
                    round.interviewer_minutes +=
                        minutes * present.map_or(round.cards.len().max(1) as f64, |n| n as f64);
                }
            }
            Some("outcome") => {
                if let (Some(name), Some(value)) = (word.at(row), amount.at(row))
                    && to.at(row).is_none_or(|at| at <= as_of)
                {
                    outcomes.entry(name).or_default().push((at, value as f64 / 1e6));
                }
            }
            _ => {}
        }
    }
    let (name, values) = outcomes.into_iter().max_by_key(|(name, values)| (values.len(), std::cmp::Reverse(*name)))?;
    values.into_iter().for_each(|(at, value)| loops[at as usize].outcome = Some(value));
    Some(name.to_owned())
}

/// Puts stages in the order of the loop: by their mean place among the rounds of a loop. Gives their names in that order,
/// and for each old place the new one.
fn in_order(loops: &mut [Loop], names: &[String]) -> (Vec<String>, Vec<usize>) {
    let mut ranks = vec![(0.0, 0.0); names.len()];
    for own in loops.iter_mut() {
        own.rounds.sort_by_key(|round| (round.starts().unwrap_or(i64::MAX), round.stage));
        for (rank, round) in own.rounds.iter().enumerate() {
            ranks[round.stage].0 += rank as f64;
            ranks[round.stage].1 += 1.0;
        }
    }
    let mean = |stage: usize| ranks[stage].0 / f64::max(ranks[stage].1, 1.0);
    let mut order: Vec<usize> = (0..names.len()).filter(|stage| ranks[*stage].1 > 0.0).collect();
    order.sort_by(|a, b| mean(*a).total_cmp(&mean(*b)).then_with(|| names[*a].cmp(&names[*b])));
    let mut places = vec![usize::MAX; names.len()];
    order.iter().enumerate().for_each(|(to, from)| places[*from] = to);
    for own in loops.iter_mut() {
        own.rounds.iter_mut().for_each(|round| round.stage = places[round.stage]);
    }
    (order.iter().map(|stage| names[*stage].clone()).collect(), places)
}

/// The days that each round adds to its loop, by when rounds were over.
fn spans(own: &mut Loop) {
    let mut before = own.applied;
    let mut order: Vec<(i64, usize)> =
        own.rounds.iter().enumerate().filter_map(|(at, round)| Some((round.ends()?, at))).collect();
    order.sort_unstable();
    for (end, at) in order {
        own.rounds[at].days = before.map(|before| (end - before).max(0) as f64 / DAY_SECONDS);
        before = Some(before.map_or(end, |before| before.max(end)));
    }
}

fn parts(counts: &Counts, context: &Context<'_>, loops: &[Loop]) -> Vec<Part> {
    let mut out = vec![Part { kind: ALL.to_owned(), name: ALL.to_owned(), loops: (0..loops.len() as u32).collect() }];
    for (place, kind) in context.config.report.by.iter().enumerate() {
        let words = counts.text(&format!("by_{kind}"));
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, own) in loops.iter().enumerate() {
            // Loops that do not say come last.
            let code = own.segments.get(place).copied().filter(|code| *code > 0).unwrap_or(u32::MAX);
            groups.entry(code).or_default().push(at as u32);
        }
        for (code, loops) in groups {
            let name = words.words().get((code as usize).wrapping_sub(1)).cloned();
            out.push(Part { kind: kind.clone(), name: name.unwrap_or_else(|| NOT_RECORDED.to_owned()), loops });
        }
    }
    out
}
