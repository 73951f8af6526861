//! What an item of the checklist can be answered with, and the row that an answer becomes.

use super::checklist::Item;
use super::rounds::Audit;
use super::verdict::{State, verdict};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{self, text};
use crate::metrics::wording::interval;
use crate::plan::{SHARE, TOLERANCE};
use crate::report::number::{self, count};

/// What to do where only a plan of one's own can tell.
pub(super) const DECLARE: &str = "Name your plan in looplens.toml: `name` or `file` under [plan].";
/// What to export where nobody scores dimensions.
pub(super) const NEEDS_SCORES: &str = "Export the scorecards with a score for each dimension.";
/// The most usual cases.
pub(super) const LOOPS: (&str, &str) = ("loop", "loops");
/// What to do where there are too few cases.
const MORE: &str = "More loops: a longer period, or further exports in one dataset.";

/// An answer to an item, of the loop as a whole or of one round.
pub(super) struct Answer {
    /// The round, by its place in the plan.
    pub(super) round: Option<usize>,
    pub(super) expected: Option<String>,
    pub(super) outcome: Outcome,
}

/// What can be said about an item.
pub(super) enum Outcome {
    /// Cases were counted.
    Cases(Box<Cases>),
    /// The plan says it, or lacks it.
    Declared { is_met: bool, evidence: String },
    /// Neither data nor plan show it.
    Hidden { why: String, needs: String },
}

impl Outcome {
    /// Counted cases as an outcome.
    pub(super) fn cases(cases: Cases) -> Self {
        Self::Cases(Box::new(cases))
    }
}

/// Counted cases.
#[derive(Default)]
pub(super) struct Cases {
    pub(super) within: i64,
    pub(super) n: i64,
    /// What they are, one and many.
    pub(super) unit: (&'static str, &'static str),
    /// The median of what was measured, and its unit.
    pub(super) typical: Option<(f64, &'static str)>,
    /// What else a reader should know.
    pub(super) remark: Option<String>,
    /// What to export where there is no case at all: why, and what.
    pub(super) none: (String, String),
}

impl Cases {
    /// Counts cases, each as planned or not.
    pub(super) fn of(cases: impl IntoIterator<Item = bool>, unit: (&'static str, &'static str)) -> Self {
        let mut out = Self { unit, ..Self::default() };
        for is_as_planned in cases {
            out.n += 1;
            out.within += i64::from(is_as_planned);
        }
        out
    }

    /// What is missing where no case was found.
    pub(super) fn or(mut self, why: impl Into<String>, needs: impl Into<String>) -> Self {
        self.none = (why.into(), needs.into());
        self
    }
}

/// The one answer to an item that is asked of the loop as a whole.
pub(super) fn one(expected: Option<String>, outcome: Outcome) -> Vec<Answer> {
    vec![Answer { round: None, expected, outcome }]
}

/// What no data and no plan shows.
pub(super) fn hidden(why: impl Into<String>, needs: impl Into<String>) -> Outcome {
    Outcome::Hidden { why: why.into(), needs: needs.into() }
}

/// Adds an answer to the table.
pub(super) fn push(out: &mut ResultTable, audit: &Audit<'_>, item: &Item, answer: Answer) {
    let plan = audit.plan.as_ref();
    let round = answer.round.and_then(|round| plan?.rounds.get(round));
    let mut cells = rows::all().to_vec();
    cells.extend([
        ("item", text(item.id)),
        ("subject", text(round.map_or("loop", |round| &round.id))),
        ("title", text(item.title)),
        ("plan", Cell::text(plan.map(|plan| plan.name.clone()))),
        ("plan_from", Cell::text(audit.plan_from().map(str::to_owned))),
        ("expected", Cell::text(answer.expected)),
    ]);
    let mut end = |state: State, method: &str, status: Status, reason: Option<String>| {
        cells.extend([
            ("state", text(state.word())),
            ("method", text(method)),
            ("status", text(status.word())),
            ("reason", Cell::text(reason)),
        ]);
    };
    match answer.outcome {
        Outcome::Hidden { why, needs } => {
            end(State::NotVisible, "neither data nor plan", Status::NotEstimable, Some(why));
            cells.push(("needs", Cell::Text(needs)));
        }
        Outcome::Declared { is_met, evidence } => {
            let state = if is_met { State::Met } else { State::NotMet };
            end(state, "the plan that the configuration names", Status::Ok, None);
            cells.push(("evidence", Cell::Text(evidence)));
        }
        Outcome::Cases(cases) => {
            let required = plan.map_or(SHARE, |plan| plan.share);
            let tolerated = required - plan.map_or(TOLERANCE, |plan| plan.tolerance);
            let found = verdict(cases.within, cases.n, required, tolerated);
            let method = "share of cases as expected, against the interval by Wilson";
            let Some(share) = found.share else {
                let (why, needs) = cases.none;
                end(State::NotVisible, method, Status::NotEstimable, Some(why));
                cells.push(("needs", Cell::Text(needs)));
                cells.push(("evidence", Cell::text(cases.remark)));
                return out.push(cells);
            };
            let status = if found.state == State::NotVisible { Status::Thin } else { Status::Ok };
            end(found.state, method, status, found.reason);
            let of = if cases.n == 1 { cases.unit.0 } else { cases.unit.1 };
            let mut evidence = format!(
                "{} of {} {of}: {}, {}",
                count(cases.within),
                count(cases.n),
                number::percent(share.share),
                interval(Some(share.low), Some(share.high), number::percent, "").unwrap_or_default(),
            );
            if let Some((median, unit)) = cases.typical {
                let unit = if median == 1.0 { unit.trim_end_matches('s') } else { unit };
                evidence.push_str(&format!("; the median is {} {unit}", number::days_plain(median)));
            }
            if let Some(remark) = &cases.remark {
                evidence.push_str(&format!("; {remark}"));
            }
            if found.state == State::NotVisible {
                let needs = found.needed.map_or(MORE.to_owned(), |needed| {
                    format!("About {} {} would tell, if the share stays as it is. {MORE}", count(needed), cases.unit.1)
                });
                cells.push(("needs", Cell::Text(needs)));
            }
            cells.extend([
                ("share", Cell::float(share.share)),
                ("share_low", Cell::float(share.low)),
                ("share_high", Cell::float(share.high)),
                ("required_share", Cell::float(required)),
                ("tolerated_share", Cell::float(tolerated)),
                ("as_expected", Cell::Int(cases.within)),
                ("n", Cell::Int(cases.n)),
                ("unit", text(cases.unit.1)),
                ("typical", Cell::float(cases.typical.map(|(median, _)| median))),
                ("typical_unit", Cell::text(cases.typical.map(|(_, unit)| unit.to_owned()))),
                ("evidence", Cell::Text(evidence)),
            ]);
        }
    }
    out.push(cells);
}

/// The middle of some numbers.
pub(super) fn median(mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    let n = values.len();
    let (low, high) = (values.get(n.checked_sub(1)? / 2)?, values.get(n / 2)?);
    Some((*low as f64 + *high as f64) / 2.0)
}
