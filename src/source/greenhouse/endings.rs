//! How a Greenhouse loop ends: its offers, joined with what the application says.

use std::collections::HashMap;

use crate::dataset::schema::{Decision, Event};
use crate::source::Sink;
use crate::source::clean::When;
use crate::source::ledger::FileId;
use crate::source::record::visit::{Taken, Visit};
use crate::time::Instant;

/// Where a version of an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Standing {
    /// Not answered yet, or not known.
    Open,
    /// The candidate accepted.
    Accepted,
    /// The candidate declined.
    Declined,
    /// A later version stands in for it.
    Deprecated,
}

impl Standing {
    /// Reads the word of either version of the API.
    pub(in crate::source) fn read(visit: &mut Visit<'_>, status: &crate::source::record::values::Text<'_>) -> Self {
        let Some(word) = status.get() else { return Standing::Open };
        match word.to_ascii_lowercase().as_str() {
            "unresolved" | "created" => Standing::Open,
            "accepted" => Standing::Accepted,
            "rejected" => Standing::Declined,
            "deprecated" => Standing::Deprecated,
            _ => {
                visit.unknown_label("status", word);
                Standing::Open
            }
        }
    }

    fn outcome(self) -> Option<String> {
        match self {
            Standing::Accepted => Some("accepted".to_owned()),
            Standing::Declined => Some("declined".to_owned()),
            Standing::Open | Standing::Deprecated => None,
        }
    }
}

/// One version of an offer.
#[derive(Debug, Clone)]
pub(in crate::source) struct Version {
    /// Its number, counting up.
    pub(in crate::source) number: i64,
    /// Where it stands.
    pub(in crate::source) standing: Standing,
    /// When it was drawn up.
    pub(in crate::source) created: Option<When>,
    /// When it was sent.
    pub(in crate::source) sent: Option<When>,
    /// When it was answered.
    pub(in crate::source) resolved: Option<When>,
    /// The planned first day.
    pub(in crate::source) starts: Option<When>,
    /// When the record was last changed.
    pub(in crate::source) updated: Option<Instant>,
}

#[derive(Debug)]
struct Offer {
    version: Version,
    /// The earliest version's creation: that is when it was decided to make an offer.
    first_created: Option<When>,
    file: FileId,
    is_used: bool,
}

/// The offers of an export by application, each through the version that stands.
#[derive(Debug, Default)]
pub(in crate::source) struct Offers(HashMap<u64, Offer>);

impl Offers {
    /// Takes a version and accounts for its record: the version that stands is a lookup, any other is
    /// replaced by it.
    pub(in crate::source) fn take(&mut self, visit: &mut Visit<'_>, application: u64, version: Version) -> Taken {
        visit.lookup()?;
        let file = visit.file;
        let Some(known) = self.0.get_mut(&application) else {
            let first_created = version.created;
            self.0.insert(application, Offer { version, first_created, file, is_used: false });
            return Ok(());
        };
        let earliest = known.first_created.into_iter().chain(version.created).min_by_key(|when| when.at);
        known.first_created = earliest;
        let rank = |version: &Version| (version.standing != Standing::Deprecated, version.number, version.updated);
        let replaced = if rank(&version) >= rank(&known.version) {
            known.version = version;
            std::mem::replace(&mut known.file, file)
        } else {
            file
        };
        let account = visit.sink.ledger().file(replaced);
        account.lookups -= 1;
        account.superseded += 1;
        Ok(())
    }

    /// Remarks on the offers that no application asked for.
    pub(in crate::source) fn remark_unused(&self, sink: &mut dyn Sink) {
        let mut unused: HashMap<u32, u64> = HashMap::new();
        for offer in self.0.values().filter(|offer| !offer.is_used) {
            *unused.entry(offer.file.0).or_default() += 1;
        }
        for (file, count) in unused {
            sink.ledger().remark(FileId(file), format!("offers to no application that was kept: {count}"));
        }
    }
}

/// What an application says about its end.
#[derive(Debug, Default)]
pub(in crate::source) struct Ending {
    /// Its identifier.
    pub(in crate::source) application_id: String,
    /// Its key in [`Offers`].
    pub(in crate::source) key: u64,
    /// Its status as the source writes it.
    pub(in crate::source) status: Option<String>,
    /// When it was rejected.
    pub(in crate::source) rejected: Option<When>,
    /// Who rejected it.
    pub(in crate::source) rejected_by: Option<String>,
    /// The name of the reason.
    pub(in crate::source) reason: Option<String>,
    /// The name of the reason's type, such as "They rejected us".
    pub(in crate::source) reason_type: Option<String>,
    /// When the opening was closed that it was hired into.
    pub(in crate::source) opening_closed: Option<Instant>,
    /// When anything last happened.
    pub(in crate::source) last_activity: Option<When>,
    /// When the record was last changed.
    pub(in crate::source) updated: Option<Instant>,
}

/// How an application ended, in rows.
#[derive(Debug, Default)]
pub(in crate::source) struct Ended {
    /// When the application was closed.
    pub(in crate::source) closed_at: Option<Instant>,
    /// The decision, once there is one.
    pub(in crate::source) decision: Option<Decision>,
    /// What happened to the offer.
    pub(in crate::source) events: Vec<Event>,
}

impl Ending {
    /// Joins the application with its offer.
    ///
    /// An offer is the decision whatever came after it: a candidate who declines was still chosen.
    pub(in crate::source) fn join(self, offers: &mut Offers, visit: &mut Visit<'_>) -> Ended {
        let status = self.status.as_deref().unwrap_or_default();
        let is_hired = status.eq_ignore_ascii_case("hired");
        let is_rejected =
            status.eq_ignore_ascii_case("rejected") || (self.rejected.is_some() && !is_hired && !is_running(status));
        if let Some(offer) = offers.0.get_mut(&self.key) {
            offer.is_used = true;
            return self.with_offer(offer, is_hired, is_rejected, visit);
        }
        if is_hired {
            let opening = self.opening_closed.map(|at| (When { at, is_day: false }, "opening_closed"));
            let decided = opening.or_else(|| self.last_activity.map(|when| (when, "last_activity")));
            let decision = Decision { offer_outcome: Some("accepted".to_owned()), ..self.decision("offer", decided) };
            return Ended { closed_at: self.opening_closed, decision: Some(decision), events: Vec::new() };
        }
        if is_rejected {
            let word = match self.reason_type.as_deref() {
                Some(kind) if is_withdrawal(kind) => "withdrawn",
                Some(_) => "reject",
                None => {
                    visit.count("rejections whose reason has no type, taken as our own");
                    "reject"
                }
            };
            let rejected = self.rejected.map(|when| (when, "rejected_at"));
            let decided = rejected.or_else(|| self.last_activity.map(|when| (when, "last_activity")));
            let decision = Decision {
                decided_by: self.rejected_by.clone(),
                reason: self.reason.clone(),
                ..self.decision(word, decided)
            };
            return Ended {
                closed_at: self.rejected.map(|when| when.at),
                decision: Some(decision),
                events: Vec::new(),
            };
        }
        Ended::default()
    }

    fn with_offer(&self, offer: &Offer, is_hired: bool, is_rejected: bool, visit: &mut Visit<'_>) -> Ended {
        let version = &offer.version;
        let outcome = if is_hired { Some("accepted".to_owned()) } else { version.standing.outcome() };
        if is_rejected && outcome.is_none() {
            visit.count("applications rejected after an offer that was never answered, counted as offers");
        }
        let decided = [
            (offer.first_created, "offer_created"),
            (version.sent, "offer_sent"),
            (version.resolved, "offer_resolved"),
        ];
        let decided = decided.into_iter().find_map(|(when, from)| when.map(|when| (when, from)));
        let closed_at = if is_hired {
            version.resolved.map(|when| when.at).or(self.opening_closed)
        } else if is_rejected {
            self.rejected.map(|when| when.at)
        } else {
            None
        };
        let event = |name: &str, when: Option<When>| {
            when.map(|when| Event {
                application_id: self.application_id.clone(),
                event: name.to_owned(),
                at: Some(when.at),
                at_precision: Some(when.precision()),
                origin: "derived".to_owned(),
                recorded_at: version.updated,
                ..Event::default()
            })
        };
        let answered = version.resolved.filter(|_| outcome.is_some());
        // A first day is planned with the offer, and means something only once the offer is accepted.
        let starts = version.starts.filter(|_| outcome.as_deref() == Some("accepted"));
        let events = [event("offer_sent", version.sent), event("offer_resolved", answered), event("started", starts)];
        let decision = Decision {
            reason: self.reason.clone().filter(|_| is_rejected),
            offer_outcome: outcome,
            recorded_at: self.updated.max(version.updated),
            ..self.decision("offer", decided)
        };
        Ended { closed_at, decision: Some(decision), events: events.into_iter().flatten().collect() }
    }

    fn decision(&self, word: &str, decided: Option<(When, &str)>) -> Decision {
        Decision {
            application_id: self.application_id.clone(),
            decision: word.to_owned(),
            decision_raw: self.status.clone(),
            decided_at: decided.map(|(when, _)| when.at),
            decided_precision: decided.map(|(when, _)| when.precision()),
            decided_from: decided.map(|(_, from)| from.to_owned()),
            recorded_at: self.updated,
            ..Decision::default()
        }
    }
}

/// Whether a status says that the application is still under way.
pub(in crate::source) fn is_running(status: &str) -> bool {
    status.eq_ignore_ascii_case("active") || status.eq_ignore_ascii_case("in_process")
}

/// The application's status, reported where no list knows it.
pub(in crate::source) fn known_status(
    visit: &mut Visit<'_>,
    status: &crate::source::record::values::Text<'_>,
) -> Option<String> {
    let word = status.get()?;
    if !is_running(word) && !["rejected", "hired", "converted"].iter().any(|known| status.is(known)) {
        visit.unknown_label("status", word);
    }
    Some(word.to_owned())
}

/// Whether the type of a rejection reason says that it was the candidate who ended it. "We rejected the
/// candidate" must not count, so the candidate has to be the one the sentence starts with.
fn is_withdrawal(kind: &str) -> bool {
    let kind = kind.trim().to_lowercase();
    kind.starts_with("they ") || kind.starts_with("candidate") || kind.contains("withdr")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_candidate_withdraws() {
        for kind in ["They rejected us", "Candidate withdrew", "candidate declined", "Withdrawn"] {
            assert!(is_withdrawal(kind), "{kind}");
        }
        for kind in ["We rejected them", "We rejected the candidate", "None specified"] {
            assert!(!is_withdrawal(kind), "{kind}");
        }
    }
}
