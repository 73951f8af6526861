//! The account of what was read: each record is kept, replaced or rejected, and the counts reconcile.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::files::{InputFile, Page, page};
use crate::dataset::extent::Kind;
use crate::error::{Error, Result, pages};
use crate::report::number;
use words::{MOST_WORDS, vocabulary};

/// The position of a file in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(pub u32);

/// Where in a file a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text table, 1 the first.
    Line(u64),
    /// A record of a JSON file, 0 the first, and the line it starts on.
    Record {
        /// Its index.
        index: u64,
        /// The line it starts on.
        line: u64,
    },
    /// A row of a Parquet file, 0 the first.
    Row(u64),
    /// A row of a sheet, 1 the first, as spreadsheets count.
    SheetRow(u64),
}

impl Place {
    /// The number of the line, record or row.
    pub fn number(self) -> u64 {
        match self {
            Place::Line(number) | Place::Row(number) | Place::SheetRow(number) => number,
            Place::Record { index, .. } => index,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(out, "line {line}"),
            Place::Record { index, line } => write!(out, "$[{index}] (line {line})"),
            Place::Row(row) | Place::SheetRow(row) => write!(out, "row {row}"),
        }
    }
}

/// A record that cannot be used.
#[derive(Debug, Clone)]
pub struct Reject {
    /// Where it stands.
    pub place: Place,
    /// Why, as a code of [`REASONS`].
    pub reason: &'static str,
    /// The field at fault.
    pub field: Option<String>,
    /// The offending value; redacted by the ledger.
    pub value: Option<String>,
}

impl Reject {
    /// A reject without a particular field.
    pub fn new(place: Place, reason: &'static str) -> Self {
        Self { place, reason, field: None, value: None }
    }

    /// Names the field and its value.
    #[must_use]
    pub fn field(mut self, field: &str, value: Option<&str>) -> Self {
        self.field = Some(field.to_owned());
        self.value = value.map(str::to_owned);
        self
    }
}

/// Why a record can be rejected, with the meaning printed in the documentation.
pub const REASONS: &[(&str, &str)] = &[
    ("missing_field", "a required field is missing or empty"),
    ("not_a_record", "the JSON value is not a record of this kind"),
    ("malformed", "the record does not have the documented shape"),
    ("not_utf8", "the bytes are not UTF-8 text"),
    ("bad_time", "the text is not an instant or a date in a known or declared pattern"),
    ("impossible_time", "the date does not exist, or lies before 1990 or after 2100"),
    ("bad_number", "the text is not a number"),
    ("unknown_score", "the score is a word that is not mapped to a number"),
    ("off_scale", "the score is outside the declared scale or between its steps"),
    ("unknown_decision", "the decision is not a known or mapped word"),
    ("unknown_event", "the event is not a known or mapped word"),
    ("unknown_label", "the word is not in the closed list of this field"),
    ("wrong_column_count", "the row has more or fewer cells than the header"),
    ("not_a_loop", "the application is a lead, or a prospect without a job, so it is no loop"),
    ("deleted", "the source says that the record was deleted"),
    ("unknown_reference", "the record refers to a row of another table that is in no file"),
    ("unknown_card", "the rating's scorecard is in no file, so its application is not known"),
    ("unknown_interview", "the seat's interview is in no file, so its application is not known"),
    ("unknown_schedule", "the appointment's schedule is in no file, so its application is not known"),
    ("no_parent", "neither the record nor what stands around it says which application it belongs to"),
    ("other_version", "the record is one of another version of the same system, and would be read by half"),
    ("error_response", "the system answered with an error in place of records"),
];

/// How many rejects are kept before reading stops: past that the export is of another kind.
const MOST_REJECTS: usize = 1_000_000;

/// The account of one file.
#[derive(Debug, Clone, Default)]
pub struct FileAccount {
    /// The source that read it.
    pub source: &'static str,
    /// The file, relative to the export.
    pub file: String,
    /// What it holds.
    pub kind: String,
    /// Hash of its bytes, filled in when it has been read whole.
    pub blake3: String,
    /// Its size.
    pub bytes: u64,
    /// Records read.
    pub read: u64,
    /// Records kept through what they tell about others.
    pub lookups: u64,
    /// Records that another one stands in for, as the source itself can tell.
    pub superseded: u64,
    /// Records rejected.
    pub rejected: u64,
    /// Counted rows that stand in the dataset after the merge.
    pub kept: u64,
    /// Counted rows that another row of the same entity stands in for.
    pub replaced: u64,
    /// Kept rows whose application is in no file.
    pub unjoined: u64,
    /// Columns that were not read.
    pub unknown_columns: BTreeSet<String>,
    /// Labels that no list knows, by field and label.
    pub unknown_labels: BTreeMap<(String, String), u64>,
    /// What a reader should know about this file.
    pub remarks: BTreeSet<String>,
}

impl FileAccount {
    /// Records that stand in the dataset.
    pub fn total_kept(&self) -> u64 {
        self.kept + self.lookups
    }

    /// Records that another one stands in for.
    pub fn total_replaced(&self) -> u64 {
        self.replaced + self.superseded
    }

    /// Whether read = kept + replaced + rejected.
    pub fn reconciles(&self) -> bool {
        self.read == self.total_kept() + self.total_replaced() + self.rejected
    }
}

/// The account of one ingest.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The files, in the order they were read.
    pub files: Vec<FileAccount>,
    /// The rejected records with the file they stand in.
    pub rejects: Vec<(FileId, Reject)>,
    /// Words of decisions, events and scores that nobody mapped, with how often each was read, by the table whose
    /// words they are. Only for what is told at the terminal: they are not written anywhere.
    pub unmapped: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Lines of the configuration with which more could be read.
    advice: BTreeSet<String>,
    /// The last page and the count of pages that were opened of each numbered series.
    pages: BTreeMap<String, (u64, u64)>,
    /// Records that the source says were deleted: what they were, and their identifier.
    pub gone: Vec<(Kind, String)>,
}

impl Ledger {
    /// Opens the account of a file.
    pub fn open(&mut self, source: &'static str, file: &InputFile, kind: &str) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(FileAccount {
            source,
            file: file.relative.clone(),
            kind: kind.to_owned(),
            bytes: file.bytes,
            ..FileAccount::default()
        });
        if let Some(missing) = page(&file.relative).and_then(|page| self.turn(&page)) {
            let remark = match (missing.start, missing.end - missing.start) {
                (page, 1) => format!("page {page} of {kind} is not there"),
                (first, pages) => format!("pages {first} to {} of {kind} are not there", first + pages - 1),
            };
            self.remark(id, remark);
        }
        id
    }

    /// Turns to a page, and tells which ones are missing between it and the one before.
    ///
    /// Files that have bare numbers for names could be named by identifiers: there, a gap counts only as long
    /// as it is no longer than the series was before it.
    fn turn(&mut self, page: &Page<'_>) -> Option<Range<u64>> {
        let (last, seen) = self.pages.get(page.series).copied().unwrap_or_default();
        self.pages.insert(page.series.to_owned(), (page.number, seen + 1));
        let missing = page.number.saturating_sub(last + 1);
        (missing > 0 && (page.is_said || missing <= seen)).then_some(last + 1..page.number)
    }

    /// The account of a file. An unknown id cannot occur: ids are handed out by [`Ledger::open`] only.
    #[allow(clippy::indexing_slicing, reason = "ids come from `open` alone")]
    pub fn file(&mut self, file: FileId) -> &mut FileAccount {
        &mut self.files[file.0 as usize]
    }

    /// Counts and keeps a reject.
    pub fn reject(&mut self, file: FileId, mut reject: Reject) -> Result<()> {
        if let (Some(table), Some(word)) = (vocabulary(reject.reason), &reject.value)
            && !word.contains('@')
        {
            let words = self.unmapped.entry(table).or_default();
            if words.len() < MOST_WORDS || words.contains_key(word) {
                *words.entry(word.clone()).or_default() += 1;
            }
        }
        reject.value = reject.value.as_deref().map(redact);
        let account = self.file(file);
        account.read += 1;
        account.rejected += 1;
        let name = account.file.clone();
        self.rejects.push((file, reject));
        if self.rejects.len() > MOST_REJECTS {
            return Err(Error::new(&pages::TOO_MANY_REJECTS, "more than a million records cannot be used")
                .place(name)
                .help("this is probably not the kind of export it was taken for: try another --source"));
        }
        Ok(())
    }

    /// Why records were rejected, each with its count.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, reject) in &self.rejects {
            *reasons.entry(reject.reason).or_default() += 1;
        }
        reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect()
    }

    /// Where the first record of each reason stands, so that it can be looked at.
    pub fn first_of_each_reason(&self) -> Vec<String> {
        let mut first: BTreeMap<&str, (&FileId, &Reject)> = BTreeMap::new();
        for (file, reject) in &self.rejects {
            first.entry(reject.reason).or_insert((file, reject));
        }
        let told = |(reason, (file, reject)): (&&str, &(&FileId, &Reject))| {
            let name = self.files.get(file.0 as usize).map_or("", |account| account.file.as_str());
            let field = reject.field.as_deref().map(|field| format!(", field {field}")).unwrap_or_default();
            format!("{reason}, first in {}: {}{}", number::visible(name, 80), reject.place, number::visible(&field, 60))
        };
        first.iter().map(told).collect()
    }

    /// The data files that no record was read from, because the source has no use for them.
    pub fn unread(&self) -> Vec<&str> {
        let unread = self.files.iter().filter(|account| matches!(account.kind.as_str(), "not read" | "other"));
        unread.map(|account| account.file.as_str()).collect()
    }

    /// Takes over what was told in another ledger of one file, and gives what was rejected there.
    pub fn take_over(&mut self, file: FileId, other: Ledger) -> impl Iterator<Item = Reject> + use<> {
        for told in other.files {
            for (label, times) in told.unknown_labels {
                *self.file(file).unknown_labels.entry(label).or_default() += times;
            }
            self.file(file).remarks.extend(told.remarks);
        }
        for (table, words) in other.unmapped {
            for (word, times) in words {
                *self.unmapped.entry(table).or_default().entry(word).or_default() += times;
            }
        }
        self.advice.extend(other.advice);
        other.rejects.into_iter().map(|(_, reject)| reject)
    }

    /// Reports a label that no list knows.
    pub fn unknown_label(&mut self, file: FileId, field: &str, label: &str) {
        *self.file(file).unknown_labels.entry((field.to_owned(), redact(label))).or_default() += 1;
    }

    /// Reports a column that was not read.
    pub fn unknown_column(&mut self, file: FileId, name: &str) {
        self.file(file).unknown_columns.insert(crate::report::number::harmless(name));
    }

    /// Leaves a remark on a file.
    pub fn remark(&mut self, file: FileId, text: impl Into<String>) {
        self.file(file).remarks.insert(text.into());
    }
}

/// Remarks of many files as one each: equal ones once, and those that end in a count summed.
pub fn gather<'a>(remarks: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut counted: BTreeMap<(&str, &str), Option<u64>> = BTreeMap::new();
    for (kind, remark) in remarks {
        let split = remark.rsplit_once(": ").and_then(|(text, n)| Some((text, n.parse::<u64>().ok()?)));
        match split {
            Some((text, n)) => {
                let sum = counted.entry((kind, text)).or_insert(Some(0));
                *sum = Some(sum.unwrap_or(0) + n);
            }
            None => {
                counted.entry((kind, remark)).or_insert(None);
            }
        }
    }
    counted
        .into_iter()
        .map(|((kind, text), sum)| match sum {
            Some(sum) => format!("{kind}: {text}: {sum}"),
            None => format!("{kind}: {text}"),
        })
        .collect()
}

/// A value from the data as it may be shown: short numbers, dates and words of the format as they are; anything
/// that could be a name, an address, a telephone number or prose by its length only.
pub fn redact(value: &str) -> String {
    let trimmed = value.trim();
    let word = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
    let number = trimmed.len() <= 8 && trimmed.parse::<f64>().is_ok();
    let format_word = trimmed.len() <= 24 && trimmed.contains('_') && trimmed.chars().all(word);
    if trimmed.is_empty() {
        "(empty)".to_owned()
    } else if number || format_word || is_date_shaped(trimmed) {
        trimmed.to_owned()
    } else {
        format!("(text of {} characters)", trimmed.chars().count())
    }
}

/// Whether a text has the shape of a date, possible or not, perhaps with a time: `2026-02-30T10:00:00Z`,
/// `3.2.26 10:00`.
fn is_date_shaped(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ':' | '/' | 'T' | 'Z' | ' ');
    let parts: Vec<usize> = text.split(|c: char| !c.is_ascii_digit()).map(str::len).collect();
    let dated = matches!(parts.as_slice(), [1 | 2 | 4, 1 | 2, 1 | 2 | 4, ..]);
    dated && text.len() <= 35 && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::Layout;

    #[test]
    fn missing_pages_are_remarked_on() {
        let remarks = |names: &[&str]| {
            let mut ledger = Ledger::default();
            for name in names {
                let (relative, path, stem) = ((*name).to_owned(), (*name).into(), "cards".to_owned());
                ledger.open("test", &InputFile { path, relative, stem, layout: Layout::Json, bytes: 0 }, "cards");
            }
            ledger.files.iter().flat_map(|file| file.remarks.clone()).collect::<Vec<String>>()
        };
        assert_eq!(remarks(&["cards/page-1.json", "cards/page-3.json"]), ["page 2 of cards is not there"]);
        assert_eq!(remarks(&["page_0003.json", "page_0007.json"]).len(), 2);
        assert_eq!(remarks(&["1.json", "2.json", "5.json"]), ["pages 3 to 4 of cards are not there"]);
        // Neither a beginning at 0, nor each folder's own pages, nor numbers that are no pages leave a gap.
        assert!(remarks(&["cards-0.json", "cards-1.json", "b/page-1.json", "c/page-1.json"]).is_empty());
        assert!(remarks(&["7.json", "19.json", "1201.json"]).is_empty());
    }

    #[test]
    fn only_what_cannot_be_about_a_person_is_shown() {
        for shown in ["7.5", "-12", "2026-02-30", "2026-13-02T08:00:00Z", "31/12/2026", "no_decision"] {
            assert_eq!(redact(shown), shown);
        }
        for hidden in ["Kate Austen", "kate@example.com", "+49 170 1234567", "030-1234-5678", "0170123456", "kate"] {
            assert!(redact(hidden).starts_with("(text of"), "{hidden}");
        }
    }
}
