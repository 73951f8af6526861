//! Rules on how long loops take and what they wait for.

use super::super::{Case, Facts, Limit, Rule, Side, Unit};
use super::{Place, case, empty, flag, is, plain, segments};
use crate::config::check::Decide;
use crate::engine::results::Status;
use crate::metrics::rows::rows;
use crate::metrics::slow_loops::SLOW_LOOPS;
use crate::metrics::time_to_decision::tables::{TIME_CURVE, TIME_TO_DECISION};
use crate::metrics::waits::WAITS;
use crate::metrics::wording::{anything_closed, state};
use crate::report::number;

const CLOCK: &str = "applied";

/// Half of the loops.
pub(in crate::check) const MEDIAN_DAYS: Rule = Rule {
    id: "median-days",
    title: "Median time to decision",
    forbids: "Half of the loops take longer than the limit, open loops counted, from the application on.",
    advice: "Begin with the longest wait; the report names it.",
    limit: Some(Limit { default: 21.0, unit: Unit::Days, side: Side::Above, decide: Some(Decide::Sure) }),
    table: TIME_TO_DECISION.name,
    figure: "median_days",
    segments: true,
    read: |facts| plain(facts, |row| is(row, "clock", CLOCK)),
};

/// A quarter of the loops.
pub(in crate::check) const P75_DAYS: Rule = Rule {
    id: "p75-days",
    title: "Days until three quarters of the loops are closed",
    forbids: "A quarter of the loops takes longer than the limit, open loops counted, from the application on.",
    advice: "Look at the slow loops one by one: what they waited for last is usually the same thing.",
    limit: Some(Limit { default: 35.0, unit: Unit::Days, side: Side::Above, decide: Some(Decide::Sure) }),
    table: TIME_TO_DECISION.name,
    figure: "p75_days",
    segments: true,
    read: |facts| plain(facts, |row| is(row, "clock", CLOCK)),
};

/// Beyond the first declared limit.
pub(in crate::check) const OPEN_AFTER_LIMIT_1: Rule = Rule {
    id: "open-after-limit-1",
    title: "Share of loops still open after the first limit",
    forbids: "A larger share of loops is still open after the first of `time.limits_days` (14 days).",
    advice: "Schedule the whole loop at once, and agree on the day of the decision when it starts.",
    limit: Some(Limit { default: 0.75, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: TIME_CURVE.name,
    figure: "undecided",
    segments: true,
    read: |facts| still_open(facts, 0),
};

/// Beyond the second declared limit.
pub(in crate::check) const OPEN_AFTER_LIMIT_2: Rule = Rule {
    id: "open-after-limit-2",
    title: "Share of loops still open after the second limit",
    forbids: "A larger share of loops is still open after the second of `time.limits_days` (21 days).",
    advice: "A loop that long has a round that is not needed, or a decision that nobody owns.",
    limit: Some(Limit { default: 0.5, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: TIME_CURVE.name,
    figure: "undecided",
    segments: true,
    read: |facts| still_open(facts, 1),
};

/// Open loops that are too old.
pub(in crate::check) const LOOPS_BEYOND_LIMIT: Rule = Rule {
    id: "loops-beyond-limit",
    title: "Loops open for longer than time.slow_after_days",
    forbids: "More loops than the limit are open now for longer than `time.slow_after_days` (21 days).",
    advice: "Decide or close them this week, longest first; the table of slow loops lists them.",
    limit: Some(Limit { default: 2.0, unit: Unit::Loops, side: Side::Above, decide: None }),
    table: SLOW_LOOPS.name,
    figure: "is_open",
    segments: false,
    read: beyond_limit,
};

/// One wait that takes most of the time.
pub(in crate::check) const WAIT_SHARE: Rule = Rule {
    id: "wait-share",
    title: "Share of all elapsed time",
    forbids: "Loops spend a larger share of their time than the limit in one and the same wait.",
    advice: "Agree on a limit for this wait near its present median, and name who answers for it.",
    limit: Some(Limit { default: 0.4, unit: Unit::Share, side: Side::Above, decide: Some(Decide::Sure) }),
    table: WAITS.name,
    figure: "share_of_elapsed",
    segments: true,
    read: waits,
};

/// The curve of loops that have not ended, at the day of a declared limit.
fn still_open(facts: &Facts<'_>, at: usize) -> Vec<Case> {
    let days = facts.config.time.limits_days.get(at).copied();
    let main = segments(facts, TIME_TO_DECISION.name, |row| is(row, "clock", CLOCK));
    let curve = rows(facts.results, TIME_CURVE.name);
    let one = |(row, place): (crate::metrics::rows::Row<'_>, Place)| {
        let Some(days) = days else {
            let reason = Some("`time.limits_days` has no such limit".to_owned());
            return Case { status: Status::NotEstimable, reason, ..empty(place) };
        };
        let same = |other: &&crate::metrics::rows::Row<'_>| {
            ["segment_kind", "segment", "clock"].iter().all(|column| other.text(column) == row.text(column))
        };
        let until = |other: &&crate::metrics::rows::Row<'_>| other.number("day").is_some_and(|day| day <= days);
        // The last day up to the limit that the curve has. It ends where fewer people are left than may be shown; the
        // share can only fall from there, so what is within the limit there is so later on.
        let last = curve.iter().rfind(|other| same(other) && until(other));
        let mut place = place;
        let after = format!("after {} days", number::days_plain(days.floor()));
        place.subject = if place.subject.is_empty() { after } else { format!("{}, {after}", place.subject) };
        let own = case(&row, "", place.clone());
        let Some(last) = last else { return own };
        let ends_early = last.number("day") != Some(days.floor());
        let found = case(last, "undecided", place);
        let limit = facts.held.limit.unwrap_or(f64::INFINITY);
        if ends_early && own.status == Status::Ok && found.value.is_none_or(|value| value > limit) {
            let reason = Some("fewer loops than may be shown are under observation at that age".to_owned());
            return Case { status: Status::NotEstimable, reason, ..found };
        }
        Case { n: own.n, status: own.status, reason: own.reason, ..found }
    };
    main.into_iter().map(one).collect()
}

fn beyond_limit(facts: &Facts<'_>) -> Vec<Case> {
    if facts.results.table(SLOW_LOOPS.name).is_none() {
        return Vec::new();
    }
    let open = rows(facts.results, SLOW_LOOPS.name).iter().filter(|row| flag(row, "is_open")).count();
    let place = Place::all();
    // Where nothing is ever decided, every loop looks slow.
    if !anything_closed(facts.results) {
        let reason = Some("the data holds no decision, so every loop looks open".to_owned());
        return vec![Case { status: Status::NotEstimable, reason, ..empty(place) }];
    }
    let timed = rows(facts.results, TIME_TO_DECISION.name).first().and_then(|row| row.number("loops")).unwrap_or(0.0);
    if timed == 0.0 {
        let reason = Some("no loop has an application time".to_owned());
        return vec![Case { status: Status::NotEstimable, reason, ..empty(place) }];
    }
    vec![Case { value: Some(open as f64), ..empty(place) }]
}

fn waits(facts: &Facts<'_>) -> Vec<Case> {
    // Being in an interview is no wait.
    let rows = segments(facts, WAITS.name, |row| !is(row, "state", "in_interview"));
    let of = |(row, place): (crate::metrics::rows::Row<'_>, Place)| {
        let word = row.text("state").unwrap_or_default().to_owned();
        case(&row, "share_of_elapsed", place.and(&word, state(&word)))
    };
    rows.into_iter().map(of).collect()
}
