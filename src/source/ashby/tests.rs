#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::source::recognise;
use crate::source::record::testing::{Kept, folder, read, try_read};

pub(super) const APP: &str = "6a1f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f50";
const OTHER: &str = "7b2f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f51";

/// One page as the API returns it.
pub(super) fn page(records: &str) -> String {
    format!(r#"{{"success": true, "results": [{records}], "moreDataAvailable": false, "syncToken": "t"}}"#)
}

/// An application with more to say.
fn application(id: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "createdAt": "2026-01-01T09:00:00.000Z", "updatedAt": "2026-02-01T00:00:00.000Z",
            "candidate": {{"id": "c-1", "name": "Eva Three", "primaryEmailAddress": {{"value": "eva@example.com"}}}},
            "job": {{"id": "j-1", "title": "Analyst", "departmentId": "d-1", "locationId": "l-1"}}, {more}}}"#
    )
}

pub(super) const STAGES: &str = r#"
    {"id": "s-1", "title": "Screen", "type": "PreInterviewScreen"}, {"id": "s-2", "title": "Onsite", "type": "Active"},
    {"id": "s-8", "title": "Welcome", "type": "Hired"}, {"id": "s-9", "title": "Gone", "type": "Archived"}"#;

const WAY: &str = r#"
    {"id": "h-1", "stageId": "s-1", "title": "Screen", "stageNumber": 0, "enteredStageAt": "2026-01-01T09:00:00.000Z",
     "leftStageAt": "2026-01-05T09:00:00.000Z", "allowedActions": ["delete"], "actorId": "u-1"},
    {"id": "h-2", "stageId": "s-2", "title": "Onsite", "stageNumber": 1, "enteredStageAt": "2026-01-05T09:00:00.000Z",
     "leftStageAt": null, "actorId": null}"#;

/// Application, decision, outcome of the offer, and where its time is from.
fn decisions(kept: &Kept) -> Vec<[&str; 4]> {
    kept.decisions
        .iter()
        .map(|d| {
            let outcome = d.offer_outcome.as_deref().unwrap_or("-");
            [d.application_id.as_str(), d.decision.as_str(), outcome, d.decided_from.as_deref().unwrap_or("-")]
        })
        .collect()
}

fn source_of(files: &[(&str, &str)]) -> &'static str {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    recognise(&folder(&files).1).map_or("none", |(source, _)| source.id)
}

#[test]
fn an_application_is_joined_with_what_it_refers_to() {
    let files = [
        ("department.list.json", page(r#"{"id": "d-1", "name": "Data", "isArchived": false}"#)),
        ("Location_List.json", page(r#"{"id": "l-1", "name": "Oslo"}"#)),
        ("source-list.json", page(r#"{"id": "q-1", "title": "Referral", "sourceType": {"id": "x", "title": "Y"}}"#)),
        (
            "job.list.json",
            page(
                r#"{"id": "j-1", "title": "Analyst", "hiringTeam": [{"role": "Recruiter", "userId": "u-7"},
                    {"role": "Hiring Manager", "userId": "u-8"}, {"role": "Hiring Manager", "userId": "u-9"}]}"#,
            ),
        ),
        ("application.list.json", page(&application(APP, r#""status": "Active", "source": "q-1""#))),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let kept = read(&SOURCE, &files);
    let row = kept.applications.first().unwrap();
    assert_eq!(
        [&row.candidate_id, &row.job_id, &row.job_title, &row.department, &row.location, &row.source]
            .map(|value| value.as_deref().unwrap_or_default()),
        ["c-1", "j-1", "Analyst", "Data", "Oslo", "Referral"]
    );
    assert_eq!((row.hiring_manager_id.as_deref(), row.recruiter_id.as_deref()), (Some("u-8"), Some("u-7")));
    assert_eq!(row.applied_at.unwrap().to_rfc3339(), "2026-01-01T09:00:00Z");
    assert!(kept.decisions.is_empty() && row.closed_at.is_none());
    assert!(!format!("{kept:?}").contains("Eva"));
}

#[test]
fn the_way_of_an_application_is_told_by_its_history() {
    let told = [
        "stage_entered (\"Screen\") 2026-01-01T09:00:00Z (\"instant\")",
        "stage_left (\"Screen\") 2026-01-05T09:00:00Z (\"instant\")",
        "stage_entered (\"Onsite\") 2026-01-05T09:00:00Z (\"instant\")",
    ];
    let history = format!(r#""status": "Active", "applicationHistory": [{WAY}]"#);
    let info = format!(r#"{{"success": true, "results": {}}}"#, application(APP, &history));
    let alone = format!(r#"{{"applicationId": "{APP}", "response": {}}}"#, page(WAY));
    let inline = page(&WAY.replace("\"stageId\"", &format!("\"applicationId\": \"{APP}\", \"stageId\"")));
    let cases = [
        ("application.info.json", &info),
        (&format!("application.info/{APP}.json") as &str, &info),
        ("application.listHistory.json", &alone),
        ("applicationHistory.json", &inline),
        (&format!("application.listHistory/{APP}.json"), &page(WAY)),
        (&format!("{APP}/application_list_history.json"), &page(WAY)),
        (&format!("applicationHistory/{APP}/page-1.json"), &page(WAY)),
    ];
    for (name, text) in cases {
        let kept = read(&SOURCE, &[(name, text)]);
        assert_eq!(kept.happened(), told, "{name}");
        assert!(kept.events.iter().all(|event| event.application_id == APP && event.origin == "native"), "{name}");
        assert_eq!(kept.events[0].actor_id.as_deref(), Some("u-1"));
    }
    let lost = read(&SOURCE, &[("applicationHistory/0001.json", &page(WAY))]);
    assert_eq!(lost.rejects(), ["no_parent applicationId", "no_parent applicationId"]);
}

#[test]
fn a_history_without_ids_is_a_history() {
    let way = r#"{"title": "Screen", "enteredStageAt": "2026-01-01T09:00:00.000Z", "leftStageAt": "?"},
                 {"title": "Nothing known"}, {"stageId": "s-7", "enteredStageAt": "2026-01-02T09:00:00.000Z"}"#;
    let text = page(&application(APP, &format!(r#""status": "Active", "applicationHistory": [{way}]"#)));
    let kept = read(&SOURCE, &[("application.list.json", &text)]);
    assert_eq!(
        kept.happened(),
        [
            "stage_entered (\"Screen\") 2026-01-01T09:00:00Z (\"instant\")",
            "stage_entered None 2026-01-02T09:00:00Z (\"instant\")"
        ]
    );
    for told in ["times that could not be read", "without the time of entering", "whose title is in no file"] {
        assert!(kept.remarks().iter().any(|remark| remark.contains(told)), "{told}");
    }
}

#[test]
fn list_and_info_of_one_application_agree_about_the_hire() {
    let way = r#"{"stageId": "s-8", "title": "Welcome", "enteredStageAt": "2026-01-30T09:00:00.000Z"}"#;
    let info = format!(
        r#"{{"success": true, "results": {}}}"#,
        application(APP, &format!(r#""status": "Hired", "applicationHistory": [{way}]"#))
    );
    let list = page(&application(APP, r#""status": "Hired""#));
    let kept = read(
        &SOURCE,
        &[
            ("application.list.json", &list),
            ("application.info/1.json", &info),
            ("interviewStage.list.json", &page(STAGES)),
        ],
    );
    assert_eq!(decisions(&kept), [[APP, "offer", "accepted", "stage_entered"]; 2]);
    let closed: Vec<_> = kept.applications.iter().map(|row| row.closed_at.unwrap().to_rfc3339()).collect();
    assert_eq!(closed, ["2026-01-30T09:00:00Z"; 2]);
    // Entering the stage of the hired is the end and no move.
    assert!(kept.events.is_empty());
}

#[test]
fn an_archive_reason_is_an_object_or_a_text() {
    let reasons = r#"{"id": "r-1", "text": "Other offer", "reasonType": "RejectedByCandidate"},
                     {"id": "r-2", "text": "Skills", "reasonType": "RejectedByOrg"}"#;
    let cases = [
        (r#"{"id": "r-9", "text": "Pay", "reasonType": "RejectedByCandidate"}"#, "withdrawn", Some("Pay")),
        (r#"{"id": "r-9", "text": "Skills gap", "reasonType": "RejectedByOrg"}"#, "reject", Some("Skills gap")),
        (
            r#"{"id": "r-9", "text": "Candidate withdrew", "reasonType": "Other"}"#,
            "withdrawn",
            Some("Candidate withdrew"),
        ),
        (r#""r-1""#, "withdrawn", Some("Other offer")),
        (r#""Other offer""#, "withdrawn", Some("Other offer")),
        (r#"{"id": "r-2"}"#, "reject", Some("Skills")),
        (r#""Not interested anymore""#, "withdrawn", Some("Not interested anymore")),
        ("null", "reject", None),
    ];
    for (reason, decision, text) in cases {
        let ended =
            format!(r#""status": "Archived", "archivedAt": "2026-01-20T08:00:00.000Z", "archiveReason": {reason}"#);
        let applications = page(&application(APP, &ended));
        let kept =
            read(&SOURCE, &[("archiveReason.list.json", &page(reasons)), ("application.list.json", &applications)]);
        assert_eq!(decisions(&kept), [[APP, decision, "-", "archived_at"]], "{reason}");
        assert_eq!(kept.decisions[0].reason.as_deref(), text, "{reason}");
        assert_eq!(kept.applications[0].closed_at, kept.decisions[0].decided_at);
    }
}

#[test]
fn an_archived_application_without_its_time_ends_with_its_history() {
    let way = r#"{"stageId": "s-9", "enteredStageAt": "2026-01-20T09:00:00.000Z"}"#;
    let text = page(&application(APP, &format!(r#""status": "Archived", "applicationHistory": [{way}]"#)));
    let kept = read(&SOURCE, &[("interviewStage.list.json", &page(STAGES)), ("application.info.json", &text)]);
    assert_eq!(decisions(&kept), [[APP, "reject", "-", "stage_entered"]]);
    assert_eq!(kept.applications[0].closed_at.unwrap().to_rfc3339(), "2026-01-20T09:00:00Z");
}

#[test]
fn an_offer_is_a_decision_whatever_was_answered() {
    let cases = [
        (r#""acceptanceStatus": "Accepted", "offerStatus": "CandidateAccepted""#, "accepted", 0),
        (r#""acceptanceStatus": "Declined", "offerStatus": "CandidateRejected""#, "declined", 0),
        (r#""offerStatus": "CandidateAccepted""#, "accepted", 0),
        (r#""acceptanceStatus": "WaitingOnResponse", "offerStatus": "WaitingOnCandidateResponse""#, "-", 0),
        (r#""acceptanceStatus": "Cancelled""#, "-", 0),
        (r#""acceptanceStatus": "Postponed""#, "-", 1),
    ];
    for (status, outcome, unknown) in cases {
        let offer = page(&format!(
            r#"{{"id": "o-1", "applicationId": "{APP}", {status}, "decidedAt": "2026-01-25T10:00:00.000Z",
                "latestVersion": {{"id": "v", "createdAt": "2026-01-20T10:00:00.000Z", "startDate": "2026-03-01"}}}}"#
        ));
        let applications = page(&application(APP, r#""status": "Active""#));
        let kept = read(&SOURCE, &[("offer.list.json", &offer), ("applications.json", &applications)]);
        assert_eq!(decisions(&kept), [[APP, "offer", outcome, "offer_created"]], "{status}");
        assert_eq!(kept.account("offer.list.json").unknown_labels.len(), unknown, "{status}");
        let events: Vec<&str> = kept.events.iter().map(|event| event.event.as_str()).collect();
        let told: &[&str] = match outcome {
            "accepted" => &["offer_resolved", "started"],
            "declined" => &["offer_resolved"],
            _ => &[],
        };
        assert_eq!(events, told, "{status}");
    }
}

#[test]
fn a_lead_is_no_loop() {
    let text = page(&application(APP, r#""status": "Lead""#));
    assert_eq!(read(&SOURCE, &[("application.list.json", &text)]).rejects(), ["not_a_loop status"]);
}

#[test]
fn an_answer_that_failed_is_never_read_as_data() {
    let failed =
        r#"{"success": false, "errors": ["x"], "results": [{"id": "1"}], "errorInfo": {"code": "missing_scope"}}"#;
    let files = [
        "application.list",
        "application.listHistory",
        "applicationFeedback.list",
        "interviewSchedule.list",
        "user.list",
    ];
    for name in files {
        let kept = read(&SOURCE, &[(&format!("{name}.json"), failed)]);
        assert_eq!(kept.rejects(), ["error_response errorInfo.code"], "{name}");
        assert_eq!(kept.ledger.rejects[0].1.value.as_deref(), Some("missing_scope"));
        assert!(kept.applications.is_empty() && kept.events.is_empty() && kept.cards.is_empty());
    }
}

#[test]
fn a_custom_report_is_not_read_and_says_what_to_do() {
    let report = r#"{"success": true, "results": {"requestId": "1", "reportData": {"data": [["Name"], ["Eva"]], "columnNames": ["Name"]}}}"#;
    for name in ["report.synchronous.json", "my-numbers.json"] {
        let kept = read(&SOURCE, &[(name, report), ("application.list.json", &page(""))]);
        assert!(kept.account(name).remarks.iter().any(|remark| remark.contains("--source tables")), "{name}");
        assert_eq!(kept.account(name).read, 0);
    }
}

#[test]
fn an_unknown_object_in_the_folder_is_accounted_for() {
    let kept = read(&SOURCE, &[("opening.list.json", &page(r#"{"id": "x"}"#)), ("application.list.json", &page(""))]);
    let account = kept.account("opening.list.json");
    assert_eq!((account.kind.as_str(), account.read), ("other", 0));
}

#[test]
fn ids_as_numbers_and_as_texts_are_the_same() {
    let reasons = page(r#"{"id": 7, "text": "Pay", "reasonType": "RejectedByCandidate"}"#);
    let ended = r#""status": "Archived", "archiveReason": {"id": "7"}"#;
    let first = application(APP, ended).replace(&format!("\"{APP}\""), "12");
    let second = application(APP, ended).replace(APP, "12");
    let applications = page(&format!("{first}, {second}"));
    let kept = read(&SOURCE, &[("archiveReason.list.json", &reasons), ("application.list.json", &applications)]);
    assert_eq!(decisions(&kept), [["12", "withdrawn", "-", "-"]; 2]);
}

#[test]
fn times_may_be_seconds_milliseconds_or_text() {
    for time in [
        "1767258000",
        "1767258000000",
        "\"1767258000000\"",
        "\"2026-01-01T09:00:00.000Z\"",
        "\"2026-01-01T10:00:00+01:00\"",
    ] {
        let text = page(&application(APP, r#""status": "Active""#).replace("\"2026-01-01T09:00:00.000Z\"", time));
        let kept = read(&SOURCE, &[("application.list.json", &text)]);
        assert_eq!(kept.applications[0].applied_at.unwrap().to_rfc3339(), "2026-01-01T09:00:00Z", "{time}");
    }
}

#[test]
fn a_wrapper_of_three_levels_is_seen_through() {
    let inner = page(&application(APP, r#""status": "Active""#));
    let text = format!(r#"{{"fetched": "2026-02-01", "response": {{"status": 200, "body": {inner}}}}}"#);
    let kept = read(&SOURCE, &[("application.list.json", &text)]);
    assert_eq!(kept.applications.len(), 1);
}

#[test]
fn a_half_written_last_line_is_told() {
    let line =
        format!(r#"{{"success": true, "results": {}}}"#, application(APP, r#""status": "Active""#)).replace('\n', "");
    let text = format!("{line}\n{}", &line[..line.len() - 30]);
    let error = try_read(&SOURCE, &[("application.info.ndjson", text.as_bytes())]).unwrap_err();
    assert!(error.what.contains("breaks off"), "{}", error.what);
}

#[test]
fn an_unknown_status_is_reported_and_the_loop_stays_open() {
    let text = page(&format!(
        "{}, {}",
        application(APP, r#""status": "Paused""#),
        application(
            OTHER,
            r#""status": "Archived", "archiveReason": {"id": "r", "text": "x", "reasonType": "Sideways"}"#
        )
    ));
    let kept = read(&SOURCE, &[("application.list.json", &text)]);
    assert_eq!(decisions(&kept), [[OTHER, "reject", "-", "-"]]);
    let labels: Vec<&str> =
        kept.account("application.list.json").unknown_labels.keys().map(|(field, _)| field.as_str()).collect();
    assert_eq!(labels, ["reasonType", "status"]);
}

#[test]
fn the_export_is_told_from_those_of_others() {
    let ours = page(&application(APP, r#""status": "Active", "archiveReason": null, "hiringTeam": []"#));
    assert_eq!(source_of(&[("applications.json", &ours)]), "ashby");
    assert_eq!(source_of(&[(&format!("application.info/{APP}.json"), &ours)]), "ashby");
    assert_eq!(
        source_of(&[
            ("interviews.json", &page(r#"{"id": "i", "title": "Talk", "isDebrief": false}"#)),
            ("users.json", &page(r#"{"id": "u", "globalRole": "x"}"#))
        ]),
        "ashby"
    );
    assert_eq!(
        source_of(&[("applications.json", r#"[{"id": 1, "jobs": [], "current_stage": null}]"#)]),
        "greenhouse-v1"
    );
}
