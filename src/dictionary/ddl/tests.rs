//! What holds of every dialect.
#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::*;

fn text(dialect: &Dialect) -> String {
    statements(dialect, Some(dialect.usual.0), Some(dialect.usual.1), &|_| false)
}

#[test]
fn every_dialect_is_registered_under_its_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dictionary/ddl");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".rs", "");
        assert!(name == "tests" || dialect(&name).is_some(), "{name} is not registered");
    }
}

#[test]
fn every_table_and_column_is_defined_with_its_description() {
    for dialect in DIALECTS {
        let text = text(dialect);
        for entry in entries() {
            assert!(text.contains(entry.name), "{}: {}", dialect.id, entry.name);
            for column in entry.columns {
                let (plain, slashed) = (doubled(column.meaning), escaped(column.meaning));
                assert!(
                    text.contains(&plain) || text.contains(&slashed),
                    "{}: {}.{}",
                    dialect.id,
                    entry.name,
                    column.name
                );
            }
        }
        let creates = text.lines().filter(|line| line.starts_with("CREATE ")).count();
        assert_eq!(creates, entries().len(), "{}", dialect.id);
    }
}

#[test]
fn a_description_is_no_longer_than_bigquery_takes() {
    for column in entries().iter().flat_map(|entry| entry.columns) {
        assert!(column.meaning.chars().count() <= 1024, "{}", column.name);
    }
}

#[test]
fn quotes_in_a_path_end_no_text() {
    assert_eq!(doubled("it's"), "'it''s'");
    assert_eq!(escaped(r"it's \ there"), r"'it\'s \\ there'");
    let hostile = "x'); DROP TABLE loops; --";
    for dialect in DIALECTS {
        let text = statements(dialect, None, Some(hostile), &|_| false);
        assert!(!text.contains("x');"), "{}", dialect.id);
        let mut said = text.lines().filter(|line| !line.starts_with("--"));
        assert!(!said.any(|line| line.contains("/current/")), "{}: no dataset was named", dialect.id);
    }
}

#[test]
fn an_empty_table_of_duckdb_has_its_columns_and_no_files() {
    let text = statements(dialect("duckdb").unwrap(), Some("data"), None, &|place| place.ends_with("/outcomes"));
    let (_, rest) = text.split_once("VIEW \"outcomes\"").unwrap();
    let own = rest.split(';').next().unwrap();
    assert!(own.contains("CAST(NULL AS VARCHAR) AS \"application_id\"") && own.contains("WHERE false"), "{own}");
}
