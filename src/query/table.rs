//! An answer for a terminal: aligned columns, numbers to be read, foreign text harmless.

use arrow::array::RecordBatch;

use super::value::{self, Value};
use super::{Format, Shown};
use crate::error::Result;
use crate::report::number::{count, figure, plural, visible};

/// The format.
pub(super) const FORMAT: Format =
    Format { id: "table", summary: "aligned columns, for a terminal; the first 50 rows", shown: Shown::Text(render) };

/// Stands for a missing value.
const MISSING: &str = "·";
/// Longer texts are cut.
const LONGEST: usize = 60;
/// From here on a whole number has thin spaces between its thousands; a year has none.
const GROUPED: u64 = 10_000;

#[expect(clippy::unnecessary_wraps, reason = "every format of the registry may fail")]
fn render(answer: &RecordBatch, most: Option<usize>) -> Result<String> {
    let rows = answer.num_rows();
    let shown = most.map_or(rows, |most| most.min(rows));
    let columns: Vec<(bool, Vec<String>)> = value::names(answer)
        .iter()
        .zip(answer.columns())
        .map(|(name, column)| {
            let head = std::iter::once(visible(name, LONGEST));
            let cells = (0..shown).map(|row| cell(Value::of(column, row)));
            (Value::is_number(column), head.chain(cells).collect())
        })
        .collect();
    let wide = |cells: &[String]| cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(|(_, cells)| wide(cells)).collect();
    let mut out = String::new();
    for line in 0..=shown {
        let cells: Vec<String> = columns
            .iter()
            .zip(&widths)
            .filter_map(|((is_number, cells), width)| {
                let cell = cells.get(line)?;
                Some(if *is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") })
            })
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
        if line == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            out.push_str(&rules.join("  "));
            out.push('\n');
        }
    }
    let rows = rows as i64;
    match rows - shown as i64 {
        0 => out.push_str(&format!("{}\n", plural(rows, "row", "rows"))),
        more => out.push_str(&format!(
            "{}; {} not shown: --all shows them, --format csv writes them\n",
            plural(rows, "row", "rows"),
            count(more)
        )),
    }
    Ok(out)
}

fn cell(value: Value<'_>) -> String {
    match value {
        Value::Missing => MISSING.to_owned(),
        Value::Text(text) => visible(text, LONGEST),
        Value::Int(number) if number.unsigned_abs() < GROUPED => number.to_string().replace('-', "−"),
        Value::Int(number) => count(number),
        Value::Float(number) if number != 0.0 && number.abs() < 0.001 => format!("{number:.1e}").replace('-', "−"),
        Value::Float(number) => figure(number),
        Value::Flag(flag) => flag.to_string(),
        Value::Instant(_) | Value::Date(_) => value.moment().unwrap_or_default(),
    }
}
