//! Files that no source recognises: what they begin with, and what they come nearest to.
//!
//! Names of columns may be told, values may not. A first line that could be values is told as such alone.

use std::collections::HashSet;

use super::diagnosis::{FileFacts, LooksLike};
use crate::dataset::parquet;
use crate::report::number::harmless;
use crate::source::SOURCES;
use crate::source::clean::TimeRules;
use crate::source::files::{Export, InputFile, Layout};
use crate::source::json::first_record;
use crate::source::tables::{self, CONTRACT, Import, Samples};

/// How many columns of a file are told.
const MOST_COLUMNS: usize = 12;
/// How many lines are compared with the first to see whether it is one of them.
const LINES: usize = 50;
/// The longest text that is taken for a column's name.
const LONGEST_NAME: usize = 60;
/// How many files are looked into; a folder of thousands of pages has as many of one kind.
const MOST_FILES: usize = 200;
/// Signs below which a file has nothing of a source: a single key such as `start` may be anyone's.
const FEWEST_SIGNS: u32 = 2;

/// What a file begins with.
enum Head {
    /// Names of columns or keys.
    Names(Vec<String>),
    /// Something that could be values.
    Values(&'static str),
}

const VALUES: Head = Head::Values("its first line could be values instead of names of columns, so it is not shown");

/// The files of an export that nobody recognises.
pub(super) fn files(export: &Export) -> Vec<FileFacts> {
    let (seen, rest) = export.files.split_at(export.files.len().min(MOST_FILES));
    let mut samples = Samples::of(seen);
    let looked_into = samples.files().into_iter().enumerate();
    let mut facts: Vec<FileFacts> = looked_into.map(|(at, file)| look(&mut samples, at, &file)).collect();
    facts.extend(rest.iter().map(unseen));
    facts
}

fn unseen(file: &InputFile) -> FileFacts {
    FileFacts { file: file.relative.clone(), kind: "not recognised".to_owned(), ..FileFacts::default() }
}

/// A file, or a sheet of a workbook, by what it begins with.
fn look(samples: &mut Samples, at: usize, file: &InputFile) -> FileFacts {
    let mut facts = unseen(file);
    match head(samples, at, file) {
        Head::Names(names) => {
            facts.looks_like = like_a_source(file).or_else(|| like_a_table(file, &names));
            facts.columns = names.iter().take(MOST_COLUMNS).map(|name| harmless(name)).collect();
            let more = names.len().saturating_sub(MOST_COLUMNS);
            if more > 0 {
                facts.remarks.push(format!("and {more} more columns"));
            }
        }
        Head::Values(why) => {
            facts.looks_like = like_a_source(file).or_else(|| like_a_table(file, &[]));
            facts.remarks.push(why.to_owned());
        }
    }
    facts
}

fn head(samples: &mut Samples, at: usize, file: &InputFile) -> Head {
    match file.layout {
        Layout::Json => match first_record(file) {
            Some(record) if record.keys().all(|key| is_key(key)) => Head::Names(record.keys().cloned().collect()),
            Some(_) => Head::Values("the keys of its first record could be values, so they are not shown"),
            None => Head::Values("it does not begin with a JSON object"),
        },
        Layout::Delimited(delimiter) => first_line(file, delimiter),
        Layout::Parquet => match parquet::read(&file.path, &[]) {
            Ok(reader) => {
                use arrow::array::RecordBatchReader as _;
                Head::Names(reader.schema().fields().iter().map(|field| field.name().clone()).collect())
            }
            Err(_) => Head::Values("it cannot be read as Parquet"),
        },
        Layout::Workbook => match samples.look(at, LINES) {
            Some(sample) if sample.repeats_names => VALUES,
            Some(sample) => {
                let row = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default).collect();
                names_or_values(sample.columns, sample.rows.into_iter().map(row).collect())
            }
            None => Head::Values("the sheet is empty, or the workbook cannot be opened"),
        },
    }
}

/// Whether a key names a field, rather than being an id, a name or an address that records are kept under.
fn is_key(key: &str) -> bool {
    let digits = key.chars().filter(char::is_ascii_digit).count();
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$'));
    plain && !key.is_empty() && key.len() <= LONGEST_NAME && digits < 5 && digits * 2 <= key.len()
}

fn first_line(file: &InputFile, delimiter: u8) -> Head {
    let Some(mut lines) = lines(file, delimiter) else { return Head::Values("it cannot be read as text") };
    // Spreadsheets in countries with a decimal comma separate cells by semicolons.
    if lines.first().is_some_and(|first| first.len() == 1 && first.iter().any(|cell| cell.contains(';'))) {
        lines = self::lines(file, b';').unwrap_or(lines);
    }
    let mut lines = lines.into_iter();
    let Some(names) = lines.next() else { return Head::Values("it is empty") };
    names_or_values(names, lines.collect())
}

/// The first of several lines, if it names columns.
fn names_or_values(names: Vec<String>, rest: Vec<Vec<String>>) -> Head {
    let times = TimeRules::utc();
    let is_value = |cell: &String| {
        cell.contains(['@', '\0', '\u{fffd}'])
            || cell.chars().count() > LONGEST_NAME
            || cell.parse::<f64>().is_ok()
            || times.read(cell).is_ok()
    };
    let mut columns = names.iter().enumerate().filter(|(_, name)| !name.is_empty());
    let comes_again = columns.any(|(at, name)| rest.iter().any(|line| line.get(at) == Some(name)));
    let different = names.iter().collect::<HashSet<_>>().len() == names.len();
    // A single line says nothing about itself, unless it has names that we know.
    let is_alone = rest.is_empty() && CONTRACT.iter().all(|import| shared(import, &names).len() < 2);
    if names.iter().any(is_value) || comes_again || !different || is_alone {
        return VALUES;
    }
    Head::Names(names)
}

fn lines(file: &InputFile, delimiter: u8) -> Option<Vec<Vec<String>>> {
    let (reader, _) = file.open().ok()?;
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(reader);
    let cell = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned();
    let mut lines = Vec::new();
    for row in rows.byte_records().take(LINES) {
        lines.push(row.ok()?.iter().map(cell).collect());
    }
    Some(lines)
}

/// The file of a source that this one would be, if it were called so.
fn like_a_source(file: &InputFile) -> Option<LooksLike> {
    let signs = |source: &crate::source::Source, stem: &str| {
        let renamed = InputFile { stem: stem.to_owned(), ..file.clone() };
        let export = Export { root: file.path.clone(), files: vec![renamed], ignored: Vec::new() };
        (source.recognise)(&export).map(|recognition| recognition.signs).filter(|signs| *signs >= FEWEST_SIGNS)
    };
    if file.layout != Layout::Json {
        return None;
    }
    let candidates = SOURCES.iter().flat_map(|source| source.reads.iter().map(move |stem| (*source, *stem)));
    let mut best: Option<(u32, LooksLike)> = None;
    for (source, stem) in candidates {
        if let Some(signs) = signs(source, stem)
            && best.as_ref().is_none_or(|(most, _)| signs > *most)
        {
            let looks = LooksLike { source: source.id, name: stem.to_owned(), has: Vec::new(), lacks: Vec::new() };
            best = Some((signs, looks));
        }
    }
    best.map(|(_, looks)| looks)
}

/// The table of the import contract with the most columns in common.
fn like_a_table(file: &InputFile, names: &[String]) -> Option<LooksLike> {
    let stem = plain(&file.stem);
    let mut best: Option<(usize, LooksLike)> = None;
    for import in CONTRACT {
        let has = shared(import, names);
        let lacks: Vec<&'static str> =
            import.columns.iter().take(import.required).filter(|column| !has.contains(column)).copied().collect();
        let is_named = stem.contains(plain(import.name).trim_end_matches('s'));
        // A required column says more than one that any table may have.
        let signs = 2 * has.len() + (import.required - lacks.len()) + usize::from(is_named);
        if signs > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((signs, LooksLike { source: tables::SOURCE.id, name: import.name.to_owned(), has, lacks }));
        }
    }
    best.map(|(_, looks)| looks)
}

/// The columns of a table that are among names, whatever their spelling: `Application ID`, `applied`.
fn shared(import: &Import<'static>, names: &[String]) -> Vec<&'static str> {
    let names: HashSet<String> = names.iter().map(|name| plain(name)).collect();
    let is_there = |column: &&'static str| {
        let column = plain(column);
        let bare = column.strip_suffix("id").or_else(|| column.strip_suffix("at")).unwrap_or(&column);
        names.contains(&column) || names.contains(bare)
    };
    import.columns.iter().copied().filter(is_there).collect()
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
