//! What questions need from the data.
//!
//! A need looks at counts alone. Its thresholds are those below which the methods behind the questions give no
//! figure at all (`few`), or one that should not be relied on (`enough`).

use super::answer::{Answer, Lack, Threshold, Verdict, loops, lower, n, none, share, whole};
use super::facts::{Counts, Facts, OutcomeKind};
use crate::report::number::{figure, plural};

/// Something a question needs.
#[derive(Debug)]
pub struct Need {
    /// Its name in sources' advice and in JSON, kebab-case.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What to export, whatever the source; a source may know better.
    pub advice: &'static str,
    /// How far the facts meet it.
    pub evaluate: fn(&Facts) -> Answer,
}

/// What to do where the data has too little of what it does have.
pub const MORE: &str =
    "More loops: export a longer period, or ingest further exports into one dataset and examine that.";

/// A median and its interval (Kaplan-Meier): 5 ended loops for a figure, 20 to rely on it.
const TIMES: Threshold = Threshold { few: 5, enough: 20 };
/// A rate: one is a figure, ten say something.
const RATE: Threshold = Threshold { few: 1, enough: 10 };
/// The correlation of two rounds: 10 loops with both for a figure, 50 for a verdict.
const PAIR: Threshold = Threshold { few: 10, enough: 50 };
/// The crossed model of leniency: interviewers, and loops seen by two or more of them.
const INTERVIEWERS: Threshold = Threshold { few: 5, enough: 8 };
const SHARED: Threshold = Threshold { few: 20, enough: 30 };
/// Tests of the order of submission: loops with two or more cards.
const PANELS: Threshold = Threshold { few: 10, enough: 30 };
/// The contrast of cards before and after a debrief.
const CONTRAST: Threshold = Threshold { few: 10, enough: 20 };
/// Discrimination (AUC): loops in the rarer of two classes.
const CLASS: Threshold = Threshold { few: 5, enough: 10 };
/// Correlation with an outcome of more than two values.
const VALUES: Threshold = Threshold { few: 10, enough: 30 };

/// When loops begin.
pub(super) const APPLICATION_TIMES: Need = Need {
    id: "application-times",
    title: "when candidates applied",
    advice: "Export the applications, with the time of each.",
    evaluate: |facts| {
        let Counts { applied, loops: all, .. } = facts.counts;
        if all == 0 {
            return none("no applications");
        }
        share(applied, all, format!("{} of {} have the time of the application", n(applied), loops(all)))
    },
};

/// How and when loops end.
pub(super) const DECISIONS: Need = Need {
    id: "decisions",
    title: "decisions with their time",
    advice: "Export the decisions, with the time of each.",
    evaluate: |facts| {
        let Counts { decided, timed, .. } = facts.counts;
        match (decided, timed) {
            (0, _) => none("0 decided loops"),
            (_, 0) => none(&format!("{} decided, none with the times of both ends", loops(decided))),
            _ => TIMES.answer(timed, format!("{} decided with the times of both ends", loops(timed))),
        }
    },
};

/// How loops end, whenever.
pub(super) const ENDINGS: Need = Need {
    id: "endings",
    title: "how loops ended",
    advice: "Export the decisions.",
    evaluate: |facts| match facts.counts.decided {
        0 => none("0 decided loops"),
        decided => RATE.answer(decided, format!("{} decided", loops(decided))),
    },
};

/// When interviews are.
pub(super) const INTERVIEW_TIMES: Need = Need {
    id: "interview-times",
    title: "when interviews take place",
    advice: "Export the interviews, with their start and end.",
    evaluate: |facts| match (facts.counts.interviews, facts.counts.interviewed) {
        (0, _) => none("no interviews: where the time goes cannot be split"),
        (_, 0) => none("no interview has a time: where the time goes cannot be split"),
        (_, with) => TIMES.answer(with, format!("{} with the time of an interview", loops(with))),
    },
};

/// When interviews are put on the calendar.
pub(super) const BOOKING_TIMES: Need = Need {
    id: "booking-times",
    title: "when interviews are booked",
    advice: "Export when each interview was put on the calendar.",
    evaluate: |facts| match (facts.counts.interviews, facts.counts.booked) {
        (0, _) => none("no interviews"),
        (_, 0) => none("no interview says when it was booked: finding a date and waiting for it look the same"),
        (all, with) => share(with, all, format!("{} of {} interviews say when they were booked", n(with), n(all))),
    },
};

/// When loops enter stages.
pub(super) const STAGE_HISTORY: Need = Need {
    id: "stage-history",
    title: "stage history",
    advice: "Export the history of stages, with the time of each entry.",
    evaluate: |facts| match (facts.counts.loops, facts.counts.staged) {
        (_, 0) => none("no stage history"),
        (all, with) => share(with, all, format!("{} of {} have a stage history", n(with), loops(all))),
    },
};

/// When scorecards are submitted.
pub(super) const SUBMISSIONS: Need = Need {
    id: "submissions",
    title: "when scorecards are submitted",
    advice: "Export the scorecards, with the time each was submitted.",
    evaluate: |facts| match (facts.counts.cards, facts.counts.timed_cards) {
        (0, _) => none("no submitted scorecards"),
        (_, 0) => none("no scorecard says when it was submitted"),
        (all, with) => share(with, all, format!("{} of {} scorecards say when they were submitted", n(with), n(all))),
    },
};

/// Scores at all.
pub(super) const SCORES: Need = Need {
    id: "scores",
    title: "scores",
    advice: "Export the scorecards, with their scores.",
    evaluate: |facts| match facts.counts.scored {
        0 => none("no scores"),
        scored => RATE.answer(scored, format!("{} with scores", loops(scored))),
    },
};

/// Rounds that can be compared.
pub(super) const STAGE_PAIRS: Need = Need {
    id: "stage-pairs",
    title: "scores of several rounds for the same candidates",
    advice: "Export the scorecards of all rounds, with their scores.",
    evaluate: |facts| {
        let pairs = &facts.counts.stage_pairs;
        let Some(most) = pairs.first() else {
            return match (facts.counts.scored, facts.counts.stages) {
                (0, _) => none("no scores"),
                (scored, 0) => none(&format!("{} with scores, none names its round", loops(scored))),
                (scored, 1) => none(&format!("{} with scores, all of one round", loops(scored))),
                (_, stages) => none(&format!("scores of {} rounds, no loop has two of them", n(stages))),
            };
        };
        let with = pairs.iter().filter(|together| **together >= PAIR.enough).count() as u64;
        let rounds = whole(facts.counts.stages);
        PAIR.answer(
            *most,
            format!(
                "{} of {} of {} share {} or more scored loops, the closest {}",
                n(with),
                plural(whole(pairs.len() as u64), "pair", "pairs"),
                plural(rounds, "round", "rounds"),
                PAIR.enough,
                n(*most)
            ),
        )
    },
};

/// Candidates that interviewers can be compared on.
pub(super) const SHARED_CANDIDATES: Need = Need {
    id: "shared-candidates",
    title: "candidates scored by two or more interviewers",
    advice: "Export the scorecards of all interviewers, with their scores.",
    evaluate: |facts| {
        let Counts { scored, shared, interviewers, meetings, .. } = facts.counts;
        if scored == 0 {
            return none("no scores");
        }
        if interviewers == 0 {
            return none("no score names its interviewer");
        }
        let each = meetings as f64 / scored as f64;
        let because = format!(
            "{} interviewers per candidate on average; {} of {} scored by 2 or more, {} in all",
            figure(each),
            n(shared),
            loops(scored),
            plural(whole(interviewers), "interviewer", "interviewers")
        );
        if shared == 0 {
            return none(&because);
        }
        lower(SHARED.answer(shared, because.clone()), INTERVIEWERS.answer(interviewers, because))
    },
};

/// Panels whose order of submission is known.
pub(super) const TIMED_PANELS: Need = Need {
    id: "timed-panels",
    title: "candidates with two or more scorecards and their times",
    advice: "Export the scorecards, with the time each was submitted.",
    evaluate: |facts| match (facts.counts.cards, facts.counts.panels) {
        (0, _) => none("no submitted scorecards"),
        (_, 0) => none("no loop has two scorecards with the time they were submitted"),
        (_, panels) => PANELS.answer(panels, format!("{} with two or more timed scorecards", loops(panels))),
    },
};

/// When panels talk.
pub(super) const DEBRIEFS: Need = Need {
    id: "debriefs",
    title: "when debriefs take place",
    advice: "Export the debriefs, with the time of each.",
    evaluate: |facts| match (facts.counts.panels, facts.counts.debriefed) {
        (0, _) => none("no loop with two timed scorecards, so no debrief to compare them with"),
        (panels, with) => {
            let because = format!("{} of {} have no debrief instant", n(panels - with), loops(panels));
            let seen = Answer { because: because.clone(), ..share(with, panels, String::new()) };
            // Where most debriefs are missing, more loops of the same kind would not bring them.
            let lack = seen.lack;
            let answer = lower(CONTRAST.answer(with, because), seen);
            Answer { lack: lack.or(answer.lack), ..answer }
        }
    },
};

/// Whether edits of scores can be seen.
pub(super) const EDITS: Need = Need {
    id: "edits",
    title: "scores before they were edited",
    advice: "Keep one dataset and ingest each export into it: what changed between two of them shows.",
    evaluate: |facts| {
        let (edits, exports) = (facts.counts.edits, facts.exports);
        let met = |because| Answer { verdict: Verdict::Yes, because, lack: None };
        match (facts.counts.scored, edits, exports) {
            (0, ..) => none("no scores"),
            (_, 0, 0 | 1) => none("only one export: edits are not visible"),
            (_, 0, _) => met(format!("{} exports, and no score changed between them", n(exports))),
            _ => met(plural(whole(edits), "changed score", "changed scores")),
        }
    },
};

/// What became of candidates.
pub(super) const OUTCOMES: Need = Need {
    id: "outcomes",
    title: "later outcomes of scored candidates",
    advice: "Ask HR for an outcomes.csv (application_id, outcome, value, at), and ingest it with `--source tables` \
             into the same dataset, with the same application ids.",
    evaluate: |facts| {
        let kinds = &facts.counts.outcome_kinds;
        if facts.counts.outcomes == 0 {
            return none("0 outcomes");
        }
        let best = kinds.iter().map(outcome).max_by_key(|answer| answer.verdict);
        // Loops are there; it is their outcomes that are too few.
        let best = best.map(|answer| Answer { lack: answer.lack.map(|_| Lack::Absent), ..answer });
        best.unwrap_or_else(|| {
            none(&format!("{}, none of a scored loop", plural(whole(facts.counts.outcomes), "outcome", "outcomes")))
        })
    },
};

fn outcome(kind: &OutcomeKind) -> Answer {
    let with = format!("{} with scores and an outcome", loops(kind.loops));
    match kind.values {
        0 | 1 => {
            Answer { verdict: Verdict::No, because: format!("{with}, all of the same value"), lack: Some(Lack::TooFew) }
        }
        2 => CLASS.answer(kind.rarer, format!("{with} of two values, {} with the rarer one", n(kind.rarer))),
        values => VALUES.answer(kind.loops, format!("{with} of {} values", n(values))),
    }
}

/// How candidates came.
pub(super) const CHANNELS: Need = Need {
    id: "channels",
    title: "the channel candidates came through",
    advice: "Export the source of each application.",
    evaluate: |facts| {
        let Counts { channelled, loops: all, .. } = facts.counts;
        let channels = &facts.counts.channels;
        if channelled == 0 {
            return none("no application names its source");
        }
        let Some(second) = channels.get(1) else {
            return none(&format!("{} with a source, all the same", loops(channelled)));
        };
        let enough = channels.iter().filter(|with| **with >= RATE.enough).count() as u64;
        let because = format!(
            "{} of {} name their source; {} of {} sources have {} or more loops",
            n(channelled),
            loops(all),
            n(enough),
            n(channels.len() as u64),
            RATE.enough
        );
        let seen = Answer { because: because.clone(), ..share(channelled, all, String::new()) };
        // A comparison needs two.
        lower(seen, RATE.answer(*second, because))
    },
};

/// Which rounds a loop had.
pub(super) const ROUNDS: Need = Need {
    id: "rounds",
    title: "the rounds of each loop",
    advice: "Export the interviews, scorecards or stage history, with the name of each round.",
    evaluate: |facts| match facts.counts.rounds {
        0 => none("no interview, scorecard or stage entry names its round"),
        with => RATE.answer(with, format!("{} with named rounds", loops(with))),
    },
};

/// Who sat in interviews.
pub(super) const PANELISTS: Need = Need {
    id: "panels",
    title: "who sat in interviews",
    advice: "Export the interviewers of each interview.",
    evaluate: |facts| match (facts.counts.seats, facts.counts.seated) {
        (0, _) => none("no interview names its interviewers"),
        (seats, with) => RATE.answer(with, format!("{} in {}", plural(whole(seats), "seat", "seats"), loops(with))),
    },
};

/// How long rounds should take.
pub(super) const PLANNED_LENGTHS: Need = Need {
    id: "planned-lengths",
    title: "planned lengths of interviews",
    advice: "Export the planned minutes of each interview.",
    evaluate: |facts| match (facts.counts.interviews, facts.counts.planned) {
        (0, _) => none("no interviews"),
        (_, 0) => none("no interview has a planned length"),
        (all, with) => share(with, all, format!("{} of {} interviews have a planned length", n(with), n(all))),
    },
};
