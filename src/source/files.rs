//! The files of an export: which there are, what each seems to hold, and how to read their bytes.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::error::{Error, Result, pages};

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// JSON: an array, an object, objects one after another, or a page envelope.
    Json,
    /// A text table with this delimiter.
    Delimited(u8),
    /// A Parquet file.
    Parquet,
    /// A workbook of sheets: `.xlsx`, `.xlsm`, `.xls` or `.ods`.
    Workbook,
}

/// One file of an export.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the export, with `/`.
    pub relative: String,
    /// What it seems to hold: its stem, or its folder's name where the stem is only a page number.
    pub stem: String,
    /// Its layout.
    pub layout: Layout,
    /// Its size in bytes.
    pub bytes: u64,
}

/// An export: a folder or a single file.
#[derive(Debug, Clone)]
pub struct Export {
    /// Where it is.
    pub root: PathBuf,
    /// Its data files, pages in numeric order.
    pub files: Vec<InputFile>,
    /// Files that are no data this program reads.
    pub ignored: Vec<String>,
}

const DEEPEST: usize = 6;
/// What a page is called in a file's name.
const PAGE_WORDS: [&str; 4] = ["page", "part", "chunk", "batch"];

impl Export {
    /// Lists an export.
    pub fn open(root: &Path) -> Result<Self> {
        let meta = std::fs::metadata(root).map_err(|e| Error::unreadable("read the export", root, &e))?;
        let mut export = Self { root: root.to_path_buf(), files: Vec::new(), ignored: Vec::new() };
        if meta.is_dir() {
            export.walk(root, "", 0)?;
        } else {
            let name = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            export.take(root.to_path_buf(), name, "", meta.len());
        }
        export.files.sort_by_cached_key(|file| natural(&file.relative));
        export.ignored.sort();
        if export.files.is_empty() {
            return Err(Error::new(&pages::NO_FILES, "the export holds no file that could be read").at(root).help(
                "it should hold .json, .ndjson, .csv, .tsv, .parquet or .xlsx files (also .gz or .zst); \
                 see `looplens list sources`",
            ));
        }
        Ok(export)
    }

    /// The files whose stem is one of `stems`.
    pub fn of<'a>(&'a self, stems: &'a [&str]) -> impl Iterator<Item = &'a InputFile> {
        self.files.iter().filter(move |file| stems.contains(&file.stem.as_str()))
    }

    fn walk(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<()> {
        let entries = std::fs::read_dir(folder).map_err(|e| Error::io("list the folder", folder, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Error::io("list the folder", folder, &e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = entry.path();
            let meta = std::fs::metadata(&path).map_err(|e| Error::io("read the file", &path, &e))?;
            let relative = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            if meta.is_dir() {
                if depth < DEEPEST {
                    self.walk(&path, &relative, depth + 1)?;
                }
            } else {
                let parent = prefix.rsplit('/').next().unwrap_or("");
                self.take(path, relative, parent, meta.len());
            }
        }
        Ok(())
    }

    fn take(&mut self, path: PathBuf, relative: String, parent: &str, bytes: u64) {
        let name = relative.rsplit('/').next().unwrap_or("").to_lowercase();
        let bare = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let Some((stem, extension)) = bare.rsplit_once('.') else {
            self.ignored.push(relative);
            return;
        };
        let layout = match extension {
            "json" | "ndjson" | "jsonl" => Layout::Json,
            "csv" => Layout::Delimited(b','),
            "tsv" => Layout::Delimited(b'\t'),
            "parquet" => Layout::Parquet,
            // A name that begins with ~$ is a lock beside a workbook that is open.
            "xlsx" | "xlsm" | "xls" | "ods" if !name.starts_with("~$") => Layout::Workbook,
            _ => {
                self.ignored.push(relative);
                return;
            }
        };
        let stem = plain_stem(stem, parent);
        self.files.push(InputFile { path, relative, stem, layout, bytes });
    }
}

/// A file's or folder's name without what counts pages; nothing where it does only that.
pub(super) fn plain_name(name: &str) -> String {
    plain_stem(&name.to_lowercase(), "")
}

/// `scorecards_01`, `scorecards-page-3` and `scorecards/0003` all hold scorecards.
fn plain_stem(stem: &str, parent: &str) -> String {
    let trim = |text: &str| {
        text.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | ' ' | '(' | ')')).to_owned()
    };
    let mut plain = trim(stem);
    for word in PAGE_WORDS {
        if let Some(rest) = plain.strip_suffix(word)
            && (rest.is_empty() || rest.ends_with(['-', '_', '.', ' ']))
        {
            plain = trim(rest);
        }
    }
    if matches!(plain.as_str(), "" | "data" | "index" | "response" | "results") {
        plain = parent.to_lowercase();
    }
    plain.replace(['-', ' '], "_")
}

/// A file's place among numbered pages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<'f> {
    /// What its neighbours' paths have in common with it.
    pub(super) series: &'f str,
    /// Its number.
    pub(super) number: u64,
    /// Whether its name says that it is a page, as `page-3` does, and not only a number.
    pub(super) is_said: bool,
}

/// The longest number that can count pages; a longer one is a date or an identifier.
const LONGEST_PAGE_NUMBER: usize = 6;

/// The page that a file is, by its path below the export.
pub(super) fn page(relative: &str) -> Option<Page<'_>> {
    let name = relative.rsplit('/').next()?;
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem).trim_end_matches(')');
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = stem.get(word.len()..)?;
    let series = relative.get(..relative.len() - name.len() + word.len())?;
    // `part-1-of-3`, `2026-03` and identifiers have numbers of their own before the last one.
    let is_plain = !word.contains(|c: char| c.is_ascii_digit());
    let said = word.trim_end_matches(['-', '_', '.', ' ', '(']).to_lowercase();
    let is_said = PAGE_WORDS.iter().any(|page| said.ends_with(page));
    let number = digits.parse().ok().filter(|_| is_plain && digits.len() <= LONGEST_PAGE_NUMBER)?;
    Some(Page { series, number, is_said })
}

/// A key that puts `page-2` before `page-10`: words and the numbers after them, in turn.
fn natural(text: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(digits);
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, next) = after.split_at(end);
        key.push((word.to_ascii_lowercase(), number.parse().unwrap_or(0)));
        rest = next;
    }
    key
}

/// The hash of the bytes that were read so far, shared with the reader.
#[derive(Debug, Clone, Default)]
pub struct Fingerprint(Arc<Mutex<blake3::Hasher>>);

impl Fingerprint {
    /// The hash as hexadecimal text.
    pub fn hex(&self) -> String {
        self.0.lock().map(|hasher| hasher.finalize().to_hex().to_string()).unwrap_or_default()
    }
}

struct Fingerprinted<R> {
    inner: R,
    print: Fingerprint,
}

impl<R: Read> Read for Fingerprinted<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(out)?;
        if let (Ok(mut hasher), Some(bytes)) = (self.print.0.lock(), out.get(..n)) {
            hasher.update(bytes);
        }
        Ok(n)
    }
}

impl InputFile {
    /// The names on the way to the file, its own without extensions first, then its folders outwards.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let mut names = self.relative.rsplit('/');
        let own = names.next().map(|name| name.split_once('.').map_or(name, |(stem, _)| stem));
        own.into_iter().chain(names)
    }

    /// Opens the file for reading, decompressed, with a fingerprint of the bytes as stored.
    pub fn open(&self) -> Result<(Box<dyn Read + Send>, Fingerprint)> {
        let file = File::open(&self.path).map_err(|e| Error::io("open the file", &self.path, &e))?;
        let print = Fingerprint::default();
        let raw = Fingerprinted { inner: file, print: print.clone() };
        let raw = BufReader::with_capacity(1 << 18, raw);
        let name = self.relative.to_lowercase();
        let reader: Box<dyn Read + Send> = if name.ends_with(".gz") {
            Box::new(flate2::read::MultiGzDecoder::new(raw))
        } else if name.ends_with(".zst") {
            Box::new(zstd::stream::read::Decoder::with_buffer(raw).map_err(|e| {
                Error::new(&pages::DAMAGED_FILE, format!("the compressed file cannot be read: {e}")).at(&self.path)
            })?)
        } else {
            Box::new(raw)
        };
        Ok((reader, print))
    }

    /// The fingerprint of the whole file, for readers that do not go through [`InputFile::open`].
    pub fn fingerprint(&self) -> Result<String> {
        let mut file = File::open(&self.path).map_err(|e| Error::io("open the file", &self.path, &e))?;
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut file, &mut hasher).map_err(|e| Error::io("read the file", &self.path, &e))?;
        Ok(hasher.finalize().to_hex().to_string())
    }
}

/// Refuses text that is not UTF-8 by its first bytes, with what to do about it.
pub fn refuse_wide_encodings(first: &[u8], file: &InputFile) -> Result<()> {
    let wide = matches!(first, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..]);
    if wide {
        return Err(Error::new(&pages::ENCODING, "the file is UTF-16 or UTF-32 text, and only UTF-8 is read")
            .at(&file.path)
            .help("save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_their_stem_or_folder() {
        assert_eq!(plain_stem("scorecards_01", ""), "scorecards");
        assert_eq!(plain_stem("scorecards-page-3", ""), "scorecards");
        assert_eq!(plain_stem("page-0003", "scheduled_interviews"), "scheduled_interviews");
        assert_eq!(plain_stem("0003", "Activity-Feed"), "activity_feed");
        assert_eq!(plain_stem("job-stages", "x"), "job_stages");
    }

    #[test]
    fn pages_are_told_from_dates_and_identifiers() {
        let told = |path| page(path).map(|page| (page.series, page.number, page.is_said));
        assert_eq!(told("a/feedback/page-3.json"), Some(("a/feedback/page-", 3, true)));
        assert_eq!(told("feedback/0003.json.gz"), Some(("feedback/", 3, false)));
        assert_eq!(told("scorecards (2).csv"), Some(("scorecards (", 2, false)));
        let no_page =
            ["jobs.json", "jobs_2026-03.json", "feed/20000000001.json", "f3962b36-964b-48c8-b12a-904e6bd70591.json"];
        assert!(no_page.iter().all(|path| page(path).is_none()));
    }

    #[test]
    fn pages_come_in_numeric_order() {
        let mut names = vec!["a/page-10.json", "a/page-2.json", "b.json", "a/page-1.json"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["a/page-1.json", "a/page-2.json", "a/page-10.json", "b.json"]);
    }
}
