//! Exports of Ashby and Merge through the whole ingest: what is told twice stands once, and every record is
//! accounted for.

use crate::support::{ADDRESS, NAME, REMARK, Scene, cell, row_with, rows};

const APP: &str = "6a1f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f50";
const CARD: &str = "7b2f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f51";
const EVENT: &str = "8c3f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f52";

fn page(record: &str) -> String {
    format!(r#"{{"success": true, "results": [{record}], "moreDataAvailable": false}}"#)
}

fn application(updated: &str, status: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{APP}", "createdAt": "2026-07-01T09:00:00.000Z", "updatedAt": "{updated}", "status": "{status}",
            "candidate": {{"id": "c-1", "name": "{NAME}", "primaryEmailAddress": {{"value": "{ADDRESS}"}}}},
            "job": {{"id": "j-1", "title": "Analyst"}}, "currentInterviewStage": {{"id": "s-1", "title": "Screen"}} {more}}}"#
    )
}

const WAY: &str = r#", "applicationHistory": [{"id": "h-1", "stageId": "s-1", "title": "Screen",
    "enteredStageAt": "2026-07-02T09:00:00.000Z", "leftStageAt": null}]"#;

fn ashby_feedback() -> String {
    page(&format!(
        r#"{{"id": "{CARD}", "applicationId": "{APP}", "interviewEventId": "{EVENT}", "submittedAt": "2026-07-06T12:00:00.000Z",
            "submittedByUser": {{"id": "u-1", "firstName": "Zelda", "lastName": "Quuxworthy", "email": "{ADDRESS}"}},
            "formDefinition": {{"sections": [{{"fields": [
                {{"field": {{"type": "Score", "path": "sql", "title": "SQL"}}}},
                {{"field": {{"type": "LongText", "path": "t", "title": "Notes"}}}}]}}]}},
            "submittedValues": {{"sql": "3", "t": "{REMARK}"}}}}"#
    ))
}

#[test]
fn list_and_info_of_an_application_are_one_and_the_newer_one_stands() {
    let scene = Scene::new();
    let info = |updated: &str, status: &str| {
        format!(r#"{{"success": true, "results": {}}}"#, application(updated, status, WAY))
    };
    let list = |updated: &str, status: &str| page(&application(updated, status, ""));
    let (early, late) = ("2026-07-05T00:00:00.000Z", "2026-07-20T00:00:00.000Z");
    for (case, (info, list)) in [
        ("list", (info(early, "Active"), list(late, "Archived"))),
        ("info", (info(late, "Archived"), list(early, "Active"))),
    ] {
        let (export, data) = (format!("{case}-export"), format!("{case}-data"));
        scene.write(&format!("{export}/application.info/{APP}.json"), info);
        scene.write(&format!("{export}/application.list.json"), list);
        scene.run(&["ingest", &export, "--dataset", &data]).fine();
        let data = scene.path(&data);
        let row = row_with(&data, "applications", "application_id", APP);
        assert_eq!(cell(&row, "status"), "Archived", "{case}");
        assert_eq!(rows(&data, "events").len(), 1, "{case}");
        assert_eq!(rows(&data, "decisions").len(), 1, "{case}");
        let ledger = rows(&data, "ledger");
        let sum = |column: &str| ledger.iter().map(|row| cell(row, column).parse::<u64>().unwrap()).sum::<u64>();
        assert_eq!((sum("read"), sum("kept"), sum("replaced"), sum("rejected")), (2, 1, 1, 0), "{case}");
    }
}

#[test]
fn a_page_of_ashbys_given_twice_doubles_nothing() {
    let scene = Scene::new();
    let schedule = page(&format!(
        r#"{{"id": "z-1", "applicationId": "{APP}", "interviewStageId": "s-1", "status": "Complete",
            "updatedAt": "2026-07-06T11:00:00.000Z", "interviewEvents": [{{"id": "{EVENT}",
            "startTime": "2026-07-06T10:00:00.000Z", "endTime": "2026-07-06T11:00:00.000Z",
            "interviewers": [{{"id": "u-1", "trainingRole": null}}]}}]}}"#
    ));
    let offer = page(&format!(
        r#"{{"id": "o-1", "applicationId": "{APP}", "acceptanceStatus": "Accepted",
            "decidedAt": "2026-07-25T10:00:00.000Z", "latestVersion": {{"createdAt": "2026-07-20T10:00:00.000Z"}}}}"#
    ));
    for number in 1..=2 {
        let info = page(&application("2026-07-26T00:00:00.000Z", "Hired", WAY));
        scene.write(&format!("export/application.info/page-{number}.json"), info);
        scene.write(&format!("export/interviewSchedule.list/page-{number}.json"), &schedule);
        scene.write(&format!("export/offer.list/page-{number}.json"), &offer);
        scene.write(&format!("export/applicationFeedback.list/page-{number}.json"), ashby_feedback());
    }
    let ran = scene.ingest("export");
    ran.keeps(&[NAME, ADDRESS, REMARK]);
    let data = scene.path("data");
    for table in ["applications", "decisions", "interviews", "panel_members", "scorecards", "scores"] {
        assert_eq!(rows(&data, table).len(), 1, "{table}");
    }
    assert_eq!(cell(&row_with(&data, "decisions", "application_id", APP), "offer_outcome"), "accepted");
    assert_eq!(cell(&row_with(&data, "scores", "dimension", "SQL"), "score_milli"), "3000");
    assert!(rows(&data, "score_revisions").is_empty());
    let replaced: Vec<String> =
        rows(&data, "ledger").iter().map(|row| format!("{} {}", cell(row, "kept"), cell(row, "replaced"))).collect();
    assert_eq!(replaced.iter().filter(|account| *account == "0 1").count(), 4, "{replaced:?}");
    assert!(!format!("{:?}", rows(&data, "scorecards")).contains(REMARK));
}

#[test]
fn a_page_of_merges_given_twice_doubles_nothing() {
    let scene = Scene::new();
    let object = |id: &str, more: &str| {
        format!(
            r#"{{"results": [{{"id": "{id}", "remote_id": "1", "modified_at": "2026-07-26T00:00:00Z", {more}}}], "next": null}}"#
        )
    };
    for number in 1..=2 {
        let one = object(APP, r#""candidate": "c-1", "job": "j-1", "applied_at": "2026-07-01T09:00:00Z""#);
        scene.write(&format!("export/applications/page-{number}.json"), one);
        let held = format!(
            r#""application": "{APP}", "interviewers": ["u-1"], "start_at": "2026-07-06T10:00:00Z", "status": "COMPLETE""#
        );
        scene.write(&format!("export/interviews/page-{number}.json"), object(EVENT, &held));
        let card = format!(
            r#""application": "{APP}", "interview": "{EVENT}", "interviewer": "u-1",
               "submitted_at": "2026-07-06T12:00:00Z", "overall_recommendation": "YES""#
        );
        scene.write(&format!("export/scorecards/page-{number}.json"), object(CARD, &card));
    }
    scene.ingest("export");
    let data = scene.path("data");
    for table in ["applications", "interviews", "panel_members", "scorecards"] {
        assert_eq!(rows(&data, table).len(), 1, "{table}");
    }
    assert_eq!(cell(&row_with(&data, "scorecards", "scorecard_id", CARD), "recommendation"), "3");
}
