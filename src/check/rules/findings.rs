//! The rule on findings: nothing new.

use super::super::baseline::mark;
use super::super::{Case, Facts, Rule};
use super::{Place, empty};
use crate::engine::results::Status;
use crate::findings::Finding;
use crate::findings::rank::FINDINGS;
use crate::report::words;

/// A finding that was not there when the baseline was made.
pub(in crate::check) const NEW_FINDINGS: Rule = Rule {
    id: "new-findings",
    title: "Findings that are not in the baseline",
    forbids: "There is a finding of the level `act` (or of `level` and above) that the baseline does not have.",
    advice: "Act on it, or accept it: write the baseline again.",
    limit: None,
    table: FINDINGS.name,
    figure: "level",
    segments: false,
    read,
};

/// The id of a finding in a baseline: its code can be read, its subject cannot.
pub(in crate::check) fn id(finding: &Finding) -> String {
    format!("{}:{}", NEW_FINDINGS.id, key(finding))
}

fn key(finding: &Finding) -> String {
    format!("{}:{}", finding.code, mark(&finding.id))
}

fn read(facts: &Facts<'_>) -> Vec<Case> {
    if !facts.has_baseline {
        let reason = Some("no baseline is named, so nothing is new; `--write-baseline FILE` makes one".to_owned());
        return vec![Case { status: Status::NotEstimable, reason, ..empty(Place::all()) }];
    }
    let serious = facts.findings.iter().filter(|finding| finding.level <= facts.held.level);
    let mut cases: Vec<Case> = serious
        .map(|finding| {
            let place = Place {
                subject: finding.subject.clone(),
                key: key(finding),
                names: vec![finding.code.to_owned(), finding.id.clone()],
            };
            Case {
                status: finding.status,
                reason: (finding.status != Status::Ok).then(|| words::status(finding.status).to_owned()),
                verdict: Some(true),
                says: finding.statement.clone(),
                ..empty(place)
            }
        })
        .collect();
    if cases.is_empty() {
        // That nothing was found is an answer.
        cases.push(Case { verdict: Some(false), ..empty(Place::default()) });
    }
    cases
}
