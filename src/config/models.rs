//! `[models]`: what crossed models, correlations and outcomes look back on, and what counts as a difference.

use serde::Deserialize;

/// What models look back on.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// How many quarters, up to the period asked for or the latest one.
    pub window_quarters: u32,
    /// The smallest leniency worth a word, in score points.
    pub smallest_leniency: f64,
    /// A card later than this many hours after its interview is late.
    pub late_after_hours: f64,
}

impl Default for Models {
    fn default() -> Self {
        Self { window_quarters: 4, smallest_leniency: 0.25, late_after_hours: 24.0 }
    }
}

impl Models {
    /// What is wrong with it, if anything.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.window_quarters == 0 {
            problems.push("models.window_quarters: at least 1".to_owned());
        }
        if !(self.smallest_leniency >= 0.0 && self.smallest_leniency.is_finite()) {
            problems.push("models.smallest_leniency: 0 or more".to_owned());
        }
        if !(self.late_after_hours > 0.0 && self.late_after_hours.is_finite()) {
            problems.push("models.late_after_hours: above 0".to_owned());
        }
        problems
    }
}
