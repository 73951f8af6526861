//! Interviews and feedback, and the many ways in which scripts say whose they are.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::source::recognise;
use crate::source::record::testing::{Kept, folder, read};

const ONE: &str = "9cc6e411-9353-4fd0-91ff-7ca090d1a31e";
const TWO: &str = "784ff8e2-4536-4d65-8b29-e2dbeb0e8bef";

fn opportunities() -> String {
    let one = |id: &str| {
        format!(
            r#"{{"id": "{id}", "name": "Zoë Del Campo", "contact": "c", "createdAt": 1767607200000, "stageChanges": [],
                "lastAdvancedAt": null, "applications": ["a"]}}"#
        )
    };
    format!(r#"{{"data": [{}, {}], "hasNext": false}}"#, one(ONE), one(TWO))
}

fn interview(id: &str) -> String {
    format!(
        r#"{{"id": "{id}", "panel": "p", "subject": "Phone screen - Zoë Del Campo - Analyst", "date": 1767693600000,
            "duration": 45, "createdAt": 1767607200000, "canceledAt": null, "feedbackForms": ["f-{id}"],
            "interviewers": [{{"id": "u-1", "name": "Ann Lee", "email": "ann@example.com"}}]}}"#
    )
}

fn form(id: &str, interview: &str) -> String {
    format!(
        r#"{{"id": "{id}", "type": "interview", "text": "Phone form", "interview": "{interview}", "user": "u-1",
            "baseTemplateId": "t", "createdAt": 1767607200000, "completedAt": 1767700800000, "updatedAt": 1767700900000,
            "deletedAt": null, "fields": [{{"type": "score-system", "text": "Rating", "value": "3 - Hire"}},
            {{"type": "scorecard", "text": "Skills", "scores": [{{"text": "SQL"}}], "value": [{{"score": "2", "comment": "ab"}}]}}]}}"#
    )
}

/// The same two interviews and two forms, however they were laid out.
fn check(files: &[(String, String)]) -> Kept {
    let all: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let kept = read(&SOURCE, &all);
    assert_eq!(kept.rejects(), [""; 0]);
    let mut interviews: Vec<_> = kept.interviews.iter().map(|i| (&*i.interview_id, &*i.application_id)).collect();
    interviews.sort_unstable();
    assert_eq!(interviews, [("i-1", ONE), ("i-2", TWO)]);
    let mut cards: Vec<_> =
        kept.cards.iter().map(|c| (&*c.scorecard_id, &*c.application_id, c.stage.as_deref())).collect();
    cards.sort_unstable();
    assert_eq!(cards, [("f-1", ONE, Some("Phone screen")), ("f-2", TWO, Some("Phone screen"))]);
    assert_eq!(kept.scores.iter().filter(|score| score.application_id == TWO).count(), 1);
    assert_eq!(kept.panel.len(), 2);
    kept
}

fn files(list: &[(&str, String)]) -> Vec<(String, String)> {
    let root = [("opportunities.json".to_owned(), opportunities())];
    root.into_iter().chain(list.iter().map(|(name, text)| ((*name).to_owned(), text.clone()))).collect()
}

fn page(record: &str) -> String {
    format!(r#"{{"data": [{record}], "hasNext": false}}"#)
}

#[test]
fn the_parent_is_in_the_files_name() {
    check(&files(&[
        (&format!("interviews/{ONE}.json"), page(&interview("i-1"))),
        (&format!("interviews/{TWO}_page-1.json"), page(&interview("i-2"))),
        (&format!("feedback/{ONE}.json"), page(&form("f-1", "i-1"))),
        (&format!("feedback/{TWO}.json.d/1.json"), page(&form("f-2", "i-2"))),
    ]));
}

#[test]
fn the_parent_is_in_a_folders_name() {
    check(&files(&[
        (&format!("opportunities/{ONE}/interviews.json"), page(&interview("i-1"))),
        (&format!("opportunities/{TWO}/interviews/page-1.json"), page(&interview("i-2"))),
        (&format!("opportunities/{ONE}/feedback.json"), page(&form("f-1", "i-1"))),
        (&format!("opportunities/{TWO}/feedback/page-1.json"), page(&form("f-2", "i-2"))),
    ]));
}

#[test]
fn the_parent_in_a_path_may_be_any_known_opportunity() {
    let files = [
        ("opportunities.json", r#"[{"id": "zoe", "createdAt": 1767607200000}]"#.to_owned()),
        ("zoe/feedback.json", page(&form("f-1", "i-1"))),
        ("someone/feedback.json", page(&form("f-2", "i-1"))),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let kept = read(&SOURCE, &files);
    assert_eq!(kept.cards.iter().map(|card| &*card.application_id).collect::<Vec<_>>(), ["zoe"]);
    assert_eq!(kept.rejects(), ["no_parent opportunityId"]);
}

#[test]
fn the_parent_stands_in_a_wrapper_before_the_records() {
    let wrap = |id: &str, record: &str| format!(r#"{{"opportunityId": "{id}", "data": [{record}], "hasNext": false}}"#);
    let lines = format!("{}\n{}\n", wrap(ONE, &interview("i-1")), wrap(TWO, &interview("i-2")));
    let list = format!(
        r#"[{}, {{"parent": "{TWO}", "data": [{}]}}]"#,
        wrap(ONE, &form("f-1", "i-1")).replace("opportunityId", "opportunity_id"),
        form("f-2", "i-2")
    );
    check(&files(&[("interviews/page-0001.json", lines), ("feedback/page-0001.json", list)]));
}

#[test]
fn the_parent_stands_in_a_wrapper_behind_the_records() {
    let wrap = |id: &str, record: &str| format!(r#"{{"data": [{record}], "hasNext": false, "opportunityId": "{id}"}}"#);
    let lines = |one: &str, two: &str| format!("{}\n{}", wrap(ONE, one), wrap(TWO, two));
    check(&files(&[
        ("interviews.ndjson", lines(&interview("i-1"), &interview("i-2"))),
        ("feedback.ndjson", lines(&form("f-1", "i-1"), &form("f-2", "i-2"))),
    ]));
}

#[test]
fn the_parent_stands_in_a_wrapper_of_three_levels() {
    let wrap = |id: &str, record: &str| {
        format!(
            r#"{{"opportunity": "{id}", "response": {{"status": 200, "body": {{"data": [{record}], "hasNext": false}}}}}}"#
        )
    };
    let lines = |one: &str, two: &str| format!("[{},{}]", wrap(ONE, one), wrap(TWO, two));
    check(&files(&[
        ("interviews.json", lines(&interview("i-1"), &interview("i-2"))),
        ("feedback.json", lines(&form("f-1", "i-1"), &form("f-2", "i-2"))),
    ]));
}

#[test]
fn the_parent_is_the_key_of_a_map() {
    let map = |one: &str, two: &str| format!(r#"{{"{ONE}": [{one}], "{TWO}": {{"data": [{two}], "hasNext": false}}}}"#);
    check(&files(&[
        ("interviews.json", map(&interview("i-1"), &interview("i-2"))),
        ("feedback.json", map(&form("f-1", "i-1"), &form("f-2", "i-2"))),
    ]));
}

#[test]
fn the_parent_stands_in_the_record() {
    let say = |record: &str, what: &str| record.replacen('{', &format!("{{{what}, "), 1);
    let (id, whole) = (format!(r#""opportunityId": "{ONE}""#), format!(r#""opportunity": {{"id": "{TWO}"}}"#));
    check(&files(&[
        ("interviews.json", format!("[{}, {}]", say(&interview("i-1"), &id), say(&interview("i-2"), &whole))),
        ("feedback.json", format!("[{}, {}]", say(&form("f-1", "i-1"), &id), say(&form("f-2", "i-2"), &whole))),
    ]));
}

#[test]
fn the_parent_is_that_of_the_interview() {
    let map = format!(r#"{{"{ONE}": [{}], "{TWO}": [{}]}}"#, interview("i-1"), interview("i-2"));
    let forms = format!("[{}, {}]", form("f-1", "i-1"), form("f-2", "i-2"));
    check(&files(&[("interviews.json", map), ("feedback.json", forms)]));
}

#[test]
fn records_may_stand_inside_their_opportunity() {
    let one = |id: &str, interview: &str, form: &str| {
        format!(
            r#"{{"id": "{id}", "name": "Zoë Del Campo", "createdAt": 1767607200000, "interviews": [{interview}],
                "feedback": {{"data": [{form}, {{"id": "f-9", "deletedAt": 1767700800000}}, {{"id": null}}, "f-10"]}},
                "offers": [{{"id": "o", "createdAt": 1767700800000, "status": "sent"}}]}}"#
        )
    };
    let text = format!(
        "[{}, {}]",
        one(ONE, &interview("i-1"), &form("f-1", "i-1")),
        one(TWO, &interview("i-2"), &form("f-2", "i-2"))
    );
    let kept = check(&[("opportunities.json".to_owned(), text)]);
    assert_eq!((kept.decisions.len(), kept.account("opportunities.json").read), (2, 2));
    assert!(kept.remarks().contains(&"deleted records inside an opportunity, left out: 2"));
    assert!(kept.remarks().contains(&"records inside an opportunity that cannot be used, left out: 2"));
}

#[test]
fn what_nobody_claims_is_rejected() {
    let kept =
        read(&SOURCE, &[("feedback.json", &page(&form("f-1", "i-1"))), ("interviews.json", &page(&interview("i-1")))]);
    assert_eq!(kept.rejects(), ["no_parent opportunityId", "no_parent opportunityId"]);
    // A page's number is no opportunity, and neither is the record's own identifier.
    let offers = format!(r#"{{"data": [{{"id": "{ONE}", "createdAt": 1767607200000}}]}}"#);
    let kept = read(&SOURCE, &[(&format!("offers/{ONE}.json"), &offers), ("offers/0002.json", &offers)]);
    assert_eq!(kept.rejects(), ["no_parent opportunityId", "no_parent opportunityId"]);
}

#[test]
fn panels_tell_of_interviews_that_are_in_no_file() {
    let panel = |id: &str, interviews: &str| {
        format!(
            r#"{{"data": [{{"id": "{id}", "opportunityId": "{ONE}", "createdAt": 1767607200000, "canceledAt": 1767690000000,
                "stage": {{"id": "s", "text": "On-site"}}, "interviews": [{interviews}]}}]}}"#
        )
    };
    let bare = r#"{"id": "i-3", "date": 1767693600000, "duration": 30, "interviewers": [{"id": "u-2"}]}"#;
    let known = format!(r#"[{}]"#, interview("i-1").replacen('{', &format!(r#"{{"opportunityId": "{ONE}", "#), 1));
    let files = [
        ("opportunities.json", opportunities()),
        ("interviews.json", known),
        ("panels/1.json", panel("p-1", &format!("{}, {bare}", interview("i-1")))),
        ("panels/2.json", panel("p-2", "")),
    ];
    let kept = read(&SOURCE, &files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let rows: Vec<_> = kept.interviews.iter().map(|i| (&*i.interview_id, i.stage.as_deref(), &*i.status)).collect();
    assert_eq!(rows, [("i-1", Some("Phone screen"), "unknown"), ("i-3", Some("On-site"), "cancelled")]);
    assert!(kept.interviews[1].scheduled_at.is_some());
    assert_eq!(kept.account("panels/1.json").lookups, 1);
}

#[test]
fn an_interview_logged_after_it_began_was_never_on_the_calendar() {
    let logged = interview("i-1").replace(r#""createdAt": 1767607200000"#, r#""createdAt": 1767780000000"#);
    let kept = read(
        &SOURCE,
        &[
            (&format!("interviews/{ONE}.json"), &page(&logged)),
            (&format!("interviews/{TWO}.json"), &page(&interview("i-2"))),
        ],
    );
    let scheduled: Vec<_> = kept.interviews.iter().map(|interview| interview.scheduled_at.is_some()).collect();
    assert_eq!(scheduled, [false, true]);
    let row = &kept.interviews[0];
    assert_eq!((row.starts_at.unwrap().0 + 45 * 60_000_000, row.planned_minutes), (row.ends_at.unwrap().0, Some(45)));
    assert!(kept.remarks().iter().any(|remark| remark.starts_with("interviews logged after they began")));
}

#[test]
fn a_debrief_is_known_by_its_subject_or_form() {
    let debrief = interview("i-1").replace("Phone screen", "Debrief");
    let cancelled = interview("i-2").replace(r#""canceledAt": null"#, r#""canceledAt": "1767690000000""#);
    let kept = check_names(&debrief, &cancelled);
    let rows: Vec<_> = kept.interviews.iter().map(|row| (&*row.kind, &*row.status)).collect();
    assert_eq!(rows, [("debrief", "unknown"), ("live", "cancelled")]);
    assert_eq!(kept.interviews[0].stage.as_deref(), Some("Debrief"));
    assert_eq!(kept.cards[0].stage.as_deref(), Some("Hiring committee"));
}

fn check_names(one: &str, two: &str) -> Kept {
    let forms = page(&form("f-1", "nowhere").replace("Phone form", "Hiring committee"));
    let files = files(&[
        (&format!("interviews/{ONE}.json"), page(one)),
        (&format!("interviews/{TWO}.json"), page(two)),
        (&format!("feedback/{ONE}.json"), forms),
    ]);
    let all: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    read(&SOURCE, &all)
}

#[test]
fn lever_is_told_from_other_systems_by_its_keys() {
    let source_of = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        recognise(&folder(&files).1).map(|(source, _)| source.id).unwrap_or("none")
    };
    let (opportunities, interviews, forms) = (opportunities(), page(&interview("i-1")), page(&form("f-1", "i-1")));
    assert_eq!(source_of(&[("opportunities.json", &opportunities)]), "lever");
    assert_eq!(source_of(&[(&format!("interviews/{ONE}.json"), &interviews)]), "lever");
    let nested = format!("opportunities/{ONE}/feedback.json");
    assert_eq!(source_of(&[(&nested, &forms), ("users.json", r#"[{"id": "u", "accessRole": "admin"}]"#)]), "lever");
    let empty = r#"{"data": [], "hasNext": false}"#;
    let folders = [(format!("{ONE}/feedback.json"), empty), (format!("{TWO}/feedback.json"), &*forms)];
    assert_eq!(source_of(&folders.each_ref().map(|(name, text)| (name.as_str(), *text))), "lever");
    // The same names with other keys are other systems'.
    let v3 = r#"[{"id": 1, "application_id": 1, "job_interview_id": 5, "all_day_start_on": null}]"#;
    assert_eq!(source_of(&[("interviews.json", v3)]), "greenhouse-v3");
    let v1 = r#"[{"id": 1, "jobs": [], "current_stage": null, "status": "active"}]"#;
    assert_eq!(source_of(&[("applications.json", v1)]), "greenhouse-v1");
    let merge = r#"{"results": [{"id": "x", "remote_id": "y", "interviewers": [], "stage": null}]}"#;
    assert_ne!(source_of(&[("interviews.json", merge)]), "lever");
    assert_eq!(source_of(&[("interviews.csv", "interview_id,application_id\n")]), "tables");
}

#[test]
fn an_interview_ends_after_its_duration_and_says_when_it_was_cancelled() {
    let cancelled = interview("i-1").replace(r#""canceledAt": null"#, r#""canceledAt": 1767690000000"#);
    let kept =
        read(&SOURCE, &[(&format!("interviews/{ONE}.json"), &page(&format!("{cancelled}, {}", interview("i-2"))))]);
    for (row, status) in kept.interviews.iter().zip(["cancelled", "unknown"]) {
        let minutes = (row.ends_at.unwrap().0 - row.starts_at.unwrap().0) / crate::time::MINUTE;
        assert_eq!((minutes, row.status.as_str()), (45, status));
    }
}

#[test]
fn a_form_that_was_edited_keeps_when_it_was_completed() {
    let kept = read(&SOURCE, &[(&format!("feedback/{ONE}.json"), &page(&form("f-1", "i-1")))]);
    let card = &kept.cards[0];
    assert_eq!((card.updated_at.unwrap().0 - card.submitted_at.unwrap().0) / 1_000_000, 100);
}
