//! One rater of each kind among ordinary ones: the right habit is found, and hardly any other.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

use super::super::{links, model, movement};
use super::*;
use crate::config::Config;
use crate::engine::run::Results;
use crate::metrics::cards::Card;
use crate::time::Instant;

const PEOPLE: u32 = 18;
const LOOPS: u32 = 320;
const CELLS: u32 = 4;
/// The interviewers with a habit, and what it is called.
const PLANTED: [(u32, &str); 7] = [
    (0, "central_tendency"),
    (1, "halo"),
    (2, "inconsistency"),
    (3, "straight_lining"),
    (4, "drift"),
    (5, "late"),
    (6, "restricted_range"),
];

struct Random(ChaCha8Rng);

impl Random {
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self, sd: f64) -> f64 {
        sd * Normal::standard().inverse_cdf(self.unit())
    }
}

/// Cards of four dimensions, four for each loop over four quarters.
fn planted(seed: u64, habits: bool) -> Cards {
    let mut random = Random(ChaCha8Rng::seed_from_u64(seed));
    let leniency: Vec<f64> = (0..PEOPLE).map(|_| random.normal(0.2)).collect();
    let mut cards = Cards {
        applications: (0..LOOPS).map(|at| format!("app-{at}")).collect(),
        interviewers: (0..PEOPLE).map(|at| format!("person-{at}")).collect(),
        stages: vec!["Onsite".to_owned()],
        cells: (0..CELLS).map(|at| (0, format!("dimension {at}"))).collect(),
        step: 1.0,
        range: (1, 4),
        ..Cards::default()
    };
    for application in 0..LOOPS {
        let quarter = application * 4 / LOOPS;
        let quality = random.normal(0.6);
        let mut met: Vec<u32> = Vec::new();
        while met.len() < 4 {
            let person = (random.unit() * f64::from(PEOPLE)) as u32;
            if !met.contains(&person) {
                met.push(person);
            }
        }
        for interviewer in met {
            let habit =
                PLANTED.iter().find(|(person, _)| habits && *person == interviewer).map_or("", |(_, name)| name);
            let mut card = random.normal(0.3) + random.normal(if habit == "inconsistency" { 0.8 } else { 0.0 });
            let seen = if habit == "restricted_range" {
                card *= 0.3;
                0.1 * quality
            } else {
                quality
            };
            let moved = if habit == "drift" && quarter > 1 { -0.7 } else { 0.0 };
            let noise = if habit == "halo" { 0.25 } else { 0.55 };
            let same = habit == "straight_lining" && random.unit() < 0.6;
            let mut scores: Vec<(u32, i64)> = (0..CELLS)
                .map(|cell| {
                    let score = 2.5 + leniency[interviewer as usize] + seen + card + moved + random.normal(noise);
                    // Those who keep to the middle hold back what is far from it.
                    let score = if habit == "central_tendency" { 2.5 + 0.35 * (score - 2.5) } else { score };
                    (cell, score.round().clamp(1.0, 4.0) as i64)
                })
                .collect();
            if same {
                let first = scores[0].1;
                scores.iter_mut().for_each(|(_, score)| *score = first);
            }
            let late = random.unit() < if habit == "late" { 0.4 } else { 0.1 };
            cards.cards.push(Card {
                application,
                interviewer,
                stage: 0,
                quarter: Some(quarter),
                delay: Some(if late { 200 } else { 2 } * 3600),
                submitted: None,
                row: 0,
                scores,
            });
        }
    }
    for cell in 0..CELLS {
        let given: Vec<i64> = cards
            .cards
            .iter()
            .flat_map(|card| &card.scores)
            .filter(|(at, _)| *at == cell)
            .map(|(_, score)| *score)
            .collect();
        cards.cell_means.push(given.iter().sum::<i64>() as f64 / given.len() as f64);
        let middle = given.iter().filter(|score| (2..=3).contains(*score)).count();
        cards.cell_middle.push(middle as f64 / given.len() as f64);
    }
    cards
}

/// Interviewers told to have each effect.
fn told(cards: &Cards) -> BTreeMap<String, Vec<u32>> {
    let config = Config::default();
    let earlier = Results::default();
    let context = Context { config: &config, as_of: Instant(0), period: None, earlier: &earlier };
    let links = links::links(cards);
    let fitted = model::fit(cards, &links);
    let moved = movement::movement(cards, &fitted);
    let tables = tables(cards, &fitted, &moved, &context);
    let mut out: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    assert_eq!(tables[0].rows.len(), EFFECTS.len() * PEOPLE as usize);
    for row in &tables[0].rows {
        let text = |name: &str| tables[0].get(row, name).as_text().unwrap_or_default().to_owned();
        if text("verdict") == text("effect") {
            let person = text("interviewer_id").strip_prefix("person-").unwrap().parse().unwrap();
            out.entry(text("effect")).or_default().push(person);
        }
    }
    out
}

#[test]
fn each_habit_is_found_in_whom_it_was_planted() {
    let seeds = 4;
    let all: Vec<BTreeMap<String, Vec<u32>>> = (0..seeds).map(|seed| told(&planted(seed, true))).collect();
    for (person, effect) in PLANTED {
        let found = all.iter().filter(|told| told.get(effect).is_some_and(|people| people.contains(&person))).count();
        assert!(found + 1 >= all.len(), "{effect}: {found} of {seeds}");
    }
    let flags: usize = all.iter().flat_map(BTreeMap::values).map(Vec::len).sum();
    let is_ordinary = |person: &&u32| **person >= PLANTED.len() as u32;
    let wrong: Vec<(&String, &u32)> = all
        .iter()
        .flatten()
        .flat_map(|(effect, people)| people.iter().filter(is_ordinary).map(move |person| (effect, person)))
        .collect();
    // One in twenty flags may be false.
    assert!(wrong.len() * 20 <= flags + 20, "{} of {flags}: {wrong:?}", wrong.len());
}

#[test]
fn where_nobody_has_a_habit_hardly_anybody_is_told_to() {
    let mut wrong = BTreeMap::new();
    for seed in 100..104 {
        for (effect, people) in told(&planted(seed, false)) {
            *wrong.entry(effect).or_insert(0) += people.len();
        }
    }
    // With q-values of 5 % about one in twenty of the twenty-eight families has a flag.
    assert!(wrong.values().sum::<usize>() <= 4, "{wrong:?}");
}
