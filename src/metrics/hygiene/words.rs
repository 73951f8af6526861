//! What hygiene says.

use std::collections::BTreeMap;

use super::METRIC;
use super::tables::HYGIENE;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::ALL;
use crate::metrics::wording::{As, blank, table};
use crate::report::model::{Caption, Chart, IntervalRow, Intervals};
use crate::report::number::{self, plural};

/// A check that a larger share fails is worth a word.
const MANY: f64 = 0.1;

fn words(check: &str) -> &str {
    match check {
        "missing_dimension" => "lack a score on a dimension of their stage",
        "no_observation" => "have nothing written on them",
        "short_observation" => "have less than a sentence on them",
        "judgement_only" => "have judgements instead of observations on them",
        "unanchored_scale" => "are on a scale without labelled levels",
        "never_submitted" => "were never submitted",
        "after_decision" => "came after the decision",
        "no_decider" => "name no decider",
        other => other,
    }
}

fn of_all<'t>(results: &'t Results) -> Vec<Row<'t>> {
    rows(results, HYGIENE.name).into_iter().filter(|row| row.text("segment_kind") == Some(ALL)).collect()
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let all = of_all(results);
    let many: Vec<&Row<'_>> = all
        .iter()
        .filter(|row| row.status() == Status::Ok && row.number("rate_low").is_some_and(|low| low > MANY))
        .collect();
    let told: Vec<String> = many
        .iter()
        .filter_map(|row| {
            let check = row.text("check")?;
            let records = if check == "no_decider" { " of decisions" } else { "" };
            Some(format!("{}{records} {}", row.interval("rate", number::percent)?, words(check)))
        })
        .collect();
    if told.is_empty() {
        return Vec::new();
    }
    let counts = many.iter().filter_map(|row| Some((row.text("check")?.to_owned(), Cell::float(row.number("rate")))));
    vec![Finding {
        id: "incomplete-records:all".to_owned(),
        code: "incomplete-records",
        level: Level::Look,
        subject: "scorecards".to_owned(),
        statement: format!("Of cards, {}.", told.join("; ")),
        evidence: counts.collect::<BTreeMap<String, Cell>>(),
        recommendation:
            "Make the dimensions and one observed sentence required fields of the card, due before the debrief."
                .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: HYGIENE.name,
    }]
}

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let all = of_all(results);
    let known: Vec<&Row<'_>> = all.iter().filter(|row| row.number("rate").is_some()).collect();
    if known.is_empty() {
        out.section.answer.push("Cannot tell: no scorecards are on record.".to_owned());
    } else {
        let failing = known.iter().filter(|row| row.number("rate_low").is_some_and(|low| low > MANY)).count() as i64;
        out.section.answer.push(format!(
            "{} done; {} by more than {} of records, told from chance.",
            plural(known.len() as i64, "check could be", "checks could be"),
            plural(failing, "is failed", "are failed"),
            number::percent(MANY)
        ));
        out.section
            .answer
            .extend(known.first().and_then(|row| row.text("method")).map(|method| format!("Method: {method}.")));
        out.section.charts.push(Chart::Intervals(Intervals {
            caption: Caption {
                title: "Records that fail a check".to_owned(),
                says: "Share of records that fail each check, with 95 % intervals.".to_owned(),
            },
            x_label: "% of records".to_owned(),
            rows: known
                .iter()
                .map(|row| {
                    let percent = |name: &str| row.number(name).map(|share| share * 100.0);
                    IntervalRow {
                        name: row.text("check").unwrap_or_default().replace('_', " "),
                        point: percent("rate"),
                        low: percent("rate_low"),
                        high: percent("rate_high"),
                        note: plural(row.number("n").unwrap_or(0.0) as i64, "record", "records"),
                    }
                })
                .collect(),
            reference: None,
        }));
    }
    if let Some(from) = results.table(HYGIENE.name) {
        let shown: Vec<&Vec<Cell>> = known.iter().map(|row| row.cells).collect();
        if !shown.is_empty() {
            let columns = [
                ("check", "Check", As::Words),
                ("cards", "Records", As::Count),
                ("failing", "Failing", As::Count),
                ("rate", "Share", As::ShareInterval),
                ("examples", "Such as", As::Text),
            ];
            out.section.tables.push(table("Checks", from, &shown, from.rows.len() - shown.len(), &columns));
        }
    }
    for row in all.iter().filter(|row| row.status() == Status::NotEstimable) {
        if let (Some(check), Some(reason)) = (row.text("check"), row.text("reason")) {
            out.section.limits.push(format!("Which cards {}: {reason}.", words(check)));
        }
    }
    out
}
