//! Statistics: slices and integers in, named structs out. A leaf: no frames, no files, no clock, no printing.

/// Agreement between interviewers, and how many of them a reliable mean needs.
pub mod agreement;
/// Do scores move to the hiring manager's, the first or the majority's?
pub mod anchor;
/// How strongly a score goes with an outcome: correlations with intervals, Hedges' g.
pub mod association;
/// Noise in scores, and correlations without it.
pub mod attenuation;
/// The bivariate normal distribution.
pub mod bivariate_normal;
/// Whether a predicted chance means what it says.
pub mod calibration;
/// Whether a predicted value means what it says.
pub mod calibration_line;
mod cholesky;
/// Decided and withdrawn as competing ends: cumulative incidence (Aalen–Johansen).
pub mod competing;
/// Which interviewers can be compared at all.
pub mod connected;
/// Correlation with its intervals and tests, and ranks with ties.
pub mod correlation;
/// Whether those with a higher score stay longer: Cox's model, and concordance.
pub mod cox;
/// Interviewers' leniency: candidates crossed with interviewers, by restricted maximum likelihood.
pub mod crossed;
/// The difference of two estimates from their intervals alone.
pub mod difference;
/// How well a score tells two outcomes apart: areas under the ROC curve.
pub mod discrimination;
/// What would change if a round were dropped.
pub mod drop_one;
/// Means and covariances of scores that some candidates lack.
pub mod em_covariance;
/// Do two rounds tell the same thing?
pub mod equivalence;
/// What every result is made of: a value, its standard error, its interval, or the reason there is none.
pub mod estimate;
/// Do scores given in knowledge of others lie closer together?
pub mod exposure;
/// Rates of many people or teams around one target, with limits.
pub mod funnel;
/// Gray's test: do groups differ in the cumulative incidence of one end?
pub mod gray;
/// What each of several scores adds to an outcome.
pub mod importance;
/// Correlations corrected for a selection whose variables are all known.
pub mod lawley;
/// Loops by age: the integers from which every duration statistic starts.
pub mod life_table;
mod linear;
/// The log-rank family: do groups differ in the rate at which loops end?
pub mod log_rank;
/// Logistic regression with Firth's penalty.
pub mod logistic;
/// Means and their differences: Student and Welch.
pub mod means;
/// Many tests in one table: Benjamini–Hochberg q-values.
pub mod multiplicity;
/// Do successive scores of a panel lie too close?
pub mod order;
/// Permutation moments of panels, added up.
pub mod panel_test;
/// Correlations of what lies behind ordinal scores.
pub mod polychoric;
/// What so many people could have shown.
pub mod power;
/// Shares and their differences: Wilson and Newcombe.
pub mod proportion;
/// Quantiles of complete values.
pub mod quantile;
/// Correlations among those who passed, corrected to all.
pub mod range_restriction;
/// The many-facet Rasch model: the ordinal check beside the crossed model.
pub mod rasch;
/// Which stages tell the same thing: all correlations with their corrections.
pub mod redundancy;
/// Scores changed after submission, and what that did to panels.
pub mod revision;
/// Whether scores settle who goes on, or leave room for something that no score shows.
pub mod selection;
/// Which of many shrunken effects have a sign that can be told.
pub mod sign_rate;
/// The scores of loops by stage.
pub mod stage_scores;
/// How long loops stay open: Kaplan–Meier, quantiles, restricted means.
pub mod survival;
/// Small symmetric matrices: partial and multiple correlations, eigenvalues.
pub mod symmetric;
/// Does a figure rise or fall from quarter to quarter?
pub mod trend;
/// Is a variance larger or smaller than expected?
pub mod variance_ratio;
/// On which candidates and interviewers alone a comparison rests.
pub mod weak_links;

#[cfg(test)]
mod laws;

pub use competing::{Cause, Competing};
pub use estimate::{Estimate, GroupTest, Interval, NotEstimable};
pub use gray::gray_test;
pub use life_table::{End, Event, LifeTable, Spell};
pub use log_rank::{Weight, log_rank};
pub use multiplicity::benjamini_hochberg;
pub use proportion::{Proportion, ProportionDifference, newcombe, wilson};
pub use survival::{Survival, restricted_mean_difference};
