//! What the audit says: findings, headline figure, section.

use std::collections::BTreeMap;

use super::METRIC;
use super::checklist::CHECKLIST;
use super::paths::ALL_LOOPS;
use super::tables::{LOOP_PATHS, PLAN_STAGES, PROCESS_AUDIT};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::wording::{As, blank, evidence, status_of, table, with_interval};
use crate::report::model::{Caption, Chart, Figure, IntervalRow, Intervals};
use crate::report::number::{self, count, plural};

/// Items that hold whatever the plan.
const WITHOUT_PLAN: [&str; 3] = ["rubric-filled", "shadow-rounds", "scores-before-debrief"];
/// Where surely less than this share is as it should be, it is time to act.
const FEW: f64 = 0.5;
/// Rework of surely less than this share of loops is daily life.
const MUCH_REWORK: f64 = 0.1;
/// Paths in the report.
const PATHS_SHOWN: usize = 12;
/// Rows in the picture.
const ROWS_SHOWN: usize = 16;

/// The rows of an item's state.
fn of_state<'t>(audit: &'t ResultTable, state: &str) -> Vec<&'t Vec<Cell>> {
    audit.rows.iter().filter(|row| audit.get(row, "state").as_text() == Some(state)).collect()
}

/// The plan in words, such as `six-stage, assumed`.
fn plan_of(audit: &ResultTable) -> Option<(String, bool)> {
    let row = audit.rows.first()?;
    let name = audit.get(row, "plan").as_text()?;
    Some((name.to_owned(), audit.get(row, "plan_from").as_text() == Some("configured")))
}

pub(super) fn judge(results: &Results, _context: &Context<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    if let Some(audit) = results.table(PROCESS_AUDIT.name) {
        out.extend(CHECKLIST.iter().filter_map(|item| not_met(audit, item.id, item.title, item.advice)));
    }
    out.extend(results.table(LOOP_PATHS.name).and_then(rework));
    out.extend(results.table(PLAN_STAGES.name).and_then(unknown_stages));
    out
}

/// An item that is not met, by the round that is furthest from it.
fn not_met(audit: &ResultTable, id: &str, title: &str, advice: &str) -> Option<Finding> {
    let mut rows = of_state(audit, "not_met");
    rows.retain(|row| audit.get(row, "item").as_text() == Some(id));
    let number = |row: &Vec<Cell>, name: &str| audit.get(row, name).number();
    rows.sort_by(|a, b| number(a, "share").unwrap_or(0.0).total_cmp(&number(b, "share").unwrap_or(0.0)));
    let row = *rows.first()?;
    let subject = audit.get(row, "subject").as_text()?;
    let (plan, is_configured) = plan_of(audit).unwrap_or_default();
    let holds_anyway = WITHOUT_PLAN.contains(&id);
    let is_far = number(row, "share_high").is_some_and(|high| high < FEW);
    let level = match (holds_anyway || is_configured, is_far) {
        (true, true) => Level::Act,
        (true, false) => Level::Look,
        // Nobody said that loops should be like this.
        (false, _) => Level::Note,
    };
    let mut statement = title.to_owned();
    if subject != "loop" {
        statement.push_str(&format!(": {subject} does not, with "));
    } else {
        statement.push_str(": not met, with ");
    }
    statement.push_str(audit.get(row, "evidence").as_text().unwrap_or("nothing on record"));
    if let Some(expected) = audit.get(row, "expected").as_text() {
        statement.push_str(&format!(". Expected: {expected}"));
    }
    if rows.len() > 1 {
        let others: Vec<&str> = rows.iter().skip(1).filter_map(|row| audit.get(row, "subject").as_text()).collect();
        statement.push_str(&format!(". Likewise {}", others.join(", ")));
    }
    statement.push('.');
    if !holds_anyway && !is_configured {
        statement.push_str(&format!(" The plan {plan} is assumed, because the stages are like it."));
    }
    Some(Finding {
        id: format!("{id}:{subject}"),
        code: "process-not-met",
        level,
        subject: if subject == "loop" { "the loop".to_owned() } else { subject.to_owned() },
        statement,
        evidence: evidence(audit, row, &["share", "share_low", "share_high", "required_share", "as_expected", "n"]),
        recommendation: advice.to_owned(),
        status: status_of(audit, row),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: PROCESS_AUDIT.name,
    })
}

/// Loops whose appointments had to be made or held again.
fn rework(paths: &ResultTable) -> Option<Finding> {
    let row = paths.rows.first()?;
    let get = |name: &str| paths.get(row, name).number();
    let low = get("rework_share_low").filter(|low| *low >= MUCH_REWORK)?;
    let times = |name: &str, one: &str, many: &str| {
        let times = get(name).unwrap_or(0.0) as i64;
        (times > 0).then(|| plural(times, one, many))
    };
    let kinds = [
        times("cancelled", "appointment cancelled", "appointments cancelled"),
        times("no_shows", "missed", "missed"),
        times("repeated", "round held again", "rounds held again"),
    ];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    Some(Finding {
        id: "rework:all".to_owned(),
        code: "rework",
        level: Level::Look,
        subject: "all loops".to_owned(),
        statement: format!(
            "{} of loops had rework: {}.",
            with_interval(get("rework_share")?, Some(low), get("rework_share_high"), number::percent),
            kinds.join(", "),
        ),
        evidence: evidence(
            paths,
            row,
            &["rework_share", "rework_share_low", "rework_share_high", "cancelled", "no_shows", "repeated", "n"],
        ),
        recommendation: "Ask who cancels and how late; a confirmation the day before and a stand-in for each \
                         interviewer keep most appointments."
            .to_owned(),
        status: status_of(paths, row),
        saves_hours: get("total_beyond_plan_hours_per_quarter").filter(|hours| *hours > 0.0),
        saves_days: None,
        q_value: None,
        table: LOOP_PATHS.name,
    })
}

/// Stages that a plan of one's own does not know.
fn unknown_stages(stages: &ResultTable) -> Option<Finding> {
    let of = |row: &Vec<Cell>, name: &str| stages.get(row, name).as_text().map(str::to_owned);
    let unknown: Vec<&Vec<Cell>> = stages
        .rows
        .iter()
        .filter(|row| of(row, "how").as_deref() == Some("unknown"))
        .filter(|row| of(row, "plan_from").as_deref() == Some("configured"))
        .collect();
    let row = *unknown.first()?;
    let names: Vec<String> = unknown.iter().filter_map(|row| Some(format!("\"{}\"", of(row, "stage")?))).collect();
    let n = unknown.len() as i64;
    Some(Finding {
        id: "unknown-stages:plan".to_owned(),
        code: "unknown-stages",
        level: Level::Look,
        subject: of(row, "plan").unwrap_or_default(),
        statement: format!(
            "{} no round of the plan: {}.",
            plural(n, "stage of the data is", "stages of the data are"),
            names.join(", ")
        ),
        evidence: BTreeMap::from([("unknown_stages".to_owned(), Cell::Int(n))]),
        recommendation: "Say under [plan.stages] which round each of them is, or `ignore`; what is left is a round \
                         that nobody planned."
            .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: PLAN_STAGES.name,
    })
}

pub(super) fn present(results: &Results, _context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let Some(audit) = results.table(PROCESS_AUDIT.name) else { return out };
    let [met, not_met, hidden] = ["met", "not_met", "not_visible"].map(|state| of_state(audit, state));
    let plan = plan_of(audit);
    let against = match &plan {
        Some((name, true)) => format!("held against the plan {name}"),
        Some((name, false)) => format!("compared with {name}, assumed because the stages are like it"),
        None => "without a plan: none is named, and none that ships fits the stages".to_owned(),
    };
    let judged = (met.len() + not_met.len()) as i64;
    if judged > 0 {
        out.summary.push(format!(
            "Of {} of the process that can be judged, {} met and {} not ({against}).",
            plural(judged, "item", "items"),
            plural(met.len() as i64, "is", "are"),
            count(not_met.len() as i64),
        ));
        out.figures.push(Figure {
            label: "Checklist items met".to_owned(),
            value: format!("{} of {}", count(met.len() as i64), count(judged)),
            interval: None,
            note: Some(format!("{} not visible in this data; {against}", count(hidden.len() as i64))),
        });
    }
    let met_words = if judged == 0 {
        "Cannot tell: no item of the checklist can be judged".to_owned()
    } else {
        format!(
            "{} met, {} not met, {} not visible in this data",
            count(met.len() as i64),
            count(not_met.len() as i64),
            count(hidden.len() as i64)
        )
    };
    out.section.answer.push(format!("{met_words}; {against}."));
    for row in not_met.iter().take(5) {
        let text = |name: &str| audit.get(row, name).as_text().unwrap_or_default().to_owned();
        let subject = text("subject");
        let of = if subject == "loop" { String::new() } else { format!(" ({subject})") };
        out.section.answer.push(format!("Not met: {}{of}: {}.", text("title"), text("evidence")));
    }
    if plan.as_ref().is_some_and(|(_, is_configured)| !is_configured) {
        out.section.limits.push(
            "Nobody named a plan. `looplens plans list` shows those that ship; `[plan]` in looplens.toml names one or a \
             file of your own, and what only a plan can say is then judged too."
                .to_owned(),
        );
    }
    if plan.is_none() {
        out.section.limits.push(
            "A plan would tell which rounds are left out and which are added: name one under [plan] in looplens.toml, \
             and map stages of other names under [plan.stages]."
                .to_owned(),
        );
    }
    out.section.charts.extend(shares(audit));
    let judged: Vec<&Vec<Cell>> = not_met.iter().chain(&met).copied().collect();
    if !judged.is_empty() {
        out.section.tables.push(table(
            "The checklist: what can be judged, what is not met first",
            audit,
            &judged,
            0,
            &[
                ("title", "Item", As::Text),
                ("subject", "Of", As::Text),
                ("state", "State", As::Words),
                ("expected", "Expected", As::Text),
                ("share", "As expected", As::ShareInterval),
                ("n", "Cases", As::Count),
                ("unit", "Of what", As::Text),
                ("evidence", "Evidence", As::Text),
            ],
        ));
    }
    if !hidden.is_empty() {
        out.section.tables.push(table(
            "What this data cannot show, and what would",
            audit,
            &hidden,
            0,
            &[
                ("title", "Item", As::Text),
                ("subject", "Of", As::Text),
                ("share", "As expected so far", As::ShareInterval),
                ("n", "Cases", As::Count),
                ("reason", "Why", As::Text),
                ("needs", "What would tell", As::Text),
            ],
        ));
    }
    paths(results, &mut out);
    if let Some(stages) = results.table(PLAN_STAGES.name) {
        let rows: Vec<&Vec<Cell>> = stages.rows.iter().collect();
        out.section.tables.push(table(
            "The stages of the data, and the rounds they are",
            stages,
            &rows,
            0,
            &[
                ("stage", "Stage", As::Text),
                ("round", "Round of the plan", As::Text),
                ("how", "Known by", As::Text),
                ("loops", "Loops", As::Count),
                ("interviews", "Interviews held", As::Count),
            ],
        ));
    }
    out
}

fn paths(results: &Results, out: &mut Presented) {
    let Some(paths) = results.table(LOOP_PATHS.name) else { return };
    let shown: Vec<&Vec<Cell>> =
        paths.rows.iter().filter(|row| status_of(paths, row) != Status::NotEstimable).take(PATHS_SHOWN).collect();
    let Some(all) = shown.first().filter(|row| paths.get(row, "path").as_text() == Some(ALL_LOOPS)) else { return };
    let get = |row: &Vec<Cell>, name: &str| paths.get(row, name).number();
    if let (Some(n), Some(rework)) = (get(all, "n"), get(all, "rework_share")) {
        let covering = paths.rows.iter().skip(1).position(|row| get(row, "cumulative_share").is_some_and(|s| s >= 0.8));
        let variants = covering.map_or(String::new(), |at| {
            format!(" {} through the rounds cover 80 % of them.", plural(at as i64 + 1, "way", "ways"))
        });
        out.section.answer.push(format!(
            "{} with a round on record.{variants} {} had an appointment cancelled, missed or held again{}.",
            plural(n as i64, "loop", "loops"),
            with_interval(rework, get(all, "rework_share_low"), get(all, "rework_share_high"), number::percent),
            get(all, "hours_per_loop").map_or(String::new(), |hours| format!(
                "; interviewers spend {} hours on a loop",
                number::figure(hours)
            )),
        ));
    }
    out.section.tables.push(table(
        "The ways that loops take, most frequent first",
        paths,
        &shown,
        paths.rows.len() - shown.len(),
        &[
            ("path", "Rounds held", As::Text),
            ("against_plan", "Against the plan", As::Words),
            ("skipped", "Left out", As::Text),
            ("extra", "Added", As::Text),
            ("loops", "Loops", As::Count),
            ("share", "Share", As::ShareInterval),
            ("median_days", "Median days", As::DaysInterval),
            ("rework_share", "With rework", As::ShareInterval),
            ("hours_per_loop", "Interviewer hours", As::Figure),
        ],
    ));
}

/// The items that rest on counted cases, as points with their intervals.
fn shares(audit: &ResultTable) -> Option<Chart> {
    let get = |row: &Vec<Cell>, name: &str| audit.get(row, name).number();
    let text = |row: &Vec<Cell>, name: &str| audit.get(row, name).as_text().unwrap_or_default().to_owned();
    let counted: Vec<&Vec<Cell>> = audit.rows.iter().filter(|row| get(row, "share").is_some()).collect();
    let required = counted.first().and_then(|row| get(row, "required_share"))?;
    let row = |row: &&Vec<Cell>| {
        let of = if text(row, "subject") == "loop" { String::new() } else { format!(": {}", text(row, "subject")) };
        IntervalRow {
            name: format!("{}{of}", text(row, "item").replace('-', " ")),
            point: get(row, "share").map(|share| share * 100.0),
            low: get(row, "share_low").map(|share| share * 100.0),
            high: get(row, "share_high").map(|share| share * 100.0),
            note: format!(
                "{}, n = {}",
                text(row, "state").replace('_', " "),
                count(get(row, "n").unwrap_or(0.0) as i64)
            ),
        }
    };
    Some(Chart::Intervals(Intervals {
        caption: Caption {
            title: "How much of it is as planned".to_owned(),
            says: format!(
                "Each row is the share of cases that are as they should be, with its 95 % interval; an item is not met \
                 where the whole interval lies below {}.",
                number::percent(required)
            ),
        },
        x_label: "per cent of cases".to_owned(),
        rows: counted.iter().take(ROWS_SHOWN).map(row).collect(),
        reference: Some((required * 100.0, "required".to_owned())),
    }))
}
