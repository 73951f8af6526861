//! What changed since another period or run: the headline figures, and the findings by their identity.
//!
//! Both sides are measures and findings that were computed in full; here is no frame and no file but an earlier
//! report. Differences are those of two independent estimates ([`crate::stats::difference`]); over the figures of one
//! comparison they have q-values, so that with ten figures chance does not make a change every other time.

mod earlier;
mod tables;
mod trend;
mod words;

#[cfg(test)]
mod tests;

pub use earlier::read;
pub use tables::{COMPARISON, table};
pub use trend::trend;
pub use words::tell;

use crate::engine::results::Status;
use crate::findings::Finding;
use crate::report::model::{Better, Change, Comparison, Known, Measure, Reading, Unit, Verdict};
use crate::stats::difference::difference;
use crate::stats::estimate::Interval;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::time::{DAY, Instant, Quarter};

/// A q-value at or below this counts as more than noise.
pub const CLEAR: f64 = 0.05;

/// A loop is hardly done within this many days, so a quarter that ended less long ago is still young.
const YOUNG: i64 = 45 * DAY;

/// One side of a comparison: what was computed for a period by a run.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// What a reader calls it, such as `2026Q2`.
    pub name: String,
    /// The quarter, where it is one.
    pub quarter: Option<Quarter>,
    /// Whether it was computed by another run, whose loops may be in this one too.
    pub is_other_run: bool,
    /// Up to when its data counted as known.
    pub as_of: Option<Instant>,
    /// The calendar that days were counted on, in words.
    pub calendar: String,
    /// What identifies the configuration of its analysis.
    pub configuration: String,
    /// How many quarters measures look back on, where they do.
    pub window_quarters: u32,
    /// Its numbers.
    pub measures: Vec<Measure>,
    /// Its findings.
    pub findings: Vec<Known>,
}

impl Known {
    /// A finding by its identity.
    pub fn of(finding: &Finding) -> Self {
        Self { id: finding.id.clone(), level: finding.level, statement: finding.statement.clone() }
    }
}

/// What changed from `before` to `now`: one change per headline figure of `now`, in its order.
pub fn compare(now: &Side, before: &Side) -> Comparison {
    let mut changes: Vec<Change> =
        now.measures.iter().filter(|measure| measure.is_headline).map(|one| change(one, now, before)).collect();
    let p: Vec<Option<f64>> = changes.iter().map(|change| change.q_value).collect();
    for (change, q) in changes.iter_mut().zip(benjamini_hochberg(&p)) {
        change.q_value = q;
    }
    let compared = p.iter().flatten().count();
    for (change, measure) in changes.iter_mut().zip(now.measures.iter().filter(|measure| measure.is_headline)) {
        change.verdict = verdict(change, measure.better);
        change.words = words::change(change, &before.name, compared);
    }
    let is_in = |side: &Side, known: &Known| side.findings.iter().any(|other| other.id == known.id);
    let (persisting, new) = now.findings.iter().cloned().partition(|known| is_in(before, known));
    let resolved = before.findings.iter().filter(|known| !is_in(now, known)).cloned().collect();
    let mut out = Comparison {
        against: before.name.clone(),
        summary: Vec::new(),
        changes,
        new,
        persisting,
        resolved,
        remarks: remarks(now, before, compared),
    };
    if !out.resolved.is_empty() {
        out.remarks.push(
            "A finding is resolved when it is not made any more. With fewer loops that can be for want of data."
                .to_owned(),
        );
    }
    out.summary = words::summary(&out);
    out
}

/// The difference of one figure; its p-value stands under `q_value` until all are known.
fn change(measure: &Measure, now: &Side, before: &Side) -> Change {
    let other = before.measures.iter().find(|other| other.id == measure.id && other.unit == measure.unit);
    let another_calendar = measure.unit == Unit::Days && now.calendar != before.calendar;
    let interval = |one: &Measure| Interval { low: one.low, high: one.high };
    let sides = measure.value.zip(other.and_then(|other| other.value)).zip(other);
    let found = sides
        .filter(|_| !another_calendar)
        .and_then(|((value, was), other)| difference((value, interval(measure)), (was, interval(other))));
    let worst = match (measure.status, other.map_or(Status::NotEstimable, |other| other.status)) {
        _ if found.is_none() => Status::NotEstimable,
        (Status::Ok, Status::Ok) => Status::Ok,
        _ => Status::Thin,
    };
    let no_interval = "one of the two has no interval on the side that would tell";
    let reason = if another_calendar {
        Some(format!("days were counted on another calendar ({} against {})", now.calendar, before.calendar))
    } else if measure.value.is_none() {
        measure.reason.clone().or_else(|| Some("there is no number now".to_owned()))
    } else if other.is_none() {
        Some("there was no such number".to_owned())
    } else if other.is_some_and(|other| other.value.is_none()) {
        other.and_then(|other| other.reason.clone()).or_else(|| Some("there was no number".to_owned()))
    } else if measure.unit == Unit::Items {
        Some("it is counted, not estimated".to_owned())
    } else if found.is_some_and(|found| found.p.is_none()) {
        Some(no_interval.to_owned())
    } else if worst == Status::Thin {
        let thin = Some(measure).filter(|one| one.status != Status::Ok).or(other);
        thin.and_then(|one| one.reason.clone()).or_else(|| Some("one of the two rests on too little data".to_owned()))
    } else {
        None
    };
    Change {
        id: measure.id.clone(),
        label: measure.label.clone(),
        unit: measure.unit,
        now: reading(measure),
        before: other.map_or(Reading::default(), reading),
        difference: found.map(|found| found.value),
        low: found.and_then(|found| found.interval.low),
        high: found.and_then(|found| found.interval.high),
        // A count that stands still says nothing about noise either.
        q_value: found.and_then(|found| found.p).filter(|_| measure.unit != Unit::Items),
        verdict: Verdict::CannotTell,
        words: String::new(),
        status: worst,
        reason,
    }
}

fn reading(measure: &Measure) -> Reading {
    Reading { value: measure.value, low: measure.low, high: measure.high, n: measure.n }
}

/// Thin numbers have no verdict: they may be shown, not acted on.
fn verdict(change: &Change, better: Better) -> Verdict {
    match (change.difference, change.q_value) {
        (Some(difference), Some(q)) if change.status == Status::Ok => match better {
            _ if q > CLEAR => Verdict::Noise,
            Better::Neither => Verdict::Changed,
            Better::Higher if difference > 0.0 => Verdict::Better,
            Better::Lower if difference < 0.0 => Verdict::Better,
            _ => Verdict::Worse,
        },
        _ => Verdict::CannotTell,
    }
}

/// How it was compared, and what to mind in reading it.
fn remarks(now: &Side, before: &Side, compared: usize) -> Vec<String> {
    let mut out = Vec::new();
    if compared > 0 {
        out.push(format!(
            "A change is the difference of two estimates taken as independent, with an interval made from both of theirs \
             (Zou and Donner 2008). It counts as more than noise where its q-value over the {} compared is at most {CLEAR}.",
            crate::report::number::plural(compared as i64, "figure", "figures"),
        ));
    }
    let looks_back = now.measures.iter().any(|measure| measure.is_headline && measure.looks_back);
    let apart = now.quarter.zip(before.quarter).map(|(now, before)| now.max(before).since(now.min(before)));
    if now.quarter.is_none() || before.quarter.is_none() || apart == Some(0) {
        out.push(
            "Both sides may rest on some of the same loops. Intervals are then too wide rather than too narrow, and a \
             small change can go unseen."
                .to_owned(),
        );
    } else if looks_back && apart.is_some_and(|apart| apart < now.window_quarters.max(before.window_quarters)) {
        out.push(
            "Figures that look back over several quarters share some of them with the other side. Their intervals are \
             too wide rather than too narrow, and a small change can go unseen."
                .to_owned(),
        );
    }
    let young = |side: &Side| {
        let end = side.quarter.map(|quarter| quarter.next().start());
        end.zip(side.as_of).is_some_and(|(end, as_of)| as_of.0 - end.0 < YOUNG)
    };
    for (side, other) in [(now, before), (before, now)] {
        if young(side) && !young(other) {
            out.push(format!(
                "Loops opened in {} have been seen for less time. Times to decision allow for that; shares of the time \
                 spent so far do not.",
                side.name
            ));
        }
    }
    if before.is_other_run && now.configuration != before.configuration {
        out.push(format!(
            "{} was computed with another configuration; a change can come from that.",
            capital(&before.name)
        ));
    }
    out
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
