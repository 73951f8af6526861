//! BigQuery: external tables over files in Cloud Storage, with descriptions.

use super::{Dialect, Part, Placed, escaped};
use crate::dataset::schema::{Column, Type};

/// The dialect.
pub(super) const DIALECT: Dialect = Dialect {
    id: "bigquery",
    usual: ("gs://BUCKET/dataset", "gs://BUCKET/out"),
    is_whole: false,
    preamble: "External tables over looplens' files in Cloud Storage for BigQuery, with a description of each table and column.\n\
               They are made in the data set `hiring`: make it first, or put another name here. Copy what DATASET/current leads\n\
               to under the name current, and never DATASET/private:\n\
               \x20 gcloud storage rsync -r DATASET/current/ gs://BUCKET/dataset/current\n\
               \x20 gcloud storage rsync -r OUT/tables/ gs://BUCKET/out/tables",
    define,
};

fn define(placed: &Placed<'_>) -> String {
    let own = |column: &Column| {
        format!("  `{}` {} OPTIONS(description = {})", column.name, type_name(column.ty), escaped(column.meaning))
    };
    let columns: Vec<String> = placed.entry.columns.iter().map(own).collect();
    let place = &placed.place;
    let (partition, prefix, uri) = match placed.entry.part {
        Part::Partitioned => (
            "WITH PARTITION COLUMNS (`opened` STRING)\n",
            format!("  hive_partition_uri_prefix = {},\n", escaped(place)),
            format!("{place}/*"),
        ),
        Part::Account => ("", String::new(), format!("{place}/*")),
        Part::Results => ("", String::new(), place.clone()),
    };
    format!(
        "CREATE OR REPLACE EXTERNAL TABLE `hiring.{}` (\n{}\n)\n{partition}OPTIONS (\n  format = 'PARQUET',\n{prefix}  \
         uris = [{}],\n  description = {}\n);\n",
        placed.entry.name,
        columns.join(",\n"),
        escaped(&uri),
        escaped(placed.entry.about),
    )
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Text => "STRING",
        Type::Int => "INT64",
        Type::Float => "FLOAT64",
        Type::Flag => "BOOL",
        Type::Instant => "TIMESTAMP",
    }
}
