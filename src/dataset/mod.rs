//! The canonical dataset: immutable Parquet generations, switched by one atomic rename.

pub mod columns;
pub mod files;
pub mod privacy;
pub mod schema;
