//! The same history in every format gives the same dataset, as far as the format can carry it; and what it cannot
//! carry is what `columns.rs` says, neither more nor less.

mod canonical;
mod columns;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use looplens::dataset::schema::ENTITY_TABLES;
use looplens::simulate::FORMATS;
use serde_json::Value;

use crate::support::{Row, Scene};
use canonical::{Tables, is_key, loop_of};
use columns::{COLUMNS, Column, Grade, When};

/// A history in which every kind of mess occurs.
const LOOPS: u64 = 500;
const SEED: &str = "66";

/// What is held against what: the facts, from whichever format carries them, and each format's own rows.
struct Facts {
    reference: Tables,
    formats: Vec<(&'static Column, Tables)>,
}

impl Facts {
    fn read() -> Self {
        let scene = Scene::new();
        let loops = LOOPS.to_string();
        let read = |format: &str| {
            let column = columns::of(format);
            let (export, dataset) = (format, format!("{format}-dataset"));
            scene.run(&["simulate", "--loops", &loops, "--seed", SEED, "--format", format, "--out", export]).fine();
            let folder = scene.path(export);
            let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
            for mess in truth["messy_records"].as_array().unwrap() {
                assert_ne!(mess["count"], 0, "{format}: this history has no {}", mess["kind"]);
            }
            let ingest = ["ingest", export, "--dataset", &dataset, "--keep-text"];
            scene.run(&[&ingest[..], column.arguments].concat()).fine();
            (column, canonical::read(&scene.path(&dataset), &truth))
        };
        let mut facts = Self { reference: Tables::new(), formats: every_format().map(read).collect() };
        // What some format always carries comes first, since the conditions of the others look at it; and the
        // day of something is known where nobody knows the hour.
        for (conditional, is_day) in [(false, false), (true, false), (true, true)] {
            for place in 0..facts.formats.len() {
                facts.learn(place, conditional, is_day);
            }
        }
        facts
    }

    /// Takes over what a format carries, wholly or as a day, and none before it did.
    fn learn(&mut self, place: usize, conditional: bool, is_day: bool) {
        let mut learnt = Vec::new();
        let (format, tables) = &self.formats[place];
        for (table, rows) in tables {
            for name in columns_of(table) {
                let fact = format!("{table}.{name}");
                if format.cases(&fact).is_empty() == conditional {
                    continue;
                }
                for (key, row) in rows {
                    let learns = match self.grade(format, table, &fact, key, row).1 {
                        Grade::Same => !is_day,
                        Grade::Day => is_day,
                        _ => false,
                    };
                    if learns {
                        learnt.push((*table, key.clone(), name, row.get(name).cloned()));
                    }
                }
            }
        }
        for (table, rows) in tables {
            let known = self.reference.entry(table).or_default();
            rows.keys().for_each(|key| _ = known.entry(key.clone()).or_default());
        }
        for (table, key, name, value) in learnt {
            let row = self.reference.get_mut(table).unwrap().get_mut(&key).unwrap();
            // A value that is missing is a fact too, and is remembered as an empty one.
            row.entry(name.to_owned()).or_insert(value.unwrap_or_default());
        }
    }

    /// How a format carries a fact of one row, and by which of its cases.
    fn grade(&self, format: &Column, table: &str, fact: &str, key: &str, row: &Row) -> (Option<usize>, Grade) {
        let value = |row: Option<&Row>, column: &str| row.and_then(|row| row.get(column)).cloned().unwrap_or_default();
        let known = |table: &str, key: &str| self.reference.get(table).and_then(|rows| rows.get(key));
        for (at, (when, grade)) in format.cases(fact).iter().enumerate() {
            let holds = match when {
                When::Always => true,
                When::Is(column, words) => words.contains(&value(known(table, key), column).as_str()),
                When::Reads(_, column, words) => words.contains(&value(Some(row), column).as_str()),
                When::Event(words) => words.contains(&key.split('|').nth(1).unwrap()),
                When::Stage(words) => words.contains(&key.split('|').nth(1).unwrap()),
                When::Of(other, column, words) => {
                    words.contains(&value(known(other, &format!("{}|0", loop_of(key))), column).as_str())
                }
                When::Fact(_, holds) => holds(&self.reference, key, known(table, key).unwrap_or(&Row::new())),
            };
            if holds {
                return (Some(at), *grade);
            }
        }
        (None, Grade::Same)
    }

    /// Rows of a table that a format has and should not have, or the other way round.
    fn wrong_rows(&self, format: &Column, tables: &Tables, table: &str) -> Vec<String> {
        let fact = format!("{table}.rows");
        // By case, whether rows are there and whether rows are missing.
        let (mut wrongs, mut seen) = (Vec::new(), BTreeSet::new());
        for (key, row) in &self.reference[table] {
            let (case, grade) = self.grade(format, table, &fact, key, row);
            let is_there = tables[table].contains_key(key);
            seen.insert((case, is_there));
            if !matches!(grade, Grade::Some(_)) && is_there == matches!(grade, Grade::No) {
                wrongs.push(format!("{fact}: {key} is there or missing, though it is {grade:?}"));
            }
        }
        for (case, (when, grade)) in format.cases(&fact).iter().enumerate() {
            let shows = |is_there| seen.contains(&(Some(case), is_there));
            if !shows(false) || (matches!(grade, Grade::Some(_)) && !shows(true)) {
                wrongs.push(format!("{fact}: no row is like {when:?}"));
            }
        }
        wrongs
    }

    /// Values of a column that are other than what a format is said to carry.
    fn wrongs(&self, format: &Column, tables: &Tables, table: &'static str, name: &'static str) -> Vec<String> {
        let fact = format!("{table}.{name}");
        let cases = format.cases(&fact);
        let mut seen: BTreeMap<usize, Seen> = BTreeMap::new();
        let mut wrongs = Vec::new();
        let tells = |tables: &Tables, key: &str| tables[table].get(key).is_some_and(|row| row.contains_key(name));
        let told = |key: &str| self.formats.iter().any(|(_, tables)| tells(tables, key));
        let tells_any = |tables: &Tables| tables[table].values().any(|row| row.contains_key(name));
        // What a format never says has to be said by another, if only of rows that this one does not have.
        let told_at_all = self.formats.iter().any(|(_, tables)| tells_any(tables));
        for (key, row) in tables.get(table).into_iter().flatten() {
            let (case, grade) = self.grade(format, table, &fact, key, row);
            let seen = seen.entry(case.unwrap_or(cases.len())).or_default();
            let expected = self.reference[table][key].get(name).filter(|value| !value.is_empty());
            let always = case.is_some_and(|case| matches!(cases[case].0, When::Always));
            seen.told += usize::from(matches!(grade, Grade::No) && if always { told_at_all } else { told(key) });
            if let Some(wrong) = seen.judge(grade, expected, row.get(name)) {
                wrongs.push(format!("{fact} at {key}: {wrong}"));
            }
            if let Some(wrong) = precision(table, name, grade, row) {
                wrongs.push(format!("{fact} at {key}: {wrong}"));
            }
        }
        let everywhere = cases.iter().any(|(when, _)| matches!(when, When::Always));
        for (case, (when, grade)) in cases.iter().enumerate() {
            match seen.get(&case) {
                None => wrongs.push(format!("{fact}: no row is like {when:?}")),
                Some(seen) => wrongs.extend(seen.lacks(*grade).map(|lack| format!("{fact}, {when:?}: {lack}"))),
            }
        }
        if let Some(seen) = seen.get(&cases.len()).filter(|_| !everywhere) {
            wrongs.extend(seen.lacks(Grade::Same).map(|lack| format!("{fact}: {lack}")));
        }
        wrongs
    }
}

fn every_format() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.id)
}

/// What the rows of one case showed.
#[derive(Default)]
struct Seen {
    /// Rows without it that some other format tells it of.
    told: usize,
    /// Rows that have a value.
    present: usize,
    words: BTreeSet<String>,
    /// Rows that say less than is known, or something else.
    coarser: usize,
}

impl Seen {
    /// What is wrong with one value.
    fn judge(&mut self, grade: Grade, expected: Option<&String>, value: Option<&String>) -> Option<String> {
        self.present += usize::from(value.is_some());
        self.words.extend(value.cloned());
        self.coarser += usize::from(expected != value);
        let fits = match (grade, expected, value) {
            (Grade::Same, _, _) => expected == value,
            (Grade::No, _, _) => value.is_none(),
            (Grade::Day, Some(expected), Some(value)) => {
                value.ends_with("T00:00:00Z") && value.get(..10) == expected.get(..10)
            }
            (Grade::Scale(_, reads), Some(expected), Some(value)) => reads(expected).contains(&value.as_str()),
            (Grade::Day | Grade::Scale(..), _, _) => expected.is_none() && value.is_none(),
            (Grade::Other(_), _, _) => value.is_some(),
            (Grade::Says(words), _, Some(value)) => words.contains(&value.as_str()),
            (Grade::Says(_) | Grade::Own | Grade::Some(_), _, _) => true,
        };
        (!fits).then(|| format!("{value:?} where {expected:?} is known, though it is {grade:?}"))
    }

    /// What the rows of a case never showed, so that the case would hold whatever the truth is.
    fn lacks(&self, grade: Grade) -> Option<String> {
        let shown = match grade {
            Grade::Same => self.present > 0,
            Grade::No => self.told > 0,
            Grade::Day | Grade::Scale(..) | Grade::Other(_) => self.coarser > 0,
            Grade::Says(words) => words.iter().all(|word| self.words.contains(*word)),
            Grade::Own | Grade::Some(_) => self.present > 0,
        };
        (!shown).then(|| format!("no row shows that it is {grade:?}; present {}, words {:?}", self.present, self.words))
    }
}

/// A column that says how precise another is must say so.
fn precision(table: &str, name: &str, grade: Grade, row: &Row) -> Option<String> {
    let about = PRECISIONS.iter().find(|(of, instant, _)| (*of, *instant) == (table, name))?.2;
    let expected = match grade {
        Grade::Day => "day",
        _ => "instant",
    };
    let expected = row.get(name).map(|_| expected);
    let said = row.get(about).map(String::as_str);
    (said != expected).then(|| format!("{about} is {said:?} and not {expected:?}"))
}

/// Instants whose precision stands in a column of its own.
const PRECISIONS: &[(&str, &str, &str)] = &[
    ("applications", "applied_at", "applied_precision"),
    ("decisions", "decided_at", "decided_precision"),
    ("interviews", "starts_at", "starts_precision"),
    ("events", "at", "at_precision"),
];

/// The columns of a table that hold facts, in order.
fn columns_of(table: &str) -> impl Iterator<Item = &'static str> {
    let table = ENTITY_TABLES.iter().find(|one| one.name == table).unwrap();
    let is_precision = |name: &str| PRECISIONS.iter().any(|(of, _, about)| (*of, *about) == (table.name, name));
    let is_untold = |name: &str| columns::UNTOLD.contains(&format!("{}.{name}", table.name).as_str());
    let names = table.columns.iter().map(|column| column.name);
    names.filter(move |name| !is_key(table.name, name) && !is_precision(name) && !is_untold(name))
}

#[test]
fn every_format_carries_what_it_is_said_to_carry_and_nothing_else() {
    let facts = Facts::read();
    let mut wrongs = Vec::new();
    for (format, tables) in &facts.formats {
        for table in ENTITY_TABLES.iter().map(|table| table.name) {
            let mut found = vec![facts.wrong_rows(format, tables, table)];
            if !tables[table].is_empty() {
                found.extend(columns_of(table).map(|name| facts.wrongs(format, tables, table, name)));
            }
            for wrong in found.iter().filter(|wrong| !wrong.is_empty()) {
                let shown: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
                wrongs.push(format!("{}, {} wrong: {}", format.format, wrong.len(), shown.join("\n  ")));
            }
            let told = |column: &str| tables[table].values().any(|row| row.contains_key(column));
            let untold = columns::UNTOLD.iter().filter_map(|fact| fact.split_once('.'));
            wrongs.extend(
                untold
                    .filter(|(of, column)| *of == table && told(column))
                    .map(|(_, column)| format!("{}: {table}.{column} is said to be told by nobody", format.format)),
            );
        }
    }
    assert!(wrongs.is_empty(), "{} facts\n{}", wrongs.len(), wrongs.join("\n"));
}

#[test]
fn every_fact_that_is_named_is_a_column() {
    for column in COLUMNS {
        for (at, (fact, cases)) in column.differs.iter().enumerate() {
            let (table, name) = fact.split_once('.').unwrap();
            assert!(name == "rows" || columns_of(table).any(|known| known == name), "{}: {fact}", column.format);
            assert!(
                !cases.is_empty() && !column.differs[..at].iter().any(|(before, _)| before == fact),
                "{fact} twice"
            );
        }
    }
    for format in FORMATS {
        columns::of(format.id);
    }
}

#[test]
fn the_table_of_formats_is_the_one_that_is_tested() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/formats.md");
    let expected = words::document();
    if std::fs::read_to_string(&path).unwrap_or_default() != expected {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats.md");
        std::fs::write(&new, expected).unwrap();
        panic!("data-samples/formats.md says something else than tests/it/formats/columns.rs; copy {}", new.display());
    }
}
