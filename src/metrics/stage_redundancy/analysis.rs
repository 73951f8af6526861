//! What is estimated for one segment: the correlations of its stages, and what dropping each would change.

use super::rounds::{Ending, Part, Rounds};
use crate::config::redundancy::Redundancy as Asked;
use crate::stats::drop_one::{Flips, Known, Rule, apply, flips, repeated};
use crate::stats::equivalence::Margins;
use crate::stats::redundancy::{Redundancy, redundancy};
use crate::stats::stage_scores::StageScores;

/// Draws of the bootstrap for all loops, and for a segment.
const DRAWS: usize = 300;
const SEGMENT_DRAWS: usize = 120;

/// What dropping a stage changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped {
    pub(super) flips: Flips,
    /// The share that holding it again would change.
    pub(super) again: Option<f64>,
    /// The share of decisions on record that the rule gives too.
    pub(super) agreement: Option<f64>,
}

impl Dropped {
    /// The upper end of what dropping changes beyond what holding it again changes.
    pub(super) fn excess(&self) -> f64 {
        self.flips.rate.high - self.again.unwrap_or(0.0)
    }
}

/// The estimates of a segment.
pub(super) struct Analysis {
    /// The stages with scores, positions among all; everything below goes by the position in this list.
    pub(super) stages: Vec<usize>,
    pub(super) scores: StageScores,
    pub(super) found: Redundancy,
    pub(super) dropped: Vec<Result<Dropped, String>>,
}

/// The margins of the configuration.
pub(super) fn margins(asked: &Asked) -> Margins {
    Margins { same: asked.same_from, overlap: asked.overlap_from, flips: asked.most_flips, ..Margins::default() }
}

/// The decision rule of the configuration.
pub(super) fn rule(asked: &Asked) -> Rule {
    asked.bar.map_or(Rule::Fitted, Rule::Bar)
}

/// The word for a rule in tables.
pub(super) fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Bar(_) => "bar",
        Rule::Fitted => "fitted",
    }
}

impl Analysis {
    /// Everything about a segment.
    pub(super) fn of(rounds: &Rounds, part: &Part, asked: &Asked) -> Self {
        let stages = rounds.scored(&part.loops);
        let scores = rounds.scores(&part.loops, &stages);
        let outcomes: Vec<Option<f64>> =
            part.loops.iter().map(|at| rounds.loops.get(*at as usize).and_then(|own| own.outcome)).collect();
        let draws = if part.kind == crate::metrics::segments::ALL { DRAWS } else { SEGMENT_DRAWS };
        let found = redundancy(&scores, Some(&outcomes), draws);
        let mut out = Self { stages, scores, found, dropped: Vec::new() };
        out.dropped = out.drops(rounds, part, rule(asked));
        out
    }

    /// Loops of the segment that were decided by an offer or a rejection after reaching all stages of `reached`.
    pub(super) fn decided(&self, rounds: &Rounds, part: &Part, reached: u64) -> (Vec<u32>, Vec<bool>) {
        let (mut rows, mut through) = (Vec::new(), Vec::new());
        for (row, at) in part.loops.iter().enumerate() {
            let ending = rounds.loops.get(*at as usize).and_then(|own| own.ending);
            if let (Some(ending @ (Ending::Offer | Ending::Reject)), true) =
                (ending, self.scores.present(row) & reached == reached)
            {
                rows.push(row as u32);
                through.push(ending == Ending::Offer);
            }
        }
        (rows, through)
    }

    fn drops(&self, rounds: &Rounds, part: &Part, rule: Rule) -> Vec<Result<Dropped, String>> {
        let members = &self.found.members;
        let Ok(joint) = &self.found.joint else {
            let why = "the stages have no joint estimate".to_owned();
            return self.stages.iter().map(|_| Err(why.clone())).collect();
        };
        let chosen = self.scores.of(members);
        let known = Known { scores: &chosen, joint };
        let all = (1_u64 << members.len()) - 1;
        let drop = |stage: usize| {
            let place = members.iter().position(|member| *member == stage);
            let place = place.ok_or_else(|| "it is not in the joint estimate".to_owned())?;
            let (rows, through) = self.decided(rounds, part, 1 << stage);
            let say = |why: crate::stats::drop_one::NoRule| why.to_string();
            let with = apply(known, &rows, &through, all, rule).map_err(say)?;
            let without = apply(known, &rows, &through, all & !(1 << place), rule).map_err(say)?;
            let flips = flips(&with, &without).ok_or_else(|| "nobody was decided upon".to_owned())?;
            let noise = self.found.stages[stage].noise;
            let again = noise.and_then(|noise| repeated(known, &rows, &with, all, place, noise.of_score));
            Ok(Dropped { flips, again, agreement: with.agreement })
        };
        (0..self.stages.len()).map(drop).collect()
    }
}
