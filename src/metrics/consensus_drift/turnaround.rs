//! How long cards take after the interview, with missing cards counted as still to come.

use std::collections::BTreeMap;

use super::tables::{TURNAROUND, TURNAROUND_CURVE};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::{Record, Seat};
use crate::metrics::rows::{limits, standing, text};
use crate::metrics::segments::{ALL, QUARTER};
use crate::stats::estimate::Interval;
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;

const HOUR: f64 = 3600.0;
/// Cards below which nothing is estimated, and below which it is thin.
const FEWEST: i64 = 5;
const ENOUGH: i64 = 20;
/// The curve is told by so many hours, and no further than this.
const EVERY_HOURS: i64 = 4;
const LONGEST_HOURS: i64 = 14 * 24;

fn curve(seats: &[&Seat]) -> Survival {
    let spell = |seat: &&Seat| match seat.delay {
        Some(delay) => Spell { entry: 0, exit: delay, end: End::Decided, count: 1 },
        None => Spell { entry: 0, exit: seat.waited.max(0), end: End::Open, count: 1 },
    };
    Survival::estimate(&LifeTable::from_spells(&seats.iter().map(spell).collect::<Vec<_>>()), Event::Decided)
}

/// Both tables.
pub(super) fn tables(record: &Record, context: &Context<'_>) -> Vec<ResultTable> {
    let mut out = ResultTable::new(&TURNAROUND);
    let mut curves = ResultTable::new(&TURNAROUND_CURVE);
    let every: Vec<&Seat> = record.seats.iter().collect();
    let all = curve(&every);
    out.push(cells((ALL, ALL), &every, &all, record, context));
    if every.iter().filter(|seat| seat.delay.is_some()).count() as i64 >= FEWEST {
        curve_rows(&all, &every, &mut curves);
    }
    let mut groups: BTreeMap<(&str, String), Vec<&Seat>> = BTreeMap::new();
    for seat in &record.seats {
        let Some(own) = record.loops.get(seat.of) else { continue };
        if let Some(department) = &own.department {
            groups.entry(("department", department.clone())).or_default().push(seat);
        }
        if let Some(quarter) = own.opened {
            groups.entry((QUARTER, quarter.to_string())).or_default().push(seat);
        }
    }
    for ((kind, name), seats) in &groups {
        out.push(cells((kind, name), seats, &curve(seats), record, context));
    }
    vec![out, curves]
}

fn cells(
    (kind, name): (&str, &str),
    seats: &[&Seat],
    curve: &Survival,
    record: &Record,
    context: &Context<'_>,
) -> Vec<(&'static str, Cell)> {
    let cards = seats.iter().filter(|seat| seat.delay.is_some()).count() as i64;
    let n = seats.len() as i64;
    let (state, why) = match cards {
        0 => {
            let why = "no card and interview say both when they ended; export interviews with their end and the time of \
                       each submission";
            (Status::NotEstimable, Some(why.to_owned()))
        }
        cards if cards < FEWEST => (Status::NotEstimable, Some(format!("fewer than {FEWEST} cards"))),
        cards if cards < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} cards"))),
        _ if !record.visible.seats => {
            let why = "who sat on panels is not on record, so missing cards cannot be seen; export the interviewers of \
                       each interview";
            (Status::Thin, Some(why.to_owned()))
        }
        _ => (Status::Ok, None),
    };
    let mut cells = vec![
        ("segment_kind", text(kind)),
        ("segment", text(name)),
        ("cards", Cell::Int(cards)),
        ("missing", Cell::Int(n - cards)),
    ];
    if state != Status::NotEstimable {
        let hours = |seconds: Option<f64>| Cell::float(seconds.map(|seconds| seconds / HOUR));
        for (p, [value, low, high]) in [
            (0.5, ["median_hours", "median_hours_low", "median_hours_high"]),
            (0.9, ["p90_hours", "p90_hours_low", "p90_hours_high"]),
        ] {
            let quantile = curve.quantile(p);
            cells.extend([
                (value, hours(quantile.time)),
                (low, hours(quantile.interval.low)),
                (high, hours(quantile.interval.high)),
            ]);
        }
        let limit = context.config.models.late_after_hours;
        cells.push(("limit_hours", Cell::float(limit)));
        if let Some(waiting) = curve.at((limit * HOUR) as i64) {
            let turned = |end: Option<f64>| end.map(|end| 1.0 - end);
            let interval = Interval { low: turned(waiting.interval.high), high: turned(waiting.interval.low) };
            cells.push(("within", Cell::float(1.0 - waiting.value)));
            cells.extend(limits(interval, ["within_low", "within_high"]));
        }
    }
    let method = format!("Kaplan-Meier, log-log intervals, missing cards censored; {}", record.cards.window);
    cells.extend(standing(n, method, state, why));
    cells
}

fn curve_rows(curve: &Survival, seats: &[&Seat], out: &mut ResultTable) {
    for step in 0..=LONGEST_HOURS / EVERY_HOURS {
        let hours = step * EVERY_HOURS;
        let at = hours * 3600;
        let Some(waiting) = curve.at(at) else { break };
        let at_risk = seats.iter().filter(|seat| seat.delay.unwrap_or(seat.waited) >= at).count() as i64;
        let mut cells = vec![
            ("segment_kind", text(ALL)),
            ("segment", text(ALL)),
            ("hours", Cell::float(hours as f64)),
            ("waiting", Cell::float(waiting.value)),
            ("at_risk", Cell::Int(at_risk)),
        ];
        cells.extend(limits(waiting.interval, ["waiting_low", "waiting_high"]));
        out.push(cells);
    }
}
