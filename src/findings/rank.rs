//! The order of findings, and the table they are written to.

use super::{Finding, Level};
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

/// A q-value above this leaves too much to chance to act on.
const CLEAR: f64 = 0.05;

/// As many interviewer hours a quarter weigh as much as a day per loop. A day is about a twentieth of a loop's time, and
/// this a twentieth of the hours that a team of a hundred loops a quarter spends on them.
const HOURS_LIKE_A_DAY: f64 = 25.0;

/// How sure a finding is, 0 to 1: what rests on thin data counts for half, and what a test speaks for as far as it is
/// no false alarm among the tests of its table, which is what a q-value says.
fn sureness(finding: &Finding) -> f64 {
    let data = match finding.status {
        Status::Ok => 1.0,
        Status::Thin => 0.5,
        Status::NotEstimable => 0.0,
    };
    data * (1.0 - finding.q_value.filter(|q| q.is_finite()).map_or(0.0, |q| q.clamp(0.0, 1.0)))
}

/// What acting on a finding would save, in days per loop or what weighs as much, times how sure it is.
fn worth(finding: &Finding) -> f64 {
    let of = |value: Option<f64>| value.filter(|value| value.is_finite()).unwrap_or(0.0).max(0.0);
    (of(finding.saves_days) + of(finding.saves_hours) / HOURS_LIKE_A_DAY) * sureness(finding)
}

/// Findings in order: by level, then by what they would save times how sure they are, then by how sure they are
/// alone, then by name so that the order never depends on chance. What chance explains as well, after all tests of its
/// table are counted, asks nobody to act.
pub fn rank(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        if finding.level == Level::Act && finding.q_value.is_some_and(|q| q.is_nan() || q > CLEAR) {
            finding.level = Level::Look;
        }
    }
    findings.sort_by(|a, b| {
        a.level
            .cmp(&b.level)
            .then_with(|| worth(b).total_cmp(&worth(a)))
            .then_with(|| sureness(b).total_cmp(&sureness(a)))
            .then_with(|| a.id.cmp(&b.id))
    });
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn finding(id: &str, level: Level, days: Option<f64>, hours: Option<f64>, q: Option<f64>) -> Finding {
        Finding {
            id: id.to_owned(),
            code: "test",
            level,
            subject: id.to_owned(),
            statement: id.to_owned(),
            evidence: BTreeMap::from([("share".to_owned(), Cell::Float(0.5)), ("odd".to_owned(), Cell::Null)]),
            recommendation: "none".to_owned(),
            status: Status::Ok,
            saves_hours: hours,
            saves_days: days,
            q_value: q,
            table: "waits",
        }
    }

    fn order(findings: Vec<Finding>) -> Vec<String> {
        rank(findings).into_iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn what_saves_more_and_is_surer_comes_first() {
        let thin = Finding { status: Status::Thin, ..finding("thin", Level::Look, Some(3.0), None, None) };
        let found = order(vec![
            finding("nothing", Level::Look, None, None, None),
            finding("unsure", Level::Look, Some(3.0), None, Some(0.4)),
            thin,
            finding("sure", Level::Look, Some(3.0), None, Some(0.01)),
            finding("hours", Level::Look, Some(1.0), Some(60.0), None),
            finding("act", Level::Act, Some(0.1), None, None),
            finding("odd", Level::Look, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NAN)),
        ]);
        assert_eq!(found, ["act", "hours", "sure", "unsure", "thin", "nothing", "odd"]);
    }

    #[test]
    fn where_nothing_is_saved_the_surer_comes_first_and_then_the_name() {
        let found = order(vec![
            finding("c", Level::Note, None, None, Some(0.04)),
            finding("b", Level::Note, None, None, Some(0.001)),
            finding("e", Level::Note, None, None, None),
            finding("d", Level::Note, None, None, None),
        ]);
        assert_eq!(found, ["d", "e", "b", "c"]);
    }

    #[test]
    fn what_chance_explains_asks_nobody_to_act() {
        let ranked = rank(vec![
            finding("chance", Level::Act, Some(9.0), None, Some(0.2)),
            finding("no number", Level::Act, Some(9.0), None, Some(f64::NAN)),
            finding("clear", Level::Act, None, None, Some(0.04)),
        ]);
        let levels: Vec<_> = ranked.iter().map(|finding| (finding.id.as_str(), finding.level)).collect();
        assert_eq!(levels, [("clear", Level::Act), ("no number", Level::Look), ("chance", Level::Look)]);
    }

    #[test]
    fn the_table_has_every_finding_in_order_with_its_evidence_as_json() {
        let ranked = rank(vec![
            finding("b", Level::Note, None, None, None),
            finding("a", Level::Act, Some(1.0), None, Some(0.01)),
        ]);
        let table = table(&ranked);
        let get = |row: usize, name: &str| table.rows.get(row).map(|cells| table.get(cells, name).clone());
        assert_eq!(get(0, "id"), Some(Cell::Text("a".to_owned())));
        assert_eq!(get(1, "rank"), Some(Cell::Int(2)));
        assert_eq!(get(0, "evidence"), Some(Cell::Text("{\"odd\":null,\"share\":0.5}".to_owned())));
        assert_eq!(get(1, "saves_days"), Some(Cell::Null));
    }
}
