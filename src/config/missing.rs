//! What becomes of records that a newer export no longer holds.

use serde::Deserialize;

use super::Config;

/// What becomes of records that a newer export no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// They stay in the dataset.
    Keep,
    /// They leave the dataset.
    Drop,
}

impl Missing {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Keep, Self::Drop];

    /// The word it is chosen by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
        }
    }

    /// The choice that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }
}

impl Config {
    /// Takes the choice of the command line instead of the configured one.
    pub fn set_missing(&mut self, missing: Missing) {
        if self.dataset.missing != missing {
            self.dataset.missing = missing;
            let print = format!("{} missing {}", self.ingest_fingerprint, missing.word());
            self.ingest_fingerprint = blake3::hash(print.as_bytes()).to_hex().to_string();
        }
    }
}
