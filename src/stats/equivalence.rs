//! Do two rounds tell the same thing? By equivalence: the whole interval has to lie beyond a margin. A correlation that
//! is merely significant says nothing about that.

use statrs::distribution::{ContinuousCDF, Normal};

use super::estimate::Z_95;

/// What a pair of rounds is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They measure the same, and dropping one changes no more decisions than repeating it.
    Redundant,
    /// They share a good part of what they measure.
    Overlapping,
    /// They do not measure the same.
    Distinct,
    /// The data cannot tell.
    Inconclusive,
}

impl Verdict {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Redundant => "redundant",
            Verdict::Overlapping => "overlapping",
            Verdict::Distinct => "distinct",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// What counts as the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margins {
    /// The correlation from which two rounds count as the same.
    pub same: f64,
    /// The correlation from which they overlap.
    pub overlap: f64,
    /// The share of decisions that may change beyond what repeating a round changes.
    pub flips: f64,
    /// Pairs of scores below which nothing is said.
    pub fewest: f64,
    /// Pairs below which nothing is called redundant.
    pub enough: f64,
}

impl Default for Margins {
    fn default() -> Self {
        Self { same: 0.85, overlap: 0.60, flips: 0.10, fewest: 30.0, enough: 50.0 }
    }
}

/// A correlation as evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The correlation, corrected as far as the data allow.
    pub value: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Pairs of scores.
    pub n: f64,
    /// The one-sided p-value of a correlation at the margin or below; see [`same_p`].
    pub p: Option<f64>,
    /// The upper end of the share of decisions that dropping one changes, beyond what repeating it changes; `None`
    /// where no decisions tell.
    pub flips_high: Option<f64>,
}

/// Redundant asks for a p-value of at most this. One in forty is what a pair that is not the same may be called so; the
/// estimates' tails are heavier than normal, and a simulation study shows that this level keeps to it.
pub const SURE: f64 = 0.01;

/// The verdict: redundant where the lower end reaches the margin, surely, and few decisions change; overlapping where it
/// reaches the lesser one; distinct where the upper end stays below the margin.
pub fn verdict(evidence: &Evidence, margins: &Margins) -> Verdict {
    if evidence.n < margins.fewest {
        return Verdict::Inconclusive;
    }
    let harmless = evidence.flips_high.is_some_and(|flips| flips <= margins.flips);
    let sure = evidence.low >= margins.same && evidence.p.is_some_and(|p| p <= SURE);
    if sure && harmless && evidence.n >= margins.enough {
        Verdict::Redundant
    } else if evidence.low >= margins.overlap {
        Verdict::Overlapping
    } else if evidence.high < margins.same {
        Verdict::Distinct
    } else {
        Verdict::Inconclusive
    }
}

/// How many pairs would settle on which side of the margin the correlation lies if it stayed as it is: the interval's
/// half width shrinks with the root of n, and being surely the same asks for [`SURE`]. `None` where it lies on the
/// margin, so that no number would.
pub fn n_needed(evidence: &Evidence, margins: &Margins) -> Option<i64> {
    let short = if evidence.value < margins.same {
        // Distinct asks for the upper end, and overlapping for the lower one: whichever comes first. Of a pair that is
        // known to overlap, only whether the two are the same is open.
        let above = (evidence.high - evidence.value) / (margins.same - evidence.value);
        let below = (evidence.value - evidence.low) / (evidence.value - margins.overlap);
        if below > 0.0 && evidence.low < margins.overlap { above.min(below) } else { above }
    } else {
        let sure = Normal::standard().inverse_cdf(1.0 - SURE) / Z_95;
        sure * (evidence.value - evidence.low) / (evidence.value - margins.same)
    };
    let n = (evidence.n * short * short).ceil().max(margins.fewest);
    (short.is_finite() && short > 0.0 && n < 1e6).then_some(n as i64)
}

/// The one-sided p-value of "the correlation is at the margin or below", given the standard error.
pub fn same_p(value: f64, std_error: f64, margin: f64) -> Option<f64> {
    (std_error > 0.0).then(|| Normal::standard().sf((value - margin) / std_error))
}

/// How many pairs a plain correlation needs for an interval clear of the margin: `(z / (atanh ρ* − atanh r))² + 3`.
pub fn plain_n_needed(r: f64, margin: f64) -> Option<i64> {
    let gap = margin.atanh() - r.clamp(-0.999_999, 0.999_999).atanh();
    let n = (Z_95 / gap).powi(2) + 3.0;
    (n.is_finite() && n < 1e6).then(|| n.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(value: f64, low: f64, high: f64, n: f64, flips: Option<f64>) -> Evidence {
        Evidence { value, low, high, n, p: same_p(value, (high - low) / 4.0, 0.85), flips_high: flips }
    }

    #[test]
    fn the_whole_interval_decides() {
        let of = |value, low, high, n, flips| verdict(&evidence(value, low, high, n, flips), &Margins::default());
        assert_eq!(of(0.93, 0.89, 0.97, 200.0, Some(0.05)), Verdict::Redundant);
        assert_eq!(of(0.93, 0.89, 0.97, 200.0, Some(0.2)), Verdict::Overlapping);
        assert_eq!(of(0.93, 0.89, 0.97, 200.0, None), Verdict::Overlapping);
        assert_eq!(of(0.93, 0.89, 0.97, 40.0, Some(0.05)), Verdict::Overlapping);
        assert_eq!(of(0.93, 0.89, 0.97, 20.0, Some(0.05)), Verdict::Inconclusive);
        assert_eq!(of(0.70, 0.62, 0.80, 200.0, None), Verdict::Overlapping);
        assert_eq!(of(0.50, 0.40, 0.62, 200.0, None), Verdict::Distinct);
        assert_eq!(of(0.70, 0.40, 0.90, 60.0, None), Verdict::Inconclusive);
    }

    #[test]
    fn more_pairs_settle_what_lies_off_the_margin() {
        let margins = Margins::default();
        let far = n_needed(&evidence(0.95, 0.80, 1.0, 50.0, None), &margins);
        // (0.15 / 0.10)² of 50, times (2.326 / 1.960)².
        assert_eq!(far, Some(159));
        assert_eq!(n_needed(&evidence(0.85, 0.7, 0.95, 50.0, None), &margins), None);
        // It overlaps for sure; whether it is the same takes (0.09 / 0.03)² as many.
        assert_eq!(n_needed(&evidence(0.82, 0.75, 0.91, 100.0, None), &margins), Some(900));
        // atanh 0.95 - atanh 0.85 = 0.5756.
        assert_eq!(plain_n_needed(0.95, 0.85), Some(15));
        assert_eq!(plain_n_needed(0.85, 0.85), None);
        assert!(same_p(0.95, 0.05, 0.85).is_some_and(|p| (p - 0.02275).abs() < 1e-4));
    }
}
