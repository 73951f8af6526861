//! Who can be compared with whom, and whom to seat together.

use std::collections::BTreeMap;

use super::model::{Fitted, status};
use super::tables::{CALIBRATION_PLAN, INTERVIEWER_LINKS};
use super::weak::{self, Weak};
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
    /// Whether the interviewers of each stage sat in no other.
    alone: Vec<bool>,
    /// Groups that little holds to the rest, and how closely each part holds together.
    weak: Vec<Weak>,
    connectivity: Vec<Option<f64>>,
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

    /// Those of some interviewers who are in the same part, for the part with most of them.
    pub(super) fn largest_group(&self, people: &[usize]) -> Vec<usize> {
        let mut groups: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        people.iter().for_each(|person| groups.entry(self.part(*person as u32)).or_default().push(*person));
        // The first of equals is the larger part.
        groups.into_values().rev().max_by_key(Vec::len).unwrap_or_default()
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.parts.sizes.len()
    }

    /// Pairs that share candidates, with how many; sorted.
    pub(super) fn pairs(&self) -> Vec<((u32, u32), i64)> {
        self.shared.iter().map(|(pair, count)| (*pair, *count)).collect()
    }

    /// Whether both sit in a stage.
    pub(super) fn common_stage(&self, a: u32, b: u32) -> bool {
        self.stages[a as usize].iter().any(|stage| self.stages[b as usize].contains(stage))
    }

    /// Whether an interviewer's stage shares no interviewer with another.
    fn is_nested(&self, person: usize) -> bool {
        self.stages[person].iter().all(|stage| self.alone[*stage as usize])
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
    // Interviewers link stages as candidates link interviewers.
    let sat: Vec<(u32, u32)> = stages
        .iter()
        .enumerate()
        .flat_map(|(person, own)| own.iter().map(move |stage| (person as u32, *stage)))
        .collect();
    let linked = parts(&sat, cards.stages.len());
    let alone = linked.of.iter().map(|part| part.is_some_and(|part| linked.sizes[part].0 == 1)).collect();
    let mut links = Links {
        alone,
        parts: parts(&meetings, people),
        shared: pairs.into_iter().collect(),
        co_interviewers,
        candidates,
        stages,
        weak: Vec::new(),
        connectivity: Vec::new(),
    };
    (links.weak, links.connectivity) = weak::weak(cards, &links, &meetings);
    links
}

/// The tables of links.
pub(super) fn tables(cards: &Cards, fitted: &Fitted, links: &Links, context: &Context<'_>) -> Vec<ResultTable> {
    vec![components(cards, links), weak::table(cards, &links.weak), plan(cards, fitted, links, context)]
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
            (
                "stage_nested",
                Cell::Int(if stages.len() > 1 {
                    inside.iter().filter(|person| links.is_nested(**person)).count()
                } else {
                    0
                } as i64),
            ),
            ("weak_links", Cell::Int(inside.iter().filter(|person| links.candidates[**person] <= 1).count() as i64)),
            ("hanging", Cell::Int(weak::hanging_in(part, &links.weak) as i64)),
            ("connectivity", Cell::float(links.connectivity.get(part).copied().flatten())),
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
    strengthens: bool,
    difference: f64,
    now: f64,
    then: f64,
}

/// Whom to seat together: those whose leniency is told from the others' with somebody near the middle, and one of each
/// unconnected part with somebody of the largest.
fn plan(cards: &Cards, fitted: &Fitted, links: &Links, context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&CALIBRATION_PLAN);
    let (state, why) = status(cards, fitted);
    let Some(fit) = fitted.headline().filter(|_| state != Status::NotEstimable) else { return out };
    let people = cards.interviewers.len() as u32;
    let smallest = context.config.models.smallest_leniency;
    // What three candidates scored by both add: their difference without candidate or cell, over the card's and the
    // residual's variance of two cards each.
    let per_card = cards.cards.iter().map(|card| card.scores.len()).max().unwrap_or(1) as f64;
    let noise = 2.0 * (fit.variances.card.unwrap_or(0.0) + fit.variances.residual / per_card) / TOGETHER;
    let expected = |a: u32, b: u32| {
        let now = fit.difference_sd(a as usize, b as usize);
        let then = if now > 0.0 { (1.0 / (1.0 / (now * now) + 1.0 / noise)).sqrt() } else { 0.0 };
        (now, then)
    };
    let mut pairings: Vec<Pairing> = Vec::new();
    for a in 0..people {
        let own = fit.interviewers[a as usize];
        let recalibrates = own.value.abs() >= smallest && own.value.abs() > 1.645 * own.sd;
        let connects = links.part(a).is_some_and(|part| part > 0);
        if !recalibrates && !connects {
            continue;
        }
        let best = (0..people)
            .filter(|b| *b != a && stage_for(links, a, *b).is_some())
            .filter(|b| !connects || links.part(*b) == Some(0))
            .map(|b| {
                let other = fit.interviewers[b as usize];
                let (now, then) = expected(a, b);
                let difference = own.value - other.value;
                let pairing = Pairing { a, b, connects, recalibrates, strengthens: false, difference, now, then };
                // Somebody in the middle who is known well, and whom they have not met much.
                (other.value.abs() + other.sd - (now - then), pairing)
            })
            .min_by(|x, y| x.0.total_cmp(&y.0).then(x.1.b.cmp(&y.1.b)));
        pairings.extend(best.map(|(_, pairing)| pairing));
    }
    for link in links.weak.iter().filter(|link| link.matters()) {
        let (a, Some(b)) = (link.person, link.with) else { continue };
        if let Some(known) =
            pairings.iter_mut().find(|known| (known.a.min(known.b), known.a.max(known.b)) == (a.min(b), a.max(b)))
        {
            known.strengthens = true;
            continue;
        }
        let (now, then) = expected(a, b);
        let difference = fit.interviewers[a as usize].value - fit.interviewers[b as usize].value;
        pairings.push(Pairing { a, b, connects: false, recalibrates: false, strengthens: true, difference, now, then });
    }
    let gain = |pairing: &Pairing| {
        let links = f64::from(pairing.connects) + f64::from(pairing.strengthens) / 2.0;
        links + pairing.difference.abs() + pairing.now - pairing.then
    };
    pairings.sort_by(|x, y| gain(y).total_cmp(&gain(x)).then(x.a.cmp(&y.a)));
    // One of a part connects all of it.
    let mut connected = std::collections::BTreeSet::new();
    pairings.retain(|pairing| {
        !pairing.connects || connected.insert(links.part(pairing.a)) || pairing.recalibrates || pairing.strengthens
    });
    for (rank, pairing) in pairings.iter().take(MOST_PAIRINGS).enumerate() {
        let purposes =
            [(pairing.recalibrates, "recalibrate"), (pairing.connects, "connect"), (pairing.strengthens, "strengthen")];
        let purpose: Vec<&str> = purposes.into_iter().filter(|(serves, _)| *serves).map(|(_, name)| name).collect();
        let stage = stage_for(links, pairing.a, pairing.b).and_then(|stage| cards.stages.get(stage as usize));
        let name = |person: u32| cards.interviewers.get(person as usize).cloned().unwrap_or_default();
        let comparable = links.part(pairing.a) == links.part(pairing.b);
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("interviewer_id", Cell::Text(name(pairing.a))),
            ("with_interviewer_id", Cell::Text(name(pairing.b))),
            ("purpose", Cell::Text(purpose.join("+"))),
            ("stage", Cell::text(stage.cloned())),
            ("difference", Cell::float(comparable.then_some(pairing.difference))),
            ("sd_now", Cell::float((comparable && fitted.differ()).then_some(pairing.now))),
            ("sd_then", Cell::float((comparable && fitted.differ()).then_some(pairing.then))),
            ("shared_candidates", Cell::Int(links.shared(pairing.a, pairing.b))),
            ("rank", Cell::Int(rank as i64 + 1)),
        ]);
        let own = |person: u32| cards.cards.iter().filter(|card| card.interviewer == person).count() as i64;
        let method = format!("REML predictions; three candidates scored by both; {}", cards.window);
        cells.extend(standing(own(pairing.a) + own(pairing.b), method, state, why.clone()));
        out.push(cells);
    }
    out
}

/// A stage that both sit in; where there is none, one of the second's, since a shadow can sit in anywhere.
fn stage_for(links: &Links, a: u32, b: u32) -> Option<u32> {
    let (mine, theirs) = (&links.stages[a as usize], &links.stages[b as usize]);
    mine.iter().find(|stage| theirs.contains(stage)).or(theirs.first()).copied()
}
