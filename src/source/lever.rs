//! Lever: what its API returns per opportunity, in whatever layout a script left it.
//!
//! An opportunity is the loop. Interviews, feedback and offers are fetched one opportunity at a time and do not
//! say whose they are, so the opportunity is looked for in the record, in the wrapper around it, and in the path
//! of its file (see `parents`). All times are epochs in milliseconds; dumps that went through other tools have
//! seconds and text too.

mod feedback;
#[cfg(test)]
mod form_tests;
mod interviews;
#[cfg(test)]
mod layout_tests;
mod lookups;
mod offers;
mod opportunities;
mod parents;
mod subject;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::clean::{is_identifier, leading_uuid};
use super::files::{Export, InputFile, plain_name};
use super::record::endings::Offers;
use super::record::index::{Interview, Sorted};
use super::record::keys::Words;
use super::record::values::Id;
use super::record::visit::{People, Stop, Taken, Visit, each, leave};
use super::record::{Look, recognise};
use super::{Row, Sink, Source};
use crate::config::{Config, Reasons, Stages};
use crate::dataset::index::hash;
use crate::error::Result;

const ID: &str = "lever";

/// Lever.
pub const SOURCE: Source = Source {
    id: ID,
    title: "Lever API v1",
    summary: "Files named after the objects of Lever's API: opportunities, feedback, interviews, offers, \
              archive_reasons, stages, postings; and, where there are any, applications, panels, users and \
              feedback_templates. What is fetched per opportunity may be in files or folders named by the \
              opportunity's id, below a folder of that name, in wrappers or a map that name it, or inside the \
              opportunity itself.",
    recognise: |export| recognise(&arranged(export), "Lever", LOOKS, &["remote_id"]),
    read,
    reads: READS,
    advice: &[
        ("application-times", "Export `opportunities`: they have `createdAt`."),
        ("decisions", "Export `opportunities`, `offers` and `archive_reasons`."),
        ("endings", "Export `opportunities`, `offers` and `archive_reasons`."),
        ("interview-times", "Export `interviews` of each opportunity."),
        ("booking-times", "Export `interviews`: `createdAt` is when one was put down."),
        ("stage-history", "Export `opportunities` with `stageChanges`, and `stages` for their names."),
        ("submissions", "Export `feedback` of each opportunity: it has `completedAt`."),
        ("scores", "Export `feedback` and `interviews` of each opportunity."),
        ("timed-panels", "Export `feedback` of each opportunity: it has `completedAt`."),
        ("stage-pairs", "Export `feedback` and `interviews` of each opportunity."),
        ("shared-candidates", "Export `feedback` and `interviews` of each opportunity."),
        ("debriefs", "Lever has no flag for a debrief: name the interview so, or set `stages.debrief_pattern`."),
        ("channels", "Export `opportunities` with `sources` and `origin`."),
        ("rounds", "Export `interviews`, `feedback` and `stages`."),
        ("panels", "Export `interviews` of each opportunity."),
        ("planned-lengths", "Export `interviews`: they have a `duration`."),
    ],
};

const LOOKS: &[Look] = &[
    ("opportunities", true, &["stageChanges", "lastAdvancedAt", "lastInteractionAt", "snoozedUntil"]),
    ("feedback", true, &["baseTemplateId", "fields", "completedAt", "deletedAt"]),
    ("interviews", false, &["feedbackTemplate", "feedbackForms", "feedbackReminder", "canceledAt"]),
    ("panels", true, &["feedbackReminder", "externallyManaged", "canceledAt"]),
    ("offers", false, &["signatures", "sentDocument", "signedDocument", "approvedAt"]),
    ("applications", false, &["postingHiringManager", "postingOwner", "requisitionForHire"]),
    ("postings", true, &["distributionChannels", "reqCode", "hiringManager"]),
    ("users", false, &["accessRole", "deactivatedAt"]),
];

/// The objects whose records show what they are.
const READS: &[&str] = &[
    "opportunities",
    "interviews",
    "feedback",
    "offers",
    "applications",
    "postings",
    "panels",
    "users",
    "stages",
    "archive_reasons",
];

/// The files that are read, with other names that scripts give them. What others refer to comes first.
const FILES: &[(&str, &[&str])] = &[
    ("users", &["user"]),
    ("stages", &["stage"]),
    ("archive_reasons", &["archivereasons", "archive_reason"]),
    ("postings", &["posting"]),
    ("feedback_templates", &["feedbacktemplates", "feedback_template"]),
    ("applications", &["application"]),
    ("offers", &["offer"]),
    ("opportunities", &["opportunity", "candidates", "candidate"]),
    ("interviews", &["interview"]),
    ("panels", &["panel"]),
    ("feedback", &["feedbacks", "feedback_forms", "feedbackforms"]),
];

/// What has been read so far and later records are joined with.
struct Reader<'c> {
    stages: &'c Stages,
    reasons: &'c Reasons,
    people: People,
    lookups: lookups::Lookups,
    applications: HashMap<u64, opportunities::Applied>,
    offers: Offers,
    /// The opportunities that were read, by the hash of their id.
    opportunities: HashMap<u64, opportunities::Known>,
    /// Names of rounds, referred to by the interviews below.
    words: Words,
    interviews: Sorted<Interview>,
    /// The interviews inside the opportunity that is being read.
    at_hand: Vec<Interview>,
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let export = &arranged(export);
    let mut reader = Reader {
        stages: &config.stages,
        reasons: &config.reasons,
        people: People::default(),
        lookups: lookups::Lookups::default(),
        applications: HashMap::new(),
        offers: Offers::default(),
        opportunities: HashMap::new(),
        words: Words::default(),
        interviews: Sorted::default(),
        at_hand: Vec::new(),
    };
    for (stem, _) in FILES {
        each(export, ID, stem, sink, &mut |visit, record| match *stem {
            "users" => reader.people.read_user(visit, record),
            "applications" => reader.application(visit, record),
            "offers" => reader.offer(visit, record, Way::Own),
            "opportunities" => reader.opportunity(visit, record),
            "interviews" => reader.interview(visit, record, Way::Own),
            "panels" => reader.panel(visit, record, Way::Own),
            "feedback" => reader.form(visit, record, Way::Own),
            lookup => reader.lookups.read(lookup, visit, record),
        })?;
        match *stem {
            "opportunities" => {
                reader.offers.remark_unused(sink);
                // Only opportunities need these, and what comes next is large.
                reader.offers = Offers::default();
                reader.applications = HashMap::new();
            }
            "interviews" | "panels" => reader.interviews.sort(),
            _ => {}
        }
    }
    let read: Vec<&str> = FILES.iter().map(|(stem, _)| *stem).collect();
    leave(export, ID, &read, sink);
    Ok(())
}

/// The export with each file under the object it holds: names of files and folders that are identifiers or
/// count pages say nothing about that, and the first one that is neither does.
fn arranged(export: &Export) -> Export {
    let mut export = export.clone();
    for file in &mut export.files {
        if let Some(object) = object(file) {
            object.clone_into(&mut file.stem);
        }
    }
    export
}

fn object(file: &InputFile) -> Option<&'static str> {
    let says_nothing = |name: &&str| is_identifier(name) || leading_uuid(name).is_some() || is_page(name);
    let name = plain_name(file.names().find(|name| !says_nothing(name))?);
    FILES.iter().find(|(stem, others)| *stem == name || others.contains(&name.as_str())).map(|(stem, _)| *stem)
}

/// Whether a name only counts pages, or is what scripts call a file for want of a name.
fn is_page(name: &str) -> bool {
    plain_name(name).is_empty()
}

/// The number that an identifier is found by. Identifiers are UUIDs, and millions of them as text would not fit
/// in memory.
fn key(id: &Id<'_>) -> Option<u64> {
    match id {
        Id::None => None,
        Id::Text(text) => Some(hash(text)),
        Id::Number(number) => Some(hash(&number.to_string())),
    }
}

/// How a record came: by itself, or inside its opportunity, which then is the record that is accounted for.
#[derive(Clone, Copy)]
enum Way<'w> {
    Own,
    /// With the opportunity's id.
    Inside(&'w str),
}

impl Way<'_> {
    fn deliver(self, visit: &mut Visit<'_>, row: impl Into<Row>) -> Taken {
        match self {
            Way::Own => visit.record(row),
            Way::Inside(_) => visit.also(row),
        }
    }

    /// A record inside another that cannot be used is left out and counted; it has no account of its own.
    fn excuse(visit: &mut Visit<'_>, taken: Taken) -> Taken {
        match taken {
            Err(Stop::Reject(reject)) => {
                visit.count(match reject.reason {
                    "deleted" => "deleted records inside an opportunity, left out",
                    _ => "records inside an opportunity that cannot be used, left out",
                });
                Ok(())
            }
            other => other,
        }
    }
}

/// The records that stand inside another one: a list, or a list in the envelope it was fetched in.
fn children(raw: Option<&RawValue>) -> Vec<&RawValue> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Option<Vec<&'a RawValue>>,
    }
    let Some(raw) = raw else { return Vec::new() };
    let list = serde_json::from_str::<Vec<&RawValue>>(raw.get());
    let list = list.or_else(|_| serde_json::from_str::<Envelope<'_>>(raw.get()).map(|it| it.data.unwrap_or_default()));
    let mut list = list.unwrap_or_default();
    // What is only referred to stands in a file of its own.
    list.retain(|child| child.get().starts_with('{'));
    list
}
