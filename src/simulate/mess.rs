//! The messy records: what real exports contain besides clean rows, each at a stated rate.

use super::draw::Draw;
use super::story::LoopStory;
use super::world::World;
use crate::time::{Instant, MINUTE};

/// A kind of messy record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mess {
    /// A scorecard that was begun and never submitted.
    DraftScorecard,
    /// An appointment called off and booked again.
    CancelledInterview,
    /// An appointment somebody did not come to, booked again.
    NoShowInterview,
    /// A scorecard whose submission time lies before the interview.
    OutOfOrderScorecard,
    /// A dimension without a verdict.
    NoDecisionRating,
    /// A card without an overall verdict.
    NoDecisionRecommendation,
    /// A visit to a stage under its later name.
    RenamedStageVisit,
    /// An application that is in the export twice, the second copy newer.
    DuplicateApplication,
    /// A scorecard that is in the export twice, the second copy newer.
    DuplicateScorecard,
    /// A scorecard of somebody in training.
    ShadowScorecard,
    /// A scorecard that somebody else submitted for the interviewer.
    ProxySubmission,
    /// A scorecard whose application is in no other file.
    OrphanScorecard,
    /// An application without a job.
    ProspectApplication,
    /// An interviewer without a name.
    MissingName,
    /// A rejection dated before the application.
    DecisionBeforeApplication,
}

/// What a kind of mess is called, and how often it is planted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) mess: Mess,
    pub(crate) id: &'static str,
    /// Chance per `per`; `None` when it follows from the calendar and not from chance.
    pub(crate) rate: Option<f64>,
    pub(crate) per: &'static str,
}

const fn plan(mess: Mess, id: &'static str, rate: f64, per: &'static str) -> Plan {
    Plan { mess, id, rate: Some(rate), per }
}

/// Every kind, in the order of the enumeration.
pub(crate) const PLANS: [Plan; 15] = [
    plan(Mess::DraftScorecard, "draft_scorecard", 0.015, "scorecard"),
    plan(Mess::CancelledInterview, "cancelled_interview", 0.04, "live interview"),
    plan(Mess::NoShowInterview, "no_show_interview", 0.015, "live interview"),
    plan(Mess::OutOfOrderScorecard, "out_of_order_scorecard", 0.005, "live scorecard"),
    plan(Mess::NoDecisionRating, "no_decision_rating", 0.01, "rating"),
    plan(Mess::NoDecisionRecommendation, "no_decision_recommendation", 0.02, "scorecard"),
    Plan { mess: Mess::RenamedStageVisit, id: "renamed_stage_visit", rate: None, per: "stage visit" },
    plan(Mess::DuplicateApplication, "duplicate_application", 0.003, "application"),
    plan(Mess::DuplicateScorecard, "duplicate_scorecard", 0.003, "scorecard"),
    plan(Mess::ShadowScorecard, "shadow_scorecard", 0.03, "live interview"),
    plan(Mess::ProxySubmission, "proxy_submission", 0.007, "scorecard"),
    plan(Mess::OrphanScorecard, "orphan_scorecard", 0.002, "application"),
    plan(Mess::ProspectApplication, "prospect_application", 0.01, "application"),
    plan(Mess::MissingName, "missing_name", 0.01, "person"),
    plan(Mess::DecisionBeforeApplication, "decision_before_application", 0.0005, "rejection"),
];

/// A kind of mess that only some systems have. It is drawn apart from the story (`Draw::aside`), so that the
/// exports of all other systems stay as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OwnMess {
    pub(crate) id: &'static str,
    pub(crate) rate: f64,
    pub(crate) per: &'static str,
}

/// A second copy of a scorecard that somebody deleted; the system still returns it, marked as such.
pub(crate) const DELETED_SCORECARD: OwnMess = OwnMess { id: "deleted_scorecard", rate: 0.01, per: "scorecard" };
/// The text `null` where nothing was filled in.
pub(crate) const NULL_TEXT: OwnMess = OwnMess { id: "null_text", rate: 0.2, per: "missing value" };

/// When a copy of each card was deleted, if there was one and the export sees it.
pub(crate) fn deletions(world: &World, story: &LoopStory, aside: &mut Draw) -> Vec<Option<Instant>> {
    let cards = story.cards.iter();
    cards
        .map(|card| {
            let was_copied = aside.chance(DELETED_SCORECARD.rate) && !card.orphan;
            let deleted_at = Instant(card.submitted_at.filter(|_| was_copied)?.0 + 10 * MINUTE);
            Some(deleted_at).filter(|at| *at <= world.export)
        })
        .collect()
}

impl Mess {
    /// The chance of this mess; zero for a kind that is not left to chance.
    pub(crate) fn rate(self) -> f64 {
        PLANS[self as usize].rate.unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PLANS;

    #[test]
    fn plans_stand_in_the_order_of_their_kinds() {
        for (position, plan) in PLANS.iter().enumerate() {
            assert_eq!(plan.mess as usize, position);
        }
    }
}
