//! The accidents that happen to any export, made to happen to each source's: what can still be read gives the same
//! dataset, and what cannot is counted or told. Nothing is guessed and nothing gets lost.

mod export;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use looplens::dataset::schema::ENTITY_TABLES;
use serde_json::{Value, json};

use crate::support::{Ran, Row, Scene, cell, rows};
use export::{Export, is_text_table};

/// One source, and where in its exports the accidents happen.
struct Place {
    /// Its name, which is that of the simulator's format as well.
    source: &'static str,
    /// A page of loops, and the field with the time at which they opened.
    loops: (&'static str, &'static str),
    /// The first page of scorecards, and the field with the time at which they were submitted.
    cards: (&'static str, &'static str),
    /// Pages of another version or system that have come in as one more page of this export's: the format, the path
    /// there, the path here, and why the records are rejected.
    strangers: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// Labels never seen: the file, a label as it stands there, what stands there instead, how it is told.
    labels: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

const PLACES: &[Place] = &[
    Place {
        source: "tables",
        loops: ("applications.csv", "applied_at"),
        cards: ("scorecards.csv", "submitted_at"),
        strangers: &[("greenhouse-v1", "offers/page-0001.json", "decisions-2.json", "missing_field")],
        labels: &[
            ("decisions.csv", ",reject,", ",postpone,", "unknown_decision"),
            ("events.csv", ",stage_entered,", ",stage_dreamt_of,", "unknown_event"),
            ("scorecards.csv", ",yes\n", ",quite_sure\n", "recommendation=quite_sure (1)"),
        ],
    },
    Place {
        source: "greenhouse-v1",
        loops: ("applications/page-0001.json", "applied_at"),
        cards: ("scorecards/page-0001.json", "submitted_at"),
        strangers: &[
            ("greenhouse-v3", "jobs/page-0001.json", "jobs/page-0002.json", "other_version"),
            ("greenhouse-v3", "offers/page-0001.json", "offers/page-0002.json", "other_version"),
            ("greenhouse-v3", "applications/page-0001.json", "applications/page-0002.json", "other_version"),
            ("greenhouse-v3", "scorecards/page-0001.json", "scorecards/page-0002.json", "other_version"),
        ],
        labels: &[
            (
                "scorecards/page-0001.json",
                r#""overall_recommendation":"yes""#,
                r#""overall_recommendation":"quite_sure""#,
                "overall_recommendation=quite_sure (1)",
            ),
            ("scorecards/page-0001.json", r#""rating":"yes""#, r#""rating":"quite_sure""#, "rating=quite_sure (1)"),
            (
                "applications/page-0001.json",
                r#""status":"rejected""#,
                r#""status":"set_aside""#,
                "status=set_aside (1)",
            ),
        ],
    },
    Place {
        source: "greenhouse-v3",
        loops: ("applications/page-0001.json", "created_at"),
        cards: ("scorecards/page-0001.json", "submitted_at"),
        strangers: &[
            ("greenhouse-v1", "jobs.json", "jobs/page-0002.json", "other_version"),
            ("greenhouse-v1", "offers/page-0001.json", "offers/page-0002.json", "other_version"),
            ("greenhouse-v1", "applications/page-0001.json", "applications/page-0002.json", "other_version"),
            ("greenhouse-v1", "scorecards/page-0001.json", "scorecards/page-0002.json", "other_version"),
        ],
        labels: &[
            (
                "scorecards/page-0001.json",
                r#""candidate_rating":"yes""#,
                r#""candidate_rating":"quite_sure""#,
                "candidate_rating=quite_sure (1)",
            ),
            (
                "scorecard_candidate_attributes/page-0001.json",
                r#""candidate_attribute_rating":"yes""#,
                r#""candidate_attribute_rating":"quite_sure""#,
                "candidate_attribute_rating=quite_sure (1)",
            ),
            (
                "applications/page-0001.json",
                r#""status":"rejected""#,
                r#""status":"set_aside""#,
                "status=set_aside (1)",
            ),
        ],
    },
    Place {
        source: "lever",
        loops: ("opportunities/page-0001.json", "createdAt"),
        cards: ("feedback/page-0001.ndjson", "completedAt"),
        strangers: &[("greenhouse-v1", "offers/page-0001.json", "offers/page-0002.json", "no_parent")],
        labels: &[("feedback/page-0001.ndjson", r#""value":"3 - Hire""#, r#""value":"quite_sure""#, "quite_sure (1)")],
    },
    Place {
        source: "ashby",
        loops: ("application.info/page-0001.ndjson", "createdAt"),
        cards: ("applicationFeedback.list/page-0001.json", "submittedAt"),
        strangers: &[("lever", "feedback/page-0001.ndjson", "applicationFeedback.list/page-0003.ndjson", "no_parent")],
        labels: &[(
            "application.info/page-0001.ndjson",
            r#""status":"Archived""#,
            r#""status":"set_aside""#,
            "status=set_aside (1)",
        )],
    },
    Place {
        source: "merge",
        loops: ("applications/page-0001.json", "applied_at"),
        cards: ("scorecards/page-0001.json", "submitted_at"),
        strangers: &[("greenhouse-v1", "scorecards/page-0001.json", "scorecards/page-0003.json", "missing_field")],
        labels: &[
            (
                "scorecards/page-0001.json",
                r#""overall_recommendation":"YES""#,
                r#""overall_recommendation":"quite_sure""#,
                "overall_recommendation=quite_sure (1)",
            ),
            ("interviews/page-0001.json", r#""status":"COMPLETE""#, r#""status":"set_aside""#, "status=set_aside (1)"),
        ],
    },
];

/// What an ingest made of an export.
struct Made {
    ran: Ran,
    /// Read, kept, replaced, rejected.
    counts: [u64; 4],
    ledger: Vec<Row>,
    rejects: Vec<Row>,
    /// Every table of entities, and the loops.
    tables: BTreeMap<&'static str, Vec<Row>>,
}

impl Made {
    /// Ingests an export, which must work and add up. One key for all, so that pseudonyms can be compared.
    fn of(export: &Export) -> Self {
        let scene = Scene::new();
        export.write(&scene.path("export"));
        scene.write("data/private/key", "0123456789abcdef".repeat(4));
        // What reading stops at by default is another matter.
        scene.write("looplens.toml", "[dataset]\nlargest_reject_share = 0.9\n");
        let ran = scene.ingest("export");
        let data = scene.path("data");
        let ledger = rows(&data, "ledger");
        let mut counts = [0; 4];
        for row in &ledger {
            let account = ["read", "kept", "replaced", "rejected"].map(|name| cell(row, name).parse::<u64>().unwrap());
            assert_eq!(account[0], account[1] + account[2] + account[3], "{row:?}");
            counts = std::array::from_fn(|at| counts[at] + account[at]);
        }
        let tables = ENTITY_TABLES.iter().map(|table| table.name).chain(["loops"]);
        let tables = tables.map(|table| (table, rows(&data, table))).collect();
        Self { ran, counts, rejects: rows(&data, "rejects"), ledger, tables }
    }

    fn decided(&self) -> usize {
        self.tables["loops"].iter().filter(|row| cell(row, "ended_how") != "open").count()
    }

    /// Everything that is told about files: remarks, labels and columns.
    fn told(&self) -> String {
        let told =
            |row: &Row| ["remarks", "unknown_labels", "unknown_columns"].map(|c| cell(row, c).to_owned()).join("; ");
        self.ledger.iter().map(|row| format!("{}: {}\n", cell(row, "file"), told(row))).collect()
    }

    /// How many records were rejected for a reason, beyond those of another ingest.
    fn rejected_beyond(&self, other: &Self, reason: &str) -> u64 {
        let count = |made: &Self| made.rejects.iter().filter(|row| cell(row, "reason") == reason).count() as u64;
        count(self) - count(other)
    }

    #[track_caller]
    fn assert_same(&self, other: &Self, what: &str) {
        for (table, rows) in &self.tables {
            let (here, there) = (rows.len(), other.tables[table].len());
            assert_eq!(here, there, "{what}: rows of {table}");
            for (row, other) in rows.iter().zip(&other.tables[table]) {
                assert_eq!(row, other, "{what}: {table}");
            }
        }
    }
}

/// The export of a format as it should be.
fn good(format: &str) -> &'static Export {
    static EXPORTS: OnceLock<BTreeMap<&'static str, Export>> = OnceLock::new();
    let simulated = || {
        let of = |place: &Place| {
            let scene = Scene::new();
            // One year has few partitions, and files cost more time than rows.
            let how = ["--loops", "40", "--seed", "3", "--years", "1", "--format", place.source, "--out", "export"];
            scene.run(&[&["simulate"], &how[..]].concat()).fine();
            (place.source, Export::read(&scene.path("export")))
        };
        PLACES.iter().map(of).collect()
    };
    &EXPORTS.get_or_init(simulated)[format]
}

/// What it gives.
fn expected(format: &str) -> &'static Made {
    static MADE: OnceLock<BTreeMap<&'static str, Made>> = OnceLock::new();
    let made = || PLACES.iter().map(|place| (place.source, Made::of(good(place.source)))).collect();
    let made = &MADE.get_or_init(made)[format];
    assert!(made.decided() > 20 && made.tables["scorecards"].len() > 60, "{format}: {}", made.ran.out);
    made
}

#[test]
fn an_object_that_no_source_knows_is_named_and_changes_nothing() {
    for Place { source, .. } in PLACES {
        let export = good(source).with("payslips/page-0001.json", r#"[{"id": 1, "amount": 100}]"#.to_owned());
        let made = Made::of(&export);
        made.assert_same(expected(source), source);
        assert_eq!(made.counts, expected(source).counts, "{source}");
        let told = made.told();
        assert!(told.lines().any(|line| line.starts_with("payslips") && line.contains("not read")), "{source}: {told}");
    }
}

#[test]
fn a_page_missing_in_the_middle_is_named() {
    for Place { source, cards: (cards, _), .. } in PLACES {
        let (export, missing) = good(source).with_gap(cards);
        let (made, expected) = (Made::of(&export), expected(source));
        assert!(missing > 0);
        assert_eq!(made.counts[0] + missing, expected.counts[0], "{source}: the missing records and no others");
        assert!(made.told().contains("page 2 of "), "{source}: {}", made.told());
        assert!(made.tables["scorecards"].len() < expected.tables["scorecards"].len(), "{source}");
        assert_eq!(made.tables["applications"], expected.tables["applications"], "{source}");
        assert_eq!(made.decided(), expected.decided(), "{source}");
        assert_eq!(made.tables["decisions"], expected.tables["decisions"], "{source}");
    }
}

#[test]
fn a_page_given_twice_is_counted_as_replaced_and_doubles_nothing() {
    for Place { source, loops: (loops, _), cards: (cards, _), .. } in PLACES {
        let (export, again) = good(source).with_again(&[loops, cards]);
        let (made, expected) = (Made::of(&export), expected(source));
        made.assert_same(expected, source);
        let [read, kept, replaced, rejected] = made.counts;
        assert_eq!(read, expected.counts[0] + again, "{source}");
        assert_eq!(kept, expected.counts[1], "{source}");
        assert_eq!(replaced + rejected, expected.counts[2] + expected.counts[3] + again, "{source}");
        assert!(rejected <= 2 * expected.counts[3], "{source}: {}", made.ran.out);
    }
}

#[test]
fn a_page_of_another_version_or_system_is_rejected_record_by_record() {
    for Place { source, strangers, .. } in PLACES {
        let (mut export, mut strange) = (good(source).clone(), BTreeMap::new());
        for (of, there, here, reason) in *strangers {
            let (with, count) = export.with_from(good(of), there, here);
            *strange.entry(*reason).or_default() += count;
            export = with;
        }
        let (made, expected) = (Made::of(&export), expected(source));
        made.assert_same(expected, source);
        assert_eq!(made.counts[0], expected.counts[0] + strange.values().sum::<u64>(), "{source}");
        for (reason, count) in strange {
            assert_eq!(made.rejected_beyond(expected, reason), count, "{source}: {}", made.ran.out);
            assert!(count > 0 && made.ran.out.contains(reason), "{source}: {}", made.ran.out);
        }
    }
}

#[test]
fn both_versions_of_greenhouse_side_by_side_are_not_read_as_one() {
    let scene = Scene::new();
    good("greenhouse-v3").write(&scene.path("export"));
    good("greenhouse-v1").write(&scene.path("export/older"));
    let ran = scene.run(&["ingest", "export", "--dataset", "data"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    for fragment in ["the folder looks like greenhouse-v", "where: export", "help:  name one export's own folder"] {
        assert!(ran.err.contains(fragment), "{fragment}: {ran:?}");
    }
}

#[test]
fn ids_are_the_same_as_numbers_and_as_texts() {
    for Place { source, cards: (cards, _), .. } in PLACES {
        let numbered = good(source).numbered();
        let respelt = numbered.respelt(cards);
        assert_ne!(numbered.text(cards), respelt.text(cards), "{source}");
        let (before, made) = (Made::of(&numbered), Made::of(&respelt));
        assert_eq!(before.counts, expected(source).counts, "{source}");
        made.assert_same(&before, source);
        assert_eq!(made.counts, before.counts, "{source}");
    }
}

#[test]
fn a_field_never_seen_changes_nothing() {
    for Place { source, loops: (loops, _), cards: (cards, _), .. } in PLACES {
        let made = Made::of(&good(source).with_field(&[loops, cards], "field_of_the_future", "soon"));
        made.assert_same(expected(source), source);
        assert_eq!(made.counts, expected(source).counts, "{source}");
    }
}

#[test]
fn a_label_never_seen_is_told_and_takes_nothing_else_along() {
    for Place { source, labels, .. } in PLACES {
        for (file, label, new, told) in *labels {
            let export = good(source).replaced(file, label, new);
            let (made, expected) = (Made::of(&export), expected(source));
            assert_eq!(made.counts[0], expected.counts[0], "{source} {new}");
            let rejected = made.counts[3] - expected.counts[3];
            if told.starts_with("unknown_") {
                assert_eq!(made.rejected_beyond(expected, told), 1, "{source} {new}: {}", made.ran.out);
                assert_eq!(rejected, 1, "{source} {new}: {}", made.ran.out);
            } else {
                assert_eq!(rejected, 0, "{source} {new}: {}", made.ran.out);
                assert!(made.told().contains(told), "{source} {new}: {}", made.told());
            }
            assert_eq!(made.tables["loops"].len(), expected.tables["loops"].len(), "{source} {new}");
            assert!(made.decided() + 1 >= expected.decided(), "{source} {new}: one loop may stay open");
        }
    }
}

#[test]
fn a_last_line_written_by_half_is_told_with_its_place() {
    for Place { source, cards: (cards, _), .. } in PLACES {
        let export = good(source).cut(cards);
        if is_text_table(cards) {
            let (made, expected) = (Made::of(&export), expected(source));
            assert_eq!(made.counts[0], expected.counts[0], "{source}");
            assert_eq!(made.rejected_beyond(expected, "wrong_column_count"), 1, "{source}: {}", made.ran.out);
            assert_eq!(made.tables["loops"], expected.tables["loops"], "{source}");
            continue;
        }
        let scene = Scene::new();
        export.write(&scene.path("export"));
        let ran = scene.run(&["ingest", "export", "--dataset", "data"]);
        assert_eq!(ran.status, Some(3), "{source}: {ran:?}");
        for fragment in ["breaks off", cards, "export it again"] {
            assert!(ran.err.contains(fragment), "{source}: {fragment}: {ran:?}");
        }
        assert!(!scene.path("data/current").exists(), "{source}: half an export is no dataset");
    }
}

#[test]
fn records_inside_three_wrappers_are_the_same_records() {
    for Place { source, loops: (loops, _), cards: (cards, _), .. } in PLACES {
        let made = Made::of(&good(source).wrapped(&[loops, cards]));
        made.assert_same(expected(source), source);
        assert_eq!(made.counts, expected(source).counts, "{source}");
    }
}

#[test]
fn seconds_milliseconds_and_text_in_one_column_are_the_same_times() {
    for Place { source, loops, cards, .. } in PLACES {
        let mut seen = [0; 3];
        let mut turn = 0;
        let export = good(source).edited(&[*loops, *cards], |time: &mut Value| {
            let text = time.as_str().unwrap_or_default();
            let seconds = match time.as_i64() {
                Some(milliseconds) => milliseconds / 1000,
                None if text.is_empty() => return,
                None => text.parse::<jiff::Timestamp>().unwrap().as_second(),
            };
            *time = match turn % 3 {
                0 => json!(seconds),
                1 => json!(seconds * 1000),
                _ => json!(looplens::time::Instant(seconds * 1_000_000).to_rfc3339()),
            };
            seen[turn % 3] += 1;
            turn += 1;
        });
        assert!(seen.iter().all(|count| *count > 20), "{source}: {seen:?}");
        let made = Made::of(&export);
        made.assert_same(expected(source), source);
        assert_eq!(made.counts, expected(source).counts, "{source}");
    }
}
