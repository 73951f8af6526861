//! Whether leniency moves between quarters: its variance, each interviewer's movement, and leniency by quarter.

use super::model::{Fitted, status};
use super::tables::LENIENCY_BY_QUARTER;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, limits, standing};
use crate::stats::crossed::{self, Drift};
use crate::stats::estimate::{Interval, Z_95};

/// A quarter counts with so many cards.
const ENOUGH_IN_QUARTER: i64 = 15;

/// How it was made.
pub(super) const METHOD: &str = "quadratic form of residuals by interviewer and quarter, scaled chi-squared";

/// What moves, or why that cannot be told.
pub(super) fn movement(cards: &Cards, fitted: &Fitted) -> Result<Drift, String> {
    let (design, why) = status(cards, fitted);
    let fit = fitted.headline().filter(|_| design != Status::NotEstimable);
    let Some(fit) = fit else { return Err(why.unwrap_or_else(|| "there is no fit".to_owned())) };
    let mut periods = vec![None; cards.applications.len()];
    for card in &cards.cards {
        periods[card.application as usize] = card.quarter;
    }
    if periods.iter().all(Option::is_none) {
        return Err("no loop has a time".to_owned());
    }
    crossed::drift(&fitted.sums, fit, &periods, ENOUGH_IN_QUARTER, cards.step).map_err(|refused| refused.to_string())
}

/// The table of leniency by quarter.
pub(super) fn table(cards: &Cards, fitted: &Fitted, moved: &Result<Drift, String>) -> ResultTable {
    let mut out = ResultTable::new(&LENIENCY_BY_QUARTER);
    let Some(first) = cards.first_quarter else { return out };
    let mut counts = std::collections::BTreeMap::new();
    for card in &cards.cards {
        if let Some(quarter) = card.quarter {
            *counts.entry((card.interviewer, quarter)).or_insert(0_i64) += 1;
        }
    }
    let (design, why) = status(cards, fitted);
    counts.retain(|_, count| *count >= ENOUGH_IN_QUARTER);
    for ((interviewer, quarter), count) in counts {
        let shifts = moved.as_ref().map(|drift| &drift.shifts[..]).unwrap_or_default();
        let shift = shifts.iter().find(|shift| (shift.interviewer, shift.period) == (interviewer, quarter));
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("interviewer_id", Cell::Text(cards.interviewers[interviewer as usize].clone())),
            ("quarter", Cell::Text(first.forward(quarter).to_string())),
            ("cards", Cell::Int(count)),
        ]);
        let (state, reason) = match (moved, shift) {
            (Err(why), _) => (Status::NotEstimable, Some(why.clone())),
            (Ok(drift), None) if drift.shifts.is_empty() => {
                let reason = "leniency is not told to move between quarters by more than chance";
                (Status::NotEstimable, Some(reason.to_owned()))
            }
            (Ok(_), None) => (Status::NotEstimable, Some("the interviewer has cards in one quarter only".to_owned())),
            (Ok(_), Some(shift)) => {
                let half = Z_95 * shift.sd;
                cells.push(("shift", Cell::float(shift.value)));
                let interval = Interval::new(shift.value - half, shift.value + half);
                cells.extend(limits(interval, ["shift_low", "shift_high"]));
                (design, why.clone())
            }
        };
        cells.extend(standing(count, format!("{METHOD}; shrunk; {}", cards.window), state, reason));
        out.push(cells);
    }
    out
}
