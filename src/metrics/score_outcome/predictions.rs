//! What the overall score predicts and what happened: by band, around the rule's cut-offs, and over time.

use super::events::{Case, Kind, Outcome};
use super::links::not_dated;
use super::people::People;
use super::rounds::{begin, nothing};
use super::tables::{CALIBRATION_FIT, SCORE_CALIBRATION, SCORE_CUTOFFS, STAY_CURVES};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{limits, standing, text};
use crate::stats::calibration::{Calibration, FEWEST_IN_BAND, calibrate};
use crate::stats::calibration_line::calibrate_line;
use crate::stats::cox::Stay;
use crate::stats::estimate::Interval;
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::means::{mean_of, welch};
use crate::stats::proportion::{newcombe, wilson};
use crate::stats::survival::Survival;

/// People of each outcome to predict at all, and for a verdict.
const PER_CLASS: (usize, usize) = (5, 10);
/// The cut-offs of the reference rule on a rubric from 1 to 4: below the first a core dimension rejects, from the second on
/// every dimension advances.
const CUTS: [i64; 2] = [2, 3];
/// How far from a cut-off somebody was just below or just above.
const NEAR: f64 = 0.5;
/// People for a verdict on a straight line.
const PEOPLE_FOR_LINE: usize = 30;
/// Bands of numeric outcomes.
const MOST_BANDS: usize = 5;
/// People at risk in a third below which its curve is not shown further.
const EXITS: usize = 5;

/// Calibration by band, and how well it holds for new people.
pub(super) fn calibration(outcomes: &[Outcome], people: &People, context: &Context<'_>) -> [ResultTable; 2] {
    let (mut bands, mut fits) = (ResultTable::new(&SCORE_CALIBRATION), ResultTable::new(&CALIBRATION_FIT));
    for outcome in outcomes.iter().filter(|outcome| !outcome.cases.is_empty() && outcome.name != "offer") {
        let Some(overall) = people.overall() else { continue };
        let (scores, cases) = outcome.beside(overall);
        match outcome.kind {
            Kind::Stay => {}
            Kind::Numeric => {
                numeric(&mut bands, outcome, &scores, &cases, people, context);
                fits.push(line(outcome, &scores, &cases, people));
            }
            _ => binary(&mut bands, &mut fits, outcome, &scores, &cases, people),
        }
    }
    nothing(&mut bands, &[("outcome_kind", text("numeric")), ("band", Cell::Int(1))]);
    nothing(&mut fits, &[("events", Cell::Int(0))]);
    [bands, fits]
}

fn binary(
    bands: &mut ResultTable,
    fits: &mut ResultTable,
    outcome: &Outcome,
    scores: &[f64],
    cases: &[Case],
    people: &People,
) {
    let outcomes: Vec<bool> = cases.iter().map(|case| case.value > 0.5).collect();
    let (n, events) = (outcomes.len(), outcomes.iter().filter(|with| **with).count());
    let few = events.min(n - events);
    let found = if few >= PER_CLASS.0 { calibrate(&[scores], &outcomes) } else { None };
    let method = format!("Firth's logistic regression, recentred; {}", people.window);
    let mut cells = begin(&outcome.name);
    cells.push(("events", Cell::Int(events as i64)));
    let Some(found) = found else {
        let reason = if few < PER_CLASS.0 {
            format!("only {few} of {n} people are on one side of the outcome; 5 are needed")
        } else {
            "everybody has the same score".to_owned()
        };
        let mut band = begin(&outcome.name);
        band.extend([("outcome_kind", text(outcome.kind.word())), ("band", Cell::Int(1))]);
        band.extend(standing(n as i64, method.clone(), Status::NotEstimable, Some(reason.clone())));
        bands.push(band);
        cells.extend(standing(n as i64, method, Status::NotEstimable, Some(reason)));
        fits.push(cells);
        return;
    };
    fit_row(&mut cells, &found);
    let thin = few < PER_CLASS.1;
    let reason = || thin.then(|| format!("only {few} of {n} people are on one side of the outcome"));
    let status = if thin { Status::Thin } else { Status::Ok };
    cells.extend(standing(n as i64, format!("{method}; bootstrap optimism"), status, reason()));
    fits.push(cells);
    // Bands are by prediction; with one score their order is that of the score or its reverse.
    let mut order: Vec<f64> = scores.to_vec();
    order.sort_unstable_by(f64::total_cmp);
    let rising = found.slope_of_score > 0.0;
    let mut in_order: Vec<_> = found.bands.iter().collect();
    if !rising {
        in_order.reverse();
    }
    let mut from = 0;
    for (at, band) in in_order.into_iter().enumerate() {
        let to = from + band.n;
        let mut cells = begin(&outcome.name);
        cells.extend([
            ("outcome_kind", text(outcome.kind.word())),
            ("band", Cell::Int(at as i64 + 1)),
            ("score_from", Cell::float(order.get(from).copied())),
            ("score_to", Cell::float(to.checked_sub(1).and_then(|last| order.get(last)).copied())),
            ("predicted", Cell::float(band.predicted)),
            ("observed", Cell::float(band.observed.share)),
        ]);
        let observed = Interval::new(band.observed.low, band.observed.high);
        cells.extend(limits(observed, ["observed_low", "observed_high"]));
        let small = band.n < FEWEST_IN_BAND;
        let status = if small || thin { Status::Thin } else { Status::Ok };
        let why = if small { Some(format!("{} people; 20 make a band", band.n)) } else { reason() };
        cells.extend(standing(band.n as i64, method.clone(), status, why));
        bands.push(cells);
        from = to;
    }
}

fn fit_row(cells: &mut Vec<(&'static str, Cell)>, found: &Calibration) {
    cells.push(("intercept", Cell::float(found.intercept)));
    cells.extend(limits(found.intercept_interval, ["intercept_low", "intercept_high"]));
    cells.push(("slope", Cell::float(found.slope)));
    cells.extend(limits(found.slope_interval, ["slope_low", "slope_high"]));
    cells.extend([
        ("brier", Cell::float(found.brier)),
        ("brier_of_share", Cell::float(found.brier_of_share)),
        ("auc", Cell::float(found.auc)),
        ("auc_optimism", Cell::float(found.auc_optimism)),
    ]);
}

/// Whether a straight line through numeric outcomes holds for new people.
fn line(outcome: &Outcome, scores: &[f64], cases: &[Case], people: &People) -> Vec<(&'static str, Cell)> {
    let n = scores.len();
    let values: Vec<f64> = cases.iter().map(|case| case.value).collect();
    let mut cells = begin(&outcome.name);
    let (status, reason) = match calibrate_line(scores, &values) {
        Some(found) => {
            let (intercept, ends) = if outcome.turned {
                (-found.intercept, turned(found.intercept_interval, true))
            } else {
                (found.intercept, found.intercept_interval)
            };
            cells.extend([
                ("intercept", Cell::float(intercept)),
                ("slope", Cell::float(found.slope)),
                ("brier", Cell::float(found.squared_error)),
                ("brier_of_share", Cell::float(found.squared_error_of_mean)),
            ]);
            cells.extend(limits(ends, ["intercept_low", "intercept_high"]));
            cells.extend(limits(found.slope_interval, ["slope_low", "slope_high"]));
            let thin = n < PEOPLE_FOR_LINE;
            let why = thin.then(|| format!("only {n} people have both; {PEOPLE_FOR_LINE} are needed for a verdict"));
            (if thin { Status::Thin } else { Status::Ok }, why)
        }
        None if n < FEWEST_IN_BAND => (Status::NotEstimable, Some(format!("only {n} people have both; 20 are needed"))),
        None => (Status::NotEstimable, Some("the scores or the outcome do not vary".to_owned())),
    };
    let method = format!("straight line, bootstrap optimism; {}", people.window);
    cells.extend(standing(n as i64, method, status, reason));
    cells
}

/// A straight line through numeric outcomes, and the means of bands of scores beside it.
fn numeric(
    out: &mut ResultTable,
    outcome: &Outcome,
    scores: &[f64],
    cases: &[Case],
    people: &People,
    context: &Context<'_>,
) {
    let n = scores.len();
    let method = format!("straight line on the same people; {}", people.window);
    let values: Vec<f64> = cases.iter().map(|case| case.value).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mx, my) = (mean(scores), mean(&values));
    let xx: f64 = scores.iter().map(|x| (x - mx).powi(2)).sum();
    let smallest = context.config.privacy.smallest_group.max(1) as usize;
    if n < FEWEST_IN_BAND.max(smallest) || xx <= 1e-9 {
        let reason =
            if xx <= 1e-9 && n > 0 { "everybody has the same score" } else { "fewer than 20 people make no band" };
        let mut cells = begin(&outcome.name);
        cells.extend([("outcome_kind", text(outcome.kind.word())), ("band", Cell::Int(1))]);
        cells.extend(standing(n as i64, method, Status::NotEstimable, Some(reason.to_owned())));
        out.push(cells);
        return;
    }
    let slope = scores.iter().zip(&values).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / xx;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(a.cmp(b)));
    let size = n.div_ceil((n / FEWEST_IN_BAND).clamp(1, MOST_BANDS));
    for (at, band) in order.chunks(size).enumerate() {
        let own: Vec<f64> = band.iter().map(|who| values[*who]).collect();
        let Some(seen) = mean_of(&own) else { continue };
        let predicted = band.iter().map(|who| my + slope * (scores[*who] - mx)).sum::<f64>() / band.len() as f64;
        let sign = if outcome.turned { -1.0 } else { 1.0 };
        let mut cells = begin(&outcome.name);
        cells.extend([
            ("outcome_kind", text(outcome.kind.word())),
            ("band", Cell::Int(at as i64 + 1)),
            ("score_from", Cell::float(band.first().map(|who| scores[*who]))),
            ("score_to", Cell::float(band.last().map(|who| scores[*who]))),
            ("predicted", Cell::float(sign * predicted)),
            ("observed", Cell::float(sign * seen.value)),
        ]);
        cells.extend(limits(turned(seen.interval, outcome.turned), ["observed_low", "observed_high"]));
        let thin = band.len() < FEWEST_IN_BAND;
        let status = if thin { Status::Thin } else { Status::Ok };
        let why = thin.then(|| format!("{} people; 20 make a band", band.len()));
        cells.extend(standing(band.len() as i64, method.clone(), status, why));
        out.push(cells);
    }
}

/// An interval of a turned figure, on its own scale.
fn turned(interval: Interval, turned: bool) -> Interval {
    if turned { Interval { low: interval.high.map(|x| -x), high: interval.low.map(|x| -x) } } else { interval }
}

/// One side of a cut-off.
struct Side {
    n: usize,
    value: Option<f64>,
    interval: Interval,
}

/// What happened to those just below and just above the cut-offs of the rule.
pub(super) fn cutoffs(outcomes: &[Outcome], people: &People, context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&SCORE_CUTOFFS);
    let smallest = context.config.privacy.smallest_group.max(1) as usize;
    let scores: Vec<(&str, &[Option<f64>])> = people
        .overall()
        .map(|overall| ("overall", overall.values.as_slice()))
        .into_iter()
        .chain([("lowest_dimension", people.lowest.as_slice())])
        .collect();
    for outcome in outcomes.iter().filter(|outcome| outcome.kind != Kind::Stay && !outcome.cases.is_empty()) {
        for (name, scores) in &scores {
            for rule in CUTS {
                let cut = rule as f64;
                let near = |from: f64, to: f64| -> Vec<f64> {
                    let held = |case: &&Case| {
                        let score = scores.get(case.person).copied().flatten();
                        score.is_some_and(|score| score >= from - 1e-9 && score < to - 1e-9)
                    };
                    outcome.cases.iter().filter(held).map(|case| case.value).collect()
                };
                let (below, above) = (near(cut - NEAR, cut), near(cut, cut + NEAR));
                let mut cells = begin(&outcome.name);
                cells.extend([
                    ("score", text(name)),
                    ("cut", Cell::Int(rule)),
                    ("below", Cell::Int(below.len() as i64)),
                    ("above", Cell::Int(above.len() as i64)),
                ]);
                let n = below.len() + above.len();
                let fewer = below.len().min(above.len());
                let method = format!("half a point to either side, no model; {}", people.window);
                let (status, reason) = if !people.has_rubric {
                    (Status::NotEstimable, Some("the rule's cut-offs are those of a rubric from 1 to 4".to_owned()))
                } else if fewer < smallest {
                    let reason = format!("only {fewer} people on one side of the cut-off; {smallest} are needed");
                    (Status::NotEstimable, Some(reason))
                } else if fewer < 20 {
                    (
                        Status::Thin,
                        Some(format!("only {fewer} people on one side of the cut-off; 20 are needed for a verdict")),
                    )
                } else {
                    (Status::Ok, None)
                };
                if status != Status::NotEstimable {
                    cells.extend(sides(outcome, &below, &above));
                }
                cells.extend(standing(n as i64, method, status, reason));
                out.push(cells);
            }
        }
    }
    nothing(
        &mut out,
        &[("score", text("overall")), ("cut", Cell::Int(CUTS[0])), ("below", Cell::Int(0)), ("above", Cell::Int(0))],
    );
    out
}

fn sides(outcome: &Outcome, below: &[f64], above: &[f64]) -> Vec<(&'static str, Cell)> {
    let binary = outcome.kind.is_binary();
    let side = |values: &[f64]| -> Side {
        let n = values.len();
        if binary {
            let with = values.iter().filter(|value| **value > 0.5).count();
            let share = wilson(with as i64, n as i64);
            let interval = share.map_or(Interval::NONE, |share| Interval::new(share.low, share.high));
            return Side { n, value: share.map(|share| share.share), interval };
        }
        let sign = if outcome.turned { -1.0 } else { 1.0 };
        let found = mean_of(values);
        let interval = found.map_or(Interval::NONE, |found| turned(found.interval, outcome.turned));
        Side { n, value: found.map(|found| sign * found.value), interval }
    };
    let (low, high) = (side(below), side(above));
    let difference = if binary {
        let share =
            |values: &[f64]| wilson(values.iter().filter(|value| **value > 0.5).count() as i64, values.len() as i64);
        share(above).zip(share(below)).map(|(above, below)| {
            let found = newcombe(&above, &below);
            (found.difference, Interval::new(found.low, found.high))
        })
    } else {
        let found = welch(above, below);
        let sign = if outcome.turned { -1.0 } else { 1.0 };
        found.map(|found| (sign * found.value, turned(found.interval, outcome.turned)))
    };
    debug_assert!(low.n + high.n == below.len() + above.len());
    let mut cells = vec![("below_value", Cell::float(low.value)), ("above_value", Cell::float(high.value))];
    cells.extend(limits(low.interval, ["below_value_low", "below_value_high"]));
    cells.extend(limits(high.interval, ["above_value_low", "above_value_high"]));
    if let Some((value, interval)) = difference {
        cells.push(("difference", Cell::float(value)));
        cells.extend(limits(interval, ["difference_low", "difference_high"]));
    }
    cells
}

/// How many stay, by third of the overall score.
pub(super) fn stay_curves(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&STAY_CURVES);
    for outcome in outcomes.iter().filter(|outcome| outcome.kind == Kind::Stay && !outcome.cases.is_empty()) {
        let Some(overall) = people.overall() else { continue };
        let (scores, cases) = outcome.beside(overall);
        let stays: Vec<Stay> = scores
            .iter()
            .zip(&cases)
            .filter_map(|(score, case)| Some(Stay { days: case.days?, left: case.value < 0.5, score: *score }))
            .collect();
        let left = stays.iter().filter(|stay| stay.left).count();
        let mut sorted: Vec<f64> = stays.iter().map(|stay| stay.score).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let cut = |third: usize| sorted.get(sorted.len() * third / 3).copied().unwrap_or(f64::INFINITY);
        let cuts = [cut(1), cut(2)];
        let refused = not_dated(&stays).or_else(|| {
            (left < EXITS || cuts[0] == cuts[1] || stays.len() < 30)
                .then(|| format!("{left} of {} people left; 5 of 30 are needed, with scores that differ", stays.len()))
        });
        let method = format!("Kaplan and Meier, log-log intervals; {}", people.window);
        if let Some(reason) = refused {
            let mut cells = begin(&outcome.name);
            cells.extend(["third", "day", "at_risk", "exits"].map(|name| (name, Cell::Int(0))));
            cells.extend(standing(stays.len() as i64, method, Status::NotEstimable, Some(reason)));
            out.push(cells);
            continue;
        }
        for third in 0..3 {
            let of = |score: f64| usize::from(score >= cuts[0]) + usize::from(score >= cuts[1]);
            let spells: Vec<Spell> = stays
                .iter()
                .filter(|stay| of(stay.score) == third)
                .map(|stay| Spell {
                    entry: 0,
                    exit: stay.days,
                    end: if stay.left { End::Decided } else { End::Open },
                    count: 1,
                })
                .collect();
            let curve = Survival::estimate(&LifeTable::from_spells(&spells), Event::Decided);
            for step in &curve.steps {
                let mut cells = begin(&outcome.name);
                cells.extend([
                    ("third", Cell::Int(third as i64 + 1)),
                    ("day", Cell::Int(step.time)),
                    ("at_risk", Cell::Int(step.at_risk)),
                    ("exits", Cell::Int(step.events)),
                    ("staying", Cell::float(step.survival.value)),
                ]);
                cells.extend(limits(step.survival.interval, ["staying_low", "staying_high"]));
                let thin = step.at_risk < EXITS as i64;
                let status = if thin { Status::Thin } else { Status::Ok };
                let why = thin.then(|| "fewer than 5 people are left to look at".to_owned());
                cells.extend(standing(spells.len() as i64, method.clone(), status, why));
                out.push(cells);
            }
        }
    }
    let zero = ["third", "day", "at_risk", "exits"].map(|name| (name, Cell::Int(0)));
    nothing(&mut out, &zero);
    out
}
