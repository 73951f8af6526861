//! What every written export must hold: it can be read back, its references resolve, and what it
//! contains is what the truth says.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::tests::{contents, options};
use super::*;

pub(super) const LOOPS: u64 = 1_500;

/// Writes a history and reads back its files and its truth.
pub(super) fn write(id: &str) -> (Vec<(String, Vec<u8>)>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("history");
    simulate(&options(LOOPS, 21, format(id).unwrap(), &out), &mut |_| {}).unwrap();
    let truth = serde_json::from_slice(&std::fs::read(out.join(TRUTH_FILE)).unwrap()).unwrap();
    (contents(&out), truth)
}

/// All records of an endpoint's pages.
fn records(files: &[(String, Vec<u8>)], endpoint: &str) -> Vec<Value> {
    let pages = files.iter().filter(|(name, _)| {
        Path::new(name).parent() == Some(Path::new(endpoint)) || *name == format!("{endpoint}.json")
    });
    let pages: Vec<Vec<Value>> = pages.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
    assert!(
        !pages.is_empty() && pages.iter().all(|page| page.len() <= 500 || endpoint.ends_with("stages")),
        "{endpoint}"
    );
    pages.concat()
}

fn ids(records: &[Value], field: &str) -> HashSet<u64> {
    records.iter().filter_map(|record| record[field].as_u64()).collect()
}

/// What the truth says about a kind of mess.
pub(super) fn sown(truth: &Value, kind: &str) -> Option<u64> {
    let messes = truth["messy_records"].as_array().unwrap();
    messes.iter().find(|mess| mess["kind"] == kind).unwrap()["count"].as_u64()
}

fn repeats(records: &[Value]) -> u64 {
    (records.len() - ids(records, "id").len()) as u64
}

#[test]
fn greenhouse_v1_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("greenhouse-v1");
    let (applications, cards) = (records(&files, "applications"), records(&files, "scorecards"));
    let interviews = records(&files, "scheduled_interviews");
    let known = ids(&applications, "id");
    let orphans = cards.iter().filter(|card| !known.contains(&card["application_id"].as_u64().unwrap())).count();
    assert_eq!(Some(orphans as u64), sown(&truth, "orphan_scorecard"));
    assert!(ids(&interviews, "application_id").is_subset(&known));
    assert!(ids(&records(&files, "offers"), "application_id").is_subset(&known));
    assert_eq!(Some(repeats(&applications)), sown(&truth, "duplicate_application"));
    assert_eq!(Some(repeats(&cards)), sown(&truth, "duplicate_scorecard"));
    assert_eq!(sown(&truth, "draft_scorecard"), None);
    let without_job = applications.iter().filter(|record| record["jobs"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(Some(without_job.count() as u64), sown(&truth, "prospect_application"));

    let steps: HashSet<u64> = (records(&files, "job_stages").iter())
        .flat_map(|stage| ids(stage["interviews"].as_array().unwrap(), "id"))
        .collect();
    assert!(interviews.iter().all(|record| steps.contains(&record["interview"]["id"].as_u64().unwrap())));
    assert!(cards.iter().all(|record| steps.contains(&record["interview_step"]["id"].as_u64().unwrap())));
    let card_ids = ids(&cards, "id");
    let seats = interviews.iter().flat_map(|record| record["interviewers"].as_array().unwrap());
    assert!(seats.filter_map(|seat| seat["scorecard_id"].as_u64()).all(|id| card_ids.contains(&id)));
    let users = ids(&records(&files, "users"), "id");
    assert!(cards.iter().all(|card| users.contains(&card["interviewer"]["id"].as_u64().unwrap())));
    let feeds = files.iter().filter(|(name, _)| name.starts_with("activity_feed")).count();
    assert_eq!(feeds as u64, LOOPS);
}

#[test]
fn greenhouse_v3_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("greenhouse-v3");
    let tables: HashMap<&str, Vec<Value>> = [
        "applications",
        "application_stages",
        "interviews",
        "interviewers",
        "scorecards",
        "scorecard_candidate_attributes",
        "job_candidate_attributes",
        "job_interview_stages",
        "job_interviews",
        "interview_kits",
        "focus_candidate_attributes",
        "jobs",
        "offers",
        "rejection_details",
        "rejection_reasons",
        "departments",
        "offices",
        "sources",
        "users",
    ]
    .into_iter()
    .map(|endpoint| (endpoint, records(&files, endpoint)))
    .collect();
    let orphans = sown(&truth, "orphan_scorecard").unwrap();
    for (table, field, target, allowed) in [
        ("scorecards", "application_id", "applications", orphans),
        ("scorecards", "interview_kit_id", "interview_kits", 0),
        ("scorecards", "interviewer_id", "users", 0),
        ("scorecard_candidate_attributes", "scorecard_id", "scorecards", 0),
        ("scorecard_candidate_attributes", "job_candidate_attribute_id", "job_candidate_attributes", 0),
        ("application_stages", "application_id", "applications", 0),
        ("application_stages", "job_interview_stage_id", "job_interview_stages", 0),
        ("interviews", "application_id", "applications", 0),
        ("interviews", "job_interview_id", "job_interviews", 0),
        ("interviewers", "interview_id", "interviews", 0),
        ("interviewers", "scorecard_id", "scorecards", 0),
        ("interviewers", "user_id", "users", 0),
        ("interview_kits", "job_interview_id", "job_interviews", 0),
        ("job_interviews", "job_interview_stage_id", "job_interview_stages", 0),
        ("focus_candidate_attributes", "interview_kit_id", "interview_kits", 0),
        ("applications", "job_id", "jobs", 0),
        ("applications", "source_id", "sources", 0),
        ("offers", "application_id", "applications", 0),
        ("rejection_details", "application_id", "applications", 0),
        ("rejection_details", "rejection_reason_id", "rejection_reasons", 0),
        ("jobs", "department_id", "departments", 0),
    ] {
        let known = ids(&tables[target], "id");
        let dangling =
            tables[table].iter().filter_map(|record| record[field].as_u64()).filter(|id| !known.contains(id));
        assert_eq!(dangling.count() as u64, allowed, "{table}.{field}");
    }
    assert_eq!(Some(repeats(&tables["applications"])), sown(&truth, "duplicate_application"));
    assert_eq!(Some(repeats(&tables["scorecards"])), sown(&truth, "duplicate_scorecard"));
    for table in tables.keys().filter(|table| !["applications", "scorecards"].contains(table)) {
        assert_eq!(repeats(&tables[table]), 0, "{table}");
    }
    let rated = ids(&tables["scorecard_candidate_attributes"], "scorecard_id");
    let begun = tables["scorecards"].iter().filter(|card| card["status"] == "draft");
    let begun = begun.filter(|card| rated.contains(&card["id"].as_u64().unwrap())).count();
    assert_eq!(Some(begun as u64), sown(&truth, "draft_scorecard"));
    let skipped = tables["interviews"].iter().filter(|interview| interview["status"] == "skipped").count();
    assert_eq!(Some(skipped as u64), sown(&truth, "cancelled_interview"));
}

#[test]
fn tables_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("tables");
    let read = |stem: &str| -> Vec<HashMap<String, String>> {
        let (_, bytes) = files.iter().find(|(name, _)| *name == format!("{stem}.csv")).unwrap();
        csv::Reader::from_reader(bytes.as_slice()).deserialize().map(|row| row.unwrap()).collect()
    };
    let applications = read("applications");
    let known: HashSet<&str> = applications.iter().map(|row| row["application_id"].as_str()).collect();
    let doubled = applications.len() - known.len();
    assert_eq!(Some(doubled as u64), sown(&truth, "duplicate_application"));
    assert_eq!(known.len() as u64, LOOPS);
    for stem in ["decisions", "interviews", "events", "outcomes"] {
        assert!(read(stem).iter().all(|row| known.contains(row["application_id"].as_str())), "{stem}");
    }
    let cards = read("scorecards");
    let orphans = cards.iter().filter(|row| !known.contains(row["application_id"].as_str())).count() as u64;
    assert_eq!(Some(orphans), sown(&truth, "orphan_scorecard").map(|count| count * 4));
    let people: HashSet<&str> =
        truth["interviewers"].as_array().unwrap().iter().filter_map(|person| person["id"].as_str()).collect();
    assert!(cards.iter().all(|row| people.contains(row["interviewer_id"].as_str())));
    assert!(cards.iter().all(|row| ["1", "2", "3", "4", "no_decision"].contains(&row["score"].as_str())));
    assert!(cards.iter().any(|row| row["revision"] == "1"));
}
