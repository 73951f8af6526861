//! What feedback and appointments are joined with, as entries of sorted lists.

use crate::source::record::index::Entry;

/// The place of a word that is not there.
pub(super) const NO_WORD: u32 = u32::MAX;

/// A stay in a stage of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stay {
    pub(super) id: u128,
    /// Title of the stage, a place among the words.
    pub(super) stage: u32,
}

/// A schedule: the round of one application, with one appointment or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Schedule {
    pub(super) id: u128,
    /// Microseconds; `i64::MIN` where it is not known. Second in the order, so that of two records of one
    /// schedule the later is found.
    pub(super) updated: i64,
    pub(super) application: u64,
    /// Title of the stage, a place among the words.
    pub(super) stage: u32,
    /// The status of its appointments, a place among the words.
    pub(super) status: u32,
}

/// An appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) id: u128,
    /// Microseconds; `i64::MIN` where it is not known.
    pub(super) start: i64,
    /// Its stage, a place among the words.
    pub(super) stage: u32,
}

/// The seat of somebody who is being trained, or who trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Role {
    pub(super) event: u128,
    /// A place among the words.
    pub(super) person: u32,
    /// A place among the words.
    pub(super) role: u32,
}

impl Entry for Stay {
    type Key = u128;

    fn key(&self) -> u128 {
        self.id
    }
}

impl Entry for Schedule {
    type Key = u128;

    fn key(&self) -> u128 {
        self.id
    }
}

impl Entry for Event {
    type Key = u128;

    fn key(&self) -> u128 {
        self.id
    }
}

impl Entry for Role {
    type Key = (u128, u32);

    fn key(&self) -> (u128, u32) {
        (self.event, self.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_small() {
        assert_eq!(size_of::<Stay>(), 32);
        assert_eq!(size_of::<Schedule>(), 48);
        assert_eq!(size_of::<Event>(), 32);
        assert_eq!(size_of::<Role>(), 32);
    }
}
