//! Logistic regression with Firth's penalty, for outcomes of few people.
//!
//! Ordinary maximum likelihood runs to infinity where a score separates the outcomes, which happens often in 40 hires.
//! Firth's (1993) penalty, half the logarithm of the determinant of the information, keeps every estimate finite and takes
//! the first-order bias away; intervals come from the profile of the penalised likelihood (Heinze and Schemper 2002),
//! because Wald's are badly off exactly where the penalty matters.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::cholesky::Cholesky;
use super::discrimination::ScoreCounts;
use super::estimate::{Interval, Z_95};

/// A fit has converged once no entry of the (modified) score is larger.
const SMALL_SCORE: f64 = 1e-10;
const MOST_STEPS: usize = 500;
/// No step moves a coefficient further.
const LONGEST_STEP: f64 = 5.0;
/// An unpenalised coefficient beyond this has run away: the outcomes are separated.
const RUN_AWAY: f64 = 30.0;

/// People with the same terms, how many of them there are and how many had the outcome.
#[derive(Debug, Clone)]
pub struct Design {
    terms: usize,
    /// The terms by rows, the constant first.
    x: Vec<f64>,
    trials: Vec<f64>,
    events: Vec<f64>,
}

impl Design {
    /// A constant and one term per slice of `predictors`, each with an entry per person.
    pub fn new(predictors: &[&[f64]], outcomes: &[bool]) -> Self {
        let n = predictors.iter().map(|column| column.len()).fold(outcomes.len(), usize::min);
        let mut x = Vec::with_capacity(n * (predictors.len() + 1));
        for at in 0..n {
            x.push(1.0);
            x.extend(predictors.iter().map(|column| column[at]));
        }
        let events = outcomes.iter().take(n).map(|with| f64::from(u8::from(*with))).collect();
        Self { terms: predictors.len() + 1, x, trials: vec![1.0; n], events }
    }

    /// A constant and one score, from counts by score; a score of `s` enters as `(s − centre) / unit`.
    pub fn of_scores(counts: &ScoreCounts, centre: f64, unit: f64) -> Self {
        let mut design = Self { terms: 2, x: Vec::new(), trials: Vec::new(), events: Vec::new() };
        for cell in &counts.at {
            design.x.extend([1.0, (cell.score as f64 - centre) / unit]);
            design.trials.push((cell.with + cell.without) as f64);
            design.events.push(cell.with as f64);
        }
        design
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], f64, f64)> {
        let counts = self.trials.iter().zip(&self.events);
        self.x.chunks_exact(self.terms).zip(counts).map(|(x, (trials, events))| (x, *trials, *events))
    }
}

/// One coefficient, on the scale of log odds per unit of its term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// The estimate.
    pub value: f64,
    /// The root of the diagonal of the inverse information at the estimate.
    pub std_error: f64,
    /// The 95 % interval from the profile of the penalised likelihood; a limit that is not found is missing.
    pub interval: Interval,
    /// The penalised likelihood ratio against a coefficient of 0, chi-squared with one degree of freedom.
    pub chi_squared: f64,
    /// Its p-value.
    pub p: Option<f64>,
}

/// A fit with Firth's penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct FirthFit {
    /// The constant, then one coefficient per term.
    pub coefficients: Vec<Coefficient>,
    /// The penalised log-likelihood at its greatest.
    pub log_likelihood: f64,
}

/// An ordinary maximum likelihood fit.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainFit {
    /// The constant, then one coefficient per term.
    pub coefficients: Vec<f64>,
    /// Their standard errors.
    pub std_errors: Vec<f64>,
    /// The log-likelihood at its greatest.
    pub log_likelihood: f64,
}

/// Fits with Firth's penalty; the penalty of the profiled fits is that of the full information. `None` where the terms are
/// collinear (a constant score, more terms than people) or the fit does not converge.
pub fn firth(design: &Design) -> Option<FirthFit> {
    let best = maximise(design, true, None, None)?;
    let inverse = best.information.inverse();
    let drop = Z_95 * Z_95 / 2.0;
    let mut coefficients = Vec::with_capacity(design.terms);
    for term in 0..design.terms {
        let (value, std_error) = (best.b[term], inverse[term * design.terms + term].sqrt());
        let mut warm = best.b.clone();
        let mut profile = |at: f64| -> Option<f64> {
            let fit = maximise(design, true, Some((term, at)), Some(&warm))?;
            warm = fit.b;
            Some(fit.log_likelihood)
        };
        let null = profile(0.0)?;
        let mut limit =
            |sign: f64| crossing(value, sign * std_error, |at| Some(profile(at)? - best.log_likelihood + drop));
        let interval = Interval { low: limit(-1.0), high: limit(1.0) };
        let chi_squared = (2.0 * (best.log_likelihood - null)).max(0.0);
        coefficients.push(Coefficient { value, std_error, interval, chi_squared, p: chi_squared_p(chi_squared) });
    }
    Some(FirthFit { coefficients, log_likelihood: best.log_likelihood })
}

/// The coefficients with Firth's penalty alone, without intervals: what resampling needs.
pub fn firth_coefficients(design: &Design) -> Option<Vec<f64>> {
    maximise(design, true, None, None).map(|fit| fit.b)
}

/// The penalised likelihood ratio of a design against the same one without the term `term` (counted from 1, the constant
/// being 0), with its p-value.
pub fn penalised_ratio(design: &Design, term: usize) -> Option<(f64, f64)> {
    let full = maximise(design, true, None, None)?;
    let less = maximise(design, true, Some((term, 0.0)), None)?;
    let ratio = (2.0 * (full.log_likelihood - less.log_likelihood)).max(0.0);
    Some((ratio, chi_squared_p(ratio)?))
}

/// Ordinary maximum likelihood; `None` under separation, where it does not exist.
pub fn plain(design: &Design) -> Option<PlainFit> {
    let best = maximise(design, false, None, None)?;
    let inverse = best.information.inverse();
    let std_errors = (0..design.terms).map(|term| inverse[term * design.terms + term].sqrt()).collect();
    Some(PlainFit { coefficients: best.b, std_errors, log_likelihood: best.log_likelihood })
}

/// The coefficients with the constant moved so that the predicted outcomes add up to those seen (Puhr and others 2017, FLIC):
/// the penalty pulls predictions towards one half.
pub fn recentred(design: &Design, coefficients: &[f64]) -> Option<Vec<f64>> {
    let (wanted, all): (f64, f64) = (design.events.iter().sum(), design.trials.iter().sum());
    if !(wanted > 0.0 && wanted < all) {
        return None;
    }
    let mut moved = coefficients.to_vec();
    for _ in 0..MOST_STEPS {
        let (mut score, mut information) = (wanted, 0.0);
        for (x, trials, _) in design.rows() {
            let p = share(dot(x, &moved));
            score -= trials * p;
            information += trials * p * (1.0 - p);
        }
        if score.abs() < 1e-10 * all {
            return Some(moved);
        }
        let step = score / information;
        moved[0] += if step.is_finite() { step.clamp(-LONGEST_STEP, LONGEST_STEP) } else { return None };
    }
    None
}

/// The chance of the outcome at a row of terms, the constant not among them.
pub fn predicted(coefficients: &[f64], terms: &[f64]) -> f64 {
    let Some((constant, slopes)) = coefficients.split_first() else { return 0.5 };
    share(constant + dot(slopes, terms))
}

fn chi_squared_p(statistic: f64) -> Option<f64> {
    ChiSquared::new(1.0).ok().map(|chi| chi.sf(statistic)).filter(|p| p.is_finite())
}

fn share(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

struct Maximum {
    b: Vec<f64>,
    log_likelihood: f64,
    information: Cholesky,
}

/// The information and the log-likelihood at some coefficients.
fn evaluate(design: &Design, b: &[f64], penalised: bool) -> Option<(Vec<f64>, Cholesky, f64)> {
    let k = design.terms;
    let mut information = vec![0.0; k * k];
    let mut log_likelihood = 0.0;
    for (x, trials, events) in design.rows() {
        let e = dot(x, b);
        // ln(1 + exp e) without overflow.
        let softplus = if e > 0.0 { e + (-e).exp().ln_1p() } else { e.exp().ln_1p() };
        log_likelihood += events * e - trials * softplus;
        let p = share(e);
        let weight = trials * p * (1.0 - p);
        for row in 0..k {
            for column in 0..=row {
                information[row * k + column] += weight * x[row] * x[column];
            }
        }
    }
    let factor = Cholesky::new(&information, k)?;
    if penalised {
        log_likelihood += 0.5 * factor.log_determinant();
    }
    for row in 0..k {
        for column in row + 1..k {
            information[row * k + column] = information[column * k + row];
        }
    }
    log_likelihood.is_finite().then_some((information, factor, log_likelihood))
}

/// Newton's steps on the (modified) score, halved until the likelihood does not fall.
fn maximise(design: &Design, penalised: bool, fixed: Option<(usize, f64)>, start: Option<&[f64]>) -> Option<Maximum> {
    let k = design.terms;
    let mut b = start.map_or_else(|| vec![0.0; k], <[f64]>::to_vec);
    if let Some((term, value)) = fixed {
        b[term] = value;
    }
    let free: Vec<usize> = (0..k).filter(|term| fixed.is_none_or(|(own, _)| own != *term)).collect();
    let begin = evaluate(design, &b, penalised);
    // A far start may have an information that is singular in floating point; the middle does not.
    let (mut information, mut factor, mut log_likelihood) = match (begin, start) {
        (Some(begun), _) => begun,
        (None, Some(_)) => return maximise(design, penalised, fixed, None),
        (None, None) => return None,
    };
    for _ in 0..MOST_STEPS {
        let mut score = vec![0.0; k];
        let inverse = if penalised { factor.inverse() } else { Vec::new() };
        for (x, trials, events) in design.rows() {
            let p = share(dot(x, &b));
            let mut residual = events - trials * p;
            if penalised {
                let leverage =
                    p * (1.0 - p) * inverse.chunks_exact(k).zip(x).map(|(row, x_row)| x_row * dot(row, x)).sum::<f64>();
                residual += trials * leverage * (0.5 - p);
            }
            score.iter_mut().zip(x).for_each(|(sum, x)| *sum += residual * x);
        }
        if free.iter().all(|term| score[*term].abs() < SMALL_SCORE) {
            return Some(Maximum { b, log_likelihood, information: factor });
        }
        let size = free.len();
        let part: Vec<f64> = free
            .iter()
            .flat_map(|row| free.iter().map(|column| information[row * k + column]).collect::<Vec<_>>())
            .collect();
        let mut step = Cholesky::new(&part, size)?.solve(&free.iter().map(|term| score[*term]).collect::<Vec<_>>());
        let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
        if longest > LONGEST_STEP {
            step.iter_mut().for_each(|s| *s *= LONGEST_STEP / longest);
        }
        let mut factor_of_step = 1.0;
        let moved = loop {
            let mut moved = b.clone();
            free.iter().zip(&step).for_each(|(term, s)| moved[*term] += factor_of_step * s);
            match evaluate(design, &moved, penalised) {
                Some(found) if found.2 >= log_likelihood - 1e-12 => break Some((moved, found)),
                _ if factor_of_step < 1e-8 => break None,
                _ => factor_of_step /= 2.0,
            }
        };
        let Some((moved, found)) = moved else {
            // No step helps although the score is not quite zero: the top as far as floating point goes.
            let flat = free.iter().all(|term| score[*term].abs() < 1e-6);
            return flat.then_some(Maximum { b, log_likelihood, information: factor });
        };
        b = moved;
        (information, factor, log_likelihood) = found;
        if !penalised && b.iter().any(|value| value.abs() > RUN_AWAY) {
            return None;
        }
    }
    None
}

/// Where a falling function first crosses zero, from `start` outwards in steps that begin with `step` and grow.
pub(super) fn crossing(start: f64, step: f64, mut height: impl FnMut(f64) -> Option<f64>) -> Option<f64> {
    let (mut inside, mut width) = (start, step);
    let mut inner = height(start)?;
    let (mut outside, mut outer) = loop {
        let at = start + width;
        let found = height(at)?;
        if found <= 0.0 {
            break (at, found);
        }
        (inside, inner) = (at, found);
        width *= 1.5;
        if width.abs() > 1e4 {
            return None;
        }
    };
    // Regula falsi, with the stale end's height halved (Illinois), and halving where that is slow.
    for round in 0..200 {
        if (outside - inside).abs() < 1e-10 * (1.0 + inside.abs()) {
            break;
        }
        let guess = outside - outer * (outside - inside) / (outer - inner);
        let middle = inside + (outside - inside) / 2.0;
        let between = (guess - inside) * (guess - outside) < 0.0;
        let at = if between && round % 4 != 3 { guess } else { middle };
        let found = height(at)?;
        if found.abs() < 1e-12 {
            return Some(at);
        }
        if found > 0.0 {
            (inside, inner) = (at, found);
            outer /= 2.0;
        } else {
            (outside, outer) = (at, found);
            inner /= 2.0;
        }
    }
    Some(inside + (outside - inside) / 2.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;
    use crate::stats::discrimination::AtScore;

    #[test]
    fn a_two_by_two_table_is_its_odds_with_a_half_added() {
        // With one yes-or-no term Firth's estimate adds one half to each cell.
        let cell = |score, with, without| AtScore { score, with, without };
        let counts = ScoreCounts::from_cells([cell(0, 3, 9), cell(1, 8, 2)]);
        let fit = firth(&Design::of_scores(&counts, 0.0, 1.0)).unwrap();
        assert!((fit.coefficients[0].value - (3.5_f64 / 9.5).ln()).abs() < 1e-8);
        assert!((fit.coefficients[1].value - (8.5 * 9.5 / (2.5 * 3.5_f64)).ln()).abs() < 1e-8);
        let plain = plain(&Design::of_scores(&counts, 0.0, 1.0)).unwrap();
        assert!((plain.coefficients[1] - (8.0 * 9.0 / (2.0 * 3.0_f64)).ln()).abs() < 1e-8);
    }

    #[test]
    fn separation_is_finite_with_the_penalty_and_nothing_without() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let design = Design::new(&[&x], &[false, false, true, true]);
        assert_eq!(plain(&design), None);
        let fit = firth(&design).unwrap();
        assert!(fit.coefficients[1].value.is_finite() && fit.coefficients[1].interval.low.is_some());
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert_eq!(firth(&Design::new(&[&[2.0; 4]], &[true, false, true, false])), None);
        let (a, b) = ([1.0, 2.0, 3.0], [2.0, 1.0, 5.0]);
        let c = [0.0, 4.0, 1.0];
        assert_eq!(firth(&Design::new(&[&a, &b, &c], &[true, false, true])), None, "more terms than people");
        assert_eq!(recentred(&Design::new(&[&a], &[true; 3]), &[0.0, 1.0]), None);
    }

    #[test]
    fn recentred_predictions_add_up_to_the_outcomes() {
        let x = [1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 1.5, 2.0];
        let design = Design::new(&[&x], &[false, false, true, false, false, true, false, false]);
        let moved = recentred(&design, &firth_coefficients(&design).unwrap()).unwrap();
        let sum: f64 = x.iter().map(|x| predicted(&moved, &[*x])).sum();
        assert!((sum - 2.0).abs() < 1e-8, "{sum}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn turning_the_outcome_round_turns_the_sign_round(
            people in prop::collection::vec((1_i64..5, any::<bool>()), 6..40),
        ) {
            let cell = |score: i64, with: bool| AtScore { score, with: i64::from(with), without: i64::from(!with) };
            let counts = ScoreCounts::from_cells(people.iter().map(|(score, with)| cell(*score, *with)));
            let turned = ScoreCounts::from_cells(people.iter().map(|(score, with)| cell(*score, !*with)));
            let (one, other) = (firth(&Design::of_scores(&counts, 2.0, 1.0)), firth(&Design::of_scores(&turned, 2.0, 1.0)));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                for (a, b) in one.coefficients.iter().zip(&other.coefficients) {
                    prop_assert!((a.value + b.value).abs() < 1e-6, "{} {}", a.value, b.value);
                    prop_assert!((a.chi_squared - b.chi_squared).abs() < 1e-6);
                    prop_assert!(a.interval.low.is_none_or(|low| low <= a.value));
                    prop_assert!(a.interval.high.is_none_or(|high| high >= a.value));
                }
                // The same people one by one.
                let x: Vec<f64> = people.iter().map(|(score, _)| *score as f64 - 2.0).collect();
                let outcomes: Vec<bool> = people.iter().map(|(_, with)| *with).collect();
                let single = firth(&Design::new(&[&x], &outcomes)).unwrap();
                prop_assert!((single.coefficients[1].value - one.coefficients[1].value).abs() < 1e-7);
            }
        }
    }
}
