//! The checklist: what a loop should have, item by item.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answer, Cases, DECLARE, Outcome, hidden, median, push};
use super::facts::{How, MeetingKind};
use super::rounds::{Audit, Run, Sitting, Step};
use super::tables::PROCESS_AUDIT;
use crate::engine::results::ResultTable;
use crate::metrics::segments::{DAY_SECONDS, elapsed};
use crate::plan::{Kind, Plan, Round, Topic};
use crate::report::number::{self, count, plural};
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;
use crate::time::SECOND;

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

const LOOPS: (&str, &str) = ("loop", "loops");
/// Work at home that may take longer than this is substantial, in minutes.
const SUBSTANTIAL: i64 = 120;
/// An interviewer whose first own round lies so much later than the first on record is new, in days.
const NEW_AFTER_DAYS: i64 = 180;
/// Names of stages and dimensions in a sentence.
const NAMED: usize = 6;

fn one(expected: Option<String>, outcome: Outcome) -> Vec<Answer> {
    vec![Answer { round: None, expected, outcome }]
}

fn no_plan() -> Outcome {
    hidden("no plan is named, and none that ships fits the stages well enough", DECLARE)
}

/// Some names in a sentence; they come from data or plan, so a reader sees them quoted.
fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let more = all.len().saturating_sub(NAMED);
    let list = all.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {} more", count(more as i64)) } else { list }
}

/// The plan, where the configuration names it; otherwise what stands in for its answer.
fn declared<'a>(audit: &'a Audit<'_>, what: &str) -> Result<&'a Plan, Outcome> {
    match &audit.plan {
        Some(plan) if audit.is_declared => Ok(plan),
        Some(plan) => Err(hidden(
            format!("{what} is nothing that data shows, and the plan {} is only assumed", plan.name),
            DECLARE,
        )),
        None => Err(hidden(format!("{what} is nothing that data shows, and no plan is named"), DECLARE)),
    }
}

fn deliverables(audit: &Audit<'_>) -> Outcome {
    match declared(audit, "what the role delivers") {
        Err(outcome) => outcome,
        Ok(plan) if plan.deliverables.is_empty() => hidden(
            "the plan does not say what the role delivers",
            "Write in the plan: [role] deliverables = [\"...\"], what the hire delivers in the first 90 days.",
        ),
        Ok(plan) => Outcome::Declared {
            is_met: true,
            evidence: format!("the plan has {}", plural(plan.deliverables.len() as i64, "deliverable", "deliverables")),
        },
    }
}

fn questions(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "the question of a round") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    let without: Vec<&str> =
        plan.rounds.iter().filter(|round| round.question.is_none()).map(|round| round.id.as_str()).collect();
    let unknown: Vec<&str> = audit.unknown().iter().map(|stage| stage.name.as_str()).collect();
    let mut lacks = Vec::new();
    if !without.is_empty() {
        lacks.push(format!("the plan has no question for {}", names(without)));
    }
    if !unknown.is_empty() {
        lacks.push(format!("loops hold stages that are no round of the plan: {}", names(unknown)));
    }
    let evidence = if lacks.is_empty() {
        format!("{} with a question of its own each", plural(plan.rounds.len() as i64, "round", "rounds"))
    } else {
        lacks.join("; ")
    };
    Outcome::Declared { is_met: lacks.is_empty(), evidence }
}

/// Loops that went all the way.
fn whole<'r, 'a>(audit: &'r Audit<'a>) -> Vec<&'r Run<'a>> {
    let last = audit.plan.as_ref().and_then(Plan::last);
    let is_whole = |run: &&Run<'_>| run.of.how == How::Offer || last.is_some_and(|last| run.held(last));
    audit.runs.iter().filter(|run| !run.path.is_empty()).filter(is_whole).collect()
}

const WHY_NO_WHOLE: &str = "no loop with a round got an offer or held the last round of the plan";
const NEEDS_ROUNDS: &str = "Export interviews with stage, status and times, and the decisions.";

fn as_planned(audit: &Audit<'_>) -> Outcome {
    if audit.plan.is_none() {
        return no_plan();
    }
    let whole = whole(audit);
    let tell = |what: &str, is: &dyn Fn(&Run<'_>) -> bool| {
        let n = whole.iter().filter(|run| is(run)).count() as i64;
        (n > 0).then(|| format!("{} {what}", count(n)))
    };
    let ways = [
        tell("left rounds out", &|run| !run.skipped.is_empty()),
        tell("had rounds that the plan does not", &|run| run.extra().next().is_some()),
        tell("held rounds in another order", &|run| run.out_of_order == Some(true)),
        tell("held a round again", &|run| run.repeated > 0),
    ];
    let remark = ways.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut cases = Cases::of(whole.iter().map(|run| run.is_as_planned()), LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS);
    cases.remark = Some(remark).filter(|remark| !remark.is_empty());
    Outcome::Cases(cases)
}

/// Says that a round is not found, where unknown stages may well be it.
fn lost(audit: &Audit<'_>, rounds: &[usize]) -> Option<Outcome> {
    let unknown = audit.unknown();
    let is_lost = !rounds.is_empty() && rounds.iter().all(|round| !audit.is_found(*round));
    (is_lost && !unknown.is_empty()).then(|| {
        hidden(
            format!(
                "no stage is known as this round, but it may be one of {}",
                names(unknown.iter().map(|stage| stage.name.as_str()))
            ),
            "Say in looplens.toml which round a stage is: [plan.stages] \"stage\" = \"round\".",
        )
    })
}

/// An answer for each round that has something to answer.
fn per_round(audit: &Audit<'_>, of: impl Fn(usize, &Round) -> Option<(String, Outcome)>) -> Vec<Answer> {
    let Some(plan) = &audit.plan else { return one(None, no_plan()) };
    let found: Vec<Answer> = plan
        .rounds
        .iter()
        .enumerate()
        .filter_map(|(at, round)| {
            let (expected, outcome) = of(at, round)?;
            Some(Answer { round: Some(at), expected: Some(expected), outcome })
        })
        .collect();
    if found.is_empty() {
        let why = format!("the plan {} asks this of none of its rounds", plan.name);
        return one(None, hidden(why, "Declare it for the rounds of your plan."));
    }
    found
}

fn rounds_held(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |at, round| {
        if round.optional {
            return None;
        }
        let expected = "held by every loop that goes on".to_owned();
        if let Some(outcome) = lost(audit, &[at]) {
            return Some((expected, outcome));
        }
        let went_on = |run: &&Run<'_>| {
            !run.path.is_empty() && (run.of.how == How::Offer || run.furthest().is_some_and(|furthest| furthest > at))
        };
        let cases = audit.runs.iter().filter(went_on).map(|run| run.held(at));
        let why = "no loop went further than this round";
        Some((expected, Outcome::Cases(Cases::of(cases, LOOPS).or(why, NEEDS_ROUNDS))))
    })
}

const SITTINGS: (&str, &str) = ("sitting", "sittings");

fn sittings<'r>(audit: &'r Audit<'_>, round: usize) -> impl Iterator<Item = &'r Sitting> {
    audit.runs.iter().flat_map(|run| &run.sittings).filter(move |sitting| sitting.step == Step::Round(round))
}

/// How long a round took: per sitting, or all sittings of a loop together where the plan gives it several.
fn lengths(audit: &Audit<'_>, at: usize, round: &Round, length: fn(&Sitting) -> Option<i64>) -> Vec<i64> {
    if round.sessions.1 == 1 {
        return sittings(audit, at).filter_map(length).collect();
    }
    let of_run = |run: &Run<'_>| {
        let own = run.sittings.iter().filter(|sitting| sitting.step == Step::Round(at));
        own.map(length).sum::<Option<i64>>().filter(|_| run.held(at))
    };
    audit.runs.iter().filter_map(of_run).collect()
}

fn minutes(least: i64, most: i64) -> String {
    match (least, most) {
        (1, most) => format!("up to {} minutes", count(most)),
        (least, most) if least == most => format!("{} minutes", count(least)),
        (least, most) => format!("{} to {} minutes", count(least), count(most)),
    }
}

fn durations(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |at, round| {
        let (least, most) = round.minutes.filter(|_| round.kind != Some(Kind::TakeHome))?;
        let expected = minutes(least, most);
        if let Some(outcome) = lost(audit, &[at]) {
            return Some((expected, outcome));
        }
        let found = lengths(audit, at, round, |sitting| sitting.minutes);
        let cases = Cases::of(found.iter().map(|minutes| (least..=most).contains(minutes)), SITTINGS).or(
            "no interview of this round tells its length",
            "Export the planned length of interviews, or their start and end.",
        );
        Some((expected, Outcome::Cases(Cases { typical: median(found).map(|median| (median, "minutes")), ..cases })))
    })
}

fn panels(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |at, round| {
        let (least, most) = round.panel?;
        let expected = match most {
            Some(most) if most == least => plural(least, "interviewer", "interviewers"),
            Some(most) => format!("{} to {} interviewers", count(least), count(most)),
            None => format!("{} or more", plural(least, "interviewer", "interviewers")),
        };
        if let Some(outcome) = lost(audit, &[at]) {
            return Some((expected, outcome));
        }
        let found: Vec<i64> = sittings(audit, at).filter_map(|sitting| sitting.panel).collect();
        let fits = |panel: &i64| *panel >= least && most.is_none_or(|most| *panel <= most);
        let cases = Cases::of(found.iter().map(fits), SITTINGS).or(
            "no interview of this round says who sat in it",
            "Export the interviewers of each interview, with their role, or the scorecards with their authors.",
        );
        Some((
            expected,
            Outcome::Cases(Cases { typical: median(found).map(|median| (median, "interviewers")), ..cases }),
        ))
    })
}

/// Whether whole loops held any of some rounds.
fn held_by_whole(audit: &Audit<'_>, rounds: &[usize]) -> Outcome {
    if let Some(outcome) = lost(audit, rounds) {
        return outcome;
    }
    let cases = whole(audit).into_iter().map(|run| rounds.iter().any(|round| run.held(*round)));
    Outcome::Cases(Cases::of(cases, LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS))
}

fn async_round(audit: &Audit<'_>) -> Outcome {
    let rounds = audit.plan.as_ref().map_or(Vec::new(), |plan| {
        let is_async = |at: &usize| plan.rounds[*at].kind == Some(Kind::Async);
        let all = (0..plan.rounds.len()).filter(|at| is_async(at) || plan.rounds[*at].covers.contains(&Topic::Writing));
        all.collect()
    });
    if !rounds.is_empty() {
        return held_by_whole(audit, &rounds);
    }
    let is_async = |run: &Run<'_>| run.of.meetings.iter().any(|meeting| meeting.kind == Some(MeetingKind::Async));
    if audit.runs.iter().any(is_async) {
        let cases = whole(audit).into_iter().map(is_async);
        return Outcome::Cases(Cases::of(cases, LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS));
    }
    hidden(
        "no appointment is marked as one in writing, and no round of the plan covers it",
        "Export the kind of each interview (`async`), or declare it for a round of your plan: covers = [\"writing\"].",
    )
}

fn production(audit: &Audit<'_>) -> Outcome {
    let rounds = audit.plan.as_ref().map_or(Vec::new(), |plan| plan.covering(Topic::Production));
    if rounds.is_empty() {
        return hidden(
            "what a round is about is nothing that data shows, and no round of the plan covers it",
            "Declare it for a round of your plan: covers = [\"production\"].",
        );
    }
    held_by_whole(audit, &rounds)
}

fn time_zones(audit: &Audit<'_>) -> Outcome {
    match declared(audit, "what is talked about in screening") {
        Err(outcome) => outcome,
        Ok(plan) => match plan.covering(Topic::TimeZones).first().and_then(|at| plan.rounds.get(*at)) {
            Some(round) => {
                Outcome::Declared { is_met: true, evidence: format!("the plan has it in \"{}\"", round.name) }
            }
            None => hidden(
                "no round of the plan covers it",
                "If a round does, declare it in the plan: covers = [\"time-zones\"].",
            ),
        },
    }
}

fn sample_lengths(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |at, round| {
        if round.kind != Some(Kind::TakeHome) {
            return None;
        }
        let Some((least, most)) = round.minutes else {
            let needs = "Declare it for the round of your plan: minutes = [least, most].";
            return Some(("a bounded length".to_owned(), hidden("the plan does not bound it", needs)));
        };
        let expected = minutes(least, most);
        // When work comes back says nothing about how long it took; only a planned length does.
        let planned = lengths(audit, at, round, |sitting| sitting.planned);
        if !planned.is_empty() {
            let cases = Cases::of(planned.iter().map(|minutes| (least..=most).contains(minutes)), SITTINGS);
            let typical = median(planned).map(|median| (median, "minutes"));
            return Some((expected, Outcome::Cases(Cases { typical, ..cases })));
        }
        let outcome = if audit.is_declared {
            let evidence = format!("the plan bounds it to {}; how long candidates take is not on record", expected);
            Outcome::Declared { is_met: true, evidence }
        } else {
            hidden(
                "no work sample on record has a planned length",
                format!("Export the planned length of work samples. {DECLARE}"),
            )
        };
        Some((expected, outcome))
    })
}

fn sample_pay(audit: &Audit<'_>) -> Vec<Answer> {
    per_round(audit, |_, round| {
        if round.kind != Some(Kind::TakeHome) {
            return None;
        }
        let expected = format!("paid, where it may take more than {} hours", SUBSTANTIAL / 60);
        let plan = match declared(audit, "pay") {
            Err(outcome) => return Some((expected, outcome)),
            Ok(_) => round,
        };
        let outcome = match (plan.paid, plan.minutes) {
            (Some(true), _) => Outcome::Declared { is_met: true, evidence: "the plan pays for it".to_owned() },
            (_, Some((_, most))) if most <= SUBSTANTIAL => Outcome::Declared {
                is_met: true,
                evidence: format!("the plan bounds it to {}, which is not substantial", minutes(1, most)),
            },
            (Some(false), Some((_, most))) => Outcome::Declared {
                is_met: false,
                evidence: format!("the plan does not pay for up to {} minutes of work", count(most)),
            },
            (Some(false), None) => {
                Outcome::Declared { is_met: false, evidence: "the plan neither pays for it nor bounds it".to_owned() }
            }
            (None, _) => hidden(
                "the plan does not say whether it is paid",
                "Declare it for the round of your plan: paid = true, or paid = false.",
            ),
        };
        Some((expected, outcome))
    })
}

/// Names as people may spell them differently.
fn same(a: &str, b: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    plain(a) == plain(b)
}

fn anchors(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "what the levels of a rubric mean") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    if plan.rubric.anchors.is_empty() {
        return hidden(
            "the plan has no anchors",
            "Write in the plan what each level looks like: [rubric.anchors] \"dimension\" = [\"lowest\", ..., \"highest\"].",
        );
    }
    let anchored = |dimension: &str| plan.rubric.anchors.iter().any(|(own, _)| same(own, dimension));
    let asked: BTreeSet<&str> =
        plan.rubric.dimensions.iter().chain(audit.facts.dimensions.keys()).map(String::as_str).collect();
    let without: Vec<&str> = asked.into_iter().filter(|dimension| !anchored(dimension)).collect();
    let evidence = if without.is_empty() {
        format!("the plan has anchors for {}", plural(plan.rubric.anchors.len() as i64, "dimension", "dimensions"))
    } else {
        format!("no anchors for {}", names(without.iter().copied()))
    };
    Outcome::Declared { is_met: without.is_empty(), evidence }
}

fn scored(audit: &Audit<'_>) -> Outcome {
    let plan = match declared(audit, "which dimensions should be scored") {
        Err(outcome) => return outcome,
        Ok(plan) => plan,
    };
    if plan.rubric.dimensions.is_empty() {
        return hidden("the plan does not list dimensions", "Write in the plan: [rubric] dimensions = [\"...\"].");
    }
    if audit.facts.dimensions.is_empty() {
        return hidden("no score of a single dimension is on record", NEEDS_SCORES);
    }
    let is_scored = |dimension: &str| audit.facts.dimensions.keys().any(|own| same(own, dimension));
    let missing: Vec<&str> =
        plan.rubric.dimensions.iter().map(String::as_str).filter(|dimension| !is_scored(dimension)).collect();
    let evidence = if missing.is_empty() {
        format!("all {} dimensions of the plan have scores", count(plan.rubric.dimensions.len() as i64))
    } else {
        format!("no scores on {}", names(missing.iter().copied()))
    };
    Outcome::Declared { is_met: missing.is_empty(), evidence }
}

const NEEDS_SCORES: &str = "Export the scorecards with a score for each dimension.";

fn filled(audit: &Audit<'_>) -> Outcome {
    let cards = || audit.facts.loops.iter().flat_map(|of| &of.cards).filter(|card| card.is_own);
    if cards().all(|card| card.scored == 0) {
        return hidden("no score of a single dimension is on record", NEEDS_SCORES);
    }
    // How many dimensions a stage's cards have: as many as a quarter of them score at least.
    let mut by_stage: BTreeMap<Option<u32>, Vec<i64>> = BTreeMap::new();
    for card in cards() {
        by_stage.entry(card.stage).or_default().push(card.scored);
    }
    let usual: BTreeMap<Option<u32>, i64> = by_stage
        .into_iter()
        .map(|(stage, mut scored)| {
            scored.sort_unstable_by_key(|scored| std::cmp::Reverse(*scored));
            let quarter = scored.len().div_ceil(4).saturating_sub(1);
            (stage, scored.get(quarter).copied().unwrap_or(0))
        })
        .collect();
    // Cards of a stage that nobody scores by dimension are of another kind.
    let asked = cards().filter(|card| usual.get(&card.stage).is_some_and(|usual| *usual > 0));
    let is_filled = |card: &super::facts::Card| {
        card.unscored == 0 && usual.get(&card.stage).is_some_and(|usual| card.scored >= *usual)
    };
    Outcome::Cases(
        Cases::of(asked.map(is_filled), ("scorecard", "scorecards")).or("no scorecard is on record", NEEDS_SCORES),
    )
}

fn shadows(audit: &Audit<'_>) -> Vec<Answer> {
    let wanted = audit.plan.as_ref().and_then(|plan| plan.shadow_rounds).unwrap_or(1);
    let expected = format!("{} before the first own one", plural(wanted, "round watched", "rounds watched"));
    let seats = &audit.facts.seats;
    let outcome = if seats.iter().all(|seat| seat.is_own) {
        hidden(
            "nobody on record has the role of a shadow: either nobody watches, or the export does not say",
            "Export the role of each person in an interview (`shadow`, `reverse_shadow`).",
        )
    } else {
        let first = seats.iter().map(|seat| seat.day).min().unwrap_or(0);
        let mut own: BTreeMap<u32, (i64, bool)> = BTreeMap::new();
        let mut watched: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
        for seat in seats {
            if seat.is_own {
                let (day, inside) = own.entry(seat.person).or_insert((seat.day, seat.inside));
                if seat.day < *day {
                    (*day, *inside) = (seat.day, seat.inside);
                } else if seat.day == *day {
                    *inside |= seat.inside;
                }
            } else {
                watched.entry(seat.person).or_default().insert(seat.day);
            }
        }
        let is_new = |day: i64| day - first >= NEW_AFTER_DAYS * DAY_SECONDS as i64;
        let cases = own
            .iter()
            .filter(|(_, (day, inside))| *inside && is_new(*day))
            .map(|(person, (day, _))| watched.get(person).map_or(0, |days| days.range(..day).count() as i64) >= wanted);
        Outcome::Cases(Cases::of(cases, ("new interviewer", "new interviewers")).or(
            format!("nobody held a first round {NEW_AFTER_DAYS} days or more after the first on record"),
            "A longer period: who is new shows only against those who were there before.",
        ))
    };
    one(Some(expected), outcome)
}

fn before_debrief(audit: &Audit<'_>) -> Outcome {
    let mut untimed = 0;
    let mut cases = Vec::new();
    for run in &audit.runs {
        untimed += i64::from(run.of.untimed_debrief);
        let mut since = i64::MIN;
        for debrief in &run.of.debriefs {
            // A card counts for the first debrief after its round.
            let round = |card: &super::facts::Card| {
                let meetings = run.of.meetings.iter().filter(|meeting| {
                    meeting.stage == card.stage
                        && meeting.kind != Some(MeetingKind::Debrief)
                        && matches!(meeting.status, super::facts::Status::Held | super::facts::Status::Perhaps)
                });
                card.interviewed.or_else(|| meetings.filter_map(|meeting| meeting.at).min())
            };
            let own = run.of.cards.iter().filter(|card| card.is_own);
            // Where nobody knows when the round was, a card belongs to the only debrief.
            let only = run.of.debriefs.len() == 1;
            let meant: Vec<Option<i64>> = own
                .filter(|card| match round(card) {
                    Some(at) => at >= since && at <= *debrief,
                    None => only,
                })
                .map(|card| card.submitted)
                .collect();
            if !meant.is_empty() && meant.iter().all(Option::is_some) {
                cases.push(meant.iter().flatten().all(|submitted| submitted <= debrief));
            }
            since = *debrief;
        }
    }
    let held = audit.runs.iter().any(|run| !run.of.debriefs.is_empty());
    let (why, needs) = if held {
        ("no debrief has scorecards before it whose time is known", "Export the time each scorecard was submitted.")
    } else if untimed > 0 {
        ("no debrief on record has a time", "Export the times of debriefs.")
    } else {
        (
            "no debrief is on record",
            "Export debriefs as interviews of kind `debrief` or as events `debrief_started`; `stages.debrief_pattern` \
             names the appointments that are debriefs.",
        )
    };
    Outcome::Cases(Cases::of(cases, ("debrief", "debriefs")).or(why, needs))
}

fn rule(audit: &Audit<'_>) -> Vec<Answer> {
    let plan = match declared(audit, "the rule behind decisions") {
        Err(outcome) => return one(None, outcome),
        Ok(plan) => plan,
    };
    let Some(rule) = plan.rule else {
        let needs = "Write in the plan: [rule] reject_below = 2, advance_from = 3, since = 2026-01-01.";
        return one(None, hidden("the plan has no rule", needs));
    };
    let said = format!(
        "a score below {} rejects, {} or more everywhere advances",
        number::days_plain(rule.reject_below),
        number::days_plain(rule.advance_from)
    );
    let Some(since) = rule.since.map(|since| since.0.div_euclid(SECOND)) else {
        let evidence = "the plan has the rule; since when it holds is not said (`since`)".to_owned();
        return one(Some(said), Outcome::Declared { is_met: true, evidence });
    };
    let decided = audit.runs.iter().filter(|run| matches!(run.of.how, How::Offer | How::Reject));
    let cases = decided.filter_map(|run| run.of.ended).map(|ended| ended >= since);
    let cases =
        Cases::of(cases, ("decision", "decisions")).or("no decision has a time", "Export the time of decisions.");
    one(Some(format!("{said}, set before the decision")), Outcome::Cases(cases))
}

fn days(audit: &Audit<'_>) -> Vec<Answer> {
    let Some(plan) = &audit.plan else { return one(None, no_plan()) };
    let Some(limit) = plan.days else {
        let why = format!("the plan {} gives no number of days", plan.name);
        return one(None, hidden(why, "Write in the plan: [days] most = 14, alarm = 21."));
    };
    let expected = format!("at most {} days from the first round to the decision", number::days_plain(limit.most));
    let as_of = audit.context.as_of.0.div_euclid(SECOND);
    let calendar = &audit.context.config.calendar;
    let (mut within, mut spells, mut slow) = (Vec::new(), Vec::new(), 0);
    for run in whole(audit) {
        let Some(began) = run.began() else { continue };
        let end = run.of.ended.filter(|end| *end >= began);
        let is_open = run.of.how == How::Open;
        if end.is_none() && !is_open {
            continue;
        }
        let seconds = elapsed(calendar, began, end.unwrap_or(as_of), false).max(0);
        let took = seconds as f64 / DAY_SECONDS;
        let ended = match run.of.how {
            How::Open => End::Open,
            How::Withdrawn => End::Withdrawn,
            How::Offer | How::Reject => End::Decided,
        };
        spells.push(Spell { entry: 0, exit: seconds, end: ended, count: 1 });
        // A loop that the candidate ended says nothing about how long the decision takes, and a young open one
        // nothing yet.
        let is_known = ended == End::Decided || (is_open && took > limit.most);
        if is_known {
            within.push(ended == End::Decided && took <= limit.most);
            slow += i64::from(limit.alarm.is_some_and(|alarm| took > alarm));
        }
    }
    let median = Survival::estimate(&LifeTable::from_spells(&spells), Event::Decided).quantile(0.5).time;
    let mut cases = Cases::of(within, LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS);
    cases.typical = median.map(|seconds| (seconds / DAY_SECONDS, "days"));
    cases.remark = limit
        .alarm
        .filter(|_| slow > 0)
        .map(|alarm| format!("{} took more than {} days", count(slow), number::days_plain(alarm)));
    one(Some(expected), Outcome::Cases(cases))
}
