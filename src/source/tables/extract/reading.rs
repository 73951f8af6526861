//! The readings of one file: what each row gives to the tables of the contract.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::sinks::Along;
use crate::config::Config;
use crate::config::feeds::{Condition, Feed, Origin, Path, Step, Way, matches};
use crate::error::{Error, Result, pages};
use crate::source::Sink;
use crate::source::clean::TimeRules;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place, Reject};
use crate::source::tables::Take;
use crate::source::tables::cells::{Cells, MOST_COLUMNS};
use crate::source::tables::ids::plain_in;
use crate::source::tables::lookups::{self, Found, Lookups};
use crate::source::tables::rows::{Known, Reader};

/// Every path of a feed.
pub(super) fn paths(feed: &Feed) -> impl Iterator<Item = &Path> {
    let conditions = feed.keep.iter().chain(&feed.drop).map(|condition| &condition.of);
    feed.columns.values().chain(conditions).chain(feed.reject.iter().map(|(_, path)| path))
}

/// Where a value is found, with the places of the row's own columns.
type Route<'c> = Vec<(Start<'c>, Vec<Stop<'c>>)>;

enum Start<'c> {
    Cell(usize),
    Constant(&'c str),
}

struct Stop<'c> {
    step: &'c Step,
    way: lookups::Way,
    /// The row's own column that the time has to be later than.
    after: Option<usize>,
}

/// What a path came to.
enum Value<'v> {
    Given(Cow<'v, str>),
    Missing,
    /// It leads to a row of this table that is not there.
    Dangling(&'v str),
}

struct Test<'c> {
    of: Route<'c>,
    patterns: &'c [String],
}

impl Test<'_> {
    fn holds(&self, row: &Lookup<'_>, own: &Cells<'_>) -> bool {
        match row.value(&self.of, own) {
            Value::Given(text) => self.patterns.iter().any(|pattern| matches(pattern, &text)),
            Value::Missing => self.patterns.iter().any(|pattern| matches(pattern, "")),
            Value::Dangling(_) => false,
        }
    }
}

/// One reading of the file's rows.
struct Reading<'c> {
    feed: &'c Feed,
    columns: Vec<Route<'c>>,
    /// The cells that hold the scores of one dimension each.
    dimensions: Vec<(usize, &'c str)>,
    required: usize,
    keep: Vec<Test<'c>>,
    drop: Vec<Test<'c>>,
    reject: Vec<(&'static str, Route<'c>)>,
    reader: Reader<'c>,
    left_out: u64,
    /// Rows that could not be used here although they were for something else, by reason and field.
    refused: BTreeMap<String, u64>,
    /// Values that were looked up in vain, by column and table.
    dangling: BTreeMap<(&'static str, String), u64>,
}

/// What values are looked up with.
struct Lookup<'l> {
    tables: &'l Lookups,
    times: &'l TimeRules,
}

impl<'l> Lookup<'l> {
    fn value<'v>(&self, route: &'v Route<'_>, own: &Cells<'v>) -> Value<'v>
    where
        'l: 'v,
    {
        let mut outcome = Value::Missing;
        for (start, stops) in route {
            let first = match start {
                Start::Constant(text) => Some(*text),
                Start::Cell(at) => own.get(*at).copied().flatten(),
            };
            let Some(first) = first else { continue };
            match self.follow(first, stops, own) {
                Value::Missing => {}
                Value::Dangling(table) => outcome = Value::Dangling(table),
                given => return given,
            }
        }
        outcome
    }

    fn follow<'v>(&self, first: &'v str, stops: &'v [Stop<'_>], own: &Cells<'v>) -> Value<'v>
    where
        'l: 'v,
    {
        let mut value = Cow::Borrowed(first);
        for stop in stops {
            let after = match stop.after {
                None => None,
                Some(at) => match own.get(at).copied().flatten().and_then(|text| self.times.read(text).ok()) {
                    Some(when) => Some(when.at.0),
                    None => return Value::Missing,
                },
            };
            value = match self.tables.find(stop.step, &stop.way, &value, after) {
                Found::Value(found) => found,
                Found::Empty => return Value::Missing,
                // That nothing follows, or that no row has the word, is no fault.
                Found::NoRow(_) if stop.after.is_some() || !stop.step.only.is_empty() || stop.step.key != "id" => {
                    return Value::Missing;
                }
                Found::NoRow(table) => return Value::Dangling(table),
            };
        }
        Value::Given(value)
    }
}

/// All readings of one file.
pub(super) struct Readings<'c> {
    file: FileId,
    readings: Vec<Reading<'c>>,
    lookup: Lookup<'c>,
    /// Rows that no reading had a use for.
    idle: u64,
}

impl<'c> Readings<'c> {
    /// Prepares the readings; a column that one cannot do without has to be somewhere.
    #[allow(clippy::too_many_arguments, reason = "what is known of the export, each thing once")]
    pub(super) fn new(
        id: FileId,
        file: &InputFile,
        feeds: &[&'c Feed],
        own: &[String],
        usable: &dyn Fn(&Way) -> bool,
        config: &'c Config,
        known: Known,
        tables: &'c Lookups,
        times: &'c TimeRules,
    ) -> Result<Self> {
        let slot = |column: &str| own.iter().position(|name| name == column);
        let route = |path: &'c Path| -> Route<'c> {
            let ways = path.iter().filter(|way| usable(way));
            ways.filter_map(|way| {
                let start = match &way.origin {
                    Origin::Constant(text) => Start::Constant(text),
                    Origin::Column(column) => Start::Cell(slot(column)?),
                };
                let stop = |step: &'c Step| {
                    let after = step.after.as_deref().and_then(slot);
                    Stop { step, way: lookups::way(step), after }
                };
                Some((start, way.steps.iter().map(stop).collect()))
            })
            .collect()
        };
        let mut readings = Vec::new();
        for feed in feeds.iter().copied() {
            let import = super::import(feed);
            let mut columns = Vec::new();
            let there = |column: &str| {
                let own_name = Way { origin: Origin::Column(column.to_owned()), steps: Vec::new() };
                slot(column).filter(|_| usable(&own_name))
            };
            let wide = super::dimensions(feed, config).iter();
            let dimensions: Vec<(usize, &str)> =
                wide.filter_map(|(column, dimension)| Some((there(column)?, dimension.as_str()))).collect();
            for (at, column) in import.columns.iter().enumerate() {
                let found = match feed.columns.get(*column) {
                    Some(path) => route(path),
                    None => there(column).map(|cell| (Start::Cell(cell), Vec::new())).into_iter().collect(),
                };
                // Where the names of columns are the dimensions, these two are not asked for.
                let is_asked = dimensions.is_empty() || !matches!(*column, "dimension" | "score");
                if at < import.required && found.is_empty() && !feed.is_beside && is_asked {
                    return Err(nowhere(file, feed, column));
                }
                columns.push(found);
            }
            let listed = |path: &Path| !path.is_empty() && path.iter().all(|way| !way.steps.is_empty());
            let known = Known { reasons_are_listed: feed.columns.get("reason").is_some_and(listed), ..known };
            let test = |condition: &'c Condition| Test { of: route(&condition.of), patterns: &condition.patterns };
            // That something is missing can be said only where all of it could be there: of columns that the
            // extract does not have nothing can be said, and they drop no row.
            let decidable = |condition: &&Condition| {
                let has_values = |way: &Way| usable(way) && way.steps.last().is_none_or(|step| tables.has_values(step));
                !condition.patterns.iter().any(String::is_empty) || condition.of.iter().all(has_values)
            };
            readings.push(Reading {
                columns,
                dimensions,
                required: import.required,
                keep: feed.keep.iter().map(test).collect(),
                drop: feed.drop.iter().filter(decidable).map(test).collect(),
                reject: feed.reject.iter().map(|(reason, path)| (*reason, route(path))).collect(),
                reader: Reader::new(import, config, known)?,
                feed,
                left_out: 0,
                refused: BTreeMap::new(),
                dangling: BTreeMap::new(),
            });
        }
        Ok(Self { file: id, readings, lookup: Lookup { tables, times }, idle: 0 })
    }

    /// Closes the file's account with what a reader should know of it.
    pub(super) fn finish(self, sink: &mut dyn Sink) -> Result<()> {
        let id = self.file;
        let mut nowhere = BTreeSet::new();
        for mut reading in self.readings {
            let mut along = Along::new(sink, id);
            reading.reader.begin(FileId(0));
            reading.reader.finish(&mut along)?;
            along.close();
            let key = &reading.feed.key;
            let ledger = sink.ledger();
            if reading.left_out > 0 {
                ledger.remark(id, format!("rows that {key} leaves out: {}", reading.left_out));
            }
            for (why, count) in reading.refused {
                ledger.remark(id, format!("rows kept, but not for {key} ({why}): {count}"));
            }
            for ((column, table), count) in reading.dangling {
                ledger.remark(id, format!("rows kept without {column}, whose row of {table} is not there: {count}"));
            }
            let columns = super::import(reading.feed).columns.iter().zip(&reading.columns);
            let missing =
                columns.filter(|(column, route)| route.is_empty() && reading.feed.columns.contains_key(**column));
            nowhere.extend(missing.map(|(column, _)| *column).filter(|column| *column != "recorded_at"));
        }
        if !nowhere.is_empty() {
            let columns: Vec<&str> = nowhere.into_iter().collect();
            sink.ledger().remark(id, format!("nothing in the extract tells {}", columns.join(", ")));
        }
        if self.idle > 0 {
            sink.ledger().remark(id, format!("rows that fill no table: {}", self.idle));
        }
        Ok(())
    }
}

fn nowhere(file: &InputFile, feed: &Feed, column: &str) -> Error {
    let tables: BTreeSet<&str> = feed
        .columns
        .get(column)
        .into_iter()
        .flatten()
        .flat_map(|way| way.steps.iter().map(|step| step.table.as_str()))
        .collect();
    let error = Error::new(
        &pages::MISSING_COLUMN,
        format!("nothing in the extract tells {column}, which the table {} needs", feed.table),
    );
    let mapping = format!("[{}.columns] {column} = \"...\" in looplens.toml", feed.key);
    error.at(&file.path).help(if tables.is_empty() {
        format!("say which column holds it: {mapping}")
    } else {
        let tables: Vec<&str> = tables.into_iter().collect();
        format!(
            "export the table it is looked up in too ({}), or say which column holds it: {mapping}",
            tables.join(", ")
        )
    })
}

impl Take for Readings<'_> {
    fn take(&mut self, sink: &mut dyn Sink, place: Place, own: &Cells<'_>) -> Result<()> {
        let file = self.file;
        let mut is_settled = false;
        for reading in &mut self.readings {
            let rejected = reading.reject.iter().find(|(_, route)| match self.lookup.value(route, own) {
                Value::Given(text) => !["false", "0", "f", "no"].iter().any(|no| text.eq_ignore_ascii_case(no)),
                _ => false,
            });
            if let Some((reason, _)) = rejected {
                if is_settled {
                    continue;
                }
                return sink.reject(file, Reject::new(place, reason));
            }
            let holds = |test: &Test<'_>| test.holds(&self.lookup, own);
            if !reading.keep.iter().all(holds) || reading.drop.iter().any(holds) {
                reading.left_out += u64::from(!reading.feed.is_beside);
                continue;
            }
            let columns = super::import(reading.feed).columns;
            let mut values: [Option<Cow<'_, str>>; MOST_COLUMNS] = [const { None }; MOST_COLUMNS];
            let mut lost = None;
            for (at, (route, value)) in reading.columns.iter().zip(&mut values).enumerate() {
                match self.lookup.value(route, own) {
                    Value::Given(text) => *value = Some(text),
                    Value::Missing if at < reading.required && reading.feed.is_beside => {
                        lost = lost.or(Some((at, None)))
                    }
                    Value::Dangling(table) if at < reading.required => {
                        lost = lost.filter(|(_, table)| table.is_some()).or(Some((at, Some(table))));
                    }
                    Value::Dangling(table) => {
                        let column = columns.get(at).copied().unwrap_or_default();
                        *reading.dangling.entry((column, table.to_owned())).or_default() += 1;
                    }
                    Value::Missing => {}
                }
            }
            if let Some((at, table)) = lost {
                if table.is_none() || is_settled || reading.feed.is_beside {
                    continue;
                }
                let column = columns.get(at).copied().unwrap_or_default();
                return sink.reject(file, Reject::new(place, "unknown_reference").field(column, None));
            }
            let mut cells: Cells<'_> = [None; MOST_COLUMNS];
            for (cell, value) in cells.iter_mut().zip(&values) {
                *cell = value.as_deref();
            }
            for (cell, column) in cells.iter_mut().zip(columns) {
                *cell = cell.map(|text| plain_in(column, text));
            }
            let names_one = columns.iter().zip(&cells).any(|(column, cell)| *column == "dimension" && cell.is_some());
            let scores = reading.dimensions.iter().filter(|_| !names_one);
            let scores: Vec<(&str, Option<&str>)> =
                scores.map(|(at, dimension)| (*dimension, own.get(*at).copied().flatten())).collect();
            let reader = &mut reading.reader;
            let mut hand_over = |file: FileId, sink: &mut dyn Sink| {
                reader.begin(file);
                match scores.as_slice() {
                    [] => reader.take(sink, place, &cells),
                    scores => reader.wide(sink, place, &cells, scores),
                }
            };
            if is_settled {
                let mut along = Along::new(sink, file);
                hand_over(FileId(0), &mut along)?;
                for why in along.close() {
                    *reading.refused.entry(why).or_default() += 1;
                }
            } else {
                let before = sink.ledger().file(file).rejected;
                hand_over(file, sink)?;
                if sink.ledger().file(file).rejected > before {
                    return Ok(());
                }
                is_settled = true;
            }
        }
        if !is_settled {
            self.idle += 1;
            sink.lookup(file);
        }
        Ok(())
    }
}
