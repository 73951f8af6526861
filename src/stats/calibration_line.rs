//! Whether a value predicted from a score means what it says: a straight line against outcomes, corrected for having seen the
//! data. The counterpart of [`calibration`](crate::stats::calibration) for outcomes that are numbers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::calibration::median;
use super::estimate::Interval;

/// Fewer people than this leave resamples that say nothing.
pub const FEWEST: usize = 20;
const SEED: u64 = 0x11e_ca1b;
const RESAMPLES: usize = 200;
/// Beyond this many people the optimism is far below what anybody would notice.
const RESAMPLED_UP_TO: usize = 20_000;

/// A straight line against outcomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineCalibration {
    /// How much higher values are than predicted, for new people; 0 is right.
    pub intercept: f64,
    /// Its 95 % interval, Student's.
    pub intercept_interval: Interval,
    /// By how much predictions must be drawn towards the mean for new people: 1 is right, below 1 they are too extreme.
    pub slope: f64,
    /// Its 95 % interval: Student's on the data the line was made of, moved by the optimism.
    pub slope_interval: Interval,
    /// Mean squared distance of predictions from values, for new people.
    pub squared_error: f64,
    /// The same where everybody is given the mean: what a prediction has to beat.
    pub squared_error_of_mean: f64,
}

#[derive(Clone, Copy)]
struct Line {
    constant: f64,
    slope: f64,
    /// The spread of the scores the line was made of: squared distances from their mean.
    spread: f64,
}

impl Line {
    fn of(scores: &[f64], values: &[f64], people: &[usize]) -> Option<Self> {
        let n = people.len() as f64;
        let mean = |of: &[f64]| people.iter().map(|who| of[*who]).sum::<f64>() / n;
        let (x, y) = (mean(scores), mean(values));
        let spread: f64 = people.iter().map(|who| (scores[*who] - x).powi(2)).sum();
        let slope = people.iter().map(|who| (scores[*who] - x) * (values[*who] - y)).sum::<f64>() / spread;
        // What does not vary, but for rounding, has no line.
        let varies = spread > 1e-9 * n * (1.0 + x * x) && slope.abs() > 1e-12;
        varies.then_some(Self { constant: y - slope * x, slope, spread })
    }

    fn squared_error(&self, scores: &[f64], values: &[f64], people: &[usize]) -> f64 {
        let distance = |who: &usize| (values[*who] - self.constant - self.slope * scores[*who]).powi(2);
        people.iter().map(distance).sum::<f64>() / people.len() as f64
    }
}

/// Predicts values from scores by a straight line, and says how well that holds.
///
/// How much better the line looks on the data it was made of than on new people is estimated by making it again of 200 resamples and
/// trying each on everybody (Efron 1983; Harrell, Lee and Mark 1996); the median difference is taken off, since a resample
/// without a link gives a wild slope. `None` with fewer than 20 people, or without a line.
pub fn calibrate_line(scores: &[f64], values: &[f64]) -> Option<LineCalibration> {
    let n = scores.len();
    if n < FEWEST || values.len() != n {
        return None;
    }
    let everybody: Vec<usize> = (0..n).collect();
    let line = Line::of(scores, values, &everybody)?;
    let apparent = line.squared_error(scores, values, &everybody);
    let mean = values.iter().sum::<f64>() / n as f64;
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let (mut by_slope, mut by_intercept, mut by_error) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..if n <= RESAMPLED_UP_TO { RESAMPLES } else { 0 } {
        let people: Vec<usize> = (0..n).map(|_| dice.random_range(0..n)).collect();
        let Some(again) = Line::of(scores, values, &people) else { continue };
        // On the resample the line's own slope is 1 and its own intercept 0; on everybody they are these.
        let predicted = scores.iter().map(|score| again.constant + again.slope * score).sum::<f64>() / n as f64;
        by_slope.push(1.0 - line.slope / again.slope);
        by_intercept.push(predicted - mean);
        by_error.push(again.squared_error(scores, values, &people) - again.squared_error(scores, values, &everybody));
    }
    let optimism = |values: &mut Vec<f64>| median(values).unwrap_or(0.0);
    let df = n as f64 - 2.0;
    let residual = (apparent * n as f64 / df).sqrt();
    let t = StudentsT::new(0.0, 1.0, df).ok()?.inverse_cdf(0.975);
    let (slope, intercept) = (1.0 - optimism(&mut by_slope), -optimism(&mut by_intercept));
    let (half_slope, half_intercept) =
        (t * residual / line.spread.sqrt() / line.slope.abs(), t * residual / (n as f64).sqrt());
    Some(LineCalibration {
        intercept,
        intercept_interval: Interval::new(intercept - half_intercept, intercept + half_intercept),
        slope,
        slope_interval: Interval::new(slope - half_slope, slope + half_slope),
        squared_error: apparent - optimism(&mut by_error),
        squared_error_of_mean: values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    /// Numbers between −0.5 and 0.5 that repeat only after `n`.
    fn grid(n: usize, step: usize) -> Vec<f64> {
        (0..n).map(|at| ((at * step) % n) as f64 / n as f64 - 0.5).collect()
    }

    #[test]
    fn a_strong_link_holds_for_new_people_and_none_does_not() {
        let (x, noise) = (grid(97, 1), grid(97, 35));
        let strong: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| 3.0 + 2.0 * x + e).collect();
        let found = calibrate_line(&x, &strong).unwrap();
        assert!((found.slope - 1.0).abs() < 0.1 && found.intercept.abs() < 0.1, "{found:?}");
        assert!(found.squared_error < 0.4 * found.squared_error_of_mean, "{found:?}");
        assert!(found.slope_interval.low.unwrap() > 0.7 && found.slope_interval.high.unwrap() < 1.3);
        // Without a link the interval of the slope holds 0: there is nothing to predict by.
        let none = calibrate_line(&x, &noise).unwrap();
        assert!(none.slope_interval.low.unwrap() < 0.0, "{none:?}");
        assert!(none.squared_error > 0.98 * none.squared_error_of_mean, "{none:?}");
    }

    #[test]
    fn predictions_look_better_on_the_data_they_were_made_of() {
        let (x, noise) = (grid(23, 1), grid(23, 7));
        let y: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| 0.5 * x + e).collect();
        let found = calibrate_line(&x, &y).unwrap();
        let line = Line::of(&x, &y, &(0..23).collect::<Vec<_>>()).unwrap();
        assert!(found.squared_error > line.squared_error(&x, &y, &(0..23).collect::<Vec<_>>()));
    }

    #[test]
    fn what_does_not_vary_or_is_too_little_has_no_line() {
        assert_eq!(calibrate_line(&[3.0; 40], &grid(40, 7)), None);
        assert_eq!(calibrate_line(&grid(40, 7), &[3.0; 40]), None);
        assert_eq!(calibrate_line(&grid(19, 1), &grid(19, 7)), None);
    }
}
