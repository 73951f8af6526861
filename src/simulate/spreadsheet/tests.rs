//! The workbook read back: what its cells are, and that its rows belong together.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::simulate::format_tests::{LOOPS, sown, write};
use crate::simulate::planted::DIMENSIONS;
use crate::simulate::tests::options;
use crate::simulate::{TRUTH_FILE, simulate};

/// The rows below the headings of each sheet.
fn sheets(files: &[(String, Vec<u8>)]) -> HashMap<String, Vec<Vec<Data>>> {
    let (_, bytes) = files.iter().find(|(name, _)| name == FILE).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names, ["Applications", "Decisions", "Interviews", "Scorecards", "Events", "Outcomes"]);
    let rows = |range: calamine::Range<Data>| range.rows().skip(1).map(<[Data]>::to_vec).collect();
    names.into_iter().map(|name| (name.clone(), rows(book.worksheet_range(&name).unwrap()))).collect()
}

#[test]
fn spreadsheet_references_resolve_and_mess_is_as_stated() {
    let (files, truth) = write("spreadsheet");
    let sheets = sheets(&files);
    let id = |row: &Vec<Data>| row[0].to_string();
    let applications = &sheets["Applications"];
    let known: HashSet<String> = applications.iter().map(id).collect();
    assert_eq!(known.len() as u64, LOOPS);
    assert_eq!(Some((applications.len() - known.len()) as u64), sown(&truth, "duplicate_application"));
    for name in ["Decisions", "Events", "Outcomes"] {
        assert!(!sheets[name].is_empty() && sheets[name].iter().all(|row| known.contains(&id(row))), "{name}");
    }
    assert!(sheets["Interviews"].iter().all(|row| known.contains(&row[1].to_string())));
    let cards = &sheets["Scorecards"];
    let orphans = cards.iter().filter(|row| !known.contains(&id(row))).count() as u64;
    assert_eq!(Some(orphans), sown(&truth, "orphan_scorecard"));
    let statuses = |word: &str| sheets["Interviews"].iter().filter(|row| row[8] == *word).count() as u64;
    assert_eq!(Some(statuses("cancelled")), sown(&truth, "cancelled_interview"));
    assert_eq!(Some(statuses("no_show")), sown(&truth, "no_show_interview"));
    let shadows = cards.iter().filter(|row| row[5] == *"shadow").count() as u64;
    assert_eq!(Some(shadows), sown(&truth, "shadow_scorecard"));
    let undecided = cards.iter().flat_map(|row| &row[6..10]).filter(|cell| **cell == *"no decision").count() as u64;
    assert_eq!(Some(undecided), sown(&truth, "no_decision_rating"));
    assert_eq!(sown(&truth, "draft_scorecard"), None);
    let people: HashSet<&str> =
        truth["interviewers"].as_array().unwrap().iter().filter_map(|person| person["id"].as_str()).collect();
    assert!(cards.iter().all(|row| people.contains(row[2].to_string().as_str())));
}

#[test]
fn days_are_text_in_one_column_and_dates_in_others() {
    let (files, _) = write("spreadsheet");
    let sheets = sheets(&files);
    let is_day_first = |cell: &Data| {
        let parts: Vec<usize> = cell.to_string().split('/').map(str::len).collect();
        matches!(cell, Data::String(_)) && parts == [2, 2, 4]
    };
    assert!(sheets["Applications"].iter().all(|row| is_day_first(&row[12])));
    let serial = |cell: &Data| match cell {
        Data::DateTime(at) => Some(at.as_f64()),
        _ => None,
    };
    assert!(sheets["Decisions"].iter().all(|row| serial(&row[2]).is_some_and(|at| at.fract() == 0.0)));
    assert!(sheets["Events"].iter().all(|row| serial(&row[2]).is_some()));
    assert!(sheets["Events"].iter().any(|row| serial(&row[2]).is_some_and(|at| at.fract() != 0.0)));
    assert!(sheets["Applications"].iter().all(|row| matches!(row[0], Data::Float(_))), "an id is a number");
}

#[test]
fn every_dimension_has_a_column_and_the_configuration_names_it() {
    let config: toml::Table = toml::from_str(CONFIGURATION).unwrap();
    let dimensions = &config["tables"]["scorecards"]["dimensions"];
    for (heading, dimension) in SCORECARDS[6..10].iter().zip(DIMENSIONS) {
        assert_eq!(heading.to_lowercase(), dimension);
        assert_eq!(dimensions[*heading].as_str(), Some(dimension));
    }
}

#[test]
fn a_history_that_no_workbook_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("history");
    let told = simulate(&options(MOST_LOOPS + 1, 1, &FORMAT, &out), &mut |_| {});
    assert!(told.is_err_and(|error| error.to_string().contains("20000 loops")));
    assert!(!out.join(TRUTH_FILE).exists());
}
