//! The extracts of warehouses read back: their tables join, and what they hold is what the truth says.

use std::collections::{HashMap, HashSet};

use super::format_tests::{LOOPS, sown, write};

type Row = HashMap<String, String>;

/// The tables of an extract.
struct Extract(HashMap<String, Vec<Row>>);

impl Extract {
    fn of(files: &[(String, Vec<u8>)]) -> Self {
        let tables = files.iter().filter_map(|(name, bytes)| Some((name.strip_suffix(".csv")?, bytes)));
        let read =
            |bytes: &Vec<u8>| csv::Reader::from_reader(bytes.as_slice()).deserialize().map(Result::unwrap).collect();
        Self(tables.map(|(name, bytes)| (name.to_owned(), read(bytes))).collect())
    }

    fn rows(&self, table: &str) -> &[Row] {
        &self.0[table]
    }

    fn ids(&self, table: &str) -> HashSet<&str> {
        let rows = self.rows(table);
        let ids: HashSet<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "{table}: a warehouse has one row per id");
        ids
    }

    fn count(&self, table: &str, test: impl Fn(&Row) -> bool) -> Option<u64> {
        Some(self.rows(table).iter().filter(|row| test(row)).count() as u64)
    }

    /// How many references lead nowhere; empty ones lead nowhere on purpose.
    fn dangling(&self, table: &str, column: &str, target: &str) -> Option<u64> {
        let known = self.ids(target);
        assert!(self.rows(table).iter().any(|row| known.contains(row[column].as_str())), "{table}.{column}");
        self.count(table, |row| !row[column].is_empty() && !known.contains(row[column].as_str()))
    }
}

/// Every instant is written without a zone, with a space, and never as a date that is one.
fn is_stamp(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    text.is_empty() || shape == "0000-00-00 00:00:00.000"
}

#[test]
fn greenhouse_warehouse_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("greenhouse-warehouse");
    let extract = Extract::of(&files);
    let orphans = sown(&truth, "orphan_scorecard");
    for (table, column, target, allowed) in [
        ("application", "source_id", "source", Some(0)),
        ("application", "current_stage_id", "job_stage", Some(0)),
        ("application", "rejected_reason_id", "rejection_reason", Some(0)),
        ("application", "credited_to_user_id", "user", Some(0)),
        ("job_application", "application_id", "application", Some(0)),
        ("job_application", "job_id", "job", Some(0)),
        ("job_department", "department_id", "department", Some(0)),
        ("job_office", "office_id", "office", Some(0)),
        ("hiring_team", "user_id", "user", Some(0)),
        ("application_stages", "application_id", "application", Some(0)),
        ("application_stages", "stage_id", "job_stage", Some(0)),
        ("application_history", "application_id", "application", Some(0)),
        ("application_history", "new_stage_id", "job_stage", Some(0)),
        ("scorecard", "application_id", "application", orphans),
        ("scorecard", "submitted_by_user_id", "user", Some(0)),
        ("scorecard_attribute", "scorecard_id", "scorecard", Some(0)),
        ("scheduled_interview", "application_id", "application", Some(0)),
        ("scheduled_interview", "interview_id", "interview", Some(0)),
        ("scheduled_interviewer", "scheduled_interview_id", "scheduled_interview", Some(0)),
        ("scheduled_interviewer", "interviewer_id", "user", Some(0)),
        ("scheduled_interviewer", "scorecard_id", "scorecard", Some(0)),
        ("offer", "application_id", "application", Some(0)),
    ] {
        assert_eq!(extract.dangling(table, column, target), allowed, "{table}.{column}");
    }
    let prospects = sown(&truth, "prospect_application");
    assert_eq!(extract.count("application", |row| row["prospect"] == "true"), prospects);
    assert_eq!(extract.rows("application").len() as u64, LOOPS + prospects.unwrap());
    let misspelt = sown(&truth, "misspelt_rating");
    assert!(misspelt > Some(0));
    assert_eq!(extract.count("scorecard_attribute", |row| row["rating"] == "stong_yes"), misspelt);
    let undecided = |row: &Row| row["overall_recommendation"] == "no_decision";
    assert!(extract.count("scorecard", undecided) >= sown(&truth, "no_decision_recommendation"));
    for kind in ["draft_scorecard", "cancelled_interview", "duplicate_application", "duplicate_scorecard"] {
        assert_eq!(sown(&truth, kind), None, "{kind}");
    }
    // Every stage of the job is there, and most of them were never reached.
    let stages = extract.rows("application_stages");
    assert_eq!(stages.len() as u64, LOOPS * super::world::SLOTS as u64);
    let unreached = stages.iter().filter(|row| row["entered_on"].is_empty()).count();
    assert!(unreached > stages.len() / 4 && stages.iter().all(|row| is_stamp(&row["entered_on"])));
    assert!(extract.rows("scorecard").iter().all(|row| is_stamp(&row["submitted_at"])));
}

#[test]
fn lever_warehouse_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("lever-warehouse");
    let extract = Extract::of(&files);
    let deleted = extract.count("feedback_form", |row| !row["deleted_at"].is_empty());
    let strays = extract.dangling("feedback_form", "opportunity_id", "opportunity");
    assert!(sown(&truth, "orphan_scorecard") > Some(0) && strays == sown(&truth, "orphan_scorecard"));
    for (table, column, target) in [
        ("opportunity", "stage_id", "stage"),
        ("opportunity", "archived_reason_id", "archive_reason"),
        ("opportunity", "owner_id", "user"),
        ("opportunity_source", "opportunity_id", "opportunity"),
        ("application", "opportunity_id", "opportunity"),
        ("application", "posting_id", "posting"),
        ("application", "posting_hiring_manager_id", "user"),
        ("opportunity_stage_history", "opportunity_id", "opportunity"),
        ("opportunity_stage_history", "stage_id", "stage"),
        ("opportunity_stage_history", "updater_user_id", "user"),
        ("interview", "opportunity_id", "opportunity"),
        ("interview", "stage_id", "stage"),
        ("interviewer_user", "interview_id", "interview"),
        ("interviewer_user", "user_id", "user"),
        ("feedback_form", "interview_id", "interview"),
        ("feedback_form", "creator_id", "user"),
        ("feedback_form_field", "feedback_form_id", "feedback_form"),
        ("offer", "opportunity_id", "opportunity"),
    ] {
        assert_eq!(extract.dangling(table, column, target), Some(0), "{table}.{column}");
    }
    assert!(deleted > Some(0) && deleted == sown(&truth, "deleted_scorecard"));
    let spelled = extract.count("feedback_form", |row| row["score_system_value"] == "null");
    assert!(spelled > Some(0) && spelled == sown(&truth, "null_text"));
    let drafts = extract.count("feedback_form", |row| row["completed_at"].is_empty());
    assert!(drafts > Some(0) && drafts == sown(&truth, "draft_scorecard"));
    let cancelled = extract.count("interview", |row| !row["canceled_at"].is_empty());
    assert!(cancelled > Some(0) && cancelled == sown(&truth, "cancelled_interview"));
    let applied: HashSet<&str> = extract.rows("application").iter().map(|row| row["opportunity_id"].as_str()).collect();
    let leads = extract.count("opportunity", |row| !applied.contains(row["id"].as_str()));
    assert!(leads > Some(0) && leads == sown(&truth, "prospect_application"));
    let fields = extract.rows("feedback_form_field");
    assert_eq!(fields.len(), 5 * extract.rows("feedback_form").len());
    let texts: HashSet<&str> = fields.iter().map(|row| row["value_number"].as_str()).collect();
    assert_eq!(texts, HashSet::from(["", "1", "2", "3", "4"]));
    assert!(extract.rows("feedback_form").iter().all(|row| is_stamp(&row["completed_at"])));
}
