//! Rows of text cells out of the files of neutral tables, by canonical column; one reader per layout.

pub(super) mod delimited;
pub(super) mod objects;
pub(super) mod parquet;
pub(super) mod workbook;

/// The most columns that are read of one file.
pub(super) const MOST_COLUMNS: usize = 32;

/// The cells of one row, in the order of the contract's columns; empty ones are missing.
pub(super) type Cells<'a> = [Option<&'a str>; MOST_COLUMNS];
