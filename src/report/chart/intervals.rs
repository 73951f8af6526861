//! Points with intervals. Wide: name, interval, number and note side by side. Narrow: name and number on a line
//! above the interval. The axis holds all ends and the reference line, rounded outwards.

use super::Width;
use super::axis::{FONT, Scale, fit, room_for, round_out, text_width, ticks};
use super::svg::{Anchor, Svg, coordinate};
use crate::report::model::{IntervalRow, Intervals};
use crate::report::number;

/// More rows than this are a table's business.
pub(super) const MOST: usize = 40;

/// A row with only finite numbers; ends without a point say nothing that can be drawn.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    point: f64,
    low: Option<f64>,
    high: Option<f64>,
}

fn drawn(row: &IntervalRow) -> Option<Drawn> {
    let finite = |value: Option<f64>| value.filter(|v| v.is_finite());
    finite(row.point).map(|point| Drawn { point, low: finite(row.low), high: finite(row.high) })
}

/// A row's number in words: `19.2 (17.1 to 21.4)`.
pub(super) fn value(row: &IntervalRow, precision: f64) -> String {
    let Some(Drawn { point, low, high }) = drawn(row) else { return "cannot tell".to_owned() };
    let [low, high] = [low, high].map(|end| end.map(|end| number::tick(end, precision)));
    let point = number::tick(point, precision);
    match number::range(low.as_deref(), high.as_deref(), "") {
        Some(range) => format!("{point} ({range})"),
        None => point,
    }
}

/// The smallest and the largest number to show, the reference line included; `None` without any point.
fn ends(intervals: &Intervals) -> Option<(f64, f64)> {
    let points = intervals.rows.iter().take(MOST).filter_map(drawn);
    let mut ends = points.flat_map(|row| [Some(row.point), row.low, row.high]).flatten().peekable();
    ends.peek()?;
    let reference = intervals.reference.as_ref().map(|(at, _)| *at).filter(|at| at.is_finite());
    Some(ends.chain(reference).fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end))))
}

/// One digit more than the axis shows: as exact as a point can be read. A single value has three digits.
pub(super) fn precision(intervals: &Intervals) -> f64 {
    match ends(intervals) {
        Some((low, high)) if high > low => ticks(low, high, 7).step / 10.0,
        Some((value, _)) if value != 0.0 => value.abs() / 100.0,
        _ => 1.0,
    }
}

/// Draws the rows.
pub(super) fn draw(intervals: &Intervals, id: &str, width: Width) -> Option<String> {
    let (low, high) = ends(intervals)?;
    let precision = precision(intervals);
    let reference = intervals.reference.as_ref().filter(|(at, _)| at.is_finite());
    let shown = |row: &IntervalRow| IntervalRow {
        name: number::harmless(&row.name),
        note: number::harmless(&row.note),
        ..row.clone()
    };
    let rows: Vec<IntervalRow> = intervals.rows.iter().take(MOST).map(shown).collect();

    let wide = width.is_wide();
    let widest =
        |texts: &mut dyn Iterator<Item = f64>, least: f64, most: f64| texts.fold(0.0, f64::max).clamp(least, most);
    let names = widest(&mut rows.iter().map(|row| text_width(&row.name)), 48.0, 190.0);
    let texts = rows.iter().map(|row| text_width(&value(row, precision)).max(text_width(&row.note)));
    let texts = widest(&mut texts.into_iter(), 60.0, 190.0);
    let (left, right) = if wide { (names + 22.0, width.units() - texts - 22.0) } else { (18.0, width.units() - 18.0) };
    let (above, pitch) = if wide { (22.0, 44.0) } else { (32.0, 52.0) };
    let top = if reference.is_some() { 26.0 } else { 6.0 };
    let top_of = |row: usize| top + row as f64 * pitch;
    let bottom = top_of(rows.len());
    let wanted = room_for(low, high, if wide { 7 } else { 5 }, right - left);
    let (low, high) = round_out(low, high, wanted);
    let x = Scale::new((low, high), (left, right));

    let caption = &intervals.caption;
    let size = (width.units(), bottom + 46.0);
    let mut svg = Svg::new(&width.id(id), width.class(), size, &caption.title, &caption.says);
    let scale = ticks(low, high, wanted);
    // Narrow, names stand above the intervals, so upright lines leave room for them.
    let upright = |svg: &mut Svg, class: &str, x: f64, top: f64| {
        let mut from = top;
        for row in 0..if wide { 0 } else { rows.len() } {
            let y = top_of(row) + above;
            svg.line(class, (x, y - 11.0), (x, y + 11.0));
            from = bottom - 6.0;
        }
        svg.line(class, (x, from), (x, bottom));
    };
    for at in &scale.at {
        upright(&mut svg, "grid", x.at(*at), top);
        svg.text("tick", (x.at(*at), bottom + 17.0), Anchor::Middle, &number::tick(*at, scale.step));
    }
    svg.line("axis", (left, bottom), (right, bottom));
    svg.text("name", ((left + right) / 2.0, bottom + 39.0), Anchor::Middle, &fit(&intervals.x_label, right - left));
    if let Some((at, label)) = reference {
        let (text, x) = (fit(label, right - left), x.at(*at));
        let half = text_width(&text) / 2.0;
        upright(&mut svg, "mark", x, 20.0);
        svg.text(
            "name",
            (x.clamp(left + half.min((right - left) / 2.0), (right - half).max(left + half)), 14.0),
            Anchor::Middle,
            &text,
        );
    }
    for (at, row) in rows.iter().enumerate() {
        let y = top_of(at);
        let middle = y + above;
        let words = value(row, precision);
        let class = if row.point.is_some_and(f64::is_finite) { "value" } else { "name" };
        if wide {
            svg.text("label", (left - 20.0, middle + 4.5), Anchor::End, &fit(&row.name, names));
            let down = if row.note.is_empty() { 4.5 } else { -3.0 };
            svg.text(class, (right + 20.0, middle + down), Anchor::Start, &fit(&words, texts));
            svg.text("name", (right + 20.0, middle + 14.0), Anchor::Start, &fit(&row.note, texts));
        } else {
            let edge = width.units() - 2.0;
            svg.text(class, (edge, y + 14.0), Anchor::End, &words);
            let room = edge - text_width(&words) - FONT;
            let name = if row.note.is_empty() { row.name.clone() } else { format!("{} · {}", row.name, row.note) };
            svg.text("label", (2.0, y + 14.0), Anchor::Start, &fit(&name, room));
        }
        if let Some(drawn) = drawn(row) {
            whisker(&mut svg, drawn, &format!("{}: {words}", row.name), x, (middle, right));
        }
    }
    Some(svg.finish())
}

/// The line from end to end and the point. An upper end that the data does not reach is an arrow to the edge;
/// a point without either end has no interval, so it gets neither line nor arrow.
fn whisker(svg: &mut Svg, row: Drawn, says: &str, x: Scale, (y, right): (f64, f64)) {
    if row.low.is_some() || row.high.is_some() {
        let low = x.at(row.low.unwrap_or(row.point));
        let high = row.high.map_or(right, |high| x.at(high));
        svg.line("whisker", (low, y), (high, y));
        if row.low.is_some() {
            svg.line("whisker", (low, y - 5.0), (low, y + 5.0));
        }
        if row.high.is_some() {
            svg.line("whisker", (high, y - 5.0), (high, y + 5.0));
        } else {
            let [tip, back] = [high, high - 7.0].map(coordinate);
            let [up, middle, down] = [y - 5.0, y, y + 5.0].map(coordinate);
            svg.path("arrow", &format!("M{back} {up}L{tip} {middle}L{back} {down}"));
        }
    }
    svg.dot("point", (x.at(row.point), y), 5.0, says);
}
