//! The loop without a round, told in a few lines.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::Wanted;
use super::analysis::Asked;
use crate::config::Config;
use crate::dataset::store::Store;
use crate::engine::cache::Cache;
use crate::engine::metric::Context;
use crate::engine::run;
use crate::error::{Error, Result, pages};
use crate::metrics::stage_redundancy::{Change, METRIC, WhatIf, what_if};
use crate::metrics::{METRICS, wording};
use crate::progress::Progress;
use crate::report::number::{count, days, figure, harmless, percent, plural};
use crate::stats::estimate::Interval;
use crate::time::Instant;

/// What a change of the loop would cost, save and decide otherwise.
pub fn tell(
    dataset: &Path,
    config: Option<&Path>,
    wanted: &Wanted,
    change: &Change,
    json: bool,
    progress: &dyn Progress,
) -> Result<String> {
    let mut config = Config::load(config, None)?;
    let asked = Asked::of(&mut config, wanted)?;
    let store = Store::at(dataset);
    let generation = store.existing()?;
    let as_of = asked.as_of.or(generation.manifest.latest()).unwrap_or(Instant(0));
    let context = Context { config: &config, as_of, period: asked.period, earlier: &run::NOTHING };
    let before: Vec<_> =
        METRICS.iter().map(|question| &question.metric).filter(|metric| METRIC.needs.contains(&metric.id)).collect();
    let mut cache = Cache::of(&store.root);
    let results = run::run(&before, &generation, &mut cache, &context, progress)?;
    let counts = run::additive(&METRIC, &generation, &mut cache, &context, progress)?;
    let context = Context { earlier: &results, ..context };
    let found = what_if(&counts, &context, change)?;
    if json { told_to_programs(&found, change) } else { Ok(words(&found, change)) }
}

/// A value with its 95 % interval.
#[derive(Serialize)]
struct Ranged {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// The decisions that change.
#[derive(Serialize)]
struct Flipped {
    share: Ranged,
    decided: i64,
    offers_lost: i64,
    offers_new: i64,
    share_if_held_again: Option<f64>,
    rule_agrees_with_record: Option<f64>,
}

/// The answer for programs. What cannot be told is null; why, is said beside it.
#[derive(Serialize)]
struct Answer<'a> {
    stages: &'a [String],
    dropped: &'a [String],
    merged: Option<[&'a str; 2]>,
    window: &'a str,
    loops: usize,
    reached: usize,
    interviewer_hours_saved_per_quarter: f64,
    candidate_hours_saved_per_quarter: f64,
    days_saved: Option<Ranged>,
    decisions: Option<Flipped>,
    decisions_reason: Option<&'a str>,
    fidelity_before: Option<f64>,
    fidelity_after: Option<f64>,
    interviewers_to_make_up: Option<i64>,
}

fn told_to_programs(found: &WhatIf, change: &Change) -> Result<String> {
    let ranged = |value: f64, ends: Interval| Ranged { value, low: ends.low, high: ends.high };
    let decisions = found.decisions.as_ref().ok().map(|told| Flipped {
        share: ranged(told.flips.rate.share, Interval::new(told.flips.rate.low, told.flips.rate.high)),
        decided: told.flips.n,
        offers_lost: told.flips.lost,
        offers_new: told.flips.extra,
        share_if_held_again: told.again,
        rule_agrees_with_record: told.agreement,
    });
    let answer = Answer {
        stages: &found.stages,
        dropped: &change.drop,
        merged: change.merge.as_ref().map(|(a, b)| [a.as_str(), b.as_str()]),
        window: &found.window,
        loops: found.loops,
        reached: found.reached,
        interviewer_hours_saved_per_quarter: found.interviewer_hours,
        candidate_hours_saved_per_quarter: found.candidate_hours,
        days_saved: found.days.map(|(value, ends)| ranged(value, ends)),
        decisions,
        decisions_reason: found.decisions.as_ref().err().map(String::as_str),
        fidelity_before: found.fidelity.map(|(before, _)| before),
        fidelity_after: found.fidelity.map(|(_, after)| after),
        interviewers_to_make_up: found.make_up,
    };
    serde_json::to_string_pretty(&answer)
        .map(|text| text + "\n")
        .map_err(|e| Error::new(&pages::DEFECT, format!("the answer cannot be written: {e}")))
}

fn interval(value: f64, interval: Interval, format: fn(f64) -> String) -> String {
    wording::with_interval(value, interval.low, interval.high, format)
}

fn words(found: &WhatIf, change: &Change) -> String {
    let mut out = String::new();
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "{name:<22} {text}");
    };
    let names = |names: &[String]| names.iter().map(|name| harmless(name)).collect::<Vec<_>>().join(", ");
    line("The loop", &names(&found.stages));
    if !change.drop.is_empty() {
        line("without", &names(&change.drop));
    }
    if let Some((a, b)) = &change.merge {
        line("in one", &names(&[a.clone(), b.clone()]));
    }
    line(
        "reached by",
        &format!(
            "{} of {}; {}",
            count(found.reached as i64),
            plural(found.loops as i64, "loop", "loops"),
            found.window
        ),
    );
    line("interviewer hours", &format!("{} saved a quarter", figure(found.interviewer_hours)));
    line("candidate hours", &format!("{} saved a quarter", figure(found.candidate_hours)));
    match found.days {
        Some((value, ends)) => {
            line("days", &format!("{} saved in a loop that reached it (median)", interval(value, ends, days)))
        }
        None => line("days", "cannot tell: fewer than five loops have the times"),
    }
    match &found.decisions {
        Ok(told) => {
            let rate = told.flips.rate;
            line(
                "decisions",
                &format!(
                    "{} of {} change: {} offers lost, {} new",
                    interval(rate.share, Interval::new(rate.low, rate.high), percent),
                    count(told.flips.n),
                    count(told.flips.lost),
                    count(told.flips.extra)
                ),
            );
            if let Some(again) = told.again {
                line("", &format!("holding it again would change {}", percent(again)));
            }
            if let Some(agreement) = told.agreement {
                line("", &format!("by a rule that gives {} of the decisions on record", percent(agreement)));
            }
        }
        Err(why) => line("decisions", &format!("cannot tell: {}", harmless(why))),
    }
    match found.fidelity {
        Some((with, without)) if without < with => {
            line("fidelity", &format!("{} instead of {}", figure(without), figure(with)));
            match found.make_up {
                Some(more) => line(
                    "",
                    &format!(
                        "{} in the other rounds would make up for it",
                        plural(more, "more interviewer", "more interviewers")
                    ),
                ),
                None => line(
                    "",
                    "ten more interviewers in the other rounds would not make up for it: it tells what they do not",
                ),
            }
        }
        Some((with, _)) => line("fidelity", &format!("{} as before", figure(with))),
        None => line("fidelity", "cannot tell: too few candidates met two interviewers in one round"),
    }
    out
}
