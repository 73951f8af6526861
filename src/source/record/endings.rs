//! How a loop ends: its offers, joined with what the application says.

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
    /// The file whose account counts it.
    file: Option<FileId>,
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
        self.add(visit, application, version, Some(visit.file));
        Ok(())
    }

    /// Takes a version that stands inside another record, which is what is accounted for.
    pub(in crate::source) fn take_nested(&mut self, visit: &mut Visit<'_>, application: u64, version: Version) {
        self.add(visit, application, version, None);
    }

    fn add(&mut self, visit: &mut Visit<'_>, application: u64, version: Version, file: Option<FileId>) {
        let Some(known) = self.0.get_mut(&application) else {
            let first_created = version.created;
            self.0.insert(application, Offer { version, first_created, file, is_used: false });
            return;
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
        if let Some(replaced) = replaced {
            let account = visit.sink.ledger().file(replaced);
            account.lookups -= 1;
            account.superseded += 1;
        }
    }

    /// Whether the candidate accepted an application's offer.
    pub(in crate::source) fn is_accepted(&self, application: u64) -> bool {
        self.0.get(&application).is_some_and(|offer| offer.version.standing == Standing::Accepted)
    }

    /// Remarks on the offers that no application asked for.
    pub(in crate::source) fn remark_unused(&self, sink: &mut dyn Sink) {
        let mut unused: HashMap<u32, u64> = HashMap::new();
        for file in self.0.values().filter(|offer| !offer.is_used).filter_map(|offer| offer.file) {
            *unused.entry(file.0).or_default() += 1;
        }
        for (file, count) in unused {
            sink.ledger().remark(FileId(file), format!("offers to no application that was kept: {count}"));
        }
    }
}

/// How an application ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::source) enum How {
    /// It has not ended.
    #[default]
    Running,
    /// The candidate was hired.
    Hired,
    /// It ended without a hire.
    Rejected {
        /// Whether the candidate ended it, where that is known.
        by_candidate: Option<bool>,
    },
    /// It ended, and nothing tells how.
    Closed,
}

impl How {
    /// The company ended it.
    pub(in crate::source) const REJECTED: Self = How::Rejected { by_candidate: Some(false) };
    /// The candidate ended it.
    pub(in crate::source) const WITHDRAWN: Self = How::Rejected { by_candidate: Some(true) };
}

/// What an application says about its end.
#[derive(Debug, Default)]
pub(in crate::source) struct Ending {
    /// Its identifier.
    pub(in crate::source) application_id: String,
    /// Its key in [`Offers`].
    pub(in crate::source) key: u64,
    /// The source's own word for where it stands.
    pub(in crate::source) status: Option<String>,
    /// How it ended.
    pub(in crate::source) how: How,
    /// When it ended, and what the instant was taken from.
    pub(in crate::source) ended: Option<(When, &'static str)>,
    /// Who rejected it.
    pub(in crate::source) rejected_by: Option<String>,
    /// The name of the reason.
    pub(in crate::source) reason: Option<String>,
    /// When anything last happened, for an end without an instant.
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
        let offer = offers.0.get_mut(&self.key).map(|offer| {
            offer.is_used = true;
            &*offer
        });
        let closed_at = self.ended.map(|(when, _)| when.at);
        let decided = self.ended.or_else(|| self.last_activity.map(|when| (when, "last_activity")));
        let decision = match (offer, self.how) {
            (Some(offer), _) => return self.with_offer(offer, visit),
            (None, How::Running) => return Ended::default(),
            (None, How::Closed) => None,
            (None, How::Hired) => {
                Some(Decision { offer_outcome: Some("accepted".to_owned()), ..self.decision("offer", decided) })
            }
            (None, How::Rejected { by_candidate }) => {
                if by_candidate.is_none() {
                    visit.count("rejections whose reason has no type, taken as our own");
                }
                let word = if by_candidate == Some(true) { "withdrawn" } else { "reject" };
                Some(Decision {
                    decided_by: self.rejected_by.clone(),
                    reason: self.reason.clone(),
                    ..self.decision(word, decided)
                })
            }
        };
        Ended { closed_at, decision, events: Vec::new() }
    }

    fn with_offer(&self, offer: &Offer, visit: &mut Visit<'_>) -> Ended {
        let version = &offer.version;
        let is_hired = self.how == How::Hired;
        let is_rejected = matches!(self.how, How::Rejected { .. });
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
        let answered = version.resolved.filter(|_| is_hired);
        let closed_at = answered.or(self.ended.map(|(when, _)| when)).map(|when| when.at);
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
