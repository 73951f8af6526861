//! Pairs of stages: the verdict on each, what else could explain it, and the table.

use super::analysis::{Analysis, margins};
use super::meant::{design, meant, scored_alike};
use super::rounds::{Ending, Loop, Part, Rounds};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{limits, standing, text};
use crate::stats::attenuation::LEAST_RELIABILITY;
use crate::stats::correlation::{Pooled, correlation, fisher_interval, pooled_correlation};
use crate::stats::equivalence::{Evidence, SURE, Verdict, n_needed, same_p, verdict};
use crate::stats::estimate::Interval;
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::redundancy::{FEWEST, Pair, Ranged};
use crate::time::{Instant, SECOND};

/// Candidates with both below which a pair is thin.
const ENOUGH: usize = 30;
/// A score given to this share of candidates tells nobody from anybody.
const CONSTANT: f64 = 0.95;
/// The department, by which pairs are checked for heterogeneity where it is asked for.
const DEPARTMENT: &str = "department";

/// A pair with its verdict.
pub(super) struct Judged {
    /// Positions among the analysis's stages.
    pub(super) pair: Pair,
    pub(super) verdict: Option<Verdict>,
    evidence: Option<Evidence>,
    /// Of a redundant pair, the stage to drop.
    pub(super) drop: Option<usize>,
    same_q: Option<f64>,
    status: Status,
    reason: Option<String>,
}

/// Every pair of a segment with its verdict.
pub(super) fn judged(rounds: &Rounds, part: &Part, analysis: &Analysis, context: &Context<'_>) -> Vec<Judged> {
    let margins = margins(&context.config.redundancy);
    let evidence = |pair: &Pair| {
        let (ranged, plain) = match pair.disattenuated {
            Some(ranged) => (ranged, true),
            None => (pair.corrected?, false),
        };
        let (low, high) = (ranged.interval.low?, ranged.interval.high?);
        let p = ranged.std_error.and_then(|error| {
            if plain {
                same_p(ranged.value, error, margins.same)
            } else {
                same_p(ranged.value.clamp(-0.999_999, 0.999_999).atanh(), error, margins.same.atanh())
            }
        });
        let excess = |stage: usize| analysis.dropped[stage].as_ref().ok().map(|dropped| (dropped.excess(), stage));
        let least = [pair.b, pair.a].into_iter().filter_map(excess).min_by(|x, y| x.0.total_cmp(&y.0));
        let flips_high = least.map(|(excess, _)| excess);
        Some((Evidence { value: ranged.value, low, high, n: pair.n as f64, p, flips_high }, least.map(|(_, s)| s)))
    };
    let found: Vec<_> = analysis.found.pairs.iter().map(evidence).collect();
    let p_values: Vec<Option<f64>> = found.iter().map(|found| found.as_ref().and_then(|(e, _)| e.p)).collect();
    let q_values = benjamini_hochberg(&p_values);
    let each = analysis.found.pairs.iter().zip(found).zip(q_values);
    each.map(|((pair, found), same_q)| {
        let (status, mut reason) = standing_of(rounds, part, analysis, pair);
        let mut given = found.as_ref().map(|(evidence, _)| verdict(evidence, &margins));
        // Over many pairs the surest alone are called the same.
        if given == Some(Verdict::Redundant) && same_q.is_none_or(|q| q > 0.05) {
            given = Some(Verdict::Overlapping);
        }
        // Noise lowers a correlation: without knowing it, a low one does not tell rounds apart.
        if given == Some(Verdict::Distinct) && pair.disattenuated.is_none() {
            given = Some(Verdict::Inconclusive);
            reason = reason.or_else(|| Some(noise_unknown(analysis, pair)));
        }
        if status == Status::NotEstimable {
            given = None;
        }
        let status = if reason.is_some() && status == Status::Ok { Status::Thin } else { status };
        let drop = found.as_ref().and_then(|(_, drop)| *drop).filter(|_| given == Some(Verdict::Redundant));
        let evidence = found.map(|(evidence, _)| evidence);
        Judged { pair: *pair, verdict: given, evidence, drop, same_q, status, reason }
    })
    .collect()
}

fn noise_unknown(analysis: &Analysis, pair: &Pair) -> String {
    let reliability = |stage: usize| analysis.found.stages[stage].reliability.map(|r| r.value);
    match (reliability(pair.a), reliability(pair.b)) {
        (Some(a), Some(b)) if a.min(b) < LEAST_RELIABILITY => {
            "its scores are mostly noise; two interviewers per candidate would tell".to_owned()
        }
        _ => "too few candidates met two interviewers in one stage, so noise cannot be told from difference".to_owned(),
    }
}

/// How far a pair can be trusted, and why not further.
fn standing_of(rounds: &Rounds, part: &Part, analysis: &Analysis, pair: &Pair) -> (Status, Option<String>) {
    let (a, b) = (&analysis.found.stages[pair.a], &analysis.found.stages[pair.b]);
    let name = |stage: usize| rounds.stages[analysis.stages[stage]].as_str();
    if pair.n == 0 && a.n >= FEWEST && b.n >= FEWEST {
        let after = taken_over(rounds, part, analysis, pair).map(|(from, to, at)| {
            format!(
                "; {} seems to have taken over from {} in {}: if it is the same round, say so under stages.aliases",
                name(to),
                name(from),
                Instant(at * SECOND).to_rfc3339().get(..7).unwrap_or_default()
            )
        });
        let reason = format!("no candidate has both{}", after.unwrap_or_default());
        return (Status::NotEstimable, Some(reason));
    }
    if pair.n < FEWEST {
        return (Status::NotEstimable, Some(format!("fewer than {FEWEST} candidates have both")));
    }
    if let Some(flat) = [pair.a, pair.b].into_iter().find(|stage| is_constant(analysis, *stage, pair)) {
        return (Status::NotEstimable, Some(format!("nearly all scores of {} are the same", name(flat))));
    }
    if pair.pearson.is_none() {
        return (Status::NotEstimable, Some("the two scores are the same for everybody".to_owned()));
    }
    if pair.corrected.is_none() {
        let reason = if analysis.found.joint.is_ok() {
            "one of the two follows exactly from other stages, or is not among the stages of most candidates"
        } else {
            "the stages have no joint estimate, so what selection hides is not known"
        };
        return (Status::Thin, Some(reason.to_owned()));
    }
    if pair.n < ENOUGH {
        return (Status::Thin, Some(format!("fewer than {ENOUGH} candidates have both")));
    }
    (Status::Ok, None)
}

/// Whether nearly all who have both stages have one score in this one.
fn is_constant(analysis: &Analysis, stage: usize, pair: &Pair) -> bool {
    let both = 1_u64 << pair.a | 1 << pair.b;
    let rows = (0..analysis.scores.len()).filter(|row| analysis.scores.present(*row) & both == both);
    let mut scores: Vec<f64> = rows.map(|row| analysis.scores.row(row)[stage]).collect();
    scores.sort_by(f64::total_cmp);
    // Leniency taken out makes equal scores a little unequal.
    let largest = scores.chunk_by(|x, y| (y - x).abs() < 1e-9).map(<[f64]>::len).max().unwrap_or(0);
    largest as f64 >= CONSTANT * scores.len() as f64
}

/// Of two stages that never meet, the one that ends before the other begins, and when.
fn taken_over(rounds: &Rounds, part: &Part, analysis: &Analysis, pair: &Pair) -> Option<(usize, usize, i64)> {
    let times = |stage: usize| {
        let of =
            |at: &u32| rounds.loops.get(*at as usize)?.round(analysis.stages[stage])?.written.map(|(first, _)| first);
        let mut times: Vec<i64> = part.loops.iter().filter_map(of).collect();
        times.sort_unstable();
        times
    };
    let quantile =
        |times: &[i64], share: f64| times.get((share * times.len().saturating_sub(1) as f64) as usize).copied();
    let (x, y) = (times(pair.a), times(pair.b));
    let before = |first: &[i64], second: &[i64]| {
        quantile(first, 0.95).zip(quantile(second, 0.05)).filter(|(end, start)| end <= start)
    };
    if let Some((_, start)) = before(&x, &y) {
        return Some((pair.a, pair.b, start));
    }
    before(&y, &x).map(|(_, start)| (pair.b, pair.a, start))
}

/// What else could make two rounds alike.
struct Otherwise {
    same_people: f64,
    other_people: Option<f64>,
    seen: Option<f64>,
    unseen: Option<f64>,
}

fn otherwise(rounds: &Rounds, part: &Part, analysis: &Analysis, pair: &Pair) -> Option<Otherwise> {
    let (mut met, mut seen) = ((0.0, 0.0), (0.0, 0.0));
    let mut apart = (Vec::new(), Vec::new());
    let mut blind = (Vec::new(), Vec::new());
    for (row, at) in part.loops.iter().enumerate() {
        let (Some(x), Some(y)) = (analysis.scores.score(row, pair.a), analysis.scores.score(row, pair.b)) else {
            continue;
        };
        let own = rounds.loops.get(*at as usize)?;
        let round = |stage: usize| own.round(analysis.stages[stage]);
        let (Some(first), Some(second)) = (round(pair.a), round(pair.b)) else { continue };
        met.1 += 1.0;
        if first.people.iter().any(|person| second.people.contains(person)) {
            met.0 += 1.0;
        } else {
            apart.0.push(x);
            apart.1.push(y);
        }
        if let (Some((_, last)), Some((start, _))) = (first.written, second.written) {
            seen.1 += 1.0;
            if last < start {
                seen.0 += 1.0;
            } else {
                blind.0.push(x);
                blind.1.push(y);
            }
        }
    }
    let enough = |(x, y): &(Vec<f64>, Vec<f64>)| if x.len() >= FEWEST { correlation(x, y) } else { None };
    (met.1 > 0.0).then(|| Otherwise {
        same_people: met.0 / met.1,
        other_people: enough(&apart),
        seen: (seen.1 > 0.0).then(|| seen.0 / seen.1),
        unseen: enough(&blind),
    })
}

/// The correlation of the later score with the decision, the earlier one held still.
fn with_decision(rounds: &Rounds, part: &Part, analysis: &Analysis, pair: &Pair) -> Option<(f64, Interval)> {
    let (rows, through) = analysis.decided(rounds, part, 1 << pair.a | 1 << pair.b);
    let column = |stage: usize| rows.iter().map(|row| analysis.scores.row(*row as usize)[stage]).collect::<Vec<f64>>();
    let (x, y) = (column(pair.a), column(pair.b));
    let decided: Vec<f64> = through.iter().map(|through| f64::from(u8::from(*through))).collect();
    if rows.len() < FEWEST {
        return None;
    }
    let (xy, xd, yd) = (correlation(&x, &y)?, correlation(&x, &decided)?, correlation(&y, &decided)?);
    let partial = (yd - xy * xd) / ((1.0 - xy * xy) * (1.0 - xd * xd)).sqrt();
    // One pair fewer for the score held still.
    let interval = fisher_interval(partial, rows.len() as f64 - 1.0)?;
    partial.is_finite().then_some((partial, interval))
}

/// Correlations of the pair within each department.
pub(super) fn by_department(rounds: &Rounds, a: usize, b: usize) -> Vec<(f64, f64)> {
    let parts = rounds.parts.iter().filter(|part| part.kind == DEPARTMENT);
    parts
        .filter_map(|part| {
            let score = |own: &Loop, stage: usize| {
                let round = own.round(stage).filter(|round| !round.cards.is_empty())?;
                Some(round.cards.iter().sum::<f64>() / round.cards.len() as f64)
            };
            let both = |at: &u32| {
                let own = rounds.loops.get(*at as usize)?;
                score(own, a).zip(score(own, b))
            };
            let (x, y): (Vec<f64>, Vec<f64>) = part.loops.iter().filter_map(both).unzip();
            (x.len() >= FEWEST).then(|| correlation(&x, &y).map(|r| (r, x.len() as f64)))?
        })
        .collect()
}

fn ranged(out: &mut Vec<(&'static str, Cell)>, value: Option<Ranged>, names: [&'static str; 3], most: f64) {
    let Some(ranged) = value else { return };
    let capped = |end: Option<f64>| end.map(|end| end.min(most));
    out.push((names[0], Cell::float(ranged.value.min(most))));
    let interval = Interval { low: capped(ranged.interval.low), high: capped(ranged.interval.high) };
    out.extend(limits(interval, [names[1], names[2]]));
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
    let margins = margins(&context.config.redundancy);
    let hidden =
        |n: usize| part.kind != crate::metrics::segments::ALL && (n as i64) < context.config.privacy.smallest_group;
    let p_values: Vec<Option<f64>> = judged.iter().map(|one| one.pair.pearson_p).collect();
    let q_values = benjamini_hochberg(&p_values);
    for (one, q) in judged.iter().zip(q_values) {
        let pair = &one.pair;
        let (a, b) = (analysis.stages[pair.a], analysis.stages[pair.b]);
        let mut cells: Vec<(&'static str, Cell)> = vec![
            ("segment_kind", text(&part.kind)),
            ("segment", text(&part.name)),
            ("stage_a", text(&rounds.stages[a])),
            ("stage_b", text(&rounds.stages[b])),
        ];
        let intended = meant(rounds, a, b);
        cells.push(("dimensions_shared", Cell::float(scored_alike(rounds, a, b))));
        cells.push(("meant_shared", Cell::float(intended.map(|meant| meant.shared))));
        cells.push(("meant_by", intended.map_or(Cell::Null, |meant| text(meant.by))));
        if one.status != Status::NotEstimable && !hidden(pair.n) {
            ranged(&mut cells, pair.pearson, ["pearson", "pearson_low", "pearson_high"], 1.0);
            ranged(&mut cells, pair.spearman, ["spearman", "spearman_low", "spearman_high"], 1.0);
            ranged(&mut cells, pair.corrected, ["corrected", "corrected_low", "corrected_high"], 1.0);
            let names = ["disattenuated", "disattenuated_low", "disattenuated_high"];
            ranged(&mut cells, pair.disattenuated, names, 1.0);
            ranged(&mut cells, pair.partial, ["partial", "partial_low", "partial_high"], 1.0);
            if let Some(thorndike) = &pair.thorndike {
                cells.push(("u_ratio", Cell::float(thorndike.u_ratio)));
                cells.push(("thorndike", Cell::float(thorndike.value)));
                cells.extend(limits(thorndike.interval, ["thorndike_low", "thorndike_high"]));
            }
            if let Some((value, interval)) = with_decision(rounds, part, analysis, pair) {
                cells.push(("partial_with_decision", Cell::float(value)));
                cells.extend(limits(interval, ["partial_with_decision_low", "partial_with_decision_high"]));
            }
            if let Some(other) = otherwise(rounds, part, analysis, pair) {
                cells.push(("same_interviewer_share", Cell::float(other.same_people)));
                cells.push(("pearson_other_people", Cell::float(other.other_people)));
                cells.push(("seen_share", Cell::float(other.seen)));
                cells.push(("pearson_unseen", Cell::float(other.unseen)));
            }
            let reliability = |stage: usize| Cell::float(analysis.found.stages[stage].reliability.map(|r| r.value));
            // What overlaps may still turn out to be the same.
            let is_open = match one.verdict {
                Some(Verdict::Inconclusive) => true,
                Some(Verdict::Overlapping) => one.evidence.is_none_or(|evidence| evidence.high >= margins.same),
                _ => false,
            };
            let needed = one.evidence.filter(|_| is_open);
            cells.extend([
                ("p_value", Cell::float(pair.pearson_p)),
                ("q_value", Cell::float(q)),
                ("is_capped", pair.disattenuated.map_or(Cell::Null, |ranged| Cell::Flag(ranged.value > 1.0))),
                ("reliability_a", reliability(pair.a)),
                ("reliability_b", reliability(pair.b)),
                ("verdict", one.verdict.map_or(Cell::Null, |verdict| text(verdict.word()))),
                ("same_p_value", Cell::float(one.evidence.and_then(|evidence| evidence.p))),
                ("same_q_value", Cell::float(one.same_q)),
                ("n_needed", needed.and_then(|evidence| n_needed(&evidence, &margins)).map_or(Cell::Null, Cell::Int)),
                ("drop", one.drop.map_or(Cell::Null, |stage| text(&rounds.stages[analysis.stages[stage]]))),
                ("design", design(intended, one.verdict, is_open).map_or(Cell::Null, text)),
            ]);
            if part.kind == crate::metrics::segments::ALL {
                pooled(&mut cells, &by_department(rounds, a, b));
            }
        }
        let basis = if pair.disattenuated.is_some() { "disattenuated" } else { "corrected" };
        let method = format!(
            "Pearson by Fisher's z; corrected by expectation and maximisation over all loops, bootstrap of {} draws; verdict \
             on {basis}, same from {} surely (p <= {SURE}); {}",
            analysis.found.draws,
            margins.same,
            rounds.window()
        );
        let status = if hidden(pair.n) { Status::NotEstimable } else { one.status };
        let smallest = context.config.privacy.smallest_group;
        let reason =
            if hidden(pair.n) { Some(format!("groups below {smallest} are not printed")) } else { one.reason.clone() };
        let n = if hidden(pair.n) { 0 } else { pair.n as i64 };
        cells.extend(standing(n, method, status, reason));
        out.push(cells);
    }
}

fn pooled(cells: &mut Vec<(&'static str, Cell)>, groups: &[(f64, f64)]) {
    let Some(Pooled { value, interval, p, i_squared, df, .. }) = pooled_correlation(groups) else { return };
    cells.extend([
        ("departments", Cell::Int(df as i64 + 1)),
        ("heterogeneity_p_value", Cell::float(p)),
        ("i_squared", Cell::float(i_squared)),
        ("within_departments", Cell::float(value)),
    ]);
    cells.extend(limits(interval, ["within_departments_low", "within_departments_high"]));
}

/// Whether a loop that had a stage went on after it: `None` where that is open, or the candidate withdrew.
pub(super) fn went_on(own: &Loop, stage: usize) -> Option<bool> {
    let at = own.rounds.iter().position(|round| round.stage == stage)?;
    if at + 1 < own.rounds.len() || own.ending == Some(Ending::Offer) {
        return Some(true);
    }
    (own.ending == Some(Ending::Reject)).then_some(false)
}
