//! What a report is compared with: quarters of the same dataset, computed again, and earlier reports.

use std::path::Path;

use super::analysis::Asked;
use super::{quarter, span};
use crate::comparison::{self, Side};
use crate::dataset::index::Opened;
use crate::dataset::store::Generation;
use crate::engine::cache::Cache;
use crate::engine::metric::Context;
use crate::engine::run::{self, Results};
use crate::error::{Error, Result, pages};
use crate::findings::Finding;
use crate::metrics::{self, Question};
use crate::progress::Progress;
use crate::report::model::{Comparison, Known, Measure, Report, Trend};
use crate::report::number::harmless;
use crate::time::{Instant, Quarter};

/// Words for a quarter that follows from the period asked for, and how far back it lies.
pub(super) const RELATIVE: [(&str, u32); 2] = [("previous", 1), ("last-year", 4)];

/// One thing to compare with, as meant.
#[derive(Debug)]
pub(super) enum Against {
    /// A quarter of the dataset, and whether it was named rather than meant by a word.
    Quarter(Quarter, bool),
    /// An earlier report.
    Report(Box<Side>),
}

/// Reads what was asked for, before anything expensive is done.
pub(super) fn asked(words: &[String], period: Option<Quarter>) -> Result<Vec<Against>> {
    let mut out: Vec<Against> = Vec::new();
    for word in words {
        let relative = RELATIVE.iter().find(|(name, _)| name == word);
        let named = Quarter::parse(word);
        if relative.is_none() && named.is_none() {
            let path = Path::new(word);
            if !path.exists() {
                return Err(Error::new(
                    &pages::COMPARE_WITH_WHAT,
                    format!("`{}` is nothing to compare with", harmless(word)),
                )
                .help("write previous, last-year, a quarter such as 2026Q2, or the report.json of an earlier run"));
            }
            out.push(Against::Report(Box::new(comparison::read(path)?)));
            continue;
        }
        let Some(period) = period else {
            return Err(Error::new(
                &pages::COMPARE_WITH_WHAT,
                format!("`--compare {word}` needs the quarter that is compared"),
            )
            .help("name it with --period, or compare with the report.json of an earlier run"));
        };
        let base = match (relative, named) {
            (Some((_, back)), _) => period.back(*back),
            (None, Some(named)) => named,
            (None, None) => quarter(word)?,
        };
        if base == period {
            return Err(Error::new(&pages::COMPARE_WITH_WHAT, format!("{period} would be compared with itself"))
                .help("name another quarter, or leave out --compare"));
        }
        let known = |other: &Against| matches!(other, Against::Quarter(other, _) if *other == base);
        match out.iter().position(known).and_then(|at| out.get_mut(at)) {
            Some(Against::Quarter(_, is_named)) => *is_named |= relative.is_none(),
            _ => out.push(Against::Quarter(base, relative.is_none())),
        }
    }
    Ok(out)
}

/// A quarter that was named must hold loops; one that a word meant may not, as in the first quarter of all.
pub(super) fn refuse_empty(against: &[Against], generation: &Generation, root: &Path) -> Result<()> {
    let partitions = generation.manifest.partitions();
    for one in against {
        if let Against::Quarter(quarter, true) = one
            && !partitions.contains(&Opened(Some(*quarter)))
        {
            return Err(Error::new(
                &pages::NO_LOOPS,
                format!("no loop opened in {quarter}, so it cannot be compared with"),
            )
            .at(root)
            .help(format!("the dataset holds loops opened in {}", span(&partitions))));
        }
    }
    Ok(())
}

/// All findings that the metrics' results give rise to.
pub(super) fn findings(questions: &[&Question], results: &Results, context: &Context<'_>) -> Vec<Finding> {
    questions.iter().flat_map(|question| (question.judge)(results, context)).collect()
}

/// Makes the comparisons. A quarter of the dataset is computed from the same cached tables, as of the same instant.
pub(super) fn comparisons(
    asked: &Asked,
    generation: &Generation,
    cache: &mut Cache,
    context: &Context<'_>,
    now: (&Results, &[Finding], Option<Instant>),
    progress: &dyn Progress,
) -> Result<Vec<Comparison>> {
    let (results, findings_now, as_of) = now;
    let (against, questions) = (&asked.compare, &asked.questions);
    if against.is_empty() {
        return Ok(Vec::new());
    }
    let current = side(questions, results, findings_now, context, as_of);
    let mut out = Vec::new();
    for one in against {
        out.push(match one {
            Against::Report(before) => comparison::compare(&current, before),
            Against::Quarter(quarter, _) => {
                let context = Context { period: Some(*quarter), ..*context };
                progress.detail(&format!("computing {quarter} to compare with"));
                let before = run::run(&metrics::behind(questions), generation, cache, &context, progress)?;
                let findings = findings(questions, &before, &context);
                comparison::compare(&current, &side(questions, &before, &findings, &context, as_of))
            }
        });
    }
    Ok(out)
}

fn side(
    questions: &[&Question],
    results: &Results,
    findings: &[Finding],
    context: &Context<'_>,
    as_of: Option<Instant>,
) -> Side {
    Side {
        measures: measures(questions, results, context),
        findings: findings.iter().map(Known::of).collect(),
        ..of_this_run(context, as_of)
    }
}

/// What identifies this run, without its numbers.
fn of_this_run(context: &Context<'_>, as_of: Option<Instant>) -> Side {
    let name = context.period.map_or_else(|| "all quarters".to_owned(), |period| period.to_string());
    Side {
        name,
        quarter: context.period,
        is_other_run: false,
        as_of,
        calendar: calendar(context).to_owned(),
        configuration: super::analysis::short(&context.config.analysis_fingerprint),
        window_quarters: context.config.models.window_quarters,
        ..Side::default()
    }
}

/// How the last quarter stands against earlier ones.
pub(super) fn trend(numbers: &[(Quarter, Measure)], context: &Context<'_>, as_of: Option<Instant>) -> Option<Trend> {
    comparison::trend(numbers, context.period, &of_this_run(context, as_of))
}

fn measures(questions: &[&Question], results: &Results, context: &Context<'_>) -> Vec<Measure> {
    questions.iter().flat_map(|question| (question.present)(results, context).measures).collect()
}

/// The calendar that days are counted on, in words.
pub(super) fn calendar(context: &Context<'_>) -> &'static str {
    if context.config.calendar.is_business() { "business days" } else { "every day" }
}

/// Tells the comparisons in the report.
pub(super) fn tell(report: &mut Report<'_>, comparisons: Vec<Comparison>) {
    for one in comparisons {
        comparison::tell(report, one);
    }
}
