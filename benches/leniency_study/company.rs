//! Companies whose leniency is known: who meets whom, what they score, and what the truth is on the scale of scores.

use looplens::stats::crossed::{Card, CardSums};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

/// What decides who meets whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assignment {
    /// Chance alone; everybody sits in as many interviews, but for one.
    Balanced,
    /// Chance alone; some sit in ten times as many interviews as others.
    Uneven,
    /// Two pools of interviewers; one is three times as likely to meet candidates above the mean, the other below.
    Pools,
    /// Four stages with a bar after each; half of the interviewers sit three times as often in the first two, half in
    /// the last two.
    Attrition,
}

/// One line of the study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) assignment: Assignment,
    pub(crate) interviewers: usize,
    pub(crate) candidates: usize,
    pub(crate) dimensions: usize,
    /// The standard deviation of leniency, before rounding.
    pub(crate) leniency_sd: f64,
    /// Whether scores are rounded to whole points and clipped to 1..4.
    pub(crate) is_rounded: bool,
}

/// Standard deviations of the other terms, in score points.
pub(crate) const ABILITY: f64 = 0.7;
pub(crate) const HALO: f64 = 0.4;
pub(crate) const RESIDUAL: f64 = 0.5;
const CENTRE: f64 = 2.5;
/// What a candidate's mean score has to reach for the next stage, under attrition.
const BAR: f64 = 2.3;
/// One step of the sums, in score points: unrounded scores need a fine one.
const FINE: f64 = 0.001;

impl Scenario {
    pub(crate) fn stages(&self) -> usize {
        if self.assignment == Assignment::Attrition { 4 } else { 3 }
    }

    pub(crate) fn step(&self) -> f64 {
        if self.is_rounded { 1.0 } else { FINE }
    }

    /// The mean of a cell; neither stages nor dimensions are equally hard.
    pub(crate) fn mean(&self, stage: usize, dimension: usize) -> f64 {
        CENTRE + 0.15 * (stage as f64 - 1.0) - 0.1 * (dimension as f64 - 1.5)
    }

    /// The expected score when what is known adds up to `known` and the rest is normal with deviation `rest`.
    pub(crate) fn expected(&self, normal: &Normal, known: f64, rest: f64) -> f64 {
        if self.is_rounded {
            1.0 + [1.5, 2.5, 3.5].iter().map(|bound| normal.cdf((known - bound) / rest)).sum::<f64>()
        } else {
            known
        }
    }
}

/// A stream of random numbers.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self, sd: f64) -> f64 {
        let (radius, angle) = ((-2.0 * self.unit().ln()).sqrt(), std::f64::consts::TAU * self.unit());
        sd * radius * angle.cos()
    }

    /// So many different people, the likelier the larger their weight (Efraimidis and Spirakis, 2006).
    fn people(&mut self, weights: &[f64], count: usize) -> Vec<usize> {
        let mut keys: Vec<(f64, usize)> =
            weights.iter().enumerate().map(|(at, weight)| (-self.unit().ln() / weight, at)).collect();
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
        keys.into_iter().take(count).map(|(_, at)| at).collect()
    }
}

/// One simulated company.
pub(crate) struct Company {
    pub(crate) sums: CardSums,
    /// Planted leniency.
    pub(crate) leniency: Vec<f64>,
    /// Cards of each interviewer, by stage.
    pub(crate) cards: Vec<Vec<usize>>,
    /// Mean score less that of everybody on the same cells, in score points.
    pub(crate) raw: Vec<f64>,
}

/// The even-numbered interviewers are the pool that meets stronger candidates, or sits in earlier stages.
pub(crate) fn is_first_pool(interviewer: usize) -> bool {
    interviewer.is_multiple_of(2)
}

/// Draws a company.
pub(crate) fn company(scenario: &Scenario, draw: &mut Draw) -> Company {
    let people = scenario.interviewers;
    let leniency: Vec<f64> = (0..people).map(|_| draw.normal(scenario.leniency_sd)).collect();
    let busy: Vec<f64> = (0..people).map(|_| draw.normal(0.8).exp()).collect();
    let mut load = vec![0_usize; people];
    let mut cards = Vec::new();
    for candidate in 0..scenario.candidates {
        let ability = draw.normal(ABILITY);
        for (stage, panel) in panels(scenario, ability, &busy, &load, draw).into_iter().enumerate() {
            let mut total = 0.0;
            for interviewer in &panel {
                load[*interviewer] += 1;
                let base = ability + leniency[*interviewer] + draw.normal(HALO);
                let scores: Vec<(u32, i64)> = (0..scenario.dimensions)
                    .map(|dimension| {
                        let score = scenario.mean(stage, dimension) + base + draw.normal(RESIDUAL);
                        let score = if scenario.is_rounded { score.round().clamp(1.0, 4.0) } else { score };
                        total += score;
                        ((stage * scenario.dimensions + dimension) as u32, (score / scenario.step()).round() as i64)
                    })
                    .collect();
                cards.push(Card { candidate: candidate as u32, interviewer: *interviewer as u32, scores });
            }
            let mean = total / (panel.len() * scenario.dimensions) as f64;
            if scenario.assignment == Assignment::Attrition && mean < BAR {
                break;
            }
        }
    }
    let (raw, seats) = described(scenario, &cards);
    Company { sums: CardSums::new(cards), leniency, cards: seats, raw }
}

/// Who meets a candidate, stage by stage: four to six cards.
fn panels(scenario: &Scenario, ability: f64, busy: &[f64], load: &[usize], draw: &mut Draw) -> Vec<Vec<usize>> {
    let people = scenario.interviewers;
    let stages = scenario.stages();
    if scenario.assignment == Assignment::Attrition {
        return (0..stages)
            .map(|stage| {
                let often = |person| if is_first_pool(person) == (stage < stages / 2) { 3.0 } else { 1.0 };
                draw.people(&(0..people).map(often).collect::<Vec<f64>>(), 1 + usize::from(stage + 1 == stages))
            })
            .collect();
    }
    let count = 4 + (draw.unit() * 3.0) as usize;
    let weights: Vec<f64> = match scenario.assignment {
        Assignment::Uneven => busy.to_vec(),
        Assignment::Pools => {
            (0..people).map(|person| if is_first_pool(person) == (ability > 0.0) { 3.0 } else { 1.0 }).collect()
        }
        // Those who sat least come first; among them chance decides.
        _ => {
            let least = load.iter().min().copied().unwrap_or(0);
            load.iter().map(|seats| (-30.0 * (*seats - least) as f64).exp()).collect()
        }
    };
    let met = draw.people(&weights, count);
    (0..stages).map(|stage| met.iter().copied().skip(stage).step_by(stages).collect()).collect()
}

/// Raw differences, and cards by stage, of each interviewer.
fn described(scenario: &Scenario, cards: &[Card]) -> (Vec<f64>, Vec<Vec<usize>>) {
    let mut cells = vec![(0_i64, 0_i64); scenario.stages() * scenario.dimensions];
    for (cell, score) in cards.iter().flat_map(|card| &card.scores) {
        cells[*cell as usize].0 += score;
        cells[*cell as usize].1 += 1;
    }
    let mut raw = vec![(0.0, 0.0); scenario.interviewers];
    let mut seats = vec![vec![0; scenario.stages()]; scenario.interviewers];
    for card in cards {
        let person = card.interviewer as usize;
        for (cell, score) in &card.scores {
            let (sum, count) = cells[*cell as usize];
            raw[person].0 += *score as f64 - sum as f64 / count as f64;
            raw[person].1 += 1.0;
        }
        seats[person][card.scores[0].0 as usize / scenario.dimensions] += 1;
    }
    (raw.into_iter().map(|(sum, count): (f64, f64)| scenario.step() * sum / count.max(1.0)).collect(), seats)
}

/// What leniency is worth in scores. Rounding and the ends of the rubric take some of it away, so on this scale the
/// truth is an expectation: the mean score that an interviewer gives to everybody who reaches a stage, less that of
/// the mean interviewer.
pub(crate) struct Truth {
    /// By stage, the effect at each point of the grid of leniencies.
    effects: Vec<Vec<f64>>,
    /// The standard deviation of the effect between interviewers.
    pub(crate) sd: f64,
    /// The candidates' share of the variance of the mean of so many cards, by `STUDIED`.
    pub(crate) dependability: f64,
}

/// How many cards the share of a mean is asked for.
pub(crate) const STUDIED: usize = 4;

const WIDEST: f64 = 2.0;
const GRID: usize = 81;

fn at(place: usize) -> f64 {
    WIDEST * (2.0 * place as f64 / (GRID - 1) as f64 - 1.0)
}

impl Truth {
    /// The effect in a stage, by straight lines between the points of the grid.
    fn effect(&self, stage: usize, leniency: f64) -> f64 {
        let place = ((leniency / WIDEST + 1.0) / 2.0 * (GRID - 1) as f64).clamp(0.0, GRID as f64 - 1.001);
        let (below, share) = (place as usize, place.fract());
        self.effects[stage][below] * (1.0 - share) + self.effects[stage][below + 1] * share
    }

    /// The effect over the cards an interviewer filed.
    pub(crate) fn over(&self, cards: &[usize], leniency: f64) -> f64 {
        let sum: f64 = cards.iter().enumerate().map(|(stage, n)| *n as f64 * self.effect(stage, leniency)).sum();
        sum / cards.iter().sum::<usize>().max(1) as f64
    }
}

/// Equally likely values of a normal variable.
fn quantiles(normal: &Normal, sd: f64, count: usize) -> Vec<f64> {
    (0..count).map(|at| sd * normal.inverse_cdf((at as f64 + 0.5) / count as f64)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Works out the truth of a scenario.
pub(crate) fn truth(scenario: &Scenario, draw: &mut Draw) -> Truth {
    let normal = Normal::standard();
    let noise = HALO.hypot(RESIDUAL);
    let abilities = abilities(scenario, &normal, draw);
    let leniencies = quantiles(&normal, scenario.leniency_sd, 201);
    let expected = |stage: usize, leniency: f64| {
        let scores = abilities[stage].iter().flat_map(|ability| {
            (0..scenario.dimensions).map(move |dimension| scenario.mean(stage, dimension) + ability + leniency)
        });
        mean(&scores.map(|known| scenario.expected(&normal, known, noise)).collect::<Vec<f64>>())
    };
    let mut truth = Truth { effects: Vec::new(), sd: 0.0, dependability: dependability(scenario, &normal) };
    for stage in 0..scenario.stages() {
        truth.effects.push((0..GRID).map(|place| expected(stage, at(place))).collect());
        let middle = mean(&leniencies.iter().map(|leniency| truth.effect(stage, *leniency)).collect::<Vec<f64>>());
        truth.effects[stage].iter_mut().for_each(|effect| *effect -= middle);
    }
    let all = vec![1; scenario.stages()];
    truth.sd = mean(&leniencies.iter().map(|l| truth.over(&all, *l).powi(2)).collect::<Vec<f64>>()).sqrt();
    truth
}

/// The abilities of those who reach each stage.
fn abilities(scenario: &Scenario, normal: &Normal, draw: &mut Draw) -> Vec<Vec<f64>> {
    if scenario.assignment != Assignment::Attrition {
        return vec![quantiles(normal, ABILITY, 201); scenario.stages()];
    }
    let mut reached = vec![Vec::new(); scenario.stages()];
    for _ in 0..3_000 {
        let ability = draw.normal(ABILITY);
        for (stage, reached) in reached.iter_mut().enumerate() {
            reached.push(ability);
            let base = ability + draw.normal(scenario.leniency_sd) + draw.normal(HALO);
            let scores = (0..scenario.dimensions).map(|dimension| {
                let score = scenario.mean(stage, dimension) + base + draw.normal(RESIDUAL);
                if scenario.is_rounded { score.round().clamp(1.0, 4.0) } else { score }
            });
            if scores.sum::<f64>() / (scenario.dimensions as f64) < BAR {
                break;
            }
        }
    }
    reached
}

/// The candidates' share of the variance of the mean of `STUDIED` cards, on the scale of scores, over everybody.
fn dependability(scenario: &Scenario, normal: &Normal) -> f64 {
    let parts = [ABILITY, scenario.leniency_sd, HALO, RESIDUAL].map(|sd| sd * sd);
    let total: f64 = parts.iter().sum();
    let cells: Vec<f64> = (0..scenario.stages())
        .flat_map(|stage| (0..scenario.dimensions).map(move |dimension| scenario.mean(stage, dimension)))
        .collect();
    // The covariance of two scores that share so much variance, over pairs of cells.
    let shared = |variance: f64| {
        let rest = (total - variance).sqrt();
        let means: Vec<f64> = quantiles(normal, variance.sqrt(), 401)
            .iter()
            .map(|known| {
                mean(&cells.iter().map(|cell| scenario.expected(normal, cell + known, rest)).collect::<Vec<_>>())
            })
            .collect();
        let middle = mean(&means);
        mean(&means.iter().map(|value| (value - middle).powi(2)).collect::<Vec<f64>>())
    };
    let of_scores = |cell: &f64| {
        if !scenario.is_rounded {
            return total;
        }
        let above = [1.5, 2.5, 3.5].map(|bound: f64| normal.cdf((cell - bound) / total.sqrt()));
        let first: f64 = above.iter().sum();
        let second: f64 = above.iter().zip([1.0, 3.0, 5.0]).map(|(p, weight)| p * weight).sum();
        second - first * first
    };
    let variance = mean(&cells.iter().map(of_scores).collect::<Vec<f64>>());
    let candidate = shared(parts[0]);
    let card = shared(parts[0] + parts[1] + parts[2]);
    let n = STUDIED as f64;
    let error = (card - candidate) / n + (variance - card) / (n * scenario.dimensions as f64);
    candidate / (candidate + error)
}
