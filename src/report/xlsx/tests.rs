#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::dataset::schema::columns;
use crate::engine::results::{Cell, ResultTable, TableSpec};
use crate::report::sample::{self, HOSTILE};

const SPEC: TableSpec = TableSpec {
    name: "waits",
    about: "One row per state.",
    columns: columns![
        "segment" Text true "Value of the dimension.",
        "n" Int true "Loops.",
        "share" Float true "Share of all time.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "p90_days" Float true "Days after which nine in ten are over.",
        "q_value" Float true "Of its test.",
        "spread" Float true "In score points.",
        "is_open" Flag true "Whether it is open.",
        "since" Instant true "Since when.",
    ],
};

/// 2026-09-30 18:00:00 UTC; day 46295 of Excel's calendar.
const AT: Instant = Instant(1_790_791_200 * SECOND);

fn row(segment: &str) -> Vec<Cell> {
    vec![
        Cell::Text(segment.to_owned()),
        Cell::Int(1_204),
        Cell::Float(0.41),
        Cell::Float(0.38),
        Cell::Float(5.25),
        Cell::Float(0.0121),
        Cell::Float(-0.004),
        Cell::Flag(true),
        Cell::Instant(AT),
    ]
}

fn tables() -> Vec<ResultTable> {
    let mut rows = vec![row("Sales"), vec![Cell::Null; 9]];
    rows.extend(HOSTILE.iter().map(|name| row(name)));
    vec![ResultTable { spec: &SPEC, rows }]
}

fn book(tables: &[ResultTable], most_rows: usize) -> Vec<u8> {
    let mut report = sample::report();
    report.tables = tables;
    workbook(&report, most_rows).unwrap()
}

fn open(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<Data>> {
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

fn texts(rows: &[Vec<Data>]) -> Vec<String> {
    rows.iter().flatten().filter(|cell| **cell != Data::Empty).map(ToString::to_string).collect()
}

/// The files inside of a workbook, by name.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let number = |at: usize, size: usize| {
        bytes[at..at + size].iter().rev().fold(0_usize, |all, byte| (all << 8) | usize::from(*byte))
    };
    // The directory at the end says where each part begins, and how long it is.
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let (mut at, mut out) = (number(end + 16, 4), Vec::new());
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let [name, extra, remark] = [28, 30, 32].map(|place| number(at + place, 2));
        let (packed, local) = (number(at + 20, 4), number(at + 42, 4));
        let begin = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(&bytes[begin..begin + packed]).read_to_string(&mut text).unwrap();
        out.push((String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap(), text));
        at += 46 + name + extra + remark;
    }
    assert!(out.len() > 5, "{} parts", out.len());
    out
}

fn part<'p>(parts: &'p [(String, String)], name: &str) -> &'p str {
    &parts.iter().find(|(other, _)| other == name).unwrap().1
}

#[test]
fn every_row_comes_back_with_its_type() {
    let mut book = open(&book(&tables(), MOST_ROWS));
    assert_eq!(book.sheet_names(), ["Report", "waits"]);
    let rows = rows(&mut book, "waits");
    assert_eq!(rows.len(), 1 + 2 + HOSTILE.len());
    assert_eq!(rows[0][0], Data::String("segment".into()));
    assert_eq!(rows[1][..3], [Data::String("Sales".into()), Data::Float(1_204.0), Data::Float(0.41)]);
    assert_eq!(rows[1][6..8], [Data::Float(-0.004), Data::Bool(true)]);
    let Data::DateTime(at) = &rows[1][8] else { panic!("{:?}", rows[1][8]) };
    assert!((at.as_f64() - 46_295.75).abs() < 1e-9, "{at}");
    assert!(rows[2].iter().all(|cell| *cell == Data::Empty), "what is missing is empty, never zero");
}

#[test]
fn hostile_text_stays_text_in_every_sheet() {
    let long = "x".repeat(50_000);
    let mut tables = tables();
    tables[0].rows.extend(
        ["+1", "-1", "@SUM(A1)", "\t=1+1", "_x0041_", "http://evil.example", "a\u{0}b\u{7}\u{1b}[2J", long.as_str()]
            .map(row),
    );
    let mut report = sample::report();
    report.tables = &tables;
    report.title = "=1+1".to_owned();
    report.summary = vec!["@summary".to_owned()];
    report.figures[0].label = "+figure".to_owned();
    report.findings[0].subject = HOSTILE[1].to_owned();
    report.findings[0].statement = HOSTILE[1].to_owned();
    report.account.remarks = vec![HOSTILE[1].to_owned()];
    report.provenance.push((HOSTILE[4].to_owned(), HOSTILE[1].to_owned()));
    let bytes = workbook(&report, MOST_ROWS).unwrap();
    let mut book = open(&bytes);
    for sheet in book.sheet_names() {
        let formulas = book.worksheet_formula(&sheet).unwrap();
        assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "{sheet}");
    }
    let cells = texts(&rows(&mut book, "waits"));
    for text in [HOSTILE[0], HOSTILE[1], "+1", "-1", "@SUM(A1)", "_x0041_", "http://evil.example"] {
        assert!(cells.iter().any(|cell| cell == text), "{text}");
    }
    let cover = texts(&rows(&mut book, "Report"));
    assert!(cover.iter().any(|cell| cell.starts_with("=1+1")) && cover.iter().any(|cell| cell == HOSTILE[1]));
    let cut = cells.iter().find(|cell| cell.starts_with("xxx")).unwrap();
    assert!(cut.ends_with('…') && cut.chars().count() <= 32_767);
    for (name, text) in parts(&bytes) {
        assert!(!text.contains("<f>") && !text.contains("<f "), "{name} has a formula");
        assert!(!text.contains("TargetMode=\"External\""), "{name} links outside");
        let hidden = |c: char| number::is_hidden(c) || c.is_control() && !"\n\r\t".contains(c);
        assert!(!text.contains(hidden), "{name} has hidden characters");
    }
    // Whoever edits such a cell and leaves it keeps a text.
    assert!(part(&parts(&bytes), "xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn the_header_is_frozen_and_explained_and_numbers_have_formats() {
    let bytes = book(&tables(), MOST_ROWS);
    let parts = parts(&bytes);
    let sheet = part(&parts, "xl/worksheets/sheet2.xml");
    for wanted in ["<pane ySplit=\"1\"", "state=\"frozen\"", "<autoFilter ref=\"A1:I8\"", "customWidth=\"1\""] {
        assert!(sheet.contains(wanted), "{wanted}");
    }
    let notes = part(&parts, "xl/comments1.xml");
    assert!(SPEC.columns.iter().all(|column| notes.contains(column.meaning)));
    let styles = part(&parts, "xl/styles.xml");
    for format in ["0.0%", "#,##0.0", "0.0000", "#,##0.00##", "yyyy-mm-dd hh:mm"] {
        assert!(styles.contains(&format!("formatCode=\"{format}\"")), "{format}");
    }
    let format = |name: &str| number_format(name);
    assert_eq!(format("share_low"), Some("0.0%"), "an end of an interval looks like what it is an end of");
    assert_eq!(format("n"), Some("#,##0"));
    assert_eq!(format("segment"), None);
}

fn number_format(name: &str) -> Option<&'static str> {
    sheet::number_format(&SPEC, name)
}

#[test]
fn the_cover_has_findings_figures_changes_and_the_sheets() {
    let tables = tables();
    let bytes = book(&tables, MOST_ROWS);
    let report = sample::report();
    let cells = texts(&rows(&mut open(&bytes), "Report"));
    let has = |text: &str| assert!(cells.iter().any(|cell| cell.contains(text)), "{text}");
    has(&report.period);
    has(&report.summary.join(" "));
    for figure in &report.figures {
        has(&figure.label);
        has(&figure.value);
    }
    for finding in &report.findings {
        has(&cell_text(&finding.statement));
        has(&cell_text(&finding.recommendation));
        has(&words::how_sure(finding));
    }
    has("Compared with 2025Q3");
    has("2.1 days slower than 2025Q3 (95 % interval 0.4 to 4.1)");
    has("Resolved (note)");
    has("One row per state.");
    has("18\u{202f}432 records read");
    has("generation 7");
    let first = cells.iter().position(|cell| *cell == report.findings[0].statement).unwrap();
    let second = cells.iter().position(|cell| *cell == report.findings[1].statement).unwrap();
    assert!(first < second, "most important first");
    let cover = part(&parts(&bytes), "xl/worksheets/sheet1.xml").to_owned();
    assert!(["location=\"waits!A1\"", "location=\"'waits'!A1\""].iter().any(|link| cover.contains(link)), "{cover}");
}

#[test]
fn rows_beyond_what_a_sheet_holds_are_counted() {
    let bytes = book(&tables(), 3);
    let mut book = open(&bytes);
    assert_eq!(rows(&mut book, "waits").len(), 4);
    let said = "3, all that a sheet holds; 4 rows are left out here, and in tables/waits.parquet";
    assert!(texts(&rows(&mut book, "Report")).iter().any(|cell| cell == said));
}

#[test]
fn sheets_have_names_that_excel_takes() {
    let mut taken = vec!["Report".to_owned()];
    let mut name = |name: &str| sheet_name(name, &mut taken);
    assert_eq!(name("waits"), "waits");
    assert_eq!(name("Waits"), "Waits 2");
    assert_eq!(name("report"), "report 2");
    assert_eq!(name("a[b]:c*d?e/f\\g'h\u{202e}"), "a_b__c_d_e_f_g_h_");
    assert_eq!(name(&"long".repeat(20)), "longlonglonglonglonglonglonglon");
    assert_eq!(name(&"long".repeat(20)).chars().count(), 31);
    assert_eq!(name("history"), "history 2");
    assert_eq!(name(""), "table");
}

#[test]
fn the_same_report_gives_the_same_bytes_dated_by_the_data() {
    let (first, second) = (book(&tables(), MOST_ROWS), book(&tables(), MOST_ROWS));
    assert!(first == second);
    let core = part(&parts(&first), "docProps/core.xml").to_owned();
    assert!(core.contains("2026-09-30T"), "{core}");
    let mut undated = sample::report();
    undated.as_of = None;
    let bytes = workbook(&undated, MOST_ROWS).unwrap();
    assert!(part(&parts(&bytes), "docProps/core.xml").contains("2000-01-01T"));
}

/// A time before Excel's first day is kept as text; a workbook without tables or findings is still one.
#[test]
fn odd_reports_are_still_workbooks() {
    let mut tables = tables();
    tables[0].rows =
        vec![vec![Cell::Null; 8].into_iter().chain([Cell::Instant(Instant(-90 * 365 * 86_400 * SECOND))]).collect()];
    let mut report = sample::report();
    report.tables = &tables;
    report.findings.clear();
    report.figures.clear();
    report.comparisons.clear();
    let mut book = open(&workbook(&report, MOST_ROWS).unwrap());
    assert_eq!(rows(&mut book, "waits")[1][8], Data::String("1880-01-23T00:00:00Z".into()));
    assert!(texts(&rows(&mut book, "Report")).iter().any(|cell| cell.starts_with("Nothing was found")));
}
