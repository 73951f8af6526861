//! Correlations of stages, with their corrections, against scipy and a plain expectation-maximisation, and the
//! polychoric correlation against R's `polycor`. The file with the expected figures names the commands that made them.
//!
//! Tolerances: 1e-9 for what is in closed form; 1e-6 for the iterated covariances, whose reference stops at changes of
//! 1e-12; for the polychoric correlation 1e-5, and 1e-3 for its standard error, which the reference takes from a numeric
//! Hessian.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::stats::em_covariance::{Stop, em_covariance};
use looplens::stats::estimate::Interval;
use looplens::stats::polychoric::polychoric;
use looplens::stats::redundancy::{Ranged, redundancy};
use looplens::stats::stage_scores::{Held, StageScores};
use looplens::stats::symmetric::{effective_number, multiple_correlations};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("golden/redundancy/reference.json")).unwrap()
}

fn stages() -> StageScores {
    let mut out = StageScores::new(3);
    for line in include_str!("golden/redundancy/stages.csv").lines().skip(1) {
        let held = |(stage, cell): (usize, &str)| {
            Some(Held { stage, score: cell.trim().parse().ok()?, cards: 1, within: 0.0 })
        };
        out.push(&line.split(',').skip(1).enumerate().filter_map(held).collect::<Vec<_>>());
    }
    out
}

#[track_caller]
fn close(ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= tolerance, "{ours} instead of {theirs}");
}

#[track_caller]
fn interval(ours: Interval, theirs: &Value) {
    close(ours.low.unwrap(), &theirs[0], 1e-9);
    close(ours.high.unwrap(), &theirs[1], 1e-9);
}

#[test]
fn pairs_agree_with_scipy_and_thorndikes_formula() {
    let (scores, reference) = (stages(), reference());
    let found = redundancy(&scores, None, 50);
    let expected = reference["stages"]["pairs"].as_array().unwrap();
    assert_eq!(found.pairs.len(), expected.len());
    for (pair, expected) in found.pairs.iter().zip(expected) {
        assert_eq!(pair.n as u64, expected["n"].as_u64().unwrap());
        let (pearson, spearman) = (pair.pearson.unwrap(), pair.spearman.unwrap());
        close(pearson.value, &expected["pearson"], 1e-9);
        interval(pearson.interval, &expected["pearson_ci"]);
        let p = expected["pearson_p"].as_f64().unwrap();
        assert!((pair.pearson_p.unwrap() / p - 1.0).abs() < 1e-6, "{:?} {p}", pair.pearson_p);
        close(spearman.value, &expected["spearman"], 1e-9);
        interval(spearman.interval, &expected["spearman_ci"]);
        let thorndike = pair.thorndike.unwrap();
        close(thorndike.u_ratio, &expected["u_ratio"], 1e-9);
        close(thorndike.value, &expected["pearson_rr"], 1e-9);
        interval(thorndike.interval, &expected["pearson_rr_ci"]);
    }
}

#[test]
fn the_joint_estimate_agrees_with_a_plain_expectation_maximisation() {
    let (scores, reference) = (stages(), reference());
    let joint = em_covariance(&scores.groups(7).sums(|_| 1.0).patterns, 3, None, Stop::default()).unwrap();
    assert!(joint.converged);
    for a in 0..3 {
        close(joint.mean[a], &reference["stages"]["em_mean"][a], 1e-6);
        for b in 0..3 {
            close(joint.covariance.at(a, b), &reference["stages"]["em_cov"][a][b], 1e-6);
        }
    }
    let found = redundancy(&scores, None, 50);
    for pair in &found.pairs {
        let Ranged { value, interval, .. } = pair.corrected.unwrap();
        close(value, &reference["stages"]["em_corr"][pair.a][pair.b], 1e-6);
        assert!(interval.low.unwrap() < value && value < interval.high.unwrap());
    }
}

#[test]
fn multiple_correlations_and_effective_rounds_agree_with_numpy() {
    let (scores, reference) = (stages(), reference());
    // The reference uses candidates with all three stages only.
    let patterns = scores.groups(1_000).sums(|_| 1.0).patterns;
    let complete: Vec<_> = patterns.into_iter().filter(|pattern| pattern.present == 0b111).collect();
    let joint = em_covariance(&complete, 3, None, Stop::default()).unwrap();
    let correlations = joint.covariance.correlations().unwrap();
    let r2 = multiple_correlations(&correlations).unwrap();
    for (ours, name) in r2.iter().zip(["screen", "tech", "panel"]) {
        close(*ours, &reference["stages"]["smc_complete_cases"][name], 1e-9);
    }
    let effective = effective_number(&correlations).unwrap();
    close(effective.participation, &reference["stages"]["effective_rounds"]["participation_ratio"], 1e-9);
    close(effective.entropy, &reference["stages"]["effective_rounds"]["entropy"], 1e-9);
}

#[test]
fn the_polychoric_correlation_agrees_with_polycor() {
    let reference = &reference()["polychoric"];
    let table: Vec<Vec<i64>> = reference["table"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(|count| count.as_i64().unwrap()).collect())
        .collect();
    let found = polychoric(&table).unwrap();
    let expected = &reference["two_step"];
    assert_eq!(found.n as u64, reference["n"].as_u64().unwrap());
    close(found.rho, &expected["rho"], 1e-5);
    close(found.std_error, &expected["se"], 1e-3);
    for (at, cut) in found.row_cuts.iter().enumerate() {
        close(*cut, &expected["row_cuts"][at], 1e-8);
    }
    for (at, cut) in found.column_cuts.iter().enumerate() {
        close(*cut, &expected["col_cuts"][at], 1e-8);
    }
}
