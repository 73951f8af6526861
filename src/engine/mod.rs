//! The engine: lazy frames in, additive tables, results out.

pub mod results;
