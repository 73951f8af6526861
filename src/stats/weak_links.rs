//! What holds the parts of a design together: candidates and interviewers on whom alone a comparison rests, and groups
//! that hardly meet.

use faer::{Mat, Side};

/// On what a group of interviewers hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hinge {
    /// One candidate, without whom nothing would compare the group with the rest.
    Candidate(u32),
    /// One interviewer, with whom alone any of the group shares candidates.
    Interviewer(u32),
}

/// A group of interviewers who hang on the rest of their part by one hinge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hanging {
    /// The hinge.
    pub hinge: Hinge,
    /// The smaller side, without the hinge; sorted.
    pub group: Vec<u32>,
}

/// Finds the groups that hang by one candidate or one interviewer: the cut vertices of the graph of who met whom
/// (Hopcroft and Tarjan, 1973). `meetings` are pairs of candidate and interviewer. A group that hangs by a candidate
/// and by the interviewer behind that candidate is named once, by the candidate. Largest groups first.
pub fn hanging(meetings: &[(u32, u32)], interviewers: usize) -> Vec<Hanging> {
    let graph = Graph::of(meetings, interviewers);
    let mut walk = Walk::of(&graph);
    for start in 0..interviewers {
        if walk.entered[start] == 0 && !graph.links[start].is_empty() {
            walk.from(start, &graph);
        }
    }
    let mut found: std::collections::BTreeMap<Vec<u32>, Hinge> = std::collections::BTreeMap::new();
    for (node, group) in walk.found {
        let hinge = match node.checked_sub(interviewers) {
            Some(at) => Hinge::Candidate(graph.candidates[at]),
            None => Hinge::Interviewer(node as u32),
        };
        let known = found.entry(group).or_insert(hinge);
        *known = (*known).min(hinge);
    }
    let mut all: Vec<Hanging> = found.into_iter().map(|(group, hinge)| Hanging { hinge, group }).collect();
    all.sort_by(|a, b| b.group.len().cmp(&a.group.len()).then_with(|| a.group.cmp(&b.group)));
    all
}

/// Interviewers and the candidates whom two of them met; the candidates' nodes follow the interviewers'.
struct Graph {
    interviewers: usize,
    links: Vec<Vec<usize>>,
    candidates: Vec<u32>,
}

impl Graph {
    fn of(meetings: &[(u32, u32)], interviewers: usize) -> Self {
        let mut sorted = meetings.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut graph = Self { interviewers, links: vec![Vec::new(); interviewers], candidates: Vec::new() };
        for met in sorted.chunk_by(|a, b| a.0 == b.0).filter(|met| met.len() > 1) {
            let node = graph.links.len();
            graph.links.push(met.iter().map(|(_, person)| *person as usize).collect());
            met.iter().for_each(|(candidate, person)| {
                graph.links[*person as usize].push(node);
                if graph.candidates.len() + interviewers < graph.links.len() {
                    graph.candidates.push(*candidate);
                }
            });
        }
        graph
    }
}

/// A walk through the graph, deep first, without recursion.
struct Walk {
    /// When a node was entered, from 1; 0 before.
    entered: Vec<usize>,
    /// The earliest node that the nodes below reach.
    reach: Vec<usize>,
    clock: usize,
    /// Interviewers in the order of entering, and how many of them there were when a node was entered.
    order: Vec<u32>,
    before: Vec<usize>,
    found: Vec<(usize, Vec<u32>)>,
}

impl Walk {
    fn of(graph: &Graph) -> Self {
        let nodes = graph.links.len();
        Self {
            entered: vec![0; nodes],
            reach: vec![0; nodes],
            clock: 0,
            order: Vec::new(),
            before: vec![0; nodes],
            found: Vec::new(),
        }
    }

    fn enter(&mut self, node: usize, graph: &Graph) {
        self.clock += 1;
        self.entered[node] = self.clock;
        self.reach[node] = self.clock;
        self.before[node] = self.order.len();
        if node < graph.interviewers {
            self.order.push(node as u32);
        }
    }

    /// Walks one part. What is found is settled at its end, when it is known who else is in it.
    fn from(&mut self, start: usize, graph: &Graph) {
        let first = self.order.len();
        // Nodes on the way with the place of the next link to follow, and cuts with the interviewers below them.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        let mut cuts: Vec<(usize, std::ops::Range<usize>)> = Vec::new();
        self.enter(start, graph);
        while let Some((node, next)) = way.last_mut() {
            let here = *node;
            if let Some(to) = graph.links[here].get(*next).copied() {
                *next += 1;
                if self.entered[to] == 0 {
                    self.enter(to, graph);
                    way.push((to, 0));
                } else {
                    self.reach[here] = self.reach[here].min(self.entered[to]);
                }
                continue;
            }
            way.pop();
            if let Some((above, _)) = way.last() {
                self.reach[*above] = self.reach[*above].min(self.reach[here]);
                if self.reach[here] >= self.entered[*above] {
                    cuts.push((*above, self.before[here]..self.order.len()));
                }
            }
        }
        let part = self.order.get(first..).unwrap_or_default().to_vec();
        for (node, below) in cuts {
            let mut group: Vec<u32> = self.order.get(below).unwrap_or_default().to_vec();
            group.sort_unstable();
            let is_rest = |person: &&u32| **person as usize != node && group.binary_search(person).is_err();
            let mut rest: Vec<u32> = part.iter().filter(is_rest).copied().collect();
            rest.sort_unstable();
            if !group.is_empty() && !rest.is_empty() {
                self.found.push((node, if rest.len() < group.len() { rest } else { group }));
            }
        }
    }
}

/// How well one part holds together.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohesion {
    /// The second smallest eigenvalue of the normalised Laplacian of interviewers, weighted by the candidates they share
    /// (Fiedler, 1973; Chung, 1997): 0 is apart, 1 and more is as close as can be.
    pub connectivity: f64,
    /// The group that hardly meets the rest: the smaller side of the cut along its eigenvector that the fewest of
    /// their meetings cross; sorted.
    pub group: Vec<u32>,
}

/// Interviewers beyond whom the eigenvalues would take longer than they are worth.
const LARGEST: usize = 1_500;

/// How well the interviewers of one part hold together. `shared` are pairs of interviewers with the candidates both
/// met. `None` for fewer than three interviewers, or more than 1,500.
pub fn cohesion(people: &[u32], shared: &[((u32, u32), i64)]) -> Option<Cohesion> {
    let size = people.len();
    if !(3..=LARGEST).contains(&size) {
        return None;
    }
    let mut sorted = people.to_vec();
    sorted.sort_unstable();
    let place = |person: u32| sorted.binary_search(&person).ok();
    let mut weights = Mat::<f64>::zeros(size, size);
    let mut degrees = vec![0.0; size];
    for ((a, b), count) in shared {
        if let (Some(a), Some(b)) = (place(*a), place(*b)) {
            weights[(a, b)] = *count as f64;
            weights[(b, a)] = *count as f64;
            degrees[a] += *count as f64;
            degrees[b] += *count as f64;
        }
    }
    if degrees.iter().any(|degree| *degree <= 0.0) {
        return None;
    }
    let laplacian = Mat::from_fn(size, size, |row, column| {
        let own = if row == column { 1.0 } else { 0.0 };
        own - weights[(row, column)] / (degrees[row] * degrees[column]).sqrt()
    });
    let found = laplacian.self_adjoint_eigen(Side::Lower).ok()?;
    let connectivity = found.S().column_vector().iter().nth(1).copied()?.max(0.0);
    let vector = found.U();
    let mut order: Vec<usize> = (0..size).collect();
    let value = |at: usize| vector[(at, 1)] / degrees[at].sqrt();
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let total: f64 = degrees.iter().sum();
    let (mut inside, mut crossing) = (0.0, 0.0);
    let mut taken = vec![false; size];
    let mut best = (f64::INFINITY, 0);
    for (count, at) in order.iter().enumerate().take(size - 1) {
        let within: f64 = (0..size).filter(|other| taken[*other]).map(|other| weights[(*at, other)]).sum();
        taken[*at] = true;
        inside += degrees[*at];
        crossing += degrees[*at] - 2.0 * within;
        let share = crossing / f64::min(inside, total - inside);
        if share < best.0 {
            best = (share, count + 1);
        }
    }
    let (one, other) = order.split_at(best.1);
    let smaller = if other.len() < one.len() { other } else { one };
    let mut group: Vec<u32> = smaller.iter().map(|at| sorted[*at]).collect();
    group.sort_unstable();
    Some(Cohesion { connectivity, group })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;
    use crate::stats::connected::{parts, shared};

    #[test]
    fn a_group_that_hangs_by_one_candidate_is_found() {
        // 0, 1 and 2 meet two candidates together, 3 and 4 two others; candidate 9 met 2 and 3.
        let meetings = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 3), (2, 4), (3, 3), (3, 4), (9, 2), (9, 3)];
        let found = hanging(&meetings, 5);
        assert_eq!(found[0], Hanging { hinge: Hinge::Candidate(9), group: vec![3, 4] });
        // 4 hangs by 3 alone. That 3 and 4 hang by 2 as well is said by the candidate.
        assert_eq!(found[1], Hanging { hinge: Hinge::Interviewer(3), group: vec![4] });
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_ring_hangs_by_nothing_and_parts_do_not_hang_by_each_other() {
        let ring = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0)];
        assert_eq!(hanging(&ring, 3), []);
        let pairs = [(0, 0), (0, 1), (1, 2), (1, 3), (2, 0), (2, 1), (3, 2), (3, 3)];
        assert_eq!(hanging(&pairs, 4), []);
        assert_eq!(hanging(&[], 2), []);
    }

    #[test]
    fn taking_a_hinge_away_leaves_the_group_apart() {
        let mut state = 5_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut seen = 0;
        for _ in 0..200 {
            let meetings: Vec<(u32, u32)> = (0..14).map(|_| (draw(8) as u32, draw(9) as u32)).collect();
            let whole = parts(&meetings, 9);
            let found = hanging(&meetings, 9);
            seen += found.len();
            for hung in &found {
                let left = |(candidate, person): &&(u32, u32)| match hung.hinge {
                    Hinge::Candidate(hinge) => *candidate != hinge,
                    Hinge::Interviewer(hinge) => *person != hinge,
                };
                let left: Vec<(u32, u32)> = meetings.iter().filter(left).copied().collect();
                let after = parts(&left, 9);
                let of = |person: u32| after.of[person as usize];
                let part = whole.of[hung.group[0] as usize];
                let is_rest = |person: &u32| {
                    whole.of[*person as usize] == part
                        && !hung.group.contains(person)
                        && hung.hinge != Hinge::Interviewer(*person)
                };
                let rest: Vec<u32> = (0..9).filter(is_rest).collect();
                assert!(!rest.is_empty() && rest.len() >= hung.group.len());
                let apart = |a: &u32| rest.iter().all(|b| of(*a).is_none() || of(*a) != of(*b));
                assert!(hung.group.iter().all(apart), "{hung:?} in {meetings:?}");
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn connectivity_is_that_of_known_graphs() {
        let people = [0, 1, 2, 3];
        let pairs = |list: &[(u32, u32)]| list.iter().map(|pair| (*pair, 2)).collect::<Vec<_>>();
        // A complete graph of four has 4/3, a path of three 1, a ring of four 1.
        let complete = pairs(&[(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
        assert!((cohesion(&people, &complete).unwrap().connectivity - 4.0 / 3.0).abs() < 1e-12);
        let path = pairs(&[(0, 1), (1, 2)]);
        assert!((cohesion(&people[..3], &path).unwrap().connectivity - 1.0).abs() < 1e-12);
        let ring = pairs(&[(0, 1), (1, 2), (2, 3), (3, 0)]);
        assert!((cohesion(&people, &ring).unwrap().connectivity - 1.0).abs() < 1e-12);
        assert_eq!(cohesion(&people[..2], &path), None);
        assert_eq!(cohesion(&people, &path), None, "one of the part shares nobody");
    }

    #[test]
    fn groups_that_hardly_meet_are_found() {
        // Two groups of five who share twenty candidates pairwise; one candidate was met by both.
        let mut meetings = Vec::new();
        for candidate in 0..40_u32 {
            let group = candidate % 2;
            meetings.extend((0..5).map(|at| (candidate, 2 * at + group)));
        }
        meetings.extend([(90, 0), (90, 1)]);
        let found = cohesion(&(0..10).collect::<Vec<u32>>(), &shared(&meetings)).unwrap();
        assert!(found.connectivity < 0.02, "{found:?}");
        assert!(found.group == [0, 2, 4, 6, 8] || found.group == [1, 3, 5, 7, 9], "{found:?}");
    }
}
