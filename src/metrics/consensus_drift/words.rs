//! What consensus drift says: findings, headline figures, section. It accuses nobody: what is found is a dependence, a date
//! or a rate, and what it may mean stands beside it.

use super::METRIC;
use super::pictures;
use super::tables::{DRIFT_ANCHOR, DRIFT_EXPOSURE, DRIFT_ORDER, DRIFT_RATES, DRIFT_TREND_TESTS, REVISIONS, TURNAROUND};
use crate::engine::metric::Context;
use crate::engine::results::Status;
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::ALL;
use crate::metrics::wording::{self, blank, interval};
use crate::report::model::{Better, Figure, Measure, Unit};
use crate::report::number::{self, plural};

/// A larger share of late cards is worth a word.
const MANY_LATE: f64 = 0.2;

/// What keeps an absence of order dependence from meaning much; the figures are those of `benches/drift_study.md`.
const POWER: &str = "That the order of cards shows nothing is weak evidence: where cards go a quarter of the way to the mean of \
                     those before, 100 panels of four show it in 16 of 100 cases by their order, and in 61 by exposure where \
                     half of the panels are exposed.";
/// Why direction alone means little.
const REGRESSION: &str = "Who is far from the others looks again more often, and a score given anew from there goes toward them \
                          without any influence (regression to the mean); the rate and what was decided say more than the \
                          direction.";

/// The row of all with a value in a column.
fn of_all<'t>(results: &'t Results, table: &str, column: &str, value: &str) -> Option<Row<'t>> {
    rows(results, table)
        .into_iter()
        .find(|row| row.text("segment_kind") == Some(ALL) && row.text(column) == Some(value))
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let mut out: Vec<Finding> = [exposure(results), late(results), outside(results)].into_iter().flatten().collect();
    out.extend(after_debrief(results));
    out.extend(after_decision(results));
    out.extend(anchors(results));
    out.extend(trends(results));
    out
}

fn finding(code: &'static str, subject: &str, level: Level, row: &Row<'_>, table: &'static str) -> Finding {
    Finding {
        id: format!("{code}:{subject}"),
        code,
        level,
        subject: subject.to_owned(),
        statement: String::new(),
        evidence: std::collections::BTreeMap::new(),
        recommendation: String::new(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: row.number("q_value"),
        table,
    }
}

fn exposure(results: &Results) -> Option<Finding> {
    let row = of_all(results, DRIFT_EXPOSURE.name, "contrast", "pairs")?;
    if row.text("verdict") != Some("closer") {
        return None;
    }
    // Where the same interviewers differ no less when exposed, those who are late may just be other people.
    let within = of_all(results, DRIFT_EXPOSURE.name, "contrast", "within_interviewers");
    let within = within.filter(|row| row.status() != Status::NotEstimable).and_then(|row| row.number("ratio"));
    let same_people = match within {
        Some(ratio) if ratio < 1.0 => " The same holds within interviewers.",
        Some(_) => " Within interviewers it does not hold, so that those who are late may be other people.",
        None => "",
    };
    let worth = row.number("usual_cards").zip(row.number("independent_opinions"));
    Some(Finding {
        statement: format!(
            "Scores given in knowledge of others lie closer together: their squared differences are {} times those of scores \
             given without.{same_people}{}",
            row.interval("ratio", number::figure)?,
            worth.map_or(String::new(), |(cards, opinions)| format!(
                " {} exposed cards are worth {} independent opinions.",
                number::figure(cards),
                number::figure(opinions)
            ))
        ),
        evidence: row.evidence(&["ratio", "ratio_low", "ratio_high", "blind_panels", "exposed_panels", "q_value"]),
        recommendation:
            "Let everybody submit before the debrief and before seeing others' cards; people may then change \
                         their minds, and the record shows from where."
                .to_owned(),
        ..finding(
            "exposure-dependence",
            "independence of scores",
            if within.is_some_and(|ratio| ratio >= 1.0) { Level::Note } else { Level::Look },
            &row,
            DRIFT_EXPOSURE.name,
        )
    })
}

fn anchors(results: &Results) -> Vec<Finding> {
    let drawn = |row: &Row<'_>| row.text("verdict") == Some("drawn");
    let words = |test: &str| match test {
        "hiring_manager" => Some(("cards that come in after the hiring manager's", "the hiring manager's card")),
        "first_score" => Some(("cards given in knowledge of a panel's first", "the first card")),
        "majority" => Some(("cards given in knowledge of others", "the mean of those before them")),
        _ => None,
    };
    rows(results, DRIFT_ANCHOR.name)
        .iter()
        .filter(|row| drawn(row))
        .filter_map(|row| {
            let (who, to) = words(row.text("test")?)?;
            Some(Finding {
                statement: format!(
                    "{}{} lie closer to {to} than chance leads to expect: their mean distance less that of chance is {} \
                     points.",
                    who[..1].to_uppercase(),
                    &who[1..],
                    row.interval("mean_deviation", number::figure)?
                ),
                evidence: row.evidence(&[
                    "mean_deviation",
                    "mean_deviation_low",
                    "mean_deviation_high",
                    "n",
                    "q_value",
                ]),
                recommendation: "Let cards be submitted without knowledge of each other, the hiring manager's last in \
                                 sight."
                    .to_owned(),
                ..finding("drawn-scores", to, Level::Look, row, DRIFT_ANCHOR.name)
            })
        })
        .collect()
}

fn after_debrief(results: &Results) -> Option<Finding> {
    let [before, after] =
        ["before_debrief", "after_debrief"].map(|moment| of_all(results, REVISIONS.name, "moment", moment));
    let (before, after) = (before?, after?);
    if after.status() != Status::Ok || after.number("changed_low")? <= before.number("changed_high")? {
        return None;
    }
    let toward = after.interval("toward_share", number::percent);
    Some(Finding {
        statement: format!(
            "After the debrief {} of cards are changed, before it {}.{} {REGRESSION}",
            after.interval("changed", number::percent)?,
            before.interval("changed", number::percent)?,
            toward.map_or(String::new(), |toward| format!(" Of the changes, {toward} go toward the others.")),
        ),
        evidence: after.evidence(&["cards", "changed_cards", "changed", "toward", "away", "mean_approach"]),
        recommendation:
            "Keep the first score and add the later one with its reason, so that the record shows what the \
                         debrief changed."
                .to_owned(),
        ..finding("revised-after-debrief", "changed scores", Level::Look, &after, REVISIONS.name)
    })
}

fn after_decision(results: &Results) -> Option<Finding> {
    let row = of_all(results, REVISIONS.name, "moment", "after_decision")?;
    let changed = row.number("changed_cards")? as i64;
    if changed == 0 || row.status() == Status::NotEstimable {
        return None;
    }
    Some(Finding {
        statement: format!(
            "{} changed after the decision, {} of those of decided loops.",
            plural(changed, "card was", "cards were"),
            row.interval("changed", number::percent)?
        ),
        evidence: row.evidence(&["cards", "changed_cards", "changed_scores", "toward", "away", "seen_in_exports"]),
        recommendation: "Close cards with the decision; what is learned later belongs into a note of its own."
            .to_owned(),
        ..finding("revised-after-decision", "changed scores", Level::Note, &row, REVISIONS.name)
    })
}

fn late(results: &Results) -> Option<Finding> {
    let row = of_all(results, DRIFT_RATES.name, "measure", "late")?;
    if row.status() != Status::Ok || row.number("rate_low")? <= MANY_LATE {
        return None;
    }
    let turnaround = rows(results, TURNAROUND.name).into_iter().find(|row| row.text("segment_kind") == Some(ALL));
    let median = turnaround.and_then(|row| row.interval("median_hours", number::figure));
    let missing = rows(results, TURNAROUND.name)
        .iter()
        .find(|row| row.text("segment_kind") == Some(ALL))
        .and_then(|row| row.number("missing"));
    Some(Finding {
        statement: format!(
            "{} of cards come late: after the debrief, after the decision or past the allowed hours.{}{}",
            row.interval("rate", number::percent)?,
            median.map_or(String::new(), |median| format!(" Half of all cards are in after {median} hours.")),
            missing.filter(|missing| *missing > 0.0).map_or(String::new(), |missing| format!(
                " {} still missing.",
                plural(missing as i64, "card is", "cards are")
            )),
        ),
        evidence: row.evidence(&["cards", "events", "rate", "rate_low", "rate_high"]),
        recommendation:
            "Book a quarter of an hour for the card right after the interview; hold the debrief when all cards are \
                         in."
            .to_owned(),
        ..finding("late-cards", "time of cards", Level::Look, &row, DRIFT_RATES.name)
    })
}

fn outside(results: &Results) -> Option<Finding> {
    let all = rows(results, DRIFT_RATES.name);
    let above: Vec<&Row<'_>> = all.iter().filter(|row| row.text("verdict") == Some("above")).collect();
    let count = |kind: &str, one: &str, more: &str| {
        let mut names: Vec<&str> = above
            .iter()
            .filter(|row| row.text("segment_kind") == Some(kind))
            .filter_map(|row| row.text("segment"))
            .collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| plural(names.len() as i64, one, more))
    };
    let who: Vec<String> = [
        count("interviewer", "interviewer", "interviewers"),
        count("department", "department", "departments"),
        count("quarter", "quarter", "quarters"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let first = above.first()?;
    Some(Finding {
        statement: format!(
            "{} outside of what chance explains in how many cards come late or are changed.",
            match who.as_slice() {
                [one] if one.starts_with("1 ") => format!("{one} lies"),
                who => format!("{} lie", who.join(" and ")),
            }
        ),
        evidence: std::collections::BTreeMap::from([(
            "rates".to_owned(),
            crate::engine::results::Cell::Int(above.len() as i64),
        )]),
        recommendation: "Ask what makes it so, such as interviews late in the day; the rates are no ranking of people."
            .to_owned(),
        ..finding("rates-outside-chance", "late and changed cards", Level::Note, first, DRIFT_RATES.name)
    })
}

/// A measure in words, and the direction in which it says that independence is lost.
pub(super) fn measure(name: &str) -> (&str, &str) {
    match name {
        "exposure_ratio" => ("the ratio of exposed to blind differences", "falling"),
        "late_share" => ("the share of late cards", "rising"),
        "revision_share" => ("the share of changed cards", "rising"),
        "override_rate" => ("the share of overridden records", "rising"),
        "panel_spread" => ("the spread within panels", "falling"),
        other => (other, ""),
    }
}

fn trends(results: &Results) -> Vec<Finding> {
    rows(results, DRIFT_TREND_TESTS.name)
        .iter()
        .filter_map(|row| {
            let (words, bad) = measure(row.text("measure")?);
            let verdict = row.text("verdict").filter(|verdict| *verdict != "not_distinguishable")?;
            Some(Finding {
                statement: format!(
                    "Over {} {words} is {verdict}, by {} per quarter.",
                    plural(row.number("quarters")? as i64, "quarter", "quarters"),
                    row.interval("slope", number::figure)?
                ),
                evidence: row.evidence(&["slope", "slope_low", "slope_high", "q_value", "quarters"]),
                recommendation: "Look for what changed between the first and the last of these quarters.".to_owned(),
                ..finding(
                    "drift-trend",
                    words,
                    if verdict == bad { Level::Look } else { Level::Note },
                    row,
                    DRIFT_TREND_TESTS.name,
                )
            })
        })
        .collect()
}

pub(super) fn present(results: &Results, context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(main) = of_all(results, DRIFT_EXPOSURE.name, "contrast", "pairs") else { return out };
    match main.text("verdict") {
        Some("closer") => out.section.answer.push(format!(
            "Scores given in knowledge of others lie closer together than scores given without: the ratio of their squared \
             differences is {}. They may have been talked together, or share evidence that the others lack.",
            main.interval("ratio", number::figure).unwrap_or_default()
        )),
        Some("further") => out.section.answer.push(format!(
            "Scores given in knowledge of others lie further apart than scores given without: the ratio of their squared \
             differences is {}.",
            main.interval("ratio", number::figure).unwrap_or_default()
        )),
        Some(_) => out.section.answer.push(format!(
            "Scores given in knowledge of others and scores given without differ alike as far as can be told; the ratio of \
             their squared differences is {}.",
            main.interval("ratio", number::figure).unwrap_or_default()
        )),
        None if main.number("ratio").is_some() => out.section.answer.push(format!(
            "Too little for a verdict ({}): the ratio of squared differences of exposed to blind scores is {}.",
            main.text("reason").unwrap_or("few panels"),
            main.interval("ratio", number::figure).unwrap_or_default()
        )),
        None => out
            .section
            .answer
            .push(format!("Cannot tell whether scores depend on exposure: {}.", main.text("reason").unwrap_or("no data"))),
    }
    if let Some(order) = of_all(results, DRIFT_ORDER.name, "test", "successive_cards")
        && let Some(p) = order.number("p_value")
    {
        let p = number::stated('p', p);
        out.section.answer.push(match order.text("verdict") {
            Some("too_close") => {
                format!("Successive cards of a panel lie closer than most orders would make them ({p}).")
            }
            Some("too_far") => {
                format!("Successive cards of a panel lie further apart than most orders would make them ({p}).")
            }
            _ => format!("The order in which cards came in shows nothing ({p}). {POWER}"),
        });
    }
    revised(&mut out, results);
    if let Some(row) = of_all(results, DRIFT_RATES.name, "measure", "late")
        && let Some(rate) = row.number("rate")
    {
        let figure = Figure {
            label: "Late cards".to_owned(),
            value: number::percent(rate),
            interval: interval(row.number("rate_low"), row.number("rate_high"), number::percent, ""),
            note: Some(plural(row.number("n").unwrap_or(0.0) as i64, "card", "cards")),
        };
        let behind = wording::measure("late-cards", row.table, row.cells, "rate", Unit::Share, Better::Lower);
        out.headline(figure, Measure { looks_back: true, ..behind });
    }
    out.section.charts = pictures::charts(results);
    out.section.tables = pictures::tables(results);
    limits(&mut out, results);
    out.section.answer.extend(main.text("method").map(|method| format!("Method: {method}.")));
    if context.config.drift.visibility == crate::config::drift::Visibility::Immediate {
        out.section.limits.push(format!(
            "Cards visible at once leave hardly a blind pair: only those submitted within {} minutes of each other.",
            number::figure(context.config.drift.unread_minutes)
        ));
    }
    out
}

fn revised(out: &mut Presented, results: &Results) {
    let told = |moment: &str| {
        let row = of_all(results, REVISIONS.name, "moment", moment)?;
        row.interval("changed", number::percent)
    };
    if let (Some(before), Some(after)) = (told("before_debrief"), told("after_debrief")) {
        out.section
            .answer
            .push(format!("Of cards, {before} were changed before the debrief and {after} after it. {REGRESSION}"));
    }
}

/// What could not be answered, each reason once.
fn limits(out: &mut Presented, results: &Results) {
    let mut seen: Vec<&str> = Vec::new();
    for (table, words) in [
        (DRIFT_EXPOSURE.name, "Exposure"),
        (DRIFT_ORDER.name, "Order of cards"),
        (DRIFT_ANCHOR.name, "Anchors"),
        (REVISIONS.name, "Changed scores"),
        (DRIFT_RATES.name, "Rates"),
        (TURNAROUND.name, "Turnaround"),
    ] {
        for row in rows(results, table).iter().filter(|row| row.text("segment_kind") == Some(ALL)) {
            if row.status() != Status::Ok
                && let Some(reason) = row.text("reason").filter(|reason| !seen.contains(reason))
            {
                seen.push(reason);
                out.section.limits.push(format!("{words}: {reason}."));
            }
        }
    }
    let touched: f64 = rows(results, REVISIONS.name).iter().filter_map(|row| row.number("touched_unknown")).sum();
    if touched > 0.0 {
        out.section.limits.push(format!(
            "{} touched after submission without saying what changed; successive exports would tell.",
            plural(touched as i64, "card was", "cards were")
        ));
    }
}
