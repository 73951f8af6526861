//! JSON byte by byte: where strings, values and objects end, with a buffer that holds no more than is needed.

use std::io::Read;
use std::ops::Range;

use crate::error::{Error, Result, pages};
use crate::source::files::{InputFile, refuse_wide_encodings};

/// The longest record that is read; one beyond is no record of a hiring loop.
const LONGEST_RECORD: usize = 256 << 20;
const CHUNK: usize = 1 << 18;

/// A place in a file that is read from its beginning to its end.
pub(super) struct Scanner<'f, R> {
    reader: R,
    file: &'f InputFile,
    buffer: Vec<u8>,
    /// First byte in the buffer that is still needed.
    from: usize,
    /// The byte being looked at.
    at: usize,
    ended: bool,
    /// The line being looked at, 1 the first.
    pub(super) line: u64,
    /// Records found so far, for messages.
    pub(super) records: u64,
    /// Bytes read so far.
    pub(super) bytes: u64,
}

impl<'f, R: Read> Scanner<'f, R> {
    pub(super) fn new(reader: R, file: &'f InputFile) -> Self {
        Self { reader, file, buffer: Vec::new(), from: 0, at: 0, ended: false, line: 1, records: 0, bytes: 0 }
    }

    /// Refuses what is not UTF-8 by its first bytes, and moves past a byte order mark.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.fill()?;
        refuse_wide_encodings(self.buffer.get(..4).unwrap_or_default(), self.file)?;
        if self.buffer.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.at = 3;
        }
        Ok(())
    }

    /// Moves past a byte that was looked at.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Says that nothing before this place is needed any more. Offsets count from here.
    pub(super) fn forget(&mut self) {
        self.from = self.at;
    }

    /// How far this place is from the first byte that is still needed.
    pub(super) fn offset(&self) -> usize {
        self.at - self.from
    }

    /// The bytes between two offsets.
    pub(super) fn part(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(self.from + range.start..self.from + range.end).unwrap_or_default()
    }

    /// Moves past one value of any kind, keeping its bytes.
    pub(super) fn value(&mut self) -> Result<()> {
        self.skip(0)
    }

    /// Inside an object: moves past its end, keeping its bytes.
    pub(super) fn rest_of_object(&mut self) -> Result<()> {
        self.skip(1)
    }

    /// Moves past a value of which so many brackets are open.
    fn skip(&mut self, mut depth: usize) -> Result<()> {
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
    pub(super) fn string(&mut self) -> Result<()> {
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
    pub(super) fn next_solid(&mut self) -> Result<Option<u8>> {
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
            Error::new(&pages::DAMAGED_FILE, format!("the file breaks off or is damaged: {e}"))
                .place(format!("{}:line {}", self.file.path.display(), self.line))
                .help("export it again; nothing was committed")
        })?;
        self.buffer.truncate(filled + n);
        self.bytes += n as u64;
        self.ended = n == 0;
        Ok(n > 0)
    }

    pub(super) fn truncated(&self) -> Error {
        Error::new(&pages::BROKEN_JSON, format!("the JSON breaks off inside record {}", self.records))
            .place(format!("{}:line {}", self.file.path.display(), self.line))
            .help("the export was cut short: export it again; nothing was committed")
    }

    pub(super) fn malformed(&self, why: &str) -> Error {
        Error::new(&pages::BROKEN_JSON, format!("the JSON is damaged: {why}, after {} records", self.records))
            .place(format!("{}:line {}", self.file.path.display(), self.line))
            .help("export it again; nothing was committed")
    }
}
