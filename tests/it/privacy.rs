//! Nobody's name, address or words are in a dataset or a report unless someone asked for them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use calamine::{Reader as _, Xlsx};

use crate::support::{Scene, Tables, cell, file_rows, files_below, row_with, rows};

/// What must not be seen anywhere: people, addresses, remarks.
const SECRETS: &[&str] = &[
    "Zelda",
    "Quuxworthy",
    "zelda.quuxworthy",
    "mail.example",
    "Hesitated",
    "sharding",
    "aunt runs",
    "O'Hara",
    "Nguyễn",
    "<script>",
    "=HYPERLINK",
    "evil.example",
    "../../etc",
];

/// Names as people have them, and as those who mean harm write them.
const PEOPLE: &[&str] = &[
    "Zelda Quuxworthy",
    "zelda.quuxworthy@mail.example",
    "Nguyễn Thị Quuxworthy",
    "Seán O'Hara",
    "<script>alert('Zelda')</script>",
    "=HYPERLINK(evil.example)",
    "../../etc/Zelda",
    "Zelda\u{202e}\u{200b}Quuxworthy",
];

const REMARK: &str = "Hesitated badly over sharding; her aunt runs the shop";

/// Neutral tables with a person wherever the contract has one.
fn tables() -> Tables {
    let mut tables = Tables::default();
    let mut add = |file: &str, header: &str, row: &dyn Fn(usize, &str) -> String| {
        let rows: String = (0..24).map(|n| row(n, PEOPLE[n % PEOPLE.len()]) + "\n").collect();
        tables.set(file, format!("{header}\n{rows}"));
    };
    add(
        "applications.csv",
        "application_id,candidate_id,department,hiring_manager_id,recruiter_id,applied_at,candidate_name",
        &|n, who| format!("{who} for job {n},{who},Sales,{who},{who},2026-07-{:02}T08:00:00Z,{who}", n + 1),
    );
    add("decisions.csv", "application_id,decision,decided_at,decided_by,reason", &|n, who| {
        format!("{who} for job {n},reject,2026-08-{:02}T08:00:00Z,{who},{REMARK}", n + 1)
    });
    add("interviews.csv", "interview_id,application_id,stage,starts_at,interviewer_ids,status", &|n, who| {
        format!("{who} at {n},{who} for job {n},Screen,2026-07-{:02}T10:00:00Z,{who};{who} II,done", n + 1)
    });
    add(
        "scorecards.csv",
        "application_id,stage,interviewer_id,dimension,score,scorecard_id,submitted_at,submitted_by,note",
        &|n, who| {
            format!(
                "{who} for job {n},Screen,{who},craft,2,{who} card {n},2026-07-{:02}T12:00:00Z,{who},{REMARK}",
                n + 1
            )
        },
    );
    add("events.csv", "application_id,event,at,actor_id", &|n, who| {
        format!("{who} for job {n},applied,2026-07-{:02}T08:00:00Z,{who}", n + 1)
    });
    add("outcomes.csv", "application_id,outcome,value,at,rated_by", &|n, who| {
        // The last value is a name, so that a reject holds one.
        let value = if n == 23 { who } else { "3" };
        format!("{who} for job {n},performance,{value},2026-09-01T08:00:00Z,{who}")
    });
    tables
}

/// A Greenhouse v1 export with a person wherever that system writes one.
fn greenhouse() -> Tables {
    let person = |id: u32, who: &str| serde_json::json!({ "id": id, "name": who, "first_name": who, "email": who });
    let mut applications = Vec::new();
    let mut cards = Vec::new();
    for (n, who) in PEOPLE.iter().enumerate() {
        let id = n as u32 + 1;
        applications.push(serde_json::json!({
            "id": id, "candidate_id": 100 + id, "prospect": false, "applied_at": "2026-07-01T08:00:00Z",
            "candidate": { "first_name": who, "last_name": who, "emails": [who] }, "status": "rejected",
            "rejected_at": "2026-07-20T08:00:00Z", "last_activity_at": "2026-07-20T08:00:00Z",
            "jobs": [{ "id": 1, "name": "Engineer" }], "credited_to": person(500, who),
            "rejection_details": { "custom_fields": { "why": REMARK } },
            "rejection_reason": { "id": 3, "name": "Skills", "type": { "id": 1, "name": "We rejected them" } },
            "answers": [{ "question": "Tell us", "answer": REMARK }],
        }));
        cards.push(serde_json::json!({
            "id": 900 + id, "application_id": id, "candidate_id": 100 + id, "interview": "Screen",
            "interviewer": person(501, who), "submitted_by": person(502, who), "interviewed_at": "2026-07-02T08:00:00Z",
            "submitted_at": "2026-07-03T08:00:00Z", "updated_at": "2026-07-03T08:00:00Z", "overall_recommendation": "yes",
            "attributes": [{ "name": "craft", "type": "Skills", "note": REMARK, "rating": "yes" }],
            "questions": [{ "id": null, "question": "Key Take-Aways", "answer": REMARK }],
        }));
    }
    let feed = serde_json::json!({
        "application_id": 1, "notes": [{ "id": 1, "created_at": "2026-07-02T08:00:00Z", "body": REMARK, "user": person(501, PEOPLE[0]) }],
        "emails": [{ "id": 2, "created_at": "2026-07-02T08:00:00Z", "subject": REMARK, "body": REMARK, "to": PEOPLE[1], "from": PEOPLE[1] }],
        "activities": [{ "id": 3, "created_at": "2026-07-02T08:00:00Z", "subject": null, "body": format!("{} was moved into Screen for Engineer", PEOPLE[0]), "user": person(501, PEOPLE[0]) }],
    });
    let text = |value: &Vec<serde_json::Value>| serde_json::to_string(value).unwrap();
    Tables::default()
        .with("applications.json", text(&applications))
        .with("scorecards.json", text(&cards))
        .with("activity_feed/1.json", feed.to_string())
        .with("users.json", text(&vec![person(501, PEOPLE[0]), person(502, PEOPLE[1])]))
}

/// Every byte of a file, and every value of a Parquet file or a workbook decompressed.
fn contents(path: &Path) -> String {
    let mut text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    if path.extension().is_some_and(|extension| extension == "parquet") {
        for row in file_rows(path) {
            for (column, value) in row {
                text.push_str(&format!("\n{column}={value}"));
            }
        }
    }
    if path.extension().is_some_and(|extension| extension == "xlsx") {
        let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
        for (sheet, range) in book.worksheets() {
            text.push_str(&sheet);
            range.used_cells().for_each(|(_, _, cell)| text.push_str(&format!("\n{cell}")));
        }
    }
    text
}

fn assert_clean(root: &Path, secrets: &[&str]) {
    let mut seen = 0;
    for path in files_below(root) {
        if path.components().any(|part| part.as_os_str() == "private") {
            continue;
        }
        seen += 1;
        let text = contents(&path);
        for secret in secrets {
            // A report has scripts of its own; what counts is that nobody's name brings one.
            if *secret == "<script>" && path.extension().is_some_and(|extension| extension == "html") {
                continue;
            }
            assert!(!text.contains(secret), "`{secret}` is in {}", path.display());
        }
    }
    assert!(seen > 20, "only {seen} files were looked at");
}

#[test]
fn no_name_address_or_remark_is_in_a_dataset_or_a_report() {
    for (what, export, extra) in
        [("tables", tables(), &["--source", "tables"]), ("greenhouse", greenhouse(), &["--source", "greenhouse-v1"])]
    {
        let scene = Scene::new();
        scene.export("export", &export);
        let mut args = vec!["run", "export", "--out", "out", "-v"];
        args.extend(extra);
        let ran = scene.run(&args).fine();
        ran.keeps(SECRETS);
        assert!(!rows(&scene.path("out/dataset"), "scorecards").is_empty(), "{what}");
        assert_clean(&scene.path("out"), SECRETS);
        // Only the length of what was written is there.
        let mut written = 0;
        for table in ["scorecards", "scores"] {
            for row in rows(&scene.path("out/dataset"), table) {
                assert!(cell(&row, "note").is_empty(), "{what}");
                written += usize::from(cell(&row, "note_length").parse().is_ok_and(|n: usize| n >= REMARK.len()));
            }
        }
        assert!(written > 0, "{what}");
    }
}

#[test]
fn kept_text_is_in_the_notes_of_scores_and_nowhere_else() {
    let scene = Scene::new();
    scene.export("export", &tables());
    scene.run(&["run", "export", "--out", "out", "--keep-text"]).fine().keeps(SECRETS);
    let mut with_note = 0;
    for path in files_below(&scene.path("out")) {
        if path.components().any(|part| part.as_os_str() == "private") {
            continue;
        }
        if !path.components().any(|part| part.as_os_str() == "scores") {
            let text = contents(&path);
            assert!(!SECRETS[..8].iter().any(|secret| text.contains(secret)), "{}", path.display());
            continue;
        }
        for row in file_rows(&path) {
            with_note += 1;
            assert_eq!(cell(&row, "note"), REMARK);
            for (column, value) in &row {
                assert!(column == "note" || !SECRETS.iter().any(|secret| value.contains(secret)), "{column}: {value}");
            }
        }
    }
    assert_eq!(with_note, 24);
}

#[test]
fn everything_belongs_to_its_owner_alone() {
    let scene = Scene::new();
    scene.simulate("greenhouse-v1", 20, "export");
    scene.run(&["run", "export", "--out", "deep/out", "--dataset", "deeper/still/data"]).fine();
    let mut looked_at = 0;
    for root in ["deep", "deeper"] {
        let mut todo = vec![scene.path(root)];
        while let Some(path) = todo.pop() {
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_symlink() {
                continue;
            }
            looked_at += 1;
            let mode = kind.permissions().mode() & 0o777;
            assert_eq!(mode, if kind.is_dir() { 0o700 } else { 0o600 }, "{}: {mode:o}", path.display());
            if kind.is_dir() {
                todo.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
    }
    assert!(looked_at > 40);
    assert!(scene.path("deeper/still/data/private/key").is_file());
}

#[test]
fn a_person_keeps_the_pseudonym_from_one_ingest_to_the_next_and_has_another_elsewhere() {
    let scene = Scene::new();
    let card = |n: u32, who: &str| {
        Tables::default()
            .with("applications.csv", format!("application_id,applied_at\napp-{n},2026-07-01T08:00:00Z\n"))
            .with("scorecards.csv", format!("application_id,stage,interviewer_id,dimension,score,scorecard_id\napp-{n},Screen,{who},craft,2,card-{n}\n"))
    };
    scene.export("first", &card(1, "Zelda.Quuxworthy@Mail.example"));
    scene.export("second", &card(2, "zelda.quuxworthy@mail.example"));
    scene.export("third", &card(3, "zelda.quuxworthy"));
    for export in ["first", "second", "third"] {
        scene.ingest(export);
    }
    let who = |data: &str, n: u32| {
        cell(&row_with(&scene.path(data), "scorecards", "scorecard_id", &format!("card-{n}")), "interviewer_id")
            .to_owned()
    };
    assert_eq!(who("data", 1), who("data", 2));
    assert_ne!(who("data", 1), who("data", 3));
    scene.run(&["ingest", "first", "--dataset", "other"]).fine();
    assert_ne!(who("data", 1), who("other", 1), "two datasets have two keys");
}
