//! Several exports: the dumps of an archive, and the order in which exports are applied.
//!
//! An archive is a folder whose subfolders are exports. A single export may be laid out in subfolders as well,
//! one per endpoint. They are told apart by what the subfolders hold: the dumps of an archive are each recognised
//! by themselves and hold the same kinds of files, while endpoints differ.

mod dates;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::intake;
use crate::config::Config;
use crate::error::{Error, Result, pages};
use crate::progress::{Progress, Unit};
use crate::source::files::Export;
use crate::source::ledger::{FileId, Ledger};
use crate::source::{self, Row, Sink, Source};
use crate::time::Instant;

/// The exports at a path: the dumps of an archive, or the one export that it is.
pub fn exports(path: &Path, source: Option<&'static Source>) -> Result<Vec<Export>> {
    let whole = Export::open(path)?;
    let dumps = dumps(&whole, source)?;
    Ok(if dumps.is_empty() { vec![whole] } else { dumps })
}

/// The dumps of an archive; none where the folder is an export itself.
fn dumps(whole: &Export, source: Option<&'static Source>) -> Result<Vec<Export>> {
    let recognised = |export: &Export| match source {
        // Extracts of warehouses are recognised by their preset.
        Some(source) => (source.recognise)(export).is_some() || source::tables::preset_of(export).is_some(),
        None => source::recognise(export).is_ok(),
    };
    let (below, beside): (Vec<_>, Vec<_>) = whole.files.iter().partition(|file| file.relative.contains('/'));
    let folders: BTreeSet<&str> = below.iter().filter_map(|file| file.relative.split('/').next()).collect();
    if folders.len() < 2 {
        return Ok(Vec::new());
    }
    let beside = Export { files: beside.into_iter().cloned().collect(), ..whole.clone() };
    if !beside.files.is_empty() && recognised(&beside) {
        return Ok(Vec::new());
    }
    let opened = folders.iter().map(|folder| Export::open(&whole.root.join(folder))).collect::<Result<Vec<_>>>()?;
    let (dumps, others): (Vec<Export>, Vec<Export>) = opened.into_iter().partition(recognised);
    let mut stems: BTreeMap<&str, usize> = BTreeMap::new();
    for dump in &dumps {
        for stem in stems_of(dump) {
            *stems.entry(stem).or_default() += 1;
        }
    }
    let alike = |dump: &Export| stems_of(dump).into_iter().any(|stem| stems.get(stem).is_some_and(|n| *n > 1));
    // A folder per candidate is part of one export.
    let is_id = |dump: &Export| dates::date_in(&name(dump)).is_none() && looks_like_an_id(&name(dump));
    if dumps.len() < 2 || !dumps.iter().all(alike) || dumps.iter().any(is_id) {
        return Ok(Vec::new());
    }
    // Exports of two systems side by side are no history of one account, unless their names say when each was taken.
    if dumps.iter().any(|dump| dates::date_in(&name(dump)).is_none()) && !of_one_source(&dumps, source) {
        return Ok(Vec::new());
    }
    // A folder with a date that is no export is a dump that went wrong; without it the others would say less.
    if let Some(wrong) = others.iter().find(|other| dates::date_in(&name(other)).is_some()) {
        return Err(Error::new(&pages::NO_SOURCE, "the archive has a folder that no source recognises as an export")
            .at(&wrong.root)
            .help("repair it or move it out of the archive, then run the same command again"));
    }
    Ok(dumps)
}

/// Whether the same source recognises all of them.
fn of_one_source(dumps: &[Export], named: Option<&'static Source>) -> bool {
    let ids = dumps.iter().filter_map(|dump| source::recognise(dump).ok()).map(|(source, _)| source.id);
    named.is_some() || ids.collect::<BTreeSet<_>>().len() == 1
}

fn stems_of(export: &Export) -> BTreeSet<&str> {
    export.files.iter().map(|file| file.stem.as_str()).filter(|stem| !stem.is_empty()).collect()
}

fn looks_like_an_id(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let plain = name.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    (digits == name.len() && digits > 4) || (plain && name.len() >= 16 && digits > 0)
}

/// What an export is called: the name of its folder or file.
pub fn name(export: &Export) -> String {
    let whole = export.root.canonicalize().unwrap_or_else(|_| export.root.clone());
    whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// How the order of exports was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By the dates in their names.
    Names,
    /// By the latest instant that each one holds.
    Instants,
}

/// Puts exports into the order of time. The dates in their names say when they were taken; where not every name
/// has one, or two have the same, each export is read once to find the latest instant it holds.
pub fn in_order(
    exports: Vec<(Export, &'static Source)>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<(Vec<(Export, &'static Source)>, Order)> {
    let dates: Vec<_> = exports.iter().map(|(export, _)| dates::date_in(&name(export))).collect();
    if let Some(dates) = dates::comparable(dates) {
        let mut dated: Vec<_> = dates.into_iter().zip(exports).collect();
        dated.sort_by(|(a, _), (b, _)| a.cmp(b));
        return Ok((dated.into_iter().map(|(_, export)| export).collect(), Order::Names));
    }
    let bytes = exports.iter().flat_map(|(export, _)| &export.files).map(|file| file.bytes).sum();
    progress.phase("finding the order", Some(bytes), Unit::Bytes);
    let mut found = Vec::new();
    for (export, source) in exports {
        let mut latest = Latest { ledger: Ledger::default(), at: None, progress };
        (source.read)(&export, config, &mut latest)?;
        // Exports that end at one instant are put in the order of their names, not in the order they were given.
        found.push((latest.at, export.root.clone(), (export, source)));
    }
    found.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    Ok((found.into_iter().map(|(_, _, export)| export).collect(), Order::Instants))
}

/// Looks for the latest instant and keeps nothing.
struct Latest<'p> {
    ledger: Ledger,
    at: Option<Instant>,
    progress: &'p dyn Progress,
}

impl Sink for Latest<'_> {
    fn deliver(&mut self, _file: FileId, row: Row, _counted: bool) -> Result<()> {
        self.at = self.at.max(intake::latest(&row));
        Ok(())
    }

    fn name(&mut self, _person_id: &str, _name: &str) {}

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn advance(&mut self, bytes: u64) {
        self.progress.advance(bytes);
    }
}
