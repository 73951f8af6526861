//! Pseudonyms by default: people's identifiers become keyed hashes, free text is dropped.
//!
//! The key and a directory of interviewers' names live in `DATASET/private/`, readable by the owner alone;
//! the directory never holds a candidate. The same person has the same pseudonym in every table and ingest.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::path::{Path, PathBuf};

use super::index::Folded;
use super::judgements::Judgements;
use crate::config::ApplicationIds;
use crate::error::{Error, Result, pages};

/// Replaces identifiers by pseudonyms.
#[derive(Debug)]
pub struct Shield {
    key: [u8; 32],
    ids: ApplicationIds,
    keep_text: bool,
    people: HashMap<String, String, BuildHasherDefault<Folded>>,
    /// The person met last and their pseudonym: rows of one interviewer often stand together.
    last: Option<(String, String)>,
    judgements: Judgements,
    /// Whether the note met last only judges.
    judged: Option<i64>,
}

/// Past this many remembered people the memory is emptied, so that it neither grows with the data nor leaves
/// the processor's cache: interviewers come again and again, and most candidates never.
const MOST_REMEMBERED: usize = 20_000;

impl Shield {
    /// A shield with the dataset's key.
    pub fn new(key: [u8; 32], ids: ApplicationIds, keep_text: bool) -> Self {
        let (people, judgements) = (HashMap::default(), Judgements::default());
        Self { key, ids, keep_text, people, last: None, judgements, judged: None }
    }

    /// The same, telling notes that only judge from those that observe by these words.
    #[must_use]
    pub fn with_judgements(mut self, words: &[String]) -> Self {
        self.judgements = Judgements::new(words);
        self
    }

    /// A person's identifier becomes `p_` and 16 hexadecimal digits. E-mail addresses are the same person
    /// whatever their case.
    pub fn person(&mut self, value: &mut String) {
        if let Some((_, pseudonym)) = self.last.as_ref().filter(|(last, _)| last == value) {
            pseudonym.clone_into(value);
            return;
        }
        let pseudonym = self.remembered(value);
        self.last = Some((std::mem::replace(value, pseudonym.clone()), pseudonym));
    }

    fn remembered(&mut self, value: &str) -> String {
        if let Some(known) = self.people.get(value) {
            return known.clone();
        }
        let trimmed = value.trim();
        let canonical = if trimmed.contains('@') { trimmed.to_lowercase() } else { trimmed.to_owned() };
        let pseudonym = self.pseudonym("p_", &canonical);
        if self.people.len() >= MOST_REMEMBERED {
            self.people.clear();
        }
        self.people.insert(value.to_owned(), pseudonym.clone());
        pseudonym
    }

    /// A record's identifier stays where it cannot name a person.
    pub fn handle(&mut self, value: &mut String) {
        let keep = match self.ids {
            ApplicationIds::Keep => true,
            ApplicationIds::Pseudonym => false,
            ApplicationIds::Auto => is_opaque(value),
        };
        if !keep {
            *value = self.pseudonym("a_", value.trim());
        }
    }

    /// Free text is dropped unless asked for, after a look at whether it only judges.
    pub fn note(&mut self, value: &mut Option<String>) {
        let text = value.as_deref().filter(|text| !text.trim().is_empty());
        self.judged = text.map(|text| i64::from(self.judgements.only(text)));
        if !self.keep_text {
            *value = None;
        }
    }

    /// Whether the note met last only judges: 1 or 0, or nothing where nothing was written.
    pub fn judged(&mut self) -> Option<i64> {
        self.judged.take()
    }

    fn pseudonym(&self, prefix: &str, value: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, value.as_bytes());
        let mut out = String::with_capacity(prefix.len() + 16);
        out.push_str(prefix);
        out.push_str(hash.to_hex().get(..16).unwrap_or_default());
        out
    }
}

/// Words that systems put before the number of a record.
const RECORDS: &[&str] = &[
    "app",
    "application",
    "card",
    "scorecard",
    "cand",
    "candidate",
    "case",
    "interview",
    "job",
    "loop",
    "opp",
    "opportunity",
    "record",
    "req",
    "requisition",
];

/// Whether an identifier is a number, a UUID, a hash, or a short prefix with a number: shapes that systems hand
/// out and people are not called.
pub fn is_opaque(id: &str) -> bool {
    let bytes = id.as_bytes();
    if bytes.is_empty() || bytes.len() > 64 {
        return false;
    }
    let (mut letters, mut hexadecimal, mut digits, mut hyphens, mut separators) = (0, 0, 0, 0, 0);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'f' | b'A'..=b'F' => {
                letters += 1;
                hexadecimal += 1;
            }
            b'g'..=b'z' | b'G'..=b'Z' => letters += 1,
            b'-' => hyphens += 1,
            b'_' | b':' | b'.' | b'/' | b'#' | b'~' => separators += 1,
            _ => return false,
        }
    }
    if digits == 0 {
        return false;
    }
    // A prefix of up to three letters is a kind of record; a longer one must be outweighed by its number, be
    // part of a hash, or say what a record is called.
    let is_hash = bytes.len() >= 16 && hexadecimal == letters && separators == 0;
    let outweighed = digits >= letters && (hyphens + separators < 2 || letter_runs(id) < 2);
    letters <= 3 || outweighed || is_hash || already_pseudonym(id) || is_record_word(id)
}

fn letter_runs(id: &str) -> usize {
    id.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| !run.is_empty()).count()
}

/// Whether every word of an id is what a record is called.
fn is_record_word(id: &str) -> bool {
    let mut words = id.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.all(|word| RECORDS.iter().any(|record| record.eq_ignore_ascii_case(word)))
}

fn already_pseudonym(id: &str) -> bool {
    id.len() == 18
        && (id.starts_with("a_") || id.starts_with("p_"))
        && id.bytes().skip(2).all(|b| b.is_ascii_hexdigit())
}

/// The private folder of a dataset.
#[derive(Debug)]
pub struct PrivateFolder(PathBuf);

impl PrivateFolder {
    /// The private folder below a dataset.
    pub fn of(dataset: &Path) -> Self {
        Self(dataset.join("private"))
    }

    /// The key, made on first use.
    pub fn key(&self) -> Result<[u8; 32]> {
        let path = self.0.join("key");
        match std::fs::read_to_string(&path) {
            Ok(text) => blake3::Hash::from_hex(text.trim()).map(|hash| *hash.as_bytes()).map_err(|_| {
                Error::new(&pages::DAMAGED_KEY, "the dataset's key is damaged")
                    .at(&path)
                    .help("restore it from a backup; without it new exports would get new pseudonyms")
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                super::files::create_folder(&self.0)?;
                let mut key = [0_u8; 32];
                std::fs::File::open("/dev/urandom")
                    .and_then(|mut source| std::io::Read::read_exact(&mut source, &mut key))
                    .map_err(|e| Error::io("draw a random key", Path::new("/dev/urandom"), &e))?;
                // Whole or not at all: half a key left by a kill would lock the dataset for good.
                super::files::write_atomically(&path, blake3::Hash::from_bytes(key).to_hex().as_bytes())?;
                Ok(key)
            }
            Err(e) => Err(Error::io("read the key", &path, &e)),
        }
    }

    /// The interviewers' names by pseudonym.
    pub fn names(&self) -> Result<BTreeMap<String, String>> {
        let path = self.0.join("interviewers.json");
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| {
                Error::new(&pages::DAMAGED_NAMES, format!("the directory of interviewers is damaged: {e}"))
                    .at(&path)
                    .help("remove it; the next ingest writes it anew")
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(e) => Err(Error::io("read the directory of interviewers", &path, &e)),
        }
    }

    /// Adds names to the directory.
    pub fn add_names(&self, new: &BTreeMap<String, String>) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let mut names = self.names()?;
        let before = names.clone();
        names.extend(new.iter().map(|(id, name)| (id.clone(), name.clone())));
        if names == before {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&names)
            .map_err(|e| Error::new(&pages::DEFECT, format!("the directory of interviewers cannot be written: {e}")))?;
        super::files::write_atomically(&self.0.join("interviewers.json"), &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_opaque_and_numbers_are() {
        for id in [
            "69306314",
            "h10",
            "app-0000123",
            "card-0000001-0",
            "REQ-7",
            "5c1b2f9e-7c0d-4a55-8f6e-1f2d3c4b5a69",
            "a_0123456789abcdef",
        ] {
            assert!(is_opaque(id), "{id}");
        }
        for id in ["Pair Skating|DUSKOVA Anna / BIDAR Martin", "jane.smith", "Jürgen7", "smith-john-12", ""] {
            assert!(!is_opaque(id), "{id}");
        }
    }

    #[test]
    fn a_person_is_the_same_in_any_case_of_the_address() {
        let mut shield = Shield::new([7; 32], ApplicationIds::Auto, false);
        let (mut a, mut b, mut c) = ("Kate@Example.com".to_owned(), " kate@example.com".to_owned(), "kate".to_owned());
        shield.person(&mut a);
        shield.person(&mut b);
        shield.person(&mut c);
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert!(a.starts_with("p_") && a.len() == 18);
    }
}
