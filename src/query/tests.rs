//! The formats over one answer that holds everything a cell can be, hostile text among it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};

use super::{FORMATS, Shown, format};

const HOSTILE: &str = "=cmd|' /C calc'!A0\u{1b}[2J\u{202e}";

fn answer() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("name", Arc::new(StringArray::from(vec![Some(HOSTILE), Some("plain, \"quoted\""), None]))),
        ("whole", Arc::new(Int64Array::from(vec![Some(1_234_567), Some(-3), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.1), Some(-0.000_04), None]))),
        ("is_open", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        (
            "at",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_790_000_000_000_000), Some(0), None]).with_timezone("UTC"),
            ),
        ),
        ("day", Arc::new(Date32Array::from(vec![Some(20_000), Some(0), None]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn rendered(id: &str, most: Option<usize>) -> String {
    let Shown::Text(render) = format(id).unwrap().shown else { panic!("{id} is no text") };
    render(&answer(), most).unwrap()
}

#[test]
fn formats_have_names_of_their_own() {
    let mut ids: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), FORMATS.len());
    assert_eq!(FORMATS[0].id, "table");
}

#[test]
fn no_format_passes_on_what_moves_a_cursor() {
    for id in ["table", "csv", "json"] {
        let text = rendered(id, None);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{id}: {text:?}");
        assert!(text.contains("cmd|"), "{id}: {text:?}");
    }
}

#[test]
fn a_table_is_aligned_and_says_how_much_is_left() {
    let text = rendered("table", Some(1));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[2].contains("1\u{202f}234\u{202f}567  ") && lines[2].contains("0.10"), "{text}");
    assert_eq!(lines[3], "3 rows; 2 not shown: --all shows them, --format csv writes them");
    let all = rendered("table", None);
    let last: Vec<&str> = all.lines().collect();
    assert_eq!(last[4].split_whitespace().collect::<Vec<_>>(), ["·"; 6], "{all}");
    assert!(last[3].contains("−3") && last[3].contains("−4.0e−5"), "{all}");
    let starts: Vec<usize> = last[1]
        .split("  ")
        .scan(0, |at, rule| {
            let start = *at;
            *at += rule.chars().count() + 2;
            Some(start)
        })
        .collect();
    let whole = last[0].chars().skip(starts[1]).take(9).collect::<String>();
    assert_eq!(whole, "    whole", "{all}");
}

#[test]
fn csv_holds_every_row_in_full_and_no_formula() {
    let text = rendered("csv", Some(1));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0][0].starts_with("'=cmd|"), "{text}");
    assert_eq!(&rows[1][0], "plain, \"quoted\"");
    assert_eq!(&rows[0][1], "1234567");
    assert_eq!(&rows[1][1], "-3", "a negative number is no formula");
    assert_eq!(&rows[1][2], "-0.00004");
    assert_eq!(&rows[0][5], "2024-10-04");
    assert!(rows[2].iter().all(str::is_empty), "{text}");
}

#[test]
fn json_is_read_back_as_it_was() {
    let text = rendered("json", Some(1));
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(rows[0]["name"], HOSTILE);
    assert_eq!(rows[1]["share"], -0.000_04);
    assert_eq!(rows[0]["at"], "2026-09-21T14:13:20Z");
    assert_eq!(rows[0]["is_open"], true);
    assert!(rows[2].as_object().unwrap().values().all(serde_json::Value::is_null));
    let first = text.lines().nth(1).unwrap();
    let order: Vec<usize> =
        ["name", "whole", "share", "is_open", "at", "day"].map(|key| first.find(&format!("\"{key}\"")).unwrap()).into();
    assert!(order.is_sorted(), "{first}");
}

#[test]
fn an_answer_without_rows_is_whole() {
    let none = answer().slice(0, 0);
    for format in FORMATS {
        if let Shown::Text(render) = format.shown {
            let text = render(&none, Some(50)).unwrap();
            match format.id {
                "table" => assert!(text.ends_with("0 rows\n"), "{text}"),
                "csv" => assert_eq!(text, "name,whole,share,is_open,at,day\n"),
                _ => assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), serde_json::json!([])),
            }
        }
    }
}
