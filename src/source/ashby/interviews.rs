//! Schedules and the appointments on them.

use serde::Deserialize;

use super::index::{self, NO_WORD};
use super::{Reader, parent};
use crate::dataset::schema::{Interview, PanelMember};
use crate::source::record::values::{Id, Person, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{interview_kind, minutes_between};
use crate::time::Instant;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ScheduleRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    interview_stage_id: Id<'a>,
    status: Text<'a>,
    updated_at: Text<'a>,
    interview_events: Option<Vec<EventRecord<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EventRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    interview_id: Id<'a>,
    interview_schedule_id: Id<'a>,
    interview: Option<InterviewRecord<'a>>,
    interviewers: Option<Vec<Seat<'a>>>,
    interviewer_user_ids: Option<Vec<Id<'a>>>,
    created_at: Text<'a>,
    updated_at: Text<'a>,
    start_time: Text<'a>,
    end_time: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InterviewRecord<'a> {
    #[serde(borrow)]
    title: Text<'a>,
    is_debrief: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Seat<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    user_id: Id<'a>,
    first_name: Text<'a>,
    last_name: Text<'a>,
    email: Text<'a>,
    training_role: Text<'a>,
}

/// What an appointment takes from its schedule.
struct About<'s> {
    application_id: &'s str,
    stage: Option<&'s str>,
    status: &'s str,
    updated: Option<Instant>,
}

/// The word of the dataset for the appointments of a schedule.
fn status(visit: &mut Visit<'_>, status: &Text<'_>) -> &'static str {
    let Some(word) = status.get() else { return "unknown" };
    match word.to_ascii_lowercase().as_str() {
        "complete" | "waitingonfeedback" => "done",
        "cancelled" | "canceled" => "cancelled",
        // What is on hold stays on the calendar and has not been held.
        "scheduled" | "onhold" | "needsscheduling" | "candidateavailabilitysubmitted" => "scheduled",
        waiting if waiting.starts_with("waitingoncandidate") => "scheduled",
        "unknown" => "unknown",
        _ => {
            visit.unknown_label("status", word);
            "unknown"
        }
    }
}

/// The role on the panel.
fn role(visit: &mut Visit<'_>, training: &Text<'_>) -> &'static str {
    let Some(word) = training.get() else { return "interviewer" };
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    match letters.to_ascii_lowercase().as_str() {
        "shadow" => "shadow",
        "reverseshadow" => "reverse_shadow",
        "interviewer" | "none" => "interviewer",
        _ => {
            visit.unknown_label("trainingRole", word);
            "interviewer"
        }
    }
}

impl Reader<'_> {
    pub(super) fn schedule(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let schedule: ScheduleRecord<'_> = visit.parse(record)?;
        visit.own_id(&schedule.id, record)?;
        let application_id = parent(visit, &schedule.application_id, record)?;
        let stage = self.plans.stage(&self.ids, &schedule.interview_stage_id, None).map(|stage| stage.title);
        let updated = visit.instant(&schedule.updated_at);
        let status = status(visit, &schedule.status);
        if let (Some(schedules), Some(id)) = (&mut self.schedules, schedule.id.print())
            && let Some(application) = self.ids.key(&Id::parse(&application_id))
        {
            schedules.add(index::Schedule {
                id,
                updated: updated.map_or(i64::MIN, |at| at.0),
                application,
                stage: stage.as_deref().map_or(NO_WORD, |stage| self.words.place(stage)),
                status: self.words.place(status),
            });
        }
        let about = About { application_id: &application_id, stage: stage.as_deref(), status, updated };
        // The first appointment stands for the record.
        let mut is_first = true;
        for event in schedule.interview_events.unwrap_or_default() {
            let Some(event_id) = event.id.text() else {
                visit.count("appointments without an id, left out");
                continue;
            };
            let interview = self.appointment(visit, &event, &event_id, &about);
            if std::mem::take(&mut is_first) {
                visit.record(interview)?;
            } else {
                visit.also(interview)?;
            }
            self.panel(visit, event, &event_id, &about)?;
        }
        if is_first {
            visit.count("schedules without an appointment of their own");
            visit.lookup()?;
        }
        Ok(())
    }

    /// An appointment, where these have a file of their own.
    pub(super) fn event(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let event: EventRecord<'_> = visit.parse(record)?;
        let event_id = visit.own_id(&event.id, record)?;
        let schedule_id = visit.required("interviewScheduleId", &event.interview_schedule_id)?;
        let known = event.interview_schedule_id.print().and_then(|id| self.schedules.as_ref()?.get(id)).copied();
        let Some(schedule) = known else {
            return Err(visit.refuse("unknown_schedule", "interviewScheduleId", Some(&schedule_id)));
        };
        let application_id = self.ids.text(schedule.application);
        let stage = self.words.at(schedule.stage).map(str::to_owned);
        let status = self.words.at(schedule.status).unwrap_or("unknown").to_owned();
        let about = About {
            application_id: &application_id,
            stage: stage.as_deref(),
            status: &status,
            updated: (schedule.updated != i64::MIN).then_some(Instant(schedule.updated)),
        };
        let interview = self.appointment(visit, &event, &event_id, &about);
        visit.record(interview)?;
        self.panel(visit, event, &event_id, &about)
    }

    fn appointment(
        &mut self,
        visit: &mut Visit<'_>,
        event: &EventRecord<'_>,
        event_id: &str,
        about: &About<'_>,
    ) -> Interview {
        let listed = self.ids.find(&event.interview_id).and_then(|key| self.plans.interviews.get(&key));
        let nested = event.interview.as_ref();
        let title = nested.and_then(|one| one.title.get()).or_else(|| listed?.title.as_deref());
        let is_debrief = nested.and_then(|one| one.is_debrief).or_else(|| listed?.is_debrief);
        let stage_raw = about.stage.or(title).map(str::to_owned);
        let name = title.or(about.stage);
        let stages = &self.config.stages;
        let kind = match is_debrief {
            Some(true) => "debrief".to_owned(),
            // The flag says more than a name that sounds like a debrief.
            Some(false) if name.is_some_and(|name| stages.is_debrief(name)) => "live".to_owned(),
            _ => interview_kind(stages, name, false),
        };
        let (start, end) = (visit.when(&event.start_time), visit.when(&event.end_time));
        if let (Some(events), Some(id)) = (&mut self.events, event.id.print()) {
            let stage = stage_raw.as_deref().map_or(NO_WORD, |stage| self.words.place(stage));
            events.add(index::Event { id, start: start.map_or(i64::MIN, |when| when.at.0), stage });
        }
        Interview {
            application_id: about.application_id.to_owned(),
            interview_id: event_id.to_owned(),
            stage: stage_raw.as_deref().map(|stage| stages.name(stage)),
            stage_raw,
            kind,
            scheduled_at: visit.instant(&event.created_at),
            starts_at: start.map(|when| when.at),
            ends_at: end.map(|when| when.at),
            starts_precision: start.map(|when| when.precision()),
            status: about.status.to_owned(),
            planned_minutes: minutes_between(start, end),
            meant_dimensions: None,
            recorded_at: about.updated.max(visit.instant(&event.updated_at)),
            ..Interview::default()
        }
    }

    fn panel(&mut self, visit: &mut Visit<'_>, event: EventRecord<'_>, event_id: &str, about: &About<'_>) -> Taken {
        let recorded_at = about.updated.max(visit.instant(&event.updated_at));
        let mut seats = Vec::new();
        for Seat { id, user_id, first_name, last_name, email, training_role } in event.interviewers.unwrap_or_default()
        {
            let role = role(visit, &training_role);
            let person = Person { id, user_id, first_name, last_name, email, ..Person::default() };
            seats.push((self.people.meet(visit, Some(&person)), role));
        }
        if seats.is_empty() {
            // Older dumps have the identifiers alone.
            let ids = event.interviewer_user_ids.iter().flatten();
            seats.extend(ids.map(|id| (id.text(), "interviewer")));
        }
        for (interviewer_id, role) in seats {
            let Some(interviewer_id) = interviewer_id else {
                visit.count("seats of nobody in particular, left out");
                continue;
            };
            if let Some(event) = event.id.print().filter(|_| role != "interviewer") {
                let (person, role) = (self.words.place(&interviewer_id), self.words.place(role));
                self.roles.add(index::Role { event, person, role });
            }
            visit.also(PanelMember {
                application_id: about.application_id.to_owned(),
                interview_id: event_id.to_owned(),
                interviewer_id: Some(interviewer_id),
                role: role.to_owned(),
                recorded_at,
                ..PanelMember::default()
            })?;
        }
        Ok(())
    }
}
