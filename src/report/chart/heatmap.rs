//! A triangle of cells, one per pair: the darker, the larger. The value stands in each cell, so colour is never the only
//! cue. Names stand left of their row; columns carry the numbers of the names.

use super::axis::{fit, text_width};
use super::svg::{Anchor, Svg};
use super::{Numbers, Width};
use crate::report::model::{HeatCell, Heatmap};
use crate::report::number;

/// More names than this are a table's business.
pub(super) const MOST: usize = 12;

/// From these values on a cell is darker; the last one is as dark as a bar.
const SHADES: [f64; 4] = [0.0, 0.3, 0.6, 0.85];

fn value(cell: &HeatCell) -> Option<f64> {
    cell.value.filter(|value| value.is_finite())
}

/// The cell of a pair, whichever of the two comes first.
fn cell(heatmap: &Heatmap, a: usize, b: usize) -> Option<&HeatCell> {
    heatmap.cells.iter().find(|cell| (cell.row, cell.column) == (a, b) || (cell.row, cell.column) == (b, a))
}

/// Draws the triangle.
pub(super) fn draw(heatmap: &Heatmap, id: &str, width: Width) -> Option<String> {
    let names: Vec<String> = heatmap
        .names
        .iter()
        .take(MOST)
        .enumerate()
        .map(|(at, name)| format!("{} {}", at + 1, number::harmless(name)))
        .collect();
    let any = heatmap.cells.iter().any(|cell| value(cell).is_some() && cell.row.max(cell.column) < names.len());
    if names.len() < 2 || !any {
        return None;
    }
    let wide = width.is_wide();
    let columns = names.len() - 1;
    let most = if wide { 210.0 } else { 0.0 };
    let left = names.iter().map(|name| text_width(name)).fold(0.0, f64::max).min(most) + if wide { 14.0 } else { 2.0 };
    let room = width.units() - left - 4.0;
    let side = (room / columns as f64).min(if wide { 96.0 } else { 60.0 });
    let above = if wide { 0.0 } else { 18.0 };
    let height = if wide { 46.0 } else { 34.0 };
    let pitch = height + above + 4.0;
    // The first name heads no row of its own.
    let top = if wide { 6.0 } else { 24.0 };
    let bottom = top + columns as f64 * pitch;
    let caption = &heatmap.caption;
    let mut svg = Svg::new(&width.id(id), width.class(), (width.units(), bottom + 26.0), &caption.title, &caption.says);
    if !wide && let Some(first) = names.first() {
        svg.text("label", (2.0, 13.0), Anchor::Start, &fit(first, width.units() - 4.0));
    }
    for row in 1..names.len() {
        let y = top + (row - 1) as f64 * pitch;
        if wide {
            svg.text("label", (left - 12.0, y + height / 2.0 + 4.5), Anchor::End, &fit(&names[row], left - 14.0));
        } else {
            svg.text("label", (2.0, y + 13.0), Anchor::Start, &fit(&names[row], width.units() - 4.0));
        }
        for column in 0..row {
            let x = left + column as f64 * side;
            let area = [x, y + above, side - 3.0, height];
            let found = cell(heatmap, row, column);
            let Some((found, value)) = found.and_then(|found| Some((found, value(found)?))) else {
                let says = format!("{}, {}: cannot tell", names[column], names[row]);
                svg.rect("h0", area, None, &says);
                svg.text(
                    "name",
                    (x + side / 2.0 - 1.5, y + above + height / 2.0 + 4.5),
                    Anchor::Middle,
                    number::NO_NUMBER,
                );
                continue;
            };
            let shade = SHADES.iter().filter(|from| value >= **from).count();
            let dark = shade == SHADES.len();
            let says = format!("{}, {}: {}", names[column], names[row], words(found));
            svg.rect(&if dark { "f0".to_owned() } else { format!("h{shade}") }, area, None, &says);
            let ink = if dark { "inside t0" } else { "inside" };
            let interval = interval(found).filter(|text| wide && text_width(text) + 8.0 <= side);
            let middle = y + above + height / 2.0 + if interval.is_some() { -3.0 } else { 4.5 };
            svg.text(ink, (x + side / 2.0 - 1.5, middle), Anchor::Middle, &format!("{value:.2}"));
            if let Some(text) = interval {
                let ink = if dark { "t0" } else { "label" };
                svg.text(ink, (x + side / 2.0 - 1.5, middle + 17.0), Anchor::Middle, &text);
            }
        }
    }
    for (column, name) in names.iter().take(columns).enumerate() {
        let x = left + (column as f64 + 0.5) * side - 1.5;
        let text = if wide { fit(name, side - 4.0) } else { format!("{}", column + 1) };
        svg.text("tick", (x, bottom + 15.0), Anchor::Middle, &text);
    }
    Some(svg.finish())
}

fn interval(cell: &HeatCell) -> Option<String> {
    let [low, high] = [cell.low, cell.high].map(|end| end.filter(|end| end.is_finite()));
    Some(format!("{:.2}–{:.2}", low?, high?))
}

fn words(cell: &HeatCell) -> String {
    let value = value(cell).map_or_else(|| "cannot tell".to_owned(), |value| format!("{value:.2}"));
    let note = if cell.note.is_empty() { String::new() } else { format!("; {}", number::harmless(&cell.note)) };
    let range = interval(cell).map_or_else(String::new, |range| format!(" ({range})"));
    format!("{value}{range}{note}")
}

/// One row per pair.
pub(super) fn numbers(heatmap: &Heatmap) -> Numbers {
    let shown = heatmap.names.len().min(MOST);
    let name = |at: usize| heatmap.names.get(at).map_or_else(String::new, |name| number::harmless(name));
    let cells = heatmap.cells.iter().filter(|cell| cell.row.max(cell.column) < shown);
    let rows = cells.map(|cell| {
        let value = value(cell).map_or_else(|| "cannot tell".to_owned(), |value| format!("{value:.2}"));
        let range = interval(cell).unwrap_or_else(|| number::NO_NUMBER.to_owned());
        vec![
            format!("{} / {}", name(cell.row.min(cell.column)), name(cell.row.max(cell.column))),
            value,
            range,
            number::harmless(&cell.note),
        ]
    });
    Numbers {
        columns: ["pair", heatmap.value_label.as_str(), "95 % interval", "note"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Caption;

    fn heatmap(values: &[(usize, usize, Option<f64>)]) -> Heatmap {
        Heatmap {
            caption: Caption { title: "t".into(), says: "s".into() },
            value_label: "correlation".into(),
            names: vec!["<b>Screen</b>".into(), "Technical round of quite some length".into(), "Final".into()],
            cells: values
                .iter()
                .map(|(row, column, value)| HeatCell {
                    row: *row,
                    column: *column,
                    value: *value,
                    low: value.map(|value| value - 0.1),
                    high: value.map(|value| value + 0.1),
                    note: "n = 40".into(),
                })
                .collect(),
        }
    }

    #[test]
    fn every_pair_has_its_cell_and_what_cannot_be_told_says_so() {
        let some = heatmap(&[(1, 0, Some(0.9)), (0, 2, Some(0.2)), (2, 1, None)]);
        for width in [Width::Wide, Width::Narrow] {
            let svg = draw(&some, "a", width).unwrap_or_default();
            super::super::check_nesting(&svg, &[]);
            assert!(svg.contains("0.90") && svg.contains("0.20") && svg.contains("cannot tell"));
            assert!(!svg.contains("<b>") && svg.contains("class=\"f0\"") && svg.contains("class=\"h1\""));
        }
        let numbers = numbers(&some);
        assert_eq!(numbers.rows.len(), 3);
        assert_eq!(numbers.rows[1][1..3], ["0.20".to_owned(), "0.10–0.30".to_owned()]);
    }

    #[test]
    fn nothing_known_is_no_picture() {
        assert_eq!(draw(&heatmap(&[(1, 0, None), (2, 0, Some(f64::NAN))]), "a", Width::Wide), None);
        assert_eq!(draw(&heatmap(&[(9, 0, Some(0.5))]), "a", Width::Narrow), None);
    }
}
