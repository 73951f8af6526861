//! Spark: external tables with comments.

use std::fmt::Write as _;

use super::{Dialect, Part, Placed, escaped};
use crate::dataset::schema::Type;

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect {
    id: "spark",
    usual: ("out/dataset", "out"),
    is_whole: true,
    preamble: "External tables over looplens' files for Spark SQL, with a comment on each table and column.\n\
               Dropping one leaves its files alone. After an ingest that brings a new quarter, repeat MSCK REPAIR TABLE.\n\
               An instant is in UTC: set spark.sql.session.timeZone to UTC to see it so.",
    define,
};

fn define(placed: &Placed<'_>) -> String {
    let name = placed.entry.name;
    let columns: Vec<String> = placed
        .columns()
        .map(|column| format!("  `{}` {} COMMENT {}", column.name, type_name(column.ty), escaped(column.meaning)))
        .collect();
    let is_partitioned = placed.entry.part == Part::Partitioned;
    let mut out = format!("CREATE TABLE IF NOT EXISTS `{name}` (\n{}\n)\nUSING PARQUET\n", columns.join(",\n"));
    if is_partitioned {
        out.push_str("PARTITIONED BY (`opened`)\n");
    }
    let _ = writeln!(out, "LOCATION {}\nCOMMENT {};", escaped(&placed.place), escaped(placed.entry.about));
    // Looking for the partitions of a folder that is not there yet fails.
    if is_partitioned && !placed.is_empty {
        let _ = writeln!(out, "MSCK REPAIR TABLE `{name}`;");
    }
    out
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Text => "STRING",
        Type::Int => "BIGINT",
        Type::Float => "DOUBLE",
        Type::Flag => "BOOLEAN",
        Type::Instant => "TIMESTAMP",
    }
}
