//! Cards with a row of their own, seats and people.

use super::super::super::Sink;
use super::super::super::clean::UNKNOWN_LABEL;
use super::super::cells::Cells;
use super::super::scores::recommended;
use super::{Reader, Refused, listed, needed, own};
use crate::dataset::schema::{PanelMember, Scorecard};
use crate::error::Result;

/// An overall recommendation: its level, how many levels its scale has, and why there is no level.
pub(super) type Recommendation = (Option<i64>, Option<i64>, Option<String>);

impl Reader<'_> {
    /// The overall recommendation that a cell holds.
    pub(super) fn recommendation(&self, cell: Option<&str>) -> Recommendation {
        let declared = self.config.tables.recommendation_levels;
        let meant = self.meant("recommendation", cell);
        if let Some(level) = meant.and_then(|text| self.numbers.whole(text)) {
            return (Some(level), declared, None);
        }
        if cell.is_some() && meant.is_none() {
            return (None, declared, Some(UNKNOWN_LABEL.to_owned()));
        }
        let (level, levels, missing) = recommended(meant);
        if let (Some(word), Some(UNKNOWN_LABEL)) = (meant, missing) {
            self.unknown.borrow_mut().push(("recommendation", word.to_owned()));
        }
        (level, declared.or(levels), missing.map(str::to_owned))
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
        let (level, levels, missing) = self.recommendation(recommendation);
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
            recommendation_levels: levels,
            recommendation_missing: missing,
            note_length: note.map(|text| text.chars().count() as i64),
            note: own(note),
            note_judgement: None,
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
