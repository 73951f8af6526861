//! `looplens.toml` as it is written, with the defaults of what is left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ashby::WrittenAshby;
use super::feeds::{Meaning, Texts, WrittenFeed};
use super::plans::WrittenPlan;
use super::{ApplicationIds, Missing, check, drift, models, outcomes, redundancy, sheets};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    pub(super) preset: Option<String>,
    pub(super) stages: WrittenStages,
    pub(super) reasons: WrittenReasons,
    pub(super) ashby: WrittenAshby,
    pub(super) tables: WrittenTables,
    pub(super) privacy: WrittenPrivacy,
    pub(super) dataset: WrittenDataset,
    pub(super) calendar: WrittenCalendar,
    pub(super) time: WrittenTime,
    pub(super) models: models::Models,
    pub(super) drift: drift::Drift,
    pub(super) hygiene: drift::Hygiene,
    pub(super) redundancy: redundancy::Redundancy,
    pub(super) plan: WrittenPlan,
    pub(super) outcomes: outcomes::Outcomes,
    pub(super) report: WrittenReport,
    pub(super) check: check::Policy,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenStages {
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) debrief_pattern: String,
    pub(super) take_home_pattern: String,
    pub(super) no_appointment_pattern: String,
}

impl Default for WrittenStages {
    fn default() -> Self {
        Self {
            aliases: BTreeMap::new(),
            debrief_pattern: r"(?i)\b(debrief|round[- ]?up|wash[- ]?up|hiring (meeting|committee))\b".into(),
            take_home_pattern: r"(?i)\b(take[- ]?home|work sample|assignment|homework)\b".into(),
            no_appointment_pattern: r"(?i)\b(application review|debrief|reference|background|offer|hired|archived)"
                .into(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenReasons {
    pub(super) withdrawn_pattern: String,
    pub(super) hired_pattern: String,
}

impl Default for WrittenReasons {
    fn default() -> Self {
        Self {
            withdrawn_pattern: concat!(
                r"(?i)(\bwithdr[ae]w|^(candidate|they|applicant) (declined|rejected|dropped|withdr)|",
                r"\b(accepted|took|taken) another|\bno[- ]?show\b|\bunresponsive\b|\bnot interested\b)"
            )
            .into(),
            hired_pattern: r"(?i)^(hired|hire)\b".into(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenTables {
    pub(super) time_patterns: Vec<String>,
    pub(super) time_zone: Option<String>,
    pub(super) decimal: sheets::Decimal,
    pub(super) applications: WrittenTable,
    pub(super) decisions: WrittenTable,
    pub(super) interviews: WrittenTable,
    pub(super) panel_members: WrittenTable,
    pub(super) cards: WrittenTable,
    pub(super) scorecards: WrittenTable,
    pub(super) events: WrittenTable,
    pub(super) outcomes: WrittenTable,
    pub(super) people: WrittenTable,
    pub(super) scale: Option<WrittenScale>,
    pub(super) recommendation: Option<WrittenRecommendation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenTable {
    pub(super) from: Option<Texts>,
    pub(super) unless: Option<Texts>,
    pub(super) columns: BTreeMap<String, String>,
    pub(super) values: BTreeMap<String, Meaning>,
    pub(super) keep: BTreeMap<String, Texts>,
    pub(super) drop: BTreeMap<String, Texts>,
    pub(super) reject: BTreeMap<String, String>,
    pub(super) also: BTreeMap<String, WrittenFeed>,
    pub(super) header_row: Option<u64>,
    pub(super) dimensions: BTreeMap<String, String>,
}

impl WrittenTables {
    pub(super) fn by_name(&self) -> [(&'static str, &WrittenTable); 9] {
        [
            ("applications", &self.applications),
            ("decisions", &self.decisions),
            ("interviews", &self.interviews),
            ("panel_members", &self.panel_members),
            ("cards", &self.cards),
            ("scorecards", &self.scorecards),
            ("events", &self.events),
            ("outcomes", &self.outcomes),
            ("people", &self.people),
        ]
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRecommendation {
    pub(super) levels: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenScale {
    pub(super) name: Option<String>,
    pub(super) min: f64,
    pub(super) max: f64,
    #[serde(default = "one")]
    pub(super) step: f64,
    #[serde(default)]
    pub(super) reversed: bool,
}

fn one() -> f64 {
    1.0
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenPrivacy {
    pub(super) application_ids: ApplicationIds,
    pub(super) smallest_group: i64,
}

impl Default for WrittenPrivacy {
    fn default() -> Self {
        Self { application_ids: ApplicationIds::Auto, smallest_group: 5 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenDataset {
    pub(super) largest_reject_share: f64,
    pub(super) keep_generations: usize,
    pub(super) missing: Missing,
}

impl Default for WrittenDataset {
    fn default() -> Self {
        Self { largest_reject_share: 0.2, keep_generations: 3, missing: Missing::Keep }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenCalendar {
    pub(super) days: String,
    pub(super) zone: String,
    pub(super) free: Vec<String>,
    pub(super) holidays: Vec<String>,
}

impl Default for WrittenCalendar {
    fn default() -> Self {
        Self {
            days: "calendar".into(),
            zone: "UTC".into(),
            free: vec!["saturday".into(), "sunday".into()],
            holidays: Vec::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenTime {
    pub(super) limits_days: Vec<f64>,
    pub(super) slow_after_days: f64,
    pub(super) observed_from: Option<String>,
}

impl Default for WrittenTime {
    fn default() -> Self {
        Self { limits_days: vec![14.0, 21.0], slow_after_days: 21.0, observed_from: None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenReport {
    pub(super) by: Vec<String>,
}

impl Default for WrittenReport {
    fn default() -> Self {
        Self { by: ["department", "level", "source"].map(String::from).to_vec() }
    }
}
