//! Flat JSON objects.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Cells, MOST_COLUMNS};
use crate::config::Config;
use crate::error::Result;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Reject};
use crate::source::tables::{Import, Take};
use crate::source::{Sink, clean, json};

/// Reads flat JSON objects.
pub(in crate::source::tables) fn objects(
    file: &InputFile,
    id: FileId,
    config: &Config,
    import: &Import,
    sink: &mut dyn Sink,
    take: &mut dyn Take,
) -> Result<()> {
    let map = config.tables.columns.get(import.name);
    let names: Vec<&str> = import
        .columns
        .iter()
        .map(|column| map.and_then(|map| map.get(*column)).map_or(*column, String::as_str))
        .collect();
    json::each_record(file, id, sink, &mut |sink, json::Record { place, bytes, .. }| {
        let mut unknown = Vec::new();
        let seed = Flat { names: &names, unknown: &mut unknown };
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
        let mut cells: Cells<'_> = [None; MOST_COLUMNS];
        for (cell, value) in cells.iter_mut().zip(&flat) {
            *cell = value.as_deref().and_then(clean::solid);
        }
        take.take(sink, place, &cells)
    })
}

/// Reads the scalars of one JSON object into slots by name.
struct Flat<'n> {
    names: &'n [&'n str],
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
            match self.names.iter().position(|name| *name == key) {
                Some(at) => {
                    let value = map.next_value_seed(Scalar)?;
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

struct Scalar;

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
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }
}
