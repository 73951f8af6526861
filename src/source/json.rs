//! JSON read as a stream of records.
//!
//! A splitter finds where each record begins and ends and hands over its bytes; serde then reads that slice
//! into a typed record with borrowed strings. So memory holds one record and a read buffer whatever the size
//! of the file, a record of the wrong shape is rejected alone, and a file that breaks off is recognised.
//! Understood are a bare array, one object, objects one after another (NDJSON), arrays one after another, and
//! page envelopes whose `data` or `results` holds the records, also inside the wrappers that scripts put
//! around what they fetched, and maps from an identifier to the records fetched for it. What a wrapper says
//! beside its records goes along with them, before or behind them.

mod scan;
mod split;

use super::Sink;
use super::files::InputFile;
use super::ledger::{FileId, Place};
use crate::error::{Error, Result};
use split::Splitter;

/// The longest fact of a wrapper that is kept; ids and flags are short.
const LONGEST_FACT: usize = 200;

/// One record of a file.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    /// Where it stands.
    pub place: Place,
    /// Its JSON.
    pub bytes: &'r [u8],
    /// What was said around it.
    pub wrapper: &'r Wrapper,
}

/// The scalars that the wrappers around a record hold, such as the id of the parent that it was fetched for.
///
/// What stands behind the records of a very long wrapper is not among them: to know it before they are handed
/// over, they would all have to be kept.
#[derive(Debug, Clone, Default)]
pub struct Wrapper(Vec<(String, String)>);

impl Wrapper {
    /// The name of the fact that a record stands under a key of a map.
    const ENTRY: &str = "";

    /// The text, number or flag under a key; the innermost where several wrappers have it.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The key of the map whose value holds the record.
    pub fn entry(&self) -> Option<&str> {
        self.get(Self::ENTRY)
    }

    /// A fact, if it is one: keys and values are as they stand in the file.
    fn fact(key: &[u8], value: &[u8]) -> Option<(String, String)> {
        if value.len() > LONGEST_FACT || matches!(value.first(), None | Some(b'{' | b'[' | b'n')) {
            return None;
        }
        let key = std::str::from_utf8(key).ok()?;
        let text = match value.first() {
            Some(b'"') => serde_json::from_slice::<String>(value).ok(),
            _ => std::str::from_utf8(value).ok().map(str::to_owned),
        };
        text.map(|text| (key.to_owned(), text))
    }
}

/// What is done with a record.
pub type TakeRecord<'a> = dyn FnMut(&mut dyn Sink, Record<'_>) -> Result<()> + 'a;

/// Reads a file record by record and closes its account.
pub fn each_record(file: &InputFile, id: FileId, sink: &mut dyn Sink, take: &mut TakeRecord<'_>) -> Result<()> {
    let (reader, print) = file.open()?;
    let mut told = 0;
    Splitter::new(reader, file).run(&mut |record, bytes| {
        sink.advance(bytes - told);
        told = bytes;
        take(sink, record)
    })?;
    sink.ledger().file(id).blake3 = print.hex();
    Ok(())
}

/// The first record of a file, for recognising what it holds.
pub fn first_record(file: &InputFile) -> Option<serde_json::Map<String, serde_json::Value>> {
    let (reader, _) = file.open().ok()?;
    let mut first = None;
    // Stopping is an error on purpose: the splitter has no other reason to end early.
    let _ = Splitter::new(reader, file).impatient().run(&mut |record, _| {
        first = serde_json::from_slice(record.bytes).ok();
        Err(Error::enough())
    });
    first
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use crate::source::record::testing::folder;

    /// The records of a text as `record`, or `record<key=value of the wrapper`.
    fn split(text: &str, key: &str) -> Vec<String> {
        let (_folder, export) = folder(&[("x.json", text.as_bytes())]);
        let file = export.files.first().unwrap();
        let mut seen = Vec::new();
        let (reader, _) = file.open().unwrap();
        let taken = Splitter::new(reader, file).run(&mut |record, _| {
            let said = record.wrapper.get(key).map(|value| format!("<{value}")).unwrap_or_default();
            seen.push(format!("{}{said}", String::from_utf8_lossy(record.bytes)));
            Ok(())
        });
        taken.unwrap();
        seen
    }

    #[test]
    fn records_are_found_inside_wrappers_of_any_depth() {
        assert_eq!(split(r#"[{"a":1},{"a":2}]"#, "p"), [r#"{"a":1}"#, r#"{"a":2}"#]);
        assert_eq!(split(r#"{"id":"x","data":[{"a":1}]}"#, "p"), [r#"{"id":"x","data":[{"a":1}]}"#]);
        assert_eq!(split(r#"{"data":{"id":"x"}}{"data":[{"id":"y"}],"hasNext":false}"#, "p").len(), 2);
        let deep = r#"{"p":"one","response":{"status":200,"body":{"p":"two","data":[{"a":1},{"a":2}],"next":null}}}"#;
        assert_eq!(split(deep, "p"), [r#"{"a":1}<two"#, r#"{"a":2}<two"#]);
        assert_eq!(split(&format!("{deep}\n{{\"data\":[{{\"a\":3}}]}}"), "status").last().unwrap(), r#"{"a":3}"#);
    }

    #[test]
    fn what_stands_behind_the_records_is_known_with_them() {
        let behind = r#"{"data":[{"a":1},{"a":2}],"hasNext":false,"p":"one"}{"data":[{"a":3}],"p":"two"}"#;
        assert_eq!(split(behind, "p"), [r#"{"a":1}<one"#, r#"{"a":2}<one"#, r#"{"a":3}<two"#]);
        // The wrapper further in says more, wherever it says it.
        let nested = r#"{"body":{"data":[{"a":1}],"p":"inner"},"p":"outer","q":"behind"}"#;
        assert_eq!(split(nested, "p"), [r#"{"a":1}<inner"#]);
        assert_eq!(split(nested, "q"), [r#"{"a":1}<behind"#]);
        assert_eq!(split(r#"{"p":"outer","body":{"data":[{"a":1}],"p":"inner"}}"#, "p"), [r#"{"a":1}<inner"#]);
    }

    #[test]
    fn wrappers_stand_in_arrays_and_inside_wrappers() {
        let array = r#"[{"p":"one","data":[{"a":1}]},{"data":[{"a":2}],"p":"two"},{"a":3}]"#;
        assert_eq!(split(array, "p"), [r#"{"a":1}<one"#, r#"{"a":2}<two"#, r#"{"a":3}"#]);
        let pages = r#"{"data":[{"data":[{"a":1}],"p":"one"},{"id":"x"},{"p":"two","data":[{"a":2}]}],"p":"all"}"#;
        assert_eq!(split(pages, "p"), [r#"{"a":1}<one"#, r#"{"id":"x"}<all"#, r#"{"a":2}<two"#]);
        assert_eq!(split(r#"[{"data":[]},{"id":"x","data":[{"a":1}]}]"#, "p"), [r#"{"id":"x","data":[{"a":1}]}"#]);
    }

    #[test]
    fn a_map_from_identifiers_holds_the_records_of_each() {
        let uuid = "9cc6e411-9353-4fd0-91ff-7ca090d1a31e";
        let map =
            format!(r#"{{"{uuid}":[{{"a":1}},{{"a":2}}],"17":{{"data":[{{"a":3}}]}},"opp-4":[],"opp-5":{{"id":6}}}}"#);
        assert_eq!(
            split(&map, Wrapper::ENTRY),
            [
                format!(r#"{{"a":1}}<{uuid}"#),
                format!(r#"{{"a":2}}<{uuid}"#),
                r#"{"a":3}<17"#.into(),
                r#"{"id":6}<opp-5"#.into()
            ]
        );
        for record in [r#"{"notes":[{"a":1}]}"#, r#"{"id":1,"17":[{"a":1}]}"#, r#"{"17":"a"}"#, "{}"] {
            assert_eq!(split(record, Wrapper::ENTRY), [record]);
        }
    }

    #[test]
    fn a_long_wrapper_is_read_without_what_stands_behind_it() {
        let long: String = (0..300_000).map(|i| format!(r#"{{"a":{i:9}}},"#)).collect();
        let records = split(
            &format!(r#"{{"p":1,"data":[{}],"q":2}}{{"data":[{{"a":1}}],"q":3}}"#, long.trim_end_matches(',')),
            "q",
        );
        assert_eq!(records.len(), 300_001);
        assert_eq!((records[0].as_str(), records[299_999].as_str()), (r#"{"a":        0}"#, r#"{"a":   299999}"#));
        assert_eq!(records[300_000], r#"{"a":1}<3"#);
    }

    #[test]
    fn an_error_is_handed_over_whole() {
        let error = r#"{"success":false,"results":[],"errorInfo":{"code":"denied"}}"#;
        assert_eq!(split(error, "success"), [error]);
    }
}
