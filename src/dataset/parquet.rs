//! Parquet files of the dataset and of the results: typed, described, the same bytes for the same rows.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, make_array};
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use super::files;
use crate::error::{Error, Result, pages};

/// Rows per row group: large enough to compress, small enough that a reader holds one without noticing.
const ROW_GROUP: usize = 256 * 1024;

/// A writer for one file.
pub struct Writer {
    inner: ArrowWriter<File>,
    schema: SchemaRef,
    path: std::path::PathBuf,
    rows: u64,
}

/// What a written file is, for the manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Hash of the bytes.
    pub blake3: String,
}

impl Writer {
    /// Creates a file. `about` and `version` go into its metadata; nothing that differs between two runs does.
    pub fn create(path: &Path, schema: SchemaRef, about: &str, version: u32) -> Result<Self> {
        let metadata = HashMap::from([
            ("looplens.about".to_owned(), about.trim().to_owned()),
            ("looplens.format_version".to_owned(), version.to_string()),
        ]);
        let schema = Arc::new(Schema::new(schema.fields().clone()).with_metadata(metadata));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by("looplens".to_owned())
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        let inner = ArrowWriter::try_new(files::create(path)?, schema.clone(), Some(properties))?;
        Ok(Self { inner, schema, path: path.to_path_buf(), rows: 0 })
    }

    /// Writes rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        // The columns are the same; only the metadata of the file is not part of the rows' schema.
        let columns = batch.columns().iter().map(canonical).collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        self.inner.write(&batch).map_err(|e| self.failed(&e))
    }

    /// Finishes the file and tells what it is.
    pub fn finish(mut self) -> Result<Written> {
        self.inner.finish().map_err(|e| self.failed(&e))?;
        self.inner.inner().sync_all().map_err(|e| Error::io("write the file", &self.path, &e))?;
        let (bytes, blake3) = fingerprint(&self.path)?;
        Ok(Written { rows: self.rows, bytes, blake3 })
    }

    fn failed(&self, error: &parquet::errors::ParquetError) -> Error {
        Error::new(&pages::FILE_SYSTEM, format!("cannot write the file: {error}"))
            .at(&self.path)
            .help("free some space or choose another place, and run the same command again")
    }
}

/// A column without a list of missing values where none is missing. The encoding of the same values differs
/// with and without one, and which it is depends on the batches that the rows were gathered from.
fn canonical(column: &ArrayRef) -> Result<ArrayRef> {
    match column.nulls() {
        Some(nulls) if nulls.null_count() == 0 => Ok(make_array(column.to_data().into_builder().nulls(None).build()?)),
        _ => Ok(column.clone()),
    }
}

/// Size and hash of a file.
pub fn fingerprint(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).map_err(|e| Error::io("read the file", path, &e))?;
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut file, &mut hasher).map_err(|e| Error::io("read the file", path, &e))?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// Reads the named columns of a file batch by batch; all of them where `columns` is empty.
pub fn read(path: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader> {
    let file = File::open(path).map_err(|e| Error::io("read the file", path, &e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| {
        Error::new(&pages::DAMAGED_DATASET, format!("the file is damaged: {e}"))
            .at(path)
            .help("ingest the exports again into a new dataset")
    })?;
    let mask = if columns.is_empty() {
        ProjectionMask::all()
    } else {
        ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied())
    };
    Ok(builder.with_projection(mask).with_batch_size(super::spool::BATCH).build()?)
}
