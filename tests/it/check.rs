//! `looplens check` from the outside: statuses, formats, files, baselines, and what the CI templates promise.

use std::fs;

use serde_json::Value;

use crate::support::{ADDRESS, NAME, REMARK, Ran, Scene, Tables, hashes};

/// The status of a verdict.
const FINE: Option<i32> = Some(0);
const FORBIDDEN: Option<i32> = Some(1);
const USAGE: Option<i32> = Some(2);

const FORMATS: &[(&str, &str)] = &[
    ("text", "check.txt"),
    ("markdown", "check.md"),
    ("json", "check.json"),
    ("junit", "check.junit.xml"),
    ("sarif", "check.sarif"),
    ("github", "check.github.txt"),
];

/// Forty loops, decided after 31 days and some hours each: loops that all last the same have no interval.
fn tables() -> Tables {
    Tables::good().edit("decisions.csv", |text| {
        let later = |(at, line): (usize, &str)| line.replace("T08:00", &format!("T{:02}:00", 8 + at % 13)) + "\n";
        text.lines().enumerate().map(later).collect()
    })
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.export("good", &tables());
    scene.ingest("good");
    scene
}

fn check(scene: &Scene, more: &[&str]) -> Ran {
    scene.run(&[&["check", "--dataset", "data"], more].concat())
}

fn policy(scene: &Scene, name: &str, rules: &str) {
    scene.write(name, format!("[check]\nothers = false\n[check.rules]\n{rules}\n"));
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn the_status_is_that_of_the_verdict_in_every_format_and_in_all_at_once() {
    let scene = scene();
    policy(&scene, "forbids.toml", "median-days = 21");
    policy(&scene, "passes.toml", "median-days = 60");
    policy(&scene, "cannot-tell.toml", "new-findings = true");
    for (file, status, word) in [
        ("forbids.toml", FORBIDDEN, "forbidden"),
        ("passes.toml", FINE, "passed"),
        ("cannot-tell.toml", FINE, "cannot_tell"),
    ] {
        for (format, _) in FORMATS {
            let ran = check(&scene, &["--policy", file, "--format", format]);
            assert_eq!((ran.status, ran.err.as_str()), (status, ""), "{format} {file}: {ran:?}");
            let told = ran.out.contains(word) || ran.out.contains(&word.replace('_', " "));
            assert!(told, "{format} {file}: {}", ran.out);
        }
        let all: Vec<&str> = FORMATS.iter().map(|(format, _)| *format).collect();
        let out = format!("{word}-out");
        let ran = check(&scene, &["--policy", file, "--format", &all.join(","), "--out", &out]);
        assert_eq!(ran.status, status, "{ran:?}");
        for (format, name) in FORMATS {
            let is_printed = matches!(*format, "text" | "github");
            assert_eq!(scene.path(&out).join(name).exists(), !is_printed, "{name}");
        }
        let files = fs::read_dir(scene.path(&out)).unwrap().count();
        assert_eq!(files, 4, "nothing but the files of the formats");
    }
}

#[test]
fn the_defaults_hold_without_a_policy_and_give_the_same_bytes_twice() {
    let scene = scene();
    let first = check(&scene, &["--format", "json"]);
    assert_eq!(first.status, FORBIDDEN, "31 days are more than 21: {first:?}");
    let _ = fs::remove_dir_all(scene.path("data/cache"));
    let again = check(&scene, &["--format", "json"]);
    assert_eq!(first.out, again.out);
    let document = json(&first);
    assert_eq!((&document["verdict"], &document["policy"]), (&Value::from("forbidden"), &Value::Null));
    let rules = document["rules"].as_array().unwrap();
    let states = |word: &str| rules.iter().filter(|rule| rule["state"] == word).count();
    assert_eq!(document["counts"]["skipped"], states("skipped"));
    assert_eq!(states("forbidden") + states("passed") + states("skipped"), rules.len());
    for rule in rules.iter().filter(|rule| rule["state"] == "skipped") {
        assert!(rule["summary"].as_str().unwrap().len() > 20, "{rule} is skipped without a reason");
    }
    let listed = scene.run(&["list", "rules"]).fine().out;
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        assert!(listed.lines().any(|line| line.starts_with(&format!("{id} "))), "{id} is not listed");
    }
}

#[test]
fn a_baseline_accepts_what_there_is_and_names_nobody() {
    let scene = scene();
    policy(
        &scene,
        "p.toml",
        "median-days = { limit = 21, by = ['all', 'department'] }\nnew-findings = { level = 'note' }",
    );
    let with = |more: &[&str]| check(&scene, &[&["--policy", "p.toml", "--format", "json"], more].concat());
    assert_eq!(with(&[]).status, FORBIDDEN);
    let written = with(&["--write-baseline", "known.json"]);
    assert_eq!((written.status, &json(&written)["verdict"]), (FINE, &Value::from("passed")), "{written:?}");
    let text = fs::read_to_string(scene.path("known.json")).unwrap();
    for secret in ["Sales", NAME, ADDRESS, REMARK] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let accepted = with(&["--baseline", "known.json"]);
    assert_eq!(accepted.status, FINE, "{accepted:?}");
    assert!(json(&accepted)["counts"]["accepted"].as_u64().unwrap() >= 2, "{}", accepted.out);
    assert_eq!(json(&accepted)["counts"]["resolved"], 0);
    // One of the two is taken out of the baseline by hand: it is new again, alone.
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["accepted"].as_array_mut().unwrap().retain(|id| id != "median-days:all");
    scene.write("known.json", document.to_string());
    let again = with(&["--baseline", "known.json"]);
    assert_eq!(again.status, FORBIDDEN);
    let rules = json(&again)["rules"].clone();
    let found: Vec<&Value> =
        rules.as_array().unwrap().iter().flat_map(|rule| rule["found"].as_array().unwrap()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["id"], "median-days:all");
}

#[test]
fn segments_that_only_the_policy_asks_for_are_computed() {
    let scene = scene();
    scene.write(
        "looplens.toml",
        "[report]\nby = []\n[check]\nothers = false\n[check.rules]\nmedian-days = { limit = 21, by = ['department'] }\n",
    );
    let ran = check(&scene, &["--format", "json"]);
    assert_eq!(ran.status, FORBIDDEN, "{ran:?}");
    let document = json(&ran);
    assert_eq!(document["rules"][0]["found"][0]["subject"], "department Sales");
    assert_eq!((&document["policy"], &document["rules"][0]["line"]), (&Value::from("looplens.toml"), &Value::from(6)));
    let ran = check(&scene, &["--format", "github"]);
    assert!(ran.out.starts_with("::error file=looplens.toml,line=6,title="), "{}", ran.out);
}

#[test]
fn a_period_narrows_what_is_checked() {
    let scene = scene();
    policy(&scene, "p.toml", "median-days = 21");
    let with = |period: &str| check(&scene, &["--policy", "p.toml", "--format", "json", "--period", period]);
    let ran = with("2026Q3");
    assert_eq!((ran.status, &json(&ran)["period"]), (FORBIDDEN, &Value::from("2026Q3")));
    let none = with("2019Q1");
    assert!(none.status == USAGE && none.err.contains("no loop opened in 2019Q1"), "{none:?}");
}

#[test]
fn what_cannot_be_meant_is_wrong_usage_and_nothing_is_written() {
    let scene = scene();
    policy(&scene, "unknown.toml", "median-dais = 3\nwait-share = 40");
    scene.write("not-a-baseline.json", "{}");
    scene.write("taken", "a file");
    for (args, fragment) in [
        (&["--policy", "unknown.toml"][..], "median-dais"),
        (&["--policy", "none.toml"], "none.toml"),
        (&["--format", "junit,sarif"], "--out DIR"),
        (&["--format", "junit,sarif", "--out", "taken"], "this is a file"),
        (&["--format", "yaml"], "yaml"),
        (&["--baseline", "none.json"], "none.json"),
        (&["--baseline", "not-a-baseline.json"], "baseline"),
        (&["--baseline", "a", "--write-baseline", "b"], "cannot be used with"),
    ] {
        let ran = check(&scene, args);
        assert_eq!(ran.status, USAGE, "{args:?}: {ran:?}");
        assert!(ran.err.contains(fragment) && ran.out.is_empty(), "{args:?}: {ran:?}");
    }
    let both = check(&scene, &["--policy", "unknown.toml"]);
    assert!(both.err.contains("2 problems") && both.err.contains("wait-share"), "all at once: {both:?}");
    assert!(!scene.path("b").exists());
    let nowhere = scene.run(&["check", "--dataset", "nowhere"]);
    assert!(nowhere.status != FINE && nowhere.status != FORBIDDEN, "{nowhere:?}");
    assert!(!scene.path("nowhere").exists(), "a check makes no dataset");
}

#[test]
fn one_format_goes_to_the_file_or_into_the_folder_named() {
    let scene = scene();
    let run = |out: &str| check(&scene, &["--format", "junit", "--out", out]);
    for (out, file) in
        [("one.xml", "one.xml"), ("deep/er/two.xml", "deep/er/two.xml"), ("folder/", "folder/check.junit.xml")]
    {
        let ran = run(out);
        assert_eq!((ran.status, ran.out.as_str()), (FORBIDDEN, ""), "{ran:?}");
        assert!(fs::read_to_string(scene.path(file)).unwrap().starts_with("<?xml"), "{file}");
    }
    fs::create_dir(scene.path("there")).unwrap();
    run("there");
    assert!(scene.path("there/check.junit.xml").exists());
}

#[test]
fn a_check_leaves_the_dataset_as_it_was_and_shows_nobody() {
    let scene = scene();
    let before = hashes(&scene.path("data"), |name| !name.starts_with("cache/"));
    for (format, _) in FORMATS {
        let ran = check(&scene, &["--format", format]);
        ran.keeps(&[NAME, ADDRESS, REMARK]);
    }
    assert_eq!(hashes(&scene.path("data"), |name| !name.starts_with("cache/")), before);
}

#[test]
fn hostile_names_in_the_data_stay_names() {
    let scene = Scene::new();
    let names = ["::error::x", "##[error]x", "<failure>", "%0A::error::x", "`@everyone`", "[x](https://evil.example)"];
    let tables = tables().edit("applications.csv", |text| {
        let rows =
            text.lines().enumerate().map(|(at, line)| line.replace(",Sales,", &format!(",{},", names[at % 2 * 3])));
        rows.collect::<Vec<_>>().join("\n") + "\n"
    });
    scene.export("bad", &tables);
    scene.ingest("bad");
    policy(&scene, "p.toml", "median-days = { limit = 21, by = ['department'] }");
    for (format, _) in FORMATS {
        let ran = check(&scene, &["--policy", "p.toml", "--format", format]);
        assert_eq!(ran.status, FORBIDDEN, "{format}: {ran:?}");
        let lines = ran.out.lines().filter(|line| line.trim_start().starts_with("::"));
        assert!(
            lines.clone().all(|line| line.starts_with("::error file=p.toml,") || line.starts_with("::notice ")),
            "{}",
            ran.out
        );
        assert!(*format == "json" || *format == "sarif" || !ran.out.contains("##["), "{}", ran.out);
    }
}

/// The text of a file of the repository.
fn file(name: &str) -> String {
    fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_action_asks_only_for_what_the_program_has_and_what_it_declares() {
    let action = file(".github/actions/check/action.yml");
    let help = Scene::new().run(&["check", "--help"]).fine().out;
    let ingest = Scene::new().run(&["ingest", "--help"]).fine().out;
    let mut options = 0;
    for word in action.split([' ', '(', ')', '`', '\n']).filter(|word| word.starts_with("--") && word.len() > 2) {
        let others = ["--locked", "--path", "--root", "--no-filters", "--stdin"].contains(&word);
        assert!(others || help.contains(word) || ingest.contains(word), "{word} is no option");
        options += 1;
    }
    assert!(options >= 8, "only {options} options were found");
    let (declared, runs) = action.split_once("\nruns:").unwrap();
    for used in action.split("inputs.").skip(1) {
        let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect();
        assert!(declared.contains(&format!("\n  {name}:\n")), "the input {name} is not declared");
    }
    // What a caller writes into an input must not become part of a script.
    let (mut in_script, mut indent) = (false, 0);
    for line in runs.lines() {
        let own = line.len() - line.trim_start().len();
        in_script = in_script && (line.trim().is_empty() || own > indent);
        if line.trim_start().starts_with("run:") {
            (in_script, indent) = (true, own);
        }
        assert!(!in_script || !line.contains("${{"), "an expression in a script: {line}");
    }
    for (format, name) in FORMATS.iter().filter(|(format, _)| *format != "text") {
        assert!(action.contains(format), "{format}");
        assert!(*format == "github" || action.contains(name), "{name}");
    }
}

#[test]
fn the_guide_shows_how_ci_runs_it() {
    let page = file("docs/src/ci.md");
    for fragment in [
        ".github/actions/check@",
        "reports:",
        "junit: checked/check.junit.xml",
        "github/codeql-action/upload-sarif",
        "--baseline",
        "--write-baseline",
        "list rules",
    ] {
        assert!(page.contains(fragment), "no `{fragment}` in the guide's page on CI");
    }
    let help = Scene::new().run(&["check", "--help"]).fine().out;
    for word in page
        .split([' ', '`', '\n'])
        .filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic)))
    {
        assert!(help.contains(word) || word == "--config", "{word} is no option of the check");
    }
}
