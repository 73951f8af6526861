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
