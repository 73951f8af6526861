//! The names of a file's columns, read without reading the file.

use super::super::files::{InputFile, Layout};
use super::super::json;

/// How much of a text table is looked at for its first line.
const LONGEST_HEADER: u64 = 1 << 20;

/// The columns of a table, or the keys of a JSON file's first record; nothing where the file cannot be read.
pub(super) fn header(file: &InputFile) -> Option<Vec<String>> {
    match file.layout {
        Layout::Json => json::first_record(file).map(|record| record.into_iter().map(|(key, _)| key).collect()),
        Layout::Delimited(delimiter) => {
            let (reader, _) = file.open().ok()?;
            let start = std::io::Read::take(reader, LONGEST_HEADER);
            let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(start);
            let names = rows.byte_headers().ok()?;
            let name = |name: &[u8]| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').trim().to_owned();
            Some(names.iter().map(name).collect())
        }
        Layout::Parquet => {
            let batches = crate::dataset::parquet::read(&file.path, &[]).ok()?;
            let schema = arrow::record_batch::RecordBatchReader::schema(&batches);
            Some(schema.fields().iter().map(|field| field.name().clone()).collect())
        }
    }
}
