//! The words of scores against outcomes: findings, and the section of the report.

mod section;

use std::collections::BTreeMap;

use super::people::OVERALL;
use super::tables::{OUTCOME_POWER, SCORE_OUTCOME, WORK_SAMPLE};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::rows::{Row, rows};
use crate::report::number::{self, plural};

pub(super) use section::present;

/// Quarters beyond which nobody waits for an answer: three years.
const FAR_OFF: f64 = 12.0;
/// More than this share of ratings by the candidate's own interviewers is worth a word.
const SAME_RATERS: f64 = 0.2;

/// The rows of outcomes that later life decides.
pub(super) fn later<'t>(results: &'t Results, table: &str) -> Vec<Row<'t>> {
    let is_later = |row: &Row<'_>| row.text("outcome_kind") != Some("decision");
    rows(results, table).into_iter().filter(is_later).collect()
}

/// The overall score's row of an outcome.
pub(super) fn overall<'t>(results: &'t Results, outcome: &str) -> Option<Row<'t>> {
    let of = |row: &Row<'_>| row.text("outcome") == Some(outcome) && row.text("predictor") == Some(OVERALL);
    rows(results, SCORE_OUTCOME.name).into_iter().find(of)
}

/// The headline figure of a row in words, such as `a correlation of 0.18 (−0.13 to 0.46)`.
pub(super) fn strength(row: &Row<'_>) -> Option<String> {
    if let Some(value) = row.interval("pearson", number::figure) {
        return Some(format!("a correlation of {value}"));
    }
    if let Some(value) = row.interval("auc", number::figure) {
        return Some(format!("an area under the curve of {value}, where 0.5 is chance"));
    }
    row.interval("hazard_ratio", number::figure)
        .map(|value| format!("a rate of leaving of {value} times per standard deviation of the score"))
}

/// Why nothing can be told, as far as the row itself says it.
pub(super) fn still_possible(row: &Row<'_>) -> &'static str {
    let none = if row.number("auc").is_some() {
        0.5
    } else if row.number("hazard_ratio").is_some() {
        1.0
    } else {
        0.0
    };
    let name = ["pearson", "auc", "hazard_ratio"].into_iter().find(|name| row.number(name).is_some());
    let end = |end: &str| name.and_then(|name| row.number(&format!("{name}_{end}")));
    match (end("low"), end("high")) {
        (Some(low), Some(high)) if low < none && none < high => ", so that a link and none at all are both possible",
        (Some(_), Some(_)) if row.status() == Status::Ok => {
            ", which is not told from chance once all scores are looked at"
        }
        _ => "",
    }
}

/// What so many people could have shown, and when more will: the answer where nothing can be told.
pub(super) fn could_show(power: &Row<'_>) -> Option<String> {
    let people = power.number("people")? as i64;
    let kind = power.text("outcome_kind");
    let smallest = if kind == Some("numeric") {
        format!("correlations of {} or more", number::figure(power.number("smallest_correlation")?))
    } else if let Some(area) = power.number("smallest_auc") {
        format!("areas of {} or more", number::figure(area))
    } else if let Some(ratio) = power.number("smallest_hazard_ratio") {
        format!("rates of leaving of {} times or less", number::figure(ratio))
    } else {
        "no link at all".to_owned()
    };
    let of_them = match power.number("events").map(|events| events as i64) {
        Some(exits) if kind == Some("stay") => format!(", of whom {} left,", number::count(exits)),
        Some(with) => format!(", {} of them with it,", number::count(with)),
        None => String::new(),
    };
    let mut out = format!("{}{of_them} usually show {smallest}", plural(people, "person", "people"));
    let needed = power.number("people_for_usual")? as i64;
    if people < needed {
        out.push_str(&format!(
            "; a link as good interviews have it (0.25 as seen among hires) needs {}",
            number::count(needed)
        ));
        if let (Some(quarters), Some(pace)) = (power.number("quarters_needed"), power.number("people_per_quarter")) {
            out.push_str(&format!(
                ": {} more at {} a quarter{}",
                plural(quarters as i64, "quarter", "quarters"),
                number::figure(pace),
                if quarters > FAR_OFF { ", which is too far off to wait for" } else { "" }
            ));
        }
    }
    Some(format!("{out}."))
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let powers = later(results, OUTCOME_POWER.name);
    if powers.iter().all(|power| power.number("people").unwrap_or(0.0) == 0.0) {
        out.extend(nothing_known(results, &powers));
        return out;
    }
    for power in &powers {
        let Some(outcome) = power.text("outcome") else { continue };
        out.extend(overall(results, outcome).and_then(|row| of_overall(&row, power, outcome)));
        out.extend(same_raters(power, outcome));
    }
    out.extend(rows(results, WORK_SAMPLE.name).iter().filter_map(work_sample));
    out
}

fn nothing_known(results: &Results, powers: &[Row<'_>]) -> Option<Finding> {
    // Without any score there is nothing to hold outcomes against, and other findings say so.
    let scored = rows(results, OUTCOME_POWER.name).iter().any(|row| row.number("people").unwrap_or(0.0) > 0.0);
    let unusable = powers.iter().any(|row| row.number("never_scored").unwrap_or(0.0) > 0.0);
    if !scored && !unusable {
        return None;
    }
    let unused: f64 =
        powers.iter().filter_map(|row| Some(row.number("never_scored")? + row.number("before_decision")?)).sum();
    let why = if unused > 0.0 {
        format!(
            "{} on record cannot be used: the people were never scored, or the outcome is dated before the decision.",
            plural(unused as i64, "outcome", "outcomes")
        )
    } else {
        "No outcome of a hire is on record.".to_owned()
    };
    Some(Finding {
        id: "no-outcomes:all".to_owned(),
        code: "no-outcomes",
        level: Level::Note,
        subject: "outcomes".to_owned(),
        statement: format!("Whether scores say anything about what happens later cannot be told. {why}"),
        evidence: BTreeMap::from([("outcomes_unused".to_owned(), Cell::Int(unused as i64))]),
        recommendation:
            "Export a performance rating or whether hires are still there, with its date and who judged it, as \
                         the table outcomes; some 124 hires answer the question for a usual link."
                .to_owned(),
        status: Status::NotEstimable,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: OUTCOME_POWER.name,
    })
}

const EVIDENCE: &[&str] = &[
    "auc",
    "auc_low",
    "auc_high",
    "pearson",
    "pearson_low",
    "pearson_high",
    "hazard_ratio",
    "corrected",
    "p_value",
    "q_value",
    "n",
];

fn of_overall(row: &Row<'_>, power: &Row<'_>, outcome: &str) -> Option<Finding> {
    let exploratory = *row.table.get(row.cells, "exploratory") == Cell::Flag(true);
    let found = strength(row);
    let looked = if exploratory {
        " This outcome was not named beforehand, so it needs a second look at other hires."
    } else {
        ""
    };
    let (code, level, statement, recommendation) = match row.text("verdict") {
        Some("linked") => (
            "scores-linked",
            Level::Note,
            format!(
                "Higher scores go with better {outcome} among {}: {}, {}.{}{looked}",
                plural(row.number("n")? as i64, "hire", "hires"),
                found?,
                row.number("q_value").map(number::q_value)?,
                corrected(row)
            ),
            "Keep what the overall score rests on; the rounds' own rows say which of them carry it.".to_owned(),
        ),
        Some("linked_backwards") => (
            "scores-backwards",
            Level::Look,
            format!(
                "Higher scores go with worse {outcome} among {}: {}, {}.{looked}",
                plural(row.number("n")? as i64, "hire", "hires"),
                found?,
                row.number("q_value").map(number::q_value)?
            ),
            "Look at which round turns it round, and whether strong candidates are given harder jobs.".to_owned(),
        ),
        Some("no_useful_link") => (
            "scores-without-link",
            Level::Look,
            format!(
                "Among {} the overall score says next to nothing about {outcome}: {}. That is among people who were all \
                 good enough to be hired.",
                plural(row.number("n")? as i64, "hire", "hires"),
                found?
            ),
            "Ask what the rounds are meant to predict, and whether this outcome measures it.".to_owned(),
        ),
        Some("cannot_tell") => (
            "outcome-cannot-tell",
            Level::Note,
            format!(
                "Whether scores say anything about {outcome} cannot be told yet: {}{}. {}",
                found?,
                still_possible(row),
                could_show(power).unwrap_or_default()
            ),
            "Go on recording this outcome for every hire; name it under [outcomes] now, before the answer is in."
                .to_owned(),
        ),
        _ => return None,
    };
    Some(Finding {
        id: format!("{code}:{outcome}"),
        code,
        level,
        subject: outcome.to_owned(),
        statement: statement.trim_end().to_owned(),
        evidence: row.evidence(EVIDENCE),
        recommendation,
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: row.number("q_value"),
        table: SCORE_OUTCOME.name,
    })
}

/// The corrected correlation with its condition, if there is one.
pub(super) fn corrected(row: &Row<'_>) -> String {
    row.interval("corrected", number::figure).map_or(String::new(), |value| {
        format!(" Among all candidates the correlation would be {value}, if every selection variable is in the data.")
    })
}

fn same_raters(power: &Row<'_>, outcome: &str) -> Option<Finding> {
    let (same, people) = (power.number("same_rater")?, power.number("people")?);
    if people < 10.0 || same < SAME_RATERS * people {
        return None;
    }
    Some(Finding {
        id: format!("same-rater:{outcome}"),
        code: "same-rater",
        level: Level::Note,
        subject: outcome.to_owned(),
        statement: format!(
            "{} of {outcome} come from somebody who interviewed the same person: such a rating may repeat what the \
             interviewer thought then.",
            plural(same as i64, "rating", "ratings")
        ),
        evidence: power.evidence(&["same_rater", "people"]),
        recommendation:
            "Compare with same_rater = \"leave_out\" under [outcomes], and have somebody else rate as well.".to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: OUTCOME_POWER.name,
    })
}

fn work_sample(row: &Row<'_>) -> Option<Finding> {
    let q = row.number("q_value")?;
    if row.status() != Status::Ok || q > 0.05 {
        return None;
    }
    let (outcome, stage) = (row.text("outcome")?, row.text("stage")?);
    let better = row.number("difference")? > 0.0;
    Some(Finding {
        id: format!("work-sample:{outcome}"),
        code: "work-sample",
        level: Level::Look,
        subject: stage.to_owned(),
        statement: format!(
            "{stage} tells {outcome} {} than all other rounds together: {} against {}, a difference of {}, {}.",
            if better { "better" } else { "worse" },
            number::figure(row.number("work_sample")?),
            number::figure(row.number("others")?),
            row.interval("difference", number::figure)?,
            number::q_value(q)
        ),
        evidence: row.evidence(&["work_sample", "others", "difference", "difference_low", "difference_high", "n"]),
        recommendation: if better {
            "Give it more weight, and ask which other round it could replace.".to_owned()
        } else {
            "Look at how it is scored before asking for so many hours of work.".to_owned()
        },
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: Some(q),
        table: WORK_SAMPLE.name,
    })
}
