//! How long areas under the curve take: `cargo bench --bench auc -- FOLDER` reads `scores.i64` and `outcomes.u8` (raw, in
//! the machine's order) and prints one line of JSON. `benches/auc.py` writes them and runs it beside scikit-learn.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a program for the terminal")]

use std::path::Path;
use std::time::Instant;

use looplens::stats::discrimination::{ScoreCounts, auc};

fn main() {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let Some(folder) = folder else { return println!("cargo bench --bench auc -- FOLDER") };
    let folder = Path::new(&folder);
    let scores = std::fs::read(folder.join("scores.i64")).unwrap();
    let scores: Vec<i64> = scores.chunks_exact(8).map(|eight| i64::from_ne_bytes(eight.try_into().unwrap())).collect();
    let outcomes: Vec<bool> =
        std::fs::read(folder.join("outcomes.u8")).unwrap().iter().map(|byte| *byte == 1).collect();
    let started = Instant::now();
    let counts = ScoreCounts::new(&scores, &outcomes);
    let found = auc(&counts).unwrap();
    let line = serde_json::json!({
        "people": scores.len(),
        "distinct_scores": counts.at.len(),
        "seconds": started.elapsed().as_secs_f64(),
        "auc": found.value,
        "std_error": found.std_error,
        "low": found.interval.low,
        "high": found.interval.high,
    });
    println!("{line}");
}
