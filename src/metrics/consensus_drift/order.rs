//! The order of cards within panels, and movement to the hiring manager's card, the first card or the majority.

use super::Adjusted;
use super::exposure::SURE;
use super::tables::{DRIFT_ANCHOR, DRIFT_ORDER};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::{Member, Panel, Record};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::anchor::{after_against_before, over_draws};
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::order::successive;
use crate::stats::panel_test::{Deviation, Pooled};

/// Informative panels below which there is no test, and below which it is thin.
const FEWEST: i64 = 10;
const ENOUGH: i64 = 30;

/// What keeps a test from being made whatever the number of panels.
fn no_times(record: &Record) -> Option<String> {
    (!record.visible.submissions && !record.cards.cards.is_empty())
        .then(|| "no card says when it was submitted; export the time of each submission".to_owned())
}

fn status(pooled: &Pooled, why_none: Option<String>) -> (Status, Option<String>) {
    let n = pooled.informative;
    if pooled.panels == 0
        && let Some(why) = why_none
    {
        (Status::NotEstimable, Some(why))
    } else if n < FEWEST || pooled.z().is_none() {
        (Status::NotEstimable, Some(format!("{n} panels can tell; at least {FEWEST} are needed")))
    } else if n < ENOUGH {
        (Status::Thin, Some(format!("{n} panels can tell; {ENOUGH} would be enough")))
    } else {
        (Status::Ok, None)
    }
}

fn estimate(pooled: &Pooled, state: Status) -> Vec<(&'static str, Cell)> {
    if state == Status::NotEstimable {
        return Vec::new();
    }
    let mut cells = vec![
        ("mean_deviation", Cell::float(pooled.mean())),
        ("z_value", Cell::float(pooled.z())),
        ("p_value", Cell::float(pooled.p())),
    ];
    cells.extend(limits(pooled.interval(), ["mean_deviation_low", "mean_deviation_high"]));
    cells
}

/// The matrix of a panel; `None` where two cards share no dimension.
fn matrix(members: &[Member], of: impl Fn(&Member, &Member) -> Option<f64>) -> Option<Vec<Vec<f64>>> {
    members
        .iter()
        .map(|a| members.iter().map(|b| if a.card == b.card { Some(0.0) } else { of(a, b) }).collect())
        .collect()
}

/// The test of the order.
pub(super) fn order(record: &Record, panels: &[Panel], adjusted: Adjusted) -> ResultTable {
    let (mut found, mut small, mut unordered) = (Vec::new(), 0, 0);
    for panel in panels {
        if panel.members.len() < 3 {
            small += 1;
        } else if !panel.has_order() {
            unordered += 1;
        } else if let Some(apart) = matrix(&panel.members, Member::apart) {
            found.extend(successive(panel.members.len(), |i, j| apart[i][j]));
        }
    }
    let pooled = Pooled::of(&found);
    let why = no_times(record).unwrap_or_else(|| "no panel has three cards that came in one after another".to_owned());
    let (state, why) = adjusted.hold(status(&pooled, Some(why)));
    let mut cells: Vec<(&str, Cell)> = all().into();
    cells.extend([
        ("test", text("successive_cards")),
        ("panels", Cell::Int(pooled.panels)),
        ("informative_panels", Cell::Int(pooled.informative)),
        ("small_panels", Cell::Int(small)),
        ("without_order", Cell::Int(unordered)),
    ]);
    cells.extend(estimate(&pooled, state));
    if state == Status::Ok {
        let told = pooled.p().is_some_and(|p| p <= SURE);
        let verdict = match pooled.deviation < 0.0 {
            _ if !told => "not_distinguishable",
            true => "too_close",
            false => "too_far",
        };
        cells.push(("verdict", text(verdict)));
    }
    let method = format!("exact permutation moments within panels; {}; {}", adjusted.words, record.cards.window);
    cells.extend(standing(pooled.informative, method, state, why));
    let mut out = ResultTable::new(&DRIFT_ORDER);
    out.push(cells);
    out
}

/// The hiring manager's panels: distances of the others to their card, after against before.
fn hiring_manager(record: &Record, panel: &Panel) -> Option<Deviation> {
    let manager = record.loops.get(panel.of)?.hiring_manager.as_deref()?;
    let is_manager =
        |member: &Member| record.cards.interviewers.get(member.interviewer as usize).is_some_and(|who| who == manager);
    let anchor = panel.members.iter().find(|member| is_manager(member))?;
    let (mut gaps, mut after) = (Vec::new(), Vec::new());
    for member in panel.members.iter().filter(|member| member.card != anchor.card) {
        let Some(gap) = member.distance(anchor) else { continue };
        gaps.push(gap);
        after.push(member.submitted? > anchor.submitted?);
    }
    after_against_before(&gaps, &after)
}

/// The distances of the others to the first card of a panel: those who could know it against those who could not.
fn first_score(panel: &Panel, context: &Context<'_>) -> Option<Deviation> {
    let (anchor, others) = panel.members.split_first()?;
    if others.first()?.submitted? == anchor.submitted? {
        return None;
    }
    let known = |other: &Member| Some((other.distance(anchor)?, panel.is_exposed(other, anchor, context)?));
    let (gaps, exposed): (Vec<f64>, Vec<bool>) = others.iter().filter_map(known).unzip();
    after_against_before(&gaps, &exposed)
}

/// The distances of cards to the mean of those that came in before people could know of each other, against any other
/// cards of the panel having come later.
fn majority(panel: &Panel, context: &Context<'_>) -> Option<Deviation> {
    let first = panel.members.first()?;
    let exposed: Option<Vec<bool>> = panel
        .members
        .iter()
        .map(|member| if member.card == first.card { Some(false) } else { panel.is_exposed(member, first, context) })
        .collect();
    let members = &panel.members;
    over_draws(&exposed?, |late| {
        let early: Vec<&Member> = members.iter().zip(late).filter(|(_, late)| !**late).map(|(one, _)| one).collect();
        let off = members.iter().zip(late).filter(|(_, late)| **late).map(|(one, _)| one.off(&early).map(f64::sqrt));
        let off: Option<Vec<f64>> = off.collect();
        off.map(|off| off.iter().sum::<f64>() / off.len() as f64)
    })
}

/// The tests of the three anchors.
pub(super) fn anchors(record: &Record, panels: &[Panel], adjusted: Adjusted, context: &Context<'_>) -> ResultTable {
    let named = record.loops.iter().any(|own| own.hiring_manager.is_some());
    let none = |why: &str| Some(no_times(record).unwrap_or_else(|| why.to_owned()));
    let tests: [(&str, Vec<Deviation>, Option<String>, &str); 3] = [
        (
            "hiring_manager",
            panels.iter().filter_map(|panel| hiring_manager(record, panel)).collect(),
            none(if named {
                "no panel has a hiring manager with others' cards both before and after theirs"
            } else {
                "no loop names its hiring manager; export who it was"
            }),
            "mean distance after against before, draws without replacement",
        ),
        (
            "first_score",
            panels.iter().filter_map(|panel| first_score(panel, context)).collect(),
            none("no panel has cards of people who could know its first card and of others who could not"),
            "mean distance of those who could know it against the others, draws without replacement",
        ),
        (
            "majority",
            panels.iter().filter_map(|panel| majority(panel, context)).collect(),
            none("no panel has cards from before people could know of each other and others from after"),
            "mean distance of those who could know it against all draws of as many cards",
        ),
    ];
    let pooled: Vec<Pooled> = tests.iter().map(|(_, found, ..)| Pooled::of(found)).collect();
    let standings: Vec<(Status, Option<String>)> =
        pooled.iter().zip(&tests).map(|(pooled, (_, _, why, _))| adjusted.hold(status(pooled, why.clone()))).collect();
    let p: Vec<Option<f64>> = pooled
        .iter()
        .zip(&standings)
        .map(|(pooled, (state, _))| pooled.p().filter(|_| *state != Status::NotEstimable))
        .collect();
    let q = benjamini_hochberg(&p);
    let mut out = ResultTable::new(&DRIFT_ANCHOR);
    for (((test, pooled), (state, why)), q) in tests.iter().zip(&pooled).zip(standings).zip(q) {
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("test", text(test.0)),
            ("panels", Cell::Int(pooled.panels)),
            ("informative_panels", Cell::Int(pooled.informative)),
            ("q_value", Cell::float(q)),
        ]);
        cells.extend(estimate(pooled, state));
        if state == Status::Ok {
            let told = q.is_some_and(|q| q <= SURE);
            let verdict = match pooled.deviation < 0.0 {
                _ if !told => "not_distinguishable",
                true => "drawn",
                false => "apart",
            };
            cells.push(("verdict", text(verdict)));
        }
        let method = format!("{}, exact moments within panels; {}; {}", test.3, adjusted.words, record.cards.window);
        cells.extend(standing(pooled.informative, method, state, why));
        out.push(cells);
    }
    out
}
