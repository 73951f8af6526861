//! Rules on how decisions are made and on what they rest.

use super::super::{Case, Facts, Limit, Rule, Side, Unit};
use super::{case, is, plain, segments};
use crate::config::check::Decide;
use crate::metrics::consensus_drift::tables::DRIFT_RATES;
use crate::metrics::hygiene::tables::HYGIENE;
use crate::metrics::overrides::tables::OVERRIDES;
use crate::metrics::process_audit::tables::PROCESS_AUDIT;
use crate::report::number;

/// Decisions against the record.
pub(in crate::check) const OVERRIDE_RATE: Rule = Rule {
    id: "override-rate",
    title: "Share of decisions against the record made before them",
    forbids: "A larger share of decisions than the limit goes against what the decision rule says of the scores.",
    advice: "Write down why, each time; if the reasons repeat, the rule or the rubric is missing something.",
    limit: Some(Limit { default: 0.15, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: OVERRIDES.name,
    figure: "rate",
    segments: true,
    read: |facts| plain(facts, |row| is(row, "basis", "rule") && is(row, "direction", "any")),
};

/// Two independent low scores, argued away.
pub(in crate::check) const LOW_SCORES_OVERRULED: Rule = Rule {
    id: "low-scores-overruled",
    title: "Offers although two interviewers independently gave a low score on one dimension",
    forbids: "More offers than the limit were made although two interviewers independently gave a low score on one \
              dimension.",
    advice: "Two independent low scores are evidence that an argument cannot undo: reject, or collect new evidence.",
    limit: Some(Limit { default: 0.0, unit: Unit::Decisions, side: Side::Above, decide: None }),
    table: OVERRIDES.name,
    figure: "overridden",
    segments: false,
    read: |facts| plain(facts, |row| is(row, "basis", "rule") && is(row, "direction", "low_scores")),
};

/// Scores that the debrief could have shaped.
pub(in crate::check) const CARDS_AFTER_DEBRIEF: Rule = Rule {
    id: "cards-after-debrief",
    title: "Share of cards written after the debrief began",
    forbids: "A larger share of cards than the limit is written after the debrief began.",
    advice: "Open the debrief only when all scorecards are in; what is written later is no independent evidence.",
    limit: Some(Limit { default: 0.1, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: DRIFT_RATES.name,
    figure: "rate",
    segments: false,
    read: |facts| plain(facts, |row| is(row, "measure", "after_debrief")),
};

/// The loop as it was designed.
pub(in crate::check) const AUDIT_ITEMS: Rule = Rule {
    id: "audit-items",
    title: "Items of the process audit",
    forbids: "An item of the process audit is not met; `except` names those that may be.",
    advice: "The section on the audit says what to do about each item.",
    limit: None,
    table: PROCESS_AUDIT.name,
    figure: "state",
    segments: false,
    read: audit,
};

/// Dimensions that are left out.
pub(in crate::check) const RUBRIC_HOLES: Rule = hygiene(
    "rubric-holes",
    "Share of cards without a score on a dimension of their stage",
    "A larger share of cards than the limit leaves out a dimension that its stage usually scores.",
    "Make every dimension of the scorecard required, with \"no evidence\" as an answer.",
    0.2,
    |facts| checked(facts, "missing_dimension"),
);

/// Scores without a word.
pub(in crate::check) const MISSING_OBSERVATIONS: Rule = hygiene(
    "missing-observations",
    "Share of cards without an observation",
    "A larger share of cards than the limit has nothing written on it.",
    "Ask for one observed sentence for each score: what was said or done.",
    0.25,
    |facts| checked(facts, "no_observation"),
);

/// Interviews without a card.
pub(in crate::check) const CARDS_NOT_SUBMITTED: Rule = hygiene(
    "cards-not-submitted",
    "Share of cards that were never submitted",
    "A larger share than the limit of the seats in held interviews has no submitted card.",
    "Remind interviewers on the day of the interview, and hold no debrief without their cards.",
    0.2,
    |facts| checked(facts, "never_submitted"),
);

/// Cards that came too late to matter.
pub(in crate::check) const CARDS_AFTER_DECISION: Rule = hygiene(
    "cards-after-decision",
    "Share of cards written after the decision",
    "A larger share of cards than the limit is written after the loop was decided.",
    "A card that comes after the decision did not inform it: decide when the cards are in.",
    0.1,
    |facts| checked(facts, "after_decision"),
);

const fn hygiene(
    id: &'static str,
    title: &'static str,
    forbids: &'static str,
    advice: &'static str,
    default: f64,
    read: fn(&Facts<'_>) -> Vec<Case>,
) -> Rule {
    let limit = Some(Limit { default, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) });
    Rule { id, title, forbids, advice, limit, table: HYGIENE.name, figure: "rate", segments: true, read }
}

fn checked(facts: &Facts<'_>, check: &str) -> Vec<Case> {
    plain(facts, |row| is(row, "check", check))
}

fn audit(facts: &Facts<'_>) -> Vec<Case> {
    let of = |(row, place): (crate::metrics::rows::Row<'_>, super::Place)| {
        let item = row.text("item").unwrap_or_default().to_owned();
        let of = row.text("subject").unwrap_or("loop").to_owned();
        let title = row.text("title").unwrap_or(&item).trim_end_matches('.').to_owned();
        let evidence = row.text("evidence").map_or(String::new(), |text| format!(" {}", number::harmless(text)));
        // The plan is one that was assumed where nobody declared it: what it asks for was then never promised.
        let is_assumed = is(&row, "plan_from", "assumed");
        let (verdict, reason) = match row.text("state") {
            Some("met") => (Some(false), None),
            Some("not_met") if is_assumed => (None, Some("the plan is assumed; name yours in [plan]".to_owned())),
            Some("not_met") => (Some(true), None),
            _ => (None, row.text("needs").or(row.text("reason")).map(str::to_owned)),
        };
        let says = format!("{title} ({}): not met.{evidence}", number::harmless(&of));
        let mut one = case(&row, "share", place.and(&format!("{item}:{}", super::mark(&of)), &title));
        one.names.extend([item.clone(), format!("{item}:{of}")]);
        one.subject = if of == "loop" { title } else { format!("{title}, {}", number::harmless(&of)) };
        one.reason = reason.or(one.reason);
        Case { verdict, says, ..one }
    };
    segments(facts, PROCESS_AUDIT.name, |_| true).into_iter().map(of).collect()
}
