//! A small extract of Greenhouse; each trap has a test of its name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test should say where")]

use crate::config::Config;
use crate::error::Result;
use crate::source::record::testing::{Kept, try_read_as};
use crate::source::tables::SOURCE;

const APPLICATION: &str = "\
id,candidate_id,job_id,status,applied_at,rejected_at,rejection_reason_id,source_id,prospect,_fivetran_deleted
1,901,50,hired,2026-01-05 09:00:00.000,,,3,false,false
2,902,50,rejected,2026-01-06 09:00:00.000,2026-01-20 12:30:00.000,7,3,false,false
3,903,50,rejected,2026-01-07 09:00:00.000,2026-01-21 12:30:00.000,8,99,false,false
4,904,50,active,2026-01-08 09:00:00.000,,,,false,false
5,905,,active,2026-01-09 09:00:00.000,,,,true,false
6,906,50,active,2026-01-10 09:00:00.000,,,,false,true
";
const OFFER: &str = "\
id,application_id,version,status,created_at,sent_at,resolved_at,starts_at
71,1,1,deprecated,2026-01-25 10:00:00,2026-01-25,,2026-03-02
72,1,2,accepted,2026-01-26 10:00:00,2026-01-27,2026-01-29 15:00:00,2026-03-02
";
const SCORECARD: &str = "\
id,application_id,candidate_id,interview,interviewed_at,overall_recommendation,submitted_at,submitted_by_user_id,updated_at
201,1,901,Onsite,2026-01-12 10:00:00,strong_yes,2026-01-12 12:00:00.000,31,2026-01-12 12:00:00.000
202,2,902,Onsite,2026-01-13 10:00:00,no_decision,2026-01-13 12:00:00.000,32,2026-01-14 12:00:00.000
203,4,904,Onsite,2026-01-14 10:00:00,,,32,2026-01-14 09:00:00.000
";
const ATTRIBUTE: &str = "\
index,scorecard_id,name,note,rating,type
0,201,Craft,Good,strong_yes,Skills
1,201,Clarity,,stong_yes,Skills
0,202,Craft,,mixed,Skills
0,203,Craft,,no,Skills
0,299,Craft,,yes,Skills
";
const INTERVIEW: &str = "\
id,application_id,interview_id,start,end,status,created_at
101,1,41,2026-01-12 10:00:00,2026-01-12 11:00:00,complete,2026-01-10 08:00:00
102,2,41,2026-01-13 10:00:00,2026-01-13 11:00:00,rescheduled,2026-01-10 09:00:00
";
const STAGES: &str = "\
application_id,stage_id,stage_name,entered_on,exited_on
1,11,Phone screen,2026-01-06 08:00:00,2026-01-11 08:00:00
1,12,Onsite,2026-01-11 08:00:00,
1,13,Reference check,,
";

fn greenhouse() -> Vec<(&'static str, &'static str)> {
    vec![
        ("application.csv", APPLICATION),
        ("job.csv", "id,name,department_id,status\n50,Engineer,6,open\n"),
        ("department.csv", "id,name\n6,Engineering\n"),
        ("source.csv", "id,name\n3,Referral\n"),
        (
            "rejection_reason.csv",
            "id,name,type_name\n7,Too junior,We rejected them\n8,Took another job,They rejected us\n",
        ),
        ("offer.csv", OFFER),
        ("scorecard.csv", SCORECARD),
        ("scorecard_attribute.csv", ATTRIBUTE),
        ("scheduled_interview.csv", INTERVIEW),
        ("interview.csv", "id,name\n41,System design\n"),
        (
            "scheduled_interviewer.csv",
            "scheduled_interview_id,interviewer_id,scorecard_id\n101,33,201\n102,32,202\n199,32,\n",
        ),
        ("application_stages.csv", STAGES),
        ("user.csv", "id,first_name,last_name\n33,Ada,Byron\n"),
        ("eeoc.csv", "application_id,race\n1,x\n"),
    ]
}

pub(super) fn read(preset: &str, files: &[(&str, &str)]) -> Result<Kept> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let config = Config::parse(&format!("preset = '{preset}'"), "test").unwrap();
    try_read_as(&SOURCE, &config, &files)
}

fn greenhouse_without(names: &[&str]) -> Kept {
    let files: Vec<_> = greenhouse().into_iter().filter(|(name, _)| !names.contains(name)).collect();
    read("greenhouse-warehouse", &files).unwrap()
}

#[test]
fn a_greenhouse_extract_gives_loops_with_their_ends() {
    let kept = greenhouse_without(&[]);
    let loops: Vec<String> = kept
        .applications
        .iter()
        .map(|a| {
            format!(
                "{} {:?} {:?} {:?}",
                a.application_id,
                a.department,
                a.source,
                a.closed_at.map(|at| at.to_rfc3339())
            )
        })
        .collect();
    assert_eq!(
        loops,
        [
            r#"1 Some("Engineering") Some("Referral") Some("2026-01-29T15:00:00Z")"#,
            r#"2 Some("Engineering") Some("Referral") Some("2026-01-20T12:30:00Z")"#,
            r#"3 Some("Engineering") None Some("2026-01-21T12:30:00Z")"#,
            r#"4 Some("Engineering") None None"#,
        ]
    );
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
            r#"1 offer Some("accepted") None Some("offer_created")"#,
            r#"2 reject None Some("Too junior") Some("rejected_at")"#,
            r#"3 withdrawn None Some("Took another job") Some("rejected_at")"#,
        ]
    );
    let offer = kept.decisions.iter().find(|d| d.decision == "offer").unwrap();
    assert_eq!(offer.decided_at.unwrap().to_rfc3339(), "2026-01-25T10:00:00Z", "decided with the first version");
    assert_eq!(kept.names, [("33".to_owned(), "Ada Byron".to_owned())].into());
    assert_eq!(
        kept.rejects(),
        ["not_a_loop", "deleted", "unknown_reference application_id", "unknown_reference application_id"]
    );
}

#[test]
fn times_without_a_zone_are_utc() {
    let kept = greenhouse_without(&[]);
    assert_eq!(kept.applications[0].applied_at.unwrap().to_rfc3339(), "2026-01-05T09:00:00Z");
    assert_eq!(kept.applications[0].applied_precision.as_deref(), Some("instant"));
}

#[test]
fn stages_that_were_never_reached_are_lookups() {
    let kept = greenhouse_without(&["offer.csv"]);
    assert_eq!(
        kept.happened(),
        [
            r#"stage_entered ("Phone screen") 2026-01-06T08:00:00Z ("instant")"#,
            r#"stage_left ("Phone screen") 2026-01-11T08:00:00Z ("instant")"#,
            r#"stage_entered ("Onsite") 2026-01-11T08:00:00Z ("instant")"#,
        ]
    );
    let account = kept.account("application_stages.csv");
    assert_eq!((account.read, account.kept, account.lookups), (3, 2, 1));
    assert!(account.remarks.contains("rows that tables.events leaves out: 1"), "{:?}", account.remarks);
}

#[test]
fn a_misspelt_label_is_kept_as_missing_and_told_with_the_line_to_write() {
    let kept = greenhouse_without(&[]);
    let misspelt = kept.scores.iter().find(|score| score.dimension == "Clarity").unwrap();
    assert_eq!((misspelt.score_milli, misspelt.missing.as_deref()), (None, Some("unknown_label")));
    assert_eq!(misspelt.score_raw.as_deref(), Some("stong_yes"));
    let account = kept.account("scorecard_attribute.csv");
    assert_eq!(account.unknown_labels[&("score".to_owned(), "stong_yes".to_owned())], 1);
    let line = r#"[tables.scorecards.values.score] "stong_yes" = "...""#;
    assert!(account.remarks.iter().any(|remark| remark.ends_with(line)), "{:?}", account.remarks);
    // An interview of a status that nobody knows took place or not: that is not for us to say.
    let statuses: Vec<&str> = kept.interviews.iter().map(|interview| interview.status.as_str()).collect();
    assert_eq!(statuses, ["done", "unknown"]);
}

#[test]
fn cards_and_scores_are_rated_on_their_own_scales() {
    let kept = greenhouse_without(&[]);
    let cards: Vec<_> = kept
        .cards
        .iter()
        .map(|c| (c.scorecard_id.as_str(), c.status.as_str(), c.recommendation, c.recommendation_missing.as_deref()))
        .collect();
    assert_eq!(
        cards,
        [
            ("201", "submitted", Some(4), None),
            ("202", "submitted", None, Some("no_decision")),
            ("203", "draft", None, Some("not_given")),
        ]
    );
    assert_eq!(kept.cards[0].recommendation_levels, Some(4));
    let score = &kept.scores[0];
    assert_eq!(
        (score.score_milli, score.scale_levels, score.scale.as_str()),
        (Some(5000), Some(5), "greenhouse-attribute-5")
    );
    assert_eq!(score.dimension_kind.as_deref(), Some("Skills"));
    // A rating on a card that was never submitted counts as little as the card.
    assert_eq!(kept.scores.iter().map(|s| s.scorecard_id.as_str()).collect::<Vec<_>>(), ["201", "201", "202"]);
}

#[test]
fn a_lookup_of_a_missing_row_rejects_what_cannot_be_placed_and_tells_of_the_rest() {
    let kept = greenhouse_without(&[]);
    let places: Vec<String> = kept
        .ledger
        .rejects
        .iter()
        .filter(|(_, r)| r.reason == "unknown_reference")
        .map(|(file, r)| format!("{} {}", kept.ledger.files[file.0 as usize].file, r.place))
        .collect();
    assert_eq!(places, ["scheduled_interviewer.csv line 4", "scorecard_attribute.csv line 6"]);
    let remark = "rows kept without source, whose row of source is not there: 1";
    assert!(kept.account("application.csv").remarks.contains(remark), "{:?}", kept.account("application.csv").remarks);
}

#[test]
fn lookups_are_chained_and_go_by_any_column() {
    let kept = greenhouse_without(&[]);
    // From the card to the seat that it was written on, and to whose seat that is.
    assert_eq!(kept.cards[0].interview_id.as_deref(), Some("101"));
    assert_eq!(kept.cards[0].interviewer_id.as_deref(), Some("33"));
    assert_eq!(kept.cards[0].submitted_by.as_deref(), Some("31"));
    assert_eq!(kept.scores[0].interviewer_id.as_deref(), Some("33"));
    assert_eq!(kept.interviews[0].stage.as_deref(), Some("System design"));
    let seats: Vec<_> =
        kept.panel.iter().map(|seat| (seat.application_id.as_str(), seat.interview_id.as_str())).collect();
    assert_eq!(seats, [("1", "101"), ("2", "102")]);
}

#[test]
fn a_table_that_nothing_reads_has_an_account_that_says_so() {
    let kept = greenhouse_without(&[]);
    let account = kept.account("eeoc.csv");
    assert_eq!((account.kind.as_str(), account.read), ("not read", 0));
}

#[test]
fn the_events_of_an_offer_come_along_with_its_decision() {
    let kept = greenhouse_without(&["application_stages.csv"]);
    let mut happened = kept.happened();
    happened.sort();
    assert_eq!(
        happened,
        [
            r#"offer_resolved None 2026-01-29T15:00:00Z ("instant")"#,
            r#"offer_sent None 2026-01-27T00:00:00Z ("day")"#,
            r#"started None 2026-03-02T00:00:00Z ("day")"#,
        ]
    );
    let account = kept.account("offer.csv");
    assert_eq!((account.read, account.kept, account.lookups), (2, 1, 1));
}

#[test]
fn a_history_of_changes_stands_in_for_stages_only_where_there_are_none() {
    let history = (
        "application_history.csv",
        "application_id,updated_at,new_stage_id,new_status\n\
         1,2026-01-11 08:00:00,12,active\n\
         1,2026-01-06 08:00:00,11,active\n\
         1,2026-01-29 15:00:00,12,hired\n",
    );
    let stages = ("job_stage.csv", "id,job_id,name\n11,50,Phone screen\n12,50,Onsite\n");
    let base = [("application.csv", APPLICATION), history, stages];
    let kept = read("greenhouse-warehouse", &base).unwrap();
    let mut happened = kept.happened();
    happened.sort();
    assert_eq!(
        happened,
        [
            r#"stage_entered ("Onsite") 2026-01-11T08:00:00Z ("instant")"#,
            r#"stage_entered ("Phone screen") 2026-01-06T08:00:00Z ("instant")"#,
            r#"stage_left ("Onsite") 2026-01-29T15:00:00Z ("instant")"#,
            r#"stage_left ("Phone screen") 2026-01-11T08:00:00Z ("instant")"#,
        ]
    );
    let both = [base.as_slice(), &[("application_stages.csv", STAGES)]].concat();
    let kept = read("greenhouse-warehouse", &both).unwrap();
    assert_eq!(kept.events.len(), 3);
    assert_eq!(kept.account("application_history.csv").kind, "not read");
}

#[test]
fn a_table_whose_lookup_is_not_exported_says_what_to_export() {
    let error =
        read("greenhouse-warehouse", &[("application.csv", APPLICATION), ("scorecard_attribute.csv", ATTRIBUTE)]);
    let error = error.unwrap_err();
    assert!(error.what.contains("nothing in the extract tells application_id"), "{error}");
    assert!(error.help.unwrap().contains("(scorecard)"));
}

#[test]
fn ndjson_and_files_in_the_plural_give_the_same() {
    let json = |text: &str| {
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let names = lines.next().unwrap();
        let record = |cells: Vec<&str>| {
            let cells = names.iter().zip(cells).map(|(name, cell)| (name.to_string(), serde_json::json!(cell)));
            serde_json::Value::Object(cells.filter(|(_, cell)| cell != "").collect()).to_string()
        };
        lines.map(record).collect::<Vec<_>>().join("\n")
    };
    let files: Vec<(String, String)> = greenhouse()
        .into_iter()
        .map(|(name, text)| (name.replace(".csv", "s.ndjson").replace("ss.", "s."), json(text)))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (csv, ndjson) = (greenhouse_without(&[]), read("greenhouse-warehouse", &files).unwrap());
    assert_eq!(format!("{:?}", csv.scores), format!("{:?}", ndjson.scores));
    assert_eq!(format!("{:?}", csv.decisions), format!("{:?}", ndjson.decisions));
    assert_eq!(csv.happened(), ndjson.happened());
}

#[test]
fn words_of_the_user_go_before_those_of_the_preset() {
    let text = "preset = 'greenhouse-warehouse'\n[tables.scorecards.values]\nstong_yes = '5'";
    let config = Config::parse(text, "test").unwrap();
    let files = greenhouse();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let kept = try_read_as(&SOURCE, &config, &files).unwrap();
    assert_eq!(
        kept.scores.iter().map(|score| score.score_milli).collect::<Vec<_>>(),
        [Some(5000), Some(5000), Some(3000)]
    );
}
