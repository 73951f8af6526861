//! From the cells of the import contract to canonical rows; below `rows/` stand those of cards and of scores,
//! and what words mean.

mod cards;
mod scorecards;
mod words;

use std::cell::RefCell;

use jiff::tz::TimeZone;

use super::super::Sink;
use super::super::clean::{TimeRules, When};
use super::super::ledger::{FileId, Place, Reject};
use super::super::record::joined_names;
use super::advice::Advice;
use super::cells::Cells;
use super::ids::{plain, split_people};
use super::numbers::Numbers;
use super::scores::{Spread, scale_name};
use super::{Import, Take};
use crate::config::{Config, DECISIONS, EVENTS};
use crate::dataset::schema::{Application, Decision, Event, Interview, Outcome, PanelMember, Scorecard};
use crate::error::Result;
use crate::time::Instant;

/// Reads the rows of one table of the contract.
pub(super) struct Reader<'c> {
    import: &'static Import<'static>,
    config: &'c Config,
    times: TimeRules,
    numbers: Numbers,
    file: FileId,
    /// The card that the last row belonged to, so that its rows give one card.
    card: Option<Scorecard>,
    /// What the rating scale is called.
    scale: String,
    /// How far the scores of a file lie apart where no scale is declared.
    spread: Spread,
    /// What to declare so that more could be read.
    advice: Advice,
    /// What is known of the export as a whole.
    known: Known,
    /// Labels of the row being read that no declared word covers.
    unknown: RefCell<Vec<(&'static str, String)>>,
}

/// What a reader of rows knows of the export as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// Cards are read from a table of their own, so that the rows of scores give none.
    pub(super) cards_apart: bool,
    /// Reasons for decisions are looked up in a list.
    pub(super) reasons_are_listed: bool,
}

/// A row that cannot be used: the reason, the field and its value.
pub(super) type Refused<'a> = (&'static str, &'static str, Option<&'a str>);

impl<'c> Reader<'c> {
    /// A reader of one table.
    pub(super) fn new(import: &'static Import<'static>, config: &'c Config, known: Known) -> Result<Self> {
        let zone = config.tables.time_zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
        let times = TimeRules { patterns: config.tables.time_patterns.clone(), zone };
        Ok(Self {
            import,
            config,
            times,
            numbers: Numbers(config.tables.sheets.decimal),
            file: FileId(0),
            card: None,
            scale: config.tables.scale_name.clone().unwrap_or_else(|| scale_name(config.tables.scale)),
            spread: Spread::default(),
            advice: Advice::new(config),
            known,
            unknown: RefCell::default(),
        })
    }

    /// A file begins.
    pub(super) fn begin(&mut self, file: FileId) {
        self.file = file;
    }

    /// A file ends.
    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        for (why, line) in self.advice.told() {
            sink.ledger().advise(self.file, &why, line);
        }
        if let Some(remark) = std::mem::take(&mut self.spread).remark() {
            sink.ledger().remark(self.file, remark);
        }
        self.card.take().map_or(Ok(()), |card| sink.also(self.file, card))
    }

    fn when<'a>(&self, field: &'static str, cell: Option<&'a str>) -> std::result::Result<Option<When>, Refused<'a>> {
        cell.map(|text| self.times.read(text).map_err(|reason| (reason, field, Some(text)))).transpose()
    }

    fn at<'a>(&self, field: &'static str, cell: Option<&'a str>) -> std::result::Result<Option<Instant>, Refused<'a>> {
        Ok(self.when(field, cell)?.map(|when| when.at))
    }

    fn application<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Application, Refused<'a>> {
        let [
            id,
            candidate,
            job,
            title,
            department,
            level,
            location,
            specialism,
            role,
            source,
            manager,
            recruiter,
            applied,
            closed,
            status,
            recorded,
            ..,
        ] = *cells;
        let applied = self.when("applied_at", applied)?;
        Ok(Application {
            application_id: needed("application_id", id)?,
            candidate_id: own(candidate),
            job_id: own(job),
            job_title: own(title),
            department: own(department),
            level: own(level),
            location: own(location),
            specialism: own(specialism),
            role_specialism: own(role),
            source: own(source),
            hiring_manager_id: own(manager),
            recruiter_id: own(recruiter),
            applied_at: applied.map(|when| when.at),
            applied_precision: applied.map(When::precision),
            closed_at: self.at("closed_at", closed)?,
            status: own(self.meant("status", status)),
            recorded_at: self.at("recorded_at", recorded)?,
        })
    }

    fn decision<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Decision, Refused<'a>> {
        let [id, decision, decided, by, reason, outcome, from, recorded, ..] = *cells;
        let raw = decision.ok_or(("missing_field", "decision", None))?;
        let word = self.meaning("decision", raw).map_or_else(|| raw.to_lowercase(), str::to_owned);
        if !DECISIONS.contains(&word.as_str()) {
            return Err(("unknown_decision", "decision", decision));
        }
        let outcome = match self.meant("offer_outcome", outcome).map(str::to_lowercase) {
            Some(word) if !matches!(word.as_str(), "accepted" | "declined") => {
                return Err(("unknown_label", "offer_outcome", cells.get(5).copied().flatten()));
            }
            other => other,
        };
        // A loop that was closed ended as its reason says.
        let is_closed = word == "closed";
        let reasons = &self.config.reasons;
        let (word, outcome) = match (word.as_str(), reason) {
            ("closed", Some(reason)) if reasons.is_withdrawal(reason) => ("withdrawn".to_owned(), outcome),
            ("closed", Some(reason)) if reasons.is_hire(reason) => ("offer".to_owned(), Some("accepted".to_owned())),
            ("closed", _) => ("reject".to_owned(), outcome),
            _ => (word, outcome),
        };
        let decided = self.when("decided_at", decided)?;
        Ok(Decision {
            application_id: needed("application_id", id)?,
            decision: word,
            // What a loop was closed for says more than that it was closed.
            decision_raw: own(reason.filter(|_| is_closed && self.known.reasons_are_listed).or(Some(raw))),
            decided_at: decided.map(|when| when.at),
            decided_precision: decided.map(When::precision),
            decided_by: own(by),
            decided_from: decided.map(|_| from.unwrap_or("recorded").to_owned()),
            // A reason that was looked up is a word of a closed list. Of any other it cannot be seen here whether
            // it is one, or prose about a person.
            reason: own(reason.filter(|_| self.known.reasons_are_listed)),
            offer_outcome: outcome,
            recorded_at: self.at("recorded_at", recorded)?,
        })
    }

    fn interview<'a>(&self, cells: &Cells<'a>) -> std::result::Result<(Interview, Vec<PanelMember>), Refused<'a>> {
        let [
            id,
            application,
            stage,
            kind,
            scheduled,
            starts,
            ends,
            people,
            status,
            minutes,
            available,
            recorded,
            meant,
            ..,
        ] = *cells;
        let stage_raw = needed("stage", stage)?;
        let stages = &self.config.stages;
        let kind = match self.meant("kind", kind) {
            Some(word) => {
                listed(word, &["live", "async", "take_home", "debrief"]).ok_or(("unknown_label", "kind", kind))?
            }
            None if stages.is_debrief(&stage_raw) => "debrief".to_owned(),
            None if stages.is_take_home(&stage_raw) => "take_home".to_owned(),
            None => "live".to_owned(),
        };
        let status = match self.meant("status", status) {
            Some(word) => listed(word, &["done", "cancelled", "no_show", "scheduled", "unknown"]).ok_or((
                "unknown_label",
                "status",
                status,
            ))?,
            None => "unknown".to_owned(),
        };
        let starts = self.when("starts_at", starts)?;
        let planned_minutes = minutes
            .map(|text| self.numbers.whole(text).ok_or(("bad_number", "planned_minutes", Some(text))))
            .transpose()?;
        let ends_at = self.at("ends_at", ends)?.or_else(|| {
            let minutes = planned_minutes.filter(|_| starts.is_some_and(|when| !when.is_day))?;
            starts.map(|when| Instant(when.at.0 + minutes * crate::time::MINUTE))
        });
        let interview = Interview {
            application_id: needed("application_id", application)?,
            interview_id: needed("interview_id", id)?,
            stage: Some(stages.name(&stage_raw)),
            stage_raw: Some(stage_raw),
            kind,
            scheduled_at: self.at("scheduled_at", scheduled)?,
            starts_at: starts.map(|when| when.at),
            ends_at,
            starts_precision: starts.map(When::precision),
            status,
            planned_minutes,
            meant_dimensions: joined_names(meant.unwrap_or_default().split([';', '|'])),
            availability_at: self.at("availability_at", available)?,
            recorded_at: self.at("recorded_at", recorded)?,
        };
        let panel = split_people(people.unwrap_or_default())
            .map(|person| PanelMember {
                application_id: interview.application_id.clone(),
                interview_id: interview.interview_id.clone(),
                interviewer_id: Some(plain(person).to_owned()),
                role: "interviewer".to_owned(),
                recorded_at: interview.recorded_at,
                ..PanelMember::default()
            })
            .collect();
        Ok((interview, panel))
    }

    fn event<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Option<Event>, Refused<'a>> {
        let [id, event, at, stage, actor, origin, recorded, ..] = *cells;
        let raw = event.ok_or(("missing_field", "event", None))?;
        let word = match self.meaning("event", raw) {
            Some("ignore") => return Ok(None),
            Some(word) => EVENTS.contains(&word).then(|| word.to_owned()),
            None if raw.eq_ignore_ascii_case("ignore") => return Ok(None),
            None => listed(raw, EVENTS),
        };
        let word = word.ok_or(("unknown_event", "event", event))?;
        let at = self.when("at", at)?.ok_or(("missing_field", "at", None))?;
        // A log whose words name the rounds ("Coding interview") has no need of a column for them.
        let stage = stage.or((word != raw && word.starts_with("interview_")).then_some(raw));
        Ok(Some(Event {
            application_id: needed("application_id", id)?,
            event_raw: (word != raw).then(|| raw.to_owned()),
            event: word,
            at: Some(at.at),
            at_precision: Some(at.precision()),
            stage: stage.map(|stage| self.config.stages.name(stage)),
            actor_id: own(actor),
            origin: match self.meant("origin", origin) {
                None => "native".to_owned(),
                Some(word) => {
                    listed(word, &["native", "derived", "activity_text"]).ok_or(("unknown_label", "origin", origin))?
                }
            },
            recorded_at: self.at("recorded_at", recorded)?,
        }))
    }

    fn outcome<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Outcome, Refused<'a>> {
        let [id, outcome, value, at, by, ..] = *cells;
        let raw = value.ok_or(("missing_field", "value", None))?;
        let number = match raw.to_lowercase().as_str() {
            "true" | "yes" => 1.0,
            "false" | "no" => 0.0,
            _ => self.numbers.read(raw).ok_or(("bad_number", "value", value))?,
        };
        Ok(Outcome {
            application_id: needed("application_id", id)?,
            outcome: needed("outcome", outcome)?,
            value: Some(number),
            value_raw: own(value),
            at: self.at("at", at)?,
            rated_by: own(by),
            recorded_at: None,
        })
    }
}

impl Take for Reader<'_> {
    fn take(&mut self, sink: &mut dyn Sink, place: Place, cells: &Cells<'_>) -> Result<()> {
        let refused = self.row(sink, cells)?;
        self.tell_unknown(sink);
        let Err((reason, field, value)) = refused else { return Ok(()) };
        self.advice.refused(reason, value);
        sink.reject(self.file, Reject::new(place, reason).field(field, value))
    }

    fn wide(
        &mut self,
        sink: &mut dyn Sink,
        place: Place,
        cells: &Cells<'_>,
        scores: &[(&str, Option<&str>)],
    ) -> Result<()> {
        let read = self.wide_card(cells, scores);
        self.tell_unknown(sink);
        match read {
            Ok((card, scores)) => self.deliver_wide(sink, card, scores),
            Err(((reason, field, value), dimension)) => {
                self.advice.refused(reason, value);
                let field = dimension.map_or_else(|| field.to_owned(), |dimension| format!("{field} of {dimension}"));
                sink.reject(self.file, Reject::new(place, reason).field(&field, value))
            }
        }
    }
}

impl Reader<'_> {
    /// Delivers what a row says, or tells why it cannot be used.
    fn row<'a>(&mut self, sink: &mut dyn Sink, cells: &Cells<'a>) -> Result<std::result::Result<(), Refused<'a>>> {
        let file = self.file;
        macro_rules! take {
            ($read:expr) => {
                match $read {
                    Ok(row) => row,
                    Err(refused) => return Ok(Err(refused)),
                }
            };
        }
        match self.import.name {
            "applications" => sink.record(file, take!(self.application(cells)))?,
            "decisions" => sink.record(file, take!(self.decision(cells)))?,
            "interviews" => {
                let (row, panel) = take!(self.interview(cells));
                sink.record(file, row)?;
                panel.into_iter().try_for_each(|seat| sink.also(file, seat))?;
            }
            "panel_members" => sink.record(file, take!(self.seat(cells)))?,
            "cards" => sink.record(file, take!(self.card(cells)))?,
            "scorecards" => {
                let row = take!(self.score(cells));
                self.spread.learn(row.score_milli, self.config.tables.scale);
                let done = self.card_of(&row, cells);
                sink.record(file, row)?;
                done.map_or(Ok(()), |card| sink.also(file, card))?;
            }
            "events" => match take!(self.event(cells)) {
                Some(row) => sink.record(file, row)?,
                None => {
                    sink.lookup(file);
                    sink.ledger().remark(file, "events mapped to \"ignore\" are kept out of the dataset");
                }
            },
            "people" => return self.person(sink, cells),
            _ => sink.record(file, take!(self.outcome(cells)))?,
        }
        Ok(Ok(()))
    }
}

fn own(cell: Option<&str>) -> Option<String> {
    cell.map(str::to_owned)
}

/// The word of a closed list that a text means, whatever its case.
fn listed(text: &str, words: &[&str]) -> Option<String> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| (*word).to_owned())
}

fn needed<'a>(field: &'static str, cell: Option<&'a str>) -> std::result::Result<String, Refused<'a>> {
    cell.map(str::to_owned).ok_or(("missing_field", field, None))
}
