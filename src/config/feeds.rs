//! Where the rows of a contract table come from, for extracts that are laid out in another way: files of
//! other names, values that stand in other tables, rows that do not count.
//!
//! Two small notations do it. A *path* says where a value is found, with alternatives that are tried in turn:
//!
//! | path | the value |
//! | --- | --- |
//! | `rating` | of the row's own column; `"a -> b"` in double quotes where its name has signs of this notation |
//! | `'offer'` | this text, the same in every row |
//! | `job_id -> job.name` | `name` in the row of `job` whose `id` is this row's `job_id` |
//! | `id -> offer[application_id].status` | the same, found by another column than `id`; the first such row |
//! | `id -> offer[application_id, status = accepted].id` | of those, the first whose `status` is `accepted`; `!=` likewise |
//! | `id -> history[person_id, after at].at` | of those, the first whose `at` is later than this row's own `at` |
//! | `card_id -> card.job_id -> job.name` | any number of steps |
//! | `started_at \| started_on` | the first that is there |
//!
//! A *pattern* says which words are meant: `hired` that word whatever its case, `they *` what begins so, `*`
//! anything, and the empty text a missing value.

mod notation;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use notation::parse;

/// One way in which rows of a contract table are found in the files of an extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The contract table that it fills.
    pub table: String,
    /// Its key in the configuration, for messages.
    pub key: String,
    /// Whether it comes beside the table's own: then rows without a value it needs do not count.
    pub is_beside: bool,
    /// The tables of the extract that it reads.
    pub from: Vec<String>,
    /// It is left out where the extract has one of these tables.
    pub unless: Vec<String>,
    /// Per contract column, where its value is found.
    pub columns: BTreeMap<String, Path>,
    /// Rows count only where all of these hold.
    pub keep: Vec<Condition>,
    /// Rows do not count where one of these holds.
    pub drop: Vec<Condition>,
    /// Rows are rejected with this reason where the value is there and is no `false` or `0`.
    pub reject: Vec<(&'static str, Path)>,
}

/// Which values of a path are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where the value is found.
    pub of: Path,
    /// Patterns of which one has to match.
    pub patterns: Vec<String>,
}

/// Where a value is found: alternatives, tried in turn.
pub type Path = Vec<Way>;

/// One alternative of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where it begins.
    pub origin: Origin,
    /// The tables that it leads through.
    pub steps: Vec<Step>,
}

/// Where a way begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// At a column of the row itself.
    Column(String),
    /// At a text that is the same in every row.
    Constant(String),
}

/// A step into another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The table.
    pub table: String,
    /// Its column that holds the value reached so far.
    pub key: String,
    /// Of several rows, only those of which all of this is true.
    pub only: Vec<Only>,
    /// Of several rows, the first whose column is later than the same column of the row the path began at.
    pub after: Option<String>,
    /// The column whose value is taken.
    pub column: String,
}

/// A column that has a word, or does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Only {
    /// The column.
    pub column: String,
    /// The word, whatever its case.
    pub word: String,
    /// Whether it has to be this word, or any other.
    pub is_this: bool,
}

/// Why a row can be rejected by configuration.
const REJECTS: &[&str] = &["deleted", "not_a_loop"];

/// Whether a value matches a pattern; a missing value is the empty text.
pub fn matches(pattern: &str, value: &str) -> bool {
    let same = |a: &str, b: &str| a.len() == b.len() && a.eq_ignore_ascii_case(b);
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "*" => !value.is_empty(),
        (Some(rest), Some(_)) => {
            let inner = rest.strip_suffix('*').unwrap_or(rest);
            value.to_ascii_lowercase().contains(&inner.to_ascii_lowercase())
        }
        (Some(end), None) => value.get(value.len().saturating_sub(end.len())..).is_some_and(|tail| same(tail, end)),
        (None, Some(start)) => value.get(..start.len()).is_some_and(|head| same(head, start)),
        (None, None) => same(pattern, value),
    }
}

/// The words of a file with what each means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// What a word means: as it is written, or by the longest pattern that it matches.
    pub fn meaning(&self, word: &str) -> Option<&str> {
        let by_pattern = || {
            let fitting = self.0.iter().filter(|(pattern, _)| matches(pattern, word));
            fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, meaning)| meaning)
        };
        self.0.get(word).or_else(by_pattern).map(String::as_str)
    }

    /// Every meaning.
    pub fn meanings(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Words {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(words: I) -> Self {
        Self(words.into_iter().collect())
    }
}

/// One text, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn list(&self) -> Vec<String> {
        match self {
            Texts::One(text) => vec![text.clone()],
            Texts::Many(texts) => texts.clone(),
        }
    }
}

/// A word's meaning, or the words of a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Meaning {
    Of(String),
    Column(BTreeMap<String, String>),
}

/// A feed as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenFeed {
    pub(super) from: Option<Texts>,
    pub(super) unless: Option<Texts>,
    pub(super) columns: BTreeMap<String, String>,
    pub(super) keep: BTreeMap<String, Texts>,
    pub(super) drop: BTreeMap<String, Texts>,
    pub(super) reject: BTreeMap<String, String>,
}

impl WrittenFeed {
    /// Whether it says more than other names for columns.
    fn is_extract(&self) -> bool {
        self.from.is_some()
            || self.unless.is_some()
            || !(self.keep.is_empty() && self.drop.is_empty() && self.reject.is_empty())
            || self.columns.values().any(|path| is_path(path))
    }

    /// The feed as meant; what is wrong with it is added to the problems.
    fn mean(&self, table: &str, beside: Option<&str>, problems: &mut Vec<String>) -> Feed {
        let key = beside.map_or_else(|| format!("tables.{table}"), |name| format!("tables.{table}.also.{name}"));
        let mut path = |at: &str, text: &str| {
            parse(text).unwrap_or_else(|problem| {
                problems.push(format!("{key}.{at}: `{text}` {problem}"));
                Vec::new()
            })
        };
        let columns = self.columns.iter();
        let columns =
            columns.map(|(column, text)| (column.clone(), path(&format!("columns.{column}"), text))).collect();
        let mut conditions = |at: &str, written: &BTreeMap<String, Texts>| {
            let one = |(text, patterns): (&String, &Texts)| Condition { of: path(at, text), patterns: patterns.list() };
            // An empty list takes away a condition of a preset.
            written.iter().map(one).filter(|condition| !condition.patterns.is_empty()).collect()
        };
        let keep = conditions("keep", &self.keep);
        let drop = conditions("drop", &self.drop);
        let reject: Vec<(&String, Path)> = self.reject.iter().map(|(why, text)| (why, path("reject", text))).collect();
        let reject = reject.into_iter().filter_map(|(reason, path)| {
            let known = REJECTS.iter().find(|known| *known == reason);
            if known.is_none() {
                problems.push(format!("{key}.reject: `{reason}` is not one of {}", REJECTS.join(", ")));
            }
            known.map(|reason| (*reason, path))
        });
        let reject = reject.collect();
        let from = self.from.as_ref().map_or_else(|| vec![table.to_owned()], Texts::list);
        let unless = self.unless.as_ref().map(Texts::list).unwrap_or_default();
        Feed { table: table.to_owned(), key, is_beside: beside.is_some(), from, unless, columns, keep, drop, reject }
    }
}

/// The feeds of all tables, or none where every file follows the contract under its own name.
pub(super) fn mean<const N: usize>(
    tables: [(&str, WrittenFeed, &BTreeMap<String, WrittenFeed>); N],
    problems: &mut Vec<String>,
) -> Vec<Feed> {
    if !tables.iter().any(|(_, main, beside)| main.is_extract() || !beside.is_empty()) {
        return Vec::new();
    }
    let mut feeds = Vec::new();
    for (table, main, beside) in tables {
        feeds.push(main.mean(table, None, problems));
        feeds.extend(beside.iter().map(|(name, written)| written.mean(table, Some(name), problems)));
    }
    feeds
}

/// The words of a table by column; those without a column are of the one that its words are mostly about.
pub(super) fn words(table: &str, written: &BTreeMap<String, Meaning>) -> BTreeMap<String, Words> {
    let main = match table {
        "decisions" => "decision",
        "events" => "event",
        "scorecards" => "score",
        _ => "status",
    };
    let mut words: BTreeMap<String, Words> = BTreeMap::new();
    for (key, meaning) in written {
        match meaning {
            Meaning::Of(meaning) => {
                words.entry(main.to_owned()).or_default().0.insert(key.clone(), meaning.clone());
            }
            Meaning::Column(of) => words.entry(key.clone()).or_default().0.extend(of.clone()),
        }
    }
    words
}

/// Whether a text is more than the name of a column.
fn is_path(text: &str) -> bool {
    text.contains("->") || text.contains('|') || text.starts_with(['\'', '"']) || text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_words_beginnings_ends_and_what_is_missing() {
        for (pattern, value, is_meant) in [
            ("hired", "Hired", true),
            ("hired", "hired soon", false),
            ("they *", "They rejected us", true),
            ("* us", "They rejected us", true),
            ("*withdr*", "has Withdrawn", true),
            ("*", "x", true),
            ("*", "", false),
            ("", "", true),
            ("", "x", false),
            ("é*", "e", false),
        ] {
            assert_eq!(matches(pattern, value), is_meant, "{pattern} {value}");
        }
    }

    #[test]
    fn the_word_itself_goes_before_patterns_and_long_patterns_before_short_ones() {
        let words = [("*", "reject"), ("they *", "withdrawn"), ("they were hired", "offer")];
        let words: Words = words.into_iter().map(|(word, meaning)| (word.to_owned(), meaning.to_owned())).collect();
        assert_eq!(words.meaning("they were hired"), Some("offer"));
        assert_eq!(words.meaning("They rejected us"), Some("withdrawn"));
        assert_eq!(words.meaning("We rejected them"), Some("reject"));
    }
}
