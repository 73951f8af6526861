//! Words that nobody mapped, and what to declare so that more can be read.

use std::collections::BTreeMap;

use super::{FileId, Ledger};
use crate::report::number::visible;

/// How many different words are kept per table: a vocabulary is short, and prose is none.
pub(super) const MOST_WORDS: usize = 1000;

/// How many words of one table can be those of a scale: a column with more holds names or prose, which are not told.
const MOST_LEVELS: usize = 12;

/// How many words a message lists, and how much of each.
const LISTED_WORDS: usize = 10;
const LONGEST_WORD: usize = 60;

fn by_frequency(words: &BTreeMap<String, u64>) -> impl Iterator<Item = (&String, &u64)> {
    let mut sorted: Vec<_> = words.iter().collect();
    sorted.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
    sorted.into_iter()
}

/// The table whose words a reason for rejecting is about.
pub(super) fn vocabulary(reason: &str) -> Option<&'static str> {
    match reason {
        "unknown_decision" => Some("decisions"),
        "unknown_event" => Some("events"),
        "unknown_score" => Some("scorecards"),
        _ => None,
    }
}

impl Ledger {
    /// The words nobody mapped that may be told.
    fn tellable(&self) -> impl Iterator<Item = (&&'static str, &BTreeMap<String, u64>)> {
        self.unmapped.iter().filter(|(table, words)| **table != "scorecards" || words.len() <= MOST_LEVELS)
    }

    /// The words nobody mapped, one line per table, the most frequent first.
    pub fn unmapped_words(&self) -> Vec<String> {
        let line = |(table, words): (&&str, &BTreeMap<String, u64>)| {
            let listed: Vec<String> = by_frequency(words)
                .take(LISTED_WORDS)
                .map(|(word, times)| format!("`{}` {times}", visible(word, LONGEST_WORD)))
                .collect();
            let more = words.len().saturating_sub(LISTED_WORDS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("words of {table} without a meaning: {}{more}", listed.join(", "))
        };
        self.tellable().map(line).collect()
    }

    /// Lines of the configuration with which more could be read: those that a source advises, and one that gives
    /// the most frequent of those words a meaning.
    pub fn lines_to_write(&self) -> Vec<String> {
        let mapping = self.tellable().find_map(|(table, words)| {
            let (word, _) = by_frequency(words).find(|(word, _)| visible(word, LONGEST_WORD) == **word)?;
            let meaning = match *table {
                "decisions" => "offer",
                "scorecards" => "4",
                _ => "ignore",
            };
            Some(format!("[tables.{table}.values] {word:?} = \"{meaning}\""))
        });
        self.advice.iter().cloned().chain(mapping).collect()
    }

    /// Advises a line of the configuration, with why.
    pub fn advise(&mut self, file: FileId, why: &str, line: String) {
        self.remark(file, format!("{why}, which takes {line} in looplens.toml"));
        self.advice.insert(line);
    }
}
