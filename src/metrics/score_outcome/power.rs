//! What so many people with an outcome could have shown.

use std::collections::BTreeSet;

use super::correction::selection;
use super::events::{Case, Kind, Outcome};
use super::links::{NO_OUTCOMES, NOTHING, PEOPLE, head};
use super::people::People;
use super::tables::OUTCOME_POWER;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{limits, standing};
use crate::stats::estimate::Interval;
use crate::stats::power::{
    cut_in_two, people_for_correlation, smallest_auc, smallest_correlation, smallest_hazard_ratio,
};

/// The correlation as seen among hires that structured interviews usually have.
const USUAL_LINK: f64 = 0.25;

/// What each outcome could show with the people it has.
pub(super) fn table(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&OUTCOME_POWER);
    let selection = selection(people);
    for outcome in outcomes {
        let Some(overall) = people.overall() else { continue };
        let (_, cases) = outcome.beside(overall);
        let n = cases.len();
        let is_event = |case: &&Case| if outcome.kind == Kind::Stay { case.value < 0.5 } else { case.value > 0.5 };
        let events = (outcome.kind != Kind::Numeric).then(|| cases.iter().filter(is_event).count());
        let unused = outcome.never_scored + outcome.before_decision;
        if n == 0 && unused == 0 {
            continue;
        }
        let quarters: BTreeSet<_> =
            cases.iter().filter_map(|case| people.quarters.get(case.person).copied()?).collect();
        let pace = (!quarters.is_empty()).then(|| n as f64 / quarters.len() as f64);
        // A yes or no keeps only part of a link, so that it takes more people to see.
        let usual = match events {
            None => Some(USUAL_LINK),
            Some(events) => cut_in_two(USUAL_LINK, events as f64 / n.max(1) as f64),
        };
        let needed = usual.and_then(people_for_correlation);
        let missing = needed.map(|needed| needed.saturating_sub(n) as f64);
        let (status, reason) = if n == 0 {
            (Status::NotEstimable, Some(nobody(outcome)))
        } else if n < PEOPLE.0 || events.is_some_and(|events| events.min(n - events) == 0) {
            let why = if n < PEOPLE.0 {
                format!("only {n} people have it")
            } else {
                "everybody has the same outcome".to_owned()
            };
            (Status::NotEstimable, Some(why))
        } else if needed.is_some_and(|needed| n < needed) {
            (Status::Thin, Some(format!("{n} people show only links stronger than usual ones")))
        } else {
            (Status::Ok, None)
        };
        let able = status != Status::NotEstimable;
        let (areas, exits) = match outcome.kind {
            _ if !able => (None, None),
            Kind::Stay => (None, events),
            _ => (events, None),
        };
        let mut cells = head(&outcome.name, outcome.kind, outcome.exploratory);
        cells.extend([
            ("turned", Cell::Flag(outcome.turned)),
            ("people", Cell::Int(n as i64)),
            ("events", events.map_or(Cell::Null, |events| Cell::Int(events as i64))),
            ("never_scored", Cell::Int(outcome.never_scored)),
            ("before_decision", Cell::Int(outcome.before_decision)),
            ("same_rater", Cell::Int(outcome.same_rater)),
            ("smallest_correlation", Cell::float(smallest_correlation(n).filter(|_| able))),
            ("smallest_auc", Cell::float(areas.and_then(|events| smallest_auc(events, n - events)))),
            ("smallest_hazard_ratio", Cell::float(exits.and_then(smallest_hazard_ratio))),
            ("people_for_usual", needed.filter(|_| able).map_or(Cell::Null, |needed| Cell::Int(needed as i64))),
            ("people_per_quarter", Cell::float(pace.filter(|_| able))),
            (
                "quarters_needed",
                Cell::float(missing.zip(pace).filter(|_| able).map(|(missing, pace)| (missing / pace).ceil())),
            ),
            ("selection_auc", Cell::float(selection.filter(|_| able).map(|told| told.area))),
        ]);
        let ends = selection.filter(|_| able).map_or(Interval::NONE, |told| told.interval);
        cells.extend(limits(ends, ["selection_auc_low", "selection_auc_high"]));
        let method = format!("80 % power of a two-sided test at 5 %; {}", people.window);
        cells.extend(standing(n as i64, method, status, reason));
        out.push(cells);
    }
    if out.rows.is_empty() {
        let mut cells = head(NOTHING, Kind::Numeric, true);
        cells.push(("turned", Cell::Flag(false)));
        cells.extend(["people", "never_scored", "before_decision", "same_rater"].map(|name| (name, Cell::Int(0))));
        cells.extend(standing(0, "none", Status::NotEstimable, Some(NO_OUTCOMES.to_owned())));
        out.push(cells);
    }
    out
}

fn nobody(outcome: &Outcome) -> String {
    if outcome.before_decision > 0 && outcome.never_scored == 0 {
        "all outcomes are dated before the decision".to_owned()
    } else if outcome.never_scored > 0 {
        "nobody with this outcome was ever scored".to_owned()
    } else {
        "nobody in these quarters has it".to_owned()
    }
}
