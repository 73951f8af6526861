//! How long stage redundancy takes on a million loops of six rounds: all correlations with their corrections, 400 draws
//! of the bootstrap, and what dropping each round changes. With a file name it writes the scores there first, for
//! `redundancy_speed.py`: loop by loop six little-endian doubles, NaN for a round that was not reached.
#![allow(clippy::print_stdout, reason = "what it measures goes to the terminal")]
#![allow(missing_docs, reason = "a program")]

use std::io::{BufWriter, Write};
use std::time::Instant;

use looplens::stats::drop_one::{Known, Rule, apply, flips, repeated};
use looplens::stats::redundancy::redundancy;
use looplens::stats::stage_scores::{Held, StageScores};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LOOPS: usize = 1_000_000;
const STAGES: usize = 6;
const DRAWS: usize = 400;

fn normal(dice: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - dice.random::<f64>(), dice.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Rounds in quarters of a point with gates at 2.25; the second and the fifth measure the same, the last has two cards.
fn history() -> (StageScores, Vec<bool>) {
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    let (mut scores, mut hired) = (StageScores::new(STAGES), Vec::with_capacity(LOOPS));
    let mut held = Vec::new();
    for _ in 0..LOOPS {
        held.clear();
        let (ability, depth) = (normal(&mut dice), normal(&mut dice));
        let mut through = true;
        for stage in 0..STAGES {
            let own = if stage == 1 || stage == 4 { depth } else { normal(&mut dice) };
            let truth = 2.5 + 0.7 * ability + 0.5 * own;
            let mut card = || ((truth + 0.5 * normal(&mut dice)).clamp(1.0, 4.0) * 4.0).round() / 4.0;
            let cards: Vec<f64> = (0..if stage == STAGES - 1 { 2 } else { 1 }).map(|_| card()).collect();
            let score = cards.iter().sum::<f64>() / cards.len() as f64;
            let within = cards.iter().map(|card| (card - score).powi(2)).sum();
            held.push(Held { stage, score, cards: cards.len() as u32, within });
            through = score + 0.25 * normal(&mut dice) > 2.25;
            if !through {
                break;
            }
        }
        scores.push(&held);
        hired.push(through);
    }
    (scores, hired)
}

fn main() -> std::io::Result<()> {
    let (scores, hired) = history();
    // `cargo bench` adds an argument of its own.
    if let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        let mut out = BufWriter::new(std::fs::File::create(path)?);
        for row in 0..scores.len() {
            for stage in 0..STAGES {
                out.write_all(&scores.score(row, stage).unwrap_or(f64::NAN).to_le_bytes())?;
            }
        }
        out.flush()?;
    }
    let begin = Instant::now();
    let found = redundancy(&scores, None, DRAWS);
    println!("pairs {:.2}", begin.elapsed().as_secs_f64());
    for pair in &found.pairs {
        let value =
            |ranged: Option<looplens::stats::redundancy::Ranged>| ranged.map_or(f64::NAN, |ranged| ranged.value);
        println!(
            "pair {} {} {} {:.6} {:.6} {:.6} {:.6}",
            pair.a,
            pair.b,
            pair.n,
            value(pair.pearson),
            value(pair.spearman),
            value(pair.corrected),
            value(pair.disattenuated)
        );
    }
    let begin = Instant::now();
    if let Ok(joint) = &found.joint {
        let known = Known { scores: &scores, joint };
        let all = (1_u64 << STAGES) - 1;
        for stage in 0..STAGES {
            let rows: Vec<u32> = (0..LOOPS as u32).filter(|row| scores.score(*row as usize, stage).is_some()).collect();
            let decided: Vec<bool> = rows.iter().map(|row| hired[*row as usize]).collect();
            let with = apply(known, &rows, &decided, all, Rule::Fitted);
            let without = apply(known, &rows, &decided, all & !(1 << stage), Rule::Fitted);
            if let (Ok(with), Ok(without), Some(noise)) = (with, without, found.stages[stage].noise) {
                let again = repeated(known, &rows, &with, all, stage, noise.of_score);
                let share = flips(&with, &without).map(|flips| flips.rate.share);
                println!("drop {stage} {:.4} {:.4}", share.unwrap_or(f64::NAN), again.unwrap_or(f64::NAN));
            }
        }
    }
    println!("drops {:.2}", begin.elapsed().as_secs_f64());
    Ok(())
}
