//! One loop as a neutral record: what happened, before any format decides how to write it down.

use super::mess::Mess;
use super::names::Name;
use super::planted::{Kind, ROUNDS};
use super::world::World;
use crate::time::Instant;

/// One application from start to end, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoopStory {
    /// Position in the history; loops open in this order.
    pub(crate) index: u64,
    pub(crate) candidate: Candidate,
    pub(crate) job: usize,
    pub(crate) applied_at: Instant,
    /// Visits in order of entry.
    pub(crate) visits: Vec<Visit>,
    pub(crate) interviews: Vec<Interview>,
    /// The stage and time of an availability that no appointment followed up to the end of the story.
    pub(crate) unanswered: Option<(usize, Instant)>,
    pub(crate) cards: Vec<Card>,
    pub(crate) decision: Option<Decision>,
    pub(crate) offer: Option<Offer>,
    pub(crate) outcome: Option<Outcome>,
    /// The application is in the export twice.
    pub(crate) duplicated: bool,
    /// The candidate also has an application without a job.
    pub(crate) prospect: bool,
}

/// The person who applies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) name: Name,
    pub(crate) source: usize,
    pub(crate) specialism: &'static str,
    /// Latent ability; planted, in no export.
    pub(crate) ability: f64,
}

/// A stay in a stage; `left` is `None` for the current one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Visit {
    pub(crate) stage: usize,
    pub(crate) entered: Instant,
    pub(crate) left: Option<Instant>,
}

/// What became of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Done,
    Cancelled,
    NoShow,
    /// Still to come, or a piece of work not yet returned.
    Planned,
}

/// Somebody on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) person: usize,
    pub(crate) shadow: bool,
}

/// An appointment, or a piece of work sent and returned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Interview {
    pub(crate) stage: usize,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    pub(crate) cancelled_at: Option<Instant>,
    /// When the candidate's free times were known.
    pub(crate) availability_at: Instant,
    pub(crate) scheduled_at: Instant,
    pub(crate) starts_at: Instant,
    pub(crate) ends_at: Instant,
    pub(crate) planned_minutes: u32,
    pub(crate) panel: Vec<Seat>,
}

/// A verdict on one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Not filled in.
    Blank,
    NoDecision,
    Rated(u8),
}

/// One scorecard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Card {
    pub(crate) stage: usize,
    /// Position among the loop's interviews.
    pub(crate) interview: usize,
    pub(crate) person: usize,
    pub(crate) shadow: bool,
    pub(crate) submitted_by: usize,
    /// The placeholder exists from the moment of scheduling.
    pub(crate) created_at: Instant,
    /// `None` for a draft.
    pub(crate) submitted_at: Option<Instant>,
    pub(crate) marks: [Mark; 4],
    /// Dimensions that a five-level scale shows as `mixed`.
    pub(crate) mixed: [bool; 4],
    pub(crate) no_recommendation: bool,
    /// A dimension with an observation, and which one.
    pub(crate) note: Option<(usize, usize)>,
    pub(crate) edit: Option<Edit>,
    pub(crate) duplicated: bool,
    /// The card belongs to an application that is in no other file.
    pub(crate) orphan: bool,
}

/// A score changed after submission.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edit {
    pub(crate) at: Instant,
    pub(crate) dimension: usize,
    pub(crate) mark: Mark,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Offer,
    Reject,
    Withdrawn,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Reject => "reject",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The end of a loop.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) at: Instant,
    /// The instant on record, which a few exports have wrong.
    pub(crate) recorded_at: Instant,
    pub(crate) by: usize,
    /// Position among the reasons of the verdict.
    pub(crate) reason: usize,
}

/// What followed a decision to offer; each part is `None` until it has happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    pub(crate) created_at: Instant,
    pub(crate) sent_at: Option<Instant>,
    /// When it was answered, and whether with yes.
    pub(crate) resolved: Option<(Instant, bool)>,
    pub(crate) starts_at: Instant,
    /// A first version was withdrawn and replaced.
    pub(crate) second_version: bool,
}

/// What is known about a hire some months after the start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) at: Instant,
    pub(crate) performance: u8,
    pub(crate) still_employed: bool,
    /// When that was seen.
    pub(crate) employment_at: Instant,
    /// When the hire leaves, where that is planted.
    pub(crate) leaves_at: Option<Instant>,
    pub(crate) ramp_days: u32,
}

impl LoopStory {
    /// The slot of a stage's name at the time the loop entered it.
    pub(crate) fn slot(&self, world: &World, stage: usize) -> usize {
        let entered = self.visits.iter().find(|visit| visit.stage == stage).map(|visit| visit.entered);
        world.slot(stage, entered.unwrap_or(self.applied_at))
    }

    /// When the application was closed: with the decision, or with the answer to the offer.
    pub(crate) fn closed_at(&self) -> Option<Instant> {
        match (&self.decision, &self.offer) {
            (Some(decision), _) if decision.verdict != Verdict::Offer => Some(decision.at),
            (Some(_), Some(offer)) => offer.resolved.map(|(at, _)| at),
            _ => None,
        }
    }

    /// How many pieces of work at home were called off: systems that only know appointments have none of them.
    pub(crate) fn cancelled_take_homes(&self) -> u64 {
        let called_off = |held: &&Interview| held.kind == Kind::TakeHome && held.status == Status::Cancelled;
        self.interviews.iter().filter(called_off).count() as u64
    }

    /// Whether the offer was accepted.
    pub(crate) fn is_hired(&self) -> bool {
        self.offer.as_ref().is_some_and(|offer| matches!(offer.resolved, Some((_, true))))
    }

    /// The last thing that happened in the loop.
    pub(crate) fn last_activity_at(&self) -> Instant {
        let visits = self.visits.iter().map(|visit| visit.left.unwrap_or(visit.entered));
        let cards = self.cards.iter().filter_map(|card| card.submitted_at);
        visits.chain(cards).chain(self.closed_at()).fold(self.applied_at, Instant::max)
    }

    /// Forgets everything after `at`. Appointments already made for later stay, with `later` as their
    /// status, as do the empty cards that wait for them.
    pub(crate) fn cut(&mut self, at: Instant, later: Status) {
        self.visits.retain(|visit| visit.entered <= at);
        for visit in &mut self.visits {
            visit.left = visit.left.filter(|left| *left <= at);
        }
        // Interviews are in order of booking, so what is forgotten is a tail and positions stay valid.
        let known = self.interviews.partition_point(|interview| interview.scheduled_at <= at);
        let unanswered =
            self.interviews.get(known).filter(|next| next.kind == Kind::Live && next.availability_at <= at);
        self.unanswered = unanswered
            .map(|next| (next.stage, next.availability_at))
            .or(self.unanswered.filter(|(_, given)| *given <= at));
        self.interviews.truncate(known);
        for interview in &mut self.interviews {
            if interview.ends_at > at && interview.cancelled_at.is_none_or(|cancelled| cancelled > at) {
                interview.status = later;
                interview.cancelled_at = (later == Status::Cancelled).then_some(at);
            }
        }
        let interviews = &self.interviews;
        self.cards.retain(|card| interviews.get(card.interview).is_some_and(|held| held.status != Status::Cancelled));
        for card in &mut self.cards {
            if card.submitted_at.is_some_and(|submitted| submitted > at) || interviews[card.interview].ends_at > at {
                card.unwrite();
            }
            card.edit = card.edit.take().filter(|edit| edit.at <= at);
        }
        self.decision = self.decision.take().filter(|decision| decision.at <= at);
        self.offer = self.offer.take().filter(|offer| offer.created_at <= at);
        if let Some(offer) = &mut self.offer {
            offer.sent_at = offer.sent_at.filter(|sent| *sent <= at);
            offer.resolved = offer.resolved.filter(|(answered, _)| *answered <= at);
        }
        self.outcome = self.outcome.take().filter(|outcome| outcome.at <= at);
        if let Some(outcome) = &mut self.outcome
            && let Some(leaves_at) = outcome.leaves_at
        {
            outcome.still_employed = leaves_at > at;
            outcome.employment_at = leaves_at.min(at);
        }
    }
}

impl Card {
    /// Turns the card back into the empty placeholder it was.
    fn unwrite(&mut self) {
        self.submitted_at = None;
        self.marks = [Mark::Blank; 4];
        self.note = None;
        self.edit = None;
        self.duplicated = false;
        self.submitted_by = self.person;
        self.no_recommendation = false;
    }

    /// The marks after a later edit.
    pub(crate) fn final_marks(&self) -> [Mark; 4] {
        let mut marks = self.marks;
        if let Some(edit) = &self.edit {
            marks[edit.dimension] = edit.mark;
        }
        marks
    }

    /// The mean of the dimensions that have a score.
    pub(crate) fn mean(&self) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for mark in self.marks {
            if let Mark::Rated(score) = mark {
                sum += f64::from(score);
                count += 1.0;
            }
        }
        (count > 0.0).then(|| sum / count)
    }

    /// The overall verdict as a level from 1 to 4; `None` is "no decision".
    pub(crate) fn recommendation(&self) -> Option<u8> {
        let mean = self.mean().filter(|_| !self.no_recommendation)?;
        Some(match mean {
            mean if mean < 1.75 => 1,
            mean if mean < 2.5 => 2,
            mean if mean < 3.4 => 3,
            _ => 4,
        })
    }

    /// Whether somebody began the card and never submitted it.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.submitted_at.is_none() && self.marks.iter().any(|mark| *mark != Mark::Blank)
    }

    /// The last change of the record.
    pub(crate) fn updated_at(&self) -> Instant {
        self.edit.as_ref().map(|edit| edit.at).or(self.submitted_at).unwrap_or(self.created_at)
    }
}

impl LoopStory {
    /// How many messy records of each kind the loop has.
    pub(crate) fn messes(&self, world: &World) -> Vec<(Mess, u64)> {
        let cards = |test: &dyn Fn(&Card) -> bool| self.cards.iter().filter(|card| test(card)).count() as u64;
        let interviews = |status| self.interviews.iter().filter(|interview| interview.status == status).count() as u64;
        let submitted = |card: &Card| card.submitted_at.is_some();
        let ratings = self.cards.iter().filter(|card| submitted(card)).flat_map(|card| card.final_marks());
        let renamed =
            |visit: &&Visit| world.slot(visit.stage, visit.entered) >= ROUNDS.len() && visit.stage < ROUNDS.len();
        let early = |decision: &Decision| decision.recorded_at < self.applied_at;
        vec![
            (Mess::DraftScorecard, cards(&Card::is_abandoned)),
            (Mess::CancelledInterview, interviews(Status::Cancelled)),
            (Mess::NoShowInterview, interviews(Status::NoShow)),
            (
                Mess::OutOfOrderScorecard,
                cards(&|card| card.submitted_at.is_some_and(|at| at < self.interviews[card.interview].starts_at)),
            ),
            (Mess::NoDecisionRating, ratings.filter(|mark| *mark == Mark::NoDecision).count() as u64),
            (Mess::NoDecisionRecommendation, cards(&|card| submitted(card) && card.recommendation().is_none())),
            (Mess::RenamedStageVisit, self.visits.iter().filter(renamed).count() as u64),
            (Mess::DuplicateApplication, u64::from(self.duplicated)),
            (Mess::DuplicateScorecard, cards(&|card| card.duplicated)),
            (Mess::ShadowScorecard, cards(&|card| card.shadow && submitted(card))),
            (Mess::ProxySubmission, cards(&|card| card.submitted_by != card.person)),
            (Mess::OrphanScorecard, cards(&|card| card.orphan)),
            (Mess::ProspectApplication, u64::from(self.prospect)),
            (Mess::DecisionBeforeApplication, u64::from(self.decision.as_ref().is_some_and(early))),
        ]
    }
}
