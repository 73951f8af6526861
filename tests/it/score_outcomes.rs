//! Scores against outcomes and the quality of sources, from CSV files to result tables: what is planted is found, what is not
//! is not, and what cannot be told says why.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::sync::LazyLock;

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

/// Scores as given: the leniency of interviewers is other tests' business, and takes most of the time.
fn results(tables: &Tables, config: &Config) -> Results {
    results_at(&Dataset::of(tables, config), config, LAST)
}

fn results_at(dataset: &Dataset, config: &Config, as_of: &str) -> Results {
    dataset.results_alone(&["score-outcome", "source-quality"], &context(config, as_of, None))
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
    let config =
        config("[outcomes]\nnamed = ['performance']\ngood_from = { performance = 4 }\ndecided_by = 'scores'\n");
    let dataset = Dataset::of(&Tables::simulated_with(4_000, 3, &[("outcome_slope", 1.0)]), &config);
    let results = dataset.results_of(&["score-outcome"], &context(&config, LAST, None));
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
    let line = one(&results, "calibration_fit", &[("outcome", "performance")]);
    let (slope, low) = (number(line, "slope").unwrap(), number(line, "slope_low").unwrap());
    assert!((slope - 1.0).abs() < 0.1 && low > 0.3 && low < 1.0, "{slope} {low}");
    assert!(number(line, "brier").unwrap() < number(line, "brier_of_share").unwrap());
    // A yes or no keeps only part of a link, so that it takes more people to see.
    let needed = |outcome: &str| number(one(&results, "outcome_power", &[("outcome", outcome)]), "people_for_usual");
    assert!(needed("performance") == Some(124.0) && needed("performance at least 4").unwrap() > 160.0);
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
fn a_correction_needs_decisions_that_scores_settle_or_a_declaration() {
    let (silent, declared) = (config(""), config("[outcomes]\ndecided_by = 'scores'\n"));
    // Corrections of the overall score and its reason, without and with the declaration, and how well scores tell decisions.
    let of = |noise: f64, hidden: f64| {
        let set = [("outcome_slope", 1.0), ("decision_sd", noise), ("hidden_selection", hidden)];
        let dataset = Dataset::of(&Tables::simulated_with(4_000, 5, &set), &silent);
        [&silent, &declared].map(|config| {
            let results = results_at(&dataset, config, LAST);
            let row = overall(&results, "performance");
            let told = number(one(&results, "outcome_power", &[("outcome", "performance")]), "selection_auc");
            (number(row, "corrected"), word(row, "correction").to_owned(), told.unwrap())
        })
    };
    let [settled, _] = of(0.0, 0.0);
    assert!(settled.0.is_some() && settled.1.contains("scores settle"), "{settled:?}");
    // Chance and something unseen look alike in the decisions, so that neither is corrected for without being asked to.
    let [noisy, noisy_declared] = of(0.25, 0.0);
    let [unseen, _] = of(0.0, 0.25);
    for undeclared in [&noisy, &unseen] {
        assert!(undeclared.0.is_none() && undeclared.1.contains("do not settle"), "{undeclared:?}");
        assert!(undeclared.2 < settled.2 && undeclared.2 > 0.9, "{undeclared:?}");
    }
    assert!(noisy_declared.0.is_some() && noisy_declared.1.contains("declares"), "{noisy_declared:?}");
    // Decisions that plainly follow something else contradict the declaration.
    for refused in of(0.25, 0.9) {
        assert_eq!(refused.0, None);
        assert_eq!(refused.1, "not corrected: decisions follow something besides the scores");
        assert!(refused.2 < 0.9, "{refused:?}");
    }
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

/// A history whose exits have days, with as many outcomes again in which every other exit has another reason.
static DATED: LazyLock<Tables> = LazyLock::new(|| {
    let set = [("half_left_after_days", 400.0), ("retention_slope", 1.5)];
    let mut tables = Tables::simulated_with(4_000, 2, &set);
    let outcomes = tables.0.get_mut("outcomes").unwrap();
    let mut more = Vec::new();
    for (at, row) in outcomes.rows.iter().filter(|row| row[1] == "still_employed").enumerate() {
        for (own, name) in ["not_resigned", "not_dismissed"].into_iter().enumerate() {
            let mut row = row.clone();
            name.clone_into(&mut row[1]);
            if at % 2 == own {
                "1".clone_into(&mut row[2]);
            }
            more.push(row);
        }
    }
    outcomes.rows.extend(more);
    tables
});

#[test]
fn how_long_people_stay_is_read_from_dated_exits_only() {
    let undated = results(&Tables::simulated(1_500, 2), &config(""));
    let row = overall(&undated, "still_employed: how long");
    assert_eq!(word(row, "status"), "not_estimable");
    assert!(word(row, "reason").contains("same age"), "{}", word(row, "reason"));
    sound(&undated);
}

#[test]
fn who_is_still_there_is_followed_to_the_date_of_analysis() {
    let config = config("[outcomes]\nexits = ['still_employed', 'not_resigned', 'not_dismissed']\n");
    let tables = &*DATED;
    let dataset = Dataset::of(tables, &config);
    let applied = tables.applied();
    let outcomes = &tables.0["outcomes"];
    let (value, at) = (outcomes.column("value"), outcomes.column("at"));
    let events = &tables.0["events"];
    let (event, when) = (events.column("event"), events.column("at"));
    // Eight quarters back from the latest one with scores.
    let opened_from = |until: &str| if until == LAST { "2024-10" } else { "2024-04" };
    let exits_until = |until: &str| {
        let of = |row: &&Vec<String>| row[1] == "still_employed" && row[value] == "0" && row[at].as_str() <= until;
        outcomes.rows.iter().filter(|row| of(row) && applied[&row[0]].as_str() >= opened_from(until)).count() as f64
    };
    let hires: Vec<&String> =
        outcomes.rows.iter().filter(|row| row[1] == "still_employed").map(|row| &row[0]).collect();
    let started_until = |until: &str| {
        let of = |row: &&Vec<String>| row[event] == "started" && row[when].as_str() <= until;
        let own = |row: &&Vec<String>| hires.contains(&&row[0]) && applied[&row[0]].as_str() >= opened_from(until);
        events.rows.iter().filter(|row| of(row) && own(row)).count() as f64
    };
    for as_of in ["2026-03-31T12:00:00Z", LAST] {
        let results = results_at(&dataset, &config, as_of);
        sound(&results);
        let row = overall(&results, "still_employed: how long");
        let (people, exits) = (number(row, "n").unwrap(), number(row, "events").unwrap());
        assert_eq!(exits, exits_until(as_of), "{as_of}");
        assert!(people <= started_until(as_of) && people > 0.95 * started_until(as_of), "{people} {as_of}");
        assert!(people > exits + 20.0, "{people} {exits}");
    }
    let results = results_at(&dataset, &config, LAST);
    let row = overall(&results, "still_employed: how long");
    assert_eq!(word(row, "verdict"), "linked");
    let (ratio, high) = (number(row, "hazard_ratio").unwrap(), number(row, "hazard_ratio_high").unwrap());
    // Ability is planted with exp(−1.5) per point; a score measures it with noise, and selection narrows it.
    assert!(ratio > 0.2 && ratio < 0.8 && high < 1.0, "{ratio} {high}");
    assert!(number(row, "concordance_low").unwrap() > 0.5 && number(row, "proportional_p").unwrap() > 0.001);
    let power = one(&results, "outcome_power", &[("outcome", "still_employed: how long")]);
    let smallest = number(power, "smallest_hazard_ratio").unwrap();
    assert!(smallest > 0.4 && smallest < 0.95 && number(power, "smallest_auc").is_none(), "{smallest}");
    let curves = rows(&results, "stay_curves", &[("outcome", "still_employed: how long")]);
    assert!(curves.len() > 20 && curves.iter().all(|row| number(*row, "staying").is_some()));
    // Whoever leaves for one reason is no longer watched for the other.
    let of = |name: &str| number(overall(&results, &format!("{name}: how long")), "events").unwrap();
    assert_eq!(of("not_resigned") + of("not_dismissed"), of("still_employed"));
    assert!(of("not_resigned") > 0.0 && of("not_dismissed") > 0.0);
}

/// No cell holds what is not a number, and what is not estimated or thin says why.
#[track_caller]
fn sound(results: &Results) {
    for table in &results.tables {
        for row in &table.rows {
            assert!(!row.iter().any(|cell| matches!(cell, Cell::Float(value) if !value.is_finite())), "{row:?}");
            let (status, reason) = (table.get(row, "status").as_text(), table.get(row, "reason").as_text());
            assert_eq!(status != Some("ok"), reason.is_some_and(|reason| !reason.is_empty()), "{row:?}");
        }
    }
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

/// A small company whose outcomes are taken apart below.
static SMALL: LazyLock<Tables> = LazyLock::new(|| Tables::simulated(700, 4));

#[test]
fn without_outcomes_every_table_says_so() {
    let none = results(&changed(SMALL.clone(), |_, _, _| false), &config(""));
    sound(&none);
    assert!(rows(&none, "score_outcome", &[("outcome", "performance")]).is_empty());
    for table in ["round_importance", "auc_pairs", "work_sample", "interviewer_validity", "stay_curves"] {
        let row = one(&none, table, &[]);
        assert_eq!((word(row, "status"), number(row, "n")), ("not_estimable", Some(0.0)), "{table}");
        assert_eq!(word(row, "reason"), "no outcomes are on record");
    }
}

#[test]
fn an_outcome_that_everybody_has_is_refused() {
    let alike = changed(SMALL.clone(), |row, value, _| {
        "1".clone_into(&mut row[value]);
        row[1] == "still_employed"
    });
    let results = results(&alike, &config(""));
    sound(&results);
    refused(&results, "still_employed", "everybody has the same outcome");
}

#[test]
fn outcomes_dated_before_the_decision_are_left_out_and_counted() {
    let early = changed(SMALL.clone(), |row, _, at| {
        "2020-01-01T00:00:00Z".clone_into(&mut row[at]);
        row[1] == "performance"
    });
    let results = results(&early, &config(""));
    sound(&results);
    let power = one(&results, "outcome_power", &[("outcome", "performance")]);
    assert_eq!(word(power, "reason"), "all outcomes are dated before the decision");
    assert!(number(power, "before_decision").unwrap() > 10.0);
}

#[test]
fn outcomes_of_people_never_scored_are_left_out_and_counted() {
    let rated: Vec<String> = SMALL.0["outcomes"].rows.iter().map(|row| row[0].clone()).collect();
    let mut unscored = changed(SMALL.clone(), |row, _, _| row[1] == "performance");
    unscored.retain(|name, cell| name != "scorecards" || !rated.contains(&cell("application_id")));
    let results = results(&unscored, &config(""));
    sound(&results);
    let power = one(&results, "outcome_power", &[("outcome", "performance")]);
    assert_eq!(word(power, "reason"), "nobody with this outcome was ever scored");
    assert!(number(power, "never_scored").unwrap() > 10.0);
}

#[test]
fn scores_that_do_not_vary_are_refused() {
    let mut constant = changed(SMALL.clone(), |row, _, _| row[1] == "performance");
    let cards = constant.0.get_mut("scorecards").unwrap();
    let score = cards.column("score");
    cards.rows.iter_mut().for_each(|row| "3".clone_into(&mut row[score]));
    let results = results(&constant, &config(""));
    sound(&results);
    refused(&results, "performance", "everybody has the same score");
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
    sound(&results);
    let row = one(&results, "score_outcome", &[("outcome", "still_employed"), ("predictor", SCREEN)]);
    assert_eq!((number(row, "auc"), number(row, "auc_low"), word(row, "status")), (Some(1.0), None, "thin"));
    assert!(word(row, "reason").contains("separates") && number(row, "p_value").unwrap() > 0.0);
    assert!(number(row, "odds_ratio_low").unwrap() > 1.0);
}

#[test]
fn few_hires_are_not_shared_out_among_many_rounds() {
    let config = config("");
    let results = results(&Tables::simulated(250, 12), &config);
    sound(&results);
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
    // Who is turned down earlier takes fewer rounds, but more loops per offer.
    let held = one(&results, "domain_mismatch", &[("measure", "rounds_held")]);
    let (own, other) = (number(held, "match_value").unwrap(), number(held, "mismatch_value").unwrap());
    assert!(other >= 1.0 && own > other && own <= 6.0, "{own} {other}");
    // Loops of all channels are all loops of the window, and every rate lies between its limits.
    let all: f64 =
        rows(&results, "source_quality", &[("fit", "any")]).iter().map(|row| number(*row, "loops").unwrap()).sum();
    assert!(all > 1_500.0 && all <= 3_000.0, "{all}");
    let rounds = rows(&results, "source_pass_through", &[("source", "referral"), ("fit", "any")]);
    assert_eq!(rounds.len(), 6);
    assert!(rounds.iter().all(|row| number(*row, "pass_through").is_none_or(|share| (0.0..=1.0).contains(&share))));
}
