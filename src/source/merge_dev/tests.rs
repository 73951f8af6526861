#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::source::recognise;
use crate::source::record::testing::{Kept, folder, read, try_read};

/// An object with Merge's own clock, which is half a year late.
fn object(id: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "remote_id": "9", "created_at": "2026-07-01T00:00:00Z", "modified_at": "2026-07-02T00:00:00Z",
            "remote_was_deleted": false, "field_mappings": null, "remote_data": null, {more}}}"#
    )
}

/// A page of objects.
fn page(records: &[String]) -> String {
    format!(r#"{{"next": null, "previous": null, "results": [{}]}}"#, records.join(","))
}

const APPLIED: &str =
    r#""candidate": "c-1", "job": "j-1", "applied_at": "2026-01-01T09:00:00Z", "source": "Referral", "offers": []"#;

fn application(more: &str) -> String {
    object("a-1", &format!("{APPLIED}, {more}"))
}

/// Decision, outcome of the offer, and where its time is from.
fn decisions(kept: &Kept) -> Vec<[&str; 3]> {
    kept.decisions
        .iter()
        .map(|d| {
            let outcome = d.offer_outcome.as_deref().unwrap_or("-");
            [d.decision.as_str(), outcome, d.decided_from.as_deref().unwrap_or("-")]
        })
        .collect()
}

#[test]
fn related_objects_are_identifiers_or_expanded() {
    let lists = [
        ("departments.json", page(&[object("d-1", r#""name": "Data""#)])),
        ("offices.json", page(&[object("o-1", r#""name": "Oslo", "location": "Oslo, Norway""#)])),
        (
            "jobs.json",
            page(&[object(
                "j-1",
                r#""name": "Analyst", "departments": ["d-1"], "offices": [{"id": "o-1", "name": "Oslo"}],
                   "hiring_managers": ["u-8"], "recruiters": [{"id": "u-7", "first_name": "Eva"}]"#,
            )]),
        ),
        ("reject-reasons.json", page(&[object("r-1", r#""name": "Candidate withdrew""#)])),
    ];
    let ended = r#""rejected_at": "2026-01-20T08:00:00Z", "reject_reason""#;
    for (job, reason) in [
        ("\"j-1\"", "\"r-1\""),
        (r#"{"id": "j-1", "name": "Analyst"}"#, r#"{"id": "r-1", "name": "Candidate withdrew"}"#),
    ] {
        let record = application(&format!("{ended}: {reason}")).replace("\"j-1\"", job);
        let applications = page(&[record]);
        let mut files: Vec<(&str, &str)> = lists.iter().map(|(name, text)| (*name, text.as_str())).collect();
        files.push(("applications.json", &applications));
        let kept = read(&SOURCE, &files);
        let row = kept.applications.first().unwrap();
        assert_eq!(
            [&row.candidate_id, &row.job_id, &row.job_title, &row.department, &row.location, &row.source]
                .map(|value| value.as_deref().unwrap_or_default()),
            ["c-1", "j-1", "Analyst", "Data", "Oslo", "Referral"]
        );
        assert_eq!((row.hiring_manager_id.as_deref(), row.recruiter_id.as_deref()), (Some("u-8"), Some("u-7")));
        assert_eq!(decisions(&kept), [["withdrawn", "-", "rejected_at"]]);
        assert_eq!(row.closed_at, kept.decisions[0].decided_at);
        assert_eq!(kept.decisions[0].reason.as_deref(), Some("Candidate withdrew"));
    }
}

#[test]
fn merges_clock_is_not_that_of_the_system() {
    let interview = object(
        "i-1",
        r#""application": "a-1", "job_interview_stage": "s-1", "interviewers": ["u-1", {"id": "u-2", "first_name": "Ada", "last_name": "One"}],
           "start_at": "2026-01-06T10:00:00Z", "end_at": "2026-01-06T10:30:00Z", "status": "AWAITING_FEEDBACK",
           "remote_created_at": "2026-01-03T10:00:00Z", "remote_updated_at": "2026-01-06T11:00:00Z""#,
    );
    let card = object(
        "k-1",
        r#""application": "a-1", "interview": "i-1", "interviewer": "u-1", "remote_created_at": "2026-01-06T11:00:00Z",
           "submitted_at": "2026-01-06T12:00:00Z", "overall_recommendation": "STRONG_YES""#,
    );
    let kept = read(
        &SOURCE,
        &[
            (
                "job_interview_stages.json",
                &page(&[object("s-1", r#""name": "Screen", "job": "j-1", "stage_order": 1"#)]),
            ),
            ("applications.json", &page(&[application("\"rejected_at\": null")])),
            ("scheduled_interviews.json", &page(&[interview])),
            ("scorecards.json", &page(&[card])),
        ],
    );
    let text = |at: Option<crate::time::Instant>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let (row, held, card) = (&kept.applications[0], &kept.interviews[0], &kept.cards[0]);
    assert_eq!(
        (text(row.applied_at), text(row.recorded_at)),
        ("2026-01-01T09:00:00Z".into(), "2026-07-02T00:00:00Z".into())
    );
    assert_eq!((text(held.scheduled_at), held.status.as_str()), ("2026-01-03T10:00:00Z".into(), "done"));
    assert_eq!((held.stage.as_deref(), held.planned_minutes), (Some("Screen"), Some(30)));
    assert_eq!(
        (text(card.submitted_at), text(card.interviewed_at)),
        ("2026-01-06T12:00:00Z".into(), "2026-01-06T10:00:00Z".into())
    );
    assert_eq!((card.updated_at, text(card.recorded_at)), (None, "2026-07-02T00:00:00Z".into()));
    assert_eq!(
        (card.recommendation, card.stage.as_deref(), card.interviewer_id.as_deref()),
        (Some(4), Some("Screen"), Some("u-1"))
    );
    let seats: Vec<_> = kept.panel.iter().filter_map(|seat| seat.interviewer_id.as_deref()).collect();
    assert_eq!(seats, ["u-1", "u-2"]);
    assert_eq!(kept.names.get("u-2").map(String::as_str), Some("Ada One"));
    assert!(kept.events.is_empty());
    assert!(kept.remarks().iter().any(|remark| remark.contains("which Merge does not pass on")));
}

#[test]
fn no_decision_is_a_missing_rating_and_an_unknown_label_is_reported() {
    let cases = [
        ("\"DEFINITELY_NO\"", Some(1), None, 0),
        ("\"no\"", Some(2), None, 0),
        ("\"NO_DECISION\"", None, Some("no_decision"), 0),
        ("null", None, Some("not_given"), 0),
        ("\"MIXED\"", None, Some("unknown_label"), 1),
    ];
    for (word, level, missing, unknown) in cases {
        let card = object(
            "k-1",
            &format!(
                r#""application": "a-1", "submitted_at": "2026-01-06T12:00:00Z", "overall_recommendation": {word}"#
            ),
        );
        let kept = read(&SOURCE, &[("scorecards.json", &page(&[card]))]);
        let row = kept.cards.first().unwrap();
        assert_eq!((row.recommendation, row.recommendation_missing.as_deref()), (level, missing), "{word}");
        assert_eq!((row.recommendation_levels, row.status.as_str()), (Some(4), "submitted"));
        assert_eq!(kept.account("scorecards.json").unknown_labels.len(), unknown, "{word}");
    }
}

#[test]
fn offers_tell_who_was_hired_and_days_stay_days() {
    let cases = [
        ("SIGNED", "accepted", Some("2026-01-25T00:00:00Z"), 0),
        ("DENIED", "declined", None, 0),
        ("SENT", "-", None, 0),
        ("SENT-MANUALLY", "-", None, 0),
        ("LOST", "-", None, 1),
    ];
    for (status, outcome, closed, unknown) in cases {
        let offer = object(
            "o-1",
            &format!(
                r#""application": "a-1", "remote_created_at": "2026-01-20T10:00:00Z", "sent_at": "2026-01-21T00:00:00Z",
                   "closed_at": "2026-01-25T00:00:00Z", "start_date": "2026-03-01T00:00:00Z", "status": "{status}""#
            ),
        );
        let kept = read(
            &SOURCE,
            &[("offers.json", &page(&[offer])), ("applications.json", &page(&[application("\"rejected_at\": null")]))],
        );
        assert_eq!(decisions(&kept), [["offer", outcome, "offer_created"]], "{status}");
        assert_eq!(kept.applications[0].closed_at.map(|at| at.to_rfc3339()).as_deref(), closed, "{status}");
        assert!(kept.events.iter().all(|event| event.at_precision.as_deref() == Some("day")), "{status}");
        assert_eq!(kept.account("offers.json").unknown_labels.len(), unknown, "{status}");
    }
}

#[test]
fn a_reason_that_means_a_hire_is_a_hire() {
    let ended = r#""rejected_at": "2026-01-20T08:00:00Z", "reject_reason": {"id": "r", "name": "Hired"}"#;
    let kept = read(&SOURCE, &[("applications.json", &page(&[application(ended)]))]);
    assert_eq!(decisions(&kept), [["offer", "accepted", "rejected_at"]]);
}

#[test]
fn what_was_deleted_and_what_is_for_no_job_is_set_aside() {
    let deleted =
        application("\"rejected_at\": null").replace("\"remote_was_deleted\": false", "\"remote_was_deleted\": true");
    let without_job = application("\"rejected_at\": null").replace("\"job\": \"j-1\"", "\"job\": null");
    let kept = read(&SOURCE, &[("applications.json", &page(&[deleted, without_job]))]);
    assert_eq!(kept.rejects(), ["deleted remote_was_deleted", "not_a_loop job"]);
}

#[test]
fn ids_as_numbers_and_as_texts_are_the_same() {
    let offer = object("1", r#""application": 77, "remote_created_at": "2026-01-20T10:00:00Z", "status": "SIGNED""#);
    let one = application("\"rejected_at\": null").replace("\"a-1\"", "\"77\"");
    let kept = read(&SOURCE, &[("offers.json", &page(&[offer])), ("applications.json", &page(&[one]))]);
    assert_eq!(decisions(&kept), [["offer", "accepted", "offer_created"]]);
}

#[test]
fn times_may_be_seconds_milliseconds_or_text() {
    for time in ["1767258000", "1767258000000", "\"1767258000000\"", "\"2026-01-01T09:00:00Z\""] {
        let one = application("\"rejected_at\": null").replace("\"2026-01-01T09:00:00Z\"", time);
        let kept = read(&SOURCE, &[("applications.json", &page(&[one]))]);
        assert_eq!(kept.applications[0].applied_at.unwrap().to_rfc3339(), "2026-01-01T09:00:00Z", "{time}");
    }
}

#[test]
fn a_wrapper_of_three_levels_is_seen_through() {
    let inner = page(&[application("\"rejected_at\": null")]);
    let text = format!(r#"{{"response": {{"status": 200, "body": {inner}}}}}"#);
    assert_eq!(read(&SOURCE, &[("applications.json", &text)]).applications.len(), 1);
}

#[test]
fn a_half_written_last_line_is_told() {
    let line = application("\"rejected_at\": null").replace('\n', "");
    let text = format!("{line}\n{}", &line[..line.len() - 9]);
    let error = try_read(&SOURCE, &[("applications.ndjson", text.as_bytes())]).unwrap_err();
    assert!(error.what.contains("breaks off"), "{}", error.what);
}

#[test]
fn an_unknown_object_in_the_folder_is_accounted_for() {
    let one = page(&[application("\"rejected_at\": null")]);
    let candidates = page(&[object("c-1", r#""first_name": "Eva""#)]);
    let kept = read(&SOURCE, &[("applications.json", &one), ("candidates.json", &candidates)]);
    assert_eq!((kept.account("candidates.json").kind.as_str(), kept.account("candidates.json").read), ("other", 0));
}

#[test]
fn the_export_is_told_from_those_of_others() {
    let source_of = |name: &str, text: &str| {
        recognise(&folder(&[(name, text.as_bytes())]).1).map_or("none", |(source, _)| source.id)
    };
    let card =
        object("k", r#""application": "a", "overall_recommendation": "YES", "interviewer": "u", "submitted_at": null"#);
    assert_eq!(source_of("scorecards.json", &page(&[card])), "merge");
    assert_eq!(source_of("applications.json", &page(&[application("\"rejected_at\": null")])), "merge");
    assert_eq!(
        source_of("scorecards.json", r#"[{"id": 1, "overall_recommendation": "yes", "submitted_by": {}}]"#),
        "greenhouse-v1"
    );
    let ashby = r#"{"success": true, "results": [{"id": "a", "currentInterviewStage": {}, "hiringTeam": []}]}"#;
    assert_eq!(source_of("applications.json", ashby), "ashby");
}
