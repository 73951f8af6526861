//! A verdict with everything in it, for the tests of the formats.

use super::policy::mean;
use super::verdict::{Checked, Found, Ruled, State, Verdict};
use crate::config::check::Policy;
use crate::report::sample::HOSTILE;

/// Names that mean harm to one format or another, beside those that any report is tested with.
pub(super) const MORE: [&str; 4] = [
    "\n::error::owned\r\n##[error]owned ##vso[task.complete result=Failed]",
    "]]></failure><testcase name='x'/><!-- &amp; \u{0} \u{ffff}",
    "[link](https://evil.example) %0A::set-output name=x::y",
    "::stop-commands::x",
];

pub(super) fn hostile() -> Vec<&'static str> {
    HOSTILE.iter().chain(&MORE).copied().collect()
}

/// Every state there is; hostile names wherever text from the data can be.
pub(super) fn checked(verdict: Verdict) -> Checked {
    let held = mean(&Policy::default(), "test").unwrap_or_default();
    let names = hostile();
    let found = |at: usize, rule: &str| Found {
        id: format!("{rule}:department:{at:016x}"),
        subject: names[at % names.len()].to_owned(),
        statement: format!("Median of {}: 25.4 (23.0 to 28.1) days; at most 21 days allowed.", names[at % names.len()]),
        value: Some(25.4),
        low: Some(23.0),
        high: (at > 0).then_some(28.1),
        n: Some(120),
    };
    let rules = held.into_iter().enumerate().map(|(at, held)| {
        let state = match (verdict, at % 3) {
            (Verdict::CannotTell, _) => State::Skipped,
            (Verdict::Forbidden, 0) => State::Forbidden,
            (_, 1) => State::Skipped,
            _ => State::Passed,
        };
        let count = if state == State::Forbidden { 1 + at % 2 * 3 } else { 0 };
        let found: Vec<Found> = (0..count).map(|n| found(at + n, held.rule.id)).collect();
        let summary = format!("Seen of {}: 12.5 days.", names[at % names.len()]);
        Ruled {
            summary: if let [one] = found.as_slice() { one.statement.clone() } else { summary },
            found,
            accepted: if state == State::Passed && at == 2 {
                vec!["open-after-limit-1:all".to_owned()]
            } else {
                vec![]
            },
            told: usize::from(state != State::Skipped),
            untold: usize::from(state == State::Skipped),
            line: Some(100 + at),
            state,
            held,
        }
    });
    Checked {
        verdict,
        rules: rules.collect(),
        period: Some("2026Q3".to_owned()),
        as_of: crate::time::Instant::parse_bound("2026-09-30T18:00:00Z").ok(),
        policy: Some("ci/our policy.toml".to_owned()),
        resolved: Some(1),
    }
}
