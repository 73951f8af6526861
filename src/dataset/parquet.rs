//! Parquet files of the dataset and of the results: typed, described, the same bytes for the same rows.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, make_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use serde_json::{Value, json};

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
        let own = [("looplens.about", about.trim().to_owned()), ("looplens.format_version", version.to_string())];
        // Arrow keeps the metadata of a schema in a block of its own; what other tools are to see stands beside it.
        let others = [
            ("looplens.columns", meanings(&schema)),
            ("org.apache.spark.sql.parquet.row.metadata", for_spark(&schema)),
        ];
        let plain = own.clone().into_iter().chain(others);
        let plain = plain.map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect();
        let metadata: HashMap<String, String> = own.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let schema = Arc::new(Schema::new(schema.fields().clone()).with_metadata(metadata));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by("looplens".to_owned())
            .set_key_value_metadata(Some(plain))
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

fn meaning(field: &Field) -> &str {
    field.metadata().get("description").map_or("", String::as_str)
}

/// The meaning of each column as JSON, for tools that show a file's metadata and do not know Arrow's.
fn meanings(schema: &Schema) -> String {
    let all = schema.fields().iter().map(|field| (field.name().clone(), meaning(field).into()));
    Value::Object(all.collect()).to_string()
}

/// The columns as Spark keeps them in files of its own, so that it shows their meanings as comments.
fn for_spark(schema: &Schema) -> String {
    let fields = schema.fields().iter().map(|field| {
        let ty = match field.data_type() {
            DataType::Int64 => "long",
            DataType::Float64 => "double",
            DataType::Boolean => "boolean",
            DataType::Timestamp(..) => "timestamp",
            DataType::Date32 => "date",
            _ => "string",
        };
        let comment = json!({ "comment": meaning(field) });
        json!({ "name": field.name(), "type": ty, "nullable": field.is_nullable(), "metadata": comment })
    });
    json!({ "type": "struct", "fields": fields.collect::<Vec<_>>() }).to_string()
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

/// What a file says about itself: its columns with their meanings, what one row is, and how many rows it has.
pub fn describe(path: &Path) -> Result<(SchemaRef, u64)> {
    let builder = open(path)?;
    let rows = builder.metadata().file_metadata().num_rows();
    Ok((builder.schema().clone(), u64::try_from(rows).unwrap_or(0)))
}

/// Reads the named columns of a file batch by batch; all of them where `columns` is empty.
pub fn read(path: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader> {
    let builder = open(path)?;
    let mask = if columns.is_empty() {
        ProjectionMask::all()
    } else {
        ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied())
    };
    Ok(builder.with_projection(mask).with_batch_size(super::spool::BATCH).build()?)
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|e| Error::io("read the file", path, &e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| {
        Error::new(&pages::DAMAGED_DATASET, format!("the file is damaged: {e}"))
            .at(path)
            .help("ingest the exports again into a new dataset")
    })
}
