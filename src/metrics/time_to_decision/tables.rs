//! The result tables of the time to decision.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// One row per segment and clock.
pub const TIME_TO_DECISION: TableSpec = TableSpec {
    name: "time_to_decision",
    about: "One row per segment and clock: how long loops take until they are decided.",
    columns: columns![
        "segment_kind" Text false "Dimension of the segment; `all` first, `quarter` for the trend.",
        "segment" Text false "Value of the dimension.",
        "clock" Text false "`applied`, `first_interview` or `last_interview`.",
        "loops" Int true "Loops on this clock.",
        "decided" Int true "Loops that ended in an offer or a rejection.",
        "withdrawn" Int true "Loops whose candidate withdrew.",
        "open" Int true "Loops still open at `as_of`.",
        "open_bare" Int true "Open loops of which no file but the applications tells anything (part of open).",
        "without_clock" Int true "Loops whose times cannot be used, see `loops.problem`.",
        "p25_days" Float true "Days after which a quarter of the loops has closed.",
        "p25_days_low" Float true "Lower end of its 95 % interval.",
        "p25_days_high" Float true "Upper end; missing where the data does not reach it.",
        "median_days" Float true "Days after which half of the loops have closed.",
        "median_days_low" Float true "Lower end of its 95 % interval.",
        "median_days_high" Float true "Upper end; missing where the data does not reach it.",
        "p75_days" Float true "Days after which three quarters have closed.",
        "p75_days_low" Float true "Lower end of its 95 % interval.",
        "p75_days_high" Float true "Upper end; missing where the data does not reach it.",
        "p90_days" Float true "Days after which nine in ten have closed.",
        "p90_days_low" Float true "Lower end of its 95 % interval.",
        "p90_days_high" Float true "Upper end; missing where the data does not reach it.",
        "rmst_days" Float true "Mean days open, counting no more than `rmst_tau_days` per loop.",
        "rmst_days_low" Float true "Lower end of its 95 % interval.",
        "rmst_days_high" Float true "Upper end of its 95 % interval.",
        "rmst_tau_days" Float true "The horizon of the restricted mean.",
        "naive_mean_days" Float true "Mean of closed loops only; biased short while loops are open, for comparison.",
        "limit_1_days" Float true "First declared limit.",
        "share_within_1" Float true "Share decided within the first limit.",
        "share_within_1_low" Float true "Lower end of its 95 % interval.",
        "share_within_1_high" Float true "Upper end of its 95 % interval.",
        "limit_2_days" Float true "Second declared limit.",
        "share_within_2" Float true "Share decided within the second limit.",
        "share_within_2_low" Float true "Lower end of its 95 % interval.",
        "share_within_2_high" Float true "Upper end of its 95 % interval.",
        "n" Int true "Loops the estimates rest on.",
        "method" Text false "How numbers and intervals were made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per segment, clock and day.
pub const TIME_CURVE: TableSpec = TableSpec {
    name: "time_curve",
    about: "One row per segment, clock and day: the curves behind the time to decision.",
    columns: columns![
        "segment_kind" Text false "Dimension of the segment.",
        "segment" Text false "Value of the dimension.",
        "clock" Text false "`applied`, `first_interview` or `last_interview`.",
        "day" Int false "Days since the clock started.",
        "at_risk" Int false "Loops open and observed at that age.",
        "decided" Int false "Loops decided in the day up to it.",
        "withdrawn" Int false "Loops withdrawn in the day up to it.",
        "undecided" Float true "Estimated share still open.",
        "undecided_low" Float true "Lower end of its 95 % interval.",
        "undecided_high" Float true "Upper end of its 95 % interval.",
        "cif_decided" Float true "Estimated share decided by then.",
        "cif_decided_low" Float true "Lower end of its 95 % interval.",
        "cif_decided_high" Float true "Upper end of its 95 % interval.",
        "cif_withdrawn" Float true "Estimated share withdrawn by then.",
        "cif_withdrawn_low" Float true "Lower end of its 95 % interval.",
        "cif_withdrawn_high" Float true "Upper end of its 95 % interval.",
    ],
};

/// One row per comparison.
pub const TIME_CONTRASTS: TableSpec = TableSpec {
    name: "time_contrasts",
    about: "One row per comparison: segments against the rest, a quarter against the one before, and tests of \
            whether the segments of a dimension differ at all.",
    columns: columns![
        "segment_kind" Text false "Dimension compared.",
        "segment" Text false "Value compared; `all` where the values of a dimension are tested against each other.",
        "clock" Text false "`applied`, `first_interview` or `last_interview`.",
        "contrast" Text false "`against_rest`, `against_previous`, `log_rank` or `gray_decided`.",
        "against" Text true "What it is compared with.",
        "difference_days" Float true "Difference of restricted means; positive means slower.",
        "difference_days_low" Float true "Lower end of its 95 % interval.",
        "difference_days_high" Float true "Upper end of its 95 % interval.",
        "tau_days" Float true "The common horizon.",
        "statistic" Float true "Chi-square statistic of a test.",
        "degrees_of_freedom" Int true "Its degrees of freedom.",
        "p_value" Float true "P-value of no difference.",
        "q_value" Float true "P-value adjusted over the comparisons of one clock and kind of contrast.",
        "n" Int true "Loops in the comparison.",
        "method" Text false "How it was made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};
