//! The words of sources: findings, and the section of the report.

use super::mismatch::ROUNDS_HELD;
use super::tables::{DOMAIN_MISMATCH, SOURCE_PASS_THROUGH, SOURCE_QUALITY};
use super::{ANY, METRIC};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::NOT_RECORDED;
use crate::metrics::wording::{As, blank, status_of, table};
use crate::report::model::{Caption, Chart, IntervalRow, Intervals};
use crate::report::number::{self, plural};

fn channels(results: &Results) -> Vec<Row<'_>> {
    rows(results, SOURCE_QUALITY.name).into_iter().filter(|row| row.text("fit") == Some(ANY)).collect()
}

/// Channels told from the others: the row, and whether it is the better side.
fn told<'r, 't>(all: &'r [Row<'t>]) -> impl Iterator<Item = (&'r Row<'t>, bool)> {
    all.iter().filter_map(|row| {
        let apart = row.status() == Status::Ok && row.number("q_value").is_some_and(|q| q <= 0.05);
        apart.then(|| row.number("higher_than_others").map(|chance| (row, chance > 0.5)))?
    })
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let all = channels(results);
    let mut out: Vec<Finding> =
        told(&all).filter(|(_, better)| !better).filter_map(|(row, _)| low_floor(row)).collect();
    let costs = rows(results, DOMAIN_MISMATCH.name);
    out.extend(costs.iter().filter(|row| row.text("measure") != Some(ROUNDS_HELD)).find_map(mismatch));
    out
}

fn low_floor(row: &Row<'_>) -> Option<Finding> {
    let source = row.text("source").filter(|source| *source != NOT_RECORDED)?;
    Some(Finding {
        id: format!("low-floor:{source}"),
        code: "low-floor",
        level: Level::Look,
        subject: source.to_owned(),
        statement: format!(
            "Candidates from {source} score lower in the first round than others: the chance that one scores higher than a \
             candidate of another channel is {}, {}; one in ten scores below {}.",
            row.interval("higher_than_others", number::figure)?,
            row.number("q_value").map(number::q_value)?,
            number::figure(row.number("first_round_p10")?)
        ),
        evidence: row.evidence(&[
            "higher_than_others",
            "first_round_p10",
            "first_round_mean",
            "offer_rate",
            "q_value",
            "n",
        ]),
        recommendation: "Say in this channel what the first round asks for, or screen on paper before a person's hour."
            .to_owned(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: row.number("q_value"),
        table: SOURCE_QUALITY.name,
    })
}

/// A measure in words.
fn measure(name: &str) -> String {
    match name.split_once(": ") {
        Some(("pass_through", stage)) => format!("pass-through of {stage}"),
        Some((_, outcome)) => outcome.to_owned(),
        None => match name {
            "first_round_mean" => "score in the first round".to_owned(),
            "offer_rate" => "share of offers".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn shown(row: &Row<'_>) -> fn(f64) -> String {
    let share = row.text("measure").is_some_and(|name| name.starts_with("pass_through") || name == "offer_rate");
    if share { number::percent } else { number::figure }
}

fn mismatch(row: &Row<'_>) -> Option<Finding> {
    let q = row.number("q_value").filter(|q| *q <= 0.05 && row.status() == Status::Ok)?;
    let difference = row.number("difference").filter(|difference| *difference > 0.0)?;
    let format = shown(row);
    Some(Finding {
        id: "domain-mismatch:all".to_owned(),
        code: "domain-mismatch",
        level: Level::Look,
        subject: "domain mismatch".to_owned(),
        statement: format!(
            "Candidates whose specialism is not the role's do worse: {} {} against {}, a difference of {}, {}.",
            measure(row.text("measure")?),
            format(row.number("mismatch_value")?),
            format(row.number("match_value")?),
            row.interval("difference", format).unwrap_or_else(|| format(difference)),
            number::q_value(q)
        ),
        evidence: row.evidence(&[
            "match_value",
            "mismatch_value",
            "difference",
            "difference_low",
            "difference_high",
            "n",
        ]),
        recommendation:
            "Ask for the specialism in the first conversation, where it costs half an hour and not a whole loop."
                .to_owned(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: Some(q),
        table: DOMAIN_MISMATCH.name,
    })
}

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let all = channels(results);
    let known: Vec<&Row<'_>> = all.iter().filter(|row| row.number("first_round_p10").is_some()).collect();
    if known.is_empty() {
        let why = all.first().and_then(|row| row.text("reason")).unwrap_or("nobody was scored");
        out.section.answer = vec![format!("Cannot tell: {why}.")];
        out.section.limits.push(
            "The channel of each application and scores of the first round would tell, for 10 candidates or more each."
                .to_owned(),
        );
        return out;
    }
    out.section.answer.extend(answer(&all, &known));
    out.section.answer.extend(cost(results));
    out.section
        .answer
        .extend(known.first().and_then(|row| row.text("method")).map(|method| format!("Method: {method}.")));
    out.section.charts.extend(floors(&known));
    out.section.tables.extend(listed(results));
    let costs = rows(results, DOMAIN_MISMATCH.name);
    if costs.iter().all(|row| row.status() == Status::NotEstimable) {
        let reason = costs.first().and_then(|row| row.text("reason")).unwrap_or("nobody mismatches");
        out.section.limits.push(format!(
            "What a domain mismatch costs cannot be told: {reason}. The columns specialism and role_specialism of \
             applications would tell."
        ));
    }
    out
}

fn answer(all: &[Row<'_>], known: &[&Row<'_>]) -> Vec<String> {
    let named = |better: bool| -> Vec<String> {
        told(all)
            .filter(|(_, own)| *own == better)
            .filter_map(|(row, _)| Some(row.text("source")?.to_owned()))
            .collect()
    };
    let (higher, lower) = (named(true), named(false));
    let mut out = Vec::new();
    if higher.is_empty() && lower.is_empty() {
        out.push(format!(
            "No channel's candidates are told from the others' in the first round, among {}.",
            plural(known.len() as i64, "channel", "channels")
        ));
    }
    if !higher.is_empty() {
        out.push(format!("Candidates from {} score higher in the first round than others.", higher.join(", ")));
    }
    if !lower.is_empty() {
        out.push(format!("Candidates from {} score lower in the first round than others.", lower.join(", ")));
    }
    let floor = |row: &&&Row<'_>| row.number("first_round_p10").unwrap_or(f64::INFINITY);
    let order = |a: &&&Row<'_>, b: &&&Row<'_>| floor(a).total_cmp(&floor(b));
    if let (Some(low), Some(high)) = (known.iter().min_by(order), known.iter().max_by(order))
        && known.len() > 1
        && let (Some(worst), Some(best)) =
            (low.interval("first_round_p10", number::figure), high.interval("first_round_p10", number::figure))
    {
        out.push(format!(
            "The floor (one in ten scores lower) is lowest at {worst} for {} and highest at {best} for {}.",
            low.text("source").unwrap_or_default(),
            high.text("source").unwrap_or_default()
        ));
    }
    out
}

/// What a mismatch costs, in one sentence.
fn cost(results: &Results) -> Option<String> {
    let costs = rows(results, DOMAIN_MISMATCH.name);
    let row = costs.iter().find(|row| row.text("measure") == Some("offer_rate"))?;
    let value = row.interval("difference", number::percent)?;
    let decided = row.number("q_value").is_some_and(|q| q <= 0.05);
    let rounds = costs.iter().find(|row| row.text("measure") == Some(ROUNDS_HELD));
    // Loops per offer, and rounds per offer where they are known.
    let per_offer = |name: &str| {
        let loops = row.number(name).filter(|rate| *rate > 0.0).map(|rate| 1.0 / rate)?;
        let held = rounds.and_then(|rounds| rounds.number(name)).map(|held| held * loops);
        let held = held.map_or(String::new(), |held| format!(" and {} rounds", number::figure(held)));
        Some(format!("{} loops{held}", number::figure(loops)))
    };
    Some(match (per_offer("match_value"), per_offer("mismatch_value"), decided) {
        (Some(own), Some(other), true) => format!(
            "A domain mismatch costs: an offer takes {other} instead of {own} (shares of offers differ by {value})."
        ),
        _ => format!("What a domain mismatch costs in offers cannot be told from chance: the difference is {value}."),
    })
}

fn floors(known: &[&Row<'_>]) -> Option<Chart> {
    let row = |row: &&Row<'_>| IntervalRow {
        name: row.text("source").unwrap_or_default().to_owned(),
        point: row.number("first_round_p10"),
        low: row.number("first_round_p10_low"),
        high: row.number("first_round_p10_high"),
        note: plural(row.number("n").unwrap_or(0.0) as i64, "candidate", "candidates"),
    };
    (known.len() > 1).then(|| {
        Chart::Intervals(Intervals {
            caption: Caption {
                title: "The floor of each channel".to_owned(),
                says: "The score in the first round below which one in ten candidates of a channel lies, with its 95 % interval."
                    .to_owned(),
            },
            x_label: "score points".to_owned(),
            rows: known.iter().map(row).collect(),
            reference: None,
        })
    })
}

fn listed(results: &Results) -> Vec<crate::report::model::Table> {
    const MOST: usize = 30;
    let mut out = Vec::new();
    let mut add =
        |name: &str, caption: &str, keep: &dyn Fn(&ResultTable, &[Cell]) -> bool, columns: &[(&str, &str, As)]| {
            let Some(from) = results.table(name) else { return };
            let wanted = |row: &&Vec<Cell>| status_of(from, row) != Status::NotEstimable && keep(from, row);
            let kept: Vec<&Vec<Cell>> = from.rows.iter().filter(wanted).collect();
            if !kept.is_empty() {
                let shown: Vec<&Vec<Cell>> = kept.iter().take(MOST).copied().collect();
                out.push(table(caption, from, &shown, from.rows.len() - shown.len(), columns));
            }
        };
    let whole = |table: &ResultTable, row: &[Cell]| table.get(row, "fit").as_text() == Some(ANY);
    add(
        SOURCE_QUALITY.name,
        "Channels",
        &whole,
        &[
            ("source", "Channel", As::Text),
            ("loops", "Loops", As::Count),
            ("scored", "Scored", As::Count),
            ("first_round_p10", "Floor", As::FigureInterval),
            ("first_round_mean", "Mean, first round", As::FigureInterval),
            ("offer_rate", "Offers", As::ShareInterval),
            ("outcome_mean", "Outcome", As::FigureInterval),
            ("q_value", "q", As::P),
        ],
    );
    add(
        SOURCE_PASS_THROUGH.name,
        "Pass-through by round",
        &whole,
        &[
            ("source", "Channel", As::Text),
            ("stage", "Round", As::Text),
            ("n", "Decided", As::Count),
            ("pass_through", "Went on", As::ShareInterval),
        ],
    );
    add(
        DOMAIN_MISMATCH.name,
        "Specialism of the role against another",
        &|_, _| true,
        &[
            ("measure", "Measure", As::Words),
            ("match_value", "Match", As::Figure),
            ("mismatch_value", "Mismatch", As::Figure),
            ("difference", "Difference", As::FigureInterval),
            ("q_value", "q", As::P),
        ],
    );
    out
}
