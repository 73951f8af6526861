//! Items that only a plan can answer, because no data shows them.

use std::collections::BTreeSet;

use super::answers::{Answer, Cases, DECLARE, NEEDS_SCORES, Outcome, hidden, one};
use super::facts::How;
use super::held::{minutes, per_round};
use super::rounds::Audit;
use crate::plan::{Kind, Plan, PlanRule, Topic};
use crate::report::number::{self, count, plural};
use crate::time::SECOND;

/// Names of stages and dimensions in a sentence.
const NAMED: usize = 6;
/// Work at home that may take longer than this is substantial, in minutes.
const SUBSTANTIAL: i64 = 120;

/// The plan, where the configuration names it; otherwise what stands in for its answer.
pub(super) fn declared<'a>(audit: &'a Audit<'_>, what: &str) -> Result<&'a Plan, Outcome> {
    match &audit.plan {
        Some(plan) if audit.is_declared => Ok(plan),
        Some(plan) => Err(hidden(
            format!("{what} is nothing that data shows, and the plan {} is only assumed", plan.name),
            DECLARE,
        )),
        None => Err(hidden(format!("{what} is nothing that data shows, and no plan is named"), DECLARE)),
    }
}

/// Some names in a sentence; they come from data or plan, so a reader sees them quoted.
pub(super) fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let more = all.len().saturating_sub(NAMED);
    let list = all.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {} more", count(more as i64)) } else { list }
}

pub(super) fn deliverables(audit: &Audit<'_>) -> Outcome {
    match declared(audit, "what the role delivers") {
        Err(outcome) => outcome,
        Ok(plan) if plan.deliverables.is_empty() => hidden(
            "the plan does not say what the role delivers",
            "Write in the plan: [role] deliverables = [\"...\"], what the hire delivers in the first 90 days.",
        ),
        Ok(plan) => Outcome::Declared {
            is_met: true,
            evidence: format!("the plan has {}", plural(plan.deliverables.len() as i64, "deliverable", "deliverables")),
        },
    }
}

pub(super) fn questions(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "the question of a round") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    let without: Vec<&str> =
        plan.rounds.iter().filter(|round| round.question.is_none()).map(|round| round.id.as_str()).collect();
    let unknown: Vec<&str> = audit.unknown().iter().map(|stage| stage.name.as_str()).collect();
    let mut lacks = Vec::new();
    if !without.is_empty() {
        lacks.push(format!("the plan has no question for {}", names(without)));
    }
    if !unknown.is_empty() {
        lacks.push(format!("loops hold stages that are no round of the plan: {}", names(unknown)));
    }
    let evidence = if lacks.is_empty() {
        format!("{} with a question of its own each", plural(plan.rounds.len() as i64, "round", "rounds"))
    } else {
        lacks.join("; ")
    };
    Outcome::Declared { is_met: lacks.is_empty(), evidence }
}

pub(super) fn time_zones(audit: &Audit<'_>) -> Outcome {
    match declared(audit, "what is talked about in screening") {
        Err(outcome) => outcome,
        Ok(plan) => match plan.covering(Topic::TimeZones).first().and_then(|at| plan.rounds.get(*at)) {
            Some(round) => {
                Outcome::Declared { is_met: true, evidence: format!("the plan has it in \"{}\"", round.name) }
            }
            None => hidden(
                "no round of the plan covers it",
                "If a round does, declare it in the plan: covers = [\"time-zones\"].",
            ),
        },
    }
}

pub(super) fn sample_pay(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |_, round| {
        if round.kind != Some(Kind::TakeHome) {
            return None;
        }
        let expected = format!("paid, where it may take more than {} hours", SUBSTANTIAL / 60);
        let plan = match declared(audit, "pay") {
            Err(outcome) => return Some((expected, outcome)),
            Ok(_) => round,
        };
        let outcome = match (plan.paid, plan.minutes) {
            (Some(true), _) => Outcome::Declared { is_met: true, evidence: "the plan pays for it".to_owned() },
            (_, Some((_, most))) if most <= SUBSTANTIAL => Outcome::Declared {
                is_met: true,
                evidence: format!("the plan bounds it to {}, which is not substantial", minutes(1, most)),
            },
            (Some(false), Some((_, most))) => Outcome::Declared {
                is_met: false,
                evidence: format!("the plan does not pay for up to {} minutes of work", count(most)),
            },
            (Some(false), None) => {
                Outcome::Declared { is_met: false, evidence: "the plan neither pays for it nor bounds it".to_owned() }
            }
            (None, _) => hidden(
                "the plan does not say whether it is paid",
                "Declare it for the round of your plan: paid = true, or paid = false.",
            ),
        };
        Some((expected, outcome))
    })
}

/// Names as people may spell them differently.
fn same(a: &str, b: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    plain(a) == plain(b)
}

pub(super) fn anchors(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "what the levels of a rubric mean") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    if plan.rubric.anchors.is_empty() {
        return hidden(
            "the plan has no anchors",
            "Write in the plan what each level looks like: [rubric.anchors] \"dimension\" = [\"lowest\", ..., \"highest\"].",
        );
    }
    let anchored = |dimension: &str| plan.rubric.anchors.iter().any(|(own, _)| same(own, dimension));
    let asked: BTreeSet<&str> =
        plan.rubric.dimensions.iter().chain(audit.facts.dimensions.keys()).map(String::as_str).collect();
    let without: Vec<&str> = asked.into_iter().filter(|dimension| !anchored(dimension)).collect();
    let evidence = if without.is_empty() {
        format!("the plan has anchors for {}", plural(plan.rubric.anchors.len() as i64, "dimension", "dimensions"))
    } else {
        format!("no anchors for {}", names(without.iter().copied()))
    };
    Outcome::Declared { is_met: without.is_empty(), evidence }
}

pub(super) fn scored(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "which dimensions should be scored") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    if plan.rubric.dimensions.is_empty() {
        return hidden("the plan does not list dimensions", "Write in the plan: [rubric] dimensions = [\"...\"].");
    }
    if audit.facts.dimensions.is_empty() {
        return hidden("no score of a single dimension is on record", NEEDS_SCORES);
    }
    let is_scored = |dimension: &str| audit.facts.dimensions.keys().any(|own| same(own, dimension));
    let missing: Vec<&str> =
        plan.rubric.dimensions.iter().map(String::as_str).filter(|dimension| !is_scored(dimension)).collect();
    let evidence = if missing.is_empty() {
        format!("all {} dimensions of the plan have scores", count(plan.rubric.dimensions.len() as i64))
    } else {
        format!("no scores on {}", names(missing.iter().copied()))
    };
    Outcome::Declared { is_met: missing.is_empty(), evidence }
}

pub(super) fn rule(audit: &Audit<'_>) -> Vec<Answer> {
    let plan = match declared(audit, "the rule behind decisions") {
        Err(outcome) => return one(None, outcome),
        Ok(plan) => plan,
    };
    let Some(PlanRule { rule, since }) = &plan.rule else {
        let needs = "Write in the plan: [rule] reject_below = 2, advance_from = 3, since = 2026-01-01.";
        return one(None, hidden("the plan has no rule", needs));
    };
    let said = format!(
        "a score below {} rejects, {} or more everywhere advances",
        number::days_plain(rule.reject_below),
        number::days_plain(rule.advance_from)
    );
    let Some(since) = since.map(|since| since.0.div_euclid(SECOND)) else {
        let evidence = "the plan has the rule; since when it holds is not said (`since`)".to_owned();
        return one(Some(said), Outcome::Declared { is_met: true, evidence });
    };
    let decided = audit.runs.iter().filter(|run| matches!(run.of.how, How::Offer | How::Reject));
    let cases = decided.filter_map(|run| run.of.ended).map(|ended| ended >= since);
    let cases =
        Cases::of(cases, ("decision", "decisions")).or("no decision has a time", "Export the time of decisions.");
    one(Some(format!("{said}, set before the decision")), Outcome::cases(cases))
}
