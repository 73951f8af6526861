//! Who can be compared with whom, and whom to seat together.

use std::collections::BTreeMap;

use super::model::{Fitted, status};
use super::tables::{CALIBRATION_PLAN, INTERVIEWER_LINKS};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing};
use crate::stats::connected::{Parts, parts, shared};

/// How interviewers are linked through candidates.
pub(super) struct Links {
    parts: Parts,
    /// Pairs that share candidates, with how many.
    shared: BTreeMap<(u32, u32), i64>,
    co_interviewers: Vec<usize>,
    /// Candidates each interviewer shares with anybody.
    candidates: Vec<i64>,
    /// Stages of each interviewer.
    stages: Vec<Vec<u32>>,
}

impl Links {
    /// Other interviewers who met any of the same candidates.
    pub(super) fn co_interviewers(&self, person: u32) -> usize {
        self.co_interviewers.get(person as usize).copied().unwrap_or(0)
    }

    /// The part an interviewer is in, the largest being 0.
    pub(super) fn part(&self, person: u32) -> Option<usize> {
        self.parts.of.get(person as usize).copied().flatten()
    }

    /// Whether everybody can be compared with everybody.
    pub(super) fn is_connected(&self) -> bool {
        self.parts.sizes.len() <= 1
    }

    fn shared(&self, a: u32, b: u32) -> i64 {
        self.shared.get(&(a.min(b), a.max(b))).copied().unwrap_or(0)
    }
}

/// Finds the links.
pub(super) fn links(cards: &Cards) -> Links {
    let mut meetings = cards.meetings();
    meetings.sort_unstable();
    meetings.dedup();
    let people = cards.interviewers.len();
    let pairs = shared(&meetings);
    let mut co_interviewers = vec![0; people];
    for ((a, b), _) in &pairs {
        co_interviewers[*a as usize] += 1;
        co_interviewers[*b as usize] += 1;
    }
    let mut candidates = vec![0; people];
    for met in meetings.chunk_by(|a, b| a.0 == b.0).filter(|met| met.len() > 1) {
        met.iter().for_each(|(_, person)| candidates[*person as usize] += 1);
    }
    let mut stages = vec![Vec::new(); people];
    for card in &cards.cards {
        stages[card.interviewer as usize].push(card.stage);
    }
    for stages in &mut stages {
        stages.sort_unstable();
        stages.dedup();
    }
    Links { parts: parts(&meetings, people), shared: pairs.into_iter().collect(), co_interviewers, candidates, stages }
}

/// The tables of links.
pub(super) fn tables(cards: &Cards, fitted: &Fitted, links: &Links, context: &Context<'_>) -> Vec<ResultTable> {
    vec![components(cards, links), plan(cards, fitted, links, context)]
}

fn components(cards: &Cards, links: &Links) -> ResultTable {
    let mut out = ResultTable::new(&INTERVIEWER_LINKS);
    for (part, (interviewers, candidates)) in links.parts.sizes.iter().enumerate() {
        let inside: Vec<usize> =
            (0..cards.interviewers.len()).filter(|person| links.parts.of[*person] == Some(part)).collect();
        let holds = |person: u32| links.part(person) == Some(part);
        let own = cards.cards.iter().filter(|card| holds(card.interviewer)).count();
        let mut met: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for card in cards.cards.iter().filter(|card| holds(card.interviewer)) {
            met.entry(card.application).or_default().push(card.interviewer);
        }
        let several = |people: &&Vec<u32>| people.iter().any(|person| Some(person) != people.first());
        let mut stages: Vec<u32> = inside.iter().flat_map(|person| links.stages[*person].clone()).collect();
        stages.sort_unstable();
        stages.dedup();
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("component", Cell::Int(part as i64 + 1)),
            ("interviewers", Cell::Int(*interviewers as i64)),
            ("candidates", Cell::Int(*candidates as i64)),
            ("shared_candidates", Cell::Int(met.values().filter(several).count() as i64)),
            ("stages", Cell::Int(stages.len() as i64)),
            (
                "one_stage_only",
                Cell::Int(inside.iter().filter(|person| links.stages[**person].len() == 1).count() as i64),
            ),
            ("weak_links", Cell::Int(inside.iter().filter(|person| links.candidates[**person] <= 1).count() as i64)),
        ]);
        let (state, reason) = if *interviewers < 2 {
            (Status::NotEstimable, Some("one interviewer alone cannot be compared".to_owned()))
        } else {
            (Status::Ok, None)
        };
        cells.extend(standing(own as i64, format!("connected parts; {}", cards.window), state, reason));
        out.push(cells);
    }
    out
}

/// Pairings that are proposed at most, and candidates a pairing would score together.
const MOST_PAIRINGS: usize = 20;
const TOGETHER: f64 = 3.0;

struct Pairing {
    a: u32,
    b: u32,
    connects: bool,
    recalibrates: bool,
    difference: f64,
    now: f64,
    then: f64,
}

/// Whom to seat together: those whose leniency is told from the others' with somebody near the middle, and one of each
/// unconnected part with somebody of the largest.
fn plan(cards: &Cards, fitted: &Fitted, links: &Links, context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&CALIBRATION_PLAN);
    let Some(fit) = fitted.headline().filter(|_| status(cards, fitted).0 != Status::NotEstimable) else { return out };
    let people = cards.interviewers.len() as u32;
    let smallest = context.config.models.smallest_leniency;
    // What three candidates scored by both add: their difference without candidate or cell, over the card's and the
    // residual's variance of two cards each.
    let per_card = cards.cards.iter().map(|card| card.scores.len()).max().unwrap_or(1) as f64;
    let noise = 2.0 * (fit.variances.card.unwrap_or(0.0) + fit.variances.residual / per_card) / TOGETHER;
    let mut pairings: Vec<Pairing> = Vec::new();
    for a in 0..people {
        let own = fit.interviewers[a as usize];
        let recalibrates = own.value.abs() >= smallest && own.value.abs() > 1.645 * own.sd;
        let connects = links.part(a).is_some_and(|part| part > 0);
        if !recalibrates && !connects {
            continue;
        }
        let best = (0..people)
            .filter(|b| *b != a && common_stage(links, a, *b).is_some())
            .filter(|b| !connects || links.part(*b) == Some(0))
            .map(|b| {
                let other = fit.interviewers[b as usize];
                let now = fit.difference_sd(a as usize, b as usize);
                let then = if now > 0.0 { (1.0 / (1.0 / (now * now) + 1.0 / noise)).sqrt() } else { 0.0 };
                let pairing = Pairing { a, b, connects, recalibrates, difference: own.value - other.value, now, then };
                // Somebody in the middle who is known well, and whom they have not met much.
                (other.value.abs() + other.sd - (now - then), pairing)
            })
            .min_by(|x, y| x.0.total_cmp(&y.0).then(x.1.b.cmp(&y.1.b)));
        pairings.extend(best.map(|(_, pairing)| pairing));
    }
    let gain = |pairing: &Pairing| f64::from(pairing.connects) + pairing.difference.abs() + pairing.now - pairing.then;
    pairings.sort_by(|x, y| gain(y).total_cmp(&gain(x)).then(x.a.cmp(&y.a)));
    // One of a part connects all of it.
    let mut connected = std::collections::BTreeSet::new();
    pairings.retain(|pairing| !pairing.connects || connected.insert(links.part(pairing.a)) || pairing.recalibrates);
    for (rank, pairing) in pairings.iter().take(MOST_PAIRINGS).enumerate() {
        let purpose = match (pairing.recalibrates, pairing.connects) {
            (true, true) => "recalibrate+connect",
            (true, false) => "recalibrate",
            _ => "connect",
        };
        let stage = common_stage(links, pairing.a, pairing.b).and_then(|stage| cards.stages.get(stage as usize));
        let name = |person: u32| cards.interviewers.get(person as usize).cloned().unwrap_or_default();
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("interviewer_id", Cell::Text(name(pairing.a))),
            ("with_interviewer_id", Cell::Text(name(pairing.b))),
            ("purpose", Cell::Text(purpose.to_owned())),
            ("stage", Cell::text(stage.cloned())),
            ("difference", Cell::float(pairing.difference)),
            ("sd_now", Cell::float(pairing.now)),
            ("sd_then", Cell::float(pairing.then)),
            ("shared_candidates", Cell::Int(links.shared(pairing.a, pairing.b))),
            ("rank", Cell::Int(rank as i64 + 1)),
        ]);
        out.push(cells);
    }
    out
}

/// A stage that both sit in; where there is none, one of the second's, since a shadow can sit in anywhere.
fn common_stage(links: &Links, a: u32, b: u32) -> Option<u32> {
    let (mine, theirs) = (&links.stages[a as usize], &links.stages[b as usize]);
    mine.iter().find(|stage| theirs.contains(stage)).or(theirs.first()).copied()
}
