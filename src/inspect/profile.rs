//! What the cells of one column look like.

use std::collections::BTreeMap;

use super::times::Dated;
use crate::source::ledger::redact;
use crate::source::tables::Sample;

/// Past this many different values a column holds no vocabulary.
const MOST_WORDS: usize = 300;
/// A word of a vocabulary is not longer than this.
const LONGEST_WORD: usize = 60;

/// The cells of one column, counted.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    /// Rows looked at.
    pub(super) rows: u64,
    /// Cells that hold something.
    pub(super) filled: u64,
    /// Cells that are numbers.
    pub(super) numbers: u64,
    /// Cells that are numbers with a decimal comma.
    pub(super) commas: u64,
    /// Cells that look like identifiers: numbers, UUIDs, a short prefix and digits.
    pub(super) ids: u64,
    /// Cells that are e-mail addresses.
    pub(super) addresses: u64,
    /// Cells that are times, by how they are written.
    pub(super) times: BTreeMap<Dated, u64>,
    /// Different values with how often each was read, as long as they are few.
    values: BTreeMap<String, u64>,
    has_many_values: bool,
}

/// A scale as it was seen.
#[derive(Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) step: f64,
}

/// The columns of a sample.
pub(super) fn of(sample: &Sample) -> Vec<Profile> {
    let name = |name: &String| Profile { name: name.clone(), ..Profile::default() };
    let mut profiles: Vec<Profile> = sample.columns.iter().map(name).collect();
    for row in &sample.rows {
        for (profile, cell) in profiles.iter_mut().zip(row) {
            profile.rows += 1;
            if let Some(text) = cell {
                profile.take(text);
            }
        }
    }
    profiles
}

impl Profile {
    fn take(&mut self, text: &str) {
        self.filled += 1;
        self.numbers += u64::from(number(text).is_some());
        self.commas += u64::from(text.contains(',') && number(text).is_some());
        self.ids += u64::from(is_id(text));
        self.addresses += u64::from(text.contains('@'));
        if let Some(dated) = Dated::of(text) {
            *self.times.entry(dated).or_default() += 1;
        }
        if let Some(times) = self.values.get_mut(text) {
            *times += 1;
        } else if self.values.len() < MOST_WORDS {
            self.values.insert(text.to_owned(), 1);
        } else {
            self.has_many_values = true;
        }
    }

    /// The share of filled cells that are of a kind.
    pub(super) fn share(&self, of: u64) -> f64 {
        if self.filled == 0 { 0.0 } else { of as f64 / self.filled as f64 }
    }

    /// The share of filled cells that are times.
    pub(super) fn times_share(&self) -> f64 {
        self.share(self.times.values().sum())
    }

    /// Whether values recur, as those of a vocabulary do.
    pub(super) fn recurs(&self) -> bool {
        !self.has_many_values && (self.values.len() as u64 * 2 <= self.filled || self.values.len() <= 12)
    }

    /// Whether nearly every cell has a value of its own.
    pub(super) fn is_unique(&self) -> bool {
        self.has_many_values || self.values.len() as u64 * 10 >= self.filled * 9
    }

    /// The words of the column with how often each was read, if it holds a vocabulary rather than prose or
    /// people.
    pub(super) fn vocabulary(&self) -> impl Iterator<Item = (&str, u64)> {
        let is_one = self.recurs() && self.addresses == 0;
        let short = |word: &str| word.chars().count() <= LONGEST_WORD;
        self.values.iter().filter(move |(word, _)| is_one && short(word)).map(|(word, times)| (word.as_str(), *times))
    }

    /// The smallest and largest number and the smallest distance between two, if the column holds ratings.
    pub(super) fn scale(&self) -> Option<Scale> {
        if self.has_many_values || self.share(self.numbers) < 0.9 {
            return None;
        }
        let mut seen: Vec<f64> = self.values.keys().filter_map(|text| number(text)).collect();
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        let (min, max) = (*seen.first()?, *seen.last()?);
        let gaps = seen.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
        let step = gaps.fold(f64::INFINITY, f64::min);
        (step.is_finite() && max - min <= 100.0).then(|| Scale { min, max, step: (step * 1000.0).round() / 1000.0 })
    }

    /// How much is filled and one value, redacted.
    pub(super) fn evidence(&self) -> String {
        let different = if self.has_many_values { "many".to_owned() } else { self.values.len().to_string() };
        let example = self.values.iter().max_by_key(|(_, times)| **times).map(|(value, _)| redact(value));
        let example = example.map(|value| format!(", such as {value}")).unwrap_or_default();
        format!("{} of {} filled, {different} different{example}", self.filled, self.rows)
    }
}

/// A number, also one with a decimal comma.
fn number(text: &str) -> Option<f64> {
    let plain = if text.contains('.') { None } else { Some(text.replacen(',', ".", 1)) };
    plain.as_deref().unwrap_or(text).parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number, a UUID, or a short prefix and digits.
fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain && text.len() <= 40 && digits > 0 && (digits * 3 >= text.len() || text.len() == 36)
}
