//! The order of findings, and the table they are written to.

use super::Finding;
use crate::dataset::schema::columns;
use crate::engine::results::{Cell, ResultTable, Status, TableSpec};

/// One row per finding.
pub const FINDINGS: TableSpec = TableSpec {
    name: "findings",
    about: "One row per finding, most important first.",
    columns: columns![
        "segment_kind" Text false "Always `all`; the subject names what the finding is about.",
        "segment" Text false "Always `all`.",
        "id" Text false "Code and subject; the same finding has the same one in every run.",
        "code" Text false "What kind of finding.",
        "level" Text false "`act`, `look` or `note`.",
        "subject" Text false "What it is about.",
        "statement" Text false "What was found.",
        "evidence" Text false "The numbers behind it, as JSON.",
        "recommendation" Text false "What to do.",
        "saves_hours" Float true "Interviewer hours per quarter that acting on it would save, where computed.",
        "saves_days" Float true "Days per loop that acting on it would save, where computed.",
        "q_value" Float true "The q-value of its test, where it rests on one.",
        "status" Text false "`ok`, `thin` or `not_estimable`: how sure.",
        "source_table" Text false "The result table with the rows behind it.",
        "rank" Int false "1 is the most important.",
    ],
};

/// How much of a saving counts: what rests on thin data counts for half.
fn sureness(status: Status) -> f64 {
    match status {
        Status::Ok => 1.0,
        Status::Thin => 0.5,
        Status::NotEstimable => 0.0,
    }
}

/// Findings in order: by level, then by what they would save times how sure we are, then by name so that
/// the order never depends on chance.
pub fn rank(mut findings: Vec<Finding>) -> Vec<Finding> {
    let worth = |finding: &Finding| finding.saves_days.unwrap_or(0.0) * sureness(finding.status);
    findings.sort_by(|a, b| a.level.cmp(&b.level).then(worth(b).total_cmp(&worth(a))).then_with(|| a.id.cmp(&b.id)));
    findings
}

/// The findings as a result table.
pub fn table(findings: &[Finding]) -> ResultTable {
    let mut out = ResultTable::new(&FINDINGS);
    for (at, finding) in findings.iter().enumerate() {
        let text = |value: &str| Cell::Text(value.to_owned());
        out.push([
            ("segment_kind", text("all")),
            ("segment", text("all")),
            ("id", text(&finding.id)),
            ("code", text(finding.code)),
            ("level", text(finding.level.word())),
            ("subject", text(&finding.subject)),
            ("statement", text(&finding.statement)),
            ("evidence", Cell::Text(evidence(finding).to_string())),
            ("recommendation", text(&finding.recommendation)),
            ("saves_hours", Cell::float(finding.saves_hours)),
            ("saves_days", Cell::float(finding.saves_days)),
            ("q_value", Cell::float(finding.q_value)),
            ("status", text(finding.status.word())),
            ("source_table", text(finding.table)),
            ("rank", Cell::Int(at as i64 + 1)),
        ]);
    }
    out
}

fn evidence(finding: &Finding) -> serde_json::Value {
    let value = |cell: &Cell| match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Int(value) => (*value).into(),
        Cell::Float(value) => (*value).into(),
        Cell::Flag(value) => (*value).into(),
        Cell::Instant(at) => at.to_rfc3339().into(),
    };
    finding.evidence.iter().map(|(name, cell)| (name.clone(), value(cell))).collect()
}
