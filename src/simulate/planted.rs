//! The planted quantities: every number an analysis of the history should be able to find again.
//!
//! They live in one constant so that `truth.json` is written from the same values the generator used
//! and cannot say anything else.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, pages};
use crate::report::number::harmless;

/// A log-normal wait: its median, and the standard deviation of its logarithm.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Wait {
    pub(crate) median_days: f64,
    pub(crate) log_sd: f64,
}

const fn wait(median_days: f64, log_sd: f64) -> Wait {
    Wait { median_days, log_sd }
}

/// How a round takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Live,
    Async,
    TakeHome,
    Debrief,
}

impl Kind {
    /// The word of the import contract.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Async => "async",
            Self::TakeHome => "take_home",
            Self::Debrief => "debrief",
        }
    }
}

/// The part of a candidate a round brings out besides general ability. Two rounds with the same facet
/// and the same loading measure the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Facet {
    Motivation,
    TechnicalDepth,
    Craft,
    Writing,
    Judgement,
}

/// Number of facets.
pub(crate) const FACETS: usize = 5;

/// One scored round of the loop.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Round {
    pub(crate) stage: &'static str,
    pub(crate) kind: Kind,
    pub(crate) planned_minutes: u32,
    pub(crate) facet: Facet,
    /// What one point of general ability adds to a score of this round.
    pub(crate) loading: f64,
    /// The mean score below which the candidate is rejected, up to the noise of the decision.
    pub(crate) bar: f64,
    pub(crate) to_schedule: Wait,
    /// From being placed in the calendar to the appointment, before it moves to working hours.
    pub(crate) to_interview: Wait,
}

/// The six scored rounds, in order.
pub(crate) const ROUNDS: [Round; 6] = [
    round("Recruiter screen", Kind::Live, 30, Facet::Motivation, 0.6, 2.25, 0.7, 1.4),
    round("Technical screen", Kind::Live, 60, Facet::TechnicalDepth, 1.0, 2.25, 0.9, 1.8),
    round("Work sample", Kind::TakeHome, 180, Facet::Craft, 0.8, 2.2, 0.5, 0.3),
    round("Async collaboration", Kind::Async, 60, Facet::Writing, 0.7, 2.1, 0.6, 0.8),
    round("Design review", Kind::Live, 60, Facet::TechnicalDepth, 1.0, 2.3, 2.6, 2.0),
    round("Structured final", Kind::Live, 90, Facet::Judgement, 0.9, 2.4, 1.2, 2.2),
];

#[expect(clippy::too_many_arguments, reason = "one line per round reads as the table it is")]
const fn round(
    stage: &'static str,
    kind: Kind,
    planned_minutes: u32,
    facet: Facet,
    loading: f64,
    bar: f64,
    schedule_days: f64,
    interview_days: f64,
) -> Round {
    Round {
        stage,
        kind,
        planned_minutes,
        facet,
        loading,
        bar,
        to_schedule: wait(schedule_days, 0.6),
        to_interview: wait(interview_days, 0.5),
    }
}

/// The round whose stage is renamed half-way, and its later name.
pub(crate) const RENAMED: (usize, &str) = (1, "Tech Screen");
/// The rounds that measure the same thing.
pub(crate) const SAME_MEASURE: [usize; 2] = [1, 4];
/// The last round: two or three interviewers, then the debrief.
pub(crate) const FINAL: usize = 5;
/// The stage after the last round.
pub(crate) const DEBRIEF: usize = 6;
/// The stage of a loop with an offer.
pub(crate) const OFFER: usize = 7;
/// The four dimensions of the rubric.
pub(crate) const DIMENSIONS: [&str; 4] = ["technical quality", "communication", "ownership", "decision-making"];

/// A source channel.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) share: f64,
    pub(crate) ability_mean: f64,
}

/// The source channels; the shares add up to one.
pub(crate) const SOURCES: [Source; 4] = [
    Source { name: "referral", share: 0.20, ability_mean: 0.30 },
    Source { name: "vetted_network", share: 0.15, ability_mean: 0.20 },
    Source { name: "inbound", share: 0.40, ability_mean: -0.15 },
    Source { name: "sourced", share: 0.25, ability_mean: 0.0 },
];

/// Everything planted that is a single number.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Planted {
    /// The mean score of an average candidate with an average interviewer, before rounding to 1..4.
    pub(crate) score_centre: f64,
    pub(crate) ability_sd: f64,
    /// Added to the ability of a candidate whose specialism differs from the role's.
    pub(crate) mismatch_effect: f64,
    pub(crate) mismatch_share: f64,
    pub(crate) facet_sd: f64,
    /// How much of what a candidate shows in the work sample is their technical depth; 1 makes it the same facet.
    pub(crate) craft_from_depth_share: f64,
    /// A candidate's own profile over the dimensions, the same in every round.
    pub(crate) dimension_sd: f64,
    pub(crate) leniency_sd: f64,
    /// What all scores of one card share beyond candidate and interviewer.
    pub(crate) halo_sd: f64,
    pub(crate) residual_sd: f64,
    /// Noise of a stage's decision around its bar.
    pub(crate) decision_sd: f64,
    /// Share of the way that a card written after the debrief moves to the mean of the earlier cards.
    pub(crate) debrief_pull: f64,
    /// Share of cards in before the debrief that are edited after it, one score one point towards the mean.
    pub(crate) edit_share: f64,
    /// Share of the way that a card written before the debrief moves to the mean of the panel's earlier cards.
    pub(crate) running_pull: f64,
    /// Share of the way that a card written after the hiring manager's moves to theirs, before any debrief.
    pub(crate) manager_pull: f64,
    /// How much later lenient people write their cards, without being influenced by it: the logarithm of the wait grows
    /// by this per standard deviation of leniency.
    pub(crate) lenient_delay: f64,
    /// Share of cards in before the debrief whose score furthest from the others is given anew after it, as if for
    /// the first time: regression to the mean and nothing else.
    pub(crate) rerate_share: f64,
    pub(crate) withdrawal_hazard_per_day: f64,
    /// The wait to schedule is multiplied by this from the start of the last calendar quarter.
    pub(crate) schedule_change_factor: f64,
    /// The wait from debrief to decision is multiplied by this in Sales.
    pub(crate) sales_decision_factor: f64,
    pub(crate) borrowed_interviewer_share: f64,
    pub(crate) offer_declined_share: f64,
    /// Performance rating points per point of ability.
    pub(crate) outcome_slope: f64,
    pub(crate) outcome_sd: f64,
    /// What a point of ability adds to the log odds of being employed still; less, to the log hazard of leaving.
    pub(crate) retention_slope: f64,
    /// Days until a hire is productive, per point of ability.
    pub(crate) ramp_slope: f64,
    pub(crate) outcome_after_days: i64,
    /// What a point of something that no score shows adds to a candidate's chance in every decision, as if it were score
    /// points, and to the later performance: a selection that cannot be corrected for.
    pub(crate) hidden_selection: f64,
    /// How many days after the start half of the hires of average ability have left; 0 leaves the day of the exit unknown.
    pub(crate) half_left_after_days: f64,
    /// Share of ratings 2 and 3 that a five-level scale shows as `mixed`.
    pub(crate) mixed_share: f64,
    pub(crate) to_return_take_home: Wait,
    pub(crate) to_return_async: Wait,
    pub(crate) to_scorecard: Wait,
    /// From the last card of a round to the next stage.
    pub(crate) to_next_stage: Wait,
    /// From the end of the final round to the debrief, before it moves to working hours.
    pub(crate) to_debrief: Wait,
    /// From the end of the debrief to the decision.
    pub(crate) to_decision: Wait,
    pub(crate) to_offer: Wait,
    pub(crate) to_accept: Wait,
    pub(crate) to_decline: Wait,
}

/// The values in force.
pub(crate) const PLANTED: Planted = Planted {
    score_centre: 2.5,
    ability_sd: 0.7,
    mismatch_effect: -0.15,
    mismatch_share: 0.15,
    facet_sd: 0.5,
    craft_from_depth_share: 0.0,
    dimension_sd: 0.2,
    leniency_sd: 0.25,
    halo_sd: 0.4,
    residual_sd: 0.5,
    decision_sd: 0.25,
    debrief_pull: 0.3,
    edit_share: 0.04,
    running_pull: 0.0,
    manager_pull: 0.0,
    lenient_delay: 0.0,
    rerate_share: 0.0,
    withdrawal_hazard_per_day: 0.008,
    schedule_change_factor: 1.4,
    sales_decision_factor: 2.0,
    borrowed_interviewer_share: 0.1,
    offer_declined_share: 0.14,
    outcome_slope: 0.35,
    outcome_sd: 0.6,
    retention_slope: 0.8,
    ramp_slope: -12.0,
    outcome_after_days: 182,
    hidden_selection: 0.0,
    half_left_after_days: 0.0,
    mixed_share: 0.05,
    to_return_take_home: wait(2.5, 0.5),
    to_return_async: wait(1.2, 0.4),
    to_scorecard: wait(0.6, 0.9),
    to_next_stage: wait(0.3, 0.7),
    to_debrief: wait(1.8, 0.5),
    to_decision: wait(1.2, 0.7),
    to_offer: wait(0.9, 0.5),
    to_accept: wait(3.0, 0.6),
    to_decline: wait(8.0, 0.5),
};

impl Planted {
    /// The values in force, some of them replaced by name.
    pub(crate) fn with(set: &[(String, f64)]) -> Result<Self> {
        let failed = |error: serde_json::Error| Error::new(&pages::DEFECT, format!("the planted numbers: {error}"));
        let mut values = serde_json::to_value(PLANTED).map_err(failed)?;
        let known: Vec<String> = names();
        for (name, value) in set {
            let refused = |why: &str| {
                let help = format!("these can be set: {}", known.join(", "));
                Error::new(&pages::SIMULATION, format!("`{}` {why}", harmless(name))).help(help)
            };
            let slot = values.get_mut(name.as_str()).filter(|slot| slot.is_number());
            let slot = slot.ok_or_else(|| refused("is not a planted number"))?;
            if !value.is_finite() || (is_size(name) && *value < 0.0) {
                return Err(refused("cannot be that"));
            }
            *slot = if slot.is_i64() { (*value as i64).into() } else { (*value).into() };
        }
        serde_json::from_value(values).map_err(failed)
    }
}

/// Whether a planted number cannot be negative.
fn is_size(name: &str) -> bool {
    ["_sd", "_share", "_hazard_per_day", "_factor", "_days"].iter().any(|ending| name.ends_with(ending))
}

/// The names of the planted single numbers.
fn names() -> Vec<String> {
    let values = serde_json::to_value(PLANTED).unwrap_or_default();
    let numbers = values.as_object().into_iter().flatten().filter(|(_, value)| value.is_number());
    numbers.map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_numbers_are_replaced_by_name() -> Result<()> {
        let changed = Planted::with(&[("debrief_pull".into(), 0.0), ("outcome_after_days".into(), 90.0)])?;
        assert!(changed.debrief_pull == 0.0 && changed.outcome_after_days == 90, "{changed:?}");
        assert!(changed.halo_sd == PLANTED.halo_sd);
        Ok(())
    }

    #[test]
    fn a_number_that_is_not_planted_or_cannot_be_is_refused() {
        for (name, value) in [("to_offer", 1.0), ("gravity", 9.8), ("halo_sd", -1.0), ("halo_sd", f64::NAN)] {
            let refused = Planted::with(&[(name.into(), value)]);
            assert!(refused.is_err_and(|error| error.to_string().contains(name)), "{name}");
        }
    }
}
