//! Simulated exports to take apart and put together again, and what looplens makes of them.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use looplens::config::Config;
use looplens::dataset::store::{Generation, Store};
use looplens::engine::cache::Cache;
use looplens::engine::counts::Counts;
use looplens::engine::metric::{Context, Metric};
use looplens::engine::output;
use looplens::engine::results::{Cell, ResultTable};
use looplens::engine::run::NOTHING;
use looplens::engine::run::{self, Results};
use looplens::ingest::{self, Options};
use looplens::metrics::{METRICS, behind, chosen};
use looplens::progress::Silent;
use looplens::simulate;
use looplens::source::{self, files::Export};
use looplens::time::{Instant, Quarter};

/// The last instant of a simulated history.
pub(crate) const LAST: &str = "2026-09-30T23:59:59Z";

/// One CSV table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Csv {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Csv {
    pub(crate) fn column(&self, name: &str) -> usize {
        self.header.iter().position(|own| own == name).unwrap()
    }
}

/// The neutral tables of an export, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables(pub(crate) BTreeMap<String, Csv>);

impl Tables {
    /// A simulated history. A record of an application that is in no file ends it, so that its parts end at
    /// the same instant as the whole.
    pub(crate) fn simulated(loops: u64, seed: u64) -> Self {
        Self::simulated_with(loops, seed, &[])
    }

    /// A simulated history with other planted numbers.
    pub(crate) fn simulated_with(loops: u64, seed: u64, set: &[(&str, f64)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = simulate::Options {
            loops,
            seed,
            format: simulate::format("tables").unwrap(),
            out: folder.path().join("export"),
            until: simulate::Options::UNTIL,
            years: simulate::Options::YEARS,
            set: set.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        };
        simulate::simulate(&options, &mut |_| {}).unwrap();
        let mut tables = Self::read(&options.out);
        tables.ends_at(LAST);
        tables
    }

    pub(crate) fn read(folder: &Path) -> Self {
        let mut out = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|ext| ext != "csv") {
                continue;
            }
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let texts = |record: &StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
            let header = texts(reader.headers().unwrap());
            let rows = reader.records().map(|record| texts(&record.unwrap())).collect();
            out.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), Csv { header, rows });
        }
        Self(out)
    }

    pub(crate) fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for (name, table) in &self.0 {
            let mut writer = csv::Writer::from_path(folder.join(format!("{name}.csv"))).unwrap();
            writer.write_record(&table.header).unwrap();
            for row in &table.rows {
                writer.write_record(row).unwrap();
            }
            writer.flush().unwrap();
        }
    }

    /// The latest instant of the export becomes this one, if it was earlier.
    pub(crate) fn ends_at(&mut self, at: &str) {
        let row = ["app-9999999", "last record", "1", at, ""].map(str::to_owned).to_vec();
        self.0.get_mut("outcomes").unwrap().rows.push(row);
    }

    /// Only some applications, with everything that belongs to them; the last record stays.
    pub(crate) fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut out = self.clone();
        for table in out.0.values_mut() {
            let id = table.column("application_id");
            table.rows.retain(|row| row[id] == "app-9999999" || keep(&row[id]));
        }
        out
    }

    /// Rows of all tables that pass, by table and by the value of a named column.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str, &dyn Fn(&str) -> String) -> bool) {
        for (name, table) in &mut self.0 {
            let header = table.header.clone();
            table.rows.retain(|row| {
                let cell = |column: &str| {
                    header.iter().position(|own| own == column).and_then(|at| row.get(at)).cloned().unwrap_or_default()
                };
                keep(name, &cell)
            });
        }
    }

    /// When an application was made, by its id.
    pub(crate) fn applied(&self) -> BTreeMap<String, String> {
        let table = &self.0["applications"];
        let (id, at) = (table.column("application_id"), table.column("applied_at"));
        table.rows.iter().map(|row| (row[id].clone(), row[at].clone())).collect()
    }
}

/// A dataset in a temporary folder.
pub(crate) struct Dataset {
    folder: tempfile::TempDir,
    pub(crate) generation: Generation,
}

impl Dataset {
    pub(crate) fn of(tables: &Tables, config: &Config) -> Self {
        Self::with_key_of(tables, config, None)
    }

    /// A dataset in which people have the same pseudonyms as in another one.
    pub(crate) fn with_key_of(tables: &Tables, config: &Config, other: Option<&Self>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (export, root) = (folder.path().join("export"), folder.path().join("dataset"));
        tables.write(&export);
        if let Some(other) = other {
            std::fs::create_dir_all(root.join("private")).unwrap();
            std::fs::copy(other.root().join("private/key"), root.join("private/key")).unwrap();
        }
        let export = Export::open(&export).unwrap();
        let source = source::by_id("tables").unwrap();
        let store = Store::at(&root);
        let options = Options { keep_text: false, afresh: false };
        ingest::ingest(&store, &export, source, config, options, &Silent).unwrap();
        let generation = store.existing().unwrap();
        Self { folder, generation }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("dataset")
    }

    /// Everything computed afresh.
    pub(crate) fn results(&self, context: &Context<'_>) -> Results {
        run::run(&metrics(), &self.generation, &mut Cache::none(), context, &Silent).unwrap()
    }

    /// Some metrics computed afresh, by id, with those that they need.
    pub(crate) fn results_of(&self, ids: &[&str], context: &Context<'_>) -> Results {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let questions = chosen(&ids);
        assert_eq!(questions.len(), ids.len(), "{ids:?}");
        run::run(&behind(&questions), &self.generation, &mut Cache::none(), context, &Silent).unwrap()
    }

    /// Everything computed with the dataset's cache.
    pub(crate) fn cached_results(&self, context: &Context<'_>) -> Results {
        run::run(&metrics(), &self.generation, &mut Cache::of(&self.root()), context, &Silent).unwrap()
    }

    /// The additive tables of all partitions, by metric: those that a run left in the cache.
    pub(crate) fn additive(&self, context: &Context<'_>) -> BTreeMap<&'static str, Vec<Counts>> {
        let cache = self.root().join("cache");
        let _ = std::fs::remove_dir_all(&cache);
        self.cached_results(context);
        let mut out: BTreeMap<&'static str, Vec<Counts>> = BTreeMap::new();
        for entry in std::fs::read_dir(&cache).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".parquet").unwrap();
            let (id, _) = stem.rsplit_once('-').unwrap();
            let id = metrics().into_iter().find(|metric| metric.id == id).unwrap().id;
            out.entry(id).or_default().push(Counts::read(&entry.path()).unwrap());
        }
        out
    }
}

pub(crate) fn metrics() -> Vec<&'static Metric> {
    METRICS.iter().map(|question| &question.metric).collect()
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_bound(text).unwrap()
}

pub(crate) fn context<'a>(config: &'a Config, as_of: &str, period: Option<&str>) -> Context<'a> {
    Context { config, as_of: at(as_of), period: period.map(|text| Quarter::parse(text).unwrap()), earlier: &NOTHING }
}

/// A table of results as the bytes that are written.
pub(crate) fn bytes(table: &ResultTable) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    output::write(table, &path).unwrap();
    std::fs::read(path).unwrap()
}

/// An additive table as the bytes that are written.
pub(crate) fn counts_bytes(counts: &Counts) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts.parquet");
    counts.write(&path).unwrap();
    std::fs::read(path).unwrap()
}

/// The same tables byte for byte; says which row differs if they are not.
#[track_caller]
pub(crate) fn assert_same(left: &[ResultTable], right: &[ResultTable], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}");
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left.spec.name, right.spec.name, "{what}");
        for (a, b) in left.rows.iter().zip(&right.rows) {
            assert_eq!(named(left, a), named(right, b), "{what}: {}", left.spec.name);
        }
        assert_eq!(left.rows.len(), right.rows.len(), "{what}: {}", left.spec.name);
        assert!(bytes(left) == bytes(right), "{what}: {} has other bytes", left.spec.name);
    }
}

/// A row with the names of its columns.
pub(crate) fn named<'a>(table: &'a ResultTable, row: &'a [Cell]) -> BTreeMap<&'static str, &'a Cell> {
    table.spec.columns.iter().map(|column| column.name).zip(row).collect()
}

/// Only some rows of a table.
pub(crate) fn rows_where(table: &ResultTable, keep: impl Fn(&dyn Fn(&str) -> Cell) -> bool) -> ResultTable {
    let mut out = ResultTable::new(table.spec);
    out.rows = table.rows.iter().filter(|row| keep(&|name| table.get(row, name).clone())).cloned().collect();
    out
}
