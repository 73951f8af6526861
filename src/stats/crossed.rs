//! Candidates crossed with interviewers: who scores high or low for the same candidate.
//!
//! The model is `score = cell mean + candidate + interviewer + card + residual`, a cell being a dimension in a stage,
//! and the last four normal with variances of their own. The card term is the halo: the several scores on one
//! card share it, so that they do not count as independent evidence about the interviewer. Fitted by restricted
//! maximum likelihood (Patterson and Thompson, 1971) from `CardSums` alone.

mod assignment;
mod drift;
mod factor;
mod fit;
mod optimise;
mod prediction;
mod profile;
mod sums;
mod system;
#[cfg(test)]
mod tests;

pub use assignment::{Trade, assignment};
pub use drift::{Drift, Move, NoDrift, Shift, drift};
pub use fit::{Candidates, Effect, Fit, Refused, Share, Terms, Variances, fit};
pub use profile::{SdInterval, no_leniency, sd_interval, sd_interval_by_curvature};
pub use sums::{Card, CardSums};
