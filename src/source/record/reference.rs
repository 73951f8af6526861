//! References, as systems write them that expand what is referred to on request.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::values::{Id, Text};

/// A thing that is referred to by its identifier, or stands there whole where the dump was told to expand it.
#[derive(Debug, Default)]
pub(in crate::source) struct Ref<'a> {
    /// Its identifier.
    pub(in crate::source) id: Id<'a>,
    /// Its name, where it stands there whole.
    pub(in crate::source) name: Text<'a>,
    /// A person's address, likewise.
    pub(in crate::source) email: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Ref<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Ref<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an identifier, an object with one, or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Ref::default())
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Ref { id: Id::parse(text), ..Ref::default() })
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Ref { id: Id::parse(text).into_owned(), ..Ref::default() })
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Ref { id: Id::Number(number), ..Ref::default() })
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Ref { id: Id::parse(&number.to_string()).into_owned(), ..Ref::default() })
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut thing = Ref::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "id" => thing.id = map.next_value()?,
                        "name" | "text" | "title" => thing.name = map.next_value()?,
                        "email" => thing.email = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(thing)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_may_stand_there_whole() {
        let name = |json| serde_json::from_str::<Ref<'_>>(json).unwrap();
        for json in ["7", "7.0", "\"7\"", r#"{"text": "Offer", "id": "7", "other": [1]}"#] {
            assert_eq!(name(json).id, Id::Number(7), "{json}");
        }
        assert_eq!(name(r#"{"id": 7, "text": "Offer"}"#).name.get(), Some("Offer"));
        assert_eq!((name("null").id, name("\"null\"").id), (Id::None, Id::None));
    }
}
