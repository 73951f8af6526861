//! What leniency says: findings, headline figures, section.

use std::collections::BTreeMap;

use super::METRIC;
use super::tables::{
    AGREEMENT, CALIBRATION_PLAN, INTERVIEWER_LENIENCY, INTERVIEWER_LINKS, LENIENCY_CONSEQUENCES, RATER_EFFECTS,
    RELIABILITY, SCORE_CATEGORIES, SCORES_USED, SHADOW_CALIBRATION, VARIANCE_COMPONENTS, WEAK_LINKS,
};
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::engine::run::Results;
use crate::findings::{Finding, Level};
use crate::metrics::Presented;
use crate::metrics::rows::{Row, rows};
use crate::metrics::wording::{As, blank, interval, listed, measure, status_of};
use crate::report::model::{Better, Caption, Chart, Figure, IntervalRow, Intervals, Measure, Unit};
use crate::report::number::{self, plural};
use crate::stats::crossed::Refused;

/// Below this the usual number of interviewers decides little more than a toss.
const DEPENDABLE: f64 = 0.7;
/// The largest p-value that is told from chance.
const SURE: f64 = 0.05;
/// Below this the two models rank interviewers differently.
const SAME_RANKS: f64 = 0.9;
/// Changed verdicts beyond this share call for action.
const MANY_CHANGED: f64 = 0.05;
/// Interviewers in the picture, from either end.
const SHOWN: usize = 12;

/// A component of the variances in the fit that is reported, or in the one with candidates as random.
fn component<'t>(results: &'t Results, name: &str) -> Option<Row<'t>> {
    let of = |model: &str, name: &str| {
        let is_it = |row: &Row<'_>| row.text("model") == Some(model) && row.text("component") == Some(name);
        rows(results, VARIANCE_COMPONENTS.name).into_iter().find(is_it)
    };
    of("within", "interviewer_quarter").and_then(|_| of("within", name)).or_else(|| of("random", name))
}

fn usual<'t>(results: &'t Results) -> Option<(Row<'t>, Option<Row<'t>>)> {
    let all = rows(results, RELIABILITY.name);
    let at = all.iter().position(|row| *row.table.get(row.cells, "is_usual") == Cell::Flag(true))?;
    let mut rest = all.into_iter().skip(at);
    let usual = rest.next()?;
    let next = rest.next().filter(|next| next.number("dimensions") == usual.number("dimensions"));
    Some((usual, next))
}

/// The stage where the choice of interviewer matters most, among those where it is told from chance.
fn widest<'t>(results: &'t Results, context: &Context<'_>) -> Option<Row<'t>> {
    let smallest = context.config.models.smallest_leniency;
    let stages = rows(results, LENIENCY_CONSEQUENCES.name).into_iter().filter(|row| row.text("stage").is_some());
    stages
        .filter(|row| row.number("spread_low").is_some_and(|low| low > 0.0))
        .filter(|row| row.number("spread").is_some_and(|spread| spread >= smallest))
        .max_by(|a, b| a.number("spread_low").unwrap_or(0.0).total_cmp(&b.number("spread_low").unwrap_or(0.0)))
}

pub(super) fn judge(results: &Results, context: &Context<'_>) -> Vec<Finding> {
    [
        spread(results, context),
        undependable(results),
        apart(results),
        loosely_held(results),
        unlike_models(results),
        odd_raters(results),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn spread(results: &Results, context: &Context<'_>) -> Option<Finding> {
    // Extremes are far apart by construction; they count only where interviewers differ at all.
    let tested = component(results, "interviewer")?;
    let p = tested.number("p_value").filter(|p| *p <= 0.05)?;
    let row = widest(results, context)?;
    let stage = row.text("stage")?;
    let changed = row.number("share_changed").unwrap_or(0.0);
    let told = rows(results, INTERVIEWER_LENIENCY.name);
    let flagged = told.iter().filter(|row| matches!(row.text("verdict"), Some("lenient" | "severe"))).count() as i64;
    let sure = row.status() == Status::Ok;
    Some(Finding {
        id: format!("leniency-spread:{stage}"),
        code: "leniency-spread",
        level: if sure && changed >= MANY_CHANGED { Level::Act } else { Level::Look },
        subject: stage.to_owned(),
        statement: format!(
            "In {stage}, a candidate who meets the most lenient instead of the most severe interviewer gains {} points. \
             Taking leniency out would put {} of its cards on the other side of {}.",
            row.interval("spread", number::figure)?,
            row.interval("share_changed", number::percent)?,
            number::figure(row.number("bar")?),
        ),
        evidence: row.evidence(&["spread", "spread_low", "spread_high", "share_changed", "bar", "interviewers", "n"]),
        recommendation: if flagged > 0 {
            format!(
                "Calibrate the {} told from the others: seat them with those named in the calibration plan. Until then \
                 compare candidates by adjusted scores.",
                plural(flagged, "interviewer", "interviewers")
            )
        } else {
            "No single interviewer can be told from the others yet; compare candidates by adjusted scores, and let \
             two interviewers score the same candidates more often."
                .to_owned()
        },
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: Some(p),
        table: LENIENCY_CONSEQUENCES.name,
    })
}

fn undependable(results: &Results) -> Option<Finding> {
    let (usual, next) = usual(results)?;
    let value = usual.number("dependability")?;
    let high = usual.number("dependability_high")?;
    if high >= DEPENDABLE {
        return None;
    }
    let people = usual.number("interviewers")? as i64;
    let enough = rows(results, RELIABILITY.name)
        .into_iter()
        .filter(|row| row.number("dimensions") == usual.number("dimensions"))
        .find(|row| row.number("dependability").is_some_and(|value| value >= DEPENDABLE));
    Some(Finding {
        id: "undependable-decisions:all".to_owned(),
        code: "undependable-decisions",
        level: Level::Look,
        subject: "decisions".to_owned(),
        statement: format!(
            "The mean of the usual {} has a dependability of {}: {} of its variance is not the candidate's.",
            plural(people, "card", "cards"),
            usual.interval("dependability", number::figure)?,
            number::percent(1.0 - value),
        ),
        evidence: usual.evidence(&[
            "interviewers",
            "dimensions",
            "dependability",
            "dependability_low",
            "dependability_high",
            "n",
        ]),
        recommendation: match (enough, next.and_then(|next| next.number("dependability"))) {
            (Some(row), _) => format!(
                "{} would reach {}. Calibration and anchored dimensions raise it too, without hours.",
                plural(row.number("interviewers")? as i64, "interviewer", "interviewers"),
                number::figure(row.number("dependability")?)
            ),
            (None, Some(more)) => format!(
                "One interviewer more would make it {}; more of the same does not reach {}. Anchored dimensions and \
                 calibration come first.",
                number::figure(more),
                number::figure(DEPENDABLE)
            ),
            _ => "Anchored dimensions and calibration come first.".to_owned(),
        },
        status: usual.status(),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: RELIABILITY.name,
    })
}

fn apart(results: &Results) -> Option<Finding> {
    let parts = rows(results, INTERVIEWER_LINKS.name);
    let others: f64 = parts.iter().skip(1).filter_map(|row| row.number("interviewers")).sum();
    let first = parts.first()?;
    if parts.len() < 2 || others < 2.0 || first.number("interviewers")? < 2.0 {
        return None;
    }
    Some(Finding {
        id: "interviewers-apart:all".to_owned(),
        code: "interviewers-apart",
        level: Level::Note,
        subject: "who meets whom".to_owned(),
        statement: format!(
            "{} share no candidate with the {} of the largest group, directly or through others: their leniency cannot \
             be compared with theirs.",
            plural(others as i64, "interviewer", "interviewers"),
            plural(first.number("interviewers")? as i64, "interviewer", "interviewers"),
        ),
        evidence: BTreeMap::from([("groups".to_owned(), Cell::Int(parts.len() as i64))]),
        recommendation:
            "Seat one of each group with one of the largest for three candidates; the calibration plan names \
                         the pairs."
                .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: INTERVIEWER_LINKS.name,
    })
}

fn loosely_held(results: &Results) -> Option<Finding> {
    let weak: Vec<Row<'_>> =
        rows(results, WEAK_LINKS.name).into_iter().filter(|row| row.status() == Status::Ok).collect();
    let first = weak.first()?;
    if component(results, "interviewer")?.status() == Status::NotEstimable {
        return None;
    }
    let pair = match (first.text("interviewer_id"), first.text("with_interviewer_id")) {
        (Some(one), Some(other)) => format!("seat {one} with {other}"),
        _ => "seat one of them with somebody else".to_owned(),
    };
    Some(Finding {
        id: "weak-links:all".to_owned(),
        code: "weak-links",
        level: Level::Note,
        subject: "who meets whom".to_owned(),
        statement: format!(
            "{} compared with the others by little: {}{}.",
            if weak.len() == 1 { "A group is" } else { "Some groups are" },
            held_by(first),
            match weak.len() as i64 - 1 {
                0 => String::new(),
                more => format!("; {} hang so too", plural(more, "other group", "other groups")),
            }
        ),
        evidence: first.evidence(&["kind", "hinge_id", "interviewers", "rest", "shared_candidates", "n"]),
        recommendation: format!(
            "For three candidates, {pair}. The calibration plan names the pairs{}.",
            if weak.len() > 1 { " for the other groups too" } else { "" }
        ),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: WEAK_LINKS.name,
    })
}

/// What holds a group, in words.
fn held_by(row: &Row<'_>) -> String {
    let count = |name: &str| row.number(name).unwrap_or(0.0) as i64;
    let (group, rest) = (plural(count("interviewers"), "interviewer", "interviewers"), number::count(count("rest")));
    let candidates = plural(count("shared_candidates"), "candidate", "candidates");
    let hinge = row.text("hinge_id").unwrap_or_default();
    match row.text("kind") {
        Some("one_candidate") => format!("one candidate alone links {group} to {rest} others"),
        Some("one_interviewer") => {
            format!("only {hinge} shares candidates ({candidates}) with both {group} and {rest} others")
        }
        _ => format!("{candidates} alone link {group} to {rest} others"),
    }
}

fn unlike_models(results: &Results) -> Option<Finding> {
    let row = rows(results, AGREEMENT.name).into_iter().find(|row| row.text("statistic") == Some("rank_with_rasch"))?;
    let interviewers = component(results, "interviewer")?.number("p_value").is_some_and(|p| p <= 0.05);
    if !interviewers || row.number("value_high")? >= SAME_RANKS {
        return None;
    }
    Some(Finding {
        id: "models-disagree:all".to_owned(),
        code: "models-disagree",
        level: Level::Note,
        subject: "leniency".to_owned(),
        statement: format!(
            "The crossed model and the ordinal check rank interviewers differently: their correlation is {}.",
            row.interval("value", number::figure)?
        ),
        evidence: row.evidence(&["value", "value_low", "value_high", "n"]),
        recommendation:
            "Read single verdicts with care: scores crowd at an end of the rubric, or candidates were scored \
                         too few times."
                .to_owned(),
        status: row.status(),
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: AGREEMENT.name,
    })
}

fn effect_words(effect: &str) -> &str {
    match effect {
        "central_tendency" => "keep to the middle scores",
        "restricted_range" => "spread candidates less than others",
        "halo" => "hardly differ between dimensions",
        "straight_lining" => "give one score throughout",
        "inconsistency" => "score erratically",
        "drift" => "became more lenient or more severe between quarters",
        "late" => "file late",
        other => other,
    }
}

fn odd_raters(results: &Results) -> Option<Finding> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    let all = rows(results, RATER_EFFECTS.name);
    let told: Vec<&Row<'_>> = all.iter().filter(|row| row.text("verdict") == row.text("effect")).collect();
    for row in &told {
        *counts.entry(row.text("effect")?).or_default() += 1;
    }
    if counts.is_empty() {
        return None;
    }
    let mut people: Vec<&str> = told.iter().filter_map(|row| row.text("interviewer_id")).collect();
    people.sort_unstable();
    people.dedup();
    let listed: Vec<String> =
        counts.iter().map(|(effect, count)| format!("{} {}", number::count(*count), effect_words(effect))).collect();
    Some(Finding {
        id: "rater-effects:all".to_owned(),
        code: "rater-effects",
        level: Level::Note,
        subject: "how cards are filled in".to_owned(),
        statement: format!(
            "{} fill in cards unlike the others, beyond chance: {}.",
            plural(people.len() as i64, "interviewer", "interviewers"),
            listed.join("; ")
        ),
        evidence: counts.iter().map(|(effect, count)| ((*effect).to_owned(), Cell::Int(*count))).collect(),
        recommendation:
            "Show them their own cards beside others' of the same candidates; it is a habit more often than \
                         a judgement."
                .to_owned(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: RATER_EFFECTS.name,
    })
}

pub(super) fn present(results: &Results, context: &Context<'_>) -> Presented {
    let mut out = blank(&METRIC);
    let all = rows(results, INTERVIEWER_LENIENCY.name);
    let Some(tested) = component(results, "interviewer") else {
        out.section.answer = vec!["No scores of interviewers are on record.".to_owned()];
        out.section.limits.push("Scorecards with a score per dimension would tell who scores high or low.".to_owned());
        return out;
    };
    if tested.status() == Status::NotEstimable {
        let why = tested.text("reason").unwrap_or("the data cannot tell");
        out.section.answer = vec![format!("Cannot tell: {why}.")];
        out.section.limits.extend(set_aside(results));
        out.section.limits.push(if why == Refused::NoVariation.to_string() {
            "Scores that differ would tell: everything recorded has the same score.".to_owned()
        } else {
            "Eight interviewers who score the same candidates in twos, 30 candidates or more in four quarters, would tell."
                .to_owned()
        });
        return out;
    }
    answer(&mut out, results, context, &tested, &all);
    out.section.charts.extend(forest(&all));
    out.section.tables.extend(tables(results));
    limits(&mut out, results);
    out
}

fn answer(out: &mut Presented, results: &Results, context: &Context<'_>, tested: &Row<'_>, all: &[Row<'_>]) {
    let sd = tested.number("sd").unwrap_or(0.0);
    let p = tested.number("p_value");
    let shown = tested.interval("sd", number::figure).unwrap_or_default();
    let differ = p.is_some_and(|p| p <= 0.05);
    out.section.answer.push(if differ {
        format!(
            "Interviewers differ in leniency: with a standard deviation of {shown} score points, {}. A lenient instead \
             of a severe interviewer (one deviation to either side) moves a score by {}.",
            p.map(|p| number::stated('p', p)).unwrap_or_default(),
            number::figure(2.0 * sd)
        )
    } else {
        format!("No difference in leniency is told from chance; the standard deviation is {shown} score points.")
    });
    let count = |verdict: &str| all.iter().filter(|row| row.text("verdict") == Some(verdict)).count() as i64;
    out.section.answer.push(format!(
        "{} lenient, {} severe, {} not to be told from the others, {} with too few cards.",
        number::count(count("lenient")),
        number::count(count("severe")),
        number::count(count("not_distinguishable")),
        number::count(all.iter().filter(|row| row.text("verdict").is_none()).count() as i64),
    ));
    out.section.answer.extend(moves(results));
    if let Some((usual, next)) = usual(results)
        && let Some(value) = usual.interval("dependability", number::figure)
    {
        let people = usual.number("interviewers").unwrap_or(1.0) as i64;
        let more = next.and_then(|next| next.number("dependability"));
        out.section.answer.push(format!(
            "The mean of {} has a dependability of {value}{}.",
            plural(people, "interviewer", "interviewers"),
            more.map_or(String::new(), |more| format!("; one more would make it {}", number::figure(more)))
        ));
        // How many cards are usual differs between periods, so each number of them can be compared.
        out.measures.extend(rows(results, RELIABILITY.name).iter().map(dependability));
        let figure = Figure {
            label: format!("Dependability of {}", plural(people, "card", "cards")),
            value: usual.number("dependability").map(number::figure).unwrap_or_default(),
            interval: interval(
                usual.number("dependability_low"),
                usual.number("dependability_high"),
                number::figure,
                "",
            ),
            note: more.map(|more| format!("one more would make it {}", number::figure(more))),
        };
        out.headline(figure, dependability(&usual));
    }
    if let Some(widest) = widest(results, context).filter(|_| differ)
        && let (Some(stage), Some(spread)) = (widest.text("stage"), widest.interval("spread", number::figure))
    {
        out.summary.push(format!(
            "Meeting the most lenient instead of the most severe interviewer of {stage} is worth {spread} points."
        ));
    }
    out.section
        .answer
        .extend(all.first().and_then(|row| row.text("method")).map(|method| format!("Method: {method}.")));
}

fn dependability(row: &Row<'_>) -> Measure {
    let [cards, dimensions] = ["interviewers", "dimensions"].map(|name| row.number(name).unwrap_or(0.0) as i64);
    let id = format!("dependability:{cards}:{dimensions}");
    Measure {
        label: format!("Dependability of {}", plural(cards, "card", "cards")),
        looks_back: true,
        ..measure(id, row.table, row.cells, "dependability", Unit::Number, Better::Higher)
    }
}

/// Whether leniency moves between quarters, where that can be told.
fn moves(results: &Results) -> Option<String> {
    let all = rows(results, VARIANCE_COMPONENTS.name);
    let row = all.into_iter().find(|row| row.text("component") == Some("interviewer_quarter"))?;
    let p = row.number("p_value")?;
    let sd = row.interval("sd", number::figure)?;
    Some(if p <= SURE {
        format!(
            "It moves from quarter to quarter: by a standard deviation of {sd} score points around each interviewer's \
             own mean, {}.",
            number::stated('p', p)
        )
    } else {
        format!("It is not told to move from quarter to quarter ({}).", number::stated('p', p))
    })
}

fn forest(all: &[Row<'_>]) -> Option<Chart> {
    let known: Vec<&Row<'_>> = all.iter().filter(|row| row.number("leniency").is_some()).collect();
    if known.is_empty() {
        return None;
    }
    let middle = known.len() > 2 * SHOWN;
    let rows = known.iter().enumerate().filter(|(at, _)| !middle || *at < SHOWN || *at >= known.len() - SHOWN);
    let row = |(_, row): (usize, &&Row<'_>)| IntervalRow {
        name: row.text("interviewer_id").unwrap_or_default().to_owned(),
        point: row.number("leniency"),
        low: row.number("leniency_low"),
        high: row.number("leniency_high"),
        note: plural(row.number("cards").unwrap_or(0.0) as i64, "card", "cards"),
    };
    let left_out = known.len().saturating_sub(2 * SHOWN);
    let says = format!(
        "Leniency of each interviewer with its 95 % interval, the most lenient first{}. Where an interval holds zero, the \
         interviewer is not told from the others.",
        if middle { format!("; {left_out} in the middle are left out") } else { String::new() }
    );
    Some(Chart::Intervals(Intervals {
        caption: Caption { title: "Leniency for the same candidate".to_owned(), says },
        x_label: "score points above others".to_owned(),
        rows: rows.map(row).collect(),
        reference: Some((0.0, "as others".to_owned())),
    }))
}

fn tables(results: &Results) -> Vec<crate::report::model::Table> {
    let mut out = Vec::new();
    let mut add =
        |name: &str, caption: &str, keep: &dyn Fn(&ResultTable, &[Cell]) -> bool, columns: &[(&str, &str, As)]| {
            out.extend(listed(results, name, caption, keep, columns));
        };
    let estimated = |table: &ResultTable, row: &[Cell]| status_of(table, row) != Status::NotEstimable;
    add(
        INTERVIEWER_LENIENCY.name,
        "Interviewers, the most lenient first",
        &estimated,
        &[
            ("interviewer_id", "Interviewer", As::Text),
            ("cards", "Cards", As::Count),
            ("co_interviewers", "Others met", As::Count),
            ("raw_difference", "Raw difference", As::Figure),
            ("leniency", "Leniency", As::FigureInterval),
            ("within_leniency", "Within candidates", As::Figure),
            ("verdict", "Verdict", As::Words),
        ],
    );
    add(
        RELIABILITY.name,
        "Reliability by number of interviewers",
        &|table, row| estimated(table, row) && table.get(row, "interviewers").number().is_some_and(|n| n <= 6.0),
        &[
            ("interviewers", "Interviewers", As::Count),
            ("dimensions", "Dimensions", As::Count),
            ("dependability", "Dependability", As::FigureInterval),
            ("generalizability", "Generalizability", As::FigureInterval),
        ],
    );
    add(
        VARIANCE_COMPONENTS.name,
        "What scores vary by",
        &|table, row| estimated(table, row) && table.get(row, "model").as_text() == Some("random"),
        &[
            ("component", "Component", As::Words),
            ("sd", "Standard deviation", As::Figure),
            ("share", "Share of variance", As::ShareInterval),
        ],
    );
    add(
        CALIBRATION_PLAN.name,
        "Whom to seat together",
        &|_, _| true,
        &[
            ("interviewer_id", "Interviewer", As::Text),
            ("with_interviewer_id", "With", As::Text),
            ("stage", "In", As::Text),
            ("purpose", "To", As::Words),
            ("difference", "Difference", As::Figure),
        ],
    );
    add(
        WEAK_LINKS.name,
        "Who hangs on the others by little",
        &|table, row| status_of(table, row) == Status::Ok,
        &[
            ("interviewers", "Interviewers", As::Count),
            ("rest", "Others", As::Count),
            ("kind", "Linked by", As::Words),
            ("hinge_id", "Which", As::Text),
            ("shared_candidates", "Candidates between", As::Count),
            ("interviewer_id", "Seat", As::Text),
            ("with_interviewer_id", "With", As::Text),
        ],
    );
    add(
        RATER_EFFECTS.name,
        "Other habits told from chance",
        &|table, row| table.get(row, "verdict").as_text() == table.get(row, "effect").as_text(),
        &[
            ("interviewer_id", "Interviewer", As::Text),
            ("effect", "Effect", As::Words),
            ("value", "Seen", As::Figure),
            ("expected", "Expected", As::Figure),
            ("q_value", "q", As::P),
        ],
    );
    add(
        SHADOW_CALIBRATION.name,
        "Shadows against leads",
        &estimated,
        &[
            ("interviewer_id", "Shadow", As::Text),
            ("cards", "Cards", As::Count),
            ("difference", "Difference", As::FigureInterval),
            ("agreement", "Same score", As::Share),
        ],
    );
    out
}

/// Scores that were set aside, in words.
fn set_aside(results: &Results) -> Option<String> {
    let words = |name: &str| match name {
        "shadow" => Some("on cards of shadows"),
        "filed_by_other" => Some("on cards that somebody else filed"),
        "cancelled_interview" => Some("of cancelled interviews"),
        "other_scale" => Some("on another scale than most"),
        _ => None,
    };
    let listed: Vec<String> = rows(results, SCORES_USED.name)
        .iter()
        .filter_map(|row| Some((words(row.text("use")?)?, row.number("scores").filter(|scores| *scores > 0.0)?)))
        .map(|(words, scores)| format!("{} {words}", number::count(scores as i64)))
        .collect();
    (!listed.is_empty()).then(|| format!("Scores set aside: {}.", listed.join("; ")))
}

fn limits(out: &mut Presented, results: &Results) {
    out.section.limits.extend(set_aside(results));
    if rows(results, SCORES_USED.name).iter().any(|row| row.text("kind") == Some("recommendation")) {
        out.section.limits.push(
            "There are no scores by dimension, so that overall recommendations stand in for them; how dimensions are \
             used cannot be told."
                .to_owned(),
        );
    }
    let nested: f64 = rows(results, INTERVIEWER_LINKS.name).iter().filter_map(|row| row.number("stage_nested")).sum();
    if nested > 0.0 {
        out.section.limits.push(format!(
            "{} can be compared within their own stage only, since nobody of it interviews in another one: a hard stage and \
             a severe interviewer look alike there. One of them who also interviews in another stage would tell.",
            plural(nested as i64, "interviewer", "interviewers")
        ));
    }
    let weak = rows(results, WEAK_LINKS.name);
    if let Some(first) = weak.iter().find(|row| row.status() == Status::Ok) {
        out.section
            .limits
            .push(format!("What compares some interviewers with the others is little: {}.", held_by(first)));
    }
    let parts = rows(results, INTERVIEWER_LINKS.name).len();
    if parts > 1 {
        out.section.limits.push(format!(
            "Interviewers fall into {parts} groups that share no candidate: leniency is told within each, and its zero is \
             that of the group."
        ));
    }
    let weak: f64 = rows(results, INTERVIEWER_LINKS.name).iter().filter_map(|row| row.number("weak_links")).sum();
    if weak > 0.0 {
        out.section.limits.push(format!(
            "{} met at most one candidate that others met too; what holds for them rests on that candidate.",
            plural(weak as i64, "interviewer", "interviewers")
        ));
    }
    let disordered = rows(results, SCORE_CATEGORIES.name)
        .iter()
        .filter(|row| *row.table.get(row.cells, "is_ordered") == Cell::Flag(false))
        .filter_map(|row| row.number("score"))
        .map(number::figure)
        .collect::<Vec<_>>();
    if !disordered.is_empty() {
        out.section.limits.push(format!(
            "The score {} is not used as more than the one below it; anchors for it would help.",
            disordered.join(", ")
        ));
    }
}
