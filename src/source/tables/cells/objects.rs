//! Flat JSON objects.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::error::Result;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Reject};
use crate::source::tables::Take;
use crate::source::tables::columns::{Columns, Wanted};
use crate::source::tables::numbers::Numbers;
use crate::source::{Sink, json};

/// Reads flat JSON objects.
pub(in crate::source::tables) fn objects(
    file: &InputFile,
    id: FileId,
    wanted: Wanted<'_>,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let (mut columns, names) = Columns::by_name(wanted);
    let numbers = wanted.numbers;
    json::each_record(file, id, sink, &mut |sink, json::Record { place, bytes, .. }| {
        let mut unknown = Vec::new();
        let seed = Flat { names: &names, numbers, unknown: &mut unknown };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let flat = match seed.deserialize(&mut reader) {
            Ok(flat) => flat,
            Err(_) => {
                let reason = if std::str::from_utf8(bytes).is_err() {
                    "not_utf8"
                } else if bytes.first() == Some(&b'{') {
                    "malformed"
                } else {
                    "not_a_record"
                };
                return sink.reject(id, Reject::new(place, reason));
            }
        };
        for name in unknown {
            sink.ledger().unknown_column(id, &name);
        }
        columns.hand_over(take, sink, place, |at| flat.get(at)?.as_deref())
    })?;
    columns.close(sink, id);
    Ok(())
}

/// Reads the scalars of one JSON object into slots by name.
struct Flat<'n> {
    names: &'n [String],
    numbers: Numbers,
    unknown: &'n mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Flat<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Flat<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a flat object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut slots = vec![None; self.names.len()];
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match self.names.iter().position(|name| *name == *key) {
                Some(at) => {
                    let value = map.next_value_seed(Scalar(self.numbers))?;
                    if let Some(slot) = slots.get_mut(at) {
                        *slot = value;
                    }
                }
                None => {
                    self.unknown.push(key.into_owned());
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(slots)
    }
}

/// A value as the text it would be written as.
struct Scalar(Numbers);

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("text, a number, true, false or null")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_owned())))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(self.0.write(value))))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }
}
