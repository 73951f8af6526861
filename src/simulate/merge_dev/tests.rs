//! What an export must hold: references that resolve, the stories it was told, and the mess that the truth states.

use std::collections::HashMap;

use serde_json::Value;

use crate::simulate::format_tests::{sown, write};
use crate::simulate::testing::{archived_at, count, counted, distinct, ids, list, resolves, text, told};
use crate::simulate::world::World;
use crate::time::{DAY, Instant};

#[test]
fn merge_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("merge");
    let read = |model: &str| list(&files, model, "results", "next");
    let (users, stages, jobs) = (read("users"), read("job_interview_stages"), read("jobs"));
    let (all, cards, interviews, offers) =
        (read("applications"), read("scorecards"), read("interviews"), read("offers"));
    let (applications, repeats) = distinct(&all);
    assert_eq!(Some(repeats), sown(&truth, "duplicate_application"));
    let (prospects, of_loops): (Vec<&Value>, Vec<&Value>) =
        applications.into_iter().partition(|record| record["job"].is_null());
    assert_eq!(Some(prospects.len() as u64), sown(&truth, "prospect_application"));
    assert_eq!(count(&users, |user| user["first_name"].is_null()), sown(&truth, "missing_name"));

    let known = ids(&all);
    resolves(&all, "job", &ids(&jobs));
    resolves(&all, "current_stage", &ids(&stages));
    resolves(&all, "reject_reason", &ids(&read("reject_reasons")));
    resolves(&interviews, "application", &known);
    resolves(&interviews, "job_interview_stage", &ids(&stages));
    resolves(&offers, "application", &known);
    resolves(&cards, "interviewer", &ids(&users));
    resolves(&cards, "interview", &ids(&interviews));
    let known_users = ids(&users);
    let listed = |records: &[Value], field: &str| -> Vec<String> {
        let lists = records.iter().flat_map(|record| record[field].as_array().unwrap());
        lists.map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    assert!(listed(&interviews, "interviewers").iter().all(|id| known_users.contains(id.as_str())));
    assert!(listed(&jobs, "hiring_managers").iter().all(|id| known_users.contains(id.as_str())));
    let (departments, offices) = (read("departments"), read("offices"));
    assert!(listed(&jobs, "departments").iter().all(|id| ids(&departments).contains(id.as_str())));
    assert!(listed(&jobs, "offices").iter().all(|id| ids(&offices).contains(id.as_str())));
    assert!(listed(&all, "offers").iter().all(|id| ids(&offers).contains(id.as_str())));

    let (distinct_cards, repeats) = distinct(&cards);
    assert_eq!(Some(repeats), sown(&truth, "duplicate_scorecard"));
    let (deleted, kept): (Vec<&Value>, Vec<&Value>) =
        distinct_cards.into_iter().partition(|card| card["remote_was_deleted"] == true);
    assert_eq!(Some(deleted.len() as u64), sown(&truth, "deleted_scorecard").filter(|count| *count > 0));
    let orphans = count(kept.clone(), |card| !known.contains(text(card, "application")));
    assert_eq!(orphans, sown(&truth, "orphan_scorecard"));
    assert_eq!(Some(kept.len() as u64), counted(&truth, "scorecards").zip(orphans).map(|(own, others)| own + others));
    assert_eq!(
        count(kept, |card| card["overall_recommendation"] == "NO_DECISION"),
        sown(&truth, "no_decision_recommendation")
    );
    for kind in ["draft_scorecard", "cancelled_interview", "no_decision_rating", "renamed_stage_visit"] {
        assert_eq!(sown(&truth, kind), None, "{kind}");
    }
    assert_eq!(count(&offers, |offer| offer["status"] == "SIGNED"), counted(&truth, "hires"));

    let (world, stories) = told();
    assert_eq!(of_loops.len(), stories.len());
    for (record, story) in of_loops.iter().zip(&stories) {
        assert_eq!(record["applied_at"], story.applied_at.to_rfc3339());
        assert_eq!(record["rejected_at"].as_str().map(str::to_owned), archived_at(story).map(Instant::to_rfc3339));
    }
    assert_eq!(
        count(of_loops, |record| record["rejected_at"].as_str().is_some_and(|at| at < text(record, "applied_at"))),
        sown(&truth, "decision_before_application")
    );
    merge_clock(&[&all, &cards, &interviews, &offers], &world);
}

/// Merge's own clock runs behind that of the system, never ahead of the export, and a newer copy is newer.
fn merge_clock(models: &[&Vec<Value>], world: &World) {
    for records in models {
        let mut latest: HashMap<&str, i64> = HashMap::new();
        for record in *records {
            let instant = |field: &str| Instant::parse_bound(text(record, field)).unwrap();
            let (created, modified) = (instant("created_at"), instant("modified_at"));
            assert!(created <= modified && modified < world.export, "{record}");
            assert!(created > instant("remote_created_at") || created.0 > world.export.0 - DAY, "{record}");
            let before = latest.insert(text(record, "id"), modified.0);
            assert!(before.is_none_or(|before| before < modified.0), "{record}");
        }
    }
}
