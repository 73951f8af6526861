//! What an interview's subject says about its round. Subjects are written as "On-site interview - candidate -
//! posting" or in any other order, so a part may be kept only if it names nobody.

use crate::dataset::index::hash;

/// A longer part is prose.
const LONGEST: usize = 60;
/// How many words of a name are remembered.
const WORDS: usize = 4;

/// Hashes of the words of a person's name; zero where there are fewer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Name([u32; WORDS]);

impl Name {
    /// The name, if there is one.
    pub(super) fn of(name: Option<&str>) -> Option<Self> {
        let mut hashes = [0; WORDS];
        let mut count = 0;
        for (slot, word) in hashes.iter_mut().zip(words(name?)) {
            *slot = short(word);
            count += 1;
        }
        (count > 0).then_some(Self(hashes))
    }

    fn has(&self, word: &str) -> bool {
        self.0.contains(&short(word))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().nth(1).is_some())
}

fn short(word: &str) -> u32 {
    let hash = hash(&word.to_lowercase());
    ((hash ^ (hash >> 32)) as u32).max(1)
}

/// The first part of a subject that names none of these people.
pub(super) fn round<'s>(subject: &'s str, people: &[Name]) -> Option<&'s str> {
    let parts = subject.split(" - ").flat_map(|part| part.split(['–', '—', '|']));
    parts.map(str::trim).find(|part| {
        let is_short = !part.is_empty() && part.chars().count() <= LONGEST;
        is_short && !part.contains('@') && !words(part).any(|word| people.iter().any(|person| person.has(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_names_somebody_is_no_round() {
        let people: Vec<Name> =
            ["Zoë Maria del Campo", "Ann Lee"].into_iter().filter_map(|name| Name::of(Some(name))).collect();
        let round = |subject| round(subject, &people);
        assert_eq!(round("On-site interview - Zoë del Campo - Analyst"), Some("On-site interview"));
        assert_eq!(round("zoë - Phone screen - Analyst"), Some("Phone screen"));
        assert_eq!(round("ANN | System design"), Some("System design"));
        assert_eq!(round("System design"), Some("System design"));
        assert_eq!(round("Interview with Zoë"), None);
        assert_eq!(round(&"long ".repeat(13)), None);
        assert_eq!((Name::of(None), Name::of(Some(" . "))), (None, None));
    }
}
