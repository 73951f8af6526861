//! How much an export can be expected to hold, and so what it says about a record by not holding it.
//!
//! An export of a period, of some applications or of what changed lately leaves out much that still exists. A
//! record is missing from an export only if the export holds its application and records of its kind, and
//! reaches back to it. How far it reaches is judged by its earliest record of that kind: where that lies in the
//! first half of what earlier exports spanned, the export is a whole one; where it lies later, the export begins
//! there. Sources that say when a record changed are judged by that instant, since exports of changes go by it.
//! Of a handful of records the earliest says nothing, and they are taken for all there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::schema::{Application, Decision, Event, Interview, Outcome, PanelMember, Row as _, Score, Scorecard, Table};

/// Kinds of records that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Whole applications.
    Applications,
    /// Decisions.
    Decisions,
    /// Interviews.
    Interviews,
    /// Seats in interviews.
    PanelMembers,
    /// Scorecards.
    Scorecards,
    /// Scores on scorecards.
    Scores,
    /// Entering and leaving stages.
    StageHistory,
    /// Everything else that happened.
    Events,
    /// Later outcomes.
    Outcomes,
}

impl Kind {
    /// What records of this kind are called, one and several.
    pub fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Applications => ("application", "applications"),
            Self::Decisions => ("decision", "decisions"),
            Self::Interviews => ("interview", "interviews"),
            Self::PanelMembers => ("seat on a panel", "seats on panels"),
            Self::Scorecards => ("scorecard", "scorecards"),
            Self::Scores => ("score", "scores"),
            Self::StageHistory => ("stage event", "stage events"),
            Self::Events => ("event", "events"),
            Self::Outcomes => ("outcome", "outcomes"),
        }
    }

    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Applications,
        Self::Decisions,
        Self::Interviews,
        Self::PanelMembers,
        Self::Scorecards,
        Self::Scores,
        Self::StageHistory,
        Self::Events,
        Self::Outcomes,
    ];

    /// The word of the column `kind`: the name of the table, except for the part of the events that is a history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applications => Application::TABLE.name,
            Self::Decisions => Decision::TABLE.name,
            Self::Interviews => Interview::TABLE.name,
            Self::PanelMembers => PanelMember::TABLE.name,
            Self::Scorecards => Scorecard::TABLE.name,
            Self::Scores => Score::TABLE.name,
            Self::StageHistory => "stage_history",
            Self::Events => Event::TABLE.name,
            Self::Outcomes => Outcome::TABLE.name,
        }
    }

    /// The kind of a table's rows; events are told apart by what happened. Tables that looplens itself adds to
    /// have none.
    pub fn of(table: &Table, happened: Option<&str>) -> Option<Self> {
        if table.name == Event::TABLE.name {
            let moved = matches!(happened, Some("stage_entered" | "stage_left"));
            return Some(if moved { Self::StageHistory } else { Self::Events });
        }
        Self::ALL.into_iter().find(|kind| kind.word() == table.name)
    }

    /// The column that says when a record of this kind happened.
    pub fn instant_column(self) -> Option<&'static str> {
        match self {
            Self::Applications => Some("applied_at"),
            Self::Decisions => Some("decided_at"),
            Self::Interviews => Some("starts_at"),
            Self::PanelMembers => None,
            Self::Scorecards | Self::Scores => Some("submitted_at"),
            Self::StageHistory | Self::Events | Self::Outcomes => Some("at"),
        }
    }
}

/// Fewer records than this say nothing about how far an export reaches.
const FEW: u64 = 20;

/// What an export holds of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many records there are.
    pub records: u64,
    /// When the earliest record happened, microseconds.
    pub first: Option<i64>,
    /// When the last one did.
    pub last: Option<i64>,
    /// Whether every record says when it last changed.
    pub changes_dated: bool,
}

/// What an export, or several together, hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The latest instant at which anything is known to have happened, microseconds.
    pub latest: Option<i64>,
    /// The earliest instant at which the source last changed a record.
    pub first_change: Option<i64>,
    /// By the word of the kind; kinds without a record are left out.
    pub kinds: BTreeMap<String, Held>,
}

impl Extent {
    /// Takes in what another export holds.
    pub fn add(&mut self, other: &Self) {
        self.latest = self.latest.max(other.latest);
        self.first_change = earliest(self.first_change, other.first_change);
        for (kind, held) in &other.kinds {
            match self.kinds.get_mut(kind) {
                Some(own) => {
                    // The same records come again in every export, so that they must not be summed.
                    own.records = own.records.max(held.records);
                    own.first = earliest(own.first, held.first);
                    own.last = own.last.max(held.last);
                    own.changes_dated &= held.changes_dated;
                }
                None => {
                    self.kinds.insert(kind.clone(), held.clone());
                }
            }
        }
    }

    /// What can be expected of this export, which comes after the others.
    pub fn reach(&self, kind: Kind, before: &Self) -> Reach {
        let Some(own) = self.kinds.get(kind.word()) else { return Reach::Nothing };
        if kind == Kind::PanelMembers && !own.changes_dated {
            // Seats have no instant of their own; they come with their interviews.
            let is_whole = self.reach(Kind::Interviews, before) == Reach::Whole;
            return if is_whole { Reach::Whole } else { Reach::Nothing };
        }
        let Some(earlier) = before.kinds.get(kind.word()).filter(|held| held.records >= FEW) else {
            return Reach::Whole;
        };
        let (from, span) = if own.changes_dated {
            (self.first_change, before.first_change.zip(before.latest))
        } else {
            (own.first, earlier.first.zip(earlier.last))
        };
        match (from, span) {
            (Some(from), Some((first, last))) if from > first + (last - first) / 2 => {
                if own.changes_dated {
                    Reach::ChangedSince(from)
                } else {
                    Reach::Since(from)
                }
            }
            _ => Reach::Whole,
        }
    }

    /// When the first and the last application were made.
    pub fn applied(&self) -> Option<(i64, i64)> {
        let applications = self.kinds.get(Kind::Applications.word())?;
        applications.first.zip(applications.last)
    }
}

fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

/// Which records of a kind an export would hold if they still existed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// None: it holds no record of the kind.
    Nothing,
    /// All of the applications it holds.
    Whole,
    /// Those that happened from here on.
    Since(i64),
    /// Those that changed from here on.
    ChangedSince(i64),
}

impl Reach {
    /// Whether a record that happened and changed at these instants would be there. Of one without an instant that
    /// is not sure where the export begins late.
    pub fn covers(self, happened: Option<i64>, changed: Option<i64>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Whole => true,
            Self::Since(from) => happened.is_some_and(|at| at >= from),
            Self::ChangedSince(from) => changed.is_some_and(|at| at >= from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(records: u64, first: i64, last: i64, first_change: Option<i64>) -> Extent {
        let held = Held { records, first: Some(first), last: Some(last), changes_dated: first_change.is_some() };
        let kinds = BTreeMap::from([(Kind::Scorecards.word().to_owned(), held)]);
        Extent { latest: Some(last + 10), first_change, kinds }
    }

    #[test]
    fn an_export_that_begins_late_says_nothing_about_what_was_before() {
        let before = extent(50, 0, 100, None);
        assert_eq!(extent(50, 3, 130, None).reach(Kind::Scorecards, &before), Reach::Whole);
        let late = extent(20, 90, 130, None).reach(Kind::Scorecards, &before);
        assert_eq!(late, Reach::Since(90));
        assert!(late.covers(Some(95), None) && !late.covers(Some(80), None));
        assert_eq!(extent(50, 3, 130, None).reach(Kind::Interviews, &before), Reach::Nothing);
        assert_eq!(extent(50, 3, 130, None).reach(Kind::Scorecards, &Extent::default()), Reach::Whole);
    }

    #[test]
    fn of_a_handful_of_records_the_first_may_be_the_one_that_is_missing() {
        assert_eq!(extent(1, 90, 130, None).reach(Kind::Scorecards, &extent(2, 0, 100, None)), Reach::Whole);
    }

    #[test]
    fn an_export_of_changes_goes_by_when_records_changed() {
        let before = extent(50, 0, 100, Some(0));
        // An old record that was changed lately is in it, so only the instants of changes tell.
        let changes = extent(5, 0, 130, Some(98)).reach(Kind::Scorecards, &before);
        assert_eq!(changes, Reach::ChangedSince(98));
        assert!(changes.covers(Some(5), Some(99)) && !changes.covers(Some(99), Some(5)));
        assert_eq!(extent(50, 0, 130, Some(1)).reach(Kind::Scorecards, &before), Reach::Whole);
    }

    #[test]
    fn several_exports_reach_as_far_as_the_furthest() {
        let mut all = extent(50, 50, 100, Some(60));
        all.add(&extent(40, 10, 90, None));
        assert_eq!((all.latest, all.first_change), (Some(110), Some(60)));
        let held = Held { records: 50, first: Some(10), last: Some(100), changes_dated: false };
        assert_eq!(all.kinds["scorecards"], held);
    }
}
