//! The numbers behind a picture, as a small table.

use super::axis::ticks;
use super::{Numbers, curves, funnel, intervals, multiples, stacked};
use crate::report::model::{Curves, Funnel, IntervalRow, Intervals, Multiples, Stacked, Step};
use crate::report::number;

/// Each curve's value at round places of the axis.
pub(super) fn curves(chart: &Curves) -> Numbers {
    let x_max = curves::x_max(chart).unwrap_or(0.0);
    let scale = ticks(0.0, x_max, 6);
    let series: Vec<Vec<Step>> =
        chart.series.iter().take(curves::MOST).map(|series| curves::usable(series, x_max)).collect();
    let mut columns = vec![chart.x_label.clone()];
    columns.extend(chart.series.iter().take(curves::MOST).map(|series| series.name.clone()));
    let row = |at: &f64| {
        let mut row = vec![number::tick(*at, scale.step)];
        row.extend(series.iter().map(|steps| value_at(steps, *at)));
        row
    };
    Numbers { columns, rows: scale.at.iter().map(row).collect() }
}

pub(super) fn value_at(steps: &[Step], x: f64) -> String {
    let Some(step) = steps.iter().rev().find(|step| step.x <= x) else { return number::NO_NUMBER.to_owned() };
    let [low, high] = [step.low, step.high].map(|end| end.map(number::percent));
    // The sign once is enough: `11 to 15 %`.
    let low = low.as_deref().map(|low| if high.is_some() { low.trim_end_matches(" %") } else { low });
    match number::range(low, high.as_deref(), "") {
        Some(range) => format!("{} ({range})", number::percent(step.y)),
        None => number::percent(step.y),
    }
}

/// Each bar's parts and total.
pub(super) fn stacked(chart: &Stacked) -> Numbers {
    let (names, bars) = stacked::parts(chart);
    let mut columns = vec![chart.x_label.clone()];
    columns.extend(names);
    columns.push("total".to_owned());
    let precision = stacked::precision(stacked::longest(&bars));
    let row = |(name, values): (String, Vec<f64>)| {
        let mut row = vec![name];
        row.extend(values.iter().map(|value| number::tick(*value, precision)));
        row.push(number::tick(values.iter().sum(), precision));
        row
    };
    Numbers { columns, rows: bars.into_iter().map(row).collect() }
}

/// Each row's point and interval.
pub(super) fn intervals(chart: &Intervals) -> Numbers {
    let precision = intervals::precision(chart);
    let rows = chart.rows.iter().take(intervals::MOST);
    let rows = rows.map(|row| vec![row.name.clone(), intervals::value(row, precision), row.note.clone()]);
    Numbers { columns: vec!["group".to_owned(), chart.x_label.clone(), "note".to_owned()], rows: rows.collect() }
}

/// Units outside of the limits first, then those that rest on most.
pub(super) fn funnel(chart: &Funnel) -> Numbers {
    const ROWS: usize = 40;
    let mut units = funnel::usable(chart);
    units.sort_by(|a, b| b.is_outside.cmp(&a.is_outside).then(b.n.total_cmp(&a.n)).then_with(|| a.name.cmp(&b.name)));
    let row = |unit: &&crate::report::model::FunnelUnit| {
        let place = if unit.is_outside { "outside of the limits" } else { "within the limits" };
        vec![unit.name.clone(), number::count(unit.n as i64), number::percent(unit.share), place.to_owned()]
    };
    let columns = ["unit", &chart.x_label, &chart.y_label, "against chance"].map(str::to_owned).to_vec();
    Numbers { columns, rows: units.iter().take(ROWS).map(row).collect() }
}

/// A row per period, a column per figure.
pub(super) fn multiples(chart: &Multiples) -> Numbers {
    let panels = || chart.panels.iter().take(multiples::MOST);
    let mut periods: Vec<&str> = panels().flat_map(|panel| &panel.rows).map(|row| row.name.as_str()).collect();
    periods.sort_unstable();
    periods.dedup();
    let cell = |panel: &crate::report::model::Panel, period: &str| {
        let row = panel.rows.iter().find(|row| row.name == period);
        let value = |row: &IntervalRow| intervals::value(row, multiples::precision(panel));
        row.map_or_else(|| number::NO_NUMBER.to_owned(), value)
    };
    let row = |period: &&str| {
        let mut row = vec![(*period).to_owned()];
        row.extend(panels().map(|panel| cell(panel, period)));
        row
    };
    let mut columns = vec!["period".to_owned()];
    columns.extend(panels().map(|panel| panel.title.clone()));
    Numbers { columns, rows: periods.iter().map(row).collect() }
}
