//! Comparisons from the outside: quarters of a dataset, earlier reports, and what cannot be compared.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::json_schema::problems;
use crate::support::{Ran, Scene, file_rows};

fn report(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap()
}

/// The schema that the program publishes.
pub(crate) fn schema(scene: &Scene) -> Value {
    serde_json::from_str(&scene.run(&["schema", "--report"]).fine().out).unwrap()
}

/// Two years of loops, the last of which were simulated to be no different.
fn dataset() -> Scene {
    let scene = Scene::new();
    scene.simulate("tables", 400, "export");
    scene.ingest("export");
    scene
}

fn analyze(scene: &Scene, out: &str, more: &[&str]) -> Ran {
    let mut args = vec!["analyze", "--dataset", "data", "--out", out];
    args.extend(more);
    scene.run(&args)
}

fn ids(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

#[test]
fn a_quarter_is_compared_with_others_and_with_an_earlier_report() {
    let scene = dataset();
    analyze(&scene, "before", &["--period", "2026Q2"]).fine();
    analyze(&scene, "alone", &["--period", "2026Q3"]).fine();
    let asked = ["--compare", "previous", "--compare", "last-year", "--compare", "before/run.json"];
    analyze(&scene, "now", &[&["--period", "2026Q3"][..], &asked[..]].concat()).fine();
    let (before, alone, now) =
        (report(&scene.path("before")), report(&scene.path("alone")), report(&scene.path("now")));
    assert_eq!(problems(&schema(&scene), &now), [""; 0]);

    let comparisons = now["comparisons"].as_array().unwrap();
    let against: Vec<&str> = comparisons.iter().map(|one| one["against"].as_str().unwrap()).collect();
    assert_eq!(against[..2], ["2026Q2", "2025Q3"]);
    assert!(against[2].starts_with("2026Q2 as known on 2026-"), "{against:?}");
    for comparison in comparisons {
        let changes = comparison["changes"].as_array().unwrap();
        let figures = now["figures"].as_array().unwrap();
        assert_eq!(changes.len(), figures.len(), "every headline figure is compared");
        let told = changes.iter().filter(|change| change["difference"].is_number()).count();
        assert!(told >= 3, "{changes:?}");
        for (change, figure) in changes.iter().zip(figures) {
            assert_eq!(change["label"], figure["label"]);
            let (value, was) = (change["now"]["value"].as_f64(), change["before"]["value"].as_f64());
            let Some(difference) = change["difference"].as_f64() else { continue };
            assert!((difference - (value.unwrap() - was.unwrap())).abs() < 1e-9);
            let clear = matches!(change["verdict"].as_str().unwrap(), "better" | "worse" | "changed");
            let zero_inside = change["low"].as_f64().is_none_or(|low| low <= 0.0)
                && change["high"].as_f64().is_none_or(|high| high >= 0.0);
            assert!(!(clear && zero_inside), "{change}");
            assert!(figure["note"].as_str().unwrap().contains("2026Q2"), "{figure}");
        }
        // Each finding of either side is in one list.
        let mut listed: Vec<&str> = ids(&comparison["new"]);
        listed.extend(ids(&comparison["persisting"]));
        listed.sort_unstable();
        let mut all = ids(&now["findings"]);
        all.sort_unstable();
        assert_eq!(listed, all);
    }
    // The quarter computed again and the report made of it then say the same.
    for (again, earlier) in
        comparisons[0]["changes"].as_array().unwrap().iter().zip(comparisons[2]["changes"].as_array().unwrap())
    {
        for pointer in ["/before/value", "/before/high", "/difference"] {
            let [a, b] = [again, earlier].map(|one| one.pointer(pointer).unwrap().as_f64());
            assert_eq!(a.is_some(), b.is_some(), "{pointer}: {again}");
            assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0)), "{pointer}: {again}");
        }
    }
    let mut gone = ids(&comparisons[0]["resolved"]);
    gone.extend(ids(&comparisons[0]["persisting"]));
    gone.sort_unstable();
    let mut then = ids(&before["findings"]);
    then.sort_unstable();
    assert_eq!(gone, then);

    // What was not asked for is not implied, and asking changes no number.
    assert_eq!(alone["comparisons"], Value::Array(Vec::new()));
    assert_eq!(alone["measures"], now["measures"]);
    assert!(file_rows(&scene.path("alone/tables/comparison.parquet")).is_empty());
    let rows = file_rows(&scene.path("now/tables/comparison.parquet"));
    assert_eq!(rows.len(), 3 * now["figures"].as_array().unwrap().len());
    for file in ["report.md", "report.html"] {
        let text = |out: &str| fs::read_to_string(scene.path(out).join(file)).unwrap();
        assert!(text("now").contains("Compared with 2026Q2") && text("now").contains("Compared with 2025Q3"));
        assert!(!text("alone").contains("Compared with 202"), "{file}");
    }
    analyze(&scene, "again", &[&["--period", "2026Q3"][..], &asked[..]].concat()).fine();
    for file in ["report.html", "report.json", "report.md", "report.xlsx"] {
        let bytes = |out: &str| fs::read(scene.path(out).join(file)).unwrap();
        assert!(bytes("now") == bytes("again"), "{file} differs");
    }
}

#[test]
fn what_is_no_comparison_is_refused_before_anything_is_computed() {
    let scene = dataset();
    let refused = |args: &[&str], words: &[&str]| {
        let ran = analyze(&scene, "out", args);
        assert_eq!(ran.status, Some(2), "{args:?}: {ran:?}");
        for word in words {
            assert!(ran.err.contains(word), "{args:?}: no `{word}` in {}", ran.err);
        }
        assert!(!scene.path("out/report.json").exists(), "{args:?}");
    };
    refused(&["--compare", "previous"], &["needs the quarter", "--period"]);
    refused(&["--compare", "2026Q2"], &["needs the quarter"]);
    refused(&["--period", "2026Q3", "--compare", "2026Q3"], &["compared with itself"]);
    refused(&["--period", "2026Q3", "--compare", "2019Q1"], &["no loop opened in 2019Q1", "cannot be compared with"]);
    refused(&["--period", "2026Q3", "--compare", "nowhere.json"], &["`nowhere.json` is nothing to compare with"]);
    scene.write("odd.json", "{\"format\": \"looplens-report\"}");
    refused(&["--compare", "odd.json"], &["this is no report.json", "odd.json"]);
    scene.write("lone/run.json", "{\"format\": \"looplens-run\", \"version\": 1}");
    refused(&["--compare", "lone/run.json"], &["which is not beside it", "report.json of that run"]);
    let head = "\"period\": \"2026Q2\", \"as_of\": null, \"findings\": [], \"provenance\": {}";
    scene.write("old.json", format!("{{\"format\": \"looplens-report\", \"version\": 1, {head}}}"));
    refused(&["--compare", "old.json"], &["holds no numbers to compare with"]);
    scene.write("next.json", format!("{{\"format\": \"looplens-report\", \"version\": 9, {head}}}"));
    refused(&["--compare", "next.json"], &["version 9"]);
}

/// The first quarter of all has none before it; a command that runs every quarter does not fail for that.
#[test]
fn a_quarter_before_the_data_begins_is_no_failure_where_a_word_meant_it() {
    let scene = dataset();
    let all = report_of_all(&scene);
    let first = all["period"].as_str().unwrap().split(' ').next().unwrap().to_owned();
    analyze(&scene, "first", &["--period", &first, "--compare", "previous"]).fine();
    let found = report(&scene.path("first"));
    let changes = found["comparisons"][0]["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!((&change["verdict"], &change["difference"]), (&Value::from("cannot_tell"), &Value::Null));
        assert!(change["reason"].as_str().is_some_and(|reason| reason.len() > 5), "{change}");
    }
}

fn report_of_all(scene: &Scene) -> Value {
    analyze(scene, "all", &[]).fine();
    report(&scene.path("all"))
}

/// Text of an earlier report is foreign: whoever sends one cannot write into the next.
#[test]
fn a_hostile_earlier_report_stays_text() {
    let scene = dataset();
    analyze(&scene, "before", &["--period", "2026Q2"]).fine();
    let mut forged = report(&scene.path("before"));
    let hostile = "<script>alert(1)</script>\u{202e}";
    forged["period"] = Value::from(hostile);
    forged["findings"] = serde_json::json!([{ "id": "x:y", "level": "act", "statement": hostile }]);
    forged["measures"][0]["reason"] = Value::from(hostile);
    scene.write("forged.json", forged.to_string());
    analyze(&scene, "out", &["--period", "2026Q3", "--compare", "forged.json"]).fine();
    for file in ["report.html", "report.md", "report.json"] {
        let text = fs::read_to_string(scene.path("out").join(file)).unwrap();
        assert!(file == "report.json" || !text.contains("<script>alert"), "{file}");
        assert!(!text.contains('\u{202e}'), "{file}");
    }
}

/// A quarter in which candidates waited four times as long to be scheduled is told to have changed for the worse; one
/// in which nothing changed is hardly ever told to have changed.
#[test]
fn a_planted_change_is_found_and_where_there_is_none_there_is_none() {
    let change = |factor: &str, seed: &str| {
        let scene = Scene::new();
        let set = format!("schedule_change_factor={factor}");
        let args = ["simulate", "--loops", "600", "--years", "1", "--seed", seed, "--set", &set, "--out", "export"];
        scene.run(&args).fine();
        scene.ingest("export");
        analyze(&scene, "out", &["--period", "2026Q3", "--compare", "previous"]).fine();
        let found = report(&scene.path("out"));
        found["comparisons"][0]["changes"].as_array().unwrap().clone()
    };
    let mut told = 0;
    for seed in ["1", "2", "3"] {
        let changes = change("4", seed);
        let waiting = changes.iter().find(|one| one["id"] == "time-share:to_schedule").unwrap();
        assert_eq!(waiting["verdict"], "worse", "seed {seed}: {waiting}");
        assert!(waiting["low"].as_f64().unwrap() > 0.1 && waiting["q_value"].as_f64().unwrap() <= 0.05, "{waiting}");
        let words = waiting["words"].as_str().unwrap();
        assert!(words.contains("percentage points higher than 2026Q2 (95 % interval "), "{words}");
        let same = change("1", seed);
        told += same.iter().filter(|one| matches!(one["verdict"].as_str(), Some("better" | "worse"))).count();
    }
    assert!(told <= 1, "{told} changes were told where nothing had changed");
}
