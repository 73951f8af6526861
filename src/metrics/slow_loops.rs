//! Loops beyond their limit, open ones first.

use std::collections::BTreeMap;

use polars::prelude::{DataType, JoinArgs, JoinType, LazyFrame, col, len, lit};

use super::segments::{DAY_SECONDS, elapsed, seconds};
use super::wording::{self, As, table};
use super::{Presented, Question};
use crate::dataset::schema::columns;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames, Grain, Metric};
use crate::engine::results::{Cell, ResultTable, Status, TableSpec};
use crate::engine::run::Results;
use crate::error::Result;
use crate::findings::{Finding, Level};
use crate::report::model::{Caption, Chart, Stacked};
use crate::report::number::{self, plural};
use crate::time::{Instant, SECOND};

const DOC: &str = "\
## What it measures

Which loops have lasted longer than the limit (21 days by default), the open ones first, with the state they are
in now.

## Why it matters

An open loop beyond its limit can still be saved; a closed one shows what happens when it is not.

## How it is computed

- Time since the application, on the configured calendar, up to the decision or to `as_of`.
- Times known only by their day are counted in whole days.
- A loop is listed when that is more than `time.slow_after_days`.
- `state` and `since` are those of the open loop's present state.
- Open loops come first, each group with the longest first.

## When it misleads

- Applications that nobody closed in the system look like very slow loops; they are worth closing.
- Loops without an application time are not on this clock.

## References

None: this is a list, not an estimate.
";

/// The metric with its words.
pub const QUESTION: Question = Question { metric: METRIC, judge, present };

const METRIC: Metric = Metric {
    id: "slow-loops",
    title: "Slow loops",
    question: "Which loops have gone on too long?",
    doc: DOC,
    version: 3,
    grain: Grain::Rows,
    inputs: &["loops", "loop_states"],
    needs: &[],
    values: &["loops"],
    tables: &[&SLOW_LOOPS],
    reduce,
    finish,
};

/// One row per loop beyond its limit.
pub const SLOW_LOOPS: TableSpec = TableSpec {
    name: "slow_loops",
    about: "One row per loop beyond its limit, open ones first.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "application_id" Text false "The application, as the source knows it unless it could name a person.",
        "opened" Text false "Quarter in which the loop opened.",
        "department" Text true "Department of the job.",
        "is_open" Flag false "Whether the loop is still open at `as_of`.",
        "days" Float false "Days since the application, up to the decision or `as_of`.",
        "limit_days" Float false "The limit.",
        "state" Text true "The state an open loop is in.",
        "since" Instant true "Since when.",
        "stage" Text true "The stage that state belongs to, or the last one in which anything happened.",
        "ended_how" Text false "`offer`, `reject`, `withdrawn` or `open`.",
    ],
};

fn reduce(frames: &Frames, _by: &[String]) -> Result<LazyFrame> {
    let loops = frames.get("loops")?.filter(col("problem").is_null().and(col("applied_at").is_not_null())).select([
        col("opened"),
        col("application_id"),
        col("department"),
        seconds("applied_at", "applied"),
        seconds("ended_at", "ended"),
        col("ended_how"),
        col("furthest_stage"),
        col("day_precision").cast(DataType::Int64).alias("day"),
    ]);
    let joined = if frames.has("loop_states") {
        // All states of the loops that have no end: which one holds is known once the date of analysis is, since
        // an appointment may lie after it.
        let open = loops.clone().filter(col("ended").is_null()).select([col("application_id")]);
        let states = frames.get("loop_states")?.select([
            col("application_id"),
            seconds("from_at", "since"),
            seconds("to_at", "until"),
            col("state"),
            col("stage"),
        ]);
        let by_loop = || [col("application_id")];
        let states = states.join(open, by_loop(), by_loop(), JoinArgs::new(JoinType::Semi));
        loops.join(states, by_loop(), by_loop(), JoinArgs::new(JoinType::Left))
    } else {
        let missing = |name: &str, ty: DataType| lit(polars::prelude::NULL).cast(ty).alias(name);
        loops.with_columns([
            missing("since", DataType::Int64),
            missing("until", DataType::Int64),
            missing("state", DataType::String),
            missing("stage", DataType::String),
        ])
    };
    Ok(joined.group_by([col("*")]).agg([len().cast(DataType::Int64).alias("loops")]))
}

fn finish(counts: &Counts, context: &Context<'_>) -> Result<Vec<ResultTable>> {
    let (opened, id, department) = (counts.text("opened"), counts.text("application_id"), counts.text("department"));
    let (applied, ended, since) = (counts.int("applied"), counts.int("ended"), counts.int("since"));
    let (how, state, stage) = (counts.text("ended_how"), counts.text("state"), counts.text("stage"));
    let (furthest, day) = (counts.text("furthest_stage"), counts.int("day"));
    let limit = context.config.time.slow_after_days;
    let as_of = context.as_of.0.div_euclid(SECOND);
    let until = counts.int("until");
    let mut slow: Vec<(bool, f64, usize)> = Vec::new();
    let holds = |row: usize| since.at(row).is_some_and(|at| at <= as_of) && until.at(row).is_none_or(|at| at > as_of);
    for row in 0..counts.len() {
        if !context.includes(opened.at(row)) {
            continue;
        }
        let Some(start) = applied.at(row).filter(|start| *start <= as_of) else { continue };
        // The rows of a loop stand together; the one whose state holds stands for it.
        if let Some((_, _, last)) = slow.last_mut()
            && id.code(*last) == id.code(row)
        {
            if holds(row) {
                *last = row;
            }
            continue;
        }
        let end = ended.at(row).filter(|end| *end <= as_of);
        let whole_days = day.at(row) == Some(1);
        let seconds = elapsed(&context.config.calendar, start, end.unwrap_or(as_of), whole_days);
        let days = seconds as f64 / DAY_SECONDS;
        if days > limit {
            slow.push((end.is_none(), days, row));
        }
    }
    slow.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(id.at(a.2).cmp(&id.at(b.2))));
    let mut out = ResultTable::new(&SLOW_LOOPS);
    let text = |value: Option<&str>| Cell::text(value.map(str::to_owned));
    for (is_open, days, row) in slow {
        let known = since.at(row).filter(|_| is_open && holds(row));
        out.push([
            ("segment_kind", Cell::Text("all".to_owned())),
            ("segment", Cell::Text("all".to_owned())),
            ("application_id", text(id.at(row))),
            ("opened", text(opened.at(row))),
            ("department", text(department.at(row))),
            ("is_open", Cell::Flag(is_open)),
            ("days", Cell::float(days)),
            ("limit_days", Cell::float(limit)),
            ("state", text(known.and_then(|_| state.at(row)))),
            ("since", known.map_or(Cell::Null, |since| Cell::Instant(Instant(since * SECOND)))),
            ("stage", text(known.and_then(|_| stage.at(row)).or(furthest.at(row)))),
            ("ended_how", text(if is_open { Some("open") } else { how.at(row) })),
        ]);
    }
    Ok(vec![out])
}

fn judge(results: &Results, context: &Context<'_>) -> Vec<Finding> {
    let Some(slow) = results.table(SLOW_LOOPS.name) else { return Vec::new() };
    let open: Vec<&Vec<Cell>> = slow.rows.iter().filter(|row| *slow.get(row, "is_open") == Cell::Flag(true)).collect();
    let Some(longest) = open.first().and_then(|row| slow.get(row, "days").number()) else { return Vec::new() };
    // Where nothing is ever decided, every loop looks slow; the time to decision says so.
    if !wording::anything_closed(results) {
        return Vec::new();
    }
    let limit = context.config.time.slow_after_days;
    let mut states: BTreeMap<&str, i64> = BTreeMap::new();
    for state in open.iter().filter_map(|row| slow.get(row, "state").as_text()) {
        *states.entry(state).or_default() += 1;
    }
    let most = states.iter().max_by_key(|(_, count)| **count);
    let where_they_wait = most.map_or(String::new(), |(state, count)| {
        if open.len() == 1 {
            return format!(" It is {}.", wording::state(state));
        }
        format!(
            " {} of them {} {}.",
            number::count(*count),
            if *count == 1 { "is" } else { "are" },
            wording::state(state)
        )
    });
    let n = open.len() as i64;
    vec![Finding {
        id: "open-beyond-limit:all".to_owned(),
        code: "open-beyond-limit",
        // A single straggler is worth a look; several are a habit.
        level: if n >= 3 { Level::Act } else { Level::Look },
        subject: "open loops".to_owned(),
        statement: format!(
            "{} open for more than {} days, the longest for {} days.{where_they_wait}",
            plural(n, "loop has been", "loops have been"),
            number::days_plain(limit),
            number::days(longest),
        ),
        evidence: BTreeMap::from([
            ("open_beyond_limit".to_owned(), Cell::Int(n)),
            ("longest_days".to_owned(), Cell::float(longest)),
            ("limit_days".to_owned(), Cell::float(limit)),
        ]),
        recommendation: "Decide or close them this week, longest first; the list is in the slow loops section. \
                         Those nobody works on any more should be closed in the system."
            .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: SLOW_LOOPS.name,
    }]
}

fn present(results: &Results, context: &Context<'_>) -> Presented {
    const SHOWN: usize = 25;
    let empty = ResultTable::new(&SLOW_LOOPS);
    let slow = results.table(SLOW_LOOPS.name).unwrap_or(&empty);
    let open = slow.rows.iter().filter(|row| *slow.get(row, "is_open") == Cell::Flag(true)).count() as i64;
    let closed = slow.rows.len() as i64 - open;
    let limit = number::days_plain(context.config.time.slow_after_days);
    let answer = if slow.rows.is_empty() {
        vec![format!("No loop lasted longer than {limit} days.")]
    } else {
        let open = if open == 0 { "No loop is".to_owned() } else { plural(open, "loop is", "loops are") };
        vec![format!(
            "{open} open for longer than {limit} days; {} longer than that before {} closed.",
            plural(closed, "loop took", "loops took"),
            if closed == 1 { "it" } else { "they" },
        )]
    };
    let rows: Vec<&Vec<Cell>> = slow.rows.iter().take(SHOWN).collect();
    let listed = table(
        "Loops beyond their limit, open ones first",
        slow,
        &rows,
        slow.rows.len().saturating_sub(SHOWN),
        &[
            ("application_id", "Application", As::Text),
            ("department", "Department", As::Text),
            ("stage", "Stage", As::Text),
            ("state", "State", As::State),
            ("days", "Days", As::Days),
            ("ended_how", "Ended", As::Text),
        ],
    );
    let mut out = wording::blank(&METRIC);
    out.section.answer = answer;
    if !slow.rows.is_empty() {
        out.section.charts.push(by_stage(slow));
        out.section.tables.push(listed);
    }
    out
}

/// How many of them came to which stage: where most pile up is where to begin.
fn by_stage(slow: &ResultTable) -> Chart {
    let mut stages: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for row in &slow.rows {
        let counts = stages.entry(slow.get(row, "stage").as_text().unwrap_or("no stage on record")).or_default();
        counts[usize::from(*slow.get(row, "is_open") != Cell::Flag(true))] += 1.0;
    }
    let mut bars: Vec<(String, Vec<f64>)> =
        stages.into_iter().map(|(stage, counts)| (stage.to_owned(), counts.to_vec())).collect();
    bars.sort_by(|a, b| b.1.iter().sum::<f64>().total_cmp(&a.1.iter().sum()).then_with(|| a.0.cmp(&b.0)));
    Chart::Stacked(Stacked {
        caption: Caption {
            title: "Loops beyond their limit, by the stage they came to".to_owned(),
            says: "Each bar counts the loops that lasted longer than the limit, by the last stage on record; the \
                   longest bar is where most of them pile up."
                .to_owned(),
        },
        x_label: "loops".to_owned(),
        parts: vec!["still open".to_owned(), "closed by now".to_owned()],
        bars,
    })
}
