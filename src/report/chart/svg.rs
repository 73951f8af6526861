//! Writing SVG text: the only place that knows its syntax, so that escaping cannot be forgotten.

use std::fmt::Write;

use crate::report::number;

/// An SVG picture in the making.
#[derive(Debug)]
pub(super) struct Svg {
    out: String,
}

/// Where a text is anchored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// Opens a picture with its name and description for a screen reader; `id` is unique in the page.
    pub(super) fn new(id: &str, class: &str, (width, height): (f64, f64), title: &str, says: &str) -> Self {
        let (id, width, height) = (escape(id), coordinate(width), coordinate(height));
        let out = format!(
            "<svg class=\"{}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            escape(class),
            escape(title),
            escape(says),
        );
        Self { out }
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(coordinate);
        let _ = write!(self.out, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    /// A path, its data already written with [`coordinate`].
    pub(super) fn path(&mut self, class: &str, data: &str) {
        let _ = write!(self.out, "<path class=\"{class}\" d=\"{data}\"/>");
    }

    /// A dot; `title` shows on hovering.
    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64, title: &str) {
        let [x, y, radius] = [x, y, radius].map(coordinate);
        let _ = write!(self.out, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        let _ = if title.is_empty() {
            write!(self.out, "/>")
        } else {
            write!(self.out, "><title>{}</title></circle>", escape(title))
        };
    }

    /// A rectangle; `fill` overrules the class, for a pattern, and `title` shows on hovering.
    pub(super) fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], fill: Option<&str>, title: &str) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(coordinate);
        let fill = fill.map(|fill| format!(" style=\"fill:url(#{})\"", escape(fill))).unwrap_or_default();
        let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(title)) };
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{fill}>{title}</rect>"
        );
    }

    /// A hatching that lies over a fill.
    pub(super) fn hatching(&mut self, id: &str) {
        let _ = write!(
            self.out,
            "<defs><pattern id=\"{}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>",
            escape(id)
        );
    }

    /// A text. Foreign text goes through here.
    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let [x, y] = [x, y].map(coordinate);
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = write!(self.out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", escape(text));
    }

    /// Closes the picture.
    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// A position with one decimal at most. What is no number becomes 0: it must never reach the page.
pub(super) fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        debug_assert!(false, "a position is not a number");
        return "0".to_owned();
    }
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Foreign text as content or attribute value: nothing hidden, nothing that opens or closes markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in number::visible(text, 1_000).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
