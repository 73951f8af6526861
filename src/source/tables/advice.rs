//! What to declare so that more of a file can be read. Nothing is taken in a pattern that nobody declared; but
//! what the pattern would be can often be seen.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::config::{Config, Decimal};

/// What is learnt from the values that could not be read.
#[derive(Debug)]
pub(super) struct Advice {
    patterns: Vec<String>,
    has_zone: bool,
    decimal: Decimal,
    dates: BTreeMap<Shape, Dates>,
    lacks_zone: bool,
    has_commas: bool,
}

/// Dates of one shape.
#[derive(Debug, Default)]
struct Dates {
    sample: String,
    day_first: bool,
    month_first: bool,
}

/// How a date with its year at the end is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    mark: char,
    year: &'static str,
    time: &'static str,
}

impl Shape {
    fn pattern(&self, first: &str, second: &str) -> String {
        let Self { mark, year, time } = self;
        format!("{first}{mark}{second}{mark}{year}{time}")
    }

    fn day_first(&self) -> String {
        self.pattern("%d", "%m")
    }

    fn month_first(&self) -> String {
        self.pattern("%m", "%d")
    }

    /// The shape of a text, with the first two numbers of its date.
    fn of(text: &str) -> Option<(Self, u8, u8)> {
        let (date, time) = text.split_once([' ', 'T']).map_or((text, ""), |(date, time)| (date, time.trim()));
        let mark = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
        let mut parts = date.split(mark);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !digits(year) || first.len() > 2 || second.len() > 2 {
            return None;
        }
        let year = match year.len() {
            4 => "%Y",
            2 => "%y",
            _ => return None,
        };
        let half = time.to_ascii_lowercase();
        let (clock, half) = match half.strip_suffix("am").or_else(|| half.strip_suffix("pm")) {
            Some(clock) => (clock.trim_end(), true),
            None => (half.as_str(), false),
        };
        let spaced = time.contains(' ');
        let clock: Vec<bool> = if clock.is_empty() { Vec::new() } else { clock.split(':').map(digits).collect() };
        let time = match (clock.as_slice(), half, spaced) {
            ([], false, _) => "",
            ([true, true], false, _) => " %H:%M",
            ([true, true, true], false, _) => " %H:%M:%S",
            ([true, true], true, true) => " %I:%M %p",
            ([true, true], true, false) => " %I:%M%p",
            ([true, true, true], true, true) => " %I:%M:%S %p",
            _ => return None,
        };
        Some((Self { mark, year, time }, first.parse().ok()?, second.parse().ok()?))
    }
}

impl Advice {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            patterns: config.tables.time_patterns.clone(),
            has_zone: config.tables.time_zone.is_some(),
            decimal: config.tables.sheets.decimal,
            dates: BTreeMap::new(),
            lacks_zone: false,
            has_commas: false,
        }
    }

    /// Learns from a value that was refused.
    pub(super) fn refused(&mut self, reason: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        match reason {
            "bad_time" => self.time(value),
            "bad_number" if self.decimal == Decimal::Point => {
                self.has_commas |= value.split_once(',').is_some_and(|(whole, decimals)| {
                    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                    digits(whole.trim_start_matches('-')) && digits(decimals)
                });
            }
            _ => {}
        }
    }

    fn time(&mut self, value: &str) {
        if let Some((shape, first, second)) = Shape::of(value) {
            let declared = [shape.day_first(), shape.month_first()].iter().any(|one| self.patterns.contains(one));
            if !declared {
                let dates = self.dates.entry(shape).or_default();
                dates.day_first |= first > 12;
                dates.month_first |= second > 12;
                if dates.sample.is_empty() {
                    dates.sample = value.to_owned();
                }
            } else if !shape.time.is_empty() {
                self.lacks_zone |= !self.has_zone;
            }
        } else if value.contains(':') && value.parse::<DateTime>().is_ok() {
            self.lacks_zone |= !self.has_zone;
        }
    }

    /// What was learnt: why, and the line to write.
    pub(super) fn told(&mut self) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for (shape, dates) in std::mem::take(&mut self.dates) {
            let (day, month) = (shape.day_first(), shape.month_first());
            let sample = dates.sample;
            let (why, pattern) = match (dates.day_first, dates.month_first) {
                (true, false) => (format!("dates such as {sample} have the day first"), day),
                (false, true) => (format!("dates such as {sample} have the month first"), month),
                (true, true) => (
                    format!(
                        "some dates such as {sample} have the day first and some the month, which only you can tell apart"
                    ),
                    day,
                ),
                (false, false) => (
                    format!("whether dates such as {sample} have the day first cannot be seen (else it is {month:?})"),
                    day,
                ),
            };
            lines.push((why, format!("[tables] time_patterns = [{pattern:?}]")));
            self.lacks_zone |= !shape.time.is_empty() && !self.has_zone;
        }
        if std::mem::take(&mut self.lacks_zone) {
            let why = "there are times without a zone".to_owned();
            lines.push((why, "[tables] time_zone = \"Europe/Berlin\"".to_owned()));
        }
        if std::mem::take(&mut self.has_commas) {
            let why = "there are numbers with a comma before their decimals".to_owned();
            lines.push((why, "[tables] decimal = \",\"".to_owned()));
        }
        lines
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use crate::source::clean::TimeRules;

    fn told(config: &str, reason: &str, values: &[&str]) -> Vec<String> {
        let mut advice = Advice::new(&Config::parse(config, "test").unwrap());
        for value in values {
            advice.refused(reason, Some(value));
        }
        let told = advice.told();
        assert!(advice.told().is_empty(), "told once");
        told.into_iter().map(|(why, write)| format!("{why}|{write}")).collect()
    }

    #[test]
    fn the_order_of_day_and_month_is_named_where_it_can_be_seen() {
        for (values, pattern) in [
            (&["03/02/2026", "31/12/2026"][..], "[\"%d/%m/%Y\"]"),
            (&["12/31/2026"], "[\"%m/%d/%Y\"]"),
            (&["3.2.26"], "[\"%d.%m.%y\"]"),
        ] {
            let told = told("", "bad_time", values);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].ends_with(&format!("|[tables] time_patterns = {pattern}")), "{told:?}");
        }
        assert!(told("", "bad_time", &["03/02/2026"])[0].contains("else it is \"%m/%d/%Y\""));
        assert!(told("", "bad_time", &["soon", "1/2", "2026-02-03"]).is_empty());
    }

    #[test]
    fn a_pattern_with_hours_needs_a_zone_too() {
        let both = told("", "bad_time", &["31/12/2026 18:30"]);
        assert!(both[0].ends_with("[\"%d/%m/%Y %H:%M\"]") && both[1].ends_with("time_zone = \"Europe/Berlin\""));
        let declared = "[tables]\ntime_patterns = ['%d/%m/%Y %H:%M']";
        assert_eq!(told(declared, "bad_time", &["31/12/2026 18:30"]).len(), 1);
        assert_eq!(told("", "bad_time", &["2026-02-03 10:00:00"]).len(), 1);
        assert!(told("[tables]\ntime_zone = 'UTC'", "bad_time", &["2026-02-30 10:00:00"]).is_empty());
    }

    #[test]
    fn a_pattern_that_is_named_reads_the_value_it_was_named_for() {
        let values =
            ["31/12/2026", "3.2.26", "31-12-2026", "31/12/2026 8:05", "31.12.2026 18:30:59", "12/31/26 6:30 PM"];
        for value in values {
            let (shape, first, _) = Shape::of(value).unwrap();
            let pattern = if first > 12 || value == "3.2.26" { shape.day_first() } else { shape.month_first() };
            let rules = TimeRules { patterns: vec![pattern.clone()], zone: jiff::tz::TimeZone::get("UTC").ok() };
            assert!(rules.read(value).is_ok(), "{value} by {pattern}");
        }
    }

    #[test]
    fn a_decimal_comma_is_named_where_a_number_was_expected() {
        assert_eq!(told("", "bad_number", &["3,5"]).len(), 1);
        assert!(told("", "bad_number", &["Quuxworthy, Zelda", "high"]).is_empty());
        assert!(told("[tables]\ndecimal = ','", "bad_number", &["3,5"]).is_empty());
    }
}
