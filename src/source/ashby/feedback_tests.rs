#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::SOURCE;
use crate::config::Config;
use crate::source::record::testing::{Kept, folder, read};

/// A form whose overall field is stored under a path of the account's own.
fn form(overall_path: &str, overall_title: &str) -> String {
    format!(
        r#"{{"sections": [
            {{"title": "Skills", "fields": [
                {{"isRequired": true, "field": {{"id": "1", "type": "Score", "path": "f1", "title": "SQL"}}}},
                {{"field": {{"id": "2", "type": "Score", "path": "f2", "title": "Depth"}}}},
                {{"field": {{"id": "3", "type": "LongText", "path": "f3", "title": "Notes"}}}},
                {{"field": {{"id": "4", "type": "ValueSelect", "path": "f4", "title": "Would you work with them?",
                   "selectableValues": [{{"label": "Strong Yes", "value": "v1"}}, {{"label": "Yes", "value": "v2"}},
                                        {{"label": "No", "value": "v3"}}, {{"label": "No decision", "value": "v4"}}]}}}},
                {{"field": {{"id": "5", "type": "ValueSelect", "path": "f5", "title": "Team",
                   "selectableValues": [{{"label": "Data", "value": "d"}}]}}}}]}},
            {{"title": "Culture", "fields": [
                {{"field": {{"id": "6", "type": "Score", "path": "f6", "title": "Depth"}}}}]}},
            {{"title": "Verdict", "fields": [
                {{"field": {{"id": "7", "type": "ValueSelect", "path": "{overall_path}", "title": "{overall_title}",
                   "selectableValues": [{{"label": "A clear hire!", "value": "strong_hire"}}, {{"label": "Hire", "value": "x2"}},
                                        {{"label": "No hire", "value": "x3"}}]}}}}]}}]}}"#
    )
}

fn card(form: &str, values: &str) -> String {
    format!(
        r#"[{{"id": "k-1", "applicationId": "a-1", "interviewEventId": "e-1", "applicationHistoryId": "h-1",
             "submittedAt": "2026-01-06T12:00:00.000Z", "submittedByUser": {{"id": "u-9", "firstName": "Bo", "lastName": "Two"}},
             "creditedToUser": {{"id": "u-1"}}, "formDefinition": {form}, "submittedValues": {{{values}}}}}]"#
    )
}

fn scores(kept: &Kept) -> Vec<(&str, Option<i64>, Option<&str>)> {
    kept.scores.iter().map(|s| (s.dimension.as_str(), s.score_milli, s.missing.as_deref())).collect()
}

#[test]
fn a_score_is_the_same_spelt_three_ways() {
    let form = form("overall_recommendation", "Verdict");
    let values = r#""f1": 4, "f2": "3", "f6": {"score": 2, "comments": {"type": "PlainText", "value": "wonder"}}"#;
    let kept = read(&SOURCE, &[("applicationFeedback.list.json", &card(&form, values))]);
    assert_eq!(
        scores(&kept),
        [
            ("SQL", Some(4000), None),
            ("Skills: Depth", Some(3000), None),
            ("Would you work with them?", None, Some("not_given")),
            ("Culture: Depth", Some(2000), None)
        ]
    );
    assert_eq!((kept.scores[0].scale.as_str(), kept.scores[0].scale_levels), ("ashby-score-4", Some(4)));
    assert_eq!((kept.scores[3].note_length, kept.cards[0].note_length), (Some(6), Some(0)));
    let people = (kept.scores[0].interviewer_id.as_deref(), kept.cards[0].submitted_by.as_deref());
    assert_eq!(people, (Some("u-1"), Some("u-9")));
    assert!(kept.cards[0].recorded_at.is_none() && kept.cards[0].updated_at.is_none());
}

#[test]
fn a_score_off_its_scale_is_missing_and_reported() {
    let values = r#""f1": 7, "f2": null, "f6": "2.5""#;
    let kept = read(&SOURCE, &[("applicationFeedback.list.json", &card(&form("o", "o"), values))]);
    assert_eq!(scores(&kept)[..2], [("SQL", None, Some("unknown_label")), ("Skills: Depth", None, Some("not_given"))]);
    let labels: Vec<_> = kept.account("applicationFeedback.list.json").unknown_labels.keys().cloned().collect();
    assert_eq!(labels, [("Score".to_owned(), "2.5".to_owned()), ("Score".to_owned(), "7".to_owned())]);
}

#[test]
fn stored_values_are_read_through_the_labels_of_the_form() {
    let cases = [
        ("\"v1\"", Some(4000), None, Some("Strong Yes")),
        ("\"v3\"", Some(2000), None, Some("No")),
        ("[\"v2\"]", Some(3000), None, Some("Yes")),
        ("\"v4\"", None, Some("no_decision"), Some("No decision")),
        ("[\"v1\", \"v2\"]", None, Some("unknown_label"), None),
        ("\"v77\"", None, Some("unknown_label"), Some("v77")),
        ("null", None, Some("not_given"), None),
    ];
    for (value, level, missing, raw) in cases {
        let values = format!(r#""f4": {value}, "f5": "d""#);
        let kept = read(&SOURCE, &[("feedback.json", &card(&form("o", "o"), &values))]);
        let score = kept.scores.iter().find(|score| score.dimension.starts_with("Would")).unwrap();
        assert_eq!(
            (score.score_milli, score.missing.as_deref(), score.score_raw.as_deref()),
            (level, missing, raw),
            "{value}"
        );
        assert_eq!(score.scale, "ashby-recommendation-4");
        assert!(kept.scores.iter().all(|score| score.dimension != "Team"));
    }
}

#[test]
fn the_overall_recommendation_is_found_by_path_by_title_or_as_configured() {
    let overall = |path: &str, title: &str, config: &Config| {
        let values = format!(r#""{path}": "strong_hire", "f1": 1"#);
        let text = card(&form(path, title), &values);
        let (_folder, export) = folder(&[("applicationFeedback.list.json", text.as_bytes())]);
        let mut kept = Kept::default();
        (SOURCE.read)(&export, config, &mut kept).unwrap();
        let card = kept.cards.pop().unwrap();
        let as_score = kept.scores.iter().any(|score| score.dimension == title);
        (card.recommendation, card.recommendation_missing, card.recommendation_raw, as_score)
    };
    let found = (Some(4), None, Some("A clear hire!".to_owned()), false);
    let default = Config::default();
    assert_eq!(overall("overall_recommendation", "Verdict", &default), found);
    assert_eq!(overall("f9", "Overall recommendation", &default), found);
    assert_eq!(overall("f9", "Your overall rating", &default), found);
    let not_found = (None, Some("not_given".to_owned()), None, true);
    assert_eq!(overall("f9", "Bottom line", &default), not_found);
    let config = Config::parse("[ashby]\noverall_pattern = '^Bottom line$'", "f").unwrap();
    assert_eq!(overall("f9", "Bottom line", &config), found);
    assert_eq!(overall("overall_recommendation", "Verdict", &config), (None, not_found.1, None, true));
}

#[test]
fn a_score_titled_overall_stands_in_for_a_missing_recommendation() {
    let form = r#"{"sections": [{"fields": [
        {"field": {"type": "LongText", "path": "t", "title": "Overall impression"}},
        {"field": {"type": "Score", "path": "s", "title": "Overall"}}]}]}"#;
    let kept = read(&SOURCE, &[("feedback.json", &card(form, r#""t": "four", "s": {"score": "3"}"#))]);
    assert_eq!((kept.cards[0].recommendation, kept.cards[0].note_length), (Some(3), Some(4)));
    assert!(kept.scores.is_empty());
}

#[test]
fn answers_without_a_form_are_taken_only_where_they_say_what_they_are() {
    let values = r#""depth": {"score": 3}, "overall_recommendation": "no_hire", "notes": "Hesitated", "n": 4"#;
    let kept = read(&SOURCE, &[("feedback.json", &card("null", values))]);
    assert_eq!(scores(&kept), [("depth", Some(3000), None)]);
    assert_eq!(kept.cards[0].recommendation, Some(2));
    assert_eq!(kept.remarks(), ["answers to fields that no form in the export defines, left out: 2"]);
    assert!(!format!("{:?}", kept.ledger).contains("Hesitated"));
}

const STAGES: &str =
    r#"[{"id": "s-1", "title": "Screen", "type": "Active"}, {"id": "s-2", "title": "Onsite", "type": "Active"}]"#;
const INTERVIEWS: &str = r#"[{"id": "i-1", "title": "System design", "isDebrief": false}]"#;
const SCHEDULES: &str = r#"[{"id": "z-1", "applicationId": "a-1", "interviewStageId": "s-2", "status": "Complete", "interviewEvents": [
    {"id": "e-1", "interviewId": "i-1", "startTime": "2026-01-06T10:00:00.000Z",
     "interviewers": [{"id": "u-1", "trainingRole": "Shadow"}, {"id": "u-2", "trainingRole": null}]}]}]"#;
const HISTORY: &str =
    r#"[{"id": "h-1", "applicationId": "a-1", "stageId": "s-1", "enteredStageAt": "2026-01-02T00:00:00.000Z"}]"#;

#[test]
fn a_card_finds_its_stage_through_its_appointment_its_history_or_its_interview() {
    let text = card("{}", "");
    let with_interview = text.replace("\"submittedAt\"", "\"interviewId\": \"i-1\", \"submittedAt\"");
    let stages = ("interviewStage.list.json", STAGES);
    let schedules = ("interviewSchedule.list.json", SCHEDULES);
    let history = ("applicationHistory.json", HISTORY);
    let interviews = ("interview.list.json", INTERVIEWS);
    let stage = |files: &[(&str, &str)], text: &str| {
        let kept = read(&SOURCE, &[files, &[("applicationFeedback.list.json", text)]].concat());
        kept.cards[0].stage.clone().unwrap_or_default()
    };
    assert_eq!(stage(&[stages, schedules, history, interviews], &text), "Onsite");
    assert_eq!(stage(&[schedules, interviews], &text), "System design");
    assert_eq!(stage(&[stages, history, interviews], &with_interview), "Screen");
    assert_eq!(stage(&[interviews], &with_interview), "System design");
    assert_eq!(stage(&[interviews], &text), "");
}

#[test]
fn a_shadow_writes_a_shadows_card() {
    let files = [("interviewSchedule.list.json", SCHEDULES), ("interviewStage.list.json", STAGES)];
    let role = |who: &str| {
        let text = card(&form("o", "o"), "\"f1\": 2").replace("u-1", who);
        let kept = read(&SOURCE, &[&files[..], &[("applicationFeedback.list.json", &text)]].concat());
        assert_eq!(kept.cards[0].interviewed_at.unwrap().to_rfc3339(), "2026-01-06T10:00:00Z");
        assert_eq!(kept.cards[0].interview_id.as_deref(), Some("e-1"));
        assert_eq!(kept.scores[0].role, kept.cards[0].role);
        kept.cards[0].role.clone()
    };
    assert_eq!(role("u-1"), "shadow");
    assert_eq!(role("u-2"), "interviewer");
    assert_eq!(role("u-77"), "interviewer");
}

#[test]
fn feedback_that_was_never_submitted_is_a_draft() {
    let text = card(&form("o", "o"), "\"f1\": 2").replace("\"2026-01-06T12:00:00.000Z\"", "null");
    let kept = read(&SOURCE, &[("applicationFeedback.list.json", &text)]);
    assert_eq!(kept.cards[0].status, "draft");
    assert!(kept.scores.is_empty());
}

#[test]
fn feedback_counts_for_whom_it_is_credited_to() {
    let form = form("overall_recommendation", "Verdict");
    let credited = card(&form, r#""f1": 4"#);
    let own = credited.replace(r#""creditedToUser": {"id": "u-1"}, "#, "");
    for (text, interviewer) in [(credited, "u-1"), (own, "u-9")] {
        let kept = read(&SOURCE, &[("applicationFeedback.list.json", &text)]);
        let people = (kept.cards[0].interviewer_id.as_deref(), kept.cards[0].submitted_by.as_deref());
        assert_eq!(people, (Some(interviewer), Some("u-9")));
        assert_eq!(kept.scores[0].interviewer_id.as_deref(), Some(interviewer));
    }
}
