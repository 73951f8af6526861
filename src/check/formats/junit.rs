//! For CI servers that read test results: one test case per rule, in the order and with the attributes that the
//! schema of Ant's JUnit task asks for, since it is the strictest of those in use.
//!
//! Nothing here is timed, and no machine is named: the timestamp is `as_of`, the host `localhost`, as the schema asks
//! for where it is not known.

use std::fmt::Write as _;

use super::{Format, LONGEST_TEXT};
use crate::check::verdict::{Checked, Ruled, State};
use crate::error::Result;
use crate::report::number;

/// For CI servers.
pub const FORMAT: Format = Format {
    id: "junit",
    file: "check.junit.xml",
    summary: "test results for a CI server, one case per rule",
    is_printed: false,
    render,
};

/// The first instant, where the data holds no time.
const NO_TIME: &str = "1970-01-01T00:00:00";

fn render(checked: &Checked) -> Result<String> {
    let at = checked.as_of.map_or_else(|| NO_TIME.to_owned(), |at| at.to_rfc3339());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let _ = writeln!(
        out,
        "  <testsuite package=\"looplens\" id=\"0\" name=\"looplens check\" timestamp=\"{}\" hostname=\"localhost\" \
         tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\">",
        escaped(at.get(..NO_TIME.len()).unwrap_or(NO_TIME)),
        checked.rules.len(),
        checked.count(State::Forbidden),
        checked.count(State::Skipped),
    );
    let mut properties = vec![("verdict", checked.verdict.word().to_owned())];
    properties.push(("looplens", env!("CARGO_PKG_VERSION").to_owned()));
    properties.push(("accepted", checked.accepted().to_string()));
    properties.extend(checked.period.clone().map(|period| ("period", period)));
    out.push_str("    <properties>\n");
    for (name, value) in properties {
        let _ = writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", escaped(&value));
    }
    out.push_str("    </properties>\n");
    checked.rules.iter().for_each(|ruled| case(ruled, &mut out));
    let _ =
        writeln!(out, "    <system-out>{}</system-out>\n    <system-err></system-err>", escaped(&checked.sentence()));
    out.push_str("  </testsuite>\n</testsuites>\n");
    Ok(out)
}

fn case(ruled: &Ruled, out: &mut String) {
    let rule = ruled.held.rule;
    let _ = write!(out, "    <testcase name=\"{}\" classname=\"looplens.check\" time=\"0\"", escaped(rule.id));
    let summary = escaped(&ruled.summary);
    match ruled.state {
        State::Passed => out.push_str("/>\n"),
        State::Skipped => {
            let _ = writeln!(out, ">\n      <skipped message=\"{summary}\"/>\n    </testcase>");
        }
        State::Forbidden => {
            let found: Vec<String> = ruled.found.iter().map(|found| escaped(&found.statement)).collect();
            let _ = writeln!(
                out,
                ">\n      <failure message=\"{summary}\" type=\"forbidden\">{}\n{}</failure>\n    </testcase>",
                found.join("\n"),
                escaped(rule.advice)
            );
        }
    }
}

/// Text that is text in an element and in an attribute: hidden characters are shown, the five signs are entities, and
/// what XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in number::visible(text, LONGEST_TEXT).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
