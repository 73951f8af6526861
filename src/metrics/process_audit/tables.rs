//! The result tables of the process audit.

use crate::dataset::schema::columns;
use crate::engine::results::TableSpec;

/// Every table, in the order `finish` gives them.
pub const ALL: &[&TableSpec] = &[&PROCESS_AUDIT, &LOOP_PATHS, &PLAN_STAGES];

/// One row per item of the checklist, and round where an item is asked of each round.
pub const PROCESS_AUDIT: TableSpec = TableSpec {
    name: "process_audit",
    about: "One row per item of the checklist, and per round where each round is asked: met, not met, or not visible in this data.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "item" Text false "What is asked; stable.",
        "subject" Text false "`loop`, or the round of the plan.",
        "title" Text false "What is asked, in words.",
        "plan" Text true "The plan that it is held against.",
        "plan_from" Text true "`configured`, or `assumed` because it fits the stages.",
        "expected" Text true "What the plan asks for.",
        "state" Text false "`met`, `not_met` or `not_visible`.",
        "share" Float true "Share of cases that are as they should be.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "share_high" Float true "Upper end of its 95 % interval.",
        "required_share" Float true "Not met where the whole interval lies below this share.",
        "tolerated_share" Float true "Met where the whole interval lies at this share or above.",
        "as_expected" Int true "Cases that are as they should be.",
        "n" Int true "Cases; missing where the plan alone answers.",
        "unit" Text true "What the cases are, such as loops, rounds, debriefs or interviewers.",
        "typical" Float true "Median of what is measured; of loops' days by Kaplan-Meier.",
        "typical_unit" Text true "Its unit.",
        "evidence" Text true "What was found, in words.",
        "needs" Text true "What to export or declare so that it can be told.",
        "method" Text false "How the state was found.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per way through the rounds.
pub const LOOP_PATHS: TableSpec = TableSpec {
    name: "loop_paths",
    about: "One row per way through the rounds, all loops first, then the most frequent path.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "path" Text false "The rounds held, in order: ids of the plan's rounds, stages that are none in brackets; `(all loops)` first.",
        "plan" Text true "The plan that it is held against.",
        "against_plan" Text true "`as_planned`, `differs`, or missing without a plan.",
        "skipped" Text true "Rounds of the plan that were passed over.",
        "extra" Text true "Stages that the plan does not have.",
        "out_of_order" Flag true "Whether rounds were held in another order than the plan's; missing where times do not tell.",
        "loops" Int true "Loops that took this path.",
        "share" Float true "Their share of all loops with a round.",
        "share_low" Float true "Lower end of its 95 % interval.",
        "share_high" Float true "Upper end of its 95 % interval.",
        "cumulative_share" Float true "Share of loops on this path or a more frequent one.",
        "offers" Int true "Loops that ended with an offer.",
        "rejections" Int true "Loops that ended with a rejection.",
        "withdrawals" Int true "Loops that the candidate ended.",
        "open" Int true "Loops that are open.",
        "median_days" Float true "Days from the application, or else the first round, after which half of the loops had ended, open ones counted.",
        "median_days_low" Float true "Lower end of its 95 % interval.",
        "median_days_high" Float true "Upper end; missing where the data does not reach it.",
        "repeated" Int true "Times a round was held again, beyond the sessions that the plan gives it.",
        "cancelled" Int true "Appointments that were cancelled; missing where no appointment on record was.",
        "no_shows" Int true "Appointments at which somebody was missing; missing where no appointment on record says so.",
        "rework_loops" Int true "Loops with any of the three; missing where the data tells of neither cancelled nor missed appointments.",
        "rework_share" Float true "Their share of the loops on this path.",
        "rework_share_low" Float true "Lower end of its 95 % interval.",
        "rework_share_high" Float true "Upper end of its 95 % interval.",
        "hours_per_loop" Float true "Interviewer hours per loop: length of each live interview and debrief held, times its interviewers.",
        "total_hours" Float true "Interviewer hours of all its loops.",
        "total_beyond_plan_hours" Float true "Of these, hours in stages that the plan does not have, in rounds held again, and waiting for who did not come.",
        "total_beyond_plan_hours_per_quarter" Float true "The same per quarter in which loops opened.",
        "unobserved" Int true "Of all loops only: those left out because they opened before `time.observed_from`, so that their first rounds are on no record.",
        "uncosted" Int true "Live interviews held whose length or panel is not on record; they are in no hours.",
        "n" Int true "Loops on this path.",
        "method" Text false "How numbers and intervals were made.",
        "status" Text false "`ok`, `thin` or `not_estimable`.",
        "reason" Text true "Why not further.",
    ],
};

/// One row per stage of the data.
pub const PLAN_STAGES: TableSpec = TableSpec {
    name: "plan_stages",
    about: "One row per stage of the data: which round of the plan it is, and how that is known; then the plan's rounds that no stage is.",
    columns: columns![
        "segment_kind" Text false "Always `all`.",
        "segment" Text false "Always `all`.",
        "stage" Text false "Stage of interviews or scorecards, after aliases; `(no stage)` for a round that is none of them.",
        "round" Text false "The round of the plan; `(none)` where it is none.",
        "plan" Text true "The plan.",
        "plan_from" Text true "`configured`, or `assumed` because it fits the stages.",
        "how" Text true "`configured`, `name`, `pattern`, `kind`, `ignored` or `unknown`.",
        "kind" Text true "How most of its appointments take place.",
        "interviews" Int true "Appointments held, debriefs left out.",
        "loops" Int true "Loops that held it.",
        "n" Int true "Loops that held it.",
        "method" Text false "How it was matched.",
        "status" Text false "`ok`, or `not_estimable` where the stage is unknown or the round is not found.",
        "reason" Text true "Why not further.",
    ],
};
