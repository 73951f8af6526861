//! Small multiples: one small picture per figure over the same periods. Each has an axis of its own, because shares, ratios
//! and variances have nothing in common but the time.

use super::Width;
use super::axis::{FONT, Scale, fit, round_out, text_width, ticks};
use super::intervals::value;
use super::svg::{Anchor, Svg, coordinate};
use crate::report::model::{IntervalRow, Multiples, Panel};
use crate::report::number;

/// More figures than this are a table's business.
pub(super) const MOST: usize = 8;
/// The height of one small picture with its words.
const HEIGHT: f64 = 178.0;

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// The range of everything drawn in a panel; `None` without any point.
fn ends(panel: &Panel) -> Option<(f64, f64)> {
    let drawn = panel.rows.iter().filter_map(|row| finite(row.point).map(|point| (point, row)));
    let mut all = drawn.flat_map(|(point, row)| [Some(point), finite(row.low), finite(row.high)]).flatten().peekable();
    all.peek()?;
    let all = all.chain(finite(panel.reference));
    Some(all.fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end))))
}

/// One digit more than the axis shows.
pub(super) fn precision(panel: &Panel) -> f64 {
    match ends(panel) {
        Some((low, high)) if high > low => ticks(low, high, 3).step / 10.0,
        Some((value, _)) if value != 0.0 => value.abs() / 100.0,
        _ => 1.0,
    }
}

/// Draws the panels, two in a row on a page.
pub(super) fn draw(multiples: &Multiples, id: &str, width: Width) -> Option<String> {
    let panels: Vec<&Panel> = multiples.panels.iter().take(MOST).collect();
    if panels.iter().all(|panel| ends(panel).is_none()) {
        return None;
    }
    let columns = if width.is_wide() { 2 } else { 1 };
    let own = width.units() / columns as f64;
    let rows = panels.len().div_ceil(columns);
    let caption = &multiples.caption;
    let size = (width.units(), rows as f64 * HEIGHT);
    let mut svg = Svg::new(&width.id(id), width.class(), size, &caption.title, &caption.says);
    for (at, panel) in panels.iter().enumerate() {
        let corner = ((at % columns) as f64 * own, (at / columns) as f64 * HEIGHT);
        small(&mut svg, panel, corner, own - if columns > 1 { 12.0 } else { 0.0 });
    }
    Some(svg.finish())
}

fn small(svg: &mut Svg, panel: &Panel, (x0, y0): (f64, f64), width: f64) {
    let words = |text: &str| fit(&number::harmless(text), width - 8.0);
    svg.text("label", (x0 + 2.0, y0 + 14.0), Anchor::Start, &words(&panel.title));
    svg.text("name", (x0 + 2.0, y0 + 30.0), Anchor::Start, &words(&panel.note));
    let (top, bottom) = (y0 + 42.0, y0 + HEIGHT - 30.0);
    let Some((low, high)) = ends(panel) else {
        svg.text("name", (x0 + 2.0, (top + bottom) / 2.0), Anchor::Start, "cannot tell");
        return;
    };
    let (low, high) = round_out(low, high, 3);
    let scale = ticks(low, high, 3);
    let labels: Vec<String> = scale.at.iter().map(|at| number::tick(*at, scale.step)).collect();
    let room = labels.iter().map(|label| text_width(label)).fold(0.0, f64::max).min(width / 3.0);
    let (left, right) = (x0 + room + 10.0, x0 + width - 8.0);
    let y = Scale::new((low, high), (bottom, top));
    for (at, label) in scale.at.iter().zip(&labels) {
        svg.line("grid", (left, y.at(*at)), (right, y.at(*at)));
        svg.text("tick", (left - 6.0, y.at(*at) + 4.5), Anchor::End, &fit(label, room));
    }
    if let Some(reference) = finite(panel.reference) {
        svg.line("mark", (left, y.at(reference)), (right, y.at(reference)));
    }
    // Half a step of room at either end, so that whiskers keep clear of the axis.
    let x = Scale::new((-0.5, panel.rows.len() as f64 - 0.5), (left, right));
    let path = joined(&panel.rows, x, y);
    if !path.is_empty() {
        svg.path("curve s0 d0", &path);
    }
    for (at, row) in panel.rows.iter().enumerate() {
        let Some(point) = finite(row.point) else { continue };
        let px = x.at(at as f64);
        let [low, high] = [finite(row.low), finite(row.high)].map(|end| end.unwrap_or(point));
        svg.line("whisker", (px, y.at(low)), (px, y.at(high)));
        let says = format!("{}: {}", row.name, value(row, precision(panel)));
        svg.dot("point", (px, y.at(point)), 3.5, &says);
    }
    names(svg, &panel.rows, x, bottom + 17.0);
}

/// A line through points of neighbouring periods; it breaks where a period cannot tell.
fn joined(rows: &[IntervalRow], x: Scale, y: Scale) -> String {
    let mut path = String::new();
    for (at, pair) in rows.windows(2).enumerate() {
        if let [Some(from), Some(to)] = [&pair[0], &pair[1]].map(|row| finite(row.point)) {
            let [x1, y1, x2, y2] = [x.at(at as f64), y.at(from), x.at(at as f64 + 1.0), y.at(to)].map(coordinate);
            path.push_str(&format!("M{x1} {y1}L{x2} {y2}"));
        }
    }
    path
}

/// As many names of periods as there is room for, the last one always.
fn names(svg: &mut Svg, rows: &[IntervalRow], x: Scale, y: f64) {
    let widest = rows.iter().map(|row| text_width(&row.name)).fold(0.0, f64::max) + FONT;
    let pitch = x.at(1.0) - x.at(0.0);
    let every = if pitch > 0.0 { (widest / pitch).ceil().max(1.0) as usize } else { rows.len().max(1) };
    for (at, row) in rows.iter().enumerate().filter(|(at, _)| (rows.len() - 1 - at).is_multiple_of(every)) {
        svg.text("tick", (x.at(at as f64), y), Anchor::Middle, &fit(&number::harmless(&row.name), widest));
    }
}
