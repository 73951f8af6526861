use super::*;
use crate::report::model::{Curves, IntervalRow, Intervals, Stacked};
use crate::report::sample;

fn charts() -> Vec<Chart> {
    let charts = sample::report().sections.into_iter().flat_map(|section| section.charts);
    charts.chain(sample::odd_charts()).collect()
}

/// Every element is closed, in order; elements in `void` have no end.
pub(crate) fn check_nesting(text: &str, void: &[&str]) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').unwrap_or(rest.len());
        let (tag, after) = rest.split_at(end);
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "near {}", &after[..after.len().min(80)]);
        } else if !tag.ends_with('/') && !void.contains(&name) && !void.contains(&tag) {
            open.push(name);
            if name == "script" || name == "style" {
                rest = &rest[rest.find(&format!("</{name}>")).unwrap_or(0)..];
                continue;
            }
        }
        rest = after;
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn every_picture_is_well_formed_and_finite_in_both_layouts() {
    for chart in charts() {
        for width in [Width::Wide, Width::Narrow] {
            let Some(svg) = svg(&chart, "a", width) else { continue };
            check_nesting(&svg, &[]);
            for bad in ["NaN", "inf", "d=\"\"", "<script", "<img", "http", "\u{202e}"] {
                assert!(!svg.contains(bad), "{bad} in {svg}");
            }
            assert!(svg.contains("role=\"img\"") && svg.contains("aria-labelledby=\"a-"));
        }
    }
}

#[test]
fn nothing_is_drawn_outside_of_the_view_box() {
    for chart in charts() {
        for width in [Width::Wide, Width::Narrow] {
            let Some(svg) = svg(&chart, "a", width) else { continue };
            for text in svg.split("<text ").skip(1) {
                let x: f64 = text
                    .split("x=\"")
                    .nth(1)
                    .and_then(|x| x.split('"').next())
                    .and_then(|x| x.parse().ok())
                    .unwrap_or(-1.0);
                assert!((0.0..=width.units()).contains(&x), "{text}");
            }
        }
    }
}

#[test]
fn a_curve_of_many_steps_stays_small() {
    let chart = Chart::Curves(sample::long_curves(100_000));
    let svg = svg(&chart, "a", Width::Wide).unwrap_or_default();
    let curve = svg.split("class=\"curve").nth(1).unwrap_or_default();
    let steps = curve.split('"').nth(2).unwrap_or_default().matches('V').count();
    assert!((300..=400).contains(&steps), "{steps}");
}

#[test]
fn numbers_that_are_none_leave_no_trace() {
    let caption = || crate::report::model::Caption { title: "t".into(), says: "s".into() };
    let row = |point, low, high| IntervalRow { name: "r".into(), point, low, high, note: String::new() };
    let nan = Some(f64::NAN);
    let odd = Chart::Intervals(Intervals {
        caption: caption(),
        x_label: "x".into(),
        rows: vec![
            row(nan, Some(1.0), Some(2.0)),
            row(Some(1.0), Some(0.5), Some(f64::INFINITY)),
            row(None, None, None),
        ],
        reference: Some((f64::NAN, "r".into())),
    });
    let drawn = svg(&odd, "a", Width::Wide).unwrap_or_default();
    assert!(
        !drawn.contains("NaN") && !drawn.contains("inf") && drawn.contains("cannot tell") && drawn.contains("arrow")
    );
    let empty = [
        Chart::Intervals(Intervals {
            caption: caption(),
            x_label: "x".into(),
            rows: vec![row(None, nan, nan)],
            reference: Some((1.0, "r".into())),
        }),
        Chart::Stacked(Stacked {
            caption: caption(),
            x_label: "x".into(),
            parts: vec!["p".into()],
            bars: vec![("b".into(), vec![f64::NAN])],
        }),
        Chart::Curves(Curves {
            caption: caption(),
            x_label: "x".into(),
            y_label: "y".into(),
            series: vec![],
            marks: vec![(1.0, "m".into())],
            x_max: f64::INFINITY,
        }),
    ];
    for chart in &empty {
        assert_eq!(svg(chart, "a", Width::Wide), None);
        assert_eq!(svg(chart, "a", Width::Narrow), None);
    }
}

#[test]
fn what_has_no_colour_is_summed_up() {
    let chart = Stacked {
        caption: crate::report::model::Caption { title: "t".into(), says: "s".into() },
        x_label: "x".into(),
        parts: (0..11).map(|at| format!("part {at}")).collect(),
        bars: vec![("b".into(), vec![1.0; 11])],
    };
    let keys = legend(&Chart::Stacked(chart.clone()));
    assert_eq!(keys.len(), 8);
    assert_eq!(keys[7].name, "all else (4 parts)");
    assert_eq!(numbers(&Chart::Stacked(chart)).rows[0].last().map(String::as_str), Some("11.0"));
}

#[test]
fn a_funnel_names_only_who_lies_outside() {
    let mut funnel = sample::funnel(20);
    funnel.units.retain(|unit| unit.name.starts_with("p-") || unit.is_outside);
    let drawn = svg(&Chart::Funnel(funnel.clone()), "a", Width::Wide).unwrap_or_default();
    let dots = drawn.matches("<circle").count();
    assert_eq!(dots, funnel.units.len());
    assert!(!drawn.contains(">p-0001<") && drawn.contains("&lt;script&gt;"), "{drawn}");
    let rows = numbers(&Chart::Funnel(funnel.clone())).rows;
    assert_eq!(rows.first().and_then(|row| row.last()).map(String::as_str), Some("outside of the limits"));
    funnel.units.clear();
    assert_eq!(svg(&Chart::Funnel(funnel.clone()), "a", Width::Wide), None);
    assert!(legend(&Chart::Funnel(funnel)).is_empty());
}

#[test]
fn small_multiples_leave_a_gap_where_a_period_cannot_tell() {
    let row = |name: &str, point| IntervalRow { name: name.into(), point, low: None, high: None, note: String::new() };
    let panel = |rows| crate::report::model::Panel { title: "t".into(), rows, reference: None, note: String::new() };
    let of = |panels| {
        let caption = crate::report::model::Caption { title: "t".into(), says: "s".into() };
        Chart::Multiples(crate::report::model::Multiples { caption, panels })
    };
    let rows = vec![row("2026Q1", Some(1.0)), row("2026Q2", None), row("2026Q3", Some(2.0)), row("2026Q4", Some(3.0))];
    let chart = of(vec![panel(rows)]);
    let drawn = svg(&chart, "a", Width::Narrow).unwrap_or_default();
    // One line, between the last two; three dots.
    assert_eq!((drawn.matches("M").count(), drawn.matches("<circle").count()), (1, 3), "{drawn}");
    assert_eq!(numbers(&chart).rows.len(), 4);
    assert_eq!(svg(&of(vec![panel(vec![row("2026Q1", None)])]), "a", Width::Wide), None);
}
