//! Scores given in knowledge of others against those given without.

use std::collections::BTreeMap;

use super::Adjusted;
use super::tables::DRIFT_EXPOSURE;
use crate::config::drift::Visibility;
use crate::engine::metric::Context;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::record::{Member, Panel, Record};
use crate::metrics::rows::{limits, standing, text};
use crate::metrics::segments::ALL;
use crate::stats::exposure::{self, Contrast, NoContrast, contrast, independent_opinions, shuffled_p};
use crate::stats::multiplicity::benjamini_hochberg;

/// Panels of either kind below which there is no contrast, and below which it is thin.
pub(super) const FEWEST: i64 = 10;
pub(super) const ENOUGH: i64 = 20;
/// The largest p- or q-value that is told from chance.
pub(super) const SURE: f64 = 0.05;

/// The pairs of a panel by class.
pub(super) fn pairs(panel: &Panel, context: &Context<'_>) -> exposure::Panel {
    let members = &panel.members;
    let all = members.iter().enumerate().flat_map(|(at, a)| members.iter().take(at).map(move |b| (a, b)));
    let known = all.filter_map(|(a, b)| Some((panel.is_exposed(a, b, context)?, a.apart(b)?)));
    exposure::Panel::of(panel.stage, known)
}

/// Each card against the mean of the cards that came in before people talked, by interviewer and stage: what is left if
/// those who are late are late because they are other people.
fn within_interviewers(
    panel: &Panel,
    context: &Context<'_>,
    strata: &mut BTreeMap<(u32, u32), u32>,
) -> Vec<exposure::Panel> {
    let immediate = context.config.drift.visibility == Visibility::Immediate;
    let mut out = Vec::new();
    for member in &panel.members {
        let others: Vec<&Member> = panel
            .members
            .iter()
            .filter(|other| other.card != member.card)
            .filter(|other| immediate || panel.is_after_debrief(other) != Some(true))
            .collect();
        let exposed: Option<Vec<bool>> = others
            .iter()
            .map(|other| {
                let came_later = member.submitted? > other.submitted?;
                Some(panel.is_exposed(member, other, context)? && came_later)
            })
            .collect();
        let (Some(exposed), Some(off)) = (exposed, member.off(&others)) else { continue };
        let next = strata.len() as u32;
        let stratum = *strata.entry((member.interviewer, panel.stage)).or_insert(next);
        out.push(exposure::Panel::of(stratum, [(exposed.contains(&true), off)]));
    }
    out
}

/// One row in the making.
struct Seen {
    segment: (&'static str, String),
    contrast: &'static str,
    blind: (i64, i64),
    exposed: (i64, i64),
    panels: i64,
    found: Result<Contrast, NoContrast>,
    shuffled: Option<f64>,
    usual: Option<f64>,
}

impl Seen {
    fn of(
        segment: (&'static str, String),
        contrast_of: &'static str,
        panels: &[exposure::Panel],
        usual: Option<f64>,
    ) -> Self {
        let counted = |pairs: fn(&exposure::Panel) -> i64| {
            let some = panels.iter().map(pairs).filter(|pairs| *pairs > 0);
            (some.clone().sum(), some.count() as i64)
        };
        Self {
            segment,
            contrast: contrast_of,
            blind: counted(|panel| panel.blind_pairs),
            exposed: counted(|panel| panel.exposed_pairs),
            panels: panels.len() as i64,
            found: contrast(panels),
            // Cards of one interviewer hang together with their panels, so that only pairs can be shuffled.
            shuffled: (contrast_of == "pairs").then(|| shuffled_p(panels)).flatten(),
            usual,
        }
    }

    fn p(&self) -> Option<f64> {
        let enough = |found: &&Contrast| found.blind.panels.min(found.exposed.panels) >= FEWEST;
        self.found.as_ref().ok().filter(enough).map(|found| self.shuffled.unwrap_or(found.p))
    }

    fn status(&self, record: &Record) -> (Status, Option<String>) {
        let (blind, exposed) = match &self.found {
            Ok(found) => (found.blind.panels, found.exposed.panels),
            Err(why) => return (Status::NotEstimable, Some(reason(*why, record))),
        };
        let fewest = blind.min(exposed);
        if fewest < FEWEST {
            let reason = format!("{blind} blind and {exposed} exposed panels; at least {FEWEST} of each are needed");
            (Status::NotEstimable, Some(reason))
        } else if fewest < ENOUGH {
            (
                Status::Thin,
                Some(format!("{blind} blind and {exposed} exposed panels; {ENOUGH} of each would be enough")),
            )
        } else {
            (Status::Ok, None)
        }
    }
}

/// Why there is no contrast, and what to export.
fn reason(why: NoContrast, record: &Record) -> String {
    if !record.visible.submissions && !record.cards.cards.is_empty() {
        return "no card says when it was submitted; export the time of each submission".to_owned();
    }
    if why == NoContrast::NoExposed && !record.visible.debriefs {
        return "no debrief is on record, so nothing tells which cards were given in knowledge of others; export debriefs \
                or put them on the calendar under a name that says so"
            .to_owned();
    }
    why.to_string()
}

/// The table.
pub(super) fn table(record: &Record, panels: &[Panel], adjusted: Adjusted, context: &Context<'_>) -> ResultTable {
    let by_panel: Vec<exposure::Panel> = panels.iter().map(|panel| pairs(panel, context)).collect();
    let mut strata = BTreeMap::new();
    let by_card: Vec<exposure::Panel> =
        panels.iter().flat_map(|panel| within_interviewers(panel, context, &mut strata)).collect();
    let usual = |keep: &dyn Fn(&Panel) -> bool| {
        let sizes: Vec<f64> = panels
            .iter()
            .zip(&by_panel)
            .filter(|(panel, pairs)| pairs.exposed_pairs > 0 && keep(panel))
            .map(|(panel, _)| panel.members.len() as f64)
            .collect();
        (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64)
    };
    let all = || (ALL, ALL.to_owned());
    let mut seen = vec![
        Seen::of(all(), "pairs", &by_panel, usual(&|_| true)),
        Seen::of(all(), "within_interviewers", &by_card, None),
    ];
    for (stage, name) in record.cards.stages.iter().enumerate() {
        let of_stage = |panel: &exposure::Panel| panel.stratum as usize == stage;
        let own: Vec<exposure::Panel> = by_panel.iter().filter(|panel| of_stage(panel)).copied().collect();
        if !own.is_empty() {
            let usual = usual(&|panel: &Panel| panel.stage as usize == stage);
            seen.push(Seen::of(("stage", name.clone()), "pairs", &own, usual));
        }
    }
    let stages: Vec<Option<f64>> = seen.iter().map(|seen| seen.p().filter(|_| seen.segment.0 != ALL)).collect();
    let q = benjamini_hochberg(&stages);
    let mut out = ResultTable::new(&DRIFT_EXPOSURE);
    for (seen, q) in seen.iter().zip(q) {
        let q = if seen.segment.0 == ALL { seen.p() } else { q };
        out.push(cells(seen, q, record, adjusted, context));
    }
    out
}

fn cells(
    seen: &Seen,
    q: Option<f64>,
    record: &Record,
    adjusted: Adjusted,
    context: &Context<'_>,
) -> Vec<(&'static str, Cell)> {
    let (state, why) = adjusted.hold(seen.status(record));
    let panels =
        seen.found.as_ref().map_or((seen.blind.1, seen.exposed.1), |found| (found.blind.panels, found.exposed.panels));
    let mut cells = vec![
        ("segment_kind", text(seen.segment.0)),
        ("segment", text(&seen.segment.1)),
        ("contrast", text(seen.contrast)),
        ("blind_pairs", Cell::Int(seen.blind.0)),
        ("exposed_pairs", Cell::Int(seen.exposed.0)),
        ("blind_panels", Cell::Int(panels.0)),
        ("exposed_panels", Cell::Int(panels.1)),
    ];
    if let Ok(found) = seen.found.as_ref()
        && state != Status::NotEstimable
    {
        let told = q.is_some_and(|q| q <= SURE);
        let verdict = match found.ratio < 1.0 {
            _ if !told => "not_distinguishable",
            true => "closer",
            false => "further",
        };
        cells.extend([
            ("blind_square", Cell::float(found.blind.mean)),
            ("exposed_square", Cell::float(found.exposed.mean)),
            ("ratio", Cell::float(found.ratio)),
            ("p_value", Cell::float(found.p)),
            ("shuffled_p_value", Cell::float(seen.shuffled)),
            ("q_value", Cell::float(q)),
            (
                "independent_opinions",
                Cell::float(seen.usual.and_then(|cards| independent_opinions(cards, found.ratio))),
            ),
            ("usual_cards", Cell::float(seen.usual)),
            ("verdict", if state == Status::Ok { text(verdict) } else { Cell::Null }),
        ]);
        cells.extend(limits(found.interval, ["ratio_low", "ratio_high"]));
    }
    let strata = if seen.contrast == "pairs" { "within stages" } else { "within interviewers and stages" };
    let method = format!(
        "mean squared differences {strata}, log ratio with panels as clusters; {}; {}; {}",
        adjusted.words,
        context.config.drift.visibility.words(),
        record.cards.window
    );
    cells.extend(standing(seen.panels, method, state, why));
    cells
}
