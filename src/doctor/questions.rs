//! The questions that hiring data can be asked, and what each one needs.
//!
//! A question is answered *no* where an essential need is not met at all, *yes* where all its needs are met,
//! and *partly* in between. To add one, add an item to [`QUESTIONS`].

use super::answer::{Answer, Verdict};
use super::facts::Facts;
use super::needs::{self, Need};

/// A question to the data.
#[derive(Debug)]
pub struct Question {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// The question.
    pub title: &'static str,
    /// What it cannot be answered without.
    pub essential: &'static [&'static Need],
    /// What makes the answer whole.
    pub helpful: &'static [&'static Need],
}

/// Every question, in the order they are told.
pub const QUESTIONS: &[Question] = &[
    Question {
        id: "time-to-decision",
        title: "How long do we take to decide, and where does the time go?",
        essential: &[&needs::APPLICATION_TIMES, &needs::DECISIONS],
        helpful: &[&needs::INTERVIEW_TIMES, &needs::BOOKING_TIMES, &needs::STAGE_HISTORY, &needs::SUBMISSIONS],
    },
    Question {
        id: "redundant-rounds",
        title: "Which rounds tell us the same thing twice?",
        essential: &[&needs::STAGE_PAIRS],
        helpful: &[&needs::ENDINGS],
    },
    Question {
        id: "leniency",
        title: "Who scores high or low for the same candidate?",
        essential: &[&needs::SHARED_CANDIDATES],
        helpful: &[],
    },
    Question {
        id: "independence",
        title: "Do scores stay independent, or does the debrief talk them together?",
        essential: &[&needs::TIMED_PANELS],
        helpful: &[&needs::DEBRIEFS, &needs::EDITS, &needs::ENDINGS],
    },
    Question {
        id: "validity",
        title: "Do scores say anything about what happens later?",
        essential: &[&needs::OUTCOMES],
        helpful: &[],
    },
    Question {
        id: "process",
        title: "Does the loop run as it was designed?",
        essential: &[&needs::ROUNDS],
        helpful: &[
            &needs::INTERVIEW_TIMES,
            &needs::PANELISTS,
            &needs::PLANNED_LENGTHS,
            &needs::SUBMISSIONS,
            &needs::DEBRIEFS,
            &needs::DECISIONS,
        ],
    },
    Question {
        id: "channels",
        title: "Which source brings whom?",
        essential: &[&needs::CHANNELS],
        helpful: &[&needs::ENDINGS, &needs::ROUNDS, &needs::SCORES, &needs::OUTCOMES],
    },
];

/// How far one need of a question is met.
#[derive(Debug)]
pub struct Met {
    /// The need.
    pub need: &'static Need,
    /// Whether the question cannot be answered without it.
    pub is_essential: bool,
    /// How far it is met.
    pub answer: Answer,
}

impl Question {
    /// How far each need is met, essential ones first.
    pub fn evaluate(&self, facts: &Facts) -> Vec<Met> {
        let met =
            |is_essential: bool| move |need: &&'static Need| Met { need, is_essential, answer: (need.evaluate)(facts) };
        self.essential.iter().map(met(true)).chain(self.helpful.iter().map(met(false))).collect()
    }
}

/// The answer that follows from the needs.
pub(super) fn verdict(needs: &[Met]) -> Verdict {
    if needs.iter().any(|met| met.is_essential && met.answer.verdict == Verdict::No) {
        Verdict::No
    } else if needs.iter().all(|met| met.answer.verdict == Verdict::Yes) {
        Verdict::Yes
    } else {
        Verdict::Partly
    }
}
