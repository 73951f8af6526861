//! A report as a team of middling size would get it, with every kind of content and with hostile names, for the
//! tests of all formats. The numbers are made up but hang together.

use std::collections::BTreeMap;

use super::model::*;
use crate::engine::results::{Cell, Status};
use crate::findings::{Finding, Level};
use crate::time::Instant;

/// What a candidate could type as a name, and what must stay text in every format.
pub(crate) const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "=cmd('calc')|x",
    "evil\u{202e}gnp.exe",
    "`@everyone` [click](https://evil.example) ![x](https://evil.example/p.png)",
    "\"><img src=x onerror=alert(1)> & 'co'\n# heading",
];

/// The whole sample.
pub(super) fn report() -> Report<'static> {
    Report {
        title: "Hiring loops, 2025Q4 to 2026Q3".into(),
        period: "2025Q4 to 2026Q3".into(),
        as_of: Some(Instant(1_790_791_199_000_000)),
        summary: vec![
            "Over these four quarters 1 204 loops opened and 186 of them ended in an offer.".into(),
            "Half of all loops were decided within 19 days; a year ago it was 16.".into(),
            "Most of the added time is waiting for a debrief after the last round, not interviewing.".into(),
            "Two rounds told the same story about nine candidates in ten.".into(),
        ],
        figures: vec![
            figure(
                "Median time to decision",
                "19.2 days",
                "95 % interval 17.8 to 20.9 days",
                "1 204 loops; 2.1 days slower than the year before",
            ),
            figure("Decided within 21 days", "58 %", "95 % interval 55 to 61 %", "the plan asks for 80 %"),
            figure("Interviewer hours per hire", "41.3", "95 % interval 38.0 to 44.9", "186 hires"),
            Figure {
                label: "Scores and later performance".into(),
                value: "cannot tell".into(),
                interval: None,
                note: Some("14 hires have an outcome so far; 60 are needed".into()),
            },
        ],
        measures: vec![measure()],
        trend: Some(trend_of_quarters()),
        comparisons: vec![comparison()],
        findings: findings(),
        sections: sections(),
        account: Account {
            read: 18_432,
            kept: 17_950,
            replaced: 401,
            rejected: 81,
            unjoined: 12,
            remarks: vec!["Scorecards before 2025-11-03 carry no time of submission, so drift starts there.".into()],
            reasons: vec![
                ("a score outside of the rubric".into(), 52),
                ("no such application".into(), 17),
                (HOSTILE[0].into(), 12),
            ],
        },
        provenance: vec![
            ("looplens".into(), "0.1.0".into()),
            ("input".into(), "export/applications.json (12 files)".into()),
            ("configuration".into(), "defaults; plan six-stage".into()),
            ("dataset".into(), "generation 7".into()),
        ],
        tables: &[],
    }
}

fn measure() -> Measure {
    Measure {
        id: "median-days-to-decision".into(),
        label: "Median time to decision".into(),
        is_headline: true,
        unit: Unit::Days,
        better: Better::Lower,
        looks_back: false,
        value: Some(19.2),
        low: Some(17.8),
        high: Some(20.9),
        n: Some(1_204),
        method: "Kaplan-Meier".into(),
        status: Status::Ok,
        reason: None,
    }
}

/// A change that is more than noise, one that cannot be told, and findings with a hostile subject.
fn comparison() -> Comparison {
    let change = Change {
        id: "median-days-to-decision".into(),
        label: "Median time to decision".into(),
        unit: Unit::Days,
        now: Reading { value: Some(19.2), low: Some(17.8), high: Some(20.9), n: Some(1_204) },
        before: Reading { value: Some(17.1), low: Some(16.0), high: Some(18.1), n: Some(1_032) },
        difference: Some(2.1),
        low: Some(0.4),
        high: Some(4.1),
        q_value: Some(0.018),
        verdict: Verdict::Worse,
        words: "2.1 days slower than 2025Q3 (95 % interval 0.4 to 4.1)".into(),
        status: Status::Ok,
        reason: None,
    };
    let unknown = Change {
        id: "auc".into(),
        label: "Scores and later performance".into(),
        unit: Unit::Number,
        now: Reading::default(),
        before: Reading::default(),
        difference: None,
        low: None,
        high: None,
        q_value: None,
        verdict: Verdict::CannotTell,
        words: "cannot be compared with 2025Q3: 14 hires have an outcome so far".into(),
        status: Status::NotEstimable,
        reason: Some("14 hires have an outcome so far".into()),
    };
    let known = |id: &str, level, statement: &str| Known { id: id.into(), level, statement: statement.into() };
    Comparison {
        against: "2025Q3".into(),
        summary: vec!["Against 2025Q3: Median time to decision: 2.1 days slower (95 % interval 0.4 to 4.1).".into()],
        changes: vec![change, unknown],
        new: vec![known("slow-segment:x", Level::Look, HOSTILE[0])],
        persisting: vec![known("long-wait:debrief", Level::Act, "Loops wait 5.8 days for a debrief.")],
        resolved: vec![known("late-scorecards:Sales", Level::Note, HOSTILE[1])],
        remarks: vec!["A change is the difference of two estimates taken as independent.".into()],
    }
}

/// A figure that changed, and one that cannot be compared, over four quarters.
fn trend_of_quarters() -> Trend {
    let changes = comparison().changes;
    let line = |change: Change| TrendLine {
        id: change.id.clone(),
        label: change.label.clone(),
        unit: change.unit,
        now: change.now,
        quarters: ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
            .iter()
            .zip([Some(16.4), None, Some(17.1), change.now.value])
            .map(|(name, value)| ((*name).to_owned(), Reading { value, ..Reading::default() }))
            .collect(),
        changes: vec![change],
    };
    Trend {
        quarter: "2026Q3".into(),
        summary: vec!["Against 2025Q3: Median time to decision: 2.1 days slower (95 % interval 0.4 to 4.1).".into()],
        against: vec!["2025Q3".into()],
        lines: changes.into_iter().map(line).collect(),
        remarks: vec!["A change is the difference of two estimates taken as independent.".into()],
    }
}

fn figure(label: &str, value: &str, interval: &str, note: &str) -> Figure {
    Figure { label: label.into(), value: value.into(), interval: Some(interval.into()), note: Some(note.into()) }
}

fn findings() -> Vec<Finding> {
    let finding = |code, level, subject: &str, statement: &str, recommendation: &str| Finding {
        id: format!("{code}:{subject}"),
        code,
        level,
        subject: subject.into(),
        statement: statement.into(),
        evidence: BTreeMap::from([("loops".into(), Cell::Int(1_204)), ("days".into(), Cell::Float(5.8))]),
        recommendation: recommendation.into(),
        status: Status::Ok,
        saves_hours: None,
        saves_days: None,
        q_value: None,
        table: "waits",
    };
    vec![
        Finding {
            saves_days: Some(4.1),
            q_value: Some(0.0004),
            ..finding(
                "long-wait",
                Level::Act,
                "waiting for the debrief",
                "Loops wait 5.8 days for a debrief after their last round, which is 30 % of the whole loop.",
                "Book the debrief together with the last round, and cap the wait at two working days.",
            )
        },
        Finding {
            saves_hours: Some(212.0),
            saves_days: Some(2.3),
            q_value: Some(0.012),
            ..finding(
                "redundant-stage",
                Level::Act,
                "technical screen and work sample",
                "The technical screen and the work sample agree on 91 % of candidates (corrected correlation 0.88).",
                "Drop the technical screen for one quarter on one team, and compare pass-through.",
            )
        },
        Finding {
            q_value: Some(0.031),
            saves_hours: Some(3.4),
            ..finding(
                "leniency-spread",
                Level::Look,
                "interviewers of the final",
                "Between the strictest and the most lenient interviewer lies a whole rubric point for the same candidate.",
                "Calibrate the four interviewers at either end before their next loop.",
            )
        },
        Finding {
            status: Status::Thin,
            q_value: Some(0.21),
            ..finding(
                "slow-segment",
                Level::Look,
                HOSTILE[0],
                &format!("Loops of {} take 31 days, 12 more than the others, on 18 loops.", HOSTILE[0]),
                "Wait for one more quarter before acting on it.",
            )
        },
        Finding {
            status: Status::Thin,
            evidence: BTreeMap::new(),
            ..finding(
                "late-scorecards",
                Level::Look,
                "Platform team",
                "One scorecard in six is submitted after the debrief began.",
                "Ask for scorecards before the debrief opens.",
            )
        },
        Finding {
            status: Status::NotEstimable,
            evidence: BTreeMap::from([("auc".into(), Cell::Null), ("hires_with_outcome".into(), Cell::Int(14))]),
            ..finding(
                "no-outcomes",
                Level::Note,
                "score and outcome",
                "Whether scores say anything about later performance cannot be told from 14 outcomes.",
                "Export the first-year review of past hires.",
            )
        },
        finding(
            "plan-met",
            Level::Note,
            HOSTILE[1],
            "The declared panel size was kept in 97 % of finals.",
            "Nothing to do.",
        ),
    ]
}

fn sections() -> Vec<Section> {
    let method = "Time to decision counts open loops as *censored*, with the Kaplan-Meier estimator.\n\n## How it is computed\n\
        Days are counted from `applied_at` to the decision.\nOpen loops count until `as_of`.\n\n- bands are 95 % log-log intervals\n- ties are \
        <b>not</b> split\n\n## When it misleads\n\nA reopened loop counts from its first opening.".to_owned();
    let section = |id: &str, question: &str, answer: &[&str]| Section {
        id: id.into(),
        question: question.into(),
        answer: answer.iter().map(|text| (*text).to_owned()).collect(),
        charts: Vec::new(),
        tables: Vec::new(),
        method: method.clone(),
        limits: Vec::new(),
    };
    vec![
        Section {
            charts: vec![survival(), waits()],
            tables: vec![waits_table(6), waits_table(40)],
            ..section(
                "time-to-decision",
                "How long do we take to decide, and where does the time go?",
                &[
                    "Half of all loops are decided within 19.2 days (95 % interval 17.8 to 20.9 days).",
                    "Engineering is slowest: its median is 24 days, against 15 in Sales.",
                    "The largest part of the wait is between the last round and the debrief.",
                ],
            )
        },
        Section {
            charts: vec![trend(), leniency()],
            ..section(
                "leniency",
                "Who scores high or low for the same candidate?",
                &["Four interviewers lie outside of what chance explains."],
            )
        },
        Section {
            charts: vec![Chart::Curves(Curves {
                caption: says("Drift", "Nothing was late."),
                x_label: "days".into(),
                y_label: "share".into(),
                series: vec![],
                marks: vec![],
                x_max: f64::NAN,
            })],
            limits: vec!["Submission times are missing before 2025-11-03; export `submitted_at` to see them.".into()],
            ..section("drift", "Do scores stay independent, or does the debrief talk them together?", &[])
        },
        Section {
            limits: vec!["14 hires have an outcome; 60 are needed. Export the first-year review.".into()],
            method: String::new(),
            ..section("validity", "Do scores say anything about what happens later?", &["The data cannot tell yet."])
        },
    ]
}

fn says(title: &str, says: &str) -> Caption {
    Caption { title: title.into(), says: says.into() }
}

/// A smooth-looking step curve of `1 - exp(-(x / scale) ^ shape)`.
fn curve(name: &str, scale: f64, shape: f64, steps: usize, until: f64) -> Series {
    let step = |at: usize| {
        let x = until * at as f64 / steps as f64;
        let y = 0.93 * (1.0 - (-(x / scale).powf(shape)).exp());
        let half = 0.02 + 0.09 * x / until * y;
        Step { x, y, low: Some((y - half).max(0.0)), high: Some((y + half).min(1.0)) }
    };
    Series { name: name.into(), steps: (0..=steps).map(step).collect(), until: None }
}

fn survival() -> Chart {
    Chart::Curves(Curves {
        caption: says(
            "Share of loops decided, by days since application",
            "Sales decides soonest; after 21 days, half of the Engineering loops are still open.",
        ),
        x_label: "days since application".into(),
        y_label: "share of loops with a decision".into(),
        series: vec![
            curve("Engineering", 27.0, 1.9, 48, 60.0),
            curve("Sales", 17.0, 1.7, 40, 60.0),
            curve(HOSTILE[0], 21.0, 2.4, 30, 60.0),
        ],
        marks: vec![(14.0, "plan: 14 days".into()), (21.0, "limit: 21 days".into())],
        x_max: 60.0,
    })
}

/// Charts that are legal and awkward: labels in each other's way, too many of everything, large numbers, one row.
pub(super) fn odd_charts() -> Vec<Chart> {
    let long = "A rather long name of a team that nobody would shorten, in all of its glory";
    let row = |name: &str, point, low, high| IntervalRow { name: name.into(), point, low, high, note: long.into() };
    vec![
        Chart::Curves(Curves {
            caption: says("Many curves", "Seven curves, of which five are drawn, with marks in each other's way."),
            series: (0..7).map(|at| curve(long, 9.0 + 6.0 * f64::from(at), 1.5, 90, 100.0)).collect(),
            marks: [3.0, 5.0, 52.0, 97.0, 99.0].map(|at| (at, format!("mark at day {at}"))).to_vec(),
            x_max: 100.0,
            ..long_curves(1)
        }),
        Chart::Stacked(Stacked {
            caption: says("Many parts", "Twelve parts, of which the last five are one."),
            x_label: "interviewer hours".into(),
            parts: (1..=12).map(|at| format!("part {at}")).collect(),
            bars: vec![(long.into(), (1..=12).map(|at| 1_000.0 * f64::from(at)).collect()), ("none".into(), vec![])],
        }),
        Chart::Intervals(Intervals {
            caption: says("One row", "One row with long words and a reference at its end."),
            x_label: "hours".into(),
            rows: vec![row(long, Some(12_345.0), Some(-3_000.0), Some(40_000.0))],
            reference: Some((40_000.0, "a reference with a long label".into())),
        }),
        Chart::Intervals(Intervals {
            caption: says("One point", "A point without an interval."),
            x_label: "share".into(),
            rows: vec![row("only", Some(0.25), None, None)],
            reference: None,
        }),
        Chart::Funnel(funnel(60)),
        Chart::Funnel(Funnel { units: funnel(1).units, limits: Vec::new(), ..funnel(0) }),
        Chart::Multiples(Multiples {
            caption: says(
                "Many figures",
                "Nine figures, of which eight are drawn, over more quarters than there is room for.",
            ),
            panels: (0..9)
                .map(|at| Panel {
                    title: long.into(),
                    rows: (0..13)
                        .map(|quarter| {
                            let point = (quarter != 4).then(|| f64::from(at * 1_000 + quarter));
                            row(
                                &format!("20{}Q{}", 20 + quarter / 4, quarter % 4 + 1),
                                point,
                                point.map(|p| p - 2.0),
                                None,
                            )
                        })
                        .collect(),
                    reference: Some(f64::from(at)),
                    note: long.into(),
                })
                .collect(),
        }),
    ]
}

/// A funnel of so many units, some of them far out and with hostile names.
pub(super) fn funnel(units: u32) -> Funnel {
    let limit = |n: u32| {
        let half = |z: f64| z * (0.2 * 0.8 / f64::from(n)).sqrt();
        let about = |half: f64| ((0.2 - half).max(0.0), (0.2 + half).min(1.0));
        FunnelLimit { n: f64::from(n), warning: about(half(1.96)), control: about(half(3.09)) }
    };
    Funnel {
        caption: says("Late cards by interviewer", "Three interviewers lie outside of what chance explains."),
        x_label: "cards".into(),
        y_label: "share of cards that came late".into(),
        target: 0.2,
        limits: (1..=40).map(|at| limit(at * 3)).collect(),
        units: (0..units)
            .map(|at| FunnelUnit {
                name: if at % 9 == 0 { HOSTILE[at as usize % 3].into() } else { format!("p-{at:04}") },
                n: f64::from(2 + (at * 37) % 118),
                share: if at % 9 == 0 { 0.9 } else { 0.1 + f64::from(at % 5) / 20.0 },
                is_outside: at % 9 == 0,
            })
            .collect(),
    }
}

/// A curve with far more steps than a screen has pixels.
pub(super) fn long_curves(steps: usize) -> Curves {
    Curves {
        caption: says("Long", "A long curve."),
        x_label: "days".into(),
        y_label: "share".into(),
        series: vec![curve("all", 27.0, 1.9, steps, 60.0)],
        marks: Vec::new(),
        x_max: 60.0,
    }
}

fn waits() -> Chart {
    let parts = [
        "waiting for a first call",
        "waiting for scheduling",
        "in rounds",
        "waiting for scorecards",
        "waiting for the debrief",
        "waiting for the decision",
        "waiting for the offer",
    ];
    Chart::Stacked(Stacked {
        caption: says("Where the days go", "Waiting for the debrief is the longest part in every segment but Sales."),
        x_label: "mean days per loop".into(),
        parts: parts.map(String::from).to_vec(),
        bars: vec![
            ("All loops".into(), vec![2.1, 4.4, 1.2, 1.9, 5.8, 2.2, 1.6]),
            ("Engineering".into(), vec![2.6, 5.9, 1.8, 2.4, 7.5, 2.6, 1.9]),
            ("Sales".into(), vec![1.2, 3.9, 0.9, 1.1, 3.1, 1.5, f64::NAN]),
            (HOSTILE[2].into(), vec![3.0, 4.1, 0.4, 2.0, 6.2, 0.0, 0.2]),
        ],
    })
}

fn trend() -> Chart {
    let row = |name: &str, point: f64, half: f64, n: i64| IntervalRow {
        name: name.into(),
        point: Some(point),
        low: Some(point - half),
        high: Some(point + half),
        note: format!("{n} loops"),
    };
    Chart::Intervals(Intervals {
        caption: says(
            "Median days to a decision, by quarter",
            "Each quarter was slower than the one before; the last is not yet fully decided.",
        ),
        x_label: "median days to a decision".into(),
        rows: vec![
            row("2025Q4", 16.4, 1.9, 286),
            row("2026Q1", 17.1, 1.7, 312),
            row("2026Q2", 19.0, 1.6, 341),
            IntervalRow {
                name: "2026Q3".into(),
                point: Some(22.4),
                low: Some(20.1),
                high: None,
                note: "265 loops, 120 open".into(),
            },
            IntervalRow {
                name: "2026Q4".into(),
                point: None,
                low: None,
                high: None,
                note: "3 loops, none decided".into(),
            },
        ],
        reference: Some((21.0, "limit: 21 days".into())),
    })
}

fn leniency() -> Chart {
    let names = ["p-4f1a", "p-09c2", "p-77de", "p-c310", HOSTILE[4], "p-a1b2"];
    let row = |(at, name): (usize, &&str)| {
        let point = 0.62 - 0.23 * at as f64;
        IntervalRow {
            name: (*name).into(),
            point: Some(point),
            low: Some(point - 0.2),
            high: Some(point + 0.2),
            note: format!("{} scorecards", 80 - 9 * at),
        }
    };
    Chart::Intervals(Intervals {
        caption: says(
            "Leniency of interviewers, in rubric points",
            "Points right of the line score higher than colleagues would for the same candidate.",
        ),
        x_label: "rubric points above or below colleagues".into(),
        rows: names.iter().enumerate().map(row).collect(),
        reference: Some((0.0, "as colleagues".into())),
    })
}

fn waits_table(rows: usize) -> Table {
    let heading = |text: &str, numeric, meaning: &str| Heading { text: text.into(), numeric, meaning: meaning.into() };
    let segments = ["Engineering", "Sales", HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[4]];
    let text = |text: String, sort| TableCell { text, sort };
    Table {
        caption: if rows > 10 { "Waits by team and quarter".into() } else { "Waits by team".into() },
        columns: vec![
            heading("Team", false, ""),
            heading("Loops", true, "loops that opened in the period"),
            heading("Median days", true, "half of the loops took no longer"),
            heading("Longest wait", false, "the state with the most days"),
        ],
        rows: (0..rows)
            .map(|at| {
                let days = 12.5 + ((at * 7) % 11) as f64;
                vec![
                    text(segments[at % segments.len()].into(), None),
                    text(format!("{}", 40 + 3 * at), Some(40.0 + 3.0 * at as f64)),
                    if at == 3 {
                        text("cannot tell".into(), None)
                    } else {
                        text(super::number::days(days), Some(days))
                    },
                    text("waiting for the debrief".into(), None),
                ]
            })
            .collect(),
        full: "tables/waits.parquet".into(),
        left_out: if rows > 10 { 128 } else { 0 },
    }
}
