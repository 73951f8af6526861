//! Workbooks: written by a library, and by hand where it is about what no library would write.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

mod testing;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use super::{SOURCE, recognise};
use crate::config::Config;
use crate::error::Result;
use crate::source::record::testing::{Kept, folder, try_read_as};
use testing::{MAIN, encrypted, excel, zip};

/// A sheet of texts, row by row.
fn texts(name: &str, rows: &[&[&str]]) -> Worksheet {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if !text.is_empty() {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    }
    sheet
}

fn book(sheets: Vec<Worksheet>) -> Vec<u8> {
    let mut book = Workbook::new();
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    book.save_to_buffer().unwrap()
}

fn read(config: &str, files: &[(&str, &[u8])]) -> Kept {
    attempt(config, files).unwrap()
}

fn attempt(config: &str, files: &[(&str, &[u8])]) -> Result<Kept> {
    try_read_as(&SOURCE, &Config::parse(config, "looplens.toml").unwrap(), files)
}

fn assert_refused(result: Result<Kept>, fragments: &[&str]) {
    let text = result.unwrap_err().to_string();
    for fragment in fragments {
        assert!(text.contains(fragment), "no `{fragment}` in {text}");
    }
}

fn accounts(kept: &Kept) -> Vec<String> {
    kept.ledger.files.iter().map(|account| format!("{} {} {}", account.file, account.kind, account.read)).collect()
}

const SCORES: &[&[&str]] =
    &[&["application_id", "stage", "interviewer_id", "dimension", "score"], &["1", "Screen", "i", "craft", "3"]];

#[test]
fn each_sheet_is_a_table_with_an_account_of_its_own() {
    let bytes = book(vec![
        texts("Scorecards 2026", SCORES),
        texts("Notes", &[&["do not read"]]),
        texts("Applications", &[&["application_id", "applied_at"], &["1", "2026-07-01"], &["2", "soon"]]),
        texts("Sheet4", &[]),
    ]);
    let kept = read("", &[("book.xlsx", &bytes)]);
    // Applications come first whatever their place in the workbook.
    assert_eq!(
        accounts(&kept),
        [
            "book.xlsx#Applications applications 2",
            "book.xlsx#Scorecards 2026 scorecards 1",
            "book.xlsx#Notes not read 0",
            "book.xlsx#Sheet4 not read 0"
        ]
    );
    assert_eq!((kept.rejects(), kept.places()), (vec!["bad_time applied_at".to_owned()], vec!["row 3".to_owned()]));
    let hash = blake3::hash(&bytes).to_hex().to_string();
    assert!(kept.ledger.files.iter().all(|account| account.blake3 == hash));
    kept.assert_remarks(&["not a table of the import contract, so not read", "the sheet is empty"]);
    let (_folder, export) = folder(&[("book.xlsx", &bytes)]);
    let claim = recognise(&export).unwrap();
    assert_eq!((claim.signs, claim.because.as_str()), (6, "tables scorecards, applications"));
}

#[test]
fn a_workbook_with_one_filled_sheet_may_carry_the_name_of_its_table() {
    let bytes = book(vec![texts("Sheet1", SCORES), texts("Sheet2", &[])]);
    let kept = read("", &[("scorecards-2026.xlsx", &bytes)]);
    assert_eq!(kept.marks(), ["1 craft 3000"]);
    let two = book(vec![texts("Sheet1", SCORES), texts("Sheet2", SCORES)]);
    let kept = read("", &[("scorecards.xlsx", &two)]);
    assert_eq!(accounts(&kept), ["scorecards.xlsx#Sheet1 not read 0", "scorecards.xlsx#Sheet2 not read 0"]);
    // A name on the sheet says more than one on the file.
    let kept = read("", &[("applications.xlsm", &book(vec![texts("Scorecards", SCORES)]))]);
    assert_eq!(kept.marks(), ["1 craft 3000"]);
}

#[test]
fn several_workbooks_and_text_files_stand_side_by_side_compressed_or_not() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &book(vec![texts("Scorecards", SCORES)])).unwrap();
    let applications = book(vec![texts("Applications", &[&["application_id"], &["1"]]), texts("Scorecards", SCORES)]);
    let kept = read(
        "",
        &[
            ("a.xlsx", &applications),
            ("b.xlsx.gz", &packed.finish().unwrap()),
            ("applications.csv", b"application_id\n2\n"),
            ("~$a.xlsx", b"a lock"),
        ],
    );
    assert_eq!((kept.applications.len(), kept.scores.len()), (2, 2));
    assert_eq!(kept.ledger.files.len(), 4);
}

#[test]
fn cells_are_read_as_what_they_hold() {
    let mut sheet = texts("Outcomes", &[&["application_id", "outcome", "value", "at"]]);
    let (day, instant) =
        (Format::new().set_num_format("dd/mm/yyyy"), Format::new().set_num_format("d/m/yy h:mm:ss.000"));
    let at = |text: &str| ExcelDateTime::parse_from_str(text).unwrap();
    for (row, id) in (1..=7).zip([1042.0, 1042.0, 3.0, 4.0, 5.0, 6.0, 7.0]) {
        sheet.write_number(row, 0, id).unwrap();
        sheet.write_string(row, 1, "  rating ").unwrap();
    }
    sheet.write_string(2, 0, "1042").unwrap();
    sheet.write_number(1, 2, 3.5).unwrap();
    sheet.write_datetime_with_format(1, 3, at("2026-07-01"), &day).unwrap();
    sheet.write_number(2, 2, 4.0).unwrap();
    sheet.write_datetime_with_format(2, 3, at("2026-07-01T23:59:59.999"), &instant).unwrap();
    sheet.write_boolean(3, 2, true).unwrap();
    sheet.write_formula(4, 2, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write_formula(5, 2, Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_number(6, 2, 1.0).unwrap();
    sheet.write_number(6, 3, 1_782_900_000_000.0).unwrap();
    sheet.write_string(7, 2, "=cmd|' /C calc'!A0").unwrap();
    let kept = read("[tables]\ntime_zone = \"Europe/Berlin\"\n", &[("book.xlsx", &book(vec![sheet]))]);
    let rows: Vec<String> = kept
        .outcomes
        .iter()
        .map(|row| {
            let at = row.at.map(|at| at.to_rfc3339()).unwrap_or_default();
            format!("{} {} {} {at}", row.application_id, row.outcome, row.value.unwrap()).trim().to_owned()
        })
        .collect();
    assert_eq!(
        rows,
        [
            "1042 rating 3.5 2026-07-01T00:00:00Z",
            "1042 rating 4 2026-07-01T21:59:59.999Z",
            "3 rating 1",
            "4 rating 2",
            "6 rating 1 2026-07-01T10:00:00Z"
        ]
    );
    assert_eq!(kept.rejects(), ["missing_field value", "bad_number value"]);
    assert_eq!(kept.places(), ["row 6", "row 8"]);
    kept.assert_remarks(&["cells that a spreadsheet could not compute, taken as empty: 1"]);
}

#[test]
fn times_of_a_sheet_have_no_zone_until_one_is_declared_and_dates_need_none() {
    let mut sheet = texts("Applications", &[&["application_id", "applied_at"], &["1"], &["2"], &["3"], &["4"]]);
    let format = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let at = |text: &str| ExcelDateTime::parse_from_str(text).unwrap();
    sheet.write_datetime_with_format(1, 1, at("2026-07-01T10:30:00"), &format).unwrap();
    sheet.write_datetime_with_format(2, 1, at("2026-07-02"), &format).unwrap();
    // A date cell that is text, with the day first, and a time without a date.
    sheet.write_string(3, 1, "13/07/2026").unwrap();
    sheet.write_datetime_with_format(4, 1, at("10:30:00"), &format).unwrap();
    let bytes = book(vec![sheet]);
    let kept = read("", &[("book.xlsx", &bytes)]);
    assert_eq!(kept.applied(), ["2026-07-02T00:00:00Z day"]);
    assert_eq!(kept.rejects(), ["bad_time applied_at"; 3]);
    kept.assert_remarks(&["time_zone = \"Europe/Berlin\"", "time_patterns = [\"%d/%m/%Y\"]"]);
    let config = "[tables]\ntime_zone = \"UTC\"\ntime_patterns = [\"%d/%m/%Y\"]\n";
    let kept = read(config, &[("book.xlsx", &bytes)]);
    assert_eq!(
        kept.applied(),
        ["2026-07-01T10:30:00Z instant", "2026-07-02T00:00:00Z day", "2026-07-13T00:00:00Z day"]
    );
    assert_eq!(kept.places(), ["row 5"]);
}

#[test]
fn numbers_of_cells_are_read_whatever_the_decimal_mark_of_texts() {
    let mut sheet = texts("Scorecards", SCORES);
    sheet.write_number(1, 4, 2.5).unwrap();
    for (column, text) in (0..).zip(["2", "Screen", "i", "craft", "3,5"]) {
        sheet.write_string(2, column, text).unwrap();
    }
    let bytes = book(vec![sheet]);
    let kept = read("[tables]\ndecimal = \",\"\n", &[("book.xlsx", &bytes)]);
    assert_eq!(kept.marks(), ["1 craft 2500", "2 craft 3500"]);
    let kept = read("", &[("book.xlsx", &bytes)]);
    assert_eq!((kept.marks(), kept.rejects()), (vec!["1 craft 2500".to_owned()], vec!["bad_number score".to_owned()]));
}

#[test]
fn wide_sheets_titles_and_rows_around_the_table() {
    let rows: &[&[&str]] = &[
        &[],
        &["Scorecards, third quarter"],
        &["", "", "", "Scores"],
        &["Application ID", "Stage", "Interviewer ID", "Craft", "Drive"],
        &["1", "Screen", "i", "3", "4", "a remark beside the table"],
        &[],
        &["2", "Screen", "i", "", "2"],
        &["3", "", "i", "4"],
        &["", "", "", "", "", "another"],
    ];
    let bytes = book(vec![texts("Scorecards", rows)]);
    let config = "[tables.scorecards.dimensions]\nCraft = \"craft\"\nDrive = \"drive\"\n";
    assert_refused(
        attempt(config, &[("book.xlsx", &bytes)]),
        &[
            "not named in row 2, which fills 1 cell",
            "book.xlsx#Scorecards:row 2",
            "if row 4 names the columns",
            "[tables.scorecards] header_row = 4",
        ],
    );
    let config = format!("[tables.scorecards]\nheader_row = 4\n{config}");
    let kept = read(&config, &[("book.xlsx", &bytes)]);
    assert_eq!(kept.marks(), ["1 craft 3000", "1 drive 4000", "2 drive 2000"]);
    assert_eq!((kept.rejects(), kept.places()), (vec!["missing_field stage".to_owned()], vec!["row 8".to_owned()]));
    assert_eq!(kept.account("book.xlsx#Scorecards").read, 3);
    kept.assert_remarks(&["cells to the right of the last named column, not read: 2", "`Stage` as stage"]);
    let kept = read("[tables.scorecards]\nheader_row = 99\n", &[("book.xlsx", &bytes)]);
    kept.assert_remarks(&["the sheet holds no rows where its table should begin"]);
}

#[test]
fn a_stray_cell_in_the_last_corner_costs_nothing() {
    let mut sheet = texts("Applications", &[&["application_id"], &["1"]]);
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let kept = read("", &[("book.xlsx", &book(vec![sheet]))]);
    assert_eq!(kept.applications.len(), 1);
    kept.assert_remarks(&["not read: 1"]);
}

#[test]
fn what_is_no_workbook_is_damaged_or_has_a_password_is_told() {
    let refused = |name: &str, bytes: &[u8], fragments: &[&str]| {
        assert_refused(attempt("", &[(name, bytes)]), fragments);
        // So that the message is given where the source is found by what the export holds.
        let (_folder, export) = folder(&[(name, bytes)]);
        assert_eq!(recognise(&export).unwrap().signs, 1);
    };
    let text = b"application_id\n1\n";
    refused("book.xlsx", text, &["no workbook, although it is called one", "book.xlsx", "call it .csv"]);
    refused("book.xls", b"", &["no workbook"]);
    refused("book.xlsx", &encrypted(), &["protected by a password", "take the password away"]);
    refused("book.xls", &encrypted(), &["protected by a password"]);
    let whole = book(vec![texts("Applications", &[&["application_id"], &["1"]])]);
    for share in [10, 50, 90, 99] {
        refused(
            "book.xlsx",
            &whole[..whole.len() * share / 100],
            &["the workbook is damaged", "book.xlsx", "save it again"],
        );
    }
    for share in [10, 30, 60] {
        refused("book.xls", &OLD[..OLD.len() * share / 100], &["the workbook is damaged", "book.xls"]);
    }
    // A stray one beside an export of another kind does not claim it.
    let (_folder, export) = folder(&[("book.xlsx", text), ("users.json", b"[]")]);
    assert_eq!(recognise(&export), None);
}

/// Made with xlwt 1.3: sheets Applications (a number as id, a date, a date with time) and Outcomes.
const OLD: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/sheets/book.xls"));

#[test]
fn workbooks_of_the_older_format_are_read_whatever_their_extension() {
    for name in ["book.xls", "book.xlsx"] {
        let kept = read("[tables]\ntime_zone = \"UTC\"\n", &[(name, OLD)]);
        assert_eq!(kept.applied(), ["2026-07-01T00:00:00Z day"]);
        let row = &kept.applications[0];
        assert_eq!((row.application_id.as_str(), row.level.as_deref()), ("1042", Some("L3")));
        assert_eq!(row.closed_at.unwrap().to_rfc3339(), "2026-07-09T14:30:00Z");
        assert_eq!(kept.outcomes[0].value, Some(3.5));
    }
}

#[test]
fn the_date_system_of_1904_is_known() {
    let sheet = |rows: &str| format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
    let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>application_id</t></is></c>
        <c r="B1" t="inlineStr"><is><t>applied_at</t></is></c></row>
        <row r="2"><c r="A2"><v>1042</v></c><c r="B2" s="1"><v>44742</v></c></row>"#;
    let kept = read("", &[("book.xlsx", &excel(&sheet(rows), "<workbookPr date1904=\"1\"/>"))]);
    assert_eq!(kept.applied(), ["2026-07-01T00:00:00Z day"]);
    let kept = read("", &[("book.xlsx", &excel(&sheet(&rows.replace("44742", "46204")), ""))]);
    assert_eq!(kept.applied(), ["2026-07-01T00:00:00Z day"]);
}

#[test]
fn open_document_sheets_are_read() {
    let text = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let cell = |kind: &str, value: &str| format!(r#"<table:table-cell office:value-type="{kind}" {value}/>"#);
    let rows = [
        [text("application_id"), text("applied_at"), text("closed_at")].concat(),
        [
            cell("float", "office:value=\"1042\""),
            cell("date", "office:date-value=\"2026-07-01\""),
            cell("date", "office:date-value=\"2026-07-09T14:30:00\""),
        ]
        .concat(),
    ];
    let rows: String = rows.iter().map(|cells| format!("<table:table-row>{cells}</table:table-row>")).collect();
    let content = format!(
        r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>
        <table:table table:name="Applications">{rows}
        <table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row></table:table>
        </office:spreadsheet></office:body></office:document-content>"#
    );
    let bytes = zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", &content),
    ]);
    let kept = read("[tables]\ntime_zone = \"UTC\"\n", &[("book.ods", &bytes)]);
    assert_eq!(kept.applied(), ["2026-07-01T00:00:00Z day"]);
    assert_eq!(kept.applications[0].application_id, "1042");
    assert_eq!(kept.applications[0].closed_at.unwrap().to_rfc3339(), "2026-07-09T14:30:00Z");
    assert_eq!(accounts(&kept), ["book.ods#Applications applications 1"]);
}

#[test]
fn sheets_are_read_as_an_extract_with_lookups_titles_and_wide_scorecards() {
    let bytes = book(vec![
        texts("Staff", &[&["id", "mail"], &["1042", "kim"]]),
        texts("Loops", &[&["id"], &["7"]]),
        texts(
            "Feedback 2026",
            &[
                &["Our feedback"],
                &["Loop", "Round", "Who", "Craft", "Drive", "Verdict"],
                &["7.0", "Screen", "1042", "Strong yes", "2", "3"],
                &["8", "Screen", "1042", "Maybe", "", ""],
            ],
        ),
        texts("Notes", &[&["do not read"]]),
    ]);
    let config = "\
        [tables.applications]\nfrom = 'loops'\ncolumns.application_id = 'id'\n\
        [tables.scorecards]\nfrom = 'feedback'\nheader_row = 2\n\
        columns.application_id = 'Loop'\ncolumns.stage = 'Round'\ncolumns.interviewer_id = 'Who -> staff.mail'\n\
        columns.recommendation = 'Verdict'\n\
        dimensions.Craft = 'craft'\ndimensions.Drive = 'drive'\n\
        values.'Strong yes' = '4'\nvalues.'Never' = 'no_decision'\n";
    let kept = read(config, &[("book.xlsx", &bytes)]);
    assert_eq!(kept.marks(), ["7 craft 4000", "7 drive 2000", "8 craft unknown_label"]);
    assert_eq!(kept.scores[0].interviewer_id.as_deref(), Some("kim"));
    assert_eq!(kept.cards.iter().map(|card| card.recommendation).collect::<Vec<_>>(), [Some(3), None]);
    assert_eq!(
        accounts(&kept),
        [
            "book.xlsx#Loops applications 1",
            "book.xlsx#Feedback 2026 scorecards 2",
            "book.xlsx#Staff staff 1",
            "book.xlsx#Notes not read 0"
        ]
    );
    kept.assert_remarks(&["labels of score without a meaning", "not a table that the configuration reads"]);
}

#[test]
fn a_wide_row_beside_a_table_of_cards_gives_no_card_and_keeps_its_note() {
    let cards: &[&[&str]] = &[
        &["application_id", "scorecard_id", "interviewer_id", "submitted_at"],
        &["1", "c", "i", "2026-07-01T10:00:00Z"],
    ];
    let wide: &[&[&str]] = &[
        &["application_id", "stage", "interviewer_id", "scorecard_id", "Craft", "Drive", "note"],
        &["1", "Screen", "i", "c", "3", "4", "fine"],
    ];
    let bytes = book(vec![texts("Cards", cards), texts("Scorecards", wide)]);
    let config = "[tables.scorecards.dimensions]\nCraft = 'craft'\nDrive = 'drive'\n";
    let kept = read(config, &[("book.xlsx", &bytes)]);
    assert_eq!((kept.marks(), kept.cards.len()), (vec!["1 craft 3000".to_owned(), "1 drive 4000".to_owned()], 1));
    assert_eq!(kept.scores.iter().map(|score| score.note_length).collect::<Vec<_>>(), [Some(4), None]);
    assert_eq!(accounts(&kept), ["book.xlsx#Cards cards 1", "book.xlsx#Scorecards scorecards 1"]);
}
