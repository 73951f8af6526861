//! The additive table, read loop by loop.

use std::collections::BTreeMap;

use crate::engine::counts::{Counts, IntKey, TextKey};
use crate::engine::metric::Context;
use crate::time::{Quarter, SECOND};

/// Everything the audit looks at, as far as it was known at the date of analysis.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) loops: Vec<Loop>,
    /// The names of stages; the first has position 0.
    pub(super) stages: Vec<String>,
    /// Who sat in a round when, of all loops on record, whatever the period.
    pub(super) seats: Vec<Seat>,
    /// Dimensions that are scored, with the number of scores.
    pub(super) dimensions: BTreeMap<String, i64>,
    /// Quarters in which loops of the period opened.
    pub(super) quarters: i64,
    /// Loops left out because they opened before the data was observed.
    pub(super) unobserved: i64,
}

/// One loop.
#[derive(Debug, Default)]
pub(super) struct Loop {
    pub(super) applied: Option<i64>,
    /// When it ended, in seconds; missing while it is open and where nobody knows.
    pub(super) ended: Option<i64>,
    pub(super) how: How,
    /// Whether only the days of its ends are known.
    pub(super) whole_days: bool,
    pub(super) meetings: Vec<Meeting>,
    pub(super) cards: Vec<Card>,
    /// When its debriefs began.
    pub(super) debriefs: Vec<i64>,
    /// Whether a debrief is on record whose time is not.
    pub(super) untimed_debrief: bool,
}

/// How a loop ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum How {
    Offer,
    Reject,
    Withdrawn,
    /// It is over, and the export does not say how.
    Closed,
    #[default]
    Open,
}

/// An appointment, or what stands in for one.
#[derive(Debug, Clone)]
pub(super) struct Meeting {
    pub(super) stage: Option<u32>,
    pub(super) kind: Option<MeetingKind>,
    pub(super) status: Status,
    pub(super) at: Option<i64>,
    pub(super) minutes: Option<i64>,
    /// Minutes that were planned, as the source says.
    pub(super) planned: Option<i64>,
    pub(super) panel: Option<i64>,
}

/// How an appointment takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MeetingKind {
    Live,
    Async,
    TakeHome,
    Debrief,
}

/// What became of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Held,
    /// Held if a scorecard says so.
    Perhaps,
    Cancelled,
    NoShow,
}

/// A submitted scorecard.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) stage: Option<u32>,
    pub(super) person: Option<u32>,
    pub(super) is_own: bool,
    pub(super) interviewed: Option<i64>,
    pub(super) submitted: Option<i64>,
    pub(super) scored: i64,
    pub(super) unscored: i64,
}

/// Somebody in a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub(super) person: u32,
    pub(super) is_own: bool,
    /// The first second of the day.
    pub(super) day: i64,
    /// Whether the loop is one of the period.
    pub(super) inside: bool,
}

/// Longer than this a calendar entry is no interview.
const LONGEST_MINUTES: i64 = 12 * 60;

/// The facts of the loops of the period.
pub(super) fn facts(counts: &Counts, context: &Context<'_>) -> Facts {
    let (opened, loops, record) = (counts.text("opened"), counts.text("application_id"), counts.text("record"));
    let stage = counts.text("stage");
    let mut out = Facts { stages: stage.words().to_vec(), ..Facts::default() };
    let rows = Rows {
        at: counts.int("at"),
        until: counts.int("until"),
        minutes: counts.int("minutes"),
        panel: counts.int("panel"),
        scored: counts.int("scored"),
        unscored: counts.int("unscored"),
        flag: counts.int("flag"),
        whole_days: counts.int("whole_days"),
        stage,
        kind: counts.text("kind"),
        status: counts.text("status"),
        person: counts.text("person"),
        as_of: context.as_of.0.div_euclid(SECOND),
    };
    let (times, mut quarters) = (counts.value("records"), Vec::new());
    let all: Vec<usize> = (0..counts.len()).collect();
    // The records of a loop stand together: its partition and its identifier lead the key.
    for of_loop in all.chunk_by(|a, b| opened.code(*a) == opened.code(*b) && loops.code(*a) == loops.code(*b)) {
        let Some(first) = of_loop.first() else { continue };
        let inside = context.includes(opened.at(*first));
        if loops.at(*first).is_none() {
            for row in of_loop {
                match record.at(*row) {
                    Some("seat") => out.seats.extend(rows.seat(*row, inside)),
                    Some("dimension") if inside => {
                        let scores = times.get(*row).copied().unwrap_or(0);
                        *out.dimensions.entry(rows.kind.at(*row).unwrap_or_default().to_owned()).or_default() += scores;
                    }
                    _ => {}
                }
            }
            continue;
        }
        let Some(head) = of_loop.iter().find(|row| record.at(**row) == Some("loop")).filter(|_| inside) else {
            continue;
        };
        // A loop that opened after the date of analysis does not exist yet.
        if rows.at.at(*head).is_some_and(|applied| applied > rows.as_of) {
            continue;
        }
        // Of a loop that opened before it could be observed, the first rounds are missing.
        if rows.flag.at(*head) == Some(1) {
            out.unobserved += 1;
            continue;
        }
        quarters.extend(opened.at(*first).and_then(Quarter::parse));
        let told: Vec<(&str, usize, i64)> = of_loop
            .iter()
            .filter_map(|row| Some((record.at(*row)?, *row, times.get(*row).copied().unwrap_or(1))))
            .collect();
        out.loops.push(rows.one(*head, &told));
    }
    quarters.sort_unstable();
    quarters.dedup();
    out.quarters = quarters.len() as i64;
    out.dimensions.remove("");
    out
}

/// The columns of the additive table.
struct Rows<'a> {
    at: IntKey<'a>,
    until: IntKey<'a>,
    minutes: IntKey<'a>,
    panel: IntKey<'a>,
    scored: IntKey<'a>,
    unscored: IntKey<'a>,
    flag: IntKey<'a>,
    whole_days: IntKey<'a>,
    stage: TextKey<'a>,
    kind: TextKey<'a>,
    status: TextKey<'a>,
    person: TextKey<'a>,
    as_of: i64,
}

impl Rows<'_> {
    fn known(&self, at: Option<i64>) -> bool {
        at.is_none_or(|at| at <= self.as_of)
    }

    fn stage(&self, row: usize) -> Option<u32> {
        self.stage.code(row).checked_sub(1)
    }

    fn person(&self, row: usize) -> Option<u32> {
        self.person.code(row).checked_sub(1)
    }

    fn seat(&self, row: usize, inside: bool) -> Option<Seat> {
        let day = self.at.at(row).filter(|day| *day <= self.as_of)?;
        let is_own = self.kind.at(row) == Some("interviewer");
        Some(Seat { person: self.person(row)?, is_own, day, inside })
    }

    fn one(&self, head: usize, told: &[(&str, usize, i64)]) -> Loop {
        let ended = self.until.at(head).filter(|end| *end <= self.as_of);
        // An end without a time is known to have come, though not when.
        let is_over = ended.is_some() || self.until.at(head).is_none();
        let how = match self.kind.at(head) {
            Some("offer") if is_over => How::Offer,
            Some("reject") if is_over => How::Reject,
            Some("withdrawn") if is_over => How::Withdrawn,
            Some("closed") if is_over => How::Closed,
            _ => How::Open,
        };
        let whole_days = self.whole_days.at(head) == Some(1);
        let mut out = Loop { applied: self.at.at(head), ended, how, whole_days, ..Loop::default() };
        let mut events: Vec<(&str, usize)> = Vec::new();
        let mut has_appointments = false;
        for (record, row, times) in told {
            for _ in 0..*times {
                match *record {
                    "interview" => {
                        has_appointments = true;
                        self.appointment(*row, &mut out);
                    }
                    "card" => out.cards.extend(self.card(*row)),
                    _ => {}
                }
            }
            if *record == "event" && self.known(self.at.at(*row)) {
                events.extend(self.kind.at(*row).map(|event| (event, *row)));
            }
        }
        let of =
            |name: &str| events.iter().filter(|(event, _)| *event == name).map(|(_, row)| *row).collect::<Vec<_>>();
        let either = |started: &str, ended: &str| {
            let starts = of(started);
            if starts.is_empty() { of(ended) } else { starts }
        };
        if out.debriefs.is_empty() {
            let begun = either("debrief_started", "debrief_ended");
            out.debriefs.extend(begun.into_iter().filter_map(|row| self.at.at(row)));
        }
        // Where there are no appointments, the events tell what took place.
        if !has_appointments {
            for row in either("interview_started", "interview_ended") {
                out.meetings.push(Meeting {
                    stage: self.stage(row),
                    kind: None,
                    status: Status::Held,
                    at: self.at.at(row),
                    minutes: None,
                    planned: None,
                    panel: None,
                });
            }
        }
        out.debriefs.sort_unstable();
        out
    }

    fn appointment(&self, row: usize, out: &mut Loop) {
        let (start, end) = (self.at.at(row), self.until.at(row));
        if !self.known(start.or(end)) {
            return;
        }
        let kind = match self.kind.at(row) {
            Some("live") => Some(MeetingKind::Live),
            Some("async") => Some(MeetingKind::Async),
            Some("take_home") => Some(MeetingKind::TakeHome),
            Some("debrief") => Some(MeetingKind::Debrief),
            _ => None,
        };
        let status = match self.status.at(row) {
            Some("cancelled") => Status::Cancelled,
            Some("no_show") => Status::NoShow,
            Some("done") => Status::Held,
            Some("unknown") if self.flag.at(row) != Some(1) => Status::Held,
            _ => Status::Perhaps,
        };
        if kind == Some(MeetingKind::Debrief) && status == Status::Held {
            out.untimed_debrief |= start.or(end).is_none();
            out.debriefs.extend(start.or(end));
        }
        let planned = self.minutes.at(row).filter(|minutes| *minutes > 0);
        let is_live = matches!(kind, Some(MeetingKind::Live | MeetingKind::Debrief));
        let clock = start.zip(end).map(|(start, end)| (end - start).div_euclid(60));
        let clock = clock.filter(|minutes| is_live && (1..=LONGEST_MINUTES).contains(minutes));
        out.meetings.push(Meeting {
            stage: self.stage(row),
            kind,
            status,
            at: start.or(end),
            minutes: planned.or(clock),
            planned,
            panel: self.panel.at(row).filter(|panel| *panel > 0),
        });
    }

    fn card(&self, row: usize) -> Option<Card> {
        let submitted = self.until.at(row);
        self.known(submitted).then(|| Card {
            stage: self.stage(row),
            person: self.person(row),
            is_own: self.kind.at(row) == Some("interviewer"),
            interviewed: self.at.at(row),
            submitted,
            scored: self.scored.at(row).unwrap_or(0),
            unscored: self.unscored.at(row).unwrap_or(0),
        })
    }
}
