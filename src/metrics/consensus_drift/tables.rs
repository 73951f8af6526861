//! The result tables of consensus drift.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[
    &DRIFT_EXPOSURE,
    &DRIFT_ORDER,
    &DRIFT_ANCHOR,
    &REVISIONS,
    &DRIFT_RATES,
    &TURNAROUND,
    &TURNAROUND_CURVE,
    &DRIFT_TREND,
    &DRIFT_TREND_TESTS,
];

/// Exposed against blind scores.
pub const DRIFT_EXPOSURE: TableSpec = TableSpec {
    name: "drift_exposure",
    about: "One row per stage and contrast: whether scores given in knowledge of others lie closer together.",
    columns: columns![
        "segment_kind" Text false "`all`, or `stage`.",
        "segment" Text false "`all`, or the stage.",
        "contrast" Text false "`pairs`: pairs of cards; `within_interviewers`: the same interviewer's cards given with and without knowledge of others.",
        "blind_pairs" Int false "Pairs (or cards) given without knowledge of each other.",
        "exposed_pairs" Int false "Pairs (or cards) of which one was given in knowledge of the other.",
        "blind_panels" Int false "Panels with such pairs, in stages that have both kinds.",
        "exposed_panels" Int false "Panels with such pairs, in stages that have both kinds.",
        "blind_square" Float true "Mean squared difference of blind pairs, in squared score points.",
        "exposed_square" Float true "The same of exposed pairs.",
        "ratio" Float true "Exposed over blind; below 1 exposed scores lie closer together.",
        "ratio_low" Float true "Lower end of its 95 % interval.",
        "ratio_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "Of no difference, normal on the logarithm of the ratio, panels as clusters.",
        "shuffled_p_value" Float true "The same from shuffling which panels were exposed within stages; missing where a panel has both kinds of pairs.",
        "q_value" Float true "The p-value (shuffled where there is one) over all stages (Benjamini and Hochberg); of all stages together the p-value itself.",
        "independent_opinions" Float true "How many independent opinions an exposed panel of the usual size is worth.",
        "usual_cards" Float true "Cards of a usual exposed panel.",
        "verdict" Text true "`closer`, `further` or `not_distinguishable`; missing where the estimate is thin.",
        "n" Int false "Panels.",
        "method" Text false "How it was made, under which rule of visibility, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// Successive scores.
pub const DRIFT_ORDER: TableSpec = TableSpec {
    name: "drift_order",
    about: "One row per test of the order in which the cards of a panel came in.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "test" Text false "`successive_cards`: squared differences between successive cards.",
        "panels" Int false "Panels of three cards or more with an order.",
        "informative_panels" Int false "Those in which not every order gives the same.",
        "small_panels" Int false "Panels of two cards, of which both orders give the same.",
        "without_order" Int false "Panels with cards submitted at one instant or at an unknown one.",
        "mean_deviation" Float true "Observed less expected under a random order, per informative panel, in squared score points; negative where successive cards lie close.",
        "mean_deviation_low" Float true "Lower end of its 95 % interval.",
        "mean_deviation_high" Float true "Upper end of its 95 % interval.",
        "z_value" Float true "Summed deviation over its permutation standard deviation.",
        "p_value" Float true "Of a random order, two-sided.",
        "verdict" Text true "`too_close`, `too_far` or `not_distinguishable`; missing where the estimate is thin.",
        "n" Int false "Informative panels.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// Movement to an anchor.
pub const DRIFT_ANCHOR: TableSpec = TableSpec {
    name: "drift_anchor",
    about: "One row per anchor: whether scores lie closer to it once it could be known.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "test" Text false "Distance to the anchor of those who came after it, or could know it, against the others of the panel. `hiring_manager`: the hiring manager's card; `first_score`: the first card; `majority`: the mean of the cards in before people could know of each other.",
        "panels" Int false "Panels the test applies to.",
        "informative_panels" Int false "Those in which not every arrangement gives the same.",
        "mean_deviation" Float true "Mean distance less what chance leads to expect, in score points; negative where scores are drawn to the anchor.",
        "mean_deviation_low" Float true "Lower end of its 95 % interval.",
        "mean_deviation_high" Float true "Upper end of its 95 % interval.",
        "z_value" Float true "Summed deviation over its permutation standard deviation.",
        "p_value" Float true "Of no movement, two-sided.",
        "q_value" Float true "The same over the three anchors (Benjamini and Hochberg).",
        "verdict" Text true "`drawn`, `apart` or `not_distinguishable`; missing where the estimate is thin.",
        "n" Int false "Informative panels.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// Changed scores.
pub const REVISIONS: TableSpec = TableSpec {
    name: "revisions",
    about: "One row per moment: how many cards were changed then, which way, and what it did to the spread of panels.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "moment" Text false "`before_debrief`, `after_debrief`, `after_decision`, or `no_debrief`: undecided then and no debrief on record.",
        "cards" Int false "Cards that could be changed then.",
        "changed_cards" Int false "Cards with a changed score.",
        "changed" Float true "Share of cards with a changed score.",
        "changed_low" Float true "Lower end of its 95 % interval.",
        "changed_high" Float true "Upper end of its 95 % interval.",
        "changed_scores" Int false "Changed scores.",
        "toward" Int false "Changes that came closer to the mean of the others' first scores.",
        "away" Int false "Changes that went away from it.",
        "neither" Int false "Changes that did neither, or without others.",
        "toward_share" Float true "Share of `toward` among `toward` and `away`. Scores far off that are given anew without any influence go toward the others too.",
        "toward_share_low" Float true "Lower end of its 95 % interval.",
        "toward_share_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "Of as many toward as away, exact.",
        "mean_move" Float true "Mean change, in score points; positive is up.",
        "mean_approach" Float true "Mean reduction of the distance to the others' mean, in score points.",
        "panel_variance_before" Float true "Pooled variance within panels before the changes of the moment, in squared score points.",
        "panel_variance_after" Float true "The same after them.",
        "variance_p_value" Float true "Of panels' variances going up and down alike, by flipping signs.",
        "seen_in_exports" Int false "Changed scores dated by holding exports against each other: they may be earlier than that.",
        "touched_unknown" Int false "Cards that the source touched then without saying what changed.",
        "n" Int false "Cards.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// Rates against chance.
pub const DRIFT_RATES: TableSpec = TableSpec {
    name: "drift_rates",
    about: "One row per interviewer, department or quarter and measure: a rate against what chance allows about the rate of all.",
    columns: columns![
        "segment_kind" Text false "`all`, `interviewer`, `department` or `quarter`.",
        "segment" Text false "`all`, a pseudonym, a department or a quarter.",
        "measure" Text false "`late`: after the debrief, after the decision or later than allowed after the interview; `after_debrief`; `revised`.",
        "cards" Int false "Cards for which it is known.",
        "events" Int false "Those that were so.",
        "rate" Float true "Their share.",
        "rate_low" Float true "Lower end of its 95 % interval.",
        "rate_high" Float true "Upper end of its 95 % interval.",
        "expected" Float true "The rate of all cards.",
        "chance_low" Float true "95 of 100 units of this size lie above this by chance.",
        "chance_high" Float true "And below this.",
        "control_low" Float true "998 of 1,000 units of this size lie above this by chance.",
        "control_high" Float true "And below this.",
        "p_value" Float true "Of the rate of all, mid-p.",
        "q_value" Float true "The same over all units of a kind and measure (Benjamini and Hochberg).",
        "verdict" Text true "`within`, `above` or `below` the wide limits; missing for all together and where the estimate is thin.",
        "n" Int false "Cards.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// From interview to card.
pub const TURNAROUND: TableSpec = TableSpec {
    name: "turnaround",
    about: "One row per department, quarter or all: how long cards take after the interview, missing cards counted as waiting.",
    columns: columns![
        "segment_kind" Text false "`all`, `department` or `quarter`.",
        "segment" Text false "`all`, or which.",
        "cards" Int false "Cards submitted.",
        "missing" Int false "Seats of held interviews without a card.",
        "median_hours" Float true "Half of the cards are in by then (Kaplan-Meier).",
        "median_hours_low" Float true "Lower end of its 95 % interval.",
        "median_hours_high" Float true "Upper end; missing where the data does not reach it.",
        "p90_hours" Float true "Nine of ten cards are in by then.",
        "p90_hours_low" Float true "Lower end of its 95 % interval.",
        "p90_hours_high" Float true "Upper end; missing where the data does not reach it.",
        "within" Float true "Share of cards in within the allowed hours.",
        "within_low" Float true "Lower end of its 95 % interval.",
        "within_high" Float true "Upper end of its 95 % interval.",
        "limit_hours" Float true "The allowed hours.",
        "n" Int false "Seats.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// The curve behind it.
pub const TURNAROUND_CURVE: TableSpec = TableSpec {
    name: "turnaround_curve",
    about: "One row per hour since the interview at which a card came in: the share of cards still to come.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "hours" Float false "Hours since the interview.",
        "waiting" Float true "Share of cards still to come.",
        "waiting_low" Float true "Lower end of its 95 % interval.",
        "waiting_high" Float true "Upper end of its 95 % interval.",
        "at_risk" Int false "Seats still waiting just before.",
    ],
};

/// Figures by quarter.
pub const DRIFT_TREND: TableSpec = TableSpec {
    name: "drift_trend",
    about: "One row per measure and quarter in which loops opened.",
    columns: columns![
        "segment_kind" Text false "Always `quarter`.",
        "segment" Text false "The quarter.",
        "measure" Text false "`exposure_ratio`, `late_share`, `revision_share`, `override_rate` or `panel_spread` (mean variance within panels, in squared score points).",
        "value" Float true "Its value.",
        "value_low" Float true "Lower end of its 95 % interval.",
        "value_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Cards, panels or decisions it rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};

/// Tests of their trends.
pub const DRIFT_TREND_TESTS: TableSpec = TableSpec {
    name: "drift_trend_tests",
    about: "One row per measure: whether it rises or falls from quarter to quarter.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "measure" Text false "As in `drift_trend`.",
        "quarters" Int false "Quarters with a figure.",
        "slope" Float true "Change per quarter, in the unit of the measure; of the ratio, of its logarithm.",
        "slope_low" Float true "Lower end of its 95 % interval.",
        "slope_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "Of no trend.",
        "q_value" Float true "The same over all measures (Benjamini and Hochberg).",
        "verdict" Text true "`rising`, `falling` or `not_distinguishable`; missing where it cannot be tested.",
        "n" Int false "Cards, panels or decisions it rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further, and what would tell.",
    ],
};
