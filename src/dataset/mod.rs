//! The canonical dataset: immutable Parquet generations, switched by one atomic rename.

pub mod columns;
pub mod derive;
pub mod extent;
pub mod files;
pub mod index;
mod judgements;
pub mod merge;
pub mod parquet;
pub mod privacy;
pub mod schema;
pub mod spool;
pub mod store;
pub mod timeline;
pub mod views;
