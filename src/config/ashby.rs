//! What the reader of Ashby's exports is told.

use regex::Regex;
use serde::Deserialize;

/// How exports of Ashby are read.
#[derive(Debug, Clone)]
pub struct Ashby {
    overall: Regex,
}

impl Ashby {
    /// Whether a field of a feedback form, by its path or its title, holds the overall recommendation.
    pub fn is_overall(&self, name: &str) -> bool {
        self.overall.is_match(name)
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenAshby {
    overall_pattern: String,
}

impl Default for WrittenAshby {
    fn default() -> Self {
        Self { overall_pattern: "(?i)^overall|overall.?(recommendation|rating|score)".into() }
    }
}

impl WrittenAshby {
    pub(super) fn mean(&self, pattern: &mut dyn FnMut(&str, &str) -> Regex) -> Ashby {
        Ashby { overall: pattern("ashby.overall_pattern", &self.overall_pattern) }
    }
}
