//! What data can answer, before anything is computed: a dry read of an export, or a look at a dataset.
//!
//! `observe.rs` remembers a little of each row, `dry.rs` and `kept.rs` feed it from an export and from a
//! dataset, `facts.rs` counts, `needs.rs` and `questions.rs` judge the counts, `diagnosis.rs` is what is told.
//! Nothing is written to disk, and nothing of what is told is a value from the data.

mod answer;
mod diagnosis;
mod dry;
mod facts;
mod kept;
mod needs;
mod observe;
mod questions;
#[cfg(test)]
mod tests;
mod text;
mod unrecognised;

use std::collections::BTreeMap;

use crate::config::Config;
use crate::dataset::store::Store;
use crate::error::{Error, Result, pages};
use crate::progress::Progress;
use crate::report::number::plural;
use crate::source::files::Export;
use crate::source::{self, Claim, Source};
pub use answer::{Answer, Lack, Verdict};
pub use diagnosis::{DOCTOR_VERSION, Diagnosis, FileFacts, LooksLike, NeedFacts, QuestionFacts, Recognised};
pub use facts::{Counts, Facts, Filled, OutcomeKind, TableFacts};
pub use needs::{MORE, Need};
pub use questions::{Met, QUESTIONS, Question};

/// Examines an export, read by the source that recognises it best unless one is named.
pub fn examine_export(
    export: &Export,
    named: Option<&'static Source>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<Diagnosis> {
    let mut diagnosis = Diagnosis::of("export", export.root.display().to_string());
    diagnosis.ignored.clone_from(&export.ignored);
    let mut claims = source::claims(export);
    diagnosis.is_contested = match (named, claims.as_slice()) {
        (None, [(_, best), (_, rival), ..]) => source::is_contested(best, rival),
        _ => false,
    };
    let (chosen, because) = match named {
        Some(named) => {
            let claim = claims.iter().position(|(source, _)| source.id == named.id).map(|at| claims.remove(at));
            let signs = claim.map_or("it has no signs of it".to_owned(), |(_, recognition)| recognition.because);
            (named, format!("named; {signs}"))
        }
        None if claims.is_empty() => {
            diagnosis.account(unrecognised::files(export));
            return Ok(diagnosis);
        }
        None => {
            let (source, recognition) = claims.remove(0);
            (source, recognition.because)
        }
    };
    diagnosis.source = Some(recognised(chosen, because));
    diagnosis.others = claims.into_iter().map(|(other, its): Claim| recognised(other, its.because)).collect();
    let mut read = dry::read(export, chosen, config, progress)?;
    diagnosis.stopped = read.stopped.take().map(Into::into);
    diagnosis.words = diagnosis::words(&read.ledger);
    diagnosis.account(diagnosis::files(&read.ledger));
    diagnosis.judge(facts::facts(&read.observed, 1), &[chosen]);
    Ok(diagnosis)
}

/// Examines a dataset as it stands.
pub fn examine_dataset(store: &Store, progress: &dyn Progress) -> Result<Diagnosis> {
    let generation = store.existing()?;
    let mut diagnosis = Diagnosis::of("dataset", store.root.display().to_string());
    let mut exports: BTreeMap<&str, u64> = BTreeMap::new();
    for input in &generation.manifest.inputs {
        *exports.entry(&input.source).or_default() += 1;
    }
    // The source of the newest export stands for the dataset; the others are told beside it.
    let newest = generation.manifest.inputs.last().map_or("", |input| input.source.as_str());
    let mut sources: Vec<&'static Source> = exports.keys().filter_map(|id| source::by_id(id)).collect();
    sources.sort_by_key(|source| source.id != newest);
    let mut all = sources.iter().map(|source| {
        let times = exports.get(source.id).copied().unwrap_or(0);
        recognised(source, format!("{} ingested", plural(times as i64, "export", "exports")))
    });
    diagnosis.source = all.next();
    diagnosis.others = all.collect();
    diagnosis.account(kept::files(&generation)?);
    let observed = kept::read(&generation, progress)?;
    diagnosis.judge(facts::facts(&observed, exports.values().copied().max().unwrap_or(0)), &sources);
    Ok(diagnosis)
}

fn recognised(source: &Source, because: String) -> Recognised {
    Recognised { id: source.id.to_owned(), title: source.title.to_owned(), because }
}

impl Diagnosis {
    /// The error that an examination ends with: there is none unless no source recognised anything.
    pub fn error(&self) -> Option<Error> {
        if self.source.is_some() || self.examined.kind == "dataset" {
            return None;
        }
        let ids: Vec<&str> = source::SOURCES.iter().map(|source| source.id).collect();
        Some(Error::new(&pages::NO_SOURCE, "no source recognises this export").place(self.examined.path.clone()).help(
            format!(
                "name the source with --source ({}), see `looplens list sources` for the files each one reads, let \
             `looplens init --from {}` propose a configuration, or read an extract of a warehouse with --preset",
                ids.join(", "),
                self.examined.path
            ),
        ))
    }
}
