#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use super::tests::{APP, STAGES, page};
use crate::source::record::testing::read;

const INTERVIEWS: &str = r#"
    {"id": "i-1", "title": "System design", "isDebrief": false, "isArchived": false},
    {"id": "i-2", "title": "Wrap", "isDebrief": true}, {"id": "i-3", "title": "Debrief of the tool", "isDebrief": false}"#;

fn event(id: &str, interview: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "interviewId": "{interview}", "interviewScheduleId": "z-1", "createdAt": "2026-01-02T10:00:00.000Z",
            "updatedAt": "2026-01-07T10:00:00.000Z", "startTime": "2026-01-06T10:00:00.000Z",
            "endTime": "2026-01-06T10:45:00.000Z" {more}}}"#
    )
}

fn schedule(status: &str, events: &str) -> String {
    format!(
        r#"{{"id": "z-1", "applicationId": "{APP}", "interviewStageId": "s-2", "status": "{status}", "scheduledBy": null,
            "createdAt": "2026-01-02T09:00:00.000Z", "updatedAt": "2026-01-06T11:00:00.000Z", "interviewEvents": [{events}]}}"#
    )
}

#[test]
fn appointments_have_the_status_of_their_schedule() {
    let cases = [
        ("Complete", "done"),
        ("WaitingOnFeedback", "done"),
        ("Scheduled", "scheduled"),
        ("Cancelled", "cancelled"),
        ("OnHold", "scheduled"),
        ("Unknown", "unknown"),
        ("Rescheduling", "unknown"),
    ];
    for (word, status) in cases {
        let schedules = page(&schedule(word, &event("e-1", "i-1", "")));
        let kept =
            read(&SOURCE, &[("interviewStage.list.json", &page(STAGES)), ("interviewSchedule.list.json", &schedules)]);
        let row = kept.interviews.first().unwrap();
        assert_eq!((row.status.as_str(), row.stage.as_deref()), (status, Some("Onsite")), "{word}");
        assert_eq!((row.interview_id.as_str(), row.planned_minutes), ("e-1", Some(45)));
        assert_eq!(row.scheduled_at.unwrap().to_rfc3339(), "2026-01-02T10:00:00Z");
        assert_eq!(row.recorded_at.unwrap().to_rfc3339(), "2026-01-07T10:00:00Z");
        let unknown = kept.account("interviewSchedule.list.json").unknown_labels.len();
        assert_eq!(unknown, usize::from(word == "Rescheduling"), "{word}");
    }
}

#[test]
fn a_schedule_without_an_appointment_is_counted() {
    let schedules = page(&schedule("NeedsScheduling", ""));
    let kept = read(&SOURCE, &[("interviewSchedule.list.json", &schedules)]);
    assert!(kept.interviews.is_empty());
    assert_eq!(kept.account("interviewSchedule.list.json").lookups, 1);
    assert_eq!(kept.remarks(), ["schedules without an appointment of their own: 1"]);
}

#[test]
fn a_debrief_is_known_by_its_flag() {
    let all = [event("e-1", "i-1", ""), event("e-2", "i-2", ""), event("e-3", "i-3", "")].join(",");
    let nested = event("e-4", "i-7", r#", "interview": {"id": "i-7", "title": "Talk", "isDebrief": true}"#);
    let by_name = event("e-5", "i-8", r#", "interview": {"id": "i-8", "title": "Final debrief"}"#);
    let schedules = page(&schedule("Complete", &format!("{all}, {nested}, {by_name}")));
    let kept =
        read(&SOURCE, &[("interview.list.json", &page(INTERVIEWS)), ("interviewSchedule.list.json", &schedules)]);
    let kinds: Vec<_> =
        kept.interviews.iter().map(|row| (row.stage_raw.as_deref().unwrap_or_default(), row.kind.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("System design", "live"),
            ("Wrap", "debrief"),
            ("Debrief of the tool", "live"),
            ("Talk", "debrief"),
            ("Final debrief", "debrief")
        ]
    );
    let account = kept.account("interviewSchedule.list.json");
    assert_eq!((account.read, account.kept), (1, 1));
}

#[test]
fn training_roles_are_roles_on_the_panel() {
    let people = r#", "interviewers": [
        {"id": "u-1", "firstName": "Ada", "lastName": "One", "email": "ada@example.com", "trainingRole": null},
        {"id": "u-2", "email": "bo@example.com", "trainingRole": "Shadow"}, {"id": "u-3", "trainingRole": "Reverse-Shadow"},
        {"id": "u-4", "trainingRole": "Observer"}, {"trainingRole": null}], "interviewerUserIds": ["u-1"]"#;
    let older = event("e-2", "i-1", r#", "interviewerUserIds": ["u-5"]"#);
    let schedules = page(&schedule("Complete", &format!("{}, {older}", event("e-1", "i-1", people))));
    let kept = read(&SOURCE, &[("interviewSchedule.list.json", &schedules)]);
    let seats: Vec<_> = kept
        .panel
        .iter()
        .map(|seat| {
            (seat.interview_id.as_str(), seat.interviewer_id.as_deref().unwrap_or_default(), seat.role.as_str())
        })
        .collect();
    assert_eq!(
        seats,
        [
            ("e-1", "u-1", "interviewer"),
            ("e-1", "u-2", "shadow"),
            ("e-1", "u-3", "reverse_shadow"),
            ("e-1", "u-4", "interviewer"),
            ("e-2", "u-5", "interviewer")
        ]
    );
    assert_eq!(kept.names.get("u-1").map(String::as_str), Some("Ada One"));
    assert_eq!(kept.account("interviewSchedule.list.json").unknown_labels.len(), 1);
    assert_eq!(kept.remarks(), ["seats of nobody in particular, left out: 1"]);
}

#[test]
fn appointments_in_a_file_of_their_own_find_their_schedule() {
    let unknown = event("e-2", "i-1", "").replace("z-1", "z-2");
    let kept = read(
        &SOURCE,
        &[
            ("interviewStage.list.json", &page(STAGES)),
            ("interviewSchedule.list.json", &page(&schedule("Cancelled", ""))),
            ("interviewEvent.list.json", &page(&format!("{}, {unknown}", event("e-1", "i-1", "")))),
        ],
    );
    let row = kept.interviews.first().unwrap();
    assert_eq!(
        (row.application_id.as_str(), row.status.as_str(), row.stage.as_deref()),
        (APP, "cancelled", Some("Onsite"))
    );
    assert_eq!(kept.rejects(), ["unknown_schedule interviewScheduleId"]);
}
