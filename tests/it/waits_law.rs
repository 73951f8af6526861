//! The partition law: the states of a loop follow each other without gap or overlap from its beginning to its
//! end, and the days that `waits` gives to the states of a segment are the days of its loops, on the calendar of
//! every day and on working days.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use looplens::config::Config;
use looplens::dataset::parquet;
use looplens::engine::results::Cell;
use looplens::metrics::waits::STATES;
use looplens::time::{Calendar, Instant, SECOND};

use crate::exports::{Dataset, LAST, Tables, at, context};

const BUSINESS: &str = "
[calendar]
days = 'business'
zone = 'Europe/Berlin'
holidays = ['2024-10-03', '2024-12-25', '2024-12-26', '2025-01-01', '2025-04-18', '2025-12-25', '2026-05-01']
";

/// Sums of whole seconds are exact; only the last division rounds.
const TOLERANCE: f64 = 1e-9;

struct Loop {
    id: String,
    department: String,
    opened: String,
    from: Option<Instant>,
    to: Option<Instant>,
    problem: bool,
    spells: Vec<(String, Instant, Option<Instant>)>,
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(name).unwrap().as_any().downcast_ref::<StringArray>().unwrap();
    (!column.is_null(row)).then(|| column.value(row).to_owned())
}

fn instant(batch: &RecordBatch, name: &str, row: usize) -> Option<Instant> {
    let column = batch.column_by_name(name).unwrap().as_any().downcast_ref::<TimestampMicrosecondArray>().unwrap();
    (!column.is_null(row)).then(|| Instant(column.value(row)))
}

fn loops(dataset: &Dataset) -> Vec<Loop> {
    let mut out: BTreeMap<String, Loop> = BTreeMap::new();
    for opened in dataset.generation.manifest.partitions() {
        let rows = |table: &str| {
            let file = dataset.generation.file(table, opened);
            file.into_iter().flat_map(|path| parquet::read(&path, &[]).unwrap()).map(Result::unwrap)
        };
        for batch in rows("loops") {
            for row in 0..batch.num_rows() {
                let id = text(&batch, "application_id", row).unwrap();
                let one = Loop {
                    id: id.clone(),
                    department: text(&batch, "department", row).unwrap(),
                    opened: opened.to_string(),
                    from: instant(&batch, "applied_at", row),
                    to: instant(&batch, "ended_at", row),
                    problem: text(&batch, "problem", row).is_some(),
                    spells: Vec::new(),
                };
                assert!(out.insert(id, one).is_none(), "a loop has one row");
            }
        }
        for batch in rows("loop_states") {
            for row in 0..batch.num_rows() {
                let id = text(&batch, "application_id", row).unwrap();
                let from = instant(&batch, "from_at", row).unwrap();
                let spell = (text(&batch, "state", row).unwrap(), from, instant(&batch, "to_at", row));
                out.get_mut(&id).unwrap().spells.push(spell);
            }
        }
    }
    out.into_values().collect()
}

#[test]
fn states_follow_each_other_from_the_beginning_of_a_loop_to_its_end() {
    let mut tables = Tables::simulated(1500, 77);
    let decisions = tables.0.get_mut("decisions").unwrap();
    let decided = decisions.column("decided_at");
    for row in decisions.rows.iter_mut().step_by(50) {
        row[decided] = "2001-01-01T00:00:00Z".to_owned();
    }
    let dataset = Dataset::of(&tables, &Config::default());
    let (mut open, mut problems, mut seen) = (0, 0, BTreeMap::new());
    for mut one in loops(&dataset) {
        if one.problem {
            problems += 1;
            assert!(one.spells.is_empty(), "{}: no clock, no states", one.id);
            continue;
        }
        open += i32::from(one.to.is_none());
        one.spells.sort_by_key(|(_, from, _)| *from);
        assert_eq!(one.spells.first().map(|spell| spell.1), one.from, "{}: begins with the loop", one.id);
        assert_eq!(one.spells.last().and_then(|spell| spell.2), one.to, "{}: ends with the loop", one.id);
        for pair in one.spells.windows(2) {
            assert_eq!(pair[0].2, Some(pair[1].1), "{}: one state follows the other", one.id);
            assert!(pair[0].1 < pair[1].1, "{}: a state lasts", one.id);
        }
        for (state, _, _) in one.spells {
            assert!(STATES.iter().any(|(name, _)| *name == state), "{state}");
            *seen.entry(state).or_insert(0) += 1;
        }
    }
    assert!(open > 5 && problems > 5, "{open} open and {problems} without a clock");
    assert_eq!(seen.len(), STATES.len(), "every state occurs: {seen:?}");
}

#[test]
fn days_in_states_are_the_days_of_the_loops() {
    let tables = Tables::simulated(800, 13);
    for config in [Config::default(), Config::parse(BUSINESS, "test").unwrap()] {
        let dataset = Dataset::of(&tables, &config);
        let loops = loops(&dataset);
        for as_of in [LAST, "2026-03-10T10:10:10Z"] {
            let results = dataset.results_of(&["waits"], &context(&config, as_of, None));
            let waits = results.table("waits").unwrap();
            let mut checked = 0;
            let mut segments: Vec<(String, String)> = Vec::new();
            for row in &waits.rows {
                let word = |name: &str| waits.get(row, name).as_text().unwrap().to_owned();
                segments.push((word("segment_kind"), word("segment")));
            }
            segments.dedup();
            for (kind, segment) in segments {
                let inside = |one: &&Loop| match kind.as_str() {
                    "all" => true,
                    "department" => one.department == segment,
                    "quarter" => one.opened == segment,
                    _ => false,
                };
                if !matches!(kind.as_str(), "all" | "department" | "quarter") {
                    continue;
                }
                let (mut elapsed, mut n) = (0_i64, 0);
                for one in loops.iter().filter(inside).filter(|one| !one.problem && one.from.unwrap() <= at(as_of)) {
                    elapsed +=
                        seconds(&config.calendar, one.from.unwrap(), one.to.map_or(at(as_of), |to| to.min(at(as_of))));
                    n += 1;
                }
                let rows: Vec<_> = waits.segment(&kind, &segment).collect();
                if rows.iter().any(|row| waits.get(row, "n") == &Cell::Null) {
                    assert!(n < 5, "{kind} {segment} is hidden with {n} loops");
                    continue;
                }
                let sum: f64 = rows.iter().filter_map(|row| waits.get(row, "total_days").number()).sum();
                let expected = elapsed as f64 / 86_400.0;
                assert!((sum - expected).abs() <= TOLERANCE * expected, "{kind} {segment}: {sum} days, not {expected}");
                assert!(rows.iter().all(|row| waits.get(row, "n") == &Cell::Int(n)), "{kind} {segment}: {n} loops");
                let shares: f64 = rows.iter().filter_map(|row| waits.get(row, "share_of_elapsed").number()).sum();
                assert!(shares <= 1.0 + TOLERANCE, "{kind} {segment}: shares add up to {shares}");
                if kind == "all" {
                    assert!((shares - 1.0).abs() <= TOLERANCE, "all: shares add up to {shares}");
                }
                checked += 1;
            }
            assert!(checked > 10, "{checked} segments");
        }
    }
}

/// Times are counted in whole seconds.
fn seconds(calendar: &Calendar, from: Instant, to: Instant) -> i64 {
    let whole = |at: Instant| Instant(at.0.div_euclid(SECOND) * SECOND);
    calendar.between(whole(from), whole(to)) / SECOND
}

#[test]
fn working_days_are_fewer_days_and_the_same_loops() {
    let tables = Tables::simulated(300, 3);
    let (every, business) = (Config::default(), Config::parse(BUSINESS, "test").unwrap());
    let dataset = Dataset::of(&tables, &every);
    let totals = |config: &Config| {
        let results = dataset.results_of(&["waits"], &context(config, LAST, None));
        let table = results.table("waits").unwrap().clone();
        table.segment("all", "all").map(|row| table.get(row, "total_days").number().unwrap()).collect::<Vec<f64>>()
    };
    let (every, business) = (totals(&every), totals(&business));
    for (every, business) in every.iter().zip(&business) {
        assert!(business <= every, "{business} working days of {every}");
    }
    let share = business.iter().sum::<f64>() / every.iter().sum::<f64>();
    assert!((0.68..0.74).contains(&share), "five days of seven, less some holidays, are not {share}");
}
