//! Records that cannot be used, or only in part: kept, replaced or rejected with their place and reason, and
//! counted so that the account adds up.

use crate::support::{ADDRESS, NAME, REMARK, Scene, Tables, cell, row_with, rows};

/// An export that is used although some of its records cannot be.
struct Case {
    what: &'static str,
    tables: Tables,
    /// Read, kept, replaced, rejected.
    counts: [u64; 4],
    /// File, position, reason, field, value.
    rejects: &'static [[&'static str; 5]],
}

/// What [`Tables::good`] holds.
const GOOD: u64 = 40 + 40 + 40 + 80;

fn cases() -> Vec<Case> {
    let good = Tables::good;
    let long = "x".repeat(10 << 20);
    vec![
        Case { what: "nothing is wrong", tables: good(), counts: [GOOD, GOOD, 0, 0], rejects: &[] },
        Case {
            what: "a byte-order mark",
            tables: good().edit("applications.csv", |text| format!("\u{feff}{text}")),
            counts: [GOOD, GOOD, 0, 0],
            rejects: &[],
        },
        Case {
            what: "Windows line ends and a blank last line",
            tables: good().edit("decisions.csv", |text| text.replace('\n', "\r\n") + "\r\n"),
            counts: [GOOD, GOOD, 0, 0],
            rejects: &[],
        },
        Case {
            what: "a field of 10 MB on one line",
            tables: good().and("scorecards.csv", format!("app-1,Screen,i,depth,2,card-1,2026-07-02T17:00:00Z,{long}\n")),
            counts: [GOOD + 1, GOOD + 1, 0, 0],
            rejects: &[],
        },
        Case {
            what: "a JSON record of 10 MB on one line",
            tables: good().with("outcomes.json", format!(
                r#"[{{"application_id": "app-1", "ignored": "{long}", "outcome": "performance", "value": 3}}]"#
            )),
            counts: [GOOD + 1, GOOD + 1, 0, 0],
            rejects: &[],
        },
        Case {
            what: "a page envelope with a byte-order mark",
            tables: good().with("outcomes.json", "\u{feff}{\"meta\": {\"page\": 1}, \"data\": [{\"application_id\": \"app-1\", \"outcome\": \"rated\", \"value\": 3}]}"),
            counts: [GOOD + 1, GOOD + 1, 0, 0],
            rejects: &[],
        },
        Case {
            what: "rows in Latin-1",
            tables: good().and("applications.csv", b"app-41,Zelda Qu\xfcx,Sales,,2026-07-01T00:00:00Z\n"),
            counts: [GOOD + 1, GOOD, 0, 1],
            rejects: &[["applications.csv", "line 42", "not_utf8", "", ""]],
        },
        Case {
            what: "a record in Latin-1",
            tables: good().with("outcomes.json", b"[{\"application_id\": \"app-1\", \"outcome\": \"\xfc\", \"value\": 3},\n{\"application_id\": \"app-2\", \"outcome\": \"rated\", \"value\": 3}]"),
            counts: [GOOD + 2, GOOD + 1, 0, 1],
            rejects: &[["outcomes.json", "$[0] (line 1)", "not_utf8", "", ""]],
        },
        Case {
            what: "the same rows twice",
            tables: good().edit("decisions.csv", |text| {
                let again: String = text.lines().skip(1).take(3).map(|row| format!("{row}\n")).collect();
                text + &again
            }),
            counts: [GOOD + 3, GOOD, 3, 0],
            rejects: &[],
        },
        Case {
            what: "dates that do not exist",
            tables: good()
                .and("applications.csv", "app-41,,,,2026-02-30\napp-42,,,,3026-01-01T00:00:00Z\napp-43,,,,soon\n")
                .and("decisions.csv", "app-1,offer,2026-13-01T00:00:00Z,,\n"),
            counts: [GOOD + 4, GOOD, 0, 4],
            rejects: &[
                ["applications.csv", "line 42", "impossible_time", "applied_at", "2026-02-30"],
                ["applications.csv", "line 43", "impossible_time", "applied_at", "3026-01-01T00:00:00Z"],
                ["applications.csv", "line 44", "bad_time", "applied_at", "(text of 4 characters)"],
                ["decisions.csv", "line 42", "impossible_time", "decided_at", "2026-13-01T00:00:00Z"],
            ],
        },
        Case {
            what: "an interviewer without an identifier",
            tables: good().and("scorecards.csv", "app-1,Screen,,craft,2,card-x,2026-07-02T17:00:00Z,\n"),
            counts: [GOOD + 1, GOOD, 0, 1],
            rejects: &[["scorecards.csv", "line 82", "missing_field", "interviewer_id", ""]],
        },
        Case {
            what: "rows with too many or too few cells",
            tables: good().and("decisions.csv", format!("app-1,offer\napp-2,offer,2026-08-01,,,{REMARK}\n")),
            counts: [GOOD + 2, GOOD, 0, 2],
            rejects: &[
                ["decisions.csv", "line 42", "wrong_column_count", "(2 cells, 5 expected)", ""],
                ["decisions.csv", "line 43", "wrong_column_count", "(6 cells, 5 expected)", ""],
            ],
        },
        Case {
            what: "words and numbers that are none",
            tables: good()
                .and("decisions.csv", format!("app-1,{NAME},2026-08-01,,\n"))
                .and("scorecards.csv", format!("app-1,Screen,i,craft,{REMARK},card-1,,\n")),
            counts: [GOOD + 2, GOOD, 0, 2],
            rejects: &[
                ["decisions.csv", "line 42", "unknown_decision", "decision", "(text of 16 characters)"],
                ["scorecards.csv", "line 82", "bad_number", "score", "(text of 53 characters)"],
            ],
        },
        Case {
            what: "JSON values that are no records",
            tables: good().with("outcomes.json", "[7, null, {\"application_id\": {}, \"outcome\": 1},\n {\"outcome\": \"rated\", \"value\": 1}, {\"application_id\": \"app-1\", \"outcome\": \"rated\", \"value\": 2}]"),
            counts: [GOOD + 5, GOOD + 1, 0, 4],
            rejects: &[
                ["outcomes.json", "$[0] (line 1)", "not_a_record", "", ""],
                ["outcomes.json", "$[1] (line 1)", "not_a_record", "", ""],
                ["outcomes.json", "$[2] (line 1)", "malformed", "", ""],
                ["outcomes.json", "$[3] (line 2)", "missing_field", "application_id", ""],
            ],
        },
        Case {
            what: "a header without rows beside tables with rows",
            tables: good().with("events.csv", "application_id,event,at\n"),
            counts: [GOOD, GOOD, 0, 0],
            rejects: &[],
        },
        Case {
            what: "a file that is no table of the contract",
            tables: good().with("payroll.csv", format!("name,mail\n{NAME},{ADDRESS}\n")),
            counts: [GOOD, GOOD, 0, 0],
            rejects: &[],
        },
    ]
}

#[test]
fn every_record_is_kept_replaced_or_rejected_with_its_place() {
    for Case { what, tables, counts: [read, kept, replaced, rejected], rejects } in cases() {
        assert_eq!(read, kept + replaced + rejected, "{what}: the case itself does not add up");
        let scene = Scene::new();
        scene.export("export", &tables);
        let ran = scene.ingest("export");
        let told = format!(": {kept} kept, {replaced} replaced, {rejected} rejected.");
        assert!(ran.out.starts_with(&format!("Read {read} records")) && ran.out.contains(&told), "{what}: {ran:?}");
        if !what.starts_with("words") {
            // A word nobody mapped is listed, so that a mapping can be written; here it is a name on purpose.
            ran.keeps(&["Zelda"]);
        }
        ran.keeps(&["quux", "sharding"]);
        let dataset = scene.path("data");
        let mut found: Vec<[String; 5]> = rows(&dataset, "rejects")
            .iter()
            .map(|row| ["file", "position", "reason", "field", "value"].map(|column| cell(row, column).to_owned()))
            .collect();
        found.sort();
        assert_eq!(found, rejects, "{what}");
        let ledger = rows(&dataset, "ledger");
        assert_eq!(ledger.len(), tables.files.len(), "{what}: one line per file");
        let number = |row: &crate::support::Row, column: &str| cell(row, column).parse::<u64>().unwrap();
        for row in &ledger {
            let [read, kept, replaced, rejected] = ["read", "kept", "replaced", "rejected"].map(|c| number(row, c));
            assert_eq!(read, kept + replaced + rejected, "{what}: {row:?}");
        }
        let total: u64 = ledger.iter().map(|row| number(row, "read")).sum();
        assert_eq!(total, read, "{what}");
    }
}

#[test]
fn of_two_rows_with_one_id_the_later_stands() {
    let scene = Scene::new();
    scene.export("export", &Tables::good().and("decisions.csv", "app-7,withdrawn,2026-08-03T09:00:00Z,,\n"));
    let ran = scene.ingest("export");
    assert!(ran.out.contains("200 kept, 1 replaced, 0 rejected"), "{}", ran.out);
    assert_eq!(cell(&row_with(&scene.path("data"), "decisions", "application_id", "app-7"), "decision"), "withdrawn");
}

#[test]
fn a_decision_before_its_application_is_kept_and_called_a_problem_but_not_timed() {
    let scene = Scene::new();
    scene.export(
        "export",
        &Tables::good()
            .and("applications.csv", "app-41,,Sales,,2026-07-20T08:00:00Z\n")
            .and("decisions.csv", "app-41,reject,2026-07-10T08:00:00Z,,\n"),
    );
    scene.run(&["run", "export", "--out", "out", "--only", "time-to-decision"]).fine();
    let dataset = scene.path("out/dataset");
    assert_eq!(cell(&row_with(&dataset, "decisions", "application_id", "app-41"), "decision"), "reject");
    let row = row_with(&dataset, "loops", "application_id", "app-41");
    assert_eq!(cell(&row, "problem"), "ends_before_it_starts");
    assert!(!rows(&dataset, "loop_states").iter().any(|row| cell(row, "application_id") == "app-41"));
    let times = crate::support::file_rows(&scene.path("out/tables/time_to_decision.parquet"));
    assert_eq!(cell(&times[0], "decided"), "40", "{:?}", times[0]);
}

#[test]
fn an_application_in_no_other_file_is_an_open_loop() {
    let scene = Scene::new();
    scene.export("export", &Tables::good().and("applications.csv", "app-41,,Sales,,2026-07-20T08:00:00Z\n"));
    scene.ingest("export");
    let row = row_with(&scene.path("data"), "loops", "application_id", "app-41");
    assert_eq!((cell(&row, "ended_how"), cell(&row, "ended_at"), cell(&row, "problem")), ("open", "", ""));
}

#[test]
fn scorecards_of_an_unknown_application_wait_for_it() {
    let scene = Scene::new();
    let dataset = scene.path("data");
    scene.export(
        "first",
        &Tables::good().and(
            "scorecards.csv",
            "app-99,Screen,i,craft,2,card-99,2026-07-02T17:00:00Z,\napp-99,Screen,i,clarity,3,card-99,2026-07-02T17:00:00Z,\n",
        ),
    );
    let ran = scene.ingest("first");
    assert!(ran.out.contains("2 of the kept records belong to applications that are in no file"), "{}", ran.out);
    for (table, count) in [("scores", 2), ("scorecards", 1)] {
        let waiting = rows(&dataset, table).into_iter().filter(|row| cell(row, "application_id") == "app-99");
        let waiting: Vec<_> = waiting.collect();
        assert_eq!(waiting.len(), count, "{table}");
        assert!(waiting.iter().all(|row| cell(row, "opened") == "unknown"), "{table}");
    }
    assert!(!rows(&dataset, "loops").iter().any(|row| cell(row, "application_id") == "app-99"));
    let ledger: Vec<_> = rows(&dataset, "ledger").into_iter().filter(|row| cell(row, "unjoined") != "0").collect();
    assert_eq!((ledger.len(), cell(&ledger[0], "file"), cell(&ledger[0], "unjoined")), (1, "scorecards.csv", "2"));
    // A later export brings the application, and nothing else.
    scene.export(
        "second",
        &Tables::default().with("applications.csv", "application_id,applied_at\napp-99,2026-04-02T08:00:00Z\n"),
    );
    let ran = scene.ingest("second");
    assert!(!ran.out.contains("in no file"), "{}", ran.out);
    for table in ["scores", "scorecards", "applications", "loops"] {
        let joined: Vec<_> =
            rows(&dataset, table).into_iter().filter(|row| cell(row, "application_id") == "app-99").collect();
        assert!(!joined.is_empty() && joined.iter().all(|row| cell(row, "opened") == "2026Q2"), "{table}: {joined:?}");
    }
}

#[test]
fn a_greenhouse_card_without_an_interviewer_falls_to_its_submitter_and_people_need_no_name() {
    let scene = Scene::new();
    let card = |id: u32, interviewer: &str| {
        format!(
            r#"{{"id": {id}, "application_id": 7, "interview": "Screen", "interviewer": {interviewer},
            "submitted_by": {{"id": 500, "name": null}}, "submitted_at": "2026-07-03T00:00:00Z",
            "updated_at": "2026-07-03T00:00:00Z", "overall_recommendation": "yes",
            "attributes": [{{"name": "craft", "type": "Skills", "rating": "yes", "note": null}}], "questions": []}}"#
        )
    };
    let application = r#"[{"id": 7, "candidate_id": 70, "prospect": false, "applied_at": "2026-07-01T00:00:00Z",
        "jobs": [{"id": 1, "name": "Engineer"}], "status": "active"}]"#;
    scene.export(
        "export",
        &Tables::default()
            .with("applications.json", application)
            .with("scorecards.json", format!("[{},{}]", card(1, "null"), card(2, r#"{"id": 501}"#))),
    );
    scene.run(&["ingest", "export", "--dataset", "data", "--source", "greenhouse-v1"]).fine();
    let dataset = scene.path("data");
    let people = |card: &str| {
        let row = row_with(&dataset, "scorecards", "scorecard_id", card);
        (cell(&row, "interviewer_id").to_owned(), cell(&row, "submitted_by").to_owned())
    };
    let (interviewer, submitter) = people("1");
    assert_eq!(interviewer, submitter);
    let (other, submitter) = people("2");
    assert!(other.starts_with("p_") && other != submitter, "{other} {submitter}");
}

#[test]
fn a_workbook_gives_the_same_dataset_as_the_text_files_it_was_made_of() {
    let scene = Scene::new();
    let good = Tables::good();
    scene.export("text", &good);
    let mut book = rust_xlsxwriter::Workbook::new();
    for (file, text) in &good.files {
        let sheet = book.add_worksheet();
        sheet.set_name(file.trim_end_matches(".csv")).unwrap();
        for (row, line) in (0..).zip(std::str::from_utf8(text).unwrap().lines()) {
            for (column, cell) in (0..).zip(line.split(',')) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).unwrap(),
                    Err(_) => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
    }
    scene.write("book.xlsx", book.save_to_buffer().unwrap());
    let ran = scene.run(&["run", "text", "--out", "from-text", "--only", "waits"]).fine();
    assert!(ran.out.contains("200 kept, 0 replaced, 0 rejected"), "{}", ran.out);
    // Pseudonyms depend on the key.
    scene.write("from-book/dataset/private/key", std::fs::read(scene.path("from-text/dataset/private/key")).unwrap());
    let same = scene.run(&["run", "book.xlsx", "--out", "from-book", "--only", "waits"]).fine();
    assert!(same.out.contains("Read 200 records of 4 files (tables): 200 kept"), "{}", same.out);
    for table in ["applications", "decisions", "interviews", "panel_members", "scorecards", "scores", "loops"] {
        let [text, book] = ["from-text/dataset", "from-book/dataset"].map(|dataset| rows(&scene.path(dataset), table));
        assert!(!text.is_empty() && text == book, "{table}");
    }
    let files: Vec<String> =
        rows(&scene.path("from-book/dataset"), "ledger").iter().map(|row| cell(row, "file").to_owned()).collect();
    assert!(files.contains(&"book.xlsx#scorecards".to_owned()), "{files:?}");
}

#[test]
fn a_page_of_lever_twice_is_replaced_and_nobody_is_named_by_a_stage() {
    let scene = Scene::new();
    let id = "9cc6e411-9353-4fd0-91ff-7ca090d1a31e";
    let page = format!(
        r#"{{"data": [{{"id": "{id}", "name": "{NAME}", "contact": "c-1", "emails": ["{ADDRESS}"], "createdAt": 1782900000000,
            "updatedAt": 1783300000000, "stageChanges": [{{"toStageId": "applicant-new", "updatedAt": 1782900000000}}],
            "applications": [{{"id": "a-1", "posting": "p-1", "createdAt": 1782900000000}}]}}], "hasNext": false}}"#
    );
    let interviews = format!(
        r#"{{"data": [{{"id": "i-1", "subject": "{NAME} - Phone screen", "note": "{REMARK}", "createdAt": 1782910000000,
            "date": 1783000000000, "duration": 30, "interviewers": [{{"id": "u-1", "name": "Ann Lee"}}]}}], "hasNext": false}}"#
    );
    let form = format!(
        r#"{{"data": [{{"id": "f-1", "interview": "i-1", "text": "Form", "user": "u-1", "completedAt": 1783100000000,
            "fields": [{{"type": "score-system", "value": "3 - Hire"}}, {{"type": "text", "value": "{REMARK}"}}]}}]}}"#
    );
    let export = Tables::default()
        .with("opportunities/page-1.json", page.as_str())
        .with("opportunities/page-2.json", page.as_str())
        .with(&format!("interviews/{id}.json"), interviews)
        .with(&format!("opportunities/{id}/feedback.json"), form);
    scene.export("export", &export);
    let ran = scene.ingest("export");
    assert!(ran.out.contains("(lever)") && ran.out.contains("3 kept, 1 replaced, 0 rejected"), "{}", ran.out);
    let dataset = scene.path("data");
    let card = row_with(&dataset, "scorecards", "scorecard_id", "f-1");
    assert_eq!(
        (cell(&card, "application_id"), cell(&card, "stage"), cell(&card, "recommendation")),
        (id, "Phone screen", "3")
    );
    let row = row_with(&dataset, "loops", "application_id", id);
    assert_eq!((cell(&row, "job_id"), cell(&row, "interviews"), cell(&row, "scorecards")), ("p-1", "1", "1"));
    for table in ["applications", "interviews", "panel_members", "scorecards", "scores", "events", "rejects", "ledger"]
    {
        let said = format!("{:?}", rows(&dataset, table));
        assert!(!said.contains("Zelda") && !said.contains("mail.example") && !said.contains("aunt"), "{table}: {said}");
    }
}
