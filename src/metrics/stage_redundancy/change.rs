//! The loop without a round, or with two rounds made one: what it would cost and change.

use super::analysis::{Analysis, rule};
use super::rounds::{Ending, Rounds};
use super::value::{cost, fidelity, median};
use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::error::{Error, Result, pages};
use crate::report::number;
use crate::stats::attenuation::Noise;
use crate::stats::drop_one::{Flips, Known, apply, flips, repeated};
use crate::stats::em_covariance::{Stop, em_covariance};
use crate::stats::estimate::Interval;
use crate::stats::redundancy::FEWEST;

/// What is asked about.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Stages to do without.
    pub drop: Vec<String>,
    /// Two stages to hold as one.
    pub merge: Option<(String, String)>,
}

impl Change {
    /// What was typed: stages to drop, and none or two to merge.
    pub fn of(drop: Vec<String>, merge: &[String]) -> Result<Self> {
        let merge = match merge {
            [] => None,
            [a, b] => Some((a.trim().to_owned(), b.trim().to_owned())),
            _ => {
                return Err(Error::new(&pages::WHATIF_STAGES, "--merge takes two stages")
                    .help("write --merge 'Technical screen,Design review'"));
            }
        };
        Ok(Self { drop, merge })
    }
}

/// The decisions that would change.
#[derive(Debug, Clone, Copy)]
pub struct Decisions {
    /// How many, of those who reached what changes.
    pub flips: Flips,
    /// The share that would change if the one stage to drop were only held again.
    pub again: Option<f64>,
    /// The share of decisions on record that the rule gives too.
    pub agreement: Option<f64>,
}

/// The loop after the change, against the one before.
#[derive(Debug, Clone)]
pub struct WhatIf {
    /// The stages of the loop as it is, in order.
    pub stages: Vec<String>,
    /// The stages that change.
    pub changed: Vec<String>,
    /// Loops in the window.
    pub loops: usize,
    /// Loops that reached any of what changes.
    pub reached: usize,
    /// Hours of interviewers saved, per quarter.
    pub interviewer_hours: f64,
    /// Hours of candidates saved, per quarter.
    pub candidate_hours: f64,
    /// Median days saved in a loop that reached it.
    pub days: Option<(f64, Interval)>,
    /// Decisions that change, or why that cannot be told.
    pub decisions: std::result::Result<Decisions, String>,
    /// How well the mean over rounds stands for what all of them measure, before and after; where that can be told.
    pub fidelity: Option<(f64, f64)>,
    /// More interviewers in the other rounds that would make up for it; missing where ten do not.
    pub make_up: Option<i64>,
    /// How scores were made and over which window.
    pub window: String,
}

/// What a change would do, from the additive table of the metric.
pub fn what_if(counts: &Counts, context: &Context<'_>, change: &Change) -> Result<WhatIf> {
    let rounds = Rounds::read(counts, context);
    let find = |name: &str| {
        let exact = rounds.stages.iter().position(|own| own == name);
        exact.or_else(|| rounds.stages.iter().position(|own| own.to_lowercase() == name.to_lowercase())).ok_or_else(
            || {
                let known: Vec<String> = rounds.stages.iter().map(|own| number::harmless(own)).collect();
                Error::new(
                    &pages::WHATIF_STAGES,
                    format!("no loop of the window has a stage `{}`", number::harmless(name)),
                )
                .help(format!("the stages are: {}", known.join(", ")))
            },
        )
    };
    let mut dropped = change.drop.iter().map(|name| find(name)).collect::<Result<Vec<usize>>>()?;
    dropped.sort_unstable();
    dropped.dedup();
    let merged = match &change.merge {
        Some((a, b)) => {
            let (a, b) = (find(a)?, find(b)?);
            if a == b || dropped.contains(&a) || dropped.contains(&b) {
                return Err(Error::new(
                    &pages::WHATIF_STAGES,
                    "two different stages that are not dropped can be merged",
                ));
            }
            Some((a.min(b), a.max(b)))
        }
        None => None,
    };
    if dropped.is_empty() && merged.is_none() {
        return Err(Error::new(&pages::WHATIF_STAGES, "nothing changes")
            .help("name a stage with --drop, or two with --merge A,B"));
    }
    if rounds.stages.len() <= dropped.len() {
        return Err(Error::new(&pages::WHATIF_STAGES, "no stage would be left"));
    }
    let all = rounds.parts.first().ok_or_else(|| Error::new(&pages::NO_SCORES, "the dataset holds no scores"))?;
    let changed: Vec<usize> = dropped.iter().copied().chain(merged.iter().flat_map(|(a, b)| [*a, *b])).collect();
    let affected: Vec<u32> =
        all.loops.iter().copied().filter(|at| is_affected(&rounds, *at, &dropped, merged)).collect();
    let mut out = WhatIf {
        stages: rounds.stages.clone(),
        changed: changed.iter().map(|stage| rounds.stages[*stage].clone()).collect(),
        loops: all.loops.len(),
        reached: affected.len(),
        interviewer_hours: 0.0,
        candidate_hours: 0.0,
        days: None,
        decisions: Err("fewer than ten loops reached what changes".to_owned()),
        fidelity: None,
        make_up: None,
        window: rounds.window(),
    };
    costs(&mut out, &rounds, &affected, &dropped, merged);
    if affected.len() < FEWEST {
        return Ok(out);
    }
    let analysis = Analysis::of(&rounds, all, &context.config.redundancy);
    out.decisions = decisions(&rounds, &analysis, &affected, &dropped, merged, context);
    if let Ok(joint) = &analysis.found.joint {
        let members = &analysis.found.members;
        let noise: Vec<Option<Noise>> = members.iter().map(|member| analysis.found.stages[*member].noise).collect();
        let gone: Vec<usize> =
            (0..members.len()).filter(|at| dropped.contains(&analysis.stages[members[*at]])).collect();
        if let Some(found) = fidelity(joint, &noise, &gone) {
            out.fidelity = Some((found.with, found.without));
            out.make_up = found.make_up;
        }
    }
    Ok(out)
}

fn is_affected(rounds: &Rounds, at: u32, dropped: &[usize], merged: Option<(usize, usize)>) -> bool {
    let Some(own) = rounds.loops.get(at as usize) else { return false };
    let has = |stage: usize| own.round(stage).is_some();
    dropped.iter().any(|stage| has(*stage)) || merged.is_some_and(|(a, b)| has(a) && has(b))
}

fn costs(out: &mut WhatIf, rounds: &Rounds, affected: &[u32], dropped: &[usize], merged: Option<(usize, usize)>) {
    for stage in dropped {
        let cost = cost(rounds, affected, *stage);
        out.interviewer_hours += cost.interviewer_hours;
        out.candidate_hours += cost.candidate_hours;
    }
    let mut days = Vec::new();
    for own in affected.iter().filter_map(|at| rounds.loops.get(*at as usize)) {
        let mut saved: f64 = dropped.iter().filter_map(|stage| own.round(*stage)?.days).sum();
        if let Some((a, b)) = merged
            && let (Some(first), Some(second)) = (own.round(a), own.round(b))
        {
            // One date as long as the longer of the two, with everybody of both in the room.
            let people = |of: &super::rounds::Round| of.interviewer_minutes / of.candidate_minutes.max(1.0);
            let longer = first.candidate_minutes.max(second.candidate_minutes);
            let together = longer * (people(first) + people(second));
            let quarter = 60.0 * rounds.quarters;
            out.candidate_hours += (first.candidate_minutes + second.candidate_minutes - longer) / quarter;
            out.interviewer_hours += (first.interviewer_minutes + second.interviewer_minutes - together) / quarter;
            saved += second.days.unwrap_or(0.0);
        }
        days.push(saved);
    }
    out.days = median(days);
}

fn decisions(
    rounds: &Rounds,
    analysis: &Analysis,
    affected: &[u32],
    dropped: &[usize],
    merged: Option<(usize, usize)>,
    context: &Context<'_>,
) -> std::result::Result<Decisions, String> {
    let joint = analysis.found.joint.as_ref().map_err(|why| format!("no joint estimate: {why}"))?;
    let members = &analysis.found.members;
    let chosen = analysis.scores.of(members);
    let known = Known { scores: &chosen, joint };
    let rule = rule(&context.config.redundancy);
    // Without a score in what changes, nothing about a decision can change.
    let bit = |stage: usize| analysis.stages.iter().position(|own| *own == stage).map_or(0, |at| 1_u64 << at);
    let any = dropped.iter().fold(0, |mask, stage| mask | bit(*stage));
    let both = merged.map(|(a, b)| bit(a) | bit(b));
    let has_score = |at: u32| {
        let present = analysis.scores.present(at as usize);
        present & any != 0 || both.is_some_and(|both| present & both == both)
    };
    let (mut rows, mut through) = (Vec::new(), Vec::new());
    for at in affected.iter().filter(|at| has_score(**at)) {
        if let Some(ending @ (Ending::Offer | Ending::Reject)) =
            rounds.loops.get(*at as usize).and_then(|own| own.ending)
        {
            rows.push(*at);
            through.push(ending == Ending::Offer);
        }
    }
    let place = |stage: usize| members.iter().position(|member| analysis.stages[*member] == stage);
    let every = (1_u64 << members.len()) - 1;
    let gone: Vec<usize> = dropped.iter().filter_map(|stage| place(*stage)).collect();
    let left = gone.iter().fold(every, |mask, at| mask & !(1 << at));
    let before = apply(known, &rows, &through, every, rule).map_err(|why| why.to_string())?;
    let (after, again) = match merged {
        None => {
            if gone.len() < dropped.len() {
                return Err("a dropped stage has too few scores".to_owned());
            }
            let again = match gone.as_slice() {
                [one] => analysis.found.stages[members[*one]]
                    .noise
                    .and_then(|noise| repeated(known, &rows, &before, every, *one, noise.of_score)),
                _ => None,
            };
            (apply(known, &rows, &through, left, rule), again)
        }
        Some((a, b)) => {
            let (Some(a), Some(b)) = (place(a), place(b)) else {
                return Err("a merged stage has too few scores".to_owned());
            };
            let scores = chosen.merged(a, b);
            let sums = scores.groups(1).sums(|_| 1.0);
            let joint =
                em_covariance(&sums.patterns, scores.stages(), None, Stop::default()).map_err(|why| why.to_string())?;
            // Stages after the second of the two have moved up by one.
            let moved = |at: usize| at - usize::from(at > b);
            let all = (1_u64 << scores.stages()) - 1;
            let left = gone.iter().fold(all, |mask, at| mask & !(1 << moved(*at)));
            (apply(Known { scores: &scores, joint: &joint }, &rows, &through, left, rule), None)
        }
    };
    let after = after.map_err(|why| why.to_string())?;
    let flips = flips(&before, &after).ok_or_else(|| "nobody was decided upon".to_owned())?;
    Ok(Decisions { flips, again, agreement: before.agreement })
}
