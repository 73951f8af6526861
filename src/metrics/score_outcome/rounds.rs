//! What each round and dimension adds to the others, and which of two rounds tells an outcome better.

use super::links::{NO_OUTCOMES, NOTHING, together};
use super::people::{Case, Kind, Of, Outcome, People, Predictor};
use super::tables::{AUC_PAIRS, INTERVIEWER_VALIDITY, ROUND_IMPORTANCE, WORK_SAMPLE};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::association::{dependent_difference, pearson};
use crate::stats::benjamini_hochberg;
use crate::stats::calibration::out_of_fold;
use crate::stats::discrimination::paired_aucs;
use crate::stats::estimate::{Interval, Z_95};
use crate::stats::importance::{Importance, MOST_SCORES, importance};
use crate::stats::logistic::{Design, penalised_ratio};

/// People per score to split explained variance, and for a verdict.
const PER_SCORE: (usize, usize) = (10, 20);
/// People of the rarer outcome per score of a logistic model, and for a verdict.
const PER_TERM: usize = 5;
/// People to compare two rounds, and for a verdict.
const PEOPLE: (usize, usize) = (10, 30);
const PER_CLASS: (usize, usize) = (5, 10);
/// Parts into which people are dealt for predictions by models that did not see them.
const FOLDS: usize = 10;
/// More people than this are not dealt; what a round adds is then read off the explained variance alone.
const MOST_DEALT: usize = 20_000;
/// Hires with the outcome that an interviewer needs.
const HIRES: usize = 10;

fn begin(outcome: &str) -> Vec<(&'static str, Cell)> {
    let mut cells = all().to_vec();
    cells.push(("outcome", text(outcome)));
    cells
}

fn nothing(out: &mut ResultTable, more: &[(&'static str, Cell)]) {
    if out.rows.is_empty() {
        let mut cells = begin(NOTHING);
        cells.extend(more.iter().cloned());
        cells.extend(standing(0, "none", Status::NotEstimable, Some(NO_OUTCOMES.to_owned())));
        out.push(cells);
    }
}

fn values(cases: &[Case]) -> Vec<f64> {
    cases.iter().map(|case| case.value).collect()
}

fn flags(cases: &[Case]) -> Vec<bool> {
    cases.iter().map(|case| case.value > 0.5).collect()
}

fn rarer(outcomes: &[bool]) -> usize {
    let with = outcomes.iter().filter(|with| **with).count();
    with.min(outcomes.len() - with)
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Outcomes that later life decides, not the loop.
fn later(outcomes: &[Outcome]) -> impl Iterator<Item = &Outcome> {
    outcomes.iter().filter(|outcome| matches!(outcome.kind, Kind::Binary | Kind::Numeric) && !outcome.cases.is_empty())
}

/// Shares of explained variance by stage and by dimension.
pub(super) fn importance_table(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&ROUND_IMPORTANCE);
    for outcome in later(outcomes) {
        for of in [Of::Stage, Of::Dimension] {
            let wanted: Vec<&Predictor> = people.predictors.iter().filter(|predictor| predictor.of == of).collect();
            if !wanted.is_empty() {
                family(&mut out, outcome, of, &wanted, people);
            }
        }
    }
    nothing(&mut out, &[("predictor_kind", text("stage")), ("stage", text("(none)"))]);
    out
}

fn family(out: &mut ResultTable, outcome: &Outcome, of: Of, wanted: &[&Predictor], people: &People) {
    let kept = together(outcome, wanted.iter().copied());
    let (columns, cases) = outcome.complete(&kept);
    let (k, n) = (kept.len(), cases.len());
    let found =
        if n >= PER_SCORE.0 * k && k <= MOST_SCORES { importance(&slices(&columns), &values(&cases)) } else { None };
    let too_few = if k > MOST_SCORES {
        format!("{k} scores are too many to take apart")
    } else if n < PER_SCORE.0 * k.max(1) {
        format!("{n} people have all {k} scores; {} are needed, ten per score", PER_SCORE.0 * k.max(1))
    } else {
        "the scores or the outcome do not vary".to_owned()
    };
    let told = found.as_ref().is_some_and(|found| found.interval.low.is_some_and(|low| low > 0.0));
    let losses = found.as_ref().map(|found| losses(outcome, &columns, &cases, found)).unwrap_or_default();
    let q = benjamini_hochberg(&losses.iter().map(|loss| loss.p).collect::<Vec<_>>());
    let standard = if outcome.kind == Kind::Binary {
        "LMG shares, bootstrap over people; penalised likelihood ratio, 10-fold areas"
    } else {
        "LMG shares, bootstrap over people; nested F"
    };
    let method = format!("{standard}; {}", people.window);
    for predictor in wanted {
        let mut cells = begin(&outcome.name);
        cells.extend([("predictor_kind", text(of.word())), ("stage", text(&predictor.name))]);
        let at = kept.iter().position(|own| own.name == predictor.name);
        let (Some(found), Some(at)) = (&found, at) else {
            let reason = if at.is_none() {
                "fewer than 6 in 10 people with the outcome have this score beside the others".to_owned()
            } else {
                too_few.clone()
            };
            cells.extend(standing(n as i64, method.clone(), Status::NotEstimable, Some(reason)));
            out.push(cells);
            continue;
        };
        cells.push(("r_squared", Cell::float(found.r_squared)));
        cells.extend(limits(found.interval, ["r_squared_low", "r_squared_high"]));
        cells.push(("adjusted_r_squared", Cell::float(found.adjusted)));
        let (status, reason) = if !told {
            let reason = "all of them together are not told from chance, so nothing can be shared out";
            (Status::NotEstimable, Some(reason.to_owned()))
        } else if n < PER_SCORE.1 * k {
            (Status::Thin, Some(format!("{n} people have all {k} scores; {} would do for a verdict", PER_SCORE.1 * k)))
        } else {
            (Status::Ok, None)
        };
        if told && let (Some(part), Some(loss)) = (found.parts.get(at), losses.get(at)) {
            cells.push(("lmg_share", Cell::float(part.share)));
            cells.extend(limits(part.interval, ["lmg_share_low", "lmg_share_high"]));
            cells.extend([
                ("delta_r2", Cell::float(part.last)),
                ("delta_auc", Cell::float(loss.auc)),
                ("p_value", Cell::float(loss.p)),
                ("q_value", Cell::float(q.get(at).copied().flatten())),
            ]);
        }
        cells.extend(standing(n as i64, method.clone(), status, reason));
        out.push(cells);
    }
}

#[derive(Default)]
struct Loss {
    auc: Option<f64>,
    p: Option<f64>,
}

/// What is lost without each score: a test, and for yes-or-no outcomes the area out of fold.
fn losses(outcome: &Outcome, columns: &[Vec<f64>], cases: &[Case], found: &Importance) -> Vec<Loss> {
    let k = columns.len();
    if outcome.kind != Kind::Binary {
        return found.parts.iter().map(|part| Loss { auc: None, p: part.p }).collect();
    }
    let outcomes = flags(cases);
    if rarer(&outcomes) < PER_TERM * k {
        return found.parts.iter().map(|_| Loss::default()).collect();
    }
    let all = slices(columns);
    let design = Design::new(&all, &outcomes);
    let area = |predictors: &[&[f64]]| -> Option<f64> {
        if predictors.is_empty() {
            return Some(0.5);
        }
        let predicted = out_of_fold(predictors, &outcomes, FOLDS)?;
        paired_aucs(&[&predicted], &outcomes)?.values.first().copied()
    };
    let full = if cases.len() <= MOST_DEALT { area(&all) } else { None };
    (0..k)
        .map(|at| {
            let others: Vec<&[f64]> = (0..k).filter(|own| *own != at).map(|own| all[own]).collect();
            let auc = full.and_then(|full| Some(full - area(&others)?));
            Loss { auc, p: penalised_ratio(&design, at + 1).map(|(_, p)| p) }
        })
        .collect()
}

/// Pairs of stages against each yes-or-no outcome.
pub(super) fn pairs(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&AUC_PAIRS);
    let stages: Vec<&Predictor> = people.stages().collect();
    for outcome in later(outcomes).filter(|outcome| outcome.kind == Kind::Binary) {
        let mut found = Vec::new();
        for (at, first) in stages.iter().enumerate() {
            for second in &stages[at + 1..] {
                let (columns, cases) = outcome.complete(&[first, second]);
                let outcomes = flags(&cases);
                let few = rarer(&outcomes);
                let areas = paired_aucs(&slices(&columns), &outcomes).filter(|_| few >= PER_CLASS.0);
                found.push((first, second, cases.len(), few, areas));
            }
        }
        let p: Vec<Option<f64>> = found
            .iter()
            .map(|(.., areas)| areas.as_ref().and_then(|areas| areas.difference(0, 1)).and_then(|found| found.p))
            .collect();
        let q = benjamini_hochberg(&p);
        for ((first, second, n, few, areas), (p, q)) in found.into_iter().zip(p.iter().zip(&q)) {
            let mut cells = begin(&outcome.name);
            cells.extend([("first", text(&first.name)), ("second", text(&second.name))]);
            let difference = areas.as_ref().and_then(|areas| areas.difference(0, 1));
            let (status, reason) = match &difference {
                None if areas.is_some() => {
                    (Status::NotEstimable, Some("both put the people in the same order, or in none".to_owned()))
                }
                None => (
                    Status::NotEstimable,
                    Some(format!("only {few} of {n} people are on one side of the outcome; 5 are needed")),
                ),
                Some(_) if few < PER_CLASS.1 => (
                    Status::Thin,
                    Some(format!(
                        "only {few} of {n} people are on one side of the outcome; 10 are needed for a verdict"
                    )),
                ),
                Some(_) => (Status::Ok, None),
            };
            if let (Some(areas), Some(difference)) = (&areas, difference) {
                cells.extend([
                    ("first_auc", Cell::float(areas.values.first().copied())),
                    ("second_auc", Cell::float(areas.values.get(1).copied())),
                    ("difference", Cell::float(difference.difference)),
                    ("p_value", Cell::float(*p)),
                    ("q_value", Cell::float(*q)),
                ]);
                cells.extend(limits(difference.interval, ["difference_low", "difference_high"]));
            }
            let method = format!("DeLong, paired, among hires; {}", people.window);
            cells.extend(standing(n as i64, method, status, reason));
            out.push(cells);
        }
    }
    nothing(&mut out, &[("first", text("(none)")), ("second", text("(none)"))]);
    out
}

struct Comparison {
    measure: &'static str,
    own: f64,
    others: f64,
    difference: f64,
    interval: Interval,
    p: Option<f64>,
}

/// The work sample against the mean of all other rounds.
pub(super) fn work_sample(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&WORK_SAMPLE);
    let stage = people.work_sample.as_deref();
    let own = stage.and_then(|stage| people.stages().find(|predictor| predictor.name == stage));
    let mut found: Vec<(&Outcome, usize, Result<Comparison, String>, Option<String>)> = Vec::new();
    for outcome in later(outcomes) {
        let Some(own) = own else {
            found.push((outcome, 0, Err("no round of this loop is done at home".to_owned()), None));
            continue;
        };
        let (mut mine, mut theirs, mut cases) = (Vec::new(), Vec::new(), Vec::new());
        for case in &outcome.cases {
            let others: Vec<f64> = people
                .stages()
                .filter(|predictor| predictor.name != own.name)
                .filter_map(|predictor| predictor.values.get(case.person).copied().flatten())
                .collect();
            if let Some(score) = own.values.get(case.person).copied().flatten()
                && !others.is_empty()
            {
                mine.push(score);
                theirs.push(others.iter().sum::<f64>() / others.len() as f64);
                cases.push(*case);
            }
        }
        let (compared, thin) = compare(outcome, &mine, &theirs, &cases);
        found.push((outcome, cases.len(), compared, thin));
    }
    let q = benjamini_hochberg(&found.iter().map(|row| row.2.as_ref().ok().and_then(|row| row.p)).collect::<Vec<_>>());
    for ((outcome, n, compared, thin), q) in found.into_iter().zip(q) {
        let mut cells = begin(&outcome.name);
        cells.push(("stage", Cell::text(stage.map(str::to_owned))));
        let (status, reason) = match compared {
            Err(reason) => (Status::NotEstimable, Some(reason)),
            Ok(row) => {
                cells.extend([
                    ("measure", text(row.measure)),
                    ("work_sample", Cell::float(row.own)),
                    ("others", Cell::float(row.others)),
                    ("difference", Cell::float(row.difference)),
                    ("p_value", Cell::float(row.p)),
                    ("q_value", Cell::float(q)),
                ]);
                cells.extend(limits(row.interval, ["difference_low", "difference_high"]));
                if thin.is_some() { (Status::Thin, thin) } else { (Status::Ok, None) }
            }
        };
        let method = format!("paired, uncorrected, among hires; {}", people.window);
        cells.extend(standing(n as i64, method, status, reason));
        out.push(cells);
    }
    nothing(&mut out, &[]);
    out
}

/// The comparison, and why it is thin, if it is.
fn compare(
    outcome: &Outcome,
    mine: &[f64],
    theirs: &[f64],
    cases: &[Case],
) -> (Result<Comparison, String>, Option<String>) {
    let n = cases.len();
    if outcome.kind == Kind::Binary {
        let outcomes = flags(cases);
        let few = rarer(&outcomes);
        let areas = paired_aucs(&[mine, theirs], &outcomes).filter(|_| few >= PER_CLASS.0);
        let Some(areas) = areas else {
            let reason = format!("only {few} of {n} people are on one side of the outcome; 5 are needed");
            return (Err(reason), None);
        };
        let Some(found) = areas.difference(0, 1) else {
            return (Err("both put the people in the same order, or in none".to_owned()), None);
        };
        let thin = (few < PER_CLASS.1)
            .then(|| format!("only {few} of {n} people are on one side of the outcome; 10 are needed for a verdict"));
        let row = Comparison {
            measure: "auc",
            own: areas.values[0],
            others: areas.values[1],
            difference: found.difference,
            interval: found.interval,
            p: found.p,
        };
        return (Ok(row), thin);
    }
    if n < PEOPLE.0 {
        return (Err(format!("only {n} people have both and the outcome; 10 are needed")), None);
    }
    let values = values(cases);
    let found = pearson(mine, &values).zip(pearson(theirs, &values)).zip(pearson(mine, theirs));
    let row = found.and_then(|((own, others), between)| {
        let difference = dependent_difference(own.r, others.r, between.r, n)?;
        Some(Comparison {
            measure: "correlation",
            own: own.r,
            others: others.r,
            difference: difference.value,
            interval: difference.interval,
            p: difference.p,
        })
    });
    let thin = (n < PEOPLE.1).then(|| format!("only {n} people have both; 30 are needed for a verdict"));
    (row.ok_or_else(|| "the scores or the outcome do not vary".to_owned()), thin)
}

/// Whose scores go with the outcome, drawn towards what all interviewers' do (DerSimonian and Laird 1986).
pub(super) fn interviewers(outcomes: &[Outcome], people: &People) -> ResultTable {
    let mut out = ResultTable::new(&INTERVIEWER_VALIDITY);
    for outcome in later(outcomes) {
        let mut value = vec![None; people.n];
        outcome.cases.iter().for_each(|case| value[case.person] = Some(case.value));
        // Scores of one interviewer for one person count once.
        let mut own: Vec<Vec<(u32, f64, f64)>> = vec![Vec::new(); people.interviewers.len()];
        for given in &people.given {
            if let Some(value) = value.get(given.person as usize).copied().flatten() {
                own[given.interviewer as usize].push((given.person, given.above, value));
            }
        }
        let mut found: Vec<(usize, usize, f64)> = Vec::new();
        for (interviewer, cards) in own.iter().enumerate() {
            let (mut scores, mut values): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
            for same in cards.chunk_by(|a, b| a.0 == b.0) {
                scores.push(same.iter().map(|card| card.1).sum::<f64>() / same.len() as f64);
                values.push(same[0].2);
            }
            if scores.len() >= HIRES
                && let Some(found_here) = pearson(&scores, &values).filter(|found| found.r.abs() < 1.0)
            {
                found.push((interviewer, scores.len(), found_here.r));
            }
        }
        let method = format!("random effects of Fisher's z, uncorrected, among hires; {}", people.window);
        if found.len() < 3 {
            let mut cells = begin(&outcome.name);
            cells.push(("interviewer_id", text("(all)")));
            let reason = format!(
                "{} met 10 hires with this outcome; 3 are needed",
                crate::report::number::plural(found.len() as i64, "interviewer", "interviewers")
            );
            cells.extend(standing(outcome.cases.len() as i64, method, Status::NotEstimable, Some(reason)));
            out.push(cells);
            continue;
        }
        let pooled = pool(&found);
        let mut push = |name: &str, n: usize, z: f64, sd: f64, status: Status, reason: Option<String>| {
            let mut cells = begin(&outcome.name);
            cells.extend([
                ("interviewer_id", text(name)),
                ("correlation", Cell::float(z.tanh())),
                ("spread", Cell::float(pooled.tau)),
            ]);
            let interval = Interval::new((z - Z_95 * sd).tanh(), (z + Z_95 * sd).tanh());
            cells.extend(limits(interval, ["correlation_low", "correlation_high"]));
            cells.extend(standing(n as i64, method.clone(), status, reason));
            out.push(cells);
        };
        let hires = found.iter().map(|(_, n, _)| n).sum();
        push("(all)", hires, pooled.mean, pooled.error, Status::Ok, None);
        for (interviewer, n, r) in &found {
            let own = 1.0 / (*n as f64 - 3.0);
            let tau = pooled.tau * pooled.tau;
            let weight = tau / (tau + own);
            let z = pooled.mean + weight * (r.atanh() - pooled.mean);
            let sd = (weight * own + ((1.0 - weight) * pooled.error).powi(2)).sqrt();
            let thin = "one interviewer's hires are too few for a verdict; shrunk to the mean of all";
            push(&people.interviewers[*interviewer], *n, z, sd, Status::Thin, Some(thin.to_owned()));
        }
    }
    nothing(&mut out, &[("interviewer_id", text("(all)"))]);
    out
}

struct Pooled {
    mean: f64,
    error: f64,
    /// Standard deviation between interviewers, on Fisher's scale.
    tau: f64,
}

fn pool(found: &[(usize, usize, f64)]) -> Pooled {
    let z: Vec<(f64, f64)> = found.iter().map(|(_, n, r)| (r.atanh(), *n as f64 - 3.0)).collect();
    let weight: f64 = z.iter().map(|(_, w)| w).sum();
    let mean = z.iter().map(|(z, w)| z * w).sum::<f64>() / weight;
    let q: f64 = z.iter().map(|(z, w)| w * (z - mean).powi(2)).sum();
    let squares: f64 = z.iter().map(|(_, w)| w * w).sum();
    let tau = ((q - (z.len() as f64 - 1.0)) / (weight - squares / weight)).max(0.0);
    let weights: Vec<f64> = z.iter().map(|(_, w)| 1.0 / (1.0 / w + tau)).collect();
    let total: f64 = weights.iter().sum();
    let mean = z.iter().zip(&weights).map(|((z, _), w)| z * w).sum::<f64>() / total;
    Pooled { mean, error: (1.0 / total).sqrt(), tau: tau.sqrt() }
}
