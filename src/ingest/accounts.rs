//! The account of an ingest: what the manifest and the account tables keep of it.

use std::collections::BTreeMap;

use arrow::array::{Array as _, RecordBatch};

use super::Job;
use crate::dataset::columns::{Builder, Value, schema};
use crate::dataset::extent::{Extent, Kind};
use crate::dataset::files;
use crate::dataset::index::{Index, Opened, hash};
use crate::dataset::merge::instants;
use crate::dataset::parquet;
use crate::dataset::schema::{FORMAT_VERSION, LEDGER, REJECTS, SIGHTINGS, Table};
use crate::dataset::spool::applications;
use crate::dataset::store::{Compared, Input, Manifest, account_file, carry_over, partition_file};
use crate::dataset::views::sightings_file;
use crate::error::Result;
use crate::report::number::plural;
use crate::source::ledger::{FileAccount, FileId, Ledger};
use crate::time::Instant;

/// This export among the inputs of the manifest.
pub(super) fn input(job: &Job<'_>, ledger: &Ledger, extent: Extent, compared: Compared) -> Input {
    let mut hasher = blake3::Hasher::new();
    for account in &ledger.files {
        hasher.update(account.file.as_bytes());
        hasher.update(account.blake3.as_bytes());
    }
    let sum = |count: fn(&FileAccount) -> u64| ledger.files.iter().map(count).sum();
    Input {
        ingest: job.number,
        source: job.source.id.to_owned(),
        blake3: hasher.finalize().to_hex().to_string(),
        files: ledger.files.iter().filter(|account| account.read > 0).count() as u64,
        read: sum(|account| account.read),
        kept: sum(FileAccount::total_kept),
        replaced: sum(FileAccount::total_replaced),
        rejected: sum(|account| account.rejected),
        unjoined: sum(|account| account.unjoined),
        extent,
        compared,
    }
}

/// Remarks on what the export says about records of other exports.
pub(super) fn remark(ledger: &mut Ledger, files: &BTreeMap<Kind, FileId>, compared: &Compared) {
    let first = files.values().next().copied().unwrap_or(FileId(0));
    let file = |kind: Kind| files.get(&kind).copied().unwrap_or(first);
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let mut said: Vec<(FileId, String)> = Vec::new();
    if compared.scores_changed > 0 {
        let scores = plural(number(compared.scores_changed), "score differs", "scores differ");
        said.push((file(Kind::Scores), format!("{scores} between exports, see score_revisions")));
    }
    if compared.recommendations_changed > 0 {
        let count = number(compared.recommendations_changed);
        let changed = plural(count, "overall recommendation differs", "overall recommendations differ");
        said.push((file(Kind::Scorecards), format!("{changed} between exports, see score_revisions")));
    }
    if compared.histories_edited > 0 {
        let loops = plural(number(compared.histories_edited), "loop", "loops");
        let entries = plural(number(compared.history_entries_replaced), "entry", "entries");
        let text = format!(
            "the stage history of {loops} was edited since the last export: {entries} re-dated, renamed or removed, see \
             missing_records"
        );
        said.push((file(Kind::StageHistory), text));
    }
    for (counts, became) in [(&compared.missing_kept, "kept"), (&compared.missing_dropped, "taken out")] {
        let missing = Kind::ALL.into_iter().filter_map(|kind| Some((kind, *counts.get(kind.word())?)));
        let missing: Vec<(Kind, u64)> = missing.collect();
        let Some((first, _)) = missing.first() else { continue };
        let listed = missing.iter().map(|(kind, count)| {
            let (one, many) = kind.nouns();
            plural(number(*count), one, many)
        });
        let listed = listed.collect::<Vec<_>>().join(", ");
        said.push((file(*first), format!("missing from the newer export and {became}: {listed}")));
    }
    for (file, text) in said {
        if (file.0 as usize) < ledger.files.len() {
            ledger.remark(file, text);
        }
    }
}

/// Writes which applications the export held, unless the very same export is there already.
pub(super) fn write_sightings(job: &Job<'_>, index: &Index, manifest: &mut Manifest) -> Result<()> {
    carry_accounts(job, SIGHTINGS, manifest)?;
    let Some((own, before)) = manifest.inputs.split_last() else { return Ok(()) };
    if before.iter().any(|input| (&input.source, &input.blake3) == (&own.source, &own.blake3)) {
        return Ok(());
    }
    let name = sightings_file(job.number);
    let path = account_file(job.new, SIGHTINGS.name, &name);
    let mut writer = parquet::Writer::create(&path, schema(SIGHTINGS), SIGHTINGS.about, FORMAT_VERSION)?;
    let ingest = i64::try_from(job.number).ok();
    let partitions = manifest.tables.get("applications").into_iter().flat_map(BTreeMap::keys);
    for opened in partitions.filter_map(|name| Opened::parse(name)) {
        let path = partition_file(job.new, "applications", opened);
        for batch in parquet::read(&path, &["application_id", "applied_at"])? {
            let batch = batch?;
            let applied = instants(&batch, "applied_at");
            let mut builders: Vec<Builder> = SIGHTINGS.columns.iter().map(|column| Builder::new(column.ty)).collect();
            for (row, id) in applications(&batch)?.iter().enumerate() {
                let Some(id) = id.filter(|id| index.holds(hash(id))) else { continue };
                let at = applied.filter(|column| column.is_valid(row)).map(|column| Instant(column.value(row)));
                let [of, application, applied_at, history] = builders.as_mut_slice() else { continue };
                ingest.append_to(of);
                Some(id.to_owned()).append_to(application);
                at.append_to(applied_at);
                Some(index.tells_history(hash(id))).append_to(history);
            }
            let columns = builders.iter_mut().map(Builder::finish).collect();
            writer.write(&RecordBatch::try_new(schema(SIGHTINGS), columns)?)?;
        }
    }
    manifest.tables.entry(SIGHTINGS.name.to_owned()).or_default().insert(name, writer.finish()?);
    Ok(())
}

/// Writes this ingest's ledger and rejects beside those of earlier ingests.
pub(super) fn write_accounts(job: &Job<'_>, ledger: &Ledger, manifest: &mut Manifest) -> Result<()> {
    let name = format!("ingest-{:06}", job.number);
    let ingest = i64::try_from(job.number).ok();
    let rows = ledger.files.iter().map(|account| {
        let int = |value: u64| Field::Int(i64::try_from(value).ok());
        let join = |list: Vec<String>| Field::Text((!list.is_empty()).then(|| list.join(", ")));
        let labels = account.unknown_labels.iter();
        vec![
            Field::Int(ingest),
            Field::Text(Some(account.source.to_owned())),
            Field::Text(Some(account.file.clone())),
            Field::Text(Some(account.kind.clone())),
            Field::Text(Some(account.blake3.clone())),
            int(account.bytes),
            int(account.read),
            int(account.total_kept()),
            int(account.total_replaced()),
            int(account.rejected),
            int(account.unjoined),
            join(account.unknown_columns.iter().cloned().collect()),
            join(labels.map(|((field, label), count)| format!("{field}={label} ({count})")).collect()),
            Field::Text(
                (!account.remarks.is_empty()).then(|| account.remarks.iter().cloned().collect::<Vec<_>>().join("; ")),
            ),
        ]
    });
    write_account(job, LEDGER, &name, rows, manifest)?;
    let rows = ledger.rejects.iter().map(|(file, reject)| {
        let file = ledger.files.get(file.0 as usize).map(|account| account.file.clone()).unwrap_or_default();
        vec![
            Field::Int(ingest),
            Field::Text(Some(file)),
            Field::Text(Some(reject.place.to_string())),
            Field::Text(Some(reject.reason.to_owned())),
            Field::Text(reject.field.clone()),
            Field::Text(reject.value.clone()),
        ]
    });
    write_account(job, REJECTS, &name, rows, manifest)
}

enum Field {
    Text(Option<String>),
    Int(Option<i64>),
}

fn write_account(
    job: &Job<'_>,
    table: &'static Table,
    name: &str,
    rows: impl Iterator<Item = Vec<Field>>,
    manifest: &mut Manifest,
) -> Result<()> {
    carry_accounts(job, table, manifest)?;
    let mut builders: Vec<Builder> = table.columns.iter().map(|column| Builder::new(column.ty)).collect();
    for row in rows {
        for (builder, field) in builders.iter_mut().zip(row) {
            match field {
                Field::Text(value) => value.append_to(builder),
                Field::Int(value) => value.append_to(builder),
            }
        }
    }
    let batch = arrow::array::RecordBatch::try_new(schema(table), builders.iter_mut().map(Builder::finish).collect())?;
    let mut writer =
        parquet::Writer::create(&account_file(job.new, table.name, name), schema(table), table.about, FORMAT_VERSION)?;
    writer.write(&batch)?;
    manifest.tables.entry(table.name.to_owned()).or_default().insert(name.to_owned(), writer.finish()?);
    Ok(())
}

/// Carries what earlier ingests wrote over into the new generation.
fn carry_accounts(job: &Job<'_>, table: &'static Table, manifest: &mut Manifest) -> Result<()> {
    files::create_folder(&job.new.join(table.name))?;
    let kept = manifest.tables.entry(table.name.to_owned()).or_default();
    if let Some(generation) = job.on_record {
        for (name, written) in generation.manifest.tables.get(table.name).into_iter().flatten() {
            carry_over(&account_file(&generation.folder, table.name, name), &account_file(job.new, table.name, name))?;
            kept.insert(name.clone(), written.clone());
        }
    }
    Ok(())
}
