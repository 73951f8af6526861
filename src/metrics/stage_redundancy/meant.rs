//! Which rounds are meant to test the same: as the declared plan has it, or the interview kits, or the dimensions
//! that are in fact scored.

use std::collections::{BTreeMap, BTreeSet};

use super::rounds::Rounds;
use crate::config::plans::{Choice, Plans};
use crate::plan::matching::{Stage, matches};
use crate::stats::equivalence::Verdict;

/// From this share of common dimensions on two stages are meant to test the same.
const MEANT: f64 = 0.5;
/// A kit's dimension is a stage's where this share of the stage's appointments with a kit have it.
const MOSTLY: f64 = 0.5;

/// What a stage is meant to test, as far as it is on record.
#[derive(Debug, Clone, Default)]
pub(super) struct Purpose {
    /// Its round in the declared plan.
    round: Option<usize>,
    /// Whether the plan gives that round a question of its own.
    has_question: bool,
    /// The dimensions that the plan gives it.
    planned: BTreeSet<String>,
    /// The dimensions that its interview kits name.
    kit: BTreeSet<String>,
    /// The dimensions that are scored in it.
    scored: BTreeSet<String>,
}

/// The share of two stages' dimensions that both are meant to test, and who says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Meant {
    pub(super) shared: f64,
    /// `plan`, `kit` or `scored`.
    pub(super) by: &'static str,
}

/// How often each stage's kits name each dimension, and how many appointments have a kit.
#[derive(Debug, Clone, Default)]
pub(super) struct Kits {
    named: BTreeMap<String, usize>,
    appointments: usize,
}

impl Kits {
    /// Adds the kit of an appointment, as `interviews.meant_dimensions` has it.
    pub(super) fn add(&mut self, dimensions: &str) {
        self.appointments += 1;
        for name in dimensions.split("; ") {
            *self.named.entry(name.to_owned()).or_default() += 1;
        }
    }

    fn usual(&self) -> BTreeSet<String> {
        let least = MOSTLY * self.appointments as f64;
        self.named.iter().filter(|(_, times)| **times as f64 >= least).map(|(name, _)| name.clone()).collect()
    }
}

/// What each stage is meant to test; `kits` and `scored` go by stage.
pub(super) fn purposes(stages: &[String], kits: &[Kits], scored: &[BTreeSet<String>], plans: &Plans) -> Vec<Purpose> {
    let mut out: Vec<Purpose> = (0..stages.len())
        .map(|at| Purpose {
            kit: kits.get(at).map(Kits::usual).unwrap_or_default(),
            scored: scored.get(at).cloned().unwrap_or_default(),
            ..Purpose::default()
        })
        .collect();
    // A plan that merely fits declares nothing.
    if let Choice::Declared(plan) = &plans.choice {
        let named: Vec<Stage> = stages.iter().map(|name| Stage { name: name.clone(), kind: None, weight: 1 }).collect();
        for (own, found) in out.iter_mut().zip(matches(plan, &plans.stages, &named)) {
            let Some(round) = found.round.and_then(|at| plan.rounds.get(at)) else { continue };
            own.round = found.round;
            own.has_question = round.question.is_some();
            own.planned = round.dimensions.iter().cloned().collect();
        }
    }
    out
}

fn shared(x: &BTreeSet<String>, y: &BTreeSet<String>) -> Option<f64> {
    let all = x.union(y).count();
    (all > 0).then(|| x.intersection(y).count() as f64 / all as f64)
}

/// Share of the dimensions scored in either of two stages that are scored in both.
pub(super) fn scored_alike(rounds: &Rounds, a: usize, b: usize) -> Option<f64> {
    shared(&rounds.purposes.get(a)?.scored, &rounds.purposes.get(b)?.scored)
}

/// How far two stages are meant to test the same; `None` where nothing says.
pub(super) fn meant(rounds: &Rounds, a: usize, b: usize) -> Option<Meant> {
    let (x, y) = (rounds.purposes.get(a)?, rounds.purposes.get(b)?);
    of(x, y)
}

fn of(x: &Purpose, y: &Purpose) -> Option<Meant> {
    let by_plan = || {
        let (first, second) = (x.round?, y.round?);
        if first == second {
            return Some(1.0);
        }
        if !x.planned.is_empty() && !y.planned.is_empty() {
            return shared(&x.planned, &y.planned);
        }
        // Rounds with a question each are meant to differ: a plan refuses two rounds with one question.
        (x.has_question && y.has_question).then_some(0.0)
    };
    if let Some(shared) = by_plan() {
        return Some(Meant { shared, by: "plan" });
    }
    if !x.kit.is_empty() && !y.kit.is_empty() {
        return shared(&x.kit, &y.kit).map(|shared| Meant { shared, by: "kit" });
    }
    shared(&x.scored, &y.scored).map(|shared| Meant { shared, by: "scored" })
}

/// What was meant against what is; `None` where it is open whether the two are the same.
pub(super) fn design(meant: Option<Meant>, verdict: Option<Verdict>, is_open: bool) -> Option<&'static str> {
    let meant = meant?.shared >= MEANT;
    Some(match (meant, verdict?) {
        _ if is_open => return None,
        (true, Verdict::Redundant) => "meant_and_same",
        (true, _) => "meant_not_same",
        (false, Verdict::Redundant) => "same_not_meant",
        (false, _) => "apart_as_meant",
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_plan_goes_before_kits_and_kits_before_what_is_scored() {
        let scored = Purpose { scored: set(&["a", "b"]), ..Purpose::default() };
        assert_eq!(of(&scored, &scored), Some(Meant { shared: 1.0, by: "scored" }));
        let kit = |names: &[&str]| Purpose { kit: set(names), ..scored.clone() };
        assert_eq!(of(&kit(&["a"]), &kit(&["a", "b"])), Some(Meant { shared: 0.5, by: "kit" }));
        assert_eq!(of(&kit(&["a"]), &scored), Some(Meant { shared: 1.0, by: "scored" }));
        assert_eq!(of(&Purpose::default(), &Purpose::default()), None);
        let asked = |round: usize| Purpose { round: Some(round), has_question: true, ..kit(&["a"]) };
        assert_eq!(of(&asked(0), &asked(1)), Some(Meant { shared: 0.0, by: "plan" }));
        assert_eq!(of(&asked(1), &asked(1)), Some(Meant { shared: 1.0, by: "plan" }));
        let planned = |round: usize, names: &[&str]| Purpose { planned: set(names), ..asked(round) };
        assert_eq!(of(&planned(0, &["a", "b", "c"]), &planned(1, &["c"])).unwrap().by, "plan");
        assert!((of(&planned(0, &["a", "b", "c"]), &planned(1, &["c"])).unwrap().shared - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_stage_tests_what_most_of_its_kits_name() {
        let mut kits = Kits::default();
        ["a; b", "a", "a; c"].into_iter().for_each(|kit| kits.add(kit));
        assert_eq!(kits.usual(), set(&["a"]));
        assert_eq!(Kits::default().usual(), set(&[]));
    }

    #[test]
    fn only_a_declared_plan_says_what_is_meant() {
        let plan = Plan::builtin("six-stage").unwrap();
        let stages = ["Technical screen".to_owned(), "Design review".to_owned(), "Lunch".to_owned()];
        let declared = Plans { choice: Choice::Declared(Box::new(plan)), ..Plans::default() };
        let found = purposes(&stages, &[], &[], &declared);
        assert_eq!(of(&found[0], &found[1]), Some(Meant { shared: 0.0, by: "plan" }));
        assert_eq!(of(&found[0], &found[2]), None);
        let found = purposes(&stages, &[], &[], &Plans::default());
        assert_eq!(of(&found[0], &found[1]), None);
    }

    #[test]
    fn what_is_meant_and_what_is_make_four_kinds() {
        let meant = |shared: f64| Some(Meant { shared, by: "kit" });
        assert_eq!(design(meant(0.5), Some(Verdict::Redundant), false), Some("meant_and_same"));
        assert_eq!(design(meant(0.5), Some(Verdict::Distinct), false), Some("meant_not_same"));
        assert_eq!(design(meant(0.4), Some(Verdict::Redundant), false), Some("same_not_meant"));
        assert_eq!(design(meant(0.0), Some(Verdict::Overlapping), false), Some("apart_as_meant"));
        assert_eq!(design(meant(0.0), Some(Verdict::Overlapping), true), None);
        assert_eq!(design(None, Some(Verdict::Redundant), false), None);
    }
}
