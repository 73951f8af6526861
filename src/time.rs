//! Instants, quarters and the working calendar. A leaf: it reads no clock and no file.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::error::{Error, Result, pages};

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
        Err(Error::new(&pages::NOT_A_TIME, format!("`{}` is not an instant", crate::report::number::harmless(text)))
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

    /// So many quarters earlier.
    #[must_use]
    pub fn back(self, quarters: u32) -> Self {
        Self(self.0.saturating_sub_unsigned(quarters))
    }

    /// So many quarters later.
    #[must_use]
    pub fn forward(self, quarters: u32) -> Self {
        Self(self.0.saturating_add_unsigned(quarters))
    }

    /// How many quarters later than another it is; 0 where it is not later.
    pub fn since(self, earlier: Self) -> u32 {
        u32::try_from(self.0 - earlier.0).unwrap_or(0)
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
    /// Free weekdays; with no holidays either, every hour counts.
    free: Vec<Weekday>,
    /// Holidays that fall on a working weekday, in days since 1970-01-01, sorted.
    holidays: Vec<i64>,
    /// Stretches of time between two changes of the clock, ascending; the first has no beginning.
    stretches: Vec<Stretch>,
}

/// A stretch of time during which the clock on the wall runs evenly.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Its first microsecond.
    from: i64,
    /// What the clock on the wall is ahead of UTC, in microseconds.
    ahead: i64,
    /// What has to be added to the counted time on the wall, so that the hour that comes twice in autumn
    /// counts twice, and the one that is left out in spring not at all.
    shift: i64,
}

impl Calendar {
    /// Every hour counts.
    pub fn elapsed() -> Self {
        Self { free: Vec::new(), holidays: Vec::new(), stretches: Vec::new() }
    }

    /// Only working days count, in the declared zone, each from midnight to midnight.
    pub fn business(zone: &str, free: &[Weekday], holidays: &[Date]) -> Result<Self> {
        let zone = TimeZone::get(zone).map_err(|_| {
            Error::new(&pages::NOT_A_TIME, format!("`{zone}` is not a time zone"))
                .help("use a name of the IANA database, such as Europe/Berlin")
        })?;
        let mut free = free.to_vec();
        free.sort_unstable_by_key(|day| day.to_monday_zero_offset());
        free.dedup();
        let mut holidays: Vec<i64> =
            holidays.iter().filter(|day| !free.contains(&day.weekday())).map(|day| epoch_day(*day)).collect();
        holidays.sort_unstable();
        holidays.dedup();
        let mut calendar = Self { free, holidays, stretches: Vec::new() };
        let micros = |seconds: i32| i64::from(seconds) * SECOND;
        let mut now =
            Stretch { from: i64::MIN, ahead: micros(zone.to_offset(Timestamp::UNIX_EPOCH).seconds()), shift: 0 };
        calendar.stretches.push(now);
        let changes = zone.following(Timestamp::UNIX_EPOCH);
        for change in changes.take_while(|change| change.timestamp().as_second() < LAST_CHANGE) {
            let (from, ahead) = (change.timestamp().as_microsecond(), micros(change.offset().seconds()));
            let (before, after) = (calendar.on_the_wall(from + now.ahead), calendar.on_the_wall(from + ahead));
            now = Stretch { from, ahead, shift: now.shift + before - after };
            calendar.stretches.push(now);
        }
        Ok(calendar)
    }

    /// Whether some days do not count.
    pub fn is_business(&self) -> bool {
        !self.free.is_empty() || !self.holidays.is_empty()
    }

    /// Counted microseconds from `from` to `to`; negative when `to` is earlier.
    ///
    /// Additive by construction, `between(a, c) = between(a, b) + between(b, c)`, so that states that
    /// partition a loop's time still do so in working time; and it never runs backwards, whatever the clocks
    /// on the wall do.
    pub fn between(&self, from: Instant, to: Instant) -> i64 {
        if self.is_business() { self.position(to) - self.position(from) } else { to.0 - from.0 }
    }

    /// Counted microseconds from the day of `from` to the day of `to`, a multiple of whole days. For times of
    /// which only the day is known: such a day is written as its first instant in UTC, whatever the zone.
    pub fn between_days(&self, from: Instant, to: Instant) -> i64 {
        let first = |at: Instant| at.0.div_euclid(DAY) * DAY;
        if self.is_business() {
            self.on_the_wall(first(to)) - self.on_the_wall(first(from))
        } else {
            first(to) - first(from)
        }
    }

    /// Counted microseconds up to an instant, from an arbitrary beginning.
    fn position(&self, at: Instant) -> i64 {
        let place = self.stretches.partition_point(|stretch| stretch.from <= at.0).saturating_sub(1);
        self.stretches.get(place).map_or(at.0, |now| self.on_the_wall(at.0 + now.ahead) + now.shift)
    }

    /// Counted microseconds on a clock that runs evenly, from the Monday 1969-12-29 on.
    fn on_the_wall(&self, micros: i64) -> i64 {
        let (day, into_day) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        let (weeks, weekday) = ((day + 3).div_euclid(7), (day + 3).rem_euclid(7));
        let is_free = |offset: i64| self.free.iter().any(|free| i64::from(free.to_monday_zero_offset()) == offset);
        let working_before = (0..weekday).filter(|offset| !is_free(*offset)).count() as i64;
        let per_week = 7 - self.free.len() as i64;
        let holidays_before = self.holidays.partition_point(|holiday| *holiday < day);
        let is_holiday = self.holidays.get(holidays_before).is_some_and(|holiday| *holiday == day);
        let works_today = !is_free(weekday) && !is_holiday;
        (weeks * per_week + working_before - holidays_before as i64) * DAY + if works_today { into_day } else { 0 }
    }
}

/// No time in the data is later than this; changes of the clock beyond are of no interest. 2100-01-02.
const LAST_CHANGE: i64 = 4_102_531_200;

fn epoch_day(date: Date) -> i64 {
    date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    const ZONES: [&str; 6] =
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Jerusalem", "Africa/Cairo", "Australia/Lord_Howe"];
    /// From 2022-01-01 to 2027-12-31.
    const MINUTES: std::ops::Range<i64> = 27_349_920..30_504_959;

    #[derive(Debug)]
    struct Rules {
        zone: &'static str,
        free: Vec<Weekday>,
        holidays: Vec<Date>,
    }

    impl Rules {
        fn calendar(&self) -> Result<Calendar> {
            Calendar::business(self.zone, &self.free, &self.holidays)
        }
    }

    fn rules() -> impl Strategy<Value = Rules> {
        let free = proptest::collection::btree_set(0_i8..7, 1..4);
        let holiday = (2022_i16..2028, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| Date::constant(y, m, d));
        let holidays = proptest::collection::vec(holiday, 0..40);
        (0..ZONES.len(), free, holidays).prop_map(|(zone, free, holidays)| Rules {
            zone: ZONES[zone],
            free: free.into_iter().filter_map(|day| Weekday::from_monday_zero_offset(day).ok()).collect(),
            holidays,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn counted_time_is_that_of_a_minute_counter(rules in rules(), start in MINUTES, minutes in 0_i64..20_000) {
            let calendar = rules.calendar()?;
            let zone = TimeZone::get(rules.zone)?;
            let works = |minute: i64| {
                let date = Timestamp::from_second(minute * 60)?.to_zoned(zone.clone()).date();
                Ok::<_, jiff::Error>(!rules.free.contains(&date.weekday()) && !rules.holidays.contains(&date))
            };
            let mut counted = 0;
            for minute in start..start + minutes {
                counted += i64::from(works(minute)?);
            }
            let (from, to) = (Instant(start * MINUTE), Instant((start + minutes) * MINUTE));
            prop_assert_eq!(calendar.between(from, to), counted * MINUTE);
        }

        #[test]
        fn counted_time_adds_up_and_never_runs_backwards(
            rules in rules(),
            from in MINUTES,
            seconds in proptest::collection::vec(0_i64..400_000, 2),
        ) {
            let calendar = rules.calendar()?;
            let a = Instant(from * MINUTE);
            let b = Instant(a.0 + seconds[0] * SECOND);
            let c = Instant(b.0 + seconds[1] * SECOND);
            prop_assert_eq!(calendar.between(a, b) + calendar.between(b, c), calendar.between(a, c));
            prop_assert_eq!(calendar.between(b, a), -calendar.between(a, b));
            prop_assert!((0..=b.0 - a.0).contains(&calendar.between(a, b)));
        }

        #[test]
        fn without_free_days_time_is_time(zone in 0..ZONES.len(), from in MINUTES, micros in 0_i64..20 * DAY) {
            let calendar = Calendar::business(ZONES[zone], &[], &[])?;
            prop_assert_eq!(calendar.between(Instant(from * MINUTE), Instant(from * MINUTE + micros)), micros);
        }

        #[test]
        fn a_holiday_long_ago_changes_nothing(zone in 0..ZONES.len(), from in MINUTES, micros in 0_i64..20 * DAY) {
            let calendar = Calendar::business(ZONES[zone], &[], &[Date::constant(2000, 1, 3)])?;
            prop_assert_eq!(calendar.between(Instant(from * MINUTE), Instant(from * MINUTE + micros)), micros);
        }
    }

    #[test]
    fn days_are_whole_days_in_every_zone() -> Result<()> {
        for zone in ["UTC", "Europe/Berlin", "America/New_York"] {
            let calendar = Calendar::business(zone, &[Weekday::Saturday, Weekday::Sunday], &[])?;
            let day = |day: i64| Instant(at("2026-07-03T00:00:00Z").0 + day * DAY);
            // Friday to Saturday, to Monday, to the Friday after; Saturday to Monday.
            assert_eq!([1, 3, 7].map(|to| calendar.between_days(day(0), day(to)) / DAY), [1, 1, 5], "{zone}");
            assert_eq!(calendar.between_days(day(1), Instant(day(3).0 + 5)), 0, "{zone}");
        }
        Ok(())
    }

    #[test]
    fn the_hour_that_comes_twice_counts_twice() -> Result<()> {
        // Clocks in Jerusalem went back on Sunday 2023-10-29 at 02:00, a working day there.
        let calendar = Calendar::business("Asia/Jerusalem", &[Weekday::Friday, Weekday::Saturday], &[])?;
        let (first, second) = (at("2023-10-28T22:50:00Z"), at("2023-10-28T23:10:00Z"));
        assert_eq!(calendar.between(first, second), 20 * MINUTE);
        Ok(())
    }

    #[test]
    fn a_holiday_on_a_weekday_does_not_count() -> Result<()> {
        let holiday = Date::new(2026, 7, 1).map_err(|e| Error::new(&pages::NOT_A_TIME, e.to_string()))?;
        let calendar = Calendar::business("Europe/Berlin", &[Weekday::Sunday], &[holiday])?;
        assert_eq!(calendar.between(at("2026-06-30T10:00:00Z"), at("2026-07-02T10:00:00Z")), DAY);
        Ok(())
    }
}
