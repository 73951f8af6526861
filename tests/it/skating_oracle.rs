//! A balanced panel that really sat: nine judges who all marked the same thirty skaters. There the direct calculation,
//! a judge's mean less the panel's on the same marks, is right, and the model has to be that calculation, shrunk.
//! `golden/skating/README.md` says where the marks are from.
//!
//! Tolerance: 1e-5 score points, since the criterion is flat where the search for the variances stops.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;

use crate::support::{Row, Scene, cell, file_rows};

const TOLERANCE: f64 = 1e-5;

/// The marks: skater, component and one for each judge.
fn marks() -> Vec<(String, String, Vec<f64>)> {
    let mut reader = csv::Reader::from_reader(include_str!("golden/skating/components.csv").as_bytes());
    let record = |record: csv::StringRecord| {
        let marks = record.iter().skip(2).map(|mark| mark.parse().unwrap()).collect();
        (record[0].to_owned(), record[1].to_owned(), marks)
    };
    reader.records().map(|line| record(line.unwrap())).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    cell(row, column).parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn leniency_on_a_balanced_panel_is_the_direct_calculation_shrunk() {
    let scene = Scene::new();
    let mut cards = "application_id,stage,interviewer_id,dimension,score\n".to_owned();
    let mut direct = [(0.0, 0.0); 9];
    let marks = marks();
    assert_eq!(marks.len(), 90);
    for (skater, component, given) in &marks {
        let mean = given.iter().sum::<f64>() / given.len() as f64;
        for (judge, mark) in given.iter().enumerate() {
            direct[judge].0 += (mark - mean) / marks.len() as f64;
            direct[judge].1 += mark / marks.len() as f64;
            cards += &format!("{skater},Short programme,judge-{judge},{component},{mark}\n");
        }
    }
    scene.write("export/scorecards.csv", cards);
    scene.run(&["run", "export", "--out", "out", "--quiet", "--only", "leniency"]).fine();
    let table = |name: &str| file_rows(&scene.path(&format!("out/tables/{name}.parquet")));
    let variances: BTreeMap<(String, String), f64> = table("variance_components")
        .iter()
        .filter(|row| row.contains_key("variance"))
        .map(|row| ((cell(row, "model").to_owned(), cell(row, "component").to_owned()), number(row, "variance")))
        .collect();
    let variance = |model: &str, name: &str| variances[&(model.to_owned(), name.to_owned())];
    // Thirty cards of three marks each say this much about a judge.
    let shrinkage = |model: &str| {
        let noise = (variance(model, "card") + variance(model, "residual") / 3.0) / 30.0;
        variance(model, "interviewer") / (variance(model, "interviewer") + noise)
    };
    assert!(shrinkage("within") > 0.8, "{}", shrinkage("within"));
    let rows = table("interviewer_leniency");
    assert_eq!(rows.len(), 9);
    for row in &rows {
        let raw = number(row, "raw_mean");
        let (difference, _) = direct.iter().find(|(_, mean)| (mean - raw).abs() < 1e-9).unwrap();
        assert!((number(row, "raw_difference") - difference).abs() < 1e-9);
        assert!((number(row, "within_leniency") - shrinkage("within") * difference).abs() < TOLERANCE, "{row:?}");
        // Everybody met everybody, so that random candidates say the same.
        assert!((number(row, "leniency") - shrinkage("random") * difference).abs() < TOLERANCE, "{row:?}");
        assert!(number(row, "leniency_low") < *difference && *difference < number(row, "leniency_high"));
        assert_eq!(cell(row, "status"), "ok");
    }
}
