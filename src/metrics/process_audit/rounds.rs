//! Loops held against a plan: which round each stage is, and what each loop did.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Card, Facts, How, Loop, Meeting, MeetingKind, Status};
use super::stages;
use crate::config::plans::Choice;
use crate::engine::metric::Context;
use crate::plan::matching::{self, How as Known, Match, Stage};
use crate::plan::{Kind, Plan, Round};

/// Appointments of one round within this many seconds are one sitting.
const SITTING: i64 = 24 * 3600;

/// The facts held against a plan.
pub(super) struct Audit<'a> {
    pub(super) facts: &'a Facts,
    pub(super) context: &'a Context<'a>,
    pub(super) plan: Option<Plan>,
    /// Whether the plan is the configuration's own.
    pub(super) is_declared: bool,
    /// Per stage: how most of its appointments take place, and what it is in the plan; missing for stages that are
    /// nothing but debriefs.
    pub(super) stages: Vec<Option<(Stage, Match)>>,
    /// Per round of the plan: whether a loop that held it would show it. A round that no stage is may be one of the
    /// unknown stages, or work at home that leaves no record; and a plan that is only assumed may have a round too many.
    pub(super) visible: Vec<bool>,
    /// What each loop did.
    pub(super) runs: Vec<Run<'a>>,
}

/// A step on the way through a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A round of the plan.
    Round(usize),
    /// A stage that is none, or no stage at all.
    Extra(Option<u32>),
}

/// One sitting of a round.
#[derive(Debug, Clone)]
pub(super) struct Sitting {
    pub(super) step: Step,
    pub(super) at: Option<i64>,
    pub(super) minutes: Option<i64>,
    pub(super) planned: Option<i64>,
    pub(super) panel: Option<i64>,
}

/// What a loop did.
pub(super) struct Run<'a> {
    pub(super) of: &'a Loop,
    /// The rounds held in order, each named once until another follows.
    pub(super) path: Vec<Step>,
    pub(super) sittings: Vec<Sitting>,
    /// Rounds that were passed over.
    pub(super) skipped: Vec<usize>,
    /// Whether rounds were held in another order than the plan's; missing where times do not tell.
    pub(super) out_of_order: Option<bool>,
    pub(super) repeated: i64,
    pub(super) cancelled: i64,
    pub(super) no_shows: i64,
    /// Interviewer minutes of live interviews and debriefs.
    pub(super) cost: i64,
    /// Of these, in stages that the plan does not have, in repeats, and waiting for who did not come.
    pub(super) cost_beyond: i64,
    pub(super) uncosted: i64,
}

impl Run<'_> {
    pub(super) fn held(&self, round: usize) -> bool {
        self.path.contains(&Step::Round(round))
    }

    /// The last round of the plan that it held.
    pub(super) fn furthest(&self) -> Option<usize> {
        self.path.iter().filter_map(|step| if let Step::Round(round) = step { Some(*round) } else { None }).max()
    }

    pub(super) fn extra(&self) -> impl Iterator<Item = Option<u32>> {
        let stages: BTreeSet<Option<u32>> = self
            .path
            .iter()
            .filter_map(|step| if let Step::Extra(stage) = step { Some(*stage) } else { None })
            .collect();
        stages.into_iter()
    }

    pub(super) fn has_rework(&self) -> bool {
        self.repeated + self.cancelled + self.no_shows > 0
    }

    /// When its first round began.
    pub(super) fn began(&self) -> Option<i64> {
        self.sittings.iter().filter_map(|sitting| sitting.at).min()
    }

    pub(super) fn is_as_planned(&self) -> bool {
        self.skipped.is_empty()
            && self.extra().next().is_none()
            && self.out_of_order != Some(true)
            && self.repeated == 0
    }
}

/// Holds the facts against the plan of the configuration, or against the one that fits.
pub(super) fn audit<'a>(facts: &'a Facts, context: &'a Context<'a>) -> Audit<'a> {
    let told = stages::told(facts);
    let present: Vec<Stage> = told.iter().flatten().cloned().collect();
    let (plan, is_declared) = match &context.config.plan.choice {
        Choice::Declared(plan) => (Some((**plan).clone()), true),
        Choice::None => (None, false),
        Choice::Assumed => (matching::assumed(&present), false),
    };
    let matched: Vec<Match> = match &plan {
        Some(plan) => matching::matches(plan, &context.config.plan.stages, &present),
        None => vec![Match { round: None, how: Known::Unknown }; present.len()],
    };
    let mut matched = matched.into_iter();
    let stages: Vec<Option<(Stage, Match)>> =
        told.into_iter().map(|stage| stage.and_then(|stage| Some((stage, matched.next()?)))).collect();
    let mut out = Audit { facts, context, plan, is_declared, stages, visible: Vec::new(), runs: Vec::new() };
    let is_visible = |(at, round): (usize, &Round)| {
        let leaves_no_record = matches!(round.kind, Some(Kind::TakeHome | Kind::Async));
        out.is_found(at) || (is_declared && !leaves_no_record && out.unknown().is_empty())
    };
    out.visible = out.plan.iter().flat_map(|plan| plan.rounds.iter().enumerate()).map(is_visible).collect();
    out.runs = facts.loops.iter().map(|of| run(of, &out)).collect();
    out
}

type Stages = [Option<(Stage, Match)>];

/// The step that a stage is; missing for debriefs and for stages that the configuration leaves out.
fn step(stages: &Stages, stage: Option<u32>) -> Option<Step> {
    let Some(at) = stage else { return Some(Step::Extra(None)) };
    let (_, found) = stages.get(at as usize)?.as_ref()?;
    match (found.round, found.how) {
        (Some(round), _) => Some(Step::Round(round)),
        (None, Known::Ignored) => None,
        (None, _) => Some(Step::Extra(stage)),
    }
}

fn run<'a>(of: &'a Loop, audit: &Audit<'a>) -> Run<'a> {
    let (stages, plan) = (&audit.stages, audit.plan.as_ref());
    let mut out = Run {
        of,
        path: Vec::new(),
        sittings: Vec::new(),
        skipped: Vec::new(),
        out_of_order: None,
        repeated: 0,
        cancelled: 0,
        no_shows: 0,
        cost: 0,
        cost_beyond: 0,
        uncosted: 0,
    };
    let mut held: Vec<(Step, Meeting)> = Vec::new();
    for meeting in &of.meetings {
        let is_debrief = meeting.kind == Some(MeetingKind::Debrief);
        let card = || of.cards.iter().any(|card| card.is_own && card.stage == meeting.stage);
        match meeting.status {
            Status::Cancelled => out.cancelled += i64::from(!is_debrief),
            Status::NoShow => {
                out.no_shows += i64::from(!is_debrief);
                let cost = cost(meeting).unwrap_or(0);
                out.cost += cost;
                out.cost_beyond += cost;
            }
            Status::Perhaps if !card() => {}
            _ if is_debrief => out.pay(meeting),
            _ => held.extend(step(stages, meeting.stage).map(|step| (step, meeting.clone()))),
        }
    }
    // Where no appointment is on record, a scorecard shows that the round was held.
    let own: Vec<&Card> = of.cards.iter().filter(|card| card.is_own).collect();
    let mut by_card: BTreeMap<Step, (Option<i64>, BTreeSet<Option<u32>>)> = BTreeMap::new();
    for card in &own {
        let Some(step) = step(stages, card.stage) else { continue };
        let is_told = held.iter().any(|(own, _)| *own == step) || (card.stage.is_none() && !held.is_empty());
        if !is_told {
            let (at, people) = by_card.entry(step).or_default();
            *at = [*at, card.interviewed.or(card.submitted)].into_iter().flatten().min();
            people.insert(card.person);
        }
    }
    for (step, (at, people)) in by_card {
        let panel = (!people.contains(&None)).then_some(people.len() as i64);
        let stand_in =
            Meeting { stage: None, kind: None, status: Status::Held, at, minutes: None, planned: None, panel };
        held.push((step, stand_in));
    }
    // A source that knows no work at home calls it an interview of several days; the plan knows better.
    for (step, meeting) in &mut held {
        let round = if let Step::Round(round) = step { plan.and_then(|plan| plan.rounds.get(*round)) } else { None };
        match round.and_then(|round| round.kind) {
            Some(Kind::TakeHome) => meeting.kind = Some(MeetingKind::TakeHome),
            Some(Kind::Async) => meeting.kind = Some(MeetingKind::Async),
            _ => continue,
        }
        meeting.minutes = meeting.planned;
    }
    // Interviews without a panel have those people who filed a card of the same stage.
    for (_, meeting) in held.iter_mut().filter(|(_, meeting)| meeting.panel.is_none()) {
        let people: BTreeSet<Option<u32>> =
            own.iter().filter(|card| card.stage == meeting.stage).map(|card| card.person).collect();
        meeting.panel = (!people.is_empty() && !people.contains(&None)).then_some(people.len() as i64);
    }
    let order_known = held.iter().all(|(_, meeting)| meeting.at.is_some());
    if order_known {
        held.sort_by_key(|(step, meeting)| (meeting.at, *step));
    } else {
        held.sort_by_key(|(step, _)| *step);
    }
    sit(&mut out, &held, plan);
    if let Some(plan) = plan {
        let until = if of.how == How::Offer { plan.rounds.len() } else { out.furthest().unwrap_or(0) };
        let is_due = |round: &usize| audit.is_due(*round) && !out.held(*round);
        out.skipped = (0..until).filter(is_due).collect();
        let positions: Vec<usize> = out
            .path
            .iter()
            .filter_map(|step| if let Step::Round(round) = step { Some(*round) } else { None })
            .collect();
        out.out_of_order = order_known.then(|| !positions.is_sorted());
    }
    out
}

/// Puts meetings together to sittings and counts what was held again.
fn sit(out: &mut Run<'_>, held: &[(Step, Meeting)], plan: Option<&Plan>) {
    let mut starts: Vec<i64> = Vec::new();
    let mut sat: BTreeMap<Step, i64> = BTreeMap::new();
    for (step, meeting) in held {
        let same = out.path.last() == Some(step);
        let together = same
            && out.sittings.last().is_some_and(|last| match (last.at, meeting.at) {
                (Some(last), Some(at)) => at - last < SITTING,
                _ => true,
            });
        if !same {
            // Coming back to a round is a repeat, whoever planned it.
            out.path.push(*step);
        }
        let most = match (step, plan) {
            (Step::Round(round), Some(plan)) => plan.rounds.get(*round).map_or(1, |round| round.sessions.1),
            // Of a stage that is in no plan nobody knows how many appointments it is meant to have.
            _ => i64::MAX,
        };
        let mut again = false;
        if let Some(last) = out.sittings.last_mut().filter(|_| together) {
            // Two people at the same time talk for as long as one.
            let twice = meeting.at.is_some_and(|at| starts.contains(&at));
            last.minutes = if twice { last.minutes } else { sum(last.minutes, meeting.minutes) };
            last.planned = if twice { last.planned } else { sum(last.planned, meeting.planned) };
            last.panel = sum(last.panel, meeting.panel);
        } else {
            starts.clear();
            let times = sat.entry(*step).or_default();
            *times += 1;
            again = *times > most || (*times > 1 && most == i64::MAX && !same);
            out.repeated += i64::from(again);
            let Meeting { at, minutes, planned, panel, .. } = *meeting;
            out.sittings.push(Sitting { step: *step, at, minutes, planned, panel });
        }
        starts.extend(meeting.at);
        out.pay(meeting);
        if again || (plan.is_some() && matches!(step, Step::Extra(_))) {
            out.cost_beyond += cost(meeting).unwrap_or(0);
        }
    }
}

impl Run<'_> {
    fn pay(&mut self, meeting: &Meeting) {
        match cost(meeting) {
            Some(cost) => self.cost += cost,
            None => self.uncosted += 1,
        }
    }
}

/// Interviewer minutes of an appointment. Work done at home costs none that data could show.
fn cost(meeting: &Meeting) -> Option<i64> {
    match meeting.kind {
        Some(MeetingKind::Async | MeetingKind::TakeHome) => Some(0),
        _ => Some(meeting.minutes? * meeting.panel?),
    }
}

fn sum(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    Some(a? + b?)
}

impl Audit<'_> {
    /// The name of a step in paths.
    pub(super) fn name(&self, step: Step) -> String {
        match step {
            Step::Round(round) => {
                self.plan.as_ref().and_then(|plan| plan.rounds.get(round)).map_or(String::new(), |r| r.id.clone())
            }
            Step::Extra(stage) if self.plan.is_some() => format!("[{}]", self.stage(stage)),
            Step::Extra(stage) => self.stage(stage).to_owned(),
        }
    }

    /// The name of a stage.
    pub(super) fn stage(&self, stage: Option<u32>) -> &str {
        stage.and_then(|at| self.facts.stages.get(at as usize)).map_or("stage not recorded", String::as_str)
    }

    /// Stages that are no round of the plan, most frequent first.
    pub(super) fn unknown(&self) -> Vec<&Stage> {
        let mut out: Vec<&Stage> = self
            .stages
            .iter()
            .flatten()
            .filter(|(_, found)| found.how == Known::Unknown)
            .map(|(stage, _)| stage)
            .collect();
        out.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
        out
    }

    /// Whether any stage of the data is a round.
    pub(super) fn is_found(&self, round: usize) -> bool {
        self.stages.iter().flatten().any(|(_, found)| found.round == Some(round))
    }

    /// Whether a loop that goes on should have held a round, and would show it.
    pub(super) fn is_due(&self, round: usize) -> bool {
        let is_optional = self.plan.as_ref().and_then(|plan| plan.rounds.get(round)).is_none_or(|round| round.optional);
        !is_optional && self.visible.get(round) == Some(&true)
    }

    /// The last round that a whole loop holds.
    pub(super) fn last(&self) -> Option<usize> {
        (0..self.visible.len()).rev().find(|round| self.is_due(*round))
    }

    /// `configured` or `assumed`.
    pub(super) fn plan_from(&self) -> Option<&'static str> {
        self.plan.as_ref().map(|_| if self.is_declared { "configured" } else { "assumed" })
    }
}
