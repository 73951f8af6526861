//! Comparisons: segments against the rest, a quarter against the one before, and tests.

use super::super::segments::{self, ALL};
use super::{ENOUGH_EVENTS, FEWEST_EVENTS, Group, days};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::stats::competing::Cause;
use crate::stats::gray::gray_test;
use crate::stats::life_table::{Event, LifeTable};
use crate::stats::log_rank::{Weight, log_rank};
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::survival::{Survival, restricted_mean_difference};
use crate::time::Quarter;

pub(super) fn contrast_rows(groups: &[Group<'_>], clock: &str, context: &Context<'_>, out: &mut ResultTable) {
    let mut rows: Vec<Contrast> = Vec::new();
    let kinds = context.config.report.by.iter().map(String::as_str);
    for kind in kinds {
        let of_kind: Vec<&Group<'_>> = groups.iter().filter(|g| g.segment.kind == kind && is_shown(g)).collect();
        rows.extend(tests(kind, &of_kind));
        for group in &of_kind {
            let mut rest = LifeTable::from_spells(&[]);
            for other in of_kind.iter().filter(|other| other.segment.name != group.segment.name) {
                rest = rest.merge(&other.table);
            }
            rows.push(Contrast::of_means(kind, group, "against_rest", "all others", &rest, group.closed()));
        }
    }
    let quarters: Vec<&Group<'_>> = groups.iter().filter(|g| g.segment.kind == segments::QUARTER).collect();
    for group in &quarters {
        let Some(before) = Quarter::parse(&group.segment.name).map(|q| q.previous().to_string()) else { continue };
        let Some(previous) = quarters.iter().find(|other| other.segment.name == before) else { continue };
        if !is_shown(group) || !is_shown(previous) {
            continue;
        }
        let fewest = group.closed().min(previous.closed());
        rows.push(Contrast::of_means(segments::QUARTER, group, "against_previous", &before, &previous.table, fewest));
    }
    for contrast in ["against_rest", "against_previous", "log_rank", "gray_decided"] {
        let family: Vec<usize> =
            (0..rows.len()).filter(|at| rows.get(*at).is_some_and(|r| r.contrast == contrast)).collect();
        let p: Vec<Option<f64>> = family.iter().map(|at| rows.get(*at).and_then(|row| row.p)).collect();
        for (at, q) in family.into_iter().zip(benjamini_hochberg(&p)) {
            if let Some(row) = rows.get_mut(at) {
                row.q = q;
            }
        }
    }
    for row in rows {
        out.push(row.cells(clock));
    }
}

fn is_shown(group: &Group<'_>) -> bool {
    group.loops() > 0 && group.withheld.is_none()
}

struct Contrast {
    kind: String,
    segment: String,
    contrast: &'static str,
    against: String,
    difference: Option<crate::stats::estimate::Estimate>,
    tau: Option<i64>,
    statistic: Option<(f64, i64)>,
    p: Option<f64>,
    q: Option<f64>,
    n: i64,
    method: &'static str,
    status: Status,
    reason: Option<String>,
}

impl Contrast {
    fn of_means(
        kind: &str,
        group: &Group<'_>,
        contrast: &'static str,
        against: &str,
        other: &LifeTable,
        fewest: i64,
    ) -> Self {
        let tau = group.table.longest().zip(other.longest()).map(|(a, b)| a.min(b));
        let mean =
            |table: &LifeTable| tau.and_then(|tau| Survival::estimate(table, Event::Closed).restricted_mean(tau));
        let difference = mean(&group.table).zip(mean(other)).and_then(|(a, b)| restricted_mean_difference(&a, &b));
        let (status, reason) = if fewest < FEWEST_EVENTS || other.events(Event::Closed) < FEWEST_EVENTS {
            (Status::NotEstimable, Some(format!("fewer than {FEWEST_EVENTS} closed loops on one side")))
        } else if fewest < ENOUGH_EVENTS || other.events(Event::Closed) < ENOUGH_EVENTS {
            (Status::Thin, Some(format!("fewer than {ENOUGH_EVENTS} closed loops on one side")))
        } else {
            (Status::Ok, None)
        };
        let difference = difference.filter(|_| status != Status::NotEstimable);
        Self {
            kind: kind.to_owned(),
            segment: group.segment.name.clone(),
            contrast,
            against: against.to_owned(),
            p: difference.and_then(|d| d.p),
            difference: difference.map(|d| d.difference),
            tau,
            statistic: None,
            q: None,
            n: group.table.n + other.n,
            method: "difference of restricted means, normal interval",
            status,
            reason,
        }
    }

    fn cells(self, clock: &str) -> Vec<(&'static str, Cell)> {
        let interval = self.difference.map(|d| d.interval);
        vec![
            ("segment_kind", Cell::Text(self.kind)),
            ("segment", Cell::Text(self.segment)),
            ("clock", Cell::Text(clock.to_owned())),
            ("contrast", Cell::Text(self.contrast.to_owned())),
            ("against", Cell::Text(self.against)),
            ("difference_days", days(self.difference.map(|d| d.value))),
            ("difference_days_low", days(interval.and_then(|i| i.low))),
            ("difference_days_high", days(interval.and_then(|i| i.high))),
            ("tau_days", days(self.tau.map(|tau| tau as f64))),
            ("statistic", Cell::float(self.statistic.map(|(value, _)| value))),
            ("degrees_of_freedom", self.statistic.map_or(Cell::Null, |(_, df)| Cell::Int(df))),
            ("p_value", Cell::float(self.p)),
            ("q_value", Cell::float(self.q)),
            ("n", Cell::Int(self.n)),
            ("method", Cell::Text(self.method.to_owned())),
            ("status", Cell::Text(self.status.word().to_owned())),
            ("reason", Cell::text(self.reason)),
        ]
    }
}

/// Whether the segments of a dimension differ at all.
fn tests(kind: &str, groups: &[&Group<'_>]) -> Vec<Contrast> {
    let tables: Vec<&LifeTable> = groups.iter().map(|group| &group.table).collect();
    let thin = groups.iter().any(|group| group.closed() < FEWEST_EVENTS);
    let any = log_rank(&tables, Event::Closed, Weight::LogRank);
    let gray = gray_test(&tables, Cause::Decided);
    [("log_rank", "log-rank, time to closing", any), ("gray_decided", "Gray, share decided", gray)]
        .into_iter()
        .map(|(contrast, method, test)| {
            let (status, reason) = match &test {
                Err(why) => (Status::NotEstimable, Some(why.to_string())),
                Ok(_) if thin => (Status::Thin, Some(format!("a segment has fewer than {FEWEST_EVENTS} closed loops"))),
                Ok(_) => (Status::Ok, None),
            };
            let test = test.ok();
            Contrast {
                kind: kind.to_owned(),
                segment: ALL.to_owned(),
                contrast,
                against: "each other".to_owned(),
                difference: None,
                tau: None,
                statistic: test.as_ref().map(|t| (t.statistic, t.df as i64)),
                p: test.as_ref().map(|t| t.p),
                q: None,
                n: tables.iter().map(|table| table.n).sum(),
                method,
                status,
                reason,
            }
        })
        .collect()
}
