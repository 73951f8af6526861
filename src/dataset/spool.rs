//! Rows on their way from a source to the dataset, in bounded memory.
//!
//! Rows gather on a [`Desk`] in Arrow builders, one set per table and partition. Full batches move on to the
//! [`Spools`], on another thread. When those pass their budget the largest is sorted and written to a
//! temporary run file; the merge later reads all runs side by side.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, Int64Builder, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::ipc::writer::FileWriter;
use arrow::row::{RowConverter, SortField};

use super::columns::{Builder, schema};
use super::files;
use super::index::{Index, Opened, hash};
use super::schema::{Row, Table};
use crate::error::{Error, Result, pages};

/// Rows per batch, everywhere in the ingest.
pub const BATCH: usize = 8192;
/// Rows that may wait on the desk, however many partitions they belong to.
const MOST_GATHERED: usize = 40 * BATCH;
/// Bytes that may be buffered before a run is written.
const BUDGET: usize = 96 << 20;
/// The file number of rows that were already on record.
pub const ON_RECORD: i64 = -1;

/// The schema of a table's rows while they travel: with their order and origin.
pub fn travelling(table: &Table) -> SchemaRef {
    let mut fields: Vec<Field> = schema(table).fields().iter().map(|field| field.as_ref().clone()).collect();
    fields.push(Field::new("_order", DataType::Int64, false));
    fields.push(Field::new("_origin", DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Where a row came from: the file, and whether it stands for a record of that file.
pub fn origin(file: u32, counted: bool) -> i64 {
    i64::from(file) * 2 + i64::from(counted)
}

/// Sorted rows of one table and partition.
#[derive(Debug)]
pub enum Run {
    /// In memory.
    Batches(Vec<RecordBatch>),
    /// In a temporary file.
    File(PathBuf),
}

/// A batch of one table and partition, ready to be spooled.
#[derive(Debug)]
pub struct Full {
    opened: Option<Opened>,
    table: &'static Table,
    batch: RecordBatch,
}

/// Rows of one table and partition that do not fill a batch yet.
#[derive(Debug)]
struct Gathering {
    opened: Option<Opened>,
    table: &'static Table,
    columns: Vec<Builder>,
    order: Int64Builder,
    origin: Int64Builder,
    rows: usize,
}

impl Gathering {
    fn new(opened: Option<Opened>, table: &'static Table) -> Self {
        Self {
            opened,
            table,
            columns: table.columns.iter().map(|column| Builder::new(column.ty)).collect(),
            order: Int64Builder::new(),
            origin: Int64Builder::new(),
            rows: 0,
        }
    }

    fn close(&mut self) -> Result<Full> {
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Builder::finish).collect();
        arrays.push(Arc::new(self.order.finish()));
        arrays.push(Arc::new(self.origin.finish()));
        self.rows = 0;
        let batch = RecordBatch::try_new(travelling(self.table), arrays)?;
        Ok(Full { opened: self.opened, table: self.table, batch })
    }
}

/// Where rows gather into batches, in the order they are read.
#[derive(Debug, Default)]
pub struct Desk {
    gathering: Vec<Gathering>,
    /// The place in `gathering` of each table's last row: most rows go where the one before them went.
    last: Vec<(&'static str, usize)>,
    rows: usize,
    order: i64,
}

impl Desk {
    /// Takes a row for a partition, `None` where that is not settled yet; gives a batch when one should move on.
    pub fn push<R: Row>(&mut self, opened: Option<Opened>, row: &R, origin: i64) -> Result<Option<Full>> {
        self.order += 1;
        self.rows += 1;
        let at = self.place(opened, R::TABLE);
        let Some(gathering) = self.gathering.get_mut(at) else { return Ok(None) };
        row.append(&mut gathering.columns);
        gathering.order.append_value(self.order);
        gathering.origin.append_value(origin);
        gathering.rows += 1;
        let full = if gathering.rows >= BATCH {
            gathering
        } else if self.rows > MOST_GATHERED
            && let Some(largest) = self.gathering.iter_mut().max_by_key(|gathering| gathering.rows)
        {
            largest
        } else {
            return Ok(None);
        };
        self.rows -= full.rows;
        full.close().map(Some)
    }

    /// The batches that were not full.
    pub fn rest(mut self) -> Result<Vec<Full>> {
        self.gathering.iter_mut().filter(|gathering| gathering.rows > 0).map(Gathering::close).collect()
    }

    fn place(&mut self, opened: Option<Opened>, table: &'static Table) -> usize {
        let last = match self.last.iter().position(|(name, _)| *name == table.name) {
            Some(last) => last,
            None => {
                self.last.push((table.name, usize::MAX));
                self.last.len() - 1
            }
        };
        let is_meant = |g: &Gathering| g.opened == opened && g.table.name == table.name;
        let known = self.last.get(last).map_or(usize::MAX, |(_, at)| *at);
        if self.gathering.get(known).is_some_and(is_meant) {
            return known;
        }
        let at = self.gathering.iter().position(is_meant).unwrap_or_else(|| {
            self.gathering.push(Gathering::new(opened, table));
            self.gathering.len() - 1
        });
        if let Some((_, known)) = self.last.get_mut(last) {
            *known = at;
        }
        at
    }
}

#[derive(Debug)]
struct Spool {
    table: &'static Table,
    batches: Vec<RecordBatch>,
    bytes: usize,
    runs: Vec<Run>,
}

impl Spool {
    fn new(table: &'static Table) -> Self {
        Self { table, batches: Vec::new(), bytes: 0, runs: Vec::new() }
    }
}

/// All spools of an ingest.
#[derive(Debug)]
pub struct Spools {
    folder: PathBuf,
    spools: BTreeMap<(Option<Opened>, &'static str), Spool>,
    bytes: usize,
    runs: usize,
}

impl Spools {
    /// Spools that write their runs into a temporary folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), spools: BTreeMap::new(), bytes: 0, runs: 0 }
    }

    /// Takes a batch of rows that belong to one partition.
    pub fn push(&mut self, full: Full) -> Result<()> {
        let Full { opened, table, batch } = full;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let spool = self.spools.entry((opened, table.name)).or_insert_with(|| Spool::new(table));
        let bytes = batch.get_array_memory_size();
        spool.bytes += bytes;
        spool.batches.push(batch);
        self.bytes += bytes;
        self.relieve()
    }

    /// Routes the rows whose partition was not settled while reading.
    pub fn settle(&mut self, index: &Index) -> Result<()> {
        let pending: Vec<_> = self.spools.keys().filter(|(opened, _)| opened.is_none()).copied().collect();
        for key in pending {
            let Some(mut spool) = self.spools.remove(&key) else { continue };
            let table = spool.table;
            self.bytes -= spool.bytes;
            for run in spool.runs.drain(..) {
                if let Run::File(path) = run {
                    for batch in read_run(&path)? {
                        self.route(index, table, &batch?)?;
                    }
                    std::fs::remove_file(&path).map_err(|e| Error::io("remove a temporary file", &path, &e))?;
                }
            }
            for batch in spool.batches {
                self.route(index, table, &batch)?;
            }
        }
        Ok(())
    }

    /// Sends the rows of a batch to the partitions of their applications.
    pub fn route(&mut self, index: &Index, table: &'static Table, batch: &RecordBatch) -> Result<()> {
        let mut rows: BTreeMap<Opened, Vec<u32>> = BTreeMap::new();
        for (row, application) in applications(batch)?.iter().enumerate() {
            let opened = index.opened(hash(application.unwrap_or_default()));
            rows.entry(opened).or_default().push(row as u32);
        }
        for (opened, rows) in rows {
            let batch = take_record_batch(batch, &UInt32Array::from(rows))?;
            self.push(Full { opened: Some(opened), table, batch })?;
        }
        Ok(())
    }

    /// Everything that was spooled, as sorted runs by partition and table.
    pub fn into_runs(mut self) -> Result<BTreeMap<Opened, BTreeMap<&'static str, Vec<Run>>>> {
        let mut out: BTreeMap<Opened, BTreeMap<&'static str, Vec<Run>>> = BTreeMap::new();
        for ((opened, name), mut spool) in std::mem::take(&mut self.spools) {
            if !spool.batches.is_empty() {
                let sorted = sorted(spool.table, &std::mem::take(&mut spool.batches))?;
                spool.runs.push(Run::Batches(sorted));
            }
            if let Some(opened) = opened
                && !spool.runs.is_empty()
            {
                out.entry(opened).or_default().insert(name, spool.runs);
            }
        }
        Ok(out)
    }

    /// Writes the largest buffer to a run file while the buffers are over the budget.
    fn relieve(&mut self) -> Result<()> {
        while self.bytes > BUDGET {
            let Some(key) = self.spools.iter().max_by_key(|(_, spool)| spool.bytes).map(|(key, _)| *key) else {
                return Ok(());
            };
            let Some(spool) = self.spools.get_mut(&key) else { return Ok(()) };
            if spool.bytes == 0 {
                return Ok(());
            }
            let batches = std::mem::take(&mut spool.batches);
            self.bytes -= std::mem::take(&mut spool.bytes);
            // Rows that still wait for their partition are routed before they are sorted.
            let batches = if key.0.is_none() { batches } else { sorted(spool.table, &batches)? };
            self.runs += 1;
            let path = self.folder.join(format!("run-{:06}", self.runs));
            let file = BufWriter::new(files::create(&path)?);
            let mut writer = FileWriter::try_new(file, &travelling(spool.table))?;
            for batch in &batches {
                writer.write(batch)?;
            }
            writer.finish()?;
            spool.runs.push(Run::File(path));
        }
        Ok(())
    }
}

/// The `application_id` column of a batch.
pub fn applications(batch: &RecordBatch) -> Result<&StringArray> {
    batch
        .column_by_name("application_id")
        .and_then(|column| column.as_any().downcast_ref::<StringArray>())
        .ok_or_else(|| Error::new(&pages::DEFECT, "a table of the dataset has no application_id"))
}

/// An integer column of a batch by name.
pub fn integers<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a Int64Array> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<Int64Array>())
}

/// The converter that turns a table's key into comparable bytes.
pub fn key_converter(table: &Table) -> Result<RowConverter> {
    let fields = table
        .key
        .iter()
        .filter_map(|name| table.index(name))
        .filter_map(|at| table.columns.get(at))
        .map(|column| SortField::new(super::columns::data_type(column.ty)))
        .collect();
    Ok(RowConverter::new(fields)?)
}

/// The key columns of a batch.
pub fn key_columns(table: &Table, batch: &RecordBatch) -> Vec<ArrayRef> {
    table.key.iter().filter_map(|name| batch.column_by_name(name)).cloned().collect()
}

/// Batches sorted by key; rows of one key stay in the order they were read.
fn sorted(table: &'static Table, batches: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let all = if batches.len() == 1 { first.clone() } else { concat_batches(&first.schema(), batches)? };
    let converter = key_converter(table)?;
    let rows = converter.convert_columns(&key_columns(table, &all))?;
    let mut order: Vec<u32> = (0..all.num_rows() as u32).collect();
    let in_order = order.windows(2).all(|pair| match pair {
        [a, b] => rows.row(*a as usize) <= rows.row(*b as usize),
        _ => true,
    });
    let all = if in_order {
        all
    } else {
        order.sort_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)));
        take_record_batch(&all, &UInt32Array::from(order))?
    };
    Ok((0..all.num_rows()).step_by(BATCH).map(|at| all.slice(at, BATCH.min(all.num_rows() - at))).collect())
}

/// The batches of a run file.
pub fn read_run(path: &Path) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
    let file = File::open(path).map_err(|e| Error::io("read a temporary file", path, &e))?;
    let reader = arrow::ipc::reader::FileReader::try_new(std::io::BufReader::new(file), None)?;
    Ok(reader.map(|batch| batch.map_err(Error::from)))
}
