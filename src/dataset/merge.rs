//! Merging what was read into what is on record: one row per entity, the newest.
//!
//! Sorted runs and the sorted partition on record are walked side by side, so memory holds one batch of
//! each whatever their size. Nearly all rows are the only ones with their key, and they pass in stretches.
//! Where several rows share a key, the one recorded last stands; an earlier or equal one counts as replaced
//! (`changes.rs` tells what was edited). A row that says what the record already says changes nothing, so that
//! the same export twice gives the same bytes. A row that only one of two exports holds may be missing from the
//! newer one (`absence.rs`).

mod absence;
mod changes;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::{concat_batches, interleave_record_batch};
use arrow::row::{Row as Key, RowConverter, Rows, SortField};

use super::columns::{data_type, schema};
use super::files;
use super::index::{Index, Opened, hash};
use super::parquet;
use super::schema::{Interview, Row, Score, Scorecard, Table};
use super::spool::{self, BATCH, Desk, ON_RECORD, Run, Spools, applications, integers, origin, travelling};
use super::store::Compared;
use crate::error::Result;
use crate::time::Instant;

pub use absence::Absence;

/// What a merge of one table and partition did.
#[derive(Debug, Default)]
pub struct Merged {
    /// The file, if any row stands.
    pub written: Option<parquet::Written>,
    /// Per file of the export: counted rows kept, replaced, and kept without an application.
    pub counts: HashMap<u32, Counts>,
}

/// What the merges of a partition find beside the rows they were given, for tables that are merged later.
#[derive(Debug)]
pub struct Found {
    /// Changes of scores and recommendations.
    pub revisions: Beside,
    /// Records that are missing from a newer export.
    pub missing: Beside,
    /// Their counts.
    pub compared: Compared,
    /// The application whose stage history was found edited last.
    edited: Option<String>,
}

impl Found {
    /// Nothing yet; a folder for what does not fit into memory.
    pub fn new(folder: &Path) -> Self {
        let beside = |name: &str| Beside { folder: folder.join(name), under_way: None };
        Self { revisions: beside("revisions"), missing: beside("missing"), compared: Compared::default(), edited: None }
    }
}

/// Rows of one table that are found on the way.
#[derive(Debug)]
pub struct Beside {
    folder: PathBuf,
    under_way: Option<(Desk, Spools)>,
}

impl Beside {
    fn push<R: Row>(&mut self, row: &R) -> Result<()> {
        if self.under_way.is_none() {
            files::create_folder(&self.folder)?;
        }
        let (desk, spools) = self.under_way.get_or_insert_with(|| (Desk::default(), Spools::new(&self.folder)));
        let full = desk.push(Some(Opened::UNKNOWN), row, origin(0, false))?;
        full.map_or(Ok(()), |full| spools.push(full))
    }

    /// The rows so far, as sorted runs.
    pub fn take(&mut self) -> Result<Vec<Run>> {
        let Some((desk, mut spools)) = self.under_way.take() else { return Ok(Vec::new()) };
        desk.rest()?.into_iter().try_for_each(|full| spools.push(full))?;
        Ok(spools.into_runs()?.into_values().flat_map(std::collections::BTreeMap::into_values).flatten().collect())
    }
}

/// Counted rows of one file.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Rows that stand.
    pub kept: u64,
    /// Rows that another one stands in for.
    pub replaced: u64,
    /// Rows that stand although their application is in no file.
    pub unjoined: u64,
}

impl Counts {
    fn add(&mut self, unjoined: bool) {
        self.kept += 1;
        self.unjoined += u64::from(unjoined);
    }
}

impl Merged {
    /// Accounts for a row that does not stand.
    fn replace(&mut self, origin: i64) {
        if let Some(file) = counted_file(origin) {
            self.counts.entry(file).or_default().replaced += 1;
        }
    }

    fn add(&mut self, (file, counts): (u32, Counts)) {
        let total = self.counts.entry(file).or_default();
        total.kept += counts.kept;
        total.unjoined += counts.unjoined;
    }
}

/// What a merge needs to know.
pub struct Merge<'a> {
    /// The table.
    pub table: &'static Table,
    /// The partition.
    pub opened: Opened,
    /// Where applications belong.
    pub index: &'a Index,
    /// The export's latest instant, for records that do not say when they changed.
    pub recorded: Option<Instant>,
    /// What is known about missing records; `None` where nothing is on record.
    pub absence: Option<Absence<'a>>,
}

impl Merge<'_> {
    /// Merges the partition on record with new runs and writes the result.
    pub fn write(&self, on_record: Option<&Path>, runs: Vec<Run>, to: &Path, found: &mut Found) -> Result<Merged> {
        let mut cursors = Vec::new();
        let keys = spool::key_converter(self.table)?;
        if let Some(path) = on_record {
            let batches = parquet::read(path, &[])?;
            let index = self.index;
            let opened = self.opened;
            let table = self.table;
            let stay = batches.map(move |batch| staying(index, opened, table, &batch?));
            cursors.push(Cursor::new(Box::new(stay), self.table, &keys)?);
        }
        for run in runs {
            let batches: Box<dyn Iterator<Item = Result<RecordBatch>>> = match run {
                Run::Batches(batches) => Box::new(batches.into_iter().map(Ok)),
                Run::File(path) => Box::new(spool::read_run(&path)?),
            };
            cursors.push(Cursor::new(batches, self.table, &keys)?);
        }
        let content = Content::of(self.table)?;
        let mut out = Output { merge: self, to, writer: None, batches: Vec::new(), stretches: Vec::new(), rows: 0 };
        let mut merged = Merged::default();
        let mut group: Vec<Candidate> = Vec::new();
        while let Some((first, limit)) = smallest(&cursors) {
            let Some(at) = cursors.get(first) else { break };
            let alone = at.alone(limit.and_then(|limit| cursors.get(limit)?.key()));
            if let (Some(batch), false) = (&at.current, alone.is_empty()) {
                self.pass(batch, alone.clone(), &mut merged, &mut out, found)?;
                if let Some(cursor) = cursors.get_mut(first) {
                    cursor.advance(alone.len(), &keys)?;
                }
                continue;
            }
            let Some(key) = at.key().map(|key| key.owned()) else { break };
            for cursor in &mut cursors {
                while cursor.key() == Some(key.row()) {
                    group.extend(cursor.candidate());
                    cursor.advance(1, &keys)?;
                }
            }
            self.settle(&mut group, &content, &mut merged, &mut out, found)?;
            group.clear();
        }
        merged.written = out.finish()?;
        Ok(merged)
    }

    /// Lets rows through that are the only ones with their key, but for those that leave.
    fn pass(
        &self,
        batch: &Rc<Keyed>,
        rows: Range<usize>,
        merged: &mut Merged,
        out: &mut Output<'_>,
        found: &mut Found,
    ) -> Result<()> {
        let mut from = rows.start;
        if !self.passes(batch) {
            let ids = applications(&batch.rows)?;
            // Rows come application by application, and about most applications there is nothing to say.
            let mut quiet = None;
            for row in rows.clone() {
                let of = (batch.origin.value(row) == ON_RECORD, ids.value(row));
                if quiet == Some(of) {
                    continue;
                }
                if self.is_quiet(hash(of.1), of.0) {
                    quiet = Some(of);
                } else if self.leaves(batch, row, found)? {
                    self.keep(batch, from..row, merged)?;
                    out.push(batch, from..row)?;
                    from = row + 1;
                    merged.replace(batch.origin.value(row));
                }
            }
        }
        self.keep(batch, from..rows.end, merged)?;
        out.push(batch, from..rows.end)
    }

    /// Accounts for rows that are the only ones with their key.
    fn keep(&self, batch: &Keyed, rows: Range<usize>, merged: &mut Merged) -> Result<()> {
        let applications = if self.opened == Opened::UNKNOWN { Some(applications(&batch.rows)?) } else { None };
        let mut counts: Option<(u32, Counts)> = None;
        for row in rows {
            let Some(file) = counted_file(batch.origin.value(row)) else { continue };
            let unjoined = applications.is_some_and(|ids| !self.index.is_known(hash(ids.value(row))));
            match &mut counts {
                Some((of, counts)) if *of == file => counts.add(unjoined),
                other => {
                    let mut fresh = Counts::default();
                    fresh.add(unjoined);
                    if let Some(done) = other.replace((file, fresh)) {
                        merged.add(done);
                    }
                }
            }
        }
        if let Some(done) = counts {
            merged.add(done);
        }
        Ok(())
    }

    /// Decides which row of a group stands, and accounts for the others.
    fn settle(
        &self,
        group: &mut [Candidate],
        content: &Content,
        merged: &mut Merged,
        out: &mut Output<'_>,
        found: &mut Found,
    ) -> Result<()> {
        if group.len() > 1 {
            for candidate in group.iter_mut() {
                candidate.recorded = candidate.recorded.or(self.recorded.map(|instant| instant.0));
            }
            if self.table.name == Scorecard::TABLE.name {
                // Neutral tables tell a card once per row. Whatever their order, the card is the same: the one
                // that recommends something, and of those the first submission.
                group.sort_by_cached_key(|c| {
                    let submitted = std::cmp::Reverse(c.integer_instant("submitted_at").unwrap_or(i64::MAX));
                    (c.recorded, c.text("recommendation_raw").is_some(), submitted, c.order)
                });
            } else if group.iter().all(|c| c.revision.is_some()) {
                // Where the source numbers its edits the number tells, whichever export an edit is seen in.
                group.sort_by_key(|c| (c.revision, c.recorded, c.order));
            } else {
                group.sort_by_key(|c| (c.recorded, c.revision, c.order));
            }
        }
        let Some(newest) = group.last() else { return Ok(()) };
        let is_old = newest.origin == ON_RECORD;
        let in_both = group.iter().any(|c| (c.origin == ON_RECORD) != is_old);
        if !in_both && self.absence.is_some() && self.leaves(&newest.batch, newest.row, found)? {
            group.iter().for_each(|leaving| merged.replace(leaving.origin));
            return Ok(());
        }
        if self.table.name == Score::TABLE.name {
            Self::score_changes(group, found)?;
        } else if self.table.name == Scorecard::TABLE.name {
            Self::recommendation_changes(group, found)?;
        }
        // A newer record with nothing new leaves the one on record as it is.
        let mut winner = newest;
        for old in group.iter().filter(|c| c.origin == ON_RECORD) {
            if content.same(old, newest)? && !self.has_come(old, newest) {
                winner = old;
                break;
            }
        }
        self.keep(&newest.batch, newest.row..newest.row + 1, merged)?;
        if let Some((_, others)) = group.split_last() {
            others.iter().for_each(|other| merged.replace(other.origin));
        }
        out.push(&winner.batch, winner.row..winner.row + 1)
    }

    /// Whether an appointment was ahead when the older record was made and is no longer. Where the source does
    /// not say what became of it, that is all there is to tell that it was held.
    fn has_come(&self, older: &Candidate, newer: &Candidate) -> bool {
        self.table.name == Interview::TABLE.name
            && newer.text("status").as_deref() == Some("unknown")
            && newer
                .integer_instant("starts_at")
                .is_some_and(|at| older.recorded < Some(at) && Some(at) <= newer.recorded)
    }
}

/// The rows on record that stay in their partition, ready to travel.
fn staying(index: &Index, opened: Opened, table: &'static Table, batch: &RecordBatch) -> Result<RecordBatch> {
    let ids = applications(batch)?;
    let stay: Vec<bool> = ids.iter().map(|id| index.opened(hash(id.unwrap_or_default())) == opened).collect();
    let batch = if stay.iter().all(|stays| *stays) {
        batch.clone()
    } else {
        arrow::compute::filter_record_batch(batch, &stay.into())?
    };
    as_travelling(table, &batch)
}

/// A batch on record with the columns that rows travel with.
pub fn as_travelling(table: &'static Table, batch: &RecordBatch) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns.push(Arc::new(Int64Array::from(vec![ON_RECORD; rows])));
    columns.push(Arc::new(Int64Array::from(vec![ON_RECORD; rows])));
    Ok(RecordBatch::try_new(travelling(table), columns)?)
}

/// A batch with the bytes its rows are compared by.
#[derive(Debug)]
struct Keyed {
    rows: RecordBatch,
    keys: Rows,
    /// Everything but the recording instant, once a row of the batch was compared with another.
    content: OnceCell<Rows>,
    recorded: Option<TimestampMicrosecondArray>,
    revision: Option<Int64Array>,
    order: Int64Array,
    origin: Int64Array,
    /// Whether all its rows were read from the export.
    all_new: bool,
}

/// Compares what rows say, the recording instant left out.
struct Content {
    table: &'static Table,
    converter: RowConverter,
}

impl Content {
    fn of(table: &'static Table) -> Result<Self> {
        let columns = table.columns.iter().filter(|column| column.name != "recorded_at");
        let fields = columns.map(|column| SortField::new(data_type(column.ty))).collect();
        Ok(Self { table, converter: RowConverter::new(fields)? })
    }

    fn same(&self, a: &Candidate, b: &Candidate) -> Result<bool> {
        Ok(self.rows(&a.batch)?.map(|rows| rows.row(a.row)) == self.rows(&b.batch)?.map(|rows| rows.row(b.row)))
    }

    fn rows<'k>(&self, batch: &'k Keyed) -> Result<Option<&'k Rows>> {
        if batch.content.get().is_none() {
            let columns = self.table.columns.iter().filter(|column| column.name != "recorded_at");
            let columns: Vec<ArrayRef> =
                columns.filter_map(|column| batch.rows.column_by_name(column.name)).cloned().collect();
            // Nobody else sets it: the batch belongs to this thread.
            let _ = batch.content.set(self.converter.convert_columns(&columns)?);
        }
        Ok(batch.content.get())
    }
}

struct Cursor<'a> {
    batches: Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>,
    table: &'static Table,
    current: Option<Rc<Keyed>>,
    row: usize,
}

/// The cursor on the smallest key, and the one on the smallest key of the others.
fn smallest(cursors: &[Cursor<'_>]) -> Option<(usize, Option<usize>)> {
    let mut first: Option<(usize, Key<'_>)> = None;
    let mut second: Option<(usize, Key<'_>)> = None;
    for (at, key) in cursors.iter().enumerate().filter_map(|(at, cursor)| Some((at, cursor.key()?))) {
        if first.as_ref().is_none_or(|(_, smallest)| key < *smallest) {
            second = first.replace((at, key));
        } else if second.as_ref().is_none_or(|(_, smallest)| key < *smallest) {
            second = Some((at, key));
        }
    }
    first.map(|(at, _)| (at, second.map(|(at, _)| at)))
}

impl<'a> Cursor<'a> {
    fn new(
        batches: Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>,
        table: &'static Table,
        keys: &RowConverter,
    ) -> Result<Self> {
        let mut cursor = Self { batches, table, current: None, row: 0 };
        cursor.next_batch(keys)?;
        Ok(cursor)
    }

    fn next_batch(&mut self, keys: &RowConverter) -> Result<()> {
        self.row = 0;
        self.current = None;
        for batch in self.batches.by_ref() {
            let rows = batch?;
            if rows.num_rows() == 0 {
                continue;
            }
            let empty = || Int64Array::from(vec![0; rows.num_rows()]);
            let origin = integers(&rows, "_origin").cloned().unwrap_or_else(empty);
            self.current = Some(Rc::new(Keyed {
                keys: keys.convert_columns(&spool::key_columns(self.table, &rows))?,
                content: OnceCell::new(),
                recorded: instants(&rows, "recorded_at").cloned(),
                revision: integers(&rows, "revision").cloned(),
                order: integers(&rows, "_order").cloned().unwrap_or_else(empty),
                all_new: origin.values().iter().all(|origin| *origin != ON_RECORD),
                origin,
                rows,
            }));
            break;
        }
        Ok(())
    }

    fn key(&self) -> Option<Key<'_>> {
        self.current.as_ref().map(|batch| batch.keys.row(self.row))
    }

    /// The rows from here on that are the only ones with their key, as far as this batch and the smallest key
    /// of the other cursors can tell. The last row of a batch may have its like in the next one.
    fn alone(&self, limit: Option<Key<'_>>) -> Range<usize> {
        let Some(batch) = &self.current else { return 0..0 };
        let keys = &batch.keys;
        let last = batch.rows.num_rows() - 1;
        let end = match limit {
            None => last,
            Some(limit) => {
                let (mut low, mut high) = (self.row, last);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if keys.row(middle) < limit { low = middle + 1 } else { high = middle }
                }
                low
            }
        };
        let twin = (self.row..end).find(|row| keys.row(*row) == keys.row(row + 1));
        self.row..twin.unwrap_or(end)
    }

    fn advance(&mut self, rows: usize, keys: &RowConverter) -> Result<()> {
        self.row += rows;
        if self.current.as_ref().is_some_and(|batch| self.row >= batch.rows.num_rows()) {
            self.next_batch(keys)?;
        }
        Ok(())
    }

    fn candidate(&self) -> Option<Candidate> {
        let batch = self.current.clone()?;
        let row = self.row;
        let get = |column: &Int64Array| (!column.is_null(row)).then(|| column.value(row));
        Some(Candidate {
            recorded: batch.recorded.as_ref().and_then(|c| (!c.is_null(row)).then(|| c.value(row))),
            revision: batch.revision.as_ref().and_then(get),
            order: batch.order.value(row),
            origin: batch.origin.value(row),
            batch,
            row,
        })
    }
}

/// The file that a row stands for a record of.
fn counted_file(origin: i64) -> Option<u32> {
    (origin >= 0 && origin % 2 == 1).then_some((origin / 2) as u32)
}

/// One row of a group with the same key.
#[derive(Debug, Clone)]
struct Candidate {
    batch: Rc<Keyed>,
    row: usize,
    recorded: Option<i64>,
    revision: Option<i64>,
    order: i64,
    origin: i64,
}

impl Candidate {
    fn integer(&self, name: &str) -> Option<i64> {
        integers(&self.batch.rows, name).and_then(|c| (!c.is_null(self.row)).then(|| c.value(self.row)))
    }

    fn integer_instant(&self, name: &str) -> Option<i64> {
        instants(&self.batch.rows, name).and_then(|c| (!c.is_null(self.row)).then(|| c.value(self.row)))
    }

    fn text(&self, name: &str) -> Option<String> {
        let column = self.batch.rows.column_by_name(name)?.as_any().downcast_ref::<StringArray>()?;
        (!column.is_null(self.row)).then(|| column.value(self.row).to_owned())
    }
}

/// An instant column of a batch by name.
pub fn instants<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a TimestampMicrosecondArray> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref())
}

/// Winning rows on their way into a file that is created with the first of them.
struct Output<'a> {
    merge: &'a Merge<'a>,
    to: &'a Path,
    writer: Option<parquet::Writer>,
    batches: Vec<Rc<Keyed>>,
    /// Batch and rows of each stretch.
    stretches: Vec<(usize, Range<usize>)>,
    rows: usize,
}

/// Stretches of fewer rows than this, on average, are copied row by row.
const SHORT: usize = 16;

impl Output<'_> {
    /// Takes rows. Batches are written full, so that the bytes do not depend on the stretches.
    fn push(&mut self, batch: &Rc<Keyed>, mut rows: Range<usize>) -> Result<()> {
        while !rows.is_empty() {
            let part = rows.start..rows.end.min(rows.start + BATCH - self.rows);
            rows.start = part.end;
            self.rows += part.len();
            if self.batches.last().is_none_or(|held| !Rc::ptr_eq(held, batch)) {
                self.batches.push(batch.clone());
            }
            let at = self.batches.len() - 1;
            match self.stretches.last_mut() {
                Some((of, last)) if *of == at && last.end == part.start => last.end = part.end,
                _ => self.stretches.push((at, part)),
            }
            if self.rows >= BATCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// The rows that were pushed as one batch.
    fn gather(&self) -> Result<RecordBatch> {
        if self.stretches.len() * SHORT > self.rows {
            let batches: Vec<&RecordBatch> = self.batches.iter().map(|batch| &batch.rows).collect();
            let rows = self.stretches.iter().flat_map(|(at, rows)| rows.clone().map(|row| (*at, row)));
            return Ok(interleave_record_batch(&batches, &rows.collect::<Vec<_>>())?);
        }
        let slices: Vec<RecordBatch> = self
            .stretches
            .iter()
            .filter_map(|(at, rows)| Some(self.batches.get(*at)?.rows.slice(rows.start, rows.len())))
            .collect();
        match slices.as_slice() {
            [only] => Ok(only.clone()),
            _ => Ok(concat_batches(&travelling(self.merge.table), &slices)?),
        }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let table = self.merge.table;
        let rows = self.gather()?;
        let mut columns: Vec<ArrayRef> = rows.columns().iter().take(table.columns.len()).cloned().collect();
        if let (Some(at), Some(fill)) = (table.index("recorded_at"), self.merge.recorded)
            && let Some(recorded) = instants(&rows, "recorded_at")
            && recorded.null_count() > 0
        {
            let filled: TimestampMicrosecondArray =
                recorded.iter().map(|value| Some(value.unwrap_or(fill.0))).collect();
            if let Some(slot) = columns.get_mut(at) {
                *slot = Arc::new(filled.with_timezone("UTC"));
            }
        }
        let rows = RecordBatch::try_new(schema(table), columns)?;
        if self.writer.is_none() {
            self.writer =
                Some(parquet::Writer::create(self.to, schema(table), table.about, super::schema::FORMAT_VERSION)?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&rows)?;
        }
        self.batches.clear();
        self.stretches.clear();
        self.rows = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<Option<parquet::Written>> {
        self.flush()?;
        self.writer.map(parquet::Writer::finish).transpose()
    }
}
