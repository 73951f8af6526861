//! Scales, ticks and the room that text needs: what all three kinds of picture share.

use crate::report::number;

/// A straight map from values to positions. Positions never leave the range, so a value beyond the axis
/// ends at its edge, and no position is ever NaN.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// `from..to` in values becomes `start..end` in positions.
    pub(super) fn new((from, to): (f64, f64), (start, end): (f64, f64)) -> Self {
        Self { from, to, start, end }
    }

    /// The position of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let span = self.to - self.from;
        let share = if span > 0.0 && value.is_finite() { (value - self.from) / span } else { 0.0 };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }
}

/// Ticks of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    /// How far apart they are: 1, 2 or 5 times a power of ten.
    pub step: f64,
    /// Where they are.
    pub at: Vec<f64>,
}

/// About `wanted` round values inside `low..=high`.
pub(super) fn ticks(low: f64, high: f64, wanted: usize) -> Ticks {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) {
        return Ticks { step: 1.0, at: if low.is_finite() { vec![low] } else { Vec::new() } };
    }
    let rough = span / wanted.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(rough);
    // A tolerance of a millionth of a step keeps the last tick in spite of rounding.
    let first = (low / step - 1e-6).ceil();
    let last = (high / step + 1e-6).floor();
    let count = (last - first).clamp(0.0, 50.0) as usize;
    let at = (0..=count).map(|k| (first + k as f64) * step).filter(|v| *v <= high + step * 1e-6).collect();
    Ticks { step, at }
}

/// How many ticks to ask for, at most `most`, so that their labels keep clear of each other.
pub(super) fn room_for(low: f64, high: f64, most: usize, width: f64) -> usize {
    let fits = |wanted: &usize| {
        let scale = ticks(low, high, *wanted);
        let widest = scale.at.iter().map(|at| text_width(&number::tick(*at, scale.step))).fold(0.0, f64::max);
        (widest + FONT) * scale.at.len() as f64 <= width + widest
    };
    (2..=most).rev().find(fits).unwrap_or(2)
}

/// The smallest range with round ends that holds `low..high`.
pub(super) fn round_out(low: f64, high: f64, wanted: usize) -> (f64, f64) {
    // A single value stands in the middle of a range of its own size.
    let half = if low == 0.0 { 0.5 } else { low.abs() / 2.0 };
    let (low, high) = if high > low { (low, high) } else { (low - half, high + half) };
    let step = ticks(low, high, wanted).step;
    ((low / step + 1e-6).floor() * step, (high / step - 1e-6).ceil() * step)
}

/// The font size of every text in a picture, in units of the view box.
pub(super) const FONT: f64 = 13.0;

/// About how wide a text is. Nothing can be measured here, so this errs on the wide side; scripts with
/// square letters count twice.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            '\u{202f}' | ' ' | '.' | ',' | ':' | 'i' | 'l' | 'j' | '\'' | '|' => 0.33,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
            c if c.is_ascii_uppercase() => 0.7,
            c if (c as u32) >= 0x1100 && !('\u{2000}'..='\u{2e7f}').contains(&c) => 1.05,
            _ => 0.6,
        })
        .sum::<f64>()
        * FONT
}

/// A text cut to fit, with an ellipsis.
pub(super) fn fit(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if text_width(&out) + FONT * 0.9 > width {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 60.0, 6).at, vec![0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(ticks(0.0, 47.0, 5).at, vec![0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(ticks(-0.4, 0.4, 4).step, 0.2);
        assert_eq!(ticks(3.0, 3.0, 4).at, vec![3.0]);
        assert!(ticks(f64::NAN, 1.0, 4).at.is_empty());
        assert_eq!(round_out(13.2, 27.0, 5), (10.0, 30.0));
        assert_eq!(round_out(2.0, 2.0, 2), (1.0, 3.0));
    }

    #[test]
    fn long_labels_get_fewer_ticks() {
        assert_eq!(room_for(0.0, 60.0, 6, 300.0), 6);
        assert!(room_for(0.0, 6_000_000.0, 6, 300.0) < 6);
    }

    #[test]
    fn positions_stay_inside() {
        let scale = Scale::new((0.0, 10.0), (50.0, 150.0));
        assert_eq!([scale.at(5.0), scale.at(99.0), scale.at(f64::NAN)], [100.0, 150.0, 50.0]);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(fit("short", 200.0), "short");
        let cut = fit(&"Engineering ".repeat(9), 120.0);
        assert!(cut.ends_with('…') && text_width(&cut) <= 121.0, "{cut}");
    }
}
