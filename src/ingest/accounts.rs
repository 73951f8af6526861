//! The account of an ingest: what the manifest and the account tables keep of it.

use crate::dataset::columns::{Builder, Value, schema};
use crate::dataset::files;
use crate::dataset::parquet;
use crate::dataset::schema::{FORMAT_VERSION, LEDGER, REJECTS, Table};
use crate::dataset::store::{Input, Manifest, account_file, carry_over};
use crate::error::Result;
use crate::source::ledger::{FileAccount, Ledger};

use super::Job;

/// This export among the inputs of the manifest.
pub(super) fn input(job: &Job<'_>, ledger: &Ledger) -> Input {
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
    }
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
    files::create_folder(&job.new.join(table.name))?;
    let kept = manifest.tables.entry(table.name.to_owned()).or_default();
    if let Some(generation) = job.on_record {
        for (name, written) in generation.manifest.tables.get(table.name).into_iter().flatten() {
            carry_over(&account_file(&generation.folder, table.name, name), &account_file(job.new, table.name, name))?;
            kept.insert(name.clone(), written.clone());
        }
    }
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
    kept.insert(name.to_owned(), writer.finish()?);
    Ok(())
}
