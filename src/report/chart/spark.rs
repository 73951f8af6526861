//! A line as small as a word: how one figure moved over the last quarters. The number beside it says where it stands.

use super::svg::{Svg, coordinate};

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 26.0;
/// Room for half of the last point.
const EDGE: f64 = 4.0;

/// Draws the values in their order; a quarter that cannot tell leaves a gap. Nothing is drawn for fewer than two.
pub fn draw(id: &str, title: &str, says: &str, values: &[Option<f64>]) -> Option<String> {
    let values: Vec<Option<f64>> = values.iter().map(|value| value.filter(|v| v.is_finite())).collect();
    let known = values.iter().flatten();
    let (low, high) = known.clone().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    if known.count() < 2 {
        return None;
    }
    let span = if high > low { high - low } else { 1.0 };
    let pitch = (WIDTH - 2.0 * EDGE) / (values.len() - 1) as f64;
    let place = |(at, value): (usize, f64)| {
        let up = if high > low { (value - low) / span } else { 0.5 };
        (EDGE + at as f64 * pitch, HEIGHT - EDGE - up * (HEIGHT - 2.0 * EDGE))
    };
    let mut svg = Svg::new(id, "spark", (WIDTH, HEIGHT), title, says);
    let mut path = String::new();
    let mut last = None;
    let mut joins = false;
    for (at, value) in values.iter().enumerate() {
        let Some(value) = *value else {
            joins = false;
            continue;
        };
        let (x, y) = place((at, value));
        path.push_str(&format!("{}{} {}", if joins { 'L' } else { 'M' }, coordinate(x), coordinate(y)));
        joins = true;
        last = Some((x, y));
    }
    svg.path("curve s0", &path);
    if let Some(last) = last {
        svg.dot("point", last, EDGE - 0.5, "");
    }
    Some(svg.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_where_nothing_is_known_and_ends_at_the_last_known_value() {
        let drawn = draw("x", "t", "d", &[Some(1.0), Some(3.0), None, Some(2.0), Some(1.0)]).unwrap_or_default();
        assert!(drawn.contains("d=\"M4 22L32 4M88 13L116 22\""), "{drawn}");
        assert!(drawn.contains("cx=\"116\" cy=\"22\""), "{drawn}");
    }

    #[test]
    fn one_value_is_no_line_and_equal_ones_are_a_level_one() {
        assert_eq!(draw("x", "t", "d", &[Some(1.0), None, Some(f64::NAN)]), None);
        let level = draw("x", "t", "d", &[Some(1.0), Some(1.0)]).unwrap_or_default();
        assert!(level.contains("M4 13L116 13"), "{level}");
    }
}
