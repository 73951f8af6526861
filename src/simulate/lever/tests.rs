//! What an export must hold: references that resolve, the stories it was told, and the mess that the truth states.

use std::collections::HashSet;

use serde_json::Value;

use crate::simulate::format_tests::{sown, write};
use crate::simulate::story::LoopStory;
use crate::simulate::testing::{
    Files, archived_at, count, counted, distinct, documents, ids, list, resolves, text, told,
};
use crate::simulate::world::World;
use crate::time::Instant;

#[test]
fn lever_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("lever");
    let read = |endpoint: &str| list(&files, endpoint, "data", "hasNext");
    let (users, stages, postings) = (read("users"), read("stages"), read("postings"));
    let reasons = read("archive_reasons");
    let (opportunities, applications) = (read("opportunities"), read("applications"));
    let (distinct_opportunities, repeats) = distinct(&opportunities);
    assert_eq!(Some(repeats), sown(&truth, "duplicate_application"));
    let has_application = |record: &Value| !record["applications"].as_array().unwrap().is_empty();
    assert_eq!(
        count(distinct_opportunities.clone(), |record| !has_application(record)),
        sown(&truth, "prospect_application")
    );
    assert_eq!(count(&users, |user| user["name"].is_null()), sown(&truth, "missing_name"));

    let (known, known_users, known_stages) = (ids(&opportunities), ids(&users), ids(&stages));
    assert!(known_stages.contains("offer") && known_stages.contains("lead-new"));
    resolves(&opportunities, "stage", &known_stages);
    resolves(&opportunities, "owner", &known_users);
    resolves(&applications, "opportunityId", &known);
    resolves(&applications, "posting", &ids(&postings));
    resolves(&postings, "hiringManager", &known_users);
    resolves(opportunities.iter().map(|record| &record["archived"]), "reason", &ids(&reasons));
    let ids_of_applications = ids(&applications);
    let hired: HashSet<&str> =
        reasons.iter().filter(|reason| reason["type"] == "hired").map(|reason| text(reason, "id")).collect();
    assert_eq!(
        count(distinct_opportunities.clone(), |record| {
            record["archived"]["reason"].as_str().is_some_and(|reason| hired.contains(reason))
        }),
        counted(&truth, "hires")
    );

    let (world, stories) = told();
    let of_loops: Vec<&Value> = distinct_opportunities.into_iter().filter(|record| has_application(record)).collect();
    assert_eq!(of_loops.len(), stories.len());
    let millis = |at: Instant| at.0 / 1_000;
    let mut renamed = 0;
    for ((record, application), story) in of_loops.iter().zip(&applications).zip(&stories) {
        assert!(ids_of_applications.contains(record["applications"][0].as_str().unwrap()));
        assert_eq!(record["createdAt"], millis(story.applied_at));
        let end = archived_at(story).or(story.closed_at()).map(millis);
        assert_eq!(record["archived"]["archivedAt"].as_i64(), end);
        let later = application["archived"]["archivedAt"].as_i64().zip(end).map(|(own, end)| own - end);
        assert!(later.is_none_or(|later| (1..1_000).contains(&later)));
        let changes = record["stageChanges"].as_array().unwrap();
        assert_eq!(changes.len(), story.visits.len());
        for (change, visit) in changes.iter().zip(&story.visits) {
            assert_eq!(change["updatedAt"], millis(visit.entered));
            let place = change["toStageIndex"].as_u64().unwrap() as usize;
            assert_eq!(stages[place]["id"], change["toStageId"]);
            renamed += u64::from(stages[place]["text"] == truth["renamed_stage"]["to"]);
        }
    }
    assert_eq!(Some(renamed), sown(&truth, "renamed_stage_visit"));
    assert_eq!(
        count(of_loops, |record| record["archived"]["archivedAt"].as_i64() < record["createdAt"].as_i64()
            && record["archived"].is_object()),
        sown(&truth, "decision_before_application")
    );
    lever_forms(&files, &truth, &known, &known_users, &world, &stories);
}

/// What was fetched for each opportunity.
fn lever_forms(
    files: &Files,
    truth: &Value,
    opportunities: &HashSet<&str>,
    users: &HashSet<&str>,
    world: &World,
    stories: &[LoopStory],
) {
    let fetched = |endpoint: &str| -> Vec<(String, Value)> {
        let of = |wrapper: Value| {
            let parent = text(&wrapper, "opportunityId").to_owned();
            let records = wrapper["data"].as_array().unwrap().clone();
            records.into_iter().map(move |record| (parent.clone(), record))
        };
        documents(files, endpoint).into_iter().flat_map(of).collect()
    };
    let interviews: Vec<Value> = fetched("interviews").into_iter().map(|(_, record)| record).collect();
    assert_eq!(count(&interviews, |record| record["canceledAt"].is_i64()), sown(truth, "cancelled_interview"));
    assert!(fetched("interviews").iter().chain(&fetched("offers")).all(|(id, _)| opportunities.contains(id.as_str())));
    let offers: Vec<(String, Value)> = fetched("offers");
    let offered: HashSet<&String> = offers.iter().map(|(parent, _)| parent).collect();
    assert_eq!(Some(offered.len() as u64), counted(truth, "offers"));
    assert_eq!(
        count(offers.iter().map(|(_, offer)| offer), |offer| offer["status"] == "signed"),
        counted(truth, "hires")
    );

    let all = fetched("feedback");
    let orphans = all.iter().filter(|(parent, _)| !opportunities.contains(parent.as_str())).count() as u64;
    assert_eq!(Some(orphans), sown(truth, "orphan_scorecard"));
    let all: Vec<Value> = all.into_iter().map(|(_, form)| form).collect();
    let (forms, repeats) = distinct(&all);
    assert_eq!(Some(repeats), sown(truth, "duplicate_scorecard"));
    resolves(&all, "user", users);
    resolves(&all, "interview", &ids(&interviews));
    let known = ids(&all);
    let listed = interviews.iter().flat_map(|record| record["feedbackForms"].as_array().unwrap());
    assert!(listed.clone().count() > 1_000);
    assert!(listed.clone().all(|form| known.contains(form.as_str().unwrap())));

    let (deleted, kept): (Vec<&Value>, Vec<&Value>) = forms.into_iter().partition(|form| form["deletedAt"].is_i64());
    assert_eq!(Some(deleted.len() as u64), sown(truth, "deleted_scorecard").filter(|count| *count > 0));
    let missing = |value: &Value| value.is_null() || value == "null";
    let rows = |form: &Value| form["fields"][1]["value"].as_array().unwrap().clone();
    let (drafts, complete): (Vec<&Value>, Vec<&Value>) =
        kept.iter().copied().partition(|form| form["completedAt"].is_null());
    assert_eq!(Some(drafts.len() as u64), sown(truth, "draft_scorecard"));
    assert_eq!(Some(complete.len() as u64), counted(truth, "scorecards").map(|count| count + orphans));
    let scores: Vec<Value> = complete.iter().flat_map(|form| rows(form)).map(|row| row["score"].clone()).collect();
    assert_eq!(count(&scores, missing), sown(truth, "no_decision_rating"));
    assert!(scores.iter().all(|score| missing(score) || ["1", "2", "3", "4"].contains(&score.as_str().unwrap())));
    assert_eq!(
        count(complete.clone(), |form| missing(&form["fields"][0]["value"])),
        sown(truth, "no_decision_recommendation")
    );
    let values = kept.iter().flat_map(|form| {
        rows(form).into_iter().map(|row| row["score"].clone()).chain([form["fields"][0]["value"].clone()])
    });
    let values: Vec<Value> = values.collect();
    assert_eq!(count(&values, |value| value == "null"), sown(truth, "null_text").filter(|count| *count > 0));

    let mut written: Vec<i64> = complete.iter().map(|form| form["completedAt"].as_i64().unwrap()).collect();
    let mut submitted: Vec<i64> = stories
        .iter()
        .flat_map(|story| &story.cards)
        .filter_map(|card| card.submitted_at)
        .map(|at| at.0 / 1_000)
        .collect();
    written.sort_unstable();
    submitted.sort_unstable();
    assert_eq!(written, submitted);
    assert!(deleted.iter().all(|form| form["deletedAt"].as_i64().unwrap() <= world.export.0 / 1_000));
}
