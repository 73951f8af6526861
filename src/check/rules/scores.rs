//! Rules on scores, on those who give them, and on the rounds they are given in.

use super::super::baseline::mark;
use super::super::{Case, Facts, Limit, Rule, Side, Unit};
use super::{case, empty, flag, plain, segments};
use crate::config::check::Decide;
use crate::engine::results::Status;
use crate::metrics::leniency::tables::{LENIENCY_CONSEQUENCES, RELIABILITY};
use crate::metrics::stage_redundancy::tables::STAGE_PAIRS;
use crate::report::number;

/// Decisions that rest on too little.
pub(in crate::check) const DEPENDABILITY: Rule = Rule {
    id: "dependability",
    title: "Dependability of the mean score of a usual loop",
    forbids: "The mean score of a usual loop is less dependable than the limit: more of it is not the candidate's.",
    advice: "Anchor the rubric and calibrate interviewers first; the table of reliability says what one more would add.",
    limit: Some(Limit { default: 0.5, unit: Unit::Figure, side: Side::Below, decide: Some(Decide::Sure) }),
    table: RELIABILITY.name,
    figure: "dependability",
    segments: false,
    read: |facts| plain(facts, |row| flag(row, "is_usual")),
};

/// Verdicts that depend on who interviewed.
pub(in crate::check) const LENIENCY_CHANGES: Rule = Rule {
    id: "leniency-changes",
    title: "Share of cards whose verdict leniency changes",
    forbids: "Taking the interviewers' leniency out would change the verdict of a larger share of cards than the limit.",
    advice: "Calibrate the interviewers at either end; until then compare candidates by adjusted scores.",
    limit: Some(Limit { default: 0.1, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: LENIENCY_CONSEQUENCES.name,
    figure: "share_changed",
    segments: false,
    read: |facts| plain(facts, |row| row.text("stage").is_none()),
};

/// Rounds that tell the same thing twice.
pub(in crate::check) const REDUNDANT_STAGES: Rule = Rule {
    id: "redundant-stages",
    title: "Redundant rounds",
    forbids: "Two rounds measure the same thing, as stage redundancy finds with its own margin and tests.",
    advice: "Drop one of the two for a quarter and see what changes, or give it a question of its own.",
    limit: None,
    table: STAGE_PAIRS.name,
    figure: "verdict",
    segments: true,
    read: redundant,
};

fn redundant(facts: &Facts<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    for (row, place) in segments(facts, STAGE_PAIRS.name, |_| true) {
        let (Some(a), Some(b)) = (row.text("stage_a"), row.text("stage_b")) else { continue };
        let mut place = place;
        let before = if place.subject.is_empty() { String::new() } else { format!("{}: ", place.subject) };
        let subject = format!("{before}{} and {}", number::harmless(a), number::harmless(b));
        place.names.extend([a.to_owned(), b.to_owned(), format!("{a} + {b}")]);
        let correlation = row.interval("disattenuated", number::figure);
        let says = format!(
            "{subject} measure the same thing{}{}.",
            correlation.map_or(String::new(), |text| format!(": their correlation without noise is {text}")),
            row.number("n").map_or(String::new(), |n| format!(" (n = {})", number::count(n as i64))),
        );
        let (verdict, reason) = match row.text("verdict") {
            Some("redundant") => (Some(true), None),
            Some("overlapping" | "distinct") => (Some(false), None),
            _ => (None, Some("too few candidates had both rounds to tell".to_owned())),
        };
        let key = format!("{}:{}", place.key, mark(&format!("{a}\n{b}")));
        let mut one = case(&row, "disattenuated", place);
        // A verdict that is open is no figure that is missing.
        one.reason = one.reason.or(reason);
        cases.push(Case { subject, key, says, verdict, ..one });
    }
    if cases.is_empty() && facts.results.table(STAGE_PAIRS.name).is_some() {
        let reason = Some("no two rounds have scores of the same candidates".to_owned());
        cases.push(Case { status: Status::NotEstimable, reason, ..empty(super::Place::all()) });
    }
    cases
}
