//! Greenhouse Harvest v3: flat records that refer to each other by id, one file or folder of pages per
//! endpoint, named after it.
//!
//! The joins that v1 made on the server are made here. What grows with the number of interviews and
//! scorecards is held as sorted lists of numbers (see `record/index.rs`), never as maps of text.

mod applications;
mod index;
mod interviews;
mod plans;
mod scorecards;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::files::Export;
use super::greenhouse::FOREIGN;
use super::record::endings::Offers;
use super::record::index::{Interview, Sorted};
use super::record::keys::{Ids, Words};
use super::record::visit::{People, each, leave};
use super::record::{Look, recognise};
use super::{Sink, Source};
use crate::config::{Config, Stages};
use crate::error::Result;
use crate::time::Instant;

const ID: &str = "greenhouse-v3";

/// Greenhouse Harvest v3.
pub const SOURCE: Source = Source {
    id: ID,
    title: "Greenhouse Harvest API v3",
    summary: "Files named after the endpoints of Greenhouse's Harvest API v3: applications, offers, application_stages, \
              interviews, interviewers, scorecards, scorecard_candidate_attributes; the plans behind them \
              (job_interview_stages, job_interviews, interview_kits, job_candidate_attributes, \
              focus_candidate_attributes); and, where there are any, users, jobs, departments, offices, sources, openings, rejection_details, rejection_reasons, \
              job_hiring_managers, candidate_attribute_types and scorecard_question_answers.",
    recognise: |export| recognise(export, "Greenhouse Harvest v3", LOOKS, FOREIGN),
    read,
    reads: FILES,
    advice: &[
        ("application-times", "Export `applications`."),
        ("decisions", "Export `offers` and `rejection_details` beside `applications`."),
        ("endings", "Export `applications`, `offers` and `rejection_details`."),
        ("interview-times", "Export `interviews`."),
        ("booking-times", "Export `interviews`: it has `scheduled_at` and `availability_received_at`."),
        ("stage-history", "Export `application_stages`, and `job_interview_stages` for their names."),
        ("submissions", "Export `scorecards`: it has `submitted_at`."),
        ("scores", "Export `scorecards` and `scorecard_candidate_attributes`, and the plans behind them."),
        ("timed-panels", "Export `scorecards`: it has `submitted_at`."),
        (
            "stage-pairs",
            "Export `scorecards` and `scorecard_candidate_attributes`, and the plans behind them: \
             `job_interview_stages`, `job_interviews`, `interview_kits`, `job_candidate_attributes`.",
        ),
        ("shared-candidates", "Export `scorecards`, `scorecard_candidate_attributes` and `interviewers`."),
        (
            "debriefs",
            "Greenhouse has no flag for a debrief: put it on the calendar as an interview with `debrief` in its name, \
             or set `stages.debrief_pattern`, and export `interviews` and `job_interviews`.",
        ),
        ("channels", "Export `sources`: applications refer to them by id."),
        ("rounds", "Export `application_stages`, `interviews`, `scorecards` and the plans behind them."),
        ("panels", "Export `interviewers`: who sat in each interview."),
        ("planned-lengths", "Export `job_interviews`: it has the planned minutes of each interview."),
    ],
};

const LOOKS: &[Look] = &[
    ("scorecards", false, &["interview_kit_id", "submitter_id", "candidate_rating"]),
    ("scorecard_candidate_attributes", true, &["job_candidate_attribute_id", "candidate_attribute_rating"]),
    ("applications", false, &["stage_id", "stage_name", "source_id", "needs_decision"]),
    ("application_stages", true, &["job_interview_stage_id", "days_in_stage"]),
    ("interviews", false, &["job_interview_id", "availability_received_at", "all_day_start_on"]),
    ("interviewers", false, &["interview_id", "scorecard_id"]),
    ("offers", false, &["opening_id", "sent_on", "starts_on"]),
    ("job_interviews", true, &["job_interview_stage_id", "scheduling_type"]),
    ("job_interview_stages", true, &["sort_order"]),
    ("interview_kits", true, &["job_interview_id"]),
    ("users", false, &["primary_email", "interviewer_tags"]),
    ("rejection_details", true, &["rejection_reason_id", "rejected_by_id"]),
];

/// The files that are read. What others refer to comes first: small lists, applications, interviews, cards.
const FILES: &[&str] = &[
    "users",
    "departments",
    "offices",
    "sources",
    "job_hiring_managers",
    "jobs",
    "job_interview_stages",
    "job_interviews",
    "interview_kits",
    "candidate_attribute_types",
    "job_candidate_attributes",
    "focus_candidate_attributes",
    "openings",
    "rejection_reasons",
    "rejection_details",
    "offers",
    "applications",
    "application_stages",
    "interviews",
    "interviewers",
    "scorecard_question_answers",
    "scorecards",
    "scorecard_candidate_attributes",
];

/// What has been read so far and later records are joined with.
struct Reader<'c> {
    stages: &'c Stages,
    ids: Ids,
    people: People,
    plans: plans::Plans,
    /// When the opening was closed that an application was hired into.
    openings: HashMap<u64, Instant>,
    rejections: HashMap<u64, applications::Rejection>,
    offers: Offers,
    /// Interview names and people, referred to by the indexes below.
    words: Words,
    interviews: Sorted<Interview>,
    /// The seats that led to a scorecard.
    seats: Sorted<index::Seat>,
    /// Characters written in answers on cards without a seat.
    written: HashMap<u64, u32>,
    /// The cards, where attribute ratings need them.
    cards: Option<Sorted<index::Card>>,
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let has_ratings = export.of(&["scorecard_candidate_attributes"]).next().is_some();
    let mut reader = Reader {
        stages: &config.stages,
        ids: Ids::default(),
        people: People::default(),
        plans: plans::Plans::default(),
        openings: HashMap::new(),
        rejections: HashMap::new(),
        offers: Offers::default(),
        words: Words::default(),
        interviews: Sorted::default(),
        seats: Sorted::default(),
        written: HashMap::new(),
        cards: has_ratings.then(Sorted::default),
    };
    for stem in FILES {
        each(export, ID, stem, sink, &mut |visit, record| match *stem {
            "users" => reader.people.read_user(visit, record),
            "openings" => reader.opening(visit, record),
            "rejection_details" => reader.rejection(visit, record),
            "offers" => reader.offer(visit, record),
            "applications" => reader.application(visit, record),
            "application_stages" => reader.application_stage(visit, record),
            "interviews" => reader.interview(visit, record),
            "interviewers" => reader.interviewer(visit, record),
            "scorecard_question_answers" => reader.answer(visit, record),
            "scorecards" => reader.scorecard(visit, record),
            "scorecard_candidate_attributes" => reader.rating(visit, record),
            plan => reader.plans.read(plan, &mut reader.ids, visit, record),
        })?;
        match *stem {
            "applications" => {
                reader.offers.remark_unused(sink);
                // Only applications need these, and what comes next is large.
                reader.offers = Offers::default();
                reader.rejections = HashMap::new();
            }
            "interviews" => reader.interviews.sort(),
            "interviewers" => {
                reader.seats.sort();
                // From here on the seats know all that is needed about their interviews.
                reader.interviews = Sorted::default();
            }
            "scorecards" => {
                reader.seats = Sorted::default();
                if let Some(cards) = &mut reader.cards {
                    cards.sort();
                }
            }
            _ => {}
        }
    }
    leave(export, ID, FILES, sink);
    Ok(())
}
