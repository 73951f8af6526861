//! One score against one outcome.

use std::collections::BTreeSet;

use super::correction::{Correction, corrections, selection};
use super::events::{Case, Kind, Outcome};
use super::people::{Of, People, Predictor};
use super::tables::SCORE_OUTCOME;
use crate::config::outcomes::DecidedBy;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::association::{Association, biserial, hedges_g, pearson, spearman};
use crate::stats::benjamini_hochberg;
use crate::stats::cox::{Concordance, Cox, PENALISED_BELOW, Stay, concordance, cox};
use crate::stats::discrimination::{AtScore, Auc, ScoreCounts, auc};
use crate::stats::estimate::Interval;
use crate::stats::logistic::{Coefficient, Design, firth};

/// People of each outcome to compute an area, and for a verdict on it.
const PER_CLASS: (i64, i64) = (5, 10);
/// People to compute a correlation, and for a verdict on it.
pub(super) const PEOPLE: (usize, usize) = (10, 30);
/// Exits to fit stays, and for a verdict.
const EXITS: (usize, usize) = (5, 10);
/// More distinct scores than this are fitted in hundredths of a point.
const MOST_SCORES: usize = 2_000;

/// The name of no outcome at all.
pub(super) const NOTHING: &str = "(none)";
/// What is said where there is none.
pub(super) const NO_OUTCOMES: &str = "no outcomes are on record";

/// How a score goes with an outcome.
#[derive(Default)]
pub(super) struct Link {
    n: usize,
    events: Option<i64>,
    auc: Option<Auc>,
    pearson: Option<Association>,
    spearman: Option<Association>,
    biserial: Option<f64>,
    hedges_g: Option<f64>,
    odds: Option<(Coefficient, f64)>,
    cox: Option<(Cox, f64)>,
    concordance: Option<Concordance>,
    p: Option<f64>,
    status: Option<Status>,
    reason: Option<String>,
}

impl Link {
    fn refused(n: usize, events: Option<i64>, reason: impl Into<String>) -> Self {
        Self { n, events, status: Some(Status::NotEstimable), reason: Some(reason.into()), ..Self::default() }
    }

    fn is_estimated(&self) -> bool {
        self.status != Some(Status::NotEstimable)
    }
}

fn spread(scores: &[f64]) -> Option<f64> {
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let sd = (scores.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    (n > 1.0 && sd > 1e-9).then_some(sd)
}

/// Whether all values are the same, but for rounding.
pub(super) fn is_constant(values: &[f64]) -> bool {
    values.iter().all(|value| values.first().is_none_or(|first| (value - first).abs() < 1e-9))
}

pub(super) fn link(outcome: &Outcome, predictor: &Predictor) -> Link {
    let (scores, cases) = outcome.beside(predictor);
    match outcome.kind {
        Kind::Stay => stay(&scores, &cases),
        kind if kind.is_binary() => binary(&scores, &cases),
        _ => numeric(&scores, &cases),
    }
}

fn binary(scores: &[f64], cases: &[Case]) -> Link {
    let outcomes: Vec<bool> = cases.iter().map(|case| case.value > 0.5).collect();
    let (n, with) = (scores.len(), outcomes.iter().filter(|with| **with).count() as i64);
    let without = n as i64 - with;
    let few = with.min(without);
    let events = Some(with);
    if n == 0 {
        return Link::refused(n, events, "nobody has both the score and the outcome");
    }
    if few == 0 {
        return Link::refused(n, events, "everybody has the same outcome");
    }
    if few < PER_CLASS.0 {
        return Link::refused(
            n,
            events,
            format!("only {few} of {n} people are on one side of the outcome; 5 are needed"),
        );
    }
    if is_constant(scores) {
        return Link::refused(n, events, "everybody has the same score");
    }
    let counts = counted(scores, &outcomes, 1000.0);
    let area = auc(&counts);
    let numbers: Vec<f64> = outcomes.iter().map(|with| f64::from(u8::from(*with))).collect();
    let point = pearson(scores, &numbers);
    let odds = spread(scores).and_then(|sd| {
        let coarse = if counts.at.len() > MOST_SCORES { Some(counted(scores, &outcomes, 100.0)) } else { None };
        let unit = if coarse.is_some() { 100.0 } else { 1000.0 };
        let middle = scores.iter().sum::<f64>() / n as f64;
        let design = Design::of_scores(coarse.as_ref().unwrap_or(&counts), middle * unit, sd * unit);
        firth(&design)?.coefficients.get(1).map(|slope| (*slope, 1.0))
    });
    let separated = area.is_some_and(|area| area.is_separated());
    let (status, reason) = if separated {
        (
            Status::Thin,
            Some("the score separates the outcomes completely in this sample, so it has no interval".to_owned()),
        )
    } else if few < PER_CLASS.1 {
        (
            Status::Thin,
            Some(format!("only {few} of {n} people are on one side of the outcome; 10 are needed for a verdict")),
        )
    } else {
        (Status::Ok, None)
    };
    Link {
        n,
        events,
        auc: area,
        pearson: point,
        spearman: spearman(scores, &numbers),
        biserial: point.and_then(|point| biserial(point.r, with as f64 / n as f64)),
        hedges_g: hedges_g(scores, &outcomes),
        odds,
        p: area.and_then(|area| area.exact_p.or(area.p)),
        status: Some(status),
        reason,
        ..Link::default()
    }
}

pub(super) fn counted(scores: &[f64], outcomes: &[bool], unit: f64) -> ScoreCounts {
    ScoreCounts::from_cells(scores.iter().zip(outcomes).map(|(score, with)| AtScore {
        score: (score * unit).round() as i64,
        with: i64::from(*with),
        without: i64::from(!*with),
    }))
}

fn numeric(scores: &[f64], cases: &[Case]) -> Link {
    let values: Vec<f64> = cases.iter().map(|case| case.value).collect();
    let n = scores.len();
    if n < PEOPLE.0 {
        return Link::refused(n, None, format!("only {n} people have both the score and the outcome; 10 are needed"));
    }
    if is_constant(&values) {
        return Link::refused(n, None, "everybody has the same outcome");
    }
    if is_constant(scores) {
        return Link::refused(n, None, "everybody has the same score");
    }
    let linear = pearson(scores, &values);
    let (status, reason) = if n < PEOPLE.1 {
        (Status::Thin, Some(format!("only {n} people have both; 30 are needed for a verdict")))
    } else {
        (Status::Ok, None)
    };
    Link {
        n,
        pearson: linear,
        spearman: spearman(scores, &values),
        p: linear.and_then(|linear| linear.p),
        status: Some(status),
        reason,
        ..Link::default()
    }
}

fn stays(scores: &[f64], cases: &[Case]) -> Vec<Stay> {
    let of = |(score, case): (&f64, &Case)| Some(Stay { days: case.days?, left: case.value < 0.5, score: *score });
    scores.iter().zip(cases).filter_map(of).collect()
}

/// Why days of exits are not known, if they are not: everybody is looked at after the same time.
pub(super) fn not_dated(stays: &[Stay]) -> Option<String> {
    let days: BTreeSet<i64> = stays.iter().filter(|stay| stay.left).map(|stay| stay.days).collect();
    (days.len() < 3)
        .then(|| "the days on which people left are not on record: all exits are seen at the same age".to_owned())
}

fn stay(scores: &[f64], cases: &[Case]) -> Link {
    let stays = stays(scores, cases);
    let (n, left) = (stays.len(), stays.iter().filter(|stay| stay.left).count());
    let events = Some(left as i64);
    if n == 0 {
        return Link::refused(n, events, "nobody has both the score and a dated outcome");
    }
    if left < EXITS.0 {
        return Link::refused(n, events, format!("only {left} of {n} people left; 5 are needed"));
    }
    if let Some(reason) = not_dated(&stays) {
        return Link::refused(n, events, reason);
    }
    let Some(sd) = spread(scores).filter(|_| !is_constant(scores)) else {
        return Link::refused(n, events, "everybody has the same score");
    };
    let fit = if left < PENALISED_BELOW { cox(&stays, true) } else { cox(&stays, false).or_else(|| cox(&stays, true)) };
    let Some(fit) = fit else {
        return Link::refused(n, events, "the score does not vary among those who could have left");
    };
    let (status, reason) = if left < EXITS.1 {
        (Status::Thin, Some(format!("only {left} of {n} people left; 10 are needed for a verdict")))
    } else {
        (Status::Ok, None)
    };
    Link {
        n,
        events,
        concordance: concordance(&stays),
        p: fit.p,
        cox: Some((fit, sd)),
        status: Some(status),
        reason,
        ..Link::default()
    }
}

/// The table of links, one family of q-values per outcome.
pub(super) fn table(outcomes: &[Outcome], people: &People, context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&SCORE_OUTCOME);
    let selection = selection(people);
    for outcome in outcomes.iter().filter(|outcome| !outcome.cases.is_empty()) {
        let links: Vec<Link> = people.predictors.iter().map(|predictor| link(outcome, predictor)).collect();
        let tested: Vec<Option<f64>> = links.iter().map(|link| link.p.filter(|_| link.is_estimated())).collect();
        let q = benjamini_hochberg(&tested);
        let corrections = corrections(outcome, people, selection, context.config.outcomes.decided_by);
        for (at, (predictor, link)) in people.predictors.iter().zip(&links).enumerate() {
            let correction = corrections.as_ref().map(|rows| rows.get(at).copied().flatten()).map_err(String::as_str);
            row(&mut out, outcome, predictor, link, q.get(at).copied().flatten(), correction, people, context);
        }
    }
    if out.rows.is_empty() {
        let mut cells = head(NOTHING, Kind::Numeric, true);
        cells.extend([("predictor_kind", text("overall")), ("predictor", text(super::people::OVERALL))]);
        cells.extend(standing(0, "none", Status::NotEstimable, Some(NO_OUTCOMES.to_owned())));
        out.push(cells);
    }
    out
}

pub(super) fn head(outcome: &str, kind: Kind, exploratory: bool) -> Vec<(&'static str, Cell)> {
    let mut cells = all().to_vec();
    cells.extend([
        ("outcome", text(outcome)),
        ("outcome_kind", text(kind.word())),
        ("exploratory", Cell::Flag(exploratory)),
    ]);
    cells
}

/// Correlation with the score's interval, and the ratio per standard deviation of the score.
fn exponential(value: f64, interval: Interval, unit: f64) -> (Cell, Interval) {
    // Beyond this a ratio is a number that means nothing; the interval is then open.
    let ratio = |x: f64| Some((x * unit).exp()).filter(|ratio| ratio.is_finite() && *ratio < 1e6);
    let cell = Cell::float(ratio(value));
    let high = interval.high.and_then(ratio).filter(|_| cell != Cell::Null);
    (cell.clone(), Interval { low: interval.low.and_then(ratio).filter(|_| cell != Cell::Null), high })
}

#[expect(clippy::too_many_arguments, reason = "one row of a wide table")]
fn row(
    out: &mut ResultTable,
    outcome: &Outcome,
    predictor: &Predictor,
    link: &Link,
    q: Option<f64>,
    correction: Correction<'_>,
    people: &People,
    context: &Context<'_>,
) {
    let mut cells = head(&outcome.name, outcome.kind, outcome.exploratory);
    cells.extend([
        ("predictor_kind", text(predictor.of.word())),
        ("predictor", text(&predictor.name)),
        ("events", link.events.map_or(Cell::Null, Cell::Int)),
        ("biserial", Cell::float(link.biserial)),
        ("hedges_g", Cell::float(link.hedges_g)),
        ("p_value", Cell::float(link.p)),
        ("q_value", Cell::float(q)),
        ("verdict", Cell::text(verdict(link, q, context))),
    ]);
    if let Some(area) = link.auc {
        cells.push(("auc", Cell::float(area.value)));
        cells.extend(limits(area.interval, ["auc_low", "auc_high"]));
    }
    if let Some(found) = link.pearson {
        let names = if outcome.kind == Kind::Numeric {
            ["pearson", "pearson_low", "pearson_high"]
        } else {
            ["point_biserial", "point_biserial_low", "point_biserial_high"]
        };
        cells.push((names[0], Cell::float(found.r)));
        cells.extend(limits(found.interval, [names[1], names[2]]));
    }
    if let Some(found) = link.spearman {
        cells.push(("spearman", Cell::float(found.r)));
        cells.extend(limits(found.interval, ["spearman_low", "spearman_high"]));
    }
    if let Some((slope, unit)) = link.odds {
        let (value, interval) = exponential(slope.value, slope.interval, unit);
        cells.push(("odds_ratio", value));
        cells.extend(limits(interval, ["odds_ratio_low", "odds_ratio_high"]));
    }
    if let Some((fit, sd)) = link.cox {
        let (value, interval) = exponential(fit.log_ratio, fit.interval, sd);
        cells.push(("hazard_ratio", value));
        cells.extend(limits(interval, ["hazard_ratio_low", "hazard_ratio_high"]));
        cells.push(("proportional_p", Cell::float(fit.proportional_p)));
    }
    if let Some(found) = link.concordance {
        cells.push(("concordance", Cell::float(found.value)));
        cells.extend(limits(found.interval, ["concordance_low", "concordance_high"]));
    }
    cells.extend(corrected(outcome, predictor, correction, context));
    let method = match outcome.kind {
        Kind::Decision => {
            "among candidates who got so far; the decision follows the scores, so this is no evidence for them"
        }
        Kind::Binary => "uncorrected, among hires; logit DeLong, Firth with profile intervals",
        Kind::Numeric => "uncorrected, among hires; Fisher's intervals",
        Kind::Stay if link.cox.is_some_and(|(fit, _)| fit.penalised) => {
            "uncorrected, among hires; Cox with Efron's ties and Firth's penalty"
        }
        Kind::Stay => "uncorrected, among hires; Cox with Efron's ties",
    };
    let method = format!("{method}; {}", people.window);
    cells.extend(standing(link.n as i64, method, link.status.unwrap_or(Status::NotEstimable), link.reason.clone()));
    out.push(cells);
}

fn corrected(
    outcome: &Outcome,
    predictor: &Predictor,
    correction: Correction<'_>,
    context: &Context<'_>,
) -> Vec<(&'static str, Cell)> {
    if matches!(outcome.kind, Kind::Decision | Kind::Stay) || predictor.of == Of::Dimension {
        return Vec::new();
    }
    match correction {
        Err(reason) => vec![("correction", text(&format!("not corrected: {reason}")))],
        Ok(None) => vec![("correction", text("not corrected: too few hires have this score"))],
        Ok(Some(Err(reason))) => vec![("correction", text(&format!("not corrected: {reason}")))],
        Ok(Some(Ok(found))) => {
            let condition = match context.config.outcomes.decided_by {
                DecidedBy::Scores => {
                    "holds if every selection variable is in the data, as outcomes.decided_by declares"
                }
                DecidedBy::Unknown => {
                    "holds if every selection variable is in the data, and scores settle the decisions"
                }
            };
            let mut cells = vec![
                ("corrected", Cell::float(found.corrected)),
                ("u_ratio", Cell::float(found.u)),
                ("correction", text(condition)),
            ];
            cells.extend(limits(found.interval, ["corrected_low", "corrected_high"]));
            cells
        }
    }
}

fn verdict(link: &Link, q: Option<f64>, context: &Context<'_>) -> Option<String> {
    if link.status == Some(Status::NotEstimable) {
        return None;
    }
    // On the scale of a correlation, where there is one: is the whole interval too small to be of use?
    let smallest = context.config.outcomes.smallest_link;
    let small = link.pearson.is_some_and(|found| {
        found.interval.low.zip(found.interval.high).is_some_and(|(low, high)| low > -smallest && high < smallest)
    });
    let direction = link
        .auc
        .map(|area| area.value - 0.5)
        .or(link.pearson.map(|found| found.r))
        .or(link.cox.map(|(fit, _)| -fit.log_ratio))?;
    let word = if small {
        "no_useful_link"
    } else if link.status == Some(Status::Ok) && q.is_some_and(|q| q <= 0.05) {
        if direction > 0.0 { "linked" } else { "linked_backwards" }
    } else {
        "cannot_tell"
    };
    Some(word.to_owned())
}
