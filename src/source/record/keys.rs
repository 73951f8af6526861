//! Words and identifiers as numbers, by which millions of records are joined in memory.

use std::collections::HashMap;

use super::values::Id;

/// Distinct words, each once, known by their place.
#[derive(Debug, Default)]
pub(in crate::source) struct Words {
    list: Vec<String>,
    places: HashMap<String, u32>,
}

impl Words {
    /// The place of a word, new or known.
    pub(in crate::source) fn place(&mut self, word: &str) -> u32 {
        if let Some(place) = self.places.get(word) {
            return *place;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(word.to_owned());
        self.places.insert(word.to_owned(), place);
        place
    }

    /// The place of a word that was met before.
    pub(in crate::source) fn find(&self, word: &str) -> Option<u32> {
        self.places.get(word).copied()
    }

    /// The word at a place.
    pub(in crate::source) fn at(&self, place: u32) -> Option<&str> {
        self.list.get(place as usize).map(String::as_str)
    }
}

/// Identifiers as 64-bit keys, so that millions of them can be joined in memory: a number stands for itself,
/// any other text for its place in a list, with the highest bit set.
#[derive(Debug, Default)]
pub(in crate::source) struct Ids(Words);

impl Ids {
    /// The bit that numbers never have.
    pub(super) const TEXT: u64 = 1 << 63;

    /// The key of an identifier, new or known.
    pub(in crate::source) fn key(&mut self, id: &Id<'_>) -> Option<u64> {
        match id {
            Id::None => None,
            Id::Number(number) => Some(*number),
            Id::Text(text) => Some(Self::TEXT | u64::from(self.0.place(text))),
        }
    }

    /// The key of an identifier that was met before.
    pub(in crate::source) fn find(&self, id: &Id<'_>) -> Option<u64> {
        match id {
            Id::None => None,
            Id::Number(number) => Some(*number),
            Id::Text(text) => self.0.find(text).map(|place| Self::TEXT | u64::from(place)),
        }
    }

    /// The identifier behind a key.
    pub(in crate::source) fn text(&self, key: u64) -> String {
        match u32::try_from(key & !Self::TEXT) {
            Ok(place) if key & Self::TEXT != 0 => self.0.at(place).unwrap_or_default().to_owned(),
            _ => key.to_string(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    fn id(json: &str) -> Id<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn keys_lead_back_to_their_ids() {
        let mut ids = Ids::default();
        for json in ["12", "\"card-a\"", "\"card-b\"", "9223372036854775808"] {
            let key = ids.key(&id(json)).unwrap();
            assert_eq!(Some(ids.text(key)), id(json).text());
            assert_eq!(ids.find(&id(json)), Some(key));
        }
        assert_eq!(ids.find(&id("\"card-c\"")), None);
    }
}
