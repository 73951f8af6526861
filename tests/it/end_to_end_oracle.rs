//! The figures of R's `survival` and `cmprsk` once more, this time after the whole way: the loops of
//! `golden/survival/reference.json` are written as neutral tables with dates, the program runs, and its Parquet
//! files are compared. Delayed entry is compared with product limits worked out in fractions; the program that
//! did so lies beside its figures.
//!
//! Tolerance: 1e-8 relative, because R's figures were written with ten digits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use arrow::array::{Array, Float64Array, Int64Array, StringArray};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use looplens::dataset::parquet;
use serde_json::Value;

const TOLERANCE: f64 = 1e-8;
const Z_95: f64 = 1.959963984540054;
const AS_OF: Date = date(2026, 4, 30);
const OBSERVED_FROM: Date = date(2026, 1, 1);

type Row = BTreeMap<String, Value>;

/// One loop: department, age at which it came under observation, age at which it was last seen, status.
struct Loop(String, i64, i64, i64);

/// Writes the loops as dates, runs the program on them, and reads a table it wrote.
fn run(loops: &[Loop], config: &str) -> BTreeMap<&'static str, Vec<Row>> {
    let folder = tempfile::tempdir().unwrap();
    let (export, out) = (folder.path().join("export"), folder.path().join("out"));
    std::fs::create_dir_all(&export).unwrap();
    let mut applications = "application_id,department,applied_at\n".to_owned();
    let mut decisions = "application_id,decision,decided_at\n".to_owned();
    for (n, Loop(department, entry, exit, status)) in loops.iter().enumerate() {
        let applied = if *entry > 0 {
            OBSERVED_FROM - entry.days()
        } else if *status == 0 {
            AS_OF - exit.days()
        } else {
            OBSERVED_FROM
        };
        applications.push_str(&format!("{n},{department},{applied}\n"));
        let word = match status {
            0 => continue,
            // Who decides does not matter to the clock.
            1 if n % 2 == 0 => "offer",
            1 => "reject",
            _ => "withdrawn",
        };
        decisions.push_str(&format!("{n},{word},{}\n", applied + exit.days()));
    }
    std::fs::write(export.join("applications.csv"), applications).unwrap();
    std::fs::write(export.join("decisions.csv"), decisions).unwrap();
    std::fs::write(folder.path().join("looplens.toml"), config).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_looplens"))
        .args([
            "run",
            "export",
            "--out",
            "out",
            "--quiet",
            "--only",
            "time-to-decision,slow-loops",
            "--by",
            "department",
            "--as-of",
        ])
        .arg(AS_OF.to_string())
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    ["time_to_decision", "time_curve", "time_contrasts", "slow_loops"]
        .map(|name| (name, rows(&out.join(format!("tables/{name}.parquet")))))
        .into()
}

fn rows(path: &Path) -> Vec<Row> {
    let mut out = Vec::new();
    for batch in parquet::read(path, &[]).unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cell = |column: &dyn Array| -> Value {
                let any = column.as_any();
                if column.is_null(row) {
                    Value::Null
                } else if let Some(texts) = any.downcast_ref::<StringArray>() {
                    texts.value(row).into()
                } else if let Some(ints) = any.downcast_ref::<Int64Array>() {
                    ints.value(row).into()
                } else {
                    any.downcast_ref::<Float64Array>().map_or(Value::Null, |floats| floats.value(row).into())
                }
            };
            let schema = batch.schema();
            let names = schema.fields().iter().map(|field| field.name().clone());
            out.push(names.zip(batch.columns().iter().map(|column| cell(column))).collect());
        }
    }
    out
}

/// The rows with these values, on the clock from the application.
fn find<'a>(rows: &'a [Row], wanted: &[(&str, &str)]) -> Vec<&'a Row> {
    let found: Vec<&Row> = rows
        .iter()
        .filter(|row| row["clock"] == "applied" && wanted.iter().all(|(name, value)| row[*name] == *value))
        .collect();
    assert!(!found.is_empty(), "no row with {wanted:?}");
    found
}

#[track_caller]
fn close(actual: &Value, expected: impl Into<Value>, what: &str) {
    let expected = expected.into();
    match (actual.as_f64(), expected.as_f64()) {
        (None, None) => assert!(actual.is_null() && expected.is_null(), "{what}: {actual}, not {expected}"),
        (Some(actual), Some(0.0)) => assert!(actual.abs() <= 1e-12, "{what}: {actual}, not 0"),
        (Some(actual), Some(expected)) => {
            assert!((actual / expected - 1.0).abs() <= TOLERANCE, "{what}: {actual}, not {expected}");
        }
        _ => panic!("{what}: {actual}, not {expected}"),
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

fn float(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// The last row of a step function at or before an age, if it has begun.
fn step(rows: &Value, at: i64) -> Option<&Value> {
    rows.as_array().unwrap().iter().take_while(|row| int(&row[0]) <= at).last()
}

/// The area under the published curve up to an age, with the standard error from its counts.
fn restricted_mean(curve: &Value, tau: i64) -> (f64, f64) {
    let steps: Vec<&Value> = curve.as_array().unwrap().iter().filter(|row| int(&row[0]) < tau).collect();
    let (mut end, mut area, mut variance) = (tau, 0.0, 0.0);
    for row in steps.into_iter().rev() {
        let (age, at_risk, events) = (int(&row[0]), float(&row[1]), float(&row[2]));
        area += float(&row[3]) * (end - age) as f64;
        variance += area * area * events / (at_risk * (at_risk - events));
        end = age;
    }
    (area + end as f64, variance.sqrt())
}

/// The complementary log-log interval of an incidence.
fn incidence_interval(row: &Value) -> [f64; 2] {
    let (share, error) = (float(&row[1]), float(&row[2]));
    let spread = Z_95 * error / (share * share.ln());
    [share.powf((-spread).exp()), share.powf(spread.exp())]
}

fn reference() -> (Value, BTreeMap<&'static str, Vec<Row>>) {
    let reference = json(include_str!("golden/survival/reference.json"));
    let mut loops = Vec::new();
    for group in ["eng", "sales"] {
        for row in reference["loops"][group].as_array().unwrap() {
            loops.push(Loop(group.to_owned(), 0, int(&row[0]), int(&row[1])));
        }
    }
    (reference, run(&loops, ""))
}

/// Where the figures of a group stand in the results.
const GROUPS: [(&str, &str, &str); 3] =
    [("eng", "department", "eng"), ("sales", "department", "sales"), ("overall", "all", "all")];

#[test]
fn the_program_writes_the_figures_of_survfit_and_cuminc() {
    let (reference, tables) = reference();
    for (group, kind, segment) in GROUPS {
        let expected = &reference["groups"][group];
        let row = find(&tables["time_to_decision"], &[("segment_kind", kind), ("segment", segment)])[0];
        let what = |figure: &str| format!("{group}: {figure}");
        assert_eq!(row["loops"], expected["closed"]["n"], "{group}");
        assert_eq!(int(&row["decided"]) + int(&row["withdrawn"]), int(&expected["closed"]["events"]), "{group}");
        for (quantile, name) in
            expected["closed"]["quantiles"].as_array().unwrap().iter().zip(["p25", "median", "p75", "p90"])
        {
            close(&row[&format!("{name}_days")], quantile[1].clone(), &what(name));
            close(&row[&format!("{name}_days_low")], quantile[2].clone(), &what(&format!("{name}, lower limit")));
            close(&row[&format!("{name}_days_high")], quantile[3].clone(), &what(&format!("{name}, upper limit")));
        }
        let tau = float(&row["rmst_tau_days"]);
        let (mean, error) = if kind == "all" {
            // All loops together have a longer horizon than the published one; the curve is the published one.
            restricted_mean(&expected["closed"]["curve"], tau as i64)
        } else {
            let published = &expected["closed"]["restricted_mean"];
            assert_eq!(tau, float(&published["tau"]), "{group}");
            (float(&published["estimate"]), float(&published["se"]))
        };
        close(&row["rmst_days"], mean, &what("restricted mean"));
        close(&row["rmst_days_low"], mean - Z_95 * error, &what("restricted mean, lower limit"));
        close(&row["rmst_days_high"], mean + Z_95 * error, &what("restricted mean, upper limit"));
        for (days, name) in [(14, "share_within_1"), (21, "share_within_2")] {
            let published = step(&expected["incidence_decided"], days).unwrap();
            let [low, high] = incidence_interval(published);
            close(&row[name], published[1].clone(), &what(name));
            close(&row[&format!("{name}_low")], low, &what(name));
            close(&row[&format!("{name}_high")], high, &what(name));
        }
    }
}

#[test]
fn the_program_writes_the_curves_of_survfit_and_cuminc() {
    let (reference, tables) = reference();
    for (group, kind, segment) in GROUPS {
        let expected = &reference["groups"][group];
        let rows = find(&tables["time_curve"], &[("segment_kind", kind), ("segment", segment)]);
        assert!(rows.len() > 30, "{group}: {} days", rows.len());
        for row in rows {
            let day = int(&row["day"]);
            let what = |figure: &str| format!("{group}, day {day}: {figure}");
            match step(&expected["closed"]["curve"], day) {
                None => close(&row["undecided"], 1.0, &what("undecided")),
                Some(published) => {
                    close(&row["undecided"], published[3].clone(), &what("undecided"));
                    close(&row["undecided_low"], published[5].clone(), &what("lower limit"));
                    close(&row["undecided_high"], published[6].clone(), &what("upper limit"));
                    if int(&published[0]) == day {
                        assert_eq!(row["at_risk"], published[1], "{}", what("at risk"));
                        assert_eq!(
                            int(&row["decided"]) + int(&row["withdrawn"]),
                            int(&published[2]),
                            "{}",
                            what("events")
                        );
                    }
                }
            }
            for (key, name) in [("incidence_decided", "cif_decided"), ("incidence_withdrawn", "cif_withdrawn")] {
                let last = expected[key].as_array().unwrap().last().map(|row| int(&row[0])).unwrap();
                let published = step(&expected[key], day);
                match published {
                    None => close(&row[name], 0.0, &what(name)),
                    // The published incidence ends with the common horizon.
                    Some(_) if day > last => {}
                    Some(published) => {
                        close(&row[name], published[1].clone(), &what(name));
                        if float(&published[1]) > 0.0 {
                            let [low, high] = incidence_interval(published);
                            close(&row[&format!("{name}_low")], low, &what(name));
                            close(&row[&format!("{name}_high")], high, &what(name));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_program_writes_the_tests_of_survdiff_and_cuminc() {
    let (reference, tables) = reference();
    let contrast = |name: &str, segment: &str| {
        find(&tables["time_contrasts"], &[("segment_kind", "department"), ("contrast", name), ("segment", segment)])[0]
    };
    for (name, expected) in
        [("log_rank", &reference["tests"]["logrank_any"]), ("gray_decided", &reference["tests"]["gray"]["decided"])]
    {
        let row = contrast(name, "all");
        close(&row["statistic"], expected["chisq"].clone(), name);
        close(&row["p_value"], expected["p"].clone(), name);
        // The only test of its kind on this clock.
        close(&row["q_value"], expected["p"].clone(), name);
        assert_eq!(row["degrees_of_freedom"], expected["df"], "{name}");
    }
    let [eng, sales] = ["eng", "sales"].map(|group| {
        let mean = &reference["groups"][group]["closed"]["restricted_mean"];
        (float(&mean["estimate"]), float(&mean["se"]))
    });
    let (difference, error) = (eng.0 - sales.0, eng.1.hypot(sales.1));
    for (segment, sign) in [("eng", 1.0), ("sales", -1.0)] {
        let row = contrast("against_rest", segment);
        close(&row["tau_days"], 37.0, segment);
        close(&row["difference_days"], sign * difference, segment);
        close(&row["difference_days_low"], sign * difference - Z_95 * error, segment);
        close(&row["difference_days_high"], sign * difference + Z_95 * error, segment);
        // 2 * pnorm(-difference / standard error).
        close(&row["p_value"], 0.11870509074987154, segment);
    }
}

#[test]
fn a_loop_of_exactly_the_limit_is_not_beyond_it() {
    let (reference, tables) = reference();
    let beyond = ["eng", "sales"]
        .iter()
        .flat_map(|group| reference["loops"][group].as_array().unwrap())
        .filter(|row| int(&row[0]) > 21)
        .count();
    assert_eq!(tables["slow_loops"].len(), beyond);
}

#[test]
fn loops_that_came_under_observation_late_enter_late() {
    let reference = json(include_str!("golden/delayed_entry/reference.json"));
    let loops: Vec<Loop> = reference["loops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| Loop("eng".to_owned(), int(&row[0]), int(&row[1]), int(&row[2])))
        .collect();
    assert!(loops.iter().any(|one| one.1 > one.2) && loops.iter().any(|one| one.1 > 0 && one.1 == one.2));
    let tables = run(&loops, &format!("[time]\nobserved_from = '{OBSERVED_FROM}T00:00:00Z'\n"));
    let row = find(&tables["time_to_decision"], &[("segment_kind", "all")])[0];
    for (name, expected) in reference["counts"].as_object().unwrap() {
        assert_eq!(&row[name], expected, "{name}");
    }
    for (quantile, name) in reference["quantiles"].as_array().unwrap().iter().zip(["p25", "median", "p75"]) {
        close(&row[&format!("{name}_days")], quantile[1].clone(), name);
        close(&row[&format!("{name}_days_low")], quantile[2].clone(), name);
        close(&row[&format!("{name}_days_high")], quantile[3].clone(), name);
    }
    let mean = &reference["restricted_mean"];
    close(&row["rmst_tau_days"], mean["tau"].as_f64().unwrap(), "horizon");
    close(&row["rmst_days"], mean["estimate"].clone(), "restricted mean");
    close(&row["rmst_days_low"], float(&mean["estimate"]) - Z_95 * float(&mean["se"]), "restricted mean, lower limit");
    for (days, name) in [(14, "share_within_1"), (21, "share_within_2")] {
        close(&row[name], step(&reference["curve"], days).unwrap()[6].clone(), name);
    }
    for row in find(&tables["time_curve"], &[("segment_kind", "all")]) {
        let day = int(&row["day"]);
        let Some(published) = step(&reference["curve"], day) else { continue };
        let what = format!("day {day}");
        close(&row["undecided"], published[3].clone(), &what);
        close(&row["undecided_low"], published[4].clone(), &what);
        close(&row["undecided_high"], published[5].clone(), &what);
        close(&row["cif_decided"], published[6].clone(), &what);
        if int(&published[0]) == day {
            assert_eq!(row["at_risk"], published[1], "{what}");
        }
    }
    // Counted from the start they would look faster or slower; at any rate not like this.
    let unaware = run(&loops, "");
    let unaware = find(&unaware["time_to_decision"], &[("segment_kind", "all")])[0];
    assert!(unaware["rmst_days"] != row["rmst_days"] && int(&unaware["loops"]) > int(&row["loops"]));
}
