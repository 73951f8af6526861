//! Folders whose layout nobody declared, and what is proposed for them.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use std::fs;
use std::path::Path;

use super::propose;
use crate::config::Config;
use crate::source::files::Export;

fn proposal(files: &[(&str, String)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let text = propose(&Export::open(folder.path()).unwrap()).unwrap();
    let loads = Config::parse(&text, "proposal");
    assert!(loads.is_ok(), "{loads:?}\n{text}");
    text
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|one| one.starts_with(line)), "{line} is missing in\n{text}");
    }
}

fn rows(header: &str, n: usize, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (1..=n).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

const ROUNDS: [&str; 4] =
    ["Onsite - System Design", "System Design (Onsite)", "Phone screen", "System Design (Onsite)"];

fn by_hand() -> Vec<(&'static str, String)> {
    vec![
        (
            "candidates.csv",
            rows("App ID,Applicant,Job,Team,Applied on,Favourite colour", 40, |n| {
                format!("A-{n:04},kate{n}@example.com,Engineer,Platform,{:02}/03/2026,green", n % 28 + 1)
            }),
        ),
        (
            "feedback.csv",
            rows("applicationId,Round,Interviewer Email,Competency,Rating,Submitted", 80, |n| {
                let round = ROUNDS[n % 4];
                let dimension = ["Code Quality", "code-quality", "Ownership"][n % 3];
                format!(
                    "A-{:04},{round},max@example.com,{dimension},{},2026-03-{:02} 10:00:00",
                    n / 2 + 1,
                    n % 4 + 1,
                    n % 28 + 1
                )
            }),
        ),
        (
            "verdicts.csv",
            rows("Application,Verdict,Decision date", 30, |n| {
                format!("A-{n:04},{},0{}/0{}/2026", ["Hired", "No go", "Dropped out"][n % 3], n % 9 + 1, n % 4 + 1)
            }),
        ),
        ("lunch.csv", "dish,price\nSoup,4\nSoup,5\n".to_owned()),
    ]
}

#[test]
fn tables_and_columns_are_proposed_by_name_and_content() {
    let text = proposal(&by_hand());
    has(
        &text,
        &[
            "[tables.applications]",
            "from = [\"candidates\"]",
            "application_id = \"App ID\"  # 40 of 40 filled, 40 different",
            "department = \"Team\"",
            "applied_at = \"Applied on\"",
            "from = [\"feedback\"]",
            "stage = \"Round\"",
            "interviewer_id = \"Interviewer Email\"",
            "dimension = \"Competency\"",
            "score = \"Rating\"",
            "from = [\"verdicts\"]",
            "decision = \"Verdict\"",
            "decided_at = \"Decision date\"",
            "# not read: Favourite colour",
            "# lunch.csv: like no table of the contract",
        ],
    );
}

#[test]
fn dates_that_can_be_read_in_two_ways_are_not_decided() {
    let text = proposal(&by_hand());
    has(&text, &["time_patterns = [\"%d/%m/%Y\"]", "# candidates.Applied on", "# time_zone = \"UTC\""]);
    let ambiguous = proposal(&by_hand().split_off(2));
    has(
        &ambiguous,
        &[
            "# verdicts.Decision date: 30 dates that can be read with the day or the month first; one of",
            "# time_patterns = [\"%d/%m/%Y\"]",
            "# time_patterns = [\"%m/%d/%Y\"]",
        ],
    );
}

#[test]
fn scales_words_and_names_that_are_alike_are_told_and_not_applied() {
    let text = proposal(&by_hand());
    has(
        &text,
        &[
            "# min = 1",
            "# max = 4",
            "# step = 1",
            "# \"Dropped out\" = \"\"  # 10 times",
            "# \"Onsite - System Design\" = \"System Design (Onsite)\"  # 20 rows",
            "# \"Code Quality\" = \"code-quality\"  # 26 rows",
        ],
    );
    let config = Config::parse(&text, "proposal").unwrap();
    assert_eq!(config.stages.name("Onsite - System Design"), "Onsite - System Design");
    assert!(config.tables.scale.is_none());
}

#[test]
fn nothing_about_a_person_is_shown() {
    let text = proposal(&by_hand());
    assert!(!text.contains('@') && !text.contains("kate"), "{text}");
    assert!(text.contains("(text of"), "{text}");
}

#[test]
fn a_column_whose_cells_speak_against_its_name_is_commented_out_with_the_reason() {
    let files =
        [("applications.csv", "application_id,applied_at,Team\n1,soon,a\n2,later,b\n3,2026-01-01,c\n".to_owned())];
    let text = proposal(&files);
    has(&text, &["# application_id: under its own name", "department = \"Team\""]);
    let files = [("applications.csv", "application_id,Applied on\n1,soon\n2,later\n3,2026-01-01\n".to_owned())];
    has(
        &proposal(&files),
        &["# applied_at = \"Applied on\"  # uncertain: only 33 % of its cells are times; 3 of 3 filled"],
    );
}

#[test]
fn a_file_whose_name_is_a_page_number_is_told_to_be_renamed() {
    let text = proposal(&[("results.csv", "application_id,decision\n1,offer\n".to_owned())]);
    has(&text, &["# results.csv: its name says nothing of what it holds, so rename it"]);
}

#[test]
fn names_that_look_like_the_notation_still_load_and_mean_the_column() {
    let text = proposal(&[(
        "scorecards.csv",
        "application_id,stage,interviewer_id,dimension,\"Rating | final\",O'Brien's notes\n1,Onsite,i1,Craft,3,x\n2,Onsite,i1,Craft,4,y\n".to_owned(),
    )]);
    let config = Config::parse(&text, "proposal").unwrap();
    if let Some(feed) = config.tables.feeds.iter().find(|feed| feed.key == "tables.scorecards") {
        let meant = crate::config::feeds::Origin::Column("Rating | final".to_owned());
        assert!(feed.columns.get("score").is_none_or(|path| path.len() == 1 && path[0].origin == meant));
    }
    assert!(text.contains("Rating | final"), "{text}");
}

#[test]
fn a_known_extract_is_told_by_its_preset_and_every_sample_gives_a_proposal_that_loads() {
    let text = proposal(&[
        ("application.csv", "id,candidate_id,status\n1,2,active\n".to_owned()),
        ("scorecard.csv", "id,application_id,interview\n1,1,Onsite\n".to_owned()),
    ]);
    has(&text, &["# preset = \"greenhouse-warehouse\""]);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
    for sample in
        fs::read_dir(samples).unwrap().filter_map(|entry| Some(entry.unwrap().path()).filter(|path| path.is_dir()))
    {
        let text = propose(&Export::open(&sample).unwrap()).unwrap();
        let loads = Config::parse(&text, "proposal");
        assert!(loads.is_ok(), "{}: {loads:?}\n{text}", sample.display());
    }
}

#[test]
fn each_sheet_of_a_workbook_is_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, text) in by_hand() {
        let sheet = book.add_worksheet();
        sheet.set_name(name.trim_end_matches(".csv")).unwrap();
        for (row, line) in (0..).zip(text.lines()) {
            for (column, cell) in (0..).zip(line.split(',')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    book.save(folder.path().join("hiring.xlsx")).unwrap();
    let of_sheets = propose(&Export::open(folder.path()).unwrap()).unwrap();
    assert!(of_sheets.contains("hiring.xlsx#feedback"), "{of_sheets}");
    let bare = |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(bare(&of_sheets), bare(&proposal(&by_hand())));
    assert!(Config::parse(&of_sheets, "proposal").is_ok());
    std::fs::write(folder.path().join("broken.xlsx"), "no workbook").unwrap();
    let with_broken = propose(&Export::open(folder.path()).unwrap()).unwrap();
    assert!(with_broken.contains("# broken.xlsx: no rows of a table"), "{with_broken}");
}

#[test]
fn a_column_per_dimension_and_decimal_commas_are_proposed() {
    let header = "Application ID;Round;Interviewer;Craft;Drive;Sent";
    let text = proposal(&[(
        "scorecards.csv",
        rows(header, 40, |n| format!("{n};Onsite;int-{};{},5;{};{:02}/12/2025", n % 7, n % 4, 1 + n % 4, n % 28 + 1)),
    )]);
    has(
        &text,
        &[
            "decimal = \",\"",
            "time_patterns = [\"%d/%m/%Y\"]",
            "[tables.scorecards.dimensions]",
            "# \"Craft\" = \"Craft\"",
            "# \"Drive\" = \"Drive\"",
        ],
    );
    assert_eq!(text.matches("[tables]").count(), 1, "{text}");
}
