//! Whether a text only judges: "good", "not a fit", and nothing that was observed.

use std::collections::BTreeSet;

/// Words that say nothing by themselves and hold judgements together.
const FILLERS: &[&str] = &[
    "a",
    "about",
    "am",
    "an",
    "and",
    "are",
    "at",
    "be",
    "but",
    "candidate",
    "definitely",
    "do",
    "feel",
    "for",
    "he",
    "her",
    "him",
    "i",
    "in",
    "is",
    "it",
    "just",
    "me",
    "my",
    "of",
    "on",
    "our",
    "overall",
    "pretty",
    "quite",
    "rather",
    "really",
    "role",
    "seemed",
    "seems",
    "she",
    "so",
    "team",
    "that",
    "the",
    "them",
    "they",
    "think",
    "this",
    "to",
    "too",
    "us",
    "very",
    "was",
    "we",
    "were",
    "with",
    "would",
];

/// The words and phrases that judge.
#[derive(Debug, Clone, Default)]
pub(super) struct Judgements {
    phrases: BTreeSet<Vec<String>>,
    longest: usize,
}

/// The words of a text in lower case; signs and numbers are none.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

impl Judgements {
    /// From words and phrases as configured.
    pub(super) fn new(list: &[String]) -> Self {
        let phrases: BTreeSet<Vec<String>> =
            list.iter().map(|phrase| words(phrase)).filter(|p| !p.is_empty()).collect();
        let longest = phrases.iter().map(Vec::len).max().unwrap_or(0);
        Self { phrases, longest }
    }

    /// Whether a text has no word besides judgements and fillers. A text without any word says nothing either.
    pub(super) fn only(&self, text: &str) -> bool {
        // An observation is longer than any string of judgements that people write.
        const LONGEST_JUDGEMENT: usize = 200;
        if text.len() > LONGEST_JUDGEMENT {
            return false;
        }
        let words = words(text);
        let mut at = 0;
        while at < words.len() {
            let phrase =
                (1..=self.longest.min(words.len() - at)).rev().find(|n| self.phrases.contains(&words[at..at + n]));
            match phrase {
                Some(n) => at += n,
                None if FILLERS.contains(&words[at].as_str()) => at += 1,
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_are_told_from_observations() {
        let list = ["good", "smart", "not a fit", "Strong hire"].map(str::to_owned);
        let judgements = Judgements::new(&list);
        for text in
            ["Good.", "Really smart and good!", "not a fit for this role", "STRONG HIRE", "-", "She is good, good"]
        {
            assert!(judgements.only(text), "{text}");
        }
        for text in ["Good grasp of locks", "not a clear answer", "hire", "Named the trade-off unprompted"] {
            assert!(!judgements.only(text), "{text}");
        }
        assert!(!judgements.only(&"good ".repeat(60)));
        assert!(!Judgements::default().only("good"));
    }
}
