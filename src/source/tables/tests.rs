//! Tables that people keep by hand, as text.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::source::record::testing::{Kept, try_read_as};

fn attempt(config: &str, files: &[(&str, &str)]) -> Result<Kept> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    try_read_as(&SOURCE, &Config::parse(config, "looplens.toml").unwrap(), &files)
}

fn read(config: &str, files: &[(&str, &str)]) -> Kept {
    attempt(config, files).unwrap()
}

fn assert_refused(config: &str, files: &[(&str, &str)], fragments: &[&str]) -> Error {
    let error = attempt(config, files).unwrap_err();
    let text = error.to_string();
    for fragment in fragments {
        assert!(text.contains(fragment), "no `{fragment}` in {text}");
    }
    error
}

const WIDE: &str = "[tables.scorecards.dimensions]\n\"Craft (1-4)\" = \"craft\"\nDrive = \"drive\"\n";

#[test]
fn a_wide_row_is_one_record_with_a_card_and_a_score_for_each_filled_dimension() {
    let kept = read(
        WIDE,
        &[(
            "scorecards.csv",
            "application_id,stage,interviewer_id,Craft (1-4),Drive,note,recommendation\n\
             1,Screen,i,3,4,fine,3\n\
             2,Screen,i,,2,,\n\
             3,Screen,i,,,nothing given,\n",
        )],
    );
    let account = kept.account("scorecards.csv");
    assert_eq!((account.read, account.kept, account.rejected), (3, 3, 0));
    assert_eq!(
        kept.marks(),
        ["1 craft 3000", "1 drive 4000", "2 drive 2000", "3 craft not_given", "3 drive not_given"]
    );
    assert_eq!(kept.cards.len(), 3);
    assert_eq!((kept.cards[0].recommendation, kept.cards[0].note_length), (Some(3), Some(4)));
    assert!(kept.scores.iter().all(|score| score.note.is_none() && score.scorecard_id.starts_with("card-")));
    assert_eq!(kept.scores[0].scorecard_id, kept.cards[0].scorecard_id);
}

#[test]
fn a_wide_row_with_one_bad_score_is_one_reject_that_names_the_dimension() {
    let config = format!("{WIDE}[tables.scale]\nmin = 1\nmax = 4\n");
    let text = "application_id,stage,interviewer_id,Craft (1-4),Drive\n1,S,i,3,80\n2,S,,3,3\n3,S,i,3,3\n";
    let kept = read(&config, &[("scorecards.csv", text)]);
    let account = kept.account("scorecards.csv");
    assert_eq!((account.read, account.kept, account.rejected), (3, 1, 2));
    assert_eq!(kept.rejects(), ["off_scale score of drive", "missing_field interviewer_id"]);
    assert_eq!(kept.marks(), ["3 craft 3000", "3 drive 3000"]);
}

#[test]
fn where_dimensions_are_declared_a_long_file_is_still_read() {
    let kept = read(
        WIDE,
        &[
            ("a/scorecards.csv", "application_id,stage,interviewer_id,dimension,score\n1,S,i,craft,3\n"),
            ("b/scorecards.csv", "application_id,stage,interviewer_id,Drive\n2,S,i,4\n"),
            (
                "c/scorecards.json",
                r#"[{"application_id": 3, "stage": "S", "interviewer_id": "i", "Drive": 2.0},
                    {"application_id": 4, "stage": "S", "interviewer_id": "i", "dimension": "craft", "score": 1}]"#,
            ),
        ],
    );
    assert_eq!(kept.marks(), ["1 craft 3000", "2 drive 4000", "3 drive 2000", "4 craft 1000"]);
    kept.assert_remarks(&["no column `Craft (1-4)`, so no scores of that dimension"]);
}

#[test]
fn two_columns_of_one_dimension_or_of_one_name_cannot_be_told_apart() {
    let both = "[tables.scorecards.dimensions]\nA = \"craft\"\nB = \"craft\"\n";
    let header = "application_id,stage,interviewer_id,A,B\n";
    assert_refused(both, &[("scorecards.csv", header)], &["two columns hold scores of the dimension craft"]);
    let twice = "application_id,applied_at,applied_at\n";
    assert_refused("", &[("applications.csv", twice)], &["two columns are called applied_at", "applications.csv"]);
    let alike = "Application ID,application-id\n";
    assert_refused("", &[("applications.csv", alike)], &["`Application ID` and `application-id` could both be"]);
    // Columns that nothing is read from may be called what they like.
    assert_eq!(read("", &[("applications.csv", "application_id,x,x,,\n1,,,,\n")]).applications.len(), 1);
}

#[test]
fn names_in_another_spelling_are_known_and_told_but_configured_ones_are_meant_as_they_stand() {
    let text = "Application ID,Candidate Id,APPLIED_AT,Shoe size\n1,c,2026-07-01,44\n";
    let kept = read("", &[("applications.csv", text)]);
    assert_eq!(kept.applied(), ["2026-07-01T00:00:00Z day"]);
    kept.assert_remarks(&[
        "another spelling: `Application ID` as application_id, `Candidate Id` as candidate_id, `APPLIED_AT` as",
    ]);
    assert_eq!(kept.account("applications.csv").unknown_columns.iter().collect::<Vec<_>>(), ["Shoe size"]);
    let mapped = "[tables.applications.columns]\napplication_id = \"Number\"\n";
    assert_refused(mapped, &[("applications.csv", "number,Application ID\n")], &["has no column Number"]);
    // The exact name is taken even where another spelling comes first.
    let kept = read("", &[("applications.csv", "Application ID,application_id\nno,yes\n")]);
    assert_eq!(kept.applications[0].application_id, "yes");
}

#[test]
fn a_title_or_a_merged_header_is_reported_with_the_line_to_write() {
    let title = "Scorecards of the third quarter\n\n\
                 application_id,stage,interviewer_id,dimension,score\n1,S,i,craft,3\n";
    let error = assert_refused(
        "",
        &[("scorecards.csv", title)],
        &["in line 1, which fills 1 cell", "scorecards.csv:line 1", "line 3", "[tables.scorecards] header_row = 3"],
    );
    assert!(!error.to_string().contains("third quarter"));
    let kept = read("[tables.scorecards]\nheader_row = 3\n", &[("scorecards.csv", title)]);
    assert_eq!(kept.marks(), ["1 craft 3000"]);
    // A group header over columns whose names need mapping: the fullest row is named.
    let grouped = ",,,Scores,\nLoop,Round,Who,What,Points\n1,S,i,craft,3\n";
    assert_refused("", &[("scorecards.csv", grouped)], &["line 1, which fills 1 cell", "header_row = 2"]);
    assert_refused(
        "[tables.scorecards]\nheader_row = 9\n",
        &[("scorecards.csv", title)],
        &["there is no line 9 to name the columns", "it counts lines"],
    );
    // A column that is missing everywhere is still called missing.
    assert_refused("", &[("decisions.csv", "application_id,outcome\n1,x\n")], &["has no column decision"]);
}

#[test]
fn rows_without_any_text_are_no_records() {
    let text = ",,\napplication_id,job_id,level\n1,,\n,,\n , ,\n2,,L3\n,,\n,,\n\n";
    assert_eq!(read("", &[("applications.csv", text)]).account("applications.csv").read, 2);
    let kept = read("", &[("applications.csv", "application_id,job_id\n1,\n,7\n")]);
    assert_eq!(kept.rejects(), ["missing_field application_id"]);
    assert_eq!(kept.places(), ["line 3"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for (what, text, line) in [
        ("LF", "application_id,job_id\n1,\n2,\n,3\n", "line 4"),
        ("CR LF", "application_id,job_id\r\n1,\r\n2,\r\n,3\r\n", "line 4"),
        ("no line end", "application_id,job_id\n1,\n,3", "line 3"),
        ("CR LF and no line end", "application_id,job_id\r\n1,\r\n,3", "line 3"),
        ("a blank line", "application_id,job_id\n1,\n\n,3\n5,\n", "line 4"),
        ("a cell of two lines before", "application_id,job_id\r\n1,\"a\r\nb\"\r\n,3\r\n", "line 4"),
        ("a cell of two lines", "application_id,job_id\n1,\n,\"a\nb\"\n", "line 3"),
        ("a byte order mark", "\u{feff}application_id,job_id\n,3\n", "line 2"),
    ] {
        assert_eq!(read("", &[("applications.csv", text)]).places(), [line], "{what}");
    }
    let config = "[tables.applications]\nheader_row = 2\n";
    for text in ["Title\napplication_id,job_id\n,3\n", "Title\r\napplication_id,job_id\r\n,3\r\n"] {
        assert_eq!(read(config, &[("applications.csv", text)]).places(), ["line 3"]);
    }
}

#[test]
fn a_last_line_that_was_written_by_half_is_rejected_alone() {
    let kept = read("", &[("decisions.csv", "application_id,decision,decided_at\n1,offer,2026-07-01\n2,rej")]);
    assert_eq!(kept.rejects(), ["wrong_column_count (2 cells, 3 expected)"]);
    assert_eq!((kept.places(), kept.decisions.len()), (vec!["line 3".to_owned()], 1));
}

#[test]
fn semicolons_and_tabs_in_a_csv_file_are_known_by_its_header_and_told() {
    for (mark, name) in [(";", "semicolons"), ("\t", "tabs")] {
        let text = "application_id;stage;interviewer_id;dimension;score\n1;Screen, first;i;craft;3,5\n";
        let kept = read("[tables]\ndecimal = \",\"\n", &[("scorecards.csv", &text.replace(';', mark))]);
        assert_eq!(kept.marks(), ["1 craft 3500"]);
        assert_eq!(kept.scores[0].stage.as_deref(), Some("Screen, first"));
        kept.assert_remarks(&[&format!("cells are separated by {name}, as the header shows")]);
    }
    // The same below a title, and where the names are mapped.
    let config = "[tables.applications]\nheader_row = 2\n[tables.applications.columns]\napplication_id = \"Nummer\"\n";
    let kept = read(config, &[("applications.csv", "Stand, Juli\nNummer;level\n7;L3\n")]);
    assert_eq!(kept.applications[0].level.as_deref(), Some("L3"));
    let kept = read("", &[("applications.csv", "application_id,level\n7,a;b\n")]);
    assert_eq!((kept.applications[0].level.as_deref(), kept.remarks().len()), (Some("a;b"), 0));
}

#[test]
fn a_decimal_comma_is_declared_not_guessed() {
    let files = [
        ("scorecards.csv", "application_id;stage;interviewer_id;dimension;score\n1;S;i;craft;3,5\n"),
        ("outcomes.csv", "application_id;outcome;value\n1;rating;4,25\n2;rating;1.250\n"),
        ("interviews.csv", "interview_id;application_id;stage;planned_minutes\n9;1;S;45,0\n"),
        ("more/outcomes.json", r#"[{"application_id": 3, "outcome": "rating", "value": 2.5}]"#),
    ];
    let kept = read("", &files);
    assert_eq!(kept.rejects(), ["bad_number planned_minutes", "bad_number score", "bad_number value"]);
    kept.assert_remarks(&["[tables] decimal = \",\""]);
    assert_eq!(kept.ledger.lines_to_write(), ["[tables] decimal = \",\""]);
    let kept = read("[tables]\ndecimal = \",\"\n", &files);
    assert_eq!(kept.marks(), ["1 craft 3500"]);
    assert_eq!(kept.outcomes.iter().map(|row| row.value.unwrap()).collect::<Vec<_>>(), [2.5, 4.25]);
    assert_eq!(kept.interviews[0].planned_minutes, Some(45));
    // A point may group thousands there.
    assert_eq!(kept.rejects(), ["bad_number value"]);
}

#[test]
fn a_date_with_the_day_first_takes_a_declared_pattern() {
    let files = [("applications.csv", "application_id,applied_at\n1,31/12/2026\n2,03/02/2026\n3,2026-02-03\n")];
    let kept = read("", &files);
    assert_eq!(kept.rejects(), ["bad_time applied_at", "bad_time applied_at"]);
    let line = "[tables] time_patterns = [\"%d/%m/%Y\"]";
    kept.assert_remarks(&["dates such as 31/12/2026 have the day first", line]);
    assert_eq!(kept.ledger.lines_to_write(), [line]);
    let kept = read("[tables]\ntime_patterns = [\"%d/%m/%Y\"]\n", &files);
    assert_eq!(kept.applied(), ["2026-12-31T00:00:00Z day", "2026-02-03T00:00:00Z day", "2026-02-03T00:00:00Z day"]);
}

#[test]
fn seconds_milliseconds_and_text_in_one_column_are_each_read_or_rejected() {
    let text = "application_id,applied_at\n1,1782900000\n2,1782900000000\n3,soon\n4,46204\n5,2026-07-01\n";
    let kept = read("", &[("applications.csv", text)]);
    assert_eq!(
        kept.applied(),
        ["2026-07-01T10:00:00Z instant", "2026-07-01T10:00:00Z instant", "2026-07-01T00:00:00Z day"]
    );
    assert_eq!(kept.rejects(), ["bad_time applied_at", "impossible_time applied_at"]);
}

#[test]
fn score_words_are_mapped_and_unmapped_ones_are_listed() {
    let header = "application_id,stage,interviewer_id,dimension,score\n";
    let text = format!("{header}1,S,i,craft,Strong yes\n2,S,i,craft,Not sure\n3,S,i,craft,2\n");
    let files = [("scorecards.csv", text.as_str())];
    let kept = read("", &files);
    assert_eq!(kept.rejects(), ["unknown_score score", "unknown_score score"]);
    assert_eq!(kept.ledger.unmapped_words(), ["words of scorecards without a meaning: `Not sure` 1, `Strong yes` 1"]);
    assert_eq!(kept.ledger.lines_to_write(), ["[tables.scorecards.values] \"Not sure\" = \"4\""]);
    let config = "[tables.scorecards.values]\n\"Strong yes\" = \"4\"\n\"Not sure\" = \"no_decision\"\n";
    let kept = read(config, &files);
    assert_eq!(kept.marks(), ["1 craft 4000", "2 craft no_decision", "3 craft 2000"]);
    assert_eq!(kept.scores[0].score_raw.as_deref(), Some("Strong yes"));
    // No scale has so many levels: these may be people.
    let rows: String = (0..13_u8).map(|n| format!("{n},S,i,craft,Name {}\n", char::from(b'a' + n))).collect();
    let kept = read("", &[("scorecards.csv", &format!("{header}{rows}"))]);
    assert_eq!(
        (kept.rejects().len(), kept.ledger.unmapped_words().len(), kept.ledger.lines_to_write().len()),
        (13, 0, 0)
    );
}

#[test]
fn two_scales_in_one_column_are_rejected_where_one_is_declared_and_told_where_none_is() {
    let header = "application_id,stage,interviewer_id,dimension,score\n";
    let text = format!("{header}1,S,i,craft,3\n2,S,i,craft,80\n3,S,i,craft,4/5\n");
    let files = [("scorecards.csv", text.as_str())];
    let kept = read("", &files);
    assert_eq!(kept.rejects(), ["bad_number score"]);
    kept.assert_remarks(&["scores up to 5 and scores above 10 stand in one file"]);
    let kept = read("[tables.scale]\nmin = 1\nmax = 4\n", &files);
    assert_eq!(kept.rejects(), ["off_scale score", "bad_number score"]);
    let kept = read("[tables.scale]\nmin = 0\nmax = 100\n", &files);
    assert!(kept.remarks().is_empty(), "{:?}", kept.remarks());
}

#[test]
fn ids_as_numbers_and_as_text_are_one_id() {
    let kept = read(
        "",
        &[
            ("applications.csv", "application_id,candidate_id\n1042.0,7.0\n"),
            ("decisions.json", r#"[{"application_id": 1042, "decision": "offer"}]"#),
            ("more/decisions.json", r#"[{"application_id": "1042", "decision": "offer", "decided_by": 9.0}]"#),
            ("interviews.csv", "interview_id,application_id,stage,interviewer_ids\n5.0,1042,S,9.0;10\n"),
        ],
    );
    assert_eq!(kept.applications[0].application_id, "1042");
    assert!(kept.decisions.iter().all(|row| row.application_id == "1042"));
    assert_eq!(kept.decisions[1].decided_by.as_deref(), Some("9"));
    assert_eq!(kept.interviews[0].interview_id, "5");
    let people: Vec<_> = kept.panel.iter().map(|seat| seat.interviewer_id.clone().unwrap()).collect();
    assert_eq!(people, ["9", "10"]);
}

#[test]
fn cells_that_a_spreadsheet_could_not_compute_are_missing_and_counted() {
    let text = "application_id,applied_at,level\n1,#N/A,#REF!\n2,2026-07-01,#1\n#NAME?,,\n";
    let kept = read("", &[("applications.csv", text)]);
    assert_eq!(kept.applied(), [" ", "2026-07-01T00:00:00Z day"]);
    assert_eq!(kept.applications[1].level.as_deref(), Some("#1"));
    assert_eq!(kept.rejects(), ["missing_field application_id"]);
    kept.assert_remarks(&["taken as empty: 3"]);
}

#[test]
fn formulas_and_very_long_texts_stay_texts() {
    let formula = "=cmd|' /C calc'!A0";
    let long = "x".repeat(1 << 20);
    let text = format!("application_id,department,=1+1\n1,{formula},a\n2,{long},b\n{formula},,c\n");
    let kept = read("", &[("applications.csv", &text)]);
    assert_eq!(kept.applications[0].department.as_deref(), Some(formula));
    assert_eq!(kept.applications[1].department.as_deref().map(str::len), Some(1 << 20));
    assert_eq!(kept.applications[2].application_id, formula);
    let kept = read("", &[("applications.csv", &format!("application_id,applied_at\n1,{long}\n2,{formula}\n"))]);
    assert_eq!(kept.rejects().len(), 2);
    assert!(kept.ledger.rejects.iter().all(|(_, reject)| reject.value.as_ref().unwrap().starts_with("(text of")));
}

#[test]
fn keys_that_cannot_be_meant_are_problems_of_the_configuration() {
    let problem = |text: &str| Config::parse(text, "f").unwrap_err().what;
    assert!(problem("[tables]\ndecimal = \";\"\n").contains("expected `.` or `,`"));
    assert!(problem("[tables.events]\nheader_row = 0\n").contains("tables.events.header_row: at least 1"));
    assert!(problem("[tables.events.dimensions]\na = \"b\"\n").contains("only scorecards have dimensions"));
    assert!(
        problem("[tables.scorecards.values]\na = \"good\"\n").contains("tables.scorecards.values: `good` is neither")
    );
}
