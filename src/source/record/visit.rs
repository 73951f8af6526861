//! One record of a file on its way to the sink.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::reference::Ref;
use super::values::{Id, Person, Text};
use crate::dataset::extent::Kind;
use crate::error::{Error, Result};
use crate::source::clean::{TimeRules, When};
use crate::source::files::{Export, InputFile, Layout};
use crate::source::json::{Record, Wrapper, each_record};
use crate::source::ledger::{FileId, Place, Reject};
use crate::source::{Row, Sink};
use crate::time::Instant;

/// Why a record is not delivered: it is rejected alone, or reading has to end.
#[derive(Debug)]
pub(in crate::source) enum Stop {
    /// The record cannot be used.
    Reject(Box<Reject>),
    /// Reading cannot go on.
    End(Error),
}

impl From<Reject> for Stop {
    fn from(reject: Reject) -> Self {
        Stop::Reject(Box::new(reject))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::End(error)
    }
}

/// The outcome of reading one record.
pub(in crate::source) type Taken<T = ()> = std::result::Result<T, Stop>;

/// A record being read: where it stands, and the way of its rows to the sink.
pub(in crate::source) struct Visit<'v> {
    /// Where rows go.
    pub(in crate::source) sink: &'v mut dyn Sink,
    /// The account of the file.
    pub(in crate::source) file: FileId,
    /// The file itself.
    pub(in crate::source) input: &'v InputFile,
    /// What was said around the record.
    pub(in crate::source) wrapper: &'v Wrapper,
    place: Place,
    counts: &'v mut BTreeMap<&'static str, u64>,
    times: &'v TimeRules,
}

/// Reads every JSON file of a stem, record by record.
///
/// `take` accounts for each record exactly once, by a row, a lookup, a replacement or a [`Reject`].
pub(in crate::source) fn each(
    export: &Export,
    source: &'static str,
    stem: &str,
    sink: &mut dyn Sink,
    take: &mut dyn FnMut(&mut Visit<'_>, &[u8]) -> Taken,
) -> Result<()> {
    let times = TimeRules::utc();
    for input in export.of(&[stem]).filter(|input| input.layout == Layout::Json) {
        let file = sink.open(source, input, stem);
        let mut counts = BTreeMap::new();
        each_record(input, file, sink, &mut |sink, record| {
            let before = sink.ledger().file(file).read;
            let Record { place, bytes, wrapper } = record;
            let mut visit = Visit { sink, file, input, wrapper, place, counts: &mut counts, times: &times };
            match take(&mut visit, bytes) {
                Ok(()) => {}
                Err(Stop::Reject(reject)) => visit.sink.reject(file, *reject)?,
                Err(Stop::End(error)) => return Err(error),
            }
            debug_assert_eq!(visit.sink.ledger().file(file).read, before + 1, "{stem}: a record is counted once");
            Ok(())
        })?;
        for (what, count) in counts {
            sink.ledger().remark(file, format!("{what}: {count}"));
        }
    }
    Ok(())
}

/// Opens the account of every file that no reader took, so that nothing in an export is passed over in silence.
pub(in crate::source) fn leave(export: &Export, source: &'static str, read: &[&str], sink: &mut dyn Sink) {
    for input in &export.files {
        if input.layout != Layout::Json || !read.contains(&input.stem.as_str()) {
            let file = sink.open(source, input, "other");
            sink.ledger().remark(file, "not read: this source has no use for it");
        }
    }
}

impl Visit<'_> {
    /// Reads the record.
    pub(in crate::source) fn parse<'r, T: Deserialize<'r>>(&self, record: &'r [u8]) -> Taken<T> {
        // serde would take an array for a struct with its fields in order.
        if record.first() != Some(&b'{') {
            return Err(Reject::new(self.place, "not_a_record").into());
        }
        serde_json::from_slice(record).map_err(|_| {
            let reason = if std::str::from_utf8(record).is_err() { "not_utf8" } else { "malformed" };
            Reject::new(self.place, reason).into()
        })
    }

    /// Refuses a record that the source says was deleted, and notes which it was: the record may be in the dataset
    /// from an earlier export.
    pub(in crate::source) fn deleted(&mut self, kind: Kind, id: &str, field: &str) -> Stop {
        self.sink.ledger().gone.push((kind, id.to_owned()));
        self.refuse("deleted", field, None)
    }

    /// The record's own identifier. What has none is the API's answer to a change, or a request to it.
    pub(in crate::source) fn own_id(&mut self, id: &Id<'_>, record: &[u8]) -> Taken<String> {
        id.text().ok_or_else(|| self.answer(record).unwrap_or_else(|| self.refuse("missing_field", "id", None)))
    }

    /// The reject of a record that is no record but an answer of the API: that something was deleted, or that
    /// a request failed.
    pub(in crate::source) fn answer(&mut self, record: &[u8]) -> Option<Stop> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer<'a> {
            #[serde(borrow)]
            message: Text<'a>,
            success: Text<'a>,
            #[serde(rename = "errorInfo")]
            error: Option<Failure<'a>>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Failure<'a> {
            #[serde(borrow)]
            code: Text<'a>,
        }
        let answer: Answer<'_> = serde_json::from_slice(record).unwrap_or_default();
        if answer.success.is("false") {
            let code = answer.error.unwrap_or_default().code;
            return Some(self.refuse("error_response", "errorInfo.code", code.get()));
        }
        let message = answer.message.get().filter(|message| message.contains("deleted"))?;
        let kind = match self.input.stem.as_str() {
            "applications" => Some(Kind::Applications),
            "scorecards" => Some(Kind::Scorecards),
            "interviews" | "scheduled_interviews" => Some(Kind::Interviews),
            _ => None,
        };
        // "Scorecard 3 has been deleted."
        let mut numbers = message.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        Some(match (kind, numbers.next(), numbers.next()) {
            (Some(kind), Some(number), None) => self.deleted(kind, number, "id"),
            _ => self.refuse("deleted", "id", None),
        })
    }

    /// An identifier that the record cannot do without.
    pub(in crate::source) fn required(&self, field: &str, id: &Id<'_>) -> Taken<String> {
        id.text().ok_or_else(|| self.refuse("missing_field", field, None))
    }

    /// A reject of this record.
    pub(in crate::source) fn refuse(&self, reason: &'static str, field: &str, value: Option<&str>) -> Stop {
        Reject::new(self.place, reason).field(field, value).into()
    }

    /// A time that may be missing, but not be unreadable.
    pub(in crate::source) fn essential(&self, field: &str, text: &Text<'_>) -> Taken<Option<When>> {
        match text.get() {
            None => Ok(None),
            Some(text) => self.times.read(text).map(Some).map_err(|problem| self.refuse(problem, field, Some(text))),
        }
    }

    /// A time that the record can do without.
    pub(in crate::source) fn when(&mut self, text: &Text<'_>) -> Option<When> {
        let when = self.times.read(text.get()?);
        if when.is_err() {
            self.count("times that could not be read, their records kept without them");
        }
        when.ok()
    }

    /// The instant of a time that the record can do without.
    pub(in crate::source) fn instant(&mut self, text: &Text<'_>) -> Option<Instant> {
        self.when(text).map(|when| when.at)
    }

    /// Counts something for the remarks on the file.
    pub(in crate::source) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Reports a label that no list knows.
    pub(in crate::source) fn unknown_label(&mut self, field: &str, label: &str) {
        self.sink.ledger().unknown_label(self.file, field, label);
    }

    /// Delivers the row that stands for the record.
    pub(in crate::source) fn record(&mut self, row: impl Into<Row>) -> Taken {
        Ok(self.sink.record(self.file, row)?)
    }

    /// Delivers a row that comes along with the record.
    pub(in crate::source) fn also(&mut self, row: impl Into<Row>) -> Taken {
        Ok(self.sink.also(self.file, row)?)
    }

    /// Keeps the record through what it tells about others.
    pub(in crate::source) fn lookup(&mut self) -> Taken {
        self.sink.lookup(self.file);
        Ok(())
    }
}

/// The users of the account: who an e-mail address belongs to, and whose name was told already.
#[derive(Debug, Default)]
pub(in crate::source) struct People {
    by_email: HashMap<String, String>,
    told: HashSet<String>,
}

impl People {
    /// Reads a record of a users file.
    pub(in crate::source) fn read_user(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Emails<'a> {
            #[serde(borrow)]
            primary_email_address: Text<'a>,
            primary_email: Text<'a>,
            email: Text<'a>,
            emails: Option<Vec<Text<'a>>>,
        }
        let user: Person<'_> = visit.parse(record)?;
        let id = visit.own_id(&user.id, record)?;
        let more: Emails<'_> = visit.parse(record)?;
        let emails = more.emails.unwrap_or_default();
        for email in emails.iter().chain([&more.primary_email_address, &more.primary_email, &user.email]) {
            if let Some(email) = email.get() {
                self.by_email.insert(email.to_lowercase(), id.clone());
            }
        }
        self.tell(visit, &id, &user.full_name());
        visit.lookup()
    }

    /// Whom an identifier or, without one, an e-mail address means.
    pub(in crate::source) fn who(&self, id: &Id<'_>, email: &Text<'_>) -> Option<String> {
        id.text().or_else(|| {
            let email = email.get()?.to_lowercase();
            Some(self.by_email.get(&email).cloned().unwrap_or(email))
        })
    }

    /// Whom a nested user means; the name is passed on to the private directory.
    pub(in crate::source) fn meet(&mut self, visit: &mut Visit<'_>, person: Option<&Person<'_>>) -> Option<String> {
        let person = person?;
        let id = if person.id == Id::None { &person.user_id } else { &person.id };
        let who = self.who(id, &person.email)?;
        if !self.told.contains(&who) {
            self.tell(visit, &who, &person.full_name());
        }
        Some(who)
    }

    /// Whom a reference to a user means; a name that comes along is passed on.
    pub(in crate::source) fn meet_referred(&mut self, visit: &mut Visit<'_>, person: &Ref<'_>) -> Option<String> {
        let who = self.who(&person.id, &person.email)?;
        self.tell(visit, &who, person.name.get().unwrap_or_default());
        Some(who)
    }

    fn tell(&mut self, visit: &mut Visit<'_>, id: &str, name: &str) {
        if !name.is_empty() && !self.told.contains(id) {
            visit.sink.name(id, name);
            self.told.insert(id.to_owned());
        }
    }
}
