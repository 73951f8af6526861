//! An answer as a Parquet file, for the next tool.

use std::path::Path;

use arrow::array::RecordBatch;

use super::{Format, Shown};
use crate::dataset::parquet::Writer;
use crate::engine::results::RESULTS_VERSION;
use crate::error::Result;

/// The format.
pub(super) const FORMAT: Format =
    Format { id: "parquet", summary: "a file for the next tool; needs --output", shown: Shown::File(write) };

fn write(answer: &RecordBatch, path: &Path) -> Result<()> {
    let mut writer = Writer::create(path, answer.schema(), "The answer to a query.", RESULTS_VERSION)?;
    writer.write(answer)?;
    writer.finish().map(|_| ())
}
