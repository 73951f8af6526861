//! Which column of a file stands for which of the contract, and where in a file the columns are named.

use std::collections::BTreeMap;

use super::cells::{Cells, MOST_COLUMNS};
use super::ids::plain_in;
use super::numbers::Numbers;
use super::{Import, Take};
use crate::config::Config;
use crate::error::{Error, Result, pages};
use crate::report::number::{harmless, plural};
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place};
use crate::source::{Sink, clean};

/// What spreadsheets write into a cell that could not be computed.
const CELL_ERRORS: &[&str] = &["#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"];

/// What is wanted of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) import: &'w Import<'w>,
    /// Columns of the contract that go by another name in the file.
    names: Option<&'w BTreeMap<String, String>>,
    /// The file's own columns that hold the scores of one dimension each, with it.
    dimensions: &'w [(String, String)],
    /// The line or row that names the columns, 1 the first, where it is declared.
    pub(super) header_row: Option<u64>,
    pub(super) numbers: Numbers,
    /// Whether a column may be known by its name in another spelling.
    is_lenient: bool,
}

impl<'w> Wanted<'w> {
    /// A table of the contract.
    pub(super) fn of_contract(import: &'static Import<'static>, config: &'w Config) -> Self {
        let Config { tables, .. } = config;
        Self {
            import,
            names: tables.columns.get(import.name),
            dimensions: if import.name == "scorecards" { &tables.sheets.dimensions } else { &[] },
            header_row: tables.sheets.header_rows.get(import.name).copied(),
            numbers: Numbers(tables.sheets.decimal),
            is_lenient: true,
        }
    }

    /// Columns of an extract, by the names that the configuration gives them.
    pub(super) fn of_extract(import: &'w Import<'w>, header_row: Option<u64>, config: &Config) -> Self {
        let numbers = Numbers(config.tables.sheets.decimal);
        Self { import, names: None, dimensions: &[], header_row, numbers, is_lenient: false }
    }

    /// The name that a column goes by in the file, where one is configured.
    fn configured(&self, column: &str) -> Option<&'w str> {
        self.names?.get(column).map(String::as_str)
    }

    /// How many of the wanted columns a row of names has.
    pub(super) fn known(&self, own: &[String]) -> usize {
        let contract = self.import.columns.iter().filter(|column| {
            let mapped = self.configured(column);
            own.iter().any(|own| match mapped {
                Some(name) => own.trim() == name,
                None if self.is_lenient => folded(own) == folded(column),
                None => own.trim() == **column,
            })
        });
        contract.count() + self.dimensions.iter().filter(|(name, _)| own.iter().any(|own| own.trim() == name)).count()
    }
}

/// Where the columns of one file go.
#[derive(Debug)]
pub(super) struct Columns<'w> {
    wanted: Wanted<'w>,
    /// The place of each column of the contract.
    contract: [Option<usize>; MOST_COLUMNS],
    /// The columns that hold the scores of one dimension each.
    dimensions: Vec<(usize, &'w str)>,
    /// Columns of the file that nothing is read from.
    unread: Vec<String>,
    /// Columns that were known by their name in another spelling, with the contract's.
    alike: Vec<(String, &'w str)>,
    /// Cells that a spreadsheet could not compute.
    cell_errors: u64,
}

impl<'w> Columns<'w> {
    /// The columns of a record that is read by name: those of the contract, then those of dimensions.
    pub(super) fn by_name(wanted: Wanted<'w>) -> (Self, Vec<String>) {
        let own = |column: &&str| wanted.configured(column).unwrap_or(column).to_owned();
        let mut names: Vec<String> = wanted.import.columns.iter().map(own).collect();
        let mut columns = Self::none(wanted);
        for (at, slot) in columns.contract.iter_mut().enumerate().take(names.len()) {
            *slot = Some(at);
        }
        for (name, dimension) in wanted.dimensions {
            columns.dimensions.push((names.len(), dimension));
            names.push(name.clone());
        }
        (columns, names)
    }

    fn none(wanted: Wanted<'w>) -> Self {
        Self {
            wanted,
            contract: [None; MOST_COLUMNS],
            dimensions: Vec::new(),
            unread: Vec::new(),
            alike: Vec::new(),
            cell_errors: 0,
        }
    }

    /// Finds the columns of the contract among a file's own; a required one that is missing is an error.
    pub(super) fn find(wanted: Wanted<'w>, own: &[String], file: &InputFile) -> Result<Self> {
        let import = wanted.import;
        let mut columns = Self::none(wanted);
        let mut used = vec![false; own.len()];
        for (name, dimension) in wanted.dimensions {
            if let Some(at) = exact(own, name, file)? {
                if columns.dimensions.iter().any(|(_, known)| known == dimension) {
                    return Err(Error::new(
                        &pages::AMBIGUOUS_COLUMN,
                        format!("two columns hold scores of the dimension {dimension}"),
                    )
                    .at(&file.path)
                    .help("give each its own dimension in [tables.scorecards.dimensions], or leave one out"));
                }
                columns.dimensions.push((at, dimension));
                used.get_mut(at).into_iter().for_each(|used| *used = true);
            }
        }
        // In a wide file the names of the columns are the dimensions, so that these two are not asked for.
        let is_wide = !columns.dimensions.is_empty();
        let asked = |column: &str| !(is_wide && matches!(column, "dimension" | "score"));
        for (slot, column) in columns.contract.iter_mut().zip(import.columns).filter(|(_, column)| asked(column)) {
            *slot = exact(own, wanted.configured(column).unwrap_or(column), file)?;
            if let Some(used) = slot.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
        }
        // What is left may be the contract's name in another spelling; a configured name is meant as it stands.
        let mut missing = Vec::new();
        for (at, (slot, column)) in columns.contract.iter_mut().zip(import.columns).enumerate() {
            let configured = wanted.configured(column);
            if slot.is_some() || !asked(column) {
                continue;
            }
            let mut like = own.iter().enumerate().filter(|(at, name)| {
                wanted.is_lenient
                    && configured.is_none()
                    && used.get(*at) == Some(&false)
                    && folded(name) == folded(column)
            });
            match (like.next(), like.next()) {
                (Some((place, name)), None) => {
                    *slot = Some(place);
                    columns.alike.push((name.trim().to_owned(), *column));
                }
                (Some((_, one)), Some((_, other))) => {
                    return Err(Error::new(
                        &pages::AMBIGUOUS_COLUMN,
                        format!(
                            "the columns `{}` and `{}` could both be {column}",
                            harmless(one.trim()),
                            harmless(other.trim())
                        ),
                    )
                    .at(&file.path)
                    .help(format!(
                        "say which in looplens.toml: [tables.{}.columns] {column} = {:?}",
                        import.name,
                        harmless(one.trim())
                    )));
                }
                _ if at < import.required => missing.push(configured.unwrap_or(column)),
                _ => {}
            }
            if let Some(used) = slot.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
        }
        let unread = own.iter().zip(used).filter(|(name, used)| !used && !name.trim().is_empty());
        columns.unread = unread.map(|(name, _)| name.clone()).collect();
        let Some(first) = missing.first() else { return Ok(columns) };
        Err(Error::new(
            &pages::MISSING_COLUMN,
            format!("the table {} has no column {}", import.name, missing.join(", ")),
        )
        .at(&file.path)
        .help(format!("map the file's own names in looplens.toml: [tables.{}.columns] {first} = \"...\"", import.name)))
    }

    /// Whether anything is read from a column.
    pub(super) fn reads(&self, at: usize) -> bool {
        self.contract.contains(&Some(at)) || self.dimensions.iter().any(|(place, _)| *place == at)
    }

    /// Tells what was found about the columns.
    pub(super) fn tell(&self, sink: &mut dyn Sink, id: FileId) {
        for name in &self.unread {
            sink.ledger().unknown_column(id, name);
        }
        if !self.alike.is_empty() {
            let pairs: Vec<String> =
                self.alike.iter().map(|(own, column)| format!("`{}` as {column}", harmless(own))).collect();
            sink.ledger().remark(id, format!("columns known by their names in another spelling: {}", pairs.join(", ")));
        }
        if !self.dimensions.is_empty() {
            let absent = (self.wanted.dimensions.iter())
                .filter(|(_, dimension)| !self.dimensions.iter().any(|(_, known)| known == dimension))
                .map(|(name, _)| format!("`{}`", harmless(name)))
                .collect::<Vec<_>>();
            if !absent.is_empty() {
                sink.ledger().remark(id, format!("no column {}, so no scores of that dimension", absent.join(" or ")));
            }
        }
    }

    /// Hands over one row, whose cells are found by their place.
    pub(super) fn hand_over<'a>(
        &mut self,
        take: &mut dyn Take,
        sink: &mut dyn Sink,
        place: Place,
        cell: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<()> {
        let mut cell_errors = 0;
        let mut solid = |at: usize| {
            let text = cell(at).and_then(clean::solid)?;
            if text.starts_with('#') && CELL_ERRORS.contains(&text) {
                cell_errors += 1;
                return None;
            }
            Some(text)
        };
        let mut cells: Cells<'a> = [None; MOST_COLUMNS];
        let columns = self.contract.iter().zip(self.wanted.import.columns);
        for (slot, (at, column)) in cells.iter_mut().zip(columns) {
            *slot = at.and_then(&mut solid).map(|text| plain_in(column, text));
        }
        if self.dimensions.is_empty() || self.says_dimension(&cells) {
            self.cell_errors += cell_errors;
            return take.take(sink, place, &cells);
        }
        let scores: Vec<(&str, Option<&str>)> =
            self.dimensions.iter().map(|(at, dimension)| (*dimension, solid(*at))).collect();
        self.cell_errors += cell_errors;
        take.wide(sink, place, &cells, &scores)
    }

    /// Whether a row names its own dimension: a record read by name may, although others hold one score for each.
    fn says_dimension(&self, cells: &Cells<'_>) -> bool {
        let mut named = self.wanted.import.columns.iter().zip(cells).filter(|(column, _)| **column == "dimension");
        named.any(|(_, cell)| cell.is_some())
    }

    /// Tells what was found in the rows.
    pub(super) fn close(&self, sink: &mut dyn Sink, id: FileId) {
        if self.cell_errors > 0 {
            let text = format!("cells that a spreadsheet could not compute, taken as empty: {}", self.cell_errors);
            sink.ledger().remark(id, text);
        }
    }
}

/// The place of a name; two columns of one name cannot be told apart.
fn exact(own: &[String], name: &str, file: &InputFile) -> Result<Option<usize>> {
    let mut places = own.iter().enumerate().filter(|(_, own)| own.trim() == name);
    let found = places.next().map(|(at, _)| at);
    if places.next().is_some() {
        return Err(Error::new(&pages::AMBIGUOUS_COLUMN, format!("two columns are called {}", harmless(name)))
            .at(&file.path)
            .help("rename one of them, since only one can be meant"));
    }
    Ok(found)
}

/// A name without what people change about it.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many of a file's first rows are looked at for its header.
pub(super) const FIRST_ROWS: usize = 10;

/// The columns that the first of these rows names. Where it does not name them, but a row below does, it is a
/// title or a merged header, and the error says what to write.
pub(super) fn of_rows<'w>(rows: &[(Place, Vec<String>)], wanted: Wanted<'w>, file: &InputFile) -> Result<Columns<'w>> {
    let import = wanted.import;
    let Some(((place, names), below)) = rows.split_first() else {
        return Err(Error::new(&pages::NO_HEADER, "the table is empty: it has no header").at(&file.path).help(
            format!(
                "its first line should name the columns, such as {}",
                import.columns.iter().take(import.required).copied().collect::<Vec<_>>().join(",")
            ),
        ));
    };
    let error = match Columns::find(wanted, names, file) {
        Ok(columns) => return Ok(columns),
        Err(error) => error,
    };
    let filled = |names: &[String]| names.iter().filter(|name| !name.trim().is_empty()).count();
    let widest = below.iter().map(|(_, names)| filled(names)).max().unwrap_or(0);
    let (names_known, names_filled) = (wanted.known(names), filled(names));
    let named = below.iter().find(|(_, names)| wanted.known(names) > names_known);
    let fuller = below.iter().find(|(_, names)| filled(names) == widest && widest >= 2 * names_filled);
    let Some((header, _)) = named.or(fuller) else { return Err(error) };
    let number = header.number();
    Err(Error::new(
        &pages::NO_HEADER,
        format!(
            "the columns of {} are not named in {place}, which fills {}: it seems to be a title or a merged header",
            import.name,
            plural(names_filled as i64, "cell", "cells")
        ),
    )
    .place(format!("{}:{place}", file.path.display()))
    .help(format!(
        "if {header} names the columns, write in looplens.toml: [tables.{}] header_row = {number}",
        import.name
    )))
}
