#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use std::io::Write;

use super::SOURCE;
use crate::source::record::testing::{Kept, folder, read, try_read};

const CARD: &str = r#"{"id": 9, "application_id": 1, "interview": "Screen", "interview_step": {"id": 5, "name": "Screen "},
    "interviewer": {"id": 70, "name": "Ada One"}, "submitted_by": {"id": 71, "name": "Bob Two"},
    "interviewed_at": "2026-01-05T10:00:00Z", "submitted_at": "2026-01-05T12:00:00.500Z",
    "updated_at": "2026-01-06T12:00:00Z", "overall_recommendation": "strong_yes",
    "attributes": [
        {"name": "SQL", "type": "Skills", "note": "Très bien", "rating": "mixed"},
        {"name": "Tact", "type": "Traits", "note": null, "rating": "no_decision"},
        {"name": "Care", "type": "Traits", "rating": "stong_yes"},
        {"name": "Zeal", "type": "Traits", "rating": null}],
    "questions": [{"id": null, "question": "Key Take-Aways", "answer": "Good"}],
    "a_key_from_the_future": {"deep": [1, 2]}}"#;

fn application(rest: &str) -> String {
    format!(
        r#"{{"id": 1, "candidate_id": 50, "prospect": false, "applied_at": "2026-01-01T09:00:00Z",
        "last_activity_at": "2026-02-01T09:00:00Z", "jobs": [{{"id": 3, "name": "Analyst "}}], {rest}}}"#
    )
}

fn decision(kept: &Kept) -> [String; 4] {
    let decision = kept.decisions.first().cloned().unwrap_or_default();
    let at = decision.decided_at.map(|at| at.to_rfc3339()).unwrap_or_default();
    [decision.decision, decision.offer_outcome.unwrap_or_default(), at, decision.decided_from.unwrap_or_default()]
}

#[test]
fn a_card_keeps_interviewer_and_submitter_apart_and_every_rating() {
    let kept = read(&SOURCE, &[("scorecards.json", CARD)]);
    let card = &kept.cards[0];
    assert_eq!((card.interviewer_id.as_deref(), card.submitted_by.as_deref()), (Some("70"), Some("71")));
    assert_eq!((card.stage.as_deref(), card.status.as_str()), (Some("Screen"), "submitted"));
    assert_eq!((card.recommendation, card.recommendation_levels), (Some(4), Some(4)));
    // What is written about an attribute stands with its rating, and once.
    assert_eq!((card.note_length, card.note.as_deref()), (Some(4), Some("Good")));
    assert_eq!((kept.scores[0].note_length, kept.scores[0].note.as_deref()), (Some(9), Some("Très bien")));
    let scores: Vec<_> =
        kept.scores.iter().map(|s| (s.dimension.as_str(), s.score_milli, s.missing.as_deref())).collect();
    assert_eq!(
        scores,
        [
            ("SQL", Some(3000), None),
            ("Tact", None, Some("no_decision")),
            ("Care", None, Some("unknown_label")),
            ("Zeal", None, Some("not_given")),
        ]
    );
    assert_eq!(kept.scores[2].score_raw.as_deref(), Some("stong_yes"));
    assert_eq!(kept.account("scorecards.json").unknown_labels.len(), 1);
    assert_eq!(kept.names.get("70").map(String::as_str), Some("Ada One"));
}

#[test]
fn every_envelope_is_read() {
    let one = CARD.replace('\n', " ");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(CARD.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::stream::encode_all(CARD.as_bytes(), 1).unwrap();
    let files: [(&str, Vec<u8>, usize); 7] = [
        ("scorecards.json", format!("[{CARD}, {CARD}]").into_bytes(), 2),
        ("scorecards.json", CARD.as_bytes().to_vec(), 1),
        ("scorecards.ndjson", format!("{one}\n{one}\n").into_bytes(), 2),
        ("scorecards.json", format!(r#"{{"results": [{CARD}], "next": null}}"#).into_bytes(), 1),
        ("scorecards/page-0002.json", format!("[{CARD}]").into_bytes(), 1),
        ("scorecards_01.json.gz", gz, 1),
        ("scorecards-page-1.json.zst", zst, 1),
    ];
    for (name, content, cards) in files {
        let kept = try_read(&SOURCE, &[(name, &content)]).unwrap();
        assert_eq!((kept.cards.len(), kept.scores.len()), (cards, cards * 4), "{name}");
    }
    assert!(read(&SOURCE, &[("scorecards.json", "[]")]).cards.is_empty());
}

#[test]
fn a_draft_has_no_scores_and_an_old_recommendation_no_level() {
    let draft = CARD.replace("\"2026-01-05T12:00:00.500Z\"", "null").replace("\"strong_yes\"", "\"mixed\"");
    let kept = read(&SOURCE, &[("scorecards.json", &draft)]);
    assert_eq!((kept.cards[0].status.as_str(), kept.scores.len()), ("draft", 0));
    assert_eq!(kept.cards[0].recommendation_missing.as_deref(), Some("unknown_label"));
    assert!(kept.remarks().contains(&"drafts kept out of scores: 1"));
}

#[test]
fn records_that_cannot_be_used_are_rejected_alone() {
    let latin_1 = CARD.as_bytes().iter().map(|b| if *b == b'G' { 0xe9 } else { *b }).collect::<Vec<u8>>();
    let bad = format!(
        r#"[17, {{"message": "Scorecard 3 has been deleted."}}, {{"success": true}}, {{"id": 4}},
        {{"id": 5, "application_id": 1, "attributes": "none"}}, {CARD},"#
    );
    let content = [bad.as_bytes(), &latin_1, b"]"].concat();
    let kept = try_read(&SOURCE, &[("scorecards.json", &content)]).unwrap();
    assert_eq!(
        kept.rejects(),
        ["not_a_record", "deleted id", "missing_field id", "missing_field application_id", "malformed", "not_utf8"]
    );
    assert_eq!((kept.account("scorecards.json").read, kept.cards.len()), (7, 1));
}

#[test]
fn a_file_that_breaks_off_is_an_error() {
    let error = try_read(&SOURCE, &[("scorecards.json", &CARD.as_bytes()[..200])]).unwrap_err();
    assert!(error.what.contains("breaks off"), "{}", error.what);
}

#[test]
fn an_offer_decides_from_its_first_version_and_ends_by_the_one_that_stands() {
    let offers = r#"[
        {"id": 1, "version": 1, "application_id": 1, "created_at": "2026-01-20T10:00:00Z", "status": "deprecated",
         "sent_at": "2026-01-21", "updated_at": "2026-01-22T00:00:00Z"},
        {"id": 2, "version": 2, "application_id": 1, "created_at": "2026-01-22T10:00:00Z", "status": "accepted",
         "sent_at": "2026-01-23", "resolved_at": "2026-01-24T08:30:00Z", "starts_at": "2026-03-01"},
        {"id": 3, "version": 1, "application_id": 99, "created_at": "2026-01-22T10:00:00Z", "status": "unresolved"}]"#;
    let hired = application(r#""status": "hired""#);
    for offers in [offers.to_owned(), reversed(offers)] {
        let kept = read(&SOURCE, &[("offers.json", &offers), ("applications.json", &hired)]);
        assert_eq!(decision(&kept), ["offer", "accepted", "2026-01-20T10:00:00Z", "offer_created"]);
        assert_eq!(
            kept.happened(),
            [
                "offer_sent None 2026-01-23T00:00:00Z (\"day\")",
                "offer_resolved None 2026-01-24T08:30:00Z (\"instant\")",
                "started None 2026-03-01T00:00:00Z (\"day\")",
            ]
        );
        let account = kept.account("offers.json");
        assert_eq!((account.lookups, account.superseded), (2, 1));
        assert!(kept.remarks().contains(&"offers to no application that was kept: 1"));
        assert_eq!(kept.applications[0].closed_at.unwrap().to_rfc3339(), "2026-01-24T08:30:00Z");
    }
}

fn reversed(array: &str) -> String {
    let mut list: Vec<serde_json::Value> = serde_json::from_str(array).unwrap();
    list.reverse();
    serde_json::to_string(&list).unwrap()
}

#[test]
fn loops_end_as_the_records_say() {
    let jobs = r#"{"id": 3, "name": "Analyst", "departments": [null, {"id": 1, "name": "Data"}], "offices": [{"name": "Oslo"}],
        "hiring_team": {"hiring_managers": [{"id": 80}], "recruiters": [{"id": 81}, {"id": 82, "responsible": true}]},
        "openings": [{"id": 1, "application_id": 1, "closed_at": "2026-01-30T00:00:00Z"}, {"id": 2}]}"#;
    let declined = r#"{"id": 1, "version": 1, "application_id": 1, "created_at": "2026-01-20T10:00:00Z",
        "resolved_at": "2026-01-25T10:00:00Z", "starts_at": "2026-03-01", "status": "rejected"}"#;
    let rejected = |kind: &str| {
        application(&format!(
            r#""status": "rejected", "rejected_at": "2026-01-28T08:00:00Z", "rejection_reason": {{"name": "Pay", {kind}}}"#
        ))
    };
    let ends = |application: &str, more: &[(&str, &str)]| {
        let mut files = vec![("applications.json", application)];
        files.extend_from_slice(more);
        decision(&read(&SOURCE, &files))
    };
    let ours = rejected(r#""type": {"id": 1, "name": "We rejected them"}"#);
    assert_eq!(ends(&ours, &[]), ["reject", "", "2026-01-28T08:00:00Z", "rejected_at"]);
    let theirs = rejected(r#""type": {"id": 2, "name": "They rejected us"}"#);
    assert_eq!(ends(&theirs, &[])[0], "withdrawn");
    assert_eq!(ends(&rejected(r#""type": null"#), &[])[0], "reject");
    assert_eq!(
        ends(&theirs, &[("offers.json", declined)]),
        ["offer", "declined", "2026-01-20T10:00:00Z", "offer_created"]
    );
    let hired = application(r#""status": "hired""#);
    assert_eq!(ends(&hired, &[]), ["offer", "accepted", "2026-02-01T09:00:00Z", "last_activity"]);
    assert_eq!(ends(&hired, &[("jobs.json", jobs)]), ["offer", "accepted", "2026-01-30T00:00:00Z", "opening_closed"]);
    assert_eq!(ends(&application(r#""status": "active""#), &[])[0], "");

    let kept = read(&SOURCE, &[("applications.json", &hired), ("jobs.json", jobs)]);
    let row = &kept.applications[0];
    assert_eq!((row.department.as_deref(), row.location.as_deref()), (Some("Data"), Some("Oslo")));
    assert_eq!((row.hiring_manager_id.as_deref(), row.recruiter_id.as_deref()), (Some("80"), Some("82")));
    assert_eq!(row.job_title.as_deref(), Some("Analyst"));
}

#[test]
fn what_is_no_loop_or_has_no_usable_time_is_rejected() {
    let list = [
        application(r#""status": "active""#),
        application(r#""status": "converted""#),
        r#"{"id": 2, "prospect": true, "jobs": [], "applied_at": "2026-01-01T09:00:00Z"}"#.to_owned(),
        r#"{"id": 3, "jobs": [{"id": 1}], "applied_at": "2026-02-30"}"#.to_owned(),
        r#"{"id": 4, "jobs": [{"id": 1}], "applied_at": "soon"}"#.to_owned(),
        r#"{"prospect": "true", "job_ids": [1]}"#.to_owned(),
    ];
    let kept = read(&SOURCE, &[("applications.json", &format!("[{}]", list.join(",")))]);
    assert_eq!(
        kept.rejects(),
        [
            "not_a_loop status",
            "not_a_loop prospect",
            "impossible_time applied_at",
            "bad_time applied_at",
            "missing_field id"
        ]
    );
    assert_eq!(kept.applications.len(), 1);
}

#[test]
fn interviews_bring_their_seats_and_join_their_cards() {
    let interviews = r#"[
        {"id": 30, "application_id": 1, "status": "awaiting_feedback", "interview": {"id": 5, "name": "Screen"},
         "start": {"date_time": "2026-01-05T10:00:00Z"}, "end": {"date_time": "2026-01-05T10:45:00Z"},
         "interviewers": [{"id": 70, "name": "Ada One", "response_status": "accepted", "scorecard_id": 9},
                          {"email": "Bob@Example.com", "scorecard_id": null}, {"id": null}]},
        {"id": 31, "application_id": 1, "status": "moved", "interview": {"id": 6, "name": "Final debrief"},
         "start": {"date": "2026-01-09"}, "end": {"date": "2026-01-10"}},
        {"application_id": 1, "interview_id": 5, "start": "2026-01-05T10:00:00Z", "interviewers": [{"user_id": 70}]}]"#;
    let users = r#"[{"id": 71, "name": "Bob Two", "primary_email_address": "bob@example.com", "emails": []}]"#;
    let stages = r#"[{"id": 1, "name": "Face to face", "interviews": [{"id": 5, "estimated_minutes": 30}]}]"#;
    let kept = read(
        &SOURCE,
        &[
            ("users.json", users),
            ("job_stages.json", stages),
            ("scheduled_interviews.json", interviews),
            ("scorecards.json", CARD),
        ],
    );
    let rows: Vec<_> = kept
        .interviews
        .iter()
        .map(|i| (i.status.as_str(), i.kind.as_str(), i.planned_minutes, i.starts_precision.as_deref()))
        .collect();
    assert_eq!(rows, [("done", "live", Some(30), Some("instant")), ("unknown", "debrief", None, Some("day"))]);
    let seats: Vec<_> = kept.panel.iter().filter_map(|seat| seat.interviewer_id.as_deref()).collect();
    assert_eq!(seats, ["70", "71"]);
    assert_eq!(kept.cards[0].interview_id.as_deref(), Some("30"));
    assert_eq!(kept.rejects(), ["missing_field id"]);
    assert_eq!(kept.names.get("71").map(String::as_str), Some("Bob Two"));
}

#[test]
fn stage_changes_are_joined_by_candidate_and_job_and_keep_no_names() {
    let applications = format!(
        "[{}, {}]",
        application(r#""status": "active""#),
        application(r#""status": "active""#)
            .replace("\"id\": 1,", "\"id\": 2,")
            .replace("Analyst ", "Head of Design for Oslo")
    );
    let change = |body: &str, at: &str| {
        format!(
            r#"{{"id": 1, "created_at": "{at}", "subject": "Candidate Stage Change", "body": "{body}", "user": {{"id": 71}}}}"#
        )
    };
    let feed = format!(
        r#"{{"notes": [], "emails": [], "activities": [{}, {}, {},
            {{"id": 9, "created_at": "2026-01-02T00:00:00Z", "subject": "Candidate Rejected", "body": "Reason: none"}}]}}"#,
        change("Eva Three was moved into Take Home for Analyst on 01/03/2026 by Bob Two", "2026-01-02T23:30:00Z"),
        change(
            "Eva Three was moved into Talk on AI for Head of Design for Oslo on 01/04/2026 by B",
            "2026-01-04T08:00:00Z"
        ),
        change("Eva Three was moved into Offer for Pilot on 01/04/2026 by Bob Two", "2026-01-04T08:00:00Z"),
    );
    for path in ["activity_feed/50.json", "activity_feed_50.json", "candidates/50/activity_feed.json"] {
        let kept = read(&SOURCE, &[("applications.json", &applications), (path, &feed)]);
        assert_eq!(
            kept.happened(),
            [
                "stage_entered (\"Take Home\") 2026-01-02T23:30:00Z (\"instant\")",
                "stage_entered (\"Talk on AI\") 2026-01-04T08:00:00Z (\"instant\")",
            ],
            "{path}"
        );
        let joined: Vec<_> = kept.events.iter().map(|event| event.application_id.as_str()).collect();
        assert_eq!(joined, ["1", "2"]);
        assert!(kept.remarks().iter().any(|remark| remark.contains("could not be joined")));
        assert!(!format!("{:?}", kept.events).contains("Eva"));
    }
}

#[test]
fn of_two_applications_for_one_job_the_last_one_made_by_then_is_meant() {
    let first = application(r#""status": "rejected""#);
    let second = first.replace("\"id\": 1,", "\"id\": 2,").replace("2026-01-01T09", "2026-06-01T09");
    let applications = format!("[{second}, {first}]");
    let change = |at: &str| {
        format!(
            r#"{{"created_at": "{at}", "subject": "Candidate Stage Change",
            "body": "Eva Three was moved into Screen for Analyst on 01/03/2026 by Bob Two"}}"#
        )
    };
    let feed = format!(r#"{{"activities": [{}, {}]}}"#, change("2026-01-03T00:00:00Z"), change("2026-06-03T00:00:00Z"));
    let kept = read(&SOURCE, &[("applications.json", &applications), ("activity_feed/50.json", &feed)]);
    let joined: Vec<_> = kept.events.iter().map(|event| event.application_id.as_str()).collect();
    assert_eq!(joined, ["1", "2"]);
}

#[test]
fn an_export_is_recognised_by_names_and_keys() {
    let signs = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        (SOURCE.recognise)(&folder(&files).1).map_or(0, |recognition| recognition.signs)
    };
    assert!(signs(&[("scorecards_01.json", CARD), ("scheduled_interviews.json", "[]")]) >= 4);
    assert_eq!(signs(&[("scorecards.csv", "application_id,stage\n1,a\n")]), 0);
    assert_eq!(signs(&[("scorecards.json", r#"[{"id": 1, "interview_kit_id": 2, "candidate_rating": "yes"}]"#)]), 0);
    assert_eq!(signs(&[("scheduled_interviews.json", r#"[{"id": "u", "remote_id": "2", "interviewers": []}]"#)]), 0);
}

#[test]
fn files_of_no_use_are_accounted_for() {
    let kept = read(&SOURCE, &[("scorecards.json", CARD), ("candidates.json", "[{\"id\": 1}]"), ("notes.csv", "a\n")]);
    assert_eq!(
        (kept.account("candidates.json").kind.as_str(), kept.account("notes.csv").kind.as_str()),
        ("other", "other")
    );
}

#[test]
fn names_grouped_by_level_are_no_second_ratings() {
    let grouped = CARD.replacen("\"questions\"", r#""ratings": {"mixed": ["SQL"], "yes": ["Luck"]}, "questions""#, 1);
    let (plain, grouped) =
        (read(&SOURCE, &[("scorecards.json", CARD)]), read(&SOURCE, &[("scorecards.json", &grouped)]));
    assert_eq!((grouped.marks(), grouped.scores.len()), (plain.marks(), 4));
}

#[test]
fn a_card_may_be_submitted_before_it_was_created_and_touched_later() {
    let odd = CARD.replacen("\"interview\"", r#""created_at": "2026-01-05T12:30:00Z", "interview""#, 1);
    let kept = read(&SOURCE, &[("scorecards.json", &odd)]);
    let card = &kept.cards[0];
    let text = |at: Option<crate::time::Instant>| at.unwrap().to_rfc3339();
    assert_eq!(
        (text(card.submitted_at), text(card.updated_at)),
        ("2026-01-05T12:00:00.5Z".into(), "2026-01-06T12:00:00Z".into())
    );
    assert_eq!((card.status.as_str(), kept.rejects().len()), ("submitted", 0));
}

#[test]
fn a_debrief_is_known_by_the_name_of_its_interview() {
    for (name, kind) in [("Final debrief", "debrief"), ("Onsite", "live"), ("Take-home exercise", "take_home")] {
        let one = format!(
            r#"{{"id": 30, "application_id": 1, "status": "complete", "interview": {{"id": 5, "name": "{name}"}},
                "start": {{"date_time": "2026-01-05T10:00:00Z"}}}}"#
        );
        assert_eq!(read(&SOURCE, &[("scheduled_interviews.json", &one)]).interviews[0].kind, kind, "{name}");
    }
}
