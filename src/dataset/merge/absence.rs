//! Records that one export holds and a newer one no longer does.

use std::collections::HashSet;

use arrow::array::{Array, StringArray};

use super::{Found, Keyed, Merge, ON_RECORD, instants};
use crate::dataset::extent::Kind;
use crate::dataset::index::hash;
use crate::dataset::schema::{MissingRecord, Table};
use crate::dataset::spool::applications;
use crate::dataset::views::{Record, Views};
use crate::error::Result;
use crate::time::Instant;

/// What is known about records that are missing.
pub struct Absence<'a> {
    /// What the exports see.
    pub views: &'a Views,
    /// Records that the source says were deleted, by the hash of their identifier.
    pub gone: &'a HashSet<(Kind, u64)>,
    /// Whether missing records are taken out.
    pub drops: bool,
}

/// What becomes of a record that is missing.
#[derive(Debug, Clone, Copy)]
struct Fate {
    became: &'static str,
    since: Option<Instant>,
}

/// The scorecard or the interview that the rows of a table belong to.
fn owner(table: &Table) -> Option<(Kind, &'static str)> {
    match table.name {
        "scorecards" | "scores" => Some((Kind::Scorecards, "scorecard_id")),
        "interviews" | "panel_members" => Some((Kind::Interviews, "interview_id")),
        _ => None,
    }
}

fn text(batch: &Keyed, column: &str, row: usize) -> Option<String> {
    let column = batch.rows.column_by_name(column)?.as_any().downcast_ref::<StringArray>()?;
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn instant(batch: &Keyed, column: &str, row: usize) -> Option<Instant> {
    let column = instants(&batch.rows, column)?;
    column.is_valid(row).then(|| Instant(column.value(row)))
}

impl Merge<'_> {
    /// Whether rows of this table may leave because of what the export does not hold.
    pub fn may_lose(&self) -> bool {
        let Some(absence) = &self.absence else { return false };
        let flagged = owner(self.table).is_some_and(|(kind, _)| absence.gone.iter().any(|(gone, _)| *gone == kind));
        let kinds = [None, Some("stage_entered")].map(|event| Kind::of(self.table, event));
        let told = kinds.into_iter().flatten().any(|kind| absence.views.holds(kind));
        // Applications that vanished take the rows of every table along.
        flagged || told || absence.drops
    }

    /// Whether the rows of a batch need no look: nothing is on record to which they could be held.
    pub(super) fn passes(&self, batch: &Keyed) -> bool {
        self.absence.as_ref().is_none_or(|absence| batch.all_new && !absence.views.any_newer())
    }

    /// Whether nothing is to be said about an application's rows that are on record alone, or in the export alone.
    pub(super) fn is_quiet(&self, application: u64, on_record: bool) -> bool {
        let Some(absence) = &self.absence else { return true };
        let spoken_of = if on_record {
            self.index.holds(application) || !absence.gone.is_empty()
        } else {
            absence.views.any_newer()
        };
        !spoken_of && self.index.vanished(application).is_none()
    }

    /// Decides about a row that is either on record alone or in the export alone; says whether it leaves.
    pub(super) fn leaves(&self, batch: &Keyed, row: usize, found: &mut Found) -> Result<bool> {
        let Some(absence) = &self.absence else { return Ok(false) };
        let ids = applications(&batch.rows)?;
        let application = hash(ids.value(row));
        let is_application = self.table.name == Kind::Applications.word();
        if let Some(latest) = self.index.vanished(application) {
            // A vanished application is told once; its records stay or leave with it.
            if is_application {
                let fate = Fate { became: if absence.drops { "dropped" } else { "kept" }, since: Some(latest) };
                self.tell(batch, row, Kind::Applications, fate, found)?;
            }
            return Ok(absence.drops);
        }
        if is_application {
            return Ok(false);
        }
        let event = text(batch, "event", row);
        let Some(kind) = Kind::of(self.table, event.as_deref()) else { return Ok(false) };
        let happened = kind.instant_column().and_then(|column| instant(batch, column, row));
        let changed = instant(batch, "recorded_at", row);
        let micros = |at: Option<Instant>| at.map(|at| at.0);
        let record = Record { kind, happened: micros(happened), changed: micros(changed) };
        let since = if batch.origin.value(row) == ON_RECORD {
            let expected = self.index.holds(application) && absence.views.expects(self.index, application, &record);
            if !expected && !self.is_flagged(absence, batch, row, changed) {
                return Ok(false);
            }
            self.recorded
        } else {
            match absence.views.missing_since(application, &record) {
                Some(since) => Some(since),
                None => return Ok(false),
            }
        };
        let became = match kind {
            Kind::StageHistory => "replaced",
            _ if absence.drops => "dropped",
            _ => "kept",
        };
        self.tell(batch, row, kind, Fate { became, since }, found)?;
        Ok(became != "kept")
    }

    /// Whether the source itself says that a record was deleted. An older export does not know better.
    fn is_flagged(&self, absence: &Absence<'_>, batch: &Keyed, row: usize, changed: Option<Instant>) -> bool {
        if absence.gone.is_empty() || changed > self.recorded {
            return false;
        }
        let Some((kind, column)) = owner(self.table) else { return false };
        text(batch, column, row).is_some_and(|id| absence.gone.contains(&(kind, hash(&id))))
    }

    /// Lists and counts a missing record.
    fn tell(&self, batch: &Keyed, row: usize, kind: Kind, fate: Fate, found: &mut Found) -> Result<()> {
        let text = |column: &str| text(batch, column, row);
        let application_id = text("application_id").unwrap_or_default();
        let compared = &mut found.compared;
        match fate.became {
            "replaced" => {
                compared.history_entries_replaced += 1;
                // Rows come application by application.
                if found.edited.as_ref() != Some(&application_id) {
                    compared.histories_edited += 1;
                    found.edited = Some(application_id.clone());
                }
            }
            "dropped" => *compared.missing_dropped.entry(kind.word().to_owned()).or_default() += 1,
            _ => *compared.missing_kept.entry(kind.word().to_owned()).or_default() += 1,
        }
        if kind == Kind::Applications && fate.became == "dropped" {
            // Whoever has an application taken out wants no trace of it.
            return Ok(());
        }
        found.missing.push(&MissingRecord {
            application_id,
            kind: kind.word().to_owned(),
            record_id: owner(self.table).and_then(|(_, column)| text(column)),
            detail: match kind {
                Kind::Scores => text("dimension"),
                Kind::Outcomes => text("outcome"),
                Kind::StageHistory | Kind::Events => text("event"),
                _ => None,
            },
            at: kind.instant_column().and_then(|column| instant(batch, column, row)),
            stage: text("stage"),
            person_id: match kind {
                Kind::Decisions => text("decided_by"),
                Kind::StageHistory | Kind::Events => text("actor_id"),
                Kind::PanelMembers | Kind::Scorecards | Kind::Scores => text("interviewer_id"),
                _ => None,
            },
            said: match kind {
                Kind::Decisions => text("decision"),
                Kind::Interviews | Kind::Applications => text("status"),
                Kind::PanelMembers => text("role"),
                Kind::Scorecards => text("recommendation_raw"),
                Kind::Scores => text("score_raw"),
                Kind::StageHistory | Kind::Events => text("event_raw"),
                Kind::Outcomes => text("value_raw"),
            },
            became: fate.became.to_owned(),
            recorded_at: fate.since,
        })
    }
}
