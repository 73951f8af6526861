//! The ways that loops take: variants against the plan, rework, and what they cost.

use std::collections::BTreeMap;

use super::facts::How;
use super::rounds::{Audit, Run, Step};
use super::tables::LOOP_PATHS;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{self, text};
use crate::metrics::segments::{DAY_SECONDS, elapsed};
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;
use crate::stats::{Proportion, wilson};
use crate::time::SECOND;

/// The path that stands for all.
pub(super) const ALL_LOOPS: &str = "(all loops)";
/// Fewer loops than these are thin.
const ENOUGH: i64 = 20;
/// A median of fewer ended loops is none.
const FEWEST_ENDED: usize = 5;
const METHOD: &str = "shares by Wilson; days by Kaplan-Meier; hours are minutes times interviewers";

/// All loops first, then each path, the most frequent first.
pub(super) fn table(audit: &Audit<'_>) -> ResultTable {
    let mut out = ResultTable::new(&LOOP_PATHS);
    let runs: Vec<&Run<'_>> = audit.runs.iter().filter(|run| !run.path.is_empty()).collect();
    let all = runs.len() as i64;
    let mut paths: BTreeMap<&[Step], Vec<&Run<'_>>> = BTreeMap::new();
    for run in &runs {
        paths.entry(&run.path).or_default().push(run);
    }
    let named = paths.into_iter().map(|(path, runs)| {
        let name = path.iter().map(|step| audit.name(*step)).collect::<Vec<_>>().join(" > ");
        (name, runs)
    });
    let mut paths: Vec<(String, Vec<&Run<'_>>)> = Vec::new();
    // Stages of one name are one step, whatever their place among the stages.
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (name, runs) in named {
        match places.get(&name).and_then(|at| paths.get_mut(*at)) {
            Some((_, own)) => own.extend(runs),
            None => {
                places.insert(name.clone(), paths.len());
                paths.push((name, runs));
            }
        }
    }
    paths.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    out.push(row(audit, ALL_LOOPS, &runs, all, all, false));
    let mut sum = 0;
    for (name, runs) in &paths {
        sum += runs.len() as i64;
        out.push(row(audit, name, runs, all, sum, true));
    }
    out
}

fn row(
    audit: &Audit<'_>,
    name: &str,
    runs: &[&Run<'_>],
    all: i64,
    up_to_here: i64,
    is_path: bool,
) -> Vec<(&'static str, Cell)> {
    let n = runs.len() as i64;
    let smallest = audit.context.config.privacy.smallest_group;
    let hidden = is_path && n < smallest;
    let (status, reason) = if n == 0 {
        (Status::NotEstimable, Some("no loop has a round on record".to_owned()))
    } else if hidden {
        (Status::NotEstimable, Some(format!("fewer than {smallest} loops; not printed, to protect people")))
    } else if n < ENOUGH {
        (Status::Thin, Some(format!("fewer than {ENOUGH} loops")))
    } else {
        (Status::Ok, None)
    };
    let mut cells = rows::all().to_vec();
    cells.extend([
        ("path", text(name)),
        ("plan", Cell::text(audit.plan.as_ref().map(|plan| plan.name.clone()))),
        ("method", text(METHOD)),
        ("status", text(status.word())),
        ("reason", Cell::text(reason)),
    ]);
    if status == Status::NotEstimable {
        return cells;
    }
    if let Some(run) = runs.first().filter(|_| is_path && audit.plan.is_some()) {
        let list = |names: Vec<String>| Cell::text(Some(names.join(", ")).filter(|list| !list.is_empty()));
        // What a path skips depends on how the loop ended: an offer ends the plan, a rejection does not.
        let mut skipped: Vec<usize> = runs.iter().flat_map(|run| run.skipped.iter().copied()).collect();
        skipped.sort_unstable();
        skipped.dedup();
        let order: Option<Vec<bool>> = runs.iter().map(|run| run.out_of_order).collect();
        let is_as_planned = skipped.is_empty()
            && run.extra().next().is_none()
            && order.as_ref().is_none_or(|order| !order.contains(&true))
            && is_each_once(&run.path);
        cells.extend([
            ("against_plan", Cell::Text(if is_as_planned { "as_planned" } else { "differs" }.to_owned())),
            ("skipped", list(skipped.iter().map(|round| audit.name(Step::Round(*round))).collect())),
            ("extra", list(run.extra().map(|stage| audit.stage(stage).to_owned()).collect())),
            ("out_of_order", order.map_or(Cell::Null, |order| Cell::Flag(order.contains(&true)))),
        ]);
    }
    let ended = |how: How| Cell::Int(runs.iter().filter(|run| run.of.how == how).count() as i64);
    let sum = |of: fn(&Run<'_>) -> i64| runs.iter().map(|run| of(run)).sum::<i64>();
    let hours = |minutes: i64| minutes as f64 / 60.0;
    let (cost, beyond) = (sum(|run| run.cost), sum(|run| run.cost_beyond));
    let uncosted = sum(|run| run.uncosted);
    cells.extend([
        ("loops", Cell::Int(n)),
        ("n", Cell::Int(n)),
        ("cumulative_share", Cell::float(up_to_here as f64 / all.max(1) as f64)),
        ("offers", ended(How::Offer)),
        ("rejections", ended(How::Reject)),
        ("withdrawals", ended(How::Withdrawn)),
        ("open", ended(How::Open)),
        ("repeated", Cell::Int(sum(|run| run.repeated))),
        ("uncosted", Cell::Int(uncosted)),
        ("unobserved", if is_path { Cell::Null } else { Cell::Int(audit.facts.unobserved) }),
    ]);
    // Hours of which nothing is known are no hours, not zero of them.
    if cost > 0 || uncosted == 0 {
        let beyond = audit.plan.as_ref().map(|_| hours(beyond));
        let quarters = audit.facts.quarters.max(1) as f64;
        cells.extend([
            ("hours_per_loop", Cell::float(hours(cost) / n as f64)),
            ("total_hours", Cell::float(hours(cost))),
            ("total_beyond_plan_hours", Cell::float(beyond)),
            ("total_beyond_plan_hours_per_quarter", Cell::float(beyond.map(|hours| hours / quarters))),
        ]);
    }
    share(&mut cells, ["share", "share_low", "share_high"], wilson(n, all));
    // A source without a single cancelled or missed appointment does not tell of them; that is not none.
    let tells = |of: fn(&Run<'_>) -> i64| audit.runs.iter().any(|run| of(run) > 0);
    for (name, of) in [("cancelled", cancelled as fn(&Run<'_>) -> i64), ("no_shows", missed)] {
        cells.extend(tells(of).then(|| (name, Cell::Int(sum(of)))));
    }
    if tells(cancelled) || tells(missed) {
        let rework = sum(|run| i64::from(run.has_rework()));
        cells.push(("rework_loops", Cell::Int(rework)));
        share(&mut cells, ["rework_share", "rework_share_low", "rework_share_high"], wilson(rework, n));
    }
    cells.extend(median(audit, runs));
    cells
}

fn cancelled(run: &Run<'_>) -> i64 {
    run.cancelled
}

fn missed(run: &Run<'_>) -> i64 {
    run.no_shows
}

fn is_each_once(path: &[Step]) -> bool {
    path.iter().enumerate().all(|(at, step)| !path.iter().take(at).any(|before| before == step))
}

fn share(cells: &mut Vec<(&'static str, Cell)>, names: [&'static str; 3], found: Option<Proportion>) {
    let Some(found) = found else { return };
    for (name, value) in names.into_iter().zip([found.share, found.low, found.high]) {
        cells.push((name, Cell::float(value)));
    }
}

/// Days until a loop of the path had ended, for whatever reason.
fn median(audit: &Audit<'_>, runs: &[&Run<'_>]) -> Vec<(&'static str, Cell)> {
    let as_of = audit.context.as_of.0.div_euclid(SECOND);
    let spells: Vec<Spell> = runs
        .iter()
        .filter_map(|run| {
            let start = run.of.applied.or_else(|| run.began())?;
            let is_open = run.of.how == How::Open;
            let end = if is_open { as_of } else { run.of.ended? };
            let exit = elapsed(&audit.context.config.calendar, start, end, run.of.whole_days);
            let end = if is_open { End::Open } else { End::Decided };
            (exit >= 0).then_some(Spell { entry: 0, exit, end, count: 1 })
        })
        .collect();
    if spells.iter().filter(|spell| spell.end == End::Decided).count() < FEWEST_ENDED {
        return Vec::new();
    }
    let found = Survival::estimate(&LifeTable::from_spells(&spells), Event::Closed).quantile(0.5);
    let days = |seconds: Option<f64>| Cell::float(seconds.map(|seconds| seconds / DAY_SECONDS));
    vec![
        ("median_days", days(found.time)),
        ("median_days_low", days(found.interval.low)),
        ("median_days_high", days(found.interval.high)),
    ]
}
