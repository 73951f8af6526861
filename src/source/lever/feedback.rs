//! Feedback forms: an overall rating, ratings of skills, and answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Reader, Way, key};
use crate::dataset::extent::Kind;
use crate::dataset::schema::{Score, Scorecard};
use crate::source::clean::{Rating, UNKNOWN_LABEL};
use crate::source::record::reference::Ref;
use crate::source::record::values::{Id, Text};
use crate::source::record::visit::{Taken, Visit};
use crate::source::record::{characters, columns, joined};

/// The name of Lever's only scale.
const SCALE: &str = "lever-score-4";
const LEVELS: i64 = 4;
/// What the levels are called where a form asks for the overall rating.
const OVERALL: [&str; 4] = ["strong no hire", "no hire", "hire", "strong hire"];

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FormRecord<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(alias = "opportunity_id")]
    opportunity_id: Id<'a>,
    opportunity: Ref<'a>,
    candidate_id: Id<'a>,
    text: Text<'a>,
    fields: Option<Vec<Field<'a>>>,
    interview: Ref<'a>,
    stage: Ref<'a>,
    user: Ref<'a>,
    completed_at: Text<'a>,
    updated_at: Text<'a>,
    deleted_at: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field<'a> {
    #[serde(borrow)]
    r#type: Text<'a>,
    text: Text<'a>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    scores: Option<&'a RawValue>,
    #[serde(borrow)]
    options: Option<&'a RawValue>,
}

/// A skill of a scorecard, or an option of a question.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

/// A rating with what was written beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Mark<'a> {
    #[serde(borrow)]
    score: Text<'a>,
    comment: Text<'a>,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The one rating that every form has to have.
    Overall,
    /// One rating of its own.
    Single,
    /// Ratings of several skills.
    Skills,
    /// Text, or a choice that is no rating.
    Answer,
    /// Nothing that was written.
    Nothing,
}

/// A rating of a skill on a form.
struct Rated<'a> {
    dimension: String,
    kind: Option<String>,
    mark: Mark<'a>,
}

/// What was filled in.
#[derive(Default)]
struct Filled<'a> {
    overall: Option<Mark<'a>>,
    ratings: Vec<Rated<'a>>,
    answers: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn form(&mut self, visit: &mut Visit<'_>, record: &[u8], way: Way<'_>) -> Taken {
        let form: FormRecord<'_> = visit.parse(record)?;
        let own = visit.own_id(&form.id, record)?;
        if form.deleted_at.get().is_some() {
            return Err(visit.deleted(Kind::Scorecards, &own, "deletedAt"));
        }
        let interview = key(&form.interview.id).and_then(|key| self.find(key, way)).copied();
        let said = [&form.opportunity_id, &form.opportunity.id, &form.candidate_id];
        let opportunity = self.parent(visit, way, &own, &said).or_else(|stop| {
            // The interview it is about is known to belong to somebody.
            let known = interview.and_then(|interview| self.opportunities.get(&interview.application));
            known.map(|known| known.id.to_string()).ok_or(stop)
        })?;
        let stage_raw = interview
            .and_then(|interview| self.words.at(interview.name))
            .map(str::to_owned)
            .or_else(|| self.lookups.stage(&form.stage))
            .or_else(|| form.text.owned());
        let stage = stage_raw.as_deref().map(|name| self.stages.name(name));
        let interviewer_id = self.people.meet_referred(visit, &form.user);
        let (submitted_at, updated_at) = (visit.instant(&form.completed_at), visit.instant(&form.updated_at));
        let is_draft = form.completed_at.get().is_none();
        let filled = Filled::read(visit, form.fields.as_deref().unwrap_or_default());
        let overall = filled.overall.unwrap_or_default();
        let (recommendation, recommendation_missing) = columns(rate(visit, "score-system", &overall.score));
        // What is written about one dimension stands with its score.
        let written = filled.answers.iter().map(String::as_str).chain(overall.comment.get());
        let (note, note_length) = joined(written);
        let card = Scorecard {
            application_id: opportunity.clone(),
            scorecard_id: own.clone(),
            interview_id: form.interview.id.text(),
            stage: stage.clone(),
            stage_raw,
            interviewer_id: interviewer_id.clone(),
            submitted_by: interviewer_id.clone(),
            role: "interviewer".to_owned(),
            status: if is_draft { "draft" } else { "submitted" }.to_owned(),
            submitted_at,
            updated_at,
            recommendation_raw: overall.score.owned(),
            recommendation,
            recommendation_levels: Some(LEVELS),
            recommendation_missing,
            note_length: Some(note_length),
            note,
            recorded_at: updated_at,
            ..Scorecard::default()
        };
        way.deliver(visit, card)?;
        if is_draft {
            visit.count("drafts kept out of scores");
            return Ok(());
        }
        for Rated { dimension, kind, mark } in filled.ratings {
            let (level, missing) = columns(rate(visit, "score", &mark.score));
            visit.also(Score {
                application_id: opportunity.clone(),
                scorecard_id: own.clone(),
                dimension,
                dimension_kind: kind,
                stage: stage.clone(),
                interviewer_id: interviewer_id.clone(),
                role: "interviewer".to_owned(),
                score_raw: mark.score.owned(),
                score_milli: level.map(|level| level * 1000),
                scale: SCALE.to_owned(),
                scale_levels: Some(LEVELS),
                missing,
                revision: None,
                note_length: Some(mark.comment.get().map_or(0, characters)),
                note: mark.comment.owned(),
                note_judgement: None,
                submitted_at,
                recorded_at: updated_at,
            })?;
        }
        Ok(())
    }
}

impl<'a> Filled<'a> {
    fn read(visit: &mut Visit<'_>, fields: &[Field<'a>]) -> Self {
        let mut filled = Self::default();
        let purposes: Vec<Purpose> = fields.iter().map(Field::purpose).collect();
        let overall = overall(fields, &purposes);
        for (at, (field, purpose)) in fields.iter().zip(purposes).enumerate() {
            match purpose {
                _ if overall == Some(at) => filled.overall = Some(field.mark()),
                Purpose::Overall | Purpose::Single => filled.rate(visit, field.text.owned(), None, field.mark()),
                Purpose::Skills => filled.skills(visit, field),
                Purpose::Answer => filled.answers.extend(field.answers()),
                Purpose::Nothing => {}
            }
        }
        filled
    }

    /// The ratings of a scorecard stand in the order of its skills.
    fn skills(&mut self, visit: &mut Visit<'_>, field: &Field<'a>) {
        let skills: Vec<Choice<'_>> = lenient(field.scores);
        let mut marks = lenient::<Vec<Option<Mark<'a>>>>(field.value).into_iter();
        for skill in skills {
            let mark = marks.next().flatten().unwrap_or_default();
            self.rate(visit, skill.text.owned(), field.text.owned(), mark);
        }
        for _ in marks {
            visit.count("ratings of a skill without a name, left out");
        }
    }

    fn rate(&mut self, visit: &mut Visit<'_>, name: Option<String>, kind: Option<String>, mark: Mark<'a>) {
        let Some(name) = name else {
            visit.count("ratings of a skill without a name, left out");
            return;
        };
        // Two scorecards on one form may ask for skills of the same name.
        let is_taken = |name: &str| self.ratings.iter().any(|rated| rated.dimension == name);
        let dimension = match &kind {
            Some(kind) if is_taken(&name) => format!("{kind}: {name}"),
            _ => name,
        };
        if is_taken(&dimension) {
            visit.count("ratings of a skill that the same form rates already, left out");
            return;
        }
        self.ratings.push(Rated { dimension, kind, mark });
    }
}

impl<'a> Field<'a> {
    fn purpose(&self) -> Purpose {
        let word = self.r#type.get().unwrap_or_default().to_ascii_lowercase().replace(['_', ' '], "-");
        match word.as_str() {
            "score-system" => Purpose::Overall,
            "score" => Purpose::Single,
            "scorecard" => Purpose::Skills,
            "file-upload" => Purpose::Nothing,
            _ => Purpose::Answer,
        }
    }

    /// Whether it offers or holds a label of the overall rating.
    fn is_about_hiring(&self) -> bool {
        let about_hiring = |label: &Text<'_>| {
            let label = label.get().unwrap_or_default();
            let words = label.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
            level(label).is_some() && OVERALL.contains(&words.as_str())
        };
        let options: Vec<Choice<'_>> = lenient(self.options);
        about_hiring(&self.mark().score) || options.iter().any(|option| about_hiring(&option.text))
    }

    /// A single rating: its label, or an object with a comment.
    fn mark(&self) -> Mark<'a> {
        match self.value {
            Some(raw) if raw.get().starts_with('{') => lenient(self.value),
            value => Mark { score: lenient(value), comment: Text::default() },
        }
    }

    /// What was written or chosen.
    fn answers(&self) -> Vec<String> {
        let one = || vec![lenient::<Text<'_>>(self.value)];
        let all = match self.value {
            Some(raw) if raw.get().starts_with('[') => lenient(self.value),
            _ => one(),
        };
        all.iter().filter_map(Text::owned).collect()
    }
}

/// The field with the overall rating: the one that is meant for it, else the only rating with its labels.
fn overall(fields: &[Field<'_>], purposes: &[Purpose]) -> Option<usize> {
    let meant = purposes.iter().position(|purpose| *purpose == Purpose::Overall);
    meant.or_else(|| {
        let mut alike = fields
            .iter()
            .zip(purposes)
            .enumerate()
            .filter(|(_, (field, purpose))| **purpose == Purpose::Single && field.is_about_hiring());
        let (only, _) = alike.next()?;
        alike.next().is_none().then_some(only)
    })
}

/// A value of the expected shape; of any other shape it is empty.
fn lenient<'a, T: Deserialize<'a> + Default>(raw: Option<&'a RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn rate(visit: &mut Visit<'_>, field: &str, label: &Text<'_>) -> Rating {
    match label.get() {
        None => Rating::Missing("not_given"),
        Some(word) => level(word).map_or_else(
            || {
                visit.unknown_label(field, word);
                Rating::Missing(UNKNOWN_LABEL)
            },
            Rating::Level,
        ),
    }
}

/// The level of a label, which begins with it: `3 - Hire`, `3`, `3.0`.
fn level(label: &str) -> Option<i64> {
    let level = label.get(..1)?.parse().ok().filter(|level| (1..=LEVELS).contains(level))?;
    let rest = label.get(1..)?;
    let rest = rest.strip_prefix(".0").unwrap_or(rest);
    (rest.is_empty() || rest.starts_with([' ', '-', '–', ':', ')'])).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_by_their_leading_digit() {
        let labels = ["1 - Strong No Hire", "2 - No Hire", "3-Hire", "4 - Strong Yes", "3", "3.0", "2: sehr gut"];
        assert_eq!(labels.map(level), [1, 2, 3, 4, 3, 3, 2].map(Some));
        for label in ["", "0", "5 - Beyond", "35", "3.5", "3/4", "Hire", "ä"] {
            assert_eq!(level(label), None, "{label}");
        }
    }
}
