//! What scorecards and their ratings are joined with, as entries of sorted lists.

use crate::source::record::index::{Entry, NO_WORD};
use crate::time::Instant;

/// A seat that led to a scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat {
    pub(super) scorecard: u64,
    pub(super) interview: u64,
    /// Name of the round, a place among the words.
    pub(super) name: u32,
    /// Characters written in answers to the card's questions.
    pub(super) written: u32,
}

impl Entry for Seat {
    type Key = u64;

    fn key(&self) -> u64 {
        self.scorecard
    }
}

/// What the ratings on a scorecard need to know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Card {
    pub(super) id: u64,
    /// Microseconds; `i64::MIN` where it is not known. Second in the order, so that of two records of one card
    /// the later is found.
    submitted: i64,
    pub(super) application: u64,
    interviewer: u32,
    /// Name of the round, with the highest bit set on drafts.
    name: u32,
}

const DRAFT: u32 = 1 << 31;

impl Card {
    pub(super) fn new(
        id: u64,
        application: u64,
        submitted: Option<Instant>,
        interviewer: Option<u32>,
        name: Option<u32>,
        is_draft: bool,
    ) -> Self {
        let name = name.unwrap_or(NO_WORD) & !DRAFT;
        Self {
            id,
            submitted: submitted.map_or(i64::MIN, |at| at.0),
            application,
            interviewer: interviewer.unwrap_or(NO_WORD),
            name: if is_draft { name | DRAFT } else { name },
        }
    }

    pub(super) fn submitted(&self) -> Option<Instant> {
        (self.submitted != i64::MIN).then_some(Instant(self.submitted))
    }

    /// A place among the words; one that none has where the interviewer is not known.
    pub(super) fn interviewer(&self) -> u32 {
        self.interviewer
    }

    /// A place among the words; one that none has where the round is not known.
    pub(super) fn name(&self) -> u32 {
        self.name & !DRAFT
    }

    pub(super) fn is_draft(&self) -> bool {
        self.name & DRAFT != 0
    }
}

impl Entry for Card {
    type Key = u64;

    fn key(&self) -> u64 {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::record::index::Sorted;

    #[test]
    fn entries_stay_small() {
        assert_eq!(size_of::<Seat>(), 24);
        assert_eq!(size_of::<Card>(), 32);
    }

    #[test]
    fn the_last_record_of_a_card_is_found() {
        let mut cards = Sorted::default();
        cards.add(Card::new(7, 1, Some(Instant(5)), Some(3), Some(4), false));
        cards.add(Card::new(7, 1, None, None, None, true));
        cards.add(Card::new(9, 2, None, None, None, true));
        cards.sort();
        assert_eq!(cards.get(7).map(|card| (card.submitted(), card.is_draft())), Some((Some(Instant(5)), false)));
        assert_eq!(cards.get(9).map(|card| (card.submitted(), card.is_draft())), Some((None, true)));
        assert!(cards.get(8).is_none() && cards.get(1).is_none() && cards.get(10).is_none());
    }
}
