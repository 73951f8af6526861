//! Exports on their way into a dataset: found, put in order, ingested, and what is said about it.

use std::fmt::Write as _;
use std::path::Path;

use crate::config::{Config, Missing};
use crate::dataset::store::Store;
use crate::error::{Error, Result};
use crate::ingest::archive::{self, Order};
use crate::ingest::{self, Ingested, Options};
use crate::progress::Progress;
use crate::report;
use crate::report::number::{count, plural};
use crate::source::files::Export;
use crate::source::{self, Source};

/// How exports are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading<'a> {
    /// The source, or the one that recognises the export.
    pub source: Option<&'a str>,
    /// The configuration file.
    pub config: Option<&'a Path>,
    /// The shipped configuration to read below the file's.
    pub preset: Option<&'a str>,
    /// Whether free text is kept.
    pub keep_text: bool,
    /// What becomes of records that a newer export no longer holds, instead of what is configured.
    pub missing: Option<&'a str>,
}

impl Reading<'_> {
    pub(super) fn config(&self) -> Result<Config> {
        let mut config = Config::load(self.config, self.preset)?;
        if let Some(word) = self.missing {
            let missing = Missing::parse(word).ok_or_else(|| {
                let words = Missing::ALL.map(Missing::word).join(" or ");
                Error::usage(format!("missing records cannot be treated by `{}`", report::number::harmless(word)))
                    .help(format!("write {words}"))
            })?;
            config.set_missing(missing);
        }
        Ok(config)
    }
}

/// Every export is looked at before the first is read, so that a wrong path fails early.
pub(super) fn open(
    paths: &[&Path],
    reading: &Reading<'_>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<Vec<(Export, &'static Source)>> {
    let named = named(reading.source, config)?;
    let mut exports = Vec::new();
    for path in paths {
        for export in archive::exports(path, named)? {
            let source = match named {
                Some(source) => source,
                None => recognised(&export, progress)?,
            };
            exports.push((export, source));
        }
    }
    Ok(exports)
}

/// Ingests exports, one after another, the oldest first.
pub(super) fn apply(
    store: &Store,
    exports: Vec<(Export, &'static Source)>,
    config: &Config,
    keep_text: bool,
    mut afresh: bool,
    progress: &dyn Progress,
) -> Result<String> {
    let mut text = String::new();
    let several = exports.len() > 1;
    let exports = if several {
        let (exports, order) = archive::in_order(exports, config, progress)?;
        let names: Vec<String> = exports.iter().map(|(export, _)| shown(export)).collect();
        let by = if order == Order::Names { "the dates in their names" } else { "the latest instant in each" };
        let said = format!("{} exports, oldest first: {} (by {by})", exports.len(), names.join(", "));
        progress.detail(&said);
        let _ = writeln!(text, "{said}");
        exports
    } else {
        exports
    };
    for (export, source) in exports {
        let ingested = ingest::ingest(store, &export, source, config, Options { keep_text, afresh }, progress)?;
        afresh = false;
        if several {
            let _ = writeln!(text, "\n{}", shown(&export));
        }
        text.push_str(&ingest_summary(&ingested));
    }
    Ok(text)
}

fn shown(export: &Export) -> String {
    report::number::visible(&archive::name(export), 100)
}

/// The source that is named, or that a configuration which says what tables are read leaves no choice but.
pub(super) fn named(name: Option<&str>, config: &Config) -> Result<Option<&'static Source>> {
    let tables = &source::tables::SOURCE;
    let name = name.filter(|name| *name != "auto");
    if let Some(name) = name.filter(|name| config.preset().is_some() && *name != tables.id) {
        return Err(Error::usage(format!("a preset is read through the source {}, not {name}", tables.id))
            .help("leave out --source, or the preset"));
    }
    match name {
        Some(name) => source::by_id(name).map(Some).ok_or_else(|| {
            Error::usage(format!("there is no source `{}`", report::number::harmless(name)))
                .help("`looplens list sources` names them")
        }),
        None => Ok((!config.tables.feeds.is_empty()).then_some(tables)),
    }
}

fn recognised(export: &Export, progress: &dyn Progress) -> Result<&'static Source> {
    let (source, recognition) = source::recognise(export)?;
    progress.detail(&format!("recognised {}: {}", source.id, recognition.because));
    Ok(source)
}

/// What was read, in a few lines.
fn ingest_summary(ingested: &Ingested) -> String {
    let mut text = String::new();
    let Some(input) = ingested.manifest.inputs.last() else { return text };
    let n = |value: u64| count(i64::try_from(value).unwrap_or(i64::MAX));
    let _ = writeln!(
        text,
        "Read {} records of {} ({}): {} kept, {} replaced, {} rejected.",
        n(input.read),
        plural(input.files as i64, "file", "files"),
        ingested.source.id,
        n(input.kept),
        n(input.replaced),
        n(input.rejected)
    );
    if input.rejected > 0 {
        let _ = writeln!(text, "  rejected: {}", ingested.ledger.reasons().join(", "));
    }
    for line in ingested.ledger.unmapped_words() {
        let _ = writeln!(text, "  {line}");
    }
    if input.unjoined > 0 {
        let _ = writeln!(
            text,
            "{} of the kept records belong to applications that are in no file. That is usual for an export of a \
             period; they join as soon as an export brings those applications.",
            n(input.unjoined)
        );
    }
    if ingested.rewritten == 0 && ingested.carried > 0 {
        text.push_str("Nothing changed: the dataset held all of this already.\n");
    }
    let read = ingested.ledger.files.iter().filter(|account| account.read > 0);
    let remarks =
        read.flat_map(|account| account.remarks.iter().map(|remark| (account.kind.as_str(), remark.as_str())));
    for remark in source::ledger::gather(remarks) {
        let _ = writeln!(text, "  {remark}");
    }
    if !input.compared.missing_kept.is_empty() {
        text.push_str("  missing_records lists what is missing; `--missing drop` takes it out\n");
    }
    for account in &ingested.ledger.files {
        let labels = account.unknown_labels.iter().take(3);
        for ((field, label), times) in labels {
            let _ = writeln!(
                text,
                "  {}: unknown label {label} in {field}, {}",
                report::number::harmless(&account.file),
                plural(*times as i64, "time", "times")
            );
        }
    }
    text
}
