//! Consensus drift, overridden records and hygiene on simulated histories: what was planted is found, what was not is not,
//! and what the data cannot show says so and what would show it.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use looplens::config::Config;
use looplens::engine::results::{Cell, ResultTable};
use looplens::engine::run::Results;
use looplens::metrics::METRICS;

use crate::exports::{Dataset, LAST, Tables, context};

/// Every quarter of the history is looked back on.
const ALL_QUARTERS: &str = "[models]\nwindow_quarters = 12\n";

fn results(tables: &Tables, config: &Config) -> Results {
    let asked = ["consensus-drift", "overrides", "hygiene"];
    Dataset::of(tables, config).results_of(&asked, &context(config, LAST, None))
}

fn planted(loops: u64, set: &[(&str, f64)]) -> Results {
    results(&Tables::simulated_with(loops, 7, set), &Config::parse(ALL_QUARTERS, "test").unwrap())
}

/// The rows in which the named columns have these words.
fn rows<'t>(results: &'t Results, table: &str, wanted: &[(&str, &str)]) -> Vec<(&'t ResultTable, &'t Vec<Cell>)> {
    let table = results.table(table).unwrap();
    let has = |row: &&Vec<Cell>| wanted.iter().all(|(name, word)| table.get(row, name).as_text() == Some(word));
    table.rows.iter().filter(has).map(|row| (table, row)).collect()
}

/// The one such row: a number and a text of it by column.
struct Found<'t>(&'t ResultTable, &'t Vec<Cell>);

impl Found<'_> {
    fn number(&self, name: &str) -> Option<f64> {
        self.0.get(self.1, name).number()
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(self.1, name).as_text().unwrap_or_default()
    }
}

#[track_caller]
fn row<'t>(results: &'t Results, table: &str, wanted: &[(&str, &str)]) -> Found<'t> {
    let found = rows(results, table, wanted);
    assert_eq!(found.len(), 1, "{table} {wanted:?}");
    Found(found[0].0, found[0].1)
}

const PAIRS: [(&str, &str); 2] = [("segment", "all"), ("contrast", "pairs")];

fn codes(results: &Results, config: &Config) -> Vec<&'static str> {
    let context = context(config, LAST, None);
    METRICS.iter().flat_map(|question| (question.judge)(results, &context)).map(|finding| finding.code).collect()
}

#[test]
fn a_pull_in_the_debrief_is_found_by_exposure() {
    let config = Config::parse(ALL_QUARTERS, "test").unwrap();
    let found = planted(1_500, &[("debrief_pull", 0.9)]);
    let exposure = row(&found, "drift_exposure", &PAIRS);
    assert!(exposure.number("ratio").unwrap() < 0.9 && exposure.text("verdict") == "closer", "{:?}", exposure.1);
    assert!(exposure.number("independent_opinions").unwrap() < exposure.number("usual_cards").unwrap());
    assert!(codes(&found, &config).contains(&"exposure-dependence"));
    // The record before the debrief knows nothing of it.
    assert_ne!(row(&found, "drift_order", &[]).text("verdict"), "too_close");
}

#[test]
fn late_and_lenient_is_not_called_drift() {
    let config = Config::parse(ALL_QUARTERS, "test").unwrap();
    let found = planted(1_500, &[("debrief_pull", 0.0), ("edit_share", 0.0), ("lenient_delay", 1.0)]);
    for test in ["drift_exposure", "drift_order", "drift_anchor"] {
        for (table, row) in rows(&found, test, &[]) {
            let verdict = table.get(row, "verdict").as_text().unwrap_or_default();
            assert!(!["closer", "too_close", "drawn"].contains(&verdict), "{test}: {row:?}");
        }
    }
    assert!(!codes(&found, &config).iter().any(|code| ["exposure-dependence", "drawn-scores"].contains(code)));
    // It is said who is late all the same.
    assert!(!rows(&found, "drift_rates", &[("measure", "late"), ("verdict", "above")]).is_empty());
}

#[test]
fn a_pull_before_the_debrief_brings_blind_cards_closer_than_exposed_ones() {
    let blind = |pull| {
        let found = planted(1_500, &[("running_pull", pull), ("debrief_pull", 0.0)]);
        let pairs = row(&found, "drift_exposure", &PAIRS);
        (pairs.number("blind_square").unwrap(), pairs.number("ratio").unwrap(), pairs.text("verdict").to_owned())
    };
    let (free, _, verdict) = blind(0.0);
    assert_ne!(verdict, "closer");
    // Nobody could know others' cards by the rule, and yet they are alike: what is exposed is now further apart.
    let (pulled, ratio, verdict) = blind(0.9);
    assert!(pulled < 0.8 * free && ratio > 1.0 && verdict == "further", "{free} {pulled} {ratio} {verdict}");
}

#[test]
fn a_pull_to_the_hiring_manager_shows_as_movement() {
    let found = planted(3_000, &[("manager_pull", 1.0), ("leniency_sd", 0.1)]);
    let anchor = row(&found, "drift_anchor", &[("test", "hiring_manager")]);
    assert!(anchor.number("n").unwrap() >= 10.0, "{:?}", anchor.1);
    assert!(
        anchor.number("mean_deviation").unwrap() < 0.0 && anchor.number("p_value").unwrap() < 0.05,
        "{:?}",
        anchor.1
    );
}

#[test]
fn scores_given_anew_go_toward_the_others_without_any_influence() {
    let config = Config::parse(ALL_QUARTERS, "test").unwrap();
    let planted_only = [("debrief_pull", 0.0), ("edit_share", 0.0), ("rerate_share", 0.8)];
    let found = planted(1_500, &planted_only);
    let after = row(&found, "revisions", &[("moment", "after_debrief")]);
    let (toward, away) = (after.number("toward").unwrap(), after.number("away").unwrap());
    assert!(toward > 1.3 * away && toward > 30.0, "{toward} {away}");
    let before = row(&found, "revisions", &[("moment", "before_debrief")]);
    assert!(after.number("changed_low").unwrap() > before.number("changed_high").unwrap());
    let codes = codes(&found, &config);
    // The rate is told, dependence is not.
    assert!(codes.contains(&"revised-after-debrief") && !codes.contains(&"exposure-dependence"), "{codes:?}");
}

/// Empties a column of a table.
fn blank(tables: &mut Tables, table: &str, column: &str) {
    let table = tables.0.get_mut(table).unwrap();
    let at = table.column(column);
    table.rows.iter_mut().for_each(|row| row[at].clear());
}

/// Every row of all loops in these tables says that it cannot tell, with this word in its reason and without a figure.
#[track_caller]
fn cannot_tell(results: &Results, tables: &[&str], word: &str) {
    for name in tables {
        let all = rows(results, name, &[("segment_kind", "all")]);
        assert!(!all.is_empty(), "{name}");
        for (table, row) in all {
            let found = Found(table, row);
            assert_eq!(found.text("status"), "not_estimable", "{name}: {row:?}");
            assert!(found.text("reason").contains(word), "{name}: {}", found.text("reason"));
            assert!(row.iter().all(|cell| !matches!(cell, Cell::Float(_))), "{name}: {row:?}");
        }
    }
}

#[test]
fn cards_without_times_say_what_to_export() {
    let mut tables = Tables::simulated(250, 3);
    blank(&mut tables, "scorecards", "submitted_at");
    let found = results(&tables, &Config::default());
    cannot_tell(
        &found,
        &["drift_exposure", "drift_order", "drift_anchor", "overrides", "rule_audit"],
        "export the time of each submission",
    );
    cannot_tell(&found, &["turnaround", "revisions"], "export");
}

#[test]
fn one_snapshot_without_a_debrief_or_a_decider_claims_nothing() {
    let mut tables = Tables::simulated(250, 3);
    tables.retain(|table, cell| match table {
        "scorecards" => matches!(cell("revision").as_str(), "" | "0"),
        "interviews" => cell("kind") != "debrief",
        "events" => !cell("event").starts_with("debrief"),
        _ => true,
    });
    blank(&mut tables, "decisions", "decided_by");
    let found = results(&tables, &Config::default());
    cannot_tell(&found, &["revisions"], "successive exports");
    cannot_tell(&found, &["drift_exposure"], "debrief");
    cannot_tell(&found, &["borderline"], "export debriefs");
    let decider = row(&found, "hygiene", &[("segment", "all"), ("check", "no_decider")]);
    assert!(decider.number("rate").is_none() && decider.text("reason").contains("export the decider"));
    assert!(rows(&found, "overrides", &[("segment_kind", "decider")]).is_empty());
    // Records up to the decision are still a record.
    assert_eq!(
        row(&found, "overrides", &[("segment", "all"), ("basis", "mean"), ("direction", "any")]).text("status"),
        "ok"
    );
}

#[test]
fn panels_of_one_and_a_manager_who_is_always_last_carry_nothing() {
    let mut tables = Tables::simulated(400, 3);
    let managers: std::collections::BTreeMap<String, String> = {
        let table = &tables.0["applications"];
        let (id, manager) = (table.column("application_id"), table.column("hiring_manager_id"));
        table.rows.iter().map(|row| (row[id].clone(), row[manager].clone())).collect()
    };
    let mut last = tables.clone();
    let table = last.0.get_mut("scorecards").unwrap();
    let [id, person, at] = ["application_id", "interviewer_id", "submitted_at"].map(|name| table.column(name));
    for row in table.rows.iter_mut().filter(|row| managers.get(&row[id]) == Some(&row[person]) && !row[at].is_empty()) {
        row[at] = "2026-09-30T20:00:00Z".to_owned();
    }
    let found = results(&last, &Config::default());
    let anchor = row(&found, "drift_anchor", &[("test", "hiring_manager")]);
    assert_eq!((anchor.text("status"), anchor.number("panels")), ("not_estimable", Some(0.0)));
    assert!(anchor.text("reason").contains("both before and after"), "{}", anchor.text("reason"));

    let mut first: std::collections::BTreeMap<(String, String), String> = std::collections::BTreeMap::new();
    let table = tables.0.get_mut("scorecards").unwrap();
    let [id, stage, person] = ["application_id", "stage", "interviewer_id"].map(|name| table.column(name));
    table.rows.retain(|row| {
        let own = first.entry((row[id].clone(), row[stage].clone())).or_insert_with(|| row[person].clone());
        *own == row[person]
    });
    let found = results(&tables, &Config::default());
    cannot_tell(&found, &["drift_exposure"], "no two interviewers");
    cannot_tell(&found, &["drift_order", "drift_anchor"], "panel");
}

#[test]
fn the_visibility_rule_decides_what_is_exposed() {
    let tables = Tables::simulated(600, 3);
    let exposed = |text: &str| {
        let found = results(&tables, &Config::parse(text, "test").unwrap());
        let pairs = row(&found, "drift_exposure", &PAIRS);
        (pairs.number("blind_pairs").unwrap(), pairs.number("exposed_pairs").unwrap())
    };
    let own = exposed("[drift]\nvisibility = 'own'\n");
    let immediate = exposed("[drift]\nvisibility = 'immediate'\n");
    let never_read = exposed("[drift]\nvisibility = 'immediate'\nunread_minutes = 1e9\n");
    assert_eq!(own.0 + own.1, immediate.0 + immediate.1);
    assert!(immediate.1 > own.1 && immediate.0 > 0.0, "{own:?} {immediate:?}");
    // Whatever the system shows, the debrief exposes.
    assert_eq!(never_read, own);
}

#[test]
fn the_rule_moves_what_counts_as_overridden() {
    let tables = Tables::simulated(600, 3);
    let of = |text: &str| {
        let found = results(&tables, &Config::parse(text, "test").unwrap());
        let outcomes = ["reject", "investigate", "advance"].map(|outcome| {
            row(&found, "rule_audit", &[("outcome", outcome), ("decision", "offer")]).number("n").unwrap()
        });
        let low =
            row(&found, "overrides", &[("segment", "all"), ("direction", "low_scores")]).number("decisions").unwrap();
        (outcomes, low)
    };
    let (usual, low) = of("");
    let (strict, _) = of("[drift.rule]\neach = 'score'\n");
    let (open, fewer) = of("[drift.rule]\nreject_below = 1.0\nadvance_from = 1.0\nlow = 1.0\n");
    let total: f64 = usual.iter().sum();
    assert_eq!(total, strict.iter().sum::<f64>());
    assert!(strict[0] > usual[0] && strict[2] < usual[2], "{usual:?} {strict:?}");
    assert_eq!(open, [0.0, 0.0, total]);
    assert!(fewer < low);
}

#[test]
fn hygiene_counts_what_was_planted() {
    let found = planted(500, &[]);
    let of = |check: &str| row(&found, "hygiene", &[("segment", "all"), ("check", check)]);
    // One card in fifty or so is abandoned, ratings are left open now and then, and the neutral tables declare no scale.
    for (check, low, high) in
        [("missing_dimension", 0.005, 0.2), ("never_submitted", 0.005, 0.1), ("no_observation", 0.2, 0.99)]
    {
        let rate = of(check).number("rate").unwrap();
        assert!((low..high).contains(&rate), "{check}: {rate}");
    }
    assert!(
        of("never_submitted").text("examples").contains("card-")
            || of("never_submitted").text("examples").contains("app-")
    );
    // The planted notes are observations, until they are replaced by judgements.
    assert_eq!(of("judgement_only").number("failing"), Some(0.0));
    let mut tables = Tables::simulated(200, 7);
    let table = tables.0.get_mut("scorecards").unwrap();
    let note = table.column("note");
    table
        .rows
        .iter_mut()
        .filter(|row| !row[note].is_empty())
        .for_each(|row| row[note] = "Really good, strong hire!".to_owned());
    let found = results(&tables, &Config::default());
    let judged = row(&found, "hygiene", &[("segment", "all"), ("check", "judgement_only")]);
    assert_eq!(judged.number("rate"), Some(1.0));
}

#[test]
fn what_became_of_hires_against_the_record_is_told_beside_the_others() {
    let tables = Tables::simulated_with(3_000, 7, &[("outcome_slope", 2.0)]);
    // A rule that asks for a 3 in everything, which the planted deciders do not.
    let rule = "[drift.rule]\nreject_below = 3.0\nadvance_from = 3.0\n";
    let config = Config::parse(&format!("{ALL_QUARTERS}{rule}"), "test").unwrap();
    let found = results(&tables, &config);
    let performance = row(&found, "override_outcomes", &[("basis", "rule"), ("outcome", "performance")]);
    let [against, accord] = ["against", "accord"].map(|name| performance.number(name).unwrap());
    assert_eq!(Some(against + accord), performance.number("n"));
    assert!(against >= 10.0 && accord >= 10.0, "{:?}", performance.1);
    // Outcomes follow ability, and those whom the scores were against have less of it.
    assert!(performance.number("difference").unwrap() < 0.0, "{:?}", performance.1);
    let means = ["value_against", "value_accord"].map(|name| performance.number(name).unwrap());
    assert!((means[0] - means[1] - performance.number("difference").unwrap()).abs() < 1e-9);
    // Still employed is yes or no: a share.
    assert_eq!(
        row(&found, "override_outcomes", &[("basis", "rule"), ("outcome", "still_employed")]).text("values_are"),
        "shares"
    );
    let mut without = tables;
    without.0.remove("outcomes");
    let found = results(&without, &config);
    for (table, row) in rows(&found, "override_outcomes", &[]) {
        assert_eq!(table.get(row, "status").as_text(), Some("not_estimable"));
        assert!(table.get(row, "reason").as_text().unwrap().contains("export outcomes"), "{row:?}");
    }
}
