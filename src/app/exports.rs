//! Exports on their way into a dataset: found, put in order, ingested, and what is said about it.

use std::fmt::Write as _;
use std::path::Path;

use crate::config::{Config, Missing};
use crate::dataset::store::Store;
use crate::error::{Error, Result, pages};
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
                Error::new(
                    &pages::UNKNOWN_NAME,
                    format!("missing records cannot be treated by `{}`", report::number::harmless(word)),
                )
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
        let found = archive::exports(path, named)?;
        for export in found {
            refuse_wrong_preset(&export, config)?;
            let source = match named {
                Some(source) => source,
                None => recognised(&export, progress)?,
            };
            exports.push((export, source));
        }
    }
    Ok(exports)
}

/// Tables of one connector read as those of another would give a dataset of nothing.
fn refuse_wrong_preset(export: &Export, config: &Config) -> Result<()> {
    match (config.preset(), source::tables::preset_of(export)) {
        (Some(named), Some(other)) if named != other.id => Err(Error::new(
            &pages::WRONG_PRESET,
            format!("the folder does not look like an extract for the preset {named}"),
        )
        .at(&export.root)
        .help(format!("it looks like one for --preset {}", other.id))),
        _ => Ok(()),
    }
}

/// What a configuration that lies beside an export would change: said where reading fails without it.
pub(super) fn with_hint(error: Error, paths: &[&Path], reading: &Reading<'_>) -> Error {
    let beside = paths.iter().map(|path| path.join("looplens.toml")).find(|path| path.is_file());
    match beside {
        Some(beside) if reading.config.is_none() && error.kind() == crate::error::Kind::Input => {
            let help = error.help.as_deref().map(|help| format!("{help}; ")).unwrap_or_default();
            let hint = format!("{help}a configuration lies in the folder: add --config {}", beside.display());
            Error { help: Some(hint), ..error }
        }
        _ => error,
    }
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
    let all = exports.len();
    for (done, (export, source)) in exports.into_iter().enumerate() {
        let ingested = ingest::ingest(store, &export, source, config, Options { keep_text, afresh }, progress);
        let ingested = ingested.map_err(|error| after_others(error, done, all, &export))?;
        afresh = false;
        if several {
            let _ = writeln!(text, "\n{}", shown(&export));
        }
        text.push_str(&ingest_summary(&ingested));
    }
    Ok(text)
}

/// An archive is ingested dump by dump, so those before the one that failed are in the dataset.
fn after_others(mut error: Error, done: usize, all: usize, export: &Export) -> Error {
    if done > 0 {
        let help = error.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
        error.help = Some(format!(
            "{help}nothing of {} was committed, while {} before it {} in the dataset: repair it and run the same command again",
            shown(export),
            plural(done as i64, "export", "exports") + &format!(" of {all}"),
            if done == 1 { "is" } else { "are" }
        ));
    }
    error
}

fn shown(export: &Export) -> String {
    report::number::visible(&archive::name(export), 100)
}

/// The source that is named, or that a configuration which says what tables are read leaves no choice but.
pub(super) fn named(name: Option<&str>, config: &Config) -> Result<Option<&'static Source>> {
    let tables = &source::tables::SOURCE;
    let name = name.filter(|name| *name != "auto");
    if let Some(name) = name.filter(|name| config.preset().is_some() && *name != tables.id) {
        return Err(Error::new(
            &pages::WRONG_PRESET,
            format!("a preset is read through the source {}, not {name}", tables.id),
        )
        .help("leave out --source, or the preset"));
    }
    match name {
        Some(name) => source::by_id(name).map(Some).ok_or_else(|| {
            Error::new(&pages::UNKNOWN_NAME, format!("there is no source `{}`", report::number::harmless(name)))
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

/// Files and reasons that a summary lists.
const LISTED: usize = 5;

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
        for line in ingested.ledger.first_of_each_reason().iter().take(LISTED) {
            let _ = writeln!(text, "    {line}");
        }
    }
    let unread = ingested.ledger.unread();
    if !unread.is_empty() {
        let listed: Vec<String> = unread.iter().take(LISTED).map(|file| report::number::visible(file, 80)).collect();
        let more = unread.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(text, "  not read, since this source has no use for them: {}{more}", listed.join(", "));
    }
    for line in ingested.ledger.unmapped_words() {
        let _ = writeln!(text, "  {line}");
    }
    if input.unjoined > 0 && input.unjoined == input.kept {
        text.push_str(
            "None of these records can be joined: no file holds the applications they belong to, and without them \
             nothing can be computed. Export the applications too; `looplens doctor` says which file they are in.\n",
        );
    } else if input.unjoined > 0 {
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
