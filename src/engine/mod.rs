//! The engine: lazy frames of the dataset in, additive tables, results out.

pub mod cache;
pub mod counts;
pub mod metric;
pub mod output;
pub mod parallel;
pub mod results;
pub mod run;
pub mod sql;
