//! Items that are answered by the rounds that loops held.

use super::answers::{Answer, Cases, DECLARE, LOOPS, Outcome, hidden, median, one};
use super::declared::names;
use super::facts::{How, MeetingKind};
use super::rounds::{Audit, Run, Sitting, Step};
use crate::metrics::segments::{DAY_SECONDS, elapsed};
use crate::plan::{Kind, Round, Topic};
use crate::report::number::{self, count, plural};
use crate::stats::life_table::{End, Event, LifeTable, Spell};
use crate::stats::survival::Survival;
use crate::time::SECOND;

const WHY_NO_WHOLE: &str = "no loop with a round got an offer or held the last round of the plan";
const NEEDS_ROUNDS: &str = "Export interviews with stage, status and times, and the decisions.";
const SITTINGS: (&str, &str) = ("sitting", "sittings");

pub(super) fn no_plan() -> Outcome {
    hidden("there is no plan to hold loops against", DECLARE)
}

/// Loops that went all the way.
fn whole<'r, 'a>(audit: &'r Audit<'a>) -> Vec<&'r Run<'a>> {
    let last = audit.last();
    let is_whole = |run: &&Run<'_>| run.of.how == How::Offer || last.is_some_and(|last| run.held(last));
    audit.runs.iter().filter(|run| !run.path.is_empty()).filter(is_whole).collect()
}

pub(super) fn as_planned(audit: &Audit<'_>) -> Outcome {
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
    let rounds = audit.plan.iter().flat_map(|plan| &plan.rounds).zip(&audit.visible);
    let unseen: Vec<&str> = rounds.filter(|(_, visible)| !**visible).map(|(round, _)| round.id.as_str()).collect();
    let unseen = (!unseen.is_empty()).then(|| format!("{} would not show in this data", unseen.join(" and ")));
    let remark = ways.into_iter().chain([unseen]).flatten().collect::<Vec<_>>().join(", ");
    let mut cases = Cases::of(whole.iter().map(|run| run.is_as_planned()), LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS);
    cases.remark = Some(remark).filter(|remark| !remark.is_empty());
    Outcome::cases(cases)
}

/// Why none of some rounds would show, and what would show them.
fn lost(audit: &Audit<'_>, rounds: &[usize]) -> Option<Outcome> {
    if rounds.is_empty() || rounds.iter().any(|round| audit.visible.get(*round) == Some(&true)) {
        return None;
    }
    let unknown = audit.unknown();
    Some(if !unknown.is_empty() {
        hidden(
            format!(
                "no stage is known as this round, but it may be one of {}",
                names(unknown.iter().map(|stage| stage.name.as_str()))
            ),
            "Say in looplens.toml which round a stage is: [plan.stages] \"stage\" = \"round\".",
        )
    } else if audit.is_declared {
        hidden(
            "no appointment and no scorecard of this round is on record; work done at home often leaves none",
            "Export its appointments or its scorecards.",
        )
    } else {
        hidden("no stage of the data is this round, and the plan is only assumed", DECLARE)
    })
}

/// An answer for each round that has something to answer.
pub(super) fn per_round(audit: &Audit<'_>, of: impl Fn(usize, &Round) -> Option<(String, Outcome)>) -> Vec<Answer> {
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

pub(super) fn rounds_held(audit: &Audit<'_>) -> Vec<Answer> {
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
        Some((expected, Outcome::cases(Cases::of(cases, LOOPS).or(why, NEEDS_ROUNDS))))
    })
}

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

pub(super) fn minutes(least: i64, most: i64) -> String {
    match (least, most) {
        (1, most) => format!("up to {} minutes", count(most)),
        (least, most) if least == most => format!("{} minutes", count(least)),
        (least, most) => format!("{} to {} minutes", count(least), count(most)),
    }
}

pub(super) fn durations(audit: &Audit<'_>) -> Vec<Answer> {
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
        Some((expected, Outcome::cases(Cases { typical: median(found).map(|median| (median, "minutes")), ..cases })))
    })
}

pub(super) fn panels(audit: &Audit<'_>) -> Vec<Answer> {
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
            Outcome::cases(Cases { typical: median(found).map(|median| (median, "interviewers")), ..cases }),
        ))
    })
}

/// Whether whole loops held any of some rounds.
fn held_by_whole(audit: &Audit<'_>, rounds: &[usize]) -> Outcome {
    if let Some(outcome) = lost(audit, rounds) {
        return outcome;
    }
    let cases = whole(audit).into_iter().map(|run| rounds.iter().any(|round| run.held(*round)));
    Outcome::cases(Cases::of(cases, LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS))
}

pub(super) fn async_round(audit: &Audit<'_>) -> Outcome {
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
        return Outcome::cases(Cases::of(cases, LOOPS).or(WHY_NO_WHOLE, NEEDS_ROUNDS));
    }
    hidden(
        "no appointment is marked as one in writing, and no round of the plan covers it",
        "Export the kind of each interview (`async`), or declare it for a round of your plan: covers = [\"writing\"].",
    )
}

pub(super) fn production(audit: &Audit<'_>) -> Outcome {
    let rounds = audit.plan.as_ref().map_or(Vec::new(), |plan| plan.covering(Topic::Production));
    if rounds.is_empty() {
        return hidden(
            "what a round is about is nothing that data shows, and no round of the plan covers it",
            "Declare it for a round of your plan: covers = [\"production\"].",
        );
    }
    held_by_whole(audit, &rounds)
}

pub(super) fn sample_lengths(audit: &Audit<'_>) -> Vec<Answer> {
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
            return Some((expected, Outcome::cases(Cases { typical, ..cases })));
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

pub(super) fn days(audit: &Audit<'_>) -> Vec<Answer> {
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
        // An end known by its day may lie on the day of the first round.
        let day = |at: i64| at.div_euclid(DAY_SECONDS as i64);
        let end = run.of.ended.filter(|end| *end >= began || (run.of.whole_days && day(*end) == day(began)));
        let is_open = run.of.how == How::Open;
        if end.is_none() && !is_open {
            continue;
        }
        let seconds = elapsed(calendar, began, end.unwrap_or(as_of), run.of.whole_days).max(0);
        let took = seconds as f64 / DAY_SECONDS;
        let ended = match run.of.how {
            How::Open => End::Open,
            How::Withdrawn | How::Closed => End::Withdrawn,
            How::Offer | How::Reject => End::Decided,
        };
        spells.push(Spell { entry: 0, exit: seconds, end: ended, count: 1 });
        // A loop that ended otherwise says nothing about how long the decision takes, and a young open one
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
    one(Some(expected), Outcome::cases(cases))
}
