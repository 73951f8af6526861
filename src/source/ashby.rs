//! Ashby: answers of its API as scripts dump them, one file or folder of pages per endpoint, or a file per
//! application.
//!
//! The list of applications knows where each stands; `application.info` and `application.listHistory` know the
//! way it took. Feedback comes with the form it was written on, so what counts as a score is read off the form.

mod applications;
mod feedback;
#[cfg(test)]
mod feedback_tests;
mod form;
mod index;
mod interviews;
mod plans;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::files::{Export, InputFile, Layout};
use super::json::first_record;
use super::record::endings::Offers;
use super::record::index::Sorted;
use super::record::keys::{Ids, Words};
use super::record::naming::{ids_in_path, renamed};
use super::record::values::Id;
use super::record::visit::{People, Taken, Visit, each, leave};
use super::record::{Look, recognise};
use super::{Sink, Source};
use crate::config::Config;
use crate::error::Result;

const ID: &str = "ashby";

/// Ashby.
pub const SOURCE: Source = Source {
    id: ID,
    title: "Ashby API",
    summary: "Files named after the endpoints of Ashby's API, in any spelling (application.list, application_list, \
              applications): application.list and application.info or application.listHistory, \
              applicationFeedback.list, interviewSchedule.list, interviewEvent.list, interview.list, \
              interviewStage.list and offer.list; and, where there are any, archiveReason.list, user.list, job.list, \
              department.list, location.list and source.list. Folders with a file per application are read too.",
    recognise: |export| recognise(&renamed(export, kind), "Ashby", LOOKS, FOREIGN),
    read,
    reads: FILES,
    advice: &[
        ("application-times", "Export `application.list`."),
        ("decisions", "Export `application.list` and `offer.list`."),
        ("endings", "Export `application.list` and `offer.list`."),
        ("interview-times", "Export `interviewSchedule.list`."),
        ("booking-times", "Export `interviewSchedule.list`."),
        ("stage-history", "Export `application.info` of each application: it has `applicationHistory`."),
        ("submissions", "Export `applicationFeedback.list`."),
        ("scores", "Export `applicationFeedback.list`."),
        ("timed-panels", "Export `applicationFeedback.list`."),
        ("stage-pairs", "Export `applicationFeedback.list`."),
        ("shared-candidates", "Export `applicationFeedback.list`."),
        ("debriefs", "Export `interview.list` (`isDebrief`) and `interviewSchedule.list`."),
        ("channels", "Export `application.list`."),
        ("rounds", "Export `interviewSchedule.list`, `applicationFeedback.list` and `application.info`."),
        ("panels", "Export `interviewSchedule.list`."),
        ("planned-lengths", "Export `interviewSchedule.list`: its events have a start and an end."),
    ],
};

/// Merge's unified objects have some of these file names, and this key.
const FOREIGN: &[&str] = &["remote_id"];

const LOOKS: &[Look] = &[
    ("applications", false, &["currentInterviewStage", "archiveReason", "hiringTeam", "creditedToUser"]),
    ("application_info", true, &["currentInterviewStage", "applicationHistory", "hiringTeam"]),
    ("application_history", false, &["enteredStageAt", "leftStageAt", "stageNumber"]),
    ("application_feedback", false, &["submittedValues", "formDefinition", "feedbackFormDefinitionId"]),
    ("interview_schedules", true, &["interviewEvents", "interviewStageId"]),
    ("interview_events", true, &["interviewScheduleId", "interviewerUserIds"]),
    ("interviews", false, &["isDebrief", "isFeedbackRequired"]),
    ("interview_stages", true, &["orderInInterviewPlan", "interviewPlanId"]),
    ("offers", false, &["acceptanceStatus", "offerStatus", "latestVersion"]),
    ("archive_reasons", false, &["reasonType"]),
    ("users", false, &["globalRole"]),
];

/// What a file holds, by the letters of its name.
fn kind(letters: &str) -> Option<&'static str> {
    let bare = letters.strip_suffix("list").unwrap_or(letters);
    let single = bare.strip_suffix('s').unwrap_or(bare);
    Some(match single {
        "application" => "applications",
        "applicationinfo" => "application_info",
        "applicationhistory" | "applicationlisthistory" | "history" => "application_history",
        "applicationfeedback" | "feedback" => "application_feedback",
        "interviewschedule" | "interviewscheduleinfo" => "interview_schedules",
        "interviewevent" => "interview_events",
        "interviewstage" | "interviewstageinfo" => "interview_stages",
        "interview" | "interviewinfo" => "interviews",
        "offer" | "offerinfo" => "offers",
        "archivereason" => "archive_reasons",
        "user" | "userinfo" => "users",
        "job" | "jobinfo" => "jobs",
        "department" | "departmentinfo" => "departments",
        "location" | "locationinfo" => "locations",
        "source" => "sources",
        "report" | "reportsynchronou" | "reportgenerate" => REPORTS,
        _ => return None,
    })
}

const REPORTS: &str = "reports";

/// The files that are read. What others refer to comes first. The way of applications comes before their list,
/// since it tells when they were hired.
const FILES: &[&str] = &[
    "users",
    "departments",
    "locations",
    "sources",
    "jobs",
    "archive_reasons",
    "interview_stages",
    "interviews",
    "offers",
    "application_history",
    "application_info",
    "applications",
    "interview_schedules",
    "interview_events",
    "application_feedback",
];

/// What has been read so far and later records are joined with.
struct Reader<'c> {
    config: &'c Config,
    ids: Ids,
    people: People,
    plans: plans::Plans,
    offers: Offers,
    /// When applications entered the stages that end them.
    ends: HashMap<u64, applications::Ends>,
    /// Stages, people and statuses, referred to by the indexes below.
    words: Words,
    /// The stages that applications went through, where feedback may refer to them.
    visits: Option<Sorted<index::Stay>>,
    /// The schedules, where events have a file of their own.
    schedules: Option<Sorted<index::Schedule>>,
    /// The appointments, where feedback may refer to them.
    events: Option<Sorted<index::Event>>,
    /// The seats of people in training, who are few.
    roles: Sorted<index::Role>,
}

fn read(export: &Export, config: &Config, sink: &mut dyn Sink) -> Result<()> {
    let export = &renamed(export, kind);
    let has = |stem: &str| export.of(&[stem]).next().is_some();
    let has_feedback = has("application_feedback");
    let mut reader = Reader {
        config,
        ids: Ids::default(),
        people: People::default(),
        plans: plans::Plans::default(),
        offers: Offers::default(),
        ends: HashMap::new(),
        words: Words::default(),
        visits: has_feedback.then(Sorted::default),
        schedules: has("interview_events").then(Sorted::default),
        events: has_feedback.then(Sorted::default),
        roles: Sorted::default(),
    };
    for stem in FILES {
        each(export, ID, stem, sink, &mut |visit, record| match *stem {
            "users" => reader.people.read_user(visit, record),
            "offers" => reader.offer(visit, record),
            "application_history" => reader.history(visit, record),
            "application_info" | "applications" => reader.application(visit, record),
            "interview_schedules" => reader.schedule(visit, record),
            "interview_events" => reader.event(visit, record),
            "application_feedback" => reader.feedback(visit, record),
            plan => reader.plans.read(plan, &mut reader.ids, visit, record),
        })?;
        match *stem {
            "applications" => {
                reader.offers.remark_unused(sink);
                // Only applications need these, and what comes next is large.
                reader.offers = Offers::default();
                reader.ends = HashMap::new();
                reader.visits.iter_mut().for_each(Sorted::sort);
            }
            "interview_schedules" => reader.schedules.iter_mut().for_each(Sorted::sort),
            "interview_events" => {
                reader.schedules = None;
                reader.events.iter_mut().for_each(Sorted::sort);
                reader.roles.sort();
            }
            _ => {}
        }
    }
    leave_the_rest(export, sink);
    Ok(())
}

/// Accounts for the files that are not read, and says what can be done about custom reports.
fn leave_the_rest(export: &Export, sink: &mut dyn Sink) {
    let is_report = |file: &InputFile| {
        let is_read = file.layout != Layout::Json || FILES.contains(&file.stem.as_str());
        !is_read && (file.stem == REPORTS || first_record(file).is_some_and(|first| first.contains_key("reportData")))
    };
    let (reports, others): (Vec<InputFile>, Vec<InputFile>) = export.files.iter().cloned().partition(is_report);
    for report in &reports {
        let file = sink.open(ID, report, "report");
        let remark = "not read: the columns of a custom report are its author's; save it as a table, map its columns \
                      in looplens.toml and read it with --source tables";
        sink.ledger().remark(file, remark);
    }
    leave(&Export { files: others, ..export.clone() }, ID, FILES, sink);
}

/// The keys under which scripts note the application that they fetched something for.
const PARENT_KEYS: [&str; 3] = ["applicationId", "application_id", "application"];

/// The application that a record belongs to: it says so itself, or what stands around it does, or the path of
/// its file.
fn parent(visit: &mut Visit<'_>, id: &Id<'_>, record: &[u8]) -> Taken<String> {
    let around = || PARENT_KEYS.into_iter().find_map(|key| visit.wrapper.get(key));
    let told = || around().or_else(|| ids_in_path(&visit.input.relative).next());
    let known = id.text().or_else(|| Id::parse(told()?).text());
    known.ok_or_else(|| visit.answer(record).unwrap_or_else(|| visit.refuse("no_parent", "applicationId", None)))
}
