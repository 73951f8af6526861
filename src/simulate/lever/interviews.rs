//! Interviews and the forms that were filled in after them.

use serde::Serialize;

use super::opportunities::{Person, person};
use super::{
    RECOMMENDATIONS, SCORES, form as form_id, interview as interview_id, millis, panel, posting, stage, template, user,
};
use crate::simulate::draw::Draw;
use crate::simulate::mess::NULL_TEXT;
use crate::simulate::names::note;
use crate::simulate::planted::{DIMENSIONS, Kind};
use crate::simulate::story::{Card, LoopStory, Mark, Status};
use crate::simulate::uuid::uuid;
use crate::simulate::world::{World, slot_name};
use crate::time::{Instant, MINUTE};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interview {
    id: String,
    panel: String,
    subject: &'static str,
    note: &'static str,
    interviewers: Vec<Person>,
    timezone: &'static str,
    created_at: i64,
    date: i64,
    duration: i64,
    location: Option<&'static str>,
    feedback_template: Option<String>,
    feedback_forms: Vec<String>,
    feedback_reminder: &'static str,
    user: String,
    stage: String,
    canceled_at: Option<i64>,
    postings: [String; 1],
    gcal_event_url: Option<String>,
}

/// The appointments of a loop; work at home is not one.
pub(super) fn interviews(world: &World, story: &LoopStory) -> Vec<Interview> {
    let held = story.interviews.iter().enumerate().filter(|(_, held)| held.kind != Kind::TakeHome);
    held.map(|(place, held)| {
        let slot = story.slot(world, held.stage);
        let of_interview = |card: &Card| card.interview == place && !card.orphan;
        let is_begun = |card: &Card| card.submitted_at.is_some() || card.is_abandoned();
        let cards = story.cards.iter().enumerate();
        let forms = cards.filter(|(_, card)| of_interview(card) && is_begun(card));
        Interview {
            id: interview_id(story, place),
            panel: panel(story, place),
            subject: slot_name(slot),
            note: "",
            interviewers: held.panel.iter().map(|seat| person(world, seat.person)).collect(),
            timezone: "Europe/London",
            created_at: millis(held.scheduled_at),
            date: millis(held.starts_at),
            // Up to the next whole minute, so that no form was in before the end.
            duration: (held.ends_at.0 - held.starts_at.0 + MINUTE - 1).div_euclid(MINUTE),
            location: (held.kind == Kind::Live).then_some("https://meet.example.com/loop"),
            feedback_template: (held.kind != Kind::Debrief).then(|| template(slot)),
            feedback_forms: forms.map(|(card, _)| form_id(story, card)).collect(),
            feedback_reminder: if held.kind == Kind::Debrief { "none" } else { "once" },
            user: user(world.jobs[story.job].recruiter),
            stage: stage(slot),
            canceled_at: (held.status == Status::Cancelled)
                .then(|| millis(held.cancelled_at.unwrap_or(held.scheduled_at))),
            postings: [posting(story.job)],
            gcal_event_url: None,
        }
    })
    .collect()
}

#[derive(Clone, Serialize)]
struct Row {
    score: Option<&'static str>,
    comment: Option<String>,
}

/// What stands in a field.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Value {
    Text(Option<&'static str>),
    Rows([Row; DIMENSIONS.len()]),
}

#[derive(Clone, Serialize)]
struct Label {
    text: &'static str,
    description: &'static str,
}

#[derive(Clone, Serialize)]
struct Field {
    id: String,
    r#type: &'static str,
    text: &'static str,
    description: &'static str,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<[Label; DIMENSIONS.len()]>,
    value: Value,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Form {
    id: String,
    r#type: &'static str,
    text: &'static str,
    instructions: &'static str,
    fields: [Field; 3],
    base_template_id: String,
    interview: Option<String>,
    panel: Option<String>,
    user: String,
    created_at: i64,
    completed_at: Option<i64>,
    updated_at: i64,
    deleted_at: Option<i64>,
}

impl Form {
    /// Makes the record the newer of two copies.
    pub(super) fn touch(&mut self, updated_at: Instant) {
        self.updated_at = millis(Instant(updated_at.0 + 5 * MINUTE));
    }

    /// The copy of this form that somebody deleted.
    pub(super) fn deleted(&self, id: String, at: Instant) -> Self {
        Self { id, updated_at: millis(at), deleted_at: Some(millis(at)), ..self.clone() }
    }

    /// Writes `null` as text in place of some missing values, and says how many.
    pub(super) fn spell_out(&mut self, aside: &mut Draw) -> u64 {
        let mut spelled = 0;
        let mut spell = |value: &mut Option<&'static str>| {
            if value.is_none() && aside.chance(NULL_TEXT.rate) {
                *value = Some("null");
                spelled += 1;
            }
        };
        for field in self.fields.iter_mut().filter(|field| field.r#type != "textarea") {
            match &mut field.value {
                Value::Text(value) => spell(value),
                Value::Rows(rows) => rows.iter_mut().for_each(|row| spell(&mut row.score)),
            }
        }
        spelled
    }
}

/// The form of a card that was begun.
pub(super) fn form(world: &World, story: &LoopStory, place: usize) -> Form {
    let card = &story.cards[place];
    let slot = story.slot(world, card.stage);
    let has_interview = story.interviews[card.interview].kind != Kind::TakeHome && !card.orphan;
    let level = card.submitted_at.and_then(|_| card.recommendation());
    let marks = card.final_marks();
    let rows = std::array::from_fn(|dimension| Row {
        score: match marks[dimension] {
            Mark::Rated(score) => Some(SCORES[usize::from(score.clamp(1, 4)) - 1]),
            Mark::Blank | Mark::NoDecision => None,
        },
        comment: card
            .note
            .filter(|(noted, _)| *noted == dimension)
            .map(|(_, number)| note(number, story.candidate.name)),
    });
    let field = |number: u64, r#type, text, scores, value| Field {
        id: uuid("lever/field", slot as u64 * 3 + number),
        r#type,
        text,
        description: "",
        required: number == 0,
        scores,
        value,
    };
    Form {
        id: form_id(story, place),
        r#type: "interview",
        text: slot_name(slot),
        instructions: "",
        fields: [
            field(
                0,
                "score-system",
                "Rating",
                None,
                Value::Text(level.map(|level| RECOMMENDATIONS[usize::from(level.clamp(1, 4)) - 1])),
            ),
            field(
                1,
                "scorecard",
                "Rubric",
                Some(DIMENSIONS.map(|text| Label { text, description: "" })),
                Value::Rows(rows),
            ),
            field(2, "textarea", "Anything else?", None, Value::Text(None)),
        ],
        base_template_id: template(slot),
        interview: has_interview.then(|| interview_id(story, card.interview)),
        panel: has_interview.then(|| panel(story, card.interview)),
        user: user(card.person),
        created_at: millis(card.created_at),
        completed_at: card.submitted_at.map(millis),
        updated_at: millis(card.updated_at()),
        deleted_at: None,
    }
}
