//! From the additive table to cards: what counts for leniency, what is set aside, and how scores become steps.

use std::collections::BTreeMap;

use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::stats::crossed::{self, CardSums};
use crate::time::Quarter;

/// One scorecard of the window.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) application: u32,
    pub(super) interviewer: u32,
    pub(super) stage: u32,
    /// Quarters since the first of the window, by when the loop opened; `None` where that is unknown.
    pub(super) quarter: Option<u32>,
    /// Seconds from the end of the interview to the card, where both are known.
    pub(super) delay: Option<i64>,
    /// Cells with their scores in steps.
    pub(super) scores: Vec<(u32, i64)>,
}

/// What was set aside, in scores.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Aside {
    pub(super) shadows: i64,
    pub(super) proxies: i64,
    pub(super) cancelled: i64,
    pub(super) other_scales: i64,
    pub(super) outside_window: i64,
}

/// The cards of the window.
#[derive(Debug, Default)]
pub(super) struct Cards {
    pub(super) cards: Vec<Card>,
    /// Cards that shadows filed, for calibration alone.
    pub(super) shadows: Vec<Card>,
    pub(super) applications: Vec<String>,
    pub(super) interviewers: Vec<String>,
    pub(super) stages: Vec<String>,
    /// Stage and dimension of each cell.
    pub(super) cells: Vec<(u32, String)>,
    /// The mean score of each cell, in steps.
    pub(super) cell_means: Vec<f64>,
    /// The share of each cell's scores that are at neither end of the scale.
    pub(super) cell_middle: Vec<f64>,
    /// The size of one step in score points.
    pub(super) step: f64,
    /// The score of no step.
    pub(super) origin: f64,
    /// The lowest and the highest score that could be given, in steps where the scale is known, else that was.
    pub(super) range: (i64, i64),
    pub(super) aside: Aside,
    /// The window in words.
    pub(super) window: String,
    /// Whether overall recommendations stand in for scores by dimension.
    pub(super) recommendations: bool,
}

impl Cards {
    /// The sums the crossed model is fitted to.
    pub(super) fn sums(&self) -> CardSums {
        let card = |card: &Card| crossed::Card {
            candidate: card.application,
            interviewer: card.interviewer,
            scores: card.scores.clone(),
        };
        CardSums::new(self.cards.iter().map(card).collect())
    }

    /// Pairs of candidate and interviewer that met.
    pub(super) fn meetings(&self) -> Vec<(u32, u32)> {
        self.cards.iter().map(|card| (card.application, card.interviewer)).collect()
    }

    /// A score in points.
    pub(super) fn points(&self, steps: i64) -> f64 {
        self.origin + steps as f64 * self.step
    }
}

/// Which loops a window holds, by the quarter in which they opened.
struct Window {
    from: Option<Quarter>,
    to: Option<Quarter>,
}

impl Window {
    /// The trailing window that ends with the period, or with the latest quarter that has scores.
    fn of(opened: &[Quarter], context: &Context<'_>) -> Self {
        let to = context.period.or(opened.last().copied());
        let from = to.map(|to| to.back(context.config.models.window_quarters.saturating_sub(1)));
        Self { from, to }
    }

    fn holds(&self, quarter: Option<Quarter>, context: &Context<'_>) -> bool {
        match quarter {
            // Loops of unknown time are in, unless a period is asked for.
            None => context.period.is_none(),
            Some(quarter) => self.from.is_none_or(|from| from <= quarter) && self.to.is_none_or(|to| quarter <= to),
        }
    }

    fn words(&self) -> String {
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

/// The cards of the window that `context` asks for.
pub(super) fn cards(counts: &Counts, context: &Context<'_>) -> Cards {
    let (opened, role, scale) = (counts.text("opened"), counts.text("role"), counts.text("scale"));
    let (proxy, cancelled, overall) = (counts.int("proxy"), counts.int("cancelled"), counts.int("overall"));
    let submitted = counts.int("submitted");
    let as_of = context.as_of.0.div_euclid(crate::time::SECOND);
    let scored = |row: &usize| submitted.at(*row).is_none_or(|at| at <= as_of);
    let mut quarters: Vec<Quarter> =
        (0..counts.len()).filter(scored).filter_map(|row| opened.at(row).and_then(Quarter::parse)).collect();
    quarters.sort_unstable();
    quarters.dedup();
    let window = Window::of(&quarters, context);
    let mut out = Cards { window: window.words(), step: 1.0, ..Cards::default() };
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
    let main = by_scale.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name))).map(|(name, _)| *name);
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
pub(super) const NO_STAGE: &str = "(stage not recorded)";

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
