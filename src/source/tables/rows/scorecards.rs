//! Scorecards: a row for each score, or a row for each card with the scores of all dimensions.

use super::{Reader, Refused, listed, needed, own};
use crate::config::NO_DECISION;
use crate::dataset::schema::{Score, Scorecard};
use crate::source::tables::cells::Cells;
use crate::source::tables::ids::card_id;
use crate::source::tables::scores::thousandths;

/// A row of several scores that cannot be used; with the dimension at fault, if it is one.
type WideRefused<'a> = (Refused<'a>, Option<&'a str>);

impl Reader<'_> {
    /// A row that holds one score.
    pub(super) fn score<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Score, Refused<'a>> {
        let [_, _, _, dimension, score, ..] = *cells;
        let mut row = self.ungiven(cells)?;
        row.dimension = needed("dimension", dimension)?;
        self.give(&mut row, score)?;
        Ok(row)
    }

    /// A row that holds the scores of several dimensions: the card, and its scores. An empty cell among filled
    /// ones is a dimension that this round does not ask for; a card without any score left them all open.
    pub(super) fn wide_card<'a>(
        &self,
        cells: &Cells<'a>,
        given: &[(&'a str, Option<&'a str>)],
    ) -> std::result::Result<(Scorecard, Vec<Score>), WideRefused<'a>> {
        let mut blank = self.ungiven(cells).map_err(|refused| (refused, None))?;
        let mut card = self.card(&blank, cells);
        card.note_length = blank.note_length.take();
        card.note = blank.note.take();
        let is_open = given.iter().all(|(_, score)| score.is_none());
        let mut scores = Vec::with_capacity(given.len());
        for (dimension, score) in given.iter().filter(|(_, score)| is_open || score.is_some()) {
            let mut row = Score { dimension: (*dimension).to_owned(), ..blank.clone() };
            self.give(&mut row, *score).map_err(|refused| (refused, Some(*dimension)))?;
            scores.push(row);
        }
        Ok((card, scores))
    }

    /// Everything about a score but its dimension and what was given.
    fn ungiven<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Score, Refused<'a>> {
        let [application, stage, interviewer, _, _, card, _interview, submitted, _by, role, note, revision, ..] =
            *cells;
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
            revision.map(|text| self.numbers.whole(text).ok_or(("bad_number", "revision", Some(text)))).transpose()?;
        Ok(Score {
            scorecard_id: own(card).unwrap_or_else(|| card_id(&application_id, stage, &interviewer_id)),
            application_id,
            stage: Some(self.config.stages.name(stage)),
            interviewer_id: Some(interviewer_id),
            role,
            scale: self.scale.clone(),
            scale_levels: self.config.tables.scale.map(|s| ((s.max - s.min) / s.step).round() as i64 + 1),
            revision,
            note_length: note.map(|text| text.chars().count() as i64),
            note: own(note),
            submitted_at: self.at("submitted_at", submitted)?,
            ..Score::default()
        })
    }

    /// What was given: a number, a word mapped to one, or nothing.
    fn give<'a>(&self, row: &mut Score, score: Option<&'a str>) -> std::result::Result<(), Refused<'a>> {
        let mapped = score.and_then(|text| self.config.tables.sheets.scores.get(text)).map(String::as_str);
        (row.score_milli, row.missing) = match (score, mapped) {
            (None, _) => (None, Some("not_given".to_owned())),
            (_, Some(NO_DECISION)) | (Some(NO_DECISION), _) => (None, Some(NO_DECISION.to_owned())),
            (Some(text), mapped) => {
                let value = match mapped {
                    Some(number) => number.parse().ok(),
                    None => self.numbers.read(text),
                };
                (Some(thousandths(text, value, self.config.tables.scale)?), None)
            }
        };
        row.score_raw = own(score);
        Ok(())
    }

    /// The card that a row with a score stands on.
    fn card(&self, score: &Score, cells: &Cells<'_>) -> Scorecard {
        let [_, stage, _, _, _, _, interview, _, by, _, _, _, recommendation, ..] = *cells;
        let level = recommendation.and_then(|text| self.numbers.whole(text));
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
            recommendation_missing: match (recommendation, level) {
                (None, _) => Some("not_given".to_owned()),
                (Some(NO_DECISION), _) => Some(NO_DECISION.to_owned()),
                (Some(_), None) => Some("unknown_label".to_owned()),
                _ => None,
            },
            ..Scorecard::default()
        }
    }

    /// The rows of one card stand together in most exports, so the card is delivered once they end. Where
    /// they do not, the merge makes one of the repeated cards.
    pub(super) fn card_of(&mut self, score: &Score, cells: &Cells<'_>) -> Option<Scorecard> {
        match &mut self.card {
            Some(held) if held.scorecard_id == score.scorecard_id && held.application_id == score.application_id => {
                // A later revision was submitted later; the card keeps its first submission, as in the merge.
                held.submitted_at = [held.submitted_at, score.submitted_at].into_iter().flatten().min();
                None
            }
            _ => {
                let card = self.card(score, cells);
                self.card.replace(card)
            }
        }
    }
}
