//! The Rasch model and the agreement statistics against other implementations. The file with the expected figures
//! names them.
//!
//! Tolerance: 1e-6 for measures, which are iterated; 1e-9 for what is in closed form.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::stats::agreement::{Distance, intraclass, krippendorff};
use looplens::stats::rasch::{Facet, Rating, rasch};
use serde_json::Value;

use crate::crossed_oracle;

fn reference() -> Value {
    serde_json::from_str(include_str!("golden/raters/reference.json")).unwrap()
}

fn close(ours: f64, theirs: &Value, tolerance: f64, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1.0), "{what}: {ours} instead of {theirs}");
}

fn facets_agree(facet: &Facet, names: &[String], expected: &Value) {
    let known = expected["elements"].as_object().unwrap();
    assert_eq!(facet.elements.iter().flatten().count(), known.len());
    for (name, element) in names.iter().zip(&facet.elements) {
        let Some(theirs) = known.get(name) else {
            assert!(element.is_none(), "{name}");
            continue;
        };
        let ours = element.unwrap();
        let figures =
            [ours.measure, ours.std_error, ours.infit, ours.outfit, ours.infit_z, ours.outfit_z, ours.fair_average];
        figures.into_iter().enumerate().for_each(|(at, figure)| close(figure, &theirs[at], 1e-6, name));
    }
    let summary = &expected["summary"];
    for (name, ours) in [
        ("rmse", facet.rmse),
        ("true_sd", facet.true_sd),
        ("separation", facet.separation),
        ("strata", facet.strata),
        ("reliability", facet.reliability.unwrap()),
        ("fixed_chisq", facet.chi_squared),
        ("df", facet.df as f64),
    ] {
        close(ours, &summary[name], 1e-6, name);
    }
}

#[test]
fn the_rasch_model_agrees_with_the_reference() {
    let expected = &reference()["rasch"];
    let rows = &crossed_oracle::reference()["ratings"];
    let names = crossed_oracle::ratings(rows);
    let place = |list: &[String], name: &str| list.iter().position(|known| known == name).unwrap() as u32;
    let ratings: Vec<Rating> = (rows.as_array().unwrap().iter())
        .map(|row| Rating {
            candidate: place(&names.candidates, row[0].as_str().unwrap()),
            interviewer: place(&names.interviewers, row[1].as_str().unwrap()),
            item: place(&names.cells, &format!("{}:{}", row[3].as_str().unwrap(), row[2].as_str().unwrap())),
            score: row[4].as_i64().unwrap(),
        })
        .collect();
    let fit = rasch(&ratings, 1e-9).unwrap();
    assert!(fit.converged);
    close(fit.log_likelihood, &expected["loglik"], 1e-9, "likelihood");
    let thresholds: Vec<f64> = fit.categories.iter().filter_map(|category| category.threshold).collect();
    thresholds.iter().enumerate().for_each(|(at, ours)| close(*ours, &expected["thresholds"][at], 1e-6, "threshold"));
    facets_agree(&fit.candidates, &names.candidates, &expected["candidate"]);
    facets_agree(&fit.interviewers, &names.interviewers, &expected["interviewer"]);
    facets_agree(&fit.items, &names.cells, &expected["item"]);
}

#[test]
fn agreement_agrees_with_the_references() {
    let reference = reference();
    for set in ["panel", "panel_missing"] {
        let expected = &reference[set];
        let rows = expected["scores"].as_array().unwrap();
        let units: Vec<Vec<i64>> =
            rows.iter().map(|row| row.as_array().unwrap().iter().filter_map(Value::as_i64).collect()).collect();
        for (name, distance) in
            [("nominal", Distance::Nominal), ("ordinal", Distance::Ordinal), ("interval", Distance::Interval)]
        {
            close(krippendorff(&units, distance).unwrap(), &expected["alpha"][name], 1e-9, name);
        }
        if let Some(icc) = expected.get("icc") {
            let table: Vec<Vec<f64>> =
                units.iter().map(|unit| unit.iter().map(|score| *score as f64).collect()).collect();
            let ours = intraclass(&table).unwrap();
            close(ours.agreement.value, &icc["ICC2"], 1e-9, "ICC(A,1)");
            close(ours.consistency.value, &icc["ICC3"], 1e-9, "ICC(C,1)");
            close(ours.agreement_of_mean, &icc["ICC2k"], 1e-9, "ICC(A,k)");
            close(ours.consistency_of_mean, &icc["ICC3k"], 1e-9, "ICC(C,k)");
            let limits = [(ours.agreement.interval, "ICC2_ci95"), (ours.consistency.interval, "ICC3_ci95")];
            for (interval, name) in limits {
                // The quantiles of the F distribution are inverted numerically.
                close(interval.low.unwrap(), &icc[name][0], 1e-7, name);
                close(interval.high.unwrap(), &icc[name][1], 1e-7, name);
            }
        }
    }
}
