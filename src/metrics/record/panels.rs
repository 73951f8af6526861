//! Panels: the cards of several interviewers about one candidate in one stage, as first submitted.

use std::collections::BTreeMap;

use super::Record;
use crate::config::drift::Visibility;
use crate::engine::metric::Context;
use crate::metrics::adjusted::Adjustment;
use crate::metrics::cards::Card;

impl Record {
    /// The panels: two or more interviewers in one stage of one loop, in the order of their first submission.
    pub fn panels(&self, adjustment: &Adjustment) -> Vec<Panel> {
        let mut groups: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        for (at, card) in self.cards.cards.iter().enumerate() {
            groups.entry((card.application, card.stage)).or_default().push(at);
        }
        let mut out = Vec::new();
        for ((application, stage), mut of) in groups {
            // Cards without a time come last; the first card of a person who filed twice stands.
            of.sort_by_key(|at| {
                let card = &self.cards.cards[*at];
                (card.submitted.unwrap_or(i64::MAX), card.interviewer, *at)
            });
            let mut seen: Vec<u32> = Vec::new();
            of.retain(|at| {
                let who = self.cards.cards[*at].interviewer;
                let is_new = !seen.contains(&who);
                seen.push(who);
                is_new
            });
            if of.len() < 2 {
                continue;
            }
            let members = of.iter().map(|at| self.member(*at, adjustment)).collect();
            out.push(Panel {
                of: application as usize,
                stage,
                debrief: self.debrief_of(application as usize, &of),
                quarter: self.cards.cards[of[0]].quarter,
                members,
            });
        }
        out
    }

    fn member(&self, at: usize, adjustment: &Adjustment) -> Member {
        let card = &self.cards.cards[at];
        let who = self.cards.interviewers.get(card.interviewer as usize).map_or("", String::as_str);
        let leniency = adjustment.leniency(who);
        let scores = card.scores.iter().map(|(cell, now)| (*cell, self.first(at, *cell, *now) - leniency)).collect();
        Member { card: at, interviewer: card.interviewer, submitted: card.submitted, scores }
    }

    /// The debrief that a panel's cards were talked about in: the first that began after its last interview ended; where
    /// that is not known, the loop's first.
    fn debrief_of(&self, application: usize, cards: &[usize]) -> Option<i64> {
        let debriefs = &self.loops.get(application)?.debriefs;
        let ended = |card: &Card| card.submitted.zip(card.delay).map(|(at, delay)| at - delay);
        let ended = cards.iter().filter_map(|at| ended(&self.cards.cards[*at])).max();
        let after = debriefs.iter().find(|debrief| ended.is_none_or(|ended| **debrief >= ended));
        after.or(debriefs.last()).copied()
    }
}

/// Two or more interviewers who scored one candidate in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The loop, a position among [`Record::loops`].
    pub of: usize,
    /// The stage.
    pub stage: u32,
    /// When they talked about it, in seconds.
    pub debrief: Option<i64>,
    /// Quarters since the first of the window.
    pub quarter: Option<u32>,
    /// In order of submission.
    pub members: Vec<Member>,
}

/// One card of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// A position among [`crate::metrics::cards::Cards::cards`].
    pub card: usize,
    /// A position among [`crate::metrics::cards::Cards::interviewers`].
    pub interviewer: u32,
    /// When it was first submitted, in seconds.
    pub submitted: Option<i64>,
    /// Cells with the score as first submitted, less the interviewer's leniency, in points.
    pub scores: Vec<(u32, f64)>,
}

impl Member {
    fn score(&self, cell: u32) -> Option<f64> {
        self.scores.iter().find(|(own, _)| *own == cell).map(|(_, score)| *score)
    }

    /// The mean squared difference to another card over the cells that both scored.
    pub fn apart(&self, other: &Self) -> Option<f64> {
        let both = || self.scores.iter().filter_map(|(cell, score)| Some(score - other.score(*cell)?));
        let n = both().count();
        (n > 0).then(|| both().map(|difference| difference * difference).sum::<f64>() / n as f64)
    }

    /// The mean distance to another card over the cells that both scored.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        let both = || self.scores.iter().filter_map(|(cell, score)| Some((score - other.score(*cell)?).abs()));
        let n = both().count();
        (n > 0).then(|| both().sum::<f64>() / n as f64)
    }

    /// The mean squared distance to the mean of others, made comparable whatever their number: without influence it
    /// is the variance of one score.
    pub fn off(&self, others: &[&Self]) -> Option<f64> {
        let squares = self.scores.iter().filter_map(|(cell, score)| {
            let theirs: Vec<f64> = others.iter().filter_map(|other| other.score(*cell)).collect();
            let k = theirs.len() as f64;
            (k > 0.0).then(|| (score - theirs.iter().sum::<f64>() / k).powi(2) * k / (k + 1.0))
        });
        let (sum, n) = squares.fold((0.0, 0.0), |(sum, n), square| (sum + square, n + 1.0));
        (n > 0.0).then(|| sum / n)
    }
}

impl Panel {
    /// Whether of two cards at least one was given when the other could be known; `None` where that is not on record.
    pub fn is_exposed(&self, a: &Member, b: &Member, context: &Context<'_>) -> Option<bool> {
        let (first, last) = (a.submitted?.min(b.submitted?), a.submitted?.max(b.submitted?));
        let talked = self.debrief.is_some_and(|debrief| last >= debrief);
        let drift = &context.config.drift;
        Some(match drift.visibility {
            Visibility::Immediate => talked || (last - first) as f64 > drift.unread_minutes * 60.0,
            Visibility::Own | Visibility::Debrief => talked,
        })
    }

    /// Whether a card came in after the debrief began.
    pub fn is_after_debrief(&self, member: &Member) -> Option<bool> {
        Some(member.submitted? >= self.debrief?)
    }

    /// Whether all submission times are known and differ, so that there is an order.
    pub fn has_order(&self) -> bool {
        let times: Vec<Option<i64>> = self.members.iter().map(|member| member.submitted).collect();
        times.iter().all(Option::is_some) && times.windows(2).all(|pair| pair[0] != pair[1])
    }
}
