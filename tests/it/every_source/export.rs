//! An export held in memory, and the accidents that can happen to it, whatever its format.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use crate::support::files_below;

/// The files of an export by their path.
#[derive(Clone)]
pub(super) struct Export(BTreeMap<String, String>);

/// Whether a file is a text table; the others are JSON.
pub(super) fn is_text_table(path: &str) -> bool {
    path.ends_with(".csv")
}

impl Export {
    pub(super) fn read(folder: &Path) -> Self {
        let files = files_below(folder).into_iter().filter(|path| !path.ends_with("truth.json"));
        let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
        Self(files.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect())
    }

    pub(super) fn write(&self, folder: &Path) {
        for (name, text) in &self.0 {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    pub(super) fn text(&self, path: &str) -> &str {
        &self.0[path]
    }

    pub(super) fn with(&self, path: &str, text: String) -> Self {
        let mut export = self.clone();
        export.0.insert(path.to_owned(), text);
        export
    }

    /// A file in three pages of which the second is not there; with it, how many records that were.
    pub(super) fn with_gap(&self, path: &str) -> (Self, u64) {
        let mut export = self.clone();
        // Further pages would close the gap.
        let (folder, _) = numbered(path, 0);
        let dropped: u64 = export
            .0
            .iter()
            .filter(|(name, _)| *name != path && name.starts_with(&folder))
            .map(|(name, text)| Page::parse(name, text).count())
            .sum();
        export.0.retain(|name, _| !name.starts_with(&folder));
        let [first, second, third] = Page::parse(path, &self.0[path]).thirds();
        export.0.insert(numbered(path, 1).1, first.text());
        export.0.insert(numbered(path, 3).1, third.text());
        (export, second.count() + dropped)
    }

    /// Files whose first page is there once more; with it, how many records that are.
    pub(super) fn with_again(&self, paths: &[&str]) -> (Self, u64) {
        let (mut export, mut again) = (self.clone(), 0);
        for path in paths {
            let mut free = 2;
            while self.0.contains_key(&numbered(path, free).1) {
                free += 1;
            }
            export.0.insert(numbered(path, free).1, self.0[*path].clone());
            again += Page::parse(path, &self.0[*path]).count();
        }
        (export, again)
    }

    /// A page of another export under a path of this one's; with it, how many records that are.
    pub(super) fn with_from(&self, other: &Self, there: &str, here: &str) -> (Self, u64) {
        assert!(!self.0.contains_key(here), "{here}");
        let text = other.0[there].clone();
        let count = Page::parse(there, &text).count();
        (self.with(here, text), count)
    }

    /// Every identifier that is no number replaced by one, written as text.
    pub(super) fn numbered(&self) -> Self {
        let identifier = Regex::new(r#""([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"|\bapp-([0-9]+)"#).unwrap();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut export = self.clone();
        for text in export.0.values_mut() {
            let replace = |found: &Captures<'_>| match found.get(2) {
                Some(digits) => format!("9{}", digits.as_str()),
                None => {
                    let next = 90_000_000 + numbers.len();
                    format!("\"{}\"", numbers.entry(found[1].to_owned()).or_insert(next))
                }
            };
            *text = identifier.replace_all(text, replace).into_owned();
        }
        export
    }

    /// The identifiers of one file in another spelling: texts as numbers and numbers as texts, and in a text table
    /// as a spreadsheet leaves them.
    pub(super) fn respelt(&self, path: &str) -> Self {
        let mut page = Page::parse(path, &self.0[path]);
        page.each(&mut |record| {
            for (key, value) in record.iter_mut() {
                respell(key, value, is_text_table(path));
            }
        });
        self.with(path, page.text())
    }

    /// The first occurrence of a text in a file replaced by another.
    pub(super) fn replaced(&self, path: &str, text: &str, other: &str) -> Self {
        assert!(self.0[path].contains(text), "{path}: {text}");
        self.with(path, self.0[path].replacen(text, other, 1))
    }

    /// A file whose last line broke off.
    pub(super) fn cut(&self, path: &str) -> Self {
        let text = self.0[path].trim_end();
        let last = text.rfind('\n').unwrap();
        // In the middle of the line, and not in the middle of a character.
        let middle = (last + (text.len() - last) / 2..).find(|at| text.is_char_boundary(*at)).unwrap();
        self.with(path, text[..middle].to_owned())
    }

    /// The records of files inside three wrappers.
    pub(super) fn wrapped(&self, paths: &[&str]) -> Self {
        let mut export = self.clone();
        for path in paths {
            let text = export.0.remove(*path).unwrap();
            let wrapped = |held: Value| json!({"status": 200, "response": {"body": held, "took": 12}}).to_string();
            let text: String = match Page::parse(path, &text) {
                Page::Table { rows, .. } => wrapped(json!({"data": rows})),
                Page::Json(held) => held
                    .into_iter()
                    .map(|held| wrapped(if held.is_array() { json!({"data": held}) } else { held }) + "\n")
                    .collect(),
            };
            export.0.insert(path.replace(".csv", ".json"), text);
        }
        export
    }

    /// One more field in each record of some files.
    pub(super) fn with_field(&self, paths: &[&str], field: &str, value: &str) -> Self {
        let mut export = self.clone();
        for path in paths {
            let mut page = Page::parse(path, &self.0[*path]);
            page.each(&mut |record| _ = record.insert(field.to_owned(), json!(value)));
            if let Page::Table { header, .. } = &mut page {
                header.push(field.to_owned());
            }
            export.0.insert((*path).to_owned(), page.text());
        }
        export
    }

    /// A field of each record of some files changed.
    pub(super) fn edited(&self, fields: &[(&str, &str)], mut change: impl FnMut(&mut Value)) -> Self {
        let mut export = self.clone();
        for (path, field) in fields {
            let mut page = Page::parse(path, &self.0[*path]);
            page.each(&mut |record| {
                record.get_mut(*field).into_iter().filter(|value| !value.is_null()).for_each(&mut change);
            });
            export.0.insert((*path).to_owned(), page.text());
        }
        export
    }
}

/// What the pages of a file have in common, and the name of one of them.
fn numbered(path: &str, number: u32) -> (String, String) {
    let (stem, extension) = path.rsplit_once('.').unwrap();
    match stem.strip_suffix("page-0001") {
        Some(folder) => (folder.to_owned(), format!("{folder}page-{number:04}.{extension}")),
        None => (stem.to_owned(), format!("{stem}-{number}.{extension}")),
    }
}

/// An identifier in its other spelling, wherever it stands in a record.
fn respell(key: &str, value: &mut Value, is_cell: bool) {
    let is_id = key == "id" || key.ends_with("_id");
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| respell(key, value, is_cell)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| respell(key, value, is_cell)),
        Value::Number(number) if is_id => *value = json!(number.to_string()),
        Value::String(text) if text.len() > 6 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            *value = if is_cell { json!(format!("{text}.0")) } else { json!(text.parse::<u64>().unwrap()) };
        }
        _ => {}
    }
}

/// A file taken apart into records.
enum Page {
    /// A text table: its header and its rows by column.
    Table { header: Vec<String>, rows: Vec<Map<String, Value>> },
    /// JSON values one after another: arrays of records, or envelopes around them.
    Json(Vec<Value>),
}

impl Page {
    fn parse(path: &str, text: &str) -> Self {
        if !is_text_table(path) {
            let held = serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>();
            return Page::Json(held.unwrap());
        }
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |cells: csv::StringRecord| header.iter().cloned().zip(cells.iter().map(Value::from)).collect();
        let rows = reader.records().map(|cells| row(cells.unwrap())).collect();
        Page::Table { rows, header }
    }

    /// The records that one value of a file holds.
    fn records(held: &mut Value) -> &mut [Value] {
        let in_envelope = ["data", "results"].into_iter().find(|key| held.get(key).is_some());
        let held = match in_envelope {
            Some(key) => &mut held[key],
            None => held,
        };
        match held {
            Value::Array(records) => records,
            record => std::slice::from_mut(record),
        }
    }

    fn each(&mut self, take: &mut dyn FnMut(&mut Map<String, Value>)) {
        match self {
            Page::Table { rows, .. } => rows.iter_mut().for_each(take),
            Page::Json(held) => {
                let records = held.iter_mut().flat_map(Self::records);
                records.for_each(|record| take(record.as_object_mut().unwrap()));
            }
        }
    }

    fn count(mut self) -> u64 {
        let mut count = 0;
        self.each(&mut |_| count += 1);
        count
    }

    fn thirds(self) -> [Self; 3] {
        fn cut<T: Clone>(whole: &[T], part: usize) -> Vec<T> {
            whole.chunks(whole.len().div_ceil(3)).nth(part).unwrap().to_vec()
        }
        std::array::from_fn(|part| match &self {
            Page::Table { header, rows } => Page::Table { header: header.clone(), rows: cut(rows, part) },
            Page::Json(held) if held.len() > 1 => Page::Json(cut(held, part)),
            Page::Json(held) => {
                let mut held = held[0].clone();
                let records = cut(Self::records(&mut held), part);
                match ["data", "results"].into_iter().find(|key| held.get(key).is_some()) {
                    Some(key) => held[key] = json!(records),
                    None => held = json!(records),
                }
                Page::Json(vec![held])
            }
        })
    }

    fn text(&self) -> String {
        match self {
            Page::Json(held) => held.iter().map(|held| format!("{held}\n")).collect(),
            Page::Table { header, rows } => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(header).unwrap();
                for row in rows {
                    let cell = |name: &String| row[name].as_str().map_or_else(|| row[name].to_string(), str::to_owned);
                    writer.write_record(header.iter().map(cell)).unwrap();
                }
                String::from_utf8(writer.into_inner().unwrap()).unwrap()
            }
        }
    }
}
