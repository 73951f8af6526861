//! Generations: a dataset is switched from one whole state to the next by one atomic rename.
//!
//! ```text
//! DATASET/current -> generations/000012
//! DATASET/generations/000012/<table>/opened=2026Q3/part-0.parquet
//! DATASET/generations/000012/manifest.json
//! DATASET/private/                      the key and the interviewers' names, mode 0700
//! ```
//!
//! A reader follows `current` once and then reads a generation that nobody changes. A writer builds the next
//! one beside it; a crash, a full disk or a kill at any instant leaves `current` where it was.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::extent::Extent;
use super::files;
use super::index::Opened;
use super::parquet::Written;
use super::schema::FORMAT_VERSION;
use crate::error::{Error, Result, pages};
use crate::time::Instant;

/// What a generation holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format on disk.
    pub format_version: u32,
    /// The number of this generation.
    pub generation: u64,
    /// The one before it.
    pub previous: Option<u64>,
    /// The version of looplens that wrote it.
    pub written_by: String,
    /// A fingerprint of the configuration that decides what ingest writes.
    pub configuration: String,
    /// The latest instant at which anything in the data is known to have happened, microseconds.
    pub latest_instant: Option<i64>,
    /// The exports that were ingested, oldest first.
    pub inputs: Vec<Input>,
    /// Table, then partition, then what its file is. Tables that are not partitioned have the key `all`.
    pub tables: BTreeMap<String, BTreeMap<String, Written>>,
}

/// One ingested export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The generation its ingest made.
    pub ingest: u64,
    /// The source that read it.
    pub source: String,
    /// A hash over its files' names and hashes.
    pub blake3: String,
    /// Its files.
    pub files: u64,
    /// Records read.
    pub read: u64,
    /// Records kept.
    pub kept: u64,
    /// Records replaced.
    pub replaced: u64,
    /// Records rejected.
    pub rejected: u64,
    /// Records kept whose application is in no file.
    pub unjoined: u64,
    /// How far it reaches.
    #[serde(default)]
    pub extent: Extent,
    /// What it says about records of other exports.
    #[serde(default)]
    pub compared: Compared,
}

/// What an export says about records of other exports: on record and missing from it, or the other way round
/// where the export is the older one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Scores that two exports show differently.
    pub scores_changed: u64,
    /// Overall recommendations that two exports show differently.
    pub recommendations_changed: u64,
    /// Loops whose stage history was edited.
    pub histories_edited: u64,
    /// Entries of their history that the newer export no longer holds.
    pub history_entries_replaced: u64,
    /// Missing records that were kept, by kind.
    pub missing_kept: BTreeMap<String, u64>,
    /// Missing records that were taken out, by kind.
    pub missing_dropped: BTreeMap<String, u64>,
}

impl Compared {
    /// Adds what another part of the export says.
    pub fn add(&mut self, other: &Self) {
        self.scores_changed += other.scores_changed;
        self.recommendations_changed += other.recommendations_changed;
        self.histories_edited += other.histories_edited;
        self.history_entries_replaced += other.history_entries_replaced;
        for (own, other) in
            [(&mut self.missing_kept, &other.missing_kept), (&mut self.missing_dropped, &other.missing_dropped)]
        {
            for (kind, count) in other {
                *own.entry(kind.clone()).or_default() += count;
            }
        }
    }
}

impl Manifest {
    /// The latest instant in the data.
    pub fn latest(&self) -> Option<Instant> {
        self.latest_instant.map(Instant)
    }

    /// The partitions, in order of time, the unknown one first.
    pub fn partitions(&self) -> Vec<Opened> {
        let mut all: Vec<Opened> =
            self.tables.values().flat_map(BTreeMap::keys).filter_map(|name| Opened::parse(name)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A whole generation, open for reading.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Its folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Generation {
    /// The file of a table and partition, if there is one.
    pub fn file(&self, table: &str, opened: Opened) -> Option<PathBuf> {
        let name = opened.to_string();
        self.manifest.tables.get(table)?.get(&name)?;
        Some(partition_file(&self.folder, table, opened))
    }

    /// The file of a table that is not partitioned, written by one ingest.
    pub fn account_files(&self, table: &str) -> Vec<PathBuf> {
        self.manifest
            .tables
            .get(table)
            .map(|files| files.keys().map(|name| account_file(&self.folder, table, name)).collect())
            .unwrap_or_default()
    }
}

/// The path of a partition's file below a generation.
pub fn partition_file(generation: &Path, table: &str, opened: Opened) -> PathBuf {
    generation.join(table).join(format!("opened={opened}")).join("part-0.parquet")
}

/// The path of an ingest's file of an account table.
pub fn account_file(generation: &Path, table: &str, name: &str) -> PathBuf {
    generation.join(table).join(format!("{name}.parquet"))
}

/// A dataset's folder.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where it is.
    pub root: PathBuf,
}

/// The right to write, held while it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Store {
    /// The dataset in a folder, which need not exist yet.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Opens the current generation; `None` where nothing was ingested yet.
    pub fn current(&self) -> Result<Option<Generation>> {
        let link = self.root.join("current");
        let folder = match std::fs::read_link(&link) {
            Ok(target) => self.root.join(target),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::io("open the dataset", &link, &e)),
        };
        let path = folder.join("manifest.json");
        let bytes = std::fs::read(&path).map_err(|e| Error::io("read the manifest", &path, &e))?;
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let damaged = |e: &dyn std::fmt::Display| {
            Error::new(&pages::DAMAGED_DATASET, format!("the manifest is damaged: {e}"))
                .at(&path)
                .help("point `current` at the generation before, or ingest the exports again")
        };
        let version: Version = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        if version.format_version > FORMAT_VERSION {
            return Err(Error::new(
                &pages::NEWER_DATASET,
                format!(
                    "the dataset has format version {}, and this looplens knows up to {FORMAT_VERSION}",
                    version.format_version
                ),
            )
            .at(&self.root)
            .help("use the newer looplens that wrote it"));
        }
        let manifest = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
        Ok(Some(Generation { folder, manifest }))
    }

    /// Opens the current generation, which must exist.
    pub fn existing(&self) -> Result<Generation> {
        self.current()?.ok_or_else(|| {
            Error::new(&pages::NO_DATASET, "there is no dataset here")
                .at(&self.root)
                .help("make one with `looplens ingest EXPORT --dataset DIR`")
        })
    }

    /// Takes the right to write, or says who has it.
    pub fn lock(&self) -> Result<Lock> {
        self.refuse_other_folders()?;
        files::create_folder(&self.root)?;
        let path = self.root.join("lock");
        let file = files::create(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(Error::new(&pages::LOCKED, "another looplens is writing this dataset")
                    .at(&self.root)
                    .help("wait until it has finished, then run the same command again"))
            }
            Err(std::fs::TryLockError::Error(e)) => Err(Error::io("lock the dataset", &path, &e)),
        }
    }

    /// A folder that holds something else, such as an export, is not turned into a dataset.
    fn refuse_other_folders(&self) -> Result<()> {
        const OWN: [&str; 5] = ["cache", "current", "generations", "lock", "private"];
        let Ok(entries) = std::fs::read_dir(&self.root) else { return Ok(()) };
        let mut names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).peekable();
        if names.peek().is_some() && !names.any(|name| OWN.contains(&name.as_str())) {
            return Err(Error::new(&pages::NOT_A_DATASET, "the folder holds something else and is no dataset")
                .at(&self.root)
                .help("name a new or an empty folder, or a dataset"));
        }
        Ok(())
    }

    /// The folder of a generation.
    pub fn generation_folder(&self, number: u64) -> PathBuf {
        self.root.join("generations").join(format!("{number:06}"))
    }

    /// A fresh folder for the next generation; what an interrupted ingest left is removed.
    pub fn begin(&self, _lock: &Lock) -> Result<PathBuf> {
        let generations = self.root.join("generations");
        files::create_folder(&generations)?;
        let entries = std::fs::read_dir(&generations).map_err(|e| Error::io("list the folder", &generations, &e))?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(".new-") {
                let path = entry.path();
                std::fs::remove_dir_all(&path).map_err(|e| Error::io("remove an unfinished generation", &path, &e))?;
            }
        }
        let folder = generations.join(".new-generation");
        files::create_folder(&folder)?;
        Ok(folder)
    }

    /// Makes the new generation current. Up to the last rename nothing has changed for readers.
    pub fn commit(&self, _lock: &Lock, new: &Path, manifest: &Manifest, keep: usize) -> Result<()> {
        let text = serde_json::to_vec_pretty(manifest)
            .map_err(|e| Error::new(&pages::DEFECT, format!("the manifest cannot be written: {e}")))?;
        files::write_atomically(&new.join("manifest.json"), &text)?;
        let folder = self.generation_folder(manifest.generation);
        if folder.exists() {
            // A generation that was finished but never became current.
            std::fs::remove_dir_all(&folder).map_err(|e| Error::io("remove an unfinished generation", &folder, &e))?;
        }
        std::fs::rename(new, &folder).map_err(|e| Error::io("put the generation in place", &folder, &e))?;
        files::sync_folder(&self.root.join("generations"));
        let beside = self.root.join("current.new");
        let _ = std::fs::remove_file(&beside);
        let target = Path::new("generations").join(format!("{:06}", manifest.generation));
        #[cfg(unix)]
        std::os::unix::fs::symlink(&target, &beside).map_err(|e| Error::io("link the generation", &beside, &e))?;
        #[cfg(windows)]
        std::os::windows::fs::symlink_dir(&target, &beside)
            .map_err(|e| Error::io("link the generation", &beside, &e))?;
        let current = self.root.join("current");
        std::fs::rename(&beside, &current).map_err(|e| Error::io("switch the dataset", &current, &e))?;
        files::sync_folder(&self.root);
        self.vacuum(manifest.generation, keep)
    }

    /// Removes all but the last `keep` generations.
    fn vacuum(&self, current: u64, keep: usize) -> Result<()> {
        let generations = self.root.join("generations");
        let entries = std::fs::read_dir(&generations).map_err(|e| Error::io("list the folder", &generations, &e))?;
        for entry in entries.flatten() {
            let number = entry.file_name().to_string_lossy().parse::<u64>();
            if let Ok(number) = number
                && number + (keep as u64) <= current
            {
                let path = entry.path();
                std::fs::remove_dir_all(&path).map_err(|e| Error::io("remove an old generation", &path, &e))?;
            }
        }
        Ok(())
    }
}

/// Carries a file over into the new generation without copying its bytes where the file system can.
pub fn carry_over(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        files::create_folder(folder)?;
    }
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to).map(|_| ()).map_err(|e| Error::io("carry a file over", to, &e))
}
