//! Where the records of a file are, and what the wrappers around them say.

use std::io::Read;
use std::ops::Range;

use super::scan::Scanner;
use super::{Record, Wrapper};
use crate::error::Result;
use crate::source::clean::is_identifier;
use crate::source::files::InputFile;
use crate::source::ledger::Place;

/// Keys whose value may hold the records instead of belonging to one.
const ENVELOPE_KEYS: [&[u8]; 8] =
    [b"data", b"results", b"result", b"response", b"body", b"payload", b"records", b"items"];
/// How deep wrappers are looked into.
const DEEPEST_WRAPPER: usize = 8;
/// How many bytes of a wrapper's records are held back to see what stands behind them. A page of an API, and
/// what was fetched for one parent, are shorter.
const PATIENCE: usize = 4 << 20;

/// Takes a record, and the bytes read so far.
pub(super) type Take<'a> = dyn FnMut(Record<'_>, u64) -> Result<()> + 'a;

/// Finds the records of a file.
pub(super) struct Splitter<'f, R> {
    scan: Scanner<'f, R>,
    /// What the open wrappers said so far.
    wrapper: Wrapper,
    /// Raised whenever the wrapper changes.
    version: u64,
    /// How many wrappers are open.
    depth: usize,
    /// The records of the outermost open wrapper, until its end.
    held: Vec<Page>,
    patience: usize,
    /// Whether the outermost open wrapper turned out too long to be held back.
    is_long: bool,
}

/// Records with the same facts around them.
struct Page {
    facts: Wrapper,
    version: u64,
    records: Vec<(Range<usize>, Place)>,
}

/// An object that turned out to be a wrapper.
struct Opened {
    /// The first page with records of it.
    page: usize,
    /// How many facts there were before its own.
    outer: usize,
    /// How many facts there were before its content.
    known: usize,
}

impl<'f, R: Read> Splitter<'f, R> {
    pub(super) fn new(reader: R, file: &'f InputFile) -> Self {
        Self {
            scan: Scanner::new(reader, file),
            wrapper: Wrapper::default(),
            version: 0,
            depth: 0,
            held: Vec::new(),
            patience: PATIENCE,
            is_long: false,
        }
    }

    /// Hands each record over as soon as it is found, without what stands behind it.
    pub(super) fn impatient(self) -> Self {
        Self { patience: 0, ..self }
    }

    pub(super) fn run(&mut self, take: &mut Take<'_>) -> Result<()> {
        self.scan.begin()?;
        while let Some(byte) = self.scan.next_solid()? {
            self.scan.forget();
            match byte {
                b'[' => self.array(take)?,
                b'{' => self.object(take)?,
                _ => return Err(self.scan.malformed("a JSON array or object was expected")),
            }
        }
        Ok(())
    }

    /// At `[`: hands over each element.
    fn array(&mut self, take: &mut Take<'_>) -> Result<()> {
        self.scan.step();
        loop {
            match self.scan.next_solid()? {
                None => return Err(self.scan.truncated()),
                Some(b']') => {
                    self.scan.step();
                    return Ok(());
                }
                Some(b',') => self.scan.step(),
                Some(byte) => {
                    if self.held.is_empty() {
                        self.scan.forget();
                    }
                    if byte == b'{' {
                        self.object(take)?;
                    } else {
                        let (line, begin) = (self.scan.line, self.scan.offset());
                        self.scan.value()?;
                        self.give(line, begin, take)?;
                    }
                    if !matches!(self.scan.next_solid()?, Some(b',' | b']') | None) {
                        return Err(self.scan.malformed("`,` or `]` was expected after a record"));
                    }
                }
            }
        }
    }

    /// At `{`: one record, or a wrapper around records.
    fn object(&mut self, take: &mut Take<'_>) -> Result<()> {
        let (line, begin) = (self.scan.line, self.scan.offset());
        self.scan.step();
        // Keys and values seen so far. A thing with an id, or an error, is no wrapper.
        let mut facts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        let mut is_record = self.depth >= DEEPEST_WRAPPER;
        let mut opened: Option<Opened> = None;
        loop {
            if is_record {
                self.scan.rest_of_object()?;
                return self.give(line, begin, take);
            }
            match self.scan.next_solid()? {
                None => return Err(self.scan.truncated()),
                Some(b'}') => {
                    self.scan.step();
                    return match opened {
                        Some(opened) => self.close(&opened, take),
                        None => self.give(line, begin, take),
                    };
                }
                Some(b',') => self.scan.step(),
                Some(b'"') => {
                    if opened.is_some() && self.held.is_empty() {
                        self.scan.forget();
                    }
                    let start = self.scan.offset() + 1;
                    self.scan.string()?;
                    let name = start..self.scan.offset() - 1;
                    if self.scan.next_solid()? != Some(b':') {
                        return Err(self.scan.malformed("`:` was expected after a key"));
                    }
                    self.scan.step();
                    let Some(first) = self.scan.next_solid()? else { return Err(self.scan.truncated()) };
                    let key = self.scan.part(&name);
                    let is_nested = matches!(first, b'[' | b'{');
                    let is_entry = is_nested && std::str::from_utf8(key).is_ok_and(is_identifier);
                    if is_entry || (is_nested && opened.is_none() && ENVELOPE_KEYS.contains(&key)) {
                        let entry = is_entry.then(|| String::from_utf8_lossy(key).into_owned());
                        let wrapper = &*opened.get_or_insert_with(|| self.open(&facts));
                        self.content(wrapper, entry, first, take)?;
                        continue;
                    }
                    is_record = opened.is_none() && (key == b"id" || (key == b"success" && first == b'f'));
                    let start = self.scan.offset();
                    self.scan.value()?;
                    let value = start..self.scan.offset();
                    match &opened {
                        Some(opened) => self.learn_behind(opened, &name, &value),
                        None if !is_nested => facts.push((name, value)),
                        None => {}
                    }
                }
                Some(_) => return Err(self.scan.malformed("a key was expected")),
            }
        }
    }

    /// An object with these facts turned out to be a wrapper.
    fn open(&mut self, facts: &[(Range<usize>, Range<usize>)]) -> Opened {
        let outer = self.wrapper.0.len();
        let facts = facts.iter().filter_map(|(key, value)| Wrapper::fact(self.scan.part(key), self.scan.part(value)));
        self.wrapper.0.extend(facts);
        self.version += 1;
        Opened { page: self.held.len(), outer, known: self.wrapper.0.len() }
    }

    /// At the `[` or `{` of a wrapper's content, which stands under an entry's key where the wrapper is a map.
    fn content(&mut self, wrapper: &Opened, entry: Option<String>, first: u8, take: &mut Take<'_>) -> Result<()> {
        self.wrapper.0.extend(entry.map(|key| (Wrapper::ENTRY.to_owned(), key)));
        self.version += 1;
        self.depth += 1;
        if first == b'[' {
            self.array(take)?
        } else {
            self.object(take)?
        }
        self.depth -= 1;
        self.wrapper.0.truncate(wrapper.known);
        self.version += 1;
        Ok(())
    }

    /// Adds a fact behind a wrapper's content to the records that are still held.
    fn learn_behind(&mut self, wrapper: &Opened, key: &Range<usize>, value: &Range<usize>) {
        let Some(fact) = Wrapper::fact(self.scan.part(key), self.scan.part(value)) else { return };
        for page in self.held.iter_mut().skip(wrapper.page) {
            // Before the facts of wrappers further in, which say more.
            page.facts.0.insert(wrapper.known.min(page.facts.0.len()), fact.clone());
        }
    }

    /// Behind the `}` of a wrapper.
    fn close(&mut self, wrapper: &Opened, take: &mut Take<'_>) -> Result<()> {
        self.wrapper.0.truncate(wrapper.outer);
        self.version += 1;
        if self.depth == 0 {
            self.release(take)?;
            self.is_long = false;
        }
        Ok(())
    }

    /// A record has been found: hands it over, or holds it back until what stands behind it is known.
    fn give(&mut self, line: u64, begin: usize, take: &mut Take<'_>) -> Result<()> {
        let place = Place::Record { index: self.scan.records, line };
        self.scan.records += 1;
        let range = begin..self.scan.offset();
        if self.depth == 0 || self.is_long || self.patience == 0 {
            let record = Record { place, bytes: self.scan.part(&range), wrapper: &self.wrapper };
            take(record, self.scan.bytes)?;
            self.scan.forget();
            return Ok(());
        }
        match self.held.last_mut().filter(|page| page.version == self.version) {
            Some(page) => page.records.push((range, place)),
            None => {
                let (facts, version) = (self.wrapper.clone(), self.version);
                self.held.push(Page { facts, version, records: vec![(range, place)] });
            }
        }
        if self.scan.offset() > self.patience {
            self.release(take)?;
            self.is_long = true;
        }
        Ok(())
    }

    /// Hands over what was held back.
    fn release(&mut self, take: &mut Take<'_>) -> Result<()> {
        for Page { facts, records, .. } in std::mem::take(&mut self.held) {
            for (range, place) in records {
                take(Record { place, bytes: self.scan.part(&range), wrapper: &facts }, self.scan.bytes)?;
            }
        }
        self.scan.forget();
        Ok(())
    }
}
