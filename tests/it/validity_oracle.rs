//! Scores against outcomes, held against other implementations. The files with the expected figures name them and the
//! commands that made them.
//!
//! Tolerance: 1e-9 for what is in closed form; 1e-6 for what is iterated, relative above 1.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::stats::association::{biserial, hedges_g, pearson, spearman};
use looplens::stats::benjamini_hochberg;
use looplens::stats::cox::{Stay, concordance, cox};
use looplens::stats::discrimination::{AtScore, Auc, ScoreCounts, auc, paired_aucs};
use looplens::stats::importance::{importance, r_squared_interval};
use looplens::stats::lawley::lawley;
use looplens::stats::logistic::{Coefficient, Design, firth, plain, predicted};
use looplens::stats::symmetric::Symmetric;
use serde_json::Value;

const CLOSED: f64 = 1e-9;
const ITERATED: f64 = 1e-6;

fn expected() -> Value {
    serde_json::from_str(include_str!("golden/validity/expected.json")).unwrap()
}

fn reference() -> Value {
    serde_json::from_str(include_str!("golden/validity/reference.json")).unwrap()
}

#[track_caller]
fn close(ours: f64, theirs: &Value, tolerance: f64, what: &str) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what} is not expected"));
    assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1.0), "{what}: {ours} instead of {theirs}");
}

/// A file of people: named columns of numbers.
struct People {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl People {
    fn new(text: &str) -> Self {
        let mut lines = text.lines();
        let names: Vec<String> = lines.next().unwrap().split(',').skip(1).map(str::to_owned).collect();
        let rows: Vec<Vec<f64>> =
            lines.map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect()).collect();
        let columns = (0..names.len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
        Self { names, columns }
    }

    fn column(&self, name: &str) -> &[f64] {
        &self.columns[self.names.iter().position(|own| own == name).unwrap()]
    }

    fn outcome(&self) -> Vec<bool> {
        self.column("outcome").iter().map(|value| *value == 1.0).collect()
    }

    fn scores(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).filter(|name| !matches!(*name, "outcome" | "performance")).collect()
    }
}

/// Scores in hundredths, as counts.
fn counted(scores: &[f64], outcome: &[bool]) -> ScoreCounts {
    ScoreCounts::from_cells(scores.iter().zip(outcome).map(|(score, with)| AtScore {
        score: (score * 100.0).round() as i64,
        with: i64::from(*with),
        without: i64::from(!*with),
    }))
}

fn coefficient(ours: &Coefficient, theirs: &Value, what: &str) {
    close(ours.value, &theirs["coef"], ITERATED, what);
    close(ours.std_error, &theirs["se"], ITERATED, what);
    close(ours.interval.low.unwrap(), &theirs["profile_ci"][0], ITERATED, what);
    close(ours.interval.high.unwrap(), &theirs["profile_ci"][1], ITERATED, what);
    close(ours.chi_squared, &theirs["plr_chisq"], ITERATED, what);
    close(ours.p.unwrap(), &theirs["p"], 1e-8, what);
}

fn one_score(people: &People, name: &str, expected: &Value) -> (Auc, f64, f64) {
    let (scores, outcome) = (people.column(name), people.outcome());
    let theirs = &expected["predictors"][name];
    let area = auc(&counted(scores, &outcome)).unwrap();
    close(area.value, &theirs["auc"], CLOSED, "area");
    close(area.std_error.unwrap().powi(2), &theirs["auc_var_delong"], CLOSED, "its variance");
    close(area.p.unwrap(), &theirs["mann_whitney_p"], CLOSED, "Mann and Whitney");
    match theirs.get("auc_ci_logit") {
        Some(interval) => {
            close(area.interval.low.unwrap(), &interval[0], CLOSED, "logit interval");
            close(area.interval.high.unwrap(), &interval[1], CLOSED, "logit interval");
        }
        None => assert!(area.is_separated() && area.interval.low.is_none() && area.exact_p.is_some()),
    }
    let numbers: Vec<f64> = outcome.iter().map(|with| f64::from(u8::from(*with))).collect();
    let point = pearson(scores, &numbers).unwrap();
    close(point.r, &theirs["point_biserial"], CLOSED, "point-biserial");
    close(point.p.unwrap(), &theirs["point_biserial_p"], CLOSED, "its p");
    close(point.interval.low.unwrap(), &theirs["point_biserial_ci"][0], CLOSED, "its interval");
    close(point.interval.high.unwrap(), &theirs["point_biserial_ci"][1], CLOSED, "its interval");
    let share = numbers.iter().sum::<f64>() / numbers.len() as f64;
    close(biserial(point.r, share).unwrap(), &theirs["biserial"], 1e-8, "biserial");
    close(hedges_g(scores, &outcome).unwrap(), &theirs["hedges_g"], 1e-8, "g");
    let design = Design::new(&[scores], &outcome);
    let fit = firth(&design).unwrap();
    close(fit.log_likelihood, &theirs["firth"]["penalised_loglik"], 1e-8, "penalised likelihood");
    coefficient(&fit.coefficients[0], &theirs["firth"]["intercept"], "constant");
    coefficient(&fit.coefficients[1], &theirs["firth"]["slope"], "slope");
    let b = [fit.coefficients[0].value, fit.coefficients[1].value];
    let brier = scores.iter().zip(&numbers).map(|(score, with)| (predicted(&b, &[*score]) - with).powi(2)).sum::<f64>();
    close(brier / numbers.len() as f64, &theirs["brier_firth"], ITERATED, "Brier");
    let ordinary = plain(&design);
    assert_eq!(ordinary.is_none(), theirs["separated"].as_bool().unwrap());
    if let Some(ordinary) = ordinary {
        close(ordinary.coefficients[1], &theirs["ml"]["slope"], ITERATED, "unpenalised slope");
        close(ordinary.std_errors[1], &theirs["ml"]["se_slope"], ITERATED, "unpenalised error");
        close(ordinary.log_likelihood, &theirs["ml"]["loglik"], 1e-8, "likelihood");
    }
    (area, point.p.unwrap(), fit.coefficients[1].p.unwrap())
}

#[test]
fn scores_against_outcomes_agree_with_the_references() {
    let expected = &expected()["validity"];
    let people = People::new(include_str!("golden/validity/validity.csv"));
    let names = people.scores();
    let singles: Vec<(Auc, f64, f64)> = names.iter().map(|name| one_score(&people, name, expected)).collect();
    let q = |of: &dyn Fn(&(Auc, f64, f64)) -> f64, column: &str| {
        let q = benjamini_hochberg(&singles.iter().map(|single| Some(of(single))).collect::<Vec<_>>());
        names
            .iter()
            .zip(q)
            .for_each(|(name, q)| close(q.unwrap(), &expected["predictors"][name][column], 1e-8, column));
    };
    q(&|single| single.1, "point_biserial_q");
    q(&|single| single.2, "firth_q");
    let (columns, outcome) = (names.iter().map(|name| people.column(name)).collect::<Vec<_>>(), people.outcome());
    let together = paired_aucs(&columns, &outcome).unwrap();
    for pair in expected["paired_auc"].as_array().unwrap() {
        let place = |key: &str| names.iter().position(|name| *name == pair[key].as_str().unwrap()).unwrap();
        let difference = together.difference(place("a"), place("b")).unwrap();
        close(difference.difference, &pair["diff"], CLOSED, "difference");
        close(difference.std_error.powi(2), &pair["var"], CLOSED, "its variance");
        close(difference.p.unwrap(), &pair["p"], CLOSED, "its p");
    }
    let all = firth(&Design::new(&columns, &outcome)).unwrap();
    close(all.log_likelihood, &expected["firth_all"]["penalised_loglik"], 1e-8, "penalised likelihood of all");
    for (at, name) in std::iter::once("intercept").chain(names.iter().copied()).enumerate() {
        coefficient(&all.coefficients[at], &expected["firth_all"]["terms"][name], name);
    }
    let performance = people.column("performance");
    for name in &names {
        let found = pearson(people.column(name), performance).unwrap();
        close(found.r, &expected["predictors"][name]["performance_r"], CLOSED, name);
        close(found.p.unwrap(), &expected["predictors"][name]["performance_p"], CLOSED, name);
    }
    let (linear, shares) = (&expected["linear"], importance(&columns, performance).unwrap());
    close(shares.r_squared, &linear["r2"], CLOSED, "R2");
    close(shares.adjusted, &linear["adj_r2"], CLOSED, "adjusted R2");
    for (name, part) in names.iter().zip(&shares.parts) {
        close(part.share, &linear["lmg"][name], CLOSED, name);
        close(part.last, &linear["incremental_r2_last"][name], CLOSED, name);
        assert!(part.interval.low.unwrap() <= part.share && part.share <= part.interval.high.unwrap());
    }
}

#[test]
fn a_separated_outcome_agrees_with_the_references() {
    let people = People::new(include_str!("golden/validity/separated.csv"));
    let (area, ..) = one_score(&people, "screen", &expected()["separated"]);
    // Of all ways to hand out six outcomes among twelve different scores two are as far apart.
    assert!((area.exact_p.unwrap() - 2.0 / 924.0).abs() < 1e-12);
}

#[test]
fn stays_agree_with_the_references() {
    let reference = reference();
    for set in ["many", "tied", "few"] {
        let theirs = &reference[set];
        let numbers = |key: &str| theirs[key].as_array().unwrap().clone();
        let stays: Vec<Stay> = numbers("days")
            .iter()
            .zip(numbers("left").iter().zip(numbers("score").iter()))
            .map(|(days, (left, score))| Stay {
                days: days.as_i64().unwrap(),
                left: left.as_bool().unwrap(),
                score: score.as_f64().unwrap(),
            })
            .collect();
        let fit = cox(&stays, false).unwrap();
        close(fit.log_ratio, &theirs["plain"]["log_ratio"], ITERATED, set);
        close(fit.std_error, &theirs["plain"]["std_error"], ITERATED, set);
        close(fit.p.unwrap(), &theirs["plain"]["log_likelihood_ratio_p"], ITERATED, set);
        if let Some(p) = theirs.get("proportional_p") {
            close(fit.proportional_p.unwrap(), p, 1e-5, "proportional hazards");
        }
        let penalised = cox(&stays, true).unwrap();
        let other = &theirs["penalised"];
        // The reference stops where its likelihood is flat to rounding.
        close(penalised.log_ratio, &other["log_ratio"], 1e-5, set);
        close(penalised.std_error, &other["std_error"], 1e-5, set);
        close(penalised.interval.low.unwrap(), &other["interval"][0], 1e-5, set);
        close(penalised.interval.high.unwrap(), &other["interval"][1], 1e-5, set);
        close(penalised.p.unwrap(), &other["p"], ITERATED, set);
        close(concordance(&stays).unwrap().value, &theirs["concordance"], CLOSED, set);
    }
}

#[test]
fn selection_explained_variance_and_exact_tests_agree_with_the_references() {
    let reference = reference();
    let theirs = &reference["lawley"];
    let floats =
        |value: &Value| -> Vec<f64> { value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
    let rows: Vec<Vec<f64>> = theirs["scores"].as_array().unwrap().iter().map(floats).collect();
    let columns: Vec<Vec<f64>> = (0..3).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mut everybody = Symmetric::zeros(3);
    for (row, cells) in theirs["everybody"].as_array().unwrap().iter().map(floats).enumerate() {
        cells.iter().enumerate().for_each(|(column, cell)| everybody.put(row, column, *cell));
    }
    let single: Vec<Vec<f64>> = (0..3).map(|at| (0..3).map(|own| f64::from(u8::from(own == at))).collect()).collect();
    let found = lawley(&columns, &floats(&theirs["outcome"]), &everybody, &single).unwrap();
    for (at, ours) in found.into_iter().map(Result::unwrap).enumerate() {
        close(ours.observed, &theirs["observed"][at], CLOSED, "observed");
        close(ours.corrected, &theirs["corrected"][at], CLOSED, "corrected");
        close(ours.u, &theirs["u"][at], CLOSED, "u");
        assert!(ours.interval.low.unwrap() <= ours.corrected && ours.corrected <= ours.interval.high.unwrap());
    }
    for case in reference["r_squared"].as_array().unwrap() {
        let whole = |key: &str| case[key].as_u64().unwrap() as usize;
        let ours = r_squared_interval(case["r_squared"].as_f64().unwrap(), whole("n"), whole("scores"));
        close(ours.low.unwrap(), &case["interval"][0], ITERATED, "lower limit of R2");
        close(ours.high.unwrap(), &case["interval"][1], ITERATED, "upper limit of R2");
    }
    let exact = &reference["exact"];
    let scores = floats(&exact["scores"]);
    let outcome: Vec<bool> = floats(&exact["outcomes"]).iter().map(|value| *value == 1.0).collect();
    let counts = ScoreCounts::new(&scores.iter().map(|score| *score as i64).collect::<Vec<_>>(), &outcome);
    close(auc(&counts).unwrap().exact_p.unwrap(), &exact["p"], CLOSED, "exact");
    let numbers: Vec<f64> = outcome.iter().map(|with| f64::from(u8::from(*with))).collect();
    close(spearman(&scores, &numbers).unwrap().r, &exact["spearman"], CLOSED, "rank correlation");
}
