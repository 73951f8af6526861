//! Additive tables of unchanged partitions, kept by the hash of what they were computed from.
//!
//! A cache may always be lost: a table that cannot be read or written is computed again, in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::counts::Counts;
use crate::dataset::files;

/// Entries that were not asked for stay up to this number, for other configurations of the same data.
const MOST_UNUSED: usize = 256;

/// The cache of a dataset.
#[derive(Debug)]
pub struct Cache {
    folder: Option<PathBuf>,
    used: BTreeSet<String>,
}

impl Cache {
    /// The cache below a dataset.
    pub fn of(dataset: &Path) -> Self {
        let folder = dataset.join("cache");
        let usable = files::create_folder(&folder).is_ok();
        Self { folder: usable.then_some(folder), used: BTreeSet::new() }
    }

    /// No cache.
    pub fn none() -> Self {
        Self { folder: None, used: BTreeSet::new() }
    }

    /// A table, if it is there whole.
    pub fn get(&mut self, metric: &str, key: &str) -> Option<Counts> {
        let name = file_name(metric, key);
        let counts = Counts::read(&self.folder.as_ref()?.join(&name)).ok()?;
        self.used.insert(name);
        Some(counts)
    }

    /// Keeps a table. Empty ones have no shape that could be read back.
    pub fn put(&mut self, metric: &str, key: &str, counts: &Counts) {
        let Some(folder) = &self.folder else { return };
        if counts.is_empty() {
            return;
        }
        let name = file_name(metric, key);
        let beside = folder.join(format!("{name}.{}", std::process::id()));
        if counts.write(&beside).is_ok() && std::fs::rename(&beside, folder.join(&name)).is_ok() {
            self.used.insert(name);
        } else {
            let _ = std::fs::remove_file(&beside);
        }
    }

    /// Removes entries that this run did not use, once there are many.
    pub fn prune(&self) {
        let Some(folder) = &self.folder else { return };
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let unused: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| !self.used.contains(&*entry.file_name().to_string_lossy()))
            .map(|entry| entry.path())
            .collect();
        if unused.len() > MOST_UNUSED {
            for path in unused {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

fn file_name(metric: &str, key: &str) -> String {
    format!("{metric}-{}.parquet", key.get(..32).unwrap_or(key))
}
