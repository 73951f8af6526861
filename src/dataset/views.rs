//! What exports see of the applications: the one being read, and those on record that are newer.
//!
//! Of each export the dataset keeps which applications it held (the table `sightings`) and how far it reached
//! (in the manifest). An export that comes late is held against those that are newer, so that it does not bring
//! back what they no longer had. In the usual order, oldest first, there are none and nothing is read.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, BooleanArray};

use super::extent::{Extent, Kind, Reach};
use super::index::{Index, hash};
use super::merge::instants;
use super::parquet;
use super::schema::SIGHTINGS;
use super::spool::applications;
use super::store::{Generation, Input, account_file};
use crate::error::Result;
use crate::time::Instant;

/// The sightings of an ingest as a file of their table.
pub fn sightings_file(ingest: u64) -> String {
    format!("ingest-{ingest:06}")
}

/// An export on record that is newer than the one being read.
#[derive(Debug)]
struct Newer {
    latest: Instant,
    reach: [Reach; Kind::COUNT],
    source: String,
    applied: Option<(i64, i64)>,
}

/// A sighting of an application by a newer export.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    /// Position among the newer exports.
    by: u16,
    stage_history: bool,
}

/// What the exports see.
#[derive(Debug, Default)]
pub struct Views {
    /// What can be expected of the export being read.
    own: Option<[Reach; Kind::COUNT]>,
    /// Newer exports, the oldest first.
    newer: Vec<Newer>,
    seen: HashMap<u64, Vec<Sighting>>,
}

/// Fewer than this share of the applications that should be there, and an export is a selection.
const WHOLE_SHARE: f64 = 0.9;

/// Whether so few applications of those that should be there are missing that the others are all of them.
fn is_whole(there: usize, missing: usize) -> bool {
    let all = (there + missing) as f64;
    there > missing && (missing == 1 || there as f64 >= WHOLE_SHARE * all)
}

impl Views {
    /// Reads what is needed about the exports on record.
    pub fn read(on_record: &Generation, own: &Extent) -> Result<Self> {
        let mut views = Self::default();
        let Some(latest) = own.latest else { return Ok(views) };
        let mut before = Extent::default();
        let mut newer: Vec<&Input> = Vec::new();
        for input in &on_record.manifest.inputs {
            if input.extent.latest > own.latest { newer.push(input) } else { before.add(&input.extent) }
        }
        let reach = |extent: &Extent, before: &Extent| Kind::ALL.map(|kind| extent.reach(kind, before));
        views.own = Some(reach(own, &before));
        newer.sort_by_key(|input| (input.extent.latest, input.ingest));
        for input in newer {
            let by = u16::try_from(views.newer.len()).unwrap_or(u16::MAX);
            let found = each_sighting(on_record, input, &mut |application, _, stage_history| {
                views.seen.entry(application).or_default().push(Sighting { by, stage_history });
            })?;
            if found {
                views.newer.push(Newer {
                    latest: Instant(input.extent.latest.unwrap_or(latest)),
                    reach: reach(&input.extent, own),
                    source: input.source.clone(),
                    applied: input.extent.applied(),
                });
            }
        }
        Ok(views)
    }

    /// Whether the export being read holds records of a kind.
    pub fn holds(&self, kind: Kind) -> bool {
        self.own.is_some_and(|own| own.get(kind as usize) != Some(&Reach::Nothing))
    }

    /// Whether some export on record is newer.
    pub fn any_newer(&self) -> bool {
        !self.newer.is_empty()
    }

    /// Whether the export being read would hold a record on record: it holds the application, reaches the record,
    /// and no newer export has the last word on the application's records of this kind.
    pub fn expects(&self, index: &Index, application: u64, record: &Record) -> bool {
        let Some(reach) = self.own.and_then(|own| own.get(record.kind as usize).copied()) else { return false };
        let told = record.kind != Kind::StageHistory || index.tells_history(application);
        told && reach.covers(record.happened, record.changed) && self.since(application, record, false).is_none()
    }

    /// The latest instant of the first newer export that would hold a record if it still existed.
    pub fn missing_since(&self, application: u64, record: &Record) -> Option<Instant> {
        self.since(application, record, true)
    }

    fn since(&self, application: u64, record: &Record, covered: bool) -> Option<Instant> {
        self.seen.get(&application)?.iter().find_map(|sighting| {
            let newer = self.newer.get(usize::from(sighting.by))?;
            let reach = *newer.reach.get(record.kind as usize)?;
            let told = record.kind != Kind::StageHistory || sighting.stage_history;
            let holds = if covered { reach.covers(record.happened, record.changed) } else { reach != Reach::Nothing };
            (told && holds).then_some(newer.latest)
        })
    }

    /// Marks the applications that vanished: those that an export should hold and does not.
    ///
    /// Only exports of one source are compared. An export should hold the applications that were made between its
    /// first and its last one. If more than a tenth of those are not there it is a selection, which says nothing.
    pub fn mark_vanished(&self, on_record: &Generation, own: &Extent, source: &str, index: &mut Index) -> Result<()> {
        if let (Some((first, last)), Some(latest)) = (own.applied(), own.latest) {
            let mut missing: HashSet<u64> = HashSet::new();
            let mut there: HashSet<u64> = HashSet::new();
            for input in &on_record.manifest.inputs {
                if input.source != source || input.extent.latest > Some(latest) {
                    continue;
                }
                each_sighting(on_record, input, &mut |application, applied, _| {
                    let should = applied.is_some_and(|at| (first..=last).contains(&at.0));
                    if should && index.holds(application) {
                        there.insert(application);
                    } else if should && index.is_known(application) && !self.seen.contains_key(&application) {
                        missing.insert(application);
                    }
                })?;
            }
            if is_whole(there.len(), missing.len()) {
                missing.into_iter().for_each(|application| index.vanish(application, Instant(latest)));
            }
        }
        for (by, newer) in self.newer.iter().enumerate() {
            let Some((first, last)) = newer.applied.filter(|_| newer.source == source) else { continue };
            let in_range = |applied: Option<Instant>| applied.is_some_and(|at| (first..=last).contains(&at.0));
            let seen = |application: &u64| {
                self.seen.get(application).is_some_and(|all| all.iter().any(|one| usize::from(one.by) == by))
            };
            let should: Vec<u64> = index.held().filter(|(_, at)| in_range(*at)).map(|(id, _)| id).collect();
            let (there, missing): (Vec<u64>, Vec<u64>) = should.into_iter().partition(seen);
            if is_whole(there.len(), missing.len()) {
                // What some export on record holds all the same has not vanished.
                let gone = missing.into_iter().filter(|id| !self.seen.contains_key(id) && !index.was_known(*id));
                gone.collect::<Vec<_>>().into_iter().for_each(|id| index.vanish(id, newer.latest));
            }
        }
        Ok(())
    }
}

/// A record as far as it matters whether it is missing.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// Its kind.
    pub kind: Kind,
    /// When it happened.
    pub happened: Option<i64>,
    /// When the source last changed it.
    pub changed: Option<i64>,
}

/// Goes through the applications that an export held; says whether the dataset knows them.
fn each_sighting(
    on_record: &Generation,
    input: &Input,
    take: &mut dyn FnMut(u64, Option<Instant>, bool),
) -> Result<bool> {
    let name = sightings_file(input.ingest);
    if !on_record.manifest.tables.get(SIGHTINGS.name).is_some_and(|files| files.contains_key(&name)) {
        return Ok(false);
    }
    for batch in parquet::read(&account_file(&on_record.folder, SIGHTINGS.name, &name), &[])? {
        let batch = batch?;
        let applied = instants(&batch, "applied_at");
        let history = batch.column_by_name("stage_history").and_then(|c| c.as_any().downcast_ref::<BooleanArray>());
        for (row, id) in applications(&batch)?.iter().enumerate() {
            let at = applied.filter(|column| column.is_valid(row)).map(|column| Instant(column.value(row)));
            let told = history.is_some_and(|column| column.value(row));
            take(hash(id.unwrap_or_default()), at, told);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn an_export_that_lacks_much_is_a_selection() {
        assert!(is_whole(90, 10) && is_whole(3, 1) && is_whole(2, 0));
        assert!(!is_whole(89, 11) && !is_whole(5, 5) && !is_whole(1, 1) && !is_whole(6, 2));
    }
}
