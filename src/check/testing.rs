//! Result tables by hand, and rules held against them: for tests.
#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::judge::{Evidence, judge};
use super::policy::{Held, mean};
use super::verdict::{Checked, Ruled};
use crate::config::Config;
use crate::engine::results::{Cell, ResultTable, Status, TableSpec};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};

pub(in crate::check) type Values = Vec<(&'static str, Cell)>;

pub(in crate::check) fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// A row of all loops together that can be trusted.
pub(in crate::check) fn all(values: Values) -> Values {
    let mut row = vec![("segment_kind", text("all")), ("segment", text("all")), ("status", text("ok"))];
    row.extend(values);
    row
}

pub(in crate::check) fn within(kind: &'static str, segment: &str, values: Values) -> Values {
    all([vec![("segment_kind", text(kind)), ("segment", text(segment))], values].concat())
}

pub(in crate::check) fn figure(name: [&'static str; 3], value: f64, low: f64, high: f64) -> Values {
    name.into_iter().zip([value, low, high].map(Cell::Float)).collect()
}

pub(in crate::check) fn median(value: f64, low: f64, high: f64) -> Values {
    let own = figure(["median_days", "median_days_low", "median_days_high"], value, low, high);
    [
        own,
        vec![("clock", text("applied")), ("loops", Cell::Int(120)), ("decided", Cell::Int(90)), ("n", Cell::Int(120))],
    ]
    .concat()
}

pub(in crate::check) fn table(spec: &'static TableSpec, rows: Vec<Values>) -> ResultTable {
    let mut out = ResultTable::new(spec);
    rows.into_iter().for_each(|row| out.push(row));
    out
}

pub(in crate::check) fn results(tables: Vec<ResultTable>) -> Results {
    Results { tables, ..Results::default() }
}

pub(in crate::check) fn policy(text: &str) -> (Config, Vec<Held>) {
    let config = Config::parse(&format!("[check]\nothers = false\n[check.rules]\n{text}"), "p.toml").unwrap();
    let held = mean(&config.check, "p.toml").unwrap();
    (config, held)
}

pub(in crate::check) fn checked(rules: &str, results: &Results) -> Checked {
    let (config, held) = policy(rules);
    judge(&held, &Evidence { results, findings: &[], config: &config }, None)
}

/// The one rule of a policy, held against one table.
pub(in crate::check) fn one(rules: &str, table: ResultTable) -> Ruled {
    let checked = checked(rules, &results(vec![table]));
    let [ruled] = checked.rules.try_into().unwrap();
    ruled
}

pub(in crate::check) fn finding(code: &'static str, subject: &str, level: Level, status: Status) -> Finding {
    Finding {
        id: format!("{code}:{subject}"),
        code,
        level,
        subject: subject.to_owned(),
        statement: format!("{subject} was found."),
        evidence: std::collections::BTreeMap::new(),
        recommendation: String::new(),
        status,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: "waits",
    }
}
