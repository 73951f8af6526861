//! The program from the outside, and its statistics against other implementations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test should say where")]

mod bad_input;
mod generations;
mod privacy;
mod records;
mod support;
//! Tests of the whole program, in one binary so that it is linked once.

mod licences;
mod samples;
mod survival_oracle;
