//! A temporary folder, the program, and eyes for what it leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow::util::display::array_value_to_string;
use looplens::dataset::parquet;
use looplens::dataset::store::{Generation, Store};
use looplens::time::Instant;
use tempfile::TempDir;

/// A person who must never be seen: a name, an address and a remark about them.
pub(crate) const NAME: &str = "Zelda Quuxworthy";
pub(crate) const ADDRESS: &str = "zelda.quuxworthy@mail.example";
pub(crate) const REMARK: &str = "Hesitated badly over sharding; her aunt runs the shop";

/// A folder that goes away, and the program run inside it.
pub(crate) struct Scene {
    folder: TempDir,
}

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// One row of a Parquet table: column to value, missing ones left out, the partition under `opened`.
pub(crate) type Row = BTreeMap<String, String>;

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes an export folder.
    pub(crate) fn export(&self, name: &str, tables: &Tables) {
        fs::create_dir_all(self.path(name)).unwrap();
        for (file, text) in &tables.files {
            self.write(&format!("{name}/{file}"), text);
        }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_looplens"));
        command.current_dir(self.folder.path()).args(args).env_remove("NO_COLOR");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).stdin(Stdio::null()))
    }

    /// Ingests an export into the dataset `data`, which must work.
    pub(crate) fn ingest(&self, export: &str) -> Ran {
        self.run(&["ingest", export, "--dataset", "data"]).fine()
    }

    pub(crate) fn simulate(&self, format: &str, loops: u64, name: &str) {
        let loops = loops.to_string();
        self.run(&["simulate", "--loops", &loops, "--seed", "3", "--format", format, "--out", name]).fine();
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.status, Some(0), "{self:?}");
        self
    }

    /// Both streams show none of `secrets`.
    pub(crate) fn keeps(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.out.contains(secret) && !self.err.contains(secret), "`{secret}` is shown: {self:?}");
        }
    }
}

/// The current generation of a dataset.
pub(crate) fn current(dataset: &Path) -> Generation {
    Store::at(dataset).current().unwrap().expect("there is a dataset")
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    parquet::read(path, &[]).unwrap().map(Result::unwrap).collect()
}

fn shown(column: &ArrayRef, row: usize) -> String {
    match column.as_any().downcast_ref::<TimestampMicrosecondArray>() {
        Some(instants) => Instant(instants.value(row)).to_rfc3339(),
        None => array_value_to_string(column, row).unwrap(),
    }
}

/// The rows of one Parquet file, in their order.
pub(crate) fn file_rows(path: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in batches(path) {
        for row in 0..batch.num_rows() {
            let fields = batch.schema();
            let cells = fields.fields().iter().zip(batch.columns());
            rows.push(
                cells
                    .filter(|(_, column)| !column.is_null(row))
                    .map(|(field, column)| (field.name().clone(), shown(column, row)))
                    .collect(),
            );
        }
    }
    rows
}

/// The rows of a table of the current generation, partition by partition.
pub(crate) fn rows(dataset: &Path, table: &str) -> Vec<Row> {
    let generation = current(dataset);
    let mut out = Vec::new();
    for name in generation
        .manifest
        .tables
        .get(table)
        .map(|files| files.keys().cloned().collect::<Vec<String>>())
        .unwrap_or_default()
    {
        let partition = generation.folder.join(table).join(format!("opened={name}")).join("part-0.parquet");
        let partitioned = partition.exists();
        let path = if partitioned { partition } else { generation.folder.join(table).join(format!("{name}.parquet")) };
        for mut row in file_rows(&path) {
            if partitioned {
                row.insert("opened".to_owned(), name.clone());
            }
            out.push(row);
        }
    }
    out
}

/// The one row of a table that has this value in this column.
pub(crate) fn row_with(dataset: &Path, table: &str, column: &str, value: &str) -> Row {
    let mut found: Vec<Row> =
        rows(dataset, table).into_iter().filter(|row| row.get(column).is_some_and(|v| v == value)).collect();
    assert_eq!(found.len(), 1, "{table}.{column} = {value}");
    found.remove(0)
}

/// The value of a cell, empty where it is missing.
pub(crate) fn cell<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

/// Every file below a folder, with `/`, in order.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_file() {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// What readers of a dataset see: where `current` leads, and the hash of every file there.
pub(crate) fn seen_by_readers(dataset: &Path) -> BTreeMap<String, String> {
    let target = fs::read_link(dataset.join("current")).unwrap();
    let root = dataset.join(&target);
    let mut seen = hashes(&root, |_| true);
    seen.insert("current".to_owned(), target.display().to_string());
    seen
}

/// Hash of every file below a folder whose path there is wanted.
pub(crate) fn hashes(root: &Path, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    files_below(root)
        .into_iter()
        .map(|path| (path.strip_prefix(root).unwrap().display().to_string(), path))
        .filter(|(name, _)| wanted(name))
        .map(|(name, path)| (name, blake3::hash(&fs::read(path).unwrap()).to_hex().to_string()))
        .collect()
}

/// The partition files of the current generation: path below it to inode.
pub(crate) fn inodes(dataset: &Path) -> BTreeMap<String, u64> {
    let root = current(dataset).folder;
    files_below(&root)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("opened="))
        .map(|path| (path.strip_prefix(&root).unwrap().display().to_string(), fs::metadata(&path).unwrap().ino()))
        .collect()
}

/// An export of neutral tables, file by file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Tables {
    /// Forty loops that opened in the third quarter of 2026, each with a decision, an interview and two scores.
    /// Every one carries [`NAME`], [`ADDRESS`] and [`REMARK`] where exports carry such things.
    pub(crate) fn good() -> Self {
        let mut tables = Self::default();
        let mut applications = String::from("application_id,candidate_id,department,hiring_manager_id,applied_at\n");
        let mut decisions = String::from("application_id,decision,decided_at,decided_by,reason\n");
        let mut interviews =
            String::from("interview_id,application_id,stage,scheduled_at,starts_at,ends_at,interviewer_ids,status\n");
        let mut cards =
            String::from("application_id,stage,interviewer_id,dimension,score,scorecard_id,submitted_at,note\n");
        for n in 1..=40 {
            let day = n % 20 + 1;
            applications += &format!("app-{n},{NAME} {n},Sales,{ADDRESS},2026-07-{day:02}T08:00:00Z\n");
            decisions += &format!("app-{n},reject,2026-08-{day:02}T08:00:00Z,{ADDRESS},{REMARK}\n");
            interviews += &format!(
                "itv-{n},app-{n},Screen,2026-07-{day:02}T10:00:00Z,2026-07-{day:02}T15:00:00Z,2026-07-{day:02}T16:00:00Z,\
                 {NAME};{ADDRESS},done\n"
            );
            for dimension in ["craft", "clarity"] {
                cards += &format!(
                    "app-{n},Screen,{ADDRESS},{dimension},{},card-{n},2026-07-{day:02}T17:00:00Z,{REMARK}\n",
                    n % 4 + 1
                );
            }
        }
        tables.set("applications.csv", applications);
        tables.set("decisions.csv", decisions);
        tables.set("interviews.csv", interviews);
        tables.set("scorecards.csv", cards);
        tables
    }

    pub(crate) fn set(&mut self, file: &str, bytes: impl AsRef<[u8]>) {
        self.files.insert(file.to_owned(), bytes.as_ref().to_vec());
    }

    #[must_use]
    pub(crate) fn with(mut self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.set(file, bytes);
        self
    }

    /// Adds rows to the end of a file.
    #[must_use]
    pub(crate) fn and(mut self, file: &str, rows: impl AsRef<[u8]>) -> Self {
        self.files.entry(file.to_owned()).or_default().extend_from_slice(rows.as_ref());
        self
    }

    #[must_use]
    pub(crate) fn without(mut self, file: &str) -> Self {
        self.files.remove(file);
        self
    }

    /// Changes the text of a file.
    #[must_use]
    pub(crate) fn edit(mut self, file: &str, change: impl FnOnce(String) -> String) -> Self {
        let text = String::from_utf8(self.files.remove(file).unwrap()).unwrap();
        self.set(file, change(text));
        self
    }
}
