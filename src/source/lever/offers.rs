//! Offers. Lever keeps each as a record of its own; together they are the versions of what the candidate is
//! offered, and the latest one stands.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Reader, Way, key};
use crate::source::clean::When;
use crate::source::record::endings::{Standing, Version};
use crate::source::record::reference::Ref;
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::time::{DAY, Instant};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OfferRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(alias = "opportunity_id")]
    opportunity_id: Id<'a>,
    opportunity: Ref<'a>,
    candidate_id: Id<'a>,
    status: Text<'a>,
    created_at: Text<'a>,
    sent_at: Text<'a>,
    fields: Option<Vec<OfferField<'a>>>,
    #[serde(borrow)]
    signatures: Option<&'a RawValue>,
    signed_document: Option<Document<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfferField<'a> {
    #[serde(borrow)]
    identifier: Text<'a>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Document<'a> {
    #[serde(borrow)]
    uploaded_at: Text<'a>,
}

/// Somebody's signature: one under the key `candidate`, or one of a list.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Signature<'a> {
    #[serde(borrow)]
    role: Text<'a>,
    signed_at: Text<'a>,
}

/// The candidate's signature.
fn candidates(signatures: &RawValue) -> Option<Signature<'_>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct ByRole<'a> {
        #[serde(borrow)]
        candidate: Option<Signature<'a>>,
    }
    if signatures.get().starts_with('[') {
        let list: Vec<Signature<'_>> = serde_json::from_str(signatures.get()).ok()?;
        return list.into_iter().find(|signature| signature.role.is("candidate"));
    }
    serde_json::from_str::<ByRole<'_>>(signatures.get()).ok()?.candidate
}

impl Reader<'_> {
    pub(super) fn offer(&mut self, visit: &mut Visit<'_>, record: &[u8], way: Way<'_>) -> Taken {
        let offer: OfferRecord<'_> = visit.parse(record)?;
        let own = visit.own_id(&offer.id, record)?;
        let said = [&offer.opportunity_id, &offer.opportunity.id, &offer.candidate_id];
        let opportunity = self.probable_parent(visit, way, &own, &said)?;
        let version = offer.version(visit)?;
        match (key(&Id::parse(&opportunity)), way) {
            (Some(key), Way::Own) => self.offers.take(visit, key, version),
            (Some(key), Way::Inside(_)) => {
                self.offers.take_nested(visit, key, version);
                Ok(())
            }
            (None, _) => visit.lookup(),
        }
    }
}

impl OfferRecord<'_> {
    fn version(&self, visit: &mut Visit<'_>) -> Taken<Version> {
        let created = visit.essential("createdAt", &self.created_at)?;
        let standing = self.standing(visit);
        let signed = self.signatures.and_then(candidates).and_then(|candidate| visit.when(&candidate.signed_at));
        let resolved = match (&self.signed_document, signed) {
            // Whoever signs first makes a signed document; it tells when only where the signature does not.
            (Some(document), None) if standing == Standing::Accepted => visit.when(&document.uploaded_at),
            _ => signed,
        };
        Ok(Version {
            number: created.map_or(0, |when| when.at.0),
            standing,
            created,
            sent: visit.when(&self.sent_at),
            resolved,
            starts: self.starts(visit),
            updated: None,
        })
    }

    fn standing(&self, visit: &mut Visit<'_>) -> Standing {
        let Some(word) = self.status.get() else { return Standing::Open };
        match word.to_ascii_lowercase().as_str() {
            "signed" => Standing::Accepted,
            "denied" => Standing::Declined,
            "draft" | "approval-sent" | "approved" | "sent" | "sent-manually" | "opened" => Standing::Open,
            _ => {
                visit.unknown_label("status", word);
                Standing::Open
            }
        }
    }

    /// The planned first day, which is one of the fields that the offer was filled in with.
    fn starts(&self, visit: &mut Visit<'_>) -> Option<When> {
        let mut fields = self.fields.iter().flatten();
        let field = fields.find(|field| field.identifier.is("anticipated_start_date"))?;
        let text: Text<'_> = serde_json::from_str(field.value?.get()).ok()?;
        let when = visit.when(&text)?;
        Some(When { at: Instant(when.at.0 - when.at.0.rem_euclid(DAY)), is_day: true })
    }
}
