//! The scores of loops by stage, compactly: what redundancy starts from, and the sums it is computed on.

use super::attenuation::Panels;
use super::em_covariance::PatternSums;

/// The score of one stage of one loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The stage, below the number of stages.
    pub stage: usize,
    /// The mean of its card means.
    pub score: f64,
    /// How many cards.
    pub cards: u32,
    /// Squared deviations of the card means from their mean.
    pub within: f64,
}

/// Several cards of one stage of one loop.
#[derive(Debug, Clone, Copy)]
struct Panel {
    row: u32,
    stage: u8,
    /// Degrees of freedom: cards less rounds.
    freedom: u8,
    squares: f64,
}

/// Loops by stage. A loop costs eight bytes per stage and a few more.
#[derive(Debug, Clone, Default)]
pub struct StageScores {
    stages: usize,
    /// Loop by loop; zero where a stage was not reached.
    scores: Vec<f64>,
    present: Vec<u64>,
    cards: Vec<u8>,
    /// Where there was more than one card.
    panels: Vec<Panel>,
}

impl StageScores {
    /// No loops yet; at most 60 stages.
    pub fn new(stages: usize) -> Self {
        Self { stages, ..Self::default() }
    }

    /// Adds a loop; stages beyond those announced and scores that are no numbers are left out.
    pub fn push(&mut self, held: &[Held]) {
        let row = self.present.len();
        self.scores.resize(self.scores.len() + self.stages, 0.0);
        self.cards.resize(self.cards.len() + self.stages, 0);
        let mut present = 0;
        for one in held.iter().filter(|one| one.stage < self.stages && one.score.is_finite()) {
            let at = row * self.stages + one.stage;
            self.scores[at] = one.score;
            self.cards[at] = one.cards.clamp(1, 255) as u8;
            present |= 1 << one.stage;
            if one.cards > 1 {
                let freedom = (one.cards - 1).min(254) as u8;
                self.panels.push(Panel { row: row as u32, stage: one.stage as u8, freedom, squares: one.within });
            }
        }
        self.present.push(present);
    }

    /// Stages.
    pub fn stages(&self) -> usize {
        self.stages
    }

    /// Loops.
    pub fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether there is no loop.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// Which stages a loop has a score of, by bit.
    pub fn present(&self, row: usize) -> u64 {
        self.present[row]
    }

    /// All scores of a loop; zero where it has none.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.scores[row * self.stages..(row + 1) * self.stages]
    }

    /// The score of a loop in a stage.
    pub fn score(&self, row: usize, stage: usize) -> Option<f64> {
        (self.present[row] >> stage & 1 == 1).then(|| self.scores[row * self.stages + stage])
    }

    /// Only the stages named, in that order.
    pub fn of(&self, stages: &[usize]) -> Self {
        let mut out = Self::new(stages.len());
        out.scores.reserve(self.len() * stages.len());
        for row in 0..self.len() {
            let (scores, cards) = (self.row(row), &self.cards[row * self.stages..(row + 1) * self.stages]);
            let mut present = 0;
            for (to, from) in stages.iter().enumerate() {
                out.scores.push(scores[*from]);
                out.cards.push(cards[*from]);
                present |= (self.present[row] >> from & 1) << to;
            }
            out.present.push(present);
        }
        let place = |stage: u8| stages.iter().position(|from| *from == usize::from(stage)).map(|to| to as u8);
        out.panels = self.panels.iter().filter_map(|one| Some(Panel { stage: place(one.stage)?, ..*one })).collect();
        out
    }

    /// With one more column at the end, of values without noise, such as an outcome.
    pub fn with_column(&self, values: &[Option<f64>]) -> Self {
        let mut out = Self { stages: self.stages + 1, ..Self::default() };
        for row in 0..self.len() {
            let value = values.get(row).copied().flatten().filter(|value| value.is_finite());
            out.scores.extend_from_slice(self.row(row));
            out.scores.push(value.unwrap_or(0.0));
            out.cards.extend_from_slice(&self.cards[row * self.stages..(row + 1) * self.stages]);
            out.cards.push(0);
            out.present.push(self.present[row] | u64::from(value.is_some()) << self.stages);
        }
        out.panels.clone_from(&self.panels);
        out
    }

    /// Two stages as one: the mean of both scores where a loop has both, the one it has elsewhere. The other stages
    /// keep their order, and the merged one stands in the place of `a`.
    pub fn merged(&self, a: usize, b: usize) -> Self {
        let place = |stage: usize| stage - usize::from(stage > b);
        let to = if a > b { a - 1 } else { a };
        let mut out = Self { stages: self.stages - 1, ..Self::default() };
        for row in 0..self.len() {
            let (start, mut present) = (row * self.stages, 0);
            for stage in (0..self.stages).filter(|stage| *stage != b) {
                let (mut score, mut cards) = (self.score(row, stage), self.cards[start + stage]);
                if stage == a
                    && let Some(other) = self.score(row, b)
                {
                    score = Some(score.map_or(other, |own| f64::midpoint(own, other)));
                    cards = cards.saturating_add(self.cards[start + b]);
                }
                out.scores.push(score.unwrap_or(0.0));
                out.cards.push(cards);
                present |= u64::from(score.is_some()) << place(stage);
            }
            out.present.push(present);
        }
        // What the two rounds differ by is no noise of a card: each keeps its own panel.
        let kept = |one: &Panel| {
            let stage = usize::from(one.stage);
            Panel { stage: if stage == b { to } else { place(stage) } as u8, ..*one }
        };
        out.panels = self.panels.iter().map(kept).collect();
        out
    }

    /// Sums by group of loops; every loop a group of its own where there are at most so many.
    pub fn groups(&self, most: usize) -> Groups {
        let groups = self.len().min(most.max(1));
        let mut out = Groups { stages: self.stages, masks: Vec::new(), groups: vec![Group::default(); groups] };
        let mut places = std::collections::BTreeMap::new();
        for row in 0..self.len() {
            let mask = self.present[row];
            let place = *places.entry(mask).or_insert_with(|| {
                out.masks.push(mask);
                out.masks.len() - 1
            });
            let group = &mut out.groups[row % groups];
            let at = match group.patterns.iter().position(|(pattern, _)| *pattern == place) {
                Some(at) => at,
                None => {
                    group.patterns.push((place, PatternSums::empty(mask, self.stages)));
                    group.patterns.len() - 1
                }
            };
            group.patterns[at].1.push(self.row(row));
            group.panels.resize(self.stages, Panels::default());
            let cards = &self.cards[row * self.stages..(row + 1) * self.stages];
            for (panel, cards) in group.panels.iter_mut().zip(cards).filter(|(_, cards)| **cards > 0) {
                panel.n += 1.0;
                panel.inverse_cards += 1.0 / f64::from(*cards);
            }
        }
        for one in &self.panels {
            let panel = &mut out.groups[one.row as usize % groups].panels[usize::from(one.stage)];
            panel.squares += one.squares;
            panel.freedom += f64::from(one.freedom);
        }
        out
    }
}

/// Sums of groups of loops, from which a bootstrap draws.
#[derive(Debug, Clone)]
pub struct Groups {
    stages: usize,
    masks: Vec<u64>,
    groups: Vec<Group>,
}

#[derive(Debug, Clone, Default)]
struct Group {
    patterns: Vec<(usize, PatternSums)>,
    panels: Vec<Panels>,
}

/// Sums over all groups, each counted so many times.
#[derive(Debug, Clone)]
pub struct Sums {
    /// By pattern of presence.
    pub patterns: Vec<PatternSums>,
    /// By stage.
    pub panels: Vec<Panels>,
}

impl Groups {
    /// Groups.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The sums with each group counted `times` it.
    pub fn sums(&self, times: impl Fn(usize) -> f64) -> Sums {
        let patterns = self.masks.iter().map(|mask| PatternSums::empty(*mask, self.stages)).collect();
        let mut out = Sums { patterns, panels: vec![Panels::default(); self.stages] };
        for (at, group) in self.groups.iter().enumerate() {
            let times = times(at);
            if times == 0.0 {
                continue;
            }
            for (place, sums) in &group.patterns {
                out.patterns[*place].add(sums, times);
            }
            for (panel, more) in out.panels.iter_mut().zip(&group.panels) {
                panel.add(more, times);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(stage: usize, score: f64, cards: u32, within: f64) -> Held {
        Held { stage, score, cards, within }
    }

    #[test]
    fn groups_add_up_to_the_same_sums_however_many_there_are() {
        let mut scores = StageScores::new(3);
        for n in 0..25 {
            let n = f64::from(n);
            let mut row = vec![held(0, n % 4.0, 1, 0.0)];
            if n % 3.0 > 0.0 {
                row.push(held(1, n % 5.0, 2, 0.5));
            }
            scores.push(&row);
        }
        let sums = |groups: usize| scores.groups(groups).sums(|_| 1.0);
        let (each, few) = (sums(1_000), sums(4));
        assert_eq!(scores.groups(1_000).len(), 25);
        for (a, b) in each.patterns.iter().zip(&few.patterns) {
            assert!(a.present == b.present && a.n == b.n && (a.products[0] - b.products[0]).abs() < 1e-9);
        }
        assert_eq!(few.panels[1].freedom, 16.0);
        assert_eq!(few.panels[1].squares, 8.0);
        assert_eq!(few.panels[1].inverse_cards, 8.0);
    }

    #[test]
    fn merging_keeps_the_one_score_a_loop_has_and_the_mean_of_two() {
        let mut scores = StageScores::new(3);
        scores.push(&[held(0, 2.0, 1, 0.0), held(2, 3.0, 1, 0.0), held(1, 1.0, 1, 0.0)]);
        scores.push(&[held(2, 3.5, 2, 0.5), held(9, 1.0, 1, 0.0), held(1, f64::NAN, 1, 0.0)]);
        let merged = scores.merged(0, 2);
        assert_eq!((merged.score(0, 0), merged.score(0, 1)), (Some(2.5), Some(1.0)));
        assert_eq!((merged.score(1, 0), merged.score(1, 1)), (Some(3.5), None));
        assert_eq!(merged.groups(9).sums(|_| 1.0).panels[0].squares, 0.5);
        let part = scores.of(&[2]);
        assert_eq!((part.stages(), part.score(1, 0)), (1, Some(3.5)));
    }
}
