//! The result tables of leniency.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[
    &INTERVIEWER_LENIENCY,
    &VARIANCE_COMPONENTS,
    &RELIABILITY,
    &SCORE_CATEGORIES,
    &RATER_EFFECTS,
    &AGREEMENT,
    &LENIENCY_BY_QUARTER,
    &INTERVIEWER_LINKS,
    &WEAK_LINKS,
    &CALIBRATION_PLAN,
    &SHADOW_CALIBRATION,
    &LENIENCY_CONSEQUENCES,
    &ADJUSTED_SCORES,
    &SCORES_USED,
];

/// One row per interviewer.
pub const INTERVIEWER_LENIENCY: TableSpec = TableSpec {
    name: "interviewer_leniency",
    about: "One row per interviewer: leniency for the same candidate, with interval and verdict.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewer_id" Text false "Pseudonym of the interviewer.",
        "cards" Int false "Cards in the window.",
        "candidates" Int false "Candidates met.",
        "co_interviewers" Int false "Other interviewers who met any of the same candidates.",
        "stages" Int false "Stages sat in.",
        "component" Int true "The part of the company within which interviewers can be compared; 1 is the largest.",
        "raw_mean" Float true "Mean score given, in score points.",
        "raw_difference" Float true "Mean score less that of all interviewers on the same cells: what a raw average would say.",
        "leniency" Float true "How much higher than others for the same candidate, in score points; shrunk.",
        "leniency_low" Float true "Lower end of its 95 % interval.",
        "leniency_high" Float true "Upper end of its 95 % interval.",
        "sd" Float true "Standard deviation of prediction, cell means and variances estimated; what the interval rests on.",
        "pev_sd" Float true "Standard deviation of prediction, variances taken as known.",
        "within_leniency" Float true "The same with every candidate given a mean of their own.",
        "within_sd" Float true "Its standard deviation of prediction.",
        "lfsr" Float true "Local false sign rate: the chance that the sign is the other one.",
        "verdict" Text true "`lenient`, `severe` or `not_distinguishable`; missing where the estimate is thin.",
        "rasch_severity" Float true "Severity in logits by the many-facet Rasch model.",
        "rasch_se" Float true "Its standard error.",
        "infit" Float true "Information-weighted mean square of the Rasch residuals; 1 is as expected.",
        "infit_z" Float true "`infit` as a standard normal deviate.",
        "outfit" Float true "Unweighted mean square.",
        "outfit_z" Float true "`outfit` as a standard normal deviate.",
        "fair_average" Float true "What the interviewer would give on average to mean candidates, in score points.",
        "n" Int false "Scores the row rests on.",
        "method" Text false "Which fit is the headline, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per variance component.
pub const VARIANCE_COMPONENTS: TableSpec = TableSpec {
    name: "variance_components",
    about: "One row per model and component: what the scores vary by.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "model" Text false "`random` or `within`: how candidates enter.",
        "component" Text false "`candidate`, `interviewer`, `card`, `residual`, or `interviewer_quarter`: how far leniency moves between quarters.",
        "variance" Float true "In squared score points.",
        "sd" Float true "In score points.",
        "sd_low" Float true "Lower end of its 95 % interval; for interviewers and their quarters.",
        "sd_high" Float true "Upper end; missing where the data does not bound it.",
        "share" Float true "Share of the variance of one score.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "share_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "Of no variance at all; for interviewers and their quarters.",
        "n" Int false "Scores the fit rests on.",
        "method" Text false "How it was made, and over which window.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per number of interviewers and dimensions.
pub const RELIABILITY: TableSpec = TableSpec {
    name: "reliability",
    about: "One row per number of interviewers and of dimensions: the reliability of their mean score.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewers" Int false "Interviewers, one card each.",
        "dimensions" Int false "Dimensions on each card.",
        "generalizability" Float true "For ranking candidates who met the same interviewers.",
        "generalizability_low" Float true "Lower end of its 95 % interval.",
        "generalizability_high" Float true "Upper end of its 95 % interval.",
        "dependability" Float true "For a bar that is the same for all, whoever they met.",
        "dependability_low" Float true "Lower end of its 95 % interval.",
        "dependability_high" Float true "Upper end of its 95 % interval.",
        "is_usual" Flag false "Whether loops usually have so many interviewers and dimensions.",
        "n" Int false "Scores the fit rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per score of the rubric.
pub const SCORE_CATEGORIES: TableSpec = TableSpec {
    name: "score_categories",
    about: "One row per score of the rubric: how it is used, by the many-facet Rasch model.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "score" Float false "The score.",
        "count" Int false "How often it was given, extreme candidates and interviewers set aside.",
        "average_measure" Float true "Mean location in logits where it was given; should rise with the score.",
        "threshold" Float true "Threshold from the score below, in logits; should rise too.",
        "is_ordered" Flag true "Whether both rise here.",
        "n" Int false "Scores the fit rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per interviewer and effect.
pub const RATER_EFFECTS: TableSpec = TableSpec {
    name: "rater_effects",
    about: "One row per interviewer and effect other than leniency, against what all together lead to expect.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewer_id" Text false "Pseudonym of the interviewer.",
        "effect" Text false "`central_tendency`, `restricted_range`, `halo`, `straight_lining`, `inconsistency`, `drift` or `late`.",
        "value" Float true "What was seen; see `unit`. For drift the later less the earlier of the two quarters that differ most.",
        "value_low" Float true "Lower end of its 95 % interval.",
        "value_high" Float true "Upper end of its 95 % interval.",
        "expected" Float true "What all interviewers together lead to expect on the same cells.",
        "unit" Text false "`share`, `variance ratio` or `score points`.",
        "p_value" Float true "Of no difference from what is expected; for drift, of one leniency in all quarters.",
        "q_value" Float true "The same over all interviewers of this effect (Benjamini and Hochberg).",
        "verdict" Text true "`as_expected`, or the effect's name where it is told from chance.",
        "n" Int false "Cards or scores it rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per statistic of agreement.
pub const AGREEMENT: TableSpec = TableSpec {
    name: "agreement",
    about: "One row per statistic of agreement between interviewers who scored the same candidate in one stage.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "statistic" Text false "`alpha_nominal`, `alpha_ordinal`, `alpha_interval`, `icc_agreement`, `icc_consistency`, or `rank_with_rasch`: how well leniency and Rasch severity rank interviewers alike.",
        "stage" Text true "The stage; missing where all stages count.",
        "value" Float true "1 is agreement; alpha is 0 by chance.",
        "value_low" Float true "Lower end of its 95 % interval.",
        "value_high" Float true "Upper end of its 95 % interval.",
        "raters" Int true "Interviewers, where all scored all.",
        "n" Int false "Candidate and dimension pairs that at least two scored.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per part of the company.
pub const INTERVIEWER_LINKS: TableSpec = TableSpec {
    name: "interviewer_links",
    about: "One row per part of the company within which interviewers can be compared.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "component" Int false "The part; 1 is the largest.",
        "interviewers" Int false "Interviewers in it.",
        "candidates" Int false "Candidates they met.",
        "shared_candidates" Int false "Candidates that at least two of them met.",
        "stages" Int false "Stages they sat in.",
        "one_stage_only" Int false "Interviewers who sat in one stage only.",
        "stage_nested" Int false "Those of stages whose interviewers sat in no other, where there are others: compared within the stage only.",
        "weak_links" Int false "Interviewers whom at most one candidate links to the others.",
        "hanging" Int false "Interviewers whom one candidate, one interviewer or a few candidates hold to the rest of the part; see `weak_links`.",
        "connectivity" Float true "How closely the part holds together: the second eigenvalue of the normalised Laplacian of shared candidates; 0 is apart, 1 and more close. Missing for fewer than 3 or more than 1,500 interviewers.",
        "n" Int false "Cards.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per group that hangs on the rest.
pub const WEAK_LINKS: TableSpec = TableSpec {
    name: "weak_links",
    about: "One row per group of interviewers whom little holds to the rest of their part, and whom to seat together.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "component" Int false "The part of the company; 1 is the largest.",
        "kind" Text false "What holds the group: `one_candidate`, `one_interviewer` or `few_candidates`.",
        "hinge_id" Text true "That application, or the pseudonym of that interviewer.",
        "interviewers" Int false "Interviewers in the group, without the hinge.",
        "rest" Int false "Interviewers of the part on the other side.",
        "shared_candidates" Int false "Candidates that link the group to the rest.",
        "interviewer_id" Text false "One of the group, to seat with somebody of the rest: the one with most cards.",
        "with_interviewer_id" Text true "Whom to seat them with.",
        "n" Int false "Cards of the group.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, or `thin` where the group has too few cards to be compared anyway.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per interviewer and quarter.
pub const LENIENCY_BY_QUARTER: TableSpec = TableSpec {
    name: "leniency_by_quarter",
    about: "One row per interviewer and quarter with enough cards: leniency beyond the interviewer's own mean.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewer_id" Text false "Pseudonym of the interviewer.",
        "quarter" Text false "When the loops opened.",
        "cards" Int false "Cards in it.",
        "shift" Float true "Leniency in it less that over all quarters, in score points; shrunk. Only where leniency is told to move at all.",
        "shift_low" Float true "Lower end of its 95 % interval.",
        "shift_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "Cards it rests on.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per pairing worth making.
pub const CALIBRATION_PLAN: TableSpec = TableSpec {
    name: "calibration_plan",
    about: "One row per pair of interviewers who should sit together, most useful first.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewer_id" Text false "Who it is for.",
        "with_interviewer_id" Text false "Whom to sit with.",
        "purpose" Text false "`recalibrate`, `connect` (a part that shares nobody), `strengthen` (a weak link), or several, separated by a plus.",
        "stage" Text true "A stage both sit in, or that of the second.",
        "difference" Float true "Leniency of the first less that of the second, in score points; missing where they share nobody, directly or through others.",
        "sd_now" Float true "Standard deviation of that difference now.",
        "sd_then" Float true "What it would be after three candidates scored by both.",
        "shared_candidates" Int false "Candidates both have met so far.",
        "rank" Int false "1 is the most useful.",
        "n" Int false "Cards of the two.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per shadow.
pub const SHADOW_CALIBRATION: TableSpec = TableSpec {
    name: "shadow_calibration",
    about: "One row per shadow: their cards against the leads' cards of the same candidate, stage and dimension.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "interviewer_id" Text false "Pseudonym of the shadow.",
        "cards" Int false "Cards filed as a shadow that a lead's card can be held against.",
        "difference" Float true "Mean of shadow less lead over cards, in score points.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "agreement" Float true "Share of single scores that are the lead's.",
        "n" Int false "Scores compared.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per stage and consequence.
pub const LENIENCY_CONSEQUENCES: TableSpec = TableSpec {
    name: "leniency_consequences",
    about: "One row per stage: what the choice of interviewer means for a candidate.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "stage" Text true "The stage; missing for all of them.",
        "interviewers" Int false "Interviewers of the stage.",
        "spread" Float true "Leniency of the most lenient less that of the most severe of them, in score points.",
        "spread_low" Float true "Lower end of its 95 % interval.",
        "spread_high" Float true "Upper end of its 95 % interval.",
        "lenient_id" Text true "Pseudonym of the most lenient.",
        "severe_id" Text true "Pseudonym of the most severe.",
        "share_changed" Float true "Share of cards whose verdict by the mean of 3 would change if leniency were taken out.",
        "share_changed_low" Float true "Lower end of its 95 % interval.",
        "share_changed_high" Float true "Upper end of its 95 % interval.",
        "bar" Float true "The mean score that counts as passing here.",
        "n" Int false "Cards.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per loop and stage.
pub const ADJUSTED_SCORES: TableSpec = TableSpec {
    name: "adjusted_scores",
    about: "One row per loop and stage: its mean score as given, and with the interviewers' leniency taken out.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "application_id" Text false "The application, as the source knows it unless it could name a person.",
        "stage" Text false "The stage.",
        "cards" Int false "Cards.",
        "raw_score" Float false "Mean over cards of their mean score, as given.",
        "adjusted_score" Float true "The same with each interviewer's leniency taken out; missing where there is no estimate.",
        "adjustment_sd" Float true "Standard deviation of the adjustment.",
        "n" Int false "Scores.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why there is no adjusted score, or why it is thin.",
    ],
};

/// One row per use.
pub const SCORES_USED: TableSpec = TableSpec {
    name: "scores_used",
    about: "One row per use of scores: those the answer rests on, and those set aside with the reason.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "use" Text false "`used`, `shadow`, `filed_by_other`, `cancelled_interview`, `other_scale` or `outside_window`.",
        "kind" Text false "`dimension_score`, or `recommendation` where no source gives scores by dimension.",
        "scores" Int false "Scores.",
        "n" Int false "Scores of all uses.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, or `not_estimable` where no score counts.",
        "reason" Text true "Why no answer can rest on them.",
    ],
};
