//! The result table of hygiene.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// One row per check and segment.
pub const HYGIENE: TableSpec = TableSpec {
    name: "hygiene",
    about: "One row per check of records and segment: how many fail it.",
    columns: columns![
        "segment_kind" Text false "`all` or `stage`.",
        "segment" Text false "`all`, or the stage.",
        "check" Text false "`missing_dimension`, `no_observation`, `short_observation`, `judgement_only`, `unanchored_scale`, `never_submitted`, `after_decision` or `no_decider`.",
        "cards" Int false "Cards checked; for `never_submitted` seats of held interviews and begun cards, for `no_decider` decisions.",
        "failing" Int false "Those that fail.",
        "rate" Float true "Their share.",
        "rate_low" Float true "Lower end of its 95 % interval.",
        "rate_high" Float true "Upper end of its 95 % interval.",
        "examples" Text true "Up to five scorecards that fail, or applications where there is no card; separated by commas.",
        "n" Int false "Records checked.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what to export.",
    ],
};
