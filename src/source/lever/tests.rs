//! Opportunities, what belongs to them, and what goes wrong with their files.

#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::source::record::testing::{Kept, read, try_read};

/// 2026-01-05T10:00:00Z, in milliseconds.
const MONDAY: i64 = 1_767_607_200_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

const STAGES: (&str, &str) = (
    "stages.json",
    r#"{"data": [{"id": "lead-new", "text": "New lead"}, {"id": "applicant-new", "text": "New applicant"},
                 {"id": "b0072803-e9e5-403f-b028-085646c1e7a6", "text": "Phone screen"},
                 {"id": "f1a0cadd-9eff-4ecc-9edc-ff24d04fe393", "text": "On-site"}], "hasNext": false}"#,
);
const PHONE: &str = "b0072803-e9e5-403f-b028-085646c1e7a6";
const ON_SITE: &str = "f1a0cadd-9eff-4ecc-9edc-ff24d04fe393";
const REASONS: (&str, &str) = (
    "archive_reasons.json",
    r#"{"data": [{"id": "63dd55b2-a99f-4e7b-985f-22c7bf80ab42", "text": "Underqualified", "type": "non-hired"},
                 {"id": "0d56befe-481c-4bfd-8be9-f1280d41b8a6", "text": "Withdrew", "type": "non-hired"},
                 {"id": "16308515-dc77-4aa7-b3af-96161b2b4e9b", "text": "Joined us", "type": "hired"},
                 {"id": 4, "text": "Hired - backfill"}, {"id": 5, "text": "Timing"},
                 {"id": 6, "text": "Timing", "type": "parked"}]}"#,
);
const UNDERQUALIFIED: &str = "63dd55b2-a99f-4e7b-985f-22c7bf80ab42";
const JOINED: &str = "16308515-dc77-4aa7-b3af-96161b2b4e9b";

/// An opportunity with further fields.
fn opportunity(id: &str, fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { ", " };
    format!(r#"{{"id": "{id}", "contact": "c-{id}", "createdAt": {MONDAY}{comma}{fields}}}"#)
}

/// What becomes of opportunities beside other files.
fn opportunities(records: &[String], others: &[(&str, &str)]) -> Kept {
    let page = format!(r#"{{"data": [{}], "hasNext": false}}"#, records.join(","));
    let mut files = vec![STAGES, REASONS, ("opportunities.json", page.as_str())];
    files.extend(others);
    read(&SOURCE, &files)
}

fn moves(stages: &[(&str, i64)]) -> String {
    let change = |(stage, at): &(&str, i64)| {
        format!(r#"{{"toStageId": "{stage}", "toStageIndex": 3, "updatedAt": {at}, "userId": "u-1"}}"#)
    };
    format!(r#""stageChanges": [{}]"#, stages.iter().map(change).collect::<Vec<_>>().join(","))
}

fn archived(reason: &str, at: i64) -> String {
    format!(r#""archived": {{"reason": "{reason}", "archivedAt": {at}}}"#)
}

/// The decisions as `decision raw outcome from`.
fn decisions(kept: &Kept) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let line = |d: &crate::dataset::schema::Decision| {
        format!("{} {} {} {}", d.decision, text(&d.decision_raw), text(&d.offer_outcome), text(&d.decided_from))
    };
    kept.decisions.iter().map(line).collect()
}

#[test]
fn stage_history_has_entries_only_and_a_stage_is_left_for_the_next() {
    let way = moves(&[("applicant-new", MONDAY), (PHONE, MONDAY + DAY)]);
    let kept = opportunities(&[opportunity("1", &way)], &[]);
    assert_eq!(
        kept.happened(),
        [
            "stage_entered (\"New applicant\") 2026-01-05T10:00:00Z (\"instant\")",
            "stage_left (\"New applicant\") 2026-01-06T10:00:00Z (\"instant\")",
            "stage_entered (\"Phone screen\") 2026-01-06T10:00:00Z (\"instant\")",
        ]
    );
    let origins: Vec<_> = kept.events.iter().map(|event| event.origin.as_str()).collect();
    assert_eq!(origins, ["native", "derived", "native"]);
    assert_eq!(kept.events[0].actor_id.as_deref(), Some("u-1"));
}

#[test]
fn moves_go_backwards_and_repeat() {
    let [a, b, c] = [MONDAY, MONDAY + HOUR, MONDAY + 2 * HOUR];
    // The third move is in the export twice, and the last one stands first.
    let way = moves(&[(PHONE, c), (PHONE, a), (ON_SITE, b), (ON_SITE, b)]);
    let kept = opportunities(&[opportunity("1", &way)], &[]);
    let entered: Vec<_> =
        kept.events.iter().filter(|e| e.event == "stage_entered").filter_map(|e| e.stage.as_deref()).collect();
    assert_eq!(entered, ["Phone screen", "On-site", "Phone screen"]);
    assert_eq!(kept.events.len(), 5);
}

#[test]
fn archiving_is_no_stage_change_but_ends_the_stage() {
    let way = format!("{}, {}", moves(&[(PHONE, MONDAY)]), archived(UNDERQUALIFIED, MONDAY + DAY));
    let late = format!("{}, {}", moves(&[(PHONE, MONDAY + 2 * DAY)]), archived(UNDERQUALIFIED, MONDAY + DAY));
    let kept = opportunities(&[opportunity("1", &way), opportunity("2", &late)], &[]);
    let seen: Vec<_> = kept.events.iter().map(|e| (e.application_id.as_str(), e.event.as_str())).collect();
    assert_eq!(seen, [("1", "stage_entered"), ("1", "stage_left"), ("2", "stage_entered")]);
    assert_eq!(decisions(&kept)[0], "reject Underqualified - archived_at");
    assert_eq!(kept.applications[0].closed_at, kept.events[1].at);
}

#[test]
fn last_advanced_at_proves_nothing() {
    let way = format!(
        r#"{}, {}, "lastAdvancedAt": {}"#,
        moves(&[(PHONE, MONDAY)]),
        archived(UNDERQUALIFIED, MONDAY + DAY),
        MONDAY + DAY
    );
    let kept = opportunities(&[opportunity("1", &way)], &[]);
    assert_eq!(kept.events.iter().filter(|event| event.event == "stage_entered").count(), 1);
}

#[test]
fn stage_ids_are_uuids_or_slugs_and_may_be_expanded() {
    let unknown = "8dacc223-ea45-404e-a6bb-f6b45638709e";
    let way = format!(
        r#""stageChanges": [{{"toStageId": "offer", "updatedAt": {MONDAY}}},
            {{"toStageId": "{unknown}", "updatedAt": {}}},
            {{"toStageId": {{"id": "{unknown}", "text": "Trial day"}}, "updatedAt": {}}}]"#,
        MONDAY + 1,
        MONDAY + 2
    );
    let kept = opportunities(&[opportunity("1", &way)], &[]);
    let entered = kept.events.iter().filter(|event| event.event == "stage_entered");
    let stages: Vec<_> = entered.map(|event| event.stage.as_deref()).collect();
    assert_eq!(stages, [Some("offer"), None, Some("Trial day")]);
    assert!(kept.remarks().contains(&"moves into a stage whose name is in no file: 1"));
}

#[test]
fn an_opportunity_ends_as_its_archive_reason_says() {
    let ended = |id: &str, reason: &str| opportunity(id, &archived(reason, MONDAY + DAY));
    let unknown = "f3962b36-964b-48c8-b12a-904e6bd7059c";
    let reasons = [UNDERQUALIFIED, "0d56befe-481c-4bfd-8be9-f1280d41b8a6", JOINED, "4", "5", unknown, "Withdrawn", "6"];
    let records: Vec<String> = reasons.iter().enumerate().map(|(id, reason)| ended(&id.to_string(), reason)).collect();
    let kept = opportunities(&records, &[]);
    assert_eq!(
        decisions(&kept),
        [
            "reject Underqualified - archived_at",
            "withdrawn Withdrew - archived_at",
            "offer Joined us accepted archived_at",
            "offer Hired - backfill accepted archived_at",
            "reject Timing - archived_at",
            "withdrawn Withdrawn - archived_at",
            "reject Timing - archived_at",
        ]
    );
    assert_eq!(kept.decisions[0].reason.as_deref(), Some("Underqualified"));
    // The one with the unknown reason is closed, and that is all that is known.
    let undecided = kept.applications.iter().find(|row| row.application_id == "5").unwrap();
    assert!(undecided.closed_at.is_some() && !kept.decisions.iter().any(|d| d.application_id == "5"));
    assert!(kept.remarks().iter().any(|remark| remark.starts_with("archived for a reason that is in no file")));
    let status: Vec<_> = kept.applications.iter().filter_map(|row| row.status.as_deref()).take(3).collect();
    assert_eq!(status, ["archived", "archived", "hired"]);
    assert_eq!(kept.account("archive_reasons.json").unknown_labels.len(), 1);
}

#[test]
fn an_application_archived_some_milliseconds_apart_is_the_same_end() {
    let archived = archived(UNDERQUALIFIED, MONDAY + DAY);
    let mine = opportunity("1", &archived);
    let theirs = format!(
        r#"{{"data": [{{"id": "a-1", "opportunityId": "1", "createdAt": {MONDAY},
            "archived": {{"reason": "{UNDERQUALIFIED}", "archivedAt": {}}}}}]}}"#,
        MONDAY + DAY - 11
    );
    let kept = opportunities(&[mine], &[("applications.json", &theirs)]);
    assert_eq!((kept.applications.len(), kept.decisions.len()), (1, 1));
    assert_eq!(kept.decisions[0].decided_at.map(|at| at.0), Some((MONDAY + DAY) * 1000));
}

#[test]
fn applications_and_postings_tell_about_the_job() {
    let posting = r#"{"data": [{"id": "p-1", "text": "Analyst", "owner": "u-owner", "hiringManager": "u-manager",
        "categories": {"department": "Data", "team": "Insight", "level": "Senior", "location": "Oslo"}},
        {"id": "p-2", "text": "Clerk", "owner": "u-owner", "categories": {"team": "Office"}}]}"#;
    let own = format!(
        r#"{{"data": [{{"id": "a-1", "opportunityId": "1", "posting": "p-1", "postingHiringManager": "u-then",
            "createdAt": {}}}, {{"id": "a-2", "posting": "p-2", "createdAt": {MONDAY}}}]}}"#,
        MONDAY + HOUR
    );
    let inside = r#""applications": [{"id": "a-3", "posting": {"id": "p-1", "text": "x"}, "createdAt": null}],
        "owner": {"id": "u-me", "name": "Ann Lee"}, "location": "Candidate Street 5", "opportunityLocation": "Rome",
        "origin": "sourced", "sources": ["LinkedIn", "Jobs site"]"#;
    let records = [
        opportunity("1", r#""origin": "referred", "sources": []"#),
        opportunity("2", r#""applications": ["a-2"], "location": "Candidate Street 5", "opportunityLocation": "Rome""#),
        opportunity("3", inside),
    ];
    let files = [("postings.json", posting), ("applications/page-1.json", own.as_str())];
    let kept = opportunities(&records, &files);
    let words = |at: usize| {
        let row = &kept.applications[at];
        let all = [&row.job_title, &row.department, &row.level, &row.location, &row.source];
        all.map(|word| word.as_deref().unwrap_or("-")).join(", ")
    };
    assert_eq!(words(0), "Analyst, Data, Senior, Oslo, referred");
    assert_eq!(words(1), "Clerk, Office, -, Rome, -");
    assert_eq!(words(2), "Analyst, Data, Senior, Oslo, LinkedIn");
    let people = |at: usize| {
        let row = &kept.applications[at];
        [&row.hiring_manager_id, &row.recruiter_id].map(|id| id.clone().unwrap_or_default())
    };
    assert_eq!([people(0), people(1), people(2)].concat(), ["u-then", "u-owner", "", "u-owner", "u-manager", "u-me"]);
    assert_eq!(kept.applications[0].applied_at.map(|at| at.0), Some((MONDAY + HOUR) * 1000));
    assert_eq!(kept.applications[2].applied_at.map(|at| at.0), Some(MONDAY * 1000));
    assert_eq!(kept.applications[0].candidate_id.as_deref(), Some("c-1"));
    assert_eq!(kept.applications[1].job_id.as_deref(), Some("p-2"));
}

#[test]
fn somebody_who_was_found_and_never_applied_is_no_loop() {
    let lead = format!(r#"{}, "applications": [], "stage": "lead-new""#, moves(&[("lead-new", MONDAY)]));
    let general = format!(r#"{}, "applications": [], "stage": "{PHONE}""#, moves(&[("lead-new", MONDAY)]));
    let kept = opportunities(&[opportunity("1", &lead), opportunity("2", &general), opportunity("3", "")], &[]);
    assert_eq!(kept.rejects(), ["not_a_loop applications"]);
    assert_eq!(kept.applications.len(), 2);
}

#[test]
fn an_anonymised_opportunity_stays_a_loop() {
    let anonymous = format!(
        r#"{{"id": "1", "name": null, "contact": null, "emails": [], "isAnonymized": true, "createdAt": {MONDAY}, {}}}"#,
        archived(UNDERQUALIFIED, MONDAY + DAY)
    );
    let interview = format!(
        r#"{{"data": [{{"id": "i-1", "opportunityId": "1", "subject": "Screen - Ann Lee - Analyst", "date": {MONDAY}}}]}}"#
    );
    let deleted = opportunity("2", &format!(r#""deletedAt": {MONDAY}, "deletedBy": "u-1""#));
    let kept = opportunities(&[anonymous, deleted], &[("interviews.json", &interview)]);
    assert_eq!((kept.applications.len(), kept.applications[0].candidate_id.as_deref()), (1, None));
    assert_eq!(kept.decisions.len(), 1);
    // Without the candidate's name, the subject could hold it.
    assert_eq!(kept.interviews[0].stage, None);
    assert_eq!(kept.rejects(), ["deleted deletedAt"]);
}

#[test]
fn offers_are_versions_and_the_latest_stands() {
    let offer = |id: &str, to: &str, created: i64, more: &str| {
        format!(r#"{{"id": "{id}", "opportunityId": "{to}", "createdAt": {created}, {more}}}"#)
    };
    let start = r#"{"text": "Start", "identifier": "anticipated_start_date", "value": 1772409600000}"#;
    let signed = format!(
        r#""status": "signed", "sentAt": {}, "signatures": {{"candidate": {{"signed": true, "signedAt": {}}}}},
            "fields": [{{"text": "Pay", "identifier": "salary_amount", "value": 5}}, {start}]"#,
        MONDAY + 2 * HOUR,
        MONDAY + DAY
    );
    let listed = format!(
        r#""status": "signed", "signatures": [{{"role": "company", "signedAt": {MONDAY}}}, {{"role": "candidate", "signedAt": {}}}]"#,
        MONDAY + 3 * DAY
    );
    let denied = format!(r#""status": "denied", "sentAt": {MONDAY}, "fields": [{start}]"#);
    let offers = [
        offer("o-1", "1", MONDAY, &denied),
        offer("o-2", "1", MONDAY + HOUR, &signed),
        offer("o-3", "2", MONDAY, &denied),
        offer("o-4", "3", MONDAY, r#""status": "draft", "fields": null, "signatures": null"#),
        offer("o-5", "4", MONDAY, r#""status": "countersigned""#),
        offer("o-7", "5", MONDAY, &listed),
        offer("o-6", "none", MONDAY, r#""status": "sent""#),
    ];
    let page = format!(r#"{{"data": [{}]}}"#, offers.join(","));
    let records = [
        opportunity("1", &archived(JOINED, MONDAY + 2 * DAY)),
        opportunity("2", &archived(UNDERQUALIFIED, MONDAY + 2 * DAY)),
        opportunity("3", ""),
        opportunity("4", ""),
        opportunity("5", ""),
    ];
    let kept = opportunities(&records, &[("offers.json", &page)]);
    assert_eq!(
        decisions(&kept),
        [
            "offer Joined us accepted offer_created",
            "offer Underqualified declined offer_created",
            "offer active - offer_created",
            "offer active - offer_created",
            "offer active accepted offer_created",
        ]
    );
    // Deciding to make an offer is drawing up the first one.
    assert_eq!(kept.decisions[0].decided_at.map(|at| at.0), Some(MONDAY * 1000));
    assert_eq!(kept.applications[0].closed_at.map(|at| at.0), Some((MONDAY + DAY) * 1000));
    assert_eq!(
        kept.happened(),
        [
            "offer_sent None 2026-01-05T12:00:00Z (\"instant\")",
            "offer_resolved None 2026-01-06T10:00:00Z (\"instant\")",
            "started None 2026-03-02T00:00:00Z (\"day\")",
            "offer_sent None 2026-01-05T10:00:00Z (\"instant\")",
            "offer_resolved None 2026-01-08T10:00:00Z (\"instant\")",
        ]
    );
    let account = kept.account("offers.json");
    assert_eq!((account.read, account.lookups, account.superseded), (7, 6, 1));
    assert!(account.remarks.contains("offers to no application that was kept: 1"));
    assert_eq!(account.unknown_labels.len(), 1);
}

#[test]
fn times_are_milliseconds_seconds_or_text_in_one_column() {
    let created = |at: &str| format!(r#"{{"id": "{}", "createdAt": {at}}}"#, at.len());
    let times = ["1767607200000", "1767607200", r#""1767607200000""#, r#""2026-01-05T10:00:00Z""#, r#""1767607200""#];
    let kept = opportunities(&times.map(created), &[]);
    assert_eq!(kept.applications.len(), 5);
    assert!(kept.applications.iter().all(|row| row.applied_at.map(|at| at.0) == Some(MONDAY * 1000)));
    let kept = opportunities(&[created(r#""soon""#), created(r#""null""#)], &[]);
    assert_eq!(kept.rejects(), ["bad_time createdAt"]);
    assert_eq!(kept.applications[0].applied_at, None);
}

#[test]
fn ids_are_the_same_as_numbers_and_as_strings() {
    let card =
        r#"{"data": [{"id": 9, "opportunityId": "1", "interview": 5, "user": 3, "completedAt": 1767607200000}]}"#;
    let interviews = r#"{"data": [{"id": "5", "opportunityId": 1, "stage": 7, "interviewers": [3, {"id": "4"}]}]}"#;
    let stages = r#"[{"id": "7", "text": "Trial"}]"#;
    let files = [
        ("stages/2.json", stages),
        ("opportunities/1.json", r#"[{"id": 1, "createdAt": 1767607200000}]"#),
        ("interviews.json", interviews),
        ("feedback.json", card),
    ];
    let kept = read(&SOURCE, &files);
    assert_eq!((kept.cards[0].application_id.as_str(), kept.cards[0].stage.as_deref()), ("1", Some("Trial")));
    let seats: Vec<_> = kept.panel.iter().filter_map(|seat| seat.interviewer_id.as_deref()).collect();
    assert_eq!((kept.applications[0].application_id.as_str(), seats), ("1", vec!["3", "4"]));
}

#[test]
fn a_half_written_last_line_stops_the_reading() {
    let lines = b"{\"id\": \"1\", \"createdAt\": 1767607200000}\n{\"id\": \"2\", \"createdAt\": 17676";
    let error = try_read(&SOURCE, &[("opportunities.ndjson", lines)]).unwrap_err();
    assert!(error.to_string().contains("the JSON breaks off inside record 1"), "{error}");
}

#[test]
fn a_page_twice_says_the_same_twice() {
    let page = format!(r#"{{"data": [{}]}}"#, opportunity("1", r#""applications": ["a-1"]"#));
    let application = r#"{"data": [{"id": "a-1", "posting": "p-1", "createdAt": 1767607200000}]}"#;
    let files = [
        ("opportunities/page-1.json", page.as_str()),
        ("opportunities/page-2.json", page.as_str()),
        ("applications/page-1.json", application),
        ("applications/page-2.json", application),
    ];
    let kept = read(&SOURCE, &files);
    let rows: Vec<String> = kept.applications.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!((rows.len(), &rows[0]), (2, &rows[1]));
    assert_eq!(kept.applications[1].job_id.as_deref(), Some("p-1"));
}

#[test]
fn a_missing_page_and_an_unknown_object_are_remarked_on() {
    let page = |id| format!(r#"{{"data": [{}]}}"#, opportunity(id, ""));
    let (one, three) = (page("1"), page("3"));
    let files = [
        ("opportunities/page-1.json", one.as_str()),
        ("opportunities/page-3.json", three.as_str()),
        ("opportunities/9cc6e411-9353-4fd0-91ff-7ca090d1a31e/resumes.json", r#"{"data": [{"id": "r-1"}]}"#),
        ("requisitions.json", "[]"),
    ];
    let kept = read(&SOURCE, &files);
    assert_eq!(kept.applications.len(), 2);
    assert!(kept.account("opportunities/page-3.json").remarks.contains("page 2 of opportunities is not there"));
    for file in ["opportunities/9cc6e411-9353-4fd0-91ff-7ca090d1a31e/resumes.json", "requisitions.json"] {
        assert_eq!(kept.account(file).kind, "other");
        assert!(kept.account(file).remarks.iter().any(|remark| remark.starts_with("not read")));
    }
}
