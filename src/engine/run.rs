//! Running metrics over a generation: the only place that collects a lazy frame.

use std::collections::BTreeMap;
use std::path::Path;

use polars::error::PolarsResult;
use polars::prelude::{Engine, LazyFrame, PlRefPath, ScanArgsParquet, col, lit};

use super::cache::Cache;
use super::counts::Counts;
use super::metric::{Context, Frames, Metric};
use super::results::ResultTable;
use crate::dataset::index::Opened;
use crate::dataset::store::Generation;
use crate::error::Result;
use crate::progress::{Progress, Unit};

/// The results of all metrics, by table.
#[derive(Debug, Default)]
pub struct Results {
    /// The tables, in the order of the registry.
    pub tables: Vec<ResultTable>,
    /// Partitions' tables that were computed, and those that came from the cache.
    pub computed: usize,
    /// See `computed`.
    pub cached: usize,
}

/// No results yet.
pub static NOTHING: Results = Results { tables: Vec::new(), computed: 0, cached: 0 };

impl Results {
    /// A table by name.
    pub fn table(&self, name: &str) -> Option<&ResultTable> {
        self.tables.iter().find(|table| table.spec.name == name)
    }
}

/// Reduces every partition, merges, and finishes every metric.
pub fn run(
    metrics: &[&Metric],
    generation: &Generation,
    cache: &mut Cache,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Results> {
    let partitions = generation.manifest.partitions();
    progress.phase("computing", Some((metrics.len() * partitions.len()) as u64), Unit::Items);
    let mut results = Results::default();
    // A table that the next metric starts from as well is kept for it, and no other.
    let mut kept: Option<Counts> = None;
    for (at, metric) in metrics.iter().enumerate() {
        let counts = match kept.take() {
            Some(counts) => {
                progress.advance(partitions.len() as u64);
                counts
            }
            None => merged(metric, generation, cache, context, &mut results, progress)?,
        };
        let context = Context { earlier: &results, ..*context };
        let tables = (metric.finish)(&counts, &context)?;
        results.tables.extend(tables);
        kept = metrics.get(at + 1).is_some_and(|next| metric.shares_table_with(next)).then_some(counts);
    }
    Ok(results)
}

/// The additive table of one metric over all partitions, for questions that no result table answers.
pub fn additive(
    metric: &Metric,
    generation: &Generation,
    cache: &mut Cache,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Counts> {
    merged(metric, generation, cache, context, &mut Results::default(), progress)
}

fn merged(
    metric: &Metric,
    generation: &Generation,
    cache: &mut Cache,
    context: &Context<'_>,
    results: &mut Results,
    progress: &dyn Progress,
) -> Result<Counts> {
    let mut parts = Vec::new();
    for opened in generation.manifest.partitions() {
        if let Some(part) = partition(metric, generation, opened, cache, context, results)? {
            parts.push(part);
        }
        progress.advance(1);
    }
    Ok(Counts::merge(parts))
}

/// One partition's additive table, from the cache where its inputs are unchanged.
fn partition(
    metric: &Metric,
    generation: &Generation,
    opened: Opened,
    cache: &mut Cache,
    context: &Context<'_>,
    results: &mut Results,
) -> Result<Option<Counts>> {
    let name = opened.to_string();
    let mut hasher = blake3::Hasher::new();
    let by = &context.config.report.by;
    hasher.update(format!("{} {} {name} {}", metric.id, metric.version, by.join(",")).as_bytes());
    let mut frames: BTreeMap<&'static str, LazyFrame> = BTreeMap::new();
    for table in metric.inputs {
        let Some(path) = generation.file(table, opened) else { continue };
        if let Some(written) = generation.manifest.tables.get(*table).and_then(|files| files.get(&name)) {
            hasher.update(written.blake3.as_bytes());
        }
        frames.insert(table, scan(&path)?.with_column(lit(name.clone()).alias("opened")));
    }
    if !metric.inputs.first().is_some_and(|table| frames.contains_key(table)) {
        return Ok(None);
    }
    let key = hasher.finalize().to_hex();
    if let Some(counts) = cache.get(metric.id, key.as_str()) {
        results.cached += 1;
        return Ok(Some(counts));
    }
    let frame = (metric.reduce)(&Frames::new(frames), by)?;
    let counts = Counts::from_frame(&collect(frame)?, metric.values)?;
    cache.put(metric.id, key.as_str(), &counts);
    results.computed += 1;
    Ok(Some(counts))
}

fn scan(path: &Path) -> Result<LazyFrame> {
    let args = ScanArgsParquet { glob: false, ..ScanArgsParquet::default() };
    Ok(LazyFrame::scan_parquet(PlRefPath::try_from_path(path)?, args)?.select([col("*")]))
}

pub(super) fn collect(frame: LazyFrame) -> PolarsResult<polars::prelude::DataFrame> {
    Ok(frame.collect_with_engine(Engine::Streaming)?.unwrap_single())
}
