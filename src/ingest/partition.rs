//! One partition of the next generation: merged table by table, derived, or carried over.

use std::collections::BTreeMap;

use super::{Job, RunsByTable};
use crate::config::Config;
use crate::dataset::derive;
use crate::dataset::files;
use crate::dataset::index::Opened;
use crate::dataset::merge::{Counts, Found, Merge};
use crate::dataset::parquet::Written;
use crate::dataset::schema::{ENTITY_TABLES, MissingRecord, Row as _, ScoreRevision, Table};
use crate::dataset::store::{Compared, carry_over, partition_file};
use crate::error::{Error, Result};

/// A partition of the next generation.
pub(super) struct Partition {
    pub(super) opened: Opened,
    pub(super) files: Vec<(&'static str, Written)>,
    pub(super) counts: BTreeMap<u32, Counts>,
    pub(super) compared: Compared,
    pub(super) rewritten: bool,
}

/// Why a partition is merged although nothing new is read for it.
#[derive(Clone, Copy)]
pub(super) struct Concerns {
    /// It loses applications to another one.
    pub(super) loses: bool,
    /// The export holds some of its applications, or should.
    pub(super) is_spoken_of: bool,
}

/// Merges what was read for a partition with what is on record, and derives what follows from it.
pub(super) fn merge_partition<'m>(
    job: &Job<'_>,
    opened: Opened,
    mut runs: RunsByTable,
    concerns: Concerns,
    merge: &dyn Fn(&'static Table) -> Merge<'m>,
) -> Result<Partition> {
    let mut partition = Partition {
        opened,
        files: Vec::new(),
        counts: BTreeMap::new(),
        compared: Compared::default(),
        rewritten: false,
    };
    let name = opened.to_string();
    let before = |table: &str| job.on_record.and_then(|g| g.manifest.tables.get(table)?.get(&name).cloned());
    let mut found = Found::new(&job.new.join(".spool").join(&name));
    for table in ENTITY_TABLES {
        let mut new = runs.remove(table.name).unwrap_or_default();
        // What was found on the way is merged like anything else that was read.
        if table.name == ScoreRevision::TABLE.name {
            new.extend(found.revisions.take()?);
        } else if table.name == MissingRecord::TABLE.name {
            new.extend(found.missing.take()?);
        }
        let path = partition_file(job.new, table.name, opened);
        let old = job.on_record.and_then(|generation| generation.file(table.name, opened));
        let merge = merge(table);
        if new.is_empty() && !concerns.loses && !(concerns.is_spoken_of && merge.may_lose()) {
            if let (Some(old), Some(written)) = (old, before(table.name)) {
                carry_over(&old, &path)?;
                partition.files.push((table.name, written));
            }
            continue;
        }
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        let merged = merge.write(old.as_deref(), new, &path, &mut found)?;
        for (file, counts) in merged.counts {
            let total = partition.counts.entry(file).or_default();
            total.kept += counts.kept;
            total.replaced += counts.replaced;
            total.unjoined += counts.unjoined;
        }
        match (merged.written, before(table.name), old) {
            (Some(written), Some(same), Some(old)) if written == same => {
                // The same bytes: keep the file on record, so that nothing downstream is computed again.
                std::fs::remove_file(&path).map_err(|e| Error::io("remove a file", &path, &e))?;
                carry_over(&old, &path)?;
                partition.files.push((table.name, written));
            }
            (Some(written), _, _) => {
                partition.rewritten = true;
                partition.files.push((table.name, written));
            }
            (None, before, _) => partition.rewritten |= before.is_some(),
        }
    }
    partition.compared = found.compared;
    derive_partition(job, &mut partition, &before)?;
    Ok(partition)
}

fn derive_partition(job: &Job<'_>, partition: &mut Partition, before: &dyn Fn(&str) -> Option<Written>) -> Result<()> {
    let same_rules = job.on_record.is_some_and(|g| g.manifest.configuration == rules(job.config));
    let opened = partition.opened;
    if !partition.rewritten && same_rules {
        for table in ["loops", "loop_states"] {
            if let (Some(written), Some(old)) = (before(table), job.on_record.and_then(|g| g.file(table, opened))) {
                carry_over(&old, &partition_file(job.new, table, opened))?;
                partition.files.push((table, written));
            }
        }
        return Ok(());
    }
    let opens_scheduling = |stage: &str| !job.config.stages.has_no_appointment(stage);
    let rules = derive::Rules { observed_from: job.config.time.observed_from, opens_scheduling: &opens_scheduling };
    let (loops, states) = derive::derive(job.new, opened, &rules)?;
    partition.files.extend(loops.map(|written| ("loops", written)));
    partition.files.extend(states.map(|written| ("loop_states", written)));
    Ok(())
}

/// What decides how the derived tables follow from the entity tables.
pub(super) fn rules(config: &Config) -> String {
    format!("{}.{}", config.ingest_fingerprint, derive::VERSION)
}
