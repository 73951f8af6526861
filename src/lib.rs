//! looplens

pub mod app;
pub mod cli;
pub mod config;
pub mod dataset;
pub mod engine;
pub mod error;
pub mod findings;
pub mod ingest;
pub mod metrics;
pub mod progress;
pub mod report;
pub mod simulate;
pub mod source;
pub mod stats;
pub mod time;
