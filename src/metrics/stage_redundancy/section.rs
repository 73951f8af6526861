//! The part of the report on stage redundancy: words and layout only.

use super::METRIC;
use super::tables::{DIMENSION_DISTINCTNESS, EFFECTIVE_ROUNDS, STAGE_PAIRS, STAGE_VALUE};
use super::words::{is_taken_over, of_all, takes};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, Status};
use crate::engine::run::Results;
use crate::metrics::Presented;
use crate::metrics::rows::Row;
use crate::metrics::wording::{As, blank, interval, measure, status_of, table};
use crate::report::model::{Better, Caption, Chart, Figure, HeatCell, Heatmap, Measure, Scatter, ScatterPoint, Unit};
use crate::report::number::{self, plural};

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let (pairs, stages) = (of_all(results, STAGE_PAIRS.name), of_all(results, STAGE_VALUE.name));
    if stages.is_empty() {
        out.section.answer = vec!["No scores of interviewers are on record.".to_owned()];
        out.section
            .limits
            .push("Scorecards with the stage they belong to would tell which rounds repeat others.".to_owned());
        return out;
    }
    answer(&mut out, results, &pairs, &stages);
    out.section.charts.extend(heatmap(&pairs, &stages));
    out.section.charts.extend(scatter(&stages));
    listed(&mut out, results);
    limits(&mut out, &pairs, &stages);
    out
}

fn names(rows: &[&Row<'_>]) -> String {
    let pair = |row: &&Row<'_>| {
        format!("{} and {}", row.text("stage_a").unwrap_or_default(), row.text("stage_b").unwrap_or_default())
    };
    rows.iter().map(pair).collect::<Vec<_>>().join("; ")
}

fn answer(out: &mut Presented, results: &Results, pairs: &[Row<'_>], stages: &[Row<'_>]) {
    let told = |verdict: &str| pairs.iter().filter(|row| row.text("verdict") == Some(verdict)).collect::<Vec<_>>();
    let (same, overlapping) = (told("redundant"), told("overlapping"));
    let known = pairs.iter().filter(|row| row.text("verdict").is_some()).count() as i64;
    if known == 0 {
        let why = pairs.iter().find_map(|row| row.text("reason")).unwrap_or("only one round is scored");
        out.section.answer.push(format!("Cannot tell: {why}."));
    } else {
        out.section.answer.push(match same.len() {
            0 => {
                format!("Of {}, none is told to measure the same.", plural(known, "pair of rounds", "pairs of rounds"))
            }
            _ => format!("Rounds that measure the same: {}.", names(&same)),
        });
        out.section.answer.push(format!(
            "{} overlapping{}, {} distinct, {} not to be told yet.",
            number::count(overlapping.len() as i64),
            if overlapping.is_empty() { String::new() } else { format!(" ({})", names(&overlapping)) },
            number::count(told("distinct").len() as i64),
            number::count(told("inconclusive").len() as i64),
        ));
    }
    if let Some(first) = same.first() {
        out.summary.push(format!("{} tell the same thing twice.", names(&[first])));
    }
    if let Some(costly) = stages.iter().filter(|row| row.number("interviewer_hours").is_some()).max_by(|a, b| {
        a.number("interviewer_hours").unwrap_or(0.0).total_cmp(&b.number("interviewer_hours").unwrap_or(0.0))
    }) && let (Some(name), Some(takes)) = (costly.text("stage"), takes(costly))
    {
        out.section.answer.push(format!("The round with most hours is {name}: {takes}."));
    }
    let effective = of_all(results, EFFECTIVE_ROUNDS.name);
    if let Some(row) = effective.first()
        && let (Some(value), Some(of)) = (row.number("effective"), row.number("rounds"))
    {
        let figure = Figure {
            label: "Rounds in effect".to_owned(),
            value: format!("{} of {}", number::figure(value), number::count(of as i64)),
            interval: interval(row.number("effective_low"), row.number("effective_high"), number::figure, ""),
            note: Some("how many unrelated rounds would tell as much; noise makes it larger".to_owned()),
        };
        // So many of another number of rounds are another figure.
        let id = format!("effective-rounds:{}", of as i64);
        let behind = measure(id, row.table, row.cells, "effective", Unit::Number, Better::Neither);
        out.headline(figure, Measure { looks_back: true, ..behind });
    }
    let method = pairs.iter().chain(stages).find_map(|row| row.text("method"));
    out.section.answer.extend(method.map(|method| format!("Method: {method}.")));
}

fn heatmap(pairs: &[Row<'_>], stages: &[Row<'_>]) -> Option<Chart> {
    // Stages by most candidates, then in the order of the loop.
    let mut shown: Vec<&Row<'_>> = stages.iter().filter(|row| row.number("n").is_some_and(|n| n > 0.0)).collect();
    shown.sort_by(|a, b| b.number("n").unwrap_or(0.0).total_cmp(&a.number("n").unwrap_or(0.0)));
    shown.truncate(12);
    shown.sort_by(|a, b| a.number("position").unwrap_or(0.0).total_cmp(&b.number("position").unwrap_or(0.0)));
    let names: Vec<&str> = shown.iter().filter_map(|row| row.text("stage")).collect();
    let place = |name: Option<&str>| names.iter().position(|own| Some(*own) == name);
    let cell = |row: &Row<'_>| {
        Some(HeatCell {
            row: place(row.text("stage_b"))?,
            column: place(row.text("stage_a"))?,
            value: row.number("corrected"),
            low: row.number("corrected_low"),
            high: row.number("corrected_high"),
            note: format!(
                "{}; {}",
                plural(row.number("n").unwrap_or(0.0) as i64, "candidate", "candidates"),
                row.text("verdict").unwrap_or("cannot tell")
            ),
        })
    };
    let cells: Vec<HeatCell> = pairs.iter().filter_map(cell).collect();
    let known = cells.iter().filter(|cell| cell.value.is_some()).count();
    (known > 0).then(|| {
        Chart::Heatmap(Heatmap {
            caption: Caption {
                title: "How alike the rounds score".to_owned(),
                says: format!(
                    "Correlation of each pair of rounds in all candidates, selection taken out and noise left in, with its 95 % \
                     interval; {} in the order of the loop.",
                    plural(names.len() as i64, "round", "rounds")
                ),
            },
            value_label: "correlation".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            cells,
        })
    })
}

fn scatter(stages: &[Row<'_>]) -> Option<Chart> {
    let point = |row: &Row<'_>| {
        let own = 1.0 - row.number("r2_from_others")?;
        Some(ScatterPoint {
            name: row.text("stage")?.to_owned(),
            x: row.number("interviewer_hours")?,
            y: 100.0 * own,
            note: row.number("days_saved").map_or_else(String::new, |days| format!("{} days", number::days(days))),
        })
    };
    let points: Vec<ScatterPoint> = stages.iter().filter_map(point).collect();
    (points.len() > 1).then(|| {
        Chart::Scatter(Scatter {
            caption: Caption {
                title: "What rounds cost, and what they alone tell".to_owned(),
                says: "Interviewer hours of each round per quarter, and the share of its variance that no other round \
                       predicts, noise included. Low and to the right is dear and tells little of its own."
                    .to_owned(),
            },
            x_label: "interviewer hours a quarter".to_owned(),
            y_label: "% of its variance that no other round predicts".to_owned(),
            points,
        })
    })
}

fn listed(out: &mut Presented, results: &Results) {
    const MOST: usize = 21;
    let all = |from: &crate::engine::results::ResultTable, row: &[Cell]| {
        from.get(row, "segment_kind").as_text() == Some("all")
    };
    if let Some(from) = results.table(STAGE_PAIRS.name) {
        let mut kept: Vec<&Vec<Cell>> =
            from.rows.iter().filter(|row| all(from, row) && status_of(from, row) != Status::NotEstimable).collect();
        let by = |row: &Vec<Cell>| {
            let value = |name: &str| from.get(row, name).number();
            value("disattenuated").or(value("corrected")).unwrap_or(-1.0)
        };
        kept.sort_by(|a, b| by(b).total_cmp(&by(a)));
        if !kept.is_empty() {
            let shown: Vec<&Vec<Cell>> = kept.iter().take(MOST).copied().collect();
            out.section.tables.push(table(
                "Pairs of rounds, most alike first",
                from,
                &shown,
                from.rows.len() - shown.len(),
                &[
                    ("stage_a", "Round", As::Text),
                    ("stage_b", "Later round", As::Text),
                    ("pearson", "As seen", As::Figure),
                    ("corrected", "In all candidates", As::FigureInterval),
                    ("disattenuated", "Noise aside", As::FigureInterval),
                    ("verdict", "Verdict", As::Words),
                    ("design", "By design", As::Words),
                    ("n", "Candidates", As::Count),
                    ("n_needed", "Needed", As::Count),
                ],
            ));
        }
    }
    if let Some(from) = results.table(STAGE_VALUE.name) {
        let kept: Vec<&Vec<Cell>> = from.rows.iter().filter(|row| all(from, row)).collect();
        let shown: Vec<&Vec<Cell>> = kept.iter().take(MOST).copied().collect();
        out.section.tables.push(table(
            "What each round costs and gives",
            from,
            &shown,
            from.rows.len() - shown.len(),
            &[
                ("stage", "Round", As::Text),
                ("candidates", "Candidates", As::Count),
                ("pass_rate", "Passes", As::ShareInterval),
                ("interviewer_hours", "Interviewer hours a quarter", As::Figure),
                ("days_saved", "Days", As::DaysInterval),
                ("r2_from_others", "Told by others", As::ShareInterval),
                ("flip_rate", "Decisions that change without it", As::ShareInterval),
                ("flip_rate_baseline", "If held again", As::Share),
                ("verdict", "Verdict", As::Words),
            ],
        ));
    }
    if let Some(from) = results.table(DIMENSION_DISTINCTNESS.name) {
        let kept: Vec<&Vec<Cell>> =
            from.rows.iter().filter(|row| status_of(from, row) != Status::NotEstimable).take(MOST).collect();
        if !kept.is_empty() {
            out.section.tables.push(table(
                "Rubric dimensions: with themselves across rounds, and with others on the same card",
                from,
                &kept,
                from.rows.len() - kept.len(),
                &[
                    ("dimension", "Dimension", As::Text),
                    ("same_trait", "Across rounds", As::FigureInterval),
                    ("same_stage", "On the same card", As::FigureInterval),
                    ("difference", "Difference", As::FigureInterval),
                    ("verdict", "Verdict", As::Words),
                ],
            ));
        }
    }
}

fn limits(out: &mut Presented, pairs: &[Row<'_>], stages: &[Row<'_>]) {
    for row in pairs.iter().filter(|row| is_taken_over(row)) {
        out.section.limits.push(format!("{}: {}.", names(&[row]), row.text("reason").unwrap_or_default()));
    }
    let few = pairs.iter().filter(|row| row.status() == Status::NotEstimable && !is_taken_over(row)).count() as i64;
    if few > 0 {
        out.section.limits.push(format!(
            "{} cannot be compared: too few candidates have both, or their scores hardly vary.",
            plural(few, "pair of rounds", "pairs of rounds")
        ));
    }
    let open = pairs.iter().filter(|row| row.text("verdict") == Some("inconclusive"));
    if let Some(needed) = open.filter_map(|row| row.number("n_needed")).min_by(f64::total_cmp) {
        out.section.limits.push(format!(
            "The first open pair would be settled by {} with both rounds.",
            plural(needed as i64, "candidate", "candidates")
        ));
    }
    if stages.iter().all(|row| row.number("reliability").is_none()) {
        out.section.limits.push(
            "Too few candidates met two interviewers in one round, so noise is not known: seat a second one in any round \
             for 30 candidates."
                .to_owned(),
        );
    } else if stages.iter().any(|row| row.text("reliability_from") == Some("all_panels")) {
        out.section.limits.push(
            "The noise of rounds with one interviewer is taken from rounds with more: it holds if their cards are as noisy."
                .to_owned(),
        );
    }
    if let Some(row) = pairs.iter().find(|row| row.number("seen_share").is_some_and(|share| share > 0.5)) {
        out.section.limits.push(format!(
            "Later cards are mostly written when the earlier ones are in ({} of candidates in {}): whoever reads them may \
             agree with them. Only hiding them tells.",
            row.number("seen_share").map(number::percent).unwrap_or_default(),
            names(&[row])
        ));
    }
}
