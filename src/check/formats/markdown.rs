//! For the summary of a job, in GitHub's Markdown. Text from the data is inert in it.

use std::fmt::Write as _;

use super::Format;
use crate::check::verdict::{Checked, Ruled, State};
use crate::error::Result;
use crate::report::markdown::inert;
use crate::report::words::instant;

/// For the summary of a job.
pub const FORMAT: Format = Format {
    id: "markdown",
    file: "check.md",
    summary: "a summary of a job or a comment, in GitHub's Markdown",
    is_printed: false,
    render,
};

fn render(checked: &Checked) -> Result<String> {
    let mut out = String::new();
    let _ = writeln!(out, "# Hiring loops: {}\n", checked.verdict.words());
    let _ = writeln!(out, "**Verdict: {}.** {}\n", checked.verdict.words(), checked.sentence());
    let of = |state: State| checked.rules.iter().filter(move |ruled| ruled.state == state);
    if of(State::Forbidden).next().is_some() {
        let _ = writeln!(out, "## Forbidden by the policy\n");
    }
    for ruled in of(State::Forbidden) {
        for found in &ruled.found {
            let _ = writeln!(out, "- `{}`: {}", ruled.held.rule.id, inert(&found.statement));
        }
        let _ = writeln!(out, "  *{}*", inert(ruled.held.rule.advice));
    }
    if of(State::Forbidden).next().is_some() {
        out.push('\n');
    }
    table("Passed", &of(State::Passed).collect::<Vec<_>>(), "What was seen", &mut out);
    table("Skipped, because the data cannot tell", &of(State::Skipped).collect::<Vec<_>>(), "Why", &mut out);
    let mut about = Vec::new();
    about.extend(checked.period.as_ref().map(|period| format!("Loops opened in {}.", inert(period))));
    about.extend(checked.as_of.map(|as_of| format!("As known on {}.", instant(as_of))));
    if !about.is_empty() {
        let _ = writeln!(out, "{}", about.join(" "));
    }
    Ok(out)
}

fn table(heading: &str, rules: &[&Ruled], column: &str, out: &mut String) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "## {heading}\n\n| Rule | {column} |\n| --- | --- |");
    for ruled in rules {
        let _ = writeln!(out, "| `{}` | {} |", ruled.held.rule.id, inert(&ruled.summary));
    }
    out.push('\n');
}
