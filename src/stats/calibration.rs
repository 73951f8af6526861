//! Whether a predicted chance means what it says: predictions against outcomes, corrected for having seen the data.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::discrimination::paired_aucs;
use super::estimate::{Interval, Z_95};
use super::logistic::{Design, firth, firth_coefficients, recentred};
use super::proportion::{Proportion, wilson};

/// The fewest people of a band.
pub const FEWEST_IN_BAND: usize = 20;
const MOST_BANDS: usize = 5;
const SEED: u64 = 0xca11b;
const RESAMPLES: usize = 200;
/// Beyond this many people the optimism is far below what anybody would notice, and resampling them costs minutes.
const RESAMPLED_UP_TO: usize = 5_000;

/// Predictions against outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// How much higher the log odds of the outcome are than predicted, for new people; 0 is right.
    pub intercept: f64,
    /// Its 95 % interval, normal.
    pub intercept_interval: Interval,
    /// By how much predictions must be drawn towards the mean for new people: 1 is right, below 1 they are too extreme.
    pub slope: f64,
    /// Its 95 % interval: the profile interval on the data the model was made of, moved by the optimism.
    pub slope_interval: Interval,
    /// The coefficient of the first predictor: below 0 a higher score predicts less.
    pub slope_of_score: f64,
    /// Mean squared distance of predictions from outcomes, for new people.
    pub brier: f64,
    /// The same where everybody is given the overall share: what a prediction has to beat.
    pub brier_of_share: f64,
    /// The area under the ROC curve, for new people.
    pub auc: Option<f64>,
    /// What resampling said the area looks better by on the data the model was made of.
    pub auc_optimism: Option<f64>,
    /// Bands of people by prediction, ascending.
    pub bands: Vec<Band>,
    /// People.
    pub n: usize,
    /// Those with the outcome.
    pub events: usize,
}

/// People with similar predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The lowest prediction.
    pub from: f64,
    /// The highest prediction.
    pub to: f64,
    /// The mean prediction.
    pub predicted: f64,
    /// The share with the outcome, with Wilson's interval.
    pub observed: Proportion,
    /// People.
    pub n: usize,
}

/// Predicts the outcome from one slice of scores per predictor, by logistic regression with Firth's penalty and a recentred
/// constant, and says how well that is calibrated.
///
/// The model looks better on the data it was made of than on new people. How much better is estimated by making it again of 200
/// resamples and trying each on everybody (Efron 1983; Harrell, Lee and Mark 1996); the median difference is taken off, since
/// a resample without a link gives a wild slope. `None` where the model cannot be made.
pub fn calibrate(predictors: &[&[f64]], outcomes: &[bool]) -> Option<Calibration> {
    let n = outcomes.len();
    let events = outcomes.iter().filter(|with| **with).count();
    let everybody: Vec<usize> = (0..n).collect();
    let model = Model::of(predictors, outcomes, &everybody)?;
    let own = model.log_odds(predictors, &everybody);
    let apparent = Fitness::of(&own, outcomes, &everybody)?;
    let slope = firth(&Design::new(&[&own], outcomes))?.coefficients[1];
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let mut better: Vec<Fitness> = Vec::new();
    let resamples = if n <= RESAMPLED_UP_TO { RESAMPLES } else { 0 };
    for _ in 0..resamples {
        let people: Vec<usize> = (0..n).map(|_| dice.random_range(0..n)).collect();
        let Some(again) = Model::of(predictors, outcomes, &people) else { continue };
        let inside = Fitness::of(&again.log_odds(predictors, &people), outcomes, &people);
        let outside = Fitness::of(&again.log_odds(predictors, &everybody), outcomes, &everybody);
        if let (Some(inside), Some(outside)) = (inside, outside) {
            better.push(inside.less(&outside));
        }
    }
    let optimism = |figure: &dyn Fn(&Fitness) -> Option<f64>| -> f64 {
        let mut values: Vec<f64> = better.iter().filter_map(figure).collect();
        median(&mut values).unwrap_or(0.0)
    };
    let by_slope = optimism(&|fit| Some(fit.slope));
    let by_intercept = optimism(&|fit| Some(fit.intercept));
    let by_auc = optimism(&|fit| fit.auc);
    let share = events as f64 / n as f64;
    let information: f64 = own.iter().map(|e| chance(*e) * (1.0 - chance(*e))).sum();
    let intercept = apparent.intercept - by_intercept;
    let moved = |limit: Option<f64>| limit.map(|limit| limit - by_slope);
    Some(Calibration {
        intercept,
        intercept_interval: Interval::around(intercept, 1.0 / information.sqrt()),
        slope: slope.value - by_slope,
        slope_interval: Interval { low: moved(slope.interval.low), high: moved(slope.interval.high) },
        slope_of_score: model.coefficients.get(1).copied().unwrap_or(0.0),
        brier: apparent.brier - optimism(&|fit| Some(fit.brier)),
        brier_of_share: share * (1.0 - share),
        auc: apparent.auc.map(|auc| (auc - by_auc).clamp(0.0, 1.0)),
        auc_optimism: apparent.auc.map(|_| by_auc),
        bands: bands(&own, outcomes),
        n,
        events,
    })
}

/// Predictions of everybody by models that did not see them: people are dealt into `parts` by their place, and each part is
/// predicted from the others. `None` where a model cannot be made.
pub fn out_of_fold(predictors: &[&[f64]], outcomes: &[bool], parts: usize) -> Option<Vec<f64>> {
    let n = outcomes.len();
    let mut out = vec![0.0; n];
    // Both outcomes are dealt in turn, so that no part is without either.
    let mut place = [0_usize; 2];
    let part: Vec<usize> = outcomes
        .iter()
        .map(|with| {
            let next = &mut place[usize::from(*with)];
            *next += 1;
            (*next - 1) % parts
        })
        .collect();
    for own in 0..parts {
        let others: Vec<usize> = (0..n).filter(|at| part[*at] != own).collect();
        let model = Model::of(predictors, outcomes, &others)?;
        for at in (0..n).filter(|at| part[*at] == own) {
            out[at] = model.log_odds(predictors, &[at])[0];
        }
    }
    Some(out)
}

struct Model {
    coefficients: Vec<f64>,
}

impl Model {
    fn of(predictors: &[&[f64]], outcomes: &[bool], people: &[usize]) -> Option<Self> {
        let columns: Vec<Vec<f64>> =
            predictors.iter().map(|column| people.iter().map(|who| column[*who]).collect()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let outcomes: Vec<bool> = people.iter().map(|who| outcomes[*who]).collect();
        let design = Design::new(&columns, &outcomes);
        let coefficients = recentred(&design, &firth_coefficients(&design)?)?;
        Some(Self { coefficients })
    }

    fn log_odds(&self, predictors: &[&[f64]], people: &[usize]) -> Vec<f64> {
        let of = |who: &usize| {
            let slopes = self.coefficients.iter().skip(1).zip(predictors);
            self.coefficients.first().copied().unwrap_or(0.0) + slopes.map(|(b, column)| b * column[*who]).sum::<f64>()
        };
        people.iter().map(of).collect()
    }
}

/// How well log odds fit outcomes.
#[derive(Debug, Clone, Copy)]
struct Fitness {
    intercept: f64,
    slope: f64,
    brier: f64,
    auc: Option<f64>,
}

impl Fitness {
    fn of(log_odds: &[f64], outcomes: &[bool], people: &[usize]) -> Option<Self> {
        let outcomes: Vec<bool> = people.iter().map(|who| outcomes[*who]).collect();
        let slope = firth_coefficients(&Design::new(&[log_odds], &outcomes))?[1];
        let squares = log_odds.iter().zip(&outcomes).map(|(e, with)| (chance(*e) - f64::from(u8::from(*with))).powi(2));
        Some(Self {
            intercept: offset(log_odds, &outcomes)?,
            slope,
            brier: squares.sum::<f64>() / outcomes.len() as f64,
            auc: paired_aucs(&[log_odds], &outcomes).map(|auc| auc.values[0]),
        })
    }

    fn less(&self, other: &Self) -> Self {
        Self {
            intercept: self.intercept - other.intercept,
            slope: self.slope - other.slope,
            brier: self.brier - other.brier,
            auc: self.auc.zip(other.auc).map(|(own, other)| own - other),
        }
    }
}

/// What must be added to all log odds so that they predict as many outcomes as there were.
fn offset(log_odds: &[f64], outcomes: &[bool]) -> Option<f64> {
    let wanted = outcomes.iter().filter(|with| **with).count() as f64;
    if wanted == 0.0 || wanted == outcomes.len() as f64 {
        return None;
    }
    let mut at = 0.0;
    for _ in 0..200 {
        let (score, information) = log_odds.iter().fold((wanted, 0.0), |(score, information), e| {
            let p = chance(e + at);
            (score - p, information + p * (1.0 - p))
        });
        if score.abs() < 1e-9 {
            break;
        }
        at += (score / information.max(1e-12)).clamp(-Z_95, Z_95);
    }
    Some(at)
}

fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { (values[middle - 1] + upper) / 2.0 })
}

fn bands(log_odds: &[f64], outcomes: &[bool]) -> Vec<Band> {
    let n = outcomes.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| log_odds[*a].total_cmp(&log_odds[*b]).then(a.cmp(b)));
    let wanted = (n / FEWEST_IN_BAND).clamp(1, MOST_BANDS);
    let size = n.div_ceil(wanted);
    // People with one prediction stay together.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for same in order.chunk_by(|a, b| log_odds[*a] == log_odds[*b]) {
        match groups.last_mut() {
            Some(last) if last.len() < size => last.extend(same),
            _ => groups.push(same.to_vec()),
        }
    }
    if groups.len() > 1
        && groups.last().is_some_and(|last| last.len() < FEWEST_IN_BAND)
        && let Some(last) = groups.pop()
        && let Some(before) = groups.last_mut()
    {
        before.extend(last);
    }
    let band = |people: &Vec<usize>| -> Option<Band> {
        let chances: Vec<f64> = people.iter().map(|who| chance(log_odds[*who])).collect();
        let with = people.iter().filter(|who| outcomes[**who]).count();
        Some(Band {
            from: *chances.first()?,
            to: *chances.last()?,
            predicted: chances.iter().sum::<f64>() / chances.len() as f64,
            observed: wilson(with as i64, people.len() as i64)?,
            n: people.len(),
        })
    };
    groups.iter().filter_map(band).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    /// Outcomes of a score with a known link, without chance in the score.
    fn people(n: usize, slope: f64) -> (Vec<f64>, Vec<bool>) {
        let mut dice = ChaCha8Rng::seed_from_u64(9);
        let scores: Vec<f64> = (0..n).map(|at| (at as f64 + 0.5) / n as f64 * 4.0 - 2.0).collect();
        let outcomes = scores.iter().map(|x| dice.random::<f64>() < chance(slope * x)).collect();
        (scores, outcomes)
    }

    #[test]
    fn a_strong_link_is_calibrated_and_a_missing_one_is_called_overfitted() {
        let (scores, outcomes) = people(400, 1.5);
        let strong = calibrate(&[&scores], &outcomes).unwrap();
        assert!(strong.slope > 0.9 && strong.slope < 1.05, "{}", strong.slope);
        assert!(strong.slope_interval.low.unwrap() > 0.5 && strong.brier < strong.brier_of_share);
        assert!(strong.bands.len() == 5 && strong.bands.iter().all(|band| band.n >= FEWEST_IN_BAND));
        assert!(strong.bands.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
        let (_, chance) = people(60, 0.0);
        let scores: Vec<f64> = scores.iter().step_by(7).take(60).copied().collect();
        let nothing = calibrate(&[&scores[..58]], &chance[..58]).unwrap();
        assert!(nothing.slope < strong.slope && nothing.auc_optimism.unwrap() >= 0.0);
        assert_eq!(nothing, calibrate(&[&scores[..58]], &chance[..58]).unwrap(), "the same data, the same figures");
    }

    #[test]
    fn predictions_add_up_to_the_outcomes_before_the_correction() {
        let (scores, outcomes) = people(100, 1.0);
        let found = calibrate(&[&scores], &outcomes).unwrap();
        let predicted: f64 = found.bands.iter().map(|band| band.predicted * band.n as f64).sum();
        let observed = outcomes.iter().filter(|with| **with).count() as f64;
        assert!((predicted - observed).abs() < 1e-6);
        assert_eq!(found.bands.iter().map(|band| band.n).sum::<usize>(), 100);
    }

    #[test]
    fn one_outcome_alone_cannot_be_predicted() {
        assert_eq!(calibrate(&[&[1.0, 2.0, 3.0]], &[true; 3]), None);
        assert_eq!(calibrate(&[&[1.0; 6]], &[true, false, true, false, true, false]), None);
        assert_eq!(out_of_fold(&[&[1.0; 6]], &[true, false, true, false, true, false], 3), None);
    }

    #[test]
    fn nobody_is_predicted_by_a_model_that_saw_them() {
        let (scores, outcomes) = people(200, 2.0);
        let ours = out_of_fold(&[&scores], &outcomes, 10).unwrap();
        let auc = paired_aucs(&[&ours], &outcomes).unwrap().values[0];
        assert!(auc > 0.75, "{auc}");
        // Somebody's own score moves the predictions of all other parts.
        let mut last = scores.clone();
        last[199] = 50.0;
        let other = out_of_fold(&[&last], &outcomes, 10).unwrap();
        assert!(other[199] != ours[199] && other.iter().zip(&ours).filter(|(a, b)| a != b).count() > 100);
    }
}
