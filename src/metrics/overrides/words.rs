//! What overridden records say. An override is neither right nor wrong here: those who were rejected have no outcome.

use super::METRIC;
use super::tables::{BORDERLINE, OVERRIDE_OUTCOMES, OVERRIDES, RULE_AUDIT};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::segments::ALL;
use crate::metrics::wording::{As, blank, interval, listed, measure, status_of};
use crate::report::model::{Better, Caption, Chart, Figure, IntervalRow, Intervals, Measure, Table, Unit};
use crate::report::number::{self, plural};

/// A larger share of overridden records is worth a word.
const MANY: f64 = 0.1;
/// One more data point is collected in fewer borderline loops than this: worth a word.
const FEW_COLLECTED: f64 = 0.5;

fn of_all<'t>(results: &'t Results, basis: &str, direction: &str) -> Option<Row<'t>> {
    rows(results, OVERRIDES.name).into_iter().find(|row| {
        row.text("segment_kind") == Some(ALL)
            && row.text("basis") == Some(basis)
            && row.text("direction") == Some(direction)
    })
}

pub(super) fn judge(results: &Results, context: &Context<'_>) -> Vec<Finding> {
    [overridden(results), low_scores(results, context), outside(results), borderline(results)]
        .into_iter()
        .flatten()
        .collect()
}

fn finding(code: &'static str, subject: &str, level: Level, row: &Row<'_>, table: &'static str) -> Finding {
    Finding {
        id: format!("{code}:{subject}"),
        code,
        level,
        subject: subject.to_owned(),
        statement: String::new(),
        evidence: std::collections::BTreeMap::new(),
        recommendation: String::new(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table,
    }
}

/// `3 of 58 (5 %, 95 % interval 2 to 14 %)`.
fn counted(row: &Row<'_>) -> Option<String> {
    let [hits, n] = ["overridden", "decisions"].map(|name| row.number(name).map(|n| number::count(n as i64)));
    Some(format!("{} of {}, {}", hits?, n?, row.interval("rate", number::percent)?))
}

fn overridden(results: &Results) -> Option<Finding> {
    let row = of_all(results, "rule", "any")?;
    if row.status() != Status::Ok || row.number("rate_low")? <= MANY {
        return None;
    }
    let side = |direction: &str, words: &str| {
        let row = of_all(results, "rule", direction)?;
        Some(format!(" {words}: {}.", counted(&row)?))
    };
    Some(Finding {
        statement: format!(
            "Decisions go against what the rule says of the record made before them: {}.{}{}",
            counted(&row)?,
            side("hired_against", "Offers where it rejects").unwrap_or_default(),
            side("rejected_against", "Rejections where it advances").unwrap_or_default(),
        ),
        evidence: row.evidence(&["decisions", "overridden", "rate", "rate_low", "rate_high"]),
        recommendation: "Write down what decided where it was not the scores; where that repeats, it belongs into the \
                         rubric or the rule."
            .to_owned(),
        ..finding("record-overridden", "decisions", Level::Look, &row, OVERRIDES.name)
    })
}

fn low_scores(results: &Results, context: &Context<'_>) -> Option<Finding> {
    let row = of_all(results, "rule", "low_scores")?;
    let hits = row.number("overridden")? as i64;
    if hits == 0 {
        return None;
    }
    Some(Finding {
        statement: format!(
            "{} made although two interviewers had independently given {} or less on one dimension: {} such loops that were \
             decided.",
            plural(hits, "offer was", "offers were"),
            number::days_plain(context.config.decision_rule().0.low),
            counted(&row)?,
        ),
        evidence: row.evidence(&["decisions", "overridden", "rate", "rate_low", "rate_high"]),
        recommendation:
            "Let two independent low scores on one dimension stand, or ask for one more data point on it; an \
                         argument alone should not set them aside."
                .to_owned(),
        ..finding("low-scores-overridden", "independent low scores", Level::Look, &row, OVERRIDES.name)
    })
}

fn outside(results: &Results) -> Option<Finding> {
    let all = rows(results, OVERRIDES.name);
    let beyond = |row: &&Row<'_>| {
        let told = row.number("q_value").is_some_and(|q| q <= 0.05);
        let high = row.number("rate").zip(row.number("control_high")).is_some_and(|(rate, high)| rate > high);
        row.text("basis") == Some("rule") && row.text("direction") == Some("any") && told && high
    };
    let found: Vec<&Row<'_>> = all.iter().filter(beyond).collect();
    let first = found.first()?;
    Some(Finding {
        statement: format!(
            "{} outside of what chance explains in how often decisions go against the record.",
            plural(found.len() as i64, "decider or department lies", "deciders or departments lie")
        ),
        evidence: first.evidence(&["decisions", "overridden", "rate", "expected", "q_value"]),
        recommendation: "Ask what they decide on besides the scores; this does not say that they decide worse."
            .to_owned(),
        q_value: first.number("q_value"),
        ..finding("overrides-outside-chance", "deciders", Level::Note, first, OVERRIDES.name)
    })
}

fn borderline(results: &Results) -> Option<Finding> {
    let all = rows(results, BORDERLINE.name);
    let row = all.iter().find(|row| row.text("step") == Some("collected"))?;
    if row.status() != Status::Ok || row.number("share_high")? >= FEW_COLLECTED {
        return None;
    }
    Some(Finding {
        statement: format!(
            "Of {} that the rule neither rejected nor advanced at the debrief, one more data point was collected in {}.",
            plural(row.number("loops")? as i64, "loop", "loops"),
            row.interval("share", number::percent)?
        ),
        evidence: row.evidence(&["loops", "reached", "share", "share_low", "share_high"]),
        recommendation:
            "Name the gap and ask whether one short, targeted conversation would close it, before deciding on \
                         the same scores."
                .to_owned(),
        ..finding("borderline-unsettled", "borderline loops", Level::Note, row, BORDERLINE.name)
    })
}

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(any) = of_all(results, "rule", "any") else { return out };
    if let Some(told) = counted(&any) {
        let side = |direction: &str, words: &str| {
            of_all(results, "rule", direction).as_ref().and_then(counted).map(|told| format!("{words} {told}"))
        };
        let sides: Vec<String> = [
            side("hired_against", "offers where it rejects"),
            side("rejected_against", "rejections where it advances"),
        ]
        .into_iter()
        .flatten()
        .collect();
        out.section.answer.push(format!(
            "Of decisions whose record the rule rejects or advances, {told} went the other way ({}). Whether that was right \
             cannot be told: those who were rejected have no outcome.",
            sides.join("; ")
        ));
        let figure = Figure {
            label: "Overridden records".to_owned(),
            value: any.number("rate").map(number::percent).unwrap_or_default(),
            interval: interval(any.number("rate_low"), any.number("rate_high"), number::percent, ""),
            note: Some(plural(any.number("decisions").unwrap_or(0.0) as i64, "decision", "decisions")),
        };
        let behind = measure("overridden-records", any.table, any.cells, "rate", Unit::Share, Better::Neither);
        out.headline(figure, Measure { looks_back: true, ..behind });
    } else {
        out.section.answer.push(format!("Cannot tell: {}.", any.text("reason").unwrap_or("no data")));
    }
    if let Some(told) = of_all(results, "rule", "low_scores").as_ref().and_then(counted) {
        out.section.answer.push(format!(
            "Of decided loops with two independent low scores on one dimension, {told} ended in an offer."
        ));
    }
    out.section.answer.extend(any.text("method").map(|method| format!("Method: {method}.")));
    out.section.answer.extend(became(results));
    out.section.charts.extend(directions(results));
    out.section.tables = tables(results);
    let mut seen: Vec<&str> = Vec::new();
    for name in [OVERRIDES.name, RULE_AUDIT.name, BORDERLINE.name, OVERRIDE_OUTCOMES.name] {
        for row in rows(results, name).iter().filter(|row| row.text("segment_kind") == Some(ALL)) {
            if row.status() == Status::NotEstimable
                && let Some(reason) = row.text("reason").filter(|reason| !seen.contains(reason))
            {
                seen.push(reason);
                out.section.limits.push(format!("{}{}.", reason[..1].to_uppercase(), &reason[1..]));
            }
        }
    }
    out
}

/// What became of hires against the rule, of each outcome that both sides have.
fn became(results: &Results) -> Vec<String> {
    let all = rows(results, OVERRIDE_OUTCOMES.name);
    let by_rule = all.iter().filter(|row| row.text("basis") == Some("rule") && row.status() != Status::NotEstimable);
    by_rule
        .filter_map(|row| {
            let format = if row.text("values_are") == Some("shares") { number::percent } else { number::figure };
            let apart = row.number("difference_low").zip(row.number("difference_high"));
            let says = match apart.filter(|_| row.status() == Status::Ok) {
                None => "too few to compare",
                Some((low, high)) if low <= 0.0 && high >= 0.0 => "so few do not tell them apart",
                Some(_) => "they differ by more than chance explains",
            };
            Some(format!(
                "{}: {} among {} hired against the rule, {} among {} hired in accord with it; {says}.",
                number::harmless(row.text("outcome")?),
                row.interval("value_against", format)?,
                number::count(row.number("against")? as i64),
                row.interval("value_accord", format)?,
                number::count(row.number("accord")? as i64),
            ))
        })
        .collect()
}

fn directions(results: &Results) -> Option<Chart> {
    let words = |basis: &str, direction: &str| {
        let by = match basis {
            "rule" => "by the rule",
            "majority" => "by most cards",
            _ => "by the mean",
        };
        match direction {
            "hired_against" => Some(format!("Offer, rejected {by}")),
            "rejected_against" => Some(format!("Rejection, advanced {by}")),
            "low_scores" => Some("Offer, twice low".to_owned()),
            _ => None,
        }
    };
    let all = rows(results, OVERRIDES.name);
    let shown: Vec<IntervalRow> = all
        .iter()
        .filter(|row| row.text("segment_kind") == Some(ALL))
        .filter_map(|row| {
            let percent = |name: &str| row.number(name).map(|share| share * 100.0);
            Some(IntervalRow {
                name: words(row.text("basis")?, row.text("direction")?)?,
                point: percent("rate"),
                low: percent("rate_low"),
                high: percent("rate_high"),
                note: plural(row.number("decisions")? as i64, "decision", "decisions"),
            })
        })
        .collect();
    shown.iter().any(|row| row.point.is_some()).then(|| {
        Chart::Intervals(Intervals {
            caption: Caption {
                title: "Decisions against the record".to_owned(),
                says: "Share of decisions that went against what the record before them recommends, by what it is read with, \
                       with 95 % intervals."
                    .to_owned(),
            },
            x_label: "% of decisions".to_owned(),
            rows: shown,
            reference: None,
        })
    })
}

fn tables(results: &Results) -> Vec<Table> {
    let mut out = Vec::new();
    let mut add =
        |name: &str, caption: &str, keep: &dyn Fn(&ResultTable, &[Cell]) -> bool, columns: &[(&str, &str, As)]| {
            out.extend(listed(results, name, caption, keep, columns));
        };
    let estimated = |table: &ResultTable, row: &[Cell]| status_of(table, row) != Status::NotEstimable;
    add(
        RULE_AUDIT.name,
        "What the rule says and what was decided",
        &estimated,
        &[
            ("outcome", "The rule says", As::Words),
            ("decision", "Decided", As::Words),
            ("loops", "Loops", As::Count),
            ("share", "Share", As::ShareInterval),
        ],
    );
    let by = |kinds: &'static [&'static str]| {
        move |table: &ResultTable, row: &[Cell]| {
            let is =
                |name: &str, wanted: &[&str]| table.get(row, name).as_text().is_some_and(|word| wanted.contains(&word));
            estimated(table, row) && is("segment_kind", kinds) && is("basis", &["rule"]) && is("direction", &["any"])
        }
    };
    let columns: [(&str, &str, As); 4] = [
        ("segment", "Which", As::Text),
        ("decisions", "Decisions", As::Count),
        ("overridden", "Overridden", As::Count),
        ("rate", "Share", As::ShareInterval),
    ];
    add(
        OVERRIDES.name,
        "By department and distance from the middle of the rule",
        &by(&["department", "margin"]),
        &columns,
    );
    add(OVERRIDES.name, "By quarter", &by(&["quarter"]), &columns);
    add(OVERRIDES.name, "By decider, in no order of merit", &by(&["decider"]), &columns);
    add(
        OVERRIDE_OUTCOMES.name,
        "What became of hires against the record and in accord with it",
        &estimated,
        &[
            ("basis", "Record read by", As::Words),
            ("outcome", "Outcome", As::Text),
            ("against", "Hired against it", As::Count),
            ("value_against", "Share or mean", As::FigureInterval),
            ("accord", "In accord", As::Count),
            ("value_accord", "Share or mean", As::FigureInterval),
            ("difference", "Difference", As::FigureInterval),
        ],
    );
    add(
        BORDERLINE.name,
        "Borderline loops",
        &estimated,
        &[
            ("step", "Step", As::Words),
            ("loops", "Loops", As::Count),
            ("reached", "Took it", As::Count),
            ("share", "Share", As::ShareInterval),
        ],
    );
    out
}
