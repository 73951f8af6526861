//! A summary for a CI job or a pull request, in GitHub's Markdown: short enough to be read where it lands.
//!
//! Text from the data is inert here: it can open no markup, link nothing, load nothing and mention nobody.

use std::fmt::Write;

use super::model::{Comparison, Known, Report, Section, Table, Trend};
use super::{Format, number, words};
use crate::error::Result;
use crate::findings::Finding;

/// The summary.
pub const FORMAT: Format = Format {
    id: "markdown",
    file: "report.md",
    summary: "a short summary for a CI job or a pull request, in GitHub's Markdown",
    render,
};

/// A section's table shows this many rows; the page and the result tables hold the others.
const ROWS: usize = 8;

/// A long text is cut here: a summary is no place for it.
const LONGEST_TEXT: usize = 1_000;

fn render(report: &Report<'_>) -> Result<Vec<u8>> {
    let mut out = String::new();
    document(report, &mut out);
    Ok(out.into_bytes())
}

fn document(report: &Report<'_>, out: &mut String) {
    let _ = writeln!(out, "# {}\n", inert(&words::heading(report)));
    paragraph(&report.summary, out);
    findings(&report.findings, out);
    if let Some(trend) = &report.trend {
        trend_of(trend, out);
    }
    figures(report, out);
    for comparison in &report.comparisons {
        comparison_of(comparison, out);
    }
    for section in &report.sections {
        section_of(section, out);
    }
    let _ = writeln!(out, "## What was read\n\n{}\n", words::account(&report.account));
    for remark in &report.account.remarks {
        let _ = writeln!(out, "- {}", inert(remark));
    }
    for (reason, count) in &report.account.reasons {
        let _ = writeln!(out, "- {} rejected: {}", number::count(*count), inert(reason));
    }
    if !report.account.remarks.is_empty() || !report.account.reasons.is_empty() {
        out.push('\n');
    }
    let _ = match report.as_of {
        Some(as_of) => writeln!(out, "As known on {}.", words::instant(as_of)),
        None => writeln!(out, "The data holds no times."),
    };
}

fn figures(report: &Report<'_>, out: &mut String) {
    if report.figures.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Headline figures\n");
    row(&["Figure", "Value", "Interval", "Rests on"].map(String::from), out);
    let _ = writeln!(out, "| --- | ---: | --- | --- |");
    for figure in &report.figures {
        let [interval, note] = [&figure.interval, &figure.note].map(|text| inert(text.as_deref().unwrap_or("")));
        row(&[inert(&figure.label), format!("**{}**", inert(&figure.value)), interval, note], out);
    }
    out.push('\n');
}

fn trend_of(trend: &Trend, out: &mut String) {
    let _ = writeln!(out, "## {}: the trend\n", inert(&trend.quarter));
    paragraph(&trend.summary, out);
    table_of(&words::trend(trend), out);
}

fn findings(findings: &[Finding], out: &mut String) {
    let (top, rest) = findings.split_at(words::top(findings));
    let _ = writeln!(out, "## What to do first\n");
    if top.is_empty() {
        let _ = writeln!(out, "Nothing was found that asks for a change.\n");
    }
    for (at, finding) in top.iter().enumerate() {
        let _ = write!(out, "{}. **{}: {}** ", at + 1, words::level(finding.level), inert(&finding.statement));
        let _ = write!(out, "{} ", inert(&finding.recommendation));
        let _ = writeln!(out, "*Would save: {}. How sure: {}.*", words::saved(finding), words::how_sure(finding));
    }
    if !top.is_empty() {
        out.push('\n');
    }
    if !rest.is_empty() {
        let _ = writeln!(
            out,
            "{} in the full report.\n",
            number::plural(rest.len() as i64, "more finding", "more findings")
        );
    }
}

fn comparison_of(comparison: &Comparison, out: &mut String) {
    let _ = writeln!(out, "## Compared with {}\n", inert(&comparison.against));
    paragraph(&comparison.summary, out);
    table_of(&words::changes(comparison), out);
    for (kind, all) in words::findings_of(comparison) {
        let _ = writeln!(out, "{kind}:\n");
        for Known { level, statement, .. } in all.iter().take(ROWS) {
            let _ = writeln!(out, "- {}: {}", words::level(*level), inert(statement));
        }
        let more = all.len().saturating_sub(ROWS);
        if more > 0 {
            let _ = writeln!(out, "- {}", number::plural(more as i64, "more finding", "more findings"));
        }
        out.push('\n');
    }
    for remark in &comparison.remarks {
        let _ = writeln!(out, "*{}*\n", inert(remark));
    }
}

fn section_of(section: &Section, out: &mut String) {
    let _ = writeln!(out, "## {}\n", inert(&section.question));
    if section.answer.is_empty() {
        let _ = writeln!(out, "The data gives no answer.\n");
    }
    paragraph(&section.answer, out);
    if let Some(table) = section.tables.first() {
        table_of(table, out);
    }
    if !section.limits.is_empty() {
        let _ = writeln!(out, "What the data could not answer:\n");
        for limit in &section.limits {
            let _ = writeln!(out, "- {}", inert(limit));
        }
        out.push('\n');
    }
}

fn table_of(table: &Table, out: &mut String) {
    let shown = table.rows.len().min(ROWS);
    let _ = writeln!(out, "**{}**\n", inert(&table.caption));
    let headings: Vec<String> = table.columns.iter().map(|column| inert(&column.text)).collect();
    row(&headings, out);
    let rule: Vec<String> =
        table.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }.to_owned()).collect();
    row(&rule, out);
    for cells in table.rows.iter().take(shown) {
        let cells: Vec<String> = cells.iter().map(|cell| inert(&cell.text)).collect();
        row(&cells, out);
    }
    out.push('\n');
    let left_out = table.left_out + table.rows.len() - shown;
    if left_out > 0 {
        let more = number::plural(left_out as i64, "more row", "more rows");
        let _ = writeln!(out, "{more} in `{}`.\n", number::harmless(&table.full).replace('`', "'"));
    }
}

fn row(cells: &[String], out: &mut String) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn paragraph(sentences: &[String], out: &mut String) {
    if !sentences.is_empty() {
        let _ = writeln!(out, "{}\n", inert(&sentences.join(" ")));
    }
}

/// Text that stays text wherever it stands. Signs of Markdown are escaped, those of HTML are entities, and
/// after a sign that GitHub acts on later (`@` of a mention, `#` of an issue, `//` and `www.` of an address) comes
/// a space of no width, because no escape is left by then.
pub(crate) fn inert(text: &str) -> String {
    const NOTHING: char = '\u{200b}';
    let text = number::visible(text, LONGEST_TEXT);
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '!' | '|' | '$' | '^' => out.extend(['\\', c]),
            '#' => out.extend(['\\', c, NOTHING]),
            '@' => out.extend([c, NOTHING]),
            ':' if rest.starts_with("://") => out.extend([c, NOTHING]),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => out.extend([NOTHING, c]),
            // At the beginning of a line these would open a list, a quotation or a heading.
            '-' | '+' | '=' if at == 0 => out.extend(['\\', c]),
            '.' | ')'
                if at > 0
                    && text[..at].bytes().all(|b| b.is_ascii_digit())
                    && !rest[1..].starts_with(|c: char| c != ' ') =>
            {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, HOSTILE};

    fn markdown(report: &Report<'_>) -> String {
        String::from_utf8(render(report).unwrap_or_default()).unwrap_or_default()
    }

    #[test]
    fn the_summary_reads_well() {
        insta::assert_snapshot!(markdown(&sample::report()));
    }

    #[test]
    fn hostile_names_are_inert() {
        assert_eq!(inert(HOSTILE[0]), "&lt;script&gt;alert(1)&lt;/script&gt;");
        assert_eq!(inert(HOSTILE[1]), "\\=cmd('calc')\\|x");
        assert_eq!(inert(HOSTILE[2]), "evil\\\\u{202e}gnp.exe");
        let code = inert(HOSTILE[3]);
        assert!(
            code.starts_with("\\`@\u{200b}everyone\\`") && !code.contains("://") && code.contains("\\!\\["),
            "{code}"
        );
        assert!(!inert(HOSTILE[4]).contains('\n'));
        assert_eq!(inert("1. first"), "1\\. first");
        assert_eq!(inert("- item"), "\\- item");
        assert_eq!(inert("WWW.evil.example"), "WWW\u{200b}.evil.example");
    }

    #[test]
    fn the_same_report_gives_the_same_bytes_and_every_row_the_same_cells() {
        let text = markdown(&sample::report());
        assert_eq!(text, markdown(&sample::report()));
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with('|'))) {
            assert_eq!(cells(pair[0]), cells(pair[1]), "{pair:?}");
        }
    }
}
