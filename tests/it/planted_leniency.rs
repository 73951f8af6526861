//! The leniency that a simulated history plants is found again, through the whole way: simulated, ingested, analyzed,
//! and the pseudonyms of the results matched to the people of `truth.json` by the key in the private folder.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::OnceLock;

use looplens::config::ApplicationIds;
use looplens::dataset::privacy::{PrivateFolder, Shield};
use serde_json::Value;

use crate::support::{Row, Scene, cell, file_rows, rows};

/// A history whose truth is known, and what was made of it.
struct Planted {
    truth: Value,
    /// Planted leniency by pseudonym, in score points before rounding.
    leniency: BTreeMap<String, f64>,
    /// Scorecards of the dataset.
    cards: Vec<Row>,
    /// The tables of the results.
    leniencies: Vec<Row>,
    adjusted: Vec<Row>,
}

/// The history as it is planted without being told otherwise, read by two tests.
fn usual() -> &'static Planted {
    static USUAL: OnceLock<Planted> = OnceLock::new();
    USUAL.get_or_init(|| Planted::history(&[]))
}

impl Planted {
    /// Loops of one year, so that all are in the window that the crossed model looks back over.
    fn history(set: &[&str]) -> Self {
        let scene = Scene::new();
        let mut simulate = vec!["simulate", "--loops", "1500", "--seed", "20", "--years", "1", "--out", "export"];
        simulate.extend(set.iter().flat_map(|set| ["--set", set]));
        scene.run(&simulate).fine();
        // The order of pseudonyms should not be another one in every run.
        scene.write("data/private/key", "0123456789abcdef".repeat(4));
        scene.ingest("export");
        scene.run(&["analyze", "--dataset", "data", "--out", "out", "--only", "leniency"]).fine();
        let truth: Value = serde_json::from_slice(&std::fs::read(scene.path("export/truth.json")).unwrap()).unwrap();
        let key = PrivateFolder::of(&scene.path("data")).key().unwrap();
        let mut shield = Shield::new(key, ApplicationIds::Auto, false);
        let people = truth["interviewers"].as_array().unwrap().iter();
        let leniency = people.map(|person| {
            let mut id = person["id"].as_str().unwrap().to_owned();
            shield.person(&mut id);
            (id, person["leniency"].as_f64().unwrap())
        });
        let leniency = leniency.collect();
        let table = |name: &str| file_rows(&scene.path(&format!("out/tables/{name}.parquet")));
        Self {
            leniency,
            cards: rows(&scene.path("data"), "scorecards"),
            leniencies: table("interviewer_leniency"),
            adjusted: table("adjusted_scores"),
            truth,
        }
    }

    /// What a point of leniency adds to a rounded score, on average: the density of scores before rounding at the
    /// three places where the rounded score goes up.
    fn worth(&self) -> f64 {
        let planted = |name: &str| self.truth["parameters"][name].as_f64().unwrap();
        let of_round = |round: &Value| {
            let ability = round["loading"].as_f64().unwrap() * planted("ability_sd");
            let parts = ["facet_sd", "dimension_sd", "halo_sd", "residual_sd", "leniency_sd"].map(planted);
            let sd = parts.iter().fold(ability, |sum, part| f64::hypot(sum, *part));
            let density = |bound: f64| {
                let z = (bound - planted("score_centre")) / sd;
                (-z * z / 2.0).exp() / (sd * (2.0 * PI).sqrt())
            };
            [1.5, 2.5, 3.5].map(density).iter().sum::<f64>()
        };
        let rounds: Vec<f64> = self.truth["rounds"].as_array().unwrap().iter().map(of_round).collect();
        rounds.iter().sum::<f64>() / rounds.len() as f64
    }
}

fn number(row: &Row, column: &str) -> Option<f64> {
    row.get(column)?.parse().ok()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / n, sum.1 + pair.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x).powi(2);
        yy += (b - y).powi(2);
        xy += (a - x) * (b - y);
    }
    xy / (xx * yy).sqrt()
}

#[test]
fn planted_leniency_is_found_again() {
    let planted = usual();
    let worth = planted.worth();
    let found: Vec<&Row> = planted.leniencies.iter().filter(|row| row.contains_key("leniency")).collect();
    assert!(found.len() >= 40, "{} interviewers", found.len());
    let own = |row: &Row| worth * planted.leniency[cell(row, "interviewer_id")];

    // Those whose cards say enough for a verdict: order and size. They have some thirty cards each; what a card shows
    // beyond the candidate's mean varies by 0.7 points, so a mean of thirty is uncertain by 0.13 where leniency varies by
    // 0.2, and nothing follows the truth much closer than with a correlation of 0.85. Raw differences, which confound
    // candidates with leniency, do worse on both counts.
    let told: Vec<&Row> = found.iter().copied().filter(|row| row.contains_key("verdict")).collect();
    assert!(told.len() >= 30, "{} with a verdict", told.len());
    let pairs =
        |column: &str| -> Vec<(f64, f64)> { told.iter().map(|row| (number(row, column).unwrap(), own(row))).collect() };
    let (fitted, raw) = (correlation(&pairs("leniency")), correlation(&pairs("raw_difference")));
    let miss = |column: &str| pairs(column).iter().map(|(a, b)| (a - b).powi(2)).sum::<f64>() / told.len() as f64;
    assert!(fitted > 0.8 && fitted > raw, "correlation {fitted}, raw {raw}");
    assert!(miss("leniency") < miss("raw_difference"), "squared errors");

    // Intervals: about 95 % of so many cover; three standard errors of such a share are allowed to be missing.
    let covers = |row: &Row| {
        let truth = own(row);
        number(row, "leniency_low").unwrap() <= truth && truth <= number(row, "leniency_high").unwrap()
    };
    let n = found.len() as f64;
    let share = found.iter().filter(|row| covers(row)).count() as f64 / n;
    assert!(share > 0.95 - 3.0 * (0.95 * 0.05 / n).sqrt(), "{share} of {n} intervals cover");

    // Who is told from the others was planted so. One in twenty may have the wrong sign; here nobody has.
    let mut flagged = 0;
    for row in &told {
        let sign = match cell(row, "verdict") {
            "lenient" => 1.0,
            "severe" => -1.0,
            _ => continue,
        };
        flagged += 1;
        assert!(sign * own(row) > 0.0, "{row:?}");
    }
    assert!(flagged >= 5, "{flagged} flagged");
}

#[test]
fn adjusted_scores_are_nearer_the_truth_than_raw_ones() {
    let planted = usual();
    let worth = planted.worth();
    // The cards that count, by loop and stage: whose planted leniency is in the mean of the stage.
    let mut panels: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for card in &planted.cards {
        let interviewer = cell(card, "interviewer_id");
        let filed_by_other = card.get("submitted_by").is_some_and(|by| by != interviewer);
        if cell(card, "status") != "submitted" || cell(card, "role") == "shadow" || filed_by_other {
            continue;
        }
        let place = (cell(card, "application_id").to_owned(), cell(card, "stage").to_owned());
        panels.entry(place).or_default().push(worth * planted.leniency[interviewer]);
    }
    let (mut compared, mut raw, mut adjusted) = (0, 0.0, 0.0);
    for row in &planted.adjusted {
        let place = (cell(row, "application_id").to_owned(), cell(row, "stage").to_owned());
        let (Some(panel), Some(score)) = (panels.get(&place), number(row, "adjusted_score")) else { continue };
        if panel.len().to_string() != cell(row, "cards") {
            continue;
        }
        // What leniency added to the mean of this stage, and what the adjustment took out.
        let added = panel.iter().sum::<f64>() / panel.len() as f64;
        let taken = number(row, "raw_score").unwrap() - score;
        raw += added * added;
        adjusted += (added - taken).powi(2);
        compared += 1;
    }
    assert!(compared > 2_000, "{compared} stages of loops");
    // What is left is the error of the leniencies, whose correlation with the truth of 0.85 leaves about a quarter.
    assert!(adjusted < 0.4 * raw, "leniency left in the scores: {adjusted} of {raw}");
}

#[test]
fn where_nobody_is_lenient_nobody_is_said_to_be() {
    let planted = Planted::history(&["leniency_sd=0"]);
    assert!(planted.leniency.values().all(|leniency| *leniency == 0.0));
    let mut seen = 0;
    for row in &planted.leniencies {
        let Some(leniency) = number(row, "leniency") else { continue };
        assert!(!matches!(cell(row, "verdict"), "lenient" | "severe"), "{row:?}");
        let (low, high) = (number(row, "leniency_low").unwrap(), number(row, "leniency_high").unwrap());
        // Even an estimate of nothing is uncertain.
        assert!(low < leniency && leniency < high && leniency.abs() < 0.15, "{row:?}");
        seen += 1;
    }
    assert!(seen >= 40, "{seen} interviewers");
}
