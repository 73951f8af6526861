//! The rules, by subject, and how all of them read result tables.

pub(super) mod findings;
pub(super) mod records;
pub(super) mod scores;
pub(super) mod times;

#[cfg(test)]
mod tests;

use super::baseline::mark;
use super::policy::ALL;
use super::{Case, Facts};
use crate::engine::results::{Cell, Status};
use crate::metrics::rows::{Row, rows};

/// Which case it is.
#[derive(Debug, Clone, Default)]
struct Place {
    subject: String,
    key: String,
    names: Vec<String>,
}

impl Place {
    /// All loops together.
    fn all() -> Self {
        Self { subject: String::new(), key: ALL.to_owned(), names: vec![ALL.to_owned()] }
    }

    /// A segment of a dimension.
    fn segment(kind: &str, segment: &str) -> Self {
        if kind == ALL {
            return Self::all();
        }
        Self {
            subject: format!("{} {segment}", if kind == "job_id" { "job" } else { kind }),
            key: format!("{kind}:{}", mark(segment)),
            names: vec![segment.to_owned(), format!("{kind}:{segment}")],
        }
    }

    /// One of several things that a segment is made of, named by a word of the program.
    fn and(mut self, word: &str, words: &str) -> Self {
        self.subject = if self.subject.is_empty() { words.to_owned() } else { format!("{}, {words}", self.subject) };
        self.key = if self.key == ALL { word.to_owned() } else { format!("{word}:{}", self.key) };
        self.names.push(word.to_owned());
        self
    }
}

/// The rows of a table in the segments that the rule looks at.
fn segments<'t>(facts: &Facts<'t>, table: &str, keep: impl Fn(&Row<'t>) -> bool) -> Vec<(Row<'t>, Place)> {
    let all = rows(facts.results, table).into_iter().filter(|row| {
        row.text("segment_kind").is_some_and(|kind| facts.held.by.iter().any(|wanted| wanted == kind)) && keep(row)
    });
    all.map(|row| {
        let place = Place::segment(row.text("segment_kind").unwrap_or(ALL), row.text("segment").unwrap_or(ALL));
        (row, place)
    })
    .collect()
}

/// A figure of a row with the interval that stands beside it.
fn case(row: &Row<'_>, figure: &str, place: Place) -> Case {
    let [low, high] = ["low", "high"].map(|end| row.number(&format!("{figure}_{end}")));
    Case {
        value: row.number(figure),
        low,
        high,
        n: row.number("n").map(|n| n as i64),
        status: row.status(),
        reason: row.text("reason").map(str::to_owned),
        ..empty(place)
    }
}

/// A case without a figure.
fn empty(place: Place) -> Case {
    Case {
        subject: place.subject,
        key: place.key,
        names: place.names,
        value: None,
        low: None,
        high: None,
        n: None,
        status: Status::Ok,
        reason: None,
        verdict: None,
        says: String::new(),
    }
}

/// The cases of a figure that every segment has once.
fn plain(facts: &Facts<'_>, keep: impl Fn(&Row<'_>) -> bool) -> Vec<Case> {
    let rule = facts.held.rule;
    segments(facts, rule.table, |row| keep(row))
        .into_iter()
        .map(|(row, place)| case(&row, rule.figure, place))
        .collect()
}

/// Whether a row has this word in this column.
fn is(row: &Row<'_>, column: &str, word: &str) -> bool {
    row.text(column) == Some(word)
}

/// Whether a row has this flag.
fn flag(row: &Row<'_>, column: &str) -> bool {
    *row.table.get(row.cells, column) == Cell::Flag(true)
}
