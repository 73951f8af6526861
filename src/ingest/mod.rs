//! One export into the next generation of a dataset: read, settle, merge, derive, account, commit.

pub mod intake;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use arrow::array::Array as _;

use crate::config::Config;
use crate::dataset::columns::{Builder, Value, schema};
use crate::dataset::derive;
use crate::dataset::files;
use crate::dataset::index::{Index, Opened, hash};
use crate::dataset::merge::{Counts, Merge, as_travelling, instants};
use crate::dataset::parquet::{self, Written};
use crate::dataset::privacy::{PrivateFolder, Shield};
use crate::dataset::schema::{ENTITY_TABLES, FORMAT_VERSION, LEDGER, REJECTS, Row as _, ScoreRevision, Table};
use crate::dataset::spool::{Desk, Run, Spools, applications, origin};
use crate::dataset::store::{Generation, Input, Manifest, Store, account_file, carry_over, partition_file};
use crate::error::{Error, Result};
use crate::progress::{Progress, Unit};
use crate::source::Source;
use crate::source::files::Export;
use crate::source::ledger::Ledger;
use crate::time::Instant;
use intake::{Intake, Spooled};

/// Partitions merged at the same time; the reference machine has two cores.
const WORKERS: usize = 2;

/// How an export is ingested.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether free text is kept.
    pub keep_text: bool,
    /// Whether the dataset starts afresh from this export instead of adding to what is on record.
    pub afresh: bool,
}

/// What an ingest did.
#[derive(Debug)]
pub struct Ingested {
    /// The manifest of the new generation.
    pub manifest: Manifest,
    /// The account of what was read.
    pub ledger: Ledger,
    /// The source that read it.
    pub source: &'static Source,
    /// Partitions that were written anew.
    pub rewritten: usize,
    /// Partitions that were carried over.
    pub carried: usize,
}

/// Ingests an export. Nothing is visible to readers unless all of it succeeds.
pub fn ingest(
    store: &Store,
    export: &Export,
    source: &'static Source,
    config: &Config,
    options: Options,
    progress: &dyn Progress,
) -> Result<Ingested> {
    let lock = store.lock()?;
    let on_record = store.current()?;
    let number = on_record.as_ref().map_or(1, |generation| generation.manifest.generation + 1);
    let on_record = on_record.filter(|_| !options.afresh);
    let private = PrivateFolder::of(&store.root);
    let shield = Shield::new(private.key()?, config.privacy.application_ids, options.keep_text);
    let new = store.begin(&lock)?;
    let built =
        build(&Job { export, source, config, on_record: on_record.as_ref(), number, new: &new, progress }, shield);
    let built = built.and_then(|(ingested, names)| {
        private.add_names(&names)?;
        store.commit(&lock, &new, &ingested.manifest, config.dataset.keep_generations)?;
        Ok(ingested)
    });
    if built.is_err() {
        // The next ingest would remove it too; a failure to do so now must not hide the cause.
        let _ = std::fs::remove_dir_all(&new);
    }
    built
}

/// The sorted runs of one partition, by table.
type RunsByTable = BTreeMap<&'static str, Vec<Run>>;

struct Job<'a> {
    export: &'a Export,
    source: &'static Source,
    config: &'a Config,
    on_record: Option<&'a Generation>,
    number: u64,
    new: &'a Path,
    progress: &'a dyn Progress,
}

fn build(job: &Job<'_>, shield: Shield) -> Result<(Ingested, BTreeMap<String, String>)> {
    let spool_folder = job.new.join(".spool");
    files::create_folder(&spool_folder)?;
    let bytes = job.export.files.iter().map(|file| file.bytes).sum();
    job.progress.phase("reading", Some(bytes), Unit::Bytes);
    let index = index_on_record(job.on_record)?;
    let mut intake = Intake::start(Spools::new(&spool_folder), index, shield, job.progress);
    if let Err(error) = (job.source.read)(job.export, job.config, &mut intake) {
        return Err(intake.failed(error));
    }
    let (mut ledger, mut spooled) = intake.finish()?;
    refuse_bad_exports(job, &ledger)?;
    decide_contested(job, &mut spooled)?;
    let reverse = spooled.index.donors();
    spooled.spools.settle(&spooled.index)?;
    let donors = move_rows(job, &spooled.index, &mut spooled.spools, reverse)?;
    let mut runs = spooled.spools.into_runs()?;
    let mut partitions: BTreeSet<Opened> = runs.keys().copied().collect();
    partitions.extend(job.on_record.iter().flat_map(|generation| generation.manifest.partitions()));
    job.progress.phase("writing", Some(partitions.len() as u64), Unit::Items);
    let queue: Mutex<Vec<(Opened, RunsByTable)>> =
        Mutex::new(partitions.iter().rev().map(|opened| (*opened, runs.remove(opened).unwrap_or_default())).collect());
    let done: Mutex<Vec<Result<Partition>>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((opened, runs)) = queue.lock().ok().and_then(|mut queue| queue.pop()) {
                    let merge = |table| Merge { table, opened, index: &spooled.index, recorded: spooled.latest };
                    let partition = merge_partition(job, opened, runs, donors.contains(&opened), &merge);
                    let failed = partition.is_err();
                    if let Ok(mut done) = done.lock() {
                        done.push(partition);
                    }
                    job.progress.advance(1);
                    if failed {
                        break;
                    }
                }
            });
        }
    });
    let mut manifest = Manifest {
        format_version: FORMAT_VERSION,
        generation: job.number,
        previous: job.on_record.map(|generation| generation.manifest.generation),
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        configuration: rules(job.config),
        latest_instant: job.on_record.and_then(|g| g.manifest.latest_instant).max(spooled.latest.map(|i| i.0)),
        inputs: job.on_record.map(|generation| generation.manifest.inputs.clone()).unwrap_or_default(),
        tables: BTreeMap::new(),
    };
    let (mut rewritten, mut carried) = (0, 0);
    let done = done.into_inner().map_err(|_| Error::environment("a writing thread stopped"))?;
    for partition in done {
        let partition = partition?;
        if partition.rewritten {
            rewritten += 1
        } else {
            carried += 1
        }
        for (file, counts) in partition.counts {
            if let Some(account) = ledger.files.get_mut(file as usize) {
                account.kept += counts.kept;
                account.replaced += counts.replaced;
                account.unjoined += counts.unjoined;
            }
        }
        for (table, written) in partition.files {
            manifest.tables.entry(table.to_owned()).or_default().insert(partition.opened.to_string(), written);
        }
    }
    std::fs::remove_dir_all(&spool_folder).map_err(|e| Error::io("remove a temporary folder", &spool_folder, &e))?;
    if let Some(account) = ledger.files.iter().find(|account| !account.reconciles()) {
        return Err(Error::environment(format!(
            "the account does not add up: {} read, {} kept, {} replaced, {} rejected; this is a defect of looplens",
            account.read,
            account.total_kept(),
            account.total_replaced(),
            account.rejected
        ))
        .place(account.file.clone())
        .help("nothing was committed; please report it"));
    }
    manifest.inputs.push(input(job, &ledger));
    write_accounts(job, &ledger, &mut manifest)?;
    Ok((Ingested { manifest, ledger, source: job.source, rewritten, carried }, spooled.names))
}

fn index_on_record(on_record: Option<&Generation>) -> Result<Index> {
    let mut index = Index::default();
    let Some(generation) = on_record else { return Ok(index) };
    for opened in generation.manifest.partitions() {
        let Some(path) = generation.file("applications", opened) else { continue };
        for batch in parquet::read(&path, &["application_id"])? {
            for id in applications(&batch?)?.iter().flatten() {
                index.on_record(hash(id), opened);
            }
        }
    }
    Ok(index)
}

/// Applications that say another quarter than the record does: the newer of the two stands.
fn decide_contested(job: &Job<'_>, spooled: &mut Spooled) -> Result<()> {
    for opened in spooled.index.contested() {
        let Some(path) = job.on_record.and_then(|generation| generation.file("applications", opened)) else {
            continue;
        };
        for batch in parquet::read(&path, &["application_id", "recorded_at"])? {
            let batch = batch?;
            let recorded = instants(&batch, "recorded_at");
            for (row, id) in applications(&batch)?.iter().enumerate() {
                let at = recorded.filter(|column| column.is_valid(row)).map(|column| Instant(column.value(row)));
                spooled.index.decide(hash(id.unwrap_or_default()), at, spooled.latest);
            }
        }
    }
    Ok(())
}

fn refuse_bad_exports(job: &Job<'_>, ledger: &Ledger) -> Result<()> {
    let read: u64 = ledger.files.iter().map(|account| account.read).sum();
    // A record that says it was deleted, or is no loop at all, is set aside and speaks for no mistake.
    let mistaken = |reason: &str| !matches!(reason, "deleted" | "not_a_loop");
    let rejected = ledger.rejects.iter().filter(|(_, reject)| mistaken(reject.reason)).count() as u64;
    if read == 0 {
        return Err(Error::input(format!("the export holds no {} record", job.source.title))
            .at(&job.export.root)
            .help("name another source with --source; `looplens list sources` says which files each one reads"));
    }
    let limit = job.config.dataset.largest_reject_share;
    if rejected as f64 > limit * read as f64 {
        let first = ledger.rejects.first().map(|(file, reject)| {
            let name = ledger.files.get(file.0 as usize).map_or("", |account| account.file.as_str());
            let field = reject.field.as_deref().map(|field| format!(", field {field}")).unwrap_or_default();
            let value = reject.value.as_deref().map(|value| format!(", {value}")).unwrap_or_default();
            format!("{}: {name}:{}{field}{value}", job.export.root.display(), reject.place)
        });
        let mut error = Error::input(format!(
            "{rejected} of {read} records cannot be used ({}), and nothing was committed{}",
            ledger.reasons().join(", "),
            ledger.unmapped_words().iter().map(|line| format!("\n    {line}")).collect::<String>()
        ))
        .help(format!(
            "map columns or words in looplens.toml (`looplens init`){}, or allow more than {:.0} % with \
             dataset.largest_reject_share",
            match ledger.lines_to_write() {
                lines if lines.is_empty() => String::new(),
                lines => format!(", such as {}", lines.join(" and ")),
            },
            limit * 100.0
        ));
        error.place = first;
        return Err(error);
    }
    Ok(())
}

/// Sends rows on record to the partitions their applications now belong to; gives the partitions that lose some.
fn move_rows(
    job: &Job<'_>,
    index: &Index,
    spools: &mut Spools,
    mut donors: BTreeSet<Opened>,
) -> Result<BTreeSet<Opened>> {
    let Some(generation) = job.on_record else { return Ok(BTreeSet::new()) };
    // Rows whose application was in no file so far may have found it now.
    donors.insert(Opened::UNKNOWN);
    let mut lose = BTreeSet::new();
    for opened in donors {
        for table in ENTITY_TABLES {
            let Some(path) = generation.file(table.name, opened) else { continue };
            for batch in parquet::read(&path, &[])? {
                let batch = batch?;
                let leaves: Vec<bool> = applications(&batch)?
                    .iter()
                    .map(|id| index.opened(hash(id.unwrap_or_default())) != opened)
                    .collect();
                if leaves.iter().any(|leaves| *leaves) {
                    lose.insert(opened);
                    let moving = arrow::compute::filter_record_batch(&batch, &leaves.into())?;
                    spools.route(index, table, &as_travelling(table, &moving)?)?;
                }
            }
        }
    }
    Ok(lose)
}

struct Partition {
    opened: Opened,
    files: Vec<(&'static str, Written)>,
    counts: BTreeMap<u32, Counts>,
    rewritten: bool,
}

fn merge_partition<'m>(
    job: &Job<'_>,
    opened: Opened,
    mut runs: RunsByTable,
    loses: bool,
    merge: &dyn Fn(&'static Table) -> Merge<'m>,
) -> Result<Partition> {
    let mut partition = Partition { opened, files: Vec::new(), counts: BTreeMap::new(), rewritten: false };
    let name = opened.to_string();
    let before = |table: &str| job.on_record.and_then(|g| g.manifest.tables.get(table)?.get(&name).cloned());
    let mut revisions: Vec<ScoreRevision> = Vec::new();
    for table in ENTITY_TABLES {
        let mut new = runs.remove(table.name).unwrap_or_default();
        if table.name == ScoreRevision::TABLE.name && !revisions.is_empty() {
            new.push(revision_run(job, &revisions)?);
        }
        let path = partition_file(job.new, table.name, opened);
        let old = job.on_record.and_then(|generation| generation.file(table.name, opened));
        if new.is_empty() && !loses {
            if let (Some(old), Some(written)) = (old, before(table.name)) {
                carry_over(&old, &path)?;
                partition.files.push((table.name, written));
            }
            continue;
        }
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        let merged = merge(table).write(old.as_deref(), new, &path)?;
        for (file, counts) in merged.counts {
            let total = partition.counts.entry(file).or_default();
            total.kept += counts.kept;
            total.replaced += counts.replaced;
            total.unjoined += counts.unjoined;
        }
        revisions.extend(merged.revisions);
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
fn rules(config: &Config) -> String {
    format!("{}.{}", config.ingest_fingerprint, derive::VERSION)
}

/// Score changes as a sorted run, so that they are merged like anything else that was read.
fn revision_run(job: &Job<'_>, revisions: &[ScoreRevision]) -> Result<Run> {
    let mut spools = Spools::new(job.new);
    let mut desk = Desk::default();
    for revision in revisions {
        if let Some(full) = desk.push(Some(Opened::UNKNOWN), revision, origin(0, false))? {
            spools.push(full)?;
        }
    }
    desk.rest()?.into_iter().try_for_each(|full| spools.push(full))?;
    let run = spools.into_runs()?.into_values().flat_map(BTreeMap::into_values).flatten().next();
    Ok(run.unwrap_or(Run::Batches(Vec::new())))
}

fn input(job: &Job<'_>, ledger: &Ledger) -> Input {
    let mut hasher = blake3::Hasher::new();
    for account in &ledger.files {
        hasher.update(account.file.as_bytes());
        hasher.update(account.blake3.as_bytes());
    }
    let sum = |count: fn(&crate::source::ledger::FileAccount) -> u64| ledger.files.iter().map(count).sum();
    Input {
        ingest: job.number,
        source: job.source.id.to_owned(),
        blake3: hasher.finalize().to_hex().to_string(),
        files: ledger.files.iter().filter(|account| account.read > 0).count() as u64,
        read: sum(|account| account.read),
        kept: sum(crate::source::ledger::FileAccount::total_kept),
        replaced: sum(crate::source::ledger::FileAccount::total_replaced),
        rejected: sum(|account| account.rejected),
        unjoined: sum(|account| account.unjoined),
    }
}

/// Writes this ingest's ledger and rejects beside those of earlier ingests.
fn write_accounts(job: &Job<'_>, ledger: &Ledger, manifest: &mut Manifest) -> Result<()> {
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
