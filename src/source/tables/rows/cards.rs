//! Scores, cards, seats and people: a card that the rows of its scores make up, or one with a row of its own.

use super::super::super::Sink;
use super::super::super::clean::UNKNOWN_LABEL;
use super::super::cells::Cells;
use super::super::ids::card_id;
use super::super::scores::thousandths;
use super::{Reader, Refused, listed, needed, own};
use crate::dataset::schema::{PanelMember, Score, Scorecard};
use crate::error::Result;

/// An overall recommendation: its level and why there is none.
type Recommendation = (Option<i64>, Option<String>);

impl Reader<'_> {
    fn recommendation(&self, cell: Option<&str>) -> Recommendation {
        let meant = self.meant("recommendation", cell);
        let level = meant.and_then(|text| text.parse::<i64>().ok());
        let missing = match (meant, level) {
            (_, Some(_)) => return (level, None),
            (None, None) if cell.is_none() => "not_given",
            (Some("no_decision"), _) => "no_decision",
            _ => "unknown_label",
        };
        (None, Some(missing.to_owned()))
    }

    /// A score of one dimension.
    pub(super) fn score<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Score, Refused<'a>> {
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
            _recommendation,
            kind,
            recorded,
            ..,
        ] = *cells;
        let application_id = needed("application_id", application)?;
        // A card with an id of its own is known without its stage.
        let stage = match (stage, card) {
            (None, None) => return Err(("missing_field", "stage", None)),
            (stage, _) => stage,
        };
        let interviewer_id = needed("interviewer_id", interviewer)?;
        let role = self.role(role)?;
        let revision =
            revision.map(|text| text.parse::<i64>().map_err(|_| ("bad_number", "revision", Some(text)))).transpose()?;
        let submitted_at = self.at("submitted_at", submitted)?;
        let meant = self.meant("score", score);
        let (score_milli, missing) = match meant {
            None if score.is_none() => (None, Some("not_given")),
            None => (None, Some(UNKNOWN_LABEL)),
            Some("no_decision") => (None, Some("no_decision")),
            Some(text) => {
                let level = thousandths(text, self.config.tables.scale);
                (Some(level.map_err(|(reason, field, _)| (reason, field, score))?), None)
            }
        };
        Ok(Score {
            scorecard_id: own(card)
                .unwrap_or_else(|| card_id(&application_id, stage.unwrap_or_default(), &interviewer_id)),
            application_id,
            dimension: dimension.map(|name| self.meaning("dimension", name).unwrap_or(name).to_owned()).ok_or((
                "missing_field",
                "dimension",
                None,
            ))?,
            dimension_kind: own(kind),
            stage: stage.map(|stage| self.config.stages.name(stage)),
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
            recorded_at: self.at("recorded_at", recorded)?,
        })
    }

    /// The card that a row with a score stands on.
    fn card_below(&self, score: &Score, cells: &Cells<'_>) -> Scorecard {
        let [_, stage, _, _, _, _, interview, _, by, _, _, _, recommendation, ..] = *cells;
        let (level, missing) = self.recommendation(recommendation);
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
            recommendation_levels: self.config.tables.recommendation_levels,
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

    /// A card with a row of its own. Without a word on its status it is a draft until it was submitted.
    pub(super) fn card<'a>(&self, cells: &Cells<'a>) -> std::result::Result<Scorecard, Refused<'a>> {
        let [
            application,
            id,
            interview,
            stage,
            interviewer,
            by,
            role,
            status,
            interviewed,
            submitted,
            updated,
            recommendation,
            note,
            recorded,
            ..,
        ] = *cells;
        let submitted_at = self.at("submitted_at", submitted)?;
        let status = match self.meant("status", status) {
            Some(word) => listed(word, &["submitted", "draft"]).ok_or(("unknown_label", "status", status))?,
            None if submitted_at.is_some() && status.is_none() => "submitted".to_owned(),
            None => "draft".to_owned(),
        };
        let (level, missing) = self.recommendation(recommendation);
        let interviewer_id = own(interviewer);
        Ok(Scorecard {
            application_id: needed("application_id", application)?,
            scorecard_id: needed("scorecard_id", id)?,
            interview_id: own(interview),
            stage: stage.map(|stage| self.config.stages.name(stage)),
            stage_raw: own(stage),
            submitted_by: own(by).or_else(|| interviewer_id.clone()),
            interviewer_id,
            role: self.role(role)?,
            status,
            interviewed_at: self.at("interviewed_at", interviewed)?,
            submitted_at,
            updated_at: self.at("updated_at", updated)?,
            recommendation_raw: own(recommendation),
            recommendation: level,
            recommendation_levels: self.config.tables.recommendation_levels,
            recommendation_missing: missing,
            note_length: note.map(|text| text.chars().count() as i64),
            note: own(note),
            recorded_at: self.at("recorded_at", recorded)?,
        })
    }

    /// A seat with a row of its own.
    pub(super) fn seat<'a>(&self, cells: &Cells<'a>) -> std::result::Result<PanelMember, Refused<'a>> {
        let [application, interview, interviewer, role, response, scorecard, recorded, ..] = *cells;
        Ok(PanelMember {
            application_id: needed("application_id", application)?,
            interview_id: needed("interview_id", interview)?,
            interviewer_id: Some(needed("interviewer_id", interviewer)?),
            role: self.role(role)?,
            response: own(self.meant("response", response)),
            scorecard_id: own(scorecard),
            recorded_at: self.at("recorded_at", recorded)?,
        })
    }

    /// Tells the name of someone who interviews, for the private directory.
    pub(super) fn person<'a>(
        &self,
        sink: &mut dyn Sink,
        cells: &Cells<'a>,
    ) -> Result<std::result::Result<(), Refused<'a>>> {
        let [id, name, first, last, ..] = *cells;
        let Some(id) = id else { return Ok(Err(("missing_field", "person_id", None))) };
        let parts: Vec<&str> = [first, last].into_iter().flatten().collect();
        let name = own(name).unwrap_or_else(|| parts.join(" "));
        if !name.is_empty() {
            sink.name(id, &name);
        }
        sink.lookup(self.file);
        Ok(Ok(()))
    }

    /// The role on a panel.
    pub(super) fn role<'a>(&self, cell: Option<&'a str>) -> std::result::Result<String, Refused<'a>> {
        match self.meant("role", cell) {
            None => Ok("interviewer".to_owned()),
            Some(word) => {
                listed(word, &["interviewer", "shadow", "reverse_shadow"]).ok_or(("unknown_label", "role", cell))
            }
        }
    }
}
