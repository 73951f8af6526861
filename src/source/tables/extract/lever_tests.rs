//! A small extract of Lever; each trap has a test of its name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test should say where")]

use super::tests::read;
use crate::source::record::testing::Kept;

fn lever() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "opportunity.csv",
            "id,contact_id,created_at,archived_at,archived_reason_id,origin,owner_user_id,stage_id\n\
             o-1,c-1,2026-01-05 09:00:00.000,2026-02-01 12:00:00.000,r-1,referred,u-9,s-2\n\
             o-2,c-2,2026-01-06 09:00:00.000,2026-01-21 12:00:00.000,r-2,applied,u-9,s-2\n\
             o-3,c-3,2026-01-07 09:00:00.000,,,applied,u-9,s-2\n\
             o-4,c-4,2026-01-08 09:00:00.000,2026-01-22 12:00:00.000,r-3,applied,u-9,s-1\n\
             o-5,c-5,2026-01-09 09:00:00.000,,,sourced,u-9,lead-new\n",
        ),
        (
            "opportunity_stage_history.csv",
            "opportunity_id,updated_at,stage_id,updater_user_id,to_stage_index\n\
             o-1,2026-01-05 09:00:00.000,s-1,u-1,0\n\
             o-1,2026-01-12 09:00:00.000,s-2,u-1,1\n\
             o-1,2026-01-14 09:00:00.000,s-1,u-1,0\n\
             o-3,2026-01-07 09:00:00.000,s-2,u-1,1\n",
        ),
        ("stage.csv", "id,text\ns-1,Phone screen\ns-2,Onsite\n"),
        ("archive_reason.csv", "id,text,type\nr-1,Hired,hired\nr-2,Underqualified,non-hired\nr-3,Withdrew,non-hired\n"),
        ("application.csv", "id,opportunity_id,posting_id\na-1,o-1,p-1\na-2,o-2,p-1\na-4,o-4,p-1\n"),
        ("posting.csv", "id,text,category_department,category_location\np-1,Engineer,Engineering,Berlin\n"),
        (
            "offer.csv",
            "id,opportunity_id,created_at,status,sent_at\nf-1,o-1,2026-01-28 10:00:00.000,signed,2026-01-29 10:00:00.000\n",
        ),
        (
            "interview.csv",
            "id,opportunity_id,subject,stage_id,created_at,date,duration,canceled_at\n\
             i-1,o-1,Onsite with us,s-2,2026-01-10 10:00:00.000,2026-01-12 10:00:00.000,45,\n\
             i-2,o-1,Coffee,,2026-01-10 10:00:00.000,2026-01-13 10:00:00.000,30,2026-01-11 10:00:00.000\n",
        ),
        ("interviewer_user.csv", "interview_id,user_id\ni-1,u-2\n"),
        (
            "feedback_form.csv",
            "id,opportunity_id,interview_id,creator_user_id,created_at,completed_at,deleted_at,text,score_system_value\n\
             f-1,o-1,i-1,u-2,2026-01-12 11:00:00.000,2026-01-12 12:00:00.000,,Onsite form,3 - Hire\n\
             f-2,o-1,i-1,u-3,2026-01-12 11:00:00.000,2026-01-12 12:30:00.000,2026-01-13 09:00:00.000,Onsite form,1 - Strong No Hire\n\
             f-3,o-1,,u-4,2026-01-12 11:00:00.000,,,Debrief,\n\
             f-4,o-2,,u-4,2026-01-12 11:00:00.000,2026-01-12 13:00:00.000,,Phone form,Leaning hire\n",
        ),
        (
            "feedback_form_field.csv",
            "feedback_form_id,field_index,type,score_text,score,value_text\n\
             f-1,0,scorecard,Craft,4,\n\
             f-1,1,text,,,Long prose\n\
             f-2,0,scorecard,Craft,1,\n\
             f-3,0,scorecard,Craft,2,\n",
        ),
    ]
}

#[test]
fn a_lever_extract_gives_loops_with_their_ends() {
    let kept = read("lever-warehouse", &lever()).unwrap();
    let mut ends: Vec<String> = kept
        .decisions
        .iter()
        .map(|d| {
            format!("{} {} {:?} {:?} {:?}", d.application_id, d.decision, d.offer_outcome, d.reason, d.decided_from)
        })
        .collect();
    ends.sort();
    assert_eq!(
        ends,
        [
            r#"o-1 offer Some("accepted") None Some("offer_created")"#,
            r#"o-2 reject None Some("Underqualified") Some("archived_at")"#,
            r#"o-4 withdrawn None Some("Withdrew") Some("archived_at")"#,
        ]
    );
    let first = &kept.applications[0];
    assert_eq!(
        (first.job_title.as_deref(), first.department.as_deref(), first.source.as_deref()),
        (Some("Engineer"), Some("Engineering"), Some("referred"))
    );
    let interviews: Vec<_> = kept
        .interviews
        .iter()
        .map(|i| (i.stage.as_deref().unwrap(), i.status.as_str(), i.ends_at.unwrap().to_rfc3339()))
        .collect();
    assert_eq!(
        interviews,
        [
            ("Onsite", "unknown", "2026-01-12T10:45:00Z".to_owned()),
            ("Coffee", "cancelled", "2026-01-13T10:30:00Z".to_owned())
        ]
    );
}

#[test]
fn who_never_applied_nor_moved_is_no_loop_where_the_extract_can_tell() {
    let loops = |kept: &Kept| kept.applications.iter().map(|a| a.application_id.clone()).collect::<Vec<_>>();
    let kept = read("lever-warehouse", &lever()).unwrap();
    assert_eq!(loops(&kept), ["o-1", "o-2", "o-3", "o-4"]);
    let statuses: Vec<_> = kept.applications.iter().map(|a| a.status.as_deref().unwrap()).collect();
    assert_eq!(statuses, ["hired", "archived", "active", "archived"]);
    let without: Vec<_> = lever().into_iter().filter(|(name, _)| *name != "application.csv").collect();
    assert_eq!(loops(&read("lever-warehouse", &without).unwrap()).len(), 5);
}

#[test]
fn a_lever_stage_ends_with_the_next_change_or_when_archived() {
    let kept = read("lever-warehouse", &lever()).unwrap();
    let moves: Vec<String> = kept.happened().into_iter().filter(|event| event.starts_with("stage_")).collect();
    assert_eq!(
        moves,
        [
            r#"stage_entered ("Phone screen") 2026-01-05T09:00:00Z ("instant")"#,
            r#"stage_left ("Phone screen") 2026-01-12T09:00:00Z ("instant")"#,
            r#"stage_entered ("Onsite") 2026-01-12T09:00:00Z ("instant")"#,
            r#"stage_left ("Onsite") 2026-01-14T09:00:00Z ("instant")"#,
            r#"stage_entered ("Phone screen") 2026-01-14T09:00:00Z ("instant")"#,
            r#"stage_left ("Phone screen") 2026-02-01T12:00:00Z ("instant")"#,
            r#"stage_entered ("Onsite") 2026-01-07T09:00:00Z ("instant")"#,
        ]
    );
    let left = kept.events.iter().find(|event| event.event == "stage_left").unwrap();
    assert_eq!(left.origin, "derived");
}

#[test]
fn deleted_lever_forms_are_rejected_as_deleted_with_their_rows() {
    let kept = read("lever-warehouse", &lever()).unwrap();
    assert_eq!(kept.rejects(), ["deleted", "deleted"]);
    let cards: Vec<_> = kept
        .cards
        .iter()
        .map(|c| (c.scorecard_id.as_str(), c.status.as_str(), c.recommendation, c.recommendation_missing.as_deref()))
        .collect();
    assert_eq!(
        cards,
        [
            ("f-1", "submitted", Some(3), None),
            ("f-3", "draft", None, Some("not_given")),
            ("f-4", "submitted", None, Some("unknown_label")),
        ]
    );
    // A label that could be prose is not shown, and the line to write says where it would stand.
    let remarks = &kept.account("feedback_form.csv").remarks;
    assert!(
        remarks.iter().any(|remark| remark.contains(r#"[tables.cards.values.recommendation] "the label""#)),
        "{remarks:?}"
    );
    let scores: Vec<_> =
        kept.scores.iter().map(|s| (s.scorecard_id.as_str(), s.score_milli, s.stage.as_deref())).collect();
    assert_eq!(scores, [("f-1", Some(4000), Some("Onsite"))]);
}
