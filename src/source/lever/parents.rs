//! Which opportunity a record belongs to, where it does not say so itself.

use super::{Reader, Way, is_page};
use crate::dataset::index::hash;
use crate::source::clean::{is_identifier, leading_uuid};
use crate::source::record::values::Id;
use crate::source::record::visit::{Taken, Visit};

/// What scripts call the opportunity in the wrappers that they put around an answer.
const WRAPPED: [&str; 8] = [
    "opportunityId",
    "opportunity_id",
    "opportunity",
    "parentId",
    "parent_id",
    "parent",
    "candidateId",
    "candidate_id",
];

impl Reader<'_> {
    /// The opportunity of a record: as the record says, else the wrapper around it, else the path of its file.
    ///
    /// `own` is the record's identifier, which may stand in the same places.
    pub(super) fn parent(&self, visit: &Visit<'_>, way: Way<'_>, own: &str, said: &[&Id<'_>]) -> Taken<String> {
        if let Way::Inside(opportunity) = way {
            return Ok(opportunity.to_owned());
        }
        let other = |text: &str| Id::parse(text).text().filter(|id| id != own);
        said.iter()
            .find_map(|id| id.text())
            .or_else(|| WRAPPED.iter().find_map(|key| other(visit.wrapper.get(key)?)))
            .or_else(|| other(visit.wrapper.entry()?))
            .or_else(|| {
                let known = |name: &str| other(name).filter(|id| self.opportunities.contains_key(&hash(id)));
                visit.input.names().find_map(known)
            })
            // An export of the latest feedback alone holds no opportunities, but may belong to those on record.
            .or_else(|| visit.input.names().filter_map(leading_uuid).find_map(other))
            .ok_or_else(|| visit.refuse("no_parent", "opportunityId", None))
    }

    /// The same for records that are read before the opportunities, which look for them by this identifier: a
    /// wrong one is never found.
    pub(super) fn probable_parent(
        &self,
        visit: &Visit<'_>,
        way: Way<'_>,
        own: &str,
        said: &[&Id<'_>],
    ) -> Taken<String> {
        self.parent(visit, way, own, said).or_else(|stop| {
            let named = |name: &&str| is_identifier(name) && !is_page(name) && *name != own;
            visit.input.names().find(named).map(str::to_owned).ok_or(stop)
        })
    }
}
