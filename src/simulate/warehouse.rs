//! What extracts of a data warehouse have in common: one CSV file per table, in the singular, and times in UTC
//! that do not say so.

use std::path::Path;

use super::output::{CsvTable, Totals};
use crate::error::Result;
use crate::time::Instant;

/// An instant as a connector writes it: a space, no zone, milliseconds.
pub(super) fn stamp(at: Instant) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

/// The same, empty where there is none.
pub(super) fn stamped(at: Option<Instant>) -> String {
    at.map(stamp).unwrap_or_default()
}

/// Opens a table.
pub(super) fn table<const COLUMNS: usize>(
    out: &Path,
    name: &str,
    columns: [&str; COLUMNS],
) -> Result<CsvTable<COLUMNS>> {
    CsvTable::create(out.join(format!("{name}.csv")), columns)
}

/// Writes a table that does not grow with the loops.
pub(super) fn whole<const COLUMNS: usize>(
    out: &Path,
    name: &str,
    columns: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Result<Totals> {
    let mut written = table(out, name, columns)?;
    for row in rows {
        written.row(row.each_ref().map(String::as_str))?;
    }
    written.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_no_zone_and_milliseconds() {
        assert_eq!(stamp(Instant(1_706_680_800_000_000)), "2024-01-31 06:00:00.000");
        assert_eq!(stamp(Instant(1_706_680_800_012_999)), "2024-01-31 06:00:00.012");
        assert_eq!(stamped(None), "");
    }
}
