//! Points in a plane, each with a number that the legend explains.

use super::axis::{Scale, fit, room_for, round_out, text_width, ticks};
use super::svg::{Anchor, Svg};
use super::{Key, Numbers, Width};
use crate::report::model::{Scatter, ScatterPoint};
use crate::report::number;

/// More points than this cannot be told apart.
pub(super) const MOST: usize = 20;

/// Labels closer than this run into each other.
const CLOSE: f64 = 14.0;

fn known(scatter: &Scatter) -> impl Iterator<Item = (usize, &ScatterPoint)> {
    let finite = |point: &&ScatterPoint| point.x.is_finite() && point.y.is_finite();
    scatter.points.iter().filter(finite).take(MOST).enumerate()
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    // Costs and information begin at nothing.
    values.fold((0.0, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

/// Draws the points.
pub(super) fn draw(scatter: &Scatter, id: &str, width: Width) -> Option<String> {
    known(scatter).next()?;
    let wide = width.is_wide();
    let (x_low, x_high) = range(known(scatter).map(|(_, point)| point.x));
    let (y_low, y_high) = range(known(scatter).map(|(_, point)| point.y));
    let (left, right) = (56.0, width.units() - 16.0);
    let (top, bottom) = (34.0, if wide { 320.0 } else { 260.0 });
    let wanted = room_for(x_low, x_high, if wide { 7 } else { 4 }, right - left);
    let (x_low, x_high) = round_out(x_low, x_high, wanted);
    let (y_low, y_high) = round_out(y_low, y_high, 5);
    let (x, y) = (Scale::new((x_low, x_high), (left, right)), Scale::new((y_low, y_high), (bottom, top)));
    let caption = &scatter.caption;
    let mut svg = Svg::new(&width.id(id), width.class(), (width.units(), bottom + 46.0), &caption.title, &caption.says);
    let across = ticks(x_low, x_high, wanted);
    for at in &across.at {
        svg.line("grid", (x.at(*at), top), (x.at(*at), bottom));
        svg.text("tick", (x.at(*at), bottom + 17.0), Anchor::Middle, &number::tick(*at, across.step));
    }
    let up = ticks(y_low, y_high, 5);
    for at in &up.at {
        svg.line("grid", (left, y.at(*at)), (right, y.at(*at)));
        svg.text("tick", (left - 8.0, y.at(*at) + 4.5), Anchor::End, &number::tick(*at, up.step));
    }
    svg.line("axis", (left, bottom), (right, bottom));
    svg.text("name", ((left + right) / 2.0, bottom + 39.0), Anchor::Middle, &fit(&scatter.x_label, right - left));
    svg.text("name", (4.0, 14.0), Anchor::Start, &fit(&scatter.y_label, width.units() - 8.0));
    // Points that lie on each other share a label.
    let mut labels: Vec<((f64, f64), String)> = Vec::new();
    for (at, point) in known(scatter) {
        let place = (x.at(point.x), y.at(point.y));
        let says = [&point.name, &number::figure(point.x), &number::figure(point.y), &point.note];
        svg.dot("point", place, 5.0, &says.map(String::as_str).join("; "));
        let near = |(other, _): &&mut ((f64, f64), String)| {
            (other.0 - place.0).abs() < CLOSE && (other.1 - place.1).abs() < CLOSE
        };
        match labels.iter_mut().find(near) {
            Some((_, text)) => text.push_str(&format!(", {}", at + 1)),
            None => labels.push((place, format!("{}", at + 1))),
        }
    }
    for (place, text) in labels {
        // Left of the point where the edge is near.
        let near = place.0 + 10.0 + text_width(&text) > right;
        let (anchor, x) = if near { (Anchor::End, place.0 - 8.0) } else { (Anchor::Start, place.0 + 8.0) };
        svg.text("value halo", (x, place.1 - 6.0), anchor, &text);
    }
    Some(svg.finish())
}

/// The numbers at the points with their names.
pub(super) fn legend(scatter: &Scatter) -> Vec<Key> {
    let key = |(at, point): (usize, &ScatterPoint)| Key {
        name: format!("{} {}", at + 1, number::harmless(&point.name)),
        swatch: "<svg class=\"swatch square\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">\
                 <circle class=\"point\" cx=\"7\" cy=\"7\" r=\"5\"/></svg>"
            .to_owned(),
    };
    known(scatter).map(key).collect()
}

/// One row per point.
pub(super) fn numbers(scatter: &Scatter) -> Numbers {
    let row = |point: &ScatterPoint| {
        let shown = |value: f64| if value.is_finite() { number::figure(value) } else { "cannot tell".to_owned() };
        vec![number::harmless(&point.name), shown(point.x), shown(point.y), number::harmless(&point.note)]
    };
    Numbers {
        columns: vec!["name".to_owned(), scatter.x_label.clone(), scatter.y_label.clone(), "note".to_owned()],
        rows: scatter.points.iter().take(MOST).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Caption;

    fn scatter(points: &[(f64, f64)]) -> Scatter {
        let point = |(x, y): &(f64, f64)| ScatterPoint { name: "<i>Round".into(), x: *x, y: *y, note: String::new() };
        Scatter {
            caption: Caption { title: "t".into(), says: "s".into() },
            x_label: "hours".into(),
            y_label: "information".into(),
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn points_on_each_other_share_a_label() {
        let svg = draw(&scatter(&[(0.0, 0.4), (90.0, 0.2), (0.0, 0.401)]), "a", Width::Wide).unwrap_or_default();
        assert!(svg.contains(">1, 3<") && svg.contains(">2<"), "{svg}");
    }

    #[test]
    fn points_are_numbered_and_named_in_the_legend() {
        let some = scatter(&[(10.0, 0.4), (f64::NAN, 0.2), (80.0, 0.1)]);
        for width in [Width::Wide, Width::Narrow] {
            let svg = draw(&some, "a", width).unwrap_or_default();
            super::super::check_nesting(&svg, &[]);
            assert_eq!(svg.matches("<circle").count(), 2);
            assert!(!svg.contains("NaN"));
        }
        assert_eq!(legend(&some).len(), 2);
        assert!(!legend(&some)[1].name.is_empty());
        assert_eq!(numbers(&some).rows[1][1], "cannot tell");
        assert_eq!(draw(&scatter(&[]), "a", Width::Wide), None);
    }
}
