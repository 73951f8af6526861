//! The program from the outside, and its statistics against other implementations; one binary, linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test should say where")]

mod bad_input;
mod generations;
mod licences;
mod privacy;
mod records;
mod samples;
mod support;
mod survival_oracle;
