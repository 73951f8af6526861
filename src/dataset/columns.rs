//! Arrow columns for the tables of `schema.rs`: schemas with descriptions, and builders.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::schema::{Column, Table, Type};
use crate::time::Instant;

/// The Arrow type of a column.
pub fn data_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
        Type::Int => DataType::Int64,
        Type::Float => DataType::Float64,
        Type::Flag => DataType::Boolean,
        Type::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// The Arrow field of a column, its meaning in the metadata.
pub fn field(column: &Column) -> Field {
    Field::new(column.name, data_type(column.ty), column.nullable)
        .with_metadata(HashMap::from([("description".to_owned(), column.meaning.to_owned())]))
}

/// The Arrow schema of a table as it is written.
pub fn schema(table: &Table) -> SchemaRef {
    Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()))
}

/// A builder for one column.
#[derive(Debug)]
pub enum Builder {
    /// Text.
    Text(StringBuilder),
    /// Integers.
    Int(Int64Builder),
    /// Floats.
    Float(Float64Builder),
    /// Booleans.
    Flag(BooleanBuilder),
    /// Instants.
    Instant(TimestampMicrosecondBuilder),
}

impl Builder {
    /// An empty builder of a type.
    pub fn new(ty: Type) -> Self {
        match ty {
            Type::Text => Builder::Text(StringBuilder::new()),
            Type::Int => Builder::Int(Int64Builder::new()),
            Type::Float => Builder::Float(Float64Builder::new()),
            Type::Flag => Builder::Flag(BooleanBuilder::new()),
            Type::Instant => Builder::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    /// The finished column; the builder is empty afterwards.
    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(b) => Arc::new(b.finish()),
            Builder::Int(b) => Arc::new(b.finish()),
            Builder::Float(b) => Arc::new(b.finish()),
            Builder::Flag(b) => Arc::new(b.finish()),
            Builder::Instant(b) => Arc::new(b.finish()),
        }
    }
}

/// A value that knows how to join a builder of its own type. A builder of another type is left alone:
/// `table!` makes values and builders from the same list, so that cannot happen.
pub trait Value {
    /// Appends the value.
    fn append_to(&self, builder: &mut Builder);
}

impl Value for String {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Text(b) = builder {
            b.append_value(self);
        }
    }
}

impl Value for Option<String> {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Text(b) = builder {
            b.append_option(self.as_deref());
        }
    }
}

impl Value for Option<i64> {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Int(b) = builder {
            b.append_option(*self);
        }
    }
}

impl Value for Option<f64> {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Float(b) = builder {
            b.append_option(*self);
        }
    }
}

impl Value for Option<bool> {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Flag(b) = builder {
            b.append_option(*self);
        }
    }
}

impl Value for Option<Instant> {
    fn append_to(&self, builder: &mut Builder) {
        if let Builder::Instant(b) = builder {
            b.append_option(self.map(|instant| instant.0));
        }
    }
}
