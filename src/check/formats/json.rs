//! For programs: versioned, every key always there, a number that does not exist as `null`. A key is added, never
//! renamed or re-meant, without a new version.

use serde::Serialize;

use super::Format;
use crate::check::verdict::{Checked, Found, Ruled, State};
use crate::error::{Error, Result, pages};
use crate::report::json::visible;

/// For programs.
pub const FORMAT: Format =
    Format { id: "json", file: "check.json", summary: "for programs, versioned", is_printed: false, render };

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    looplens: &'static str,
    verdict: &'static str,
    exit_status: u8,
    sentence: String,
    period: Option<&'a str>,
    as_of: Option<String>,
    policy: Option<&'a str>,
    counts: Counts,
    rules: Vec<RuleOut<'a>>,
}

#[derive(Serialize)]
struct Counts {
    forbidden: usize,
    passed: usize,
    skipped: usize,
    accepted: usize,
    resolved: Option<usize>,
}

#[derive(Serialize)]
struct RuleOut<'a> {
    id: &'a str,
    state: &'static str,
    forbids: &'a str,
    advice: &'a str,
    limit: Option<f64>,
    unit: Option<&'static str>,
    decide: Option<&'static str>,
    by: &'a [String],
    table: &'a str,
    figure: &'a str,
    summary: &'a str,
    cases_told: usize,
    cases_untold: usize,
    found: Vec<FoundOut<'a>>,
    accepted: &'a [String],
    line: Option<usize>,
}

#[derive(Serialize)]
struct FoundOut<'a> {
    id: &'a str,
    subject: &'a str,
    statement: &'a str,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: Option<i64>,
}

fn render(checked: &Checked) -> Result<String> {
    let document = Document {
        format: "looplens-check",
        version: VERSION,
        looplens: env!("CARGO_PKG_VERSION"),
        verdict: checked.verdict.word(),
        exit_status: checked.verdict.exit_status() as u8,
        sentence: checked.sentence(),
        period: checked.period.as_deref(),
        as_of: checked.as_of.map(crate::time::Instant::to_rfc3339),
        policy: checked.policy.as_deref(),
        counts: Counts {
            forbidden: checked.count(State::Forbidden),
            passed: checked.count(State::Passed),
            skipped: checked.count(State::Skipped),
            accepted: checked.accepted(),
            resolved: checked.resolved,
        },
        rules: checked.rules.iter().map(rule).collect(),
    };
    to_text(&document)
}

fn rule(ruled: &Ruled) -> RuleOut<'_> {
    let rule = ruled.held.rule;
    RuleOut {
        id: rule.id,
        state: ruled.state.word(),
        forbids: rule.forbids,
        advice: rule.advice,
        limit: ruled.held.limit,
        unit: rule.limit.map(|limit| limit.unit.word()),
        decide: ruled.held.decide.map(crate::config::check::Decide::word),
        by: &ruled.held.by,
        table: rule.table,
        figure: rule.figure,
        summary: &ruled.summary,
        cases_told: ruled.told,
        cases_untold: ruled.untold,
        found: ruled.found.iter().map(found).collect(),
        accepted: &ruled.accepted,
        line: ruled.line,
    }
}

fn found(found: &Found) -> FoundOut<'_> {
    let Found { id, subject, statement, value, low, high, n } = found;
    FoundOut { id, subject, statement, value: *value, low: *low, high: *high, n: *n }
}

/// Indented JSON in which hidden characters are escapes.
pub(super) fn to_text<T: Serialize>(document: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|e| Error::new(&pages::DEFECT, format!("the verdict could not be written as JSON: {e}")))?;
    Ok(visible(&text) + "\n")
}
