//! Loops by age: for every age at which something happens, how many loops were at risk and what became of
//! them. The table holds integers only, so tables of shards add up exactly and in any order, and every
//! floating-point result starts from the same sorted rows.

/// How a loop left observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Hired or rejected.
    Decided,
    /// The candidate withdrew.
    Withdrawn,
    /// Still open when the data end (censored).
    Open,
}

/// What counts as the event; every other end counts as the end of observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Closed for whatever reason: decided or withdrawn.
    Closed,
    /// Decided. Describes the *rate* of decisions among open loops; for the share of loops that get a decision
    /// use [`Competing`](super::competing::Competing), because a withdrawn loop can never be decided.
    Decided,
    /// Withdrawn; the same caution applies.
    Withdrawn,
}

/// Equal loops: `count` of them came under observation at age `entry` (0 = from the start) and left it at age
/// `exit`. Ages are whole units of the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    /// Age at which the loops came under observation.
    pub entry: i64,
    /// Age at which they left it.
    pub exit: i64,
    /// How they left it.
    pub end: End,
    /// How many loops.
    pub count: i64,
}

/// What happened at one age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    /// The age.
    pub time: i64,
    /// Loops at risk at this age. Ends are counted before censorings at ties, so loops censored at this very
    /// age are included, and loops that enter at this age are not.
    pub at_risk: i64,
    /// Loops decided.
    pub decided: i64,
    /// Loops withdrawn.
    pub withdrawn: i64,
    /// Loops still open when last seen at this age.
    pub censored: i64,
    /// Loops that came under observation at this age, at risk from the next instant on.
    pub entered: i64,
}

impl Row {
    /// Events of the given kind.
    pub fn events(&self, event: Event) -> i64 {
        match event {
            Event::Closed => self.decided + self.withdrawn,
            Event::Decided => self.decided,
            Event::Withdrawn => self.withdrawn,
        }
    }

    fn exits(&self) -> i64 {
        self.decided + self.withdrawn + self.censored
    }

    fn add(&mut self, other: &Self) {
        self.decided += other.decided;
        self.withdrawn += other.withdrawn;
        self.censored += other.censored;
        self.entered += other.entered;
    }
}

/// A stretch of ages with too few loops at risk, followed by ages with enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The stretch begins just after this age.
    pub after: i64,
    /// The last age of the stretch.
    pub until: i64,
    /// Loops at risk in it.
    pub at_risk: i64,
}

/// The table. Made by [`LifeTable::from_spells`] and [`LifeTable::merge`]; the fields are for reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifeTable {
    /// One row per age at which a loop ended, was censored or came under observation; ascending by age.
    pub rows: Vec<Row>,
    /// Loops that were at risk at some age.
    pub n: i64,
    /// Those of `n` that were observed from the start.
    pub undelayed: i64,
    /// Loops that came under observation at the very age at which they left it, later than the start: they
    /// were never at risk and are in no row.
    pub never_at_risk: i64,
    /// Spells that cannot be meant (entry below 0, exit before entry, count below 1): skipped.
    pub invalid: i64,
}

impl LifeTable {
    /// Counts spells by age. A loop is at risk at age `t` when `entry < t <= exit`; a loop observed from the
    /// start is at risk at age 0 as well, so that loops closed within their first unit of time count.
    pub fn from_spells(spells: &[Spell]) -> Self {
        let mut table = Self::default();
        let mut rows = Vec::with_capacity(spells.len());
        for spell in spells {
            if spell.entry < 0 || spell.exit < spell.entry || spell.count < 1 {
                table.invalid += 1;
                continue;
            }
            if spell.entry > 0 && spell.entry == spell.exit {
                table.never_at_risk += spell.count;
                continue;
            }
            table.n += spell.count;
            if spell.entry == 0 {
                table.undelayed += spell.count;
            } else {
                rows.push(Row { time: spell.entry, entered: spell.count, ..Row::default() });
            }
            let mut row = Row { time: spell.exit, ..Row::default() };
            match spell.end {
                End::Decided => row.decided += spell.count,
                End::Withdrawn => row.withdrawn += spell.count,
                End::Open => row.censored += spell.count,
            }
            rows.push(row);
        }
        table.rows = with_risk_sets(rows, table.undelayed);
        table
    }

    /// The table of both sets of loops together, equal to the table of all their spells.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let rows = self.rows.iter().chain(&other.rows).copied().collect();
        let undelayed = self.undelayed + other.undelayed;
        Self {
            rows: with_risk_sets(rows, undelayed),
            n: self.n + other.n,
            undelayed,
            never_at_risk: self.never_at_risk + other.never_at_risk,
            invalid: self.invalid + other.invalid,
        }
    }

    /// The greatest age at which a loop was seen, whatever became of it. Nothing is known beyond.
    pub fn longest(&self) -> Option<i64> {
        // Whoever enters leaves later, so the last row is always one of exits.
        self.rows.last().map(|row| row.time)
    }

    /// Events of the given kind at all ages.
    pub fn events(&self, event: Event) -> i64 {
        self.rows.iter().map(|row| row.events(event)).sum()
    }

    /// Whether some loops came under observation after their start.
    pub fn has_delayed_entry(&self) -> bool {
        self.n > self.undelayed
    }

    /// What happened at the given age, with the loops at risk then; no events at ages without a row.
    pub fn at(&self, time: i64) -> Row {
        let next = self.rows.partition_point(|row| row.time < time);
        match self.rows.get(next) {
            Some(row) if row.time == time => *row,
            // The number at risk is constant after one row up to and including the next.
            Some(row) if time >= 0 => Row { time, at_risk: row.at_risk, ..Row::default() },
            _ => Row { time, ..Row::default() },
        }
    }

    /// The greatest age up to which at least `fewest` loops were at risk at every age from the first row on;
    /// curves are best not read beyond. `None` when there were too few from the beginning.
    pub fn dependable_until(&self, fewest: i64) -> Option<i64> {
        self.rows.iter().take_while(|row| row.at_risk >= fewest).last().map(|row| row.time)
    }

    /// The first stretch of ages with fewer than `fewest` loops at risk that is followed by ages with at least
    /// `fewest`. Only delayed entry can make one: without it the number at risk never rises. A curve that
    /// passes through a hole rests on those few loops at all later ages, and once the last of them ends it is 0
    /// for good although loops are under observation afterwards, so a caller should say so or begin later.
    pub fn first_hole(&self, fewest: i64) -> Option<Hole> {
        let last_enough = self.rows.iter().rposition(|row| row.at_risk >= fewest)?;
        let start = self.rows[..last_enough].iter().position(|row| row.at_risk < fewest)?;
        let end = start + self.rows[start..last_enough].iter().take_while(|row| row.at_risk < fewest).count() - 1;
        Some(Hole {
            after: if start == 0 { 0 } else { self.rows[start - 1].time },
            until: self.rows[end].time,
            at_risk: self.rows[start..=end].iter().map(|row| row.at_risk).min()?,
        })
    }
}

/// Ages at which any of the tables has an event, ascending.
pub(super) fn event_times(tables: &[&LifeTable], event: Event) -> Vec<i64> {
    let mut times: Vec<i64> = tables
        .iter()
        .flat_map(|table| table.rows.iter().filter(|row| row.events(event) > 0).map(|row| row.time))
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// One row per age, ascending, with the loops at risk.
fn with_risk_sets(mut rows: Vec<Row>, undelayed: i64) -> Vec<Row> {
    rows.sort_unstable_by_key(|row| row.time);
    rows.dedup_by(|next, row| {
        let same = next.time == row.time;
        if same {
            row.add(next);
        }
        same
    });
    let mut at_risk = undelayed;
    for row in &mut rows {
        row.at_risk = at_risk;
        at_risk += row.entered - row.exits();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spell(entry: i64, exit: i64, end: End, count: i64) -> Spell {
        Spell { entry, exit, end, count }
    }

    #[test]
    fn events_come_before_censorings_and_entries_after_both() {
        let table = LifeTable::from_spells(&[
            spell(0, 5, End::Decided, 1),
            spell(0, 5, End::Open, 2),
            spell(5, 8, End::Withdrawn, 3),
        ]);
        assert_eq!(
            table.rows,
            [
                Row { time: 5, at_risk: 3, decided: 1, withdrawn: 0, censored: 2, entered: 3 },
                Row { time: 8, at_risk: 3, decided: 0, withdrawn: 3, censored: 0, entered: 0 },
            ]
        );
        assert_eq!((table.n, table.undelayed, table.longest()), (6, 3, Some(8)));
        assert_eq!((table.events(Event::Closed), table.events(Event::Decided)), (4, 1));
    }

    #[test]
    fn a_loop_closed_at_once_was_at_risk() {
        let table = LifeTable::from_spells(&[spell(0, 0, End::Decided, 2), spell(0, 3, End::Open, 1)]);
        assert_eq!((table.at(0).at_risk, table.at(0).decided), (3, 2));
        assert_eq!(table.at(1).at_risk, 1);
    }

    #[test]
    fn what_cannot_be_meant_is_skipped_and_counted() {
        let table = LifeTable::from_spells(&[
            spell(4, 3, End::Open, 1),
            spell(0, 3, End::Open, 0),
            spell(-1, 3, End::Open, 1),
            spell(4, 4, End::Decided, 7),
        ]);
        assert_eq!(table, LifeTable { invalid: 3, never_at_risk: 7, ..LifeTable::default() });
        assert_eq!((table.longest(), table.at(4).at_risk, table.first_hole(1)), (None, 0, None));
    }

    #[test]
    fn the_number_at_risk_is_known_between_rows() {
        let table = LifeTable::from_spells(&[spell(0, 4, End::Open, 1), spell(2, 9, End::Open, 1)]);
        let at_risk = |time| table.at(time).at_risk;
        assert_eq!([-1, 0, 2, 3, 4, 5, 9, 10].map(at_risk), [0, 1, 1, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn a_hole_is_where_more_loops_follow() {
        let early = [spell(0, 2, End::Decided, 1), spell(0, 3, End::Decided, 1)];
        let late = [spell(6, 9, End::Decided, 10), spell(6, 12, End::Decided, 1)];
        let table = LifeTable::from_spells(&[early, late].concat());
        assert_eq!(table.first_hole(5), Some(Hole { after: 0, until: 6, at_risk: 0 }));
        assert_eq!(table.first_hole(2), Some(Hole { after: 2, until: 6, at_risk: 0 }));
        // Thinning out towards the end is no hole.
        assert_eq!(LifeTable::from_spells(&early).first_hole(2), None);
    }

    #[test]
    fn curves_are_dependable_while_enough_loops_are_open() {
        let table = LifeTable::from_spells(&[spell(0, 2, End::Open, 6), spell(0, 7, End::Decided, 4)]);
        assert_eq!(table.dependable_until(5), Some(2));
        assert_eq!(table.dependable_until(4), Some(7));
        assert_eq!(table.dependable_until(11), None);
    }
}
