//! Several exports of one account: what changed between them, what is missing, and in which order they come.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use looplens::dataset::schema::ENTITY_TABLES;
use looplens::dataset::store::{Compared, Input};
use serde_json::Value;

use crate::support::{Ran, Row, Scene, Tables, cell, current, inodes, row_with, rows};

/// Four snapshots of one history as an archive, the past edited in between.
fn archive(scene: &Scene, format: &str, loops: u64) -> Vec<Value> {
    let loops = loops.to_string();
    let args = ["simulate", "--loops", &loops, "--seed", "5", "--format", format, "--snapshots", "4", "--years", "1"];
    scene.run(&[&args[..], &["--out", "archive"]].concat()).fine();
    let truth = fs::read(scene.path("archive/truth.json")).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    truth["snapshots"].as_array().unwrap().clone()
}

fn folders(planted: &[Value]) -> Vec<String> {
    planted.iter().map(|one| format!("archive/{}", one["folder"].as_str().unwrap())).collect()
}

/// Ingests into a dataset, with the key of the dataset `data` where there is one.
fn ingest(scene: &Scene, exports: &[&str], dataset: &str, more: &[&str]) -> Ran {
    let (key, own) = (scene.path("data/private/key"), scene.path(dataset).join("private/key"));
    if key.exists() && !own.exists() {
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        fs::copy(key, own).unwrap();
    }
    scene.run(&[&["ingest"], exports, &["--dataset", dataset], more].concat()).fine()
}

fn inputs(dataset: &Path) -> Vec<Input> {
    current(dataset).manifest.inputs
}

fn last(dataset: &Path) -> Compared {
    inputs(dataset).pop().unwrap().compared
}

/// What a dataset holds, without the instants at which an export first showed it: out of order that is another one.
fn content(dataset: &Path) -> BTreeMap<&'static str, Vec<Row>> {
    let without = |mut row: Row| {
        row.retain(|column, _| column != "recorded_at" && column != "seen_at");
        row
    };
    let tables = ENTITY_TABLES.iter().map(|table| table.name).chain(["loops", "loop_states"]);
    tables.map(|table| (table, rows(dataset, table).into_iter().map(without).collect())).collect()
}

#[track_caller]
fn assert_same(a: &Path, b: &Path, what: &str) {
    for (table, rows) in content(a) {
        let other = &content(b)[table];
        if let Some((left, right)) = rows.iter().zip(other).find(|(left, right)| left != right) {
            panic!("{what}: {table}\n{left:?}\n{right:?}");
        }
        assert_eq!(rows.len(), other.len(), "{what}: {table}");
    }
}

fn planted(one: &Value, name: &str) -> u64 {
    one[name].as_u64().unwrap()
}

#[test]
fn edits_of_the_past_are_found_as_they_were_planted() {
    let scene = Scene::new();
    let truth = archive(&scene, "greenhouse-v3", 300);
    let ran = ingest(&scene, &["archive"], "data", &["--missing", "drop"]);
    assert!(ran.out.starts_with("4 exports, oldest first: 2026-06-30, 2026-07-30"), "{}", ran.out);
    let mut sum = Compared::default();
    for (one, input) in truth.iter().zip(inputs(&scene.path("data"))) {
        let folder = &one["folder"];
        let found = input.compared;
        assert_eq!(found.scores_changed, planted(one, "scores_changed"), "{folder}");
        assert_eq!(found.recommendations_changed, planted(one, "recommendations_changed"), "{folder}");
        assert_eq!(found.histories_edited, planted(one, "histories_edited"), "{folder}");
        assert_eq!(found.history_entries_replaced, planted(one, "history_entries_replaced"), "{folder}");
        let deleted = [
            ("interviews", "interviews_deleted"),
            ("panel_members", "seats_deleted"),
            ("scorecards", "scorecards_deleted"),
            ("scores", "scores_deleted"),
        ];
        let deleted = deleted.map(|(kind, name)| (kind.to_owned(), planted(one, name)));
        let deleted: BTreeMap<String, u64> = deleted.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(found.missing_dropped, deleted, "{folder}");
        assert!(found.missing_kept.is_empty());
        sum.add(&found);
    }
    assert!(sum.scores_changed > 5 && sum.recommendations_changed > 5 && sum.histories_edited > 10, "{sum:?}");
    assert!(sum.missing_dropped["interviews"] > 3 && sum.missing_dropped["scores"] > 3, "{sum:?}");
    // The terminal says the same, and the tables hold every single one.
    let text = format!("of {} loops was edited", inputs(&scene.path("data"))[3].compared.histories_edited);
    assert!(ran.out.contains(&text), "{}", ran.out);
    let revised = rows(&scene.path("data"), "score_revisions");
    let (cards, scores): (Vec<_>, Vec<_>) =
        revised.iter().partition(|row| cell(row, "dimension") == "(recommendation)");
    assert_eq!((scores.len() as u64, cards.len() as u64), (sum.scores_changed, sum.recommendations_changed));
    let missing = rows(&scene.path("data"), "missing_records");
    let count = |became: &str| missing.iter().filter(|row| cell(row, "became") == became).count() as u64;
    assert_eq!(count("replaced"), sum.history_entries_replaced);
    assert_eq!(count("dropped"), sum.missing_dropped.values().sum::<u64>());
    // What is left is what the last snapshot holds, as far as it goes by itself.
    let last = folders(&truth).pop().unwrap();
    ingest(&scene, &[&last], "alone", &[]);
    let (all, alone) = (content(&scene.path("data")), content(&scene.path("alone")));
    for table in ["decisions", "interviews", "panel_members", "scorecards", "scores", "events", "loops", "loop_states"]
    {
        assert_eq!(all[table], alone[table], "{table}");
    }
}

#[test]
fn what_is_missing_is_kept_and_counted_unless_it_is_to_be_dropped() {
    let scene = Scene::new();
    let truth = archive(&scene, "tables", 200);
    let ran = ingest(&scene, &["archive"], "data", &[]);
    assert!(ran.out.contains("`--missing drop` takes it out"), "{}", ran.out);
    let deleted = |name: &str| truth.iter().map(|one| planted(one, name)).sum::<u64>();
    // What is kept stays missing from every export after.
    let found = last(&scene.path("data"));
    assert_eq!(found.missing_kept["interviews"], deleted("interviews_deleted"));
    assert_eq!(found.missing_kept["scores"], deleted("scores_deleted"));
    assert!(found.missing_dropped.is_empty());
    let listed = rows(&scene.path("data"), "missing_records");
    let kept = listed.iter().filter(|row| cell(row, "kind") == "interviews" && cell(row, "became") == "kept");
    assert_eq!(kept.count() as u64, deleted("interviews_deleted"));
    let before = rows(&scene.path("data"), "interviews").len() as u64;
    // The same snapshot again, and this time what is missing goes.
    ingest(&scene, &[folders(&truth).last().unwrap()], "data", &["--missing", "drop"]);
    assert_eq!(last(&scene.path("data")).missing_dropped["interviews"], deleted("interviews_deleted"));
    assert_eq!(rows(&scene.path("data"), "interviews").len() as u64, before - deleted("interviews_deleted"));
}

#[test]
fn the_order_of_exports_does_not_matter() {
    let drop = &["--missing", "drop"][..];
    for (format, more, orders) in
        [("greenhouse-v3", drop, &["dcba", "cadb"][..]), ("tables", drop, &["dcba"]), ("tables", &[], &["bdac"])]
    {
        let scene = Scene::new();
        let all = folders(&archive(&scene, format, 60));
        ingest(&scene, &["archive"], "data", more);
        let turned: Vec<&str> = all.iter().rev().map(String::as_str).collect();
        ingest(&scene, &turned, "at-once", more);
        assert_same(&scene.path("data"), &scene.path("at-once"), "at once");
        // One command for each.
        for order in orders {
            for export in order.bytes().map(|letter| &all[usize::from(letter - b'a')]) {
                ingest(&scene, &[export], order, more);
            }
            assert_same(&scene.path("data"), &scene.path(order), &format!("{format} {more:?} {order}"));
        }
    }
}

#[test]
fn the_same_archive_twice_changes_nothing() {
    for (format, more) in [("greenhouse-v3", &["--missing", "drop"][..]), ("tables", &[])] {
        let scene = Scene::new();
        archive(&scene, format, 100);
        ingest(&scene, &["archive"], "data", more);
        let before = inodes(&scene.path("data"));
        let sightings = rows(&scene.path("data"), "sightings").len();
        ingest(&scene, &["archive"], "data", more);
        assert_eq!(inodes(&scene.path("data")), before, "{format}");
        assert_eq!(rows(&scene.path("data"), "sightings").len(), sightings, "{format}");
    }
}

/// Two loops with a stage history, and one that is later than all else.
fn with_history(events: &str, last: &str) -> Tables {
    Tables::default()
        .with(
            "applications.csv",
            format!("application_id,applied_at\n1,2026-07-01T08:00:00Z\n2,2026-07-01T09:00:00Z\n3,{last}T08:00:00Z\n"),
        )
        .with("decisions.csv", "application_id,decision,decided_at\n1,reject,2026-07-20T08:00:00Z\n")
        .with("events.csv", format!("application_id,event,at,stage\n{events}"))
}

const HISTORY: &str = "\
    2,stage_entered,2026-07-01T09:00:00Z,Review\n\
    1,stage_entered,2026-07-01T08:00:00Z,Review\n\
    1,stage_left,2026-07-05T08:00:00Z,Review\n\
    1,stage_entered,2026-07-05T08:00:00Z,Screen\n\
    1,stage_left,2026-07-20T08:00:00Z,Screen\n";

#[test]
fn a_newer_stage_history_stands_instead_of_the_older_one() {
    let scene = Scene::new();
    scene.export("older", &with_history(HISTORY, "2026-08-01"));
    // Somebody moved the second stage by three days, and the other loop's history is not told at all.
    let edited = HISTORY.replace("07-05", "07-08").replace("2,stage_entered,2026-07-01T09:00:00Z,Review\n", "");
    scene.export("newer", &with_history(&edited, "2026-09-01"));
    scene.export("alone", &with_history(&edited, "2026-09-01").and("events.csv", HISTORY.lines().next().unwrap()));
    for (dataset, order) in [("data", ["older", "newer"]), ("late", ["newer", "older"])] {
        let said: Vec<String> = order.iter().map(|export| ingest(&scene, &[export], dataset, &[]).out).collect();
        let text =
            "the stage history of 1 loop was edited since the last export: 2 entries re-dated, renamed or removed, see";
        assert!(said[1].contains(text), "{dataset}: {}", said[1]);
        let missing = rows(&scene.path(dataset), "missing_records");
        let told: Vec<[&str; 5]> = missing
            .iter()
            .map(|row| ["application_id", "detail", "at", "stage", "became"].map(|column| cell(row, column)))
            .collect();
        assert_eq!(
            told,
            [
                ["1", "stage_entered", "2026-07-05T08:00:00Z", "Screen", "replaced"],
                ["1", "stage_left", "2026-07-05T08:00:00Z", "Review", "replaced"],
            ],
            "{dataset}"
        );
        assert!(missing.iter().all(|row| cell(row, "recorded_at") == "2026-09-01T08:00:00Z"));
        let found = last(&scene.path(dataset));
        assert_eq!((found.histories_edited, found.history_entries_replaced), (1, 2), "{dataset}");
    }
    // Time in stages is that of the newer history, and not both.
    ingest(&scene, &["alone"], "alone", &[]);
    for dataset in ["data", "late"] {
        let (own, alone) = (content(&scene.path(dataset)), content(&scene.path("alone")));
        for table in ["events", "loop_states", "loops"] {
            assert_eq!(own[table], alone[table], "{dataset}: {table}");
        }
    }
}

#[test]
fn a_changed_recommendation_is_a_revision_of_the_card() {
    let scene = Scene::new();
    let cards = |word: &str, at: &str| {
        Tables::good().without("scorecards.csv").with(
            "scorecards.csv",
            format!(
                "application_id,stage,interviewer_id,dimension,score,scorecard_id,submitted_at,recommendation\n\
                 app-1,Screen,i,craft,2,card-1,2026-07-02T17:00:00Z,{word}\n\
                 app-2,Screen,i,craft,2,card-2,2026-07-03T17:00:00Z,\n\
                 app-3,Screen,i,craft,2,card-3,{at}T17:00:00Z,2\n"
            ),
        )
    };
    scene.export("older", &cards("2", "2026-09-01"));
    scene.export(
        "newer",
        &cards("3", "2026-09-20").edit("scorecards.csv", |text| text.replace("-03T17:00:00Z,", "-03T17:00:00Z,4")),
    );
    for (dataset, order) in [("data", ["older", "newer"]), ("late", ["newer", "older"])] {
        order.iter().for_each(|export| {
            ingest(&scene, &[export], dataset, &[]);
        });
        let revised = rows(&scene.path(dataset), "score_revisions");
        // A recommendation that was left open is given, not changed.
        assert_eq!(revised.len(), 1, "{dataset}: {revised:?}");
        for (column, value) in [
            ("scorecard_id", "card-1"),
            ("dimension", "(recommendation)"),
            ("from_raw", "2"),
            ("from_milli", "2000"),
            ("to_milli", "3000"),
            ("seen_at", "2026-09-20T17:00:00Z"),
            ("observed_through", "successive_exports"),
        ] {
            assert_eq!(cell(&revised[0], column), value, "{dataset}: {column}");
        }
        assert_eq!(
            cell(&row_with(&scene.path(dataset), "scorecards", "scorecard_id", "card-1"), "recommendation"),
            "3"
        );
    }
}

/// The lines of a file for which a test of the application's number holds.
fn only(tables: Tables, file: &str, keep: impl Fn(u32) -> bool) -> Tables {
    tables.edit(file, |text| {
        let kept = |line: &&str| {
            let number = line.split(',').find_map(|cell| cell.strip_prefix("app-")?.parse().ok());
            number.is_none_or(&keep)
        };
        text.lines().filter(kept).map(|line| format!("{line}\n")).collect()
    })
}

const FILES: [&str; 4] = ["applications.csv", "decisions.csv", "interviews.csv", "scorecards.csv"];

#[test]
fn an_export_of_some_applications_or_of_a_period_makes_nothing_look_deleted() {
    let scene = Scene::new();
    scene.export("all", &Tables::good().and("applications.csv", "zpp-1,,Sales,,2026-08-25T08:00:00Z\n"));
    let later = |tables: Tables| {
        tables.and("applications.csv", "zpp-1,,Sales,,2026-08-25T08:00:00Z\nzpp-2,,Sales,,2026-09-25T08:00:00Z\n")
    };
    let of = |keep: fn(u32) -> bool| FILES.iter().fold(Tables::good(), |tables, file| only(tables, file, keep));
    // Half of the applications; the later half of July; all applications with the interviews of a week.
    scene.export("some", &later(of(|n| n % 2 == 0)));
    scene.export("period", &later(of(|n| n % 20 + 1 > 12)));
    scene.export("week", &later(only(Tables::good(), "interviews.csv", |n| n % 20 + 1 > 14)));
    let dataset = scene.path("data");
    ingest(&scene, &["all"], "data", &[]);
    let before = content(&dataset);
    for export in ["some", "period", "week"] {
        let ran = ingest(&scene, &[export], "data", &["--missing", "drop"]);
        let found = last(&dataset);
        assert!(found.missing_dropped.is_empty() && found.missing_kept.is_empty(), "{export}: {found:?}");
        assert!(!ran.out.contains("missing from"), "{export}: {}", ran.out);
        let now = content(&dataset);
        for table in ["decisions", "interviews", "panel_members", "scorecards", "scores"] {
            assert_eq!(now[table], before[table], "{export}: {table}");
        }
        assert!(now["missing_records"].is_empty());
    }
}

#[test]
fn an_application_that_vanished_is_told_and_leaves_only_when_asked() {
    let scene = Scene::new();
    let later = |tables: Tables| tables.and("applications.csv", "zpp-1,,Sales,,2026-09-25T08:00:00Z\n");
    let without = |n: u32| FILES.iter().fold(Tables::good(), |tables, file| only(tables, file, |own| own != n));
    scene.export("older", &Tables::good());
    scene.export("newer", &later(without(7)));
    let dataset = scene.path("data");
    ingest(&scene, &["older"], "data", &[]);
    let of_7 = |dataset: &Path| -> Vec<&str> {
        let all = content(dataset);
        let holds = |rows: &Vec<Row>| rows.iter().any(|row| cell(row, "application_id") == "app-7");
        all.into_iter().filter(|(_, rows)| holds(rows)).map(|(table, _)| table).collect()
    };
    let before = of_7(&dataset);
    let ran = ingest(&scene, &["newer"], "data", &[]);
    assert!(ran.out.contains("missing from the newer export and kept: 1 application\n"), "{}", ran.out);
    assert_eq!(last(&dataset).missing_kept, BTreeMap::from([("applications".to_owned(), 1)]));
    let listed = row_with(&dataset, "missing_records", "application_id", "app-7");
    assert_eq!((cell(&listed, "kind"), cell(&listed, "became")), ("applications", "kept"));
    let listed: Vec<&str> = of_7(&dataset).into_iter().filter(|table| *table != "missing_records").collect();
    assert_eq!(listed, before);
    ingest(&scene, &["newer"], "data", &["--missing", "drop"]);
    assert_eq!(last(&dataset).missing_dropped, BTreeMap::from([("applications".to_owned(), 1)]));
    assert!(of_7(&dataset).is_empty(), "{:?}", of_7(&dataset));
    // The older export does not bring it back, and its records are accounted for.
    let ran = ingest(&scene, &["older"], "data", &["--missing", "drop"]);
    assert!(of_7(&dataset).is_empty(), "{}", ran.out);
    // Of another source nothing is expected.
    scene.simulate("greenhouse-v3", 30, "other");
    ingest(&scene, &["other"], "data", &["--missing", "drop"]);
    assert!(last(&dataset).missing_dropped.is_empty());
}

const CARD: &str = r#"{"id": 3, "application_id": 1, "interview": "Screen", "interview_step": {"id": 1, "name": "Screen"},
    "submitted_at": "2026-01-05T12:00:00Z", "updated_at": "2026-01-05T12:00:00Z", "interviewer": {"id": 7},
    "submitted_by": {"id": 7}, "overall_recommendation": "yes", "attributes": [{"name": "Craft", "type": "Skills", "rating": "yes"}]}"#;

#[test]
fn a_record_that_the_source_says_was_deleted_leaves_when_asked() {
    let scene = Scene::new();
    let application = |id: u32, at: &str| {
        format!(
            r#"{{"id": {id}, "candidate_id": {id}, "prospect": false, "applied_at": "{at}", "last_activity_at": "{at}",
                "status": "active", "jobs": [{{"id": 5, "name": "Cook"}}]}}"#
        )
    };
    let card = CARD.replace("\"id\": 3", "\"id\": 4").replace("\"application_id\": 1", "\"application_id\": 2");
    scene.write(
        "older/applications.json",
        format!("[{},{}]", application(1, "2026-01-02T08:00:00Z"), application(2, "2026-01-02T08:00:00Z")),
    );
    scene.write("older/scorecards.json", format!("[{CARD},{card}]"));
    // An export of what changed: the application itself is not in it.
    scene.write("newer/applications.json", format!("[{}]", application(9, "2026-02-02T08:00:00Z")));
    scene.write("newer/scorecards.json", r#"[{"message": "Scorecard 3 has been deleted."}]"#);
    for (dataset, more, left) in [("data", &[][..], 2), ("drop", &["--missing", "drop"][..], 1)] {
        ingest(&scene, &["older"], dataset, &["--source", "greenhouse-v1"]);
        ingest(&scene, &["newer"], dataset, &[&["--source", "greenhouse-v1"], more].concat());
        let found = last(&scene.path(dataset));
        let counts = BTreeMap::from([("scorecards".to_owned(), 1), ("scores".to_owned(), 1)]);
        assert_eq!(if more.is_empty() { found.missing_kept } else { found.missing_dropped }, counts, "{dataset}");
        for table in ["scorecards", "scores"] {
            assert_eq!(rows(&scene.path(dataset), table).len(), left, "{dataset}: {table}");
        }
    }
}

#[test]
fn an_appointment_without_a_status_is_held_once_a_later_export_shows_it() {
    let scene = Scene::new();
    let tables = |last: &str| {
        Tables::default()
            .with(
                "applications.csv",
                format!("application_id,applied_at\n1,2026-07-01T08:00:00Z\n2,{last}T08:00:00Z\n"),
            )
            .with(
                "interviews.csv",
                "interview_id,application_id,stage,scheduled_at,starts_at,ends_at\n\
                 11,1,Screen,2026-07-02T08:00:00Z,2026-07-10T08:00:00Z,2026-07-10T09:00:00Z\n",
            )
    };
    scene.export("before", &tables("2026-07-05"));
    scene.export("after", &tables("2026-07-15"));
    let held = || cell(&row_with(&scene.path("data"), "loops", "application_id", "1"), "interviews").to_owned();
    ingest(&scene, &["before"], "data", &[]);
    assert_eq!(held(), "0");
    ingest(&scene, &["after"], "data", &[]);
    assert_eq!(held(), "1");
    ingest(&scene, &["before"], "data", &[]);
    assert_eq!(held(), "1", "an older export knows less");
}

#[test]
fn an_archive_is_told_from_an_export_in_folders() {
    let scene = Scene::new();
    let early = Tables::good();
    let late = Tables::good().and("applications.csv", "zpp-1,,Sales,,2026-09-25T08:00:00Z\n");
    // Without dates the latest instants tell.
    scene.export("plain/one", &late);
    scene.export("plain/two", &early);
    let ran = ingest(&scene, &["plain"], "plain-data", &[]);
    assert!(ran.out.starts_with("2 exports, oldest first: two, one (by the latest instant in each)"), "{}", ran.out);
    // Another system's export beside them is no dump of the same account, as far as anybody can tell.
    scene.simulate("greenhouse-v3", 20, "plain/zebra");
    let ran = scene.run(&["ingest", "plain", "--dataset", "mixed"]);
    assert!(ran.status == Some(3) && ran.err.contains("looks like"), "{ran:?}");
    // One folder per endpoint is one export, whatever the pages are called.
    for (file, text) in &early.files {
        let stem = file.strip_suffix(".csv").unwrap();
        scene.write(&format!("single/{stem}/{stem}-1.csv"), text);
    }
    let ran = ingest(&scene, &["single"], "single-data", &[]);
    assert!(ran.out.starts_with("Read 200 records of 4 files"), "{}", ran.out);
    // A whole archive runs in one go.
    scene.export("dated/June 2026", &early);
    scene.export("dated/2026-09", &late);
    // A date says when a dump was taken, whatever it was taken of.
    scene.simulate("greenhouse-v3", 20, "dated/2026-10-01");
    let ran = scene.run(&["run", "dated", "--out", "out", "--only", "waits"]).fine();
    assert!(ran.out.starts_with("3 exports, oldest first: June 2026, 2026-09, 2026-10-01"), "{}", ran.out);
    let run: Value = serde_json::from_slice(&fs::read(scene.path("out/run.json")).unwrap()).unwrap();
    assert_eq!(run["inputs"].as_array().unwrap().len(), 3);
    assert!(run["inputs"][1]["compared"]["scores_changed"].is_u64());
    // A dump that went wrong is not passed over.
    scene.write("dated/2026-11/notes.csv", "a,b\n1,2\n");
    let ran = scene.run(&["ingest", "dated", "--dataset", "other"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(ran.err.contains("2026-11"), "{}", ran.err);
    assert!(!scene.path("other/current").exists());
}
