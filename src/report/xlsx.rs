//! The report as a workbook: a cover with what to do first, then every result table on a sheet of its own.
//!
//! Text stays text: nothing is ever written as a formula or as a link out of the workbook, and a text that would
//! become a formula if somebody edited its cell is marked as text. The same report gives the same bytes, so the
//! workbook is dated by the data.

mod cover;
mod sheet;

#[cfg(test)]
mod tests;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format as CellFormat, FormatAlign, FormatBorder, Workbook};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::model::Report;
use super::{Format, number, words};
use crate::error::{Error, Result, pages};
use crate::time::{Instant, SECOND};

/// The workbook.
pub const FORMAT: Format = Format {
    id: "xlsx",
    file: "report.xlsx",
    summary: "a workbook: what to do first on the cover, then every result table on a sheet of its own",
    render,
};

/// What a sheet holds below its header.
const MOST_ROWS: usize = 1_048_575;
/// What a cell holds, in the units Excel counts.
const LONGEST_TEXT: usize = 32_000;
/// What the name of a sheet holds.
const LONGEST_NAME: usize = 31;
/// The date of a workbook whose data holds no times: 2000-01-01.
const NO_DATE: i64 = 946_684_800;

fn render(report: &Report<'_>) -> Result<Vec<u8>> {
    workbook(report, MOST_ROWS)
        .map_err(|error| Error::new(&pages::DEFECT, format!("the report could not be written as a workbook: {error}")))
}

fn workbook(report: &Report<'_>, most_rows: usize) -> std::result::Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    let made =
        report.as_of.and_then(|at| moment(at).ok()).map_or_else(|| ExcelDateTime::from_timestamp(NO_DATE), Ok)?;
    let title = number::visible(&words::heading(report), 200);
    book.set_properties(&DocProperties::new().set_title(title).set_author("looplens").set_creation_datetime(&made));
    let mut taken = vec!["Report".to_owned()];
    let sheets: Vec<String> = report.tables.iter().map(|table| sheet_name(table.spec.name, &mut taken)).collect();
    cover::write(book.add_worksheet().set_name("Report")?, report, &sheets, most_rows, &looks)?;
    for (table, name) in report.tables.iter().zip(&sheets) {
        sheet::write(book.add_worksheet().set_name(name)?, table, most_rows, &looks)?;
    }
    book.save_to_buffer()
}

/// An instant as Excel counts them, without a zone: UTC.
fn moment(at: Instant) -> std::result::Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_timestamp(at.0.div_euclid(SECOND))
}

/// A name for a sheet: without what Excel forbids, short enough, and unlike the others whatever their case.
fn sheet_name(name: &str, taken: &mut Vec<String>) -> String {
    let allowed = |c: char| !c.is_control() && !number::is_hidden(c) && !"[]:*?/\\'".contains(c) && c.len_utf16() == 1;
    let plain: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    let plain = if plain.is_empty() { "table".to_owned() } else { plain };
    let mut again = 1;
    loop {
        let tail = if again == 1 { String::new() } else { format!(" {again}") };
        let kept: String = plain.chars().take(LONGEST_NAME - tail.len()).collect();
        let name = kept + &tail;
        // Excel keeps the name History for itself.
        let reserved = name.eq_ignore_ascii_case("history");
        if !reserved && !taken.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            taken.push(name.clone());
            return name;
        }
        again += 1;
    }
}

/// How cells look.
struct Looks {
    /// A heading above columns.
    head: CellFormat,
    /// Text that would become a formula if somebody edited its cell.
    quoted: CellFormat,
    /// Text over several lines.
    wrapped: CellFormat,
    /// The same, for what would become a formula.
    wrapped_quoted: CellFormat,
    /// The first line.
    title: CellFormat,
    /// A heading on the cover.
    section: CellFormat,
    /// What explains.
    soft: CellFormat,
    /// A headline number.
    strong: CellFormat,
}

impl Looks {
    fn new() -> Self {
        let base = || CellFormat::new().set_align(FormatAlign::Top);
        let wrapped = base().set_text_wrap();
        Self {
            head: base()
                .set_bold()
                .set_text_wrap()
                .set_background_color(Color::RGB(0xEE_F1_F4))
                .set_border_bottom(FormatBorder::Thin),
            quoted: CellFormat::new().set_quote_prefix().set_num_format("@"),
            wrapped_quoted: wrapped.clone().set_quote_prefix().set_num_format("@"),
            wrapped,
            title: base().set_bold().set_font_size(18),
            section: base().set_bold().set_font_size(13),
            soft: base().set_text_wrap().set_font_color(Color::RGB(0x57_61_6B)),
            strong: base().set_bold().set_text_wrap(),
        }
    }
}

/// Text as a cell can hold it: hidden characters visible, and no longer than Excel allows.
fn cell_text(text: &str) -> String {
    let text = number::visible(text, LONGEST_TEXT);
    let mut length = 0;
    let fits = text.char_indices().find(|(_, c)| {
        length += c.len_utf16();
        length > LONGEST_TEXT
    });
    match fits {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Writes text into a cell of a table.
fn text(sheet: &mut Worksheet, at: (u32, u16), value: &str, looks: &Looks) -> std::result::Result<(), XlsxError> {
    let shown = cell_text(value);
    if number::is_like_a_formula(&shown) {
        sheet.write_string_with_format(at.0, at.1, shown, &looks.quoted)?;
    } else {
        sheet.write_string(at.0, at.1, shown)?;
    }
    Ok(())
}
