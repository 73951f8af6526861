//! What is read out of feedback forms.

use super::SOURCE;
use crate::source::record::testing::{Kept, read};

/// One completed form of one opportunity, with these fields and other attributes.
fn forms(list: &[(&str, &str)]) -> Kept {
    let form = |(at, (attributes, fields)): (usize, &(&str, &str))| {
        format!(
            r#"{{"id": "f-{at}", "opportunityId": "1", "text": "Technical", "user": "u-1", "createdAt": 1767607200000,
                "completedAt": 1767700800000, "updatedAt": 1767700900000 {attributes}, "fields": [{fields}]}}"#
        )
    };
    let text = list.iter().enumerate().map(form).collect::<Vec<_>>().join("\n");
    read(&SOURCE, &[("feedback.ndjson", &text)])
}

/// The scores as `dimension level missing`.
fn scores(kept: &Kept) -> Vec<String> {
    let line = |s: &crate::dataset::schema::Score| {
        format!("{} {:?} {}", s.dimension, s.score_milli, s.missing.as_deref().unwrap_or("-")).replace("Some", "")
    };
    kept.scores.iter().map(line).collect()
}

const OVERALL: &str = r#"{"type": "score-system", "text": "Rating", "value": "3 - Hire"}"#;

#[test]
fn each_type_of_field_is_read_as_what_it_is() {
    let fields = format!(
        r#"{OVERALL},
        {{"type": "score", "text": "Energy", "value": "4 - Strong Yes"}},
        {{"type": "scorecard", "text": "Skills", "scores": [{{"text": "SQL", "description": "d"}}, {{"text": "Writing"}}],
          "value": [{{"score": 2, "comment": "abc"}}, {{"score": "1", "comment": null}}]}},
        {{"type": "textarea", "text": "Notes", "value": "four"}}, {{"type": "dropdown", "text": "Next", "value": "go on"}},
        {{"type": "multiple-select", "text": "Asked", "value": ["ab", "c"]}}, {{"type": "yes-no", "text": "Again", "value": "yes"}},
        {{"type": "date", "text": "When", "value": null}}, {{"type": "file-upload", "text": "File", "value": [{{"name": "x.pdf"}}]}}"#
    );
    let kept = forms(&[("", &fields)]);
    let card = &kept.cards[0];
    assert_eq!((card.recommendation, card.recommendation_levels), (Some(3), Some(4)));
    assert_eq!(card.recommendation_raw.as_deref(), Some("3 - Hire"));
    assert_eq!(scores(&kept), ["Energy (4000) -", "SQL (2000) -", "Writing (1000) -"]);
    assert_eq!(card.note_length, Some(4 + 5 + 2 + 1 + 3));
    assert_eq!(kept.scores[1].dimension_kind.as_deref(), Some("Skills"));
    assert_eq!((kept.scores[1].note_length, kept.scores[2].note_length), (Some(3), Some(0)));
    assert!(kept.scores.iter().all(|score| score.scale == "lever-score-4" && score.submitted_at == card.submitted_at));
    assert_eq!((card.stage.as_deref(), card.interviewer_id.as_deref()), (Some("Technical"), Some("u-1")));
    assert!(card.updated_at > card.submitted_at && card.recorded_at == card.updated_at);
}

#[test]
fn the_word_null_is_no_value() {
    let fields = r#"{"type": "score-system", "text": "Rating", "value": "null"},
        {"type": "scorecard", "text": "Skills", "scores": [{"text": "SQL"}, {"text": "Writing"}, {"text": "Python"}],
         "value": [{"score": "null", "comment": "null"}, null]},
        {"type": "scorecard", "text": "Values", "scores": [{"text": "Care"}], "value": null},
        {"type": "text", "text": "Notes", "value": "null"}"#;
    let kept = forms(&[(r#", "deletedAt": "null", "interview": "null""#, fields)]);
    let card = &kept.cards[0];
    assert_eq!((card.recommendation, card.recommendation_missing.as_deref()), (None, Some("not_given")));
    assert_eq!((card.note_length, card.interview_id.as_deref()), (Some(0), None));
    let missing = ["SQL", "Writing", "Python", "Care"].map(|name| format!("{name} None not_given"));
    assert_eq!(scores(&kept), missing);
    assert!(kept.account("feedback.ndjson").unknown_labels.is_empty());
}

#[test]
fn a_label_never_seen_is_reported_and_missing() {
    let fields = r#"{"type": "score-system", "text": "Rating", "value": "Maybe"}, {"type": "score", "text": "Energy", "value": "5 - Wow"}"#;
    let kept = forms(&[("", fields)]);
    assert_eq!(kept.cards[0].recommendation_missing.as_deref(), Some("unknown_label"));
    assert_eq!(scores(&kept), ["Energy None unknown_label"]);
    assert_eq!(kept.account("feedback.ndjson").unknown_labels.len(), 2);
}

#[test]
fn drafts_never_enter_scores() {
    let text = r#"{"id": "f", "opportunityId": "1", "completedAt": null, "fields": [{"type": "score", "text": "Energy", "value": "4"}]}"#;
    let kept = read(&SOURCE, &[("feedback.json", text)]);
    assert_eq!((kept.cards[0].status.as_str(), kept.cards[0].submitted_at, kept.scores.len()), ("draft", None, 0));
    assert!(kept.remarks().contains(&"drafts kept out of scores: 1"));
}

#[test]
fn deleted_forms_are_rejected_as_such() {
    let kept = forms(&[(r#", "deletedAt": 1767700900000"#, OVERALL), (r#", "deletedAt": null"#, OVERALL)]);
    assert_eq!((kept.cards.len(), kept.rejects()), (1, vec!["deleted deletedAt".to_owned()]));
}

#[test]
fn the_overall_rating_is_found_where_the_form_has_no_field_of_its_type() {
    let rating = r#"{"type": "score", "text": "Rating", "value": null, "options": [{"text": "4 - Strong Hire"}]}"#;
    let labelled = r#"{"type": "score", "text": "Verdict", "value": "2 - No Hire"}"#;
    let energy = r#"{"type": "score", "text": "Energy", "value": "4"}"#;
    let both = format!("{labelled}, {rating}");
    let second =
        format!(r#"{OVERALL}, {labelled}, {{"type": "score-system", "text": "Again", "value": "1 - Strong No Hire"}}"#);
    let kept = forms(&[
        ("", &format!("{energy}, {labelled}")),
        ("", rating),
        ("", energy),
        // Which of two would be the overall one is not for us to say.
        ("", &both),
        ("", &second),
    ]);
    let overall: Vec<_> = kept.cards.iter().map(|card| card.recommendation).collect();
    assert_eq!(overall, [Some(2), None, None, None, Some(3)]);
    assert_eq!(
        scores(&kept),
        [
            "Energy (4000) -",
            "Energy (4000) -",
            "Verdict (2000) -",
            "Rating None not_given",
            "Verdict (2000) -",
            "Again (1000) -"
        ]
    );
}

#[test]
fn ratings_belong_to_their_skill_by_position() {
    let fields = r#"{"type": "scorecard", "text": "Skills", "scores": [{"text": "SQL"}, {"text": null}],
         "value": [{"score": "2"}, {"score": "3"}, {"score": "4"}]},
        {"type": "scorecard", "text": "Values", "scores": [{"text": "SQL"}], "value": [{"score": "1"}]},
        {"type": "score", "text": "SQL", "value": "1"}"#;
    let kept = forms(&[("", fields)]);
    assert_eq!(scores(&kept), ["SQL (2000) -", "Values: SQL (1000) -"]);
    assert!(kept.remarks().contains(&"ratings of a skill without a name, left out: 2"));
    assert!(kept.remarks().contains(&"ratings of a skill that the same form rates already, left out: 1"));
}
