//! `[plan]`: which loop plan the data is held against, and which round each stage is.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::plan::Plan;
use crate::plan::matching::IGNORE;
use crate::report::number::harmless;

/// The name that stands for no plan at all.
const NONE: &str = "none";

/// Which loop plan the data is held against.
#[derive(Debug, Clone, Default)]
pub struct Plans {
    /// The plan.
    pub choice: Choice,
    /// Stages of the data: to the id of a round, or to `ignore`.
    pub stages: BTreeMap<String, String>,
}

/// Which plan.
#[derive(Debug, Clone, Default)]
pub enum Choice {
    /// The shipped plan that fits the data best, if one fits well.
    #[default]
    Assumed,
    /// None.
    None,
    /// This one.
    Declared(Box<Plan>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenPlan {
    name: Option<String>,
    file: Option<String>,
    stages: BTreeMap<String, String>,
}

impl WrittenPlan {
    /// Reads the plan; `config` is the configuration's own file, beside which a plan's file is looked for.
    pub(super) fn mean(&self, config: &str, problems: &mut Vec<String>) -> Plans {
        let read = match (&self.name, &self.file) {
            (Some(_), Some(_)) => {
                problems.push("plan.file: name a shipped plan or a file, not both".to_owned());
                return Plans::default();
            }
            (Some(name), None) if name == NONE => Ok(Choice::None),
            (Some(name), None) => Plan::builtin(name).map(|plan| Choice::Declared(Box::new(plan))),
            (None, Some(file)) => {
                let folder = Path::new(config).parent().unwrap_or(Path::new(""));
                Plan::load(&folder.join(file)).map(|plan| Choice::Declared(Box::new(plan)))
            }
            (None, None) => Ok(Choice::Assumed),
        };
        let choice = read.unwrap_or_else(|error| {
            let key = if self.file.is_some() { "file" } else { "name" };
            problems.push(format!("plan.{key}: {}", error.told().replace('\n', "\n    ")));
            Choice::None
        });
        if let Choice::Declared(plan) = &choice {
            for (stage, round) in &self.stages {
                if plan.round(round).is_none() && round != IGNORE {
                    let ids: Vec<&str> = plan.rounds.iter().map(|round| round.id.as_str()).collect();
                    problems.push(format!(
                        "plan.stages.\"{}\": `{}` is not `{IGNORE}` or a round of {}: {}",
                        harmless(stage),
                        harmless(round),
                        plan.name,
                        ids.join(", ")
                    ));
                }
            }
        } else if !self.stages.is_empty() && !matches!(choice, Choice::None) {
            problems.push("plan.stages: say in plan.name or plan.file whose rounds these are".to_owned());
        }
        Plans { choice, stages: self.stages.clone() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_plan_is_assumed_unless_one_is_named_or_refused() {
        assert!(matches!(Config::default().plan.choice, Choice::Assumed));
        let none = Config::parse("[plan]\nname = 'none'\n", "test").unwrap();
        assert!(matches!(none.plan.choice, Choice::None));
        let four = Config::parse("[plan]\nname = 'four-stage'\n", "test").unwrap();
        assert!(matches!(&four.plan.choice, Choice::Declared(plan) if plan.name == "four-stage"));
        assert_ne!(none.analysis_fingerprint, four.analysis_fingerprint);
        assert_eq!(none.ingest_fingerprint, four.ingest_fingerprint);
    }

    #[test]
    fn a_plans_file_stands_beside_the_configuration_and_its_problems_among_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("looplens.toml");
        let text = "[plan]\nfile = 'ours.toml'\n[plan.stages]\n'Coffee' = 'chat'\n'Lunch' = 'ignore'\n";
        std::fs::write(&config, text).unwrap();
        let told = Config::load(Some(&config), None).unwrap_err().to_string();
        assert!(told.contains("plan.file: cannot read the plan") && told.contains("ours.toml"), "{told}");
        std::fs::write(folder.path().join("ours.toml"), "name = 'ours'\n").unwrap();
        let told = Config::load(Some(&config), None).unwrap_err().to_string();
        assert!(told.contains("plan.file: the plan has 2 problems:") && told.contains("title: missing"), "{told}");
        let plan = "name = 'ours'\ntitle = 'Ours'\n[[rounds]]\nid = 'talk'\nname = 'Talk'\n";
        std::fs::write(folder.path().join("ours.toml"), plan).unwrap();
        let told = Config::load(Some(&config), None).unwrap_err().to_string();
        let expected = "plan.stages.\"Coffee\": `chat` is not `ignore` or a round of ours: talk";
        assert!(told.contains(expected) && !told.contains("Lunch"), "{told}");
        std::fs::write(&config, text.replace("'chat'", "'talk'")).unwrap();
        assert_eq!(Config::load(Some(&config), None).unwrap().plan.stages.len(), 2);
    }

    #[test]
    fn what_cannot_be_meant_together_is_told() {
        let told = |text: &str| Config::parse(text, "test").unwrap_err().to_string();
        assert!(told("[plan]\nname = 'six-stage'\nfile = 'x'\n").contains("not both"));
        assert!(told("[plan.stages]\n'A' = 'b'\n").contains("plan.stages: say in plan.name or plan.file"));
        assert!(told("[plan]\nname = 'seven'\n").contains("plan.name: there is no plan `seven`"));
    }
}
