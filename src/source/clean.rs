//! Cleaning what every source meets: times, identifiers, ratings.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

pub use crate::time::When;

use crate::time::Instant;

/// Why a text is no time, as a reject reason.
pub type TimeProblem = &'static str;

const EARLIEST: i64 = 631_152_000; // 1990-01-01
const LATEST: i64 = 4_102_444_800; // 2100-01-01

/// How times without a zone and in other patterns are read.
#[derive(Debug, Clone, Default)]
pub struct TimeRules {
    /// Declared patterns, tried in order.
    pub patterns: Vec<String>,
    /// The zone of times that carry none.
    pub zone: Option<TimeZone>,
}

impl TimeRules {
    /// Times without a zone are UTC, as in extracts of warehouses that say so.
    pub fn utc() -> Self {
        Self { patterns: Vec::new(), zone: Some(TimeZone::UTC) }
    }

    /// Reads a time: RFC 3339, a date, epoch seconds or milliseconds, a zone-less time where a zone is
    /// declared, or a declared pattern.
    pub fn read(&self, text: &str) -> Result<When, TimeProblem> {
        let text = text.trim();
        if let Some(at) = plain_utc(text.as_bytes()) {
            return Ok(When { at, is_day: false });
        }
        if let Ok(t) = text.parse::<Timestamp>() {
            return possible(t, false);
        }
        if text.len() == 10
            && let Ok(date) = text.parse::<Date>()
        {
            return day(date);
        }
        if !text.is_empty() && text.len() <= 14 && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse::<i64>().map_err(|_| "bad_time").and_then(epoch);
        }
        if let Some(zone) = &self.zone
            && let Ok(civil) = text.parse::<DateTime>()
        {
            return zone
                .to_ambiguous_timestamp(civil)
                .compatible()
                .map_err(|_| "impossible_time")
                .and_then(|t| possible(t, false));
        }
        for pattern in &self.patterns {
            if let Ok(parsed) = jiff::fmt::strtime::parse(pattern, text) {
                if let Ok(t) = parsed.to_timestamp() {
                    return possible(t, false);
                }
                if parsed.hour().is_some()
                    && let (Ok(civil), Some(zone)) = (parsed.to_datetime(), &self.zone)
                {
                    return zone
                        .to_ambiguous_timestamp(civil)
                        .compatible()
                        .map_err(|_| "impossible_time")
                        .and_then(|t| possible(t, false));
                }
                if parsed.hour().is_none()
                    && let Ok(date) = parsed.to_date()
                {
                    return day(date);
                }
            }
        }
        Err(if looks_like_time(text) { "impossible_time" } else { "bad_time" })
    }
}

/// An instant in the one shape that nearly every time of an export has, `2026-09-30T18:00:00Z` or with
/// milliseconds; anything else, and anything doubtful, is left to the full parser. Most of the reading of a
/// table would otherwise be spent on its times.
fn plain_utc(text: &[u8]) -> Option<Instant> {
    let (micros, text) = match text {
        [text @ .., b'.', a, b, c, b'Z'] if text.len() == 19 => (number(&[*a, *b, *c])? * 1000, text),
        [text @ .., b'Z'] if text.len() == 19 => (0, text),
        _ => return None,
    };
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1] = text else {
        return None;
    };
    let (year, month, day) = (number(&[*y0, *y1, *y2, *y3])?, number(&[*m0, *m1])?, number(&[*d0, *d1])?);
    let (hour, minute, second) = (number(&[*h0, *h1])?, number(&[*n0, *n1])?, number(&[*s0, *s1])?);
    // Days that not every month has are left to the full parser, and so are leap seconds.
    let plain = (1990..2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !plain {
        return None;
    }
    // Days since 1970-01-01, in years that begin with March so that a leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(Instant((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Epoch seconds or milliseconds: what would lie before 1990 in milliseconds is seconds.
pub fn epoch(value: i64) -> Result<When, TimeProblem> {
    let seconds = if value.abs() < EARLIEST * 1000 { value } else { value.div_euclid(1000) };
    let micros = if seconds == value { value.saturating_mul(1_000_000) } else { value.saturating_mul(1000) };
    Timestamp::from_microsecond(micros).map_err(|_| "impossible_time").and_then(|t| possible(t, false))
}

fn day(date: Date) -> Result<When, TimeProblem> {
    date.to_zoned(TimeZone::UTC).map_err(|_| "impossible_time").and_then(|zoned| possible(zoned.timestamp(), true))
}

fn possible(t: Timestamp, is_day: bool) -> Result<When, TimeProblem> {
    if (EARLIEST..LATEST).contains(&t.as_second()) {
        Ok(When { at: Instant(t.as_microsecond()), is_day })
    } else {
        Err("impossible_time")
    }
}

/// Whether a text has the shape of an ISO date, so that `2026-02-30` is called impossible and `soon` bad.
fn looks_like_time(text: &str) -> bool {
    let shape: Vec<bool> = text.bytes().take(10).map(|b| b.is_ascii_digit()).collect();
    shape == [true, true, true, true, false, true, true, false, true, true]
        && (text.len() == 10 || text.contains(['Z', 'z', '+']) || text.get(10..).is_some_and(|rest| rest.contains('-')))
}

/// A level on an ordinal scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rating {
    /// A level, 1 the lowest.
    Level(i64),
    /// No level, with the reason.
    Missing(&'static str),
}

/// The reason a label is missing from a known scale.
pub const UNKNOWN_LABEL: &str = "unknown_label";

/// The text without surrounding white space, or nothing where nothing is left or the source writes the
/// word `null`.
pub fn solid(text: &str) -> Option<&str> {
    // Nearly no cell has white space at its ends, and a look at them is quicker than trimming.
    let bytes = text.as_bytes();
    let tight = bytes.first().is_some_and(u8::is_ascii_graphic) && bytes.last().is_some_and(u8::is_ascii_graphic);
    let text = if tight { text } else { text.trim() };
    (!text.is_empty() && text != "null" && text != "NULL").then_some(text)
}

/// Whether a text is an identifier and no name of a field or a kind of file: a UUID, a number, a long
/// hexadecimal number, or a short word with a number behind a hyphen.
pub fn is_identifier(text: &str) -> bool {
    let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        None => digits(text) || (text.len() >= 16 && hexadecimal(text)),
        Some((word, number)) if digits(number) => word.bytes().all(|byte| byte.is_ascii_alphabetic()),
        Some(_) => leading_uuid(text) == Some(text),
    }
}

/// The UUID that a text begins with.
pub fn leading_uuid(text: &str) -> Option<&str> {
    let uuid = text.get(..36)?;
    let plain = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    uuid.bytes().enumerate().all(plain).then_some(uuid)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, TimeProblem> {
        TimeRules::default().read(text).map(|w| format!("{}{}", w.at.to_rfc3339(), if w.is_day { " day" } else { "" }))
    }

    #[test]
    fn instants_days_and_epochs_are_told_apart() {
        assert_eq!(read("2016-08-22T19:52:38.384Z").unwrap(), "2016-08-22T19:52:38.384Z");
        assert_eq!(read("2016-08-22T19:52:38+02:00").unwrap(), "2016-08-22T17:52:38Z");
        assert_eq!(read("2016-08-22").unwrap(), "2016-08-22T00:00:00Z day");
        assert_eq!(read("1471895558384").unwrap(), "2016-08-22T19:52:38.384Z");
        assert_eq!(read("1471895558").unwrap(), "2016-08-22T19:52:38Z");
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_reads_what_the_full_parser_reads(
            seconds in EARLIEST..LATEST, millis in 0..1000_i64, whole in proptest::bool::ANY
        ) {
            let t = Timestamp::from_millisecond(seconds * 1000 + if whole { 0 } else { millis }).unwrap();
            let text = if whole { format!("{t:.0}") } else { format!("{t:.3}") };
            if let Some(at) = plain_utc(text.as_bytes()) {
                proptest::prop_assert_eq!(at.0, t.as_microsecond());
            } else {
                proptest::prop_assert!(t.to_zoned(TimeZone::UTC).day() > 28);
            }
            proptest::prop_assert_eq!(TimeRules::default().read(&text).unwrap().at.0, t.as_microsecond());
        }

        #[test]
        fn the_short_way_reads_nothing_that_the_full_parser_refuses(
            text in "[12][09][0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{3})?Z"
        ) {
            if let Some(at) = plain_utc(text.as_bytes()) {
                proptest::prop_assert_eq!(at.0, text.parse::<Timestamp>().unwrap().as_microsecond());
            }
        }
    }

    #[test]
    fn identifiers_are_told_from_names() {
        for id in ["17", "f3962b36-964b-48c8-b12a-904e6bd7059c", "5f1c0a9be4b0c91b2c3d4e5f", "opp-17"] {
            assert!(is_identifier(id), "{id}");
        }
        for name in ["", "feedback", "archive-reasons", "page-a", "facade", "f3962b36-964b-48c8-b12a-904e6bd7059c-2"] {
            assert!(!is_identifier(name), "{name}");
        }
        assert_eq!(leading_uuid("f3962b36-964b-48c8-b12a-904e6bd7059c_2").map(str::len), Some(36));
    }

    #[test]
    fn impossible_and_bad_times_are_told_apart() {
        assert_eq!(read("2026-02-30"), Err("impossible_time"));
        assert_eq!(read("2206-02-03T00:00:00Z"), Err("impossible_time"));
        assert_eq!(read("soon"), Err("bad_time"));
        assert_eq!(read("2026-02-03 10:00:00"), Err("bad_time"));
    }

    #[test]
    fn zones_and_patterns_are_declared_not_guessed() {
        let rules = TimeRules { patterns: vec!["%d/%m/%Y".into()], zone: TimeZone::get("Europe/Berlin").ok() };
        assert_eq!(rules.read("2026-07-01 10:00:00").unwrap().at.to_rfc3339(), "2026-07-01T08:00:00Z");
        assert!(rules.read("03/02/2026").unwrap().is_day);
    }
}
