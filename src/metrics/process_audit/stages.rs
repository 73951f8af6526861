//! The stages of the data, and what each of them is in a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, MeetingKind, Status};
use super::rounds::Audit;
use super::tables::PLAN_STAGES;
use crate::engine::results::{Cell, ResultTable, Status as Sure};
use crate::metrics::rows::{self, text};
use crate::plan::Kind;
use crate::plan::matching::{How as Known, Stage};

/// The stages that loops went through, without those that are debriefs.
pub(super) fn told(facts: &Facts) -> Vec<Option<Stage>> {
    #[derive(Default, Clone)]
    struct Seen {
        loops: i64,
        kinds: BTreeMap<Kind, i64>,
        debriefs: i64,
        meetings: i64,
    }
    let mut seen = vec![Seen::default(); facts.stages.len()];
    for of in &facts.loops {
        let mut here: BTreeSet<u32> = BTreeSet::new();
        for meeting in of.meetings.iter().filter(|meeting| meeting.status == Status::Held) {
            let Some(stage) = meeting.stage else { continue };
            let Some(seen) = seen.get_mut(stage as usize) else { continue };
            seen.meetings += 1;
            let kind = match meeting.kind {
                Some(MeetingKind::Debrief) => {
                    seen.debriefs += 1;
                    continue;
                }
                Some(MeetingKind::Live) => Some(Kind::Live),
                Some(MeetingKind::Async) => Some(Kind::Async),
                Some(MeetingKind::TakeHome) => Some(Kind::TakeHome),
                None => None,
            };
            if let Some(kind) = kind {
                *seen.kinds.entry(kind).or_default() += 1;
            }
            here.insert(stage);
        }
        here.extend(of.cards.iter().filter(|card| card.is_own).filter_map(|card| card.stage));
        for stage in here {
            if let Some(seen) = seen.get_mut(stage as usize) {
                seen.loops += 1;
            }
        }
    }
    let name = |at: usize| facts.stages.get(at).cloned().unwrap_or_default();
    seen.into_iter()
        .enumerate()
        .map(|(at, seen)| {
            let kind = seen.kinds.iter().max_by_key(|(kind, count)| (**count, std::cmp::Reverse(**kind)));
            let is_round = seen.loops > 0 && 2 * seen.debriefs <= seen.meetings;
            is_round.then(|| Stage { name: name(at), kind: kind.map(|(kind, _)| *kind), weight: seen.loops })
        })
        .collect()
}

/// What each stage is, and which rounds no stage is.
pub(super) fn table(audit: &Audit<'_>) -> ResultTable {
    let mut out = ResultTable::new(&PLAN_STAGES);
    let plan = audit.plan.as_ref();
    let frame = |status: Sure, reason: Option<String>| {
        rows::all().into_iter().chain([
            ("plan", Cell::text(plan.map(|plan| plan.name.clone()))),
            ("plan_from", Cell::text(audit.plan_from().map(str::to_owned))),
            ("method", text("configuration, then name, pattern, kind")),
            ("status", text(status.word())),
            ("reason", Cell::text(reason)),
        ])
    };
    let mut found: Vec<(Option<usize>, usize)> = (0..audit.stages.len())
        .filter_map(|at| audit.stages[at].as_ref().map(|(_, found)| (found.round, at)))
        .collect();
    found.sort_by_key(|(round, at)| (round.is_none(), *round, *at));
    for (round, at) in found {
        let Some((stage, found)) = audit.stages.get(at).and_then(Option::as_ref) else { continue };
        let known = round.and_then(|round| plan?.rounds.get(round));
        let (status, reason) = match (plan, found.how) {
            (None, _) => (Sure::NotEstimable, Some("there is no plan to hold stages against".to_owned())),
            (_, Known::Unknown) => (Sure::NotEstimable, Some("no round of the plan is known by this name".to_owned())),
            _ => (Sure::Ok, None),
        };
        let held =
            audit.facts.loops.iter().flat_map(|of| &of.meetings).filter(|m| {
                m.stage == Some(at as u32) && m.status == Status::Held && m.kind != Some(MeetingKind::Debrief)
            });
        let kind = stage.kind.and_then(|kind| Kind::ALL.iter().find(|(_, own)| *own == kind));
        out.push(frame(status, reason).chain([
            ("stage", text(&stage.name)),
            ("round", text(known.map_or("(none)", |round| &round.id))),
            ("how", if plan.is_some() { text(found.how.word()) } else { Cell::Null }),
            ("kind", Cell::text(kind.map(|(word, _)| (*word).to_owned()))),
            ("interviews", Cell::Int(held.count() as i64)),
            ("loops", Cell::Int(stage.weight)),
            ("n", Cell::Int(stage.weight)),
        ]));
    }
    for (at, round) in plan.map_or(&[][..], |plan| &plan.rounds).iter().enumerate() {
        if !audit.is_found(at) {
            let why = "no stage of the data is known as this round";
            out.push(
                frame(Sure::NotEstimable, Some(why.to_owned()))
                    .chain([("stage", text("(no stage)")), ("round", text(&round.id))]),
            );
        }
    }
    if out.rows.is_empty() {
        let why = "no interview and no scorecard names its stage";
        out.push(
            frame(Sure::NotEstimable, Some(why.to_owned()))
                .chain([("stage", text("(no stage)")), ("round", text("(none)"))]),
        );
    }
    out
}
