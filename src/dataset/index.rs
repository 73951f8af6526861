//! Where each application's rows belong: the quarter in which its loop opened.
//!
//! The index is the only thing of an ingest that grows with the number of applications: a hash and a
//! partition each. Two applications with the same 64-bit hash would share a partition, which is harmless.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::time::{Instant, Quarter};

/// A partition: the quarter in which its loops opened, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opened(pub Option<Quarter>);

impl Opened {
    /// Rows whose application is in no file, or has no known time.
    pub const UNKNOWN: Self = Self(None);

    /// Reads the value of a hive partition.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "unknown" { Some(Self::UNKNOWN) } else { Quarter::parse(text).map(|quarter| Self(Some(quarter))) }
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(quarter) => write!(out, "{quarter}"),
            None => out.write_str("unknown"),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Whether an application row was seen, now or before.
    known: bool,
    /// The partition on record.
    before: Option<Opened>,
    /// The partition that rows of this ingest already went to.
    settled: Option<Opened>,
    /// The earliest instant seen in any row, for applications without an application time.
    first_seen: Option<Instant>,
    /// Whether this ingest's export holds the application.
    held: bool,
    /// Whether it tells native stage events of it.
    tells_history: bool,
    /// When this ingest's export has it applied.
    applied_at: Option<Instant>,
    /// Where an export should hold the application and does not: the export's latest instant.
    vanished: Option<Instant>,
}

/// The index of applications.
#[derive(Debug, Default)]
pub struct Index {
    entries: HashMap<u64, Entry, BuildHasherDefault<Hashed>>,
    /// Applications whose quarter differs from the one on record, with the instant the new row was recorded.
    /// Which of the two stands is known once everything has been read; until then their rows wait.
    contested: HashMap<u64, Option<Instant>>,
    /// The application asked for last and its settled partition: most exports keep its rows together.
    last: Option<(u64, Opened)>,
    /// The application whose history was noted last.
    last_told: Option<u64>,
}

/// The hash an application is known by. An ingest asks for it several times per row, so it is a quick one; it
/// is the same on every machine, and no output depends on it.
pub fn hash(application_id: &str) -> u64 {
    let mut hasher = Folded::default();
    hasher.write(application_id.as_bytes());
    hasher.finish()
}

/// A hasher that folds the product of eight bytes at a time.
#[derive(Debug, Default)]
pub struct Folded(u64);

impl Folded {
    fn take(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * 0xd6e8_feb8_6659_fd93_u128;
        // Keeping the old hash beside the product keeps what a factor of zero would lose.
        self.0 = (wide as u64) ^ ((wide >> 64) as u64) ^ self.0.rotate_left(23);
    }
}

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        let mut end = Self(self.0 ^ 0x9e37_79b9_7f4a_7c15);
        end.take(0);
        end.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.take(bytes.len() as u64 ^ 0x9e37_79b9_7f4a_7c15);
        for chunk in bytes.chunks(8) {
            let mut word = [0_u8; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.take(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.take(u64::from(byte));
    }
}

/// A hasher for what is a hash already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

impl Index {
    /// Notes an application on record.
    pub fn on_record(&mut self, application: u64, opened: Opened) {
        let entry = self.entries.entry(application).or_default();
        entry.known = true;
        entry.before = Some(opened);
    }

    /// Notes an application row of this ingest. The first one with a time settles the partition, so that all
    /// rows of one application stay together whatever a later duplicate says.
    pub fn application(
        &mut self,
        application: u64,
        applied_at: Option<Instant>,
        recorded_at: Option<Instant>,
    ) -> Option<Opened> {
        let entry = self.entries.entry(application).or_default();
        entry.known = true;
        entry.held = true;
        entry.applied_at = entry.applied_at.or(applied_at);
        if entry.settled.is_none() {
            entry.settled = applied_at.and_then(Quarter::of).map(|quarter| Opened(Some(quarter)));
            let before = entry.before.filter(|before| before.0.is_some());
            if before.is_some() && entry.settled.is_some() && before != entry.settled {
                self.contested.insert(application, recorded_at);
            }
        }
        let settled = entry.settled;
        // What was settled for the application's earlier rows may be contested now.
        self.last = None;
        settled.filter(|_| !self.contested.contains_key(&application))
    }

    /// The partitions on record that hold contested applications.
    pub fn contested(&self) -> std::collections::BTreeSet<Opened> {
        self.contested.keys().filter_map(|application| self.entries.get(application)?.before).collect()
    }

    /// Decides about a contested application by the instants the two rows were recorded; a row that does not
    /// say is as old as its export. An older export does not move an application back.
    pub fn decide(&mut self, application: u64, on_record: Option<Instant>, latest: Option<Instant>) {
        if let Some(recorded) = self.contested.remove(&application)
            && recorded.or(latest) < on_record
            && let Some(entry) = self.entries.get_mut(&application)
        {
            entry.settled = entry.before;
        }
    }

    /// Notes a row of another table; gives the partition if it is already settled.
    pub fn row(&mut self, application: u64, at: Option<Instant>) -> Option<Opened> {
        if let Some((_, settled)) = self.last.filter(|(last, _)| *last == application) {
            return Some(settled);
        }
        let entry = self.entries.entry(application).or_default();
        if entry.settled.is_none() {
            entry.first_seen = [entry.first_seen, at].into_iter().flatten().min();
        }
        let settled = entry.settled;
        let settled = settled.filter(|_| self.contested.is_empty() || !self.contested.contains_key(&application));
        self.last = settled.map(|settled| (application, settled));
        settled
    }

    /// The partition, once everything has been read.
    pub fn opened(&self, application: u64) -> Opened {
        self.entries.get(&application).map_or(Opened::UNKNOWN, |entry| {
            entry
                .settled
                .or(entry.before.filter(|before| before.0.is_some()))
                .or_else(|| {
                    let seen = entry.first_seen.filter(|_| entry.known)?;
                    Some(Opened(Some(Quarter::of(seen)?)))
                })
                .unwrap_or(Opened::UNKNOWN)
        })
    }

    /// Whether any file held this application.
    pub fn is_known(&self, application: u64) -> bool {
        self.entries.get(&application).is_some_and(|entry| entry.known)
    }

    /// Notes that this ingest's export tells native stage events of an application.
    pub fn note_history(&mut self, application: u64) {
        if self.last_told != Some(application) {
            self.last_told = Some(application);
            self.entries.entry(application).or_default().tells_history = true;
        }
    }

    /// Whether this ingest's export tells native stage events of an application.
    pub fn tells_history(&self, application: u64) -> bool {
        self.entries.get(&application).is_some_and(|entry| entry.tells_history)
    }

    /// Whether this ingest's export holds the application.
    pub fn holds(&self, application: u64) -> bool {
        self.entries.get(&application).is_some_and(|entry| entry.held)
    }

    /// Whether the application is on record.
    pub fn was_known(&self, application: u64) -> bool {
        self.entries.get(&application).is_some_and(|entry| entry.before.is_some())
    }

    /// The applications that this ingest's export holds, and when they were made.
    pub fn held(&self) -> impl Iterator<Item = (u64, Option<Instant>)> {
        self.entries.iter().filter(|(_, entry)| entry.held).map(|(id, entry)| (*id, entry.applied_at))
    }

    /// Notes that an export should hold an application and does not.
    pub fn vanish(&mut self, application: u64, latest: Instant) {
        if let Some(entry) = self.entries.get_mut(&application) {
            entry.vanished = Some(latest);
        }
    }

    /// The latest instant of the export that should hold an application and does not.
    pub fn vanished(&self, application: u64) -> Option<Instant> {
        self.entries.get(&application)?.vanished
    }

    /// The partitions on record with applications about which this ingest's export says something, if only by
    /// not holding them.
    pub fn spoken_of(&self) -> std::collections::BTreeSet<Opened> {
        let told = self.entries.values().filter(|entry| entry.held || entry.vanished.is_some());
        told.filter_map(|entry| entry.before).collect()
    }

    /// The partitions on record that lose applications to another one.
    pub fn donors(&self) -> std::collections::BTreeSet<Opened> {
        self.entries
            .iter()
            .filter_map(|(application, entry)| {
                let before = entry.before?;
                (self.opened(*application) != before).then_some(before)
            })
            .collect()
    }
}
