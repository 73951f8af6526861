//! Files: created for the owner alone, streamed, and counted.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result, pages};

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
        .map_err(|error| Error::new(&pages::DEFECT, format!("a record could not be written as JSON: {error}")))
}

/// A value that many records repeat, encoded once.
pub(crate) fn encoded(value: &impl Serialize) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
        .map_err(|error| Error::new(&pages::DEFECT, format!("a value could not be written as JSON: {error}")))
}

/// Writes one JSON document.
pub(crate) fn json_file(path: PathBuf, value: &impl Serialize, pretty: bool) -> Result<Totals> {
    let mut bytes = Vec::new();
    if pretty {
        serde_json::to_writer_pretty(&mut bytes, value)
            .map_err(|error| Error::new(&pages::DEFECT, format!("a document could not be written as JSON: {error}")))?;
    } else {
        encode(value, &mut bytes)?;
    }
    bytes.push(b'\n');
    let mut sink = Sink::create(path)?;
    sink.append(&bytes)?;
    Ok(Totals { files: 1, records: 1, bytes: sink.finish()? })
}

/// Histories up to this size come in pages as an API returns them; larger ones would be a folder full of
/// small files, and come as people dump them, in few large files.
const MOST_LOOPS_IN_API_PAGES: u64 = 5_000;
/// Records in one file of a large dump.
const DUMP_PAGE: u64 = 200_000;

/// Records per page for a history of so many loops, where the API puts at most `api_page` on one.
pub(crate) fn per_page(loops: u64, api_page: u64) -> u64 {
    if loops <= MOST_LOOPS_IN_API_PAGES { api_page } else { DUMP_PAGE }
}

/// What stands around and between the records of a page.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) extension: &'static str,
    pub(crate) before: &'static str,
    pub(crate) between: &'static str,
    pub(crate) after: fn(&Page) -> String,
}

/// A page that is complete.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Whether nothing is on it.
    pub(crate) is_empty: bool,
    /// Whether another page follows.
    pub(crate) has_next: bool,
}

/// A bare array.
const ARRAY: Layout = Layout { extension: "json", before: "[", between: ",\n", after: |_| "]\n".to_owned() };
/// One record per line, as scripts write down what they fetch one by one.
pub(crate) const LINES: Layout = Layout {
    extension: "ndjson",
    before: "",
    between: "\n",
    after: |page| if page.is_empty { String::new() } else { "\n".to_owned() },
};

/// Records in numbered pages: `folder/page-0001.json` and so on. One page is open at a time and one record
/// is in memory at a time. An endpoint without records still has one page, without any.
#[derive(Debug)]
pub(crate) struct JsonPages {
    folder: PathBuf,
    layout: &'static Layout,
    per_page: u64,
    page: Sink,
    on_page: u64,
    totals: Totals,
    buffer: Vec<u8>,
}

impl JsonPages {
    /// Pages that are bare arrays.
    pub(crate) fn create(folder: PathBuf, per_page: u64) -> Result<Self> {
        Self::laid_out(folder, per_page, &ARRAY)
    }

    pub(crate) fn laid_out(folder: PathBuf, per_page: u64, layout: &'static Layout) -> Result<Self> {
        create_folder(&folder)?;
        let page = Self::open(&folder, 1, layout)?;
        Ok(Self { folder, layout, per_page, page, on_page: 0, totals: Totals::default(), buffer: Vec::new() })
    }

    fn open(folder: &Path, number: u64, layout: &Layout) -> Result<Sink> {
        let mut page = Sink::create(folder.join(format!("page-{number:04}.{}", layout.extension)))?;
        page.append(layout.before.as_bytes())?;
        Ok(page)
    }

    pub(crate) fn push(&mut self, record: &impl Serialize) -> Result<()> {
        self.push_several(record, 1)
    }

    /// Adds what a script saved around the `records` that one call returned.
    pub(crate) fn push_several(&mut self, wrapper: &impl Serialize, records: u64) -> Result<()> {
        if self.on_page == self.per_page {
            let next = Self::open(&self.folder, self.totals.files + 2, self.layout)?;
            let full = std::mem::replace(&mut self.page, next);
            self.totals += Self::close(full, self.layout, &self.complete(true))?;
            self.on_page = 0;
        }
        self.buffer.clear();
        if self.on_page > 0 {
            self.buffer.extend_from_slice(self.layout.between.as_bytes());
        }
        encode(wrapper, &mut self.buffer)?;
        self.on_page += 1;
        self.totals.records += records;
        self.page.append(&self.buffer)
    }

    fn complete(&self, has_next: bool) -> Page {
        Page { number: self.totals.files + 1, is_empty: self.on_page == 0, has_next }
    }

    fn close(mut page: Sink, layout: &Layout, complete: &Page) -> Result<Totals> {
        page.append((layout.after)(complete).as_bytes())?;
        Ok(Totals { files: 1, records: 0, bytes: page.finish()? })
    }

    pub(crate) fn finish(self) -> Result<Totals> {
        let complete = self.complete(false);
        let mut totals = self.totals;
        totals += Self::close(self.page, self.layout, &complete)?;
        Ok(totals)
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
    fn a_wrapped_page_says_whether_another_one_follows() -> Result<()> {
        const WRAPPED: Layout = Layout {
            extension: "json",
            before: "{\"data\":[",
            between: ",",
            after: |page| format!("],\"number\":{},\"more\":{}}}", page.number, page.has_next),
        };
        let folder = tempfile::tempdir().map_err(|error| Error::io("create", Path::new("."), &error))?;
        let mut pages = JsonPages::laid_out(folder.path().to_owned(), 2, &WRAPPED)?;
        for record in 0..3 {
            pages.push(&record)?;
        }
        let totals = pages.finish()?;
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        assert_eq!(read("page-0001.json"), "{\"data\":[0,1],\"number\":1,\"more\":true}");
        assert_eq!(read("page-0002.json"), "{\"data\":[2],\"number\":2,\"more\":false}");
        let bytes = read("page-0001.json").len() + read("page-0002.json").len();
        assert_eq!((totals.files, totals.records, totals.bytes), (2, 3, bytes as u64));
        Ok(())
    }

    #[test]
    fn lines_hold_a_record_each_and_count_what_is_inside() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::io("create", Path::new("."), &error))?;
        for (wrappers, expected) in [(0, ""), (2, "[0,0]\n[1,1]\n")] {
            let lines = folder.path().join(format!("lines-{wrappers}"));
            let mut pages = JsonPages::laid_out(lines.clone(), 10, &LINES)?;
            for wrapper in 0..wrappers {
                pages.push_several(&[wrapper, wrapper], 2)?;
            }
            assert_eq!(pages.finish()?.records, 2 * wrappers);
            assert_eq!(std::fs::read_to_string(lines.join("page-0001.ndjson")).unwrap_or_default(), expected);
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
