//! The whole model for programs: versioned, its keys in a fixed order, a number that does not exist as `null` with
//! the reason beside it. A key is added, never renamed or re-meant, without a new version.

mod chart;
mod compared;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::model::{Account, Report, Section, Table};
use super::{Format, number, words};
use crate::engine::results::{Cell, Status};
use crate::error::{Error, Result, pages};
use crate::findings::Finding;

/// Everything, for programs.
pub const FORMAT: Format =
    Format { id: "json", file: "report.json", summary: "the whole report for programs, versioned", render };

/// The JSON Schema of this format.
pub const SCHEMA: &str = include_str!("json/report.schema.json");

/// The version of this format.
const VERSION: u32 = 1;

fn render(report: &Report<'_>) -> Result<Vec<u8>> {
    let failed = |error: serde_json::Error| {
        Error::new(&pages::DEFECT, format!("the report could not be written as JSON: {error}"))
    };
    let document = document(report).map_err(failed)?;
    let text = serde_json::to_string_pretty(&document).map_err(failed)?;
    Ok((visible(&text) + "\n").into_bytes())
}

/// Hidden characters as JSON escapes: the same text for a program, and harmless in a terminal. They can only
/// stand inside of strings.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if number::is_hidden(c) || ('\u{7f}'..='\u{9f}').contains(&c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    title: &'a str,
    period: &'a str,
    as_of: Option<String>,
    summary: &'a [String],
    figures: Vec<FigureOut<'a>>,
    measures: Vec<Box<RawValue>>,
    trend: Option<compared::TrendOut<'a>>,
    comparisons: Vec<compared::Out<'a>>,
    findings: Vec<FindingOut<'a>>,
    sections: Vec<SectionOut<'a>>,
    account: AccountOut<'a>,
    provenance: Pairs<'a>,
}

#[derive(Serialize)]
struct FigureOut<'a> {
    label: &'a str,
    value: &'a str,
    interval: Option<&'a str>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    id: &'a str,
    code: &'a str,
    level: &'static str,
    subject: &'a str,
    statement: &'a str,
    recommendation: &'a str,
    status: &'static str,
    /// Why there is no verdict, or no number; null where there is one.
    reason: Option<&'static str>,
    q_value: Option<f64>,
    saves_hours: Option<f64>,
    saves_days: Option<f64>,
    evidence: BTreeMap<&'a str, Box<RawValue>>,
    table: &'a str,
}

#[derive(Serialize)]
struct SectionOut<'a> {
    id: &'a str,
    question: &'a str,
    answer: &'a [String],
    charts: Vec<chart::Out<'a>>,
    tables: Vec<TableOut<'a>>,
    limits: &'a [String],
    method: &'a str,
}

#[derive(Serialize)]
struct TableOut<'a> {
    caption: &'a str,
    columns: Vec<ColumnOut<'a>>,
    rows: Vec<Box<RawValue>>,
    full: &'a str,
    left_out: usize,
}

#[derive(Serialize)]
struct ColumnOut<'a> {
    /// Its key in the rows: its text, with a number where another column has the same text.
    key: String,
    text: &'a str,
    numeric: bool,
    meaning: &'a str,
}

#[derive(Serialize)]
struct CellOut<'a> {
    text: &'a str,
    value: Option<f64>,
}

#[derive(Serialize)]
struct AccountOut<'a> {
    read: i64,
    kept: i64,
    replaced: i64,
    rejected: i64,
    unjoined: i64,
    remarks: &'a [String],
    reasons: Vec<ReasonOut<'a>>,
}

#[derive(Serialize)]
struct ReasonOut<'a> {
    reason: &'a str,
    records: i64,
}

/// Name and value in the model's order; a name that comes twice gets a number.
struct Pairs<'a>(&'a [(String, String)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        let keys = unique(self.0.iter().map(|(name, _)| name.as_str()));
        let mut map = out.serialize_map(Some(keys.len()))?;
        for (key, (_, value)) in keys.iter().zip(self.0) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A row as an object from column key to cell.
struct Row<'a> {
    keys: &'a [String],
    cells: Vec<CellOut<'a>>,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        out.collect_map(self.keys.iter().zip(&self.cells))
    }
}

type Written<T> = std::result::Result<T, serde_json::Error>;

fn document<'a>(report: &'a Report<'_>) -> Written<Document<'a>> {
    let figures = report.figures.iter().map(|figure| FigureOut {
        label: &figure.label,
        value: &figure.value,
        interval: figure.interval.as_deref(),
        note: figure.note.as_deref(),
    });
    Ok(Document {
        format: "looplens-report",
        version: VERSION,
        title: &report.title,
        period: &report.period,
        as_of: report.as_of.map(crate::time::Instant::to_rfc3339),
        summary: &report.summary,
        figures: figures.collect(),
        measures: report.measures.iter().map(compared::measure).collect::<Written<_>>()?,
        trend: report.trend.as_ref().map(compared::trend).transpose()?,
        comparisons: report.comparisons.iter().map(compared::comparison).collect::<Written<_>>()?,
        findings: report.findings.iter().map(finding).collect::<Written<_>>()?,
        sections: report.sections.iter().map(section).collect::<Written<_>>()?,
        account: account(&report.account),
        provenance: Pairs(&report.provenance),
    })
}

fn finding(finding: &Finding) -> Written<FindingOut<'_>> {
    let evidence = finding.evidence.iter().map(|(name, cell)| Ok((name.as_str(), cell_out(cell)?)));
    Ok(FindingOut {
        id: &finding.id,
        code: finding.code,
        level: finding.level.word(),
        subject: &finding.subject,
        statement: &finding.statement,
        recommendation: &finding.recommendation,
        status: finding.status.word(),
        reason: (finding.status != Status::Ok).then(|| words::status(finding.status)),
        q_value: finite(finding.q_value),
        saves_hours: finite(finding.saves_hours),
        saves_days: finite(finding.saves_days),
        evidence: evidence.collect::<Written<_>>()?,
        table: finding.table,
    })
}

fn cell_out(cell: &Cell) -> Written<Box<RawValue>> {
    match cell {
        Cell::Null => line(&None::<f64>),
        Cell::Text(text) => line(text),
        Cell::Int(value) => line(value),
        Cell::Float(value) => line(&finite(Some(*value))),
        Cell::Flag(value) => line(value),
        Cell::Instant(at) => line(&at.to_rfc3339()),
    }
}

fn section(section: &Section) -> Written<SectionOut<'_>> {
    Ok(SectionOut {
        id: &section.id,
        question: &section.question,
        answer: &section.answer,
        charts: section.charts.iter().map(chart::out).collect::<Written<_>>()?,
        tables: section.tables.iter().map(table).collect::<Written<_>>()?,
        limits: &section.limits,
        method: &section.method,
    })
}

fn table(table: &Table) -> Written<TableOut<'_>> {
    let keys = unique(table.columns.iter().map(|column| column.text.as_str()));
    let row = |row: &Vec<super::model::TableCell>| {
        let cells = row.iter().map(|cell| CellOut { text: &cell.text, value: finite(cell.sort) }).collect();
        line(&Row { keys: &keys, cells })
    };
    let columns = table.columns.iter().zip(&keys).map(|(column, key)| ColumnOut {
        key: key.clone(),
        text: &column.text,
        numeric: column.numeric,
        meaning: &column.meaning,
    });
    Ok(TableOut {
        caption: &table.caption,
        columns: columns.collect(),
        rows: table.rows.iter().map(row).collect::<Written<_>>()?,
        full: &table.full,
        left_out: table.left_out,
    })
}

fn account(account: &Account) -> AccountOut<'_> {
    AccountOut {
        read: account.read,
        kept: account.kept,
        replaced: account.replaced,
        rejected: account.rejected,
        unjoined: account.unjoined,
        remarks: &account.remarks,
        reasons: account.reasons.iter().map(|(reason, records)| ReasonOut { reason, records: *records }).collect(),
    }
}

/// A number that exists.
fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// A value on one line of the otherwise indented text, so that rows can be compared line by line.
fn line<T: Serialize>(value: &T) -> Written<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
}

/// Names as keys: a name that comes again gets a number.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let mut key = name.to_owned();
        let mut again = 2;
        while out.contains(&key) {
            key = format!("{name} {again}");
            again += 1;
        }
        out.push(key);
    }
    out
}

#[cfg(test)]
mod tests;
