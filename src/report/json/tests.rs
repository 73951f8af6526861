use super::*;
use crate::report::model::Chart;
use crate::report::sample::{self, HOSTILE};

/// The sample with little of what comes in rows, so that the snapshot can be read.
fn small() -> Report<'static> {
    let mut report = sample::report();
    for section in &mut report.sections {
        section.tables.truncate(1);
        for chart in &mut section.charts {
            if let Chart::Curves(curves) = chart {
                curves.series.iter_mut().for_each(|series| series.steps.truncate(3));
            }
        }
    }
    report
}

fn json(report: &Report<'_>) -> String {
    String::from_utf8(render(report).unwrap_or_default()).unwrap_or_default()
}

#[test]
fn the_whole_model_is_there() {
    insta::assert_snapshot!(json(&small()));
}

#[test]
fn it_is_json_without_hidden_characters_and_says_its_version() {
    let text = json(&sample::report());
    assert_eq!(text, json(&sample::report()));
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(value["format"], "looplens-report");
    assert_eq!(value["version"], 1);
    assert_eq!(value["sections"][0]["charts"][1]["bars"][3]["name"], HOSTILE[2], "escapes lose nothing");
}

#[test]
fn what_is_no_number_is_null_with_a_reason() {
    let mut report = sample::report();
    report.findings[5].q_value = Some(f64::NAN);
    report.findings[5].evidence.insert("odd".into(), Cell::Float(f64::INFINITY));
    let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap_or_default();
    let finding = &value["findings"][5];
    assert!(
        finding["q_value"].is_null() && finding["evidence"]["odd"].is_null() && finding["evidence"]["auc"].is_null()
    );
    assert_eq!(finding["reason"], "the data cannot tell");
    assert!(value["sections"][0]["charts"][1]["bars"][2]["values"][6].is_null());
    assert_eq!(value["sections"][1]["charts"][0]["rows"][4]["reason"], "3 loops, none decided");
    assert!(value["sections"][2]["charts"][0]["x_max"].is_null());
}

#[test]
fn a_heading_that_comes_twice_loses_no_cell() {
    assert_eq!(unique(["n", "n", "n 2", "n"].into_iter()), ["n", "n 2", "n 2 2", "n 3"]);
}
