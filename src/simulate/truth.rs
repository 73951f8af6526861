//! The planted truth as a document: parameters, people, and how much mess was sown.

use serde::Serialize;

use super::Options;
use super::mess::{Mess, OwnMess, PLANS};
use super::planted::{DIMENSIONS, Planted, RENAMED, ROUNDS, Round, SAME_MEASURE, SOURCES, Source};
use super::snapshots::Snapshot;
use super::story::{LoopStory, Verdict};
use super::world::{DEPARTMENTS, World};
use crate::time::Instant;

/// The version of the layout of `truth.json`.
const FORMAT_VERSION: u32 = 1;

/// What is counted while loops are told.
#[derive(Debug)]
pub(super) struct Tally {
    messes: [u64; PLANS.len()],
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Counts {
    offers: u64,
    rejections: u64,
    withdrawals: u64,
    open: u64,
    hires: u64,
    outcomes: u64,
    scorecards: u64,
}

impl Tally {
    pub(super) fn new(world: &World) -> Self {
        let mut messes = [0; PLANS.len()];
        messes[Mess::MissingName as usize] = world.people.iter().filter(|person| person.name.is_none()).count() as u64;
        Self { messes, counts: Counts::default() }
    }

    pub(super) fn add(&mut self, world: &World, story: &LoopStory) {
        for (mess, count) in story.messes(world) {
            self.messes[mess as usize] += count;
        }
        let counts = &mut self.counts;
        match story.decision.as_ref().map(|decision| decision.verdict) {
            Some(Verdict::Offer) => counts.offers += 1,
            Some(Verdict::Reject) => counts.rejections += 1,
            Some(Verdict::Withdrawn) => counts.withdrawals += 1,
            None => counts.open += 1,
        }
        counts.hires += u64::from(story.is_hired());
        counts.outcomes += u64::from(story.outcome.is_some());
        counts.scorecards +=
            story.cards.iter().filter(|card| card.submitted_at.is_some() && !card.orphan).count() as u64;
    }

    pub(super) fn open(&self) -> u64 {
        self.counts.open
    }

    pub(super) fn hires(&self) -> u64 {
        self.counts.hires
    }
}

/// The document; field order is the order in the file.
#[derive(Debug, Serialize)]
pub(super) struct Truth {
    format_version: u32,
    format: &'static str,
    seed: u64,
    loops: u64,
    first_instant: String,
    export_instant: String,
    dimensions: [&'static str; 4],
    rounds: [Round; ROUNDS.len()],
    same_measure: [&'static str; 2],
    renamed_stage: RenamedStage,
    slower_scheduling_from: String,
    parameters: Planted,
    sources: [Source; SOURCES.len()],
    departments: Vec<DepartmentTruth>,
    rating_labels: &'static RatingLabels,
    counts: Counts,
    messy_records: Vec<MessTruth>,
    interviewers: Vec<InterviewerTruth>,
    /// What each snapshot shows differently than the one before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    snapshots: Vec<Snapshot>,
}

#[derive(Debug, Serialize)]
struct RenamedStage {
    from: &'static str,
    to: &'static str,
    at: String,
}

#[derive(Debug, Serialize)]
struct DepartmentTruth {
    name: &'static str,
    ability_mean: f64,
}

/// How a rubric score from 1 to 4 appears where a system has labels of its own.
#[derive(Debug, Serialize)]
pub(super) struct RatingLabels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attribute: Option<[&'static str; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attribute_sometimes: Option<[Option<&'static str>; 4]>,
    pub(super) recommendation: [&'static str; 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recommendation_v3: Option<[&'static str; 4]>,
}

/// The labels of Greenhouse, which the neutral tables borrow.
pub(super) const GREENHOUSE_LABELS: RatingLabels = RatingLabels {
    attribute: Some(["definitely_not", "no", "yes", "strong_yes"]),
    attribute_sometimes: Some([None, Some("mixed"), Some("mixed"), None]),
    recommendation: ["definitely_not", "no", "yes", "strong_yes"],
    recommendation_v3: Some(["strong_no", "no", "yes", "strong_yes"]),
};

#[derive(Debug, Serialize)]
struct MessTruth {
    kind: &'static str,
    rate: Option<f64>,
    per: &'static str,
    /// In the export; `None` where the format has no place for it.
    count: Option<u64>,
}

#[derive(Debug, Serialize)]
struct InterviewerTruth {
    id: String,
    role: &'static str,
    department: &'static str,
    leniency: f64,
}

/// What only the writer of a format can say about its export.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) labels: &'static RatingLabels,
    pub(super) left_out: Vec<(Mess, u64)>,
    pub(super) own_mess: Vec<(OwnMess, u64)>,
}

/// Collects the truth of a history that has been told and written.
pub(super) fn truth(
    options: &Options,
    world: &World,
    tally: &Tally,
    written: &Written,
    snapshots: Vec<Snapshot>,
) -> Truth {
    let format = options.format;
    let count = |mess: Mess| {
        let left_out: u64 = written.left_out.iter().filter(|(kind, _)| *kind == mess).map(|(_, count)| count).sum();
        tally.messes[mess as usize] - left_out
    };
    Truth {
        format_version: FORMAT_VERSION,
        format: format.id,
        seed: options.seed,
        loops: options.loops,
        first_instant: world.start.to_rfc3339(),
        export_instant: Instant(world.export.0 - 1).to_rfc3339(),
        dimensions: DIMENSIONS,
        rounds: ROUNDS,
        same_measure: SAME_MEASURE.map(|round| ROUNDS[round].stage),
        renamed_stage: RenamedStage { from: ROUNDS[RENAMED.0].stage, to: RENAMED.1, at: world.renamed_at.to_rfc3339() },
        slower_scheduling_from: world.slower_at.to_rfc3339(),
        parameters: world.planted,
        sources: SOURCES,
        departments: DEPARTMENTS
            .iter()
            .map(|department| DepartmentTruth { name: department.name, ability_mean: department.ability_mean })
            .collect(),
        rating_labels: written.labels,
        counts: tally.counts,
        messy_records: PLANS
            .iter()
            .map(|plan| MessTruth {
                kind: plan.id,
                rate: plan.rate,
                per: plan.per,
                count: (!format.omits.contains(&plan.mess)).then(|| count(plan.mess)),
            })
            .chain(written.own_mess.iter().map(|(mess, count)| MessTruth {
                kind: mess.id,
                rate: Some(mess.rate),
                per: mess.per,
                count: Some(*count),
            }))
            .collect(),
        interviewers: world
            .people
            .iter()
            .enumerate()
            .map(|(place, person)| InterviewerTruth {
                id: (format.person_id)(place),
                role: person.role.word(),
                department: DEPARTMENTS[person.department].name,
                leniency: person.leniency,
            })
            .collect(),
        snapshots,
    }
}
