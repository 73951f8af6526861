//! Merging what was read into what is on record: one row per entity, the newest.
//!
//! Sorted runs and the sorted partition on record are walked side by side, so memory holds one batch of
//! each whatever their size. Where several rows share a key, the one recorded last stands; an earlier or
//! equal one counts as replaced. A row that says what the record already says changes nothing, so that the
//! same export twice gives the same bytes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::interleave_record_batch;
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};

use super::card_in_parts;
use super::columns::{data_type, schema};
use super::index::{Index, Opened, hash};
use super::parquet;
use super::schema::{Row, Score, ScoreRevision, Scorecard, Table};
use super::spool::{self, BATCH, ON_RECORD, Run, applications, integers, travelling};
use crate::error::Result;
use crate::time::Instant;

/// What a merge of one table and partition did.
#[derive(Debug, Default)]
pub struct Merged {
    /// The file, if any row stands.
    pub written: Option<parquet::Written>,
    /// Per file of the export: counted rows kept, replaced, and kept without an application.
    pub counts: HashMap<u32, Counts>,
    /// Score changes that showed.
    pub revisions: Vec<ScoreRevision>,
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
}

impl Merge<'_> {
    /// Merges the partition on record with new runs and writes the result.
    pub fn write(&self, on_record: Option<&Path>, runs: Vec<Run>, to: &Path) -> Result<Merged> {
        let mut cursors = Vec::new();
        let keys = spool::key_converter(self.table)?;
        if let Some(path) = on_record {
            let batches = parquet::read(path, &[])?;
            let index = self.index;
            let opened = self.opened;
            let table = self.table;
            let stay = batches.map(move |batch| staying(index, opened, table, &batch?));
            cursors.push(Cursor::new(Box::new(stay), self.table, &keys, true)?);
        }
        for run in runs {
            let batches: Box<dyn Iterator<Item = Result<RecordBatch>>> = match run {
                Run::Batches(batches) => Box::new(batches.into_iter().map(Ok)),
                Run::File(path) => Box::new(spool::read_run(&path)?),
            };
            cursors.push(Cursor::new(batches, self.table, &keys, on_record.is_some())?);
        }
        let mut out = Output { merge: self, to, writer: None, batches: Vec::new(), rows: Vec::new() };
        let mut merged = Merged::default();
        let mut heap: BinaryHeap<Reverse<(OwnedRow, usize)>> = BinaryHeap::new();
        for (at, cursor) in cursors.iter().enumerate() {
            heap.extend(cursor.key().map(|key| Reverse((key, at))));
        }
        let mut group: Vec<Candidate> = Vec::new();
        while let Some(Reverse((key, at))) = heap.pop() {
            let Some(cursor) = cursors.get_mut(at) else { continue };
            // While one cursor holds the smallest key there is no need to go through the heap.
            loop {
                group.push(cursor.candidate());
                cursor.advance(&keys)?;
                if !cursor.is_at(&key) {
                    break;
                }
            }
            heap.extend(cursor.key().map(|next| Reverse((next, at))));
            if heap.peek().is_some_and(|Reverse((next, _))| *next == key) {
                continue;
            }
            self.settle(&mut group, &mut merged, &mut out)?;
            group.clear();
        }
        merged.written = out.finish()?;
        Ok(merged)
    }

    /// Decides which row of a group stands, and accounts for the others.
    fn settle(&self, group: &mut [Candidate], merged: &mut Merged, out: &mut Output<'_>) -> Result<()> {
        if group.len() > 1 {
            for candidate in group.iter_mut() {
                candidate.recorded = candidate.recorded.or(self.recorded.map(|instant| instant.0));
            }
            group.sort_by_key(|c| (c.recorded, c.revision, c.order));
            if self.table.name == Score::TABLE.name {
                self.score_changes(group, merged);
            }
        }
        let Some(newest) = group.last() else { return Ok(()) };
        // A newer record with nothing new leaves the one on record as it is.
        let on_record = group.iter().find(|c| c.origin == ON_RECORD && c.same_content(newest));
        let winner = on_record.unwrap_or(newest);
        let counted = if newest.is_counted() { Some(newest.file()) } else { None };
        if let Some(file) = counted {
            let counts = merged.counts.entry(file).or_default();
            counts.kept += 1;
            if self.opened == Opened::UNKNOWN {
                let application = applications(&newest.batch.rows)?.value(newest.row);
                counts.unjoined += u64::from(!self.index.is_known(hash(application)));
            }
        }
        if let Some((_, others)) = group.split_last() {
            for other in others.iter().filter(|c| c.is_counted()) {
                merged.counts.entry(other.file()).or_default().replaced += 1;
            }
        }
        if self.table.name == Scorecard::TABLE.name
            && let Some(card) = card_in_parts::whole(&parts(group))?
        {
            let known = group.iter().find(|c| c.origin == ON_RECORD);
            return match known.filter(|known| card_in_parts::same(&known.batch.rows, known.row, &card)) {
                Some(known) => out.push(known.batch.rows.clone(), known.row),
                None => out.push(Arc::new(card), 0),
            };
        }
        out.push(winner.batch.rows.clone(), winner.row)
    }

    /// A score that differs from the one before it is a revision.
    fn score_changes(&self, group: &[Candidate], merged: &mut Merged) {
        for pair in group.windows(2) {
            let [older, newer] = pair else { continue };
            let (from, to) = (older.integer("score_milli"), newer.integer("score_milli"));
            let declared = older.revision != newer.revision;
            // Two different rows of one export with the same number and instant are a duplicate, not an edit.
            if from == to || (!declared && older.recorded == newer.recorded) {
                continue;
            }
            let submitted = newer.integer_instant("submitted_at").filter(|_| declared);
            let seen_at = submitted.or(newer.recorded).map(Instant);
            merged.revisions.push(ScoreRevision {
                application_id: newer.text("application_id").unwrap_or_default(),
                scorecard_id: newer.text("scorecard_id").unwrap_or_default(),
                dimension: newer.text("dimension").unwrap_or_default(),
                seen_at,
                revision: newer.revision,
                from_raw: older.text("score_raw"),
                from_milli: from,
                to_raw: newer.text("score_raw"),
                to_milli: to,
                observed_through: if declared { "declared_revision" } else { "successive_exports" }.to_owned(),
                recorded_at: newer.recorded.map(Instant),
            });
        }
    }
}

/// The newest cards of a group that merely came along with their scores: an export whose rows of one card
/// stand apart gives several, each knowing a part.
fn parts(group: &[Candidate]) -> Vec<(&RecordBatch, usize)> {
    let Some(newest) = group.last() else { return Vec::new() };
    let came_along = |c: &&Candidate| c.origin >= 0 && !c.is_counted() && c.recorded == newest.recorded;
    group.iter().filter(came_along).map(|c| (c.batch.rows.as_ref(), c.row)).collect()
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
    rows: Arc<RecordBatch>,
    keys: Rows,
    /// Everything but the recording instant, where there is a record to compare with.
    content: Option<Rows>,
    recorded: Option<TimestampMicrosecondArray>,
    revision: Option<Int64Array>,
    order: Int64Array,
    origin: Int64Array,
}

struct Cursor<'a> {
    batches: Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>,
    table: &'static Table,
    content: Option<RowConverter>,
    current: Option<Arc<Keyed>>,
    row: usize,
}

impl<'a> Cursor<'a> {
    fn new(
        batches: Box<dyn Iterator<Item = Result<RecordBatch>> + 'a>,
        table: &'static Table,
        keys: &RowConverter,
        compare: bool,
    ) -> Result<Self> {
        let content = if compare {
            let fields = table
                .columns
                .iter()
                .filter(|column| column.name != "recorded_at")
                .map(|column| SortField::new(data_type(column.ty)))
                .collect();
            Some(RowConverter::new(fields)?)
        } else {
            None
        };
        let mut cursor = Self { batches, table, content, current: None, row: 0 };
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
            let content = match &self.content {
                Some(converter) => {
                    let columns: Vec<ArrayRef> = self
                        .table
                        .columns
                        .iter()
                        .filter(|column| column.name != "recorded_at")
                        .filter_map(|column| rows.column_by_name(column.name))
                        .cloned()
                        .collect();
                    Some(converter.convert_columns(&columns)?)
                }
                None => None,
            };
            let empty = || Int64Array::from(vec![0; rows.num_rows()]);
            self.current = Some(Arc::new(Keyed {
                keys: keys.convert_columns(&spool::key_columns(self.table, &rows))?,
                content,
                recorded: instants(&rows, "recorded_at").cloned(),
                revision: integers(&rows, "revision").cloned(),
                order: integers(&rows, "_order").cloned().unwrap_or_else(empty),
                origin: integers(&rows, "_origin").cloned().unwrap_or_else(empty),
                rows: Arc::new(rows),
            }));
            break;
        }
        Ok(())
    }

    fn key(&self) -> Option<OwnedRow> {
        self.current.as_ref().map(|batch| batch.keys.row(self.row).owned())
    }

    fn is_at(&self, key: &OwnedRow) -> bool {
        self.current.as_ref().is_some_and(|batch| batch.keys.row(self.row) == key.row())
    }

    fn advance(&mut self, keys: &RowConverter) -> Result<()> {
        self.row += 1;
        if self.current.as_ref().is_some_and(|batch| self.row >= batch.rows.num_rows()) {
            self.next_batch(keys)?;
        }
        Ok(())
    }

    #[allow(clippy::expect_used, reason = "a cursor in the heap stands on a row")]
    fn candidate(&self) -> Candidate {
        let batch = self.current.clone().expect("a cursor in the heap stands on a row");
        let row = self.row;
        let get = |column: &Int64Array| (!column.is_null(row)).then(|| column.value(row));
        Candidate {
            recorded: batch.recorded.as_ref().and_then(|c| (!c.is_null(row)).then(|| c.value(row))),
            revision: batch.revision.as_ref().and_then(get),
            order: batch.order.value(row),
            origin: batch.origin.value(row),
            batch,
            row,
        }
    }
}

/// One row of a group with the same key.
#[derive(Debug, Clone)]
struct Candidate {
    batch: Arc<Keyed>,
    row: usize,
    recorded: Option<i64>,
    revision: Option<i64>,
    order: i64,
    origin: i64,
}

impl Candidate {
    fn is_counted(&self) -> bool {
        self.origin >= 0 && self.origin % 2 == 1
    }

    fn file(&self) -> u32 {
        (self.origin / 2) as u32
    }

    fn same_content(&self, other: &Self) -> bool {
        match (&self.batch.content, &other.batch.content) {
            (Some(a), Some(b)) => a.row(self.row) == b.row(other.row),
            _ => false,
        }
    }

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
    batches: Vec<Arc<RecordBatch>>,
    rows: Vec<(usize, usize)>,
}

impl Output<'_> {
    fn push(&mut self, batch: Arc<RecordBatch>, row: usize) -> Result<()> {
        let at = match self.batches.iter().rposition(|held| Arc::ptr_eq(held, &batch)) {
            Some(at) => at,
            None => {
                self.batches.push(batch);
                self.batches.len() - 1
            }
        };
        self.rows.push((at, row));
        if self.rows.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let table = self.merge.table;
        let batches: Vec<&RecordBatch> = self.batches.iter().map(AsRef::as_ref).collect();
        let rows = interleave_record_batch(&batches, &self.rows)?;
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
            self.writer = Some(parquet::Writer::create(
                self.to,
                schema(table),
                table.about,
                super::schema::FORMAT_VERSION,
            )?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&rows)?;
        }
        self.batches.clear();
        self.rows.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Option<parquet::Written>> {
        self.flush()?;
        self.writer.map(parquet::Writer::finish).transpose()
    }
}
