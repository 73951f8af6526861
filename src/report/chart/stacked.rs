//! Bars made of parts. Wide, a bar's name stands left of it and its total right of it; narrow, both stand
//! above it. A part carries its value where the value fits. Every second part is hatched and all are parted
//! by a gap, so that neighbours are told apart without colour.

use super::axis::{FONT, Scale, fit, room_for, round_out, text_width, ticks};
use super::palette::COLOURS;
use super::svg::{Anchor, Svg};
use super::{Key, Width};
use crate::report::model::Stacked;
use crate::report::number;

/// More bars than this are a table's business.
pub(super) const MOST_BARS: usize = 24;

/// The white gap between two parts.
const GAP: f64 = 1.5;

/// The parts that are drawn: what has no colour of its own is summed up under one name. Values that are no
/// number, or negative, count as nothing.
pub(super) fn parts(stacked: &Stacked) -> (Vec<String>, Vec<(String, Vec<f64>)>) {
    let all = stacked.parts.len();
    let own = if all > COLOURS.len() { COLOURS.len() - 1 } else { all };
    let mut names: Vec<String> = stacked.parts.iter().take(own).map(|name| number::harmless(name)).collect();
    if own < all {
        names.push(format!("all else ({} parts)", all - own));
    }
    let bar = |(name, values): &(String, Vec<f64>)| {
        let value = |at: usize| values.get(at).copied().filter(|v| v.is_finite() && *v > 0.0).unwrap_or(0.0);
        let mut out: Vec<f64> = (0..own).map(value).collect();
        if own < all {
            out.push((own..all).map(value).sum());
        }
        (number::harmless(name), out)
    };
    let bars = stacked.bars.iter().take(MOST_BARS).map(bar).collect();
    (names, bars)
}

/// One digit more than the axis shows: as exact as a bar can be read.
pub(super) fn precision(longest: f64) -> f64 {
    ticks(0.0, longest, 8).step / 10.0
}

/// The total of the longest bar.
pub(super) fn longest(bars: &[(String, Vec<f64>)]) -> f64 {
    bars.iter().map(|(_, values)| values.iter().sum::<f64>()).fold(0.0, f64::max)
}

/// Draws the bars.
pub(super) fn draw(stacked: &Stacked, id: &str, width: Width) -> Option<String> {
    let (names, bars) = parts(stacked);
    let total = |values: &[f64]| values.iter().sum::<f64>();
    let longest = longest(&bars);
    if longest <= 0.0 || !longest.is_finite() {
        return None;
    }
    let precision = precision(longest);
    let wide = width.is_wide();
    let column = bars.iter().map(|(name, _)| text_width(name)).fold(0.0, f64::max).clamp(48.0, 190.0);
    let (left, right) = if wide { (column + 14.0, width.units() - 58.0) } else { (2.0, width.units() - 8.0) };
    let (above, bar, pitch) = if wide { (0.0, 28.0, 42.0) } else { (20.0, 26.0, 60.0) };
    let top = 6.0;
    let bottom = top + bars.len() as f64 * pitch;
    let wanted = room_for(0.0, longest, if wide { 8 } else { 5 }, right - left);
    let (_, end) = round_out(0.0, longest, wanted);
    let x = Scale::new((0.0, if wide { end } else { longest }), (left, right));

    let caption = &stacked.caption;
    let id = width.id(id);
    let mut svg = Svg::new(&id, width.class(), (width.units(), bottom + 46.0), &caption.title, &caption.says);
    let hatching = format!("{id}-h");
    svg.hatching(&hatching);
    let scale = ticks(0.0, if wide { end } else { longest }, wanted);
    for at in &scale.at {
        let class = if *at == 0.0 { "axis" } else { "grid" };
        if wide {
            svg.line(class, (x.at(*at), top - 4.0), (x.at(*at), bottom));
        } else {
            // Names stand above the bars here, so the lines leave room for them.
            for row in 0..bars.len() {
                let y = top + row as f64 * pitch + above;
                svg.line(class, (x.at(*at), y - 2.0), (x.at(*at), y + bar + 2.0));
            }
        }
        svg.text("tick", (x.at(*at).max(6.0), bottom + 17.0), Anchor::Middle, &number::tick(*at, scale.step));
    }
    svg.text("name", ((left + right) / 2.0, bottom + 39.0), Anchor::Middle, &fit(&stacked.x_label, right - left));

    for (row, (name, values)) in bars.iter().enumerate() {
        let y = top + row as f64 * pitch;
        let sum = number::tick(total(values), precision);
        if wide {
            svg.text("label", (left - 10.0, y + bar / 2.0 + 4.5), Anchor::End, &fit(name, column));
            svg.text("value", (x.at(total(values)) + 8.0, y + bar / 2.0 + 4.5), Anchor::Start, &sum);
        } else {
            let room = right - left - text_width(&sum) - FONT;
            svg.text("label", (left, y + 14.0), Anchor::Start, &fit(name, room));
            svg.text("value", (right, y + 14.0), Anchor::End, &sum);
        }
        let mut from = 0.0;
        for (at, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            let (start, stop) = (x.at(from), x.at(from + value));
            let room = stop - start - GAP;
            // A part thinner than the gap keeps a hairline, so that it does not vanish.
            let area = [start, y + above, room.max(0.6), bar];
            let part = names.get(at).map_or("", String::as_str);
            let text = number::tick(*value, precision);
            let says = format!("{part}: {text}");
            svg.rect(&format!("f{at}"), area, None, &says);
            let fits = text_width(&text) + 8.0 <= room;
            if at % 2 == 1 {
                svg.rect("", area, Some(&hatching), &says);
            }
            if fits {
                let middle = (start + room / 2.0, y + above + bar / 2.0 + 4.5);
                // The hatching would run through the digits: they stand on a plain patch of the part.
                if at % 2 == 1 {
                    let half = text_width(&text) / 2.0 + 1.0;
                    svg.rect(&format!("f{at}"), [middle.0 - half, y + above + 5.0, half * 2.0, bar - 10.0], None, "");
                }
                svg.text(&format!("inside t{at}"), middle, Anchor::Middle, &text);
            }
            from += value;
        }
    }
    Some(svg.finish())
}

/// One entry per part.
pub(super) fn legend(stacked: &Stacked) -> Vec<Key> {
    let (names, _) = parts(stacked);
    let swatch = |at: usize| {
        let lines = if at % 2 == 1 { "<path class=\"hatch\" d=\"M2 12L12 2M-2 8L8 -2M6 16L16 6\"/>" } else { "" };
        format!(
            "<svg class=\"swatch square\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">\
             <rect class=\"f{at}\" width=\"14\" height=\"14\"/>{lines}</svg>"
        )
    };
    names.into_iter().enumerate().map(|(at, name)| Key { name, swatch: swatch(at) }).collect()
}
