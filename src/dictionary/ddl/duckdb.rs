//! DuckDB: views over the files, with comments.

use std::fmt::Write as _;

use super::{Dialect, Part, Placed, doubled};
use crate::dataset::schema::Type;

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect {
    id: "duckdb",
    usual: ("out/dataset", "out"),
    is_whole: false,
    preamble: "Views over looplens' files for DuckDB, with a comment on each table and column.\n\
               Paths are as given: run this from the folder they start in. A newer ingest or analysis shows at once.\n\
               duckdb_views() and duckdb_columns() show the comments.",
    define,
};

fn define(placed: &Placed<'_>) -> String {
    let name = placed.entry.name;
    let mut out = format!("CREATE OR REPLACE VIEW \"{name}\" AS SELECT\n");
    let columns: Vec<String> = placed
        .columns()
        .map(|column| {
            if placed.is_empty {
                format!("  CAST(NULL AS {}) AS \"{}\"", type_name(column.ty), column.name)
            } else {
                format!("  \"{}\"", column.name)
            }
        })
        .collect();
    out.push_str(&columns.join(",\n"));
    let place = &placed.place;
    let from = match (placed.is_empty, placed.entry.part) {
        (true, _) => "WHERE false".to_owned(),
        (false, Part::Partitioned) => format!(
            "FROM read_parquet({}, hive_partitioning = true, hive_types = {{'opened': VARCHAR}})",
            doubled(&format!("{place}/*/*.parquet"))
        ),
        (false, Part::Account) => format!("FROM read_parquet({})", doubled(&format!("{place}/*.parquet"))),
        (false, Part::Results) => format!("FROM read_parquet({})", doubled(place)),
    };
    let _ = writeln!(out, "\n{from};");
    let _ = writeln!(out, "COMMENT ON VIEW \"{name}\" IS {};", doubled(placed.entry.about));
    for column in placed.columns() {
        let _ = writeln!(out, "COMMENT ON COLUMN \"{name}\".\"{}\" IS {};", column.name, doubled(column.meaning));
    }
    out
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Text => "VARCHAR",
        Type::Int => "BIGINT",
        Type::Float => "DOUBLE",
        Type::Flag => "BOOLEAN",
        Type::Instant => "TIMESTAMP WITH TIME ZONE",
    }
}
