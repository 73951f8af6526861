//! What each stage costs and what it gives.

use super::analysis::{Analysis, Dropped, rule, rule_word};
use super::pairs::{Judged, went_on};
use super::rounds::{Part, Round, Rounds};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{limits, standing, text};
use crate::metrics::segments::ALL;
use crate::stats::attenuation::{Noise, Seen, stands_for_all};
use crate::stats::em_covariance::Joint;
use crate::stats::equivalence::Verdict;
use crate::stats::estimate::{Interval, Z_95};
use crate::stats::proportion::wilson;
use crate::stats::redundancy::{FEWEST, Ranged};

/// A stage that surely lets through this share filters nobody.
pub(super) const FILTERS_NOBODY: f64 = 0.95;
/// Scored candidates below which a stage is thin.
const ENOUGH: usize = 50;
/// Loops below which there is no median of days.
const FEWEST_DAYS: usize = 5;
/// More interviewers than this do not make up for a round.
const MOST_MORE: usize = 10;

/// What a round costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// Hours of interviewers, per quarter.
    pub(super) interviewer_hours: f64,
    /// Hours of candidates, per quarter.
    pub(super) candidate_hours: f64,
    /// Median days that it adds to a loop, with interval.
    pub(super) days: Option<(f64, Interval)>,
}

/// The cost of a stage in some loops.
pub(super) fn cost(rounds: &Rounds, loops: &[u32], stage: usize) -> Cost {
    let held = || loops.iter().filter_map(|at| rounds.loops.get(*at as usize)?.round(stage));
    let per_quarter = |minutes: fn(&Round) -> f64| held().map(minutes).sum::<f64>() / 60.0 / rounds.quarters;
    Cost {
        interviewer_hours: per_quarter(|round| round.interviewer_minutes),
        candidate_hours: per_quarter(|round| round.candidate_minutes),
        days: median(held().filter_map(|round| round.days).collect()),
    }
}

/// The median with its interval from order statistics.
pub(super) fn median(mut values: Vec<f64>) -> Option<(f64, Interval)> {
    let n = values.len();
    if n < FEWEST_DAYS {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let half = Z_95 * (n as f64).sqrt() / 2.0;
    let at = |place: f64| values.get((place.max(0.0) as usize).min(n - 1)).copied();
    let value = f64::midpoint(values[(n - 1) / 2], values[n / 2]);
    let middle = n as f64 / 2.0;
    Some((value, Interval { low: at((middle - half).floor()), high: at((middle + half).ceil() - 1.0) }))
}

/// How well the mean of stages stands for what all of them measure, with and without one, and how many more interviewers
/// would make up for it.
pub(super) struct Fidelity {
    pub(super) with: f64,
    pub(super) without: f64,
    pub(super) make_up: Option<i64>,
}

/// The fidelity of the stages in the joint estimate without those in `left_out` (positions among its members).
pub(super) fn fidelity(joint: &Joint, noise: &[Option<Noise>], left_out: &[usize]) -> Option<Fidelity> {
    let noise: Vec<Noise> = noise.iter().copied().collect::<Option<_>>()?;
    let own: Vec<usize> = (0..noise.len()).collect();
    let covariance = joint.covariance.part(&own);
    let mut of_score: Vec<f64> = noise.iter().map(|noise| noise.of_score).collect();
    // What is not told from noise at all cannot stand for anything.
    if own.iter().any(|at| covariance.at(*at, *at) <= of_score[*at]) {
        return None;
    }
    let weights: Vec<f64> = own.iter().map(|at| f64::from(u8::from(!left_out.contains(at)))).collect();
    let with = stands_for_all(&covariance, &of_score, &vec![1.0; noise.len()])?;
    let without = stands_for_all(&covariance, &of_score, &weights)?;
    let mut made_up = covariance.clone();
    let mut make_up = (without >= with).then_some(0);
    for more in 1..=MOST_MORE {
        if make_up.is_some() {
            break;
        }
        // The next interviewer sits where they reduce noise most.
        let less = |at: usize| {
            let cards = noise[at].of_card / of_score[at].max(1e-12);
            of_score[at] - noise[at].of_card / (cards + 1.0)
        };
        let best = own.iter().copied().filter(|at| weights[*at] > 0.0).max_by(|a, b| less(*a).total_cmp(&less(*b)))?;
        let gain = less(best);
        of_score[best] -= gain;
        made_up.add(best, best, -gain);
        if stands_for_all(&made_up, &of_score, &weights)? >= with {
            make_up = Some(more as i64);
        }
    }
    Some(Fidelity { with, without, make_up })
}

fn ranged(out: &mut Vec<(&'static str, Cell)>, value: Option<Ranged>, names: [&'static str; 3]) {
    let Some(ranged) = value else { return };
    out.push((names[0], Cell::float(ranged.value)));
    out.extend(limits(ranged.interval, [names[1], names[2]]));
}

/// Adds the rows of a segment.
pub(super) fn push(
    out: &mut ResultTable,
    rounds: &Rounds,
    part: &Part,
    analysis: &Analysis,
    judged: &[Judged],
    context: &Context<'_>,
) {
    let is_all = part.kind == ALL;
    let smallest = context.config.privacy.smallest_group;
    for (position, name) in rounds.stages.iter().enumerate() {
        let had: Vec<u32> = part
            .loops
            .iter()
            .copied()
            .filter(|at| rounds.loops.get(*at as usize).is_some_and(|own| own.round(position).is_some()))
            .collect();
        if had.is_empty() {
            continue;
        }
        let mut cells: Vec<(&'static str, Cell)> = vec![
            ("segment_kind", text(&part.kind)),
            ("segment", text(&part.name)),
            ("stage", text(name)),
            ("position", Cell::Int(position as i64 + 1)),
        ];
        if !is_all && (had.len() as i64) < smallest {
            cells.push(("candidates", Cell::Int(0)));
            let reason = format!("groups below {smallest} are not printed");
            cells.extend(standing(0, rounds.window(), Status::NotEstimable, Some(reason)));
            out.push(cells);
            continue;
        }
        cells.push(("candidates", Cell::Int(had.len() as i64)));
        let passed: Vec<bool> =
            had.iter().filter_map(|at| went_on(rounds.loops.get(*at as usize)?, position)).collect();
        let pass = wilson(passed.iter().filter(|on| **on).count() as i64, passed.len() as i64)
            .filter(|_| passed.len() >= FEWEST);
        if let Some(pass) = pass {
            cells.push(("pass_rate", Cell::float(pass.share)));
            cells.extend(limits(Interval::new(pass.low, pass.high), ["pass_rate_low", "pass_rate_high"]));
        }
        let costs = cost(rounds, &had, position);
        if had.len() >= FEWEST {
            cells.push(("interviewer_hours", Cell::float(costs.interviewer_hours)));
            cells.push(("candidate_hours", Cell::float(costs.candidate_hours)));
            if let Some((days, interval)) = costs.days {
                cells.push(("days_saved", Cell::float(days)));
                cells.extend(limits(interval, ["days_saved_low", "days_saved_high"]));
            }
        }
        let place = analysis.stages.iter().position(|stage| *stage == position);
        let n = place.map_or(0, |place| analysis.found.stages[place].n);
        let verdict = place.and_then(|place| scored(&mut cells, rounds, part, analysis, judged, place, context));
        let nobody = pass.is_some_and(|pass| pass.low >= FILTERS_NOBODY);
        let verdict = match verdict {
            Some("redundant") => Some("redundant"),
            _ if nobody => Some("filters_nobody"),
            other => other,
        };
        cells.push(("verdict", verdict.map_or(Cell::Null, text)));
        let (status, reason) = standing_of(analysis, place, n, had.len());
        let method = format!(
            "cost from appointments and panels; noise from panels of two and more; rule {}, ten-fold; bootstrap of {} draws; {}",
            rule_word(rule(&context.config.redundancy)),
            analysis.found.draws,
            rounds.window()
        );
        cells.extend(standing(n as i64, method, status, reason));
        out.push(cells);
    }
}

fn standing_of(analysis: &Analysis, place: Option<usize>, n: usize, had: usize) -> (Status, Option<String>) {
    let Some(place) = place else {
        let what = if had < FEWEST { "and fewer than 10 candidates had it" } else { "so only its cost is told" };
        let status = if had < FEWEST { Status::NotEstimable } else { Status::Thin };
        return (status, Some(format!("nobody scored it, {what}")));
    };
    if n < FEWEST {
        return (Status::NotEstimable, Some(format!("fewer than {FEWEST} candidates have a score of it")));
    }
    if analysis.stages.len() < 2 {
        return (Status::Thin, Some("no other stage is scored".to_owned()));
    }
    if analysis.found.stages[place].sd.is_none_or(|sd| sd == 0.0) {
        return (Status::Thin, Some("its scores are all the same".to_owned()));
    }
    match &analysis.dropped[place] {
        Err(why) => (Status::Thin, Some(why.clone())),
        Ok(_) if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} candidates have a score of it"))),
        Ok(_) => (Status::Ok, None),
    }
}

/// The cells of a stage with scores, and its verdict.
fn scored(
    cells: &mut Vec<(&'static str, Cell)>,
    rounds: &Rounds,
    part: &Part,
    analysis: &Analysis,
    judged: &[Judged],
    place: usize,
    context: &Context<'_>,
) -> Option<&'static str> {
    let stage = &analysis.found.stages[place];
    if stage.n < FEWEST {
        return None;
    }
    let own = analysis.stages[place];
    let cards: usize =
        part.loops.iter().filter_map(|at| Some(rounds.loops.get(*at as usize)?.round(own)?.cards.len())).sum();
    cells.push(("interviewers", Cell::float(cards as f64 / stage.n as f64)));
    ranged(cells, stage.r2_from_others, ["r2_from_others", "r2_from_others_low", "r2_from_others_high"]);
    ranged(cells, stage.reliability, ["reliability", "reliability_low", "reliability_high"]);
    if let (Some(noise), Some(_)) = (stage.noise, stage.reliability) {
        cells.push(("reliability_from", text(if noise.seen == Seen::Here { "own_panels" } else { "all_panels" })));
    }
    ranged(cells, stage.adds_to_outcome, ["adds_to_outcome", "adds_to_outcome_low", "adds_to_outcome_high"]);
    if stage.adds_to_outcome.is_some() {
        cells.push(("outcome", Cell::text(rounds.outcome.clone())));
    }
    if let Ok(Dropped { flips, again, agreement }) = &analysis.dropped[place] {
        cells.push(("flip_rate", Cell::float(flips.rate.share)));
        cells.extend(limits(Interval::new(flips.rate.low, flips.rate.high), ["flip_rate_low", "flip_rate_high"]));
        cells.extend([
            ("flip_rate_baseline", Cell::float(*again)),
            ("lost_hires", Cell::Int(flips.lost)),
            ("extra_hires", Cell::Int(flips.extra)),
            ("rule", text(rule_word(rule(&context.config.redundancy)))),
            ("rule_agreement", Cell::float(*agreement)),
        ]);
    }
    let members = &analysis.found.members;
    if let (Ok(joint), Some(member)) = (&analysis.found.joint, members.iter().position(|member| *member == place)) {
        let noise: Vec<Option<Noise>> = members.iter().map(|member| analysis.found.stages[*member].noise).collect();
        if let Some(fidelity) = fidelity(joint, &noise, &[member]) {
            cells.push(("fidelity_with", Cell::float(fidelity.with)));
            cells.push(("fidelity_without", Cell::float(fidelity.without)));
            cells.push(("interviewers_to_make_up", fidelity.make_up.map_or(Cell::Null, Cell::Int)));
        }
    }
    let pairs: Vec<&Judged> = judged.iter().filter(|one| one.pair.a == place || one.pair.b == place).collect();
    let same = pairs.iter().find(|one| one.verdict == Some(Verdict::Redundant));
    if let Some(one) = same {
        let other = if one.pair.a == place { one.pair.b } else { one.pair.a };
        cells.push(("redundant_with", text(&rounds.stages[analysis.stages[other]])));
        return Some("redundant");
    }
    let told: Vec<Verdict> = pairs.iter().filter_map(|one| one.verdict).collect();
    if told.contains(&Verdict::Overlapping) {
        Some("overlapping")
    } else if told.is_empty() {
        None
    } else if told.iter().all(|verdict| *verdict == Verdict::Distinct) {
        Some("distinct")
    } else {
        Some("inconclusive")
    }
}

/// Adds the row of a segment.
pub(super) fn push_effective(out: &mut ResultTable, rounds: &Rounds, part: &Part, analysis: &Analysis) {
    let mut cells: Vec<(&'static str, Cell)> = vec![
        ("segment_kind", text(&part.kind)),
        ("segment", text(&part.name)),
        ("rounds", Cell::Int(analysis.found.members.len() as i64)),
    ];
    let k = analysis.found.members.len();
    let least = analysis
        .found
        .pairs
        .iter()
        .filter(|pair| analysis.found.members.contains(&pair.a) && analysis.found.members.contains(&pair.b));
    let least = least.map(|pair| pair.n).min().unwrap_or(0);
    let n = part.loops.len();
    let (status, reason) = match (&analysis.found.joint, analysis.found.effective) {
        (Err(why), _) => (
            Status::NotEstimable,
            Some(if k < 2 { "fewer than two stages have enough scores".to_owned() } else { why.to_string() }),
        ),
        (_, None) => (Status::NotEstimable, Some("the correlations have no eigenvalues".to_owned())),
        _ if n <= 3 * k => (Status::NotEstimable, Some("fewer than three loops per stage".to_owned())),
        _ if least < FEWEST => {
            (Status::Thin, Some(format!("some stages have fewer than {FEWEST} candidates in common")))
        }
        _ if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} loops"))),
        _ => (Status::Ok, None),
    };
    if status != Status::NotEstimable {
        ranged(&mut cells, analysis.found.effective, ["effective", "effective_low", "effective_high"]);
        cells.push(("effective_by_entropy", Cell::float(analysis.found.effective_entropy.map(|ranged| ranged.value))));
    }
    let method = format!(
        "participation ratio of corrected correlations, bootstrap of {} draws; {}",
        analysis.found.draws,
        rounds.window()
    );
    cells.extend(standing(n as i64, method, status, reason));
    out.push(cells);
}
