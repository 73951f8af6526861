//! For the log of a GitHub workflow: commands that become annotations.

use std::fmt::Write as _;

use super::{Format, line};
use crate::check::verdict::{Checked, Ruled, State};
use crate::error::Result;

/// For the log of a GitHub workflow.
pub const FORMAT: Format = Format {
    id: "github",
    file: "check.github.txt",
    summary: "commands of a GitHub workflow, shown as annotations",
    is_printed: true,
    render,
};

/// GitHub shows ten annotations of a kind and step, so the tenth tells what is left out.
const MOST: usize = 9;

fn render(checked: &Checked) -> Result<String> {
    let mut out = String::new();
    let found: Vec<(&Ruled, &str)> = checked
        .rules
        .iter()
        .flat_map(|ruled| ruled.found.iter().map(move |found| (ruled, found.statement.as_str())))
        .collect();
    for (ruled, statement) in found.iter().take(MOST) {
        let mut properties = Vec::new();
        if let (Some(file), Some(line)) = (&checked.policy, ruled.line) {
            properties.push(format!("file={},line={line}", property(file)));
        }
        properties.push(format!("title={}", property(&format!("Forbidden: {}", ruled.held.rule.id))));
        let text = format!("{statement} {}", ruled.held.rule.advice);
        let _ = writeln!(out, "::error {}::{}", properties.join(","), message(&text));
    }
    if found.len() > MOST {
        let more = found.len() - MOST;
        let _ = writeln!(out, "::error title=Forbidden::{}", message(&format!("{more} more; see the other formats.")));
    }
    let accepted = checked.accepted();
    if accepted > 0 {
        let text = format!("The baseline accepts {accepted} of what the policy forbids.");
        let _ = writeln!(out, "::warning title=Accepted::{}", message(&text));
    }
    let skipped: Vec<&str> =
        checked.rules.iter().filter(|ruled| ruled.state == State::Skipped).map(|ruled| ruled.held.rule.id).collect();
    if !skipped.is_empty() {
        let text = format!("The data cannot tell, so these rules are skipped: {}.", skipped.join(", "));
        let _ = writeln!(out, "::notice title=Skipped::{}", message(&text));
    }
    let _ = writeln!(out, "Verdict: {}. {}", checked.verdict.words(), line(&checked.sentence()));
    Ok(out)
}

/// The message of a command.
fn message(text: &str) -> String {
    line(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
