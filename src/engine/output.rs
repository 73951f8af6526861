//! Result tables as Parquet files, with the meaning of every column in their metadata.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};

use super::results::{Cell, RESULTS_VERSION, ResultTable};
use crate::dataset::columns::{Builder, Value, field};
use crate::dataset::parquet::{Writer, Written};
use crate::error::Result;

/// Writes a result table.
pub fn write(table: &ResultTable, path: &Path) -> Result<Written> {
    let fields: Vec<Field> = table.spec.columns.iter().map(field).collect();
    let schema = std::sync::Arc::new(Schema::new(fields));
    let mut builders: Vec<Builder> = table.spec.columns.iter().map(|column| Builder::new(column.ty)).collect();
    for row in &table.rows {
        for (builder, cell) in builders.iter_mut().zip(row) {
            append(builder, cell);
        }
    }
    let columns = builders.iter_mut().map(Builder::finish).collect();
    let batch = RecordBatch::try_new(schema.clone(), columns)?;
    let mut writer = Writer::create(path, schema, table.spec.about, RESULTS_VERSION)?;
    writer.write(&batch)?;
    writer.finish()
}

/// Appends a cell; one of another type than its column's is written as missing, which the schema of a
/// required column then refuses.
fn append(builder: &mut Builder, cell: &Cell) {
    match builder {
        Builder::Text(_) => cell.as_text().map(str::to_owned).append_to(builder),
        Builder::Int(_) => if let Cell::Int(v) = cell { Some(*v) } else { None::<i64> }.append_to(builder),
        Builder::Float(_) => cell.number().append_to(builder),
        Builder::Flag(_) => if let Cell::Flag(v) = cell { Some(*v) } else { None::<bool> }.append_to(builder),
        Builder::Instant(_) => {
            if let Cell::Instant(v) = cell { Some(*v) } else { None::<crate::time::Instant> }.append_to(builder);
        }
    }
}
