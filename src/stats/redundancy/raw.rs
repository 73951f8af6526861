//! Pairs of stages as they are seen: among the candidates who have both.

use super::{FEWEST, Pair, Ranged, spread};
use crate::stats::correlation::{correlation, correlation_p, fisher_interval, mid_ranks, spearman_interval};
use crate::stats::estimate::Interval;
use crate::stats::range_restriction::thorndike;
use crate::stats::stage_scores::StageScores;

/// Loops with a stage, by its score.
pub(super) fn order(scores: &StageScores, stage: usize) -> Vec<u32> {
    let mut rows: Vec<u32> =
        (0..scores.len() as u32).filter(|row| scores.score(*row as usize, stage).is_some()).collect();
    rows.sort_by(|a, b| scores.row(*a as usize)[stage].total_cmp(&scores.row(*b as usize)[stage]));
    rows
}

/// A pair among those who have both, before anything but Thorndike's correction.
pub(super) fn pair(scores: &StageScores, a: usize, b: usize, orders: &[Vec<u32>], sd_all: Option<f64>) -> Pair {
    let both = |row: &usize| scores.present(*row) >> a & 1 == 1 && scores.present(*row) >> b & 1 == 1;
    let mut x = Vec::new();
    let mut y = Vec::new();
    let mut place = vec![u32::MAX; scores.len()];
    for row in (0..scores.len()).filter(both) {
        place[row] = x.len() as u32;
        x.push(scores.row(row)[a]);
        y.push(scores.row(row)[b]);
    }
    let n = x.len();
    let mut pair = Pair {
        a,
        b,
        n,
        pearson: None,
        pearson_p: None,
        spearman: None,
        thorndike: None,
        corrected: None,
        disattenuated: None,
        partial: None,
    };
    let (sd_a, sd_b) = (spread(&x).1, spread(&y).1);
    if n < FEWEST || !sd_a.zip(sd_b).is_some_and(|(a, b)| a > 0.0 && b > 0.0) {
        return pair;
    }
    let count = n as f64;
    let ranged = |r: f64, interval: Option<Interval>| Ranged {
        value: r,
        interval: interval.unwrap_or(Interval::NONE),
        std_error: None,
    };
    if let Some(r) = correlation(&x, &y) {
        // A perfect correlation has no interval and is no estimate.
        if r.abs() < 1.0 - 1e-12 {
            pair.pearson = Some(ranged(r, fisher_interval(r, count)));
            pair.pearson_p = correlation_p(r, count);
            pair.thorndike = sd_all
                .zip(sd_a)
                .and_then(|(all, both)| thorndike(r, fisher_interval(r, count).unwrap_or(Interval::NONE), all, both));
        }
    }
    let ranks = |stage: usize| ranks_of_both(scores, stage, &orders[stage], &place, n);
    if let Some(rho) = correlation(&ranks(a), &ranks(b)).filter(|rho| rho.abs() < 1.0 - 1e-12) {
        pair.spearman = Some(ranged(rho, spearman_interval(rho, count)));
    }
    pair
}

/// Mid-ranks among the loops with both stages, from the order of all that have one: no sorting per pair.
fn ranks_of_both(scores: &StageScores, stage: usize, order: &[u32], place: &[u32], n: usize) -> Vec<f64> {
    let mut ranks = vec![0.0; n];
    let mut before = 0;
    for same in order.chunk_by(|a, b| scores.row(*a as usize)[stage] == scores.row(*b as usize)[stage]) {
        let those = || same.iter().map(|row| place[*row as usize]).filter(|place| *place != u32::MAX);
        let count = those().count();
        let rank = before as f64 + (count as f64 + 1.0) / 2.0;
        those().for_each(|at| ranks[at as usize] = rank);
        before += count;
    }
    debug_assert!(
        n > 64 || {
            let values: Vec<f64> =
                (0..scores.len()).filter(|row| place[*row] != u32::MAX).map(|row| scores.row(row)[stage]).collect();
            mid_ranks(&values) == ranks
        }
    );
    ranks
}
