//! Scorecards with their attribute ratings.

use serde::Deserialize;

use super::Reader;
use crate::dataset::schema::{Score, Scorecard};
use crate::source::greenhouse::{ATTRIBUTE, OVERALL, refuse_other_version};
use crate::source::record::values::{Id, Named, Person, Present, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{characters, columns, joined};

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScorecardRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    interview: Named<'a>,
    interview_step: Named<'a>,
    interviewer: Option<Person<'a>>,
    submitted_by: Option<Person<'a>>,
    interviewed_at: Text<'a>,
    submitted_at: Text<'a>,
    updated_at: Text<'a>,
    overall_recommendation: Text<'a>,
    attributes: Option<Vec<Attribute<'a>>>,
    questions: Option<Vec<Question<'a>>>,
    interview_kit_id: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attribute<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    r#type: Text<'a>,
    note: Text<'a>,
    rating: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Question<'a> {
    #[serde(borrow)]
    answer: Text<'a>,
}

impl Reader<'_> {
    pub(super) fn scorecard(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let card: ScorecardRecord<'_> = visit.parse(record)?;
        let scorecard_id = visit.own_id(&card.id, record)?;
        refuse_other_version(visit, "interview_kit_id", &card.interview_kit_id)?;
        let application_id = visit.required("application_id", &card.application_id)?;
        let stage_raw = card.interview_step.name.owned().or_else(|| card.interview.name.owned()).or_else(|| {
            let step = self.ids.find(&card.interview_step.id)?;
            self.steps.get(&step)?.name.clone()
        });
        let stage = stage_raw.as_deref().map(|name| self.stages.name(name));
        let submitted_by = self.people.meet(visit, card.submitted_by.as_ref());
        let interviewer_id = self.people.meet(visit, card.interviewer.as_ref()).or_else(|| submitted_by.clone());
        let submitted_at = visit.instant(&card.submitted_at);
        let updated_at = visit.instant(&card.updated_at);
        let interviewed_at = visit.instant(&card.interviewed_at);
        // v1 returns submitted cards only; a dump that holds one without its instant holds a draft.
        let is_draft = card.submitted_at.get().is_none();
        let rating = OVERALL.rate(visit, "overall_recommendation", &card.overall_recommendation);
        let (recommendation, recommendation_missing) = columns(rating);
        let attributes = card.attributes.unwrap_or_default();
        let questions = card.questions.unwrap_or_default();
        let answers = questions.iter().filter_map(|question| question.answer.get());
        // What is written about one attribute stands with its rating.
        let (note, note_length) = joined(answers);
        let seat = self.ids.find(&card.id).and_then(|card| {
            let place = self.seats.partition_point(|(seated, _)| *seated <= card).checked_sub(1)?;
            self.seats.get(place).filter(|(seated, _)| *seated == card)
        });
        visit.record(Scorecard {
            application_id: application_id.clone(),
            scorecard_id: scorecard_id.clone(),
            interview_id: seat.map(|(_, interview)| self.ids.text(*interview)),
            stage: stage.clone(),
            stage_raw,
            interviewer_id: interviewer_id.clone(),
            submitted_by,
            role: "interviewer".to_owned(),
            status: if is_draft { "draft" } else { "submitted" }.to_owned(),
            interviewed_at,
            submitted_at,
            updated_at,
            recommendation_raw: card.overall_recommendation.owned(),
            recommendation,
            recommendation_levels: Some(OVERALL.levels),
            recommendation_missing,
            note_length: Some(note_length),
            note,
            note_judgement: None,
            recorded_at: updated_at,
        })?;
        if is_draft {
            visit.count("drafts kept out of scores");
            return Ok(());
        }
        for attribute in &attributes {
            let Some(dimension) = attribute.name.owned() else {
                visit.count("ratings of an attribute without a name, left out");
                continue;
            };
            let (level, missing) = columns(ATTRIBUTE.rate(visit, "rating", &attribute.rating));
            visit.also(Score {
                application_id: application_id.clone(),
                scorecard_id: scorecard_id.clone(),
                dimension,
                dimension_kind: attribute.r#type.owned(),
                stage: stage.clone(),
                interviewer_id: interviewer_id.clone(),
                role: "interviewer".to_owned(),
                score_raw: attribute.rating.owned(),
                score_milli: level.map(|level| level * 1000),
                scale: ATTRIBUTE.name.to_owned(),
                scale_levels: Some(ATTRIBUTE.levels),
                missing,
                revision: None,
                note_length: Some(attribute.note.get().map_or(0, characters)),
                note: attribute.note.owned(),
                note_judgement: None,
                submitted_at,
                recorded_at: updated_at,
            })?;
        }
        Ok(())
    }
}
