#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::baseline::Baseline;
use super::judge::{Evidence, everything, judge};
use super::policy::{Held, dimensions, mean};
use super::verdict::{Checked, State, Verdict};
use super::*;
use crate::config::{Config, TEMPLATE};
use crate::dataset::schema::columns;
use crate::engine::results::{Cell, ResultTable, TableSpec};
use crate::error::ExitStatus;
use crate::findings::Level;
use crate::findings::rank::FINDINGS;
use crate::metrics::METRICS;
use crate::metrics::leniency::tables::{LENIENCY_CONSEQUENCES, RELIABILITY};
use crate::metrics::slow_loops::SLOW_LOOPS;
use crate::metrics::time_to_decision::tables::{TIME_CURVE, TIME_TO_DECISION};
use crate::metrics::waits::WAITS;

type Values = Vec<(&'static str, Cell)>;

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

/// A row of all loops together that can be trusted.
fn all(values: Values) -> Values {
    let mut row = vec![("segment_kind", text("all")), ("segment", text("all")), ("status", text("ok"))];
    row.extend(values);
    row
}

fn within(kind: &'static str, segment: &str, values: Values) -> Values {
    all([vec![("segment_kind", text(kind)), ("segment", text(segment))], values].concat())
}

fn figure(name: [&'static str; 3], value: f64, low: f64, high: f64) -> Values {
    name.into_iter().zip([value, low, high].map(Cell::Float)).collect()
}

fn median(value: f64, low: f64, high: f64) -> Values {
    let own = figure(["median_days", "median_days_low", "median_days_high"], value, low, high);
    [
        own,
        vec![("clock", text("applied")), ("loops", Cell::Int(120)), ("decided", Cell::Int(90)), ("n", Cell::Int(120))],
    ]
    .concat()
}

fn table(spec: &'static TableSpec, rows: Vec<Values>) -> ResultTable {
    let mut out = ResultTable::new(spec);
    rows.into_iter().for_each(|row| out.push(row));
    out
}

fn results(tables: Vec<ResultTable>) -> Results {
    Results { tables, ..Results::default() }
}

fn policy(text: &str) -> (Config, Vec<Held>) {
    let config = Config::parse(&format!("[check]\nothers = false\n[check.rules]\n{text}"), "p.toml").unwrap();
    let held = mean(&config.check, "p.toml").unwrap();
    (config, held)
}

fn checked(rules: &str, results: &Results) -> Checked {
    let (config, held) = policy(rules);
    judge(&held, &Evidence { results, findings: &[], config: &config }, None)
}

/// The one rule of a policy, held against one table.
fn one(rules: &str, table: ResultTable) -> super::verdict::Ruled {
    let checked = checked(rules, &results(vec![table]));
    let [ruled] = checked.rules.try_into().unwrap();
    ruled
}

fn finding(code: &'static str, subject: &str, level: Level, status: Status) -> Finding {
    Finding {
        id: format!("{code}:{subject}"),
        code,
        level,
        subject: subject.to_owned(),
        statement: format!("{subject} was found."),
        evidence: std::collections::BTreeMap::new(),
        recommendation: String::new(),
        status,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: "waits",
    }
}

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
    assert!(found >= 9, "only {found} tables were found");
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
fn below_is_the_wrong_side_of_a_limit_from_below() {
    let usual = |value, low, high| {
        let own = figure(["dependability", "dependability_low", "dependability_high"], value, low, high);
        let values = [own, vec![("is_usual", Cell::Flag(true)), ("n", Cell::Int(900))]].concat();
        let other = vec![("dependability", Cell::Float(0.01)), ("is_usual", Cell::Flag(false))];
        table(&RELIABILITY, vec![all(other), all(values)])
    };
    assert_eq!(one("dependability = 0.7", usual(0.5, 0.4, 0.6)).state, State::Forbidden);
    assert_eq!(one("dependability = 0.7", usual(0.6, 0.4, 0.75)).state, State::Passed);
    assert_eq!(one("dependability = { limit = 0.7, decide = 'point' }", usual(0.6, 0.4, 0.75)).state, State::Forbidden);
    let found = one("dependability = 0.7", usual(0.5, 0.4, 0.6)).found.remove(0);
    assert!(found.statement.contains("at least 0.70 allowed"), "{}", found.statement);
    assert_eq!((found.value, found.low, found.high, found.n), (Some(0.5), Some(0.4), Some(0.6), Some(900)));
}

#[test]
fn what_the_data_cannot_tell_is_skipped_with_its_reason() {
    for (status, reason) in [("thin", "fewer than 20 closed loops"), ("not_estimable", "fewer than 5 closed loops")] {
        let values = [median(99.0, 98.0, 100.0), vec![("status", text(status)), ("reason", text(reason))]].concat();
        let ruled = one("median-days = 21", table(&TIME_TO_DECISION, vec![all(values)]));
        assert_eq!(ruled.state, State::Skipped, "{status}");
        assert!(ruled.summary.contains(reason), "{}", ruled.summary);
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
fn the_share_still_open_is_read_at_the_day_of_the_limit() {
    let day = |day: i64, value: f64| {
        let own = figure(["undecided", "undecided_low", "undecided_high"], value, value - 0.05, value + 0.05);
        all([own, vec![("clock", text("applied")), ("day", Cell::Int(day))]].concat())
    };
    let run = |days: Vec<Values>, rule: &str| {
        // The curve has no status of its own.
        let drop = |row: Values| row.into_iter().filter(|(name, _)| *name != "status").collect();
        let curve = table(&TIME_CURVE, days.into_iter().map(drop).collect());
        let main = table(&TIME_TO_DECISION, vec![all(median(18.0, 17.0, 19.0))]);
        let mut rules = checked(rule, &results(vec![main, curve])).rules;
        rules.remove(0)
    };
    let days = vec![day(13, 0.9), day(14, 0.7), day(20, 0.65), day(21, 0.6), day(22, 0.1)];
    let first = run(days.clone(), "open-after-limit-1 = 0.6");
    assert_eq!(first.state, State::Forbidden, "{}", first.summary);
    assert!(first.summary.contains("after 14 days") && first.summary.contains("70 %"), "{}", first.summary);
    assert_eq!(run(days.clone(), "open-after-limit-2 = 0.6").state, State::Passed);
    assert_eq!(run(days, "open-after-limit-2 = 0.5").state, State::Forbidden);
    // A curve that ends before the limit bounds the share from above.
    assert_eq!(run(vec![day(18, 0.2)], "open-after-limit-2 = 0.3").state, State::Passed);
    assert_eq!(run(vec![day(18, 0.9)], "open-after-limit-2 = 0.3").state, State::Skipped);
}

#[test]
fn open_loops_beyond_the_limit_are_counted() {
    let slow = |open: usize, closed: usize| {
        let row =
            |is_open| vec![("segment_kind", text("all")), ("segment", text("all")), ("is_open", Cell::Flag(is_open))];
        table(&SLOW_LOOPS, [vec![row(true); open], vec![row(false); closed]].concat())
    };
    let state = |slow: ResultTable, decided: i64| {
        let row =
            [median(18.0, 17.0, 19.0), vec![("decided", Cell::Int(decided)), ("withdrawn", Cell::Int(0))]].concat();
        let main = table(&TIME_TO_DECISION, vec![all(row)]);
        checked("loops-beyond-limit = 2", &results(vec![main, slow])).rules.remove(0).state
    };
    assert_eq!(state(slow(2, 9), 90), State::Passed);
    assert_eq!(state(slow(3, 0), 90), State::Forbidden);
    assert_eq!(state(slow(0, 0), 90), State::Passed, "an empty list is an answer");
    assert_eq!(state(slow(40, 0), 0), State::Skipped, "without decisions every loop looks open");
}

#[test]
fn a_wait_may_not_take_most_of_the_time_and_an_interview_may() {
    let state = |state: &str, value: f64| {
        let names = ["share_of_elapsed", "share_of_elapsed_low", "share_of_elapsed_high"];
        all([figure(names, value, value - 0.1, value + 0.1), vec![("state", text(state))]].concat())
    };
    let ruled = one("wait-share = 0.4", table(&WAITS, vec![state("in_interview", 0.9), state("for_debrief", 0.1)]));
    assert_eq!((ruled.state, ruled.told), (State::Passed, 1));
    let rows = vec![state("to_schedule", 0.6), state("for_debrief", 0.1)];
    let ruled = one("wait-share = 0.4", table(&WAITS, rows.clone()));
    assert_eq!(ruled.found[0].id, "wait-share:to_schedule");
    assert!(ruled.summary.contains("waiting to be scheduled"), "{}", ruled.summary);
    assert_eq!(one("wait-share = { limit = 0.4, except = ['to_schedule'] }", table(&WAITS, rows)).state, State::Passed);
}

#[test]
fn leniency_is_judged_over_all_stages() {
    let row = |stage: Option<&str>, value: f64| {
        let names = ["share_changed", "share_changed_low", "share_changed_high"];
        let stage = stage.map_or(Cell::Null, text);
        all([figure(names, value, value - 0.02, value + 0.02), vec![("stage", stage), ("n", Cell::Int(400))]].concat())
    };
    let rows = vec![row(Some("Screen"), 0.5), row(None, 0.09)];
    let ruled = one("leniency-changes = 0.1", table(&LENIENCY_CONSEQUENCES, rows));
    assert_eq!((ruled.state, ruled.told), (State::Passed, 1));
}

/// The least that the tables of other metrics have.
const STAGE_PAIRS: TableSpec = TableSpec {
    name: "stage_pairs",
    about: "Pairs.",
    columns: columns![
        "segment_kind" Text false "", "segment" Text false "", "stage_a" Text false "", "stage_b" Text false "",
        "disattenuated" Float true "", "disattenuated_low" Float true "", "disattenuated_high" Float true "",
        "verdict" Text true "", "n" Int true "", "status" Text false "", "reason" Text true "",
    ],
};

#[test]
fn rounds_are_redundant_where_the_metric_says_so() {
    let pair = |a: &str, b: &str, verdict: Option<&str>| {
        let own = figure(["disattenuated", "disattenuated_low", "disattenuated_high"], 0.97, 0.93, 1.0);
        let names = vec![("stage_a", text(a)), ("stage_b", text(b)), ("verdict", verdict.map_or(Cell::Null, text))];
        all([own, names, vec![("n", Cell::Int(80))]].concat())
    };
    let rows = vec![
        pair("Screen", "Work sample", Some("redundant")),
        pair("Screen", "Final", Some("distinct")),
        pair("Work sample", "Final", Some("inconclusive")),
    ];
    let ruled = one("redundant-stages = true", table(&STAGE_PAIRS, rows.clone()));
    assert_eq!((ruled.state, ruled.told, ruled.untold), (State::Forbidden, 2, 1));
    assert!(ruled.summary.contains("Screen and Work sample") && ruled.summary.contains("0.97"), "{}", ruled.summary);
    assert!(!ruled.found[0].id.contains("Screen"), "{}", ruled.found[0].id);
    let rule = "redundant-stages = { except = ['Screen + Work sample'] }";
    assert_eq!(one(rule, table(&STAGE_PAIRS, rows.clone())).state, State::Passed);
    assert_eq!(one("redundant-stages = true", table(&STAGE_PAIRS, rows[2..].to_vec())).state, State::Skipped);
    assert_eq!(one("redundant-stages = true", table(&STAGE_PAIRS, vec![])).state, State::Skipped);
}

#[test]
fn findings_are_new_only_against_a_baseline() {
    let findings = [
        finding("largest-wait", "for_debrief", Level::Act, Status::Ok),
        finding("slow-segment", "department:Sales", Level::Look, Status::Ok),
        finding("open-beyond-limit", "all", Level::Act, Status::Thin),
    ];
    let results = results(vec![]);
    let run = |rule: &str, baseline: Option<&Baseline>| {
        let (config, held) = policy(rule);
        judge(&held, &Evidence { results: &results, findings: &findings, config: &config }, baseline)
    };
    assert_eq!(run("new-findings = true", None).rules[0].state, State::Skipped);
    let empty = Baseline::default();
    let new = run("new-findings = true", Some(&empty));
    assert_eq!((new.verdict, new.rules[0].found.len(), new.rules[0].untold), (Verdict::Forbidden, 1, 1));
    assert_eq!(run("new-findings = { level = 'look' }", Some(&empty)).rules[0].found.len(), 2);
    let rule = "new-findings = { level = 'look', only = ['slow-segment'] }";
    assert_eq!(run(rule, Some(&empty)).rules[0].found.len(), 1);
    // What is accepted is so at any level.
    let (config, held) = policy("new-findings = true");
    let known = everything(&held, &Evidence { results: &results, findings: &findings, config: &config });
    assert_eq!(known.ids().count(), 3);
    assert!(known.ids().all(|id| !id.contains("Sales")), "{known:?}");
    let accepted = run("new-findings = { level = 'look' }", Some(&known));
    assert_eq!((accepted.verdict, accepted.accepted()), (Verdict::Passed, 2));
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
        let state = |limit: f64, decide: &str| {
            let rule = format!("median-days = {{ limit = {limit:?}, decide = '{decide}' }}");
            one(&rule, table(&TIME_TO_DECISION, vec![all(median(value, value - below, value + above))])).state
        };
        let is = |limit, decide| state(limit, decide) == State::Forbidden;
        prop_assert!(!is(limit, "sure") || is(limit, "point"));
        for decide in ["sure", "point"] {
            prop_assert!(!is(limit + more, decide) || is(limit, decide));
            prop_assert_ne!(state(limit, decide), State::Skipped);
        }
    }
}
