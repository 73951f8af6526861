//! Pictures: a [`Chart`] becomes inline SVG text.
//!
//! Each picture is laid out twice, once for a page and once for a phone, and the page's style shows the one that
//! fits; so text keeps its size and nothing has to be scrolled sideways. Colours, dashes and type sizes are
//! classes and custom properties of the page, so light mode, dark mode and paper need no second drawing.
//! A chart without anything to draw becomes a sentence that says so.

mod axis;
mod curves;
mod funnel;
mod heatmap;
mod intervals;
mod multiples;
mod numbers;
pub mod palette;
mod scatter;
mod spark;
mod stacked;
mod svg;

use super::model::{Caption, Chart};
pub use spark::draw as spark;

/// Which of the two layouts to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// For a page or paper, names beside what they name.
    Wide,
    /// For a phone, names above what they name.
    Narrow,
}

impl Width {
    /// The width of the view box. One unit is one pixel on the screen the layout is meant for.
    fn units(self) -> f64 {
        match self {
            Width::Wide => 720.0,
            Width::Narrow => 340.0,
        }
    }

    fn is_wide(self) -> bool {
        self == Width::Wide
    }

    /// The class that shows or hides the picture.
    fn class(self) -> &'static str {
        match self {
            Width::Wide => "plot wide",
            Width::Narrow => "plot narrow",
        }
    }

    /// What makes an id of this layout unique beside the other layout's.
    fn id(self, id: &str) -> String {
        format!("{id}-{}", if self.is_wide() { "w" } else { "n" })
    }
}

/// One entry of a legend, drawn by the page above the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The name. May hold text from the data.
    pub name: String,
    /// Small SVG that shows the line or the fill.
    pub swatch: String,
}

/// The numbers of a picture as a table, for who cannot or would rather not read pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Headings; the first is the name of the rows.
    pub columns: Vec<String>,
    /// Rows; the first cell is the row's name.
    pub rows: Vec<Vec<String>>,
}

/// A chart's words.
pub fn caption(chart: &Chart) -> &Caption {
    match chart {
        Chart::Curves(curves) => &curves.caption,
        Chart::Stacked(stacked) => &stacked.caption,
        Chart::Intervals(intervals) => &intervals.caption,
        Chart::Funnel(funnel) => &funnel.caption,
        Chart::Multiples(multiples) => &multiples.caption,
        Chart::Heatmap(heatmap) => &heatmap.caption,
        Chart::Scatter(scatter) => &scatter.caption,
    }
}

/// A chart as SVG text, or `None` where there is nothing to draw. `id` must be unique in the page.
pub fn svg(chart: &Chart, id: &str, width: Width) -> Option<String> {
    match chart {
        Chart::Curves(curves) => curves::draw(curves, id, width),
        Chart::Stacked(stacked) => stacked::draw(stacked, id, width),
        Chart::Intervals(intervals) => intervals::draw(intervals, id, width),
        Chart::Funnel(funnel) => funnel::draw(funnel, id, width),
        Chart::Multiples(multiples) => multiples::draw(multiples, id, width),
        Chart::Heatmap(heatmap) => heatmap::draw(heatmap, id, width),
        Chart::Scatter(scatter) => scatter::draw(scatter, id, width),
    }
}

/// The legend; empty where a picture names its parts itself.
pub fn legend(chart: &Chart) -> Vec<Key> {
    match chart {
        Chart::Curves(curves) => curves::legend(curves),
        Chart::Stacked(stacked) => stacked::legend(stacked),
        Chart::Funnel(funnel) => funnel::legend(funnel),
        Chart::Scatter(scatter) => scatter::legend(scatter),
        Chart::Intervals(_) | Chart::Multiples(_) | Chart::Heatmap(_) => Vec::new(),
    }
}

/// The numbers behind the picture.
pub fn numbers(chart: &Chart) -> Numbers {
    match chart {
        Chart::Curves(curves) => numbers::curves(curves),
        Chart::Stacked(stacked) => numbers::stacked(stacked),
        Chart::Intervals(intervals) => numbers::intervals(intervals),
        Chart::Funnel(funnel) => numbers::funnel(funnel),
        Chart::Multiples(multiples) => numbers::multiples(multiples),
        Chart::Heatmap(heatmap) => heatmap::numbers(heatmap),
        Chart::Scatter(scatter) => scatter::numbers(scatter),
    }
}

/// What a picture leaves out, as a sentence: more series, parts or rows than can be told apart.
pub fn left_out(chart: &Chart) -> Option<String> {
    let (kind, shown, all) = match chart {
        Chart::Curves(curves) => ("curves", curves::MOST, curves.series.len()),
        Chart::Stacked(stacked) => ("bars", stacked::MOST_BARS, stacked.bars.len()),
        Chart::Intervals(intervals) => ("rows", intervals::MOST, intervals.rows.len()),
        Chart::Funnel(funnel) => ("points", funnel::MOST, funnel.units.len()),
        Chart::Multiples(multiples) => ("figures", multiples::MOST, multiples.panels.len()),
        Chart::Heatmap(heatmap) => ("names", heatmap::MOST, heatmap.names.len()),
        Chart::Scatter(scatter) => ("points", scatter::MOST, scatter.points.len()),
    };
    (all > shown).then(|| format!("The picture shows the first {shown} of {all} {kind}; the tables hold all of them."))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::check_nesting;
