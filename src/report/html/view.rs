//! The model as the template shows it: layout decisions that are easier to read in Rust than in a template.

use minijinja::context;
use minijinja::value::Value;

use super::prose;
use crate::findings::Finding;
use crate::report::chart::{self, Width, palette};
use crate::report::model::{Chart, Comparison, Figure, Known, Report, Section, Table, Trend, TrendLine};
use crate::report::{number, words};

/// Tables with more rows than this get a window that scrolls on a screen.
const LONG: usize = 15;

/// A page of tables beyond this many cells would no longer open at once in a mail client; the result tables
/// hold all rows.
const MOST_CELLS: usize = 10_000;

/// Findings beyond this many are left to the other files.
const MOST_FINDINGS: usize = 200;

/// Markup that is not escaped again.
fn markup(text: impl Into<String>) -> Value {
    Value::from_safe_string(text.into())
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    items.into_iter().collect()
}

/// What the template sees.
pub(super) fn page(report: &Report<'_>) -> Value {
    let top = words::top(&report.findings);
    let (first, rest) = report.findings.split_at(top);
    let unlisted = rest.len().saturating_sub(MOST_FINDINGS);
    let columns: usize = report.sections.iter().flat_map(|s| &s.tables).map(|table| table.columns.len()).sum();
    let most_rows = (MOST_CELLS / columns.max(1)).clamp(10, 200);
    let finding = |(at, finding)| finding_view(at, finding);
    context! {
        heading => words::heading(report),
        title => &report.title,
        period => &report.period,
        show_period => !report.title.contains(&report.period),
        as_of => report.as_of.map(words::instant),
        as_of_iso => report.as_of.map(crate::time::Instant::to_rfc3339),
        summary => report.summary.join(" "),
        figures => list(report.figures.iter().map(figure)),
        top => list(first.iter().enumerate().map(finding)),
        rest => list(rest.iter().enumerate().map(|(at, f)| (at + top, f)).take(MOST_FINDINGS).map(finding)),
        rest_words => number::plural(rest.len() as i64, "more finding", "more findings"),
        trend => report.trend.as_ref().map(trend),
        comparisons => list(report.comparisons.iter().enumerate().map(|(at, one)| comparison(at, one))),
        unlisted => (unlisted > 0).then(|| format!("{} are in the other files.", number::plural(unlisted as i64, "further finding", "further findings"))),
        sections => list(report.sections.iter().map(|one| section(one, most_rows))),
        account => words::account(&report.account),
        remarks => list(report.account.remarks.iter().map(Value::from)),
        reasons => reasons(report),
        provenance => list(report.provenance.iter().map(|(name, value)| pair(name, value))),
        style => markup(style()),
        script => markup(include_str!("page.js")),
    }
}

/// The style sheet with the palette's custom properties.
fn style() -> String {
    let [light, dark] = palette::css();
    format!(
        "{}:root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{}\n",
        include_str!("style.css"),
        palette::classes()
    )
}

fn pair(name: &str, value: &str) -> Value {
    context! { name, value }
}

fn figure(figure: &Figure) -> Value {
    // A reason instead of a number is not set as large as a number.
    let class = if figure.value.chars().any(|c| c.is_ascii_digit()) { "big" } else { "none" };
    let under =
        [&figure.interval, &figure.note].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ");
    context! { label => &figure.label, value => &figure.value, class, under }
}

fn trend(trend: &Trend) -> Value {
    let line = |(at, line): (usize, &TrendLine)| {
        let quarters = line.quarters.iter();
        let says: Vec<String> =
            quarters.clone().map(|(name, reading)| format!("{name} {}", words::reading(reading, line.unit))).collect();
        let values: Vec<Option<f64>> = quarters.map(|(_, reading)| reading.value).collect();
        let title = format!("{} by quarter", line.label);
        let changes = line.changes.iter().zip(&trend.against);
        context! {
            label => &line.label,
            now => line.now.value.map_or_else(|| "cannot tell".to_owned(), |value| words::with_unit(value, line.unit)),
            spark => chart::spark(&format!("trend-{}", at + 1), &title, &says.join("; "), &values).map(markup),
            changes => list(changes.map(|(change, against)| {
                let (size, stance) = words::change(change);
                context! { class => change.verdict.word(), against, size, stance }
            })),
        }
    };
    context! {
        quarter => &trend.quarter,
        summary => list(trend.summary.iter().map(Value::from)),
        lines => list(trend.lines.iter().enumerate().map(line)),
        remarks => list(trend.remarks.iter().map(Value::from)),
    }
}

fn finding_view(at: usize, finding: &Finding) -> Value {
    let evidence = finding.evidence.iter();
    context! {
        anchor => format!("finding-{}", at + 1),
        level => finding.level.word(),
        level_words => words::level(finding.level),
        subject => &finding.subject,
        statement => &finding.statement,
        recommendation => &finding.recommendation,
        how_sure => words::how_sure(finding),
        saves => words::savings(finding).is_some(),
        saved => words::saved(finding),
        evidence => list(evidence.map(|(name, cell)| pair(&name.replace('_', " "), &words::cell(cell)))),
        table => finding.table,
    }
}

fn comparison(at: usize, comparison: &Comparison) -> Value {
    let groups = words::findings_of(comparison).into_iter();
    let known = |known: &Known| context! { words => words::level(known.level), statement => &known.statement };
    let group = |(kind, all): (&'static str, &[Known])| {
        context! {
            words => format!("{kind}: {}", number::plural(all.len() as i64, "finding", "findings")),
            findings => list(all.iter().take(MOST_FINDINGS).map(known)),
        }
    };
    context! {
        anchor => format!("compared-{}", at + 1),
        against => &comparison.against,
        lead => comparison.summary.join(" "),
        table => table(&words::changes(comparison), usize::MAX),
        groups => list(groups.map(group)),
        remarks => list(comparison.remarks.iter().map(Value::from)),
    }
}

fn section(section: &Section, most_rows: usize) -> Value {
    let charts = section.charts.iter().enumerate();
    context! {
        id => &section.id,
        question => &section.question,
        answer => section.answer.join(" "),
        charts => list(charts.map(|(at, one)| chart_view(one, &format!("{}-{}", section.id, at + 1)))),
        tables => list(section.tables.iter().map(|one| table(one, most_rows))),
        limits => list(section.limits.iter().map(|limit| markup(prose::inline(limit)))),
        method => markup(prose::html(&section.method, 3)),
    }
}

fn chart_view(one: &Chart, id: &str) -> Value {
    let caption = chart::caption(one);
    let svg = |width| chart::svg(one, id, width).map(markup);
    let legend = chart::legend(one).into_iter();
    let numbers = chart::numbers(one);
    let columns = numbers.columns.iter().enumerate();
    let row = |row: &Vec<String>| {
        list(row.iter().enumerate().map(|(at, text)| context! { text, numeric => at > 0, sort => () }))
    };
    context! {
        title => &caption.title,
        says => &caption.says,
        wide => svg(Width::Wide),
        narrow => svg(Width::Narrow),
        legend => list(legend.map(|key| context! { name => key.name, swatch => markup(key.swatch) })),
        left_out => chart::left_out(one),
        numbers => context! {
            caption => &caption.title,
            sortable => false,
            long => false,
            columns => list(columns.map(|(at, text)| context! { text, numeric => at > 0 })),
            rows => list(numbers.rows.iter().map(row)),
        },
    }
}

fn table(table: &Table, most_rows: usize) -> Value {
    let shown = table.rows.len().min(most_rows);
    let left_out = table.left_out + table.rows.len() - shown;
    let numeric = |at: usize| table.columns.get(at).is_some_and(|column| column.numeric);
    let rows = table.rows.iter().take(shown).map(|row| {
        list(row.iter().enumerate().map(|(at, cell)| {
            context! { text => &cell.text, numeric => numeric(at), sort => cell.sort.filter(|v| v.is_finite()) }
        }))
    });
    let columns = table.columns.iter().map(|column| context! { text => &column.text, numeric => column.numeric });
    let meanings = table.columns.iter().filter(|column| !column.meaning.is_empty());
    let source = match left_out {
        0 => "These rows are also in".to_owned(),
        more => format!("{} and all columns are in", number::plural(more as i64, "more row", "more rows")),
    };
    context! {
        caption => &table.caption,
        sortable => true,
        columns => list(columns),
        rows => list(rows),
        long => shown > LONG,
        meanings => list(meanings.map(|column| pair(&column.text, &column.meaning))),
        source,
        full => &table.full,
    }
}

fn reasons(report: &Report<'_>) -> Value {
    let row = |(reason, count): &(String, i64)| {
        list([
            context! { text => reason, numeric => false, sort => () },
            context! { text => number::count(*count), numeric => true, sort => *count as f64 },
        ])
    };
    context! {
        caption => "Why records were rejected",
        sortable => true,
        long => report.account.reasons.len() > LONG,
        columns => list([context! { text => "Reason", numeric => false }, context! { text => "Records", numeric => true }]),
        rows => list(report.account.reasons.iter().map(row)),
    }
}
