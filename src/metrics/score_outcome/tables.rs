//! The result tables of scores against outcomes.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[
    &OUTCOME_POWER,
    &SCORE_OUTCOME,
    &AUC_PAIRS,
    &ROUND_IMPORTANCE,
    &SCORE_CALIBRATION,
    &CALIBRATION_FIT,
    &SCORE_CUTOFFS,
    &STAY_CURVES,
    &WORK_SAMPLE,
    &INTERVIEWER_VALIDITY,
];

/// One row per outcome.
pub const OUTCOME_POWER: TableSpec = TableSpec {
    name: "outcome_power",
    about: "One row per outcome: how many people have it, and what so many could show.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "outcome_kind" Text false "`decision`, `binary`, `numeric` or `stay`.",
        "exploratory" Flag false "Not named in `outcomes.named`, so found by looking.",
        "turned" Flag false "Turned round, because less of it is better.",
        "people" Int false "People with scores and the outcome.",
        "events" Int true "Those with the outcome, where it is yes or no; those who left, for stays.",
        "never_scored" Int false "Outcomes of people without a score on record; not used.",
        "before_decision" Int false "Outcomes dated before the decision; not used.",
        "same_rater" Int false "Outcomes judged by one of the candidate's own interviewers.",
        "smallest_correlation" Float true "The smallest correlation that so many people show four times in five.",
        "smallest_auc" Float true "The smallest area under the curve that so many people show four times in five.",
        "people_for_usual" Int true "People needed to show a link as good interviews have it: a correlation of 0.25 as seen among hires.",
        "people_per_quarter" Float true "People with the outcome per quarter in which loops opened.",
        "quarters_needed" Float true "Quarters more until that many people are there, at this pace.",
        "selection_auc" Float true "How well a round's score tells who went on after it; selection on something else shows as a low figure.",
        "n" Int false "People with scores and the outcome.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per score and outcome.
pub const SCORE_OUTCOME: TableSpec = TableSpec {
    name: "score_outcome",
    about: "One row per outcome and score: how strongly they go together, among those who have both.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "outcome_kind" Text false "`decision`, `binary`, `numeric` or `stay`.",
        "predictor_kind" Text false "`overall`, `stage` or `dimension`.",
        "predictor" Text false "The score.",
        "exploratory" Flag false "The outcome is not named in `outcomes.named`.",
        "events" Int true "People with the outcome; those who left, for stays.",
        "auc" Float true "Chance that somebody with the outcome scored higher than somebody without it.",
        "auc_low" Float true "Lower end of its 95 % interval.",
        "auc_high" Float true "Upper end of its 95 % interval.",
        "point_biserial" Float true "Correlation of the score with a yes-or-no outcome.",
        "point_biserial_low" Float true "Lower end of its 95 % interval.",
        "point_biserial_high" Float true "Upper end of its 95 % interval.",
        "biserial" Float true "What that would be if the outcome were a continuum cut in two.",
        "hedges_g" Float true "Difference of mean scores in standard deviations.",
        "pearson" Float true "Correlation of the score with a numeric outcome.",
        "pearson_low" Float true "Lower end of its 95 % interval.",
        "pearson_high" Float true "Upper end of its 95 % interval.",
        "spearman" Float true "Rank correlation.",
        "spearman_low" Float true "Lower end of its 95 % interval.",
        "spearman_high" Float true "Upper end of its 95 % interval.",
        "odds_ratio" Float true "Odds of the outcome per standard deviation of the score, with Firth's penalty.",
        "odds_ratio_low" Float true "Lower end of its 95 % profile interval.",
        "odds_ratio_high" Float true "Upper end of its 95 % profile interval.",
        "hazard_ratio" Float true "Rate of leaving per standard deviation of the score; below 1 a higher score stays longer.",
        "hazard_ratio_low" Float true "Lower end of its 95 % profile interval.",
        "hazard_ratio_high" Float true "Upper end of its 95 % profile interval.",
        "concordance" Float true "Harrell's C: share of pairs in which whoever stayed longer had the higher score.",
        "concordance_low" Float true "Lower end of its 95 % interval.",
        "concordance_high" Float true "Upper end of its 95 % interval.",
        "proportional_p" Float true "p-value of the check that the hazard ratio is the same at all ages.",
        "corrected" Float true "The correlation among all candidates, if every selection variable is in the data (Lawley).",
        "corrected_low" Float true "Lower end of its 95 % interval.",
        "corrected_high" Float true "Upper end of its 95 % interval.",
        "u_ratio" Float true "Spread of the score among all candidates against that among those with the outcome.",
        "correction" Text true "Under which condition it is corrected, or why it is not.",
        "p_value" Float true "p-value of no link.",
        "q_value" Float true "That, over all scores of this outcome (Benjamini and Hochberg).",
        "verdict" Text true "`linked`, `linked_backwards`, `no_useful_link` or `cannot_tell`.",
        "n" Int false "People with both.",
        "method" Text false "How it was made, and over which loops.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome and pair of stages.
pub const AUC_PAIRS: TableSpec = TableSpec {
    name: "auc_pairs",
    about: "One row per yes-or-no outcome and pair of stages: which of the two tells it better, over the same people.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "first" Text false "One stage.",
        "second" Text false "The other stage.",
        "first_auc" Float true "Area under the curve of the first.",
        "second_auc" Float true "Area under the curve of the second.",
        "difference" Float true "First less second.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "p-value of no difference.",
        "q_value" Float true "That, over all pairs of this outcome.",
        "n" Int false "People with both scores and the outcome.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome and stage or dimension.
pub const ROUND_IMPORTANCE: TableSpec = TableSpec {
    name: "round_importance",
    about: "One row per outcome and stage, and per outcome and dimension: what each adds to the others.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "predictor_kind" Text false "`stage` or `dimension`.",
        "stage" Text false "The stage, or the dimension.",
        "r_squared" Float true "Share of the outcome's variance that all of them explain together.",
        "r_squared_low" Float true "Lower end of its 95 % interval; 0 where nothing is told from chance.",
        "r_squared_high" Float true "Upper end of its 95 % interval.",
        "adjusted_r_squared" Float true "The same, adjusted for their number.",
        "lmg_share" Float true "This one's share of the outcome's variance, averaged over all orders of entry; the shares add up to `r_squared`.",
        "lmg_share_low" Float true "Lower end of its 95 % interval.",
        "lmg_share_high" Float true "Upper end of its 95 % interval.",
        "delta_r2" Float true "What is lost of `r_squared` without it.",
        "delta_auc" Float true "What is lost of the out-of-fold area under the curve without it, for yes-or-no outcomes.",
        "p_value" Float true "p-value of nothing being lost.",
        "q_value" Float true "That, over all stages, or dimensions, of this outcome.",
        "n" Int false "People with the outcome and all of these scores.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome and band of scores.
pub const SCORE_CALIBRATION: TableSpec = TableSpec {
    name: "score_calibration",
    about: "One row per outcome and band of the overall score: what the score predicts, and what happened.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "outcome_kind" Text false "`binary` or `numeric`, or `decision` for answers to offers.",
        "band" Int false "1 is the lowest.",
        "score_from" Float true "The lowest overall score in the band.",
        "score_to" Float true "The highest.",
        "predicted" Float true "The mean prediction: a chance, or a value.",
        "observed" Float true "The share, or the mean value, that was seen.",
        "observed_low" Float true "Lower end of its 95 % interval.",
        "observed_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "People in the band.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per yes-or-no outcome.
pub const CALIBRATION_FIT: TableSpec = TableSpec {
    name: "calibration_fit",
    about: "One row per yes-or-no outcome: whether chances predicted from the overall score hold for new people.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "intercept" Float true "How much higher the log odds are than predicted; 0 is right.",
        "intercept_low" Float true "Lower end of its 95 % interval.",
        "intercept_high" Float true "Upper end of its 95 % interval.",
        "slope" Float true "By how much predictions must be drawn towards the mean; 1 is right, below 1 they are too extreme.",
        "slope_low" Float true "Lower end of its 95 % interval.",
        "slope_high" Float true "Upper end of its 95 % interval.",
        "brier" Float true "Mean squared distance of predictions from outcomes.",
        "brier_of_share" Float true "The same where everybody is given the overall share: what there is to beat.",
        "auc" Float true "Area under the curve, for new people.",
        "auc_optimism" Float true "What has been taken off it, because the prediction had seen the data.",
        "events" Int true "People with the outcome.",
        "n" Int false "People.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome, score and cut-off.
pub const SCORE_CUTOFFS: TableSpec = TableSpec {
    name: "score_cutoffs",
    about: "One row per outcome and cut-off of the decision rule: what happened to those just below and just above.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "score" Text false "`overall`, or `lowest_dimension`, which the rule acts on.",
        "cut" Int false "The cut-off.",
        "below" Int false "People up to half a point below, with the outcome known.",
        "below_value" Float true "Their share, or mean value.",
        "below_value_low" Float true "Lower end of its 95 % interval.",
        "below_value_high" Float true "Upper end of its 95 % interval.",
        "above" Int false "People from the cut-off to half a point above.",
        "above_value" Float true "Their share, or mean value.",
        "above_value_low" Float true "Lower end of its 95 % interval.",
        "above_value_high" Float true "Upper end of its 95 % interval.",
        "difference" Float true "Above less below.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "People on both sides.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome, third of scores and day.
pub const STAY_CURVES: TableSpec = TableSpec {
    name: "stay_curves",
    about: "One row per third of the overall score and day on which somebody left: the share that stays (Kaplan and Meier).",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "third" Int false "1 is the lowest third of scores.",
        "day" Int false "Days since the start.",
        "at_risk" Int false "People still there just before.",
        "exits" Int false "People who left then.",
        "staying" Float true "Share that stays beyond.",
        "staying_low" Float true "Lower end of its 95 % interval.",
        "staying_high" Float true "Upper end of its 95 % interval.",
        "n" Int false "People in the third.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome.
pub const WORK_SAMPLE: TableSpec = TableSpec {
    name: "work_sample",
    about: "One row per outcome: the work sample against the mean of all other rounds, over the same people.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "stage" Text true "The round done at home.",
        "measure" Text true "`auc` for yes-or-no outcomes, `correlation` for numeric ones.",
        "work_sample" Float true "The work sample's.",
        "others" Float true "That of the mean of all other rounds.",
        "difference" Float true "Work sample less others.",
        "difference_low" Float true "Lower end of its 95 % interval.",
        "difference_high" Float true "Upper end of its 95 % interval.",
        "p_value" Float true "p-value of no difference.",
        "q_value" Float true "That, over all outcomes.",
        "n" Int false "People with both and the outcome.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per outcome and interviewer.
pub const INTERVIEWER_VALIDITY: TableSpec = TableSpec {
    name: "interviewer_validity",
    about: "One row per outcome and interviewer with enough hires: how their scores go with the outcome, shrunk to all interviewers'.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "outcome" Text false "The outcome; `(none)` where the data holds none.",
        "interviewer_id" Text false "Pseudonym of the interviewer, or `(all)`.",
        "correlation" Float true "Correlation of their scores with the outcome, drawn towards that of all interviewers.",
        "correlation_low" Float true "Lower end of its 95 % interval.",
        "correlation_high" Float true "Upper end of its 95 % interval.",
        "spread" Float true "Standard deviation of correlations between interviewers, beyond chance.",
        "n" Int false "Hires of theirs with the outcome.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};
