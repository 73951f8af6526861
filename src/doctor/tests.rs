#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use std::collections::BTreeSet;

use super::observe::{Observed, WATCHED};
use super::questions::verdict;
use super::*;
use crate::dataset::schema::{ENTITY_TABLES, MissingRecord, Row, Score, Scorecard};
use crate::progress::Silent;
use crate::source::SOURCES;
use crate::source::files::Export;

/// The answer to a need, given counts.
fn answer(need: &str, exports: u64, counts: Counts) -> (Verdict, String, Option<Lack>) {
    let facts = Facts { exports, counts, ..Facts::default() };
    let met = QUESTIONS.iter().flat_map(|question| question.evaluate(&facts)).find(|met| met.need.id == need).unwrap();
    (met.answer.verdict, met.answer.because, met.answer.lack)
}

fn needs() -> BTreeSet<&'static str> {
    QUESTIONS.iter().flat_map(|q| q.essential.iter().chain(q.helpful)).map(|need| need.id).collect()
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(char::is_uppercase) && !text.contains("  ")
}

#[test]
fn every_question_describes_itself() {
    let mut seen = BTreeSet::new();
    for question in QUESTIONS {
        assert!(seen.insert(question.id), "{} twice", question.id);
        assert!(question.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", question.id);
        assert!(question.title.ends_with('?'), "{}", question.title);
        assert!(!question.essential.is_empty(), "{} can always be answered", question.id);
        for need in question.essential.iter().chain(question.helpful) {
            assert!(is_sentence(need.advice), "{}: {}", need.id, need.advice);
        }
    }
    assert_eq!(QUESTIONS.len(), 7, "the six questions, and the channels");
}

#[test]
fn what_sources_advise_is_about_needs_and_reads_well() {
    for source in SOURCES {
        let mut seen = BTreeSet::new();
        for (id, sentence) in source.advice {
            assert!(needs().contains(id) && seen.insert(id), "{}: {id}", source.id);
            assert!(is_sentence(sentence), "{}: {sentence}", source.id);
        }
        assert!(seen.len() > 10, "{} advises on little", source.id);
        let table = |stem: &&str| ENTITY_TABLES.iter().any(|table| table.name == *stem);
        assert!(source.reads.is_empty() || source.reads.iter().any(table), "{} reads no table", source.id);
    }
}

#[test]
fn an_empty_dataset_answers_nothing_and_says_why() {
    let facts = Facts::default();
    for question in QUESTIONS {
        let needs = question.evaluate(&facts);
        assert_eq!(verdict(&needs), Verdict::No, "{}", question.id);
        for met in needs {
            assert_eq!((met.answer.verdict, met.answer.lack), (Verdict::No, Some(Lack::Absent)), "{}", met.need.id);
            assert!(!met.answer.because.is_empty());
        }
    }
}

#[test]
fn reasons_are_numbers_and_thresholds_are_those_of_the_methods() {
    use Lack::{Absent, TooFew};
    use Verdict::{No, Partly, Yes};
    let timed = |timed| answer("decisions", 1, Counts { loops: 50, decided: timed, timed, ..Counts::default() });
    assert_eq!(timed(4).0, No);
    assert!(timed(4).1.ends_with("5 are the least"), "{}", timed(4).1);
    assert_eq!((timed(5).0, timed(5).2), (Partly, Some(TooFew)));
    assert_eq!((timed(20).0, timed(20).2), (Yes, None));
    let panels = |debriefed| answer("debriefs", 1, Counts { panels: 40, debriefed, ..Counts::default() });
    assert_eq!(panels(9), (No, "31 of 40 loops have no debrief instant; 10 are the least".to_owned(), Some(Absent)));
    assert_eq!((panels(25).0, panels(25).2), (Partly, Some(Absent)), "many, but not most");
    assert_eq!(panels(36).0, Yes);
    let shared = |shared, interviewers| {
        let counts = Counts { scored: 40, shared, interviewers, meetings: 80, ..Counts::default() };
        answer("shared-candidates", 1, counts)
    };
    assert!(shared(30, 8).1.starts_with("2.00 interviewers per candidate on average"), "{}", shared(30, 8).1);
    assert_eq!([shared(30, 8).0, shared(30, 7).0, shared(29, 8).0, shared(19, 9).0], [Yes, Partly, Partly, No]);
    let pair = |most| {
        answer("stage-pairs", 1, Counts { scored: most, stages: 2, stage_pairs: vec![most], ..Counts::default() })
    };
    assert_eq!([pair(9).0, pair(10).0, pair(50).0], [No, Partly, Yes]);
    let outcome = |loops, values, rarer| {
        let outcome_kinds = vec![OutcomeKind { loops, values, rarer }];
        answer("outcomes", 1, Counts { outcomes: loops, outcome_kinds, ..Counts::default() }).0
    };
    assert_eq!([outcome(90, 2, 4), outcome(90, 2, 5), outcome(90, 2, 10)], [No, Partly, Yes], "both classes");
    assert_eq!([outcome(9, 4, 0), outcome(10, 4, 0), outcome(30, 4, 0), outcome(90, 1, 0)], [No, Partly, Yes, No]);
    let edits = |exports, edits| answer("edits", exports, Counts { scored: 9, edits, ..Counts::default() });
    assert_eq!(edits(1, 0).1, "only one export: edits are not visible");
    assert_eq!([edits(1, 0).0, edits(1, 3).0, edits(2, 0).0], [No, Yes, Yes]);
}

#[test]
fn every_table_is_watched_in_columns_it_has() {
    let tables: Vec<&str> = WATCHED.iter().map(|watch| watch.table.name).collect();
    // What is missing shows only where a dataset was held against an export.
    let sourced = ENTITY_TABLES.iter().map(|table| table.name).filter(|name| *name != MissingRecord::TABLE.name);
    assert_eq!(tables, sourced.collect::<Vec<_>>());
    for watch in WATCHED {
        assert!(watch.filled.len() <= 16, "{} has more columns than bits", watch.table.name);
        let columns = watch.columns();
        let known = watch.filled.iter().all(|name| columns.contains(name));
        assert!(known && columns.contains(&"application_id"), "{}: {columns:?}", watch.table.name);
    }
}

/// Rows of one table as they would be observed.
fn observed<R: Row>(rows: &[R]) -> Observed {
    let watch = WATCHED.iter().find(|watch| watch.table.name == R::TABLE.name).unwrap();
    let mut builders: Vec<_> = R::TABLE.columns.iter().map(|c| crate::dataset::columns::Builder::new(c.ty)).collect();
    rows.iter().for_each(|row| row.append(&mut builders));
    let columns = builders.iter_mut().map(crate::dataset::columns::Builder::finish).collect();
    let schema = crate::dataset::columns::schema(R::TABLE);
    let mut observed = Observed::new(watch).unwrap();
    observed.take(&arrow::array::RecordBatch::try_new(schema, columns).unwrap()).unwrap();
    observed.settle();
    observed
}

#[test]
fn the_newest_row_of_an_entity_stands_and_changes_of_scores_are_counted() {
    let score = |dimension: &str, milli, revision, day: i64| Score {
        application_id: "7".to_owned(),
        scorecard_id: "c".to_owned(),
        dimension: dimension.to_owned(),
        score_milli: Some(milli),
        revision,
        role: "interviewer".to_owned(),
        recorded_at: Some(crate::time::Instant(day * crate::time::DAY)),
        ..Score::default()
    };
    let scores = observed(&[
        score("craft", 3000, Some(1), 2),
        score("craft", 2000, Some(0), 1),
        score("clarity", 2000, None, 1),
        score("clarity", 4000, None, 1),
        score("pace", 1000, None, 1),
    ]);
    let stands: Vec<_> = scores.rows().iter().filter_map(|row| scores.word(row, "score_milli")).collect();
    assert_eq!(BTreeSet::from_iter(stands), BTreeSet::from(["3000", "4000", "1000"]));
    assert_eq!(scores.changes, 1, "a duplicate of the same instant is no edit");
    let card = |raw: Option<&str>, day: Option<i64>| Scorecard {
        application_id: "7".to_owned(),
        scorecard_id: "c".to_owned(),
        role: "interviewer".to_owned(),
        status: "submitted".to_owned(),
        recommendation_raw: raw.map(str::to_owned),
        submitted_at: day.map(|day| crate::time::Instant(day * crate::time::DAY)),
        ..Scorecard::default()
    };
    let cards =
        observed(&[card(Some("yes"), Some(3)), card(Some("no"), Some(2)), card(None, Some(1)), card(None, None)]);
    let first: Vec<_> = cards.rows().iter().map(observe::Entity::at).collect();
    assert_eq!(first, [Some(2 * crate::time::DAY)], "the first submission of those that recommend something");
}

/// What doctor tells about a folder of files.
fn examined(files: &[(&str, &str)]) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let export = Export::open(folder.path()).unwrap();
    examine_export(&export, None, &Config::default(), &Silent).unwrap()
}

#[test]
fn a_file_nobody_recognises_is_told_by_its_columns_and_what_it_comes_nearest_to() {
    let looks = |name: &str, text: &str| {
        let diagnosis = examined(&[(name, text)]);
        assert!(diagnosis.error().is_some());
        let file = diagnosis.files.into_iter().next().unwrap();
        (file.columns, file.looks_like.map(|looks| format!("{} {}", looks.source, looks.name)))
    };
    let (columns, like) = looks("endings.csv", "Application ID;Decided at;Decision\n1;2026-01-01;yes\n");
    assert_eq!(columns, ["Application ID", "Decided at", "Decision"]);
    assert_eq!(like.unwrap(), "tables decisions");
    let card = r#"[{"id": 1, "interview_kit_id": 2, "submitter_id": 3, "candidate_rating": "yes"}]"#;
    assert_eq!(looks("dump.json", card).1.unwrap(), "greenhouse-v3 scorecards");
    assert_eq!(looks("payroll.csv", "wage,tax\n1,2\n"), (vec!["wage".to_owned(), "tax".to_owned()], None));
}

#[test]
fn a_first_line_or_a_key_that_could_be_a_value_is_not_told() {
    for (name, text) in [
        ("a.csv", "Kate Austen,reject,Berlin\nJack Shephard,reject,Rome\n"),
        ("b.csv", "Kate Austen,7\nJack Shephard,8\n"),
        ("c.csv", "kate@example.com,Berlin\n"),
        ("d.csv", "Kate Austen,2026-01-02\n"),
        ("e.csv", "Kate Austen,Berlin\n"),
        ("f.json", r#"{"Kate Austen": [1]}"#),
        ("g.json", r#"{"kate@example.com": {"a": 1}}"#),
        ("i.json", "7"),
        ("j.csv", "\n"),
    ] {
        let diagnosis = examined(&[(name, text)]);
        let file = diagnosis.files.first().unwrap();
        assert!(file.columns.is_empty() && !file.remarks.is_empty(), "{name}: {file:?}");
        assert!(!diagnosis.json().unwrap().contains("Kate") && !diagnosis.text().contains("Kate"), "{name}");
    }
}

#[test]
fn the_sheets_of_a_workbook_nobody_recognises_are_told_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheets: [(&str, &[&[&str]]); 3] = [
        ("Endings", &[&["Application ID", "Decided at", "Decision"], &["1", "2026-01-01", "yes"]]),
        ("Team", &[&["Kate Austen", "reject"], &["Jack Shephard", "reject"]]),
        ("Twice", &[&["Kate Austen", "Kate Austen", "Rome"], &["a", "b", "c"]]),
    ];
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
    book.save(folder.path().join("hiring.xlsx")).unwrap();
    let export = Export::open(folder.path()).unwrap();
    let diagnosis = examine_export(&export, None, &Config::default(), &Silent).unwrap();
    let told: Vec<_> = diagnosis.files.iter().map(|file| (file.file.as_str(), file.columns.len())).collect();
    assert_eq!(told, [("hiring.xlsx#Endings", 3), ("hiring.xlsx#Team", 0), ("hiring.xlsx#Twice", 0)]);
    let like = diagnosis.files.first().unwrap().looks_like.as_ref().map(|looks| looks.name.as_str());
    assert_eq!(like, Some("decisions"));
    assert!(!diagnosis.json().unwrap().contains("Kate"));
}
