//! Scorecards as every metric of scores reads them: which count, what is set aside, and how scores become steps.
//!
//! A metric puts the rows of [`scores`] into its additive table, with further keys of its own if it needs them and a
//! summed column `scores`, and reads the merged table with [`Cards::read`].

use std::collections::BTreeMap;

use polars::prelude::{DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, UnionArgs, col, concat, lit};

use super::segments::seconds;
use crate::engine::counts::Counts;
use crate::engine::metric::{Context, Frames};
use crate::error::Result;
use crate::stats::crossed::{self, CardSums};
use crate::time::Quarter;

/// The dimension under which overall recommendations stand.
pub const OVERALL: &str = "overall recommendation";

fn missing(name: &str, ty: DataType) -> Expr {
    lit(NULL).cast(ty).alias(name)
}

/// The scores of submitted cards, one row each, with what decides whether a card counts: `opened`,
/// `application_id`, `scorecard_id`, `interviewer_id`, `stage`, `role`, `submitted` and `interview_ended` (seconds),
/// `proxy` and `cancelled` (1 or 0), `dimension`, `score_milli`, `scale`, `scale_levels`, `overall` (1 for a
/// recommendation). For `reduce`: reads `scorecards`, and where the partition has them `scores` and `interviews`.
pub fn scores(frames: &Frames) -> Result<LazyFrame> {
    let mut cards = frames.get("scorecards")?.filter(col("status").eq(lit("submitted"))).select([
        col("opened"),
        col("application_id"),
        col("scorecard_id"),
        col("interview_id"),
        col("interviewer_id"),
        col("stage"),
        col("role"),
        seconds("submitted_at", "submitted"),
        // Filed in somebody's name by somebody else.
        (col("submitted_by").is_not_null().and(col("submitted_by").neq(col("interviewer_id"))))
            .cast(DataType::Int64)
            .alias("proxy"),
        col("recommendation"),
        col("recommendation_levels"),
    ]);
    let by_interview = || [col("application_id"), col("interview_id")];
    cards = if frames.has("interviews") {
        let held = frames.get("interviews")?.select([
            col("application_id"),
            col("interview_id"),
            seconds("ends_at", "interview_ended"),
            col("status").eq(lit("cancelled")).cast(DataType::Int64).alias("cancelled"),
        ]);
        cards.join(held, by_interview(), by_interview(), JoinArgs::new(JoinType::Left))
    } else {
        cards.with_columns([missing("interview_ended", DataType::Int64), missing("cancelled", DataType::Int64)])
    };
    let card_columns = || {
        let names = ["opened", "application_id", "scorecard_id", "interviewer_id", "stage", "role"];
        let mut columns = names.map(col).to_vec();
        columns.extend(["submitted", "interview_ended", "proxy", "cancelled"].map(col));
        columns
    };
    let mut columns = card_columns();
    columns.extend([
        lit(OVERALL).alias("dimension"),
        (col("recommendation") * lit(1000_i64)).alias("score_milli"),
        lit("recommendation").alias("scale"),
        col("recommendation_levels").alias("scale_levels"),
        lit(1_i64).alias("overall"),
    ]);
    let overall = cards.clone().filter(col("recommendation").is_not_null()).select(columns);
    let mut all = vec![overall];
    if frames.has("scores") {
        let scores = frames.get("scores")?.filter(col("score_milli").is_not_null()).select([
            col("application_id"),
            col("scorecard_id"),
            col("dimension"),
            col("score_milli"),
            col("scale"),
            col("scale_levels"),
        ]);
        let by_card = || [col("application_id"), col("scorecard_id")];
        let joined = cards.join(scores, by_card(), by_card(), JoinArgs::new(JoinType::Inner));
        let mut columns = card_columns();
        columns.extend(["dimension", "score_milli", "scale", "scale_levels"].map(col));
        columns.push(lit(0_i64).alias("overall"));
        all.push(joined.select(columns));
    }
    Ok(concat(all, UnionArgs::default())?)
}

/// One scorecard of the window.
#[derive(Debug, Clone)]
pub struct Card {
    /// The application, a position among [`Cards::applications`].
    pub application: u32,
    /// The interviewer, a position among [`Cards::interviewers`].
    pub interviewer: u32,
    /// The stage, a position among [`Cards::stages`].
    pub stage: u32,
    /// Quarters since the first of the window, by when the loop opened; `None` where that is unknown.
    pub quarter: Option<u32>,
    /// Seconds from the end of the interview to the card, where both are known.
    pub delay: Option<i64>,
    /// When it was submitted, in seconds, where that is known.
    pub submitted: Option<i64>,
    /// Its first row in the additive table, where further keys of a metric stand.
    pub row: usize,
    /// Cells with their scores in steps.
    pub scores: Vec<(u32, i64)>,
}

/// What was set aside, in scores.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aside {
    /// On cards of shadows.
    pub shadows: i64,
    /// On cards that somebody else filed.
    pub proxies: i64,
    /// On cards of cancelled interviews.
    pub cancelled: i64,
    /// On another scale than the main one.
    pub other_scales: i64,
    /// Of loops that opened outside the window.
    pub outside_window: i64,
}

/// The cards of the window.
#[derive(Debug, Default)]
pub struct Cards {
    /// Those that count, by application and card.
    pub cards: Vec<Card>,
    /// Cards that shadows filed, for calibration alone.
    pub shadows: Vec<Card>,
    /// Applications with a card.
    pub applications: Vec<String>,
    /// Pseudonyms of interviewers.
    pub interviewers: Vec<String>,
    /// Names of stages.
    pub stages: Vec<String>,
    /// Stage and dimension of each cell.
    pub cells: Vec<(u32, String)>,
    /// The mean score of each cell, in steps.
    pub cell_means: Vec<f64>,
    /// The share of each cell's scores that are at neither end of the scale.
    pub cell_middle: Vec<f64>,
    /// The size of one step in score points.
    pub step: f64,
    /// The score of no step.
    pub origin: f64,
    /// The lowest and the highest score that could be given, in steps where the scale is known, else that was.
    pub range: (i64, i64),
    /// What was set aside.
    pub aside: Aside,
    /// The window in words.
    pub window: String,
    /// The quarter that [`Card::quarter`] counts from.
    pub first_quarter: Option<Quarter>,
    /// Whether overall recommendations stand in for scores by dimension.
    pub recommendations: bool,
}

impl Cards {
    /// The cards of the window that `context` asks for.
    pub fn read(counts: &Counts, context: &Context<'_>) -> Self {
        let (opened, role, scale) = (counts.text("opened"), counts.text("role"), counts.text("scale"));
        let (proxy, cancelled, overall) = (counts.int("proxy"), counts.int("cancelled"), counts.int("overall"));
        let submitted = counts.int("submitted");
        let as_of = context.as_of.0.div_euclid(crate::time::SECOND);
        // A metric may keep rows of other kinds in the same table; they are no scores.
        let scored = |row: &usize| overall.at(*row).is_some() && submitted.at(*row).is_none_or(|at| at <= as_of);
        let mut quarters: Vec<Quarter> =
            (0..counts.len()).filter(scored).filter_map(|row| opened.at(row).and_then(Quarter::parse)).collect();
        quarters.sort_unstable();
        quarters.dedup();
        let window = Window::of(&quarters, context);
        let mut out = Self { window: window.words(), first_quarter: window.from, step: 1.0, ..Self::default() };
        // Dimension scores where there are any; the overall recommendation only where a source has nothing else.
        out.recommendations = !(0..counts.len()).any(|row| overall.at(row) == Some(0));
        let wanted = Some(i64::from(out.recommendations));
        let values = counts.value("scores");
        let weight = |row: usize| values.get(row).copied().unwrap_or(0);
        let mut by_scale: BTreeMap<&str, i64> = BTreeMap::new();
        let mut rows: Vec<Row> = Vec::new();
        for row in (0..counts.len()).filter(scored).filter(|row| overall.at(*row) == wanted) {
            if !window.holds(opened.at(row).and_then(Quarter::parse), context) {
                out.aside.outside_window += weight(row);
                continue;
            }
            let is_shadow = role.at(row) != Some("interviewer");
            if is_shadow {
                out.aside.shadows += weight(row);
            } else if proxy.at(row) == Some(1) {
                out.aside.proxies += weight(row);
                continue;
            } else if cancelled.at(row) == Some(1) {
                out.aside.cancelled += weight(row);
                continue;
            } else {
                *by_scale.entry(scale.at(row).unwrap_or_default()).or_default() += weight(row);
            }
            rows.push(Row { row, is_shadow });
        }
        // Two scales are never pooled: the one with most scores stands.
        let main =
            by_scale.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name))).map(|(name, _)| *name);
        rows.retain(|row| {
            let keep = scale.at(row.row) == main || (main == Some("") && scale.at(row.row).is_none());
            if !keep && !row.is_shadow {
                out.aside.other_scales += weight(row.row);
            }
            keep
        });
        fill(&mut out, counts, &rows, window.from);
        out
    }

    /// The sums the crossed model is fitted to.
    pub fn sums(&self) -> CardSums {
        let card = |card: &Card| crossed::Card {
            candidate: card.application,
            interviewer: card.interviewer,
            scores: card.scores.clone(),
        };
        CardSums::new(self.cards.iter().map(card).collect())
    }

    /// Pairs of candidate and interviewer that met.
    pub fn meetings(&self) -> Vec<(u32, u32)> {
        self.cards.iter().map(|card| (card.application, card.interviewer)).collect()
    }

    /// A score in points.
    pub fn points(&self, steps: i64) -> f64 {
        self.origin + steps as f64 * self.step
    }
}

/// Which loops a window holds, by the quarter in which they opened.
#[derive(Debug)]
pub struct Window {
    from: Option<Quarter>,
    to: Option<Quarter>,
}

impl Window {
    /// The trailing window that ends with the period, or with the latest quarter that has scores.
    pub fn of(opened: &[Quarter], context: &Context<'_>) -> Self {
        let to = context.period.or(opened.last().copied());
        let from = to.map(|to| to.back(context.config.models.window_quarters.saturating_sub(1)));
        Self { from, to }
    }

    /// Whether it holds loops opened in a quarter.
    pub fn holds(&self, quarter: Option<Quarter>, context: &Context<'_>) -> bool {
        match quarter {
            // Loops of unknown time are in, unless a period is asked for.
            None => context.period.is_none(),
            Some(quarter) => self.from.is_none_or(|from| from <= quarter) && self.to.is_none_or(|to| quarter <= to),
        }
    }

    /// The window in words.
    pub fn words(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from != to => format!("loops opened {from} to {to}"),
            (_, Some(to)) => format!("loops opened in {to}"),
            _ => "all loops, whose times are not known".to_owned(),
        }
    }
}

/// A row of the additive table that counts, before scores become steps.
struct Row {
    row: usize,
    is_shadow: bool,
}

fn fill(out: &mut Cards, counts: &Counts, rows: &[Row], from: Option<Quarter>) {
    let (application, interviewer, stage) =
        (counts.text("application_id"), counts.text("interviewer_id"), counts.text("stage"));
    let (card, dimension, score) = (counts.text("scorecard_id"), counts.text("dimension"), counts.int("score_milli"));
    let (opened, levels) = (counts.text("opened"), counts.int("scale_levels"));
    let (submitted, ended) = (counts.int("submitted"), counts.int("interview_ended"));
    let scores: Vec<i64> = rows.iter().filter_map(|row| score.at(row.row)).collect();
    let (Some(low), Some(high)) = (scores.iter().min().copied(), scores.iter().max().copied()) else { return };
    // The finest step that all scores are whole multiples of, from the lowest.
    let step = scores.iter().map(|score| score - low).filter(|above| *above > 0).fold(0, gcd).max(1);
    // Whole points stay whole points, also where only every other one was given.
    let step = if high == low || step % 1000 == 0 { 1000 } else { step };
    let origin = low.rem_euclid(step);
    out.step = step as f64 / 1000.0;
    out.origin = origin as f64 / 1000.0;
    let steps = |milli: i64| (milli - origin).div_euclid(step);
    out.range = (steps(low), steps(high));
    // A scale of labelled levels is known from 1 up, whether or not its ends were used.
    if let Some(levels) = rows.iter().find_map(|row| levels.at(row.row))
        && step == 1000
        && low >= 1000
        && high <= levels * 1000
    {
        out.range = (1, levels);
    }
    let mut people = Names::default();
    let mut loops = Names::default();
    let mut stages = Names::default();
    let mut cells: BTreeMap<(&str, &str), u32> = rows
        .iter()
        .map(|row| ((stage.at(row.row).unwrap_or(NO_STAGE), dimension.at(row.row).unwrap_or_default()), 0))
        .collect();
    for (place, ((stage, dimension), at)) in cells.iter_mut().enumerate() {
        *at = place as u32;
        out.cells.push((stages.place(stage), (*dimension).to_owned()));
    }
    // The rows of a card stand together: the table is sorted by application and card.
    let same = |a: &Row, b: &Row| {
        application.code(a.row) == application.code(b.row)
            && card.code(a.row) == card.code(b.row)
            && interviewer.code(a.row) == interviewer.code(b.row)
            && stage.code(a.row) == stage.code(b.row)
            && a.is_shadow == b.is_shadow
    };
    for rows in rows.chunk_by(same) {
        let Some(first) = rows.first() else { continue };
        let Some(who) = interviewer.at(first.row) else { continue };
        let stage_name = stage.at(first.row).unwrap_or(NO_STAGE);
        let scores: Vec<(u32, i64)> = rows
            .iter()
            .filter_map(|row| {
                let cell = cells.get(&(stage_name, dimension.at(row.row).unwrap_or_default()))?;
                Some((*cell, steps(score.at(row.row)?)))
            })
            .collect();
        let quarter = opened.at(first.row).and_then(Quarter::parse);
        let delay = submitted.at(first.row).zip(ended.at(first.row)).map(|(card, end)| card - end);
        let filed = Card {
            application: loops.place(application.at(first.row).unwrap_or_default()),
            interviewer: people.place(who),
            stage: stages.place(stage_name),
            quarter: quarter.zip(from).map(|(quarter, from)| quarter.since(from)),
            delay,
            submitted: submitted.at(first.row),
            row: first.row,
            scores,
        };
        if first.is_shadow { out.shadows.push(filed) } else { out.cards.push(filed) }
    }
    let mut sums = vec![(0.0, 0.0, 0.0); out.cells.len()];
    for (cell, score) in out.cards.iter().flat_map(|card| &card.scores) {
        let (sum, middle, count) = &mut sums[*cell as usize];
        *sum += *score as f64;
        *middle += f64::from(*score > out.range.0 && *score < out.range.1);
        *count += 1.0;
    }
    out.cell_means = sums.iter().map(|(sum, _, count)| sum / f64::max(*count, 1.0)).collect();
    out.cell_middle = sums.iter().map(|(_, middle, count)| middle / f64::max(*count, 1.0)).collect();
    out.applications = loops.list;
    out.interviewers = people.list;
    out.stages = stages.list;
}

/// What a score's stage is called where no source tells it.
pub const NO_STAGE: &str = "(stage not recorded)";

#[derive(Default)]
struct Names {
    list: Vec<String>,
    places: BTreeMap<String, u32>,
}

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.list.len() as u32;
        self.list.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
