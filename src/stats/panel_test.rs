//! Exact permutation moments of panels, added up: the form in which every test within panels ends.

use super::estimate::{Interval, Z_95, two_sided_p};

/// What one panel says: the statistic as seen, and its mean and variance over all arrangements that are equally likely
/// without influence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// As seen.
    pub observed: f64,
    /// Its mean over the arrangements.
    pub expected: f64,
    /// Its variance over the arrangements, never negative.
    pub variance: f64,
}

/// A variance below this share of the squared statistic is rounding: every arrangement gives the same.
const ROUNDING: f64 = 1e-12;

impl Deviation {
    /// Whether the panel can tell at all: where every arrangement gives the same, it carries nothing.
    pub fn is_informative(&self) -> bool {
        self.variance > ROUNDING * (1.0 + self.expected * self.expected)
    }
}

/// The panels together. Additive: sums of parts are the sum of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pooled {
    /// Panels with a statistic.
    pub panels: i64,
    /// Those that can tell.
    pub informative: i64,
    /// Sum of observed less expected.
    pub deviation: f64,
    /// Sum of the variances.
    pub variance: f64,
}

impl Pooled {
    /// Adds panels up, in the order given.
    pub fn of(panels: &[Deviation]) -> Self {
        panels.iter().fold(Self::default(), |sum, panel| {
            let tells = panel.is_informative();
            Self {
                panels: sum.panels + 1,
                informative: sum.informative + i64::from(tells),
                deviation: sum.deviation + panel.observed - panel.expected,
                variance: sum.variance + if tells { panel.variance } else { 0.0 },
            }
        })
    }

    /// The sum over its standard deviation, standard normal without influence. `None` where no panel can tell.
    pub fn z(&self) -> Option<f64> {
        (self.variance > 0.0).then(|| self.deviation / self.variance.sqrt())
    }

    /// Two-sided p-value of [`Pooled::z`].
    pub fn p(&self) -> Option<f64> {
        two_sided_p(self.z()?)
    }

    /// Mean deviation of the panels that can tell, in the unit of the statistic.
    pub fn mean(&self) -> Option<f64> {
        (self.informative > 0).then(|| self.deviation / self.informative as f64)
    }

    /// Its 95 % interval from the permutation variance: exact about no influence, approximate elsewhere.
    pub fn interval(&self) -> Interval {
        match self.mean() {
            Some(mean) => {
                let half = Z_95 * self.variance.sqrt() / self.informative as f64;
                Interval::new(mean - half, mean + half)
            }
            None => Interval::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use super::*;

    #[test]
    fn panels_that_cannot_tell_are_counted_and_add_nothing() {
        let tells = Deviation { observed: 1.0, expected: 2.0, variance: 0.25 };
        let silent = Deviation { observed: 2.0, expected: 2.0, variance: 1e-17 };
        let pooled = Pooled::of(&[tells, silent, tells]);
        assert_eq!((pooled.panels, pooled.informative), (3, 2));
        assert!((pooled.z().unwrap() + 2.0 / 0.5_f64.sqrt()).abs() < 1e-14);
        assert_eq!(pooled.mean(), Some(-1.0));
        assert!(pooled.interval().high.unwrap() < 0.0);
        let nothing = Pooled::of(&[silent]);
        assert_eq!((nothing.z(), nothing.p(), nothing.mean(), nothing.interval()), (None, None, None, Interval::NONE));
    }
}
