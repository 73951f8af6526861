//! Step curves with bands. Wide or narrow, the plot takes the whole width; what differs is its height and how
//! many ticks there is room for. Labels of marks stand above the plot, each on the first row where it is free.

use super::axis::{FONT, Scale, fit, room_for, text_width, ticks};
use super::numbers::value_at;
use super::svg::{Anchor, Svg, coordinate};
use super::{Key, Width};
use crate::report::model::{Curves, Series, Step};
use crate::report::number;

/// More lines than this cannot be told apart.
pub(super) const MOST: usize = 5;

/// At most this many steps of a curve are drawn.
const MOST_STEPS: usize = 400;

/// At most this many places of the axis say their numbers on hovering.
const MOST_STRIPS: f64 = 60.0;

/// Room left of the plot for `100 %`, and right of it for half of the last tick's label.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 16.0;

/// One row of labels above the plot.
const ROW: f64 = 20.0;

/// Draws the curves.
pub(super) fn draw(curves: &Curves, id: &str, width: Width) -> Option<String> {
    let x_max = x_max(curves)?;
    let series: Vec<Vec<Step>> = curves.series.iter().take(MOST).map(|series| usable(series, x_max)).collect();
    if series.iter().all(Vec::is_empty) {
        return None;
    }
    let (left, right) = (LEFT, width.units() - RIGHT);
    let marks = mark_labels(curves, x_max, left, right);
    let rows = marks.iter().map(|mark| mark.row + 1).max().unwrap_or(0);
    let top = 2.0 * ROW + rows as f64 * ROW - 8.0;
    let bottom = top + if width.is_wide() { 260.0 } else { 230.0 };
    let x = Scale::new((0.0, x_max), (left, right));
    let y = Scale::new((0.0, 1.0), (bottom, top));

    let caption = &curves.caption;
    let size = (width.units(), bottom + 50.0);
    let mut svg = Svg::new(&width.id(id), width.class(), size, &caption.title, &caption.says);
    svg.text("name", (2.0, 14.0), Anchor::Start, &fit(&curves.y_label, width.units() - 4.0));
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.line(if share == 0.0 { "axis" } else { "grid" }, (left, y.at(share)), (right, y.at(share)));
        svg.text("tick", (left - 8.0, y.at(share) + 4.5), Anchor::End, &format!("{:.0} %", share * 100.0));
    }
    let scale = ticks(0.0, x_max, room_for(0.0, x_max, if width.is_wide() { 9 } else { 5 }, right - left));
    for at in &scale.at {
        svg.line("axis", (x.at(*at), bottom), (x.at(*at), bottom + 5.0));
        svg.text("tick", (x.at(*at), bottom + 20.0), Anchor::Middle, &number::tick(*at, scale.step));
    }
    svg.text("name", ((left + right) / 2.0, bottom + 42.0), Anchor::Middle, &fit(&curves.x_label, right - left));

    // Lines first: a label has a halo that keeps a later line out of its letters.
    let label_y = |mark: &Mark| ROW * (mark.row as f64 + 1.0) + 14.0;
    for mark in &marks {
        svg.line("mark", (x.at(mark.at), label_y(mark) - 10.0), (x.at(mark.at), bottom));
    }
    for mark in &marks {
        svg.text("name halo", (mark.x, label_y(mark)), mark.anchor, &mark.text);
    }
    let end_of_series =
        |at: usize| curves.series.get(at).and_then(|series| series.until).map_or(x_max, |until| until.min(x_max));
    // All bands lie under all lines, so that no line is tinted by another's band.
    for (at, steps) in series.iter().enumerate() {
        for run in steps.split(|step| step.low.is_none() || step.high.is_none()).filter(|run| !run.is_empty()) {
            let end = end_of(run, steps, end_of_series(at));
            svg.path(&format!("band f{at}"), &band(run, end, x, y));
        }
    }
    for (at, steps) in series.iter().enumerate().filter(|(_, steps)| !steps.is_empty()) {
        svg.path(&format!("curve s{at} d{at}"), &outline(steps, end_of_series(at), x, y));
    }
    if width.is_wide() {
        readings(&mut svg, curves, &series, (x_max, x), (top, bottom));
    }
    Some(svg.finish())
}

/// Upright strips that say on hovering what all curves are at their middle. A phone has no pointer to hover with.
fn readings(svg: &mut Svg, curves: &Curves, series: &[Vec<Step>], (x_max, x): (f64, Scale), (top, bottom): (f64, f64)) {
    let strips = x_max.clamp(1.0, MOST_STRIPS).floor();
    let wide = x_max / strips;
    for strip in 0..strips as usize {
        let from = strip as f64 * wide;
        let at = if wide > 1.0 { (from + wide / 2.0).floor() } else { from };
        let said = series.iter().zip(&curves.series).filter(|(steps, _)| !steps.is_empty());
        let said = said.map(|(steps, one)| format!("{}: {}", one.name, value_at(steps, at)));
        let says = format!("{} {}. {}", number::tick(at, 1.0), curves.x_label, said.collect::<Vec<_>>().join("; "));
        svg.rect("hit", [x.at(from), top, x.at(from + wide) - x.at(from), bottom - top], None, &says);
    }
}

/// One entry per curve; a single curve needs none.
pub(super) fn legend(curves: &Curves) -> Vec<Key> {
    if curves.series.len() < 2 {
        return Vec::new();
    }
    let key = |(at, series): (usize, &Series)| Key {
        name: series.name.clone(),
        swatch: format!(
            "<svg class=\"swatch\" viewBox=\"0 0 34 12\" aria-hidden=\"true\">\
             <line class=\"curve s{at} d{at}\" x1=\"0\" y1=\"6\" x2=\"34\" y2=\"6\"/></svg>"
        ),
    };
    curves.series.iter().take(MOST).enumerate().map(key).collect()
}

/// Where the x axis ends: as stated, or where the last step is when the stated end is no number.
pub(super) fn x_max(curves: &Curves) -> Option<f64> {
    let stated = Some(curves.x_max).filter(|x| x.is_finite() && *x > 0.0);
    stated.or_else(|| {
        let steps = curves.series.iter().flat_map(|series| &series.steps);
        steps.map(|step| step.x).filter(|x| x.is_finite() && *x > 0.0).max_by(f64::total_cmp)
    })
}

/// The steps that can be drawn: finite, on the axis, in order, and no more than a screen can show.
pub(super) fn usable(series: &Series, x_max: f64) -> Vec<Step> {
    let share = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| v.clamp(0.0, 1.0));
    let mut steps: Vec<Step> = series
        .steps
        .iter()
        .filter(|step| step.x.is_finite() && step.y.is_finite() && (0.0..=x_max).contains(&step.x))
        .map(|step| Step { x: step.x, y: step.y.clamp(0.0, 1.0), low: share(step.low), high: share(step.high) })
        .collect();
    steps.sort_by(|a, b| a.x.total_cmp(&b.x));
    thinned(steps, x_max)
}

/// Keeps the first and the last step of each column of pixels: where a curve enters and leaves it.
fn thinned(steps: Vec<Step>, x_max: f64) -> Vec<Step> {
    if steps.len() <= MOST_STEPS {
        return steps;
    }
    let columns = (MOST_STEPS / 2) as f64;
    let column = |step: &Step| (step.x / x_max * (columns - 1.0)).floor() as i64;
    let mut out: Vec<Step> = Vec::with_capacity(MOST_STEPS);
    for (at, step) in steps.iter().enumerate() {
        let enters = at == 0 || column(&steps[at - 1]) != column(step);
        let leaves = steps.get(at + 1).is_none_or(|next| column(next) != column(step));
        if enters || leaves {
            out.push(*step);
        }
    }
    out
}

/// Where the last step of a run with bounds ends: at the next step without bounds, or where the curve ends.
fn end_of(run: &[Step], steps: &[Step], end: f64) -> f64 {
    let last = run.last().map_or(0.0, |step| step.x);
    steps.iter().find(|step| step.x > last).map_or(end, |step| step.x)
}

fn outline(steps: &[Step], end: f64, x: Scale, y: Scale) -> String {
    let mut out = String::new();
    for (at, step) in steps.iter().enumerate() {
        let (px, py) = (coordinate(x.at(step.x)), coordinate(y.at(step.y)));
        out.push_str(&if at == 0 { format!("M{px} {py}") } else { format!("H{px}V{py}") });
    }
    out.push_str(&format!("H{}", coordinate(x.at(end))));
    out
}

fn band(run: &[Step], end: f64, x: Scale, y: Scale) -> String {
    let mut out = String::new();
    for (at, step) in run.iter().enumerate() {
        let (px, py) = (coordinate(x.at(step.x)), coordinate(y.at(step.high.unwrap_or(step.y))));
        out.push_str(&if at == 0 { format!("M{px} {py}") } else { format!("H{px}V{py}") });
    }
    out.push_str(&format!("H{}", coordinate(x.at(end))));
    for step in run.iter().rev() {
        let (px, py) = (coordinate(x.at(step.x)), coordinate(y.at(step.low.unwrap_or(step.y))));
        out.push_str(&format!("V{py}H{px}"));
    }
    out.push('Z');
    out
}

/// A vertical mark with the place of its label.
struct Mark {
    at: f64,
    x: f64,
    row: usize,
    anchor: Anchor,
    text: String,
}

/// Places each label right of the top of its mark, or left of it at the right edge, on the first row below the
/// labels that it would touch: so the marks' lines start below the labels of marks further left.
fn mark_labels(curves: &Curves, x_max: f64, left: f64, right: f64) -> Vec<Mark> {
    const BESIDE: f64 = 5.0;
    let scale = Scale::new((0.0, x_max), (left, right));
    let mut taken: Vec<(f64, f64, usize)> = Vec::new();
    let mut marks = Vec::new();
    let mut wanted: Vec<_> =
        curves.marks.iter().filter(|(at, _)| at.is_finite() && (0.0..=x_max).contains(at)).collect();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (at, label) in wanted {
        let text = fit(&number::harmless(label), (right - left) / 2.0);
        let (room, x) = (text_width(&text), scale.at(*at));
        let (anchor, from, to) = if x + BESIDE + room > right + RIGHT {
            (Anchor::End, x - BESIDE - room, x)
        } else {
            (Anchor::Start, x, x + BESIDE + room)
        };
        let touched = taken.iter().filter(|(a, b, _)| from < *b + FONT && *a < to + FONT);
        let row = touched.map(|(_, _, row)| row + 1).max().unwrap_or(0);
        taken.push((from, to, row));
        let x = if anchor == Anchor::Start { x + BESIDE } else { x - BESIDE };
        marks.push(Mark { at: *at, x, row, anchor, text });
    }
    marks
}
