//! Which round of a plan a stage of the data is, and how well a plan fits the stages of the data.

use std::collections::BTreeMap;

use super::{BUILTIN, Kind, Plan};

/// The word of the configuration for a stage that is no round at all.
pub const IGNORE: &str = "ignore";
/// A plan nobody named is held against the data only where it explains this share of the appointments, and this
/// share of its rounds is found.
pub const FITS: f64 = 0.8;

/// A stage as the data has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name, after configured aliases.
    pub name: String,
    /// How its appointments take place, most of them.
    pub kind: Option<Kind>,
    /// How many appointments or cards it has.
    pub weight: i64,
}

/// How a stage was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The configuration says so.
    Configured,
    /// By the name of a round, or a name the plan lists.
    Name,
    /// By a pattern of the plan.
    Pattern,
    /// By how it takes place: no other stage and no other round is of that kind.
    Kind,
    /// The configuration leaves it out.
    Ignored,
    /// Not at all.
    Unknown,
}

impl How {
    /// The word in the tables.
    pub fn word(self) -> &'static str {
        match self {
            How::Configured => "configured",
            How::Name => "name",
            How::Pattern => "pattern",
            How::Kind => "kind",
            How::Ignored => "ignored",
            How::Unknown => "unknown",
        }
    }
}

/// What a stage is in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The position of its round.
    pub round: Option<usize>,
    /// How it was recognised.
    pub how: How,
}

/// The words of a name, in small letters: what two spellings of it have in common.
fn plain(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What each stage is in a plan, in the order given: as configured; by name; by the pattern that covers most of the
/// name, of equal ones that of the earlier round; or by a kind that only one round without a stage and one unknown
/// stage have, unless people merely talk.
pub fn matches(plan: &Plan, configured: &BTreeMap<String, String>, stages: &[Stage]) -> Vec<Match> {
    let mut out: Vec<Match> = stages.iter().map(|stage| one(plan, configured, stage)).collect();
    for (_, kind) in Kind::ALL.into_iter().filter(|(_, kind)| *kind != Kind::Live) {
        let of_kind: Vec<usize> =
            (0..stages.len()).filter(|at| out[*at].how == How::Unknown && stages[*at].kind == Some(kind)).collect();
        let free: Vec<usize> = (0..plan.rounds.len())
            .filter(|round| plan.rounds[*round].kind == Some(kind))
            .filter(|round| out.iter().all(|found| found.round != Some(*round)))
            .collect();
        if let ([stage], [round]) = (&of_kind[..], &free[..]) {
            out[*stage] = Match { round: Some(*round), how: How::Kind };
        }
    }
    out
}

fn one(plan: &Plan, configured: &BTreeMap<String, String>, stage: &Stage) -> Match {
    if let Some(id) = configured.get(&stage.name) {
        return match plan.round(id) {
            Some(round) => Match { round: Some(round), how: How::Configured },
            None => Match { round: None, how: How::Ignored },
        };
    }
    let name = plain(&stage.name);
    let named = plan.rounds.iter().position(|round| {
        [&round.id, &round.name].into_iter().chain(&round.stages).any(|own| !name.is_empty() && plain(own) == name)
    });
    if let Some(round) = named {
        return Match { round: Some(round), how: How::Name };
    }
    let mut best: Option<(usize, usize)> = None;
    for (at, round) in plan.rounds.iter().enumerate() {
        let covered = round.patterns.iter().filter_map(|pattern| pattern.find(&stage.name)).map(|found| found.len());
        if let Some(covered) = covered.max().filter(|covered| *covered > 0)
            && best.is_none_or(|(_, most)| covered > most)
        {
            best = Some((at, covered));
        }
    }
    match best {
        Some((round, _)) => Match { round: Some(round), how: How::Pattern },
        None => Match { round: None, how: How::Unknown },
    }
}

/// How well a plan fits the stages of the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Share of appointments whose stage is a round of the plan.
    pub explained: f64,
    /// Share of the plan's rounds that some stage is; optional ones count where they are found.
    pub found: f64,
}

impl Fit {
    /// The fit of a plan; `None` where there is no stage.
    pub fn of(plan: &Plan, stages: &[Stage], matches: &[Match]) -> Option<Self> {
        let counted = || stages.iter().zip(matches).filter(|(_, found)| found.how != How::Ignored);
        let all: i64 = counted().map(|(stage, _)| stage.weight).sum();
        let explained: i64 = counted().filter(|(_, m)| m.round.is_some()).map(|(stage, _)| stage.weight).sum();
        let seen = |round: usize| matches.iter().any(|found| found.round == Some(round));
        let wanted = (0..plan.rounds.len()).filter(|round| !plan.rounds[*round].optional || seen(*round)).count();
        let found = (0..plan.rounds.len()).filter(|round| seen(*round)).count();
        (all > 0 && wanted > 0)
            .then(|| Self { explained: explained as f64 / all as f64, found: found as f64 / wanted as f64 })
    }

    /// Whether the plan may stand in where none is named.
    pub fn is_good(self) -> bool {
        self.explained >= FITS && self.found >= FITS
    }
}

/// The shipped plan that fits the stages best, if one fits well.
pub fn assumed(stages: &[Stage]) -> Option<Plan> {
    let mut best: Option<(f64, Plan)> = None;
    for builtin in BUILTIN {
        let Ok(plan) = Plan::builtin(builtin.id) else { continue };
        let found = matches(&plan, &BTreeMap::new(), stages);
        let Some(fit) = Fit::of(&plan, stages, &found).filter(|fit| fit.is_good()) else { continue };
        let good = fit.explained * fit.found;
        if best.as_ref().is_none_or(|(most, _)| good > *most) {
            best = Some((good, plan));
        }
    }
    best.map(|(_, plan)| plan)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;

    fn stages(names: &[(&str, Option<Kind>)]) -> Vec<Stage> {
        names.iter().map(|(name, kind)| Stage { name: (*name).to_owned(), kind: *kind, weight: 10 }).collect()
    }

    fn rounds(plan: &str, configured: &[(&str, &str)], names: &[(&str, Option<Kind>)]) -> Vec<(String, &'static str)> {
        let plan = Plan::builtin(plan).unwrap();
        let configured = configured.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let found = matches(&plan, &configured, &stages(names));
        let id = |round: Option<usize>| round.map_or("-".to_owned(), |round| plan.rounds[round].id.clone());
        found.iter().map(|found| (id(found.round), found.how.word())).collect()
    }

    #[test]
    fn the_pattern_that_covers_most_of_a_name_wins() {
        let found = rounds(
            "six-stage",
            &[],
            &[
                ("Recruiter Screen", None),
                ("Preliminary Phone Screen", None),
                ("Technical Phone Screen", None),
                ("Take Home Test", None),
                ("System Design Interview", None),
                ("Onsite", None),
                ("final", None),
                ("Coffee with the team", None),
            ],
        );
        let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            ids,
            ["screening", "screening", "technical-screen", "work-sample", "design-review", "final", "final", "-"]
        );
        assert_eq!((found[6].1, found[7].1), ("name", "unknown"));
    }

    #[test]
    fn what_is_configured_goes_before_names_and_may_leave_a_stage_out() {
        let found = rounds(
            "six-stage",
            &[("Recruiter screen", "final"), ("Coffee", "ignore")],
            &[("Recruiter screen", None), ("Coffee", None)],
        );
        assert_eq!(found, [("final".to_owned(), "configured"), ("-".to_owned(), "ignored")]);
    }

    #[test]
    fn a_kind_tells_a_round_only_where_there_is_one_of_each() {
        let home = Some(Kind::TakeHome);
        let found = rounds("six-stage", &[], &[("Homework 7", home), ("Stage B", home)]);
        assert_eq!(found[0].1, "pattern", "the round is taken");
        assert_eq!(found[1].1, "unknown");
        let found = rounds("six-stage", &[], &[("Stage B", home), ("Stage C", Some(Kind::Live))]);
        assert_eq!(found, [("work-sample".to_owned(), "kind"), ("-".to_owned(), "unknown")]);
        let found = rounds("six-stage", &[], &[("Stage B", home), ("Stage C", home)]);
        assert!(found.iter().all(|(_, how)| *how == "unknown"), "two of a kind: {found:?}");
    }

    #[test]
    fn a_plan_is_assumed_only_where_it_explains_what_happens_and_is_found() {
        let names = |names: &[&str]| stages(&names.iter().map(|name| (*name, None)).collect::<Vec<_>>());
        let six = names(&[
            "Recruiter screen",
            "Technical screen",
            "Tech Screen",
            "Work sample",
            "Async collaboration",
            "Design review",
            "Structured final",
        ]);
        assert_eq!(assumed(&six).unwrap().name, "six-stage");
        let four = names(&["Portfolio review", "Technical deep dive", "Take-home", "Team interview"]);
        assert_eq!(assumed(&four).unwrap().name, "four-stage");
        assert!(assumed(&names(&["Stage 1", "Stage 2", "Stage 3"])).is_none());
        assert!(assumed(&six[..2]).is_none(), "two rounds of six are no plan");
        assert!(assumed(&[]).is_none());
        let mut strange = six.clone();
        strange.push(Stage { name: "Tarot".to_owned(), kind: None, weight: 100 });
        assert!(assumed(&strange).is_none(), "most appointments are of no round");
    }
}
