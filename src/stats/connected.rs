//! Which interviewers can be compared: those that candidates connect, directly or through others.

/// The parts of a design in which everybody can be compared with everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The part of each interviewer, the largest part being 0; `None` for those who met nobody.
    pub of: Vec<Option<usize>>,
    /// Interviewers and candidates of each part.
    pub sizes: Vec<(usize, usize)>,
}

/// Finds the parts. `meetings` are pairs of candidate and interviewer.
pub fn parts(meetings: &[(u32, u32)], interviewers: usize) -> Parts {
    let mut sorted = meetings.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut root: Vec<usize> = (0..interviewers).collect();
    for met in sorted.chunk_by(|a, b| a.0 == b.0) {
        for pair in met.windows(2) {
            if let [(_, a), (_, b)] = pair {
                let (a, b) = (find(&mut root, *a as usize), find(&mut root, *b as usize));
                root[a.max(b)] = a.min(b);
            }
        }
    }
    let mut people = vec![0; interviewers];
    let mut seen = vec![false; interviewers];
    for (_, person) in &sorted {
        let person = *person as usize;
        if !std::mem::replace(&mut seen[person], true) {
            people[find(&mut root, person)] += 1;
        }
    }
    let mut candidates = vec![0; interviewers];
    for met in sorted.chunk_by(|a, b| a.0 == b.0) {
        if let Some((_, person)) = met.first() {
            candidates[find(&mut root, *person as usize)] += 1;
        }
    }
    let mut order: Vec<usize> = (0..interviewers).filter(|at| people[*at] > 0).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(people[*at]), *at));
    let of = (0..interviewers)
        .map(|person| {
            let part = find(&mut root, person);
            order.iter().position(|at| *at == part && seen[person])
        })
        .collect();
    Parts { of, sizes: order.iter().map(|at| (people[*at], candidates[*at])).collect() }
}

/// The root of a set in a forest of sets, with the paths to it shortened on the way.
pub(super) fn find(root: &mut [usize], mut at: usize) -> usize {
    while root[at] != at {
        root[at] = root[root[at]];
        at = root[at];
    }
    at
}

/// How many candidates each pair of interviewers both met, for the pairs that share any; sorted.
pub fn shared(meetings: &[(u32, u32)]) -> Vec<((u32, u32), i64)> {
    let mut sorted = meetings.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for met in sorted.chunk_by(|a, b| a.0 == b.0) {
        for (at, (_, a)) in met.iter().enumerate() {
            pairs.extend(met.iter().skip(at + 1).map(|(_, b)| (*a, *b)));
        }
    }
    pairs.sort_unstable();
    pairs.chunk_by(|a, b| a == b).filter_map(|same| Some((*same.first()?, same.len() as i64))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_ordered_by_size() {
        // 1 and 2 meet candidate 0; 2 and 4 meet candidate 1; 0 and 3 meet candidate 2; 5 meets nobody.
        let meetings = [(0, 1), (0, 2), (1, 2), (1, 4), (2, 0), (2, 3), (0, 1)];
        let parts = parts(&meetings, 6);
        assert_eq!(parts.of, [Some(1), Some(0), Some(0), Some(1), Some(0), None]);
        assert_eq!(parts.sizes, [(3, 2), (2, 1)]);
        assert_eq!(shared(&meetings), [((0, 3), 1), ((1, 2), 1), ((2, 4), 1)]);
    }
}
