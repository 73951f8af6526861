//! Late and changed cards: rates of interviewers, departments and quarters against what chance allows about the rate of all.

use std::collections::BTreeMap;

use super::exposure::SURE;
use super::revisions::{ENOUGH, NO_CHANGES};
use super::tables::DRIFT_RATES;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::Record;
use crate::metrics::rows::{limits, standing, text};
use crate::metrics::segments::{ALL, QUARTER};
use crate::stats::estimate::Interval;
use crate::stats::funnel::{self, LEVELS, surprise};
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::proportion::wilson;

/// The measures, in the order of the table.
const MEASURES: [&str; 3] = ["late", "after_debrief", "revised"];

/// What is known of one card: per measure whether it was so.
type Known = [Option<bool>; MEASURES.len()];

/// Each card with what is known of it.
pub(super) fn known(record: &Record, context: &Context<'_>) -> Vec<Known> {
    let allowed = context.config.models.late_after_hours * 3600.0;
    let mut revised = vec![false; record.cards.cards.len()];
    record.changes().for_each(|(card, ..)| revised[card] = true);
    let cards = record.cards.cards.iter().zip(revised);
    cards
        .map(|(card, revised)| {
            let own = &record.loops[card.application as usize];
            let ended = card.submitted.zip(card.delay).map(|(at, delay)| at - delay);
            let debrief = own.debriefs.iter().find(|debrief| ended.is_none_or(|ended| **debrief >= ended));
            let after = |limit: Option<i64>| Some(card.submitted? >= limit?);
            let after_debrief = after(debrief.copied());
            let after_decision = after(own.decided);
            let slow = card.delay.map(|delay| delay as f64 > allowed);
            let any = [after_debrief, after_decision, slow];
            let late = if any.contains(&Some(true)) { Some(true) } else { slow.or(after_debrief) };
            [late, after_debrief, record.visible.changes.then_some(revised)]
        })
        .collect()
}

/// Units of one kind with their counts: how often, of how many.
struct Unit {
    name: String,
    hits: i64,
    n: i64,
}

fn units(record: &Record, known: &[Known], measure: usize, name: impl Fn(usize) -> Option<String>) -> Vec<Unit> {
    let mut counts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (card, known) in known.iter().enumerate() {
        if let (Some(hit), Some(name)) = (known[measure], name(card)) {
            let own = counts.entry(name).or_default();
            own.0 += i64::from(hit);
            own.1 += 1;
        }
    }
    debug_assert!(known.len() == record.cards.cards.len());
    counts.into_iter().map(|(name, (hits, n))| Unit { name, hits, n }).collect()
}

/// Why a measure is not known of any card, and what to export.
fn reason(measure: &str, record: &Record) -> String {
    match measure {
        _ if record.cards.cards.is_empty() => "no scored card is on record".to_owned(),
        _ if !record.visible.submissions => {
            "no card says when it was submitted; export the time of each submission".to_owned()
        }
        "revised" => NO_CHANGES.to_owned(),
        "after_debrief" => {
            "no debrief is on record; export debriefs or put them on the calendar under a name that says \
                            so"
            .to_owned()
        }
        _ => "no card says when its interview ended; export the interviews with their end".to_owned(),
    }
}

/// The table.
pub(super) fn table(record: &Record, context: &Context<'_>) -> ResultTable {
    let known = known(record, context);
    let cards = &record.cards;
    let own = |card: usize| &cards.cards[card];
    let loop_of = |card: usize| &record.loops[own(card).application as usize];
    let mut out = ResultTable::new(&DRIFT_RATES);
    for (at, measure) in MEASURES.iter().enumerate() {
        let all = units(record, &known, at, |_| Some(ALL.to_owned()));
        let total = all.first().map_or((0, 0), |all| (all.hits, all.n));
        out.push(cells((ALL, ALL), measure, total, total, None, record));
        let kinds: [(&str, Vec<Unit>); 3] = [
            ("department", units(record, &known, at, |card| loop_of(card).department.clone())),
            (
                "interviewer",
                units(record, &known, at, |card| cards.interviewers.get(own(card).interviewer as usize).cloned()),
            ),
            (QUARTER, units(record, &known, at, |card| loop_of(card).opened.map(|quarter| quarter.to_string()))),
        ];
        for (kind, units) in kinds {
            let target = total.0 as f64 / total.1.max(1) as f64;
            let p: Vec<Option<f64>> = units.iter().map(|unit| surprise(unit.hits, unit.n, target)).collect();
            let q = benjamini_hochberg(&p);
            for (unit, tested) in units.iter().zip(p.into_iter().zip(q)) {
                out.push(cells((kind, &unit.name), measure, (unit.hits, unit.n), total, Some(tested), record));
            }
        }
    }
    out
}

fn cells(
    (kind, name): (&str, &str),
    measure: &str,
    (hits, n): (i64, i64),
    (all_hits, all): (i64, i64),
    tested: Option<(Option<f64>, Option<f64>)>,
    record: &Record,
) -> Vec<(&'static str, Cell)> {
    let (state, why) = match n {
        0 => (Status::NotEstimable, Some(reason(measure, record))),
        n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} cards"))),
        _ => (Status::Ok, None),
    };
    let mut cells = vec![
        ("segment_kind", text(kind)),
        ("segment", text(name)),
        ("measure", text(measure)),
        ("cards", Cell::Int(n)),
        ("events", Cell::Int(hits)),
    ];
    if let Some(rate) = wilson(hits, n) {
        cells.push(("rate", Cell::float(rate.share)));
        cells.extend(limits(Interval::new(rate.low, rate.high), ["rate_low", "rate_high"]));
    }
    let target = all_hits as f64 / all.max(1) as f64;
    if let Some((p, q)) = tested {
        cells.extend([("expected", Cell::float(target)), ("p_value", Cell::float(p)), ("q_value", Cell::float(q))]);
        let [warning, control] = LEVELS.map(|level| funnel::limits(target, n, level));
        if let (Some(warning), Some(control)) = (warning, control) {
            cells.extend([
                ("chance_low", Cell::float(warning.low)),
                ("chance_high", Cell::float(warning.high)),
                ("control_low", Cell::float(control.low)),
                ("control_high", Cell::float(control.high)),
            ]);
            let share = hits as f64 / n.max(1) as f64;
            let told = q.is_some_and(|q| q <= SURE);
            let verdict = if told && share > control.high {
                "above"
            } else if told && share < control.low {
                "below"
            } else {
                "within"
            };
            cells.push(("verdict", if state == Status::Ok { text(verdict) } else { Cell::Null }));
        }
    }
    let method = format!("Wilson; limits exact binomial about the rate of all; {}", record.cards.window);
    cells.extend(standing(n, method, state, why));
    cells
}
