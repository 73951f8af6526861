//! SQL over a dataset and its results: what can be asked, what is refused, and how it is told.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ran, Scene, Tables, file_rows, hashes};

/// A scene with a small run in `out`.
fn run() -> Scene {
    let scene = Scene::new();
    scene.export("export", &Tables::good());
    scene.run(&["run", "export", "--out", "out", "--additive"]).fine();
    scene
}

fn ask(scene: &Scene, sql: &str) -> Ran {
    scene.run(&["query", sql])
}

fn json(scene: &Scene, sql: &str) -> Value {
    serde_json::from_str(&scene.run(&["query", "--format", "json", sql]).fine().out).unwrap()
}

fn refused(scene: &Scene, sql: &str, words: &[&str]) {
    let ran = ask(scene, sql);
    assert_eq!(ran.status, Some(2), "{sql}: {ran:?}");
    assert_eq!(ran.out, "", "{sql}");
    for word in words {
        assert!(ran.err.contains(word), "{sql}: `{word}` is missing in {}", ran.err);
    }
}

#[test]
fn the_dataset_the_results_and_the_additive_tables_are_asked_together() {
    let scene = run();
    let rows = json(&scene, "SELECT opened, count(*) AS loops FROM loops GROUP BY opened");
    assert_eq!(rows, serde_json::json!([{ "opened": "2026Q3", "loops": 40 }]));
    let rows = json(&scene, "SELECT loops FROM time_to_decision WHERE clock = 'applied' AND segment_kind = 'all'");
    assert_eq!(rows[0]["loops"], 40);
    let rows = json(&scene, "SELECT sum(loops) AS loops FROM additive_time_to_decision");
    assert_eq!(rows[0]["loops"], 40);
    let rows = json(
        &scene,
        "SELECT d.decision, avg(s.score_milli) AS mean FROM scores s JOIN decisions d ON s.application_id = d.application_id \
         GROUP BY d.decision",
    );
    assert_eq!(rows, serde_json::json!([{ "decision": "reject", "mean": 2500.0 }]));
    // A table of the dictionary that the export has nothing for is empty, not unknown.
    assert_eq!(json(&scene, "SELECT * FROM outcomes"), serde_json::json!([]));
}

#[test]
fn a_dataset_is_asked_without_an_analysis() {
    let scene = Scene::new();
    scene.export("export", &Tables::good());
    scene.ingest("export");
    let ran = scene.run(&["query", "--dataset", "data", "SELECT count(*) AS n FROM applications"]).fine();
    assert!(ran.out.contains("40"), "{ran:?}");
    let ran = scene.run(&["query", "SELECT 1"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.err.contains("--dataset DIR"), "{ran:?}");
}

#[test]
fn the_tables_and_their_columns_are_listed_with_their_meanings() {
    let scene = run();
    let tables = scene.run(&["query", "--tables"]).fine().out;
    assert_eq!(tables, ask(&scene, ".tables").fine().out);
    for word in
        ["applications", "time_to_decision", "additive_time_to_decision", "one row is", "One row per application"]
    {
        assert!(tables.contains(word), "{word}: {tables}");
    }
    let columns = ask(&scene, ".schema time_to_decision").fine().out;
    assert!(columns.contains("median_days ") && columns.contains("float") && columns.contains("days"), "{columns}");
    let columns = ask(&scene, ".schema loops").fine().out;
    assert!(columns.contains("opened ") && columns.contains("quarter"), "{columns}");
    refused(&scene, ".schema loop", &["did you mean `loops`"]);
    refused(&scene, ".quit", &[".tables"]);
}

#[test]
fn a_query_changes_nothing_and_reads_no_other_file() {
    let scene = run();
    scene.write("other.csv", "secret\n1\n");
    scene.write("other.parquet", "no parquet");
    let before = hashes(&scene.path("out"), |_| true);
    for sql in [
        "DROP TABLE loops",
        "CREATE TABLE mine AS SELECT 1",
        "INSERT INTO loops VALUES (1)",
        "DELETE FROM loops",
        "UPDATE loops SET opened = 'x'",
        "TRUNCATE TABLE loops",
        "COPY loops TO 'copy.csv'",
        "WITH a AS (SELECT 1) DELETE FROM loops",
        "SELECT * INTO copy FROM loops",
        "SELECT * FROM loops; DROP TABLE loops",
    ] {
        refused(&scene, sql, &[]);
    }
    for sql in [
        "SELECT * FROM read_csv('other.csv')",
        "SELECT * FROM READ_PARQUET('other.parquet')",
        "SELECT * FROM \"read_parquet\" ('other.parquet')",
    ] {
        refused(&scene, sql, &["is refused"]);
    }
    for sql in ["SELECT * FROM 'other.csv'", "SELECT * FROM \"other.parquet\"", "SELECT * FROM other.csv"] {
        refused(&scene, sql, &[]);
    }
    assert_eq!(before, hashes(&scene.path("out"), |_| true));
    assert!(!scene.path("copy.csv").exists());
}

#[test]
fn what_is_wrong_with_a_query_is_told_with_what_to_do() {
    let scene = run();
    refused(&scene, "SELECT * FROM score", &["no table `score`", "did you mean `scores`", "--tables"]);
    refused(
        &scene,
        "SELECT median FROM time_to_decision",
        &["no column `median`", "did you mean `median_days`?", "share_within_1"],
    );
    refused(&scene, "SELECT t.median FROM time_to_decision t", &["no column `median`"]);
    refused(&scene, "SELECT * FROM loops WHERE furthest = 'x'", &["no column `furthest`", "furthest_stage"]);
    refused(&scene, "SELECT * FROM loops WHER opened = 'x'", &["not SQL", "line 1, column 26: `opened = 'x'`"]);
    refused(&scene, "SELECT *\nFROM loops\nWHERE (opened = 'x'", &["not SQL", "the end"]);
    refused(&scene, "   ", &["empty", "SELECT"]);
    // polars would take the table for it, in silence.
    refused(&scene, "WITH loops AS (SELECT 1 AS a) SELECT * FROM loops", &["name of a table already", "my_loops"]);
    refused(&scene, "SELECT no_such_function(opened) FROM loops", &["cannot be answered", "no_such_function"]);
    refused(&scene, "SELECT min(score_milli), max(score_milli) FROM scores", &["called `score_milli`", "AS"]);
    let ran = scene.run(&["query", "--format", "parquet", "SELECT 1 AS a"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("--output FILE"), "{ran:?}");
}

#[test]
fn values_of_the_data_stay_out_of_errors() {
    let scene = run();
    let ran = ask(&scene, "SELECT CAST(decision AS INT) FROM decisions");
    assert_ne!(ran.status, Some(0), "{ran:?}");
    assert!(!ran.err.contains("\"reject\""), "{ran:?}");
}

#[test]
fn a_table_shows_fifty_rows_and_the_other_formats_all() {
    let scene = run();
    let sql = "SELECT application_id, dimension, score_milli FROM scores";
    let shown = ask(&scene, sql).fine().out;
    assert_eq!(shown.lines().count(), 2 + 50 + 1, "{shown}");
    assert!(shown.ends_with("80 rows; 30 not shown: --all shows them, --format csv writes them\n"), "{shown}");
    assert_eq!(scene.run(&["query", "--all", sql]).fine().out.lines().count(), 2 + 80 + 1);
    let text = scene.run(&["query", "--format", "csv", sql]).fine().out;
    assert_eq!(text.lines().count(), 81);
    assert_eq!(json(&scene, sql).as_array().unwrap().len(), 80);
    let said = scene.run(&["query", "--format", "parquet", "--output", "answer.parquet", sql]).fine();
    assert!(said.out.contains("80 rows"), "{said:?}");
    assert_eq!(file_rows(&scene.path("answer.parquet")).len(), 80);
    scene.run(&["query", "--format", "csv", "--output", "answer.csv", sql]).fine();
    assert_eq!(std::fs::read_to_string(scene.path("answer.csv")).unwrap(), text);
}

#[test]
fn a_list_is_told_whole() {
    let scene = run();
    let rows = json(&scene, "SELECT array_agg(application_id) AS ids FROM decisions");
    assert_eq!(rows[0]["ids"].as_str().unwrap().matches("app-").count(), 40, "{rows}");
}

#[test]
fn hostile_text_of_the_data_is_harmless_in_every_format() {
    let scene = Scene::new();
    let tables = Tables::good().edit("applications.csv", |text| text.replace("Sales", "=1+1\u{1b}[2J"));
    scene.export("export", &tables);
    scene.run(&["run", "export", "--out", "out"]).fine();
    let sql = "SELECT DISTINCT department FROM applications";
    for format in ["table", "csv", "json"] {
        let out = scene.run(&["query", "--format", format, sql]).fine().out;
        assert!(out.contains("1+1") && !out.contains('\u{1b}'), "{format}: {out:?}");
    }
    let out = scene.run(&["query", "--format", "csv", sql]).fine().out;
    assert!(out.lines().nth(1).unwrap().trim_matches('"').starts_with("'="), "{out:?}");
    refused(&scene, "SELECT \"\u{1b}[2J\" FROM loops", &["\\u{1b}"]);
}

#[test]
fn the_same_query_gives_the_same_bytes() {
    let scene = Scene::new();
    scene.simulate("tables", 200, "export");
    scene.run(&["run", "export", "--out", "out"]).fine();
    let sql = "SELECT s.dimension, c.stage, count(*) AS scores, avg(s.score_milli) AS mean FROM scores s JOIN scorecards c \
               ON s.scorecard_id = c.scorecard_id GROUP BY s.dimension, c.stage";
    let first = scene.run(&["query", "--format", "csv", sql]).fine().out;
    assert!(first.lines().count() > 10, "{first}");
    for threads in ["1", "2", "7"] {
        let again =
            Ran::of(scene.command(&["query", "--format", "csv", sql]).env("POLARS_MAX_THREADS", threads)).fine();
        assert_eq!(first, again.out, "{threads} threads");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let scene = Scene::new();
    scene.simulate("tables", 300, "export");
    scene.run(&["run", "export", "--out", "out"]).fine();
    let mut child = scene
        .command(&["query", "--format", "csv", "SELECT * FROM scores"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0_u8; 8];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn additive_tables_are_kept_only_where_they_are_asked_for() {
    let scene = run();
    assert!(scene.path("out/additive/time_to_decision.parquet").exists());
    scene.run(&["analyze", "--dataset", "out/dataset", "--out", "out"]).fine();
    assert!(!scene.path("out/additive/time_to_decision.parquet").exists(), "they belonged to the analysis before");
    refused(&scene, "SELECT * FROM additive_time_to_decision", &["no table"]);
}
