//! The fits, the headline among them, and the tables that follow from them.

use super::links::Links;
use super::tables::{INTERVIEWER_LENIENCY, RELIABILITY, SCORE_CATEGORIES, VARIANCE_COMPONENTS};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::agreement::decision_study;
use crate::stats::crossed::{
    self, Candidates, CardSums, Drift, Effect, Fit, Refused, SdInterval, Share, Terms, Variances,
};
use crate::stats::rasch::{NotRasch, Rasch, Rating, rasch};
use crate::stats::sign_rate::{flagged, local_false_sign_rate};

/// Cards and co-interviewers below which an interviewer has no estimate, and cards below which it is thin.
pub(super) const FEWEST_CARDS: i64 = 5;
const FEWEST_CO_INTERVIEWERS: usize = 2;
const ENOUGH_CARDS: i64 = 10;
/// Interviewers, and candidates met by two of them, below which the variance is not estimated, and below which it is thin.
const FEWEST: (usize, usize) = (5, 20);
const ENOUGH: (usize, usize) = (8, 30);
/// Among the flagged no more than this share is expected to have the wrong sign.
const WRONG_SIGNS: f64 = 0.05;
/// Beyond so many interviewers the profile interval would take longer than it is worth.
const LARGEST_PROFILE: usize = 1_500;
/// Beyond so many scores the Rasch model is fitted to every second, third... candidate.
const LARGEST_RASCH: usize = 200_000;

/// Everything that was fitted.
pub(super) struct Fitted {
    pub(super) sums: CardSums,
    pub(super) random: Result<Fit, Refused>,
    pub(super) within: Result<Fit, Refused>,
    pub(super) rasch: Result<Rasch, NotRasch>,
    sd: Option<SdInterval>,
    /// Whether that interval follows the criterion, not only its curvature.
    is_profiled: bool,
    p_value: Option<f64>,
    /// Which fit is the headline, and why not the other.
    pub(super) is_within: bool,
    pub(super) because: Option<&'static str>,
}

impl Fitted {
    /// The fit whose leniencies are reported.
    pub(super) fn headline(&self) -> Option<&Fit> {
        if self.is_within { self.within.as_ref().ok() } else { self.random.as_ref().ok() }
    }

    /// Its name in the tables.
    pub(super) fn model(&self) -> &'static str {
        if self.is_within { "within" } else { "random" }
    }

    /// Whether interviewers are told to differ at all: otherwise everybody is predicted as the mean, without error.
    pub(super) fn differ(&self) -> bool {
        self.headline().is_some_and(|fit| fit.variances.interviewer > 0.0)
    }

    /// The leniency of an interviewer in the headline.
    pub(super) fn leniency(&self, interviewer: u32) -> Option<Effect> {
        self.headline()?.interviewers.get(interviewer as usize).copied()
    }
}

const MODEL: Terms = Terms { candidates: Candidates::Random, interviewers: true, cards: true };

/// Fits everything.
pub(super) fn fit(cards: &Cards, links: &Links) -> Fitted {
    let sums = cards.sums();
    let random = crossed::fit(&sums, MODEL, cards.step);
    let within = crossed::fit(&sums, Terms { candidates: Candidates::Fixed, ..MODEL }, cards.step);
    let because = match (&random, &within) {
        (Ok(random), Ok(_)) => disagreement(links, &sums, random, cards.step),
        _ => None,
    };
    // Whether interviewers differ is asked of the fit that is reported.
    let headline = if because.is_some() { within.as_ref().ok() } else { random.as_ref().ok() };
    let is_profiled = sums.interviewers() <= LARGEST_PROFILE;
    let sd = headline.and_then(|fit| {
        let interval = if is_profiled {
            crossed::sd_interval(&sums, fit, cards.step)
        } else {
            crossed::sd_interval_by_curvature(&sums, fit)
        };
        interval.ok()
    });
    let p_value = headline.and_then(|fit| crossed::no_leniency(&sums, fit).ok());
    Fitted {
        rasch: ordinal(cards),
        is_within: because.is_some(),
        random,
        within,
        sd,
        is_profiled,
        p_value,
        because,
        sums,
    }
}

/// Why the fit within candidates should be the headline, if it should. Random candidates predict better but for the bias
/// that comes from an assignment which follows the strength of candidates; the bias has to exceed what is saved.
fn disagreement(links: &Links, sums: &CardSums, random: &Fit, step: f64) -> Option<&'static str> {
    if !links.is_connected() {
        return Some(
            "some interviewers share no candidate with the others, so only comparisons within candidates hold",
        );
    }
    let trade = crossed::assignment(sums, random, step)?;
    trade
        .is_better_within()
        .then_some("who meets whom is not random: the fit across candidates is biased by more than it is surer")
}

/// The ordinal check.
fn ordinal(cards: &Cards) -> Result<Rasch, NotRasch> {
    let scores: usize = cards.cards.iter().map(|card| card.scores.len()).sum();
    let every = scores.div_ceil(LARGEST_RASCH).max(1) as u32;
    let mut ratings = Vec::new();
    for card in cards.cards.iter().filter(|card| card.application.is_multiple_of(every)) {
        let (candidate, interviewer) = (card.application / every, card.interviewer);
        ratings.extend(card.scores.iter().map(|(item, score)| Rating {
            candidate,
            interviewer,
            item: *item,
            score: *score,
        }));
    }
    rasch(&ratings, 1e-4)
}

/// How far the design as a whole can be trusted.
pub(super) fn status(cards: &Cards, fitted: &Fitted) -> (Status, Option<String>) {
    if let Err(refused) = &fitted.random {
        return (Status::NotEstimable, Some(refused.to_string()));
    }
    let (people, shared) = compared(cards);
    if people < FEWEST.0 || shared < FEWEST.1 {
        let reason = format!(
            "{people} interviewers who share two candidates or more with others, and {shared} candidates met by two \
             interviewers; at least {} and {} are needed",
            FEWEST.0, FEWEST.1
        );
        (Status::NotEstimable, Some(reason))
    } else if people < ENOUGH.0 || shared < ENOUGH.1 {
        let reason = format!(
            "{people} interviewers who share two candidates or more with others, and {shared} candidates met by two \
             interviewers; {} and {} would be enough",
            ENOUGH.0, ENOUGH.1
        );
        (Status::Thin, Some(reason))
    } else {
        (Status::Ok, None)
    }
}

/// Interviewers who share two candidates or more with others, so that they are told from a single card of theirs, and
/// candidates that at least two interviewers met.
fn compared(cards: &Cards) -> (usize, usize) {
    let mut meetings = cards.meetings();
    meetings.sort_unstable();
    meetings.dedup();
    let mut shared = 0;
    let mut own = vec![0_usize; cards.interviewers.len()];
    for met in meetings.chunk_by(|a, b| a.0 == b.0).filter(|met| met.len() > 1) {
        shared += 1;
        met.iter().for_each(|(_, person)| own[*person as usize] += 1);
    }
    (own.into_iter().filter(|candidates| *candidates > 1).count(), shared)
}

/// The tables of the fits.
pub(super) fn tables(
    cards: &Cards,
    fitted: &Fitted,
    moved: &Result<Drift, String>,
    links: &Links,
    context: &Context<'_>,
) -> Vec<ResultTable> {
    vec![
        interviewers(cards, fitted, links, context),
        components(cards, fitted, moved),
        reliability(cards, fitted),
        categories(cards, fitted),
    ]
}

/// What an interviewer did, before any model.
#[derive(Debug, Clone, Default)]
struct Raw {
    cards: i64,
    candidates: Vec<u32>,
    stages: Vec<u32>,
    scores: i64,
    sum: i64,
    /// What all interviewers gave on the same cells.
    expected: f64,
}

fn raw(cards: &Cards) -> Vec<Raw> {
    let mut cells = vec![(0_i64, 0_i64); cards.cells.len()];
    for (cell, score) in cards.cards.iter().flat_map(|card| &card.scores) {
        cells[*cell as usize].0 += score;
        cells[*cell as usize].1 += 1;
    }
    let mut all = vec![Raw::default(); cards.interviewers.len()];
    for card in &cards.cards {
        let own = &mut all[card.interviewer as usize];
        own.cards += 1;
        own.candidates.push(card.application);
        own.stages.push(card.stage);
        for (cell, score) in &card.scores {
            let (sum, count) = cells[*cell as usize];
            own.scores += 1;
            own.sum += score;
            own.expected += sum as f64 / count as f64;
        }
    }
    for own in &mut all {
        own.candidates.sort_unstable();
        own.candidates.dedup();
        own.stages.sort_unstable();
        own.stages.dedup();
    }
    all
}

fn interviewers(cards: &Cards, fitted: &Fitted, links: &Links, context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&INTERVIEWER_LENIENCY);
    let raw = raw(cards);
    let (design, why) = status(cards, fitted);
    let people = cards.interviewers.len();
    let df = people as f64 - 1.0;
    let headline = fitted.headline().filter(|_| design != Status::NotEstimable);
    let rate = |effect: &Effect| local_false_sign_rate(effect.value, effect.sd, df);
    let estimable = |person: usize| {
        raw[person].cards >= FEWEST_CARDS && links.co_interviewers(person as u32) >= FEWEST_CO_INTERVIEWERS
    };
    let rates: Vec<Option<f64>> = (0..people)
        .map(|person| headline.filter(|_| estimable(person)).and_then(|fit| rate(&fit.interviewers[person])))
        .collect();
    let flags = flagged(&rates, WRONG_SIGNS);
    let smallest = context.config.models.smallest_leniency;
    let multiplier = student(df);
    let method = match fitted.because {
        Some(because) => format!("REML within candidates, since {because}; t-interval; {}", cards.window),
        None => format!("REML, candidates random; t-interval; {}", cards.window),
    };
    let largest = headline.map_or(0.0, |fit| fit.variances.interviewer.sqrt());
    let mut order: Vec<usize> = (0..people).collect();
    let value = |person: usize| headline.map_or(0.0, |fit| fit.interviewers[person].value);
    order.sort_by(|a, b| {
        value(*b).total_cmp(&value(*a)).then_with(|| cards.interviewers[*a].cmp(&cards.interviewers[*b]))
    });
    for person in order {
        let own = &raw[person];
        let n = own.scores as f64;
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("interviewer_id", text(&cards.interviewers[person])),
            ("cards", Cell::Int(own.cards)),
            ("candidates", Cell::Int(own.candidates.len() as i64)),
            ("co_interviewers", Cell::Int(links.co_interviewers(person as u32) as i64)),
            ("stages", Cell::Int(own.stages.len() as i64)),
            ("component", links.part(person as u32).map_or(Cell::Null, |part| Cell::Int(part as i64 + 1))),
            ("raw_mean", Cell::float(cards.origin + cards.step * own.sum as f64 / n)),
            ("raw_difference", Cell::float(cards.step * (own.sum as f64 - own.expected) / n)),
        ]);
        let (state, reason) = if design == Status::NotEstimable {
            (design, why.clone())
        } else if own.cards < FEWEST_CARDS {
            (Status::NotEstimable, Some(format!("fewer than {FEWEST_CARDS} cards")))
        } else if !estimable(person) {
            let reason = format!("fewer than {FEWEST_CO_INTERVIEWERS} others met the same candidates");
            (Status::NotEstimable, Some(reason))
        } else if own.cards < ENOUGH_CARDS {
            (Status::Thin, Some(format!("fewer than {ENOUGH_CARDS} cards")))
        } else if largest > 0.0 && headline.is_some_and(|fit| fit.interviewers[person].prediction_sd >= 0.8 * largest) {
            (Status::Thin, Some("the cards tell little beyond what holds for everybody".to_owned()))
        } else if !fitted.differ() && design == Status::Ok {
            let reason =
                "interviewers are not told to differ; the interval averages over what their standard deviation may be";
            (design, Some(reason.to_owned()))
        } else {
            (design, why.clone())
        };
        if let Some(fit) = headline.filter(|_| state != Status::NotEstimable) {
            let effect = fit.interviewers[person];
            let half = multiplier * effect.sd;
            let verdict = match (flags[person] && effect.value.abs() >= smallest, effect.value > 0.0) {
                _ if state == Status::Thin => None,
                (true, true) => Some("lenient"),
                (true, false) => Some("severe"),
                _ => Some("not_distinguishable"),
            };
            cells.extend([
                ("leniency", Cell::float(effect.value)),
                ("leniency_low", Cell::float(effect.value - half)),
                ("leniency_high", Cell::float(effect.value + half)),
                ("sd", Cell::float(effect.sd)),
                ("pev_sd", Cell::float(fitted.differ().then_some(effect.prediction_sd))),
                ("lfsr", Cell::float(rates[person])),
                ("verdict", Cell::text(verdict.map(str::to_owned))),
            ]);
            if let Ok(within) = &fitted.within {
                let effect = within.interviewers[person];
                cells.push(("within_leniency", Cell::float(effect.value)));
                cells.push(("within_sd", Cell::float((within.variances.interviewer > 0.0).then_some(effect.sd))));
            }
        }
        let measure = fitted.rasch.as_ref().ok().and_then(|rasch| *rasch.interviewers.elements.get(person)?);
        if let Some(measure) = measure.filter(|_| state != Status::NotEstimable) {
            cells.extend([
                ("rasch_severity", Cell::float(measure.measure)),
                ("rasch_se", Cell::float(measure.std_error)),
                ("infit", Cell::float(measure.infit)),
                ("infit_z", Cell::float(measure.infit_z)),
                ("outfit", Cell::float(measure.outfit)),
                ("outfit_z", Cell::float(measure.outfit_z)),
                ("fair_average", Cell::float(cards.origin + cards.step * measure.fair_average)),
            ]);
        }
        cells.extend(standing(own.scores, method.clone(), state, reason));
        out.push(cells);
    }
    out
}

/// The 97.5 % point of the t-distribution.
pub(super) fn student(df: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    StudentsT::new(0.0, 1.0, df.max(1.0)).map_or(crate::stats::estimate::Z_95, |t| t.inverse_cdf(0.975))
}

/// A part of the variances, as `Fit::share` takes it.
type Part = fn(&Variances) -> Option<f64>;

const PARTS: [(&str, Part); 4] = [
    ("candidate", |v| v.candidate),
    ("interviewer", |v| Some(v.interviewer)),
    ("card", |v| v.card),
    ("residual", |v| Some(v.residual)),
];

fn total(variances: &Variances) -> f64 {
    PARTS.iter().filter_map(|(_, part)| part(variances)).sum()
}

fn components(cards: &Cards, fitted: &Fitted, moved: &Result<Drift, String>) -> ResultTable {
    let mut out = ResultTable::new(&VARIANCE_COMPONENTS);
    let n = fitted.sums.scores_seen();
    let (state, why) = status(cards, fitted);
    for (model, fit) in [("random", &fitted.random), ("within", &fitted.within)] {
        for (name, part) in PARTS {
            let (state, why) = match fit {
                Err(refused) => (Status::NotEstimable, Some(refused.to_string())),
                Ok(fit) if part(&fit.variances).is_none() => continue,
                Ok(_) => (state, why.clone()),
            };
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([("model", text(model)), ("component", text(name))]);
            if let (Ok(fit), true) = (fit, state != Status::NotEstimable) {
                let variance = part(&fit.variances).unwrap_or(0.0);
                cells.push(("variance", Cell::float(variance)));
                cells.push(("sd", Cell::float(variance.sqrt())));
                if let Some(share) = fit.share(&|v| Some(part(v)? / total(v))) {
                    cells.push(("share", Cell::float(share.value)));
                    cells.extend(limits(share.interval, ["share_low", "share_high"]));
                }
                if (model, name) == (fitted.model(), "interviewer") {
                    cells.push(("p_value", Cell::float(fitted.p_value)));
                    if let Some(sd) = &fitted.sd {
                        cells.extend([("sd_low", Cell::float(sd.low)), ("sd_high", Cell::float(sd.high))]);
                    }
                }
            }
            let by = match (model, name) {
                (model, "interviewer") if model == fitted.model() && fitted.is_profiled => {
                    "REML, profile interval of the sd"
                }
                (model, "interviewer") if model == fitted.model() => {
                    "REML, interval of the sd from the curvature of its logarithm"
                }
                _ => "REML",
            };
            cells.extend(standing(n, format!("{by}; {}", cards.window), state, why));
            out.push(cells);
        }
    }
    let mut cells: Vec<(&str, Cell)> = all().into();
    cells.extend([("model", text(fitted.model())), ("component", text("interviewer_quarter"))]);
    let (state, why) = match moved {
        Err(why) => (Status::NotEstimable, Some(why.clone())),
        Ok(drift) => {
            cells.push(("variance", Cell::float(drift.variance)));
            cells.push(("sd", Cell::float(drift.variance.sqrt())));
            cells.extend(limits(drift.sd, ["sd_low", "sd_high"]));
            cells.push(("p_value", Cell::float(drift.p)));
            (state, why)
        }
    };
    cells.extend(standing(n, format!("{}; {}", super::movement::METHOD, cards.window), state, why));
    out.push(cells);
    out
}

/// Interviewers and dimensions that reliability is told for.
const MOST_INTERVIEWERS: usize = 8;

fn reliability(cards: &Cards, fitted: &Fitted) -> ResultTable {
    let mut out = ResultTable::new(&RELIABILITY);
    let n = fitted.sums.scores_seen();
    let (mut state, mut why) = status(cards, fitted);
    let none = fitted.random.as_ref().is_ok_and(|fit| fit.variances.candidate.is_none_or(|variance| variance <= 0.0));
    if none && state != Status::NotEstimable {
        state = Status::NotEstimable;
        why = Some("candidates do not differ by more than chance".to_owned());
    }
    let usual = usual_design(cards);
    let mut dimensions = vec![1, usual.1];
    dimensions.dedup();
    for dimensions in dimensions {
        for interviewers in 1..=MOST_INTERVIEWERS.max(usual.0) {
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([
                ("interviewers", Cell::Int(interviewers as i64)),
                ("dimensions", Cell::Int(dimensions as i64)),
                ("is_usual", Cell::Flag((interviewers, dimensions) == usual)),
            ]);
            if let (Ok(fit), true) = (&fitted.random, state != Status::NotEstimable) {
                let of = |relative: bool| -> Option<Share> {
                    fit.share(&|variances| {
                        let study = decision_study(variances, interviewers, dimensions)?;
                        Some(if relative { study.generalizability } else { study.dependability })
                    })
                };
                if let Some(share) = of(true) {
                    cells.push(("generalizability", Cell::float(share.value)));
                    cells.extend(limits(share.interval, ["generalizability_low", "generalizability_high"]));
                }
                if let Some(share) = of(false) {
                    cells.push(("dependability", Cell::float(share.value)));
                    cells.extend(limits(share.interval, ["dependability_low", "dependability_high"]));
                }
            }
            let method = format!("decision study on REML variances, delta method; {}", cards.window);
            cells.extend(standing(n, method, state, why.clone()));
            out.push(cells);
        }
    }
    out
}

/// The median number of cards per loop and of scores per card.
fn usual_design(cards: &Cards) -> (usize, usize) {
    let mut by_loop = vec![0_usize; cards.applications.len()];
    cards.cards.iter().for_each(|card| by_loop[card.application as usize] += 1);
    let median = |mut counts: Vec<usize>| {
        counts.retain(|count| *count > 0);
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().unwrap_or(1)
    };
    (median(by_loop), median(cards.cards.iter().map(|card| card.scores.len()).collect()))
}

/// Uses below which a category says nothing.
const FEWEST_USES: i64 = 10;

fn categories(cards: &Cards, fitted: &Fitted) -> ResultTable {
    let mut out = ResultTable::new(&SCORE_CATEGORIES);
    let method = format!("many-facet Rasch model, joint maximum likelihood; {}", cards.window);
    match &fitted.rasch {
        Err(reason) => {
            let mut counts = std::collections::BTreeMap::new();
            for (_, score) in cards.cards.iter().flat_map(|card| &card.scores) {
                *counts.entry(*score).or_insert(0_i64) += 1;
            }
            for (score, count) in counts {
                let mut cells: Vec<(&str, Cell)> = all().into();
                cells.extend([("score", Cell::float(cards.points(score))), ("count", Cell::Int(count))]);
                let n = fitted.sums.scores_seen();
                cells.extend(standing(n, method.clone(), Status::NotEstimable, Some(reason.to_string())));
                out.push(cells);
            }
        }
        Ok(rasch) => {
            let mut before: Option<(f64, Option<f64>)> = None;
            for category in &rasch.categories {
                let rises = before.map(|(measure, threshold)| {
                    category.average_measure > measure
                        && threshold.zip(category.threshold).is_none_or(|(before, here)| here > before)
                });
                before = Some((category.average_measure, category.threshold));
                let (state, reason) = if category.count < FEWEST_USES {
                    (Status::Thin, Some(format!("given fewer than {FEWEST_USES} times")))
                } else {
                    (Status::Ok, None)
                };
                let mut cells: Vec<(&str, Cell)> = all().into();
                cells.extend([
                    ("score", Cell::float(cards.points(category.score))),
                    ("count", Cell::Int(category.count)),
                    ("average_measure", Cell::float(category.average_measure)),
                    ("threshold", Cell::float(category.threshold)),
                    ("is_ordered", rises.map_or(Cell::Null, Cell::Flag)),
                ]);
                cells.extend(standing(rasch.ratings as i64, method.clone(), state, reason));
                out.push(cells);
            }
        }
    }
    out
}
