//! `[check]`: the policy, what must not be. Which rules there are is known to `check` alone; here stands how a
//! policy may speak of one.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

/// What must not be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Whether rules that are not named hold too, with their defaults.
    pub others: bool,
    /// What is said about single rules, by their name.
    pub rules: BTreeMap<String, Wanted>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { others: true, rules: BTreeMap::new() }
    }
}

/// What is said about a rule; what is left out is the rule's default.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Whether the rule holds.
    pub is_on: bool,
    /// The limit.
    pub limit: Option<f64>,
    /// When a figure counts as beyond the limit.
    pub decide: Option<Decide>,
    /// The dimensions whose segments the rule looks at; `all` is all loops together.
    pub by: Vec<String>,
    /// The only things the rule looks at, by their names.
    pub only: Vec<String>,
    /// What the rule does not look at, by its name.
    pub except: Vec<String>,
    /// The least serious level of a finding that counts.
    pub level: Option<String>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            is_on: true,
            limit: None,
            decide: None,
            by: vec!["all".to_owned()],
            only: Vec::new(),
            except: Vec::new(),
            level: None,
        }
    }
}

/// When a figure counts as beyond its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decide {
    /// When its whole 95 % interval is.
    Sure,
    /// When the figure itself is.
    Point,
}

impl Decide {
    /// The word in a policy.
    pub fn word(self) -> &'static str {
        match self {
            Decide::Sure => "sure",
            Decide::Point => "point",
        }
    }
}

/// A rule as a table of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    limit: Option<f64>,
    decide: Option<Decide>,
    by: Option<Vec<String>>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    level: Option<String>,
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

/// Reads `false`, `true`, a limit, or a table.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Wanted;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("false, true, a limit, or a table with limit, decide, by, only, except, level")
    }

    fn visit_bool<E: serde::de::Error>(self, is_on: bool) -> Result<Wanted, E> {
        Ok(Wanted { is_on, ..Wanted::default() })
    }

    fn visit_f64<E: serde::de::Error>(self, limit: f64) -> Result<Wanted, E> {
        Ok(Wanted { limit: Some(limit), ..Wanted::default() })
    }

    fn visit_i64<E: serde::de::Error>(self, limit: i64) -> Result<Wanted, E> {
        self.visit_f64(limit as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, limit: u64) -> Result<Wanted, E> {
        self.visit_f64(limit as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Wanted, A::Error> {
        let Full { limit, decide, by, only, except, level } = Full::deserialize(MapAccessDeserializer::new(map))?;
        let by = by.unwrap_or_else(|| Wanted::default().by);
        Ok(Wanted { is_on: true, limit, decide, by, only, except, level })
    }
}

/// The line on which a policy speaks of a rule, counted from 1; that of `[check]` where it does not name the rule.
pub fn line_of(text: &str, rule: &str) -> Option<usize> {
    let document = toml::de::DeTable::parse(text).ok()?;
    let of = |table: &toml::de::DeTable<'_>, key: &str| {
        table.iter().find(|(own, _)| own.get_ref().as_ref() == key).map(|(own, _)| own.span().start)
    };
    let check = document.get_ref().get("check")?;
    let rules = check.get_ref().as_table().and_then(|check| check.get("rules"));
    let at =
        rules.and_then(|rules| of(rules.get_ref().as_table()?, rule)).or_else(|| of(document.get_ref(), "check"))?;
    Some(text.get(..at)?.matches('\n').count() + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_rule_may_be_switched_given_a_limit_or_written_out() {
        let text = "[check]\nothers = false\n[check.rules]\na = false\nb = true\nc = 21\nd = 0.5\n\
                    e = { limit = 3, decide = 'point', by = ['all', 'department'], except = ['x'] }";
        let policy = Config::parse(text, "p.toml").unwrap().check;
        assert!(!policy.others && !policy.rules["a"].is_on && policy.rules["b"] == Wanted::default());
        assert_eq!((policy.rules["c"].limit, policy.rules["d"].limit), (Some(21.0), Some(0.5)));
        let e = &policy.rules["e"];
        assert_eq!((e.limit, e.decide, e.by.len(), e.except.len()), (Some(3.0), Some(Decide::Point), 2, 1));
        assert_eq!(Config::parse("", "nothing").unwrap().check, Policy::default());
    }

    #[test]
    fn what_a_rule_cannot_say_is_told_with_its_line() {
        for (text, fragment) in [
            ("[check.rules]\nmedian-days = 'fast'", "a limit, or a table"),
            ("[check.rules]\nmedian-days = { limits = 3 }", "limits"),
            ("[check.rules]\nmedian-days = { decide = 'perhaps' }", "perhaps"),
        ] {
            let error = Config::parse(text, "p.toml").unwrap_err();
            assert!(error.what.contains(fragment), "{error}");
            assert_eq!(error.place.as_deref(), Some("p.toml:line 2"), "{error}");
        }
    }

    #[test]
    fn the_line_of_a_rule_is_that_of_its_name_or_of_the_section() {
        let text = "# top\n[report]\nby = []\n\n[check]\nothers = true\n[check.rules]\nfirst = 3\n\n[check.rules.second]\nlimit = 4\n";
        assert_eq!(line_of(text, "first"), Some(8));
        assert_eq!(line_of(text, "second"), Some(10));
        assert_eq!(line_of(text, "third"), Some(5));
        assert_eq!(line_of("[report]\nby = []", "first"), None);
        assert_eq!(line_of("not = [toml", "first"), None);
    }
}
