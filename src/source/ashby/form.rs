//! Feedback forms: which of their fields are scores, which one is the overall recommendation, and what was
//! answered.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::source::clean::{Rating, UNKNOWN_LABEL};
use crate::source::record::Scale;
use crate::source::record::values::Text;
use crate::source::record::visit::Visit;

/// A field of type Score.
pub(super) const SCORE: Scale = Scale {
    name: "ashby-score-4",
    levels: 4,
    labels: &[("1", 1), ("2", 2), ("3", 3), ("4", 4), ("1.0", 1), ("2.0", 2), ("3.0", 3), ("4.0", 4)],
    retired: &[],
};

/// A field whose choices are the steps of a recommendation, in the spellings that accounts give them.
pub(super) const RECOMMENDATION: Scale = Scale {
    name: "ashby-recommendation-4",
    levels: 4,
    labels: &[
        ("definitely_not", 1),
        ("definite_no", 1),
        ("strong_no", 1),
        ("strong_no_hire", 1),
        ("no", 2),
        ("no_hire", 2),
        ("yes", 3),
        ("hire", 3),
        ("strong_yes", 4),
        ("strong_hire", 4),
        ("definite_yes", 4),
        ("definitely_yes", 4),
    ],
    retired: &[],
};

/// The definition of a form, as it comes with each feedback.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form<'a> {
    #[serde(borrow)]
    sections: Option<Vec<Section<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Section<'a> {
    #[serde(borrow)]
    title: Text<'a>,
    fields: Option<Vec<Slot<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Slot<'a> {
    #[serde(borrow)]
    field: Option<Field<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Field<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    path: Text<'a>,
    title: Text<'a>,
    selectable_values: Option<Vec<Choice<'a>>>,
}

/// A choice of a select field: what the form shows, and what is stored.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    #[serde(borrow)]
    label: Text<'a>,
    value: Text<'a>,
}

/// What a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// A score from 1 to 4.
    Score,
    /// One of the steps of a recommendation.
    Step,
    /// Another choice.
    Choice,
    /// Prose.
    Prose,
    /// Anything else, such as a date.
    Other,
}

/// A field of a form with its answer.
pub(super) struct Question<'f> {
    /// What it asks for.
    pub(super) asks: Asks,
    /// Its path.
    pub(super) path: &'f str,
    /// Its title, or its path where it has none.
    pub(super) title: &'f str,
    /// The title of its section.
    pub(super) section: Option<&'f str>,
    /// What was answered.
    pub(super) answer: Option<&'f Answer<'f>>,
    choices: &'f [Choice<'f>],
}

/// Letters and digits in lower case, with `_` for whatever stands between them.
fn plain(label: &str) -> String {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

fn level(label: &Text<'_>) -> Option<i64> {
    let plain = plain(label.get()?);
    RECOMMENDATION.labels.iter().find(|(known, _)| *known == plain).map(|(_, level)| *level)
}

/// Whether choices are the steps of a recommendation: each is one or is "no decision", there are three or more,
/// and one of them is the lowest or the highest. A plain yes or no is a question like any other.
fn are_steps(choices: &[Choice<'_>]) -> bool {
    let undecided = |choice: &Choice<'_>| choice.label.get().is_some_and(|label| plain(label) == "no_decision");
    let levels: Option<Vec<i64>> = choices
        .iter()
        .filter(|choice| !undecided(choice))
        .map(|choice| level(&choice.label).or_else(|| level(&choice.value)))
        .collect();
    levels.is_some_and(|levels| levels.len() >= 3 && levels.iter().any(|level| matches!(level, 1 | 4)))
}

/// The fields of a form with their answers, in the form's order; behind them the answers to fields that the
/// form does not define, of which only a score says by itself what it is.
pub(super) fn questions<'f>(
    form: &'f Form<'f>,
    answers: &'f Answers<'f>,
    overall: &dyn Fn(&str) -> bool,
) -> Vec<Question<'f>> {
    let mut questions = Vec::new();
    for section in form.sections.iter().flatten() {
        for field in section.fields.iter().flatten().filter_map(|slot| slot.field.as_ref()) {
            let Some(path) = field.path.get() else { continue };
            let choices = field.selectable_values.as_deref().unwrap_or_default();
            let asks = match field.kind.get().unwrap_or_default() {
                "Score" => Asks::Score,
                "ValueSelect" | "MultiValueSelect" if are_steps(choices) => Asks::Step,
                "ValueSelect" | "MultiValueSelect" => Asks::Choice,
                "String" | "LongText" | "RichText" => Asks::Prose,
                _ => Asks::Other,
            };
            let title = field.title.get().unwrap_or(path);
            let section = section.title.get();
            questions.push(Question { asks, path, title, section, answer: answers.get(path), choices });
        }
    }
    for (path, answer) in &answers.0 {
        let Some(path) = path.get() else { continue };
        if questions.iter().any(|question| question.path == path) {
            continue;
        }
        let asks = match () {
            () if answer.is_score => Asks::Score,
            () if overall(path) => Asks::Choice,
            () => Asks::Other,
        };
        questions.push(Question { asks, path, title: path, section: None, answer: Some(answer), choices: &[] });
    }
    questions
}

impl Question<'_> {
    /// The scale of its answers, if it has one.
    pub(super) fn scale(&self) -> Option<&'static Scale> {
        match self.asks {
            Asks::Score => Some(&SCORE),
            Asks::Step => Some(&RECOMMENDATION),
            Asks::Choice | Asks::Prose | Asks::Other => None,
        }
    }

    /// The answer as the form shows it, and its level.
    pub(super) fn rate(&self, visit: &mut Visit<'_>) -> (Option<String>, Rating) {
        let Some(given) = self.answer.and_then(|answer| answer.word.get()) else {
            return (None, Rating::Missing("not_given"));
        };
        if self.asks == Asks::Score {
            return (Some(given.to_owned()), SCORE.rate(visit, "Score", &Text::from(given.to_owned())));
        }
        if self.answer.is_some_and(|answer| !answer.more.is_empty()) {
            visit.count("selections of several steps of one scale, taken as missing");
            return (None, Rating::Missing(UNKNOWN_LABEL));
        }
        let choice = self.choices.iter().find(|choice| choice.value.get() == Some(given));
        let label = choice.and_then(|choice| choice.label.get()).unwrap_or(given);
        let known = |text: &str| level(&Text::from(text.to_owned())).is_some() || plain(text) == "no_decision";
        // The value that is stored may say what a label in an account's own words does not.
        let telling = if known(label) { label } else { given };
        let rating = if known(telling) {
            RECOMMENDATION.rate(visit, "ValueSelect", &Text::from(plain(telling)))
        } else {
            visit.unknown_label("ValueSelect", label);
            Rating::Missing(UNKNOWN_LABEL)
        };
        (Some(label.to_owned()), rating)
    }
}

/// Answers by the path of their field, in the order they are written.
#[derive(Default)]
pub(super) struct Answers<'a>(Vec<(Text<'a>, Answer<'a>)>);

impl<'a> Answers<'a> {
    fn get(&self, path: &str) -> Option<&Answer<'a>> {
        self.0.iter().find(|(known, _)| known.get() == Some(path)).map(|(_, answer)| answer)
    }
}

/// One answer: a bare value, an object around it, or several values.
#[derive(Default)]
pub(super) struct Answer<'a> {
    /// The value, the first where there are several.
    pub(super) word: Text<'a>,
    /// The others.
    more: Vec<Text<'a>>,
    /// What was written beside a score.
    pub(super) comment: Text<'a>,
    /// Whether it says by its shape that it is a score.
    is_score: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Answers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Answers<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("answers by the path of their field")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Answers::default())
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut answers = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    answers.push(entry);
                }
                Ok(Answers(answers))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Answer<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Answer<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value, an object with a score or a value, or a list")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Answer::default())
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(bare(Text::borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(bare(Text::from(text.to_owned())))
            }
            fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(bare(Text::from(flag.to_string())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(bare(Text::from(number.to_string())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(bare(Text::from(number.to_string())))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(bare(Text::from(number.to_string())))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
                let mut all = Answer::default();
                while let Some(one) = list.next_element::<Answer<'de>>()? {
                    if all.word.get().is_none() {
                        all.word = one.word;
                    } else {
                        all.more.push(one.word);
                    }
                }
                Ok(all)
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut answer = Answer::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    match key.get().unwrap_or_default() {
                        word @ ("score" | "value") => {
                            answer.is_score |= word == "score";
                            answer.word = map.next_value::<Answer<'de>>()?.word;
                        }
                        "comments" | "comment" => answer.comment = map.next_value::<Answer<'de>>()?.word,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(answer)
            }
        }
        fn bare(word: Text<'_>) -> Answer<'_> {
            Answer { word, ..Answer::default() }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_recommendation_are_told_from_other_choices() {
        let steps = |labels: &[&str]| {
            let choices: Vec<Choice<'_>> = labels
                .iter()
                .map(|label| Choice { label: Text::borrowed(label), value: Text::borrowed("x") })
                .collect();
            are_steps(&choices)
        };
        assert!(steps(&["Strong Hire", "Hire", "No Hire"]));
        assert!(steps(&["strong_no", "no", "yes", "strong_yes", "No decision"]));
        assert!(steps(&["Definitely not", "No", "Yes", "Strong yes"]));
        assert!(!steps(&["Yes", "No"]));
        assert!(!steps(&["Yes", "No", "no_decision"]));
        assert!(!steps(&["Backend", "Frontend", "Strong yes"]));
        assert!(!steps(&[]));
    }

    #[test]
    fn an_answer_is_the_same_in_every_shape() {
        for json in ["4", "\"4\"", "4.0", r#"{"score": 4}"#, r#"{"score": "4", "comments": null}"#, r#"{"value": 4}"#] {
            let answer: Answer<'_> = serde_json::from_str(json).unwrap();
            assert_eq!((answer.word.get(), answer.comment.get()), (Some("4"), None), "{json}");
        }
        let json = r#"{"score": 2, "comments": {"type": "PlainText", "value": "abc"}, "other": [{}]}"#;
        let answer: Answer<'_> = serde_json::from_str(json).unwrap();
        assert_eq!((answer.word.get(), answer.comment.get()), (Some("2"), Some("abc")));
        let answer: Answer<'_> = serde_json::from_str(r#"["a", "b"]"#).unwrap();
        assert_eq!((answer.word.get(), answer.more.len()), (Some("a"), 1));
    }
}
