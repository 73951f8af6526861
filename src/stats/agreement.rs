//! Agreement between interviewers: Krippendorff's alpha, intraclass correlations, and how many interviewers a
//! reliable mean needs.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::crossed::Variances;
use super::estimate::Interval;

/// How far apart two scores are, for Krippendorff's alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Equal or not.
    Nominal,
    /// By the scores that lie between.
    Ordinal,
    /// By the squared difference.
    Interval,
}

/// Krippendorff's (1970) alpha of units, each with the scores it was given: 1 is agreement, 0 is chance. Units with fewer
/// than two scores say nothing. `None` where no unit has two, or all scores are the same.
pub fn krippendorff(units: &[Vec<i64>], distance: Distance) -> Option<f64> {
    let mut values: Vec<i64> = units.iter().filter(|unit| unit.len() > 1).flatten().copied().collect();
    values.sort_unstable();
    values.dedup();
    let size = values.len();
    if size < 2 {
        return None;
    }
    let place: BTreeMap<i64, usize> = values.iter().enumerate().map(|(at, value)| (*value, at)).collect();
    let mut observed = vec![vec![0.0; size]; size];
    for unit in units.iter().filter(|unit| unit.len() > 1) {
        let mut counts = vec![0.0; size];
        unit.iter().filter_map(|value| place.get(value)).for_each(|at| counts[*at] += 1.0);
        let pairs = unit.len() as f64 - 1.0;
        for a in (0..size).filter(|a| counts[*a] > 0.0) {
            for b in (0..size).filter(|b| counts[*b] > 0.0) {
                let same = if a == b { counts[a] } else { 0.0 };
                observed[a][b] += (counts[a] * counts[b] - same) / pairs;
            }
        }
    }
    let totals: Vec<f64> = observed.iter().map(|row| row.iter().sum()).collect();
    let n: f64 = totals.iter().sum();
    let apart = |a: usize, b: usize| -> f64 {
        if a == b {
            return 0.0;
        }
        match distance {
            Distance::Nominal => 1.0,
            Distance::Interval => ((values[a] - values[b]) as f64).powi(2),
            Distance::Ordinal => {
                let (low, high) = (a.min(b), a.max(b));
                let between: f64 = totals[low..=high].iter().sum();
                (between - (totals[a] + totals[b]) / 2.0).powi(2)
            }
        }
    };
    let (mut seen, mut chance) = (0.0, 0.0);
    for a in 0..size {
        for b in 0..size {
            seen += observed[a][b] * apart(a, b);
            chance += totals[a] * totals[b] * apart(a, b);
        }
    }
    (chance > 0.0).then(|| 1.0 - (n - 1.0) * seen / chance)
}

/// An intraclass correlation with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Icc {
    /// The correlation.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}

/// Intraclass correlations of a complete table (Shrout and Fleiss, 1979; McGraw and Wong, 1996).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iccs {
    /// Absolute agreement of single scores: ICC(A,1).
    pub agreement: Icc,
    /// Consistency of single scores: ICC(C,1).
    pub consistency: Icc,
    /// Absolute agreement of the mean over all raters: ICC(A,k).
    pub agreement_of_mean: f64,
    /// Consistency of the mean over all raters: ICC(C,k).
    pub consistency_of_mean: f64,
    /// Targets.
    pub targets: usize,
    /// Raters.
    pub raters: usize,
}

/// The correlations of a table with a row per target and a column per rater. `None` unless it is complete with two of
/// each and scores that vary.
pub fn intraclass(table: &[Vec<f64>]) -> Option<Iccs> {
    let rows = table.len();
    let columns = table.first()?.len();
    if rows < 2 || columns < 2 || table.iter().any(|row| row.len() != columns) {
        return None;
    }
    let (n, k) = (rows as f64, columns as f64);
    let grand = table.iter().flatten().sum::<f64>() / (n * k);
    let by_row: Vec<f64> = table.iter().map(|row| row.iter().sum::<f64>() / k).collect();
    let by_column: Vec<f64> = (0..columns).map(|at| table.iter().map(|row| row[at]).sum::<f64>() / n).collect();
    let spread = |means: &[f64]| means.iter().map(|mean| (mean - grand).powi(2)).sum::<f64>();
    let between = k * spread(&by_row) / (n - 1.0);
    let raters = n * spread(&by_column) / (k - 1.0);
    let mut rest = 0.0;
    for (row, mean) in table.iter().zip(&by_row) {
        rest += row.iter().zip(&by_column).map(|(score, column)| (score - mean - column + grand).powi(2)).sum::<f64>();
    }
    let error = rest / ((n - 1.0) * (k - 1.0));
    if error.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        return None;
    }
    let quantile = |df1: f64, df2: f64| Some(FisherSnedecor::new(df1, df2).ok()?.inverse_cdf(0.975));
    let value = (between - error) / (between + (k - 1.0) * error + k * (raters - error) / n);
    // Satterthwaite's degrees of freedom for the mixture of rater and error mean squares.
    let a = k * value / (n * (1.0 - value));
    let b = 1.0 + k * value * (n - 1.0) / (n * (1.0 - value));
    let df = (a * raters + b * error).powi(2)
        / ((a * raters).powi(2) / (k - 1.0) + (b * error).powi(2) / ((n - 1.0) * (k - 1.0)));
    let (low, high) = (quantile(n - 1.0, df)?, quantile(df, n - 1.0)?);
    let mixed = k * raters + (k * n - k - n) * error;
    let agreement = Icc {
        value,
        interval: Interval::new(
            n * (between - low * error) / (low * mixed + n * between),
            n * (high * between - error) / (mixed + n * high * between),
        ),
    };
    let ratio = between / error;
    let inner = (n - 1.0) * (k - 1.0);
    let (low, high) = (ratio / quantile(n - 1.0, inner)?, ratio * quantile(inner, n - 1.0)?);
    let consistency = Icc {
        value: (between - error) / (between + (k - 1.0) * error),
        interval: Interval::new((low - 1.0) / (low + k - 1.0), (high - 1.0) / (high + k - 1.0)),
    };
    Some(Iccs {
        agreement,
        consistency,
        agreement_of_mean: (between - error) / (between + (raters - error) / n),
        consistency_of_mean: (between - error) / between,
        targets: rows,
        raters: columns,
    })
}

/// How well the mean of some interviewers and dimensions tells candidates apart (Brennan, 2001).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reliability {
    /// For ranking candidates who meet the same interviewers: the generalizability coefficient.
    pub generalizability: f64,
    /// For a bar that is the same for everybody, whoever they meet: the dependability coefficient.
    pub dependability: f64,
}

/// The decision study: reliability of the mean over `interviewers` cards of `dimensions` scores each. `None` without a
/// candidate variance.
pub fn decision_study(variances: &Variances, interviewers: usize, dimensions: usize) -> Option<Reliability> {
    let candidate = variances.candidate?;
    let (n, m) = (interviewers.max(1) as f64, dimensions.max(1) as f64);
    let relative = variances.card.unwrap_or(0.0) / n + variances.residual / (n * m);
    let absolute = relative + variances.interviewer / n;
    let share = |error: f64| (candidate + error > 0.0).then(|| candidate / (candidate + error));
    Some(Reliability { generalizability: share(relative)?, dependability: share(absolute)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    /// Krippendorff's textbook example of four observers and twelve units, by unit.
    fn textbook() -> Vec<Vec<i64>> {
        let rows = [
            "1 2 3 3 2 1 4 1 2 . . .",
            "1 2 3 3 2 2 4 1 2 5 . 3",
            ". 3 3 3 2 3 4 2 2 5 1 .",
            "1 2 3 3 2 4 4 1 2 5 1 .",
        ];
        (0..12).map(|unit| rows.iter().filter_map(|row| row.split(' ').nth(unit)?.parse().ok()).collect()).collect()
    }

    #[test]
    fn alpha_is_that_of_the_textbook() {
        for (distance, expected) in
            [(Distance::Nominal, 0.7434), (Distance::Ordinal, 0.8154), (Distance::Interval, 0.8491)]
        {
            let alpha = krippendorff(&textbook(), distance).unwrap();
            assert!((alpha - expected).abs() < 1e-4, "{distance:?}: {alpha}");
        }
    }

    #[test]
    fn correlations_are_those_of_shrout_and_fleiss() {
        let table: Vec<Vec<f64>> =
            [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
                .map(|row| row.map(f64::from).to_vec())
                .to_vec();
        let iccs = intraclass(&table).unwrap();
        assert!((iccs.agreement.value - 0.2898).abs() < 5e-5 && (iccs.consistency.value - 0.7148).abs() < 5e-5);
    }

    #[test]
    fn what_does_not_vary_has_no_agreement() {
        assert_eq!(krippendorff(&[vec![3, 3], vec![3, 3]], Distance::Ordinal), None);
        assert_eq!(krippendorff(&[vec![3], vec![4]], Distance::Ordinal), None);
        assert_eq!(intraclass(&[vec![1.0, 1.0], vec![1.0, 1.0]]), None);
    }

    #[test]
    fn more_interviewers_are_more_reliable_and_approach_one() {
        let variances = Variances { candidate: Some(0.3), interviewer: 0.04, card: Some(0.05), residual: 0.3 };
        let of = |n| decision_study(&variances, n, 4).unwrap();
        assert!((of(1).dependability - 0.3 / (0.3 + 0.04 + 0.05 + 0.075)).abs() < 1e-15);
        assert!(of(2).dependability > of(1).dependability && of(1).generalizability > of(1).dependability);
        assert!(of(100_000).dependability > 0.9999);
    }
}
