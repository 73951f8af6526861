//! How a loop is meant to run.

pub mod rule;
