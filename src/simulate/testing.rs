//! Reads back the exports whose records come in wrappers, and says what the stories behind them hold.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::endings::ended;
use super::format_tests::LOOPS;
use super::story::LoopStory;
use super::tests::{stories, world};
use super::world::World;
use crate::time::Instant;

pub(super) type Files = Vec<(String, Vec<u8>)>;

/// The stories that [`write`](super::format_tests::write) wrote down.
pub(super) fn told() -> (World, Vec<LoopStory>) {
    let world = world(LOOPS, 21);
    let stories = stories(&world);
    (world, stories)
}

/// The documents of an endpoint, page after page.
pub(super) fn documents(files: &Files, endpoint: &str) -> Vec<Value> {
    let pages: Vec<&Vec<u8>> = files
        .iter()
        .filter(|(name, _)| Path::new(name).parent() == Some(Path::new(endpoint)))
        .map(|(_, bytes)| bytes)
        .collect();
    assert!(!pages.is_empty(), "{endpoint}");
    let document = |bytes: &Vec<u8>| -> Vec<Value> {
        serde_json::Deserializer::from_slice(bytes).into_iter().map(|document| document.unwrap()).collect()
    };
    pages.into_iter().flat_map(document).collect()
}

/// The records of a list, whose every page but the last says that another one follows.
pub(super) fn list(files: &Files, endpoint: &str, records: &str, more: &str) -> Vec<Value> {
    let pages = documents(files, endpoint);
    for (place, page) in pages.iter().enumerate() {
        let has_next = match &page[more] {
            Value::Bool(says) => *says,
            cursor => cursor.is_string(),
        };
        assert_eq!(has_next, place + 1 < pages.len(), "{endpoint}, page {place}");
        assert!(page[records].as_array().unwrap().len() <= 100, "{endpoint}, page {place}");
    }
    pages.iter().flat_map(|page| page[records].as_array().unwrap().clone()).collect()
}

pub(super) fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap()
}

pub(super) fn ids(records: &[Value]) -> HashSet<&str> {
    records.iter().map(|record| text(record, "id")).collect()
}

/// The last record of each id, in the order of first appearance, and how many others there were.
pub(super) fn distinct(records: &[Value]) -> (Vec<&Value>, u64) {
    let mut order: Vec<&str> = Vec::new();
    let mut last: HashMap<&str, &Value> = HashMap::new();
    for record in records {
        if last.insert(text(record, "id"), record).is_none() {
            order.push(text(record, "id"));
        }
    }
    let repeats = (records.len() - order.len()) as u64;
    (order.iter().map(|id| last[id]).collect(), repeats)
}

/// Every text under `field` is one of `known`; null points nowhere.
pub(super) fn resolves<'a>(records: impl IntoIterator<Item = &'a Value>, field: &str, known: &HashSet<&str>) {
    let mut seen = 0;
    for record in records {
        if let Some(id) = record[field].as_str() {
            assert!(known.contains(id), "{field}: {id}");
            seen += 1;
        }
    }
    assert!(seen > 0, "{field} is nowhere");
}

pub(super) fn count<'a>(records: impl IntoIterator<Item = &'a Value>, test: impl Fn(&Value) -> bool) -> Option<u64> {
    Some(records.into_iter().filter(|record| test(record)).count() as u64)
}

/// A count of the truth, which is more than nothing.
pub(super) fn counted(truth: &Value, name: &str) -> Option<u64> {
    truth["counts"][name].as_u64().filter(|count| *count > 0)
}

/// The instant of a loop's end as an export has it, unless it is a hire.
pub(super) fn archived_at(story: &LoopStory) -> Option<Instant> {
    ended(story).map(|(at, _)| at)
}
