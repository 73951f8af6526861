//! From the cells of the import contract to canonical rows.

use jiff::tz::TimeZone;

use super::super::Sink;
use super::super::clean::{TimeRules, When};
use super::super::ledger::{FileId, Place, Reject};
use super::cells::Cells;
use super::ids::{card_id, split_people};
use super::scores::{recommended, scale_name, thousandths};
use super::{Import, Take};
use crate::config::{Config, DECISIONS, EVENTS};
use crate::dataset::schema::{Application, Decision, Event, Interview, Outcome, PanelMember, Score, Scorecard};
use crate::error::Result;
use crate::time::Instant;

/// Reads the rows of one table of the contract.
pub(super) struct Reader<'c> {
    import: &'static Import,
    config: &'c Config,
    times: TimeRules,
    file: FileId,
    /// The card that the last row belonged to, so that its rows give one card.
    card: Option<Scorecard>,
    /// What the rating scale is called.
    scale: String,
}

/// A row that cannot be used: the reason, the field and its value.
pub(super) type Refused<'a> = (&'static str, &'static str, Option<&'a str>);

impl<'c> Reader<'c> {
    /// A reader of one table.
    pub(super) fn new(import: &'static Import, config: &'c Config) -> Result<Self> {
        let zone = config.tables.time_zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
        let times = TimeRules { patterns: config.tables.time_patterns.clone(), zone };
        let scale = scale_name(config.tables.scale);
        Ok(Self { import, config, times, file: FileId(0), card: None, scale })
    }

    /// A file begins.
    pub(super) fn begin(&mut self, file: FileId) {
        self.file = file;
    }

    /// A file ends.
    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        match self.card.take() {
            Some(card) => sink.also(self.file, card),
            None => Ok(()),
        }
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
            ..Application::default()
        })
    }

    fn decision<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Decision, Refused<'a>> {
        let [id, decision, decided, by, _reason, outcome, ..] = *cells;
        let raw = decision.ok_or(("missing_field", "decision", None))?;
        let word = self.config.tables.decisions.get(raw).cloned().unwrap_or_else(|| raw.to_lowercase());
        if !DECISIONS.contains(&word.as_str()) {
            return Err(("unknown_decision", "decision", decision));
        }
        let outcome = match outcome.map(str::to_lowercase) {
            Some(word) if !matches!(word.as_str(), "accepted" | "declined") => {
                return Err(("unknown_label", "offer_outcome", cells.get(5).copied().flatten()));
            }
            other => other,
        };
        let decided = self.when("decided_at", decided)?;
        Ok(Decision {
            application_id: needed("application_id", id)?,
            decision: word,
            decision_raw: own(Some(raw)),
            decided_at: decided.map(|when| when.at),
            decided_precision: decided.map(When::precision),
            decided_by: own(by),
            decided_from: decided.map(|_| "recorded".to_owned()),
            // Whether a reason is a word of a closed list or prose about a person cannot be seen here.
            reason: None,
            offer_outcome: outcome,
            recorded_at: None,
        })
    }

    fn interview<'a>(&self, cells: &Cells<'a>) -> std::result::Result<(Interview, Vec<PanelMember>), Refused<'a>> {
        let [id, application, stage, kind, scheduled, starts, ends, people, status, minutes, ..] = *cells;
        let stage_raw = needed("stage", stage)?;
        let stages = &self.config.stages;
        let kind = match kind {
            Some(word) => {
                listed(word, &["live", "async", "take_home", "debrief"]).ok_or(("unknown_label", "kind", kind))?
            }
            None if stages.is_debrief(&stage_raw) => "debrief".to_owned(),
            None if stages.is_take_home(&stage_raw) => "take_home".to_owned(),
            None => "live".to_owned(),
        };
        let status = match status {
            Some(word) => listed(word, &["done", "cancelled", "no_show", "scheduled"]).ok_or((
                "unknown_label",
                "status",
                status,
            ))?,
            None => "unknown".to_owned(),
        };
        let starts = self.when("starts_at", starts)?;
        let planned_minutes = minutes
            .map(|text| text.parse::<i64>().map_err(|_| ("bad_number", "planned_minutes", Some(text))))
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
            ..Interview::default()
        };
        let panel = split_people(people.unwrap_or_default())
            .map(|person| PanelMember {
                application_id: interview.application_id.clone(),
                interview_id: interview.interview_id.clone(),
                interviewer_id: Some(person.to_owned()),
                role: "interviewer".to_owned(),
                ..PanelMember::default()
            })
            .collect();
        Ok((interview, panel))
    }

    fn score<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Score, Refused<'a>> {
        let [
            application,
            stage,
            interviewer,
            dimension,
            score,
            card,
            _interview,
            submitted,
            _by,
            role,
            note,
            revision,
            ..,
        ] = *cells;
        let application_id = needed("application_id", application)?;
        let stage = stage.ok_or(("missing_field", "stage", None))?;
        let interviewer_id = needed("interviewer_id", interviewer)?;
        let role = match role {
            None => "interviewer".to_owned(),
            Some(word) => {
                listed(word, &["interviewer", "shadow", "reverse_shadow"]).ok_or(("unknown_label", "role", role))?
            }
        };
        let revision =
            revision.map(|text| text.parse::<i64>().map_err(|_| ("bad_number", "revision", Some(text)))).transpose()?;
        let submitted_at = self.at("submitted_at", submitted)?;
        let (score_milli, missing) = match score {
            None => (None, Some("not_given")),
            Some("no_decision") => (None, Some("no_decision")),
            Some(text) => (Some(thousandths(text, self.config.tables.scale)?), None),
        };
        Ok(Score {
            scorecard_id: own(card).unwrap_or_else(|| card_id(&application_id, stage, &interviewer_id)),
            application_id,
            dimension: needed("dimension", dimension)?,
            stage: Some(self.config.stages.name(stage)),
            interviewer_id: Some(interviewer_id),
            role,
            score_raw: own(score),
            score_milli,
            scale: self.scale.clone(),
            scale_levels: self.config.tables.scale.map(|s| ((s.max - s.min) / s.step).round() as i64 + 1),
            missing: missing.map(str::to_owned),
            revision,
            note_length: note.map(|text| text.chars().count() as i64),
            note: own(note),
            submitted_at,
            ..Score::default()
        })
    }

    /// The card that a row with a score stands on.
    fn card(score: &Score, cells: &Cells<'_>) -> Scorecard {
        let [_, stage, _, _, _, _, interview, _, by, _, _, _, recommendation, ..] = *cells;
        let (level, levels, missing) = recommended(recommendation);
        Scorecard {
            application_id: score.application_id.clone(),
            scorecard_id: score.scorecard_id.clone(),
            interview_id: own(interview),
            stage: score.stage.clone(),
            stage_raw: own(stage),
            interviewer_id: score.interviewer_id.clone(),
            submitted_by: own(by).or_else(|| score.interviewer_id.clone()),
            role: score.role.clone(),
            status: "submitted".to_owned(),
            submitted_at: score.submitted_at,
            recommendation_raw: own(recommendation),
            recommendation: level,
            recommendation_levels: levels,
            recommendation_missing: missing.map(str::to_owned),
            ..Scorecard::default()
        }
    }

    fn event<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Option<Event>, Refused<'a>> {
        let [id, event, at, stage, actor, ..] = *cells;
        let raw = event.ok_or(("missing_field", "event", None))?;
        let word = match self.config.tables.events.get(raw).map(String::as_str) {
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
            origin: "native".to_owned(),
            recorded_at: None,
        }))
    }

    fn outcome<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Outcome, Refused<'a>> {
        let [id, outcome, value, at, by, ..] = *cells;
        let raw = value.ok_or(("missing_field", "value", None))?;
        let number = match raw.to_lowercase().as_str() {
            "true" | "yes" => 1.0,
            "false" | "no" => 0.0,
            text => text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or(("bad_number", "value", value))?,
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
        let file = self.file;
        let refused = match self.import.name {
            "applications" => match self.application(cells) {
                Ok(row) => return sink.record(file, row),
                Err(refused) => refused,
            },
            "decisions" => match self.decision(cells) {
                Ok(row) => return sink.record(file, row),
                Err(refused) => refused,
            },
            "interviews" => match self.interview(cells) {
                Ok((row, panel)) => {
                    sink.record(file, row)?;
                    return panel.into_iter().try_for_each(|seat| sink.also(file, seat));
                }
                Err(refused) => refused,
            },
            "scorecards" => match self.score(cells) {
                Ok(row) => {
                    let done = self.card_of(&row, cells);
                    sink.record(file, row)?;
                    return done.map_or(Ok(()), |card| sink.also(file, card));
                }
                Err(refused) => refused,
            },
            "events" => match self.event(cells) {
                Ok(Some(row)) => return sink.record(file, row),
                Ok(None) => {
                    sink.lookup(file);
                    sink.ledger().remark(file, "events mapped to \"ignore\" are kept out of the dataset");
                    return Ok(());
                }
                Err(refused) => refused,
            },
            _ => match self.outcome(cells) {
                Ok(row) => return sink.record(file, row),
                Err(refused) => refused,
            },
        };
        let (reason, field, value) = refused;
        sink.reject(file, Reject::new(place, reason).field(field, value))
    }
}

impl Reader<'_> {
    /// The rows of one card stand together in most exports, so the card is delivered once they end. Where
    /// they do not, the merge makes one of the repeated cards.
    fn card_of(&mut self, score: &Score, cells: &Cells<'_>) -> Option<Scorecard> {
        match &mut self.card {
            Some(held) if held.scorecard_id == score.scorecard_id && held.application_id == score.application_id => {
                // A later revision was submitted later; the card keeps its first submission, as in the merge.
                held.submitted_at = [held.submitted_at, score.submitted_at].into_iter().flatten().min();
                None
            }
            held => held.replace(Self::card(score, cells)),
        }
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
