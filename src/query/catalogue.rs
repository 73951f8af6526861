//! The tables that a query may name: those of a dataset's current generation, the result tables of an analysis, and
//! its additive tables where it kept them. What they mean is read from the files themselves.

use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, Metadata};

use crate::dataset::parquet;
use crate::dataset::schema::{ACCOUNT_TABLES, DERIVED_TABLES, ENTITY_TABLES, OPENED, Type};
use crate::dataset::store::{Generation, Store};
use crate::engine::sql::{Part, Table};
use crate::error::{Error, Result, pages};

/// Where a table comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The dataset.
    Dataset,
    /// The results of an analysis.
    Results,
    /// What the results were finished from.
    Additive,
}

impl From {
    /// How it is told.
    pub fn word(self) -> &'static str {
        match self {
            From::Dataset => "dataset",
            From::Results => "results",
            From::Additive => "additive tables",
        }
    }
}

/// A table with what there is to know about it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The table.
    pub table: Table,
    /// Where it comes from.
    pub from: From,
    /// What one row is.
    pub about: String,
    /// What each column means, with its unit; in the order of the columns.
    pub meanings: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
}

/// All tables, in the order of the dictionary.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The tables.
    pub tables: Vec<Listed>,
}

impl Catalogue {
    /// The tables of a dataset, of the results below OUT, or of both; OUT's own dataset where no other is named.
    pub fn open(dataset: Option<&Path>, out: Option<&Path>) -> Result<Self> {
        let mut tables = Vec::new();
        let own = out.map(|out| out.join("dataset")).filter(|own| own.join("current").exists());
        if let Some(root) = dataset.or(own.as_deref()) {
            tables.extend(of_generation(&Store::at(root).existing()?));
        }
        if let Some(out) = out {
            let results = files(&out.join("tables"));
            if results.is_empty() {
                return Err(Error::new(&pages::NOTHING_TO_ASK, "there are no result tables here")
                    .at(out)
                    .help("make them with `looplens run EXPORT --out OUT`, or name a dataset with --dataset"));
            }
            for path in results {
                tables.push(of_file(&path, From::Results, "")?);
            }
            for path in files(&out.join("additive")) {
                tables.push(of_file(&path, From::Additive, "additive_")?);
            }
        }
        Ok(Self { tables })
    }

    /// A table by name.
    pub fn get(&self, name: &str) -> Option<&Listed> {
        self.tables.iter().find(|listed| listed.table.name == name)
    }
}

/// The Parquet files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|own| own == "parquet")).collect();
    found.sort();
    found
}

fn of_generation(generation: &Generation) -> Vec<Listed> {
    let partitioned = ENTITY_TABLES.iter().chain(DERIVED_TABLES).map(|table| (*table, true));
    let tables = partitioned.chain(ACCOUNT_TABLES.iter().map(|table| (*table, false)));
    let partitions = generation.manifest.partitions();
    tables
        .map(|(table, is_partitioned)| {
            let columns: Vec<_> = table.columns.iter().chain(is_partitioned.then_some(&OPENED)).collect();
            let parts = if is_partitioned {
                let part = |opened| {
                    Some(Part { path: generation.file(table.name, opened)?, opened: Some(opened.to_string()) })
                };
                partitions.iter().filter_map(|opened| part(*opened)).collect()
            } else {
                let paths = generation.account_files(table.name).into_iter();
                paths.map(|path| Part { path, opened: None }).collect()
            };
            let written = generation.manifest.tables.get(table.name).into_iter().flat_map(|files| files.values());
            Listed {
                table: Table {
                    name: table.name.to_owned(),
                    columns: columns.iter().map(|column| (column.name.to_owned(), column.ty)).collect(),
                    parts,
                },
                from: From::Dataset,
                about: table.about.trim().to_owned(),
                meanings: columns.iter().map(|column| column.meaning.to_owned()).collect(),
                rows: written.map(|file| file.rows).sum(),
            }
        })
        .collect()
}

fn of_file(path: &Path, from: From, prefix: &str) -> Result<Listed> {
    let (schema, rows) = parquet::describe(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let meaning = |metadata: &Metadata, key: &str| metadata.get(key).cloned().unwrap_or_default();
    Ok(Listed {
        table: Table {
            name: format!("{prefix}{stem}"),
            columns: schema.fields().iter().map(|field| (field.name().clone(), type_of(field.data_type()))).collect(),
            parts: vec![Part { path: path.to_path_buf(), opened: None }],
        },
        from,
        about: meaning(schema.metadata(), "looplens.about"),
        meanings: schema.fields().iter().map(|field| meaning(field.metadata(), "description")).collect(),
        rows,
    })
}

/// The type in the dictionary's words; files that looplens wrote hold no others.
fn type_of(ty: &DataType) -> Type {
    match ty {
        DataType::Int64 => Type::Int,
        DataType::Float64 => Type::Float,
        DataType::Boolean => Type::Flag,
        DataType::Timestamp(..) => Type::Instant,
        _ => Type::Text,
    }
}
