#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::baseline::Baseline;
use super::judge::{Evidence, everything, judge};
use super::policy::{Held, dimensions, mean};
use super::testing::{all, median, one, policy, results, table, text, within};
use super::verdict::{State, Verdict};
use super::*;
use crate::config::check::Decide;
use crate::config::{Config, TEMPLATE};
use crate::engine::results::{Cell, TableSpec};
use crate::error::ExitStatus;
use crate::findings::rank::FINDINGS;
use crate::metrics::METRICS;
use crate::metrics::time_to_decision::tables::TIME_TO_DECISION;

#[test]
fn rules_are_named_once_and_say_what_they_forbid() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        let kebab = rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(kebab && rule.id.len() <= 20, "{} does not fit the lists", rule.id);
        assert!(ids.insert(rule.id), "{} comes twice", rule.id);
        assert!(rule.forbids.ends_with('.') && rule.advice.ends_with('.'), "{}", rule.id);
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}", rule.id);
        if let Some(limit) = rule.limit {
            assert!(limit.default >= 0.0 && (limit.unit != Unit::Share || limit.default <= 1.0), "{}", rule.id);
        }
        let summary = policy::summary(rule);
        assert!(summary.contains("Default: "), "{summary}");
    }
}

#[test]
fn rules_read_tables_and_columns_that_there_are() {
    let specs: Vec<&TableSpec> = METRICS.iter().flat_map(|question| question.metric.tables).copied().collect();
    let mut found = 0;
    for rule in RULES {
        let Some(spec) = specs.iter().copied().chain([&FINDINGS]).find(|spec| spec.name == rule.table) else {
            continue;
        };
        found += 1;
        let has = |name: &str| spec.columns.iter().any(|column| column.name == name);
        assert!(has(rule.figure), "{}: {} has no column {}", rule.id, rule.table, rule.figure);
        if rule.limit.is_some_and(|limit| limit.decide.is_some()) {
            let ends = ["low", "high"].map(|end| has(&format!("{}_{end}", rule.figure)));
            assert_eq!(ends, [true, true], "{}: no interval", rule.id);
        }
    }
    assert_eq!(found, RULES.len(), "a rule reads a table that no metric gives");
}

#[test]
fn the_template_states_the_defaults_of_every_rule() {
    let stated = mean(&Config::parse(TEMPLATE, "template").unwrap().check, "template").unwrap();
    let silent = mean(&Config::parse("", "nothing").unwrap().check, "nothing").unwrap();
    assert_eq!(format!("{stated:?}"), format!("{silent:?}"));
    let rules = Config::parse(TEMPLATE, "template").unwrap().check.rules;
    let missing: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !rules.contains_key(*id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for rule in RULES {
        assert_eq!(rule.limit.map(|limit| limit.default), rules[rule.id].limit, "{}", rule.id);
        assert_eq!(rule.limit.and_then(|limit| limit.decide), rules[rule.id].decide, "{}", rule.id);
    }
}

#[test]
fn everything_wrong_with_a_policy_is_told_at_once() {
    let text = "[check.rules]\nmedian-dais = 3\nmedian-days = -1\nwait-share = 40\nredundant-stages = 2\n\
                loops-beyond-limit = { decide = 'sure' }\noverride-rate = { by = ['squad'] }\n\
                dependability = { by = ['department'] }\np75-days = { by = [] }\n\
                new-findings = { level = 'dire' }\nrubric-holes = { level = 'act' }";
    let error = mean(&Config::parse(text, "p.toml").unwrap().check, "p.toml").unwrap_err();
    for fragment in [
        "10 problems",
        "no rule `median-dais`",
        "median-days: the limit",
        "40 % is 0.4",
        "redundant-stages: this rule has no limit",
        "loops-beyond-limit: `decide`",
        "`squad`",
        "not at each department",
        "`by` is empty",
        "`dire`",
        "`level` is for findings",
    ] {
        assert!(error.what.contains(fragment), "no `{fragment}` in {error}");
    }
    assert_eq!((error.exit_status(), error.place.as_deref()), (ExitStatus::Usage, Some("p.toml")));
    let nothing = Config::parse("[check]\nothers = false", "p.toml").unwrap();
    assert!(mean(&nothing.check, "p.toml").unwrap_err().what.contains("no rule"));
}

#[test]
fn a_rule_that_is_switched_off_does_not_hold() {
    let config = Config::parse("[check.rules]\nmedian-days = false\np75-days = 40", "p.toml").unwrap();
    let held = mean(&config.check, "p.toml").unwrap();
    assert_eq!(held.len(), RULES.len() - 1);
    assert!(held.iter().all(|held| held.rule.id != "median-days"));
    assert_eq!(held.iter().find(|held| held.rule.id == "p75-days").unwrap().limit, Some(40.0));
}

#[test]
fn a_sure_rule_asks_the_interval_and_a_point_rule_the_figure() {
    for (value, low, high, sure, point) in [
        (25.0, 22.0, 28.0, State::Forbidden, State::Forbidden),
        (25.0, 20.0, 28.0, State::Passed, State::Forbidden),
        (19.0, 17.0, 22.0, State::Passed, State::Passed),
        (21.0, 21.0, 21.0, State::Passed, State::Passed),
    ] {
        for (rule, expected) in [
            ("median-days = 21", sure),
            ("median-days = { limit = 21, decide = 'sure' }", sure),
            ("median-days = { limit = 21, decide = 'point' }", point),
        ] {
            let ruled = one(rule, table(&TIME_TO_DECISION, vec![all(median(value, low, high))]));
            assert_eq!(ruled.state, expected, "{rule} with {value} ({low} to {high})");
            assert!(ruled.summary.contains("at most 21 days allowed"), "{}", ruled.summary);
        }
    }
    let doubt = one("median-days = 21", table(&TIME_TO_DECISION, vec![all(median(25.0, 20.0, 28.0))]));
    assert!(doubt.summary.contains("not surely"), "{}", doubt.summary);
}

#[test]
fn what_the_data_cannot_tell_is_skipped_with_its_reason() {
    for (status, reason) in [("thin", "fewer than 20 closed loops"), ("not_estimable", "fewer than 5 closed loops")] {
        let values = [median(99.0, 98.0, 100.0), vec![("status", text(status)), ("reason", text(reason))]].concat();
        let ruled = one("median-days = 21", table(&TIME_TO_DECISION, vec![all(values)]));
        assert_eq!(ruled.state, State::Skipped, "{status}");
        assert!(ruled.summary.to_lowercase().contains(reason), "{}", ruled.summary);
    }
    let open = vec![("clock", text("applied")), ("n", Cell::Int(50))];
    let ruled = one("median-days = 21", table(&TIME_TO_DECISION, vec![all(open.clone())]));
    assert_eq!(ruled.state, State::Skipped, "without a figure there is nothing to tell");
    let at_least = [open, vec![("median_days_low", Cell::Float(30.0))]].concat();
    let ruled = one("median-days = 21", table(&TIME_TO_DECISION, vec![all(at_least)]));
    assert_eq!(ruled.state, State::Forbidden, "an interval can lie beyond a limit although the figure is not reached");
    assert!(ruled.summary.contains("at least 30.0 days"), "{}", ruled.summary);
}

#[test]
fn nothing_to_tell_is_no_pass_and_no_failure() {
    let config = Config::default();
    let held = mean(&config.check, "defaults").unwrap();
    let evidence = Evidence { results: &results(vec![]), findings: &[], config: &config };
    let checked = judge(&held, &evidence, None);
    assert_eq!(checked.verdict, Verdict::CannotTell);
    assert_eq!(checked.verdict.exit_status(), ExitStatus::Fine);
    assert_eq!(checked.count(State::Skipped), RULES.len());
    assert!(checked.sentence().contains("no pass"), "{}", checked.sentence());
    for ruled in &checked.rules {
        assert!(ruled.summary.len() > 20 && ruled.summary.ends_with('.'), "{}: {}", ruled.held.rule.id, ruled.summary);
    }
}

#[test]
fn a_rule_can_look_at_every_segment_and_leave_some_out() {
    let rows = vec![
        all(median(18.0, 17.0, 19.0)),
        within("department", "Sales", median(30.0, 28.0, 32.0)),
        within("department", "Legal", median(12.0, 11.0, 13.0)),
        within("level", "Senior", median(90.0, 88.0, 92.0)),
    ];
    let rule = |more: &str| format!("median-days = {{ limit = 21, by = ['all', 'department'] {more} }}");
    let ruled = one(&rule(""), table(&TIME_TO_DECISION, rows.clone()));
    assert_eq!((ruled.state, ruled.told), (State::Forbidden, 3));
    assert_eq!(ruled.found.len(), 1);
    assert_eq!(ruled.found[0].subject, "department Sales");
    assert!(ruled.found[0].id.starts_with("median-days:department:") && !ruled.found[0].id.contains("Sales"));
    for more in [", except = ['Sales']", ", except = ['department:Sales']", ", only = ['all']"] {
        assert_eq!(one(&rule(more), table(&TIME_TO_DECISION, rows.clone())).state, State::Passed, "{more}");
    }
    let (_, held) = policy(&rule(""));
    assert_eq!(dimensions(&held).into_iter().collect::<Vec<_>>(), ["department"]);
}

#[test]
fn a_baseline_accepts_what_is_known_and_tells_what_is_gone() {
    let slow = |departments: &[&str]| {
        let rows = departments.iter().map(|name| within("department", name, median(30.0, 28.0, 32.0)));
        results(vec![table(&TIME_TO_DECISION, rows.collect())])
    };
    let (config, held) = policy("median-days = { limit = 21, by = ['department'] }");
    let run = |results: &Results, baseline: &Baseline| {
        judge(&held, &Evidence { results, findings: &[], config: &config }, Some(baseline))
    };
    let before = slow(&["Sales", "Legal"]);
    let known = everything(&held, &Evidence { results: &before, findings: &[], config: &config });
    let same = run(&before, &known);
    assert_eq!((same.verdict, same.accepted(), same.resolved), (Verdict::Passed, 2, Some(0)));
    assert!(same.rules[0].found.is_empty() && same.rules[0].summary.contains("accepted"), "{}", same.rules[0].summary);
    let other = run(&slow(&["Sales", "Design"]), &known);
    assert_eq!((other.verdict, other.accepted(), other.resolved), (Verdict::Forbidden, 1, Some(1)));
    assert_eq!(other.rules[0].found[0].subject, "department Design");
    assert!(other.sentence().contains("1 case of the baseline is found no more"), "{}", other.sentence());
}

#[test]
fn a_baseline_is_read_back_as_it_was_written_and_nothing_else_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known.json");
    let baseline = Baseline::of(["wait-share:to_schedule".to_owned(), "median-days:all".to_owned()]);
    baseline.write(&path).unwrap();
    assert_eq!(Baseline::read(&path).unwrap(), baseline);
    for (bytes, fragment) in [
        ("{}", "no baseline"),
        ("[1]", "no baseline"),
        (r#"{"format":"looplens-baseline","version":2,"accepted":[]}"#, "version 1"),
        (r#"{"format":"looplens-report","version":1,"accepted":[]}"#, "version 1"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = Baseline::read(&path).unwrap_err();
        assert!(error.what.contains(fragment) && error.exit_status() == ExitStatus::Usage, "{error}");
    }
    assert_eq!(Baseline::read(&folder.path().join("none.json")).unwrap_err().exit_status(), ExitStatus::Usage);
}

proptest! {
    #[test]
    fn what_is_surely_forbidden_is_forbidden_and_a_laxer_limit_never_forbids_more(
        value in 0.0_f64..60.0, below in 0.0_f64..20.0, above in 0.0_f64..20.0, limit in 0.0_f64..60.0, more in 0.0_f64..30.0,
    ) {
        let (config, held) = policy("median-days = 21");
        let results = results(vec![table(&TIME_TO_DECISION, vec![all(median(value, value - below, value + above))])]);
        let evidence = Evidence { results: &results, findings: &[], config: &config };
        let state = |limit: f64, decide| {
            let held: Vec<_> = held.iter().cloned().map(|held| Held { limit: Some(limit), decide: Some(decide), ..held }).collect();
            judge(&held, &evidence, None).rules[0].state
        };
        let is = |limit, decide| state(limit, decide) == State::Forbidden;
        prop_assert!(!is(limit, Decide::Sure) || is(limit, Decide::Point));
        for decide in [Decide::Sure, Decide::Point] {
            prop_assert!(!is(limit + more, decide) || is(limit, decide));
            prop_assert_ne!(state(limit, decide), State::Skipped);
        }
    }
}
