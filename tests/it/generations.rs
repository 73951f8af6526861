//! Ingest again and again: what changes, what does not, and what an interruption leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use looplens::dataset::schema::{ENTITY_TABLES, LEDGER};

use crate::support::{Row, Scene, Tables, cell, current, files_below, hashes, inodes, row_with, rows, seen_by_readers};

/// Forty loops of another quarter under other ids.
fn next_quarter() -> Tables {
    let mut tables = Tables::good();
    for file in ["applications.csv", "decisions.csv", "interviews.csv", "scorecards.csv"] {
        tables = tables.edit(file, |text| {
            text.replace("app-", "bpp-")
                .replace("itv-", "jtv-")
                .replace("card-", "dard-")
                .replace("2026-08", "2026-11")
                .replace("2026-07", "2026-10")
        });
    }
    tables
}

/// The export with the score of one row changed, as a later export shows an edit.
fn with_score(tables: Tables, row: &str, score: &str) -> Tables {
    tables.edit("scorecards.csv", |text| {
        let edit = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if line.starts_with(row) {
                cells[4] = score;
            }
            cells.join(",") + "\n"
        };
        text.lines().map(edit).collect()
    })
}

/// Makes an export later than another one: something happened after everything else.
fn later(tables: Tables, day: &str) -> Tables {
    tables.and("applications.csv", format!("zpp-{day},,Sales,,{day}T08:00:00Z\n").replace("zpp-2026-", "zpp-"))
}

#[test]
fn the_same_export_twice_changes_nothing_but_the_account() {
    for format in ["tables", "greenhouse-v1", "greenhouse-v3"] {
        let scene = Scene::new();
        scene.simulate(format, 40, "export");
        scene.ingest("export");
        let dataset = scene.path("data");
        let (before, seen) = (inodes(&dataset), seen_by_readers(&dataset));
        let again = scene.ingest("export");
        assert_eq!(inodes(&dataset), before, "{format}: a partition was written again");
        let changed: BTreeSet<String> = seen_by_readers(&dataset)
            .into_iter()
            .filter(|(name, hash)| seen.get(name) != Some(hash))
            .map(|(name, _)| name)
            .collect();
        let account = |name: &String| {
            name.starts_with("ledger/ingest-000002")
                || name.starts_with("rejects/ingest-000002")
                || name == "current"
                || name == "manifest.json"
        };
        assert!(changed.iter().all(account), "{format}: {changed:?}");
        assert!(changed.iter().any(|name| name.starts_with("ledger/")), "{format}");
        assert!(
            !rows(&dataset, "score_revisions").iter().any(|row| cell(row, "observed_through") == "successive_exports")
        );
        // The ledger holds both ingests, with the same counts read.
        let mut read: BTreeMap<String, u64> = BTreeMap::new();
        for row in rows(&dataset, LEDGER.name) {
            *read.entry(cell(&row, "ingest").to_owned()).or_default() += cell(&row, "read").parse::<u64>().unwrap();
        }
        assert_eq!(read.len(), 2, "{format}");
        assert_eq!(read["1"], read["2"], "{format}: {}", again.out);
    }
}

#[test]
fn a_newer_export_replaces_and_an_older_one_does_not_undo_it() {
    let scene = Scene::new();
    let dataset = scene.path("data");
    let older = later(Tables::good(), "2026-09-01");
    // app-4 has score 1 on both dimensions; the newer export shows 4 for one of them, and an offer.
    let newer =
        later(with_score(Tables::good(), "app-4,Screen,zelda.quuxworthy@mail.example,craft", "4"), "2026-09-20")
            .edit("decisions.csv", |text| text.replace("app-4,reject", "app-4,offer"));
    scene.export("older", &older);
    scene.export("newer", &newer);
    scene.ingest("older");
    let score = || {
        let found = rows(&dataset, "scores")
            .into_iter()
            .find(|row| cell(row, "application_id") == "app-4" && cell(row, "dimension") == "craft");
        cell(&found.unwrap(), "score_milli").to_owned()
    };
    let decision = || cell(&row_with(&dataset, "decisions", "application_id", "app-4"), "decision").to_owned();
    assert_eq!((score(), decision()), ("1000".to_owned(), "reject".to_owned()));
    scene.ingest("newer");
    assert_eq!((score(), decision()), ("4000".to_owned(), "offer".to_owned()));
    let revisions = rows(&dataset, "score_revisions");
    assert_eq!(revisions.len(), 1, "{revisions:?}");
    for (column, value) in [
        ("application_id", "app-4"),
        ("scorecard_id", "card-4"),
        ("dimension", "craft"),
        ("from_milli", "1000"),
        ("from_raw", "1"),
        ("to_milli", "4000"),
        ("to_raw", "4"),
        ("observed_through", "successive_exports"),
        ("seen_at", "2026-09-20T08:00:00Z"),
        ("opened", "2026Q3"),
    ] {
        assert_eq!(cell(&revisions[0], column), value, "{column}");
    }
    let entities = |name: &str| !name.starts_with("ledger") && !name.starts_with("rejects") && name.contains("opened=");
    let root = || current(&dataset).folder;
    let before = hashes(&root(), entities);
    let ran = scene.ingest("older");
    assert_eq!(hashes(&root(), entities), before, "an older export undid something");
    assert!(ran.out.contains("199 kept, 2 replaced"), "the score and the decision: {}", ran.out);
}

#[test]
fn declared_revisions_keep_what_stood_before() {
    let scene = Scene::new();
    scene.export(
        "export",
        &Tables::good().with(
            "scorecards.csv",
            "application_id,stage,interviewer_id,dimension,score,scorecard_id,submitted_at,revision\n\
             app-1,Screen,i,craft,2,card-1,2026-07-02T17:00:00Z,0\n\
             app-1,Screen,i,craft,3,card-1,2026-07-04T17:00:00Z,1\n\
             app-1,Screen,i,craft,4,card-1,2026-07-05T17:00:00Z,2\n",
        ),
    );
    let ran = scene.ingest("export");
    assert!(ran.out.contains("121 kept, 2 replaced"), "{}", ran.out);
    for _ in 0..2 {
        let dataset = scene.path("data");
        let told: Vec<[String; 5]> = rows(&dataset, "score_revisions")
            .iter()
            .map(|row| {
                ["revision", "from_milli", "to_milli", "seen_at", "observed_through"].map(|c| cell(row, c).to_owned())
            })
            .collect();
        assert_eq!(
            told,
            [
                ["1", "2000", "3000", "2026-07-04T17:00:00Z", "declared_revision"].map(String::from),
                ["2", "3000", "4000", "2026-07-05T17:00:00Z", "declared_revision"].map(String::from),
            ]
        );
        assert_eq!(cell(&row_with(&dataset, "scores", "scorecard_id", "card-1"), "score_milli"), "4000");
        assert_eq!(
            cell(&row_with(&dataset, "scorecards", "scorecard_id", "card-1"), "submitted_at"),
            "2026-07-02T17:00:00Z"
        );
        scene.ingest("export");
    }
}

/// Which partitions hold rows of an application, over all partitioned tables.
fn partitions_of(scene: &Scene, application: &str) -> BTreeSet<String> {
    let dataset = scene.path("data");
    let tables = ENTITY_TABLES.iter().map(|table| table.name).chain(["loops", "loop_states"]);
    tables
        .flat_map(|table| rows(&dataset, table))
        .filter(|row| cell(row, "application_id") == application)
        .map(|row| cell(&row, "opened").to_owned())
        .collect()
}

#[test]
fn an_application_that_moves_to_another_quarter_takes_everything_along() {
    let scene = Scene::new();
    let moved = |at: &str| {
        Tables::default()
            .with("applications.csv", format!("application_id,applied_at\napp-5,{at}\nlast,2026-12-01T00:00:00Z\n"))
    };
    scene.export("first", &Tables::good());
    scene.export("second", &moved("2026-06-29T00:00:00Z"));
    scene.ingest("first");
    assert_eq!(partitions_of(&scene, "app-5"), BTreeSet::from(["2026Q3".to_owned()]));
    let count = |table: &str| {
        rows(&scene.path("data"), table).iter().filter(|row| cell(row, "application_id") == "app-5").count()
    };
    let before: Vec<usize> = ENTITY_TABLES.iter().map(|table| count(table.name)).collect();
    scene.ingest("second");
    assert_eq!(partitions_of(&scene, "app-5"), BTreeSet::from(["2026Q2".to_owned()]));
    assert_eq!(ENTITY_TABLES.iter().map(|table| count(table.name)).collect::<Vec<_>>(), before);
    assert_tables_are_sound(&scene);
    // The first export is older by now: it must not bring the application back.
    scene.ingest("first");
    assert_eq!(partitions_of(&scene, "app-5"), BTreeSet::from(["2026Q2".to_owned()]));
    assert_eq!(
        cell(&row_with(&scene.path("data"), "applications", "application_id", "app-5"), "applied_at"),
        "2026-06-29T00:00:00Z"
    );
}

/// No application is in two partitions, and every table is sorted and unique by its key.
fn assert_tables_are_sound(scene: &Scene) {
    let dataset = scene.path("data");
    let mut home: BTreeMap<String, String> = BTreeMap::new();
    for table in ENTITY_TABLES {
        let mut keys: BTreeMap<String, Vec<Vec<(bool, String)>>> = BTreeMap::new();
        for row in rows(&dataset, table.name) {
            let opened = cell(&row, "opened").to_owned();
            let at = home.entry(cell(&row, "application_id").to_owned()).or_insert_with(|| opened.clone());
            assert_eq!(*at, opened, "{} is in two partitions", cell(&row, "application_id"));
            // Missing values come first; instants of one partition compare as text once they are as long.
            let part = |column: &&str| (row.contains_key(*column), pad(cell(&row, column)));
            keys.entry(opened).or_default().push(table.key.iter().map(part).collect());
        }
        for (opened, keys) in keys {
            assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{} {opened} is not sorted and unique", table.name);
        }
    }
    let known = rows(&dataset, "applications").len();
    assert_eq!(rows(&dataset, "loops").len(), known, "one loop per application");
}

/// `2026-07-01T00:00:00Z` and `2026-07-01T00:00:00.5Z` in the order of time.
fn pad(text: &str) -> String {
    text.strip_suffix('Z').filter(|t| t.len() >= 19 && t.contains('T')).map_or_else(|| text.to_owned(), str::to_owned)
}

#[test]
fn tables_are_sorted_unique_and_entity_complete() {
    for format in ["tables", "greenhouse-v1", "greenhouse-v3"] {
        let scene = Scene::new();
        scene.simulate(format, 150, "export");
        scene.ingest("export");
        assert_tables_are_sound(&scene);
        for row in rows(&scene.path("data"), LEDGER.name) {
            let n = |column: &str| cell(&row, column).parse::<u64>().unwrap();
            assert_eq!(n("read"), n("kept") + n("replaced") + n("rejected"), "{format}: {row:?}");
        }
    }
}

#[test]
fn a_new_quarter_leaves_the_others_alone() {
    let scene = Scene::new();
    let dataset = scene.path("data");
    scene.export("first", &Tables::good());
    scene.export("second", &next_quarter());
    scene.ingest("first");
    let before = inodes(&dataset);
    assert!(before.keys().all(|name| name.contains("2026Q3")) && before.len() >= 7, "{before:?}");
    scene.ingest("second");
    let after = inodes(&dataset);
    for (name, inode) in &before {
        assert_eq!(after.get(name), Some(inode), "{name} was not carried over");
    }
    assert_eq!(after.len(), 2 * before.len());
    // An analysis after that touches one quarter.
    scene.run(&["analyze", "--dataset", "data", "--out", "out"]).fine();
    scene.export("third", &next_quarter().edit("applications.csv", |text| text.replace("2026-10", "2027-01")));
    scene.ingest("third");
    let ran = scene.run(&["analyze", "--dataset", "data", "--out", "out", "-v"]).fine();
    let line = ran.err.lines().find(|line| line.contains("taken from the cache")).unwrap();
    assert!(!line.contains(", 0 taken"), "{line}");
}

#[test]
fn as_many_generations_stay_as_configured() {
    let scene = Scene::new();
    scene.export("export", &Tables::good());
    let stored = || -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(scene.path("data/generations"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    for _ in 0..5 {
        scene.ingest("export");
    }
    assert_eq!(stored(), ["000003", "000004", "000005"]);
    scene.write("one.toml", "[dataset]\nkeep_generations = 1\n");
    scene.run(&["ingest", "export", "--dataset", "data", "--config", "one.toml"]).fine();
    assert_eq!(stored(), ["000006"]);
    assert_eq!(fs::read_link(scene.path("data/current")).unwrap().to_str(), Some("generations/000006"));
    // Going back is one link: the ledger of that generation ends there.
    let manifest = &current(&scene.path("data")).manifest;
    assert_eq!((manifest.generation, manifest.previous, manifest.inputs.len()), (6, Some(5), 6));
}

/// A CSV table, record by record.
type Records = Vec<csv::StringRecord>;

fn written(header: &csv::StringRecord, records: &[csv::StringRecord]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    records.iter().for_each(|record| writer.write_record(record).unwrap());
    writer.into_inner().unwrap()
}

/// Records in an order that only depends on what they say and a salt.
fn shuffled(records: &Records, salt: u8) -> Records {
    let mut mixed = records.clone();
    mixed.sort_by_key(|record| *blake3::hash(&[record.as_slice().as_bytes(), &[salt]].concat()).as_bytes());
    mixed
}

#[test]
fn neither_the_order_of_rows_nor_the_split_into_pages_matters() {
    let scene = Scene::new();
    scene.simulate("tables", 120, "export");
    let (mut plain, mut mixed, mut paged) = (Tables::default(), Tables::default(), Tables::default());
    for stem in ["applications", "decisions", "interviews", "scorecards", "events", "outcomes"] {
        let mut reader = csv::Reader::from_path(scene.path(&format!("export/{stem}.csv"))).unwrap();
        let header = reader.headers().unwrap().clone();
        let mut records: Records = reader.records().map(Result::unwrap).collect();
        // Two different rows of one entity without a time of their own are told apart by their order alone.
        if matches!(stem, "applications" | "decisions" | "interviews") {
            let mut seen = BTreeSet::new();
            records.retain(|record| seen.insert(record[0].to_owned()));
        }
        assert!(records.len() > 5, "{stem}");
        let name = format!("{stem}.csv");
        plain.set(&name, written(&header, &records));
        mixed.set(&name, written(&header, &shuffled(&records, 7)));
        let again = shuffled(&records, 9);
        for (page, part) in again.chunks(again.len().div_ceil(3)).enumerate() {
            paged.set(&format!("{stem}/page-{page}.csv"), written(&header, part));
        }
    }
    let entities = |name: &str| name.contains("opened=");
    let mut all = Vec::new();
    for (name, tables) in [("plain", &plain), ("mixed", &mixed), ("paged", &paged)] {
        scene.export(name, tables);
        // One key for all, so that pseudonyms are the same.
        if name != "plain" {
            fs::create_dir_all(scene.path(&format!("data-{name}/private"))).unwrap();
            fs::copy(scene.path("data-plain/private/key"), scene.path(&format!("data-{name}/private/key"))).unwrap();
        }
        let dataset = format!("data-{name}");
        scene.run(&["ingest", name, "--dataset", &dataset]).fine();
        all.push((name, hashes(&current(&scene.path(&dataset)).folder, entities)));
    }
    // Neither does it matter to a dataset that has it already.
    scene.run(&["ingest", "mixed", "--dataset", "data-plain"]).fine();
    all.push(("plain, then mixed", hashes(&current(&scene.path("data-plain")).folder, entities)));
    for (name, found) in &all[1..] {
        let differ: Vec<&String> = found.iter().filter(|(k, v)| all[0].1.get(*k) != Some(v)).map(|(k, _)| k).collect();
        assert!(differ.is_empty() && found.len() == all[0].1.len(), "{name}: {differ:?}");
    }
}

#[test]
fn an_interrupted_ingest_leaves_the_generation_before_and_the_next_one_works() {
    let scene = Scene::new();
    scene.simulate("tables", 1500, "large");
    scene.export("good", &Tables::good());
    scene.ingest("good");
    let dataset = scene.path("data");
    let before = seen_by_readers(&dataset);
    let mut unfinished = 0;
    for delay in [1, 5, 15, 40, 80, 150, 300, 600] {
        let mut child = scene
            .command(&["ingest", "large", "--dataset", "data"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.success() || fs::read_link(dataset.join("current")).unwrap().ends_with("000002") {
            // It was quicker than the kill.
            break;
        }
        unfinished += 1;
        assert_eq!(seen_by_readers(&dataset), before, "killed after {delay} ms");
    }
    assert!(unfinished >= 3, "only {unfinished} ingests were interrupted");
    scene.run(&["analyze", "--dataset", "data", "--out", "out"]).fine();
    scene.ingest("good");
    scene.ingest("large");
    let leftovers: Vec<_> = files_below(&dataset)
        .into_iter()
        .filter(|path| {
            let text = path.to_string_lossy();
            text.contains(".new") || text.contains(".spool") || text.ends_with(".new")
        })
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
    assert!(!dataset.join("generations/.new-generation").exists());
    assert_tables_are_sound(&scene);
}

#[test]
fn a_kill_before_the_first_generation_does_not_lock_the_dataset() {
    let scene = Scene::new();
    scene.simulate("tables", 300, "export");
    for delay in [0, 1, 2, 3, 4, 6, 8, 12, 20, 60] {
        let mut child = scene
            .command(&["ingest", "export", "--dataset", "data"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    scene.ingest("export");
    let all: Vec<Row> = rows(&scene.path("data"), "loops");
    assert_eq!(all.len(), 300);
}
