//! JSON read as a stream of records.
//!
//! A splitter finds where each record begins and ends and hands over its bytes; serde then reads that slice
//! into a typed record with borrowed strings. So memory holds one record and a read buffer whatever the size
//! of the file, a record of the wrong shape is rejected alone, and a file that breaks off is recognised.
//! Understood are a bare array, one object, objects one after another (NDJSON), arrays one after another, and
//! page envelopes whose `data` or `results` holds the records, also inside the wrappers that scripts put
//! around what they fetched. What a wrapper says beside its records goes along with them.

use std::io::Read;
use std::ops::Range;

use super::Sink;
use super::files::{InputFile, refuse_wide_encodings};
use super::ledger::{FileId, Place};
use crate::error::{Error, Result};

/// The longest record that is read; one beyond is no record of a hiring loop.
const LONGEST_RECORD: usize = 256 << 20;
const CHUNK: usize = 1 << 18;
/// Keys whose value may hold the records instead of belonging to one.
const ENVELOPE_KEYS: [&[u8]; 8] =
    [b"data", b"results", b"result", b"response", b"body", b"payload", b"records", b"items"];
/// How deep wrappers are looked into.
const DEEPEST_WRAPPER: usize = 8;
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

/// The scalars that the wrappers around a record hold before it, such as the id of the parent that it was
/// fetched for.
#[derive(Debug, Clone, Default)]
pub struct Wrapper(Vec<(String, String)>);

impl Wrapper {
    /// The text, number or flag under a key; the innermost where several wrappers have it.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Keeps a fact, if it is one: keys and values are as they stand in the file.
    fn learn(&mut self, key: &[u8], value: &[u8]) {
        if value.len() > LONGEST_FACT || matches!(value.first(), None | Some(b'{' | b'[' | b'n')) {
            return;
        }
        let Ok(key) = std::str::from_utf8(key) else { return };
        let text = match value.first() {
            Some(b'"') => serde_json::from_slice::<String>(value).ok(),
            _ => std::str::from_utf8(value).ok().map(str::to_owned),
        };
        self.0.extend(text.map(|text| (key.to_owned(), text)));
    }
}

/// What is done with a record.
pub type TakeRecord<'a> = dyn FnMut(&mut dyn Sink, Record<'_>) -> Result<()> + 'a;

/// Reads a file record by record and closes its account.
pub fn each_record(file: &InputFile, id: FileId, sink: &mut dyn Sink, take: &mut TakeRecord<'_>) -> Result<()> {
    let (reader, print) = file.open()?;
    let mut splitter = Splitter::new(reader, file);
    let mut told = 0;
    splitter.run(&mut |record, bytes| {
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
    let mut splitter = Splitter::new(reader, file);
    // Stopping is an error on purpose: the splitter has no other reason to end early.
    let _ = splitter.run(&mut |record, _| {
        first = serde_json::from_slice(record.bytes).ok();
        Err(Error::input("seen enough"))
    });
    first
}

type Take<'a> = dyn FnMut(Record<'_>, u64) -> Result<()> + 'a;

struct Splitter<'f, R> {
    reader: R,
    file: &'f InputFile,
    buffer: Vec<u8>,
    /// First byte in the buffer that is still needed.
    from: usize,
    /// The byte being looked at.
    at: usize,
    ended: bool,
    line: u64,
    index: u64,
    bytes: u64,
    wrapper: Wrapper,
    /// How many wrappers are open.
    depth: usize,
}

impl<'f, R: Read> Splitter<'f, R> {
    fn new(reader: R, file: &'f InputFile) -> Self {
        Self {
            reader,
            file,
            buffer: Vec::new(),
            from: 0,
            at: 0,
            ended: false,
            line: 1,
            index: 0,
            bytes: 0,
            wrapper: Wrapper::default(),
            depth: 0,
        }
    }

    fn run(&mut self, take: &mut Take<'_>) -> Result<()> {
        self.fill()?;
        refuse_wide_encodings(self.buffer.get(..4).unwrap_or_default(), self.file)?;
        if self.buffer.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.at = 3;
        }
        while let Some(byte) = self.next_solid()? {
            match byte {
                b'[' => self.array(take)?,
                b'{' => self.object_or_envelope(take)?,
                _ => return Err(self.malformed("a JSON array or object was expected")),
            }
        }
        Ok(())
    }

    /// At `[`: hands over each element.
    fn array(&mut self, take: &mut Take<'_>) -> Result<()> {
        self.at += 1;
        loop {
            match self.next_solid()? {
                None => return Err(self.truncated()),
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let line = self.line;
                    self.from = self.at;
                    self.value()?;
                    self.give(line, take)?;
                    if !matches!(self.next_solid()?, Some(b',' | b']') | None) {
                        return Err(self.malformed("`,` or `]` was expected after a record"));
                    }
                }
            }
        }
    }

    /// At the `{` of the outermost level or of a wrapper's content: one record, or an envelope around records.
    fn object_or_envelope(&mut self, take: &mut Take<'_>) -> Result<()> {
        let line = self.line;
        self.from = self.at;
        self.at += 1;
        // Keys and values seen so far, from `self.from` on. A thing with an id, or an error, is no envelope.
        let mut facts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        let mut is_record = self.depth >= DEEPEST_WRAPPER;
        loop {
            match self.next_solid()? {
                None => return Err(self.truncated()),
                Some(b'}') => {
                    self.at += 1;
                    return self.give(line, take);
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let start = self.at - self.from + 1;
                    self.string()?;
                    let name = start..self.at - self.from - 1;
                    if self.next_solid()? != Some(b':') {
                        return Err(self.malformed("`:` was expected after a key"));
                    }
                    self.at += 1;
                    let first = self.next_solid()?;
                    let key = self.part(&name);
                    let holds = !is_record && ENVELOPE_KEYS.contains(&key);
                    match first {
                        None => return Err(self.truncated()),
                        Some(b'[' | b'{') if holds => {
                            let known = self.wrapper.0.len();
                            self.learn(&facts);
                            self.depth += 1;
                            if first == Some(b'[') {
                                self.array(take)?
                            } else {
                                self.object_or_envelope(take)?
                            }
                            self.depth -= 1;
                            self.wrapper.0.truncate(known);
                            return self.rest_of_envelope();
                        }
                        Some(byte) => {
                            is_record |= key == b"id" || (key == b"success" && byte == b'f');
                            let start = self.at - self.from;
                            self.value()?;
                            // What looks like a record has no facts to keep.
                            if !is_record && !matches!(byte, b'{' | b'[') {
                                facts.push((name, start..self.at - self.from));
                            }
                        }
                    }
                }
                Some(_) => return Err(self.malformed("a key was expected")),
            }
        }
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(self.from + range.start..self.from + range.end).unwrap_or_default()
    }

    fn learn(&mut self, facts: &[(Range<usize>, Range<usize>)]) {
        let mut wrapper = std::mem::take(&mut self.wrapper);
        for (key, value) in facts {
            wrapper.learn(self.part(key), self.part(value));
        }
        self.wrapper = wrapper;
    }

    fn rest_of_envelope(&mut self) -> Result<()> {
        loop {
            self.from = self.at;
            match self.next_solid()? {
                None => return Err(self.truncated()),
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b',' | b':') => self.at += 1,
                Some(_) => self.value()?,
            }
        }
    }

    fn give(&mut self, line: u64, take: &mut Take<'_>) -> Result<()> {
        let place = Place::Record { index: self.index, line };
        self.index += 1;
        let bytes = self.buffer.get(self.from..self.at).unwrap_or_default();
        take(Record { place, bytes, wrapper: &self.wrapper }, self.bytes)?;
        self.from = self.at;
        Ok(())
    }

    /// Moves past one value of any kind, keeping its bytes from `self.from` on in the buffer.
    fn value(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        loop {
            let Some(byte) = self.peek()? else {
                return if depth == 0 { Ok(()) } else { Err(self.truncated()) };
            };
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        return Err(self.malformed("a value was expected"));
                    }
                    depth -= 1;
                    self.at += 1;
                }
                _ if depth == 0 => {
                    self.bare_word()?;
                }
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                    continue;
                }
                _ => {
                    // Up to the next byte that means something here.
                    let rest = self.buffer.get(self.at..).unwrap_or_default();
                    let plain = |byte: &u8| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b'\n');
                    self.at += rest.iter().position(|byte| !plain(byte)).unwrap_or(rest.len());
                    continue;
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A number, true, false or null.
    fn bare_word(&mut self) -> Result<()> {
        let begin = self.at - self.from;
        while let Some(byte) = self.peek()? {
            if matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t') {
                break;
            }
            self.at += 1;
        }
        if self.at - self.from == begin { Err(self.malformed("a value was expected")) } else { Ok(()) }
    }

    /// At `"`: moves past the string.
    fn string(&mut self) -> Result<()> {
        self.at += 1;
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                Some(offset) => {
                    self.at += offset;
                    if self.buffer.get(self.at) == Some(&b'"') {
                        self.at += 1;
                        return Ok(());
                    }
                    self.at += 1;
                    if self.peek()?.is_none() {
                        return Err(self.truncated());
                    }
                    self.at += 1;
                }
                None => {
                    self.at = self.buffer.len();
                    if !self.fill()? {
                        return Err(self.truncated());
                    }
                }
            }
        }
    }

    /// The next byte that is not white space, not consumed.
    fn next_solid(&mut self) -> Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                other => return Ok(other),
            }
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        if self.at >= self.buffer.len() && !self.fill()? {
            return Ok(None);
        }
        Ok(self.buffer.get(self.at).copied())
    }

    /// Reads on, dropping what is no longer needed. False at the end of the file.
    fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.buffer.len() - self.from > LONGEST_RECORD {
            return Err(self.malformed("a record is longer than 256 MiB"));
        }
        if self.from > 0 {
            self.buffer.drain(..self.from);
            self.at -= self.from;
            self.from = 0;
        }
        let filled = self.buffer.len();
        // A long record doubles the step, so that its bytes are moved a logarithmic number of times.
        self.buffer.resize(filled + CHUNK.max(filled), 0);
        let read = self.reader.read(self.buffer.get_mut(filled..).unwrap_or_default());
        let n = read.map_err(|e| {
            Error::input(format!("the file breaks off or is damaged: {e}"))
                .place(format!("{}:line {}", self.file.path.display(), self.line))
                .help("export it again; nothing was committed")
        })?;
        self.buffer.truncate(filled + n);
        self.bytes += n as u64;
        self.ended = n == 0;
        Ok(n > 0)
    }

    fn truncated(&self) -> Error {
        Error::input(format!("the JSON breaks off inside record {}", self.index))
            .place(format!("{}:line {}", self.file.path.display(), self.line))
            .help("the export was cut short: export it again; nothing was committed")
    }

    fn malformed(&self, why: &str) -> Error {
        Error::input(format!("the JSON is damaged: {why}, after {} records", self.index))
            .place(format!("{}:line {}", self.file.path.display(), self.line))
            .help("export it again; nothing was committed")
    }
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
    fn an_error_is_handed_over_whole() {
        let error = r#"{"success":false,"results":[],"errorInfo":{"code":"denied"}}"#;
        assert_eq!(split(error, "success"), [error]);
    }
}
