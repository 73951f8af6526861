//! What changed between two records of one scorecard or score.

use super::{Candidate, Found, Merge};
use crate::dataset::schema::{RECOMMENDATION, ScoreRevision};
use crate::error::Result;
use crate::time::Instant;

const SUCCESSIVE_EXPORTS: &str = "successive_exports";

impl Merge<'_> {
    /// A score that differs from the one before it is a revision.
    pub(super) fn score_changes(group: &[Candidate], found: &mut Found) -> Result<()> {
        for pair in group.windows(2) {
            let [older, newer] = pair else { continue };
            let (from, to) = (older.integer("score_milli"), newer.integer("score_milli"));
            let declared = older.revision != newer.revision;
            // Two different rows of one export with the same number and instant are a duplicate, not an edit.
            if from == to || (!declared && older.recorded == newer.recorded) {
                continue;
            }
            let submitted = newer.integer_instant("submitted_at").filter(|_| declared);
            let seen_at = submitted.or(newer.recorded).map(Instant);
            found.compared.scores_changed += u64::from(!declared);
            found.revisions.push(&ScoreRevision {
                application_id: newer.text("application_id").unwrap_or_default(),
                scorecard_id: newer.text("scorecard_id").unwrap_or_default(),
                dimension: newer.text("dimension").unwrap_or_default(),
                seen_at,
                revision: newer.revision,
                from_raw: older.text("score_raw"),
                from_milli: from,
                to_raw: newer.text("score_raw"),
                to_milli: to,
                observed_through: if declared { "declared_revision" } else { SUCCESSIVE_EXPORTS }.to_owned(),
                recorded_at: newer.recorded.map(Instant),
            })?;
        }
        Ok(())
    }

    /// An overall recommendation that differs from the one before it is a revision of the card. Of the rows that
    /// were recorded at one instant the last stands for the card; a draft recommends nothing yet, and neither
    /// does a card whose recommendation was left open.
    pub(super) fn recommendation_changes(group: &[Candidate], found: &mut Found) -> Result<()> {
        let stands = |pair: &[Candidate]| matches!(pair, [a, b] if a.recorded != b.recorded);
        let told: Vec<&Candidate> = group
            .windows(2)
            .filter(|pair| stands(pair))
            .filter_map(|pair| pair.first())
            .chain(group.last())
            .filter(|card| card.text("status").as_deref() == Some("submitted"))
            .collect();
        for pair in told.windows(2) {
            let [older, newer] = pair else { continue };
            let (from, to) = (older.integer("recommendation"), newer.integer("recommendation"));
            let (from_raw, to_raw) = (older.text("recommendation_raw"), newer.text("recommendation_raw"));
            let levels = |card: &Candidate| card.integer("recommendation_levels");
            let scales = levels(older).zip(levels(newer));
            // One level may be spelled in two ways. A word that the scale does not know has itself alone.
            let same = if from.is_some() && to.is_some() { from == to } else { from_raw == to_raw };
            if same || from_raw.is_none() || to_raw.is_none() || scales.is_some_and(|(older, newer)| older != newer) {
                continue;
            }
            found.compared.recommendations_changed += 1;
            found.revisions.push(&ScoreRevision {
                application_id: newer.text("application_id").unwrap_or_default(),
                scorecard_id: newer.text("scorecard_id").unwrap_or_default(),
                dimension: RECOMMENDATION.to_owned(),
                seen_at: newer.recorded.map(Instant),
                revision: None,
                from_raw,
                from_milli: from.map(|level| level * 1000),
                to_raw,
                to_milli: to.map(|level| level * 1000),
                observed_through: SUCCESSIVE_EXPORTS.to_owned(),
                recorded_at: newer.recorded.map(Instant),
            })?;
        }
        Ok(())
    }
}
