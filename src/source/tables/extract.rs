//! Extracts of another layout than the import contract's, read as the configuration says: files of other names,
//! several readings of one row, values that stand in other tables.
//!
//! First the tables that others look values up in are loaded, then each file is read once. A record has one
//! fate whatever it fills: that of the first reading it counts for. It is a lookup where it counts for none.

#[cfg(test)]
mod lever_tests;
mod reading;
mod sinks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::super::Sink;
use super::super::clean::TimeRules;
use super::super::files::{Export, Layout};
use super::super::ledger::{FileId, Ledger, Place};
use super::cells::{Cells, MOST_COLUMNS};
use super::columns::Wanted;
use super::lookups::Lookups;
use super::rows::Known;
use super::workbooks::{Desk, Table};
use super::{CONTRACT, Import, SOURCE, Take};
use crate::config::Config;
use crate::config::feeds::{Feed, Origin, Way};
use crate::config::presets::is_table;
use crate::error::{Error, Result, pages};
use reading::{Readings, paths};
pub(super) use sinks::Unheard;

/// Reads an extract.
pub(super) fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let mut desk = Desk::default();
    let feeds = &config.tables.feeds;
    let is_asked_for = |stem: &str| {
        let steps = feeds.iter().flat_map(paths).flatten().flat_map(|way| &way.steps).map(|step| &step.table);
        feeds.iter().flat_map(|feed| &feed.from).chain(steps).any(|table| is_table(table, stem))
    };
    let mut tables = desk.tables(export, &is_asked_for)?;
    tables.retain(|table| {
        if !table.is_table() {
            table.leave(sink, NOT_READ);
        }
        table.is_table()
    });
    let has = |table: &str| tables.iter().any(|held| is_table(table, &held.file.stem));
    let feeds: Vec<&Feed> = feeds.iter().filter(|feed| !feed.unless.iter().any(|t| has(t))).collect();
    let fed = |held: &Table| -> Vec<&Feed> {
        feeds.iter().copied().filter(|feed| feed.from.iter().any(|table| is_table(table, &held.file.stem))).collect()
    };
    let mut plan: Vec<(usize, &Table, Vec<&Feed>)> = Vec::new();
    for table in &tables {
        let mut readings = fed(table);
        readings.sort_by_key(|feed| (rank(feed), feed.is_beside));
        // Applications first: their time decides the partition of everything else.
        let first = readings.iter().map(|feed| rank(feed)).min();
        plan.extend(first.map(|first| (first, table, readings)));
    }
    plan.sort_by_key(|(first, ..)| *first);
    if plan.is_empty() {
        let tables: BTreeSet<&str> = feeds.iter().flat_map(|feed| &feed.from).map(String::as_str).collect();
        return Err(Error::new(&pages::NO_TABLE, "the folder holds none of the tables that the configuration reads")
            .at(&export.root)
            .help(format!("it should have files named after {}", tables.into_iter().collect::<Vec<_>>().join(", "))));
    }
    let mut lookups = Lookups::default();
    let active = plan.iter().flat_map(|(_, _, readings)| readings.iter());
    for step in active.flat_map(|feed| paths(feed)).flatten().flat_map(|way| &way.steps) {
        if has(&step.table) {
            lookups.want(step);
        }
    }
    let mut accounts: BTreeMap<&str, FileId> = BTreeMap::new();
    for (_, table, readings) in &plan {
        let kind = readings.first().map_or("", |feed| feed.table.as_str());
        accounts.insert(&table.file.relative, sink.open(SOURCE.id, &table.file, kind));
    }
    let header_row = |table: &Table| header_row(&fed(table), config);
    let wanted: Vec<(String, Vec<String>)> = lookups
        .wanted()
        .map(|(table, columns)| (table.to_owned(), columns.into_iter().map(str::to_owned).collect()))
        .collect();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, columns) in &wanted {
        for table in tables.iter().filter(|table| is_table(name, &table.file.stem)) {
            let file = &table.file;
            used.entry(&file.relative).or_default().extend(columns.iter().cloned());
            let mut take = Load { table: name, file: None, columns: columns.len(), lookups: &mut lookups };
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let import = Import { name: &file.stem, columns: &names, required: 0 };
            let wanted = Wanted::of_extract(&import, header_row(table), config);
            if accounts.contains_key(file.relative.as_str()) {
                // The file is read again for its own sake, and accounted for then.
                let mut unheard = Unheard(Ledger::default());
                let id = unheard.0.open(SOURCE.id, file, name);
                desk.read(table, id, wanted, &mut unheard, &mut take)?;
            } else {
                let id = sink.open(SOURCE.id, file, name);
                take.file = Some(id);
                desk.read(table, id, wanted, sink, &mut take)?;
            }
        }
    }
    let zone = config.tables.time_zone.as_deref().and_then(|zone| jiff::tz::TimeZone::get(zone).ok());
    let times = TimeRules { patterns: config.tables.time_patterns.clone(), zone };
    lookups.sort(&times);
    let known = Known {
        cards_apart: plan.iter().any(|(_, _, readings)| readings.iter().any(|feed| feed.table == "cards")),
        reasons_are_listed: false,
    };
    for (_, table, readings) in &plan {
        let file = &table.file;
        let Some(id) = accounts.get(file.relative.as_str()).copied() else { continue };
        let own = own_columns(readings, config);
        if own.len() > MOST_COLUMNS {
            return Err(Error::new(
                &pages::TOO_MANY_COLUMNS,
                format!("more than {MOST_COLUMNS} columns of one file are asked for"),
            )
            .at(&file.path)
            .help("look some of them up less often in [tables] of looplens.toml"));
        }
        let names: Vec<&str> = own.iter().map(String::as_str).collect();
        let import = Import { name: &file.stem, columns: &names, required: 0 };
        let wanted = Wanted::of_extract(&import, header_row(table), config);
        let header = if file.layout == Layout::Json { None } else { desk.header(table, wanted) };
        let there = |column: &str| header.as_ref().is_none_or(|names| names.iter().any(|name| name == column));
        let usable = |way: &Way| {
            let begins = !matches!(&way.origin, Origin::Column(column) if !there(column));
            begins && way.steps.iter().all(|step| has(&step.table))
        };
        let mut take = Readings::new(id, file, readings, &own, &usable, config, known, &lookups, &times)?;
        desk.read(table, id, wanted, sink, &mut take)?;
        take.finish(sink)?;
        used.entry(&file.relative).or_default().extend(own.iter().cloned());
        if let Some(used) = used.get(file.relative.as_str()) {
            sink.ledger().file(id).unknown_columns.retain(|column| !used.contains(column));
        }
    }
    let is_looked_up = |table: &Table| wanted.iter().any(|(name, _)| is_table(name, &table.file.stem));
    let is_read = |table: &&Table| accounts.contains_key(table.file.relative.as_str()) || is_looked_up(table);
    for table in tables.iter().filter(|table| !is_read(table)) {
        table.leave(sink, NOT_READ);
    }
    Ok(())
}

/// Why a table is not read.
const NOT_READ: &str = "not a table that the configuration reads, so not read";

/// The row that names the columns of a file, where one of the tables it fills has one declared.
fn header_row(readings: &[&Feed], config: &Config) -> Option<u64> {
    let own = readings.iter().filter(|feed| !feed.is_beside);
    own.filter_map(|feed| config.tables.sheets.header_rows.get(feed.table.as_str())).next().copied()
}

/// The columns that hold one dimension each, of a reading of scorecards.
pub(super) fn dimensions<'c>(feed: &Feed, config: &'c Config) -> &'c [(String, String)] {
    let are_read = feed.table == "scorecards" && !feed.is_beside;
    if are_read { &config.tables.sheets.dimensions } else { &[] }
}

/// The place of a feed's table in the contract.
fn rank(feed: &Feed) -> usize {
    CONTRACT.iter().position(|import| import.name == feed.table).unwrap_or(CONTRACT.len())
}

/// The file's own columns that readings begin at.
fn own_columns(readings: &[&Feed], config: &Config) -> Vec<String> {
    let mut own = BTreeSet::new();
    for feed in readings {
        for way in paths(feed).flatten() {
            if let Origin::Column(column) = &way.origin {
                own.insert(column.clone());
            }
            own.extend(way.steps.iter().filter_map(|step| step.after.clone()));
        }
        own.extend(dimensions(feed, config).iter().map(|(column, _)| column.clone()));
        let unmapped = import(feed).columns.iter().filter(|column| !feed.columns.contains_key(**column));
        own.extend(unmapped.map(|column| (*column).to_owned()));
    }
    own.into_iter().collect()
}

/// The contract of the table that a feed fills.
fn import(feed: &Feed) -> &'static Import<'static> {
    static NOTHING: Import<'static> = Import { name: "", columns: &[], required: 0 };
    CONTRACT.iter().find(|import| import.name == feed.table).unwrap_or(&NOTHING)
}

/// Takes the rows of a table that others look values up in.
struct Load<'l> {
    table: &'l str,
    /// Its account, where nothing else accounts for the file.
    file: Option<FileId>,
    columns: usize,
    lookups: &'l mut Lookups,
}

impl Take for Load<'_> {
    fn take(&mut self, sink: &mut dyn Sink, _place: Place, cells: &Cells<'_>) -> Result<()> {
        self.lookups.add(self.table, cells.get(..self.columns).unwrap_or_default());
        if let Some(file) = self.file {
            sink.lookup(file);
        }
        Ok(())
    }
}
