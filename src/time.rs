//! Instants, quarters and the working calendar. A leaf: it reads no clock and no file.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::error::{Error, Result};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// The instant as RFC 3339 text in UTC.
    pub fn to_rfc3339(self) -> String {
        Timestamp::from_microsecond(self.0).map(|t| t.to_string()).unwrap_or_default()
    }

    /// The day in UTC.
    pub fn date(self) -> Option<Date> {
        Timestamp::from_microsecond(self.0).ok().map(|t| t.to_zoned(TimeZone::UTC).date())
    }

    /// Reads RFC 3339 text, as it is written in manifests and on the command line; a bare date means
    /// the end of that day, since whoever names a day wants what happened on it.
    pub fn parse_bound(text: &str) -> Result<Self> {
        if let Ok(t) = text.parse::<Timestamp>() {
            return Ok(Self(t.as_microsecond()));
        }
        if let Ok(date) = text.parse::<Date>()
            && let Ok(next) = date.tomorrow()
            && let Ok(midnight) = next.to_zoned(TimeZone::UTC)
        {
            return Ok(Self(midnight.timestamp().as_microsecond() - 1));
        }
        Err(Error::usage(format!("`{}` is not an instant", crate::report::number::harmless(text)))
            .help("write 2026-09-30 or 2026-09-30T18:00:00Z"))
    }
}

/// A time as a source gives it: an instant, or only a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The instant; for a day, its first in UTC.
    pub at: Instant,
    /// Whether only the day is known.
    pub is_day: bool,
}

impl When {
    /// The word of the `*_precision` columns.
    pub fn precision(self) -> String {
        if self.is_day { "day" } else { "instant" }.to_owned()
    }
}

/// A calendar quarter in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

impl Quarter {
    /// The quarter an instant falls in.
    pub fn of(instant: Instant) -> Option<Self> {
        instant.date().map(|date| Self(i32::from(date.year()) * 4 + i32::from(date.month() - 1) / 3))
    }

    /// Reads `2026Q3`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, quarter) = text.split_once(['Q', 'q'])?;
        let (year, quarter) = (year.parse::<i32>().ok()?, quarter.parse::<i32>().ok()?);
        ((1900..2200).contains(&year) && (1..=4).contains(&quarter)).then(|| Self(year * 4 + quarter - 1))
    }

    /// The quarter before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// The quarter after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its first instant.
    pub fn start(self) -> Instant {
        let (year, month) = (self.0.div_euclid(4), self.0.rem_euclid(4) * 3 + 1);
        let micros = i16::try_from(year)
            .ok()
            .and_then(|year| Date::new(year, i8::try_from(month).ok()?, 1).ok())
            .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
            .map_or(i64::MIN, |zoned| zoned.timestamp().as_microsecond());
        Instant(micros)
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}Q{}", self.0.div_euclid(4), self.0.rem_euclid(4) + 1)
    }
}

/// Which time counts: every hour, or only the days people work.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// Free weekdays; empty means that every day counts.
    free: Vec<Weekday>,
    /// Holidays that fall on a working weekday, sorted.
    holidays: Vec<Date>,
}

impl Calendar {
    /// Every hour counts.
    pub fn elapsed() -> Self {
        Self { zone: TimeZone::UTC, free: Vec::new(), holidays: Vec::new() }
    }

    /// Only working days count, each for 24 hours, in the declared zone.
    pub fn business(zone: &str, free: &[Weekday], holidays: &[Date]) -> Result<Self> {
        let zone = TimeZone::get(zone).map_err(|_| {
            Error::usage(format!("`{zone}` is not a time zone"))
                .help("use a name of the IANA database, such as Europe/Berlin")
        })?;
        let mut holidays: Vec<Date> =
            holidays.iter().copied().filter(|day| !free.contains(&day.weekday())).collect();
        holidays.sort_unstable();
        holidays.dedup();
        Ok(Self { zone, free: free.to_vec(), holidays })
    }

    /// Whether some days do not count.
    pub fn is_business(&self) -> bool {
        !self.free.is_empty() || !self.holidays.is_empty()
    }

    /// Counted microseconds from `from` to `to`; negative when `to` is earlier.
    ///
    /// Additive by construction, `between(a, c) = between(a, b) + between(b, c)`, so that states that
    /// partition a loop's time still do so in working time.
    pub fn between(&self, from: Instant, to: Instant) -> i64 {
        if self.is_business() { self.position(to) - self.position(from) } else { to.0 - from.0 }
    }

    /// Counted microseconds from the Monday 1969-12-29 to an instant.
    fn position(&self, at: Instant) -> i64 {
        let Ok(stamp) = Timestamp::from_microsecond(at.0) else { return at.0 };
        let local = stamp.to_zoned(self.zone.clone()).datetime();
        let date = local.date();
        let time = local.time();
        let into_day = (i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second()))
            * SECOND
            + i64::from(time.subsec_nanosecond()) / 1000;
        let days = epoch_day(date) + 3;
        let (weeks, weekday) = (days.div_euclid(7), days.rem_euclid(7));
        let is_free = |offset: i64| self.free.iter().any(|free| i64::from(free.to_monday_zero_offset()) == offset);
        let working_before = (0..weekday).filter(|offset| !is_free(*offset)).count() as i64;
        let per_week = 7 - self.free.len() as i64;
        let holidays_before = self.holidays.partition_point(|holiday| *holiday < date) as i64;
        let works_today = !is_free(weekday) && self.holidays.binary_search(&date).is_err();
        (weeks * per_week + working_before - holidays_before) * DAY + if works_today { into_day } else { 0 }
    }
}

fn epoch_day(date: Date) -> i64 {
    date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant(text.parse::<Timestamp>().map(|t| t.as_microsecond()).unwrap_or_default())
    }

    #[test]
    fn quarters_read_print_and_start() {
        let quarter = Quarter::of(at("2026-09-30T23:59:59Z"));
        assert_eq!(quarter.map(|q| q.to_string()), Some("2026Q3".into()));
        assert_eq!(quarter.map(Quarter::start), Some(at("2026-07-01T00:00:00Z")));
        assert_eq!(Quarter::parse("2026Q1").map(|q| q.previous().to_string()), Some("2025Q4".into()));
        assert_eq!(Quarter::parse("2026Q5"), None);
    }

    #[test]
    fn a_weekend_does_not_count_and_states_still_add_up() -> Result<()> {
        let calendar = Calendar::business("UTC", &[Weekday::Saturday, Weekday::Sunday], &[])?;
        let (friday, saturday, monday) =
            (at("2026-07-03T12:00:00Z"), at("2026-07-04T15:00:00Z"), at("2026-07-06T12:00:00Z"));
        assert_eq!(calendar.between(friday, monday), DAY);
        assert_eq!(
            calendar.between(friday, saturday) + calendar.between(saturday, monday),
            calendar.between(friday, monday)
        );
        Ok(())
    }

    #[test]
    fn a_holiday_on_a_weekday_does_not_count() -> Result<()> {
        let holiday = Date::new(2026, 7, 1).map_err(|e| Error::usage(e.to_string()))?;
        let calendar = Calendar::business("Europe/Berlin", &[Weekday::Sunday], &[holiday])?;
        assert_eq!(calendar.between(at("2026-06-30T10:00:00Z"), at("2026-07-02T10:00:00Z")), DAY);
        Ok(())
    }
}
