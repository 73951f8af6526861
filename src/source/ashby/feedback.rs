//! Feedback on interviews.

use std::collections::HashMap;

use serde::Deserialize;

use super::form::{Answers, Asks, Form, Question, RECOMMENDATION, questions};
use super::{Reader, index, parent};
use crate::dataset::schema::{Score, Scorecard};
use crate::source::clean::Rating;
use crate::source::record::values::{Id, Person, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{characters, columns, joined};
use crate::time::Instant;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FeedbackRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    application_id: Id<'a>,
    interview_id: Id<'a>,
    interview_event_id: Id<'a>,
    application_history_id: Id<'a>,
    submitted_at: Text<'a>,
    submitted_by_user: Option<Person<'a>>,
    credited_to_user: Option<Person<'a>>,
    form_definition: Option<Form<'a>>,
    submitted_values: Answers<'a>,
}

impl Reader<'_> {
    pub(super) fn feedback(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let card: FeedbackRecord<'_> = visit.parse(record)?;
        let scorecard_id = visit.own_id(&card.id, record)?;
        let application_id = parent(visit, &card.application_id, record)?;
        let submitted_at = visit.instant(&card.submitted_at);
        // The API returns submitted feedback only; a dump that holds some without its instant holds a draft.
        let is_draft = card.submitted_at.get().is_none();
        let submitted_by = self.people.meet(visit, card.submitted_by_user.as_ref());
        let interviewer_id = self.people.meet(visit, card.credited_to_user.as_ref()).or_else(|| submitted_by.clone());
        let event = card.interview_event_id.print().and_then(|id| self.events.as_ref()?.get(id)).copied();
        let stage_raw = self.stage(&card, event).map(str::to_owned);
        let stage = stage_raw.as_deref().map(|stage| self.config.stages.name(stage));
        let role = self.role(&card, interviewer_id.as_deref());

        let is_overall = |name: &str| self.config.ashby.is_overall(name);
        let form = card.form_definition.unwrap_or_default();
        let questions = questions(&form, &card.submitted_values, &is_overall);
        let overall = overall(&questions, &is_overall);
        let (recommendation_raw, rating) =
            overall.map_or((None, Rating::Missing("not_given")), |place| rate(&questions, place, visit));
        let (recommendation, recommendation_missing) = columns(rating);
        // What is written about one dimension stands with its score.
        let written = questions.iter().enumerate().filter_map(|(place, question)| {
            let answer = question.answer?;
            match question.asks {
                Asks::Prose => answer.word.get(),
                _ => answer.comment.get().filter(|_| overall == Some(place)),
            }
        });
        let (note, note_length) = joined(written);
        visit.record(Scorecard {
            application_id: application_id.clone(),
            scorecard_id: scorecard_id.clone(),
            interview_id: card.interview_event_id.text(),
            stage: stage.clone(),
            stage_raw,
            interviewer_id: interviewer_id.clone(),
            submitted_by,
            role: role.clone(),
            status: if is_draft { "draft" } else { "submitted" }.to_owned(),
            interviewed_at: event.filter(|event| event.start != i64::MIN).map(|event| Instant(event.start)),
            submitted_at,
            updated_at: None,
            recommendation_raw,
            recommendation,
            recommendation_levels: Some(RECOMMENDATION.levels),
            recommendation_missing,
            note_length: Some(note_length),
            note,
            note_judgement: None,
            recorded_at: None,
        })?;
        if is_draft {
            visit.count("drafts kept out of scores");
            return Ok(());
        }
        let dimensions = dimensions(&questions, overall);
        for (place, question) in questions.iter().enumerate() {
            let (Some(dimension), Some(scale)) = (dimensions.get(&place), question.scale()) else {
                if question.section.is_none() && question.asks == Asks::Other {
                    visit.count("answers to fields that no form in the export defines, left out");
                }
                continue;
            };
            let (score_raw, rating) = question.rate(visit);
            let (level, missing) = columns(rating);
            let comment = question.answer.map(|answer| &answer.comment);
            visit.also(Score {
                application_id: application_id.clone(),
                scorecard_id: scorecard_id.clone(),
                dimension: dimension.clone(),
                dimension_kind: None,
                stage: stage.clone(),
                interviewer_id: interviewer_id.clone(),
                role: role.clone(),
                score_raw,
                score_milli: level.map(|level| level * 1000),
                scale: scale.name.to_owned(),
                scale_levels: Some(scale.levels),
                missing,
                revision: None,
                note_length: Some(comment.and_then(Text::get).map_or(0, characters)),
                note: comment.and_then(Text::owned),
                note_judgement: None,
                submitted_at,
                recorded_at: None,
            })?;
        }
        Ok(())
    }

    /// The stage of the appointment; without one, the stage that the application was in, or the interview.
    fn stage(&self, card: &FeedbackRecord<'_>, event: Option<index::Event>) -> Option<&str> {
        let of_event = event.and_then(|event| self.words.at(event.stage));
        let of_stay = || {
            let stay = self.visits.as_ref()?.get(card.application_history_id.print()?)?;
            self.words.at(stay.stage)
        };
        let of_interview = || {
            let interview = self.plans.interviews.get(&self.ids.find(&card.interview_id)?)?;
            interview.title.as_deref()
        };
        of_event.or_else(of_stay).or_else(of_interview)
    }

    /// The role that the interviewer had on the panel.
    fn role(&self, card: &FeedbackRecord<'_>, interviewer: Option<&str>) -> String {
        let seat = || {
            let person = self.words.find(interviewer?)?;
            self.words.at(self.roles.get((card.interview_event_id.print()?, person))?.role)
        };
        seat().unwrap_or("interviewer").to_owned()
    }
}

fn rate(questions: &[Question<'_>], place: usize, visit: &mut Visit<'_>) -> (Option<String>, Rating) {
    questions.get(place).map_or((None, Rating::Missing("not_given")), |question| question.rate(visit))
}

/// The field that holds the overall recommendation: by path or title, and of several the one whose choices are
/// the steps of a recommendation, else a score, else any choice.
fn overall(questions: &[Question<'_>], is_overall: &dyn Fn(&str) -> bool) -> Option<usize> {
    let rank = |question: &Question<'_>| match question.asks {
        Asks::Step => Some(0),
        Asks::Score => Some(1),
        Asks::Choice => Some(2),
        Asks::Prose | Asks::Other => None,
    };
    let meant = |question: &Question<'_>| is_overall(question.path) || is_overall(question.title);
    let candidates = questions.iter().enumerate().filter(|(_, question)| meant(question));
    candidates.filter_map(|(place, question)| Some((rank(question)?, place))).min().map(|(_, place)| place)
}

/// What the scores of a form are called: the title of their field; with that of the section, where forms ask the
/// same in several of them; and else the path.
fn dimensions(questions: &[Question<'_>], overall: Option<usize>) -> HashMap<usize, String> {
    let scored: Vec<(usize, &Question<'_>)> = questions
        .iter()
        .enumerate()
        .filter(|(place, question)| question.scale().is_some() && Some(*place) != overall)
        .collect();
    let is_alone = |same: &dyn Fn(&Question<'_>) -> bool| scored.iter().filter(|(_, one)| same(one)).count() == 1;
    let name = |question: &Question<'_>| match question.section {
        _ if is_alone(&|other| other.title == question.title) => question.title.to_owned(),
        Some(section) if is_alone(&|other| other.title == question.title && other.section == Some(section)) => {
            format!("{section}: {}", question.title)
        }
        _ => question.path.to_owned(),
    };
    scored.iter().map(|(place, question)| (*place, name(question))).collect()
}
