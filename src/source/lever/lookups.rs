//! The small lists that other records refer to: stages, archive reasons, postings, form templates.

use std::collections::HashMap;

use serde::Deserialize;

use super::key;
use crate::config::Reasons;
use crate::source::clean::is_identifier;
use crate::source::record::endings::How;
use crate::source::record::reference::Ref;
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};

/// Why an opportunity was archived.
#[derive(Debug)]
struct Reason {
    text: Option<String>,
    /// Whether its type says that it means a hire; without a type the text has to tell.
    is_hire: Option<bool>,
}

/// What a posting tells about its applications.
#[derive(Debug, Default)]
pub(super) struct Posting {
    pub(super) title: Option<String>,
    pub(super) department: Option<String>,
    pub(super) level: Option<String>,
    pub(super) location: Option<String>,
    pub(super) hiring_manager: Option<String>,
    pub(super) owner: Option<String>,
}

/// The lists.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    stages: HashMap<u64, String>,
    templates: HashMap<u64, String>,
    reasons: HashMap<u64, Reason>,
    postings: HashMap<u64, Posting>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    text: Text<'a>,
    name: Text<'a>,
    r#type: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PostingRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    text: Text<'a>,
    categories: Option<Categories<'a>>,
    owner: Ref<'a>,
    hiring_manager: Ref<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Categories<'a> {
    #[serde(borrow)]
    department: Text<'a>,
    team: Text<'a>,
    level: Text<'a>,
    location: Text<'a>,
}

impl Lookups {
    /// Reads a record of the list in files of this stem.
    pub(super) fn read(&mut self, stem: &str, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        if stem == "postings" {
            return self.posting(visit, record);
        }
        let named: NamedRecord<'_> = visit.parse(record)?;
        visit.own_id(&named.id, record)?;
        let text = named.text.owned().or_else(|| named.name.owned());
        if let Some(key) = key(&named.id) {
            match (stem, text) {
                ("archive_reasons", text) => {
                    let is_hire = reason_type(visit, &named.r#type);
                    self.reasons.insert(key, Reason { text, is_hire });
                }
                ("stages", Some(text)) => drop(self.stages.insert(key, text)),
                (_, Some(text)) => drop(self.templates.insert(key, text)),
                (_, None) => {}
            }
        }
        visit.lookup()
    }

    fn posting(&mut self, visit: &mut Visit<'_>, record: &[u8]) -> Taken {
        let posting: PostingRecord<'_> = visit.parse(record)?;
        visit.own_id(&posting.id, record)?;
        let categories = posting.categories.unwrap_or_default();
        if let Some(key) = key(&posting.id) {
            let about = Posting {
                title: posting.text.owned(),
                department: categories.department.owned().or_else(|| categories.team.owned()),
                level: categories.level.owned(),
                location: categories.location.owned(),
                hiring_manager: posting.hiring_manager.id.text(),
                owner: posting.owner.id.text(),
            };
            self.postings.insert(key, about);
        }
        visit.lookup()
    }

    /// The name of a stage. The stages that every pipeline begins with have a name for an identifier.
    pub(super) fn stage(&self, stage: &Ref<'_>) -> Option<String> {
        stage.name.owned().or_else(|| {
            let id = stage.id.text()?;
            let known = key(&stage.id).and_then(|key| self.stages.get(&key).cloned());
            known.or_else(|| (!is_identifier(&id)).then_some(id))
        })
    }

    /// The title of a form template.
    pub(super) fn template(&self, template: &Ref<'_>) -> Option<String> {
        template.name.owned().or_else(|| self.templates.get(&key(&template.id)?).cloned())
    }

    /// A posting.
    pub(super) fn posting_of(&self, posting: u64) -> Option<&Posting> {
        self.postings.get(&posting)
    }

    /// How an opportunity ended by its archive reason, and what the reason is called.
    pub(super) fn ending(&self, visit: &mut Visit<'_>, rules: &Reasons, reason: &Ref<'_>) -> (How, Option<String>) {
        let known = key(&reason.id).and_then(|key| self.reasons.get(&key));
        // Some dumps have the reason's text in the place of its identifier.
        let text = known.and_then(|reason| reason.text.clone()).or_else(|| reason.name.owned());
        let text = text.or_else(|| reason.id.text().filter(|text| known.is_none() && !is_identifier(text)));
        let is_hire =
            known.and_then(|reason| reason.is_hire).or_else(|| text.as_deref().map(|text| rules.is_hire(text)));
        let how = match is_hire {
            Some(true) => How::Hired,
            Some(false) => How::Rejected { by_candidate: text.as_deref().map(|text| rules.is_withdrawal(text)) },
            None => {
                visit.count("archived for a reason that is in no file: closed, and not known how");
                How::Closed
            }
        };
        (how, text)
    }
}

fn reason_type(visit: &mut Visit<'_>, word: &Text<'_>) -> Option<bool> {
    match word.get()?.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str() {
        "hired" => Some(true),
        "nonhired" | "nothired" => Some(false),
        _ => {
            visit.unknown_label("type", word.get().unwrap_or_default());
            None
        }
    }
}
