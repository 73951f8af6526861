//! Rubric dimensions within a stage and across stages, read as traits measured by several methods (Campbell and Fiske,
//! 1959): a dimension that agrees with itself in another stage no more than with other dimensions on the same card is an
//! impression, not a dimension.

use std::collections::BTreeMap;

use super::rounds::Rounds;
use super::tables::{DIMENSION_DISTINCTNESS, DIMENSION_PAIRS};
use crate::engine::parallel;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::estimate::Interval;
use crate::stats::polychoric::polychoric;
use crate::stats::redundancy::FEWEST;

/// Candidates with both below which a pair is thin.
const ENOUGH: i64 = 50;
/// A scale of more levels than this is no ordinal rubric.
const MOST_LEVELS: usize = 10;
/// Cells beyond this are left out, those with fewest scores first.
const MOST_CELLS: usize = 60;
/// Groups of loops of which one at a time is left out for standard errors.
const GROUPS: usize = 50;

/// Sums of a pair of cells in one group of loops.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn push(&mut self, x: f64, y: f64) {
        self.add(&Self { n: 1.0, x, y, xx: x * x, yy: y * y, xy: x * y }, 1.0);
    }

    fn add(&mut self, other: &Self, times: f64) {
        self.n += times * other.n;
        self.x += times * other.x;
        self.y += times * other.y;
        self.xx += times * other.xx;
        self.yy += times * other.yy;
        self.xy += times * other.xy;
    }

    fn correlation(&self) -> Option<f64> {
        let (xx, yy) = (self.n * self.xx - self.x * self.x, self.n * self.yy - self.y * self.y);
        let r = (self.n * self.xy - self.x * self.y) / (xx * yy).sqrt();
        (self.n >= FEWEST as f64 && xx > 1e-9 && yy > 1e-9).then_some(r)
    }
}

/// A cell that is looked at: its stage among the rounds' stages, and its dimension.
struct Spot<'a> {
    stage: usize,
    dimension: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SameTrait,
    SameStage,
    Neither,
}

impl Kind {
    fn of(a: &Spot<'_>, b: &Spot<'_>) -> Self {
        if a.stage == b.stage {
            Kind::SameStage
        } else if a.dimension == b.dimension {
            Kind::SameTrait
        } else {
            Kind::Neither
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::SameTrait => "same_trait",
            Kind::SameStage => "same_stage",
            Kind::Neither => "neither",
        }
    }
}

/// Everything that is counted about pairs of cells.
struct Counted<'a> {
    spots: Vec<Spot<'a>>,
    /// Per pair, a table of levels by levels.
    tables: Vec<Vec<i64>>,
    levels: usize,
    /// Per group and pair.
    moments: Vec<Vec<Moments>>,
    /// Loops with any pair.
    loops: i64,
}

fn pair_place(a: usize, b: usize) -> usize {
    b * (b - 1) / 2 + a
}

/// The two tables.
pub(super) fn tables(rounds: &Rounds) -> [ResultTable; 2] {
    let mut pairs = ResultTable::new(&DIMENSION_PAIRS);
    let mut distinctness = ResultTable::new(&DIMENSION_DISTINCTNESS);
    if let Some(counted) = count(rounds) {
        push_pairs(&mut pairs, rounds, &counted);
        push_distinctness(&mut distinctness, rounds, &counted);
    }
    [pairs, distinctness]
}

fn count(rounds: &Rounds) -> Option<Counted<'_>> {
    let cards = &rounds.cards;
    if cards.recommendations {
        return None;
    }
    let mut used = vec![0_i64; cards.cells.len()];
    let mut values: BTreeMap<i64, usize> = BTreeMap::new();
    for (cell, score) in cards.cards.iter().flat_map(|card| &card.scores) {
        used[*cell as usize] += 1;
        values.insert(*score, 0);
    }
    values.values_mut().enumerate().for_each(|(at, level)| *level = at);
    let mut chosen: Vec<usize> = (0..used.len()).filter(|cell| used[*cell] > 0).collect();
    chosen.sort_by_key(|cell| (std::cmp::Reverse(used[*cell]), *cell));
    chosen.truncate(MOST_CELLS);
    let spot = |cell: usize| {
        let (stage, dimension) = &cards.cells[cell];
        Spot { stage: rounds.places.get(*stage as usize).copied().unwrap_or(usize::MAX), dimension }
    };
    // In the order of the loop, then by name.
    let mut spots: Vec<(Spot<'_>, usize)> = chosen.into_iter().map(|cell| (spot(cell), cell)).collect();
    spots.sort_by(|a, b| (a.0.stage, a.0.dimension).cmp(&(b.0.stage, b.0.dimension)));
    let mut place = vec![None; used.len()];
    spots.iter().enumerate().for_each(|(to, (_, from))| place[*from] = Some(to));
    let spots: Vec<Spot<'_>> = spots.into_iter().map(|(spot, _)| spot).collect();
    let pairs = spots.len() * spots.len().saturating_sub(1) / 2;
    // A scale of many levels is counted as one level: only its moments are used.
    let levels = if values.len() > MOST_LEVELS { 0 } else { values.len() };
    let groups = GROUPS.min(cards.applications.len().max(1));
    let mut out = Counted {
        spots,
        tables: vec![vec![0; levels * levels]; pairs],
        levels,
        moments: vec![vec![Moments::default(); pairs]; groups],
        loops: 0,
    };
    let mut held: Vec<(usize, i64)> = Vec::new();
    for same in cards.cards.chunk_by(|a, b| a.application == b.application) {
        held.clear();
        let mut stages = Vec::new();
        for card in same {
            // One card per stage: several of them would count a candidate twice.
            if stages.contains(&card.stage) {
                continue;
            }
            stages.push(card.stage);
            held.extend(card.scores.iter().filter_map(|(cell, score)| Some((place[*cell as usize]?, *score))));
        }
        held.sort_unstable();
        held.dedup_by_key(|(spot, _)| *spot);
        let group = same.first().map_or(0, |card| card.application as usize % groups);
        for (at, (b, y)) in held.iter().enumerate() {
            for (a, x) in &held[..at] {
                let pair = pair_place(*a, *b);
                out.moments[group][pair].push(*x as f64, *y as f64);
                if levels > 0 {
                    let cell = values.get(x).zip(values.get(y)).map(|(x, y)| x * levels + y);
                    cell.and_then(|cell| out.tables[pair].get_mut(cell)).into_iter().for_each(|count| *count += 1);
                }
            }
        }
        out.loops += i64::from(held.len() > 1);
    }
    Some(out)
}

fn push_pairs(out: &mut ResultTable, rounds: &Rounds, counted: &Counted<'_>) {
    let spots = &counted.spots;
    let pairs: Vec<(usize, usize)> = (1..spots.len()).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
    let mut pairs: Vec<(usize, usize)> = pairs;
    pairs.sort_unstable();
    let found = parallel::map(&pairs, |(a, b)| {
        let table = &counted.tables[pair_place(*a, *b)];
        let rows: Vec<Vec<i64>> = table.chunks(counted.levels.max(1)).map(<[i64]>::to_vec).collect();
        polychoric(&rows)
    });
    for ((a, b), found) in pairs.iter().zip(found) {
        let (x, y) = (&spots[*a], &spots[*b]);
        let n = counted.moments.iter().map(|group| group[pair_place(*a, *b)].n as i64).sum::<i64>();
        // Nobody could have both: no pair.
        if n == 0 {
            continue;
        }
        let mut cells: Vec<(&str, Cell)> = all().into();
        let name = |spot: &Spot<'_>| text(rounds.stages.get(spot.stage).map_or("", String::as_str));
        cells.extend([
            ("stage_a", name(x)),
            ("dimension_a", text(x.dimension)),
            ("stage_b", name(y)),
            ("dimension_b", text(y.dimension)),
            ("kind", text(Kind::of(x, y).word())),
        ]);
        let (status, reason) = match &found {
            _ if counted.levels == 0 => {
                (Status::NotEstimable, Some(format!("the scale has more than {MOST_LEVELS} levels")))
            }
            _ if n < FEWEST as i64 => (Status::NotEstimable, Some(format!("fewer than {FEWEST} candidates have both"))),
            Err(why) => (Status::NotEstimable, Some(why.to_string())),
            Ok(_) if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} candidates have both"))),
            Ok(_) => (Status::Ok, None),
        };
        if let (Ok(found), true) = (&found, status != Status::NotEstimable) {
            cells.push(("polychoric", Cell::float(found.rho)));
            cells.extend(limits(found.interval, ["polychoric_low", "polychoric_high"]));
            cells.push(("normality_p_value", Cell::float(found.normality_p)));
        }
        let method = format!("two-step polychoric, Fisher's z; scores as given; {}", rounds.cards.window);
        cells.extend(standing(n, method, status, reason));
        out.push(cells);
    }
}

/// Mean correlations of a dimension: with itself across stages, and with the others on the same card.
fn means(counted: &Counted<'_>, sums: &[Moments], dimension: &str) -> Option<(f64, f64)> {
    let spots = &counted.spots;
    let (mut traits, mut stages) = ((0.0, 0.0), (0.0, 0.0));
    for b in 1..spots.len() {
        for a in 0..b {
            let (x, y) = (&spots[a], &spots[b]);
            if x.dimension != dimension && y.dimension != dimension {
                continue;
            }
            let into = match Kind::of(x, y) {
                Kind::SameTrait => &mut traits,
                Kind::SameStage => &mut stages,
                Kind::Neither => continue,
            };
            if let Some(r) = sums[pair_place(a, b)].correlation() {
                into.0 += r;
                into.1 += 1.0;
            }
        }
    }
    (traits.1 > 0.0 && stages.1 > 0.0).then(|| (traits.0 / traits.1, stages.0 / stages.1))
}

fn push_distinctness(out: &mut ResultTable, rounds: &Rounds, counted: &Counted<'_>) {
    let mut dimensions: Vec<&str> = counted.spots.iter().map(|spot| spot.dimension).collect();
    dimensions.sort_unstable();
    dimensions.dedup();
    let pairs = counted.tables.len();
    let mut whole = vec![Moments::default(); pairs];
    for group in &counted.moments {
        whole.iter_mut().zip(group).for_each(|(sum, more)| sum.add(more, 1.0));
    }
    // All but one group, for each group.
    let left: Vec<Vec<Moments>> = counted
        .moments
        .iter()
        .map(|group| {
            let mut sums = whole.clone();
            sums.iter_mut().zip(group).for_each(|(sum, less)| sum.add(less, -1.0));
            sums
        })
        .collect();
    for dimension in dimensions {
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.push(("dimension", text(dimension)));
        let found = means(counted, &whole, dimension);
        let (mut status, mut reason) = (Status::Ok, None);
        match found {
            None => {
                status = Status::NotEstimable;
                reason = Some(format!(
                    "fewer than {FEWEST} candidates were scored on it in two stages, or beside another dimension"
                ));
            }
            Some((own, others)) => {
                let drawn: Vec<(f64, f64)> = left.iter().filter_map(|sums| means(counted, sums, dimension)).collect();
                let enough = drawn.len() == left.len() && drawn.len() > 9;
                let error = |of: &dyn Fn(&(f64, f64)) -> f64| {
                    let mean = drawn.iter().map(of).sum::<f64>() / drawn.len() as f64;
                    let squares: f64 = drawn.iter().map(|one| (of(one) - mean).powi(2)).sum();
                    (squares * (drawn.len() as f64 - 1.0) / drawn.len() as f64).sqrt()
                };
                let interval = |value: f64, of: &dyn Fn(&(f64, f64)) -> f64| {
                    if enough { Interval::around(value, error(of)) } else { Interval::NONE }
                };
                let difference = interval(own - others, &|(own, others)| own - others);
                cells.push(("same_trait", Cell::float(own)));
                cells.extend(limits(interval(own, &|one| one.0), ["same_trait_low", "same_trait_high"]));
                cells.push(("same_stage", Cell::float(others)));
                cells.extend(limits(interval(others, &|one| one.1), ["same_stage_low", "same_stage_high"]));
                cells.push(("difference", Cell::float(own - others)));
                cells.extend(limits(difference, ["difference_low", "difference_high"]));
                let verdict = match (difference.low, difference.high) {
                    (Some(low), _) if low > 0.0 => "distinct",
                    (_, Some(high)) if high < 0.0 => "halo",
                    _ => "inconclusive",
                };
                cells.push(("verdict", text(verdict)));
                if counted.loops < ENOUGH {
                    status = Status::Thin;
                    reason = Some(format!("fewer than {ENOUGH} candidates"));
                }
            }
        }
        let method = format!(
            "mean Pearson correlations among candidates with both, one card per stage, jackknife over {} groups; {}",
            counted.moments.len(),
            rounds.cards.window
        );
        cells.extend(standing(counted.loops, method, status, reason));
        out.push(cells);
    }
}
