//! What stage redundancy finds worth acting on.

use std::collections::BTreeMap;

use super::tables::{DIMENSION_DISTINCTNESS, STAGE_PAIRS, STAGE_VALUE};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::ALL;
use crate::report::number::{self, plural};

/// Below this a round says little about a candidate by itself.
const RELIABLE: f64 = 0.7;
/// From this share on an alternative explanation is named.
const WORTH_NAMING: f64 = 0.2;

/// The rows of all loops.
pub(super) fn of_all<'t>(results: &'t Results, name: &str) -> Vec<Row<'t>> {
    rows(results, name).into_iter().filter(|row| row.text("segment_kind") == Some(ALL)).collect()
}

/// The row of a stage.
pub(super) fn stage<'t>(results: &'t Results, name: &str) -> Option<Row<'t>> {
    of_all(results, STAGE_VALUE.name).into_iter().find(|row| row.text("stage") == Some(name))
}

/// Whether a pair was never met because one stage took over from the other.
pub(super) fn is_taken_over(row: &Row<'_>) -> bool {
    row.text("reason").is_some_and(|reason| reason.starts_with("no candidate has both;"))
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let pairs = of_all(results, STAGE_PAIRS.name);
    let mut out: Vec<Finding> = pairs.iter().filter_map(|row| duplicate(results, row)).collect();
    out.extend(of_all(results, STAGE_VALUE.name).iter().filter_map(filters_nobody));
    out.extend(pairs.iter().filter(|row| is_taken_over(row)).filter_map(renamed));
    out.extend(halo(results));
    out
}

/// What a stage takes: `118 interviewer hours a quarter and 6.2 days of a loop`.
pub(super) fn takes(row: &Row<'_>) -> Option<String> {
    let hours = row
        .number("interviewer_hours")
        .filter(|hours| *hours > 0.0)
        .map(|hours| format!("{} interviewer hours a quarter", number::figure(hours)));
    let days = row.number("days_saved").map(|days| format!("{} days of a loop", number::days(days)));
    match (hours, days) {
        (Some(hours), Some(days)) => Some(format!("{hours} and {days}")),
        (hours, days) => hours.or(days),
    }
}

fn duplicate(results: &Results, row: &Row<'_>) -> Option<Finding> {
    if row.text("verdict") != Some("redundant") {
        return None;
    }
    let (a, b, drop) = (row.text("stage_a")?, row.text("stage_b")?, row.text("drop")?);
    let dropped = stage(results, drop)?;
    let basis = if row.number("disattenuated").is_some() { "disattenuated" } else { "corrected" };
    let mut statement = format!(
        "{a} and {b} measure the same: selection and noise aside, their correlation is {}.",
        row.interval(basis, number::figure)?
    );
    if let Some(takes) = takes(&dropped) {
        statement.push_str(&format!(" {drop} takes {takes}."));
    }
    if let Some(flips) = dropped.interval("flip_rate", number::percent) {
        let again = dropped.number("flip_rate_baseline");
        statement.push_str(&format!(
            " Without it {flips} of its candidates would be decided otherwise{}.",
            again.map_or_else(String::new, |again| format!(
                "; only holding it again would change {}",
                number::percent(again)
            ))
        ));
    }
    let reliability = dropped.number("reliability");
    let noisy = reliability.is_some_and(|reliability| reliability < RELIABLE);
    let mut advice = Vec::new();
    advice.push(if noisy {
        format!(
            "Hold one of them with two interviewers instead of both: {drop} by itself is noisy, and the second opinion is \
             worth more than the second date."
        )
    } else {
        match dropped.number("interviewers_to_make_up") {
            Some(0.0) => format!("Drop {drop}; nothing is lost that the others do not tell."),
            Some(more) => format!(
                "Drop {drop}, and seat {} more in the others: that makes up for what its opinion added.",
                plural(more as i64, "interviewer", "interviewers")
            ),
            None => format!("Drop {drop}, and seat another interviewer in the other rounds."),
        }
    });
    let seen = row.number("seen_share").filter(|share| *share >= WORTH_NAMING);
    if let Some(seen) = seen {
        advice.push(format!(
            "First rule out that the later card copies the earlier one, which was in before it for {} of candidates: hide \
             earlier cards until the own one is in, and look again.",
            number::percent(seen)
        ));
    }
    let met = row.number("same_interviewer_share").filter(|share| *share >= WORTH_NAMING);
    if let Some(met) = met {
        advice.push(format!(
            "{} of candidates met the same person in both; that alone makes them alike.",
            number::percent(met)
        ));
    }
    // Whoever meets the same person twice has one opinion, not two rounds that say the same.
    let level = if met.is_some() || row.status() != Status::Ok { Level::Look } else { Level::Act };
    let mut evidence = row.evidence(&[
        "corrected",
        "corrected_low",
        "corrected_high",
        "disattenuated",
        "disattenuated_low",
        "disattenuated_high",
        "seen_share",
        "same_interviewer_share",
        "n",
    ]);
    evidence.extend(dropped.evidence(&["flip_rate", "flip_rate_low", "flip_rate_high", "flip_rate_baseline"]));
    Some(Finding {
        id: format!("duplicate-rounds:{a}|{b}"),
        code: "duplicate-rounds",
        level,
        subject: format!("{a} and {b}"),
        statement,
        evidence,
        recommendation: advice.join(" "),
        status: row.status(),
        saves_hours: dropped.number("interviewer_hours"),
        saves_days: dropped.number("days_saved"),
        q_value: row.number("same_q_value"),
        table: STAGE_PAIRS.name,
    })
}

fn filters_nobody(row: &Row<'_>) -> Option<Finding> {
    if row.text("verdict") != Some("filters_nobody") {
        return None;
    }
    let name = row.text("stage")?;
    let takes = takes(row).map_or_else(String::new, |takes| format!(" It takes {takes}."));
    Some(Finding {
        id: format!("filters-nobody:{name}"),
        code: "filters-nobody",
        level: Level::Look,
        subject: name.to_owned(),
        statement: format!(
            "{name} lets {} of its candidates through.{takes}",
            row.interval("pass_rate", number::percent)?
        ),
        evidence: row.evidence(&["candidates", "pass_rate", "pass_rate_low", "pass_rate_high"]),
        recommendation: "As a gate it decides nothing. Keep it only if later rounds use what it tells, or candidates \
                         need it; else drop it or fold it into its neighbour."
            .to_owned(),
        status: row.status(),
        saves_hours: row.number("interviewer_hours"),
        saves_days: row.number("days_saved"),
        q_value: None,
        table: STAGE_VALUE.name,
    })
}

fn renamed(row: &Row<'_>) -> Option<Finding> {
    let (a, b) = (row.text("stage_a")?, row.text("stage_b")?);
    Some(Finding {
        id: format!("stage-renamed:{a}|{b}"),
        code: "stage-renamed",
        level: Level::Note,
        subject: format!("{a} and {b}"),
        statement: format!("{a} and {b}: {}.", row.text("reason")?),
        evidence: BTreeMap::from([("candidates_with_both".to_owned(), Cell::Int(0))]),
        recommendation: "Every figure by stage is made from half of the data until the two names are one.".to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: STAGE_PAIRS.name,
    })
}

fn halo(results: &Results) -> Option<Finding> {
    let all = rows(results, DIMENSION_DISTINCTNESS.name);
    let told: Vec<&Row<'_>> =
        all.iter().filter(|row| row.text("verdict") == Some("halo") && row.status() == Status::Ok).collect();
    let names: Vec<&str> = told.iter().filter_map(|row| row.text("dimension")).collect();
    let worst = told
        .iter()
        .min_by(|a, b| a.number("difference").unwrap_or(0.0).total_cmp(&b.number("difference").unwrap_or(0.0)))?;
    Some(Finding {
        id: "dimension-halo:all".to_owned(),
        code: "dimension-halo",
        level: Level::Note,
        subject: "rubric dimensions".to_owned(),
        statement: format!(
            "{} agree with other dimensions on the same card more than with themselves in other stages: {}. Of {}, the \
             correlation is {} on the card and {} across stages.",
            plural(names.len() as i64, "rubric dimension", "rubric dimensions"),
            names.join(", "),
            worst.text("dimension")?,
            worst.interval("same_stage", number::figure)?,
            worst.interval("same_trait", number::figure)?,
        ),
        evidence: worst.evidence(&["same_trait", "same_stage", "difference", "difference_low", "difference_high", "n"]),
        recommendation:
            "Read a card as one impression, not as several findings. Fewer dimensions per round, each with \
                         anchors and its own questions, would tell more."
                .to_owned(),
        status: worst.status(),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: DIMENSION_DISTINCTNESS.name,
    })
}
