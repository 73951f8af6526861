//! The result tables of overridden records and the rule audit.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[&OVERRIDES, &RULE_AUDIT, &BORDERLINE, &OVERRIDE_OUTCOMES];

/// Decisions against the record.
pub const OVERRIDES: TableSpec = TableSpec {
    name: "overrides",
    about: "One row per segment, basis and direction: how often the decision went against the record made before it.",
    columns: columns![
        "segment_kind" Text false "`all`, `decider`, `department`, `margin` (distance of the record's mean from the middle of the rule, in score points) or `quarter`.",
        "segment" Text false "`all`, or which.",
        "basis" Text false "What the record recommends by: `rule` (the decision rule), `majority` (of cards, by their mean) or `mean` (of all scores), against the middle of the rule.",
        "direction" Text false "`hired_against` (the record rejects), `rejected_against` (the record advances), `any`, or `low_scores` (two interviewers independently gave a low score on one dimension, and an offer was made).",
        "decisions" Int false "Decisions whose record recommends that way.",
        "overridden" Int false "Those that went the other way.",
        "rate" Float true "Their share.",
        "rate_low" Float true "Lower end of its 95 % interval.",
        "rate_high" Float true "Upper end of its 95 % interval.",
        "expected" Float true "The rate of all.",
        "control_low" Float true "998 of 1,000 of this size lie above this by chance.",
        "control_high" Float true "And below this.",
        "q_value" Float true "Of the rate of all, over the segments of a kind, basis and direction (mid-p; Benjamini and Hochberg).",
        "n" Int false "Decisions.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// The rule against the decisions.
pub const RULE_AUDIT: TableSpec = TableSpec {
    name: "rule_audit",
    about: "One row per outcome of the decision rule and decision: how many loops.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "What the rule says of the record: `reject`, `investigate` or `advance`.",
        "decision" Text false "`offer`, `reject`, `withdrawn`, or `open`.",
        "loops" Int false "Loops.",
        "share" Float true "Of the loops with this outcome.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "share_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Loops with this outcome.",
        "method" Text false "The rule, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// One more data point.
pub const BORDERLINE: TableSpec = TableSpec {
    name: "borderline",
    about: "One row per step: loops that the rule neither rejects nor advances at the debrief, and whether one more data point was collected and settled it.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "step" Text false "`collected`: a card about another interview came in between debrief and decision; `settled`: with it the rule rejects or advances.",
        "loops" Int false "Loops before the step.",
        "reached" Int false "Loops that took it.",
        "share" Float true "Their share.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "share_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Loops before the step.",
        "method" Text false "The rule, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// What became of those hired against the record.
pub const OVERRIDE_OUTCOMES: TableSpec = TableSpec {
    name: "override_outcomes",
    about: "One row per basis and outcome: hires against the record beside hires in accord with it. Those rejected have none.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "basis" Text false "What the record recommends by: `rule`, `majority` or `mean`.",
        "outcome" Text false "The outcome; `(any)` where no hire has one.",
        "values_are" Text true "`shares` where every value is 0 or 1, else `means`.",
        "better" Text true "`more` or `less`: which is better, by `outcomes.lower_is_better`.",
        "against" Int true "Hires whose record rejects, with the outcome.",
        "accord" Int true "Hires whose record advances, with the outcome.",
        "value_against" Float true "Share or mean of those hired against the record.",
        "value_against_low" Float true "Lower end of its 95 % interval.",
        "value_against_high" Float true "Upper end of its 95 % interval.",
        "value_accord" Float true "Share or mean of those hired in accord with it.",
        "value_accord_low" Float true "Lower end of its 95 % interval.",
        "value_accord_high" Float true "Upper end of its 95 % interval.",
        "difference" Float true "`value_against` less `value_accord`.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Hires.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};
