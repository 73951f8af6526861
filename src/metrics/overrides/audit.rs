//! Decisions held against the record that was made before them.

use std::collections::BTreeMap;

use super::tables::{BORDERLINE, OVERRIDES, RULE_AUDIT};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::{Loop, Record};
use crate::metrics::rows::{all, limits, standing, text};
use crate::metrics::segments::QUARTER;
use crate::plan::rule::{DecisionRule, Each, Outcome, Scored};
use crate::stats::estimate::Interval;
use crate::stats::funnel::{self, LEVELS, surprise};
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::proportion::wilson;
use crate::time::Quarter;

/// Decisions below which a rate is thin.
const ENOUGH: i64 = 10;
/// How far the record's mean may lie from the middle of the rule, in score points, and what that is called.
const MARGINS: [(f64, &str); 3] = [(0.25, "under 0.25"), (0.5, "0.25 to 0.5"), (f64::INFINITY, "0.5 and more")];
pub(super) const BASES: [&str; 3] = ["rule", "majority", "mean"];
const DIRECTIONS: [&str; 4] = ["any", "hired_against", "rejected_against", "low_scores"];

/// The record of one loop before it was talked about, and what followed.
pub(super) struct Audited<'r> {
    own: &'r Loop,
    outcome: Outcome,
    /// Whether the record is for the candidate, by each of [`BASES`].
    in_favour: [Option<bool>; BASES.len()],
    /// How far its mean lies from the middle of the rule.
    margin: f64,
    twice_low: bool,
    /// What the rule says once the cards about later interviews are in; `None` where there are none.
    later: Option<Outcome>,
}

impl Audited<'_> {
    /// Whether the record is for the candidate, by one of [`BASES`].
    pub(super) fn in_favour(&self, basis: usize) -> Option<bool> {
        self.in_favour.get(basis).copied().flatten()
    }

    /// What became of the hire.
    pub(super) fn outcomes(&self) -> &[(String, Option<i64>, f64)] {
        &self.own.outcomes
    }

    /// When it was decided, in seconds.
    pub(super) fn decided(&self) -> Option<i64> {
        self.own.decided
    }

    /// Whether an offer was made; `None` where neither that nor a rejection is on record.
    pub(super) fn is_offer(&self) -> Option<bool> {
        match self.own.decision.as_deref() {
            Some("offer") => Some(true),
            Some("reject") => Some(false),
            _ => None,
        }
    }
}

/// Every loop with a record. The record ends with the first debrief, where there is none with the decision.
pub(super) fn audited<'r>(record: &'r Record, rule: &DecisionRule) -> Vec<Audited<'r>> {
    let mut cards: Vec<Vec<usize>> = vec![Vec::new(); record.loops.len()];
    for (at, card) in record.cards.cards.iter().enumerate() {
        cards[card.application as usize].push(at);
    }
    let of = |own: &'r Loop, cards: &[usize]| {
        let end = own.debriefs.first().copied().or(own.decided).unwrap_or(i64::MAX);
        let scores = scores_until(record, cards, end);
        let outcome = rule.apply(&scores)?;
        let mean = |scores: &[Scored<'_>]| scores.iter().map(|scored| scored.score).sum::<f64>() / scores.len() as f64;
        let above = mean(&scores) - rule.middle();
        let side = |above: f64| (above.abs() > 1e-9).then_some(above > 0.0);
        let by_card = cards.iter().filter_map(|card| {
            let scores = scores_until(record, &[*card], end);
            (!scores.is_empty()).then(|| side(mean(&scores) - rule.middle())).flatten()
        });
        let votes: i64 = by_card.map(|favour| if favour { 1 } else { -1 }).sum();
        let by_rule = match outcome {
            Outcome::Reject => Some(false),
            Outcome::Advance => Some(true),
            Outcome::Investigate => None,
        };
        let later = own.debriefs.first().and_then(|debrief| {
            let until = own.decided.unwrap_or(i64::MAX);
            let new = |card: &&usize| {
                let card = &record.cards.cards[**card];
                let ended = card.submitted.zip(card.delay).map(|(at, delay)| at - delay);
                ended.is_some_and(|ended| ended > *debrief) && card.submitted.is_some_and(|at| at <= until)
            };
            cards.iter().any(|card| new(&card)).then(|| {
                let known: Vec<usize> = cards
                    .iter()
                    .filter(|card| new(card) || record.cards.cards[**card].submitted.is_some_and(|at| at < end))
                    .copied()
                    .collect();
                rule.apply(&scores_until(record, &known, until))
            })?
        });
        Some(Audited {
            own,
            outcome,
            in_favour: [by_rule, (votes != 0).then_some(votes > 0), side(above)],
            margin: above.abs(),
            twice_low: !rule.twice_low(&scores).is_empty(),
            later,
        })
    };
    record.loops.iter().zip(&cards).filter_map(|(own, cards)| of(own, cards)).collect()
}

/// What cards that came in before an instant said by then.
fn scores_until<'r>(record: &'r Record, cards: &[usize], end: i64) -> Vec<Scored<'r>> {
    let mut out = Vec::new();
    for at in cards {
        let card = &record.cards.cards[*at];
        if card.submitted.is_none_or(|submitted| submitted >= end) {
            continue;
        }
        for (cell, now) in &card.scores {
            let dimension = record.cards.cells.get(*cell as usize).map_or("", |(_, dimension)| dimension.as_str());
            out.push(Scored {
                interviewer: card.interviewer,
                dimension,
                score: record.at(*at, *cell, *now, end.saturating_sub(1)),
            });
        }
    }
    out
}

/// Why there is no record to hold decisions against.
fn no_record(record: &Record) -> &'static str {
    if record.cards.cards.is_empty() {
        "no scored card is on record"
    } else if !record.visible.submissions {
        "no card says when it was submitted, so nothing tells the record from what followed it; export the time of each \
         submission"
    } else {
        "no loop with cards before its debrief was decided; export decisions with their time"
    }
}

/// One segment's decisions of one basis and direction: how many, and how many went the other way.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    decisions: i64,
    overridden: i64,
}

impl Tally {
    fn add(&mut self, went_against: bool) {
        self.decisions += 1;
        self.overridden += i64::from(went_against);
    }
}

/// What segment a loop belongs to.
type Name<'n> = &'n dyn Fn(&Audited<'_>) -> Option<String>;
type Tallies = [[Tally; DIRECTIONS.len()]; BASES.len()];

fn tally<'a>(loops: impl Iterator<Item = &'a Audited<'a>>) -> Tallies {
    let mut out = Tallies::default();
    for audited in loops {
        let Some(offer) = audited.is_offer() else { continue };
        for (basis, favour) in audited.in_favour.iter().enumerate() {
            if let Some(favour) = favour {
                out[basis][0].add(offer != *favour);
                out[basis][if *favour { 2 } else { 1 }].add(offer != *favour);
            }
        }
        if audited.twice_low {
            // The low scores stand by themselves, whatever the rest of the record says.
            out[0][3].add(offer);
        }
    }
    out
}

fn group<'a>(
    loops: &'a [Audited<'a>],
    name: impl Fn(&Audited<'_>) -> Option<String>,
) -> BTreeMap<String, Vec<&'a Audited<'a>>> {
    let mut out: BTreeMap<String, Vec<&Audited<'_>>> = BTreeMap::new();
    for audited in loops {
        if let Some(name) = name(audited) {
            out.entry(name).or_default().push(audited);
        }
    }
    out
}

/// The table of overridden records. `longer` holds the loops of more quarters, for the rows by quarter.
pub(super) fn overrides(record: &Record, loops: &[Audited<'_>], longer: &[Audited<'_>]) -> ResultTable {
    let mut out = ResultTable::new(&OVERRIDES);
    let total = tally(loops.iter());
    for (basis, direction) in combinations() {
        let cells = [("all", "all", total[basis][direction])];
        push(&mut out, record, basis, direction, &cells, None);
    }
    let margin = |audited: &Audited<'_>| {
        MARGINS.iter().find(|(below, _)| audited.margin < *below).map(|(_, name)| (*name).to_owned())
    };
    let kinds: [(&str, &[Audited<'_>], Name<'_>); 4] = [
        ("decider", loops, &|audited| audited.own.decider.clone()),
        ("department", loops, &|audited| audited.own.department.clone()),
        ("margin", loops, &margin),
        (QUARTER, longer, &|audited| audited.own.opened.map(|quarter: Quarter| quarter.to_string())),
    ];
    for (kind, loops, name) in kinds {
        let groups: Vec<(String, Tallies)> =
            group(loops, name).into_iter().map(|(name, loops)| (name, tally(loops.into_iter()))).collect();
        for (basis, direction) in combinations() {
            let cells: Vec<(&str, &str, Tally)> = groups
                .iter()
                .map(|(name, tallies)| (kind, name.as_str(), tallies[basis][direction]))
                .filter(|(_, _, tally)| tally.decisions > 0)
                .collect();
            // Margins differ by construction, and quarters by time: only people and teams stand against chance.
            let against = matches!(kind, "decider" | "department").then_some(total[basis][direction]);
            push(&mut out, record, basis, direction, &cells, against);
        }
    }
    out
}

fn combinations() -> impl Iterator<Item = (usize, usize)> {
    let all = (0..BASES.len()).flat_map(|basis| (0..DIRECTIONS.len()).map(move |direction| (basis, direction)));
    // Low scores are the same whatever else the record says.
    all.filter(|(basis, direction)| *basis == 0 || *direction < 3)
}

fn push(
    out: &mut ResultTable,
    record: &Record,
    basis: usize,
    direction: usize,
    segments: &[(&str, &str, Tally)],
    against: Option<Tally>,
) {
    let target = against.map(|all| all.overridden as f64 / all.decisions.max(1) as f64);
    let p: Vec<Option<f64>> =
        segments.iter().map(|(_, _, tally)| surprise(tally.overridden, tally.decisions, target?)).collect();
    let q = benjamini_hochberg(&p);
    for ((kind, name, tally), q) in segments.iter().zip(q) {
        let (state, why) = match tally.decisions {
            0 if direction == 3 && record.visible.submissions => {
                let why = "no decided loop has two independent low scores on one dimension";
                (Status::NotEstimable, Some(why.to_owned()))
            }
            0 if record.visible.submissions && !record.cards.cards.is_empty() => {
                (Status::NotEstimable, Some("no decided loop has a record that recommends this".to_owned()))
            }
            0 => (Status::NotEstimable, Some(no_record(record).to_owned())),
            n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} decisions"))),
            _ => (Status::Ok, None),
        };
        let mut cells = vec![
            ("segment_kind", text(kind)),
            ("segment", text(name)),
            ("basis", text(BASES[basis])),
            ("direction", text(DIRECTIONS[direction])),
            ("decisions", Cell::Int(tally.decisions)),
            ("overridden", Cell::Int(tally.overridden)),
        ];
        if let Some(rate) = wilson(tally.overridden, tally.decisions) {
            cells.push(("rate", Cell::float(rate.share)));
            cells.extend(limits(Interval::new(rate.low, rate.high), ["rate_low", "rate_high"]));
        }
        if let Some(target) = target {
            cells.extend([("expected", Cell::float(target)), ("q_value", Cell::float(q))]);
            if let Some(control) = funnel::limits(target, tally.decisions, LEVELS[1]) {
                let ends = Interval::new(control.low, control.high);
                cells.extend(limits(ends, ["control_low", "control_high"]));
            }
        }
        let method = format!("record before the debrief or the decision; Wilson; {}", record.cards.window);
        cells.extend(standing(tally.decisions, method, state, why));
        out.push(cells);
    }
}

/// The rule in words, with whose it is.
fn rule_words(context: &Context<'_>) -> String {
    let (rule, whose) = context.config.decision_rule();
    let each = match rule.each {
        Each::Dimension => "the mean of a dimension",
        Each::Score => "a single score",
    };
    format!("{each} below {} rejects, all from {} advance ({whose})", rule.reject_below, rule.advance_from)
}

/// The table of the rule against decisions.
pub(super) fn rule_audit(record: &Record, loops: &[Audited<'_>], context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&RULE_AUDIT);
    let method = format!("{}; {}", rule_words(context), record.cards.window);
    for outcome in Outcome::ALL {
        let own: Vec<&Audited<'_>> = loops.iter().filter(|audited| audited.outcome == outcome).collect();
        let n = own.len() as i64;
        for decision in ["offer", "reject", "withdrawn", "open"] {
            let is = |audited: &&&Audited<'_>| audited.own.decision.as_deref().unwrap_or("open") == decision;
            let count = own.iter().filter(is).count() as i64;
            let (state, why) = match n {
                0 if loops.is_empty() => (Status::NotEstimable, Some(no_record(record).to_owned())),
                0 => (Status::NotEstimable, Some("no loop has this outcome".to_owned())),
                n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} loops"))),
                _ => (Status::Ok, None),
            };
            let mut cells: Vec<(&str, Cell)> = all().into();
            cells.extend([
                ("outcome", text(outcome.word())),
                ("decision", text(decision)),
                ("loops", Cell::Int(count)),
            ]);
            if let Some(share) = wilson(count, n) {
                cells.push(("share", Cell::float(share.share)));
                cells.extend(limits(Interval::new(share.low, share.high), ["share_low", "share_high"]));
            }
            cells.extend(standing(n, method.clone(), state, why));
            out.push(cells);
        }
    }
    out
}

/// The table of borderline loops.
pub(super) fn borderline(record: &Record, loops: &[Audited<'_>], context: &Context<'_>) -> ResultTable {
    let mut out = ResultTable::new(&BORDERLINE);
    let method = format!("{}; {}", rule_words(context), record.cards.window);
    let decided = |audited: &&Audited<'_>| !audited.own.debriefs.is_empty() && audited.own.decision.is_some();
    let borderline = || loops.iter().filter(decided).filter(|audited| audited.outcome == Outcome::Investigate);
    let collected = borderline().filter(|audited| audited.later.is_some()).count() as i64;
    let settled = borderline().filter(|audited| audited.later.is_some_and(|later| later != Outcome::Investigate));
    for (step, before, reached) in
        [("collected", borderline().count() as i64, collected), ("settled", collected, settled.count() as i64)]
    {
        let (state, why) = match before {
            0 if !record.visible.debriefs => {
                let why =
                    "no debrief is on record; export debriefs or put them on the calendar under a name that says so";
                (Status::NotEstimable, Some(why.to_owned()))
            }
            0 => (Status::NotEstimable, Some("no loop came so far".to_owned())),
            n if n < ENOUGH => (Status::Thin, Some(format!("fewer than {ENOUGH} loops"))),
            _ => (Status::Ok, None),
        };
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([("step", text(step)), ("loops", Cell::Int(before)), ("reached", Cell::Int(reached))]);
        if let Some(share) = wilson(reached, before) {
            cells.push(("share", Cell::float(share.share)));
            cells.extend(limits(Interval::new(share.low, share.high), ["share_low", "share_high"]));
        }
        cells.extend(standing(before, method.clone(), state, why));
        out.push(cells);
    }
    out
}
