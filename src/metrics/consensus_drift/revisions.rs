//! Scores changed after submission: when, which way, and what that did to panels.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::REVISIONS;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::adjusted::Adjustment;
use crate::metrics::record::{Change, Loop, Panel, Record};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::estimate::Interval;
use crate::stats::proportion::wilson;
use crate::stats::revision::{Direction, direction, sign_test, spread};

/// Cards below which a rate is thin.
pub(super) const ENOUGH: i64 = 10;
/// Nothing to be seen where nothing changed.
pub(super) const NO_CHANGES: &str = "no changed score is on record, which one export of latest values cannot show; export \
                                     declared revisions, or ingest successive exports into one dataset";

/// When a score was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    Before,
    After,
    NoDebrief,
    Decided,
}

impl Moment {
    const ALL: [Self; 4] = [Self::Before, Self::After, Self::NoDebrief, Self::Decided];

    fn word(self) -> &'static str {
        match self {
            Self::Before => "before_debrief",
            Self::After => "after_debrief",
            Self::Decided => "after_decision",
            Self::NoDebrief => "no_debrief",
        }
    }

    /// The moment of an instant; a change that no export dates is as late as it can be.
    fn of(own: &Loop, debrief: Option<i64>, at: Option<i64>) -> Self {
        let at = at.unwrap_or(i64::MAX);
        if own.decided.is_some_and(|decided| at > decided) {
            Self::Decided
        } else {
            match debrief {
                Some(debrief) if at >= debrief => Self::After,
                Some(_) => Self::Before,
                None => Self::NoDebrief,
            }
        }
    }

    /// Whether a card could be changed then.
    fn could(self, own: &Loop, debrief: Option<i64>, submitted: i64) -> bool {
        match self {
            Self::Before => debrief.is_some_and(|debrief| submitted < debrief),
            Self::After => debrief.is_some() && own.decided.is_none_or(|decided| submitted <= decided),
            Self::Decided => own.decided.is_some(),
            Self::NoDebrief => debrief.is_none() && own.decided.is_none_or(|decided| submitted <= decided),
        }
    }
}

/// What happened in one moment.
#[derive(Default)]
struct Happened {
    cards: i64,
    changed: BTreeSet<usize>,
    changes: i64,
    toward: i64,
    away: i64,
    neither: i64,
    moved: f64,
    approached: f64,
    with_others: i64,
    from_exports: i64,
    touched: i64,
    panels: Vec<(Vec<f64>, Vec<f64>)>,
}

/// The first debrief after a card, where the loop had one.
fn debrief_of(record: &Record, panels: &BTreeMap<usize, Option<i64>>, card: usize) -> Option<i64> {
    let own = &record.cards.cards[card];
    panels.get(&card).copied().unwrap_or_else(|| {
        let debriefs = &record.loops[own.application as usize].debriefs;
        let ended = own.submitted.zip(own.delay).map(|(at, delay)| at - delay);
        debriefs.iter().find(|debrief| ended.is_none_or(|ended| **debrief >= ended)).or(debriefs.last()).copied()
    })
}

/// The table. Scores are as given: an interviewer's leniency is the same before and after.
pub(super) fn table(record: &Record, panels: &[Panel]) -> ResultTable {
    let mut happened: BTreeMap<Moment, Happened> =
        Moment::ALL.into_iter().map(|moment| (moment, Happened::default())).collect();
    let debriefs: BTreeMap<usize, Option<i64>> =
        panels.iter().flat_map(|panel| panel.members.iter().map(|member| (member.card, panel.debrief))).collect();
    for (at, card) in record.cards.cards.iter().enumerate() {
        let Some(submitted) = card.submitted else { continue };
        let own = &record.loops[card.application as usize];
        let debrief = debrief_of(record, &debriefs, at);
        for (moment, so_far) in &mut happened {
            so_far.cards += i64::from(moment.could(own, debrief, submitted));
        }
    }
    let others = others(record, panels);
    for (card, cell, change) in record.changes() {
        let own = &record.loops[record.cards.cards[card].application as usize];
        let moment = Moment::of(own, debrief_of(record, &debriefs, card), change.at);
        if let Some(so_far) = happened.get_mut(&moment) {
            so_far.take(card, change, others.get(&(card, cell)).copied());
        }
    }
    for (card, touched) in record.touched.iter().enumerate().filter(|(_, touched)| touched.is_some()) {
        // Only the last touch is on record: earlier ones may have been in other moments.
        let own = &record.loops[record.cards.cards[card].application as usize];
        let moment = Moment::of(own, debrief_of(record, &debriefs, card), *touched);
        if let Some(so_far) = happened.get_mut(&moment) {
            so_far.touched += 1;
        }
    }
    for panel in panels {
        spreads(record, panel, &mut happened);
    }
    let mut out = ResultTable::new(&REVISIONS);
    for (moment, happened) in &happened {
        out.push(happened.cells(*moment, record));
    }
    out
}

/// The mean of the others' first scores, by card and cell, leniency left in.
fn others(record: &Record, panels: &[Panel]) -> BTreeMap<(usize, u32), f64> {
    let plain = record.panels(&Adjustment::default());
    debug_assert_eq!(plain.len(), panels.len());
    let mut out = BTreeMap::new();
    for panel in &plain {
        for member in &panel.members {
            for (cell, _) in &member.scores {
                let theirs: Vec<f64> = panel
                    .members
                    .iter()
                    .filter(|other| other.card != member.card && panel.is_after_debrief(other) != Some(true))
                    .filter_map(|other| other.scores.iter().find(|(own, _)| own == cell).map(|(_, score)| *score))
                    .collect();
                if !theirs.is_empty() {
                    out.insert((member.card, *cell), theirs.iter().sum::<f64>() / theirs.len() as f64);
                }
            }
        }
    }
    out
}

/// The scores of a panel on each dimension before and after the changes of each moment.
fn spreads(record: &Record, panel: &Panel, happened: &mut BTreeMap<Moment, Happened>) {
    let own = &record.loops[panel.of];
    let mut cells: Vec<u32> = panel.members.iter().flat_map(|member| &member.scores).map(|(cell, _)| *cell).collect();
    cells.sort_unstable();
    cells.dedup();
    for cell in cells {
        let now = |card: usize| {
            let scores = &record.cards.cards[card].scores;
            scores.iter().find(|(own, _)| *own == cell).map(|(_, now)| record.first(card, cell, *now))
        };
        let members: Vec<(usize, f64)> =
            panel.members.iter().filter_map(|member| Some((member.card, now(member.card)?))).collect();
        if members.len() < 2 {
            continue;
        }
        let mut values: Vec<f64> = members.iter().map(|(_, first)| *first).collect();
        for (moment, so_far) in happened.iter_mut() {
            let applies = panel
                .members
                .iter()
                .any(|member| member.submitted.is_some_and(|submitted| moment.could(own, panel.debrief, submitted)));
            if !applies {
                continue;
            }
            let before = values.clone();
            for ((card, _), value) in members.iter().zip(&mut values) {
                let changes = record.changes.get(&(*card, cell)).into_iter().flatten();
                let known = changes.filter(|change| change.at.is_none_or(|at| at <= record.as_of()));
                for change in known.filter(|change| Moment::of(own, panel.debrief, change.at) == *moment) {
                    *value = change.to;
                }
            }
            so_far.panels.push((before, values.clone()));
        }
    }
}

impl Happened {
    fn take(&mut self, card: usize, change: &Change, others: Option<f64>) {
        self.changed.insert(card);
        self.changes += 1;
        self.moved += change.to - change.from;
        self.from_exports += i64::from(change.from_exports);
        match direction(change.from, change.to, others) {
            Direction::Toward => self.toward += 1,
            Direction::Away => self.away += 1,
            Direction::Neither => self.neither += 1,
        }
        if let Some(others) = others {
            self.approached += (change.from - others).abs() - (change.to - others).abs();
            self.with_others += 1;
        }
    }

    fn status(&self, moment: Moment, record: &Record) -> (Status, Option<String>) {
        let none = |why: &str| (Status::NotEstimable, Some(why.to_owned()));
        if !record.visible.submissions {
            return none("no card says when it was submitted; export the time of each submission");
        }
        if !record.visible.changes {
            let touched = match self.touched {
                0 => String::new(),
                touched => format!("; the source touched {touched} cards then without saying what changed"),
            };
            return (Status::NotEstimable, Some(format!("{NO_CHANGES}{touched}")));
        }
        if matches!(moment, Moment::Before | Moment::After) && !record.visible.debriefs {
            return none(
                "no debrief is on record; export debriefs or put them on the calendar under a name that says so",
            );
        }
        if self.cards == 0 {
            return none("no card could be changed then");
        }
        if self.cards < ENOUGH {
            return (Status::Thin, Some(format!("fewer than {ENOUGH} cards")));
        }
        (Status::Ok, None)
    }

    fn cells(&self, moment: Moment, record: &Record) -> Vec<(&'static str, Cell)> {
        let (state, why) = self.status(moment, record);
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("moment", text(moment.word())),
            ("cards", Cell::Int(self.cards)),
            ("changed_cards", Cell::Int(self.changed.len() as i64)),
            ("changed_scores", Cell::Int(self.changes)),
            ("toward", Cell::Int(self.toward)),
            ("away", Cell::Int(self.away)),
            ("neither", Cell::Int(self.neither)),
            ("seen_in_exports", Cell::Int(self.from_exports)),
            ("touched_unknown", Cell::Int(self.touched)),
        ]);
        if state != Status::NotEstimable {
            if let Some(rate) = wilson((self.changed.len() as i64).min(self.cards), self.cards) {
                cells.push(("changed", Cell::float(rate.share)));
                cells.extend(limits(Interval::new(rate.low, rate.high), ["changed_low", "changed_high"]));
            }
            if let Some(sign) = sign_test(self.toward, self.away) {
                cells.extend([("toward_share", Cell::float(sign.share)), ("p_value", Cell::float(sign.p))]);
                cells.extend(limits(sign.interval, ["toward_share_low", "toward_share_high"]));
            }
            if self.changes > 0 {
                cells.push(("mean_move", Cell::float(self.moved / self.changes as f64)));
            }
            if self.with_others > 0 {
                cells.push(("mean_approach", Cell::float(self.approached / self.with_others as f64)));
            }
            if let Some(spread) = spread(&self.panels) {
                cells.extend([
                    ("panel_variance_before", Cell::float(spread.before)),
                    ("panel_variance_after", Cell::float(spread.after)),
                    ("variance_p_value", Cell::float(spread.p)),
                ]);
            }
        }
        let method = format!(
            "share of cards, Wilson; direction seen from the others' first scores, exact sign test; {}",
            record.cards.window
        );
        cells.extend(standing(self.cards, method, state, why));
        cells
    }
}
