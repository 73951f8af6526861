//! One export into the next generation of a dataset: read, settle, merge, derive, account, commit.

mod accounts;
pub mod archive;
pub mod intake;
mod partition;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use arrow::array::Array as _;

use crate::config::{Config, Missing};
use crate::dataset::extent::Kind;
use crate::dataset::files;
use crate::dataset::index::{Index, Opened, hash};
use crate::dataset::merge::{Absence, Merge, as_travelling, instants};
use crate::dataset::parquet::{self};
use crate::dataset::privacy::{PrivateFolder, Shield};
use crate::dataset::schema::{ENTITY_TABLES, FORMAT_VERSION};
use crate::dataset::spool::{Run, Spools, applications};
use crate::dataset::store::{Compared, Generation, Manifest, Store};
use crate::dataset::views::Views;
use crate::error::{Error, Result, pages};
use crate::progress::{Progress, Unit};
use crate::source::Source;
use crate::source::files::Export;
use crate::source::ledger::Ledger;
use crate::time::Instant;
use intake::{Intake, Spooled};
use partition::{Concerns, Partition, merge_partition, rules};

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
    let shield = Shield::new(private.key()?, config.privacy.application_ids, options.keep_text)
        .with_judgements(&config.hygiene.judgement_words);
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
    let views = compare(job, &mut spooled)?;
    let reverse = spooled.index.donors();
    spooled.spools.settle(&spooled.index)?;
    let donors = move_rows(job, &spooled.index, &mut spooled.spools, reverse)?;
    let spoken_of = spooled.index.spoken_of();
    let drops = job.config.dataset.missing == Missing::Drop;
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
                    let merge = |table| Merge {
                        table,
                        opened,
                        index: &spooled.index,
                        recorded: spooled.latest,
                        absence: views.as_ref().map(|views| Absence { views, gone: &spooled.gone, drops }),
                    };
                    let concerns = Concerns {
                        loses: donors.contains(&opened),
                        is_spoken_of: spoken_of.contains(&opened) || !spooled.gone.is_empty(),
                    };
                    let partition = merge_partition(job, opened, runs, concerns, &merge);
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
    let mut compared = Compared::default();
    let done = done.into_inner().map_err(|_| Error::new(&pages::DEFECT, "a writing thread stopped"))?;
    for partition in done {
        let partition = partition?;
        if partition.rewritten {
            rewritten += 1
        } else {
            carried += 1
        }
        compared.add(&partition.compared);
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
        return Err(Error::new(
            &pages::DEFECT,
            format!(
                "the account does not add up: {} read, {} kept, {} replaced, {} rejected; this is a defect of looplens",
                account.read,
                account.total_kept(),
                account.total_replaced(),
                account.rejected
            ),
        )
        .place(account.file.clone())
        .help("nothing was committed; please report it"));
    }
    accounts::remark(&mut ledger, &spooled.files, &compared);
    manifest.inputs.push(accounts::input(job, &ledger, spooled.extent, compared));
    accounts::write_sightings(job, &spooled.index, &mut manifest)?;
    accounts::write_accounts(job, &ledger, &mut manifest)?;
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

/// Holds the export against those on record: which of its applications they saw, and which it should have.
fn compare(job: &Job<'_>, spooled: &mut Spooled) -> Result<Option<Views>> {
    let Some(on_record) = job.on_record else { return Ok(None) };
    let views = Views::read(on_record, &spooled.extent)?;
    views.mark_vanished(on_record, &spooled.extent, job.source.id, &mut spooled.index)?;
    // The source says so itself: such an application is gone whatever the export reaches.
    for (_, id) in spooled.gone.iter().filter(|(kind, _)| *kind == Kind::Applications) {
        if let (Some(latest), false) = (spooled.latest, spooled.index.holds(*id)) {
            spooled.index.vanish(*id, latest);
        }
    }
    Ok(Some(views))
}

/// Of so many records of one kind at least, more than this share rejected stops an ingest as well.
const MANY_OF_A_KIND: u64 = 20;
const MOST_OF_A_KIND: f64 = 0.5;

/// Rejected and read records of the kind of file that lost the largest share, among those with many.
fn worst_kind(ledger: &Ledger, mistaken: &dyn Fn(&str) -> bool) -> Option<(u64, u64)> {
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for account in &ledger.files {
        kinds.entry(account.kind.as_str()).or_default().1 += account.read;
    }
    for (file, _) in ledger.rejects.iter().filter(|(_, reject)| mistaken(reject.reason)) {
        if let Some(account) = ledger.files.get(file.0 as usize) {
            kinds.entry(account.kind.as_str()).or_default().0 += 1;
        }
    }
    let many = kinds.into_values().filter(|(_, read)| *read >= MANY_OF_A_KIND);
    many.max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)))
}

fn refuse_bad_exports(job: &Job<'_>, ledger: &Ledger) -> Result<()> {
    let read: u64 = ledger.files.iter().map(|account| account.read).sum();
    // A record that says it was deleted, or is no loop at all, is set aside and speaks for no mistake.
    let mistaken = |reason: &str| !matches!(reason, "deleted" | "not_a_loop");
    let rejected = ledger.rejects.iter().filter(|(_, reject)| mistaken(reject.reason)).count() as u64;
    if read == 0 {
        return Err(Error::new(&pages::NO_RECORDS, format!("the export holds no {} record", job.source.title))
            .at(&job.export.root)
            .help("name another source with --source; `looplens list sources` says which files each one reads"));
    }
    let limit = job.config.dataset.largest_reject_share;
    // A kind of record that is lost nearly whole would be missed among the many others.
    let (rejected, read, limit) = match worst_kind(ledger, &mistaken) {
        Some((lost, all)) if rejected as f64 <= limit * read as f64 => (lost, all, limit.max(MOST_OF_A_KIND)),
        _ => (rejected, read, limit),
    };
    if rejected as f64 > limit * read as f64 {
        let first = ledger.rejects.first().map(|(file, reject)| {
            let name = ledger.files.get(file.0 as usize).map_or("", |account| account.file.as_str());
            let field = reject.field.as_deref().map(|field| format!(", field {field}")).unwrap_or_default();
            let value = reject.value.as_deref().map(|value| format!(", {value}")).unwrap_or_default();
            format!("{}: {name}:{}{field}{value}", job.export.root.display(), reject.place)
        });
        let mut error = Error::new(
            &pages::TOO_MANY_REJECTS,
            format!(
                "{rejected} of {read} records cannot be used ({}), and nothing was committed{}",
                ledger.reasons().join(", "),
                ledger.unmapped_words().iter().map(|line| format!("\n    {line}")).collect::<String>()
            ),
        )
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
