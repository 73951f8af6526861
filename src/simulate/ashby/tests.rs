//! What an export must hold: references that resolve, the stories it was told, and the mess that the truth states.

use std::collections::HashSet;

use serde_json::Value;

use crate::simulate::format_tests::{sown, write};
use crate::simulate::testing::{archived_at, count, counted, distinct, documents, ids, list, resolves, text, told};
use crate::time::Instant;

#[test]
fn ashby_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("ashby");
    let read = |endpoint: &str| list(&files, endpoint, "results", "moreDataAvailable");
    let (users, jobs, reasons) = (read("user.list"), read("job.list"), read("archiveReason.list"));
    let (interviews, stages) = (read("interview.list"), read("interviewStage.list"));
    let (feedback, schedules, offers) =
        (read("applicationFeedback.list"), read("interviewSchedule.list"), read("offer.list"));
    let answers = documents(&files, "application.info");
    assert!(answers.iter().all(|answer| answer["success"] == true));
    let all: Vec<Value> = answers.into_iter().map(|answer| answer["results"].clone()).collect();
    let (applications, repeats) = distinct(&all);
    assert_eq!(Some(repeats), sown(&truth, "duplicate_application"));
    assert_eq!(sown(&truth, "prospect_application"), None);
    assert_eq!(count(&users, |user| user["firstName"].is_null()), sown(&truth, "missing_name"));
    assert_eq!(count(applications.clone(), |record| record["status"] == "Hired"), counted(&truth, "hires"));

    let (known, known_users, known_stages) = (ids(&all), ids(&users), ids(&stages));
    let nested = |field: &str| all.iter().map(|record| record[field].clone()).collect::<Vec<Value>>();
    resolves(&nested("job"), "id", &ids(&jobs));
    resolves(&nested("source"), "id", &ids(&read("source.list")));
    resolves(&nested("archiveReason"), "id", &ids(&reasons));
    resolves(&nested("currentInterviewStage"), "id", &known_stages);
    resolves(&jobs, "departmentId", &ids(&read("department.list")));
    resolves(&jobs, "locationId", &ids(&read("location.list")));
    resolves(&schedules, "applicationId", &known);
    resolves(&schedules, "interviewStageId", &known_stages);
    resolves(&offers, "applicationId", &known);
    let events: Vec<Value> =
        schedules.iter().flat_map(|schedule| schedule["interviewEvents"].as_array().unwrap().clone()).collect();
    resolves(&events, "interviewId", &ids(&interviews));
    let seats: Vec<Value> = events.iter().flat_map(|event| event["interviewers"].as_array().unwrap().clone()).collect();
    resolves(&seats, "id", &known_users);
    let history: Vec<Value> =
        all.iter().flat_map(|record| record["applicationHistory"].as_array().unwrap().clone()).collect();
    resolves(&history, "stageId", &known_stages);
    resolves(&feedback, "interviewId", &ids(&interviews));
    resolves(&feedback, "interviewEventId", &ids(&events));
    resolves(&feedback, "applicationHistoryId", &ids(&history));
    assert_eq!(count(&interviews, |record| record["isDebrief"] == true), Some(1));

    let (cards, repeats) = distinct(&feedback);
    assert_eq!(Some(repeats), sown(&truth, "duplicate_scorecard"));
    let orphans = count(cards.clone(), |card| !known.contains(text(card, "applicationId")));
    assert_eq!(orphans, sown(&truth, "orphan_scorecard"));
    assert_eq!(Some(cards.len() as u64), counted(&truth, "scorecards").zip(orphans).map(|(own, others)| own + others));
    assert_eq!(
        count(cards.clone(), |card| card["submittedByUser"]["id"] != card["creditedToUser"]["id"]),
        sown(&truth, "proxy_submission")
    );
    assert_eq!(count(&schedules, |schedule| schedule["status"] == "Cancelled"), sown(&truth, "cancelled_interview"));
    let shadows: HashSet<(&str, &str)> = events
        .iter()
        .flat_map(|event| event["interviewers"].as_array().unwrap().iter().map(move |seat| (event, seat)))
        .filter(|(_, seat)| seat["trainingRole"] == "Shadow")
        .map(|(event, seat)| (text(event, "id"), text(seat, "id")))
        .collect();
    let is_shadow = |card: &Value| {
        let event = card["interviewEventId"].as_str().unwrap_or_default();
        shadows.contains(&(event, text(&card["creditedToUser"], "id")))
    };
    assert_eq!(count(cards.clone(), is_shadow), sown(&truth, "shadow_scorecard"));
    ashby_values(&cards, &truth);

    let (_, stories) = told();
    assert_eq!(applications.len(), stories.len());
    let iso = |at: Instant| {
        let text = at.to_rfc3339();
        text.replace('Z', ".000Z")
    };
    let mut renamed = 0;
    for (record, story) in applications.iter().zip(&stories) {
        assert_eq!(record["createdAt"], iso(story.applied_at));
        assert_eq!(record["archivedAt"].as_str().map(str::to_owned), archived_at(story).map(iso));
        let entries = record["applicationHistory"].as_array().unwrap();
        let ends = usize::from(story.is_hired() || archived_at(story).is_some());
        assert_eq!(entries.len(), story.visits.len() + ends);
        for (entry, visit) in entries.iter().zip(&story.visits) {
            assert_eq!(entry["enteredStageAt"], iso(visit.entered));
            assert_eq!(entry["leftStageAt"].as_str().map(str::to_owned), visit.left.map(iso));
            renamed += u64::from(entry["title"] == truth["renamed_stage"]["to"]);
        }
    }
    assert_eq!(Some(renamed), sown(&truth, "renamed_stage_visit"));
    assert_eq!(
        count(applications, |record| record["archivedAt"].as_str().is_some_and(|at| at < text(record, "createdAt"))),
        sown(&truth, "decision_before_application")
    );
}

/// Scores come in three spellings, and what was not decided is null or not there.
fn ashby_values(cards: &[&Value], truth: &Value) {
    let mut spellings = [0_u64; 3];
    let (mut nulls, mut absent, mut undecided) = (0, 0, 0);
    for card in cards {
        let sections = card["formDefinition"]["sections"].as_array().unwrap();
        let fields = sections.iter().flat_map(|section| section["fields"].as_array().unwrap());
        for field in fields.map(|field| &field["field"]) {
            let value = card["submittedValues"].get(text(field, "path"));
            let is_missing = value.is_none_or(Value::is_null);
            if field["type"] == "ValueSelect" {
                undecided += u64::from(is_missing);
                let choices = field["selectableValues"].as_array().unwrap();
                assert!(is_missing || choices.iter().any(|choice| Some(&choice["value"]) == value));
                continue;
            }
            match value {
                None => absent += 1,
                Some(Value::Null) => nulls += 1,
                Some(Value::Number(_)) => spellings[0] += 1,
                Some(Value::String(_)) => spellings[1] += 1,
                Some(other) => spellings[2] += u64::from(other["score"].is_u64()),
            }
        }
    }
    assert!(spellings.iter().all(|count| *count > 1_000), "{spellings:?}");
    assert!(nulls > 0 && absent > 0);
    assert_eq!(Some(nulls + absent), sown(truth, "no_decision_rating"));
    assert_eq!(Some(undecided), sown(truth, "no_decision_recommendation"));
    assert_eq!(spellings.iter().sum::<u64>() + nulls + absent, 4 * cards.len() as u64);
}
