//! The additive table of the crossed model: cards that look alike, as integer sums.

use std::collections::BTreeMap;

/// One scorecard: its scores in whole steps of the rubric, by cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The candidate, counted from 0.
    pub candidate: u32,
    /// The interviewer, counted from 0.
    pub interviewer: u32,
    /// Cells with their scores. A cell that stands twice is two scores on it.
    pub scores: Vec<(u32, i64)>,
}

/// The cards of one candidate and interviewer that score the same cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) candidate: u32,
    pub(super) interviewer: u32,
    /// Which cells, as a position among the patterns.
    pub(super) pattern: u32,
    /// How many cards.
    pub(super) cards: i64,
    /// The sum of squared scores.
    pub(super) squares: i64,
    /// The sum of squared card totals.
    pub(super) totals: i64,
    /// Where the sums by cell begin.
    pub(super) sums: usize,
}

/// Sums of cards by candidate, interviewer and the cells they score, sorted, so that the same cards give the same
/// table whatever their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardSums {
    pub(super) keys: Vec<Key>,
    pub(super) patterns: Vec<Vec<u32>>,
    sums: Vec<i64>,
    pub(super) candidates: usize,
    pub(super) interviewers: usize,
    pub(super) cells: usize,
}

impl CardSums {
    /// Sums cards. Cards without a score are left out.
    pub fn new(mut cards: Vec<Card>) -> Self {
        cards.retain(|card| !card.scores.is_empty());
        for card in &mut cards {
            card.scores.sort_unstable();
        }
        cards.sort_unstable_by(|a, b| order(a).cmp(&order(b)).then_with(|| cells_of(a).cmp(cells_of(b))));
        let mut table = Self::default();
        let mut places: BTreeMap<Vec<u32>, u32> = cards.iter().map(|card| (cells_of(card).collect(), 0)).collect();
        for (place, (pattern, at)) in places.iter_mut().enumerate() {
            *at = place as u32;
            table.patterns.push(pattern.clone());
        }
        for card in &cards {
            let pattern = places.get(&cells_of(card).collect::<Vec<_>>()).copied().unwrap_or_default();
            let same = |key: &&mut Key| {
                (key.candidate, key.interviewer, key.pattern) == (card.candidate, card.interviewer, pattern)
            };
            let squares: i64 = card.scores.iter().map(|(_, score)| score * score).sum();
            let total: i64 = card.scores.iter().map(|(_, score)| score).sum();
            match table.keys.last_mut().filter(same) {
                Some(key) => {
                    key.cards += 1;
                    key.squares += squares;
                    key.totals += total * total;
                    let sums = table.sums.iter_mut().skip(key.sums);
                    sums.zip(&card.scores).for_each(|(sum, (_, score))| *sum += score);
                }
                None => {
                    table.keys.push(Key {
                        candidate: card.candidate,
                        interviewer: card.interviewer,
                        pattern,
                        cards: 1,
                        squares,
                        totals: total * total,
                        sums: table.sums.len(),
                    });
                    table.sums.extend(card.scores.iter().map(|(_, score)| score));
                }
            }
            table.candidates = table.candidates.max(card.candidate as usize + 1);
            table.interviewers = table.interviewers.max(card.interviewer as usize + 1);
        }
        table.cells = table.patterns.iter().flatten().map(|cell| *cell as usize + 1).max().unwrap_or(0);
        table
    }

    /// The cards of every n-th interviewer alone.
    pub(super) fn every(&self, n: usize) -> Self {
        let mut some = Self { patterns: self.patterns.clone(), cells: self.cells, ..Self::default() };
        for key in self.keys.iter().filter(|key| (key.interviewer as usize).is_multiple_of(n)) {
            let (_, sums) = self.scores(key);
            some.keys.push(Key { interviewer: key.interviewer / n as u32, sums: some.sums.len(), ..*key });
            some.sums.extend(sums);
            some.interviewers = some.interviewers.max(key.interviewer as usize / n + 1);
        }
        some.candidates = self.candidates;
        some
    }

    /// The cells of a key's cards and the sums of their scores, side by side.
    pub(super) fn scores(&self, key: &Key) -> (&[u32], &[i64]) {
        let pattern = self.patterns.get(key.pattern as usize).map_or(&[][..], Vec::as_slice);
        (pattern, self.sums.get(key.sums..key.sums + pattern.len()).unwrap_or_default())
    }

    /// How many scores were summed.
    pub fn scores_seen(&self) -> i64 {
        self.keys.iter().map(|key| key.cards * self.scores(key).0.len() as i64).sum()
    }

    /// How many cards were summed.
    pub fn cards_seen(&self) -> i64 {
        self.keys.iter().map(|key| key.cards).sum()
    }

    /// How many interviewers there are.
    pub fn interviewers(&self) -> usize {
        self.interviewers
    }

    /// How many candidates there are.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// Whether some card scores several cells, so that a card term can be told from the residual.
    pub fn has_halo(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.len() > 1)
    }
}

fn order(card: &Card) -> (u32, u32) {
    (card.candidate, card.interviewer)
}

fn cells_of(card: &Card) -> impl Iterator<Item = u32> {
    card.scores.iter().map(|(cell, _)| *cell)
}
