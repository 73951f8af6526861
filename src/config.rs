//! `looplens.toml`: as written, then as meant. All problems are reported at once.

mod ashby;
pub mod check;
pub mod drift;
pub mod feeds;
mod missing;
pub mod models;
pub mod outcomes;
pub mod plans;
pub mod presets;
pub mod redundancy;
mod sheets;
mod written;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, Weekday};
use regex::Regex;
use serde::Deserialize;

use crate::error::{Error, Result, pages};
use crate::time::Calendar;
pub use ashby::Ashby;
use feeds::{Feed, Words, WrittenFeed};
use written::{Written, WrittenCalendar, WrittenTable};

pub use missing::Missing;
pub use sheets::{Decimal, NO_DECISION, Sheets};

/// The commented file that `looplens init` writes: every default, explained. A test holds that it reads back
/// as [`Config::default`].
pub const TEMPLATE: &str = include_str!("config.toml");

/// The dimensions by which results can be segmented.
pub const SEGMENTS: &[&str] = &["department", "level", "location", "source", "job_id", "stage"];

/// The configuration as meant.
#[derive(Debug, Clone)]
pub struct Config {
    preset: Option<String>,
    /// Stages: aliases and how a debrief is known.
    pub stages: Stages,
    /// How reasons for an ending are told apart where the source has no type for them.
    pub reasons: Reasons,
    /// How exports of Ashby are read.
    pub ashby: Ashby,
    /// How neutral tables are read.
    pub tables: Tables,
    /// What stays private.
    pub privacy: Privacy,
    /// What counts as too many rejects, and how many generations stay.
    pub dataset: DatasetRules,
    /// Which time counts.
    pub calendar: Calendar,
    /// Limits of the time to decision.
    pub time: TimeRules,
    /// What models look back on.
    pub models: models::Models,
    /// What independence of scores is judged by.
    pub drift: drift::Drift,
    /// What a written observation should be.
    pub hygiene: drift::Hygiene,
    /// When two rounds count as the same.
    pub redundancy: redundancy::Redundancy,
    /// Which loop plan the data is held against.
    pub plan: plans::Plans,
    /// How outcomes are read.
    pub outcomes: outcomes::Outcomes,
    /// What reports show.
    pub report: ReportRules,
    /// What must not be.
    pub check: check::Policy,
    /// A fingerprint of everything that changes what ingest writes.
    pub ingest_fingerprint: String,
    /// A fingerprint of everything that changes what analysis computes.
    pub analysis_fingerprint: String,
}

/// Stages as the configuration wants them.
#[derive(Debug, Clone)]
pub struct Stages {
    aliases: BTreeMap<String, String>,
    debrief: Regex,
    take_home: Regex,
    no_appointment: Regex,
}

impl Stages {
    /// The stage's name after aliases; white space around it never counts.
    pub fn name(&self, raw: &str) -> String {
        let raw = raw.trim();
        self.aliases.get(raw).cloned().unwrap_or_else(|| raw.to_owned())
    }

    /// Whether an appointment of this name is a debrief, where the source has no flag for it.
    pub fn is_debrief(&self, raw: &str) -> bool {
        self.debrief.is_match(raw)
    }

    /// Whether entering a stage of this name waits for something other than an appointment.
    pub fn has_no_appointment(&self, raw: &str) -> bool {
        self.no_appointment.is_match(raw)
    }

    /// Whether a stage of this name is done at home, where the source has no flag for it.
    pub fn is_take_home(&self, raw: &str) -> bool {
        self.take_home.is_match(raw)
    }
}

/// How reasons for an ending are told apart where the source has no type for them.
#[derive(Debug, Clone)]
pub struct Reasons {
    withdrawn: Regex,
    hired: Regex,
}

impl Reasons {
    /// Whether a reason of this name means that the candidate ended it.
    pub fn is_withdrawal(&self, reason: &str) -> bool {
        self.withdrawn.is_match(reason)
    }

    /// Whether a reason of this name means that the candidate was hired.
    pub fn is_hire(&self, reason: &str) -> bool {
        self.hired.is_match(reason)
    }
}

/// How neutral tables are read.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Per table: canonical column to the file's own column.
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Where rows come from, for extracts of another layout; empty where files follow the contract.
    pub feeds: Vec<Feed>,
    /// Per table and column: the file's own words, to those of the contract.
    pub words: BTreeMap<String, BTreeMap<String, Words>>,
    /// Patterns for times, tried in order after RFC 3339 and epochs.
    pub time_patterns: Vec<String>,
    /// The zone of times that carry none.
    pub time_zone: Option<String>,
    /// The rating scale.
    pub scale: Option<Scale>,
    /// What the rating scale is called; otherwise it is described.
    pub scale_name: Option<String>,
    /// How many levels overall recommendations have.
    pub recommendation_levels: Option<i64>,
    /// What tables kept by hand need besides.
    pub sheets: Sheets,
}

impl Tables {
    /// The words of a column, where some are declared.
    pub fn words(&self, table: &str, column: &str) -> Option<&Words> {
        self.words.get(table)?.get(column)
    }
}

/// A declared rating scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Lowest score.
    pub min: f64,
    /// Highest score.
    pub max: f64,
    /// Distance between neighbouring scores.
    pub step: f64,
    /// Whether 1 is best.
    pub reversed: bool,
}

/// What stays private.
#[derive(Debug, Clone)]
pub struct Privacy {
    /// How application ids are kept.
    pub application_ids: ApplicationIds,
    /// Groups of fewer people than this are not printed.
    pub smallest_group: i64,
}

/// How identifiers of applications, interviews and scorecards are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationIds {
    /// As they are where they are opaque (numbers, UUIDs, a short prefix and digits); otherwise a pseudonym.
    Auto,
    /// As they are.
    Keep,
    /// Always a pseudonym.
    Pseudonym,
}

/// Rules of the dataset.
#[derive(Debug, Clone, Copy)]
pub struct DatasetRules {
    /// Largest share of rejected records that is still committed.
    pub largest_reject_share: f64,
    /// How many generations stay for going back.
    pub keep_generations: usize,
    /// What becomes of records that a newer export no longer holds.
    pub missing: Missing,
}

/// Limits of the time to decision.
#[derive(Debug, Clone)]
pub struct TimeRules {
    /// For each, the share decided within so many days is reported.
    pub limits_days: Vec<f64>,
    /// Beyond this a loop is slow.
    pub slow_after_days: f64,
    /// How loops opened before the export starts are treated.
    pub observed_from: Option<crate::time::Instant>,
}

/// What reports show.
#[derive(Debug, Clone)]
pub struct ReportRules {
    /// Segments.
    pub by: Vec<String>,
}

impl Default for Config {
    #[allow(clippy::expect_used, reason = "the template is part of the program and a test reads it")]
    fn default() -> Self {
        Self::parse(TEMPLATE, "built-in defaults").expect("the built-in defaults are valid")
    }
}

impl Config {
    /// Reads a configuration file, or `looplens.toml` in the working folder if there is one, or the defaults;
    /// over a preset, where one is named here or there.
    pub fn load(path: Option<&Path>, preset: Option<&str>) -> Result<Self> {
        let local = Path::new("looplens.toml");
        let path = match path {
            Some(path) => path,
            None if local.is_file() => local,
            None => return Self::over(preset, "", "built-in defaults"),
        };
        let text = std::fs::read_to_string(path).map_err(|e| Error::unreadable("read the configuration", path, &e))?;
        Self::over(preset, &text, &path.display().to_string())
    }

    /// Reads configuration text.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        Self::over(None, text, name)
    }

    /// Reads configuration text over the preset named, or over the one that the text itself names.
    fn over(preset: Option<&str>, text: &str, name: &str) -> Result<Self> {
        let written = Written::read(text, name)?;
        let Some(id) = preset.or(written.preset.as_deref()) else { return written.mean(name) };
        let preset = presets::by_id(id).ok_or_else(|| {
            let ids: Vec<&str> = presets::PRESETS.iter().map(|preset| preset.id).collect();
            Error::new(&pages::UNKNOWN_NAME, format!("there is no preset `{}`", crate::report::number::harmless(id)))
                .place(name)
                .help(format!("there are {}; see `looplens list presets`", ids.join(", ")))
        })?;
        let unreadable = |e: toml::de::Error| {
            Error::new(&pages::CONFIG_UNREADABLE, format!("the configuration cannot be read: {}", e.message()))
        };
        let mut both: toml::Table = toml::from_str(preset.text).map_err(unreadable)?;
        presets::lay_over(&mut both, toml::from_str(text).map_err(unreadable)?);
        let mut written: Written = both.try_into().map_err(|e| unreadable(e).place(name))?;
        written.preset = Some(preset.id.to_owned());
        written.mean(name)
    }

    /// The preset that was read below the configuration.
    pub fn preset(&self) -> Option<&str> {
        self.preset.as_deref()
    }

    /// Takes the segments given on the command line instead of the configured ones.
    pub fn set_by(&mut self, by: Vec<String>) {
        self.report.by = by;
        self.analysis_fingerprint =
            blake3::hash(format!("{} by {}", self.analysis_fingerprint, self.report.by.join(",")).as_bytes())
                .to_hex()
                .to_string();
    }
}

/// The words a decision can be mapped to; `closed` is whichever of the others its reason says (`[reasons]`).
pub const DECISIONS: &[&str] = &["offer", "reject", "withdrawn", "closed"];

/// The words an event can be mapped to.
pub const EVENTS: &[&str] = &[
    "applied",
    "stage_entered",
    "stage_left",
    "availability_received",
    "interview_scheduled",
    "interview_started",
    "interview_ended",
    "scorecard_submitted",
    "debrief_started",
    "debrief_ended",
    "decided",
    "offer_sent",
    "offer_resolved",
    "started",
];

impl Written {
    fn read(text: &str, name: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            Error::new(&pages::CONFIG_UNREADABLE, format!("the configuration cannot be read: {}", e.message()))
                .place(e.span().map_or_else(
                    || name.to_owned(),
                    |span| {
                        let line = text.get(..span.start).unwrap_or("").matches('\n').count() + 1;
                        format!("{name}:line {line}")
                    },
                ))
                .help("`looplens init` writes a commented configuration with every key")
        })
    }

    fn mean(self, name: &str) -> Result<Config> {
        let mut problems: Vec<String> = Vec::new();
        let mut pattern = |key: &str, text: &str| {
            Regex::new(text).unwrap_or_else(|e| {
                problems.push(format!("{key}: not a regular expression: {e}"));
                never()
            })
        };
        let stages = Stages {
            aliases: self.stages.aliases.clone(),
            debrief: pattern("stages.debrief_pattern", &self.stages.debrief_pattern),
            take_home: pattern("stages.take_home_pattern", &self.stages.take_home_pattern),
            no_appointment: pattern("stages.no_appointment_pattern", &self.stages.no_appointment_pattern),
        };
        let reasons = Reasons {
            withdrawn: pattern("reasons.withdrawn_pattern", &self.reasons.withdrawn_pattern),
            hired: pattern("reasons.hired_pattern", &self.reasons.hired_pattern),
        };
        let ashby = self.ashby.mean(&mut pattern);
        let mut check = |good: bool, problem: &str| {
            if !good {
                problems.push(problem.to_owned());
            }
        };
        check(
            (0.0..=1.0).contains(&self.dataset.largest_reject_share),
            "dataset.largest_reject_share: between 0 and 1",
        );
        check(self.dataset.keep_generations >= 1, "dataset.keep_generations: at least 1");
        check(self.privacy.smallest_group >= 1, "privacy.smallest_group: at least 1");
        check(self.time.slow_after_days > 0.0, "time.slow_after_days: above 0");
        check(
            self.time.limits_days.iter().all(|days| *days > 0.0 && days.is_finite()),
            "time.limits_days: every limit above 0",
        );
        for segment in &self.report.by {
            check(
                SEGMENTS.contains(&segment.as_str()),
                &format!("report.by: `{segment}` is not one of {}", SEGMENTS.join(", ")),
            );
        }
        let tables = self.tables.by_name();
        let words: BTreeMap<String, BTreeMap<String, Words>> =
            tables.iter().map(|(table, written)| ((*table).to_owned(), feeds::words(table, &written.values))).collect();
        let meanings = |table: &str, column: &str| {
            let words = words.get(table).and_then(|columns| columns.get(column));
            words.map(|words| words.meanings().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default()
        };
        for word in meanings("decisions", "decision") {
            check(
                DECISIONS.contains(&word.as_str()),
                &format!("tables.decisions.values: `{word}` is not one of {}", DECISIONS.join(", ")),
            );
        }
        for word in meanings("events", "event") {
            check(
                EVENTS.contains(&word.as_str()) || word == "ignore",
                &format!("tables.events.values: `{word}` is not `ignore` or one of {}", EVENTS.join(", ")),
            );
        }
        for word in meanings("scorecards", "score") {
            check(
                word.is_empty() || word == NO_DECISION || word.parse::<f64>().is_ok_and(f64::is_finite),
                &format!("tables.scorecards.values: `{word}` is neither a number nor `{NO_DECISION}`"),
            );
        }
        if let Some(scale) = &self.tables.scale {
            check(scale.max > scale.min && scale.step > 0.0, "tables.scale: max above min and step above 0");
        }
        if let Some(zone) = &self.tables.time_zone {
            check(jiff::tz::TimeZone::get(zone).is_ok(), "tables.time_zone: not a zone of the IANA database");
        }
        if let Some(recommendation) = &self.tables.recommendation {
            check(recommendation.levels >= 2, "tables.recommendation.levels: at least 2");
        }
        let feeds = feeds::mean(tables.map(|(table, written)| (table, written.main(), &written.also)), &mut problems);
        let sheets = sheets::mean(&self.tables, &mut problems);
        problems.extend(self.models.problems());
        problems.extend(self.drift.problems());
        problems.extend(self.hygiene.problems());
        problems.extend(self.redundancy.problems());
        let plan = self.plan.mean(name, &mut problems);
        problems.extend(self.outcomes.problems());
        let calendar = self.calendar.mean().unwrap_or_else(|problem| {
            problems.push(problem);
            Calendar::elapsed()
        });
        let observed_from = match self.time.observed_from.as_deref().map(crate::time::Instant::parse_bound) {
            Some(Err(_)) => {
                problems.push("time.observed_from: not an instant; write 2026-01-01T00:00:00Z".to_owned());
                None
            }
            other => other.and_then(Result::ok),
        };
        if !problems.is_empty() {
            return Err(Error::new(
                &pages::CONFIG_PROBLEMS,
                format!(
                    "the configuration has {}:\n    {}",
                    crate::report::number::plural(problems.len() as i64, "problem", "problems"),
                    problems.join("\n    ")
                ),
            )
            .place(name)
            .help("`looplens init` writes a commented configuration with every key"));
        }
        let print = |text: String| blake3::hash(text.as_bytes()).to_hex().to_string();
        let ingest_fingerprint = print(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.stages,
            self.reasons,
            self.ashby,
            self.tables,
            self.privacy.application_ids,
            self.time.observed_from,
            self.dataset.missing,
            self.hygiene.judgement_words
        ));
        let analysis_fingerprint = print(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {plan:?}",
            self.calendar,
            self.time,
            self.models,
            self.drift,
            self.hygiene,
            self.redundancy,
            self.outcomes,
            self.report,
            self.privacy.smallest_group
        ));
        let columns = tables.map(|(table, written)| (table.to_owned(), written.columns.clone())).into_iter().collect();
        Ok(Config {
            preset: self.preset,
            stages,
            reasons,
            ashby,
            tables: Tables {
                columns,
                feeds,
                words,
                time_patterns: self.tables.time_patterns,
                time_zone: self.tables.time_zone,
                scale_name: self.tables.scale.as_ref().and_then(|scale| scale.name.clone()),
                recommendation_levels: self.tables.recommendation.map(|scale| scale.levels),
                scale: self.tables.scale.map(|scale| Scale {
                    min: scale.min,
                    max: scale.max,
                    step: scale.step,
                    reversed: scale.reversed,
                }),
                sheets,
            },
            privacy: Privacy {
                application_ids: self.privacy.application_ids,
                smallest_group: self.privacy.smallest_group,
            },
            dataset: DatasetRules {
                largest_reject_share: self.dataset.largest_reject_share,
                keep_generations: self.dataset.keep_generations,
                missing: self.dataset.missing,
            },
            calendar,
            models: self.models,
            drift: self.drift,
            hygiene: self.hygiene,
            redundancy: self.redundancy,
            plan,
            outcomes: self.outcomes,
            time: TimeRules {
                limits_days: self.time.limits_days,
                slow_after_days: self.time.slow_after_days,
                observed_from,
            },
            report: ReportRules { by: self.report.by },
            check: self.check,
            ingest_fingerprint,
            analysis_fingerprint,
        })
    }
}

impl WrittenTable {
    /// What the table says for itself, without the other ways in which it is filled.
    fn main(&self) -> WrittenFeed {
        WrittenFeed {
            from: self.from.clone(),
            unless: self.unless.clone(),
            columns: self.columns.clone(),
            keep: self.keep.clone(),
            drop: self.drop.clone(),
            reject: self.reject.clone(),
        }
    }
}

impl WrittenCalendar {
    fn mean(&self) -> std::result::Result<Calendar, String> {
        let business = match self.days.as_str() {
            "calendar" => false,
            "business" => true,
            other => return Err(format!("calendar.days: `{other}` is neither `calendar` nor `business`")),
        };
        let mut free = Vec::new();
        for day in &self.free {
            free.push(match day.to_lowercase().as_str() {
                "monday" => Weekday::Monday,
                "tuesday" => Weekday::Tuesday,
                "wednesday" => Weekday::Wednesday,
                "thursday" => Weekday::Thursday,
                "friday" => Weekday::Friday,
                "saturday" => Weekday::Saturday,
                "sunday" => Weekday::Sunday,
                other => return Err(format!("calendar.free: `{other}` is not a weekday")),
            });
        }
        free.sort_by_key(|day| day.to_monday_zero_offset());
        free.dedup();
        if free.len() > 6 {
            return Err("calendar.free: at least one weekday must count".to_owned());
        }
        let mut holidays = Vec::new();
        for day in &self.holidays {
            holidays.push(
                day.parse::<Date>().map_err(|_| format!("calendar.holidays: `{day}` is not a date like 2026-12-25"))?,
            );
        }
        if !business {
            return Ok(Calendar::elapsed());
        }
        Calendar::business(&self.zone, &free, &holidays).map_err(|e| format!("calendar.zone: {}", e.what))
    }
}

#[allow(clippy::expect_used, reason = "the empty class is a valid pattern that matches nothing")]
fn never() -> Regex {
    Regex::new(r"[^\s\S]").expect("valid")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    #[test]
    fn the_template_states_the_defaults() {
        let stated = Config::parse(TEMPLATE, "template").unwrap();
        let silent = Config::parse("", "nothing").unwrap();
        assert_eq!(stated.ingest_fingerprint, silent.ingest_fingerprint);
        assert_eq!(stated.analysis_fingerprint, silent.analysis_fingerprint);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let error = Config::parse("[report]\nby = ['x']\n[dataset]\nlargest_reject_share = 7.0", "f").unwrap_err();
        assert!(error.what.contains("report.by") && error.what.contains("largest_reject_share"));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = Config::parse("[report]\nbye = []", "f.toml").unwrap_err();
        assert_eq!(error.place.as_deref(), Some("f.toml:line 2"));
    }
}
