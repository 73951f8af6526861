//! The values of such JSON, read leniently where only the spelling differs, without copying text.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::keys::Ids;
use crate::source::clean::solid;

/// A text, a number or a flag; `null`, blank and absent are the same.
///
/// serde borrows a plain `Cow<str>`, but not one inside an `Option`, hence a type of its own.
#[derive(Debug, Default)]
pub(in crate::source) struct Text<'a>(pub(in crate::source) Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    /// A text that stands in the file as it is.
    pub(in crate::source) fn borrowed(text: &'a str) -> Self {
        Text(Some(Cow::Borrowed(text)))
    }

    /// The text without surrounding white space.
    pub(in crate::source) fn get(&self) -> Option<&str> {
        self.0.as_deref().and_then(solid)
    }

    /// The text, to be kept.
    pub(in crate::source) fn owned(&self) -> Option<String> {
        self.get().map(str::to_owned)
    }

    /// Whether the text is this word, whatever its case.
    pub(in crate::source) fn is(&self, word: &str) -> bool {
        self.get().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// The whole number it spells.
    pub(in crate::source) fn number(&self) -> Option<i64> {
        self.get().and_then(|text| text.parse().ok())
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text(Some(Cow::Owned(text)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text, a number, a flag or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(if flag { "true" } else { "false" }))))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Whether a field is there, whatever its value.
#[derive(Debug, Default)]
pub(in crate::source) struct Present(pub(in crate::source) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Present(true))
    }
}

/// An identifier. Some systems write integers; dumps that went through other tools write text, or floating
/// point where a column had gaps. `null`, blank and absent are the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) enum Id<'a> {
    /// There is none.
    #[default]
    None,
    /// A number below [`Ids::TEXT`], however it was spelt.
    Number(u64),
    /// Anything else.
    Text(Cow<'a, str>),
}

impl<'a> Id<'a> {
    /// The identifier as the dataset keeps it.
    pub(in crate::source) fn text(&self) -> Option<String> {
        match self {
            Id::None => None,
            Id::Number(number) => Some(number.to_string()),
            Id::Text(text) => Some(text.clone().into_owned()),
        }
    }

    /// The identifier with a text of its own.
    pub(super) fn into_owned<'o>(self) -> Id<'o> {
        match self {
            Id::None => Id::None,
            Id::Number(number) => Id::Number(number),
            Id::Text(text) => Id::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// 128 bits that stand for the identifier, by which millions of records are joined without holding their
    /// texts: no two identifiers of one export will ever share them.
    pub(in crate::source) fn print(&self) -> Option<u128> {
        let hash = match self {
            Id::None => return None,
            Id::Number(number) => return Some(u128::from(*number)),
            Id::Text(text) => blake3::hash(text.as_bytes()),
        };
        hash.as_bytes().first_chunk().map(|bytes| u128::from_le_bytes(*bytes))
    }

    /// Reads an identifier out of text: digits that a number would be printed with are that number.
    pub(in crate::source) fn parse(text: &'a str) -> Self {
        match solid(text) {
            None => Id::None,
            Some(text) => Self::number(text).unwrap_or(Id::Text(Cow::Borrowed(text))),
        }
    }

    /// The same out of text that may have been made for it.
    pub(in crate::source) fn of(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::parse(text),
            Cow::Owned(text) => match Id::parse(&text) {
                Id::None => Id::None,
                Id::Number(number) => Id::Number(number),
                Id::Text(text) => Id::Text(Cow::Owned(text.into_owned())),
            },
        }
    }

    fn number(text: &str) -> Option<Self> {
        let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        text.parse().ok().filter(|number| canonical && *number < Ids::TEXT).map(Id::Number)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Id<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an identifier")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Id::None)
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Id::parse(text))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Id::parse(text).into_owned())
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(if number < Ids::TEXT { Id::Number(number) } else { Id::Text(Cow::Owned(number.to_string())) })
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(u64::try_from(number).map_or_else(|_| Id::Text(Cow::Owned(number.to_string())), Id::Number))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                // `985314.0` prints as `985314`; up to 2^53 nothing was lost on the way.
                let text = number.to_string();
                Ok(Id::number(&text).unwrap_or(Id::Text(Cow::Owned(text))))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A thing with a name, such as a job: an object, or in some dumps its bare name.
#[derive(Debug, Default)]
pub(in crate::source) struct Named<'a> {
    /// Its identifier.
    pub(in crate::source) id: Id<'a>,
    /// Its name, which sources call `public_name`.
    pub(in crate::source) name: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Named<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object with a name, a name or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Named::default())
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Named { id: Id::None, name: Text(Some(Cow::Borrowed(text))) })
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Named { id: Id::None, name: Text(Some(Cow::Owned(text.to_owned()))) })
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut named = Named::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "id" => named.id = map.next_value()?,
                        "name" | "public_name" => named.name = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(named)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A user as nested in other records; `user_id` is how some requests name one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::source) struct Person<'a> {
    #[serde(borrow)]
    pub(in crate::source) id: Id<'a>,
    pub(in crate::source) user_id: Id<'a>,
    pub(in crate::source) name: Text<'a>,
    #[serde(alias = "firstName")]
    pub(in crate::source) first_name: Text<'a>,
    #[serde(alias = "lastName")]
    pub(in crate::source) last_name: Text<'a>,
    pub(in crate::source) email: Text<'a>,
}

impl Person<'_> {
    /// The name in one piece.
    pub(in crate::source) fn full_name(&self) -> String {
        let parts = || [&self.first_name, &self.last_name].into_iter().filter_map(Text::get);
        self.name.owned().unwrap_or_else(|| parts().collect::<Vec<_>>().join(" "))
    }
}

/// What can be made of a bare text where a whole object is expected.
pub(in crate::source) trait FromBare<'a> {
    /// Makes it of its identifier, or of what else stands for it.
    fn from_bare(text: Cow<'a, str>) -> Self;
}

/// A thing that is written as an object in some dumps and by a bare text in others. `null` and absent are an
/// empty one.
#[derive(Debug, Default)]
pub(in crate::source) struct Whole<T>(pub(in crate::source) T);

impl<'de, T: Deserialize<'de> + Default + FromBare<'de>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default + FromBare<'de>> Visitor<'de> for Reader<T> {
            type Value = Whole<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object, its identifier or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Whole(T::default()))
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Whole(T::from_bare(Cow::Borrowed(text))))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Whole(T::from_bare(Cow::Owned(text.to_owned()))))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Whole(T::from_bare(Cow::Owned(number.to_string()))))
            }
            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Whole)
            }
        }
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

impl<'de: 'a, 'a> FromBare<'de> for Person<'a> {
    fn from_bare(text: Cow<'de, str>) -> Self {
        Self { id: Id::of(text), ..Self::default() }
    }
}

/// A thing with an identifier and a title, under whichever key the system has it, and perhaps a type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::source) struct Titled<'a> {
    #[serde(borrow)]
    pub(in crate::source) id: Id<'a>,
    title: Text<'a>,
    name: Text<'a>,
    text: Text<'a>,
    #[serde(rename = "type", alias = "reasonType")]
    pub(in crate::source) kind: Text<'a>,
    /// Whether it was a bare text, so that what should be its identifier may be its title.
    #[serde(skip)]
    pub(in crate::source) is_bare: bool,
}

impl Titled<'_> {
    /// Its title.
    pub(in crate::source) fn title(&self) -> Option<&str> {
        [&self.title, &self.name, &self.text].into_iter().find_map(Text::get)
    }
}

impl<'de: 'a, 'a> FromBare<'de> for Titled<'a> {
    fn from_bare(text: Cow<'de, str>) -> Self {
        Self { id: Id::of(text), is_bare: true, ..Self::default() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    fn id(json: &str) -> Id<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_id_is_the_same_however_it_is_spelt() {
        for json in ["985314", "\"985314\"", "985314.0", "\" 985314 \""] {
            assert_eq!(id(json), Id::Number(985_314), "{json}");
        }
        assert_eq!(id("\"007\"").text().as_deref(), Some("007"));
        assert_eq!(id("\"a\\u002db\"").text().as_deref(), Some("a-b"));
        assert_eq!(id("18446744073709551615").text().as_deref(), Some("18446744073709551615"));
        assert_eq!(id("-4").text().as_deref(), Some("-4"));
        assert_eq!((id("null"), id("\" \"")), (Id::None, Id::None));
    }
}
