//! What became of those who were hired against the record, beside those who were hired in accord with it.

use std::collections::BTreeMap;

use super::audit::{Audited, BASES};
use super::tables::OVERRIDE_OUTCOMES;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::Record;
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::estimate::Interval;
use crate::stats::means::{mean_of, welch};
use crate::stats::proportion::{newcombe, wilson};

/// Fewer hires than this on either side are thin.
const ENOUGH: usize = 10;

/// Values of one outcome: of hires against the record, and of hires in accord with it.
type Sides = [Vec<f64>; 2];

/// The table of outcomes.
pub(super) fn override_outcomes(record: &Record, loops: &[Audited<'_>], context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&OVERRIDE_OUTCOMES);
    for (basis, name) in BASES.iter().enumerate() {
        let mut found: BTreeMap<&str, Sides> = BTreeMap::new();
        for audited in loops.iter().filter(|audited| audited.is_offer() == Some(true)) {
            let Some(in_favour) = audited.in_favour(basis) else { continue };
            for (outcome, at, value) in audited.outcomes() {
                // What is dated before the decision is no consequence of it.
                if at.zip(audited.decided()).is_none_or(|(at, decided)| at >= decided) {
                    found.entry(outcome.as_str()).or_default()[usize::from(in_favour)].push(*value);
                }
            }
        }
        if found.is_empty() {
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([("basis", text(name)), ("outcome", text("(any)"))]);
            let reason = "no hire whose record recommends anything has an outcome; export outcomes of hires";
            cells.extend(standing(0, method(record), Status::NotEstimable, Some(reason.to_owned())));
            out.push(cells);
        }
        for (outcome, sides) in found {
            let less = context.config.outcomes.lower_is_better.iter().any(|own| own == outcome);
            push(&mut out, record, name, outcome, &sides, less);
        }
    }
    out
}

fn method(record: &Record) -> String {
    format!(
        "hires with the outcome; shares by Wilson and Newcombe, means by Student and Welch; those rejected have no outcome; {}",
        record.cards.window
    )
}

fn push(out: &mut ResultTable, record: &Record, basis: &str, outcome: &str, [against, accord]: &Sides, less: bool) {
    let mut cells: Vec<(&str, Cell)> = all().into();
    let is_share = against.iter().chain(accord).all(|value| *value == 0.0 || *value == 1.0);
    cells.extend([
        ("basis", text(basis)),
        ("outcome", text(outcome)),
        ("values_are", text(if is_share { "shares" } else { "means" })),
        ("better", text(if less { "less" } else { "more" })),
        ("against", Cell::Int(against.len() as i64)),
        ("accord", Cell::Int(accord.len() as i64)),
    ]);
    let names = [
        ["value_against", "value_against_low", "value_against_high"],
        ["value_accord", "value_accord_low", "value_accord_high"],
    ];
    let mut difference = None;
    if is_share {
        let share = |side: &[f64]| wilson(side.iter().filter(|value| **value == 1.0).count() as i64, side.len() as i64);
        let shares = [share(against), share(accord)];
        for (share, [value, low, high]) in shares.iter().zip(names) {
            if let Some(share) = share {
                cells.push((value, Cell::float(share.share)));
                cells.extend(limits(Interval::new(share.low, share.high), [low, high]));
            }
        }
        if let [Some(first), Some(second)] = &shares {
            let found = newcombe(first, second);
            difference = Some((found.difference, Interval::new(found.low, found.high)));
        }
    } else {
        for (side, [value, low, high]) in [against, accord].into_iter().zip(names) {
            if let Some(mean) = mean_of(side) {
                cells.push((value, Cell::float(mean.value)));
                cells.extend(limits(mean.interval, [low, high]));
            }
        }
        difference = welch(against, accord).map(|found| (found.value, found.interval));
    }
    if let Some((value, interval)) = difference {
        cells.push(("difference", Cell::float(value)));
        cells.extend(limits(interval, ["difference_low", "difference_high"]));
    }
    let least = against.len().min(accord.len());
    let (status, reason) = match least {
        0 if against.is_empty() => {
            (Status::NotEstimable, Some("nobody with this outcome was hired against the record".to_owned()))
        }
        0 => (Status::NotEstimable, Some("nobody with this outcome was hired in accord with the record".to_owned())),
        n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} hires on one side"))),
        _ => (Status::Ok, None),
    };
    cells.extend(standing((against.len() + accord.len()) as i64, method(record), status, reason));
    out.push(cells);
}
