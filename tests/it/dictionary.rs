//! The dictionary that `looplens schema` prints is the truth about the files, and the files carry it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::{Scene, current, files_below};

fn schema(path: &Path) -> SchemaRef {
    ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().schema().clone()
}

fn word(ty: &DataType) -> &'static str {
    match ty {
        DataType::Utf8 => "text",
        DataType::Int64 => "integer",
        DataType::Float64 => "float",
        DataType::Boolean => "boolean",
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => "timestamp (UTC)",
        other => panic!("{other} is no type of the dictionary"),
    }
}

/// The tables of a part of the dictionary: name to (column, type, nullable, meaning) in order.
fn dictionary(scene: &Scene, part: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<[String; 4]>> {
    let printed: Value = serde_json::from_str(&scene.run(&["schema", "--format", "json"]).fine().out).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let column = |c: &Value| [text(&c["name"]), text(&c["type"]), c["nullable"].to_string(), text(&c["meaning"])];
    let tables = printed["tables"].as_array().unwrap().iter();
    tables
        .filter(|table| part(table["part"].as_str().unwrap()))
        .map(|table| (text(&table["table"]), table["columns"].as_array().unwrap().iter().map(column).collect()))
        .collect()
}

fn assert_described(table: &str, path: &Path, dictionary: &BTreeMap<String, Vec<[String; 4]>>) {
    let schema = schema(path);
    let columns: Vec<[String; 4]> = schema
        .fields()
        .iter()
        .map(|field| {
            let meaning = field.metadata().get("description").cloned().unwrap_or_default();
            assert!(meaning.len() > 3, "{table}.{} is not described in {}", field.name(), path.display());
            [field.name().clone(), word(field.data_type()).to_owned(), field.is_nullable().to_string(), meaning]
        })
        .collect();
    assert_eq!(Some(&columns), dictionary.get(table), "{table}");
    assert!(schema.metadata().get("looplens.about").is_some_and(|about| about.len() > 10), "{table} says nothing");
    assert!(schema.metadata().contains_key("looplens.format_version"), "{table}");
}

#[test]
fn every_file_of_a_dataset_and_of_the_results_is_as_the_dictionary_says() {
    let scene = Scene::new();
    // Two snapshots between which the past was edited, and a declared edit, so that no table is empty.
    let args = ["simulate", "--loops", "60", "--seed", "3", "--snapshots", "2", "--out", "export"];
    scene.run(&args).fine();
    scene.write(
        "export/2026-09-30/scorecards-2.csv",
        "application_id,stage,interviewer_id,dimension,score,scorecard_id,submitted_at,revision\n\
         app-0000001,Extra,int-1,craft,2,card-x1,2026-07-02T17:00:00Z,0\n\
         app-0000001,Extra,int-1,craft,3,card-x1,2026-07-04T17:00:00Z,1\n",
    );
    scene.run(&["run", "export", "--out", "out"]).fine();
    let kept = dictionary(&scene, |part| part != "results");
    let generation = current(&scene.path("out/dataset"));
    assert_eq!(generation.manifest.tables.len(), kept.len(), "a table is missing on one side");
    for (table, files) in &generation.manifest.tables {
        assert!(!files.is_empty());
        let paths: Vec<PathBuf> = files_below(&generation.folder.join(table));
        assert_eq!(paths.len(), files.len(), "{table}: files that no manifest names");
        for path in paths {
            assert_described(table, &path, &kept);
        }
    }
    let results = dictionary(&scene, |part| part == "results");
    let paths = files_below(&scene.path("out/tables"));
    assert_eq!(paths.len(), results.len());
    for path in paths {
        assert_described(path.file_stem().unwrap().to_str().unwrap(), &path, &results);
    }
}

#[test]
fn the_dictionary_and_the_import_contract_have_three_forms() {
    let scene = Scene::new();
    for import in [false, true] {
        let print = |format: &str| {
            let mut args = vec!["schema", "--format", format];
            args.extend(import.then_some("--import"));
            scene.run(&args).fine().out
        };
        let (text, markdown, json) = (print("text"), print("markdown"), print("json"));
        assert!(serde_json::from_str::<Value>(&json).is_ok());
        for word in ["applications", "scorecards", "application_id", "submitted_at"] {
            assert!(text.contains(word) && markdown.contains(word) && json.contains(word), "{word}");
        }
        assert!(markdown.contains("| --- |"));
    }
}
