//! SQL over tables of Parquet files: polars reads the query, and the answer leaves as Arrow columns.
//!
//! Nothing can be changed: a query gives rows, and the tables it knows are those it is given.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema as ArrowSchema};
use polars::error::{PolarsError, PolarsResult};
use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, Expr, HiveOptions, IntoLazy, LazyFrame, PlRefPath, PlSmallStr,
    ScanArgsParquet, Schema, SortMultipleOptions, TimeUnit, TimeZone, col,
};
use polars::sql::{SQLContext, extract_table_identifiers};

use super::run::collect;
use crate::dataset::schema::Type;
use crate::error::{Error, Result};

/// A table that queries may name.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, the partition's among them.
    pub columns: Vec<(String, Type)>,
    /// Its files; a table without any is empty.
    pub parts: Vec<Part>,
}

/// One file of a table.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it is.
    pub path: PathBuf,
    /// The partition it is, which stands in the name of its folder and not in the file.
    pub opened: Option<String>,
}

/// Why a query has no answer.
#[derive(Debug)]
pub enum Wrong {
    /// It names a table that is not there.
    NoTable(String),
    /// It names a column that none of its tables has.
    NoColumn(String),
    /// Two columns of its answer have one name.
    SameName(String),
    /// It is no SQL.
    Syntax(String),
    /// It asks for something that cannot be done.
    Impossible(String),
    /// Its tables could not be read.
    Failed(Error),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Wrong::Failed(error)
    }
}

/// The answer to a query. With `settle` its rows are sorted from the first column to the last: groups and joins come
/// in no order of their own, and the same query has to give the same bytes.
pub fn select(tables: &[Table], sql: &str, settle: bool) -> std::result::Result<RecordBatch, Wrong> {
    let mut context = SQLContext::new();
    // A name may be written with that of a schema, and either may be what polars takes for the table.
    let whole = extract_table_identifiers(sql, true, true).map_err(wrong)?;
    let named: Vec<&str> = whole.iter().flat_map(|name| name.split('.').chain([name.as_str()])).collect();
    for table in tables.iter().filter(|table| named.contains(&table.name.as_str())) {
        context.register(&table.name, frame(table)?);
    }
    let run = || {
        let answer = context.execute(sql)?;
        let answer = if settle { sorted(answer)? } else { answer };
        batch(&collect(answer)?)
    };
    // Some SQL makes polars give up with a panic; to whoever asked, that is a question it cannot answer.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    std::panic::set_hook(before);
    match answer {
        Ok(answer) => answer.map_err(wrong),
        Err(_) => Err(Wrong::Impossible("polars gives up on it".to_owned())),
    }
}

/// The tables that a query names, as far as it can be read.
pub fn named_tables(sql: &str) -> Vec<String> {
    extract_table_identifiers(sql, false, true).unwrap_or_default()
}

/// All files of a table in one scan. A union of scans would do the same, but polars counts its rows in a type that is
/// not built in.
fn frame(table: &Table) -> Result<LazyFrame> {
    if table.parts.is_empty() {
        let columns = table.columns.iter().map(|(name, ty)| (PlSmallStr::from_str(name), polars_type(*ty)));
        return Ok(DataFrame::empty_with_schema(&Schema::from_iter(columns)).lazy());
    }
    let paths =
        table.parts.iter().map(|part| PlRefPath::try_from_path(&part.path)).collect::<PolarsResult<Vec<_>>>()?;
    let is_partitioned = table.parts.iter().any(|part| part.opened.is_some());
    let hive_options = HiveOptions { enabled: Some(is_partitioned), ..HiveOptions::default() };
    let args = ScanArgsParquet { glob: false, hive_options, ..ScanArgsParquet::default() };
    let columns: Vec<Expr> = table.columns.iter().map(|(name, _)| col(name.as_str())).collect();
    Ok(LazyFrame::scan_parquet_files(paths.into(), args)?.select(columns))
}

fn polars_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::String,
        Type::Int => DataType::Int64,
        Type::Float => DataType::Float64,
        Type::Flag => DataType::Boolean,
        Type::Instant => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
    }
}

fn sorted(mut answer: LazyFrame) -> PolarsResult<LazyFrame> {
    let schema = answer.collect_schema()?;
    let by: Vec<PlSmallStr> = schema.iter().filter(|(_, ty)| !ty.is_nested()).map(|(name, _)| name.clone()).collect();
    if by.is_empty() {
        return Ok(answer);
    }
    Ok(answer.sort(by, SortMultipleOptions::default().with_maintain_order(true).with_nulls_last(true)))
}

/// What polars says about a query, sorted into what a person can do about it. Its messages may quote values of the
/// data behind a colon, and plans over many lines; neither is passed on.
fn wrong(error: PolarsError) -> Wrong {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    if let Some(table) = between(first, "relation '", "'").or_else(|| between(first, "no table or alias named '", "'"))
    {
        return Wrong::NoTable(table);
    }
    if let Some(table) = between(first, "no table or struct column named '", "' found") {
        return Wrong::NoTable(table.trim_matches('"').to_owned());
    }
    if let Some(column) = between(first, "no column named '", "'") {
        return Wrong::NoColumn(column);
    }
    if let Some(column) = between(first, "unable to find column \"", "\"") {
        return Wrong::NoColumn(column);
    }
    if let Some(name) = between(first, "duplicate output name '", "'") {
        return Wrong::SameName(name);
    }
    match &error {
        PolarsError::ColumnNotFound(_) => {
            let name =
                ['"', '\'', '`'].into_iter().find_map(|quote| between(first, &quote.to_string(), &quote.to_string()));
            let plain = first.trim_start_matches("not found: ").split([';', ' ']).next().unwrap_or(first);
            Wrong::NoColumn(name.unwrap_or_else(|| plain.to_owned()))
        }
        PolarsError::SQLInterface(_) | PolarsError::SQLSyntax(_) => {
            let said = first.trim_start_matches("sql interface: ").trim_start_matches("SQLInterface: ");
            match said.find("sql parser error: ") {
                Some(at) => Wrong::Syntax(said.get(at + 18..).unwrap_or(said).to_owned()),
                None => Wrong::Impossible(said.to_owned()),
            }
        }
        PolarsError::IO { .. } => Wrong::Failed(error.into()),
        _ => Wrong::Impossible(first.split(" values: ").next().unwrap_or(first).to_owned()),
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found.to_owned())
}

/// A collected answer as Arrow columns of few types. Lengths of time become days, lists become text.
fn batch(frame: &DataFrame) -> PolarsResult<RecordBatch> {
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = frame
        .columns()
        .iter()
        .map(|column| {
            let array = array(column)?;
            Ok((Field::new(column.name().as_str(), array.data_type().clone(), true), array))
        })
        .collect::<PolarsResult<Vec<_>>>()?
        .into_iter()
        .unzip();
    let rows = RecordBatchOptions::new().with_row_count(Some(frame.height()));
    RecordBatch::try_new_with_options(Arc::new(ArrowSchema::new(fields)), columns, &rows)
        .map_err(|error| PolarsError::ComputeError(error.to_string().into()))
}

fn array(column: &Column) -> PolarsResult<ArrayRef> {
    const DAY_MICROSECONDS: f64 = 86_400e6;
    let whole = || column.cast(&DataType::Int64);
    Ok(match column.dtype() {
        DataType::String => Arc::new(column.str()?.iter().collect::<StringArray>()),
        DataType::Boolean => Arc::new(column.bool()?.iter().collect::<BooleanArray>()),
        DataType::Date => {
            let days = column.cast(&DataType::Int32)?;
            Arc::new(days.i32()?.iter().collect::<Date32Array>())
        }
        DataType::Datetime(_, zone) => {
            let instants = column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone.clone()))?;
            let instants = instants.cast(&DataType::Int64)?;
            let instants = instants.i64()?.iter().collect::<TimestampMicrosecondArray>();
            Arc::new(instants.with_timezone("UTC"))
        }
        DataType::Duration(_) => {
            let micros = column.cast(&DataType::Duration(TimeUnit::Microseconds))?.cast(&DataType::Int64)?;
            Arc::new(micros.i64()?.iter().map(|v| v.map(|v| v as f64 / DAY_MICROSECONDS)).collect::<Float64Array>())
        }
        ty if ty.is_integer() => Arc::new(whole()?.i64()?.iter().collect::<Int64Array>()),
        ty if ty.is_float() => {
            let floats = column.cast(&DataType::Float64)?;
            Arc::new(floats.f64()?.iter().map(|v| v.filter(|v| v.is_finite())).collect::<Float64Array>())
        }
        DataType::Null => Arc::new(StringArray::new_null(column.len())),
        _ => {
            let texts: Vec<Option<String>> = (0..column.len())
                .map(|row| column.get(row).map(|value| (!value.is_null()).then(|| text(&value))))
                .collect::<PolarsResult<_>>()?;
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
    })
}

/// A value without a type of its own in an answer; of a list every element, which polars would cut.
fn text(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::List(elements) => {
            let all: Vec<String> = elements.iter().map(|element| text(&element)).collect();
            format!("[{}]", all.join(", "))
        }
        value => value.to_string(),
    }
}
