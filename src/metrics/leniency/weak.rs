//! Groups of interviewers whom little holds to the rest, and whom to seat with whom to hold them better.

use std::collections::BTreeSet;

use super::links::Links;
use super::model::FEWEST_CARDS;
use super::tables::WEAK_LINKS;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing, text};
use crate::stats::weak_links::{Hinge, cohesion, hanging};

/// Below this connectivity a part falls into groups that hardly meet.
const LOOSE: f64 = 0.05;
/// With so many candidates between them two groups are compared well, however many others each has of its own.
const ENOUGH_BETWEEN: usize = 30;

/// A group that little holds to the rest of its part.
pub(super) struct Weak {
    pub(super) part: usize,
    /// The one candidate or interviewer, or `None` where a few candidates hold it.
    hinge: Option<Hinge>,
    pub(super) group: Vec<u32>,
    rest: usize,
    /// Candidates that link it to the rest.
    between: usize,
    /// One of the group, and whom to seat them with.
    pub(super) person: u32,
    pub(super) with: Option<u32>,
    cards: i64,
}

impl Weak {
    /// Whether it is worth a word: anybody in it could be compared if it hung better.
    pub(super) fn matters(&self) -> bool {
        self.cards >= FEWEST_CARDS
    }
}

/// The weak links of every part, and how closely each part holds together.
pub(super) fn weak(cards: &Cards, links: &Links, meetings: &[(u32, u32)]) -> (Vec<Weak>, Vec<Option<f64>>) {
    let people = cards.interviewers.len();
    let mut found: Vec<(Option<Hinge>, Vec<u32>)> =
        hanging(meetings, people).into_iter().map(|hung| (Some(hung.hinge), hung.group)).collect();
    let pairs = links.pairs();
    let met = Met::of(meetings, people);
    let mut connectivity = Vec::new();
    for part in 0..links.parts() {
        let inside: Vec<u32> = (0..people as u32).filter(|person| links.part(*person) == Some(part)).collect();
        let cohesion = cohesion(&inside, &pairs);
        connectivity.push(cohesion.as_ref().map(|cohesion| cohesion.connectivity));
        if let Some(loose) = cohesion.filter(|cohesion| cohesion.connectivity < LOOSE && cohesion.group.len() > 1) {
            let known = found.iter().any(|(_, group)| *group == loose.group);
            if !known && met.between(&loose.group, None) < ENOUGH_BETWEEN {
                found.push((None, loose.group));
            }
        }
    }
    let mut own = vec![0_i64; people];
    cards.cards.iter().for_each(|card| own[card.interviewer as usize] += 1);
    let settle = |(hinge, group): (Option<Hinge>, Vec<u32>)| {
        let part = links.part(*group.first()?)?;
        let is_hinge = |person: u32| hinge == Some(Hinge::Interviewer(person));
        let rest: Vec<u32> = (0..people as u32)
            .filter(|person| links.part(*person) == Some(part) && !is_hinge(*person))
            .filter(|person| group.binary_search(person).is_err())
            .collect();
        let most = |person: &u32| (own[*person as usize], std::cmp::Reverse(*person));
        let person = group.iter().copied().max_by_key(most)?;
        let with = rest.iter().copied().max_by_key(|other| (links.common_stage(person, *other), most(other)));
        Some(Weak {
            part,
            between: match hinge {
                Some(Hinge::Candidate(_)) => 1,
                Some(Hinge::Interviewer(by)) => met.between(&group, Some(by)),
                None => met.between(&group, None),
            },
            rest: rest.len(),
            cards: group.iter().map(|person| own[*person as usize]).sum(),
            hinge,
            group,
            person,
            with,
        })
    };
    (found.into_iter().filter_map(settle).collect(), connectivity)
}

/// Who met each candidate, and the candidates of each interviewer.
struct Met<'m> {
    met: Vec<&'m [(u32, u32)]>,
    of: Vec<Vec<usize>>,
}

impl<'m> Met<'m> {
    fn of(meetings: &'m [(u32, u32)], people: usize) -> Self {
        let met: Vec<&[(u32, u32)]> = meetings.chunk_by(|a, b| a.0 == b.0).filter(|met| met.len() > 1).collect();
        let mut of = vec![Vec::new(); people];
        for (at, met) in met.iter().enumerate() {
            met.iter().for_each(|(_, person)| of[*person as usize].push(at));
        }
        Self { met, of }
    }

    /// Candidates that somebody of a group and somebody else met: a certain one, or anybody.
    fn between(&self, group: &[u32], other: Option<u32>) -> usize {
        let own: BTreeSet<usize> = group.iter().flat_map(|person| self.of[*person as usize].iter().copied()).collect();
        let is_other = |person: u32| group.binary_search(&person).is_err() && other.is_none_or(|other| other == person);
        own.into_iter().filter(|at| self.met[*at].iter().any(|(_, person)| is_other(*person))).count()
    }
}

/// The table of weak links.
pub(super) fn table(cards: &Cards, weak: &[Weak]) -> ResultTable {
    let mut out = ResultTable::new(&WEAK_LINKS);
    let name = |person: u32| cards.interviewers.get(person as usize).cloned();
    for link in weak {
        let (kind, hinge) = match link.hinge {
            Some(Hinge::Candidate(at)) => ("one_candidate", cards.applications.get(at as usize).cloned()),
            Some(Hinge::Interviewer(person)) => ("one_interviewer", name(person)),
            None => ("few_candidates", None),
        };
        let (state, reason) = if link.matters() {
            (Status::Ok, None)
        } else {
            (Status::Thin, Some(format!("the group has fewer than {FEWEST_CARDS} cards")))
        };
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("component", Cell::Int(link.part as i64 + 1)),
            ("kind", text(kind)),
            ("hinge_id", Cell::text(hinge)),
            ("interviewers", Cell::Int(link.group.len() as i64)),
            ("rest", Cell::Int(link.rest as i64)),
            ("shared_candidates", Cell::Int(link.between as i64)),
            ("interviewer_id", Cell::Text(name(link.person).unwrap_or_default())),
            ("with_interviewer_id", Cell::text(link.with.and_then(name))),
        ]);
        let method = format!("cut vertices, and the cut along the second eigenvector; {}", cards.window);
        cells.extend(standing(link.cards, method, state, reason));
        out.push(cells);
    }
    out
}

/// Interviewers of a part who hang by little.
pub(super) fn hanging_in(part: usize, weak: &[Weak]) -> usize {
    let groups = weak.iter().filter(|link| link.part == part).flat_map(|link| &link.group);
    groups.collect::<BTreeSet<&u32>>().len()
}
