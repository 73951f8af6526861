//! The date in the name of a dump, in any common spelling.

use jiff::civil::Date;

/// How exactly a name tells when a dump was taken, the least exact first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Year,
    Quarter,
    Month,
    Week,
    Day,
}

/// When a dump was taken, as its name tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Taken {
    year: u64,
    /// Month, quarter or week; 0 where only the year is told.
    part: u64,
    day: u64,
    /// The numbers after the date: a time of day, or a count of dumps.
    then: Vec<u64>,
    precision: Precision,
}

/// The dates, if every export has one, all as exact, and no two the same.
pub(super) fn comparable(dates: Vec<Option<Taken>>) -> Option<Vec<Taken>> {
    let dates: Vec<Taken> = dates.into_iter().collect::<Option<_>>()?;
    let precision = dates.first()?.precision;
    let mut sorted: Vec<&Taken> = dates.iter().collect();
    sorted.sort();
    let all_differ = sorted.windows(2).all(|pair| matches!(pair, [a, b] if a != b));
    (all_differ && dates.iter().all(|date| date.precision == precision)).then_some(dates)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A number, how many digits it has, and whether a full stop follows it.
    Number(u64, usize, bool),
    Month(u64),
    Quarter,
    Week,
    Other,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn word(text: &str) -> Token {
    let is_month = |month: &&str| *month == text || (text.len() >= 3 && text.len() <= 4 && month.starts_with(text));
    match text {
        "q" => Token::Quarter,
        "w" | "kw" | "cw" | "week" => Token::Week,
        _ => MONTHS.iter().position(is_month).map_or(Token::Other, |place| Token::Month(place as u64 + 1)),
    }
}

/// Words and numbers, what separates them left out.
fn tokens(name: &str) -> Vec<Token> {
    let lower = name.to_lowercase();
    let mut out = Vec::new();
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let is_same = |c: char| if first.is_ascii_digit() { c.is_ascii_digit() } else { c.is_alphabetic() };
        let end = rest.find(|c: char| !is_same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        if first.is_ascii_digit() {
            match (part.get(..4), part.get(4..6), part.get(6..8), part.len()) {
                // 20260630, perhaps with a time: 202606301200.
                (Some(year), Some(month), Some(day), 8 | 12 | 14) if is_date(year, month, day) => {
                    out.extend([year, month, day].map(|text| number(text, false)));
                    out.extend(part.get(8..).filter(|time| !time.is_empty()).map(|time| number(time, false)));
                }
                (Some(year), Some(month), None, 6) if is_date(year, month, "01") => {
                    out.extend([year, month].map(|text| number(text, false)));
                }
                _ => out.push(number(part, after.starts_with('.'))),
            }
        } else if first.is_alphabetic() {
            out.push(word(part));
        }
        rest = after;
    }
    out
}

fn number(text: &str, before_stop: bool) -> Token {
    text.parse().map_or(Token::Other, |value| Token::Number(value, text.len(), before_stop))
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let [year, month, day] = [year, month, day].map(|text| text.parse().unwrap_or(0));
    is_year(year) && exists(year, month, day)
}

fn is_year(value: u64) -> bool {
    (1990..=2100).contains(&value)
}

fn exists(year: u64, month: u64, day: u64) -> bool {
    let small = |value: u64| i8::try_from(value).unwrap_or(0);
    Date::new(i16::try_from(year).unwrap_or(0), small(month), small(day)).is_ok()
}

/// The first date in a name.
pub(super) fn date_in(name: &str) -> Option<Taken> {
    let tokens = tokens(name);
    for start in 0..tokens.len() {
        let here = tokens.get(start..)?;
        // From each place the longest spelling that fits; the numbers after it tell dumps of one date apart.
        if let Some((mut taken, length)) = day(here).or_else(|| part_of_year(here)).or_else(|| year(here)) {
            let number = |token: &Token| if let Token::Number(n, ..) = token { Some(*n) } else { None };
            taken.then = here.get(length..)?.iter().filter_map(number).collect();
            return Some(taken);
        }
        // Day and month may be either way round, and what is left of them is no date.
        if matches!(here, [Token::Number(_, 1 | 2, _), Token::Number(_, 1 | 2, _), Token::Number(_, 4, _), ..]) {
            return None;
        }
    }
    None
}

fn taken(year: u64, part: u64, day: u64, precision: Precision) -> Taken {
    Taken { year, part, day, then: Vec::new(), precision }
}

fn day(tokens: &[Token]) -> Option<(Taken, usize)> {
    use Token::{Month, Number};
    let (year, month, day) = match tokens {
        [Number(y, 4, _), Number(m, 1 | 2, _), Number(d, 1 | 2, _), ..] => (*y, *m, *d),
        [Number(y, 4, _), Month(m), Number(d, 1 | 2, _), ..] => (*y, *m, *d),
        [Number(d, 1 | 2, _), Month(m), Number(y, 4, _), ..] => (*y, *m, *d),
        [Month(m), Number(d, 1 | 2, _), Number(y, 4, _), ..] => (*y, *m, *d),
        // 30.6.2026 has the day first. 6-5-2026 may be read in two ways, so it is no date.
        [Number(d, 1 | 2, true), Number(m, 1 | 2, true), Number(y, 4, _), ..] => (*y, *m, *d),
        [Number(d @ 13.., 1 | 2, _), Number(m, 1 | 2, _), Number(y, 4, _), ..] => (*y, *m, *d),
        [Number(m, 1 | 2, _), Number(d @ 13.., 1 | 2, _), Number(y, 4, _), ..] => (*y, *m, *d),
        _ => return None,
    };
    (is_year(year) && exists(year, month, day)).then(|| (taken(year, month, day, Precision::Day), 3))
}

fn part_of_year(tokens: &[Token]) -> Option<(Taken, usize)> {
    use Token::{Month, Number, Quarter, Week};
    let (year, part, most, precision, length) = match tokens {
        [Number(y, 4, _), Quarter, Number(q, 1, _), ..] => (*y, *q, 4, Precision::Quarter, 3),
        [Quarter, Number(q, 1, _), Number(y, 4, _), ..] => (*y, *q, 4, Precision::Quarter, 3),
        [Number(y, 4, _), Week, Number(w, 1 | 2, _), ..] => (*y, *w, 53, Precision::Week, 3),
        [Week, Number(w, 1 | 2, _), Number(y, 4, _), ..] => (*y, *w, 53, Precision::Week, 3),
        [Number(y, 4, _), Number(m, 1 | 2, _), ..] => (*y, *m, 12, Precision::Month, 2),
        [Number(y, 4, _), Month(m), ..] => (*y, *m, 12, Precision::Month, 2),
        [Month(m), Number(y, 4, _), ..] => (*y, *m, 12, Precision::Month, 2),
        [Number(m, 1 | 2, _), Number(y, 4, _), ..] => (*y, *m, 12, Precision::Month, 2),
        _ => return None,
    };
    (is_year(year) && (1..=most).contains(&part)).then(|| (taken(year, part, 0, precision), length))
}

fn year(tokens: &[Token]) -> Option<(Taken, usize)> {
    match tokens {
        [Token::Number(y, 4, _), ..] if is_year(*y) => Some((taken(*y, 0, 0, Precision::Year), 1)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<(u64, u64, u64)> {
        date_in(name).map(|taken| (taken.year, taken.part, taken.day))
    }

    #[test]
    fn a_day_is_found_in_any_common_spelling() {
        for name in [
            "2026-06-30",
            "2026_06_30",
            "2026.6.30",
            "20260630",
            "greenhouse-2026-06-30",
            "dump 20260630T120000Z",
            "2026-06-30T12-00-00",
            "30.06.2026",
            "30-6-2026",
            "06-30-2026",
            "30 June 2026",
            "30-jun-2026",
            "June 30, 2026",
            "2026-Jun-30",
        ] {
            assert_eq!(told(name), Some((2026, 6, 30)), "{name}");
        }
    }

    #[test]
    fn months_quarters_weeks_and_years_are_dates_too() {
        for name in ["2026-06", "202606", "export_2026_6", "June 2026", "2026-jun", "06-2026", "sept-2026"] {
            let month = if name.starts_with("sept") { 9 } else { 6 };
            assert_eq!(told(name), Some((2026, month, 0)), "{name}");
        }
        for name in ["2026Q2", "Q2-2026", "2026-Q2", "2026-W2", "KW2 2026"] {
            assert_eq!(told(name), Some((2026, 2, 0)), "{name}");
        }
        assert_eq!(told("dump-2026"), Some((2026, 0, 0)));
    }

    #[test]
    fn what_may_be_read_in_two_ways_or_is_no_date_is_none() {
        for name in ["first", "greenhouse-v3", "6-7-20261", "978031", "part-10", "20269999", "mayor", "1234", ""] {
            assert_eq!(told(name), None, "{name}");
        }
        assert_eq!(told("06-05-2026"), None);
    }

    #[test]
    fn dates_are_compared_only_where_they_order_every_name() {
        let all = |names: &[&str]| comparable(names.iter().map(|name| date_in(name)).collect());
        let sorted = all(&["2026-07-01", "2026-06-30", "2026-06-30T10"]).unwrap();
        assert!(sorted[1] < sorted[2] && sorted[2] < sorted[0]);
        assert!(all(&["2026-07-01", "first"]).is_none());
        assert!(all(&["2026-07-01", "20260701"]).is_none());
        assert!(all(&["2026-07-01", "2026-07"]).is_none());
    }
}
