//! What the data could not answer, question by question: the rows of the result tables that are thin or empty.

use crate::engine::results::Status;
use crate::report::model::{Report, Section};
use crate::report::number::{count, plural};

/// Adds to each question how many rows behind it the data does not carry, so that nobody takes a gap for a zero.
pub(super) fn tell(report: &mut Report<'_>) {
    let tables = report.tables;
    for section in &mut report.sections {
        let mut named: Vec<&str> = section.tables.iter().map(|table| table.full.as_str()).collect();
        named.dedup();
        let weak: Vec<String> = tables
            .iter()
            .filter(|table| named.contains(&format!("tables/{}.parquet", table.spec.name).as_str()))
            .filter_map(|table| {
                let with = |status: Status| {
                    let is = |row: &&Vec<_>| table.get(row, "status").as_text() == Some(status.word());
                    table.rows.iter().filter(is).count() as i64
                };
                sentence(table.spec.name, table.rows.len() as i64, with(Status::Thin), with(Status::NotEstimable))
            })
            .collect();
        told(section, weak);
    }
}

fn told(section: &mut Section, weak: Vec<String>) {
    section.limits.extend(weak);
    if section.limits.is_empty() && !section.answer.is_empty() {
        section.limits.push("Nothing: every number here rests on enough data.".to_owned());
    }
}

fn sentence(name: &str, rows: i64, thin: i64, empty: i64) -> Option<String> {
    let parts = match (thin, empty) {
        (0, 0) => return None,
        (thin, 0) => format!("{} on thin data", plural(thin, "rests", "rest")),
        (0, empty) => format!("{} no estimate", plural(empty, "has", "have")),
        (thin, empty) => {
            format!("{} on thin data and {} no estimate", plural(thin, "rests", "rest"), plural(empty, "has", "have"))
        }
    };
    Some(format!("Of {} rows of `tables/{name}.parquet`, {parts}; their column `reason` says why.", count(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_counted_and_their_absence_is_said() {
        assert_eq!(
            sentence("waits", 20, 1, 3).as_deref(),
            Some(
                "Of 20 rows of `tables/waits.parquet`, 1 rests on thin data and 3 have no estimate; their column \
                 `reason` says why."
            )
        );
        assert_eq!(sentence("waits", 20, 0, 0), None);
    }
}
