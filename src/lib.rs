//! looplens

pub mod error;
pub mod report;
pub mod simulate;
pub mod stats;
pub mod time;
