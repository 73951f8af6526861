//! # looplens: the architecture page
//!
//! looplens reads what an applicant tracking system exports about past hiring, keeps it as a Parquet dataset,
//! and answers questions about the hiring loop with intervals and plain words.
//!
//! ## One direction
//!
//! ```text
//! export files -> source -> ingest -> dataset (Parquet) -> metric: reduce -> counts -> finish -> results
//!                                                                  results -> judge -> findings -> report
//!                                                                  results, findings, policy -> check -> verdict
//! ```
//!
//! | step | in | out | never |
//! | --- | --- | --- | --- |
//! | [`source`] | one ATS's files | canonical rows and rejects | guesses in silence |
//! | [`ingest`] | canonical rows | the next generation | shows half a commit |
//! | [`dataset`] | rows, generations | immutable Parquet files | loses a row |
//! | `reduce` of a metric | lazy frames of one partition | an additive table of integers | collects, holds a frame, sees a clock |
//! | [`engine`] | reduces, partitions | merged additive tables, cached | computes statistics |
//! | `finish` of a metric | that table, plain Rust | estimates, intervals, tests | touches files or frames |
//! | `judge` of a metric | all results | findings | depends on the output format |
//! | [`report`] | the report model | bytes | computes statistics |
//! | [`check`] | results, findings, policy | one verdict, then bytes | lets a format decide |
//!
//! [`stats`] is a leaf: slices and integers in, named structs out; no frames, no files, no clock, no printing.
//! [`app`] alone knows the phases and their order. The library never prints: it tells a [`progress::Progress`].
//!
//! ## Code map, in reading order
//!
//! - [`app`]: one function per subcommand; start here.
//! - [`source`]: a registry with one file per ATS; `clean.rs` (times, ratings), `files.rs` (what an export
//!   holds), `json.rs` (records out of a stream), `ledger.rs` (every record accounted for).
//! - [`inspect`]: a proposed configuration for tables whose layout nobody knows yet.
//! - [`ingest`]: one export into the next generation; `intake.rs` is the receiving end of a source, `archive.rs`
//!   takes archives apart and puts exports in order.
//! - [`dataset`]: `schema.rs` (tables as data), `spool.rs` and `merge.rs` (bounded memory, newest wins),
//!   `index.rs` (which partition an application belongs to), `extent.rs` and `views.rs` (what an export says about
//!   a record by not holding it, and what newer ones had), `timeline.rs` (one loop's states, a pure function),
//!   `derive.rs` (that, over a partition), `store.rs` (generations and the atomic switch), `privacy.rs`.
//! - [`engine`]: `metric.rs` (the contract), `counts.rs` (additive tables), `run.rs` (the only collect),
//!   `cache.rs`, `results.rs` (result tables and their cells).
//! - [`plan`]: loop plans as TOML, shipped and the user's own, and which round of a plan a stage of the data is.
//! - [`metrics`]: a registry with one file per question. A metric file reads in a fixed order: documentation,
//!   definition, result tables, reduce, finish; its words (findings, section) stand beside it.
//! - [`plan`]: how a loop is meant to run; the decision rule as data.
//! - [`findings`], [`report`]: what to read first; one model and pure renderers.
//! - [`check`]: rules of what must not be, the one verdict, and its formats; two registries.
//! - [`comparison`]: what changed since another period or run, and whether that is more than noise.
//! - [`error`]: what, where, what to do; every error is made on one of the `pages`, which say more.
//! - [`doctor`]: what data can answer, told before anything is computed; a registry of questions and their needs.
//! - [`dictionary`]: every table that is written, as data; the statements that make them known to DuckDB, Spark and
//!   BigQuery, one file per dialect.
//! - [`query`]: questions in SQL about a dataset and its results; one file per format of the answer.
//! - [`simulate`]: synthetic hiring history with known truth, in each native format.
//!
//! ## Invariants
//!
//! - **Additive**: every heavy pass ends in a table of *key -> integers*, merged by summing equal keys. Rows
//!   are sorted by key, so the same data gives the same bytes whatever the thread count, the order of rows or
//!   the partitioning.
//! - **Entity-complete**: no application is in two partitions; an application that moves takes its rows along.
//! - **Settled once**: firsts, lasts, current stages and states are derived at ingest (`dataset/timeline.rs`);
//!   a metric has no window function.
//! - **Accounted for**: read = kept + replaced + rejected, per file, checked before every commit.
//! - **Order-free**: an export that comes late undoes nothing that a newer one said, by holding it or by not.
//! - **Clock-free**: `as_of` is the latest instant in the data unless it is given; nothing reads a wall clock.
//! - **Private**: people are pseudonyms before they reach a buffer; free text is dropped unless asked for;
//!   files are readable by their owner alone; nothing from the data is printed unescaped.
//!
//! ## Growing it
//!
//! A new source, metric or report format is one file and one registry line: [`source::SOURCES`],
//! [`metrics::METRICS`], [`report::FORMATS`], [`check::RULES`], [`check::formats::FORMATS`], [`error::pages::PAGES`],
//! [`query::FORMATS`], [`dictionary::ddl::DIALECTS`]; a question of [`doctor::QUESTIONS`] is an item of that list. Help,
//! `list`, `explain`, the dictionary and the allowed values of the command line are read from these registries, and so is
//! the reference of the guide in `docs`.

pub mod app;
pub mod check;
pub mod cli;
pub mod comparison;
pub mod config;
pub mod dataset;
pub mod dictionary;
pub mod doctor;
pub mod engine;
pub mod error;
pub mod findings;
pub mod ingest;
pub mod inspect;
pub mod metrics;
pub mod plan;
pub mod progress;
pub mod query;
pub mod report;
pub mod simulate;
pub mod source;
pub mod stats;
pub mod time;
