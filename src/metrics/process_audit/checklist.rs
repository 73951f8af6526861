//! The checklist: what a loop should have, item by item.

use super::answers::{Answer, one, push};
use super::declared::{anchors, deliverables, questions, rule, sample_pay, scored, time_zones};
use super::held::{as_planned, async_round, days, durations, panels, production, rounds_held, sample_lengths};
use super::records::{before_debrief, filled, shadows};
use super::rounds::Audit;
use super::tables::PROCESS_AUDIT;
use crate::engine::results::ResultTable;

/// An item: what is asked, and how it is answered.
pub(super) struct Item {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What to do where it is not met.
    pub(super) advice: &'static str,
    answer: fn(&Audit<'_>) -> Vec<Answer>,
}

/// Every item, in the order of a loop's life.
pub(super) const CHECKLIST: &[Item] = &[
    Item {
        id: "role-deliverables",
        title: "The role is written as what it delivers in 90 days",
        advice: "Write down what the hire delivers in the first 90 days, and derive the rounds from it.",
        answer: |audit| one(None, deliverables(audit)),
    },
    Item {
        id: "round-questions",
        title: "Each round answers a question that no other round answers",
        advice: "Give every round a question of its own, or drop the round.",
        answer: |audit| one(None, questions(audit)),
    },
    Item {
        id: "loop-as-planned",
        title: "Whole loops go through the rounds as planned",
        advice: "Look at the paths below: either hold loops to the plan, or change the plan to what works.",
        answer: |audit| one(None, as_planned(audit)),
    },
    Item {
        id: "round-held",
        title: "The round takes place",
        advice: "Find out who decides to leave the round out; a round that may be left out is not needed, or is missing where it matters.",
        answer: rounds_held,
    },
    Item {
        id: "round-duration",
        title: "The round takes as long as planned",
        advice: "Plan the round for the time it takes, or cut what it tries to find out.",
        answer: durations,
    },
    Item {
        id: "panel-size",
        title: "The round has as many interviewers as planned",
        advice: "Fix the number of interviewers in the calendar template, and name stand-ins.",
        answer: panels,
    },
    Item {
        id: "async-round",
        title: "One round tests written communication without a meeting",
        advice: "Hold the written exercise for every candidate who gets that far.",
        answer: |audit| one(None, async_round(audit)),
    },
    Item {
        id: "work-sample-length",
        title: "The work sample is bounded in length",
        advice: "Bound the work sample; what takes longer measures free time.",
        answer: sample_lengths,
    },
    Item {
        id: "work-sample-paid",
        title: "A substantial work sample is paid",
        advice: "Pay for it, or cut it to two hours.",
        answer: sample_pay,
    },
    Item {
        id: "production-readiness",
        title: "One round probes whether designs would hold in production",
        advice: "Hold the round for every candidate who gets that far.",
        answer: |audit| one(None, production(audit)),
    },
    Item {
        id: "time-zones",
        title: "Overlap of working hours is confirmed in screening",
        advice: "Ask for the overlap of working hours in the first call.",
        answer: |audit| one(None, time_zones(audit)),
    },
    Item {
        id: "anchored-rubric",
        title: "Every dimension has an anchor for each level",
        advice: "Write one sentence for each level of each dimension: what a reader would see.",
        answer: |audit| one(None, anchors(audit)),
    },
    Item {
        id: "rubric-scored",
        title: "Every dimension of the rubric is scored somewhere",
        advice: "Give each dimension to a round that scores it, or take it out of the rubric.",
        answer: |audit| one(None, scored(audit)),
    },
    Item {
        id: "rubric-filled",
        title: "Scorecards are filled in on every dimension",
        advice: "Make every dimension of the scorecard required, with \"no evidence\" as an answer.",
        answer: |audit| one(None, filled(audit)),
    },
    Item {
        id: "shadow-rounds",
        title: "Interviewers watch before their first own round",
        advice: "Let new interviewers watch a round and compare their scores before they hold one.",
        answer: shadows,
    },
    Item {
        id: "scores-before-debrief",
        title: "Individual scores are in before the debrief",
        advice: "Open the debrief only when all scorecards are in; what is written later is no independent evidence.",
        answer: |audit| one(None, before_debrief(audit)),
    },
    Item {
        id: "rule-set",
        title: "The rule to pass and to fail is set beforehand",
        advice: "Write the rule down before the first candidate of the role.",
        answer: rule,
    },
    Item {
        id: "loop-days",
        title: "The whole loop is done within its days",
        advice: "Start with the longest wait in the section on waits; scheduling the whole loop at once helps most.",
        answer: days,
    },
];

/// The checklist, answered.
pub(super) fn table(audit: &Audit<'_>) -> ResultTable {
    let mut out = ResultTable::new(&PROCESS_AUDIT);
    for item in CHECKLIST {
        for answer in (item.answer)(audit) {
            push(&mut out, audit, item, answer);
        }
    }
    out
}
