//! From the additive table to people: their scores by round and dimension, and what became of them.

use std::collections::BTreeSet;

use super::events::{Outcome, outcomes};
use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::metrics::adjusted::Adjustment;
use crate::metrics::cards::Cards;
use crate::time::Quarter;

/// What a score is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metrics) enum Of {
    /// The mean over rounds.
    Overall,
    Stage,
    Dimension,
}

impl Of {
    pub(in crate::metrics) fn word(self) -> &'static str {
        match self {
            Of::Overall => "overall",
            Of::Stage => "stage",
            Of::Dimension => "dimension",
        }
    }
}

/// A score that may go with outcomes.
#[derive(Debug)]
pub(in crate::metrics) struct Predictor {
    pub(in crate::metrics) of: Of,
    pub(in crate::metrics) name: String,
    /// By person.
    pub(in crate::metrics) values: Vec<Option<f64>>,
}

/// The name of the mean over rounds.
pub(in crate::metrics) const OVERALL: &str = "all rounds";

/// One card, less what its stage's cards score on average.
#[derive(Debug, Clone, Copy)]
pub(in crate::metrics) struct Given {
    pub(in crate::metrics) person: u32,
    pub(in crate::metrics) interviewer: u32,
    pub(in crate::metrics) above: f64,
}

/// The people of the window and their scores.
#[derive(Debug, Default)]
pub(in crate::metrics) struct People {
    /// Overall first, then stages in the order of the loop, then dimensions by name.
    pub(in crate::metrics) predictors: Vec<Predictor>,
    /// The lowest of each person's scores by dimension, as given; the rule acts on it.
    pub(in crate::metrics) lowest: Vec<Option<f64>>,
    pub(in crate::metrics) given: Vec<Given>,
    pub(in crate::metrics) interviewers: Vec<String>,
    pub(in crate::metrics) quarters: Vec<Option<Quarter>>,
    /// By person, in the order they were taken: places of stages among [`People::stages`], with the mean score as given.
    pub(in crate::metrics) rounds: Vec<Vec<(usize, f64)>>,
    /// By stage: the scores of candidates, and whether they went on after it, as the decisions tell.
    pub(in crate::metrics) passes: Vec<(Vec<f64>, Vec<bool>)>,
    /// The round done at home.
    pub(in crate::metrics) work_sample: Option<String>,
    /// Whether scores are whole points from 1 to 4, as the decision rule supposes.
    pub(in crate::metrics) has_rubric: bool,
    /// Where the scores come from, in words.
    pub(in crate::metrics) window: String,
    pub(in crate::metrics) n: usize,
}

impl People {
    pub(in crate::metrics) fn stages(&self) -> impl Iterator<Item = &Predictor> {
        self.predictors.iter().filter(|predictor| predictor.of == Of::Stage)
    }

    pub(in crate::metrics) fn overall(&self) -> Option<&Predictor> {
        self.predictors.first()
    }
}

/// People, their cards and every outcome, from the merged additive table.
pub(in crate::metrics) fn read(counts: &Counts, context: &Context<'_>) -> (People, Cards, Vec<Outcome>) {
    let (mut people, cards) = people(counts, context);
    let outcomes = outcomes(counts, context, &mut people, &cards);
    (people, cards, outcomes)
}

/// Scores by round and dimension, less interviewers' leniency where that is known.
fn people(counts: &Counts, context: &Context<'_>) -> (People, Cards) {
    let mut config = context.config.clone();
    config.models.window_quarters = config.outcomes.window_quarters;
    let cards = Cards::read(counts, &Context { config: &config, ..*context });
    let adjustment = Adjustment::of(context);
    let n = cards.applications.len();
    let leniency: Vec<f64> = cards.interviewers.iter().map(|name| adjustment.leniency(name)).collect();
    let points = |cell: u32| cards.origin + cards.cell_means[cell as usize] * cards.step;
    let mut dimensions: Vec<&str> = cards.cells.iter().map(|(_, name)| name.as_str()).collect();
    dimensions.sort_unstable();
    dimensions.dedup();
    let dimension_of: Vec<usize> =
        cards.cells.iter().map(|(_, name)| dimensions.binary_search(&name.as_str()).unwrap_or(0)).collect();
    // What all cells of a stage, and of a dimension, score on average.
    let mean_of = |wanted: &dyn Fn(usize) -> bool| {
        let own: Vec<f64> = (0..cards.cells.len()).filter(|at| wanted(*at)).map(|at| points(at as u32)).collect();
        own.iter().sum::<f64>() / own.len().max(1) as f64
    };
    let stage_means: Vec<f64> =
        (0..cards.stages.len()).map(|stage| mean_of(&|at| cards.cells[at].0 as usize == stage)).collect();
    let dimension_means: Vec<f64> =
        (0..dimensions.len()).map(|dimension| mean_of(&|at| dimension_of[at] == dimension)).collect();
    let mut by_stage = vec![vec![(0.0, 0.0); n]; cards.stages.len()];
    let mut by_dimension = vec![vec![(0.0, 0.0); n]; dimensions.len()];
    let mut as_given = vec![vec![(0.0, 0.0); n]; dimensions.len()];
    // Per person: when each stage was first written down, the stage, and its scores as given.
    let mut taken: Vec<Vec<Taken>> = vec![Vec::new(); n];
    let mut out = People { n, interviewers: cards.interviewers.clone(), ..People::default() };
    out.quarters = vec![None; n];
    let opened = counts.text("opened");
    let add = |sum: &mut (f64, f64), value: f64| {
        sum.0 += value;
        sum.1 += 1.0;
    };
    for card in &cards.cards {
        let (person, stage) = (card.application as usize, card.stage as usize);
        out.quarters[person] = opened.at(card.row).and_then(Quarter::parse);
        let own = leniency[card.interviewer as usize];
        let mut above = 0.0;
        for (cell, score) in &card.scores {
            let (given, usual) = (cards.points(*score), points(*cell));
            let dimension = dimension_of[*cell as usize];
            above += given - own - usual;
            add(&mut by_dimension[dimension][person], given - own - usual);
            add(&mut as_given[dimension][person], given);
        }
        if card.scores.is_empty() {
            continue;
        }
        above /= card.scores.len() as f64;
        add(&mut by_stage[stage][person], above);
        out.given.push(Given { person: card.application, interviewer: card.interviewer, above });
        if !taken[person].iter().any(|(_, own, _)| *own == stage) {
            taken[person].push((card.submitted, stage, (0.0, 0.0)));
        }
        for (at, _, sum) in taken[person].iter_mut().filter(|(_, own, _)| *own == stage) {
            *at = (*at).into_iter().chain(card.submitted).min();
            card.scores.iter().for_each(|(_, score)| add(sum, cards.points(*score)));
        }
    }
    let value = |sum: (f64, f64), usual: f64| (sum.1 > 0.0).then(|| sum.0 / sum.1 + usual);
    let order = order(&taken, &cards.stages);
    let stages = order.iter().map(|stage| Predictor {
        of: Of::Stage,
        name: cards.stages[*stage].clone(),
        values: by_stage[*stage].iter().map(|sum| value(*sum, stage_means[*stage])).collect(),
    });
    let stages: Vec<Predictor> = stages.collect();
    let place = |stage: usize| order.iter().position(|own| *own == stage).unwrap_or(0);
    out.rounds = taken
        .into_iter()
        .map(|mut own| {
            own.sort_unstable_by_key(|(at, stage, _)| (*at, place(*stage)));
            own.into_iter().map(|(_, stage, (sum, count))| (place(stage), sum / count)).collect()
        })
        .collect();
    let overall = (0..n).map(|person| {
        let own: Vec<f64> = stages.iter().filter_map(|stage| stage.values[person]).collect();
        (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64)
    });
    out.predictors.push(Predictor { of: Of::Overall, name: OVERALL.to_owned(), values: overall.collect() });
    out.predictors.extend(stages);
    if !cards.recommendations {
        out.predictors.extend(by_dimension.iter().enumerate().map(|(dimension, sums)| Predictor {
            of: Of::Dimension,
            name: dimensions[dimension].to_owned(),
            values: sums.iter().map(|sum| value(*sum, dimension_means[dimension])).collect(),
        }));
    }
    out.lowest = (0..n)
        .map(|person| as_given.iter().filter_map(|sums| value(sums[person], 0.0)).min_by(f64::total_cmp))
        .collect();
    out.has_rubric = cards.step == 1.0 && cards.range == (1, 4);
    out.work_sample = work_sample(counts, &out, context);
    let less = if adjustment.is_known() { "scores less interviewers' leniency" } else { "scores as given" };
    out.window = format!("{less}, {}", cards.window);
    (out, cards)
}

/// A round that somebody has held: when, which stage, and the sum and the number of its scores.
type Taken = (Option<i64>, usize, (f64, f64));

/// Stages in the order of the loop: by how many other stages of the same candidate were written down before, on average;
/// where no times tell, by how many candidates got so far. Names settle ties.
fn order(taken: &[Vec<Taken>], stages: &[String]) -> Vec<usize> {
    let mut before = vec![(0_usize, 0_usize); stages.len()];
    for own in taken {
        for (at, stage, _) in own {
            before[*stage].0 += own.iter().filter(|(other, _, _)| other < at).count();
            before[*stage].1 += 1;
        }
    }
    let key = |stage: usize| before[stage].0 as f64 / before[stage].1.max(1) as f64;
    let mut out: Vec<usize> = (0..stages.len()).filter(|stage| before[*stage].1 > 0).collect();
    out.sort_by(|a, b| {
        let by_time = key(*a).total_cmp(&key(*b));
        by_time.then(before[*b].1.cmp(&before[*a].1)).then_with(|| stages[*a].cmp(&stages[*b]))
    });
    out
}

/// The round done at home, by the kind of its interviews or by its name; of several the one most candidates did.
fn work_sample(counts: &Counts, people: &People, context: &Context<'_>) -> Option<String> {
    let (stage, kind) = (counts.text("stage"), counts.text("row"));
    let known: BTreeSet<&str> =
        (0..counts.len()).filter(|row| kind.at(*row) == Some("home")).filter_map(|row| stage.at(row)).collect();
    let named = |name: &str| known.contains(name) || (known.is_empty() && context.config.stages.is_take_home(name));
    people.stages().find(|predictor| named(&predictor.name)).map(|predictor| predictor.name.clone())
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn stages_stand_in_the_order_in_which_candidates_take_them() {
        let names = ["final", "screen", "Tech", "technical"].map(str::to_owned);
        let one = |at: i64, stage: usize| (Some(at), stage, (3.0, 1.0));
        // The technical stage was renamed; few candidates took it under its later name.
        let taken = [
            vec![one(1, 1), one(5, 3), one(9, 0)],
            vec![one(2, 1), one(6, 3)],
            vec![one(3, 1), one(4, 2), one(8, 0)],
            vec![one(4, 1)],
        ];
        assert_eq!(order(&taken, &names), [1, 3, 2, 0]);
        // Without times fewer and fewer candidates get further.
        let untimed = taken.map(|own| own.into_iter().map(|(_, stage, sum)| (None, stage, sum)).collect::<Vec<_>>());
        assert_eq!(order(&untimed, &names), [1, 0, 3, 2]);
        assert!(order(&[], &names).is_empty());
    }
}
