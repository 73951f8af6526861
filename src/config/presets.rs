//! Shipped configurations for extracts whose layout is known: a preset is a `looplens.toml` of its own, and what
//! the user writes goes before it, key by key.

use toml::Table;
use toml::Value;

/// One shipped configuration.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line, kebab-case.
    pub id: &'static str,
    /// What it reads, for `looplens list presets`.
    pub summary: &'static str,
    /// The configuration.
    pub text: &'static str,
    /// Tables with columns by which such an extract is known without its name.
    pub signs: &'static [(&'static str, &'static [&'static str])],
}

/// Every preset, in the order they are listed.
pub const PRESETS: &[&Preset] = &[
    &Preset {
        id: "greenhouse-warehouse",
        summary: "Greenhouse in a data warehouse: the connectors' tables (application, scorecard, scorecard_attribute, \
                  scheduled_interview, scheduled_interviewer, offer, ...) or the BI connector's, saved as files.",
        text: include_str!("presets/greenhouse_warehouse.toml"),
        signs: &[
            ("application", &["id", "candidate_id", "status"]),
            ("application_stage", &["application_id"]),
            ("application_history", &["application_id", "new_stage_id"]),
            ("scorecard", &["id", "application_id"]),
            ("scorecard_attribute", &["scorecard_id"]),
            ("scheduled_interview", &["id", "application_id"]),
            ("scheduled_interviewer", &["scorecard_id"]),
        ],
    },
    &Preset {
        id: "lever-warehouse",
        summary: "Lever in a data warehouse: the connectors' tables (opportunity, opportunity_stage_history, interview, \
                  feedback_form, feedback_form_field, posting, archive_reason, ...), saved as files.",
        text: include_str!("presets/lever_warehouse.toml"),
        signs: &[
            ("opportunity", &["id", "created_at"]),
            ("opportunity_stage_history", &["opportunity_id", "stage_id"]),
            ("interviewer_user", &["interview_id", "user_id"]),
            ("feedback_form", &["id", "completed_at"]),
            ("feedback_form_field", &["feedback_form_id"]),
        ],
    },
];

/// The preset with a given name.
pub fn by_id(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().copied().find(|preset| preset.id == id)
}

/// Whether a file of this stem holds a table: by its name, or by the name's plural.
pub fn is_table(name: &str, stem: &str) -> bool {
    let Some(rest) = stem.strip_prefix(name) else {
        return name.strip_suffix('y').is_some_and(|root| stem.strip_prefix(root) == Some("ies"));
    };
    matches!(rest, "" | "s")
}

/// Puts what was written over a preset, key by key.
pub(super) fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => drop(below.insert(key, value)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_preset_is_a_valid_configuration_of_its_own() {
        for preset in PRESETS {
            let config = Config::parse(preset.text, preset.id).unwrap();
            assert!(config.tables.feeds.len() > 8, "{}", preset.id);
            assert!(preset.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", preset.id);
        }
    }

    #[test]
    fn what_is_written_goes_before_the_preset_key_by_key() {
        let written = "preset = 'greenhouse-warehouse'\n[tables.applications.columns]\nlevel = 'seniority'\n\
                       source = 'channel'\n[tables.scorecards]\ndrop = { 'scorecard_id -> scorecard.status' = [] }";
        let config = Config::parse(written, "looplens.toml").unwrap();
        let feed = |key: &str| config.tables.feeds.iter().find(|feed| feed.key == key).unwrap();
        let plain = |column: &str| crate::config::feeds::parse(column).unwrap();
        let applications = feed("tables.applications");
        assert_eq!(applications.columns["level"], plain("seniority"));
        assert_eq!(applications.columns["source"], plain("channel"));
        assert_eq!(applications.columns["application_id"], plain("id | application_id"));
        assert_eq!(applications.from, ["application"]);
        assert_eq!(feed("tables.scorecards").drop.len(), 1, "an empty list takes a condition away");
    }

    #[test]
    fn a_preset_that_does_not_exist_is_refused_by_name() {
        let error = Config::parse("preset = 'workday'", "looplens.toml").unwrap_err();
        assert!(error.what.contains("workday") && error.help.unwrap().contains("greenhouse-warehouse"));
    }

    #[test]
    fn tables_are_known_in_the_singular_and_the_plural() {
        for (name, stem, is_one) in [
            ("application", "applications", true),
            ("application_history", "application_histories", true),
            ("scorecard", "scorecard", true),
            ("scorecard", "scorecard_attribute", false),
            ("user", "use", false),
        ] {
            assert_eq!(is_table(name, stem), is_one, "{name} {stem}");
        }
    }
}
