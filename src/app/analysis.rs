//! From a dataset to results, findings and reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow::array::{Array, Int64Array, StringArray};
use serde_json::json;

use super::comparing::{self, Against};
use super::{limits, quarter, span};
use crate::comparison;
use crate::config::Config;
use crate::dataset::files::{create_folder, write_atomically};
use crate::dataset::index::Opened;
use crate::dataset::parquet::{self, Written};
use crate::dataset::store::{Generation, Store};
use crate::engine::cache::Cache;
use crate::engine::metric::{Context, Metric};
use crate::engine::results::RESULTS_VERSION;
use crate::engine::run::{self, Results};
use crate::error::{Error, Result, pages};
use crate::findings::rank;
use crate::findings::{self, Finding};
use crate::metrics::{self, METRICS, Question};
use crate::progress::Progress;
use crate::report::FORMATS;
use crate::report::model::{Account, Comparison, Report};
use crate::report::number::{count, plural};
use crate::source::ledger::gather;
use crate::time::{Instant, Quarter};

/// What an analysis is asked for, as meant.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) period: Option<Quarter>,
    pub(super) as_of: Option<Instant>,
    pub(super) questions: Vec<&'static Question>,
    pub(super) compare: Vec<Against>,
    additive: bool,
}

impl Asked {
    pub(super) fn of(config: &mut Config, wanted: &super::Wanted) -> Result<Self> {
        if let Some(by) = &wanted.by {
            config.set_by(by.clone());
        }
        let period = wanted.period.as_deref().map(quarter).transpose()?;
        let as_of = wanted.as_of.as_deref().map(Instant::parse_bound).transpose()?;
        let questions = metrics::chosen(&wanted.only);
        let compare = comparing::asked(&wanted.compare, period)?;
        Ok(Self { period, as_of, questions, compare, additive: wanted.additive })
    }
}

/// The folder that reports and tables go to.
#[derive(Debug)]
pub(super) struct Output {
    root: PathBuf,
}

impl Output {
    /// Makes sure that it can be written to, before anything expensive is done.
    pub(super) fn prepare(root: &Path) -> Result<Self> {
        create_folder(&root.join("tables"))?;
        let probe = root.join(".probe");
        write_atomically(&probe, b"")?;
        let _ = std::fs::remove_file(&probe);
        Ok(Self { root: root.to_path_buf() })
    }
}

/// What an analysis found.
pub(super) struct Done {
    pub(super) results: Results,
    pub(super) findings: Vec<Finding>,
    /// What changed, in sentences.
    pub(super) changed: Vec<String>,
}

/// Results and findings of a generation, before anything is written.
pub(super) struct Computed<'c> {
    pub(super) generation: Generation,
    pub(super) context: Context<'c>,
    /// The instant up to which the data counts as known; none where it holds no time.
    pub(super) known: Option<Instant>,
    /// All result tables, the findings' among them.
    pub(super) results: Results,
    /// All findings, most important first.
    pub(super) findings: Vec<Finding>,
    /// What changed since what it was to be compared with.
    comparisons: Vec<Comparison>,
}

pub(super) fn compute<'c>(
    store: &Store,
    config: &'c Config,
    asked: &Asked,
    progress: &dyn Progress,
) -> Result<Computed<'c>> {
    let generation = store.existing()?;
    let known = asked.as_of.or(generation.manifest.latest());
    if let Some(period) = asked.period
        && !generation.manifest.partitions().contains(&Opened(Some(period)))
    {
        return Err(Error::new(&pages::NO_LOOPS, format!("no loop opened in {period}"))
            .at(&store.root)
            .help(format!("the dataset holds loops opened in {}", span(&generation.manifest.partitions()))));
    }
    comparing::refuse_empty(&asked.compare, &generation, &store.root)?;
    let context = Context { config, as_of: known.unwrap_or(Instant(0)), period: asked.period, earlier: &run::NOTHING };
    let metrics = metrics::behind(&asked.questions);
    let mut cache = Cache::of(&store.root);
    let mut results = run::run(&metrics, &generation, &mut cache, &context, progress)?;
    progress.detail(&format!(
        "{} of partitions computed, {} taken from the cache",
        plural(results.computed as i64, "table", "tables"),
        count(results.cached as i64)
    ));
    let findings = rank::rank(comparing::findings(&asked.questions, &results, &context));
    let now = (&results, findings.as_slice(), known);
    let comparisons = comparing::comparisons(asked, &generation, &mut cache, &context, now, progress)?;
    cache.prune();
    results.tables.push(rank::table(&findings));
    results.tables.push(comparison::table(&comparisons));
    Ok(Computed { generation, context, known, results, findings, comparisons })
}

pub(super) fn analyze(
    store: &Store,
    config: &Config,
    asked: &Asked,
    out: &Output,
    progress: &dyn Progress,
) -> Result<Done> {
    let Computed { generation, context, known, results, findings, comparisons } =
        compute(store, config, asked, progress)?;
    let mut report = report(&asked.questions, &generation, &context, known, &results, &findings)?;
    comparing::tell(&mut report, comparisons);
    write(out, &generation, &context, known, &results, &report)?;
    keep_additive(out, store, &generation, &context, asked, progress)?;
    let changed = report.comparisons.iter().map(|comparison| comparison.summary.join(" ")).collect();
    Ok(Done { results, findings, changed })
}

/// Writes the additive tables of the questions that were asked, if they are wanted. What an earlier analysis left there
/// belongs to other figures.
fn keep_additive(
    out: &Output,
    store: &Store,
    generation: &Generation,
    context: &Context<'_>,
    asked: &Asked,
    progress: &dyn Progress,
) -> Result<()> {
    let folder = out.root.join("additive");
    let file = |metric: &Metric| folder.join(format!("{}.parquet", metric.id.replace('-', "_")));
    for question in METRICS {
        let _ = std::fs::remove_file(file(&question.metric));
    }
    if !asked.additive {
        return Ok(());
    }
    create_folder(&folder)?;
    let mut cache = Cache::of(&store.root);
    for metric in asked.questions.iter().map(|question| &question.metric) {
        let counts = run::additive(metric, generation, &mut cache, context, progress)?;
        counts.publish(&additive_about(metric), &file(metric))?;
    }
    Ok(())
}

fn additive_about(metric: &Metric) -> String {
    format!(
        "What the results of {} were finished from: equal keys, summed over the whole dataset. Times are whole seconds since \
         1970 in UTC, scores thousandths of a point.",
        metric.id
    )
}

fn report<'a>(
    questions: &[&Question],
    generation: &Generation,
    context: &Context<'_>,
    known: Option<Instant>,
    results: &'a Results,
    findings: &[Finding],
) -> Result<Report<'a>> {
    let partitions = generation.manifest.partitions();
    let period = context.period.map_or_else(|| span(&partitions), |period| period.to_string());
    let mut report = Report {
        title: format!("Hiring loops {}{period}", if period.starts_with("opened") { "" } else { "opened in " }),
        period,
        as_of: known,
        summary: Vec::new(),
        figures: Vec::new(),
        measures: Vec::new(),
        trend: None,
        comparisons: Vec::new(),
        findings: findings.to_vec(),
        sections: Vec::new(),
        account: account(generation)?,
        provenance: provenance(generation, context, known),
        tables: &results.tables,
    };
    let mut quarters = Vec::new();
    for question in questions {
        let part = (question.present)(results, context);
        quarters.extend(part.quarters);
        report.summary.extend(part.summary);
        report.figures.extend(part.figures);
        report.measures.extend(part.measures);
        report.sections.push(part.section);
    }
    report.trend = comparing::trend(&quarters, context, known);
    limits::tell(&mut report);
    Ok(report)
}

fn provenance(generation: &Generation, context: &Context<'_>, known: Option<Instant>) -> Vec<(String, String)> {
    let manifest = &generation.manifest;
    let mut out = vec![
        ("looplens".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("as of".to_owned(), known.map_or_else(|| "the data holds no times".to_owned(), Instant::to_rfc3339)),
        ("segments".to_owned(), context.config.report.by.join(", ")),
        ("calendar".to_owned(), comparing::calendar(context).to_owned()),
        ("configuration".to_owned(), short(&context.config.analysis_fingerprint)),
    ];
    for input in &manifest.inputs {
        out.push((
            format!("input {}", input.ingest),
            format!("{}, {}, {}", input.source, plural(input.files as i64, "file", "files"), short(&input.blake3)),
        ));
    }
    out
}

pub(super) fn short(hash: &str) -> String {
    hash.get(..16).unwrap_or(hash).to_owned()
}

/// What was read and what became of it, over all ingests on record.
fn account(generation: &Generation) -> Result<Account> {
    let sum = |pick: fn(&crate::dataset::store::Input) -> u64| {
        generation.manifest.inputs.iter().map(pick).sum::<u64>() as i64
    };
    let mut account = Account {
        read: sum(|input| input.read),
        kept: sum(|input| input.kept),
        replaced: sum(|input| input.replaced),
        rejected: sum(|input| input.rejected),
        // What an earlier export left unjoined may have joined since, so only the last one counts.
        unjoined: generation.manifest.inputs.last().map_or(0, |input| input.unjoined as i64),
        ..Account::default()
    };
    let mut reasons: BTreeMap<String, i64> = BTreeMap::new();
    each(generation, "rejects", |view| {
        *reasons.entry(view.text("reason")).or_default() += 1;
    })?;
    account.reasons = reasons.into_iter().collect();
    let mut remarks: Vec<(String, String)> = Vec::new();
    let mut unread: BTreeSet<String> = BTreeSet::new();
    each(generation, "ledger", |view| {
        let kind = view.text("kind");
        if matches!(kind.as_str(), "not read" | "other") {
            unread.insert(view.text("file"));
            return;
        }
        let texts = view.text("remarks");
        remarks.extend(texts.split("; ").filter(|text| !text.is_empty()).map(|text| (kind.clone(), text.to_owned())));
        for (column, before) in [("unknown_labels", "unknown labels"), ("unknown_columns", "columns not read")] {
            let text = view.text(column);
            if !text.is_empty() {
                remarks.push((kind.clone(), format!("{before}: {text}")));
            }
        }
    })?;
    account.remarks.extend(gather(remarks.iter().map(|(kind, remark)| (kind.as_str(), remark.as_str()))));
    if !unread.is_empty() {
        const NAMED: usize = 8;
        let more = unread.len().saturating_sub(NAMED);
        let names: Vec<&str> = unread.iter().take(NAMED).map(String::as_str).collect();
        let rest = if more > 0 { format!(" and {} more", count(more as i64)) } else { String::new() };
        account.remarks.push(format!("files that hold nothing this source reads: {}{rest}", names.join(", ")));
    }
    Ok(account)
}

struct AccountRow<'a> {
    batch: &'a arrow::array::RecordBatch,
    row: usize,
}

impl AccountRow<'_> {
    fn text(&self, name: &str) -> String {
        let column = self.batch.column_by_name(name).and_then(|c| c.as_any().downcast_ref::<StringArray>());
        column.filter(|c| !c.is_null(self.row)).map(|c| c.value(self.row).to_owned()).unwrap_or_default()
    }

    fn int(&self, name: &str) -> i64 {
        let column = self.batch.column_by_name(name).and_then(|c| c.as_any().downcast_ref::<Int64Array>());
        column.map(|c| c.value(self.row)).unwrap_or_default()
    }
}

fn each(generation: &Generation, table: &str, mut take: impl FnMut(&AccountRow<'_>)) -> Result<()> {
    for path in generation.account_files(table) {
        for batch in parquet::read(&path, &[])? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                take(&AccountRow { batch: &batch, row });
            }
        }
    }
    Ok(())
}

fn write(
    out: &Output,
    generation: &Generation,
    context: &Context<'_>,
    known: Option<Instant>,
    results: &Results,
    report: &Report<'_>,
) -> Result<()> {
    let mut written: BTreeMap<String, Written> = BTreeMap::new();
    for table in &results.tables {
        let path = out.root.join("tables").join(format!("{}.parquet", table.spec.name));
        written.insert(table.spec.name.to_owned(), crate::engine::output::write(table, &path)?);
    }
    for format in FORMATS {
        write_atomically(&out.root.join(format.file), &(format.render)(report)?)?;
    }
    let mut ledger = Vec::new();
    each(generation, "ledger", |row| {
        ledger.push(json!({
            "ingest": row.int("ingest"),
            "source": row.text("source"),
            "file": row.text("file"),
            "kind": row.text("kind"),
            "blake3": row.text("blake3"),
            "read": row.int("read"),
            "kept": row.int("kept"),
            "replaced": row.int("replaced"),
            "rejected": row.int("rejected"),
            "unjoined": row.int("unjoined"),
        }));
    })?;
    let run = json!({
        "format": "looplens-run",
        "version": 1,
        "looplens": env!("CARGO_PKG_VERSION"),
        "results_version": RESULTS_VERSION,
        "as_of": known.map(Instant::to_rfc3339),
        "period": context.period.map(|period| period.to_string()),
        "compared_with": report.comparisons.iter().map(|comparison| &comparison.against).collect::<Vec<_>>(),
        "by": context.config.report.by,
        "configuration": {
            "ingest": context.config.ingest_fingerprint,
            "analysis": context.config.analysis_fingerprint,
            "limits_days": context.config.time.limits_days,
            "slow_after_days": context.config.time.slow_after_days,
            "business_days": context.config.calendar.is_business(),
            "smallest_group": context.config.privacy.smallest_group,
        },
        "dataset": { "format_version": generation.manifest.format_version, "generation": generation.manifest.generation },
        "inputs": generation.manifest.inputs,
        "ledger": ledger,
        "tables": written,
        "findings": report.findings.iter().map(|finding: &findings::Finding| &finding.id).collect::<Vec<_>>(),
    });
    let text = serde_json::to_vec_pretty(&run)
        .map_err(|e| Error::new(&pages::DEFECT, format!("run.json cannot be written: {e}")))?;
    write_atomically(&out.root.join("run.json"), &text)
}
