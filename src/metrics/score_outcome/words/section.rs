//! The section of the report: answers first, then pictures, then tables.

use std::collections::BTreeSet;

use super::super::METRIC;
use super::super::tables::{
    CALIBRATION_FIT, OUTCOME_POWER, ROUND_IMPORTANCE, SCORE_CALIBRATION, SCORE_CUTOFFS, SCORE_OUTCOME, STAY_CURVES,
    WORK_SAMPLE,
};
use super::{corrected, could_show, later, overall, still_possible, strength};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::wording::{As, blank, measure, status_of, table};
use crate::report::model::{
    Better, Caption, Chart, Curves, Figure, IntervalRow, Intervals, Measure, Series, Step, Unit,
};
use crate::report::number::{self, plural};

/// Outcomes with a picture of their own.
const PICTURED: usize = 3;
/// Below this p-value hazards are not called proportional. One in a hundred, since every score is checked.
const UNEVEN: f64 = 0.01;

pub(in super::super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let powers = later(results, OUTCOME_POWER.name);
    let known: Vec<&Row<'_>> =
        powers.iter().filter(|power| power.number("people").is_some_and(|people| people > 0.0)).collect();
    if known.is_empty() {
        out.section.answer = vec!["Cannot tell: no outcome of a hire is on record.".to_owned()];
        out.section.limits.push(
            "A performance rating or whether hires are still there, with its date and who judged it, would tell: as the table \
             outcomes, for some 124 hires."
                .to_owned(),
        );
    }
    // Outcomes that were to be asked about come first.
    let named = |power: &&&Row<'_>| *power.table.get(power.cells, "exploratory") != Cell::Flag(true);
    let first: Vec<&Row<'_>> =
        known.iter().filter(named).chain(known.iter().filter(|power| !named(power))).copied().collect();
    let mut said = BTreeSet::new();
    for power in &first {
        out.section.answer.extend(answer(results, power, &mut said));
    }
    if let Some(power) = first.first() {
        if let Some((figure, behind)) = figure(results, power) {
            out.headline(figure, behind);
        }
        out.summary.extend(summary(results, power));
    }
    let outcomes: Vec<&str> = first.iter().filter_map(|power| power.text("outcome")).take(PICTURED).collect();
    for outcome in &outcomes {
        out.section.charts.extend(forest(results, outcome));
        out.section.charts.extend(calibration(results, outcome));
    }
    out.section.charts.extend(stays(results));
    out.section.answer.extend(work_sample(results));
    out.section.tables.extend(listed(results));
    limits(&mut out, results, &first);
    out
}

/// One outcome's answer in a sentence or two; what so many people could have shown is said once.
fn answer(results: &Results, power: &Row<'_>, said: &mut BTreeSet<String>) -> Option<String> {
    let outcome = power.text("outcome")?;
    let row = overall(results, outcome)?;
    let found = strength(&row);
    let kind = if *row.table.get(row.cells, "exploratory") == Cell::Flag(true) { " (exploratory)" } else { "" };
    // Links are of outcomes turned so that more is better.
    let is_turned = *power.table.get(power.cells, "turned") == Cell::Flag(true);
    let [more, less] = if is_turned { ["less", "more"] } else { ["more", "less"] };
    let turned = if is_turned { ", turned so that less is better" } else { "" };
    let head = format!("{outcome}{kind}{turned}: ");
    let told = match (row.text("verdict"), found) {
        (Some("linked"), Some(found)) => format!("higher scores go with {more} of it, {found}.{}", corrected(&row)),
        (Some("linked_backwards"), Some(found)) => format!("higher scores go with {less} of it, {found}."),
        (Some("no_useful_link"), Some(found)) => format!("the overall score says next to nothing about it, {found}."),
        (Some(_), Some(found)) => {
            let why = still_possible(&row);
            let power = could_show(power).filter(|sentence| said.insert(sentence.clone())).unwrap_or_default();
            format!("cannot tell. The overall score has {found}{why}. {power}")
        }
        _ => format!("cannot tell, because {}.", row.text("reason").unwrap_or("the data do not say")),
    };
    Some(format!("{head}{}", told.trim_end()))
}

fn figure(results: &Results, power: &Row<'_>) -> Option<(Figure, Measure)> {
    let outcome = power.text("outcome")?;
    let row = overall(results, outcome)?;
    let (name, what) =
        if row.number("auc").is_some() { ("auc", "area under the curve") } else { ("pearson", "correlation") };
    let value = row.number(name);
    let ends = [row.number(&format!("{name}_low")), row.number(&format!("{name}_high"))];
    let id = format!("score-and-outcome:{outcome}");
    let behind = measure(id, row.table, row.cells, name, Unit::Number, Better::Higher);
    let figure = Figure {
        label: format!("Overall score and {outcome}, {what}"),
        value: value.map_or_else(|| "cannot tell".to_owned(), number::figure),
        interval: crate::metrics::wording::interval(ends[0], ends[1], number::figure, ""),
        note: Some(match row.text("verdict") {
            Some("linked") => plural(row.number("n")? as i64, "hire", "hires"),
            _ => format!("{}; too few to tell", plural(row.number("n")? as i64, "hire", "hires")),
        })
        .filter(|_| row.text("verdict") != Some("no_useful_link")),
    };
    Some((figure, Measure { looks_back: true, ..behind }))
}

fn summary(results: &Results, power: &Row<'_>) -> Option<String> {
    let outcome = power.text("outcome")?;
    let row = overall(results, outcome)?;
    match row.text("verdict")? {
        "linked" => Some(format!("Higher scores go with better {outcome} among hires.")),
        "linked_backwards" => Some(format!("Higher scores go with worse {outcome} among hires.")),
        _ => None,
    }
}

/// How each stage and dimension goes with an outcome.
fn forest(results: &Results, outcome: &str) -> Option<Chart> {
    let all = rows(results, SCORE_OUTCOME.name);
    let own: Vec<&Row<'_>> = all.iter().filter(|row| row.text("outcome") == Some(outcome)).collect();
    let by =
        ["auc", "pearson", "hazard_ratio"].into_iter().find(|name| own.iter().any(|row| row.number(name).is_some()))?;
    let (x_label, reference, says) = match by {
        "auc" => (
            "area under the curve",
            (0.5, "chance"),
            "the chance that somebody with it scored higher than somebody without",
        ),
        "pearson" => ("correlation", (0.0, "no link"), "the correlation with it"),
        _ => ("rate of leaving per standard deviation of the score", (1.0, "no link"), "the rate of leaving"),
    };
    let row = |row: &&Row<'_>| IntervalRow {
        name: row.text("predictor").unwrap_or_default().to_owned(),
        point: row.number(by),
        low: row.number(&format!("{by}_low")),
        high: row.number(&format!("{by}_high")),
        note: format!("n = {}", number::count(row.number("n").unwrap_or(0.0) as i64)),
    };
    Some(Chart::Intervals(Intervals {
        caption: Caption {
            title: format!("Each score against {outcome}"),
            says: format!(
                "For each score {says}, with its 95 % interval, among hires. An interval that holds the line is not told \
                 from no link."
            ),
        },
        x_label: x_label.to_owned(),
        rows: own.iter().map(row).collect(),
        reference: Some((reference.0, reference.1.to_owned())),
    }))
}

fn calibration(results: &Results, outcome: &str) -> Option<Chart> {
    let all = rows(results, SCORE_CALIBRATION.name);
    let own: Vec<&Row<'_>> =
        all.iter().filter(|row| row.text("outcome") == Some(outcome) && row.number("observed").is_some()).collect();
    if own.len() < 2 {
        return None;
    }
    let numeric = own.iter().any(|row| row.text("outcome_kind") == Some("numeric"));
    let shown = if numeric { number::figure } else { number::percent };
    let row = |row: &&Row<'_>| {
        let [from, to] =
            ["score_from", "score_to"].map(|name| row.number(name).map(number::figure).unwrap_or_default());
        IntervalRow {
            name: format!("scores {from} to {to}"),
            point: row.number("observed"),
            low: row.number("observed_low"),
            high: row.number("observed_high"),
            note: row.number("predicted").map(|value| format!("predicted {}", shown(value))).unwrap_or_default(),
        }
    };
    Some(Chart::Intervals(Intervals {
        caption: Caption {
            title: format!("{outcome} by band of the overall score"),
            says: "What was seen in each band of scores with its 95 % interval, and beside it what the score predicts."
                .to_owned(),
        },
        x_label: if numeric { outcome.to_owned() } else { format!("share with {outcome}") },
        rows: own.iter().map(row).collect(),
        reference: None,
    }))
}

fn stays(results: &Results) -> Option<Chart> {
    let all = rows(results, STAY_CURVES.name);
    let known: Vec<&Row<'_>> = all.iter().filter(|row| row.number("staying").is_some()).collect();
    let outcome = known.first()?.text("outcome")?;
    let series = |third: f64, name: &str| Series {
        name: name.to_owned(),
        steps: known
            .iter()
            .filter(|row| row.text("outcome") == Some(outcome) && row.number("third") == Some(third))
            .filter_map(|row| {
                Some(Step {
                    x: row.number("day")?,
                    y: row.number("staying")?,
                    low: row.number("staying_low"),
                    high: row.number("staying_high"),
                })
            })
            .collect(),
        until: None,
    };
    let x_max = known.iter().filter_map(|row| row.number("day")).fold(1.0, f64::max);
    Some(Chart::Curves(Curves {
        caption: Caption {
            title: "How long hires stay, by third of the overall score".to_owned(),
            says: "The share of hires still there by days since their start, one curve per third of scores.".to_owned(),
        },
        x_label: "days since the start".to_owned(),
        y_label: "share still there".to_owned(),
        series: vec![series(1.0, "lowest third"), series(2.0, "middle third"), series(3.0, "highest third")],
        marks: Vec::new(),
        x_max,
    }))
}

fn work_sample(results: &Results) -> Option<String> {
    let all = rows(results, WORK_SAMPLE.name);
    let row = all.iter().find(|row| row.status() != Status::NotEstimable)?;
    let measure = if row.text("measure") == Some("auc") { "area under the curve" } else { "correlation" };
    let decided = row.status() == Status::Ok && row.number("q_value").is_some_and(|q| q <= 0.05);
    Some(format!(
        "{} against all other rounds, for {}: {measure} {} against {}, a difference of {}; {}.",
        row.text("stage")?,
        row.text("outcome")?,
        number::figure(row.number("work_sample")?),
        number::figure(row.number("others")?),
        row.interval("difference", number::figure)?,
        if decided { "told from chance" } else { "which of the two tells more cannot be told" }
    ))
}

fn listed(results: &Results) -> Vec<crate::report::model::Table> {
    const MOST: usize = 30;
    let mut out = Vec::new();
    let mut add = |name: &str, caption: &str, columns: &[(&str, &str, As)]| {
        let Some(from) = results.table(name) else { return };
        // Offers and answers to them follow the scores; they would fill the table and say nothing about it.
        let decision = |row: &&Vec<Cell>| {
            let kind = from.position("outcome_kind").and_then(|_| from.get(row, "outcome_kind").as_text());
            kind == Some("decision")
        };
        let estimated = |row: &&Vec<Cell>| status_of(from, row) != Status::NotEstimable && !decision(row);
        let kept: Vec<&Vec<Cell>> = from.rows.iter().filter(estimated).collect();
        if !kept.is_empty() {
            let shown: Vec<&Vec<Cell>> = kept.iter().take(MOST).copied().collect();
            out.push(table(caption, from, &shown, from.rows.len() - shown.len(), columns));
        }
    };
    add(
        SCORE_OUTCOME.name,
        "Scores and outcomes",
        &[
            ("outcome", "Outcome", As::Text),
            ("predictor", "Score", As::Text),
            ("n", "People", As::Count),
            ("auc", "Area", As::FigureInterval),
            ("pearson", "Correlation", As::FigureInterval),
            ("corrected", "Corrected", As::FigureInterval),
            ("q_value", "q", As::P),
            ("verdict", "Verdict", As::Words),
        ],
    );
    add(
        ROUND_IMPORTANCE.name,
        "What each round and dimension adds",
        &[
            ("outcome", "Outcome", As::Text),
            ("stage", "Round or dimension", As::Text),
            ("r_squared", "All together", As::ShareInterval),
            ("lmg_share", "Its share", As::ShareInterval),
            ("delta_auc", "Area lost without", As::Figure),
            ("q_value", "q", As::P),
        ],
    );
    add(
        WORK_SAMPLE.name,
        "The work sample against all other rounds",
        &[
            ("outcome", "Outcome", As::Text),
            ("stage", "Work sample", As::Text),
            ("n", "People", As::Count),
            ("measure", "Measure", As::Words),
            ("work_sample", "Its own", As::Figure),
            ("others", "Other rounds", As::Figure),
            ("difference", "Difference", As::FigureInterval),
            ("q_value", "q", As::P),
        ],
    );
    add(
        CALIBRATION_FIT.name,
        "Do predictions from the overall score hold?",
        &[
            ("outcome", "Outcome", As::Text),
            ("slope", "Slope", As::FigureInterval),
            ("intercept", "Intercept", As::FigureInterval),
            ("brier", "Brier", As::Figure),
            ("brier_of_share", "Without scores", As::Figure),
        ],
    );
    add(
        SCORE_CUTOFFS.name,
        "Just below and just above the rule's cut-offs",
        &[
            ("outcome", "Outcome", As::Text),
            ("score", "Score", As::Words),
            ("cut", "Cut-off", As::Figure),
            ("below_value", "Below", As::FigureInterval),
            ("above_value", "Above", As::FigureInterval),
            ("difference", "Difference", As::FigureInterval),
        ],
    );
    out
}

fn limits(out: &mut Presented, results: &Results, powers: &[&Row<'_>]) {
    let links = rows(results, SCORE_OUTCOME.name);
    let limits = &mut out.section.limits;
    if let Some(reason) =
        links.iter().filter_map(|row| row.text("correction")).find(|reason| reason.starts_with("not corrected"))
    {
        let help = if reason.contains("settle") {
            " If chance alone decided besides the scores, decided_by = \"scores\" under [outcomes] says so."
        } else if reason.contains("all rounds") {
            " Rounds that changed their name can be joined under [stages.aliases]."
        } else {
            ""
        };
        limits.push(format!("Only hires have outcomes. Some links are {reason}.{help}"));
    }
    let uneven = links.iter().filter(|row| row.number("proportional_p").is_some_and(|p| p < UNEVEN));
    let uneven: Vec<&str> = uneven.filter_map(|row| row.text("predictor")).collect();
    if !uneven.is_empty() {
        limits.push(format!(
            "The rate of leaving does not go with {} in the same way at all ages (Schoenfeld's residuals, p below 0.01): one \
             ratio stands for early and late exits alike, and the curves show more.",
            uneven.join(", ")
        ));
    }
    let sample = rows(results, WORK_SAMPLE.name);
    if !powers.is_empty() && !sample.is_empty() && sample.iter().all(|row| row.status() == Status::NotEstimable) {
        let reason = sample.first().and_then(|row| row.text("reason")).unwrap_or("the data do not say");
        limits.push(format!("Whether a work sample tells more than other rounds cannot be told: {reason}."));
    }
    let sum = |name: &str| powers.iter().filter_map(|power| power.number(name)).fold(0.0, f64::max) as i64;
    let never = sum("never_scored");
    if never > 0 {
        limits.push(format!(
            "{} of people without a score on record say nothing here.",
            plural(never, "outcome", "outcomes")
        ));
    }
    let early = sum("before_decision");
    if early > 0 {
        limits.push(format!("{} dated before the decision and left out.", plural(early, "outcome is", "outcomes are")));
    }
    if let Some(method) = powers.first().and_then(|power| power.text("method")) {
        out.section.answer.push(format!("Method: {method}."));
    }
}
