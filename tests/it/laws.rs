//! Laws of every metric: what must not change a result does not, on simulated exports that go the whole way
//! from CSV files to result tables. A metric added to the registry is held to them without another line here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use looplens::config::Config;
use looplens::dataset::schema::Type;
use looplens::engine::counts::Counts;
use looplens::engine::results::{Cell, ResultTable};
use looplens::engine::run::Results;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::exports::{
    Dataset, LAST, Tables, assert_same, at, bytes, context, counts_bytes, metrics, named, rows_where,
};

/// How far figures may differ that are the same by algebra and not by the order of operations; relative.
const ROUNDING: f64 = 1e-12;

fn business() -> Config {
    let text = "[calendar]\ndays = 'business'\nzone = 'Europe/Berlin'\nholidays = ['2025-12-25', '2025-12-26', '2026-01-01']\n";
    Config::parse(text, "test").unwrap()
}

/// Whether a table is of one of the named metrics.
fn is_of(table: &ResultTable, ids: &[&str]) -> bool {
    let wanted = metrics().into_iter().filter(|metric| ids.contains(&metric.id));
    wanted.flat_map(|metric| metric.tables).any(|spec| spec.name == table.spec.name)
}

/// Whether a table looks back over a window of its own: a period is then more than the loops that opened in it.
fn looks_back(table: &ResultTable) -> bool {
    is_of(
        table,
        &["leniency", "stage-redundancy", "overrides", "consensus-drift", "hygiene", "score-outcome", "source-quality"],
    )
}

/// Whether a table rests on a model of the interviewers: more data about the same ones changes what is predicted of them.
fn is_modelled(table: &ResultTable) -> bool {
    is_of(table, &["leniency", "stage-redundancy", "consensus-drift", "score-outcome", "source-quality"])
}

/// Whether a row counts interviewers: twice the loops have the same ones, who were there before any period.
fn is_about_people(table: &ResultTable, row: &[Cell]) -> bool {
    table.get(row, "item").as_text() == Some("shadow-rounds")
}

/// A number from an application's id, so that parts are drawn and not cut.
fn part_of(id: &str, parts: u64) -> u64 {
    id.bytes().fold(7_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)) % parts
}

#[test]
fn parts_add_up_to_the_whole_byte_for_byte() {
    let (config, tables) = (Config::default(), Tables::simulated(400, 11));
    let context = context(&config, LAST, None);
    let whole = Dataset::of(&tables, &config);
    let expected = whole.additive(&context);
    let mut parts: BTreeMap<&str, Vec<Counts>> = BTreeMap::new();
    for part in 0..3 {
        let some = tables.only(|id| part_of(id, 3) == part);
        let dataset = Dataset::with_key_of(&some, &config, Some(&whole));
        for (metric, counts) in dataset.additive(&context) {
            parts.entry(metric).or_default().extend(counts);
        }
    }
    for metric in metrics() {
        let whole = Counts::merge(expected[metric.id].clone());
        let mut pieces = parts[metric.id].clone();
        assert!(pieces.len() > expected[metric.id].len(), "{}: nothing was split", metric.id);
        let merged = Counts::merge(pieces.clone());
        assert_eq!(merged, whole, "{}", metric.id);
        assert!(counts_bytes(&merged) == counts_bytes(&whole), "{}", metric.id);
        pieces.reverse();
        assert_eq!(Counts::merge(pieces.clone()), whole, "{}: in another order", metric.id);
        let second = pieces.split_off(pieces.len() / 2);
        let halves = vec![Counts::merge(second), Counts::default(), Counts::merge(pieces)];
        assert_eq!(Counts::merge(halves), whole, "{}: in two steps", metric.id);
        let result = |counts: &Counts| (metric.finish)(counts, &context).unwrap();
        assert_same(&result(&merged), &result(&whole), metric.id);
    }
}

#[test]
fn merging_with_nothing_changes_nothing() {
    let config = Config::default();
    let context = context(&config, LAST, None);
    for (metric, counts) in Dataset::of(&Tables::simulated(60, 2), &config).additive(&context) {
        let whole = Counts::merge(counts);
        assert!(!whole.is_empty(), "{metric}");
        assert_eq!(Counts::merge(vec![whole.clone(), Counts::default()]), whole, "{metric}");
        assert_eq!(Counts::merge(vec![Counts::default(), whole.clone()]), whole, "{metric}");
    }
}

#[test]
fn the_order_of_rows_is_irrelevant() {
    let (config, tables) = (Config::default(), Tables::simulated(300, 5));
    let context = context(&config, LAST, None);
    let straight = Dataset::of(&tables, &config);
    let mut shuffled = tables.clone();
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    for table in shuffled.0.values_mut() {
        table.rows.shuffle(&mut dice);
        // The rows of one scorecard stand together in an export; a card is made of those that do.
        if let Some(card) = table.header.iter().position(|own| own == "scorecard_id") {
            let mut first: BTreeMap<String, usize> = BTreeMap::new();
            for (at, row) in table.rows.iter().enumerate() {
                first.entry(row[card].clone()).or_insert(at);
            }
            table.rows.sort_by_key(|row| first[&row[card]]);
        }
    }
    let shuffled = Dataset::with_key_of(&shuffled, &config, Some(&straight));
    assert_same(&shuffled.results(&context).tables, &straight.results(&context).tables, "shuffled lines");
}

#[test]
fn the_number_of_threads_is_irrelevant() {
    let config = Config::default();
    let dataset = Dataset::of(&Tables::simulated(300, 6), &config);
    let out = tempfile::tempdir().unwrap();
    let mut seen: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
    for threads in ["1", "2", "5"] {
        let _ = std::fs::remove_dir_all(dataset.root().join("cache"));
        let out = out.path().join(threads);
        let status = Command::new(env!("CARGO_BIN_EXE_looplens"))
            .args(["analyze", "--quiet", "--dataset"])
            .arg(dataset.root())
            .arg("--out")
            .arg(&out)
            .env("POLARS_MAX_THREADS", threads)
            .current_dir(out.parent().unwrap())
            .status()
            .unwrap();
        assert!(status.success());
        seen.push(files(&out));
    }
    assert!(seen[0].len() > 6, "tables and reports");
    for other in &seen[1..] {
        for (name, bytes) in &seen[0] {
            assert!(bytes == &other[name], "{name}");
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            out.extend(files(&entry.path()).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            out.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    out
}

#[test]
fn cached_tables_give_the_same_bytes() {
    let config = business();
    let context = context(&config, LAST, None);
    let dataset = Dataset::of(&Tables::simulated(200, 8), &config);
    let fresh = dataset.results(&context);
    let first = dataset.cached_results(&context);
    let second = dataset.cached_results(&context);
    assert!(first.computed > 0 && second.computed == 0 && second.cached == first.computed);
    assert_same(&first.tables, &fresh.tables, "filling the cache");
    assert_same(&second.tables, &fresh.tables, "from the cache");
}

#[test]
fn twice_the_data_doubles_counts_and_keeps_rates() {
    // Few segments, so that none is small: what is hidden or not estimable may well become so with more loops.
    let config = Config::parse("[report]\nby = ['department']\n", "test").unwrap();
    let context = context(&config, LAST, None);
    let tables = Tables::simulated(900, 4);
    let mut twice = tables.clone();
    for table in twice.0.values_mut() {
        let ids: Vec<usize> = ["application_id", "interview_id", "scorecard_id", "candidate_id"]
            .iter()
            .filter_map(|name| table.header.iter().position(|own| own == name))
            .collect();
        let mut second = table.rows.clone();
        for row in &mut second {
            for id in &ids {
                row[*id] = row[*id].replacen('-', "-5", 1);
            }
        }
        table.rows.extend(second);
    }
    let dataset = Dataset::of(&tables, &config);
    let once = dataset.results(&context);
    let twice = Dataset::with_key_of(&twice, &config, Some(&dataset)).results(&context);
    let mut compared = 0;
    for (once, twice) in once.tables.iter().zip(&twice.tables).filter(|(once, _)| !is_modelled(once)) {
        if once.position("application_id").is_some() {
            assert_eq!(twice.rows.len(), 2 * once.rows.len(), "{}", once.spec.name);
            continue;
        }
        for (row, other) in paired(once, twice).into_iter().filter(|(row, _)| !is_about_people(once, row)) {
            compared += doubled(once, row, other);
        }
    }
    assert!(compared > 3_000, "only {compared} figures were compared");
}

/// The rows of two tables with the same texts and days.
fn paired<'a>(left: &'a ResultTable, right: &'a ResultTable) -> Vec<(&'a [Cell], &'a [Cell])> {
    let key = |table: &ResultTable, row: &[Cell]| {
        let mut key = String::new();
        for (column, cell) in table.spec.columns.iter().zip(row) {
            let is_key = !column.nullable && (column.ty == Type::Text || column.name == "day");
            // What an item of the checklist came to may change with the number of cases.
            let is_outcome = column.name == "state" && table.position("item").is_some();
            if is_key && !is_outcome && !matches!(column.name, "status" | "method") {
                key.push_str(&format!("{cell:?}/"));
            }
        }
        key
    };
    let rights: BTreeMap<String, &[Cell]> = right.rows.iter().map(|row| (key(right, row), row.as_slice())).collect();
    assert_eq!(rights.len(), right.rows.len(), "{}: rows without a key of their own", right.spec.name);
    left.rows.iter().map(|row| (row.as_slice(), *rights.get(&key(left, row)).unwrap())).collect()
}

/// Compares the figures of a row with those of the doubled data, and says how many there were.
fn doubled(table: &ResultTable, row: &[Cell], other: &[Cell]) -> usize {
    let get = |row: &[Cell], name: &str| table.get(row, name).clone();
    // What is compared up to a horizon has to have the same one.
    let same_horizon = ["rmst_tau_days", "tau_days"].iter().all(|name| get(row, name) == get(other, name));
    let mut compared = 0;
    for (column, (one, two)) in table.spec.columns.iter().zip(row.iter().zip(other)) {
        let what = format!(
            "{} {:?}: {}",
            table.spec.name,
            named(table, row).values().take(4).collect::<Vec<_>>(),
            column.name
        );
        let name = column.name;
        let uncertainty =
            name.ends_with("_low") || name.ends_with("_high") || name.ends_with("_value") || name == "statistic";
        let depends_on_horizon = name.starts_with("rmst") || name.starts_with("difference");
        if uncertainty || name == "day" || name == "degrees_of_freedom" || name.starts_with("limit") {
            continue;
        }
        match (one, two) {
            (Cell::Int(one), Cell::Int(two)) => assert_eq!(2 * one, *two, "{what}"),
            (Cell::Float(one), Cell::Float(two)) if name.starts_with("total") => {
                assert!((2.0 * one - two).abs() <= ROUNDING * two.abs(), "{what}: {one} {two}");
            }
            (Cell::Float(one), Cell::Float(two)) if !depends_on_horizon || same_horizon => {
                assert!((one - two).abs() <= ROUNDING * one.abs().max(1.0), "{what}: {one} {two}");
            }
            _ => continue,
        }
        compared += 1;
    }
    compared
}

#[test]
fn no_data_says_so() {
    for config in [Config::default(), business()] {
        for period in [None, Some("2026Q1")] {
            let context = context(&config, LAST, period);
            let mut tables = Vec::new();
            for metric in metrics() {
                tables.extend((metric.finish)(&Counts::default(), &context).unwrap());
            }
            says_nothing(&tables, "no additive table");
        }
    }
    let config = Config::default();
    // An export of nothing but a record that belongs to no application.
    let nobody = Tables::simulated(5, 1).only(|_| false);
    // An export in which every loop ends before it starts, so that none has a clock.
    let mut backwards = Tables::simulated(30, 1);
    backwards.retain(|name, _| matches!(name, "applications" | "outcomes"));
    let decided = Tables(BTreeMap::from([("decisions".to_owned(), {
        let ids = backwards.applied().into_keys();
        crate::exports::Csv {
            header: ["application_id", "decision", "decided_at"].map(str::to_owned).to_vec(),
            rows: ids.map(|id| vec![id, "reject".to_owned(), "2001-01-01T00:00:00Z".to_owned()]).collect(),
        }
    })]));
    backwards.0.extend(decided.0);
    for (tables, what) in [(nobody, "no application"), (backwards, "no usable time")] {
        let results = Dataset::of(&tables, &config).results(&context(&config, LAST, None));
        says_nothing(&results.tables, what);
    }
    // A date of analysis before everything.
    let results = Dataset::of(&Tables::simulated(50, 1), &config).results(&context(&config, "2000-01-01", None));
    says_nothing(&results.tables, "before everything");
}

/// Tables conform, have their rows of all loops, and none of them claims a figure.
#[track_caller]
fn says_nothing(tables: &[ResultTable], what: &str) {
    conforms(tables);
    for table in tables.iter().filter(|table| table.position("status").is_some()) {
        for row in &table.rows {
            assert_eq!(table.get(row, "status").as_text(), Some("not_estimable"), "{what}: {:?}", named(table, row));
            for (name, cell) in named(table, row) {
                let is_estimate = matches!(cell, Cell::Float(value) if *value != 0.0);
                assert!(!is_estimate, "{what}: {} says {name} = {cell:?}", table.spec.name);
            }
        }
    }
    let headline = tables.iter().find(|table| table.spec.name == "time_to_decision").unwrap();
    assert!(headline.segment("all", "all").count() == 3, "{what}: the clocks have their rows");
}

#[test]
fn every_row_is_as_its_table_promises() {
    for (loops, config) in [(12, Config::default()), (90, business()), (700, Config::default())] {
        let dataset = Dataset::of(&Tables::simulated(loops, loops), &config);
        for (as_of, period) in [(LAST, None), (LAST, Some("2026Q1")), ("2025-05-05T12:00:00Z", None)] {
            conforms(&dataset.results(&context(&config, as_of, period)).tables);
        }
    }
}

#[track_caller]
fn conforms(tables: &[ResultTable]) {
    let mut names: Vec<&str> = tables.iter().map(|table| table.spec.name).collect();
    let mut promised: Vec<&str> = metrics().iter().flat_map(|metric| metric.tables).map(|table| table.name).collect();
    names.sort_unstable();
    promised.sort_unstable();
    assert_eq!(names, promised, "every promised table is there, and no other");
    for table in tables {
        for row in &table.rows {
            let what = || format!("{}: {:?}", table.spec.name, named(table, row));
            assert_eq!(row.len(), table.spec.columns.len(), "{}", what());
            for (column, cell) in table.spec.columns.iter().zip(row) {
                match cell.ty() {
                    None => assert!(column.nullable, "{} is missing in {}", column.name, what()),
                    Some(ty) => assert_eq!(ty, column.ty, "{} in {}", column.name, what()),
                }
                assert!(!matches!(cell, Cell::Float(value) if !value.is_finite()), "{} in {}", column.name, what());
                ordered(table, row, column.name);
            }
            let Some(status) = table.get(row, "status").as_text() else { continue };
            assert!(["ok", "thin", "not_estimable"].contains(&status), "{}", what());
            let reason = table.get(row, "reason").as_text().is_some_and(|reason| !reason.is_empty());
            assert_eq!(reason, status != "ok", "a reason exactly where it is not ok: {}", what());
        }
        bytes(table);
    }
}

/// The limits of a figure lie on both sides of it; limits do not stand alone.
#[track_caller]
fn ordered(table: &ResultTable, row: &[Cell], name: &str) {
    let value = table.get(row, name).number();
    let limit = |suffix: &str| {
        let name = format!("{name}{suffix}");
        table.position(&name).and_then(|_| table.get(row, &name).number())
    };
    let slack = value.map_or(0.0, |value| ROUNDING * value.abs());
    for (suffix, sign) in [("_low", 1.0), ("_high", -1.0)] {
        let Some(limit) = limit(suffix) else { continue };
        let Some(value) = value else {
            assert!(suffix == "_low", "{name}{suffix} without {name} in {:?}", named(table, row));
            continue;
        };
        assert!(sign * (value - limit) >= -slack, "{name}{suffix} in {:?}", named(table, row));
    }
}

#[test]
fn an_earlier_date_of_analysis_is_as_good_as_an_earlier_export() {
    const THEN: &str = "2026-02-15T12:00:00Z";
    let config = Config::default();
    let context = context(&config, THEN, None);
    let tables = Tables::simulated(500, 21);
    let known = |text: &str| text.is_empty() || at(text) <= at(THEN);
    let applied = tables.applied();
    let mut then = tables.only(|id| applied.get(id).is_some_and(|at| known(at)));
    then.retain(|name, cell| match name {
        "decisions" => known(&cell("decided_at")),
        "events" | "outcomes" => known(&cell("at")),
        "interviews" => known(&cell("scheduled_at")),
        "scorecards" => known(&cell("submitted_at")),
        _ => true,
    });
    let interviews = then.0.get_mut("interviews").unwrap();
    let (ends, status) = (interviews.column("ends_at"), interviews.column("status"));
    for row in interviews.rows.iter_mut().filter(|row| !known(&row[ends])) {
        row[status].clear();
    }
    let applications = then.0.get_mut("applications").unwrap();
    let closed = applications.column("closed_at");
    for row in applications.rows.iter_mut().filter(|row| !known(&row[closed])) {
        row[closed].clear();
    }
    then.ends_at(THEN);
    let late = Dataset::of(&tables, &config).results(&context);
    let early = Dataset::of(&then, &config).results(&context);
    // The furthest stage and the last interview of a loop are known only in the end, and so is whether a wait
    // without an appointment was one for scheduling or for a decision; the clock from the application is not.
    let settled = |results: &Results| -> Vec<ResultTable> {
        let of = |name: &str| results.table(name).unwrap();
        let clock = |cell: &dyn Fn(&str) -> Cell| {
            ["applied", "first_interview"].iter().any(|clock| cell("clock") == Cell::Text((*clock).to_owned()))
        };
        ["time_to_decision", "time_curve", "time_contrasts"].map(|name| rows_where(of(name), clock)).to_vec()
    };
    let (late_tables, early_tables) = (settled(&late), settled(&early));
    let open = late_tables[0].get(&late_tables[0].rows[0], "open").number().unwrap();
    assert!(open >= 5.0, "{open} open loops");
    assert_same(&late_tables, &early_tables, "an earlier date of analysis");
    let ids = |results: &Results| -> Vec<(Cell, Cell, Cell)> {
        let slow = results.table("slow_loops").unwrap();
        let get = |row: &Vec<Cell>, name: &str| slow.get(row, name).clone();
        slow.rows.iter().map(|row| (get(row, "application_id"), get(row, "is_open"), get(row, "days"))).collect()
    };
    assert!(!ids(&late).is_empty());
    assert_eq!(ids(&late), ids(&early));
    let total = |results: &Results| -> f64 {
        let waits = results.table("waits").unwrap();
        waits.segment("all", "all").filter_map(|row| waits.get(row, "total_days").number()).sum()
    };
    assert!((total(&late) / total(&early) - 1.0).abs() < ROUNDING, "{} {}", total(&late), total(&early));
}

#[test]
fn a_period_is_the_loops_that_opened_in_it() {
    let config = Config::default();
    let tables = Tables::simulated(600, 31);
    let applied = tables.applied();
    let inside = tables.only(|id| applied.get(id).is_some_and(|at| ("2026-01".."2026-04").contains(&at.as_str())));
    let whole = Dataset::of(&tables, &config).results(&context(&config, LAST, Some("2026Q1")));
    let part = Dataset::of(&inside, &config).results(&context(&config, LAST, None));
    let without_trend = |results: &Results| -> Vec<ResultTable> {
        let keep = |cell: &dyn Fn(&str) -> Cell| {
            let text = |text: &str| Cell::Text(text.to_owned());
            cell("segment_kind") != text("quarter") && cell("item") != text("shadow-rounds")
        };
        // q-values are made over all comparisons of a kind, and those by quarter are a kind of their own.
        results.tables.iter().filter(|table| !looks_back(table)).map(|table| rows_where(table, keep)).collect()
    };
    assert!(part.table("time_to_decision").unwrap().rows[0].len() > 10);
    assert_same(&without_trend(&whole), &without_trend(&part), "a period");
}
