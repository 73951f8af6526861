//! What is asked of one company's fits, and means over companies.

use std::collections::BTreeMap;

use looplens::stats::agreement::decision_study;
use looplens::stats::crossed::{Candidates, Terms, assignment, fit, no_leniency, sd_interval};
use looplens::stats::sign_rate::{flagged, local_false_sign_rate};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::company::{Company, STUDIED, Scenario, Truth, is_first_pool};

const RANDOM: Terms = Terms { candidates: Candidates::Random, interviewers: true, cards: true };
const WITHIN: Terms = Terms { candidates: Candidates::Fixed, ..RANDOM };

// The rules of the metric.
const FEWEST_CARDS: usize = 5;
const ENOUGH_CARDS: usize = 10;
const WRONG_SIGNS: f64 = 0.05;
const SMALLEST_LENIENCY: f64 = 0.25;
const TELLING: f64 = 0.8;

/// An interval without width covers what differs from it by rounding.
const ROUNDING: f64 = 1e-9;
const Z_95: f64 = 1.959_963_984_540_054;

/// Sums over companies of figures that are a ratio, such as intervals that cover out of all.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, Vec<(f64, f64)>>);

impl Tally {
    fn add(&mut self, name: &'static str, value: f64) {
        self.ratio(name, value, 1.0);
    }

    fn ratio(&mut self, name: &'static str, value: f64, of: f64) {
        self.0.entry(name).or_default().push((value, of));
    }

    /// The ratio over all companies with its Monte Carlo error, companies being independent of each other; none
    /// where there was nothing to count.
    pub(crate) fn mean(&self, name: &str) -> Option<(f64, f64)> {
        let pairs = self.0.get(name)?;
        let (value, of) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let mean = value / of;
        let n = pairs.len() as f64;
        let squares: f64 = pairs.iter().map(|pair| (pair.0 - mean * pair.1).powi(2)).sum();
        (of > 0.0 && n > 1.0).then(|| (mean, (squares * n / (n - 1.0)).sqrt() / of))
    }
}

/// Fits one company as the metric does and counts what came of it.
pub(crate) fn measure(scenario: &Scenario, truth: &Truth, company: &Company, tally: &mut Tally) {
    let step = scenario.step();
    let fits = fit(&company.sums, RANDOM, step).and_then(|fit| Ok((fit, self::fit(&company.sums, WITHIN, step)?)));
    tally.add("refused", f64::from(fits.is_err()));
    let Ok((random, within)) = fits else { return };
    let is_within = assignment(&company.sums, &random, step).is_some_and(|trade| trade.is_better_within());
    let headline = if is_within { &within } else { &random };
    let df = scenario.interviewers as f64 - 1.0;
    let t = StudentsT::new(0.0, 1.0, df).map_or(Z_95, |t| t.inverse_cdf(0.975));

    let cards = |person: usize| company.cards[person].iter().sum::<usize>();
    let kept: Vec<usize> = (0..scenario.interviewers).filter(|person| cards(*person) >= FEWEST_CARDS).collect();
    let own: Vec<f64> =
        (0..scenario.interviewers).map(|at| truth.over(&company.cards[at], company.leniency[at])).collect();
    let effect = |person: usize| headline.interviewers[person];
    let mut share = |name, covers: &dyn Fn(usize) -> bool| {
        let count = kept.iter().filter(|person| covers(**person)).count();
        tally.ratio(name, count as f64, kept.len() as f64);
    };
    let holds = |error: f64, half: f64| error.abs() <= half + ROUNDING;
    share("covers", &|at| holds(effect(at).value - own[at], t * effect(at).sd));
    share("covers planted", &|at| holds(effect(at).value - company.leniency[at], t * effect(at).sd));
    share("covers plug-in", &|at| holds(effect(at).value - own[at], Z_95 * effect(at).prediction_sd));
    tally.ratio("half width", kept.iter().map(|at| t * effect(*at).sd).sum(), kept.len() as f64);
    tally.ratio("cards", kept.iter().map(|at| cards(*at) as f64).sum(), kept.len() as f64);
    tally.add("zero", f64::from(headline.variances.interviewer == 0.0));

    let estimated = |at: usize| cards(at) >= FEWEST_CARDS;
    let rate = |at: usize| local_false_sign_rate(effect(at).value, effect(at).sd, df);
    let rates: Vec<Option<f64>> =
        (0..scenario.interviewers).map(|at| Some(at).filter(|at| estimated(*at)).and_then(rate)).collect();
    let flags = flagged(&rates, WRONG_SIGNS);
    let least_telling = TELLING * headline.variances.interviewer.sqrt();
    let told = |at: &&usize| {
        let telling = cards(**at) >= ENOUGH_CARDS && effect(**at).prediction_sd < least_telling;
        telling && flags[**at] && effect(**at).value.abs() >= SMALLEST_LENIENCY
    };
    let told: Vec<usize> = kept.iter().filter(told).copied().collect();
    let wrong = told.iter().filter(|at| effect(**at).value * company.leniency[**at] <= 0.0).count();
    tally.add("flags", told.len() as f64);
    tally.add("any flag", f64::from(!told.is_empty()));
    tally.ratio("wrong sign", wrong as f64, told.len() as f64);

    if let Ok(p) = no_leniency(&company.sums, &random) {
        tally.add("rejects", f64::from(p <= 0.05));
    }
    if let Ok(interval) = sd_interval(&company.sums, &random, step) {
        let covers = interval.low <= truth.sd && interval.high.is_none_or(|high| high >= truth.sd);
        tally.add("sd covers", f64::from(covers));
    }
    tally.add("sd", random.variances.interviewer.sqrt());
    let study = random.share(&|variances| Some(decision_study(variances, STUDIED, scenario.dimensions)?.dependability));
    if let Some(study) = study {
        let (low, high) = (study.interval.low.unwrap_or(0.0), study.interval.high.unwrap_or(1.0));
        tally.add("dependability covers", f64::from((low..=high).contains(&truth.dependability)));
        tally.add("dependability", study.value);
    }

    tally.add("within", f64::from(is_within));
    let pools = |of: &dyn Fn(usize) -> f64| {
        let mean = |is_first: bool| {
            let pool = kept.iter().filter(|at| is_first_pool(**at) == is_first);
            let (sum, count) = pool.fold((0.0, 0.0), |all, at| (all.0 + of(*at) - own[*at], all.1 + 1.0));
            sum / f64::max(count, 1.0)
        };
        mean(true) - mean(false)
    };
    tally.add("bias raw", pools(&|at| company.raw[at]));
    tally.add("bias random", pools(&|at| random.interviewers[at].value));
    tally.add("bias within", pools(&|at| within.interviewers[at].value));
    tally.add("bias headline", pools(&|at| effect(at).value));
    let mut errors = |name, of: &dyn Fn(usize) -> f64| {
        let squares = kept.iter().map(|at| (of(*at) - own[*at]).powi(2)).sum();
        tally.ratio(name, squares, kept.len() as f64);
    };
    errors("error raw", &|at| company.raw[at]);
    errors("error random", &|at| random.interviewers[at].value);
    errors("error within", &|at| within.interviewers[at].value);
}
