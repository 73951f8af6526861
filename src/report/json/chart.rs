//! Charts as JSON: the data of a picture, each step, bar or row on a line of its own.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Written, finite, line};
use crate::report::model::{
    Chart, Curves, Funnel, FunnelLimit, FunnelUnit, Heatmap, IntervalRow, Intervals, Multiples, Panel, Scatter, Series,
    Stacked,
};

/// A chart with its kind.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Out<'a> {
    Curves {
        title: &'a str,
        says: &'a str,
        x_label: &'a str,
        y_label: &'a str,
        x_max: Option<f64>,
        marks: Vec<Box<RawValue>>,
        /// What the places of a step mean.
        step: [&'static str; 4],
        series: Vec<SeriesOut<'a>>,
    },
    Stacked {
        title: &'a str,
        says: &'a str,
        x_label: &'a str,
        parts: &'a [String],
        bars: Vec<Box<RawValue>>,
    },
    Intervals {
        title: &'a str,
        says: &'a str,
        x_label: &'a str,
        reference: Option<Place<'a>>,
        rows: Vec<Box<RawValue>>,
    },
    Heatmap {
        title: &'a str,
        says: &'a str,
        value_label: &'a str,
        names: &'a [String],
        cells: Vec<Box<RawValue>>,
    },
    Scatter {
        title: &'a str,
        says: &'a str,
        x_label: &'a str,
        y_label: &'a str,
        points: Vec<Box<RawValue>>,
    },
    Funnel {
        title: &'a str,
        says: &'a str,
        x_label: &'a str,
        y_label: &'a str,
        target: Option<f64>,
        /// What the places of a limit mean.
        limit: [&'static str; 5],
        limits: Vec<Box<RawValue>>,
        units: Vec<Box<RawValue>>,
    },
    Multiples {
        title: &'a str,
        says: &'a str,
        panels: Vec<PanelOut<'a>>,
    },
}

#[derive(Serialize)]
pub(super) struct PanelOut<'a> {
    title: &'a str,
    note: &'a str,
    reference: Option<f64>,
    rows: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Unit<'a> {
    name: &'a str,
    n: Option<f64>,
    share: Option<f64>,
    is_outside: bool,
}

#[derive(Serialize)]
pub(super) struct SeriesOut<'a> {
    name: &'a str,
    steps: Vec<Box<RawValue>>,
}

/// A labelled place on an axis.
#[derive(Serialize)]
pub(super) struct Place<'a> {
    at: Option<f64>,
    label: &'a str,
}

#[derive(Serialize)]
struct Bar<'a> {
    name: &'a str,
    values: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    point: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    note: &'a str,
    /// Why there is no point; null where there is one.
    reason: Option<&'a str>,
}

/// A cell of a heatmap, by the positions of its two names.
#[derive(Serialize)]
struct Cell<'a> {
    row: usize,
    column: usize,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    note: &'a str,
}

#[derive(Serialize)]
struct Point<'a> {
    name: &'a str,
    x: Option<f64>,
    y: Option<f64>,
    note: &'a str,
}

pub(super) fn out(chart: &Chart) -> Written<Out<'_>> {
    match chart {
        Chart::Curves(chart) => curves(chart),
        Chart::Stacked(chart) => stacked(chart),
        Chart::Intervals(chart) => intervals(chart),
        Chart::Funnel(chart) => funnel(chart),
        Chart::Multiples(chart) => multiples(chart),
        Chart::Heatmap(chart) => heatmap(chart),
        Chart::Scatter(chart) => scatter(chart),
    }
}

fn place((at, label): &(f64, String)) -> Place<'_> {
    Place { at: finite(Some(*at)), label }
}

fn curves(chart: &Curves) -> Written<Out<'_>> {
    let series = |series: &'_ Series| {
        let step = |step: &crate::report::model::Step| {
            line(&[finite(Some(step.x)), finite(Some(step.y)), finite(step.low), finite(step.high)])
        };
        series.steps.iter().map(step).collect::<Written<Vec<_>>>()
    };
    let named = chart.series.iter().map(|one| Ok(SeriesOut { name: &one.name, steps: series(one)? }));
    Ok(Out::Curves {
        title: &chart.caption.title,
        says: &chart.caption.says,
        x_label: &chart.x_label,
        y_label: &chart.y_label,
        x_max: finite(Some(chart.x_max)),
        marks: chart.marks.iter().map(|mark| line(&place(mark))).collect::<Written<_>>()?,
        step: ["x", "y", "low", "high"],
        series: named.collect::<Written<_>>()?,
    })
}

fn stacked(chart: &Stacked) -> Written<Out<'_>> {
    let bar = |(name, values): &(String, Vec<f64>)| {
        line(&Bar { name, values: values.iter().map(|value| finite(Some(*value))).collect() })
    };
    Ok(Out::Stacked {
        title: &chart.caption.title,
        says: &chart.caption.says,
        x_label: &chart.x_label,
        parts: &chart.parts,
        bars: chart.bars.iter().map(bar).collect::<Written<_>>()?,
    })
}

fn interval_row(row: &IntervalRow) -> Written<Box<RawValue>> {
    let point = finite(row.point);
    let [low, high] = [finite(row.low), finite(row.high)];
    let reason = point.is_none().then_some(row.note.as_str());
    line(&Row { name: &row.name, point, low, high, note: &row.note, reason })
}

fn intervals(chart: &Intervals) -> Written<Out<'_>> {
    Ok(Out::Intervals {
        title: &chart.caption.title,
        says: &chart.caption.says,
        x_label: &chart.x_label,
        reference: chart.reference.as_ref().map(place),
        rows: chart.rows.iter().map(interval_row).collect::<Written<_>>()?,
    })
}

fn funnel(chart: &Funnel) -> Written<Out<'_>> {
    let limit = |limit: &FunnelLimit| {
        let FunnelLimit { n, warning, control } = *limit;
        line(&[n, warning.0, warning.1, control.0, control.1].map(|value| finite(Some(value))))
    };
    let unit = |unit: &FunnelUnit| {
        let [n, share] = [unit.n, unit.share].map(|value| finite(Some(value)));
        line(&Unit { name: &unit.name, n, share, is_outside: unit.is_outside })
    };
    Ok(Out::Funnel {
        title: &chart.caption.title,
        says: &chart.caption.says,
        x_label: &chart.x_label,
        y_label: &chart.y_label,
        target: finite(Some(chart.target)),
        limit: ["n", "warning_low", "warning_high", "control_low", "control_high"],
        limits: chart.limits.iter().map(limit).collect::<Written<_>>()?,
        units: chart.units.iter().map(unit).collect::<Written<_>>()?,
    })
}

fn multiples(chart: &Multiples) -> Written<Out<'_>> {
    let panel = |panel: &'_ Panel| panel.rows.iter().map(interval_row).collect::<Written<Vec<_>>>();
    let panels = chart.panels.iter().map(|one| {
        Ok(PanelOut { title: &one.title, note: &one.note, reference: finite(one.reference), rows: panel(one)? })
    });
    Ok(Out::Multiples {
        title: &chart.caption.title,
        says: &chart.caption.says,
        panels: panels.collect::<Written<_>>()?,
    })
}

fn heatmap(chart: &Heatmap) -> Written<Out<'_>> {
    let cell = |cell: &crate::report::model::HeatCell| {
        line(&Cell {
            row: cell.row,
            column: cell.column,
            value: finite(cell.value),
            low: finite(cell.low),
            high: finite(cell.high),
            note: &cell.note,
        })
    };
    Ok(Out::Heatmap {
        title: &chart.caption.title,
        says: &chart.caption.says,
        value_label: &chart.value_label,
        names: &chart.names,
        cells: chart.cells.iter().map(cell).collect::<Written<_>>()?,
    })
}

fn scatter(chart: &Scatter) -> Written<Out<'_>> {
    let point = |point: &crate::report::model::ScatterPoint| {
        line(&Point { name: &point.name, x: finite(Some(point.x)), y: finite(Some(point.y)), note: &point.note })
    };
    Ok(Out::Scatter {
        title: &chart.caption.title,
        says: &chart.caption.says,
        x_label: &chart.x_label,
        y_label: &chart.y_label,
        points: chart.points.iter().map(point).collect::<Written<_>>()?,
    })
}
