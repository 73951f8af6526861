//! What is known and accepted: a file of ids, to be kept beside the policy. It holds no name and no number from the
//! data.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dataset::files::write_atomically;
use crate::error::{Error, Result, pages};

const FORMAT: &str = "looplens-baseline";
const VERSION: u32 = 1;

/// The ids of what is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    ids: BTreeSet<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    accepted: Vec<String>,
}

impl Baseline {
    /// A baseline that accepts these.
    pub fn of(ids: impl IntoIterator<Item = String>) -> Self {
        Self { ids: ids.into_iter().collect() }
    }

    /// Whether an id is accepted.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Reads a baseline.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::unreadable("read the baseline", path, &e))?;
        let help = "`looplens check --write-baseline FILE` writes one";
        let document: Document = serde_json::from_str(&text)
            .map_err(|e| Error::new(&pages::NOT_A_BASELINE, format!("this is no baseline: {e}")).at(path).help(help))?;
        if document.format != FORMAT || document.version != VERSION {
            return Err(Error::new(&pages::NOT_A_BASELINE, format!("this is no baseline of version {VERSION}"))
                .at(path)
                .help(help));
        }
        Ok(Self::of(document.accepted))
    }

    /// Writes it, one id to a line, so that a change of it can be reviewed.
    pub fn write(&self, path: &Path) -> Result<()> {
        let accepted = self.ids.iter().cloned().collect();
        let document = Document { format: FORMAT.to_owned(), version: VERSION, accepted };
        let text = serde_json::to_string_pretty(&document)
            .map_err(|e| Error::new(&pages::DEFECT, format!("the baseline cannot be written: {e}")))?;
        write_atomically(path, (text + "\n").as_bytes())
    }
}

/// A name from the data in an id: told from others, and not readable.
pub(super) fn mark(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect()
}
