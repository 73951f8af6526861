//! The program from the outside, and its statistics against other implementations; one binary, linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test should say where")]

mod bad_input;
mod check;
mod crossed_oracle;
mod dictionary;
mod direction;
mod doctor;
mod drift_oracle;
mod drift_truth;
mod end_to_end_oracle;
mod every_source;
mod exports;
mod formats;
mod generations;
mod laws;
mod leniency_bad_data;
mod licences;
mod plans;
mod planted_leniency;
mod presets;
mod privacy;
mod raters_oracle;
mod readme;
mod records;
mod redundancy;
mod redundancy_oracle;
mod samples;
mod score_outcomes;
mod skating_oracle;
mod successive;
mod support;
mod survival_oracle;
mod terminal;
mod unified_sources;
mod validity_oracle;
mod waits_law;
