//! SARIF 2.1.0 (OASIS 2020), for code scanning and dashboards.
//!
//! A result stands where the policy file speaks of its rule, because that is the line to argue about; without a
//! policy file it has a logical location alone, since no file can be named that exists. Rules that the data cannot
//! tell are notifications: a reader that knows no other kinds takes every result for an alert.

use serde_json::{Value, json};

use super::json::to_text;
use super::{Format, LONGEST_TEXT};
use crate::check::Rule;
use crate::check::verdict::{Checked, Found, Ruled, State, Verdict};
use crate::error::Result;
use crate::report::number::visible;

/// For code scanning.
pub const FORMAT: Format =
    Format { id: "sarif", file: "check.sarif", summary: "SARIF 2.1.0 for code scanning", is_printed: false, render };

fn render(checked: &Checked) -> Result<String> {
    let rules: Vec<Value> = checked.rules.iter().map(rule).collect();
    let numbered = checked.rules.iter().enumerate();
    let results: Vec<Value> = numbered
        .flat_map(|(at, ruled)| ruled.found.iter().map(move |found| result(checked, at, ruled, found)))
        .collect();
    let skipped = checked.rules.iter().enumerate().filter(|(_, ruled)| ruled.state == State::Skipped);
    let notifications: Vec<Value> = skipped
        .map(|(at, ruled)| {
            json!({
                "level": "note",
                "message": { "text": text(&format!("Skipped: {}", ruled.summary)) },
                "associatedRule": { "id": ruled.held.rule.id, "index": at },
            })
        })
        .collect();
    to_text(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "looplens",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "automationDetails": { "id": "looplens/check/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": checked.verdict.exit_status() as u8,
                "exitCodeDescription": text(&checked.sentence()),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
            "properties": {
                "verdict": checked.verdict.word(),
                "forbidden": checked.verdict == Verdict::Forbidden,
                "accepted": checked.accepted(),
                "asOf": checked.as_of.map(crate::time::Instant::to_rfc3339),
                "period": checked.period,
            },
        }],
    }))
}

fn rule(ruled: &Ruled) -> Value {
    let rule = ruled.held.rule;
    json!({
        "id": rule.id,
        "name": pascal(rule.id),
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.forbids },
        "help": { "text": rule.advice },
        "defaultConfiguration": { "level": "error" },
        "properties": { "state": ruled.state.word(), "limit": ruled.held.limit, "table": rule.table },
    })
}

fn result(checked: &Checked, index: usize, ruled: &Ruled, found: &Found) -> Value {
    let rule = ruled.held.rule;
    let mut location = json!({
        "logicalLocations": [{
            "name": rule.id,
            "fullyQualifiedName": qualified(rule, found),
            "kind": "data",
        }],
    });
    if let (Some(file), Some(line), Some(location)) = (&checked.policy, ruled.line, location.as_object_mut()) {
        let place = json!({ "artifactLocation": { "uri": uri(file) }, "region": { "startLine": line } });
        location.insert("physicalLocation".to_owned(), place);
    }
    json!({
        "ruleId": rule.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error",
        "message": { "text": text(&found.statement) },
        "locations": [location],
        "partialFingerprints": { "looplensCase/v1": found.id },
        "properties": { "value": found.value, "low": found.low, "high": found.high, "n": found.n },
    })
}

/// Table, figure and what it is about.
fn qualified(rule: &Rule, found: &Found) -> String {
    let subject = if found.subject.is_empty() { "all" } else { &found.subject };
    format!("{}/{}/{}", rule.table, rule.figure, visible(subject, LONGEST_TEXT))
}

/// A message: a link of SARIF's own, `[text](target)`, needs its brackets escaped to be none.
fn text(from: &str) -> String {
    visible(from, LONGEST_TEXT).replace('[', "\\[").replace(']', "\\]")
}

/// `median-days` as `MedianDays`.
fn pascal(id: &str) -> String {
    let word = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string()).unwrap_or_default() + letters.as_str()
    };
    id.split('-').map(word).collect()
}

/// A relative path as the path of a URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
