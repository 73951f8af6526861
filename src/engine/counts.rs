//! Additive tables: key columns and integer columns, merged by summing equal keys.
//!
//! Rows are sorted by key and keys are unique, so two tables with the same content are the same bytes,
//! whatever the order, the partitioning or the number of threads that made them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use polars::prelude::DataType as PolarsType;
use polars::prelude::{Column, DataFrame};

use super::results::RESULTS_VERSION;
use crate::dataset::parquet;
use crate::error::{Error, Result, pages};

/// A missing integer key.
const NO_INT: i64 = i64::MIN;

/// One key column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Text: sorted distinct words, and per row a position among them; 0 is missing, 1 the first word.
    Text {
        /// The words.
        words: Vec<String>,
        /// The positions.
        codes: Vec<u32>,
    },
    /// Integers, with the smallest one standing for missing.
    Int(Vec<i64>),
}

/// An additive table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    names: Vec<String>,
    keys: Vec<Key>,
    value_names: Vec<String>,
    values: Vec<Vec<i64>>,
}

impl Counts {
    /// An additive table from the columns of a frame; the columns named in `values` are summed, all others
    /// are keys in the order of the frame.
    pub fn from_frame(frame: &DataFrame, values: &[&str]) -> Result<Self> {
        let mut counts = Self::default();
        for column in frame.columns() {
            let name = column.name().to_string();
            if values.contains(&name.as_str()) {
                counts.value_names.push(name);
                counts.values.push(int_column(column)?.into_iter().map(|v| v.unwrap_or(0)).collect());
            } else {
                counts.names.push(name);
                counts.keys.push(match column.dtype() {
                    PolarsType::String => text_key(&column.str()?.iter().collect::<Vec<_>>()),
                    _ => Key::Int(int_column(column)?.into_iter().map(|v| v.unwrap_or(NO_INT)).collect()),
                });
            }
        }
        Ok(counts.normalised())
    }

    /// The sum of additive tables of one shape. Tables without columns are empty and change nothing.
    pub fn merge(parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter().filter(|part| !part.keys.is_empty());
        let Some(mut all) = parts.next() else { return Self::default() };
        let mut sorted = true;
        for part in parts {
            sorted &= all.is_empty() || part.is_empty() || all.last_before_first_of(&part);
            all.append(part);
        }
        if sorted { all } else { all.normalised() }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.keys.first().map_or(0, |key| match key {
            Key::Text { codes, .. } => codes.len(),
            Key::Int(values) => values.len(),
        })
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A text key column: its value in each row.
    pub fn text(&self, name: &str) -> TextKey<'_> {
        match self.key(name) {
            Some(Key::Text { words, codes }) => TextKey { words, codes },
            _ => TextKey { words: &[], codes: &[] },
        }
    }

    /// An integer key column: its value in each row.
    pub fn int(&self, name: &str) -> IntKey<'_> {
        match self.key(name) {
            Some(Key::Int(values)) => IntKey(values),
            _ => IntKey(&[]),
        }
    }

    /// A summed column.
    pub fn value(&self, name: &str) -> &[i64] {
        self.value_names
            .iter()
            .position(|own| own == name)
            .and_then(|at| self.values.get(at))
            .map_or(&[], Vec::as_slice)
    }

    fn key(&self, name: &str) -> Option<&Key> {
        self.names.iter().position(|own| own == name).and_then(|at| self.keys.get(at))
    }

    /// Whether the last key here is smaller than the first key of the other table.
    fn last_before_first_of(&self, other: &Self) -> bool {
        let last = self.len().wrapping_sub(1);
        for (mine, theirs) in self.keys.iter().zip(&other.keys) {
            let order = match (mine, theirs) {
                (Key::Int(a), Key::Int(b)) => a.get(last).cmp(&b.first()),
                (Key::Text { words: a, codes: x }, Key::Text { words: b, codes: y }) => {
                    word(a, x, last).cmp(&word(b, y, 0))
                }
                _ => return false,
            };
            match order {
                std::cmp::Ordering::Less => return true,
                std::cmp::Ordering::Greater => return false,
                std::cmp::Ordering::Equal => {}
            }
        }
        false
    }

    fn append(&mut self, other: Self) {
        for (mine, theirs) in self.keys.iter_mut().zip(other.keys) {
            match (mine, theirs) {
                (Key::Int(mine), Key::Int(theirs)) => mine.extend(theirs),
                (Key::Text { words, codes }, Key::Text { words: more, codes: their }) => {
                    let mut union: Vec<String> = words.iter().chain(&more).cloned().collect();
                    union.sort_unstable();
                    union.dedup();
                    let place = |old: &[String]| -> Vec<u32> {
                        let find = |w: &String| union.binary_search(w).map_or(0, |at| at as u32 + 1);
                        std::iter::once(0).chain(old.iter().map(find)).collect()
                    };
                    let (from_mine, from_theirs) = (place(words), place(&more));
                    let moved = |map: &[u32], code: u32| map.get(code as usize).copied().unwrap_or(0);
                    codes.iter_mut().for_each(|code| *code = moved(&from_mine, *code));
                    codes.extend(their.iter().map(|code| moved(&from_theirs, *code)));
                    *words = union;
                }
                _ => {}
            }
        }
        for (mine, theirs) in self.values.iter_mut().zip(other.values) {
            mine.extend(theirs);
        }
    }

    /// Sorted by key, equal keys summed.
    fn normalised(mut self) -> Self {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let compare = |a: &u32, b: &u32| {
            for key in &self.keys {
                let order = match key {
                    Key::Int(values) => values.get(*a as usize).cmp(&values.get(*b as usize)),
                    Key::Text { codes, .. } => codes.get(*a as usize).cmp(&codes.get(*b as usize)),
                };
                if order != std::cmp::Ordering::Equal {
                    return order;
                }
            }
            std::cmp::Ordering::Equal
        };
        order.sort_unstable_by(compare);
        let mut first_of: Vec<u32> = Vec::with_capacity(order.len());
        let mut group_of: Vec<usize> = Vec::with_capacity(order.len());
        for row in &order {
            if first_of.last().is_none_or(|first| compare(first, row) != std::cmp::Ordering::Equal) {
                first_of.push(*row);
            }
            group_of.push(first_of.len() - 1);
        }
        for key in &mut self.keys {
            match key {
                Key::Int(values) => {
                    *values = first_of.iter().filter_map(|row| values.get(*row as usize)).copied().collect();
                }
                Key::Text { codes, .. } => {
                    *codes = first_of.iter().filter_map(|row| codes.get(*row as usize)).copied().collect();
                }
            }
        }
        for values in &mut self.values {
            let mut sums = vec![0_i64; first_of.len()];
            for (row, group) in order.iter().zip(&group_of) {
                if let (Some(sum), Some(value)) = (sums.get_mut(*group), values.get(*row as usize)) {
                    *sum = sum.saturating_add(*value);
                }
            }
            *values = sums;
        }
        self
    }

    /// Writes the table to a Parquet file that [`Counts::read`] reads.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.write_with("sum.", "An additive table.", path)
    }

    /// Writes the table for people, who can work out the figures that were finished from it.
    pub fn publish(&self, about: &str, path: &Path) -> Result<()> {
        self.write_with("", about, path)
    }

    fn write_with(&self, prefix: &str, about: &str, path: &Path) -> Result<()> {
        let mut fields = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let field = |name: String, ty: DataType, nullable: bool, meaning: &str| {
            let described = HashMap::from([("description".to_owned(), meaning.to_owned())]);
            Field::new(name, ty, nullable).with_metadata(described)
        };
        for (name, key) in self.names.iter().zip(&self.keys) {
            let meaning = "A key: no two rows are equal in all of them.";
            match key {
                Key::Int(values) => {
                    fields.push(field(name.clone(), DataType::Int64, true, meaning));
                    let values = values.iter().map(|v| (*v != NO_INT).then_some(*v));
                    columns.push(Arc::new(values.collect::<Int64Array>()));
                }
                Key::Text { words, codes } => {
                    fields.push(field(name.clone(), DataType::Utf8, true, meaning));
                    let texts = (0..codes.len()).map(|row| word(words, codes, row));
                    columns.push(Arc::new(texts.collect::<StringArray>()));
                }
            }
        }
        for (name, values) in self.value_names.iter().zip(&self.values) {
            let meaning = "A count: the sum over everything that has these keys.";
            fields.push(field(format!("{prefix}{name}"), DataType::Int64, false, meaning));
            columns.push(Arc::new(Int64Array::from(values.clone())));
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), columns)?;
        let mut writer = parquet::Writer::create(path, schema, about, RESULTS_VERSION)?;
        writer.write(&batch)?;
        writer.finish().map(|_| ())
    }

    /// Reads a table that [`Counts::write`] wrote.
    pub fn read(path: &Path) -> Result<Self> {
        let mut parts = Vec::new();
        for batch in parquet::read(path, &[])? {
            let batch = batch?;
            let mut part = Self::default();
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                let ints = column.as_any().downcast_ref::<Int64Array>();
                let texts = column.as_any().downcast_ref::<StringArray>();
                if let (Some(name), Some(ints)) = (field.name().strip_prefix("sum."), ints) {
                    part.value_names.push(name.to_owned());
                    part.values.push(ints.values().to_vec());
                } else if let Some(ints) = ints {
                    part.names.push(field.name().clone());
                    part.keys.push(Key::Int(ints.iter().map(|v| v.unwrap_or(NO_INT)).collect()));
                } else if let Some(texts) = texts {
                    part.names.push(field.name().clone());
                    part.keys.push(text_key(&texts.iter().collect::<Vec<_>>()));
                }
            }
            parts.push(part);
        }
        Ok(Self::merge(parts))
    }
}

/// A text key column of an additive table.
#[derive(Debug, Clone, Copy)]
pub struct TextKey<'a> {
    words: &'a [String],
    codes: &'a [u32],
}

impl<'a> TextKey<'a> {
    /// The word in a row.
    pub fn at(&self, row: usize) -> Option<&'a str> {
        word(self.words, self.codes, row)
    }

    /// The position of the word in a row; 0 where it is missing.
    pub fn code(&self, row: usize) -> u32 {
        self.codes.get(row).copied().unwrap_or(0)
    }

    /// The words, sorted; the first has position 1.
    pub fn words(&self) -> &'a [String] {
        self.words
    }
}

/// An integer key column of an additive table.
#[derive(Debug, Clone, Copy)]
pub struct IntKey<'a>(&'a [i64]);

impl IntKey<'_> {
    /// The value in a row.
    pub fn at(&self, row: usize) -> Option<i64> {
        self.0.get(row).copied().filter(|value| *value != NO_INT)
    }
}

fn word<'a>(words: &'a [String], codes: &[u32], row: usize) -> Option<&'a str> {
    let code = *codes.get(row)? as usize;
    words.get(code.checked_sub(1)?).map(String::as_str)
}

fn text_key(texts: &[Option<&str>]) -> Key {
    let mut words: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for text in texts.iter().flatten() {
        if seen.insert(*text) {
            words.push(text);
        }
    }
    words.sort_unstable();
    let place: std::collections::HashMap<&str, u32> =
        words.iter().enumerate().map(|(at, word)| (*word, at as u32 + 1)).collect();
    let codes = texts.iter().map(|text| text.and_then(|text| place.get(text)).copied().unwrap_or(0)).collect();
    Key::Text { words: words.into_iter().map(str::to_owned).collect(), codes }
}

fn int_column(column: &Column) -> Result<Vec<Option<i64>>> {
    let cast = column.cast(&PolarsType::Int64)?;
    let ints = cast.i64().map_err(|e| Error::new(&pages::DEFECT, format!("a reduction gave no integers: {e}")))?;
    Ok(ints.iter().collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use polars::prelude::{IntoColumn, NamedFrom, Series};
    use proptest::prelude::*;

    fn table(rows: &[(Option<u8>, i64, i64)]) -> Counts {
        let texts: Vec<Option<String>> = rows.iter().map(|(t, _, _)| t.map(|t| format!("w{t}"))).collect();
        let frame = DataFrame::new(
            rows.len(),
            vec![
                Series::new("t".into(), texts).into_column(),
                Series::new("k".into(), rows.iter().map(|r| r.1).collect::<Vec<_>>()).into_column(),
                Series::new("n".into(), rows.iter().map(|r| r.2).collect::<Vec<_>>()).into_column(),
            ],
        )
        .unwrap();
        Counts::from_frame(&frame, &["n"]).unwrap()
    }

    fn rows() -> impl Strategy<Value = Vec<(Option<u8>, i64, i64)>> {
        proptest::collection::vec((proptest::option::of(0_u8..6), 0_i64..5, 0_i64..100), 0..60)
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole_in_any_order(rows in rows(), cut in 0_usize..60, second in 0_usize..60) {
            let whole = table(&rows);
            let (a, b) = (cut.min(rows.len()), second.min(rows.len()));
            let (a, b) = (a.min(b), a.max(b));
            let parts = vec![table(&rows[..a]), table(&rows[a..b]), table(&rows[b..])];
            let merged = Counts::merge(parts.clone());
            prop_assert_eq!(&merged, &Counts::merge(parts.into_iter().rev().collect()));
            if !rows.is_empty() {
                prop_assert_eq!(&merged, &whole);
            }
        }

        #[test]
        fn the_empty_table_changes_nothing(rows in rows()) {
            let whole = table(&rows);
            prop_assert_eq!(&Counts::merge(vec![Counts::default(), whole.clone()]), &whole);
            prop_assert_eq!(&Counts::merge(vec![whole.clone(), Counts::default()]), &whole);
        }

        #[test]
        fn writing_and_reading_changes_nothing(rows in rows()) {
            let folder = tempfile::tempdir().unwrap();
            let whole = table(&rows);
            let path = folder.path().join("c.parquet");
            whole.write(&path).unwrap();
            if !rows.is_empty() {
                prop_assert_eq!(Counts::read(&path).unwrap(), whole);
            }
        }
    }
}
