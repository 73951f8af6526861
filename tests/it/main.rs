//! The program from the outside, and its statistics against other implementations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test should say where")]

mod bad_input;
mod generations;
mod privacy;
mod records;
mod support;
mod survival_oracle;
