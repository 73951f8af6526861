//! How the figures of drift moved from quarter to quarter, each with a test.

use std::collections::BTreeMap;

use super::exposure::{self, FEWEST as FEWEST_PANELS, SURE};
use super::rates;
use super::revisions::ENOUGH;
use super::tables::{DRIFT_TREND, DRIFT_TREND_TESTS};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::overrides::tables::OVERRIDES;
use crate::metrics::record::{Panel, Record};
use crate::metrics::rows::{all, limits, rows, standing, text};
use crate::metrics::segments::QUARTER;
use crate::stats::estimate::{Interval, Z_95};
use crate::stats::exposure::contrast;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::proportion::wilson;
use crate::stats::trend::{Trend, of_figures, of_shares};
use crate::time::Quarter;

/// The figure of one quarter.
#[derive(Debug, Clone, Default)]
struct Figure {
    value: Option<f64>,
    interval: Option<Interval>,
    n: i64,
    state: Option<Status>,
    why: Option<String>,
    /// For the test: how often of how many, or the figure on its scale with its standard error.
    share: Option<(i64, i64)>,
    scaled: Option<(f64, f64)>,
}

struct Measure {
    name: &'static str,
    method: &'static str,
    quarters: BTreeMap<Quarter, Figure>,
}

fn of_share(hits: i64, n: i64) -> Figure {
    let share = wilson(hits, n);
    Figure {
        value: share.map(|share| share.share),
        interval: share.map(|share| Interval::new(share.low, share.high)),
        n,
        state: Some(if n < 1 {
            Status::NotEstimable
        } else if n < ENOUGH {
            Status::Thin
        } else {
            Status::Ok
        }),
        why: (n < ENOUGH).then(|| format!("fewer than {ENOUGH}")),
        share: (n > 0).then_some((hits, n)),
        scaled: None,
    }
}

/// The share of cards of which a measure is true, by quarter.
fn share_of_cards(record: &Record, known: &[[Option<bool>; 3]], measure: usize) -> BTreeMap<Quarter, Figure> {
    let mut counts: BTreeMap<Quarter, (i64, i64)> = BTreeMap::new();
    for (card, known) in record.cards.cards.iter().zip(known) {
        if let (Some(quarter), Some(hit)) = (record.loops[card.application as usize].opened, known[measure]) {
            let own = counts.entry(quarter).or_default();
            own.0 += i64::from(hit);
            own.1 += 1;
        }
    }
    counts.into_iter().map(|(quarter, (hits, n))| (quarter, of_share(hits, n))).collect()
}

fn by_quarter<'p>(record: &Record, panels: &'p [Panel]) -> BTreeMap<Quarter, Vec<&'p Panel>> {
    let mut out: BTreeMap<Quarter, Vec<&Panel>> = BTreeMap::new();
    for panel in panels {
        if let Some(quarter) = record.loops.get(panel.of).and_then(|own| own.opened) {
            out.entry(quarter).or_default().push(panel);
        }
    }
    out
}

fn ratio(panels: &[&Panel], context: &Context<'_>) -> Figure {
    let pairs: Vec<_> = panels.iter().map(|panel| exposure::pairs(panel, context)).collect();
    let n = panels.len() as i64;
    match contrast(&pairs) {
        Ok(found) if found.blind.panels.min(found.exposed.panels) >= FEWEST_PANELS => {
            let log = found.ratio.ln();
            let enough = found.blind.panels.min(found.exposed.panels) >= exposure::ENOUGH;
            Figure {
                value: Some(found.ratio),
                interval: Some(found.interval),
                n,
                state: Some(if enough { Status::Ok } else { Status::Thin }),
                why: (!enough).then(|| format!("fewer than {} panels of a kind", exposure::ENOUGH)),
                share: None,
                scaled: (found.z != 0.0).then(|| (log, (log / found.z).abs())),
            }
        }
        Ok(_) => Figure { n, why: Some(format!("fewer than {FEWEST_PANELS} panels of a kind")), ..Figure::default() },
        Err(why) => Figure { n, why: Some(why.to_string()), ..Figure::default() },
    }
}

/// The mean variance within panels: half the mean squared difference of pairs.
fn spread(panels: &[&Panel]) -> Figure {
    let of = |panel: &&Panel| {
        let members = &panel.members;
        let pairs = members.iter().enumerate().flat_map(|(at, a)| members.iter().take(at).map(move |b| (a, b)));
        let squares: Vec<f64> = pairs.filter_map(|(a, b)| a.apart(b)).collect();
        (!squares.is_empty()).then(|| squares.iter().sum::<f64>() / squares.len() as f64 / 2.0)
    };
    let known: Vec<f64> = panels.iter().filter_map(of).collect();
    let n = known.len() as f64;
    if (known.len() as i64) < FEWEST_PANELS {
        let why = format!("{} panels; at least {FEWEST_PANELS} are needed", known.len());
        return Figure { n: known.len() as i64, why: Some(why), ..Figure::default() };
    }
    let mean = known.iter().sum::<f64>() / n;
    let error = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    let enough = known.len() as i64 >= exposure::ENOUGH;
    Figure {
        value: Some(mean),
        interval: Some(Interval::new((mean - Z_95 * error).max(0.0), mean + Z_95 * error)),
        n: known.len() as i64,
        state: Some(if enough { Status::Ok } else { Status::Thin }),
        why: (!enough).then(|| format!("fewer than {} panels", exposure::ENOUGH)),
        share: None,
        scaled: Some((mean, error)),
    }
}

/// Overridden records by quarter, as they were computed before.
fn overridden(context: &Context<'_>) -> BTreeMap<Quarter, Figure> {
    let all = rows(context.earlier, OVERRIDES.name);
    let wanted = all.iter().filter(|row| {
        row.text("segment_kind") == Some(QUARTER)
            && row.text("basis") == Some("rule")
            && row.text("direction") == Some("any")
    });
    wanted
        .filter_map(|row| {
            let [hits, n] = ["overridden", "decisions"].map(|name| row.number(name).unwrap_or(0.0) as i64);
            Some((Quarter::parse(row.text("segment")?)?, of_share(hits, n)))
        })
        .collect()
}

/// Both tables.
pub(super) fn tables(record: &Record, panels: &[Panel], context: &Context<'_>) -> Vec<ResultTable> {
    let known = rates::known(record, context);
    let quarters = by_quarter(record, panels);
    let of_panels = |figure: &dyn Fn(&[&Panel]) -> Figure| -> BTreeMap<Quarter, Figure> {
        quarters.iter().map(|(quarter, panels)| (*quarter, figure(panels))).collect()
    };
    let measures = [
        Measure {
            name: "exposure_ratio",
            method: "contrast of exposed and blind pairs; trend of its logarithm, weighted",
            quarters: of_panels(&|panels| ratio(panels, context)),
        },
        Measure {
            name: "late_share",
            method: "Wilson; trend by Cochran and Armitage",
            quarters: share_of_cards(record, &known, 0),
        },
        Measure {
            name: "revision_share",
            method: "Wilson; trend by Cochran and Armitage",
            quarters: share_of_cards(record, &known, 2),
        },
        Measure {
            name: "override_rate",
            method: "by the decision rule, Wilson; trend by Cochran and Armitage",
            quarters: overridden(context),
        },
        Measure {
            name: "panel_spread",
            method: "mean over panels, normal; trend weighted",
            quarters: of_panels(&spread),
        },
    ];
    let mut out = ResultTable::new(&DRIFT_TREND);
    for measure in &measures {
        for (quarter, figure) in &measure.quarters {
            out.push(figure_cells(measure, *quarter, figure));
        }
    }
    let trends: Vec<Option<Trend>> = measures.iter().map(trend).collect();
    let p: Vec<Option<f64>> = trends.iter().map(|trend| trend.map(|trend| trend.p)).collect();
    let mut tests = ResultTable::new(&DRIFT_TREND_TESTS);
    for ((measure, trend), q) in measures.iter().zip(&trends).zip(benjamini_hochberg(&p)) {
        tests.push(test_cells(measure, trend.as_ref(), q));
    }
    vec![out, tests]
}

fn figure_cells(measure: &Measure, quarter: Quarter, figure: &Figure) -> Vec<(&'static str, Cell)> {
    let mut cells = vec![
        ("segment_kind", text(QUARTER)),
        ("segment", Cell::Text(quarter.to_string())),
        ("measure", text(measure.name)),
        ("value", Cell::float(figure.value)),
    ];
    cells.extend(limits(figure.interval.unwrap_or(Interval::NONE), ["value_low", "value_high"]));
    let state = figure.state.unwrap_or(Status::NotEstimable);
    cells.extend(standing(figure.n, measure.method, state, figure.why.clone()));
    cells
}

/// The trend; places in time are quarters since the first.
fn trend(measure: &Measure) -> Option<Trend> {
    let first = *measure.quarters.keys().next()?;
    let places = || measure.quarters.iter().map(|(quarter, figure)| (f64::from(quarter.since(first)), figure));
    let shares: Vec<(f64, i64, i64)> =
        places().filter_map(|(x, figure)| figure.share.map(|(hits, n)| (x, hits, n))).collect();
    if !shares.is_empty() {
        return of_shares(&shares);
    }
    let figures: Vec<(f64, f64, f64)> =
        places().filter_map(|(x, figure)| figure.scaled.map(|(value, error)| (x, value, error))).collect();
    of_figures(&figures)
}

fn test_cells(measure: &Measure, trend: Option<&Trend>, q: Option<f64>) -> Vec<(&'static str, Cell)> {
    let told: Vec<&Figure> = measure.quarters.values().filter(|figure| figure.value.is_some()).collect();
    let n = told.iter().map(|figure| figure.n).sum();
    let thin = told.iter().filter(|figure| figure.state == Some(Status::Ok)).count() < 3;
    let mut cells: Vec<(&str, Cell)> = all().into();
    cells.extend([("measure", text(measure.name)), ("quarters", Cell::Int(told.len() as i64))]);
    let (state, why) = match trend {
        None if told.len() < 3 => {
            let why = format!("{} quarters with a figure; at least 3 are needed", told.len());
            (Status::NotEstimable, Some(why))
        }
        None => (Status::NotEstimable, Some("the figures of all quarters are the same".to_owned())),
        Some(_) if thin => (Status::Thin, Some("fewer than 3 quarters with enough data".to_owned())),
        Some(_) => (Status::Ok, None),
    };
    if let Some(trend) = trend {
        let verdict = match trend.slope > 0.0 {
            _ if q.is_none_or(|q| q > SURE) => "not_distinguishable",
            true => "rising",
            false => "falling",
        };
        cells.extend([
            ("slope", Cell::float(trend.slope)),
            ("p_value", Cell::float(trend.p)),
            ("q_value", Cell::float(q)),
            ("verdict", if state == Status::Ok { text(verdict) } else { Cell::Null }),
        ]);
        cells.extend(limits(trend.interval, ["slope_low", "slope_high"]));
    }
    cells.extend(standing(n, measure.method, state, why));
    cells
}
