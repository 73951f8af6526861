//! How the last quarter stands against the one before it and the same quarter a year earlier, from figures that are
//! known quarter by quarter. Nobody has to ask for it, and nothing is computed again: the numbers stand in the result
//! tables already.

use super::{Side, compare, reading};
use crate::report::model::{Comparison, Measure, Reading, Trend, TrendLine};
use crate::time::Quarter;

/// How many quarters back are looked at: the one before, and the same one a year earlier.
const BACK: [u32; 2] = [1, 4];

/// As many quarters as a small picture shows: two years, and the quarter itself.
const SHOWN: u32 = 8;

/// The trend of the quarter asked for, or else of the last one whose loops can be estimated. `template` says what all
/// quarters have in common.
pub fn trend(numbers: &[(Quarter, Measure)], asked: Option<Quarter>, template: &Side) -> Option<Trend> {
    let estimated = numbers.iter().filter(|(_, measure)| measure.value.is_some() && measure.low.is_some());
    let quarter = asked.or_else(|| estimated.map(|(quarter, _)| *quarter).max())?;
    let side = |quarter: Quarter| Side {
        name: quarter.to_string(),
        quarter: Some(quarter),
        measures: numbers
            .iter()
            .filter(|(of, _)| *of == quarter)
            .map(|(_, measure)| Measure { is_headline: true, ..measure.clone() })
            .collect(),
        ..template.clone()
    };
    let now = side(quarter);
    if now.measures.is_empty() {
        return None;
    }
    let mut summary = Vec::new();
    let mut held: Vec<Comparison> = Vec::new();
    for before in BACK.map(|back| side(quarter.back(back))) {
        if before.measures.is_empty() {
            summary.push(format!("No loop opened in {}, so there is nothing to compare with.", before.name));
        } else {
            let comparison = compare(&now, &before);
            summary.extend(comparison.summary.first().cloned());
            held.push(comparison);
        }
    }
    let lines = now.measures.iter().map(|measure| TrendLine {
        id: measure.id.clone(),
        label: measure.label.clone(),
        unit: measure.unit,
        now: reading(measure),
        changes: held
            .iter()
            .filter_map(|comparison| comparison.changes.iter().find(|change| change.id == measure.id).cloned())
            .collect(),
        quarters: history(numbers, quarter, &measure.id),
    });
    let mut remarks: Vec<String> = Vec::new();
    for remark in held.iter().flat_map(|comparison| &comparison.remarks) {
        if !remarks.contains(remark) {
            remarks.push(remark.clone());
        }
    }
    Some(Trend {
        quarter: now.name.clone(),
        summary,
        against: held.iter().map(|comparison| comparison.against.clone()).collect(),
        lines: lines.collect(),
        remarks,
    })
}

/// The last quarters of one figure, oldest first.
fn history(numbers: &[(Quarter, Measure)], last: Quarter, id: &str) -> Vec<(String, Reading)> {
    let mut found: Vec<(Quarter, &Measure)> = numbers
        .iter()
        .filter(|(quarter, measure)| measure.id == id && *quarter <= last && last.since(*quarter) <= SHOWN)
        .map(|(quarter, measure)| (*quarter, measure))
        .collect();
    found.sort_by_key(|(quarter, _)| *quarter);
    found.into_iter().map(|(quarter, measure)| (quarter.to_string(), reading(measure))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::results::Status;
    use crate::report::model::{Better, Unit, Verdict};

    fn number(quarter: &str, value: Option<f64>) -> Option<(Quarter, Measure)> {
        let measure = Measure {
            id: "median".to_owned(),
            label: "Median".to_owned(),
            is_headline: false,
            unit: Unit::Days,
            better: Better::Lower,
            looks_back: false,
            value,
            low: value.map(|value| value - 1.0),
            high: value.map(|value| value + 1.0),
            n: Some(100),
            method: String::new(),
            status: if value.is_some() { Status::Ok } else { Status::NotEstimable },
            reason: value.is_none().then(|| "fewer than 5 loops".to_owned()),
        };
        Some((Quarter::parse(quarter)?, measure))
    }

    #[test]
    fn the_last_quarter_that_has_a_number_is_held_against_the_one_before_and_the_one_a_year_ago() {
        let numbers: Vec<_> = [
            number("2025Q2", Some(10.0)),
            number("2025Q3", Some(11.0)),
            number("2026Q1", Some(20.0)),
            number("2026Q2", Some(20.5)),
            number("2026Q3", None),
        ]
        .into_iter()
        .flatten()
        .collect();
        let found = trend(&numbers, None, &Side::default());
        let Some(found) = found else { unreachable!("two quarters have numbers") };
        assert_eq!((found.quarter.as_str(), found.against), ("2026Q2", vec!["2026Q1".to_owned(), "2025Q2".to_owned()]));
        let verdicts: Vec<Verdict> = found.lines.iter().flat_map(|line| &line.changes).map(|c| c.verdict).collect();
        assert_eq!(verdicts, [Verdict::Noise, Verdict::Worse]);
        let quarters: Vec<&str> =
            found.lines.iter().flat_map(|line| &line.quarters).map(|(name, _)| name.as_str()).collect();
        assert_eq!(quarters, ["2025Q2", "2025Q3", "2026Q1", "2026Q2"]);
        assert_eq!(
            found.summary.first().map(String::as_str),
            Some("Against 2026Q1, no figure changed by more than noise.")
        );
    }

    #[test]
    fn a_quarter_without_loops_is_said_and_a_report_without_quarters_has_no_trend() {
        let numbers: Vec<_> =
            [number("2026Q2", Some(20.0)), number("2026Q3", Some(20.5))].into_iter().flatten().collect();
        let found = trend(&numbers, Quarter::parse("2026Q3"), &Side::default());
        assert_eq!(
            found.as_ref().and_then(|found| found.summary.last()).map(String::as_str),
            Some("No loop opened in 2025Q3, so there is nothing to compare with.")
        );
        assert_eq!(found.map(|found| found.against), Some(vec!["2026Q2".to_owned()]));
        assert!(trend(&numbers, Quarter::parse("2024Q1"), &Side::default()).is_none());
        assert!(trend(&[], None, &Side::default()).is_none());
    }
}
