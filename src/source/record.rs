//! What the readers of an applicant tracking system's JSON have in common: values, the way of a record to the
//! sink, rating scales, and how an export is recognised.

pub(super) mod endings;
pub(super) mod index;
pub(super) mod keys;
pub(super) mod naming;
pub(super) mod reference;
#[cfg(test)]
pub(super) mod testing;
pub(super) mod values;
pub(super) mod visit;

use super::Recognition;
use super::clean::{Rating, UNKNOWN_LABEL, When};
use super::files::{Export, Layout};
use super::json::first_record;
use crate::config::Stages;
use values::Text;
use visit::Visit;

/// A rating scale: labels, the lowest level first.
#[derive(Debug)]
pub(super) struct Scale {
    /// The name that scores carry.
    pub(super) name: &'static str,
    /// How many levels it has.
    pub(super) levels: i64,
    /// Its labels with their levels.
    pub(super) labels: &'static [(&'static str, i64)],
    /// Labels that the scale no longer has, with the remark they are counted under; they are missing.
    pub(super) retired: &'static [(&'static str, &'static str)],
}

impl Scale {
    /// The level of a label. "No decision" is a missing rating and no midpoint.
    pub(super) fn rate(&self, visit: &mut Visit<'_>, field: &str, label: &Text<'_>) -> Rating {
        let Some(word) = label.get() else { return Rating::Missing("not_given") };
        if label.is("no_decision") {
            return Rating::Missing("no_decision");
        }
        if let Some((_, level)) = self.labels.iter().find(|(known, _)| label.is(known)) {
            return Rating::Level(*level);
        }
        if let Some((_, note)) = self.retired.iter().find(|(known, _)| label.is(known)) {
            visit.count(note);
        }
        visit.unknown_label(field, word);
        Rating::Missing(UNKNOWN_LABEL)
    }
}

/// The two columns that a rating fills: its level and why there is none.
pub(super) fn columns(rating: Rating) -> (Option<i64>, Option<String>) {
    match rating {
        Rating::Level(level) => (Some(level), None),
        Rating::Missing(why) => (None, Some(why.to_owned())),
    }
}

/// The kind of an interview by its name, or by the source's own flag for work done at home.
pub(super) fn interview_kind(stages: &Stages, name: Option<&str>, is_take_home: bool) -> String {
    match name {
        Some(name) if stages.is_debrief(name) => "debrief",
        _ if is_take_home => "take_home",
        Some(name) if stages.is_take_home(name) => "take_home",
        _ => "live",
    }
    .to_owned()
}

/// Names as one text: sorted, each once, `; ` between them, so that equal lists are equal texts. None where there is none.
pub(super) fn joined_names<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let plain = names.map(|name| name.replace(';', ",").trim().to_owned()).filter(|name| !name.is_empty());
    let sorted: std::collections::BTreeSet<String> = plain.collect();
    (!sorted.is_empty()).then(|| sorted.into_iter().collect::<Vec<_>>().join("; "))
}

/// Whole minutes from start to end, where both are instants in this order.
pub(super) fn minutes_between(start: Option<When>, end: Option<When>) -> Option<i64> {
    let (start, end) = (start.filter(|when| !when.is_day)?, end.filter(|when| !when.is_day)?);
    Some((end.at.0 - start.at.0) / crate::time::MINUTE).filter(|minutes| *minutes > 0)
}

/// A date that its system writes as midnight in UTC: only the day is true then.
pub(super) fn day_at_midnight(when: When) -> When {
    When { is_day: when.is_day || when.at.0.rem_euclid(crate::time::DAY) == 0, ..when }
}

/// Texts one after another, and their length in characters.
pub(super) fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> (Option<String>, i64) {
    let mut note = String::new();
    let mut length = 0;
    for text in texts {
        if !note.is_empty() {
            note.push_str("\n\n");
        }
        note.push_str(text);
        length += characters(text);
    }
    ((!note.is_empty()).then_some(note), length)
}

/// The length of a text in characters.
pub(super) fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// What a kind of file looks like: its stem, whether no other source uses that stem, and keys of its records.
pub(super) type Look = (&'static str, bool, &'static [&'static str]);

/// How many files of a stem are looked into until one tells what it is.
const MOST_LOOKS: usize = 3;

/// Counts the signs that an export is of one kind: a stem that no other source uses, and telling keys in
/// the first record of each kind of file.
///
/// A record with one of the `foreign` keys is another source's.
pub(super) fn recognise(export: &Export, title: &str, looks: &[Look], foreign: &[&str]) -> Option<Recognition> {
    let mut signs = 0;
    let mut kinds = Vec::new();
    for (stem, is_telling, keys) in looks {
        let files = || export.of(std::slice::from_ref(stem)).filter(|file| file.layout == Layout::Json);
        if files().next().is_none() {
            continue;
        }
        let mut found = u32::from(*is_telling);
        for record in files().take(MOST_LOOKS).filter_map(first_record) {
            if foreign.iter().any(|key| record.contains_key(*key)) {
                found = 0;
                break;
            }
            let known = keys.iter().filter(|key| record.contains_key(**key)).count();
            if known > 0 {
                found += u32::try_from(known).unwrap_or_default();
                break;
            }
        }
        if found > 0 {
            signs += found;
            kinds.push(*stem);
        }
    }
    (signs > 0).then(|| Recognition { signs, because: format!("files shaped like {title}: {}", kinds.join(", ")) })
}
