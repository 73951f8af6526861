//! The program from the outside, its statistics against other implementations, and the shape of its source.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test should say where")]

mod bad_input;
mod dictionary;
mod direction;
mod generations;
mod privacy;
mod records;
mod support;
mod survival_oracle;
mod terminal;
