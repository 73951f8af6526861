//! The correlation of what lies behind two ordinal scores (Olsson, 1979): what two rubric dimensions would correlate if
//! they were not cut into a few levels. Larger than Pearson's for coarse scales; the two never share a table.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

use super::bivariate_normal::bivariate_normal;
use super::estimate::{Interval, Z_95};

/// Correlations beyond this are not told from one another.
const LARGEST: f64 = 0.999_9;
/// The section of a golden search.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// Half the step over which the curvature of the likelihood is taken.
const CURVATURE_STEP: f64 = 1e-3;

/// A polychoric correlation.
#[derive(Debug, Clone, PartialEq)]
pub struct Polychoric {
    /// The correlation.
    pub rho: f64,
    /// Its standard error, thresholds taken as known.
    pub std_error: f64,
    /// Its 95 % interval, on the scale of Fisher's z.
    pub interval: Interval,
    /// Pairs of scores.
    pub n: i64,
    /// Thresholds of the rows' variable.
    pub row_cuts: Vec<f64>,
    /// Thresholds of the columns' variable.
    pub column_cuts: Vec<f64>,
    /// The p-value of G² against the bivariate normal distribution; `None` for a table of two by two, which always fits.
    pub normality_p: Option<f64>,
}

/// Why there is no correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPolychoric {
    /// All scores are the same on one side.
    #[error("one of the two was always scored the same")]
    NoVariation,
    /// The likelihood has no curvature: every pair is at an end.
    #[error("the scores agree or disagree perfectly")]
    Perfect,
}

/// The two-step estimate: thresholds from the margins, then the correlation that makes the table most likely. Rows and
/// columns are levels in order; unused ones are left out. In a table of two by two an empty cell counts for a half.
pub fn polychoric(table: &[Vec<i64>]) -> Result<Polychoric, NotPolychoric> {
    let mut cells: Vec<Vec<f64>> = table
        .iter()
        .filter(|row| row.iter().any(|count| *count > 0))
        .map(|row| row.iter().map(|count| (*count).max(0) as f64).collect())
        .collect();
    let used: Vec<bool> = (0..cells.first().map_or(0, Vec::len))
        .map(|column| cells.iter().any(|row| row.get(column).is_some_and(|count| *count > 0.0)))
        .collect();
    for row in &mut cells {
        let mut used = used.iter();
        row.retain(|_| used.next().copied().unwrap_or(false));
    }
    let columns = cells.first().map_or(0, Vec::len);
    if cells.len() < 2 || columns < 2 {
        return Err(NotPolychoric::NoVariation);
    }
    let n: f64 = cells.iter().flatten().sum();
    if cells.len() == 2 && columns == 2 {
        cells.iter_mut().flatten().filter(|count| **count == 0.0).for_each(|count| *count = 0.5);
    }
    let rows: Vec<f64> = cells.iter().map(|row| row.iter().sum()).collect();
    let sums: Vec<f64> = (0..columns).map(|column| cells.iter().map(|row| row[column]).sum()).collect();
    let (row_cuts, column_cuts) = (cuts(&rows), cuts(&sums));
    let fit = |rho: f64| likelihood(&cells, &row_cuts, &column_cuts, rho);
    let rho = maximum(&fit);
    if rho.abs() > LARGEST - 1e-6 {
        return Err(NotPolychoric::Perfect);
    }
    let step = CURVATURE_STEP.min((1.0 - rho.abs()) / 4.0);
    let curvature = (fit(rho + step) - 2.0 * fit(rho) + fit(rho - step)) / (step * step);
    let is_maximum = curvature < 0.0;
    if !is_maximum {
        return Err(NotPolychoric::Perfect);
    }
    let std_error = (-1.0 / curvature).sqrt();
    let half = Z_95 * std_error / (1.0 - rho * rho);
    let z = rho.atanh();
    let interval = Interval::new((z - half).tanh(), (z + half).tanh());
    let df = (cells.len() * columns) as f64 - cells.len() as f64 - columns as f64;
    let total: f64 = cells.iter().flatten().sum();
    let saturated: f64 = cells.iter().flatten().filter(|c| **c > 0.0).map(|c| c * (c / total).ln()).sum();
    let g2 = 2.0 * (saturated - fit(rho));
    let normality_p = ChiSquared::new(df).ok().filter(|_| df > 0.0).map(|chi| chi.sf(g2.max(0.0)));
    Ok(Polychoric { rho, std_error, interval, n: n as i64, row_cuts, column_cuts, normality_p })
}

/// Standard normal thresholds between levels of these sizes.
fn cuts(sizes: &[f64]) -> Vec<f64> {
    let total: f64 = sizes.iter().sum();
    let mut below = 0.0;
    let (_, but_last) = sizes.split_last().unwrap_or((&0.0, &[]));
    let cut = |size: &f64| {
        below += size;
        Normal::standard().inverse_cdf(below / total)
    };
    but_last.iter().map(cut).collect()
}

fn likelihood(cells: &[Vec<f64>], row_cuts: &[f64], column_cuts: &[f64], rho: f64) -> f64 {
    let columns = column_cuts.len() + 1;
    let edge = |cuts: &[f64], at: usize| cuts.get(at).copied().unwrap_or(f64::INFINITY);
    let mut above = vec![0.0; columns];
    let mut sum = 0.0;
    for (row, counts) in cells.iter().enumerate() {
        let h = edge(row_cuts, row);
        let below: Vec<f64> = (0..columns).map(|at| bivariate_normal(h, edge(column_cuts, at), rho)).collect();
        let mut left = 0.0;
        for (at, count) in counts.iter().enumerate() {
            let strip = below[at] - above[at];
            if *count > 0.0 {
                sum += count * (strip - left).max(1e-300).ln();
            }
            left = strip;
        }
        above = below;
    }
    sum
}

/// Where a function of a correlation is largest, by golden section.
fn maximum(of: &dyn Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-LARGEST, LARGEST);
    let mut inner = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let mut values = (of(inner.0), of(inner.1));
    while high - low > 1e-8 {
        if values.0 >= values.1 {
            high = inner.1;
            inner = (high - GOLDEN * (high - low), inner.0);
            values = (of(inner.0), values.0);
        } else {
            low = inner.0;
            inner = (inner.1, low + GOLDEN * (high - low));
            values = (values.1, of(inner.1));
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn a_table_of_two_by_two_at_the_medians_has_sheppards_correlation() {
        // With both cut at the median the share in agreement is 1/2 + asin(rho)/pi.
        let found = polychoric(&[vec![300, 100], vec![100, 300]]).unwrap();
        let expected = ((0.75 - 0.5) * std::f64::consts::PI).sin();
        assert!((found.rho - expected).abs() < 1e-6 && found.normality_p.is_none());
        let turned = polychoric(&[vec![100, 300], vec![300, 100]]).unwrap();
        assert!((found.rho + turned.rho).abs() < 1e-7);
    }

    #[test]
    fn unused_levels_change_nothing() {
        let plain = polychoric(&[vec![20, 5, 1], vec![6, 22, 7], vec![0, 5, 18]]).unwrap();
        let wide = polychoric(&[vec![20, 0, 5, 1], vec![6, 0, 22, 7], vec![0, 0, 0, 0], vec![0, 0, 5, 18]]).unwrap();
        assert_eq!(plain, wide);
        assert!(plain.rho > 0.7 && plain.interval.low.unwrap() < plain.rho);
    }

    #[test]
    fn constant_and_perfect_scores_have_none() {
        assert_eq!(polychoric(&[vec![3, 4]]), Err(NotPolychoric::NoVariation));
        assert_eq!(polychoric(&[vec![3, 0], vec![5, 0]]), Err(NotPolychoric::NoVariation));
        assert_eq!(polychoric(&[]), Err(NotPolychoric::NoVariation));
        let perfect = polychoric(&[vec![9, 0, 0], vec![0, 9, 0], vec![0, 0, 9]]);
        assert_eq!(perfect, Err(NotPolychoric::Perfect));
    }
}
