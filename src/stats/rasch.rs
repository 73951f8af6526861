//! Many-facet Rasch model (Linacre, 1989) with one rating scale (Andrich, 1978), by joint maximum likelihood.
//!
//! `ln P(k) / P(k - 1) = candidate - item - interviewer - threshold k`, in logits; a positive interviewer is severe.
//! Interviewers and items have mean zero and the thresholds sum to zero. Joint estimates are inconsistent with few
//! ratings per candidate: they spread wider than the truth, in the same order. So this is the ordinal check beside
//! the crossed model and not the headline.

use faer::Mat;
use faer::linalg::solvers::{Llt, Solve};

/// One score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating {
    /// The candidate, counted from 0.
    pub candidate: u32,
    /// The interviewer, counted from 0.
    pub interviewer: u32,
    /// The item: a dimension in a stage, counted from 0.
    pub item: u32,
    /// The score in whole steps.
    pub score: i64,
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRasch {
    /// All scores are extreme for somebody, so that no finite measure is left.
    #[error("no score is left once candidates, interviewers and items with only extreme scores are set aside")]
    NothingLeft,
    /// A scale of so many steps is no rating scale.
    #[error("the scores have more than {MOST_CATEGORIES} categories")]
    TooManyCategories,
    /// A threshold next to a category nobody used is infinite.
    #[error("a category between the lowest and the highest was never used")]
    EmptyCategory,
    /// Somebody has to be compared with somebody.
    #[error("only one interviewer is left once extreme scores are set aside")]
    OneInterviewer,
    /// The equations have no solution.
    #[error("the measures could not be found")]
    NoSolution,
}

/// The most categories a rating scale may have here.
pub const MOST_CATEGORIES: usize = 12;

/// One element of a facet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// Its ratings.
    pub ratings: i64,
    /// Its measure in logits: ability, severity, or difficulty.
    pub measure: f64,
    /// The standard error of the measure, the other measures taken as known.
    pub std_error: f64,
    /// Information-weighted mean square of the residuals; 1 is as expected, above 1.5 erratic, below 0.5 muted.
    pub infit: f64,
    /// Unweighted mean square; sensitive to single surprising scores.
    pub outfit: f64,
    /// `infit` as a standard normal deviate (Wilson and Hilferty, 1931).
    pub infit_z: f64,
    /// `outfit` likewise.
    pub outfit_z: f64,
    /// What the element would score on average with mean elements of the other facets, in steps.
    pub fair_average: f64,
}

/// One facet.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// Its elements in order; `None` for those without scores and those set aside as extreme.
    pub elements: Vec<Option<Measure>>,
    /// Root mean square of the standard errors.
    pub rmse: f64,
    /// The spread of the measures beyond their errors.
    pub true_sd: f64,
    /// `true_sd / rmse`.
    pub separation: f64,
    /// How many levels can be told apart: `(4 separation + 1) / 3`.
    pub strata: f64,
    /// Share of the variance of measures that is not error; for interviewers, high means that they differ.
    pub reliability: Option<f64>,
    /// Chi-squared of "all elements are equal".
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub df: usize,
}

/// How a category was used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Category {
    /// The score in steps.
    pub score: i64,
    /// How often it was given.
    pub count: i64,
    /// The mean of what the candidate's, interviewer's and item's measures came to where it was given; should rise with the score.
    pub average_measure: f64,
    /// The threshold to it from the category below; should rise too.
    pub threshold: Option<f64>,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Rasch {
    /// Candidates; higher is abler.
    pub candidates: Facet,
    /// Interviewers; higher is more severe.
    pub interviewers: Facet,
    /// Items; higher is harder.
    pub items: Facet,
    /// The categories, the lowest first.
    pub categories: Vec<Category>,
    /// Ratings that were fitted.
    pub ratings: usize,
    /// Ratings that were set aside with extreme elements.
    pub set_aside: usize,
    /// Whether every residual total came below the tolerance.
    pub converged: bool,
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
}

const MOST_ROUNDS: usize = 5_000;
const FACETS: usize = 3;

/// Fits the model until every residual total is below `tolerance` steps.
pub fn rasch(ratings: &[Rating], tolerance: f64) -> Result<Rasch, NotRasch> {
    let low = ratings.iter().map(|rating| rating.score).min().ok_or(NotRasch::NothingLeft)?;
    let high = ratings.iter().map(|rating| rating.score).max().ok_or(NotRasch::NothingLeft)?;
    let steps = usize::try_from(high - low).unwrap_or(usize::MAX);
    if steps >= MOST_CATEGORIES {
        return Err(NotRasch::TooManyCategories);
    }
    let kept = without_extremes(ratings, low, high);
    if kept.is_empty() || steps == 0 {
        return Err(NotRasch::NothingLeft);
    }
    let mut counts = vec![0_i64; steps + 1];
    kept.iter().for_each(|rating| counts[(rating.score - low) as usize] += 1);
    if counts.contains(&0) {
        return Err(NotRasch::EmptyCategory);
    }
    let mut model = Model::new(&kept, low, steps);
    if model.sizes[1].iter().filter(|size| **size > 0).count() < 2 {
        return Err(NotRasch::OneInterviewer);
    }
    let mut converged = false;
    for _ in 0..MOST_ROUNDS {
        let largest = model.round().ok_or(NotRasch::NoSolution)?;
        if largest < tolerance {
            converged = true;
            break;
        }
    }
    Ok(model.result(converged, ratings.len() - kept.len(), &counts))
}

fn element(rating: &Rating, facet: usize) -> usize {
    [rating.candidate, rating.interviewer, rating.item][facet] as usize
}

/// Candidates, interviewers and items whose scores are all the lowest or all the highest have no finite measure;
/// setting them aside may make others extreme.
fn without_extremes(ratings: &[Rating], low: i64, high: i64) -> Vec<Rating> {
    let mut kept = ratings.to_vec();
    loop {
        let before = kept.len();
        for facet in 0..FACETS {
            let size = kept.iter().map(|rating| element(rating, facet) + 1).max().unwrap_or(0);
            let mut range = vec![(i64::MAX, i64::MIN); size];
            for rating in &kept {
                let (least, most) = &mut range[element(rating, facet)];
                *least = rating.score.min(*least);
                *most = rating.score.max(*most);
            }
            kept.retain(|rating| {
                let (least, most) = range[element(rating, facet)];
                most != low && least != high
            });
        }
        if kept.len() == before {
            return kept;
        }
    }
}

struct Model<'r> {
    ratings: &'r [Rating],
    low: i64,
    /// Measures by facet.
    measures: [Vec<f64>; FACETS],
    sizes: [Vec<i64>; FACETS],
    thresholds: Vec<f64>,
    /// Scratch: the probabilities of one rating's categories.
    chances: Vec<f64>,
}

/// How a facet moves the odds of a higher score.
const SIGN: [f64; FACETS] = [1.0, -1.0, -1.0];

impl<'r> Model<'r> {
    fn new(ratings: &'r [Rating], low: i64, steps: usize) -> Self {
        let size = |facet| ratings.iter().map(|rating| element(rating, facet) + 1).max().unwrap_or(0);
        let mut sizes: [Vec<i64>; FACETS] = std::array::from_fn(|facet| vec![0; size(facet)]);
        for rating in ratings {
            (0..FACETS).for_each(|facet| sizes[facet][element(rating, facet)] += 1);
        }
        let measures = std::array::from_fn(|facet| vec![0.0; size(facet)]);
        Self { ratings, low, measures, sizes, thresholds: vec![0.0; steps], chances: vec![0.0; steps + 1] }
    }

    fn location(&self, rating: &Rating) -> f64 {
        (0..FACETS).map(|facet| SIGN[facet] * self.measures[facet][element(rating, facet)]).sum()
    }

    /// Fills in the chances of each category at a location.
    fn fill(&mut self, location: f64) {
        let mut sum = 0.0;
        let mut most: f64 = 0.0;
        self.chances[0] = 0.0;
        for (category, threshold) in self.thresholds.iter().enumerate() {
            sum += location - threshold;
            self.chances[category + 1] = sum;
            most = most.max(sum);
        }
        let mut total = 0.0;
        for chance in &mut self.chances {
            *chance = (*chance - most).exp();
            total += *chance;
        }
        self.chances.iter_mut().for_each(|chance| *chance /= total);
    }

    /// Expectation, variance and fourth central moment of the chances filled in.
    fn moments(&self) -> (f64, f64, f64) {
        let mean: f64 = self.chances.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
        let mut variance = 0.0;
        let mut fourth = 0.0;
        for (k, p) in self.chances.iter().enumerate() {
            let square = (k as f64 - mean).powi(2);
            variance += p * square;
            fourth += p * square * square;
        }
        (mean, variance, fourth)
    }

    /// One Newton step for each facet in turn and for the thresholds; gives the largest residual total.
    fn round(&mut self) -> Option<f64> {
        let mut largest: f64 = 0.0;
        for (facet, sign) in SIGN.into_iter().enumerate() {
            let size = self.measures[facet].len();
            let (mut residual, mut information) = (vec![0.0; size], vec![0.0; size]);
            for at in 0..self.ratings.len() {
                let rating = self.ratings[at];
                self.fill(self.location(&rating));
                let (mean, variance, _) = self.moments();
                let place = element(&rating, facet);
                residual[place] += (rating.score - self.low) as f64 - mean;
                information[place] += variance;
            }
            for place in (0..size).filter(|place| information[*place] > 0.0) {
                let step = (residual[place] / information[place]).clamp(-1.0, 1.0);
                self.measures[facet][place] += sign * step;
                largest = largest.max(residual[place].abs());
            }
            if facet > 0 {
                let centre = self.centre(facet);
                self.shift(facet, centre);
                self.shift(0, centre);
            }
        }
        largest = largest.max(self.move_thresholds()?);
        largest.is_finite().then_some(largest)
    }

    /// The mean measure of the elements that have ratings.
    fn centre(&self, facet: usize) -> f64 {
        let used = self.measures[facet].iter().zip(&self.sizes[facet]).filter(|(_, size)| **size > 0);
        let (sum, count) = used.fold((0.0, 0.0), |(sum, count), (measure, _)| (sum + measure, count + 1.0));
        sum / f64::max(count, 1.0)
    }

    fn shift(&mut self, facet: usize, by: f64) {
        self.measures[facet].iter_mut().for_each(|measure| *measure -= by);
    }

    /// One Newton step for all thresholds together; gives the largest residual.
    fn move_thresholds(&mut self) -> Option<f64> {
        let steps = self.thresholds.len();
        let mut residual = vec![0.0; steps];
        let mut information = Mat::<f64>::zeros(steps, steps);
        let mut above = vec![0.0; steps];
        for at in 0..self.ratings.len() {
            let rating = self.ratings[at];
            self.fill(self.location(&rating));
            let mut sum = 0.0;
            for step in (0..steps).rev() {
                sum += self.chances[step + 1];
                above[step] = sum;
                residual[step] += sum - f64::from(rating.score - self.low > step as i64);
            }
            for a in 0..steps {
                for b in 0..=a {
                    information[(a, b)] += above[a] - above[a] * above[b];
                }
            }
        }
        let factor = Llt::new(information.as_ref(), faer::Side::Lower).ok()?;
        let moves = factor.solve(Mat::from_fn(steps, 1, |step, _| residual[step]));
        for (step, threshold) in self.thresholds.iter_mut().enumerate() {
            *threshold += moves[(step, 0)].clamp(-1.0, 1.0);
        }
        let centre = self.thresholds.iter().sum::<f64>() / steps as f64;
        self.thresholds.iter_mut().for_each(|threshold| *threshold -= centre);
        self.shift(0, centre);
        Some(residual.iter().map(|residual| residual.abs()).fold(0.0, f64::max))
    }

    fn result(mut self, converged: bool, set_aside: usize, counts: &[i64]) -> Rasch {
        let mut sums: [Vec<Sums>; FACETS] =
            std::array::from_fn(|facet| vec![Sums::default(); self.measures[facet].len()]);
        let mut log_likelihood = 0.0;
        let mut locations = vec![0.0; counts.len()];
        for at in 0..self.ratings.len() {
            let rating = self.ratings[at];
            let location = self.location(&rating);
            self.fill(location);
            let (mean, variance, fourth) = self.moments();
            let category = (rating.score - self.low) as usize;
            log_likelihood += self.chances[category].ln();
            locations[category] += location;
            let square = (category as f64 - mean).powi(2);
            for (facet, sums) in sums.iter_mut().enumerate() {
                sums[element(&rating, facet)].add(square, variance, fourth);
            }
        }
        let centres: [f64; FACETS] = std::array::from_fn(|facet| self.centre(facet));
        let [candidates, interviewers, items] = std::array::from_fn(|facet| self.facet(facet, &sums[facet], &centres));
        let categories = counts.iter().enumerate().map(|(category, count)| Category {
            score: self.low + category as i64,
            count: *count,
            average_measure: locations[category] / *count as f64,
            threshold: category.checked_sub(1).map(|below| self.thresholds[below]),
        });
        Rasch {
            candidates,
            interviewers,
            items,
            categories: categories.collect(),
            ratings: self.ratings.len(),
            set_aside,
            converged,
            log_likelihood,
        }
    }

    fn facet(&mut self, facet: usize, sums: &[Sums], centres: &[f64; FACETS]) -> Facet {
        let others: f64 = (0..FACETS).filter(|other| *other != facet).map(|other| SIGN[other] * centres[other]).sum();
        let elements: Vec<Option<Measure>> = (0..sums.len())
            .map(|place| {
                let ratings = self.sizes[facet][place];
                let measure = self.measures[facet][place];
                (ratings > 0).then(|| {
                    self.fill(others + SIGN[facet] * measure);
                    let fair_average = self.low as f64 + self.moments().0;
                    sums[place].measure(ratings, measure, fair_average)
                })
            })
            .collect();
        let known: Vec<&Measure> = elements.iter().flatten().collect();
        let n = known.len() as f64;
        let mean = known.iter().map(|element| element.measure).sum::<f64>() / n;
        let spread = known.iter().map(|element| (element.measure - mean).powi(2)).sum::<f64>() / n;
        let error = known.iter().map(|element| element.std_error.powi(2)).sum::<f64>() / n;
        let truth = (spread - error).max(0.0);
        let weighted = |power: i32| -> f64 {
            known.iter().map(|element| element.measure.powi(power) / element.std_error.powi(2)).sum()
        };
        let separation = (truth / error).sqrt();
        Facet {
            rmse: error.sqrt(),
            true_sd: truth.sqrt(),
            separation,
            strata: (4.0 * separation + 1.0) / 3.0,
            reliability: (spread > 0.0).then(|| truth / spread),
            chi_squared: weighted(2) - weighted(1).powi(2) / weighted(0),
            df: known.len().saturating_sub(1),
            elements,
        }
    }
}

/// What the fit statistics of an element are made of.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    squares: f64,
    variance: f64,
    /// Squared standardised residuals.
    standard: f64,
    /// Their variances: fourth moment over squared variance.
    kurtosis: f64,
    /// Fourth moment less squared variance.
    excess: f64,
}

impl Sums {
    fn add(&mut self, square: f64, variance: f64, fourth: f64) {
        self.squares += square;
        self.variance += variance;
        self.standard += square / variance;
        self.kurtosis += fourth / (variance * variance);
        self.excess += fourth - variance * variance;
    }

    fn measure(&self, ratings: i64, measure: f64, fair_average: f64) -> Measure {
        let n = ratings as f64;
        let infit = self.squares / self.variance;
        let outfit = self.standard / n;
        let q_out = (self.kurtosis / (n * n) - 1.0 / n).max(1e-300).sqrt();
        let q_in = (self.excess / (self.variance * self.variance)).max(1e-300).sqrt();
        let z = |mean_square: f64, q: f64| (mean_square.cbrt() - 1.0) * 3.0 / q + q / 3.0;
        Measure {
            ratings,
            measure,
            std_error: 1.0 / self.variance.sqrt(),
            infit,
            outfit,
            infit_z: z(infit, q_in),
            outfit_z: z(outfit, q_out),
            fair_average,
        }
    }
}
