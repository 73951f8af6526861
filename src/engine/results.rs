//! What `finish` returns: result tables as a contract, and estimates that carry their uncertainty.

use crate::dataset::schema::{Column, Type};
use crate::time::Instant;

/// The version of the result tables. A column is added, never renamed or re-meant, without a new one.
pub const RESULTS_VERSION: u32 = 1;

/// A result table as documented.
#[derive(Debug)]
pub struct TableSpec {
    /// Its name, the file below `tables/`.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// One value of a result table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Missing.
    Null,
    /// Text.
    Text(String),
    /// Integer.
    Int(i64),
    /// Float; never NaN or infinite, see [`Cell::float`].
    Float(f64),
    /// True or false.
    Flag(bool),
    /// Instant.
    Instant(Instant),
}

impl Cell {
    /// A float, or missing where it is not a finite number.
    pub fn float(value: impl Into<Option<f64>>) -> Self {
        match value.into() {
            Some(value) if value.is_finite() => Cell::Float(value),
            _ => Cell::Null,
        }
    }

    /// Text, or missing.
    pub fn text(value: impl Into<Option<String>>) -> Self {
        value.into().map_or(Cell::Null, Cell::Text)
    }

    /// The type a cell can stand under.
    pub fn ty(&self) -> Option<Type> {
        match self {
            Cell::Null => None,
            Cell::Text(_) => Some(Type::Text),
            Cell::Int(_) => Some(Type::Int),
            Cell::Float(_) => Some(Type::Float),
            Cell::Flag(_) => Some(Type::Flag),
            Cell::Instant(_) => Some(Type::Instant),
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Float(value) => Some(*value),
            Cell::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cell::Text(value) => Some(value),
            _ => None,
        }
    }
}

/// A filled result table.
#[derive(Debug, Clone)]
pub struct ResultTable {
    /// What its columns are.
    pub spec: &'static TableSpec,
    /// Its rows, in a stated order.
    pub rows: Vec<Vec<Cell>>,
}

impl ResultTable {
    /// An empty table.
    pub fn new(spec: &'static TableSpec) -> Self {
        Self { spec, rows: Vec::new() }
    }

    /// Adds a row given as name and value; columns that are not named are missing.
    pub fn push<'a>(&mut self, values: impl IntoIterator<Item = (&'a str, Cell)>) {
        let mut row = vec![Cell::Null; self.spec.columns.len()];
        for (name, cell) in values {
            if let Some(slot) = self.position(name).and_then(|at| row.get_mut(at)) {
                *slot = cell;
            } else {
                debug_assert!(false, "{} has no column {name}", self.spec.name);
            }
        }
        self.rows.push(row);
    }

    /// The position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.spec.columns.iter().position(|column| column.name == name)
    }

    /// The value of a column in a row.
    pub fn get<'a>(&'a self, row: &'a [Cell], name: &str) -> &'a Cell {
        self.position(name).and_then(|at| row.get(at)).unwrap_or(&Cell::Null)
    }

    /// The rows of one segment.
    pub fn segment<'a>(&'a self, kind: &'a str, segment: &'a str) -> impl Iterator<Item = &'a Vec<Cell>> {
        self.rows.iter().filter(move |row| {
            self.get(row, "segment_kind").as_text() == Some(kind) && self.get(row, "segment").as_text() == Some(segment)
        })
    }
}

/// How far an estimate can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Enough data for the number and for a verdict on it.
    Ok,
    /// Enough for the number, not for a verdict.
    Thin,
    /// The data cannot tell; there is a reason instead of a number.
    NotEstimable,
}

impl Status {
    /// The word in the tables.
    pub fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Thin => "thin",
            Status::NotEstimable => "not_estimable",
        }
    }
}

/// A number with its interval, its n, how it was made and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval; missing where the data does not reach it.
    pub high: Option<f64>,
    /// How many units it rests on.
    pub n: i64,
    /// How number and interval were made.
    pub method: &'static str,
    /// How far it can be trusted.
    pub status: Status,
    /// Why not further.
    pub reason: Option<String>,
}
