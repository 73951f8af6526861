//! The checks, and the cards they read.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::HYGIENE;
use crate::engine::counts::Counts;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::{NO_STAGE, Window};
use crate::metrics::rows::{limits, standing, text};
use crate::metrics::segments::ALL;
use crate::stats::estimate::Interval;
use crate::stats::proportion::wilson;
use crate::time::{Quarter, SECOND};

/// Records below which a share is thin.
const ENOUGH: i64 = 10;
/// A dimension belongs to a stage's rubric if at least this share of its cards score it.
const PART_OF_RUBRIC: f64 = 0.5;
/// Examples given of each failure.
const EXAMPLES: usize = 5;

/// The checks, in the order of the table.
pub(super) const CHECKS: [&str; 8] = [
    "missing_dimension",
    "no_observation",
    "short_observation",
    "judgement_only",
    "unanchored_scale",
    "never_submitted",
    "after_decision",
    "no_decider",
];

/// One scorecard.
#[derive(Debug, Default)]
struct Card<'c> {
    id: &'c str,
    stage: &'c str,
    is_submitted: bool,
    submitted: Option<i64>,
    decided: Option<i64>,
    scored: BTreeSet<&'c str>,
    has_levels: Option<bool>,
    /// The longest text; `None` where the source tells no lengths.
    longest: Option<i64>,
    /// Whether all that is written on it are judgements; `None` where nothing is.
    only_judges: Option<bool>,
}

/// One answer to a check: of which stage, whether it fails, and the record.
type Answer<'c> = (&'c str, bool, &'c str);

/// What was read.
pub(super) struct Seen<'c> {
    cards: Vec<Card<'c>>,
    /// Stage, whether a card came, and the application.
    seats: Vec<Answer<'c>>,
    deciders: Vec<Answer<'c>>,
    window: String,
    shortest: i64,
}

impl<'c> Seen<'c> {
    /// The records of the window.
    pub(super) fn read(counts: &'c Counts, context: &Context<'_>) -> Self {
        let (opened, application, kind) = (counts.text("opened"), counts.text("application_id"), counts.text("kind"));
        let (card_id, person) = (counts.text("scorecard_id"), counts.text("interviewer_id"));
        let (stage, status, dimension) = (counts.text("stage"), counts.text("status"), counts.text("dimension"));
        let (at, decided) = (counts.int("at"), counts.int("decided"));
        let (scored, levels, length) = (counts.int("scored"), counts.int("levels"), counts.int("length"));
        let judged = counts.int("judged");
        let as_of = context.as_of.0.div_euclid(SECOND);
        let known = |row: &usize| at.at(*row).is_none_or(|at| at <= as_of);
        // A card that is not submitted counts once it is late.
        let due = as_of.saturating_sub((context.config.models.late_after_hours * 3600.0) as i64);
        let seen = counts.int("seen");
        let is_card = |row: &usize| {
            let by = if status.at(*row) == Some("submitted") { as_of } else { due };
            kind.at(*row) == Some("card") && seen.at(*row).is_none_or(|at| at <= by)
        };
        let mut quarters: Vec<Quarter> =
            (0..counts.len()).filter(is_card).filter_map(|row| opened.at(row).and_then(Quarter::parse)).collect();
        quarters.sort_unstable();
        quarters.dedup();
        let window = Window::of(&quarters, context);
        let inside: Vec<usize> =
            (0..counts.len()).filter(|row| window.holds(opened.at(*row).and_then(Quarter::parse), context)).collect();
        let mut cards: BTreeMap<(&str, &str), Card<'c>> = BTreeMap::new();
        let mut filed: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
        for row in inside.iter().filter(|row| is_card(row)).copied() {
            let (Some(application), Some(id)) = (application.at(row), card_id.at(row)) else { continue };
            let stage = stage.at(row).unwrap_or(NO_STAGE);
            let is_submitted = status.at(row) == Some("submitted");
            if let Some(who) = person.at(row) {
                *filed.entry((application, who, stage)).or_default() += 1;
            }
            cards.insert(
                (application, id),
                Card {
                    id,
                    stage,
                    is_submitted,
                    submitted: at.at(row).filter(|_| is_submitted),
                    decided: decided.at(row).filter(|decided| *decided <= as_of),
                    longest: length.at(row),
                    only_judges: judged.at(row).map(|judged| judged == 1),
                    ..Card::default()
                },
            );
        }
        let (mut seats, mut deciders) = (Vec::new(), Vec::new());
        for row in inside {
            let Some(application) = application.at(row) else { continue };
            match kind.at(row) {
                Some("score") => {
                    let card = card_id.at(row).and_then(|id| cards.get_mut(&(application, id)));
                    let Some(card) = card else { continue };
                    if scored.at(row) == Some(1) {
                        card.scored.extend(dimension.at(row));
                        let all = card.has_levels.unwrap_or(true) && levels.at(row).is_some();
                        card.has_levels = Some(all);
                    }
                    card.longest = card.longest.max(length.at(row));
                    if let Some(judged) = judged.at(row) {
                        card.only_judges = Some(card.only_judges.unwrap_or(true) && judged == 1);
                    }
                }
                Some("seat") if at.at(row).is_some_and(|end| end <= due) => {
                    let stage = stage.at(row).unwrap_or(NO_STAGE);
                    let own = person.at(row).and_then(|who| filed.get_mut(&(application, who, stage)));
                    // A begun card answers for its seat itself, submitted or not.
                    match own.filter(|left| **left > 0) {
                        Some(left) => *left -= 1,
                        None => seats.push((stage, true, application)),
                    }
                }
                Some("decision") if known(&row) && status.at(row) != Some("withdrawn") => {
                    deciders.push((ALL, person.at(row).is_none(), application));
                }
                _ => {}
            }
        }
        Self {
            cards: cards.into_values().collect(),
            seats,
            deciders,
            window: window.words(),
            shortest: context.config.hygiene.shortest_observation,
        }
    }

    /// The answers to a check, or why there are none and what to export.
    fn answers(&self, check: &str) -> Result<Vec<Answer<'c>>, String> {
        let submitted = || self.cards.iter().filter(|card| card.is_submitted);
        let of = |fails: &dyn Fn(&Card<'c>) -> Option<bool>| -> Vec<Answer<'c>> {
            submitted().filter_map(|card| Some((card.stage, fails(card)?, card.id))).collect()
        };
        let found = match check {
            "missing_dimension" => {
                let rubric = self.rubric();
                let own = |card: &Card<'c>| {
                    let expected = rubric.get(card.stage)?;
                    Some(expected.iter().any(|dimension| !card.scored.contains(dimension)))
                };
                (of(&own), "no card has a score on any dimension; export scores by dimension")
            }
            "no_observation" | "short_observation" => {
                if submitted().any(|card| card.longest.is_some())
                    && submitted().all(|card| card.longest.unwrap_or(0) == 0)
                {
                    return Err(
                        "no card has a text, which an export without texts cannot show; export the notes".to_owned()
                    );
                }
                // Where some cards have a text, those without a length have none.
                let told = submitted().any(|card| card.longest.is_some());
                let own = |card: &Card<'c>| {
                    let longest = card.longest.unwrap_or(0);
                    if !told {
                        None
                    } else if check == "no_observation" {
                        Some(longest == 0)
                    } else {
                        (longest > 0).then_some(longest < self.shortest)
                    }
                };
                (of(&own), "the source tells no lengths of texts; export the notes of cards")
            }
            "judgement_only" => (
                of(&|card| card.only_judges),
                "no card has a text, which an export without texts cannot show; export the notes",
            ),
            "unanchored_scale" => {
                if submitted().any(|card| card.has_levels.is_some())
                    && submitted().all(|card| card.has_levels != Some(true))
                {
                    return Err(
                        "no scale lists its levels; declare it (`tables.scale`) or export the rubric".to_owned()
                    );
                }
                let own = |card: &Card<'c>| card.has_levels.map(|has| !has);
                (of(&own), "no card has a score on any dimension; export scores by dimension")
            }
            "never_submitted" => {
                let cards = self.cards.iter().map(|card| (card.stage, !card.is_submitted, card.id));
                (
                    cards.chain(self.seats.iter().copied()).collect(),
                    "no card is on record; export scorecards, drafts too",
                )
            }
            "after_decision" => {
                let own = |card: &Card<'c>| Some(card.submitted? > card.decided?);
                (of(&own), "no card and decision both have a time; export when cards were submitted and loops decided")
            }
            _ => {
                if self.deciders.iter().all(|(_, fails, _)| *fails) && !self.deciders.is_empty() {
                    return Err("no decision names who decided; export the decider".to_owned());
                }
                (self.deciders.clone(), "no decision is on record; export decisions with who decided")
            }
        };
        let (answers, why) = found;
        if answers.is_empty() { Err(why.to_owned()) } else { Ok(answers) }
    }

    /// The dimensions of each stage's rubric.
    fn rubric(&self) -> BTreeMap<&'c str, BTreeSet<&'c str>> {
        let mut counts: BTreeMap<&str, (f64, BTreeMap<&str, f64>)> = BTreeMap::new();
        for card in self.cards.iter().filter(|card| card.is_submitted) {
            let (cards, dimensions) = counts.entry(card.stage).or_default();
            *cards += 1.0;
            for dimension in &card.scored {
                *dimensions.entry(dimension).or_default() += 1.0;
            }
        }
        let part = |(cards, dimensions): (f64, BTreeMap<&'c str, f64>)| -> BTreeSet<&'c str> {
            dimensions.into_iter().filter(|(_, n)| n / cards >= PART_OF_RUBRIC).map(|(name, _)| name).collect()
        };
        let all = counts.into_iter().map(|(stage, own)| (stage, part(own)));
        all.filter(|(_, dimensions)| !dimensions.is_empty()).collect()
    }

    /// The table: each check over all, then by stage.
    pub(super) fn table(&self) -> ResultTable {
        let mut out = ResultTable::new(&HYGIENE);
        for check in CHECKS {
            match self.answers(check) {
                Err(why) => out.push(self.cells((ALL, ALL), check, &[], Some(why))),
                Ok(answers) => {
                    let every: Vec<&Answer<'_>> = answers.iter().collect();
                    out.push(self.cells((ALL, ALL), check, &every, None));
                    let mut stages: BTreeMap<&str, Vec<&Answer<'_>>> = BTreeMap::new();
                    if check != "no_decider" {
                        answers.iter().for_each(|answer| stages.entry(answer.0).or_default().push(answer));
                    }
                    for (stage, answers) in stages {
                        out.push(self.cells(("stage", stage), check, &answers, None));
                    }
                }
            }
        }
        out
    }

    fn cells(
        &self,
        (kind, name): (&str, &str),
        check: &str,
        answers: &[&Answer<'_>],
        why: Option<String>,
    ) -> Vec<(&'static str, Cell)> {
        let n = answers.len() as i64;
        let mut failing: Vec<&str> =
            answers.iter().filter(|(_, fails, _)| *fails).map(|(.., record)| *record).collect();
        let count = failing.len() as i64;
        failing.sort_unstable();
        failing.dedup();
        failing.truncate(EXAMPLES);
        let (state, why) = match n {
            0 => (Status::NotEstimable, why),
            n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} records"))),
            _ => (Status::Ok, None),
        };
        let mut cells = vec![
            ("segment_kind", text(kind)),
            ("segment", text(name)),
            ("check", text(check)),
            ("cards", Cell::Int(n)),
            ("failing", Cell::Int(count)),
            ("examples", if failing.is_empty() { Cell::Null } else { Cell::Text(failing.join(", ")) }),
        ];
        if let Some(rate) = wilson(count, n) {
            cells.push(("rate", Cell::float(rate.share)));
            cells.extend(limits(Interval::new(rate.low, rate.high), ["rate_low", "rate_high"]));
        }
        cells.extend(standing(n, format!("share of records, Wilson; {}", self.window), state, why));
        cells
    }
}
