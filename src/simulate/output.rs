//! Files: created for the owner alone, streamed, and counted.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) files: u64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// Creates a folder that only its owner can enter, with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Error::io("create the folder", path, &error))
}

/// A file that only its owner can read. It must not exist yet: an export is never mixed with another.
fn create(path: &Path) -> Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| Error::io("create the file", path, &error))?;
    Ok(BufWriter::with_capacity(1 << 17, file))
}

/// One open file and the bytes in it.
#[derive(Debug)]
struct Sink {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl Sink {
    fn create(path: PathBuf) -> Result<Self> {
        Ok(Self { file: create(&path)?, path, bytes: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|error| Error::io("write", &self.path, &error))
    }

    fn finish(mut self) -> Result<u64> {
        self.file.flush().map_err(|error| Error::io("write", &self.path, &error))?;
        Ok(self.bytes)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

fn encode(record: &impl Serialize, into: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(into, record)
        .map_err(|error| Error::environment(format!("a record could not be written as JSON: {error}")))
}

/// Writes one JSON document.
pub(crate) fn json_file(path: PathBuf, value: &impl Serialize, pretty: bool) -> Result<Totals> {
    let mut bytes = Vec::new();
    if pretty {
        serde_json::to_writer_pretty(&mut bytes, value)
            .map_err(|error| Error::environment(format!("a document could not be written as JSON: {error}")))?;
    } else {
        encode(value, &mut bytes)?;
    }
    bytes.push(b'\n');
    let mut sink = Sink::create(path)?;
    sink.append(&bytes)?;
    Ok(Totals { files: 1, records: 1, bytes: sink.finish()? })
}

/// Arrays of records in numbered pages: `folder/page-0001.json` and so on. One page is open at a time
/// and one record is in memory at a time. An endpoint without records still has one page, `[]`.
#[derive(Debug)]
pub(crate) struct JsonPages {
    folder: PathBuf,
    per_page: u64,
    page: Sink,
    on_page: u64,
    totals: Totals,
    buffer: Vec<u8>,
}

impl JsonPages {
    pub(crate) fn create(folder: PathBuf, per_page: u64) -> Result<Self> {
        create_folder(&folder)?;
        let page = Self::open(&folder, 1)?;
        Ok(Self { folder, per_page, page, on_page: 0, totals: Totals::default(), buffer: Vec::new() })
    }

    fn open(folder: &Path, number: u64) -> Result<Sink> {
        let mut page = Sink::create(folder.join(format!("page-{number:04}.json")))?;
        page.append(b"[")?;
        Ok(page)
    }

    pub(crate) fn push(&mut self, record: &impl Serialize) -> Result<()> {
        if self.on_page == self.per_page {
            let next = Self::open(&self.folder, self.totals.files + 2)?;
            self.close(next)?;
        }
        self.buffer.clear();
        if self.on_page > 0 {
            self.buffer.extend_from_slice(b",\n");
        }
        encode(record, &mut self.buffer)?;
        self.on_page += 1;
        self.totals.records += 1;
        self.page.append(&self.buffer)
    }

    fn close(&mut self, next: Sink) -> Result<()> {
        let mut full = std::mem::replace(&mut self.page, next);
        full.append(b"]\n")?;
        self.totals.files += 1;
        self.totals.bytes += full.finish()?;
        self.on_page = 0;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Totals> {
        self.page.append(b"]\n")?;
        self.totals.files += 1;
        self.totals.bytes += self.page.finish()?;
        Ok(self.totals)
    }
}

/// Writes a file whose bytes are there already.
pub(crate) fn binary_file(path: PathBuf, bytes: &[u8]) -> Result<Totals> {
    let mut sink = Sink::create(path)?;
    sink.append(bytes)?;
    Ok(Totals { files: 1, records: 1, bytes: sink.finish()? })
}

/// A CSV file with a fixed number of columns; the header stands even above no rows.
pub(crate) struct CsvTable<const COLUMNS: usize> {
    path: PathBuf,
    writer: csv::Writer<Sink>,
    records: u64,
}

impl<const COLUMNS: usize> CsvTable<COLUMNS> {
    pub(crate) fn create(path: PathBuf, header: [&str; COLUMNS]) -> Result<Self> {
        let writer = csv::Writer::from_writer(Sink::create(path.clone())?);
        let mut table = Self { path, writer, records: 0 };
        table.row(header)?;
        table.records = 0;
        Ok(table)
    }

    pub(crate) fn row(&mut self, cells: [&str; COLUMNS]) -> Result<()> {
        self.records += 1;
        self.writer
            .write_record(cells)
            .map_err(|error| Error::io("write", &self.path, &std::io::Error::other(error.to_string())))
    }

    pub(crate) fn finish(self) -> Result<Totals> {
        let sink = self.writer.into_inner().map_err(|error| Error::io("write", &self.path, error.error()))?;
        Ok(Totals { files: 1, records: self.records, bytes: sink.finish()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_full_arrays_in_order_and_an_empty_endpoint_has_one() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::io("create", Path::new("."), &error))?;
        for (count, sizes) in [(0, vec![0]), (3, vec![3]), (4, vec![3, 1]), (6, vec![3, 3])] {
            let endpoint = folder.path().join(format!("records-{count}"));
            let mut pages = JsonPages::create(endpoint.clone(), 3)?;
            for record in 0..count {
                pages.push(&record)?;
            }
            let totals = pages.finish()?;
            assert_eq!((totals.files, totals.records), (sizes.len() as u64, count));
            let mut next = 0;
            for (number, size) in (1..).zip(sizes) {
                let bytes = std::fs::read(endpoint.join(format!("page-{number:04}.json"))).unwrap_or_default();
                let page: Vec<u64> = serde_json::from_slice(&bytes).unwrap_or_default();
                assert_eq!(page, (next..next + size).collect::<Vec<_>>());
                next += size;
            }
        }
        Ok(())
    }

    #[test]
    fn a_file_that_exists_is_not_written_over() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::io("create", Path::new("."), &error))?;
        let path = folder.path().join("one.json");
        json_file(path.clone(), &1, false)?;
        assert!(json_file(path, &2, false).is_err());
        Ok(())
    }
}
