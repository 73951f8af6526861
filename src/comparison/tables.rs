//! The comparisons as a result table.

use crate::dataset::schema::columns;
use crate::engine::results::{Cell, ResultTable, TableSpec};
use crate::report::model::Comparison;

/// One row per comparison and headline figure.
pub const COMPARISON: TableSpec = TableSpec {
    name: "comparison",
    about: "One row per comparison asked for and headline figure: how it changed. Empty where none was asked for.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "against" Text false "What the report is compared with: a quarter, or another run.",
        "id" Text false "The figure; the same one in every run.",
        "figure" Text false "What it is.",
        "unit" Text false "`days`, `share`, `hours`, `items` (counted, not estimated) or `number`.",
        "value" Float true "The number now.",
        "value_low" Float true "Lower end of its 95 % interval.",
        "value_high" Float true "Upper end of its 95 % interval.",
        "before" Float true "The number of the other side.",
        "before_low" Float true "Lower end of its 95 % interval.",
        "before_high" Float true "Upper end of its 95 % interval.",
        "difference" Float true "Now less then.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "q_value" Float true "Of no change, adjusted over the figures of one comparison.",
        "verdict" Text false "`better`, `worse`, `changed`, `noise` or `cannot_tell`.",
        "n_before" Int true "Units the other side's number rests on.",
        "n" Int true "Units the number rests on.",
        "method" Text false "How the difference was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`: the less sure of both numbers.",
        "reason" Text true "Why not further.",
    ],
};

const METHOD: &str = "difference of two independent estimates, interval by variance estimates recovery";

/// The comparisons as a result table.
pub fn table(comparisons: &[Comparison]) -> ResultTable {
    let mut out = ResultTable::new(&COMPARISON);
    let text = |value: &str| Cell::Text(value.to_owned());
    for comparison in comparisons {
        for change in &comparison.changes {
            let number = |value: Option<f64>| Cell::float(value);
            out.push([
                ("segment_kind", text("all")),
                ("segment", text("all")),
                ("against", text(&comparison.against)),
                ("id", text(&change.id)),
                ("figure", text(&change.label)),
                ("unit", text(change.unit.word())),
                ("value", number(change.now.value)),
                ("value_low", number(change.now.low)),
                ("value_high", number(change.now.high)),
                ("before", number(change.before.value)),
                ("before_low", number(change.before.low)),
                ("before_high", number(change.before.high)),
                ("difference", number(change.difference)),
                ("difference_low", number(change.low)),
                ("difference_high", number(change.high)),
                ("q_value", number(change.q_value)),
                ("verdict", text(change.verdict.word())),
                ("n_before", change.before.n.map_or(Cell::Null, Cell::Int)),
                ("n", change.now.n.map_or(Cell::Null, Cell::Int)),
                ("method", text(METHOD)),
                ("status", text(change.status.word())),
                ("reason", Cell::text(change.reason.clone())),
            ]);
        }
    }
    out
}
