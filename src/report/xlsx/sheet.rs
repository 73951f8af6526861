//! One result table on a sheet: all rows, the header frozen, the meaning of each column as a note on its heading.

use rust_xlsxwriter::{Format as CellFormat, Note, Worksheet, XlsxError};

use super::{Looks, moment, text};
use crate::engine::results::{Cell, ResultTable, TableSpec};
use crate::report::number;

/// Rows whose texts decide how wide a column is.
const LOOKED_AT: usize = 200;
/// The narrowest and the widest column, in characters.
const WIDTHS: (usize, usize) = (9, 48);

pub(super) fn write(
    sheet: &mut Worksheet,
    table: &ResultTable,
    most_rows: usize,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let rows = table.rows.len().min(most_rows);
    let columns = table.spec.columns;
    for (at, column) in columns.iter().enumerate() {
        let at = at as u16;
        if let Some(format) = number_format(table.spec, column.name) {
            sheet.set_column_format(at, &CellFormat::new().set_num_format(format))?;
        }
        sheet.set_column_width(at, width(table, at as usize) as f64)?;
        sheet.write_string_with_format(0, at, column.name, &looks.head)?;
        sheet.insert_note(0, at, &note(column.meaning))?;
    }
    for (row, cells) in table.rows.iter().take(rows).enumerate() {
        for (at, cell) in cells.iter().enumerate() {
            put(sheet, (row as u32 + 1, at as u16), cell, looks)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if let Some(last) = columns.len().checked_sub(1).filter(|_| rows > 0) {
        sheet.autofilter(0, 0, rows as u32, last as u16)?;
    }
    sheet.set_landscape().set_repeat_rows(0, 0)?.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn put(sheet: &mut Worksheet, at: (u32, u16), cell: &Cell, looks: &Looks) -> Result<(), XlsxError> {
    match cell {
        Cell::Null => {}
        Cell::Text(value) => text(sheet, at, value, looks)?,
        Cell::Int(value) => {
            sheet.write_number(at.0, at.1, *value as f64)?;
        }
        // A number that is none would make the file unreadable.
        Cell::Float(value) => {
            if value.is_finite() {
                sheet.write_number(at.0, at.1, *value)?;
            }
        }
        Cell::Flag(value) => {
            sheet.write_boolean(at.0, at.1, *value)?;
        }
        Cell::Instant(value) => match moment(*value) {
            Ok(moment) => {
                sheet.write_datetime(at.0, at.1, &moment)?;
            }
            // A time before Excel's first day.
            Err(_) => text(sheet, at, &value.to_rfc3339(), looks)?,
        },
    }
    Ok(())
}

/// How the numbers of a column are shown; the cells hold them in full.
pub(super) fn number_format(spec: &TableSpec, name: &str) -> Option<&'static str> {
    use crate::dataset::schema::Type;
    let find = |name: &str| spec.columns.iter().find(|column| column.name == name);
    let column = find(name)?;
    // The ends of an interval look like what they are the ends of.
    let base = name.strip_suffix("_low").or_else(|| name.strip_suffix("_high")).and_then(find).unwrap_or(column);
    let is_share = base.meaning.starts_with("Share ") || base.meaning.starts_with("Estimated share ");
    match column.ty {
        Type::Text | Type::Flag => None,
        Type::Int => Some("#,##0"),
        Type::Instant => Some("yyyy-mm-dd hh:mm"),
        Type::Float if is_share || base.name.ends_with("rate") => Some("0.0%"),
        Type::Float if base.name.ends_with("days") || base.name.ends_with("hours") => Some("#,##0.0"),
        Type::Float if matches!(base.name, "p_value" | "q_value" | "lfsr") => Some("0.0000"),
        Type::Float => Some("#,##0.00##"),
    }
}

/// What a column means, as a note on its heading.
fn note(meaning: &str) -> Note {
    let lines = meaning.chars().count() / 44 + 2;
    Note::new(number::visible(meaning, 1_000))
        .set_author("looplens")
        .add_author_prefix(false)
        .set_width(300)
        .set_height(18 * lines as u32)
}

fn width(table: &ResultTable, at: usize) -> usize {
    let heading = table.spec.columns.get(at).map_or(0, |column| column.name.len() + 3);
    let longest = table.rows.iter().take(LOOKED_AT).filter_map(|row| match row.get(at)? {
        Cell::Text(text) => Some(text.chars().count() + 1),
        Cell::Instant(_) => Some(17),
        _ => None,
    });
    longest.max().unwrap_or(0).max(heading).clamp(WIDTHS.0, WIDTHS.1)
}
