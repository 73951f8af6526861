//! Stage redundancy from exports to tables: planted rounds get their verdicts, and data that cannot tell says so.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::process::Command;

use looplens::config::Config;
use looplens::engine::results::Cell;
use looplens::engine::run::Results;
use looplens::metrics::rows::{Row, rows};
use looplens::metrics::stage_redundancy::QUESTION;
use looplens::report::model::Chart;

use crate::exports::{Csv, Dataset, LAST, Tables, context};

fn config(more: &str) -> Config {
    let text = format!(
        "[stages.aliases]\n\"Tech Screen\" = \"Technical screen\"\n[models]\nwindow_quarters = 40\n[report]\nby = []\n{more}"
    );
    Config::parse(&text, "test").unwrap()
}

/// Leniency and what is told of stages.
fn results(tables: &Tables, config: &Config) -> Results {
    Dataset::of(tables, config).results_of(&["stage-redundancy"], &context(config, LAST, None))
}

fn pair<'t>(results: &'t Results, a: &str, b: &str) -> Row<'t> {
    rows(results, "stage_pairs")
        .into_iter()
        .find(|row| {
            row.text("segment") == Some("all") && row.text("stage_a") == Some(a) && row.text("stage_b") == Some(b)
        })
        .unwrap()
}

fn stage<'t>(results: &'t Results, name: &str) -> Row<'t> {
    let all = rows(results, "stage_value").into_iter();
    all.into_iter().find(|row| row.text("segment") == Some("all") && row.text("stage") == Some(name)).unwrap()
}

#[test]
fn planted_rounds_get_their_verdicts() {
    let tables = Tables::simulated_with(6_000, 17, &[("craft_from_depth_share", 0.6)]);
    let config = config("");
    let results = results(&tables, &config);
    let same = pair(&results, "Technical screen", "Design review");
    assert_eq!(same.text("verdict"), Some("redundant"), "{:?}", same.cells);
    // Selection and noise hide it: as seen, the two look far from the same.
    let (raw, high) = (same.number("pearson").unwrap(), same.number("pearson_high").unwrap());
    assert!(high < 0.7, "{raw} {high}");
    assert!(same.number("corrected").unwrap() > raw && same.number("u_ratio").unwrap() > 1.1);
    assert!(matches!(same.text("drop"), Some("Technical screen" | "Design review")));
    let overlapping = pair(&results, "Technical screen", "Work sample");
    assert_eq!(overlapping.text("verdict"), Some("overlapping"), "{:?}", overlapping.cells);
    for other in ["Technical screen", "Async collaboration"] {
        let distinct = pair(&results, "Recruiter screen", other);
        assert_eq!(distinct.text("verdict"), Some("distinct"), "{other}: {:?}", distinct.cells);
    }
    // Every pair that was not planted is not called redundant.
    for row in rows(&results, "stage_pairs").iter().filter(|row| row.text("verdict") == Some("redundant")) {
        assert_eq!((row.text("stage_a"), row.text("stage_b")), (Some("Technical screen"), Some("Design review")));
    }
    let context = context(&config, LAST, None);
    let found = (QUESTION.judge)(&results, &context);
    let duplicate = found.iter().find(|finding| finding.code == "duplicate-rounds").unwrap();
    assert!(duplicate.statement.starts_with("Technical screen and Design review measure the same"), "{duplicate:?}");
    assert!(duplicate.statement.contains("interviewer hours a quarter") && duplicate.saves_days.is_some());
    assert!(duplicate.recommendation.contains("hide earlier cards"), "{}", duplicate.recommendation);
    let section = (QUESTION.present)(&results, &context).section;
    assert!(matches!(section.charts.as_slice(), [Chart::Heatmap(_), Chart::Scatter(_)]));
    assert!(section.answer[0].contains("Technical screen and Design review"), "{:?}", section.answer);
    let design = stage(&results, "Design review");
    assert_eq!(design.text("verdict"), Some("redundant"));
    assert_eq!(design.text("redundant_with"), Some("Technical screen"));
    for name in ["flip_rate", "flip_rate_baseline", "pass_rate", "interviewer_hours", "days_saved", "reliability"] {
        assert!(design.number(name).is_some_and(|value| value > 0.0), "{name}: {:?}", design.cells);
    }
    assert!(design.number("fidelity_without").unwrap() < design.number("fidelity_with").unwrap());
    // The loop in its order.
    let mut order = rows(&results, "stage_value");
    order.sort_by(|a, b| a.number("position").unwrap().total_cmp(&b.number("position").unwrap()));
    let names: Vec<&str> = order.iter().filter_map(|row| row.text("stage")).collect();
    assert_eq!(
        names,
        [
            "Recruiter screen",
            "Technical screen",
            "Work sample",
            "Async collaboration",
            "Design review",
            "Structured final"
        ]
    );
    // All rounds score the same four dimensions, so all are meant to tell the same.
    assert_eq!(same.text("design"), Some("meant_and_same"));
    let effective = &rows(&results, "effective_rounds")[0];
    assert!(effective.number("effective").is_some_and(|value| value > 1.5 && value < 6.0));
    // A card is one impression much more than four traits in this history.
    let dimensions = rows(&results, "dimension_distinctness");
    assert_eq!(dimensions.len(), 4);
    assert!(dimensions.iter().all(|row| row.text("verdict") == Some("halo")));
    assert!(rows(&results, "dimension_pairs").iter().any(|row| row.text("kind") == Some("same_trait")));
}

#[test]
fn a_stage_that_was_renamed_is_told_instead_of_two_that_differ() {
    let config = Config::parse("[models]\nwindow_quarters = 40\n[report]\nby = ['department']\n", "test").unwrap();
    let results = results(&Tables::simulated(900, 8), &config);
    let renamed = pair(&results, "Tech Screen", "Technical screen");
    assert_eq!(renamed.text("status"), Some("not_estimable"));
    let reason = renamed.text("reason").unwrap();
    assert!(reason.contains("Tech Screen seems to have taken over from Technical screen in 20"), "{reason}");
    assert!(reason.contains("stages.aliases"));
    assert_eq!(renamed.number("n"), Some(0.0));
    // Departments are held against each other where both stages have been met often enough.
    let pooled = pair(&results, "Recruiter screen", "Technical screen");
    assert!(pooled.number("departments").is_some_and(|count| count >= 2.0));
    assert!(pooled.number("heterogeneity_p_value").is_some_and(|p| (0.0..=1.0).contains(&p)));
    assert!(rows(&results, "stage_pairs").iter().any(|row| row.text("segment_kind") == Some("department")));
}

/// Changes every score of a stage.
fn rescored(tables: &mut Tables, stage: &str, score: impl Fn(&str) -> String) {
    let cards = tables.0.get_mut("scorecards").unwrap();
    let (of, at) = (cards.column("stage"), cards.column("score"));
    for row in cards.rows.iter_mut().filter(|row| row[of] == stage && !row[at].is_empty()) {
        row[at] = score(&row[at]);
    }
}

#[test]
fn the_named_plan_the_kits_and_the_scores_say_in_this_order_what_is_meant() {
    let mut tables = Tables::simulated(250, 12);
    let meant = |tables: &Tables, more: &str| {
        let results = results(tables, &config(more));
        let row = pair(&results, "Technical screen", "Design review");
        (row.text("meant_by").unwrap().to_owned(), row.number("meant_shared").unwrap())
    };
    assert_eq!(meant(&tables, ""), ("scored".to_owned(), 1.0));
    let interviews = tables.0.get_mut("interviews").unwrap();
    let stage = interviews.column("stage");
    interviews.header.push("meant_dimensions".to_owned());
    for row in &mut interviews.rows {
        let kit = if row[stage] == "Design review" { "ownership;craft" } else { "craft" };
        row.push(kit.to_owned());
    }
    assert_eq!(meant(&tables, ""), ("kit".to_owned(), 0.5));
    assert_eq!(meant(&tables, "[plan]\nname = 'six-stage'\n"), ("plan".to_owned(), 0.0));
}

#[test]
fn constant_scores_tell_nothing() {
    let mut tables = Tables::simulated(700, 5);
    rescored(&mut tables, "Work sample", |_| "3".to_owned());
    let results = results(&tables, &config("[redundancy]\nadjusted = false\n"));
    for (a, b) in [("Recruiter screen", "Work sample"), ("Work sample", "Design review")] {
        let flat = pair(&results, a, b);
        assert_eq!(flat.text("status"), Some("not_estimable"));
        assert_eq!(flat.text("reason"), Some("nearly all scores of Work sample are the same"));
        assert!(flat.number("pearson").is_none() && flat.text("verdict").is_none());
    }
    let stage = stage(&results, "Work sample");
    assert_eq!(stage.text("reason"), Some("its scores are all the same"));
    assert!(stage.number("r2_from_others").is_none() && stage.number("flip_rate").is_none());
    // The others are told as if it were not there.
    assert!(pair(&results, "Recruiter screen", "Technical screen").number("corrected").is_some());
}

#[test]
fn a_gate_that_lets_everybody_through_filters_nobody() {
    let mut tables = Tables::simulated(900, 14);
    // Whoever was rejected after the recruiter screen leaves the data; everybody else passed it.
    let cards = &tables.0["scorecards"];
    let (id, of) = (cards.column("application_id"), cards.column("stage"));
    let later: std::collections::BTreeSet<String> =
        cards.rows.iter().filter(|row| row[of] != "Recruiter screen").map(|row| row[id].clone()).collect();
    tables = tables.only(|id| later.contains(id));
    let results = results(&tables, &config(""));
    let gate = stage(&results, "Recruiter screen");
    assert_eq!(gate.text("verdict"), Some("filters_nobody"), "{:?}", gate.cells);
    assert!(gate.number("pass_rate_low").is_some_and(|low| low > 0.95));
}

#[test]
fn one_stage_alone_has_a_cost_and_nothing_to_be_compared_with() {
    let mut tables = Tables::simulated(200, 6);
    tables.retain(|name, cell| !matches!(name, "scorecards" | "interviews") || cell("stage") == "Recruiter screen");
    let results = results(&tables, &config(""));
    assert!(rows(&results, "stage_pairs").is_empty());
    let only = stage(&results, "Recruiter screen");
    assert_eq!(only.text("status"), Some("thin"));
    assert_eq!(only.text("reason"), Some("no other stage is scored"));
    assert!(only.number("interviewer_hours").is_some_and(|hours| hours > 0.0));
    let effective = &rows(&results, "effective_rounds")[0];
    assert_eq!(effective.text("status"), Some("not_estimable"));
    assert!(effective.number("effective").is_none());
}

#[test]
fn few_candidates_have_no_figure() {
    let tables = Tables::simulated(25, 3);
    let results = results(&tables, &config(""));
    let all = rows(&results, "stage_pairs");
    assert!(!all.is_empty());
    for row in all.iter().filter(|row| row.number("n").is_some_and(|n| n < 10.0)) {
        assert_eq!(row.text("status"), Some("not_estimable"));
        for name in ["pearson", "corrected", "disattenuated", "verdict"] {
            assert_eq!(*row.table.get(row.cells, name), Cell::Null, "{name}");
        }
        assert!(
            row.text("reason").unwrap().contains("fewer than 10")
                || row.text("reason").unwrap().contains("no candidate")
        );
    }
    assert!(all.iter().all(|row| !matches!(row.text("verdict"), Some("redundant" | "overlapping"))));
}

#[test]
fn sixty_stages_with_messy_names_are_told_apart_and_left_open() {
    let mut tables = Tables::simulated(240, 9);
    let rename = |table: &mut Csv| {
        let (id, stage) = (table.column("application_id"), table.column("stage"));
        for row in &mut table.rows {
            let n: u64 = row[id].bytes().fold(7, |hash, byte| hash.wrapping_mul(31) ^ u64::from(byte));
            row[stage] = format!("<b>{} #{} \u{202e}\"", row[stage], n % 10);
        }
    };
    rename(tables.0.get_mut("scorecards").unwrap());
    rename(tables.0.get_mut("interviews").unwrap());
    tables.0.remove("events");
    let results = results(&tables, &config(""));
    let stages: Vec<Row<'_>> = rows(&results, "stage_value");
    assert!(stages.len() > 50, "{}", stages.len());
    for row in rows(&results, "stage_pairs") {
        assert_ne!(row.text("verdict"), Some("redundant"));
        assert!(row.text("status") == Some("ok") || row.text("reason").is_some());
    }
}

fn looplens(arguments: &[&str], folder: &std::path::Path) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_looplens")).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn whatif_tells_the_loop_without_a_round_and_refuses_what_is_none() {
    let config = config("");
    let dataset = Dataset::of(&Tables::simulated(900, 12), &config);
    let folder = tempfile::tempdir().unwrap();
    let text = "[stages.aliases]\n\"Tech Screen\" = \"Technical screen\"\n[models]\nwindow_quarters = 40\n";
    std::fs::write(folder.path().join("looplens.toml"), text).unwrap();
    let root = dataset.root();
    let root = root.to_str().unwrap();
    let ask = |more: &[&str]| looplens(&[&["whatif", "--quiet", "--dataset", root], more].concat(), folder.path());
    let (status, out, _) = ask(&["--drop", "design review"]);
    assert_eq!(status, Some(0));
    for words in
        ["without", "interviewer hours", "candidate hours", "days", "decisions", "holding it again", "fidelity"]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    let (status, json, _) = ask(&["--drop", "design review", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (status, &told["dropped"], &told["merged"]),
        (Some(0), &serde_json::json!(["design review"]), &serde_json::Value::Null)
    );
    let share = told["decisions"]["share"]["value"].as_f64().unwrap();
    // The table of rounds says the same of this one.
    let table = dataset.results_of(&["stage-redundancy"], &context(&config, LAST, None));
    assert!((share - stage(&table, "Design review").number("flip_rate").unwrap()).abs() < 1e-12);
    let (lost, new) =
        (told["decisions"]["offers_lost"].as_i64().unwrap(), told["decisions"]["offers_new"].as_i64().unwrap());
    let decided = told["decisions"]["decided"].as_i64().unwrap();
    assert!((share - (lost + new) as f64 / decided as f64).abs() < 1e-12);
    assert!(
        out.contains(&format!("{lost} offers lost, {new} new")) && out.contains(told["window"].as_str().unwrap()),
        "{out}"
    );
    let (status, out, _) = ask(&["--merge", "Technical screen,Design review", "--drop", "Work sample"]);
    assert!(status == Some(0) && out.contains("in one") && out.contains("change"), "{out}");
    let (status, _, error) = ask(&["--drop", "Lunch"]);
    assert!(status == Some(2) && error.contains("Lunch") && error.contains("Design review"), "{error}");
    assert_eq!(ask(&["--merge", "Work sample"]).0, Some(2));
    assert_eq!(ask(&["--merge", "Work sample,work sample"]).0, Some(2));
    assert_eq!(ask(&[]).0, Some(2));
}
