//! What the waits say: findings, headline figure, section.

use super::super::Presented;
use super::super::segments::{ALL, QUARTER};
use super::super::wording::{
    As, anything_closed, blank, evidence, interval, measure, state, status_of, table, with_interval,
};
use super::{METRIC, STATES, WAITS};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::report::model::{Better, Caption, Chart, Figure, Measure, Stacked, Unit};
use crate::report::number;
use crate::time::Quarter;

/// Withdrawals below which a rate is a story about single candidates.
const FEWEST_WITHDRAWALS: f64 = 5.0;
/// Bars of segments in the picture.
const MOST_BARS: usize = 8;

fn row<'a>(waits: &'a ResultTable, kind: &'a str, segment: &'a str, state: &str) -> Option<&'a Vec<Cell>> {
    waits.segment(kind, segment).find(|row| waits.get(row, "state").as_text() == Some(state))
}

/// The waits of all loops that can be estimated, longest share first; being in an interview is no wait.
fn by_share(waits: &ResultTable) -> Vec<(&Vec<Cell>, f64)> {
    let mut rows: Vec<(&Vec<Cell>, f64)> = waits
        .segment(ALL, ALL)
        .filter(|row| waits.get(row, "state").as_text() != Some("in_interview"))
        .filter_map(|row| Some((row, waits.get(row, "share_of_elapsed").number()?)))
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    rows
}

pub(super) fn judge(results: &Results, context: &Context<'_>) -> Vec<Finding> {
    let Some(waits) = results.table(WAITS.name) else { return Vec::new() };
    let mut out = Vec::new();
    if !anything_closed(results) {
        return out;
    }
    out.extend(largest_wait(waits));
    out.extend(grown_wait(waits, context));
    out.extend(costly_wait(waits));
    out
}

fn largest_wait(waits: &ResultTable) -> Option<Finding> {
    let (row, share) = by_share(waits).into_iter().next()?;
    let get = |name: &str| waits.get(row, name).number();
    let words = state(waits.get(row, "state").as_text()?);
    let saves = get("days_saved_at_median");
    Some(Finding {
        id: format!("largest-wait:{}", waits.get(row, "state").as_text()?),
        code: "largest-wait",
        level: if status_of(waits, row) == Status::Ok { Level::Act } else { Level::Look },
        subject: words.to_owned(),
        statement: format!(
            "Loops spend {} of their time {words}: {} days per loop.",
            with_interval(share, get("share_of_elapsed_low"), get("share_of_elapsed_high"), number::percent),
            number::days(get("days_per_loop")?),
        ),
        evidence: evidence(waits, row, &["share_of_elapsed", "days_per_loop", "median_days", "p90_days", "days_saved_at_median", "n"]),
        recommendation: format!(
            "Begin here: agree on a limit for {words} near the present median, and name who answers for it.{}",
            saves.map_or(String::new(), |days| format!(
                " If none of these waits lasted longer than the median one, a loop would be {} days shorter on average.",
                number::days(days)
            ))
        ),
        status: status_of(waits, row),
        saves_hours: None,
        saves_days: saves,
        q_value: None,
        table: WAITS.name,
    })
}

/// A wait whose median in the last quarter lies above that of the quarter before, intervals apart.
fn grown_wait(waits: &ResultTable, context: &Context<'_>) -> Option<Finding> {
    let last = context.period.or_else(|| {
        waits
            .rows
            .iter()
            .filter(|row| waits.get(row, "segment_kind").as_text() == Some(QUARTER))
            .filter(|row| status_of(waits, row) == Status::Ok)
            .filter_map(|row| waits.get(row, "segment").as_text().and_then(Quarter::parse))
            .max()
    })?;
    let (now, before) = (last.to_string(), last.previous().to_string());
    let mut best: Option<(f64, Finding)> = None;
    for (name, words) in &STATES {
        let (Some(new), Some(old)) = (row(waits, QUARTER, &now, name), row(waits, QUARTER, &before, name)) else {
            continue;
        };
        let (Some(median), Some(low)) =
            (waits.get(new, "median_days").number(), waits.get(new, "median_days_low").number())
        else {
            continue;
        };
        let (Some(was), Some(high)) =
            (waits.get(old, "median_days").number(), waits.get(old, "median_days_high").number())
        else {
            continue;
        };
        let spells_per_loop =
            waits.get(new, "spells").number().unwrap_or(0.0) / waits.get(new, "n").number().unwrap_or(1.0).max(1.0);
        let saves = (median - was) * spells_per_loop;
        // Minutes are not worth a finding, however surely they grew.
        if low <= high || saves < 0.1 || best.as_ref().is_some_and(|(other, _)| *other >= saves) {
            continue;
        }
        let finding = Finding {
            id: format!("wait-grew:{name}"),
            code: "wait-grew",
            level: Level::Look,
            subject: (*words).to_owned(),
            statement: format!(
                "The median time of one stay {words} grew from {} days in {before} to {} days in {now}.",
                with_interval(was, waits.get(old, "median_days_low").number(), Some(high), number::days),
                with_interval(median, Some(low), waits.get(new, "median_days_high").number(), number::days),
            ),
            evidence: evidence(waits, new, &["median_days", "median_days_low", "median_days_high", "spells", "n"]),
            recommendation: "Ask what changed at the turn of the quarter: people, calendars, volume or a tool."
                .to_owned(),
            status: status_of(waits, new),
            saves_hours: None,
            saves_days: Some(saves),
            q_value: None,
            table: WAITS.name,
        };
        best = Some((saves, finding));
    }
    best.map(|(_, finding)| finding)
}

/// The wait in which candidates are lost at the highest rate, if it is clearly above the rate of all waits.
fn costly_wait(waits: &ResultTable) -> Option<Finding> {
    let rows: Vec<&Vec<Cell>> = waits.segment(ALL, ALL).collect();
    let sum = |name: &str| rows.iter().filter_map(|row| waits.get(row, name).number()).sum::<f64>();
    let overall = sum("withdrawals") / (sum("total_days") / 7.0).max(f64::MIN_POSITIVE);
    let (row, rate) = rows
        .iter()
        .filter(|row| waits.get(row, "state").as_text() != Some("in_interview"))
        .filter(|row| waits.get(row, "withdrawals").number().is_some_and(|n| n >= FEWEST_WITHDRAWALS))
        .filter(|row| waits.get(row, "withdrawals_per_week_low").number().is_some_and(|low| low > overall))
        .filter_map(|row| Some((*row, waits.get(row, "withdrawals_per_week").number()?)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let get = |name: &str| waits.get(row, name).number();
    let words = state(waits.get(row, "state").as_text()?);
    Some(Finding {
        id: format!("withdrawals-in-wait:{}", waits.get(row, "state").as_text()?),
        code: "withdrawals-in-wait",
        level: Level::Look,
        subject: words.to_owned(),
        statement: format!(
            "Candidates withdraw most often while {words}: {} for each week of it, against {} over all states.",
            with_interval(rate, get("withdrawals_per_week_low"), get("withdrawals_per_week_high"), number::percent),
            number::percent(overall),
        ),
        evidence: evidence(
            waits,
            row,
            &["withdrawals", "withdrawals_per_week", "withdrawals_per_week_low", "total_days"],
        ),
        recommendation: "Tell candidates what comes next and when while they wait here, and shorten it first for \
                         those you do not want to lose."
            .to_owned(),
        status: status_of(waits, row),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: WAITS.name,
    })
}

pub(super) fn present(results: &Results, context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(waits) = results.table(WAITS.name) else { return out };
    let shares = by_share(waits);
    let Some((first, share)) = shares.first() else {
        out.section.answer.push("Cannot tell: no loop has a timeline.".to_owned());
        out.section.limits.push(
            "Interviews with their scheduling and start times, and scorecards with their submission times, would tell."
                .to_owned(),
        );
        return out;
    };
    let get = |name: &str| waits.get(first, name).number();
    let words = state(waits.get(first, "state").as_text().unwrap_or_default());
    out.summary.push(format!("The largest part of the time, {}, is spent {words}.", number::percent(*share)));
    // Which wait is the largest differs between periods, so each can be compared.
    out.measures.extend(shares.iter().map(|(row, _)| time_share(waits, row)));
    let figure = Figure {
        label: format!("Time spent {words}"),
        value: number::percent(*share),
        interval: interval(get("share_of_elapsed_low"), get("share_of_elapsed_high"), number::percent, ""),
        note: get("days_per_loop").map(|days| format!("{} days per loop", number::days(days))),
    };
    out.headline(figure, time_share(waits, first));
    out.quarters = by_quarter(waits, waits.get(first, "state").as_text().unwrap_or_default());
    for (row, share) in shares.iter().take(3) {
        let get = |name: &str| waits.get(row, name).number();
        out.section.answer.push(format!(
            "{} of the time is spent {}: {} days per loop.",
            with_interval(*share, get("share_of_elapsed_low"), get("share_of_elapsed_high"), number::percent),
            state(waits.get(row, "state").as_text().unwrap_or_default()),
            number::days(get("days_per_loop").unwrap_or_default()),
        ));
    }
    let missing: Vec<&str> = waits
        .segment(ALL, ALL)
        .filter(|row| waits.get(row, "loops").number() == Some(0.0))
        .filter_map(|row| waits.get(row, "state").as_text().map(state))
        .collect();
    if !missing.is_empty() {
        out.section.limits.push(format!(
            "No loop was seen {}. If that happens in your loops, the export does not say when.",
            missing.join(", ")
        ));
    }
    out.section.charts.push(bars(waits, context));
    // Segments that are not shown, to protect people, have no number of loops; quarters are in the result table.
    let is_shown = |row: &&Vec<Cell>| {
        waits.get(row, "segment_kind").as_text() != Some(QUARTER) && waits.get(row, "loops").number().is_some()
    };
    let rows: Vec<&Vec<Cell>> = waits.rows.iter().filter(is_shown).collect();
    out.section.tables.push(table(
        "Elapsed time of all loops and of each segment, by what it was spent on",
        waits,
        &rows,
        waits.rows.len() - rows.len(),
        &[
            ("state", "State", As::State),
            ("segment_kind", "Dimension", As::Text),
            ("segment", "Segment", As::Text),
            ("loops", "Loops", As::Count),
            ("spells", "Stays", As::Count),
            ("share_of_elapsed", "Share of time", As::ShareInterval),
            ("days_per_loop", "Days per loop", As::Days),
            ("median_days", "Median stay, days", As::DaysInterval),
            ("p90_days", "90th percentile", As::DaysInterval),
            ("withdrawals_per_week", "Withdrawals per week", As::ShareInterval),
            ("status", "Status", As::Text),
        ],
    ));
    out
}

/// The share of time spent in one state, quarter by quarter.
fn by_quarter(waits: &ResultTable, state: &str) -> Vec<(Quarter, Measure)> {
    let rows = waits.rows.iter().filter(|row| {
        waits.get(row, "segment_kind").as_text() == Some(QUARTER) && waits.get(row, "state").as_text() == Some(state)
    });
    rows.filter_map(|row| Some((Quarter::parse(waits.get(row, "segment").as_text()?)?, time_share(waits, row))))
        .collect()
}

fn time_share(waits: &ResultTable, row: &[Cell]) -> Measure {
    let word = waits.get(row, "state").as_text().unwrap_or_default();
    let id = format!("time-share:{word}");
    Measure {
        label: format!("Time spent {}", state(word)),
        ..measure(id, waits, row, "share_of_elapsed", Unit::Share, Better::Lower)
    }
}

fn bars(waits: &ResultTable, context: &Context<'_>) -> Chart {
    let mut segments: Vec<(&str, &str)> = vec![(ALL, ALL)];
    if let Some(kind) = context.config.report.by.first() {
        let mut largest: Vec<(&str, f64)> = waits
            .rows
            .iter()
            .filter(|row| waits.get(row, "segment_kind").as_text() == Some(kind))
            .filter(|row| waits.get(row, "state").as_text() == STATES.first().map(|(name, _)| *name))
            .filter_map(|row| Some((waits.get(row, "segment").as_text()?, waits.get(row, "n").number()?)))
            .collect();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        segments.extend(largest.into_iter().take(MOST_BARS).map(|(segment, _)| (kind.as_str(), segment)));
    }
    let bar = |(kind, segment): (&str, &str)| {
        let days = STATES.iter().map(|(name, _)| {
            row(waits, kind, segment, name).and_then(|row| waits.get(row, "days_per_loop").number()).unwrap_or(0.0)
        });
        (if kind == ALL { "all loops".to_owned() } else { segment.to_owned() }, days.collect())
    };
    Chart::Stacked(Stacked {
        caption: Caption {
            title: "Days per loop, by what they are spent on".to_owned(),
            says: "Each bar is the mean elapsed time of a loop so far, partitioned into states; the longest part is \
                   where to begin."
                .to_owned(),
        },
        x_label: "days per loop".to_owned(),
        parts: STATES.iter().map(|(_, words)| (*words).to_owned()).collect(),
        bars: segments.into_iter().map(bar).collect(),
    })
}
