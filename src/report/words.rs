//! The words that every format shares, so that a page, a summary and a message say the same thing.

use super::model::{
    Account, Change, Comparison, Heading, Known, Reading, Report, Table, TableCell, Trend, Unit, Verdict,
};
use super::number;
use crate::engine::results::{Cell, Status};
use crate::findings::{Finding, Level};
use crate::time::Instant;

/// What a reader is asked to do with a finding of this level.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Act => "Act on it",
        Level::Look => "Look into it",
        Level::Note => "Good to know",
    }
}

/// How far the estimate behind a finding can be trusted.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "enough data for a verdict",
        Status::Thin => "thin data: enough for the number, not for a verdict",
        Status::NotEstimable => "the data cannot tell",
    }
}

/// A q-value above this is no surprise even if nothing is there.
const CLEAR: f64 = 0.05;

/// How sure a finding is: a word for the hurried, what it rests on, and the q-value of its test where there is one.
pub fn how_sure(finding: &Finding) -> String {
    let q = finding.q_value.filter(|q| q.is_finite());
    let (word, why) = match finding.status {
        Status::NotEstimable => return status(finding.status).to_owned(),
        Status::Ok if q.is_some_and(|q| q > CLEAR) => ("little", "enough data, yet chance explains it as well"),
        Status::Ok => ("quite", status(finding.status)),
        Status::Thin => ("little", status(finding.status)),
    };
    match q {
        Some(q) => format!("{word} ({why}; {})", number::q_value(q)),
        None => format!("{word} ({why})"),
    }
}

/// What acting on a finding would save, or that nobody can say it in hours or days.
pub fn saved(finding: &Finding) -> String {
    savings(finding).unwrap_or_else(|| "not counted in days or hours".to_owned())
}

/// What acting on a finding would save, where that was computed.
pub fn savings(finding: &Finding) -> Option<String> {
    let hours = finding.saves_hours.filter(|hours| hours.is_finite());
    let days = finding.saves_days.filter(|days| days.is_finite());
    let hours = hours.map(|hours| format!("about {} interviewer hours a quarter", whole_or_short(hours)));
    let days = days.map(|days| format!("about {} days a loop", number::days(days)));
    match (hours, days) {
        (Some(hours), Some(days)) => Some(format!("{hours}, {days}")),
        (hours, days) => hours.or(days),
    }
}

/// How many findings stand on the first screen: up to five that ask for something, and three at least
/// when there are three. The findings come most important first, so this is a prefix.
pub fn top(findings: &[Finding]) -> usize {
    let asking = findings.iter().take_while(|finding| finding.level != Level::Note).count();
    asking.clamp(3, 5).min(findings.len())
}

/// A value of a finding's evidence.
pub fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => "cannot tell".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Int(value) => number::count(*value),
        Cell::Float(value) => number::figure(*value),
        Cell::Flag(value) => if *value { "yes" } else { "no" }.to_owned(),
        Cell::Instant(at) => instant(*at),
    }
}

/// An instant as people write it: `2026-09-30 18:00:00 UTC`.
pub fn instant(at: Instant) -> String {
    let text = at.to_rfc3339();
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    format!("{} UTC", seconds.replacen('T', " ", 1))
}

/// A number of a unit as it stands in a table.
pub fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Days | Unit::Hours => number::days(value),
        Unit::Share => number::percent(value),
        Unit::Items => number::count(value.round() as i64),
        Unit::Number => number::figure(value),
    }
}

/// A number with its interval as it stands in a table.
pub fn reading(reading: &Reading, unit: Unit) -> String {
    let Some(value) = reading.value else { return number::NO_NUMBER.to_owned() };
    let [low, high] = [reading.low, reading.high].map(|end| end.map(|end| quantity(end, unit)));
    match number::range(low.as_deref(), high.as_deref(), "") {
        Some(interval) => format!("{} ({interval})", quantity(value, unit)),
        None => quantity(value, unit),
    }
}

/// What more and less of a unit are called.
pub fn directions(unit: Unit) -> (&'static str, &'static str) {
    match unit {
        Unit::Days => ("slower", "faster"),
        Unit::Share | Unit::Number => ("higher", "lower"),
        Unit::Hours | Unit::Items => ("more", "fewer"),
    }
}

/// A difference with its unit and direction: `2.1 days slower`.
pub fn step(difference: f64, unit: Unit) -> String {
    let size = unitless(difference.abs(), unit);
    let size = match unit {
        Unit::Days => format!("{size} {}", if size == "1.0" { "day" } else { "days" }),
        Unit::Share => format!("{size} percentage {}", if size == "1.0" { "point" } else { "points" }),
        Unit::Hours => format!("{size} hours"),
        Unit::Items | Unit::Number => size,
    };
    let (up, down) = directions(unit);
    match difference {
        0.0 => "the same".to_owned(),
        _ if difference > 0.0 => format!("{size} {up}"),
        _ => format!("{size} {down}"),
    }
}

/// A number of the unit without its sign: shares differ by percentage points.
pub fn unitless(value: f64, unit: Unit) -> String {
    quantity(value, unit).trim_end_matches(" %").to_owned()
}

/// A number of a unit in a sentence, such as `19.2 days`.
pub fn with_unit(value: f64, unit: Unit) -> String {
    let size = quantity(value, unit);
    match unit {
        Unit::Days => format!("{size} days"),
        Unit::Hours => format!("{size} hours"),
        Unit::Share | Unit::Items | Unit::Number => size,
    }
}

/// A number with its unit and its interval.
pub fn reading_with_unit(reading: &Reading, unit: Unit) -> String {
    let Some(value) = reading.value else { return number::NO_NUMBER.to_owned() };
    let [low, high] = [reading.low, reading.high].map(|end| end.map(|end| quantity(end, unit)));
    let interval = number::range(low.as_deref(), high.as_deref(), "").map(|range| format!(" ({range})"));
    format!("{}{}", with_unit(value, unit), interval.unwrap_or_default())
}

/// A change in a few words, and what to make of it: `2.1 days slower`, `no more than noise`.
pub fn change(change: &Change) -> (String, String) {
    let size = change.difference.map_or_else(|| "cannot be compared".to_owned(), |d| step(d, change.unit));
    // Beside a share in per cent nobody takes points for anything else.
    let size = size.replace("percentage point", "point");
    let stance = match (change.verdict, change.difference) {
        // A count that stands still says nothing about noise either.
        (Verdict::CannotTell, Some(_)) if change.unit == Unit::Items => String::new(),
        (Verdict::CannotTell, Some(_)) => "too little data for a verdict".to_owned(),
        (Verdict::CannotTell, None) => change.reason.clone().unwrap_or_else(|| "the data cannot tell".to_owned()),
        (Verdict::Better | Verdict::Worse | Verdict::Changed, _) => {
            format!("{}, more than noise", verdict(change.verdict))
        }
        (Verdict::Noise, _) => verdict(Verdict::Noise).to_owned(),
    };
    (size, stance)
}

/// The trend as a table for people.
pub fn trend(trend: &Trend) -> Table {
    let heading = |text: String, meaning: &str| Heading { text, numeric: false, meaning: meaning.to_owned() };
    let cell = |text: String, sort: Option<f64>| TableCell { text, sort };
    let rows = trend.lines.iter().map(|line| {
        let mut row =
            vec![cell(line.label.clone(), None), cell(reading_with_unit(&line.now, line.unit), line.now.value)];
        row.extend(line.changes.iter().map(|one| {
            let (size, stance) = change(one);
            cell(if stance.is_empty() { size } else { format!("{size}: {stance}") }, one.difference)
        }));
        row
    });
    let mut columns = vec![heading("Figure".to_owned(), ""), heading(trend.quarter.clone(), "With its 95 % interval.")];
    columns.extend(trend.against.iter().map(|against| heading(format!("Since {against}"), "")));
    Table {
        caption: format!("Loops opened in {} against earlier quarters", trend.quarter),
        columns,
        rows: rows.collect(),
        full: "tables/time_to_decision.parquet".to_owned(),
        left_out: 0,
    }
}

/// What to make of a change.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Changed => "changed",
        Verdict::Noise => "no more than noise",
        Verdict::CannotTell => "cannot tell",
    }
}

/// The changes of a comparison as a table for people.
pub fn changes(comparison: &Comparison) -> Table {
    let heading =
        |text: &str, meaning: &str| Heading { text: text.to_owned(), numeric: false, meaning: meaning.to_owned() };
    let cell = |text: &str, sort: Option<f64>| TableCell { text: text.to_owned(), sort };
    let rows = comparison.changes.iter().map(|change| {
        vec![
            cell(&change.label, None),
            // What the verdict says already is not said again.
            cell(change.words.trim_start_matches("no more than noise: "), change.difference),
            cell(verdict(change.verdict), None),
            cell(&reading(&change.now, change.unit), change.now.value),
            cell(&reading(&change.before, change.unit), change.before.value),
        ]
    });
    Table {
        caption: format!("Headline figures against {}", comparison.against),
        columns: vec![
            heading("Figure", ""),
            heading("Change", "Now less before, with its 95 % interval."),
            heading("Verdict", "Better or worse where the change is more than noise."),
            heading("Now", "The number of this report, with its 95 % interval."),
            heading("Before", "The same of the other side."),
        ],
        rows: rows.collect(),
        full: "tables/comparison.parquet".to_owned(),
        left_out: 0,
    }
}

/// The findings of a comparison, by what became of them; kinds without any are left out.
pub fn findings_of(comparison: &Comparison) -> Vec<(&'static str, &[Known])> {
    let kinds = [("New", &comparison.new), ("Persisting", &comparison.persisting), ("Resolved", &comparison.resolved)];
    kinds.into_iter().filter(|(_, known)| !known.is_empty()).map(|(kind, known)| (kind, known.as_slice())).collect()
}

/// The name of a document's first line: title and period, unless the title already says the period.
pub fn heading(report: &Report<'_>) -> String {
    if report.title.contains(&report.period) {
        report.title.clone()
    } else {
        format!("{}, {}", report.title, report.period)
    }
}

/// What became of everything that was read. The counts reconcile; where they do not, the reader is told.
pub fn account(account: &Account) -> String {
    let mut out = format!(
        "{} read: {} kept, {} replaced by a newer one, {} rejected.",
        number::plural(account.read, "record", "records"),
        number::count(account.kept),
        number::count(account.replaced),
        number::count(account.rejected),
    );
    let missing = account.read - account.kept - account.replaced - account.rejected;
    if missing != 0 {
        out.push_str(&format!(" These do not add up: {} unaccounted for.", number::count(missing)));
    }
    if account.unjoined > 0 {
        out.push_str(&format!(
            " {} belong to an application that is in no file.",
            number::plural(account.unjoined, "kept record", "kept records")
        ));
    }
    out
}

/// Hours are a rough figure: whole numbers from ten on.
fn whole_or_short(hours: f64) -> String {
    if hours.abs() >= 9.95 { number::tick(hours, 1.0) } else { number::days(hours) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn three_to_five_findings_stand_first() {
        let findings = sample::report().findings;
        assert_eq!(top(&findings), 5);
        assert_eq!(top(&[]), 0);
        let notes: Vec<_> = findings.into_iter().filter(|finding| finding.level == Level::Note).collect();
        assert_eq!(top(&notes), notes.len().min(3));
    }

    #[test]
    fn how_sure_and_what_for_is_said_in_every_state() {
        let finding = |status, q_value, saves_days| Finding {
            status,
            q_value,
            saves_days,
            saves_hours: None,
            ..sample::report().findings.swap_remove(0)
        };
        let ok = finding(Status::Ok, Some(0.012), Some(2.0));
        assert_eq!(how_sure(&ok), "quite (enough data for a verdict; q = 0.012)");
        assert_eq!(saved(&ok), "about 2.0 days a loop");
        let chance = finding(Status::Ok, Some(0.2), None);
        assert_eq!(how_sure(&chance), "little (enough data, yet chance explains it as well; q = 0.200)");
        assert_eq!(saved(&chance), "not counted in days or hours");
        let thin = finding(Status::Thin, None, None);
        assert_eq!(how_sure(&thin), "little (thin data: enough for the number, not for a verdict)");
        assert_eq!(how_sure(&finding(Status::NotEstimable, Some(0.01), None)), "the data cannot tell");
    }

    #[test]
    fn a_gap_in_the_account_is_said() {
        let whole = Account { read: 10, kept: 7, replaced: 2, rejected: 1, ..Account::default() };
        assert_eq!(super::account(&whole), "10 records read: 7 kept, 2 replaced by a newer one, 1 rejected.");
        let gap = Account { read: 11, ..whole };
        assert!(super::account(&gap).ends_with("These do not add up: 1 unaccounted for."));
    }
}
