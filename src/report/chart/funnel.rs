//! Funnel plots: a dot per unit, as far right as it rests on many cases, between limits that close in on the common
//! rate. Only who lies outside of the wide limits is named: the picture is no league table.

use super::axis::{Scale, fit, room_for, round_out, text_width, ticks};
use super::svg::{Anchor, Svg, coordinate};
use super::{Key, Width};
use crate::report::model::{Funnel, FunnelLimit, FunnelUnit};
use crate::report::number;

/// More dots than this are a cloud.
pub(super) const MOST: usize = 300;
/// More names than this would hide the dots.
const MOST_NAMES: usize = 8;
const HEIGHT: f64 = 300.0;
/// The height of a line of text.
const LINE: f64 = 15.0;

/// The units that can be drawn.
pub(super) fn usable(funnel: &Funnel) -> Vec<&FunnelUnit> {
    let fine = |unit: &&FunnelUnit| unit.n.is_finite() && unit.n > 0.0 && (0.0..=1.0).contains(&unit.share);
    funnel.units.iter().filter(fine).take(MOST).collect()
}

fn limits(funnel: &Funnel, last: f64) -> Vec<FunnelLimit> {
    let fine = |limit: &&FunnelLimit| {
        let ends = [limit.warning.0, limit.warning.1, limit.control.0, limit.control.1];
        limit.n > 0.0 && limit.n <= last && ends.iter().all(|end| end.is_finite())
    };
    funnel.limits.iter().filter(fine).copied().collect()
}

/// Draws the dots and the limits.
pub(super) fn draw(funnel: &Funnel, id: &str, width: Width) -> Option<String> {
    let units = usable(funnel);
    let most = units.iter().map(|unit| unit.n).fold(0.0, f64::max);
    if units.is_empty() || !(0.0..=1.0).contains(&funnel.target) {
        return None;
    }
    let (left, right) = (46.0, width.units() - 14.0);
    let (top, bottom) = (18.0, HEIGHT);
    let wanted = room_for(0.0, most, if width.is_wide() { 7 } else { 4 }, right - left);
    let x_end = round_out(0.0, most, wanted).1;
    let limits = limits(funnel, x_end);
    // The narrow end of a funnel spans everything; dots decide how far up the axis goes.
    let highest = units.iter().map(|unit| unit.share).fold(funnel.target, f64::max);
    let spread = limits.iter().filter(|limit| limit.n >= most / 4.0).map(|limit| limit.control.1);
    let highest = spread.fold(highest, f64::max).clamp(0.02, 1.0);
    let y_end = round_out(0.0, highest * 100.0, 5).1.min(100.0);
    let x = Scale::new((0.0, x_end), (left, right));
    let y = Scale::new((0.0, y_end / 100.0), (bottom, top));

    let caption = &funnel.caption;
    let size = (width.units(), bottom + 46.0);
    let mut svg = Svg::new(&width.id(id), width.class(), size, &caption.title, &caption.says);
    let scale = ticks(0.0, y_end, 5);
    for at in &scale.at {
        let height = y.at(at / 100.0);
        svg.line("grid", (left, height), (right, height));
        svg.text("tick", (left - 6.0, height + 4.5), Anchor::End, &number::tick(*at, scale.step));
    }
    let scale = ticks(0.0, x_end, wanted);
    for at in &scale.at {
        svg.text("tick", (x.at(*at), bottom + 17.0), Anchor::Middle, &number::tick(*at, scale.step));
    }
    svg.line("axis", (left, bottom), (right, bottom));
    let named = |text: &str| fit(&number::harmless(text), right - left);
    svg.text("name", (2.0, 11.0), Anchor::Start, &named(&format!("{}, %", funnel.y_label)));
    svg.text("name", ((left + right) / 2.0, bottom + 39.0), Anchor::Middle, &named(&funnel.x_label));
    let edges: [fn(&FunnelLimit) -> f64; 4] = [|l| l.warning.0, |l| l.warning.1, |l| l.control.0, |l| l.control.1];
    for (at, edge) in edges.iter().enumerate() {
        let mut path = String::new();
        for limit in &limits {
            let [px, py] = [x.at(limit.n), y.at(edge(limit))].map(coordinate);
            path.push_str(&format!("{}{px} {py}", if path.is_empty() { "M" } else { "L" }));
        }
        if limits.len() > 1 {
            svg.path(if at < 2 { "curve s4 d1" } else { "curve s4 d0" }, &path);
        }
    }
    let height = y.at(funnel.target);
    svg.line("mark", (left, height), (right, height));
    for unit in &units {
        let class = if unit.is_outside { "point" } else { "point f4" };
        let says = format!(
            "{}: {} of {} {}",
            unit.name,
            number::percent(unit.share),
            number::count(unit.n as i64),
            funnel.x_label
        );
        svg.dot(class, (x.at(unit.n), y.at(unit.share)), 4.0, &says);
    }
    let mut outside: Vec<&&FunnelUnit> = units.iter().filter(|unit| unit.is_outside).collect();
    outside.sort_by(|a, b| b.n.total_cmp(&a.n).then_with(|| a.name.cmp(&b.name)));
    // A name that would lie on another one moves down until it is free.
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for unit in outside.into_iter().take(MOST_NAMES) {
        let (px, py) = (x.at(unit.n), y.at(unit.share));
        let text = fit(&number::harmless(&unit.name), (right - left) / 2.0);
        let room = text_width(&text);
        let (anchor, px, from) = if px + 8.0 + room > right {
            (Anchor::End, px - 8.0, px - 8.0 - room)
        } else {
            (Anchor::Start, px + 8.0, px + 8.0)
        };
        let mut line = (py + 4.5).max(top + 6.0);
        let lies_on =
            |line: f64| move |(a, b, at): &(f64, f64, f64)| from < *b && *a < from + room && (at - line).abs() < LINE;
        while taken.iter().any(lies_on(line)) && line < bottom {
            line += LINE;
        }
        taken.push((from, from + room, line));
        svg.text("value halo", (px, line), anchor, &text);
    }
    Some(svg.finish())
}

/// What the lines are.
pub(super) fn legend(funnel: &Funnel) -> Vec<Key> {
    let key = |name: String, class: &str| Key {
        name,
        swatch: format!(
            "<svg class=\"swatch\" viewBox=\"0 0 34 12\" aria-hidden=\"true\">\
             <line class=\"{class}\" x1=\"0\" y1=\"6\" x2=\"34\" y2=\"6\"/></svg>"
        ),
    };
    if usable(funnel).is_empty() || !(0.0..=1.0).contains(&funnel.target) {
        return Vec::new();
    }
    vec![
        key(format!("all together: {}", number::percent(funnel.target)), "mark"),
        key("95 of 100 lie within by chance".to_owned(), "curve s4 d1"),
        key("998 of 1,000 lie within by chance".to_owned(), "curve s4 d0"),
    ]
}
