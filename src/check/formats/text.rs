//! For a terminal.

use std::fmt::Write as _;

use super::{Format, line};
use crate::check::verdict::{Checked, State};
use crate::error::Result;
use crate::report::words::instant;

/// For a terminal.
pub const FORMAT: Format =
    Format { id: "text", file: "check.txt", summary: "lines for a terminal or a log", is_printed: true, render };

/// Where the second column begins.
const INDENT: usize = 33;

fn render(checked: &Checked) -> Result<String> {
    let mut out = String::new();
    for ruled in &checked.rules {
        let rule = ruled.held.rule;
        let _ = write!(out, "{:<10} {:<20}  ", ruled.state.word(), rule.id);
        let mut lines: Vec<String> = vec![line(&ruled.summary)];
        if ruled.state == State::Forbidden {
            if ruled.found.len() > 1 {
                lines.extend(ruled.found.iter().map(|found| format!("- {}", line(&found.statement))));
            }
            lines.push(rule.advice.to_owned());
        }
        let _ = writeln!(out, "{}", lines.join(&format!("\n{:INDENT$}", "")));
    }
    let _ = write!(out, "\nVerdict: {}. {}", checked.verdict.words(), checked.sentence());
    if let Some(as_of) = checked.as_of {
        let _ = write!(out, " As known on {}.", instant(as_of));
    }
    out.push('\n');
    Ok(out)
}
