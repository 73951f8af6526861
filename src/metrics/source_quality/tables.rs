//! The result tables of sources.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[&SOURCE_QUALITY, &SOURCE_PASS_THROUGH, &DOMAIN_MISMATCH];

/// One row per channel and fit.
pub const SOURCE_QUALITY: TableSpec = TableSpec {
    name: "source_quality",
    about: "One row per source channel, and per channel and specialism match: the floor, offers, outcomes.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "source" Text false "The channel on record.",
        "fit" Text false "`any`, or `match` and `mismatch` of the candidate's specialism and the role's.",
        "loops" Int false "Loops of the window.",
        "scored" Int false "Those scored in the first round.",
        "first_round_p10" Float true "The floor: one in ten scored lower in the first round.",
        "first_round_p10_low" Float true "Lower end of its 95 % interval; missing where so few scores have none.",
        "first_round_p10_high" Float true "Upper end of its 95 % interval.",
        "first_round_p25" Float true "One in four scored lower in the first round.",
        "first_round_mean" Float true "Mean score in the first round.",
        "first_round_mean_low" Float true "Lower end of its 95 % interval.",
        "first_round_mean_high" Float true "Upper end of its 95 % interval.",
        "higher_than_others" Float true "Chance that a candidate of the channel scores higher there than one of another channel.",
        "higher_than_others_low" Float true "Lower end of its 95 % interval.",
        "higher_than_others_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "p-value of no difference to the other channels.",
        "q_value" Float true "That, over all channels.",
        "offer_rate" Float true "Share of decided loops with an offer.",
        "offer_rate_low" Float true "Lower end of its 95 % interval.",
        "offer_rate_high" Float true "Upper end of its 95 % interval.",
        "acceptance_rate" Float true "Share of answered offers that were accepted.",
        "acceptance_rate_low" Float true "Lower end of its 95 % interval.",
        "acceptance_rate_high" Float true "Upper end of its 95 % interval.",
        "outcome" Text true "The outcome whose mean is given.",
        "with_outcome" Int true "Hires with it.",
        "outcome_mean" Float true "Its mean; a share where it is yes or no.",
        "outcome_mean_low" Float true "Lower end of its 95 % interval.",
        "outcome_mean_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Loops scored in the first round.",
        "method" Text false "How it was made, and over which loops.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per channel, fit and round.
pub const SOURCE_PASS_THROUGH: TableSpec = TableSpec {
    name: "source_pass_through",
    about: "One row per source channel, specialism match and round: how many go on.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "source" Text false "The channel on record.",
        "fit" Text false "`any`, or `match` and `mismatch` of the candidate's specialism and the role's.",
        "stage" Text false "The round.",
        "round" Int false "Its place in the loop; 1 is the first.",
        "passed" Int true "Loops that went on.",
        "pass_through" Float true "Their share of those that went on or were turned down.",
        "pass_through_low" Float true "Lower end of its 95 % interval.",
        "pass_through_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Loops scored in the round that went on or were turned down.",
        "method" Text false "How it was made, and over which loops.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per measure.
pub const DOMAIN_MISMATCH: TableSpec = TableSpec {
    name: "domain_mismatch",
    about: "One row per measure: candidates whose specialism is the role's against those whose is not.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "measure" Text false "`first_round_mean`, `pass_through: ROUND`, `offer_rate`, `outcome: NAME` or `rounds_held` per loop.",
        "matching" Int false "People whose specialism is the role's.",
        "mismatching" Int false "People whose is not.",
        "match_value" Float true "The measure of those who match.",
        "mismatch_value" Float true "The measure of those who do not.",
        "difference" Float true "The first less the second.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "p-value of no difference.",
        "q_value" Float true "That, over all measures.",
        "n" Int false "People on both sides.",
        "method" Text false "How it was made, and over which loops.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};
