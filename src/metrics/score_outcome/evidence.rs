//! Single pieces of evidence: the work sample against all other rounds, and each interviewer's scores.

use super::events::{Case, Kind, Outcome};
use super::people::People;
use super::rounds::{PEOPLE, PER_CLASS, begin, flags, later, nothing, rarer, values};
use super::tables::{INTERVIEWER_VALIDITY, WORK_SAMPLE};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{limits, standing, text};
use crate::stats::association::{dependent_difference, pearson};
use crate::stats::benjamini_hochberg;
use crate::stats::discrimination::paired_aucs;
use crate::stats::estimate::{Interval, Z_95};

/// Hires with the outcome that an interviewer needs.
const HIRES: usize = 10;

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
    type Found<'o> = (&'o Outcome, usize, Result<Comparison, String>, Option<String>);
    let mut found: Vec<Found<'_>> = Vec::new();
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
