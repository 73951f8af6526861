//! Scores: a row for each, or a row for each card with the scores of all dimensions; and the cards that they make up.

use super::{Reader, Refused, needed, own};
use crate::config::NO_DECISION;
use crate::dataset::schema::{Score, Scorecard};
use crate::error::Result;
use crate::source::Sink;
use crate::source::clean::UNKNOWN_LABEL;
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
        let dimension = dimension.ok_or(("missing_field", "dimension", None))?;
        self.meaning("dimension", dimension).unwrap_or(dimension).clone_into(&mut row.dimension);
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
        let mut card = self.card_below(&blank, cells);
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

    /// Delivers the card and the scores of one row, which count as one record. Where cards stand in a table of
    /// their own, the first score counts, and has the row's note.
    pub(super) fn deliver_wide(
        &mut self,
        sink: &mut dyn Sink,
        mut card: Scorecard,
        mut scores: Vec<Score>,
    ) -> Result<()> {
        for score in &scores {
            self.spread.learn(score.score_milli, self.config.tables.scale);
        }
        if self.known.cards_apart && !scores.is_empty() {
            let mut first = scores.remove(0);
            first.note_length = card.note_length;
            first.note = card.note.take();
            sink.record(self.file, first)?;
        } else {
            sink.record(self.file, card)?;
        }
        scores.into_iter().try_for_each(|score| sink.also(self.file, score))
    }

    /// Everything about a score but its dimension and what was given.
    fn ungiven<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Score, Refused<'a>> {
        let [
            application,
            stage,
            interviewer,
            _dimension,
            _score,
            card,
            _interview,
            submitted,
            _by,
            role,
            note,
            revision,
            _recommendation,
            kind,
            recorded,
            ..,
        ] = *cells;
        let application_id = needed("application_id", application)?;
        // A card with an id of its own is known without its stage.
        if stage.is_none() && card.is_none() {
            return Err(("missing_field", "stage", None));
        }
        let interviewer_id = needed("interviewer_id", interviewer)?;
        let role = self.role(role)?;
        let revision =
            revision.map(|text| self.numbers.whole(text).ok_or(("bad_number", "revision", Some(text)))).transpose()?;
        Ok(Score {
            scorecard_id: own(card)
                .unwrap_or_else(|| card_id(&application_id, stage.unwrap_or_default(), &interviewer_id)),
            application_id,
            dimension_kind: own(kind),
            stage: stage.map(|stage| self.config.stages.name(stage)),
            interviewer_id: Some(interviewer_id),
            role,
            scale: self.scale.clone(),
            scale_levels: self.config.tables.scale.map(|s| ((s.max - s.min) / s.step).round() as i64 + 1),
            revision,
            note_length: note.map(|text| text.chars().count() as i64),
            note: own(note),
            submitted_at: self.at("submitted_at", submitted)?,
            recorded_at: self.at("recorded_at", recorded)?,
            ..Score::default()
        })
    }

    /// What was given: a number, a word that means one, or nothing. Numbers need no words; once words are
    /// declared, one that is none of them is kept as missing and reported.
    fn give<'a>(&self, row: &mut Score, score: Option<&'a str>) -> std::result::Result<(), Refused<'a>> {
        row.score_raw = own(score);
        let meaning = score.and_then(|text| self.meaning("score", text));
        let (value, missing) = match (score, meaning) {
            (None, _) | (_, Some("")) => (None, Some("not_given")),
            (_, Some(NO_DECISION)) | (Some(NO_DECISION), None) => (None, Some(NO_DECISION)),
            (_, Some(number)) => (number.parse().ok(), None),
            (Some(text), None) => match self.numbers.read(text) {
                None if self.meant("score", score).is_none() => (None, Some(UNKNOWN_LABEL)),
                value => (value, None),
            },
        };
        row.missing = missing.map(str::to_owned);
        row.score_milli = match (score, missing) {
            (Some(text), None) => Some(thousandths(text, value, self.config.tables.scale)?),
            _ => None,
        };
        Ok(())
    }

    /// The card that a row with a score stands on.
    fn card_below(&self, score: &Score, cells: &Cells<'_>) -> Scorecard {
        let [_, stage, _, _, _, _, interview, _, by, _, _, _, recommendation, ..] = *cells;
        let (level, levels, missing) = self.recommendation(recommendation);
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
            recommendation_missing: missing,
            recorded_at: score.recorded_at,
            ..Scorecard::default()
        }
    }

    /// The rows of one card stand together in most exports, so the card is delivered once they end. Where
    /// they do not, the merge makes one of the repeated cards.
    pub(super) fn card_of(&mut self, score: &Score, cells: &Cells<'_>) -> Option<Scorecard> {
        if self.known.cards_apart {
            return None;
        }
        match &mut self.card {
            Some(held) if held.scorecard_id == score.scorecard_id && held.application_id == score.application_id => {
                // A later revision was submitted later; the card keeps its first submission, as in the merge.
                held.submitted_at = [held.submitted_at, score.submitted_at].into_iter().flatten().min();
                None
            }
            _ => {
                let card = self.card_below(score, cells);
                self.card.replace(card)
            }
        }
    }
}
