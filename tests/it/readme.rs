//! What the README says about names and columns is what the program has.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::path::Path;
use std::process::Command;

use looplens::error::EXIT_STATUSES;
use looplens::metrics::METRICS;
use looplens::report::FORMATS;
use looplens::source::SOURCES;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn readme() -> String {
    read("README.md")
}

#[test]
fn every_column_of_the_import_contract_is_there_in_order() {
    let program = Command::new(env!("CARGO_BIN_EXE_looplens")).args(["schema", "--import"]).output().unwrap();
    let contract = String::from_utf8(program.stdout).unwrap();
    let readme = readme();
    let mut tables = 0;
    for line in contract.lines().filter(|line| !line.starts_with('*')) {
        let (table, columns) = line.split_once(' ').unwrap();
        let start = format!("| `{table}` | ");
        let row = readme.lines().find_map(|line| line.strip_prefix(&start));
        // The README names the words of a column in brackets behind it.
        let mut plain = row.unwrap_or_default().trim_end_matches(" |").to_owned();
        while let (Some(open), Some(close)) = (plain.find(" ("), plain.find(')')) {
            plain.replace_range(open..=close, "");
        }
        assert_eq!(plain, columns.trim(), "{table}");
        tables += 1;
    }
    assert!(tables > 4);
}

#[test]
fn every_source_file_and_table_is_named() {
    let readme = readme();
    let has = |text: &str| assert!(readme.contains(text), "README.md does not name {text}");
    for sample in SOURCES.iter().map(|source| source.id) {
        assert!(read("data-samples/README.md").contains(&format!("`{sample}/`")), "{sample} has no sample");
    }
    for format in FORMATS {
        has(&format!("| `{}` |", format.file));
    }
    let others = [&looplens::findings::rank::FINDINGS, &looplens::comparison::COMPARISON];
    for table in METRICS.iter().flat_map(|question| question.metric.tables).chain(&others) {
        has(&format!("`{}`", table.name));
    }
    for (status, _) in EXIT_STATUSES {
        has(&format!("| {} |", *status as u8));
    }
}

#[test]
fn the_version_of_rust_is_that_of_the_manifest() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let version = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(readme().contains(&format!("[Rust](https://rustup.rs) {version} or later")), "{version}");
    assert!(read(".github/workflows/ci.yml").contains(&format!("RUSTUP_TOOLCHAIN: \"{version}\"")), "{version}");
}

#[test]
fn files_it_names_exist() {
    let named = [
        "src/lib.rs",
        "src/source/mod.rs",
        "src/metrics/mod.rs",
        "src/report/mod.rs",
        "src/simulate",
        "benches/study.md",
    ];
    let readme = readme();
    let rows = readme.lines().filter(|line| line.starts_with("| a "));
    let examples: Vec<&str> = rows.map(|line| line.rsplit('`').nth(1).unwrap()).collect();
    assert!(examples.len() > 3);
    for file in examples.into_iter().chain(named) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file}");
    }
}
