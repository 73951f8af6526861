//! When an appointment starts or ends, as v1 writes it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::source::record::values::Text;

/// The start or end of an appointment: `{"date_time": ..}`, `{"date": ..}` for an all-day one, or bare text
/// as in what is sent to the API.
#[derive(Debug, Default)]
pub(super) struct Moment<'a>(pub(super) Text<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Moment<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Moment<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object with a date_time or a date, a time or null")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Moment::default())
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Moment(Text(Some(Cow::Borrowed(text)))))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Moment(Text(Some(Cow::Owned(text.to_owned())))))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut moment = Moment::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "date_time" => {
                            let instant: Text<'de> = map.next_value()?;
                            // An instant says more than the day, whichever comes first.
                            if instant.get().is_some() {
                                moment.0 = instant;
                            }
                        }
                        "date" if moment.0.get().is_none() => moment.0 = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(moment)
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
    fn a_moment_is_an_instant_a_day_or_text() {
        for (json, text) in [
            (r#"{"date_time": "2026-01-02T03:04:05Z", "date": "2026-01-01"}"#, Some("2026-01-02T03:04:05Z")),
            (r#"{"date": "2026-01-02", "date_time": null}"#, Some("2026-01-02")),
            (r#""2026-01-02T03:04:05Z""#, Some("2026-01-02T03:04:05Z")),
            ("null", None),
        ] {
            assert_eq!(serde_json::from_str::<Moment<'_>>(json).unwrap().0.get(), text, "{json}");
        }
    }
}
