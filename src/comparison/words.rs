//! A change in words, and where the words go.

use crate::report::model::{Change, Comparison, Report, Unit, Verdict};
use crate::report::number::{self, plural};
use crate::report::words::{directions, step, unitless};

/// `2.1 days slower than 2026Q2 (95 % interval 0.4 to 3.8)`, or why that is no more than noise, or why it cannot be told.
pub(super) fn change(change: &Change, against: &str, compared: usize) -> String {
    let Some(difference) = change.difference else {
        let why = change.reason.as_deref().unwrap_or("the data cannot tell");
        return format!("cannot be compared with {against}: {why}");
    };
    let (up, down) = directions(change.unit);
    let than = if difference == 0.0 { "as" } else { "than" };
    let size = format!("{} {than} {against}", step(difference, change.unit));
    let one_sided = |low: Option<f64>, high: Option<f64>| {
        let ends = [low, high].map(|end| end.map(|end| unitless(end.abs(), change.unit)));
        let (near, far) = if difference > 0.0 { (&ends[0], &ends[1]) } else { (&ends[1], &ends[0]) };
        number::range(near.as_deref(), far.as_deref(), "")
    };
    let mixed = |low: Option<f64>, high: Option<f64>| {
        let end = |end: f64| format!("{} {}", unitless(end.abs(), change.unit), if end < 0.0 { down } else { up });
        let ends = [low, high].map(|value| value.map(end));
        number::range(ends[0].as_deref(), ends[1].as_deref(), "")
    };
    let leaves_zero_out = change.low.is_some_and(|low| low > 0.0) || change.high.is_some_and(|high| high < 0.0);
    let interval = if leaves_zero_out { one_sided(change.low, change.high) } else { mixed(change.low, change.high) };
    let shown = interval.map(|interval| format!(" (95 % interval {interval})")).unwrap_or_default();
    match change.verdict {
        Verdict::Better | Verdict::Worse | Verdict::Changed => format!("{size}{shown}"),
        Verdict::Noise if leaves_zero_out => {
            format!("no more than noise, with {} compared: {size}{shown}", plural(compared as i64, "figure", "figures"))
        }
        Verdict::Noise => format!("no more than noise: {size}{shown}"),
        Verdict::CannotTell => {
            let why = change.reason.as_deref().unwrap_or("too little data");
            format!("{size}{shown}; no verdict: {why}")
        }
    }
}

/// The changes in one or two sentences.
pub(super) fn summary(comparison: &Comparison) -> Vec<String> {
    let against = &comparison.against;
    let clear: Vec<&Change> = comparison
        .changes
        .iter()
        .filter(|change| matches!(change.verdict, Verdict::Better | Verdict::Worse | Verdict::Changed))
        .collect();
    let told = comparison.changes.iter().filter(|change| change.verdict != Verdict::CannotTell).count();
    let mut out = Vec::new();
    out.push(match (clear.as_slice(), told) {
        ([], 0) if comparison.changes.iter().any(|c| c.difference.is_some() && c.unit != Unit::Items) => {
            format!("Against {against}, the data cannot tell a change from noise.")
        }
        ([], 0) => format!("No figure can be compared with {against}."),
        ([], _) => format!("Against {against}, no figure changed by more than noise."),
        (clear, _) => {
            let parts: Vec<String> = clear
                .iter()
                .map(|change| format!("{}: {}", change.label, change.words.replace(&format!(" than {against}"), "")))
                .collect();
            format!("Against {against}: {}.", parts.join("; "))
        }
    });
    let count = |known: &[crate::report::model::Known]| number::count(known.len() as i64);
    if !(comparison.new.is_empty() && comparison.persisting.is_empty() && comparison.resolved.is_empty()) {
        out.push(format!(
            "Findings: {} new, {} persisting, {} resolved.",
            count(&comparison.new),
            count(&comparison.persisting),
            count(&comparison.resolved)
        ));
    }
    out
}

/// Adds a comparison to a report: behind the figures it is about, to the first paragraph, and whole.
pub fn tell(report: &mut Report<'_>, comparison: Comparison) {
    for change in &comparison.changes {
        for figure in report.figures.iter_mut().filter(|figure| figure.label == change.label) {
            let note = figure.note.take().map(|note| format!("{note}; ")).unwrap_or_default();
            let against = &comparison.against;
            // The interval of what is noise is in the table.
            let words = match (change.verdict, change.difference) {
                (Verdict::Noise, _) => format!("against {against} no more than noise"),
                (_, None) => format!("cannot be compared with {against}"),
                _ => change.words.clone(),
            };
            figure.note = Some(format!("{note}{words}"));
        }
    }
    report.summary.extend(comparison.summary.first().cloned());
    report.comparisons.push(comparison);
}
