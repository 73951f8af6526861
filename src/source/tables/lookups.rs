//! Tables of an extract that others look values up in: only the columns that are asked for, each cell in eight
//! bytes, rows found through sorted lists of numbers.
//!
//! A cell is a number, a time or a place among distinct texts, so what grows with the rows is numbers; texts
//! that recur, as names and ids do, are there once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::super::clean::TimeRules;
use super::super::record::keys::Words;
use super::ids::plain;
use crate::config::feeds::{Only, Step};
use crate::dataset::index::hash;

/// A cell of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packed(u64);

impl Packed {
    const MISSING: Self = Self(0);
    const NUMBER: u64 = 1 << 62;
    const TIME: u64 = 2 << 62;
    const WORD: u64 = 3 << 62;
    const VALUE: u64 = (1 << 62) - 1;

    fn pack(text: Option<&str>, words: &mut Words) -> Self {
        let Some(text) = text else { return Self::MISSING };
        if let Ok(number) = text.parse::<u64>()
            && number <= Self::VALUE
            && !text.starts_with(['0', '+'])
        {
            return Self(Self::NUMBER | number);
        }
        match Moment::read(text) {
            Some(moment) => Self(Self::TIME | moment.0),
            None => Self(Self::WORD | u64::from(words.place(text))),
        }
    }

    fn text(self, words: &Words) -> Option<Cow<'_, str>> {
        let value = self.0 & Self::VALUE;
        match self.0 & !Self::VALUE {
            Self::NUMBER => Some(Cow::Owned(value.to_string())),
            Self::TIME => Some(Cow::Owned(Moment(value).write())),
            Self::WORD => words.at(u32::try_from(value).ok()?).map(Cow::Borrowed),
            _ => None,
        }
    }
}

/// A time as it is written, `2024-01-31 06:00:00.000`, with or without a fraction, `T` and `Z`: its
/// microseconds, and four bits for how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment(u64);

impl Moment {
    fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let separator = *bytes.get(10)?;
        let zoned = bytes.last() == Some(&b'Z');
        let fraction = match bytes.len() - usize::from(zoned) {
            19 => 0,
            23 => 3,
            26 => 6,
            _ => return None,
        };
        if !matches!(separator, b' ' | b'T') {
            return None;
        }
        let bare = text.strip_suffix('Z').unwrap_or(text);
        let civil: jiff::civil::DateTime = bare.parse().ok()?;
        let micros = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
        let style = u64::from(separator == b'T') | (u64::from(zoned) << 1) | ((fraction / 3) << 2);
        let moment = Self(u64::try_from(micros).ok().filter(|micros| *micros < 1 << 57)? << 4 | style);
        (moment.write() == text).then_some(moment)
    }

    fn write(self) -> String {
        let micros = i64::try_from(self.0 >> 4).unwrap_or_default();
        let time = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
        let fraction = usize::try_from(((self.0 >> 2) & 3) * 3).unwrap_or_default();
        let text = format!("{time:.fraction$}");
        let bare = text.strip_suffix('Z').unwrap_or(&text);
        let separator = if self.0 & 1 == 1 { "T" } else { " " };
        format!("{}{}", bare.replace('T', separator), if self.0 & 2 == 2 { "Z" } else { "" })
    }
}

/// How rows are found: by which column, of which rows, in the order of which other column.
pub(super) type Way = (String, Vec<Only>, Option<String>);

/// The entries of one way of finding rows, sorted: key, order, row.
type Entries = Vec<(u64, i64, u32)>;

/// One table that values are looked up in.
#[derive(Debug, Default)]
struct Table {
    /// Its columns that are read, each with its cells.
    columns: BTreeMap<String, Vec<Packed>>,
    ways: HashMap<Way, Entries>,
    rows: u32,
}

/// What a lookup came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'v> {
    /// A value.
    Value(Cow<'v, str>),
    /// The row is there, and its cell is empty; or there was nothing to look up.
    Empty,
    /// No row of this table has the key.
    NoRow(&'v str),
}

/// All tables that values are looked up in.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    tables: BTreeMap<String, Table>,
    words: Words,
}

impl Lookups {
    /// Makes room for what a step asks for.
    pub(super) fn want(&mut self, step: &Step) {
        let table = self.tables.entry(step.table.clone()).or_default();
        let only = step.only.iter().map(|only| &only.column);
        for column in [&step.key, &step.column].into_iter().chain(&step.after).chain(only) {
            table.columns.entry(column.clone()).or_default();
        }
        table.ways.entry(way(step)).or_default();
    }

    /// The tables that are asked for, each with its columns.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table.columns.keys().map(String::as_str).collect()))
    }

    /// Takes a row of a table: a cell for each column, in the order of [`Lookups::wanted`].
    pub(super) fn add(&mut self, table: &str, cells: &[Option<&str>]) {
        let Some(table) = self.tables.get_mut(table) else { return };
        for (column, cell) in table.columns.values_mut().zip(cells) {
            column.push(Packed::pack(*cell, &mut self.words));
        }
        table.rows += 1;
    }

    /// Makes the rows findable, once they are all there.
    pub(super) fn sort(&mut self, times: &TimeRules) {
        for table in self.tables.values_mut() {
            let Table { columns, ways, rows } = table;
            for ((key, only, order), entries) in ways {
                let cell = |column: &str, row: u32| {
                    let cell = columns.get(column)?.get(row as usize)?;
                    cell.text(&self.words)
                };
                for row in 0..*rows {
                    let Some(key) = cell(key, row) else { continue };
                    let is_meant = |only: &Only| {
                        let has = cell(&only.column, row).is_some_and(|text| text.eq_ignore_ascii_case(&only.word));
                        has == only.is_this
                    };
                    if !only.iter().all(is_meant) {
                        continue;
                    }
                    let order = match order {
                        None => i64::from(row),
                        Some(column) => {
                            let at = cell(column, row).and_then(|text| times.read(&text).ok());
                            let Some(at) = at else { continue };
                            at.at.0
                        }
                    };
                    entries.push((hash(plain(&key)), order, row));
                }
                entries.sort_unstable();
            }
        }
    }

    /// Whether any row has a value in the column that a step takes.
    pub(super) fn has_values(&self, step: &Step) -> bool {
        let cells = self.tables.get(&step.table).and_then(|table| table.columns.get(&step.column));
        cells.is_some_and(|cells| cells.iter().any(|cell| *cell != Packed::MISSING))
    }

    /// The value that a step finds for a key; `after` is the time that the row has to be later than.
    pub(super) fn find(&self, step: &Step, way: &Way, key: &str, after: Option<i64>) -> Found<'_> {
        let Some((name, table)) = self.tables.get_key_value(&step.table) else { return Found::Empty };
        let Some(entries) = table.ways.get(way) else { return Found::Empty };
        let key = hash(plain(key));
        let from = match after {
            Some(after) => entries.partition_point(|entry| (entry.0, entry.1) <= (key, after)),
            None => entries.partition_point(|entry| entry.0 < key),
        };
        let Some((_, _, row)) = entries.get(from).filter(|entry| entry.0 == key) else { return Found::NoRow(name) };
        let cell = table.columns.get(&step.column).and_then(|cells| cells.get(*row as usize));
        cell.and_then(|cell| cell.text(&self.words)).map_or(Found::Empty, Found::Value)
    }
}

/// The way in which a step finds rows.
pub(super) fn way(step: &Step) -> Way {
    (step.key.clone(), step.only.clone(), step.after.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use crate::config::feeds::parse;

    fn step(text: &str) -> Step {
        parse(&format!("x -> {text}")).unwrap().remove(0).steps.remove(0)
    }

    fn find(lookups: &Lookups, step: &Step, key: &str, after: Option<i64>) -> String {
        match lookups.find(step, &way(step), key, after) {
            Found::Value(value) => value.into_owned(),
            Found::Empty => "empty".to_owned(),
            Found::NoRow(table) => format!("no row of {table}"),
        }
    }

    #[test]
    fn cells_come_back_as_they_were_written() {
        let mut words = Words::default();
        for text in [
            "0",
            "007",
            "42",
            "9223372036854775808",
            "2024-01-31 06:00:00.000",
            "2024-01-31 06:00:00",
            "2024-01-31T06:00:00.123456Z",
            "2024-01-31 24:00:00",
            "2024-01-31",
            "1066-10-14 09:00:00",
            "Onsite",
            "",
        ] {
            let packed = Packed::pack(Some(text), &mut words);
            assert_eq!(packed.text(&words).unwrap(), text);
        }
        assert_eq!(Packed::pack(None, &mut words).text(&words), None);
        assert!(words.at(7).is_some() && words.at(8).is_none(), "numbers and times take no place among the words");
    }

    #[test]
    fn rows_are_found_by_any_column_by_a_word_and_by_what_comes_next() {
        let steps = ["offer.status", "offer[app].id", "offer[app, status = accepted].id", "offer[app, after at].id"];
        let steps = steps.map(step);
        let mut lookups = Lookups::default();
        steps.iter().for_each(|step| lookups.want(step));
        assert_eq!(lookups.wanted().collect::<Vec<_>>(), [("offer", vec!["app", "at", "id", "status"])]);
        for row in [
            ["7", "2026-01-02 10:00:00", "b", "Deprecated"],
            ["7.0", "2026-01-03 10:00:00", "c", "Accepted"],
            ["7", "2026-01-01 10:00:00", "a", ""],
        ] {
            lookups.add("offer", &row.map(|cell| Some(cell).filter(|cell| !cell.is_empty())));
        }
        let times = TimeRules::utc();
        lookups.sort(&times);
        let [status, first, accepted, next] = &steps;
        assert_eq!(find(&lookups, status, "b", None), "Deprecated");
        assert_eq!(find(&lookups, status, "a", None), "empty");
        assert_eq!(find(&lookups, status, "z", None), "no row of offer");
        assert_eq!(find(&lookups, first, "7", None), "b");
        assert_eq!(find(&lookups, accepted, "7.0", None), "c");
        let at = |text: &str| Some(times.read(text).unwrap().at.0);
        assert_eq!(find(&lookups, next, "7", at("2026-01-01 10:00:00")), "b");
        assert_eq!(find(&lookups, next, "7", at("2026-01-03 10:00:00")), "no row of offer");
    }
}
