//! Sorted lists of numbers that stand for the joins: an entry takes some 30 bytes, so that millions of
//! scorecards fit where a map of text would not.

/// An entry of a [`Sorted`] list.
pub(in crate::source) trait Entry: Ord + Copy {
    /// What it is found by; it comes first in the order of entries.
    type Key: Ord;

    /// The identifier it is found by.
    fn key(&self) -> Self::Key;
}

/// Entries to be found by their key once they are all there.
#[derive(Debug)]
pub(in crate::source) struct Sorted<E>(Vec<E>);

impl<E> Default for Sorted<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E: Entry> Sorted<E> {
    /// Adds an entry, which is found after the next [`Sorted::sort`].
    pub(in crate::source) fn add(&mut self, entry: E) {
        self.0.push(entry);
    }

    /// Makes the entries findable.
    pub(in crate::source) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// The entry with a key; of several the greatest.
    pub(in crate::source) fn get(&self, key: E::Key) -> Option<&E> {
        let place = self.0.partition_point(|entry| entry.key() <= key).checked_sub(1)?;
        self.0.get(place).filter(|entry| entry.key() == key)
    }

    /// The same, to be changed other than in its order.
    pub(in crate::source) fn get_mut(&mut self, key: E::Key) -> Option<&mut E> {
        let place = self.0.partition_point(|entry| entry.key() <= key).checked_sub(1)?;
        self.0.get_mut(place).filter(|entry| entry.key() == key)
    }
}

/// The place of a word that is not there.
pub(in crate::source) const NO_WORD: u32 = u32::MAX;

/// An interview: whose, and of which round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::source) struct Interview {
    pub(in crate::source) id: u64,
    pub(in crate::source) application: u64,
    /// Name of the round, a place among the words.
    pub(in crate::source) name: u32,
}

impl Entry for Interview {
    type Key = u64;

    fn key(&self) -> u64 {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_key() {
        let mut interviews = Sorted::default();
        for (id, application) in [(9, 1), (7, 2), (7, 3)] {
            interviews.add(Interview { id, application, name: NO_WORD });
        }
        interviews.sort();
        let found = [7, 8, 9].map(|id| interviews.get(id).map(|interview| interview.application));
        assert_eq!(found, [Some(3), None, Some(1)]);
        assert_eq!(size_of::<Interview>(), 24);
    }
}
