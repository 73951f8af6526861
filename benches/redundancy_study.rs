//! A simulation study of stage redundancy: coverage of its intervals under selection, and how often its verdicts are
//! wrong. Prints the tables of `redundancy_study.md`; run with `cargo bench --bench redundancy_study`.
#![allow(clippy::print_stdout, reason = "what it finds goes to the terminal")]
#![allow(missing_docs, reason = "a program")]

use looplens::stats::drop_one::{Known, Rule, apply, flips, repeated};
use looplens::stats::equivalence::{Evidence, Margins, Verdict, same_p, verdict};
use looplens::stats::estimate::Interval;
use looplens::stats::redundancy::{Redundancy, redundancy};
use looplens::stats::stage_scores::{Held, StageScores};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const REPLICATIONS: u64 = 400;
const DRAWS: usize = 200;
/// The variance of what a candidate shows in a round is one; each round is this reliable with one card.
const RELIABILITY: f64 = 0.7;

struct World {
    loops: usize,
    /// The correlation of what the first two rounds measure.
    same: f64,
    /// The share that the first round lets through, by its score alone.
    passes: f64,
    /// Scores rounded to quarters between 1 and 4, as means of four dimensions are.
    rounded: bool,
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (1.0 - self.0.random::<f64>(), self.0.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

struct History {
    scores: StageScores,
    hired: Vec<bool>,
}

/// Three rounds: two that correlate as planted, and a last one of two interviewers that shares half with either. Each
/// gate looks at its own score and nothing else; hired is whoever passes the last.
fn history(world: &World, seed: u64) -> History {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let noise = ((1.0 - RELIABILITY) / RELIABILITY).sqrt();
    let total = (1.0 / RELIABILITY).sqrt();
    let gate = statrs_quantile(1.0 - world.passes) * total;
    let seen = |truth: f64, dice: &mut Dice| {
        let score = truth + noise * dice.normal();
        if world.rounded { ((2.5 + 0.8 * score).clamp(1.0, 4.0) * 4.0).round() / 4.0 } else { score }
    };
    let gate = if world.rounded { 2.5 + 0.8 * gate } else { gate };
    let middle = if world.rounded { 2.5 } else { 0.0 };
    let mut out = History { scores: StageScores::new(3), hired: Vec::new() };
    for _ in 0..world.loops {
        let shared = dice.normal();
        let first = shared;
        let second = world.same * shared + (1.0 - world.same * world.same).sqrt() * dice.normal();
        let third =
            0.5_f64.sqrt() * (first + second) / (2.0 + 2.0 * world.same).sqrt() + 0.5_f64.sqrt() * dice.normal();
        let mut held = vec![Held { stage: 0, score: seen(first, &mut dice), cards: 1, within: 0.0 }];
        let mut hired = false;
        if held[0].score > gate {
            held.push(Held { stage: 1, score: seen(second, &mut dice), cards: 1, within: 0.0 });
            if held[1].score > middle {
                let (x, y) = (seen(third, &mut dice), seen(third, &mut dice));
                held.push(Held { stage: 2, score: (x + y) / 2.0, cards: 2, within: (x - y).powi(2) / 2.0 });
                hired = held[2].score > middle + 0.3;
            }
        }
        out.scores.push(&held);
        out.hired.push(hired);
    }
    out
}

fn statrs_quantile(p: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(p)
}

fn holds(interval: Interval, truth: f64) -> bool {
    interval.low.is_some_and(|low| low <= truth) && interval.high.is_some_and(|high| truth <= high)
}

/// What dropping the second round changes beyond what repeating it changes: the upper end.
fn excess(history: &History, found: &Redundancy) -> Option<f64> {
    let known = Known { scores: &history.scores, joint: found.joint.as_ref().ok()? };
    let rows: Vec<u32> =
        (0..history.scores.len() as u32).filter(|row| history.scores.score(*row as usize, 1).is_some()).collect();
    let decided: Vec<bool> = rows.iter().map(|row| history.hired[*row as usize]).collect();
    let with = apply(known, &rows, &decided, 0b111, Rule::Fitted).ok()?;
    let without = apply(known, &rows, &decided, 0b101, Rule::Fitted).ok()?;
    let again = repeated(known, &rows, &with, 0b111, 1, found.stages[1].noise?.of_score)?;
    Some(flips(&with, &without)?.rate.high - again)
}

#[derive(Default)]
struct Tally {
    raw: (f64, u64),
    corrected: (f64, u64),
    truth: (f64, u64, u64),
    verdicts: [u64; 4],
    correlation_only: u64,
    pairs: f64,
}

fn study(world: &World, seed: u64) -> Tally {
    let observed = world.same * RELIABILITY;
    let mut tally = Tally::default();
    for replication in 0..REPLICATIONS {
        let history = history(world, seed * 100_000 + replication);
        let found = redundancy(&history.scores, None, DRAWS);
        let pair = &found.pairs[0];
        tally.pairs += pair.n as f64 / REPLICATIONS as f64;
        if let Some(raw) = pair.pearson {
            tally.raw.0 += raw.value / REPLICATIONS as f64;
            tally.raw.1 += u64::from(holds(raw.interval, observed));
        }
        if let Some(corrected) = pair.corrected {
            tally.corrected.0 += corrected.value / REPLICATIONS as f64;
            tally.corrected.1 += u64::from(holds(corrected.interval, observed));
        }
        let Some(pure) = pair.disattenuated else {
            tally.verdicts[3] += 1;
            continue;
        };
        tally.truth.0 += pure.value;
        tally.truth.1 += u64::from(holds(pure.interval, world.same));
        tally.truth.2 += 1;
        let (low, high) = (pure.interval.low.unwrap_or(-1.0), pure.interval.high.unwrap_or(2.0));
        let mut evidence = Evidence { value: pure.value, low, high, n: pair.n as f64, p: None, flips_high: Some(0.0) };
        let margins = Margins::default();
        evidence.p = pure.std_error.and_then(|error| same_p(pure.value, error, margins.same));
        tally.correlation_only += u64::from(verdict(&evidence, &margins) == Verdict::Redundant);
        evidence.flips_high = excess(&history, &found);
        tally.verdicts[match verdict(&evidence, &margins) {
            Verdict::Redundant => 0,
            Verdict::Overlapping => 1,
            Verdict::Distinct => 2,
            Verdict::Inconclusive => 3,
        }] += 1;
    }
    tally
}

fn percent(count: u64, of: u64) -> String {
    format!("{:.1}", 100.0 * count as f64 / of.max(1) as f64)
}

fn main() {
    println!(
        "{REPLICATIONS} histories each, {DRAWS} draws per interval; standard error of a share near 95 %: 1.1 points.\n"
    );
    println!(
        "| scores | loops | pass | planted | pairs | raw r | covers | corrected r | covers | without noise | covers | \
         redundant by r alone | redundant | overlapping | distinct | inconclusive |"
    );
    println!("|{}", " ---: |".repeat(16));
    let mut seed = 0;
    for rounded in [false, true] {
        for (loops, passes) in [(200, 0.5), (600, 0.5), (600, 0.25), (2_000, 0.5)] {
            for same in [0.3, 0.6, 0.85, 1.0] {
                seed += 1;
                let world = World { loops, same, passes, rounded };
                let tally = study(&world, seed);
                println!(
                    "| {} | {loops} | {passes} | {same} | {:.0} | {:.2} | {} | {:.2} | {} | {:.2} | {} | {} | {} | {} | {} | {} |",
                    if rounded { "quarters" } else { "normal" },
                    tally.pairs,
                    tally.raw.0,
                    percent(tally.raw.1, REPLICATIONS),
                    tally.corrected.0,
                    percent(tally.corrected.1, REPLICATIONS),
                    tally.truth.0 / tally.truth.2.max(1) as f64,
                    percent(tally.truth.1, tally.truth.2),
                    percent(tally.correlation_only, REPLICATIONS),
                    percent(tally.verdicts[0], REPLICATIONS),
                    percent(tally.verdicts[1], REPLICATIONS),
                    percent(tally.verdicts[2], REPLICATIONS),
                    percent(tally.verdicts[3], REPLICATIONS),
                );
            }
        }
    }
}
