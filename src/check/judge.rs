//! Rules against results: the only place where a verdict is made.

use super::baseline::Baseline;
use super::policy::Held;
use super::verdict::{Checked, Found, Ruled, State, Verdict};
use super::{Case, Facts};
use crate::config::Config;
use crate::config::check::Decide;
use crate::engine::results::Status;
use crate::engine::run::Results;
use crate::findings::Finding;
use crate::metrics::wording::with_interval;
use crate::report::number::{self, plural};

/// What is held against the rules.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The results of all metrics.
    pub results: &'a Results,
    /// All findings.
    pub findings: &'a [Finding],
    /// The configuration.
    pub config: &'a Config,
}

impl Evidence<'_> {
    fn cases(&self, held: &Held, has_baseline: bool) -> Vec<Case> {
        let Self { results, findings, config } = *self;
        let mut cases = (held.rule.read)(&Facts { results, findings, config, held, has_baseline });
        cases.retain(|case| held.looks_at(&case.names));
        cases
    }
}

/// What a rule says of a case.
enum Told {
    Forbidden,
    /// Within the limit, or not surely beyond it.
    Fine {
        doubt: bool,
    },
    Skipped(String),
}

/// The rules held against the results, and the verdict.
pub fn judge(held: &[Held], evidence: &Evidence<'_>, baseline: Option<&Baseline>) -> Checked {
    let rules: Vec<Ruled> = held.iter().map(|held| rule(held, evidence, baseline)).collect();
    let is = |state: State| rules.iter().any(|ruled| ruled.state == state);
    let verdict = if is(State::Forbidden) {
        Verdict::Forbidden
    } else if is(State::Passed) {
        Verdict::Passed
    } else {
        Verdict::CannotTell
    };
    let told = |id: &str| {
        let rule = id.split(':').next().unwrap_or(id);
        rules.iter().any(|ruled| ruled.held.rule.id == rule && ruled.untold == 0 && ruled.told > 0)
    };
    let resolved = baseline.map(|baseline| {
        let still = everything(held, evidence);
        baseline.ids().filter(|id| told(id) && !still.contains(id)).count()
    });
    Checked { verdict, rules, period: None, as_of: None, policy: None, resolved }
}

/// Everything that could be reported at present: what is to be accepted by a baseline that is made now. All findings
/// are in it, so that it holds for any level.
pub fn everything(held: &[Held], evidence: &Evidence<'_>) -> Baseline {
    let mut ids: Vec<String> = evidence.findings.iter().map(super::rules::findings::id).collect();
    for held in held {
        let cases = evidence.cases(held, true);
        ids.extend(cases.iter().filter(|case| matches!(tell(held, case), Told::Forbidden)).map(|case| id(held, case)));
    }
    Baseline::of(ids)
}

fn id(held: &Held, case: &Case) -> String {
    format!("{}:{}", held.rule.id, case.key)
}

fn rule(held: &Held, evidence: &Evidence<'_>, baseline: Option<&Baseline>) -> Ruled {
    let cases = evidence.cases(held, baseline.is_some());
    let (mut found, mut accepted, mut fine, mut doubts, mut skipped) =
        (Vec::new(), Vec::new(), Vec::new(), 0, Vec::new());
    for case in &cases {
        match tell(held, case) {
            Told::Forbidden if baseline.is_some_and(|known| known.contains(&id(held, case))) => {
                accepted.push(id(held, case));
            }
            Told::Forbidden => found.push(Found {
                id: id(held, case),
                subject: case.subject.clone(),
                statement: statement(held, case),
                value: case.value,
                low: case.low,
                high: case.high,
                n: case.n,
            }),
            Told::Fine { doubt } => {
                doubts += usize::from(doubt);
                fine.push(case);
            }
            Told::Skipped(reason) => skipped.push((case, reason)),
        }
    }
    let told = found.len() + accepted.len() + fine.len();
    let state = if !found.is_empty() {
        State::Forbidden
    } else if told > 0 {
        State::Passed
    } else {
        State::Skipped
    };
    let summary = match state {
        State::Forbidden => match found.as_slice() {
            [one] => one.statement.clone(),
            several => format!("{} that the rule forbids.", plural(several.len() as i64, "case", "cases")),
        },
        State::Passed => passed(held, &fine, accepted.len(), doubts),
        State::Skipped => why(held, evidence, &skipped),
    };
    Ruled { held: held.clone(), state, found, accepted, summary, told, untold: skipped.len(), line: None }
}

fn tell(held: &Held, case: &Case) -> Told {
    let why = |otherwise: &str| case.reason.clone().unwrap_or_else(|| otherwise.to_owned());
    match case.status {
        Status::Ok => {}
        Status::Thin => return Told::Skipped(format!("thin data: {}", why("enough for a number, not for a verdict"))),
        Status::NotEstimable => return Told::Skipped(why("the data cannot tell")),
    }
    let (Some(rule), Some(limit)) = (held.rule.limit, held.limit) else {
        return match case.verdict {
            Some(true) => Told::Forbidden,
            Some(false) => Told::Fine { doubt: false },
            None => Told::Skipped(why("the data leaves it open")),
        };
    };
    let beyond = |value: f64| rule.is_beyond(value, limit);
    if held.decide == Some(Decide::Sure) {
        // The end of the interval that lies next to the limit when the figure is beyond it.
        let near = match rule.side {
            super::Side::Above => case.low,
            super::Side::Below => case.high,
        };
        return match (near, case.value) {
            (Some(near), _) if beyond(near) => Told::Forbidden,
            (_, None) => Told::Skipped(why("there is no figure")),
            (None, Some(value)) if beyond(value) => {
                Told::Skipped("no interval tells how sure the figure is".to_owned())
            }
            (_, Some(value)) => Told::Fine { doubt: beyond(value) },
        };
    }
    match case.value {
        Some(value) if beyond(value) => Told::Forbidden,
        Some(_) => Told::Fine { doubt: false },
        None => Told::Skipped(why("there is no figure")),
    }
}

/// What was found in a case, in words.
fn statement(held: &Held, case: &Case) -> String {
    let (Some(rule), Some(limit)) = (held.rule.limit, held.limit) else { return case.says.clone() };
    let subject = if case.subject.is_empty() { String::new() } else { format!(", {}", case.subject) };
    let (format, unit) = rule.unit.shown();
    let figure = match (case.value, case.low) {
        (Some(value), _) => with_interval(value, case.low, case.high, format),
        (None, Some(low)) => format!("at least {}", format(low)),
        (None, None) => "no figure".to_owned(),
    };
    let n = case.n.map_or(String::new(), |n| format!(" (n = {})", number::count(n)));
    format!("{}{subject}: {figure}{unit}{n}; {} allowed.", held.rule.title, rule.words(limit))
}

/// What was seen by a rule that found nothing new: its worst case.
fn passed(held: &Held, fine: &[&Case], accepted: usize, doubts: usize) -> String {
    let worst = held.rule.limit.and_then(|limit| {
        let order = |a: &&&Case, b: &&&Case| {
            let (a, b) = (a.value.unwrap_or(0.0), b.value.unwrap_or(0.0));
            if limit.side == super::Side::Above { a.total_cmp(&b) } else { b.total_cmp(&a) }
        };
        fine.iter().max_by(order).map(|case| statement(held, case))
    });
    let mut text = match (worst, fine.len()) {
        (Some(worst), 0 | 1) => worst,
        (Some(worst), several) => format!("The worst of {several}: {worst}"),
        (None, 0) => String::new(),
        (None, several) => format!("{} looked at, none forbidden.", plural(several as i64, "case", "cases")),
    };
    if doubts > 0 {
        text.push_str(" Beyond the limit, but not surely: the interval reaches back over it.");
    }
    if accepted > 0 {
        text.push_str(&format!(" {} accepted by the baseline.", plural(accepted as i64, "case is", "cases are")));
    }
    text.trim_start().to_owned()
}

/// Why a rule was skipped.
fn why(held: &Held, evidence: &Evidence<'_>, skipped: &[(&Case, String)]) -> String {
    let rule = held.rule;
    if evidence.results.table(rule.table).is_none() && rule.table != crate::findings::rank::FINDINGS.name {
        return format!("No metric of this version gives the table `{}`.", rule.table);
    }
    let sentence = |reason: &str| {
        let mut letters = reason.trim_end_matches('.').chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}.", letters.as_str())
    };
    match skipped {
        [] => format!("The table `{}` holds nothing about it.", rule.table),
        [(_, reason)] => sentence(reason),
        [(case, reason), ..] => {
            let subject = if case.subject.is_empty() { "all loops" } else { &case.subject };
            format!("None of {} can be told; {subject}: {reason}.", plural(skipped.len() as i64, "case", "cases"))
        }
    }
}
