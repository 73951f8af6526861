//! Points with intervals. Wide: name, interval, number and note side by side. Narrow: name and number on a line
//! above the interval. The axis holds all ends and the reference line, rounded outwards.

use super::axis::{FONT, Scale, fit, round_out, text_width, ticks};
use super::svg::{Anchor, Svg, coordinate};
use super::Width;
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
pub(super) fn value(row: &IntervalRow) -> String {
    let Some(Drawn { point, low, high }) = drawn(row) else { return "cannot tell".to_owned() };
    let [low, high] = [low, high].map(|end| end.map(number::figure));
    match number::range(low.as_deref(), high.as_deref(), "") {
        Some(range) => format!("{} ({range})", number::figure(point)),
        None => number::figure(point),
    }
}

/// Draws the rows.
pub(super) fn draw(intervals: &Intervals, id: &str, width: Width) -> Option<String> {
    let rows: Vec<&IntervalRow> = intervals.rows.iter().take(MOST).collect();
    let reference = intervals.reference.as_ref().filter(|(at, _)| at.is_finite());
    let points = rows.iter().filter_map(|row| drawn(row));
    let ends = points.flat_map(|row| [Some(row.point), row.low, row.high]).flatten();
    let ends: Vec<f64> = ends.collect();
    if ends.is_empty() {
        return None;
    }
    let ends = ends.into_iter().chain(reference.map(|(at, _)| *at));
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end)));

    let wide = width.is_wide();
    let widest = |texts: &mut dyn Iterator<Item = f64>, least: f64, most: f64| texts.fold(0.0, f64::max).clamp(least, most);
    let names = widest(&mut rows.iter().map(|row| text_width(&row.name)), 48.0, 190.0);
    let texts = rows.iter().map(|row| text_width(&value(row)).max(text_width(&row.note)));
    let texts = widest(&mut texts.into_iter(), 60.0, 190.0);
    let (left, right) =
        if wide { (names + 22.0, width.units() - texts - 22.0) } else { (10.0, width.units() - 10.0) };
    let (above, pitch) = if wide { (22.0, 44.0) } else { (32.0, 52.0) };
    let top = if reference.is_some() { 26.0 } else { 6.0 };
    let bottom = top + rows.len() as f64 * pitch;
    let wanted = if wide { 7 } else { 5 };
    let (low, high) = round_out(low, high, wanted);
    let x = Scale::new((low, high), (left, right));

    let caption = &intervals.caption;
    let size = (width.units(), bottom + 46.0);
    let mut svg = Svg::new(&width.id(id), width.class(), size, &caption.title, &caption.says);
    let scale = ticks(low, high, wanted);
    for at in &scale.at {
        svg.line("grid", (x.at(*at), top), (x.at(*at), bottom));
        svg.text("tick", (x.at(*at), bottom + 17.0), Anchor::Middle, &number::tick(*at, scale.step));
    }
    svg.line("axis", (left, bottom), (right, bottom));
    svg.text("name", ((left + right) / 2.0, bottom + 39.0), Anchor::Middle, &fit(&intervals.x_label, right - left));
    if let Some((at, label)) = reference {
        let (text, x) = (fit(label, right - left), x.at(*at));
        let half = text_width(&text) / 2.0;
        svg.line("mark", (x, 20.0), (x, bottom));
        svg.text("name", (x.clamp(left + half.min((right - left) / 2.0), (right - half).max(left + half)), 14.0), Anchor::Middle, &text);
    }
    for (at, row) in rows.iter().enumerate() {
        let y = top + at as f64 * pitch;
        let middle = y + above;
        let words = value(row);
        let class = if row.point.is_some_and(f64::is_finite) { "value" } else { "name" };
        if wide {
            svg.text("label", (left - 20.0, middle + 4.5), Anchor::End, &fit(&row.name, names));
            let down = if row.note.is_empty() { 4.5 } else { -3.0 };
            svg.text(class, (right + 20.0, middle + down), Anchor::Start, &fit(&words, texts));
            svg.text("name", (right + 20.0, middle + 14.0), Anchor::Start, &fit(&row.note, texts));
        } else {
            svg.text(class, (right, y + 14.0), Anchor::End, &words);
            let room = right - left - text_width(&words) - FONT;
            let name = if row.note.is_empty() { row.name.clone() } else { format!("{} · {}", row.name, row.note) };
            svg.text("label", (left, y + 14.0), Anchor::Start, &fit(&name, room));
        }
        if let Some(row) = drawn(row) {
            whisker(&mut svg, row, x, middle, right);
        }
    }
    Some(svg.finish())
}

/// The line from end to end and the point. An upper end that the data does not reach is an arrow to the edge.
fn whisker(svg: &mut Svg, row: Drawn, x: Scale, y: f64, right: f64) {
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
    svg.dot("point", (x.at(row.point), y), 5.0);
}
