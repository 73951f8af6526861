//! What each rule reads, and what it makes of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use crate::check::baseline::Baseline;
use crate::check::judge::{Evidence, everything, judge};
use crate::check::testing::{Values, all, checked, figure, finding, median, one, policy, results, table, text, within};
use crate::check::verdict::{State, Verdict};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::findings::Level;
use crate::metrics::hygiene::tables::HYGIENE;
use crate::metrics::leniency::tables::{LENIENCY_CONSEQUENCES, RELIABILITY};
use crate::metrics::overrides::tables::OVERRIDES;
use crate::metrics::process_audit::tables::PROCESS_AUDIT;
use crate::metrics::slow_loops::SLOW_LOOPS;
use crate::metrics::stage_redundancy::tables::STAGE_PAIRS;
use crate::metrics::time_to_decision::tables::{TIME_CURVE, TIME_TO_DECISION};
use crate::metrics::waits::WAITS;

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
fn decisions_against_the_record_are_judged_by_the_rule_of_decision() {
    let row = |basis: &str, direction: &str, overridden: i64, rate: f64| {
        let own = figure(["rate", "rate_low", "rate_high"], rate, rate - 0.05, rate + 0.05);
        let names = vec![("basis", text(basis)), ("direction", text(direction)), ("overridden", Cell::Int(overridden))];
        all([own, names, vec![("n", Cell::Int(100))]].concat())
    };
    let rows = vec![row("majority", "any", 50, 0.5), row("rule", "any", 10, 0.1), row("rule", "low_scores", 1, 0.2)];
    assert_eq!(one("override-rate = 0.15", table(&OVERRIDES, rows.clone())).state, State::Passed);
    assert_eq!(one("override-rate = 0.04", table(&OVERRIDES, rows.clone())).state, State::Forbidden);
    let low = one("low-scores-overruled = true", table(&OVERRIDES, rows.clone()));
    assert_eq!((low.state, low.told), (State::Forbidden, 1), "one such offer is one too many: {}", low.summary);
    assert!(low.summary.contains("1 decision") && low.summary.contains("at most 0 decisions"), "{}", low.summary);
    assert_eq!(one("low-scores-overruled = 1", table(&OVERRIDES, rows)).state, State::Passed);
}

#[test]
fn items_of_a_declared_plan_that_are_not_met_are_forbidden_one_by_one() {
    let row = |item: &str, subject: &str, from: &str, state: &str| {
        all(vec![
            ("item", text(item)),
            ("subject", text(subject)),
            ("title", text("Whole loops go through the rounds as planned")),
            ("plan_from", text(from)),
            ("state", text(state)),
            ("evidence", text("12 of 40 did.")),
            ("needs", if state == "not_visible" { text("Export the debriefs") } else { Cell::Null }),
        ])
    };
    let rows = |from: &str| {
        vec![
            row("loop-as-planned", "loop", from, "not_met"),
            row("panel-size", "final", from, "not_met"),
            row("shadow-rounds", "loop", from, "not_visible"),
            row("round-held", "final", from, "met"),
        ]
    };
    let ruled = one("audit-items = true", table(&PROCESS_AUDIT, rows("configured")));
    assert_eq!((ruled.state, ruled.found.len(), ruled.told, ruled.untold), (State::Forbidden, 2, 3, 1));
    assert!(ruled.found[0].id.starts_with("audit-items:loop-as-planned:"), "{}", ruled.found[0].id);
    assert!(ruled.found[1].statement.contains("(final): not met. 12 of 40"), "{}", ruled.found[1].statement);
    let rule = "audit-items = { except = ['loop-as-planned', 'panel-size:final'] }";
    assert_eq!(one(rule, table(&PROCESS_AUDIT, rows("configured"))).state, State::Passed);
    let assumed = one("audit-items = { except = ['round-held'] }", table(&PROCESS_AUDIT, rows("assumed")));
    assert_eq!(assumed.state, State::Skipped, "nobody promised what an assumed plan asks for");
    assert!(assumed.summary.contains("the plan is assumed"), "{}", assumed.summary);
}

#[test]
fn each_rule_of_hygiene_reads_its_own_check_and_can_look_at_stages() {
    let own = [
        ("rubric-holes", "missing_dimension"),
        ("missing-observations", "no_observation"),
        ("cards-not-submitted", "never_submitted"),
        ("cards-after-decision", "after_decision"),
    ];
    let row = |kind: &'static str, segment: &str, check: &str, rate: f64| {
        let own = figure(["rate", "rate_low", "rate_high"], rate, rate - 0.02, rate + 0.02);
        within(kind, segment, [own, vec![("check", text(check)), ("n", Cell::Int(90))]].concat())
    };
    for (rule, check) in own {
        let rows = |bad: &str| {
            let all = own.map(|(_, one)| row("all", "all", one, if one == bad { 0.5 } else { 0.01 }));
            [all.to_vec(), vec![row("stage", "Final", check, 0.6)]].concat()
        };
        let ruled = one(&format!("{rule} = 0.3"), table(&HYGIENE, rows(check)));
        assert_eq!((ruled.state, ruled.told), (State::Forbidden, 1), "{rule}");
        assert_eq!(one(&format!("{rule} = 0.3"), table(&HYGIENE, rows("none"))).state, State::Passed, "{rule}");
        let staged = one(&format!("{rule} = {{ limit = 0.3, by = ['stage'] }}"), table(&HYGIENE, rows("none")));
        assert_eq!(staged.found[0].subject, "stage Final");
    }
}
