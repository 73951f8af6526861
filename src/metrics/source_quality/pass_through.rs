//! Pass-through: of each channel's candidates in a round, how many go on.

use super::tables::SOURCE_PASS_THROUGH;
use super::{ANY, Data, Group, share, standing_of};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::metrics::segments::NOT_RECORDED;

pub(super) fn table(groups: &[Group<'_>], data: &Data<'_>) -> ResultTable {
    let mut out = ResultTable::new(&SOURCE_PASS_THROUGH);
    let stages: Vec<&str> = data.people.stages().map(|stage| stage.name.as_str()).collect();
    for group in groups {
        for (round, stage) in stages.iter().enumerate() {
            let (on, decided) = data.passed(&group.loops, round);
            if decided == 0 {
                continue;
            }
            let (status, reason) = standing_of(decided as usize, data.smallest);
            let mut cells = all().to_vec();
            cells.extend([
                ("source", text(group.source)),
                ("fit", text(group.fit)),
                ("stage", text(stage)),
                ("round", Cell::Int(round as i64 + 1)),
            ]);
            if status != Status::NotEstimable {
                let (value, ends) = share(on, decided);
                cells.extend([("passed", Cell::Int(on)), ("pass_through", value)]);
                cells.extend(limits(ends, ["pass_through_low", "pass_through_high"]));
            }
            let method = format!("Wilson; {}", data.people.window);
            cells.extend(standing(decided, method, status, reason));
            out.push(cells);
        }
    }
    if out.rows.is_empty() {
        let mut cells = all().to_vec();
        cells.extend([
            ("source", text(NOT_RECORDED)),
            ("fit", text(ANY)),
            ("stage", text("(none)")),
            ("round", Cell::Int(0)),
        ]);
        cells.extend(standing(
            0,
            "none",
            Status::NotEstimable,
            Some("no scores of decided loops are on record".to_owned()),
        ));
        out.push(cells);
    }
    out
}
