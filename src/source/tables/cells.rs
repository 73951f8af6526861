//! Rows of text cells out of the files of neutral tables, by canonical column; one reader per layout.

mod delimited;
mod objects;
mod parquet;
mod workbook;

pub(super) use delimited::delimited;
pub(super) use objects::objects;
pub(super) use parquet::parquet;
pub(super) use workbook::{Book, sheet};

/// The widest table of the contract.
pub(super) const MOST_COLUMNS: usize = 16;

/// The cells of one row, in the order of the contract's columns; empty ones are missing.
pub(super) type Cells<'a> = [Option<&'a str>; MOST_COLUMNS];
