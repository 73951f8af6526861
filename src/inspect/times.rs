//! How times are written, and which patterns and zone that asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::profile::Profile;
use super::shown;

/// Which of the first two numbers of a date is the day, as far as one date can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum First {
    Day,
    Month,
    Either,
}

/// How a time is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dated {
    /// With its zone, or a day of the calendar, or an epoch: read without being told anything.
    Plain,
    /// Without a zone.
    NoZone,
    /// With day, month and year in another order: which comes first, the sign between them, whether the year
    /// has four digits, and what follows as a pattern.
    Ordered(First, char, bool, String),
}

impl Dated {
    /// How a text is written, if it is a time.
    pub(super) fn of(text: &str) -> Option<Self> {
        let parsed = crate::source::clean::TimeRules::utc().read(text).ok();
        if parsed.is_some() {
            let zoned = crate::source::clean::TimeRules::default().read(text).is_ok();
            // Bare numbers are more often numbers than seconds since 1970.
            let is_number = text.bytes().all(|b| b.is_ascii_digit());
            return match (zoned, is_number && text.len() < 10) {
                (_, true) => None,
                (true, _) => Some(Dated::Plain),
                (false, _) => Some(Dated::NoZone),
            };
        }
        let (date, rest) = match text.split_once([' ', 'T']) {
            Some((date, rest)) => (date, rest),
            None => (text, ""),
        };
        let sign = date.chars().find(|c| !c.is_ascii_digit())?;
        let mut parts = date.split(sign);
        let (a, b, year) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 2);
        let (a, b) = (number(a)?, number(b)?);
        let long = year.len() == 4;
        let is_date = matches!(sign, '/' | '.' | '-') && parts.next().is_none() && (long || year.len() == 2);
        if !is_date || year.parse::<u32>().is_err() || a.max(b) > 31 || a.min(b) > 12 || a.min(b) == 0 {
            return None;
        }
        let clock = match rest.trim().split(':').count() {
            1 if rest.trim().is_empty() => "",
            2 => " %H:%M",
            3 => " %H:%M:%S",
            _ => return None,
        };
        let first = match (a > 12, b > 12) {
            (true, _) => First::Day,
            (_, true) => First::Month,
            _ => First::Either,
        };
        Some(Dated::Ordered(first, sign, long, clock.to_owned()))
    }
}

fn pattern(day_first: bool, sign: char, long: bool, clock: &str) -> String {
    let year = if long { "%Y" } else { "%y" };
    let (a, b) = if day_first { ("%d", "%m") } else { ("%m", "%d") };
    format!("{a}{sign}{b}{sign}{year}{clock}")
}

/// Writes the head of `[tables]`: patterns and zone.
pub(super) fn propose<'p>(out: &mut String, columns: impl Iterator<Item = (&'p str, &'p Profile)>) {
    /// What one way of writing dates was seen as: cells that only day-first or only month-first can read, and
    /// where any of them stand.
    #[derive(Default)]
    struct Seen<'p> {
        day: u64,
        month: u64,
        either: u64,
        places: BTreeSet<(&'p str, &'p str)>,
    }
    let mut seen: BTreeMap<(char, bool, String), Seen<'p>> = BTreeMap::new();
    let mut without_zone: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (file, column) in columns.filter(|(_, column)| column.times_share() > 0.5) {
        for (dated, times) in &column.times {
            match dated {
                Dated::Plain => {}
                Dated::NoZone => *without_zone.entry((file, &column.name)).or_default() += times,
                Dated::Ordered(first, sign, long, clock) => {
                    if !clock.is_empty() {
                        *without_zone.entry((file, &column.name)).or_default() += times;
                    }
                    let of = seen.entry((*sign, *long, clock.clone())).or_default();
                    of.places.insert((file, &column.name));
                    match first {
                        First::Day => of.day += times,
                        First::Month => of.month += times,
                        First::Either => of.either += times,
                    }
                }
            }
        }
    }
    out.push_str("\n[tables]\n");
    let places = |places: &mut dyn Iterator<Item = (&str, &str)>| {
        let named: Vec<String> = places.map(|(file, column)| format!("{}.{}", shown(file), shown(column))).collect();
        named.join(", ")
    };
    let mut certain = Vec::new();
    let mut doubtful = Vec::new();
    for ((sign, long, clock), of) in &seen {
        let [day, month] = [true, false].map(|first| super::text(&pattern(first, *sign, *long, clock)));
        let place = places(&mut of.places.iter().copied());
        let both = format!("# time_patterns = [{day}]\n# time_patterns = [{month}]\n");
        match (of.day > 0, of.month > 0) {
            (true, false) => certain.push((day, format!("{place}: {} dates have a day above 12 first", of.day))),
            (false, true) => certain.push((month, format!("{place}: {} dates have a day above 12 second", of.month))),
            (false, false) => doubtful.push(format!(
                "# {place}: {} dates that can be read with the day or the month first; one of\n{both}",
                of.either
            )),
            (true, true) => doubtful.push(format!(
                "# {place}: {} dates have the day first and {} the month: no pattern reads both; one of\n{both}",
                of.day, of.month
            )),
        }
    }
    if !certain.is_empty() {
        for (_, why) in &certain {
            let _ = writeln!(out, "# {why}");
        }
        let patterns: Vec<&str> = certain.iter().map(|(pattern, _)| pattern.as_str()).collect();
        let _ = writeln!(out, "time_patterns = [{}]", patterns.join(", "));
    }
    doubtful.iter().for_each(|lines| out.push_str(lines));
    if !without_zone.is_empty() {
        let cells: u64 = without_zone.values().sum();
        let place = places(&mut without_zone.keys().copied());
        let _ = writeln!(out, "# {cells} times carry no zone ({place}); they are rejected until you say which it is:");
        out.push_str("# time_zone = \"UTC\"\n");
    }
}
