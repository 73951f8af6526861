//! What the data could not answer, question by question: the rows of the result tables that are thin or empty.

use crate::engine::results::Status;
use crate::report::model::Report;
use crate::report::number::count;

/// Adds to each question how many rows behind it the data does not carry, so that nobody takes a gap for a zero.
pub(super) fn tell(report: &mut Report<'_>) {
    let tables = report.tables;
    for section in &mut report.sections {
        let named = |name: &str| section.tables.iter().any(|table| table.full == format!("tables/{name}.parquet"));
        let weak: Vec<(&str, usize, usize)> = tables
            .iter()
            .filter(|table| named(table.spec.name))
            .map(|table| {
                let is_weak = |row: &&Vec<_>| {
                    let status = table.get(row, "status").as_text();
                    status == Some(Status::Thin.word()) || status == Some(Status::NotEstimable.word())
                };
                (table.spec.name, table.rows.iter().filter(is_weak).count(), table.rows.len())
            })
            .filter(|(_, weak, _)| *weak > 0)
            .collect();
        section.limits.extend(sentence(&weak));
        if section.limits.is_empty() && !section.answer.is_empty() {
            section.limits.push("Nothing: every number here rests on enough data.".to_owned());
        }
    }
}

/// From the name of each table, its rows that are thin or empty, and all of them.
fn sentence(weak: &[(&str, usize, usize)]) -> Option<String> {
    let one = |(name, weak, all): &(&str, usize, usize)| {
        format!("{} of {} in `{name}`", count(*weak as i64), count(*all as i64))
    };
    let parts: Vec<String> = weak.iter().map(one).collect();
    (!parts.is_empty()).then(|| {
        format!(
            "Rows with thin data or without an estimate: {}. Their column `reason` says what is missing.",
            parts.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_counted_table_by_table() {
        assert_eq!(
            sentence(&[("waits", 4, 20), ("loops", 1, 1_200)]).as_deref(),
            Some(
                "Rows with thin data or without an estimate: 4 of 20 in `waits`, 1 of 1\u{202f}200 in `loops`. Their \
                 column `reason` says what is missing."
            )
        );
        assert_eq!(sentence(&[]), None);
    }
}
