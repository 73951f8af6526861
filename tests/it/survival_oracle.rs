//! The duration statistics against R's `survival` and `cmprsk`, on 120 loops in two groups with ties, censoring
//! and withdrawals. The file with the expected figures names the commands that made them.
//!
//! Tolerance: 1e-8, relative to the expected figure; a figure that is 0 in R must be 0 to 1e-12 here, and one
//! that is missing in R must be missing here. R's figures were written with ten digits or more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use looplens::stats::competing::{Increments, incidence_interval};
use looplens::stats::{
    Cause, Competing, End, Estimate, Event, GroupTest, LifeTable, Spell, Survival, Weight, gray_test, log_rank,
    restricted_mean_difference,
};
use serde_json::Value;

const TOLERANCE: f64 = 1e-8;

fn reference() -> Value {
    serde_json::from_str(include_str!("golden/survival/reference.json")).unwrap()
}

fn loops(reference: &Value, group: &str) -> LifeTable {
    let spells: Vec<Spell> = reference["loops"][group]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let end = match row[1].as_i64().unwrap() {
                0 => End::Open,
                1 => End::Decided,
                2 => End::Withdrawn,
                other => panic!("status {other}"),
            };
            Spell { entry: 0, exit: row[0].as_i64().unwrap(), end, count: 1 }
        })
        .collect();
    LifeTable::from_spells(&spells)
}

/// The two groups and both together, by the name under which their figures are filed.
fn tables(reference: &Value) -> [(&'static str, LifeTable); 3] {
    let (eng, sales) = (loops(reference, "eng"), loops(reference, "sales"));
    let overall = eng.merge(&sales);
    [("eng", eng), ("sales", sales), ("overall", overall)]
}

#[track_caller]
fn assert_close(actual: impl Into<Option<f64>>, expected: &Value, what: &str) {
    match (actual.into(), expected.as_f64()) {
        (None, None) => assert!(expected.is_null(), "{what}: no such figure in the file"),
        (Some(actual), Some(0.0)) => assert!(actual.abs() <= 1e-12, "{what}: {actual}, not 0"),
        (Some(actual), Some(expected)) => {
            assert!((actual / expected - 1.0).abs() <= TOLERANCE, "{what}: {actual}, not {expected}");
        }
        (actual, expected) => panic!("{what}: {actual:?}, not {expected:?}"),
    }
}

#[track_caller]
fn rows(table: &Value) -> &Vec<Value> {
    let rows = table.as_array().unwrap();
    assert!(!rows.is_empty());
    rows
}

#[track_caller]
fn assert_survival_agrees(survival: &Survival, expected: &Value, group: &str) {
    let total: i64 = survival.steps.iter().map(|step| step.events).sum();
    assert_eq!((Some(survival.n), Some(total)), (expected["n"].as_i64(), expected["events"].as_i64()));

    let curve = rows(&expected["curve"]);
    assert_eq!(survival.steps.len(), curve.len());
    for (step, row) in survival.steps.iter().zip(curve) {
        let what = |figure: &str| format!("{group}, age {}: {figure}", step.time);
        let counts = [step.time, step.at_risk, step.events];
        assert_eq!(counts.map(Some), [row[0].as_i64(), row[1].as_i64(), row[2].as_i64()], "{}", what("counts"));
        let Estimate { value, std_error, interval } = step.survival;
        assert_close(value, &row[3], &what("survival"));
        assert_close(std_error, &row[4], &what("standard error"));
        assert_close(interval.low, &row[5], &what("lower limit"));
        assert_close(interval.high, &row[6], &what("upper limit"));
    }

    for row in rows(&expected["quantiles"]) {
        let quantile = survival.quantile(row[0].as_f64().unwrap());
        let what = |figure: &str| format!("{group}, quantile {}: {figure}", quantile.p);
        assert_close(quantile.time, &row[1], &what("age"));
        assert_close(quantile.interval.low, &row[2], &what("lower limit"));
        assert_close(quantile.interval.high, &row[3], &what("upper limit"));
    }

    let expected = &expected["restricted_mean"];
    let mean = survival.restricted_mean(expected["tau"].as_i64().unwrap()).unwrap().mean;
    assert_close(mean.value, &expected["estimate"], &format!("{group}: restricted mean"));
    assert_close(mean.std_error, &expected["se"], &format!("{group}: its standard error"));
}

#[test]
fn survival_of_any_closure_agrees_with_survfit() {
    let reference = reference();
    for (group, table) in tables(&reference) {
        let survival = Survival::estimate(&table, Event::Closed);
        assert_survival_agrees(&survival, &reference["groups"][group]["closed"], group);
    }
}

#[test]
fn the_difference_of_restricted_means_follows_from_those_of_survfit() {
    let reference = reference();
    let expected =
        |group: &str, figure: &str| reference["groups"][group]["closed"]["restricted_mean"][figure].as_f64().unwrap();
    let [eng, sales] = ["eng", "sales"].map(|group| {
        let tau = expected(group, "tau") as i64;
        Survival::estimate(&loops(&reference, group), Event::Closed).restricted_mean(tau).unwrap()
    });
    let found = restricted_mean_difference(&eng, &sales).unwrap();
    let difference = expected("eng", "estimate") - expected("sales", "estimate");
    let std_error = (expected("eng", "se").powi(2) + expected("sales", "se").powi(2)).sqrt();
    assert_close(found.difference.value, &difference.into(), "difference");
    assert_close(found.difference.std_error, &std_error.into(), "standard error");
    assert_close(found.difference.interval.low, &(difference - 1.959963984540054 * std_error).into(), "lower limit");
    // 2 * pnorm(-difference / standard error).
    assert_close(found.p, &0.11870509074987154.into(), "p");
}

#[test]
fn survival_of_one_cause_agrees_with_survfit() {
    let reference = reference();
    for (group, table) in &tables(&reference)[..2] {
        let survival = Survival::estimate(table, Event::Decided);
        assert_survival_agrees(&survival, &reference["groups"][group]["decided_only"], group);
    }
}

#[test]
fn cumulative_incidence_agrees_with_survfit_and_cuminc() {
    let reference = reference();
    for (group, table) in tables(&reference) {
        let expected = &reference["groups"][group];
        let (delta, aalen) = (Competing::estimate(&table), Competing::estimate_with(&table, Increments::Aalen));
        for (cause, key) in [(Cause::Decided, "incidence_decided"), (Cause::Withdrawn, "incidence_withdrawn")] {
            assert!(delta.steps.len() >= rows(&expected[key]).len());
            for ((row, step), other) in rows(&expected[key]).iter().zip(&delta.steps).zip(&aalen.steps) {
                let what = |figure: &str| format!("{group}, {cause:?}, age {}: {figure}", step.time);
                assert_eq!(Some(step.time), row[0].as_i64());
                let estimate = step.of(cause).estimate();
                assert_close(estimate.value, &row[1], &what("share"));
                assert_close(estimate.std_error, &row[2], &what("standard error"));
                assert_close(other.of(cause).variance, &row[3], &what("Aalen's variance"));
                let interval = incidence_interval(estimate.value, row[3].as_f64().unwrap());
                assert_close(interval.low, &row[4], &what("lower limit"));
                assert_close(interval.high, &row[5], &what("upper limit"));
            }
        }
    }
}

#[test]
fn mean_times_agree_with_the_areas_under_cuminc() {
    let reference = reference();
    for (group, table) in tables(&reference) {
        let expected = &reference["groups"][group];
        let tau = expected["closed"]["restricted_mean"]["tau"].as_i64().unwrap();
        let means = Competing::estimate(&table).mean_times(tau).unwrap();
        let expected = &expected["mean_time_in_state"];
        assert_close(means.decided, &expected["decided"], group);
        assert_close(means.withdrawn, &expected["withdrawn"], group);
        assert_close(means.open, &expected["open"], group);
    }
}

#[track_caller]
fn assert_test_agrees(test: &GroupTest, expected: &Value) {
    assert_close(test.statistic, &expected["chisq"], "statistic");
    assert_eq!(Some(test.df as u64), expected["df"].as_u64());
    assert_close(test.p, &expected["p"], "p");
    // `cuminc` does not report observed and expected counts.
    for (figures, key) in [(&test.observed, "observed"), (&test.expected, "expected")] {
        for (group, expected) in expected[key].as_array().into_iter().flatten().enumerate() {
            assert_close(figures[group], expected, key);
        }
    }
}

#[test]
fn log_rank_tests_agree_with_survdiff() {
    let reference = reference();
    let (eng, sales) = (loops(&reference, "eng"), loops(&reference, "sales"));
    for (key, event, weight) in [
        ("logrank_any", Event::Closed, Weight::LogRank),
        ("peto_any", Event::Closed, Weight::PetoPeto),
        ("logrank_decided", Event::Decided, Weight::LogRank),
    ] {
        let test = log_rank(&[&eng, &sales], event, weight).unwrap();
        assert_test_agrees(&test, &reference["tests"][key]);
    }
}

#[test]
fn gray_tests_agree_with_cuminc() {
    let reference = reference();
    let (eng, sales) = (loops(&reference, "eng"), loops(&reference, "sales"));
    for (key, cause) in [("decided", Cause::Decided), ("withdrawn", Cause::Withdrawn)] {
        let test = gray_test(&[&eng, &sales], cause).unwrap();
        assert_test_agrees(&test, &reference["tests"]["gray"][key]);
    }
}
