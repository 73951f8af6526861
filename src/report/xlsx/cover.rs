//! The first sheet: the period in words, the headline figures, what changed, what to do first, and what is on the
//! other sheets.

use rust_xlsxwriter::{Format as CellFormat, Url, Worksheet, XlsxError};

use super::{Looks, cell_text};
use crate::report::model::{Known, Report, Table};
use crate::report::number::{self, count, plural};
use crate::report::words;

/// The widths of the columns, in characters.
const WIDTHS: [u16; 6] = [30, 62, 52, 34, 34, 24];
/// Text that runs over all columns but the last has this many characters on a line.
const LINE: usize = 190;
/// Findings beyond these are on their own sheet.
const MOST_FINDINGS: usize = 50;

/// A sheet that is written from top to bottom.
struct Page<'s> {
    sheet: &'s mut Worksheet,
    row: u32,
    looks: &'s Looks,
}

pub(super) fn write(
    sheet: &mut Worksheet,
    report: &Report<'_>,
    sheets: &[String],
    most_rows: usize,
    looks: &Looks,
) -> Result<(), XlsxError> {
    for (at, width) in WIDTHS.iter().enumerate() {
        sheet.set_column_width(at as u16, *width)?;
    }
    sheet.set_screen_gridlines(false).set_landscape().set_print_fit_to_pages(1, 0);
    let mut page = Page { sheet, row: 0, looks };
    page.line(&words::heading(report), &looks.title)?;
    let known = report.as_of.map_or("The data holds no times.".to_owned(), |at| {
        format!("As known on {}. Times are UTC.", words::instant(at))
    });
    page.line(&known, &looks.soft)?;
    page.row += 1;
    page.paragraph(&report.summary.join(" "), &looks.wrapped)?;
    findings(&mut page, report, sheets)?;
    if let Some(trend) = &report.trend {
        page.section(&format!("The trend, {}", trend.quarter))?;
        page.paragraph(&trend.summary.join(" "), &looks.wrapped)?;
        table(&mut page, &words::trend(trend))?;
    }
    figures(&mut page, report)?;
    comparisons(&mut page, report)?;
    contents(&mut page, report, sheets, most_rows)?;
    account(&mut page, report)?;
    Ok(())
}

impl Page<'_> {
    fn cell(&mut self, column: u16, text: &str, format: &CellFormat) -> Result<(), XlsxError> {
        let shown = cell_text(text);
        let format = if number::is_like_a_formula(&shown) { &self.looks.wrapped_quoted } else { format };
        self.sheet.write_string_with_format(self.row, column, shown, format)?;
        Ok(())
    }

    fn line(&mut self, text: &str, format: &CellFormat) -> Result<(), XlsxError> {
        self.cell(0, text, format)?;
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        let looks = self.looks;
        self.line(text, &looks.section)
    }

    /// Text over several columns; a program does not find the height of such a row by itself.
    fn paragraph(&mut self, text: &str, format: &CellFormat) -> Result<(), XlsxError> {
        if text.is_empty() {
            return Ok(());
        }
        let shown = cell_text(text);
        let format = if number::is_like_a_formula(&shown) { &self.looks.wrapped_quoted } else { format };
        let lines = shown.chars().count() / LINE + 1;
        // Four hundred points are the most that a row can be high.
        self.sheet.set_row_height(self.row, (lines * 15).min(400) as u16)?;
        self.sheet.merge_range(self.row, 0, self.row, 4, &shown, format)?;
        self.row += 1;
        Ok(())
    }

    fn heads(&mut self, heads: &[&str]) -> Result<(), XlsxError> {
        let looks = self.looks;
        for (at, head) in heads.iter().enumerate() {
            self.sheet.write_string_with_format(self.row, at as u16, number::visible(head, 200), &looks.head)?;
        }
        self.row += 1;
        Ok(())
    }

    fn cells(&mut self, cells: &[(&str, &CellFormat)]) -> Result<(), XlsxError> {
        for (at, (text, format)) in cells.iter().enumerate() {
            self.cell(at as u16, text, format)?;
        }
        self.row += 1;
        Ok(())
    }
}

fn figures(page: &mut Page<'_>, report: &Report<'_>) -> Result<(), XlsxError> {
    if report.figures.is_empty() {
        return Ok(());
    }
    let looks = page.looks;
    page.section("Headline figures")?;
    page.heads(&["Figure", "Value", "Interval", "Rests on"])?;
    for figure in &report.figures {
        let [interval, note] = [&figure.interval, &figure.note].map(|text| text.as_deref().unwrap_or(""));
        let plain = &looks.wrapped;
        page.cells(&[(&figure.label, plain), (&figure.value, &looks.strong), (interval, plain), (note, plain)])?;
    }
    Ok(())
}

fn findings(page: &mut Page<'_>, report: &Report<'_>, sheets: &[String]) -> Result<(), XlsxError> {
    page.section("What to do first")?;
    let looks = page.looks;
    if report.findings.is_empty() {
        return page.line("Nothing was found that asks for a change.", &looks.wrapped);
    }
    page.heads(&["What to do with it", "Finding", "Recommendation", "Would save", "How sure", "Rows behind it"])?;
    for finding in report.findings.iter().take(MOST_FINDINGS) {
        let rows = report.tables.iter().position(|table| table.spec.name == finding.table);
        if let Some(name) = rows.and_then(|at| sheets.get(at)) {
            page.sheet.write_url(page.row, 5, link(name))?;
        }
        let plain = &looks.wrapped;
        page.cells(&[
            (&format!("{}: {}", words::level(finding.level), finding.subject), plain),
            (&finding.statement, &looks.strong),
            (&finding.recommendation, plain),
            (&words::saved(finding), plain),
            (&words::how_sure(finding), plain),
        ])?;
    }
    let more = report.findings.len().saturating_sub(MOST_FINDINGS);
    if more > 0 {
        let more = plural(more as i64, "more finding is", "more findings are");
        page.line(&format!("{more} on the sheet of findings."), &looks.soft)?;
    }
    Ok(())
}

fn table(page: &mut Page<'_>, table: &Table) -> Result<(), XlsxError> {
    let looks = page.looks;
    let heads: Vec<&str> = table.columns.iter().map(|column| column.text.as_str()).collect();
    page.heads(&heads)?;
    for row in &table.rows {
        let cells: Vec<_> = row.iter().map(|cell| (cell.text.as_str(), &looks.wrapped)).collect();
        page.cells(&cells)?;
    }
    Ok(())
}

fn comparisons(page: &mut Page<'_>, report: &Report<'_>) -> Result<(), XlsxError> {
    let looks = page.looks;
    for comparison in &report.comparisons {
        page.section(&format!("Compared with {}", comparison.against))?;
        table(page, &words::changes(comparison))?;
        for (kind, known) in words::findings_of(comparison) {
            for Known { level, statement, .. } in known {
                let kind = format!("{kind} ({})", level.word());
                page.cells(&[(&kind, &looks.soft), (statement, &looks.wrapped)])?;
            }
        }
        for remark in &comparison.remarks {
            page.paragraph(remark, &looks.soft)?;
        }
    }
    Ok(())
}

fn contents(page: &mut Page<'_>, report: &Report<'_>, sheets: &[String], most_rows: usize) -> Result<(), XlsxError> {
    if sheets.is_empty() {
        return Ok(());
    }
    page.section("The sheets")?;
    page.heads(&["Sheet", "One row is", "Rows"])?;
    let looks = page.looks;
    for (table, name) in report.tables.iter().zip(sheets) {
        page.sheet.write_url(page.row, 0, link(name))?;
        page.cell(1, table.spec.about, &looks.wrapped)?;
        let left_out = table.rows.len().saturating_sub(most_rows);
        let rows = count((table.rows.len() - left_out) as i64);
        let rows = if left_out > 0 {
            let left_out = plural(left_out as i64, "row is", "rows are");
            format!(
                "{rows}, all that a sheet holds; {left_out} left out here, and in tables/{}.parquet",
                table.spec.name
            )
        } else {
            rows
        };
        page.cell(2, &rows, &looks.wrapped)?;
        page.row += 1;
    }
    Ok(())
}

fn account(page: &mut Page<'_>, report: &Report<'_>) -> Result<(), XlsxError> {
    let looks = page.looks;
    page.section("What was read")?;
    page.paragraph(&words::account(&report.account), &looks.wrapped)?;
    for remark in &report.account.remarks {
        page.paragraph(remark, &looks.soft)?;
    }
    if !report.account.reasons.is_empty() {
        page.heads(&["Records", "Why they were rejected"])?;
        for (reason, records) in &report.account.reasons {
            page.sheet.write_number(page.row, 0, *records as f64)?;
            page.cell(1, reason, &looks.wrapped)?;
            page.row += 1;
        }
    }
    if !report.provenance.is_empty() {
        page.section("How this report was made")?;
        for (name, value) in &report.provenance {
            page.cells(&[(name, &looks.soft), (value, &looks.wrapped)])?;
        }
    }
    Ok(())
}

/// A link to another sheet of the same workbook.
fn link(sheet: &str) -> Url {
    Url::new(format!("internal:'{sheet}'!A1")).set_text(sheet)
}
