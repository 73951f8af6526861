//! Which scores the answer rests on, and which were set aside.

use super::tables::SCORES_USED;
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::cards::Cards;
use crate::metrics::rows::{all, standing, text};

/// The table of uses.
pub(super) fn table(cards: &Cards) -> ResultTable {
    let mut out = ResultTable::new(&SCORES_USED);
    let used: usize = cards.cards.iter().map(|card| card.scores.len()).sum();
    let aside = cards.aside;
    let uses = [
        ("used", used as i64),
        ("shadow", aside.shadows),
        ("filed_by_other", aside.proxies),
        ("cancelled_interview", aside.cancelled),
        ("other_scale", aside.other_scales),
        ("outside_window", aside.outside_window),
    ];
    let (state, reason) =
        if used > 0 { (Status::Ok, None) } else { (Status::NotEstimable, Some("no score counts".to_owned())) };
    let all_scores: i64 = uses.iter().map(|(_, scores)| scores).sum();
    for (name, scores) in uses {
        let mut cells: Vec<(&str, Cell)> = all().into();
        cells.extend([
            ("use", text(name)),
            ("kind", text(if cards.recommendations { "recommendation" } else { "dimension_score" })),
            ("scores", Cell::Int(scores)),
        ]);
        cells.extend(standing(all_scores, format!("counted; {}", cards.window), state, reason.clone()));
        out.push(cells);
    }
    out
}
