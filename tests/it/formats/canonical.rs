//! A dataset with what differs between formats by nature taken away: identifiers are replaced by keys that every
//! format gives the same row.

use std::collections::BTreeMap;
use std::path::Path;

use looplens::config::ApplicationIds;
use looplens::dataset::privacy::{PrivateFolder, Shield};
use looplens::dataset::schema::ENTITY_TABLES;
use serde_json::Value;

use crate::support::{Row, cell, rows};

/// The rows of every table by their key.
pub(super) type Tables = BTreeMap<&'static str, BTreeMap<String, Row>>;

/// Rounds with one piece of work and no appointment; some formats have no time for them, and need none.
const WITHOUT_APPOINTMENT: [&str; 2] = ["Work sample", "Async collaboration"];

/// The columns of a table that are part of its key here, or that say how a neighbour is meant.
pub(super) fn is_key(table: &str, column: &str) -> bool {
    match column {
        "application_id" | "dimension" | "outcome" => true,
        "interview_id" => table != "scorecards",
        "scorecard_id" => table != "panel_members",
        "interviewer_id" => table == "panel_members",
        "stage" => ["interviews", "scorecards", "events"].contains(&table),
        "event" => table == "events",
        _ => false,
    }
}

/// The loop that a key belongs to.
pub(super) fn loop_of(key: &str) -> &str {
    key.split('|').next().unwrap()
}

/// Reads the current generation of a dataset.
pub(super) fn read(dataset: &Path, truth: &Value) -> Tables {
    let people = people(dataset, truth);
    let mut applications = rows(dataset, "applications");
    // Loops open one after another, so this is the order of the history whatever the identifiers are.
    applications.sort_by_key(|row| (cell(row, "applied_at").to_owned(), cell(row, "application_id").to_owned()));
    let mut loops: BTreeMap<String, String> = BTreeMap::new();
    for (place, row) in applications.iter().enumerate() {
        loops.insert(cell(row, "application_id").to_owned(), format!("loop {place:05}"));
    }
    let mut cards = rows(dataset, "scorecards");
    cards.sort_by_key(|row| cell(row, "submitted_at").to_owned());
    for card in &cards {
        let orphans = loops.values().filter(|name| name.starts_with("orphan")).count();
        loops.entry(cell(card, "application_id").to_owned()).or_insert_with(|| format!("orphan {orphans:05}"));
    }
    let by_loop = |row: &Row| loops.get(cell(row, "application_id")).cloned().unwrap_or_else(|| "nobody's".to_owned());
    let person = |row: &Row, column| people.get(cell(row, column)).cloned().unwrap_or_default();

    let (mut interviews, mut card_keys) = (BTreeMap::new(), BTreeMap::new());
    for row in rows(dataset, "interviews") {
        let stage = cell(&row, "stage");
        let at = if WITHOUT_APPOINTMENT.contains(&stage) { "" } else { cell(&row, "starts_at") };
        interviews.insert(cell(&row, "interview_id").to_owned(), format!("{}|{stage}|{at}", by_loop(&row)));
    }
    for row in &cards {
        // A card that names no round is one without an interview, and that is the work done at home.
        let stage = Some(cell(row, "stage")).filter(|stage| !stage.is_empty()).unwrap_or(WITHOUT_APPOINTMENT[0]);
        let of = by_loop(row);
        let key = if of.starts_with("orphan") {
            // Without its interview, a card of no application tells less about itself in some formats.
            format!("{of}||")
        } else if WITHOUT_APPOINTMENT.contains(&stage) {
            format!("{of}|{stage}|")
        } else {
            format!("{of}|{stage}|{}", person(row, "interviewer_id"))
        };
        card_keys.insert(cell(row, "scorecard_id").to_owned(), key);
    }
    let interview_of = |row: &Row| interviews.get(cell(row, "interview_id")).cloned().unwrap_or_default();
    let card_of = |row: &Row| card_keys.get(cell(row, "scorecard_id")).cloned().unwrap_or_default();

    let mut tables = Tables::new();
    for table in ENTITY_TABLES {
        let mut of_table = rows(dataset, table.name);
        // The loops come first, so that jobs and candidates are named by the first loop they have.
        of_table.sort_by_key(|row| (by_loop(row), cell(row, "at").to_owned()));
        let mut first: BTreeMap<(&str, String), String> = BTreeMap::new();
        let found = tables.entry(table.name).or_default();
        for row in of_table {
            let key = match table.name {
                "applications" | "decisions" => by_loop(&row),
                "interviews" => interview_of(&row),
                "panel_members" => format!("{}|{}", interview_of(&row), person(&row, "interviewer_id")),
                "scorecards" => card_of(&row),
                "scores" | "score_revisions" => format!("{}|{}", card_of(&row), cell(&row, "dimension")),
                "events" => format!("{}|{}|{}", by_loop(&row), cell(&row, "event"), cell(&row, "stage")),
                _ => format!("{}|{}", by_loop(&row), cell(&row, "outcome")),
            };
            let mut kept = Row::new();
            for column in table.columns.iter().map(|column| column.name) {
                let Some(value) = row.get(column) else { continue };
                let value = match column {
                    "candidate_id" | "job_id" => {
                        let name = format!("as of {}", by_loop(&row));
                        first.entry((column, value.clone())).or_insert(name).clone()
                    }
                    "interview_id" => interviews.get(value).cloned().unwrap_or_default(),
                    "scorecard_id" => card_keys.get(value).cloned().unwrap_or_default(),
                    _ if people.contains_key(value) => people[value].clone(),
                    _ => value.clone(),
                };
                kept.insert(column.to_owned(), value);
            }
            // Only events can happen twice under one key; they are told apart by their order in time.
            let twin = (0..).map(|n| format!("{key}|{n}")).find(|key| !found.contains_key(key)).unwrap();
            assert!(twin.ends_with("|0") || table.name == "events", "{}: two rows are {key}", table.name);
            found.insert(twin, kept);
        }
    }
    tables
}

/// The people of the history by their pseudonym: the truth names them in the same order in every format.
fn people(dataset: &Path, truth: &Value) -> BTreeMap<String, String> {
    let key = PrivateFolder::of(dataset).key().unwrap();
    let mut shield = Shield::new(key, ApplicationIds::Auto, false);
    let people = truth["interviewers"].as_array().unwrap();
    let mut named = BTreeMap::new();
    for (place, person) in people.iter().enumerate() {
        let mut id = person["id"].as_str().unwrap().to_owned();
        shield.person(&mut id);
        named.insert(id, format!("person {place:03}"));
    }
    assert_eq!(named.len(), people.len());
    named
}
