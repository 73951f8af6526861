//! Do the statistics of scores and outcomes keep their promises? Simulated hires with known truth.
//!
//!     cargo bench --bench validity_study > benches/validity_study.md
//!
//! Every figure comes from fixed seeds, so the same code prints the same page.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a page is printed; a missing value stops the study"
)]

use looplens::stats::association::{dependent_difference, pearson};
use looplens::stats::benjamini_hochberg;
use looplens::stats::calibration::calibrate;
use looplens::stats::calibration_line::calibrate_line;
use looplens::stats::cox::{PENALISED_BELOW, Stay, cox};
use looplens::stats::discrimination::{AtScore, ScoreCounts, auc};
use looplens::stats::em_covariance::{PatternSums, Stop, em_covariance};
use looplens::stats::estimate::{Interval, Z_95};
use looplens::stats::importance::importance;
use looplens::stats::lawley::{Corrected, lawley};
use looplens::stats::logistic::{Design, firth, plain};
use looplens::stats::power::{smallest_auc, smallest_correlation, smallest_hazard_ratio};
use looplens::stats::selection::{Room, told_by_scores};
use looplens::stats::wilson;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

struct Dice(ChaCha8Rng);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}

/// How often something was so, with Wilson's interval.
#[derive(Default, Clone, Copy)]
struct Tally {
    yes: i64,
    all: i64,
}

impl Tally {
    fn add(&mut self, yes: bool) {
        self.yes += i64::from(yes);
        self.all += 1;
    }

    fn shown(&self) -> String {
        let Some(share) = wilson(self.yes, self.all) else { return "–".to_owned() };
        format!(
            "{:.1} % ({:.1} to {:.1}), {} of {}",
            100.0 * share.share,
            100.0 * share.low,
            100.0 * share.high,
            self.yes,
            self.all
        )
    }
}

fn covers(interval: Interval, truth: f64) -> bool {
    interval.low.is_none_or(|low| low <= truth) && interval.high.is_none_or(|high| high >= truth)
}

fn counts(scores: &[f64], outcomes: &[bool]) -> ScoreCounts {
    ScoreCounts::from_cells(scores.iter().zip(outcomes).map(|(score, with)| AtScore {
        score: (score * 1e6).round() as i64,
        with: i64::from(*with),
        without: i64::from(!*with),
    }))
}

fn areas() {
    println!("## Areas under the curve\n");
    println!(
        "Scores are normal in both groups. With a perfect order in the sample there is no interval; such samples are counted apart.\n"
    );
    println!(
        "| people, of them with the outcome | true area | logit DeLong covers | plain DeLong covers | no interval |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for (n, with) in [(30, 6), (60, 12), (60, 30), (200, 40)] {
        for area in [0.5, 0.65, 0.8, 0.9] {
            let shift = Normal::standard().inverse_cdf(area) * 2.0_f64.sqrt();
            let mut dice = Dice::new(100 + n as u64 + (area * 1000.0) as u64);
            let (mut logit, mut wald, mut none) = (Tally::default(), Tally::default(), 0);
            for _ in 0..2000 {
                let outcomes: Vec<bool> = (0..n).map(|at| at < with).collect();
                let scores: Vec<f64> =
                    outcomes.iter().map(|with| dice.normal() + if *with { shift } else { 0.0 }).collect();
                let found = auc(&counts(&scores, &outcomes)).unwrap();
                if found.interval.low.is_none() {
                    none += 1;
                    continue;
                }
                logit.add(covers(found.interval, area));
                wald.add((found.value - area).abs() <= Z_95 * found.std_error.unwrap());
            }
            println!("| {n}, {with} | {area} | {} | {} | {none} |", logit.shown(), wald.shown());
        }
    }
}

fn odds() {
    println!("\n## Log odds per standard deviation of the score\n");
    println!(
        "| people | true slope | profile interval with Firth's penalty covers | Wald without penalty covers | separated, so no fit without penalty | mean estimate with penalty |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for n in [30, 60, 150] {
        for slope in [0.0, 0.8, 1.5] {
            let mut dice = Dice::new(200 + n as u64 + (slope * 100.0) as u64);
            let (mut profile, mut wald, mut separated) = (Tally::default(), Tally::default(), 0);
            let (mut sum, mut fits) = (0.0, 0.0);
            for _ in 0..1000 {
                let scores: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
                let outcomes: Vec<bool> =
                    scores.iter().map(|x| dice.chance(1.0 / (1.0 + (1.2 - slope * x).exp()))).collect();
                let design = Design::new(&[&scores], &outcomes);
                let with = outcomes.iter().filter(|with| **with).count();
                if with < 5 || n - with < 5 {
                    continue;
                }
                let Some(fit) = firth(&design) else { continue };
                sum += fit.coefficients[1].value;
                fits += 1.0;
                profile.add(covers(fit.coefficients[1].interval, slope));
                match plain(&design) {
                    Some(fit) => wald.add((fit.coefficients[1] - slope).abs() <= Z_95 * fit.std_errors[1]),
                    None => separated += 1,
                }
            }
            println!("| {n} | {slope} | {} | {} | {separated} | {:.2} |", profile.shown(), wald.shown(), sum / fits);
        }
    }
}

/// Candidates of three rounds, each of which lets through whoever scores above its bar, and what becomes of those hired.
struct Hiring {
    scores: Vec<Vec<Option<f64>>>,
    hired: Vec<usize>,
    outcome: Vec<f64>,
    /// By round: who went on.
    went_on: Vec<(Vec<f64>, Vec<bool>)>,
}

/// How decisions are made, and what they have to do with the outcome beyond the scores.
struct Decisions {
    /// Standard deviation of chance in each decision, where that of a score is 1.
    chance: f64,
    /// That of something no score shows, the same in each decision on a candidate.
    unseen: f64,
    /// What the latter adds to the outcome, and the standard deviation of everything else.
    outcome: (f64, f64),
}

const WEIGHTS: [f64; 3] = [0.15, 0.25, 0.2];

fn scores(dice: &mut Dice) -> [f64; 3] {
    let ability = dice.normal();
    std::array::from_fn(|_| 0.7 * ability + (1.0 - 0.49_f64).sqrt() * dice.normal())
}

fn hire(candidates: usize, by: &Decisions, dice: &mut Dice) -> Hiring {
    let mut out = Hiring {
        scores: vec![vec![None; candidates]; 3],
        hired: Vec::new(),
        outcome: Vec::new(),
        went_on: vec![(Vec::new(), Vec::new()); 3],
    };
    for who in 0..candidates {
        let own = scores(dice);
        let unseen = dice.normal();
        let mut on = true;
        for (round, score) in own.iter().enumerate() {
            if on {
                out.scores[round][who] = Some(*score);
                on = score + by.unseen * unseen + by.chance * dice.normal() > -0.1;
                out.went_on[round].0.push(*score);
                out.went_on[round].1.push(on);
            }
        }
        if on {
            let value = WEIGHTS.iter().zip(own).map(|(w, x)| w * x).sum::<f64>() + by.outcome.0 * unseen;
            out.hired.push(who);
            out.outcome.push(value + by.outcome.1 * dice.normal());
        }
    }
    out
}

impl Hiring {
    /// A round's scores of those hired.
    fn column(&self, round: usize) -> Vec<f64> {
        self.hired.iter().filter_map(|who| self.scores[round][*who]).collect()
    }

    /// The last round's correlation with the outcome, corrected.
    fn corrected(&self) -> Option<Corrected> {
        let everybody = em_covariance(&patterns(&self.scores), 3, None, Stop::default()).unwrap().covariance;
        let columns = [self.column(0), self.column(1), self.column(2)];
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        lawley(&columns, &self.outcome, &everybody, &[vec![0.0, 0.0, 1.0]]).ok()?[0].ok()
    }
}

/// Sums of candidates by how far they came.
fn patterns(scores: &[Vec<Option<f64>>]) -> Vec<PatternSums> {
    let mut out: Vec<PatternSums> = [1, 3, 7].map(|present| PatternSums::empty(present, 3)).to_vec();
    for who in 0..scores[0].len() {
        let own: Vec<f64> = scores.iter().filter_map(|round| round[who]).collect();
        out[own.len() - 1].push(&[own.clone(), vec![0.0; 3 - own.len()]].concat());
    }
    out
}

/// The correlation of the last round's score with the outcome among all candidates, by the algebra of the model.
fn truth(by: &Decisions) -> f64 {
    let r = 0.49;
    let covariance = WEIGHTS[2] + r * (WEIGHTS[0] + WEIGHTS[1]);
    let squares: f64 = WEIGHTS.iter().map(|w| w * w).sum();
    let products = WEIGHTS[0] * WEIGHTS[1] + WEIGHTS[0] * WEIGHTS[2] + WEIGHTS[1] * WEIGHTS[2];
    let variance = squares + 2.0 * r * products + by.outcome.0.powi(2) + by.outcome.1.powi(2);
    covariance / variance.sqrt()
}

fn selection() {
    println!("\n## Validity under selection\n");
    println!(
        "Three rounds, each letting through who scores above a bar up to some noise; the outcome depends on all three scores, and in the lower rows on something that no score shows and that decided as well. Figures are of the last round's score, among all candidates.\n"
    );
    println!(
        "| candidates | hires, mean | hidden selection | true correlation | seen among hires, mean | corrected, mean | interval covers | interval of the uncorrected covers |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (candidates, hidden) in [(250, 0.0), (600, 0.0), (2000, 0.0), (600, 1.0), (2000, 1.0)] {
        let mut dice = Dice::new(300 + candidates as u64 + (hidden * 7.0) as u64);
        let (mut corrected, mut plain) = (Tally::default(), Tally::default());
        let (mut seen, mut repaired, mut hires, mut all) = (0.0, 0.0, 0.0, 0.0);
        let mut refused = 0;
        let by = Decisions { chance: 0.3, unseen: hidden, outcome: (0.6 * hidden, 0.9) };
        let goal = truth(&by);
        for _ in 0..600 {
            let loops = hire(candidates, &by, &mut dice);
            let Some(found) = loops.corrected() else {
                refused += 1;
                continue;
            };
            let own = pearson(&loops.column(2), &loops.outcome).unwrap();
            corrected.add(covers(found.interval, goal));
            plain.add(covers(own.interval, goal));
            seen += found.observed;
            repaired += found.corrected;
            hires += loops.hired.len() as f64;
            all += 1.0;
        }
        let size = if all > 0.0 { format!("{:.0}", hires / all) } else { "–".to_owned() };
        println!(
            "| {candidates} | {size}{} | {} | {goal:.3} | {:.3} | {:.3} | {} | {} |",
            if refused > 0 { format!(" ({refused} of 600 refused)") } else { String::new() },
            if hidden > 0.0 { "yes" } else { "no" },
            seen / all,
            repaired / all,
            corrected.shown(),
            plain.shown()
        );
    }
}

fn guard() {
    println!("\n## The guard against hidden selection\n");
    println!(
        "The same three rounds. Decisions follow the scores but for chance, which does no harm, or for something that no score shows and that goes with the rest of the outcome at 0.5, which no formula repairs. Decisions alone do not tell the one from the other; they tell how much room there is. Without a declaration a correction is made only where they leave next to none (pairs in the order of the scores: lower limit of the share at least 0.99); a team that declares the rest to be chance gets one from a share of 0.9. Standard deviations are those of a score."
    );
    println!(
        "\n| candidates | hires, mean | chance | unseen | pairs in order of scores, mean | corrected undeclared | its interval covers | corrected if declared | its interval covers | mean error of corrections |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let runs = 400;
    for candidates in [600, 2000] {
        for (chance, unseen) in [
            (0.0, 0.0),
            (0.15, 0.0),
            (0.3, 0.0),
            (0.0, 0.1),
            (0.0, 0.15),
            (0.0, 0.2),
            (0.0, 0.3),
            (0.3, 0.3),
            (0.0, 0.5),
            (0.3, 1.0),
        ] {
            let mut dice = Dice::new(900 + candidates as u64 + (chance * 100.0) as u64 + (unseen * 10_000.0) as u64);
            let by = Decisions { chance, unseen, outcome: (0.45, (0.81 - 0.45_f64.powi(2)).sqrt()) };
            let goal = truth(&by);
            let (mut undeclared, mut declared) = (Tally::default(), Tally::default());
            let (mut hold_undeclared, mut hold_declared) = (Tally::default(), Tally::default());
            let (mut area, mut hires, mut error, mut all) = (0.0, 0.0, 0.0, 0.0);
            for _ in 0..runs {
                let loops = hire(candidates, &by, &mut dice);
                let rounds: Vec<ScoreCounts> = loops.went_on.iter().map(|(x, on)| counts(x, on)).collect();
                let told = told_by_scores(&rounds).unwrap();
                area += told.area;
                hires += loops.hired.len() as f64;
                let corrected = loops.corrected();
                if let Some(found) = corrected {
                    error += found.corrected - goal;
                    all += 1.0;
                }
                let note = |made: bool, claimed: &mut Tally, hold: &mut Tally| {
                    claimed.add(made && corrected.is_some());
                    if let Some(found) = corrected.filter(|_| made) {
                        hold.add(covers(found.interval, goal));
                    }
                };
                note(told.room() == Room::None, &mut undeclared, &mut hold_undeclared);
                note(told.room() != Room::Much, &mut declared, &mut hold_declared);
            }
            println!(
                "| {candidates} | {:.0} | {chance} | {unseen} | {:.3} | {} | {} | {} | {} | {:+.3} |",
                hires / f64::from(runs),
                area / f64::from(runs),
                undeclared.shown(),
                hold_undeclared.shown(),
                declared.shown(),
                hold_declared.shown(),
                error / all,
            );
        }
    }
}

fn discoveries() {
    println!("\n## False discoveries where no score has any validity\n");
    println!(
        "Eleven scores that correlate by 0.5 with each other, none of them with the outcome; a family is the eleven of one outcome.\n"
    );
    println!("| people | outcome | test | any q <= 0.05 | any p <= 0.05 |");
    println!("| --- | --- | --- | --- | --- |");
    for n in [40, 60, 200] {
        let mut dice = Dice::new(400 + n as u64);
        let mut tallies = [[Tally::default(); 2]; 3];
        for _ in 0..1000 {
            let shared: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
            let columns: Vec<Vec<f64>> =
                (0..11).map(|_| shared.iter().map(|own| 0.5_f64.sqrt() * (own + dice.normal())).collect()).collect();
            let outcomes: Vec<bool> = (0..n).map(|at| at < n / 4).collect();
            let rating: Vec<f64> = (0..n).map(|_| (3.2 + 0.8 * dice.normal()).round().clamp(1.0, 5.0)).collect();
            let tests: [Vec<Option<f64>>; 3] = [
                columns
                    .iter()
                    .map(|own| auc(&counts(own, &outcomes)).and_then(|area| area.exact_p.or(area.p)))
                    .collect(),
                columns
                    .iter()
                    .map(|own| firth(&Design::new(&[own], &outcomes)).and_then(|fit| fit.coefficients[1].p))
                    .collect(),
                columns.iter().map(|own| pearson(own, &rating).and_then(|found| found.p)).collect(),
            ];
            for (tally, p) in tallies.iter_mut().zip(&tests) {
                tally[0].add(benjamini_hochberg(p).iter().flatten().any(|q| *q <= 0.05));
                tally[1].add(p.iter().flatten().any(|p| *p <= 0.05));
            }
        }
        for (tally, (outcome, test)) in tallies.iter().zip([
            ("one in four", "Mann and Whitney"),
            ("one in four", "penalised likelihood ratio"),
            ("rating 1 to 5", "Pearson"),
        ]) {
            println!("| {n} | {outcome} | {test} | {} | {} |", tally[0].shown(), tally[1].shown());
        }
    }
}

fn shares() {
    println!("\n## Explained variance\n");
    println!("| people | scores | true R² | interval of R² covers | begins above 0 |");
    println!("| --- | --- | --- | --- | --- |");
    for n in [60, 120] {
        for truth in [0.0, 0.1, 0.3] {
            let mut dice = Dice::new(500 + n as u64 + (truth * 100.0) as u64);
            let (mut covered, mut told) = (Tally::default(), Tally::default());
            for _ in 0..200 {
                let columns: Vec<Vec<f64>> = (0..4).map(|_| (0..n).map(|_| dice.normal()).collect()).collect();
                let slope = (truth / 4.0_f64).sqrt();
                let outcome: Vec<f64> = (0..n)
                    .map(|at| {
                        slope * columns.iter().map(|own| own[at]).sum::<f64>() + (1.0 - truth).sqrt() * dice.normal()
                    })
                    .collect();
                let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                let found = importance(&columns, &outcome).unwrap();
                covered.add(covers(found.interval, truth));
                told.add(found.interval.low.is_some_and(|low| low > 0.0));
            }
            println!("| {n} | 4 | {truth} | {} | {} |", covered.shown(), told.shown());
        }
    }
}

fn stays() {
    println!("\n## How long people stay\n");
    println!(
        "Exits are exponential, and everybody is followed to the same day; the log hazard ratio is per standard deviation of the score.\n"
    );
    println!("| people | exits, mean | true log ratio | interval with penalty covers | without penalty, Wald |");
    println!("| --- | --- | --- | --- | --- |");
    for (n, until) in [(50, 0.25), (60, 0.5), (200, 0.5)] {
        for slope in [0.0, -0.7] {
            let mut dice = Dice::new(600 + n as u64 + (slope * -100.0) as u64);
            let (mut profile, mut wald, mut exits) = (Tally::default(), Tally::default(), 0);
            for _ in 0..1000 {
                let people: Vec<Stay> = (0..n)
                    .map(|_| {
                        let score = dice.normal();
                        let time = -(1.0 - dice.unit()).ln() * (-slope * score).exp();
                        Stay { days: (time.min(until) * 1e4) as i64 + 1, left: time < until, score }
                    })
                    .collect();
                exits += people.iter().filter(|own| own.left).count();
                let Some(fit) = cox(&people, true) else { continue };
                profile.add(covers(fit.interval, slope));
                if let Some(fit) = cox(&people, false) {
                    wald.add((fit.log_ratio - slope).abs() <= Z_95 * fit.std_error);
                }
            }
            println!("| {n} | {:.1} | {slope} | {} | {} |", exits as f64 / 1000.0, profile.shown(), wald.shown());
        }
    }
}

fn predictions() {
    println!("\n## Calibration for new people\n");
    println!(
        "A model of one score, its slope on 20,000 new people against what 200 resamples of its own people promised.\n"
    );
    println!("| people | true slope | slope on new people, median | promised, median | promised interval covers |");
    println!("| --- | --- | --- | --- | --- |");
    for (n, slope) in [(60, 0.8), (60, 0.0), (200, 0.8)] {
        let mut dice = Dice::new(700 + n as u64 + (slope * 10.0) as u64);
        let (mut real, mut promised, mut covered) = (Vec::new(), Vec::new(), Tally::default());
        for _ in 0..150 {
            let scores: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
            let outcomes: Vec<bool> =
                scores.iter().map(|x| dice.chance(1.0 / (1.0 + (0.8 - slope * x).exp()))).collect();
            let Some(found) = calibrate(&[&scores], &outcomes) else { continue };
            // With one score the slope on new people is the true slope over the fitted one.
            let own = slope / found.slope_of_score;
            real.push(own);
            promised.push(found.slope);
            covered.add(covers(found.slope_interval, own));
        }
        println!("| {n} | {slope} | {:.2} | {:.2} | {} |", middle(&mut real), middle(&mut promised), covered.shown());
    }
}

/// The same for outcomes that are numbers.
fn lines() {
    println!(
        "\nA straight line through ratings, its slope on all people there could be against what 200 resamples promised.\n"
    );
    println!(
        "| people | true correlation | slope on new people, median | promised, median | promised interval covers |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for (n, r) in [(40, 0.3), (60, 0.3), (60, 0.0), (200, 0.3)] {
        let mut dice = Dice::new(750 + n as u64 + (r * 10.0) as u64);
        let (mut real, mut promised, mut covered) = (Vec::new(), Vec::new(), Tally::default());
        for _ in 0..1000 {
            let scores: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
            let values: Vec<f64> = scores.iter().map(|x| r * x + (1.0 - r * r).sqrt() * dice.normal()).collect();
            let mean = |of: &[f64]| of.iter().sum::<f64>() / n as f64;
            let (x, y) = (mean(&scores), mean(&values));
            let products: f64 = scores.iter().zip(&values).map(|(a, b)| (a - x) * (b - y)).sum();
            let slope = products / scores.iter().map(|a| (a - x).powi(2)).sum::<f64>();
            let Some(found) = calibrate_line(&scores, &values) else { continue };
            real.push(r / slope);
            promised.push(found.slope);
            covered.add(covers(found.slope_interval, r / slope));
        }
        println!("| {n} | {r} | {:.2} | {:.2} | {} |", middle(&mut real), middle(&mut promised), covered.shown());
    }
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn comparisons() {
    println!("\n## Two scores against one outcome, and promised power\n");
    println!("| what | share |");
    println!("| --- | --- |");
    let mut dice = Dice::new(800);
    let (mut covered, mut alarm) = (Tally::default(), Tally::default());
    for _ in 0..3000 {
        let rows: Vec<[f64; 3]> = (0..60)
            .map(|_| {
                let shared = dice.normal();
                let own = [0.6 * shared + 0.8 * dice.normal(), 0.6 * shared + 0.8 * dice.normal()];
                [own[0], own[1], 0.3 * (own[0] + own[1]) + dice.normal()]
            })
            .collect();
        let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
        let (a, b, y) = (column(0), column(1), column(2));
        let r = |x: &[f64], y: &[f64]| pearson(x, y).unwrap().r;
        let found = dependent_difference(r(&a, &y), r(&b, &y), r(&a, &b), 60).unwrap();
        covered.add(covers(found.interval, 0.0));
        alarm.add(found.p.unwrap() <= 0.05);
    }
    println!("| interval of the difference of equal correlations covers 0 (60 people) | {} |", covered.shown());
    println!("| test of equal correlations says p <= 0.05 | {} |", alarm.shown());
    for n in [40, 124] {
        let r = smallest_correlation(n).unwrap();
        let mut found = Tally::default();
        for _ in 0..3000 {
            let x: Vec<f64> = (0..n).map(|_| dice.normal()).collect();
            let y: Vec<f64> = x.iter().map(|x| r * x + (1.0 - r * r).sqrt() * dice.normal()).collect();
            found.add(pearson(&x, &y).unwrap().p.unwrap() <= 0.05);
        }
        println!(
            "| {n} people find the smallest correlation they usually find, {r:.2} (80 % promised) | {} |",
            found.shown()
        );
    }
    for (exits, people) in [(12, 120), (40, 120)] {
        let ratio = smallest_hazard_ratio(exits).unwrap();
        let mut found = Tally::default();
        for _ in 0..2000 {
            let mut drawn: Vec<(f64, f64)> = (0..people)
                .map(|_| {
                    let score = dice.normal();
                    (-(1.0 - dice.unit()).ln() / (ratio.ln() * score).exp(), score)
                })
                .collect();
            // Everybody is followed until so many have left.
            drawn.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            let last = drawn[exits - 1].0;
            let stay = |(at, (time, score)): (usize, &(f64, f64))| Stay {
                days: (time.min(last) * 1e4) as i64 + 1,
                left: at < exits,
                score: *score,
            };
            let stays: Vec<Stay> = drawn.iter().enumerate().map(stay).collect();
            found.add(cox(&stays, exits < PENALISED_BELOW).and_then(|fit| fit.p).is_some_and(|p| p <= 0.05));
        }
        println!(
            "| {exits} exits of {people} people find the rate of leaving they usually find, {ratio:.2} times (80 % promised) | {} |",
            found.shown()
        );
    }
    for (with, without) in [(10, 40), (40, 160)] {
        let area = smallest_auc(with, without).unwrap();
        let shift = Normal::standard().inverse_cdf(area) * 2.0_f64.sqrt();
        let mut found = Tally::default();
        for _ in 0..3000 {
            let outcomes: Vec<bool> = (0..with + without).map(|at| at < with).collect();
            let scores: Vec<f64> =
                outcomes.iter().map(|with| dice.normal() + if *with { shift } else { 0.0 }).collect();
            found.add(auc(&counts(&scores, &outcomes)).unwrap().p.unwrap() <= 0.05);
        }
        println!(
            "| {with} against {without} people find the smallest area they usually find, {area:.2} (80 % promised) | {} |",
            found.shown()
        );
    }
}

fn main() {
    println!("# Do the statistics of scores and outcomes keep their promises?\n");
    println!(
        "Written by `cargo bench --bench validity_study`; intervals promise 95 %, and shares carry their 95 % Wilson interval.\n"
    );
    areas();
    odds();
    selection();
    guard();
    discoveries();
    shares();
    stays();
    predictions();
    lines();
    comparisons();
}
