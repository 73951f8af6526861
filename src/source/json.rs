//! JSON read as a stream of records.
//!
//! A splitter finds where each record begins and ends and hands over its bytes; serde then reads that slice
//! into a typed record with borrowed strings. So memory holds one record and a read buffer whatever the size
//! of the file, a record of the wrong shape is rejected alone, and a file that breaks off is recognised.
//! Understood are a bare array, one object, objects one after another (NDJSON), arrays one after another, and
//! page envelopes whose `data` or `results` holds the records.

use std::io::Read;

use super::Sink;
use super::files::{InputFile, refuse_wide_encodings};
use super::ledger::{FileId, Place};
use crate::error::{Error, Result};

/// The longest record that is read; one beyond is no record of a hiring loop.
const LONGEST_RECORD: usize = 256 << 20;
const CHUNK: usize = 1 << 18;
const ENVELOPE_KEYS: [&[u8]; 2] = [b"data", b"results"];

/// What is done with a record: where it stands, and its bytes.
pub type TakeRecord<'a> = dyn FnMut(&mut dyn Sink, Place, &[u8]) -> Result<()> + 'a;

/// Reads a file record by record and closes its account.
pub fn each_record(file: &InputFile, id: FileId, sink: &mut dyn Sink, take: &mut TakeRecord<'_>) -> Result<()> {
    let (reader, print) = file.open()?;
    let mut splitter = Splitter::new(reader, file);
    let mut told = 0;
    splitter.run(&mut |place, record, bytes| {
        sink.advance(bytes - told);
        told = bytes;
        take(sink, place, record)
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
    let _ = splitter.run(&mut |_, record, _| {
        first = serde_json::from_slice(record).ok();
        Err(Error::input("seen enough"))
    });
    first
}

type Take<'a> = dyn FnMut(Place, &[u8], u64) -> Result<()> + 'a;

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
}

impl<'f, R: Read> Splitter<'f, R> {
    fn new(reader: R, file: &'f InputFile) -> Self {
        Self { reader, file, buffer: Vec::new(), from: 0, at: 0, ended: false, line: 1, index: 0, bytes: 0 }
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

    /// At a `{` of the outermost level: one record, or an envelope around an array of them.
    fn object_or_envelope(&mut self, take: &mut Take<'_>) -> Result<()> {
        let line = self.line;
        self.from = self.at;
        self.at += 1;
        loop {
            match self.next_solid()? {
                None => return Err(self.truncated()),
                Some(b'}') => {
                    self.at += 1;
                    return self.give(line, take);
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let before = self.at - self.from;
                    self.string()?;
                    let key = self.buffer.get(self.from + before + 1..self.at - 1).unwrap_or_default();
                    let envelope = ENVELOPE_KEYS.contains(&key);
                    if self.next_solid()? != Some(b':') {
                        return Err(self.malformed("`:` was expected after a key"));
                    }
                    self.at += 1;
                    match self.next_solid()? {
                        None => return Err(self.truncated()),
                        Some(b'[') if envelope => {
                            self.array(take)?;
                            return self.rest_of_envelope();
                        }
                        Some(b'{') if envelope => {
                            let line = self.line;
                            self.from = self.at;
                            self.value()?;
                            self.give(line, take)?;
                            return self.rest_of_envelope();
                        }
                        Some(_) => self.value()?,
                    }
                }
                Some(_) => return Err(self.malformed("a key was expected")),
            }
        }
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
        let record = self.buffer.get(self.from..self.at).unwrap_or_default();
        take(place, record, self.bytes)?;
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
