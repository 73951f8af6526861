//! Scorecards, the answers on them, and the ratings of attributes.

use serde::Deserialize;

use super::Reader;
use super::index::Card;
use crate::dataset::schema::{Score, Scorecard};
use crate::source::greenhouse::{ATTRIBUTE, OVERALL, refuse_other_version};
use crate::source::record::values::{Id, Present, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{characters, columns, joined};

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    scorecard_id: Id<'a>,
    answer: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScorecardRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    interview_kit_id: Id<'a>,
    interviewer_id: Id<'a>,
    submitter_id: Id<'a>,
    interviewed_at: Text<'a>,
    submitted_at: Text<'a>,
    updated_at: Text<'a>,
    status: Text<'a>,
    candidate_rating: Text<'a>,
    notes: Text<'a>,
    private_notes: Text<'a>,
    public_notes: Text<'a>,
    overall_recommendation: Present,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RatingRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    scorecard_id: Id<'a>,
    job_candidate_attribute_id: Id<'a>,
    candidate_attribute_rating: Text<'a>,
    note: Text<'a>,
    updated_at: Text<'a>,
}

impl Reader<'_> {
    /// Answers come before the cards and only their length is kept.
    pub(super) fn answer(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let answer: AnswerRecord<'_> = visit.parse(record)?;
        visit.own_id(&answer.id, record)?;
        visit.required("scorecard_id", &answer.scorecard_id)?;
        let written = answer.answer.get().map_or(0, characters);
        let written = u32::try_from(written).unwrap_or(u32::MAX);
        if let Some(scorecard) = self.ids.key(&answer.scorecard_id).filter(|_| written > 0) {
            let total = match self.seats.get_mut(scorecard) {
                Some(seat) => &mut seat.written,
                None => self.written.entry(scorecard).or_default(),
            };
            *total = total.saturating_add(written);
        }
        visit.lookup()
    }

    pub(super) fn scorecard(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let card: ScorecardRecord<'_> = visit.parse(record)?;
        let scorecard_id = visit.own_id(&card.id, record)?;
        refuse_other_version(visit, "overall_recommendation", &card.overall_recommendation)?;
        let application_id = visit.required("application_id", &card.application_id)?;
        let is_draft = is_draft(visit, &card);
        let submitted_at = visit.instant(&card.submitted_at);
        let updated_at = visit.instant(&card.updated_at);
        let submitted_by = card.submitter_id.text();
        let interviewer_id = card.interviewer_id.text().or_else(|| submitted_by.clone());
        let key = self.ids.find(&card.id);
        let seat = key.and_then(|key| self.seats.get(key)).copied();
        let stage_raw = seat.and_then(|seat| self.words.at(seat.name)).map(str::to_owned).or_else(|| {
            // Application reviews and work done at home have a kit but no interview.
            let step = self.plans.kits.get(&self.ids.find(&card.interview_kit_id)?)?;
            self.plans.steps.get(step)?.name.clone()
        });
        if let Some(cards) = &mut self.cards
            && let (Some(id), Some(application)) = (self.ids.key(&card.id), self.ids.key(&card.application_id))
        {
            let interviewer = interviewer_id.as_deref().map(|who| self.words.place(who));
            let name = stage_raw.as_deref().map(|name| self.words.place(name));
            cards.add(Card::new(id, application, submitted_at, interviewer, name, is_draft));
        }
        if is_draft {
            visit.count("drafts kept out of scores");
        }
        let rating = OVERALL.rate(visit, "candidate_rating", &card.candidate_rating);
        let (recommendation, recommendation_missing) = columns(rating);
        let notes = [&card.notes, &card.private_notes, &card.public_notes];
        let (note, note_length) = joined(notes.into_iter().filter_map(Text::get));
        let answered = seat.map(|seat| seat.written).or_else(|| self.written.get(&key?).copied()).unwrap_or(0);
        let interviewed_at = visit.instant(&card.interviewed_at);
        visit.record(Scorecard {
            application_id,
            scorecard_id,
            interview_id: seat.map(|seat| self.ids.text(seat.interview)),
            stage: stage_raw.as_deref().map(|name| self.stages.name(name)),
            stage_raw,
            interviewer_id,
            submitted_by,
            role: "interviewer".to_owned(),
            status: if is_draft { "draft" } else { "submitted" }.to_owned(),
            interviewed_at,
            submitted_at,
            updated_at,
            recommendation_raw: card.candidate_rating.owned(),
            recommendation,
            recommendation_levels: Some(OVERALL.levels),
            recommendation_missing,
            note_length: Some(note_length + i64::from(answered)),
            note,
            note_judgement: None,
            recorded_at: updated_at,
        })
    }

    pub(super) fn rating(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let rating: RatingRecord<'_> = visit.parse(record)?;
        visit.own_id(&rating.id, record)?;
        let scorecard_id = visit.required("scorecard_id", &rating.scorecard_id)?;
        let attribute_id = visit.required("job_candidate_attribute_id", &rating.job_candidate_attribute_id)?;
        let card = self.ids.find(&rating.scorecard_id).and_then(|key| self.cards.as_ref()?.get(key));
        let Some(card) = card else {
            return Err(visit.refuse("unknown_card", "scorecard_id", Some(&scorecard_id)));
        };
        if card.is_draft() {
            visit.count("ratings on drafts, kept out of scores");
            return visit.lookup();
        }
        let key = self.ids.find(&rating.job_candidate_attribute_id);
        let attribute = key.and_then(|key| self.plans.attributes.get(&key));
        if attribute.is_none() {
            visit.count("ratings of attributes whose name is in no file, named by their id");
        }
        let (level, missing) =
            columns(ATTRIBUTE.rate(visit, "candidate_attribute_rating", &rating.candidate_attribute_rating));
        let recorded_at = visit.instant(&rating.updated_at);
        visit.record(Score {
            application_id: self.ids.text(card.application),
            scorecard_id,
            dimension: attribute.map_or(attribute_id, |attribute| attribute.name.clone()),
            dimension_kind: attribute.and_then(|attribute| attribute.kind.clone()),
            stage: self.words.at(card.name()).map(|name| self.stages.name(name)),
            interviewer_id: self.words.at(card.interviewer()).map(str::to_owned),
            role: "interviewer".to_owned(),
            score_raw: rating.candidate_attribute_rating.owned(),
            score_milli: level.map(|level| level * 1000),
            scale: ATTRIBUTE.name.to_owned(),
            scale_levels: Some(ATTRIBUTE.levels),
            missing,
            revision: None,
            note_length: Some(rating.note.get().map_or(0, characters)),
            note: rating.note.owned(),
            note_judgement: None,
            submitted_at: card.submitted(),
            recorded_at,
        })
    }
}

/// Placeholders are made when an interview is scheduled, so a card counts as written only where it says so.
fn is_draft(visit: &mut Visit<'_>, card: &ScorecardRecord<'_>) -> bool {
    match card.status.get() {
        None => card.submitted_at.get().is_none(),
        Some(_) if card.status.is("complete") => false,
        Some(_) if card.status.is("draft") => true,
        Some(word) => {
            visit.unknown_label("status", word);
            visit.count("scorecards of a status that is neither draft nor complete, taken as drafts");
            true
        }
    }
}
