use super::SOURCE;
use crate::source::recognise;
use crate::source::record::testing::{folder, read};

const STEPS: (&str, &str) = (
    "job_interviews.json",
    r#"[{"id": 5, "job_interview_stage_id": 4, "name": "Screen", "duration": 45, "scheduling_type": "needs_scheduling"},
        {"id": 6, "job_interview_stage_id": 4, "name": "Exercise", "duration": null, "scheduling_type": "take_home_test"}]"#,
);
const KITS: (&str, &str) = ("interview_kits.json", r#"[{"id": 8, "job_interview_id": 6}]"#);
const INTERVIEWS: (&str, &str) = (
    "interviews.json",
    r#"[{"id": 30, "application_id": 1, "job_interview_id": 5, "starts_at": "2026-01-05T10:00:00Z",
         "ends_at": "2026-01-05T11:00:00Z", "scheduled_at": "2026-01-03T10:00:00Z",
         "availability_received_at": "2026-01-02T10:00:00Z", "status": "complete", "updated_at": "2026-01-06T00:00:00Z"},
        {"id": 31, "application_id": 1, "job_interview_id": 6, "all_day_start_on": "2026-01-07", "status": "skipped"}]"#,
);
const SEATS: (&str, &str) = (
    "interviewers.json",
    r#"[{"id": 1, "interview_id": 30, "user_id": 70, "scorecard_id": 9, "response_status": "accepted"},
        {"id": 2, "interview_id": 30, "user_id": null, "email": "b@example.com", "scorecard_id": 10},
        {"id": 3, "interview_id": 77, "user_id": 70, "scorecard_id": 11}]"#,
);
const CARDS: (&str, &str) = (
    "scorecards.json",
    r#"[{"id": 9, "application_id": 1, "interviewer_id": 70, "submitter_id": 71, "interview_kit_id": 7, "status": "complete",
         "candidate_rating": "strong_no", "submitted_at": "2026-01-05T12:00:00Z", "updated_at": "2026-01-05T12:30:00Z",
         "notes": "abc", "private_notes": null, "public_notes": "de"},
        {"id": 10, "application_id": 1, "interviewer_id": 72, "status": "draft", "candidate_rating": null},
        {"id": 12, "application_id": "app-x", "interviewer_id": 73, "interview_kit_id": 8, "status": "complete",
         "candidate_rating": "no_decision", "submitted_at": "2026-01-08T12:00:00Z"},
        {"id": 13, "application_id": 1, "interviewer_id": 73, "status": "submitted", "candidate_rating": "yes"}]"#,
);
const ATTRIBUTES: [(&str, &str); 2] = [
    ("candidate_attribute_types.json", r#"[{"id": 1, "name": "Skills"}]"#),
    ("job_candidate_attributes.json", r#"[{"id": 40, "name": "SQL", "candidate_attribute_type_id": 1}]"#),
];
const RATINGS: (&str, &str) = (
    "scorecard_candidate_attributes.json",
    r#"[{"id": 1, "scorecard_id": 9, "job_candidate_attribute_id": 40, "candidate_attribute_rating": "definitely_not"},
        {"id": 2, "scorecard_id": "12", "job_candidate_attribute_id": 41, "candidate_attribute_rating": "strong_yes"},
        {"id": 3, "scorecard_id": 10, "job_candidate_attribute_id": 40, "candidate_attribute_rating": "yes"},
        {"id": 4, "scorecard_id": 99, "job_candidate_attribute_id": 40, "candidate_attribute_rating": "yes"}]"#,
);

#[test]
fn a_card_finds_its_round_through_its_seat_or_its_kit() {
    let answers = (
        "scorecard_question_answers.json",
        r#"[{"id": 1, "scorecard_id": 9, "answer": "four"}, {"id": 2, "scorecard_id": 9, "answer": "five5"},
            {"id": 3, "scorecard_id": 12, "answer": "six"}, {"id": 4, "scorecard_id": 12, "answer": "y"},
            {"id": 5, "scorecard_id": 12, "answer": null}]"#,
    );
    let kept = read(&SOURCE, &[STEPS, KITS, INTERVIEWS, SEATS, answers, CARDS]);
    let cards: Vec<_> = kept
        .cards
        .iter()
        .map(|c| (c.scorecard_id.as_str(), c.stage.as_deref(), c.interview_id.as_deref(), c.status.as_str()))
        .collect();
    assert_eq!(
        cards,
        [
            ("9", Some("Screen"), Some("30"), "submitted"),
            ("10", Some("Screen"), Some("30"), "draft"),
            ("12", Some("Exercise"), None, "submitted"),
            ("13", None, None, "draft"),
        ]
    );
    let lengths: Vec<_> = kept.cards.iter().map(|card| card.note_length).collect();
    assert_eq!(lengths, [Some(5 + 9), Some(0), Some(4), Some(0)]);
    assert_eq!((kept.cards[0].recommendation, kept.cards[0].submitted_by.as_deref()), (Some(1), Some("71")));
    assert_eq!(kept.cards[2].recommendation_missing.as_deref(), Some("no_decision"));
    assert_eq!(kept.account("scorecards.json").unknown_labels.len(), 1);
    assert!(kept.remarks().contains(&"drafts kept out of scores: 2"));

    let rows: Vec<_> =
        kept.interviews.iter().map(|i| (i.kind.as_str(), i.status.as_str(), i.planned_minutes)).collect();
    assert_eq!(rows, [("live", "done", Some(45)), ("take_home", "cancelled", None)]);
    assert!(kept.interviews[0].availability_at < kept.interviews[0].scheduled_at);
    let seats: Vec<_> =
        kept.panel.iter().map(|seat| (seat.application_id.as_str(), seat.interviewer_id.as_deref())).collect();
    assert_eq!(seats, [("1", Some("70")), ("1", Some("b@example.com"))]);
    assert_eq!(kept.rejects(), ["unknown_interview interview_id"]);
}

#[test]
fn ratings_find_their_card() {
    let kept = read(&SOURCE, &[STEPS, KITS, INTERVIEWS, SEATS, CARDS, RATINGS, ATTRIBUTES[0], ATTRIBUTES[1]]);
    let scores: Vec<_> = kept
        .scores
        .iter()
        .map(|s| (s.application_id.as_str(), s.dimension.as_str(), s.stage.as_deref(), s.score_milli))
        .collect();
    assert_eq!(scores, [("1", "SQL", Some("Screen"), Some(1000)), ("app-x", "41", Some("Exercise"), Some(5000))]);
    assert_eq!(kept.scores[0].dimension_kind.as_deref(), Some("Skills"));
    assert_eq!(kept.scores[1].interviewer_id.as_deref(), Some("73"));
    assert!(kept.scores.iter().all(|score| score.submitted_at.is_some()));
    let account = kept.account("scorecard_candidate_attributes.json");
    assert_eq!((account.read, account.kept, account.lookups, account.rejected), (4, 2, 1, 1));
    assert!(kept.rejects().contains(&"unknown_card scorecard_id".to_owned()));
}

#[test]
fn loops_end_as_the_joined_records_say() {
    let files = [
        ("departments.json", r#"[{"id": 1, "name": "Data"}]"#),
        ("offices.json", r#"[{"id": 2, "name": "Oslo", "location": "Oslo, Norway"}]"#),
        ("sources.json", r#"[{"id": 3, "name": "Referral", "type": {"id": 1, "name": "Referral"}}]"#),
        ("jobs.json", r#"[{"id": 4, "name": "Analyst", "department_id": 1, "office_ids": [9, 2]}]"#),
        (
            "job_hiring_managers.json",
            r#"[{"id": 1, "job_id": 4, "user_id": 80}, {"id": 2, "job_id": 4, "user_id": 81}]"#,
        ),
        (
            "rejection_reasons.json",
            r#"[{"id": 6, "name": "Other offer", "type": {"id": 2, "key": "they", "name": "They rejected us"}}]"#,
        ),
        (
            "rejection_details.json",
            r#"[{"id": 1, "application_id": 2, "rejected_by_id": 90, "rejection_reason_id": 6, "rejected_at": "2026-01-28T08:00:00Z"}]"#,
        ),
        (
            "offers.json",
            r#"[{"id": 1, "version": 1, "application_id": 1, "created_at": "2026-01-20T10:00:00Z", "status": "Accepted",
                 "sent_on": "2026-01-21", "resolved_at": "2026-01-24T12:00:00.000Z", "starts_on": "2026-03-01"}]"#,
        ),
        (
            "applications.json",
            r#"[{"id": 1, "candidate_id": 50, "job_id": 4, "source_id": 3, "status": "hired", "created_at": "2026-01-01T09:00:00Z",
                 "updated_at": "2026-02-01T00:00:00Z", "prospect": false, "recruiter_id": 60},
                {"id": 2, "job_id": 4, "status": "rejected", "created_at": "2026-01-01T09:00:00Z"},
                {"id": 3, "job_id": 4, "status": "in_process", "created_at": "2026-01-01T09:00:00Z"},
                {"id": 4, "job_id": null, "prospect": true, "status": "in_process", "created_at": "2026-01-01T09:00:00Z"},
                {"id": 5, "job_id": 4, "status": "hired", "created_at": "2026-01-01T09:00:00Z"}]"#,
        ),
        ("openings.json", r#"[{"id": 1, "application_id": 5, "closed_at": "2026-02-02T00:00:00Z"}]"#),
    ];
    let kept = read(&SOURCE, &files);
    let decisions: Vec<_> = kept
        .decisions
        .iter()
        .map(|d| {
            (d.application_id.as_str(), d.decision.as_str(), d.offer_outcome.as_deref(), d.decided_from.as_deref())
        })
        .collect();
    assert_eq!(
        decisions,
        [
            ("1", "offer", Some("accepted"), Some("offer_created")),
            ("2", "withdrawn", None, Some("rejected_at")),
            ("5", "offer", Some("accepted"), Some("opening_closed")),
        ]
    );
    assert_eq!(kept.decisions[1].decided_by.as_deref(), Some("90"));
    assert_eq!(kept.decisions[1].reason.as_deref(), Some("Other offer"));
    assert_eq!(kept.happened()[1], "offer_resolved None 2026-01-24T00:00:00Z (\"day\")");
    assert_eq!(kept.rejects(), ["not_a_loop prospect"]);
    let row = &kept.applications[0];
    let words = [&row.job_title, &row.department, &row.location, &row.source, &row.hiring_manager_id];
    let words: Vec<_> = words.into_iter().filter_map(Option::as_deref).collect();
    assert_eq!(words, ["Analyst", "Data", "Oslo", "Referral", "80"]);
}

#[test]
fn stages_are_entered_and_left_where_they_were_reached() {
    let files = [
        ("job_interview_stages.json", r#"[{"id": 4, "job_id": 1, "name": "Interview", "sort_order": 1}]"#),
        (
            "application_stages.json",
            r#"[{"id": 1, "application_id": 1, "job_interview_stage_id": 4, "entered_at": "2026-01-02T00:00:01Z",
                 "exited_at": "2026-01-05 08:00:00.250", "current": false},
                {"id": 2, "application_id": 1, "job_interview_stage_id": 4, "entered_at": null, "exited_at": null},
                {"id": 3, "application_id": 1, "job_interview_stage_id": 4, "entered_at": "never"},
                {"id": 4, "application_id": 1, "job_interview_stage_id": 4, "entered_at": "2026-01-06T00:00:00Z", "exited_at": "?"}]"#,
        ),
    ];
    let kept = read(&SOURCE, &files);
    assert_eq!(
        kept.happened(),
        [
            "stage_entered (\"Interview\") 2026-01-02T00:00:01Z (\"instant\")",
            "stage_left (\"Interview\") 2026-01-05T08:00:00.25Z (\"instant\")",
            "stage_entered (\"Interview\") 2026-01-06T00:00:00Z (\"instant\")",
        ]
    );
    assert_eq!(kept.rejects(), ["bad_time entered_at"]);
    assert!(kept.remarks().iter().any(|remark| remark.starts_with("stages that were never reached")));
    assert!(kept.remarks().iter().any(|remark| remark.starts_with("times that could not be read")));
}

#[test]
fn the_versions_are_told_apart_by_keys() {
    let source_of = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        recognise(&folder(&files).1).map(|(source, _)| source.id).unwrap_or("none")
    };
    assert_eq!(source_of(&[CARDS]), "greenhouse-v3");
    assert_eq!(
        source_of(&[CARDS, SEATS, ("users.json", r#"[{"id": 1, "primary_email": "a@example.com"}]"#)]),
        "greenhouse-v3"
    );
    assert_eq!(
        source_of(&[("applications.json", r#"[{"id": 1, "jobs": [], "current_stage": null, "status": "active"}]"#)]),
        "greenhouse-v1"
    );
    assert_eq!(source_of(&[("interviews.csv", "interview_id,application_id\n")]), "tables");
}

#[test]
fn the_lowest_level_is_the_same_in_both_spellings() {
    for word in ["strong_no", "definitely_not"] {
        let cards = CARDS.1.replace("strong_no", word);
        let kept = read(&SOURCE, &[STEPS, INTERVIEWS, SEATS, (CARDS.0, &cards), RATINGS]);
        assert_eq!((kept.cards[0].recommendation, kept.scores[0].score_milli), (Some(1), Some(1000)), "{word}");
        assert!(!format!("{:?}", kept.account(CARDS.0).unknown_labels).contains("candidate_rating"), "{word}");
    }
}

#[test]
fn scales_of_four_and_of_five_levels_stay_apart() {
    let kept = read(&SOURCE, &[CARDS, RATINGS]);
    assert_eq!(kept.cards[0].recommendation_levels, Some(4));
    assert!(kept.scores.iter().all(|score| score.scale_levels == Some(5)) && !kept.scores.is_empty());
}

#[test]
fn a_card_that_was_placed_at_scheduling_is_a_draft_without_a_time_or_scores() {
    let placed = r#"{"id": 9, "application_id": 1, "interviewer_id": 70, "status": "draft", "candidate_rating": "yes",
        "created_at": "2026-01-03T10:00:00Z", "interviewed_at": "2026-01-05T10:00:00Z", "submitted_at": null}"#;
    let kept = read(&SOURCE, &[("scorecards.json", placed), RATINGS]);
    assert_eq!((kept.cards[0].status.as_str(), kept.cards[0].submitted_at, kept.scores.len()), ("draft", None, 0));
    kept.assert_remarks(&["drafts kept out of scores: 1", "ratings on drafts, kept out of scores: 1"]);
}

#[test]
fn a_status_that_only_made_up_exports_have_is_reported_and_no_submission() {
    let kept = read(&SOURCE, &[CARDS]);
    assert_eq!(kept.cards[3].status, "draft");
    kept.assert_remarks(&["scorecards of a status that is neither draft nor complete, taken as drafts: 1"]);
}

#[test]
fn a_loop_opens_when_its_application_was_created_since_nothing_says_when_it_was_made() {
    let one = r#"{"id": 1, "job_id": 4, "status": "in_process", "created_at": "2026-01-01T09:00:00Z"}"#;
    assert_eq!(read(&SOURCE, &[("applications.json", one)]).applied(), ["2026-01-01T09:00:00Z instant"]);
}

#[test]
fn statuses_are_known_in_the_words_of_either_version() {
    for (status, offer, outcome) in [
        ("in_process", "Created", None),
        ("active", "unresolved", None),
        ("hired", "Accepted", Some("accepted")),
        ("rejected", "Rejected", Some("declined")),
    ] {
        let application =
            format!(r#"{{"id": 1, "job_id": 4, "status": "{status}", "created_at": "2026-01-01T09:00:00Z"}}"#);
        let offer = format!(
            r#"{{"id": 1, "version": 1, "application_id": 1, "created_at": "2026-01-20T10:00:00Z", "status": "{offer}"}}"#
        );
        let kept = read(&SOURCE, &[("offers.json", &offer), ("applications.json", &application)]);
        let told: Vec<_> = kept.decisions.iter().map(|d| (d.decision.as_str(), d.offer_outcome.as_deref())).collect();
        assert_eq!(told, [("offer", outcome)], "{status}");
        assert!(kept.ledger.files.iter().all(|account| account.unknown_labels.is_empty()), "{status}");
    }
}

#[test]
fn noon_in_utc_and_dates_are_days_and_have_no_hour() {
    let offer = |resolved: &str| {
        format!(
            r#"{{"id": 1, "version": 1, "application_id": 1, "created_at": "2026-01-20T10:00:00Z", "status": "Accepted",
                "sent_on": "2026-01-21", "resolved_at": "{resolved}", "starts_on": "2026-03-01"}}"#
        )
    };
    let hired = r#"{"id": 1, "job_id": 4, "status": "hired", "created_at": "2026-01-01T09:00:00Z"}"#;
    for (resolved, precision) in [("2026-01-24T12:00:00Z", "day"), ("2026-01-24T12:00:01Z", "instant")] {
        let kept = read(&SOURCE, &[("offers.json", &offer(resolved)), ("applications.json", hired)]);
        let told: Vec<_> = kept.events.iter().filter_map(|event| event.at_precision.as_deref()).collect();
        assert_eq!(told, ["day", precision, "day"], "{resolved}");
    }
    let kept = read(&SOURCE, &[STEPS, INTERVIEWS]);
    let told: Vec<_> = kept.interviews.iter().filter_map(|row| row.starts_precision.as_deref()).collect();
    assert_eq!(told, ["instant", "day"]);
}

#[test]
fn an_interview_says_what_its_kit_is_meant_to_test() {
    let attributes =
        ("job_candidate_attributes.json", r#"[{"id": 40, "name": "SQL; joins"}, {"id": 41, "name": "Ownership"}]"#);
    let kits = ("interview_kits.json", r#"[{"id": 7, "job_interview_id": 5}, {"id": 8, "job_interview_id": 6}]"#);
    let focus = (
        "focus_candidate_attributes.json",
        r#"[{"id": 1, "interview_kit_id": 7, "job_candidate_attribute_id": 40},
            {"id": 2, "interview_kit_id": 7, "job_candidate_attribute_id": 41},
            {"id": 3, "interview_kit_id": 7, "job_candidate_attribute_id": 41},
            {"id": 4, "interview_kit_id": 99, "job_candidate_attribute_id": 41}]"#,
    );
    let kept = read(&SOURCE, &[STEPS, kits, attributes, focus, INTERVIEWS]);
    let meant: Vec<_> = kept.interviews.iter().map(|row| row.meant_dimensions.as_deref()).collect();
    assert_eq!(meant, [Some("Ownership; SQL, joins"), None]);
}
