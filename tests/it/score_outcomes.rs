//! Scores against outcomes and the quality of sources, from CSV files to result tables: what is planted is found, what is not
//! is not, and what cannot be told says why.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::config::Config;
use looplens::engine::results::{Cell, ResultTable};
use looplens::engine::run::Results;

use crate::exports::{Dataset, LAST, Tables, context};

const ALIAS: &str = "[stages.aliases]\n'Tech Screen' = 'Technical screen'\n";
/// Nothing that happens later depends on ability.
const NO_VALIDITY: [(&str, f64); 3] = [("outcome_slope", 0.0), ("retention_slope", 0.0), ("ramp_slope", 0.0)];

fn config(more: &str) -> Config {
    Config::parse(&format!("{ALIAS}{more}"), "test").unwrap()
}

fn results(tables: &Tables, config: &Config) -> Results {
    Dataset::of(tables, config).results(&context(config, LAST, None))
}

/// The rows of a table in which some columns have some words.
fn rows<'t>(results: &'t Results, table: &str, of: &[(&str, &str)]) -> Vec<(&'t ResultTable, &'t [Cell])> {
    let table = results.table(table).unwrap();
    let holds = |row: &&Vec<Cell>| of.iter().all(|(name, word)| table.get(row, name).as_text() == Some(word));
    table.rows.iter().filter(holds).map(|row| (table, row.as_slice())).collect()
}

#[track_caller]
fn one<'t>(results: &'t Results, table: &str, of: &[(&str, &str)]) -> (&'t ResultTable, &'t [Cell]) {
    let found = rows(results, table, of);
    assert_eq!(found.len(), 1, "{of:?}");
    found[0]
}

fn overall<'t>(results: &'t Results, outcome: &str) -> (&'t ResultTable, &'t [Cell]) {
    one(results, "score_outcome", &[("outcome", outcome), ("predictor", "all rounds")])
}

fn number((table, row): (&ResultTable, &[Cell]), name: &str) -> Option<f64> {
    table.get(row, name).number()
}

fn word<'t>((table, row): (&'t ResultTable, &'t [Cell]), name: &str) -> &'t str {
    table.get(row, name).as_text().unwrap_or_default()
}

#[test]
fn a_planted_link_is_found_corrected_and_shared_out() {
    let config = config("[outcomes]\nnamed = ['performance']\ngood_from = { performance = 4 }\n");
    let results = results(&Tables::simulated_with(4_000, 3, &[("outcome_slope", 1.0)]), &config);
    let performance = overall(&results, "performance");
    assert_eq!((word(performance, "verdict"), word(performance, "status")), ("linked", "ok"));
    assert_eq!(performance.0.get(performance.1, "exploratory"), &Cell::Flag(false));
    let (seen, corrected) = (number(performance, "pearson").unwrap(), number(performance, "corrected").unwrap());
    assert!(seen > 0.2 && corrected > seen + 0.05 && corrected < 0.95, "{seen} {corrected}");
    assert!(number(performance, "u_ratio").unwrap() > 1.1);
    let good = overall(&results, "performance at least 4");
    // Four in five reach the cut, which leaves little to tell them by.
    assert!(number(good, "auc").unwrap() > 0.5 && number(good, "odds_ratio").unwrap() > 1.0);
    // Rounds share what all of them explain.
    let shares = rows(&results, "round_importance", &[("outcome", "performance"), ("predictor_kind", "stage")]);
    assert_eq!(shares.len(), 6);
    let sum: f64 = shares.iter().map(|row| number(*row, "lmg_share").unwrap()).sum();
    assert!((sum - number(shares[0], "r_squared").unwrap()).abs() < 1e-9);
    let fit = one(&results, "calibration_fit", &[("outcome", "performance at least 4")]);
    let slope = number(fit, "slope").unwrap();
    let (brier, of_share) = (number(fit, "brier").unwrap(), number(fit, "brier_of_share").unwrap());
    assert!(slope > 0.7 && slope <= 1.05 && brier < 1.02 * of_share, "{slope} {brier} {of_share}");
    let bands = rows(&results, "score_calibration", &[("outcome", "performance at least 4")]);
    assert!(bands.len() > 1);
    assert!(number(bands[bands.len() - 1], "observed").unwrap() > number(bands[0], "observed").unwrap());
    let sample = one(&results, "work_sample", &[("outcome", "performance")]);
    assert_eq!((word(sample, "stage"), word(sample, "measure")), ("Work sample", "correlation"));
    assert!(number(sample, "difference").unwrap() < 0.0, "one round tells less than five");
    assert_eq!(word(overall(&results, "offer"), "verdict"), "linked");
}

#[test]
fn nothing_planted_is_rarely_linked() {
    let config = config("");
    let (mut families, mut linked) = (0, 0);
    for seed in 1..=6 {
        let results = results(&Tables::simulated_with(1_200, seed, &NO_VALIDITY), &config);
        for outcome in ["performance", "still_employed", "ramp_days"] {
            let own = rows(&results, "score_outcome", &[("outcome", outcome)]);
            families += usize::from(own.iter().any(|row| number(*row, "q_value").is_some()));
            linked += usize::from(own.iter().any(|row| word(*row, "verdict").starts_with("linked")));
        }
    }
    assert!(families >= 12, "{families}");
    // One family in twenty at most, up to chance: four or more of 18 have a chance below 1 %.
    assert!(linked <= 3, "{linked} of {families} outcomes have a link that was not planted");
}

#[test]
fn selection_on_something_unseen_is_not_corrected_for() {
    let config = config("");
    let of = |hidden: f64| {
        let set = [("outcome_slope", 1.0), ("hidden_selection", hidden)];
        results(&Tables::simulated_with(4_000, 5, &set), &config)
    };
    let (open, hidden) = (of(0.0), of(0.7));
    assert!(number(overall(&open, "performance"), "corrected").is_some());
    for row in rows(&hidden, "score_outcome", &[]) {
        assert_eq!(number(row, "corrected"), None);
    }
    assert_eq!(
        word(overall(&hidden, "performance"), "correction"),
        "not corrected: decisions follow something besides the scores"
    );
    let told =
        |results: &Results| number(one(results, "outcome_power", &[("outcome", "performance")]), "selection_auc");
    assert!(told(&open).unwrap() > told(&hidden).unwrap() + 0.03);
}

#[test]
fn a_small_team_is_told_what_it_could_have_seen() {
    let config = config("");
    let results = results(&Tables::simulated(900, 8), &config);
    let power = one(&results, "outcome_power", &[("outcome", "performance")]);
    let people = number(power, "people").unwrap();
    assert!(people > 15.0 && people < 120.0, "{people}");
    assert_eq!(word(power, "status"), "thin");
    assert!(number(power, "smallest_correlation").unwrap() > 0.25);
    assert!(number(power, "quarters_needed").unwrap() >= 1.0);
    assert_eq!(number(power, "people_for_usual").unwrap(), 124.0);
    // What is told of rounds is told from chance, or not told.
    for row in rows(&results, "round_importance", &[("outcome", "performance")]) {
        let share = number(row, "lmg_share");
        assert_eq!(share.is_some(), number(row, "r_squared_low").is_some_and(|low| low > 0.0));
    }
}

#[test]
fn how_long_people_stay_is_read_from_dated_exits_only() {
    let config = config("");
    let undated = results(&Tables::simulated(1_500, 2), &config);
    let row = overall(&undated, "still_employed: how long");
    assert_eq!(word(row, "status"), "not_estimable");
    assert!(word(row, "reason").contains("same age"), "{}", word(row, "reason"));
    let set = [("half_left_after_days", 400.0), ("retention_slope", 1.5)];
    let dated = results(&Tables::simulated_with(4_000, 2, &set), &config);
    let row = overall(&dated, "still_employed: how long");
    // Few of those who were hired have held every round, so that only the other direction can be ruled out.
    assert_ne!(word(row, "verdict"), "linked_backwards");
    assert!(number(row, "hazard_ratio_low").unwrap() < 1.0, "{:?}", row.1);
    let curves = rows(&dated, "stay_curves", &[("outcome", "still_employed: how long")]);
    assert!(curves.len() > 20 && curves.iter().all(|row| number(*row, "staying").is_some()));
}

/// A simulated history in which outcomes were changed row by row; a value of `None` leaves the row out.
fn changed(mut tables: Tables, change: impl Fn(&mut [String], usize, usize) -> bool) -> Tables {
    let outcomes = tables.0.get_mut("outcomes").unwrap();
    let (value, at) = (outcomes.column("value"), outcomes.column("at"));
    outcomes.rows.retain_mut(|row| row[0] == "app-9999999" || change(row, value, at));
    tables
}

#[track_caller]
fn refused(results: &Results, outcome: &str, reason: &str) {
    let own = rows(results, "score_outcome", &[("outcome", outcome)]);
    assert!(!own.is_empty(), "{outcome} has no row");
    for row in &own {
        assert_eq!(word(*row, "status"), "not_estimable", "{}", word(*row, "reason"));
        let figures = row.1.iter().filter(|cell| matches!(cell, Cell::Float(_))).count();
        assert_eq!(figures, 0, "{:?}", row.1);
    }
    let overall = word(own[0], "reason");
    assert!(overall.contains(reason), "{overall}");
}

#[test]
fn bad_outcomes_are_refused_with_a_reason() {
    let config = config("");
    let tables = Tables::simulated(700, 4);
    let only = |name: &'static str| move |row: &mut [String], _: usize, _: usize| row[1] == name;

    let none = results(&changed(tables.clone(), |_, _, _| false), &config);
    assert!(rows(&none, "score_outcome", &[("outcome", "performance")]).is_empty());
    assert_eq!(number(one(&none, "round_importance", &[]), "n"), Some(0.0));

    let alike = results(
        &changed(tables.clone(), |row, value, _| {
            row[value] = "1".to_owned();
            row[1] == "still_employed"
        }),
        &config,
    );
    refused(&alike, "still_employed", "everybody has the same outcome");

    let early = results(
        &changed(tables.clone(), |row, _, at| {
            row[at] = "2020-01-01T00:00:00Z".to_owned();
            row[1] == "performance"
        }),
        &config,
    );
    let power = one(&early, "outcome_power", &[("outcome", "performance")]);
    assert_eq!(word(power, "reason"), "all outcomes are dated before the decision");
    assert!(number(power, "before_decision").unwrap() > 10.0);

    // Nobody with an outcome has a card.
    let rated: Vec<String> = tables.0["outcomes"].rows.iter().map(|row| row[0].clone()).collect();
    let mut unscored = changed(tables.clone(), only("performance"));
    unscored.retain(|name, cell| name != "scorecards" || !rated.contains(&cell("application_id")));
    let never = results(&unscored, &config);
    let power = one(&never, "outcome_power", &[("outcome", "performance")]);
    assert_eq!(word(power, "reason"), "nobody with this outcome was ever scored");

    let mut constant = changed(tables.clone(), only("performance"));
    let cards = constant.0.get_mut("scorecards").unwrap();
    let score = cards.column("score");
    cards.rows.iter_mut().for_each(|row| row[score] = "3".to_owned());
    refused(&results(&constant, &config), "performance", "everybody has the same score");
}

#[test]
fn a_score_that_separates_an_outcome_is_thin_and_finite() {
    const SCREEN: &str = "Recruiter screen";
    let config = config("");
    let tables = Tables::simulated(2_000, 6);
    let cards = &tables.0["scorecards"];
    let (id, score, stage) = (cards.column("application_id"), cards.column("score"), cards.column("stage"));
    let mut sums: std::collections::BTreeMap<&str, (f64, f64)> = std::collections::BTreeMap::new();
    for row in cards.rows.iter().filter(|row| row[stage] == SCREEN) {
        if let Ok(value) = row[score].parse::<f64>() {
            let sum = sums.entry(&row[id]).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    let mean = |id: &str| sums.get(id).map(|(sum, n)| sum / n);
    let separated = changed(tables.clone(), |row, value, _| {
        // A wide gap, so that leniency does not close it.
        let Some(own) = mean(&row[0]).filter(|own| !(2.7..3.4).contains(own)) else { return false };
        row[value] = if own > 3.0 { "1" } else { "0" }.to_owned();
        row[1] == "still_employed"
    });
    let results = results(&separated, &config);
    let row = one(&results, "score_outcome", &[("outcome", "still_employed"), ("predictor", SCREEN)]);
    assert_eq!((number(row, "auc"), number(row, "auc_low"), word(row, "status")), (Some(1.0), None, "thin"));
    assert!(word(row, "reason").contains("separates") && number(row, "p_value").unwrap() > 0.0);
    assert!(number(row, "odds_ratio_low").unwrap() > 1.0);
}

#[test]
fn few_hires_are_not_shared_out_among_many_rounds() {
    let config = config("");
    let results = results(&Tables::simulated(250, 12), &config);
    let own = rows(&results, "round_importance", &[("outcome", "performance"), ("predictor_kind", "stage")]);
    assert!(!own.is_empty());
    for row in own {
        assert_eq!((word(row, "status"), number(row, "lmg_share")), ("not_estimable", None));
        assert!(word(row, "reason").contains("ten per score") || word(row, "reason").contains("fewer than half"));
    }
}

#[test]
fn ratings_by_ones_own_interviewer_are_counted_and_can_be_left_out() {
    let tables = Tables::simulated(900, 9);
    let keep = results(&tables, &config(""));
    let leave = results(&tables, &config("[outcomes]\nsame_rater = 'leave_out'\n"));
    let of = |results: &Results, name: &str| {
        number(one(results, "outcome_power", &[("outcome", "performance")]), name).unwrap()
    };
    assert!(of(&keep, "same_rater") > 0.0);
    assert_eq!(of(&keep, "same_rater"), of(&leave, "same_rater"));
    assert_eq!(of(&keep, "people") - of(&keep, "same_rater"), of(&leave, "people"));
}

#[test]
fn sources_and_mismatches_that_differ_are_told_apart() {
    let config = config("");
    let set = [("mismatch_effect", -0.8), ("mismatch_share", 0.3)];
    let results = results(&Tables::simulated_with(3_000, 7, &set), &config);
    let of = |source: &str| one(&results, "source_quality", &[("source", source), ("fit", "any")]);
    let (referral, inbound) = (of("referral"), of("inbound"));
    assert!(number(referral, "higher_than_others_low").unwrap() > 0.5);
    assert!(number(inbound, "higher_than_others_high").unwrap() < 0.5);
    assert!(number(referral, "first_round_p10").unwrap() >= number(inbound, "first_round_p10").unwrap());
    assert!(number(referral, "offer_rate").unwrap() > number(inbound, "offer_rate").unwrap());
    let cost = one(&results, "domain_mismatch", &[("measure", "first_round_mean")]);
    assert!(number(cost, "difference_low").unwrap() > 0.1 && number(cost, "q_value").unwrap() < 0.01);
    // Loops of all channels are all loops of the window, and every rate lies between its limits.
    let all: f64 =
        rows(&results, "source_quality", &[("fit", "any")]).iter().map(|row| number(*row, "loops").unwrap()).sum();
    assert!(all > 1_500.0 && all <= 3_000.0, "{all}");
    let rounds = rows(&results, "source_pass_through", &[("source", "referral"), ("fit", "any")]);
    assert_eq!(rounds.len(), 6);
    assert!(rounds.iter().all(|row| number(*row, "pass_through").is_none_or(|share| (0.0..=1.0).contains(&share))));
}
