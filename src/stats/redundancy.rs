//! Which stages tell the same thing: correlations among all candidates, without noise, with intervals that know how both
//! corrections were estimated.
//!
//! Intervals come from a bootstrap over candidates (Efron and Tibshirani, 1993); beyond a thousand candidates over a
//! thousand groups of them, whose sums are all it needs. The draws are fixed, so the same data give the same figures.

mod raw;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::attenuation::{Noise, disattenuated, noise, reliability};
use super::correlation::around_z;
use super::em_covariance::{Joint, NotJoint, Stop, em_covariance};
use super::estimate::Interval;
use super::range_restriction::Unrestricted;
use super::stage_scores::{StageScores, Sums};
use super::symmetric::{Effective, Symmetric, effective_number, multiple_correlations, partial_correlation};

/// Candidates with a stage, or with both, below which nothing is computed.
pub const FEWEST: usize = 10;
/// Stages beyond this are left out of the joint estimate, those with fewest candidates first.
pub const MOST_JOINT: usize = 12;
/// Hires with an outcome below which it stays out of the joint estimate.
pub const FEWEST_OUTCOMES: usize = 30;
/// Degrees of freedom that panels need to tell the noise of a card.
pub const ENOUGH_PANELS: f64 = 20.0;
const GROUPS: usize = 1_000;
/// The share of draws that must give a figure for it to have an interval.
const ENOUGH_DRAWS: f64 = 0.9;
const SEED: u64 = 0x5EED_0F57_A6E5;

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranged {
    /// The figure.
    pub value: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Its standard error; of correlations on the scale of Fisher's z, except where noise is taken out.
    pub std_error: Option<f64>,
}

/// Two stages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The earlier stage.
    pub a: usize,
    /// The later stage.
    pub b: usize,
    /// Candidates with both.
    pub n: usize,
    /// Pearson's correlation among those with both.
    pub pearson: Option<Ranged>,
    /// The p-value of no correlation.
    pub pearson_p: Option<f64>,
    /// Spearman's correlation among those with both.
    pub spearman: Option<Ranged>,
    /// Pearson's, corrected for selection on the earlier score alone.
    pub thorndike: Option<Unrestricted>,
    /// The correlation in all candidates, by maximum likelihood from all of them.
    pub corrected: Option<Ranged>,
    /// That without noise. May exceed one by chance.
    pub disattenuated: Option<Ranged>,
    /// The corrected correlation with all other stages held still.
    pub partial: Option<Ranged>,
}

/// One stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// Candidates with a score.
    pub n: usize,
    /// Their mean score.
    pub mean: Option<f64>,
    /// Its standard deviation among them (divided by n − 1).
    pub sd: Option<f64>,
    /// Share of its variance in all candidates that the other stages predict, adjusted for their number.
    pub r2_from_others: Option<Ranged>,
    /// The noise of its scores.
    pub noise: Option<Noise>,
    /// The share of its variance in all candidates that is not noise.
    pub reliability: Option<Ranged>,
    /// What it adds to the explained variance of the outcome, beyond the other stages.
    pub adds_to_outcome: Option<Ranged>,
}

/// The joint estimate and what follows from it.
#[derive(Debug, Clone)]
pub struct Redundancy {
    /// By stage, in the order given.
    pub stages: Vec<Stage>,
    /// Every pair of stages.
    pub pairs: Vec<Pair>,
    /// The stages of the joint estimate; the outcome, where it is in, comes last and is not among them.
    pub members: Vec<usize>,
    /// The joint estimate over `members`, and the outcome where it is in.
    pub joint: Result<Joint, NotJoint>,
    /// Whether the outcome is in.
    pub has_outcome: bool,
    /// How many stages there are in effect: the participation ratio, with its interval.
    pub effective: Option<Ranged>,
    /// The same by entropy.
    pub effective_entropy: Option<Ranged>,
    /// Draws of the bootstrap.
    pub draws: usize,
}

/// Everything about the stages given, in the order in which loops pass them. `outcome` is a value per loop, known later
/// and of few.
pub fn redundancy(scores: &StageScores, outcome: Option<&[Option<f64>]>, draws: usize) -> Redundancy {
    let size = scores.stages();
    let columns: Vec<Vec<f64>> =
        (0..size).map(|stage| (0..scores.len()).filter_map(|row| scores.score(row, stage)).collect()).collect();
    let spreads: Vec<(Option<f64>, Option<f64>)> = columns.iter().map(|column| spread(column)).collect();
    let varies = |stage: usize| spreads[stage].1.is_some_and(|sd| sd > 0.0);
    let mut members: Vec<usize> = (0..size).filter(|stage| columns[*stage].len() >= FEWEST && varies(*stage)).collect();
    // The stages of most candidates are the loop; the rest are its oddities.
    members.sort_by_key(|stage| (std::cmp::Reverse(columns[*stage].len()), *stage));
    members.truncate(MOST_JOINT);
    members.sort_unstable();
    let outcome = outcome.filter(|values| values.iter().flatten().count() >= FEWEST_OUTCOMES);
    let mut fitted = Fitted::of(scores, &members, outcome);
    if fitted.joint == Err(NotJoint::Combination) {
        // One stage follows from the others: without it, the rest have an estimate.
        for left_out in (0..members.len()).rev() {
            let mut fewer = members.clone();
            fewer.remove(left_out);
            let without = Fitted::of(scores, &fewer, outcome);
            if without.joint.is_ok() {
                (members, fitted) = (fewer, without);
                break;
            }
        }
    }
    let figures = fitted.joint.as_ref().ok().map(|joint| Figures::of(joint, &fitted.noise, members.len()));
    let drawn = match (&fitted.joint, &figures) {
        (Ok(joint), Some(figures)) => fitted.bootstrap(joint, figures, members.len(), draws),
        _ => Vec::new(),
    };
    let ranged = Ranges { figures: figures.as_ref(), drawn: &drawn };
    let place = |stage: usize| members.iter().position(|member| *member == stage);
    let orders: Vec<Vec<u32>> = (0..size).map(|stage| raw::order(scores, stage)).collect();
    let mut pairs = Vec::with_capacity(size * size / 2);
    for (a, (_, sd)) in spreads.iter().enumerate() {
        for b in a + 1..size {
            let mut pair = raw::pair(scores, a, b, &orders, *sd);
            if let (Some(x), Some(y), true) = (place(a), place(b), pair.n >= FEWEST) {
                let at = pair_place(x, y);
                pair.corrected = ranged.on_z(|figures| figures.corrected.get(at));
                pair.disattenuated = ranged.plain(|figures| figures.disattenuated.get(at));
                pair.partial = ranged.on_z(|figures| figures.partial.get(at));
            }
            pairs.push(pair);
        }
    }
    let stage = |stage: usize| {
        let of = |pick: fn(&Figures) -> &Vec<Option<f64>>| {
            let at = place(stage)?;
            ranged.share(|figures| pick(figures).get(at))
        };
        Stage {
            n: columns[stage].len(),
            mean: spreads[stage].0,
            sd: spreads[stage].1,
            r2_from_others: of(|figures| &figures.r2).map(|r2| adjusted(r2, columns[stage].len(), members.len())),
            noise: place(stage).and_then(|at| fitted.noise.get(at).copied().flatten()),
            reliability: of(|figures| &figures.reliability),
            adds_to_outcome: of(|figures| &figures.gain),
        }
    };
    Redundancy {
        stages: (0..size).map(stage).collect(),
        effective: ranged.share(|figures| figures.effective.first()),
        effective_entropy: ranged.share(|figures| figures.effective.get(1)),
        has_outcome: outcome.is_some() && fitted.joint.is_ok(),
        pairs,
        members,
        joint: fitted.joint,
        draws: drawn.len(),
    }
}

/// Where a pair stands in a list of all pairs, the second running fastest within `a > b`.
fn pair_place(x: usize, y: usize) -> usize {
    let (low, high) = (x.min(y), x.max(y));
    high * (high - 1) / 2 + low
}

fn spread(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let n = values.len() as f64;
    if values.is_empty() {
        return (None, None);
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    // Rounding leaves a trace of variance where there is none.
    let squares = if squares > 1e-18 * n * mean * mean { squares } else { 0.0 };
    (Some(mean), (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()))
}

/// Adjusts a share of explained variance for the number of predictors.
fn adjusted(ranged: Ranged, n: usize, members: usize) -> Ranged {
    let (n, k) = (n as f64, members as f64 - 1.0);
    let adjust = |r2: f64| if n - k > 1.0 { (1.0 - (1.0 - r2) * (n - 1.0) / (n - k - 1.0)).max(0.0) } else { 0.0 };
    let interval = Interval { low: ranged.interval.low.map(adjust), high: ranged.interval.high.map(adjust) };
    Ranged { value: adjust(ranged.value), interval, ..ranged }
}

/// The fit over the members, with what a bootstrap needs.
struct Fitted {
    groups: super::stage_scores::Groups,
    size: usize,
    joint: Result<Joint, NotJoint>,
    noise: Vec<Option<Noise>>,
}

impl Fitted {
    fn of(scores: &StageScores, members: &[usize], outcome: Option<&[Option<f64>]>) -> Self {
        let mut chosen = scores.of(members);
        if let Some(values) = outcome {
            chosen = chosen.with_column(values);
        }
        let groups = chosen.groups(GROUPS);
        let sums = groups.sums(|_| 1.0);
        let size = chosen.stages();
        let joint = if members.len() < 2 {
            Err(NotJoint::NoScores)
        } else {
            em_covariance(&sums.patterns, size, None, Stop::default())
        };
        let noise = noises(&sums, members.len());
        Self { groups, size, joint, noise }
    }

    fn bootstrap(&self, joint: &Joint, figures: &Figures, members: usize, draws: usize) -> Vec<Figures> {
        let mut dice = ChaCha8Rng::seed_from_u64(SEED);
        let groups = self.groups.len();
        let stop = Stop { change: 1e-4, steps: 100 };
        let mut out = Vec::with_capacity(draws);
        for _ in 0..draws {
            let mut times = vec![0.0; groups];
            for _ in 0..groups {
                times[dice.random_range(0..groups)] += 1.0;
            }
            let sums = self.groups.sums(|group| times[group]);
            // A draw without anybody in a stage gives no figure.
            let Ok(drawn) = em_covariance(&sums.patterns, self.size, Some(joint), stop) else { continue };
            out.push(Figures::of(&drawn, &noises(&sums, members), members));
        }
        debug_assert!(out.iter().all(|drawn| drawn.corrected.len() == figures.corrected.len()));
        out
    }
}

fn noises(sums: &Sums, members: usize) -> Vec<Option<Noise>> {
    noise(&sums.panels[..members], ENOUGH_PANELS)
}

/// Every figure of one fit, so that those of a draw stand beside those of the data.
struct Figures {
    corrected: Vec<Option<f64>>,
    disattenuated: Vec<Option<f64>>,
    partial: Vec<Option<f64>>,
    r2: Vec<Option<f64>>,
    reliability: Vec<Option<f64>>,
    gain: Vec<Option<f64>>,
    effective: Vec<Option<f64>>,
}

impl Figures {
    fn of(joint: &Joint, noise: &[Option<Noise>], members: usize) -> Self {
        let own: Vec<usize> = (0..members).collect();
        let covariance = joint.covariance.part(&own);
        let correlations = covariance.correlations();
        let of_score = |at: usize| noise.get(at).copied().flatten().map(|noise| noise.of_score);
        let pairs: Vec<(usize, usize)> = (1..members).flat_map(|high| (0..high).map(move |low| (low, high))).collect();
        let each = |of: &dyn Fn(usize, usize) -> Option<f64>| pairs.iter().map(|(a, b)| of(*a, *b)).collect();
        let r2 = correlations.as_ref().and_then(multiple_correlations);
        let effective = correlations.as_ref().and_then(effective_number);
        let gains = if joint.mean.len() > members { gains(&joint.covariance, members) } else { None };
        Self {
            corrected: each(&|a, b| Some(correlations.as_ref()?.at(a, b))),
            disattenuated: each(&|a, b| disattenuated(&covariance, a, b, (of_score(a)?, of_score(b)?))),
            partial: each(&|a, b| partial_correlation(correlations.as_ref()?, a, b)),
            r2: (0..members).map(|at| r2.as_ref().map(|r2| r2[at])).collect(),
            reliability: (0..members).map(|at| reliability(covariance.at(at, at), of_score(at)?)).collect(),
            gain: (0..members).map(|at| gains.as_ref().map(|gains| gains[at])).collect(),
            effective: match effective {
                Some(Effective { participation, entropy }) => vec![Some(participation), Some(entropy)],
                None => vec![None, None],
            },
        }
    }
}

/// What each stage adds to the explained variance of the last variable, beyond the other stages.
fn gains(covariance: &Symmetric, members: usize) -> Option<Vec<f64>> {
    let all = (1_u64 << members) - 1;
    let left = |variables: u64| {
        let mut swept = covariance.clone();
        swept.sweep(variables).then(|| swept.at(members, members))
    };
    let (total, with) = (covariance.at(members, members), left(all)?);
    (0..members).map(|at| Some(((left(all & !(1 << at))? - with) / total).max(0.0))).collect()
}

struct Ranges<'a> {
    figures: Option<&'a Figures>,
    drawn: &'a [Figures],
}

impl Ranges<'_> {
    fn values(&self, of: &dyn Fn(&Figures) -> Option<&Option<f64>>) -> Option<(f64, Vec<f64>)> {
        let value = of(self.figures?).copied().flatten()?;
        let drawn: Vec<f64> = self.drawn.iter().filter_map(|figures| of(figures).copied().flatten()).collect();
        Some((value, drawn))
    }

    fn enough(&self, drawn: &[f64]) -> bool {
        drawn.len() > 20 && drawn.len() as f64 >= ENOUGH_DRAWS * self.drawn.len() as f64
    }

    /// A correlation: symmetric on the scale of Fisher's z, with the standard deviation of the draws.
    fn on_z(&self, of: impl Fn(&Figures) -> Option<&Option<f64>>) -> Option<Ranged> {
        let (value, drawn) = self.values(&of)?;
        let z: Vec<f64> = drawn.iter().map(|r| r.clamp(-0.999_999, 0.999_999).atanh()).collect();
        let std_error = spread(&z).1.filter(|_| self.enough(&drawn));
        let interval = std_error.and_then(|error| around_z(value, error)).unwrap_or(Interval::NONE);
        Some(Ranged { value, interval, std_error })
    }

    /// A correlation without noise: percentiles of the draws, or 1.96 standard deviations to either side where those
    /// reach further. Either alone covers too little where panels are few.
    fn plain(&self, of: impl Fn(&Figures) -> Option<&Option<f64>>) -> Option<Ranged> {
        let mut out = self.share(of)?;
        let normal = Interval::around(out.value, out.std_error.unwrap_or(0.0));
        let wider = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| Some(pick(a?, b?));
        out.interval = Interval {
            low: wider(out.interval.low, normal.low, f64::min),
            high: wider(out.interval.high, normal.high, f64::max),
        };
        Some(out)
    }

    /// A share or a number: percentiles of the draws.
    fn share(&self, of: impl Fn(&Figures) -> Option<&Option<f64>>) -> Option<Ranged> {
        let (value, drawn) = self.values(&of)?;
        let std_error = spread(&drawn).1.filter(|_| self.enough(&drawn));
        let interval = if std_error.is_some() { percentiles(value, drawn) } else { Interval::NONE };
        Some(Ranged { value, interval, std_error })
    }
}

/// The middle 95 % of draws, widened to hold the figure itself.
fn percentiles(value: f64, mut drawn: Vec<f64>) -> Interval {
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (drawn.len() as f64 - 1.0);
        let (low, part) = (place.floor() as usize, place.fract());
        let upper = drawn.get(low + 1).or(drawn.last()).copied().unwrap_or(value);
        drawn.get(low).map_or(value, |lower| lower + part * (upper - lower))
    };
    Interval::new(at(0.025).min(value), at(0.975).max(value))
}

#[cfg(test)]
pub(crate) mod tests;
