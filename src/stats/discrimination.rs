//! How well a score tells two outcomes apart: the area under the ROC curve, from counts by score.
//!
//! The area is the chance that somebody with the outcome scored higher than somebody without it, ties counting one
//! half. It needs no scores, only how many people of each kind had each score, so the state is a sum of integers.

use super::correlation::mid_ranks;
use super::estimate::{Interval, Z_95, two_sided_p};

/// With fewer people of either kind the exact distribution is counted.
const EXACT_BELOW: i64 = 20;
/// How many sums the exact distribution may hold before the normal one has to do.
const LARGEST_EXACT: usize = 20_000_000;
/// Score ranges up to this wide are counted in an array.
const WIDEST_ARRAY: i64 = 1 << 20;

/// How many people had one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtScore {
    /// The score, in whole units of the caller's choice.
    pub score: i64,
    /// People with the outcome.
    pub with: i64,
    /// People without it.
    pub without: i64,
}

/// People by score and outcome; ascending, each score once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScoreCounts {
    /// The counts.
    pub at: Vec<AtScore>,
}

impl ScoreCounts {
    /// Counts people given as scores and whether they had the outcome; the shorter slice limits both.
    pub fn new(scores: &[i64], outcomes: &[bool]) -> Self {
        let n = scores.len().min(outcomes.len());
        let (scores, outcomes) = (&scores[..n], &outcomes[..n]);
        let (Some(low), Some(high)) = (scores.iter().min().copied(), scores.iter().max().copied()) else {
            return Self::default();
        };
        match high.checked_sub(low) {
            Some(width) if width < WIDEST_ARRAY => {
                let mut counts = vec![[0_i64; 2]; width as usize + 1];
                for (score, with) in scores.iter().zip(outcomes) {
                    counts[(score - low) as usize][usize::from(*with)] += 1;
                }
                let cells = counts.iter().zip(low..).filter(|(count, _)| count[0] + count[1] > 0);
                Self { at: cells.map(|(count, score)| AtScore { score, with: count[1], without: count[0] }).collect() }
            }
            _ => Self::from_cells(scores.iter().zip(outcomes).map(|(score, with)| AtScore {
                score: *score,
                with: i64::from(*with),
                without: i64::from(!*with),
            })),
        }
    }

    /// Sums cells given in any order.
    pub fn from_cells(cells: impl IntoIterator<Item = AtScore>) -> Self {
        let mut at: Vec<AtScore> = cells.into_iter().collect();
        at.sort_unstable_by_key(|cell| cell.score);
        at.dedup_by(|next, cell| {
            let same = next.score == cell.score;
            if same {
                cell.with += next.with;
                cell.without += next.without;
            }
            same
        });
        Self { at }
    }

    /// The counts of both sets of people together.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        Self::from_cells(self.at.iter().chain(&other.at).copied())
    }

    /// People with the outcome, and people without.
    pub fn totals(&self) -> (i64, i64) {
        self.at.iter().fold((0, 0), |(with, without), cell| (with + cell.with, without + cell.without))
    }
}

/// The area under the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Auc {
    /// The area: 0.5 is chance, 1 is a perfect order, below 0.5 the order is the wrong way round.
    pub value: f64,
    /// Its standard error by DeLong, DeLong and Clarke-Pearson (1988), from the placements of each person among those of
    /// the other kind; `None` with fewer than two of either.
    pub std_error: Option<f64>,
    /// Its 95 % interval on the logit scale, `logit A ± z se / (A (1 − A))`, which holds its level in small samples where the
    /// plain one does not. No limits where the area is 0 or 1: the error is then 0 and says nothing.
    pub interval: Interval,
    /// Two-sided p-value of "no difference" by Mann and Whitney's (1947) test, normal with the correction for ties; `None`
    /// where all scores are the same.
    pub p: Option<f64>,
    /// The same from the exact distribution over all ways of handing out the outcomes, where fewer than 20 people of one kind
    /// leave the normal one in doubt and there are few enough ways to count.
    pub exact_p: Option<f64>,
    /// People with the outcome.
    pub with: i64,
    /// People without it.
    pub without: i64,
}

impl Auc {
    /// Whether the scores separate the outcomes completely, in either direction.
    pub fn is_separated(&self) -> bool {
        self.value == 0.0 || self.value == 1.0
    }
}

/// The area for counts by score; `None` unless there are people of both kinds. Exact up to rounding, and linear in the
/// number of distinct scores.
pub fn auc(counts: &ScoreCounts) -> Option<Auc> {
    let (with, without) = counts.totals();
    if with < 1 || without < 1 || counts.at.iter().any(|cell| cell.with < 0 || cell.without < 0) {
        return None;
    }
    // Twice the wins of people with the outcome; an integer, so nothing is lost in a sum of millions.
    let mut below = 0_i128;
    let mut wins = 0_i128;
    for cell in &counts.at {
        wins += i128::from(cell.with) * (2 * below + i128::from(cell.without));
        below += i128::from(cell.without);
    }
    let pairs = 2.0 * with as f64 * without as f64;
    let value = wins as f64 / pairs;
    let std_error = (with > 1 && without > 1).then(|| {
        let (mut below, mut above) = (0.0, with as f64);
        let (mut s10, mut s01) = (0.0, 0.0);
        for cell in &counts.at {
            let (positives, negatives) = (cell.with as f64, cell.without as f64);
            above -= positives;
            s10 += positives * ((below + 0.5 * negatives) / without as f64 - value).powi(2);
            s01 += negatives * ((above + 0.5 * positives) / with as f64 - value).powi(2);
            below += negatives;
        }
        let (m, n) = (with as f64, without as f64);
        (s10 / (m - 1.0) / m + s01 / (n - 1.0) / n).sqrt()
    });
    let interval = std_error.map_or(Interval::NONE, |error| logit_interval(value, error));
    let wins = wins as f64 / 2.0;
    let n = (with + without) as f64;
    let ties: f64 = counts.at.iter().map(|cell| (cell.with + cell.without) as f64).map(|t| t * t * t - t).sum();
    let variance = with as f64 * without as f64 / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)));
    let p = (variance > 0.0).then(|| two_sided_p((wins - pairs / 4.0) / variance.sqrt())).flatten();
    let few = with.min(without) < EXACT_BELOW;
    let exact_p = p.filter(|_| few || value == 0.0 || value == 1.0).and_then(|_| exact(counts, wins));
    Some(Auc { value, std_error, interval, p, exact_p, with, without })
}

/// A 95 % interval on the logit scale for a figure between 0 and 1; no limits at the ends or without an error.
pub fn logit_interval(value: f64, std_error: f64) -> Interval {
    if !(value > 0.0 && value < 1.0 && std_error > 0.0) {
        return Interval::NONE;
    }
    let logit = (value / (1.0 - value)).ln();
    let half = Z_95 * std_error / (value * (1.0 - value));
    let back = |x: f64| 1.0 / (1.0 + (-x).exp());
    Interval::new(back(logit - half), back(logit + half))
}

/// The two-sided p-value over all ways of handing out the outcomes: the share of them whose wins are at least as far from
/// the middle. Counted by the sum of doubled mid-ranks, one person after another.
fn exact(counts: &ScoreCounts, wins: f64) -> Option<f64> {
    let (with, without) = counts.totals();
    let (n, few) = ((with + without) as usize, with.min(without) as usize);
    let widest = 2 * n * few + 1;
    if few.checked_mul(widest)?.checked_mul(n)? > LARGEST_EXACT {
        return None;
    }
    let mut ways = vec![vec![0.0_f64; widest]; few + 1];
    ways[0][0] = 1.0;
    let mut before = 0_usize;
    for cell in &counts.at {
        let tied = (cell.with + cell.without) as usize;
        let doubled = 2 * before + tied + 1;
        for _ in 0..tied {
            for chosen in (1..=few).rev() {
                let (fewer, more) = ways.split_at_mut(chosen);
                let (from, to) = (&fewer[chosen - 1], &mut more[0]);
                for (sum, way) in to.iter_mut().skip(doubled).zip(from) {
                    *sum += way;
                }
            }
        }
        before += tied;
    }
    // The middle of the doubled rank sum, and how far from it the smaller kind's was.
    let middle = few as f64 * (n as f64 + 1.0);
    let distance = 2.0 * (wins - with as f64 * without as f64 / 2.0).abs();
    let (mut far, mut all) = (0.0, 0.0);
    for (sum, way) in ways[few].iter().enumerate() {
        all += way;
        if (sum as f64 - middle).abs() >= distance - 1e-9 {
            far += way;
        }
    }
    Some((far / all).min(1.0))
}

/// The areas of several scores over the same people, and how they vary together.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedAucs {
    /// The area of each score.
    pub values: Vec<f64>,
    /// Their covariances by DeLong, DeLong and Clarke-Pearson (1988).
    pub covariance: Vec<Vec<f64>>,
    /// People with the outcome.
    pub with: usize,
    /// People without it.
    pub without: usize,
}

/// One area less another over the same people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AucDifference {
    /// First area less second area.
    pub difference: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Its 95 % interval, normal.
    pub interval: Interval,
    /// Two-sided p-value of "no difference".
    pub p: Option<f64>,
}

/// The areas of several scores over the same people, one slice per score. Placements come from mid-ranks (Sun and Xu 2014),
/// in `n log n`. `None` with fewer than two people of either kind, or slices of different lengths.
pub fn paired_aucs(scores: &[&[f64]], outcomes: &[bool]) -> Option<PairedAucs> {
    let with: Vec<usize> = (0..outcomes.len()).filter(|at| outcomes[*at]).collect();
    let without: Vec<usize> = (0..outcomes.len()).filter(|at| !outcomes[*at]).collect();
    let (m, n) = (with.len(), without.len());
    if m < 2 || n < 2 || scores.iter().any(|score| score.len() != outcomes.len()) {
        return None;
    }
    let mut values = Vec::with_capacity(scores.len());
    let mut placed: Vec<(Vec<f64>, Vec<f64>)> = Vec::with_capacity(scores.len());
    for score in scores {
        let all = mid_ranks(score);
        let own = |people: &[usize]| mid_ranks(&people.iter().map(|at| score[*at]).collect::<Vec<_>>());
        let (among_with, among_without) = (own(&with), own(&without));
        let v10: Vec<f64> = with.iter().zip(&among_with).map(|(at, own)| (all[*at] - own) / n as f64).collect();
        let v01: Vec<f64> =
            without.iter().zip(&among_without).map(|(at, own)| 1.0 - (all[*at] - own) / m as f64).collect();
        values.push(v10.iter().sum::<f64>() / m as f64);
        placed.push((v10, v01));
    }
    let covariance_of = |a: &[f64], b: &[f64]| -> f64 {
        let n = a.len() as f64;
        let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
        a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum::<f64>() / (n - 1.0) / n
    };
    let covariance = placed
        .iter()
        .map(|(a10, a01)| placed.iter().map(|(b10, b01)| covariance_of(a10, b10) + covariance_of(a01, b01)).collect())
        .collect();
    Some(PairedAucs { values, covariance, with: m, without: n })
}

impl PairedAucs {
    /// The area of the score `first` less that of `second`; `None` where the two do not vary against each other, as two
    /// scores in the same order do not.
    pub fn difference(&self, first: usize, second: usize) -> Option<AucDifference> {
        let covariance = |a: usize, b: usize| self.covariance.get(a)?.get(b).copied();
        let difference = self.values.get(first)? - self.values.get(second)?;
        let variance = covariance(first, first)? + covariance(second, second)? - 2.0 * covariance(first, second)?;
        if variance <= 1e-14 {
            return None;
        }
        let std_error = variance.sqrt();
        let interval = Interval::around(difference, std_error);
        Some(AucDifference { difference, std_error, interval, p: two_sided_p(difference / std_error) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    fn people() -> impl Strategy<Value = Vec<(i64, bool)>> {
        prop::collection::vec((1_i64..12, any::<bool>()), 4..60)
    }

    fn counts(people: &[(i64, bool)]) -> ScoreCounts {
        let (scores, outcomes): (Vec<i64>, Vec<bool>) = people.iter().copied().unzip();
        ScoreCounts::new(&scores, &outcomes)
    }

    #[test]
    fn agrees_with_five_people_worked_by_hand() {
        // With: 2, 3, 3. Without: 1, 3. Wins: 1 + 0, 1 + 1/2, 1 + 1/2 of 6.
        let auc = auc(&counts(&[(2, true), (3, true), (3, true), (1, false), (3, false)])).unwrap();
        assert!((auc.value - 4.0 / 6.0).abs() < 1e-15);
        // Placements with: 1/2, 3/4, 3/4; without: 1, 1/3.
        let variance: f64 = (1.0 / 48.0) / 3.0 + (2.0 / 9.0) / 2.0;
        assert!((auc.std_error.unwrap() - variance.sqrt()).abs() < 1e-15);
        // Doubled mid-ranks: 2, 4, 8, 8, 8. Sums of two: 6, 10, 10, 10, 12, 12, 12, 16, 16, 16; the middle is 12.
        assert!((auc.exact_p.unwrap() - 0.7).abs() < 1e-15);
    }

    #[test]
    fn a_complete_separation_has_no_interval_and_an_exact_p() {
        let apart = auc(&counts(&[(1, false), (2, false), (3, false), (4, true), (5, true), (6, true)])).unwrap();
        assert!(apart.is_separated() && apart.value == 1.0);
        assert_eq!(apart.interval, Interval::NONE);
        assert!((apart.exact_p.unwrap() - 2.0 / 20.0).abs() < 1e-15);
    }

    #[test]
    fn one_kind_alone_or_one_score_alone_says_so() {
        assert_eq!(auc(&counts(&[(1, true), (2, true)])), None);
        assert_eq!(auc(&ScoreCounts::default()), None);
        let constant = auc(&counts(&[(2, true), (2, false), (2, true), (2, false)])).unwrap();
        assert_eq!((constant.value, constant.p, constant.interval), (0.5, None, Interval::NONE));
    }

    #[test]
    fn wide_scores_are_counted_as_narrow_ones_are() {
        let people = [(i64::MIN, false), (7, true), (7, false), (i64::MAX, true)];
        let wide = counts(&people);
        let narrow = counts(&[(1, false), (2, true), (2, false), (3, true)]);
        assert_eq!(auc(&wide).unwrap().value, auc(&narrow).unwrap().value);
    }

    proptest! {
        #[test]
        fn turning_the_scores_round_turns_the_area_round(people in people()) {
            let turned: Vec<(i64, bool)> = people.iter().map(|(score, with)| (-score, *with)).collect();
            match (auc(&counts(&people)), auc(&counts(&turned))) {
                (Some(a), Some(b)) => {
                    prop_assert!((a.value + b.value - 1.0).abs() < 1e-12);
                    prop_assert_eq!(a.std_error.is_some(), b.std_error.is_some());
                    prop_assert!((a.std_error.unwrap_or(0.0) - b.std_error.unwrap_or(0.0)).abs() < 1e-12);
                    prop_assert!((a.exact_p.unwrap_or(2.0) - b.exact_p.unwrap_or(2.0)).abs() < 1e-9);
                }
                (a, b) => prop_assert_eq!(a, b),
            }
        }

        #[test]
        fn counts_add_up_and_agree_with_ranks(people in people(), cut in 0_usize..60) {
            let cut = cut.min(people.len());
            let merged = counts(&people[..cut]).merge(&counts(&people[cut..]));
            prop_assert_eq!(&merged, &counts(&people));
            let scores: Vec<f64> = people.iter().map(|(score, _)| *score as f64).collect();
            let outcomes: Vec<bool> = people.iter().map(|(_, with)| *with).collect();
            if let (Some(ranked), Some(counted)) = (paired_aucs(&[&scores, &scores], &outcomes), auc(&merged)) {
                prop_assert!((ranked.values[0] - counted.value).abs() < 1e-12);
                prop_assert!((ranked.covariance[0][1].sqrt() - counted.std_error.unwrap()).abs() < 1e-9);
                prop_assert_eq!(ranked.difference(0, 1), None);
            }
        }
    }
}
