//! How long the crossed model takes: `cargo bench --bench crossed -- FILE` fits a file of `candidate,interviewer,score`;
//! `-- company` a simulated company of 5,000 interviewers, 200,000 candidates and 4 million scores. One line of JSON
//! per fit, with the peak of memory where the system tells it. `benches/crossed.py` runs it beside R's lme4.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a program for the terminal")]

use std::time::Instant;

use looplens::stats::crossed::{Candidates, Card, CardSums, Terms, fit};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn main() {
    let what = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    match what.as_deref() {
        Some("company") => report("company", &company(5_000, 200_000), 1.0),
        Some(file) => report(file, &from_file(file), 1.0),
        None => report("small company", &company(400, 4_000), 1.0),
    }
}

fn report(name: &str, sums: &CardSums, step: f64) {
    let started = Instant::now();
    let terms = Terms { candidates: Candidates::Random, interviewers: true, cards: true };
    let fitted = fit(sums, terms, step).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let mean: f64 = fitted.interviewers.iter().map(|effect| effect.prediction_sd).sum();
    let line = serde_json::json!({
        "data": name.rsplit('/').next(),
        "scores": sums.scores_seen(),
        "candidates": sums.candidates(),
        "interviewers": sums.interviewers(),
        "seconds": seconds,
        "peak_mb": peak_mb(),
        "criterion": fitted.criterion,
        "converged": fitted.converged,
        "variance_candidate": fitted.variances.candidate,
        "variance_interviewer": fitted.variances.interviewer,
        "variance_card": fitted.variances.card,
        "variance_residual": fitted.variances.residual,
        "mean_prediction_sd": mean / sums.interviewers() as f64,
    });
    println!("{line}");
}

/// The peak of resident memory in megabytes.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn from_file(path: &str) -> CardSums {
    let mut people = std::collections::BTreeMap::new();
    let mut candidates = std::collections::BTreeMap::new();
    let mut cards = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().into_deserialize::<(u32, u32, i64)>() {
        let (candidate, interviewer, score) = row.unwrap();
        let (next_candidate, next_person) = (candidates.len() as u32, people.len() as u32);
        let candidate = *candidates.entry(candidate).or_insert(next_candidate);
        let interviewer = *people.entry(interviewer).or_insert(next_person);
        cards.push(Card { candidate, interviewer, scores: vec![(0, score)] });
    }
    CardSums::new(cards)
}

/// Departments of 125 interviewers; each candidate meets five, one in ten of them from another department, each in
/// another of six stages, and each scores four dimensions.
fn company(interviewers: u32, candidates: u32) -> CardSums {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_121);
    let mut below = |n: u32| ((u64::from(random.next_u32()) * u64::from(n)) >> 32) as u32;
    let mut normal = move |sd: f64| {
        let sum: u32 = (0..12).map(|_| below(1 << 20)).sum();
        (f64::from(sum) / f64::from(1 << 20) - 6.0) * sd
    };
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut below = |n: u32| ((u64::from(random.next_u32()) * u64::from(n)) >> 32) as u32;
    let leniency: Vec<f64> = (0..interviewers).map(|_| normal(0.25)).collect();
    let department = interviewers.min(125);
    let mut cards = Vec::with_capacity(candidates as usize * 5);
    for candidate in 0..candidates {
        let ability = normal(0.7);
        let home = below(interviewers / department) * department;
        let first = below(6);
        for round in 0..5 {
            let person = if below(10) == 0 { below(interviewers) } else { home + below(department) };
            let halo = normal(0.4);
            let score = |dimension: u32, error: f64| {
                let value = 2.5 + ability + leniency[person as usize] + halo + error;
                ((first + round) % 6 * 4 + dimension, value.round().clamp(1.0, 4.0) as i64)
            };
            let scores = (0..4).map(|dimension| score(dimension, normal(0.5))).collect();
            cards.push(Card { candidate, interviewer: person, scores });
        }
    }
    CardSums::new(cards)
}
