//! Writes the scorecards of one interview: who scored what, and when.

use super::draw::micros;
use super::history::Teller;
use super::mess::Mess;
use super::planted::{Kind, ROUNDS};
use super::story::{Card, Edit, Mark, Seat};
use crate::time::{DAY, Instant};

impl Teller<'_> {
    /// Adds one card per seat and says when the last one that counts was in.
    ///
    /// Cards submitted after the debrief move towards the mean of those that were in before it. The
    /// rounding to the rubric comes last, so the pull acts on what the interviewer thinks.
    pub(super) fn cards(&mut self, interview: usize, debrief_ends: Option<Instant>) -> Instant {
        let seats = self.story.interviews[interview].panel.clone();
        let mut drafts: Vec<Draft> = seats.iter().map(|seat| self.draft(interview, *seat)).collect();
        self.influence(&mut drafts, debrief_ends);
        let early = |draft: &Draft| !draft.seat.shadow && debrief_ends.is_none_or(|ends| draft.submitted_at <= ends);
        let anchor = mean(drafts.iter().filter(|draft| early(draft)).map(|draft| draft.opinion));
        let mut last = self.story.interviews[interview].ends_at;
        for draft in drafts {
            let mut opinion = draft.opinion;
            let before_debrief = debrief_ends.is_none_or(|ends| draft.submitted_at <= ends);
            if let (false, Some(anchor)) = (before_debrief, anchor) {
                for (own, shared) in opinion.iter_mut().zip(anchor) {
                    *own += self.world.planted.debrief_pull * (shared - *own);
                }
            }
            let mut card = self.card(interview, draft.seat, opinion, draft.submitted_at);
            if let (true, Some(ends), Some(anchor)) = (before_debrief, debrief_ends, anchor) {
                card.edit = self.edit(&card, ends, anchor);
                if card.edit.is_none() && self.world.planted.rerate_share > 0.0 {
                    card.edit = self.second_thought(&card, ends, anchor, draft.expected);
                }
            }
            if !card.shadow {
                last = card.submitted_at.map_or(last, |at| last.max(at));
            }
            self.story.cards.push(card);
        }
        last
    }

    /// What an interviewer thinks and when it is written down, before anybody talks about it.
    fn draft(&mut self, interview: usize, seat: Seat) -> Draft {
        let held = &self.story.interviews[interview];
        let (round, starts_at, ends_at) = (&ROUNDS[held.stage], held.starts_at, held.ends_at);
        let planted = &self.world.planted;
        let lenient = self.world.people[seat.person].leniency / planted.leniency_sd.max(f64::MIN_POSITIVE);
        let slower = if planted.lenient_delay == 0.0 { 1.0 } else { (planted.lenient_delay * lenient).exp() };
        let mut submitted_at = Instant(ends_at.0 + self.draw.wait(planted.to_scorecard, slower));
        if round.kind == Kind::Live && self.draw.chance(Mess::OutOfOrderScorecard.rate()) {
            submitted_at = Instant(starts_at.0 - micros(self.draw.between(0.02, 0.2)));
        }
        let shown = round.loading * self.story.candidate.ability + self.facets[round.facet as usize];
        let halo = self.draw.normal(0.0, self.world.planted.halo_sd);
        let base = self.world.planted.score_centre + shown + self.world.people[seat.person].leniency + halo;
        let profile = self.profile;
        let opinion =
            std::array::from_fn(|d| base + profile[d] + self.draw.normal(0.0, self.world.planted.residual_sd));
        let expected = std::array::from_fn(|d| base - halo + profile[d]);
        Draft { seat, submitted_at, opinion, expected }
    }

    /// What cards written before the debrief take over from those that came in before them, where that is planted.
    fn influence(&self, drafts: &mut [Draft], debrief_ends: Option<Instant>) {
        let planted = &self.world.planted;
        if planted.running_pull == 0.0 && planted.manager_pull == 0.0 {
            return;
        }
        let manager = self.world.jobs[self.story.job].hiring_manager;
        let mut order: Vec<usize> = (0..drafts.len()).filter(|at| !drafts[*at].seat.shadow).collect();
        order.sort_by_key(|at| drafts[*at].submitted_at);
        order.retain(|at| debrief_ends.is_none_or(|ends| drafts[*at].submitted_at <= ends));
        for (place, at) in order.iter().enumerate() {
            let earlier = &order[..place];
            let running = mean(earlier.iter().map(|other| drafts[*other].opinion));
            let theirs = earlier.iter().find(|other| drafts[**other].seat.person == manager);
            let pulls = [(planted.running_pull, running), (planted.manager_pull, theirs.map(|at| drafts[*at].opinion))];
            for (pull, target) in pulls {
                if let Some(target) = target {
                    drafts[*at].opinion.iter_mut().zip(target).for_each(|(own, target)| *own += pull * (target - *own));
                }
            }
        }
    }

    fn card(&mut self, interview: usize, seat: Seat, opinion: [f64; 4], submitted_at: Instant) -> Card {
        let held = &self.story.interviews[interview];
        let (stage, created_at) = (held.stage, held.scheduled_at);
        let mut marks = opinion.map(|value| Mark::Rated(value.round().clamp(1.0, 4.0) as u8));
        for mark in &mut marks {
            if self.draw.chance(Mess::NoDecisionRating.rate()) {
                *mark = Mark::NoDecision;
            }
        }
        let mixed = marks.map(|mark| {
            let chance = self.draw.chance(self.world.planted.mixed_share);
            chance && matches!(mark, Mark::Rated(2 | 3))
        });
        let abandoned = self.draw.chance(Mess::DraftScorecard.rate());
        if abandoned {
            marks[2..].fill(Mark::Blank);
        }
        let proxy = self.draw.chance(Mess::ProxySubmission.rate()) && !abandoned;
        let job = &self.world.jobs[self.story.job];
        let other = if seat.person == job.recruiter { job.hiring_manager } else { job.recruiter };
        Card {
            stage,
            interview,
            person: seat.person,
            shadow: seat.shadow,
            submitted_by: if proxy { other } else { seat.person },
            created_at,
            submitted_at: Some(submitted_at).filter(|_| !abandoned),
            marks,
            mixed,
            no_recommendation: self.draw.chance(Mess::NoDecisionRecommendation.rate()),
            note: self.note(),
            edit: None,
            duplicated: false,
            orphan: false,
        }
    }

    /// A change of mind after the debrief: the score furthest from the others moves one point to them.
    fn edit(&mut self, card: &Card, debrief_ends: Instant, anchor: [f64; 4]) -> Option<Edit> {
        if !self.draw.chance(self.world.planted.edit_share) || card.submitted_at.is_none() {
            return None;
        }
        let at = Instant(debrief_ends.0 + micros(self.draw.between(0.01, 0.8)).min(DAY));
        let (dimension, score, gap) = furthest(card, anchor)?;
        let moved = if gap > 0.5 {
            score + 1
        } else if gap < -0.5 {
            score - 1
        } else {
            return None;
        };
        Some(Edit { at, dimension, mark: Mark::Rated(moved) })
    }

    /// The score furthest from the others given anew as if for the first time. Nobody's influence, and yet it goes toward
    /// them more often than not.
    fn second_thought(
        &mut self,
        card: &Card,
        debrief_ends: Instant,
        anchor: [f64; 4],
        expected: [f64; 4],
    ) -> Option<Edit> {
        if !self.draw.chance(self.world.planted.rerate_share) || card.submitted_at.is_none() {
            return None;
        }
        let at = Instant(debrief_ends.0 + micros(self.draw.between(0.01, 0.8)).min(DAY));
        let (dimension, score, _) = furthest(card, anchor)?;
        let noise = self.world.planted.halo_sd.hypot(self.world.planted.residual_sd);
        let again = self.draw.normal(expected[dimension], noise).round().clamp(1.0, 4.0) as u8;
        (score != again).then_some(Edit { at, dimension, mark: Mark::Rated(again) })
    }
}

/// The dimension on which a card lies furthest from the others, its score, and how far the others are above it.
fn furthest(card: &Card, anchor: [f64; 4]) -> Option<(usize, u8, f64)> {
    let gaps = card.marks.iter().zip(anchor).enumerate().filter_map(|(dimension, (mark, shared))| match mark {
        Mark::Rated(score) => Some((dimension, *score, shared.clamp(1.0, 4.0) - f64::from(*score))),
        _ => None,
    });
    gaps.max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))
}

/// An opinion that is not a card yet.
struct Draft {
    seat: Seat,
    submitted_at: Instant,
    opinion: [f64; 4],
    /// The same without what is the card's own and the score's own.
    expected: [f64; 4],
}

/// The mean opinion on each dimension; `None` without any.
fn mean(opinions: impl Iterator<Item = [f64; 4]>) -> Option<[f64; 4]> {
    let (mut sum, mut count) = ([0.0; 4], 0.0);
    for opinion in opinions {
        for (total, value) in sum.iter_mut().zip(opinion) {
            *total += value;
        }
        count += 1.0;
    }
    (count > 0.0).then(|| sum.map(|total| total / count))
}
