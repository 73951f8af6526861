use super::*;
use crate::report::model::{Chart, Table, TableCell};
use crate::report::sample::{self, HOSTILE};

fn html(report: &Report<'_>) -> String {
    String::from_utf8(render(report).unwrap_or_default()).unwrap_or_default()
}

#[test]
fn the_page_asks_nothing_of_a_network() {
    let page = html(&sample::report());
    // Between tags stands text, which asks for nothing; a name from the data may well be an address there.
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        for bad in ["http:", "https:", "src=", "url(http", "<link", "<iframe"] {
            assert!(!tag.contains(bad), "{tag}");
        }
        assert!(!tag.contains("href=") || tag.contains("href=\"#"), "{tag}");
    }
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let inner = page.split(open).nth(1).and_then(|rest| rest.split(close).next()).unwrap_or_default();
        assert!(!inner.is_empty());
        for bad in ["//w", "http", "url(", "@import", "fetch(", "XMLHttpRequest", "import("] {
            assert!(!inner.contains(bad), "{bad}");
        }
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn hostile_names_are_text() {
    let page = html(&sample::report());
    assert_eq!(page.matches("<script").count(), 1, "only our own");
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    assert!(page.contains("\\u{202e}"));
    let hostile = HOSTILE[4].to_owned();
    let mut report = sample::report();
    report.title = hostile.clone();
    report.period = hostile.clone();
    report.summary = vec![hostile.clone()];
    report.provenance = vec![(hostile.clone(), hostile.clone())];
    for section in &mut report.sections {
        section.id = hostile.clone();
        section.question = hostile.clone();
        section.method = hostile.clone();
        section.limits = vec![hostile.clone()];
    }
    let page = html(&report);
    assert!(!page.contains("<img") && !page.contains("\"><i"));
}

#[test]
fn the_page_is_well_structured() {
    let page = html(&sample::report());
    assert_eq!(page.matches("<h1").count(), 1);
    assert_eq!(page.matches("<h2").count(), 7 + sample::report().sections.len());
    assert_eq!(page.matches("<caption>").count(), page.matches("<table").count());
    assert!(page.contains("<th scope=\"col\""));
    assert!(
        page.find("What to do first").is_some_and(|first| page.find("The questions").is_some_and(|then| first < then))
    );
    assert!(page.contains("There is nothing to draw"), "an empty chart says so");
    assert!(page.contains("2 more findings"));
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "ids are unique");
    let void = ["meta", "!doctype html", "!doctype"];
    crate::report::chart::check_nesting(&page, &void);
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(render(&sample::report()).ok(), render(&sample::report()).ok());
}

#[test]
fn an_empty_report_is_still_a_page() {
    let report = Report {
        title: "Hiring loops".into(),
        period: "2026Q3".into(),
        as_of: Some(crate::time::Instant(0)),
        summary: vec![],
        figures: vec![],
        measures: vec![],
        trend: None,
        comparisons: vec![],
        findings: vec![],
        sections: vec![],
        account: Default::default(),
        provenance: vec![],
        tables: &[],
    };
    let page = html(&report);
    assert!(page.contains("Nothing was found that asks for a change."));
    assert!(page.contains("0 records read: 0 kept"));
}

#[test]
fn a_huge_report_stays_below_two_megabytes() {
    let mut report = sample::report();
    let row: Vec<TableCell> = (0..8).map(|at| TableCell { text: "x".repeat(60), sort: Some(f64::from(at)) }).collect();
    for section in &mut report.sections {
        let mut big: Vec<Table> = sample::report().sections[0].tables.clone();
        for table in &mut big {
            table.rows = vec![row.clone(); 5_000];
        }
        section.tables = big;
        section.charts = vec![Chart::Curves(sample::long_curves(100_000))];
    }
    let finding = report.findings[0].clone();
    report.findings.extend(vec![finding; 3_000]);
    let bytes = render(&report).unwrap_or_default().len();
    assert!((100_000..2_000_000).contains(&bytes), "{bytes}");
}

/// Writes the sample where `LOOPLENS_SAMPLE` says, to look at it in a browser.
#[test]
fn writes_the_sample_when_asked() {
    if let Ok(path) = std::env::var("LOOPLENS_SAMPLE") {
        let mut report = sample::report();
        report.sections[3].charts = sample::odd_charts();
        let written = std::fs::write(&path, html(&report));
        assert!(written.is_ok(), "{path}");
    }
}
