//! `looplens doctor`: what an export or a dataset can answer, told without writing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::support::{ADDRESS, NAME, REMARK, Ran, Scene, Tables, files_below};

/// Every key of the JSON, with the path to it; lists are `[]`.
const KEYS: &[&str] = &[
    "doctor_version",
    "examined",
    "examined.exports",
    "examined.kind",
    "examined.path",
    "files",
    "files[].columns",
    "files[].file",
    "files[].ingest",
    "files[].kind",
    "files[].looks_like",
    "files[].reasons",
    "files[].records",
    "files[].rejected",
    "files[].remarks",
    "files[].unknown_columns",
    "files[].unknown_labels",
    "ignored",
    "is_contested",
    "looplens",
    "others",
    "questions",
    "questions[].answer",
    "questions[].id",
    "questions[].needs",
    "questions[].needs[].advice",
    "questions[].needs[].answer",
    "questions[].needs[].because",
    "questions[].needs[].id",
    "questions[].needs[].is_essential",
    "questions[].needs[].title",
    "questions[].title",
    "records",
    "records.read",
    "records.rejected",
    "source",
    "source.because",
    "source.id",
    "source.title",
    "stopped",
    "tables",
    "tables[].filled",
    "tables[].filled[].column",
    "tables[].filled[].rows",
    "tables[].from",
    "tables[].rows",
    "tables[].table",
    "tables[].to",
    "tables[].unjoined",
    "words",
];

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples").join(name).display().to_string()
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
}

fn doctor(scene: &Scene, args: &[&str]) -> Value {
    json(&scene.run(&[&["doctor", "--json"], args].concat()).fine())
}

/// The answers by question.
fn answers(diagnosis: &Value) -> BTreeMap<&str, &str> {
    let questions = diagnosis["questions"].as_array().unwrap().iter();
    questions.map(|q| (q["id"].as_str().unwrap(), q["answer"].as_str().unwrap())).collect()
}

/// The need of a question.
fn need<'d>(diagnosis: &'d Value, question: &str, need: &str) -> &'d Value {
    let found = |list: &'d Value, id: &str| list.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    found(&found(&diagnosis["questions"], question)["needs"], need)
}

fn rows(diagnosis: &Value, table: &str) -> u64 {
    let tables = diagnosis["tables"].as_array().unwrap();
    tables.iter().find(|one| one["table"] == table).unwrap()["rows"].as_u64().unwrap()
}

fn keys(value: &Value, at: &str, out: &mut BTreeSet<String>) {
    match value {
        // What stands below is data: the reasons that occur.
        Value::Object(_) if at.ends_with("reasons") => {}
        Value::Object(map) => {
            for (key, value) in map {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                keys(value, &path, out);
                out.insert(path);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, &format!("{at}[]"), out)),
        _ => {}
    }
}

/// Text for people: at most 80 columns, no colours, no one who must not be seen.
fn reads_well(ran: &Ran) {
    ran.keeps(&[NAME, ADDRESS, REMARK, "Zelda", "zelda"]);
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\r'));
    // Paths are the reader's own and stand on lines of their own.
    for line in ran.out.lines().skip(1) {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn every_sample_is_recognised_and_its_questions_are_answered() {
    let scene = Scene::new();
    for (name, loops, expected) in [
        ("tables", 300, ["yes", "yes", "yes", "partly", "partly", "partly", "partly"]),
        ("greenhouse-v1", 60, ["yes", "partly", "yes", "partly", "no", "partly", "partly"]),
        ("greenhouse-v3", 100, ["yes", "partly", "yes", "partly", "no", "partly", "partly"]),
    ] {
        let found = doctor(&scene, &[&sample(name)]);
        assert_eq!(found["source"]["id"], name);
        assert_eq!(rows(&found, "applications"), loops, "{name}");
        assert!(found["records"]["read"].as_u64().unwrap() > 500 && found["stopped"].is_null(), "{name}");
        let order =
            ["time-to-decision", "redundant-rounds", "leniency", "independence", "validity", "process", "channels"];
        let answers = answers(&found);
        assert_eq!(order.map(|id| answers[id]), expected, "{name}");
        let ran = scene.run(&["doctor", &sample(name)]).fine();
        reads_well(&ran);
        for fragment in [&format!("Recognised as {name}"), "\nTables\n", "How long do we take", "\nFiles\n"] {
            assert!(ran.out.contains(fragment), "no `{fragment}` in\n{}", ran.out);
        }
    }
    assert!(files_below(&scene.path("")).is_empty(), "something was written");
}

#[test]
fn an_export_and_the_dataset_made_of_it_give_the_same_counts() {
    for format in ["tables", "greenhouse-v1", "greenhouse-v3"] {
        let scene = Scene::new();
        scene.simulate(format, 150, "export");
        scene.ingest("export");
        let (export, dataset) = (doctor(&scene, &["export"]), doctor(&scene, &["--dataset", "data"]));
        assert_eq!(dataset["examined"]["kind"], "dataset");
        for part in ["tables", "questions", "records"] {
            assert_eq!(export[part], dataset[part], "{format}: {part}");
        }
        assert_eq!(export["source"]["id"], dataset["source"]["id"]);
        let names = |found: &Value| -> Vec<(Value, Value, Value, Value)> {
            let files = found["files"].as_array().unwrap().iter();
            files
                .map(|f| (f["file"].clone(), f["records"].clone(), f["reasons"].clone(), f["remarks"].clone()))
                .collect()
        };
        assert_eq!(names(&export), names(&dataset), "{format}");
        reads_well(&scene.run(&["doctor", "--dataset", "data"]).fine());
    }
}

#[test]
fn the_json_has_the_documented_keys() {
    let scene = Scene::new();
    let found = doctor(&scene, &[&sample("tables")]);
    let mut seen = BTreeSet::new();
    keys(&found, "", &mut seen);
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), KEYS);
    assert_eq!(found["doctor_version"], 1);
    assert_eq!(found["looplens"], env!("CARGO_PKG_VERSION"));
    let help = scene.run(&["doctor", "--help"]).fine().out;
    for key in KEYS.iter().filter(|key| !key.contains(['.', '['])) {
        assert!(help.contains(key), "the help does not name {key}");
    }
}

#[test]
fn a_folder_with_only_scorecards_answers_what_scorecards_can() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("cards")).unwrap();
    std::fs::copy(format!("{}/scorecards.csv", sample("tables")), scene.path("cards/scorecards.csv")).unwrap();
    let found = doctor(&scene, &["cards"]);
    let answers = answers(&found);
    assert_eq!((answers["leniency"], answers["time-to-decision"], answers["validity"]), ("yes", "no", "no"));
    assert_eq!(rows(&found, "applications"), 0);
    let cards = found["tables"].as_array().unwrap().iter().find(|table| table["table"] == "scorecards").unwrap();
    assert_eq!(cards["unjoined"], cards["rows"], "their applications are in no file");
    let history = need(&found, "time-to-decision", "stage-history");
    assert_eq!((&history["answer"], &history["because"]), (&"no".into(), &"no stage history".into()));
    assert!(history["advice"][0].as_str().unwrap().contains("events.csv with `stage_entered`"), "{history}");
    let outcomes = need(&found, "validity", "outcomes");
    assert_eq!(outcomes["because"], "0 outcomes");
    assert!(outcomes["advice"][0].as_str().unwrap().contains("outcomes.csv"), "{outcomes}");
}

#[test]
fn advice_is_that_of_the_recognised_source() {
    let scene = Scene::new();
    for (format, without, advice) in [
        ("greenhouse-v1", "activity_feed", "`activity_feed`"),
        ("greenhouse-v3", "application_stages", "`application_stages`"),
    ] {
        scene.simulate(format, 40, format);
        std::fs::remove_dir_all(scene.path(&format!("{format}/{without}"))).unwrap();
        let found = doctor(&scene, &[format]);
        let history = need(&found, "time-to-decision", "stage-history");
        assert_eq!(history["answer"], "no", "{format}");
        assert!(history["advice"][0].as_str().unwrap().contains(advice), "{history}");
        assert_eq!(answers(&found)["time-to-decision"], "partly", "{format}: it helps, and is not essential");
    }
}

#[test]
fn a_folder_that_nobody_recognises_is_told_file_by_file() {
    let scene = Scene::new();
    scene.write("pay/payroll.csv", format!("wage,mail\n1,{ADDRESS}\n"));
    scene.write("pay/people.csv", format!("{NAME},reject\nKate,reject\n"));
    scene.write("pay/endings.csv", "Application ID,Decision\n1,hired\n");
    scene
        .write("pay/cards.json", r#"[{"id": 1, "interview_kit_id": 2, "submitter_id": 3, "candidate_rating": "yes"}]"#);
    scene.write("pay/notes.docx", REMARK);
    let ran = scene.run(&["doctor", "pay"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    reads_well(&ran);
    for fragment in [
        "begins with: wage, mail",
        "its first line could be values",
        "looks like decisions of tables: has application_id, decision",
        "looks like scorecards of greenhouse-v3: call the file or its folder",
        "Not read, for their kind: notes.docx",
    ] {
        assert!(ran.out.contains(fragment), "no `{fragment}` in\n{}", ran.out);
    }
    for fragment in ["error: no source recognises this export", "looplens init --from pay", "--preset", "--source"] {
        assert!(ran.err.contains(fragment), "no `{fragment}` in\n{}", ran.err);
    }
    let ran = scene.run(&["doctor", "pay", "--json"]);
    assert_eq!(ran.status, Some(3));
    ran.keeps(&[NAME, ADDRESS, REMARK]);
    let found = json(&ran);
    assert!(found["source"].is_null() && found["questions"].as_array().unwrap().is_empty());
    assert_eq!(found["files"].as_array().unwrap().len(), 4);
}

#[test]
fn rejects_above_the_limit_do_not_stop_it() {
    let scene = Scene::new();
    let bad = Tables::good().edit("decisions.csv", |text| text.replace(",reject,", &format!(",{NAME},")));
    scene.export("bad", &bad.without("interviews.csv"));
    assert_eq!(scene.run(&["ingest", "bad", "--dataset", "data", "-q"]).status, Some(3), "ingest refuses it");
    let ran = scene.run(&["doctor", "bad"]).fine();
    reads_well(&ran);
    assert!(ran.out.contains("rejected: unknown_decision 40"), "{}", ran.out);
    assert!(ran.out.contains("1 word of decisions without a meaning, on 40 records"), "{}", ran.out);
    let found = doctor(&scene, &["bad"]);
    assert_eq!(found["words"][0]["records"], 40);
    assert_eq!(answers(&found)["time-to-decision"], "no");
    assert_eq!(need(&found, "time-to-decision", "decisions")["because"], "0 decided loops");
}

#[test]
fn a_file_that_breaks_off_is_told_with_what_was_read_before_it() {
    let scene = Scene::new();
    let broken = Tables::good().without("scorecards.csv").with("scorecards.json", r#"[{"application_id": "app-1", "#);
    scene.export("broken", &broken);
    let ran = scene.run(&["doctor", "broken"]).fine();
    reads_well(&ran);
    assert!(ran.out.contains("Reading stopped: the JSON breaks off"), "{}", ran.out);
    let found = doctor(&scene, &["broken"]);
    assert!(found["stopped"]["place"].as_str().unwrap().contains("scorecards.json"));
    assert_eq!((rows(&found, "applications"), rows(&found, "scores")), (40, 0));
}

#[test]
fn wrong_paths_and_wrong_usage_end_as_they_do_elsewhere() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.ingest("good");
    std::fs::create_dir(scene.path("empty")).unwrap();
    for (args, status, says) in [
        (&["doctor", "nowhere"][..], 2, "cannot read the export"),
        (&["doctor", "empty"], 3, "holds no file that could be read"),
        (&["doctor"], 2, "EXPORT"),
        (&["doctor", "good", "--dataset", "data"], 2, "cannot be used with"),
        (&["doctor", "--dataset", "nowhere"], 2, "there is no dataset here"),
        (&["doctor", "data"], 2, "--dataset data"),
        (&["doctor", "good", "--source", "payroll"], 2, "possible values"),
        (&["doctor", "good", "--config", "nowhere.toml"], 2, "nowhere.toml"),
    ] {
        let ran = scene.run(args);
        assert!(ran.status == Some(status) && ran.err.contains(says) && ran.out.is_empty(), "{args:?}: {ran:?}");
    }
    let named = doctor(&scene, &["good", "--source", "greenhouse-v1"]);
    assert_eq!(named["source"]["because"], "named; it has no signs of it");
    assert_eq!(rows(&named, "applications"), 0, "read as what it was called");
    assert_eq!(named["others"][0]["id"], "tables");
}

#[test]
fn two_exports_side_by_side_are_contested() {
    let scene = Scene::new();
    scene.simulate("tables", 20, "both/a");
    scene.simulate("greenhouse-v1", 20, "both/b");
    assert_eq!(scene.run(&["ingest", "both", "--dataset", "data"]).status, Some(3));
    let found = doctor(&scene, &["both"]);
    assert_eq!((&found["is_contested"], found["others"].as_array().unwrap().is_empty()), (&true.into(), false));
    let ran = scene.run(&["doctor", "both"]).fine();
    assert!(ran.out.contains("name one export's own folder"), "{}", ran.out);
}

#[test]
fn a_second_export_makes_edits_visible() {
    let scene = Scene::new();
    scene.export("one", &Tables::good());
    scene.export("two", &Tables::good().edit("scorecards.csv", |text| text.replace("craft,2,", "craft,3,")));
    let edits = |found: &Value| {
        let need = need(found, "independence", "edits");
        (need["answer"].as_str().unwrap().to_owned(), need["because"].as_str().unwrap().to_owned())
    };
    scene.ingest("one");
    let seen = edits(&doctor(&scene, &["--dataset", "data"]));
    assert_eq!(seen, ("no".to_owned(), "only one export: edits are not visible".to_owned()));
    scene.ingest("two");
    let found = doctor(&scene, &["--dataset", "data"]);
    assert_eq!(found["examined"]["exports"], 2);
    assert_eq!(edits(&found).0, "yes", "{:?}", edits(&found));
    assert_eq!(rows(&found, "applications"), 40);
    let files = found["files"].as_array().unwrap();
    assert_eq!(files.iter().filter(|file| file["ingest"] == 2).count(), 4, "the files of both ingests");
}

#[test]
fn nobody_is_named_and_nothing_is_written() {
    let scene = Scene::new();
    scene.export("good", &Tables::good().and("applications.csv", format!("{NAME},{NAME},Sales,{ADDRESS},never\n")));
    let before = files_below(&scene.path(""));
    for json in [false, true] {
        let mut args = vec!["doctor", "good"];
        args.extend(json.then_some("--json"));
        let ran = scene.run(&args).fine();
        ran.keeps(&[NAME, ADDRESS, REMARK, "Zelda", "zelda", "Sales"]);
        assert!(ran.err.is_empty() && ran.out.contains("bad_time"), "{ran:?}");
    }
    assert_eq!(files_below(&scene.path("")), before);
}
