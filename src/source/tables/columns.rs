//! Which column of a file stands for which of the contract, and where in a file the columns are named.

use super::cells::{Cells, MOST_COLUMNS};
use super::{Import, Take, ids, positions};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::report::number::{harmless, plural};
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Place};
use crate::source::{Sink, clean};

/// What spreadsheets write into a cell that could not be computed.
const CELL_ERRORS: &[&str] = &["#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"];

/// Where the columns of one file go.
#[derive(Debug)]
pub(super) struct Columns {
    import: &'static Import,
    /// The place of each column of the contract.
    contract: [Option<usize>; MOST_COLUMNS],
    /// The columns that hold the scores of one dimension each.
    dimensions: Vec<(usize, String)>,
    /// Columns of the file that nothing is read from.
    unread: Vec<String>,
    /// Columns that were known by their name in another spelling, with the contract's.
    alike: Vec<(String, &'static str)>,
    /// Cells that a spreadsheet could not compute.
    cell_errors: u64,
}

impl Columns {
    /// The columns of a record that is read by name: those of the contract, then those of dimensions.
    pub(super) fn by_name(import: &'static Import, config: &Config) -> (Self, Vec<String>) {
        let map = config.tables.columns.get(import.name);
        let own = |column: &str| map.and_then(|map| map.get(column)).map_or(column, String::as_str).to_owned();
        let mut names: Vec<String> = import.columns.iter().map(|column| own(column)).collect();
        let mut columns = Self::none(import);
        for (at, slot) in columns.contract.iter_mut().enumerate().take(names.len()) {
            *slot = Some(at);
        }
        for (name, dimension) in wide(import, config) {
            columns.dimensions.push((names.len(), dimension.clone()));
            names.push(name.clone());
        }
        (columns, names)
    }

    fn none(import: &'static Import) -> Self {
        Self {
            import,
            contract: [None; MOST_COLUMNS],
            dimensions: Vec::new(),
            unread: Vec::new(),
            alike: Vec::new(),
            cell_errors: 0,
        }
    }

    /// Finds the columns of the contract among a file's own; gives the required ones that are missing too.
    pub(super) fn find<'n>(
        import: &'static Import,
        config: &'n Config,
        own: &[String],
        file: &InputFile,
    ) -> Result<(Self, Vec<&'n str>)> {
        let map = config.tables.columns.get(import.name);
        let mut columns = Self::none(import);
        let mut used = vec![false; own.len()];
        for (name, dimension) in wide(import, config) {
            if let Some(at) = exact(own, name, file)? {
                if columns.dimensions.iter().any(|(_, known)| known == dimension) {
                    return Err(Error::input(format!("two columns hold scores of the dimension {dimension}"))
                        .at(&file.path)
                        .help("give each its own dimension in [tables.scorecards.dimensions], or leave one out"));
                }
                columns.dimensions.push((at, dimension.clone()));
                used.get_mut(at).into_iter().for_each(|used| *used = true);
            }
        }
        // In a wide file the names of the columns are the dimensions, so that these two are not asked for.
        let is_wide = !columns.dimensions.is_empty();
        let asked = |column: &str| !(is_wide && matches!(column, "dimension" | "score"));
        for (slot, column) in columns.contract.iter_mut().zip(import.columns).filter(|(_, column)| asked(column)) {
            let name = map.and_then(|map| map.get(*column)).map_or(*column, String::as_str);
            *slot = exact(own, name, file)?;
            if let Some(used) = slot.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
        }
        // What is left may be the contract's name in another spelling; a configured name is meant as it stands.
        let mut missing = Vec::new();
        for (at, (slot, column)) in columns.contract.iter_mut().zip(import.columns).enumerate() {
            let configured = map.and_then(|map| map.get(*column)).map(String::as_str);
            if slot.is_some() || !asked(column) {
                continue;
            }
            let mut like = own.iter().enumerate().filter(|(at, name)| {
                configured.is_none() && used.get(*at) == Some(&false) && folded(name) == folded(column)
            });
            match (like.next(), like.next()) {
                (Some((place, name)), None) => {
                    *slot = Some(place);
                    columns.alike.push((name.trim().to_owned(), *column));
                }
                (Some((_, one)), Some((_, other))) => {
                    return Err(Error::input(format!(
                        "the columns `{}` and `{}` could both be {column}",
                        harmless(one.trim()),
                        harmless(other.trim())
                    ))
                    .at(&file.path)
                    .help(format!(
                        "say which in looplens.toml: [tables.{}.columns] {column} = {:?}",
                        import.name,
                        harmless(one.trim())
                    )));
                }
                _ if at < import.required => missing.push(configured.unwrap_or(*column)),
                _ => {}
            }
            if let Some(used) = slot.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
        }
        let unread = own.iter().zip(used).filter(|(name, used)| !used && !name.trim().is_empty());
        columns.unread = unread.map(|(name, _)| name.clone()).collect();
        Ok((columns, missing))
    }

    /// Whether anything is read from a column.
    pub(super) fn reads(&self, at: usize) -> bool {
        self.contract.contains(&Some(at)) || self.dimensions.iter().any(|(place, _)| *place == at)
    }

    /// Tells what was found about the columns.
    pub(super) fn tell(&self, sink: &mut dyn Sink, id: FileId, config: &Config) {
        for name in &self.unread {
            sink.ledger().unknown_column(id, name);
        }
        if !self.alike.is_empty() {
            let pairs: Vec<String> =
                self.alike.iter().map(|(own, column)| format!("`{}` as {column}", harmless(own))).collect();
            sink.ledger().remark(id, format!("columns known by their names in another spelling: {}", pairs.join(", ")));
        }
        if !self.dimensions.is_empty() {
            let absent = wide(self.import, config)
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
        let columns = self.contract.iter().zip(self.import.columns);
        for (slot, (at, column)) in cells.iter_mut().zip(columns) {
            *slot = at.and_then(&mut solid);
            if slot.is_some_and(|text| text.ends_with(".0")) && names_someone(column) {
                *slot = slot.map(ids::plain);
            }
        }
        if self.dimensions.is_empty() || self.says_dimension(&cells) {
            self.cell_errors += cell_errors;
            return take.take(sink, place, &cells);
        }
        let scores: Vec<(&str, Option<&str>)> =
            self.dimensions.iter().map(|(at, dimension)| (dimension.as_str(), solid(*at))).collect();
        self.cell_errors += cell_errors;
        take.wide(sink, place, &cells, &scores)
    }

    /// Whether a row names its own dimension: a record read by name may, although others hold one score for each.
    fn says_dimension(&self, cells: &Cells<'_>) -> bool {
        let mut named = self.import.columns.iter().zip(cells).filter(|(column, _)| **column == "dimension");
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

/// Whether a column holds identifiers.
fn names_someone(column: &str) -> bool {
    column.ends_with("_id") || column.ends_with("_by")
}

/// The file's own columns that hold one dimension each, with it.
fn wide<'c>(import: &Import, config: &'c Config) -> impl Iterator<Item = &'c (String, String)> {
    let dimensions = if import.name == "scorecards" { config.tables.sheets.dimensions.as_slice() } else { &[] };
    dimensions.iter()
}

/// The place of a name; two columns of one name cannot be told apart.
fn exact(own: &[String], name: &str, file: &InputFile) -> Result<Option<usize>> {
    let mut places = own.iter().enumerate().filter(|(_, own)| own.trim() == name);
    let found = places.next().map(|(at, _)| at);
    if places.next().is_some() {
        return Err(Error::input(format!("two columns are called {}", harmless(name)))
            .at(&file.path)
            .help("rename one of them, since only one can be meant"));
    }
    Ok(found)
}

/// A name without what people change about it.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many columns of the contract a row of names has.
pub(super) fn known(import: &Import, config: &Config, own: &[String]) -> usize {
    let map = config.tables.columns.get(import.name);
    let contract = import.columns.iter().filter(|column| {
        let mapped = map.and_then(|map| map.get(**column));
        own.iter().any(|own| match mapped {
            Some(name) => own.trim() == name,
            None => folded(own) == folded(column),
        })
    });
    contract.count() + wide(import, config).filter(|(name, _)| own.iter().any(|own| own.trim() == name)).count()
}

/// How many of a file's first rows are looked at for its header.
pub(super) const FIRST_ROWS: usize = 10;

/// The columns that the first of these rows names. Where it does not name them, but a row below does, it is a
/// title or a merged header, and the error says what to write.
pub(super) fn of_rows(
    rows: &[(Place, Vec<String>)],
    import: &'static Import,
    config: &Config,
    file: &InputFile,
) -> Result<Columns> {
    let Some(((place, names), below)) = rows.split_first() else {
        return Err(Error::input("the table is empty: it has no header").at(&file.path).help(format!(
            "its first line should name the columns, such as {}",
            import.columns.iter().take(import.required).copied().collect::<Vec<_>>().join(",")
        )));
    };
    let error = match positions(import, config, names, file) {
        Ok(columns) => return Ok(columns),
        Err(error) => error,
    };
    let filled = |names: &[String]| names.iter().filter(|name| !name.trim().is_empty()).count();
    let widest = below.iter().map(|(_, names)| filled(names)).max().unwrap_or(0);
    let (names_known, names_filled) = (known(import, config, names), filled(names));
    let named = below.iter().find(|(_, names)| known(import, config, names) > names_known);
    let fuller = below.iter().find(|(_, names)| filled(names) == widest && widest >= 2 * names_filled);
    let Some((header, _)) = named.or(fuller) else { return Err(error) };
    let number = header.number();
    Err(Error::input(format!(
        "the columns of {} are not named in {place}, which fills {}: it seems to be a title or a merged header",
        import.name,
        plural(names_filled as i64, "cell", "cells")
    ))
    .place(format!("{}:{place}", file.path.display()))
    .help(format!(
        "if {header} names the columns, write in looplens.toml: [tables.{}] header_row = {number}",
        import.name
    )))
}
