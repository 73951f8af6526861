//! The policy as meant: the rules that hold, each with its limit. All problems are told at once.

use std::collections::BTreeSet;

use super::{RULES, Rule, Side, Unit, by_id};
use crate::config::SEGMENTS;
use crate::config::check::{Decide, Policy, Wanted};
use crate::error::{Error, Result, pages};
use crate::findings::Level;
use crate::report::number::{harmless, plural};

/// All loops together, beside the dimensions of [`SEGMENTS`].
pub const ALL: &str = "all";

/// A rule that holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// The rule.
    pub rule: &'static Rule,
    /// Its limit; none for a rule without one.
    pub limit: Option<f64>,
    /// When a figure counts as beyond it; none for a count or a rule without a limit.
    pub decide: Option<Decide>,
    /// The dimensions whose segments it looks at.
    pub by: Vec<String>,
    /// The only cases it looks at; all where none is named.
    pub only: Vec<String>,
    /// The cases it does not look at.
    pub except: Vec<String>,
    /// The least serious level of a finding that counts.
    pub level: Level,
}

impl Held {
    /// A rule as the policy wants it.
    fn of(rule: &'static Rule, wanted: &Wanted) -> Self {
        Self {
            rule,
            limit: rule.limit.map(|limit| wanted.limit.unwrap_or(limit.default)),
            decide: rule.limit.and_then(|limit| limit.decide).map(|default| wanted.decide.unwrap_or(default)),
            by: wanted.by.clone(),
            only: wanted.only.clone(),
            except: wanted.except.clone(),
            level: wanted.level.as_deref().and_then(level).unwrap_or(Level::Act),
        }
    }

    /// Whether the rule looks at what has these names.
    pub fn looks_at(&self, names: &[String]) -> bool {
        let named = |list: &[String]| list.iter().any(|one| names.contains(one));
        (self.only.is_empty() || named(&self.only)) && !named(&self.except)
    }
}

fn level(word: &str) -> Option<Level> {
    [Level::Act, Level::Look, Level::Note].into_iter().find(|level| level.word() == word)
}

/// The rules that hold, in the order of the registry.
pub fn mean(policy: &Policy, name: &str) -> Result<Vec<Held>> {
    let mut problems = Vec::new();
    let mut held = Vec::new();
    for (id, wanted) in &policy.rules {
        match by_id(id) {
            Some(rule) => problems.extend(wrong(rule, wanted)),
            None => problems.push(format!("check.rules: there is no rule `{}`", harmless(id))),
        }
    }
    if !problems.is_empty() {
        return Err(Error::new(
            &pages::POLICY_PROBLEMS,
            format!(
                "the policy has {}:\n    {}",
                plural(problems.len() as i64, "problem", "problems"),
                problems.join("\n    ")
            ),
        )
        .place(name)
        .help("`looplens list rules` names the rules with their limits"));
    }
    for rule in RULES {
        match policy.rules.get(rule.id) {
            Some(wanted) if wanted.is_on => held.push(Held::of(rule, wanted)),
            None if policy.others => held.push(Held::of(rule, &Wanted::default())),
            _ => {}
        }
    }
    if held.is_empty() {
        return Err(Error::new(&pages::POLICY_PROBLEMS, "the policy holds no rule, so there is nothing to check")
            .place(name)
            .help("name a rule in [check.rules], or set check.others = true"));
    }
    Ok(held)
}

/// What a policy says about a rule that the rule cannot mean.
fn wrong(rule: &Rule, wanted: &Wanted) -> Vec<String> {
    let mut problems = Vec::new();
    let mut tell = |problem: String| problems.push(format!("check.rules.{}: {problem}", rule.id));
    match (rule.limit, wanted.limit) {
        (None, Some(_)) => tell("this rule has no limit; write true or false".to_owned()),
        (Some(_), Some(limit)) if !limit.is_finite() || limit < 0.0 => tell("the limit is a number from 0".to_owned()),
        (Some(known), Some(limit)) if known.unit == Unit::Share && limit > 1.0 => {
            tell(format!("the limit is a share from 0 to 1; {limit} % is {}", limit / 100.0));
        }
        _ => {}
    }
    if wanted.decide.is_some() && rule.limit.is_none_or(|limit| limit.decide.is_none()) {
        tell("`decide` is for figures with an interval; this rule has none".to_owned());
    }
    if wanted.by.is_empty() {
        tell(format!("`by` is empty; write [\"{ALL}\"] for all loops together"));
    }
    for kind in &wanted.by {
        if kind != ALL && !SEGMENTS.contains(&kind.as_str()) {
            tell(format!("by: `{}` is not {ALL} or one of {}", harmless(kind), SEGMENTS.join(", ")));
        } else if kind != ALL && !rule.segments {
            tell(format!("by: this rule looks at all loops together, not at each {kind}"));
        }
    }
    if let Some(word) = &wanted.level {
        if rule.id != super::rules::findings::NEW_FINDINGS.id {
            tell("`level` is for findings".to_owned());
        } else if level(word).is_none() {
            tell(format!("level: `{}` is not act, look or note", harmless(word)));
        }
    }
    problems
}

/// The dimensions that the rules look at, which the analysis has to compute.
pub fn dimensions(held: &[Held]) -> BTreeSet<&str> {
    held.iter().flat_map(|held| &held.by).map(String::as_str).filter(|kind| *kind != ALL).collect()
}

/// A rule in a few words, with its default: for lists.
pub fn summary(rule: &Rule) -> String {
    let default = match rule.limit {
        None => "as the result says".to_owned(),
        Some(limit) => {
            let side = if limit.side == Side::Above { "most" } else { "least" };
            let decide = limit.decide.map_or(String::new(), |decide| format!(", {}", decide.word()));
            format!("at {side} {} ({}{decide})", limit.default, limit.unit.word())
        }
    };
    format!("{} Default: {default}.", rule.forbids)
}
