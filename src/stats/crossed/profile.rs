//! Is there any leniency at all, and how large may it be?

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::super::estimate::Z_95;
use super::fit::{Fit, Free, Refused, Terms, search};
use super::optimise::minimise;
use super::sums::CardSums;
use super::system::System;

/// The 95 % point of chi-squared with one degree of freedom.
const CHI_95: f64 = 3.841_458_820_694_124;

/// A 95 % profile interval for the standard deviation of leniency, in score points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SdInterval {
    /// The lower limit; zero where the data do not exclude it.
    pub low: f64,
    /// The upper limit; `None` where the data do not bound it.
    pub high: Option<f64>,
}

/// The p-value of "interviewers do not differ in leniency": the likelihood ratio of the fit without the term,
/// referred to an even mixture of chi-squared with no and with one degree of freedom, since a variance cannot be
/// negative (Self and Liang, 1987; Stram and Lee, 1994).
pub fn no_leniency(sums: &CardSums, fit: &Fit) -> Result<f64, Refused> {
    let ratio = (without(sums, fit)? - fit.criterion).max(0.0);
    let chi = ChiSquared::new(1.0).map_err(|_| Refused::NoMinimum)?;
    Ok(if ratio > 0.0 { chi.sf(ratio) / 2.0 } else { 1.0 })
}

/// The criterion of the fit without leniency.
fn without(sums: &CardSums, fit: &Fit) -> Result<f64, Refused> {
    let terms = Terms { interviewers: false, ..fit.terms };
    let system = System::new(sums, terms);
    if Free::of(terms).point(fit.ratios).is_empty() {
        return system.criterion(Default::default()).ok_or(Refused::NoMinimum);
    }
    Ok(search(&system, Some(fit.ratios)).ok_or(Refused::NoMinimum)?.value)
}

/// The interval of the standard deviation of leniency whose profile criterion is within 3.84 of the best.
/// `step` is the size of one step of the sums in score points.
pub fn sd_interval(sums: &CardSums, fit: &Fit, step: f64) -> Result<SdInterval, Refused> {
    let system = System::new(sums, fit.terms);
    let best = fit.variances.interviewer.sqrt() / step;
    let sigma = fit.variances.residual.sqrt() / step;
    let excess = |sd: f64| profile(&system, fit, sd, sigma).map(|value| value - fit.criterion);
    let at_zero = without(sums, fit)? - fit.criterion;
    // Widening steps until the limit is enclosed; no limit beyond a hundred residual deviations.
    let mut outside = best.max(0.02 * sigma) * 1.5;
    let mut high = None;
    while outside < 100.0 * sigma {
        match excess(outside) {
            Some(value) if value > CHI_95 => {
                high = Some(crossing(best.max(1e-3 * sigma), outside, &excess));
                break;
            }
            _ => outside *= 1.7,
        }
    }
    let low = if at_zero <= CHI_95 { 0.0 } else { crossing(best, 1e-3 * best, &excess) };
    Ok(SdInterval { low: low * step, high: high.map(|high| high * step) })
}

/// The same interval from the curvature of the criterion alone, on the scale of the logarithm (delta method): a few
/// evaluations instead of hundreds, for so many interviewers that the two hardly differ. A standard deviation estimated
/// as zero has no logarithm, so that nothing bounds it then.
pub fn sd_interval_by_curvature(sums: &CardSums, fit: &Fit) -> Result<SdInterval, Refused> {
    let free = Free::of(fit.terms);
    let system = System::new(sums, fit.terms);
    let residual = |ratios| system.solve(ratios).map(|solved| solved.residual.ln()).ok_or(Refused::NoMinimum);
    let here = residual(fit.ratios)?;
    let point = free.point(fit.ratios);
    let places = free.places();
    let Some(own) = places.iter().position(|place| *place == 1).filter(|_| fit.variances.interviewer > 0.0) else {
        return Ok(SdInterval { low: 0.0, high: None });
    };
    // The logarithm of the standard deviation is that of its ratio and that of the residual's, which moves too.
    let mut slopes = [0.0; 3];
    for (at, place) in places.iter().enumerate() {
        let width = 1e-4 * point[at].max(0.01);
        let mut there = point.clone();
        there[at] += width;
        slopes[*place] = (residual(free.ratios(&there))? - here) / (2.0 * width);
    }
    slopes[1] += 1.0 / point[own];
    let mut variance = 0.5 / fit.degrees;
    for (a, row) in slopes.iter().zip(&fit.covariance) {
        variance += slopes.iter().zip(row).map(|(b, covariance)| a * b * covariance).sum::<f64>();
    }
    if fit.covariance[1][1] <= 0.0 {
        return Ok(SdInterval { low: 0.0, high: None });
    }
    let (sd, factor) = (fit.variances.interviewer.sqrt(), (Z_95 * variance.max(0.0).sqrt()).exp());
    Ok(SdInterval { low: sd / factor, high: Some(sd * factor) })
}

/// The best criterion with the standard deviation of leniency held at `sd` steps. Holding it fixes the residual's
/// too, through the ratio between them, so that the residual is searched for by that ratio.
/// The search begins at the residual's standard deviation `sigma` of the fit, in steps.
fn profile(system: &System<'_>, fit: &Fit, sd: f64, sigma: f64) -> Option<f64> {
    let free = Free::of(fit.terms);
    let start = super::system::Ratios { interviewer: (sd / sigma).max(1e-3), ..fit.ratios };
    let found = minimise(&free.point(start), false, system.threads(), &|point| {
        let ratios = free.ratios(point);
        if ratios.interviewer <= 0.0 {
            return None;
        }
        let solved = system.solve(ratios)?;
        let variance = (sd / ratios.interviewer).powi(2);
        let value = solved.log_determinant
            + fit.degrees * (2.0 * std::f64::consts::PI * variance).ln()
            + solved.residual / variance;
        Some(value).filter(|value| value.is_finite())
    })?;
    Some(found.value)
}

/// Where the excess reaches the limit between a point inside and one outside; bisection on its square root, which
/// is nearly straight.
fn crossing(mut inside: f64, mut outside: f64, excess: &dyn Fn(f64) -> Option<f64>) -> f64 {
    let root = |value: f64| value.max(0.0).sqrt();
    let goal = root(CHI_95);
    let (mut near, mut far) = (excess(inside).map_or(0.0, root), excess(outside).map_or(2.0 * goal, root));
    for _ in 0..40 {
        let share = ((goal - near) / (far - near)).clamp(0.05, 0.95);
        let middle = inside + share * (outside - inside);
        let value = excess(middle).map_or(2.0 * goal, root);
        if (value - goal).abs() < 1e-6 || (outside - inside).abs() < 1e-7 * outside.abs() {
            return middle;
        }
        if value < goal {
            (inside, near) = (middle, value);
        } else {
            (outside, far) = (middle, value);
        }
    }
    inside + (outside - inside) / 2.0
}
