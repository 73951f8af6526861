//! Exports that cannot be used: one clear message with file and place, the right exit status, and a dataset
//! that is as it was.

use std::fs;
use std::io::Write;

use crate::support::{ADDRESS, NAME, REMARK, Ran, Scene, Tables, seen_by_readers};

const USAGE: i32 = 2;
const INPUT: i32 = 3;
const ENVIRONMENT: i32 = 4;

/// An export that is refused.
struct Case {
    what: &'static str,
    tables: Tables,
    args: &'static [&'static str],
    status: i32,
    says: &'static [&'static str],
}

fn case(
    what: &'static str,
    tables: Tables,
    args: &'static [&'static str],
    status: i32,
    says: &'static [&'static str],
) -> Case {
    Case { what, tables, args, status, says }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn first(bytes: &[u8], share: f64) -> &[u8] {
    &bytes[..(bytes.len() as f64 * share) as usize]
}

/// A workbook with one sheet that is no table.
fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(0, 0, NAME).unwrap();
    book.save_to_buffer().unwrap()
}

/// Application records as JSON, with the person who must not be seen.
fn json_applications() -> String {
    let one = |n| {
        format!(r#"{{"application_id": "app-{n}", "candidate_id": "{NAME}", "applied_at": "2026-07-01T00:00:00Z"}}"#)
    };
    format!("[{}]", (1..=50).map(one).collect::<Vec<_>>().join(",\n"))
}

fn cases() -> Vec<Case> {
    let none = Tables::default;
    let good = Tables::good;
    let text = |file: &str| good().files[file].clone();
    let words = |bad: &str, at: std::ops::Range<usize>| {
        let (bad, mut line) = (bad.to_owned(), 0);
        good().edit("decisions.csv", move |text| {
            text.lines()
                .map(|row| {
                    line += 1;
                    if at.contains(&line) { row.replace(",reject,", &format!(",{bad},")) } else { row.to_owned() }
                })
                .fold(String::new(), |all, row| all + &row + "\n")
        })
    };
    vec![
        case("an empty folder", none(), &[], INPUT, &["holds no file that could be read", "where: ", "bad", ".csv"]),
        case(
            "only unknown files",
            none().with("notes.docx", NAME).with("README", REMARK),
            &[],
            INPUT,
            &["holds no file that could be read", "list sources"],
        ),
        case(
            "files of an unknown kind",
            none().with("payroll.csv", format!("name,mail\n{NAME},{ADDRESS}\n")),
            &[],
            INPUT,
            &["no source recognises this export", "--source", "tables, greenhouse-v1, greenhouse-v3"],
        ),
        case(
            "a quote that nobody closed",
            good().edit("applications.csv", |text| text.replacen("app-3,", "\"app-3,", 1)),
            &[],
            INPUT,
            &["a quote is not closed", "applications.csv:line 4", "nothing was committed"],
        ),
        case(
            "a quote that nobody closed in the last cell of a row",
            good().edit("applications.csv", |text| text.replacen(",2026-07-04T08", ",\"2026-07-04T08", 1)),
            &[],
            INPUT,
            &["a quote is not closed", "applications.csv:line 4", "nothing was committed"],
        ),
        case("a source that does not fit", good(), &["--source", "greenhouse-v3"], INPUT, &["holds no Greenhouse"]),
        case("a source that does not exist", good(), &["--source", "sap"], USAGE, &["sap", "tables", "greenhouse-v1"]),
        case(
            "a JSON array that breaks off inside a record",
            none().with("applications.json", first(json_applications().as_bytes(), 0.9)),
            &[],
            INPUT,
            &["the JSON breaks off inside record 4", "applications.json:line 4", "nothing was committed"],
        ),
        case(
            "a JSON array that breaks off between records",
            none().with("applications.json", json_applications().trim_end_matches(']')),
            &[],
            INPUT,
            &["the JSON breaks off inside record 50", "applications.json:line 50", "nothing was committed"],
        ),
        case(
            "damaged JSON",
            none().with("applications.json", json_applications().replacen("},\n", "}\n", 1)),
            &[],
            INPUT,
            &["the JSON is damaged", "after 1 records", "applications.json:line 2"],
        ),
        case(
            "a compressed file that breaks off",
            good().without("decisions.csv").with("decisions.csv.gz", first(&gzip(&text("decisions.csv")), 0.6)),
            &[],
            INPUT,
            &["breaks off or is damaged", "decisions.csv.gz:line ", "export it again", "nothing was committed"],
        ),
        case(
            "a file that is not compressed although it says so",
            good().without("decisions.csv").with("decisions.csv.zst", text("decisions.csv")),
            &[],
            INPUT,
            &["damaged", "decisions.csv.zst"],
        ),
        case(
            "a CSV file in UTF-16",
            good().with("decisions.csv", utf16(&String::from_utf8(text("decisions.csv")).unwrap())),
            &[],
            INPUT,
            &["UTF-16", "decisions.csv", "iconv"],
        ),
        case(
            "a JSON file in UTF-16",
            none().with("applications.json", utf16(&json_applications())),
            &["--source", "tables"],
            INPUT,
            &["UTF-16", "applications.json", "iconv"],
        ),
        case(
            "a damaged Parquet file",
            good().without("decisions.csv").with("decisions.parquet", text("decisions.csv")),
            &[],
            INPUT,
            &["the Parquet file is damaged", "decisions.parquet", "export it again"],
        ),
        case(
            "a workbook that is none",
            none().with("book.xlsx", text("decisions.csv")),
            &[],
            INPUT,
            &["the file is no workbook", "where: bad/book.xlsx", "save it as .xlsx"],
        ),
        case(
            "a workbook that breaks off",
            none().with("book.xlsx", first(&workbook(), 0.7)),
            &[],
            INPUT,
            &["the workbook is damaged", "where: bad/book.xlsx", "nothing was committed"],
        ),
        case(
            "a workbook whose sheets are no tables",
            none().with("book.xlsx", workbook()),
            &[],
            INPUT,
            &["no source recognises this export"],
        ),
        case(
            "a title above the header",
            good().edit("scorecards.csv", |text| format!("Scorecards of {NAME},,,,,,,\n{text}")),
            &[],
            INPUT,
            &[
                "not named in line 1, which fills 1 cell",
                "where: bad/scorecards.csv:line 1",
                "[tables.scorecards] header_row = 2",
            ],
        ),
        case(
            "two columns of one name",
            good().edit("scorecards.csv", |text| text.replacen("scorecard_id", "score", 1)),
            &[],
            INPUT,
            &["two columns are called score", "where: bad/scorecards.csv", "rename one"],
        ),
        case(
            "dates with the day first and no pattern",
            good().edit("applications.csv", |text| text.replace("2026-07-", "13/07/").replace("T08:00:00Z", "")),
            &[],
            INPUT,
            &[
                "bad_time",
                "applications.csv:line 2, field applied_at",
                "such as [tables] time_patterns = [\"%d/%m/%y\"]",
            ],
        ),
        case(
            "scores with a decimal comma",
            good().edit("scorecards.csv", |text| {
                (1..=4).fold(text, |text, n| text.replace(&format!(",{n},card"), &format!(",\"{n},5\",card")))
            }),
            &[],
            INPUT,
            &["bad_number 80", "scorecards.csv:line 2, field score", "such as [tables] decimal = \",\""],
        ),
        case(
            "a required column that is missing",
            good().edit("scorecards.csv", |text| text.replacen("interviewer_id", "Interviewer Email", 1)),
            &[],
            INPUT,
            &[
                "the table scorecards has no column interviewer_id",
                "scorecards.csv",
                "[tables.scorecards.columns] interviewer_id = ",
            ],
        ),
        case(
            "a file of zero bytes",
            good().with("decisions.csv", ""),
            &[],
            INPUT,
            &["the table is empty", "decisions.csv", "application_id,decision"],
        ),
        case(
            "headers and nothing below",
            none().with("applications.csv", "application_id,applied_at\n"),
            &[],
            INPUT,
            &["holds no neutral table record", "bad", "--source"],
        ),
        case(
            "rows that are not UTF-8, all of them",
            none().with("applications.csv", b"application_id,candidate_id\napp-1,Zelda Qu\xfcx\napp-2,J\xf8rn\n"),
            &[],
            INPUT,
            &["2 of 2 records cannot be used (not_utf8 2)", "applications.csv:line 2", "nothing was committed"],
        ),
        case(
            "decisions in words nobody mapped",
            words("Hired as planned", 2..40),
            &[],
            INPUT,
            &[
                "(unknown_decision 38)",
                "decisions.csv:line 2, field decision",
                "`Hired as planned` 38",
                "[tables.decisions.values]",
                "\"Hired as planned\" = \"offer\"",
                "dataset.largest_reject_share",
            ],
        ),
        case(
            "events in words nobody mapped",
            good().with("events.csv", {
                let rows = (1..=40).map(|n| format!("app-{n},Moved to {},2026-07-20T00:00:00Z\n", ["A", "B"][n % 2]));
                String::from("application_id,event,at\n") + &rows.collect::<String>()
            }),
            &[],
            INPUT,
            &["unknown_event 40", "`Moved to A` 20", "`Moved to B` 20", "[tables.events.values]"],
        ),
        case(
            "decisions with an address among the words",
            words(ADDRESS, 2..40),
            &[],
            INPUT,
            &["unknown_decision 38", "decisions.csv:line 2"],
        ),
        case(
            "dates that do not exist",
            good().edit("applications.csv", |text| text.replace("2026-07-", "2026-13-")),
            &[],
            INPUT,
            &["impossible_time", "applications.csv:line 2, field applied_at, 2026-13-02T08:00:00Z"],
        ),
    ]
}

#[test]
fn an_export_that_cannot_be_used_changes_nothing_and_says_why() {
    for case in cases() {
        let scene = Scene::new();
        scene.export("good", &Tables::good());
        scene.ingest("good");
        let before = seen_by_readers(&scene.path("data"));
        scene.export("bad", &case.tables);
        strict(&scene);
        let mut args = vec!["ingest", "bad", "--dataset", "data"];
        args.extend(case.args);
        let ran = scene.run(&args);
        assert_refused(case.what, &ran, case.status, case.says);
        assert_eq!(seen_by_readers(&scene.path("data")), before, "{}", case.what);
        assert!(!scene.path("data/generations/.new-generation").exists(), "{}: something is left", case.what);
        // The whole job says the same and leaves no dataset that could be taken for one.
        let mut args = vec!["run", "bad", "--out", "out"];
        args.extend(case.args);
        assert_refused(case.what, &scene.run(&args), case.status, case.says);
        assert!(!scene.path("out/dataset/current").exists(), "{}", case.what);
        assert!(!scene.path("out/report.html").exists(), "{}", case.what);
    }
}

/// A limit that one bad table of a small export passes.
fn strict(scene: &Scene) {
    std::fs::write(scene.path("looplens.toml"), "[dataset]\nlargest_reject_share = 0.1\n").unwrap();
}

fn assert_refused(what: &str, ran: &Ran, status: i32, says: &[&str]) {
    assert_eq!(ran.status, Some(status), "{what}: {ran:?}");
    assert_eq!(ran.out, "", "{what}");
    assert!(ran.err.starts_with("error: "), "{what}: {ran:?}");
    assert!(!ran.err.contains("panicked"), "{what}: {ran:?}");
    assert!(ran.err.contains(&format!("\n  more:  looplens explain E{status}")), "{what} names no page: {ran:?}");
    for fragment in says {
        assert!(ran.err.contains(fragment), "{what}: no `{fragment}` in\n{}", ran.err);
    }
    ran.keeps(&["Zelda", "Quux", "quux", "sharding", "J\u{f8}rn"]);
}

#[test]
fn words_are_listed_so_that_a_mapping_can_be_written_but_never_without_end() {
    let scene = Scene::new();
    let rows: String = (1..=30).map(|n| format!("app-{n},word {n:02} {}\n", "x".repeat(200))).collect();
    let noisy = "app-1,a\u{1b}[2Jb\napp-2,a\u{1b}[2Jb\n";
    scene.export(
        "bad",
        &Tables::good().with("decisions.csv", format!("application_id,decision\n{noisy}{rows}app-40,{ADDRESS}\n")),
    );
    strict(&scene);
    let ran = scene.run(&["ingest", "bad", "--dataset", "data"]);
    assert_eq!(ran.status, Some(3));
    // The most frequent first, escapes shown rather than obeyed, ten at most, each cut.
    assert!(ran.err.contains("`a\\u{1b}[2Jb` 2"), "{}", ran.err);
    assert_eq!(ran.err.matches("`word ").count(), 9, "{}", ran.err);
    assert!(ran.err.contains("and 21 more"), "{}", ran.err);
    assert!(!ran.err.contains(&"x".repeat(61)), "{}", ran.err);
    ran.keeps(&["zelda", "\u{1b}"]);
}

#[test]
fn paths_and_arguments_that_cannot_be_meant_are_wrong_usage() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.ingest("good");
    let before = seen_by_readers(&scene.path("data"));
    let cases: &[(&[&str], &[&str])] = &[
        (&["ingest", "nowhere", "--dataset", "data"], &["cannot read the export", "where: nowhere", "check the path"]),
        (&["run", "nowhere", "--out", "out"], &["where: nowhere"]),
        (&["ingest", "good", "nowhere", "--dataset", "data"], &["where: nowhere"]),
        (&["analyze", "--dataset", "nothing", "--out", "out"], &["there is no dataset here", "looplens ingest"]),
        (&["analyze", "--dataset", "data", "--out", "out", "--period", "2026-07"], &["2026-07", "write 2026Q3"]),
        (
            &["analyze", "--dataset", "data", "--out", "out", "--as-of", "soon"],
            &["`soon` is not an instant", "2026-09-30"],
        ),
        (&["analyze", "--dataset", "data", "--out", "out", "--by", "shoe_size"], &["shoe_size", "department"]),
        (
            &["analyze", "--dataset", "data", "--out", "out", "--config", "no.toml"],
            &["cannot read the configuration", "no.toml"],
        ),
        (&["explain", "happiness"], &["happiness", "time-to-decision"]),
        (&["list", "candidates"], &["candidates", "sources"]),
        (&["ingest", "good"], &["--dataset"]),
        (&["frobnicate"], &["frobnicate"]),
    ];
    for (args, says) in cases {
        let ran = scene.run(args);
        assert_eq!(ran.status, Some(USAGE), "{args:?}: {ran:?}");
        assert_eq!(ran.out, "", "{args:?}");
        assert!(ran.err.contains("\n  more:  looplens explain E2"), "{args:?} names no page: {ran:?}");
        for fragment in *says {
            assert!(ran.err.contains(fragment), "{args:?}: no `{fragment}` in\n{}", ran.err);
        }
        assert_eq!(seen_by_readers(&scene.path("data")), before, "{args:?}");
        assert!(!scene.path("out").exists(), "{args:?}: made a folder although nothing was done");
    }
}

#[test]
fn all_problems_of_a_configuration_are_told_at_once() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.write(
        "wrong.toml",
        "[stages]\ndebrief_pattern = '('\n[dataset]\nlargest_reject_share = 7.0\nkeep_generations = 0\n\
         [tables]\ntime_zone = 'Mars/Olympus'\n[tables.decisions.values]\nhired = 'yes'\n\
         [tables.events.values]\nmoved = 'shifted'\n[report]\nby = ['shoe_size']\n[calendar]\ndays = 'moon'\n",
    );
    scene.write("typo.toml", "[report]\n\nbye = []\n");
    let ran = scene.run(&["ingest", "good", "--dataset", "data", "--config", "wrong.toml"]);
    assert_eq!(ran.status, Some(USAGE), "{ran:?}");
    for fragment in [
        "8 problems",
        "stages.debrief_pattern",
        "dataset.largest_reject_share",
        "dataset.keep_generations",
        "tables.time_zone",
        "tables.decisions.values: `yes`",
        "tables.events.values: `shifted`",
        "report.by: `shoe_size`",
        "calendar.days: `moon`",
        "where: wrong.toml",
        "looplens init",
    ] {
        assert!(ran.err.contains(fragment), "no `{fragment}` in\n{}", ran.err);
    }
    let ran = scene.run(&["ingest", "good", "--dataset", "data", "--config", "typo.toml"]);
    assert_eq!(ran.status, Some(USAGE));
    assert!(ran.err.contains("bye") && ran.err.contains("typo.toml:line 3"), "{}", ran.err);
    assert!(!scene.path("data").exists());
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.ingest("good");
    let before = seen_by_readers(&scene.path("data"));
    let lock = fs::File::open(scene.path("data/lock")).unwrap();
    lock.lock().unwrap();
    let ran = scene.run(&["ingest", "good", "--dataset", "data"]);
    assert_refused("a held lock", &ran, ENVIRONMENT, &["another looplens is writing", "where: data", "wait"]);
    assert_eq!(seen_by_readers(&scene.path("data")), before);
    // Readers do not wait.
    scene.run(&["analyze", "--dataset", "data", "--out", "out"]).fine();
    drop(lock);
    scene.ingest("good");
}

#[test]
fn a_dataset_of_a_newer_format_is_left_alone() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.ingest("good");
    let manifest = scene.path("data/current/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let newer = text.replacen("\"format_version\": 1", "\"format_version\": 99", 1);
    assert_ne!(newer, text);
    fs::write(&manifest, newer).unwrap();
    let before = seen_by_readers(&scene.path("data"));
    for args in [
        &["ingest", "good", "--dataset", "data"][..],
        &["analyze", "--dataset", "data", "--out", "out"],
        &["run", "good", "--dataset", "data", "--out", "out"],
    ] {
        let ran = scene.run(args);
        assert_refused(
            "a newer format",
            &ran,
            USAGE,
            &["format version 99", "up to 1", "where: data", "newer looplens"],
        );
        assert_eq!(seen_by_readers(&scene.path("data")), before);
    }
}

#[test]
fn a_target_that_cannot_be_written_is_the_environments_fault() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    scene.ingest("good");
    scene.write("file", "");
    let before = seen_by_readers(&scene.path("data"));
    for args in [
        &["run", "good", "--out", "file/out"][..],
        &["run", "good", "--out", "/proc/looplens"],
        &["ingest", "good", "--dataset", "file/data"],
        &["analyze", "--dataset", "data", "--out", "file/out"],
        &["simulate", "--loops", "1", "--out", "file/sim"],
        &["init", "file/looplens.toml"],
    ] {
        let ran = scene.run(args);
        assert_refused(&args.join(" "), &ran, ENVIRONMENT, &["cannot ", "where: ", "help:  "]);
    }
    assert_eq!(seen_by_readers(&scene.path("data")), before);
}

#[test]
fn a_full_device_is_told_and_changes_nothing() {
    let scene = Scene::new();
    scene.simulate("tables", 400, "export");
    scene.export("good", &Tables::good());
    let small = scene.path("small");
    fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"])
        .arg(&small)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        #[allow(clippy::print_stderr, reason = "a test that is left out should say so")]
        {
            eprintln!("left out: a file system of a fixed size cannot be mounted here");
        }
        return;
    }
    let unmount = Unmount(small);
    scene.run(&["ingest", "good", "--dataset", "small/data"]).fine();
    let before = seen_by_readers(&scene.path("small/data"));
    let ran = scene.run(&["ingest", "export", "--dataset", "small/data"]);
    assert_refused("a full device", &ran, ENVIRONMENT, &["cannot ", "where: ", "space"]);
    assert_eq!(seen_by_readers(&scene.path("small/data")), before);
    scene.run(&["ingest", "good", "--dataset", "small/data"]).fine();
    drop(unmount);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).output();
    }
}
